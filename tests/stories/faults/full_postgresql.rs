//! PostgreSQL with a full disk, whoever meets it: what was acknowledged is there, also after all was started again.

use super::Village;
use chrono::TimeDelta;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::PathBuf;
use tempfile::TempDir;
use tests::kit::postgres::{Cluster, Database};
use tests::kit::{Ask, Backend, Dorf, Program, SmallDisk};

/// A village on a PostgreSQL that has a small disk to itself.
struct World {
    dorf: Dorf,
    village: Village,
    admin: sqlx::PgPool,
    database: Database,
    cluster: Cluster,
    disk: SmallDisk,
    _folder: TempDir,
}

impl World {
    /// Nothing where there is no PostgreSQL, or no file system can be mounted.
    async fn new() -> Option<Self> {
        if !Backend::has_postgres() {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let disk = SmallDisk::mount(folder.path(), 192)?;
        let cluster = Cluster::own_in(folder.path()).expect("PostgreSQL is there");
        let database = cluster.new_database(None).await;
        let url = database.url();
        let dorf = Dorf::start_with(Backend::Postgres, |settings| settings.database.url = url.into()).await;
        let village = Village::found(&dorf, &database.url()).await;
        let admin = sqlx::PgPool::connect(&database.superuser_url()).await.expect("the database");
        Some(Self { dorf, village, admin, database, cluster, disk, _folder: folder })
    }

    /// Takes the room that is left; gives what to remove for room again.
    async fn fill(&self) -> PathBuf {
        // A new segment of the log, so that there is room in it for all that follows: without, the server itself would stop.
        sqlx::raw_sql("SELECT pg_switch_wal(); CHECKPOINT").execute(&self.admin).await.expect("a new segment");
        self.village.create(&self.dorf, "Noch eins").await.expect(201);
        self.disk.fill()
    }

    async fn posts(&self) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM post").fetch_one(&self.admin).await.expect("read")
    }

    /// Does what is done with a draft; gives its identifier.
    async fn steps(&self, draft: &str, step: &str, body: serde_json::Value) {
        let path = format!("/v1/admin/villages/talle/posts/{draft}/{step}");
        let ask = self.dorf.ask("POST", &path).bearer(&self.village.token).header("If-Match", "\"1\"").json(&body);
        ask.send().await.expect(200);
    }

    /// PostgreSQL is started again as after a crash, and so is the program; residents see these posts, and the database is whole.
    async fn starts_again(&self, public: &BTreeSet<String>) {
        self.cluster.stop();
        self.cluster.restart();
        let settings = [("DORF_DATABASE__URL", self.database.url()), ("DORF_LOG__FILTER", "warn".to_owned())];
        let program = Program::answer(self.dorf.folder.path(), &settings).await;
        let path = format!("{}/v1/villages/talle/feed?limit=100", program.base);
        let feed = Ask::new(&self.dorf.client, "GET", &path).send().await.expect(200).json();
        let items = feed["items"].as_array().expect("items").iter();
        let found: Vec<String> = items.map(|item| item["id"].as_str().expect("an id").to_owned()).collect();
        assert_eq!(found.len(), public.len(), "each once");
        assert_eq!(&found.into_iter().collect::<BTreeSet<_>>(), public);
        let (log, ended_well) = program.terminate().await;
        assert!(ended_well, "{log}");
        let check = "CREATE EXTENSION IF NOT EXISTS amcheck; SELECT bt_index_check(i.indexrelid, true) FROM pg_index i
                     JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
                     WHERE a.amname = 'btree' AND c.relpersistence = 'p'";
        let fresh = sqlx::PgPool::connect(&self.database.superuser_url()).await.expect("the database");
        sqlx::raw_sql(check).execute(&fresh).await.expect("every index and its table agree");
        fresh.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_of_postgresql_refuses_writing_and_harms_nothing() {
    let Some(world) = World::new().await else { return };
    let (dorf, village) = (&world.dorf, &world.village);
    let before = village.create(dorf, "Vorher").await.expect(201).str("id");
    world.steps(&before, "publish", json!({})).await;
    let filler = world.fill().await;

    let mut accepted = 2;
    let mut refused = None;
    for _ in 0..500 {
        let reply = village.create(dorf, &"x".repeat(100)).await;
        if reply.status != 201 {
            refused = Some(reply);
            break;
        }
        accepted += 1;
    }
    let refused = refused.expect("a full disk refuses");
    refused.problem(507, "insufficient-storage");
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(world.posts().await, accepted, "what was acknowledged, and nothing of what was refused");
    assert_eq!(village.read(dorf, &before).await.expect(200).str("title"), "Vorher");
    dorf.ask("GET", "/v1/villages/talle/feed").send().await.expect(200);
    dorf.ask("GET", "/health/live").send().await.expect(200);

    std::fs::remove_file(&filler).expect("room again");
    let after = village.create(dorf, "Nachher").await.expect(201).str("id");
    world.steps(&after, "publish", json!({})).await;
    assert_eq!(world.posts().await, accepted + 1);
    world.admin.close().await;
    world.starts_again(&BTreeSet::from([before, after])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_worker_met_a_full_disk_of_postgresql_what_was_acknowledged_is_there() {
    let Some(world) = World::new().await else { return };
    let (dorf, village) = (&world.dorf, &world.village);
    let mut acknowledged = BTreeSet::new();
    // Enough of them that what is written when they go out needs more than the pages that are there.
    for n in 0..80 {
        let made = village.create(dorf, &format!("Um halb elf: {n}")).await.expect(201).str("id");
        world.steps(&made, "schedule", json!({"publish_at_local": "2026-11-22T10:30:00"})).await;
        acknowledged.insert(made);
    }
    let filler = world.fill().await;
    dorf.wait(TimeDelta::hours(1));
    assert!(!dorf.tries_work().await, "the worker met the full disk");
    let out = dorf.ask("GET", "/v1/villages/talle/feed?limit=100").send().await.expect(200).titles().len();
    assert!(out < acknowledged.len(), "{out} went out");

    std::fs::remove_file(&filler).expect("room again");
    // What failed was put off until the next look.
    dorf.wait(TimeDelta::minutes(1));
    dorf.work_off().await;
    world.admin.close().await;
    world.starts_again(&acknowledged).await;
}
