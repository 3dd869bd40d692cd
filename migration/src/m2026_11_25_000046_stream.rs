//! What happened to public posts, in order, for those who follow a village while it happens.

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
        let event = tenant_table("stream_event")
            .col(ColumnDef::new("number").big_integer().not_null())
            .col(ColumnDef::new("change").small_integer().not_null())
            .col(ColumnDef::new("post_id").uuid().not_null())
            .col(ColumnDef::new("kind").small_integer().not_null())
            .col(ColumnDef::new("at").big_integer().not_null())
            .foreign_key(&mut within_village("stream_event", "post_id", "post", ForeignKeyAction::Cascade))
            .to_owned();
        let head = tenant_table("stream_head").col(ColumnDef::new("number").big_integer().not_null()).to_owned();
        for (name, table) in [("stream_event", event), ("stream_head", head)] {
            manager.create_table(table).await?;
            fence(manager, name).await?;
        }
        sql(manager, "CREATE UNIQUE INDEX stream_event_number ON stream_event (village_id, number)").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["stream_head", "stream_event"]).await
    }
}
