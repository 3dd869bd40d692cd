//! From one date on: a series that ends there, or goes on at another hour, on another weekday, in another place.

use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, Draft, Post, VillageKit, club, series};
use tests::stories;

const WINTER: &str = "from=2026-12-01T00:00:00Z&to=2027-03-01T00:00:00Z";

/// Tuesdays at seven, with everything that a series can have.
fn choir() -> Draft {
    series(
        "Chorprobe",
        "2026-12-01T19:00",
        json!({
            "ends_local": "2026-12-01T20:30", "rrule": "FREQ=WEEKLY;BYDAY=TU;COUNT=8", "except_dates": ["2026-12-29"],
            "extra_dates": ["2027-01-09T15:00"], "place": "Gemeindehaus", "address": "Am Dorfplatz 1", "access": ["step_free"],
            "changed_dates": [
                {"date": "2026-12-08T19:00", "state": "cancelled", "note": "Weihnachtsmarkt"},
                {"date": "2027-01-05T19:00", "state": "changed", "place": "Kirche"},
            ],
        }),
    )
}

async fn public(village: &VillageKit<'_>, post: &str) -> Value {
    village.ask("GET", &format!("/posts/{post}")).send().await.expect(200).json()
}

/// Start, place and state of the dates, in one line each.
async fn dates(village: &VillageKit<'_>) -> Vec<String> {
    let said = |item: &Value| {
        let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
        format!("{} {} {}", text("starts_local").chars().take(16).collect::<String>(), text("place"), text("state"))
    };
    village.occurrences(WINTER).await.iter().map(said).collect()
}

