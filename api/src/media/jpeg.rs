//! What a JPEG says of itself before it is decoded, and whether it is all there. Decoders paint what is missing grey, so that a
//! photograph whose upload broke off would be published half grey; here it is noticed.

use super::image::NotAnImage;
use jpeg_decoder::{Decoder, PixelFormat};

/// How the pixels of a JPEG are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Whether it gets sharper with each of several scans, so that all of it is held until the last.
    pub is_progressive: bool,
    /// Its components: one for grey, three for colours, four for print.
    pub components: u8,
}

impl Frame {
    /// The frame of an image that ends with the marker that says so (ITU-T T.81, annex B). What follows it is of no interest:
    /// phones put further images there.
    pub fn of_complete(bytes: &[u8]) -> Option<Self> {
        let mut frame = None;
        let mut at = 2;
        loop {
            // A marker: 0xFF, as often as somebody likes, and its code.
            if bytes.get(at) != Some(&0xFF) {
                return None;
            }
            while bytes.get(at) == Some(&0xFF) {
                at += 1;
            }
            let code = *bytes.get(at)?;
            at += 1;
            match code {
                0xD9 => return frame,
                // Without a length: restart markers and TEM.
                0x01 | 0xD0..=0xD8 => {}
                _ => {
                    let length = bytes.get(at..at + 2)?;
                    let length = usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
                    if matches!(code, 0xC0..=0xCF) && !matches!(code, 0xC4 | 0xC8 | 0xCC) {
                        frame = frame.or(Self::read(code, bytes.get(at..at + length)?));
                    }
                    at += length;
                    if code == 0xDA {
                        at = end_of_scan(bytes, at);
                    }
                }
            }
        }
    }

    /// Reads a segment that describes a frame (annex B.2.2): its length, precision, height, width, number of components.
    fn read(code: u8, segment: &[u8]) -> Option<Self> {
        let [_, _, _, high, low, left, right, components, ..] = *segment else { return None };
        Some(Self {
            width: u16::from_be_bytes([left, right]).into(),
            height: u16::from_be_bytes([high, low]).into(),
            is_progressive: matches!(code, 0xC2 | 0xC6 | 0xCA | 0xCE),
            components,
        })
    }

    /// The bytes that the decoder holds of it until the last scan: two for each sample where it is progressive.
    pub fn held(&self) -> u64 {
        let samples = u64::from(self.width) * u64::from(self.height) * u64::from(self.components);
        if self.is_progressive { samples * 2 } else { 0 }
    }
}

/// The place of the next marker that is not part of the compressed data.
fn end_of_scan(bytes: &[u8], mut at: usize) -> usize {
    while let Some(pair) = bytes.get(at..at + 2) {
        if pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xD0..=0xD7 | 0xFF) {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

/// A JPEG as RGB, made smaller while it is decoded, to a half, a quarter or an eighth: no smaller than `longest` on its longer
/// side, and never held in full. Gives its width, height and bytes.
///
/// # Errors
/// When it cannot be decoded.
pub fn decode_smaller(bytes: &[u8], longest: u32) -> Result<(u32, u32, Vec<u8>), NotAnImage> {
    let mut decoder = Decoder::new(bytes);
    let longest = u16::try_from(longest).unwrap_or(u16::MAX);
    let (width, height) = decoder.scale(longest, longest)?;
    let pixels = decoder.decode()?;
    let rgb = match decoder.info().map(|info| info.pixel_format) {
        Some(PixelFormat::RGB24) => pixels,
        Some(PixelFormat::L8) => pixels.iter().flat_map(|grey| [*grey; 3]).collect(),
        Some(PixelFormat::CMYK32) => pixels.chunks_exact(4).flat_map(of_inks).collect(),
        Some(PixelFormat::L16) | None => return Err(NotAnImage::Unreadable),
    };
    Ok((width.into(), height.into(), rgb))
}

/// The colour of four inks, of which 255 is all.
fn of_inks(inks: &[u8]) -> [u8; 3] {
    let key = 255 - u16::from(inks[3]);
    [inks[0], inks[1], inks[2]].map(|ink| u8::try_from((255 - u16::from(ink)) * key / 255).unwrap_or(u8::MAX))
}

impl From<jpeg_decoder::Error> for NotAnImage {
    fn from(_: jpeg_decoder::Error) -> Self {
        Self::Unreadable
    }
}
