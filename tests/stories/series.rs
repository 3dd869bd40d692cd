//! Events that recur: stored as RFC 5545 has it, with everything that belongs to an event.

use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, Draft, Post, VillageKit, event};
use tests::stories;

/// A series of the choir: Tuesdays, with an exception and a date that is different.
fn choir() -> Draft {
    let event = json!({
        "starts_local": "2026-12-01T19:00", "ends_local": "2026-12-01T20:30", "rrule": "rrule:freq=weekly;count=6",
        "extra_dates": ["2026-12-23T18:00"], "except_dates": ["2026-12-22"],
        "changed_dates": [
            {"date": "2026-12-15T19:00", "state": "cancelled", "note": "Weihnachtsfeier"},
            {"date": "2026-12-08T19:00", "state": "changed", "starts_local": "2026-12-08T18:00", "place": "Kirche"},
        ],
        "status": "tentative", "place": "Gemeindehaus", "address": "Am Dorfplatz 1, 32689 Kalletal",
        "latitude": 52.0731, "longitude": 8.9921, "access": ["step_free", "hearing_loop", "step_free"],
        "cost": "Eintritt frei", "registration_url": "https://chor.example/anmeldung", "capacity": 40,
    });
    Draft(json!({"kind": "event", "title": "Chorprobe", "body_markdown": "Alle sind eingeladen.", "event": event}))
}

async fn shown(village: &VillageKit<'_>, post: &Post) -> Value {
    village.editor().ask("GET", &format!("/posts/{}", post.id)).send().await.expect(200).get("event")
}

