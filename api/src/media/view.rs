//! What travels about media.

mod examples;

use crate::instant::Instant;
use crate::media_links::{self, MediaSize};
use crate::problem::Problem;
use crate::validate::Faults;
use entity::{Media, MediaFormat, MediaWords};
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

/// Longest alternative text, in characters.
const LONGEST_ALT: usize = 500;

/// Longest credit or licence, in characters.
const LONGEST_TERMS: usize = 200;

/// What a file is.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[oai(rename = "MediaKind", rename_all = "snake_case")]
pub enum Kind {
    /// An image.
    Image,
    /// A PDF document.
    Document,
}

/// In which size an image is wanted.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[oai(rename = "MediaSize", rename_all = "snake_case")]
pub enum Size {
    /// As large as it is kept.
    Full,
    /// For the width of a page.
    Medium,
    /// For lists.
    Thumbnail,
}

/// An image or document that was uploaded.
#[derive(Object)]
#[oai(rename = "Media", skip_serializing_if_is_none, example)]
pub struct MediaView {
    /// Its identifier, with which posts attach it.
    id: Uuid,
    /// What it is.
    kind: Kind,
    /// The media type it is served as.
    content_type: String,
    /// The name it is saved under.
    file_name: String,
    /// Its size in bytes.
    bytes: u64,
    /// Its width in pixels, when it is an image.
    width: Option<u32>,
    /// Its height in pixels, when it is an image.
    height: Option<u32>,
    /// What is seen on it, for those who do not see it.
    alt: String,
    /// Who made it.
    credit: Option<String>,
    /// Under which terms it may be used.
    licence: Option<String>,
    /// Where everybody finds it, while a public post or the logo shows it.
    url: String,
    /// Where staff finds it at any time, with their token.
    content_url: String,
    /// Whether a post, in whatever state, or the logo shows it. What nothing shows is removed after a while.
    in_use: bool,
    /// Rises by one with every change; the `ETag`.
    version: i32,
    /// When it was uploaded.
    created_at: Instant,
}

/// A page of media.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct MediaList {
    /// The images and documents, the last uploaded first.
    pub items: Vec<MediaView>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
}

/// A change of what is said of a file: what is absent stays; null takes credit or licence away.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct MediaChangeBody {
    /// What is seen on it from now on.
    #[serde(default)]
    #[oai(validator(max_length = 500))]
    alt: Option<String>,
    /// Who made it; null for nobody to be named.
    #[serde(default, deserialize_with = "given")]
    #[oai(validator(max_length = 200))]
    credit: Option<Option<String>>,
    /// Under which terms it may be used; null for nothing to be said.
    #[serde(default, deserialize_with = "given")]
    #[oai(validator(max_length = 200))]
    licence: Option<Option<String>>,
}

/// Tells "absent" from "null".
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// What was said of a file with its upload.
pub struct Said {
    /// The name it has on the uploader's device.
    pub file_name: Option<String>,
    /// What is seen on it.
    pub alt: Option<String>,
    /// Who made it.
    pub credit: Option<String>,
    /// Under which terms it may be used.
    pub licence: Option<String>,
}

impl Said {
    /// Checks the values. Whether there has to be an alternative text is known when the file is.
    ///
    /// # Errors
    /// 422 that names every parameter at fault.
    pub fn checked(&self) -> Result<MediaWords, Problem> {
        let mut faults = Faults::default();
        let words = MediaWords {
            alt: faults.line("alt", self.alt.as_deref().unwrap_or_default(), 0, LONGEST_ALT),
            credit: terms(&mut faults, "credit", self.credit.as_deref()),
            licence: terms(&mut faults, "licence", self.licence.as_deref()),
        };
        faults.into_result(words)
    }
}

impl MediaChangeBody {
    /// What is said of `media` with the change made to it.
    ///
    /// # Errors
    /// 422 that names every member at fault; an image keeps an alternative text.
    pub fn checked(self, media: &Media) -> Result<MediaWords, Problem> {
        let mut faults = Faults::default();
        let least = if media.format == MediaFormat::Pdf { 0 } else { 1 };
        let text = |text: Option<Option<String>>, now: &Option<String>| text.unwrap_or_else(|| now.clone());
        let alt = self.alt.map_or_else(|| media.alt.clone(), |alt| faults.line("/alt", &alt, least, LONGEST_ALT));
        let words = MediaWords {
            alt,
            credit: terms(&mut faults, "/credit", text(self.credit, &media.credit).as_deref()),
            licence: terms(&mut faults, "/licence", text(self.licence, &media.licence).as_deref()),
        };
        faults.into_result(words)
    }
}

fn terms(faults: &mut Faults, pointer: &str, text: Option<&str>) -> Option<String> {
    text.map(|text| faults.line(pointer, text, 0, LONGEST_TERMS)).filter(|text| !text.is_empty())
}

impl MediaView {
    /// A file as staff sees it.
    pub fn new(media: &Media, village: &str) -> Self {
        let id = media.id;
        Self {
            id: id.0,
            kind: if media.format == MediaFormat::Pdf { Kind::Document } else { Kind::Image },
            content_type: media_links::content_type(media.format).to_owned(),
            file_name: media.file_name.clone(),
            bytes: media.bytes,
            width: media.size.map(|(width, _)| width),
            height: media.size.map(|(_, height)| height),
            alt: media.alt.clone(),
            credit: media.credit.clone(),
            licence: media.licence.clone(),
            url: media_links::path(village, media, MediaSize::Full),
            content_url: format!("/v1/admin/villages/{village}/media/{id}/content"),
            in_use: media.in_use,
            version: media.version,
            created_at: media.created_at.into(),
        }
    }
}

impl From<Size> for MediaSize {
    fn from(size: Size) -> Self {
        match size {
            Size::Full => Self::Full,
            Size::Medium => Self::Medium,
            Size::Thumbnail => Self::Thumbnail,
        }
    }
}
