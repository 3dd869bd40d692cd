//! Residents choose, change and leave, without an account; nobody learns who is subscribed.

use chrono::TimeDelta;
use serde_json::json;
use tests::kit::{Backend, Dorf, Reply, alert, news};
use tests::stories;

/// The shape of an answer: status, names of members, names of headers.
fn shape(reply: &Reply) -> (u16, Vec<String>, Vec<String>) {
    let members = reply.json().as_object().expect("an object").keys().cloned().collect();
    let mut headers: Vec<String> = reply.headers.keys().map(ToString::to_string).collect();
    headers.sort();
    (reply.status, members, headers)
}

stories! {
    async fn a_mailbox_gets_nothing_but_the_question_before_it_confirms(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let mut anna = village.resident("anna").asks_by_mail().await;
        village.editor().publishes(news("Zu früh")).await;
        dorf.work_off().await;
        assert_eq!(anna.all_mails().len(), 1, "the question");
        let link = anna.confirmation_link();
        let page = dorf.ask("GET", &link).send().await.expect(200);
        assert!(page.text().contains("<form method=\"post\">") && page.header("content-type").starts_with("text/html"));
        assert_eq!(anna.ask("GET").send().await.expect(200).str("state"), "pending", "looking confirms nothing");
        anna.confirms().await;
        assert!(dorf.ask("POST", &link).send().await.expect(200).text().contains("Bestätigt"), "again does no harm");
        assert_eq!(anna.ask("GET").send().await.expect(200).str("state"), "active");
        village.editor().publishes(news("Jetzt")).await;
        dorf.work_off().await;
        assert_eq!(anna.subjects(), ["Jetzt"]);
    }

    async fn whoever_joins_before_the_dispatch_is_told_only_of_what_comes_after(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let before = village.resident("anna").by_push().await;
        let asked = village.resident("bert").asks_by_mail().await;
        dorf.work_off().await;
        let link = asked.confirmation_link();
        let post = village.editor().publishes(news("Vorher")).await;
        dorf.wait(TimeDelta::milliseconds(1));
        let after = village.resident("cleo").by_push().await;
        dorf.ask("POST", &link).send().await.expect(200);
        dorf.work_off().await;
        assert_eq!(village.editor().report(&post).await["planned"], 1);
        village.editor().publishes(news("Nachher")).await;
        dorf.work_off().await;
        assert_eq!(before.pushes().len(), 2);
        assert_eq!(after.pushes(), ["Lüdenhausen · Nachher"]);
        assert_eq!(asked.subjects(), ["Nachher"]);
    }

    async fn an_app_confirms_with_the_token(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let anna = village.resident("anna").asks_by_mail().await;
        dorf.work_off().await;
        let link = anna.confirmation_link();
        let token = link.rsplit('/').next().expect("a token");
        let body = json!({"token": token});
        other.ask("POST", "/subscriptions/confirm").json(&body).send().await.problem(404, "not-found");
        let forged = json!({"token": token.replace(|c: char| c.is_ascii_digit(), "0")});
        village.ask("POST", "/subscriptions/confirm").json(&forged).send().await.problem(404, "not-found");
        let confirm = async || village.ask("POST", "/subscriptions/confirm").json(&body).send().await;
        let confirmed = confirm().await.expect(200);
        assert_eq!(confirmed.str("id"), anna.subscription);
        let path = format!("/subscriptions/{}", anna.subscription);
        let mine = village.ask("GET", &path).bearer(&confirmed.str("secret")).send().await.expect(200);
        assert_eq!(mine.str("state"), "active");
        assert!(confirm().await.expect(200).get("secret").is_null(), "a link in an old mail is no key");
        dorf.wait(TimeDelta::hours(48));
        confirm().await.problem(404, "not-found");
        assert!(dorf.ask("GET", &link).send().await.expect(200).text().contains("gilt nicht mehr"));
    }

    async fn whoever_subscribes_a_strangers_mailbox_learns_nothing_of_what_its_owner_makes_of_it(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        village.waste_district("ahornweg").await;
        let before = village.resident("anna").follows("verkehr").by_mail().await;
        // A stranger asks for little, in Anna's name: first nothing at all, not even alerts, then this and that.
        let asks = async |follows: serde_json::Value, waste: serde_json::Value, alerts: bool| {
            let mut body = json!({"channel": "email", "email": before.address(), "follows": follows, "waste": waste});
            body["alerts"] = json!(alerts);
            let reply = village.ask("POST", "/subscriptions").json(&body).send().await.expect(201);
            dorf.work_off().await;
            (format!("/subscriptions/{}", reply.str("id")), reply.str("secret"))
        };
        let told = |part: &str| {
            let mails = before.all_mails();
            let question = mails.iter().rev().find(|mail| mail.header("List-Unsubscribe").is_none()).expect("a question");
            let (text, html) = (question.text(), question.html());
            assert!(text.contains(&format!("- {part}")) && html.contains(&format!("<li>{part}</li>")), "{part}: {text} {html}");
        };
        asks(json!([]), json!([]), false).await;
        told("keine Nachrichten, auch keine Warnungen vor Gefahren");
        told("Ihr bisheriges Abonnement in diesem Dorf endet damit.");
        let follows = json!([{"topic": "vereine", "kind": "event"}, {"kind": "alert"}]);
        let (path, stranger) = asks(follows, json!([{"district": "ahornweg"}]), true).await;
        let parts = ["Veranstaltungen, Rubrik „Vereine“", "Warnungen", "Erinnerungen an die Müllabfuhr: Bezirk ahornweg"];
        for part in parts.into_iter().chain(["Warnungen vor Gefahren"]) {
            told(part);
        }
        let page = dorf.ask("GET", &before.confirmation_link()).send().await.expect(200).text();
        assert!(page.contains("<li>Veranstaltungen, Rubrik „Vereine“</li>") && page.contains("endet damit"), "{page}");
        // Until she agrees, what she had goes on, and the stranger sees no more than what the stranger wrote.
        assert_eq!(before.ask("GET").send().await.expect(200).str("state"), "active");
        assert_eq!(village.ask("GET", &path).bearer(&stranger).send().await.expect(200).str("state"), "pending");
        village.editor().publishes(news("Vorher").on("verkehr")).await;
        dorf.work_off().await;
        assert_eq!(before.subjects(), ["Vorher"]);

        let mut anna = before.clone();
        anna.subscription = path.rsplit('/').next().expect("an id").to_owned();
        anna.confirms().await;
        for (method, path) in [("GET", path.clone()), ("GET", format!("{path}/export")), ("PATCH", path.clone()), ("DELETE", path.clone())] {
            let ask = village.ask(method, &path).bearer(&stranger);
            let ask = if method == "PATCH" { ask.json(&json!({"follows": []})) } else { ask };
            ask.send().await.problem(404, "not-found");
        }
        before.ask("GET").send().await.problem(404, "not-found");
        // Hers is the key on the page, which is shown once.
        let again = dorf.ask("POST", &anna.confirmation_link()).send().await.expect(200).text();
        assert!(!again.contains("<code>"), "{again}");
        let everything = json!({"follows": [{}]});
        anna.ask("PATCH").json(&everything).send().await.expect(200);
        village.editor().publishes(news("Nachher")).await;
        dorf.work_off().await;
        assert_eq!(anna.subjects(), ["Vorher", "Nachher"]);
        anna.ask("DELETE").send().await.expect(204);
    }

    async fn warnings_can_be_left_by_themselves_in_one_click(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        let editor = village.editor();
        editor.publishes(alert("Hochwasser")).await;
        dorf.work_off().await;
        let link = anna.unsubscribe_link();
        let asked = dorf.ask("GET", &link).send().await.expect(200).text();
        assert!(asked.contains("formaction=\"?only=alerts\"") && asked.contains("Nur keine Warnungen mehr"), "{asked}");
        let post = |query: &str| {
            dorf.ask("POST", &format!("{link}{query}")).header("content-type", "application/x-www-form-urlencoded").bytes("")
        };
        post("?only=news").send().await.problem(400, "invalid-parameter");
        let left = post("?only=alerts").send().await.expect(200).text();
        assert!(left.contains("Warnungen abbestellt"), "{left}");
        editor.publishes(alert("Sturm")).await;
        editor.publishes(news("Backhaus offen")).await;
        dorf.work_off().await;
        assert_eq!(anna.subjects(), ["Warnung: Hochwasser", "Backhaus offen"]);
    }

    async fn leaving_takes_one_click_and_deletes_everything(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        village.editor().publishes(news("Eins")).await;
        dorf.work_off().await;
        let mail = anna.mails().remove(0);
        assert_eq!(mail.header("List-Unsubscribe-Post").as_deref(), Some("List-Unsubscribe=One-Click"));
        let link = anna.unsubscribe_link();
        assert!(dorf.ask("GET", &link).send().await.expect(200).text().contains("Ja, abbestellen"));
        assert_eq!(anna.ask("GET").send().await.expect(200).str("state"), "active", "looking ends nothing");
        // RFC 8058: the mail client posts a form, with no cookie and no log-in.
        let post = || dorf.ask("POST", &link).header("content-type", "application/x-www-form-urlencoded");
        let left = post().bytes("List-Unsubscribe=One-Click").send().await.expect(200);
        assert!(left.text().contains("Abbestellt"));
        post().bytes("List-Unsubscribe=One-Click").send().await.expect(200);
        anna.ask("GET").send().await.problem(404, "not-found");
        village.editor().publishes(news("Zwei")).await;
        dorf.work_off().await;
        assert_eq!(anna.subjects(), ["Eins"]);
    }

    async fn a_subscription_is_read_changed_and_ended_with_its_secret(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").follows("verkehr").by_push().await;
        let bert = village.resident("bert").by_push().await;
        let mine = anna.ask("GET").send().await.expect(200);
        assert_eq!(mine.get("follows"), json!([{"topic": "verkehr"}]));
        assert_eq!(mine.str("endpoint"), anna.device().endpoint());
        let path = format!("/subscriptions/{}", anna.subscription);
        village.ask("GET", &path).bearer(&bert.secret).send().await.problem(404, "not-found");
        village.ask("GET", &path).send().await.problem(401, "unauthenticated");

        let change = json!({"follows": [{"kind": "alert"}, {"topic": "vereine", "kind": "news"}]});
        let stale = anna.ask("PATCH").header("if-match", "\"7\"").json(&change).send().await;
        stale.problem(412, "precondition-failed");
        let changed = anna.ask("PATCH").header("if-match", &mine.header("etag")).json(&change).send().await.expect(200);
        assert_eq!(changed.get("follows").as_array().map(Vec::len), Some(2));
        let wrong = json!({"follows": [{"topic": "verkehr"}, {"topic": "gibt-es-nicht"}]});
        assert_eq!(anna.ask("PATCH").json(&wrong).send().await.problem(422, "unprocessable"), ["/follows/1/topic"]);
        for draft in [news("Nicht"), news("Doch").on("vereine"), alert("Doch auch")] {
            village.editor().publishes(draft).await;
        }
        dorf.work_off().await;
        let mut told = anna.pushes();
        told.sort();
        assert_eq!(told, ["Lüdenhausen · Doch", "Lüdenhausen · Warnung: Doch auch"]);

        anna.ask("DELETE").send().await.expect(204);
        anna.ask("GET").send().await.problem(404, "not-found");
        village.editor().publishes(alert("Ohne Anna")).await;
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), 2, "off really stops at the server");
    }

    async fn following_nothing_is_told_nothing(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        anna.ask("PATCH").json(&json!({"follows": []})).send().await.expect(200);
        village.editor().publishes(news("Still")).await;
        dorf.work_off().await;
        assert!(anna.pushes().is_empty());
    }

    async fn the_same_browser_again_is_not_told_twice(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let device = dorf.push.new_device().await;
        let first = village.resident("anna").follows("vereine").by_push_with(device.clone()).await;
        let again = village.resident("anna").follows("verkehr").by_push_with(device.clone()).await;
        village.editor().publishes(news("Einmal").on("verkehr")).await;
        dorf.work_off().await;
        assert_eq!(device.received().len(), 1, "once, by the latest wish");
        first.ask("GET").send().await.problem(404, "not-found");
        again.ask("GET").send().await.expect(200);
    }

    async fn an_endpoint_with_other_keys_replaces_and_tells_nothing(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let subscribe = async |endpoint: &str, keys: &tests::kit::push_receiver::DeviceHandle| {
            let push = json!({"endpoint": endpoint, "keys": {"p256dh": keys.p256dh(), "auth": keys.auth()}});
            village.ask("POST", "/subscriptions").json(&json!({"channel": "web_push", "web_push": push})).send().await.expect(201)
        };
        let (one, other) = (dorf.push.new_device().await, dorf.push.new_device().await);
        let new = subscribe(one.endpoint(), &other).await;
        let replaced = subscribe(one.endpoint(), &one).await;
        assert_eq!(shape(&new), shape(&replaced));
        assert_ne!(new.str("id"), replaced.str("id"), "nothing of the one before shows");
        village.editor().publishes(news("Für den Besitzer")).await;
        dorf.work_off().await;
        assert_eq!(one.received().len(), 1);
        assert_eq!(dorf.push.faults(), [""; 0]);
    }

    async fn the_same_mailbox_again_neither_doubles_nor_shows(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let subscribe = async |address: &str| {
            village.ask("POST", "/subscriptions").json(&json!({"channel": "email", "email": address})).send().await
        };
        let known = village.resident("anna").by_mail().await;
        let unknown = shape(&subscribe("niemand@example.org").await);
        assert_eq!(unknown, shape(&subscribe(&known.address()).await));
        assert_eq!(unknown, shape(&subscribe(&known.address().to_uppercase()).await));
        dorf.work_off().await;
        village.editor().publishes(news("Einmal")).await;
        dorf.work_off().await;
        assert_eq!(known.subjects(), ["Einmal"], "asked again, and not confirmed: the one before stays, alone");
        let again = village.resident("anna").follows("verkehr").by_mail().await;
        village.editor().publishes(news("Noch einmal").on("verkehr")).await;
        dorf.work_off().await;
        assert_eq!(again.subjects(), ["Einmal", "Noch einmal"]);
        known.ask("GET").send().await.problem(404, "not-found");
    }

    async fn the_link_in_an_old_mail_ends_what_replaced_its_subscription(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.accounts.session_h = 10_000).await;
        let village = dorf.village("luedenhausen").await;
        let first = village.resident("anna").by_mail().await;
        village.editor().publishes(news("Eins")).await;
        dorf.work_off().await;
        let link = first.unsubscribe_link();
        village.resident("anna").by_mail().await;
        let latest = village.resident("anna").by_mail().await;
        // The deliveries are folded and what they needed is forgotten, but for what the link needs.
        dorf.wait(TimeDelta::days(31));
        for _ in 0..2 {
            dorf.keep_house().await;
        }
        let kept = "SELECT CAST(state AS text) FROM subscription ORDER BY state";
        assert_eq!(dorf.database.column(kept).await, ["1", "2", "2"]);
        assert_eq!(latest.ask("GET").send().await.expect(200).str("state"), "active");

        assert!(dorf.ask("POST", &link).send().await.expect(200).text().contains("Abbestellt"));
        latest.ask("GET").send().await.problem(404, "not-found");
        assert!(dorf.ask("POST", &link).send().await.expect(200).text().contains("besteht nicht mehr"));
        village.editor().publishes(news("Zwei")).await;
        dorf.work_off().await;
        assert_eq!(latest.subjects(), ["Eins"]);
        dorf.keep_house().await;
        assert_eq!(dorf.database.column(kept).await, [""; 0], "nothing is left");
    }

    async fn two_questions_answered_at_once_leave_one_subscription(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        for round in 0..4 {
            let name = format!("anna{round}");
            let mut links = Vec::new();
            for _ in 0..2 {
                let asked = village.resident(&name).asks_by_mail().await;
                dorf.work_off().await;
                links.push(asked.confirmation_link());
            }
            let answers = links.iter().map(|link| dorf.ask("POST", link).send());
            for answer in futures_util::future::join_all(answers).await {
                answer.expect(200);
            }
        }
        let active = "SELECT mailbox_key FROM subscription WHERE state = 1 ORDER BY mailbox_key";
        assert_eq!(dorf.database.column(active).await.len(), 4);
    }

    async fn a_foreign_mailbox_gets_a_few_questions_at_most(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let body = json!({"channel": "email", "email": "opfer@example.org"});
        let mut shapes = Vec::new();
        for _ in 0..5 {
            for village in [&here, &there] {
                shapes.push(shape(&village.ask("POST", "/subscriptions").json(&body).send().await));
            }
        }
        dorf.work_off().await;
        assert_eq!(dorf.mail.mails_to("opfer@example.org").len(), 3, "over all villages");
        shapes.dedup();
        assert_eq!(shapes.len(), 1, "the answer does not tell");
        dorf.wait(TimeDelta::days(1));
        here.ask("POST", "/subscriptions").json(&body).send().await.expect(201);
        dorf.work_off().await;
        assert_eq!(dorf.mail.mails_to("opfer@example.org").len(), 4, "another day");
    }

    async fn an_english_resident_is_addressed_in_english(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let body = json!({"channel": "email", "email": "kate@example.org", "language": "en"});
        village.ask("POST", "/subscriptions").json(&body).send().await.expect(201);
        dorf.work_off().await;
        let mail = dorf.mail.mails_to("kate@example.org").remove(0);
        assert!(mail.subject().starts_with("Please confirm") && mail.text().contains("your consent"));
        let klingon = json!({"channel": "email", "email": "k@example.org", "language": "tlh"});
        assert_eq!(village.ask("POST", "/subscriptions").json(&klingon).send().await.problem(422, "unprocessable"), ["/language"]);
    }
}
