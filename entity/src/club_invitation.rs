//! Invitations into a club: each bound to an address and a role, good once and for a while. The token in the link is not stored; it
//! is the row's identifier, signed.

use crate::ended_invitation::InvitationEnding;
use crate::error::StoreError;
use crate::ids::{AccountId, ClubId, ClubInvitationId};
use crate::instant::{instant, millis};
use crate::role::RoleKind;
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};

pub(crate) mod row {
    use crate::role::RoleKind;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "club_invitation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub club_id: Uuid,
        pub kind: RoleKind,
        pub email: String,
        pub instead_of: Option<Uuid>,
        pub invited_by: Uuid,
        pub created_at: i64,
        pub expires_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClubInvitation {
    /// Its identifier.
    pub id: ClubInvitationId,
    /// Into which club.
    pub club: ClubId,
    /// As what: manager or author.
    pub kind: RoleKind,
    /// To which address, in lower case.
    pub email: String,
    /// Whose role ends when it is accepted: a hand-over.
    pub instead_of: Option<AccountId>,
    /// Who invites.
    pub invited_by: AccountId,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
}

store!(
    /// The invitations into the village's clubs.
    ClubInvitations as club_invitations in Village, VillageTx
);

impl<S: InVillage> ClubInvitations<'_, S> {
    /// An invitation that can still be accepted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: ClubInvitationId, now: DateTime<Utc>) -> Result<Option<ClubInvitation>, StoreError> {
        let sql = "SELECT * FROM club_invitation WHERE village_id = $1 AND id = $2 AND expires_at > $3";
        let values = vec![self.0.village_id().into(), id.into(), millis(now).into()];
        Ok(self.0.connection().row::<row::Model>(sql, values).await?.map(Into::into))
    }

    /// The invitations into a club that can still be accepted. There are a few at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn into_club(&self, club: ClubId, now: DateTime<Utc>) -> Result<Vec<ClubInvitation>, StoreError> {
        let sql =
            "SELECT * FROM club_invitation WHERE village_id = $1 AND club_id = $2 AND expires_at > $3 ORDER BY id";
        let values = vec![self.0.village_id().into(), club.into(), millis(now).into()];
        Ok(self.0.connection().rows::<row::Model>(sql, values).await?.into_iter().map(Into::into).collect())
    }
}

impl ClubInvitations<'_, VillageTx> {
    /// Invites somebody; an invitation of the same address into the same club is replaced, and its link good no more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add(&self, new: &ClubInvitation) -> Result<(), StoreError> {
        let sql = "DELETE FROM club_invitation WHERE village_id = $1 AND club_id = $2 AND email = $3 RETURNING id";
        let values = vec![self.0.village_id().into(), new.club.into(), new.email.clone().into()];
        self.0.ended_invitations().end(sql, values, InvitationEnding::Replaced, new.created_at).await?;
        let sql = "INSERT INTO club_invitation
                     (village_id, id, club_id, kind, email, instead_of, invited_by, created_at, expires_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                   ON CONFLICT (village_id, club_id, email) DO UPDATE SET
                     id = excluded.id, kind = excluded.kind, instead_of = excluded.instead_of,
                     invited_by = excluded.invited_by, created_at = excluded.created_at, expires_at = excluded.expires_at";
        let values = vec![
            self.0.village_id().into(),
            new.id.into(),
            new.club.into(),
            (new.kind as i16).into(),
            new.email.clone().into(),
            new.instead_of.map(|account| account.0).into(),
            new.invited_by.into(),
            millis(new.created_at).into(),
            millis(new.expires_at).into(),
        ];
        self.0.connection().run(sql, values).await.map(drop)
    }

    /// Takes an invitation out, to give the role; of several at once, one gets it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take(&self, id: ClubInvitationId, now: DateTime<Utc>) -> Result<Option<ClubInvitation>, StoreError> {
        let sql = "DELETE FROM club_invitation WHERE village_id = $1 AND id = $2 AND expires_at > $3 RETURNING *";
        let values = vec![self.0.village_id().into(), id.into(), millis(now).into()];
        let taken = self.0.connection().row::<row::Model>(sql, values).await?.map(ClubInvitation::from);
        if taken.is_some() {
            self.0.ended_invitations().note(id.0, InvitationEnding::Accepted, now).await?;
        }
        Ok(taken)
    }

    /// Takes an invitation into a club back. Whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke(&self, club: ClubId, id: ClubInvitationId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql = "DELETE FROM club_invitation WHERE village_id = $1 AND club_id = $2 AND id = $3 RETURNING id";
        let values = vec![self.0.village_id().into(), club.into(), id.into()];
        Ok(self.0.ended_invitations().end(sql, values, InvitationEnding::Revoked, now).await? > 0)
    }

    /// Takes all invitations into a club back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_all(&self, club: ClubId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "DELETE FROM club_invitation WHERE village_id = $1 AND club_id = $2 RETURNING id";
        let values = vec![self.0.village_id().into(), club.into()];
        self.0.ended_invitations().end(sql, values, InvitationEnding::Revoked, now).await.map(drop)
    }

    /// Forgets what was not accepted in time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_expired(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let sql = "DELETE FROM club_invitation WHERE village_id = $1 AND expires_at <= $2 RETURNING id";
        let values = vec![self.0.village_id().into(), millis(now).into()];
        self.0.ended_invitations().end(sql, values, InvitationEnding::Expired, now).await
    }
}

impl From<row::Model> for ClubInvitation {
    fn from(row: row::Model) -> Self {
        Self {
            id: row.id.into(),
            club: row.club_id.into(),
            kind: row.kind,
            email: row.email,
            instead_of: row.instead_of.map(Into::into),
            invited_by: row.invited_by.into(),
            created_at: instant(row.created_at),
            expires_at: instant(row.expires_at),
        }
    }
}
