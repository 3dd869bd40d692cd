//! The benchmark of docs/BENCHMARK.md: how fast the program is, as ratios to floors measured in the same run.
//!
//! This process seeds databases, starts the others and measures them from outside. The others are this same binary again:
//! `serve` is the program itself, `floor` its accept loop and edge around one answer from memory, `client` makes the load,
//! `receiver` is a push service, `sink` a mail server. Everything is on the loopback interface and ends by itself. Linux only: what
//! a process costs is read from /proc.

mod calendar;
mod client;
mod encryption;
mod fan_out;
mod feed;
mod floor;
mod growth;
mod machine;
mod mail;
mod process;
mod publishing;
mod queued;
mod receiver;
mod report;
mod rows;
mod start;
mod wire;

use report::Report;
use std::process::ExitCode;
use std::str::FromStr;

/// How much is measured.
pub struct Plan {
    /// Only this part, if not all.
    only: Option<String>,
    /// Settings (`push.timeout_s=5`) and other variables (`TOKIO_WORKER_THREADS=1`) for the environment of the program.
    set: Vec<(String, String)>,
    /// Whether the push service speaks HTTP/1.1 only.
    http1: bool,
    /// Villages in the database of the feed.
    villages: u32,
    /// Posts in each village.
    posts: u32,
    /// Posts in the one village that has many.
    many_posts: u32,
    /// Pages read of each database to see whether growth shows.
    pages: usize,
    /// Seconds of load per round on the feed.
    seconds: u32,
    /// Series whose dates are written down.
    series: u32,
    /// Series of the village that a year is read of.
    year_series: u32,
    /// Push subscriptions.
    subscriptions: u32,
    /// Pushes that are queued when an alert is published.
    queued: u32,
    /// Mailboxes.
    mails: u32,
    /// How often each comparison is made.
    rounds: usize,
}

impl Plan {
    fn full() -> Self {
        Self {
            only: None,
            set: Vec::new(),
            http1: false,
            villages: 100,
            posts: 1_000,
            many_posts: 100_000,
            pages: 900,
            seconds: 3,
            series: 10_000,
            year_series: 500,
            subscriptions: 20_000,
            queued: 50_000,
            mails: 5_000,
            rounds: 5,
        }
    }

    fn quick() -> Self {
        Self {
            many_posts: 50_000,
            villages: 20,
            pages: 300,
            seconds: 1,
            series: 1_000,
            subscriptions: 4_000,
            queued: 5_000,
            mails: 1_000,
            rounds: 3,
            ..Self::full()
        }
    }

    /// Reads the command line.
    fn of(arguments: &[String]) -> Result<Self, String> {
        let mut plan =
            if arguments.iter().any(|argument| argument == "--quick") { Self::quick() } else { Self::full() };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--quick" => {}
                "--http1" => plan.http1 = true,
                "--million" => (plan.villages, plan.many_posts) = (1_000, 1_000_000),
                "--subscriptions" => plan.subscriptions = number(value()?)?,
                "--rounds" => plan.rounds = number(value()?)?,
                "--only" => plan.only = Some(value()?.clone()),
                "--set" => {
                    let (key, value) = value()?.split_once('=').ok_or("--set needs KEY=VALUE")?;
                    let setting = || format!("DORF_{}", key.replace('.', "__").to_uppercase());
                    let key = if key.contains('.') { setting() } else { key.to_owned() };
                    plan.set.push((key, value.to_owned()));
                }
                unknown => {
                    return Err(format!(
                        "{unknown:?} is none of --quick, --only PART, --set KEY=VALUE, --http1, --million, --subscriptions N, \
                         --rounds N"
                    ));
                }
            }
        }
        Ok(plan)
    }

    fn wants(&self, part: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only == part)
    }

    /// Whether a part is wanted that takes so long that it is measured only when asked for.
    fn asks_for(&self, part: &str) -> bool {
        self.only.as_deref() == Some(part)
    }
}

fn number<N: FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("{text:?} is not a number"))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("serve") => return api::cli::main(),
        Some("floor") => floor::run(),
        Some("client") => client::run(&arguments[1..]),
        Some("sink") => mail::sink(&arguments[1..]),
        Some("receiver") => receiver::run(&arguments[1..]),
        _ => return exit(Plan::of(&arguments).map(|plan| measure(&plan))),
    }
    ExitCode::SUCCESS
}

fn exit(outcome: Result<(), String>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn measure(plan: &Plan) {
    let mut report = Report::new(plan);
    if plan.wants("feed") || plan.wants("growth") {
        let wide = feed::wide(plan);
        if plan.wants("feed") {
            feed::measure(plan, &wide, &mut report);
        }
        if plan.wants("growth") {
            growth::measure(plan, &wide, &mut report);
        }
    }
    if plan.wants("push") {
        fan_out::measure(plan, &mut report);
    }
    if plan.asks_for("queued") {
        queued::measure(plan, &mut report);
    }
    if plan.asks_for("mail") {
        mail::measure(plan, &mut report);
    }
    if plan.wants("calendar") {
        calendar::measure(plan, &mut report);
    }
    if plan.wants("start") {
        start::measure(plan, &mut report);
    }
    report.print();
}
