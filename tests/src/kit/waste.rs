//! The waste calendar: districts, calendars of municipalities, and who is reminded.

use super::actors::{Resident, VillageKit};
use super::reply::Reply;
use serde_json::{Value, json};

/// A calendar with these all-day events: day as in `20261201`, and label.
pub fn waste_calendar(dates: &[(&str, &str)]) -> String {
    let events = dates
        .iter()
        .map(|(day, label)| format!("BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:{day}\r\nSUMMARY:{label}\r\nEND:VEVENT\r\n"));
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n", events.collect::<String>())
}

impl VillageKit<'_> {
    /// Adds a waste district.
    pub async fn waste_district(&self, slug: &str) {
        let body = json!({"slug": slug, "name": format!("Bezirk {slug}")});
        self.staff("POST", "/waste/districts").bearer(&self.editor).json(&body).send().await.expect(201);
    }

    /// Imports a calendar into a district, with a fresh log-in of the editor: days go by in these stories.
    pub async fn imports(&self, district: &str, calendar: impl Into<Vec<u8>>) -> Reply {
        let token = self.dorf.log_in(&format!("editor@{}.example", self.slug)).await;
        let ask = self.staff("POST", &format!("/waste/districts/{district}/imports")).bearer(&token);
        ask.header("content-type", "text/calendar; charset=utf-8").bytes(calendar.into()).send().await
    }

    /// Imports a calendar that is taken; gives the counts of the report: imported, changed, unchanged, removed, skipped.
    pub async fn imported(&self, district: &str, calendar: impl Into<Vec<u8>>) -> [i64; 5] {
        let report = self.imports(district, calendar).await.expect(201).get("report");
        ["imported", "changed", "unchanged", "removed", "skipped"].map(|count| report[count].as_i64().unwrap_or(-1))
    }

    /// The dates of a district in the 400 days from this one on.
    pub async fn waste_dates(&self, district: &str, from: &str) -> Vec<Value> {
        let from: chrono::NaiveDate = from.parse().expect("a day");
        let to = from + chrono::TimeDelta::days(400);
        let path = format!("/waste/districts/{district}/dates?from={from}&to={to}");
        let list = self.ask("GET", &path).send().await.expect(200).json();
        list["items"].as_array().cloned().expect("dates")
    }
}

impl Resident<'_> {
    /// Is reminded of the collections of a district at an hour of the evening before, and follows nothing else.
    pub async fn minds_waste(self, district: &str, hour: u8) -> Self {
        let body = json!({"follows": [], "waste": [{"district": district, "hour": hour}]});
        self.ask("PATCH").json(&body).send().await.expect(200);
        self
    }
}
