//! Markdown to HTML that is safe wherever it lands, and to plain text for pushes and mails.

mod links;
mod plain;

pub use plain::{to_plain, to_text};

use pulldown_cmark::{Event, Options, Parser, Tag, TextMergeStream};
use std::collections::{HashMap, HashSet};
use unicode_segmentation::UnicodeSegmentation;

/// The longest text that is rendered, in characters.
pub const LONGEST: usize = 20_000;

/// How deep quotes and lists may nest. Beyond it a text is refused.
const DEEPEST: usize = 16;

/// The most cells of all tables, with those that short rows are filled up with. Beyond it a text is refused.
const MOST_CELLS: usize = 2_000;

/// The sanitised HTML of a text: headings, emphasis, lists, quotes, code, tables and links, also those of addresses that stand in it
/// bare. HTML in the text stays text, images and everything else active is dropped.
pub fn to_html(markdown: &str) -> String {
    let mut html = String::with_capacity(markdown.len() * 2);
    pulldown_cmark::html::push_html(&mut html, links::linked(events(markdown)));
    let tags = [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ];
    ammonia::Builder::empty()
        .tags(HashSet::from(tags))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"])), ("ol", HashSet::from(["start"]))]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .clean(&html)
        .to_string()
}

/// What a text consists of. HTML in it is text.
fn events(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    let parser = Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES);
    TextMergeStream::new(parser.map(|event| match event {
        Event::Html(html) | Event::InlineHtml(html) => Event::Text(html),
        other => other,
    }))
}

/// A text of at most `most` characters, ending in an ellipsis where something was cut off. It is cut between what readers see as
/// characters (grapheme clusters, UAX 29): no family loses a child, and no letter its accent.
pub fn shortened(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    let mut left = most.saturating_sub(1);
    let fits = |cluster: &&str| {
        let length = cluster.chars().count();
        let fits = length <= left;
        left = left.saturating_sub(length);
        fits
    };
    let kept: usize = text.graphemes(true).take_while(fits).map(str::len).sum();
    format!("{}…", text[..kept].trim_end())
}

/// Whether quotes and lists nest deeper than is rendered, or tables have more cells.
pub fn nests_too_deep(markdown: &str) -> bool {
    let (mut depth, mut cells) = (0usize, 0usize);
    events(markdown).any(|event| {
        match event {
            Event::Start(tag) => {
                depth += 1;
                cells += usize::from(tag == Tag::TableCell);
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > DEEPEST || cells > MOST_CELLS
    })
}
