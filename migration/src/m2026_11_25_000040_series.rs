//! Events as calendars know them: whole days, series with their exceptions, what is different at one date, and every date of
//! the coming time as a row of its own.

use crate::tenant_table::{drop_tables, fence, in_every_village, sql, tenant_table, within_village};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEXES: [&str; 4] = [
    "CREATE UNIQUE INDEX event_uid ON event (village_id, uid) WHERE uid IS NOT NULL",
    "CREATE UNIQUE INDEX event_override_date ON event_override (village_id, post_id, recurrence_local)",
    "CREATE UNIQUE INDEX occurrence_date ON occurrence (village_id, post_id, recurrence_local)",
    "CREATE INDEX occurrence_time ON occurrence (village_id, starts_at, id)",
];

const COLUMNS: [&str; 14] = [
    "capacity",
    "registration_url",
    "cost",
    "access",
    "longitude",
    "latitude",
    "address",
    "status",
    "sequence",
    "uid",
    "except_dates",
    "extra_dates",
    "rule",
    "all_day",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            ColumnDef::new("all_day").boolean().not_null().default(false).to_owned(),
            ColumnDef::new("rule").string().to_owned(),
            ColumnDef::new("extra_dates").text().not_null().default("[]").to_owned(),
            ColumnDef::new("except_dates").text().not_null().default("[]").to_owned(),
            ColumnDef::new("uid").string().to_owned(),
            ColumnDef::new("sequence").integer().not_null().default(0).to_owned(),
            ColumnDef::new("status").small_integer().not_null().default(0).to_owned(),
            ColumnDef::new("address").string().to_owned(),
            ColumnDef::new("latitude").double().to_owned(),
            ColumnDef::new("longitude").double().to_owned(),
            ColumnDef::new("access").text().not_null().default("[]").to_owned(),
            ColumnDef::new("cost").string().to_owned(),
            ColumnDef::new("registration_url").string().to_owned(),
            ColumnDef::new("capacity").integer().to_owned(),
        ] {
            manager.alter_table(Table::alter().table("event").add_column(column).to_owned()).await?;
        }
        for table in [event_override(), occurrence()] {
            manager.create_table(table).await?;
        }
        for table in ["event_override", "occurrence"] {
            fence(manager, table).await?;
        }
        for index in INDEXES {
            sql(manager, index).await?;
        }
        // The dates of the events that there are become rows by themselves, as soon as the program runs (kind 10).
        let due = "INSERT INTO due_work (village_id, id, kind, subject_id, urgency, due_at)
                   SELECT village_id, id, 10, post_id, 0, 0 FROM event";
        in_every_village(manager, &[due]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["occurrence", "event_override"]).await?;
        in_every_village(manager, &["DELETE FROM due_work WHERE kind = 10"]).await?;
        sql(manager, "DROP INDEX event_uid").await?;
        for column in COLUMNS {
            sql(manager, &format!("ALTER TABLE event DROP COLUMN {column}")).await?;
        }
        Ok(())
    }
}

fn event_override() -> TableCreateStatement {
    tenant_table("event_override")
        .col(ColumnDef::new("post_id").uuid().not_null())
        .col(ColumnDef::new("recurrence_local").date_time().not_null())
        .col(ColumnDef::new("state").small_integer().not_null())
        .col(ColumnDef::new("starts_local").date_time())
        .col(ColumnDef::new("ends_local").date_time())
        .col(ColumnDef::new("title").string())
        .col(ColumnDef::new("place").string())
        .col(ColumnDef::new("note").string())
        .foreign_key(&mut within_village("event_override", "post_id", "post", ForeignKeyAction::Cascade))
        .to_owned()
}

fn occurrence() -> TableCreateStatement {
    tenant_table("occurrence")
        .col(ColumnDef::new("post_id").uuid().not_null())
        .col(ColumnDef::new("recurrence_local").date_time().not_null())
        .col(ColumnDef::new("starts_local").date_time().not_null())
        .col(ColumnDef::new("ends_local").date_time())
        .col(ColumnDef::new("starts_at").big_integer().not_null())
        .col(ColumnDef::new("ends_at").big_integer().not_null())
        .col(ColumnDef::new("state").small_integer().not_null())
        .col(ColumnDef::new("title").string())
        .col(ColumnDef::new("place").string())
        .col(ColumnDef::new("note").string())
        .foreign_key(&mut within_village("occurrence", "post_id", "post", ForeignKeyAction::Cascade))
        .to_owned()
}
