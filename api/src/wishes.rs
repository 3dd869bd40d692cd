//! What a subscription asks for, in the words that its owner reads before agreeing to it. Every name in them is the village's.

use crate::text::{Language, Text};
use entity::{Followed, PostKind, Wishes};

/// A line for each thing asked for.
pub fn lines(wishes: &Wishes, language: Language) -> Vec<String> {
    let mut lines: Vec<Text> = wishes.follows.iter().map(followed).collect();
    lines.extend(wishes.districts.iter().map(|name| {
        Text::new(format!("Erinnerungen an die Müllabfuhr: {name}"), format!("reminders of waste collection: {name}"))
    }));
    if wishes.reminds_of_events {
        lines.push(Text::new("Erinnerungen an Termine", "reminders of dates"));
    }
    if lines.is_empty() {
        lines.push(Text::new("keine Nachrichten", "no news"));
    }
    if wishes.replaces {
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
