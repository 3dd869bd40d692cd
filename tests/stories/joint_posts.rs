//! Write once: a municipality publishes one text to several villages; each has its own row and its own result.

mod asking;
mod crash;
mod dates;
mod hidden;
mod told_once;

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, Draft, PASSWORD, Post, Reply, Resident, VillageKit, alert, news};
use tests::stories;

/// Somebody who edits in all villages of the municipality, with what they have written.
pub struct Mayor<'a> {
    dorf: &'a Dorf,
    pub token: String,
    pub base: String,
}

impl<'a> Mayor<'a> {
    pub async fn of(dorf: &'a Dorf) -> Self {
        let municipality = dorf.municipality().await;
        let editors = format!("/v1/operator/municipalities/{municipality}/editors");
        let person = json!({"email": "mara@kalletal.example", "name": "Mara", "password": PASSWORD});
        dorf.ask("POST", &editors).bearer(dorf.operator().await).json(&person).send().await.expect(201);
        let base = format!("/v1/admin/municipalities/{municipality}/joint-posts");
        Self { dorf, token: dorf.log_in("mara@kalletal.example").await, base }
    }

    async fn drafts(&self, draft: Draft) -> Post {
        Post::of(&self.dorf.ask("POST", &self.base).bearer(&self.token).json(&draft.0).send().await.expect(201))
    }

    async fn step(&self, post: &Post, step: &str) -> Reply {
        let ask = self.dorf.ask("POST", &format!("{}/{}/{step}", self.base, post.id)).bearer(&self.token);
        ask.header("if-match", &post.etag).send().await
    }

    pub async fn publishes(&self, draft: Draft) -> Post {
        let post = self.drafts(draft).await;
        Post::of(&self.step(&post, "publish").await.expect(200))
    }

    async fn changes(&self, post: &Post, change: &Value) -> Post {
        let ask = self.dorf.ask("PATCH", &format!("{}/{}", self.base, post.id)).bearer(&self.token);
        Post::of(&ask.header("if-match", &post.etag).json(change).send().await.expect(200))
    }

    /// What became of it in a village.
    async fn result(&self, post: &Post, village: &VillageKit<'_>) -> Value {
        let reply =
            self.dorf.ask("GET", &format!("{}/{}", self.base, post.id)).bearer(&self.token).send().await.expect(200);
        let json = reply.json();
        let results = json["results"].as_array().expect("results");
        results.iter().find(|one| one["village"] == village.slug.as_str()).cloned().unwrap_or_default()
    }

    /// The post of a village that is the copy.
    pub async fn copy(&self, post: &Post, village: &VillageKit<'_>) -> Post {
        let id = self.result(post, village).await["post"].as_str().expect("a copy").to_owned();
        let reply = village.editor().ask("GET", &format!("/posts/{id}")).send().await.expect(200);
        Post { id, etag: reply.header("etag") }
    }
}

/// Subscribes a mailbox in a village and confirms.
async fn subscribes(village: &VillageKit<'_>, address: &str) {
    let dorf = village.dorf;
    let body = json!({"channel": "email", "email": address});
    village.ask("POST", "/subscriptions").json(&body).send().await.expect(201);
    dorf.work_off().await;
    let text = dorf.mail.mails_to(address).pop().expect("a question").text();
    let link = text.split_whitespace().find(|word| word.contains("/confirm/")).expect("a link").to_owned();
    dorf.ask("POST", link.strip_prefix(&dorf.base).expect("a link to this server")).send().await.expect(200);
}

/// The subjects of the news in a mailbox.
fn subjects(dorf: &Dorf, address: &str) -> Vec<String> {
    let mails = dorf.mail.mails_to(address);
    let news = mails.iter().filter(|mail| mail.header("List-Unsubscribe").is_some());
    news.map(tests::kit::smtp_sink::Mail::subject).collect()
}

/// Makes the database refuse new posts in a village, or not any more.
async fn breaks(dorf: &Dorf, on: Backend, village: &str) {
    let sql = match on {
        Backend::Sqlite => format!(
            "CREATE TRIGGER broken BEFORE INSERT ON post
               WHEN NEW.village_id = (SELECT id FROM village WHERE slug = '{village}')
               BEGIN SELECT RAISE(ABORT, 'broken'); END"
        ),
        Backend::Postgres => format!(
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
               IF NEW.village_id = (SELECT id FROM village WHERE slug = '{village}') THEN RAISE EXCEPTION 'broken'; END IF;
               RETURN NEW; END $$;
             CREATE TRIGGER broken BEFORE INSERT ON post FOR EACH ROW EXECUTE FUNCTION broken();"
        ),
    };
    dorf.database.change(&sql).await.expect("the village is broken");
}

async fn mends(dorf: &Dorf, on: Backend) {
    let sql = if on == Backend::Sqlite { "DROP TRIGGER broken" } else { "DROP TRIGGER broken ON post" };
    dorf.database.change(sql).await.expect("the village is mended");
}

