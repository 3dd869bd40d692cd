//! By which subscription of the same mailbox one was replaced, so that its unsubscribe links still end it.

use crate::tenant_table::{add_reference, drop_reference, sql};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_reference(manager, "subscription", "replaced_by", "subscription").await?;
        let index = "CREATE INDEX subscription_replaced ON subscription (village_id, replaced_by)
                     WHERE replaced_by IS NOT NULL";
        sql(manager, index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql(manager, "DROP INDEX subscription_replaced").await?;
        drop_reference(manager, "subscription", "replaced_by").await
    }
}
