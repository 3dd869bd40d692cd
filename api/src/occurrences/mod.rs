//! The occurrences of a village: the dates of its events that residents read, and all those that are planned, for who plans one.

mod routes;
mod view;

pub use routes::OccurrenceRoutes;

use crate::app::App;
use crate::authority::{Author, InVillage};
use crate::http::{Cursors, Look, PageCache, PageName, PublicPage};
use crate::local_time::resolved;
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use chrono::{DateTime, NaiveTime, SecondsFormat, TimeDelta, Utc};
use entity::{ClubState, ListedOccurrence, OccurrencePlace, OccurrenceQuery};
use std::sync::Arc;
use uuid::Uuid;
use view::{OccurrenceList, OccurrenceView, PlannedDateView, PlannedDates};

/// The longest window that residents read at once.
const LONGEST: TimeDelta = TimeDelta::days(400);

/// The longest window of planned dates.
const LONGEST_PLANNED: TimeDelta = TimeDelta::days(100);

/// Planned dates that a window shows, at most.
const MOST: u64 = 1000;

/// Which page of the dates, as somebody asks for it.
struct Wanted {
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    topic: Option<String>,
    club: Option<String>,
    cursor: Option<String>,
    limit: u64,
}

/// Which page of the dates.
struct DatesPage {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    wanted: Wanted,
}

impl Wanted {
    /// The window: today and a month unless given.
    fn page(self, here: &InVillage, now: DateTime<Utc>) -> Result<DatesPage, Problem> {
        let zone: chrono_tz::Tz = here.village.zone.parse().unwrap_or(chrono_tz::UTC);
        let today = now.with_timezone(&zone).date_naive().and_time(NaiveTime::MIN);
        let from = self.from.unwrap_or_else(|| resolved(today, zone).1);
        let to = match self.to {
            Some(to) => to,
            None => from.checked_add_signed(TimeDelta::days(31)).unwrap_or(from),
        };
        window(from, to, LONGEST)?;
        Ok(DatesPage { from, to, wanted: self })
    }
}

fn window(from: DateTime<Utc>, to: DateTime<Utc>, longest: TimeDelta) -> Result<(), Problem> {
    if to >= from && to.signed_duration_since(from) <= longest {
        return Ok(());
    }
    let days = longest.num_days();
    let detail = Text::new(
        format!("muss höchstens {days} Tage nach from liegen"),
        format!("must be at most {days} days after from"),
    );
    Err(Problem::with_fault(ProblemKind::InvalidParameter, "to", detail))
}

impl DatesPage {
    fn name(&self, after: Option<OccurrencePlace>) -> PageName {
        PageName::Occurrences {
            from: self.from,
            to: self.to,
            topic: self.wanted.topic.clone(),
            club: self.wanted.club.clone(),
            after,
            limit: self.wanted.limit,
        }
    }

    fn cursors<'a>(&self, app: &'a App, here: &InVillage) -> Cursors<'a> {
        let (topic, club) = (&self.wanted.topic, &self.wanted.club);
        Cursors::of(
            &app.secrets,
            format!("occurrences {} {} {} {topic:?} {club:?}", here.village.id, self.from, self.to),
        )
    }

    fn link(&self, village: &str, cursor: &str) -> String {
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let mut link = format!(
            "/v1/villages/{village}/occurrences?cursor={cursor}&limit={}&from={}&to={}",
            self.wanted.limit,
            time(self.from),
            time(self.to)
        );
        for (name, slug) in [("topic", &self.wanted.topic), ("club", &self.wanted.club)] {
            if let Some(slug) = slug {
                link.push_str(&format!("&{name}={slug}"));
            }
        }
        link
    }
}

/// A page of the dates of public events.
async fn occurrences(app: &App, here: &InVillage, wanted: Wanted) -> Result<Arc<PublicPage>, Problem> {
    let now = app.clock.now();
    let page = wanted.page(here, now)?;
    let after = match &page.wanted.cursor {
        Some(cursor) => page.cursors(app, here).read(Some(cursor), place)?,
        None => None,
    };
    let making = match PageCache::look(app, here, page.name(after)).await? {
        Look::Kept(page) => return Ok(page),
        Look::Missing(making) => making,
    };
    let mut dates = read(here, &page, after, now).await?;
    let limit = page.wanted.limit;
    let more = dates.len() as u64 > limit;
    dates.truncate(limit as usize);
    let next_cursor = dates.last().filter(|_| more).map(|last| page.cursors(app, here).write(&bytes(last)));
    let next = next_cursor.as_ref().map(|cursor| page.link(&here.village.slug, cursor));
    let expiry = dates.iter().filter_map(|date| date.expires_at).min();
    let items = dates.iter().map(OccurrenceView::new).collect();
    Ok(making.page(|| PublicPage::list(&OccurrenceList { items, next_cursor }, next, expiry)).await)
}

async fn read(
    here: &InVillage,
    page: &DatesPage,
    after: Option<OccurrencePlace>,
    now: DateTime<Utc>,
) -> Result<Vec<ListedOccurrence>, Problem> {
    let reader = here.scope.read().await?;
    let topic = match &page.wanted.topic {
        Some(slug) => Some(reader.topics().by_slug(slug).await?.ok_or_else(Problem::not_found)?.id),
        None => None,
    };
    let club = match &page.wanted.club {
        Some(slug) => {
            let club = reader.clubs().by_slug(slug).await?.filter(|club| club.state == ClubState::Active);
            Some(club.ok_or_else(Problem::not_found)?.id)
        }
        None => None,
    };
    let limit = page.wanted.limit + 1;
    let query = OccurrenceQuery { from: page.from, to: page.to, topic, club, after, limit, now };
    Ok(reader.occurrences().public(&query).await?)
}

/// All dates of a window that are planned or public; of what others plan, no more than who, where and when.
async fn planned(author: &Author, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<PlannedDates, Problem> {
    window(from, to, LONGEST_PLANNED)?;
    let dates = author.here.scope.read().await?.occurrences().planned(&[(from, to)], None, MOST).await?;
    Ok(PlannedDates { items: dates.iter().map(|date| PlannedDateView::new(date, author)).collect() })
}

fn bytes(date: &ListedOccurrence) -> Vec<u8> {
    let starts_at = date.occurrence.is.starts_at.timestamp_millis();
    [starts_at.to_be_bytes().as_slice(), date.occurrence.id.0.as_bytes()].concat()
}

fn place(bytes: &[u8]) -> Option<OccurrencePlace> {
    let (starts_at, id) = bytes.split_at_checked(8)?;
    let starts_at = DateTime::from_timestamp_millis(i64::from_be_bytes(starts_at.try_into().ok()?))?;
    Some(OccurrencePlace { starts_at, id: Uuid::from_slice(id).ok()?.into() })
}
