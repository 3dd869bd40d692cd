//! A request with an `Idempotency-Key` is done once, however often it is sent.

use serde_json::json;
use tests::kit::{Backend, Dorf, Post, news};
use tests::stories;

stories! {
    async fn a_repeat_gets_the_same_answer_and_changes_nothing(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let editor = village.editor();
        let draft = json!({"kind": "news", "title": "Einmal"});
        let create = async || editor.ask("POST", "/posts").header("idempotency-key", "schlüssel 1").json(&draft).send().await;
        let first = create().await.expect(201);
        let again = create().await.expect(201);
        assert_eq!((first.text(), first.header("etag"), first.header("location")), (again.text(), again.header("etag"), again.header("location")));

        let post = Post::of(&first);
        let publish = async || {
            let ask = editor.ask("POST", &format!("/posts/{}/publish", post.id)).header("if-match", &post.etag);
            ask.header("idempotency-key", "schlüssel 2").send().await
        };
        let first = publish().await.expect(200);
        assert_eq!(first.text(), publish().await.expect(200).text());
        dorf.work_off().await;
        assert_eq!(village.feed().await.titles(), ["Einmal"]);
        assert_eq!(anna.pushes().len(), 1, "told once");
    }

    async fn another_request_with_the_same_key_is_refused(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let editor = here.editor();
        let create = async |title: &str| {
            let draft = json!({"kind": "news", "title": title});
            editor.ask("POST", "/posts").header("idempotency-key", "k").json(&draft).send().await
        };
        create("Eins").await.expect(201);
        create("Zwei").await.problem(422, "idempotency-key-reused");
        // The same key of somebody else, in another village, is another key.
        let draft = json!({"kind": "news", "title": "Drei"});
        there.editor().ask("POST", "/posts").header("idempotency-key", "k").json(&draft).send().await.expect(201);
        let long = editor.ask("POST", "/posts").header("idempotency-key", &"k".repeat(300)).json(&draft).send().await;
        assert_eq!(long.problem(400, "invalid-parameter"), ["Idempotency-Key"]);
        assert_eq!(editor.ask("GET", "/posts").send().await.expect(200).titles(), ["Eins"]);
    }

    async fn twenty_at_once_create_one(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let draft = json!({"kind": "news", "title": "Doppelklick"});
        let create = || editor.ask("POST", "/posts").header("idempotency-key", "klick").json(&draft).send();
        let replies = futures_util::future::join_all((0..20).map(|_| create())).await;
        let first = replies[0].text();
        for reply in replies {
            assert_eq!(reply.expect(201).text(), first);
        }
        assert_eq!(editor.ask("GET", "/posts").send().await.expect(200).titles(), ["Doppelklick"]);
    }

    async fn a_double_click_on_publish_tells_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let editor = village.editor();
        let post = editor.drafts(news("Doppelklick")).await;
        let clicks = futures_util::future::join_all((0..8).map(|_| editor.step(&post, "publish"))).await;
        let mut statuses: Vec<u16> = clicks.iter().map(|reply| reply.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), 1);
    }

    async fn an_operator_enters_a_village_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = json!({
            "municipality": dorf.municipality().await, "slug": "talle", "name": "Talle",
            "sender_name": "Kalletal", "sender_address": "post@kalletal.example",
        });
        let operator = dorf.operator().await;
        let create = |key: &str| {
            dorf.ask("POST", "/v1/operator/villages").bearer(operator).header("idempotency-key", key).json(&village).send()
        };
        let first = create("a").await.expect(201);
        assert_eq!(create("a").await.expect(201).text(), first.text());
        create("b").await.problem(409, "conflict");
    }
}
