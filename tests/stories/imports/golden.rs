//! The lists of kcalendarcore: rules with the days and date-times that it gives them, forwards and backwards, read where they lie.
//! They are lists of rules. That most of these components say of themselves which date of a series they are (RECURRENCE-ID), by
//! which they would be that one date, is left out.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tests::kit::{Backend, Dorf, VillageKit, outcomes};
use tests::stories;

/// How far the dates are known from a clock.
const KNOWN: TimeDelta = TimeDelta::days(700);

/// The one whose rule ends before it begins. There its start is its only date; here it has none, as two other readers have it.
const ENDS_BEFORE: &str = "Until_TestCase02.ics";

/// Files with lists beside them.
fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/ical/kcalendarcore");
    let mut found: Vec<PathBuf> = ["ConnectDaily", "UntilInUTC"]
        .iter()
        .flat_map(|name| std::fs::read_dir(folder.join(name)).into_iter().flatten().filter_map(Result::ok))
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "ics"))
        .collect();
    found.sort();
    found
}

/// The lines of a list.
fn list(file: &Path, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(format!("{}.{name}.ref", file.display())).expect("a list");
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// A date-time of a list: what the clock shows, and how many hours it is ahead of UTC. Days are at midnight, of no zone.
fn time(line: &str) -> Time {
    let mut words = line.split(' ');
    let local = words.next().and_then(|time| time.parse().ok()).expect("a time");
    let ahead = match words.next() {
        Some("PDT" | "MST") => Some(-7),
        Some("PST") => Some(-8),
        Some("MDT") => Some(-6),
        Some("CET") => Some(1),
        _ => None,
    };
    (local, ahead)
}

/// What the clock shows at a date, and how many hours it is ahead of UTC.
type Time = (NaiveDateTime, Option<i64>);

/// The dates of what is in the village from the first day up to the last, the clock moving on with them.
async fn dates(village: &VillageKit<'_>, topic: &str, (from, last): (NaiveDate, NaiveDate)) -> Vec<Time> {
    let mut found = BTreeSet::new();
    let mut from = from;
    while from <= last {
        village.dorf.set_time(from.and_hms_opt(0, 0, 0).expect("midnight").and_utc());
        village.dorf.work_off().await;
        for _ in 0..2 {
            found.extend(within(village, topic, (from, from + KNOWN / 2)).await);
            from += KNOWN / 2;
        }
    }
    found.into_iter().collect()
}

async fn within(village: &VillageKit<'_>, topic: &str, (from, to): (NaiveDate, NaiveDate)) -> Vec<Time> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/occurrences?topic={topic}&from={from}T00:00:00Z&to={to}T00:00:00Z&limit=100{cursor}");
        let page = village.ask("GET", &path).send().await.expect(200).json();
        found.extend(page["items"].as_array().expect("dates").iter().map(time_of));
        let Some(next) = page["next_cursor"].as_str() else { return found };
        cursor = format!("&cursor={next}");
    }
}

/// When a date begins; whole days are of no zone, as in the lists.
fn time_of(date: &Value) -> Time {
    let text = date["starts_local"].as_str().expect("a start");
    let at: DateTime<Utc> = date["starts_at"].as_str().and_then(|at| at.parse().ok()).expect("an instant");
    match date["all_day"] == true {
        true => (format!("{text}T00:00:00").parse().expect("a day"), None),
        false => {
            let local: NaiveDateTime = text.parse().expect("a time");
            (local, Some((local - at.naive_utc()).num_hours()))
        }
    }
}

stories! {
    async fn the_lists_of_another_calendar_come_out_the_same(on: Backend) {
        let files = files();
        if files.is_empty() {
            println!("the lists of kcalendarcore are not here; their story is not told");
            return;
        }
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let mut compared = 0;
        for (n, file) in files.iter().enumerate() {
            let topic = format!("liste-{n}");
            let body = json!({"slug": topic, "name": topic});
            village.staff("POST", "/topics").bearer(&village.admin).json(&body).send().await.expect(201);
            let (next, mut prev, days) = (list(file, "next"), list(file, "prev"), list(file, "recurson"));
            prev.reverse();
            let first = time(&next[0]).0.date();
            let last: NaiveDate = days.last().and_then(|day| day.parse().ok()).expect("a day");
            dorf.set_time((first - TimeDelta::days(2)).and_hms_opt(0, 0, 0).expect("midnight").and_utc());
            let token = dorf.log_in("editor@luedenhausen.example").await;
            let calendar = village.event_calendar(&token, json!({"name": topic, "topic": topic})).await;
            let text = std::fs::read_to_string(file).expect("a calendar");
            let text: Vec<&str> = text.lines().filter(|line| !line.starts_with("RECURRENCE-ID")).collect();
            let lines = village.takes(&calendar, text.join("\r\n")).await;
            if file.ends_with(ENDS_BEFORE) {
                assert_eq!(outcomes(&lines), ["no_dates"]);
                continue;
            }
            assert_eq!(outcomes(&lines), ["imported"], "{}", file.display());
            let found = dates(&village, &topic, (first - TimeDelta::days(2), last)).await;
            let found_days: BTreeSet<String> =
                found.iter().map(|(local, _)| local.date()).filter(|day| *day <= last).map(|day| day.to_string()).collect();
            assert!(found_days.iter().eq(days.iter().collect::<BTreeSet<_>>()), "{}: {found_days:?}", file.display());
            for times in [next, prev] {
                let times: Vec<_> = times.iter().map(|line| time(line)).collect();
                let end = times.last().map(|(local, _)| *local).expect("a time").min(found.last().expect("dates").0);
                let times: Vec<_> = times.into_iter().filter(|(local, _)| *local <= end).collect();
                let found: Vec<_> = found.iter().copied().filter(|(local, _)| *local <= end).collect();
                assert_eq!(found, times, "{}", file.display());
                compared += times.len();
            }
        }
        println!("{} lists, {compared} date-times", files.len());
        assert!(compared > 3_000, "only {compared}");
    }
}
