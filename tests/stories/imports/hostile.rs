//! Calendars that are broken, or meant to break something.

use serde_json::json;
use std::time::{Duration, Instant};
use tests::kit::{Backend, Dorf, ics, outcomes, vevent};
use tests::stories;

/// No calendar may take longer, on a machine that builds something else at the same time.
const LONGEST: Duration = Duration::from_secs(30);

const GOOD: &str = "UID:gut|SUMMARY:Fest|DTSTART;VALUE=DATE:20261212";

stories! {
    async fn one_broken_event_never_fails_the_rest(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let bad = [
            ("BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261202\r\nSUMMARY:Offen\r\n".to_owned(), "unclosed"),
            ("BEGIN:VTODO\r\nSUMMARY:Aufgabe\r\nEND:VTODO\r\n".to_owned(), "not_an_event"),
            (vevent("UID:3|SUMMARY:Nie"), "no_start"),
            (vevent("UID:4|DTSTART;VALUE=DATE:00010101|SUMMARY:Damals"), "absurd_date"),
            (vevent("UID:5|DTSTART;VALUE=DATE:99991231|SUMMARY:Dereinst"), "absurd_date"),
            (vevent("UID:6|DTSTART;VALUE=DATE:20261332|SUMMARY:Unmöglich"), "absurd_date"),
            (vevent("UID:7|DTSTART;VALUE=DATE:19990101|SUMMARY:Früher"), "out_of_range"),
            (vevent("UID:8|DTSTART:20261202T060000Z|RRULE:FREQ=SECONDLY|SUMMARY:Bombe"), "too_often"),
            (vevent("UID:9|DTSTART;VALUE=DATE:20261202|RRULE:FREQ=OFT|SUMMARY:Oft"), "unknown_rule"),
            (vevent("UID:10|DTSTART;VALUE=DATE:20261202|RRULE:FREQ=DAILY|RRULE:FREQ=WEEKLY|SUMMARY:Zwei"), "unknown_rule"),
            (vevent("UID:11|DTSTART;VALUE=DATE:20261202|DTEND;VALUE=DATE:20991202|SUMMARY:Ewig"), "too_long"),
            (vevent("UID:12|DTSTART:20261202T060000Z|RRULE:FREQ=DAILY;UNTIL=20261201T060000Z|SUMMARY:Vorbei"), "no_dates"),
            (vevent(&format!("UID:13|DTSTART;VALUE=DATE:20261202|SUMMARY:{}", "a".repeat(100_000))), "too_large"),
            (vevent("UID:14|DTSTART:unsinn|RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=9|EXDATE:unsinn|SUMMARY:X"), "absurd_date"),
        ];
        for (component, reason) in &bad {
            let lines = village.takes(&calendar, ics(&[component.clone(), vevent(GOOD)])).await;
            assert_eq!(outcomes(&lines[..1]), [*reason], "{component:.200}: {lines:?}");
            assert!(["imported", "unchanged"].contains(&outcomes(&lines[1..])[0].as_str()), "{lines:?}");
        }
        let mut all: Vec<String> = bad.iter().map(|(component, _)| component.clone()).collect();
        all.push(vevent(GOOD));
        let reply = village.uploads(&village.editor, &calendar, ics(&all)).await.expect(201);
        let summary = reply.get("summary");
        assert_eq!((&summary["skipped"], &summary["unchanged"]), (&json!(14), &json!(1)), "{summary}");
        assert_eq!(village.public_dates("2026-11-22").await, ["2026-12-12 planned Fest"]);
    }

    async fn rules_of_events_that_never_end_come_to_an_end(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let rules = [
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=DAILY;INTERVAL=1;BYMONTH=2;BYMONTHDAY=31",
            "FREQ=MINUTELY",
            "FREQ=DAILY;BYHOUR=0,1,2,3;BYMINUTE=0,1,2,3;BYSECOND=0,1,2,3",
            "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYWEEKNO=1,2,3,4,5,6,7,8,9,10",
            "FREQ=WEEKLY;COUNT=4294967295",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=YEARLY;BYSETPOS=366,-366;BYDAY=MO",
        ];
        let start = Instant::now();
        let bombs = rules.iter().flat_map(|rule| [rule; 25]).enumerate();
        let bombs = bombs.map(|(n, rule)| vevent(&format!("UID:{n}|DTSTART:19700101T060000|RRULE:{rule}|SUMMARY:Bombe")));
        let mut all: Vec<String> = bombs.collect();
        all.push(vevent(GOOD));
        let reply = village.uploads(&village.editor, &calendar, ics(&all)).await;
        assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
        if reply.status == 422 {
            assert_eq!(reply.problem(422, "unprocessable"), ["calendar"]);
        } else {
            reply.expect(201);
        }
        dorf.ask("GET", "/health/live").send().await.expect(200);
    }

    async fn zones_that_never_end_come_to_an_end(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let rules = [
            "FREQ=DAILY",
            "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU",
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=YEARLY;BYMONTH=3;BYDAY=MO",
            "FREQ=SECONDLY;COUNT=1500",
            "RRULE:FREQ=YEARLY;UNTIL=\u{fc}\u{fc}",
            "UNTIL=",
        ];
        let clocks = |rule: &str| {
            format!("BEGIN:STANDARD\r\nDTSTART:00010101T000000\r\nTZOFFSETFROM:+9999\r\nTZOFFSETTO:-1359\r\nRRULE:{rule}\r\nEND:STANDARD\r\n")
        };
        let mut all = Vec::new();
        for (n, rule) in rules.iter().enumerate() {
            all.push(format!("BEGIN:VTIMEZONE\r\nTZID:Zone {n}\r\n{}END:VTIMEZONE\r\n", clocks(rule).repeat(300)));
            let times = format!("DTSTART;TZID=Zone {n}:20261202T100000|RRULE:FREQ=DAILY|EXDATE;TZID=Zone {n}:20261203T100000");
            all.push(vevent(&format!("UID:{n}|SUMMARY:Bombe|{times}")));
        }
        all.push(vevent(GOOD));
        let start = Instant::now();
        let lines = village.takes(&calendar, ics(&all)).await;
        assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
        assert_eq!(outcomes(&lines[rules.len()..]), ["imported"], "{lines:?}");
        dorf.ask("GET", "/health/live").send().await.expect(200);
    }

    async fn files_that_are_no_calendar_of_events_are_refused(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        village.takes(&calendar, ics(&[vevent(GOOD)])).await;
        let refused: [Vec<u8>; 6] = [
            Vec::new(),
            b"<html>Wartung</html>".to_vec(),
            vec![0; 1024 * 1024],
            b"BEGIN:VEVENT\r\n ".repeat(300_000),
            ics(&["BEGIN:VEVENT\r\nEND:VEVENT\r\n".repeat(100_000)]).into_bytes(),
            [b"SUMMARY:x\r\n".as_slice(), &b" x\r\n".repeat(1_000_000)].concat(),
        ];
        for body in refused {
            let (start, about) = (Instant::now(), body.len());
            let reply = village.uploads(&village.editor, &calendar, body).await;
            assert_eq!(reply.problem(422, "unprocessable"), ["calendar"], "{about} bytes");
            assert!(start.elapsed() < LONGEST, "{about} bytes took {:?}", start.elapsed());
        }
        // A hundred megabytes, or a million components, are given up while they come in.
        let path = format!("/calendar-sources/{calendar}/imports");
        let stream = futures_util::stream::iter((0..100).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 1024 * 1024])));
        let ask = village.staff("POST", &path).bearer(&village.editor).header("content-type", "text/calendar");
        if let Ok(reply) = ask.bytes(reqwest::Body::wrap_stream(stream)).try_send().await {
            reply.problem(413, "payload-too-large");
        }
        let million = "BEGIN:VEVENT\r\nEND:VEVENT\r\n".repeat(1_000_000);
        let ask = village.staff("POST", &path).bearer(&village.editor).header("content-type", "text/calendar");
        if let Ok(reply) = ask.bytes(million).try_send().await {
            reply.problem(413, "payload-too-large");
        }
        let ask = village.staff("POST", &path).bearer(&village.editor);
        ask.json(&json!({})).send().await.problem(415, "unsupported-media-type");
        assert_eq!(village.public_dates("2026-11-22").await, ["2026-12-12 planned Fest"], "nothing was lost");
    }

    async fn more_events_than_one_import_writes_come_in_with_the_next(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let many: Vec<String> = (0..520).map(|n| vevent(&format!("UID:{n}|SUMMARY:T{n}|DTSTART;VALUE=DATE:20261201"))).collect();
        let summary = village.uploads(&village.editor, &calendar, ics(&many)).await.expect(201).get("summary");
        assert_eq!((&summary["imported"], &summary["skipped"]), (&json!(500), &json!(20)));
        let summary = village.uploads(&village.editor, &calendar, ics(&many)).await.expect(201).get("summary");
        assert_eq!((&summary["imported"], &summary["unchanged"]), (&json!(20), &json!(500)));
    }

    async fn events_in_whatever_encoding_read_as_they_were_meant(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let lines = |title: &[u8]| {
            [b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261212\r\nSUMMARY:", title,
             b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"].concat()
        };
        let titles: [&[u8]; 5] = [
            "Frühschoppen".as_bytes(),
            b"Fr\xfchschoppen",
            "FrÃ¼hschoppen".as_bytes(),
            b"Fr\xc3\r\n \xbchschoppen",
            b"Fr\xc3\xbch\0schoppen\x07",
        ];
        for title in titles {
            village.takes(&calendar, lines(title)).await;
            assert_eq!(village.public_dates("2026-11-22").await, ["2026-12-12 planned Frühschoppen"], "{title:?}");
        }
    }
}
