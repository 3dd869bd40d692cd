//! Programs of others that read what we publish. Not every machine has them, and no story passes silently without.
#![expect(clippy::disallowed_methods, reason = "what the tests must not skip is no configuration")]

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// Says that the stories must fail where a reader is missing: `DORF_TEST_READERS=required`.
const DEMAND: &str = "DORF_TEST_READERS";

/// How a reader ends where its language or a library of it is not installed.
const NOT_INSTALLED: i32 = 77;

/// The lines that a reader prints of `input`; nothing where it is not installed, which is said once and, if the environment says
/// `DORF_TEST_READERS=required`, a failure. A reader that is there must get through.
pub fn read_by(reader: &str, command: &mut Command, input: &[u8]) -> Option<Vec<String>> {
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = match spawned {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return is_missing(reader, &format!("{} is not installed", command.get_program().display()));
        }
        spawned => spawned.unwrap_or_else(|error| panic!("{reader}: {error}")),
    };
    // One that cannot load its library ends without reading.
    let _ = child.stdin.take().expect("stdin is a pipe").write_all(input);
    let output = child.wait_with_output().expect("the reader ends");
    let (printed, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.code() == Some(NOT_INSTALLED) {
        return is_missing(reader, said.trim());
    }
    assert!(output.status.success(), "{reader}: {}\n{printed}\n{said}", output.status);
    Some(printed.lines().map(str::to_owned).collect())
}

/// Says so past the harness, which keeps to itself what stories print that pass.
fn is_missing(reader: &str, why: &str) -> Option<Vec<String>> {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let required = std::env::var(DEMAND).is_ok_and(|value| value == "required");
    assert!(!required, "{reader} cannot read here, but {DEMAND}=required: {why}");
    if SAID.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(reader.to_owned()) {
        let line = format!("{reader} reads nothing here (set {DEMAND}=required to make this a failure): {why}\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
    None
}
