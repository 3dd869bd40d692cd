//! Every calendar among the shared inputs goes in by the front door: without a crash, twice with the same result, and with the dates
//! that two independent readers agree on. `docs/calendar-corpus.md` is the table of it.

use crate::house::{asked_to_update, top};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use tests::kit::{Backend, Dorf, VillageKit, outcomes};
use tests::stories;

/// Calendars of one village.
const AT_ONCE: usize = 45;

/// How far ahead of its clock the server knows dates of series, with a margin, in days.
const KNOWN_D: i64 = 790;

/// What two readers expect of a file.
struct Expected {
    from: NaiveDate,
    until: NaiveDateTime,
    /// `D` day, `U` instant or `L` wall clock.
    dates: Vec<String>,
    /// What the wall clocks show, where that is all that the readers agree on.
    shown: Option<Vec<String>>,
}

/// A line of the table.
struct Row {
    file: String,
    components: usize,
    imported: usize,
    unchanged: usize,
    skipped: BTreeMap<String, usize>,
    remarks: BTreeMap<String, usize>,
    refused: Option<String>,
    dates: String,
}

fn shared() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data")
}

fn calendars() -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![shared()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok);
        for path in entries.map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "ics") {
                let name = path.strip_prefix(shared()).expect("below").display().to_string();
                found.push(name);
            }
        }
    }
    found.sort();
    found
}

/// What is expected, by file; only where both readers agree.
fn expectations() -> BTreeMap<String, Expected> {
    let mut all = BTreeMap::new();
    let folder = shared().join("ical-expected");
    for entry in std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let text = std::fs::read_to_string(entry.path()).expect("expectations");
        let files: BTreeMap<String, Value> = serde_json::from_str(&text).expect("JSON");
        for (file, said) in files {
            if ["agree", "agree-wallclock"].contains(&said["status"].as_str().unwrap_or_default()) {
                let dates = expected(&said, &hidden(&file));
                all.insert(file, dates);
            }
        }
    }
    all
}

/// The UIDs of what a calendar says is not public: it stays out, while the readers have it.
fn hidden(file: &str) -> HashSet<String> {
    let bytes = std::fs::read(shared().join(file)).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n").replace("\n ", "");
    let mut uids = HashSet::new();
    for event in text.split("BEGIN:VEVENT\n").skip(1) {
        let lines = || event.lines().take_while(|line| *line != "END:VEVENT");
        let is_public = lines().filter_map(|line| line.strip_prefix("CLASS:")).all(|class| class == "PUBLIC");
        uids.extend(lines().filter_map(|line| line.strip_prefix("UID:")).filter(|_| !is_public).map(str::to_owned));
    }
    uids
}

fn expected(said: &Value, hidden: &HashSet<String>) -> Expected {
    let day = |value: &Value| value.as_str().and_then(|text| text[..10].parse().ok()).expect("a day");
    let list = said["occurrences"].as_array().expect("dates");
    let (from, last): (NaiveDate, NaiveDate) = (day(&said["window"][0]), day(&said["window"][1]));
    let cut = said["count"].as_u64() > Some(list.len() as u64);
    let end_of = |day: NaiveDate| day.and_hms_opt(0, 0, 0).expect("midnight");
    let known = end_of(from + TimeDelta::days(KNOWN_D));
    // Of a list that was cut, the last day may be there in part.
    let until = if cut { end_of(day(&list[list.len() - 1]["start"])) } else { end_of(last) };
    let public = || list.iter().filter(|date| !date["uid"].as_str().is_some_and(|uid| hidden.contains(uid)));
    let dates = public().map(key_of_expected).collect();
    let shown = (said["status"] == "agree-wallclock").then(|| public().map(shown).collect());
    Expected { from, until: until.min(known), dates, shown }
}

fn key_of_expected(date: &Value) -> String {
    let start = date["start"].as_str().expect("a start");
    match date["start_utc"].as_str() {
        Some(utc) => utc.trim_end_matches('Z').to_owned(),
        None if start.len() == 10 => format!("D{}", start.replace('-', "")),
        None => shown(date),
    }
}

/// What the wall clock shows then.
fn shown(date: &Value) -> String {
    let start = date["start"].as_str().expect("a start");
    format!("L{}", start.get(..19).unwrap_or(start).replace(['-', ':'], ""))
}

