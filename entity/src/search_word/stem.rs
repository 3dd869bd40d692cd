//! What the forms of a word have in common. Simpler than Snowball's stemmer for German, which leaves Wanderung and wandern apart:
//! one ending is taken off, and what is left is looked for as a beginning.

use super::parts::{SHORT, vowel};

/// Endings of nouns made of verbs, and of verbs that end like them, and what stays: Wanderung and wandern are both `wander`.
const DERIVED: [(&str, &str); 4] = [("ungen", ""), ("ung", ""), ("ern", "er"), ("eln", "el")];

/// Endings of cases, numbers and persons, the longer before the shorter.
const INFLECTED: [&str; 7] = ["en", "em", "es", "er", "e", "n", "s"];

/// The fewest letters that stay of a word whose ending is taken off.
const SHORTEST: usize = 3;

/// A word without its ending, and a participle without its beginning: Wahlen, Wahl and gewählt are all `wahl`.
pub(super) fn root(word: &str) -> String {
    let long = |core: &&str| core.chars().count() >= SHORTEST && core.contains(vowel);
    let participle = word.strip_prefix("ge").and_then(|rest| rest.strip_suffix('t'));
    if let Some(core) = participle.filter(|core| core.chars().count() > SHORTEST && long(core)) {
        return core.to_owned();
    }
    let derived = DERIVED.iter().find_map(|(end, rest)| Some((word.strip_suffix(end).filter(long)?, rest)));
    if let Some((core, rest)) = derived {
        return format!("{core}{rest}");
    }
    INFLECTED.iter().filter_map(|end| word.strip_suffix(end)).find(long).unwrap_or(word).to_owned()
}

/// The root by which a word has to be found beside itself, if it is short or the word does not begin with it: what is looked for by
/// any other is looked for as a beginning.
pub(super) fn further_root(word: &str) -> Option<String> {
    Some(root(word)).filter(|root| root != word && (root.chars().count() <= SHORT || !word.starts_with(root.as_str())))
}
