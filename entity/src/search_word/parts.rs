//! What German compounds are made of. There is no list of words: a part begins where a syllable may begin. That is more often
//! than parts do, but who types a word seldom means the middle of another that happens to begin with a syllable there.

use super::stem::further_root;

/// What a part begins with, in a row. No word has it, so whole words and parts stand apart.
pub(crate) const PART: char = '-';

/// The fewest letters of a part.
pub(super) const SHORTEST: usize = 3;

/// The most letters of a part that is looked for only where it also ends ([`super::terms`]).
pub(super) const SHORT: usize = 4;

/// Consonants that a German word may begin with.
const ONSETS: [&str; 51] = [
    "", "b", "bl", "br", "c", "ch", "chr", "cl", "cr", "d", "dr", "f", "fl", "fr", "g", "gl", "gn", "gr", "h", "j",
    "k", "kl", "kn", "kr", "l", "m", "n", "p", "pf", "pfl", "ph", "pl", "pr", "qu", "r", "s", "sch", "schl", "schm",
    "schn", "schr", "schw", "sp", "spr", "st", "str", "t", "tr", "v", "w", "z",
];

/// Two consonants that a German word may end with. After more, and after these, only [`AFTER_THEM`] follow.
const ENDS: [&str; 62] = [
    "bs", "bt", "ch", "ck", "ds", "dt", "ff", "fs", "ft", "gd", "gs", "gt", "hl", "hm", "hn", "hr", "hs", "ht", "ks",
    "kt", "lb", "ld", "lf", "lg", "lk", "ll", "lm", "ln", "ls", "lt", "lz", "mm", "mp", "ms", "mt", "nd", "nf", "ng",
    "nk", "nn", "ns", "nt", "nz", "pf", "ps", "pt", "rb", "rd", "rf", "rg", "rk", "rm", "rn", "rr", "rs", "rt", "rz",
    "ss", "st", "ts", "tt", "tz",
];

const AFTER_THEM: [char; 6] = ['d', 'f', 'h', 's', 't', 'z'];

/// Beginnings shorter than [`SHORTEST`] that stand before many words: Abwasser, Anbau, Umleitung, Ölheizung.
const SHORT_BEGINNINGS: [&str; 6] = ["ab", "an", "ei", "ol", "um", "zu"];

/// Sounds that are written with two letters, and those that are never the end of one part and the beginning of the next.
const INSEPARABLE: [(char, char); 5] = [('c', 'h'), ('c', 'k'), ('p', 'h'), ('q', 'u'), ('p', 'f')];

/// Words of three letters that begin with a vowel. Other such parts are endings: -ung, -ige, -ern.
const SHORT_WITH_VOWEL: [&str; 11] = ["abt", "akt", "amt", "arm", "art", "ast", "eis", "erz", "ohr", "ort", "uhr"];

/// Whether a letter is a vowel, as words are compared.
pub(super) fn vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

/// The rows by which a word is found that has others in it: its ends, each with its root, and what is short and between two
/// places where parts begin. `trinkwassersperrung` has `-wassersperrung`, `-sperrung`, `-sperr` and more.
pub(super) fn parts(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let begins = begins(&letters);
    let mut parts: Vec<String> = Vec::with_capacity(begins.len() * 3);
    for &begin in &begins {
        let end: String = letters.iter().skip(begin).collect();
        let nexts = begins.iter().filter(|next| (SHORTEST..=SHORT + 1).contains(&next.saturating_sub(begin)));
        parts.extend(nexts.map(|next| letters.iter().take(*next).skip(begin).collect()));
        parts.extend(further_root(&end));
        parts.push(end);
    }
    parts.retain(|part| is_a_part(part));
    parts.into_iter().map(|part| format!("{PART}{part}")).collect()
}

fn is_a_part(part: &str) -> bool {
    let ending = part.len() == SHORTEST && part.starts_with(vowel) && !SHORT_WITH_VOWEL.contains(&part);
    part.len() >= SHORTEST && !ending
}

/// A word taken apart in two, in each of the ways there are.
pub(super) fn halves(word: &str) -> Vec<[String; 2]> {
    let letters: Vec<char> = word.chars().collect();
    let at = |begin: usize| [letters.iter().take(begin).collect(), letters.iter().skip(begin).collect()];
    begins(&letters).into_iter().map(at).collect()
}

/// Where a part may begin, the beginning of the word itself left out.
fn begins(letters: &[char]) -> Vec<usize> {
    if !letters.iter().all(char::is_ascii_lowercase) {
        return Vec::new();
    }
    (2..=letters.len().saturating_sub(SHORTEST)).filter(|place| begins_at(letters, *place)).collect()
}

fn begins_at(letters: &[char], place: usize) -> bool {
    let (before, after) = letters.split_at(place);
    let (Some(last), Some(first)) = (before.last(), after.first()) else { return false };
    let whole = |part: &[char]| part.iter().any(|c| vowel(*c));
    let onset: String = after.iter().take_while(|c| !vowel(**c)).collect();
    let long = before.len() >= SHORTEST || SHORT_BEGINNINGS.contains(&String::from_iter(before).as_str());
    let torn = INSEPARABLE.contains(&(*last, *first)) || (*last == 's' && onset.starts_with("ch"));
    let one_sound = vowel(*last) && vowel(*first) && !before.iter().rev().nth(1).is_some_and(|c| vowel(*c));
    long && whole(before) && whole(after) && ONSETS.contains(&onset.as_str()) && ends(before) && !torn && !one_sound
}

/// Whether a word may end like this.
fn ends(letters: &[char]) -> bool {
    let mut coda: Vec<char> = letters.iter().rev().take_while(|c| !vowel(**c)).copied().collect();
    coda.reverse();
    match coda.as_slice() {
        [] | [_] => true,
        [a, b] => ENDS.contains(&String::from_iter([a, b]).as_str()),
        [.., last] => AFTER_THEM.contains(last),
    }
}
