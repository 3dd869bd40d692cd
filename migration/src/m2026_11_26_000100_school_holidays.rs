//! School holidays of the Länder: one row each, of no village.

use crate::tenant_table::drop_tables;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("school_holiday")
            .col(ColumnDef::new("land").string().not_null().primary_key())
            .col(ColumnDef::new("version").integer().not_null())
            .col(ColumnDef::new("periods").text().not_null())
            .col(ColumnDef::new("updated_at").big_integer().not_null())
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["school_holiday"]).await
    }
}
