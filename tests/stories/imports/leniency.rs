//! What calendars say though it cannot be meant so, and what is made of it. Nothing of it is silent: the report says what is odd.

use super::post_of;
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, VillageKit, ics, outcomes, vevent};
use tests::stories;

/// The name of a zone of Windows, with the clocks of nowhere: winter in Germany and summer in New Zealand.
const ODD_ZONE: &str = "BEGIN:VTIMEZONE\r\nTZID:New Zealand Standard Time\r\nBEGIN:STANDARD\r\nDTSTART:20191027T020000\r\n\
TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:20290325T030000\r\n\
TZOFFSETFROM:+1200\r\nTZOFFSETTO:+1300\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n";

/// The clocks of New York as they were before 2007, under a name that is no zone's.
const OLD_CLOCKS: &str = "BEGIN:VTIMEZONE\r\nTZID:US-Eastern\r\nBEGIN:STANDARD\r\nDTSTART:19671029T020000\r\n\
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\n\
DTSTART:19870405T020000\r\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\n\
END:DAYLIGHT\r\nEND:VTIMEZONE\r\n";

/// Takes a calendar that says this of itself and has one event; gives its line.
async fn takes(village: &VillageKit<'_>, calendar: &str, of_all: &str, lines: &str) -> Value {
    let lines = village.takes(calendar, ics(&[of_all.to_owned(), vevent(&format!("SUMMARY:T|{lines}"))])).await;
    lines.into_iter().find(|line| line["component"] == 1).expect("a line")
}

/// The public dates from this day on, without what they are called.
async fn dates(village: &VillageKit<'_>, from: &str) -> Vec<String> {
    village.public_dates(from).await.iter().map(|date| date.replace(" planned T", "")).collect()
}

