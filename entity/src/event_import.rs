//! Imports of calendars' events, with a line for each event or component. The latest of each calendar are kept.

use crate::error::StoreError;
use crate::ids::{AccountId, EventCalendarId, EventImportId};
use crate::instant::{instant, millis};
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::{Sql, placeholders};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, EntityTrait, FromQueryResult, IntoActiveModel, Value};
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "event_import")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub calendar_id: Uuid,
        pub account_id: Uuid,
        pub by_itself: bool,
        pub at: i64,
        #[sea_orm(column_type = "Text")]
        pub summary: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod line_row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "event_import_line")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub import_id: Uuid,
        pub line: i32,
        #[sea_orm(column_type = "Text")]
        pub content: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Imports kept of one calendar.
const KEPT: i64 = 10;

/// Rows written by one statement.
const AT_ONCE: usize = 500;

/// One import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventImport {
    /// Its identifier.
    pub id: EventImportId,
    /// From which calendar.
    pub calendar: EventCalendarId,
    /// Who imported, or had it loaded.
    pub account: AccountId,
    /// Whether it was loaded by itself.
    pub by_itself: bool,
    /// When.
    pub at: DateTime<Utc>,
    /// What came of the whole, as JSON.
    pub summary: String,
}

store!(
    /// The imports of events of the village.
    EventImports as event_imports in Village, VillageTx
);

#[derive(FromQueryResult)]
struct Line {
    line: i32,
    content: String,
}

impl<S: InVillage> EventImports<'_, S> {
    /// An import.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: EventImportId) -> Result<Option<EventImport>, StoreError> {
        let row = row::Entity::find_by_id((self.0.village_id().0, id.0)).one(self.0.connection()).await?;
        Ok(row.map(Into::into))
    }

    /// The imports of a calendar that are kept, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_calendar(&self, calendar: EventCalendarId) -> Result<Vec<EventImport>, StoreError> {
        let sql = "SELECT * FROM event_import WHERE village_id = $1 AND calendar_id = $2 ORDER BY id DESC LIMIT $3";
        let values = vec![self.0.village_id().into(), calendar.into(), KEPT.into()];
        Ok(self.0.connection().rows::<row::Model>(sql, values).await?.into_iter().map(Into::into).collect())
    }

    /// Lines of an import as JSON, in order, after one of them, with their numbers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lines(
        &self,
        import: EventImportId,
        after: Option<i32>,
        limit: u64,
    ) -> Result<Vec<(i32, String)>, StoreError> {
        let sql = "SELECT line, content FROM event_import_line
                   WHERE village_id = $1 AND import_id = $2 AND line > $3 ORDER BY line LIMIT $4";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = vec![self.0.village_id().into(), import.into(), after.unwrap_or(-1).into(), limit.into()];
        let rows = self.0.connection().rows::<Line>(sql, values).await?;
        Ok(rows.into_iter().map(|row| (row.line, row.content)).collect())
    }
}

impl EventImports<'_, VillageTx> {
    /// Writes down what came of an import, with its lines as JSON, and forgets the oldest of the calendar.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record(&self, import: &EventImport, lines: &[String]) -> Result<(), StoreError> {
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: import.id.0,
            calendar_id: import.calendar.0,
            account_id: import.account.0,
            by_itself: import.by_itself,
            at: millis(import.at),
            summary: import.summary.clone(),
        };
        row.into_active_model().insert(self.0.connection()).await?;
        let numbered: Vec<(i32, &String)> = (0..).zip(lines).collect();
        for some in numbered.chunks(AT_ONCE) {
            self.write(import.id, some).await?;
        }
        let sql = "DELETE FROM event_import WHERE village_id = $1 AND calendar_id = $2 AND id NOT IN (
                     SELECT id FROM event_import WHERE village_id = $1 AND calendar_id = $2 ORDER BY id DESC LIMIT $3)";
        let values = vec![self.0.village_id().into(), import.calendar.into(), KEPT.into()];
        self.0.connection().run(sql, values).await.map(drop)
    }

    async fn write(&self, import: EventImportId, lines: &[(i32, &String)]) -> Result<(), StoreError> {
        let mut values: Vec<Value> = vec![self.0.village_id().into(), import.into()];
        let mut rows = Vec::with_capacity(lines.len());
        for (line, content) in lines {
            rows.push(format!("($1, $2, {})", placeholders(values.len() + 1, 3)));
            values.extend([Uuid::now_v7().into(), (*line).into(), (*content).clone().into()]);
        }
        let sql = format!(
            "INSERT INTO event_import_line (village_id, import_id, id, line, content) VALUES {}",
            rows.join(", ")
        );
        self.0.connection().run(&sql, values).await.map(drop)
    }
}

impl From<row::Model> for EventImport {
    fn from(row: row::Model) -> Self {
        Self {
            id: row.id.into(),
            calendar: row.calendar_id.into(),
            account: row.account_id.into(),
            by_itself: row.by_itself,
            at: instant(row.at),
            summary: row.summary,
        }
    }
}
