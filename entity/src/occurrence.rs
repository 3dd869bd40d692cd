//! Occurrences: every date of every event, up to a horizon, as a row. They follow from the event and are written with it; a
//! date keeps its identifier as long as the event has it. They show while the post is public.

mod lists;

pub use lists::{ListedOccurrence, OccurrencePlace, OccurrenceQuery};

use crate::due_work::DueWork;
use crate::error::StoreError;
use crate::ids::{OccurrenceId, PostId};
use crate::instant::{instant, millis};
use crate::notification::Urgency;
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::{Sql, placeholders};
use chrono::{DateTime, NaiveDateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, Value};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

pub(crate) mod row {
    use super::OccurrenceState;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "occurrence")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub post_id: Uuid,
        pub recurrence_local: DateTime,
        pub starts_local: DateTime,
        pub ends_local: Option<DateTime>,
        pub starts_at: i64,
        pub ends_at: i64,
        pub state: OccurrenceState,
        pub title: Option<String>,
        pub place: Option<String>,
        pub note: Option<String>,
        pub since: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Rows removed by one statement.
const REMOVED_AT_ONCE: usize = 500;

/// Rows written by one statement. SQLite looks each of their values up by its name, among all of them.
const WRITTEN_AT_ONCE: usize = 20;

/// What has become of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum OccurrenceState {
    /// It is as its event says.
    Planned = 0,
    /// It was moved or is otherwise different.
    Changed = 1,
    /// It does not take place.
    Cancelled = 2,
}

/// A date that follows from an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOccurrence {
    /// The start that it has by the rule: which date of the event it is.
    pub recurrence_local: NaiveDateTime,
    /// The wall clock at its start.
    pub starts_local: NaiveDateTime,
    /// The wall clock at its end, if it has a known one.
    pub ends_local: Option<NaiveDateTime>,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it is over; when it begins, where no end is known.
    pub ends_at: DateTime<Utc>,
    /// What has become of it.
    pub state: OccurrenceState,
    /// Its title, where it is not its event's.
    pub title: Option<String>,
    /// Its place, where it is not its event's.
    pub place: Option<String>,
    /// What is to be said about it.
    pub note: Option<String>,
}

store!(
    /// The dates of the village's events.
    Occurrences as occurrences in Village, VillageTx
);

/// A date as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// Its identifier.
    pub id: OccurrenceId,
    /// The event that it is a date of.
    pub post: PostId,
    /// What it says.
    pub is: NewOccurrence,
    /// Since when it is known to take place when it does; for ever, of dates from before this was written down.
    pub since: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Columns {
    id: Uuid,
    post_id: Uuid,
    recurrence_local: NaiveDateTime,
    starts_local: NaiveDateTime,
    ends_local: Option<NaiveDateTime>,
    starts_at: i64,
    ends_at: i64,
    state: OccurrenceState,
    title: Option<String>,
    place: Option<String>,
    note: Option<String>,
    since: i64,
}

impl From<Columns> for Occurrence {
    fn from(row: Columns) -> Self {
        Self {
            id: row.id.into(),
            post: row.post_id.into(),
            is: NewOccurrence {
                recurrence_local: row.recurrence_local,
                starts_local: row.starts_local,
                ends_local: row.ends_local,
                starts_at: instant(row.starts_at),
                ends_at: instant(row.ends_at),
                state: row.state,
                title: row.title,
                place: row.place,
                note: row.note,
            },
            since: instant(row.since),
        }
    }
}

impl<S: InVillage> Occurrences<'_, S> {
    /// The dates of a post's event that take place and begin after this instant and not later than that one, and the first after it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn to_remind_of(
        &self,
        post: PostId,
        after: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<Occurrence>, StoreError> {
        let sql = "SELECT * FROM occurrence WHERE village_id = $1 AND post_id = $2 AND state <> 2 AND +starts_at > $3
                     AND (starts_at <= $4 OR starts_at = (
                       SELECT MIN(+later.starts_at) FROM occurrence later WHERE later.village_id = $1
                         AND later.post_id = $2 AND later.state <> 2 AND +later.starts_at > $4))
                   ORDER BY +starts_at, id";
        let values = vec![self.0.village_id().into(), post.into(), millis(after).into(), millis(until).into()];
        Ok(self.0.connection().rows::<Columns>(sql, values).await?.into_iter().map(Into::into).collect())
    }

    /// The date of a post's event that takes place and begins at this instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn at(&self, post: PostId, starts_at: DateTime<Utc>) -> Result<Option<Occurrence>, StoreError> {
        let sql = "SELECT * FROM occurrence WHERE village_id = $1 AND post_id = $2 AND state <> 2 AND +starts_at = $3
                   ORDER BY +starts_at, id LIMIT 1";
        let values = vec![self.0.village_id().into(), post.into(), millis(starts_at).into()];
        Ok(self.0.connection().row::<Columns>(sql, values).await?.map(Into::into))
    }

    /// All dates of a post's event up to the horizon, in time order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_post(&self, post: PostId) -> Result<Vec<Occurrence>, StoreError> {
        of_post(self.0, post).await
    }

    /// The next dates of a post's event, in time order: those that are not over at an instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn not_over(&self, post: PostId, at: DateTime<Utc>, limit: u64) -> Result<Vec<Occurrence>, StoreError> {
        let sql = "SELECT * FROM occurrence WHERE village_id = $1 AND post_id = $2 AND ends_at >= $3
                   ORDER BY +starts_at, id LIMIT $4";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = vec![self.0.village_id().into(), post.into(), millis(at).into(), limit.into()];
        Ok(self.0.connection().rows::<Columns>(sql, values).await?.into_iter().map(Into::into).collect())
    }
}

