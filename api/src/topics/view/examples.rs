//! Examples, for the contract.

use super::{TopicBody, TopicChangeBody, TopicList, TopicView};
use poem_openapi::types::Example;

impl Example for TopicView {
    fn example() -> Self {
        Self { slug: "verkehr".to_owned(), name: "Verkehr".to_owned() }
    }
}

impl Example for TopicList {
    fn example() -> Self {
        Self { items: vec![TopicView::example()] }
    }
}

impl Example for TopicBody {
    fn example() -> Self {
        Self { slug: "vereine".to_owned(), name: "Vereine".to_owned() }
    }
}

impl Example for TopicChangeBody {
    fn example() -> Self {
        Self { name: Some("Straßen und Verkehr".to_owned()) }
    }
}
