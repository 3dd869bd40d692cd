//! How invitations ended, whatever they were to, so that the link in the mail can say it. Only whoever has the link can ask: the
//! identifier is in its signed token. Nothing here tells of whom, by whom or to what.

use crate::error::StoreError;
use crate::instant::millis;
use crate::scope::{Connected, Registry, RegistryTx, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, Value};

pub(crate) mod row {
    use super::InvitationEnding;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "ended_invitation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub ending: InvitationEnding,
        pub ended_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// How an invitation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum InvitationEnding {
    /// Somebody accepted it.
    Accepted = 0,
    /// It was taken back.
    Revoked = 1,
    /// Another one to the same address took its place.
    Replaced = 2,
    /// Nobody accepted it in time.
    Expired = 3,
}

store!(
    /// How invitations ended.
    EndedInvitations as ended_invitations in Registry, RegistryTx, Village, VillageTx
);

/// An invitation that was deleted.
#[derive(FromQueryResult)]
struct Deleted {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct Ended {
    ending: InvitationEnding,
}

impl<S: Connected> EndedInvitations<'_, S> {
    /// How the invitation with this identifier ended, unless it has not or that is forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: Uuid) -> Result<Option<InvitationEnding>, StoreError> {
        let sql = "SELECT ending FROM ended_invitation WHERE id = $1";
        Ok(self.0.connection().row::<Ended>(sql, vec![id.into()]).await?.map(|row| row.ending))
    }

    /// Ends the invitations that this statement deletes and returns the `id` of. How many there were.
    pub(crate) async fn end(
        &self,
        deleting: &str,
        values: Vec<Value>,
        ending: InvitationEnding,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let deleted = self.0.connection().rows::<Deleted>(deleting, values).await?;
        for invitation in &deleted {
            self.note(invitation.id, ending, now).await?;
        }
        Ok(deleted.len() as u64)
    }

    /// Notes how an invitation ended.
    pub(crate) async fn note(&self, id: Uuid, ending: InvitationEnding, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "INSERT INTO ended_invitation (id, ending, ended_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING";
        let values = vec![id.into(), (ending as i16).into(), millis(now).into()];
        self.0.connection().run(sql, values).await.map(drop)
    }
}

impl EndedInvitations<'_, RegistryTx> {
    /// Forgets what ended before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_before(&self, then: DateTime<Utc>) -> Result<u64, StoreError> {
        self.0.connection().run("DELETE FROM ended_invitation WHERE ended_at < $1", vec![millis(then).into()]).await
    }
}
