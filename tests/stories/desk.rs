//! What the desk gives to those who write and review: whom a post would reach, how it would look, what it said before, what waits
//! and what is planned, and what they say to each other about it.

use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, Draft, Post, VillageKit, club, event, news, notice};
use tests::stories;

/// Somebody reads something about a post.
async fn read(village: &VillageKit<'_>, token: &str, path: &str) -> Value {
    village.staff("GET", path).bearer(token).send().await.expect(200).json()
}

async fn saves(village: &VillageKit<'_>, token: &str, draft: &Draft) -> Post {
    Post::of(&village.staff("POST", "/posts").bearer(token).json(&draft.0).send().await.expect(201))
}

async fn takes(village: &VillageKit<'_>, token: &str, post: &Post, step: &str, body: &Value) -> Post {
    let ask = village.staff("POST", &format!("/posts/{}/{step}", post.id)).bearer(token).header("if-match", &post.etag);
    Post::of(&ask.json(body).send().await.expect(200))
}

stories! {
    async fn the_audience_counted_before_is_who_is_told(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        village.resident("anna").follows("verkehr").by_mail().await.by_push().await;
        village.resident("bert").follows("vereine").by_mail().await.by_push().await;
        village.resident("cora").follows_kind("event").by_push().await;
        village.resident("dora").by_push().await;
        village.resident("emil").asks_by_mail().await;
        other.resident("otto").by_push().await.by_mail().await;
        let editor = village.editor();
        let drafts = [
            (news("Brücke").on("verkehr"), (2, 1)),
            (news("Ohne Rubrik"), (1, 0)),
            (event("Fest", "2026-12-06T15:00").on("vereine"), (3, 1)),
            (news("Nur Push").on("verkehr").with("delivery", json!("push")), (2, 0)),
            (news("Still").on("verkehr").with("delivery", json!("silent")), (0, 0)),
            (news("Dringend").on("verkehr").with("delivery", json!("urgent")), (2, 1)),
        ];
        for (draft, (push, mail)) in drafts {
            let post = editor.drafts(draft).await;
            let audience = read(&village, &village.editor, &format!("/posts/{}/audience", post.id)).await;
            assert_eq!(audience, json!({"web_push": push, "email": mail, "total": push + mail}));
            editor.step(&post, "publish").await.expect(200);
            dorf.work_off().await;
            let sent = (editor.count(&post, "web_push", "sent", "").await, editor.count(&post, "email", "sent", "").await);
            assert_eq!(sent, (push, mail), "{audience}");
        }
        assert_eq!(village.feed().await.titles().len(), 6, "a silent post shows all the same");
    }

    async fn a_preview_is_what_readers_get(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await.by_push().await;
        let editor = village.editor();
        let draft = editor.drafts(event("Fest", "2026-12-06T15:00").saying("Es gibt **Kuchen** & <b>Kaffee</b>.")).await;
        let preview = read(&village, &village.editor, &format!("/posts/{}/preview", draft.id)).await;
        assert!(village.feed().await.titles().is_empty(), "a preview publishes nothing");
        editor.step(&draft, "publish").await.expect(200);
        dorf.work_off().await;
        let (mut shown, mut real) = (preview["feed"].clone(), village.feed().await.json()["items"][0].clone());
        for post in [&mut shown, &mut real] {
            post["version"] = json!(0);
        }
        assert_eq!(shown, real);
        let mail = anna.mails().pop().expect("a mail");
        assert_eq!(preview["mail"]["subject"], mail.subject());
        let without_link = |text: &str| text.split_whitespace().filter(|word| !word.contains("/unsubscribe/")).collect::<String>();
        assert_eq!(without_link(preview["mail"]["text"].as_str().expect("a text")), without_link(&mail.text()));
        assert_eq!(without_link(preview["mail"]["html"].as_str().expect("HTML")), without_link(&mail.html()));
        let mut push: Value = serde_json::from_str(preview["push"].as_str().expect("a payload")).expect("JSON");
        let mut got = anna.device().received()[0].payload.clone();
        for payload in [&mut push, &mut got] {
            payload["notification"]["data"]["notification"] = json!(null);
        }
        assert_eq!(push, got);
    }

    async fn every_save_is_kept_compared_and_can_come_back(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let first = editor.drafts(news("Markt").on("verkehr").saying("Äpfel\nBirnen\nKohl\n")).await;
        let second = Post::of(&editor.changes(&first, &json!({"body_markdown": "Äpfel\nQuitten\nKohl\n"})).await.expect(200));
        let third = Post::of(&editor.step(&second, "publish").await.expect(200));
        let fourth = Post::of(&editor.changes(&third, &json!({"title": "Wochenmarkt", "topic": null})).await.expect(200));
        let versions = format!("/posts/{}/versions", first.id);
        let list = read(&village, &village.editor, &versions).await;
        let numbers: Vec<_> = list["items"].as_array().expect("versions").iter().map(|one| one["version"].clone()).collect();
        assert_eq!(numbers, [4, 2, 1], "a step changes nothing that is said: {list}");
        assert_eq!(list["items"][0]["account_name"], "editor luedenhausen");
        let page = read(&village, &village.editor, &format!("{versions}?limit=2")).await;
        let cursor = page["next_cursor"].as_str().expect("a next page");
        let rest = read(&village, &village.editor, &format!("{versions}?limit=2&cursor={cursor}")).await;
        assert_eq!((&rest["items"][0]["version"], &rest["next_cursor"]), (&json!(1), &json!(null)));
        assert_eq!(read(&village, &village.editor, &format!("{versions}/1")).await["body_markdown"], "Äpfel\nBirnen\nKohl\n");
        for missing in ["3", "5", "-1", "eins"] {
            let reply = village.staff("GET", &format!("{versions}/{missing}")).bearer(&village.editor).send().await;
            reply.problem(404, "not-found");
        }
        let difference = read(&village, &village.editor, &format!("/posts/{}/difference?old=1&new=4", first.id)).await;
        assert_eq!(difference["fields"], json!(["/title", "/body_markdown", "/topic"]));
        let pieces = json!([
            {"change": "same", "text": "Äpfel\n"}, {"change": "removed", "text": "Birnen\n"},
            {"change": "added", "text": "Quitten\n"}, {"change": "same", "text": "Kohl\n"},
        ]);
        assert_eq!(difference["body_markdown"], pieces);
        let restore = editor.ask("POST", &format!("{versions}/1/restore"));
        restore.header("if-match", "\"1\"").send().await.problem(412, "precondition-failed");
        let restore = editor.ask("POST", &format!("{versions}/1/restore")).header("if-match", &fourth.etag);
        let back = restore.send().await.expect(200);
        assert_eq!((back.str("title"), back.str("body_markdown"), back.str("topic")), ("Markt".into(), "Äpfel\nBirnen\nKohl\n".into(), "verkehr".into()));
        assert_eq!((back.get("version"), back.str("state")), (json!(5), "published".to_owned()));
        assert_eq!(village.feed().await.titles(), ["Markt"]);
        assert_eq!(read(&village, &village.editor, &versions).await["items"].as_array().map(Vec::len), Some(4));
    }

    async fn whoever_was_slower_is_told_who_was_faster_and_what_changed(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let post = editor.drafts(news("Markt")).await;
        let faster = village.staff("PATCH", &format!("/posts/{}", post.id)).bearer(&village.admin).header("if-match", &post.etag);
        let faster = Post::of(&faster.json(&json!({"title": "Wochenmarkt"})).send().await.expect(200));
        let slower = editor.changes(&post, &json!({"body_markdown": "Kohl"})).await;
        assert_eq!(slower.problem(412, "precondition-failed"), ["/title"]);
        let detail = slower.str("detail");
        assert!(detail.contains("admin luedenhausen") && detail.contains("Sonntag, 22. November 2026, 09:30 Uhr") && detail.contains("\"2\""), "{detail}");
        takes(&village, &village.admin, &faster, "publish", &json!({})).await;
        assert_eq!(editor.step(&post, "publish").await.problem(412, "precondition-failed"), ["/title", "/state"]);
        assert_eq!(editor.step(&faster, "submit").await.problem(412, "precondition-failed"), ["/state"]);
        let odd = editor.ask("PATCH", &format!("/posts/{}", post.id)).header("if-match", "\"x\", \"99\"");
        odd.json(&json!({"title": "Nie"})).send().await.problem(412, "precondition-failed");
    }

    async fn a_post_is_copied_and_begun_with_a_template(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let (reviewed, trusted) = (club(&village, "gesangverein", "reviewed").await, club(&village, "feuerwehr", "trusted").await);
        let editor = village.editor();
        let post = editor.publishes(news("Sperrung").on("verkehr").with("expires_at", json!("2026-11-22T12:00:00Z"))).await;
        dorf.wait(chrono::TimeDelta::hours(8));
        let copy = editor.ask("POST", &format!("/posts/{}/duplicate", post.id)).header("idempotency-key", "k").send().await.expect(201);
        let again = editor.ask("POST", &format!("/posts/{}/duplicate", post.id)).header("idempotency-key", "k").send().await.expect(201);
        assert_eq!(copy.str("id"), again.str("id"));
        assert_ne!(copy.str("id"), post.id);
        assert_eq!((copy.str("state"), copy.str("topic"), copy.get("expires_at")), ("draft".into(), "verkehr".into(), json!(null)));
        let own = saves(&village, &reviewed, &notice("Chorprobe").saying("Freitags")).await;
        village.staff("POST", &format!("/posts/{}/duplicate", own.id)).bearer(&trusted).send().await.problem(404, "not-found");
        let template = json!({"name": "Probe", "post": own.id});
        let foreign = village.staff("POST", "/post-templates").bearer(&trusted).json(&template).send().await;
        assert_eq!(foreign.problem(422, "unprocessable"), ["/post"]);
        let template = village.staff("POST", "/post-templates").bearer(&reviewed).json(&template).send().await.expect(201).str("id");
        let begin = async |token: &str| village.staff("POST", &format!("/post-templates/{template}/posts")).bearer(token).send().await;
        begin(&trusted).await.problem(404, "not-found");
        let begun = begin(&reviewed).await.expect(201);
        assert_eq!((begun.str("title"), begun.str("body_markdown"), begun.str("club")), ("Chorprobe".into(), "Freitags".into(), "gesangverein".into()));
        assert!(read(&village, &trusted, "/post-templates").await["items"].as_array().expect("a list").is_empty());
        assert_eq!(read(&village, &village.editor, "/post-templates").await["items"][0]["name"], "Probe");
        let path = format!("/post-templates/{template}");
        village.staff("DELETE", &path).bearer(&trusted).send().await.problem(404, "not-found");
        village.staff("DELETE", &path).bearer(&reviewed).send().await.expect(204);
        begin(&reviewed).await.problem(404, "not-found");
    }

    async fn telling_once_more_is_deliberate_and_happens_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let editor = village.editor();
        let post = editor.publishes(news("Wasser abkochen")).await;
        dorf.work_off().await;
        let announce = |key: Option<&'static str>| {
            let ask = editor.ask("POST", &format!("/posts/{}/announce", post.id)).header("if-match", &post.etag);
            key.into_iter().fold(ask, |ask, key| ask.header("idempotency-key", key)).send()
        };
        assert_eq!(announce(None).await.problem(400, "invalid-parameter"), ["Idempotency-Key"]);
        futures_util::future::join_all((0..4).map(|_| announce(Some("einmal")))).await.into_iter().for_each(|reply| {
            reply.expect(200);
        });
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), 2);
        let lines = village.audit().await;
        assert_eq!(lines.iter().filter(|line| line["action"] == "post.announced").count(), 1);
        let silent = editor.publishes(news("Still").with("delivery", json!("silent"))).await;
        let ask = editor.ask("POST", &format!("/posts/{}/announce", silent.id)).header("if-match", &silent.etag);
        ask.header("idempotency-key", "still").send().await.problem(409, "conflict");
        let loud = editor.changes(&silent, &json!({"title": "Doch", "notify": true})).await;
        assert_eq!(loud.problem(422, "unprocessable"), ["/notify"]);
    }

    async fn desk_and_club_talk_and_nobody_else_hears_it(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let (chor, other) = (club(&village, "gesangverein", "reviewed").await, club(&village, "feuerwehr", "trusted").await);
        let post = saves(&village, &chor, &notice("Chorprobe")).await;
        let handed = takes(&village, &chor, &post, "submit", &json!({})).await;
        takes(&village, &village.editor, &handed, "return", &json!({"comment": "Wann?"})).await;
        let comments = format!("/posts/{}/comments", post.id);
        let say = async |token: &str, text: &str| {
            village.staff("POST", &comments).bearer(token).json(&json!({"text": text})).send().await
        };
        say(&chor, "Freitags <b>um acht</b>").await.expect(201);
        say(&other, "Wir auch").await.problem(404, "not-found");
        assert_eq!(say(&chor, " ").await.problem(422, "unprocessable"), ["/text"]);
        for token in [&chor, &village.editor] {
            let said = read(&village, token, &comments).await;
            let told: Vec<_> = said["items"].as_array().expect("comments").iter().map(|one| (one["kind"].clone(), one["text"].clone())).collect();
            assert_eq!(told, [(json!("return"), json!("Wann?")), (json!("remark"), json!("Freitags <b>um acht</b>"))]);
        }
        village.staff("GET", &comments).bearer(&other).send().await.problem(404, "not-found");
        let page = read(&village, &chor, &format!("{comments}?limit=1")).await;
        let cursor = page["next_cursor"].as_str().expect("a next page");
        let rest = read(&village, &chor, &format!("{comments}?limit=1&cursor={cursor}")).await;
        assert_eq!((&rest["items"][0]["kind"], &rest["next_cursor"]), (&json!("remark"), &json!(null)));
    }

    async fn the_queue_shows_what_waits_for_whom(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let chor = club(&village, "gesangverein", "reviewed").await;
        let mut handed = Vec::new();
        for title in ["Eins", "Zwei", "Drei", "Vier"] {
            let post = saves(&village, &chor, &notice(title)).await;
            dorf.wait(chrono::TimeDelta::minutes(1));
            handed.push(takes(&village, &chor, &post, "submit", &json!({})).await);
        }
        saves(&village, &chor, &notice("Nur ein Entwurf")).await;
        let queue = async |token: &str, query: &str| village.staff("GET", &format!("/queue{query}")).bearer(token).send().await.expect(200);
        assert_eq!(queue(&village.editor, "").await.titles(), ["Eins", "Zwei", "Drei", "Vier"]);
        assert!(queue(&chor, "").await.titles().is_empty());
        let page = queue(&village.editor, "?limit=3").await;
        let rest = queue(&village.editor, &format!("?limit=3&cursor={}", page.str("next_cursor"))).await;
        assert_eq!([page.titles(), rest.titles()].concat(), ["Eins", "Zwei", "Drei", "Vier"]);
        dorf.wait(chrono::TimeDelta::minutes(1));
        takes(&village, &village.editor, &handed[0], "return", &json!({"comment": "Wann?"})).await;
        let approved = takes(&village, &village.editor, &handed[1], "approve", &json!({})).await;
        assert_eq!(queue(&chor, "").await.titles(), ["Eins"]);
        assert_eq!(queue(&village.editor, "").await.titles(), ["Drei", "Vier", "Zwei"], "what is approved waits to be sent");
        takes(&village, &village.editor, &approved, "publish", &json!({})).await;
        assert_eq!(queue(&village.editor, "").await.titles(), ["Drei", "Vier"]);
    }

    async fn the_editorial_calendar_shows_what_is_planned(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let chor = club(&village, "gesangverein", "reviewed").await;
        let editor = village.editor();
        let planned = editor.drafts(news("Geplant").with("expires_at", json!("2026-12-20T12:00:00Z"))).await;
        takes(&village, &village.editor, &planned, "schedule", &json!({"publish_at_local": "2026-12-01T09:00"})).await;
        saves(&village, &chor, &event("Konzert", "2026-12-06T19:00")).await;
        editor.publishes(event("Draußen", "2027-02-01T00:30")).await;
        let gone = editor.publishes(event("Abgesagt", "2026-12-07T19:00")).await;
        editor.step(&gone, "withdraw").await.expect(200);
        editor.drafts(news("Ohne Zeit")).await;
        let plan = async |token: &str, window: &str| {
            let plan = read(&village, token, &format!("/editorial-calendar?{window}")).await;
            let entry = |one: &Value| format!("{} {} {}", one["at"], one["what"], one["post"]["title"]).replace('"', "");
            plan["items"].as_array().expect("entries").iter().map(entry).collect::<Vec<_>>()
        };
        let december = "from=2026-12-01T00:00:00Z&until=2027-01-01T00:00:00Z";
        assert_eq!(plan(&village.editor, december).await, [
            "2026-12-01T08:00:00.000Z publication Geplant",
            "2026-12-06T18:00:00.000Z event Konzert",
            "2026-12-20T12:00:00.000Z expiry Geplant",
        ]);
        assert_eq!(plan(&chor, december).await, ["2026-12-06T18:00:00.000Z event Konzert"]);
        let january = "from=2027-01-01T00:00:00Z&until=2027-01-31T23:59:00Z";
        assert_eq!(plan(&village.editor, january).await, ["2027-01-31T23:30:00.000Z event Draußen"]);
        for window in ["from=2026-12-01T00:00:00Z", "from=2026-12-02T00:00:00Z&until=2026-12-01T00:00:00Z", "from=2026-01-01T00:00:00Z&until=2027-01-01T00:00:00Z", "from=gestern&until=heute", ""] {
            let reply = village.staff("GET", &format!("/editorial-calendar?{window}")).bearer(&village.editor).send().await;
            reply.problem(400, "invalid-parameter");
        }
    }
}
