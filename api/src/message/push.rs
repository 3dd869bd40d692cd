//! What a push says.

use super::Matter;
use super::words::sentences;
use crate::markdown::{shortened, to_plain};
use crate::media_links::{self, MediaSize};
use crate::text::Language;
use entity::{MediaFormat, Post, PostKind};
use serde::Serialize;

/// The longest title, in characters.
const LONGEST_TITLE: usize = 120;

/// The longest text, in characters. In bytes, a character can take four, and JSON escapes more: 300 stay below 2 KiB in any script.
const LONGEST_TEXT: usize = 300;

/// The payload of a push: a Declarative Web Push message, which Safari shows by itself and service workers of other browsers
/// show from the same JSON.
#[derive(Serialize)]
struct Payload<'a> {
    web_push: u16,
    notification: Shown<'a>,
}

#[derive(Serialize)]
struct Shown<'a> {
    title: String,
    body: String,
    lang: &'a str,
    dir: &'a str,
    navigate: String,
    /// The same for every message about one matter, so that a later one replaces the one before.
    tag: String,
    /// The first image of the post.
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    /// The village's logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<String>,
    data: About<'a>,
}

#[derive(Serialize)]
struct About<'a> {
    village: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<String>,
    kind: &'a str,
    notification: String,
}

/// What is different from push to push.
pub(super) struct Said {
    /// The title without the village.
    pub title: String,
    /// The text.
    pub body: String,
    /// Where a tap leads, below the village.
    pub path: String,
    /// What it is about.
    pub kind: &'static str,
}

impl Matter {
    /// The payload of a push, in the village's language. Well below what push services take.
    pub fn payload(&self, public_url: &str) -> Vec<u8> {
        let language = Language::of_tag(&self.village.language);
        let said = match (&self.collection, &self.post) {
            (Some(collection), _) => collection.said(&self.words(language)),
            (None, Some(post)) => self.said(post, language),
            (None, None) => return Vec::new(),
        };
        let slug = &self.village.slug;
        let post = self.post.as_ref();
        let icon = media_links::logo_path(&self.village, MediaSize::Thumbnail);
        let payload = Payload {
            web_push: 8030,
            notification: Shown {
                title: shortened(&format!("{} · {}", self.village.name, said.title), LONGEST_TITLE),
                body: shortened(&said.body, LONGEST_TEXT),
                lang: language.tag(),
                dir: "auto",
                navigate: format!("{public_url}/v1/villages/{slug}{}", said.path),
                tag: self.tag(),
                image: post.filter(|_| self.tells_post()).and_then(|post| self.image(post, public_url)),
                icon: icon.map(|(path, _)| format!("{public_url}{path}")),
                data: About {
                    village: slug,
                    post: post.map(|post| post.id.to_string()),
                    kind: said.kind,
                    notification: self.notification.id.to_string(),
                },
            },
        };
        serde_json::to_vec(&payload).unwrap_or_default()
    }

    fn said(&self, post: &Post, language: Language) -> Said {
        let heading = self.heading(post, language);
        let text = if heading.with_text { to_plain(&post.body_markdown, LONGEST_TEXT) } else { String::new() };
        let above = sentences(heading.lines.iter().map(String::as_str));
        Said {
            title: heading.labelled(),
            body: [above, text].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "),
            path: format!("/posts/{}", post.id),
            kind: name(post.kind),
        }
    }

    /// The post's first image, in the size that suits a message.
    fn image(&self, post: &Post, public_url: &str) -> Option<String> {
        let image = post.media.iter().find(|media| media.format != MediaFormat::Pdf)?;
        Some(format!("{public_url}{}", media_links::path(&self.village.slug, image, MediaSize::Medium)))
    }
}

fn name(kind: PostKind) -> &'static str {
    match kind {
        PostKind::News => "news",
        PostKind::Notice => "notice",
        PostKind::Event => "event",
        PostKind::Alert => "alert",
    }
}
