//! Media: images and PDF files, the posts they are attached to, and the village's logo.
//!
//! A logo is shown in the list of villages, which is read outside of any village and so cannot see `media`. What is needed to
//! show it is therefore kept in `village` itself, which is no tenant table; `logo_id` says which file may not be collected.
//! SQLite cannot add a composite foreign key to a table that exists, so there is none: the store of media keeps both in step.

use crate::tenant_table::{drop_tables, fence, sql, tenant_table, within_village};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(media()).await?;
        manager.create_table(post_media()).await?;
        for table in ["media", "post_media"] {
            fence(manager, table).await?;
        }
        for index in [
            "CREATE UNIQUE INDEX media_key ON media (village_id, key)",
            // State 1 is `ready`; what is not is on its way in or out, and few.
            "CREATE INDEX media_unready ON media (village_id, state) WHERE state <> 1",
            "CREATE UNIQUE INDEX post_media_once ON post_media (village_id, post_id, media_id)",
            "CREATE INDEX post_media_media ON post_media (village_id, media_id)",
        ] {
            sql(manager, index).await?;
        }
        for column in logo() {
            manager.alter_table(Table::alter().table("village").add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["logo_alt", "logo_format", "logo_key", "logo_id"] {
            manager.alter_table(Table::alter().table("village").drop_column(column).to_owned()).await?;
        }
        drop_tables(manager, &["post_media", "media"]).await
    }
}

fn media() -> TableCreateStatement {
    tenant_table("media")
        .col(ColumnDef::new("uploaded_by").uuid().not_null())
        .col(ColumnDef::new("state").small_integer().not_null())
        .col(ColumnDef::new("format").small_integer().not_null())
        .col(ColumnDef::new("key").string().not_null())
        .col(ColumnDef::new("file_name").string().not_null())
        .col(ColumnDef::new("bytes").big_integer().not_null())
        .col(ColumnDef::new("stored_bytes").big_integer().not_null())
        .col(ColumnDef::new("width").integer())
        .col(ColumnDef::new("height").integer())
        .col(ColumnDef::new("alt").string().not_null())
        .col(ColumnDef::new("credit").string())
        .col(ColumnDef::new("licence").string())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("touched_at").big_integer().not_null())
        .foreign_key(ForeignKey::create().from("media", "uploaded_by").to("account", "id"))
        .to_owned()
}

fn post_media() -> TableCreateStatement {
    tenant_table("post_media")
        .col(ColumnDef::new("post_id").uuid().not_null())
        .col(ColumnDef::new("media_id").uuid().not_null())
        .col(ColumnDef::new("position").small_integer().not_null())
        .foreign_key(&mut within_village("post_media", "post_id", "post", ForeignKeyAction::Cascade))
        .foreign_key(&mut within_village("post_media", "media_id", "media", ForeignKeyAction::Restrict))
        .to_owned()
}

fn logo() -> [ColumnDef; 4] {
    [
        ColumnDef::new("logo_id").uuid().to_owned(),
        ColumnDef::new("logo_key").string().to_owned(),
        ColumnDef::new("logo_format").small_integer().to_owned(),
        ColumnDef::new("logo_alt").string().to_owned(),
    ]
}
