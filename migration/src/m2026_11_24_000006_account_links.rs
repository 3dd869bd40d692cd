//! What a member of staff does about the own account: log-ins that can be told apart, links in mails that are good once, the
//! mails that carry them, and accounts that are switched off.

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
        for (table, mut column) in [
            ("account", ColumnDef::new("disabled_at").big_integer().take()),
            ("session", ColumnDef::new("device").string().not_null().default("").take()),
            ("session", ColumnDef::new("last_used_at").big_integer().not_null().default(0).take()),
        ] {
            manager.alter_table(Table::alter().table(table).add_column(&mut column).to_owned()).await?;
        }
        sql(manager, "UPDATE session SET last_used_at = created_at").await?;
        manager.create_table(account_link()).await?;
        manager.create_table(account_mail()).await?;
        for index in [
            "CREATE INDEX account_link_account ON account_link (account_id)",
            "CREATE INDEX account_link_expiry ON account_link (expires_at)",
            "CREATE INDEX account_mail_due ON account_mail (next_try_at)",
            "CREATE INDEX account_mail_recipient ON account_mail (recipient)",
        ] {
            sql(manager, index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["account_mail", "account_link"]).await?;
        for change in [
            "ALTER TABLE session DROP COLUMN last_used_at",
            "ALTER TABLE session DROP COLUMN device",
            "ALTER TABLE account DROP COLUMN disabled_at",
        ] {
            sql(manager, change).await?;
        }
        Ok(())
    }
}

fn account_link() -> TableCreateStatement {
    Table::create()
        .table("account_link")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("purpose").small_integer().not_null())
        .col(ColumnDef::new("email").string())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .foreign_key(
            ForeignKey::create()
                .from("account_link", "account_id")
                .to("account", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

/// The recipient is an address and not an account: whether there is one is looked up when the mail is made.
fn account_mail() -> TableCreateStatement {
    Table::create()
        .table("account_mail")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("kind").small_integer().not_null())
        .col(ColumnDef::new("recipient").string().not_null())
        .col(ColumnDef::new("language").string().not_null())
        .col(ColumnDef::new("attempts").integer().not_null())
        .col(ColumnDef::new("next_try_at").big_integer().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .to_owned()
}
