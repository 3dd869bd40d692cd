//! The names under which files are saved by those who download them.

use crate::media_links::extension;
use entity::MediaFormat;

/// Longest name before its extension, in characters.
const LONGEST: usize = 80;

/// A harmless name made of the one that came: its last part without folders, without anything that a system, a page or a header
/// could take for more than a letter, and with the extension of what the file really is.
pub fn harmless(name: &str, format: MediaFormat) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = match last.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 5 => stem,
        _ => last,
    };
    let kept: String = stem.chars().filter(|c| is_harmless(*c)).take(LONGEST).collect();
    let words = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.trim_matches(['.', ' ', '-']);
    let stem = if words.is_empty() { word(format) } else { words };
    format!("{stem}.{}", extension(format))
}

/// Letters and digits of any script, marks that belong to them, and a few signs; no controls, no signs that turn the direction
/// of writing, none that are reserved in file names, markup or headers.
fn is_harmless(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '+' | '(' | ')') || ('\u{300}'..='\u{36f}').contains(&c)
}

fn word(format: MediaFormat) -> &'static str {
    match format {
        MediaFormat::Pdf => "dokument",
        MediaFormat::Jpeg | MediaFormat::Png => "bild",
    }
}
