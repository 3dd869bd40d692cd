//! The contract is whole: everything in it is described and has a valid example, and every problem is the one that is sent.

mod clients;
mod readers;

use crate::house::{asked_to_update, read, top};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::kit::{Backend, Dorf, OPERATOR, Shapes, contract, contract_text};
use tests::stories;

/// Every operation: its name and what is said of it.
pub fn operations(contract: &Value) -> Vec<(String, &Value)> {
    let paths = contract["paths"].as_object().expect("paths");
    let all = paths.iter().flat_map(|(path, operations)| {
        let operations = operations.as_object().expect("operations");
        operations.iter().map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
    });
    all.collect()
}

/// Whether an example shows nothing.
fn is_empty(example: &Value) -> bool {
    example.as_str().is_some_and(str::is_empty) || example.as_array().is_some_and(Vec::is_empty)
}

fn is_bare(text: &Value) -> bool {
    text.as_str().is_none_or(str::is_empty)
}

/// `UPDATE_CONTRACT=1` rewrites `openapi.yaml` instead.
#[test]
fn the_contract_is_what_the_program_says() {
    let generated = contract_text();
    if asked_to_update("UPDATE_CONTRACT") {
        std::fs::write(top().join("openapi.yaml"), &generated).expect("openapi.yaml can be written");
    }
    assert!(
        generated == read("openapi.yaml"),
        "openapi.yaml is old: UPDATE_CONTRACT=1 cargo test --workspace contract"
    );
}

#[test]
fn every_operation_and_parameter_of_the_contract_is_described_with_an_example() {
    let contract = contract();
    let shapes = Shapes::of(contract);
    let mut bare = Vec::new();
    for (name, operation) in operations(contract) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        if !id.contains('_') && id != "subscribe" && id != "unsubscribe" {
            bare.push(format!("{name}: no verb_noun operation id"));
        }
        if is_bare(&operation["summary"]) {
            bare.push(format!("{name}: no summary"));
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let parameter = shapes.resolve(parameter);
            let name = format!("{name}, parameter {}", parameter["name"]);
            if is_bare(&parameter["description"]) {
                bare.push(format!("{name}: no description"));
            }
            match parameter.get("example") {
                None => bare.push(format!("{name}: no example; give the word one in api/src/contract/words.rs")),
                Some(example) => bare.extend(shapes.faults(&name, &parameter["schema"], example)),
            }
        }
    }
    assert!(bare.is_empty(), "{bare:#?}");
}

#[test]
fn every_schema_and_field_of_the_contract_is_described_with_a_valid_example() {
    let contract = contract();
    let shapes = Shapes::of(contract);
    let mut bare = Vec::new();
    for (name, schema) in contract["components"]["schemas"].as_object().expect("schemas") {
        if is_bare(&schema["description"]) {
            bare.push(format!("{name}: no description"));
        }
        match schema.get("example") {
            None => bare.push(format!("{name}: no example; write `#[oai(example)]` and `impl Example`")),
            Some(example) => bare.extend(shapes.faults(name, schema, example)),
        }
        for (field, about) in schema["properties"].as_object().into_iter().flatten() {
            let name = format!("{name}.{field}");
            if about.get("$ref").is_some() {
                continue;
            }
            if is_bare(&about["description"]) {
                bare.push(format!("{name}: no description"));
            }
            match about.get("example") {
                None => bare.push(format!("{name}: no example, neither in its object's nor in contract/words.rs")),
                Some(example) if is_empty(example) => bare.push(format!("{name}: an example that shows nothing")),
                Some(example) => bare.extend(shapes.faults(&name, about, example)),
            }
        }
    }
    assert!(bare.is_empty(), "{bare:#?}");
}

