//! The names of kinds, states, steps and ways to be told, as they travel.

use crate::posts::life::Step;
use entity::{PostDelivery, PostKind, PostState};
use poem_openapi::Enum;
use serde::Deserialize;

/// What a post is.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename = "PostKind", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// News of the town hall.
    News,
    /// A notice of a club.
    Notice,
    /// Something with a date.
    Event,
    /// A warning.
    Alert,
}

/// Where a post is in its life.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[oai(rename = "PostState", rename_all = "snake_case")]
pub enum State {
    /// Being written.
    Draft,
    /// Public, until it expires.
    Published,
    /// Taken back.
    Withdrawn,
    /// Handed in; waits for an editor.
    InReview,
    /// Given back by an editor, with a comment.
    Returned,
    /// May go out, when somebody sends it.
    Approved,
    /// Goes out by itself at `publish_at`.
    Scheduled,
    /// Its time is over.
    Expired,
    /// A joint post that this village does not show.
    Hidden,
}

/// How loudly a post is told when it becomes public.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename = "PostDelivery", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// By push and by mail.
    PushAndMail,
    /// By push only.
    Push,
    /// Nobody is told; it shows in the feed.
    Silent,
    /// By push and by mail, before everything else. Needs the right to send alerts, and is never a club's.
    Urgent,
}

/// Something that can be done to a post.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[oai(rename = "PostStep", rename_all = "snake_case")]
pub enum StepName {
    /// `change_post`
    Change,
    /// `delete_post`
    Delete,
    /// `submit_post`
    Submit,
    /// `recall_post`
    Recall,
    /// `return_post`
    Return,
    /// `approve_post`
    Approve,
    /// `schedule_post`
    Schedule,
    /// `unschedule_post`
    Unschedule,
    /// `publish_post`
    Publish,
    /// `announce_post`
    Announce,
    /// `withdraw_post`
    Withdraw,
    /// `hide_post`
    Hide,
    /// `show_post`
    Show,
}

impl StepName {
    /// The name of a step that people take.
    pub fn of(step: Step) -> Option<Self> {
        Some(match step {
            Step::Change => Self::Change,
            Step::Delete => Self::Delete,
            Step::Submit => Self::Submit,
            Step::Recall => Self::Recall,
            Step::Return => Self::Return,
            Step::Approve => Self::Approve,
            Step::Schedule => Self::Schedule,
            Step::Unschedule => Self::Unschedule,
            Step::Publish => Self::Publish,
            Step::Announce => Self::Announce,
            Step::Withdraw => Self::Withdraw,
            Step::Hide => Self::Hide,
            Step::Show => Self::Show,
            Step::Hold | Step::Expire => return None,
        })
    }
}

impl From<PostKind> for Kind {
    fn from(kind: PostKind) -> Self {
        match kind {
            PostKind::News => Self::News,
            PostKind::Notice => Self::Notice,
            PostKind::Event => Self::Event,
            PostKind::Alert => Self::Alert,
        }
    }
}

impl From<Kind> for PostKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::News => Self::News,
            Kind::Notice => Self::Notice,
            Kind::Event => Self::Event,
            Kind::Alert => Self::Alert,
        }
    }
}

impl From<PostState> for State {
    fn from(state: PostState) -> Self {
        match state {
            PostState::Draft => Self::Draft,
            PostState::Published => Self::Published,
            PostState::Withdrawn => Self::Withdrawn,
            PostState::InReview => Self::InReview,
            PostState::Returned => Self::Returned,
            PostState::Approved => Self::Approved,
            PostState::Scheduled => Self::Scheduled,
            PostState::Expired => Self::Expired,
            PostState::Hidden => Self::Hidden,
        }
    }
}

impl From<State> for PostState {
    fn from(state: State) -> Self {
        match state {
            State::Draft => Self::Draft,
            State::Published => Self::Published,
            State::Withdrawn => Self::Withdrawn,
            State::InReview => Self::InReview,
            State::Returned => Self::Returned,
            State::Approved => Self::Approved,
            State::Scheduled => Self::Scheduled,
            State::Expired => Self::Expired,
            State::Hidden => Self::Hidden,
        }
    }
}

impl From<PostDelivery> for Delivery {
    fn from(delivery: PostDelivery) -> Self {
        match delivery {
            PostDelivery::Silent => Self::Silent,
            PostDelivery::Push => Self::Push,
            PostDelivery::PushAndMail => Self::PushAndMail,
            PostDelivery::Urgent => Self::Urgent,
        }
    }
}

impl From<Delivery> for PostDelivery {
    fn from(delivery: Delivery) -> Self {
        match delivery {
            Delivery::Silent => Self::Silent,
            Delivery::Push => Self::Push,
            Delivery::PushAndMail => Self::PushAndMail,
            Delivery::Urgent => Self::Urgent,
        }
    }
}
