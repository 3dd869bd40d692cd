//! Texts that people read, in the languages the program speaks.

use std::borrow::Cow;

/// A language the program speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// German, unless something else is asked for.
    #[default]
    German,
    /// English.
    English,
}

/// One text in every language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    de: Cow<'static, str>,
    en: Cow<'static, str>,
}

impl Text {
    /// A text, German and English.
    pub fn new(de: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self { de: de.into(), en: en.into() }
    }

    /// The text in one language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::German => &self.de,
            Language::English => &self.en,
        }
    }
}

/// One entry of an `Accept-…` header and its weight (RFC 9110, section 12.4.2).
pub fn weighted(entry: &str) -> (&str, f32) {
    let (name, parameters) = entry.split_once(';').unwrap_or((entry, ""));
    let weight = parameters
        .split(';')
        .find_map(|parameter| parameter.trim().strip_prefix("q=").or(parameter.trim().strip_prefix("Q=")));
    (name.trim(), weight.map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0)))
}

impl Language {
    /// The language that an `Accept-Language` header (RFC 9110, section 12.5.4) prefers of those the program speaks.
    pub fn accepted(header: Option<&str>) -> Self {
        let mut best = (0.0, Self::German);
        for range in header.unwrap_or_default().split(',').take(32) {
            let (tag, weight) = weighted(range);
            let language = match tag.trim().get(..2).map(str::to_ascii_lowercase).as_deref() {
                Some("de") => Self::German,
                Some("en") => Self::English,
                _ => continue,
            };
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }

    /// The language of a BCP 47 tag; German when the program does not speak it.
    pub fn of_tag(tag: &str) -> Self {
        if tag.to_ascii_lowercase().starts_with("en") { Self::English } else { Self::German }
    }

    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::German => "de",
            Self::English => "en",
        }
    }
}

/// How a name is written in a slug, so that a search for `lüden`, `Lueden` or `LÜDEN` finds the same.
pub fn folded(text: &str) -> String {
    text.to_lowercase().chars().fold(String::new(), |mut folded, c| {
        match c {
            'ä' => folded.push_str("ae"),
            'ö' => folded.push_str("oe"),
            'ü' => folded.push_str("ue"),
            'ß' => folded.push_str("ss"),
            c if c.is_ascii_alphanumeric() => folded.push(c),
            _ if !folded.is_empty() && !folded.ends_with('-') => folded.push('-'),
            _ => {}
        }
        folded
    })
}

/// A line without what no reader sees: signs that turn the direction of writing, characters without width, and marks of programs. With
/// them a name reads as what it is not, or two names read alike. What belongs to its neighbours stays: joiners in emoji and between
/// letters that are joined, the signs of a flag, and a hyphen within a word that shows at the end of a line only.
pub fn visible(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        if is_seen(kept.chars().next_back(), c, rest.peek().copied()) {
            kept.push(c);
        }
    }
    kept
}

fn is_ideograph(c: char) -> bool {
    ('\u{3400}'..='\u{9fff}').contains(&c) || ('\u{20000}'..='\u{3ffff}').contains(&c)
}

fn is_seen(before: Option<char>, c: char, after: Option<char>) -> bool {
    let both = |fits: fn(char) -> bool| before.is_some_and(fits) && after.is_some_and(fits);
    match c {
        '\u{ad}' => both(char::is_alphabetic),
        // Beyond Latin, Greek and Cyrillic, which join nothing; emoji are there too.
        '\u{200c}' | '\u{200d}' => both(|c| c >= '\u{590}'),
        '\u{e0020}'..='\u{e007f}' => before.is_some_and(|c| matches!(c, '\u{1f3f4}' | '\u{e0020}'..='\u{e007e}')),
        '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' => false,
        '\u{2800}' | '\u{3164}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' => false,
        c if u32::from(c) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c) => false,
        // Which form of a sign is meant: of a letter that has several, or of what may be an emoji.
        '\u{180b}'..='\u{180d}' | '\u{180f}' => before.is_some_and(|c| ('\u{1800}'..='\u{18af}').contains(&c)),
        '\u{e0100}'..='\u{e01ef}' => before.is_some_and(is_ideograph),
        '\u{fe00}'..='\u{fe0f}' => before.is_some_and(|c| !c.is_alphabetic() || is_ideograph(c)),
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' => false,
        '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' => false,
        '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e001f}' => false,
        _ => true,
    }
}
