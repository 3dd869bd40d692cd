//! One error of typing: a letter too many, one missing, another one, or two that changed places (Damerau 1964).

use super::parts::PART;

/// The fewest letters of a word in which an error is looked for; shorter ones are one letter from too many others.
const SHORTEST: usize = 5;

/// The fewest letters of a beginning in which one is.
const SHORTEST_BEGINNING: usize = 6;

/// Whether a word is long enough, and has nothing but letters.
pub(super) fn is_long_enough(word: &str) -> bool {
    word.chars().count() >= SHORTEST && word.chars().all(|c| c.is_ascii_lowercase())
}

/// Whether a row, or its beginning, is one error from what was typed.
pub(crate) fn is_near(row: &str, typed: &str) -> bool {
    let row: Vec<char> = row.strip_prefix(PART).unwrap_or(row).chars().collect();
    let typed: Vec<char> = typed.chars().collect();
    let beginning = |length: usize| row.get(..length).is_some_and(|row| one_error(row, &typed));
    one_error(&row, &typed) || (typed.len() >= SHORTEST_BEGINNING && (typed.len() - 1..=typed.len() + 1).any(beginning))
}

fn one_error(a: &[char], b: &[char]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let (short, long) = (short.get(same..).unwrap_or_default(), long.get(same..).unwrap_or_default());
    match (short, long) {
        ([], []) => true,
        (short, [_, long @ ..]) if short == long => true,
        ([_, short @ ..], [_, long @ ..]) if short == long => true,
        ([a, b, short @ ..], [c, d, long @ ..]) => a == d && b == c && short == long,
        _ => false,
    }
}

/// All words that are one error in the first letter, or in the first two, from what was typed.
pub(crate) fn with_other_beginnings(typed: &str) -> Vec<String> {
    let letters: Vec<char> = typed.chars().collect();
    let [first, second, rest @ ..] = letters.as_slice() else { return Vec::new() };
    let (rest, from_second) = (String::from_iter(rest), String::from_iter(letters.iter().skip(1)));
    let mut words = vec![from_second.clone(), format!("{second}{first}{rest}")];
    words.extend(('a'..='z').flat_map(|letter| [format!("{letter}{from_second}"), format!("{letter}{typed}")]));
    words
}
