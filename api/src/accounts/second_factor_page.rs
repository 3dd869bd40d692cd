//! The page behind the link to a second factor, step by step.

use super::view::{RecoveryCodes, SecondFactorSetUp};
use crate::http::HtmlPage;
use crate::problem::Problem;
use crate::qr;
use crate::text::{Language, Text};
use askama::Template;

#[derive(Template)]
#[template(path = "second_factor_page.html")]
struct Page<'a> {
    language: &'a str,
    village: &'a str,
    heading: &'a str,
    text: &'a str,
    button: Option<&'a str>,
    /// What the field is called.
    field: &'a str,
    /// The secret to be typed in, and its QR code, which is an SVG element of our own.
    secret: Option<(&'a str, &'a str)>,
    /// Recovery codes.
    codes: &'a [String],
}

/// Where somebody is.
pub enum Step {
    /// Asks for the password.
    Password,
    /// Shows the secret, and asks for a code.
    Code(SecondFactorSetUp),
    /// Says that password or code was wrong, and begins anew.
    Again,
    /// Shows the recovery codes.
    Done(RecoveryCodes),
    /// Says that the link is good no more.
    Expired,
}

/// The page.
///
/// # Errors
/// When the template fails, which is a defect.
pub fn page(step: Step, language: Language) -> Result<HtmlPage, Problem> {
    let (heading, text) = words(&step);
    let (password, code) = (Text::new("Ihr Passwort", "Your password"), Text::new("Code der App", "Code of the app"));
    let button = match step {
        Step::Password | Step::Again => Some(Text::new("Weiter", "Go on")),
        Step::Code(_) => Some(Text::new("Einschalten", "Switch on")),
        _ => None,
    };
    let svg = match &step {
        Step::Code(set_up) => qr::for_page(&set_up.otpauth_url)?,
        _ => String::new(),
    };
    let page = Page {
        language: language.tag(),
        village: "Dorf-App",
        heading: heading.in_language(language),
        text: text.in_language(language),
        button: button.as_ref().map(|text| text.in_language(language)),
        field: if matches!(step, Step::Code(_)) { &code } else { &password }.in_language(language),
        secret: if let Step::Code(set_up) = &step { Some((set_up.secret.as_str(), svg.as_str())) } else { None },
        codes: if let Step::Done(codes) = &step { &codes.codes } else { &[] },
    };
    let html = page.render().map_err(|error| anyhow::anyhow!("a page could not be made: {error}"))?;
    Ok(HtmlPage::new(html))
}

fn words(step: &Step) -> (Text, Text) {
    let heading = Text::new("Zweiten Faktor einrichten", "Set up a second factor");
    match step {
        Step::Password => {
            (heading, Text::new("Bitte geben Sie zuerst Ihr Passwort ein.", "Please enter your password first."))
        }
        Step::Code(_) => (
            heading,
            Text::new(
                "Lesen Sie dieses Bild mit einer Authenticator-App, oder tippen Sie den Schlüssel darunter ein. Geben Sie dann \
                 den Code ein, den die App zeigt.",
                "Scan this picture with an authenticator app, or type in the key below it. Then enter the code that the app shows.",
            ),
        ),
        Step::Again => (
            heading,
            Text::new(
                "Passwort oder Code war falsch. Bitte beginnen Sie mit dem Passwort von vorn; der Link gilt weiter.",
                "Password or code was wrong. Please start again with the password; the link is still good.",
            ),
        ),
        Step::Done(_) => (
            Text::new("Der zweite Faktor ist eingeschaltet", "The second factor is switched on"),
            Text::new(
                "Bewahren Sie diese Wiederherstellungscodes getrennt vom Telefon auf. Jeder gilt einmal, falls es verloren geht.",
                "Keep these recovery codes apart from the phone. Each is good once, in case it is lost.",
            ),
        ),
        Step::Expired => (
            Text::new("Der Link gilt nicht mehr", "The link has expired"),
            Text::new(
                "Er wurde schon benutzt oder ist zu alt. Melden Sie sich an und fordern Sie einen neuen an.",
                "It was used before or is too old. Log in and ask for a new one.",
            ),
        ),
    }
}
