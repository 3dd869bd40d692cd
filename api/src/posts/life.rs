//! A post's life: which steps lead from which state to which, and who may take them. `LIFE` is the only place that says so;
//! `docs/post-life.md` shows it as a picture, and a story walks every step in every state as everybody.

use crate::authority::Author;
use entity::{Post, PostState, Trust};
use std::fmt::Write;

/// Something that is done to a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Changing what it says.
    Change,
    /// Saying of dates of its event that they do not take place, or are at another time, or something about one.
    Redate,
    /// Handing in what it is to say, which is reviewed while it stays as it is.
    Revise,
    /// Approving or returning what was handed in so.
    Decide,
    /// Removing it for good.
    Delete,
    /// Handing it in for review.
    Submit,
    /// Taking it back into one's own hands.
    Recall,
    /// Giving it back with a comment.
    Return,
    /// Letting it go out as it is.
    Approve,
    /// Setting the time at which it goes out by itself.
    Schedule,
    /// Taking that time away.
    Unschedule,
    /// Making it public and telling its followers.
    Publish,
    /// Telling its followers once more.
    Announce,
    /// Telling those who were told of an alert that the danger is over.
    AllClear,
    /// Taking it back from the public.
    Withdraw,
    /// Not showing in this village what the municipality has published, or the dates of a club that takes part no longer.
    Hide,
    /// Showing it after all.
    Show,
    /// Putting what was planned before its editors again, because its club may not publish any more.
    Hold,
    /// Ending it because its time is over.
    Expire,
}

/// What somebody is to a post. Everybody is exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Writes for the town hall, is always reviewed, and wrote this one.
    Contributor,
    /// Writes for the post's club, which is reviewed.
    Club,
    /// Writes for the post's club, which is trusted.
    TrustedClub,
    /// An editor, of somebody else's post.
    Editor,
    /// An editor, of a post of their own.
    OwnEditor,
    /// An editor of the village, of the village's copy of a joint post.
    Host,
    /// The municipality, of its joint post, in every village.
    Municipality,
    /// The program, at a time that was set or known.
    Clock,
}

/// Where a step leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// Into this state.
    State(PostState),
    /// Nowhere: the state stays.
    Same,
    /// Out of the world.
    Gone,
}

/// A line of `LIFE`.
pub struct Edge {
    /// The step.
    pub step: Step,
    /// The states it may be taken in.
    pub from: &'static [PostState],
    /// Where it leads.
    pub to: To,
    /// Who may take it.
    pub who: &'static [Actor],
}

/// Why a step is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Others may take it.
    NotYou,
    /// Nobody may, as long as the post is in this state.
    NotNow,
}

/// Every step there is. What is not here is refused.
pub const LIFE: &[Edge] = {
    use Actor::{Clock, Club, Contributor, Editor, Host, Municipality, OwnEditor, TrustedClub};
    use PostState::{Approved, Draft, Expired, Hidden, InReview, Published, Returned, Scheduled, Withdrawn};
    const WRITERS: &[Actor] = &[Contributor, Club, TrustedClub, Editor, OwnEditor];
    const REVIEWED: &[Actor] = &[Contributor, Club];
    const TRUSTED: &[Actor] = &[TrustedClub, Editor, OwnEditor];
    const AUTHORS: &[Actor] = &[Contributor, Club, TrustedClub, OwnEditor];
    const EDITORS: &[Actor] = &[Editor, OwnEditor];
    const PLANNED: &[PostState] = &[Approved, Scheduled];
    &[
        edge(Step::Change, &[Draft, Returned, InReview], To::Same, WRITERS),
        edge(Step::Change, PLANNED, To::Same, TRUSTED),
        // Nothing unreviewed goes out.
        edge(Step::Change, PLANNED, To::State(InReview), REVIEWED),
        edge(Step::Change, &[Published], To::Same, TRUSTED),
        edge(Step::Change, &[Published, Hidden], To::Same, &[Municipality]),
        edge(Step::Redate, &[Draft, Returned, InReview], To::Same, WRITERS),
        edge(Step::Redate, PLANNED, To::Same, TRUSTED),
        edge(Step::Redate, PLANNED, To::State(InReview), REVIEWED),
        // That a date is off cannot wait for anybody.
        edge(Step::Redate, &[Published], To::Same, &[Club, TrustedClub, Editor, OwnEditor]),
        edge(Step::Revise, &[Published], To::Same, REVIEWED),
        edge(Step::Decide, &[Published], To::Same, EDITORS),
        edge(Step::Delete, &[Draft, Returned], To::Gone, WRITERS),
        edge(Step::Submit, &[Draft, Returned], To::State(InReview), WRITERS),
        edge(Step::Recall, &[InReview, Approved, Scheduled], To::State(Draft), AUTHORS),
        edge(Step::Return, &[InReview, Approved, Scheduled], To::State(Returned), &[Editor]),
        // Nobody approves what they wrote.
        edge(Step::Approve, &[InReview], To::State(Approved), &[Editor]),
        edge(Step::Schedule, &[Draft, Approved, Scheduled], To::State(Scheduled), TRUSTED),
        edge(Step::Unschedule, &[Scheduled], To::State(Approved), TRUSTED),
        edge(Step::Publish, &[Draft, Approved], To::State(Published), TRUSTED),
        edge(Step::Publish, &[Draft], To::State(Published), &[Municipality]),
        edge(Step::Publish, &[Scheduled], To::State(Published), &[TrustedClub, Editor, OwnEditor, Clock]),
        edge(Step::Announce, &[Published], To::Same, EDITORS),
        edge(Step::AllClear, &[Published], To::Same, EDITORS),
        edge(Step::AllClear, &[Expired], To::State(Published), EDITORS),
        edge(Step::AllClear, &[Published, Hidden], To::Same, &[Municipality]),
        edge(Step::AllClear, &[Expired], To::State(Published), &[Municipality]),
        edge(Step::Withdraw, &[Published], To::State(Withdrawn), &[Club, TrustedClub, Editor, OwnEditor]),
        edge(Step::Withdraw, &[Hidden], To::State(Withdrawn), EDITORS),
        edge(Step::Withdraw, &[Published, Hidden], To::State(Withdrawn), &[Municipality]),
        // The clock: with a club that takes part no longer, and again.
        edge(Step::Hide, &[Published], To::State(Hidden), &[Host, Clock]),
        edge(Step::Show, &[Hidden], To::State(Published), &[Host, Clock]),
        edge(Step::Hold, &[Scheduled], To::State(InReview), &[Clock]),
        edge(Step::Expire, &[Published, Scheduled, Hidden], To::State(Expired), &[Clock]),
        edge(Step::Expire, &[Draft], To::State(Expired), &[Municipality]),
    ]
};

