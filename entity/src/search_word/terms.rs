//! What readers look for, as rows are compared with it.

use super::normal::{together, words};
use super::parts::{PART, SHORT, SHORTEST, halves};
use super::small_words::is_small;
use super::stem::root;
use super::typing;
use super::written_date::WrittenDate;
use std::collections::BTreeSet;

/// What to look for: terms, all of which a post must have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SearchTerms(Vec<SearchTerm>);

/// One of the things to look for: a word, with its other forms and as a part of others, or a date.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SearchTerm {
    /// As it was typed, as words are compared.
    pub word: String,
    /// Rows that begin with one of these have it.
    pub prefixes: Vec<String>,
    /// So have these.
    pub words: Vec<String>,
    /// The date it is or names, whose events have it too.
    pub date: Option<WrittenDate>,
}

impl SearchTerms {
    /// The terms of a text, each once: its dates, and its words but for those that only hold a sentence together.
    pub fn of(text: &str) -> Self {
        let mut terms: Vec<SearchTerm> = Vec::new();
        let mut rest = Vec::new();
        let tokens: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            if let Some((date, taken)) = tokens.get(at..).and_then(WrittenDate::at) {
                terms.push(SearchTerm::date(date));
                at += taken;
            } else {
                rest.extend(words(token));
                at += 1;
            }
        }
        if !terms.is_empty() || rest.iter().any(|word| !is_small(word)) {
            rest.retain(|word| !is_small(word));
        }
        let mut rest = rest.as_slice();
        while !rest.is_empty() {
            let (word, others) = rest.split_at(together(rest));
            terms.push(SearchTerm::word(&word.concat()));
            rest = others;
        }
        let mut once: Vec<SearchTerm> = Vec::with_capacity(terms.len());
        for term in terms {
            if !once.contains(&term) {
                once.push(term);
            }
        }
        Self(once)
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

impl SearchTerm {
    fn date(date: WrittenDate) -> Self {
        Self { word: String::new(), prefixes: Vec::new(), words: date.looked_for(), date: Some(date) }
    }

    /// A word. What begins with it has it, so that words are found while they are typed, and what begins with its root. Parts of
    /// words have it likewise where it is long; where it is short they have to be it, for short words stand by chance in many.
    pub fn word(word: &str) -> Self {
        let (mut prefixes, mut words) = (vec![word.to_owned()], Vec::new());
        for form in [word.to_owned(), root(word)] {
            let (length, part) = (form.chars().count(), format!("{PART}{form}"));
            if length >= SHORT { &mut prefixes } else { &mut words }.push(form);
            if length > SHORT { &mut prefixes } else { &mut words }.extend(Some(part).filter(|_| length >= SHORTEST));
        }
        let mut term = Self { word: word.to_owned(), prefixes, words, date: WrittenDate::of_word(word) };
        term.tidy();
        term
    }

    /// Of what it is made, where nothing has it as it was typed: each of two words, in each of the ways there are.
    pub fn halves(&self) -> Vec<[Self; 2]> {
        let long = |half: &String| half.chars().count() >= SHORT;
        let halves = halves(&self.word).into_iter().filter(|halves| halves.iter().all(long));
        halves.map(|halves| halves.map(|half| Self::word(&half))).collect()
    }

    /// Whether a typing error in it can be told from another word.
    pub fn may_be_mistyped(&self) -> bool {
        typing::is_long_enough(&self.word)
    }

    /// Whether it is in one of these names, as it would be in a text.
    pub fn is_in(&self, rows: &BTreeSet<String>) -> bool {
        let begins = |prefix: &String| rows.range(prefix.clone()..).next().is_some_and(|row| row.starts_with(prefix));
        self.words.iter().any(|word| rows.contains(word)) || self.prefixes.iter().any(begins)
    }

    /// Leaves out what something shorter has anyway.
    fn tidy(&mut self) {
        let all = self.prefixes.clone();
        let has = |other: &String, word: &String| other != word && word.starts_with(other.as_str());
        self.prefixes.retain(|word| !all.iter().any(|other| has(other, word)));
        self.prefixes.sort_unstable();
        self.prefixes.dedup();
        self.words.retain(|word| !self.prefixes.iter().any(|prefix| word.starts_with(prefix.as_str())));
        self.words.sort_unstable();
        self.words.dedup();
    }
}
