//! What travels about the waste districts that a subscription follows.

use crate::problem::{Fault, Problem};
use crate::text::Text;
use crate::validate::Faults;
use entity::{WasteDistrict, WasteFollow};
use poem_openapi::Object;
use poem_openapi::types::Example;
use serde::Deserialize;

/// Most districts that one subscription can follow.
const MOST: usize = 5;

/// The hour at which one is reminded unless told.
const USUAL_HOUR: u8 = 18;

/// A waste district that is followed: a reminder the evening before each day of collection.
#[derive(Clone, Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "WasteFollow", example)]
pub struct WasteFollowView {
    /// The district with this slug.
    district: String,
    /// The hour of the day before at which to be reminded, 0 to 23, by the village's clocks; 18 unless given.
    #[serde(default = "usual_hour")]
    #[oai(default = "usual_hour", validator(maximum(value = "23")))]
    hour: u8,
}

fn usual_hour() -> u8 {
    USUAL_HOUR
}

/// Checks what stands by itself.
pub fn check(faults: &mut Faults, follows: &[WasteFollowView]) {
    if follows.len() > MOST {
        faults.add("/waste", format!("hat mehr als {MOST} Einträge"), format!("has more than {MOST} entries"));
    }
    for (n, follow) in follows.iter().enumerate() {
        if follow.hour > 23 {
            faults.add(format!("/waste/{n}/hour"), "muss zwischen 0 und 23 liegen", "must be between 0 and 23");
        }
        if follows.iter().take(n).any(|before| before.district == follow.district) {
            faults.add(format!("/waste/{n}/district"), "kommt schon vor", "is there already");
        }
    }
}

/// Finds the districts that are named.
pub fn with_districts(districts: &[WasteDistrict], follows: &[WasteFollowView]) -> Result<Vec<WasteFollow>, Problem> {
    let mut faults = Vec::new();
    let mut found = Vec::new();
    for (n, follow) in follows.iter().enumerate() {
        match districts.iter().find(|district| district.slug == follow.district) {
            Some(district) => found.push(WasteFollow {
                district: district.id,
                district_slug: district.slug.clone(),
                hour: follow.hour.into(),
            }),
            None => faults.push(Fault {
                pointer: format!("/waste/{n}/district"),
                detail: Text::new("ist kein Abfuhrbezirk dieses Dorfes", "is not a waste district of this village"),
            }),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(Problem::unprocessable(faults)) }
}

impl From<&WasteFollow> for WasteFollowView {
    fn from(follow: &WasteFollow) -> Self {
        Self { district: follow.district_slug.clone(), hour: u8::try_from(follow.hour).unwrap_or(USUAL_HOUR) }
    }
}

impl Example for WasteFollowView {
    fn example() -> Self {
        Self { district: "ahornweg".to_owned(), hour: USUAL_HOUR }
    }
}
