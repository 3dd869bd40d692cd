//! One event as VEVENT: the event itself, and one more for each date that is different.

use crate::ical::{Property, Vevent, line, plain};
use crate::markdown;
use crate::message::{Where, Whether, Words, facts};
use crate::recurrence::Rule;
use chrono::{NaiveDate, NaiveDateTime};
use entity::{AccessFact, EventDates, EventOverride, Post, PostState, Topic, VillageRecord};

/// The longest description, in characters.
const LONGEST: usize = 2_000;

/// What events are written with.
pub struct Context<'a> {
    pub village: &'a VillageRecord,
    pub public_url: String,
    pub topics: Vec<Topic>,
    pub words: Words,
}

/// When a component is.
struct When<'a> {
    dates: &'a EventDates,
    starts: NaiveDateTime,
    ends: Option<NaiveDateTime>,
}

/// What is said of a component.
struct Said<'a> {
    title: &'a str,
    place: Where<'a>,
    note: Option<&'a str>,
    whether: Whether,
}

impl Context<'_> {
    /// An event and its dates that are different.
    pub fn components(&self, post: &Post, dates: &EventDates) -> Vec<Vevent> {
        let withdrawn = is_taken_away(post);
        let whether = if withdrawn { Whether::Cancelled } else { Whether::of(dates.status) };
        let said = Said { title: &post.title, place: Where::of(dates), note: dates.note(), whether };
        let when = When { dates, starts: dates.starts_local, ends: dates.ends_local };
        let mut series = self.component(post, &when, &said);
        if let Some(rule) = &dates.rule {
            series.rule(&Rule::for_calendars(rule, &dates.zone, dates.all_day));
        }
        for (property, times) in [(Property::Rdate, &dates.extra_dates), (Property::Exdate, &dates.except_dates)] {
            if !times.is_empty() {
                when.write(&mut series, property, times);
            }
        }
        let mut components = vec![series];
        if dates.recurs() && !withdrawn {
            components.extend(dates.overrides.iter().map(|one| self.different(post, dates, one)));
        }
        components
    }

    fn different(&self, post: &Post, dates: &EventDates, one: &EventOverride) -> Vevent {
        let starts = one.starts_local.unwrap_or(one.recurrence_local);
        let usual = dates.ends_local.map(|end| starts + (end - dates.starts_local));
        let when = When { dates, starts, ends: one.ends_local.or(usual) };
        let said = Said {
            title: one.title.as_deref().unwrap_or(&post.title),
            place: Where::of(dates).or_at(one.place.as_deref()),
            note: one.note.as_deref(),
            whether: Whether::of_date(dates.status, one.state),
        };
        let mut event = self.component(post, &when, &said);
        when.write(&mut event, Property::RecurrenceId, &[one.recurrence_local]);
        event
    }

    fn component(&self, post: &Post, when: &When<'_>, said: &Said<'_>) -> Vevent {
        let withdrawn = is_taken_away(post);
        let identity = post.event_identity.as_ref();
        let uid = identity.map_or_else(|| post.id.to_string(), |identity| identity.uid.clone());
        let sequence = identity.map_or(0, |identity| identity.sequence) + i32::from(post.state == PostState::Withdrawn);
        let mut event = Vevent::new(&uid, sequence, post.updated_at);
        when.write(&mut event, Property::Dtstart, &[when.starts]);
        if let Some(ends) = when.ends {
            when.write(&mut event, Property::Dtend, &[ends]);
        }
        event.put(Property::Status, status(said.whether).to_owned());
        event.put(Property::Transp, "TRANSPARENT".to_owned());
        event.organizer(post.club_name.as_ref().unwrap_or(&self.village.sender_name), &self.village.sender_address);
        if withdrawn {
            event.text(Property::Summary, said.whether.label(&self.words).unwrap_or_default());
        } else {
            self.describe(&mut event, post, when, said);
        }
        event
    }

    /// Everything of it that people read.
    fn describe(&self, event: &mut Vevent, post: &Post, when: &When<'_>, said: &Said<'_>) {
        event.text(Property::Summary, &line(&said.whether.before(said.title, &self.words)));
        let note = said.note.map(plain);
        let words = plain(&markdown::shortened(&markdown::to_text(&post.body_markdown), LONGEST));
        let description: Vec<String> = note
            .into_iter()
            .chain([words])
            .chain(self.facts(when.dates, said.place.access))
            .filter(|part| !part.is_empty())
            .collect();
        event.text(Property::Description, &description.join("\n\n"));
        if let Some(place) = said.place.in_words() {
            event.text(Property::Location, &line(&place));
        }
        if let Some(position) = said.place.position {
            event.position(position);
        }
        event.put(Property::Url, format!("{}/v1/villages/{}/posts/{}", self.public_url, self.village.slug, post.id));
        let topic = post.topic.and_then(|id| self.topics.iter().find(|topic| topic.id == id));
        if let Some(topic) = topic {
            event.text(Property::Categories, &line(&topic.name));
        }
    }

    /// What it costs, where to register, and what somebody who needs it finds there.
    fn facts(&self, dates: &EventDates, access: &[AccessFact]) -> Option<String> {
        let facts = facts::of(dates, access, &self.words);
        let facts: Vec<String> = facts.iter().map(|fact| line(&fact.line())).collect();
        (!facts.is_empty()).then(|| facts.join("\n"))
    }
}

impl When<'_> {
    /// Writes times of the event's zone, or its days.
    fn write(&self, event: &mut Vevent, property: Property, times: &[NaiveDateTime]) {
        if self.dates.all_day {
            let days: Vec<NaiveDate> = times.iter().map(NaiveDateTime::date).collect();
            event.days(property, &days);
        } else {
            event.times(property, times, &self.dates.zone);
        }
    }
}

/// Whether it is told as cancelled, without a word of what it said.
fn is_taken_away(post: &Post) -> bool {
    matches!(post.state, PostState::Withdrawn | PostState::Hidden)
}

/// What was postponed does not take place when it was to.
fn status(whether: Whether) -> &'static str {
    match whether {
        Whether::TakesPlace => "CONFIRMED",
        Whether::Perhaps => "TENTATIVE",
        Whether::Cancelled | Whether::Postponed => "CANCELLED",
    }
}
