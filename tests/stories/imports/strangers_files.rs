//! Calendars as other programs really write them: each was a report about a system of this kind.

use super::post_of;
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, VillageKit, ics, outcomes, vevent};
use tests::stories;

/// The dates of 400 days from this one on: when they begin and end in UTC, or which day, how they are and what they are called.
async fn instants(village: &VillageKit<'_>, from: &str) -> Vec<String> {
    let from: chrono::NaiveDate = from.parse().expect("a day");
    let to = from + chrono::TimeDelta::days(400);
    let path = format!("/occurrences?from={from}T00:00:00Z&to={to}T00:00:00Z&limit=100");
    let list = village.ask("GET", &path).send().await.expect(200).json();
    let line = |date: &Value| {
        let text = |name: &str| date[name].as_str().unwrap_or_default();
        match date["all_day"] == true {
            true => format!("{} {} {}", text("starts_local"), text("state"), text("title")),
            false => {
                let at = |name: &str| text(name).replace(".000Z", "Z");
                format!("{}/{} {} {}", at("starts_at"), at("ends_at"), text("state"), text("title"))
            }
        }
    };
    list["items"].as_array().expect("dates").iter().map(line).collect()
}

/// What comes of one event: its line.
async fn one(village: &VillageKit<'_>, calendar: &str, lines: &str) -> Value {
    let taken = village.takes(calendar, ics(&[vevent(lines)])).await;
    taken.into_iter().find(|line| line["component"] == 1).expect("a line")
}

/// A village with a calendar of the town hall.
macro_rules! town {
    ($dorf:ident, $village:ident, $calendar:ident, $on:expr) => {
        let $dorf = Dorf::start($on).await;
        let $village = $dorf.village("luedenhausen").await;
        let $calendar = $village.own_calendar("vereine").await;
    };
}

const EXCHANGE: &str = "BEGIN:VTIMEZONE\r\nTZID:tzone://Microsoft/Custom\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\n\
TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\n\
DTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\n\
END:VTIMEZONE\r\n";

/// As Lotus Notes writes it, of a zone that is called as none is.
const NOTES: &str = "BEGIN:VTIMEZONE\r\nTZID:Ost\r\nBEGIN:STANDARD\r\nDTSTART:19501029T020000\r\nTZOFFSETFROM:-0400\r\n\
TZOFFSETTO:-0500\r\nRRULE:FREQ=YEARLY;BYMINUTE=0;BYHOUR=2;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\n\
DTSTART:19500402T020000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nRRULE:FREQ=YEARLY;BYMINUTE=0;BYHOUR=2;BYDAY=1SU;BYMONTH=4\r\n\
END:DAYLIGHT\r\nEND:VTIMEZONE\r\n";

