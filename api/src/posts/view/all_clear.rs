//! The all-clear after an alert, as it travels.

use crate::instant::Instant;
use entity::AllClear;
use poem_openapi::Object;

/// That the danger is over which an alert is about.
#[derive(Object)]
#[oai(rename = "AllClear", example)]
pub struct AllClearView {
    /// Since when.
    pub(super) at: Instant,
    /// What there is to say about it, plain text; empty when nothing is.
    pub(super) text: String,
}

impl From<&AllClear> for AllClearView {
    fn from(all_clear: &AllClear) -> Self {
        Self { at: all_clear.at.into(), text: all_clear.text.clone() }
    }
}
