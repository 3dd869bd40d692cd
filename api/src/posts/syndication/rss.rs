//! RSS 2.0, with the feed's own address as `atom:link`, as the RSS advisory board recommends.

use super::{Channel, Entry};
use crate::media_links::content_type;
use rss::extension::atom::{AtomExtension, Link};
use rss::extension::dublincore::DublinCoreExtension;
use rss::{Category, Enclosure, Guid, Item};

pub fn written(channel: &Channel<'_>) -> String {
    let own = Link {
        href: channel.own_url.clone(),
        rel: "self".to_owned(),
        mime_type: Some("application/rss+xml".to_owned()),
        ..Link::default()
    };
    let image = channel.icon().map(|url| rss::Image {
        url,
        title: channel.title.clone(),
        link: channel.home(),
        ..rss::Image::default()
    });
    rss::Channel {
        title: channel.title.clone(),
        link: channel.home(),
        description: channel.description(),
        language: Some(channel.village.language.clone()),
        last_build_date: Some(channel.updated().to_rfc2822()),
        generator: Some("Dorf-App".to_owned()),
        ttl: Some("15".to_owned()),
        image,
        atom_ext: Some(AtomExtension { links: vec![own] }),
        items: channel.entries.iter().map(item).collect(),
        ..rss::Channel::default()
    }
    .to_string()
}

/// An item has one enclosure at most; further files are linked in its text. Its description is read as HTML, so it is never
/// plain text.
fn item(entry: &Entry<'_>) -> Item {
    let enclosure = entry.enclosures.first().map(|file| Enclosure {
        url: file.url.clone(),
        length: file.media.bytes.to_string(),
        mime_type: content_type(file.media.format).to_owned(),
    });
    Item {
        title: Some(entry.title.clone()),
        link: Some(entry.url.clone()),
        description: Some(entry.html.clone()),
        categories: entry.tags.iter().map(|tag| Category { name: tag.clone(), domain: None }).collect(),
        enclosure,
        guid: Some(Guid { value: entry.id(), permalink: false }),
        dublin_core_ext: entry
            .author
            .clone()
            .map(|name| DublinCoreExtension { creators: vec![name], ..DublinCoreExtension::default() }),
        pub_date: Some(entry.published.to_rfc2822()),
        ..Item::default()
    }
}
