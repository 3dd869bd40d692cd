//! Posts that go out, and end, at a time that was set: once each, whatever happens to the program or the clock.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, Draft, Post, Reply, VillageKit, alert, club, event, news, notice};
use tests::stories;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// The editor, or whoever has this token, plans a post.
async fn plans(village: &VillageKit<'_>, token: &str, post: &Post, body: &Value) -> Reply {
    let ask = village.staff("POST", &format!("/posts/{}/schedule", post.id)).bearer(token);
    ask.header("if-match", &post.etag).json(body).send().await
}

async fn planned(village: &VillageKit<'_>, draft: Draft, local: &str) -> Post {
    let post = village.editor().drafts(draft).await;
    Post::of(&plans(village, &village.editor, &post, &json!({"publish_at_local": local})).await.expect(200))
}

/// A fresh log-in of the editor: days go by in these stories.
async fn state(village: &VillageKit<'_>, post: &Post) -> String {
    let token = village.dorf.log_in(&format!("editor@{}.example", village.slug)).await;
    let path = format!("/posts/{}", post.id);
    village.staff("GET", &path).bearer(&token).send().await.expect(200).str("state")
}

async fn notifications(village: &VillageKit<'_>, post: &Post) -> usize {
    let token = village.dorf.log_in(&format!("editor@{}.example", village.slug)).await;
    let path = format!("/posts/{}/deliveries", post.id);
    let report = village.staff("GET", &path).bearer(&token).send().await.expect(200).json();
    report["notifications"].as_array().map_or(0, Vec::len)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_done_in_one_village_stands_before_nothing_in_another() {
    let dorf = Dorf::start(Backend::Sqlite).await;
    let (broken, sound) = (dorf.village("bavenhausen").await, dorf.village("luedenhausen").await);
    // As many as are taken from the pile at once, and all of them due earlier.
    for n in 0..64 {
        planned(&broken, event(&format!("Fest {n}"), "2026-12-06T15:00"), "2026-11-23T08:00").await;
    }
    planned(&sound, news("Brücke gesperrt"), "2026-11-23T08:01").await;
    let pool = sqlx::SqlitePool::connect(&dorf.database.url()).await.expect("the database");
    sqlx::query("UPDATE event SET extra_dates = 'kaputt'").execute(&pool).await.expect("broken");
    dorf.wait(TimeDelta::days(1));
    assert!(!dorf.tries_work().await, "those cannot be done");
    // They wait, while others are done.
    dorf.tries_work().await;
    assert_eq!(sound.feed().await.titles(), ["Brücke gesperrt"]);
    dorf.wait(TimeDelta::seconds(2));
    assert!(!dorf.tries_work().await, "but not for ever");
}

stories! {
    async fn a_planned_post_goes_out_once_at_its_time(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.by_mail().await;
        let post = planned(&village, news("Markt"), "2026-11-23T09:00").await;
        assert_eq!(state(&village, &post).await, "scheduled");
        dorf.work_off().await;
        dorf.set_time(at("2026-11-23T07:59:59Z"));
        dorf.work_off().await;
        assert!(anna.pushes().is_empty() && village.feed().await.titles().is_empty());
        village.ask("GET", &format!("/posts/{}", post.id)).send().await.problem(404, "not-found");
        assert_eq!(notifications(&village, &post).await, 0);
        dorf.set_time(at("2026-11-23T08:00:00Z"));
        dorf.work_off().await;
        dorf.work_off().await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Markt"]);
        assert_eq!(anna.subjects(), ["Markt"]);
        assert_eq!(village.feed().await.json()["items"][0]["published_at"], "2026-11-23T08:00:00.000Z");
        let admin = dorf.log_in("admin@luedenhausen.example").await;
        let lines = village.staff("GET", &format!("/audit?subject={}", post.id)).bearer(&admin).send().await.expect(200).json();
        assert_eq!(lines["items"][0]["action"], "post.published");
        assert!(lines["items"][0]["account"].is_null(), "the program did it: {lines}");
    }

    async fn a_time_that_is_moved_or_taken_away_leaves_no_trace(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let editor = village.editor();
        let moved = planned(&village, news("Verschoben"), "2026-11-22T10:00").await;
        let earlier = planned(&village, news("Vorgezogen"), "2026-11-24T10:00").await;
        let cancelled = planned(&village, news("Doch nicht"), "2026-11-22T10:00").await;
        plans(&village, &village.editor, &moved, &json!({"publish_at_local": "2026-11-24T12:00"})).await.expect(200);
        plans(&village, &village.editor, &earlier, &json!({"publish_at_local": "2026-11-22T11:30"})).await.expect(200);
        let approved = editor.step(&cancelled, "unschedule").await.expect(200);
        assert_eq!((approved.str("state"), approved.get("publish_at")), ("approved".to_owned(), json!(null)));
        dorf.wait(TimeDelta::hours(1));
        dorf.work_off().await;
        assert!(anna.pushes().is_empty());
        for post in [&moved, &earlier, &cancelled] {
            assert_eq!(notifications(&village, post).await, 0);
        }
        dorf.wait(TimeDelta::hours(2));
        dorf.work_off().await;
        assert_eq!(village.feed().await.titles(), ["Vorgezogen"]);
        dorf.wait(TimeDelta::days(3));
        dorf.work_off().await;
        assert_eq!(village.feed().await.titles(), ["Verschoben", "Vorgezogen"]);
        assert_eq!(state(&village, &cancelled).await, "approved");
    }

    async fn times_that_do_not_exist_or_come_twice_or_are_over_are_told(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let post = village.editor().drafts(news("Nachts").with("expires_at", json!("2027-12-01T00:00:00Z"))).await;
        let refused = [
            (json!({"publish_at_local": "2027-03-28T02:30"}), "/publish_at_local"),
            (json!({"publish_at_local": "2026-11-22T09:00"}), "/publish_at_local"),
            (json!({"publish_at_local": "2027-12-01T01:00"}), "/publish_at_local"),
            (json!({"publish_at_local": "2100-01-01T00:00"}), "/publish_at_local"),
            (json!({"publish_at_local": "morgen"}), "/publish_at_local"),
            (json!({"publish_at_local": "2026-12-01T09:00", "zone": "Europe/Kalletal"}), "/zone"),
        ];
        for (body, pointer) in refused {
            let reply = plans(&village, &village.editor, &post, &body).await;
            assert!(reply.problem(422, "unprocessable").contains(&pointer.to_owned()), "{body}: {}", reply.text());
        }
        plans(&village, &village.editor, &post, &json!({"publish_at_local": "2026-12-01T09:00", "state": "published"})).await
            .problem(400, "invalid-body");
        let mut post = post;
        let given = [
            (json!({"publish_at_local": "2027-10-31T02:30"}), "2027-10-31T00:30:00.000Z"),
            (json!({"publish_at_local": "2027-10-31T02:30", "fold": "earlier"}), "2027-10-31T00:30:00.000Z"),
            (json!({"publish_at_local": "2027-10-31T02:30", "fold": "later"}), "2027-10-31T01:30:00.000Z"),
            (json!({"publish_at_local": "2027-03-28T03:00", "zone": "Europe/Berlin"}), "2027-03-28T01:00:00.000Z"),
            (json!({"publish_at_local": "2026-12-01T09:00", "zone": "America/New_York"}), "2026-12-01T14:00:00.000Z"),
        ];
        for (body, instant) in given {
            let reply = plans(&village, &village.editor, &post, &body).await.expect(200);
            assert_eq!(reply.str("publish_at"), instant, "{body}");
            post = Post::of(&reply);
        }
    }

    async fn a_post_planned_for_the_night_of_the_change_goes_out_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        dorf.set_time(at("2027-10-30T20:00:00Z"));
        let token = dorf.log_in("editor@luedenhausen.example").await;
        for (title, fold) in [("Erstes halb drei", "earlier"), ("Zweites halb drei", "later")] {
            let saved = village.staff("POST", "/posts").bearer(&token).json(&news(title).0).send().await.expect(201);
            let body = json!({"publish_at_local": "2027-10-31T02:30", "fold": fold});
            plans(&village, &token, &Post::of(&saved), &body).await.expect(200);
        }
        let mut told = Vec::new();
        for _ in 0..20 {
            dorf.wait(TimeDelta::minutes(30));
            dorf.work_off().await;
            told.push(anna.pushes().len());
        }
        assert_eq!(told[8..12], [1, 1, 2, 2], "00:30, 01:00, 01:30 and 02:00 UTC: {told:?}");
        assert_eq!(told.last(), Some(&2), "each of them once");
    }

    async fn late_is_now_and_once_unless_it_is_too_late(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let expiry = json!("2026-11-24T12:00:00Z");
        let late = planned(&village, news("Spät"), "2026-11-23T09:00").await;
        let expired = planned(&village, news("Abgelaufen").with("expires_at", expiry), "2026-11-23T09:00").await;
        let over = planned(&village, event("Vorbei", "2026-11-24T15:00"), "2026-11-23T09:00").await;
        let warning = planned(&village, alert("Sturm"), "2026-11-23T09:00").await;
        // The program stands still for two days.
        dorf.set_time(at("2026-11-25T10:00:00Z"));
        dorf.work_off().await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Spät"]);
        assert_eq!(village.feed().await.titles(), ["Spät"]);
        assert_eq!(state(&village, &late).await, "published");
        for post in [&expired, &over, &warning] {
            assert_eq!(state(&village, post).await, "expired");
            assert_eq!(notifications(&village, post).await, 0);
        }
        // The clock jumps back and forth.
        for now in ["2026-11-23T07:00:00Z", "2026-11-25T10:00:00Z", "2026-11-22T08:30:00Z", "2026-11-26T10:00:00Z"] {
            dorf.set_time(at(now));
            dorf.work_off().await;
        }
        assert_eq!(anna.pushes().len(), 1);
    }

    async fn a_club_that_may_not_publish_any_more_does_not(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let mut posts = Vec::new();
        for (slug, change) in [("feuerwehr", "state = 4"), ("gesangverein", "trust = 0"), ("heimatverein", "state = 1")] {
            let token = club(&village, slug, "trusted").await;
            let saved = village.staff("POST", "/posts").bearer(&token).json(&notice(slug).0).send().await.expect(201);
            let body = json!({"publish_at_local": "2026-11-22T12:00"});
            posts.push(Post::of(&plans(&village, &token, &Post::of(&saved), &body).await.expect(200)));
            dorf.database.change(&format!("UPDATE club SET {change} WHERE slug = '{slug}'")).await.expect("changed");
        }
        dorf.wait(TimeDelta::hours(4));
        dorf.work_off().await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Verein heimatverein: heimatverein"]);
        assert_eq!(village.feed().await.titles(), ["heimatverein"]);
        assert_eq!(state(&village, &posts[0]).await, "in_review");
        assert_eq!(state(&village, &posts[1]).await, "in_review");
        let held: Vec<_> = village.audit().await.into_iter().filter(|line| line["action"] == "post.held").collect();
        assert_eq!(held.len(), 2);
    }

    async fn two_workers_publish_each_post_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let mut posts = Vec::new();
        for n in 0..12 {
            posts.push(planned(&village, news(&format!("Nr. {n}")), "2026-11-22T12:00").await);
        }
        dorf.wait(TimeDelta::hours(3));
        let worker = || api::Worker::new(dorf.running.app.clone()).expect("a worker");
        let (second, third) = (worker(), worker());
        let (_, two, three) = tokio::join!(dorf.work_off(), second.work_off(), third.work_off());
        two.and(three).expect("the work can be done");
        dorf.work_off().await;
        let mut titles = anna.pushes();
        titles.sort();
        titles.dedup();
        assert_eq!((titles.len(), anna.pushes().len()), (12, 12), "{:?}", anna.pushes());
        for post in &posts {
            assert_eq!(notifications(&village, post).await, 1);
        }
    }

    async fn a_public_post_ends_at_its_time_and_so_does_telling_it(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let editor = village.editor();
        let post = editor.publishes(news("Bis Mittag").with("expires_at", json!("2026-11-22T11:00:00Z"))).await;
        let kept = editor.publishes(news("Verlängert").with("expires_at", json!("2026-11-22T11:00:00Z"))).await;
        editor.changes(&kept, &json!({"expires_at": "2026-11-22T13:00:00Z"})).await.expect(200);
        let before = village.feed().await;
        assert_eq!(before.titles().len(), 2);
        dorf.set_time(at("2026-11-22T11:00:00Z"));
        dorf.work_off().await;
        assert!(anna.pushes().is_empty(), "what was to be told until noon is told no more");
        assert_eq!(state(&village, &post).await, "expired");
        assert_eq!(state(&village, &kept).await, "published");
        assert_eq!(editor.count(&post, "web_push", "expired", "").await, 0, "it was never planned");
        let after = village.feed().await;
        assert_eq!(after.titles(), ["Verlängert"]);
        assert_ne!(before.header("etag"), after.header("etag"));
        village.ask("GET", &format!("/posts/{}", post.id)).send().await.problem(404, "not-found");
        let lines = village.audit().await;
        let ended = lines.iter().find(|line| line["action"] == "post.expired").expect("a line");
        assert_eq!((&ended["subject"], &ended["account"]), (&json!(post.id), &json!(null)));
    }
}
