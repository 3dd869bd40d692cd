//! What happened to public posts, in the order in which it took effect: the log that streams are read from.
//!
//! Each event has the next number of its village. Numbers are given at the commit, under the lock of the village's head, which is
//! the last lock a transaction takes: so whoever sees a number has seen every one before it, on PostgreSQL too, where the
//! values of a sequence become visible in any order. There are no gaps, so that a reader who missed something notices it.
//! A line says what happened to which post and nothing of its content: what was withdrawn is not to be read here.

use crate::error::StoreError;
use crate::event::{EventDates, EventStatus};
use crate::ids::{PostId, VillageId};
use crate::instant::{instant, millis};
use crate::occurrence::OccurrenceState;
use crate::post::{Post, PostKind, PostState};
use crate::scope::{Connected, InVillage, Village, store};
use crate::sql::Sql;
use crate::transaction::Transaction;
use chrono::{DateTime, Utc};
use sea_orm::{DeriveActiveEnum, EnumIter, FromQueryResult, Value};
use uuid::Uuid;

pub(crate) mod row {
    use super::StreamChange;
    use crate::post::PostKind;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "stream_event")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: i64,
        pub change: StreamChange,
        pub post_id: Uuid,
        pub kind: PostKind,
        pub at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The last number: one row per village.
pub(crate) mod head {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "stream_head")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Events kept per village. Who was away for longer begins anew.
const KEPT: i64 = 1_000;

/// What happened to a public post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum StreamChange {
    /// It became public.
    #[sea_orm(num_value = 0)]
    Published,
    /// It says something else.
    #[sea_orm(num_value = 1)]
    Changed,
    /// It was taken back.
    #[sea_orm(num_value = 2)]
    Withdrawn,
    /// Its time is over.
    #[sea_orm(num_value = 3)]
    Expired,
    /// It is an event that does not take place, or not on all its dates.
    #[sea_orm(num_value = 4)]
    Cancelled,
}

/// One event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamEvent {
    /// Its number in the village.
    pub number: i64,
    /// What happened.
    pub change: StreamChange,
    /// To which post.
    pub post: PostId,
    /// What that post is.
    pub kind: PostKind,
    /// When.
    pub at: DateTime<Utc>,
}

/// What came after an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// These events; none when nothing did.
    Events(Vec<StreamEvent>),
    /// More than is kept, or that event is not one of this village: this is the last one now.
    TooMuch(i64),
}

/// What is told when a transaction commits.
pub(crate) struct Told {
    change: StreamChange,
    post: PostId,
    kind: PostKind,
    at: DateTime<Utc>,
}

store!(
    /// What happened to the public posts of the village.
    Stream as stream in Village
);

#[derive(FromQueryResult)]
struct Number {
    number: i64,
}

impl Stream<'_, Village> {
    /// The number of the last event; 0 before there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last(&self) -> Result<i64, StoreError> {
        let sql = "SELECT number FROM stream_head WHERE village_id = $1";
        let head = self.0.connection().row::<Number>(sql, vec![self.0.village_id().into()]).await?;
        Ok(head.map_or(0, |head| head.number))
    }

    /// The events after the one with this number, in order, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn since(&self, number: i64, limit: u64) -> Result<Since, StoreError> {
        let last = self.last().await?;
        if number == last {
            return Ok(Since::Events(Vec::new()));
        }
        let sql =
            format!("SELECT * FROM stream_event WHERE village_id = $1 AND number > $2 ORDER BY number LIMIT {limit}");
        let rows =
            self.0.connection().rows::<row::Model>(&sql, vec![self.0.village_id().into(), number.into()]).await?;
        match rows.first() {
            Some(first) if first.number == number + 1 => Ok(Since::Events(rows.into_iter().map(Into::into).collect())),
            _ => Ok(Since::TooMuch(last)),
        }
    }
}

impl Told {
    /// What readers are told of a post that came from this state, or was changed in its own and had these dates before.
    pub fn of(post: &Post, from: Option<PostState>, before: Option<&EventDates>) -> Option<Self> {
        let off = |dates: Option<&EventDates>| dates.map_or(0, dates_off);
        let change = match (from, post.state) {
            (None, PostState::Published) if off(post.event.as_ref()) > off(before) => StreamChange::Cancelled,
            (None | Some(PostState::Published), PostState::Published) => StreamChange::Changed,
            (_, PostState::Published) => StreamChange::Published,
            (Some(PostState::Published), PostState::Expired) => StreamChange::Expired,
            (Some(PostState::Published), _) => StreamChange::Withdrawn,
            _ => return None,
        };
        Some(Self { change, post: post.id, kind: post.kind, at: post.updated_at })
    }
}

/// How many dates of an event do not take place.
fn dates_off(dates: &EventDates) -> usize {
    match dates.status {
        EventStatus::Cancelled | EventStatus::Postponed => usize::MAX,
        _ => dates.overrides.iter().filter(|one| one.state == OccurrenceState::Cancelled).count(),
    }
}

/// Adds what is told to the log, as the last thing before the commit, and forgets what is older than is kept.
pub(crate) async fn append(transaction: &Transaction, village: VillageId, told: Vec<Told>) -> Result<(), StoreError> {
    let count = i64::try_from(told.len()).unwrap_or(i64::MAX);
    let sql = "INSERT INTO stream_head (village_id, id, number) VALUES ($1, $1, $2)
               ON CONFLICT (village_id, id) DO UPDATE SET number = stream_head.number + excluded.number
               RETURNING number";
    let head = transaction.row::<Number>(sql, vec![village.into(), count.into()]).await?;
    let last = head.map_or(count, |head| head.number);
    for (number, told) in (last - count + 1..).zip(told) {
        let sql = "INSERT INTO stream_event (village_id, id, number, change, post_id, kind, at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values: Vec<Value> = vec![
            village.into(),
            Uuid::now_v7().into(),
            number.into(),
            (told.change as i16).into(),
            told.post.into(),
            (told.kind as i16).into(),
            millis(told.at).into(),
        ];
        transaction.run(sql, values).await?;
    }
    let sql = "DELETE FROM stream_event WHERE village_id = $1 AND number <= $2";
    transaction.run(sql, vec![village.into(), (last - KEPT).into()]).await.map(drop)
}

impl From<row::Model> for StreamEvent {
    fn from(row: row::Model) -> Self {
        Self { number: row.number, change: row.change, post: row.post_id.into(), kind: row.kind, at: instant(row.at) }
    }
}
