//! A start tells the truth before it changes anything, and starts where people start it.

mod keys;
mod neighbours;

use sqlx::Connection;
use std::path::Path;
use std::time::{Duration, Instant};
use tests::kit::postgres::cluster;
use tests::kit::{Ask, OPERATOR, PASSWORD, Program};

/// What a command said that must not succeed, in one line.
async fn refused(folder: &Path, arguments: &[&str], settings: &[(&str, String)]) -> String {
    let output = Program::run(folder, arguments, settings, PASSWORD).await;
    let said = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
    assert!(!output.status.success(), "{arguments:?} succeeded: {said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

/// Makes an operator, and the database if there is none.
async fn make_operator(folder: &Path, settings: &[(&str, String)]) -> String {
    let arguments = ["operator", "create", "--new", "--email", OPERATOR];
    let output = Program::run(folder, &arguments, settings, PASSWORD).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn a_first_start_makes_the_folder_that_is_not_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let of = |name: &str| [("DORF_DATA_DIR", folder.path().join(name).display().to_string())];
    Program::serve(folder.path(), &of("not/yet")).await.kill().await;
    let output = Program::run(folder.path(), &["migrate"], &of("neither"), PASSWORD).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn a_first_start_as_superuser_leaves_nothing_behind() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.new_database(None).await;
    let folder = tempfile::tempdir().expect("a folder");
    for arguments in [&["serve"][..], &["migrate"], &["operator", "create", "--new", "--email", OPERATOR]] {
        let said = refused(folder.path(), arguments, &[("DORF_DATABASE__URL", database.superuser_url())]).await;
        assert!(said.contains("BYPASSRLS") && said.contains("Nothing was changed"), "{said}");
    }
    let mut admin = sqlx::PgConnection::connect(&database.superuser_url()).await.expect("the database");
    let sql = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    let tables: i64 = sqlx::query_scalar(sql).fetch_one(&mut admin).await.expect("counted");
    assert_eq!(tables, 0, "nothing that the right role could not use");
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0, "not even keys");
    Program::serve(folder.path(), &[("DORF_DATABASE__URL", database.url())]).await.kill().await;
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_named_at_once_and_without_its_password() {
    let folder = tempfile::tempdir().expect("a folder");
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent = silent.local_addr().expect("an address").port();
    for (host, why) in [
        ("127.0.0.1:1".to_owned(), "connection refused"),
        ("db.invalid:5432".to_owned(), "the host's name is unknown"),
        (format!("127.0.0.1:{silent}"), "no answer within 2 s"),
    ] {
        let url = format!("postgres://dorf:geheim@{host}/kreis");
        let begun = Instant::now();
        let said = refused(folder.path(), &["serve"], &[("DORF_DATABASE__URL", url)]).await;
        assert!(said.contains(&format!("postgres://dorf@{host}/kreis")) && said.contains(why), "{said}");
        assert!(!said.contains("geheim"), "{said}");
        assert!(begun.elapsed() < Duration::from_secs(4), "after {:?}", begun.elapsed());
    }
    let Some(cluster) = cluster() else { return };
    let url = format!("postgres://dorf:geheim@127.0.0.1:{}/fehlt", cluster.port());
    let said = refused(folder.path(), &["serve"], &[("DORF_DATABASE__URL", url)]).await;
    assert!(said.contains("\"fehlt\" does not exist") && !said.contains("geheim"), "{said}");
    let missing = folder.path().join("fehlt/dorf.db");
    let said =
        refused(folder.path(), &["serve"], &[("DORF_DATABASE__URL", format!("sqlite:{}", missing.display()))]).await;
    assert!(said.contains(&missing.display().to_string()), "{said}");
}

#[tokio::test]
async fn an_operator_is_made_where_a_database_is_and_it_is_said_where() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = refused(folder.path(), &["operator", "create", "--email", OPERATOR], &[]).await;
    let file = folder.path().join("dorf.db").display().to_string();
    assert!(said.contains(&file), "{said}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0, "nothing was made");
    let said = make_operator(folder.path(), &[]).await;
    assert!(said.contains(&format!("Written to {file}")), "{said}");
    let Some(cluster) = cluster() else { return };
    let settings = [("DORF_DATABASE__URL", cluster.new_database(None).await.url())];
    let said = refused(folder.path(), &["operator", "create", "--email", OPERATOR], &settings).await;
    assert!(said.contains("there is no database of dorf at postgres://dorf@127.0.0.1"), "{said}");
}

#[tokio::test]
async fn one_process_serves_a_folder_and_commands_may_run_beside_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = Program::serve(folder.path(), &[]).await;
    for arguments in [&["serve"][..], &["migrate"], &["migrate", "--down", "1"], &["keys", "replace"]] {
        let said = refused(folder.path(), arguments, &[]).await;
        assert!(said.contains("another dorf (process ") && said.contains("dorf.db"), "{said}");
    }
    make_operator(folder.path(), &[]).await;
    let verified = Program::run(folder.path(), &["audit", "verify"], &[], "").await;
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    let ready = format!("{}/health/ready", program.base);
    Ask::new(&tests::kit::client(), "GET", &ready).send().await.expect(200);
    program.kill().await;
    let older = Program::run(folder.path(), &["migrate", "--down", "1"], &[], "").await;
    assert!(older.status.success(), "{}", String::from_utf8_lossy(&older.stderr));
    let create = ["operator", "create", "--new", "--email", "zweite@krz.example", "--name", "Zweite"];
    let said = refused(folder.path(), &create, &[]).await;
    assert!(said.contains("dorf migrate"), "a database that is there is migrated by who serves it: {said}");
    Program::serve(folder.path(), &[]).await.kill().await;
}

#[tokio::test]
async fn the_schema_is_brought_up_to_date_in_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    // Without the warning about operators.
    let settings = [("DORF_ACCOUNTS__OPERATOR_SECOND_FACTOR", "required".to_owned())];
    let program = Program::serve(folder.path(), &settings).await;
    let about: Vec<&String> = program.said.iter().filter(|line| line.contains("m2026")).collect();
    assert!(about.len() == 1 && about[0].contains("from=\"nothing\""), "{:?}", program.said);
    assert!(program.said.len() < 6, "{:?}", program.said);
    program.kill().await;
    let program = Program::serve(folder.path(), &settings).await;
    assert!(!program.said.iter().any(|line| line.contains("migrat")), "{:?}", program.said);
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_stored_is_readable_by_its_owner_only_also_in_an_open_folder() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| path.metadata().expect("it is there").permissions().mode() & 0o777;
    let open = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("set");
    let folder = tempfile::tempdir().expect("a folder");
    open(folder.path(), 0o755);
    Program::serve(folder.path(), &[]).await.kill().await;
    let at = |name: &str| folder.path().join(name);
    let all = [("dorf.db", 0o600), ("dorf.db-wal", 0o600), ("mail", 0o700), ("media", 0o700), ("keys", 0o700)];
    for (name, right) in all {
        assert_eq!(mode(&at(name)), right, "{name}");
    }
    // What an older version left open is closed.
    for (name, right) in all {
        open(&at(name), right | 0o055);
    }
    Program::serve(folder.path(), &[]).await.kill().await;
    for (name, right) in all {
        assert_eq!(mode(&at(name)), right, "{name}");
    }
}

#[tokio::test]
async fn an_audit_log_that_cannot_be_checked_is_not_one_that_was_tampered_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let code = async |settings: &[(&str, String)]| {
        let output = Program::run(folder.path(), &["audit", "verify"], settings, "").await;
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (none, said) = code(&[]).await;
    assert_eq!(none, Some(3), "{said}");
    assert_eq!(code(&[("DORF_DATABASE__URL", "postgres://dorf@127.0.0.1:1/dorf".to_owned())]).await.0, Some(3));
    make_operator(folder.path(), &[]).await;
    assert_eq!(code(&[]).await.0, Some(0));
}
