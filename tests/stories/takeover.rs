//! What is done to an account: nobody becomes somebody else by it, its owner is told of everything, and so is every town hall where the
//! person works.

use api::Need;
use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::smtp_sink::Mail;
use tests::kit::{Backend, Dorf, OPERATOR, PASSWORD, Reply, VillageKit, authenticator};
use tests::stories;

const ADMIN: &str = "admin@luedenhausen.example";
const EDITOR: &str = "editor@luedenhausen.example";
const NEW: &str = "drei Störche auf dem Scheunendach";

async fn log_in(dorf: &Dorf, email: &str, password: &str, code: Option<&str>) -> Reply {
    let mut body = json!({"email": email, "password": password});
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    dorf.ask("POST", "/v1/admin/login").json(&body).send().await
}

async fn factor(dorf: &Dorf, token: &str, path: &str, body: Value) -> Reply {
    dorf.ask("POST", &format!("/v1/admin/me/second-factor{path}")).bearer(token).json(&body).send().await
}

/// Switches a second factor on; gives its secret and a recovery code.
async fn switch_on(dorf: &Dorf, token: &str) -> (String, Vec<String>) {
    switch_on_with(dorf, token, json!({"password": PASSWORD})).await
}

/// The operator does so, which takes a link in a mail.
async fn operator_switches_on(dorf: &Dorf, token: &str) -> (String, Vec<String>) {
    factor(dorf, token, "/link", json!({"password": PASSWORD})).await.expect(202);
    dorf.work_off().await;
    let link = link(dorf, OPERATOR);
    switch_on_with(dorf, token, json!({"password": PASSWORD, "token": link.rsplit('/').next()})).await
}

async fn switch_on_with(dorf: &Dorf, token: &str, body: Value) -> (String, Vec<String>) {
    let secret = factor(dorf, token, "", body).await.expect(201).str("secret");
    let code = authenticator::code(&secret, dorf.clock.now());
    let codes = factor(dorf, token, "/confirm", json!({"code": code})).await.expect(200).get("codes");
    (secret, serde_json::from_value(codes).expect("codes"))
}

/// What the log says was done to an account, the latest first.
async fn lines_about(village: &VillageKit<'_>, account: &str) -> Vec<String> {
    let lines = village.audit().await;
    let about = lines.iter().filter(|line| line["subject"] == account);
    about.map(|line| line["action"].as_str().expect("an action").to_owned()).collect()
}

async fn account_of(dorf: &Dorf, token: &str) -> String {
    dorf.ask("GET", "/v1/admin/me").bearer(token).send().await.expect(200).str("account")
}

fn subjects(dorf: &Dorf, address: &str) -> Vec<String> {
    dorf.mail.mails_to(address).iter().map(Mail::subject).collect()
}

/// The path of the link in the latest mail to an address that has one.
pub fn link(dorf: &Dorf, address: &str) -> String {
    let texts: Vec<String> = dorf.mail.mails_to(address).iter().map(Mail::text).collect();
    let latest = texts.iter().flat_map(|text| text.split_whitespace()).rfind(|word| word.starts_with("http"));
    latest.expect("a link").strip_prefix(&dorf.base).expect("a link to this server").to_owned()
}

fn form(dorf: &Dorf, path: &str, body: &str) -> tests::kit::Ask {
    dorf.ask("POST", path).header("content-type", "application/x-www-form-urlencoded").bytes(body.to_owned())
}

