//! Cuts a calendar into its components, in one pass: folded lines are put together before their bytes are decoded, since folding
//! may cut a character in two; components inside others (alarms, rules of zones) are left out.

use super::{Refusal, Remark, SkipReason, content_line};
use mail_parser::decoders::charsets::map::charset_decoder;

/// Most components of a file, and most beginnings of components at any depth.
const MOST_COMPONENTS: u32 = 20_000;
const MOST_BEGINNINGS: u32 = 100_000;

/// Most lines and bytes of a component, and bytes of one line.
const MOST_LINES: u32 = 2_000;
const MOST_COMPONENT_BYTES: usize = 256 * 1024;
const MOST_LINE_BYTES: usize = 64 * 1024;

/// How deep components may lie inside one another.
const DEEPEST: usize = 8;

/// What a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// Something that happens.
    Event,
    /// The rules of a time zone.
    Zone,
    /// Anything else.
    Other,
}

/// A component as it stands in the file, without what is inside it.
pub struct Block {
    /// The how manieth it is, zones not counted, from 1.
    pub number: u32,
    /// What it is.
    pub kind: BlockKind,
    /// Its lines, unfolded.
    pub text: String,
    /// Of a zone, the lines of what is inside it.
    pub inside: String,
    /// Why it is not to be read.
    pub fault: Option<SkipReason>,
    /// Whether it is not for the public, which also what is too large says.
    pub is_private: bool,
}

/// A file that was cut.
pub struct Cut {
    /// Its components.
    pub blocks: Vec<Block>,
    /// What is odd about the whole.
    pub remarks: Vec<Remark>,
    /// Whether its end is there: what was cut off on its way has none.
    pub ended: bool,
    /// What it says of itself.
    pub about: About,
}

/// What a file says of itself, outside of its components.
#[derive(Default)]
pub struct About {
    /// The name of the zone that it says it is in (X-WR-TIMEZONE).
    pub zone: Option<String>,
    /// What is to be done with it (METHOD, RFC 5546), in capitals.
    pub method: Option<String>,
}

#[derive(Default)]
struct Cutting {
    ended: bool,
    about: About,
    blocks: Vec<Block>,
    open: Option<Open>,
    is_calendar: bool,
    components: u32,
    beginnings: u32,
}

struct Open {
    name: String,
    block: Block,
    depth: usize,
    lines: u32,
}

/// Cuts a file.
pub fn cut(bytes: &[u8]) -> Result<Cut, Refusal> {
    let mut remarks = Vec::new();
    let utf8 = utf16_as_utf8(bytes);
    if utf8.is_some() {
        note(&mut remarks, Remark::OtherEncoding);
    }
    let bytes = utf8.as_deref().unwrap_or(bytes);
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut cutting = Cutting::default();
    let ending = if bytes.contains(&b'\n') { b'\n' } else { b'\r' };
    let mut line: Vec<u8> = Vec::new();
    let mut too_long = false;
    for physical in bytes.split(|byte| *byte == ending) {
        let physical = physical.strip_suffix(b"\r").unwrap_or(physical);
        let goes_on = if goes_on_softly(&line) {
            line.pop();
            Some(physical)
        } else {
            physical.strip_prefix(b" ").or(physical.strip_prefix(b"\t"))
        };
        if let Some(rest) = goes_on {
            too_long |= line.len() + rest.len() > MOST_LINE_BYTES;
            if !too_long {
                line.extend_from_slice(rest);
            }
            continue;
        }
        cutting.line(&line, too_long, &mut remarks)?;
        line.clear();
        too_long = physical.len() > MOST_LINE_BYTES;
        line.extend_from_slice(&physical[..physical.len().min(MOST_LINE_BYTES)]);
    }
    cutting.line(&line, too_long, &mut remarks)?;
    cutting.close(Some(SkipReason::Unclosed));
    if cutting.is_calendar {
        Ok(Cut { blocks: cutting.blocks, remarks, ended: cutting.ended, about: cutting.about })
    } else {
        Err(Refusal::NotACalendar)
    }
}

impl Cutting {
    fn line(&mut self, bytes: &[u8], too_long: bool, remarks: &mut Vec<Remark>) -> Result<(), Refusal> {
        let line = content_line::mended(decoded(bytes, remarks));
        let value = content_line::value(&line);
        match content_line::name(&line).to_ascii_uppercase().as_str() {
            "BEGIN" => return self.begin(value.to_ascii_uppercase()),
            "END" => self.end(&value.to_ascii_uppercase()),
            "X-WR-TIMEZONE" if self.open.is_none() && !too_long => note_first(&mut self.about.zone, value),
            "METHOD" if self.open.is_none() => note_first(&mut self.about.method, &value.to_ascii_uppercase()),
            _ => self.property(&line, too_long),
        }
        Ok(())
    }

