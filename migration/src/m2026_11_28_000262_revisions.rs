//! Revisions: what a public post is to say, handed in by somebody who is reviewed, with the images it is to show.

use crate::tenant_table::{drop_tables, fence, sql, tenant_table, within_village};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: [&str; 2] = ["post_revision", "post_revision_media"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [post_revision(), post_revision_media()] {
            manager.create_table(table).await?;
        }
        for table in TABLES {
            fence(manager, table).await?;
        }
        for index in [
            "CREATE UNIQUE INDEX post_revision_post ON post_revision (village_id, post_id)",
            "CREATE INDEX post_revision_waiting ON post_revision (village_id, state, since, post_id)",
            "CREATE UNIQUE INDEX post_revision_media_key ON post_revision_media (village_id, revision_id, media_id)",
            "CREATE INDEX post_revision_media_media ON post_revision_media (village_id, media_id)",
        ] {
            sql(manager, index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["post_revision_media", "post_revision"]).await
    }
}

fn post_revision() -> TableCreateStatement {
    tenant_table("post_revision")
        .col(ColumnDef::new("post_id").uuid().not_null())
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("state").small_integer().not_null())
        .col(ColumnDef::new("based_on").integer().not_null())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("content").text().not_null())
        .col(ColumnDef::new("since").big_integer().not_null())
        .col(ColumnDef::new("notify").boolean())
        .foreign_key(&mut within_village("post_revision", "post_id", "post", ForeignKeyAction::Cascade))
        .to_owned()
}

fn post_revision_media() -> TableCreateStatement {
    tenant_table("post_revision_media")
        .col(ColumnDef::new("revision_id").uuid().not_null())
        .col(ColumnDef::new("media_id").uuid().not_null())
        .foreign_key(&mut within_village(
            "post_revision_media",
            "revision_id",
            "post_revision",
            ForeignKeyAction::Cascade,
        ))
        .foreign_key(&mut within_village("post_revision_media", "media_id", "media", ForeignKeyAction::Cascade))
        .to_owned()
}
