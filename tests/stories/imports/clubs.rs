//! Calendars of clubs: what of theirs is public at once, and what waits.

use super::post_of;
use serde_json::json;
use tests::kit::clubs::ClubKit;
use tests::kit::{Backend, Dorf, Post, club, ics, outcomes, vevent};
use tests::stories;

fn calendar(title: &str) -> String {
    ics(&[vevent(&format!("UID:fest|SUMMARY:{title}|DTSTART;VALUE=DATE:20261212"))])
}

stories! {
    async fn a_trusted_club_publishes_and_a_reviewed_one_hands_in(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let trusted = club(&village, "chor", "trusted").await;
        let reviewed = club(&village, "schuetzen", "reviewed").await;
        let of_trusted = village.event_calendar(&trusted, json!({"name": "Chor"})).await;
        let of_reviewed = village.event_calendar(&reviewed, json!({"name": "Schützen"})).await;
        village.uploads(&trusted, &of_trusted, calendar("Singen")).await.expect(201);
        let import = village.uploads(&reviewed, &of_reviewed, calendar("Schießen")).await.expect(201).str("id");
        assert_eq!(village.public_dates("2026-11-22").await, ["2026-12-12 planned Singen"]);
        let id = post_of(&village.import_lines(&reviewed, &import).await[0]);
        let waiting = village.post(&id).await;
        assert_eq!((&waiting["state"], &waiting["club"]), (&json!("in_review"), &json!("schuetzen")));
        let change = village.uploads(&reviewed, &of_reviewed, calendar("Schützenfest")).await.expect(201);
        assert_eq!(change.get("summary")["changed"], 1, "what waits follows");
        let editor = village.editor();
        let post = Post::of(&editor.ask("GET", &format!("/posts/{id}")).send().await.expect(200));
        let post = Post::of(&editor.step(&post, "approve").await.expect(200));
        editor.step(&post, "publish").await.expect(200);
        dorf.work_off().await;
        assert_eq!(anna.pushes(), Vec::<String>::new(), "editors who let many out would flood everybody");
        assert_eq!(village.public_dates("2026-11-22").await.len(), 2);
        let refused = village.uploads(&reviewed, &of_reviewed, calendar("Besäufnis")).await.expect(201).str("id");
        assert_eq!(outcomes(&village.import_lines(&reviewed, &refused).await), ["needs_editor"]);
        assert_eq!(village.post(&id).await["title"], "Schützenfest");
        let gone = ics(&[vevent("UID:anderes|SUMMARY:Anderes|DTSTART;VALUE=DATE:20261213")]);
        let import = village.uploads(&reviewed, &of_reviewed, gone).await.expect(201).str("id");
        assert_eq!(outcomes(&village.import_lines(&reviewed, &import).await), ["imported", "removed"]);
        assert_eq!(village.post(&id).await["state"], "withdrawn", "what a club may do by hand");
        let import = village.uploads(&reviewed, &of_reviewed, calendar("Schützenfest")).await.expect(201).str("id");
        assert_eq!(outcomes(&village.import_lines(&reviewed, &import).await), ["imported", "removed"]);
    }

    async fn a_club_keeps_its_own_calendars_and_no_others(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let chor = club(&village, "chor", "trusted").await;
        let other = club(&village, "schuetzen", "reviewed").await;
        let calendar_of_chor = village.event_calendar(&chor, json!({"name": "Chor"})).await;
        let towns = village.own_calendar("verkehr").await;
        for id in [&calendar_of_chor, &towns] {
            let path = format!("/calendar-sources/{id}");
            village.staff("GET", &path).bearer(&other).send().await.problem(404, "not-found");
            let delete = village.staff("DELETE", &path).bearer(&other).header("if-match", "\"1\"");
            delete.send().await.problem(404, "not-found");
            village.uploads(&other, id, calendar("Fremd")).await.problem(404, "not-found");
        }
        let import = village.uploads(&chor, &calendar_of_chor, calendar("Singen")).await.expect(201).str("id");
        let path = format!("/event-imports/{import}/lines");
        village.staff("GET", &path).bearer(&other).send().await.problem(404, "not-found");
        let listed = village.staff("GET", "/calendar-sources").bearer(&other).send().await.expect(200).json();
        assert_eq!(listed["items"], json!([]));
        let listed = village.staff("GET", "/calendar-sources").bearer(&village.editor).send().await.expect(200).json();
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(2));
        for _ in 1..5 {
            village.event_calendar(&chor, json!({"name": "Noch einer"})).await;
        }
        let sixth = village.staff("POST", "/calendar-sources").bearer(&chor).json(&json!({"name": "Einer zu viel"}));
        sixth.send().await.problem(409, "conflict");
        // The same UID in another calendar is another event: nobody can take one from somebody else.
        let of_other = village.event_calendar(&other, json!({"name": "Schützen"})).await;
        assert_eq!(village.uploads(&other, &of_other, calendar("Schießen")).await.expect(201).get("summary")["imported"], 1);
        assert_eq!(village.uploads(&chor, &calendar_of_chor, calendar("Singen")).await.expect(201).get("summary")["unchanged"], 1);
        let off = ClubKit { village: &village, slug: "chor".to_owned() };
        off.decides("POST", "switch-off", Some(json!({"reason": "Aufgelöst."}))).await.expect(200);
        let late = village.uploads(&chor, &calendar_of_chor, calendar("Zu spät")).await;
        assert!(late.status == 403 || late.status == 404, "{}", late.status);
    }

    async fn a_calendar_is_kept_as_everything_else_is(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let said = |body: serde_json::Value| village.staff("POST", "/calendar-sources").bearer(&village.editor).json(&body);
        said(json!({"name": ""})).send().await.fault(422, "/name");
        said(json!({"name": "A", "topic": "gibt-es-nicht"})).send().await.fault(422, "/topic");
        said(json!({"name": "A", "club": "gibt-es-nicht"})).send().await.fault(422, "/club");
        said(json!({"name": "A", "url": "http://127.0.0.1/a.ics"})).send().await.fault(422, "/url");
        let key = uuid::Uuid::now_v7().to_string();
        let once = said(json!({"name": "A"})).header("idempotency-key", &key).send().await.expect(201);
        let again = said(json!({"name": "A"})).header("idempotency-key", &key).send().await.expect(201);
        assert_eq!(once.str("id"), again.str("id"));
        let path = format!("/calendar-sources/{}", once.str("id"));
        let change = |etag: &str| village.staff("PATCH", &path).bearer(&village.editor).header("if-match", etag);
        change("\"7\"").json(&json!({"name": "B"})).send().await.problem(412, "precondition-failed");
        let changed = change("\"1\"").json(&json!({"name": "B", "topic": "verkehr"})).send().await.expect(200);
        assert_eq!((changed.str("name"), changed.header("etag")), ("B".to_owned(), "\"2\"".to_owned()));
        change("\"2\"").json(&json!({"topic": null})).send().await.expect(200);
        let lines = village.takes(&once.str("id"), calendar("Fest")).await;
        let delete = village.staff("DELETE", &path).bearer(&village.editor).header("if-match", "\"3\"");
        delete.send().await.expect(204);
        assert_eq!(village.post(&post_of(&lines[0])).await["state"], "published", "the posts stay");
    }
}
