//! Second factors: set up, asked for, never taken twice; villages that require one; accounts that are disabled.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, OPERATOR, PASSWORD, Reply, authenticator, news};
use tests::stories;

const EDITOR: &str = "editor@luedenhausen.example";

/// What an authenticator shows for this secret now.
fn code(dorf: &Dorf, secret: &str) -> String {
    authenticator::code(secret, dorf.clock.now())
}

async fn post(dorf: &Dorf, token: &str, path: &str, body: Value) -> Reply {
    dorf.ask("POST", &format!("/v1/admin/me/second-factor{path}")).bearer(token).json(&body).send().await
}

async fn log_in(dorf: &Dorf, email: &str, code: Option<&str>) -> Reply {
    let body = match code {
        Some(code) => json!({"email": email, "password": PASSWORD, "code": code}),
        None => json!({"email": email, "password": PASSWORD}),
    };
    dorf.ask("POST", "/v1/admin/login").json(&body).send().await
}

/// Switches a second factor on; gives its secret and the recovery codes. The code of this half minute is used up.
async fn switch_on(dorf: &Dorf, token: &str) -> (String, Vec<String>) {
    let set_up = post(dorf, token, "", json!({"password": PASSWORD})).await.expect(201);
    let secret = set_up.str("secret");
    assert!(set_up.str("otpauth_url").starts_with("otpauth://totp/") && set_up.str("otpauth_url").contains(&secret));
    let confirmed = post(dorf, token, "/confirm", json!({"code": code(dorf, &secret)})).await.expect(200);
    let codes: Vec<String> = serde_json::from_value(confirmed.get("codes")).expect("codes");
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

stories! {
    async fn a_code_is_asked_for_and_good_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let other = dorf.log_in(EDITOR).await;
        let wrong = post(&dorf, &village.editor, "", json!({"password": "falsch, falsch"})).await;
        assert_eq!(wrong.problem(422, "unprocessable"), ["/password"]);
        post(&dorf, &village.editor, "/confirm", json!({"code": "123456"})).await.problem(409, "conflict");

        // Set up and not confirmed: nothing is asked for.
        let set_up = post(&dorf, &village.editor, "", json!({"password": PASSWORD})).await.expect(201);
        log_in(&dorf, EDITOR, None).await.expect(200);
        let wrong = post(&dorf, &village.editor, "/confirm", json!({"code": "kein0"})).await;
        assert_eq!(wrong.problem(422, "unprocessable"), ["/code"]);
        let (secret, _) = switch_on(&dorf, &village.editor).await;
        assert_ne!(secret, set_up.str("secret"), "setting up anew replaces what was not confirmed");
        post(&dorf, &village.editor, "", json!({"password": PASSWORD})).await.problem(409, "conflict");
        dorf.ask("GET", "/v1/admin/me").bearer(&other).send().await.problem(401, "unauthenticated");
        let me = dorf.ask("GET", "/v1/admin/me").bearer(&village.editor).send().await.expect(200);
        assert_eq!(me.get("second_factor"), true);

        log_in(&dorf, EDITOR, None).await.problem(401, "second-factor-code-required");
        for wrong in ["", "12345", "1234567", "+12345", "\u{661}\u{662}\u{663}", "aaaaa-aaaaa-aaaaa-aaaaa"] {
            log_in(&dorf, EDITOR, Some(wrong)).await.problem(401, "wrong-credentials");
        }
        let used = code(&dorf, &secret);
        log_in(&dorf, EDITOR, Some(&used)).await.problem(401, "wrong-credentials");
        dorf.wait(TimeDelta::seconds(30));
        let fresh = code(&dorf, &secret);
        log_in(&dorf, EDITOR, Some(&fresh)).await.expect(200);
        log_in(&dorf, EDITOR, Some(&fresh)).await.problem(401, "wrong-credentials");
        dorf.wait(TimeDelta::seconds(30));
        log_in(&dorf, EDITOR, Some(&fresh)).await.problem(401, "wrong-credentials");
        dorf.wait(TimeDelta::seconds(60));
        log_in(&dorf, EDITOR, Some(&fresh)).await.problem(401, "wrong-credentials");

        // Nonce, secret and tag: it is sealed.
        let stored = dorf.database.column("SELECT CAST(LENGTH(secret_sealed) AS text) FROM second_factor").await;
        assert_eq!(stored, ["48"]);
        dorf.work_off().await;
        assert_eq!(dorf.mail.mails_to(EDITOR).len(), 1, "its owner was told");
    }

    async fn one_code_opens_one_log_in_however_many_try_at_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let (secret, _) = switch_on(&dorf, &village.editor).await;
        dorf.wait(TimeDelta::seconds(30));
        let code = code(&dorf, &secret);
        let replies = futures_util::future::join_all((0..10).map(|_| log_in(&dorf, EDITOR, Some(&code)))).await;
        let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    }

    async fn a_recovery_code_is_good_once_and_a_new_password_does_not_go_round_the_second_factor(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let (_, codes) = switch_on(&dorf, &village.editor).await;
        log_in(&dorf, EDITOR, Some(&codes[0].to_uppercase().replace('-', " "))).await.expect(200);
        log_in(&dorf, EDITOR, Some(&codes[0])).await.problem(401, "wrong-credentials");
        // Another account's recovery codes are worth nothing here.
        let (_, others) = switch_on(&dorf, &village.admin).await;
        log_in(&dorf, EDITOR, Some(&others[0])).await.problem(401, "wrong-credentials");

        let body = json!({"email": EDITOR});
        dorf.ask("POST", "/v1/admin/password-reset").json(&body).send().await.expect(202);
        dorf.work_off().await;
        let texts: Vec<String> = dorf.mail.mails_to(EDITOR).iter().map(tests::kit::smtp_sink::Mail::text).collect();
        let link = texts.iter().flat_map(|text| text.split_whitespace()).find(|word| word.starts_with("http"));
        let token = link.expect("a link").rsplit('/').next().expect("a token");
        let body = json!({"token": token, "password": PASSWORD});
        dorf.ask("POST", "/v1/admin/password-reset/confirm").json(&body).send().await.expect(204);
        log_in(&dorf, EDITOR, None).await.problem(401, "second-factor-code-required");
        let token = log_in(&dorf, EDITOR, Some(&codes[1])).await.expect(200).str("token");

        let with = |code: &str| json!({"password": PASSWORD, "code": code});
        let renewed = post(&dorf, &token, "/recovery-codes", with(&codes[2])).await.expect(200);
        let renewed: Vec<String> = serde_json::from_value(renewed.get("codes")).expect("codes");
        log_in(&dorf, EDITOR, Some(&codes[3])).await.problem(401, "wrong-credentials");
        let wrong = post(&dorf, &token, "/remove", with("kein0")).await;
        assert_eq!(wrong.problem(422, "unprocessable"), ["/code"]);
        post(&dorf, &token, "/remove", with(&renewed[0])).await.expect(204);
        log_in(&dorf, EDITOR, None).await.expect(200);
    }

    async fn guessing_codes_is_limited_and_locks_nobody_out(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            settings.limits.second_factor_tries = 3;
            settings.http.trusted_proxies = vec![[127, 0, 0, 1].into()];
        }).await;
        let village = dorf.village("luedenhausen").await;
        let (secret, codes) = switch_on(&dorf, &village.editor).await;
        let from = async |client: &str, code: &str| {
            let body = json!({"email": EDITOR, "password": PASSWORD, "code": code});
            dorf.ask("POST", "/v1/admin/login").header("x-forwarded-for", client).json(&body).send().await
        };
        for n in 0..3 {
            from(&format!("192.0.2.{n}"), "000000").await.problem(401, "wrong-credentials");
        }
        dorf.wait(TimeDelta::seconds(30));
        from("192.0.2.9", &code(&dorf, &secret)).await.problem(429, "too-many-requests");
        // Whoever has the recovery codes, or is logged in, is not kept out.
        from("192.0.2.9", &codes[0]).await.expect(200);
        dorf.ask("GET", "/v1/admin/me").bearer(&village.editor).send().await.expect(200);
    }

    async fn a_village_may_require_a_second_factor_of_its_staff(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let rule = |token: &str, required: bool| {
            here.staff("PUT", "/second-factor-rule").bearer(token).json(&json!({"required": required}))
        };
        rule(&here.admin, true).send().await.problem(409, "conflict");
        switch_on(&dorf, &here.admin).await;
        rule(&here.editor, true).send().await.problem(403, "forbidden");
        rule(&there.admin, true).send().await.problem(404, "not-found");
        rule(&here.admin, true).send().await.expect(200);
        rule(&here.admin, true).send().await.expect(200);
        let made = here.audit().await.iter().filter(|line| line["action"] == "second_factor_rule.made").count();
        assert_eq!(made, 1, "what changes nothing leaves no trace");

        let draft = news("Entwurf").0;
        let drafts = async |token: &str| here.staff("POST", "/posts").bearer(token).json(&draft).send().await;
        drafts(&here.editor).await.problem(403, "second-factor-required");
        here.staff("GET", "/posts").bearer(&here.editor).send().await.problem(403, "second-factor-required");
        drafts(&there.editor).await.problem(404, "not-found");
        there.staff("POST", "/posts").bearer(&there.editor).json(&draft).send().await.expect(201);
        switch_on(&dorf, &here.editor).await;
        drafts(&here.editor).await.expect(201);
        // An operator who gives out roles there needs one as well.
        let operator = dorf.operator().await.to_owned();
        let gives = async |token: &str, slug: &str, name: &str| {
            let person = json!({"email": format!("{name}@kalletal.example"), "name": name, "password": PASSWORD});
            dorf.ask("POST", &format!("/v1/operator/villages/{slug}/editors")).bearer(token).json(&person).send().await
        };
        gives(&operator, "luedenhausen", "ida").await.problem(403, "second-factor-required");
        gives(&operator, "stemmen", "ida").await.expect(201);
        switch_on(&dorf, &operator).await;
        gives(&operator, "luedenhausen", "mara").await.expect(201);
        rule(&here.admin, false).send().await.expect(200);
        let read = here.staff("GET", "/second-factor-rule").bearer(&here.admin).send().await.expect(200);
        assert_eq!(read.get("required"), false);
    }

    async fn a_disabled_account_is_out_at_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let operator = dorf.operator().await;
        let found = dorf.ask("GET", &format!("/v1/operator/accounts?email={EDITOR}")).bearer(operator).send().await.expect(200);
        let account = found.json()["items"][0]["account"].as_str().expect("an account").to_owned();
        let step = async |account: &str, step: &str| {
            dorf.ask("POST", &format!("/v1/operator/accounts/{account}/{step}")).bearer(operator).send().await
        };
        let body = json!({"email": EDITOR});
        dorf.ask("POST", "/v1/admin/password-reset").json(&body).send().await.expect(202);
        dorf.work_off().await;
        let text = dorf.mail.mails_to(EDITOR)[0].text();
        let link = text.split_whitespace().find(|word| word.starts_with("http")).expect("a link");
        let token = link.rsplit('/').next().expect("a token");

        step(&account, "disable").await.expect(204);
        dorf.ask("GET", "/v1/admin/me").bearer(&village.editor).send().await.problem(401, "unauthenticated");
        log_in(&dorf, EDITOR, None).await.problem(401, "wrong-credentials");
        let body = json!({"token": token, "password": "vier Hühner im Gemüsebeet"});
        dorf.ask("POST", "/v1/admin/password-reset/confirm").json(&body).send().await.problem(404, "not-found");
        let ask = json!({"email": EDITOR});
        dorf.ask("POST", "/v1/admin/password-reset").json(&ask).send().await.expect(202);
        dorf.work_off().await;
        assert_eq!(dorf.mail.mails_to(EDITOR).len(), 1, "no further link is sent");

        step(&account, "enable").await.expect(204);
        log_in(&dorf, EDITOR, None).await.expect(200);
        dorf.ask("POST", "/v1/admin/password-reset/confirm").json(&body).send().await.problem(404, "not-found");
        step("019ab0d4-7c1e-7a52-9d36-41f0c2b7e805", "disable").await.problem(404, "not-found");
        let me = dorf.ask("GET", &format!("/v1/operator/accounts?email={OPERATOR}")).bearer(operator).send().await;
        let own = me.json()["items"][0]["account"].as_str().expect("an account").to_owned();
        step(&own, "disable").await.problem(409, "conflict");
    }

    async fn an_operator_helps_whoever_has_lost_the_second_factor(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        switch_on(&dorf, &village.editor).await;
        let operator = dorf.operator().await;
        let found = dorf.ask("GET", &format!("/v1/operator/accounts?email={EDITOR}")).bearer(operator).send().await.expect(200);
        let account = found.json()["items"][0]["account"].as_str().expect("an account").to_owned();
        let path = format!("/v1/operator/accounts/{account}/second-factor");
        dorf.ask("DELETE", &path).bearer(&village.admin).send().await.problem(403, "forbidden");
        dorf.ask("DELETE", &path).bearer(operator).send().await.expect(204);
        dorf.ask("DELETE", &path).bearer(operator).send().await.problem(404, "not-found");
        dorf.ask("GET", "/v1/admin/me").bearer(&village.editor).send().await.problem(401, "unauthenticated");
        log_in(&dorf, EDITOR, None).await.expect(200);
        dorf.work_off().await;
        let subjects: Vec<String> = dorf.mail.mails_to(EDITOR).iter().map(tests::kit::smtp_sink::Mail::subject).collect();
        assert!(subjects.iter().any(|subject| subject == "Ihr zweiter Faktor wurde entfernt"), "{subjects:?}");
    }
}
