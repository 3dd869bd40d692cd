//! The names under which images and documents are served, and nothing else is.
//!
//! A name is the file's unguessable key, the size for images, and an extension: `…key….thumbnail.jpg`. What it stands for never
//! changes, so whoever has it may keep it for ever; and it is made of hexadecimal digits, so nothing in it can be a path.

use entity::{Logo, Media, MediaFormat, VillageRecord};
use std::str::FromStr;

/// How long a key is, in hexadecimal digits.
const KEY_LENGTH: usize = 32;

/// How large an image is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaSize {
    /// As large as it is kept; documents have this size only.
    Full,
    /// For the width of a page or a mail.
    Medium,
    /// For lists.
    Thumbnail,
}

/// The name of a file in URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaName {
    /// The key of the file.
    pub key: String,
    /// Which size of it.
    pub size: MediaSize,
    /// What it is served as.
    pub format: MediaFormat,
}

/// A name that nothing here has.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no file is called that")]
pub struct NoSuchName;

impl MediaSize {
    /// The sizes a file of this format is kept in.
    pub fn of(format: MediaFormat) -> &'static [Self] {
        match format {
            MediaFormat::Pdf => &[Self::Full],
            MediaFormat::Jpeg | MediaFormat::Png => &[Self::Full, Self::Medium, Self::Thumbnail],
        }
    }

    /// Its word in names, URLs and the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Medium => "medium",
            Self::Thumbnail => "thumbnail",
        }
    }
}

/// The path at which a file of a village is served.
pub fn path(village: &str, media: &Media, size: MediaSize) -> String {
    path_of(village, &media.key, media.format, size)
}

/// The path at which a village's logo is served.
pub fn logo_path(village: &VillageRecord, size: MediaSize) -> Option<(String, &Logo)> {
    let logo = village.logo.as_ref()?;
    Some((path_of(&village.slug, &logo.key, logo.format, size), logo))
}

/// The path at which the file with this key is served.
pub fn path_of(village: &str, key: &str, format: MediaFormat, size: MediaSize) -> String {
    let extension = extension(format);
    match size {
        MediaSize::Full => format!("/v1/villages/{village}/media/{key}.{extension}"),
        size => format!("/v1/villages/{village}/media/{key}.{}.{extension}", size.word()),
    }
}

/// What files of this format end with.
pub fn extension(format: MediaFormat) -> &'static str {
    match format {
        MediaFormat::Jpeg => "jpg",
        MediaFormat::Png => "png",
        MediaFormat::Pdf => "pdf",
    }
}

/// The media type of files of this format.
pub fn content_type(format: MediaFormat) -> &'static str {
    match format {
        MediaFormat::Jpeg => "image/jpeg",
        MediaFormat::Png => "image/png",
        MediaFormat::Pdf => "application/pdf",
    }
}

impl FromStr for MediaName {
    type Err = NoSuchName;

    fn from_str(name: &str) -> Result<Self, NoSuchName> {
        let (key, rest) = name.split_at_checked(KEY_LENGTH).ok_or(NoSuchName)?;
        if !key.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)) {
            return Err(NoSuchName);
        }
        let (size, extension) = match *rest.split('.').collect::<Vec<_>>().as_slice() {
            ["", extension] => (MediaSize::Full, extension),
            ["", "medium", extension] => (MediaSize::Medium, extension),
            ["", "thumbnail", extension] => (MediaSize::Thumbnail, extension),
            _ => return Err(NoSuchName),
        };
        let format = match extension {
            "jpg" => MediaFormat::Jpeg,
            "png" => MediaFormat::Png,
            "pdf" => MediaFormat::Pdf,
            _ => return Err(NoSuchName),
        };
        if MediaSize::of(format).contains(&size) {
            Ok(Self { key: key.to_owned(), size, format })
        } else {
            Err(NoSuchName)
        }
    }
}
