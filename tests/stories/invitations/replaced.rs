//! One open invitation of an address at a place, one role that counts, and links that say what became of them.

use super::{NEW, accepts, actions, invited, invites};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::clubs::{ClubKit, link_in_mail_to, token_of};
use tests::kit::{Backend, Dorf, PASSWORD, VillageKit};
use tests::stories;

/// What somebody is in a village, as its admin sees it.
async fn roles_of(village: &VillageKit<'_>, email: &str) -> Vec<String> {
    let list = village.staff("GET", "/editors").bearer(&village.admin).send().await.expect(200).json();
    let items = list["items"].as_array().expect("the staff").iter().filter(|one| one["email"] == email);
    items.map(|one| one["role"].as_str().expect("a role").to_owned()).collect()
}

/// The details of the latest line of this kind.
async fn detail(village: &VillageKit<'_>, action: &str) -> String {
    let lines = village.audit().await;
    let line = lines.iter().find(|line| line["action"] == action).unwrap_or_else(|| panic!("no {action}: {lines:?}"));
    line["detail"].as_str().unwrap_or_default().to_owned()
}

/// The latest mail to an address, on one line.
fn mail_to(dorf: &Dorf, email: &str) -> String {
    let mail = dorf.mail.mails_to(email).pop().expect("a mail");
    mail.text().split_whitespace().collect::<Vec<_>>().join(" ")
}

