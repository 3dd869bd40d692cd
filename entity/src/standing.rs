//! Standing: all that an account may do in one village now, put together from its roles there, in the village's municipality,
//! and its right to send alerts.

use crate::club::{ClubState, Trust};
use crate::error::StoreError;
use crate::ids::{AccountId, ClubId};
use crate::instant::millis;
use crate::role::{RoleKind, Roles};
use crate::scope::InVillage;
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// What an account may do in a village at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The roles in the village itself that hold now.
    pub roles: Vec<RoleKind>,
    /// Whether it is an editor of the village's municipality.
    pub of_municipality: bool,
    /// Whether it may send alerts.
    pub may_alert: bool,
    /// Whether the village asks its staff for a second factor.
    pub second_factor_required: bool,
    /// What it is in which clubs.
    pub clubs: Vec<ClubRole>,
}

/// What an account is in a club.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClubRole {
    /// The club.
    pub club: ClubId,
    /// Manager or author.
    pub kind: RoleKind,
    /// Whether the club takes part.
    pub state: ClubState,
    /// Whether its posts are reviewed.
    pub trust: Trust,
}

impl Standing {
    /// Whether there is nothing at all: the village is foreign to the account.
    pub fn is_none(&self) -> bool {
        self.roles.is_empty() && !self.of_municipality && self.clubs.is_empty()
    }

    /// Whether it may do everything in the village.
    pub fn is_admin(&self) -> bool {
        self.roles.contains(&RoleKind::Admin)
    }

    /// Whether it may review, publish and withdraw.
    pub fn is_editor(&self) -> bool {
        self.of_municipality || self.roles.iter().any(|role| matches!(role, RoleKind::Admin | RoleKind::Editor))
    }

    /// Whether it may write for the town hall.
    pub fn writes_for_town_hall(&self) -> bool {
        self.is_editor() || self.roles.contains(&RoleKind::Contributor)
    }

    /// What it is in a club that takes part.
    pub fn in_club(&self, club: ClubId) -> Option<&ClubRole> {
        self.clubs.iter().find(|role| role.club == club && role.state == ClubState::Active)
    }

    /// Whether it manages a club that takes part.
    pub fn manages(&self, club: ClubId) -> bool {
        self.in_club(club).is_some_and(|role| role.kind == RoleKind::ClubManager)
    }
}

#[derive(FromQueryResult)]
struct Right {
    source: i16,
    kind: Option<RoleKind>,
    club_id: Option<Uuid>,
    state: Option<ClubState>,
    trust: Option<Trust>,
}

const OF_ROLE: i16 = 0;
const OF_MUNICIPALITY: i16 = 1;
const OF_VILLAGE: i16 = 3;

impl<S: InVillage> Roles<'_, S> {
    /// What an account may do in this village at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn standing(&self, account: AccountId, now: DateTime<Utc>) -> Result<Standing, StoreError> {
        let sql = "SELECT CAST(0 AS smallint) AS source, r.kind, r.club_id, c.state, c.trust
                   FROM role r LEFT JOIN club c ON c.village_id = r.village_id AND c.id = r.club_id
                   WHERE r.village_id = $1 AND r.account_id = $2
                     AND (r.starts_at IS NULL OR r.starts_at <= $3) AND (r.ends_at IS NULL OR r.ends_at > $3)
                   UNION ALL
                   SELECT CAST(1 AS smallint), NULL, NULL, NULL, NULL
                   FROM municipality_role m JOIN village v ON v.municipality_id = m.municipality_id
                   WHERE v.id = $1 AND m.account_id = $2
                   UNION ALL
                   SELECT CAST(2 AS smallint), NULL, NULL, NULL, NULL
                   FROM alert_right g WHERE g.village_id = $1 AND g.account_id = $2
                   UNION ALL
                   SELECT CAST(3 AS smallint), NULL, NULL, NULL, NULL FROM second_factor_rule f WHERE f.village_id = $1";
        let values = vec![self.0.village_id().into(), account.into(), millis(now).into()];
        let rights = self.0.connection().rows::<Right>(sql, values).await?;
        Ok(rights.into_iter().fold(Standing::default(), Standing::with))
    }
}

impl Standing {
    fn with(mut self, right: Right) -> Self {
        match (right.source, right.kind, right.club_id.zip(right.state).zip(right.trust)) {
            (OF_ROLE, Some(kind), Some(((club, state), trust))) => {
                self.clubs.push(ClubRole { club: club.into(), kind, state, trust });
            }
            (OF_ROLE, Some(kind), None) => self.roles.push(kind),
            (OF_MUNICIPALITY, ..) => self.of_municipality = true,
            (OF_VILLAGE, ..) => self.second_factor_required = true,
            _ => self.may_alert = true,
        }
        self
    }
}
