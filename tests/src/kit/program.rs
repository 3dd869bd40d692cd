//! The real program as a process: the command line, and servers that can be killed.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdin, Command};

/// How long a process may take to end once it is told to: longer than the program gives to what is under way.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running process of the program. Killed when dropped.
pub struct Program {
    child: Child,
    stderr: Lines<BufReader<ChildStderr>>,
    /// What it said before it listened, and that it does.
    pub said: Vec<String>,
    /// Where it listens.
    pub base: String,
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
    command.args(arguments);
    with_settings(command, folder, settings)
}

fn with_settings(mut command: Command, folder: &Path, settings: &[(&str, String)]) -> Command {
    command.env_clear().current_dir(folder).kill_on_drop(true);
    // For trying out, as most stories do; those about operators say otherwise.
    command.env("DORF_ACCOUNTS__OPERATOR_SECOND_FACTOR", "optional");
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
        command.env_remove("DORF_ACCOUNTS__OPERATOR_SECOND_FACTOR");
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

    /// Starts a server whose files can be kept from growing: see [`Program::limit_files`].
    pub async fn serve_limitable(folder: &Path, settings: &[(&str, String)]) -> Self {
        // Whoever writes beyond the limit is ended by a signal unless it is ignored; then writing fails.
        Self::serve_ignoring("XFSZ", folder, settings).await
    }

    /// Starts a server that ignores a signal since before its start, as `nohup` has it.
    pub async fn serve_ignoring(signal: &str, folder: &Path, settings: &[(&str, String)]) -> Self {
        let script = format!(r#"trap "" {signal}; exec "$0" "$@""#);
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).arg(binary()).arg("serve");
        let started = Self::start(with_settings(shell, folder, settings)).await;
        started.unwrap_or_else(|said| panic!("the server did not start:\n{said}"))
    }

    /// Starts a server that minds a signal, whoever started the stories: what is ignored there is inherited, and no shell can undo it.
    pub async fn serve_minding(signal: &str, folder: &Path, settings: &[(&str, String)]) -> Self {
        let mut env = Command::new("env");
        env.arg(format!("--default-signal={signal}")).arg(binary()).arg("serve");
        let started = Self::start(with_settings(env, folder, settings)).await;
        started.unwrap_or_else(|said| panic!("the server did not start (env is that of coreutils):\n{said}"))
    }

    /// Its number, as the system counts processes.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("the process runs")
    }

    /// From now on, writing beyond this many bytes of any file is an I/O error; `None` lifts that.
    pub fn limit_files(&self, bytes: Option<u64>) {
        let limit = bytes.map_or("unlimited".to_owned(), |bytes| bytes.to_string());
        let pid = self.pid().to_string();
        let limit = format!("--fsize={limit}:unlimited");
        let done = std::process::Command::new("prlimit").args(["--pid", &pid, &limit]).status();
        assert!(done.is_ok_and(|status| status.success()), "prlimit (util-linux) sets the limit");
    }

    /// Waits until it logs something with this text; gives the line.
    pub async fn hear(&mut self, text: &str) -> String {
        while let Some(line) = self.stderr.next_line().await.expect("stderr can be read") {
            if line.contains(text) {
                return line;
            }
        }
        panic!("the process ended without saying {text:?}");
    }

    async fn start(mut command: Command) -> Result<Self, String> {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("stderr is a pipe")).lines();
        let mut said = Vec::new();
        while let Some(line) = stderr.next_line().await.expect("stderr can be read") {
            if let Some((_, rest)) = line.split_once("dorf serves on ") {
                let base = rest.split(' ').next().expect("an address").to_owned();
                said.push(line);
                return Ok(Self { child, stderr, base, said });
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
    pub async fn terminate(self) -> (String, bool) {
        self.end_by("TERM").await
    }

    /// Sends it a signal.
    pub async fn signal(&self, signal: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &pid]).status().await.expect("kill runs");
        assert!(sent.success(), "SIG{signal} could not be sent");
    }

    /// Ends it by a signal; gives everything it logged, and whether it ended well. Panics where the signal is not minded.
    pub async fn end_by(mut self, signal: &str) -> (String, bool) {
        self.signal(signal).await;
        let ending = async {
            let mut log = String::new();
            while let Some(line) = self.stderr.next_line().await.expect("stderr can be read") {
                log.push_str(&line);
                log.push('\n');
            }
            let status = self.child.wait().await.expect("the process ends");
            (log, status.success())
        };
        let ended = tokio::time::timeout(PATIENCE, ending).await;
        ended.unwrap_or_else(|_| panic!("SIG{signal} did not end it"))
    }
}
