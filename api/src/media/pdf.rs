//! PDF files: kept as they are, so only those are taken that are whole, that everybody can open, and that do nothing by
//! themselves.
//!
//! This is no parser. It looks for names (ISO 32000-1, section 7.3.5) of actions wherever a reader could find them: in the whole
//! file, and in object streams, which are unpacked up to a limit. An object stream that is packed otherwise than everybody packs
//! them is not looked into but refused. All are served as downloads, under a policy by which a browser runs nothing.

mod names;
mod opening;
mod streams;

use crate::text::Text;
use names::{Name, names};

/// In how many bytes at the end of a file its end has to be said.
const TAIL: usize = 2048;

/// What is not taken, in German and English.
type Found = (&'static str, &'static str);

/// What is not taken wherever it is, and what to call it.
const REFUSED: [(&str, Found); 9] = [
    ("JavaScript", SCRIPTS),
    ("Rendition", ("eingebettete Medien", "embedded media")),
    ("Launch", ("Programmaufrufe", "program calls")),
    ("ImportData", ("ein Formular, das Daten einliest", "a form that imports data")),
    ("EmbeddedFile", ("eingebettete Dateien", "embedded files")),
    ("EmbeddedFiles", ("eingebettete Dateien", "embedded files")),
    ("RichMedia", ("eingebettete Medien", "embedded media")),
    ("XFA", ("ein dynamisches Formular (XFA)", "a dynamic form (XFA)")),
    ("Encrypt", ("einen Kopierschutz oder ein Kennwort", "copy protection or a password")),
];

const SCRIPTS: Found = ("Skripte", "scripts");
const UNCHECKED: Found = ("etwas, das nicht geprüft werden kann", "something that cannot be checked");
const AT_OPENING: Found = ("eine Aktion beim Öffnen", "an action when it is opened");

/// Says what is wrong with a PDF, if anything is.
pub fn fault(bytes: &[u8]) -> Option<Text> {
    let tail = &bytes[bytes.len().saturating_sub(TAIL)..];
    if !contains(tail, b"%%EOF") || !contains(tail, b"startxref") {
        return Some(Text::new("das PDF ist nicht vollständig", "the PDF is not complete"));
    }
    let found = match streams::unpacked(bytes) {
        Ok(unpacked) => {
            let parts: Vec<&[u8]> = [bytes].into_iter().chain(unpacked.iter().map(Vec::as_slice)).collect();
            parts.iter().find_map(|part| refused(part)).or_else(|| opening::fault(&parts))
        }
        Err(found) => Some(found),
    };
    found.map(|(de, en)| {
        Text::new(
            format!("das PDF enthält {de}; drucken Sie es in ein neues PDF"),
            format!("the PDF contains {en}; print it into a new PDF"),
        )
    })
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// The first name in `text` that is not taken. A script needs one of them; where it stands is not looked for.
fn refused(text: &[u8]) -> Option<Found> {
    names(text).find_map(|name| match name.text.as_slice() {
        b"AA" => name.has_actions().then_some(AT_OPENING),
        text => REFUSED.iter().find(|(refused, _)| refused.as_bytes() == text).map(|(_, found)| *found),
    })
}

impl Name<'_> {
    /// Whether it is a key behind which actions stand, and no two letters of packed data.
    fn has_actions(&self) -> bool {
        self.rest().is_none_or(|rest| rest.starts_with(b"<<") || names::reference(rest).is_some())
    }
}
