//! Texts of people in iCalendar: nothing in them can end a line, and so begin a property.

/// A text as TEXT values may have it, before the crate escapes it: without control characters but line feeds.
pub fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}', '\u{85}'], "\n");
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

/// A text on one line.
pub fn line(text: &str) -> String {
    plain(text).replace('\n', " ")
}

/// A text on one line, escaped as TEXT (RFC 5545, section 3.3.11), for properties that the crate does not know as such.
pub fn escaped(text: &str) -> String {
    line(text).replace('\\', "\\\\").replace(',', "\\,").replace(';', "\\;")
}

/// A text as the value of a parameter (section 3.1): quotes cannot be written there. What could need quotes is in some, of our
/// own making.
pub fn parameter(text: &str) -> String {
    format!("\"{}\"", line(text).replace('"', "'"))
}
