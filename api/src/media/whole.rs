//! Whether an image is all there: an upload may have broken off, and decoders differ in what they take for enough.

use super::image::NotAnImage;
use super::jpeg::Frame;
use image::ImageFormat;

/// Looks for the end of an image; gives the frame of a JPEG.
///
/// # Errors
/// When it breaks off.
pub fn check(bytes: &[u8], format: ImageFormat) -> Result<Option<Frame>, NotAnImage> {
    match format {
        ImageFormat::Jpeg => Frame::of_complete(bytes).map(Some).ok_or(NotAnImage::Unreadable),
        ImageFormat::Png if !ends_png(bytes) => Err(NotAnImage::Unreadable),
        ImageFormat::WebP if !ends_webp(bytes) => Err(NotAnImage::Unreadable),
        _ => Ok(None),
    }
}

/// Whether there is a chunk that ends it (PNG, section 11.2.5), behind whole ones: length, name, data and checksum each.
fn ends_png(bytes: &[u8]) -> bool {
    let mut at = 8;
    while let Some(&[a, b, c, d, ref name @ ..]) = bytes.get(at..at + 8) {
        let Ok(length) = usize::try_from(u32::from_be_bytes([a, b, c, d])) else { return false };
        let Some(end) = at.checked_add(12).and_then(|end| end.checked_add(length)) else { return false };
        if end > bytes.len() {
            return false;
        }
        if name == b"IEND" {
            return true;
        }
        at = end;
    }
    false
}

/// Whether it has as many bytes as it says (RIFF: the size of what follows the first eight).
fn ends_webp(bytes: &[u8]) -> bool {
    let size = bytes.get(4..8).and_then(|size| size.try_into().ok()).map(u32::from_le_bytes);
    size.and_then(|size| usize::try_from(size).ok()).is_some_and(|size| bytes.len() >= size.saturating_add(8))
}
