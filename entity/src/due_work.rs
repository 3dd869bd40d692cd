//! Due work: what is to be done when, as rows with a due time. The worker finds it through the one door across villages,
//! which shows where and when and nothing else, and then does it inside the village.

use crate::error::StoreError;
use crate::ids::VillageId;
use crate::instant::{instant, millis};
use crate::notification::Urgency;
use crate::scope::{Connected, InVillage, Registry, VillageTx, store};
use crate::sql::Sql;
use crate::subscription::Channel;
use crate::transaction::Transaction;
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

pub(crate) mod row {
    use crate::notification::Urgency;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "due_work")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: i16,
        pub subject_id: Uuid,
        pub urgency: Urgency,
        pub due_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A kind of work that falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DueWork {
    /// Turning a notification into deliveries.
    Dispatch,
    /// Sending a notification's deliveries on one channel.
    Deliver(Channel),
    /// Making a scheduled post public.
    Publish,
    /// Ending a public post whose time is over.
    Expire,
    /// Writing down the dates of an event that a horizon has hidden so far.
    Occurrences,
    /// Making the public posts of a village be found by their words.
    Index,
    /// Sending a mail about a club.
    ClubLetter,
    /// Asking a club whether it is still there, and letting it rest when nobody says so.
    ClubQuestion,
    /// Reminding of the collections of a waste district.
    RemindOfWaste,
    /// Loading the dates of a waste district from its source.
    LoadWaste,
    /// Following a joint post of the municipality.
    Joint,
    /// Reminding of the dates of an event.
    RemindOfEvent,
    /// Loading the events of a calendar from its address.
    LoadEvents,
}

impl DueWork {
    fn code(self) -> i16 {
        match self {
            Self::Dispatch => 0,
            Self::Deliver(Channel::WebPush) => 1,
            Self::Deliver(Channel::Email) => 2,
            Self::Publish => 3,
            Self::Expire => 4,
            Self::Occurrences => 10,
            Self::Index => 20,
            Self::ClubLetter => 5,
            Self::ClubQuestion => 6,
            Self::RemindOfWaste => 50,
            Self::LoadWaste => 51,
            Self::Joint => 21,
            Self::RemindOfEvent => 53,
            Self::LoadEvents => 52,
        }
    }
}

/// A piece of work that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Where.
    pub village: VillageId,
    /// The identifier of what the work is about: a notification, a joint post, the village itself for its search, a club, a letter
    /// about one, a waste district or its source, a calendar, or a post for everything else.
    pub subject: Uuid,
    /// How soon.
    pub urgency: Urgency,
    /// Since when.
    pub due_at: DateTime<Utc>,
}

store!(
    /// The due work: of all villages through the door, of one village inside it.
    DueWorks as due_works in Registry, VillageTx
);

#[derive(FromQueryResult)]
struct Row {
    village_id: Uuid,
    subject_id: Uuid,
    urgency: Urgency,
    due_at: i64,
}

#[derive(FromQueryResult)]
struct Id {
    #[allow(dead_code, reason = "that there is one is all that matters")]
    id: Uuid,
}

impl DueWorks<'_, Registry> {
    /// What is due now in all villages, the most urgent and then the longest due first; and so few pieces of each village that none
    /// hides the others.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due(&self, work: DueWork, now: DateTime<Utc>, limit: u64) -> Result<Vec<Due>, StoreError> {
        self.0.through_door().await?;
        let sql = "SELECT village_id, subject_id, urgency, due_at FROM (
                     SELECT village_id, subject_id, urgency, due_at,
                       ROW_NUMBER() OVER (PARTITION BY village_id, urgency ORDER BY due_at) AS turn
                     FROM due_work WHERE kind = $1 AND urgency IN (2, 1) AND due_at <= $2
                   ) AS work
                   WHERE turn <= 16 ORDER BY urgency DESC, due_at LIMIT $3";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = vec![work.code().into(), millis(now).into(), limit.into()];
        let rows = self.0.connection().rows::<Row>(sql, values).await?;
        Ok(rows
            .into_iter()
            .map(|row| Due {
                village: row.village_id.into(),
                subject: row.subject_id,
                urgency: row.urgency,
                due_at: instant(row.due_at),
            })
            .collect())
    }
}

