//! What mails about accounts say. Nothing in them was written by whoever asked for them.

use crate::app::App;
use crate::invitation;
use crate::links::{account_link, municipality_invitation_link};
use crate::message::MailText;
use crate::text::{Language, Text};
use askama::Template;
use entity::{AccountMail, AccountMailKind, LinkPurpose, NewAccountMail};

#[derive(Template)]
#[template(path = "letter.txt")]
struct LetterText<'a> {
    german: bool,
    text: &'a str,
    link: Option<&'a str>,
    /// For how long the link works.
    validity: &'a str,
    /// What somebody wrote who is to be read here; empty unless there is any.
    quote: &'a str,
    note: &'a str,
    sender: &'a str,
}

/// What a letter consists of.
pub struct Parts<'a> {
    /// The subject, and what the link is called.
    pub subject: &'a Text,
    /// What it says.
    pub text: &'a Text,
    /// What it leads to, and for how long.
    pub link: Option<(String, Text)>,
    /// What somebody wrote who is to be read here; empty unless there is any.
    pub quote: &'a str,
    /// What it ends with.
    pub note: &'a Text,
    /// Who it is from.
    pub sender: &'a str,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct LetterHtml<'a> {
    it: &'a LetterText<'a>,
    language: &'a str,
    subject: &'a str,
}

/// Puts a letter together.
///
/// # Errors
/// When a template fails, which is a defect.
pub fn put_together(parts: &Parts<'_>, language: Language) -> anyhow::Result<MailText> {
    let subject = parts.subject.in_language(language);
    let plain = LetterText {
        german: language == Language::German,
        text: parts.text.in_language(language),
        link: parts.link.as_ref().map(|(link, _)| link.as_str()),
        validity: parts.link.as_ref().map_or("", |(_, validity)| validity.in_language(language)),
        quote: parts.quote,
        note: parts.note.in_language(language),
        sender: parts.sender,
    };
    let html = LetterHtml { it: &plain, language: language.tag(), subject };
    Ok(MailText::new(subject, &plain.render()?, html.render()?, None))
}

/// The mail.
///
/// # Errors
/// When a template fails, which is a defect.
pub fn letter(app: &App, claimed: &AccountMail) -> anyhow::Result<MailText> {
    let mail = &claimed.mail;
    let link = link(app, mail);
    let (subject, text, note) = (subject(mail), text(claimed), note(mail.kind));
    let sender = &app.settings.mail.sender_name;
    let parts = Parts { subject: &subject, text: &text, link, quote: "", note: &note, sender };
    put_together(&parts, Language::of_tag(&mail.language))
}

/// What the mail leads to, and for how long.
fn link(app: &App, mail: &NewAccountMail) -> Option<(String, Text)> {
    let (secrets, public_url) = (&app.secrets, app.settings.public_url());
    let purpose = match mail.kind {
        AccountMailKind::PasswordReset => LinkPurpose::PasswordReset,
        AccountMailKind::EmailChange => LinkPurpose::EmailChange,
        AccountMailKind::SecondFactorTakenAway | AccountMailKind::SecondFactorLink => LinkPurpose::SecondFactor,
        AccountMailKind::MunicipalityInvitation => {
            let days = app.settings.accounts.invitation_d;
            let validity = Text::new(
                format!("Der Link gilt {days} Tage, nur einmal und nur für diese Adresse."),
                format!("The link works for {days} days, once, and for this address only."),
            );
            return Some((municipality_invitation_link(secrets, &public_url, mail.id.0), validity));
        }
        _ => return None,
    };
    let minutes = app.settings.accounts.link_min;
    let validity = Text::new(
        format!("Der Link gilt {minutes} Minuten und nur einmal."),
        format!("The link works for {minutes} minutes, and once."),
    );
    Some((account_link(secrets, &public_url, purpose, mail.id), validity))
}

