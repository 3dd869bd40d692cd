//! Operators: a second factor from the first moment on, what one from before meets, and log-ins that nobody uses.

use crate::takeover::link;
use api::Need;
use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::{Ask, Backend, Dorf, OPERATOR, PASSWORD, Program, authenticator};
use tests::stories;

/// The code of this moment: the program of these stories has the clock of the machine.
fn code_now(secret: &str) -> Option<String> {
    Some(authenticator::code(secret, api::Clock::system().now()))
}

/// A line that begins so, without its beginning.
fn after<'a>(said: &'a str, beginning: &str) -> &'a str {
    said.lines().find_map(|line| line.strip_prefix(beginning)).unwrap_or_else(|| panic!("no {beginning:?}: {said}"))
}

stories! {
    async fn an_operator_is_made_with_a_second_factor_or_not_at_all(on: Backend) {
        let folder = tests::kit::fresh_folder();
        let database = on.database(folder.path()).await;
        let required = ("DORF_ACCOUNTS__OPERATOR_SECOND_FACTOR", "required".to_owned());
        let settings = [("DORF_DATABASE__URL", database.url()), required];
        let create = ["operator", "create", "--new", "--email", OPERATOR];
        let password = format!("{PASSWORD}\n");
        let operators = async || database.column("SELECT email FROM account").await;

        let (done, said) = Program::enrol(folder.path(), &create, &settings, &password, |_| None).await;
        assert!(!done && said.contains("nothing was stored"), "{said}");
        let mut tries = 0;
        let (done, said) = Program::enrol(folder.path(), &create, &settings, &password, |_| {
            tries += 1;
            Some("12345".to_owned())
        }).await;
        assert!(!done && said.contains("nothing was stored") && tries == 4, "{tries}: {said}");
        assert!(operators().await.is_empty(), "nothing was stored");
        let mut used = String::new();
        let (done, said) = Program::enrol(folder.path(), &create, &settings, &password, |secret| {
            used = code_now(secret)?;
            Some(used.clone())
        }).await;
        assert!(done, "{said}");
        let secret = after(&said, "secret   ").to_owned();
        assert!(after(&said, "address  ").contains(&format!("secret={secret}")), "{said}");
        let rows: Vec<&str> = said.lines().filter(|line| line.contains(['\u{2580}', '\u{2584}', '\u{2588}'])).collect();
        assert!((15..40).contains(&rows.len()), "a QR code in half blocks: {said}");
        let widths: Vec<usize> = rows.iter().map(|row| row.chars().count()).collect();
        assert!(widths.iter().all(|width| *width == widths[0] && *width < 80), "{widths:?}");
        let codes: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| line.len() == 23).collect();
        assert_eq!(codes.len(), 10, "{said}");
        assert_eq!(operators().await, [OPERATOR]);

        let program = Program::serve(folder.path(), &settings).await;
        let client = tests::kit::client();
        let ask = |method: &str, path: &str| Ask::new(&client, method, &format!("{}{path}", program.base));
        let log_in = async |code: Option<&str>| {
            let mut body = json!({"email": OPERATOR, "password": PASSWORD});
            if let Some(code) = code {
                body["code"] = json!(code);
            }
            ask("POST", "/v1/admin/login").json(&body).send().await
        };
        log_in(None).await.problem(401, "second-factor-code-required");
        log_in(Some(&used)).await.problem(401, "wrong-credentials");
        let token = log_in(Some(codes[0])).await.expect(200).str("token");
        let body = json!({"name": "Kalletal", "ags": "05766036"});
        ask("POST", "/v1/operator/municipalities").bearer(&token).json(&body).send().await.expect(201);

        // Authenticator and codes are lost: whoever keeps the machine gives new ones. Nobody else can.
        let again = ["operator", "second-factor", "--email", OPERATOR];
        let (done, said) = Program::enrol(folder.path(), &again, &settings, "", code_now).await;
        assert!(done, "{said}");
        ask("GET", "/v1/admin/me").bearer(&token).send().await.problem(401, "unauthenticated");
        log_in(Some(codes[1])).await.problem(401, "wrong-credentials");
        let fresh = said.lines().filter_map(|line| line.strip_prefix("  ")).find(|line| line.len() == 23).expect("a code");
        log_in(Some(fresh)).await.expect(200);
        let other = ["operator", "second-factor", "--email", "niemand@krz.example"];
        let (done, said) = Program::enrol(folder.path(), &other, &settings, "", code_now).await;
        assert!(!done && said.contains("no operator has this address"), "{said}");
    }

    async fn an_operator_from_before_can_do_nothing_but_set_up_a_second_factor(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.accounts.operator_second_factor = Need::Required).await;
        let operator = dorf.operator().await.to_owned();
        let ask = |method: &str, path: &str| dorf.ask(method, path).bearer(&operator);
        let id = uuid::Uuid::now_v7();
        let municipality = json!({"name": "Kalletal", "ags": "05766036"});
        let person = json!({"email": "x@krz.example", "name": "X", "password": PASSWORD});
        let tries: Vec<(&str, String, Option<&Value>)> = vec![
            ("POST", "/v1/operator/municipalities".into(), Some(&municipality)),
            ("GET", "/v1/operator/villages".into(), None),
            ("GET", format!("/v1/operator/accounts?email={OPERATOR}"), None),
            ("DELETE", format!("/v1/operator/accounts/{id}/second-factor"), None),
            ("POST", format!("/v1/operator/accounts/{id}/disable"), None),
            ("POST", format!("/v1/operator/municipalities/{id}/editors"), Some(&person)),
            ("GET", "/v1/admin/me/sessions".into(), None),
            ("DELETE", "/v1/admin/me/sessions".into(), None),
            ("GET", "/v1/admin/villages/nirgends/posts".into(), None),
        ];
        for (method, path, body) in &tries {
            let asked = ask(method, path);
            let reply = if let Some(body) = body { asked.json(body) } else { asked }.send().await;
            reply.problem(403, "second-factor-required");
            let said = reply.str("detail");
            assert!(said.contains("/v1/admin/me/second-factor/link") && said.contains("dorf operator second-factor"), "{said}");
        }
        let password = json!({"password": PASSWORD, "new_password": "vier Hühner im Gemüsebeet"});
        ask("POST", "/v1/admin/me/password").json(&password).send().await.problem(403, "second-factor-required");
        let email = json!({"password": PASSWORD, "email": "anders@krz.example"});
        ask("POST", "/v1/admin/me/email").json(&email).send().await.problem(403, "second-factor-required");

        let me = ask("GET", "/v1/admin/me").send().await.expect(200);
        assert_eq!((me.get("operator"), me.get("second_factor")), (json!(true), json!(false)));
        // Whoever has learned the password is not the one who makes it strong: that takes the operator's mailbox.
        let begin = async |body: Value| ask("POST", "/v1/admin/me/second-factor").json(&body).send().await;
        let password = json!({"password": PASSWORD});
        begin(password.clone()).await.problem(409, "conflict");
        begin(json!({"password": PASSWORD, "token": "AZqxCtJcfJCh2Gs_BcTieR8hYpZ0wN6d"})).await.problem(409, "conflict");
        ask("POST", "/v1/admin/me/second-factor/confirm").json(&json!({"code": "123456"})).send().await.problem(409, "conflict");
        ask("POST", "/v1/admin/me/second-factor/link").json(&password).send().await.expect(202);
        dorf.work_off().await;
        let link = link(&dorf, OPERATOR);
        let set_up = begin(json!({"password": PASSWORD, "token": link.rsplit('/').next()})).await.expect(201);
        let code = authenticator::code(&set_up.str("secret"), dorf.clock.now());
        ask("POST", "/v1/admin/me/second-factor/confirm").json(&json!({"code": code})).send().await.expect(200);
        ask("POST", "/v1/operator/municipalities").json(&municipality).send().await.expect(201);
        ask("GET", "/v1/admin/me/sessions").send().await.expect(200);
        assert!(dorf.ask("GET", &link).send().await.expect(200).text().contains("gilt nicht mehr"), "it is used up");
        ask("POST", "/v1/admin/me/second-factor/link").json(&password).send().await.problem(409, "conflict");
    }

    async fn the_start_warns_when_operators_need_no_second_factor(on: Backend) {
        for (need, format, warned) in [("optional", "json", true), ("optional", "text", true), ("required", "text", false)] {
            let folder = tests::kit::fresh_folder();
            let database = on.database(folder.path()).await;
            let settings = [
                ("DORF_DATABASE__URL", database.url()),
                ("DORF_ACCOUNTS__OPERATOR_SECOND_FACTOR", need.to_owned()),
                ("DORF_LOG__FORMAT", format.to_owned()),
            ];
            let program = Program::serve(folder.path(), &settings).await;
            let log = program.said.join("\n") + &program.terminate().await.0;
            let lines: Vec<&str> = log.lines().filter(|line| line.contains("accounts.operator_second_factor")).collect();
            assert_eq!(lines.len(), usize::from(warned), "{log}");
            assert!(lines.iter().all(|line| line.contains("WARN")), "{log}");
        }
        let folder = tests::kit::fresh_folder();
        let settings = [("DORF_ACCOUNTS__OPERATOR_SECOND_FACTOR", "maybe".to_owned())];
        let output = Program::run(folder.path(), &["serve"], &settings, "").await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("operator_second_factor"), "{said}");
    }

    async fn the_start_names_operators_who_have_no_second_factor_and_need_one(on: Backend) {
        let folder = tests::kit::fresh_folder();
        let database = on.database(folder.path()).await;
        let settings = |need: &str| {
            [("DORF_DATABASE__URL", database.url()), ("DORF_ACCOUNTS__OPERATOR_SECOND_FACTOR", need.to_owned())]
        };
        let create = ["operator", "create", "--new", "--email", OPERATOR];
        let made = Program::run(folder.path(), &create, &settings("optional"), PASSWORD).await;
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let id = match on {
            Backend::Postgres => "SELECT CAST(id AS text) FROM account",
            Backend::Sqlite => "SELECT LOWER(SUBSTR(HEX(id), 1, 8)) FROM account",
        };
        let id = database.column(id).await.remove(0);
        let log = async || {
            let program = Program::serve(folder.path(), &settings("required")).await;
            program.said.join("\n") + &program.terminate().await.0
        };
        let warned = log().await;
        let line = warned.lines().find(|line| line.contains("operators have no second factor")).unwrap_or_else(|| panic!("{warned}"));
        assert!(line.contains("WARN") && line.contains("number=1") && !warned.contains(OPERATOR), "{line}");
        assert!(line.contains(&id), "{line}");
        // The first is the first; the next is in its place.
        let give = ["operator", "second-factor", "--email", OPERATOR];
        for told in ["5", "14"] {
            let (done, said) = Program::enrol(folder.path(), &give, &settings("required"), "", code_now).await;
            assert!(done, "{said}");
            let mails = database.column("SELECT CAST(kind AS text) FROM account_mail ORDER BY created_at, id").await;
            assert_eq!(mails.last().map(String::as_str), Some(told), "{mails:?}");
        }
        assert!(!log().await.contains("operators have no second factor"));
    }

    async fn a_log_in_that_nobody_uses_ends(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.accounts.idle_min = 120).await;
        let village = dorf.village("luedenhausen").await;
        let me = async |token: &str| dorf.ask("GET", "/v1/admin/me").bearer(token).send().await;
        // Used every hour and a half, it lives on; its neighbour, which nobody uses, does not.
        for _ in 0..4 {
            dorf.wait(TimeDelta::minutes(90));
            me(&village.editor).await.expect(200);
        }
        me(&village.admin).await.problem(401, "unauthenticated");
        dorf.wait(TimeDelta::minutes(120));
        me(&village.editor).await.problem(401, "unauthenticated");
        let token = dorf.log_in("editor@luedenhausen.example").await;
        let list = dorf.ask("GET", "/v1/admin/me/sessions").bearer(&token).send().await.expect(200);
        assert_eq!(list.get("items").as_array().expect("log-ins").len(), 1, "{}", list.text());
        dorf.keep_house().await;
        let left = dorf.database.column("SELECT CAST(COUNT(*) AS text) FROM session").await;
        assert_eq!(left, ["1"], "what has ended is forgotten");
        dorf.wait(TimeDelta::minutes(119));
        me(&token).await.expect(200);
    }
}
