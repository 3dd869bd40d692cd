//! Budgets: nobody's mailbox is filled, and nobody is alarmed without end, by one who may write to them.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::clubs::ClubKit;
use tests::kit::{Backend, Dorf, Post, Reply, VillageKit, alert, club, news, notice};
use tests::stories;

/// A refusal that says why, for how long, and how often it may be; a day at most.
fn assert_used_up(reply: &Reply, limit: u32, why: &str) {
    reply.problem(429, "too-many-requests");
    let seconds: u64 = reply.header("retry-after").parse().expect("Retry-After in seconds");
    assert!((1..=86_401).contains(&seconds), "{seconds}");
    assert_eq!(reply.header("ratelimit"), format!("limit={limit}, remaining=0, reset={seconds}"));
    assert!(reply.str("detail").contains(why), "{}", reply.text());
}

fn subscribe(village: &VillageKit<'_>, address: &str) -> impl Future<Output = Reply> {
    village.ask("POST", "/subscriptions").json(&json!({"channel": "email", "email": address})).send()
}

async fn invite(club: &ClubKit<'_>, token: &str, address: &str, key: &str) -> Reply {
    let body = json!({"email": address, "role": "club_author"});
    club.ask("POST", "/invitations", token).header("idempotency-key", key).json(&body).send().await
}

/// Takes back all invitations of a club.
async fn revoke_all(club: &ClubKit<'_>, token: &str) {
    let waiting = club.ask("GET", "/invitations", token).send().await.expect(200).json();
    for one in waiting["items"].as_array().expect("invitations") {
        let path = format!("/invitations/{}", one["id"].as_str().expect("an id"));
        club.ask("DELETE", &path, token).send().await.expect(204);
    }
}

/// Tells a public post once more, as a deed of its own.
async fn announce(village: &VillageKit<'_>, post: &Post, n: u32) -> Reply {
    let ask = village.editor().ask("POST", &format!("/posts/{}/announce", post.id));
    ask.header("if-match", &post.etag).header("idempotency-key", &format!("mal-{n}")).send().await
}

/// An author of a club publishes by itself.
async fn publish(village: &VillageKit<'_>, token: &str, title: &str, how: Option<Value>) -> Reply {
    let post = Post::of(&village.staff("POST", "/posts").bearer(token).json(&notice(title).0).send().await.expect(201));
    let step = if how.is_some() { "schedule" } else { "publish" };
    let ask = village.staff("POST", &format!("/posts/{}/{step}", post.id)).bearer(token).header("if-match", &post.etag);
    match how {
        Some(body) => ask.json(&body).send().await,
        None => ask.send().await,
    }
}

