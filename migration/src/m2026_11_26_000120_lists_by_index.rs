//! Short lists that belong to one thing are found by it and in their order. Without the order in the index, SQLite reads all of the
//! village's rows by identifier instead, to get them in order. And all due work has an urgency there is: what is looked for by it would
//! not be found otherwise.

use crate::tenant_table::{in_every_village, sql};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Indexes that end with the order of the list: name, table, columns before, columns now.
const ORDERED: [[&str; 4]; 4] = [
    ["notification_post", "notification", "village_id, post_id", "village_id, post_id, id"],
    ["follow_subscription", "follow", "village_id, subscription_id", "village_id, subscription_id, id"],
    [
        "delivery_subscription",
        "delivery",
        "village_id, subscription_id",
        "village_id, subscription_id, notification_id",
    ],
    ["post_media_media", "post_media", "village_id, media_id", "village_id, media_id, post_id"],
];

const NEW: [[&str; 2]; 2] = [
    ["subscription_of_mailbox", "subscription (village_id, mailbox_key) WHERE mailbox_key IS NOT NULL"],
    ["village_municipality", "village (municipality_id, name, id)"],
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        in_every_village(manager, &["UPDATE due_work SET urgency = 1 WHERE urgency NOT IN (1, 2)"]).await?;
        for [name, table, _, now] in ORDERED {
            make_anew(manager, name, table, now).await?;
        }
        for [name, rows] in NEW {
            sql(manager, &format!("CREATE INDEX {name} ON {rows}")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for [name, _] in NEW {
            sql(manager, &format!("DROP INDEX {name}")).await?;
        }
        for [name, table, before, _] in ORDERED {
            make_anew(manager, name, table, before).await?;
        }
        Ok(())
    }
}

async fn make_anew(manager: &SchemaManager<'_>, name: &str, table: &str, columns: &str) -> Result<(), DbErr> {
    sql(manager, &format!("DROP INDEX {name}")).await?;
    sql(manager, &format!("CREATE INDEX {name} ON {table} ({columns})")).await
}
