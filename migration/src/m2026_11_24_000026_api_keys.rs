//! Keys with which other programs, such as the website's CMS, write in a village.

use crate::tenant_table::{drop_tables, fence, sql, tenant_table};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = tenant_table("api_key")
            .col(ColumnDef::new("account_id").uuid().not_null())
            .col(ColumnDef::new("name").string().not_null())
            .col(ColumnDef::new("token_hash").blob().not_null())
            .col(ColumnDef::new("scopes").integer().not_null())
            .col(ColumnDef::new("created_at").big_integer().not_null())
            .col(ColumnDef::new("expires_at").big_integer().not_null())
            .col(ColumnDef::new("last_used_at").big_integer())
            .foreign_key(ForeignKey::create().from("api_key", "account_id").to("account", "id"))
            .to_owned();
        manager.create_table(table).await?;
        fence(manager, "api_key").await?;
        sql(manager, "CREATE UNIQUE INDEX api_key_token ON api_key (village_id, token_hash)").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["api_key"]).await
    }
}
