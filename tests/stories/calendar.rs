//! The dates of a village: as residents read them, as clubs plan them, and one by one.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, club, event, notice, series};
use tests::stories;

fn starts(items: &[Value]) -> Vec<String> {
    items
        .iter()
        .map(|item| {
            format!(
                "{} {}",
                item["starts_local"].as_str().unwrap_or_default(),
                item["starts_at"].as_str().unwrap_or_default()
            )
        })
        .collect()
}

stories! {
    async fn a_series_keeps_its_hour_when_the_clocks_change(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let weekly = series("Chorprobe", "2027-03-23T19:00", json!({"ends_local": "2027-03-23T20:30", "rrule": "FREQ=WEEKLY;COUNT=3"}));
        village.editor().publishes(weekly).await;
        let nightly = series("Nachtwache", "2027-03-27T02:30", json!({"rrule": "FREQ=DAILY;COUNT=3"}));
        village.editor().publishes(nightly).await;
        let items = village.occurrences("from=2027-03-01T00:00:00Z&to=2027-05-01T00:00:00Z").await;
        assert_eq!(starts(&items), [
            "2027-03-23T19:00:00 2027-03-23T18:00:00.000Z",
            "2027-03-27T02:30:00 2027-03-27T01:30:00.000Z",
            "2027-03-28T03:30:00 2027-03-28T01:30:00.000Z",
            "2027-03-29T02:30:00 2027-03-29T00:30:00.000Z",
            "2027-03-30T19:00:00 2027-03-30T17:00:00.000Z",
            "2027-04-06T19:00:00 2027-04-06T17:00:00.000Z",
        ]);
        assert_eq!(items[2]["date"], "2027-03-28T02:30:00", "it is still the date of half past two");
    }

    async fn dates_are_read_page_by_page_and_by_topic_and_club(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        club(&village, "gesangverein", "trusted").await;
        let choir = series("Chorprobe", "2026-12-01T19:00", json!({"rrule": "FREQ=DAILY;COUNT=30"})).with("club", json!("gesangverein"));
        let choir = editor.publishes(choir).await;
        editor.publishes(series("Sperrung", "2026-12-01T19:00", json!({"rrule": "FREQ=WEEKLY;COUNT=4"})).on("verkehr")).await;
        editor.drafts(series("Entwurf", "2026-12-01T19:00", json!({"rrule": "FREQ=DAILY;COUNT=30"}))).await;
        let window = "from=2026-12-01T00:00:00Z&to=2027-01-15T00:00:00Z";
        assert_eq!(village.occurrences(&format!("{window}&topic=verkehr")).await.len(), 4);
        assert_eq!(village.occurrences(&format!("{window}&club=gesangverein")).await.len(), 30);
        let (mut read, mut link) = (Vec::new(), format!("/v1/villages/luedenhausen/occurrences?limit=7&{window}"));
        loop {
            let page = dorf.ask("GET", &link).send().await.expect(200);
            read.extend(page.json()["items"].as_array().cloned().unwrap_or_default());
            let next = page.header("link");
            let Some((next, _)) = next.strip_prefix('<').and_then(|next| next.split_once('>')) else { break };
            link = next.to_owned();
        }
        assert_eq!(read.len(), 34);
        assert!(read.windows(2).all(|two| two[0]["starts_at"].as_str() <= two[1]["starts_at"].as_str()));
        editor.step(&choir, "withdraw").await.expect(200);
        assert_eq!(village.occurrences(window).await.len(), 4, "what is withdrawn shows no more");
        let stemmen = dorf.village("stemmen").await;
        assert!(stemmen.occurrences(window).await.is_empty());
        for (query, field) in [("from=2026-01-01T00:00:00Z&to=2028-01-01T00:00:00Z", "to"), ("from=2027-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", "to")] {
            let reply = village.ask("GET", &format!("/occurrences?{query}")).send().await;
            assert_eq!(reply.problem(400, "invalid-parameter"), [field]);
        }
        village.ask("GET", "/occurrences?club=keiner").send().await.problem(404, "not-found");
    }

    async fn one_date_is_cancelled_or_moved_and_told_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let post = village.editor().publishes(series("Chorprobe", "2026-12-01T19:00", json!({"rrule": "FREQ=WEEKLY;COUNT=4"}))).await;
        dorf.work_off().await;
        let before = village.occurrences("from=2026-12-01T00:00:00Z").await;
        let post = village.editor().changes_date(&post, json!({"date": "2026-12-08T19:00", "state": "cancelled", "note": "Weihnachtsmarkt"})).await;
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), 2, "published, and one message of the change");
        let moved = json!({"date": "2026-12-15T19:00", "state": "changed", "starts_local": "2026-12-16T18:00", "place": "Kirche", "notify": false});
        let post = village.editor().changes_date(&post, moved).await;
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), 2);
        let after = village.occurrences("from=2026-12-01T00:00:00Z").await;
        let said = |item: &Value| (item["starts_local"].clone(), item["state"].clone(), item["note"].clone(), item["place"].clone());
        assert_eq!(said(&after[1]), (json!("2026-12-08T19:00:00"), json!("cancelled"), json!("Weihnachtsmarkt"), json!("Dorfplatz")));
        assert_eq!(said(&after[2]), (json!("2026-12-16T18:00:00"), json!("changed"), json!(null), json!("Kirche")));
        let ids = |items: &[Value]| items.iter().map(|item| item["id"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(&before), ids(&after), "each date is still the same");
        let shown = village.ask("GET", &format!("/posts/{}", post.id)).send().await.expect(200).get("event");
        assert_eq!(shown["sequence"], 2);
        assert_eq!(shown["changed_dates"].as_array().map(Vec::len), Some(2), "the feed shows them");
        let ended = village.editor().changes_date(&post, json!({"date": "2026-12-15T19:00", "state": "cancelled", "reach": "this_and_following"})).await;
        assert_eq!(village.occurrences("from=2026-12-01T00:00:00Z").await.len(), 2);
        let first = json!({"date": "2026-12-01T19:00", "state": "cancelled", "reach": "this_and_following"});
        for (body, pointer) in [(json!({"date": "2026-12-02T19:00", "state": "cancelled"}), "/date"), (first, "/date")] {
            let ask = village.editor().ask("POST", &format!("/posts/{}/dates", post.id)).header("if-match", &ended.etag);
            assert_eq!(ask.json(&body).send().await.problem(422, "unprocessable"), [pointer], "{body}");
        }
        let ask = village.editor().ask("POST", &format!("/posts/{}/dates", post.id)).header("if-match", &post.etag);
        ask.json(&json!({"date": "2026-12-01T19:00", "state": "cancelled"})).send().await.problem(412, "precondition-failed");
    }

    async fn a_series_is_said_without_a_rule_and_answered_in_a_sentence(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let choir = json!({"starts_local": "2026-12-01T19:00", "except_dates": ["2027-05-04"],
            "repeats": {"frequency": "weekly", "weekdays": ["tuesday"], "until": "2027-07-16"}});
        let seen = village.preview(choir).await;
        assert_eq!(seen["event"]["rrule"], "FREQ=WEEKLY;UNTIL=20270716T215959Z;BYDAY=TU");
        assert_eq!(seen["event"]["summary"], "Ab 1. Dezember 2026 jeden Dienstag um 19:00 Uhr bis 16. Juli 2027, nicht am 4. Mai");
        assert_eq!(seen["next_dates"].as_array().map(Vec::len), Some(10));
        let said = [
            (json!({"frequency": "monthly", "nth": -1, "count": 3}), "2026-12-25T10:00", "Ab 25. Dezember 2026 jeden letzten Freitag im Monat um 10:00 Uhr, 3-mal"),
            (json!({"frequency": "weekly", "interval": 2, "weekdays": ["monday", "thursday"]}), "2026-12-03T08:30", "Ab 3. Dezember 2026 alle 2 Wochen am Montag und Donnerstag um 08:30 Uhr"),
            (json!({"frequency": "yearly"}), "2028-02-29T12:00", "Ab 29. Februar 2028 jedes Jahr am 29. Februar um 12:00 Uhr"),
            (json!({"frequency": "daily", "count": 5}), "2026-12-03T08:30", "Ab 3. Dezember 2026 täglich um 08:30 Uhr, 5-mal"),
            (json!({"frequency": "monthly"}), "2027-01-15T08:30", "Ab 15. Januar 2027 am 15. jedes Monats um 08:30 Uhr"),
        ];
        for (repeats, starts, sentence) in said {
            let seen = village.preview(json!({"starts_local": starts, "repeats": repeats})).await;
            assert_eq!(seen["event"]["summary"], sentence);
        }
        let refused = [
            (json!({"frequency": "weekly", "weekdays": ["monday"]}), "/event/starts_local"),
            (json!({"frequency": "daily", "weekdays": ["monday"]}), "/event/repeats/weekdays"),
            (json!({"frequency": "weekly", "nth": 2}), "/event/repeats/nth"),
            (json!({"frequency": "weekly", "until": "Sommer"}), "/event/repeats/until"),
            (json!({"frequency": "weekly", "until": "2026-01-01"}), "/event/repeats/until"),
            (json!({"frequency": "weekly", "until": "2027-07-16", "count": 3}), "/event/repeats/count"),
        ];
        for (repeats, pointer) in refused {
            let body = json!({"event": {"starts_local": "2026-12-01T19:00", "repeats": repeats}});
            let reply = village.editor().ask("POST", "/events/preview").json(&body).send().await;
            assert!(reply.problem(422, "unprocessable").contains(&pointer.to_owned()), "{body}: {}", reply.text());
        }
    }

    async fn who_plans_sees_what_else_is_on_and_no_more_than_that(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let choir = club(&village, "gesangverein", "trusted").await;
        let fire = club(&village, "feuerwehr", "untrusted").await;
        let mut draft = series("Geheime Überraschung", "2026-12-05T15:00", json!({"ends_local": "2026-12-05T18:00"}));
        draft.0["club"] = json!("gesangverein");
        village.staff("POST", "/posts").bearer(&choir).json(&draft.0).send().await.expect(201);
        village.editor().publishes(event("Markt", "2026-12-12T09:00")).await;
        village.editor().drafts(notice("Kein Termin")).await;
        let fires = json!({"event": {"starts_local": "2026-11-28T19:00", "repeats": {"frequency": "weekly", "count": 4}}});
        let seen = village.staff("POST", "/events/preview").bearer(&fire).json(&fires).send().await.expect(200);
        assert_eq!(seen.json()["clashes"], json!([
            {"starts_local": "2026-12-05T15:00:00", "ends_local": "2026-12-05T18:00:00", "place": "Dorfplatz", "club": "gesangverein", "public": false},
            {"starts_local": "2026-12-12T09:00:00", "place": "Dorfplatz", "public": true, "title": "Markt"},
        ]));
        let window = "/dates?from=2026-12-01T00:00:00Z&to=2026-12-31T00:00:00Z";
        let dates = village.staff("GET", window).bearer(&fire).send().await.expect(200).json();
        assert!(!dates.to_string().contains("Geheim"), "{dates}");
        assert_eq!(dates["items"].as_array().map(Vec::len), Some(2));
        let own = village.staff("GET", window).bearer(&choir).send().await.expect(200).json();
        assert_eq!(own["items"][0]["title"], "Geheime Überraschung");
    }

    async fn what_lasts_for_weeks_is_on_every_day_of_them(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let exhibition = json!({"all_day": true, "ends_local": "2027-03-01"});
        editor.publishes(series("Ausstellung", "2026-11-24", exhibition)).await;
        editor.publishes(series("Tanz", "2027-02-09T20:00", json!({"ends_local": "2027-02-10T02:00"}))).await;
        editor.publishes(series("Chorprobe", "2027-02-09T19:00", json!({"rrule": "FREQ=WEEKLY;COUNT=3"}))).await;
        let titles = async |query: &str| {
            let items = village.occurrences(query).await;
            items.iter().map(|item| item["title"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(titles("from=2027-02-10T00:00:00Z&to=2027-02-20T00:00:00Z").await, ["Ausstellung", "Tanz", "Chorprobe"]);
        assert_eq!(titles("from=2027-02-10T01:00:00Z&to=2027-02-20T00:00:00Z").await, ["Ausstellung", "Chorprobe"]);
        assert_eq!(titles("from=2027-02-28T23:00:00Z&to=2027-03-20T00:00:00Z").await, Vec::<String>::new());
        assert_eq!(titles("from=2026-11-24T00:00:00Z&to=2026-12-20T00:00:00Z").await, ["Ausstellung"]);
        let first = village.ask("GET", "/occurrences?limit=1&from=2027-02-10T00:00:00Z").send().await.expect(200);
        let rest = titles(&format!("from=2027-02-10T00:00:00Z&cursor={}", first.str("next_cursor"))).await;
        assert_eq!(rest, ["Tanz", "Chorprobe", "Chorprobe"], "page by page, each once");
        let seen = village.preview(json!({"starts_local": "2027-02-23T10:00", "repeats": {"frequency": "daily", "count": 3}})).await;
        let clashes: Vec<&str> = seen["clashes"].as_array().expect("clashes").iter().filter_map(|one| one["title"].as_str()).collect();
        assert_eq!(clashes, ["Ausstellung", "Chorprobe"], "each once, on however many days");
    }

    async fn the_horizon_of_a_series_moves_on(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        village.editor().publishes(series("Chorprobe", "2026-12-01T19:00", json!({"rrule": "FREQ=WEEKLY"}))).await;
        let far = "from=2029-06-01T00:00:00Z&to=2029-07-01T00:00:00Z";
        assert!(village.occurrences(far).await.is_empty());
        let later: DateTime<Utc> = "2027-11-22T08:00:00Z".parse().expect("an instant");
        dorf.set_time(later + TimeDelta::days(1));
        dorf.work_off().await;
        assert_eq!(village.occurrences(far).await.len(), 4);
    }
}
