//! The pages behind the links in mails. Looking at one changes nothing; its button does.

use crate::consent;
use crate::http::HtmlPage;
use crate::problem::Problem;
use crate::text::Language;
use askama::Template;

/// A page with a question and a button that posts back to where it is.
#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    language: &'a str,
    village: &'a str,
    heading: &'a str,
    text: &'a str,
    button: Option<&'a str>,
}

/// What a page is about.
#[derive(Clone, Copy)]
pub enum Matter {
    /// Asks whether to confirm.
    Confirm,
    /// Says that it is confirmed.
    Confirmed,
    /// Says that there is nothing to confirm any more.
    Expired,
    /// Asks whether to leave.
    Leave,
    /// Says that it is done.
    Left,
    /// Says that this subscription was ended before.
    Gone,
}

/// The page.
///
/// # Errors
/// When the template fails, which is a defect.
pub fn page(matter: Matter, village: &str, language: Language) -> Result<HtmlPage, Problem> {
    let german = language == Language::German;
    let consent = consent::text();
    let pick = |de: &'static str, en: &'static str| if german { de } else { en };
    let heading = match matter {
        Matter::Confirm => pick("Nachrichten per E-Mail bestätigen", "Confirm news by e-mail"),
        Matter::Confirmed => pick("Bestätigt", "Confirmed"),
        Matter::Expired => pick("Der Link gilt nicht mehr", "The link has expired"),
        Matter::Leave => pick("Nachrichten abbestellen", "Unsubscribe"),
        Matter::Left => pick("Abbestellt", "Unsubscribed"),
        Matter::Gone => pick("Dieses Abonnement besteht nicht mehr", "This subscription has ended"),
    };
    let text = match matter {
        Matter::Confirm => consent.in_language(language),
        Matter::Confirmed => pick(
            "Sie erhalten ab jetzt Nachrichten aus diesem Dorf. Jede Nachricht enthält einen Link zum Abbestellen.",
            "From now on you receive news of this village. Every message has a link to unsubscribe.",
        ),
        Matter::Expired => pick(
            "Bitte bestellen Sie die Nachrichten noch einmal, dann erhalten Sie einen neuen Link.",
            "Please subscribe once more to receive a new link.",
        ),
        Matter::Leave => pick(
            "Möchten Sie keine Nachrichten aus diesem Dorf mehr erhalten?",
            "Do you no longer want to receive news of this village?",
        ),
        Matter::Left => pick(
            "Sie erhalten keine Nachrichten aus diesem Dorf mehr. Ihre Daten sind gelöscht.",
            "You receive no more news of this village. Your data has been deleted.",
        ),
        Matter::Gone => pick(
            "Falls Sie weiterhin Nachrichten aus diesem Dorf erhalten, nutzen Sie bitte den Link in der neuesten.",
            "If you still receive news of this village, please use the link in the latest message.",
        ),
    };
    let button = match matter {
        Matter::Confirm => Some(pick("Ja, ich willige ein", "Yes, I agree")),
        Matter::Leave => Some(pick("Ja, abbestellen", "Yes, unsubscribe")),
        _ => None,
    };
    let page = Page { language: language.tag(), village, heading, text, button };
    let html = page.render().map_err(|error| anyhow::anyhow!("a page could not be made: {error}"))?;
    Ok(HtmlPage::new(html))
}
