//! Calendars that events come from: of the town hall or of a club, uploaded by hand, or loaded from an address.

use crate::due_work::DueWork;
use crate::error::StoreError;
use crate::ids::{AccountId, ClubId, EventCalendarId};
use crate::instant::{instant, millis};
use crate::notification::Urgency;
use crate::row_lock;
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::Sql;
use crate::waste_source::SourceOutcome;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, FromQueryResult, IntoActiveModel};

pub(crate) mod row {
    use crate::waste_source::SourceOutcome;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "event_calendar")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub club_id: Option<Uuid>,
        pub topic: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub url: Option<String>,
        pub account_id: Uuid,
        #[sea_orm(column_type = "Text", nullable)]
        pub etag: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub last_modified: Option<String>,
        pub outcome: SourceOutcome,
        pub failures: i32,
        pub checked_at: Option<i64>,
        pub version: i32,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A calendar that events come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventCalendar {
    /// Its identifier.
    pub id: EventCalendarId,
    /// Its name for those who keep it.
    pub name: String,
    /// Whose events they are; `None` for the town hall.
    pub club: Option<ClubId>,
    /// The slug of that club.
    pub club_slug: Option<String>,
    /// The slug of what its events are about, where they do not say so themselves.
    pub topic: Option<String>,
    /// Where it is loaded from by itself.
    pub url: Option<String>,
    /// Who saved it last: the author of what comes by itself.
    pub account: AccountId,
    /// The `ETag` of what was there the last time.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
    /// How loading went the last time.
    pub outcome: SourceOutcome,
    /// How often in a row it has failed.
    pub failures: i32,
    /// When was looked the last time.
    pub checked_at: Option<DateTime<Utc>>,
    /// Rises by one with every change by people.
    pub version: i32,
}

/// What people say of a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEventCalendar {
    /// Its name.
    pub name: String,
    /// The slug of what its events are about.
    pub topic: Option<String>,
    /// Where it is loaded from.
    pub url: Option<String>,
    /// Who says so.
    pub account: AccountId,
}

store!(
    /// The calendars that events of the village come from.
    EventCalendars as event_calendars in Village, VillageTx
);

/// The calendars of the village `$1`, to which conditions may be added.
const SELECT: &str = "SELECT c.*, b.slug AS club_slug FROM event_calendar c
                      LEFT JOIN club b ON b.village_id = c.village_id AND b.id = c.club_id
                      WHERE c.village_id = $1";

#[derive(FromQueryResult)]
struct Joined {
    #[sea_orm(nested)]
    calendar: row::Model,
    club_slug: Option<String>,
}

impl<S: InVillage> EventCalendars<'_, S> {
    /// All of them, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<Vec<EventCalendar>, StoreError> {
        let sql = format!("{SELECT} ORDER BY c.name, c.id");
        let rows = self.0.connection().rows::<Joined>(&sql, vec![self.0.village_id().into()]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// One of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: EventCalendarId) -> Result<Option<EventCalendar>, StoreError> {
        let sql = format!("{SELECT} AND c.id = $2");
        let values = vec![self.0.village_id().into(), id.into()];
        Ok(self.0.connection().row::<Joined>(&sql, values).await?.map(Into::into))
    }
}