fn subject(mail: &NewAccountMail) -> Text {
    let about = &mail.about;
    match mail.kind {
        AccountMailKind::SecondFactorTakenAway => {
            Text::new("Ihr zweiter Faktor wurde entfernt", "Your second factor was taken away")
        }
        AccountMailKind::SecondFactorLink => Text::new("Zweiten Faktor einrichten", "Set up a second factor"),
        AccountMailKind::RecoveryCodesRenewed => {
            Text::new("Es gibt neue Wiederherstellungscodes", "There are new recovery codes")
        }
        AccountMailKind::EmailSet => Text::new("Ihre E-Mail-Adresse ist geändert", "Your e-mail address is changed"),
        AccountMailKind::LogInsFailed => {
            Text::new("Jemand probiert Passwörter an Ihrem Konto", "Somebody tries passwords on your account")
        }
        AccountMailKind::MunicipalityInvitation => {
            Text::new(format!("Einladung zur Mitarbeit: {about}"), format!("Invitation to join the staff: {about}"))
        }
        AccountMailKind::PasswordReset => Text::new("Neues Passwort", "New password"),
        AccountMailKind::EmailChange => Text::new("Neue E-Mail-Adresse bestätigen", "Confirm your new e-mail address"),
        AccountMailKind::PasswordChanged => Text::new("Ihr Passwort wurde geändert", "Your password was changed"),
        AccountMailKind::EmailChangeAsked => {
            Text::new("Eine neue E-Mail-Adresse wurde angegeben", "A new e-mail address was entered")
        }
        AccountMailKind::EmailChanged => {
            Text::new("Ihre E-Mail-Adresse wurde geändert", "Your e-mail address was changed")
        }
        AccountMailKind::SecondFactorOn => {
            Text::new("Der zweite Faktor ist eingeschaltet", "The second factor is switched on")
        }
        AccountMailKind::SecondFactorReplaced => {
            Text::new("Der zweite Faktor ist neu eingerichtet", "The second factor is set up anew")
        }
        AccountMailKind::SecondFactorOff => {
            Text::new("Der zweite Faktor ist ausgeschaltet", "The second factor is switched off")
        }
        AccountMailKind::RecoveryCodeUsed => {
            Text::new("Ein Wiederherstellungscode wurde benutzt", "A recovery code was used")
        }
    }
}

fn text(claimed: &AccountMail) -> Text {
    let (about, by) = (&claimed.mail.about, &claimed.invited_by);
    match claimed.mail.kind {
        AccountMailKind::PasswordReset => Text::new(
            "für Ihr Konto wurde ein neues Passwort angefordert. Auf dieser Seite können Sie es wählen:",
            "a new password was asked for your account. On this page you can choose it:",
        ),
        AccountMailKind::EmailChange => Text::new(
            "diese Adresse wurde als neue Adresse eines Kontos angegeben. Auf dieser Seite können Sie es bestätigen:",
            "this address was entered as the new address of an account. On this page you can confirm it:",
        ),
        AccountMailKind::SecondFactorTakenAway => Text::new(
            "der Betreiber hat den zweiten Faktor Ihres Kontos entfernt. Alle Anmeldungen wurden beendet. Einen neuen richten Sie \
             auf dieser Seite ein, mit Ihrem Passwort:",
            "the operator has taken the second factor of your account away. All log-ins were ended. You set up a new one on this \
             page, with your password:",
        ),
        AccountMailKind::SecondFactorLink => Text::new(
            "auf dieser Seite richten Sie den zweiten Faktor Ihres Kontos ein, mit Ihrem Passwort:",
            "on this page you set up the second factor of your account, with your password:",
        ),
        AccountMailKind::MunicipalityInvitation => {
            let role = invitation::municipality_role();
            let (de, en) = (role.in_language(Language::German), role.in_language(Language::English));
            Text::new(
                format!(
                    "{by} lädt Sie ein, für das Rathaus von {about} mitzuarbeiten. Ihre Rolle: {de}. Auf dieser Seite können Sie annehmen:"
                ),
                format!(
                    "{by} invites you to work for the town hall of {about}. Your role: {en}. On this page you can accept:"
                ),
            )
        }
        kind => notice(kind),
    }
}

