//! What travels about villages and municipalities.

mod examples;

use crate::media_links::{self, MediaSize};
use crate::problem::Problem;
use crate::validate::Faults;
use chrono::{DateTime, Utc};
use entity::{Municipality, MunicipalityId, VillageId, VillageRecord};
use poem_openapi::Object;
use serde::Deserialize;
use uuid::Uuid;

/// A village.
#[derive(Object)]
#[oai(rename = "Village", skip_serializing_if_is_none, example)]
pub struct VillageView {
    /// Its name in URLs, such as `luedenhausen`.
    slug: String,
    /// Its name, such as `Lüdenhausen`.
    name: String,
    /// The official municipality key (AGS), eight digits.
    ags: String,
    /// Its IANA time zone.
    zone: String,
    /// The language its residents are addressed in, a BCP 47 tag.
    language: String,
    /// Where it lies.
    position: Option<PositionView>,
    /// Its coat of arms or another sign of its own.
    logo: Option<LogoView>,
}

/// The image that stands for a village.
#[derive(Object)]
#[oai(rename = "Logo", example)]
pub struct LogoView {
    /// Where it is, in full.
    url: String,
    /// Where it is, for lists.
    thumbnail_url: String,
    /// What is seen on it, for those who do not see it.
    alt: String,
}

/// The image that is to stand for a village.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct LogoBody {
    /// The image: what upload_media gave.
    pub media: Uuid,
}

/// A position (WGS 84).
#[derive(Clone, Copy, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "Position", example)]
pub struct PositionView {
    /// Degrees north.
    #[oai(validator(minimum(value = "-90"), maximum(value = "90")))]
    latitude: f64,
    /// Degrees east.
    #[oai(validator(minimum(value = "-180"), maximum(value = "180")))]
    longitude: f64,
}

/// A page of villages.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct VillageList {
    /// The villages, by name, or the nearest first.
    pub items: Vec<VillageView>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
}

/// A municipality.
#[derive(Object)]
#[oai(rename = "Municipality", example)]
pub struct MunicipalityView {
    /// Its identifier.
    id: Uuid,
    /// Its name.
    name: String,
    /// The official municipality key (AGS), eight digits.
    ags: String,
}

/// A page of municipalities.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct MunicipalityList {
    /// The municipalities, in the order they were entered.
    pub items: Vec<MunicipalityView>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
}

/// A municipality to be entered.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct MunicipalityBody {
    /// Its name.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    /// The official municipality key (AGS), eight digits.
    #[oai(validator(pattern = "^[0-9]{8}$"))]
    ags: String,
}

/// A village to be entered.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct VillageBody {
    /// The municipality it belongs to.
    municipality: Uuid,
    /// Its name in URLs: 2 to 64 of a–z, 0–9 and single hyphens. It never changes.
    #[oai(validator(min_length = 2, max_length = 64))]
    slug: String,
    /// Its name.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    /// The official municipality key (AGS); the municipality's unless given.
    #[serde(default)]
    ags: Option<String>,
    /// Its IANA time zone; `Europe/Berlin` unless given.
    #[serde(default)]
    zone: Option<String>,
    /// The language its residents are addressed in, `de` or `en`; `de` unless given.
    #[serde(default)]
    language: Option<String>,
    /// Where it lies.
    #[serde(default)]
    position: Option<PositionView>,
    /// The name that mails to its residents come from.
    #[oai(validator(min_length = 1, max_length = 100))]
    sender_name: String,
    /// The address that mails to its residents come from, and that answers go to.
    #[oai(validator(max_length = 254))]
    sender_address: String,
}

impl MunicipalityBody {
    /// Checks the values.
    pub fn checked(self, now: DateTime<Utc>) -> Result<Municipality, Problem> {
        let mut faults = Faults::default();
        let name = faults.line("/name", &self.name, 1, 100);
        check_ags(&mut faults, &self.ags);
        faults.into_result(Municipality { id: MunicipalityId::generate(), name, ags: self.ags, created_at: now })
    }
}

impl VillageBody {
    /// Checks the values.
    pub fn checked(self, now: DateTime<Utc>) -> Result<VillageRecord, Problem> {
        let mut faults = Faults::default();
        let slug = faults.slug("/slug", &self.slug);
        let name = faults.line("/name", &self.name, 1, 100);
        let sender_name = faults.line("/sender_name", &self.sender_name, 1, 100);
        let sender_address = faults.address("/sender_address", &self.sender_address);
        if let Some(ags) = &self.ags {
            check_ags(&mut faults, ags);
        }
        let zone = self.zone.unwrap_or_else(|| "Europe/Berlin".to_owned());
        if zone.parse::<chrono_tz::Tz>().is_err() {
            faults.add("/zone", "ist keine IANA-Zeitzone", "is not an IANA time zone");
        }
        let language = self.language.unwrap_or_else(|| "de".to_owned());
        if !matches!(language.as_str(), "de" | "en") {
            faults.add("/language", "muss de oder en sein", "must be de or en");
        }
        if self.position.is_some_and(|position| !position.is_on_earth()) {
            faults.add("/position", "liegt nicht auf der Erde", "is not on earth");
        }
        faults.into_result(VillageRecord {
            id: VillageId::generate(),
            municipality: self.municipality.into(),
            slug,
            name,
            ags: self.ags.unwrap_or_default(),
            zone,
            language,
            position: self.position.map(|position| (position.latitude, position.longitude)),
            sender_name,
            sender_address,
            logo: None,
            created_at: now,
        })
    }
}

impl PositionView {
    fn is_on_earth(self) -> bool {
        (-90.0..=90.0).contains(&self.latitude) && (-180.0..=180.0).contains(&self.longitude)
    }

    /// Reads `52.07,8.99`.
    pub fn parse(text: &str) -> Option<(f64, f64)> {
        let (latitude, longitude) = text.split_once(',')?;
        let position = Self { latitude: latitude.trim().parse().ok()?, longitude: longitude.trim().parse().ok()? };
        position.is_on_earth().then_some((position.latitude, position.longitude))
    }
}

fn check_ags(faults: &mut Faults, ags: &str) {
    if ags.len() != 8 || !ags.bytes().all(|byte| byte.is_ascii_digit()) {
        faults.add("/ags", "muss aus acht Ziffern bestehen", "must be eight digits");
    }
}

impl LogoView {
    fn of(village: &VillageRecord) -> Option<Self> {
        let (url, logo) = media_links::logo_path(village, MediaSize::Full)?;
        let (thumbnail_url, _) = media_links::logo_path(village, MediaSize::Thumbnail)?;
        Some(Self { url, thumbnail_url, alt: logo.alt.clone() })
    }
}

impl From<VillageRecord> for VillageView {
    fn from(village: VillageRecord) -> Self {
        (&village).into()
    }
}

impl From<&VillageRecord> for VillageView {
    fn from(village: &VillageRecord) -> Self {
        Self {
            slug: village.slug.clone(),
            name: village.name.clone(),
            ags: village.ags.clone(),
            zone: village.zone.clone(),
            language: village.language.clone(),
            position: village.position.map(|(latitude, longitude)| PositionView { latitude, longitude }),
            logo: LogoView::of(village),
        }
    }
}

impl From<Municipality> for MunicipalityView {
    fn from(municipality: Municipality) -> Self {
        Self { id: municipality.id.0, name: municipality.name, ags: municipality.ags }
    }
}
