//! Which dates follow from a rule: held to an independent reading of RFC 5545, to the lists of another library, and to rules
//! that mean harm.

mod golden;
mod oracle;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Utc, Weekday};
use oracle::{Every, Plain, Within};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::kit::{Backend, Dorf, Draft, Editor, Post, event};
use tests::stories;

/// So long is a series looked at: its dates are written down about two years ahead.
const LOOKED_AT: TimeDelta = TimeDelta::days(360);

/// The longest window of the editorial calendar.
const WINDOW: TimeDelta = TimeDelta::days(100);

/// When the dates of all events begin, as the editorial calendar has them.
async fn calendar(editor: &Editor<'_>, from: NaiveDate, until: NaiveDate) -> Vec<DateTime<Utc>> {
    let mut found = Vec::new();
    let mut at = from;
    while at < until {
        let end = until.min(at + WINDOW);
        let path = format!("/editorial-calendar?from={at}T00:00:00Z&until={end}T00:00:00Z");
        let items = editor.ask("GET", &path).send().await.expect(200).get("items");
        let events = items.as_array().expect("a list").iter().filter(|item| item["what"] == "event");
        let instant =
            |item: &Value| item["at"].as_str().and_then(|at| at.parse::<DateTime<Utc>>().ok()).expect("an instant");
        found.extend(events.map(instant));
        at = end;
    }
    found
}

/// The last Sunday of a month, on which the clocks change.
fn last_sunday(year: i32, month: u32) -> NaiveDate {
    let last = NaiveDate::from_ymd_opt(year, month, 31).expect("a day");
    last - TimeDelta::days(i64::from(last.weekday().num_days_from_sunday()))
}

/// When it is 2:30, or 19:00, on a day in Germany. When there is no 2:30 it is 3:30, and of two it is the first.
fn in_germany(day: NaiveDate, evening: bool) -> DateTime<Utc> {
    let (spring, autumn) = (last_sunday(day.year(), 3), last_sunday(day.year(), 10));
    let summer = if evening { spring <= day && day < autumn } else { spring < day && day <= autumn };
    let local = if evening { day.and_hms_opt(19, 0, 0) } else { day.and_hms_opt(2, 30, 0) }.expect("a time");
    local.and_utc() - TimeDelta::hours(if summer { 2 } else { 1 })
}

/// Some of these, or often none.
fn some<T: Clone + std::fmt::Debug + 'static>(of: impl Iterator<Item = T>, most: usize) -> BoxedStrategy<Vec<T>> {
    prop_oneof![3 => Just(Vec::new()), 2 => subsequence(of.collect::<Vec<T>>(), 1..=most)].boxed()
}

fn numbers(most: i64) -> impl Iterator<Item = i64> {
    (-most..=most).filter(|n| *n != 0)
}

/// Rules, each with one of its dates.
fn series() -> impl Strategy<Value = (Plain, NaiveDate, bool)> {
    let week = (0..7u8).map(|n| Weekday::try_from(n).expect("a weekday"));
    let every = select(vec![Every::Day, Every::Week, Every::Month, Every::Year]);
    let ends = prop_oneof![
        Just((None, None)),
        (1..40usize).prop_map(|count| (Some(count), None)),
        (0..350i64).prop_map(|days| (None, Some(days))),
    ];
    let nths = proptest::collection::vec(prop_oneof![2 => Just(0i64), 1 => -4..=5i64], 7);
    let days = (some(week.clone(), 4), nths, some(numbers(31), 6), some(1..=12i64, 5), some(numbers(366), 8));
    let places = (some(numbers(3), 3), select(week.collect::<Vec<_>>()));
    (every, 1..5i64, ends, days, places, 0..30i64, any::<bool>()).prop_filter_map(
        "has dates",
        |(every, interval, (count, until), (weekdays, nths, month_days, months, year_days), places, begin, evening)| {
            let numbered = matches!(every, Every::Month | Every::Year);
            let weekdays = weekdays.into_iter().zip(nths).map(|(day, nth)| (if numbered { nth } else { 0 }, day));
            let mut rule = Plain {
                every,
                interval,
                count: None,
                until: None,
                weekdays: weekdays.collect(),
                month_days: if every == Every::Week { Vec::new() } else { month_days },
                months,
                year_days: if every == Every::Year { year_days } else { Vec::new() },
                positions: places.0,
                week_start: places.1,
            };
            if !rule.says_days() {
                rule.positions.clear();
            }
            let begin = NaiveDate::from_ymd_opt(2026, 12, 1)? + TimeDelta::days(begin);
            let start = *rule.days(begin, begin + TimeDelta::days(370)).get(1)?;
            rule.count = count;
            rule.until = until.map(|days| start + TimeDelta::days(days));
            Some((rule, start, evening))
        },
    )
}

