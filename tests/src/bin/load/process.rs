//! The other processes: this binary again, in another part.

use crate::Plan;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long to wait for another process to say something.
const PATIENCE: Duration = Duration::from_secs(120);

/// A process in some part. Killed when dropped.
pub struct Part {
    child: Child,
    lines: Receiver<(Instant, String)>,
    /// Its process identifier.
    pub pid: u32,
}

/// A server, and where it listens.
pub struct Server {
    /// The process.
    pub part: Part,
    /// Its address and port.
    pub address: String,
}

/// A command that is this binary in another part, with an empty environment.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this binary knows where it is"));
    command.args(arguments).env_clear().stdin(Stdio::null());
    command
}

impl Part {
    /// Starts a part that speaks on standard output.
    pub fn start(arguments: &[&str], environment: &[(&str, String)]) -> Self {
        let mut command = command(arguments);
        command.envs(environment.iter().map(|(key, value)| (key, value))).stdout(Stdio::piped());
        Self::spawn(command, |child| Box::new(child.stdout.take().expect("a pipe")))
    }

    fn spawn(mut command: Command, speaks: impl FnOnce(&mut Child) -> Box<dyn Read + Send>) -> Self {
        let mut child = command.spawn().expect("the process starts");
        let speech = BufReader::new(speaks(&mut child));
        let (say, lines) = channel();
        // Reads to the end, so that nobody blocks on a full pipe.
        std::thread::spawn(move || {
            for line in speech.lines().map_while(Result::ok) {
                let _ = say.send((Instant::now(), line));
            }
        });
        Self { pid: child.id(), child, lines }
    }

    /// What follows `beginning` in the next line that begins so, and when it was said.
    pub fn hear(&self, beginning: &str) -> (Instant, String) {
        let mut said = Vec::new();
        while let Ok((at, line)) = self.lines.recv_timeout(PATIENCE) {
            if let Some(rest) = line.strip_prefix(beginning) {
                return (at, rest.to_owned());
            }
            said.push(line);
        }
        panic!("{beginning:?} was expected of a process, which said only:\n{}", said.join("\n"));
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// The program itself on the installation in `folder`, with the settings of the plan and further ones.
    pub fn program(plan: &Plan, folder: &Path, environment: &[(&str, String)]) -> Self {
        let mut command = command(&["serve"]);
        command.envs(settings(plan, folder)).envs(environment.iter().map(|(key, value)| (key, value)));
        command.stderr(Stdio::piped());
        let part = Part::spawn(command, |child| Box::new(child.stderr.take().expect("a pipe")));
        let (_, rest) = part.hear("dorf serves on http://");
        let address = rest.split(' ').next().expect("an address").to_owned();
        Self { part, address }
    }

    /// The floor, on an installation of its own in `folder`, where `answer` is.
    pub fn floor(plan: &Plan, folder: &Path, environment: &[(&str, String)]) -> Self {
        let mut settings = settings(plan, folder);
        settings.extend(environment.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        let settings: Vec<(&str, String)> = settings.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
        let part = Part::start(&["floor"], &settings);
        let address = part.hear("floor ").1;
        Self { part, address }
    }
}

fn settings(plan: &Plan, folder: &Path) -> Vec<(String, String)> {
    let own = [
        ("DORF_DATA_DIR", folder.display().to_string()),
        ("DORF_HTTP__LISTEN", "127.0.0.1:0".to_owned()),
        // It is one client, and asks for pages that nobody asked for to see how long they take.
        ("DORF_LIMITS__UNUSUAL_READS_PER_CLIENT", u32::MAX.to_string()),
    ];
    own.into_iter().map(|(key, value)| (key.to_owned(), value)).chain(plan.set.clone()).collect()
}