#[test]
fn every_problem_of_the_contract_is_one_of_the_table_with_its_example() {
    let contract = contract();
    let shapes = Shapes::of(contract);
    let kinds: BTreeMap<String, (u16, &str)> = api::PROBLEMS
        .iter()
        .map(|(_, slug, status, title, _)| (format!("urn:dorf:problem:{slug}"), (*status, *title)))
        .collect();
    let listed = &contract["components"]["schemas"]["Problem"]["properties"]["type"]["x-extensible-enum"];
    assert_eq!(listed.as_array().map_or(0, Vec::len), kinds.len(), "{listed}");
    for (name, operation) in operations(contract) {
        let responses = operation["responses"].as_object().expect("responses");
        for status in ["4XX", "500", "503"] {
            assert!(responses.contains_key(status), "{name} does not say {status}");
        }
        for (status, response) in responses.iter().filter(|(status, _)| status.starts_with(['4', '5'])) {
            let name = format!("{name}, {status}");
            let response = shapes.resolve(response);
            assert!(!is_bare(&response["description"]), "{name}");
            let content = &response["content"]["application/problem+json"];
            let examples = content["examples"].as_object().unwrap_or_else(|| panic!("{name} has no examples"));
            assert!(!examples.is_empty(), "{name}");
            for example in examples.values() {
                let value = &shapes.resolve(example)["value"];
                assert_eq!(shapes.faults(&name, &content["schema"], value), [""; 0]);
                let (of_kind, title) = kinds[value["type"].as_str().expect("a type")];
                assert_eq!((&value["status"], &value["title"]), (&of_kind.into(), &title.into()), "{name}");
                assert!(status == "4XX" || *status == of_kind.to_string(), "{name}: {value}");
            }
        }
    }
}

#[test]
fn an_example_that_its_schema_would_refuse_is_seen() {
    let contract = json!({"components": {"schemas": {"Topic": {
        "type": "object",
        "required": ["slug"],
        "properties": {
            "slug": {"type": "string", "minLength": 2, "maxLength": 9},
            "id": {"type": "string", "format": "uuid"},
            "at": {"type": "string", "format": "date-time"},
            "kind": {"allOf": [{"$ref": "#/components/schemas/Kind"}]},
            "posts": {"type": "array", "maxItems": 1, "items": {"type": "integer", "minimum": 1}},
        },
    }, "Kind": {"type": "string", "enum": ["news", "event"]}}}});
    let shapes = Shapes::of(&contract);
    let topic = &contract["components"]["schemas"]["Topic"];
    let faults = |example: &Value| shapes.faults("Topic", topic, example);
    assert_eq!(
        faults(&json!({"slug": "verkehr", "kind": "news", "posts": [1], "at": "2026-11-23T09:30:00.000Z"})),
        [""; 0]
    );
    let wrong = [
        json!([]),
        json!({}),
        json!({"slug": "v"}),
        json!({"slug": "verkehr und mehr"}),
        json!({"slug": 7}),
        json!({"slug": "verkehr", "name": "Verkehr"}),
        json!({"slug": "verkehr", "id": "7"}),
        json!({"slug": "verkehr", "at": "1970-01-01T00:00:00.000Z"}),
        json!({"slug": "verkehr", "at": "2026-11-23T09:30:00Z"}),
        json!({"slug": "verkehr", "at": "2026-11-23T09:30:00.000+00:00"}),
        json!({"slug": "verkehr", "kind": "alert"}),
        json!({"slug": "verkehr", "posts": [null]}),
        json!({"slug": "verkehr", "posts": [0]}),
        json!({"slug": "verkehr", "posts": [1, 2]}),
        json!({"slug": "verkehr", "posts": [1.5]}),
    ];
    for example in wrong {
        assert!(!faults(&example).is_empty(), "{example}");
    }
}

stories! {
    async fn the_server_takes_every_body_that_the_contract_gives_as_an_example(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let contract = contract();
        let shapes = Shapes::of(contract);
        let mut sent = 0;
        for (name, operation) in operations(contract) {
            let body = &operation["requestBody"]["content"]["application/json"]["schema"];
            let (method, path) = name.split_once(' ').expect("a method and a path");
            if body.is_null() {
                continue;
            }
            let example = shapes.resolve(body)["example"].clone();
            let path = operation["parameters"].as_array().into_iter().flatten().filter(|it| it["in"] == "path").fold(
                path.to_owned(),
                |path, it| path.replace(&format!("{{{}}}", it["name"].as_str().unwrap_or("")), it["example"].as_str().unwrap_or("")),
            );
            let token = if path.contains("/operator/") { dorf.log_in(OPERATOR).await } else { village.admin.clone() };
            let ask = dorf.ask(method, &path).bearer(&token).header("if-match", "\"1\"");
            let reply = ask.json(&example).send().await;
            // What the example names need not be there.
            assert!(![400, 415].contains(&reply.status) && reply.status < 500, "{name}: {}", reply.text());
            if reply.status == 422 {
                let faults = reply.problem(422, "unprocessable");
                let about_others = ["/topic", "/municipality", "/follows/0/topic", "/media", "/media/0", "/password", "/code", "/expires_at", "/post", "/waste/0/district"];
                assert!(faults.iter().all(|fault| about_others.contains(&fault.as_str())), "{name}: {}", reply.text());
            }
            sent += 1;
        }
        assert!(sent > 10, "{}", json!(sent));
    }
}
