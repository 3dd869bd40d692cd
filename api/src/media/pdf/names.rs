//! Names of PDF, however they are spelled.

/// The longest name that is read.
const LONGEST: usize = 16;

/// The longest stretch of spaces and comments that is looked over, in bytes: everywhere, so that no file takes long.
const LONGEST_GAP: usize = 256;

/// Digits of a number that is read.
const MOST_DIGITS: usize = 10;

/// A name, and what stands behind it.
pub struct Name<'a> {
    /// Its letters, with its `#xx` read; cut off behind the longest that is looked for.
    pub text: Vec<u8>,
    /// Where it begins, behind its slash.
    pub at: usize,
    behind: &'a [u8],
}

/// All names of a text, in their order.
pub fn names(text: &[u8]) -> impl Iterator<Item = Name<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text.get(at..)?.iter().position(|byte| *byte == b'/')? + 1;
        let (name, length) = read(&text[at..]);
        Some(Name { text: name, at, behind: &text[at + length..] })
    })
}

fn read(text: &[u8]) -> (Vec<u8>, usize) {
    let mut name = Vec::new();
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        if name.len() > LONGEST || is_space(byte) || b"()<>[]{}/%".contains(&byte) {
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
    (name, at)
}

fn is_space(byte: u8) -> bool {
    byte == 0 || byte.is_ascii_whitespace()
}

impl<'a> Name<'a> {
    /// What stands behind it, without the spaces and comments before; none when these do not end soon.
    pub fn rest(&self) -> Option<&'a [u8]> {
        trimmed(self.behind)
    }
}

/// A text without the spaces and comments at its beginning; none when these do not end soon.
pub fn trimmed(text: &[u8]) -> Option<&[u8]> {
    let mut in_comment = false;
    let ends = |byte: &u8| {
        in_comment = match byte {
            b'\r' | b'\n' => false,
            b'%' => true,
            _ => in_comment,
        };
        !in_comment && !is_space(*byte)
    };
    match text.iter().take(LONGEST_GAP).position(ends) {
        Some(begin) => Some(&text[begin..]),
        None if text.len() < LONGEST_GAP => Some(&[]),
        None => None,
    }
}

/// The number of the object that is referred to at the beginning of `text`, as in `12 0 R`.
pub fn reference(text: &[u8]) -> Option<u32> {
    let (number, rest) = number(text)?;
    let (_, rest) = self::number(trimmed(rest)?)?;
    trimmed(rest)?.starts_with(b"R").then_some(number)
}

/// A number without a sign at the beginning of `text`, and what comes behind it.
pub fn number(text: &[u8]) -> Option<(u32, &[u8])> {
    let digits = text.iter().take(MOST_DIGITS).take_while(|byte| byte.is_ascii_digit()).count();
    let number = std::str::from_utf8(&text[..digits]).ok()?.parse().ok()?;
    Some((number, &text[digits..]))
}
