//! The contract, held against every answer that a story gets.

use super::program::binary;
use super::reply::Reply;
use serde_json::Value;
use std::process::Command;
use std::sync::LazyLock;

static CONTRACT: LazyLock<Value> = LazyLock::new(|| serde_yaml_ng::from_str(&contract_text()).expect("YAML"));

/// The contract as the program prints it.
pub fn contract_text() -> String {
    let output = Command::new(binary()).env_clear().arg("openapi").output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// What it says.
pub fn contract() -> &'static Value {
    &CONTRACT
}

/// Fails when an operation answers with a status, or a kind of problem, that the contract does not say of it.
pub fn check(method: &str, path: &str, reply: &Reply) {
    let Some(operation) = operation(method, path) else { return };
    let (name, status) = (&operation["operationId"], reply.status);
    let response = match operation["responses"].get(status.to_string()) {
        Some(response) => response,
        None if (400..500).contains(&status) => &operation["responses"]["4XX"],
        None => panic!("the contract does not say that {name} answers {status}: {}", reply.text()),
    };
    if status >= 400 {
        let kind = reply.str("type");
        let is_known = |kinds: &'static Value| {
            let examples = resolve(kinds)["content"]["application/problem+json"]["examples"].as_object();
            examples.into_iter().flatten().any(|(_, example)| resolve(example)["value"]["type"] == kind)
        };
        let known = is_known(response) || is_known(&operation["responses"]["4XX"]);
        assert!(known, "the contract does not say that {name} answers {kind}: give it a rule in contract/problems.rs");
    }
}

/// The operation that a path belongs to: the one with the fewest parameters.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let asked: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let parts: Vec<&str> = template.split('/').collect();
        parts.len() == asked.len()
            && parts.iter().zip(&asked).all(|(part, asked)| part.starts_with('{') || part == asked)
    };
    let paths = CONTRACT["paths"].as_object().into_iter().flatten();
    let found =
        paths.filter(|(template, operations)| fits(template) && operations.get(method.to_lowercase()).is_some());
    let (_, operations) = found.min_by_key(|(template, _)| template.matches('{').count())?;
    operations.get(method.to_lowercase())
}

fn resolve(object: &'static Value) -> &'static Value {
    object["$ref"].as_str().and_then(|reference| CONTRACT.pointer(reference.trim_start_matches('#'))).unwrap_or(object)
}
