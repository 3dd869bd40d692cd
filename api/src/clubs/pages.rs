//! The pages behind the links in mails about clubs. Looking at one changes nothing; its button does.

use crate::http::HtmlPage;
use crate::problem::Problem;
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
    /// Asks whether to join a club, with the account there is.
    Join,
    /// Asks again: the password was wrong.
    JoinAgain,
    /// Asks whether to join a club, with a new account.
    JoinAsNew,
    /// Asks again: name or password were not acceptable.
    JoinAsNewAgain,
    /// Says that it is done.
    Joined,
    /// Asks whether to apply.
    Apply,
    /// Says that it is done.
    Applied,
    /// Says that the link is good no more.
    Expired,
}

/// The page.
///
/// # Errors
/// When the template fails, which is a defect.
pub fn page(matter: Matter, village: &str, club: &str, language: Language) -> Result<HtmlPage, Problem> {
    let is_new = matches!(matter, Matter::JoinAsNew | Matter::JoinAsNewAgain);
    let joins = is_new || matches!(matter, Matter::Join | Matter::JoinAgain);
    let button = match matter {
        Matter::Apply => Some(Text::new("Ja, das ist richtig", "Yes, that is right")),
        _ if joins => Some(Text::new("Einladung annehmen", "Accept the invitation")),
        _ => None,
    };
    let name_field = is_new.then(|| Text::new("Ihr Name", "Your name"));
    let password_field = match (joins, is_new) {
        (true, true) => Some(Text::new("Neues Passwort", "New password")),
        (true, false) => Some(Text::new("Ihr Passwort", "Your password")),
        _ => None,
    };
    let (heading, text) = (heading(matter, club), text(matter));
    fn said(text: Option<&Text>, language: Language) -> Option<&str> {
        text.map(|text| text.in_language(language))
    }
    let page = Page {
        language: language.tag(),
        village,
        heading: heading.in_language(language),
        text: text.in_language(language),
        button: said(button.as_ref(), language),
        name_field: said(name_field.as_ref(), language),
        password_field: said(password_field.as_ref(), language),
    };
    let html = page.render().map_err(|error| anyhow::anyhow!("a page could not be made: {error}"))?;
    Ok(HtmlPage::new(html))
}

fn heading(matter: Matter, club: &str) -> Text {
    match matter {
        Matter::Joined => Text::new(format!("Willkommen bei: {club}"), format!("Welcome to: {club}")),
        Matter::Apply => Text::new("Ihren Verein anmelden", "Register your club"),
        Matter::Applied => Text::new("Ihre Anfrage ist im Rathaus", "The town hall has your request"),
        Matter::Expired => Text::new("Der Link gilt nicht mehr", "The link has expired"),
        _ => Text::new(format!("Einladung: {club}"), format!("Invitation: {club}")),
    }
}

fn text(matter: Matter) -> Text {
    match matter {
        Matter::Join => Text::new(
            "Zu Ihrer Adresse gibt es schon ein Konto. Nehmen Sie die Einladung mit dessen Passwort an.",
            "Your address has an account already. Accept the invitation with its password.",
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
        Matter::Apply => Text::new(
            "Mit dieser Adresse soll ein Verein angemeldet werden. Ist das richtig?",
            "A club is to be registered with this address. Is that right?",
        ),
        Matter::Applied => Text::new(
            "Sie bekommen eine E-Mail, sobald darüber entschieden ist.",
            "You will get a mail when it is decided.",
        ),
        Matter::Expired => Text::new(
            "Er wurde schon benutzt, zurückgenommen oder ist zu alt.",
            "It was used before, taken back or is too old.",
        ),
    }
}