/// The day of a key.
fn day_of(key: &str) -> NaiveDateTime {
    NaiveDate::parse_from_str(&key[1..9], "%Y%m%d").expect("a day").and_hms_opt(0, 0, 0).expect("midnight")
}

/// The dates that residents read, as an instant or day and as the wall clock shows it.
async fn read(village: &VillageKit<'_>, topic: &str, expected: &Expected) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut from = expected.from - TimeDelta::days(2);
    let until = expected.until.date() + TimeDelta::days(2);
    while from < until {
        let to = (from + TimeDelta::days(399)).min(until);
        let mut cursor = String::new();
        loop {
            let path = format!("/occurrences?topic={topic}&from={from}T00:00:00Z&to={to}T00:00:00Z&limit=100{cursor}");
            let page = village.ask("GET", &path).send().await.expect(200).json();
            for date in page["items"].as_array().expect("dates") {
                let starts_at: DateTime<Utc> =
                    date["starts_at"].as_str().and_then(|at| at.parse().ok()).expect("a start");
                // What is under way when a window begins was in the one before.
                if starts_at.date_naive() < from && from > expected.from {
                    continue;
                }
                let local = date["starts_local"].as_str().expect("a start").replace(['-', ':'], "");
                let exact = if date["all_day"] == true {
                    format!("D{local}")
                } else {
                    starts_at.format("U%Y%m%dT%H%M%S").to_string()
                };
                found.push((exact, format!("L{local}")));
            }
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        from = to;
    }
    found
}

/// How the dates that were read differ from the expected ones, as far as both looked: how many were compared, how they differ, and
/// whether wall clocks were compared alone.
fn difference(expected: &Expected, found: &[(String, String)]) -> (usize, Vec<String>, bool) {
    let (count, wrong) = compared(expected, &expected.dates, found.to_vec());
    if let Some(shown) = expected.shown.as_ref().filter(|_| !wrong.is_empty()) {
        let clocks = found.iter().map(|(_, local)| (local.clone(), local.clone())).collect();
        let (count, wrong) = compared(expected, shown, clocks);
        if wrong.is_empty() {
            return (count, wrong, true);
        }
    }
    (count, wrong, false)
}

fn compared(expected: &Expected, dates: &[String], found: Vec<(String, String)>) -> (usize, Vec<String>) {
    let within = |key: &str| day_of(key) < expected.until && day_of(key).date() >= expected.from;
    let mut missing: Vec<String> = dates.iter().filter(|key| within(key)).cloned().collect();
    let count = missing.len();
    let mut wrong = Vec::new();
    for (exact, local) in found.into_iter().filter(|(exact, _)| within(exact)) {
        match missing.iter().position(|key| *key == exact || *key == local) {
            Some(at) => drop(missing.swap_remove(at)),
            None => wrong.push(format!("+{exact}")),
        }
    }
    wrong.extend(missing.into_iter().map(|key| format!("-{key}")));
    (count, wrong)
}

async fn row(
    village: &VillageKit<'_>,
    token: &str,
    n: usize,
    file: &str,
    expected: Option<&Expected>,
) -> (Row, Vec<String>) {
    let topic = format!("kalender-{n}");
    let body = json!({"slug": topic, "name": topic});
    village.staff("POST", "/topics").bearer(&village.admin).json(&body).send().await.expect(201);
    let start = expected.map_or_else(|| "2000-01-01".parse().expect("a day"), |expected| expected.from);
    let start = start.and_hms_opt(0, 0, 0).expect("midnight").and_utc();
    village.dorf.set_time(start);
    // It steps back for most of them, and nothing here hangs on what is stored already.
    village.dorf.running.app.pulse.note(start);
    let calendar = village
        .event_calendar(token, json!({"name": file.chars().take(120).collect::<String>(), "topic": topic}))
        .await;
    let bytes = std::fs::read(shared().join(file)).expect("a calendar");
    let mut row = Row {
        file: file.to_owned(),
        components: 0,
        imported: 0,
        unchanged: 0,
        skipped: BTreeMap::new(),
        remarks: BTreeMap::new(),
        refused: None,
        dates: String::new(),
    };
    let reply = village.uploads(token, &calendar, bytes.clone()).await;
    if reply.status != 201 {
        reply.problem(422, "unprocessable");
        row.refused = Some(reply.json()["errors"][0]["detail"].as_str().unwrap_or("no calendar").to_owned());
        return (row, Vec::new());
    }
    let lines = village.import_lines(token, &reply.str("id")).await;
    row.components = lines.len();
    for outcome in outcomes(&lines) {
        if outcome == "imported" {
            row.imported += 1;
        } else {
            *row.skipped.entry(outcome).or_default() += 1;
        }
    }
    for remark in lines.iter().flat_map(|line| line["remarks"].as_array().expect("remarks")) {
        *row.remarks.entry(remark.as_str().expect("a remark").to_owned()).or_default() += 1;
    }
    let again = village.uploads(token, &calendar, bytes).await.expect(201).get("summary");
    row.unchanged = again["unchanged"].as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
    let mut wrong = Vec::new();
    let other = ["imported", "changed", "removed"].iter().any(|count| again[*count] != 0);
    if other || row.unchanged != row.imported {
        wrong.push(format!("{} imported, then {again}", row.imported));
    }
    let Some(expected) = expected else { return (row, wrong) };
    let (count, other, by_clocks) = difference(expected, &read(village, &topic, expected).await);
    wrong.extend(other);
    row.dates = format!("all {count}{}", if by_clocks { ", by the wall clock" } else { "" });
    (row, wrong)
}

fn counts(of: &BTreeMap<String, usize>) -> String {
    of.iter().map(|(what, count)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
}

fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "# Calendars that were imported\n\n\
         Every calendar among the shared test inputs, through the upload that clubs and town halls use (`import_events`). `components` are\n\
         those that the report has a line for; time zones and what is inside others are none. `unchanged` is what a second upload of the same\n\
         file says of what the first has imported. `remarks` are lines of events that were taken though not all of them could be understood.\n\
         `dates` are those that two independent readers (recurring-ical-events and ical.js) agree on, as far as they and the list of\n\
         occurrences reach, but for those of private events, which stay out: all of them, as instants or, where the readers agree on no\n\
         more, by the wall clock. Written by the story that checks it, with `UPDATE_DOCS=1`.\n\n\
         | calendar | components | imported | unchanged | skipped | remarks | dates |\n|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let said = row.refused.clone().map_or_else(|| counts(&row.skipped), |why| format!("refused: {why}"));
        // Writing into a text never fails.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {said} | {} | {} |",
            row.file,
            row.components,
            row.imported,
            row.unchanged,
            counts(&row.remarks),
            row.dates
        );
    }
    text
}

