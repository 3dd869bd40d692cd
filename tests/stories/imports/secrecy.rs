//! What a calendar says is not public.

use super::post_of;
use serde_json::json;
use tests::kit::clubs::club;
use tests::kit::{Backend, Dorf, Post, StreamReader, VillageKit, ics, outcomes, vevent};
use tests::stories;

const OPEN: &str = "UID:offen|SUMMARY:Spieleabend|DTSTART;TZID=Europe/Berlin:20270112T190000";
const BOARD: &str = "UID:vorstand|SUMMARY:Vorstand: Mahnungen|DESCRIPTION:Zugang zum Schrank: 4711|LOCATION:bei der Kassenwartin\
|DTSTART;TZID=Europe/Berlin:20270113T190000";

/// Everything that anybody reads without an account.
async fn read_by_all(village: &VillageKit<'_>) -> String {
    let mut all = String::new();
    for path in [
        "/feed",
        "/feed.rss",
        "/feed.atom",
        "/feed.json",
        "/calendar.ics",
        "/feed?q=mahnungen",
        "/occurrences?from=2026-11-22T00:00:00Z&to=2027-12-01T00:00:00Z",
    ] {
        all.push_str(&village.ask("GET", path).send().await.expect(200).text());
    }
    let dorf = village.dorf;
    let mut stream = StreamReader::open(&dorf.client, &dorf.base, &village.slug, "0").await;
    for _ in dorf.database.column("SELECT 'x' FROM stream_event").await {
        all.push_str(&format!("{:?}", stream.next().await));
    }
    all
}

