//! Dates that last longer than a day are found by when they end, so that what is under way is found without looking at all that
//! began before.

use crate::tenant_table::sql;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = "CREATE INDEX occurrence_long ON occurrence (village_id, ends_at)
                     WHERE ends_at - starts_at > 86400000";
        sql(manager, index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql(manager, "DROP INDEX occurrence_long").await
    }
}