stories! {
    async fn an_operators_password_does_not_open_a_village_that_asks_for_a_second_factor(on: Backend) {
        for need in [Need::Required, Need::Optional] {
            let dorf = Dorf::start_with(on, |settings| settings.accounts.operator_second_factor = need).await;
            let operator = dorf.operator().await;
            match need {
                Need::Required => operator_switches_on(&dorf, operator).await,
                Need::Optional => switch_on(&dorf, operator).await,
            };
            let village = dorf.village("luedenhausen").await;
            let (secret, _) = switch_on(&dorf, &village.admin).await;
            let rule = json!({"required": true});
            village.staff("PUT", "/second-factor-rule").bearer(&village.admin).json(&rule).send().await.expect(200);
            let account = account_of(&dorf, &village.admin).await;
            let municipality = dorf.municipality().await;
            // An operator from before second factors were needed, whose password a thief has.
            let settings = [("DORF_DATABASE__URL", dorf.database.url()), ("DORF_ACCOUNTS__OPERATOR_SECOND_FACTOR", "optional".to_owned())];
            let create = ["operator", "create", "--email", "zweiter@krz.example"];
            let made = tests::kit::Program::run(dorf.folder.path(), &create, &settings, PASSWORD).await;
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
            let thief = log_in(&dorf, "zweiter@krz.example", PASSWORD, None).await.expect(200).str("token");
            let ask = |method: &str, path: &str| dorf.ask(method, path).bearer(&thief);

            // The attack, step by step: take her factor away, set her password by giving her a role elsewhere, log in as her.
            let path = format!("/v1/operator/accounts/{account}/second-factor");
            ask("DELETE", &path).send().await.problem(403, "second-factor-required");
            let person = json!({"email": ADMIN, "name": "x", "password": NEW});
            for path in [
                format!("/v1/operator/municipalities/{municipality}/editors"),
                "/v1/operator/villages/luedenhausen/editors".to_owned(),
                "/v1/operator/villages/luedenhausen/admins".to_owned(),
            ] {
                ask("POST", &path).json(&person).send().await.problem(403, "second-factor-required");
                let invited = json!({"email": "thief@example.org"});
                ask("POST", &path).json(&invited).send().await.problem(403, "second-factor-required");
            }
            for step in ["disable", "enable"] {
                ask("POST", &format!("/v1/operator/accounts/{account}/{step}")).send().await.problem(403, "second-factor-required");
            }
            log_in(&dorf, ADMIN, NEW, None).await.problem(401, "wrong-credentials");
            log_in(&dorf, ADMIN, PASSWORD, None).await.problem(401, "second-factor-code-required");
            dorf.wait(TimeDelta::seconds(30));
            let code = authenticator::code(&secret, dorf.clock.now());
            log_in(&dorf, ADMIN, PASSWORD, Some(&code)).await.expect(200);
        }
    }

    async fn a_second_factor_that_was_taken_away_comes_back_by_a_mailed_link_only(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.accounts.operator_second_factor = Need::Required).await;
        let operator = dorf.operator().await;
        operator_switches_on(&dorf, operator).await;
        let village = dorf.village("luedenhausen").await;
        switch_on(&dorf, &village.admin).await;
        let rule = json!({"required": true});
        village.staff("PUT", "/second-factor-rule").bearer(&village.admin).json(&rule).send().await.expect(200);
        let account = account_of(&dorf, &village.admin).await;
        dorf.work_off().await;
        let path = format!("/v1/operator/accounts/{account}/second-factor");
        dorf.ask("DELETE", &path).bearer(operator).send().await.expect(204);
        dorf.work_off().await;
        assert_eq!(subjects(&dorf, ADMIN), ["Der zweite Faktor ist eingeschaltet", "Ihr zweiter Faktor wurde entfernt"]);
        let first = link(&dorf, ADMIN);

        // Whoever has her password only: logged out, and in again for nothing.
        dorf.ask("GET", "/v1/admin/me").bearer(&village.admin).send().await.problem(401, "unauthenticated");
        let token = log_in(&dorf, ADMIN, PASSWORD, None).await.expect(200).str("token");
        village.staff("GET", "/posts").bearer(&token).send().await.problem(403, "second-factor-required");
        factor(&dorf, &token, "", json!({"password": PASSWORD})).await.problem(409, "conflict");
        factor(&dorf, &token, "", json!({"password": PASSWORD, "token": "geraten"})).await.problem(409, "conflict");
        factor(&dorf, &token, "/confirm", json!({"code": "123456"})).await.problem(409, "conflict");
        // Nor by having the link sent elsewhere.
        let elsewhere = json!({"password": PASSWORD, "email": "thief@example.org"});
        dorf.ask("POST", "/v1/admin/me/email").bearer(&token).json(&elsewhere).send().await.problem(409, "conflict");
        village.staff("PUT", "/second-factor-rule").bearer(&token).json(&json!({"required": false})).send().await.problem(403, "second-factor-required");

        // The link is good for an hour; she may ask for another.
        dorf.wait(TimeDelta::minutes(60));
        assert!(dorf.ask("GET", &first).send().await.expect(200).text().contains("gilt nicht mehr"));
        form(&dorf, &first, "password=x").send().await.problem(404, "not-found");
        factor(&dorf, &token, "/link", json!({"password": "falsch, falsch"})).await.fault(422, "/password");
        factor(&dorf, &token, "/link", json!({"password": PASSWORD})).await.expect(202);
        dorf.work_off().await;
        let path = link(&dorf, ADMIN);
        assert_ne!(path, first);

        // With the link and her password she gets a new one on the page, step by step.
        assert!(dorf.ask("GET", &path).send().await.expect(200).text().contains("name=\"password\""));
        assert!(form(&dorf, &path, "code=123456").send().await.expect(200).text().contains("falsch"));
        let again = form(&dorf, &path, "password=geraten").send().await.expect(200).text();
        assert!(again.contains("falsch") && again.contains("name=\"password\""), "{again}");
        let password: String = form_urlencoded(PASSWORD);
        let shown = form(&dorf, &path, &format!("password={password}")).send().await.expect(200).text();
        assert!(shown.contains("<svg") && shown.contains("name=\"code\""), "{shown}");
        let secret = shown.split("<code>").nth(1).and_then(|rest| rest.split('<').next()).expect("a secret").to_owned();
        let code = authenticator::code(&secret, dorf.clock.now());
        let wrong = if code == "000000" { "111111" } else { "000000" };
        assert!(form(&dorf, &path, &format!("code={wrong}")).send().await.expect(200).text().contains("falsch"));
        let done = form(&dorf, &path, &format!("code={code}")).send().await.expect(200).text();
        assert_eq!(done.matches("<code>").count(), 10, "{done}");
        form(&dorf, &path, &format!("code={code}")).send().await.problem(404, "not-found");
        dorf.ask("GET", "/v1/admin/me").bearer(&token).send().await.problem(401, "unauthenticated");
        dorf.wait(TimeDelta::seconds(30));
        let code = authenticator::code(&secret, dorf.clock.now());
        let token = log_in(&dorf, ADMIN, PASSWORD, Some(&code)).await.expect(200).str("token");
        village.staff("GET", "/posts").bearer(&token).send().await.expect(200);
        dorf.work_off().await;
        assert_eq!(subjects(&dorf, ADMIN)[2..], ["Zweiten Faktor einrichten", "Der zweite Faktor ist neu eingerichtet"]);
        let lines = village.staff("GET", &format!("/audit?subject={account}&limit=100")).bearer(&token).send().await.expect(200).json();
        let told: Vec<&str> = lines["items"].as_array().expect("lines").iter().filter_map(|line| line["action"].as_str()).collect();
        let told: Vec<&str> = told.into_iter().filter(|action| action.starts_with("second_factor.")).collect();
        assert_eq!(told, ["second_factor.switched_on", "second_factor.taken_away", "second_factor.switched_on"]);
    }

    async fn every_change_of_password_address_and_factor_is_mailed_and_stands_in_every_log(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there, elsewhere) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await, dorf.village("talle").await);
        // She works in two villages.
        let body = json!({"email": EDITOR});
        there.staff("POST", "/editors").bearer(&there.admin).json(&body).send().await.expect(201);
        dorf.work_off().await;
        let accept = json!({"token": link(&dorf, EDITOR).rsplit('/').next().expect("a token"), "password": PASSWORD});
        there.ask("POST", "/staff-invitations/accept").json(&accept).send().await.expect(204);
        let account = account_of(&dorf, &here.editor).await;
        let already = subjects(&dorf, EDITOR).len();
        let me = async |path: &str, body: Value| dorf.ask("POST", &format!("/v1/admin/me{path}")).bearer(&here.editor).json(&body).send().await;

        let (_, codes) = switch_on(&dorf, &here.editor).await;
        me("/second-factor/recovery-codes", json!({"password": PASSWORD, "code": codes[0]})).await.expect(200);
        dorf.wait(TimeDelta::seconds(30));
        me("/password", json!({"password": PASSWORD, "new_password": NEW})).await.expect(204);
        me("/email", json!({"password": NEW, "email": "neu@luedenhausen.example"})).await.expect(202);
        dorf.work_off().await;
        form(&dorf, &link(&dorf, "neu@luedenhausen.example"), "").send().await.expect(200);
        dorf.work_off().await;
        let reset = json!({"email": "neu@luedenhausen.example"});
        dorf.ask("POST", "/v1/admin/password-reset").json(&reset).send().await.expect(202);
        dorf.work_off().await;
        let token = link(&dorf, "neu@luedenhausen.example").rsplit('/').next().expect("a token").to_owned();
        let reset = json!({"token": token, "password": PASSWORD});
        dorf.ask("POST", "/v1/admin/password-reset/confirm").json(&reset).send().await.expect(204);
        dorf.work_off().await;

        let mut old = subjects(&dorf, EDITOR)[already..].to_vec();
        old.sort();
        assert_eq!(old, [
            "Der zweite Faktor ist eingeschaltet",
            "Ein Wiederherstellungscode wurde benutzt",
            "Eine neue E-Mail-Adresse wurde angegeben",
            "Es gibt neue Wiederherstellungscodes",
            "Ihr Passwort wurde geändert",
            "Ihre E-Mail-Adresse wurde geändert",
        ]);
        assert_eq!(subjects(&dorf, "neu@luedenhausen.example"), [
            "Neue E-Mail-Adresse bestätigen", "Ihre E-Mail-Adresse ist geändert", "Neues Passwort", "Ihr Passwort wurde geändert",
        ]);
        let changes = [
            "account.password_reset", "account.email_changed", "account.email_change_asked", "account.password_changed",
            "recovery_codes.renewed", "recovery_code.used", "second_factor.switched_on",
        ];
        for village in [&here, &there] {
            let told: Vec<String> = lines_about(village, &account).await.into_iter().filter(|action| changes.contains(&action.as_str())).collect();
            assert_eq!(told, changes, "in {}", village.slug);
        }
        assert!(lines_about(&elsewhere, &account).await.is_empty(), "who works elsewhere is nobody's matter here");
    }

    async fn log_ins_and_what_operators_look_up_stand_in_the_log(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let account = account_of(&dorf, &here.editor).await;
        for _ in 0..3 {
            log_in(&dorf, EDITOR, "geraten", None).await.problem(401, "wrong-credentials");
        }
        let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let body = json!({"email": EDITOR, "password": PASSWORD});
        dorf.ask("POST", "/v1/admin/login").header("user-agent", agent).json(&body).send().await.expect(200);
        let latest = here.audit().await[0].clone();
        assert_eq!((&latest["action"], &latest["account"], &latest["detail"]), (&json!("account.logged_in"), &json!(account), &json!("Firefox, Windows (failed before: 3)")));
        assert!(lines_about(&there, &account).await.is_empty());
        for _ in 0..30 {
            log_in(&dorf, EDITOR, PASSWORD, None).await.expect(200);
        }
        let lines = lines_about(&here, &account).await;
        assert_eq!(lines.iter().filter(|action| *action == "account.logged_in").count(), 24, "a log tells of so many in a day");

        let operator = dorf.operator().await;
        dorf.ask("GET", &format!("/v1/operator/accounts?email={EDITOR}")).bearer(operator).send().await.expect(200);
        assert_eq!(here.audit().await[0]["action"], "account.looked_up");
        assert!(lines_about(&there, &account).await.is_empty());
        let holidays = json!({"periods": [{"name": "summer", "first": "2027-07-19", "last": "2027-08-31"}]});
        let ask = dorf.ask("PUT", "/v1/operator/school-holidays/DE-NW").bearer(operator).header("if-match", "\"0\"");
        ask.json(&holidays).send().await.expect(200);
        for village in [&here, &there] {
            let line = village.audit().await[0].clone();
            assert_eq!((&line["action"], &line["detail"]), (&json!("school_holidays.set"), &json!("DE-NW")));
        }
        let ask = dorf.ask("PUT", "/v1/operator/school-holidays/DE-BY").bearer(operator).header("if-match", "\"0\"");
        ask.json(&holidays).send().await.expect(200);
        assert_eq!(here.audit().await[0]["detail"], "DE-NW", "what is set for another Land is nothing here");
    }

    async fn guessing_from_many_places_is_slowed_down_told_and_keeps_the_owner_not_out(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            settings.limits.logins_of_strangers = 20;
            settings.http.trusted_proxies = vec![[127, 0, 0, 1].into()];
        }).await;
        let village = dorf.village("luedenhausen").await;
        let account = account_of(&dorf, &village.editor).await;
        let from = async |client: &str, email: &str, password: &str| {
            let body = json!({"email": email, "password": password});
            dorf.ask("POST", "/v1/admin/login").header("x-forwarded-for", client).json(&body).send().await
        };
        let statuses = async |email: &str| {
            let mut statuses = Vec::new();
            for n in 0..25 {
                statuses.push(from(&format!("2001:db8:0:{n:x}::1"), email, "geraten").await.status);
            }
            statuses
        };
        from("192.0.2.7", EDITOR, PASSWORD).await.expect(200);
        let expected: Vec<u16> = [[401; 20].as_slice(), &[429; 5]].concat();
        assert_eq!(statuses(EDITOR).await, expected);
        assert_eq!(statuses("niemand@luedenhausen.example").await, expected, "limits tell nobody who has an account");
        // The owner is told once, and the village; nobody else is.
        dorf.work_off().await;
        assert_eq!(subjects(&dorf, EDITOR), ["Jemand probiert Passwörter an Ihrem Konto"]);
        assert_eq!(dorf.mail.mails().len(), 1, "nobody without an account is written to");
        assert_eq!(lines_about(&village, &account).await[0], "account.log_ins_failed");
        // The owner gets in where the owner has been before, while strangers do not.
        from("192.0.2.7", EDITOR, PASSWORD).await.expect(200);
        let refused = from("198.51.100.1", EDITOR, PASSWORD).await;
        refused.problem(429, "too-many-requests");
        assert_eq!(refused.header("retry-after"), "3600");
        // From a new place, by choosing a new password.
        dorf.ask("POST", "/v1/admin/password-reset").json(&json!({"email": EDITOR})).send().await.expect(202);
        dorf.work_off().await;
        let token = link(&dorf, EDITOR).rsplit('/').next().expect("a token").to_owned();
        let reset = json!({"token": token, "password": NEW});
        dorf.ask("POST", "/v1/admin/password-reset/confirm").json(&reset).send().await.expect(204);
        from("198.51.100.1", EDITOR, NEW).await.expect(200);
        dorf.wait(TimeDelta::hours(1));
        from("198.51.100.2", EDITOR, NEW).await.expect(200);
        dorf.work_off().await;
        let warnings = subjects(&dorf, EDITOR).into_iter().filter(|subject| subject.starts_with("Jemand probiert")).count();
        assert_eq!(warnings, 1);
    }
}

/// A text as a form has it.
fn form_urlencoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
