//! A throw-away PostgreSQL cluster for the tests of one process.
//!
//! The server is the installed one; its data live in a temporary directory and its durability is switched off. A small
//! shell script (`postgres/cluster.sh`) owns both and listens to a pipe that only this process holds: when the process
//! ends, even by SIGKILL, the pipe ends, and the script stops the server and removes the directory.

use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use binaries::binaries;
use script::Script;

mod binaries;
mod script;

/// How often a template may be found in use before a story gives up; the server itself waits 5 s each time.
const PATIENCE: usize = 6;

/// The cluster of this process, started by the first who asks; `None` where no server is installed.
///
/// Panics instead of `None` if the environment says `DORF_TEST_POSTGRES=required`. Blocks for about a second, once.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER.get_or_init(Cluster::own).as_ref()
}

/// A running server. Dropping it stops the server and removes its data.
pub struct Cluster {
    port: u16,
    script: Mutex<Script>,
    /// Only one database is copied at a time: copying two from one template at once may fail.
    copying: tokio::sync::Mutex<()>,
    databases: AtomicUsize,
    /// The names of databases that nobody needs any more. The next who wants one removes them.
    left: Mutex<Vec<String>>,
}

impl Cluster {
    /// A cluster of one's own, e.g. to stop it; `None` or a panic where no server is installed, as in [`cluster`].
    pub fn own() -> Option<Cluster> {
        Self::own_in(&std::env::temp_dir())
    }

    /// The same, with its data below `folder`, where everybody must be allowed to write.
    pub fn own_in(folder: &Path) -> Option<Cluster> {
        let mut script = Script::run(binaries()?, folder);
        let mut started = free_ports().filter(|port| script.obeys(&format!("start {port}")));
        let Some(port) = started.next() else { script.fail("start") };
        let (script, copying) = (Mutex::new(script), tokio::sync::Mutex::new(()));
        Some(Cluster { port, script, copying, databases: AtomicUsize::new(0), left: Mutex::default() })
    }

    /// A new database, empty or a copy of `template` (a [`Database::name`]), owned by the role `dorf`.
    ///
    /// Nobody may be connected to the template; connections that are just closing are waited for. The database stays
    /// (about 12 MB) until the cluster goes, or until it is [left](Cluster::leave).
    pub async fn new_database(&self, template: Option<&str>) -> Database {
        let name = format!("dorf_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let template = template.unwrap_or("template1");
        let sql = format!(r#"CREATE DATABASE "{name}" OWNER dorf TEMPLATE "{template}""#);
        let _alone = self.copying.lock().await;
        let left = std::mem::take(&mut *self.left.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
        for name in left {
            let sql = format!(r#"DROP DATABASE "{name}" WITH (FORCE)"#);
            self.execute(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
        for attempt in 1.. {
            match self.execute(&sql).await {
                Ok(()) => break,
                Err(error) if attempt < PATIENCE && is_in_use(&error) => {}
                Err(error) => panic!("{sql}: {error}"),
            }
        }
        Database { port: self.port, name }
    }

    /// Says that nobody needs a database any more: what all stories wrote would be gigabytes.
    pub fn leave(&self, database: &Database) {
        self.left.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(database.name.clone());
    }

    /// Stops the server at once, as a crash would; connections break, data stay. Blocks until it is down.
    pub fn stop(&self) {
        self.order("stop");
    }

    /// Starts a stopped server again, on the same port. Blocks until it takes connections.
    pub fn restart(&self) {
        self.order(&format!("start {}", self.port));
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    fn order(&self, command: &str) {
        let mut script = self.script.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if !script.obeys(command) {
            script.fail(command);
        }
    }

    async fn execute(&self, sql: &str) -> Result<(), sqlx::Error> {
        run(&address(self.port, "postgres", "postgres"), sql).await
    }
}

/// A database of a [`Cluster`].
#[derive(Debug, Clone)]
pub struct Database {
    port: u16,
    name: String,
}

impl Database {
    /// Its name, unique within the cluster; also what a copy of it is made from.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// For the application: as `dorf`, who owns the database and is bound by row-level security it forces on itself.
    pub fn url(&self) -> String {
        address(self.port, "dorf", &self.name)
    }

    /// For looking behind the curtain: as superuser, whom row-level security does not bind.
    pub fn superuser_url(&self) -> String {
        address(self.port, "postgres", &self.name)
    }
}

fn address(port: u16, role: &str, database: &str) -> String {
    format!("postgres://{role}@127.0.0.1:{port}/{database}")
}

async fn run(url: &str, sql: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
    connection.close().await
}

/// Whether somebody was connected to the template (SQLSTATE 55006).
fn is_in_use(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.as_deref() == Some("55006")
}

/// A few free ports below those the system gives to outgoing connections, so that none takes the port while the
/// server is stopped. Where to begin depends on the process, so that parallel ones seldom meet.
fn free_ports() -> impl Iterator<Item = u16> {
    let start = std::process::id() as usize * 37;
    let candidates = (0..12_000).map(move |step| 20_000 + ((start + step) % 12_000) as u16);
    candidates.filter(|&port| TcpListener::bind(("127.0.0.1", port)).is_ok()).take(5)
}
