//! An event as search engines and other sites want it described: JSON-LD of schema.org.

mod schedule;

use crate::app::App;
use crate::authority::InVillage;
use crate::http::{Look, PageCache, PageName, PublicPage};
use crate::local_time::resolved;
use crate::markdown;
use crate::media_links::{self, MediaSize};
use crate::problem::Problem;
use chrono::{NaiveDateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use entity::{EventDates, EventStatus, MediaFormat, Occurrence, OccurrenceState, Post, PostId};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Dates of a series that are told.
const MOST_DATES: usize = 50;

/// Characters of the description.
const LONGEST: usize = 2_000;

/// The description of a public event.
pub async fn event(app: &App, here: &InVillage, id: PostId) -> Result<Arc<PublicPage>, Problem> {
    let now = app.clock.now();
    let making = match PageCache::look(app, here, PageName::LinkedEvent(id)).await? {
        Look::Kept(page) => return Ok(page),
        Look::Missing(making) => making,
    };
    let reader = here.scope.read().await?;
    let post = reader.posts().find_public(id, now).await?.ok_or_else(Problem::not_found)?;
    let dates = post.event.as_ref().ok_or_else(Problem::not_found)?;
    let club = match post.club {
        Some(club) => reader.clubs().find(club).await?.map(|club| club.page.name),
        None => None,
    };
    let coming = match dates.recurs() {
        true => reader.occurrences().of_post(id).await?,
        false => Vec::new(),
    };
    let coming: Vec<Occurrence> = coming.into_iter().filter(|one| one.is.ends_at > now).take(MOST_DATES).collect();
    let described = Described { here, public_url: app.settings.public_url(), post: &post, dates };
    let value = described.whole(club.as_deref(), &coming);
    // As it may stand in a page's `script`, nothing in it can end that.
    let text = value.to_string().replace('<', "\\u003c");
    let until = [post.expires_at, coming.first().map(|one| one.is.ends_at)].into_iter().flatten().min();
    Ok(making.page(|| PublicPage::document("application/ld+json", text, until)).await)
}

struct Described<'a> {
    here: &'a InVillage,
    public_url: String,
    post: &'a Post,
    dates: &'a EventDates,
}

impl Described<'_> {
    fn whole(&self, club: Option<&str>, coming: &[Occurrence]) -> Value {
        let (post, dates) = (self.post, self.dates);
        let mut event = self.one(&post.title, dates.starts_local, dates.ends_local, dates.place.as_deref());
        let village = format!("{}/v1/villages/{}", self.public_url, self.here.village.slug);
        let status = match dates.status {
            EventStatus::Cancelled => "EventCancelled",
            EventStatus::Postponed => "EventPostponed",
            _ => "EventScheduled",
        };
        event.insert("@context".to_owned(), json!("https://schema.org"));
        event.insert("@id".to_owned(), json!(format!("urn:uuid:{}", post.id)));
        event.insert("url".to_owned(), json!(format!("{village}/posts/{}", post.id)));
        let said = markdown::to_plain(&post.body_markdown, LONGEST);
        let description: Vec<&str> =
            dates.note().into_iter().chain([said.as_str()]).filter(|part| !part.is_empty()).collect();
        event.insert("description".to_owned(), json!(description.join("\n\n")));
        event.insert("eventStatus".to_owned(), json!(format!("https://schema.org/{status}")));
        event.insert("inLanguage".to_owned(), json!(self.here.village.language));
        let organizer = club.unwrap_or(&self.here.village.sender_name);
        event.insert("organizer".to_owned(), json!({"@type": "Organization", "name": organizer, "url": village}));
        let images = post.media.iter().filter(|media| media.format != MediaFormat::Pdf).map(|media| {
            format!("{}{}", self.public_url, media_links::path(&self.here.village.slug, media, MediaSize::Full))
        });
        let images: Vec<String> = images.collect();
        if !images.is_empty() {
            event.insert("image".to_owned(), json!(images));
        }
        if let Some(capacity) = dates.capacity {
            event.insert("maximumAttendeeCapacity".to_owned(), json!(capacity));
        }
        if let Some(schedule) = schedule::of(dates) {
            event.insert("eventSchedule".to_owned(), schedule);
        }
        if dates.recurs() {
            event.insert("subEvent".to_owned(), coming.iter().map(|one| self.date(one)).collect());
        }
        event.into()
    }

    /// One date of a series.
    fn date(&self, one: &Occurrence) -> Value {
        let (date, post) = (&one.is, self.post);
        let place = date.place.as_deref().or(self.dates.place.as_deref());
        let title = date.title.as_deref().unwrap_or(&post.title);
        let mut event = self.one(title, date.starts_local, date.ends_local, place);
        let cancelled = date.state == OccurrenceState::Cancelled;
        let moved = date.starts_local != date.recurrence_local;
        let status = match (cancelled, moved) {
            (true, _) => "EventCancelled",
            (false, true) => "EventRescheduled",
            (false, false) => "EventScheduled",
        };
        event.insert("eventStatus".to_owned(), json!(format!("https://schema.org/{status}")));
        if moved && !cancelled {
            event.insert("previousStartDate".to_owned(), json!(self.time(date.recurrence_local)));
        }
        if let Some(note) = &date.note {
            event.insert("description".to_owned(), json!(note));
        }
        event.into()
    }

    /// What an event and a date of it have in common.
    fn one(
        &self,
        name: &str,
        starts: NaiveDateTime,
        ends: Option<NaiveDateTime>,
        place: Option<&str>,
    ) -> Map<String, Value> {
        let mut event = Map::new();
        event.insert("@type".to_owned(), json!("Event"));
        event.insert("name".to_owned(), json!(name));
        event.insert("startDate".to_owned(), json!(self.time(starts)));
        // A last day belongs to the event here, unlike in calendars.
        let ends =
            if self.dates.all_day { ends.and_then(|ends| ends.checked_sub_days(chrono::Days::new(1))) } else { ends };
        if let Some(ends) = ends {
            event.insert("endDate".to_owned(), json!(self.time(ends)));
        }
        event.insert("eventAttendanceMode".to_owned(), json!("https://schema.org/OfflineEventAttendanceMode"));
        let (village, dates) = (&self.here.village.name, self.dates);
        let address = dates.address.as_deref().unwrap_or(village);
        let mut location = json!({"@type": "Place", "name": place.unwrap_or(village), "address": address});
        if let Some((latitude, longitude)) = dates.position {
            location["geo"] = json!({"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude});
        }
        event.insert("location".to_owned(), location);
        event
    }

    /// A time with the offset of its zone, or a day.
    fn time(&self, local: NaiveDateTime) -> String {
        if self.dates.all_day {
            return local.format("%Y-%m-%d").to_string();
        }
        let zone: Tz = self.dates.zone.parse().unwrap_or(Tz::UTC);
        let (_, at) = resolved(local, zone);
        at.with_timezone(&Utc).with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, false)
    }
}
