//! The lists of another library, ical.net: rules with the dates that it gives them, read where they lie.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use tests::kit::{Backend, Dorf, Editor, event};
use tests::stories;

/// Dates that are asked for at once.
const AT_ONCE: usize = 366;

/// A rule of the list, with its dates where the list gives any.
struct Case {
    rule: String,
    start: NaiveDateTime,
    /// From when on the list gives dates.
    from: NaiveDateTime,
    dates: Option<Vec<NaiveDateTime>>,
}

/// What is made of a rule.
#[derive(Debug, PartialEq)]
enum Taken {
    Refused(String),
    Dates(Vec<NaiveDateTime>),
}

fn cases() -> Option<Vec<Case>> {
    let path = "../../shared/data/ical/ical.net/Recurrence/RecurrenceTestCases.txt";
    let Ok(text) = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)) else {
        println!("the lists of ical.net are not here; their story is not told");
        return None;
    };
    let (mut cases, mut part) = (Vec::new(), HashMap::new());
    for line in text.trim_start_matches('\u{feff}').lines().chain([""]).filter(|line| !line.starts_with('#')) {
        match line.split_once(':') {
            Some((name, value)) => drop(part.insert(name.to_owned(), value.trim().to_owned())),
            None => cases.extend(case(&std::mem::take(&mut part))),
        }
    }
    Some(cases)
}

fn case(part: &HashMap<String, String>) -> Option<Case> {
    let dates = part.get("INSTANCES").map(|dates| dates.split(',').map(time).collect());
    let start = part.get("DTSTART").map_or_else(|| time("20250101"), |start| time(start));
    let from = part.get("START-AT").map_or(start, |from| time(from));
    Some(Case { rule: part.get("RRULE")?.clone(), start, from, dates })
}

fn time(text: &str) -> NaiveDateTime {
    let day = |text| NaiveDate::parse_from_str(text, "%Y%m%d").map(|day| day.and_time(NaiveTime::MIN));
    NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").or_else(|_| day(text)).expect("a time")
}

/// Which days of a while, or which seconds of it, are dates of a rule: every one of them is named as a date, and those that are none
/// are refused.
async fn taken(editor: &Editor<'_>, case: &Case, last: NaiveDateTime) -> Taken {
    let each = if case.rule.contains("SECONDLY") { TimeDelta::seconds(1) } else { TimeDelta::days(1) };
    let asked = std::iter::successors(Some(case.start), |at| Some(*at + each));
    let asked: Vec<NaiveDateTime> = asked.take_while(|at| *at <= last + each * 40).collect();
    let mut dates = Vec::new();
    for some in asked.chunks(AT_ONCE) {
        let named: Vec<Value> = some.iter().map(|day| json!({"date": iso(*day), "state": "cancelled"})).collect();
        let mut draft = event("Termin", &iso(case.start));
        draft.0["event"]["rrule"] = json!(case.rule);
        draft.0["event"]["zone"] = json!("Etc/UTC");
        draft.0["event"]["changed_dates"] = json!(named);
        let reply = editor.ask("POST", "/posts").json(&draft.0).send().await;
        let pointers = if reply.status == 201 { Vec::new() } else { reply.problem(422, "unprocessable") };
        let others: BTreeSet<usize> = pointers.iter().filter_map(|pointer| place(pointer)).collect();
        if let Some(refused) = pointers.iter().find(|pointer| place(pointer).is_none()) {
            return Taken::Refused(refused.clone());
        }
        dates.extend(some.iter().enumerate().filter(|(at, _)| !others.contains(at)).map(|(_, day)| *day));
    }
    Taken::Dates(dates)
}

fn iso(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// Which of the named dates a pointer is to.
fn place(pointer: &str) -> Option<usize> {
    pointer.strip_prefix("/event/changed_dates/")?.strip_suffix("/date")?.parse().ok()
}

/// Why a rule is refused here that has dates there.
fn refusal(pointer: &str, rule: &str) -> Option<&'static str> {
    let has = |part: &str| rule.contains(part);
    match pointer {
        "/event/starts_local" => Some("the start is no date of the rule: undefined by the RFC"),
        _ if ["HOURLY", "MINUTELY", "SECONDLY"].iter().any(|often| has(often)) => Some("recurs too often in a day"),
        _ if has("0MO") || has("0SA") => Some("there is no zeroth weekday"),
        _ if has("6WE") => Some("there is no sixth weekday in a month"),
        _ if has("BYWEEKNO") && has("1MO") => Some("the RFC forbids numbered weekdays with BYWEEKNO"),
        _ if has("FREQ=YEARLY;BYSETPOS") => Some("the RFC forbids BYSETPOS alone"),
        _ => None,
    }
}

/// Why a rule has other dates here.
fn disputed(rule: &str) -> Option<&'static str> {
    let has = |part: &str| rule.contains(part);
    if has("BYWEEKNO") && has("INTERVAL") {
        Some("whether years are counted as those of the weeks")
    } else if has("BYWEEKNO=52") {
        Some("days of January in the last week of the year before: the library misses some")
    } else if has("BYMONTHDAY") && has("YEARLY") && !has("BYMONTH=") {
        Some("whether days of the month without a month are those of every month, as here")
    } else {
        None
    }
}

stories! {
    async fn the_lists_of_another_library_come_out_the_same(on: Backend) {
        let Some(cases) = cases() else { return };
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let (mut same, mut skipped, mut wrong) = (0, 0, Vec::new());
        for case in &cases {
            let rule = &case.rule;
            let last = case.dates.as_ref().and_then(|dates| dates.last().copied()).unwrap_or(case.start);
            let taken = match taken(&editor, case, last).await {
                Taken::Dates(dates) => Taken::Dates(dates.into_iter().filter(|date| *date >= case.from).collect()),
                refused => refused,
            };
            let reason = match (taken, &case.dates) {
                // What comes after the last one of the list is not in it when the list was cut by nothing but the rule.
                (Taken::Dates(dates), Some(expected)) if dates == *expected => Ok(()),
                (Taken::Dates(dates), Some(_)) => Err(disputed(rule).ok_or(format!("has {dates:?}"))),
                (Taken::Refused(pointer), Some(_)) => Err(refusal(&pointer, rule).ok_or(pointer)),
                (Taken::Refused(_), None) => Ok(()),
                (Taken::Dates(_), None) => Err(Ok("there it is an error to look beyond the year 9999; here nothing is there")),
            };
            match reason {
                Ok(()) => same += 1,
                Err(Ok(reason)) => {
                    skipped += 1;
                    println!("skipped: {rule}: {reason}");
                }
                Err(Err(what)) => wrong.push(format!("{rule} from {}: {what}", case.start)),
            }
        }
        println!("of {} lists {same} came out the same, {skipped} were skipped", cases.len());
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(same >= 50, "only {same}");
    }
}
