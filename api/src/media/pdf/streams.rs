//! Object streams (ISO 32000-1, section 7.5.7): objects that are packed together, and so cannot be seen from outside.

use super::names::{Name, names, trimmed};
use super::{Found, UNCHECKED};

/// Most bytes that are unpacked, and most that are read for it: each stream may end with the file only.
const MOST_UNPACKED: usize = 32 * 1024 * 1024;
const MOST_READ: u64 = 4 * 1024 * 1024 * 1024;

/// What is said of a stream since the one before: its dictionary is in there, however long it is.
#[derive(Default)]
struct Said {
    is_object_stream: bool,
    has_first: bool,
    has_number: bool,
    /// Whether it is packed in another way than all programs pack object streams.
    is_odd: bool,
    is_packed: bool,
}

/// What is in the object streams of a file.
///
/// # Errors
/// When there is more than can be looked into, or something packed in another way than usual.
pub fn unpacked(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Found> {
    let mut unpacked = Vec::new();
    let (mut left, mut unread) = (MOST_UNPACKED, MOST_READ);
    let mut names = names(bytes).peekable();
    let mut from = 0;
    while let Some((begin, data)) = stream_from(bytes, from) {
        from = data;
        let mut said = Said::default();
        while let Some(name) = names.next_if(|name| name.at < begin) {
            said.hear(&name);
        }
        if !said.holds_objects() {
            continue;
        }
        unread = unread.checked_sub((bytes.len() - data) as u64).filter(|_| !said.is_odd).ok_or(UNCHECKED)?;
        let objects = said.read(&bytes[data..], left);
        left = left.checked_sub(objects.len()).filter(|left| *left > 0).ok_or(UNCHECKED)?;
        unpacked.push(objects);
    }
    Ok(unpacked)
}

impl Said {
    fn hear(&mut self, name: &Name<'_>) {
        match name.text.as_slice() {
            b"ObjStm" => self.is_object_stream = true,
            b"First" => self.has_first = true,
            b"N" => self.has_number = true,
            b"Filter" => {
                self.is_packed = true;
                self.is_odd |= !name.rest().is_some_and(is_flate_alone);
            }
            b"DecodeParms" | b"DP" | b"FFilter" => self.is_odd = true,
            _ => {}
        }
    }

    /// Whether readers find objects in it: it says so, or has what they need to.
    fn holds_objects(&self) -> bool {
        self.is_object_stream || self.has_first && self.has_number
    }

    fn read(&self, data: &[u8], most: usize) -> Vec<u8> {
        if !self.is_packed {
            let end = data.windows(9).position(|window| window == b"endstream").unwrap_or(data.len());
            return data[..end].to_vec();
        }
        // What could be unpacked before it went wrong is looked at all the same.
        miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(data, most).unwrap_or_else(|error| error.output)
    }
}

/// Whether a filter is the usual one and nothing else: `/FlateDecode` or `[/FlateDecode]`.
fn is_flate_alone(filter: &[u8]) -> bool {
    let (inside, is_array) = match filter {
        [b'[', rest @ ..] => (trimmed(rest).unwrap_or_default(), true),
        _ => (filter, false),
    };
    let Some(name) = names(inside).next().filter(|name| name.at == 1) else { return false };
    name.text == b"FlateDecode" && (!is_array || name.rest().is_some_and(|rest| rest.starts_with(b"]")))
}

/// Where the next stream begins: at the keyword, which a line ends; and where its data does.
fn stream_from(bytes: &[u8], mut from: usize) -> Option<(usize, usize)> {
    loop {
        let at = from + bytes.get(from..)?.windows(6).position(|window| window == b"stream")?;
        from = at + 6;
        match bytes.get(from..)? {
            [b'\r', b'\n', ..] => return Some((at, from + 2)),
            [b'\r' | b'\n', ..] => return Some((at, from + 1)),
            _ => {}
        }
    }
}
