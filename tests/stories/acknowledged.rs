//! What was acknowledged is there after a restart, and what was refused is not: after a full disk, after I/O errors, whoever met them,
//! and after PostgreSQL ended connections in the middle.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tests::kit::{Ask, Backend, Dorf, OPERATOR, PASSWORD, Program, Reply, SmallDisk, fresh_folder, news};

/// A village on a program of its own.
struct Village<'a> {
    folder: &'a Path,
    client: reqwest::Client,
    token: String,
}

impl<'a> Village<'a> {
    async fn found(folder: &'a Path, program: &Program) -> Self {
        let mut village = Self { folder, client: tests::kit::client(), token: String::new() };
        village.make_operator(OPERATOR).await;
        village.token = village.log_in(program, OPERATOR).await;
        let body = json!({"name": "Kalletal", "ags": "05766036"});
        let municipality = village.post(program, "/v1/operator/municipalities", &body).await.expect(201).str("id");
        let body = json!({
            "municipality": municipality, "slug": "talle", "name": "Talle",
            "sender_name": "Kalletal", "sender_address": "post@kalletal.example",
        });
        village.post(program, "/v1/operator/villages", &body).await.expect(201);
        let body = json!({"email": "admin@talle.example", "name": "Admin", "password": PASSWORD});
        village.post(program, "/v1/operator/villages/talle/admins", &body).await.expect(201);
        village.token = village.log_in(program, "admin@talle.example").await;
        village
    }

    /// Makes an operator beside the server, which tells whether another process can write.
    async fn make_operator(&self, email: &str) {
        let arguments = ["operator", "create", "--email", email];
        let made = Program::run(self.folder, &arguments, &settings(), PASSWORD).await;
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    async fn log_in(&self, program: &Program, email: &str) -> String {
        let body = json!({"email": email, "password": PASSWORD});
        self.post(program, "/v1/admin/login", &body).await.expect(200).str("token")
    }

    async fn post(&self, program: &Program, path: &str, body: &Value) -> Reply {
        let mut ask = Ask::new(&self.client, "POST", &format!("{}{path}", program.base)).json(body);
        if !self.token.is_empty() {
            ask = ask.bearer(&self.token);
        }
        ask.send().await
    }

    async fn get(&self, program: &Program, path: &str) -> Reply {
        Ask::new(&self.client, "GET", &format!("{}{path}", program.base)).send().await
    }

    /// Writes and publishes a post, whose identifier it gives if both were acknowledged.
    async fn publish(&self, program: &Program, title: &str, length: usize) -> Result<String, Reply> {
        let draft = json!({"kind": "news", "title": title, "body_markdown": "x".repeat(length)});
        let made = self.post(program, "/v1/admin/villages/talle/posts", &draft).await;
        if made.status != 201 {
            return Err(made);
        }
        let id = made.str("id");
        let path = format!("{}/v1/admin/villages/talle/posts/{id}/publish", program.base);
        let published =
            Ask::new(&self.client, "POST", &path).bearer(&self.token).header("If-Match", "\"1\"").send().await;
        if published.status == 200 { Ok(id) } else { Err(published) }
    }

    /// Publishes until it is refused; gives what was acknowledged, and the refusal.
    async fn publish_until_refused(&self, program: &Program, length: usize) -> (BTreeSet<String>, Reply) {
        let mut acknowledged = BTreeSet::new();
        for n in 0..2000 {
            match self.publish(program, &format!("Vorher {n}"), length).await {
                Ok(id) => drop(acknowledged.insert(id)),
                Err(refused) => return (acknowledged, refused),
            }
        }
        panic!("nothing was refused");
    }

    /// What residents see.
    async fn public(&self, program: &Program) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut path = "/v1/villages/talle/feed?limit=100".to_owned();
        loop {
            let page = self.get(program, &path).await.expect(200);
            let items = page.json()["items"].as_array().expect("items").clone();
            found.extend(items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()));
            match page.json()["next_cursor"].as_str() {
                Some(next) => path = format!("/v1/villages/talle/feed?limit=100&cursor={next}"),
                None => return found,
            }
        }
    }

    /// Everything goes on after the trouble; what was acknowledged before and after it is there, now and after a restart.
    async fn goes_on(&self, program: Program, mut acknowledged: BTreeSet<String>) {
        self.get(&program, "/health/ready").await.expect(200);
        for n in 0..5 {
            acknowledged.insert(self.publish(&program, &format!("Nachher {n}"), 100).await.expect("published"));
            // A readiness check used to roll back, which made it worse.
            self.get(&program, "/health/ready").await.expect(200);
        }
        self.make_operator("zweite@krz.example").await;
        assert_eq!(self.public(&program).await, acknowledged, "seen by readers");
        let (log, ended_well) = program.terminate().await;
        assert!(ended_well, "{log}");
        let program = Program::serve(self.folder, &settings()).await;
        assert_eq!(self.public(&program).await, acknowledged, "after a restart");
        self.log_in(&program, "zweite@krz.example").await;
    }
}

