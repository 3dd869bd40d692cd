//! Those who were told of a post are told again: that it was taken back, and why, or that the danger is over. Alerts reach every
//! subscription, unless it wants none.

use crate::tenant_table::{in_every_village, sql};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// What posts and joint posts have alike.
const COLUMNS: [&str; 3] = ["withdrawal_reason", "cleared_at", "all_clear"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["post", "joint_post"] {
            for column in [
                ColumnDef::new("withdrawal_reason").text().to_owned(),
                ColumnDef::new("cleared_at").big_integer().to_owned(),
                ColumnDef::new("all_clear").text().to_owned(),
            ] {
                manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
            }
        }
        let alerts = ColumnDef::new("alerts").boolean().not_null().default(true).to_owned();
        manager.alter_table(Table::alter().table("subscription").add_column(alerts).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Kinds 23 and 24 are the withdrawal and the all-clear; reasons 17 and 18 are an attempt without a known end, and a danger that is over.
        let those = "SELECT n.id FROM notification n WHERE n.village_id = t.village_id AND n.kind IN (23, 24)";
        let of = |table: &str, column: &str| format!("DELETE FROM {table} AS t WHERE t.{column} IN ({those})");
        let no_reason = |reason: i32| {
            format!(
                "UPDATE delivery_count SET reason = 0 WHERE reason = {reason} AND NOT EXISTS (
                   SELECT 1 FROM delivery_count o WHERE o.village_id = delivery_count.village_id
                     AND o.notification_id = delivery_count.notification_id AND o.channel = delivery_count.channel
                     AND o.state = delivery_count.state AND o.reason = 0)"
            )
        };
        let statements = [
            of("due_work", "subject_id"),
            of("delivery", "notification_id"),
            of("delivery_count", "notification_id"),
            "DELETE FROM notification WHERE kind IN (23, 24)".to_owned(),
            "UPDATE delivery SET reason = 0 WHERE reason IN (17, 18)".to_owned(),
            no_reason(17),
            no_reason(18),
            "DELETE FROM delivery_count WHERE reason IN (17, 18)".to_owned(),
        ];
        in_every_village(manager, &statements.each_ref().map(String::as_str)).await?;
        sql(manager, "ALTER TABLE subscription DROP COLUMN alerts").await?;
        for table in ["post", "joint_post"] {
            for column in COLUMNS {
                sql(manager, &format!("ALTER TABLE {table} DROP COLUMN {column}")).await?;
            }
        }
        Ok(())
    }
}
