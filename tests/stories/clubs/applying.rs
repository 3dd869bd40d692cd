//! Clubs that apply by themselves.

use serde_json::{Value, json};
use tests::kit::clubs::{ClubKit, link_in_mail_to, token_of};
use tests::kit::{Backend, Dorf, Reply, VillageKit};
use tests::stories;

const ADDRESS: &str = "dieter@heimatverein.example";

async fn apply(village: &VillageKit<'_>, name: &str) -> Reply {
    let body = json!({
        "name": name, "category": "heritage", "description_markdown": "Wir pflegen die Wege. <script>x</script>",
        "contact_name": "Dieter", "contact_email": ADDRESS,
    });
    village.ask("POST", "/club-applications").json(&body).send().await
}

async fn applied(village: &VillageKit<'_>) -> Vec<Value> {
    let list = village.staff("GET", "/clubs?state=applied").bearer(&village.editor).send().await.expect(200).json();
    list["items"].as_array().cloned().expect("clubs")
}

async fn confirmed(village: &VillageKit<'_>) {
    village.dorf.work_off().await;
    let link = link_in_mail_to(village, ADDRESS);
    let form = "application/x-www-form-urlencoded";
    village.dorf.ask("POST", &link).header("content-type", form).bytes(String::new()).send().await.expect(200);
}

stories! {
    async fn a_club_applies_and_the_town_hall_approves(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        apply(&village, "Heimatverein Lüdenhausen").await.expect(202);
        dorf.work_off().await;
        assert!(applied(&village).await.is_empty(), "not before the mailbox is confirmed");
        let mail = dorf.mail.mails_to(ADDRESS).pop().expect("a mail");
        assert!(!mail.text().contains("Heimatverein") && !mail.html().contains("Dieter"), "no words of a stranger's");
        let link = link_in_mail_to(&village, ADDRESS);
        assert!(dorf.ask("GET", &link).send().await.expect(200).text().contains("Ja, das ist richtig"));
        assert!(applied(&village).await.is_empty(), "looking changes nothing");
        confirmed(&village).await;
        let waiting = applied(&village).await;
        assert_eq!(waiting[0]["club"]["slug"], "heimatverein-luedenhausen");
        assert!(!waiting[0]["club"]["description_html"].as_str().expect("HTML").contains("<script"));
        village.ask("GET", "/clubs/heimatverein-luedenhausen").send().await.problem(404, "not-found");
        let verein = ClubKit { village: &village, slug: "heimatverein-luedenhausen".to_owned() };
        verein.decides("POST", "approve", None).await.expect(200);
        verein.decides("POST", "approve", None).await.problem(409, "conflict");
        dorf.work_off().await;
        verein.accepts(&link_in_mail_to(&village, ADDRESS), "dieter").await.expect(204);
        let dieter = dorf.log_in(ADDRESS).await;
        verein.ask("GET", "", &dieter).send().await.expect(200);
        village.ask("GET", "/clubs/heimatverein-luedenhausen").send().await.expect(200);
    }

    async fn a_club_that_is_declined_is_told_why(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        apply(&village, "Schnell reich e.V.").await.expect(202);
        confirmed(&village).await;
        let slug = applied(&village).await[0]["club"]["slug"].as_str().expect("a slug").to_owned();
        let verein = ClubKit { village: &village, slug };
        verein.decides("POST", "decline", Some(json!({"reason": " "}))).await.fault(422, "/reason");
        let etag = verein.etag().await;
        let decline = || verein.ask("POST", "/decline", &village.editor).header("if-match", &etag).json(&json!({"reason": "Kein Verein."})).send();
        let both = futures_util::future::join(decline(), decline()).await;
        let mut statuses = [both.0.status, both.1.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "of two who decide at once one is told");
        dorf.work_off().await;
        let mail = dorf.mail.mails_to(ADDRESS).pop().expect("a mail");
        assert!(mail.text().contains("Kein Verein."), "{}", mail.text());
    }

    async fn applications_are_bounded_confirmed_once_and_forgotten(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        for n in 0..5 {
            apply(&village, &format!("Verein {n}")).await.expect(202);
        }
        dorf.work_off().await;
        assert_eq!(dorf.mail.mails_to(ADDRESS).len(), 3, "a foreign mailbox gets a few mails at most");
        let token = token_of(&link_in_mail_to(&village, ADDRESS)).to_owned();
        let confirm = |village: &VillageKit<'_>, token: &str| village.ask("POST", "/club-applications/confirm").json(&json!({"token": token}));
        confirm(&other, &token).send().await.problem(404, "not-found");
        confirm(&village, "erfunden").send().await.problem(404, "not-found");
        confirm(&village, &token).send().await.expect(204);
        confirm(&village, &token).send().await.problem(404, "not-found");
        dorf.wait(chrono::TimeDelta::hours(49));
        dorf.keep_house().await;
        let left = dorf.database.column("SELECT contact_email FROM club_application").await;
        assert!(left.is_empty(), "what was not confirmed is forgotten");
        for (field, value) in [("name", json!("x".repeat(101))), ("contact_email", json!("a@b\r\nBcc: c@d.e")), ("name", json!("A\u{0}B"))] {
            let mut body = json!({"name": "Verein", "category": "other", "contact_name": "D", "contact_email": ADDRESS});
            body[field] = value;
            village.ask("POST", "/club-applications").json(&body).send().await.fault(422, &format!("/{field}"));
        }
    }
}