impl Occurrences<'_, VillageTx> {
    /// Makes these the dates of a post's event, which itself stays as it is. The caller holds the post by
    /// [`crate::Posts::find_for_change`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew(
        &self,
        post: PostId,
        occurrences: &[NewOccurrence],
        renew_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        set(self.0, post, occurrences, renew_at, now).await?;
        self.0.event_reminders().look_at(post, now).await
    }
}

async fn of_post<S: InVillage>(scope: &S, post: PostId) -> Result<Vec<Occurrence>, StoreError> {
    let sql = "SELECT * FROM occurrence WHERE village_id = $1 AND post_id = $2 ORDER BY +starts_at, id";
    let rows = scope.connection().rows::<Columns>(sql, vec![scope.village_id().into(), post.into()]).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Makes these the dates of a post's event: what is there already and the same is left alone.
pub(crate) async fn set(
    tx: &VillageTx,
    post: PostId,
    occurrences: &[NewOccurrence],
    renew_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let before = of_post(tx, post).await?;
    let mut before: HashMap<NaiveDateTime, Occurrence> =
        before.into_iter().map(|there| (there.is.recurrence_local, there)).collect();
    let mut written = Vec::new();
    for one in occurrences {
        match before.remove(&one.recurrence_local) {
            Some(there) if there.is == *one => {}
            _ => written.push(one),
        }
    }
    let gone: Vec<OccurrenceId> = before.into_values().map(|there| there.id).collect();
    for some in gone.chunks(REMOVED_AT_ONCE) {
        remove(tx, some).await?;
    }
    for some in written.chunks(WRITTEN_AT_ONCE) {
        write(tx, post, some, now).await?;
    }
    tx.note_change();
    match renew_at {
        Some(at) => tx.due_works().set(DueWork::Occurrences, post.0, Urgency::Normal, at).await,
        None => tx.due_works().remove(DueWork::Occurrences, post.0).await,
    }
}

async fn remove(tx: &VillageTx, gone: &[OccurrenceId]) -> Result<(), StoreError> {
    let sql = format!("DELETE FROM occurrence WHERE village_id = $1 AND id IN ({})", placeholders(2, gone.len()));
    let mut values: Vec<Value> = vec![tx.village_id().into()];
    values.extend(gone.iter().map(|id| Value::from(*id)));
    tx.connection().run(&sql, values).await.map(drop)
}

async fn write(tx: &VillageTx, post: PostId, some: &[&NewOccurrence], now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut values: Vec<Value> = vec![tx.village_id().into(), post.into(), millis(now).into()];
    let mut rows = Vec::with_capacity(some.len());
    for one in some {
        rows.push(format!("($1, $2, $3, {})", placeholders(values.len() + 1, 10)));
        values.extend([
            OccurrenceId::generate().into(),
            one.recurrence_local.into(),
            one.starts_local.into(),
            one.ends_local.into(),
            millis(one.starts_at).into(),
            millis(one.ends_at).into(),
            (one.state as i16).into(),
            one.title.clone().into(),
            one.place.clone().into(),
            one.note.clone().into(),
        ]);
    }
    let sql = format!(
        "INSERT INTO occurrence (village_id, post_id, since, id, recurrence_local, starts_local, ends_local, starts_at, ends_at,
           state, title, place, note)
         VALUES {}
         ON CONFLICT (village_id, post_id, recurrence_local) DO UPDATE SET
           starts_local = excluded.starts_local, ends_local = excluded.ends_local, starts_at = excluded.starts_at,
           ends_at = excluded.ends_at, state = excluded.state, title = excluded.title, place = excluded.place,
           note = excluded.note,
           since = CASE WHEN occurrence.starts_at <> excluded.starts_at OR (occurrence.state = 2 AND excluded.state <> 2)
             THEN excluded.since ELSE occurrence.since END",
        rows.join(", ")
    );
    tx.connection().run(&sql, values).await.map(drop)
}
