//! Images: measured before they are decoded, made smaller, turned upright, brought to sRGB, and written anew in the sizes they are
//! shown in. What is large is decoded alone, and photographs are made smaller while they are decoded, so that memory is bounded.
//! What is written has nothing of the file that came but its pixels: no place, no camera, no comment, nothing hidden behind.

use super::jpeg::{self, Frame};
use super::whole;
use crate::media_links::MediaSize;
use entity::MediaFormat;
use fast_image_resize::images::{Image as Sized, ImageRef};
use fast_image_resize::{PixelType, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::metadata::Orientation;
use image::{
    ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, ImageFormat, ImageReader,
    Limits, RgbImage, RgbaImage,
};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
use std::io::Cursor;
use std::sync::{Mutex, PoisonError};

/// Quality of what is written as JPEG, of 100.
const QUALITY: u8 = 85;

/// An opaque image that is larger than this as PNG is a photograph, and becomes JPEG.
const LARGEST_OPAQUE_PNG: usize = 512 * 1024;

/// The decoder's own needs beside the pixels, such as tables and one row.
const ROOM_TO_DECODE: u64 = 32 * 1024 * 1024;

/// Most bytes that one image may take while it is decoded: 40 million pixels with transparency.
const MOST_DECODED: u64 = 160_000_000;

/// An image that takes more than this is decoded alone, whatever is decoded beside it: a photograph of 16 million pixels does not.
const DECODED_ALONE: u64 = 50_000_000;
static ALONE: Mutex<()> = Mutex::new(());

/// The longest edge, in pixels. Making an image smaller costs much more where it is long than where it has many pixels: what is one
/// pixel wide and has forty million takes half a minute.
const LONGEST_EDGE: u32 = 20_000;

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
    /// It is longer than allowed; it was not decoded.
    #[error("the image has {0} x {1} pixels, which is too long")]
    TooLong(u32, u32),
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
    let pixels = Source::measured(bytes, format, most_pixels, edges.full)?.decoded(edges.full)?;
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

/// An image that may be decoded.
struct Source<'a> {
    bytes: &'a [u8],
    format: ImageFormat,
    /// What is done to its pixels when they are there.
    orientation: Orientation,
    profile: Option<Vec<u8>>,
    /// Whether it is made smaller while it is decoded.
    shrinks: bool,
    /// The bytes it takes while it is decoded.
    memory: u64,
}

impl<'a> Source<'a> {
    fn measured(bytes: &'a [u8], format: ImageFormat, most_pixels: u64, full: u32) -> Result<Self, NotAnImage> {
        let frame = whole::check(bytes, format)?;
        let mut decoder = decoder(bytes, format)?;
        let (width, height) = decoder.dimensions();
        let pixels = u64::from(width) * u64::from(height);
        if pixels > most_pixels {
            return Err(NotAnImage::TooManyPixels(width, height));
        }
        let longer = width.max(height);
        if longer > LONGEST_EDGE {
            return Err(NotAnImage::TooLong(width, height));
        }
        let shrinks = frame.is_some() && longer / 2 >= full;
        let in_full = match decoder.color_type() {
            ColorType::Rgb8 | ColorType::Rgba8 => decoder.total_bytes(),
            other => decoder.total_bytes() + pixels * if other.has_alpha() { 4 } else { 3 },
        };
        let held = frame.as_ref().map_or(0, Frame::held);
        // A quarter of the pixels at most, of up to four bytes, which become three.
        let memory = held + if shrinks { pixels / 4 * 7 } else { in_full };
        if memory > MOST_DECODED {
            return Err(NotAnImage::TooMuchMemory);
        }
        let orientation = decoder.orientation()?;
        let profile = decoder.icc_profile()?;
        Ok(Self { bytes, format, orientation, profile, shrinks, memory })
    }

    /// Its pixels, no edge longer than `full`, upright and in sRGB.
    fn decoded(self, full: u32) -> Result<Pixels, NotAnImage> {
        let _alone = (self.memory > DECODED_ALONE).then(|| ALONE.lock().unwrap_or_else(PoisonError::into_inner));
        let pixels = if self.shrinks {
            let (width, height, bytes) = jpeg::decode_smaller(self.bytes, full)?;
            Pixels { width, height, bytes, kind: PixelType::U8x3 }
        } else {
            Pixels::of(DynamicImage::from_decoder(decoder(self.bytes, self.format)?)?)
        };
        let mut pixels = pixels.within(full)?.turned(self.orientation);
        if let Some(profile) = self.profile {
            pixels.move_to_srgb(&profile);
        }
        Ok(pixels)
    }
}

fn decoder(bytes: &[u8], format: ImageFormat) -> Result<impl ImageDecoder, NotAnImage> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_DECODED + ROOM_TO_DECODE);
    reader.limits(limits);
    Ok(reader.into_decoder()?)
}

impl Pixels {
    fn of(image: DynamicImage) -> Self {
        let (width, height) = (image.width(), image.height());
        if image.color().has_alpha() {
            let mut bytes = image.into_rgba8().into_raw();
            if bytes.chunks_exact(4).any(|pixel| pixel[3] < u8::MAX) {
                return Self { width, height, bytes, kind: PixelType::U8x4 };
            }
            leave_out_alpha(&mut bytes);
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

    /// As the camera was held.
    fn turned(self, orientation: Orientation) -> Self {
        if orientation == Orientation::NoTransforms {
            return self;
        }
        let Self { width, height, bytes, kind } = self;
        let image = match kind {
            PixelType::U8x4 => RgbaImage::from_raw(width, height, bytes).map(DynamicImage::ImageRgba8),
            _ => RgbImage::from_raw(width, height, bytes).map(DynamicImage::ImageRgb8),
        };
        let mut image = image.unwrap_or_default();
        image.apply_orientation(orientation);
        Self { width: image.width(), height: image.height(), bytes: image.into_bytes(), kind }
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

/// Makes RGB of RGBA in its place: a copy would take as much memory again.
fn leave_out_alpha(bytes: &mut Vec<u8>) {
    let pixels = bytes.len() / 4;
    for pixel in 0..pixels {
        bytes.copy_within(pixel * 4..pixel * 4 + 3, pixel * 3);
    }
    bytes.truncate(pixels * 3);
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
