//! Roles: what each may, for how long, and that nobody gets more by asking.

use chrono::TimeDelta;
use serde_json::json;
use tests::kit::{Backend, Dorf, PASSWORD, Post, VillageKit, alert, news};
use tests::stories;

/// A post that somebody saved with a token of their own.
async fn drafts(village: &VillageKit<'_>, token: &str, title: &str) -> Post {
    Post::of(&village.staff("POST", "/posts").bearer(token).json(&news(title).0).send().await.expect(201))
}

stories! {
    async fn a_contributor_writes_and_never_publishes(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let (_, ida) = village.staffed("ida", json!({"role": "contributor"})).await;
        let secret = village.editor().drafts(news("Noch geheim")).await;
        let own = drafts(&village, &ida, "Von Ida").await;
        let publish = format!("/posts/{}/publish", own.id);
        village.staff("POST", &publish).bearer(&ida).header("if-match", &own.etag).send().await.problem(403, "needs-review");
        let listed = village.staff("GET", "/posts").bearer(&ida).send().await.expect(200);
        assert_eq!(listed.titles(), ["Von Ida"], "others' drafts are not hers");
        village.staff("GET", &format!("/posts/{}", secret.id)).bearer(&ida).send().await.problem(404, "not-found");
        let change = village.staff("PATCH", &format!("/posts/{}", own.id)).bearer(&ida).header("if-match", &own.etag);
        let changed = Post::of(&change.json(&json!({"title": "Von Ida Meier"})).send().await.expect(200));
        let published = Post::of(&village.editor().step(&changed, "publish").await.expect(200));
        let late = village.staff("PATCH", &format!("/posts/{}", own.id)).bearer(&ida).header("if-match", &published.etag);
        late.json(&json!({"title": "Nachträglich"})).send().await.problem(403, "needs-review");
        assert_eq!(village.feed().await.titles(), ["Von Ida Meier"]);
    }

    async fn a_stand_in_comes_and_goes_by_itself(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let now = dorf.clock.now();
        let term = json!({"starts_at": now + TimeDelta::hours(1), "ends_at": now + TimeDelta::hours(3)});
        let (_, token) = village.staffed("vertretung", term).await;
        let posts = async || village.staff("GET", "/posts").bearer(&token).send().await;
        posts().await.problem(404, "not-found");
        dorf.wait(TimeDelta::hours(1));
        posts().await.expect(200);
        dorf.wait(TimeDelta::hours(2) - TimeDelta::seconds(1));
        posts().await.expect(200);
        dorf.wait(TimeDelta::seconds(1));
        posts().await.problem(404, "not-found");
        let person = json!({
            "email": "nie@luedenhausen.example", "name": "Nie", "password": PASSWORD,
            "starts_at": now + TimeDelta::hours(3), "ends_at": now + TimeDelta::hours(1),
        });
        let refused = village.hires(&person).await;
        refused.problem(422, "unprocessable");
        assert_eq!(refused.json()["errors"][0]["pointer"], "/ends_at", "{}", refused.text());
    }

    async fn an_editor_of_the_municipality_works_in_all_its_villages_and_in_no_other(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let operator = dorf.operator().await;
        let detmold = json!({"name": "Detmold", "ags": "05766020"});
        let detmold = dorf.ask("POST", "/v1/operator/municipalities").bearer(operator).json(&detmold).send().await.expect(201);
        let elsewhere = json!({
            "municipality": detmold.str("id"), "slug": "berlebeck", "name": "Berlebeck",
            "sender_name": "Detmold", "sender_address": "berlebeck@detmold.example",
        });
        dorf.ask("POST", "/v1/operator/villages").bearer(operator).json(&elsewhere).send().await.expect(201);
        let editors = format!("/v1/operator/municipalities/{}/editors", dorf.municipality().await);
        let person = json!({"email": "mara@kalletal.example", "name": "Mara", "password": PASSWORD});
        let account = dorf.ask("POST", &editors).bearer(operator).json(&person).send().await.expect(201).str("account");
        let mara = dorf.log_in("mara@kalletal.example").await;
        let me = dorf.ask("GET", "/v1/admin/me").bearer(&mara).send().await.expect(200);
        let edited = json!([{"municipality": dorf.municipality().await, "name": "Kalletal", "villages": ["luedenhausen", "stemmen"]}]);
        assert_eq!((me.get("roles"), me.get("municipalities")), (json!([]), edited));
        for village in [&here, &there] {
            let draft = drafts(village, &mara, "Für alle").await;
            let publish = village.staff("POST", &format!("/posts/{}/publish", draft.id)).bearer(&mara);
            publish.header("if-match", &draft.etag).send().await.expect(200);
            village.staff("GET", "/editors").bearer(&mara).send().await.problem(403, "forbidden");
            assert_eq!(village.audit().await[0]["account_name"], "Mara");
        }
        dorf.ask("GET", "/v1/admin/villages/berlebeck/posts").bearer(&mara).send().await.problem(404, "not-found");
        dorf.ask("DELETE", &format!("{editors}/{account}")).bearer(operator).send().await.expect(204);
        here.staff("GET", "/posts").bearer(&mara).send().await.problem(401, "unauthenticated");
        let anew = dorf.log_in("mara@kalletal.example").await;
        here.staff("GET", "/posts").bearer(&anew).send().await.problem(404, "not-found");
        assert_eq!(there.audit().await[0]["action"], "municipality_role.revoked", "each village sees what was done");
    }

    async fn alerts_are_sent_by_those_who_may_and_by_nobody_else(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let draft = village.editor().drafts(alert("Hochwasser")).await;
        let publish = async |token: &str| {
            let ask = village.staff("POST", &format!("/posts/{}/publish", draft.id)).bearer(token);
            ask.header("if-match", &draft.etag).send().await
        };
        publish(&village.admin).await.problem(403, "forbidden");
        let account = dorf.ask("GET", "/v1/admin/me").bearer(&village.editor).send().await.expect(200).str("account");
        let right = format!("/alert-rights/{account}");
        village.staff("DELETE", &right).bearer(&village.admin).send().await.expect(204);
        publish(&village.editor).await.problem(403, "forbidden");
        village.staff("PUT", &right).bearer(&village.editor).send().await.problem(403, "forbidden");
        village.may_alert(&account).await;
        village.may_alert(&account).await;
        publish(&village.editor).await.expect(200);
        let stranger = uuid::Uuid::now_v7();
        village.staff("PUT", &format!("/alert-rights/{stranger}")).bearer(&village.admin).send().await.problem(404, "not-found");
    }

    async fn nobody_gets_a_higher_role_by_naming_it_in_a_body(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        for role in ["admin", "operator", "club_manager", "Editor"] {
            let person = json!({"email": "x@y.example", "name": "X", "password": PASSWORD, "role": role});
            let reply = village.hires(&person).await;
            reply.problem(400, "invalid-body");
            assert_eq!(reply.json()["errors"][0]["pointer"], "/role", "{}", reply.text());
        }
        for (member, value) in [("operator", json!(true)), ("village_id", json!(1)), ("may_alert", json!(true))] {
            let mut person = json!({"email": "x@y.example", "name": "X", "password": PASSWORD});
            person[member] = value;
            let reply = village.hires(&person).await;
            reply.problem(400, "invalid-body");
        }
        for member in ["state", "published_at", "village", "author", "version"] {
            let draft = news("Neu").with(member, json!("published"));
            village.editor().ask("POST", "/posts").json(&draft.0).send().await.problem(400, "invalid-body");
        }
    }
}