/// What is said of what has happened.
fn notice(kind: AccountMailKind) -> Text {
    match kind {
        AccountMailKind::RecoveryCodesRenewed => Text::new(
            "für Ihr Konto wurden neue Wiederherstellungscodes gemacht. Die alten gelten nicht mehr.",
            "new recovery codes were made for your account. The old ones are not good any more.",
        ),
        AccountMailKind::EmailSet => Text::new(
            "Ihr Konto hat jetzt diese E-Mail-Adresse. Melden Sie sich ab jetzt mit ihr an.",
            "your account has this e-mail address now. Log in with it from now on.",
        ),
        AccountMailKind::LogInsFailed => Text::new(
            "jemand hat in der letzten Stunde mehrmals versucht, sich mit Ihrer Adresse anzumelden oder eine Einladung an Sie \
             anzunehmen, von einem Ort, von dem Sie sich bisher nicht angemeldet haben. Weitere Versuche von dort werden gebremst; von \
             gewohnten Orten melden Sie sich an wie immer. Ist Ihr Passwort kurz oder auch anderswo in Gebrauch, wählen Sie ein neues.",
            "somebody has tried several times within the last hour to log in with your address or to accept an invitation to you, \
             from a place that you have not logged in from so far. Further tries from there are slowed down; from your usual places \
             you log in as always. If your password is short or used elsewhere, choose a new one.",
        ),
        AccountMailKind::PasswordChanged => Text::new(
            "das Passwort Ihres Kontos wurde geändert. Alle anderen Anmeldungen wurden beendet.",
            "the password of your account was changed. All other log-ins were ended.",
        ),
        AccountMailKind::EmailChangeAsked => Text::new(
            "für Ihr Konto wurde eine neue E-Mail-Adresse angegeben. Sie gilt, sobald sie von dort bestätigt wird; bis dahin \
             bleibt alles, wie es ist.",
            "a new e-mail address was entered for your account. It takes effect when it is confirmed from there; until then \
             everything stays as it is.",
        ),
        AccountMailKind::EmailChanged => Text::new(
            "Ihr Konto hat jetzt eine andere E-Mail-Adresse. Mit dieser hier kann man sich nicht mehr anmelden.",
            "your account has another e-mail address now. This one can no longer be used to log in.",
        ),
        AccountMailKind::SecondFactorOn => Text::new(
            "für Ihr Konto ist jetzt ein zweiter Faktor eingeschaltet. Beim Anmelden wird ein Code verlangt.",
            "a second factor is switched on for your account. Logging in asks for a code now.",
        ),
        AccountMailKind::SecondFactorReplaced => Text::new(
            "für Ihr Konto wurde ein neuer zweiter Faktor eingerichtet; er ersetzt den bisherigen. Dessen Codes und \
             Wiederherstellungscodes gelten nicht mehr, und andere Anmeldungen wurden beendet.",
            "a new second factor was set up for your account; it replaces the one before, whose codes and recovery codes are not good \
             any more, and other log-ins were ended.",
        ),
        AccountMailKind::SecondFactorOff => Text::new(
            "der zweite Faktor Ihres Kontos ist ausgeschaltet. Zum Anmelden genügt das Passwort.",
            "the second factor of your account is switched off. The password is enough to log in.",
        ),
        _ => Text::new(
            "einer der Wiederherstellungscodes Ihres Kontos wurde benutzt. Er gilt nicht mehr.",
            "one of the recovery codes of your account was used. It is not good any more.",
        ),
    }
}

fn note(kind: AccountMailKind) -> Text {
    match kind {
        AccountMailKind::SecondFactorLink => Text::new(
            "Waren Sie das nicht, kennt jemand Ihr Passwort: Wählen Sie gleich ein neues, und sagen Sie es dem Betreiber. Geben Sie den Link nicht weiter.",
            "If it was not you, somebody knows your password: choose a new one at once, and tell the operator. Do not pass the link on.",
        ),
        AccountMailKind::PasswordReset | AccountMailKind::EmailChange | AccountMailKind::MunicipalityInvitation => {
            Text::new(
                "Waren Sie das nicht, brauchen Sie nichts zu tun: Ohne Ihr Zutun ändert sich nichts. Geben Sie den Link nicht weiter.",
                "If it was not you, you need not do anything: nothing changes without you. Do not pass the link on.",
            )
        }
        _ => Text::new(
            "Waren Sie das nicht, wenden Sie sich bitte gleich an den Betreiber.",
            "If it was not you, please turn to the operator at once.",
        ),
    }
}
