//! Mails about clubs: the outbox of what a village writes to those who run its clubs, or are to work for its town hall. Each is found as due work; a claim pushes that
//! forward, which is the lease. What was sent, or will never be, is deleted.

use crate::due_work::DueWork;
use crate::error::StoreError;
use crate::ids::{ClubId, ClubLetterId};
use crate::instant::{instant, millis};
use crate::notification::Urgency;
use crate::scope::{Connected, InVillage, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

pub(crate) mod row {
    use super::ClubLetterKind;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "club_letter")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub club_id: Option<Uuid>,
        pub kind: ClubLetterKind,
        pub subject_id: Uuid,
        pub recipient: String,
        pub language: String,
        pub club_name: String,
        #[sea_orm(column_type = "Text")]
        pub note: String,
        pub attempts: i32,
        pub created_at: i64,
        pub expires_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a mail about a club says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum ClubLetterKind {
    /// Brings the link to accept an invitation.
    Invitation = 0,
    /// Brings the link to confirm an application.
    Application = 1,
    /// Says that the town hall declined, and why.
    Declined = 2,
    /// Says that the town hall switched the club off, and why.
    SwitchedOff = 3,
    /// Asks whether the club is still there.
    StillThere = 4,
    /// Says that the club rests, because nobody said that it is still there.
    Paused = 5,
    /// Brings the link to accept an invitation to the town hall's staff, which is about no club.
    StaffInvitation = 6,
}

/// A mail about a club.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClubLetter {
    /// Its identifier.
    pub id: ClubLetterId,
    /// About which club; `None` before there is one.
    pub club: Option<ClubId>,
    /// What it says.
    pub kind: ClubLetterKind,
    /// What its link is about: an invitation, an application, or the club itself.
    pub subject: Uuid,
    /// To whom.
    pub recipient: String,
    /// In which language: a BCP 47 tag.
    pub language: String,
    /// The club's name.
    pub club_name: String,
    /// What the town hall wrote, if it did.
    pub note: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// From when on it need not be sent any more.
    pub expires_at: DateTime<Utc>,
}

store!(
    /// The mails about clubs.
    ClubLetters as club_letters in VillageTx
);

impl ClubLetters<'_, VillageTx> {
    /// Adds a mail. It is sent if and only if this transaction commits.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add(&self, letter: ClubLetter) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO club_letter (village_id, id, club_id, kind, subject_id, recipient, language, club_name, note,
                     attempts, created_at, expires_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11)";
        let values = vec![
            self.0.village_id().into(),
            letter.id.into(),
            letter.club.map(|club| club.0).into(),
            (letter.kind as i16).into(),
            letter.subject.into(),
            letter.recipient.into(),
            letter.language.into(),
            letter.club_name.into(),
            letter.note.into(),
            millis(letter.created_at).into(),
            millis(letter.expires_at).into(),
        ];
        self.0.connection().run(sql, values).await?;
        self.0.due_works().add(DueWork::ClubLetter, letter.id.0, Urgency::High, letter.created_at).await
    }

    /// Claims a mail that is due, for this process alone until `lease_until`, and which attempt this is, from 1. Nothing when
    /// somebody else has it. One whose time is over is deleted instead.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(
        &self,
        id: ClubLetterId,
        now: DateTime<Utc>,
        lease_until: DateTime<Utc>,
    ) -> Result<Option<(ClubLetter, i32)>, StoreError> {
        if !self.0.due_works().lock(DueWork::ClubLetter, id.0).await?
            || !self.0.due_works().is_due(DueWork::ClubLetter, id.0, now).await?
        {
            return Ok(None);
        }
        let sql = "UPDATE club_letter SET attempts = attempts + 1 WHERE village_id = $1 AND id = $2 AND expires_at > $3
                   RETURNING *";
        let values = vec![self.0.village_id().into(), id.into(), millis(now).into()];
        let Some(row) = self.0.connection().row::<row::Model>(sql, values).await? else {
            self.delete(id).await?;
            return Ok(None);
        };
        self.0.due_works().postpone(DueWork::ClubLetter, id.0, lease_until).await?;
        let attempt = row.attempts;
        Ok(Some((row.into(), attempt)))
    }

    /// Forgets a mail: it was sent, or never will be.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete(&self, id: ClubLetterId) -> Result<(), StoreError> {
        let sql = "DELETE FROM club_letter WHERE village_id = $1 AND id = $2";
        self.0.connection().run(sql, vec![self.0.village_id().into(), id.into()]).await?;
        self.0.due_works().remove(DueWork::ClubLetter, id.0).await
    }

    /// Puts a mail off, unless it was claimed again since `attempt`. An attempt that does not count is taken back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn postpone(
        &self,
        id: ClubLetterId,
        attempt: i32,
        at: DateTime<Utc>,
        so_far: i32,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE club_letter SET attempts = $4 WHERE village_id = $1 AND id = $2 AND attempts = $3";
        let values = vec![self.0.village_id().into(), id.into(), attempt.into(), so_far.into()];
        if self.0.connection().run(sql, values).await? > 0 {
            self.0.due_works().postpone(DueWork::ClubLetter, id.0, at).await?;
        }
        Ok(())
    }
}

impl From<row::Model> for ClubLetter {
    fn from(row: row::Model) -> Self {
        Self {
            id: row.id.into(),
            club: row.club_id.map(Into::into),
            kind: row.kind,
            subject: row.subject_id,
            recipient: row.recipient,
            language: row.language,
            club_name: row.club_name,
            note: row.note,
            created_at: instant(row.created_at),
            expires_at: instant(row.expires_at),
        }
    }
}
