//! The waste calendar: districts, kinds of waste, dates, what was imported, who follows a district, and what was reminded of.

use crate::tenant_table::{drop_tables, fence, sql, tenant_table, within_village};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: [&str; 6] =
    ["waste_district", "waste_kind", "waste_date", "waste_import", "waste_follow", "waste_reminder"];

const INDEXES: [&str; 8] = [
    "CREATE UNIQUE INDEX waste_district_slug ON waste_district (village_id, slug)",
    "CREATE UNIQUE INDEX waste_kind_label ON waste_kind (village_id, label)",
    "CREATE UNIQUE INDEX waste_date_once ON waste_date (village_id, district_id, day, kind_id)",
    "CREATE INDEX waste_date_kind ON waste_date (village_id, kind_id)",
    "CREATE INDEX waste_import_district ON waste_import (village_id, district_id, id)",
    "CREATE UNIQUE INDEX waste_follow_once ON waste_follow (village_id, subscription_id, district_id)",
    "CREATE INDEX waste_follow_district ON waste_follow (village_id, district_id, hour)",
    "CREATE UNIQUE INDEX waste_reminder_once ON waste_reminder (village_id, district_id, day, hour)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [district(), kind(), date(), import(), follow(), reminder()] {
            manager.create_table(table).await?;
        }
        for table in TABLES {
            fence(manager, table).await?;
        }
        for index in INDEXES {
            sql(manager, index).await?;
        }
        sql(manager, "CREATE INDEX waste_reminder_notification ON waste_reminder (village_id, notification_id)").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut tables = TABLES;
        tables.reverse();
        drop_tables(manager, &tables).await
    }
}

fn district() -> TableCreateStatement {
    tenant_table("waste_district")
        .col(ColumnDef::new("slug").string().not_null())
        .col(ColumnDef::new("name").string().not_null())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .to_owned()
}

fn kind() -> TableCreateStatement {
    tenant_table("waste_kind")
        .col(ColumnDef::new("label").string().not_null())
        .col(ColumnDef::new("name").string().not_null())
        .col(ColumnDef::new("icon").small_integer().not_null())
        .col(ColumnDef::new("colour").string())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .to_owned()
}

fn date() -> TableCreateStatement {
    tenant_table("waste_date")
        .col(ColumnDef::new("district_id").uuid().not_null())
        .col(ColumnDef::new("kind_id").uuid().not_null())
        .col(ColumnDef::new("day").date().not_null())
        .col(ColumnDef::new("note").string().not_null())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("updated_at").big_integer().not_null())
        .foreign_key(&mut within_village("waste_date", "district_id", "waste_district", ForeignKeyAction::Cascade))
        .foreign_key(&mut within_village("waste_date", "kind_id", "waste_kind", ForeignKeyAction::Cascade))
        .to_owned()
}

fn import() -> TableCreateStatement {
    tenant_table("waste_import")
        .col(ColumnDef::new("district_id").uuid().not_null())
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("at").big_integer().not_null())
        .col(ColumnDef::new("report").text().not_null())
        .foreign_key(&mut within_village("waste_import", "district_id", "waste_district", ForeignKeyAction::Cascade))
        .to_owned()
}

fn follow() -> TableCreateStatement {
    tenant_table("waste_follow")
        .col(ColumnDef::new("subscription_id").uuid().not_null())
        .col(ColumnDef::new("district_id").uuid().not_null())
        .col(ColumnDef::new("hour").small_integer().not_null())
        .col(ColumnDef::new("since").big_integer().not_null())
        .foreign_key(&mut within_village("waste_follow", "subscription_id", "subscription", ForeignKeyAction::Cascade))
        .foreign_key(&mut within_village("waste_follow", "district_id", "waste_district", ForeignKeyAction::Cascade))
        .to_owned()
}

fn reminder() -> TableCreateStatement {
    tenant_table("waste_reminder")
        .col(ColumnDef::new("district_id").uuid().not_null())
        .col(ColumnDef::new("day").date().not_null())
        .col(ColumnDef::new("hour").small_integer().not_null())
        .col(ColumnDef::new("due_at").big_integer().not_null())
        .col(ColumnDef::new("notification_id").uuid().not_null())
        .foreign_key(&mut within_village("waste_reminder", "district_id", "waste_district", ForeignKeyAction::Cascade))
        .foreign_key(&mut within_village(
            "waste_reminder",
            "notification_id",
            "notification",
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}
