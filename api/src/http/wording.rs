//! What is wrong with a body or a parameter, in words for its reader.
//!
//! serde and poem say it in English, for programmers, and in words of Rust. What they found is read from that, and said anew from what
//! the contract says of the value: what it must be, with the values of an enumeration.

use crate::text::Text;
use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use serde_json::Value;

/// How a value is at fault.
enum Finding<'a> {
    /// A member is not there.
    Missing(&'a str),
    /// There is no such member; these there are.
    Unknown(Vec<&'a str>),
    /// A member is there twice.
    Twice(&'a str),
    /// It is not what it must be.
    Other,
}

/// Where a body of the type `T` is at fault, as a JSON pointer, and how. `message` is serde's, about the value at `pointer`.
pub fn of_body<T: Type>(pointer: String, message: &str) -> (String, Text) {
    match Finding::read(message) {
        Finding::Missing(name) => (format!("{pointer}/{name}"), Text::new("fehlt", "is missing")),
        Finding::Twice(name) => (format!("{pointer}/{name}"), Text::new("steht zweimal da", "is given twice")),
        Finding::Unknown(known) => (pointer, unknown(&known)),
        Finding::Other => {
            let schema = schema_at::<T>(&pointer);
            (pointer, expected(&schema))
        }
    }
}

/// That there is no member or parameter of a name, but these.
pub fn unknown(known: &[&str]) -> Text {
    if known.is_empty() {
        return Text::new("gibt es hier nicht", "is not known here");
    }
    let known = known.join(", ");
    Text::new(format!("gibt es hier nicht; es gibt: {known}"), format!("is not known here; known are: {known}"))
}

/// What a value with this schema must be.
pub fn expected(schema: &Value) -> Text {
    let values = schema["enum"].as_array().or_else(|| schema["x-extensible-enum"].as_array());
    if let Some(values) = values {
        let values: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        let values = values.join(", ");
        return Text::new(format!("muss eines sein von: {values}"), format!("must be one of: {values}"));
    }
    let range = (schema["minimum"].as_f64(), schema["maximum"].as_f64());
    let whole = schema["type"] == "integer";
    match (schema["type"].as_str(), schema["format"].as_str(), range) {
        (Some("integer" | "number"), _, (Some(least), Some(most))) => {
            let (de, en) = if whole { ("eine ganze Zahl", "a whole number") } else { ("eine Zahl", "a number") };
            Text::new(format!("muss {de} von {least} bis {most} sein"), format!("must be {en} from {least} to {most}"))
        }
        (Some("integer"), ..) => Text::new("muss eine ganze Zahl sein", "must be a whole number"),
        (Some("number"), ..) => Text::new("muss eine Zahl sein", "must be a number"),
        (Some("boolean"), ..) => Text::new("muss true oder false sein", "must be true or false"),
        (Some("array"), ..) => Text::new("muss eine Liste sein", "must be a list"),
        (Some("object"), ..) => Text::new("muss ein Objekt sein", "must be an object"),
        (Some("string"), Some("date-time"), _) => Text::new(
            "muss ein Zeitpunkt wie 2026-12-01T08:00:00Z sein",
            "must be an instant such as 2026-12-01T08:00:00Z",
        ),
        (Some("string"), Some("date" | "naive-date"), _) => {
            Text::new("muss ein Tag wie 2026-12-01 sein", "must be a day such as 2026-12-01")
        }
        (Some("string"), Some("uuid"), _) => Text::new("muss eine UUID sein", "must be a UUID"),
        (Some("string"), ..) => Text::new("muss ein Text sein", "must be a text"),
        _ => Text::new("ist unzulässig", "is not allowed"),
    }
}

impl<'a> Finding<'a> {
    fn read(message: &'a str) -> Self {
        let named = |begin: &str| message.strip_prefix(begin)?.split('`').nth(1);
        if let Some(name) = named("missing field ") {
            Self::Missing(name)
        } else if let Some(name) = named("duplicate field ") {
            Self::Twice(name)
        } else if message.starts_with("unknown field ") {
            // The name that was sent stands first and may hold anything; after it there are only names of ours.
            let known = message.rsplit_once("`, expected ").map_or("", |(_, known)| known);
            Self::Unknown(known.split('`').skip(1).step_by(2).collect())
        } else {
            Self::Other
        }
    }
}

/// The schema of what is at this place in a body of the type `T`.
fn schema_at<T: Type>(pointer: &str) -> Value {
    let mut registry = Registry::new();
    T::register(&mut registry);
    let resolve = |schema: &MetaSchemaRef| match schema {
        MetaSchemaRef::Inline(schema) => serde_json::to_value(schema),
        MetaSchemaRef::Reference(name) => serde_json::to_value(registry.schemas.get(name)),
    };
    let mut schema = resolve(&T::schema_ref()).unwrap_or_default();
    for part in pointer.split('/').skip(1) {
        schema = if schema["items"].is_null() { schema["properties"][part].take() } else { schema["items"].take() };
        schema = referred(schema, &registry);
    }
    schema
}

/// The schema that a schema refers to, by itself or as the only part of a whole.
fn referred(mut schema: Value, registry: &Registry) -> Value {
    let whole = schema["allOf"].as_array().and_then(|parts| parts.iter().find(|part| !part["$ref"].is_null()).cloned());
    if let Some(part) = whole {
        schema = part;
    }
    let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) else { return schema };
    serde_json::to_value(registry.schemas.get(name)).unwrap_or_default()
}
