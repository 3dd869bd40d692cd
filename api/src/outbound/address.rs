//! Addresses of calendars as people copy them: the one gate for calendars of events and of waste.

use super::{Fetch, NotAllowed};
use crate::app::App;
use crate::validate::Faults;
use reqwest::Url;

/// What programs call the same address to be asked to subscribe.
const SUBSCRIBING: [&str; 3] = ["webcals://", "webcal://", "webcal:https://"];

/// An address that a calendar may be loaded from, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarAddress(Url);

impl CalendarAddress {
    /// Reads an address as somebody has entered it: with blanks around it or in it, in angle brackets or quotation marks, or to subscribe
    /// to (`webcal:`, `webcals:`).
    ///
    /// # Errors
    /// When nothing may be loaded from there.
    pub fn parse(text: &str, fetch: &Fetch<'_>) -> Result<Self, NotAllowed> {
        let around = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '„' | '“' | '\u{200b}' | '\u{feff}');
        let text = text.trim_matches(around);
        let subscribing =
            |scheme: &&&str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
        let text = match SUBSCRIBING.iter().find(subscribing) {
            Some(scheme) => format!("https://{}", &text[scheme.len()..]),
            None => text.to_owned(),
        };
        // Lines that were broken where they were copied are put together, blanks are part of the address.
        let text = text.replace(['\t', '\r', '\n', '\u{200b}', '\u{feff}'], "").replace([' ', '\u{a0}'], "%20");
        fetch.check(&text).map(Self)
    }

    /// Reads the address of a body, or notes what is wrong with it.
    pub fn checked(text: &str, app: &App, faults: &mut Faults) -> String {
        match Self::parse(text, &Fetch::of(&app.settings.calendars)) {
            Ok(address) => address.0.into(),
            Err(_) => {
                faults.add(
                    "/url",
                    "ist keine öffentliche https-Adresse ohne Zugangsdaten",
                    "is not a public https address without credentials",
                );
                String::new()
            }
        }
    }
}
