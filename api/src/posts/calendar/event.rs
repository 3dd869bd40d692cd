//! One event as VEVENT: the event itself, and one more for each date that is different.

use super::text;
use crate::markdown;
use crate::message::{Where, Whether, Words};
use chrono::{DateTime, NaiveDateTime, Utc};
use entity::{AccessFact, EventDates, EventOverride, Post, PostState, Topic, VillageRecord};
use icalendar::{Component, Event, EventLike, Property};

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
    pub fn components(&self, post: &Post, dates: &EventDates) -> Vec<Event> {
        let withdrawn = is_taken_away(post);
        let whether = if withdrawn { Whether::Cancelled } else { Whether::of(dates.status) };
        let said = Said { title: &post.title, place: Where::of(dates), note: dates.note(), whether };
        let when = When { dates, starts: dates.starts_local, ends: dates.ends_local };
        let mut series = self.component(post, &when, &said);
        if let Some(rule) = &dates.rule {
            series.append_property(Property::new("RRULE", rule.as_str()));
        }
        for (name, times) in [("RDATE", &dates.extra_dates), ("EXDATE", &dates.except_dates)] {
            if !times.is_empty() {
                series.append_multi_property(when.property(name, times));
            }
        }
        let mut components = vec![series];
        if dates.recurs() && !withdrawn {
            components.extend(dates.overrides.iter().map(|one| self.different(post, dates, one)));
        }
        components
    }

    fn different(&self, post: &Post, dates: &EventDates, one: &EventOverride) -> Event {
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
        event.append_property(when.property("RECURRENCE-ID", &[one.recurrence_local]));
        event
    }

    fn component(&self, post: &Post, when: &When<'_>, said: &Said<'_>) -> Event {
        let mut event = Event::new();
        let withdrawn = is_taken_away(post);
        let identity = post.event_identity.as_ref();
        let uid = identity.map_or_else(|| post.id.to_string(), |identity| identity.uid.clone());
        let sequence = identity.map_or(0, |identity| identity.sequence) + i32::from(post.state == PostState::Withdrawn);
        event.append_property(Property::new("UID", text::line(&uid)));
        event.append_property(Property::new("SEQUENCE", sequence.to_string()));
        event.append_property(Property::new("DTSTAMP", utc(post.updated_at)));
        event.append_property(Property::new("LAST-MODIFIED", utc(post.updated_at)));
        event.append_property(when.property("DTSTART", &[when.starts]));
        if let Some(ends) = when.ends {
            event.append_property(when.property("DTEND", &[ends]));
        }
        event.append_property(Property::new("STATUS", status(said.whether)));
        event.append_property(Property::new("TRANSP", "TRANSPARENT"));
        event.append_property(self.organizer(post));
        if withdrawn {
            event.summary(said.whether.label(&self.words).unwrap_or_default());
        } else {
            self.describe(&mut event, post, when, said);
        }
        event
    }

    /// Everything of it that people read.
    fn describe(&self, event: &mut Event, post: &Post, when: &When<'_>, said: &Said<'_>) {
        let title = text::line(said.title);
        event.summary(&said.whether.before(&title, &self.words));
        let note = said.note.map(text::plain);
        let words = text::plain(&markdown::shortened(&markdown::to_text(&post.body_markdown), LONGEST));
        let description: Vec<String> = note
            .into_iter()
            .chain([words])
            .chain(self.facts(when.dates, said.place.access))
            .filter(|part| !part.is_empty())
            .collect();
        event.description(&description.join("\n\n"));
        if let Some(place) = said.place.in_words() {
            event.location(&text::line(&place));
        }
        if let Some((latitude, longitude)) = said.place.position {
            event.append_property(Property::new("GEO", format!("{latitude};{longitude}")));
        }
        let slug = &self.village.slug;
        event
            .append_property(Property::new("URL", format!("{}/v1/villages/{slug}/posts/{}", self.public_url, post.id)));
        let topic = post.topic.and_then(|id| self.topics.iter().find(|topic| topic.id == id));
        if let Some(topic) = topic {
            event.append_multi_property(Property::new("CATEGORIES", text::escaped(&topic.name)));
        }
    }

    /// What it costs, where to register, and what somebody who needs it finds there.
    fn facts(&self, dates: &EventDates, access: &[AccessFact]) -> Option<String> {
        let labelled = |de, en, value: &str| format!("{}: {}", self.in_language(de, en), text::line(value));
        let access: Vec<&str> = access.iter().map(|fact| self.access(*fact)).collect();
        let facts = [
            dates.cost.as_deref().map(|cost| labelled("Kosten", "Cost", cost)),
            dates.registration_url.as_deref().map(|url| labelled("Anmeldung", "Registration", url)),
            (!access.is_empty()).then(|| labelled("Zugang", "Access", &access.join(", "))),
        ];
        let facts: Vec<String> = facts.into_iter().flatten().collect();
        (!facts.is_empty()).then(|| facts.join("\n"))
    }

    fn access(&self, fact: AccessFact) -> &'static str {
        match fact {
            AccessFact::StepFree => self.in_language("stufenlos", "step-free"),
            AccessFact::AccessibleToilet => self.in_language("Toilette für Rollstühle", "accessible toilet"),
            AccessFact::AccessibleParking => self.in_language("Behindertenparkplatz", "accessible parking"),
            AccessFact::HearingLoop => self.in_language("Induktionsschleife", "hearing loop"),
            AccessFact::SignLanguage => self.in_language("Gebärdensprache", "sign language"),
            AccessFact::EasyLanguage => self.in_language("Leichte Sprache", "easy language"),
            AccessFact::AssistanceDogs => self.in_language("Assistenzhunde willkommen", "assistance dogs welcome"),
        }
    }

    /// The club that publishes it, or the town hall; both are reached at the village's address.
    fn organizer(&self, post: &Post) -> Property {
        let name = text::parameter(post.club_name.as_ref().unwrap_or(&self.village.sender_name));
        let address = format!("mailto:{}", text::line(&self.village.sender_address));
        Property::new("ORGANIZER", address).add_parameter("CN", &name).done()
    }

    fn in_language(&self, de: &'static str, en: &'static str) -> &'static str {
        self.words.pick(de, en)
    }
}

impl When<'_> {
    /// Times of the event's zone, or its days.
    fn property(&self, name: &str, times: &[NaiveDateTime]) -> Property {
        let format = if self.dates.all_day { "%Y%m%d" } else { "%Y%m%dT%H%M%S" };
        let times: Vec<String> = times.iter().map(|time| time.format(format).to_string()).collect();
        let mut property = Property::new(name, times.join(","));
        match self.dates.all_day {
            true => property.add_parameter("VALUE", "DATE"),
            false => property.add_parameter("TZID", &self.dates.zone),
        };
        property
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

fn utc(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}
