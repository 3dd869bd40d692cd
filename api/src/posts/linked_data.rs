//! An event as search engines and other sites want it described: JSON-LD of schema.org.

mod schedule;

use super::ending;
use crate::app::App;
use crate::authority::InVillage;
use crate::http::{Look, PageCache, PageName, PublicPage};
use crate::local_time::{with_offset, written};
use crate::markdown;
use crate::media_links::{self, MediaSize};
use crate::message::{Where, Whether};
use crate::problem::Problem;
use chrono::NaiveDateTime;
use chrono_tz::Tz;
use entity::{EventDates, MediaFormat, Occurrence, Post, PostId};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Dates of a series that are told.
const MOST_DATES: usize = 50;

/// Characters of the description.
const LONGEST: usize = 2_000;

const SCHEDULED: &str = "https://schema.org/EventScheduled";

const RESCHEDULED: &str = "https://schema.org/EventRescheduled";

/// Whether it takes place, as an `EventStatusType`.
fn status(whether: Whether) -> &'static str {
    match whether {
        Whether::TakesPlace | Whether::Perhaps => SCHEDULED,
        Whether::Postponed => "https://schema.org/EventPostponed",
        Whether::Cancelled => "https://schema.org/EventCancelled",
    }
}

/// The description of a public event.
pub async fn event(app: &App, here: &InVillage, id: PostId) -> Result<Arc<PublicPage>, Problem> {
    let now = app.clock.now();
    let making = match PageCache::look(app, here, PageName::LinkedEvent(id)).await? {
        Look::Kept(page) => return Ok(page),
        Look::Missing(making) => making,
    };
    let reader = here.scope.read().await?;
    let Some(post) = reader.posts().find_public(id, now).await? else {
        return Err(ending::gone_or_missing(&reader, id).await?);
    };
    let dates = post.event.as_ref().ok_or_else(Problem::not_found)?;
    let coming = match dates.recurs() {
        true => reader.occurrences().of_post(id).await?,
        false => Vec::new(),
    };
    let coming: Vec<Occurrence> = coming.into_iter().filter(|one| one.is.ends_at > now).take(MOST_DATES).collect();
    let described = Described { here, public_url: app.settings.public_url(), post: &post, dates };
    let value = described.whole(&coming);
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
    fn whole(&self, coming: &[Occurrence]) -> Value {
        let (post, dates) = (self.post, self.dates);
        let mut event = self.one(&post.title, (dates.starts_local, dates.ends_local), Where::of(dates));
        let village = format!("{}/v1/villages/{}", self.public_url, self.here.village.slug);
        event.insert("@context".to_owned(), json!("https://schema.org"));
        event.insert("@id".to_owned(), json!(format!("urn:uuid:{}", post.id)));
        event.insert("url".to_owned(), json!(format!("{village}/posts/{}", post.id)));
        let said = markdown::shortened(&markdown::to_text(&post.body_markdown), LONGEST);
        let description: Vec<&str> =
            dates.note().into_iter().chain([said.as_str()]).filter(|part| !part.is_empty()).collect();
        event.insert("description".to_owned(), json!(description.join("\n\n")));
        event.insert("eventStatus".to_owned(), json!(status(Whether::of(dates.status))));
        event.insert("inLanguage".to_owned(), json!(self.here.village.language));
        let organizer = post.club_name.as_ref().unwrap_or(&self.here.village.sender_name);
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
        let place = Where::of(self.dates).or_at(date.place.as_deref());
        let title = date.title.as_deref().unwrap_or(&post.title);
        let mut event = self.one(title, (date.starts_local, date.ends_local), place);
        let whether = Whether::of_date(self.dates.status, date.state);
        let moved = date.starts_local != date.recurrence_local && status(whether) == SCHEDULED;
        event.insert("eventStatus".to_owned(), json!(if moved { RESCHEDULED } else { status(whether) }));
        if moved {
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
        (starts, ends): (NaiveDateTime, Option<NaiveDateTime>),
        place: Where<'_>,
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
        let village = &self.here.village.name;
        let address = place.address.unwrap_or(village);
        let mut location = json!({"@type": "Place", "name": place.place.unwrap_or(village), "address": address});
        if let Some((latitude, longitude)) = place.position {
            location["geo"] = json!({"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude});
        }
        event.insert("location".to_owned(), location);
        event
    }

    /// A time with the offset of its zone, or a day.
    fn time(&self, local: NaiveDateTime) -> String {
        match self.dates.all_day {
            true => written(local, true),
            false => with_offset(local, self.dates.zone.parse().unwrap_or(Tz::UTC)),
        }
    }
}
