//! The desk: the states between draft and published, times of publication, how loudly a post is told, and what the desk
//! remembers (versions, comments, templates).

use crate::tenant_table::{drop_tables, fence, in_every_village, sql, tenant_table, within_village};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// State 6 is `scheduled`, 1 is `published`.
const INDEXES: [&str; 7] = [
    "CREATE INDEX post_waiting ON post (village_id, state, updated_at, id)",
    "CREATE INDEX post_scheduled ON post (village_id, publish_at, id) WHERE state = 6",
    "CREATE INDEX post_expiring ON post (village_id, expires_at, id) WHERE expires_at IS NOT NULL",
    "CREATE UNIQUE INDEX post_version_number ON post_version (village_id, post_id, version)",
    "CREATE INDEX post_comment_post ON post_comment (village_id, post_id, id)",
    "CREATE INDEX post_template_name ON post_template (village_id, name, id)",
    "CREATE INDEX post_template_club ON post_template (village_id, club_id)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            ColumnDef::new("publish_at").big_integer().to_owned(),
            ColumnDef::new("delivery").small_integer().not_null().default(2).to_owned(),
            ColumnDef::new("approved_by").uuid().to_owned(),
        ] {
            manager.alter_table(Table::alter().table("post").add_column(column).to_owned()).await?;
        }
        for table in [post_version(), post_comment(), post_template()] {
            manager.create_table(table).await?;
        }
        for table in ["post_version", "post_comment", "post_template"] {
            fence(manager, table).await?;
        }
        for index in INDEXES {
            sql(manager, index).await?;
        }
        what_there_is(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["post_template", "post_comment", "post_version"]).await?;
        for index in ["post_expiring", "post_scheduled", "post_waiting"] {
            sql(manager, &format!("DROP INDEX {index}")).await?;
        }
        // What the states before did not know becomes a draft, or withdrawn when it had expired.
        let states = "UPDATE post SET state = CASE WHEN state = 7 THEN 2 ELSE 0 END WHERE state > 2";
        in_every_village(manager, &[states, "DELETE FROM due_work WHERE kind IN (3, 4)"]).await?;
        for column in ["approved_by", "delivery", "publish_at"] {
            sql(manager, &format!("ALTER TABLE post DROP COLUMN {column}")).await?;
        }
        Ok(())
    }
}

/// Alerts are told urgently; what is public and expires falls due then (kind 4).
async fn what_there_is(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let expiries = "INSERT INTO due_work (village_id, id, kind, subject_id, urgency, due_at)
                    SELECT village_id, id, 4, id, 1, expires_at FROM post
                    WHERE state = 1 AND expires_at IS NOT NULL";
    in_every_village(manager, &["UPDATE post SET delivery = 3 WHERE kind = 3", expiries]).await
}

fn post_version() -> TableCreateStatement {
    tenant_table("post_version")
        .col(ColumnDef::new("post_id").uuid().not_null())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("saved_at").big_integer().not_null())
        .col(ColumnDef::new("content").text().not_null())
        .foreign_key(&mut within_village("post_version", "post_id", "post", ForeignKeyAction::Cascade))
        .to_owned()
}

fn post_comment() -> TableCreateStatement {
    tenant_table("post_comment")
        .col(ColumnDef::new("post_id").uuid().not_null())
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("kind").small_integer().not_null())
        .col(ColumnDef::new("text").text().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .foreign_key(&mut within_village("post_comment", "post_id", "post", ForeignKeyAction::Cascade))
        .to_owned()
}

fn post_template() -> TableCreateStatement {
    tenant_table("post_template")
        .col(ColumnDef::new("name").string().not_null())
        .col(ColumnDef::new("kind").small_integer().not_null())
        .col(ColumnDef::new("club_id").uuid())
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("content").text().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .foreign_key(&mut within_village("post_template", "club_id", "club", ForeignKeyAction::Cascade))
        .to_owned()
}
