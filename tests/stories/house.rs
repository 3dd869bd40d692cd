//! The rules of the house that matter are executable.

use migration::MigratorTrait;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tests::kit::postgres::cluster;
use tests::kit::{Backend, Dorf};
use tests::stories;

/// The top of the project.
pub fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the project").to_owned()
}

/// A file of the project.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Whether whoever runs the stories wants a committed file written anew.
#[expect(clippy::disallowed_methods, reason = "the stories' own switches are not settings of the program")]
pub fn asked_to_update(name: &str) -> bool {
    std::env::var_os(name).is_some()
}

/// Every Rust file below a folder.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![top().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").filter_map(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source");
                found.push((path, text));
            }
        }
    }
    found
}

#[test]
fn crates_know_only_what_they_may() {
    let manifest = |name: &str| read(&format!("{name}/Cargo.toml"));
    let depends = |name: &str, on: &str| {
        manifest(name).lines().any(|line| line.starts_with(&format!("{on}.")) || line.starts_with(&format!("{on} ")))
    };
    assert!(!depends("api", "sea-orm") && !depends("api", "sqlx"), "only entity knows SQL");
    assert!(!depends("entity", "api") && !depends("entity", "migration"), "entity depends on nothing of ours");
    assert!(!depends("migration", "entity") && !depends("migration", "api"), "migrations never import entities");
    for (path, text) in sources("migration/src") {
        assert!(!text.contains("entity::"), "{} imports an entity", path.display());
    }
}