stories! {
    async fn a_zone_that_nobody_knows_is_that_of_the_calendar_or_of_the_village_and_said_so(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let own = "X-WR-TIMEZONE;VALUE=TEXT:Europe/Lisbon\r\n";
        let times = [
            ("", "DTSTART;TZID=Mars/Olympus:20270601T180000", "Europe/Berlin", json!(["unknown_zone"])),
            (own, "DTSTART;TZID=Mars/Olympus:20270601T180000", "Europe/Lisbon", json!(["unknown_zone"])),
            (own, "DTSTART:20270601T180000", "Europe/Lisbon", json!([])),
            ("X-WR-TIMEZONE:Mars/Olympus\r\n", "DTSTART:20270601T180000", "Europe/Berlin", json!([])),
            (own, "DTSTART;TZID=Europe/London:20270601T180000", "Europe/London", json!([])),
            // The definition is of winter here and of summer there.
            (ODD_ZONE, "DTSTART;TZID=New Zealand Standard Time:20270120T180000", "Europe/Berlin", json!([])),
            ("", "DTSTART;TZID=New Zealand Standard Time:20270120T180000", "Pacific/Auckland", json!([])),
        ];
        for (n, (of_all, times, zone, remarks)) in times.into_iter().enumerate() {
            // What is called the same on the same day would be the same event.
            let times = &times.replace("20270601", &format!("2027060{}", n + 1)).replace("20270120", &format!("2027012{n}"));
            let line = takes(&village, &calendar, of_all, &format!("UID:{n}|{times}")).await;
            assert_eq!((&line["outcome"], &line["remarks"]), (&json!("imported"), &remarks), "{times}");
            let event = village.post(&post_of(&line)).await["event"].clone();
            assert_eq!(event["zone"], json!(zone), "{times}");
            assert_eq!(&event["starts_local"].as_str().expect("a time")[11..16], "18:00", "{times}");
            let again = takes(&village, &calendar, of_all, &format!("UID:{n}|{times}")).await;
            assert_eq!((&again["outcome"], &again["remarks"]), (&json!("unchanged"), &remarks), "{times}");
        }
        let endless = format!("UID:x|DTSTART;TZID=\0A\u{1}{}:20270601T180000", "a/".repeat(20_000)).replace("20270601", "20270630");
        let line = takes(&village, &calendar, "", &endless).await;
        assert_eq!((&line["outcome"], &line["remarks"]), (&json!("imported"), &json!(["unknown_zone"])));
    }

    async fn clocks_that_no_zone_has_are_followed_date_by_date(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let zone = "TZID=US-Eastern";
        let series = format!("UID:s|SUMMARY:T|DTSTART;{zone}:20270302T080000|RRULE:FREQ=WEEKLY;COUNT=7|EXDATE;{zone}:20270323T080000");
        let moved = format!("UID:s|SUMMARY:T|RECURRENCE-ID;{zone}:20270330T080000|DTSTART;{zone}:20270330T100000");
        let lines = village.takes(&calendar, ics(&[OLD_CLOCKS.to_owned(), vevent(&series), vevent(&moved)])).await;
        assert_eq!(outcomes(&lines), ["imported", "imported"]);
        assert!(lines.iter().all(|line| line["remarks"] == json!(["own_clocks"])), "{lines:?}");
        // Summer began in April; now it begins in March, when their eight o'clock is nine in New York.
        let found = dates(&village, "2027-03-01").await;
        assert_eq!(found, [
            "2027-03-02T08:00:00",
            "2027-03-09T08:00:00",
            "2027-03-16T09:00:00",
            "2027-03-30T11:00:00 changed T",
            "2027-04-06T08:00:00",
            "2027-04-13T08:00:00",
        ]);
    }

    async fn a_date_is_left_out_at_its_instant_or_else_at_its_hour(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let series = "RRULE:FREQ=DAILY;COUNT=3";
        let left_out = [
            // At the instant: half past six here is half past five in UTC.
            ("DTSTART:20270105T183000", "EXDATE:20270106T173000Z", 2),
            // At the hour, since there is nothing at the instant.
            ("DTSTART:20270105T183000", "EXDATE:20270106T183000Z", 2),
            ("DTSTART;TZID=Europe/Berlin:20270105T183000", "EXDATE;TZID=America/New_York:20270106T183000", 2),
            // Neither.
            ("DTSTART:20270105T183000", "EXDATE:20270106T190000Z", 3),
            // What is in no known zone has no instants.
            ("DTSTART;TZID=Mars/Olympus:20270105T183000", "EXDATE:20270106T173000Z", 3),
            ("DTSTART;TZID=Mars/Olympus:20270105T183000", "EXDATE:20270106T183000Z", 2),
        ];
        for (start, except, count) in left_out {
            takes(&village, &calendar, "", &format!("UID:s|{start}|{series}|{except}")).await;
            let found = dates(&village, "2027-01-01").await;
            assert_eq!(found.len(), count, "{start} {except}: {found:?}");
        }
    }

    async fn the_end_of_a_series_in_a_zone_is_in_utc(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let ends = [
            // Half past six here is half past five in UTC.
            ("DTSTART;TZID=Europe/Berlin:20270105T183000", "20270107T172900", 2),
            ("DTSTART;TZID=Europe/Berlin:20270105T183000", "20270107T173000", 3),
            ("DTSTART:20270105T183000", "20270107T182900", 2),
            ("DTSTART:20270105T183000", "20270107T183000", 3),
            ("DTSTART;VALUE=DATE:20270105", "20270107", 3),
        ];
        for (start, until, count) in ends {
            takes(&village, &calendar, "", &format!("UID:s|{start}|RRULE:FREQ=DAILY;UNTIL={until}")).await;
            let found = dates(&village, "2027-01-01").await;
            assert_eq!(found.len(), count, "{start} {until}: {found:?}");
        }
    }

    async fn a_series_that_ends_before_it_begins_has_no_date_and_is_cancelled_if_it_had(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let fest = vevent("UID:fest|SUMMARY:Fest|DTSTART;VALUE=DATE:20270301");
        let series = |until: &str| vevent(&format!("UID:s|SUMMARY:T|DTSTART:20270105T183000|RRULE:FREQ=DAILY;UNTIL={until}"));
        village.takes(&calendar, ics(&[fest.clone(), series("20270106T183000")])).await;
        let lines = village.takes(&calendar, ics(&[fest, series("20270104T183000")])).await;
        assert_eq!(outcomes(&lines), ["unchanged", "no_dates", "removed"]);
        let found = village.public_dates("2027-01-01").await;
        assert_eq!(found, ["2027-01-05T18:30:00 cancelled T", "2027-01-06T18:30:00 cancelled T", "2027-03-01 planned Fest"]);
    }

    async fn what_recurs_within_a_day_comes_in_unless_it_is_too_often(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let line = takes(&village, &calendar, "", "UID:s|DTSTART:20270105T090000|RRULE:FREQ=MINUTELY;INTERVAL=90;COUNT=3").await;
        assert_eq!(line["outcome"], "imported");
        assert_eq!(dates(&village, "2027-01-01").await, ["2027-01-05T09:00:00", "2027-01-05T10:30:00", "2027-01-05T12:00:00"]);
        for (rule, reason) in [("FREQ=MINUTELY", "too_often"), ("FREQ=HOURLY;BYMINUTE=0,30", "too_often"), ("FREQ=HOURLY;BYSETPOS=1;BYHOUR=9", "unknown_rule")] {
            let line = takes(&village, &calendar, "", &format!("UID:t|DTSTART:20270105T090000|RRULE:{rule}")).await;
            assert_eq!(line["reason"], json!(reason), "{rule}");
        }
        let line = takes(&village, &calendar, "", "UID:t|DTSTART;VALUE=DATE:20270105|RRULE:FREQ=HOURLY").await;
        assert_eq!(line["reason"], "unknown_rule");
    }

    async fn what_is_no_part_of_a_rule_is_left_out_and_said_so(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let rule = "RRULE:RRULE:Irgendwas;FREQ=DAILY;COUNT=2";
        let line = takes(&village, &calendar, "", &format!("UID:s|DTSTART:20270105T183000|{rule}")).await;
        assert_eq!((&line["outcome"], &line["remarks"]), (&json!("imported"), &json!(["rule_in_part"])));
        assert_eq!(dates(&village, "2027-01-01").await, ["2027-01-05T18:30:00", "2027-01-06T18:30:00"]);
        for rule in ["RRULE:Irgendwas", "RRULE:FREQ=DAILY;ALLES=ANDERS", "RRULE:FREQ=DAILY;X-REGENERATE=1"] {
            let line = takes(&village, &calendar, "", &format!("UID:t|DTSTART:20270105T183000|{rule}")).await;
            assert_eq!(line["reason"], "unknown_rule", "{rule}");
        }
    }
}
