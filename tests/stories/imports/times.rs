//! Times as calendars write them.

use super::post_of;
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, VillageKit, ics, outcomes, vevent};
use tests::stories;

const OWN_ZONE: &str = "BEGIN:VTIMEZONE\r\nTZID:Customized Time Zone\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\n\
TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n\
BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n\
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n";

/// An IANA name with the clocks of another zone.
const WRONG_ZONE: &str = "BEGIN:VTIMEZONE\r\nTZID:Europe/London\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n\
TZOFFSETFROM:+0900\r\nTZOFFSETTO:+0900\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

/// What becomes of an event with these times.
async fn read(village: &VillageKit<'_>, calendar: &str, n: usize, times: &str) -> (String, Option<Value>) {
    let event = vevent(&format!("UID:{n}|SUMMARY:T{n}|{times}"));
    let lines = village.takes(calendar, ics(&[OWN_ZONE.to_owned(), WRONG_ZONE.to_owned(), event])).await;
    let line = lines.iter().find(|line| line["component"] == 1).expect("a line").clone();
    let event = match line["post"].as_str() {
        Some(_) => Some(village.post(&post_of(&line)).await["event"].clone()),
        None => None,
    };
    (outcomes(&[line])[0].clone(), event)
}

stories! {
    async fn times_mean_what_they_say_wherever_they_come_from(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let timed = [
            ("DTSTART:20270601T180000", "2027-06-01T18:00:00", "Europe/Berlin"),
            ("DTSTART:20270601T160000Z", "2027-06-01T18:00:00", "Europe/Berlin"),
            ("DTSTART:20270601T160000Z|RRULE:FREQ=WEEKLY;COUNT=2", "2027-06-01T16:00:00", "UTC"),
            ("DTSTART;TZID=America/New_York:20270601T120000", "2027-06-01T12:00:00", "America/New_York"),
            ("DTSTART;TZID=W. Europe Standard Time:20270601T180000", "2027-06-01T18:00:00", "Europe/Berlin"),
            ("DTSTART;TZID=Customized Time Zone:20270601T180000", "2027-06-01T18:00:00", "Europe/Berlin"),
            ("DTSTART;TZID=Europe/London:20270601T180000", "2027-06-01T18:00:00", "Europe/London"),
        ];
        for (n, (times, starts, zone)) in timed.into_iter().enumerate() {
            let (outcome, event) = read(&village, &calendar, n, times).await;
            let event = event.unwrap_or_default();
            assert_eq!(outcome, "imported", "{times}");
            assert_eq!((&event["starts_local"], &event["zone"]), (&json!(starts), &json!(zone)), "{times}");
        }
    }

    async fn days_last_as_long_as_people_mean(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let days = [
            ("DTSTART;VALUE=DATE:20270601", Value::Null),
            ("DTSTART;VALUE=DATE:20270601|DTEND;VALUE=DATE:20270601", Value::Null),
            ("DTSTART;VALUE=DATE:20270601|DTEND;VALUE=DATE:20270602", json!("2027-06-02")),
            ("DTSTART;VALUE=DATE:20270601|DTEND;VALUE=DATE:20270604", json!("2027-06-04")),
            ("DTSTART;VALUE=DATE:20270601|DURATION:P3D", json!("2027-06-04")),
            ("DTSTART;VALUE=DATE:20270601|DTEND;VALUE=DATE:20270501", Value::Null),
        ];
        for (n, (times, ends)) in days.into_iter().enumerate() {
            let (outcome, event) = read(&village, &calendar, n, times).await;
            let event = event.unwrap_or_default();
            assert_eq!((outcome.as_str(), &event["all_day"], &event["ends_local"]), ("imported", &json!(true), &ends), "{times}");
        }
    }

    async fn a_series_is_what_all_its_components_say(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let zone = "TZID=Europe/Berlin";
        let main = format!("UID:s|SEQUENCE:2|SUMMARY:Turnen|DTSTART;{zone}:20270105T180000|DURATION:PT1H30M|RRULE:FREQ=WEEKLY;COUNT=3\
                            |RDATE;{zone}:20270130T100000|EXDATE;VALUE=DATE:20270112");
        let parts = [
            format!("UID:s|SEQUENCE:3|RECURRENCE-ID:20270119T170000Z|STATUS:CANCELLED|SUMMARY:Turnen|DTSTART;{zone}:20270119T180000"),
            format!("UID:s|RECURRENCE-ID;{zone}:20270220T180000|SUMMARY:Turnfest|DTSTART;{zone}:20270220T140000"),
            format!("UID:s|RECURRENCE-ID;RANGE=THISANDFUTURE;{zone}:20270119T180000|SUMMARY:Anders|DTSTART;{zone}:20270119T190000"),
            format!("UID:s|SEQUENCE:1|SUMMARY:Turnen früher|DTSTART;{zone}:20270104T180000"),
            format!("UID:allein|RECURRENCE-ID;{zone}:20270301T180000|SUMMARY:Ohne Reihe|DTSTART;{zone}:20270301T180000"),
        ];
        let mut all = vec![vevent(&main)];
        all.extend(parts.iter().map(|part| vevent(part)));
        let lines = village.takes(&calendar, ics(&all)).await;
        let said = ["imported", "imported", "imported", "imported", "repeated", "imported"];
        assert_eq!(outcomes(&lines), said);
        let dates = [
            "2027-01-05T18:00:00 planned Turnen",
            "2027-01-19T18:00:00 cancelled Turnen",
            "2027-01-30T11:00:00 changed Anders",
            "2027-02-20T14:00:00 changed Turnfest",
            "2027-03-01T18:00:00 planned Ohne Reihe",
        ];
        assert_eq!(village.public_dates("2026-12-01").await, dates);
        all.reverse();
        let again = outcomes(&village.takes(&calendar, ics(&all)).await);
        assert!(!again.contains(&"changed".to_owned()) && !again.contains(&"imported".to_owned()), "{again:?}");
    }
}
