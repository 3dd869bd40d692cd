//! Events that come from calendars of others: once, following what is different, and without a flood of messages.

mod addresses;
mod clubs;
mod corpus;
mod golden;
mod hostile;
mod leniency;
mod recognised;
mod secrecy;
mod sources;
mod split;
mod strangers_files;
mod times;
mod turns;

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, ics, outcomes, vevent};
use tests::stories;

const REHEARSAL: &str = "UID:probe|SUMMARY:Chorprobe|LOCATION:Gemeindehaus|DTSTART;TZID=Europe/Berlin:20261201T193000\
|DTEND;TZID=Europe/Berlin:20261201T213000|RRULE:FREQ=WEEKLY;COUNT=4|EXDATE;TZID=Europe/Berlin:20261215T193000";
const MOVED: &str = "UID:probe|RECURRENCE-ID;TZID=Europe/Berlin:20261208T193000|SUMMARY:Generalprobe\
|DTSTART;TZID=Europe/Berlin:20261209T180000|DTEND;TZID=Europe/Berlin:20261209T200000|LOCATION:Kirche";
const CONCERT: &str = "UID:konzert|SUMMARY:Adventskonzert|DTSTART;TZID=Europe/Berlin:20261220T170000";

fn first() -> String {
    ics(&[vevent(REHEARSAL), vevent(MOVED), vevent(CONCERT)])
}

/// The post of a line.
pub fn post_of(line: &Value) -> String {
    line["post"].as_str().expect("a post").to_owned()
}

