//! What becomes of somebody's roles in a village when one more is taken. Of the village's own roles one counts at a time: what is as
//! great and holds as long makes the other superfluous. So somebody has two only as a stand-in, who goes back to the lesser when the
//! time is over. Roles in clubs are apart from these.

use super::role_detail;
use crate::problem::Problem;
use chrono::{DateTime, Utc};
use entity::{AccountId, Deed, NewRole, RoleHolder, RoleKind, Term, VillageTx};

/// Who gives roles: whose account, and which.
#[derive(Clone, Copy)]
pub struct Giver {
    /// The account.
    pub account: AccountId,
    /// What it gives and takes.
    pub gives: &'static [RoleKind],
}

/// A role of the village's own that somebody is offered.
pub struct Offered {
    /// What.
    pub kind: RoleKind,
    /// When it will hold.
    pub term: Term,
    /// Now.
    pub now: DateTime<Utc>,
}

impl Offered {
    /// Whether somebody who holds this role would get nothing by it: has the same, or a greater one for as long.
    pub fn is_nothing_new_to(&self, held: &RoleHolder) -> bool {
        let same = held.kind == self.kind && !self.is_over(held.term);
        same || (is_greater(held.kind, self.kind) && is_own(held) && self.lasts_as_long(held.term, self.term))
    }

    /// Whether this one leaves nothing of a role that is held.
    fn replaces(&self, held: &RoleHolder) -> bool {
        let lesser = is_greater(self.kind, held.kind) && self.lasts_as_long(self.term, held.term);
        held.kind == self.kind || lesser || self.is_over(held.term)
    }

    fn is_over(&self, term: Term) -> bool {
        term.ends.is_some_and(|ends| ends <= self.now)
    }

    /// Whether one holds whenever the other does, from now on.
    fn lasts_as_long(&self, one: Term, other: Term) -> bool {
        let begins = |term: Term| term.starts.map_or(self.now, |starts| starts.max(self.now));
        let outlasts = one.ends.is_none_or(|ends| other.ends.is_some_and(|then| then <= ends));
        begins(one) <= begins(other) && outlasts
    }

    /// Gives it to an account. What it replaces is written down by name, and so is what it did not come up to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give(&self, tx: &VillageTx, account: AccountId) -> Result<String, Problem> {
        let mut detail = role_detail(self.kind, self.term);
        let held: Vec<RoleHolder> = tx.roles().list().await?.into_iter().filter(|it| it.account == account).collect();
        let mut own = held.iter().filter(|held| is_own(held));
        if let Some(greater) = own.find(|held| held.kind != self.kind && self.is_nothing_new_to(held)) {
            detail.push_str(&format!(" (stays {})", role_detail(greater.kind, greater.term)));
            return Ok(detail);
        }
        let replaced: Vec<&RoleHolder> = held.iter().filter(|held| is_own(held) && self.replaces(held)).collect();
        for role in replaced.iter().filter(|role| role.kind != self.kind) {
            tx.roles().revoke(account, role.kind, None).await?;
        }
        let role = NewRole { account, kind: self.kind, club: None, term: self.term };
        tx.roles().replace(role, self.now).await?;
        for role in replaced.into_iter().filter(|role| !self.is_over(role.term)) {
            let change = format!("{} by {detail}", role_detail(role.kind, role.term));
            tx.audit().record(Deed::new(account, "role.replaced", account).detail(change), self.now).await?;
        }
        Ok(detail)
    }
}

fn is_own(held: &RoleHolder) -> bool {
    held.club_slug.is_none()
}

/// Whether a role of the village's own allows more than another.
fn is_greater(one: RoleKind, other: RoleKind) -> bool {
    (one as i16) < (other as i16)
}
