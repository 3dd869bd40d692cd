//! The names of kinds, states, steps and ways to be told, as they travel.

use crate::authority::Author;
use crate::posts::life::{self, Actor, Step};
use entity::{Post, PostDelivery, PostKind, PostState, RevisionState};
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
    /// A joint post that this village does not show, or an event of a club that takes part no longer.
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
    /// `change_event_date`
    Redate,
    /// `hand_in_revision`
    Revise,
    /// `approve_revision` and `return_revision`
    Decide,
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
    /// `give_all_clear`
    AllClear,
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
            Step::Redate => Self::Redate,
            Step::Revise => Self::Revise,
            Step::Decide => Self::Decide,
            Step::Delete => Self::Delete,
            Step::Submit => Self::Submit,
            Step::Recall => Self::Recall,
            Step::Return => Self::Return,
            Step::Approve => Self::Approve,
            Step::Schedule => Self::Schedule,
            Step::Unschedule => Self::Unschedule,
            Step::Publish => Self::Publish,
            Step::Announce => Self::Announce,
            Step::AllClear => Self::AllClear,
            Step::Withdraw => Self::Withdraw,
            Step::Hide => Self::Hide,
            Step::Show => Self::Show,
            Step::Hold | Step::Expire => return None,
        })
    }
}

/// What somebody may do with a post now.
pub fn steps_of(post: &Post, by: &Author) -> Vec<StepName> {
    let fits = |step: &Step| match step {
        Step::AllClear => post.kind == PostKind::Alert && post.all_clear.is_none(),
        Step::Redate => post.event.is_some(),
        Step::Decide => post.revision == Some(RevisionState::HandedIn),
        _ => true,
    };
    life::steps(post.state, Actor::of(by, post)).into_iter().filter(fits).filter_map(StepName::of).collect()
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
