//! Budgets: nobody's mailbox is filled, and nobody is alarmed without end, by one who may write to them.

mod loudness;

use chrono::TimeDelta;
use serde_json::json;
use tests::kit::clubs::ClubKit;
use tests::kit::{Backend, Dorf, PASSWORD, Reply, VillageKit};
use tests::stories;

/// A refusal that says why, for how long, and how often it may be; a day at most.
#[track_caller]
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

fn apply(village: &VillageKit<'_>, name: &str, address: &str) -> impl Future<Output = Reply> {
    let application = json!({
        "name": name, "category": "heritage", "description_markdown": "Wir pflegen die Wege.",
        "contact_name": "Dieter", "contact_email": address,
    });
    village.ask("POST", "/club-applications").json(&application).send()
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

/// The mails to a mailbox, in whatever way it was written.
fn mails_to(dorf: &Dorf, local: &str) -> usize {
    dorf.mail.mails().iter().filter(|mail| mail.to[0].to_lowercase().starts_with(local)).count()
}

stories! {
    async fn a_mailbox_with_tags_is_asked_as_often_as_one_without(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        for n in 0..5 {
            subscribe(&village, &format!("opfer+{n}@example.org")).await.expect(201);
            subscribe(&other, &format!("Opfer+x{n}@Example.org")).await.expect(201);
        }
        for same in ["opfer@example.org", "o.p.f.e.r@example.org", "op-fer@example.org", "Opf_er+x@example.org"] {
            subscribe(&village, same).await.expect(201);
        }
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

    async fn a_stranger_has_few_people_asked_and_many_devices_subscribe(on: Backend) {
        let defaults = api::Settings::defaults().expect("defaults").limits;
        let dorf = Dorf::start_with(on, |settings| {
            settings.limits.questions_per_client = defaults.questions_per_client;
            settings.limits.subscriptions_per_client = defaults.subscriptions_per_client;
        });
        let dorf = dorf.await;
        let village = dorf.village("luedenhausen").await;
        for n in 0..19 {
            subscribe(&village, &format!("anna{n}@example.org")).await.expect(201);
        }
        subscribe(&village, "kein Postfach").await.fault(422, "/email");
        apply(&village, "Heimatverein", "dieter@example.org").await.expect(202);
        subscribe(&village, "anna20@example.org").await.problem(429, "too-many-requests");
        apply(&village, "Heimatverein", "doris@example.org").await.problem(429, "too-many-requests");
        for n in 0..10 {
            village.resident(&format!("bert{n}")).by_push().await;
        }
        dorf.work_off().await;
        assert_eq!(dorf.mail.mails().len(), 20);
    }

    async fn a_whole_network_of_addresses_is_no_thousand_strangers(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            settings.limits.questions_per_client = 1;
            settings.http.trusted_proxies = vec![[127, 0, 0, 1].into()];
        });
        let dorf = dorf.await;
        let village = dorf.village("luedenhausen").await;
        let from = |client: String| {
            let body = json!({"channel": "email", "email": format!("anna{}@example.org", client.len())});
            village.ask("POST", "/subscriptions").header("x-forwarded-for", &client).json(&body).send()
        };
        for n in 0..16 {
            from(format!("2001:db8:1:{n:x}::1")).await.expect(201);
        }
        let refused = from("2001:db8:1:ffff::1".to_owned()).await;
        refused.problem(429, "too-many-requests");
        assert!(refused.header("ratelimit").starts_with("limit=16, "), "{}", refused.header("ratelimit"));
        from("2001:db8:2:1::1".to_owned()).await.expect(201);
        for n in 0..20 {
            from(format!("192.0.2.{n}")).await.expect(201);
        }
    }

    async fn a_log_in_cannot_fill_a_strangers_mailbox_with_new_addresses(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        for n in 0..6 {
            let body = json!({"password": PASSWORD, "email": format!("opfer+{n}@example.org")});
            dorf.ask("POST", "/v1/admin/me/email").bearer(&village.editor).json(&body).send().await.expect(202);
        }
        dorf.work_off().await;
        assert_eq!(mails_to(&dorf, "op"), 3);
        dorf.wait(TimeDelta::hours(2));
        let body = json!({"password": PASSWORD, "email": "op.fer@example.org"});
        let editor = dorf.log_in("editor@luedenhausen.example").await;
        dorf.ask("POST", "/v1/admin/me/email").bearer(&editor).json(&body).send().await.expect(202);
        dorf.work_off().await;
        assert_eq!(mails_to(&dorf, "op"), 3, "a day, not an hour");
    }

    async fn a_manager_cannot_fill_a_strangers_mailbox(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.limits.invitations_per_mailbox = 3).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let chor = ClubKit::entered(&village, "chor").await;
        let manager = chor.member("clara", "club_manager").await;
        for (n, address) in ["opfer@example.org", "opfer@example.org", "Opfer+1@Example.org"].into_iter().enumerate() {
            invite(&chor, &manager, address, &format!("e{n}")).await.expect(201);
            // What is taken back before it went out is not sent.
            dorf.work_off().await;
            revoke_all(&chor, &manager).await;
        }
        let why = "An diese Adresse gingen heute schon genug Einladungen.";
        assert_used_up(&invite(&chor, &manager, "opfer+2@example.org", "e3").await, 3, why);
        invite(&chor, &manager, "Opfer+1@Example.org", "e2").await.expect(201);
        let tsv = ClubKit::entered(&village, "tsv").await;
        assert_used_up(&invite(&tsv, &village.editor, "opfer@example.org", "f").await, 3, why);
        assert!(chor.ask("GET", "/invitations", &manager).send().await.expect(200).json()["items"].as_array().is_some_and(Vec::is_empty));
        // What the other village has done with this mailbox is nobody's business.
        let elsewhere = ClubKit::entered(&other, "chor").await;
        invite(&elsewhere, &other.editor, "opfer@example.org", "g").await.expect(201);
        dorf.work_off().await;
        assert_eq!(mails_to(&dorf, "opfer"), 4);
        dorf.wait(TimeDelta::days(1) + TimeDelta::seconds(1));
        let editor = dorf.log_in("editor@luedenhausen.example").await;
        invite(&tsv, &editor, "opfer@example.org", "h").await.expect(201);
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
        let links = [
            "Gewinn! http://evil.example/abc", "Gewinn HTTPS://evil.example", "Siehe WWW.evil.example", "ftp://evil.example",
            "Gewinn: evil.example/abc", "Evil.De", "(gewinn.xn--p1ai)", "post@evil.example", "163.com/a", "Gewinn evil。example",
        ];
        for name in links {
            let change = chor.ask("PATCH", "", &manager).header("if-match", &chor.etag().await).json(&json!({"name": name}));
            change.send().await.fault(422, "/name");
            let body = json!({"slug": "neu", "name": name, "category": "culture"});
            village.staff("POST", "/clubs").bearer(&village.editor).json(&body).send().await.fault(422, "/name");
            apply(&village, name, "dieter@example.org").await.fault(422, "/name");
        }
        for name in ["TuS 1. FC Lüdenhausen e.V.", "1.FC Kalletal", "K.S.V. von 1908 e.V.", "Haus- und Hofverein i.L.", "St. Georg/St. Anna", "Web 2.0"] {
            let change = chor.ask("PATCH", "", &manager).header("if-match", &chor.etag().await);
            change.json(&json!({"name": name})).send().await.expect(200);
        }
    }
}
