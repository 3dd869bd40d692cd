//! A mail as it arrived.

use mail_parser::{HeaderForm, HeaderValue, Message, MessageParser, PartType};

/// An accepted mail: envelope and content.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Reverse path of the envelope, without angle brackets; empty for `<>`.
    pub from: String,
    /// Accepted recipients of the envelope, as spelt by the client.
    pub to: Vec<String>,
    /// The message (RFC 5322) after dot-unstuffing, lines ending in CRLF.
    pub raw: Vec<u8>,
}

impl Mail {
    /// The decoded subject; empty if there is none.
    pub fn subject(&self) -> String {
        self.header("Subject").unwrap_or_default()
    }

    /// The last header of this name as a reader sees it: unfolded, encoded words decoded (RFC 2047).
    pub fn header(&self, name: &str) -> Option<String> {
        match self.message().header_as(name.to_owned(), HeaderForm::Text).pop()? {
            HeaderValue::Text(text) => Some(text.into_owned()),
            HeaderValue::TextList(texts) => Some(texts.join(" ")),
            _ => Some(String::new()),
        }
    }

    /// The header's value as it was sent: still folded and encoded, without the final CRLF.
    pub fn raw_header(&self, name: &str) -> Option<String> {
        let message = self.message();
        let value = message.header_raw(name.to_owned())?;
        Some(value.trim_start_matches(' ').trim_end_matches(['\r', '\n']).to_owned())
    }

    /// The decoded `text/plain` body; empty if there is none (HTML is not converted).
    pub fn text(&self) -> String {
        self.parts(|part| match part {
            PartType::Text(text) => Some(text.to_string()),
            _ => None,
        })
    }

    /// The decoded `text/html` body; empty if there is none (text is not converted).
    pub fn html(&self) -> String {
        self.parts(|part| match part {
            PartType::Html(html) => Some(html.to_string()),
            _ => None,
        })
    }

    /// The Message-ID without angle brackets; empty if there is none.
    pub fn message_id(&self) -> String {
        self.message().message_id().unwrap_or_default().to_owned()
    }

    /// Whether the envelope names this recipient, ASCII case aside.
    pub fn is_to(&self, address: &str) -> bool {
        self.to.iter().any(|to| to.eq_ignore_ascii_case(address))
    }

    fn parts(&self, pick: impl Fn(&PartType<'_>) -> Option<String>) -> String {
        self.message().parts.iter().find_map(|part| pick(&part.body)).unwrap_or_default()
    }

    fn message(&self) -> Message<'_> {
        MessageParser::default().parse(&self.raw).expect("an accepted mail has a header")
    }
}
