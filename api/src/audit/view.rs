//! What travels about the audit log.

mod examples;

use crate::instant::{self, Instant};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use entity::AuditEntry;
use poem_openapi::Object;
use uuid::Uuid;

/// A line of the audit log.
#[derive(Object)]
#[oai(rename = "AuditEntry", skip_serializing_if_is_none, example)]
pub struct AuditEntryView {
    /// Counts from 1, without gaps.
    number: i64,
    /// When it was done.
    at: Instant,
    /// Who did it; absent for what the program did at a time that somebody had set.
    account: Option<Uuid>,
    /// The person's name, while there is such an account.
    account_name: Option<String>,
    /// What was done, such as `post.published`.
    action: String,
    /// The identifier of what it was done to.
    subject: Uuid,
    /// The version before, where the thing has versions.
    from_version: Option<i32>,
    /// The version after.
    to_version: Option<i32>,
    /// What else matters.
    detail: Option<String>,
}

/// A page of the audit log.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct AuditList {
    /// The lines, the latest first.
    pub items: Vec<AuditEntryView>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
}

impl From<&AuditEntry> for AuditEntryView {
    fn from(entry: &AuditEntry) -> Self {
        Self {
            number: entry.number,
            at: entry.at().into(),
            account: entry.account_id,
            account_name: entry.account_name.clone(),
            action: entry.action.clone(),
            subject: entry.subject_id,
            from_version: entry.from_version,
            to_version: entry.to_version,
            detail: Some(entry.detail.clone()).filter(|detail| !detail.is_empty()),
        }
    }
}

/// The beginning of an action to look for.
pub fn action(given: Option<String>) -> Result<Option<String>, Problem> {
    let fits = |text: &String| {
        (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'_'))
    };
    if given.as_ref().is_some_and(|text| !fits(text)) {
        let detail = Text::new(
            "ist kein Anfang einer Handlung wie post.published",
            "is no beginning of an action such as post.published",
        );
        return Err(Problem::with_fault(ProblemKind::InvalidParameter, "action", detail));
    }
    Ok(given)
}

/// The lines as CSV (RFC 4180) with a heading.
pub fn csv(entries: &[AuditEntry]) -> anyhow::Result<String> {
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    table.write_record([
        "number",
        "at",
        "account",
        "name",
        "action",
        "subject",
        "from_version",
        "to_version",
        "detail",
    ])?;
    for entry in entries {
        let version = |version: Option<i32>| version.map(|version| version.to_string()).unwrap_or_default();
        table.write_record([
            entry.number.to_string(),
            instant::written(entry.at()),
            entry.account_id.map(|account| account.to_string()).unwrap_or_default(),
            cell(entry.account_name.as_deref().unwrap_or_default()),
            entry.action.clone(),
            entry.subject_id.to_string(),
            version(entry.from_version),
            version(entry.to_version),
            cell(&entry.detail),
        ])?;
    }
    Ok(String::from_utf8(table.into_inner()?)?)
}

/// A text that no spreadsheet takes for a formula: an apostrophe goes before what could begin one.
fn cell(text: &str) -> String {
    // The wide forms too: some spreadsheets take them for the narrow ones.
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
