//! What residents may ask for: that somebody looks at a post, what is stored about them, what they agreed to.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, VillageKit, news};
use tests::stories;

/// Reports a post as anybody; gives the report and its secret.
async fn reports(village: &VillageKit<'_>, post: &str, body: &Value) -> (String, String) {
    let reply = village.ask("POST", &format!("/posts/{post}/reports")).json(body).send().await.expect(201);
    (reply.str("id"), reply.str("secret"))
}

/// What the holder of a secret reads of a report.
async fn decision(village: &VillageKit<'_>, report: &(String, String)) -> Value {
    village.ask("GET", &format!("/reports/{}", report.0)).bearer(&report.1).send().await.expect(200).json()
}

stories! {
    async fn a_reported_post_is_decided_and_everybody_concerned_learns_why(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let bad = village.editor().publishes(news("Foto vom Nachbarn")).await;
        let good = village.editor().publishes(news("Markt am Samstag")).await;
        let first = reports(&village, &bad.id, &json!({"reason": "privacy", "explanation": "Das bin ich."})).await;
        let second = reports(&village, &bad.id, &json!({"reason": "offensive"})).await;
        let third = reports(&village, &good.id, &json!({"reason": "wrong"})).await;
        assert_eq!(decision(&village, &first).await["state"], "open");
        let queue = village.staff("GET", "/reports?limit=2").bearer(&village.editor).send().await.expect(200).json();
        assert_eq!(queue["items"][0]["explanation"], "Das bin ich.");
        assert_eq!(queue["items"][0]["post_title"], "Foto vom Nachbarn");
        let next = format!("/reports?cursor={}", queue["next_cursor"].as_str().expect("more"));
        let rest = village.staff("GET", &next).bearer(&village.editor).send().await.expect(200).json();
        assert_eq!(rest["items"].as_array().map(Vec::len), Some(1), "{rest}");
        let decide = async |report: &str, decision: &str| {
            let body = json!({"decision": decision, "reasons": "Die abgebildete Person hat nicht zugestimmt."});
            village.staff("POST", &format!("/reports/{report}/decision")).bearer(&village.editor).json(&body).send().await
        };
        decide(&first.0, "withdraw").await.expect(200);
        decide(&second.0, "keep").await.problem(409, "conflict");
        decide(&third.0, "keep").await.expect(200);
        for report in [&first, &second] {
            let told = decision(&village, report).await;
            assert_eq!(told["state"], "withdrawn", "{told}");
            assert_eq!(told["reasons"], "Die abgebildete Person hat nicht zugestimmt.");
        }
        assert_eq!(decision(&village, &third).await["state"], "kept");
        assert_eq!(village.feed().await.titles(), ["Markt am Samstag"]);
        dorf.work_off().await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Markt am Samstag"], "what was not sent of it is not sent");
        let told = village.staff("GET", &format!("/posts/{}/reports", bad.id)).bearer(&village.editor).send().await;
        let told = told.expect(200).json();
        assert_eq!(told["items"].as_array().map(Vec::len), Some(2), "{told}");
        assert!(told["items"][0].get("explanation").is_none(), "the author does not learn who it was: {told}");
        assert!(village.audit().await.iter().any(|line| line["action"] == "report.upheld"));
    }

    async fn who_was_told_of_a_post_is_told_that_a_report_had_it_withdrawn(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let post = village.editor().publishes(news("Neuer Spielplatz")).await;
        dorf.work_off().await;
        let emil = village.resident("emil").by_push().await;
        assert_eq!((anna.pushes(), emil.pushes().len()), (vec!["Lüdenhausen · Neuer Spielplatz".to_owned()], 0));
        let report = reports(&village, &post.id, &json!({"reason": "privacy", "explanation": "Das ist mein Kind."})).await;
        let body = json!({"decision": "withdraw", "reasons": "Die Eltern hatten nicht zugestimmt."});
        let decide = village.staff("POST", &format!("/reports/{}/decision", report.0)).bearer(&village.editor).json(&body);
        decide.send().await.expect(200);
        dorf.work_off().await;
        dorf.work_off().await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Neuer Spielplatz", "Lüdenhausen · Zurückgenommen: Neuer Spielplatz"]);
        assert_eq!(emil.pushes(), [""; 0], "who came later knows nothing of it");
    }

    async fn a_report_is_its_reporters_alone_and_only_of_what_is_public(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let post = village.editor().publishes(news("Hallo")).await;
        let draft = village.editor().drafts(news("Entwurf")).await;
        let mine = reports(&village, &post.id, &json!({"reason": "wrong"})).await;
        let theirs = reports(&village, &post.id, &json!({"reason": "wrong"})).await;
        let path = format!("/reports/{}", mine.0);
        village.ask("GET", &path).send().await.problem(401, "unauthenticated");
        village.ask("GET", &path).bearer(&theirs.1).send().await.problem(404, "not-found");
        other.ask("GET", &path).bearer(&mine.1).send().await.problem(404, "not-found");
        let report = async |in_village: &VillageKit<'_>, post: &str, body: Value| {
            in_village.ask("POST", &format!("/posts/{post}/reports")).json(&body).send().await
        };
        report(&village, &draft.id, json!({"reason": "wrong"})).await.problem(404, "not-found");
        report(&other, &post.id, json!({"reason": "wrong"})).await.problem(404, "not-found");
        report(&village, &post.id, json!({"reason": "boring"})).await.problem(400, "invalid-body");
        let long = report(&village, &post.id, json!({"reason": "wrong", "explanation": "x".repeat(2001)})).await;
        long.problem(422, "unprocessable");
        assert_eq!(long.json()["errors"][0]["pointer"], "/explanation");
        other.staff("GET", "/reports").bearer(&village.editor).send().await.problem(404, "not-found");
    }

    async fn reports_are_limited_per_client_and_forgotten_in_time(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.limits.reports_per_client = 2).await;
        let village = dorf.village("luedenhausen").await;
        let post = village.editor().publishes(news("Hallo")).await;
        let mine = reports(&village, &post.id, &json!({"reason": "wrong"})).await;
        reports(&village, &post.id, &json!({"reason": "wrong"})).await;
        let again = village.ask("POST", &format!("/posts/{}/reports", post.id)).json(&json!({"reason": "wrong"}));
        again.send().await.problem(429, "too-many-requests");
        let body = json!({"decision": "keep", "reasons": "Stimmt so."});
        let decide = village.staff("POST", &format!("/reports/{}/decision", mine.0)).bearer(&village.editor).json(&body);
        decide.send().await.expect(200);
        dorf.wait(TimeDelta::days(181));
        dorf.keep_house().await;
        village.ask("GET", &format!("/reports/{}", mine.0)).bearer(&mine.1).send().await.problem(404, "not-found");
        assert_eq!(dorf.database.column("SELECT CAST(COUNT(*) AS text) FROM report").await, ["1"], "the open one stays");
    }

    async fn a_subscription_can_be_taken_out_whole_and_tells_what_was_agreed_to(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let words = village.ask("GET", "/consent").send().await.expect(200).json();
        let asked_at = dorf.clock.now();
        let mut anna = village.resident("anna").follows("verkehr").asks_by_mail().await;
        dorf.wait(TimeDelta::minutes(5));
        dorf.work_off().await;
        let page = dorf.ask("GET", &anna.confirmation_link()).send().await.expect(200);
        assert!(page.text().contains(words["text"].as_str().expect("words")), "what is agreed to is shown: {}", page.text());
        anna.confirms().await;
        let post = village.editor().publishes(news("Brücke gesperrt").on("verkehr")).await;
        dorf.work_off().await;
        let path = format!("/subscriptions/{}/export", anna.subscription);
        let all = village.ask("GET", &path).bearer(&anna.secret).send().await.expect(200).json();
        assert_eq!(all["subscription"]["email"], anna.address());
        let acts: Vec<&Value> = all["consents"].as_array().expect("consents").iter().map(|line| &line["act"]).collect();
        assert_eq!(acts, ["asked", "given"], "{all}");
        assert_eq!(all["consents"][1]["text_version"], words["version"]);
        let at = all["consents"][0]["at"].as_str().and_then(|at| at.parse::<chrono::DateTime<chrono::Utc>>().ok());
        assert_eq!(at, Some(asked_at), "{all}");
        assert_eq!(all["deliveries"][0]["post"], post.id.as_str(), "{all}");
        assert_eq!(all["deliveries"][0]["state"], "sent", "{all}");
        village.ask("GET", &path).send().await.problem(401, "unauthenticated");
        anna.ask("DELETE").send().await.expect(204);
        village.ask("GET", &path).bearer(&anna.secret).send().await.problem(404, "not-found");
        let acts = dorf.database.column("SELECT CAST(act AS text) FROM consent ORDER BY id").await;
        assert_eq!(acts, ["0", "1", "2"], "the withdrawal is written down");
    }
}

#[test]
fn every_consent_text_there_was_is_kept_word_by_word() {
    let kept = include_str!("../../docs/consent.md");
    let (version, text) = api::consent();
    let section = kept.split(&format!("## {version}\n")).nth(1).expect("the version is in docs/consent.md");
    let section = section.split("\n## ").next().unwrap_or_default();
    for words in text {
        assert!(section.contains(&words), "docs/consent.md, {version}, lacks: {words}");
    }
}
