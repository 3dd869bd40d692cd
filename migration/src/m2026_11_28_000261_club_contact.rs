//! Who said whom to ask about a club, so that it is known whose it is when somebody leaves.

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
        let contact_by = ColumnDef::new("contact_by").uuid().to_owned();
        manager.alter_table(Table::alter().table("club").add_column(contact_by).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql(manager, "ALTER TABLE club DROP COLUMN contact_by").await
    }
}
