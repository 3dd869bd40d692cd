//! Says which operations refuse a query with a parameter that they do not know: decision 0074.
//!
//! Whoever misspells a filter is to be told, not answered as if there were none. But what people pass on and programs subscribe to
//! comes back with something added, by a social network, a mail program or a calendar that wants no cached copy; there it is ignored.

use super::tree::{operations, set};
use serde_yaml_ng::Value;

/// Marks the operations that ignore what they do not know.
pub fn complete(contract: &mut Value) {
    for (_, method, operation) in operations(contract) {
        let mut parameters = operation["parameters"].as_sequence().into_iter().flatten();
        let has_query = parameters.any(|parameter| parameter["in"] == "query");
        let is_open = operation["security"].as_sequence().is_some_and(Vec::is_empty);
        let gives = operation["responses"]["200"]["content"].as_mapping();
        let gives_json = gives.is_none_or(|content| content.contains_key("application/json"));
        if is_open && (!gives_json || method == "get" && !has_query) {
            set(operation, "x-ignores-other-parameters", Value::from(true));
        }
    }
}