stories! {
    async fn a_mailbox_with_tags_is_asked_as_often_as_one_without(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        for n in 0..5 {
            subscribe(&village, &format!("opfer+{n}@example.org")).await.expect(201);
            subscribe(&other, &format!("Opfer+x{n}@Example.org")).await.expect(201);
        }
        subscribe(&village, "opfer@example.org").await.expect(201);
        dorf.work_off().await;
        let asked: Vec<String> = dorf.mail.mails().into_iter().flat_map(|mail| mail.to).collect();
        assert_eq!(asked.len(), 3, "{asked:?}");
        assert!(asked.iter().any(|to| to == "opfer+0@example.org") && asked.iter().any(|to| to == "opfer+1@example.org"), "each is written to as given: {asked:?}");
        subscribe(&village, "nachbar+1@example.org").await.expect(201);
        dorf.wait(TimeDelta::days(1));
        subscribe(&village, "opfer+9@example.org").await.expect(201);
        dorf.work_off().await;
        assert_eq!(dorf.mail.mails().len(), 5, "somebody else, and the next day");
    }

    async fn one_client_subscribes_twenty_times_an_hour(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            settings.limits.subscriptions_per_client = api::Settings::defaults().expect("defaults").limits.subscriptions_per_client;
        });
        let dorf = dorf.await;
        let village = dorf.village("luedenhausen").await;
        for n in 0..20 {
            subscribe(&village, &format!("anna{n}@example.org")).await.expect(201);
        }
        subscribe(&village, "anna20@example.org").await.problem(429, "too-many-requests");
    }

    async fn a_manager_cannot_fill_a_strangers_mailbox(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.limits.invitations_per_mailbox = 3).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let chor = ClubKit::entered(&village, "chor").await;
        let manager = chor.member("clara", "club_manager").await;
        for (n, address) in ["opfer@example.org", "opfer@example.org", "Opfer+1@Example.org"].into_iter().enumerate() {
            invite(&chor, &manager, address, &format!("e{n}")).await.expect(201);
            revoke_all(&chor, &manager).await;
        }
        let why = "An diese Adresse gingen heute schon genug Einladungen.";
        assert_used_up(&invite(&chor, &manager, "opfer+2@example.org", "e3").await, 3, why);
        invite(&chor, &manager, "Opfer+1@Example.org", "e2").await.expect(201);
        let tsv = ClubKit::entered(&village, "tsv").await;
        assert_used_up(&invite(&tsv, &village.editor, "opfer@example.org", "f").await, 3, why);
        let mails = |dorf: &Dorf| dorf.mail.mails().iter().filter(|mail| mail.to[0].starts_with("opfer") || mail.to[0].starts_with("Opfer")).count();
        assert!(chor.ask("GET", "/invitations", &manager).send().await.expect(200).json()["items"].as_array().is_some_and(Vec::is_empty));
        // What the other village has done with this mailbox is nobody's business.
        let elsewhere = ClubKit::entered(&other, "chor").await;
        invite(&elsewhere, &other.editor, "opfer@example.org", "g").await.expect(201);
        dorf.work_off().await;
        assert!(mails(&dorf) <= 4, "{}", mails(&dorf));
        dorf.wait(TimeDelta::days(1) + TimeDelta::seconds(1));
        invite(&tsv, &village.editor, "opfer@example.org", "h").await.expect(201);
    }

    async fn a_club_invites_so_many_people_a_day(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.limits.invitations_per_club = 5).await;
        let village = dorf.village("luedenhausen").await;
        let (chor, tsv) = (ClubKit::entered(&village, "chor").await, ClubKit::entered(&village, "tsv").await);
        for n in 0..5 {
            invite(&chor, &village.editor, &format!("gast{n}@example.org"), &format!("g{n}")).await.expect(201);
            revoke_all(&chor, &village.editor).await;
        }
        let refused = invite(&chor, &village.editor, "gast5@example.org", "g5").await;
        assert_used_up(&refused, 5, "Der Verein hat heute schon genug eingeladen.");
        invite(&tsv, &village.editor, "gast5@example.org", "t5").await.expect(201);
    }

    async fn a_clubs_name_is_no_place_for_links(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let chor = ClubKit::entered(&village, "chor").await;
        let manager = chor.member("clara", "club_manager").await;
        for name in ["Gewinn! http://evil.example/abc", "Gewinn HTTPS://evil.example", "Siehe WWW.evil.example", "ftp://evil.example"] {
            let change = chor.ask("PATCH", "", &manager).header("if-match", &chor.etag().await).json(&json!({"name": name}));
            change.send().await.fault(422, "/name");
            let body = json!({"slug": "neu", "name": name, "category": "culture"});
            village.staff("POST", "/clubs").bearer(&village.editor).json(&body).send().await.fault(422, "/name");
            let applied = json!({
                "name": name, "category": "heritage", "description_markdown": "Wir pflegen die Wege.",
                "contact_name": "Dieter", "contact_email": "dieter@example.org",
            });
            village.ask("POST", "/club-applications").json(&applied).send().await.fault(422, "/name");
        }
        let change = chor.ask("PATCH", "", &manager).header("if-match", &chor.etag().await);
        change.json(&json!({"name": "TuS 1. FC Lüdenhausen e.V."})).send().await.expect(200);
    }

    async fn a_post_is_told_to_all_so_often_a_day(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.limits.tellings_per_post = 4).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let editor = village.editor();
        let post = editor.publishes(news("Dorffest")).await;
        let mut told = editor.changes(&post, &json!({"title": "Dorffest 1", "notify": true})).await.expect(200);
        for n in 0..2 {
            announce(&village, &Post::of(&told), n).await.expect(200);
        }
        let why = "haben von diesem Beitrag heute schon oft genug gehört";
        assert_used_up(&announce(&village, &Post::of(&told), 2).await, 4, why);
        announce(&village, &Post::of(&told), 1).await.expect(200);
        let loud = json!({"title": "Dorffest 2", "notify": true});
        assert_used_up(&editor.changes(&Post::of(&told), &loud).await, 4, why);
        told = editor.changes(&Post::of(&told), &json!({"title": "Dorffest 2"})).await.expect(200);
        assert_eq!(told.str("title"), "Dorffest 2", "changing it silently is free");
        let outbox = dorf.database.column("SELECT CAST(COUNT(*) AS text) FROM notification WHERE post_id IS NOT NULL").await;
        assert_eq!(outbox, ["4"], "what was refused left nothing behind");
        dorf.work_off().await;
        assert!(anna.pushes().len() <= 4);
        editor.publishes(news("Anderes")).await;
        dorf.wait(TimeDelta::days(1) + TimeDelta::seconds(1));
        announce(&village, &Post::of(&told), 3).await.expect(200);
    }

    async fn alerts_of_the_town_hall_are_never_held_up(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            settings.limits.tellings_per_post = 2;
            settings.limits.tellings_per_account = 2;
        });
        let dorf = dorf.await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        for title in ["Eins", "Zwei"] {
            editor.publishes(news(title)).await;
        }
        let third = editor.drafts(news("Drei")).await;
        assert_used_up(&editor.step(&third, "publish").await, 2, "Mehr als 2 Meldungen an alle");
        let silent = editor.drafts(news("Still").with("delivery", json!("silent"))).await;
        editor.step(&silent, "publish").await.expect(200);
        let warning = editor.publishes(alert("Wasser abkochen")).await;
        for n in 0..5 {
            announce(&village, &warning, n).await.expect(200);
        }
        let (_, second) = village.staffed("zweite", json!({"role": "editor"})).await;
        let ask = village.staff("POST", &format!("/posts/{}/publish", third.id)).bearer(&second);
        ask.header("if-match", &third.etag).send().await.expect(200);
    }

    async fn a_club_tells_everybody_so_often_a_day(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.limits.tellings_per_club = 3).await;
        let village = dorf.village("luedenhausen").await;
        let (chor, tsv) = (club(&village, "chor", "trusted").await, club(&village, "tsv", "trusted").await);
        for title in ["Eins", "Zwei"] {
            publish(&village, &chor, title, None).await.expect(200);
        }
        let tomorrow = Some(json!({"publish_at_local": "2026-11-23T09:00"}));
        publish(&village, &chor, "Drei", tomorrow.clone()).await.expect(200);
        let why = "Mehr als 3 Meldungen an alle";
        assert_used_up(&publish(&village, &chor, "Vier", None).await, 3, why);
        assert_used_up(&publish(&village, &chor, "Fünf", tomorrow).await, 3, why);
        publish(&village, &tsv, "Training", None).await.expect(200);
        village.editor().publishes(news("Rathaus")).await;
        dorf.work_off().await;
        assert_eq!(village.feed().await.titles().len(), 4, "two of the one club, one of the other, one of the town hall");
        dorf.wait(TimeDelta::days(1) + TimeDelta::seconds(1));
        publish(&village, &chor, "Vier", None).await.expect(200);
    }
}
