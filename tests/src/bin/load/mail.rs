//! Mails to everybody in a village: the program against as many sessions that send ready-made messages, as Postfix's
//! `smtp-source -d` does, into the same sink.

use crate::Plan;
use crate::machine;
use crate::process::{Part, Server};
use crate::publishing::{Draft, wait_until_none};
use crate::report::{Goal, Report, median};
use crate::rows::Rows;
use crate::wire::Wire;
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// As many sessions as the program's default settings allow.
const SESSIONS: u32 = 10;

/// What one fan-out came to, and the same number of messages from the floor.
struct FanOut {
    elapsed: Duration,
    first: Duration,
    cpu: Duration,
    floor: Duration,
}

/// The sink: takes everything, and says when the first and the last of so many mails have arrived.
pub fn sink(arguments: &[String]) {
    let expected: u32 = arguments[0].parse().expect("a number");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    println!("sink on {}", listener.local_addr().expect("an address"));
    let arrived = Arc::new(AtomicU32::new(0));
    for stream in listener.incoming().flatten() {
        let arrived = arrived.clone();
        std::thread::spawn(move || {
            take(stream, |length| {
                let before = arrived.fetch_add(1, Ordering::Relaxed) % expected;
                if before == 0 {
                    println!("first {length}");
                }
                if before + 1 == expected {
                    println!("all");
                }
            })
        });
    }
}

/// One session of the sink. How it ends is the client's affair.
fn take(mut stream: TcpStream, mut took: impl FnMut(usize)) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream.try_clone()?);
    stream.write_all(b"220 sink\r\n")?;
    let mut line = Vec::new();
    while next(&mut lines, &mut line)? {
        match &line[..4.min(line.len())] {
            b"DATA" => {
                stream.write_all(b"354 go on\r\n")?;
                let mut length = 0;
                while next(&mut lines, &mut line)? && line != b".\r\n" {
                    length += line.len();
                }
                took(length);
                stream.write_all(b"250 taken\r\n")?;
            }
            b"QUIT" => return stream.write_all(b"221 bye\r\n"),
            _ => stream.write_all(b"250 sink\r\n")?,
        }
    }
    Ok(())
}

fn next(lines: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    Ok(lines.read_until(b'\n', line)? > 0)
}

/// Holds fan-outs against the floor.
pub fn measure(plan: &Plan, report: &mut Report) {
    let folder = tempfile::tempdir().expect("a folder");
    let sink = Part::start(&["sink", &plan.mails.to_string()], &[]);
    let address = sink.hear("sink on ").1;
    let mut rows = Rows::begin(folder.path(), 1);
    rows.mailboxes(0, plan.mails);
    rows.finish();
    let environment = [("DORF_MAIL__SMTP_URL", format!("smtp://{address}"))];
    let server = Server::program(plan, folder.path(), &environment);

    let all: Vec<FanOut> =
        (0..plan.rounds).map(|_| fan_out(plan.mails, folder.path(), &server, &sink, &address)).collect();
    let count = f64::from(plan.mails);
    let rate = |what: fn(&FanOut) -> Duration| median(all.iter().map(|one| count / what(one).as_secs_f64()));
    let ratio = median(all.iter().map(|one| one.floor.as_secs_f64() / one.elapsed.as_secs_f64()));
    report.compare("mail: mails/s", rate(|one| one.elapsed), rate(|one| one.floor), ratio, Goal::AtLeast(0.5));
    let cpu = median(all.iter().map(|one| one.cpu.as_secs_f64() * 1e6 / count));
    report.alone("mail: processor µs/mail", cpu, Goal::None);
    let first = median(all.iter().map(|one| one.first.as_secs_f64() * 1e3));
    report.alone("mail: publish to first mail, ms", first, Goal::AtMost(100.0));
    report.note("mail", json!({"mails": plan.mails, "sessions": SESSIONS}));
}

fn fan_out(mails: u32, folder: &Path, server: &Server, sink: &Part, address: &str) -> FanOut {
    let mut wire = Wire::open(&server.address);
    let draft = Draft::write(&mut wire, 0, "news");
    let (cpu, begin) = (machine::cpu(server.part.pid), Instant::now());
    draft.publish(&mut wire);
    let (first, length) = sink.hear("first ");
    let (all, _) = sink.hear("all");
    wait_until_none(folder, "SELECT COUNT(*) FROM notification WHERE finished_at IS NULL");
    let cpu = machine::cpu(server.part.pid) - cpu;
    let counts = draft.report(&mut wire)["notifications"][0]["counts"].clone();
    assert!(counts[0]["deliveries"] == mails && counts[0]["state"] == "sent", "{counts}");

    let begin_floor = Instant::now();
    send_ready_made(address, mails, length.parse().expect("a length"));
    let (all_floor, _) = sink.hear("all");
    FanOut { elapsed: all - begin, first: first - begin, cpu, floor: all_floor - begin_floor }
}

/// The floor: messages of this length, each command answered before the next, all sessions at once.
fn send_ready_made(address: &str, mails: u32, length: usize) {
    let message = format!("{}.\r\n", format!("{}\r\n", "x".repeat(70)).repeat(length.div_ceil(72)));
    std::thread::scope(|scope| {
        for session in 0..SESSIONS {
            let share = mails / SESSIONS + u32::from(session < mails % SESSIONS);
            let message = &message;
            scope.spawn(move || send(address, share, message).expect("the sink takes everything"));
        }
    });
}

fn send(address: &str, count: u32, message: &str) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut line = Vec::new();
    next(&mut lines, &mut line)?;
    let mut say = |text: &str| {
        stream.write_all(text.as_bytes())?;
        next(&mut lines, &mut line)
    };
    say("EHLO floor\r\n")?;
    for _ in 0..count {
        say("MAIL FROM:<dorf@kalletal.example>\r\n")?;
        say("RCPT TO:<einwohner@kalletal.example>\r\n")?;
        say("DATA\r\n")?;
        say(message)?;
    }
    say("QUIT\r\n").map(drop)
}
