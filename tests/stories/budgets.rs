//! Budgets: nobody's mailbox is filled by a stranger, and no club's name carries links to it.

use chrono::TimeDelta;
use serde_json::json;
use tests::kit::clubs::ClubKit;
use tests::kit::{Backend, Dorf, Reply, VillageKit};
use tests::stories;

fn subscribe(village: &VillageKit<'_>, address: &str) -> impl Future<Output = Reply> {
    village.ask("POST", "/subscriptions").json(&json!({"channel": "email", "email": address})).send()
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
}
