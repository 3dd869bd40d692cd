//! Series: writing down the dates of many, against the library that expands rules and the database alone; and reading a year of a
//! village that has some, against its first page from memory.

use crate::fan_out::sample;
use crate::feed::{Installation, install};
use crate::machine;
use crate::process::Server;
use crate::report::{Goal, Report, median};
use crate::rows::{Rows, database, slug};
use crate::wire::{Wire, get};
use crate::{Plan, floor};
use api::Clock;
use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc};
use rrule::{RRule, RRuleSet, Tz, Unvalidated};
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Rules, as many of each as villages have: mostly weeks.
pub const RULES: [&str; 5] = ["FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY", "FREQ=WEEKLY", "FREQ=YEARLY"];

/// From so long ago until so far ahead the program writes dates down.
const WINDOW: (TimeDelta, TimeDelta) = (TimeDelta::days(370), TimeDelta::days(800));

/// Rows of one statement.
const AT_ONCE: usize = 500;

/// Series of the village that a year is also read of, to see whether growth shows.
const FEW: u32 = 50;

/// A series: its rule and first date, in the past year.
pub fn series(n: u32, now: DateTime<Utc>) -> (&'static str, NaiveDateTime) {
    let day = now.date_naive() - TimeDelta::days(1 + i64::from(n % 365));
    // A day that every month has.
    let day = day.with_day(day.day().min(28)).unwrap_or(day);
    (RULES[n as usize % RULES.len()], day.and_hms_opt(19, 0, 0).unwrap_or_default())
}

/// What writing down the dates of many series came to.
struct Written {
    elapsed: Duration,
    cpu: Duration,
    dates: i64,
}

/// Measures both.
pub fn measure(plan: &Plan, report: &mut Report) {
    expand(plan, report);
    year(plan, report);
}

fn expand(plan: &Plan, report: &mut Report) {
    let count = f64::from(plan.series);
    let (mut program, mut floors, mut idle_kib, mut peak_kib) = (Vec::new(), Vec::new(), 0, 0);
    for _ in 0..plan.rounds.min(3) {
        floors.push(alone(plan));
        idle_kib = machine::resident_kib(install(plan, 1, |_| ()).server.part.pid);
        let (written, peak) = by_the_program(plan);
        peak_kib = peak_kib.max(peak);
        assert_eq!(written.dates, floors[floors.len() - 1].dates, "as many dates as the library alone finds");
        program.push(written);
    }
    let each = |of: &[Written], what: fn(&Written) -> Duration| {
        median(of.iter().map(|one| what(one).as_secs_f64() * 1e6 / count))
    };
    let ratio = |what: fn(&Written) -> Duration| {
        median(program.iter().zip(&floors).map(|(one, floor)| what(one).as_secs_f64() / what(floor).as_secs_f64()))
    };
    for (name, what) in [
        ("calendar: processor µs/series", (|one| one.cpu) as fn(&Written) -> Duration),
        ("calendar: elapsed µs/series", |one| one.elapsed),
    ] {
        report.compare(name, each(&program, what), each(&floors, what), ratio(what), Goal::None);
    }
    let mib = |kib: u64| kib as f64 / 1024.0;
    report.alone("calendar: more at the peak, MiB", mib(peak_kib.saturating_sub(idle_kib)), Goal::AtMost(64.0));
    report.note(
        "expand",
        json!({"series": plan.series, "dates": program[0].dates, "idle_kib": idle_kib, "peak_kib": peak_kib}),
    );
}

/// The program starts, finds that the dates of all series are due, and writes them down.
fn by_the_program(plan: &Plan) -> (Written, u64) {
    let begin = Instant::now();
    let installation = install(plan, 1, |rows| rows.series(0, plan.series));
    let filled = begin.elapsed();
    let pid = installation.server.part.pid;
    let (stop, sampler) = sample(pid);
    let dates = wait_until_written(installation.folder());
    let (elapsed, cpu) = (begin.elapsed() - filled, machine::cpu(pid));
    drop(stop);
    (Written { elapsed, cpu, dates }, sampler.join().expect("the sampler ends"))
}

/// Waits until no dates are due any more, by looking into the database; gives how many there are.
fn wait_until_written(folder: &Path) -> i64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(database(folder)).read_only(true);
        let mut connection = options.connect().await.expect("the database opens");
        let mut look = tokio::time::interval(Duration::from_millis(50));
        for _ in 0..12_000 {
            look.tick().await;
            let due = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM due_work WHERE kind = 10 AND due_at = 0");
            if due.fetch_one(&mut connection).await.expect("a count") == 0 {
                let dates = sqlx::query_scalar("SELECT COUNT(*) FROM occurrence").fetch_one(&mut connection).await;
                connection.close().await.expect("the database closes");
                return dates.expect("a count");
            }
        }
        panic!("some dates were not written down");
    })
}

