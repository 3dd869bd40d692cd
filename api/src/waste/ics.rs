//! The dates of a district as a calendar to subscribe to (RFC 5545, RFC 7986). The same dates are the same bytes.

use crate::ical::{Head, Property, Vevent, Writing, line};
use chrono::Days;
use entity::{VillageRecord, WasteDate, WasteDistrict, WasteKind};
use std::collections::HashMap;

/// How often subscribed calendars should look again.
const ASK_AGAIN: &str = "PT12H";

/// The calendar of a district.
pub fn calendar(village: &VillageRecord, district: &WasteDistrict, dates: &[WasteDate], kinds: &[WasteKind]) -> String {
    let name = format!("Abfuhr {}, {}", district.name, village.name);
    let mut calendar = Writing::new(&Head { name: &name, language: &village.language, ask_again: ASK_AGAIN });
    let names: HashMap<_, &str> = kinds.iter().map(|kind| (kind.id, kind.name.as_str())).collect();
    for date in dates {
        let kind = names.get(&date.kind).copied().unwrap_or_default();
        let uid = format!("{}@{}.waste.dorf", date.id, village.slug);
        let mut event = Vevent::new(&uid, date.version - 1, date.updated_at);
        event.days(Property::Dtstart, &[date.day]);
        event.days(Property::Dtend, &[date.day + Days::new(1)]);
        event.put(Property::Transp, "TRANSPARENT".to_owned());
        event.organizer(&village.sender_name, &village.sender_address);
        event.text(Property::Summary, &line(kind));
        event.text(Property::Description, &date.note);
        event.text(Property::Categories, &line(kind));
        calendar.add(event);
    }
    calendar.finished()
}
