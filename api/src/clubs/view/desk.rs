//! What travels between clubs and the town hall.

mod examples;

use super::super::{ENOUGH_MANAGERS, Known};
use super::{Category, ClubView, club_name, description};
use crate::instant::Instant;
use crate::markdown;
use crate::problem::Problem;
use crate::validate::Faults;
use chrono::DateTime;
use entity::{Club, ClubId, ClubPage, ClubState, MediaId, Trust};
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

/// Where a club is in its life.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename = "ClubState", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ClubStateName {
    /// It asked to take part; the town hall decides.
    Applied,
    /// It takes part.
    Active,
    /// The town hall declined, and said why.
    Declined,
    /// Nobody said for a year that it is still there; it rests until a manager does.
    Paused,
    /// Switched off by the town hall.
    Off,
}

/// Whether a club's posts are reviewed.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename = "Trust", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TrustName {
    /// An editor approves each.
    Reviewed,
    /// The club publishes by itself.
    Trusted,
}

/// A club, as its managers and the town hall see it.
#[derive(Object)]
#[oai(rename = "StaffClub", skip_serializing_if_is_none, example)]
pub struct StaffClubView {
    /// What everybody sees, while it takes part.
    pub club: ClubView,
    /// Where it is in its life.
    pub state: ClubStateName,
    /// Whether its posts are reviewed.
    pub trust: TrustName,
    /// Why the town hall declined it or switched it off.
    pub decision: Option<String>,
    /// How many managers it has.
    pub managers: u32,
    /// Whether that is less than two: then it hangs on one person, and is not trusted to publish by itself.
    pub managers_missing: bool,
    /// Rises by one with every change; the `ETag`.
    pub version: i32,
    /// When somebody last said that it is still there.
    pub confirmed_at: Option<Instant>,
    /// When its managers were asked whether it is still there; until they answer. Thirty days later it rests.
    pub asked_at: Option<Instant>,
    /// When it was entered, or applied.
    pub created_at: Instant,
}

/// A page of clubs, for the town hall.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct StaffClubList {
    /// The clubs, by name.
    pub items: Vec<StaffClubView>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
}

/// A club to be entered.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct ClubBody {
    /// Its name in URLs and bodies: 2 to 64 of a–z, 0–9 and single hyphens. It never changes.
    #[oai(validator(min_length = 2, max_length = 64))]
    slug: String,
    /// Its name for people.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    /// What kind of club it is.
    category: Category,
}

/// A change of a club's page: what is absent stays; an empty text takes it away.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct ClubChangeBody {
    /// Its name for people.
    #[serde(default)]
    #[oai(validator(min_length = 1, max_length = 100))]
    name: Option<String>,
    /// What kind of club it is.
    #[serde(default)]
    category: Option<Category>,
    /// What it is and does, Markdown.
    #[serde(default)]
    #[oai(validator(max_length = 10000))]
    description_markdown: Option<String>,
    /// When and where it meets, in words.
    #[serde(default)]
    #[oai(validator(max_length = 500))]
    meeting_times: Option<String>,
    /// Whom to ask.
    #[serde(default)]
    #[oai(validator(max_length = 100))]
    contact_name: Option<String>,
    /// Where to write.
    #[serde(default)]
    #[oai(validator(max_length = 254))]
    contact_email: Option<String>,
    /// Where to call.
    #[serde(default)]
    #[oai(validator(max_length = 40))]
    contact_phone: Option<String>,
    /// Its own page on the web: an http or https address.
    #[serde(default)]
    #[oai(validator(max_length = 300))]
    website: Option<String>,
    /// Its sign: what upload_media gave; null takes it away.
    #[serde(default, deserialize_with = "given")]
    #[oai(nullable)]
    logo: Option<Option<Uuid>>,
}

/// Whether a club's posts are to be reviewed.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct ClubTrustBody {
    /// From now on.
    trust: TrustName,
}

/// Why the town hall decided so.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct ClubDecisionBody {
    /// The reason; those concerned read it.
    #[oai(validator(min_length = 1, max_length = 1000))]
    reason: String,
}

/// A change of a club's page that is not checked yet, and of its sign.
pub struct Change {
    body: ClubChangeBody,
    /// The new sign, if one is given; none to take it away.
    pub logo: Option<Option<MediaId>>,
}

