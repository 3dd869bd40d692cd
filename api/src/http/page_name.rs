//! What public pages are called in the cache: the village and its generation first, so that no village can read another's page.

use crate::feed_links::FeedForm;
use chrono::{DateTime, NaiveDate, Utc};
use entity::{ClubCategory, ClubId, Generation, OccurrencePlace, Position, PostId, PostKind, SearchTerms, VillageId};

/// Items of a page unless something else is asked for.
const USUAL_LIMIT: u64 = 20;

/// Which page, of which village, in which state of that village.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PageKey {
    /// The village.
    pub village: VillageId,
    /// Its state.
    pub generation: Generation,
    /// Which of its pages.
    pub page: PageName,
}

/// Which page of a village. Made of checked values only, so that no two pages share a name.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum PageName {
    /// Its topics.
    Topics,
    /// A page of its clubs.
    Clubs {
        /// Only of this category.
        category: Option<ClubCategory>,
        /// After this name and identifier.
        after: Option<(String, ClubId)>,
        /// At most this many.
        limit: u64,
    },
    /// The club with this slug.
    Club(String),
    /// Its waste districts.
    WasteDistricts,
    /// The dates of one of them.
    WasteDates {
        /// Its slug.
        district: String,
        /// From this day on.
        first: NaiveDate,
        /// To this one.
        last: NaiveDate,
    },
    /// The dates of one of them as a calendar.
    WasteCalendar {
        /// Its slug.
        district: String,
        /// As it is on this day.
        today: NaiveDate,
    },
    /// One post.
    Post(PostId),
    /// A page of the dates of its events.
    Occurrences {
        /// Not before this instant.
        from: DateTime<Utc>,
        /// Before this instant.
        to: DateTime<Utc>,
        /// Only about the topic with this slug.
        topic: Option<String>,
        /// Only of the club with this slug.
        club: Option<String>,
        /// After this place.
        after: Option<OccurrencePlace>,
        /// At most this many.
        limit: u64,
    },
    /// A page of its feed.
    Feed {
        /// Only of this kind.
        kind: Option<PostKind>,
        /// Only about the topic with this slug.
        topic: Option<String>,
        /// Only with these words.
        terms: SearchTerms,
        /// Only by the club with this slug.
        club: Option<String>,
        /// After this place.
        after: Option<Position>,
        /// At most this many.
        limit: u64,
    },
    /// A page of its feed in another form.
    FeedIn(FeedForm, Box<PageName>),
    /// Its events for calendars.
    Calendar {
        /// Only about the topic with this slug.
        topic: Option<String>,
        /// Only of the club with this slug.
        club: Option<String>,
        /// Only the event of this post.
        post: Option<PostId>,
    },
    /// One event for other sites.
    LinkedEvent(PostId),
}

impl PageName {
    /// Whether it is one of any number of pages that somebody can think up, and that nobody else asks for: found by a search, a
    /// further page, of another length, of other days.
    pub fn is_unusual(&self) -> bool {
        match self {
            Self::Clubs { after, limit, .. } => after.is_some() || *limit != USUAL_LIMIT,
            Self::Feed { terms, after, limit, .. } => !terms.is_empty() || after.is_some() || *limit != USUAL_LIMIT,
            Self::Occurrences { .. } | Self::WasteDates { .. } => true,
            Self::Topics
            | Self::Club(_)
            | Self::WasteDistricts
            | Self::WasteCalendar { .. }
            | Self::Post(_)
            | Self::FeedIn(..)
            | Self::Calendar { .. }
            | Self::LinkedEvent(_) => false,
        }
    }
}