stories! {
    async fn an_address_has_one_open_invitation_in_a_village_whatever_the_role(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let ida = "ida@rathaus.example";
        let first = invited(&village, ida, "editor").await;
        let second = invited(&village, ida, "contributor").await;
        let list = village.staff("GET", "/staff-invitations").bearer(&village.admin).send().await.expect(200).json();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
        assert_eq!(detail(&village, "staff.invited").await, "contributor (in place of an earlier invitation)");
        let refused = accepts(&village, &first, Some("Ida"), NEW).await;
        refused.problem(404, "not-found");
        assert!(refused.text().contains("noch einmal eingeladen"), "{}", refused.text());
        accepts(&village, &second, Some("Ida"), NEW).await.expect(204);
        assert_eq!(roles_of(&village, ida).await, ["contributor"]);
        // What the operator has sent is not for the admin to replace.
        let person = json!({"email": "ada@rathaus.example"});
        let path = "/v1/operator/villages/luedenhausen/admins";
        dorf.ask("POST", path).bearer(dorf.operator().await).json(&person).send().await.expect(201);
        dorf.work_off().await;
        let admins = link_in_mail_to(&village, "ada@rathaus.example");
        invites(&village, "ada@rathaus.example", "editor").await.problem(409, "conflict");
        accepts(&village, &admins, Some("Ada"), NEW).await.expect(204);
    }

    async fn a_further_role_takes_the_place_of_a_lesser_one_and_never_of_a_greater(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let ida = "ida@rathaus.example";
        let link = invited(&village, ida, "contributor").await;
        accepts(&village, &link, Some("Ida"), NEW).await.expect(204);
        let link = invited(&village, ida, "editor").await;
        accepts(&village, &link, None, NEW).await.expect(204);
        assert_eq!(roles_of(&village, ida).await, ["editor"]);
        assert_eq!(actions(&village).await[..2], ["role.accepted", "role.replaced"]);
        assert_eq!(detail(&village, "role.replaced").await, "contributor by editor");
        invites(&village, ida, "contributor").await.problem(409, "conflict");
        // Given while the invitation was under way, a greater role stays.
        let person = json!({"email": "ada@rathaus.example", "name": "Ada", "password": NEW});
        let link = invited(&village, "ada@rathaus.example", "contributor").await;
        village.hires(&person).await.expect(201);
        accepts(&village, &link, None, NEW).await.expect(204);
        assert_eq!(roles_of(&village, "ada@rathaus.example").await, ["editor"]);
        assert_eq!(detail(&village, "role.accepted").await, "contributor (stays editor)");
        // A stand-in goes back to what was before.
        let link = invited(&village, "otto@rathaus.example", "contributor").await;
        accepts(&village, &link, Some("Otto"), NEW).await.expect(204);
        let term = json!({"email": "otto@rathaus.example", "ends_at": dorf.clock.now() + TimeDelta::hours(1)});
        village.staff("POST", "/editors").bearer(&village.admin).json(&term).send().await.expect(201);
        dorf.work_off().await;
        accepts(&village, &link_in_mail_to(&village, "otto@rathaus.example"), None, NEW).await.expect(204);
        assert_eq!(roles_of(&village, "otto@rathaus.example").await, ["editor", "contributor"]);
        dorf.wait(TimeDelta::hours(1));
        // Whoever has the role for a time only is invited to it for ever; nothing of the others is left then.
        let token = dorf.log_in("admin@luedenhausen.example").await;
        let body = json!({"email": "otto@rathaus.example"});
        village.staff("POST", "/editors").bearer(&token).json(&body).send().await.expect(201);
        dorf.work_off().await;
        accepts(&village, &link_in_mail_to(&village, "otto@rathaus.example"), None, NEW).await.expect(204);
        assert_eq!(roles_of(&village, "otto@rathaus.example").await, ["editor"]);
    }

    async fn a_link_that_is_good_no_more_says_why_to_whoever_has_it(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let operator = dorf.operator().await;
        let club = ClubKit::entered(&village, "gesangverein").await;
        let editors = format!("/v1/operator/municipalities/{}/editors", dorf.municipality().await);
        let waiting = format!("/v1/operator/municipalities/{}/invitations", dorf.municipality().await);
        let by_staff = async |name: &str| {
            let reply = invites(&village, &format!("{name}@rathaus.example"), "editor").await.expect(201);
            (reply.str("invitation"), format!("{name}@rathaus.example"))
        };
        let by_club = async |name: &str| {
            let body = json!({"email": format!("{name}@verein.example"), "role": "club_author"});
            let reply = club.ask("POST", "/invitations", &village.editor).json(&body).send().await.expect(201);
            (reply.str("id"), format!("{name}@verein.example"))
        };
        let by_municipality = async |name: &str| {
            let body = json!({"email": format!("{name}@kalletal.example")});
            let reply = dorf.ask("POST", &editors).bearer(operator).json(&body).send().await.expect(201);
            (reply.str("invitation"), format!("{name}@kalletal.example"))
        };
        let link = async |(_, email): &(String, String)| {
            dorf.work_off().await;
            link_in_mail_to(&village, email)
        };
        let page = async |link: &str| dorf.ask("GET", link).send().await.expect(200).text();
        let (used, back, old) = (
            [by_staff("used").await, by_club("used").await, by_municipality("used").await],
            [by_staff("back").await, by_club("back").await, by_municipality("back").await],
            [by_staff("old").await, by_club("old").await, by_municipality("old").await],
        );
        let replaced = [by_staff("twice").await, by_club("twice").await, by_municipality("twice").await];
        let mut links: Vec<[String; 4]> = Vec::new();
        for n in 0..3 {
            links.push([link(&used[n]).await, link(&back[n]).await, link(&replaced[n]).await, link(&old[n]).await]);
        }
        for [used, ..] in &links {
            let (path, _) = used.rsplit_once('/').expect("a path");
            let body = json!({"token": token_of(used), "name": "Uwe", "password": PASSWORD});
            dorf.ask("POST", &format!("{path}/accept")).json(&body).send().await.expect(204);
        }
        let paths = [
            (format!("/v1/admin/villages/luedenhausen/staff-invitations/{}", back[0].0), village.admin.as_str()),
            (format!("/v1/admin/villages/luedenhausen/clubs/gesangverein/invitations/{}", back[1].0), &village.editor),
            (format!("{waiting}/{}", back[2].0), operator),
        ];
        for (path, token) in &paths {
            dorf.ask("DELETE", path).bearer(token).send().await.expect(204);
        }
        by_staff("twice").await;
        by_club("twice").await;
        by_municipality("twice").await;
        let words = ["schon angenommen", "zurückgenommen", "noch einmal eingeladen", "abgelaufen"];
        let say = async |upto: usize| {
            for links in &links {
                for (link, words) in links.iter().zip(words).take(upto) {
                    let page = page(link).await;
                    assert!(page.contains("Der Link gilt nicht mehr") && page.contains(words), "{words}: {page}");
                }
            }
        };
        say(3).await;
        dorf.wait(TimeDelta::days(15));
        say(4).await;
        dorf.keep_house().await;
        say(4).await;
        assert!(dorf.database.column("SELECT email FROM staff_invitation").await.is_empty(), "nobody is remembered");
        // Whoever has no link learns nothing.
        let foreign = format!("/v1/villages/stemmen/staff-invitations/{}", token_of(&links[0][0]));
        let invented = format!("/v1/villages/luedenhausen/staff-invitations/{}", "A".repeat(43));
        for link in [&foreign, &invented] {
            let page = page(link).await;
            assert!(!words.iter().any(|words| page.contains(words)) && page.contains("Der Link gilt nicht<"), "{page}");
        }
        accepts(&other, &links[0][0], None, PASSWORD).await.problem(404, "not-found");
        dorf.wait(TimeDelta::days(91));
        dorf.keep_house().await;
        assert!(dorf.database.column("SELECT CAST(ending AS text) FROM ended_invitation").await.is_empty());
    }

    async fn an_invitation_says_who_invites_where_and_to_what(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let ida = "ida@rathaus.example";
        invited(&village, ida, "contributor").await;
        let mail = mail_to(&dorf, ida);
        assert!(mail.contains("admin luedenhausen lädt Sie ein, für das Rathaus in Lüdenhausen mitzuarbeiten. Ihre Rolle: Mitarbeit."), "{mail}");
        ClubKit::entered(&village, "gesangverein").await.invites("clara", "club_manager", &village.editor).await;
        let mail = mail_to(&dorf, "clara@luedenhausen.example");
        assert!(mail.contains("editor luedenhausen lädt Sie ein, in Lüdenhausen für „Verein gesangverein“ zu schreiben."), "{mail}");
        assert!(mail.contains("Ihre Rolle: Verantwortung für den Verein."), "{mail}");
        let operator = dorf.operator().await;
        let name = dorf.ask("GET", "/v1/admin/me").bearer(operator).send().await.expect(200).str("name");
        let path = format!("/v1/operator/municipalities/{}/editors", dorf.municipality().await);
        dorf.ask("POST", &path).bearer(operator).json(&json!({"email": ida})).send().await.expect(201);
        dorf.work_off().await;
        let mail = mail_to(&dorf, ida);
        assert!(mail.contains(&format!("{name} lädt Sie ein, für das Rathaus von Kalletal mitzuarbeiten. Ihre Rolle: Redaktion für alle Dörfer.")), "{mail}");
        // What was taken back before it went out is not sent.
        let body: Value = invites(&village, "falsch@rathaus.example", "editor").await.expect(201).json();
        let path = format!("/staff-invitations/{}", body["invitation"].as_str().expect("an id"));
        village.staff("DELETE", &path).bearer(&village.admin).send().await.expect(204);
        dorf.work_off().await;
        assert!(dorf.mail.mails_to("falsch@rathaus.example").is_empty());
    }
}
