//! Gives everything in the contract its example.
//!
//! The example of an object is its type's `Example`, next to the type. Its fields take theirs from it; a field that it leaves
//! out, a parameter and a header take theirs from [`words`]; an enum's is its first value. So nothing is written twice.

use super::tree::{members, set, values};
use super::words;
use crate::instant;
use chrono::{DateTime, Utc};
use serde_yaml_ng::Value;

/// The instant that an RFC 3339 text names, for examples.
pub fn at<T: From<DateTime<Utc>>>(text: &str) -> T {
    text.parse::<DateTime<Utc>>().unwrap_or_default().into()
}

/// Completes schemas, parameters and headers with examples, parameters with descriptions, and operations for everybody with
/// the statement that they need no log-in.
pub fn complete(contract: &mut Value) {
    let Some(schemas) = contract.get_mut("components").and_then(|components| components.get_mut("schemas")) else {
        return;
    };
    values(schemas).for_each(complete_schema);
    let known = schemas.clone();
    values(schemas).for_each(|schema| complete_fields(schema, &known));
    let Some(paths) = contract.get_mut("paths") else { return };
    for operation in values(paths).flat_map(values) {
        if operation.get("security").is_none() {
            set(operation, "security", Value::Sequence(Vec::new()));
        }
        for parameter in operation.get_mut("parameters").and_then(Value::as_sequence_mut).into_iter().flatten() {
            complete_parameter(parameter, &known);
        }
        for response in operation.get_mut("responses").into_iter().flat_map(values) {
            complete_headers(response);
        }
    }
}

/// What is absent is absent from the example too: poem writes null.
fn complete_schema(schema: &mut Value) {
    if let Some(first) = schema.get("enum").and_then(|values| values.get(0)).cloned() {
        set(schema, "example", first);
    } else if let Some(example) = schema.get_mut("example") {
        drop_nulls(example);
    }
}

fn complete_fields(schema: &mut Value, known: &Value) {
    let whole = schema.get("example").cloned().unwrap_or_default();
    for (name, field) in members(schema, "properties") {
        refer_once(field);
        if field.get("$ref").is_none() && field.get("example").is_none() {
            let shown = whole.get(name.as_str()).filter(|example| !shows_nothing(example)).cloned();
            let example = shown.or_else(|| words::example(&name)).or_else(|| referred(field, known));
            if let Some(example) = example {
                set(field, "example", example);
            }
        }
    }
}

/// An empty list is a fine part of a whole, and no example of what it may hold.
fn shows_nothing(example: &Value) -> bool {
    example.as_sequence().is_some_and(Vec::is_empty)
}

/// poem says what it says about a referred schema twice: next to `allOf` and in it.
fn refer_once(field: &mut Value) {
    if let Some(parts) = field.get_mut("allOf").and_then(Value::as_sequence_mut) {
        parts.retain(|part| part.get("$ref").is_some());
    }
}

/// The example of the schema that a field or parameter refers to, or a list of it.
fn referred(schema: &Value, known: &Value) -> Option<Value> {
    if let Some(items) = schema.get("items") {
        return Some(Value::Sequence(vec![referred(items, known)?]));
    }
    let schema = schema.get("allOf").and_then(|parts| parts.get(0)).unwrap_or(schema);
    let name = schema.get("$ref")?.as_str()?.rsplit('/').next()?;
    known.get(name)?.get("example").cloned()
}

fn complete_parameter(parameter: &mut Value, known: &Value) {
    let name = parameter["name"].as_str().unwrap_or_default().to_owned();
    if parameter.get("description").is_none() {
        set(parameter, "description", words::description(&name).map(Value::from));
    }
    let word = if parameter["schema"]["format"] == "date" { "day" } else { name.as_str() };
    set(parameter, "example", referred(&parameter["schema"], known).or_else(|| words::example(word)));
}

fn complete_headers(response: &mut Value) {
    for (name, header) in members(response, "headers") {
        set(header, "example", words::example(&name));
    }
}

/// Leaves out what is not there, and writes instants as answers do.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::String(text) if text.ends_with("+00:00") => {
            if let Ok(at) = text.parse::<DateTime<Utc>>() {
                *text = instant::written(at);
            }
        }
        Value::Mapping(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Sequence(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}