stories! {
    async fn private_events_stay_out_and_nothing_of_them_is_anywhere(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let classes = ["CLASS:PRIVATE", "class:Confidential", "CLASS:X-VORSTAND", "CLASS:", "CLASS;X-A=\"b:c\":PRIVATE", "X-CALENDARSERVER-ACCESS:RESTRICTED"];
        let mut events = vec![vevent(&format!("{OPEN}|CLASS:Public"))];
        events.extend(classes.iter().enumerate().map(|(n, class)| vevent(&format!("{}|{class}", BOARD.replace("vorstand", &format!("v{n}"))))));
        let lines = village.takes(&calendar, ics(&events)).await;
        assert_eq!(outcomes(&lines), ["imported", "private", "private", "private", "private", "private", "private"]);
        assert!(lines[1..].iter().all(|line| line["title"] == "" && line["post"].is_null()), "{lines:?}");
        assert_eq!(village.public_dates("2026-11-22").await, ["2027-01-12T19:00:00 planned Spieleabend"]);
        let all = read_by_all(&village).await + &serde_json::to_string(&lines).expect("JSON");
        assert!(["Mahnungen", "4711", "Kassenwartin"].iter().all(|secret| !all.contains(secret)), "{all}");
    }

    async fn what_becomes_private_is_taken_back_without_a_word(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").follows("vereine").by_push().await;
        let calendar = village.own_calendar("vereine").await;
        let soon = BOARD.replace("20270113", "20261125");
        let weekly = format!("{OPEN}|RRULE:FREQ=WEEKLY;COUNT=3");
        let lines = village.takes(&calendar, ics(&[vevent(&weekly), vevent(&soon)])).await;
        let post = post_of(&lines[1]);
        let hidden_date = vevent("UID:offen|SUMMARY:Geheim|CLASS:PRIVATE|RECURRENCE-ID;TZID=Europe/Berlin:20270119T190000|DTSTART;TZID=Europe/Berlin:20270119T200000");
        // Its UID is another one too.
        let private = vevent(&format!("{}|CLASS:PRIVATE", soon.replace("vorstand", "anders")));
        let lines = village.takes(&calendar, ics(&[vevent(&weekly), private, hidden_date])).await;
        assert_eq!(outcomes(&lines), ["changed", "private", "private", "removed"]);
        assert_eq!(lines[3]["title"], "");
        assert_eq!(village.post(&post).await["state"], "withdrawn");
        let dates = ["2027-01-12T19:00:00 planned Spieleabend", "2027-01-26T19:00:00 planned Spieleabend"];
        assert_eq!(village.public_dates("2026-11-22").await, dates);
        assert!(!read_by_all(&village).await.contains("Mahnungen"));
        dorf.work_off().await;
        assert_eq!(anna.pushes(), Vec::<String>::new());
        let lines = village.takes(&calendar, ics(&[vevent(&weekly), vevent(&soon)])).await;
        assert_eq!(outcomes(&lines), ["changed", "imported"], "it is public again");
        assert_eq!(village.post(&post).await["state"], json!("withdrawn"));
    }

    async fn dates_that_become_private_are_gone_without_a_word(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").follows("vereine").by_push().await;
        let calendar = village.own_calendar("vereine").await;
        let weekly = vevent("UID:offen|SUMMARY:Spieleabend|DTSTART;TZID=Europe/Berlin:20261124T190000|RRULE:FREQ=WEEKLY;COUNT=5");
        let date = |day: &str, says: &str| vevent(&format!("UID:offen|SUMMARY:Geheim|RECURRENCE-ID;TZID=Europe/Berlin:{day}T190000|{says}"));
        let at = |day: &str| format!("DTSTART;TZID=Europe/Berlin:{day}T190000");
        village.takes(&calendar, ics(std::slice::from_ref(&weekly))).await;

        let private = date("20261124", &format!("{}|CLASS:PRIVATE", at("20261124")));
        let lines = village.takes(&calendar, ics(&[weekly.clone(), private.clone()])).await;
        assert_eq!(outcomes(&lines), ["changed", "private"]);
        let post = post_of(&lines[0]);
        dorf.work_off().await;
        assert_eq!(anna.pushes(), Vec::<String>::new(), "what is hidden is not cancelled");

        let whole_day = date("20261208", "DTSTART;VALUE=DATE:20261208").replace("Geheim", "Spieletag");
        let from_then_on = date("20261215", &at("20261215")).replace("RECURRENCE-ID;", "RECURRENCE-ID;RANGE=THISANDFUTURE;") ;
        let from_then_on = from_then_on.replace("SUMMARY:Geheim", "SUMMARY:Geheim\r\nCLASS:CONFIDENTIAL");
        village.takes(&calendar, ics(&[weekly.clone(), private.clone(), whole_day.clone(), from_then_on.clone()])).await;
        let dates = ["2026-12-01T19:00:00 planned Spieleabend", "2026-12-08 planned Spieletag"];
        assert_eq!(village.public_dates("2026-11-22").await, dates);

        dorf.set_time("2026-12-05T12:00:00Z".parse().expect("a time"));
        let on_the_eighth = date("20261208", &format!("{}|CLASS:PRIVATE", at("20261208")));
        let rest = date("20261201", &format!("{}|CLASS:PRIVATE", at("20261201")));
        village.takes(&calendar, ics(&[weekly.clone(), private.clone(), on_the_eighth, from_then_on.clone()])).await;
        village.takes(&calendar, ics(&[weekly.clone(), private, rest, from_then_on.clone()])).await;
        dorf.work_off().await;
        assert_eq!(anna.pushes(), Vec::<String>::new());

        let cancelled = date("20261208", &format!("{}|STATUS:CANCELLED", at("20261208"))).replace("Geheim", "Spieleabend");
        village.takes(&calendar, ics(&[weekly, cancelled, from_then_on])).await;
        dorf.work_off().await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Abgesagt: Spieleabend"], "what is said beside is told, and only that");
        assert!(!read_by_all(&village).await.contains("Geheim"));
        assert_eq!(village.post(&post).await["state"], "published");
    }

    async fn dates_of_a_reviewed_club_that_become_private_are_gone_too(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let club = club(&village, "schuetzen", "reviewed").await;
        let calendar = village.event_calendar(&club, json!({"name": "Schützen"})).await;
        let weekly = vevent("UID:offen|SUMMARY:Schießabend|DTSTART;TZID=Europe/Berlin:20261201T190000|RRULE:FREQ=WEEKLY;COUNT=5");
        let import = village.uploads(&club, &calendar, ics(std::slice::from_ref(&weekly))).await.expect(201).str("id");
        let post = post_of(&village.import_lines(&club, &import).await[0]);
        let editor = village.editor();
        for step in ["approve", "publish"] {
            let now = Post::of(&editor.ask("GET", &format!("/posts/{post}")).send().await.expect(200));
            editor.step(&now, step).await.expect(200);
        }
        dorf.work_off().await;
        let anna = village.resident("anna").by_push().await;
        let hidden = |range: &str, day: &str| {
            vevent(&format!("UID:offen|SUMMARY:Geheim|CLASS:PRIVATE|RECURRENCE-ID{range};TZID=Europe/Berlin:{day}T190000|DTSTART;TZID=Europe/Berlin:{day}T190000"))
        };
        let private = [hidden("", "20261208"), hidden(";RANGE=THISANDFUTURE", "20261222")];
        let file = ics(&[vec![weekly], private.to_vec()].concat());
        let import = village.uploads(&club, &calendar, file).await.expect(201).str("id");
        assert_eq!(outcomes(&village.import_lines(&club, &import).await), ["needs_editor", "private", "private"]);
        let dates = ["2026-12-01T19:00:00 planned Schießabend", "2026-12-15T19:00:00 planned Schießabend"];
        assert_eq!(village.public_dates("2026-11-22").await, dates);
        dorf.work_off().await;
        assert_eq!(anna.pushes(), Vec::<String>::new());
    }

    async fn what_is_private_and_too_large_or_called_off_is_gone_without_a_word(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let calendar = village.own_calendar("vereine").await;
        let soon = |uid: &str| format!("UID:{uid}|SUMMARY:Beratung {uid}|DTSTART;TZID=Europe/Berlin:20261125T190000");
        let lines = village.takes(&calendar, ics(&[vevent(&soon("lang")), vevent(&soon("aus"))])).await;
        let posts = [post_of(&lines[0]), post_of(&lines[1])];
        let long = vevent(&format!("{}|{}CLASS:PRIVATE", soon("lang"), "X-A:b|".repeat(2_100)));
        let lines = village.takes(&calendar, ics(&[long, vevent(&soon("aus"))])).await;
        assert_eq!(outcomes(&lines), ["too_large", "unchanged", "removed"], "{lines:?}");
        assert!(lines.iter().all(|line| line["title"] != "Beratung lang"), "{lines:?}");
        let off = ics(&[vevent(&format!("{}|CLASS:PRIVATE", soon("aus")))]).replace("PRODID", "METHOD:CANCEL\r\nPRODID");
        assert_eq!(outcomes(&village.takes(&calendar, off).await), ["private"]);
        dorf.work_off().await;
        assert_eq!(anna.pushes(), Vec::<String>::new());
        let state = async |post: &str| village.post(post).await["state"].clone();
        assert_eq!((state(&posts[0]).await, state(&posts[1]).await), (json!("withdrawn"), json!("published")));
    }
}
