//! Who is told (subscriptions and what they follow), what is told (notifications, the outbox), how it went
//! (deliveries), and what is due when.

use crate::tenant_table::{drop_tables, fence, policy, sql, tenant_table, within_village};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: [&str; 6] = ["subscription", "follow", "notification", "delivery", "delivery_count", "due_work"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [subscription(), follow(), notification(), delivery(), delivery_count(), due_work()] {
            manager.create_table(table).await?;
        }
        for table in TABLES {
            fence(manager, table).await?;
        }
        // The one door across villages: the worker may see what is due and where, which is no personal data.
        policy(
            manager,
            "CREATE POLICY due_work_door ON due_work FOR SELECT
               USING (current_setting('dorf.door', true) = 'due_work')",
        )
        .await?;
        // Subscription state 1 is `active`; delivery state 0 is `pending`.
        for index in [
            "CREATE UNIQUE INDEX subscription_endpoint ON subscription (village_id, endpoint_hash)
               WHERE endpoint_hash IS NOT NULL",
            "CREATE UNIQUE INDEX subscription_mailbox ON subscription (village_id, mailbox_key) WHERE state = 1",
            "CREATE INDEX subscription_age ON subscription (village_id, state, created_at)",
            "CREATE INDEX follow_subscription ON follow (village_id, subscription_id)",
            "CREATE INDEX follow_topic ON follow (village_id, topic_id)",
            "CREATE INDEX notification_post ON notification (village_id, post_id)",
            "CREATE INDEX notification_subscription ON notification (village_id, subscription_id)",
            "CREATE UNIQUE INDEX delivery_once ON delivery (village_id, notification_id, subscription_id)",
            "CREATE INDEX delivery_claim ON delivery (village_id, notification_id, channel, next_try_at)
               WHERE state = 0",
            "CREATE INDEX delivery_subscription ON delivery (village_id, subscription_id)",
            "CREATE UNIQUE INDEX delivery_count_key
               ON delivery_count (village_id, notification_id, channel, state, reason)",
            "CREATE UNIQUE INDEX due_work_subject ON due_work (village_id, kind, subject_id)",
            // The only index that does not begin with the village: it is the door's.
            "CREATE INDEX due_work_door ON due_work (kind, urgency DESC, due_at)",
        ] {
            sql(manager, index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut tables = TABLES;
        tables.reverse();
        drop_tables(manager, &tables).await
    }
}

fn subscription() -> TableCreateStatement {
    tenant_table("subscription")
        .col(ColumnDef::new("channel").small_integer().not_null())
        .col(ColumnDef::new("state").small_integer().not_null())
        .col(ColumnDef::new("endpoint").text())
        .col(ColumnDef::new("endpoint_hash").blob())
        .col(ColumnDef::new("p256dh").blob())
        .col(ColumnDef::new("auth_sealed").blob())
        .col(ColumnDef::new("mailbox").string())
        .col(ColumnDef::new("mailbox_key").string())
        .col(ColumnDef::new("secret_hash").blob())
        .col(ColumnDef::new("language").string().not_null())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("confirmed_at").big_integer())
        .col(ColumnDef::new("ended_at").big_integer())
        .to_owned()
}

fn follow() -> TableCreateStatement {
    tenant_table("follow")
        .col(ColumnDef::new("subscription_id").uuid().not_null())
        .col(ColumnDef::new("topic_id").uuid())
        .col(ColumnDef::new("kind").small_integer())
        .foreign_key(&mut within_village("follow", "subscription_id", "subscription", ForeignKeyAction::Cascade))
        .foreign_key(&mut within_village("follow", "topic_id", "topic", ForeignKeyAction::Cascade))
        .to_owned()
}

fn notification() -> TableCreateStatement {
    tenant_table("notification")
        .col(ColumnDef::new("kind").small_integer().not_null())
        .col(ColumnDef::new("post_id").uuid())
        .col(ColumnDef::new("subscription_id").uuid())
        .col(ColumnDef::new("urgency").small_integer().not_null())
        .col(ColumnDef::new("planned").integer().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .col(ColumnDef::new("started_at").big_integer())
        .col(ColumnDef::new("finished_at").big_integer())
        .foreign_key(&mut within_village("notification", "post_id", "post", ForeignKeyAction::Cascade))
        .foreign_key(&mut within_village("notification", "subscription_id", "subscription", ForeignKeyAction::Cascade))
        .to_owned()
}

fn delivery() -> TableCreateStatement {
    tenant_table("delivery")
        .col(ColumnDef::new("notification_id").uuid().not_null())
        .col(ColumnDef::new("subscription_id").uuid().not_null())
        .col(ColumnDef::new("channel").small_integer().not_null())
        .col(ColumnDef::new("state").small_integer().not_null())
        .col(ColumnDef::new("reason").small_integer().not_null())
        .col(ColumnDef::new("attempts").integer().not_null())
        .col(ColumnDef::new("next_try_at").big_integer().not_null())
        .col(ColumnDef::new("settled_at").big_integer())
        .foreign_key(&mut within_village("delivery", "notification_id", "notification", ForeignKeyAction::Cascade))
        .foreign_key(&mut within_village("delivery", "subscription_id", "subscription", ForeignKeyAction::Cascade))
        .to_owned()
}

fn delivery_count() -> TableCreateStatement {
    tenant_table("delivery_count")
        .col(ColumnDef::new("notification_id").uuid().not_null())
        .col(ColumnDef::new("channel").small_integer().not_null())
        .col(ColumnDef::new("state").small_integer().not_null())
        .col(ColumnDef::new("reason").small_integer().not_null())
        .col(ColumnDef::new("deliveries").big_integer().not_null())
        .foreign_key(&mut within_village(
            "delivery_count",
            "notification_id",
            "notification",
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}

fn due_work() -> TableCreateStatement {
    tenant_table("due_work")
        .col(ColumnDef::new("kind").small_integer().not_null())
        .col(ColumnDef::new("subject_id").uuid().not_null())
        .col(ColumnDef::new("urgency").small_integer().not_null())
        .col(ColumnDef::new("due_at").big_integer().not_null())
        .to_owned()
}
