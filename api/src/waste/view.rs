//! What travels about the waste calendar.

mod examples;
mod source;

pub use source::{SourceBody, SourceView};

use super::Dates;
use super::report::Report;
use crate::instant::Instant;
use crate::problem::Problem;
use crate::validate::Faults;
use chrono::NaiveDate;
use entity::{WasteDistrict, WasteIcon, WasteImport, WasteKind};
use poem_openapi::{Enum, Object};
use serde::Deserialize;
use std::collections::HashMap;
use uuid::Uuid;

/// A part of a village whose waste is collected on the same days.
#[derive(Object)]
#[oai(rename = "WasteDistrict", example)]
pub struct DistrictView {
    /// Its name in URLs and bodies, such as `ahornweg`.
    slug: String,
    /// Its name for people, such as `Ahornweg und Birkenweg`.
    name: String,
    /// Its version, for `If-Match`.
    version: i32,
}

/// The waste districts of a village.
#[derive(Object)]
#[oai(rename = "WasteDistrictList", example)]
pub struct DistrictList {
    /// All of them, by name.
    pub items: Vec<DistrictView>,
}

/// A waste district to be added.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "WasteDistrictBody", example)]
pub struct DistrictBody {
    /// Its name in URLs and bodies: 2 to 64 of a–z, 0–9 and single hyphens. It never changes.
    #[oai(validator(min_length = 2, max_length = 64))]
    slug: String,
    /// Its name for people.
    #[oai(validator(min_length = 1, max_length = 120))]
    name: String,
}

/// A change of a waste district: what is absent stays.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "WasteDistrictChangeBody", example)]
pub struct DistrictChangeBody {
    /// Its name for people from now on.
    #[serde(default)]
    #[oai(validator(min_length = 1, max_length = 120))]
    name: Option<String>,
}

/// The sign that a kind of waste is shown with.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename = "WasteIcon", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum IconName {
    /// None of the others.
    Other,
    /// Residual waste.
    Residual,
    /// Organic waste.
    Organic,
    /// Paper.
    Paper,
    /// Packaging.
    Packaging,
    /// Glass.
    Glass,
    /// Garden waste and Christmas trees.
    Garden,
    /// Hazardous waste.
    Hazardous,
    /// Bulky waste.
    Bulky,
}

/// A kind of waste.
#[derive(Object)]
#[oai(rename = "WasteKind", skip_serializing_if_is_none, example)]
pub struct KindView {
    /// Its identifier.
    id: Uuid,
    /// What the municipality's calendars call it.
    label: String,
    /// Its name for people.
    name: String,
    /// The sign it is shown with.
    icon: IconName,
    /// Its colour.
    colour: Option<String>,
    /// Its version, for `If-Match`.
    version: i32,
}

/// The kinds of waste of a village.
#[derive(Object)]
#[oai(rename = "WasteKindList", example)]
pub struct KindList {
    /// All of them, by name.
    pub items: Vec<KindView>,
}

/// A change of how a kind of waste is shown: what is absent stays.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "WasteKindChangeBody", example)]
pub struct KindChangeBody {
    /// Its name for people from now on.
    #[serde(default)]
    #[oai(validator(min_length = 1, max_length = 60))]
    name: Option<String>,
    /// The sign it is shown with from now on.
    #[serde(default)]
    icon: Option<IconName>,
    /// Its colour from now on: `#` and six digits, 0–9 and a–f.
    #[serde(default)]
    #[oai(validator(min_length = 7, max_length = 7))]
    colour: Option<String>,
}

/// What is to change of a kind, checked.
pub struct KindChange {
    name: Option<String>,
    icon: Option<IconName>,
    colour: Option<String>,
}

/// A day on which waste is collected.
#[derive(Object)]
#[oai(rename = "WasteDate", skip_serializing_if_is_none, example)]
pub struct DateView {
    /// Its identifier, which stays when the dates are imported again.
    id: Uuid,
    /// The day.
    day: NaiveDate,
    /// What is collected.
    kind: DateKindView,
    /// What is said of it.
    note: Option<String>,
}

/// A kind of waste, as it is shown.
#[derive(Clone, Object)]
#[oai(rename = "WasteDateKind", skip_serializing_if_is_none, example)]
pub struct DateKindView {
    /// Its identifier.
    id: Uuid,
    /// Its name.
    name: String,
    /// The sign it is shown with.
    icon: IconName,
    /// Its colour.
    colour: Option<String>,
}

/// The days on which waste is collected in a district.
#[derive(Object)]
#[oai(rename = "WasteDateList", example)]
pub struct DateList {
    /// All of them, in order.
    items: Vec<DateView>,
}