impl EventCalendars<'_, VillageTx> {
    /// One of them, which nobody else can change before this transaction ends. Nobody imports into another of the village
    /// meanwhile: both might bring the same UID.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hold(&self, id: EventCalendarId) -> Result<Option<EventCalendar>, StoreError> {
        row_lock::event_calendars(self.0).await?;
        self.find(id).await
    }

    /// Adds one; it is loaded now, if it has an address.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create(
        &self,
        said: &NewEventCalendar,
        club: Option<ClubId>,
        now: DateTime<Utc>,
    ) -> Result<EventCalendarId, StoreError> {
        let id = EventCalendarId::generate();
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: id.0,
            name: said.name.clone(),
            club_id: club.map(|club| club.0),
            topic: said.topic.clone(),
            url: said.url.clone(),
            account_id: said.account.0,
            etag: None,
            last_modified: None,
            outcome: SourceOutcome::Waiting,
            failures: 0,
            checked_at: None,
            version: 1,
            created_at: millis(now),
        };
        row.into_active_model().insert(self.0.connection()).await?;
        self.look(id, said.url.is_some(), now).await?;
        Ok(id)
    }

    /// Makes this what is said of one, which is held; it is loaded anew, if it has an address.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change(
        &self,
        id: EventCalendarId,
        said: &NewEventCalendar,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE event_calendar SET name = $3, topic = $4, url = $5, account_id = $6, etag = NULL,
                     last_modified = NULL, outcome = 0, failures = 0, checked_at = NULL, version = version + 1
                   WHERE village_id = $1 AND id = $2";
        let values = vec![
            self.0.village_id().into(),
            id.into(),
            said.name.clone().into(),
            said.topic.clone().into(),
            said.url.clone().into(),
            said.account.into(),
        ];
        self.0.connection().run(sql, values).await?;
        self.look(id, said.url.is_some(), now).await
    }

    /// Forgets one, and what came from it; the posts stay.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete(&self, id: EventCalendarId) -> Result<(), StoreError> {
        self.0.due_works().remove(DueWork::LoadEvents, id.0).await?;
        let sql = "DELETE FROM event_calendar WHERE village_id = $1 AND id = $2";
        self.0.connection().run(sql, vec![self.0.village_id().into(), id.into()]).await.map(drop)
    }

    async fn look(&self, id: EventCalendarId, has_address: bool, now: DateTime<Utc>) -> Result<(), StoreError> {
        if has_address {
            self.0.due_works().set(DueWork::LoadEvents, id.0, Urgency::Normal, now).await
        } else {
            self.0.due_works().remove(DueWork::LoadEvents, id.0).await
        }
    }

    /// Takes one to be loaded: nobody else does before the lease is over. Nothing when it is there no more, or has no address.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(
        &self,
        id: EventCalendarId,
        lease_until: DateTime<Utc>,
    ) -> Result<Option<EventCalendar>, StoreError> {
        if !self.0.due_works().lock(DueWork::LoadEvents, id.0).await? {
            return Ok(None);
        }
        let found = self.find(id).await?.filter(|calendar| calendar.url.is_some());
        match found {
            Some(_) => self.0.due_works().postpone(DueWork::LoadEvents, id.0, lease_until).await?,
            None => self.0.due_works().remove(DueWork::LoadEvents, id.0).await?,
        }
        Ok(found)
    }

    /// Writes down how loading went, unless somebody changed it meanwhile, and when to look again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle(&self, calendar: &EventCalendar, next: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE event_calendar
                   SET etag = $4, last_modified = $5, outcome = $6, failures = $7, checked_at = $8
                   WHERE village_id = $1 AND id = $2 AND version = $3";
        let values = vec![
            self.0.village_id().into(),
            calendar.id.into(),
            calendar.version.into(),
            calendar.etag.clone().into(),
            calendar.last_modified.clone().into(),
            (calendar.outcome as i16).into(),
            calendar.failures.into(),
            calendar.checked_at.map(millis).into(),
        ];
        if self.0.connection().run(sql, values).await? > 0 {
            self.0.due_works().postpone(DueWork::LoadEvents, calendar.id.0, next).await?;
        }
        Ok(())
    }
}

impl From<Joined> for EventCalendar {
    fn from(joined: Joined) -> Self {
        let row = joined.calendar;
        Self {
            id: row.id.into(),
            name: row.name,
            club: row.club_id.map(Into::into),
            club_slug: joined.club_slug,
            topic: row.topic,
            url: row.url,
            account: row.account_id.into(),
            etag: row.etag,
            last_modified: row.last_modified,
            outcome: row.outcome,
            failures: row.failures,
            checked_at: row.checked_at.map(instant),
            version: row.version,
        }
    }
}
