//! Events for calendars: read back by parsers that know nothing of us, which find the same dates.

mod waste;

use calcard::icalendar::{ICalendar, ICalendarProperty};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use tests::kit::{Backend, Dorf, Draft, Reply, VillageKit, club, event, news, read_by};
use tests::stories;

/// A choir that meets on Tuesdays, across the change of the clock: one Tuesday is left out, one cancelled, one moved, and there is a
/// Thursday more.
fn choir() -> Draft {
    let dates = json!({
        "starts_local": "2027-03-16T19:00", "ends_local": "2027-03-16T20:30", "rrule": "FREQ=WEEKLY;COUNT=5",
        "extra_dates": ["2027-04-08T18:00"], "except_dates": ["2027-03-23"],
        "changed_dates": [
            {"date": "2027-03-30T19:00", "state": "cancelled", "note": "Osterferien"},
            {"date": "2027-04-06T19:00", "state": "changed", "starts_local": "2027-04-06T18:00", "place": "Kirche"},
        ],
        "place": "Gemeindehaus", "address": "Am Dorfplatz 1, 32689 Kalletal", "latitude": 52.0731, "longitude": 8.9921,
        "access": ["step_free"], "cost": "Eintritt frei", "registration_url": "https://chor.example/?a=1;b=2,3",
    });
    Draft(json!({"kind": "event", "title": "Chorprobe", "body_markdown": "Alle sind *eingeladen*.", "event": dates}))
}

/// The dates of the choir, and those of the other events.
const DATES: [&str; 10] = [
    "2027-03-16T18:00:00Z\tCONFIRMED\tChorprobe",
    "2027-03-30T17:00:00Z\tCANCELLED\tAbgesagt: Chorprobe",
    "2027-04-02\tCONFIRMED\tKirmes",
    "2027-04-06T16:00:00Z\tCONFIRMED\tChorprobe",
    "2027-04-08T16:00:00Z\tCONFIRMED\tChorprobe",
    "2027-04-10T13:00:00Z\tCANCELLED\tAbgesagt: Dorffest",
    "2027-04-11T13:00:00Z\tTENTATIVE\tFrühling; Musik, Tanz \\n und \"mehr\"",
    "2027-04-12T06:00:00Z\tCONFIRMED\tWache",
    "2027-04-12T14:00:00Z\tCONFIRMED\tWache",
    "2027-04-13T17:00:00Z\tCONFIRMED\tChorprobe",
];

async fn publish_all(village: &VillageKit<'_>) {
    let editor = village.editor();
    editor.publishes(choir().on("vereine")).await;
    let days = json!({"all_day": true, "starts_local": "2027-04-02", "ends_local": "2027-04-05"});
    editor.publishes(event("Kirmes", "").with("event", days)).await;
    let off = json!({"starts_local": "2027-04-10T15:00", "status": "cancelled"});
    editor.publishes(event("Dorffest", "").with("event", off)).await;
    let maybe = json!({"starts_local": "2027-04-11T15:00", "ends_local": "2027-04-11T18:00", "status": "tentative", "place": "Park; hinten, links"});
    editor.publishes(event("Frühling; Musik, Tanz \\n und \"mehr\"", "").with("event", maybe)).await;
    let hours = json!({"starts_local": "2027-04-12T08:00", "rrule": "FREQ=HOURLY;INTERVAL=4;COUNT=3", "except_dates": ["2027-04-12T12:00"]});
    editor.publishes(event("Wache", "").with("event", hours)).await;
    editor.publishes(news("Kein Termin")).await;
    editor.drafts(event("Entwurf", "2027-04-12T15:00")).await;
}

