//! From the bytes that came to the files that are stored, away from the threads that answer requests.

use super::foreign::{self, Foreign};
use super::image::{self, Edges, NotAnImage, Picture};
use super::pdf;
use crate::config::Media;
use crate::media_links::MediaSize;
use crate::problem::{Fault, Problem};
use crate::text::Text;
use ::image::ImageFormat;
use entity::MediaFormat;
use std::fs::File;
use std::io::{Read, Seek};

/// What an upload is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// An image.
    Image(ImageFormat),
    /// A document.
    Pdf,
}

/// What is stored of an upload.
pub struct Processed {
    /// What it is served as.
    pub format: MediaFormat,
    /// Width and height in pixels, when it is an image.
    pub size: Option<(u32, u32)>,
    /// Its files.
    pub files: Vec<(MediaSize, Vec<u8>)>,
}

impl Content {
    /// Looks at the first bytes of a file.
    ///
    /// # Errors
    /// 415 for everything that is not taken, SVG, HTML and archives among them.
    pub fn of(file: &mut File) -> Result<Self, Problem> {
        let mut start = Vec::with_capacity(16);
        let read = file.by_ref().take(16).read_to_end(&mut start).and_then(|_| file.rewind());
        read.map_err(|error| Problem::from(anyhow::Error::new(error)))?;
        match start.as_slice() {
            [0xFF, 0xD8, 0xFF, ..] => Ok(Self::Image(ImageFormat::Jpeg)),
            [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Ok(Self::Image(ImageFormat::Png)),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Self::Image(ImageFormat::WebP)),
            [b'%', b'P', b'D', b'F', b'-', b'1' | b'2', b'.', ..] => Ok(Self::Pdf),
            [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => Err(foreign::refusal(foreign::of_brand(brand))),
            _ => Err(foreign::refusal(Foreign::Unknown)),
        }
    }
}

/// Makes of an upload what is stored of it. Takes a processor for a second or so: not for the threads that answer requests.
///
/// # Errors
/// 422 that says why the file is not taken.
pub fn process(mut file: File, content: Content, settings: &Media) -> Result<Processed, Problem> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|error| Problem::from(anyhow::Error::new(error)))?;
    drop(file);
    match content {
        Content::Image(format) => {
            let edges = Edges {
                full: settings.full_edge_px,
                medium: settings.medium_edge_px,
                thumbnail: settings.thumbnail_edge_px,
            };
            let most_pixels = u64::from(settings.max_megapixels) * 1_000_000;
            let picture = image::process(&bytes, format, most_pixels, edges);
            let Picture { format, size, files } = picture.map_err(|why| not_taken(&why, settings))?;
            Ok(Processed { format, size: Some(size), files })
        }
        Content::Pdf => match pdf::fault(&bytes) {
            Some(detail) => Err(of_the_file(detail)),
            None => Ok(Processed { format: MediaFormat::Pdf, size: None, files: vec![(MediaSize::Full, bytes)] }),
        },
    }
}

fn not_taken(why: &NotAnImage, settings: &Media) -> Problem {
    let most = settings.max_megapixels;
    of_the_file(match why {
        NotAnImage::Unreadable => Text::new("das Bild ist nicht vollständig", "the image is not complete"),
        NotAnImage::TooMuchMemory => Text::new(
            "das Bild braucht entpackt zu viel Speicher: speichern Sie es kleiner oder als einfaches JPEG",
            "the image takes too much memory when unpacked: save it smaller, or as a plain JPEG",
        ),
        NotAnImage::TooManyPixels(width, height) => Text::new(
            format!("das Bild hat {width} × {height} Bildpunkte, mehr als {most} Millionen: speichern Sie es kleiner"),
            format!("the image has {width} × {height} pixels, more than {most} million: save it smaller"),
        ),
        NotAnImage::TooLong(width, height) => Text::new(
            format!("das Bild hat {width} × {height} Bildpunkte und ist damit zu lang: schneiden Sie es zu"),
            format!("the image has {width} × {height} pixels, which is too long: crop it"),
        ),
    })
}

/// The file is the whole body, and so the pointer is the empty one.
pub fn of_the_file(detail: Text) -> Problem {
    Problem::unprocessable(vec![Fault { pointer: String::new(), detail }])
}