stories! {
    async fn one_text_comes_out_in_each_village_with_a_row_and_a_result_of_its_own(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let anna = here.resident("anna").follows("verkehr").by_push().await;
        let bert = here.resident("bert").by_mail().await;
        let otto = there.resident("otto").by_push().await;
        let mayor = Mayor::of(&dorf).await;
        let joint = mayor.drafts(news("Wasser abgestellt").on("verkehr")).await;
        dorf.work_off().await;
        assert!(here.feed().await.titles().is_empty(), "a draft is in no village");
        let joint = Post::of(&mayor.step(&joint, "publish").await.expect(200));
        dorf.work_off().await;
        dorf.work_off().await; // doing it again changes nothing
        assert_eq!((anna.pushes(), bert.subjects()), (vec!["Lüdenhausen · Wasser abgestellt".to_owned()], vec!["Wasser abgestellt".to_owned()]));
        assert_eq!(otto.pushes(), ["Stemmen · Wasser abgestellt"]);
        for (village, delivered) in [(&here, 2), (&there, 1)] {
            let feed = village.feed().await.json();
            assert_eq!(feed["items"].as_array().map(Vec::len), Some(1), "{feed}");
            assert_eq!((&feed["items"][0]["municipality"], &feed["items"][0]["topic"]), (&json!("Kalletal"), &json!("verkehr")), "{feed}");
            let result = mayor.result(&joint, village).await;
            assert_eq!((&result["state"], &result["delivered"], &result["up_to_date"]), (&json!("published"), &json!(delivered), &json!(true)), "{result}");
            let lines: Vec<Value> = village.audit().await.iter().map(|line| line["action"].clone()).collect();
            assert!(lines.contains(&json!("post.published")) && lines.contains(&json!("joint_post.published")), "{lines:?}");
        }
        assert_ne!(mayor.result(&joint, &here).await["post"], mayor.result(&joint, &there).await["post"]);
        mayor.step(&joint, "publish").await.problem(409, "conflict");
    }

    async fn a_village_may_hide_it_and_show_it_again_and_change_nothing_else(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let mayor = Mayor::of(&dorf).await;
        let joint = mayor.publishes(news("Für alle")).await;
        dorf.work_off().await;
        let editor = here.editor();
        let copy = mayor.copy(&joint, &here).await;
        editor.changes(&copy, &json!({"title": "Nicht von mir"})).await.problem(403, "forbidden");
        editor.step(&copy, "withdraw").await.problem(403, "forbidden");
        let hidden = Post::of(&editor.step(&copy, "hide").await.expect(200));
        assert!(here.feed().await.titles().is_empty());
        here.ask("GET", &format!("/posts/{}", copy.id)).send().await.problem(404, "not-found");
        assert_eq!(there.feed().await.titles(), ["Für alle"]);
        assert_eq!(mayor.result(&joint, &here).await["state"], "hidden");
        assert_eq!(here.audit().await[0]["action"], "post.hidden");
        editor.step(&hidden, "hide").await.problem(409, "conflict");
        mayor.changes(&joint, &json!({"title": "Für fast alle", "notify": true})).await;
        dorf.work_off().await;
        assert!(here.feed().await.titles().is_empty(), "a correction does not bring it back");
        let hidden = mayor.copy(&joint, &here).await;
        editor.step(&hidden, "show").await.expect(200);
        assert_eq!(here.feed().await.titles(), ["Für fast alle"]);
        let own = editor.publishes(news("Eigenes")).await;
        editor.step(&own, "hide").await.problem(403, "forbidden");
    }

    async fn corrections_and_withdrawal_follow_to_all(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let residents = [here.resident("anna").by_push().await, there.resident("otto").by_push().await];
        let mayor = Mayor::of(&dorf).await;
        let joint = mayor.publishes(news("Donnerstag")).await;
        dorf.work_off().await;
        let silent = mayor.changes(&joint, &json!({"title": "Freitag"})).await;
        dorf.work_off().await;
        let told = |resident: &Resident<'_>| resident.pushes().len();
        assert_eq!(residents.each_ref().map(told), [1, 1], "a correction is silent unless asked");
        for village in [&here, &there] {
            assert_eq!(village.feed().await.titles(), ["Freitag"]);
        }
        let loud = mayor.changes(&silent, &json!({"title": "Samstag", "notify": true})).await;
        dorf.work_off().await;
        dorf.work_off().await;
        assert_eq!(residents.each_ref().map(told), [2, 2]);
        mayor.step(&silent, "withdraw").await.problem(412, "precondition-failed");
        mayor.step(&loud, "withdraw").await.expect(200);
        dorf.work_off().await;
        for village in [&here, &there] {
            assert!(village.feed().await.titles().is_empty());
            assert_eq!(mayor.result(&joint, village).await["state"], "withdrawn");
        }
        assert_eq!(residents.each_ref().map(told), [3, 3], "and that it was taken back");
    }

    async fn a_village_that_fails_is_tried_again_and_the_others_get_nothing_twice(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let (anna, otto) = (here.resident("anna").by_push().await, there.resident("otto").by_push().await);
        let mayor = Mayor::of(&dorf).await;
        breaks(&dorf, on, "stemmen").await;
        let joint = mayor.publishes(news("Wasser")).await;
        dorf.work_off().await;
        assert_eq!((anna.pushes().len(), otto.pushes().len()), (1, 0));
        assert_eq!(mayor.result(&joint, &there).await["up_to_date"], false);
        mayor.changes(&joint, &json!({"title": "Wasser und Strom"})).await;
        dorf.work_off().await;
        assert_eq!(here.feed().await.titles(), ["Wasser und Strom"]);
        mends(&dorf, on).await;
        dorf.wait(TimeDelta::minutes(2));
        dorf.work_off().await;
        assert_eq!((anna.pushes().len(), otto.pushes()), (1, vec!["Stemmen · Wasser und Strom".to_owned()]));
        assert_eq!(mayor.result(&joint, &there).await["up_to_date"], true);
    }

    async fn who_is_subscribed_in_two_villages_is_told_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let device = dorf.push.new_device().await;
        let anna = here.resident("anna").by_push_with(device.clone()).await;
        there.resident("anna").by_push_with(device).await;
        let mailbox = "bert@example.org";
        subscribes(&here, mailbox).await;
        subscribes(&there, mailbox).await;
        let mayor = Mayor::of(&dorf).await;
        let joint = mayor.publishes(news("Einmal")).await;
        dorf.work_off().await;
        dorf.wait(TimeDelta::minutes(5));
        dorf.work_off().await;
        assert_eq!((anna.pushes().len(), subjects(&dorf, mailbox)), (1, vec!["Einmal".to_owned()]));
        let results = [mayor.result(&joint, &here).await, mayor.result(&joint, &there).await];
        let sum = |name: &str| results.iter().filter_map(|result| result[name].as_i64()).sum::<i64>();
        assert_eq!(["delivered", "told_elsewhere", "pending", "undelivered"].map(sum), [2, 2, 0, 0], "{results:?}");
        mayor.changes(&joint, &json!({"title": "Noch einmal", "notify": true})).await;
        dorf.work_off().await;
        dorf.wait(TimeDelta::minutes(5));
        dorf.work_off().await;
        assert_eq!((anna.pushes().len(), subjects(&dorf, mailbox).len()), (2, 2), "a correction is another matter, told once too");
        let tags: Vec<_> = anna.device().received().iter().map(|push| push.payload["notification"]["tag"].clone()).collect();
        assert_eq!(tags[0], tags[1], "and it replaces what was told before, by whichever village");
        here.editor().publishes(news("Nur hier")).await;
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), 3);
        dorf.wait(TimeDelta::days(40));
        dorf.keep_house().await;
        assert!(dorf.database.column("SELECT CAST(id AS text) FROM joint_claim").await.is_empty(), "claims are forgotten");
    }

    async fn others_may_not_and_a_foreign_municipality_is_not_there(on: Backend) {
        let dorf = Dorf::start(on).await;
        let here = dorf.village("luedenhausen").await;
        let mayor = Mayor::of(&dorf).await;
        let joint = mayor.drafts(news("Geheim")).await;
        let path = format!("{}/{}", mayor.base, joint.id);
        for token in [&here.editor, &here.admin] {
            dorf.ask("GET", &path).bearer(token).send().await.problem(403, "forbidden");
            dorf.ask("POST", &mayor.base).bearer(token).json(&news("Nein").0).send().await.problem(403, "forbidden");
        }
        dorf.ask("GET", &path).send().await.problem(401, "unauthenticated");
        let detmold = json!({"name": "Detmold", "ags": "05766020"});
        let operator = dorf.operator().await;
        let detmold = dorf.ask("POST", "/v1/operator/municipalities").bearer(operator).json(&detmold).send().await.expect(201);
        let foreign = format!("/v1/admin/municipalities/{}/joint-posts", detmold.str("id"));
        dorf.ask("GET", &foreign).bearer(&mayor.token).send().await.problem(404, "not-found");
        for nowhere in ["berlebeck", &"x".repeat(65), "x", ""] {
            let stray = news("Wohin").with("villages", json!(["luedenhausen", nowhere]));
            let reply = dorf.ask("POST", &mayor.base).bearer(&mayor.token).json(&stray.0).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/villages/1"], "{nowhere}");
        }
        let warning = mayor.drafts(alert("Hochwasser")).await;
        mayor.step(&warning, "publish").await.problem(403, "forbidden");
        for member in ["club", "media", "state", "village_id"] {
            let draft = news("Neu").with(member, json!("x"));
            dorf.ask("POST", &mayor.base).bearer(&mayor.token).json(&draft.0).send().await.problem(400, "invalid-body");
        }
    }
}
