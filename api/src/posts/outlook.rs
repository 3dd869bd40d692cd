//! What becomes of the dates of an event that somebody writes: the next ones, and what else is on these days. It warns and never
//! forbids.

mod examples;

use super::event_view::{EventBody, EventView, Place};
use crate::app::App;
use crate::authority::Author;
use crate::instant::Instant;
use crate::local_time::{resolved, written};
use crate::message::{Words, Years};
use crate::problem::Problem;
use crate::recurrence;
use crate::validate::Faults;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use entity::{EventDates, ListedOccurrence, NewOccurrence, OccurrenceState, Post, PostState, VillageTx};
use poem_openapi::Object;
use serde::Deserialize;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Dates that are shown.
const NEXT: usize = 10;

/// Dates that are shown of what was saved.
const NEXT_OF_SAVED: usize = 5;

/// Dates whose days are looked at for other events.
const LOOKED_AT: usize = 100;

/// Clashes that are shown.
const MOST: u64 = 50;

/// An event to look at before it is saved.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct EventPreviewBody {
    /// The event.
    event: EventBody,
    /// The post whose event it is or will be, when there is one: it does not clash with itself.
    #[serde(default)]
    post: Option<Uuid>,
}

/// What would become of an event.
#[derive(Object)]
#[oai(rename = "EventPreview", example)]
pub struct EventPreview {
    /// The event as it would be stored; `summary` says it in words.
    event: EventView,
    /// Its next dates, ten at most.
    next_dates: Vec<NextDate>,
    /// What else is planned on days of the event. A warning: it can be saved all the same.
    clashes: Vec<Clash>,
}

/// What is ahead of an event that was saved.
#[derive(Object)]
#[oai(example)]
pub struct EventOutlook {
    /// Its next dates, five at most.
    next_dates: Vec<NextDate>,
    /// What else is planned on days of the event. A warning: it was saved all the same.
    clashes: Vec<Clash>,
}

/// A date of an event.
#[derive(Object)]
#[oai(rename = "EventDate", skip_serializing_if_is_none, example)]
pub struct NextDate {
    /// The wall clock at its start; for whole days a date.
    starts_local: String,
    /// The wall clock at its end, which is not part of it.
    ends_local: Option<String>,
    /// When it begins.
    starts_at: Instant,
    /// Whether it is cancelled.
    cancelled: bool,
}

/// Something else on a day of an event. `title` is present when it is public or yours to see.
#[derive(Object)]
#[oai(rename = "EventClash", skip_serializing_if_is_none, example)]
pub struct Clash {
    /// The wall clock at its start; for whole days a date.
    starts_local: String,
    /// The wall clock at its end, which is not part of it.
    ends_local: Option<String>,
    /// Where it is, in words.
    place: Option<String>,
    /// The slug of the club whose it is; absent for the town hall.
    club: Option<String>,
    /// Whether it is public.
    public: bool,
    /// Its title.
    title: Option<String>,
}

/// Looks at an event before it is saved.
pub async fn preview(app: &App, author: &Author, body: EventPreviewBody) -> Result<EventPreview, Problem> {
    let now = app.clock.now();
    let mut faults = Faults::default();
    let place = Place::of(app, &author.here.village).await?;
    let dates = body.event.checked(&mut faults, &place, None);
    let dates = faults.into_result(dates)?;
    let event = recurrence::plan(dates, now).map_err(super::refused)?;
    let next: Vec<&NewOccurrence> = event.occurrences.iter().filter(|date| date.ends_at >= now).collect();
    let days = days(&event.dates, &next);
    let clashes = author.here.scope.read().await?.occurrences().planned(&days, body.post.map(Into::into), MOST).await?;
    let all_day = event.dates.all_day;
    let words = Words::of(&author.here.village, now, Years::Always);
    Ok(EventPreview {
        event: EventView::new(&event.dates, None).said_by(&event.dates, &words),
        next_dates: next.iter().take(NEXT).map(|date| NextDate::new(date, all_day)).collect(),
        clashes: clashes.iter().map(|date| Clash::new(date, author)).collect(),
    })
}

/// What is ahead of the event of a post that is being saved; nothing of other posts.
pub async fn of_saved(
    tx: &VillageTx,
    author: &Author,
    post: &Post,
    now: DateTime<Utc>,
) -> Result<Option<EventOutlook>, Problem> {
    let Some(event) = &post.event else { return Ok(None) };
    let coming = tx.occurrences().not_over(post.id, now, LOOKED_AT as u64).await?;
    let next: Vec<&NewOccurrence> = coming.iter().map(|date| &date.is).collect();
    let clashes = tx.occurrences().planned(&days(event, &next), Some(post.id), MOST).await?;
    Ok(Some(EventOutlook {
        next_dates: next.iter().take(NEXT_OF_SAVED).map(|date| NextDate::new(date, event.all_day)).collect(),
        clashes: clashes.iter().map(|date| Clash::new(date, author)).collect(),
    }))
}

/// The days of dates that take place, as spans.
fn days(event: &EventDates, next: &[&NewOccurrence]) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let zone: chrono_tz::Tz = event.zone.parse().unwrap_or(chrono_tz::UTC);
    let taking_place = next.iter().filter(|date| date.state != OccurrenceState::Cancelled);
    let days: BTreeSet<_> = taking_place.take(LOOKED_AT).map(|date| date.starts_local.date()).collect();
    let day = |day: chrono::NaiveDate| {
        let begins = day.and_time(NaiveTime::MIN);
        (resolved(begins, zone).1, resolved(begins + TimeDelta::days(1), zone).1)
    };
    days.into_iter().map(day).collect()
}

impl NextDate {
    fn new(date: &NewOccurrence, all_day: bool) -> Self {
        Self {
            starts_local: written(date.starts_local, all_day),
            ends_local: date.ends_local.map(|end| written(end, all_day)),
            starts_at: date.starts_at.into(),
            cancelled: date.state == OccurrenceState::Cancelled,
        }
    }
}

impl Clash {
    fn new(date: &ListedOccurrence, by: &Author) -> Self {
        let is = &date.occurrence.is;
        let public = date.post_state == PostState::Published;
        let seen = public || by.sees_what(date.club, date.author);
        Self {
            starts_local: written(is.starts_local, date.all_day),
            ends_local: is.ends_local.map(|end| written(end, date.all_day)),
            place: date.place.clone(),
            club: date.club_slug.clone(),
            public,
            title: seen.then(|| date.title.clone()),
        }
    }
}
