//! The dates of posts that are events: local date-times with their zone, and how they recur (RFC 5545). What is different at
//! single dates of a series is in [`crate::event_override`], every date of the coming time in [`crate::occurrence`].

use crate::error::StoreError;
use crate::event_override::{self, EventOverride};
use crate::ids::PostId;
use crate::occurrence::{self, NewOccurrence};
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, NaiveDateTime, Utc};
use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) mod row {
    use super::EventStatus;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "event")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub post_id: Uuid,
        pub starts_local: DateTime,
        pub ends_local: Option<DateTime>,
        pub zone: String,
        pub place: Option<String>,
        pub all_day: bool,
        pub rule: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub extra_dates: String,
        #[sea_orm(column_type = "Text")]
        pub except_dates: String,
        pub uid: Option<String>,
        pub sequence: i32,
        pub status: EventStatus,
        pub address: Option<String>,
        pub latitude: Option<f64>,
        pub longitude: Option<f64>,
        #[sea_orm(column_type = "Text")]
        pub access: String,
        pub cost: Option<String>,
        pub registration_url: Option<String>,
        pub capacity: Option<i32>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Whether an event takes place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum EventStatus {
    /// It does.
    #[default]
    #[sea_orm(num_value = 0)]
    Confirmed,
    /// It may.
    #[sea_orm(num_value = 1)]
    Tentative,
    /// It does not: none of its dates.
    #[sea_orm(num_value = 2)]
    Cancelled,
    /// It will, at a time that is not known yet.
    #[sea_orm(num_value = 3)]
    Postponed,
}

/// What somebody who needs it finds there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessFact {
    /// No steps on the way in.
    StepFree,
    /// A toilet for people in wheelchairs.
    AccessibleToilet,
    /// Parking for people with disabilities.
    AccessibleParking,
    /// An induction loop.
    HearingLoop,
    /// Interpretation into sign language.
    SignLanguage,
    /// Easy language (Leichte Sprache).
    EasyLanguage,
    /// Guide and assistance dogs are welcome.
    AssistanceDogs,
}

/// When and where an event is, and how it recurs. For whole days times are midnights, and the end is the day after the last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventDates {
    /// The wall clock at its start; of a series, at the start of its first date.
    pub starts_local: NaiveDateTime,
    /// The wall clock at its end, if it has a known one. It is not part of the event.
    pub ends_local: Option<NaiveDateTime>,
    /// The IANA zone of all its times.
    pub zone: String,
    /// Whether it is about whole days.
    pub all_day: bool,
    /// How it recurs: the value of an RRULE.
    pub rule: Option<String>,
    /// Starts of further dates (RDATE).
    pub extra_dates: Vec<NaiveDateTime>,
    /// Starts of dates that are left out (EXDATE).
    pub except_dates: Vec<NaiveDateTime>,
    /// What is different at single dates (RECURRENCE-ID), by date.
    pub overrides: Vec<EventOverride>,
    /// Whether it takes place.
    pub status: EventStatus,
    /// Where it is, in words.
    pub place: Option<String>,
    /// The address of that place, in one line.
    pub address: Option<String>,
    /// The position of that place (WGS 84): latitude and longitude.
    pub position: Option<(f64, f64)>,
    /// What somebody who needs it finds there.
    pub access: Vec<AccessFact>,
    /// What it costs, in words.
    pub cost: Option<String>,
    /// Where to register.
    pub registration_url: Option<String>,
    /// How many people have room.
    pub capacity: Option<i32>,
}

impl EventDates {
    /// Whether it has more dates than one.
    pub fn recurs(&self) -> bool {
        self.rule.is_some() || !self.extra_dates.is_empty()
    }

    /// What is to be said about the only date of an event that happens once.
    pub fn note(&self) -> Option<&str> {
        let only = self.overrides.first().filter(|_| !self.recurs());
        only.and_then(|one| one.note.as_deref())
    }
}

/// By what calendars know an event. It stays while the event changes, and does not come back with an earlier version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventIdentity {
    /// Its UID: where it came from, what it had there; otherwise the identifier of its post.
    pub uid: String,
    /// Its SEQUENCE: rises with every change of its dates.
    pub sequence: i32,
}

/// An event with the dates that follow from it.
#[derive(Clone, Debug)]
pub struct PlannedEvent {
    /// When and where it is.
    pub dates: EventDates,
    /// Every date up to the horizon.
    pub occurrences: Vec<NewOccurrence>,
    /// When the horizon is to be moved, because the series goes on behind it.
    pub renew_at: Option<DateTime<Utc>>,
}

/// The columns of a post's event, where it has one.
#[derive(FromQueryResult)]
pub(crate) struct Columns {
    starts_local: Option<NaiveDateTime>,
    ends_local: Option<NaiveDateTime>,
    zone: Option<String>,
    place: Option<String>,
    all_day: Option<bool>,
    rule: Option<String>,
    extra_dates: Option<String>,
    except_dates: Option<String>,
    uid: Option<String>,
    sequence: Option<i32>,
    event_status: Option<EventStatus>,
    address: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    access: Option<String>,
    cost: Option<String>,
    registration_url: Option<String>,
    capacity: Option<i32>,
}

/// What [`Columns`] are read from, of the table `e`.
pub(crate) const COLUMNS: &str =
    "e.starts_local, e.ends_local, e.zone, e.place, e.all_day, e.rule, e.extra_dates, e.except_dates, e.uid, e.sequence,
     e.status AS event_status, e.address, e.latitude, e.longitude, e.access, e.cost, e.registration_url, e.capacity";

