//! Invitations to work for the town hall of a village: each bound to an address and a role, good once and for a while. The token in
//! the link is not stored; it is the row's identifier, signed.

use crate::ended_invitation::InvitationEnding;
use crate::error::StoreError;
use crate::ids::{AccountId, StaffInvitationId};
use crate::instant::{instant, millis};
use crate::role::{RoleKind, Term};
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::{Sql, placeholders};
use chrono::{DateTime, Utc};
use sea_orm::Value;

pub(crate) mod row {
    use crate::role::RoleKind;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "staff_invitation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: RoleKind,
        pub email: String,
        pub starts_at: Option<i64>,
        pub ends_at: Option<i64>,
        pub invited_by: Uuid,
        pub created_at: i64,
        pub expires_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffInvitation {
    /// Its identifier.
    pub id: StaffInvitationId,
    /// As what: admin, editor or contributor.
    pub kind: RoleKind,
    /// To which address, in lower case.
    pub email: String,
    /// When the role will hold.
    pub term: Term,
    /// Who invites.
    pub invited_by: AccountId,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
}

store!(
    /// The invitations to work for the village's town hall.
    StaffInvitations as staff_invitations in Village, VillageTx
);

impl<S: InVillage> StaffInvitations<'_, S> {
    /// An invitation that can still be accepted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: StaffInvitationId, now: DateTime<Utc>) -> Result<Option<StaffInvitation>, StoreError> {
        let sql = "SELECT * FROM staff_invitation WHERE village_id = $1 AND id = $2 AND expires_at > $3";
        let values = vec![self.0.village_id().into(), id.into(), millis(now).into()];
        Ok(self.0.connection().row::<row::Model>(sql, values).await?.map(Into::into))
    }

    /// The invitations that can still be accepted, the oldest first. How many are made in a day is limited, and so is this.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting(&self, now: DateTime<Utc>) -> Result<Vec<StaffInvitation>, StoreError> {
        let sql = "SELECT * FROM staff_invitation WHERE village_id = $1 AND expires_at > $2 ORDER BY id";
        let values = vec![self.0.village_id().into(), millis(now).into()];
        Ok(self.0.connection().rows::<row::Model>(sql, values).await?.into_iter().map(Into::into).collect())
    }
}

impl StaffInvitations<'_, VillageTx> {
    /// An invitation that an address has here, which another one would replace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_address(&self, email: &str, now: DateTime<Utc>) -> Result<Option<StaffInvitation>, StoreError> {
        let sql = "SELECT * FROM staff_invitation WHERE village_id = $1 AND email = $2 AND expires_at > $3";
        let values = vec![self.0.village_id().into(), email.into(), millis(now).into()];
        Ok(self.0.connection().row::<row::Model>(sql, values).await?.map(Into::into))
    }

    /// Invites somebody; an invitation of the same address, to whatever role, is replaced, and its link good no more.
    /// Whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add(&self, new: &StaffInvitation) -> Result<bool, StoreError> {
        let sql = "DELETE FROM staff_invitation WHERE village_id = $1 AND email = $2 RETURNING id";
        let values = vec![self.0.village_id().into(), new.email.clone().into()];
        let ended = self.0.ended_invitations();
        let replaced = ended.end(sql, values, InvitationEnding::Replaced, new.created_at).await? > 0;
        let sql = "INSERT INTO staff_invitation
                     (village_id, id, kind, email, starts_at, ends_at, invited_by, created_at, expires_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                   ON CONFLICT (village_id, email) DO UPDATE SET
                     id = excluded.id, kind = excluded.kind, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
                     invited_by = excluded.invited_by, created_at = excluded.created_at, expires_at = excluded.expires_at";
        let values = vec![
            self.0.village_id().into(),
            new.id.into(),
            (new.kind as i16).into(),
            new.email.clone().into(),
            new.term.starts.map(millis).into(),
            new.term.ends.map(millis).into(),
            new.invited_by.into(),
            millis(new.created_at).into(),
            millis(new.expires_at).into(),
        ];
        self.0.connection().run(sql, values).await?;
        Ok(replaced)
    }

    /// Takes an invitation out, to give the role; of several at once, one gets it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take(&self, id: StaffInvitationId, now: DateTime<Utc>) -> Result<Option<StaffInvitation>, StoreError> {
        let sql = "DELETE FROM staff_invitation WHERE village_id = $1 AND id = $2 AND expires_at > $3 RETURNING *";
        let values = vec![self.0.village_id().into(), id.into(), millis(now).into()];
        let taken = self.0.connection().row::<row::Model>(sql, values).await?.map(StaffInvitation::from);
        if taken.is_some() {
            self.0.ended_invitations().note(id.0, InvitationEnding::Accepted, now).await?;
        }
        Ok(taken)
    }

    /// Takes an invitation to one of these roles back. Whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke(
        &self,
        id: StaffInvitationId,
        kinds: &[RoleKind],
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let sql = format!(
            "DELETE FROM staff_invitation WHERE village_id = $1 AND id = $2 AND kind IN ({}) RETURNING id",
            placeholders(3, kinds.len())
        );
        let mut values: Vec<Value> = vec![self.0.village_id().into(), id.into()];
        values.extend(kinds.iter().map(|kind| Value::from(*kind as i16)));
        Ok(self.0.ended_invitations().end(&sql, values, InvitationEnding::Revoked, now).await? > 0)
    }

    /// Forgets what was not accepted in time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_expired(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let sql = "DELETE FROM staff_invitation WHERE village_id = $1 AND expires_at <= $2 RETURNING id";
        let values = vec![self.0.village_id().into(), millis(now).into()];
        self.0.ended_invitations().end(sql, values, InvitationEnding::Expired, now).await
    }
}

impl From<row::Model> for StaffInvitation {
    fn from(row: row::Model) -> Self {
        Self {
            id: row.id.into(),
            kind: row.kind,
            email: row.email,
            term: Term::of(row.starts_at, row.ends_at),
            invited_by: row.invited_by.into(),
            created_at: instant(row.created_at),
            expires_at: instant(row.expires_at),
        }
    }
}
