//! Calendars that events come from: what came from them by which identity, and what came of each import.

use crate::tenant_table::{drop_tables, fence, sql, tenant_table, within_village};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: [&str; 4] = ["event_calendar", "event_item", "event_import", "event_import_line"];

const INDEXES: [&str; 5] = [
    "CREATE INDEX event_calendar_name ON event_calendar (village_id, name, id)",
    "CREATE INDEX event_calendar_club ON event_calendar (village_id, club_id)",
    "CREATE UNIQUE INDEX event_item_once ON event_item (village_id, calendar_id, identity)",
    "CREATE INDEX event_import_calendar ON event_import (village_id, calendar_id, id)",
    "CREATE UNIQUE INDEX event_import_line_once ON event_import_line (village_id, import_id, line)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [calendar(), item(), import(), line()] {
            manager.create_table(table).await?;
        }
        for table in TABLES {
            fence(manager, table).await?;
        }
        for index in INDEXES {
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

fn calendar() -> TableCreateStatement {
    tenant_table("event_calendar")
        .col(ColumnDef::new("name").string().not_null())
        .col(ColumnDef::new("club_id").uuid())
        .col(ColumnDef::new("topic").string())
        .col(ColumnDef::new("url").text())
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("etag").text())
        .col(ColumnDef::new("last_modified").text())
        .col(ColumnDef::new("outcome").small_integer().not_null())
        .col(ColumnDef::new("failures").integer().not_null())
        .col(ColumnDef::new("checked_at").big_integer())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .foreign_key(&mut within_village("event_calendar", "club_id", "club", ForeignKeyAction::Cascade))
        .to_owned()
}

/// `post_id` refers to nothing: that a post was removed by hand is to be remembered.
fn item() -> TableCreateStatement {
    tenant_table("event_item")
        .col(ColumnDef::new("calendar_id").uuid().not_null())
        .col(ColumnDef::new("identity").string().not_null())
        .col(ColumnDef::new("post_id").uuid().not_null())
        .col(ColumnDef::new("said").string().not_null())
        .foreign_key(&mut within_village("event_item", "calendar_id", "event_calendar", ForeignKeyAction::Cascade))
        .to_owned()
}

fn import() -> TableCreateStatement {
    tenant_table("event_import")
        .col(ColumnDef::new("calendar_id").uuid().not_null())
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("by_itself").boolean().not_null())
        .col(ColumnDef::new("at").big_integer().not_null())
        .col(ColumnDef::new("summary").text().not_null())
        .foreign_key(&mut within_village("event_import", "calendar_id", "event_calendar", ForeignKeyAction::Cascade))
        .to_owned()
}

fn line() -> TableCreateStatement {
    tenant_table("event_import_line")
        .col(ColumnDef::new("import_id").uuid().not_null())
        .col(ColumnDef::new("line").integer().not_null())
        .col(ColumnDef::new("content").text().not_null())
        .foreign_key(&mut within_village("event_import_line", "import_id", "event_import", ForeignKeyAction::Cascade))
        .to_owned()
}
