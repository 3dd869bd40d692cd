//! What somebody who wants to come has to know: what it costs, where to register, and what somebody who needs it finds there.

use super::words::Words;
use entity::{AccessFact, EventDates};

/// One of these things.
pub struct Fact<'a> {
    /// What is told: `Kosten`.
    pub name: &'static str,
    /// What there is to say: `5 €`.
    pub said: String,
    /// Where it leads.
    pub link: Option<&'a str>,
}

impl Fact<'_> {
    /// `Kosten: 5 €`
    pub fn line(&self) -> String {
        format!("{}: {}", self.name, self.said)
    }
}

/// What is to be known of an event where somebody finds this `access`.
pub fn of<'a>(event: &'a EventDates, access: &[AccessFact], words: &Words) -> Vec<Fact<'a>> {
    let fact = |(de, en), said: String| Fact { name: if words.is_german() { de } else { en }, said, link: None };
    let cost = event.cost.as_ref().map(|cost| fact(("Kosten", "Cost"), cost.clone()));
    let register = event
        .registration_url
        .as_deref()
        .map(|url| Fact { link: Some(url), ..fact(("Anmeldung", "Registration"), url.to_owned()) });
    let found: Vec<&str> = access.iter().map(|found| access_in(*found, words)).collect();
    let access = (!found.is_empty()).then(|| fact(("Zugang", "Access"), found.join(", ")));
    [cost, register, access].into_iter().flatten().collect()
}

fn access_in(fact: AccessFact, words: &Words) -> &'static str {
    let (german, english) = match fact {
        AccessFact::StepFree => ("stufenlos", "step-free"),
        AccessFact::AccessibleToilet => ("Toilette für Rollstühle", "accessible toilet"),
        AccessFact::AccessibleParking => ("Behindertenparkplatz", "accessible parking"),
        AccessFact::HearingLoop => ("Induktionsschleife", "hearing loop"),
        AccessFact::SignLanguage => ("Gebärdensprache", "sign language"),
        AccessFact::EasyLanguage => ("Leichte Sprache", "easy language"),
        AccessFact::AssistanceDogs => ("Assistenzhunde willkommen", "assistance dogs welcome"),
    };
    if words.is_german() { german } else { english }
}
