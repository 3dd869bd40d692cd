//! The pages behind the links in mails about accounts. Looking at one changes nothing; its button does.

use crate::http::HtmlPage;
use crate::problem::Problem;
use crate::text::{Language, Text};
use askama::Template;

/// A page with a question and a button that posts back to where it is.
#[derive(Template)]
#[template(path = "account_page.html")]
struct Page<'a> {
    language: &'a str,
    village: &'a str,
    heading: &'a str,
    text: &'a str,
    button: Option<&'a str>,
    /// What the field for a new password is called, where there is one.
    field: Option<&'a str>,
}

/// What a page is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Matter {
    /// Asks for a new password.
    NewPassword,
    /// Asks for another one: that was not acceptable.
    OtherPassword,
    /// Says that the password is set.
    PasswordSet,
    /// Asks whether to log in with this address from now on.
    NewEmail,
    /// Says that it is so.
    EmailSet,
    /// Says that the link is good no more.
    Expired,
}

/// The page.
///
/// # Errors
/// When the template fails, which is a defect.
pub fn page(matter: Matter, language: Language) -> Result<HtmlPage, Problem> {
    let (heading, text) = (heading(matter), text(matter));
    let button = match matter {
        Matter::NewPassword | Matter::OtherPassword => Some(Text::new("Passwort setzen", "Set password")),
        Matter::NewEmail => Some(Text::new("Ja, diese Adresse verwenden", "Yes, use this address")),
        _ => None,
    };
    let field = match matter {
        Matter::NewPassword | Matter::OtherPassword => Some(Text::new("Neues Passwort", "New password")),
        _ => None,
    };
    let page = Page {
        language: language.tag(),
        village: "Dorf-App",
        heading: heading.in_language(language),
        text: text.in_language(language),
        button: button.as_ref().map(|text| text.in_language(language)),
        field: field.as_ref().map(|text| text.in_language(language)),
    };
    let html = page.render().map_err(|error| anyhow::anyhow!("a page could not be made: {error}"))?;
    Ok(HtmlPage::new(html))
}

fn heading(matter: Matter) -> Text {
    match matter {
        Matter::NewPassword => Text::new("Neues Passwort", "New password"),
        Matter::OtherPassword => Text::new("Bitte ein anderes Passwort", "Another password, please"),
        Matter::PasswordSet => Text::new("Das Passwort ist gesetzt", "The password is set"),
        Matter::NewEmail => Text::new("Neue E-Mail-Adresse", "New e-mail address"),
        Matter::EmailSet => Text::new("Die Adresse ist geändert", "The address is changed"),
        Matter::Expired => Text::new("Der Link gilt nicht mehr", "The link has expired"),
    }
}

fn text(matter: Matter) -> Text {
    match matter {
        Matter::NewPassword => Text::new(
            "Wählen Sie ein langes Passwort, am besten mehrere Wörter, die nicht zusammengehören. Überall sonst werden Sie \
             abgemeldet.",
            "Choose a long password, best several words that do not belong together. You will be logged out everywhere else.",
        ),
        Matter::OtherPassword => Text::new(
            "Dieses ist zu kurz, allgemein bekannt oder leicht zu erraten. Nehmen Sie mehrere Wörter, die nicht \
             zusammengehören. Der Link gilt weiter.",
            "That one is too short, widely known or easily guessed. Take several words that do not belong together. The link \
             is still good.",
        ),
        Matter::PasswordSet => Text::new(
            "Sie können sich jetzt mit dem neuen Passwort anmelden.",
            "You can log in with the new password now.",
        ),
        Matter::NewEmail => Text::new(
            "Möchten Sie sich ab jetzt mit dieser Adresse anmelden?",
            "Do you want to log in with this address from now on?",
        ),
        Matter::EmailSet => {
            Text::new("Melden Sie sich ab jetzt mit der neuen Adresse an.", "Log in with the new address from now on.")
        }
        Matter::Expired => Text::new(
            "Er wurde schon benutzt oder ist zu alt. Bitte fordern Sie einen neuen an.",
            "It was used before or is too old. Please ask for a new one.",
        ),
    }
}
