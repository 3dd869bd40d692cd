//! Which event goes on as which other.

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
        manager.create_table(continuation()).await?;
        fence(manager, "continuation").await?;
        for index in [
            "CREATE UNIQUE INDEX continuation_post ON continuation (village_id, post_id)",
            "CREATE UNIQUE INDEX continuation_earlier ON continuation (village_id, earlier_id)",
        ] {
            sql(manager, index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["continuation"]).await
    }
}

fn continuation() -> TableCreateStatement {
    tenant_table("continuation")
        .col(ColumnDef::new("post_id").uuid().not_null())
        .col(ColumnDef::new("earlier_id").uuid().not_null())
        .foreign_key(&mut within_village("continuation", "post_id", "post", ForeignKeyAction::Cascade))
        .foreign_key(&mut within_village("continuation", "earlier_id", "post", ForeignKeyAction::Cascade))
        .to_owned()
}