stories! {
    async fn zones_are_known_by_whatever_programs_call_them(on: Backend) {
        town!(dorf, village, calendar, on);
        let summer = [
            ("tzone://Microsoft/Utc", "18:00:00Z"),
            ("\"tzone://Microsoft/Utc\"", "18:00:00Z"),
            ("tzone://Microsoft/Custom", "16:00:00Z"),
            ("\"(GMT+01.00) Amsterdam / Berlin / Bern / Rome / Stockholm / Vienna\"", "16:00:00Z"),
            ("\"(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien\"", "16:00:00Z"),
            ("\"(UTC+00:00) Dublin, Edinburgh, Lissabon, London\"", "17:00:00Z"),
            ("\"(UTC+02:00) Athen, Bukarest\"", "15:00:00Z"),
            ("\"(UTC-05:00) Bogota, Lima, Quito\"", "23:00:00Z"),
            ("\"(UTC) Koordinierte Weltzeit\"", "18:00:00Z"),
            ("GMT +0100 (Standard) / GMT +0200 (Daylight)", "16:00:00Z"),
            ("Mitteleuropäische Zeit", "16:00:00Z"),
            ("MESZ", "16:00:00Z"),
            ("europe/berlin", "16:00:00Z"),
            ("W. Europe Standard Time 1", "16:00:00Z"),
            ("/freeassociation.sourceforge.net/Tzfile/Europe/Berlin", "16:00:00Z"),
            ("/mozilla.org/20050126_1/Europe/London", "17:00:00Z"),
            ("GMT Standard Time", "17:00:00Z"),
        ];
        for (n, (zone, utc)) in summer.into_iter().enumerate() {
            let event = vevent(&format!("UID:{n}|SUMMARY:T{n}|DTSTART;TZID={zone}:20270708T180000|DTEND;TZID={zone}:20270708T193000"));
            let lines = village.takes(&calendar, ics(&[EXCHANGE.to_owned(), event])).await;
            let line = lines.iter().find(|line| line["component"] == 1).expect("a line");
            assert_eq!((&line["outcome"], &line["remarks"]), (&json!("imported"), &json!([])), "{zone}");
            let found = instants(&village, "2027-07-01").await;
            let found: Vec<&String> = found.iter().filter(|date| date.ends_with(&format!("planned T{n}"))).collect();
            assert_eq!(found.len(), 1, "{zone}: {found:?}");
            assert!(found[0].starts_with(&format!("2027-07-08T{utc}/")), "{zone}: {found:?}");
        }
    }

    async fn clocks_whose_rules_name_an_hour_are_advanced_in_summer(on: Backend) {
        town!(dorf, village, calendar, on);
        let once = vevent("UID:1|SUMMARY:Telefonat|DTSTART;TZID=Ost:20270601T090000|DTEND;TZID=Ost:20270601T100000");
        let series = vevent("UID:2|SUMMARY:Austausch|DTSTART;TZID=Ost:20270607T090000|DTEND;TZID=Ost:20270607T100000|RRULE:FREQ=DAILY;COUNT=2");
        village.takes(&calendar, ics(&[NOTES.to_owned(), once, series])).await;
        let starts: Vec<String> = instants(&village, "2027-05-01").await.iter().map(|date| date[..20].to_owned()).collect();
        assert_eq!(starts, ["2027-06-01T13:00:00Z", "2027-06-07T13:00:00Z", "2027-06-08T13:00:00Z"]);
    }

    async fn whole_days_are_the_days_that_are_written(on: Backend) {
        town!(dorf, village, calendar, on);
        let market = "SUMMARY:T|DTSTART;VALUE=DATE:20270601|DTEND;VALUE=DATE:20270602";
        let moved = |which: &str| vevent(&format!("UID:1|RECURRENCE-ID{which}|SUMMARY:T|DTSTART;VALUE=DATE:20270609|DTEND;VALUE=DATE:20270610"));
        let weekly = vevent(&format!("UID:1|{market}|RRULE:FREQ=WEEKLY;COUNT=3"));
        let on_days = |days: &[&str]| days.iter().map(|day| format!("2027-06-{day}")).collect::<Vec<_>>();
        for which in [";TZID=Europe/Istanbul:20270608T000000", ";TZID=America/New_York:20270608T000000", ":20270607T220000Z", ":20270608"] {
            village.takes(&calendar, ics(&[weekly.clone(), moved(which)])).await;
            let found: Vec<String> = village.public_dates("2027-05-01").await.iter().map(|date| date[..10].to_owned()).collect();
            assert_eq!(found, on_days(&["01", "09", "15"]), "{which}");
        }
        let rules = [
            ("RRULE:FREQ=WEEKLY;COUNT=3;BYHOUR=9;BYMINUTE=0,30", &["01", "08", "15"][..]),
            ("RRULE:FREQ=DAILY;UNTIL=20270603T235959Z", &["01", "02", "03"]),
            ("RRULE:FREQ=DAILY;UNTIL=20270603T120000", &["01", "02", "03"]),
            ("RRULE:FREQ=DAILY;UNTIL=20270602T220000Z", &["01", "02", "03"]),
            ("RRULE:FREQ=DAILY;COUNT=3|EXDATE;TZID=Europe/Istanbul:20270602T000000", &["01", "03"]),
            ("RRULE:FREQ=WEEKLY;COUNT=1|RDATE;TZID=Asia/Tokyo:20270602T000000", &["01", "02"]),
        ];
        for (rule, days) in rules {
            let line = one(&village, &calendar, &format!("UID:1|{market}|{rule}")).await;
            assert_eq!((&line["post"].is_string(), &line["remarks"]), (&true, &json!([])), "{rule}");
            let found: Vec<String> = village.public_dates("2027-05-01").await.iter().map(|date| date[..10].to_owned()).collect();
            assert_eq!(found, on_days(days), "{rule}");
        }
    }

    async fn what_cannot_be_read_costs_no_more_than_itself(on: Backend) {
        town!(dorf, village, calendar, on);
        let start = "DTSTART;TZID=Europe/Berlin:20270601T190000";
        let (first, second) = ("2027-06-01T17:00:00Z", "2027-06-08T17:00:00Z");
        let weekly = "RRULE:FREQ=WEEKLY;COUNT=2";
        let odd = json!(["unreadable_date"]);
        let no_end = json!(["no_end"]);
        let events = [
            (format!("{start}|{weekly}|EXDATE:"), vec![first, second], json!([])),
            (format!("{start}|RDATE:"), vec![first], json!([])),
            (format!("{start}|{weekly}|EXDATE:bald,20270608T170000Z"), vec![first], odd.clone()),
            (format!("{start}|{weekly}|EXDATE;TZID=Europe/Berlin:20271399T190000"), vec![first, second], odd.clone()),
            (format!("{start}|RDATE:20270608T170000Z,29990101T000000Z"), vec![first, second], odd),
            (format!("{start}|DTEND:irgendwann"), vec![first], no_end.clone()),
            (format!("{start}|DTEND;TZID=Europe/Berlin:20270601T180000"), vec![first], no_end.clone()),
            (format!("{start}|DURATION:-PT1H"), vec![first], no_end.clone()),
            (format!("{start}|DURATION:lange"), vec![first], no_end),
            ("DTSTART;TZID=Europe/Berlin:2027-06-01T19:00:00".to_owned(), vec![first], json!([])),
            ("DTSTART:2027-06-01 17:00:00Z".to_owned(), vec![first], json!([])),
            (format!("{start}|RRULE:FREQ=WEEKLY;COUNT=2|RRULE:FREQ=WEEKLY;COUNT=2"), vec![first, second], json!([])),
            (format!("{start}|RRULE:FREQ=WEEKLY;COUNT=2;FREQ=WEEKLY"), vec![first, second], json!([])),
            (format!("{start}|RRULE:FREQ=WEEKLY;UNTIL=20270608T240000Z"), vec![first, second], json!([])),
        ];
        for (event, starts, remarks) in events {
            let line = one(&village, &calendar, &format!("UID:1|SUMMARY:T|{event}")).await;
            assert!(["imported", "changed", "unchanged"].iter().any(|came| line["outcome"] == *came), "{event}: {line}");
            assert_eq!(line["remarks"], remarks, "{event}");
            let found = instants(&village, "2027-05-01").await;
            assert_eq!(found.iter().map(|date| &date[..20]).collect::<Vec<_>>(), starts, "{event}");
        }
        let line = one(&village, &calendar, "UID:1|SUMMARY:T|DTSTART;TZID=Europe/Berlin:20271231T200000|DTEND;TZID=Europe/Berlin:20271231T240000").await;
        assert_eq!((&line["outcome"], &line["remarks"]), (&json!("changed"), &json!([])));
        assert_eq!(instants(&village, "2027-12-01").await, ["2027-12-31T19:00:00Z/2027-12-31T23:00:00Z planned T"]);
        let line = one(&village, &calendar, "UID:1|SUMMARY:T|DTSTART;TZID=America/New_York:20271231T140000|DTEND:20271231T170000").await;
        assert_eq!((&line["outcome"], &line["remarks"]), (&json!("changed"), &json!([])), "an end without a zone is by the start's clock");
        assert_eq!(instants(&village, "2027-12-01").await, ["2027-12-31T19:00:00Z/2027-12-31T22:00:00Z planned T"]);
        let line = one(&village, &calendar, "UID:2|SUMMARY:T|DTSTART;TZID=Europe/Berlin:20270601T240000").await;
        assert_eq!(line["outcome"], "imported");
        assert_eq!(village.post(&post_of(&line)).await["event"]["starts_local"], "2027-06-02T00:00:00");
    }

    async fn further_dates_last_as_long_as_they_say(on: Backend) {
        town!(dorf, village, calendar, on);
        let zone = "TZID=Europe/Berlin";
        let event = format!("UID:1|SUMMARY:Probe|DTSTART;{zone}:20270105T200000|DTEND;{zone}:20270105T210000\
                             |RDATE;VALUE=PERIOD;{zone}:20270107T180000/20270107T220000,20270109T180000/PT30M");
        one(&village, &calendar, &event).await;
        assert_eq!(instants(&village, "2027-01-01").await, [
            "2027-01-05T19:00:00Z/2027-01-05T20:00:00Z planned Probe",
            "2027-01-07T17:00:00Z/2027-01-07T21:00:00Z planned Probe",
            "2027-01-09T17:00:00Z/2027-01-09T17:30:00Z planned Probe",
        ]);
    }

    async fn what_recurs_often_and_is_soon_over_comes_in(on: Backend) {
        town!(dorf, village, calendar, on);
        let tour = |until: &str| format!("UID:1|SUMMARY:T|DTSTART;TZID=Europe/Berlin:20270601T090000|RRULE:FREQ=MINUTELY;INTERVAL=15;UNTIL={until}");
        assert_eq!(one(&village, &calendar, &tour("20270601T083000Z")).await["outcome"], "imported");
        let found = village.public_dates("2027-05-01").await;
        assert_eq!(found.iter().map(|date| &date[..16]).collect::<Vec<_>>(), [
            "2027-06-01T09:00", "2027-06-01T09:15", "2027-06-01T09:30", "2027-06-01T09:45", "2027-06-01T10:00", "2027-06-01T10:15",
            "2027-06-01T10:30",
        ]);
        for endless in ["20270701T083000Z", "20990601T083000Z"] {
            assert_eq!(one(&village, &calendar, &tour(endless)).await["reason"], "too_often", "{endless}");
        }
    }

    async fn texts_are_read_as_they_were_meant(on: Backend) {
        town!(dorf, village, calendar, on);
        let start = "DTSTART;TZID=Europe/Berlin:20270115T190000";
        let events = [
            format!("UID:1|{start}|SUMMARY:Eins|LOCATION:Dorfgemeinschaftshaus\\nDorfstraße 1\\n32689 Kalletal\\nDeutschland"),
            format!("UID:2|{start}|SUMMARY;ENCODING=QUOTED-PRINTABLE:Fr=C3=BChschoppen|DESCRIPTION;ENCODING=QUOTED-PRINTABLE:f=C3=BCr=0D=0Aalle=\r\n, auch =\r\nKinder|LOCATION:Gasthof,\\n Saal\\n"),
            format!("UID:3|{start}|SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:Gr=FCnkohl|LOCATION;ENCODING=QUOTED-PRINTABLE:K=FCche"),
            format!("UID:4|{start}|SUMMARY:Singen\\nund Tanzen|DESCRIPTION;ALTREP=CID:teil1@chor.example:Mit Klavier"),
        ];
        let lines = village.takes(&calendar, ics(&events.map(|event| vevent(&event)))).await;
        assert_eq!(outcomes(&lines), ["imported"; 4]);
        let mut posts = Vec::new();
        for line in &lines {
            posts.push(village.post(&post_of(line)).await);
        }
        let places: Vec<&Value> = posts.iter().map(|post| &post["event"]["place"]).collect();
        let address = "Dorfgemeinschaftshaus, Dorfstraße 1, 32689 Kalletal, Deutschland";
        assert_eq!(places, [&json!(address), &json!("Gasthof, Saal"), &json!("Küche"), &Value::Null]);
        let titles: Vec<&Value> = posts.iter().map(|post| &post["title"]).collect();
        assert_eq!(titles, ["Eins", "Frühschoppen", "Grünkohl", "Singen und Tanzen"]);
        assert_eq!((&posts[1]["body_markdown"], &posts[3]["body_markdown"]), (&json!("für\\\nalle, auch Kinder"), &json!("Mit Klavier")));
    }

    async fn a_change_of_all_that_follow_is_followed(on: Backend) {
        town!(dorf, village, calendar, on);
        let zone = "TZID=Europe/Berlin";
        let choir = |rule: &str| vevent(&format!("UID:12|DTSTART;{zone}:20270107T190000|DTEND;{zone}:20270107T203000|RRULE:FREQ=WEEKLY{rule}|SUMMARY:Chorprobe|LOCATION:Alte Schule"));
        let later = vevent(&format!("UID:12|RECURRENCE-ID;RANGE=THISANDFUTURE;{zone}:20270121T190000|DTSTART;{zone}:20270121T200000|DTEND;{zone}:20270121T213000|SUMMARY:Chorprobe|LOCATION:Kirche"));
        let off = vevent(&format!("UID:12|RECURRENCE-ID;{zone}:20270204T190000|DTSTART;{zone}:20270204T190000|STATUS:CANCELLED|SUMMARY:Chorprobe"));
        let lines = village.takes(&calendar, ics(&[choir(";COUNT=6"), later.clone()])).await;
        assert_eq!(outcomes(&lines), ["imported", "imported"]);
        assert_eq!(lines[0]["remarks"], json!([]));
        let found = village.occurrences("from=2027-01-01T00:00:00Z&to=2028-01-01T00:00:00Z").await;
        let found: Vec<(&str, &str)> = found.iter().map(|date| (date["starts_local"].as_str().expect("a start"), date["place"].as_str().expect("a place"))).collect();
        assert_eq!(found, [
            ("2027-01-07T19:00:00", "Alte Schule"),
            ("2027-01-14T19:00:00", "Alte Schule"),
            ("2027-01-21T20:00:00", "Kirche"),
            ("2027-01-28T20:00:00", "Kirche"),
            ("2027-02-04T20:00:00", "Kirche"),
            ("2027-02-11T20:00:00", "Kirche"),
        ]);
        assert_eq!(outcomes(&village.takes(&calendar, ics(&[choir(";COUNT=6"), later.clone()])).await), ["unchanged", "unchanged"]);
        village.takes(&calendar, ics(&[choir(";COUNT=6"), later.clone(), off])).await;
        assert_eq!(village.public_dates("2027-01-01").await[4], "2027-02-04T19:00:00 cancelled Chorprobe");
        // What goes on for ever is known as far as it is to be seen, and nothing wrong is said of later.
        let lines = village.takes(&calendar, ics(&[choir(""), later])).await;
        assert_eq!((outcomes(&lines), &lines[0]["remarks"]), (vec!["changed".to_owned(), "changed".to_owned()], &json!(["followed_so_far"])));
        let late = village.occurrences("from=2028-12-01T00:00:00Z&to=2029-12-01T00:00:00Z").await;
        assert!(!late.is_empty() && late.iter().all(|date| date["place"] == "Kirche"), "{late:?}");
    }

    async fn a_date_that_becomes_a_whole_day_is_one(on: Backend) {
        town!(dorf, village, calendar, on);
        let zone = "TZID=Europe/Berlin";
        let training = vevent(&format!("UID:6|DTSTART;{zone}:20270601T190000|DTEND;{zone}:20270601T210000|RRULE:FREQ=WEEKLY;COUNT=2|SUMMARY:Training"));
        let day = vevent(&format!("UID:6|RECURRENCE-ID;{zone}:20270608T190000|DTSTART;VALUE=DATE:20270609|DTEND;VALUE=DATE:20270610|SUMMARY:Turniertag"));
        let lines = village.takes(&calendar, ics(&[training.clone(), day.clone()])).await;
        assert_eq!(outcomes(&lines), ["imported", "imported"]);
        assert_eq!(instants(&village, "2027-05-01").await, [
            "2027-06-01T17:00:00Z/2027-06-01T19:00:00Z planned Training",
            "2027-06-09 planned Turniertag",
        ]);
        assert_eq!(outcomes(&village.takes(&calendar, ics(&[day, training.clone()])).await), ["unchanged", "unchanged"]);
        village.takes(&calendar, ics(&[training])).await;
        let found = village.public_dates("2027-05-01").await;
        assert_eq!(found, ["2027-06-01T19:00:00 planned Training", "2027-06-08T19:00:00 planned Training", "2027-06-09 cancelled Turniertag"]);
    }

    async fn an_old_change_of_a_series_that_was_cut_is_stale(on: Backend) {
        town!(dorf, village, calendar, on);
        let course = vevent("UID:7|SEQUENCE:2|DTSTART;VALUE=DATE:20270601|RRULE:FREQ=WEEKLY;UNTIL=20270608|SUMMARY:Kurs");
        let change = |sequence: u32, which: &str, day: &str| vevent(&format!("UID:7|SEQUENCE:{sequence}|RECURRENCE-ID;VALUE=DATE:{which}|DTSTART;VALUE=DATE:{day}|SUMMARY:Kurs"));
        let lines = village.takes(&calendar, ics(&[course.clone(), change(1, "20270622", "20270623"), change(1, "20270608", "20270609")])).await;
        assert_eq!(outcomes(&lines), ["imported", "stale", "imported"]);
        assert_eq!(village.public_dates("2027-05-01").await, ["2027-06-01 planned Kurs", "2027-06-09 changed Kurs"]);
        let lines = village.takes(&calendar, ics(&[course, change(2, "20270622", "20270623")])).await;
        assert_eq!(outcomes(&lines), ["changed", "changed"], "a further date");
    }

    async fn a_message_that_calls_off_calls_off_and_no_more(on: Backend) {
        town!(dorf, village, calendar, on);
        let zone = "TZID=Europe/Berlin";
        let film = vevent(&format!("UID:27|DTSTART;{zone}:20270122T190000|DTEND;{zone}:20270122T210000|SUMMARY:Filmabend"));
        let choir = vevent(&format!("UID:chor|DTSTART;{zone}:20270105T190000|RRULE:FREQ=WEEKLY;COUNT=3|SUMMARY:Probe"));
        let all = ics(&[film, choir]);
        village.takes(&calendar, all.clone()).await;
        let message = |lines: &str| ics(&["METHOD:CANCEL\r\n".to_owned(), vevent(lines)]);
        let lines = village.takes(&calendar, message(&format!("UID:27|DTSTART;{zone}:20270122T190000|SUMMARY:Filmabend|SEQUENCE:1"))).await;
        assert_eq!(outcomes(&lines), ["changed"]);
        let lines = village.takes(&calendar, message(&format!("UID:chor|RECURRENCE-ID;{zone}:20270112T190000|SEQUENCE:1"))).await;
        assert_eq!(outcomes(&lines), ["changed"]);
        assert_eq!(village.public_dates("2027-01-01").await, [
            "2027-01-05T19:00:00 planned Probe",
            "2027-01-12T19:00:00 cancelled Probe",
            "2027-01-19T19:00:00 planned Probe",
            "2027-01-22T19:00:00 cancelled Filmabend",
        ]);
        assert_eq!(outcomes(&village.takes(&calendar, message("UID:fremd|SUMMARY:Fremd")).await), ["cancelled"]);
        assert_eq!(outcomes(&village.takes(&calendar, message(&format!("UID:chor|RECURRENCE-ID;{zone}:20270113T190000"))).await), ["cancelled"]);
        village.takes(&calendar, all).await;
        assert!(village.public_dates("2027-01-01").await.iter().all(|date| date.contains("planned")), "its publisher says it takes place");
    }

    async fn how_often_a_publisher_changed_an_event_is_kept(on: Backend) {
        town!(dorf, village, calendar, on);
        let fest = |sequence: &str, day: &str| format!("UID:f|SEQUENCE:{sequence}|SUMMARY:Fest|DTSTART;VALUE=DATE:202706{day}");
        let mut post = String::new();
        for (sequence, day, kept) in [("7", "01", 7), ("7", "02", 8), ("3", "03", 9), ("40", "04", 40), ("99999999999", "05", i32::MAX / 2)] {
            let line = one(&village, &calendar, &fest(sequence, day)).await;
            post = post_of(&line);
            assert_eq!(village.post(&post).await["event"]["sequence"], json!(kept), "{sequence} {day}");
        }
        let out = village.ask("GET", "/calendar.ics").send().await.expect(200).text();
        assert!(out.contains(&format!("SEQUENCE:{}\r\n", i32::MAX / 2)), "{post}: {out}");
    }
}
