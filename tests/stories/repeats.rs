//! Series as people say them: what is left out, whatever somebody says, and that sentence and rule mean the same.

use chrono::{Datelike, NaiveDate, TimeDelta};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use tests::kit::{Backend, Dorf, PASSWORD, VillageKit};
use tests::stories;

/// Public holidays of 2027 beyond those of all Länder, as python-holidays 0.109 (MIT) has them.
const LANDS: [(&str, &[&str]); 6] = [
    ("08111000", &["01-06", "05-27", "11-01"]),
    ("11000000", &["03-08"]),
    ("12060005", &["03-28", "05-16", "10-31"]),
    ("13003000", &["03-08", "10-31"]),
    ("14521000", &["10-31", "11-17"]),
    ("16051000", &["09-20", "10-31"]),
];

const EVERYWHERE: [&str; 9] = ["01-01", "03-26", "03-29", "05-01", "05-06", "05-17", "10-03", "12-25", "12-26"];

fn left_out(seen: &Value, year: i32) -> BTreeSet<String> {
    let dates = seen["event"]["except_dates"].as_array().cloned().unwrap_or_default();
    let days = dates.iter().filter_map(|date| date.as_str()?.get(..10).map(str::to_owned));
    days.filter(|day| day.starts_with(&year.to_string())).collect()
}

/// The token of an editor of a new village in the municipality with this AGS.
async fn editor_in(dorf: &Dorf, ags: &str) -> String {
    let operator = dorf.operator().await;
    let ask = |path: String, body: Value| dorf.ask("POST", &path).bearer(operator).json(&body).send();
    let made = ask("/v1/operator/municipalities".to_owned(), json!({"name": ags, "ags": ags})).await.expect(201);
    let slug = format!("dorf-{ags}");
    let village = json!({"municipality": made.str("id"), "slug": slug, "name": ags, "sender_name": ags, "sender_address": "dorf@land.example"});
    ask("/v1/operator/villages".to_owned(), village).await.expect(201);
    let email = format!("editor@{slug}.example");
    let person = json!({"email": email, "name": "Editor", "password": PASSWORD});
    ask(format!("/v1/operator/municipalities/{}/editors", made.str("id")), person).await.expect(201);
    dorf.log_in(&email).await
}

