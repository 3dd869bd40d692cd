//! Walking through the contract as a tree.

use serde_yaml_ng::{Mapping, Value};
use std::collections::BTreeSet;

/// The members of a member, by name.
pub fn members<'a>(object: &'a mut Value, name: &str) -> impl Iterator<Item = (String, &'a mut Value)> {
    let members = object.get_mut(name).and_then(Value::as_mapping_mut).into_iter().flatten();
    members.map(|(name, value)| (name.as_str().unwrap_or_default().to_owned(), value))
}

/// The members of an object.
pub fn values(object: &mut Value) -> impl Iterator<Item = &mut Value> {
    object.as_mapping_mut().into_iter().flat_map(Mapping::values_mut)
}

/// Sets a member, if there is something to set it to.
pub fn set(object: &mut Value, name: &str, value: impl Into<Option<Value>>) {
    if let (Some(object), Some(value)) = (object.as_mapping_mut(), value.into()) {
        object.insert(name.into(), value);
    }
}

/// Takes a member away.
pub fn remove(object: &mut Value, name: &str) {
    if let Some(object) = object.as_mapping_mut() {
        object.remove(name);
    }
}

/// A reference to a component.
pub fn reference(section: &str, name: &str) -> Value {
    Mapping::from_iter([("$ref".into(), format!("#/components/{section}/{name}").into())]).into()
}

/// Every operation, with its path and method.
pub fn operations(contract: &mut Value) -> impl Iterator<Item = (String, String, &mut Value)> {
    let text = |name: &Value| name.as_str().unwrap_or_default().to_owned();
    let paths = contract.get_mut("paths").and_then(Value::as_mapping_mut).into_iter().flatten();
    paths.flat_map(move |(path, operations)| {
        let path = text(path);
        let operations = operations.as_mapping_mut().into_iter().flatten();
        operations.map(move |(method, operation)| (path.clone(), text(method), operation))
    })
}

/// Adds the names of all schemas that are referred to from here, and from those.
pub fn gather(from: &Value, schemas: &Value, names: &mut BTreeSet<String>) {
    match from {
        Value::Mapping(members) => {
            let name = members.get("$ref").and_then(Value::as_str);
            let name = name.and_then(|reference| reference.strip_prefix("#/components/schemas/"));
            if let Some(name) = name.filter(|name| names.insert((*name).to_owned())) {
                gather(&schemas[name], schemas, names);
            }
            members.values().for_each(|member| gather(member, schemas, names));
        }
        Value::Sequence(items) => items.iter().for_each(|item| gather(item, schemas, names)),
        _ => {}
    }
}
