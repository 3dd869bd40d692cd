//! Invitations to edit in all villages of a municipality: each bound to an address, good once and for a while. Like the role they
//! lead to, they belong to no village. The token in the link is not stored; it is the row's identifier, signed.

use crate::ended_invitation::InvitationEnding;
use crate::error::StoreError;
use crate::ids::{AccountId, MunicipalityId, MunicipalityInvitationId};
use crate::instant::{instant, millis};
use crate::scope::{Connected, Registry, RegistryTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "municipality_invitation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub municipality_id: Uuid,
        pub email: String,
        pub invited_by: Uuid,
        pub created_at: i64,
        pub expires_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MunicipalityInvitation {
    /// Its identifier.
    pub id: MunicipalityInvitationId,
    /// For which municipality.
    pub municipality: MunicipalityId,
    /// To which address, in lower case.
    pub email: String,
    /// Who invites.
    pub invited_by: AccountId,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
}

store!(
    /// The invitations to edit for municipalities.
    MunicipalityInvitations as municipality_invitations in Registry, RegistryTx
);

impl<S: Connected> MunicipalityInvitations<'_, S> {
    /// An invitation that can still be accepted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(
        &self,
        id: MunicipalityInvitationId,
        now: DateTime<Utc>,
    ) -> Result<Option<MunicipalityInvitation>, StoreError> {
        let sql = "SELECT * FROM municipality_invitation WHERE id = $1 AND expires_at > $2";
        let values = vec![id.into(), millis(now).into()];
        Ok(self.0.connection().row::<row::Model>(sql, values).await?.map(Into::into))
    }

    /// The invitations for a municipality that can still be accepted, the oldest first. There is a handful.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting(
        &self,
        municipality: MunicipalityId,
        now: DateTime<Utc>,
    ) -> Result<Vec<MunicipalityInvitation>, StoreError> {
        let sql = "SELECT * FROM municipality_invitation WHERE municipality_id = $1 AND expires_at > $2 ORDER BY id";
        let values = vec![municipality.into(), millis(now).into()];
        Ok(self.0.connection().rows::<row::Model>(sql, values).await?.into_iter().map(Into::into).collect())
    }
}

impl MunicipalityInvitations<'_, RegistryTx> {
    /// Invites somebody; an invitation of the same address is replaced, and its link good no more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add(&self, new: &MunicipalityInvitation) -> Result<(), StoreError> {
        let sql = "DELETE FROM municipality_invitation WHERE municipality_id = $1 AND email = $2 RETURNING id";
        let values = vec![new.municipality.into(), new.email.clone().into()];
        self.0.ended_invitations().end(sql, values, InvitationEnding::Replaced, new.created_at).await?;
        let sql = "INSERT INTO municipality_invitation (id, municipality_id, email, invited_by, created_at, expires_at)
                   VALUES ($1, $2, $3, $4, $5, $6)
                   ON CONFLICT (municipality_id, email) DO UPDATE SET
                     id = excluded.id, invited_by = excluded.invited_by, created_at = excluded.created_at,
                     expires_at = excluded.expires_at";
        let values = vec![
            new.id.into(),
            new.municipality.into(),
            new.email.clone().into(),
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
    pub async fn take(
        &self,
        id: MunicipalityInvitationId,
        now: DateTime<Utc>,
    ) -> Result<Option<MunicipalityInvitation>, StoreError> {
        let sql = "DELETE FROM municipality_invitation WHERE id = $1 AND expires_at > $2 RETURNING *";
        let values = vec![id.into(), millis(now).into()];
        let taken = self.0.connection().row::<row::Model>(sql, values).await?.map(MunicipalityInvitation::from);
        if taken.is_some() {
            self.0.ended_invitations().note(id.0, InvitationEnding::Accepted, now).await?;
        }
        Ok(taken)
    }

    /// Takes an invitation back. Whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke(
        &self,
        municipality: MunicipalityId,
        id: MunicipalityInvitationId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let sql = "DELETE FROM municipality_invitation WHERE municipality_id = $1 AND id = $2 RETURNING id";
        let values = vec![municipality.into(), id.into()];
        Ok(self.0.ended_invitations().end(sql, values, InvitationEnding::Revoked, now).await? > 0)
    }

    /// Forgets what was not accepted in time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_expired(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let sql = "DELETE FROM municipality_invitation WHERE expires_at <= $1 RETURNING id";
        self.0.ended_invitations().end(sql, vec![millis(now).into()], InvitationEnding::Expired, now).await
    }
}

impl From<row::Model> for MunicipalityInvitation {
    fn from(row: row::Model) -> Self {
        Self {
            id: row.id.into(),
            municipality: row.municipality_id.into(),
            email: row.email,
            invited_by: row.invited_by.into(),
            created_at: instant(row.created_at),
            expires_at: instant(row.expires_at),
        }
    }
}
