//! What travels about the way of a post through the desk.

mod examples;

use crate::local_time::{Fold, instant, local, zone};
use crate::problem::Problem;
use crate::validate::Faults;
use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::Deserialize;

/// Why a post is given back.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "PostReturn", example)]
pub struct ReturnBody {
    /// What is to be mended, plain text. Its author reads it, and it stays among the comments.
    #[oai(validator(min_length = 1, max_length = 2000))]
    comment: String,
}

/// Why a post is taken back.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "PostWithdrawal", example)]
pub struct WithdrawBody {
    /// Why, plain text. Everybody may read it: it is told to those who were told of the post, and stays at its address.
    #[serde(default)]
    #[oai(validator(max_length = 500))]
    reason: Option<String>,
}

/// That a danger is over.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "PostAllClear", example)]
pub struct AllClearBody {
    /// What there is to say about it, plain text.
    #[serde(default)]
    #[oai(validator(max_length = 500), default)]
    text: String,
}

/// When a post is to go out.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "PostSchedule", example)]
pub struct ScheduleBody {
    /// The time of the wall clock, as in `2026-12-01T09:00`. A time that the clocks skip in spring is refused.
    #[oai(validator(max_length = 19))]
    publish_at_local: String,
    /// The IANA zone it is in; the village's unless given.
    #[serde(default)]
    zone: Option<String>,
    /// Which of the two is meant when the clocks go back and the hour comes twice; the earlier unless given.
    #[serde(default)]
    fold: Option<Fold>,
}

impl ReturnBody {
    /// The comment, checked.
    pub fn checked(self) -> Result<String, Problem> {
        let mut faults = Faults::default();
        let comment = faults.paragraphs("/comment", &self.comment, 1, 2000);
        faults.into_result(comment)
    }
}

impl WithdrawBody {
    /// The reason, checked; nothing when none is given.
    pub fn checked(body: Option<Self>) -> Result<Option<String>, Problem> {
        let Some(reason) = body.and_then(|body| body.reason) else { return Ok(None) };
        let mut faults = Faults::default();
        let reason = faults.paragraphs("/reason", &reason, 0, 500).trim().to_owned();
        faults.into_result(Some(reason).filter(|reason| !reason.is_empty()))
    }
}

impl AllClearBody {
    /// What there is to say, checked; empty when nothing is.
    pub fn checked(body: Option<Self>) -> Result<String, Problem> {
        let mut faults = Faults::default();
        let text = faults.paragraphs("/text", &body.map(|body| body.text).unwrap_or_default(), 0, 500);
        faults.into_result(text.trim().to_owned())
    }
}

impl ScheduleBody {
    /// The instant that is meant. `village` is the village's zone.
    pub fn checked(self, village: &str) -> Result<DateTime<Utc>, Problem> {
        let mut faults = Faults::default();
        let zone = zone(&mut faults, "/zone", self.zone.as_deref().unwrap_or(village));
        let local = local(&mut faults, "/publish_at_local", &self.publish_at_local, zone).unwrap_or_default();
        let at = instant(local, zone, self.fold.unwrap_or_default()).unwrap_or_default();
        faults.into_result(at)
    }
}