/// The library and the database alone, on one thread: the same dates as rows of the same table, a transaction for each series.
fn alone(plan: &Plan) -> Written {
    let folder = tempfile::tempdir().expect("a folder");
    Rows::begin(folder.path(), 1).finish();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let options = SqliteConnectOptions::new().filename(database(folder.path())).foreign_keys(false);
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    let mut connection = runtime.block_on(options.connect()).expect("the database opens");
    let (begin, cpu, now) = (Instant::now(), machine::cpu(std::process::id()), Clock::system().now());
    let mut dates = 0;
    for n in 0..plan.series {
        let found = library(n, now);
        dates += i64::try_from(found.len()).unwrap_or_default();
        runtime.block_on(write(&mut connection, &found));
    }
    let written = Written { elapsed: begin.elapsed(), cpu: machine::cpu(std::process::id()) - cpu, dates };
    runtime.block_on(connection.close()).expect("the database closes");
    written
}

fn library(n: u32, now: DateTime<Utc>) -> Vec<NaiveDateTime> {
    let (rule, starts) = series(n, now);
    let utc = |at: NaiveDateTime| DateTime::<Utc>::from_naive_utc_and_offset(at, Utc).with_timezone(&Tz::UTC);
    let rule: RRule<Unvalidated> = rule.parse().expect("a rule");
    let last = now.naive_utc() + WINDOW.1;
    let set: RRuleSet = rule.until(utc(last)).build(utc(starts)).expect("a rule that fits");
    let dates = (&set.limit()).into_iter().map(|date| date.naive_utc());
    dates.filter(|date| *date >= now.naive_utc() - WINDOW.0).collect()
}

async fn write(connection: &mut SqliteConnection, dates: &[NaiveDateTime]) {
    let mut tx = connection.begin().await.expect("a transaction");
    let post = Uuid::now_v7();
    for some in dates.chunks(AT_ONCE) {
        let rows = vec!["(?, ?, ?, ?, ?, ?, ?, ?, 0)"; some.len()].join(", ");
        let sql = format!(
            "INSERT INTO occurrence (village_id, post_id, id, recurrence_local, starts_local, ends_local, starts_at, ends_at, state)
             VALUES {rows}"
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for date in some {
            let (local, at) = (date.format("%F %T").to_string(), date.and_utc().timestamp_millis());
            query = query.bind(Uuid::nil()).bind(post).bind(Uuid::now_v7()).bind(local.clone()).bind(local.clone());
            query = query.bind(local).bind(at).bind(at);
        }
        query.execute(&mut *tx).await.expect("rows that fit");
    }
    tx.commit().await.expect("the rows are written");
}

fn year(plan: &Plan, report: &mut Report) {
    let [many, few] = [plan.year_series, FEW].map(|count| {
        let installation = install(plan, 1, |rows| rows.series(0, count));
        wait_until_written(installation.folder());
        installation
    });
    let path = first_page(0);
    let page = Wire::open(&many.server.address).ask(&get(&path, "identity"));
    let folder = tempfile::tempdir().expect("a folder");
    floor::keep(folder.path(), &page.head, &page.body);
    let floor = Server::floor(plan, folder.path(), &[]);
    let reads: Vec<[f64; 3]> = (1..=u32::try_from(plan.pages).unwrap_or(u32::MAX))
        .map(|n| [&many.server, &few.server, &floor].map(|server| took_us(server, &first_page(n))))
        .collect();
    let [cold, small, memory] = [0, 1, 2].map(|at| median(reads.iter().map(|read| read[at])));
    report.compare("calendar: first cold page µs", cold, memory, cold / memory, Goal::None);
    report.compare("calendar: first cold page µs, growth", cold, small, cold / small, Goal::AtMost(1.1));
    let years: Vec<(f64, usize)> = (1..=plan.rounds).map(|n| whole_year(&many, n)).collect();
    let pages = years[0].1;
    let (whole, from_memory) = (median(years.iter().map(|year| year.0)), memory * pages as f64 / 1e3);
    report.compare("calendar: whole year, ms", whole, from_memory, whole / from_memory, Goal::None);
    report.note(
        "year",
        json!({"series": plan.year_series, "few": FEW, "pages": pages, "page": 100, "body_bytes": page.body.len()}),
    );
}

/// The first page of a year that begins `n` minutes after now: none of these was asked for before.
fn first_page(n: u32) -> String {
    let from = Clock::system().now().date_naive().and_hms_opt(0, 0, 0).unwrap_or_default().and_utc()
        + TimeDelta::minutes(n.into());
    let time = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let (from, to) = (time(from), time(from + TimeDelta::days(365)));
    format!("/v1/villages/{}/occurrences?limit=100&from={from}&to={to}", slug(0))
}

fn took_us(server: &Server, path: &str) -> f64 {
    let (mut wire, request) = (Wire::open(&server.address), get(path, "identity"));
    let begin = Instant::now();
    let reply = wire.ask(&request);
    let took = begin.elapsed().as_secs_f64() * 1e6;
    assert!(reply.body.len() > 1000, "a page full of dates");
    took
}

/// Reads a year page by page; how many ms it took, and how many pages there are.
fn whole_year(installation: &Installation, n: usize) -> (f64, usize) {
    let mut wire = Wire::open(&installation.server.address);
    let path = first_page(100_000 + u32::try_from(n).unwrap_or_default());
    let (begin, mut pages, mut next) = (Instant::now(), 0, String::new());
    loop {
        let page = wire.ask(&get(&format!("{path}{next}"), "identity")).json();
        pages += 1;
        match page["next_cursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => return (begin.elapsed().as_secs_f64() * 1e3, pages),
        }
    }
}
