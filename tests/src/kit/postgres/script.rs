//! The shell script that owns the server.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

const SCRIPT: &str = include_str!("cluster.sh");

/// The running `cluster.sh`.
pub(super) struct Script {
    child: Child,
    answers: BufReader<ChildStdout>,
    directory: PathBuf,
}

impl Script {
    /// Runs the script, which makes its directory in `folder`, as the user `postgres` if we are root, since the server refuses to run as root.
    pub(super) fn run(binaries: &Path, folder: &Path) -> Script {
        let root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        let mut command = Command::new(if root { "runuser" } else { "sh" });
        if root {
            command.args(["-u", "postgres", "--", "sh"]);
        }
        // In a process group of its own the script outlives a Ctrl-C, and cleans up.
        command.args(["-c", SCRIPT, "cluster.sh"]).arg(binaries).env("TMPDIR", folder).process_group(0);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let answers = BufReader::new(child.stdout.take().expect("a piped standard output"));
        let mut script = Script { child, answers, directory: PathBuf::new() };
        script.directory = script.answer().into();
        assert!(script.directory.is_dir(), "initdb has failed; see standard error");
        script
    }

    /// Whether a command of the script has succeeded.
    pub(super) fn obeys(&mut self, command: &str) -> bool {
        let stdin = self.child.stdin.as_mut().expect("a piped standard input");
        writeln!(stdin, "{command}").expect("a running script");
        self.answer() == "ok"
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("a line of text");
        line.trim_end().to_owned()
    }

    /// Ends the test with what the server has logged.
    pub(super) fn fail(&self, command: &str) -> ! {
        let log = std::fs::read_to_string(self.directory.join("log")).unwrap_or_default();
        panic!("PostgreSQL does not {command}:\n{log}");
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // Waiting closes the script's standard input first, and that is its sign to clean up.
        let _ = self.child.wait();
    }
}
