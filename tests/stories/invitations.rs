//! Invitations to the staff: nobody's password is touched, nobody learns who has an account, and each is good once.

mod replaced;

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::clubs::{ClubKit, link_in_mail_to, token_of};
use tests::kit::smtp_sink::Mail;
use tests::kit::{Backend, Dorf, OPERATOR, PASSWORD, Reply, VillageKit};
use tests::stories;

const NEW: &str = "drei Störche auf dem Scheunendach";

/// An admin invites an address.
async fn invites(village: &VillageKit<'_>, email: &str, role: &str) -> Reply {
    let body = json!({"email": email, "role": role});
    village.staff("POST", "/editors").bearer(&village.admin).json(&body).send().await
}

/// The link that came of it.
async fn invited(village: &VillageKit<'_>, email: &str, role: &str) -> String {
    invites(village, email, role).await.expect(201);
    village.dorf.work_off().await;
    link_in_mail_to(village, email)
}

async fn accepts(village: &VillageKit<'_>, link: &str, name: Option<&str>, password: &str) -> Reply {
    let mut body = json!({"token": token_of(link), "password": password});
    if let Some(name) = name {
        body["name"] = json!(name);
    }
    village.ask("POST", "/staff-invitations/accept").json(&body).send().await
}

async fn log_in(dorf: &Dorf, email: &str, password: &str) -> Reply {
    dorf.ask("POST", "/v1/admin/login").json(&json!({"email": email, "password": password})).send().await
}

/// What the log says, the latest first, without log-ins.
async fn actions(village: &VillageKit<'_>) -> Vec<String> {
    let lines = village.audit().await.into_iter().map(|line| line["action"].as_str().expect("an action").to_owned());
    lines.filter(|action| action != "account.logged_in").collect()
}

