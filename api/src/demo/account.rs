//! The account of the demo: what the receivers got, set against what they should have got.

use super::club;
use super::mailboxes::Mail;
use super::push_service::Shown;
use super::residents::{RESIDENTS, Resident};
use super::town::{HERE, PUBLICATIONS, VILLAGES};
use chrono::TimeDelta;
use std::path::PathBuf;
use std::time::Duration;

/// How it went, apart from what was received.
pub struct Course {
    /// How long everything took.
    pub elapsed: Duration,
    /// How long the slowest post took from the decision to tell it to its last delivery.
    pub delivered_in: TimeDelta,
    /// What happened to the club and its notice, each with the word for it.
    pub club: Vec<(&'static str, String)>,
    /// Where the server is.
    pub base: String,
    /// Where everything is kept.
    pub folder: PathBuf,
}

/// What came of the demo.
pub struct Outcome {
    lines: Vec<String>,
    pushes: usize,
    mails: usize,
    missing: usize,
    stray: usize,
    course: Course,
}

impl Outcome {
    /// Compares what was received with what should have been, one by one.
    pub fn new(pushes: &[Shown], mails: &[Mail], course: Course) -> Self {
        let (lines, missing, stray) = (Vec::new(), 0, 0);
        let mut outcome = Self { lines, pushes: pushes.len(), mails: mails.len(), missing, stray, course };
        let mut expected = 0;
        for resident in &RESIDENTS {
            let shown: Vec<&str> =
                pushes.iter().filter(|push| push.owner == resident.name).map(|push| push.title.as_str()).collect();
            let address = resident.address();
            let subjects: Vec<&str> =
                mails.iter().filter(|mail| mail.to == address).map(|mail| mail.subject.as_str()).collect();
            expected += outcome.compare(resident, resident.by_push, &shown);
            expected += outcome.compare(resident, resident.by_mail, &subjects);
            outcome.lines.push(line(resident, &shown, &subjects));
        }
        outcome.stray = (pushes.len() + mails.len() + outcome.missing).saturating_sub(expected);
        outcome
    }

    /// Counts what is missing on one channel; gives how much should have come.
    fn compare(&mut self, resident: &Resident, subscribed: bool, received: &[&str]) -> usize {
        let wanted: Vec<&str> = PUBLICATIONS
            .iter()
            .filter(|publication| subscribed && resident.should_get(publication))
            .map(|publication| publication.title)
            .collect();
        self.missing += wanted.iter().filter(|title| !received.iter().any(|got| got.ends_with(**title))).count();
        wanted.len()
    }

    /// Whether everything came, once, and nothing went elsewhere.
    pub fn is_right(&self) -> bool {
        self.missing == 0 && self.stray == 0
    }

    /// Prints the account for people.
    pub fn print(&self) {
        let name = VILLAGES.iter().find(|(slug, _)| *slug == HERE).map_or(HERE, |(_, name)| name);
        println!("\nKalletal, {} villages. Published in {name}:", VILLAGES.len());
        for publication in &PUBLICATIONS {
            println!("  {:<12} {} (topic {})", publication.what, publication.title, publication.topic);
        }
        println!("\nThe {} and its notice:", club::NAME);
        for (what, words) in &self.course.club {
            println!("  {what:<12} {words}");
        }
        println!("\nWho got what, as their browsers and mailboxes have it:");
        for line in &self.lines {
            println!("  {line}");
        }
        self.print_sum();
        println!("\nMails     {}", self.course.folder.join("mail").display());
        println!("API docs  {}/docs", self.course.base);
        println!("Feed      {}/v1/villages/{HERE}/feed\n", self.course.base);
    }

    fn print_sum(&self) {
        println!(
            "\n{} pushes (encrypted, opened by the browsers) and {} mails were delivered within {} ms of publishing;",
            self.pushes,
            self.mails,
            self.course.delivered_in.num_milliseconds()
        );
        println!("{} are missing, {} went where they should not.", self.missing, self.stray);
        if self.is_right() {
            println!("Who follows something else, and every other village, got nothing.");
        }
    }

    /// The counts as one line of JSON.
    pub fn json(&self) -> String {
        serde_json::json!({
            "villages": VILLAGES.len(),
            "posts": PUBLICATIONS.len(),
            "pushes_delivered": self.pushes,
            "mails_delivered": self.mails,
            "stray_deliveries": self.stray,
            "elapsed_ms": u64::try_from(self.course.elapsed.as_millis()).unwrap_or(u64::MAX),
        })
        .to_string()
    }
}

fn line(resident: &Resident, shown: &[&str], subjects: &[&str]) -> String {
    let follows = if resident.follows.is_empty() {
        "everything".to_owned()
    } else {
        resident.follows.iter().map(|follow| follow.words()).collect::<Vec<_>>().join(", ")
    };
    let listed = |what: &str, subscribed: bool, got: &[&str]| match (subscribed, got.len()) {
        (false, _) => String::new(),
        (true, 0) => format!("\n      {what}: nothing"),
        (true, _) => got.iter().map(|title| format!("\n      {what}: {title}")).collect(),
    };
    let village = VILLAGES.iter().find(|(slug, _)| *slug == resident.village).map_or("", |(_, name)| name);
    let mut name = resident.name.to_owned();
    name[..1].make_ascii_uppercase();
    format!(
        "{name} in {village}, follows {follows}{}{}",
        listed("push", resident.by_push, shown),
        listed("mail", resident.by_mail, subjects)
    )
}
