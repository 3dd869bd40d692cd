//! Addresses that stand in a text bare become links: of the web, with their scheme or `www.`, and mailboxes.

use linkify::{LinkFinder, LinkKind};
use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};
use reqwest::Url;

/// Quotation marks of print, which no address has.
const QUOTES: [char; 8] = ['„', '“', '”', '«', '»', '‚', '‘', '’'];

/// The same events, in which bare addresses are links; not within links, images and code.
pub fn linked<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let mut within = 0usize;
    events.flat_map(move |event| {
        match &event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => within += 1,
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => within = within.saturating_sub(1),
            Event::Text(text) if within == 0 => return pieces(text),
            _ => {}
        }
        vec![event]
    })
}

fn pieces<'a>(text: &str) -> Vec<Event<'a>> {
    let mut finder = LinkFinder::new();
    finder.url_must_have_scheme(false);
    let mut pieces = Vec::new();
    for span in finder.spans(text) {
        let (address, rest) = span.as_str().split_at(span.as_str().find(QUOTES).unwrap_or(span.as_str().len()));
        match span.kind().and_then(|kind| target(kind, address)) {
            Some(target) => pieces.extend([
                Event::Start(Tag::Link {
                    link_type: LinkType::Autolink,
                    dest_url: target.into(),
                    title: CowStr::Borrowed(""),
                    id: CowStr::Borrowed(""),
                }),
                Event::Text(address.to_owned().into()),
                Event::End(TagEnd::Link),
                Event::Text(rest.to_owned().into()),
            ]),
            None => pieces.push(Event::Text(span.as_str().to_owned().into())),
        }
    }
    pieces
}

/// Where an address leads. Of what has no scheme only `www.` is sure to be one: "z.B." and "Plan.pdf" are none.
fn target(kind: &LinkKind, address: &str) -> Option<String> {
    let begins = |start: &str| address.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start));
    match kind {
        LinkKind::Email => Some(format!("mailto:{address}")),
        _ if begins("https://") || begins("http://") => Some(in_ascii(address)),
        _ if begins("www.") => Some(in_ascii(&format!("https://{address}"))),
        _ => None,
    }
}

/// An address whose host has umlauts as every program reads it (IDNA).
fn in_ascii(address: &str) -> String {
    let parsed = Some(address).filter(|address| !address.is_ascii()).and_then(|address| Url::parse(address).ok());
    parsed.map_or_else(|| address.to_owned(), String::from)
}
