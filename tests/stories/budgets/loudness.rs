//! How often in a day everybody is told: of one post, by one club, by one account, by a calendar, and by the municipality.

use super::assert_used_up;
use crate::joint_posts::Mayor;
use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, Post, Reply, VillageKit, alert, club, event, ics, news, notice, vevent};
use tests::stories;

const TOO_OFTEN: &str = "haben von diesem Beitrag heute schon oft genug gehört";
const EDITOR: &str = "editor@luedenhausen.example";

/// Tells a public post once more, as a deed of its own.
async fn announce(village: &VillageKit<'_>, token: &str, post: &Post, n: u32) -> Reply {
    let ask = village.staff("POST", &format!("/posts/{}/announce", post.id)).bearer(token);
    ask.header("if-match", &post.etag).header("idempotency-key", &format!("mal-{n}")).send().await
}

/// Saves a notice of a club, and takes a step.
async fn step(village: &VillageKit<'_>, token: &str, draft: Value, (step, body): (&str, Value)) -> Reply {
    let post = Post::of(&village.staff("POST", "/posts").bearer(token).json(&draft).send().await.expect(201));
    let ask = village.staff("POST", &format!("/posts/{}/{step}", post.id)).bearer(token).header("if-match", &post.etag);
    if body.is_null() { ask.send().await } else { ask.json(&body).send().await }
}

async fn publish(village: &VillageKit<'_>, token: &str, title: &str) -> Reply {
    step(village, token, notice(title).0, ("publish", Value::Null)).await
}

async fn plan(village: &VillageKit<'_>, token: &str, draft: Value, at: &str) -> Reply {
    step(village, token, draft, ("schedule", json!({"publish_at_local": at}))).await
}

