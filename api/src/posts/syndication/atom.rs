//! Atom (RFC 4287).

use super::{Channel, Entry};
use crate::media_links::content_type;
use atom_syndication::{Category, Content, Feed, Generator, Link, Person, Text};

pub fn written(channel: &Channel<'_>) -> String {
    let author = Person { name: super::xml_text(&channel.village.sender_name), ..Person::default() };
    Feed {
        title: Text::plain(channel.title.clone()),
        id: channel.own_url.clone(),
        updated: channel.updated().fixed_offset(),
        authors: vec![author],
        generator: Some(Generator { value: "Dorf-App".to_owned(), ..Generator::default() }),
        icon: channel.icon(),
        links: vec![link("self", channel.own_url.clone(), "application/atom+xml"), alternate(channel.home())],
        subtitle: Some(Text::plain(channel.description())),
        entries: channel.entries.iter().map(entry).collect(),
        lang: Some(channel.village.language.clone()),
        ..Feed::default()
    }
    .to_string()
}

fn entry(entry: &Entry<'_>) -> atom_syndication::Entry {
    let enclosures = entry.enclosures.iter().map(|file| Link {
        title: Some(file.words.clone()),
        length: Some(file.media.bytes.to_string()),
        ..link("enclosure", file.url.clone(), content_type(file.media.format))
    });
    let content =
        Content { value: Some(entry.html.clone()), content_type: Some("html".to_owned()), ..Content::default() };
    atom_syndication::Entry {
        title: Text::plain(entry.title.clone()),
        authors: entry.author.iter().map(|name| Person { name: name.clone(), ..Person::default() }).collect(),
        id: entry.id(),
        updated: entry.updated.fixed_offset(),
        published: Some(entry.published.fixed_offset()),
        categories: entry.tags.iter().map(|tag| Category { term: tag.clone(), ..Category::default() }).collect(),
        links: [alternate(entry.url.clone())].into_iter().chain(enclosures).collect(),
        content: Some(content),
        ..atom_syndication::Entry::default()
    }
}

/// Where a reader goes. It says no type: readers open what is HTML or does not say, and of anything else fall back to the identifier.
fn alternate(href: String) -> Link {
    Link { href, rel: "alternate".to_owned(), ..Link::default() }
}

fn link(rel: &str, href: String, media_type: &str) -> Link {
    Link { href, rel: rel.to_owned(), mime_type: Some(media_type.to_owned()), ..Link::default() }
}
