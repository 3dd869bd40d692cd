//! QR codes of short texts, for a person with a phone in front of a terminal or a page.

use qrcode::render::unicode::Dense1x2;
use qrcode::{Color, QrCode};

/// Modules of white around a code (ISO/IEC 18004, 6.3.8).
const QUIET: usize = 4;

/// A code for a terminal, two rows of modules in a line: dark ones as spaces, since most terminals are dark; readers take both.
///
/// # Errors
/// When the text is longer than a code holds.
pub fn for_terminal(text: &str) -> anyhow::Result<String> {
    let code = QrCode::new(text)?;
    Ok(code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build())
}

/// A code for a page: an SVG element with one path, dark on white.
///
/// # Errors
/// When the text is longer than a code holds.
pub fn for_page(text: &str) -> anyhow::Result<String> {
    let code = QrCode::new(text)?;
    let (width, size) = (code.width(), code.width() + 2 * QUIET);
    let dark = code.to_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
    let path: String = dark.map(|(n, _)| format!("M{} {}h1v1h-1z", n % width + QUIET, n / width + QUIET)).collect();
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"288\" height=\"288\" viewBox=\"0 0 {size} {size}\" role=\"img\">\
         <path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/><path d=\"{path}\"/></svg>"
    ))
}