stories! {
    async fn a_post_is_told_to_all_so_often_a_day(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.limits.tellings_per_post = 4).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let editor = village.editor();
        let post = editor.publishes(news("Dorffest")).await;
        let mut told = editor.changes(&post, &json!({"title": "Dorffest 1", "notify": true})).await.expect(200);
        for n in 0..2 {
            announce(&village, &village.editor, &Post::of(&told), n).await.expect(200);
        }
        assert_used_up(&announce(&village, &village.editor, &Post::of(&told), 2).await, 4, TOO_OFTEN);
        announce(&village, &village.editor, &Post::of(&told), 1).await.expect(200);
        let loud = json!({"title": "Dorffest 2", "notify": true});
        assert_used_up(&editor.changes(&Post::of(&told), &loud).await, 4, TOO_OFTEN);
        told = editor.changes(&Post::of(&told), &json!({"title": "Dorffest 2"})).await.expect(200);
        assert_eq!(told.str("title"), "Dorffest 2", "changing it silently is free");
        let outbox = dorf.database.column("SELECT CAST(COUNT(*) AS text) FROM notification WHERE post_id IS NOT NULL").await;
        assert_eq!(outbox, ["4"], "what was refused left nothing behind");
        dorf.work_off().await;
        assert!((1..=4).contains(&anna.pushes().len()), "{:?}", anna.pushes());
        editor.publishes(news("Anderes")).await;
        dorf.wait(TimeDelta::days(1) + TimeDelta::seconds(1));
        let again = dorf.log_in(EDITOR).await;
        announce(&village, &again, &Post::of(&told), 3).await.expect(200);
    }

    async fn dates_that_are_changed_one_by_one_are_told_so_often_a_day(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.limits.tellings_per_post = 3).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let series = event("Singen", "2026-12-01T19:00").with("event", json!({
            "starts_local": "2026-12-01T19:00", "rrule": "FREQ=DAILY;COUNT=20", "place": "Schule",
        }));
        let mut post = editor.publishes(series).await;
        let cancel = async |post: &Post, day: u32, notify: bool| {
            let body = json!({"date": format!("2026-12-{day:02}T19:00"), "state": "cancelled", "notify": notify});
            let ask = editor.ask("POST", &format!("/posts/{}/dates", post.id)).header("if-match", &post.etag);
            ask.json(&body).send().await
        };
        for day in [2, 3] {
            post = Post::of(&cancel(&post, day, true).await.expect(200));
        }
        assert_used_up(&cancel(&post, 4, true).await, 3, TOO_OFTEN);
        cancel(&post, 4, false).await.expect(200);
    }

    async fn what_else_was_told_holds_no_alert_up(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            settings.limits.tellings_per_post = 2;
            settings.limits.tellings_per_account = 2;
            settings.limits.alerts_per_account = 6;
        });
        let dorf = dorf.await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        for title in ["Eins", "Zwei"] {
            editor.publishes(news(title)).await;
        }
        let third = editor.drafts(news("Drei")).await;
        let too_much = "Mehr als 2 Meldungen an alle";
        assert_used_up(&editor.step(&third, "publish").await, 2, too_much);
        let silent = editor.drafts(news("Still").with("delivery", json!("silent"))).await;
        editor.step(&silent, "publish").await.expect(200);
        let warning = editor.publishes(alert("Wasser abkochen")).await;
        for n in 0..5 {
            announce(&village, &village.editor, &warning, n).await.expect(200);
        }
        assert_used_up(&announce(&village, &village.editor, &warning, 5).await, 6, "Mehr als 6 Meldungen an alle");
        let clear = editor.ask("POST", &format!("/posts/{}/all-clear", warning.id)).header("if-match", &warning.etag);
        clear.json(&json!({"text": "Das Wasser ist wieder gut."})).send().await.expect(200);
        let (account, second) = village.staffed("zweite", json!({"role": "editor"})).await;
        village.may_alert(&account).await;
        for draft in [third, editor.drafts(alert("Sturm")).await] {
            let ask = village.staff("POST", &format!("/posts/{}/publish", draft.id)).bearer(&second);
            ask.header("if-match", &draft.etag).send().await.expect(200);
        }
        let other = dorf.village("stemmen").await;
        other.editor().publishes(news("Nebenan")).await;
    }

    async fn a_club_tells_everybody_so_often_a_day(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.limits.tellings_per_club = 2).await;
        let village = dorf.village("luedenhausen").await;
        let (chor, tsv) = (club(&village, "chor", "trusted").await, club(&village, "tsv", "trusted").await);
        for title in ["Eins", "Zwei"] {
            publish(&village, &chor, title).await.expect(200);
        }
        assert_used_up(&publish(&village, &chor, "Drei").await, 2, "Mehr als 2 Meldungen an alle");
        let manager = dorf.log_in("erste-chor@luedenhausen.example").await;
        assert_used_up(&publish(&village, &manager, "Drei").await, 2, "Mehr als 2 Meldungen an alle");
        publish(&village, &tsv, "Training").await.expect(200);
        village.editor().publishes(news("Rathaus")).await;
        assert_eq!(village.feed().await.titles().len(), 4, "two of the one club, one of the other, one of the town hall");
        dorf.wait(TimeDelta::days(1) + TimeDelta::seconds(1));
        let chor = dorf.log_in("chor@luedenhausen.example").await;
        publish(&village, &chor, "Drei").await.expect(200);
    }

    async fn nobody_saves_up_for_one_day(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.limits.tellings_per_club = 2).await;
        let village = dorf.village("luedenhausen").await;
        let chor = club(&village, "chor", "trusted").await;
        for (title, at) in [("Eins", "2026-11-29T09:00"), ("Zwei", "2026-11-29T18:00"), ("Drei", "2026-11-30T09:00")] {
            plan(&village, &chor, notice(title).0, at).await.expect(200);
        }
        let draft = notice("Vier").0;
        plan(&village, &chor, draft.clone(), "2026-11-29T10:00").await.fault(422, "/publish_at_local");
        dorf.wait(TimeDelta::days(2));
        let chor = dorf.log_in("chor@luedenhausen.example").await;
        plan(&village, &chor, draft.clone(), "2026-11-29T10:00").await.fault(422, "/publish_at_local");
        // Nor does anybody plan silently, and think better of it.
        let silent = notice("Still").with("delivery", json!("silent")).0;
        let planned = Post::of(&plan(&village, &chor, silent, "2026-11-29T10:00").await.expect(200));
        let loud = village.staff("PATCH", &format!("/posts/{}", planned.id)).bearer(&chor).header("if-match", &planned.etag);
        loud.json(&json!({"delivery": "push_and_mail"})).send().await.fault(422, "/delivery");
        publish(&village, &chor, "Heute").await.expect(200);
        plan(&village, &chor, draft, "2026-11-30T10:00").await.expect(200);
    }

    async fn approving_what_a_club_hands_in_is_counted_too(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.limits.tellings_per_post = 1).await;
        let village = dorf.village("luedenhausen").await;
        let chor = club(&village, "chor", "reviewed").await;
        let submitted = step(&village, &chor, notice("Probe").0, ("submit", Value::Null)).await.expect(200);
        let approved = Post::of(&village.editor().step(&Post::of(&submitted), "approve").await.expect(200));
        let public = Post::of(&village.editor().step(&approved, "publish").await.expect(200));
        let path = format!("/posts/{}/revision", public.id);
        let revision = json!({"title": "Generalprobe", "notify": true});
        let handed_in = village.staff("PUT", &path).bearer(&chor).header("if-match", &public.etag).json(&revision).send().await;
        assert!(handed_in.status < 300, "{}", handed_in.text());
        let approve = async |body: Value| {
            let ask = village.editor().ask("POST", &format!("{path}/approve")).header("if-match", &handed_in.header("etag"));
            ask.json(&body).send().await
        };
        assert_used_up(&approve(json!({})).await, 1, TOO_OFTEN);
        approve(json!({"notify": false})).await.expect(200);
    }

    async fn a_calendar_that_is_loaded_again_and_again_tells_so_often_a_day(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.limits.tellings_per_club = 3).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let chor = club(&village, "chor", "trusted").await;
        let calendar = village.event_calendar(&chor, json!({"name": "Chor"})).await;
        for hour in 10..20 {
            let file = ics(&[vevent(&format!("UID:probe|SUMMARY:Probe|DTSTART;TZID=Europe/Berlin:20261125T{hour}0000"))]);
            village.uploads(&chor, &calendar, file).await.expect(201);
            dorf.work_off().await;
        }
        assert_eq!(anna.pushes().len(), 3, "{:?}", anna.pushes());
        assert_eq!(village.public_dates("2026-11-22").await, ["2026-11-25T19:00:00 planned Probe"], "what is not told is public");
        publish(&village, &chor, "Von Hand").await.expect(200);
    }

    async fn a_joint_post_is_told_so_often_a_day(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            settings.limits.tellings_per_post = 2;
            settings.limits.tellings_per_account = 3;
        });
        let dorf = dorf.await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let anna = here.resident("anna").by_push().await;
        let mayor = Mayor::of(&dorf).await;
        let change = async |post: &Post, body: Value| {
            let ask = dorf.ask("PATCH", &format!("{}/{}", mayor.base, post.id)).bearer(&mayor.token);
            ask.header("if-match", &post.etag).json(&body).send().await
        };
        let mut post = mayor.publishes(news("Wasser")).await;
        post = Post::of(&change(&post, json!({"title": "Wasser 1", "notify": true})).await.expect(200));
        assert_used_up(&change(&post, json!({"title": "Wasser 2", "notify": true})).await, 2, TOO_OFTEN);
        change(&post, json!({"title": "Wasser 2"})).await.expect(200);
        mayor.publishes(news("Strom")).await;
        let draft = Post::of(&dorf.ask("POST", &mayor.base).bearer(&mayor.token).json(&news("Gas").0).send().await.expect(201));
        let publish = dorf.ask("POST", &format!("{}/{}/publish", mayor.base, draft.id)).bearer(&mayor.token);
        assert_used_up(&publish.header("if-match", &draft.etag).send().await, 3, "Mehr als 3 Meldungen an alle");
        mayor.publishes(news("Still").with("delivery", json!("silent"))).await;
        dorf.work_off().await;
        assert!((2..=3).contains(&anna.pushes().len()), "{:?}", anna.pushes());
        assert_eq!(there.feed().await.titles().len(), 3);
        // What the municipality tells takes nothing from the villages.
        for village in [&here, &there] {
            for title in ["Eins", "Zwei", "Drei"] {
                village.editor().publishes(news(title)).await;
            }
        }
    }

    async fn two_who_tell_at_once_do_not_wait_for_each_other(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.limits.tellings_per_account = 12).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let mut deeds = Vec::new();
        for n in 0..8 {
            let (public, draft) = (editor.publishes(news("Still").with("delivery", json!("silent"))).await, editor.drafts(news("Neu")).await);
            let loud = editor.changes(&public, &json!({"delivery": "push_and_mail"})).await.expect(200);
            let loud = Post::of(&loud);
            let change = editor.ask("PATCH", &format!("/posts/{}", loud.id)).header("if-match", &loud.etag);
            deeds.push(change.json(&json!({"title": format!("Laut {n}"), "notify": true})).send());
            deeds.push(editor.ask("POST", &format!("/posts/{}/publish", draft.id)).header("if-match", &draft.etag).send());
        }
        let answers = futures_util::future::join_all(deeds).await;
        let of = |status: u16| answers.iter().filter(|reply| reply.status == status).count();
        assert_eq!((of(200), of(429)), (12, 4), "{:?}", answers.iter().map(|reply| reply.status).collect::<Vec<_>>());
    }
}