stories! {
    async fn every_calendar_there_is_goes_in_and_comes_out_date_by_date(on: Backend) {
        let files = calendars();
        if files.is_empty() {
            eprintln!("{} is absent: nothing was tested", shared().display());
            return;
        }
        let expectations = expectations();
        let dorf = Dorf::start(on).await;
        let (mut rows, mut wrong) = (Vec::new(), Vec::new());
        for (batch, files) in files.chunks(AT_ONCE).enumerate() {
            dorf.set_time("2026-11-22T08:30:00Z".parse().expect("an instant"));
            let village = dorf.village(&format!("dorf-{batch}")).await;
            let token = village.editor.clone();
            for (n, file) in files.iter().enumerate() {
                let (row, other) = row(&village, &token, n, file, expectations.get(file)).await;
                if !other.is_empty() {
                    wrong.push(format!("{file}: {} {:?}", other.len(), &other[..other.len().min(6)]));
                }
                rows.push(row);
            }
        }
        let table = table(&rows);
        let path = top().join("docs/calendar-corpus.md");
        if asked_to_update("UPDATE_DOCS") {
            std::fs::write(&path, &table).expect("the table is written");
        }
        let compared = rows.iter().filter(|row| row.dates.starts_with("all")).count();
        println!("{} calendars, {compared} with expected dates, {} other than expected", rows.len(), wrong.len());
        assert!(wrong.is_empty(), "{} calendars: {wrong:#?}", wrong.len());
        assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), table, "docs/calendar-corpus.md is stale: UPDATE_DOCS=1");
    }
}