#[test]
fn a_feature_never_imports_another() {
    let features = [
        "accounts",
        "villages",
        "topics",
        "posts",
        "occurrences",
        "clubs",
        "subscriptions",
        "notifications",
        "roles",
        "audit",
        "moderation",
        "media",
        "stream",
        "waste",
        "health",
    ];
    for feature in features {
        for (path, text) in sources(&format!("api/src/{feature}")) {
            for other in features.iter().filter(|other| **other != feature) {
                let word = format!("crate::{other}");
                let goes_on = |at: usize| text[at..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
                let imports = text.match_indices(&word).any(|(at, _)| !goes_on(at + word.len()));
                assert!(!imports, "{} imports {other}", path.display());
            }
        }
    }
}

#[test]
fn knowledge_stays_where_it_belongs() {
    let outside = |folder: &str, word: &str, allowed: &[&str]| -> Vec<String> {
        let files = sources(folder).into_iter().filter(|(_, text)| text.contains(word));
        let names = files.map(|(path, _)| path.strip_prefix(top()).expect("inside").display().to_string());
        names.filter(|name| !allowed.iter().any(|allowed| name.contains(allowed))).collect()
    };
    let none: [String; 0] = [];
    assert_eq!(outside("api/src", "env::var", &["config.rs"]), none, "only config.rs knows the environment");
    assert_eq!(outside("api/src", "lettre::message", &["email.rs"]), none, "only the channel makes mails");
    assert_eq!(outside("api/src", "transport::smtp", &["smtp.rs", "email.rs"]), none, "only the channel knows SMTP");
    assert_eq!(outside("api/src", "web_push::", &["vapid.rs", "notifications/"]), none, "only the channel knows push");
    assert_eq!(outside("api/src", " rrule::", &["recurrence/"]), none, "only one module expands rules");
    assert_eq!(
        outside("api/src", "calcard", &["calendar/", "ical.rs"]),
        none,
        "one place reads calendars, one writes them"
    );
    assert_eq!(outside("api/src", "TODO", &[]), none);
    // `as i16` gives the discriminant, so that has to be what is stored.
    assert_eq!(outside("entity/src", "num_value", &[]), none, "a stored number is the discriminant of its variant");
    for folder in ["api/src", "entity/src", "migration/src", "tests/src", "tests/stories"] {
        for (path, _) in sources(folder) {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let says_nothing = ["utils", "util", "helpers", "common", "misc", "manager", "service", "types"];
            assert!(!says_nothing.contains(&name.as_str()), "{} says nothing", path.display());
        }
    }
}

/// Lines of code that have one of these words, outside of some files; what a comment says does not count.
fn lines_with(words: &[&str], allowed: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in sources("api/src") {
        let name = path.strip_prefix(top()).expect("inside").display().to_string();
        if allowed.iter().any(|allowed| name.starts_with(&format!("api/src/{allowed}"))) {
            continue;
        }
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let told = code.filter(|line| words.iter().any(|word| line.contains(word)));
        found.extend(told.map(|line| format!("{name}: {}", line.trim())));
    }
    found
}

#[test]
fn one_place_says_days_hours_and_states() {
    let none: [String; 0] = [];
    let for_people =
        ["%H:%M\"", "%d.%m", "%-d", "%B", "%A", "\"Januar\"", "\"January\"", "\"Dienstag\"", "\"Tuesday\"", "Uhr\""];
    let states = [
        "Abgesagt",
        "Verschoben",
        "Verlegt",
        "fällt aus",
        "Fällt aus",
        "\"Warnung\"",
        "Findet statt",
        "Findet doch statt",
    ];
    assert_eq!(
        lines_with(&for_people, &["message", "local_time.rs", "calendar/", "posts/linked_data/", "demo/"]),
        none,
        "only message says days and hours"
    );
    assert_eq!(lines_with(&states, &["message"]), none, "only message says what takes place");
    // Machines read times of their own kinds: on the wire, and in calendars.
    let of_machines =
        ["local_time.rs", "calendar/", "posts/calendar/", "recurrence/rule.rs", "ical.rs", "demo/", "message"];
    assert_eq!(lines_with(&[".format(\"%", ".format(if"], &of_machines), none, "times are written in one place");
}

#[test]
fn every_setting_is_documented_and_every_problem_described() {
    let mut section = String::new();
    let mut undocumented = Vec::new();
    let mut explained = false;
    for line in api::DEFAULTS.lines().map(str::trim) {
        if line.starts_with('#') {
            explained = true;
        } else if line.is_empty() {
            explained = false;
        } else if line.starts_with('[') && line.ends_with(']') {
            section = line.to_owned();
        } else if line.contains(" = ") && !explained {
            undocumented.push(format!("{section} {line}"));
        }
    }
    assert!(undocumented.is_empty(), "{undocumented:#?}");
    let problems = read("docs/problems.md");
    for (_, slug, ..) in api::PROBLEMS {
        assert!(problems.contains(&format!("urn:dorf:problem:{slug}")), "docs/problems.md lacks {slug}");
    }
}

/// The columns of a table: name, kind of type, whether it may be null.
type Columns = BTreeMap<String, BTreeSet<(String, String, bool)>>;

/// SQLite as the migrations made it, and as the entities see it.
#[tokio::test]
async fn migrations_and_entities_agree_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = |name: &str| format!("sqlite:{}?mode=rwc", folder.path().join(name).display());
    migration::up(&url("migrated")).await.expect("migrations");
    let migrated = sqlite_columns(&url("migrated")).await;
    let seen = sqlx::SqlitePool::connect(&url("seen")).await.expect("a database");
    for table in entity::schema::tables(false) {
        sqlx::raw_sql(sqlx::AssertSqlSafe(table.create)).execute(&seen).await.expect("the entity's table");
    }
    let seen = sqlite_columns(&url("seen")).await;
    assert_eq!(migrated, seen, "migrations (left) and entities (right) differ");
}

async fn sqlite_columns(url: &str) -> Columns {
    let pool = sqlx::SqlitePool::connect(url).await.expect("a database");
    let sql = "SELECT m.name, c.name, lower(c.type), c.\"notnull\" FROM sqlite_master m, pragma_table_info(m.name) c
               WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE 'seaql%'";
    let rows: Vec<(String, String, String, bool)> = sqlx::query_as(sql).fetch_all(&pool).await.expect("columns");
    collect(rows.into_iter().map(|(table, name, kind, not_null)| (table, name, kind, !not_null)))
}

#[tokio::test]
async fn migrations_and_entities_agree_on_postgresql() {
    let Some(cluster) = cluster() else { return };
    let migrated = cluster.new_database(None).await;
    migration::up(&migrated.url()).await.expect("migrations");
    let seen = cluster.new_database(None).await;
    let pool = sqlx::PgPool::connect(&seen.url()).await.expect("a database");
    for table in entity::schema::tables(true) {
        sqlx::raw_sql(sqlx::AssertSqlSafe(table.create)).execute(&pool).await.expect("the entity's table");
    }
    let (migrated, seen) = (postgres_columns(&migrated.url()).await, postgres_columns(&seen.url()).await);
    assert_eq!(migrated, seen, "migrations (left) and entities (right) differ");
}