stories! {
    async fn a_calendar_comes_in_once_and_then_follows_its_publisher(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let lines = village.takes(&calendar, first()).await;
        assert_eq!(outcomes(&lines), ["imported", "imported", "imported"]);
        assert_eq!(lines[0]["post"], lines[1]["post"], "a moved date belongs to its series");
        let dates = [
            "2026-12-01T19:30:00 planned Chorprobe",
            "2026-12-09T18:00:00 changed Generalprobe",
            "2026-12-20T17:00:00 planned Adventskonzert",
            "2026-12-22T19:30:00 planned Chorprobe",
        ];
        assert_eq!(village.public_dates("2026-11-22").await, dates);
        assert_eq!(outcomes(&village.takes(&calendar, first()).await), ["unchanged", "unchanged", "unchanged"]);
        assert_eq!(village.public_dates("2026-11-22").await, dates);
        let post = village.post(&post_of(&lines[0])).await;
        assert_eq!((&post["topic"], &post["event"]["place"], &post["event"]["uid"]), (&json!("vereine"), &json!("Gemeindehaus"), &json!("probe")));
        let other = ics(&[vevent(REHEARSAL), vevent(&CONCERT.replace("17", "18").replace("Adventskonzert", "Konzert"))]);
        let lines = village.takes(&calendar, other).await;
        assert_eq!(outcomes(&lines), ["changed", "changed"]);
        let dates = [
            "2026-12-01T19:30:00 planned Chorprobe",
            "2026-12-08T19:30:00 planned Chorprobe",
            "2026-12-20T18:00:00 planned Konzert",
            "2026-12-22T19:30:00 planned Chorprobe",
        ];
        assert_eq!(village.public_dates("2026-11-22").await, dates);
        assert_eq!(village.audit().await[0]["action"], "events.imported");
    }

    async fn what_a_calendar_has_no_more_is_cancelled_and_comes_back_when_it_is_back(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        village.takes(&calendar, first()).await;
        let empty = ics(&[]);
        assert_eq!(outcomes(&village.takes(&calendar, empty).await), Vec::<String>::new(), "an empty calendar says nothing");
        let cut_off = first().replace("END:VCALENDAR\r\n", "").replace(&vevent(CONCERT), "");
        assert_eq!(outcomes(&village.takes(&calendar, cut_off).await), ["unchanged", "unchanged"], "nor does half of one");
        let broken = ics(&[vevent(REHEARSAL), vevent(MOVED), "BEGIN:VEVENT\r\nUID:kon".to_owned()]);
        assert_eq!(outcomes(&village.takes(&calendar, broken).await), ["unchanged", "unchanged", "unclosed"]);
        assert!(village.public_dates("2026-11-22").await.contains(&"2026-12-20T17:00:00 planned Adventskonzert".to_owned()));
        let without = ics(&[vevent(REHEARSAL), vevent(MOVED)]);
        let lines = village.takes(&calendar, without.clone()).await;
        assert_eq!(outcomes(&lines), ["unchanged", "unchanged", "removed"]);
        assert!(village.public_dates("2026-11-22").await.contains(&"2026-12-20T17:00:00 cancelled Adventskonzert".to_owned()));
        assert_eq!(outcomes(&village.takes(&calendar, without.clone()).await), ["unchanged", "unchanged"], "once");
        assert_eq!(outcomes(&village.takes(&calendar, first()).await), ["unchanged", "unchanged", "changed"]);
        assert!(village.public_dates("2026-11-22").await.contains(&"2026-12-20T17:00:00 planned Adventskonzert".to_owned()));
        dorf.wait(TimeDelta::days(60));
        assert_eq!(outcomes(&village.takes(&calendar, without).await), ["unchanged", "unchanged"], "the past stays");
        assert!(village.public_dates("2026-11-22").await.contains(&"2026-12-20T17:00:00 planned Adventskonzert".to_owned()));
    }

    async fn nobody_is_told_of_an_import_and_followers_once_of_what_changes_soon(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").follows("vereine").by_push().await;
        let calendar = village.own_calendar("vereine").await;
        village.takes(&calendar, first()).await;
        dorf.work_off().await;
        assert_eq!(anna.pushes(), Vec::<String>::new());
        assert_eq!(village.feed().await.titles().len(), 2);
        let far = first().replace("20261220T170000", "20261220T180000");
        village.takes(&calendar, far.clone()).await;
        dorf.work_off().await;
        assert_eq!(anna.pushes(), Vec::<String>::new(), "four weeks ahead");
        dorf.wait(TimeDelta::days(24));
        village.takes(&calendar, far.replace("20261220T180000", "20261220T190000")).await;
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), 1, "four days ahead");
        village.takes(&calendar, far.replace("20261220T180000", "20261220T190000")).await;
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), 1, "once");
        let cancelled = far.replace("UID:konzert", "UID:konzert\r\nSTATUS:CANCELLED").replace("20261220T180000", "20261220T190000");
        village.takes(&calendar, cancelled).await;
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), 2);
    }

    async fn what_somebody_removed_or_corrected_here_is_left_alone(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let lines = village.takes(&calendar, first()).await;
        let editor = village.editor();
        let concert = editor.ask("GET", &format!("/posts/{}", post_of(&lines[2]))).send().await.expect(200);
        editor.step(&tests::kit::Post::of(&concert), "withdraw").await.expect(200);
        let rehearsal = editor.ask("GET", &format!("/posts/{}", post_of(&lines[0]))).send().await.expect(200);
        editor.changes(&tests::kit::Post::of(&rehearsal), &json!({"title": "Probe des Chors"})).await.expect(200);
        assert_eq!(outcomes(&village.takes(&calendar, first()).await), ["unchanged", "unchanged", "unchanged"]);
        assert_eq!(village.post(&post_of(&lines[0])).await["title"], "Probe des Chors");
        let other = first().replace("Adventskonzert", "Konzert").replace("Gemeindehaus", "Schule");
        assert_eq!(outcomes(&village.takes(&calendar, other).await), ["changed", "changed", "removed_here"]);
        assert_eq!(village.post(&post_of(&lines[0])).await["title"], "Chorprobe", "what its publisher says anew counts");
        assert_eq!(village.post(&post_of(&lines[2])).await["state"], "withdrawn");
    }

    async fn texts_of_strangers_come_in_as_texts(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let start = "DTSTART:20261201T180000Z";
        let events = [
            format!("UID:1|{start}|SUMMARY:Eins|CATEGORIES:Sonstiges,verkehr|GEO:52.07;8.99|URL:https://chor.example/1\
                     |DESCRIPTION:# Kein Titel\\n* keine Liste\\n<script>alert(1)</script> [x](javascript:alert(1))\
                     |ORGANIZER;CN=Erna:mailto:erna@chor.example|ATTENDEE:mailto:paul@chor.example"),
            format!("UID:2|{start}|SUMMARY:Zwei|DESCRIPTION:<p>Um <b>acht</b>.</p><br>Siehe https://chor.example/2."),
            format!("UID:3|{start}|SUMMARY:{}|LOCATION:{}", "sehr ".repeat(100), "weit ".repeat(100)),
            format!("UID:4|{start}|URL:javascript:alert(1)|GEO:500;500"),
            format!("UID:5|{start}|SUMMARY:\u{feff}Kino \u{202e}im\u{202c} Saal\u{200b}|LOCATION:\u{2066}Gemeinde\u{ad}haus\u{2069}"),
        ];
        let lines = village.takes(&calendar, ics(&events.map(|event| vevent(&event)))).await;
        assert_eq!(outcomes(&lines), ["imported"; 5]);
        let one = village.post(&post_of(&lines[0])).await;
        let html = one["body_html"].as_str().expect("HTML");
        assert!(!html.contains("<script") && !html.contains("<h1") && !html.contains("<li") && !html.contains("href=\"javascript"), "{html}");
        assert!(html.contains("# Kein Titel") && html.contains("* keine Liste") && html.contains("https://chor.example/1"), "{html}");
        assert_eq!((&one["topic"], &one["event"]["latitude"]), (&json!("verkehr"), &json!(52.07)));
        assert!(!one.to_string().contains("erna") && !one.to_string().contains("paul"), "people are not taken over");
        let two = village.post(&post_of(&lines[1])).await;
        let html = two["body_html"].as_str().expect("HTML");
        assert!(html.contains("Um acht.") && html.contains("href=\"https://chor.example/2\""), "{html}");
        let three = village.post(&post_of(&lines[2])).await;
        assert!(three["title"].as_str().is_some_and(|title| title.chars().count() <= 200 && title.ends_with('…')));
        let four = village.post(&post_of(&lines[3])).await;
        assert_eq!((&four["title"], &four["body_markdown"]), (&json!("Termin"), &json!("")));
        let five = village.post(&post_of(&lines[4])).await;
        let read = (&five["title"], &five["event"]["place"]);
        assert_eq!(read, (&json!("Kino im Saal"), &json!("Gemeinde\u{ad}haus")), "what nobody sees is left out");
    }

    async fn a_report_is_read_page_by_page(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let many: Vec<String> = (0..130).map(|n| vevent(&format!("UID:{n}|SUMMARY:T{n}|DTSTART;VALUE=DATE:20261201"))).collect();
        let reply = village.uploads(&village.editor, &calendar, ics(&many)).await.expect(201);
        assert_eq!(reply.get("summary")["imported"], 130);
        let lines = village.import_lines(&village.editor, &reply.str("id")).await;
        let numbers: Vec<u64> = lines.iter().filter_map(|line| line["component"].as_u64()).collect();
        assert_eq!(numbers, (1..=130).collect::<Vec<_>>());
        let path = format!("/event-imports/{}/lines", reply.str("id"));
        let ask = village.staff("GET", &path).bearer(&village.editor).query("cursor", "gefunden");
        ask.send().await.problem(400, "invalid-cursor");
        let listed = village.staff("GET", &format!("/calendar-sources/{calendar}/imports")).bearer(&village.editor);
        assert_eq!(listed.send().await.expect(200).json()["items"][0]["id"], reply.get("id"));
    }
}
