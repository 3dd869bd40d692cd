//! The real program as a process: the command line, and servers that can be killed.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdin, Command};

/// A running process of the program. Killed when dropped.
pub struct Program {
    child: Child,
    stderr: Lines<BufReader<ChildStderr>>,
    /// Where it listens.
    pub base: String,
    /// What it said before it listened.
    pub said: String,
}

/// The program that cargo built beside the tests.
pub fn binary() -> PathBuf {
    let exe = std::env::current_exe().expect("the test knows where it is");
    let folders = exe.ancestors().skip(1).take(2);
    let mut candidates = folders.map(|folder| folder.join(format!("dorf-under-test{}", std::env::consts::EXE_SUFFIX)));
    candidates.find(|path| path.exists()).expect("cargo builds dorf-under-test with the tests")
}

/// A command of the program with nothing but these settings in its environment.
fn command(folder: &Path, arguments: &[&str], settings: &[(&str, String)]) -> Command {
    let mut command = Command::new(binary());
    command.env_clear().current_dir(folder).args(arguments).kill_on_drop(true);
    command.env("DORF_DATA_DIR", folder).env("DORF_HTTP__LISTEN", "127.0.0.1:0");
    command.envs(settings.iter().map(|(key, value)| (key, value.as_str())));
    command
}

/// Writes to a process that may have ended already.
async fn write(stdin: &mut Option<ChildStdin>, text: &str) {
    if let Some(stdin) = stdin {
        let _ = stdin.write_all(text.as_bytes()).await;
    }
}

impl Program {
    /// Runs a command to its end, with `input` on its standard input.
    pub async fn run(folder: &Path, arguments: &[&str], settings: &[(&str, String)], input: &str) -> Output {
        let mut child = command(folder, arguments, settings)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("stdin is a pipe");
        // A command that ends without reading closes the pipe: that is its right.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        child.wait_with_output().await.expect("the program ends")
    }

    /// Runs a command that gives an operator a second factor: writes these lines first, then what `code` makes of the secret that
    /// it shows, until it ends. Gives whether it ended well, and all it said.
    pub async fn enrol(
        folder: &Path,
        arguments: &[&str],
        settings: &[(&str, String)],
        first: &str,
        mut code: impl FnMut(&str) -> Option<String>,
    ) -> (bool, String) {
        let mut command = command(folder, arguments, settings);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut stdin = child.stdin.take();
        write(&mut stdin, first).await;
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe")).lines();
        let (mut said, mut secret) = (String::new(), String::new());
        while let Some(line) = stdout.next_line().await.expect("stdout can be read") {
            said.push_str(&format!("{line}\n"));
            if let Some(shown) = line.strip_prefix("secret   ") {
                secret = shown.to_owned();
            }
            if line.starts_with("address  ") || line.contains("That is not the code") {
                match code(&secret) {
                    Some(code) => write(&mut stdin, &format!("{code}\n")).await,
                    None => stdin = None,
                }
            }
        }
        drop(stdin);
        let output = child.wait_with_output().await.expect("the program ends");
        said.push_str(&String::from_utf8_lossy(&output.stderr));
        (output.status.success(), said)
    }

    /// Starts a server on a free port and waits until it says where it listens.
    pub async fn serve(folder: &Path, settings: &[(&str, String)]) -> Self {
        let started = Self::try_serve(folder, settings).await;
        started.unwrap_or_else(|said| panic!("the server did not start:\n{said}"))
    }

    /// Starts a server that answers requests and does no due work, beside another.
    pub async fn answer(folder: &Path, settings: &[(&str, String)]) -> Self {
        let started = Self::start(command(folder, &["serve", "--role", "api"], settings)).await;
        started.unwrap_or_else(|said| panic!("the server did not start:\n{said}"))
    }

    /// Starts a server that may not start; gives what it said then.
    pub async fn try_serve(folder: &Path, settings: &[(&str, String)]) -> Result<Self, String> {
        Self::start(command(folder, &["serve"], settings)).await
    }

    async fn start(mut command: Command) -> Result<Self, String> {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("stderr is a pipe")).lines();
        let mut said = Vec::new();
        while let Some(line) = stderr.next_line().await.expect("stderr can be read") {
            if let Some(rest) = line.strip_prefix("dorf serves on ") {
                let base = rest.split(' ').next().expect("an address").to_owned();
                return Ok(Self { child, stderr, base, said: said.join("\n") });
            }
            said.push(line);
        }
        Err(said.join("\n"))
    }

    /// Ends it as a power failure would (SIGKILL).
    pub async fn kill(mut self) {
        self.child.kill().await.expect("the process can be killed");
    }

    /// Ends it politely (SIGTERM); gives everything it logged, and whether it ended well.
    pub async fn terminate(mut self) -> (String, bool) {
        let pid = self.child.id().expect("the process runs").to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill runs");
        assert!(sent.success(), "SIGTERM could not be sent");
        let mut log = String::new();
        while let Some(line) = self.stderr.next_line().await.expect("stderr can be read") {
            log.push_str(&line);
            log.push('\n');
        }
        let status = self.child.wait().await.expect("the process ends");
        (log, status.success())
    }
}
