//! The contract, held against every answer that a story gets: its operation, status, media type, headers and body.

use super::program::binary;
use super::reply::Reply;
use super::shape::Shapes;
use async_compression::tokio::write::{BrotliDecoder, GzipDecoder};
use serde_json::Value;
use std::collections::HashMap;
use std::process::Command;
use std::sync::LazyLock;
use tokio::io::AsyncWriteExt;

static CONTRACT: LazyLock<Value> = LazyLock::new(|| serde_yaml_ng::from_str(&contract_text()).expect("YAML"));

static ADDRESSES: LazyLock<Addresses> = LazyLock::new(Addresses::read);

/// What an operation says that it may send, so that whatever else comes is a fault.
const HEADERS: [&str; 9] = [
    "etag",
    "location",
    "link",
    "content-disposition",
    "content-range",
    "retry-after",
    "ratelimit",
    "allow",
    "www-authenticate",
];

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

/// Fails when an answer is anything else than the contract says of the operation that was asked for: by its name, the status, and a
/// JSON pointer to what is wrong.
pub async fn check(method: &str, path: &str, reply: &Reply) {
    let faults = contract_faults(method, path, reply).await;
    let name = ADDRESSES.operation(method, path).map_or("no operation", |it| it["operationId"].as_str().unwrap_or("-"));
    assert!(
        faults.is_empty(),
        "the contract does not say that {name} ({method}) answers {} so:\n{}\n{}",
        reply.status,
        faults.join("\n"),
        reply.text()
    );
}

/// Everything in which an answer is not what the contract says of the operation that was asked for. What is no operation's is refused
/// with a problem.
pub async fn contract_faults(method: &str, path: &str, reply: &Reply) -> Vec<String> {
    let body = unpacked(reply).await;
    match ADDRESSES.operation(method, path) {
        Some(operation) => operation_faults(operation, method, reply, &body),
        None if reply.status >= 400 && method != "HEAD" => body_faults(problem_content(), reply, &body),
        None => Vec::new(),
    }
}

fn operation_faults(operation: &'static Value, method: &str, reply: &Reply, body: &[u8]) -> Vec<String> {
    let responses = &operation["responses"];
    let response = match responses.get(reply.status.to_string()) {
        Some(response) => resolve(response),
        None if (400..500).contains(&reply.status) => resolve(&responses["4XX"]),
        None => return vec!["the status".to_owned()],
    };
    let mut faults = header_faults(response, reply);
    if method != "HEAD" {
        faults.extend(body_faults(&response["content"], reply, body));
    }
    if reply.status >= 400 && faults.is_empty() && method != "HEAD" {
        let kind = &reply.json()["type"];
        let is_known = |response: &'static Value| {
            let examples = response["content"]["application/problem+json"]["examples"].as_object();
            examples.into_iter().flatten().any(|(_, example)| resolve(example)["value"]["type"] == *kind)
        };
        if !is_known(response) && !is_known(resolve(&responses["4XX"])) {
            faults.push(format!("{kind}: give it a rule in contract/problems.rs"));
        }
    }
    faults
}

fn header_faults(response: &Value, reply: &Reply) -> Vec<String> {
    let declared: Vec<String> =
        response["headers"].as_object().into_iter().flatten().map(|(name, _)| name.to_lowercase()).collect();
    let undeclared = |name: &&str| reply.headers.contains_key(*name) && !declared.iter().any(|it| it == name);
    HEADERS
        .iter()
        .filter(|name| undeclared(name))
        .map(|name| format!("header {name}: {}", reply.header(name)))
        .collect()
}

/// What is wrong with a body of which the contract says this.
fn body_faults(content: &'static Value, reply: &Reply, body: &[u8]) -> Vec<String> {
    let given = reply.header("content-type");
    let given = given.split(';').next().unwrap_or_default().trim();
    if body.is_empty() && given.is_empty() {
        let empty = content.as_object().is_none_or(serde_json::Map::is_empty);
        return if empty { Vec::new() } else { vec!["no body".to_owned()] };
    }
    let Some(media) = content.get(given) else { return vec![format!("the media type {given}")] };
    let shapes = Shapes::of(contract());
    // Bytes and texts are what they are; what a stream says is checked by who reads it, and a part of a file is none.
    if given != "application/json" && !given.ends_with("+json") {
        let schema = shapes.resolve(&media["schema"]);
        return if schema["type"] == "string" { Vec::new() } else { vec![format!("{given} is no text")] };
    }
    match serde_json::from_slice(body) {
        Ok(value) => shapes.faults("", &media["schema"], &value),
        Err(error) => vec![format!("no JSON: {error}")],
    }
}

/// The body without its encoding.
async fn unpacked(reply: &Reply) -> Vec<u8> {
    let result = match reply.header("content-encoding").as_str() {
        "gzip" => {
            let mut decoder = GzipDecoder::new(Vec::new());
            let written = decoder.write_all(&reply.body).await.and(decoder.shutdown().await);
            written.map(|()| decoder.into_inner())
        }
        "br" => {
            let mut decoder = BrotliDecoder::new(Vec::new());
            let written = decoder.write_all(&reply.body).await.and(decoder.shutdown().await);
            written.map(|()| decoder.into_inner())
        }
        _ => Ok(reply.body.clone()),
    };
    result.expect("a body of its encoding")
}

fn problem_content() -> &'static Value {
    &CONTRACT["components"]["responses"]["Internal"]["content"]
}

fn resolve(object: &'static Value) -> &'static Value {
    Shapes::of(contract()).resolve(object)
}

/// Where the operations are.
struct Addresses {
    /// Those whose path has no parameters.
    fixed: HashMap<&'static str, &'static Value>,
    /// The others: the parts of their paths, those with the fewest parameters first.
    templates: Vec<(Vec<&'static str>, &'static Value)>,
}

impl Addresses {
    fn read() -> Self {
        let paths = CONTRACT["paths"].as_object().expect("paths");
        let (fixed, varied): (Vec<_>, Vec<_>) = paths.iter().partition(|(path, _)| !path.contains('{'));
        let mut templates: Vec<(Vec<&str>, &Value)> =
            varied.into_iter().map(|(path, operations)| (path.split('/').collect(), operations)).collect();
        templates.sort_by_key(|(parts, _)| parts.iter().filter(|part| part.starts_with('{')).count());
        Self { fixed: fixed.into_iter().map(|(path, operations)| (path.as_str(), operations)).collect(), templates }
    }

    /// The operation that a path belongs to: the one with the fewest parameters. What is read by HEAD is what GET would give.
    fn operation(&self, method: &str, path: &str) -> Option<&'static Value> {
        let method = if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() };
        let fixed = self.fixed.get(path).and_then(|operations| operations.get(&method));
        fixed.or_else(|| {
            let asked: Vec<&str> = path.split('/').collect();
            let fits = |parts: &[&str]| {
                parts.len() == asked.len()
                    && parts.iter().zip(&asked).all(|(part, asked)| part.starts_with('{') || part == asked)
            };
            self.templates.iter().filter(|(parts, _)| fits(parts)).find_map(|(_, operations)| operations.get(&method))
        })
    }
}