stories! {
    async fn a_clerk_without_an_account_takes_the_role_by_the_link(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let ida = "ida@rathaus.example";
        let link = invited(&here, ida, "editor").await;
        let mail = dorf.mail.mails_to(ida).pop().expect("a mail");
        assert_eq!(mail.subject(), "Einladung zur Mitarbeit: Lüdenhausen");
        assert!(mail.header("From").expect("a sender").contains("luedenhausen@kalletal.example"), "from the village");

        // A mail scanner looks at it, twice; nothing happens.
        for _ in 0..2 {
            let page = dorf.ask("GET", &link).send().await.expect(200).text();
            assert!(page.contains("Einladung: Redaktion") && page.contains("name=\"name\""), "{page}");
        }
        log_in(&dorf, ida, NEW).await.problem(401, "wrong-credentials");
        accepts(&here, &link, None, NEW).await.fault(422, "/name");
        accepts(&here, &link, Some("Ida"), "kurz").await.fault(422, "/password");
        accepts(&there, &link, Some("Ida"), NEW).await.problem(404, "not-found");
        accepts(&here, &link, Some("Ida"), NEW).await.expect(204);
        accepts(&here, &link, Some("Ida"), NEW).await.problem(404, "not-found");
        assert!(dorf.ask("GET", &link).send().await.expect(200).text().contains("gilt nicht mehr"));

        let token = log_in(&dorf, ida, NEW).await.expect(200).str("token");
        here.staff("GET", "/queue").bearer(&token).send().await.expect(200);
        there.staff("GET", "/queue").bearer(&token).send().await.problem(404, "not-found");
        assert_eq!(actions(&here).await[..2], ["role.accepted", "staff.invited"]);
        assert!(!actions(&there).await.iter().any(|action| action.contains("invited")));
    }

    async fn a_clerk_with_an_account_takes_the_role_and_the_password_stays(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let editor = "editor@luedenhausen.example";
        let link = invited(&there, editor, "contributor").await;
        let page = dorf.ask("GET", &link).send().await.expect(200).text();
        assert!(page.contains("Einladung: Mitarbeit") && !page.contains("name=\"name\""), "{page}");
        // Whoever was forwarded the link does not get in by it.
        accepts(&there, &link, Some("Editor"), NEW).await.fault(422, "/password");
        let form = dorf.ask("POST", &link).header("content-type", "application/x-www-form-urlencoded");
        let again = form.bytes("password=geraten").send().await.expect(200).text();
        assert!(again.contains("passt nicht") && again.contains("<form"), "{again}");
        accepts(&there, &link, None, PASSWORD).await.expect(204);
        // Neither password nor log-in were touched.
        there.staff("GET", "/posts").bearer(&here.editor).send().await.expect(200);
        log_in(&dorf, editor, PASSWORD).await.expect(200);
        assert_eq!(actions(&there).await[..2], ["role.accepted", "staff.invited"]);
    }

    async fn inviting_tells_nobody_who_has_an_account_and_is_bounded(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            settings.limits.invitations_per_mailbox = 3;
            settings.limits.invitations_per_place = 7;
        }).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        dorf.operator().await;
        let shape = |reply: &Reply| {
            let mut body = reply.json();
            (body["email"], body["invitation"]) = (json!(null), json!(null));
            (body, reply.headers.keys().map(ToString::to_string).collect::<Vec<_>>())
        };
        let nobody = invites(&here, "niemand@rathaus.example", "editor").await.expect(201);
        for known in ["editor@stemmen.example", OPERATOR] {
            let known = invites(&here, known, "editor").await.expect(201);
            assert_eq!(shape(&known), shape(&nobody));
            assert!(known.json().get("account").is_none(), "{}", known.text());
        }
        // Their own staff is theirs to know.
        invites(&here, "editor@luedenhausen.example", "editor").await.problem(409, "conflict");
        let body = json!({"email": "x@rathaus.example", "role": "admin"});
        let reply = here.staff("POST", "/editors").bearer(&here.admin).json(&body).send().await;
        assert_eq!(reply.problem(400, "invalid-body"), ["/role"]);
        here.staff("POST", "/editors").bearer(&here.editor).json(&json!({"email": "x@rathaus.example"})).send().await.problem(403, "forbidden");

        for _ in 0..2 {
            invites(&here, "niemand@rathaus.example", "editor").await.expect(201);
        }
        invites(&here, "niemand@rathaus.example", "editor").await.problem(429, "too-many-requests");
        invites(&here, "andere@rathaus.example", "editor").await.problem(429, "too-many-requests");
        invites(&there, "niemand@rathaus.example", "editor").await.expect(201);
        dorf.wait(TimeDelta::days(1));
        let token = dorf.log_in("admin@luedenhausen.example").await;
        let body = json!({"email": "andere@rathaus.example"});
        here.staff("POST", "/editors").bearer(&token).json(&body).send().await.expect(201);
    }

    async fn an_invitation_is_replaced_taken_back_or_too_old(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let ida = "ida@rathaus.example";
        let first = invited(&village, ida, "editor").await;
        let second = invited(&village, ida, "editor").await;
        accepts(&village, &first, Some("Ida"), NEW).await.problem(404, "not-found");
        let list = async || {
            let list = village.staff("GET", "/staff-invitations").bearer(&village.admin).send().await.expect(200).json();
            list["items"].as_array().expect("invitations").clone()
        };
        let waiting = list().await;
        assert_eq!((waiting.len(), &waiting[0]["email"], &waiting[0]["role"]), (1, &json!(ida), &json!("editor")));
        let path = format!("/staff-invitations/{}", waiting[0]["id"].as_str().expect("an id"));
        village.staff("DELETE", &path).bearer(&village.editor).send().await.problem(403, "forbidden");
        village.staff("DELETE", &path).bearer(&village.admin).send().await.expect(204);
        village.staff("DELETE", &path).bearer(&village.admin).send().await.problem(404, "not-found");
        accepts(&village, &second, Some("Ida"), NEW).await.problem(404, "not-found");

        let third = invited(&village, ida, "contributor").await;
        // Of several at once, one gets it.
        let tries = (0..5).map(|_| accepts(&village, &third, Some("Ida"), NEW));
        let statuses: Vec<u16> = futures_util::future::join_all(tries).await.iter().map(|reply| reply.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 204).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| [204, 404, 409].contains(status)), "{statuses:?}");

        let fourth = invited(&village, "jan@rathaus.example", "editor").await;
        dorf.wait(TimeDelta::days(14));
        accepts(&village, &fourth, Some("Jan"), NEW).await.problem(404, "not-found");
        dorf.keep_house().await;
        assert!(dorf.database.column("SELECT email FROM staff_invitation").await.is_empty());
    }

    async fn an_operator_invites_whoever_has_an_account_and_gives_no_password(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let operator = dorf.operator().await;
        let second = "zweiter@krz.example";
        let settings = [("DORF_DATABASE__URL", dorf.database.url()), ("DORF_ACCOUNTS__OPERATOR_SECOND_FACTOR", "optional".to_owned())];
        let create = ["operator", "create", "--email", second];
        let made = tests::kit::Program::run(dorf.folder.path(), &create, &settings, PASSWORD).await;
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let municipality = dorf.municipality().await;
        let paths = [
            "/v1/operator/villages/stemmen/admins".to_owned(),
            "/v1/operator/villages/stemmen/editors".to_owned(),
            format!("/v1/operator/municipalities/{municipality}/editors"),
        ];
        // The password of an account that is there is nobody else's matter, also another operator's.
        for email in ["admin@luedenhausen.example", second] {
            for path in &paths {
                let body = json!({"email": email, "name": "X", "password": NEW});
                dorf.ask("POST", path).bearer(operator).json(&body).send().await.problem(409, "conflict");
            }
            log_in(&dorf, email, NEW).await.problem(401, "wrong-credentials");
            log_in(&dorf, email, PASSWORD).await.expect(200);
        }
        for (body, pointer) in [(json!({"email": "x@krz.example", "name": "X"}), "/password"), (json!({"email": "x@krz.example", "password": NEW}), "/name")] {
            dorf.ask("POST", &paths[0]).bearer(operator).json(&body).send().await.fault(422, pointer);
        }

        let admin = "admin@luedenhausen.example";
        for path in [&paths[0], &paths[2]] {
            let added = dorf.ask("POST", path).bearer(operator).json(&json!({"email": admin})).send().await.expect(201);
            assert!(added.get("invitation").is_string() && added.get("account").is_null(), "{}", added.text());
        }
        dorf.work_off().await;
        let links: Vec<String> = dorf.mail.mails_to(admin).iter().map(Mail::text).collect();
        let link = |part: &str| {
            let mut words = links.iter().flat_map(|text| text.split_whitespace());
            let link = words.rfind(|word| word.contains(part)).expect("a link");
            link.strip_prefix(&dorf.base).expect("a link to this server").to_owned()
        };
        there.staff("GET", "/editors").bearer(&here.admin).send().await.problem(404, "not-found");
        // What the operator invites to is the operator's to take back.
        let waiting = there.staff("GET", "/staff-invitations").bearer(&there.admin).send().await.expect(200).json();
        let path = format!("/staff-invitations/{}", waiting["items"][0]["id"].as_str().expect("an id"));
        there.staff("DELETE", &path).bearer(&there.admin).send().await.problem(404, "not-found");
        accepts(&there, &link("/staff-invitations/"), None, PASSWORD).await.expect(204);
        there.staff("GET", "/editors").bearer(&here.admin).send().await.expect(200);

        let municipal = link("/municipality-invitations/");
        assert!(dorf.ask("GET", &municipal).send().await.expect(200).text().contains("Redaktion für alle Dörfer"));
        let accept = |password: &str| {
            let body = json!({"token": token_of(&municipal), "password": password});
            dorf.ask("POST", "/v1/admin/municipality-invitations/accept").json(&body)
        };
        accept(NEW).send().await.fault(422, "/password");
        accept(PASSWORD).send().await.expect(204);
        accept(PASSWORD).send().await.problem(404, "not-found");
        let posts = format!("/v1/admin/municipalities/{municipality}/joint-posts");
        dorf.ask("GET", &posts).bearer(&here.admin).send().await.expect(200);
        for village in [&here, &there] {
            assert_eq!(actions(village).await[0], "municipality_role.accepted");
        }
        let again = dorf.ask("POST", &paths[2]).bearer(operator).json(&json!({"email": admin})).send().await;
        again.problem(409, "conflict");
        // One that went to the wrong address is taken back.
        let wrong = json!({"email": "falsch@kalletal.example"});
        let added = dorf.ask("POST", &paths[2]).bearer(operator).json(&wrong).send().await.expect(201).str("invitation");
        let path = format!("/v1/operator/municipalities/{municipality}/invitations");
        let waiting = dorf.ask("GET", &path).bearer(operator).send().await.expect(200).json();
        assert_eq!(waiting["items"].as_array().map(Vec::len), Some(1), "{waiting}");
        dorf.ask("DELETE", &format!("{path}/{added}")).bearer(operator).send().await.expect(204);
        dorf.work_off().await;
        assert!(dorf.mail.mails_to("falsch@kalletal.example").is_empty(), "what was taken back is not sent");
    }

    async fn a_stand_in_who_comes_again_is_invited_again(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let ida = "ida@rathaus.example";
        let invite = async |token: &str, from: i64, until: i64| {
            let now = dorf.clock.now();
            let term: Value = json!({
                "email": ida, "starts_at": now + TimeDelta::hours(from), "ends_at": now + TimeDelta::hours(until),
            });
            village.staff("POST", "/editors").bearer(token).json(&term).send().await
        };
        invite(&village.admin, 2, 1).await.fault(422, "/ends_at");
        invite(&village.admin, 0, 2).await.expect(201);
        dorf.work_off().await;
        accepts(&village, &link_in_mail_to(&village, ida), Some("Ida"), NEW).await.expect(204);
        invite(&village.admin, 0, 2).await.problem(409, "conflict");
        dorf.wait(TimeDelta::hours(2));
        let token = log_in(&dorf, ida, NEW).await.expect(200).str("token");
        village.staff("GET", "/posts").bearer(&token).send().await.problem(404, "not-found");
        invite(&village.admin, 0, 2).await.expect(201);
        dorf.work_off().await;
        accepts(&village, &link_in_mail_to(&village, ida), None, NEW).await.expect(204);
        village.staff("GET", "/posts").bearer(&token).send().await.expect(200);
    }

    async fn whoever_holds_a_link_guesses_no_more_than_at_the_log_in(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            settings.limits.logins_of_strangers = 20;
            settings.http.trusted_proxies = vec![[127, 0, 0, 1].into()];
        }).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let owner = "editor@luedenhausen.example";
        let staff = invited(&there, owner, "editor").await;
        let club = ClubKit::entered(&here, "gesangverein").await.invites("editor", "club_author", &here.editor).await;
        let municipal = json!({"email": owner});
        let path = format!("/v1/operator/municipalities/{}/editors", dorf.municipality().await);
        dorf.ask("POST", &path).bearer(dorf.operator().await).json(&municipal).send().await.expect(201);
        dorf.work_off().await;
        let municipal = link_in_mail_to(&here, owner);
        let from = async |client: &str, door: usize, password: &str| {
            let (path, body) = match door % 4 {
                0 => ("/v1/villages/stemmen/staff-invitations/accept", json!({"token": token_of(&staff), "password": password})),
                1 => ("/v1/villages/luedenhausen/club-invitations/accept", json!({"token": token_of(&club), "password": password})),
                2 => ("/v1/admin/municipality-invitations/accept", json!({"token": token_of(&municipal), "password": password})),
                _ => ("/v1/admin/login", json!({"email": owner, "password": password})),
            };
            dorf.ask("POST", path).header("x-forwarded-for", client).json(&body).send().await
        };
        from("192.0.2.7", 3, PASSWORD).await.expect(200);
        // Whoever knows the password is no guesser: that try is none of those that are counted.
        from("2001:db8:1::1", 2, PASSWORD).await.expect(204);
        for n in 0..20 {
            let door = [0, 1, 3][n % 3];
            let reply = from(&format!("2001:db8:0:{n:x}::1"), door, "geraten").await;
            assert_eq!(reply.status, if door == 3 { 401 } else { 422 }, "{n}: {}", reply.text());
        }
        for door in [0, 1, 3] {
            let refused = from("2001:db8:0:ff::1", door, PASSWORD).await;
            refused.problem(429, "too-many-requests");
            assert_eq!(refused.header("retry-after"), "3600");
        }
        // The owner is told, once, and gets in at the usual place, at every door.
        dorf.work_off().await;
        let warnings = dorf.mail.mails_to(owner).iter().filter(|mail| mail.subject().starts_with("Jemand probiert")).count();
        assert_eq!(warnings, 1);
        from("192.0.2.7", 3, PASSWORD).await.expect(200);
        from("192.0.2.7", 0, PASSWORD).await.expect(204);
        from("192.0.2.7", 1, PASSWORD).await.expect(204);
    }
}
