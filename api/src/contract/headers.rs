//! Headers that an operation takes or sends because of what it is: conditions, the reader's language, the next page.

use super::tree::{operations, reference, remove, set};
use serde_yaml_ng::Value;

/// The header parameters there are, as components.
const PARAMETERS: &str = r#"
AcceptLanguage:
  name: Accept-Language
  in: header
  required: false
  description: The language of what is said for people, errors above all (RFC 9110). German and English are spoken; German unless asked.
  schema: {type: string}
  example: en
IfNoneMatch:
  name: If-None-Match
  in: header
  required: false
  description: The `ETag` of what the asker has. 304 tells that it is still so.
  schema: {type: string}
  example: '"AZqxCtJcfJCh2Gs_"'
Range:
  name: Range
  in: header
  required: false
  description: Which bytes are wanted; 206 brings them. What cannot be read is ignored (RFC 9110).
  schema: {type: string}
  example: bytes=0-499
IfRange:
  name: If-Range
  in: header
  required: false
  description: The `ETag` of the file of which `Range` is a part. Of another file all is sent.
  schema: {type: string}
  example: '"AZqxCtJcfJCh2Gs_"'
"#;

/// Which status shows that an operation takes which header.
const TAKEN: [(&str, &[&str]); 2] = [("304", &["IfNoneMatch"]), ("206", &["Range", "IfRange"])];

/// Adds the header parameters, and takes away what is sent only by others.
pub fn complete(contract: &mut Value) {
    set(&mut contract["components"], "parameters", serde_yaml_ng::from_str::<Value>(PARAMETERS).ok());
    let schemas = contract["components"]["schemas"].clone();
    for (path, _, operation) in operations(contract) {
        let given = TAKEN.iter().filter(|(status, _)| operation["responses"].get(*status).is_some());
        let given = given.flat_map(|(_, names)| names.iter().copied());
        let language = path.starts_with("/v1/").then_some("AcceptLanguage");
        let added: Vec<Value> = given.chain(language).map(|name| reference("parameters", name)).collect();
        match operation.get_mut("parameters").and_then(Value::as_sequence_mut) {
            Some(parameters) => parameters.extend(added),
            None if added.is_empty() => {}
            None => set(operation, "parameters", Value::Sequence(added)),
        }
        without_next_page(operation, &schemas);
    }
}

/// Only a list that goes on says where, and a village where its feed is.
fn without_next_page(operation: &mut Value, schemas: &Value) {
    let content = &operation["responses"]["200"]["content"]["application/json"];
    let name =
        content["schema"]["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()).unwrap_or_default();
    let goes_on = schemas.get(name).is_some_and(|schema| !schema["properties"]["next_cursor"].is_null());
    if goes_on || operation["operationId"] == "get_village" {
        return;
    }
    for status in ["200", "304"] {
        let response = operation.get_mut("responses").and_then(|responses| responses.get_mut(status));
        if let Some(headers) = response.and_then(|response| response.get_mut("headers")) {
            remove(headers, "Link");
        }
    }
}
