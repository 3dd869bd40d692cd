//! Schemas of what is JSON in a format of others: JSON Feed, JSON-LD, and the data of a stream. They are written down here and not
//! beside the code that writes these formats, which is free to build them as suits each; the stories hold what is sent against them.

use super::tree::{operations, reference, set};
use serde_yaml_ng::{Mapping, Value};

const SCHEMAS: &str = include_str!("documents.yaml");

/// Which media type is which schema.
const MEDIA_TYPES: [(&str, &str); 2] = [("application/feed+json", "JsonFeed"), ("application/ld+json", "LinkedEvent")];

/// Adds the schemas, and says where they apply.
pub fn complete(contract: &mut Value) {
    let schemas: Mapping = serde_yaml_ng::from_str(SCHEMAS).unwrap_or_default();
    if let Some(known) = contract["components"]["schemas"].as_mapping_mut() {
        known.extend(schemas);
    }
    for (_, _, operation) in operations(contract) {
        let response = operation.get_mut("responses").and_then(|responses| responses.get_mut("200"));
        let Some(content) = response.and_then(|response| response.get_mut("content")) else { continue };
        for (media_type, schema) in MEDIA_TYPES {
            if let Some(media) = content.get_mut(media_type) {
                set(media, "schema", reference("schemas", schema));
            }
        }
        if let Some(media) = content.get_mut("text/event-stream") {
            set(media, "x-event-data", reference("schemas", "StreamEvent"));
        }
    }
}