async fn refused(village: &VillageKit<'_>, event: &Value) -> Vec<String> {
    let reply = village.editor().ask("POST", "/events/preview").json(&json!({"event": event})).send().await;
    assert!([400, 422].contains(&reply.status), "{event}: {}", reply.text());
    let errors = reply.json()["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().filter_map(|error| error["pointer"].as_str().map(str::to_owned)).collect()
}

stories! {
    async fn a_day_of_every_year_is_left_out(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let until_summer = json!({"starts_local": "2027-04-03T19:00", "except_dates": ["--05-01", "2027-06-05"],
            "repeats": {"frequency": "weekly", "until": "2027-07-16"}});
        let seen = village.preview(until_summer).await;
        assert_eq!(seen["event"]["except_dates"], json!(["2027-05-01T19:00:00", "2027-06-05T19:00:00"]));
        assert_eq!(seen["event"]["summary"], "Ab 3. April 2027 jeden Samstag um 19:00 Uhr bis 16. Juli 2027, nicht am 1. Mai und 5. Juni");
        let every_day = json!({"starts_local": "2026-12-01T19:00", "except_dates": ["--05-01", "--02-29"], "repeats": {"frequency": "daily"}});
        let seen = village.preview(every_day).await;
        assert_eq!(seen["event"]["except_dates"].as_array().map(Vec::len), Some(25), "twenty years, and five of them leap years");
        assert_eq!(seen["event"]["summary"], "Ab 1. Dezember 2026 täglich um 19:00 Uhr, nicht am 1. Mai und 29. Februar");
        let never = json!({"starts_local": "2027-05-03T19:00", "except_dates": ["--05-01"], "repeats": {"frequency": "weekly", "count": 3}});
        assert_eq!(village.preview(never).await["event"]["except_dates"], json!([]));
        for text in ["--02-30", "--13-01", "--5-1", "--05-01T19:00", "--"] {
            let event = json!({"starts_local": "2026-12-01T19:00", "except_dates": ["2027-01-01", text]});
            assert_eq!(refused(&village, &event).await, ["/event/except_dates/1"], "{text}");
        }
    }

    async fn public_holidays_are_left_out_as_the_land_has_them(on: Backend) {
        let dorf = Dorf::start(on).await;
        let every_day = json!({"event": {"starts_local": "2026-12-01T19:00", "except_holidays": true, "repeats": {"frequency": "daily"}}});
        for (ags, more) in LANDS {
            let token = editor_in(&dorf, ags).await;
            let path = format!("/v1/admin/villages/dorf-{ags}/events/preview");
            let seen = dorf.ask("POST", &path).bearer(&token).json(&every_day).send().await.expect(200).json();
            let expected: BTreeSet<String> = EVERYWHERE.iter().chain(more).map(|day| format!("2027-{day}")).collect();
            assert_eq!(left_out(&seen, 2027), expected, "{ags}");
        }
    }

    async fn the_holidays_of_north_rhine_westphalia_are_those_of_four_libraries(on: Backend) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/kalender-de/feiertage_nrw_2024-2032.json");
        let Ok(text) = std::fs::read(&file) else {
            eprintln!("{} is absent: nothing was tested", file.display());
            return;
        };
        let expected: Value = serde_json::from_slice(&text).expect("JSON");
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let event = json!({"starts_local": "2024-01-01T19:00", "except_holidays": true, "repeats": {"frequency": "daily"}});
        let seen = village.preview(event).await;
        for year in 2024..=2032 {
            let days = expected[year.to_string()].as_array().cloned().unwrap_or_default();
            let days: BTreeSet<String> = days.iter().filter_map(|day| day["date"].as_str().map(str::to_owned)).collect();
            assert_eq!(days.len(), 11);
            assert_eq!(left_out(&seen, year), days);
        }
    }

    async fn whatever_is_said_that_makes_no_series_is_refused_by_name(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let said = [
            (json!({"frequency": "weekly", "weekdays": ["tuesday", "tuesday"]}), "/event/repeats/weekdays"),
            (json!({"frequency": "yearly", "weekdays": ["tuesday"]}), "/event/repeats/weekdays"),
            (json!({"frequency": "monthly", "weekdays": ["tuesday"]}), "/event/repeats/weekdays"),
            (json!({"frequency": "weekly", "interval": 0}), "/event/repeats/interval"),
            (json!({"frequency": "weekly", "interval": 1000}), "/event/repeats/interval"),
            (json!({"frequency": "weekly", "interval": 65535}), "/event/repeats/interval"),
            (json!({"frequency": "weekly", "count": 0}), "/event/repeats/count"),
            (json!({"frequency": "weekly", "count": 4_294_967_295_u32}), "/event/repeats/count"),
            (json!({"frequency": "monthly", "nth": 0}), "/event/repeats/nth"),
            (json!({"frequency": "monthly", "nth": 6}), "/event/repeats/nth"),
            (json!({"frequency": "monthly", "nth": -2}), "/event/repeats/nth"),
            (json!({"frequency": "daily", "nth": 1}), "/event/repeats/nth"),
            (json!({"frequency": "weekly", "until": "2027-02-30"}), "/event/repeats/until"),
            (json!({"frequency": "weekly", "until": "16.7.2027"}), "/event/repeats/until"),
            (json!({"frequency": "weekly", "until": "9999-12-31"}), "/event/repeats/until"),
            (json!({"frequency": "weekly", "until": "-2027-07-16"}), "/event/repeats/until"),
            (json!({"frequency": "weekly", "until": ""}), "/event/repeats/until"),
            (json!({"frequency": "weekly", "until": "2026-11-30"}), "/event/repeats/until"),
            (json!({"frequency": "weekly", "until": "2027-07-16", "count": 3}), "/event/repeats/count"),
            (json!({"frequency": "weekly", "weekdays": ["wednesday"]}), "/event/starts_local"),
            (json!({"frequency": "monthly", "nth": 2}), "/event/starts_local"),
        ];
        for (repeats, pointer) in said {
            let event = json!({"starts_local": "2026-12-01T19:00", "repeats": repeats});
            assert_eq!(refused(&village, &event).await, [pointer], "{repeats}");
        }
        let members = [
            (json!({"starts_local": "2027-02-30T19:00", "repeats": {"frequency": "yearly"}}), "/event/starts_local"),
            (json!({"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}), "/event/starts_local"),
            (json!({"rrule": "FREQ=WEEKLY;UNTIL=20261130T225959Z"}), "/event/rrule"),
            (json!({"rrule": "FREQ=WEEKLY;INTERVAL=10000"}), "/event/rrule"),
            (json!({"rrule": "FREQ=WEEKLY", "repeats": {"frequency": "weekly"}}), "/event/repeats"),
        ];
        for (more, pointer) in members {
            let mut event = json!({"starts_local": "2026-12-01T19:00"});
            event.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            assert_eq!(refused(&village, &event).await, [pointer], "{more}");
        }
    }

    async fn what_is_no_way_to_say_a_series_at_all_is_refused_by_its_place(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let said = [
            json!("weekly"), json!([]), json!({}), json!(7), json!({"frequency": "hourly"}), json!({"frequency": "weekly", "days": 3}),
            json!({"frequency": "weekly", "interval": -1}), json!({"frequency": "weekly", "interval": 1.5}),
            json!({"frequency": "weekly", "interval": 65536}), json!({"frequency": "weekly", "count": 4_294_967_296_u64}),
            json!({"frequency": "monthly", "nth": 32768}), json!({"frequency": "weekly", "weekdays": ["dienstags"]}),
            json!({"frequency": "weekly", "weekdays": "tuesday"}), json!({"frequency": "weekly", "until": 20270716}),
        ];
        for repeats in said {
            let event = json!({"starts_local": "2026-12-01T19:00", "repeats": repeats});
            let pointers = refused(&village, &event).await;
            assert!(pointers.iter().all(|pointer| pointer.starts_with("/event/repeats")) && !pointers.is_empty(), "{repeats}: {pointers:?}");
        }
    }

    async fn a_series_far_apart_has_its_few_dates(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let centuries = json!({"starts_local": "2026-12-01T19:00", "repeats": {"frequency": "yearly", "interval": 999}});
        let seen = village.preview(centuries).await;
        assert_eq!(seen["next_dates"].as_array().map(Vec::len), Some(1));
        assert_eq!(seen["event"]["summary"], "Ab 1. Dezember 2026 alle 999 Jahre am 1. Dezember um 19:00 Uhr");
        let leap = json!({"starts_local": "2028-02-29T19:00", "repeats": {"frequency": "yearly", "count": 1000}});
        assert_eq!(village.preview(leap).await["event"]["rrule"], "FREQ=YEARLY;COUNT=1000");
        let thirty_first = json!({"starts_local": "2026-12-31T19:00", "repeats": {"frequency": "monthly", "count": 4}});
        let seen = village.preview(thirty_first).await;
        let days: Vec<&str> = seen["next_dates"].as_array().expect("dates").iter().filter_map(|date| date["starts_local"].as_str()).collect();
        assert_eq!(days, ["2026-12-31T19:00:00", "2027-01-31T19:00:00", "2027-03-31T19:00:00", "2027-05-31T19:00:00"]);
    }
}

/// What people may say, with a start that fits.
fn spoken() -> impl Strategy<Value = (String, Value)> {
    let week = vec!["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let frequency = select(vec!["daily", "weekly", "monthly", "yearly"]);
    let ends = prop_oneof![
        Just((None, None)),
        (1..40u32).prop_map(|count| (Some(count), None)),
        (0..500i64).prop_map(|days| (None, Some(days))),
    ];
    let nth = select(vec![None, Some(1), Some(2), Some(3), Some(4), Some(-1)]);
    let rhythm = (frequency, 1..5u32, subsequence(week.clone(), 1..4), nth);
    (rhythm, ends, 0..400i64, select(vec!["08:30", "19:00"])).prop_filter_map(
        "begins on one of its days",
        move |((frequency, interval, weekdays, nth), (count, until), days, hour)| {
            let mut start = NaiveDate::from_ymd_opt(2026, 12, 1)? + TimeDelta::days(days);
            let by_nth = frequency == "monthly" && nth.is_some();
            if frequency == "weekly" || by_nth {
                let fits = |day: NaiveDate| {
                    let later = nth.filter(|_| by_nth).is_none_or(|nth| match nth {
                        -1 => (day + TimeDelta::days(7)).month() != day.month(),
                        nth => i64::from(day.day0() / 7) == nth - 1,
                    });
                    later && weekdays.contains(&week[day.weekday().num_days_from_monday() as usize])
                };
                start = (0..62).map(|n| start + TimeDelta::days(n)).find(|day| fits(*day))?;
            }
            let mut said = json!({"frequency": frequency, "interval": interval});
            if frequency == "weekly" || by_nth {
                said["weekdays"] = json!(weekdays);
            }
            if by_nth {
                said["nth"] = json!(nth);
            }
            if let Some(count) = count {
                said["count"] = json!(count);
            }
            if let Some(days) = until {
                said["until"] = json!(start + TimeDelta::days(days));
            }
            Some((format!("{start}T{hour}"), said))
        },
    )
}

/// What somebody says becomes a rule and a sentence; the rule alone becomes the same sentence and the same dates, and no sentence
/// is said of two different series.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sentence_and_rule_say_the_same() {
    let dorf = Dorf::start(Backend::Sqlite).await;
    let village = dorf.village("luedenhausen").await;
    let runtime = tokio::runtime::Handle::current();
    let config = ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() };
    let sentences: RefCell<HashMap<(String, String), Value>> = RefCell::default();
    let story = |(start, repeats): (String, Value)| {
        let preview = |event: Value| tokio::task::block_in_place(|| runtime.block_on(village.preview(event)));
        let said = preview(json!({"starts_local": start, "repeats": repeats}));
        let rule = said["event"]["rrule"].clone();
        let again = preview(json!({"starts_local": start, "rrule": rule}));
        prop_assert_eq!(&said["event"], &again["event"], "{}", repeats);
        prop_assert_eq!(&said["next_dates"], &again["next_dates"], "{}", repeats);
        let sentence = said["event"]["summary"].as_str().unwrap_or_default().to_owned();
        prop_assert!(!sentence.contains("eigenen Regel"), "{}: {}", repeats, sentence);
        let dates = said["next_dates"].clone();
        let other = sentences.borrow_mut().insert((start.clone(), sentence.clone()), dates.clone());
        prop_assert!(other.is_none_or(|other| other == dates), "{}: {}", repeats, sentence);
        Ok(())
    };
    proptest::test_runner::TestRunner::new(config).run(&spoken(), story).expect("sentence and rule agree");
}