/// The dates of a calendar as calcard, the parser of a mail server, reads them.
fn dates(reply: &Reply) -> Vec<String> {
    let calendar = ICalendar::parse(reply.text()).unwrap_or_else(|error| panic!("{error:?}: {}", reply.text()));
    let expanded = calendar.expand_dates(chrono_tz::Europe::Berlin, 1_000);
    assert!(expanded.errors.is_empty(), "{:?}", expanded.errors);
    let line = |date: &calcard::icalendar::dates::CalendarEvent<_, _>| {
        let component = &calendar.components[date.comp_id as usize];
        let text = |name: ICalendarProperty| {
            let entry = component.property(&name).and_then(|entry| entry.values.first());
            entry.and_then(|value| value.as_text()).unwrap_or_default().to_owned()
        };
        let start: chrono::DateTime<calcard::common::timezone::Tz> = date.start;
        let whole_day = reply.text().contains(&format!("DTSTART;VALUE=DATE:{}", start.format("%Y%m%d")));
        let start = match whole_day {
            true => start.format("%Y-%m-%d").to_string(),
            false => start.with_timezone(&Utc).format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        };
        format!("{start}\t{}\t{}", text(ICalendarProperty::Status), text(ICalendarProperty::Summary))
    };
    let mut lines: Vec<String> = expanded.events.iter().map(line).collect();
    lines.sort();
    lines
}

/// Every reader that is installed has these dates.
fn all_read(reply: &Reply, expected: &[&str]) {
    for (program, script) in [
        ("python3", "read_ics.py"),
        ("python3", "read_ics_strictly.py"),
        ("python3", "read_ics_vobject.py"),
        ("node", "read_ics.mjs"),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("parsers").join(script);
        let mut command = Command::new(program);
        command.arg(path).args(["2026-11-01", "2027-11-01"]);
        let read = tokio::task::block_in_place(|| read_by(script, &mut command, &reply.body));
        if let Some(read) = read {
            assert_eq!(read, expected, "{script}");
        }
    }
}

/// The lines of a calendar, unfolded.
fn unfolded(reply: &Reply) -> Vec<String> {
    reply.text().replace("\r\n ", "").split("\r\n").map(str::to_owned).collect()
}

