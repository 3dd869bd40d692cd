//! The words of a text: in short for pushes, and to be read as a whole where there is no HTML.

use super::{events, shortened};
use pulldown_cmark::{Event, Tag, TagEnd};

/// The words of a text, without marks, one paragraph a line, at most `most` characters.
pub fn to_plain(markdown: &str, most: usize) -> String {
    let mut plain = String::new();
    for event in events(markdown) {
        match event {
            Event::Text(text) | Event::Code(text) => plain.push_str(&text),
            Event::SoftBreak | Event::End(TagEnd::TableCell) => plain.push(' '),
            Event::HardBreak
            | Event::End(
                TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::TableHead | TagEnd::TableRow,
            ) => plain.push('\n'),
            _ => {}
        }
        if plain.chars().count() > most * 2 {
            break;
        }
    }
    let lines: Vec<&str> = plain.trim().lines().map(str::trim_end).collect();
    shortened(&lines.join("\n"), most)
}

/// A text to be read as it is: links keep their addresses, lists their numbers, tables are lines, and a blank line stands between
/// paragraphs.
pub fn to_text(markdown: &str) -> String {
    let mut reader = Reader::default();
    events(markdown).for_each(|event| reader.read(event));
    reader.flush();
    reader.out
}

/// What stands between two blocks.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    Line,
    Blank,
}

#[derive(Default)]
struct Reader {
    out: String,
    /// The words of the block that is being read.
    words: String,
    gap: Gap,
    /// What stood before the lines of the block above.
    above: String,
    /// What stands before the lines of quotes and lists that are open: in the first line, and in the others.
    margins: Vec<(String, String)>,
    /// The number of the next item of the lists that are open; none of one without numbers.
    lists: Vec<Option<u64>>,
    /// Of the links that are open, where their words begin and where they lead.
    links: Vec<(usize, String)>,
}

impl Reader {
    fn read(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.begin(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) => self.words.push_str(&text),
            Event::SoftBreak => self.words.push(' '),
            Event::HardBreak => self.words.push('\n'),
            Event::Rule => {
                self.flush();
                self.words.push_str("* * *");
                self.block(Gap::Blank);
            }
            _ => {}
        }
    }

    fn begin(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::BlockQuote(_) => {
                self.flush();
                self.margins.push(("> ".to_owned(), "> ".to_owned()));
            }
            Tag::List(first) => {
                self.flush();
                self.lists.push(first);
            }
            Tag::Item => {
                self.flush();
                let mark = self.lists.last_mut().and_then(Option::as_mut).map_or_else(
                    || "- ".to_owned(),
                    |number| {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    },
                );
                self.margins.push((mark.clone(), " ".repeat(mark.len())));
            }
            Tag::Link { dest_url, .. } => self.links.push((self.words.len(), dest_url.into_string())),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::HtmlBlock => self.block(Gap::Blank),
            TagEnd::BlockQuote(_) => {
                self.block(Gap::Blank);
                self.margins.pop();
            }
            TagEnd::Item => {
                self.flush();
                self.margins.pop();
            }
            TagEnd::List(_) => {
                self.lists.pop();
                if self.lists.is_empty() {
                    self.block(Gap::Blank);
                }
            }
            TagEnd::TableCell => self.words.push_str(" | "),
            TagEnd::TableHead | TagEnd::TableRow => {
                self.words.truncate(self.words.trim_end_matches([' ', '|']).len());
                self.flush();
            }
            TagEnd::Table => self.block(Gap::Blank),
            TagEnd::Link => self.end_link(),
            _ => {}
        }
    }

    /// Puts the address of a link behind its words, unless they say it.
    fn end_link(&mut self) {
        let Some((begins, target)) = self.links.pop() else { return };
        let target = target.trim_start_matches("mailto:").trim_start_matches("tel:");
        let web = target.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
        let says = self.words.get(begins..).is_some_and(|words| words.trim_end_matches('/').ends_with(web));
        let leads = ["https://", "http://"].iter().any(|scheme| target.starts_with(scheme)) || target.contains('@');
        if leads && !says {
            self.words.push_str(&format!(" ({target})"));
        }
    }

    /// Writes what was read as a block, with this gap behind it.
    fn block(&mut self, gap: Gap) {
        self.flush();
        self.gap = gap;
        self.above = self.margin();
    }

    /// What stands before lines that go on.
    fn margin(&self) -> String {
        self.margins.iter().map(|(_, rest)| rest.as_str()).collect()
    }

    fn flush(&mut self) {
        let words = std::mem::take(&mut self.words);
        if words.trim().is_empty() {
            return;
        }
        if !self.out.is_empty() {
            self.out.push('\n');
            if self.gap == Gap::Blank {
                // Between two paragraphs of one quote, the gap is quoted too.
                let (above, below) = (self.above.trim_end(), self.margin());
                self.out.push_str(if below.starts_with(above) { above } else { below.trim_end() });
                self.out.push('\n');
            }
        }
        self.gap = Gap::Line;
        for (at, line) in words.trim_end().split('\n').enumerate() {
            if at > 0 {
                self.out.push('\n');
            }
            for (first, rest) in &mut self.margins {
                self.out.push_str(first);
                first.clone_from(rest);
            }
            self.out.push_str(line.trim_end());
        }
    }
}
