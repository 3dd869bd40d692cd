//! Words as they are compared: however German is typed, the same word is the same text.
//!
//! Marks and cases go, `ß` becomes `ss`, and `ä`, `ae` and `a` become one, as do the others: Müll, Muell, MULL and "Mu¨ll" of
//! a decomposing keyboard are all `mull`. Some words fall together that are not the same (Poet and Pot); none is missed.
//! What has a number is one word, written together or apart: `L 712` and `L712` are both `l712`.

use super::parts::parts;
use super::stem::further_root;
use super::written_date::WrittenDate;
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The longest word that is told from a longer one, in characters.
const LONGEST: usize = 40;

/// The most rows that one post is found by. A text of 20,000 characters has about 1,500 different words.
const MOST: usize = 5_000;

/// What stands before and after a number and belongs to it has at most so many letters: `TuS 08`, `238 n`.
const BESIDE_A_NUMBER: usize = 4;

/// What texts are found by: each word as it stands there, its stems, what it is made of, and the dates they name.
pub(super) fn found_by(texts: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for text in texts {
        found.extend(WrittenDate::all(text).iter().flat_map(WrittenDate::found_by));
        let words = words(text);
        found.extend(numbered(&words));
        for word in words {
            if found.len() >= MOST {
                return found;
            }
            if !found.contains(&word) {
                found.extend(numbers_in(&word).map(str::to_owned));
                found.extend(further_root(&word));
                found.extend(parts(&word));
                found.insert(word);
            }
        }
    }
    found
}

/// The words of a text, as they are compared.
pub(super) fn words(text: &str) -> Vec<String> {
    let plain = text.nfkd().flat_map(char::to_lowercase).filter(|c| !is_combining_mark(*c));
    let mut words = vec![String::new()];
    for c in plain {
        match (c, words.last_mut()) {
            ('ß', Some(word)) => word.push_str("ss"),
            (c, Some(word)) if c.is_alphanumeric() => word.push(c),
            (_, Some(word)) if !word.is_empty() => words.push(String::new()),
            _ => {}
        }
    }
    words.retain(|word| !word.is_empty());
    words.iter().map(|word| without_digraphs(word).chars().take(LONGEST).collect()).collect()
}

/// What neighbours that belong to a number are, written together.
fn numbered(words: &[String]) -> impl Iterator<Item = String> {
    let of = |size: usize| words.windows(size).filter(|some| is_numbered(some)).map(<[String]>::concat);
    of(2).chain(of(3))
}

/// The numbers of two digits and more in a word that has letters too: `712` in `l712`.
fn numbers_in(word: &str) -> impl Iterator<Item = &str> {
    let digits = word.split(|c: char| !c.is_ascii_digit());
    digits.filter(move |number| number.len() > 1 && number.len() < word.len())
}

/// How many of these words, from the first on, are one because of a number in it: `L 712`, `12 a`, `B 238 n`; 1 where none are.
pub(super) fn together(words: &[String]) -> usize {
    [3, 2].into_iter().find(|size| words.get(..*size).is_some_and(is_numbered)).unwrap_or(1)
}

/// Whether letters and a number alternate, and the letters are few.
fn is_numbered(words: &[String]) -> bool {
    let number = |word: &String| word.chars().all(|c| c.is_ascii_digit());
    let letters = |word: &String| word.chars().all(char::is_alphabetic) && word.chars().count() <= BESIDE_A_NUMBER;
    match words {
        [a, b] => {
            let digit = |c: char| c.is_ascii_digit();
            (a.ends_with(digit) && letters(b) && b.len() == 1) || (letters(a) && b.starts_with(digit))
        }
        [a, b, c] => letters(a) && number(b) && letters(c) && c.len() == 1,
        _ => false,
    }
}

/// `ae`, `oe` and `ue` without their `e`, except where the first is part of another sound, as in Bauer, Feuer and Quelle.
fn without_digraphs(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    let mut before = None;
    let mut letters = word.chars().peekable();
    while let Some(c) = letters.next() {
        plain.push(c);
        let alone = !matches!(before, Some('a' | 'e' | 'o' | 'q'));
        before = Some(c);
        if matches!(c, 'a' | 'o' | 'u') && alone && letters.peek() == Some(&'e') {
            before = letters.next();
        }
    }
    plain
}
