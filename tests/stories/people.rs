//! Operators, village admins and editors: logging in, and what a role is worth when it is taken away.

use chrono::TimeDelta;
use serde_json::json;
use tests::kit::clubs::{link_in_mail_to, token_of};
use tests::kit::{Ask, Backend, Dorf, OPERATOR, PASSWORD, Program, news};
use tests::stories;

stories! {
    async fn wrong_passwords_and_unknown_people_are_answered_alike(on: Backend) {
        let dorf = Dorf::start(on).await;
        dorf.operator().await;
        let answer = async |email: &str, password: &str| {
            let body = json!({"email": email, "password": password});
            let reply = dorf.ask("POST", "/v1/admin/login").json(&body).send().await;
            reply.problem(401, "wrong-credentials");
            let mut problem = reply.json();
            problem["instance"] = json!(null);
            problem
        };
        let wrong = answer(OPERATOR, "falsch, falsch, falsch").await;
        assert_eq!(wrong, answer("niemand@krz.example", PASSWORD).await);
        assert_eq!(wrong, answer("kein@@adresse", "").await);
        assert_eq!(wrong, answer(OPERATOR, &"x".repeat(100_000)).await, "a huge password is refused before hashing");
        dorf.log_in(&OPERATOR.to_uppercase()).await;
    }

    async fn a_log_in_ends_by_logging_out_and_by_itself(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let me = async |token: &str| dorf.ask("GET", "/v1/admin/me").bearer(token).send().await;
        let token = dorf.log_in("editor@luedenhausen.example").await;
        me(&token).await.expect(200);
        dorf.ask("POST", "/v1/admin/logout").bearer(&token).send().await.expect(204);
        let refused = me(&token).await;
        refused.problem(401, "unauthenticated");
        assert!(refused.header("www-authenticate").starts_with("Bearer"));
        dorf.wait(TimeDelta::hours(12) - TimeDelta::seconds(1));
        me(&village.editor).await.expect(200);
        dorf.wait(TimeDelta::seconds(1));
        me(&village.editor).await.problem(401, "unauthenticated");
    }

    async fn a_role_taken_away_is_gone_at_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let draft = editor.drafts(news("Entwurf")).await;
        let staff = village.staff("GET", "/editors").bearer(&village.admin).send().await.expect(200).json();
        let account = staff["items"].as_array().expect("staff").iter().find(|one| one["role"] == "editor").expect("one");
        let path = format!("/editors/{}", account["account"].as_str().expect("an account"));
        village.staff("DELETE", &path).bearer(&village.editor).send().await.problem(403, "forbidden");
        village.staff("DELETE", &path).bearer(&village.admin).send().await.expect(204);
        // The log-in has ended with the role, and a new one opens nothing here.
        editor.step(&draft, "publish").await.problem(401, "unauthenticated");
        let anew = dorf.log_in("editor@luedenhausen.example").await;
        let publish = village.staff("POST", &format!("/posts/{}/publish", draft.id)).bearer(&anew);
        publish.header("if-match", &draft.etag).send().await.problem(404, "not-found");
        village.staff("DELETE", &path).bearer(&village.admin).send().await.problem(404, "not-found");
        assert!(village.feed().await.titles().is_empty());
    }

    async fn an_editor_may_work_in_several_villages(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let person = json!({"email": "editor@luedenhausen.example"});
        there.hires(&person).await.expect(201);
        dorf.work_off().await;
        let link = link_in_mail_to(&there, "editor@luedenhausen.example");
        let accept = json!({"token": token_of(&link), "password": PASSWORD});
        there.ask("POST", "/staff-invitations/accept").json(&accept).send().await.expect(204);
        there.hires(&person).await.problem(409, "conflict");

        let token = dorf.log_in("editor@luedenhausen.example").await;
        let me = dorf.ask("GET", "/v1/admin/me").bearer(&token).send().await.expect(200).json();
        let villages: Vec<_> = me["roles"].as_array().expect("roles").iter().map(|role| role["village"].clone()).collect();
        assert_eq!(villages, ["luedenhausen", "stemmen"]);
        for village in [&here, &there] {
            let draft = json!({"kind": "news", "title": "Aus dem Rathaus"});
            village.staff("POST", "/posts").bearer(&token).json(&draft).send().await.expect(201);
        }
    }

    async fn passwords_that_are_too_short_or_too_long_are_refused(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        for password in ["", "kurz", &"x".repeat(1025)] {
            let person = json!({"email": "neu@stemmen.example", "name": "Neu", "password": password});
            let reply = village.hires(&person).await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/password"]);
        }
    }

    async fn the_first_operator_comes_from_the_command_line(on: Backend) {
        let dorf = Dorf::start(on).await;
        let settings = [
            ("DORF_DATABASE__URL", dorf.database.url()),
            ("DORF_ACCOUNTS__OPERATOR_SECOND_FACTOR", "optional".to_owned()),
        ];
        let create = async |email: &str, password: &str| {
            let arguments = ["operator", "create", "--email", email];
            let output = Program::run(dorf.folder.path(), &arguments, &settings, password).await;
            (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
        };
        let (done, said) = create("kein.at.zeichen", "lang genug ist es").await;
        assert!(!done && said.contains("email"), "{said}");
        let (done, said) = create(OPERATOR, "kurz").await;
        assert!(!done && said.contains("password"), "{said}");
        assert!(create(OPERATOR, &format!("{PASSWORD}\n")).await.0);
        let (done, said) = create(OPERATOR, PASSWORD).await;
        assert!(!done && said.contains("account already"), "{said}");
        dorf.log_in(OPERATOR).await;
    }

    async fn tokens_are_stored_as_hashes_only(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let mut found = Vec::new();
        let bytes = match on {
            Backend::Sqlite => {
                for entry in std::fs::read_dir(dorf.folder.path()).expect("the folder").filter_map(Result::ok) {
                    if entry.path().is_file() {
                        found.extend(std::fs::read(entry.path()).expect("a file"));
                    }
                }
                found
            }
            Backend::Postgres => {
                let pool = sqlx::PgPool::connect(&dorf.database.superuser_url()).await.expect("the database");
                let sql = "SELECT s::text || t::text FROM session s, subscription t";
                let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(&pool).await.expect("rows");
                assert!(!rows.is_empty());
                rows.concat().into_bytes()
            }
        };
        for secret in [&village.editor, &village.admin, &anna.secret, &anna.device().auth()] {
            let shown = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!shown, "a secret is stored as it is");
        }
    }

    async fn a_refusal_is_logged_under_its_operation(on: Backend) {
        let folder = tests::kit::fresh_folder();
        let database = on.database(folder.path()).await;
        let settings = [("DORF_DATABASE__URL", database.url()), ("DORF_LOG__FILTER", "info".to_owned())];
        let program = Program::serve(folder.path(), &settings).await;
        let client = tests::kit::client();
        let village = "/v1/villages/nirgends";
        let secret = format!("{village}/unsubscribe/geheimes-token");
        let asked = [
            ("GET", "/v1/admin/me", 401, "get_me"),
            ("POST", "/v1/admin/villages/nirgends/posts", 401, "create_post"),
            ("GET", &format!("{village}/feed"), 404, "get_feed"),
            ("POST", &format!("{village}/subscriptions/confirm"), 404, "confirm_subscription"),
            ("POST", &secret, 404, "unsubscribe"),
            ("POST", "/v1/admin/login", 415, "log_in"),
            ("GET", "/health/live", 200, "get_liveness"),
            ("DELETE", "/health/live", 405, "-"),
            ("GET", "/wp-login.php", 404, "-"),
        ];
        for (method, path, status, _) in asked {
            Ask::new(&client, method, &format!("{}{path}", program.base)).send().await.expect(status);
        }
        let (log, _) = program.terminate().await;
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(": request ")).collect();
        assert_eq!(lines.len(), asked.len(), "{log}");
        for (line, (method, _, status, operation)) in lines.iter().zip(asked) {
            let named = line.contains(&format!("operation={operation} ")) || line.contains(&format!("operation=\"{operation}\""));
            assert!(named && line.contains(method) && line.contains(&status.to_string()), "{operation}: {line}");
        }
        assert!(!log.contains("geheimes-token"), "{log}");
    }
}
