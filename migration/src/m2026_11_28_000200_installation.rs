//! The installation: one row, of no village. And when the last subscription of a village was confirmed, found by an index.

use crate::tenant_table::{drop_tables, sql};
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
            .table("installation")
            .col(ColumnDef::new("id").small_integer().not_null().primary_key())
            .col(ColumnDef::new("master_print").text())
            .col(ColumnDef::new("vapid_print").text())
            .col(ColumnDef::new("proofs").big_integer().not_null())
            .col(ColumnDef::new("ballast").blob().not_null())
            .col(ColumnDef::new("seen_at").big_integer().not_null())
            .col(ColumnDef::new("seen_by_database_at").big_integer().not_null())
            .to_owned();
        manager.create_table(table).await?;
        if manager.get_database_backend() == sea_orm_migration::sea_orm::DbBackend::Postgres {
            // What proves that there is room must not be compressed.
            sql(manager, "ALTER TABLE installation ALTER COLUMN ballast SET STORAGE EXTERNAL").await?;
        }
        sql(manager, "CREATE INDEX subscription_joined ON subscription (village_id, confirmed_at)").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql(manager, "DROP INDEX subscription_joined").await?;
        drop_tables(manager, &["installation"]).await
    }
}
