//! Real calendars of municipalities, where they are: they may be read and not copied.

use super::what;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use tests::kit::{Backend, Dorf};
use tests::stories;

/// The folder of shared test inputs.
fn shared(path: &str) -> Option<Vec<u8>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(path);
    let found = std::fs::read(&file).ok();
    if found.is_none() {
        eprintln!("{} is absent: nothing was tested", file.display());
    }
    found
}

/// What two independent readers expect of a file: days and labels within the window they looked at.
fn expected(file: &str) -> (NaiveDate, NaiveDate, BTreeSet<(String, String)>) {
    let json: Value =
        serde_json::from_slice(&shared("ical-expected/abfall.json").expect("expectations")).expect("JSON");
    let of_file = &json[file];
    let day = |value: &Value| value.as_str().expect("a day")[..10].parse::<NaiveDate>().expect("a day");
    let occurrences = of_file["occurrences"].as_array().expect("dates").iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let dates = occurrences.map(|it| (text(&it["start"])[..10].to_owned(), text(&it["summary"])));
    (day(&of_file["window"][0]), day(&of_file["window"][1]), dates.collect())
}

async fn agrees(on: Backend, file: &str) {
    let Some(calendar) = shared(file) else { return };
    let dorf = Dorf::start(on).await;
    let village = dorf.village("luedenhausen").await;
    village.waste_district("ahornweg").await;
    dorf.set_time("2020-01-02T10:00:00Z".parse::<DateTime<Utc>>().expect("an instant"));
    let (first, last, expected) = expected(file);
    let counts = village.imported("ahornweg", calendar.clone()).await;
    assert!(counts[0] > 0 && counts[4] == 0, "{counts:?}");
    let mut found = BTreeSet::new();
    let mut dates = Vec::new();
    for from in ["2019-06-01", "2020-07-06", "2021-08-11"] {
        let some = village.waste_dates("ahornweg", from).await;
        found.extend(what(&some));
        dates.extend(some);
    }
    // As far as both looked: theirs ends before its last day, ours 800 days ahead.
    let both = |dates: BTreeSet<(String, String)>| -> BTreeSet<(String, String)> {
        let last = last.min("2022-03-12".parse().expect("a day"));
        let within = |day: &str| day.parse::<NaiveDate>().is_ok_and(|day| day >= first && day < last);
        dates.into_iter().filter(|(day, _)| within(day)).collect()
    };
    assert_eq!(both(found), both(expected));
    assert_eq!(village.imported("ahornweg", calendar).await, [0, 0, counts[0], 0, 0]);
}

stories! {
    async fn the_calendar_of_a_german_municipality_comes_in_date_by_date(on: Backend) {
        agrees(on, "abfall/abfallplus_aichwald_ahornweg_2020.ics").await;
    }

    async fn a_calendar_of_endless_series_comes_in_date_by_date(on: Backend) {
        agrees(on, "abfall/sivom_sabredav_rrule_2020.ics").await;
    }
}
