//! A way out: a push service, or the mail server. Knows whose failures keep whom waiting.
//!
//! What one recipient is answered says something about that recipient. Only what several agree on, while nobody gets through, says
//! something about more: three recipients of a village about that village's sendings, two such villages about the way itself. An
//! attempt that is not the first says nothing new, so what has been refused once cannot keep anybody waiting by being tried
//! again. Whoever gets through proves all of them wrong. An alert is tried once, whatever is known.

use super::gate::{AGAIN, Failure, Found, Gate};
use crate::places::{Places, Whose};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Notification, NotificationId, Reason, Urgency};
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};
use uuid::Uuid;

/// So many recipients of a village must agree.
const RECIPIENTS: usize = 3;

/// So many villages.
const VILLAGES: usize = 2;

/// For how long a refusal may be held against others.
const REMEMBERED: TimeDelta = TimeDelta::minutes(10);

/// Who comes to a way.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// Whose sending it is.
    pub whose: Whose,
    /// Who it is for.
    pub recipient: Uuid,
    /// Which attempt it is, from 1.
    pub number: i32,
    /// The alert that it tells of.
    pub alert: Option<NotificationId>,
}

/// That somebody may send now, and which gates that tries.
#[derive(Debug)]
pub struct Pass {
    attempt: Attempt,
    tries_service: bool,
    tries_all: bool,
    tries_own: bool,
}

/// That somebody may not send yet.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// When to come again.
    pub until: DateTime<Utc>,
    /// Why.
    pub why: Reason,
}

/// The alert that a notification tells of, if it does. What somebody waits for (a confirmation) is urgent too, and no alert.
pub fn alert(notification: &Notification) -> Option<NotificationId> {
    (notification.urgency == Urgency::High && notification.post.is_some()).then_some(notification.id)
}

/// A way out.
pub struct Way {
    /// What it is called in the log.
    name: String,
    /// The longest that a sending takes.
    patience: TimeDelta,
    /// Where to wait for one's turn.
    pub places: Places,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Shut while the other side lets nobody in.
    service: Gate,
    /// The alerts that have tried it while it was shut.
    alerts: HashSet<NotificationId>,
    /// Shut while villages agree that it does not work.
    all: Gate,
    /// Shut while it does not work for one of them.
    own: HashMap<Whose, Gate>,
    /// Who was refused at first since somebody got through.
    refused: HashMap<Whose, Refused>,
}

struct Refused {
    since: DateTime<Utc>,
    recipients: HashSet<Uuid>,
    agree: bool,
}

impl Pass {
    /// Whether it goes out to learn whether others may.
    pub fn is_try(&self) -> bool {
        self.tries_service || self.tries_all || self.tries_own
    }
}

impl Way {
    /// A way with so many places, on which a sending takes at most `patience`.
    pub fn new(name: &str, places: usize, patience: TimeDelta) -> Self {
        Self { name: name.to_owned(), patience, places: Places::new(places), known: Mutex::default() }
    }

    /// Whether nothing has to be remembered of it.
    pub fn is_forgettable(&self) -> bool {
        let known = self.known();
        self.places.are_free() && known.service.is_open() && known.all.is_open() && known.own.is_empty()
    }

    /// Whether somebody may send now.
    ///
    /// # Errors
    /// When to come again, if not.
    pub fn ask(&self, attempt: Attempt, now: DateTime<Utc>) -> Result<Pass, Held> {
        let alert = attempt.alert.filter(|_| attempt.number == 1);
        let known = &mut *self.known();
        let service = match known.service.look(now) {
            // The first of an alert need not wait for the next try.
            Found::Shut { is_idle: true, .. } if alert.is_some_and(|alert| known.alerts.insert(alert)) => Found::Due,
            found => found,
        };
        let (all, own) = match alert {
            Some(_) => (Found::Open, Found::Open),
            None => {
                let own = known.own.get(&attempt.whose).map_or(Found::Open, |gate| gate.look(now));
                (known.all.look(now), own)
            }
        };
        for found in [own, all, service] {
            if let Found::Shut { until, why, .. } = found {
                return Err(Held { until, why });
            }
        }
        let [tries_service, tries_all, tries_own] = [service, all, own].map(|found| found == Found::Due);
        let end = now + self.patience;
        if tries_service {
            known.service.begin(end);
        }
        if tries_all {
            known.all.begin(end);
        }
        if let Some(own) = known.own.get_mut(&attempt.whose).filter(|_| tries_own) {
            own.begin(end);
        }
        Ok(Pass { attempt, tries_service, tries_all, tries_own })
    }

