//! JSON Feed 1.1 (jsonfeed.org).

use super::{Channel, Entry};
use crate::instant::written as written_instant;
use crate::media_links::content_type;
use entity::MediaFormat;
use serde::Serialize;

#[derive(Serialize)]
struct Feed<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: String,
    feed_url: &'a str,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<String>,
    authors: [Author<'a>; 1],
    language: &'a str,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Item<'a> {
    id: String,
    url: &'a str,
    title: &'a str,
    content_html: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authors: Option<[Author<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    date_published: String,
    date_modified: String,
    tags: &'a [String],
    attachments: Vec<Attachment<'a>>,
}

#[derive(Serialize)]
struct Attachment<'a> {
    url: &'a str,
    mime_type: &'static str,
    title: &'a str,
    size_in_bytes: u64,
}

pub fn written(channel: &Channel<'_>) -> String {
    let feed = Feed {
        version: "https://jsonfeed.org/version/1.1",
        title: &channel.title,
        home_page_url: channel.home(),
        feed_url: &channel.own_url,
        description: channel.description(),
        icon: channel.icon(),
        authors: [Author { name: &channel.village.sender_name }],
        language: &channel.village.language,
        items: channel.entries.iter().map(item).collect(),
    };
    serde_json::to_string(&feed).unwrap_or_default()
}

fn item<'a>(entry: &'a Entry<'a>) -> Item<'a> {
    let image = entry.enclosures.iter().find(|file| file.media.format != MediaFormat::Pdf);
    let attachments = entry.enclosures.iter().map(|file| Attachment {
        url: &file.url,
        mime_type: content_type(file.media.format),
        title: &file.words,
        size_in_bytes: file.media.bytes,
    });
    Item {
        id: entry.id(),
        url: &entry.url,
        title: &entry.title,
        content_html: &entry.html,
        authors: entry.author.as_deref().map(|name| [Author { name }]),
        image: image.map(|file| file.url.as_str()),
        date_published: written_instant(entry.published),
        date_modified: written_instant(entry.updated),
        tags: &entry.tags,
        attachments: attachments.collect(),
    }
}
