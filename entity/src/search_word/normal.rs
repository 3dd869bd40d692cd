//! Words as they are compared: however German is typed, the same word is the same text.
//!
//! Marks and cases go, `ß` becomes `ss`, and `ä`, `ae` and `a` become one, as do the others: Müll, Muell, MULL and "Mu¨ll" of
//! a decomposing keyboard are all `mull`. Some words fall together that are not the same (Poet and Pot); none is missed.

use rust_stemmers::{Algorithm, Stemmer};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The longest word that is told from a longer one, in characters.
const LONGEST: usize = 40;

/// The most words that one post is found by. A text of 20,000 characters has about 1,500 different ones.
const MOST: usize = 3_000;

/// What to look for: words, all of which a post must have, each as the beginning of a word or in another form of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SearchTerms(Vec<SearchTerm>);

/// One of the words to look for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SearchTerm {
    /// What a word begins with.
    pub prefix: String,
    /// The stem of the word, where it does not begin with `prefix` anyway.
    pub stem: Option<String>,
}

impl SearchTerms {
    /// The words of a text, each once.
    pub fn of(text: &str) -> Self {
        let stemmer = Stemmer::create(Algorithm::German);
        let mut terms = Vec::new();
        for prefix in words(text) {
            let stem = Some(stemmer.stem(&prefix).into_owned()).filter(|stem| !stem.starts_with(&prefix));
            let term = SearchTerm { prefix, stem };
            if !terms.contains(&term) {
                terms.push(term);
            }
        }
        Self(terms)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &SearchTerm> {
        self.0.iter()
    }
}

/// The words that texts are found by: each as it stands there, and its stem.
pub(super) fn found_by(texts: &[&str]) -> BTreeSet<String> {
    let stemmer = Stemmer::create(Algorithm::German);
    let mut found = BTreeSet::new();
    for word in texts.iter().flat_map(|text| words(text)) {
        if found.len() >= MOST {
            break;
        }
        if !found.contains(&word) {
            found.insert(stemmer.stem(&word).into_owned());
            found.insert(word);
        }
    }
    found
}

/// The words of a text, as they are compared.
fn words(text: &str) -> Vec<String> {
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
