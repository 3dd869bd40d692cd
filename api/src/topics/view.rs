//! What travels about topics.

mod examples;

use crate::problem::Problem;
use crate::validate::Faults;
use entity::{Topic, TopicId};
use poem_openapi::Object;
use serde::Deserialize;

/// A topic.
#[derive(Object)]
#[oai(rename = "Topic", example)]
pub struct TopicView {
    /// Its name in URLs and bodies, such as `verkehr`.
    slug: String,
    /// Its name for people, such as `Verkehr`.
    name: String,
}

/// The topics of a village.
#[derive(Object)]
#[oai(example)]
pub struct TopicList {
    /// All of them, by name.
    pub items: Vec<TopicView>,
}

/// A topic to be added.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct TopicBody {
    /// Its name in URLs and bodies: 2 to 64 of a–z, 0–9 and single hyphens. It never changes.
    #[oai(validator(min_length = 2, max_length = 64))]
    slug: String,
    /// Its name for people.
    #[oai(validator(min_length = 1, max_length = 60))]
    name: String,
}

/// A change of a topic: what is absent stays.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct TopicChangeBody {
    /// Its name for people from now on.
    #[serde(default)]
    #[oai(validator(min_length = 1, max_length = 60))]
    name: Option<String>,
}

impl TopicBody {
    /// Checks the values.
    pub fn checked(self) -> Result<Topic, Problem> {
        let mut faults = Faults::default();
        let slug = faults.slug("/slug", &self.slug);
        let name = faults.line("/name", &self.name, 1, 60);
        faults.into_result(Topic { id: TopicId::generate(), slug, name })
    }
}

impl TopicChangeBody {
    /// Checks the new name.
    pub fn checked(self) -> Result<Option<String>, Problem> {
        let mut faults = Faults::default();
        let name = self.name.map(|name| faults.line("/name", &name, 1, 60));
        faults.into_result(name)
    }
}

impl From<Topic> for TopicView {
    fn from(topic: Topic) -> Self {
        Self { slug: topic.slug, name: topic.name }
    }
}
