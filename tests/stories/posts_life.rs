//! A post's life: draft, published, withdrawn; corrected on the way, and never overwritten by whoever was slower.

use serde_json::json;
use tests::kit::{Backend, Dorf, Post, news};
use tests::stories;

stories! {
    async fn a_post_goes_from_draft_to_published_to_withdrawn_and_no_other_way(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let draft = editor.drafts(news("Leben")).await;
        let public = format!("/posts/{}", draft.id);
        village.ask("GET", &public).send().await.problem(404, "not-found");
        editor.step(&draft, "withdraw").await.problem(409, "conflict");
        let published = Post::of(&editor.step(&draft, "publish").await.expect(200));
        assert_eq!(village.ask("GET", &public).send().await.expect(200).str("title"), "Leben");
        editor.step(&published, "publish").await.problem(409, "conflict");
        editor.ask("DELETE", &public).header("if-match", &published.etag).send().await.problem(409, "conflict");
        let withdrawn = Post::of(&editor.step(&published, "withdraw").await.expect(200));
        village.ask("GET", &public).send().await.problem(410, "gone");
        for step in ["publish", "withdraw"] {
            editor.step(&withdrawn, step).await.problem(409, "conflict");
        }
        editor.changes(&withdrawn, &json!({"title": "Anders"})).await.problem(409, "conflict");
        assert_eq!(editor.ask("GET", &public).send().await.expect(200).str("state"), "withdrawn");
    }

    async fn two_edits_at_once_do_not_overwrite_each_other(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let post = editor.drafts(news("Fassung 1")).await;
        let changes = (0..6).map(|n| json!({"title": format!("Fassung von {n}")})).collect::<Vec<_>>();
        let replies = futures_util::future::join_all(changes.iter().map(|change| editor.changes(&post, change))).await;
        let won: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
        assert_eq!(won.len(), 1, "one was first");
        for slower in replies.iter().filter(|reply| reply.status != 200) {
            slower.problem(412, "precondition-failed");
            assert!(slower.text().contains(r#"\"2\""#), "it says which version there is: {}", slower.text());
        }
        let now = editor.ask("GET", &format!("/posts/{}", post.id)).send().await.expect(200);
        assert_eq!(now.str("title"), won[0].str("title"));
        let bare = editor.ask("PATCH", &format!("/posts/{}", post.id)).json(&changes[0]).send().await;
        bare.problem(428, "precondition-required");
    }

    async fn what_is_absent_stays_and_what_is_null_goes(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let draft = news("Titel").on("verkehr").with("expires_at", json!("2026-12-24T12:00:00Z"));
        let post = editor.drafts(draft).await;
        let kept = editor.changes(&post, &json!({"body_markdown": "Neu"})).await.expect(200);
        assert_eq!((kept.str("title"), kept.str("topic")), ("Titel".to_owned(), "verkehr".to_owned()));
        assert!(kept.get("expires_at").is_string() && kept.get("version") == 2);
        let bare = editor.changes(&Post::of(&kept), &json!({"topic": null, "expires_at": null})).await.expect(200);
        assert!(bare.get("topic").is_null() && bare.get("expires_at").is_null(), "{}", bare.text());
        assert_eq!(bare.str("body_markdown"), "Neu");
    }

    async fn a_change_that_asks_for_nothing_changes_nothing(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let post = editor.publishes(news("Titel").on("verkehr")).await;
        let same = editor.changes(&post, &json!({})).await.expect(200);
        assert_eq!((same.header("etag"), same.str("topic")), (post.etag.clone(), "verkehr".to_owned()));
        let stale = Post { etag: "\"1\"".to_owned(), ..post.clone() };
        editor.changes(&stale, &json!({})).await.problem(412, "precondition-failed");
        editor.changes(&post, &json!({"title": "Anders"})).await.expect(200);

        let rename = async |slug: &str| {
            village.staff("PATCH", &format!("/topics/{slug}")).bearer(&village.admin).json(&json!({})).send().await
        };
        assert_eq!(rename("verkehr").await.expect(200).str("name"), "Verkehr");
        rename("gibt-es-nicht").await.problem(404, "not-found");

        let anna = village.resident("anna").follows("verkehr").by_push().await;
        let before = anna.ask("GET").send().await.expect(200);
        let after = anna.ask("PATCH").json(&json!({})).send().await.expect(200);
        assert_eq!((after.header("etag"), after.json()), (before.header("etag"), before.json()));
        anna.ask("PATCH").header("if-match", "\"7\"").json(&json!({})).send().await.problem(412, "precondition-failed");
    }

    async fn a_draft_can_be_deleted_and_a_topic_in_use_cannot(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let post = editor.drafts(news("Entwurf").on("verkehr")).await;
        let topic = async || village.staff("DELETE", "/topics/verkehr").bearer(&village.admin).send().await;
        topic().await.problem(409, "conflict");
        let path = format!("/posts/{}", post.id);
        editor.ask("DELETE", &path).header("if-match", &post.etag).send().await.expect(204);
        editor.ask("GET", &path).send().await.problem(404, "not-found");
        topic().await.expect(204);
        topic().await.problem(404, "not-found");
        let names = village.ask("GET", "/topics").send().await.expect(200).json();
        assert_eq!(names["items"].as_array().map(Vec::len), Some(1));
    }

    async fn a_post_that_has_expired_cannot_be_published(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let post = editor.drafts(news("Zu spät").with("expires_at", json!("2026-11-22T08:00:00Z"))).await;
        editor.step(&post, "publish").await.problem(409, "conflict");
    }
}