store!(
    /// The events of the village.
    Events as events in Village, VillageTx
);

#[derive(FromQueryResult)]
struct OfPost {
    post_id: Uuid,
}

impl<S: InVillage> Events<'_, S> {
    /// The post of the event that came from elsewhere with this UID.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_uid(&self, uid: &str) -> Result<Option<PostId>, StoreError> {
        let sql = "SELECT post_id FROM event WHERE village_id = $1 AND uid = $2";
        let row = self.0.connection().row::<OfPost>(sql, vec![self.0.village_id().into(), uid.into()]).await?;
        Ok(row.map(|row| row.post_id.into()))
    }
}

impl Columns {
    /// The event, without what is different at single dates.
    pub(crate) fn event(self, post: PostId) -> Result<Option<(EventDates, EventIdentity)>, StoreError> {
        let Some((starts_local, zone)) = self.starts_local.zip(self.zone) else { return Ok(None) };
        let dates = EventDates {
            starts_local,
            ends_local: self.ends_local,
            zone,
            all_day: self.all_day.unwrap_or_default(),
            rule: self.rule,
            extra_dates: list(self.extra_dates)?,
            except_dates: list(self.except_dates)?,
            overrides: Vec::new(),
            status: self.event_status.unwrap_or_default(),
            place: self.place,
            address: self.address,
            position: self.latitude.zip(self.longitude),
            access: list(self.access)?,
            cost: self.cost,
            registration_url: self.registration_url,
            capacity: self.capacity,
        };
        let identity = EventIdentity {
            uid: self.uid.unwrap_or_else(|| post.to_string()),
            sequence: self.sequence.unwrap_or_default(),
        };
        Ok(Some((dates, identity)))
    }
}

fn list<T: DeserializeOwned>(text: Option<String>) -> Result<Vec<T>, StoreError> {
    text.map_or_else(|| Ok(Vec::new()), |text| serde_json::from_str(&text).map_err(unreadable))
}

fn text<T: Serialize>(list: &[T]) -> Result<String, StoreError> {
    serde_json::to_string(list).map_err(unreadable)
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::Unexpected(DbErr::Custom(format!("stored dates: {error}")))
}

/// Makes this the event of a post that has none; `uid` is what it had where it came from.
pub(crate) async fn create(
    tx: &VillageTx,
    post: PostId,
    event: &PlannedEvent,
    uid: Option<String>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO event (village_id, id, post_id, starts_local, ends_local, zone, place, all_day, rule,
                 extra_dates, except_dates, status, address, latitude, longitude, access, cost, registration_url, capacity,
                 sequence, uid)
               VALUES ($1, $19, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 0, $20)";
    let mut values = values(tx, post, &event.dates)?;
    values.extend([Uuid::now_v7().into(), uid.into()]);
    tx.connection().run(sql, values).await?;
    event_override::set(tx, post, &event.dates.overrides).await?;
    occurrence::set(tx, post, &event.occurrences, event.renew_at, now).await
}

/// Makes this the event of a post that has one. What calendars know of it rises when anything is `different`.
pub(crate) async fn change(
    tx: &VillageTx,
    post: PostId,
    event: &PlannedEvent,
    different: Difference,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if different == Difference::Some {
        let sql = "UPDATE event SET starts_local = $3, ends_local = $4, zone = $5, place = $6, all_day = $7, rule = $8,
                     extra_dates = $9, except_dates = $10, status = $11, address = $12, latitude = $13, longitude = $14,
                     access = $15, cost = $16, registration_url = $17, capacity = $18, sequence = sequence + 1
                   WHERE village_id = $1 AND post_id = $2";
        tx.connection().run(sql, values(tx, post, &event.dates)?).await?;
        event_override::set(tx, post, &event.dates.overrides).await?;
    }
    occurrence::set(tx, post, &event.occurrences, event.renew_at, now).await
}

/// Makes calendars that follow take the event of a post, if it has one, for a later one.
pub(crate) async fn change_sequence(tx: &VillageTx, post: PostId) -> Result<(), StoreError> {
    let sql = "UPDATE event SET sequence = sequence + 1 WHERE village_id = $1 AND post_id = $2";
    tx.connection().run(sql, vec![tx.village_id().into(), post.into()]).await.map(drop)
}

/// Whether an event was said to be something else than before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Difference {
    /// It was.
    Some,
    /// It is the same.
    None,
}

fn values(tx: &VillageTx, post: PostId, dates: &EventDates) -> Result<Vec<sea_orm::Value>, StoreError> {
    Ok(vec![
        tx.village_id().into(),
        post.into(),
        dates.starts_local.into(),
        dates.ends_local.into(),
        dates.zone.clone().into(),
        dates.place.clone().into(),
        dates.all_day.into(),
        dates.rule.clone().into(),
        text(&dates.extra_dates)?.into(),
        text(&dates.except_dates)?.into(),
        (dates.status as i16).into(),
        dates.address.clone().into(),
        dates.position.map(|(latitude, _)| latitude).into(),
        dates.position.map(|(_, longitude)| longitude).into(),
        text(&dates.access)?.into(),
        dates.cost.clone().into(),
        dates.registration_url.clone().into(),
        dates.capacity.into(),
    ])
}
