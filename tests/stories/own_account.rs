//! What members of staff do about their own account: log-ins, password, address; and what others cannot do to it.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::smtp_sink::Answer;
use tests::kit::{Ask, Backend, Dorf, OPERATOR, PASSWORD, Reply};
use tests::stories;

const EDITOR: &str = "editor@luedenhausen.example";
const NEW: &str = "vier Hühner im Gemüsebeet";

async fn me(dorf: &Dorf, token: &str) -> Reply {
    dorf.ask("GET", "/v1/admin/me").bearer(token).send().await
}

async fn log_in(dorf: &Dorf, email: &str, password: &str) -> Reply {
    dorf.ask("POST", "/v1/admin/login").json(&json!({"email": email, "password": password})).send().await
}

async fn sessions(dorf: &Dorf, token: &str) -> Vec<Value> {
    let list = dorf.ask("GET", "/v1/admin/me/sessions").bearer(token).send().await.expect(200);
    list.get("items").as_array().expect("items").clone()
}

fn change_password(dorf: &Dorf, token: &str, password: &str, new: &str) -> Ask {
    let body = json!({"password": password, "new_password": new});
    dorf.ask("POST", "/v1/admin/me/password").bearer(token).json(&body)
}

async fn ask_reset(dorf: &Dorf, email: &str) -> Reply {
    dorf.ask("POST", "/v1/admin/password-reset").json(&json!({"email": email})).send().await
}

/// The path of the link in the latest mail to an address that has one.
fn link(dorf: &Dorf, address: &str) -> String {
    let texts: Vec<String> = dorf.mail.mails_to(address).iter().map(tests::kit::smtp_sink::Mail::text).collect();
    let latest = texts.iter().flat_map(|text| text.split_whitespace()).rfind(|word| word.starts_with("http"));
    latest.expect("a link").strip_prefix(&dorf.base).expect("a link to this server").to_owned()
}

async fn reset_link(dorf: &Dorf, email: &str) -> String {
    ask_reset(dorf, email).await.expect(202);
    dorf.work_off().await;
    link(dorf, email)
}

fn token_of(link: &str) -> &str {
    link.rsplit('/').next().expect("a token")
}

async fn reset(dorf: &Dorf, token: &str, password: &str) -> Reply {
    let body = json!({"token": token, "password": password});
    dorf.ask("POST", "/v1/admin/password-reset/confirm").json(&body).send().await
}

fn form(dorf: &Dorf, path: &str, body: &str) -> Ask {
    dorf.ask("POST", path).header("content-type", "application/x-www-form-urlencoded").bytes(body.to_owned())
}

fn subjects(dorf: &Dorf, address: &str) -> Vec<String> {
    dorf.mail.mails_to(address).iter().map(tests::kit::smtp_sink::Mail::subject).collect()
}

/// The body of a problem, without what differs from request to request.
fn alike(reply: &Reply) -> Value {
    let mut problem = reply.json();
    problem["instance"] = json!(null);
    problem
}

