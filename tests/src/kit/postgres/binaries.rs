//! Where the installed server is.
#![expect(
    clippy::disallowed_methods,
    reason = "where programs are and what the tests must not skip is no configuration"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Says that the tests must fail where PostgreSQL is missing: `DORF_TEST_POSTGRES=required`.
const DEMAND: &str = "DORF_TEST_POSTGRES";

/// Where initdb, pg_ctl and postgres are, searched once; says so if they are nowhere.
pub(super) fn binaries() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let search = || {
        let complete = |dir: &PathBuf| ["initdb", "pg_ctl", "postgres"].iter().all(|name| dir.join(name).is_file());
        let found = candidates().into_iter().find(complete);
        if found.is_none() {
            let missing = "PostgreSQL server binaries not found";
            let required = std::env::var(DEMAND).is_ok_and(|value| value == "required");
            assert!(!required, "{missing}, but {DEMAND}=required");
            eprintln!(
                "{missing}: the PostgreSQL half of the stories is skipped (set {DEMAND}=required to make this a failure)"
            );
        }
        found
    };
    FOUND.get_or_init(search).as_deref()
}

/// Where to look: what `pg_config` says, Debian's versions from the newest, the search path.
fn candidates() -> Vec<PathBuf> {
    let told = Command::new("pg_config").arg("--bindir").output().ok();
    let told = told.and_then(|output| String::from_utf8(output.stdout).ok());
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<_> = versions.map(|entry| entry.path().join("bin")).collect();
    let version = |bin: &PathBuf| bin.iter().rev().nth(1).and_then(|name| name.to_str()?.parse().ok());
    versions.sort_by_key(|bin| std::cmp::Reverse(version(bin).unwrap_or(0u32)));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let told = told.into_iter().map(|bin| PathBuf::from(bin.trim()));
    told.chain(versions).chain(std::env::split_paths(&path)).collect()
}
