//! What travels about clubs.

mod desk;
mod examples;
mod people;

pub use desk::{
    Change, ClubBody, ClubChangeBody, ClubDecisionBody, ClubStateName, ClubTrustBody, StaffClubList, StaffClubView,
};
pub use people::{
    ClubInvitationBody, ClubInvitationList, ClubInvitationView, ClubMemberList, Invited, invitation_answer,
};

use crate::markdown;
use crate::media_links::{self, MediaSize};
use crate::problem::Problem;
use crate::text::Language;
use crate::validate::Faults;
use entity::{Club, ClubApplication, ClubApplicationId, ClubCategory};
use poem_openapi::{Enum, Object};
use serde::Deserialize;

/// Longest description of a club, in characters.
const LONGEST_DESCRIPTION: usize = 10_000;

/// What kind of club it is.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename = "ClubCategory", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Sport.
    Sport,
    /// Music, theatre, culture.
    Culture,
    /// Fire brigade, rescue, civil protection.
    Rescue,
    /// Church and faith.
    Faith,
    /// Children, youth, school, kindergarten.
    Youth,
    /// Local history and customs.
    Heritage,
    /// Nature, animals, gardens.
    Nature,
    /// Help and social matters.
    Social,
    /// Something else.
    Other,
}

/// A club, as everybody sees it.
#[derive(Object)]
#[oai(rename = "Club", skip_serializing_if_is_none, example)]
pub struct ClubView {
    /// Its name in URLs and bodies, such as `gesangverein`.
    slug: String,
    /// Its name for people.
    name: String,
    /// What kind of club it is.
    category: Category,
    /// What it is and does, Markdown.
    description_markdown: String,
    /// The same as sanitised HTML.
    description_html: String,
    /// When and where it meets, in words.
    meeting_times: Option<String>,
    /// Whom to ask.
    contact_name: Option<String>,
    /// Where to write.
    contact_email: Option<String>,
    /// Where to call.
    contact_phone: Option<String>,
    /// Its own page on the web.
    website: Option<String>,
    /// Its sign.
    logo: Option<ClubLogoView>,
}

/// The image that stands for a club.
#[derive(Object)]
#[oai(rename = "ClubLogo", example)]
pub struct ClubLogoView {
    /// Where it is, in full.
    url: String,
    /// Where it is, for lists.
    thumbnail_url: String,
    /// What is seen on it, for those who do not see it.
    alt: String,
}

/// A page of clubs.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct ClubList {
    /// The clubs, by name.
    pub items: Vec<ClubView>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
}

/// What somebody says who applies for a club.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct ClubApplicationBody {
    /// The club's name.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    /// What kind of club it is.
    category: Category,
    /// What it is and does, Markdown.
    #[serde(default)]
    #[oai(validator(max_length = 10000), default)]
    description_markdown: String,
    /// Who applies.
    #[oai(validator(min_length = 1, max_length = 100))]
    contact_name: String,
    /// Where the answer goes. The link in a mail to it has to be followed first.
    #[oai(validator(max_length = 254))]
    contact_email: String,
}

/// The token of a link in a mail about a club.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct ClubTokenBody {
    /// The last part of the link.
    #[oai(validator(max_length = 128))]
    pub token: String,
}

impl ClubApplicationBody {
    /// Checks the values.
    pub fn checked(self, language: Language) -> Result<ClubApplication, Problem> {
        let mut faults = Faults::default();
        let application = ClubApplication {
            id: ClubApplicationId::generate(),
            name: club_name(&mut faults, &self.name),
            category: self.category.into(),
            description_markdown: description(&mut faults, &self.description_markdown),
            contact_name: faults.line("/contact_name", &self.contact_name, 1, 100),
            contact_email: faults.address("/contact_email", &self.contact_email),
            language: language.tag().to_owned(),
        };
        faults.into_result(application)
    }
}

/// Checks a club's name. It is in the subjects of mails to strangers, so it is no place for links.
fn club_name(faults: &mut Faults, text: &str) -> String {
    let name = faults.line("/name", text, 1, 100);
    if name.contains("://") || name.split_whitespace().any(reads_as_link) {
        faults.add(
            "/name",
            "darf keine Adresse im Netz enthalten; nach einem Punkt steht ein Leerzeichen",
            "must not contain a web address; a full stop is followed by a space",
        );
    }
    name
}

/// Whether mail programs make a link of a word, also without `https://`: letters after a dot to the end of a name, as in `dorf.de` or
/// `dorf.de/a`, not `e.V.`, and not `1.FC`.
fn reads_as_link(word: &str) -> bool {
    word.match_indices(['.', '。', '．', '｡']).any(|(at, dot)| {
        let (before, after) = (&word[..at], &word[at + dot.len()..]);
        let rest = after.trim_start_matches(char::is_alphabetic);
        let letters = after[..after.len() - rest.len()].chars().count();
        let label = before.rsplit(|c: char| !c.is_alphanumeric() && c != '-').next().unwrap_or_default();
        let is_named = label.contains(char::is_alphabetic) || (!label.is_empty() && rest.starts_with('/'));
        is_named && letters >= 2 && !rest.starts_with(char::is_alphanumeric)
    })
}

/// Checks a description.
fn description(faults: &mut Faults, text: &str) -> String {
    let text = faults.paragraphs("/description_markdown", text, 0, LONGEST_DESCRIPTION);
    if text.chars().count() <= LONGEST_DESCRIPTION && markdown::nests_too_deep(&text) {
        faults.add(
            "/description_markdown",
            "ist zu tief verschachtelt, oder die Tabellen sind zu groß",
            "is nested too deeply, or its tables are too large",
        );
    }
    text
}

impl ClubView {
    /// A club of a village.
    pub fn new(club: &Club, village: &str) -> Self {
        let said = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let page = &club.page;
        Self {
            slug: club.slug.clone(),
            name: page.name.clone(),
            category: page.category.into(),
            description_markdown: page.description_markdown.clone(),
            description_html: page.description_html.clone(),
            meeting_times: said(&page.meeting_times),
            contact_name: said(&page.contact_name),
            contact_email: said(&page.contact_email),
            contact_phone: said(&page.contact_phone),
            website: said(&page.website),
            logo: club.logo.as_ref().map(|logo| {
                let url = |size| media_links::path_of(village, &logo.key, logo.format, size);
                let (url, thumbnail_url) = (url(MediaSize::Full), url(MediaSize::Thumbnail));
                ClubLogoView { url, thumbnail_url, alt: logo.alt.clone() }
            }),
        }
    }
}

macro_rules! same_words {
    ($($word:ident),+) => {
        impl From<ClubCategory> for Category {
            fn from(category: ClubCategory) -> Self {
                match category { $(ClubCategory::$word => Self::$word),+ }
            }
        }

        impl From<Category> for ClubCategory {
            fn from(category: Category) -> Self {
                match category { $(Category::$word => Self::$word),+ }
            }
        }
    };
}

same_words!(Sport, Culture, Rescue, Faith, Youth, Heritage, Nature, Social, Other);
