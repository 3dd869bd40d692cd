//! Says in the contract what is true of types and cannot be said at each: the formats of numbers and texts, what else a body may
//! hold, and which values a client must be ready for.

use super::tree::{gather, members, operations, reference, remove, set, values};
use crate::http::Limit;
use serde_yaml_ng::Value;
use std::collections::BTreeSet;

/// Formats that only Rust knows, and what they are in OpenAPI. None is below zero.
const NUMBERS: [(&str, &str); 4] = [("uint8", "int32"), ("uint16", "int32"), ("uint32", "int64"), ("uint64", "int64")];

/// A time of the wall clock.
const LOCAL_TIME: &str = r"
type: string
description: >-
  A time of the wall clock in the zone that stands beside it, or a day where it is about whole days. Answers say the seconds; a body
  may leave them out.
pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?)?$'
maxLength: 19
example: '2026-12-06T15:00:00'
";

/// Texts and numbers that are the same wherever a body has them: the name of the field, and what its schema says more.
const FIELDS: [(&str, &str); 20] = [
    ("email", "{format: idn-email}"),
    ("contact_email", "{format: idn-email}"),
    ("sender_address", "{format: idn-email}"),
    ("password", "{format: password}"),
    ("new_password", "{format: password}"),
    ("ags", "{minLength: 8, maxLength: 8, pattern: '^[0-9]{8}$'}"),
    ("club", "{minLength: 2, maxLength: 64}"),
    ("topic", "{minLength: 2, maxLength: 64}"),
    ("district", "{minLength: 2, maxLength: 64}"),
    ("zone", "{maxLength: 64}"),
    ("language", "{maxLength: 64}"),
    ("url", "{maxLength: 1024}"),
    ("until", "{maxLength: 10}"),
    ("hour", "{minimum: 0, maximum: 23}"),
    ("latitude", "{minimum: -90, maximum: 90}"),
    ("longitude", "{minimum: -180, maximum: 180}"),
    ("capacity", "{minimum: 1, maximum: 1000000}"),
    ("lead_minutes", "{minimum: 0, maximum: 10080}"),
    ("nth", "{minimum: -1, maximum: 5}"),
    ("expirationTime", "{minimum: 0}"),
];

/// Texts that are the same wherever a query has them, besides those of [`FIELDS`]. What is longer is refused where it is read.
const QUERIES: [(&str, &str); 6] = [
    ("cursor", "{maxLength: 512}"),
    ("q", "{maxLength: 100}"),
    ("action", "{maxLength: 64}"),
    ("alt", "{maxLength: 500}"),
    ("credit", "{maxLength: 200}"),
    ("licence", "{maxLength: 200}"),
];

/// Texts in lists of a body, by the name of the list. What is longer is none of what is looked for, and named as that.
const ITEMS: [(&str, &str); 2] = [("except_dates", "{maxLength: 19}"), ("villages", "{minLength: 2, maxLength: 64}")];

/// Makes every schema say what is true.
pub fn complete(contract: &mut Value) {
    let (asked, answered) = (bodies(contract), answers(contract));
    let Some(schemas) = contract["components"].get_mut("schemas") else { return };
    set(schemas, "LocalTime", serde_yaml_ng::from_str::<Value>(LOCAL_TIME).ok());
    for (name, schema) in members_of(schemas) {
        match (asked.contains(&name) && schema.get("properties").is_some(), answered.contains(&name)) {
            (true, true) => complete_body(schema),
            (true, false) => {
                allow_null(schema);
                complete_body(schema);
            }
            (false, true) => open(schema),
            (false, false) => {}
        }
        for (field, about) in members(schema, "properties") {
            local_time(&field, about);
        }
    }
    for (_, _, operation) in operations(contract) {
        operation.get_mut("parameters").and_then(Value::as_sequence_mut).into_iter().flatten().for_each(limit);
    }
    walk(contract, &exact_number);
}

fn members_of(schemas: &mut Value) -> impl Iterator<Item = (String, &mut Value)> {
    let all = schemas.as_mapping_mut().into_iter().flatten();
    all.map(|(name, schema)| (name.as_str().unwrap_or_default().to_owned(), schema))
}

/// The schemas that are part of a body.
fn bodies(contract: &Value) -> BTreeSet<String> {
    of_all(contract, |operation| &operation["requestBody"])
}

/// The schemas that are part of an answer.
fn answers(contract: &Value) -> BTreeSet<String> {
    let mut names = of_all(contract, |operation| &operation["responses"]);
    gather(&contract["components"]["responses"], &contract["components"]["schemas"], &mut names);
    names
}

