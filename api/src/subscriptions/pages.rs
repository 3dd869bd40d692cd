//! The pages behind the links in mails. Looking at one changes nothing; its button does.

use crate::consent;
use crate::http::HtmlPage;
use crate::message::asked_for;
use crate::problem::Problem;
use crate::text::Language;
use askama::Template;
use entity::AskedFor;
use poem_openapi::Enum;

/// A page with a question and a button that posts back to where it is.
#[derive(Template)]
#[template(path = "subscription_page.html")]
struct Page<'a> {
    language: &'a str,
    village: &'a str,
    heading: &'a str,
    text: &'a str,
    button: Option<&'a str>,
    /// The button that ends alerts only.
    alerts_button: Option<&'a str>,
    /// What is to be agreed to.
    lines: &'a [String],
    /// A key, and what it is for.
    key: Option<(&'a str, &'a str)>,
}

/// A part of a subscription that can be left by itself.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[oai(rename = "LeftAlone", rename_all = "snake_case")]
pub enum Only {
    /// Alerts.
    Alerts,
}

/// What a page is about.
pub enum Matter {
    /// Asks whether to confirm what was asked for.
    Confirm(AskedFor),
    /// Says that it is confirmed, and shows the key with which the owner's app goes on.
    Confirmed(String),
    /// Says that it was confirmed before.
    ConfirmedBefore,
    /// Says that there is nothing to confirm any more.
    Expired,
    /// Asks whether to leave.
    Leave,
    /// Says that it is done.
    Left,
    /// Says that alerts come no more.
    WithoutAlerts,
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
    let (de, en) = heading(&matter);
    let heading = pick(de, en);
    let text = match &matter {
        Matter::Confirm(_) => consent.in_language(language),
        Matter::Confirmed(_) | Matter::ConfirmedBefore => pick(
            "Sie erhalten ab jetzt Nachrichten aus diesem Dorf. Jede Nachricht enthält einen Link zum Abbestellen.",
            "From now on you receive news of this village. Every message has a link to unsubscribe.",
        ),
        Matter::Expired => pick(
            "Bitte bestellen Sie die Nachrichten noch einmal, dann erhalten Sie einen neuen Link.",
            "Please subscribe once more to receive a new link.",
        ),
        Matter::Leave => pick(
            "Möchten Sie keine Nachrichten aus diesem Dorf mehr erhalten? Damit enden auch Warnungen vor Gefahren. Sie können auch nur \
             diese abbestellen.",
            "Do you no longer want to receive news of this village? Warnings of danger end with them. You can also end these only.",
        ),
        Matter::Left => pick(
            "Sie erhalten keine Nachrichten aus diesem Dorf mehr. Ihre Daten sind gelöscht.",
            "You receive no more news of this village. Your data has been deleted.",
        ),
        Matter::WithoutAlerts => pick(
            "Sie werden nicht mehr vor Gefahren gewarnt. Alles andere, das Sie bestellt haben, erhalten Sie wie bisher.",
            "You are warned of danger no more. All else that you follow comes as before.",
        ),
        Matter::Gone => pick(
            "Falls Sie weiterhin Nachrichten aus diesem Dorf erhalten, nutzen Sie bitte den Link in der neuesten.",
            "If you still receive news of this village, please use the link in the latest message.",
        ),
    };
    let button = match &matter {
        Matter::Confirm(_) => Some(pick("Ja, ich willige ein", "Yes, I agree")),
        Matter::Leave => Some(pick("Ja, abbestellen", "Yes, unsubscribe")),
        _ => None,
    };
    let alerts_button =
        matches!(matter, Matter::Leave).then(|| pick("Nur keine Warnungen mehr", "No more alerts only"));
    let lines = if let Matter::Confirm(it) = &matter { asked_for::lines(it, language) } else { Vec::new() };
    let key = match &matter {
        Matter::Confirmed(key) => Some((
            pick(
                "Wenn Sie in einer App bestellt haben und dort etwas ändern möchten, geben Sie ihr diesen Schlüssel. Er wird nur \
                 jetzt gezeigt. Sonst brauchen Sie ihn nicht.",
                "If you subscribed in an app and want to change something there, give it this key. It is shown now only. You do \
                 not need it otherwise.",
            ),
            key.as_str(),
        )),
        _ => None,
    };
    let page = Page { language: language.tag(), village, heading, text, button, alerts_button, lines: &lines, key };
    let html = page.render().map_err(|error| anyhow::anyhow!("a page could not be made: {error}"))?;
    Ok(HtmlPage::new(html))
}

/// What a page is called, in German and English.
fn heading(matter: &Matter) -> (&'static str, &'static str) {
    match matter {
        Matter::Confirm(_) => ("Nachrichten per E-Mail bestätigen", "Confirm news by e-mail"),
        Matter::Confirmed(_) | Matter::ConfirmedBefore => ("Bestätigt", "Confirmed"),
        Matter::Expired => ("Der Link gilt nicht mehr", "The link has expired"),
        Matter::Leave => ("Nachrichten abbestellen", "Unsubscribe"),
        Matter::Left => ("Abbestellt", "Unsubscribed"),
        Matter::WithoutAlerts => ("Warnungen abbestellt", "No more alerts"),
        Matter::Gone => ("Dieses Abonnement besteht nicht mehr", "This subscription has ended"),
    }
}
