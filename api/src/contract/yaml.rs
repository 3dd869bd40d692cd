//! Writes the contract as YAML that readers of YAML 1.1 and of 1.2 understand alike.
//!
//! Many still read YAML 1.1 (SnakeYAML, PyYAML), to which an unquoted `off` is false, `18:30` a number and `2026-12-06` a day. Every
//! text that they would take for something else is quoted.

use chrono::NaiveDate;
use serde_yaml_ng::{Mapping, Value};

/// What 1.1 takes for a boolean or for nothing (yaml.org/type/bool.html, null.html), in lower case.
const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// Stands before a text that is to be quoted, until it is written.
const MARK: &str = "quoted--";

/// The value as YAML.
pub fn written(value: &Value) -> String {
    let yaml = serde_yaml_ng::to_string(&marked(value)).unwrap_or_default();
    yaml.lines().map(|line| format!("{}\n", quoted(line))).collect()
}

fn marked(value: &Value) -> Value {
    match value {
        Value::String(text) if is_misread(text) => format!("{MARK}{text}").into(),
        Value::Sequence(items) => items.iter().map(marked).collect(),
        Value::Mapping(members) => {
            let members = members.iter().map(|(name, member)| (marked(name), marked(member)));
            Value::Mapping(members.collect::<Mapping>())
        }
        other => other.clone(),
    }
}

/// Whether a reader of YAML 1.1 takes this text, unquoted, for something else than a text.
fn is_misread(text: &str) -> bool {
    let numbers = |text: &str| text.chars().all(|c| c.is_ascii_digit() || matches!(c, '_' | ':' | '.' | '+' | '-'));
    let starts = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    let is_day = text.get(..10).is_some_and(|day| day.parse::<NaiveDate>().is_ok());
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
        || is_day && !text.contains(' ')
        || starts && numbers(text) && (text.contains(['_', ':']) || text.matches('.').count() > 1)
}

/// A line with quotes instead of the mark.
fn quoted(line: &str) -> String {
    let Some((before, text)) = line.split_once(MARK) else { return line.to_owned() };
    match text.split_once(": ").or(text.strip_suffix(':').map(|name| (name, ""))) {
        Some((name, rest)) => quoted(&format!("{before}'{name}': {rest}")).trim_end().to_owned(),
        None => format!("{before}'{text}'"),
    }
}
