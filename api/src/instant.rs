//! Instants as they travel: always `2026-11-28T07:20:28.374Z`, in UTC and to the millisecond, whatever they are. Readers that take
//! fractions of a second only where they are told to expect them (Foundation's `.iso8601`) then fail on none, or on the first.

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use poem_openapi::registry::MetaSchemaRef;
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::borrow::Cow;

/// An instant in an answer. In a body any spelling of RFC 3339 is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub DateTime<Utc>);

/// The one spelling of an instant.
pub fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl From<DateTime<Utc>> for Instant {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at)
    }
}

impl From<Instant> for DateTime<Utc> {
    fn from(at: Instant) -> Self {
        at.0
    }
}

impl<'de> Deserialize<'de> for Instant {
    /// Years have four digits (RFC 3339, section 1), also in UTC.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let at = DateTime::parse_from_rfc3339(&String::deserialize(deserializer)?).map_err(D::Error::custom)?.to_utc();
        if (0..=9999).contains(&at.year()) { Ok(Self(at)) } else { Err(D::Error::custom("is out of range")) }
    }
}

impl Type for Instant {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        DateTime::<Utc>::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        DateTime::<Utc>::schema_ref()
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for Instant {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        DateTime::parse_from_json(value).map(Self).map_err(ParseError::propagate)
    }
}

impl ToJSON for Instant {
    fn to_json(&self) -> Option<Value> {
        Some(written(self.0).into())
    }
}
