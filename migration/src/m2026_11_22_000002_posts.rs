//! Posts and the dates of those that are events.
//!
//! An event keeps its start and end as local date-times with an IANA zone. Recurrence fits beside it without a change to
//! these tables: the rule, its exceptions and its overrides become tables of their own that refer to `event`.

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
        manager.create_table(post()).await?;
        manager.create_table(event()).await?;
        for table in ["post", "event"] {
            fence(manager, table).await?;
        }
        // State 1 is `published`: a feed page never walks over drafts or withdrawn posts.
        for index in [
            "CREATE INDEX post_feed ON post (village_id, published_at, id) WHERE state = 1",
            "CREATE INDEX post_feed_by_kind ON post (village_id, kind, published_at, id) WHERE state = 1",
            "CREATE INDEX post_feed_by_topic ON post (village_id, topic_id, published_at, id) WHERE state = 1",
            "CREATE INDEX post_topic ON post (village_id, topic_id)",
            "CREATE UNIQUE INDEX event_post ON event (village_id, post_id)",
        ] {
            sql(manager, index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["event", "post"]).await
    }
}

fn post() -> TableCreateStatement {
    tenant_table("post")
        .col(ColumnDef::new("kind").small_integer().not_null())
        .col(ColumnDef::new("state").small_integer().not_null())
        .col(ColumnDef::new("topic_id").uuid())
        .col(ColumnDef::new("author_id").uuid().not_null())
        .col(ColumnDef::new("title").string().not_null())
        .col(ColumnDef::new("body_markdown").text().not_null())
        .col(ColumnDef::new("body_html").text().not_null())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("updated_at").big_integer().not_null())
        .col(ColumnDef::new("published_at").big_integer())
        .col(ColumnDef::new("withdrawn_at").big_integer())
        .col(ColumnDef::new("expires_at").big_integer())
        .foreign_key(&mut within_village("post", "topic_id", "topic", ForeignKeyAction::Restrict))
        .foreign_key(ForeignKey::create().from("post", "author_id").to("account", "id"))
        .to_owned()
}

fn event() -> TableCreateStatement {
    tenant_table("event")
        .col(ColumnDef::new("post_id").uuid().not_null())
        .col(ColumnDef::new("starts_local").date_time().not_null())
        .col(ColumnDef::new("ends_local").date_time())
        .col(ColumnDef::new("zone").string().not_null())
        .col(ColumnDef::new("place").string())
        .foreign_key(&mut within_village("event", "post_id", "post", ForeignKeyAction::Cascade))
        .to_owned()
}
