//! Cursors: where a list goes on, opaque to clients, signed so that a tampered one is refused, bound to one list of one
//! village so that one taken elsewhere is refused too.

use crate::problem::{Problem, ProblemKind};
use crate::secrets::Secrets;
use crate::text::Text;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Writes and reads the cursors of one list.
pub struct Cursors<'a> {
    secrets: &'a Secrets,
    list: String,
}

impl<'a> Cursors<'a> {
    /// The cursors of the list of this name. The name holds everything a cursor is bound to.
    pub fn of(secrets: &'a Secrets, list: String) -> Self {
        Self { secrets, list }
    }

    /// The cursor of a place.
    pub fn write(&self, place: &[u8]) -> String {
        let signature = self.secrets.sign(&self.purpose(), place);
        URL_SAFE_NO_PAD.encode([signature.as_slice(), place].concat())
    }

    /// The place of a cursor.
    ///
    /// # Errors
    /// 400 for what this list never gave out.
    pub fn read<T>(&self, cursor: Option<&str>, parse: impl Fn(&[u8]) -> Option<T>) -> Result<Option<T>, Problem> {
        let Some(cursor) = cursor else { return Ok(None) };
        self.place(cursor).as_deref().and_then(parse).map(Some).ok_or_else(|| {
            Problem::with_fault(
                ProblemKind::InvalidCursor,
                "cursor",
                Text::new(
                    "stammt nicht aus dieser Liste; beginnen Sie ohne cursor",
                    "is not one this list gave out; begin without a cursor",
                ),
            )
        })
    }

    fn place(&self, cursor: &str) -> Option<Vec<u8>> {
        if cursor.len() > 512 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (signature, place) = bytes.split_at_checked(16)?;
        self.secrets.verify(&self.purpose(), place, signature).then(|| place.to_vec())
    }

    fn purpose(&self) -> String {
        format!("cursor {}", self.list)
    }
}
