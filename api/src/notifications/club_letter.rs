//! What mails about clubs say. Those that strangers can cause carry no words of a stranger's.

use super::letter::{Parts, put_together};
use crate::app::App;
use crate::links::{club_application_link, club_invitation_link, staff_invitation_link};
use crate::message::MailText;
use crate::text::{Language, Text};
use entity::{ClubLetter, ClubLetterKind, VillageRecord};

/// The mail.
///
/// # Errors
/// When a template fails, which is a defect.
pub fn club_letter(app: &App, village: &VillageRecord, letter: &ClubLetter) -> anyhow::Result<MailText> {
    let (secrets, public_url) = (&app.secrets, app.settings.public_url());
    let link = match letter.kind {
        ClubLetterKind::Invitation => {
            let days = app.settings.accounts.invitation_d;
            let validity = Text::new(
                format!("Der Link gilt {days} Tage, nur einmal und nur für diese Adresse."),
                format!("The link works for {days} days, once, and for this address only."),
            );
            Some((club_invitation_link(secrets, &public_url, village, letter.subject.into()), validity))
        }
        ClubLetterKind::StaffInvitation => {
            let days = app.settings.accounts.invitation_d;
            let validity = Text::new(
                format!("Der Link gilt {days} Tage, nur einmal und nur für diese Adresse."),
                format!("The link works for {days} days, once, and for this address only."),
            );
            Some((staff_invitation_link(secrets, &public_url, village, letter.subject.into()), validity))
        }
        ClubLetterKind::Application => {
            let hours = app.settings.retention.unconfirmed_h;
            let validity = Text::new(
                format!("Der Link gilt {hours} Stunden und nur einmal."),
                format!("The link works for {hours} hours, and once."),
            );
            Some((club_application_link(secrets, &public_url, village, letter.subject.into()), validity))
        }
        _ => None,
    };
    let (club, place) = (&letter.club_name, &village.name);
    let (subject, text, note) = (subject(letter.kind, club, place), text(letter.kind, club, place), note(letter.kind));
    let sender = &village.sender_name;
    let parts = Parts { subject: &subject, text: &text, link, quote: &letter.note, note: &note, sender };
    put_together(&parts, Language::of_tag(&letter.language))
}

fn subject(kind: ClubLetterKind, club: &str, place: &str) -> Text {
    match kind {
        ClubLetterKind::StaffInvitation => {
            Text::new(format!("Einladung ins Rathaus: {place}"), format!("Invitation to the town hall: {place}"))
        }
        ClubLetterKind::Invitation => Text::new(format!("Einladung: {club}"), format!("Invitation: {club}")),
        ClubLetterKind::Application => Text::new("Ihren Verein anmelden", "Register your club"),
        ClubLetterKind::Declined => Text::new(format!("Ihre Anfrage: {club}"), format!("Your request: {club}")),
        ClubLetterKind::SwitchedOff => Text::new(format!("Abgeschaltet: {club}"), format!("Switched off: {club}")),
        ClubLetterKind::StillThere => Text::new(format!("Noch aktiv? {club}"), format!("Still there? {club}")),
        ClubLetterKind::Paused => Text::new(format!("Ruht jetzt: {club}"), format!("Rests now: {club}")),
    }
}

fn text(kind: ClubLetterKind, club: &str, place: &str) -> Text {
    match kind {
        ClubLetterKind::Invitation => Text::new(
            format!("Sie sind eingeladen, in {place} für „{club}“ zu schreiben. Auf dieser Seite können Sie annehmen:"),
            format!("you are invited to write for “{club}” in {place}. On this page you can accept:"),
        ),
        ClubLetterKind::StaffInvitation => Text::new(
            format!(
                "Sie sind eingeladen, für das Rathaus in {place} mitzuarbeiten. Auf dieser Seite sehen Sie, als was, und können annehmen:"
            ),
            format!(
                "you are invited to work for the town hall of {place}. This page says as what, and there you can accept:"
            ),
        ),
        ClubLetterKind::Application => Text::new(
            format!(
                "mit dieser Adresse soll in {place} ein Verein angemeldet werden. Auf dieser Seite können Sie es bestätigen:"
            ),
            format!("a club is to be registered in {place} with this address. On this page you can confirm it:"),
        ),
        ClubLetterKind::Declined => Text::new(
            format!("die Gemeinde hat Ihre Anfrage für „{club}“ in {place} abgelehnt. Die Begründung:"),
            format!("the municipality has declined your request for “{club}” in {place}. The reason:"),
        ),
        ClubLetterKind::SwitchedOff => Text::new(
            format!(
                "die Gemeinde hat „{club}“ in {place} abgeschaltet. Geplante Beiträge gehen nicht hinaus. Die Begründung:"
            ),
            format!("the municipality has switched “{club}” in {place} off. Planned posts do not go out. The reason:"),
        ),
        ClubLetterKind::StillThere => Text::new(
            format!("gibt es „{club}“ in {place} noch? Bitte bestätigen Sie es in den nächsten 30 Tagen in der App."),
            format!("is “{club}” in {place} still there? Please say so in the app within the next 30 days."),
        ),
        ClubLetterKind::Paused => Text::new(
            format!(
                "„{club}“ in {place} ruht jetzt: Niemand hat bestätigt, dass es den Verein noch gibt. Geplante Beiträge gehen nicht hinaus."
            ),
            format!(
                "“{club}” in {place} rests now: nobody said that the club is still there. Planned posts do not go out."
            ),
        ),
    }
}

fn note(kind: ClubLetterKind) -> Text {
    match kind {
        ClubLetterKind::Invitation | ClubLetterKind::Application | ClubLetterKind::StaffInvitation => Text::new(
            "Haben Sie damit nichts zu tun, brauchen Sie nichts zu tun: Ohne Ihr Zutun geschieht nichts. Geben Sie den Link nicht weiter.",
            "If this is nothing to you, you need not do anything: nothing happens without you. Do not pass the link on.",
        ),
        ClubLetterKind::StillThere => Text::new(
            "Antwortet niemand, ruht der Verein, bis es jemand bestätigt. Was veröffentlicht ist, bleibt.",
            "If nobody answers, the club rests until somebody says so. What is published stays.",
        ),
        ClubLetterKind::Paused => Text::new(
            "Sobald eine oder einer der Verantwortlichen in der App bestätigt, dass es den Verein gibt, geht es weiter.",
            "As soon as one of its managers says in the app that the club is there, it goes on.",
        ),
        _ => Text::new("Bei Fragen antworten Sie auf diese E-Mail.", "If you have questions, answer this mail."),
    }
}
