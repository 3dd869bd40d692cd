//! The page behind the link with which a club applies. Looking at it changes nothing; its button does.

use crate::http::HtmlPage;
use crate::problem::Problem;
use crate::text::{Language, Text};
use askama::Template;

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    language: &'a str,
    village: &'a str,
    heading: &'a str,
    text: &'a str,
    button: Option<&'a str>,
}

/// What the page is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Matter {
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
pub fn page(matter: Matter, village: &str, language: Language) -> Result<HtmlPage, Problem> {
    let (heading, text, button) =
        (heading(matter), text(matter), Text::new("Ja, das ist richtig", "Yes, that is right"));
    let page = Page {
        language: language.tag(),
        village,
        heading: heading.in_language(language),
        text: text.in_language(language),
        button: (matter == Matter::Apply).then(|| button.in_language(language)),
    };
    let html = page.render().map_err(|error| anyhow::anyhow!("a page could not be made: {error}"))?;
    Ok(HtmlPage::new(html))
}

fn heading(matter: Matter) -> Text {
    match matter {
        Matter::Apply => Text::new("Ihren Verein anmelden", "Register your club"),
        Matter::Applied => Text::new("Ihre Anfrage ist im Rathaus", "The town hall has your request"),
        Matter::Expired => Text::new("Der Link gilt nicht mehr", "The link has expired"),
    }
}

fn text(matter: Matter) -> Text {
    match matter {
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