fn settings() -> Vec<(&'static str, String)> {
    vec![
        ("DORF_LOG__FILTER", "warn".to_owned()),
        ("DORF_NOTIFICATIONS__POLL_S", "1".to_owned()),
        ("DORF_ACCOUNTS__ARGON2_MEMORY_KIB", "64".to_owned()),
        ("DORF_LIMITS__TELLINGS_PER_ACCOUNT", "10000".to_owned()),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_full_disk_what_was_acknowledged_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(disk) = SmallDisk::mount(folder.path(), 12) else { return };
    let program = Program::serve(folder.path(), &settings()).await;
    let village = Village::found(folder.path(), &program).await;
    let filler = disk.fill();
    let (acknowledged, refused) = village.publish_until_refused(&program, 15_000).await;
    refused.problem(507, "insufficient-storage");
    for _ in 0..3 {
        village.get(&program, "/health/ready").await.problem(503, "unavailable");
    }
    std::fs::remove_file(&filler).expect("room again");
    village.goes_on(program, acknowledged).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_worker_met_a_full_disk_what_was_acknowledged_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(disk) = SmallDisk::mount(folder.path(), 12) else { return };
    let mut program = Program::serve(folder.path(), &settings()).await;
    let village = Village::found(folder.path(), &program).await;
    let first = village.publish(&program, "Vorher", 100).await.expect("published");
    let draft = json!({"kind": "news", "title": "Um drei", "body_markdown": "x".repeat(15_000)});
    let made = village.post(&program, "/v1/admin/villages/talle/posts", &draft).await.expect(201).str("id");
    let soon = api::Clock::system().now() + chrono::TimeDelta::seconds(3);
    let schedule =
        Ask::new(&village.client, "POST", &format!("{}/v1/admin/villages/talle/posts/{made}/schedule", program.base));
    let soon = soon.with_timezone(&chrono_tz::Europe::Berlin).format("%Y-%m-%dT%H:%M:%S").to_string();
    let soon = json!({"publish_at_local": soon});
    schedule.bearer(&village.token).header("If-Match", "\"1\"").json(&soon).send().await.expect(200);
    let filler = disk.fill();
    program.hear("due work could not be done").await;
    std::fs::remove_file(&filler).expect("room again");
    let mut public = village.public(&program).await;
    while public.len() < 2 {
        public = village.public(&program).await;
    }
    village.goes_on(program, BTreeSet::from([first, made])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_io_errors_what_was_acknowledged_is_there() {
    let folder = fresh_folder();
    let program = Program::serve_limitable(folder.path(), &settings()).await;
    let village = Village::found(folder.path(), &program).await;
    for n in 1..4 {
        let before = village.publish(&program, &format!("Vor dem {n}. Mal"), 100).await.expect("published");
        program.limit_files(Some(8 * 1024));
        assert!(village.public(&program).await.contains(&before));
        let refused = village.publish(&program, "Währenddessen", 15_000).await.expect_err("refused");
        refused.problem(503, "unavailable");
        village.get(&program, "/health/ready").await.problem(503, "unavailable");
        program.limit_files(None);
        village.get(&program, "/health/ready").await.expect(200);
    }
    let acknowledged = village.public(&program).await;
    assert_eq!(acknowledged.len(), 3);
    village.goes_on(program, acknowledged).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_postgresql_ends_lose_and_double_nothing() {
    if !Backend::has_postgres() {
        return;
    }
    let dorf = Dorf::start(Backend::Postgres).await;
    let village = dorf.village("luedenhausen").await;
    let admin = sqlx::PgPool::connect(&dorf.database.superuser_url()).await.expect("the database");
    let done = Arc::new(AtomicBool::new(false));
    let killer = tokio::spawn({
        let done = done.clone();
        async move {
            let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                       WHERE usename = 'dorf' AND datname = current_database() AND random() < 0.2";
            while !done.load(Ordering::SeqCst) {
                sqlx::raw_sql(end).execute(&admin).await.expect("ended");
            }
        }
    });
    let (mut refused, mut ids) = (0, BTreeSet::new());
    for n in 0..20 {
        let draft = json!({"kind": "news", "title": format!("Beitrag {n}")});
        let key = format!("beitrag-{n}");
        loop {
            let ask = village.editor().ask("POST", "/posts").header("Idempotency-Key", &key).json(&draft);
            let reply = ask.send().await;
            if reply.status == 201 {
                ids.insert(reply.str("id"));
                break;
            }
            reply.problem(503, "unavailable");
            refused += 1;
        }
    }
    done.store(true, Ordering::SeqCst);
    killer.await.expect("the killer ends");
    assert!(refused > 0, "some were ended in the middle");
    assert_eq!(ids.len(), 20);
    let stored: BTreeSet<String> = dorf.database.column("SELECT id::text FROM post").await.into_iter().collect();
    assert_eq!(stored, ids, "each once, whatever was refused before");
    village.editor().publishes(news("Nachher")).await;
}
