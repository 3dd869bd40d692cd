//! Images: measured before they are decoded, turned upright, brought to sRGB, and written anew in the sizes they are shown in.
//! What is written has nothing of the file that came but its pixels: no place, no camera, no comment, nothing hidden behind.

use super::jpeg;
use crate::media_links::MediaSize;
use entity::MediaFormat;
use fast_image_resize::images::{Image as Sized, ImageRef};
use fast_image_resize::{PixelType, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, ImageFormat, ImageReader, Limits,
};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
use std::io::Cursor;

/// Quality of what is written as JPEG, of 100.
const QUALITY: u8 = 85;

/// An opaque image that is larger than this as PNG is a photograph, and becomes JPEG.
const LARGEST_OPAQUE_PNG: usize = 512 * 1024;

/// The decoder's own needs beside the pixels, such as tables and one row.
const ROOM_TO_DECODE: u64 = 32 * 1024 * 1024;

/// An image, ready to be stored.
pub struct Picture {
    /// What it is served as.
    pub format: MediaFormat,
    /// Its width and height in full.
    pub size: (u32, u32),
    /// Its files.
    pub files: Vec<(MediaSize, Vec<u8>)>,
}

/// Why an image is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotAnImage {
    /// It breaks off, or is no image behind its first bytes.
    #[error("the image cannot be decoded")]
    Unreadable,
    /// It has more pixels than allowed; it was not decoded.
    #[error("the image has {0} x {1} pixels")]
    TooManyPixels(u32, u32),
    /// Unpacking it, or something in it, would take more memory than allowed.
    #[error("the image takes too much memory")]
    TooMuchMemory,
}

/// The longest edges of the sizes that are kept, in pixels. Nothing is enlarged.
#[derive(Clone, Copy, Debug)]
pub struct Edges {
    /// Of the full size.
    pub full: u32,
    /// Of the medium size.
    pub medium: u32,
    /// Of the thumbnail.
    pub thumbnail: u32,
}

/// Pixels without anything else, in sRGB, three or four bytes each.
struct Pixels {
    width: u32,
    height: u32,
    bytes: Vec<u8>,
    kind: PixelType,
}

/// Makes of an uploaded image what is stored of it. Takes a processor for a second or so.
///
/// # Errors
/// Says why the image is not taken.
pub fn process(bytes: &[u8], format: ImageFormat, most_pixels: u64, edges: Edges) -> Result<Picture, NotAnImage> {
    if format == ImageFormat::Jpeg && !jpeg::is_complete(bytes) {
        return Err(NotAnImage::Unreadable);
    }
    let pixels = decode(bytes, format, most_pixels)?.within(edges.full)?;
    let (written, full) = pixels.write(format)?;
    let mut files = vec![(MediaSize::Full, full)];
    let size = (pixels.width, pixels.height);
    // From the larger one to the smaller one, which costs less than from the largest each time and looks the same.
    let medium = pixels.within(edges.medium)?;
    files.push((MediaSize::Medium, medium.write_as(written)?));
    let thumbnail = medium.within(edges.thumbnail)?;
    files.push((MediaSize::Thumbnail, thumbnail.write_as(written)?));
    Ok(Picture { format: written, size, files })
}

fn decode(bytes: &[u8], format: ImageFormat, most_pixels: u64) -> Result<Pixels, NotAnImage> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    // Enough for every pixel of a usual image; one of 16 bits may have half as many.
    let mut limits = Limits::default();
    limits.max_alloc = Some(most_pixels * 4 + ROOM_TO_DECODE);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > most_pixels {
        return Err(NotAnImage::TooManyPixels(width, height));
    }
    let orientation = decoder.orientation()?;
    let profile = decoder.icc_profile()?;
    limits.reserve(decoder.total_bytes())?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    let mut pixels = Pixels::of(image);
    if let Some(profile) = profile {
        pixels.move_to_srgb(&profile);
    }
    Ok(pixels)
}

