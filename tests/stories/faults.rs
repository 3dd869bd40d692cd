//! Faults of the ground we stand on: a locked, read-only, full or absent database. The process lives, says so, and goes on
//! by itself afterwards; what was acknowledged stays.

mod full_postgresql;

use serde_json::json;
use tests::kit::postgres::Cluster;
use tests::kit::{Ask, Backend, Dorf, OPERATOR, PASSWORD, Program, Reply, SmallDisk, news};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_database_is_unavailable_for_writing_and_readable() {
    let dorf = Dorf::start_with(Backend::Sqlite, |settings| settings.database.patience_s = 1).await;
    let village = dorf.village("luedenhausen").await;
    village.editor().publishes(news("Vorher")).await;
    let pool = sqlx::SqlitePool::connect(&dorf.database.url()).await.expect("the database");
    let mut other = pool.acquire().await.expect("a connection");
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut *other).await.expect("the lock");

    let draft = json!({"kind": "news", "title": "Währenddessen"});
    let refused = village.editor().ask("POST", "/posts").json(&draft).send().await;
    refused.problem(503, "unavailable");
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(village.feed().await.titles(), ["Vorher"]);
    dorf.ask("GET", "/health/ready").send().await.problem(503, "unavailable");
    dorf.ask("GET", "/health/live").send().await.expect(200);

    sqlx::query("ROLLBACK").execute(&mut *other).await.expect("unlocked");
    village.editor().ask("POST", "/posts").json(&draft).send().await.expect(201);
    dorf.ask("GET", "/health/ready").send().await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_may_go_away_and_come_back() {
    let Some(cluster) = Cluster::own() else { return };
    let database = cluster.new_database(None).await;
    let url = database.url();
    let dorf = Dorf::start_with(Backend::Postgres, |settings| {
        settings.database.url = url.into();
        settings.database.patience_s = 2;
    });
    let dorf = dorf.await;
    let village = Village::found(&dorf, &database.url()).await;
    let before = village.create(&dorf, "Vorher").await.expect(201).str("id");

    cluster.stop();
    let refused = village.create(&dorf, "Währenddessen").await;
    refused.problem(503, "unavailable");
    assert!(!refused.header("retry-after").is_empty());
    dorf.ask("GET", "/v1/villages?q=x").send().await.problem(503, "unavailable");
    dorf.ask("GET", "/health/ready").send().await.problem(503, "unavailable");
    dorf.ask("GET", "/health/live").send().await.expect(200);

    cluster.restart();
    let found = village.read(&dorf, &before).await.expect(200);
    assert_eq!(found.str("title"), "Vorher", "what was acknowledged is there");
    village.create(&dorf, "Nachher").await.expect(201);
    dorf.ask("GET", "/health/ready").send().await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_postgresql_is_unavailable_for_writing() {
    let Some(cluster) = Cluster::own() else { return };
    let database = cluster.new_database(None).await;
    let url = database.url();
    let dorf = Dorf::start_with(Backend::Postgres, |settings| settings.database.url = url.into()).await;
    let village = Village::found(&dorf, &database.url()).await;
    let admin = sqlx::PgPool::connect(&database.superuser_url()).await.expect("the database");
    let all = async |read_only: &str| {
        let set = format!("ALTER ROLE dorf SET default_transaction_read_only = {read_only}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(set)).execute(&admin).await.expect("set");
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'dorf'";
        sqlx::raw_sql(end).execute(&admin).await.expect("ended");
    };
    all("on").await;
    let mut refused = village.create(&dorf, "Nein").await;
    if refused.status != 503 {
        refused = village.create(&dorf, "Nein").await;
    }
    refused.problem(503, "unavailable");
    all("off").await;
    let mut accepted = village.create(&dorf, "Ja").await;
    if accepted.status == 503 {
        // The first request may meet a connection that was just ended.
        accepted = village.create(&dorf, "Ja").await;
    }
    accepted.expect(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_panics_harms_nobody_else() {
    let dorf = Dorf::start(Backend::Sqlite).await;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let panicking = poem::endpoint::make_sync(|request: poem::Request| -> poem::Response {
        assert!(request.uri().path() != "/panics", "on purpose");
        poem::Response::builder().body("fine")
    });
    tokio::spawn(api::serve_behind_edge(listener, dorf.running.app.clone(), panicking));
    for _ in 0..3 {
        let reply = Ask::new(&dorf.client, "GET", &format!("{base}/panics")).send().await;
        reply.problem(500, "internal");
        assert!(!reply.text().contains("on purpose"), "nothing internal leaks");
        let next = Ask::new(&dorf.client, "GET", &format!("{base}/works")).send().await.expect(200);
        assert_eq!(next.text(), "fine", "on the same connection");
    }
}

/// A village on a database that the kit did not make.
struct Village {
    token: String,
}

impl Village {
    async fn found(dorf: &Dorf, url: &str) -> Self {
        let settings =
            [("DORF_DATABASE__URL", url.to_owned()), ("DORF_ACCOUNTS__OPERATOR_SECOND_FACTOR", "optional".to_owned())];
        let arguments = ["operator", "create", "--email", OPERATOR];
        let made = Program::run(dorf.folder.path(), &arguments, &settings, PASSWORD).await;
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let operator = dorf.log_in(OPERATOR).await;
        let post = async |path: &str, body: serde_json::Value| {
            dorf.ask("POST", path).bearer(&operator).json(&body).send().await.expect(201)
        };
        let body = json!({"name": "Kalletal", "ags": "05766036"});
        let municipality = post("/v1/operator/municipalities", body).await.str("id");
        let village = json!({
            "municipality": municipality, "slug": "talle", "name": "Talle",
            "sender_name": "Kalletal", "sender_address": "post@kalletal.example",
        });
        post("/v1/operator/villages", village).await;
        let admin = json!({"email": "admin@talle.example", "name": "Admin", "password": PASSWORD});
        post("/v1/operator/villages/talle/admins", admin).await;
        Self { token: dorf.log_in("admin@talle.example").await }
    }

    async fn create(&self, dorf: &Dorf, title: &str) -> Reply {
        let draft = json!({"kind": "news", "title": title});
        dorf.ask("POST", "/v1/admin/villages/talle/posts").bearer(&self.token).json(&draft).send().await
    }

    async fn read(&self, dorf: &Dorf, post: &str) -> Reply {
        dorf.ask("GET", &format!("/v1/admin/villages/talle/posts/{post}")).bearer(&self.token).send().await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_writing_and_harms_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(disk) = SmallDisk::mount(folder.path(), 6) else { return };
    let settings = [("DORF_LOG__FILTER", "error".to_owned())];
    let arguments = ["operator", "create", "--new", "--email", OPERATOR];
    assert!(Program::run(folder.path(), &arguments, &settings, PASSWORD).await.status.success());
    let program = Program::serve(folder.path(), &settings).await;
    let client = tests::kit::client();
    let ask = |method: &str, path: &str| Ask::new(&client, method, &format!("{}{path}", program.base));
    let login = json!({"email": OPERATOR, "password": PASSWORD});
    let token = ask("POST", "/v1/admin/login").json(&login).send().await.expect(200).str("token");
    let enter = async |n: usize| {
        let body = json!({"name": "x".repeat(100), "ags": format!("{n:08}")});
        ask("POST", "/v1/operator/municipalities").bearer(&token).json(&body).send().await
    };
    enter(1).await.expect(201);
    let filler = disk.fill();

    let mut refused = None;
    for n in 2..200 {
        let reply = enter(n).await;
        if reply.status != 201 {
            refused = Some(reply);
            break;
        }
    }
    let refused = refused.expect("a full disk refuses");
    assert!([503, 507].contains(&refused.status), "{}", refused.text());
    assert!(!refused.header("retry-after").is_empty());
    ask("GET", "/v1/villages").send().await.expect(200);
    let listed = ask("GET", "/v1/operator/municipalities").bearer(&token).send().await.expect(200);
    assert_eq!(listed.json()["items"][0]["ags"], "00000001");

    std::fs::remove_file(&filler).expect("room again");
    enter(900).await.expect(201);
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", folder.path().join("dorf.db").display())).await;
    let check: String =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&pool.expect("the database")).await.expect("checked");
    assert_eq!(check, "ok");
    program.kill().await;

    // Mounted read-only, SQLite can open it or not, by what the kill left of its log. Either way it is said clearly.
    disk.remount("ro");
    match Program::try_serve(folder.path(), &settings).await {
        Ok(program) => {
            let ask = |method: &str, path: &str| Ask::new(&client, method, &format!("{}{path}", program.base));
            ask("GET", "/v1/villages").send().await.expect(200);
            ask("POST", "/v1/admin/login").json(&login).send().await.problem(503, "unavailable");
            program.kill().await;
        }
        Err(said) => assert!(said.contains("database") && said.lines().count() == 1, "{said}"),
    }
}
