//! The residents, and what each of them follows and should get.

use super::club;
use super::town::{HERE, Publication};
use serde_json::{Value, json};

/// What somebody follows, by its slug.
#[derive(Clone, Copy)]
pub enum Follow {
    /// A topic.
    Topic(&'static str),
    /// A club.
    Club(&'static str),
}

/// Somebody who lives in a village.
pub struct Resident {
    /// The name; also the left side of the mail address.
    pub name: &'static str,
    /// The slug of the village.
    pub village: &'static str,
    /// What is followed; everything when nothing is named.
    pub follows: &'static [Follow],
    /// Whether a browser is subscribed.
    pub by_push: bool,
    /// Whether a mailbox is subscribed.
    pub by_mail: bool,
}

/// The residents.
pub const RESIDENTS: [Resident; 7] = [
    Resident { name: "anna", village: HERE, follows: &[], by_push: true, by_mail: true },
    Resident { name: "bernd", village: HERE, follows: &[Follow::Topic("verkehr")], by_push: true, by_mail: false },
    Resident {
        name: "clara",
        village: HERE,
        follows: &[Follow::Topic("vereine"), Follow::Topic("feste")],
        by_push: false,
        by_mail: true,
    },
    Resident { name: "gerda", village: HERE, follows: &[Follow::Club(club::SLUG)], by_push: true, by_mail: false },
    Resident { name: "dieter", village: "bavenhausen", follows: &[], by_push: true, by_mail: true },
    Resident { name: "erika", village: "stemmen", follows: &[Follow::Topic("verkehr")], by_push: true, by_mail: false },
    Resident { name: "fritz", village: "stemmen", follows: &[], by_push: false, by_mail: true },
];

impl Follow {
    /// Whether it includes a publication.
    fn includes(self, publication: &Publication) -> bool {
        match self {
            Self::Topic(topic) => publication.topic == topic,
            Self::Club(club) => publication.club == Some(club),
        }
    }

    /// As the API takes it.
    pub fn wish(self) -> Value {
        match self {
            Self::Topic(topic) => json!({"topic": topic}),
            Self::Club(club) => json!({"club": club}),
        }
    }

    /// In words.
    pub fn words(self) -> String {
        match self {
            Self::Topic(topic) => topic.to_owned(),
            Self::Club(club) => format!("the club {club}"),
        }
    }
}

impl Resident {
    /// The mail address.
    pub fn address(&self) -> String {
        format!("{}@{}.example", self.name, self.village)
    }

    /// Whether a publication is for this resident.
    pub fn should_get(&self, publication: &Publication) -> bool {
        self.village == HERE
            && (self.follows.is_empty() || self.follows.iter().any(|follow| follow.includes(publication)))
    }
}