stories! {
    async fn log_ins_are_listed_and_ended_one_by_one(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let body = json!({"email": EDITOR, "password": PASSWORD});
        let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
        dorf.wait(TimeDelta::minutes(5));
        let reply = dorf.ask("POST", "/v1/admin/login").header("user-agent", agent).json(&body).send().await.expect(200);
        let second = reply.str("token");
        let found = sessions(&dorf, &village.editor).await;
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!((&found[0]["device"], &found[0]["current"]), (&json!("Firefox, Windows"), &json!(false)));
        assert_eq!((&found[1]["device"], &found[1]["current"]), (&json!("unknown"), &json!(true)));
        assert!(!found[0].to_string().contains(&second) && found[0].get("token").is_none(), "{}", found[0]);

        let other = format!("/v1/admin/me/sessions/{}", found[0]["session"].as_str().expect("an id"));
        dorf.ask("DELETE", &other).bearer(&village.admin).send().await.problem(404, "not-found");
        dorf.ask("DELETE", "/v1/admin/me/sessions/keine").bearer(&village.editor).send().await.problem(404, "not-found");
        me(&dorf, &second).await.expect(200);
        dorf.ask("DELETE", &other).bearer(&village.editor).send().await.expect(204);
        me(&dorf, &second).await.problem(401, "unauthenticated");
        dorf.ask("DELETE", &other).bearer(&village.editor).send().await.problem(404, "not-found");

        let (third, fourth) = (dorf.log_in(EDITOR).await, dorf.log_in(EDITOR).await);
        dorf.ask("DELETE", "/v1/admin/me/sessions").bearer(&third).send().await.expect(204);
        for ended in [&village.editor, &fourth] {
            me(&dorf, ended).await.problem(401, "unauthenticated");
        }
        assert_eq!(sessions(&dorf, &third).await.len(), 1);
        me(&dorf, &village.admin).await.expect(200);
    }

    async fn changing_the_password_ends_every_other_log_in_and_every_link(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let other = dorf.log_in(EDITOR).await;
        let sent = reset_link(&dorf, EDITOR).await;
        ask_reset(&dorf, EDITOR).await.expect(202);
        let before = dorf.mail.mails_to(EDITOR).len();

        change_password(&dorf, "falsch", PASSWORD, NEW).send().await.problem(401, "unauthenticated");
        let wrong = change_password(&dorf, &village.editor, "nicht das richtige", NEW).send().await;
        assert_eq!(wrong.problem(422, "unprocessable"), ["/password"]);
        me(&dorf, &other).await.expect(200);
        change_password(&dorf, &village.editor, PASSWORD, NEW).send().await.expect(204);

        me(&dorf, &village.editor).await.expect(200);
        me(&dorf, &other).await.problem(401, "unauthenticated");
        log_in(&dorf, EDITOR, PASSWORD).await.problem(401, "wrong-credentials");
        log_in(&dorf, EDITOR, NEW).await.expect(200);
        reset(&dorf, token_of(&sent), "noch ein ganz anderes Wort").await.problem(404, "not-found");
        // The link that was asked for and not sent yet is never sent; the owner is told of the change.
        dorf.work_off().await;
        assert_eq!(subjects(&dorf, EDITOR)[before..], ["Ihr Passwort wurde geändert"]);
        let rows = dorf.database.column("SELECT CAST(COUNT(*) AS text) FROM account_mail").await;
        assert_eq!(rows, ["0"], "what was sent is forgotten");
    }

    async fn guessing_the_present_password_is_limited_and_keeps_nobody_else_out(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.limits.logins_per_account = 3).await;
        let village = dorf.village("luedenhausen").await;
        let stolen = dorf.log_in(EDITOR).await;
        for _ in 0..3 {
            change_password(&dorf, &stolen, "geraten", NEW).send().await.problem(422, "unprocessable");
        }
        let refused = change_password(&dorf, &stolen, PASSWORD, NEW).send().await;
        refused.problem(429, "too-many-requests");
        assert_eq!(refused.header("retry-after"), "60");
        change_password(&dorf, &village.editor, PASSWORD, NEW).send().await.expect(204);
        me(&dorf, &stolen).await.problem(401, "unauthenticated");
    }

    async fn passwords_that_everybody_knows_are_refused_wherever_one_is_chosen(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let sent = reset_link(&dorf, EDITOR).await;
        for known in [
            "1qaz2wsx3edc4rfv", "Administrator", "passwortpasswort", "Passwort2026!", "aaaaaaaaaaaaaaaa", "123456789012",
            "Lüdenhausen26", EDITOR, "editor-luedenhausen", "Dorf-App Dorf-App", &"x".repeat(1025),
        ] {
            let person = json!({"email": EDITOR, "name": "editor luedenhausen", "password": known});
            let reply = village.hires(&person).await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/password"], "{known}");
            let reply = change_password(&dorf, &village.editor, PASSWORD, known).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/new_password"], "{known}");
            assert_eq!(reset(&dorf, token_of(&sent), known).await.problem(422, "unprocessable"), ["/password"], "{known}");
        }
        let huge = "x".repeat(1_000_000);
        change_password(&dorf, &village.editor, PASSWORD, &huge).send().await.problem(413, "payload-too-large");
        reset(&dorf, token_of(&sent), &huge).await.problem(413, "payload-too-large");
        // No digits, no signs, no capitals: length is enough. And a refused password has not used the link up.
        reset(&dorf, token_of(&sent), "nur kleine buchstaben").await.expect(204);
        log_in(&dorf, EDITOR, "nur kleine buchstaben").await.expect(200);
    }

    async fn a_lost_password_is_replaced_by_a_link_that_works_once(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.http.public_url = "https://dorf.example".into()).await;
        let village = dorf.village("luedenhausen").await;
        // Links are made of the settings, whatever the request says.
        let body = json!({"email": format!(" {} ", EDITOR.to_uppercase())});
        let ask = dorf.ask("POST", "/v1/admin/password-reset").header("host", "evil.example");
        ask.header("x-forwarded-host", "evil.example").json(&body).send().await.expect(202);
        dorf.work_off().await;
        let mail = dorf.mail.mails_to(EDITOR).pop().expect("a mail");
        assert_eq!(mail.subject(), "Neues Passwort");
        assert_eq!(mail.header("Auto-Submitted").as_deref(), Some("auto-generated"));
        assert!(!mail.text().contains("evil") && !mail.html().contains("evil"), "{}", mail.text());
        let text = mail.text();
        let link = text.split_whitespace().find(|word| word.starts_with("https://dorf.example/")).expect("a link");
        let path = link.strip_prefix("https://dorf.example").expect("a path");

        // A mail scanner looks at it, twice.
        for _ in 0..2 {
            let page = dorf.ask("GET", path).send().await.expect(200);
            assert!(page.text().contains("type=\"password\""), "{}", page.text());
            assert_eq!(page.header("referrer-policy"), "no-referrer");
            assert_eq!(page.header("cache-control"), "no-store");
        }
        me(&dorf, &village.editor).await.expect(200);
        dorf.ask("POST", path).json(&json!({"password": NEW})).send().await.problem(415, "unsupported-media-type");
        form(&dorf, path, "").send().await.problem(400, "invalid-body");
        form(&dorf, path, "password=x&role=admin").send().await.problem(400, "invalid-body");
        let again = form(&dorf, path, "password=kurz").send().await.expect(200).text();
        assert!(again.contains("anderes Passwort") && again.contains("<form"), "{again}");
        let done = form(&dorf, path, "password=vier+H%C3%BChner+im+Gem%C3%BCsebeet").send().await.expect(200).text();
        assert!(done.contains("gesetzt") && !done.contains("<form"), "{done}");

        me(&dorf, &village.editor).await.problem(401, "unauthenticated");
        log_in(&dorf, EDITOR, PASSWORD).await.problem(401, "wrong-credentials");
        log_in(&dorf, EDITOR, NEW).await.expect(200);
        let gone = dorf.ask("GET", path).send().await.expect(200).text();
        assert!(gone.contains("gilt nicht mehr"), "{gone}");
        form(&dorf, path, "password=noch+ein+langes+Wort+mehr").send().await.problem(404, "not-found");
        reset(&dorf, token_of(path), "noch ein langes Wort mehr").await.problem(404, "not-found");
        dorf.work_off().await;
        assert_eq!(subjects(&dorf, EDITOR), ["Neues Passwort", "Ihr Passwort wurde geändert"]);
    }

    async fn twenty_uses_of_one_link_at_once_set_one_password(on: Backend) {
        let dorf = Dorf::start(on).await;
        dorf.village("luedenhausen").await;
        let sent = reset_link(&dorf, EDITOR).await;
        let passwords: Vec<String> = (0..20).map(|n| format!("Gemüsebeet mit Huhn {n}")).collect();
        let uses = passwords.iter().map(|password| reset(&dorf, token_of(&sent), password));
        let replies = futures_util::future::join_all(uses).await;
        let done: Vec<usize> = (0..20).filter(|n| replies[*n].status == 204).collect();
        assert_eq!(done.len(), 1, "{:?}", replies.iter().map(|reply| reply.status).collect::<Vec<_>>());
        log_in(&dorf, EDITOR, &passwords[done[0]]).await.expect(200);
    }

    async fn asking_for_a_link_tells_nobody_who_has_an_account(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.limits.account_mails_per_mailbox = 3).await;
        dorf.village("luedenhausen").await;
        let nobody = "niemand@luedenhausen.example";
        let known = ask_reset(&dorf, EDITOR).await.expect(202);
        for other in [nobody, "kein@@adresse", "", &"x".repeat(5000), "a\u{0}b@example.org"] {
            let unknown = ask_reset(&dorf, other).await.expect(202);
            assert_eq!(unknown.body, known.body);
            let names = |reply: &Reply| reply.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!(names(&unknown), names(&known));
        }
        // The same was written for both, so it took as long; whoever makes the mails looks, and forgets.
        let waiting = dorf.database.column("SELECT recipient FROM account_mail ORDER BY recipient").await;
        assert!(waiting.contains(&EDITOR.to_owned()) && waiting.contains(&nobody.to_owned()), "{waiting:?}");
        dorf.work_off().await;
        assert_eq!(dorf.mail.mails().len(), 1);
        assert!(dorf.database.column("SELECT recipient FROM account_mail").await.is_empty());

        // However often: a few mails, all of them good, and nobody is kept out.
        let first = link(&dorf, EDITOR);
        for _ in 0..10 {
            ask_reset(&dorf, EDITOR).await.expect(202);
            ask_reset(&dorf, nobody).await.expect(202);
        }
        dorf.work_off().await;
        assert_eq!(dorf.mail.mails_to(EDITOR).len(), 3);
        log_in(&dorf, EDITOR, PASSWORD).await.expect(200);
        reset(&dorf, token_of(&first), NEW).await.expect(204);
        dorf.wait(TimeDelta::hours(1));
        ask_reset(&dorf, EDITOR).await.expect(202);
        dorf.work_off().await;
        assert_eq!(dorf.mail.mails_to(EDITOR).len(), 5, "three links, a notice, and an hour later a link again");
    }

    async fn asking_for_links_is_limited_per_client(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.limits.account_links_per_client = 3).await;
        for n in 0..3 {
            ask_reset(&dorf, &format!("person{n}@example.org")).await.expect(202);
        }
        ask_reset(&dorf, "person4@example.org").await.problem(429, "too-many-requests");
        reset(&dorf, "geraten", NEW).await.problem(429, "too-many-requests");
    }

    async fn links_are_not_guessed_borrowed_or_kept(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let sent = reset_link(&dorf, EDITOR).await;
        let token = token_of(&sent);
        let last = if token.ends_with('A') { "B" } else { "A" };
        let changed = format!("{}{last}", &token[..token.len() - 1]);
        let first = format!("{}{}", if token.starts_with('A') { "B" } else { "A" }, &token[1..]);
        let anna = village.resident("anna").asks_by_mail().await;
        dorf.work_off().await;
        let confirmation = anna.confirmation_link();
        for wrong in ["", "A", &first, &changed[1..], &"A".repeat(43), &"A".repeat(5000), token_of(&confirmation), &village.editor] {
            reset(&dorf, wrong, NEW).await.problem(404, "not-found");
        }
        // A link is for one purpose, in no village.
        let body = json!({"token": token});
        dorf.ask("POST", "/v1/admin/email-change/confirm").json(&body).send().await.problem(404, "not-found");
        village.ask("POST", "/subscriptions/confirm").json(&body).send().await.problem(404, "not-found");
        me(&dorf, token).await.problem(401, "unauthenticated");
        // It is good for an hour.
        dorf.wait(TimeDelta::minutes(60));
        reset(&dorf, token, NEW).await.problem(404, "not-found");
        assert!(dorf.ask("GET", &sent).send().await.expect(200).text().contains("gilt nicht mehr"));
        dorf.keep_house().await;
        assert!(dorf.database.column("SELECT CAST(id AS text) FROM account_link").await.is_empty());
        log_in(&dorf, EDITOR, PASSWORD).await.expect(200);
    }

    async fn mails_about_accounts_survive_a_mail_server_in_trouble(on: Backend) {
        let dorf = Dorf::start(on).await;
        dorf.village("luedenhausen").await;
        dorf.mail.on(EDITOR, Answer::Busy);
        dorf.mail.on(OPERATOR, Answer::Unknown);
        ask_reset(&dorf, EDITOR).await.expect(202);
        ask_reset(&dorf, OPERATOR).await.expect(202);
        dorf.work_off().await;
        assert!(dorf.mail.mails().is_empty());
        let waiting = dorf.database.column("SELECT recipient FROM account_mail").await;
        assert_eq!(waiting, [EDITOR], "one is tried again, one was refused for good");
        dorf.mail.on(EDITOR, Answer::Accept);
        dorf.wait(TimeDelta::minutes(1));
        dorf.work_off().await;
        dorf.work_off().await;
        assert_eq!(subjects(&dorf, EDITOR), ["Neues Passwort"]);
        reset(&dorf, token_of(&link(&dorf, EDITOR)), NEW).await.expect(204);
        // What could not be sent while it was good is never sent.
        dorf.mail.on(OPERATOR, Answer::Busy);
        ask_reset(&dorf, OPERATOR).await.expect(202);
        dorf.work_off().await;
        dorf.wait(TimeDelta::hours(2));
        dorf.mail.on(OPERATOR, Answer::Accept);
        dorf.work_off().await;
        assert!(dorf.mail.mails_to(OPERATOR).is_empty());
    }

    async fn another_address_takes_effect_by_the_link_that_was_sent_to_it(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let new = "neu@luedenhausen.example";
        let ask = async |password: &str, email: &str| {
            let body = json!({"password": password, "email": email});
            dorf.ask("POST", "/v1/admin/me/email").bearer(&village.editor).json(&body).send().await
        };
        assert_eq!(ask("falsch, falsch", new).await.problem(422, "unprocessable"), ["/password"]);
        assert_eq!(ask(PASSWORD, "kein@@adresse").await.problem(422, "unprocessable"), ["/email"]);
        ask(PASSWORD, &new.to_uppercase()).await.expect(202);
        dorf.work_off().await;
        assert_eq!(subjects(&dorf, EDITOR), ["Eine neue E-Mail-Adresse wurde angegeben"]);
        let path = link(&dorf, new);
        assert!(!dorf.mail.mails_to(EDITOR)[0].text().contains(token_of(&path)), "the link goes to the new address only");

        let page = dorf.ask("GET", &path).send().await.expect(200);
        assert!(page.text().contains("<form"), "{}", page.text());
        log_in(&dorf, EDITOR, PASSWORD).await.expect(200);
        let body = json!({"token": token_of(&path), "password": NEW});
        dorf.ask("POST", "/v1/admin/password-reset/confirm").json(&body).send().await.problem(404, "not-found");
        let waiting = reset_link(&dorf, EDITOR).await;
        form(&dorf, &path, "").send().await.expect(200);
        log_in(&dorf, EDITOR, PASSWORD).await.problem(401, "wrong-credentials");
        log_in(&dorf, new, PASSWORD).await.expect(200);
        form(&dorf, &path, "").send().await.problem(404, "not-found");
        reset(&dorf, token_of(&waiting), NEW).await.problem(404, "not-found");
        dorf.work_off().await;
        assert_eq!(subjects(&dorf, EDITOR).last().expect("a mail"), "Ihre E-Mail-Adresse wurde geändert");
        assert_eq!(me(&dorf, &village.editor).await.expect(200).str("email"), new);
    }

    async fn taking_over_an_address_tells_nobody_who_has_an_account(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let ask = async |token: &str, email: &str| {
            let body = json!({"password": PASSWORD, "email": email});
            dorf.ask("POST", "/v1/admin/me/email").bearer(token).json(&body).send().await.expect(202)
        };
        let (taken, free) = ("admin@luedenhausen.example", "frei@luedenhausen.example");
        assert_eq!(ask(&village.editor, taken).await.body, ask(&village.editor, free).await.body);
        dorf.work_off().await;
        assert!(dorf.mail.mails_to(taken).is_empty(), "whoever has the account is not bothered");
        // Two ask for the same free address: the first to confirm gets it.
        let mine = link(&dorf, free);
        ask(&village.admin, free).await;
        dorf.work_off().await;
        let theirs = link(&dorf, free);
        assert_ne!(mine, theirs);
        form(&dorf, &theirs, "").send().await.expect(200);
        form(&dorf, &mine, "").send().await.problem(404, "not-found");
        log_in(&dorf, EDITOR, PASSWORD).await.expect(200);
    }

    async fn log_ins_of_one_client_keep_nobody_else_out(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            settings.limits.logins_per_account = 3;
            settings.http.trusted_proxies = vec![[127, 0, 0, 1].into()];
        }).await;
        dorf.village("luedenhausen").await;
        let from = async |client: &str, email: &str, password: &str| {
            let body = json!({"email": email, "password": password});
            dorf.ask("POST", "/v1/admin/login").header("x-forwarded-for", client).json(&body).send().await
        };
        for _ in 0..3 {
            from("192.0.2.1", EDITOR, "geraten").await.problem(401, "wrong-credentials");
            from("192.0.2.1", "niemand@example.org", "geraten").await.problem(401, "wrong-credentials");
        }
        let (known, unknown) = (from("192.0.2.1", EDITOR, PASSWORD).await, from("192.0.2.1", "niemand@example.org", "").await);
        known.problem(429, "too-many-requests");
        assert_eq!(alike(&known), alike(&unknown), "limits tell nobody who has an account");
        from("192.0.2.2", EDITOR, PASSWORD).await.expect(200);
    }
}