/// Whatever rule somebody writes, its dates are those that a plain reading of the RFC finds, at the hour of the wall clock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_series_has_the_dates_that_the_rfc_gives_it() {
    let dorf = Dorf::start(Backend::Sqlite).await;
    let village = dorf.village("luedenhausen").await;
    let editor = village.editor();
    let runtime = tokio::runtime::Handle::current();
    let config = ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let story = |(rule, start, evening): (Plain, NaiveDate, bool)| {
        let hour = if evening { "19:00" } else { "02:30" };
        prop_assume!(evening || start != last_sunday(start.year(), 3));
        let mut draft = event("Übungsabend", &format!("{start}T{hour}"));
        draft.0["event"]["rrule"] = json!(rule.to_string());
        let found = async {
            let post = editor.drafts(draft).await;
            let found = calendar(&editor, start, start + LOOKED_AT).await;
            editor
                .ask("DELETE", &format!("/posts/{}", post.id))
                .header("if-match", &post.etag)
                .send()
                .await
                .expect(204);
            found
        };
        let found = tokio::task::block_in_place(|| runtime.block_on(found));
        let expected: Vec<_> =
            rule.days(start, start + LOOKED_AT).into_iter().map(|day| in_germany(day, evening)).collect();
        prop_assert_eq!(found, expected, "{} from {}", rule, start);
        Ok(())
    };
    runner.run(&series(), story).expect("the dates of the RFC");
}

/// Rules that recur within a day, each with one of its dates.
fn within_a_day() -> impl Strategy<Value = (Within, NaiveDateTime)> {
    let ends = prop_oneof![
        1 => Just((None, None)),
        2 => (1..60usize).prop_map(|count| (Some(count), None)),
        1 => (0..20_000i64).prop_map(|minutes| (None, Some(minutes))),
    ];
    let week = (0..7u8).map(|n| Weekday::try_from(n).expect("a weekday"));
    let times = (some(0..24i64, 8), some(0..60i64, 3));
    let days = (some(week, 5), some(numbers(31), 20));
    (any::<bool>(), 1..200i64, ends, times, days, 0..20_000i64).prop_filter_map(
        "has dates, and not too many on a day",
        |(hourly, interval, (count, until), (hours, minutes), (weekdays, month_days), begin)| {
            let interval = if hourly { 1 + interval % 30 } else { interval };
            let often = if hourly { !minutes.is_empty() && interval < 3 } else { interval < 60 };
            let mut rule = Within { hourly, interval, count: None, until: None, hours, minutes, weekdays, month_days };
            let begin = NaiveDate::from_ymd_opt(2026, 12, 1)?.and_hms_opt(0, 0, 0)? + TimeDelta::minutes(begin);
            let start = *rule.times(begin, begin + TimeDelta::days(40)).get(1)?;
            rule.count = count;
            rule.until = until.map(|minutes| start + TimeDelta::minutes(minutes));
            (count.is_some() || !often).then_some((rule, start))
        },
    )
}