stories! {
    async fn calendars_that_are_not_ours_read_the_same_dates(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        publish_all(&village).await;
        let reply = village.ask("GET", "/calendar.ics").send().await.expect(200);
        assert_eq!(reply.header("content-type"), "text/calendar; charset=utf-8");
        assert_eq!(reply.header("content-disposition"), "inline; filename=\"luedenhausen.ics\"");
        assert_eq!(dates(&reply), DATES);
        all_read(&reply, &DATES);
    }

    /// What programs write that end a series on a day, or give it in UTC, leaves us as all readers understand it.
    async fn series_that_end_on_a_day_or_are_in_utc_are_read_alike_by_all(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        for (title, event) in [
            ("Probe", json!({"starts_local": "2027-01-05T19:00", "rrule": "FREQ=WEEKLY;UNTIL=20270202"})),
            ("Fasten", json!({"all_day": true, "starts_local": "2027-02-10", "rrule": "FREQ=DAILY;INTERVAL=7;UNTIL=20270224T225959Z"})),
            ("Funkrunde", json!({"starts_local": "2027-03-18T18:00", "zone": "UTC", "rrule": "FREQ=WEEKLY;COUNT=4"})),
        ] {
            village.editor().publishes(self::event(title, "").with("event", event).saying("")).await;
        }
        let reply = village.ask("GET", "/calendar.ics").send().await.expect(200);
        let lines = unfolded(&reply);
        for line in ["RRULE:FREQ=WEEKLY;UNTIL=20270202T225959Z", "RRULE:FREQ=DAILY;UNTIL=20270224;INTERVAL=7", "DTSTART:20270318T180000Z"] {
            assert!(lines.iter().any(|it| it == line), "no {line} in\n{}", lines.join("\n"));
        }
        assert!(!reply.text().contains("X-WR-TIMEZONE"), "some readers move series in UTC to it");
        assert!(!lines.iter().any(|line| line.starts_with("DESCRIPTION")), "events without a text have none");
        let expected = [
            "2027-01-05T18:00:00Z\tCONFIRMED\tProbe", "2027-01-12T18:00:00Z\tCONFIRMED\tProbe", "2027-01-19T18:00:00Z\tCONFIRMED\tProbe",
            "2027-01-26T18:00:00Z\tCONFIRMED\tProbe", "2027-02-02T18:00:00Z\tCONFIRMED\tProbe",
            "2027-02-10\tCONFIRMED\tFasten", "2027-02-17\tCONFIRMED\tFasten", "2027-02-24\tCONFIRMED\tFasten",
            "2027-03-18T18:00:00Z\tCONFIRMED\tFunkrunde", "2027-03-25T18:00:00Z\tCONFIRMED\tFunkrunde",
            "2027-04-01T18:00:00Z\tCONFIRMED\tFunkrunde", "2027-04-08T18:00:00Z\tCONFIRMED\tFunkrunde",
        ];
        all_read(&reply, &expected);
    }

    async fn lines_are_folded_at_75_octets_the_last_too(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
                for length in 60..100 {
            village.editor().publishes(event(&"x".repeat(length), "2026-12-06T15:00")).await;
        }
        let reply = village.ask("GET", "/calendar.ics").send().await.expect(200);
        let longest = reply.text().split("\r\n").map(str::len).max();
        assert_eq!(longest, Some(75));
        let mut titles: Vec<usize> = unfolded(&reply).iter().filter_map(|line| line.strip_prefix("SUMMARY:")).map(str::len).collect();
        titles.sort_unstable();
        assert_eq!(titles, (60..100).collect::<Vec<_>>());
    }

    async fn a_calendar_says_everything_that_others_need(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.http.public_url = "https://dorf.example".to_owned()).await;
        let village = dorf.village("luedenhausen").await;
        let post = village.editor().publishes(choir().on("vereine")).await;
        let reply = village.ask("GET", &format!("/posts/{}/event.ics", post.id)).send().await.expect(200);
        let lines = unfolded(&reply);
        for line in [
            "METHOD:PUBLISH", "X-WR-CALNAME:Lüdenhausen", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H", "TZID:Europe/Berlin",
            "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "TZNAME:CEST",
            &format!("UID:{}", post.id), "SEQUENCE:0", "DTSTAMP:20261122T083000Z", "LAST-MODIFIED:20261122T083000Z",
            "DTSTART;TZID=Europe/Berlin:20270316T190000", "DTEND;TZID=Europe/Berlin:20270316T203000", "RRULE:FREQ=WEEKLY;COUNT=5",
            "EXDATE;TZID=Europe/Berlin:20270323T190000", "RDATE;TZID=Europe/Berlin:20270408T180000",
            "RECURRENCE-ID;TZID=Europe/Berlin:20270330T190000", "RECURRENCE-ID;TZID=Europe/Berlin:20270406T190000", "DTSTART;TZID=Europe/Berlin:20270406T180000",
            "LOCATION:Gemeindehaus\\, Am Dorfplatz 1\\, 32689 Kalletal", "GEO:52.0731;8.9921", "CATEGORIES:Vereine", "STATUS:CONFIRMED", "STATUS:CANCELLED",
            &format!("URL:https://dorf.example/v1/villages/luedenhausen/posts/{}", post.id),
            "ORGANIZER;CN=\"Gemeinde Kalletal, Lüdenhausen\":mailto:luedenhausen@kalletal.example",
        ] {
            assert!(lines.iter().any(|it| it == line), "no {line} in\n{}", lines.join("\n"));
        }
        assert!(reply.text().contains("PRODID:-//Dorf-App//"), "{}", reply.text());
        for line in reply.text().split("\r\n") {
            assert!(line.len() <= 75 && !line.contains('\n'), "{line:?}");
        }
        let described = lines.iter().find(|line| line.starts_with("DESCRIPTION:Osterferien")).expect("the reason");
        assert!(described.contains("Alle sind eingeladen.") && described.contains("Kosten: Eintritt frei") && described.contains("stufenlos"), "{described}");
    }

    async fn a_text_cannot_become_a_line_of_its_own_in_a_calendar(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let hostile = "Zeile\nSTATUS:CANCELLED\nEND:VEVENT\nBEGIN:VEVENT\n\nX-EVIL:1\n\n    X-EVIL:2";
        let long = "ä,;\\\"".repeat(40);
        let dates = json!({"starts_local": "2026-12-06T15:00", "place": long, "cost": "frei\\nX-EVIL:3"});
        let post = village.editor().publishes(event(&long, "").with("event", dates).saying(hostile)).await;
        let reply = village.ask("GET", &format!("/posts/{}/event.ics", post.id)).send().await.expect(200);
        let lines = unfolded(&reply);
        let count = |line: &str| lines.iter().filter(|it| it.starts_with(line)).count();
        assert_eq!((count("BEGIN:VEVENT"), count("END:VEVENT"), count("X-EVIL"), count("STATUS:CONFIRMED"), count("STATUS:")), (1, 1, 0, 1, 1), "{lines:#?}");
        assert!(!reply.text().replace("\r\n", "").contains(['\r', '\n']));
        assert_eq!(self::dates(&reply), [format!("2026-12-06T14:00:00Z\tCONFIRMED\t{long}")]);
    }

    async fn calendars_that_follow_are_spared_what_they_have_and_see_what_changes(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let fest = editor.publishes(event("Dorffest", "2026-12-06T15:00").saying("Mit Bratwurst")).await;
        let first = village.ask("GET", "/calendar.ics").send().await.expect(200);
        village.ask("GET", "/calendar.ics").header("if-none-match", &first.header("etag")).send().await.expect(304);
        dorf.wait(TimeDelta::minutes(1));
        let later = json!({"event": {"starts_local": "2026-12-06T16:00", "place": "Saal"}});
        let fest = tests::kit::Post::of(&editor.changes(&fest, &later).await.expect(200));
        let second = village.ask("GET", "/calendar.ics").header("if-none-match", &first.header("etag")).send().await.expect(200);
        assert_eq!(dates(&second), ["2026-12-06T15:00:00Z\tCONFIRMED\tDorffest"]);
        let sequence = |reply: &Reply| unfolded(reply).iter().find_map(|line| line.strip_prefix("SEQUENCE:")?.parse::<i32>().ok());
        assert_eq!((sequence(&first), sequence(&second)), (Some(0), Some(1)));
        editor.step(&fest, "withdraw").await.expect(200);
        for path in ["/calendar.ics".to_owned(), format!("/posts/{}/event.ics", fest.id)] {
            let third = village.ask("GET", &path).send().await.expect(200);
            assert_eq!(dates(&third), ["2026-12-06T15:00:00Z\tCANCELLED\tAbgesagt"]);
            assert_eq!(sequence(&third), Some(2));
            assert!(unfolded(&third).contains(&format!("UID:{}", fest.id)));
            for word in ["Dorffest", "Bratwurst", "Saal"] {
                assert!(!third.text().contains(word), "what was taken back is not told");
            }
        }
        dorf.wait(TimeDelta::days(30) + TimeDelta::minutes(1));
        assert_eq!(dates(&village.ask("GET", "/calendar.ics").send().await.expect(200)), [""; 0]);
        village.ask("GET", &format!("/posts/{}/event.ics", fest.id)).send().await.problem(410, "gone");
    }

    async fn a_calendar_can_be_narrowed_and_shows_nothing_that_is_not_public_here(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("asendorf").await);
        club(&village, "gesangverein", "trusted").await;
        let editor = village.editor();
        editor.publishes(event("Ort", "2026-12-06T15:00").on("vereine")).await;
        editor.publishes(event("Chor", "2026-12-07T15:00").with("club", json!("gesangverein"))).await;
        let draft = editor.drafts(event("Entwurf", "2026-12-08T15:00")).await;
        let news = editor.publishes(news("Kein Termin")).await;
        let foreign = other.editor().publishes(event("Nebenan", "2026-12-06T15:00")).await;
        let titles = async |path: &str| -> Vec<String> {
            let reply = village.ask("GET", path).send().await.expect(200);
            dates(&reply).iter().map(|line| line.rsplit('\t').next().unwrap_or_default().to_owned()).collect()
        };
        assert_eq!(titles("/calendar.ics").await, ["Ort", "Chor"]);
        assert_eq!(titles("/calendar.ics?topic=vereine").await, ["Ort"]);
        assert_eq!(titles("/calendar.ics?club=gesangverein").await, ["Chor"]);
        for (query, status) in [("topic=jugend", 404), ("club=nirgends", 404)] {
            assert_eq!(village.ask("GET", &format!("/calendar.ics?{query}")).send().await.status, status);
        }
        for post in [&draft, &news, &foreign] {
            for form in ["ics", "jsonld"] {
                village.ask("GET", &format!("/posts/{}/event.{form}", post.id)).send().await.problem(404, "not-found");
            }
        }
    }

    async fn an_event_describes_itself_to_search_engines(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.http.public_url = "https://dorf.example".to_owned()).await;
        let village = dorf.village("luedenhausen").await;
        let post = village.editor().publishes(choir().saying("</script><script>alert(1)</script>")).await;
        let reply = village.ask("GET", &format!("/posts/{}/event.jsonld", post.id)).send().await.expect(200);
        assert_eq!(reply.header("content-type"), "application/ld+json");
        assert!(!reply.text().contains('<'), "it may stand in a script: {}", reply.text());
        let told: Value = reply.json();
        assert_eq!((&told["@context"], &told["@type"], &told["name"]), (&json!("https://schema.org"), &json!("Event"), &json!("Chorprobe")));
        assert_eq!((&told["startDate"], &told["endDate"]), (&json!("2027-03-16T19:00:00+01:00"), &json!("2027-03-16T20:30:00+01:00")));
        assert_eq!(told["eventStatus"], "https://schema.org/EventScheduled");
        assert_eq!(told["location"], json!({
            "@type": "Place", "name": "Gemeindehaus", "address": "Am Dorfplatz 1, 32689 Kalletal",
            "geo": {"@type": "GeoCoordinates", "latitude": 52.0731, "longitude": 8.9921},
        }));
        assert_eq!(told["organizer"]["name"], "Gemeinde Kalletal, Lüdenhausen");
        let dates = told["subEvent"].as_array().expect("dates");
        let dates: Vec<(&str, &str)> = dates.iter().map(|date| {
            let status = date["eventStatus"].as_str().expect("a status").trim_start_matches("https://schema.org/");
            (date["startDate"].as_str().expect("a start"), status)
        }).collect();
        assert_eq!(dates, [
            ("2027-03-16T19:00:00+01:00", "EventScheduled"), ("2027-03-30T19:00:00+02:00", "EventCancelled"), ("2027-04-06T18:00:00+02:00", "EventRescheduled"),
            ("2027-04-08T18:00:00+02:00", "EventScheduled"), ("2027-04-13T19:00:00+02:00", "EventScheduled"),
        ]);
        assert_eq!(told["eventSchedule"], json!({
            "@type": "Schedule", "repeatFrequency": "P1W", "repeatCount": 5, "exceptDate": ["2027-03-23"],
            "startDate": "2027-03-16", "startTime": "19:00:00", "endTime": "20:30:00", "scheduleTimezone": "Europe/Berlin",
        }));
        let off = json!({"starts_local": "2027-04-10T15:00", "status": "cancelled"});
        let fest = village.editor().publishes(event("Dorffest", "").with("event", off)).await;
        let fest = village.ask("GET", &format!("/posts/{}/event.jsonld", fest.id)).send().await.expect(200);
        assert_eq!(fest.str("eventStatus"), "https://schema.org/EventCancelled");
        let mondays = json!({"starts_local": "2026-12-14", "all_day": true, "rrule": "FREQ=MONTHLY;BYDAY=2MO,4MO;UNTIL=20270331"});
        let mondays = village.editor().publishes(event("Altpapier", "").with("event", mondays)).await;
        let mondays: Value = village.ask("GET", &format!("/posts/{}/event.jsonld", mondays.id)).send().await.expect(200).json();
        assert_eq!(mondays["eventSchedule"], json!({
            "@type": "Schedule", "repeatFrequency": "P1M", "byDay": ["2MO", "4MO"], "startDate": "2026-12-14", "endDate": "2027-03-31",
            "scheduleTimezone": "Europe/Berlin",
        }));
        let hours = json!({"starts_local": "2026-12-14T08:00", "rrule": "FREQ=HOURLY;INTERVAL=4;UNTIL=20261214T190000Z",
            "except_dates": ["2026-12-14T12:00"]});
        let hours = village.editor().publishes(event("Wache", "").with("event", hours)).await;
        let hours: Value = village.ask("GET", &format!("/posts/{}/event.jsonld", hours.id)).send().await.expect(200).json();
        assert_eq!(hours["eventSchedule"], json!({
            "@type": "Schedule", "repeatFrequency": "PT4H", "startDate": "2026-12-14", "startTime": "08:00:00",
            "endDate": "2026-12-14T20:00:00", "exceptDate": ["2026-12-14T12:00:00"], "scheduleTimezone": "Europe/Berlin",
        }));
        village.ask("GET", &format!("/posts/{}/event.jsonld", post.id)).header("if-none-match", &reply.header("etag")).send().await.expect(304);
    }
}
