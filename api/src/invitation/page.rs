//! The page behind the link of an invitation. Looking at it changes nothing; its button does.

use super::found::Closed;
use crate::http::HtmlPage;
use crate::problem::{Problem, ProblemKind};
use crate::text::{Language, Text};
use askama::Template;

#[derive(Template)]
#[template(path = "join_page.html")]
struct Page<'a> {
    language: &'a str,
    village: &'a str,
    heading: &'a str,
    text: &'a str,
    button: Option<&'a str>,
    /// What the field for a name is called, where there is one.
    name_field: Option<&'a str>,
    /// What the field for a password is called, where there is one.
    password_field: Option<&'a str>,
}

/// What a page is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Matter {
    /// Asks whether to accept, with the account there is.
    Join,
    /// Asks again: the password was wrong.
    JoinAgain,
    /// Asks whether to accept, with a new account.
    JoinAsNew,
    /// Asks again: name or password were not acceptable.
    JoinAsNewAgain,
    /// Says that it is done.
    Joined,
    /// Says that the link is good no more, and why.
    Closed(Closed),
}

/// Where somebody is invited, and to what.
pub struct Place<'a> {
    /// The village, or the municipality.
    pub name: &'a str,
    /// The role, or the club.
    pub to: &'a Text,
}

/// The page of a link that is good no more.
///
/// # Errors
/// When the template fails, which is a defect.
pub fn closed(closed: Closed, name: &str, language: Language) -> Result<HtmlPage, Problem> {
    page(Matter::Closed(closed), &Place { name, to: &Text::new("", "") }, language)
}

/// The page of an invitation.
///
/// # Errors
/// When the template fails, which is a defect.
pub fn page(matter: Matter, at: &Place<'_>, language: Language) -> Result<HtmlPage, Problem> {
    let is_new = matches!(matter, Matter::JoinAsNew | Matter::JoinAsNewAgain);
    let joins = is_new || matches!(matter, Matter::Join | Matter::JoinAgain);
    let (heading, text) = (heading(matter, at.to), text(matter));
    let (name, button) = (Text::new("Ihr Name", "Your name"), Text::new("Einladung annehmen", "Accept the invitation"));
    let password =
        if is_new { Text::new("Neues Passwort", "New password") } else { Text::new("Ihr Passwort", "Your password") };
    let page = Page {
        language: language.tag(),
        village: at.name,
        heading: heading.in_language(language),
        text: text.in_language(language),
        button: joins.then(|| button.in_language(language)),
        name_field: is_new.then(|| name.in_language(language)),
        password_field: joins.then(|| password.in_language(language)),
    };
    let html = page.render().map_err(|error| anyhow::anyhow!("a page could not be made: {error}"))?;
    Ok(HtmlPage::new(html))
}

/// What is asked first.
pub fn first(has_account: bool) -> Matter {
    if has_account { Matter::Join } else { Matter::JoinAsNew }
}

/// What follows a try.
///
/// # Errors
/// When it failed for another reason than what was entered.
pub fn after(done: Result<(), Problem>, has_account: bool) -> Result<Matter, Problem> {
    match done {
        Ok(()) => Ok(Matter::Joined),
        Err(problem) if problem.kind == ProblemKind::Unprocessable && has_account => Ok(Matter::JoinAgain),
        Err(problem) if problem.kind == ProblemKind::Unprocessable => Ok(Matter::JoinAsNewAgain),
        Err(problem) => Err(problem),
    }
}

fn heading(matter: Matter, to: &Text) -> Text {
    let (de, en) = (to.in_language(Language::German), to.in_language(Language::English));
    match matter {
        Matter::Joined => Text::new("Willkommen", "Welcome"),
        Matter::Closed(Closed::Unknown) => Text::new("Der Link gilt nicht", "The link is not good"),
        Matter::Closed(_) => Text::new("Der Link gilt nicht mehr", "The link has expired"),
        _ => Text::new(format!("Einladung: {de}"), format!("Invitation: {en}")),
    }
}

fn text(matter: Matter) -> Text {
    match matter {
        Matter::Join => Text::new(
            "Zu Ihrer Adresse gibt es schon ein Konto. Nehmen Sie die Einladung mit dessen Passwort an; es bleibt, wie es ist.",
            "Your address has an account already. Accept the invitation with its password, which stays as it is.",
        ),
        Matter::JoinAgain => Text::new(
            "Das Passwort passt nicht zum Konto dieser Adresse. Die Einladung gilt weiter.",
            "That is not the password of the account with this address. The invitation is still good.",
        ),
        Matter::JoinAsNew => Text::new(
            "Sagen Sie uns Ihren Namen, und wählen Sie ein langes Passwort, am besten mehrere Wörter, die nicht zusammengehören.",
            "Tell us your name, and choose a long password, best several words that do not belong together.",
        ),
        Matter::JoinAsNewAgain => Text::new(
            "Der Name fehlt, oder das Passwort ist zu kurz, allgemein bekannt oder leicht zu erraten. Die Einladung gilt weiter.",
            "The name is missing, or the password is too short, widely known or easily guessed. The invitation is still good.",
        ),
        Matter::Joined => Text::new(
            "Sie können sich jetzt mit Ihrer Adresse und Ihrem Passwort anmelden.",
            "You can log in with your address and your password now.",
        ),
        Matter::Closed(closed) => closed.words(),
    }
}
