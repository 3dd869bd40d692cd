//! API keys: what a program may do with one, and what it may not.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, Reply, VillageKit, alert, news};
use tests::stories;

async fn make(village: &VillageKit<'_>, scopes: &[&str]) -> (String, String) {
    let expires_at = village.dorf.clock.now() + TimeDelta::days(30);
    let body = json!({"name": "Website", "scopes": scopes, "expires_at": expires_at});
    let made = village.staff("POST", "/api-keys").bearer(&village.admin).json(&body).send().await.expect(201);
    let id = made.get("key")["id"].as_str().expect("an id").to_owned();
    (made.str("token"), id)
}

async fn drafts(village: &VillageKit<'_>, token: &str, draft: &Value) -> Reply {
    village.staff("POST", "/posts").bearer(token).json(draft).send().await
}

async fn publishes(village: &VillageKit<'_>, token: &str, post: &Reply) -> Reply {
    let ask = village.staff("POST", &format!("/posts/{}/publish", post.str("id"))).bearer(token);
    ask.header("if-match", &post.header("etag")).send().await
}

stories! {
    async fn a_key_does_what_its_scopes_say_with_posts_of_its_village(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let (reader, _) = make(&here, &["posts:read"]).await;
        let (writer, _) = make(&here, &["posts:write"]).await;
        let (all, _) = make(&here, &["posts:read", "posts:write", "posts:publish"]).await;
        assert!(all.starts_with("dorfkey_"), "{all}");

        let draft = news("Von der Website").0;
        drafts(&here, &reader, &draft).await.problem(403, "forbidden");
        let written = drafts(&here, &writer, &draft).await.expect(201);
        here.staff("GET", "/posts").bearer(&writer).send().await.problem(403, "forbidden");
        assert_eq!(here.staff("GET", "/posts").bearer(&reader).send().await.expect(200).titles(), ["Von der Website"]);
        publishes(&here, &writer, &written).await.problem(403, "forbidden");
        publishes(&here, &all, &written).await.expect(200);
        assert_eq!(here.feed().await.titles(), ["Von der Website"]);

        // A key has no right to send alerts, and nothing beside posts.
        let warning = drafts(&here, &all, &alert("Hochwasser").0).await;
        if warning.status == 201 {
            publishes(&here, &all, &warning).await.problem(403, "forbidden");
        }
        let topic = json!({"slug": "neu", "name": "Neu"});
        here.staff("POST", "/topics").bearer(&all).json(&topic).send().await.problem(401, "unauthenticated");
        here.staff("GET", "/api-keys").bearer(&all).send().await.problem(401, "unauthenticated");
        here.staff("GET", "/editors").bearer(&all).send().await.problem(401, "unauthenticated");
        dorf.ask("GET", "/v1/admin/me").bearer(&all).send().await.problem(401, "unauthenticated");
        dorf.ask("GET", "/v1/operator/accounts?email=x").bearer(&all).send().await.problem(401, "unauthenticated");
        drafts(&there, &all, &draft).await.problem(401, "unauthenticated");
    }

    async fn a_key_ends_at_once_and_by_itself_and_with_whoever_made_it(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let (token, id) = make(&village, &["posts:read"]).await;
        let reads = async |token: &str| village.staff("GET", "/posts").bearer(token).send().await;
        reads(&token).await.expect(200);
        let listed = village.staff("GET", "/api-keys").bearer(&village.admin).send().await.expect(200);
        let first = &listed.json()["items"][0];
        assert!(first["last_used_at"].is_string() && !listed.text().contains(&token), "{first}");
        village.staff("DELETE", &format!("/api-keys/{id}")).bearer(&village.editor).send().await.problem(403, "forbidden");
        village.staff("DELETE", &format!("/api-keys/{id}")).bearer(&village.admin).send().await.expect(204);
        reads(&token).await.problem(401, "unauthenticated");
        let done: Vec<Value> = village.audit().await.iter().take(2).map(|line| line["action"].clone()).collect();
        assert_eq!(done, ["api_key.revoked", "api_key.made"]);

        let (token, _) = make(&village, &["posts:read"]).await;
        let stored = dorf.database.column("SELECT CAST(LENGTH(token_hash) AS text) FROM api_key").await;
        assert_eq!(stored, ["32"], "a hash and nothing else");
        let operator = dorf.operator().await;
        let found = dorf.ask("GET", "/v1/operator/accounts?email=admin@luedenhausen.example").bearer(operator).send().await;
        let account = found.json()["items"][0]["account"].as_str().expect("an account").to_owned();
        let step = async |step: &str| {
            dorf.ask("POST", &format!("/v1/operator/accounts/{account}/{step}")).bearer(operator).send().await.expect(204)
        };
        step("disable").await;
        reads(&token).await.problem(401, "unauthenticated");
        step("enable").await;
        reads(&token).await.expect(200);
        dorf.wait(TimeDelta::days(30));
        reads(&token).await.problem(401, "unauthenticated");
    }

    async fn a_key_has_a_name_scopes_and_an_end_within_a_year(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let now = dorf.clock.now();
        let asks = async |body: Value| {
            village.staff("POST", "/api-keys").bearer(&village.admin).json(&body).send().await
        };
        let good = json!({"name": "Website", "scopes": ["posts:read"], "expires_at": now + TimeDelta::days(1)});
        let with = |name: &str, value: Value| {
            let mut body = good.clone();
            body[name] = value;
            body
        };
        for (name, value) in [
            ("name", json!("")), ("name", json!("a\nb")), ("scopes", json!([])), ("expires_at", json!(now)),
            ("expires_at", json!(now + TimeDelta::days(367))),
        ] {
            assert_eq!(asks(with(name, value)).await.problem(422, "unprocessable"), [format!("/{name}")]);
        }
        for (name, value) in [("scopes", json!(["accounts:write"])), ("expires_at", json!(null)), ("role", json!("admin"))] {
            asks(with(name, value)).await.problem(400, "invalid-body");
        }
        asks(good.clone()).await.expect(201);
    }
}
