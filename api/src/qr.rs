//! QR codes of short texts, for a person with a phone in front of a terminal.

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

/// A code for a terminal, two rows of modules in a line: dark ones as spaces, since most terminals are dark; readers take both.
///
/// # Errors
/// When the text is longer than a code holds.
pub fn for_terminal(text: &str) -> anyhow::Result<String> {
    let code = QrCode::new(text)?;
    Ok(code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build())
}
