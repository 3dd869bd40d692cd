//! Where the dates of a waste district are loaded from by themselves, and how that went the last time.

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
        let table = tenant_table("waste_source")
            .col(ColumnDef::new("district_id").uuid().not_null())
            .col(ColumnDef::new("url").text().not_null())
            .col(ColumnDef::new("account_id").uuid().not_null())
            .col(ColumnDef::new("etag").text())
            .col(ColumnDef::new("last_modified").text())
            .col(ColumnDef::new("outcome").small_integer().not_null())
            .col(ColumnDef::new("failures").integer().not_null())
            .col(ColumnDef::new("checked_at").big_integer())
            .col(ColumnDef::new("version").integer().not_null())
            .foreign_key(&mut within_village(
                "waste_source",
                "district_id",
                "waste_district",
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(table).await?;
        fence(manager, "waste_source").await?;
        sql(manager, "CREATE UNIQUE INDEX waste_source_district ON waste_source (village_id, district_id)").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["waste_source"]).await
    }
}