/// Whatever recurs within a day has the dates that a plain reading of the RFC finds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_recurs_within_a_day_has_the_dates_that_the_rfc_gives_it() {
    let dorf = Dorf::start(Backend::Sqlite).await;
    let village = dorf.village("luedenhausen").await;
    let editor = village.editor();
    let runtime = tokio::runtime::Handle::current();
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let story = |(rule, start): (Within, NaiveDateTime)| {
        let mut draft = event("Öffnung", &start.format("%Y-%m-%dT%H:%M").to_string());
        draft.0["event"]["rrule"] = json!(rule.to_string());
        draft.0["event"]["zone"] = json!("Etc/UTC");
        let last = start.date() + TimeDelta::days(40);
        let found = async {
            let post = editor.drafts(draft).await;
            let mut found = Vec::new();
            // Of one event 200 dates are shown at once, at most.
            for days in (0..40).step_by(4) {
                let from = start.date() + TimeDelta::days(days);
                found.extend(calendar(&editor, from, from + TimeDelta::days(4)).await);
            }
            let path = format!("/posts/{}", post.id);
            editor.ask("DELETE", &path).header("if-match", &post.etag).send().await.expect(204);
            found
        };
        let found = tokio::task::block_in_place(|| runtime.block_on(found));
        let times = rule.times(start, last.and_hms_opt(0, 0, 0).expect("midnight"));
        let expected: Vec<_> = times.into_iter().map(|time| time.and_utc()).collect();
        prop_assert_eq!(found, expected, "{} from {}", rule, start);
        Ok(())
    };
    runner.run(&within_a_day(), story).expect("the dates of the RFC");
}

/// The numbers from nought, as a rule lists them.
fn list(before: u32) -> String {
    (0..before).map(|n| n.to_string()).collect::<Vec<_>>().join(",")
}

/// A post with this rule, and how it was taken.
async fn tried(editor: &Editor<'_>, rule: &str) -> tests::kit::Reply {
    let mut draft: Draft = event("Bombe", "2026-12-01T19:00");
    draft.0["event"]["rrule"] = json!(rule);
    let begin = Instant::now();
    let reply = editor.ask("POST", "/posts").json(&draft.0).send().await;
    assert!(begin.elapsed() < Duration::from_secs(10), "{rule} took {:?}", begin.elapsed());
    reply
}