/// An import of waste dates.
#[derive(Object)]
#[oai(rename = "WasteImport", example)]
pub struct ImportView {
    /// Its identifier.
    id: Uuid,
    /// Who imported.
    account: Uuid,
    /// When.
    at: Instant,
    /// What came of it.
    report: Report,
}

/// The latest imports of a district.
#[derive(Object)]
#[oai(rename = "WasteImportList", example)]
pub struct ImportList {
    /// The last first, without the lines of their reports.
    pub items: Vec<ImportView>,
}

impl DistrictBody {
    /// Checks the values: slug and name.
    pub fn checked(self) -> Result<(String, String), Problem> {
        let mut faults = Faults::default();
        let slug = faults.slug("/slug", &self.slug);
        let name = faults.line("/name", &self.name, 1, 120);
        faults.into_result((slug, name))
    }
}

impl DistrictChangeBody {
    /// Checks the new name.
    pub fn checked(self) -> Result<Option<String>, Problem> {
        let mut faults = Faults::default();
        let name = self.name.map(|name| faults.line("/name", &name, 1, 120));
        faults.into_result(name)
    }
}

impl KindChangeBody {
    /// Checks the values.
    pub fn checked(self) -> Result<KindChange, Problem> {
        let mut faults = Faults::default();
        let name = self.name.map(|name| faults.line("/name", &name, 1, 60));
        let is_colour = |colour: &str| {
            colour.strip_prefix('#').is_some_and(|digits| {
                digits.len() == 6
                    && digits.bytes().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit))
            })
        };
        if self.colour.as_deref().is_some_and(|colour| !is_colour(colour)) {
            faults.add("/colour", "ist keine Farbe wie #8b5a2b", "is not a colour such as #8b5a2b");
        }
        faults.into_result(KindChange { name, icon: self.icon, colour: self.colour })
    }
}

impl KindChange {
    /// The kind as it is to be; nothing when that is what it is.
    pub fn of(self, kind: &WasteKind) -> Option<WasteKind> {
        let changed = WasteKind {
            name: self.name.unwrap_or_else(|| kind.name.clone()),
            icon: self.icon.map_or(kind.icon, Into::into),
            colour: self.colour.or_else(|| kind.colour.clone()),
            ..kind.clone()
        };
        (changed != *kind).then_some(changed)
    }
}

impl From<&WasteDistrict> for DistrictView {
    fn from(district: &WasteDistrict) -> Self {
        Self { slug: district.slug.clone(), name: district.name.clone(), version: district.version }
    }
}

impl From<&WasteKind> for KindView {
    fn from(kind: &WasteKind) -> Self {
        Self {
            id: kind.id.0,
            label: kind.label.clone(),
            name: kind.name.clone(),
            icon: kind.icon.into(),
            colour: kind.colour.clone(),
            version: kind.version,
        }
    }
}

impl From<&Dates> for DateList {
    fn from(dates: &Dates) -> Self {
        let kinds: HashMap<_, DateKindView> = dates.kinds.iter().map(|kind| (kind.id, kind.into())).collect();
        let items = dates.dates.iter().filter_map(|date| {
            let note = Some(date.note.clone()).filter(|note| !note.is_empty());
            Some(DateView { id: date.id.0, day: date.day, kind: kinds.get(&date.kind)?.clone(), note })
        });
        Self { items: items.collect() }
    }
}

impl From<&WasteKind> for DateKindView {
    fn from(kind: &WasteKind) -> Self {
        Self { id: kind.id.0, name: kind.name.clone(), icon: kind.icon.into(), colour: kind.colour.clone() }
    }
}

impl ImportView {
    /// An import with all of its report.
    pub fn new(import: &WasteImport, report: Report) -> Self {
        Self { id: import.id.0, account: import.account.0, at: import.at.into(), report }
    }

    /// An import with the counts of its report.
    pub fn without_lines(import: &WasteImport, report: Report) -> Self {
        Self::new(import, Report { lines: Vec::new(), ..report })
    }
}

/// Declares that the icons of the contract are those of the store.
macro_rules! icons {
    ($($icon:ident),+) => {
        impl From<WasteIcon> for IconName {
            fn from(icon: WasteIcon) -> Self {
                match icon {
                    $(WasteIcon::$icon => Self::$icon,)+
                }
            }
        }

        impl From<IconName> for WasteIcon {
            fn from(icon: IconName) -> Self {
                match icon {
                    $(IconName::$icon => Self::$icon,)+
                }
            }
        }
    };
}

icons!(Other, Residual, Organic, Paper, Packaging, Glass, Garden, Hazardous, Bulky);
