//! Second factors of accounts, and villages that ask for one.

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
        let rule =
            tenant_table("second_factor_rule").col(ColumnDef::new("created_at").big_integer().not_null()).to_owned();
        for table in [second_factor(), recovery_code(), rule] {
            manager.create_table(table).await?;
        }
        fence(manager, "second_factor_rule").await?;
        for index in [
            "CREATE UNIQUE INDEX recovery_code_use ON recovery_code (account_id, code_hash)",
            "CREATE UNIQUE INDEX second_factor_rule_once ON second_factor_rule (village_id)",
        ] {
            sql(manager, index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["second_factor_rule", "recovery_code", "second_factor"]).await
    }
}

fn of_account(name: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(name, "account_id").to("account", "id").on_delete(ForeignKeyAction::Cascade).to_owned()
}

fn second_factor() -> TableCreateStatement {
    Table::create()
        .table("second_factor")
        .col(ColumnDef::new("account_id").uuid().not_null().primary_key())
        .col(ColumnDef::new("secret_sealed").blob().not_null())
        .col(ColumnDef::new("confirmed_at").big_integer())
        .col(ColumnDef::new("last_step").big_integer().not_null())
        .foreign_key(&mut of_account("second_factor"))
        .to_owned()
}

fn recovery_code() -> TableCreateStatement {
    Table::create()
        .table("recovery_code")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("code_hash").blob().not_null())
        .foreign_key(&mut of_account("recovery_code"))
        .to_owned()
}