stories! {
    async fn rules_that_mean_harm_are_refused_in_no_time(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let refused = [
            ("FREQ=SECONDLY", "/event/rrule"),
            ("FREQ=MINUTELY;UNTIL=99991231T235959Z", "/event/rrule"),
            ("FREQ=SECONDLY;COUNT=1501", "/event/rrule"),
            ("FREQ=MINUTELY;INTERVAL=59", "/event/rrule"),
            ("FREQ=HOURLY;BYMINUTE=0,30", "/event/rrule"),
            ("FREQ=HOURLY;BYSETPOS=1;BYMINUTE=0", "/event/rrule"),
            ("FREQ=HOURLY;BYDAY=1MO", "/event/rrule"),
            ("FREQ=DAILY;COUNT=100000", "/event/rrule"),
            ("FREQ=DAILY;COUNT=99999999999999999999", "/event/rrule"),
            ("FREQ=DAILY;COUNT=0", "/event/rrule"),
            ("FREQ=DAILY;COUNT=-1", "/event/rrule"),
            ("FREQ=DAILY;INTERVAL=0", "/event/rrule"),
            ("FREQ=DAILY;INTERVAL=65536", "/event/rrule"),
            ("FREQ=DAILY;UNTIL=99991231", "/event/rrule"),
            ("FREQ=DAILY;UNTIL=00000000", "/event/rrule"),
            ("FREQ=DAILY;FREQ=YEARLY", "/event/rrule"),
            ("FREQ=DAILY;;;;", "/event/rrule"),
            ("FREQ=YEARLY;BYEASTER=1", "/event/rrule"),
            ("FREQ=MONTHLY;BYDAY=-5TU", "/event/rrule"),
            ("FREQ=YEARLY;BYDAY=1TU;BYWEEKNO=49", "/event/rrule"),
            // There is no such day, however far one looks.
            ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=5", "/event/starts_local"),
            ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31", "/event/starts_local"),
            ("FREQ=MONTHLY;INTERVAL=9999;BYMONTH=2;BYMONTHDAY=30;COUNT=100000", "/event/starts_local"),
        ];
        for (rule, pointer) in refused {
            assert_eq!(tried(&editor, rule).await.problem(422, "unprocessable"), [pointer], "{rule}");
        }
        let all_day_long = format!("FREQ=DAILY;BYHOUR={};COUNT=100000", list(24));
        let every_second = format!("FREQ=DAILY;BYHOUR=19;BYSECOND={}", list(60));
        for rule in [all_day_long, every_second] {
            assert_eq!(tried(&editor, &rule).await.problem(422, "unprocessable"), ["/event/rrule"], "{rule}");
        }
        assert_eq!(tried(&editor, &"FREQ=DAILY;".repeat(10_000)).await.status / 100, 4);
    }

    async fn what_recurs_within_a_day_is_followed_without_effort(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        // None of these has more than its start within sight, however long one looks for more.
        let seldom = [
            "FREQ=SECONDLY;COUNT=1500;BYHOUR=19;BYMINUTE=0;BYSECOND=0;BYMONTH=12;BYMONTHDAY=1",
            "FREQ=MINUTELY;COUNT=1500;BYYEARDAY=335;BYHOUR=19;BYMINUTE=0",
            "FREQ=HOURLY;INTERVAL=9999;BYHOUR=19;BYDAY=TU",
            "FREQ=MINUTELY;INTERVAL=3;BYHOUR=19;BYMONTH=12;BYMONTHDAY=1;UNTIL=99991231T235959Z",
        ];
        for rule in seldom {
            let reply = tried(&editor, rule).await;
            assert!([201, 422].contains(&reply.status), "{rule}: {}", reply.status);
        }
        let asked = |rule: &str| json!({"event": {"starts_local": "2026-12-01T19:00", "rrule": rule}});
        let said = [
            ("FREQ=HOURLY;INTERVAL=4", "Ab 1. Dezember 2026 um 19:00 Uhr alle 4 Stunden"),
            ("FREQ=MINUTELY;INTERVAL=15;COUNT=6", "Ab 1. Dezember 2026 um 19:00 Uhr alle 15 Minuten, 6-mal"),
            ("FREQ=HOURLY;UNTIL=20261202T180000Z", "Ab 1. Dezember 2026 um 19:00 Uhr jede Stunde bis 2. Dezember 2026 um 19:00 Uhr"),
            ("FREQ=HOURLY;BYHOUR=19,20", "Ab 1. Dezember 2026 um 19:00 Uhr nach einer eigenen Regel"),
        ];
        for (rule, sentence) in said {
            let preview = editor.ask("POST", "/events/preview").json(&asked(rule)).send().await.expect(200).json();
            assert_eq!(preview["event"]["summary"], json!(sentence), "{preview}");
        }
        let mut whole_days = asked("FREQ=HOURLY");
        whole_days["event"]["starts_local"] = json!("2026-12-01");
        whole_days["event"]["all_day"] = json!(true);
        let reply = editor.ask("POST", "/events/preview").json(&whole_days).send().await;
        assert_eq!(reply.problem(422, "unprocessable"), ["/event/rrule"]);
    }

    async fn an_hour_that_the_clocks_skip_is_no_hour_more(on: Backend) {
        let dorf = Dorf::start(on).await;
        dorf.set_time("2027-03-20T08:00:00Z".parse().expect("an instant"));
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let mut draft: Draft = event("Wache", "2027-03-28T00:00");
        draft.0["event"]["rrule"] = json!("FREQ=HOURLY;COUNT=6");
        editor.drafts(draft).await;
        let (from, until) = (NaiveDate::from_ymd_opt(2027, 3, 27), NaiveDate::from_ymd_opt(2027, 3, 30));
        let (from, until) = from.zip(until).expect("days");
        let hours: Vec<String> =
            calendar(&editor, from, until).await.iter().map(|at| at.format("%d %H").to_string()).collect();
        assert_eq!(hours, ["27 23", "28 00", "28 01", "28 02", "28 03"]);
    }

    async fn a_rule_with_many_dates_has_so_many_and_no_more(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let (from, until) = (NaiveDate::from_ymd_opt(2026, 12, 1), NaiveDate::from_ymd_opt(2029, 6, 1));
        let (from, until) = from.zip(until).expect("days");
        // 24 times a day for ever: the calendar shows a bounded number, and the village goes on.
        let post = Post::of(&tried(&editor, &format!("FREQ=DAILY;BYHOUR={}", list(24))).await.expect(201));
        let dates = calendar(&editor, from, until).await;
        assert!((200..=1500).contains(&dates.len()), "{} dates", dates.len());
        editor.ask("DELETE", &format!("/posts/{}", post.id)).header("if-match", &post.etag).send().await.expect(204);
        // Every day, for ever: two years ahead.
        tried(&editor, "FREQ=DAILY").await.expect(201);
        assert!((730..=810).contains(&calendar(&editor, from, until).await.len()));
    }
}
