//! What came from a calendar: by which identity it is known there, and which post it became. That the post is there no more is
//! remembered too.

use crate::error::StoreError;
use crate::ids::{EventCalendarId, PostId};
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::{Sql, placeholders};
use chrono::NaiveDateTime;
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "event_item")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub calendar_id: Uuid,
        pub identity: String,
        pub post_id: Uuid,
        pub said: String,
        pub likeness: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Rows written or removed by one statement.
const AT_ONCE: usize = 500;

/// An event that came from a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventItem {
    /// By which it is known in the calendar.
    pub identity: String,
    /// The post that it became.
    pub post: PostId,
    /// A hash of what the calendar said of it; empty when the calendar does not have it any more.
    pub said: String,
    /// A hash of what it was called and when it was there; absent until it is imported again, for what was imported before there were
    /// these.
    pub likeness: Option<String>,
}

store!(
    /// What came from calendars of the village.
    EventItems as event_items in Village, VillageTx
);

#[derive(FromQueryResult)]
struct Columns {
    identity: String,
    post_id: Uuid,
    said: String,
    likeness: Option<String>,
}

impl<S: InVillage> EventItems<'_, S> {
    /// All that came from a calendar.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_calendar(&self, calendar: EventCalendarId) -> Result<Vec<EventItem>, StoreError> {
        let sql = "SELECT identity, post_id, said, likeness FROM event_item WHERE village_id = $1 AND calendar_id = $2";
        let values = vec![self.0.village_id().into(), calendar.into()];
        let rows = self.0.connection().rows::<Columns>(sql, values).await?;
        let item = |row: Columns| EventItem {
            identity: row.identity,
            post: row.post_id.into(),
            said: row.said,
            likeness: row.likeness,
        };
        Ok(rows.into_iter().map(item).collect())
    }
}

/// What an event that came from a calendar is called here, and when it begins.
#[derive(Clone, Debug, FromQueryResult)]
pub struct CalledItem {
    /// By which it is known in the calendar.
    pub identity: String,
    /// What it is called.
    pub title: String,
    /// The wall clock at its start.
    pub starts_local: NaiveDateTime,
}

impl<S: InVillage> EventItems<'_, S> {
    /// What came from a calendar before there was a likeness of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn without_likeness(&self, calendar: EventCalendarId) -> Result<Vec<CalledItem>, StoreError> {
        let sql = "SELECT i.identity, p.title, e.starts_local FROM event_item i
                   JOIN post p ON p.village_id = i.village_id AND p.id = i.post_id
                   JOIN event e ON e.village_id = i.village_id AND e.post_id = i.post_id
                   WHERE i.village_id = $1 AND i.calendar_id = $2 AND i.likeness IS NULL ORDER BY i.identity";
        self.0.connection().rows::<CalledItem>(sql, vec![self.0.village_id().into(), calendar.into()]).await
    }
}

impl EventItems<'_, VillageTx> {
    /// Makes these what came from a calendar, beside all else that did.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put(&self, calendar: EventCalendarId, items: &[EventItem]) -> Result<(), StoreError> {
        for some in items.chunks(AT_ONCE) {
            let mut values: Vec<Value> = vec![self.0.village_id().into(), calendar.into()];
            let mut rows = Vec::with_capacity(some.len());
            for item in some {
                rows.push(format!("($1, $2, {})", placeholders(values.len() + 1, 5)));
                values.extend([
                    Uuid::now_v7().into(),
                    item.identity.clone().into(),
                    item.post.into(),
                    item.said.clone().into(),
                    item.likeness.clone().into(),
                ]);
            }
            let sql = format!(
                "INSERT INTO event_item (village_id, calendar_id, id, identity, post_id, said, likeness) VALUES {}
                 ON CONFLICT (village_id, calendar_id, identity) DO UPDATE SET
                   post_id = excluded.post_id, said = excluded.said, likeness = excluded.likeness",
                rows.join(", ")
            );
            self.0.connection().run(&sql, values).await?;
        }
        Ok(())
    }

    /// Forgets that these came from a calendar.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget(&self, calendar: EventCalendarId, identities: &[String]) -> Result<(), StoreError> {
        for some in identities.chunks(AT_ONCE) {
            let sql = format!(
                "DELETE FROM event_item WHERE village_id = $1 AND calendar_id = $2 AND identity IN ({})",
                placeholders(3, some.len())
            );
            let mut values: Vec<Value> = vec![self.0.village_id().into(), calendar.into()];
            values.extend(some.iter().map(|identity| Value::from(identity.clone())));
            self.0.connection().run(&sql, values).await?;
        }
        Ok(())
    }
}
