//! Entering clubs, and what happens to them.

use super::{Club, ClubPage, ClubState, Clubs, Trust, row};
use crate::due_work::DueWork;
use crate::error::StoreError;
use crate::ids::{AccountId, ClubId, MediaId};
use crate::instant::millis;
use crate::notification::Urgency;
use crate::row_lock;
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

impl Clubs<'_, VillageTx> {
    /// Enters a club.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the village has one with this slug.
    pub async fn create(&self, club: Club) -> Result<(), StoreError> {
        let page = club.page;
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: club.id.0,
            slug: club.slug,
            name: page.name,
            state: club.state,
            trust: club.trust,
            category: page.category,
            description_markdown: page.description_markdown,
            description_html: page.description_html,
            meeting_times: page.meeting_times,
            contact_name: page.contact_name,
            contact_email: page.contact_email,
            contact_phone: page.contact_phone,
            website: page.website,
            decision: club.decision,
            version: club.version,
            confirmed_at: club.confirmed_at.map(millis),
            created_at: millis(club.created_at),
            logo_id: None,
            asked_at: None,
            contact_by: club.contact_by.map(|account| account.0),
        };
        row.into_active_model().insert(self.0.connection()).await?;
        self.0.note_change();
        Ok(())
    }

    /// A club that nobody else can change before this transaction ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_for_change(&self, id: ClubId) -> Result<Option<Club>, StoreError> {
        row_lock::club(self.0, id).await?;
        self.find(id).await
    }

    /// Says something else about a club; `contact_by` says whom to ask.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn describe(&self, id: ClubId, page: ClubPage, contact_by: Option<AccountId>) -> Result<(), StoreError> {
        let sql = "UPDATE club SET name = $3, category = $4, description_markdown = $5, description_html = $6,
                     meeting_times = $7, contact_name = $8, contact_email = $9, contact_phone = $10, website = $11,
                     contact_by = $12, version = version + 1 WHERE village_id = $1 AND id = $2";
        let values = vec![
            self.0.village_id().into(),
            id.into(),
            page.name.into(),
            (page.category as i16).into(),
            page.description_markdown.into(),
            page.description_html.into(),
            page.meeting_times.into(),
            page.contact_name.into(),
            page.contact_email.into(),
            page.contact_phone.into(),
            page.website.into(),
            contact_by.map(|account| account.0).into(),
        ];
        self.0.note_change();
        self.0.connection().run(sql, values).await.map(drop)
    }

    /// Gives a club a sign, or takes it away. Whether there is such an image.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_logo(&self, id: ClubId, logo: Option<MediaId>, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let village = || self.0.village_id().into();
        let media = || logo.map(|media| media.0).into();
        let touch = "UPDATE media SET touched_at = $2 WHERE village_id = $1 AND (
                       id = $3 OR id = (SELECT logo_id FROM club WHERE village_id = $1 AND id = $4))";
        self.0.connection().run(touch, vec![village(), millis(now).into(), media(), id.into()]).await?;
        let sql = "UPDATE club SET logo_id = $3, version = version + 1 WHERE village_id = $1 AND id = $2
                     AND ($3 IS NULL OR EXISTS (SELECT 1 FROM media m
                       WHERE m.village_id = $1 AND m.id = $3 AND m.state = 1 AND m.format <> 2))";
        self.0.note_change();
        Ok(self.0.connection().run(sql, vec![village(), id.into(), media()]).await? > 0)
    }

    /// Has the club's posts reviewed from now on, or trusts it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_trust(&self, id: ClubId, trust: Trust) -> Result<(), StoreError> {
        let sql = "UPDATE club SET trust = $3, version = version + 1 WHERE village_id = $1 AND id = $2";
        let values = vec![self.0.village_id().into(), id.into(), (trust as i16).into()];
        self.0.note_change();
        self.0.connection().run(sql, values).await.map(drop)
    }

    /// Puts a club into another state, for this reason.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn move_to(&self, id: ClubId, state: ClubState, decision: &str) -> Result<(), StoreError> {
        let sql = "UPDATE club SET state = $3, decision = $4, version = version + 1 WHERE village_id = $1 AND id = $2";
        let values = vec![self.0.village_id().into(), id.into(), (state as i16).into(), decision.into()];
        self.0.note_change();
        self.0.connection().run(sql, values).await?;
        if state != ClubState::Active {
            self.0.due_works().remove(DueWork::ClubQuestion, id.0).await?;
        }
        Ok(())
    }

    /// Writes down that the club is still there, and when it is to be asked next.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn confirm(&self, id: ClubId, now: DateTime<Utc>, ask_at: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE club SET confirmed_at = $3, asked_at = NULL, version = version + 1
                   WHERE village_id = $1 AND id = $2";
        self.0.connection().run(sql, vec![self.0.village_id().into(), id.into(), millis(now).into()]).await?;
        self.0.due_works().set(DueWork::ClubQuestion, id.0, Urgency::Normal, ask_at).await
    }

    /// Writes down that the club was asked whether it is still there, and until when it may answer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_asked(&self, id: ClubId, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE club SET asked_at = $3 WHERE village_id = $1 AND id = $2";
        self.0.connection().run(sql, vec![self.0.village_id().into(), id.into(), millis(now).into()]).await?;
        self.0.due_works().set(DueWork::ClubQuestion, id.0, Urgency::Normal, until).await
    }

    /// A club whose question is due, held; nothing when somebody else has seen to it, and then it is not due any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_due(&self, id: ClubId, now: DateTime<Utc>) -> Result<Option<Club>, StoreError> {
        let club = self.find_for_change(id).await?.filter(|club| club.state == ClubState::Active);
        if club.is_none() {
            self.0.due_works().remove(DueWork::ClubQuestion, id.0).await?;
            return Ok(None);
        }
        let is_due = self.0.due_works().is_due(DueWork::ClubQuestion, id.0, now).await?;
        Ok(club.filter(|_| is_due))
    }
}
