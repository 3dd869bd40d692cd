//! The waste calendar: from the municipality's file to the reminder the evening before.

mod corpus;
mod hostile;
mod names;
mod reminders;
mod sources;

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, VillageKit, waste_calendar};
use tests::stories;

/// Days and kinds.
fn what(dates: &[Value]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    dates.iter().map(|date| (text(&date["day"]), text(&date["kind"]["name"]))).collect()
}

/// Identifiers by day and kind.
fn ids(dates: &[Value]) -> Vec<(String, String, String)> {
    let id = |date: &Value| date["id"].as_str().unwrap_or_default().to_owned();
    what(dates).into_iter().zip(dates.iter().map(id)).map(|((day, kind), id)| (day, kind, id)).collect()
}

async fn town(dorf: &Dorf) -> VillageKit<'_> {
    let village = dorf.village("luedenhausen").await;
    village.waste_district("ahornweg").await;
    village
}

stories! {
    async fn an_import_again_keeps_the_identity_of_every_date(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        let first = waste_calendar(&[("20261201", "Biotonne"), ("20261202", "Papier"), ("20261215", "Biotonne")]);
        assert_eq!(village.imported("ahornweg", first.clone()).await, [3, 0, 0, 0, 0]);
        let before = ids(&village.waste_dates("ahornweg", "2026-11-22").await);
        assert_eq!(village.imported("ahornweg", first).await, [0, 0, 3, 0, 0]);
        assert_eq!(ids(&village.waste_dates("ahornweg", "2026-11-22").await), before);
        let moved = waste_calendar(&[("20261201", "Biotonne"), ("20261202", "Papier"), ("20261216", "Biotonne")]);
        assert_eq!(village.imported("ahornweg", moved).await, [1, 0, 2, 1, 0]);
        let after = ids(&village.waste_dates("ahornweg", "2026-11-22").await);
        assert_eq!(after[..2], before[..2]);
        assert_eq!((after[2].0.as_str(), after[2].1.as_str()), ("2026-12-16", "Biotonne"));
        assert_eq!(village.audit().await[0]["action"], "waste.imported");
    }

    async fn what_a_calendar_does_not_speak_of_stays(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        let this_year = waste_calendar(&[("20261123", "Biotonne"), ("20261202", "Papier"), ("20261215", "Biotonne")]);
        village.imported("ahornweg", this_year).await;
        let empty = village.imports("ahornweg", waste_calendar(&[])).await.expect(201).get("report");
        assert_eq!((&empty["removed"], &empty["remarks"]), (&json!(0), &json!(["empty"])));
        let nonsense = waste_calendar(&[("20269999", "Biotonne")]);
        assert_eq!(village.imported("ahornweg", nonsense).await, [0, 0, 0, 0, 1]);
        assert_eq!(village.imported("ahornweg", waste_calendar(&[("20270105", "Biotonne")])).await, [1, 0, 0, 0, 0]);
        assert_eq!(village.imported("ahornweg", waste_calendar(&[("20261203", "Glas")])).await, [1, 0, 0, 0, 0]);
        assert_eq!(village.waste_dates("ahornweg", "2026-11-22").await.len(), 5);
        dorf.wait(TimeDelta::days(20));
        // Of the past nothing is removed: it was so.
        assert_eq!(village.imported("ahornweg", waste_calendar(&[("20261229", "Biotonne")])).await, [1, 0, 0, 1, 0]);
        let days = what(&village.waste_dates("ahornweg", "2026-11-22").await);
        let days: Vec<&str> = days.iter().map(|(day, _)| day.as_str()).collect();
        assert_eq!(days, ["2026-11-23", "2026-12-02", "2026-12-03", "2026-12-29", "2027-01-05"]);
    }

    async fn a_note_that_changes_is_told_and_the_date_stays(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        let with_note = |note: &str| {
            waste_calendar(&[("20261201", "Biotonne")])
                .replace("SUMMARY", &format!("DESCRIPTION:{note}\r\nSUMMARY"))
        };
        assert_eq!(village.imported("ahornweg", with_note("Bis 6 Uhr an die Straße\\, bitte")).await, [1, 0, 0, 0, 0]);
        let before = village.waste_dates("ahornweg", "2026-12-01").await;
        assert_eq!(before[0]["note"], "Bis 6 Uhr an die Straße, bitte");
        assert_eq!(village.imported("ahornweg", with_note("Ab 7 Uhr")).await, [0, 1, 0, 0, 0]);
        let after = village.waste_dates("ahornweg", "2026-12-01").await;
        assert_eq!((&after[0]["id"], &after[0]["note"]), (&before[0]["id"], &json!("Ab 7 Uhr")));
    }

    async fn the_same_label_is_another_kind_in_another_village(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        let other = dorf.village("stemmen").await;
        other.waste_district("ahornweg").await;
        for town in [&village, &other] {
            town.imported("ahornweg", waste_calendar(&[("20261201", "Grüne Tonne")])).await;
        }
        let kinds = village.staff("GET", "/waste/kinds").bearer(&village.editor).send().await.expect(200).json();
        let kind = &kinds["items"][0];
        let path = format!("/waste/kinds/{}", kind["id"].as_str().expect("an id"));
        let body = json!({"name": "Bioabfall", "icon": "organic", "colour": "#8b5a2b"});
        let change = || village.staff("PATCH", &path).bearer(&village.editor).header("if-match", "\"1\"").json(&body).send();
        change().await.expect(200);
        change().await.problem(412, "precondition-failed");
        let here = &village.waste_dates("ahornweg", "2026-12-01").await[0]["kind"];
        assert_eq!((&here["name"], &here["icon"], &here["colour"]), (&json!("Bioabfall"), &json!("organic"), &json!("#8b5a2b")));
        let there = &other.waste_dates("ahornweg", "2026-12-01").await[0]["kind"];
        assert_eq!((&there["name"], &there["icon"]), (&json!("Grüne Tonne"), &json!("other")));
        // The label stays what the calendars say, so the next import finds the kind.
        assert_eq!(village.imported("ahornweg", waste_calendar(&[("20261201", "Grüne Tonne")])).await, [0, 0, 1, 0, 0]);
        let wrong = json!({"colour": "brown!!", "name": " "});
        let ask = village.staff("PATCH", &path).bearer(&village.editor).header("if-match", "\"2\"").json(&wrong);
        assert_eq!(ask.send().await.problem(422, "unprocessable"), ["/name", "/colour"]);
        let gone = village.staff("DELETE", &path).bearer(&village.editor).header("if-match", "\"2\"").send().await;
        gone.expect(204);
        assert!(village.waste_dates("ahornweg", "2026-12-01").await.is_empty());
    }

    async fn a_district_is_a_calendar_to_subscribe_to(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        let labels = [("20261201", "Bio\\, Papier\\; Glas"), ("20261202", "Restmüll und Sperrmüll nach Anmeldung bei der Stadtreinigung, Telefon folgt")];
        village.imported("ahornweg", waste_calendar(&labels)).await;
        let path = "/waste/districts/ahornweg/calendar.ics";
        let calendar = village.ask("GET", path).send().await.expect(200);
        assert_eq!(calendar.header("content-type"), "text/calendar; charset=utf-8");
        let text = calendar.text();
        assert!(text.lines().all(|line| line.len() <= 75), "lines are folded: {text}");
        assert!(text.contains("SUMMARY:Bio\\, Papier\\; Glas") && text.contains("DTEND;VALUE=DATE:20261202"), "{text}");
        let again = village.ask("GET", path).header("if-none-match", &calendar.header("etag")).send().await;
        again.expect(304);
        // What goes out comes in again.
        village.waste_district("zweiter").await;
        assert_eq!(village.imported("zweiter", text).await, [2, 0, 0, 0, 0]);
        let read = |dates: Vec<Value>| what(&dates);
        let first = read(village.waste_dates("ahornweg", "2026-11-22").await);
        assert_eq!(read(village.waste_dates("zweiter", "2026-11-22").await), first);
        village.imported("ahornweg", waste_calendar(&[("20261203", "Bio\\, Papier\\; Glas")])).await;
        let changed = village.ask("GET", path).header("if-none-match", &calendar.header("etag")).send().await.expect(200);
        assert!(changed.text().contains("20261203"), "{}", changed.text());
        village.ask("GET", "/waste/districts/birkenweg/calendar.ics").send().await.problem(404, "not-found");
    }

    async fn what_cannot_be_asked_or_changed_is_told(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        let dates = |query: &str| village.ask("GET", &format!("/waste/districts/ahornweg/dates?{query}")).send();
        assert_eq!(dates("from=2026-12-01&to=2026-11-30").await.problem(400, "invalid-parameter"), ["to"]);
        assert_eq!(dates("from=2026-12-01&to=2028-12-01").await.problem(400, "invalid-parameter"), ["to"]);
        assert_eq!(dates("from=gestern").await.problem(400, "invalid-parameter"), ["from"]);
        assert_eq!(dates("from=%2B262142-12-31").await.problem(400, "invalid-parameter"), ["from"]);
        let post = |body: Value| village.staff("POST", "/waste/districts").bearer(&village.editor).json(&body).send();
        post(json!({"slug": "ahornweg", "name": "Noch einer"})).await.problem(409, "conflict");
        assert_eq!(post(json!({"slug": "Ahorn Weg", "name": ""})).await.problem(422, "unprocessable"), ["/slug", "/name"]);
        post(json!({"slug": "weg", "name": "Weg", "dates": []})).await.problem(400, "invalid-body");
        let ask = |method: &str| village.staff(method, "/waste/districts/ahornweg").bearer(&village.editor);
        ask("DELETE").send().await.problem(428, "precondition-required");
        let named = ask("PATCH").header("if-match", "\"1\"").json(&json!({"name": "Ahornweg"})).send().await.expect(200);
        assert_eq!((named.str("name"), named.header("etag")), ("Ahornweg".to_owned(), "\"2\"".to_owned()));
        ask("DELETE").header("if-match", "\"1\"").send().await.problem(412, "precondition-failed");
        ask("DELETE").header("if-match", "\"2\"").send().await.expect(204);
        dates("").await.problem(404, "not-found");
        assert!(village.ask("GET", "/waste/districts").send().await.expect(200).json()["items"].as_array().expect("districts").is_empty());
    }

    async fn an_import_with_a_key_is_done_once_and_its_report_is_kept(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        let send = |calendar: String| {
            let ask = village.staff("POST", "/waste/districts/ahornweg/imports").bearer(&village.editor);
            ask.header("content-type", "text/calendar").header("idempotency-key", "einmal").bytes(calendar).send()
        };
        let calendar = waste_calendar(&[("20261201", "Biotonne"), ("20261201", "Biotonne")]);
        let first = send(calendar.clone()).await.expect(201);
        let again = send(calendar).await.expect(201);
        assert_eq!(first.json(), again.json());
        send(waste_calendar(&[])).await.problem(422, "idempotency-key-reused");
        let kept = dorf.ask("GET", &first.header("location")).bearer(&village.editor).send().await.expect(200);
        assert_eq!(kept.json(), first.json());
        assert_eq!(kept.get("report")["lines"], json!([
            {"component": 2, "label": "Biotonne", "day": "2026-12-01", "outcome": "skipped", "reason": "repeated"},
            {"component": 1, "label": "Biotonne", "day": "2026-12-01", "outcome": "imported"},
        ]));
        for _ in 0..25 {
            village.imported("ahornweg", waste_calendar(&[])).await;
        }
        let list = village.staff("GET", "/waste/districts/ahornweg/imports").bearer(&village.editor).send().await.expect(200);
        assert_eq!(list.json()["items"].as_array().map(Vec::len), Some(20));
    }
}