async fn postgres_columns(url: &str) -> Columns {
    let pool = sqlx::PgPool::connect(url).await.expect("a database");
    let sql = "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES'
               FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'seaql%'";
    collect(sqlx::query_as(sql).fetch_all(&pool).await.expect("columns").into_iter())
}

fn collect(rows: impl Iterator<Item = (String, String, String, bool)>) -> Columns {
    let mut columns = Columns::new();
    for (table, name, kind, nullable) in rows {
        columns.entry(table).or_default().insert((name, kind, nullable));
    }
    assert!(columns.len() > 10, "there are tables to compare");
    columns
}

#[tokio::test]
async fn migrations_go_down_and_up_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut urls = vec![format!("sqlite:{}?mode=rwc", folder.path().join("dorf.db").display())];
    if let Some(cluster) = cluster() {
        urls.push(cluster.new_database(None).await.url());
    }
    let all = migration::Migrator::migrations().len();
    for url in urls {
        migration::up(&url).await.expect("up");
        migration::down(&url, None).await.expect("down");
        assert_eq!(migration::pending(&url).await.expect("pending").len(), all, "everything was taken back");
        migration::up(&url).await.expect("up again");
        assert!(migration::pending(&url).await.expect("pending").is_empty());
    }
}

/// The database's own fence: a tenant table without it fails here.
#[tokio::test]
async fn every_tenant_table_has_forced_row_level_security() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.new_database(None).await;
    migration::up(&database.url()).await.expect("migrations");
    let pool = sqlx::PgPool::connect(&database.url()).await.expect("a database");
    let sql = "SELECT c.relname::text, c.relrowsecurity, c.relforcerowsecurity,
                 EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'village_id'),
                 (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polwithcheck IS NOT NULL),
                 (SELECT string_agg(a.attname, ',' ORDER BY array_position(i.indkey::int2[], a.attnum)) FROM pg_index i
                  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
                  WHERE i.indrelid = c.oid AND i.indisprimary)
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'public' AND c.relkind = 'r'";
    type Table = (String, bool, bool, bool, i64, String);
    let tables: Vec<Table> = sqlx::query_as(sql).fetch_all(&pool).await.expect("the catalogue");
    let of_no_village = [
        "installation",
        "municipality",
        "municipality_invitation",
        "ended_invitation",
        "municipality_role",
        "joint_post",
        "joint_claim",
        "village",
        "account",
        "account_link",
        "account_mail",
        "recovery_code",
        "school_holiday",
        "second_factor",
        "session",
        "throttle",
        "operator_idempotency_key",
        "seaql_migrations",
    ];
    let mut tenants = 0;
    for (name, enabled, forced, has_village, policies, key) in tables {
        if of_no_village.contains(&name.as_str()) {
            assert!(!has_village, "{name} has a village and so needs the fence");
            continue;
        }
        tenants += 1;
        assert!(has_village, "{name} belongs to no village and is not in the list of such tables");
        assert!(enabled && forced && policies == 1, "{name} lacks a forced policy");
        assert_eq!(key, "village_id,id", "the primary key of {name}");
    }
    assert!(tenants >= 15, "{tenants} tenant tables");
    assert_foreign_keys_stay_within_the_village(&pool).await;
}

async fn assert_foreign_keys_stay_within_the_village(pool: &sqlx::PgPool) {
    let sql = "SELECT k.conrelid::regclass::text, k.confrelid::regclass::text,
                 (SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1]),
                 cardinality(k.conkey)
               FROM pg_constraint k WHERE k.contype = 'f' AND EXISTS (
                 SELECT 1 FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attname = 'village_id')";
    let keys: Vec<(String, String, String, i32)> = sqlx::query_as(sql).fetch_all(pool).await.expect("the catalogue");
    assert!(keys.len() >= 9, "{keys:?}");
    for (from, to, first, columns) in keys {
        assert!(first == "village_id" && columns == 2, "{from} refers to {to} across villages");
    }
}

