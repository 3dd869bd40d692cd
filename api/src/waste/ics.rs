//! The dates of a district as a calendar to subscribe to (RFC 5545, RFC 7986). The same dates are the same bytes.

use entity::{VillageRecord, WasteDate, WasteDistrict, WasteKind};
use icalendar::{Calendar, Component, Event, EventLike, Property};
use std::collections::HashMap;

/// How often subscribed calendars should look again.
const REFRESH: &str = "PT12H";

/// The calendar of a district.
pub fn calendar(village: &VillageRecord, district: &WasteDistrict, dates: &[WasteDate], kinds: &[WasteKind]) -> String {
    let mut calendar = Calendar::empty();
    for (name, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Dorf-App//Abfuhrkalender//DE"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
    ] {
        calendar.append_property(Property::new(name, value));
    }
    calendar.name(&format!("Abfuhr {}, {}", district.name, village.name));
    calendar.append_property(Property::new("REFRESH-INTERVAL", REFRESH).add_parameter("VALUE", "DURATION").done());
    calendar.append_property(Property::new("X-PUBLISHED-TTL", REFRESH));
    let names: HashMap<_, &str> = kinds.iter().map(|kind| (kind.id, kind.name.as_str())).collect();
    for date in dates {
        let mut event = Event::new();
        event
            .uid(&format!("{}@{}.waste.dorf", date.id, village.slug))
            .timestamp(date.updated_at)
            .sequence(u32::try_from(date.version - 1).unwrap_or(0))
            .summary(names.get(&date.kind).copied().unwrap_or_default())
            .starts(date.day)
            .ends(date.day + chrono::TimeDelta::days(1))
            .add_property("TRANSP", "TRANSPARENT");
        if !date.note.is_empty() {
            event.description(&date.note);
        }
        calendar.push(event.done());
    }
    calendar.to_string()
}
