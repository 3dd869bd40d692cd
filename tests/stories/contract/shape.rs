//! Checks a value against a schema of the contract (OpenAPI 3.0): as much of it as the contract uses.

use chrono::{DateTime, NaiveDate};
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

    /// Everything in which a value is not what the schema says.
    pub fn faults(&self, name: &str, schema: &'a Value, value: &Value) -> Vec<String> {
        let schema = self.resolve(schema);
        let mut faults = Vec::new();
        for part in schema["allOf"].as_array().into_iter().flatten() {
            faults.extend(self.faults(name, part, value));
        }
        if let Some(values) = schema["enum"].as_array().filter(|values| !values.contains(value)) {
            faults.push(format!("{name}: {value} is none of {values:?}"));
        }
        match schema["type"].as_str() {
            Some("object") => faults.extend(self.object_faults(name, schema, value)),
            Some("array") => {
                let Some(items) = value.as_array() else { return vec![format!("{name}: {value} is no list")] };
                if items.is_empty() || exceeds(&schema["maxItems"], items.len()) {
                    faults.push(format!("{name}: {} items", items.len()));
                }
                faults.extend(items.iter().flat_map(|item| self.faults(name, &schema["items"], item)));
            }
            Some("string") => faults.extend(text_fault(schema, value).map(|fault| format!("{name}: {value} {fault}"))),
            Some("integer" | "number") => {
                faults.extend(number_fault(schema, value).map(|fault| format!("{name}: {value} {fault}")));
            }
            Some("boolean") if !value.is_boolean() => faults.push(format!("{name}: {value} is not true or false")),
            _ => {}
        }
        faults
    }

    fn object_faults(&self, name: &str, schema: &'a Value, value: &Value) -> Vec<String> {
        let Some(members) = value.as_object() else { return vec![format!("{name}: {value} is no object")] };
        let needed = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let missing = needed.filter(|needed| !members.contains_key(*needed));
        let mut faults: Vec<String> = missing.map(|missing| format!("{name}: lacks {missing}")).collect();
        for (member, value) in members {
            match schema["properties"].get(member) {
                Some(schema) => faults.extend(self.faults(&format!("{name}.{member}"), schema, value)),
                None if schema["additionalProperties"].is_object() || schema["properties"].is_null() => {}
                None => faults.push(format!("{name}: {member} is not of it")),
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
        // 1970 is what an unreadable time becomes.
        Some("date-time") => DateTime::parse_from_rfc3339(text).is_ok_and(|at| at.timestamp() > 0),
        Some("date") => text.parse::<NaiveDate>().is_ok(),
        _ => true,
    };
    if !right {
        Some("is not of the format")
    } else if length == 0 || schema["minLength"].as_u64().is_some_and(|least| (length as u64) < least) {
        Some("is too short")
    } else {
        exceeds(&schema["maxLength"], length).then_some("is too long")
    }
}

fn number_fault(schema: &Value, value: &Value) -> Option<&'static str> {
    let Some(number) = value.as_f64() else { return Some("is no number") };
    if schema["type"] == "integer" && !value.is_i64() {
        Some("is no integer")
    } else if schema["minimum"].as_f64().is_some_and(|least| number < least) {
        Some("is too small")
    } else {
        schema["maximum"].as_f64().is_some_and(|most| number > most).then_some("is too large")
    }
}
