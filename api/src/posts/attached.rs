//! The images and documents that a post shows, as they travel.

use crate::media_links::{self, MediaSize};
use crate::validate::Faults;
use entity::{Media, MediaFormat, MediaId};
use poem_openapi::Object;
use poem_openapi::types::Example;
use uuid::{Uuid, uuid};

/// Most media of one post.
const MOST: usize = 10;

/// An image or document that a post shows. `thumbnail_url`, `medium_url`, `width` and `height` are present exactly when it is
/// an image.
#[derive(Object)]
#[oai(rename = "PostMedia", skip_serializing_if_is_none, example)]
pub struct AttachedView {
    /// Its identifier, for changing what the post shows.
    id: Uuid,
    /// Where it is, in full.
    url: String,
    /// Where it is, for the width of a page.
    medium_url: Option<String>,
    /// Where it is, for lists.
    thumbnail_url: Option<String>,
    /// Its media type.
    content_type: String,
    /// The name it is saved under.
    file_name: String,
    /// Its size in bytes, in full.
    bytes: u64,
    /// Its width in pixels, in full.
    width: Option<u32>,
    /// Its height in pixels, in full.
    height: Option<u32>,
    /// What is seen on it, for those who do not see it; never empty for an image.
    alt: String,
    /// Who made it.
    credit: Option<String>,
    /// Under which terms it may be used.
    licence: Option<String>,
}

impl AttachedView {
    /// An image or document of a village.
    pub fn new(media: &Media, village: &str) -> Self {
        let smaller = |size| (media.format != MediaFormat::Pdf).then(|| media_links::path(village, media, size));
        Self {
            id: media.id.0,
            url: media_links::path(village, media, MediaSize::Full),
            medium_url: smaller(MediaSize::Medium),
            thumbnail_url: smaller(MediaSize::Thumbnail),
            content_type: media_links::content_type(media.format).to_owned(),
            file_name: media.file_name.clone(),
            bytes: media.bytes,
            width: media.size.map(|(width, _)| width),
            height: media.size.map(|(_, height)| height),
            alt: media.alt.clone(),
            credit: media.credit.clone(),
            licence: media.licence.clone(),
        }
    }
}

impl Example for AttachedView {
    fn example() -> Self {
        let url = |rest: &str| format!("/v1/villages/luedenhausen/media/5c1e0f7a9b3d42688e17a4c05d92f6b3{rest}");
        Self {
            id: uuid!("019ab0ef-6a31-7d20-b5c4-0f9e83d2a716"),
            url: url(".jpg"),
            medium_url: Some(url(".medium.jpg")),
            thumbnail_url: Some(url(".thumbnail.jpg")),
            content_type: "image/jpeg".to_owned(),
            file_name: "Dorfplatz im Schnee.jpg".to_owned(),
            bytes: 412_806,
            width: Some(2560),
            height: Some(1707),
            alt: "Der verschneite Dorfplatz mit dem Baum".to_owned(),
            credit: Some("Anna Beispiel".to_owned()),
            licence: Some("CC BY 4.0".to_owned()),
        }
    }
}

/// The media that a body names: a few, none of them twice.
pub fn checked(faults: &mut Faults, media: &[Uuid]) -> Vec<MediaId> {
    if media.len() > MOST {
        faults.add("/media", format!("sind mehr als {MOST}"), format!("are more than {MOST}"));
        return Vec::new();
    }
    for (at, id) in media.iter().enumerate() {
        if media[..at].contains(id) {
            faults.add(format!("/media/{at}"), "kommt zweimal vor", "comes twice");
        }
    }
    media.iter().map(|id| MediaId(*id)).collect()
}
