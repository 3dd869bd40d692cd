//! What travels by push, and what the town hall is told of it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tests::kit::push_receiver::PushAnswer;
use tests::kit::{Backend, Dorf, Post, Resident, VillageKit, alert, news};
use tests::stories;

mod answers;
mod faults;
mod leaving;
mod others;
mod races;
mod turns;

/// So many residents, each with a browser of their own.
async fn crowd<'a>(village: &'a VillageKit<'a>, people: usize) -> Vec<Resident<'a>> {
    let mut crowd = Vec::new();
    for n in 0..people {
        crowd.push(village.resident(&format!("bewohner{n}")).by_push().await);
    }
    crowd
}

/// How many pushes the residents have received, all together.
fn received(residents: &[Resident<'_>]) -> usize {
    residents.iter().map(|resident| resident.pushes().len()).sum()
}

/// A server whose staff stay logged in for days.
async fn dorf_for_days(on: Backend) -> Dorf {
    Dorf::start_with(on, |settings| settings.accounts.session_h = 10_000).await
}

fn instant(text: &serde_json::Value) -> Option<DateTime<Utc>> {
    text.as_str().map(|text| text.parse().expect("an instant"))
}

stories! {
    async fn a_push_says_how_urgent_it_is_and_how_long_it_is_good_for(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        village.editor().publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        village.editor().publishes(alert("Hochwasser")).await;
        dorf.wait(TimeDelta::hours(1));
        dorf.work_off().await;

        let pushes = anna.device().received();
        let said: Vec<_> = pushes.iter().map(|push| (push.header("urgency"), push.header("ttl"))).collect();
        assert_eq!(said, [(Some("normal"), Some("259200")), (Some("high"), Some("82800"))], "72 h, and 24 h less one");
        let topics: Vec<_> = pushes.iter().map(|push| push.header("topic").expect("a topic")).collect();
        assert!(topics[0] != topics[1] && topics.iter().all(|topic| topic.len() <= 32), "{topics:?}");
        assert!(pushes.iter().all(|push| push.header("content-encoding") == Some("aes128gcm")));
        assert_eq!(dorf.push.faults(), [""; 0]);
    }

    async fn a_push_is_a_declarative_one_that_leads_to_the_post(on: Backend) {
        let public_url = "https://dorf.kalletal.example";
        let dorf = Dorf::start_with(on, |settings| settings.http.public_url = format!("{public_url}/")).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let text = "Die *Mühlenbrücke* ist bis **Freitag** zu.";
        let post = village.editor().publishes(news("Brücke gesperrt").saying(text)).await;
        dorf.work_off().await;

        let payload = anna.device().received()[0].payload.clone();
        assert_eq!(payload["web_push"], 8030);
        let shown = &payload["notification"];
        assert_eq!(shown["title"], "Lüdenhausen · Brücke gesperrt");
        assert_eq!(shown["body"], "Die Mühlenbrücke ist bis Freitag zu.");
        assert_eq!(shown["lang"], "de");
        assert_eq!(shown["tag"], *post.id);
        assert_eq!(shown["navigate"], format!("{public_url}/v1/villages/luedenhausen/posts/{}", post.id));
    }

    async fn a_very_long_text_is_cut_between_two_characters(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        village.editor().publishes(news(&"🎺".repeat(200)).saying(&"🎉".repeat(20_000))).await;
        dorf.work_off().await;

        assert_eq!(dorf.push.faults(), [""; 0], "such as a body of more than 4096 bytes");
        let push = anna.device().received().pop().expect("a push");
        let body = push.payload["notification"]["body"].as_str().expect("a body");
        let uncut = body.strip_suffix('…').expect("an ellipsis where it was cut");
        assert!(uncut.chars().count() > 200 && uncut.chars().all(|c| c == '🎉'), "{body}");
        assert!(push.title().ends_with("🎺…"), "{}", push.title());
    }

    async fn a_very_long_text_is_cut_between_what_readers_see_as_characters(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let mia = village.resident("mia").by_mail().await;
        for family in ["👨‍👩‍👧‍👦", "🇩🇪", "e\u{301}", "👍🏽"] {
            village.editor().publishes(news(&family.repeat(150 / family.chars().count())).saying(&family.repeat(2_000))).await;
            dorf.work_off().await;
            let push = anna.device().received().pop().expect("a push");
            let body = push.payload["notification"]["body"].as_str().expect("a body").to_owned();
            let subject = mia.subjects().pop().expect("a mail");
            for (cut, least) in [(body, 200), (push.title().replace("Lüdenhausen · ", ""), 90), (subject, 60)] {
                let uncut = cut.strip_suffix('…').expect("an ellipsis where it was cut");
                assert!(uncut.replace(family, "").is_empty(), "{cut}");
                assert!(uncut.chars().count() > least, "{cut}");
            }
        }
        assert_eq!(dorf.push.faults(), [""; 0]);
    }

    async fn who_we_are_is_signed_once_per_push_service_and_again_before_it_expires(on: Backend) {
        let dorf = dorf_for_days(on).await;
        let village = dorf.village("luedenhausen").await;
        let crowd = crowd(&village, 20).await;
        village.editor().publishes(news("Am Morgen")).await;
        dorf.work_off().await;
        dorf.wait(TimeDelta::hours(10));
        village.editor().publishes(news("Am Abend")).await;
        dorf.work_off().await;
        assert_eq!((received(&crowd), dorf.push.distinct_vapid_tokens()), (40, 1));

        dorf.wait(TimeDelta::hours(2) - TimeDelta::minutes(5));
        village.editor().publishes(news("Bevor es abläuft")).await;
        dorf.work_off().await;
        assert_eq!((received(&crowd), dorf.push.distinct_vapid_tokens()), (60, 2));
        let who = crowd[0].device().received().pop().expect("a push").vapid;
        assert_eq!(who.aud, dorf.push.origin());
        let good_for_s = who.exp - dorf.clock.now().timestamp();
        assert!((3600..=24 * 3600).contains(&good_for_s), "{good_for_s} s");
        assert_eq!(dorf.push.faults(), [""; 0]);
    }

    async fn the_town_hall_reads_how_far_it_is(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        village.resident("anna").by_push().await.by_mail().await;
        let bert = village.resident("bert").by_push().await;
        bert.device().answer(PushAnswer::Once(Box::new(PushAnswer::Broken)));
        let (editor, decided) = (village.editor(), dorf.clock.now());
        let post = editor.publishes(news("Brücke gesperrt")).await;
        let report = editor.report(&post).await;
        assert_eq!((&report["planned"], &report["started_at"]), (&json!(0), &json!(null)), "{report}");
        assert_eq!(instant(&report["decided_at"]), Some(decided));

        dorf.wait(TimeDelta::seconds(1));
        dorf.work_off().await;
        let report = editor.report(&post).await;
        let numbers = ["planned", "delivered", "pending"].map(|name| report[name].as_i64());
        assert_eq!(numbers, [Some(3), Some(2), Some(1)], "{report}");
        assert_eq!(instant(&report["started_at"]), Some(dorf.clock.now()));
        assert_eq!(report["finished_at"], json!(null));
        assert_eq!(editor.count(&post, "web_push", "pending", "unavailable").await, 1);

        dorf.wait(TimeDelta::seconds(15));
        dorf.work_off().await;
        let report = editor.report(&post).await;
        let numbers = ["planned", "delivered", "pending"].map(|name| report[name].as_i64());
        assert_eq!(numbers, [Some(3), Some(3), Some(0)], "{report}");
        assert_eq!(instant(&report["finished_at"]), Some(dorf.clock.now()));
        let counts = json!([
            {"channel": "web_push", "state": "sent", "deliveries": 2},
            {"channel": "email", "state": "sent", "deliveries": 1},
        ]);
        assert_eq!(report["counts"], counts);

        let (pushes, mails) = (dorf.push.requests(), dorf.mail.mails().len());
        dorf.wait(TimeDelta::hours(1));
        dorf.work_off().await;
        assert_eq!((dorf.push.requests(), dorf.mail.mails().len()), (pushes, mails), "nothing goes out twice");
    }

    async fn a_correction_is_silent_unless_asked_and_then_replaces_what_is_shown(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let editor = village.editor();
        let post = editor.publishes(news("Brüke gesperrt")).await;
        dorf.work_off().await;
        let post = Post::of(&editor.changes(&post, &json!({"title": "Brücke gesperrt"})).await.expect(200));
        dorf.work_off().await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Brüke gesperrt"]);

        let loud = json!({"body_markdown": "Bis Montag.", "notify": true});
        let post = Post::of(&editor.changes(&post, &loud).await.expect(200));
        dorf.work_off().await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Brüke gesperrt", "Lüdenhausen · Geändert: Brücke gesperrt"]);
        let pushes = anna.device().received();
        assert_eq!(pushes[0].header("topic"), pushes[1].header("topic"));
        assert_eq!(pushes[0].payload["notification"]["tag"], pushes[1].payload["notification"]["tag"]);
        let reply = editor.ask("GET", &format!("/posts/{}/deliveries", post.id)).send().await.expect(200);
        let kinds: Vec<_> = (0..2).map(|n| reply.json()["notifications"][n]["kind"].clone()).collect();
        assert_eq!(kinds, ["published", "changed"]);
    }
}
