//! Calendars that events come from.

use super::actors::VillageKit;
use super::reply::Reply;
use serde_json::{Value, json};

/// A calendar with these components.
pub fn ics(components: &[String]) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Verein//DE\r\n{}END:VCALENDAR\r\n", components.concat())
}

/// An event of these lines, parted by `|`.
pub fn vevent(lines: &str) -> String {
    format!("BEGIN:VEVENT\r\n{}\r\nEND:VEVENT\r\n", lines.replace('|', "\r\n"))
}

impl VillageKit<'_> {
    /// Adds a calendar as whoever has this token; gives its identifier.
    pub async fn event_calendar(&self, token: &str, body: Value) -> String {
        self.staff("POST", "/calendar-sources").bearer(token).json(&body).send().await.expect(201).str("id")
    }

    /// Adds a calendar of the town hall about `topic`.
    pub async fn own_calendar(&self, topic: &str) -> String {
        self.event_calendar(&self.editor, json!({"name": "Termine", "topic": topic})).await
    }

    /// Uploads a calendar as whoever has this token.
    pub async fn uploads(&self, token: &str, calendar: &str, ics: impl Into<Vec<u8>>) -> Reply {
        let ask = self.staff("POST", &format!("/calendar-sources/{calendar}/imports")).bearer(token);
        ask.header("content-type", "text/calendar; charset=utf-8").bytes(ics.into()).send().await
    }

    /// Uploads a calendar that is taken, with a fresh log-in of the editor; gives what came of each component.
    pub async fn takes(&self, calendar: &str, ics: impl Into<Vec<u8>>) -> Vec<Value> {
        let token = self.dorf.log_in(&format!("editor@{}.example", self.slug)).await;
        let import = self.uploads(&token, calendar, ics).await.expect(201).str("id");
        self.import_lines(&token, &import).await
    }

    /// All lines of an import.
    pub async fn import_lines(&self, token: &str, import: &str) -> Vec<Value> {
        let (mut lines, mut query) = (Vec::new(), "?limit=100".to_owned());
        loop {
            let path = format!("/event-imports/{import}/lines{query}");
            let page = self.staff("GET", &path).bearer(token).send().await.expect(200).json();
            lines.extend(page["items"].as_array().cloned().expect("lines"));
            let Some(cursor) = page["next_cursor"].as_str() else { return lines };
            query = format!("?limit=100&cursor={cursor}");
        }
    }

    /// A post as its editor sees it.
    pub async fn post(&self, id: &str) -> Value {
        let token = self.dorf.log_in(&format!("editor@{}.example", self.slug)).await;
        self.staff("GET", &format!("/posts/{id}")).bearer(&token).send().await.expect(200).json()
    }

    /// The dates of public events in 400 days from this one on: wall clock, state and title.
    pub async fn public_dates(&self, from: &str) -> Vec<String> {
        let from: chrono::NaiveDate = from.parse().expect("a day");
        let to = from + chrono::TimeDelta::days(400);
        let path = format!("/occurrences?from={from}T00:00:00Z&to={to}T00:00:00Z&limit=100");
        let list = self.ask("GET", &path).send().await.expect(200).json();
        let text = |date: &Value, name: &str| date[name].as_str().unwrap_or_default().to_owned();
        let line =
            |date: &Value| format!("{} {} {}", text(date, "starts_local"), text(date, "state"), text(date, "title"));
        list["items"].as_array().expect("dates").iter().map(line).collect()
    }
}

/// The outcomes of lines, with the reason of what was left out.
pub fn outcomes(lines: &[Value]) -> Vec<String> {
    let said = |line: &Value| line["reason"].as_str().or(line["outcome"].as_str()).unwrap_or_default().to_owned();
    lines.iter().map(said).collect()
}
