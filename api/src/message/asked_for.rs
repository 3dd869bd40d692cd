//! What a subscription asks for, in the words that its owner reads before agreeing to it. Every name in them is the village's.

use crate::text::{Language, Text};
use entity::{AskedFor, Followed, PostKind};

/// A line for each thing asked for.
pub fn lines(asked_for: &AskedFor, language: Language) -> Vec<String> {
    let mut lines: Vec<Text> = asked_for.follows.iter().map(followed).collect();
    lines.extend(asked_for.districts.iter().map(|name| {
        Text::new(format!("Erinnerungen an die Müllabfuhr: {name}"), format!("reminders of waste collection: {name}"))
    }));
    if asked_for.reminds_of_events {
        lines.push(Text::new("Erinnerungen an Termine", "reminders of dates"));
    }
    lines.push(match (asked_for.alerts, lines.is_empty()) {
        (true, true) => Text::new("nur Warnungen vor Gefahren", "alerts of danger only"),
        (true, false) => Text::new("Warnungen vor Gefahren", "alerts of danger"),
        (false, true) => {
            Text::new("keine Nachrichten, auch keine Warnungen vor Gefahren", "no news, and no alerts of danger")
        }
        (false, false) => Text::new("keine Warnungen vor Gefahren", "no alerts of danger"),
    });
    if asked_for.replaces {
        lines.push(Text::new(
            "Ihr bisheriges Abonnement in diesem Dorf endet damit.",
            "Your present subscription in this village ends with it.",
        ));
    }
    lines.iter().map(|line| line.in_language(language).to_owned()).collect()
}

fn followed(followed: &Followed) -> Text {
    let parts = [
        followed.kind.map(kind),
        followed.topic.as_ref().map(|name| Text::new(format!("Rubrik „{name}“"), format!("topic “{name}”"))),
        followed.club.as_ref().map(|name| Text::new(format!("Verein „{name}“"), format!("club “{name}”"))),
    ];
    let parts: Vec<Text> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        return Text::new("alle Nachrichten", "all news");
    }
    let joined = |language| parts.iter().map(|part| part.in_language(language)).collect::<Vec<_>>().join(", ");
    Text::new(joined(Language::German), joined(Language::English))
}

fn kind(kind: PostKind) -> Text {
    match kind {
        PostKind::News => Text::new("Neuigkeiten", "news"),
        PostKind::Notice => Text::new("Aus den Vereinen", "notices of clubs"),
        PostKind::Event => Text::new("Veranstaltungen", "events"),
        PostKind::Alert => Text::new("Warnungen", "alerts"),
    }
}
