//! How invitations ended, so that their links can say it; and one open invitation of an address to the staff of a village, whatever the
//! role: of several the latest stays.

use crate::tenant_table::{drop_tables, in_every_village, sql};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Identifiers are made of the time, so that the greatest is the latest; those of one moment are no matter.
const REPLACED: &str = "DELETE FROM staff_invitation WHERE EXISTS (
                          SELECT 1 FROM staff_invitation o WHERE o.village_id = staff_invitation.village_id
                            AND o.email = staff_invitation.email AND o.id > staff_invitation.id)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let ended = Table::create()
            .table("ended_invitation")
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(ColumnDef::new("ending").small_integer().not_null())
            .col(ColumnDef::new("ended_at").big_integer().not_null())
            .to_owned();
        manager.create_table(ended).await?;
        sql(manager, "CREATE INDEX ended_invitation_age ON ended_invitation (ended_at)").await?;
        in_every_village(manager, &[REPLACED]).await?;
        sql(manager, "DROP INDEX staff_invitation_address").await?;
        sql(manager, "CREATE UNIQUE INDEX staff_invitation_address ON staff_invitation (village_id, email)").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql(manager, "DROP INDEX staff_invitation_address").await?;
        sql(manager, "CREATE UNIQUE INDEX staff_invitation_address ON staff_invitation (village_id, email, kind)")
            .await?;
        drop_tables(manager, &["ended_invitation"]).await
    }
}