    /// It works: the other side took it, or had something to say about this recipient or message.
    pub fn works(&self, pass: &Pass) {
        let known = &mut *self.known();
        known.service.open();
        known.alerts.clear();
        known.all.open();
        known.own.remove(&pass.attempt.whose);
        known.refused.clear();
    }

    /// The other side answered, and said nothing about others.
    pub fn answers(&self, pass: &Pass) {
        let known = &mut *self.known();
        known.service.open();
        known.learns_nothing(pass);
    }

    /// It did not work for this recipient, which may be anybody's fault.
    pub fn fails(&self, pass: &Pass, failure: &Failure) {
        let known = &mut *self.known();
        known.service.open();
        let was_due = (pass.tries_all, pass.tries_own);
        let whose = pass.attempt.whose;
        let agree = pass.attempt.number == 1 && known.note(&pass.attempt, failure.now);
        self.shut(known, (whose, agree), failure, was_due);
    }

    /// The other side wants nothing from this sender for now.
    pub fn turns_away(&self, pass: &Pass, failure: &Failure) {
        let known = &mut *self.known();
        known.service.open();
        let whose = pass.attempt.whose;
        known.refused_of(whose, failure.now).agree = true;
        self.shut(known, (whose, true), failure, (pass.tries_all, pass.tries_own));
    }

    /// The other side lets nobody in; `cause` says more, if there is more to say.
    pub fn is_down(&self, pass: &Pass, failure: &Failure, cause: &str) {
        let known = &mut *self.known();
        known.learns_nothing(pass);
        if known.service.fail(failure, pass.tries_service) {
            tracing::error!(way = self.name, reason = ?failure.why, cause, "nothing can be sent; one at a time tries until it can");
        }
    }

    /// It was not tried after all.
    pub fn not_tried(&self, pass: &Pass) {
        let known = &mut *self.known();
        known.learns_nothing(pass);
        if pass.tries_service {
            known.service.leave();
        }
    }

    /// Until when whoever just failed for a reason of nobody's in particular waits with the others.
    pub fn held(&self, pass: &Pass, now: DateTime<Utc>) -> Held {
        let known = &*self.known();
        let own = known.own.get(&pass.attempt.whose).map_or(Found::Open, |gate| gate.look(now));
        let gates = [known.service.look(now), known.all.look(now), own];
        let shut = gates.iter().filter_map(|found| match found {
            Found::Shut { until, why, .. } => Some(Held { until: *until, why: *why }),
            Found::Open | Found::Due => None,
        });
        shut.max_by_key(|held| held.until).unwrap_or(Held { until: now + AGAIN, why: Reason::Unavailable })
    }

    /// Shuts what there is agreement on, and makes longer what was tried in vain.
    fn shut(&self, known: &mut Known, (whose, agree): (Whose, bool), failure: &Failure, was_due: (bool, bool)) {
        let (all_was_due, own_was_due) = was_due;
        if (agree || own_was_due) && known.own.entry(whose).or_default().fail(failure, own_was_due) {
            let village = whose.map(|village| village.to_string());
            tracing::warn!(way = self.name, village, reason = ?failure.why, "nothing of a village's gets through; one at a time tries");
        }
        let villages = known.refused.values().filter(|refused| refused.agree).count();
        if (villages >= VILLAGES || all_was_due) && known.all.fail(failure, all_was_due) {
            tracing::error!(way = self.name, reason = ?failure.why, villages, "nobody gets through; one at a time tries");
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Known {
    /// Notes that a first attempt failed; whether enough of its village's recipients agree.
    fn note(&mut self, attempt: &Attempt, now: DateTime<Utc>) -> bool {
        let refused = self.refused_of(attempt.whose, now);
        if refused.recipients.len() < RECIPIENTS {
            refused.recipients.insert(attempt.recipient);
        }
        refused.agree |= refused.recipients.len() >= RECIPIENTS;
        refused.agree
    }

    fn refused_of(&mut self, whose: Whose, now: DateTime<Utc>) -> &mut Refused {
        self.refused.retain(|_, refused| now < refused.since + REMEMBERED);
        let fresh = || Refused { since: now, recipients: HashSet::new(), agree: false };
        self.refused.entry(whose).or_insert_with(fresh)
    }

    fn learns_nothing(&mut self, pass: &Pass) {
        if pass.tries_all {
            self.all.leave();
        }
        if let Some(own) = self.own.get_mut(&pass.attempt.whose).filter(|_| pass.tries_own) {
            own.leave();
        }
    }
}
