//! What somebody inside tries: unreviewed words in front of everybody, rights that stay behind, things of others.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::clubs::{link_in_mail_to, token_of};
use tests::kit::{Ask, Backend, Dorf, File, PASSWORD, Post, VillageKit, alert, club, news};
use tests::stories;

/// A file that somebody uploads with a token of their own; gives its path.
async fn uploads(village: &VillageKit<'_>, token: &str) -> (Value, String) {
    let ask = village.staff("POST", "/media?alt=Der Dorfplatz").bearer(token).header("content-type", "image/png");
    let media = ask.bytes(File::png(4, 4, 255).bytes).send().await.expect(201).json();
    let path = format!("/media/{}", media["id"].as_str().expect("an id"));
    (media, path)
}

/// A step that somebody takes with a post.
async fn steps(village: &VillageKit<'_>, token: &str, post: &Post, step: &str) -> Post {
    let ask = village.staff("POST", &format!("/posts/{}/{step}", post.id)).bearer(token);
    Post::of(&ask.header("if-match", &post.etag).send().await.expect(200))
}

stories! {
    async fn nobody_slips_words_past_the_review_with_the_image_of_a_reviewed_post(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let (_, ida) = village.staffed("ida", json!({"role": "contributor"})).await;
        let reviewed = club(&village, "chor", "reviewed").await;
        let trusted = club(&village, "tsv", "trusted").await;
        for (token, kind) in [(&ida, "news"), (&reviewed, "notice")] {
            let (media, path) = uploads(&village, token).await;
            let ask = |method: &str, version: &str| village.staff(method, &path).bearer(token).header("if-match", version);
            ask("PATCH", "\"1\"").json(&json!({"alt": "Der Dorfplatz im Mai"})).send().await.expect(200);
            let draft = json!({"kind": kind, "title": "Mit Bild", "media": [media["id"]]});
            let post = Post::of(&village.staff("POST", "/posts").bearer(token).json(&draft).send().await.expect(201));
            let mut post = steps(&village, token, &post, "submit").await;
            for step in ["approve", "publish", ""] {
                let refused = ask("PATCH", "\"2\"").json(&json!({"alt": "Alles Betrug!"})).send().await;
                refused.problem(403, "forbidden");
                ask("DELETE", "\"2\"").send().await.problem(403, "forbidden");
                if !step.is_empty() {
                    post = steps(&village, &village.editor, &post, step).await;
                }
            }
            assert_eq!(village.feed().await.json()["items"][0]["media"][0]["alt"], "Der Dorfplatz im Mai");
            // The desk may, and once it is public no more the file is its owner's again.
            let editor = village.editor();
            editor.ask("PATCH", &path).header("if-match", "\"2\"").json(&json!({"alt": "Im Mai"})).send().await.expect(200);
            editor.step(&post, "withdraw").await.expect(200);
            ask("DELETE", "\"3\"").send().await.expect(204);
        }
        let (media, path) = uploads(&village, &trusted).await;
        let draft = json!({"kind": "notice", "title": "Training", "media": [media["id"]]});
        let post = Post::of(&village.staff("POST", "/posts").bearer(&trusted).json(&draft).send().await.expect(201));
        steps(&village, &trusted, &post, "publish").await;
        let change = village.staff("PATCH", &path).bearer(&trusted).header("if-match", "\"1\"");
        change.json(&json!({"alt": "Das Training"})).send().await.expect(200);
    }

    async fn the_right_to_send_alerts_goes_with_the_last_role(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let (account, _) = village.staffed("ida", json!({"role": "editor"})).await;
        village.may_alert(&account).await;
        let path = format!("/editors/{account}");
        village.staff("DELETE", &path).bearer(&village.admin).send().await.expect(204);
        let deeds: Vec<Value> = village.audit().await.iter().take(2).map(|line| line["action"].clone()).collect();
        assert_eq!(deeds, ["alert_right.revoked", "role.revoked"]);
        village.hires(&json!({"email": "ida@luedenhausen.example"})).await.expect(201);
        dorf.work_off().await;
        let link = link_in_mail_to(&village, "ida@luedenhausen.example");
        let accept = json!({"token": token_of(&link), "password": PASSWORD});
        village.ask("POST", "/staff-invitations/accept").json(&accept).send().await.expect(204);
        let again = dorf.log_in("ida@luedenhausen.example").await;
        let draft = village.editor().drafts(alert("Hochwasser")).await;
        let publish = village.staff("POST", &format!("/posts/{}/publish", draft.id)).bearer(&again);
        publish.header("if-match", &draft.etag).send().await.problem(403, "forbidden");
    }

    async fn what_an_operator_does_to_an_account_is_seen_where_it_works(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let operator = dorf.operator().await;
        let account = dorf.ask("GET", "/v1/admin/me").bearer(&village.editor).send().await.expect(200).str("account");
        for step in ["disable", "enable"] {
            let path = format!("/v1/operator/accounts/{account}/{step}");
            dorf.ask("POST", &path).bearer(operator).send().await.expect(204);
        }
        let lines = village.audit().await;
        let deeds: Vec<&Value> = lines.iter().take(2).map(|line| &line["action"]).collect();
        assert_eq!(deeds, ["account.enabled", "account.disabled"]);
        assert!(lines[0]["subject"] == json!(account) && lines[0]["account_name"] == "Operator", "{}", lines[0]);
        assert!(!other.audit().await.iter().any(|line| line["subject"] == json!(account)));
        // Whoever works in all villages of a municipality is seen in all of them.
        let editors = format!("/v1/operator/municipalities/{}/editors", dorf.municipality().await);
        let person = json!({"email": "mara@kalletal.example", "name": "Mara", "password": PASSWORD});
        let mara = dorf.ask("POST", &editors).bearer(operator).json(&person).send().await.expect(201).str("account");
        dorf.ask("POST", &format!("/v1/operator/accounts/{mara}/disable")).bearer(operator).send().await.expect(204);
        for village in [&village, &other] {
            assert_eq!(village.audit().await[0]["action"], "account.disabled");
        }
        let nobody = dorf.ask("GET", "/v1/operator/accounts?email=a%00b@example.org").bearer(operator).send().await;
        nobody.problem(400, "bad-request");
    }

    async fn a_token_from_before_the_role_was_taken_away_opens_nothing(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let (account, ida) = village.staffed("ida", json!({"role": "editor"})).await;
        let draft = village.editor().drafts(news("Entwurf")).await;
        let key = json!({"name": "Webseite", "scopes": ["posts:read"], "expires_at": dorf.clock.now() + TimeDelta::days(30)});
        village.staff("POST", "/api-keys").bearer(&ida).json(&key).send().await.problem(403, "forbidden");
        let post = format!("/posts/{}", draft.id);
        let tries: [(&str, String); 9] = [
            ("GET", "/posts".into()), ("GET", post.clone()), ("GET", format!("{post}/versions")), ("GET", "/queue".into()),
            ("GET", "/media".into()), ("GET", "/reports".into()), ("POST", format!("{post}/publish")), ("DELETE", post.clone()),
            ("POST", format!("{post}/comments")),
        ];
        village.staff("GET", "/queue").bearer(&ida).send().await.expect(200);
        village.staff("DELETE", &format!("/editors/{account}")).bearer(&village.admin).send().await.expect(204);
        let anew = dorf.log_in("ida@luedenhausen.example").await;
        for (method, path) in tries {
            let ask = |token: &str| {
                let ask = village.staff(method, &path).bearer(token).header("if-match", &draft.etag);
                if path.ends_with("comments") { ask.json(&json!({"text": "Ich noch einmal"})) } else { ask }
            };
            ask(&ida).send().await.problem(401, "unauthenticated");
            ask(&anew).send().await.problem(404, "not-found");
        }
        assert_eq!(village.editor().ask("GET", &post).send().await.expect(200).str("state"), "draft");
    }

    async fn deciding_a_report_and_stepping_with_its_post_do_not_wait_for_each_other(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        for round in 0..8 {
            let post = editor.publishes(news(&format!("Runde {round}"))).await;
            let report = village.ask("POST", &format!("/posts/{}/reports", post.id)).json(&json!({"reason": "wrong"}));
            let report = report.send().await.expect(201).str("id");
            let decision = json!({"decision": "withdraw", "reasons": "Stimmt nicht."});
            let decide: Ask = editor.ask("POST", &format!("/reports/{report}/decision")).json(&decision);
            let (decided, stepped) = tokio::join!(decide.send(), editor.step(&post, "withdraw"));
            decided.expect(200);
            assert!([200, 409, 412].contains(&stepped.status), "{}", stepped.text());
        }
        assert!(village.feed().await.titles().is_empty());
    }

    async fn a_comment_and_a_template_are_saved_once_however_often_they_are_sent(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let post = editor.drafts(news("Entwurf")).await;
        for (key, path, body) in [
            ("frage", format!("/posts/{}/comments", post.id), json!({"text": "Wann denn?"})),
            ("vorlage", "/post-templates".to_owned(), json!({"name": "Vorlage", "post": post.id})),
        ] {
            let say = || editor.ask("POST", &path).header("idempotency-key", key).json(&body).send();
            let (first, second) = (say().await.expect(201), say().await.expect(201));
            assert_eq!(first.body, second.body);
            let list = editor.ask("GET", &path).send().await.expect(200).json();
            assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
            editor.ask("POST", &path).header("idempotency-key", key).json(&json!({"x": 1})).send().await.problem(400, "invalid-body");
        }
    }
}