const fn edge(step: Step, from: &'static [PostState], to: To, who: &'static [Actor]) -> Edge {
    Edge { step, from, to, who }
}

/// Where a step leads.
///
/// # Errors
/// [`Refusal::NotYou`] when others may take it in this state, or this actor never may; [`Refusal::NotNow`] otherwise.
pub fn lead(step: Step, from: PostState, who: Actor) -> Result<To, Refusal> {
    let of_step = || LIFE.iter().filter(move |edge| edge.step == step);
    let here = || of_step().filter(move |edge| edge.from.contains(&from));
    if let Some(edge) = here().find(|edge| edge.who.contains(&who)) {
        return Ok(edge.to);
    }
    let ever = of_step().any(|edge| edge.who.contains(&who));
    Err(if here().next().is_some() || !ever { Refusal::NotYou } else { Refusal::NotNow })
}

/// The steps that somebody may take now.
pub fn steps(from: PostState, who: Actor) -> Vec<Step> {
    let mut steps: Vec<Step> =
        LIFE.iter().filter(|edge| edge.from.contains(&from) && edge.who.contains(&who)).map(|edge| edge.step).collect();
    steps.dedup();
    steps
}

impl Actor {
    /// What somebody is to a post that they see.
    pub fn of(author: &Author, post: &Post) -> Self {
        let standing = &author.standing;
        let club = post.club.and_then(|club| standing.in_club(club));
        match (standing.is_editor(), club) {
            (true, _) if post.joint.is_some() => Self::Host,
            (true, _) if post.author == author.session.account => Self::OwnEditor,
            (true, _) => Self::Editor,
            (false, Some(role)) if role.trust == Trust::Trusted => Self::TrustedClub,
            (false, Some(_)) => Self::Club,
            (false, None) => Self::Contributor,
        }
    }
}

/// `LIFE` as a Mermaid state diagram, for the documentation.
pub fn picture() -> String {
    let mut picture = String::from("stateDiagram-v2\n    [*] --> draft: create\n");
    for edge in LIFE.iter().filter(|edge| edge.to != To::Same) {
        let who = match edge.who {
            [Actor::Clock] => "⏱ ",
            [Actor::Municipality] => "⇉ ",
            _ => "",
        };
        for from in edge.from {
            let to = match edge.to {
                To::State(state) => name(state),
                To::Gone => "[*]",
                To::Same => continue,
            };
            let step = edge.step.name();
            // Writing into a text never fails.
            let _ = writeln!(picture, "    {} --> {to}: {who}{step}", name(*from));
        }
    }
    picture
}

/// `LIFE` as a table, for the documentation.
pub fn table() -> String {
    let mut table = String::from("| step | in | leads to | by |\n|---|---|---|---|\n");
    for edge in LIFE {
        let step = edge.step.name();
        let from: Vec<_> = edge.from.iter().map(|state| name(*state)).collect();
        let to = match edge.to {
            To::State(state) => name(state),
            To::Same => "the same",
            To::Gone => "nothing is left",
        };
        let who: Vec<_> = edge.who.iter().map(|who| who.name()).collect();
        let _ = writeln!(table, "| {step} | {} | {to} | {} |", from.join(", "), who.join(", "));
    }
    table
}

impl Step {
    fn name(self) -> String {
        match self {
            Self::AllClear => "all_clear".to_owned(),
            step => format!("{step:?}").to_lowercase(),
        }
    }
}

impl Actor {
    fn name(self) -> &'static str {
        match self {
            Self::Contributor => "contributor",
            Self::Club => "club",
            Self::TrustedClub => "trusted club",
            Self::Editor => "editor",
            Self::OwnEditor => "editor, of their own",
            Self::Host => "host",
            Self::Municipality => "the municipality",
            Self::Clock => "the clock",
        }
    }
}

fn name(state: PostState) -> &'static str {
    match state {
        PostState::Draft => "draft",
        PostState::InReview => "in_review",
        PostState::Returned => "returned",
        PostState::Approved => "approved",
        PostState::Scheduled => "scheduled",
        PostState::Published => "published",
        PostState::Expired => "expired",
        PostState::Hidden => "hidden",
        PostState::Withdrawn => "withdrawn",
    }
}
