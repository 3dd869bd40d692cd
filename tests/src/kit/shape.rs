//! Checks a value against a schema of the contract (OpenAPI 3.0): as much of it as the contract uses.

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::Value;

/// The schemas of the contract.
pub struct Shapes<'a>(&'a Value);

impl<'a> Shapes<'a> {
    /// Those of this contract.
    pub fn of(contract: &'a Value) -> Self {
        Self(contract)
    }

    /// What is referred to.
    pub fn resolve(&self, object: &'a Value) -> &'a Value {
        match object["$ref"].as_str() {
            Some(reference) => {
                let pointer = reference.trim_start_matches('#');
                self.0.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
            }
            None => object,
        }
    }

    /// Everything in which a value is not what the schema says, each with its JSON pointer below `place`.
    pub fn faults(&self, place: &str, schema: &'a Value, value: &Value) -> Vec<String> {
        let schema = self.resolve(schema);
        if value.is_null() && schema["nullable"] == true {
            return Vec::new();
        }
        let mut faults = Vec::new();
        for part in schema["allOf"].as_array().into_iter().flatten() {
            faults.extend(self.faults(place, part, value));
        }
        if let Some(values) = schema["enum"].as_array().filter(|values| !values.contains(value)) {
            faults.push(format!("{place}: {value} is none of {values:?}"));
        }
        if let Some(values) = schema["x-extensible-enum"].as_array().filter(|values| !values.contains(value)) {
            faults.push(format!("{place}: {value} is none of {values:?}, though there may be more one day"));
        }
        match schema["type"].as_str() {
            Some("object") => faults.extend(self.object_faults(place, schema, value)),
            Some("array") => faults.extend(self.list_faults(place, schema, value)),
            Some("string") => faults.extend(text_fault(schema, value).map(|fault| format!("{place}: {value} {fault}"))),
            Some("integer" | "number") => {
                faults.extend(number_fault(schema, value).map(|fault| format!("{place}: {value} {fault}")));
            }
            Some("boolean") if !value.is_boolean() => faults.push(format!("{place}: {value} is not true or false")),
            _ => {}
        }
        faults
    }

    fn list_faults(&self, place: &str, schema: &'a Value, value: &Value) -> Vec<String> {
        let Some(items) = value.as_array() else { return vec![format!("{place}: {value} is no list")] };
        let all = items.iter().enumerate();
        let mut faults: Vec<String> =
            all.flat_map(|(at, item)| self.faults(&format!("{place}/{at}"), &schema["items"], item)).collect();
        if exceeds(&schema["maxItems"], items.len()) {
            faults.push(format!("{place}: {} items", items.len()));
        }
        faults
    }

    fn object_faults(&self, place: &str, schema: &'a Value, value: &Value) -> Vec<String> {
        let Some(members) = value.as_object() else { return vec![format!("{place}: {value} is no object")] };
        let needed = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let missing = needed.filter(|needed| !members.contains_key(*needed));
        let mut faults: Vec<String> = missing.map(|missing| format!("{place}/{missing}: is missing")).collect();
        for (member, value) in members {
            let place = format!("{place}/{member}");
            match schema["properties"].get(member) {
                Some(schema) => faults.extend(self.faults(&place, schema, value)),
                None if schema["additionalProperties"].is_object() => {
                    faults.extend(self.faults(&place, &schema["additionalProperties"], value));
                }
                None if schema["additionalProperties"] == true || schema["properties"].is_null() => {}
                None => faults.push(format!("{place}: is not of it")),
            }
        }
        faults
    }
}

fn exceeds(limit: &Value, found: usize) -> bool {
    limit.as_u64().is_some_and(|limit| found as u64 > limit)
}

fn text_fault(schema: &Value, value: &Value) -> Option<&'static str> {
    let Some(text) = value.as_str() else { return Some("is no text") };
    let length = text.chars().count();
    let right = match schema["format"].as_str() {
        Some("uuid") => uuid::Uuid::try_parse(text).is_ok(),
        Some("date-time") => is_instant(text),
        Some("date") => text.parse::<NaiveDate>().is_ok(),
        _ => true,
    };
    if !right {
        Some("is not of the format")
    } else if schema["minLength"].as_u64().is_some_and(|least| (length as u64) < least) {
        Some("is too short")
    } else {
        exceeds(&schema["maxLength"], length).then_some("is too long")
    }
}

/// Whether it is an instant in the one spelling, `2026-11-28T07:20:28.374Z`. 1970 is what an unreadable time becomes.
fn is_instant(text: &str) -> bool {
    let read = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.3fZ");
    text.len() == 24 && read.is_ok_and(|at| at.and_utc().timestamp() != 0)
}

fn number_fault(schema: &Value, value: &Value) -> Option<&'static str> {
    let Some(number) = value.as_f64() else { return Some("is no number") };
    if schema["type"] == "integer" && !(value.is_i64() || value.is_u64()) {
        Some("is no integer")
    } else if schema["minimum"].as_f64().is_some_and(|least| number < least) {
        Some("is too small")
    } else {
        schema["maximum"].as_f64().is_some_and(|most| number > most).then_some("is too large")
    }
}
