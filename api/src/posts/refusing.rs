//! Why somebody may not take a step, and what they can do instead: nobody at the desk is refused without a word.

use super::life::{Actor, Step};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use entity::{Post, PostState};

/// The refusal of a step that others may take.
pub fn not_you(step: Step, post: &Post, who: Actor) -> Problem {
    match who {
        Actor::Club | Actor::Contributor if is_reviewed(step) => reviewed(step, post, who),
        Actor::Host => Problem::explained(
            ProblemKind::Forbidden,
            Text::new(
                "Dafür ist die Gemeinde zuständig: Der Beitrag erscheint in mehreren Dörfern. Hier können Sie ihn nur ausblenden und \
                 wieder zeigen.",
                "This is for the municipality: the post is in several villages. Here you can only hide it and show it again.",
            ),
        ),
        _ => Problem::explained(ProblemKind::Forbidden, others(step)),
    }
}

/// What somebody does who is trusted, and an editor for everybody else.
fn is_reviewed(step: Step) -> bool {
    matches!(
        step,
        Step::Change | Step::Redate | Step::Schedule | Step::Unschedule | Step::Publish | Step::Approve | Step::Decide
    )
}

fn reviewed(step: Step, post: &Post, who: Actor) -> Problem {
    let text = match (step, post.state, who) {
        (Step::Change | Step::Redate, PostState::Published, Actor::Club) => Text::new(
            "Wird geprüft: Was öffentlich ist, ändert sich erst, wenn die Verwaltung es freigibt. Reichen Sie die Änderung ein; bis \
             dahin bleibt der Beitrag, wie er ist. Termine absagen, verlegen oder anmerken können Sie sofort.",
            "Under review: what is public changes when the town hall approves it. Hand the change in; until then the post stays as \
             it is. Dates you can cancel, move or comment at once.",
        ),
        (Step::Change | Step::Redate, PostState::Published, _) => Text::new(
            "Wird geprüft: Was öffentlich ist, ändert sich erst, wenn die Redaktion es freigibt. Reichen Sie die Änderung ein; bis \
             dahin bleibt der Beitrag, wie er ist.",
            "Under review: what is public changes when the editors approve it. Hand the change in; until then the post stays as it is.",
        ),
        (_, PostState::InReview, _) => Text::new(
            "Wird geprüft: Der Beitrag liegt der Verwaltung vor. Sobald sie ihn freigibt, kann er hinausgehen; zurückholen können Sie \
             ihn jederzeit.",
            "Under review: the post is with the town hall. When it is approved it can go out; you can recall it at any time.",
        ),
        (_, PostState::Approved, _) => Text::new(
            "Geprüft und freigegeben: Die Verwaltung veröffentlicht den Beitrag oder setzt seine Zeit.",
            "Reviewed and approved: the town hall publishes the post, or sets its time.",
        ),
        _ => Text::new(
            "Wird geprüft: Freigeben, planen und veröffentlichen ist Sache der Verwaltung. Reichen Sie den Beitrag ein.",
            "Under review: approving, planning and publishing is for the town hall. Hand the post in.",
        ),
    };
    Problem::explained(ProblemKind::NeedsReview, text)
}

fn others(step: Step) -> Text {
    match step {
        Step::Approve | Step::Decide => {
            Text::new("Wer einen Text schrieb, gibt ihn nicht selbst frei.", "Nobody approves a text of their own.")
        }
        Step::Recall => Text::new(
            "Zurückholen kann ihn, wer ihn schrieb. Sie können ihn mit einer Anmerkung zurückgeben.",
            "Recalling is for whoever wrote it. You can return it with a comment.",
        ),
        Step::AllClear => Text::new(
            "Entwarnen kann die Redaktion des Dorfes, und nach einer Warnung der Gemeinde die Gemeinde.",
            "The all-clear is for the editors of the village, and after an alert of the municipality for the municipality.",
        ),
        Step::Revise => Text::new(
            "Sie brauchen keine Freigabe: Ändern Sie den Beitrag selbst.",
            "You need no approval: change the post yourself.",
        ),
        Step::Hide | Step::Show => Text::new(
            "Ausblenden lassen sich nur Beiträge der Gemeinde; Termine eines abgeschalteten Vereins kommen mit ihm zurück.",
            "Only posts of the municipality can be hidden; the dates of a club that is switched off come back with it.",
        ),
        _ => Text::new(
            "Dafür ist die Verwaltung zuständig: Bitten Sie die Redaktion des Dorfes darum.",
            "This is for the town hall: ask the editors of the village.",
        ),
    }
}

/// The refusal of a step that nobody may take while the post is in this state.
pub fn not_now(state: PostState) -> Problem {
    let (de, en) = match state {
        PostState::Draft => ("noch ein Entwurf", "still a draft"),
        PostState::InReview => ("noch in Prüfung", "still in review"),
        PostState::Returned => {
            ("zurückgegeben und noch nicht wieder eingereicht", "returned and not handed in again yet")
        }
        PostState::Approved => ("freigegeben und noch nicht öffentlich", "approved and not public yet"),
        PostState::Scheduled => {
            ("geplant: er geht zu seiner Zeit von selbst hinaus", "planned: it goes out by itself at its time")
        }
        PostState::Published => ("schon öffentlich", "public already"),
        PostState::Expired => ("abgelaufen", "over"),
        PostState::Withdrawn => ("zurückgenommen", "taken back"),
        PostState::Hidden => ("zurzeit nicht zu sehen", "not shown at present"),
    };
    Problem::conflict(Text::new(
        format!("Dieser Schritt ist jetzt nicht möglich: Der Beitrag ist {de}."),
        format!("This step is not possible now: the post is {en}."),
    ))
}
