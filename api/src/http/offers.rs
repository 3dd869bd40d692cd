//! What each address offers, as the contract has it: a 405 must name the methods (RFC 9110, section 15.5.6), the log names the
//! operation of a request that was refused before it began, and a query must be one that the operation knows.

use super::wording;
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use matchit::Router;
use poem_openapi::error::ParseParamError;
use serde_json::Value;

/// The operations of every path of the contract.
#[derive(Default)]
pub struct Offers(Router<Vec<Operation>>);

/// One operation.
struct Operation {
    method: String,
    id: String,
    /// The parameters of its query: names and schemas.
    query: Vec<(String, Value)>,
    /// Whether a query with something else is refused.
    refuses_others: bool,
    /// Whether everybody may read it.
    is_public: bool,
}

impl Offers {
    /// Reads them from the contract.
    pub fn of(contract: &Value) -> Self {
        let mut router = Router::new();
        for (path, operations) in contract["paths"].as_object().into_iter().flatten() {
            let operations = operations.as_object().into_iter().flatten();
            let operations = operations.map(|(method, operation)| Operation::of(method, operation, contract)).collect();
            if let Err(error) = router.insert(path, operations) {
                tracing::error!(%error, path, "an address of the contract is not known to the edge");
            }
        }
        Self(router)
    }

    /// The methods offered at a path, as the `Allow` header lists them.
    pub fn at(&self, path: &str) -> Option<String> {
        let methods: Vec<&str> =
            self.0.at(path).ok()?.value.iter().map(|operation| operation.method.as_str()).collect();
        Some(methods.join(", "))
    }

    /// The name of the operation that a request is for.
    pub fn operation(&self, method: &str, path: &str) -> Option<&str> {
        self.asked(method, path).map(|operation| operation.id.as_str())
    }

    /// Whether everybody may read what is at a path, from any web origin.
    pub fn is_public(&self, path: &str) -> bool {
        self.asked("GET", path).is_some_and(|operation| operation.is_public)
    }

    /// Refuses a query with a parameter that the operation does not know, or knows once and is given twice.
    ///
    /// # Errors
    /// 400 that names the parameter and those that there are.
    pub fn check_query(&self, method: &str, path: &str, query: &str) -> Result<(), Problem> {
        let Some(operation) = self.asked(method, path).filter(|operation| operation.refuses_others) else {
            return Ok(());
        };
        let known: Vec<&str> = operation.query.iter().map(|(name, _)| name.as_str()).collect();
        let mut seen = Vec::new();
        for (name, _) in form_urlencoded::parse(query.as_bytes()) {
            if !known.contains(&name.as_ref()) {
                let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
                return Err(Problem::with_fault(ProblemKind::InvalidParameter, name, wording::unknown(&known)));
            }
            if seen.contains(&name) {
                let twice = Text::new("steht zweimal da", "is given twice");
                return Err(Problem::with_fault(ProblemKind::InvalidParameter, name, twice));
            }
            seen.push(name);
        }
        Ok(())
    }

    /// What a parameter of a request must be, when it is there.
    pub fn expected(&self, method: &str, path: &str, fault: &ParseParamError) -> Text {
        // poem says no more of what is missing.
        if fault.reason.contains("expects an input value") {
            return Text::new("fehlt", "is missing");
        }
        let operation = self.asked(method, path);
        let schema = operation.and_then(|operation| operation.query.iter().find(|(name, _)| name == fault.name));
        let schema = schema.map_or(&Value::Null, |(_, schema)| schema);
        if let Some(most) = schema["maxLength"].as_u64() {
            let (de, en) = (format!("hat mehr als {most} Zeichen"), format!("has more than {most} characters"));
            return Text::new(de, en);
        }
        wording::expected(schema)
    }

    fn asked(&self, method: &str, path: &str) -> Option<&Operation> {
        let method = if method == "HEAD" { "GET" } else { method };
        self.0.at(path).ok()?.value.iter().find(|operation| operation.method == method)
    }
}

impl Operation {
    fn of(method: &str, operation: &Value, contract: &Value) -> Self {
        let resolved = |schema: &Value| {
            let reference = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
            reference.and_then(|pointer| contract.pointer(pointer)).unwrap_or(schema).clone()
        };
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let query = parameters.filter(|parameter| parameter["in"] == "query").map(|parameter| {
            (parameter["name"].as_str().unwrap_or_default().to_owned(), resolved(&parameter["schema"]))
        });
        Self {
            method: method.to_uppercase(),
            id: operation["operationId"].as_str().unwrap_or("-").to_owned(),
            query: query.collect(),
            refuses_others: operation["x-ignores-other-parameters"] != true,
            is_public: method == "get"
                && operation["security"].as_array().is_some_and(Vec::is_empty)
                && operation["responses"]["200"]["content"]["text/html"].is_null(),
        }
    }
}