stories! {
    async fn everything_that_belongs_to_an_event_is_kept(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let post = village.editor().publishes(choir()).await;
        let event = village.ask("GET", &format!("/posts/{}", post.id)).send().await.expect(200).get("event");
        assert_eq!(event, json!({
            "starts_local": "2026-12-01T19:00:00", "ends_local": "2026-12-01T20:30:00", "zone": "Europe/Berlin",
            "all_day": false, "rrule": "FREQ=WEEKLY;COUNT=6",
            "summary": "Ab 1. Dezember 2026 jeden Dienstag 19:00–20:30 Uhr, 6-mal, nicht am 22. Dezember 2026, auch am 23. Dezember 2026 um 18:00 Uhr",
            "extra_dates": ["2026-12-23T18:00:00"], "except_dates": ["2026-12-22T19:00:00"],
            "changed_dates": [
                {"date": "2026-12-08T19:00:00", "state": "changed", "starts_local": "2026-12-08T18:00:00", "place": "Kirche"},
                {"date": "2026-12-15T19:00:00", "state": "cancelled", "note": "Weihnachtsfeier"},
            ],
            "status": "tentative", "place": "Gemeindehaus", "address": "Am Dorfplatz 1, 32689 Kalletal",
            "latitude": 52.0731, "longitude": 8.9921, "access": ["step_free", "hearing_loop"],
            "cost": "Eintritt frei", "registration_url": "https://chor.example/anmeldung", "capacity": 40,
            "uid": post.id, "sequence": 0,
        }));
    }

    async fn whole_days_are_dates_and_end_the_day_after(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let days = |ends: &str| event("Kirmes", "").with("event", json!({
            "all_day": true, "starts_local": "2027-07-02", "ends_local": ends, "rrule": "FREQ=YEARLY",
        }));
        let post = village.editor().drafts(days("2027-07-05")).await;
        let event = shown(&village, &post).await;
        assert_eq!((&event["starts_local"], &event["ends_local"]), (&json!("2027-07-02"), &json!("2027-07-05")));
        for (ends, pointer) in [("2027-07-02", "/event/ends_local"), ("2027-07-05T12:00", "/event/ends_local")] {
            let reply = village.editor().ask("POST", "/posts").json(&days(ends).0).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), [pointer], "{ends}");
        }
    }

    async fn the_sequence_rises_with_the_dates_and_only_with_them(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let post = editor.publishes(choir()).await;
        let post = Post::of(&editor.changes(&post, &json!({"title": "Chorprobe für alle"})).await.expect(200));
        assert_eq!(shown(&village, &post).await["sequence"], 0);
        let mut event = choir().0["event"].clone();
        let post = Post::of(&editor.changes(&post, &json!({"event": event})).await.expect(200));
        assert_eq!(shown(&village, &post).await["sequence"], 0, "the same dates");
        event["starts_local"] = json!("2026-12-01T18:30");
        event["except_dates"] = json!([]);
        event.as_object_mut().expect("an object").remove("changed_dates");
        let post = Post::of(&editor.changes(&post, &json!({"event": event})).await.expect(200));
        let now = shown(&village, &post).await;
        assert_eq!((&now["sequence"], &now["uid"]), (&json!(1), &json!(post.id)));
        assert_eq!(now["changed_dates"], json!([]), "there are no such dates any more: {now}");
        // An earlier version brings its dates back, and no earlier number with them.
        let versions = editor.ask("GET", &format!("/posts/{}/versions", post.id)).send().await.expect(200).json();
        let first = versions["items"].as_array().and_then(|items| items.last()).expect("a version")["version"].clone();
        let restored = editor.ask("POST", &format!("/posts/{}/versions/{first}/restore", post.id))
            .header("if-match", &post.etag).send().await.expect(200);
        let event = restored.get("event");
        assert_eq!((&event["sequence"], &event["starts_local"]), (&json!(2), &json!("2026-12-01T19:00:00")));
        assert_eq!(event["changed_dates"].as_array().map(Vec::len), Some(2));
    }

    async fn a_copy_is_another_event_with_the_same_dates(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let post = editor.publishes(choir()).await;
        let copy = editor.ask("POST", &format!("/posts/{}/duplicate", post.id)).send().await.expect(201);
        let (mut event, mut other) = (shown(&village, &post).await, copy.get("event"));
        assert_eq!(other["uid"], json!(copy.str("id")));
        for of in [&mut event, &mut other] {
            of.as_object_mut().expect("an object").remove("uid");
        }
        assert_eq!(event, other);
    }

    async fn what_is_no_series_is_refused_by_name(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let refused = [
            (json!({"rrule": "FREQ=MINUTELY"}), "/event/rrule"),
            (json!({"rrule": "FREQ=SECONDLY;COUNT=1000000"}), "/event/rrule"),
            (json!({"rrule": "jeden Dienstag"}), "/event/rrule"),
            (json!({"rrule": "FREQ=WEEKLY;UNTIL=20270101;COUNT=3"}), "/event/rrule"),
            (json!({"rrule": "FREQ=WEEKLY;BYDAY=XXMO"}), "/event/rrule"),
            (json!({"rrule": "FREQ=WEEKLY\r\nATTACH:x"}), "/event/rrule"),
            (json!({"rrule": "FREQ=WEEKLY;BYDAY=WE"}), "/event/starts_local"),
            (json!({"extra_dates": ["2027-03-28T02:30"]}), "/event/extra_dates/0"),
            (json!({"except_dates": ["nie"]}), "/event/except_dates/0"),
            (json!({"changed_dates": [{"date": "2026-12-02T19:00", "state": "cancelled"}]}), "/event/changed_dates/0/date"),
            (json!({"ends_local": "2026-12-01T18:00"}), "/event/ends_local"),
            (json!({"ends_local": "2028-12-01T18:00"}), "/event/ends_local"),
            (json!({"registration_url": "javascript:alert(1)"}), "/event/registration_url"),
            (json!({"registration_url": "https://anna:geheim@chor.example/"}), "/event/registration_url"),
            (json!({"capacity": 0}), "/event/capacity"),
            (json!({"latitude": 52.0}), "/event/latitude"),
            (json!({"latitude": 152.0, "longitude": 8.0}), "/event/latitude"),
            (json!({"cost": "5\u{0} Euro"}), "/event/cost"),
        ];
        for (members, pointer) in refused {
            let mut draft = event("Chorprobe", "2026-12-01T19:00");
            for (name, value) in members.as_object().expect("an object") {
                draft.0["event"][name] = value.clone();
            }
            let reply = village.editor().ask("POST", "/posts").json(&draft.0).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), [pointer], "{members}");
        }
    }
}