/// Tells "absent" from "null".
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl ClubBody {
    /// Checks the values.
    pub fn checked(self) -> Result<Club, Problem> {
        let mut faults = Faults::default();
        let slug = faults.slug("/slug", &self.slug);
        let page = ClubPage {
            name: club_name(&mut faults, &self.name),
            category: self.category.into(),
            description_markdown: String::new(),
            description_html: String::new(),
            meeting_times: String::new(),
            contact_name: String::new(),
            contact_email: String::new(),
            contact_phone: String::new(),
            website: String::new(),
        };
        faults.into_result(Club {
            id: ClubId::generate(),
            slug,
            page,
            state: ClubState::Active,
            trust: Trust::Reviewed,
            decision: String::new(),
            version: 1,
            confirmed_at: None,
            asked_at: None,
            logo: None,
            contact_by: None,
            created_at: DateTime::UNIX_EPOCH,
        })
    }
}

impl ClubChangeBody {
    /// What is to be changed.
    pub fn change(self) -> Change {
        Change { logo: self.logo.map(|logo| logo.map(MediaId)), body: self }
    }
}

impl Change {
    /// The page with the change made to it; nothing when the page stays as it is.
    pub fn page(&self, before: &ClubPage) -> Result<Option<ClubPage>, Problem> {
        let (body, mut page, mut faults) = (&self.body, before.clone(), Faults::default());
        if let Some(name) = &body.name {
            page.name = club_name(&mut faults, name);
        }
        if let Some(category) = body.category {
            page.category = category.into();
        }
        if let Some(text) = &body.description_markdown {
            page.description_markdown = description(&mut faults, text);
            page.description_html = markdown::to_html(&page.description_markdown);
        }
        if let Some(text) = &body.meeting_times {
            page.meeting_times = faults.paragraphs("/meeting_times", text, 0, 500);
        }
        if let Some(name) = &body.contact_name {
            page.contact_name = faults.line("/contact_name", name, 0, 100);
        }
        if let Some(phone) = &body.contact_phone {
            page.contact_phone = faults.line("/contact_phone", phone, 0, 40);
        }
        if let Some(address) = &body.contact_email {
            let empty = address.trim().is_empty();
            page.contact_email = if empty { String::new() } else { faults.address("/contact_email", address) };
        }
        if let Some(website) = &body.website {
            page.website = web_address(&mut faults, website);
        }
        faults.into_result((page != *before).then_some(page))
    }
}

/// The address of a page on the web, or nothing.
fn web_address(faults: &mut Faults, text: &str) -> String {
    let text = faults.line("/website", text, 0, 300);
    let parsed = reqwest::Url::parse(&text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.host_str().is_some() && url.username().is_empty()
    });
    match parsed {
        Some(url) => url.into(),
        None if text.is_empty() => text,
        None => {
            faults.add("/website", "ist keine Adresse einer Webseite", "is not the address of a web page");
            text
        }
    }
}

impl ClubTrustBody {
    /// The trust.
    pub fn trust(self) -> Trust {
        match self.trust {
            TrustName::Reviewed => Trust::Reviewed,
            TrustName::Trusted => Trust::Trusted,
        }
    }
}

impl ClubDecisionBody {
    /// Checks the reason.
    pub fn checked(self) -> Result<String, Problem> {
        let mut faults = Faults::default();
        let reason = faults.paragraphs("/reason", self.reason.trim(), 1, 1000);
        faults.into_result(reason)
    }
}

impl StaffClubView {
    /// A club as the desk of a village knows it.
    pub fn new(known: &Known, village: &str) -> Self {
        let Known { club, managers } = known;
        Self {
            club: ClubView::new(club, village),
            state: club.state.into(),
            trust: match club.trust {
                Trust::Reviewed => TrustName::Reviewed,
                Trust::Trusted => TrustName::Trusted,
            },
            decision: Some(club.decision.clone()).filter(|text| !text.is_empty()),
            managers: u32::try_from(*managers).unwrap_or(u32::MAX),
            managers_missing: *managers < ENOUGH_MANAGERS,
            version: club.version,
            confirmed_at: club.confirmed_at.map(Into::into),
            asked_at: club.asked_at.map(Into::into),
            created_at: club.created_at.into(),
        }
    }
}

macro_rules! same_states {
    ($($word:ident),+) => {
        impl From<ClubState> for ClubStateName {
            fn from(state: ClubState) -> Self {
                match state { $(ClubState::$word => Self::$word),+ }
            }
        }

        impl From<ClubStateName> for ClubState {
            fn from(state: ClubStateName) -> Self {
                match state { $(ClubStateName::$word => Self::$word),+ }
            }
        }
    };
}

same_states!(Applied, Active, Declined, Paused, Off);
