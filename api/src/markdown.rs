//! Markdown to HTML that is safe wherever it lands, and to plain text for pushes and mails.

use pulldown_cmark::{Event, Options, Parser, TagEnd};
use std::collections::HashSet;
use unicode_segmentation::UnicodeSegmentation;

/// The longest text that is rendered, in characters.
pub const LONGEST: usize = 20_000;

/// How deep quotes and lists may nest. Beyond it a text is refused.
const DEEPEST: usize = 16;

/// The sanitised HTML of a text: headings, emphasis, lists, quotes, code and links. HTML in the text stays text, images and
/// everything else active is dropped.
pub fn to_html(markdown: &str) -> String {
    let events = Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH).map(|event| match event {
        Event::Html(html) | Event::InlineHtml(html) => Event::Text(html),
        other => other,
    });
    let mut html = String::with_capacity(markdown.len() * 2);
    pulldown_cmark::html::push_html(&mut html, events);
    let tags = HashSet::from([
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
        "ul",
    ]);
    ammonia::Builder::empty()
        .tags(tags)
        .tag_attributes(std::collections::HashMap::from([
            ("a", HashSet::from(["href"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .clean(&html)
        .to_string()
}

/// The words of a text, without marks, one paragraph a line, at most `most` characters.
pub fn to_plain(markdown: &str, most: usize) -> String {
    let mut plain = String::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                plain.push_str(&text);
            }
            Event::SoftBreak => plain.push(' '),
            Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item) => plain.push('\n'),
            _ => {}
        }
        if plain.chars().count() > most * 2 {
            break;
        }
    }
    shortened(plain.trim(), most)
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

/// Whether quotes and lists nest deeper than is rendered.
pub fn nests_too_deep(markdown: &str) -> bool {
    let mut depth = 0usize;
    Parser::new(markdown).any(|event| {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > DEEPEST
    })
}
