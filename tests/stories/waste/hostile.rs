//! Calendars that are broken, or meant to break something.

use super::{town, what};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::kit::{Backend, Dorf, waste_calendar};
use tests::stories;

/// No calendar may take longer, on a machine that builds something else at the same time.
const LONGEST: Duration = Duration::from_secs(20);

const GOOD: &str = "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261201\r\nSUMMARY:Biotonne\r\nEND:VEVENT\r\n";

fn calendar(components: &str) -> String {
    format!("BEGIN:VCALENDAR\r\n{components}END:VCALENDAR\r\n")
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\n")
}

/// The reasons of what was left out.
fn reasons(report: &Value) -> Vec<String> {
    let lines = report["lines"].as_array().cloned().unwrap_or_default();
    lines.iter().filter_map(|line| line["reason"].as_str().map(str::to_owned)).collect()
}

stories! {
    async fn one_bad_component_never_fails_the_rest(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        let bad = [
            ("BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261202\r\nSUMMARY:Offen\r\n".to_owned(), "unclosed"),
            ("BEGIN:VTODO\r\nSUMMARY:Aufgabe\r\nEND:VTODO\r\n".to_owned(), "not_an_event"),
            (event("SUMMARY:Nie"), "no_start"),
            (event("DTSTART;VALUE=DATE:20261202"), "no_label"),
            (event("DTSTART;VALUE=DATE:00010101\r\nSUMMARY:Damals"), "absurd_date"),
            (event("DTSTART;VALUE=DATE:99991231\r\nSUMMARY:Dereinst"), "absurd_date"),
            (event("DTSTART;VALUE=DATE:20261332\r\nSUMMARY:Unmöglich"), "absurd_date"),
            (event("DTSTART;VALUE=DATE:19990101\r\nSUMMARY:Früher"), "out_of_range"),
            (event("DTSTART:20261202T060000Z\r\nRRULE:FREQ=SECONDLY\r\nSUMMARY:Bombe"), "too_often"),
            (event("DTSTART;VALUE=DATE:20261202\r\nRRULE:FREQ=OFT\r\nSUMMARY:Oft"), "unknown_rule"),
            (event("DTSTART;VALUE=DATE:20261202\r\nDTEND;VALUE=DATE:20991202\r\nSUMMARY:Ewig"), "too_long"),
            (event(&format!("DTSTART;VALUE=DATE:20261202\r\nSUMMARY:{}", "a".repeat(200))), "long_label"),
            (event(&format!("DTSTART;VALUE=DATE:20261202\r\nSUMMARY:{}", "a".repeat(100_000))), "too_large"),
            (event("DTSTART;VALUE=DATE:20261202\r\nSTATUS:CANCELLED\r\nSUMMARY:Fällt aus"), "cancelled"),
        ];
        for (component, reason) in &bad {
            let report = village.imports("ahornweg", calendar(&format!("{component}{GOOD}"))).await.expect(201).get("report");
            assert_eq!(reasons(&report), [*reason], "{component:.200}: {report}");
            assert_eq!(report["imported"].as_i64().unwrap_or(0) + report["unchanged"].as_i64().unwrap_or(0), 1, "{report}");
        }
        let all: String = bad.iter().map(|(component, _)| component.as_str()).collect();
        let report = village.imports("ahornweg", calendar(&format!("{all}{GOOD}"))).await.expect(201).get("report");
        assert_eq!((&report["skipped"], &report["unchanged"]), (&json!(14), &json!(1)), "{report}");
        assert_eq!(what(&village.waste_dates("ahornweg", "2026-11-22").await), [("2026-12-01".to_owned(), "Biotonne".to_owned())]);
    }

    async fn private_components_stay_out_and_nothing_of_them_is_anywhere(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        let series = |says: &str| event(&format!("UID:bio\r\nDTSTART;VALUE=DATE:20261201\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\nSUMMARY:Biotonne{says}"));
        let own = |says: &str| event(&format!("DTSTART;VALUE=DATE:20261203\r\nSUMMARY:Abholung Kassenwart{says}"));
        let hidden = event("UID:bio\r\nRECURRENCE-ID;VALUE=DATE:20261208\r\nDTSTART;VALUE=DATE:20261209\r\nSUMMARY:Geheim\r\nCLASS:PRIVATE");
        let private = "\r\nCLASS:CONFIDENTIAL";
        village.imports("ahornweg", calendar(&format!("{}{}", series(""), own("")))).await.expect(201);
        let report = village.imports("ahornweg", calendar(&format!("{}{hidden}{}", series(""), own(private)))).await.expect(201).get("report");
        assert_eq!(reasons(&report), ["private", "private"], "{report}");
        let dates = [("2026-12-01".to_owned(), "Biotonne".to_owned()), ("2026-12-15".to_owned(), "Biotonne".to_owned())];
        assert_eq!(what(&village.waste_dates("ahornweg", "2026-11-22").await), dates);
        assert!(!report.to_string().contains("Geheim"), "{report}");
        let report = village.imports("ahornweg", calendar(&format!("{}{hidden}{GOOD}", series(private)))).await.expect(201).get("report");
        assert_eq!(reasons(&report), ["private", "private"], "{report}");
        let dates = [("2026-12-01".to_owned(), "Biotonne".to_owned())];
        assert_eq!(what(&village.waste_dates("ahornweg", "2026-11-22").await), dates);

        // Into the next year, under another name, and in a file that was cut off.
        let weekly = event("UID:papier\r\nDTSTART;VALUE=DATE:20261208\r\nRRULE:FREQ=WEEKLY;COUNT=6\r\nSUMMARY:Papier");
        let once = |says: &str| event(&format!("UID:einmal\r\nDTSTART;VALUE=DATE:20261217\r\nSUMMARY:{says}"));
        village.imports("ahornweg", calendar(&format!("{GOOD}{weekly}{}", once("Sperrmüll")))).await.expect(201);
        let from = event("UID:papier\r\nRECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20261215\r\nDTSTART;VALUE=DATE:20261215\r\nSUMMARY:Geheim\r\nCLASS:PRIVATE");
        let renamed = once("Geheim\r\nCLASS:PRIVATE");
        village.imports("ahornweg", calendar(&format!("{GOOD}{weekly}{from}{renamed}"))).await.expect(201);
        let dates = [("2026-12-01".to_owned(), "Biotonne".to_owned()), ("2026-12-08".to_owned(), "Papier".to_owned())];
        assert_eq!(what(&village.waste_dates("ahornweg", "2026-11-22").await), dates);
        let cut_off = format!("BEGIN:VCALENDAR\r\n{}", event("DTSTART;VALUE=DATE:20261208\r\nSUMMARY:Papier\r\nCLASS:PRIVATE"));
        village.imports("ahornweg", cut_off).await.expect(201);
        assert_eq!(what(&village.waste_dates("ahornweg", "2026-11-22").await), dates[..1]);
    }

    async fn rules_meant_to_never_end_come_to_an_end(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
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
        let bombs: String = rules
            .iter()
            .flat_map(|rule| [rule; 50])
            .enumerate()
            .map(|(n, rule)| event(&format!("UID:{n}\r\nDTSTART:19700101T060000\r\nRRULE:{rule}\r\nSUMMARY:Bombe")))
            .collect();
        let reply = village.imports("ahornweg", calendar(&format!("{bombs}{GOOD}"))).await;
        assert!(start.elapsed() < LONGEST + Duration::from_secs(10), "{:?}", start.elapsed());
        if reply.status == 422 {
            assert_eq!(reply.problem(422, "unprocessable"), ["calendar"]);
        } else {
            assert_eq!(reply.expect(201).get("report")["lines"].as_array().map_or(0, Vec::len).min(1), 1);
        }
        dorf.ask("GET", "/health/live").send().await.expect(200);
    }

    async fn files_that_are_no_calendar_or_too_much_of_one_are_refused(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        village.imported("ahornweg", calendar(GOOD)).await;
        let refused: [Vec<u8>; 6] = [
            Vec::new(),
            b"<html>Wartung</html>".to_vec(),
            vec![0; 1024 * 1024],
            b"BEGIN:VEVENT\r\n ".repeat(300_000),
            calendar(&"BEGIN:VEVENT\r\nEND:VEVENT\r\n".repeat(100_000)).into_bytes(),
            [b"SUMMARY:x\r\n".as_slice(), &b" x\r\n".repeat(1_000_000)].concat(),
        ];
        for body in refused {
            let (start, about) = (Instant::now(), body.len());
            let reply = village.imports("ahornweg", body).await;
            assert_eq!(reply.problem(422, "unprocessable"), ["calendar"], "{about} bytes");
            assert!(start.elapsed() < LONGEST, "{about} bytes took {:?}", start.elapsed());
        }
        let deep = calendar(&format!("{}{GOOD}", "BEGIN:X\r\n".repeat(50_000)));
        village.imports("ahornweg", deep).await.expect(201);
        let ask = village.staff("POST", "/waste/districts/ahornweg/imports").bearer(&village.editor);
        let large = ask.header("content-type", "text/calendar").bytes(vec![b'x'; 6 * 1024 * 1024]).send().await;
        large.problem(413, "payload-too-large");
        let ask = village.staff("POST", "/waste/districts/ahornweg/imports").bearer(&village.editor);
        ask.json(&json!({})).send().await.problem(415, "unsupported-media-type");
        let ask = village.staff("POST", "/waste/districts/ahornweg/imports").bearer(&village.editor);
        let packed = ask.header("content-type", "text/calendar").header("content-encoding", "gzip").bytes("x").send().await;
        packed.problem(415, "unsupported-media-type");
        assert_eq!(village.waste_dates("ahornweg", "2026-11-22").await.len(), 1, "nothing was lost");
    }

    async fn calendars_in_whatever_encoding_read_as_they_were_meant(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        let windows = |text: &str| -> Vec<u8> { text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect() };
        let plain = waste_calendar(&[("20261201", "Restmüll")]);
        let doubled: String = plain.bytes().map(char::from).collect();
        let utf16: Vec<u8> = [0xfeff].into_iter().chain(plain.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let mixed = [windows(&plain).as_slice(), plain.as_bytes()].concat();
        // Folding may cut a character in two.
        let cut = plain.replace("Restmüll", "Restm@@ll").into_bytes();
        let at = cut.windows(2).position(|two| two == b"@@").expect("the place");
        let folded = [&cut[..at], b"\xc3\r\n\t\xbc".as_slice(), &cut[at + 2..]].concat();
        let files: [(&str, Vec<u8>); 9] = [
            ("utf-8", plain.clone().into_bytes()),
            ("with a mark", format!("\u{feff}{plain}").into_bytes()),
            ("iso 8859-1", windows(&plain)),
            ("doubled", doubled.into_bytes()),
            ("utf-16", utf16),
            ("mixed", mixed),
            ("folded", folded),
            ("with nul", plain.replace("Rest", "Re\0st").into_bytes()),
            ("bare, of an old machine", plain.replace("\r\n", "\r").into_bytes()),
        ];
        for (name, file) in files {
            village.imports("ahornweg", file).await.expect(201);
            let kinds = village.staff("GET", "/waste/kinds").bearer(&village.editor).send().await.expect(200).json();
            let labels: Vec<&Value> = kinds["items"].as_array().expect("kinds").iter().map(|kind| &kind["label"]).collect();
            assert_eq!(labels, ["Restmüll"], "{name}");
        }
        let bare = GOOD.replace("Biotonne", "Restmüll");
        assert_eq!(village.imported("ahornweg", bare).await, [0, 0, 1, 0, 0], "without VCALENDAR");
    }

    async fn zones_ends_and_series_of_all_sorts_give_the_right_days(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        let cases = [
            ("DTSTART:20261201T230000Z", vec!["2026-12-02"]),
            ("DTSTART:20261201T230000", vec!["2026-12-01"]),
            ("DTSTART;TZID=Europe/Berlin:20261201T233000", vec!["2026-12-01"]),
            ("DTSTART;TZID=W. Europe Standard Time:20261201T233000", vec!["2026-12-01"]),
            ("DTSTART;TZID=Nirgends/Nimmer:20261201T233000", vec!["2026-12-01"]),
            ("DTSTART;TZID=America/New_York:20261201T233000", vec!["2026-12-01"]),
            ("DTSTART;VALUE=DATE:20261201\r\nDTEND;VALUE=DATE:20261201", vec!["2026-12-01"]),
            ("DTSTART;VALUE=DATE:20261201\r\nDTEND;VALUE=DATE:20261202", vec!["2026-12-01"]),
            ("DTSTART;VALUE=DATE:20261201\r\nDTEND;VALUE=DATE:20261204", vec!["2026-12-01", "2026-12-02", "2026-12-03"]),
            ("DTSTART:20261201", vec!["2026-12-01"]),
            ("DTSTART;VALUE=DATE:20261201\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\nEXDATE;VALUE=DATE:20261208", vec!["2026-12-01", "2026-12-15"]),
            ("DTSTART;VALUE=DATE:20261201\r\nRDATE;VALUE=DATE:20261205", vec!["2026-12-01", "2026-12-05"]),
        ];
        for (n, (lines, days)) in cases.iter().enumerate() {
            let label = format!("Fall {n}");
            village.imports("ahornweg", calendar(&event(&format!("{lines}\r\nSUMMARY:{label}")))).await.expect(201);
            let dates = what(&village.waste_dates("ahornweg", "2026-11-22").await);
            let found: Vec<&str> = dates.iter().filter(|(_, kind)| *kind == label).map(|(day, _)| day.as_str()).collect();
            assert_eq!(found, *days, "{lines}");
        }
        let series = event("UID:s\r\nSEQUENCE:3\r\nDTSTART;VALUE=DATE:20261202\r\nRRULE:FREQ=WEEKLY;COUNT=2\r\nSUMMARY:Reihe");
        let moved = event("UID:s\r\nSEQUENCE:4\r\nRECURRENCE-ID;VALUE=DATE:20261209\r\nDTSTART;VALUE=DATE:20261210\r\nSUMMARY:Reihe");
        village.imports("ahornweg", calendar(&format!("{series}{moved}"))).await.expect(201);
        let dates = what(&village.waste_dates("ahornweg", "2026-11-22").await);
        let found: Vec<&str> = dates.iter().filter(|(_, kind)| kind == "Reihe").map(|(day, _)| day.as_str()).collect();
        assert_eq!(found, ["2026-12-02", "2026-12-10"]);
    }
}
