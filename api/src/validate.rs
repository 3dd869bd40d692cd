//! What a text may look like before it is stored or sent: collects every fault of a body, each with its JSON pointer.

use crate::mail_address::MailAddress;
use crate::problem::{Fault, Problem};
use crate::text::{Text, visible};

/// Collects the faults of one body.
#[derive(Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Notes a fault.
    pub fn add(&mut self, pointer: impl Into<String>, de: impl Into<String>, en: impl Into<String>) {
        self.note(pointer, Text::new(de.into(), en.into()));
    }

    /// Notes a fault that is told in these words.
    pub fn note(&mut self, pointer: impl Into<String>, detail: Text) {
        self.0.push(Fault { pointer: pointer.into(), detail });
    }

    /// How much was at fault so far.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Gives the value if nothing was at fault.
    ///
    /// # Errors
    /// 422 with every fault.
    pub fn into_result<T>(self, value: T) -> Result<T, Problem> {
        if self.0.is_empty() { Ok(value) } else { Err(Problem::unprocessable(self.0)) }
    }

    /// A text of one line: `least` to `most` characters after trimming, no control characters or line separators,
    /// and nothing that no reader sees. Every name and title is one.
    pub fn line(&mut self, pointer: &str, text: &str, least: usize, most: usize) -> String {
        let text = text.trim();
        if text.chars().any(is_control) {
            self.add(
                pointer,
                "enthält Steuerzeichen oder Zeilenumbrüche",
                "contains control characters or line breaks",
            );
        } else if visible(text) != text {
            self.add(
                pointer,
                "enthält unsichtbare Zeichen oder solche, die die Schreibrichtung ändern",
                "contains invisible characters, or some that turn the direction of writing",
            );
        }
        self.length(pointer, text, least, most);
        text.to_owned()
    }

    /// A text of several lines: `least` to `most` characters, no control characters but line feed and tab.
    pub fn paragraphs(&mut self, pointer: &str, text: &str, least: usize, most: usize) -> String {
        let text = text.replace("\r\n", "\n");
        if text.chars().any(|c| is_control(c) && !matches!(c, '\n' | '\t' | '\u{2028}' | '\u{2029}')) {
            self.add(pointer, "enthält Steuerzeichen", "contains control characters");
        }
        self.length(pointer, text.trim(), least, most);
        text
    }

    /// A name in URLs: 2 to 64 of a–z, 0–9 and single hyphens between them.
    pub fn slug(&mut self, pointer: &str, text: &str) -> String {
        let fits = (2..=64).contains(&text.len())
            && text.split('-').all(|part| {
                !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            });
        if !fits {
            self.add(
                pointer,
                "muss aus 2 bis 64 Zeichen a–z, 0–9 und einzelnen Bindestrichen bestehen",
                "must be 2 to 64 characters of a-z, 0-9 and single hyphens",
            );
        }
        text.to_owned()
    }

    /// The address of a mailbox, with its domain in ASCII and lower case.
    pub fn address(&mut self, pointer: &str, text: &str) -> String {
        MailAddress::parse(text).map(MailAddress::into_text).unwrap_or_else(|why| {
            self.note(pointer, why);
            text.trim().to_owned()
        })
    }

    /// A new password: `least` characters or more, at most [`crate::password::LONGEST`] bytes, and none that is guessed early by
    /// somebody who knows what is said in `about`.
    pub fn password(&mut self, pointer: &str, text: &str, least: usize, about: &[&str]) {
        if text.len() > crate::password::LONGEST {
            let most = crate::password::LONGEST;
            self.add(pointer, format!("ist länger als {most} Bytes"), format!("is longer than {most} bytes"));
        } else if text.chars().count() < least {
            self.add(pointer, format!("ist kürzer als {least} Zeichen"), format!("is shorter than {least} characters"));
        } else if crate::password::is_known(text, about) {
            self.add(
                pointer,
                "ist allgemein bekannt oder leicht zu erraten; nehmen Sie mehrere Wörter, die nicht zusammengehören",
                "is widely known or easily guessed; take several words that do not belong together",
            );
        }
    }

    fn length(&mut self, pointer: &str, text: &str, least: usize, most: usize) {
        let length = text.chars().count();
        if length < least {
            self.add(pointer, "fehlt", "is missing");
        } else if length > most {
            self.add(
                pointer,
                format!("ist mit {length} Zeichen länger als {most}"),
                format!("has {length} characters, more than {most}"),
            );
        }
    }
}

/// Control characters, and the line and paragraph separators that some readers take for a new line.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}
