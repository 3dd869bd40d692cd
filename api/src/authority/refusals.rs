//! Why somebody who is known here may not do something, and whose task it is: never a bare 403.

use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use entity::{ClubState, Standing};

fn forbidden(de: &'static str, en: &'static str) -> Problem {
    Problem::explained(ProblemKind::Forbidden, Text::new(de, en))
}

/// For whoever writes in the village. People of a club that takes part no longer are told that, and what to do.
pub fn for_writers(standing: &Standing) -> Problem {
    inactive(standing).unwrap_or_else(|| {
        forbidden(
            "Dafür brauchen Sie eine Rolle, mit der man hier schreibt.",
            "For this you need a role that writes here.",
        )
    })
}

/// For the editors of the village.
pub fn for_the_town_hall(standing: &Standing) -> Problem {
    inactive(standing).unwrap_or_else(|| {
        forbidden(
            "Dafür ist die Verwaltung zuständig: die Redaktion oder die Leitung des Dorfes.",
            "This is for the town hall: an editor or admin of the village.",
        )
    })
}

/// For the admins of the village.
pub fn for_admins() -> Problem {
    forbidden("Dafür ist die Leitung des Dorfes zuständig.", "This is for an admin of the village.")
}

/// For the managers of a club.
pub fn for_club_managers() -> Problem {
    forbidden(
        "Dafür sind die Verantwortlichen des Vereins oder die Verwaltung zuständig.",
        "This is for the managers of the club, or the town hall.",
    )
}

/// For the editors of the municipality.
pub fn for_the_municipality() -> Problem {
    forbidden(
        "Dafür ist zuständig, wer für die ganze Gemeinde schreibt.",
        "This is for whoever writes for the whole municipality.",
    )
}

/// For the operators of the installation.
pub fn for_operators() -> Problem {
    forbidden("Dafür ist der Betrieb dieser Installation zuständig.", "This is for the operators of this installation.")
}

/// For an operator without a second factor, who can do nothing before there is one.
pub fn for_operators_without_second_factor() -> Problem {
    Problem::explained(
        ProblemKind::SecondFactorRequired,
        Text::new(
            "Betreiber brauchen einen zweiten Faktor. Lassen Sie sich den Link dazu schicken, mit POST /v1/admin/me/second-factor/link \
             und Ihrem Passwort, oder rufen Sie auf dem Rechner der Installation „dorf operator second-factor --email …“ auf.",
            "Operators need a second factor. Have the link to it sent to you, with POST /v1/admin/me/second-factor/link and your \
             password, or run “dorf operator second-factor --email …” on the machine of the installation.",
        ),
    )
}

/// For whoever works where a second factor is asked for, and has none.
pub fn without_second_factor() -> Problem {
    Problem::explained(
        ProblemKind::SecondFactorRequired,
        Text::new(
            "Hier wird ein zweiter Faktor verlangt. Richten Sie ihn mit POST /v1/admin/me/second-factor und Ihrem Passwort ein.",
            "A second factor is asked for here. Set it up with POST /v1/admin/me/second-factor and your password.",
        ),
    )
}

/// What keeps somebody from writing who only writes for clubs none of which takes part.
fn inactive(standing: &Standing) -> Option<Problem> {
    if standing.writes_for_town_hall() || standing.clubs.iter().any(|role| role.state == ClubState::Active) {
        return None;
    }
    let text = match standing.clubs.iter().map(|role| role.state).next()? {
        ClubState::Paused => Text::new(
            "Ihr Verein ruht, weil niemand bestätigt hat, dass es ihn noch gibt. Sobald Verantwortliche das bestätigen, geht es \
             weiter.",
            "Your club rests, since nobody has confirmed that it is still there. It goes on as soon as a manager confirms that.",
        ),
        ClubState::Off => Text::new(
            "Ihr Verein ist abgeschaltet. Warum, steht in der E-Mail an die Verantwortlichen; einschalten kann ihn nur die Verwaltung.",
            "Your club is switched off. The mail to its managers says why; only the town hall can switch it on.",
        ),
        _ => Text::new(
            "Ihr Verein ist noch nicht zugelassen; die Verwaltung entscheidet darüber.",
            "Your club has not been admitted yet; the town hall decides.",
        ),
    };
    Some(Problem::explained(ProblemKind::ClubInactive, text))
}
