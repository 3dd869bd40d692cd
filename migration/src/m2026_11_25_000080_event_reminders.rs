//! Reminders of events: how long before whom, and what was reminded of. And what became of the dates of an event, for those who
//! are told of it.

use crate::tenant_table::{drop_tables, fence, in_every_village, sql, tenant_table, within_village};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: [&str; 3] = ["reminder_lead", "event_reminder", "event_change"];

const INDEXES: [&str; 6] = [
    "CREATE UNIQUE INDEX reminder_lead_once ON reminder_lead (village_id, subscription_id, lead_minutes)",
    "CREATE INDEX reminder_lead_minutes ON reminder_lead (village_id, lead_minutes)",
    "CREATE UNIQUE INDEX event_reminder_once ON event_reminder (village_id, post_id, starts_at, most_lead)",
    "CREATE INDEX event_reminder_starts ON event_reminder (village_id, starts_at)",
    "CREATE INDEX event_reminder_notification ON event_reminder (village_id, notification_id)",
    "CREATE UNIQUE INDEX event_change_notification ON event_change (village_id, notification_id)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [lead(), reminder(), change()] {
            manager.create_table(table).await?;
        }
        for table in TABLES {
            fence(manager, table).await?;
        }
        for index in INDEXES {
            sql(manager, index).await?;
        }
        let since = ColumnDef::new("since").big_integer().not_null().default(0).to_owned();
        manager.alter_table(Table::alter().table("occurrence").add_column(since).to_owned()).await?;
        // The events that there are are looked at as soon as the program runs (kind 53).
        let due = "INSERT INTO due_work (village_id, id, kind, subject_id, urgency, due_at)
                   SELECT e.village_id, p.id, 53, p.id, 1, 0 FROM event e
                   JOIN post p ON p.village_id = e.village_id AND p.id = e.post_id WHERE p.state = 1";
        in_every_village(manager, &[due]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What was told stays counted, under a kind that is known without this; what was not told yet is not any more.
        let forget = [
            "UPDATE notification SET kind = 1, expires_at = 0 WHERE kind IN (21, 22)",
            "DELETE FROM due_work WHERE kind = 53",
        ];
        in_every_village(manager, &forget).await?;
        let mut tables = TABLES;
        tables.reverse();
        drop_tables(manager, &tables).await?;
        sql(manager, "ALTER TABLE occurrence DROP COLUMN since").await
    }
}

fn lead() -> TableCreateStatement {
    tenant_table("reminder_lead")
        .col(ColumnDef::new("subscription_id").uuid().not_null())
        .col(ColumnDef::new("lead_minutes").integer().not_null())
        .col(ColumnDef::new("since").big_integer().not_null())
        .foreign_key(&mut within_village("reminder_lead", "subscription_id", "subscription", ForeignKeyAction::Cascade))
        .to_owned()
}

fn reminder() -> TableCreateStatement {
    tenant_table("event_reminder")
        .col(ColumnDef::new("post_id").uuid().not_null())
        .col(ColumnDef::new("starts_at").big_integer().not_null())
        .col(ColumnDef::new("least_lead").integer().not_null())
        .col(ColumnDef::new("most_lead").integer().not_null())
        .col(ColumnDef::new("due_at").big_integer().not_null())
        .col(ColumnDef::new("notification_id").uuid())
        .foreign_key(&mut within_village("event_reminder", "post_id", "post", ForeignKeyAction::Cascade))
        .foreign_key(&mut within_village(
            "event_reminder",
            "notification_id",
            "notification",
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}

fn change() -> TableCreateStatement {
    tenant_table("event_change")
        .col(ColumnDef::new("notification_id").uuid().not_null())
        .col(ColumnDef::new("told").text().not_null())
        .foreign_key(&mut within_village("event_change", "notification_id", "notification", ForeignKeyAction::Cascade))
        .to_owned()
}
