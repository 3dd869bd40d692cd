//! Settings that are one of two words, and what is said of others.

use serde::Deserialize;

/// See `[log]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config.default.toml documents every setting")]
pub struct Log {
    pub format: LogFormat,
    pub filter: String,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
#[allow(missing_docs, reason = "the names say it")]
pub enum LogFormat {
    Text,
    Json,
}

impl TryFrom<String> for LogFormat {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        one_of(&text, [("text", Self::Text), ("json", Self::Json)])
    }
}

/// What one of two words means.
pub(super) fn one_of<T>(said: &str, words: [(&str, T); 2]) -> Result<T, String> {
    let refusal = format!("{said:?} is neither {:?} nor {:?}", words[0].0, words[1].0);
    words.into_iter().find(|(word, _)| *word == said).map(|(_, meaning)| meaning).ok_or(refusal)
}