fn of_all(contract: &Value, part: impl Fn(&Value) -> &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let operations = contract["paths"].as_mapping().into_iter().flat_map(serde_yaml_ng::Mapping::values);
    for operation in operations.filter_map(Value::as_mapping).flat_map(serde_yaml_ng::Mapping::values) {
        gather(part(operation), &contract["components"]["schemas"], &mut names);
    }
    names
}

/// What need not be in a body may be null, which means the same, unless the field itself says what null does. A field with a default
/// is not of that kind.
fn allow_null(schema: &mut Value) {
    let needed: Vec<String> =
        schema["required"].as_sequence().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    for (field, about) in members(schema, "properties") {
        if !needed.contains(&field) && about.get("default").is_none() {
            nullable(about);
        }
    }
}

/// A body holds what it declares and nothing else. No default is declared: generators would take the field for one that has to be sent.
fn complete_body(schema: &mut Value) {
    set(schema, "additionalProperties", Value::from(false));
    for (field, about) in members(schema, "properties") {
        if about.get("$ref").is_none() {
            say_more(about, &FIELDS, &field);
        }
        if let Some(items) = about.get_mut("items") {
            say_more(items, &ITEMS, &field);
        }
        remove(about, "default");
    }
}

/// Adds what a table has of a name to the schema of a text or number, as far as that does not say it itself.
fn say_more(about: &mut Value, table: &[(&str, &str)], field: &str) {
    let more = table.iter().find(|(name, _)| *name == field);
    let more: Option<Value> = more.and_then(|(_, more)| serde_yaml_ng::from_str(more).ok());
    let is_scalar = matches!(about["type"].as_str(), Some("string" | "integer" | "number"));
    for (name, value) in more.iter().filter(|_| is_scalar).filter_map(Value::as_mapping).flatten() {
        let name = name.as_str().unwrap_or_default();
        if about.get(name).is_none() {
            set(about, name, value.clone());
        }
    }
}

fn nullable(about: &mut Value) {
    if let Some(reference) = about.get("$ref").cloned() {
        let mut part = Value::Mapping(serde_yaml_ng::Mapping::new());
        set(&mut part, "$ref", reference);
        *about = Value::Mapping(serde_yaml_ng::Mapping::new());
        set(about, "allOf", Value::Sequence(vec![part]));
    }
    set(about, "nullable", Value::from(true));
}

/// Values of an answer may become more: an `enum` would break every client that is installed by then.
fn open(schema: &mut Value) {
    if let Some(values) = schema.get("enum").cloned() {
        remove(schema, "enum");
        set(schema, "x-extensible-enum", values);
    }
}

/// Times of the wall clock have one schema, by the names of the fields that hold one.
fn local_time(field: &str, about: &mut Value) {
    let is_bare = |about: &Value| about["type"] == "string" && about.get("format").is_none();
    if (field.ends_with("_local") || field == "date") && is_bare(about) {
        remove(about, "type");
        remove(about, "maxLength");
        set(about, "allOf", Value::Sequence(vec![reference("schemas", "LocalTime")]));
    } else if field == "extra_dates" {
        set(about, "items", reference("schemas", "LocalTime"));
    }
}

/// How many a page of a list has, and how long texts are.
fn limit(parameter: &mut Value) {
    if parameter["in"] != "query" {
        return;
    }
    let name = parameter["name"].as_str().unwrap_or_default().to_owned();
    let schema = &mut parameter["schema"];
    say_more(schema, &QUERIES, &name);
    if ["topic", "club"].contains(&name.as_str()) {
        say_more(schema, &FIELDS, &name);
    }
    if name == "limit" {
        set(schema, "format", Value::from("int32"));
        set(schema, "minimum", Value::from(1));
        set(schema, "maximum", Value::from(Limit::MOST));
        set(schema, "default", Value::from(Limit::USUAL));
    }
}

fn exact_number(schema: &mut Value) {
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    if let Some((_, exact)) = NUMBERS.iter().find(|(rust, _)| *rust == format) {
        set(schema, "format", Value::from(*exact));
        if schema.get("minimum").is_none() {
            set(schema, "minimum", Value::from(0));
        }
    } else if format == "int16" {
        set(schema, "format", Value::from("int32"));
    }
}

/// Does something to everything in a tree.
fn walk(value: &mut Value, does: &impl Fn(&mut Value)) {
    does(value);
    match value {
        Value::Mapping(_) => values(value).for_each(|member| walk(member, does)),
        Value::Sequence(items) => items.iter_mut().for_each(|item| walk(item, does)),
        _ => {}
    }
}