stories! {
    async fn what_follows_goes_on_as_an_event_of_its_own(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let editor = village.editor();
        let post = editor.publishes(choir()).await;
        dorf.work_off().await;
        let turn = json!({"date": "2026-12-15T19:00", "state": "changed", "reach": "this_and_following",
            "starts_local": "2026-12-16T18:00", "place": "Schule", "title": "Chorprobe in der Schule"});
        let ask = || editor.ask("POST", &format!("/posts/{}/dates", post.id)).header("if-match", &post.etag)
            .header("idempotency-key", "mittwochs").json(&turn);
        let reply = ask().send().await.expect(200);
        let following = reply.str("following");
        dorf.work_off().await;

        let before = public(&village, &post.id).await;
        assert_eq!(before["title"], "Chorprobe");
        assert_eq!(before["event"]["rrule"], "FREQ=WEEKLY;UNTIL=20261208T225959Z;BYDAY=TU");
        assert_eq!(before["event"]["summary"], "Ab 1. Dezember 2026 jeden Dienstag 19:00–20:30 Uhr bis 8. Dezember 2026");
        assert_eq!((&before["event"]["uid"], &before["event"]["sequence"]), (&json!(post.id), &json!(1)));
        let after = public(&village, &following).await;
        assert_eq!(after["title"], "Chorprobe in der Schule");
        assert_eq!(after["event"], json!({
            "starts_local": "2026-12-16T18:00:00", "ends_local": "2026-12-16T19:30:00", "zone": "Europe/Berlin", "all_day": false,
            "rrule": "FREQ=WEEKLY;COUNT=6;BYDAY=WE", "except_dates": ["2026-12-30T18:00:00"], "extra_dates": ["2027-01-09T15:00:00"],
            "summary": "Ab 16. Dezember 2026 jeden Mittwoch 18:00–19:30 Uhr, 6-mal, nicht am 30. Dezember 2026, auch am 9. Januar 2027 um 15:00 Uhr",
            "changed_dates": [{"date": "2027-01-06T18:00:00", "state": "changed", "place": "Kirche"}],
            "status": "confirmed", "place": "Schule", "uid": following, "sequence": 0, "access": [],
        }));
        assert_eq!(dates(&village).await, [
            "2026-12-01T19:00 Gemeindehaus planned", "2026-12-08T19:00 Gemeindehaus cancelled",
            "2026-12-16T18:00 Schule planned", "2026-12-23T18:00 Schule planned", "2027-01-06T18:00 Kirche changed",
            "2027-01-09T15:00 Schule planned", "2027-01-13T18:00 Schule planned", "2027-01-20T18:00 Schule planned",
        ]);
        let next: Vec<Value> = reply.get("outlook")["next_dates"].as_array().cloned().unwrap_or_default();
        assert_eq!((next.len(), &next[0]["starts_local"]), (5, &json!("2026-12-16T18:00:00")));

        let feed = village.feed().await.json();
        assert_eq!((&feed["items"][0]["id"], &feed["items"][1]["id"]), (&json!(following), &json!(post.id)));
        assert_eq!(anna.pushes().len(), 2, "one message of it");
        assert!(anna.pushes()[1].contains("Chorprobe in der Schule"), "{:?}", anna.pushes());
        let calendar = village.ask("GET", "/calendar.ics").send().await.expect(200).text();
        let calendar = calendar.replace("\r\n ", "");
        for line in [format!("UID:{}", post.id), format!("UID:{following}"), "RRULE:FREQ=WEEKLY;COUNT=6;BYDAY=WE".to_owned()] {
            assert!(calendar.contains(&line), "{line}:\n{calendar}");
        }
        let done: Vec<Value> = village.audit().await.iter().take(3).map(|line| line["action"].clone()).collect();
        assert_eq!(done, ["post.published", "post.created", "post.date_changed"]);
        let again = ask().send().await.expect(200);
        assert_eq!((again.str("following"), dates(&village).await.len()), (following, 8), "asked twice, done once");
        editor.asks_for_date(&post, &turn).await.problem(412, "precondition-failed");
    }

    async fn from_its_first_date_on_it_stays_the_same_event(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let post = editor.publishes(choir()).await;
        let reply = editor.asks_for_date(&post, &json!({"date": "2026-12-01T19:00", "state": "changed", "reach": "this_and_following",
            "starts_local": "2026-12-01T19:30", "title": "Große Chorprobe"})).await.expect(200);
        assert!(reply.json()["following"].is_null(), "{}", reply.text());
        let event = reply.get("event");
        assert_eq!((&event["uid"], &event["sequence"], &event["rrule"]), (&json!(post.id), &json!(1), &json!("FREQ=WEEKLY;COUNT=8;BYDAY=TU")));
        assert_eq!((reply.str("title"), &event["address"]), ("Große Chorprobe".to_owned(), &json!("Am Dorfplatz 1")));
        assert_eq!(dates(&village).await[1], "2026-12-08T19:30 Gemeindehaus cancelled");
        assert_eq!(dates(&village).await.len(), 8);
    }

    async fn a_new_rhythm_is_said_in_words_or_as_a_rule(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let last_friday = series("Stammtisch", "2026-12-25T19:00", json!({"repeats": {"frequency": "monthly", "nth": -1, "until": "2027-12-31"}}));
        let post = editor.publishes(last_friday).await;
        let from_march = |more: Value| {
            let mut body = json!({"date": "2027-02-26T19:00", "state": "changed", "reach": "this_and_following", "starts_local": "2027-03-02T20:00"});
            body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            body
        };
        let refused = [
            (json!({}), "/starts_local"),
            (json!({"rrule": "FREQ=MINUTELY"}), "/rrule"),
            (json!({"rrule": "FREQ=WEEKLY;UNTIL=20270101"}), "/rrule"),
            (json!({"rrule": "FREQ=WEEKLY", "repeats": {"frequency": "weekly"}}), "/repeats"),
            (json!({"repeats": {"frequency": "weekly", "weekdays": ["monday"]}}), "/starts_local"),
            (json!({"repeats": {"frequency": "weekly", "until": "2027-03-01"}}), "/repeats/until"),
            (json!({"note": "Neu"}), "/note"),
            (json!({"reach": "this", "rrule": "FREQ=WEEKLY"}), "/rrule"),
            (json!({"state": "cancelled"}), "/starts_local"),
            (json!({"state": "planned"}), "/reach"),
            (json!({"ends_local": "2027-03-02T19:00"}), "/ends_local"),
            (json!({"date": "2027-02-27T19:00"}), "/date"),
            (json!({"title": "Stamm\u{0}tisch"}), "/title"),
        ];
        for (more, pointer) in refused {
            let reply = editor.asks_for_date(&post, &from_march(more.clone())).await;
            assert!(reply.problem(422, "unprocessable").contains(&pointer.to_owned()), "{more}: {}", reply.text());
        }
        let reply = editor.asks_for_date(&post, &from_march(json!({"repeats": {"frequency": "monthly", "nth": 1, "count": 3}}))).await.expect(200);
        let after = public(&village, &reply.str("following")).await;
        assert_eq!(after["event"]["summary"], "Ab 2. März 2027 jeden ersten Dienstag im Monat um 20:00 Uhr, 3-mal");
        let all = village.occurrences("from=2026-12-01T00:00:00Z&to=2027-12-31T00:00:00Z").await;
        let days: Vec<&str> = all.iter().filter_map(|item| item["starts_local"].as_str()).map(|at| &at[..10]).collect();
        assert_eq!(days, ["2026-12-25", "2027-01-29", "2027-03-02", "2027-04-06", "2027-05-04"]);
    }

    async fn the_end_of_a_series_moves_with_its_hour_and_the_clocks(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let post = editor.publishes(series("Training", "2027-03-16T19:00", json!({"rrule": "FREQ=WEEKLY;UNTIL=20270406T170000Z"}))).await;
        let reply = editor.asks_for_date(&post, &json!({"date": "2027-03-23T19:00", "state": "changed", "reach": "this_and_following",
            "starts_local": "2027-03-23T20:00"})).await.expect(200);
        let after = public(&village, &reply.str("following")).await;
        assert_eq!(after["event"]["rrule"], "FREQ=WEEKLY;UNTIL=20270406T215959Z");
        let all = village.occurrences("from=2027-03-01T00:00:00Z&to=2027-05-01T00:00:00Z").await;
        let starts: Vec<&str> = all.iter().filter_map(|item| item["starts_at"].as_str()).collect();
        assert_eq!(starts, ["2027-03-16T18:00:00.000Z", "2027-03-23T19:00:00.000Z", "2027-03-30T18:00:00.000Z", "2027-04-06T18:00:00.000Z"]);
    }

    async fn whole_days_and_lists_of_days_go_on_too(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let fair = json!({"all_day": true, "ends_local": "2026-12-05", "rrule": "FREQ=WEEKLY;COUNT=3"});
        let post = editor.publishes(series("Markt", "2026-12-04", fair)).await;
        let turn = json!({"date": "2026-12-11", "state": "changed", "reach": "this_and_following", "starts_local": "2026-12-12"});
        let reply = editor.asks_for_date(&post, &turn).await.expect(200);
        assert_eq!(reply.get("event")["rrule"], "FREQ=WEEKLY;UNTIL=20261204");
        assert_eq!(public(&village, &reply.str("following")).await["event"]["ends_local"], "2026-12-13");
        let post = editor.publishes(series("Kurs", "2027-01-04T18:00", json!({"extra_dates": ["2027-01-06T18:00", "2027-01-08T18:00"]}))).await;
        let turn = json!({"date": "2027-01-06T18:00", "state": "changed", "reach": "this_and_following", "starts_local": "2027-01-06T19:00", "notify": false});
        editor.asks_for_date(&post, &turn).await.expect(200);
        assert_eq!(dates(&village).await, [
            "2026-12-04 Dorfplatz planned", "2026-12-12 Dorfplatz planned", "2026-12-19 Dorfplatz planned",
            "2027-01-04T18:00 Dorfplatz planned", "2027-01-06T19:00 Dorfplatz planned", "2027-01-08T19:00 Dorfplatz planned",
        ]);
    }

    async fn who_has_the_link_of_the_old_series_finds_how_it_goes_on(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let post = editor.publishes(choir()).await;
        let links = async |post: &str| {
            let shown = public(&village, post).await;
            (shown["continues"].clone(), shown["continued_by"].clone())
        };
        assert_eq!(links(&post.id).await, (Value::Null, Value::Null));
        let turn = |date: &str, place: &str| json!({"date": date, "state": "changed", "reach": "this_and_following", "place": place});
        let reply = editor.asks_for_date(&post, &turn("2026-12-15T19:00", "Schule")).await.expect(200);
        let last = reply.str("following");
        assert_eq!(reply.str("continued_by"), last);
        assert_eq!(links(&post.id).await, (Value::Null, json!(last)));
        assert_eq!(links(&last).await, (json!(post.id), Value::Null));
        let feed = village.feed().await.json();
        assert_eq!((&feed["items"][0]["continues"], &feed["items"][1]["continued_by"]), (&json!(post.id), &json!(last)));
        // What is put between the two is between them.
        let reply = editor.asks_for_date(&Post::of(&reply), &turn("2026-12-08T19:00", "Kirche")).await.expect(200);
        let middle = reply.str("following");
        assert_eq!(links(&post.id).await, (Value::Null, json!(middle)));
        assert_eq!(links(&middle).await, (json!(post.id), json!(last)));
        assert_eq!(links(&last).await, (json!(middle), Value::Null));
        // Residents are led to nothing that they cannot read.
        let expires = json!({"expires_at": "2026-11-23T12:00:00Z"});
        let read = |id: &str| editor.ask("GET", &format!("/posts/{id}")).send();
        let shown = read(&last).await.expect(200);
        editor.changes(&Post::of(&shown), &expires).await.expect(200);
        assert_eq!(links(&middle).await, (json!(post.id), json!(last)));
        dorf.wait(chrono::TimeDelta::days(2));
        assert_eq!(links(&middle).await, (json!(post.id), Value::Null), "it has expired");
        let village = village.next_day().await;
        let editor = village.editor();
        let shown = editor.ask("GET", &format!("/posts/{middle}")).send().await.expect(200);
        assert_eq!((shown.str("continues"), shown.str("continued_by")), (post.id.clone(), last.clone()), "staff find it");
        editor.step(&Post::of(&shown), "withdraw").await.expect(200);
        assert_eq!(links(&post.id).await, (Value::Null, Value::Null));
        let shown = editor.ask("GET", &format!("/posts/{}", post.id)).send().await.expect(200);
        assert_eq!(shown.str("continued_by"), middle);
    }

    async fn a_draft_that_goes_on_leads_to_the_other_until_one_is_deleted(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let post = editor.drafts(choir()).await;
        let turn = json!({"date": "2026-12-15T19:00", "state": "changed", "reach": "this_and_following", "place": "Schule"});
        let reply = editor.asks_for_date(&post, &turn).await.expect(200);
        let following = editor.ask("GET", &format!("/posts/{}", reply.str("following"))).send().await.expect(200);
        assert_eq!(following.str("continues"), post.id);
        editor.step(&Post::of(&reply), "publish").await.expect(200);
        assert!(public(&village, &post.id).await["continued_by"].is_null(), "a draft is nobody's business");
        let path = format!("/posts/{}", following.str("id"));
        editor.ask("DELETE", &path).header("if-match", &following.header("etag")).send().await.expect(204);
        let shown = editor.ask("GET", &format!("/posts/{}", post.id)).send().await.expect(200);
        assert!(shown.json()["continued_by"].is_null(), "{}", shown.text());
    }

    async fn what_is_not_public_yet_becomes_two_drafts(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let turn = json!({"date": "2026-12-15T19:00", "state": "changed", "reach": "this_and_following", "place": "Schule"});
        let post = editor.drafts(choir()).await;
        let reply = editor.asks_for_date(&post, &turn).await.expect(200);
        let following = reply.str("following");
        village.ask("GET", &format!("/posts/{following}")).send().await.problem(404, "not-found");
        let draft = editor.ask("GET", &format!("/posts/{following}")).send().await.expect(200);
        assert_eq!((draft.str("state"), draft.get("event")["place"].clone()), ("draft".to_owned(), json!("Schule")));
        assert!(dates(&village).await.is_empty());
        let planned = editor.drafts(choir()).await;
        let at = json!({"publish_at_local": "2026-11-30T08:00"});
        let reply = editor.ask("POST", &format!("/posts/{}/schedule", planned.id)).header("if-match", &planned.etag).json(&at).send().await;
        let planned = Post::of(&reply.expect(200));
        editor.asks_for_date(&planned, &turn).await.problem(409, "conflict");
    }

    async fn only_who_may_change_the_public_series_may_turn_it(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let reviewed = club(&village, "gesangverein", "untrusted").await;
        let post = village.editor().publishes(choir().with("club", json!("gesangverein"))).await;
        let turn = json!({"date": "2026-12-15T19:00", "state": "changed", "reach": "this_and_following", "place": "Schule"});
        let ask = |token: &str| village.staff("POST", &format!("/posts/{}/dates", post.id)).bearer(token).header("if-match", &post.etag).json(&turn).send();
        ask(&reviewed).await.problem(403, "needs-review");
        let trusted = club(&village, "sportverein", "trusted").await;
        ask(&trusted).await.problem(404, "not-found");
        let own = choir().with("club", json!("sportverein"));
        let own = Post::of(&village.staff("POST", "/posts").bearer(&trusted).json(&own.0).send().await.expect(201));
        let step = village.staff("POST", &format!("/posts/{}/publish", own.id)).bearer(&trusted).header("if-match", &own.etag);
        let own = Post::of(&step.send().await.expect(200));
        let ask = village.staff("POST", &format!("/posts/{}/dates", own.id)).bearer(&trusted).header("if-match", &own.etag);
        let reply = ask.json(&turn).send().await.expect(200);
        assert_eq!(public(&village, &reply.str("following")).await["club"], "sportverein");
    }

    async fn a_date_becomes_as_usual_again(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let post = editor.publishes(choir()).await;
        let body = |state: &str| json!({"date": "2026-12-08T19:00", "state": state});
        let post = editor.changes_date(&post, body("planned")).await;
        assert_eq!(dates(&village).await[1], "2026-12-08T19:00 Gemeindehaus planned");
        let event = public(&village, &post.id).await["event"].clone();
        assert_eq!((event["changed_dates"].as_array().map(Vec::len), &event["sequence"]), (Some(1), &json!(1)));
        let mut moved = body("planned");
        moved["starts_local"] = json!("2026-12-08T20:00");
        assert_eq!(editor.asks_for_date(&post, &moved).await.problem(422, "unprocessable"), ["/starts_local"]);
    }

    async fn who_saves_an_event_is_told_its_next_dates_and_what_else_is_on(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        editor.publishes(series("Markt", "2026-12-08T09:00", json!({}))).await;
        let saved = editor.ask("POST", "/posts").json(&choir().0).send().await.expect(201);
        assert_eq!(saved.get("event")["summary"], "Ab 1. Dezember 2026 jeden Dienstag 19:00–20:30 Uhr, 8-mal, nicht am 29. Dezember 2026, auch am 9. Januar 2027 um 15:00 Uhr");
        let outlook = saved.get("outlook");
        assert_eq!(outlook["next_dates"].as_array().map(Vec::len), Some(5));
        assert_eq!(outlook["next_dates"][1], json!({
            "starts_local": "2026-12-08T19:00:00", "ends_local": "2026-12-08T20:30:00", "starts_at": "2026-12-08T18:00:00.000Z", "cancelled": true,
        }));
        assert_eq!(outlook["clashes"], json!([]), "what is cancelled clashes with nothing");
        let post = Post::of(&saved);
        let saved = editor.changes(&post, &json!({"event": {"starts_local": "2026-12-08T19:00", "changed_dates": []}})).await.expect(200);
        assert_eq!(saved.get("outlook")["clashes"], json!([
            {"starts_local": "2026-12-08T09:00:00", "place": "Dorfplatz", "public": true, "title": "Markt"},
        ]));
        let read = editor.ask("GET", &format!("/posts/{}", post.id)).send().await.expect(200);
        assert!(read.json()["outlook"].is_null(), "only who saves is told");
        let news = editor.ask("POST", "/posts").json(&tests::kit::news("Neues").0).send().await.expect(201);
        assert!(news.json()["outlook"].is_null());
    }

    async fn what_recurs_within_a_day_goes_on_within_it(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let turns = [
            ("FREQ=MINUTELY;INTERVAL=15;COUNT=6", "18:30", "18:40", "FREQ=MINUTELY;INTERVAL=15;COUNT=2", "FREQ=MINUTELY;INTERVAL=15;COUNT=4"),
            ("FREQ=HOURLY;UNTIL=20261201T200000Z", "20:00", "20:30", "FREQ=HOURLY;UNTIL=20261201T180000Z", "FREQ=HOURLY;UNTIL=20261201T203000Z"),
        ];
        for (rule, at, starts, before, after) in turns {
            let post = editor.publishes(series("Wache", "2026-12-01T18:00", json!({"rrule": rule}))).await;
            let turn = json!({"date": format!("2026-12-01T{at}"), "state": "changed", "reach": "this_and_following",
                "starts_local": format!("2026-12-01T{starts}")});
            let ask = editor.ask("POST", &format!("/posts/{}/dates", post.id)).header("if-match", &post.etag);
            let following = ask.json(&turn).send().await.expect(200).str("following");
            assert_eq!(public(&village, &post.id).await["event"]["rrule"], before);
            assert_eq!(public(&village, &following).await["event"]["rrule"], after);
        }
    }
}
