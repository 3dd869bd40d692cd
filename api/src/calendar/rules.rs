//! Rules as programs write them, put right: what is written twice, what means nothing for whole days, and ends that are hours of days.

use super::content_line;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;

/// Parts that mean nothing where the start is a day (RFC 5545, section 3.3.10).
const OF_HOURS: [&str; 3] = ["BYHOUR", "BYMINUTE", "BYSECOND"];

/// The lines of a component, its rules put right. What is right stays as it is.
pub fn mended(text: &str, village: Tz) -> String {
    let line_of = |name: &str| text.lines().find(|line| content_line::name(line).eq_ignore_ascii_case(name));
    let of_days = line_of("DTSTART").is_some_and(|line| !content_line::value(line).contains(['T', 't']));
    let (mut rules, mut mended) = (Vec::new(), String::with_capacity(text.len()));
    for line in text.lines() {
        if !content_line::name(line).eq_ignore_ascii_case("RRULE") {
            mended.push_str(line);
        } else {
            let rule = rule(content_line::value(line), of_days.then_some(village));
            if rules.contains(&rule) {
                continue;
            }
            mended.push_str(&format!("RRULE:{rule}"));
            rules.push(rule);
        }
        mended.push_str("\r\n");
    }
    mended
}

/// A rule without what is said twice; of whole days, for the village whose days they are, as one of days.
fn rule(text: &str, days_of: Option<Tz>) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in text.split(';') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = name.trim().to_ascii_uppercase();
        let part = match (name.as_str(), days_of) {
            (name, Some(_)) if OF_HOURS.contains(&name) => continue,
            ("UNTIL", Some(village)) => format!("UNTIL={}", last_day(value.trim(), village)),
            ("UNTIL", None) => format!("UNTIL={}", content_line::midnight(value.trim())),
            _ => part.to_owned(),
        };
        if !parts.iter().any(|other| other.eq_ignore_ascii_case(&part)) {
            parts.push(part);
        }
    }
    parts.join(";")
}

/// The last day of a series of whole days whose end is a time: the day that is written, unless it is a midnight of the village in UTC,
/// which is the day that begins then.
fn last_day(until: &str, village: Tz) -> String {
    let time = |text: &str| NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok();
    let midnight_here = until.strip_suffix(['Z', 'z']).and_then(time).and_then(|utc| {
        let here = DateTime::<Utc>::from_naive_utc_and_offset(utc, Utc).with_timezone(&village).naive_local();
        (here.time() == NaiveTime::MIN).then(|| here.date())
    });
    let written = || until.get(..8).and_then(|day| NaiveDate::parse_from_str(day, "%Y%m%d").ok());
    midnight_here.or_else(written).map_or_else(|| until.to_owned(), |day| day.format("%Y%m%d").to_string())
}