    fn begin(&mut self, name: String) -> Result<(), Refusal> {
        self.beginnings += 1;
        self.ended = false;
        if self.beginnings > MOST_BEGINNINGS {
            return Err(Refusal::TooManyComponents);
        }
        if name == "VCALENDAR" {
            self.is_calendar = true;
            self.close(Some(SkipReason::Unclosed));
            return Ok(());
        }
        let kind = match name.as_str() {
            "VEVENT" => BlockKind::Event,
            "VTIMEZONE" => BlockKind::Zone,
            _ => BlockKind::Other,
        };
        // Of what has a name that begins so, these lie inside others.
        let inside = matches!(name.as_str(), "VALARM" | "VLOCATION" | "VRESOURCE");
        let outermost = name.starts_with('V') && name.len() <= 13 && !inside;
        if let Some(open) = self.open.as_mut().filter(|_| !outermost) {
            open.depth += 1;
            open.note_inside(&format!("BEGIN:{name}"));
            if open.depth > DEEPEST {
                open.block.fault = Some(SkipReason::TooLarge);
            }
            return Ok(());
        }
        self.close(Some(SkipReason::Unclosed));
        self.is_calendar |= outermost;
        self.components += u32::from(kind != BlockKind::Zone);
        if self.components > MOST_COMPONENTS {
            return Err(Refusal::TooManyComponents);
        }
        let text = format!("BEGIN:{name}\r\n");
        let block =
            Block { number: self.components, kind, text, inside: String::new(), fault: None, is_private: false };
        self.open = Some(Open { name, block, depth: 0, lines: 0 });
        Ok(())
    }

    fn end(&mut self, name: &str) {
        self.ended |= name == "VCALENDAR";
        match self.open.as_mut() {
            Some(open) if open.name == name => self.close(None),
            Some(_) if name == "VCALENDAR" => self.close(Some(SkipReason::Unclosed)),
            Some(open) => open.depth = open.depth.saturating_sub(1),
            None => {}
        }
    }

    fn property(&mut self, line: &str, too_long: bool) {
        let Some(open) = self.open.as_mut() else { return };
        if open.depth > 0 {
            open.note_inside(line);
            return;
        }
        open.lines += 1;
        open.block.is_private |= super::grouping::is_private(line);
        let size = open.block.text.len() + line.len();
        if too_long || open.lines > MOST_LINES || size > MOST_COMPONENT_BYTES {
            open.block.fault = Some(SkipReason::TooLarge);
        } else if !line.trim().is_empty() {
            open.block.text.push_str(line);
            open.block.text.push_str("\r\n");
        }
    }

    fn close(&mut self, fault: Option<SkipReason>) {
        let Some(Open { name, mut block, .. }) = self.open.take() else { return };
        block.fault = block.fault.or(fault);
        block.text.push_str(&format!("END:{name}\r\n"));
        self.blocks.push(block);
    }
}

impl Open {
    /// Keeps what is inside a zone: a zone that nobody knows by its name is known by its rules.
    fn note_inside(&mut self, line: &str) {
        if self.block.kind == BlockKind::Zone && self.block.inside.len() + line.len() < MOST_LINE_BYTES {
            self.block.inside.push_str(line);
            self.block.inside.push('\n');
        }
    }
}

/// Whether a text in quoted-printable goes on in the next line, which is not folded.
fn goes_on_softly(line: &[u8]) -> bool {
    line.ends_with(b"=") && std::str::from_utf8(line).is_ok_and(content_line::is_quoted_printable)
}

fn note_first(noted: &mut Option<String>, value: &str) {
    noted.get_or_insert_with(|| value.to_owned());
}

/// The value of a property of a component, as it is written.
pub fn value_of(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find(|line| content_line::name(line).eq_ignore_ascii_case(name));
    line.map(|line| content_line::value(line).to_owned())
}

/// What a component that is not parsed is called.
pub fn summary(text: &str) -> String {
    let text = value_of(text, "SUMMARY").unwrap_or_default();
    text.replace("\\n", " ").replace("\\N", " ").replace("\\,", ",").replace("\\;", ";")
}

fn note(remarks: &mut Vec<Remark>, remark: Remark) {
    if !remarks.contains(&remark) {
        remarks.push(remark);
    }
}

/// A line as text: UTF-8, else what Windows wrote, line by line, since files mix them. Control characters are left out.
fn decoded(bytes: &[u8], remarks: &mut Vec<Remark>) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => {
            undoubled(text).inspect(|_| note(remarks, Remark::OtherEncoding)).unwrap_or_else(|| text.to_owned())
        }
        Err(_) => {
            note(remarks, Remark::OtherEncoding);
            windows(bytes)
        }
    };
    if !text.chars().any(is_control) {
        return text;
    }
    note(remarks, Remark::ControlCharacters);
    text.chars().filter(|c| !is_control(*c)).collect()
}

fn is_control(c: char) -> bool {
    c.is_control() && c != '\t'
}

/// Bytes as text: UTF-8 if they are that, else as Windows wrote.
pub fn from_bytes(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| windows(bytes), str::to_owned)
}

fn windows(bytes: &[u8]) -> String {
    match charset_decoder(b"windows-1252") {
        Some(decode) => decode(bytes),
        None => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// UTF-8 that somebody took for ISO 8859-1 and wrote as UTF-8 once more, as in `MÃ¼ll`, as it was before. `None` when it is not
/// that.
fn undoubled(text: &str) -> Option<String> {
    if !text.contains(['Ã', 'Â']) {
        return None;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(windows_byte).collect();
    String::from_utf8(bytes?).ok()
}

fn windows_byte(c: char) -> Option<u8> {
    match u32::from(c) {
        code @ (0..=0x7f | 0xa0..=0xff) => u8::try_from(code).ok(),
        _ => (0x80..=0x9f).find(|byte| windows(&[*byte]).starts_with(c)).or(u8::try_from(u32::from(c)).ok()),
    }
}

/// A file in UTF-16 that says so at its beginning, as UTF-8.
fn utf16_as_utf8(bytes: &[u8]) -> Option<Vec<u8>> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Some(text.into_bytes())
}
