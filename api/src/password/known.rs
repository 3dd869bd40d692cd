//! Passwords that are guessed first: those of published breaches, those made of a person's own name or place, and those that
//! have length only by repeating or counting. Nothing is asked for beyond that: no digits, no signs, no capitals.

use std::collections::HashSet;
use std::sync::LazyLock;

/// In lower case, one a line; where it is from says `api/passwords/README.md`.
static BREACHED: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("../../passwords/breached.txt").lines().collect());

/// What is near at hand for everybody here.
const NEAR_AT_HAND: [&str; 8] =
    ["dorf", "dorfapp", "gemeinde", "rathaus", "willkommen", "geheimnis", "meinpasswort", "changeme"];

/// What fingers type when they run along: rows of keys, the alphabet, digits.
const RUNS: [&str; 6] = [
    "0123456789012345678901234567890123456789",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "qwertzuiopüasdfghjklöäyxcvbnm",
    "qwertyuiopasdfghjklzxcvbnm",
    "1q2w3e4r5t6z7u8i9o0p",
    "1q2w3e4r5t6y7u8i9o0p",
];

/// At most this many digits and signs around a word do not make another password of it.
const LONGEST_TRIMMING: usize = 6;

/// Whether a password would be guessed early. `about` is what an attacker knows of the person: address, name, village.
pub fn is_known(password: &str, about: &[&str]) -> bool {
    let password = password.trim().to_lowercase();
    let distinct: HashSet<char> = password.chars().collect();
    if distinct.len() < 4 {
        return true;
    }
    let about: Vec<String> = about.iter().flat_map(|text| words_of(text)).collect();
    let known = |text: &str| is_word(text, &about) || is_run(text);
    let letters = squeezed(trimmed(&password));
    [password.as_str(), trimmed(&password), &letters].into_iter().any(|text| known(text) || known(repeated_unit(text)))
}

fn is_word(text: &str, about: &[String]) -> bool {
    let letters = squeezed(text);
    BREACHED.contains(text)
        || NEAR_AT_HAND.contains(&letters.as_str())
        || (!letters.is_empty() && about.contains(&letters))
}

/// Part of a run, forwards or backwards.
fn is_run(text: &str) -> bool {
    let backwards: String = text.chars().rev().collect();
    text.chars().count() > 3 && RUNS.iter().any(|run| run.contains(text) || run.contains(&backwards))
}

/// What somebody may make of a text about them: the whole, its words, and the parts of an address.
fn words_of(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let parts = text.split(|c: char| !c.is_alphanumeric()).map(squeezed);
    let local = text.split('@').next().unwrap_or_default();
    let whole = [squeezed(&text), squeezed(local)];
    parts.chain(whole).filter(|word| word.chars().count() > 2).collect()
}

/// Letters and digits only, umlauts as they are written without them.
fn squeezed(text: &str) -> String {
    let letters: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    letters.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue").replace('ß', "ss")
}

/// Without the few digits and signs before and after it.
fn trimmed(text: &str) -> &str {
    let stem = text.trim_matches(|c: char| !c.is_alphabetic());
    let cut = text.chars().count() - stem.chars().count();
    if stem.is_empty() || cut > LONGEST_TRIMMING { text } else { stem }
}

/// The shortest text that gives this one when it is repeated.
fn repeated_unit(text: &str) -> &str {
    let ends = text.char_indices().map(|(at, _)| at).skip(1);
    ends.filter(|end| text.len().is_multiple_of(*end))
        .map(|end| &text[..end])
        .find(|unit| unit.repeat(text.len() / unit.len()) == text)
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::is_known;

    #[test]
    fn what_is_guessed_first_is_known() {
        let about = ["anna.mueller@luedenhausen.example", "Anna Müller", "Lüdenhausen", "luedenhausen"];
        for password in [
            "password",
            "Passwort2026!",
            "1qaz2wsx3edc4rfv",
            "aaaaaaaaaaaaaaaa",
            "abcabcabcabc",
            "passwortpasswort",
            "123456789012",
            "210987654321",
            "qwertzuiopüasd",
            "zyxwvutsrqponm",
            "anna.mueller@luedenhausen.example",
            "Anna Müller 1",
            "lüdenhausen26",
            "DorfDorfDorf",
            "dorf-app-2026",
            "Dorf-App Dorf-App",
        ] {
            assert!(is_known(password, &about), "{password}");
        }
    }

    #[test]
    fn length_is_enough_for_everything_else() {
        let about = ["anna.mueller@luedenhausen.example", "Anna Müller", "Lüdenhausen"];
        for password in [
            "correct horse battery staple",
            "ein Passwort für alle Fälle",
            "nur kleine buchstaben ohne alles",
            "Anna wohnt gern am Dorfbach",
            "730194628507",
            "ö",
            "",
        ] {
            assert_eq!(is_known(password, &about), password.chars().count() < 4, "{password}");
        }
    }
}
