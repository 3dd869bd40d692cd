//! The all-clear after an alert, and whom alerts reach.

use super::works_it_all_off;
use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::clubs::ClubKit;
use tests::kit::push_receiver::PushAnswer;
use tests::kit::{Backend, Dorf, Post, Reply, VillageKit, alert, news};
use tests::stories;

/// Gives the all-clear, as the editor.
async fn clears(village: &VillageKit<'_>, post: &Post, body: Option<Value>) -> Reply {
    let ask = village.editor().ask("POST", &format!("/posts/{}/all-clear", post.id)).header("if-match", &post.etag);
    match body {
        Some(body) => ask.json(&body).send().await,
        None => ask.send().await,
    }
}

/// How many subscriptions a post would reach.
async fn audience(village: &VillageKit<'_>, post: &Post) -> Value {
    village.editor().ask("GET", &format!("/posts/{}/audience", post.id)).send().await.expect(200).get("total")
}

stories! {
    async fn an_alert_reaches_every_subscription_that_has_not_said_no_to_alerts(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        ClubKit::entered(&village, "gesangverein").await;
        let topic = village.resident("topic").follows("vereine").by_push().await;
        let club = village.resident("club").follows_club("gesangverein").by_mail().await;
        let kind = village.resident("kind").follows_kind("event").by_push().await;
        let nothing = village.resident("nothing").by_push().await;
        nothing.ask("PATCH").json(&json!({"follows": []})).send().await.expect(200);
        let no = village.resident("no").by_push().await;
        let said = no.ask("PATCH").json(&json!({"alerts": false})).send().await.expect(200);
        assert_eq!(said.get("alerts"), false);
        let no_but_kind = village.resident("no-but").follows_kind("alert").by_push().await;
        no_but_kind.ask("PATCH").json(&json!({"alerts": false})).send().await.expect(200);
        let elsewhere = other.resident("otto").by_push().await;
        let draft = village.editor().drafts(alert("Hochwasser").on("verkehr")).await;
        assert_eq!(audience(&village, &draft).await, 4);
        let plain = village.editor().drafts(news("Baustelle").on("verkehr")).await;
        assert_eq!(audience(&village, &plain).await, 1, "only who follows everything");
        village.editor().step(&draft, "publish").await.expect(200);
        dorf.work_off().await;
        for resident in [&topic, &kind, &nothing] {
            assert_eq!(resident.pushes(), ["Lüdenhausen · Warnung: Hochwasser"]);
        }
        assert_eq!(club.mails().len(), 1);
        for resident in [&no, &no_but_kind, &elsewhere] {
            assert!(resident.pushes().is_empty());
        }
        village.editor().step(&plain, "publish").await.expect(200);
        dorf.work_off().await;
        assert_eq!(no.pushes(), ["Lüdenhausen · Baustelle"], "everything but alerts");
    }

    async fn that_alerts_come_is_told_at_subscribing_and_a_no_stays(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let body = json!({"channel": "email", "email": "anna@example.org", "follows": [{"topic": "vereine"}]});
        let made = village.ask("POST", "/subscriptions").json(&body).send().await.expect(201);
        assert_eq!(made.get("alerts"), true);
        dorf.work_off().await;
        let question = dorf.mail.mails_to("anna@example.org").pop().expect("a question");
        let said = question.text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("Vor Gefahren werden Sie gewarnt"), "{said}");
        let words = village.ask("GET", "/consent").send().await.expect(200).text();
        assert!(words.contains("Vor Gefahren werde ich gewarnt"), "{words}");
        let device = dorf.push.new_device().await;
        let anna = village.resident("anna").by_push_with(device.clone()).await;
        anna.ask("PATCH").json(&json!({"alerts": false})).send().await.expect(200);
        let again = village.resident("anna").by_push_with(device).await;
        let held = again.ask("GET").send().await.expect(200);
        assert_eq!(held.get("alerts"), false, "the same browser has said no, and nothing else since");
        let path = format!("/subscriptions/{}/export", again.subscription);
        let export = village.ask("GET", &path).bearer(&again.secret).send().await.expect(200);
        assert_eq!(export.get("subscription")["alerts"], false);
        again.ask("PATCH").json(&json!({"follows": []})).send().await.expect(200);
        assert_eq!(again.ask("GET").send().await.expect(200).get("alerts"), false, "what is absent stays");
        again.ask("PATCH").json(&json!({"alerts": "nein"})).send().await.problem(400, "invalid-body");
    }

    async fn the_all_clear_goes_to_exactly_those_who_were_warned_once_and_urgently(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let bert = village.resident("bert").by_mail().await;
        let left = village.resident("left").by_push().await;
        let broken = village.resident("broken").by_push().await;
        broken.device().answer(PushAnswer::Once(Box::new(PushAnswer::Broken)));
        let post = village.editor().publishes(alert("Trinkwasser abkochen")).await;
        dorf.work_off().await;
        let late = village.resident("late").by_push().await;
        left.ask("DELETE").send().await.expect(204);
        anna.ask("PATCH").json(&json!({"alerts": false, "follows": []})).send().await.expect(200);
        let text = json!({"text": "Das Wasser ist wieder sauber."});
        let cleared = clears(&village, &post, Some(text.clone())).await.expect(200);
        assert_eq!((cleared.get("all_clear")["text"].clone(), cleared.str("state")), (text["text"].clone(), "published".to_owned()));
        works_it_all_off(&dorf).await;
        dorf.wait(TimeDelta::hours(2));
        dorf.work_off().await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Warnung: Trinkwasser abkochen", "Lüdenhausen · Entwarnung: Trinkwasser abkochen"]);
        let last = anna.device().received().pop().expect("a push");
        assert_eq!((last.headers["urgency"].to_str().ok(), anna.last_body().as_str()), (Some("high"), "Das Wasser ist wieder sauber."));
        assert_eq!(bert.subjects().pop(), Some("Entwarnung: Trinkwasser abkochen".to_owned()));
        let head = ("Entwarnung: Trinkwasser abkochen".to_owned(), "Entwarnung: Trinkwasser abkochen".to_owned());
        assert_eq!(crate::telling::head(&bert), head);
        let mail = bert.mails().pop().expect("a mail").text();
        assert!(mail.contains("wieder sauber") && !mail.contains("Fenster und Türen"), "{mail}");
        assert_eq!(left.pushes().len(), 1);
        assert!(broken.pushes().is_empty(), "who was not warned is not warned any more, and not told that it is over");
        assert!(late.pushes().is_empty());
        let cleared = Post::of(&cleared);
        clears(&village, &cleared, None).await.problem(409, "conflict");
        let announce = village.editor().ask("POST", &format!("/posts/{}/announce", post.id)).header("if-match", &cleared.etag);
        announce.header("idempotency-key", "noch-einmal").send().await.problem(409, "conflict");
        let shown = village.ask("GET", &format!("/posts/{}", post.id)).send().await.expect(200);
        assert_eq!(shown.get("all_clear")["text"], text["text"]);
        assert_eq!(village.told(&post).await, ["published", "all_clear"]);
        dorf.wait(TimeDelta::hours(23));
        dorf.work_off().await;
        village.ask("GET", &format!("/posts/{}", post.id)).send().await.problem(404, "not-found");
    }

    async fn what_has_expired_can_be_cleared_and_what_is_no_alert_cannot(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let plain = village.editor().publishes(news("Brücke gesperrt")).await;
        clears(&village, &plain, None).await.problem(409, "conflict");
        let post = village.editor().publishes(alert("Rauch").with("expires_at", json!("2026-11-22T09:00:00Z"))).await;
        dorf.work_off().await;
        dorf.wait(TimeDelta::hours(1));
        dorf.work_off().await;
        let now = Post::of(&village.editor().ask("GET", &format!("/posts/{}", post.id)).send().await.expect(200));
        clears(&village, &now, None).await.expect(200);
        works_it_all_off(&dorf).await;
        assert_eq!(anna.pushes().pop(), Some("Lüdenhausen · Entwarnung: Rauch".to_owned()));
        assert_eq!(anna.last_body(), "Die Gefahr ist vorüber.");
        village.ask("GET", &format!("/posts/{}", post.id)).send().await.expect(200);
        let admin = village.staff("POST", &format!("/posts/{}/all-clear", post.id)).bearer(&village.admin);
        admin.header("if-match", &now.etag).send().await.problem(412, "precondition-failed");
        let push_only = alert("Nur Push").with("delivery", json!("push"));
        village.editor().ask("POST", "/posts").json(&push_only.0).send().await.fault(422, "/delivery");
    }

    async fn what_is_on_the_wire_is_waited_for(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.push.max_in_flight = 2).await;
        let village = dorf.village("luedenhausen").await;
        let mut crowd = Vec::new();
        for n in 0..6 {
            crowd.push(village.resident(&format!("anna{n}")).by_push().await);
        }
        let post = village.editor().publishes(alert("Rauch")).await;
        dorf.push.hold();
        tokio::join!(dorf.work_off(), async {
            dorf.push.wait_for_requests(2).await;
            clears(&village, &post, None).await.expect(200);
            dorf.push.release();
        });
        works_it_all_off(&dorf).await;
        let shown: Vec<usize> = crowd.iter().map(|resident| resident.pushes().len()).filter(|n| *n > 0).collect();
        assert_eq!(shown, [2, 2], "warned and then told that it is over, or neither");
        assert_eq!(village.editor().count(&post, "web_push", "cancelled", "cleared").await, 4);
    }
}
