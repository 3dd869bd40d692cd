//! Roles: what an account may do in a village, or for one of its clubs, always or for a time.

use crate::error::StoreError;
use crate::ids::{AccountId, ClubId, RoleId, VillageId};
use crate::instant::{instant, millis};
use crate::scope::{Connected, InVillage, Registry, Village, VillageTx, store};
use crate::session::end_log_ins;
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, IntoActiveModel};

pub(crate) mod row {
    use super::RoleKind;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "role")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub kind: RoleKind,
        pub created_at: i64,
        pub club_id: Option<Uuid>,
        pub starts_at: Option<i64>,
        pub ends_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a role allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum RoleKind {
    /// Everything in the village: topics, clubs, staff, and all that an editor may.
    Admin = 0,
    /// Writing, reviewing, publishing and withdrawing posts.
    Editor = 1,
    /// Writing posts that an editor always reviews.
    Contributor = 2,
    /// A club's page, its members' roles, and all that its authors may.
    ClubManager = 3,
    /// Writing posts in the name of a club.
    ClubAuthor = 4,
}

impl RoleKind {
    /// What it is called in logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Editor => "editor",
            Self::Contributor => "contributor",
            Self::ClubManager => "club_manager",
            Self::ClubAuthor => "club_author",
        }
    }
}

/// When a role holds: from `starts` on, until `ends`; each for ever when absent. A stand-in has both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Term {
    /// From when on.
    pub starts: Option<DateTime<Utc>>,
    /// Until when.
    pub ends: Option<DateTime<Utc>>,
}

/// A role to be given.
#[derive(Clone, Copy, Debug)]
pub struct NewRole {
    /// To whom.
    pub account: AccountId,
    /// What.
    pub kind: RoleKind,
    /// For which club; exactly for the roles of clubs.
    pub club: Option<ClubId>,
    /// When it holds.
    pub term: Term,
}

/// An account's role in one village.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Where.
    pub village: VillageId,
    /// The village's name in URLs.
    pub village_slug: String,
    /// What.
    pub kind: RoleKind,
    /// The slug of the club it is for.
    pub club_slug: Option<String>,
    /// When it holds.
    pub term: Term,
}

/// A member of a village's staff.
#[derive(Clone, Debug)]
pub struct RoleHolder {
    /// The account.
    pub account: AccountId,
    /// The person's name.
    pub name: String,
    /// The address the person logs in with.
    pub email: String,
    /// What the person may do here.
    pub kind: RoleKind,
    /// The slug of the club it is for.
    pub club_slug: Option<String>,
    /// When the role holds.
    pub term: Term,
    /// Whether the person may send alerts here.
    pub may_alert: bool,
}

store!(
    /// The roles in the village, or, in a registry, the roles of one account.
    Roles as roles in Registry, Village, VillageTx
);

#[derive(FromQueryResult)]
struct OwnRole {
    village_id: Uuid,
    slug: String,
    kind: RoleKind,
    starts_at: Option<i64>,
    ends_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct Held {
    account_id: Uuid,
    name: String,
    email: String,
    kind: RoleKind,
    club_slug: Option<String>,
    starts_at: Option<i64>,
    ends_at: Option<i64>,
    may_alert: bool,
}

impl Roles<'_, Registry> {
    /// The roles of one account in all villages: what it may know about itself. The clubs' names are not among it: they are
    /// inside the villages.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(&self, account: AccountId) -> Result<Vec<Role>, StoreError> {
        self.0.as_account(account).await?;
        let sql = "SELECT r.village_id, v.slug, r.kind, r.starts_at, r.ends_at
                   FROM role r JOIN village v ON v.id = r.village_id
                   WHERE r.account_id = $1 ORDER BY v.name, v.id, r.kind, r.id";
        let rows = self.0.connection().rows::<OwnRole>(sql, vec![account.into()]).await?;
        Ok(rows
            .into_iter()
            .map(|row| Role {
                village: row.village_id.into(),
                village_slug: row.slug,
                kind: row.kind,
                club_slug: None,
                term: Term::of(row.starts_at, row.ends_at),
            })
            .collect())
    }
}

impl<S: InVillage> Roles<'_, S> {
    /// The staff of this village, by name. A village has a few dozen at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<Vec<RoleHolder>, StoreError> {
        let sql = "SELECT r.account_id, a.name, a.email, r.kind, c.slug AS club_slug, r.starts_at, r.ends_at,
                          EXISTS (SELECT 1 FROM alert_right g
                                  WHERE g.village_id = r.village_id AND g.account_id = r.account_id) AS may_alert
                   FROM role r JOIN account a ON a.id = r.account_id
                   LEFT JOIN club c ON c.village_id = r.village_id AND c.id = r.club_id
                   WHERE r.village_id = $1 ORDER BY a.name, a.id, r.kind, r.id";
        let rows = self.0.connection().rows::<Held>(sql, vec![self.0.village_id().into()]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

impl Roles<'_, VillageTx> {
    /// Gives an account a role here.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when it has this role, or any in this club; [`StoreError::Referenced`] when the club is not here.
    pub async fn grant(&self, role: NewRole, now: DateTime<Utc>) -> Result<(), StoreError> {
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: RoleId::generate().0,
            account_id: role.account.0,
            kind: role.kind,
            created_at: millis(now),
            club_id: role.club.map(|club| club.0),
            starts_at: role.term.starts.map(millis),
            ends_at: role.term.ends.map(millis),
        };
        row.into_active_model().insert(self.0.connection()).await?;
        Ok(())
    }

    /// Gives an account a role of the village's own here, in place of the same one with another term.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn replace(&self, role: NewRole, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "DELETE FROM role WHERE village_id = $1 AND account_id = $2 AND kind = $3 AND club_id IS NULL";
        let values = vec![self.0.village_id().into(), role.account.into(), (role.kind as i16).into()];
        self.0.connection().run(sql, values).await?;
        self.grant(role, now).await
    }

    /// Takes an account's role of this kind away, at once, and ends its log-ins: that of one club, or the one that is no club's.
    /// Whether it had it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke(&self, account: AccountId, kind: RoleKind, club: Option<ClubId>) -> Result<bool, StoreError> {
        let mut sql = "DELETE FROM role WHERE village_id = $1 AND account_id = $2 AND kind = $3".to_owned();
        let mut values = vec![self.0.village_id().into(), account.into(), (kind as i16).into()];
        match club {
            Some(club) => {
                sql.push_str(" AND club_id = $4");
                values.push(club.into());
            }
            None => sql.push_str(" AND club_id IS NULL"),
        }
        let revoked = self.0.connection().run(&sql, values).await? > 0;
        if revoked {
            end_log_ins(self.0.connection(), account).await?;
        }
        Ok(revoked)
    }
}

impl Term {
    pub(crate) fn of(starts: Option<i64>, ends: Option<i64>) -> Self {
        Self { starts: starts.map(instant), ends: ends.map(instant) }
    }
}

impl From<Held> for RoleHolder {
    fn from(row: Held) -> Self {
        Self {
            account: row.account_id.into(),
            name: row.name,
            email: row.email,
            kind: row.kind,
            club_slug: row.club_slug,
            term: Term::of(row.starts_at, row.ends_at),
            may_alert: row.may_alert,
        }
    }
}
