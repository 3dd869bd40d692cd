//! What mails about clubs say. Those that strangers can cause carry no words of a stranger's.

use super::letter::{Parts, put_together};
use crate::app::App;
use crate::invitation;
use crate::links::{club_application_link, club_invitation_link, staff_invitation_link};
use crate::message::MailText;
use crate::text::{Language, Text};
use entity::{ClubLetter, ClubLetterKind, RoleKind, StoreError, VillageRecord, VillageTx};
use uuid::Uuid;

/// A mail of a village about a club or an invitation.
pub struct ClubMail {
    /// The village.
    pub village: VillageRecord,
    /// What is to be sent.
    pub letter: ClubLetter,
    /// What it invites to, if it does.
    pub inviting: Option<Inviting>,
}

/// An invitation, as the mail tells of it.
pub struct Inviting {
    to: RoleKind,
    /// The name of whoever invites.
    by: String,
}

/// What a mail invites to; nothing when it invites nobody, or that was taken back, replaced or accepted meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn inviting(tx: &VillageTx, letter: &ClubLetter) -> Result<Option<Inviting>, StoreError> {
    let (id, written_at): (Uuid, _) = (letter.subject, letter.created_at);
    let found = match letter.kind {
        ClubLetterKind::Invitation => {
            tx.club_invitations().find(id.into(), written_at).await?.map(|found| (found.kind, found.invited_by))
        }
        ClubLetterKind::StaffInvitation => {
            tx.staff_invitations().find(id.into(), written_at).await?.map(|found| (found.kind, found.invited_by))
        }
        _ => None,
    };
    let Some((to, by)) = found else { return Ok(None) };
    Ok(tx.accounts().find(by).await?.map(|by| Inviting { to, by: by.name }))
}

/// Whether a mail brings an invitation.
pub fn invites(letter: &ClubLetter) -> bool {
    matches!(letter.kind, ClubLetterKind::Invitation | ClubLetterKind::StaffInvitation)
}

/// The mail.
///
/// # Errors
/// When a template fails, which is a defect.
pub fn club_letter(app: &App, mail: &ClubMail) -> anyhow::Result<MailText> {
    let ClubMail { village, letter, inviting } = mail;
    let (secrets, public_url) = (&app.secrets, app.settings.public_url());
    let link = match letter.kind {
        kind if invites(letter) => {
            let days = app.settings.accounts.invitation_d;
            let validity = Text::new(
                format!("Der Link gilt {days} Tage, nur einmal und nur für diese Adresse."),
                format!("The link works for {days} days, once, and for this address only."),
            );
            let link = match kind {
                ClubLetterKind::Invitation => {
                    club_invitation_link(secrets, &public_url, village, letter.subject.into())
                }
                _ => staff_invitation_link(secrets, &public_url, village, letter.subject.into()),
            };
            Some((link, validity))
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
    let text = match inviting {
        Some(inviting) => invitation_text(inviting, letter.kind, club, place),
        None => text(letter.kind, club, place),
    };
    let (subject, note) = (subject(letter.kind, club, place), note(letter.kind));
    let sender = &village.sender_name;
    let parts = Parts { subject: &subject, text: &text, link, quote: &letter.note, note: &note, sender };
    put_together(&parts, Language::of_tag(&letter.language))
}

fn subject(kind: ClubLetterKind, club: &str, place: &str) -> Text {
    match kind {
        ClubLetterKind::StaffInvitation => {
            Text::new(format!("Einladung zur Mitarbeit: {place}"), format!("Invitation to join the staff: {place}"))
        }
        ClubLetterKind::Invitation => Text::new(format!("Einladung: {club}"), format!("Invitation: {club}")),
        ClubLetterKind::Application => Text::new("Ihren Verein anmelden", "Register your club"),
        ClubLetterKind::Declined => Text::new(format!("Ihre Anfrage: {club}"), format!("Your request: {club}")),
        ClubLetterKind::SwitchedOff => Text::new(format!("Abgeschaltet: {club}"), format!("Switched off: {club}")),
        ClubLetterKind::StillThere => Text::new(format!("Noch aktiv? {club}"), format!("Still there? {club}")),
        ClubLetterKind::Paused => Text::new(format!("Ruht jetzt: {club}"), format!("Rests now: {club}")),
    }
}

/// What an invitation says: who invites, where, and to what.
fn invitation_text(inviting: &Inviting, kind: ClubLetterKind, club: &str, place: &str) -> Text {
    let (by, role) = (&inviting.by, invitation::role(inviting.to));
    let (de, en) = (role.in_language(Language::German), role.in_language(Language::English));
    let (for_de, for_en) = match kind {
        ClubLetterKind::Invitation => {
            (format!("in {place} für „{club}“ zu schreiben"), format!("to write for “{club}” in {place}"))
        }
        _ => (format!("für das Rathaus in {place} mitzuarbeiten"), format!("to work for the town hall of {place}")),
    };
    Text::new(
        format!("{by} lädt Sie ein, {for_de}. Ihre Rolle: {de}. Auf dieser Seite können Sie annehmen:"),
        format!("{by} invites you {for_en}. Your role: {en}. On this page you can accept:"),
    )
}

fn text(kind: ClubLetterKind, club: &str, place: &str) -> Text {
    match kind {
        // Never sent without what it invites to.
        ClubLetterKind::Invitation | ClubLetterKind::StaffInvitation => {
            Text::new("Sie sind eingeladen:", "you are invited:")
        }
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
