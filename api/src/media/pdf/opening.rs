//! What a PDF does when it is opened (ISO 32000-1, section 12.6): it may show a page of its own, and no more.

use super::names::{names, number, reference, trimmed};
use super::{AT_OPENING, Found, UNCHECKED};

/// How much of an action is looked at, in bytes.
const LONGEST: usize = 1024;

/// Most actions that are looked for: one, and those of older states of the file.
const MOST: usize = 16;

/// Says what a PDF does that it is not to do. `parts` are the file and what is packed in it.
pub fn fault(parts: &[&[u8]]) -> Option<Found> {
    let actions = parts.iter().flat_map(|part| names(part)).filter(|name| name.text == b"OpenAction");
    let actions: Vec<&[u8]> = actions.take(MOST + 1).map(|name| name.rest().unwrap_or_default()).collect();
    if actions.len() > MOST {
        return Some(UNCHECKED);
    }
    actions.into_iter().find_map(|action| match reference(action) {
        Some(object) => of_object(parts, object),
        None => not_harmless(action),
    })
}

/// An array is a page to show; a dictionary an action.
fn not_harmless(action: &[u8]) -> Option<Found> {
    match action {
        [b'[', ..] => None,
        [b'<', b'<', ..] => not_a_jump(action),
        _ => Some(UNCHECKED),
    }
}

/// Looks at every object of this number: a file that was changed has older ones.
fn of_object(parts: &[&[u8]], object: u32) -> Option<Found> {
    let plain = plain_objects(parts.first()?, object);
    let packed = parts.iter().skip(1).filter_map(|part| packed_object(part, object));
    let mut found = plain.chain(packed).peekable();
    if found.peek().is_none() {
        return Some(UNCHECKED);
    }
    found.find_map(not_harmless)
}

/// An action may go to a page of the same file, and have no other behind it.
fn not_a_jump(action: &[u8]) -> Option<Found> {
    let action = &action[..action.len().min(LONGEST)];
    let end = action.windows(6).position(|window| window == b"endobj").unwrap_or(action.len());
    let action = &action[..end];
    let mut kinds = names(action).filter(|name| name.text == b"S");
    let kind = kinds.next().and_then(|kind| names(kind.rest()?).next());
    let jumps = kind.is_some_and(|kind| kind.text == b"GoTo");
    (!jumps || names(action).any(|name| name.text == b"Next")).then_some(AT_OPENING)
}

/// The objects of this number that stand in the file as they are: `12 0 obj`. Of what may be one, nothing.
fn plain_objects(bytes: &[u8], object: u32) -> impl Iterator<Item = &[u8]> {
    let head = object.to_string().into_bytes();
    const UNREADABLE: &[u8] = &[];
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from + bytes.get(from..)?.windows(head.len()).position(|window| window == head)?;
            from = at + head.len();
            let is_whole = at.checked_sub(1).is_none_or(|before| !bytes[before].is_ascii_digit());
            if !is_whole {
                continue;
            }
            let Some(generation) = trimmed(&bytes[from..]) else { return Some(UNREADABLE) };
            let Some((_, rest)) = number(generation) else { continue };
            let Some(keyword) = trimmed(rest) else { return Some(UNREADABLE) };
            if let Some(object) = keyword.strip_prefix(b"obj") {
                return Some(trimmed(object).unwrap_or_default());
            }
        }
    })
}

/// An object of an object stream, which begins with pairs of a number and a place behind all pairs.
fn packed_object(part: &[u8], object: u32) -> Option<&[u8]> {
    let mut places = Vec::new();
    let mut rest = trimmed(part)?;
    while let Some((found, behind)) = number(rest) {
        let (place, behind) = number(trimmed(behind)?)?;
        places.push((found, place));
        rest = trimmed(behind)?;
    }
    // The first object follows the pairs.
    let first = places.first()?.1;
    let (_, place) = places.into_iter().find(|(found, _)| *found == object)?;
    let place = usize::try_from(place.checked_sub(first)?).ok()?;
    rest.get(place..).and_then(trimmed)
}
