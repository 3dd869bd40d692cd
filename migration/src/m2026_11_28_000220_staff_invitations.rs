//! Invitations to work for a town hall, in a village or in all villages of a municipality; whose second factor was taken away.

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
        manager.create_table(to_village()).await?;
        fence(manager, "staff_invitation").await?;
        manager.create_table(to_municipality()).await?;
        for (table, mut column) in [
            ("account", ColumnDef::new("factor_taken_at").big_integer().take()),
            ("account_mail", ColumnDef::new("about").string().not_null().default("").take()),
        ] {
            manager.alter_table(Table::alter().table(table).add_column(&mut column).to_owned()).await?;
        }
        // Operators set theirs up by a mailed link from now on: whatever was begun by a password alone is begun anew.
        sql(manager, "DELETE FROM second_factor WHERE confirmed_at IS NULL").await?;
        for index in [
            "CREATE UNIQUE INDEX staff_invitation_address ON staff_invitation (village_id, email, kind)",
            "CREATE INDEX staff_invitation_age ON staff_invitation (village_id, expires_at)",
            "CREATE UNIQUE INDEX municipality_invitation_address ON municipality_invitation (municipality_id, email)",
            "CREATE INDEX municipality_invitation_age ON municipality_invitation (expires_at)",
        ] {
            sql(manager, index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql(manager, "ALTER TABLE account_mail DROP COLUMN about").await?;
        sql(manager, "ALTER TABLE account DROP COLUMN factor_taken_at").await?;
        drop_tables(manager, &["municipality_invitation", "staff_invitation"]).await
    }
}

fn to_village() -> TableCreateStatement {
    tenant_table("staff_invitation")
        .col(ColumnDef::new("kind").small_integer().not_null())
        .col(ColumnDef::new("email").string().not_null())
        .col(ColumnDef::new("starts_at").big_integer())
        .col(ColumnDef::new("ends_at").big_integer())
        .col(ColumnDef::new("invited_by").uuid().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .foreign_key(ForeignKey::create().from("staff_invitation", "invited_by").to("account", "id"))
        .to_owned()
}

fn to_municipality() -> TableCreateStatement {
    Table::create()
        .table("municipality_invitation")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("municipality_id").uuid().not_null())
        .col(ColumnDef::new("email").string().not_null())
        .col(ColumnDef::new("invited_by").uuid().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .foreign_key(ForeignKey::create().from("municipality_invitation", "municipality_id").to("municipality", "id"))
        .foreign_key(ForeignKey::create().from("municipality_invitation", "invited_by").to("account", "id"))
        .to_owned()
}