impl Pixels {
    fn of(image: DynamicImage) -> Self {
        let (width, height) = (image.width(), image.height());
        if image.color().has_alpha() {
            let rgba = image.into_rgba8();
            if rgba.pixels().any(|pixel| pixel.0[3] < u8::MAX) {
                return Self { width, height, bytes: rgba.into_raw(), kind: PixelType::U8x4 };
            }
            let bytes = DynamicImage::ImageRgba8(rgba).into_rgb8().into_raw();
            return Self { width, height, bytes, kind: PixelType::U8x3 };
        }
        Self { width, height, bytes: image.into_rgb8().into_raw(), kind: PixelType::U8x3 }
    }

    /// Phones photograph in wider colour spaces and say so in a profile. The profile goes, so the colours must be moved. A
    /// profile that cannot be read is left out of account.
    fn move_to_srgb(&mut self, profile: &[u8]) {
        let Ok(profile) = ColorProfile::new_from_slice(profile) else { return };
        if profile.color_space != DataColorSpace::Rgb {
            return;
        }
        let layout = if self.is_opaque() { Layout::Rgb } else { Layout::Rgba };
        let srgb = ColorProfile::new_srgb();
        let Ok(transform) = profile.create_transform_8bit(layout, &srgb, layout, TransformOptions::default()) else {
            return;
        };
        let mut moved = vec![0; self.bytes.len()];
        if transform.transform(&self.bytes, &mut moved).is_ok() {
            self.bytes = moved;
        }
    }

    fn is_opaque(&self) -> bool {
        self.kind == PixelType::U8x3
    }

    /// The same image with no edge longer than `longest`.
    fn within(&self, longest: u32) -> Result<Self, NotAnImage> {
        let (width, height) = fitted((self.width, self.height), longest);
        let copy = |bytes| Self { width, height, bytes, kind: self.kind };
        if (width, height) == (self.width, self.height) {
            return Ok(copy(self.bytes.clone()));
        }
        let unreadable = |_| NotAnImage::Unreadable;
        let source = ImageRef::new(self.width, self.height, &self.bytes, self.kind).map_err(unreadable)?;
        let mut sized = Sized::new(width, height, self.kind);
        let options = ResizeOptions::new();
        Resizer::new().resize(&source, &mut sized, &options).map_err(|_| NotAnImage::Unreadable)?;
        Ok(copy(sized.into_vec()))
    }

    /// The file, in the format that suits the image: PNG where it is transparent or was a small PNG, else JPEG.
    fn write(&self, came_as: ImageFormat) -> Result<(MediaFormat, Vec<u8>), NotAnImage> {
        if !self.is_opaque() || came_as == ImageFormat::Png {
            let png = self.write_as(MediaFormat::Png)?;
            if !self.is_opaque() || png.len() <= LARGEST_OPAQUE_PNG {
                return Ok((MediaFormat::Png, png));
            }
        }
        Ok((MediaFormat::Jpeg, self.write_as(MediaFormat::Jpeg)?))
    }

    fn write_as(&self, format: MediaFormat) -> Result<Vec<u8>, NotAnImage> {
        let color = if self.is_opaque() { ExtendedColorType::Rgb8 } else { ExtendedColorType::Rgba8 };
        let mut file = Vec::new();
        match format {
            MediaFormat::Jpeg => JpegEncoder::new_with_quality(&mut file, QUALITY).write_image(
                &self.bytes,
                self.width,
                self.height,
                color,
            )?,
            _ => PngEncoder::new_with_quality(&mut file, CompressionType::Default, FilterType::Adaptive).write_image(
                &self.bytes,
                self.width,
                self.height,
                color,
            )?,
        }
        Ok(file)
    }
}

/// The size that keeps the proportions and has no edge longer than `longest`, and none shorter than one pixel.
fn fitted((width, height): (u32, u32), longest: u32) -> (u32, u32) {
    let edge = width.max(height);
    if edge <= longest {
        return (width, height);
    }
    let scaled = |side: u32| {
        let side = (u64::from(side) * u64::from(longest) + u64::from(edge) / 2) / u64::from(edge);
        u32::try_from(side).unwrap_or(longest).max(1)
    };
    (scaled(width), scaled(height))
}

/// Whatever the decoder did not like, it is no image for us.
impl From<ImageError> for NotAnImage {
    fn from(error: ImageError) -> Self {
        if matches!(error, ImageError::Limits(_)) { Self::TooMuchMemory } else { Self::Unreadable }
    }
}