#[tokio::test]
async fn a_role_that_bypasses_row_security_is_refused() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.new_database(None).await;
    let folder = tempfile::tempdir().expect("a folder");
    let settings = [("DORF_DATABASE__URL", database.superuser_url())];
    let output = tests::kit::Program::run(folder.path(), &["serve"], &settings, "").await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("BYPASSRLS"), "{said}");
}

stories! {
    async fn the_documentation_is_served_by_the_program(on: Backend) {
        let dorf = Dorf::start(on).await;
        let docs = dorf.ask("GET", "/docs").send().await.expect(200);
        assert!(docs.text().contains("swagger"), "an interactive page");
        let contract = dorf.ask("GET", "/openapi.yaml").send().await.expect(200);
        assert!(contract.text() == read("openapi.yaml"), "the contract that is served is another one");
        dorf.ask("GET", "/health/live").send().await.expect(200);
        assert_eq!(dorf.ask("GET", "/health/ready").send().await.expect(200).str("status"), "ready");
    }
}

/// A wrong key, value or combination stops the start with a line that names it.
#[tokio::test]
async fn wrong_settings_stop_the_start_and_are_named() {
    let wrong = [
        ("DORF_HTTP__LISTEN", "here", "listen"),
        ("DORF_HTTP__MAX_BODY_KIB", "many", "max_body_kib"),
        ("DORF_HTPP__LISTEN", "127.0.0.1:1", "htpp"),
        ("DORF_PUSH__PAWS_S", "1", "paws_s"),
        ("DORF_DATABASE__URL", "mysql://localhost/dorf", "database.url"),
        ("DORF_MAIL__SMTP_URL", "smtp://user:geheim@mail.example:587", "mail.smtp_url"),
        ("DORF_MAIL__SMTP_URL", "smtp://mail.example", "mail.smtp_url"),
        ("DORF_PUSH__CONTACT", "nobody", "push.contact"),
        ("DORF_NOTIFICATIONS__LEASE_S", "5", "notifications.lease_s"),
        ("DORF_PUSH__MAX_IN_FLIGHT", "0", "push.max_in_flight"),
        ("DORF_HTTP__PUBLIC_URL", "nowhere", "http.public_url"),
        ("DORF_LOG__FORMAT", "xml", r#""xml" is neither "text" nor "json" for key `log.format`"#),
        ("DORF_ACCOUNTS__OPERATOR_SECOND_FACTOR", "maybe", "accounts.operator_second_factor"),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    for (key, value, named) in wrong {
        let output = tests::kit::Program::run(folder.path(), &["serve"], &[(key, value.to_owned())], "").await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{key}={value} was accepted");
        assert!(said.contains(named), "{key}={value}: {said}");
        assert!(!said.contains("geheim") && said.lines().count() == 1, "{said}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn keys_are_readable_by_their_owner_only_and_stay() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let key = || std::fs::read(folder.path().join("keys/vapid.key")).expect("the VAPID key");
    tests::kit::Program::serve(folder.path(), &[]).await.kill().await;
    let first = key();
    for name in ["vapid.key", "master.key"] {
        let mode = std::fs::metadata(folder.path().join("keys").join(name)).expect("the key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    tests::kit::Program::serve(folder.path(), &[]).await.kill().await;
    assert_eq!(first, key(), "browsers are bound to the key");
}

/// The demo counts what the receivers got.
#[tokio::test]
async fn the_demo_delivers_everything_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = [("DORF_HTTP__LISTEN", "127.0.0.1:0".to_owned())];
    let output = tests::kit::Program::run(folder.path(), &["demo", "--once"], &settings, "").await;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let last: serde_json::Value = serde_json::from_str(said.lines().last().expect("a last line")).expect("JSON");
    assert_eq!((&last["villages"], &last["posts"]), (&3.into(), &3.into()), "{last}");
    assert_eq!((&last["pushes_delivered"], &last["mails_delivered"]), (&5.into(), &5.into()), "{last}");
    for deed in ["invited", "handed in", "returned", "corrected", "approved", "scheduled", "went out"] {
        assert!(said.lines().any(|line| line.starts_with(&format!("  {deed} "))), "{deed} is told: {said}");
    }
    assert_eq!(last["stray_deliveries"], 0, "{last}");
    assert!(last["elapsed_ms"].is_u64());
}
