//! PDF files: kept as they are, so only those are taken that are whole, that everybody can open, and that do nothing by
//! themselves.
//!
//! This is no parser. It looks for names (ISO 32000-1, section 7.3.5) of actions wherever they can be seen: in the plain parts
//! and in object streams, which are unpacked up to a limit. What slips through is still served as a download with a policy
//! under which a browser runs nothing.

use crate::text::Text;

/// Most bytes that are unpacked to look into object streams, and most streams that are looked into.
const MOST_UNPACKED: usize = 32 * 1024 * 1024;
const MOST_STREAMS: usize = 10_000;

/// How long the head of an object stream may be, from where it says that it is one.
const LONGEST_HEAD: usize = 1024;

/// In how many bytes at the end of a file its end has to be said.
const TAIL: usize = 2048;

/// What is not taken, and what to call it.
const REFUSED: [(&str, &str, &str); 7] = [
    ("JavaScript", "Skripte", "scripts"),
    (SHORT, "Skripte", "scripts"),
    ("Launch", "Programmaufrufe", "program calls"),
    ("EmbeddedFile", "eingebettete Dateien", "embedded files"),
    ("EmbeddedFiles", "eingebettete Dateien", "embedded files"),
    ("RichMedia", "eingebettete Medien", "embedded media"),
    ("Encrypt", "einen Kopierschutz oder ein Kennwort", "copy protection or a password"),
];

/// A name so short that it comes up in packed data by chance: it counts only outside of it.
const SHORT: &str = "JS";

/// Says what is wrong with a PDF, if anything is.
pub fn fault(bytes: &[u8]) -> Option<Text> {
    let tail = &bytes[bytes.len().saturating_sub(TAIL)..];
    if !contains(tail, b"%%EOF") || !contains(tail, b"startxref") {
        return Some(Text::new("das PDF ist nicht vollständig", "the PDF is not complete"));
    }
    let found = refused_name(bytes, |name| name != SHORT)
        .or_else(|| plain_parts(bytes).find_map(|part| refused_name(part, |_| true)))
        .or_else(|| in_object_streams(bytes));
    found.map(|(de, en)| {
        Text::new(
            format!("das PDF enthält {de}; drucken Sie es in ein neues PDF"),
            format!("the PDF contains {en}; print it into a new PDF"),
        )
    })
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    position(text, part).is_some()
}

fn position(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// The first name in `text` that is not taken, of those that count.
fn refused_name(text: &[u8], counts: impl Fn(&str) -> bool) -> Option<(&'static str, &'static str)> {
    let mut rest = text;
    while let Some(slash) = rest.iter().position(|byte| *byte == b'/') {
        rest = &rest[slash + 1..];
        if !rest.first().is_some_and(|first| b"#JLER".contains(first)) {
            continue;
        }
        let name = name(rest);
        let is_name = |(refused, ..): &&(&'static str, _, _)| counts(refused) && refused.as_bytes() == name;
        if let Some((_, de, en)) = REFUSED.iter().find(is_name) {
            return Some((de, en));
        }
    }
    None
}

/// What is between the streams.
fn plain_parts(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(stream) = stream_in(text) else { return rest.take() };
        let end = position(&text[stream..], b"endstream");
        rest = end.map(|end| &text[stream + end + b"endstream".len()..]);
        Some(&text[..stream])
    })
}

/// Where the next stream begins: at the keyword, which a line ends.
fn stream_in(text: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + position(&text[from..], b"stream")?;
        from = at + b"stream".len();
        if matches!(text.get(from), Some(b'\r' | b'\n')) {
            return Some(at);
        }
    }
}

/// The name at the beginning of `text`, with its `#xx` read; only as long as the names that are looked for.
fn name(text: &[u8]) -> Vec<u8> {
    let mut name = Vec::with_capacity(16);
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        if name.len() > 16 || byte.is_ascii_whitespace() || byte == 0 || b"()<>[]{}/%".contains(&byte) {
            break;
        }
        let hex = text.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match (byte, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'#', Some(escaped)) => {
                name.push(escaped);
                at += 3;
            }
            _ => {
                name.push(byte);
                at += 1;
            }
        }
    }
    name
}

/// The same, in what is packed. Of all packed streams only those can hold names that say they are object streams.
fn in_object_streams(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let too_much = Some(("mehr, als geprüft werden kann", "more than can be checked"));
    let (mut left, mut streams, mut rest) = (MOST_UNPACKED, 0, bytes);
    while let Some(at) = position(rest, b"ObjStm") {
        rest = &rest[at + b"ObjStm".len()..];
        streams += 1;
        if streams > MOST_STREAMS {
            return too_much;
        }
        let Some(begin) = position(&rest[..rest.len().min(LONGEST_HEAD)], b"stream") else { continue };
        rest = &rest[begin + b"stream".len()..];
        let data = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
        let unpacked = match miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(data, left) {
            Ok(unpacked) => unpacked,
            // What could be unpacked before it went wrong is looked at all the same.
            Err(error) => error.output,
        };
        left = left.saturating_sub(unpacked.len());
        let found = refused_name(&unpacked, |_| true);
        if found.is_some() || left == 0 {
            return found.or(too_much);
        }
    }
    None
}