impl DueWorks<'_, VillageTx> {
    /// Adds work, once per kind and subject; work that is there already falls due when the earlier does. Waits for whoever holds
    /// it: nobody can find it done and remove it while what it is for is being added.
    pub(crate) async fn add(
        &self,
        work: DueWork,
        subject: Uuid,
        urgency: Urgency,
        due_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        insert(self.0.connection(), self.0.village_id(), work, subject, (urgency, due_at)).await?;
        self.0.note_change();
        Ok(())
    }

    /// Adds work, or moves it to this time and urgency.
    pub(crate) async fn set(
        &self,
        work: DueWork,
        subject: Uuid,
        urgency: Urgency,
        due_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.remove(work, subject).await?;
        self.add(work, subject, urgency, due_at).await
    }

    /// Waits until no other transaction holds this work, and holds it until this one ends; on SQLite, which has one writer,
    /// that is so already. Whether there is such work.
    pub(crate) async fn lock(&self, work: DueWork, subject: Uuid) -> Result<bool, StoreError> {
        let lock = if self.0.connection().is_postgres() { "FOR UPDATE" } else { "" };
        let sql = format!("SELECT id FROM due_work WHERE village_id = $1 AND kind = $2 AND subject_id = $3 {lock}");
        let values = vec![self.0.village_id().into(), work.code().into(), subject.into()];
        Ok(self.0.connection().row::<Id>(&sql, values).await?.is_some())
    }

    /// Whether this work is due now.
    pub(crate) async fn is_due(&self, work: DueWork, subject: Uuid, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql = "SELECT id FROM due_work WHERE village_id = $1 AND kind = $2 AND subject_id = $3 AND due_at <= $4";
        let values = vec![self.0.village_id().into(), work.code().into(), subject.into(), millis(now).into()];
        Ok(self.0.connection().row::<Id>(sql, values).await?.is_some())
    }

    /// Holds work that this transaction does, as the only one. Whether it is still to be done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hold(&self, work: DueWork, subject: Uuid) -> Result<bool, StoreError> {
        self.lock(work, subject).await
    }

    /// Ends work that this transaction has done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish(&self, work: DueWork, subject: Uuid) -> Result<(), StoreError> {
        self.remove(work, subject).await
    }

    /// Puts off work that could not be done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_off(&self, work: DueWork, subject: Uuid, until: DateTime<Utc>) -> Result<(), StoreError> {
        self.postpone(work, subject, until).await
    }

    /// Moves work to another time.
    pub(crate) async fn postpone(&self, work: DueWork, subject: Uuid, due_at: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE due_work SET due_at = $4 WHERE village_id = $1 AND kind = $2 AND subject_id = $3";
        let values = vec![self.0.village_id().into(), work.code().into(), subject.into(), millis(due_at).into()];
        self.0.connection().run(sql, values).await.map(drop)
    }

    /// Removes work that is done.
    pub(crate) async fn remove(&self, work: DueWork, subject: Uuid) -> Result<(), StoreError> {
        let sql = "DELETE FROM due_work WHERE village_id = $1 AND kind = $2 AND subject_id = $3";
        let values = vec![self.0.village_id().into(), work.code().into(), subject.into()];
        self.0.connection().run(sql, values).await.map(drop)
    }
}

/// Adds work in a village that the transaction is in, once per kind and subject.
pub(crate) async fn insert(
    connection: &Transaction,
    village: VillageId,
    work: DueWork,
    subject: Uuid,
    (urgency, due_at): (Urgency, DateTime<Utc>),
) -> Result<(), StoreError> {
    let sql = "INSERT INTO due_work (village_id, id, kind, subject_id, urgency, due_at)
               VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (village_id, kind, subject_id) DO UPDATE SET
                 due_at = CASE WHEN excluded.due_at < due_work.due_at THEN excluded.due_at ELSE due_work.due_at END";
    let values = vec![
        village.into(),
        Uuid::now_v7().into(),
        work.code().into(),
        subject.into(),
        (urgency as i16).into(),
        millis(due_at).into(),
    ];
    connection.run(sql, values).await.map(drop)
}
