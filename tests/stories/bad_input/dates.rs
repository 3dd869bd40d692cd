//! Times that make no sense, and dates where none belong.

use super::{draft, posts, subscribe, with};
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, event, news};
use tests::stories;

stories! {
    async fn times_that_make_no_sense_are_named(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let starts = [
            "2027-03-28T02:30", "2027-03-28T02:00:00", "2027-02-29T10:00", "2026-12-06", "06.12.2026 15:00", "2026-12-06T25:00", "2026-12-06T15:00Z",
            "2026-12-06T15:00+01:00", "0001-01-01T00:00", "9999-12-31T23:59", "", "-2026-12-06T15:00", "+12026-12-06T15:00", "2026-12-06 15:00",
        ];
        for start in starts {
            let reply = draft(&village, &event("Fest", start).0).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/event/starts_local"], "{start}");
        }
        let gap = draft(&village, &event("Fest", "2027-03-28T02:30").0).send().await;
        assert_eq!(gap.json()["errors"][0]["detail"], "gibt es nicht: in dieser Nacht werden die Uhren vorgestellt");
        let wrong = [
            ("/event/ends_local", json!("2026-12-06T14:59")), ("/event/ends_local", json!("2027-03-28T02:30")), ("/event/ends_local", json!("später")),
            ("/event/zone", json!("Europe/Lemgo")), ("/event/zone", json!("CEST+1")), ("/event/zone", json!("")), ("/event/zone", json!("../../etc/passwd")),
            ("/event/zone", json!("Europe/Berlin\0")),
        ];
        for (pointer, value) in wrong {
            let reply = draft(&village, &with(pointer, value.clone())).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), [pointer], "{value}");
        }
        for zone in ["America/New_York", "Asia/Kathmandu", "UTC"] {
            let body = with("/event/zone", json!(zone));
            assert_eq!(draft(&village, &body).send().await.expect(201).get("event")["zone"], zone);
        }
        for second in ["2026-12-06T15:00:60", "2026-10-25T02:30:00", "2200-12-31T23:59:59", "1900-01-01T00:00"] {
            let reply = draft(&village, &event("Fest", second).0).send().await;
            assert!([201, 422].contains(&reply.status), "{second}: {}", reply.text());
        }
        for expiry in ["+262142-12-31T23:59:59Z", "-262143-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999+14:00", "2026-06-30T23:59:60Z"] {
            let reply = draft(&village, &news("A").with("expires_at", json!(expiry)).0).send().await;
            assert!([201, 400, 422].contains(&reply.status), "{expiry}: {}", reply.text());
            if reply.status == 201 {
                village.editor().ask("GET", &format!("/posts/{}", reply.str("id"))).send().await.expect(200);
            }
        }
    }

    async fn events_have_dates_and_nothing_else_has(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let stemmen = dorf.village("stemmen").await;
        let topic = json!({"slug": "jugend", "name": "Jugend"});
        stemmen.staff("POST", "/topics").bearer(&stemmen.admin).json(&topic).send().await.expect(201);
        let dates = event("Fest", "2026-12-06T15:00").0["event"].clone();
        for kind in ["news", "notice", "alert"] {
            let body = json!({"kind": kind, "title": "A", "event": dates});
            assert_eq!(draft(&village, &body).send().await.problem(422, "unprocessable"), ["/event"]);
        }
        for nothing in [json!({"kind": "event", "title": "A"}), json!({"kind": "event", "title": "A", "event": null})] {
            assert_eq!(draft(&village, &nothing).send().await.problem(422, "unprocessable"), ["/event"]);
        }
        for elsewhere in ["jugend", "gibt-es-nicht", "", "Verkehr", "verkehr "] {
            let reply = draft(&village, &news("A").on(elsewhere).0).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/topic"], "{elsewhere}");
        }
        let post = village.editor().drafts(news("A")).await;
        let change = |change: Value| { let post = post.clone(); let village = &village; async move { village.editor().changes(&post, &change).await } };
        assert_eq!(change(json!({"event": dates})).await.problem(422, "unprocessable"), ["/event"]);
        assert_eq!(change(json!({"topic": "jugend"})).await.problem(422, "unprocessable"), ["/topic"]);
        assert_eq!(change(json!({"title": "a\u{85}b"})).await.problem(422, "unprocessable"), ["/title"]);
        assert_eq!(change(json!({"title": ""})).await.problem(422, "unprocessable"), ["/title"]);
        let body = json!({"channel": "email", "email": "anna@example.org", "follows": [{"topic": "jugend"}]});
        assert_eq!(subscribe(&village, &body).send().await.status, 422);
        assert_eq!(posts(&village).await.len(), 1);
    }
}
