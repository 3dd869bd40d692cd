//! Invitations into clubs, managers and hand-overs.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::clubs::{ClubKit, token_of};
use tests::kit::{Backend, Dorf, PASSWORD, Reply, VillageKit};
use tests::stories;

async fn accept(village: &VillageKit<'_>, body: Value) -> Reply {
    village.ask("POST", "/club-invitations/accept").json(&body).send().await
}

/// An answer without what differs from request to request.
fn alike(reply: &Reply) -> Value {
    let mut answer = reply.json();
    for member in ["id", "email", "expires_at", "instance"] {
        answer[member] = json!(null);
    }
    answer
}

async fn account(dorf: &Dorf, token: &str) -> String {
    dorf.ask("GET", "/v1/admin/me").bearer(token).send().await.expect(200).str("account")
}

stories! {
    async fn a_link_into_a_club_is_good_once_and_for_its_address_alone(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let chor = ClubKit::entered(&village, "gesangverein").await;
        let link = chor.invites("clara", "club_manager", &village.editor).await;
        let token = token_of(&link).to_owned();
        let looked_at = dorf.ask("GET", &link).send().await.expect(200).text();
        assert!(looked_at.contains("Einladung: Verein gesangverein") && looked_at.contains("name=\"name\""), "{looked_at}");
        accept(&other, json!({"token": token, "name": "Clara", "password": PASSWORD})).await.problem(404, "not-found");
        accept(&village, json!({"token": "A".repeat(43), "name": "Clara", "password": PASSWORD})).await.problem(404, "not-found");
        accept(&village, json!({"token": token, "name": "", "password": PASSWORD})).await.fault(422, "/name");
        accept(&village, json!({"token": token, "name": "Clara", "password": "passwort1234"})).await.fault(422, "/password");
        chor.accepts(&link, "clara").await.expect(204);
        chor.accepts(&link, "clara").await.problem(404, "not-found");
        assert!(dorf.ask("GET", &link).send().await.expect(200).text().contains("gilt nicht mehr"));
        let clara = dorf.log_in(&chor.address("clara")).await;
        chor.ask("GET", "/members", &clara).send().await.expect(200);
        chor.member("anton", "club_author").await;
        // Forwarded: whoever has the link of an address that has an account needs that account's password.
        let forwarded = chor.invites("anton", "club_manager", &clara).await;
        let body = json!({"token": token_of(&forwarded), "name": "Eve", "password": "ein ganz anderes Wort"});
        accept(&village, body).await.fault(422, "/password");
        accept(&village, json!({"token": token_of(&forwarded), "password": PASSWORD})).await.expect(204);
        let members = chor.ask("GET", "/members", &clara).send().await.expect(200).json();
        let roles: Vec<&Value> = members["items"].as_array().expect("members").iter().map(|one| &one["role"]).collect();
        assert_eq!(roles, ["club_manager", "club_manager"], "the greater role replaced the lesser");
        let lines = village.audit().await;
        let change = lines.iter().find(|line| line["action"] == "role.replaced").expect("a line about the role");
        assert_eq!(change["detail"], "club_author by club_manager");
    }

    async fn links_end_when_they_are_taken_back_replaced_or_too_old(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let chor = ClubKit::entered(&village, "gesangverein").await;
        let first = chor.invites("clara", "club_manager", &village.editor).await;
        let second = chor.invites("clara", "club_author", &village.editor).await;
        chor.accepts(&first, "clara").await.problem(404, "not-found");
        let waiting = chor.ask("GET", "/invitations", &village.editor).send().await.expect(200).json();
        assert_eq!(waiting["items"].as_array().map(Vec::len), Some(1));
        let id = waiting["items"][0]["id"].as_str().expect("an id");
        chor.ask("DELETE", &format!("/invitations/{id}"), &village.editor).send().await.expect(204);
        chor.ask("DELETE", &format!("/invitations/{id}"), &village.editor).send().await.problem(404, "not-found");
        chor.accepts(&second, "clara").await.problem(404, "not-found");
        let third = chor.invites("clara", "club_author", &village.editor).await;
        dorf.wait(TimeDelta::days(15));
        chor.accepts(&third, "clara").await.problem(404, "not-found");
        dorf.keep_house().await;
        let body = json!({"email": "kein", "role": "club_author"});
        let editor = dorf.log_in("editor@luedenhausen.example").await;
        chor.ask("POST", "/invitations", &editor).json(&body).send().await.fault(422, "/email");
    }

    async fn an_invitation_tells_nobody_who_has_an_account(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let chor = ClubKit::entered(&village, "gesangverein").await;
        let clara = chor.member("clara", "club_manager").await;
        let invite = |email: &str| chor.ask("POST", "/invitations", &clara).json(&json!({"email": email, "role": "club_author"}));
        let known = invite("editor@luedenhausen.example").send().await.expect(201);
        let unknown = invite("niemand@luedenhausen.example").send().await.expect(201);
        assert_eq!(alike(&known), alike(&unknown));
        dorf.work_off().await;
        for address in ["editor@luedenhausen.example", "niemand@luedenhausen.example"] {
            assert_eq!(dorf.mail.mails_to(address).len(), 1, "{address}");
        }
    }

    async fn twenty_who_accept_at_once_become_one_member(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let chor = ClubKit::entered(&village, "gesangverein").await;
        let link = chor.invites("clara", "club_manager", &village.editor).await;
        let all = futures_util::future::join_all((0..8).map(|_| chor.accepts(&link, "clara"))).await;
        assert_eq!(all.iter().filter(|reply| reply.status == 204).count(), 1);
        assert!(all.iter().all(|reply| [204, 404, 422].contains(&reply.status)), "{:?}", all.iter().map(|reply| reply.status).collect::<Vec<_>>());
        assert_eq!(chor.state().await["managers"], 1);
    }

    async fn two_managers_stay_and_who_leaves_hands_over(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let chor = ClubKit::entered(&village, "gesangverein").await;
        let (clara, doris) = (chor.member("clara", "club_manager").await, chor.member("doris", "club_manager").await);
        chor.trusted().await;
        let me = account(&dorf, &clara).await;
        chor.ask("DELETE", &format!("/members/{me}"), &doris).send().await.problem(409, "conflict");
        let author = json!({"email": chor.address("emil"), "role": "club_author", "instead_of_me": true});
        chor.ask("POST", "/invitations", &clara).json(&author).send().await.fault(422, "/role");
        let town_hall = json!({"email": chor.address("emil"), "role": "club_manager", "instead_of_me": true});
        chor.ask("POST", "/invitations", &village.editor).json(&town_hall).send().await.fault(422, "/instead_of_me");
        chor.ask("POST", "/invitations", &clara).json(&town_hall).send().await.expect(201);
        dorf.work_off().await;
        chor.ask("GET", "/members", &clara).send().await.expect(200);
        chor.accepts(&chor.link_to("emil"), "emil").await.expect(204);
        chor.ask("GET", "/members", &clara).send().await.problem(401, "unauthenticated");
        let members = chor.ask("GET", "/members", &doris).send().await.expect(200).json();
        let names: Vec<&str> = members["items"].as_array().expect("members").iter().map(|one| one["email"].as_str().expect("an address")).collect();
        assert_eq!(names, ["doris@luedenhausen.example", "emil@luedenhausen.example"]);
        let emil = account(&dorf, &dorf.log_in(&chor.address("emil")).await).await;
        chor.ask("DELETE", &format!("/members/{emil}"), &village.editor).send().await.expect(204);
        assert_eq!(chor.state().await["managers_missing"], true);
        let actions: Vec<Value> = village.audit().await.iter().map(|line| line["action"].clone()).collect();
        assert!(actions.contains(&json!("club.handed_over")) && actions.contains(&json!("club.member_removed")));
    }

    async fn a_hand_over_takes_the_old_managers_name_and_address_from_the_page(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let chor = ClubKit::entered(&village, "gesangverein").await;
        let (clara, doris) = (chor.member("clara", "club_manager").await, chor.member("doris", "club_manager").await);
        let says = async |token: &str, body: Value| {
            chor.ask("PATCH", "", token).header("if-match", &chor.etag().await).json(&body).send().await.expect(200);
        };
        let hands_over = async |from: &str, to: &str| {
            let body = json!({"email": chor.address(to), "role": "club_manager", "instead_of_me": true});
            chor.ask("POST", "/invitations", from).json(&body).send().await.expect(201);
            dorf.work_off().await;
            chor.accepts(&chor.link_to(to), to).await.expect(204);
            dorf.log_in(&chor.address(to)).await
        };
        let contact = async || {
            let page = village.ask("GET", "/clubs/gesangverein").send().await.expect(200).json();
            ["contact_name", "contact_email", "contact_phone"].map(|name| page[name].as_str().unwrap_or_default().to_owned())
        };
        let nobody = ["", "", ""].map(str::to_owned);
        says(&clara, json!({"contact_name": "Clara B.", "contact_email": "clara.privat@web.example", "contact_phone": "05264 1234"})).await;
        let emil = hands_over(&clara, "emil").await;
        assert_eq!(contact().await, nobody, "what she entered goes with her");
        says(&doris, json!({"contact_name": "Doris", "contact_email": "vorstand@chor.example"})).await;
        let frieda = hands_over(&emil, "frieda").await;
        assert_eq!(contact().await[..2], ["Doris", "vorstand@chor.example"].map(str::to_owned), "what somebody entered who stays, stays");
        says(&doris, json!({"contact_name": "Frieda vom Verein", "contact_email": chor.address("frieda")})).await;
        let frieda = account(&dorf, &frieda).await;
        chor.ask("DELETE", &format!("/members/{frieda}"), &village.editor).send().await.expect(204);
        assert_eq!(contact().await, nobody, "whoever entered it: it is hers");
        says(&village.editor, json!({"contact_name": "Frau Blume", "contact_email": "blume@web.example"})).await;
        let author = chor.member("anton", "club_author").await;
        let author = account(&dorf, &author).await;
        chor.ask("DELETE", &format!("/members/{author}"), &village.editor).send().await.expect(204);
        assert_eq!(contact().await[0], "Frau Blume", "an author is not whom to ask");
        hands_over(&doris, "gustav").await;
        assert_eq!(contact().await, nobody, "nobody knows whose it is");
        let actions: Vec<Value> = village.audit().await.iter().map(|line| line["action"].clone()).collect();
        assert_eq!(actions.iter().filter(|action| **action == json!("club.contact_cleared")).count(), 3);
    }
}
