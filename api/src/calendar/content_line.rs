//! Content lines (RFC 5545, section 3.1), put right where programs write them wrong: names of zones with colons and without quotation
//! marks, texts in the quoted-printable of old calendars, and times such as 24 o'clock. What is right stays as it is.

use super::lines::from_bytes;
use chrono::{NaiveDate, TimeDelta};

/// Properties whose values are times: none of these has a colon.
const TIMES: [&str; 6] = ["DTSTART", "DTEND", "DUE", "RDATE", "EXDATE", "RECURRENCE-ID"];

/// Parameters whose values are addresses, and so have a colon.
const ADDRESSES: [&str; 2] = ["ALTREP", "DIR"];

/// A line, cut into name, parameters and value.
struct ContentLine<'a> {
    name: &'a str,
    /// With the semicolon before them, or empty.
    parameters: &'a str,
    value: &'a str,
}

impl<'a> ContentLine<'a> {
    /// Cuts a line; one without a colon is no content line.
    fn of(line: &'a str) -> Option<Self> {
        let name_ends = line.find([':', ';'])?;
        let (name, rest) = line.split_at(name_ends);
        let colons: Vec<usize> = outside_quotes(rest, ':').collect();
        let first = *colons.first().or(rest.find(':').as_ref())?;
        let at = match TIMES.iter().any(|times| name.trim().eq_ignore_ascii_case(times)) {
            true if extended(&rest[first + 1..]).is_some() => first,
            true => colons.last().copied().unwrap_or(first),
            // The first colon is one of the address that comes last.
            false if names_address(&rest[..first]) => colons.get(1).copied().unwrap_or(first),
            false => first,
        };
        Some(Self { name: name.trim(), parameters: &rest[..at], value: &rest[at + 1..] })
    }

    fn is_time(&self) -> bool {
        TIMES.iter().any(|times| self.name.eq_ignore_ascii_case(times))
    }

    /// The parameters one by one, `NAME=value`.
    fn each_parameter(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let text = self.parameters;
        let cuts: Vec<usize> = outside_quotes(text, ';').chain([text.len()]).collect();
        let parts: Vec<&str> = cuts.windows(2).map(|cut| &text[cut[0] + 1..cut[1]]).collect();
        parts.into_iter()
    }

    fn has_parameter(&self, name: &str, value: &str) -> bool {
        self.each_parameter().filter_map(|one| one.split_once('=')).any(|(its_name, its_value)| {
            its_name.trim().eq_ignore_ascii_case(name) && its_value.trim().trim_matches('"').eq_ignore_ascii_case(value)
        })
    }
}

/// The property that a line is of.
pub fn name(line: &str) -> &str {
    line.split([':', ';']).next().unwrap_or("").trim()
}

/// The value of a line as it is written.
pub fn value(line: &str) -> &str {
    ContentLine::of(line).map_or("", |line| line.value.trim())
}

/// The value of one of the parameters of a line.
pub fn parameter<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let parameters = ContentLine::of(line)?.each_parameter();
    let mut values = parameters.filter_map(|one| one.split_once('='));
    values
        .find(|(its_name, _)| its_name.trim().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().trim_matches('"'))
}

/// A line as RFC 5545 has it.
pub fn mended(line: String) -> String {
    let Some(parts) = ContentLine::of(&line) else { return line };
    if parts.is_time() {
        let parameters: String = parts.each_parameter().map(|one| format!(";{}", quoted(one))).collect();
        let value: Vec<String> = parts.value.split(',').map(time).collect();
        return format!("{}{parameters}:{}", parts.name, value.join(","));
    }
    if is_quoted_printable(&line) {
        let left = |one: &&str| !matches!(parameter_name(one).as_str(), "ENCODING" | "CHARSET" | "QUOTED-PRINTABLE");
        let parameters: String = parts.each_parameter().filter(left).map(|one| format!(";{one}")).collect();
        return format!("{}{parameters}:{}", parts.name, unquoted(parts.value));
    }
    if outside_quotes(parts.parameters, ':').next().is_some() {
        let parameters: String = parts.each_parameter().map(|one| format!(";{}", quoted(one))).collect();
        return format!("{}{parameters}:{}", parts.name, parts.value);
    }
    line
}

/// Whether a value is written as old calendars (vCalendar 1.0) do.
pub fn is_quoted_printable(line: &str) -> bool {
    let is = |line: ContentLine<'_>| {
        line.has_parameter("ENCODING", "QUOTED-PRINTABLE")
            || line.each_parameter().any(|one| one.trim().eq_ignore_ascii_case("QUOTED-PRINTABLE"))
    };
    ContentLine::of(line).is_some_and(is)
}

fn parameter_name(parameter: &str) -> String {
    parameter.split('=').next().unwrap_or("").trim().to_ascii_uppercase()
}

fn outside_quotes(text: &str, wanted: char) -> impl Iterator<Item = usize> {
    let mut quoted = false;
    let found = move |(at, c): (usize, char)| {
        quoted ^= c == '"';
        (c == wanted && !quoted).then_some(at)
    };
    text.char_indices().filter_map(found)
}

/// Whether parameters end with an address that is not in quotation marks.
fn names_address(parameters: &str) -> bool {
    let last = parameters.rsplit(';').next().unwrap_or("");
    ADDRESSES.contains(&parameter_name(last).as_str()) && !last.contains('"')
}

/// A parameter whose value is in quotation marks, if it needs them.
fn quoted(parameter: &str) -> String {
    match parameter.split_once('=') {
        Some((name, value)) if value.contains(':') && !value.contains('"') => format!("{name}=\"{value}\""),
        _ => parameter.to_owned(),
    }
}

/// One of the times of a value, or a period.
fn time(text: &str) -> String {
    let ends: Vec<String> = text.trim().split('/').map(|end| extended(end).unwrap_or_else(|| midnight(end))).collect();
    ends.join("/")
}

/// 24 o'clock as the next day's midnight; any other time as it is.
pub fn midnight(text: &str) -> String {
    let next_day = || {
        let (day, time) = text.split_once(['T', 't'])?;
        let (time, zone) = time.strip_suffix(['Z', 'z']).map_or((time, ""), |time| (time, "Z"));
        let is_24 = time.strip_prefix("24").is_some_and(|rest| rest.bytes().all(|digit| digit == b'0'));
        let day = NaiveDate::parse_from_str(day, "%Y%m%d").ok().filter(|_| is_24)?;
        Some(format!("{}T000000{zone}", day.checked_add_signed(TimeDelta::days(1))?.format("%Y%m%d")))
    };
    next_day().unwrap_or_else(|| text.to_owned())
}

/// A time with hyphens and colons (the extended format of ISO 8601) without them; nothing for what is none.
fn extended(text: &str) -> Option<String> {
    let text = text.trim();
    let (day, time) = text.split_at_checked(10)?;
    let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?.format("%Y%m%d");
    if time.is_empty() {
        return Some(day.to_string());
    }
    let (time, zone) =
        time.strip_prefix(['T', 't', ' '])?.split_at_checked(8).or(time.get(1..).map(|time| (time, "")))?;
    let digits: String = time.split(':').collect();
    let whole = matches!(digits.len(), 4 | 6) && digits.bytes().all(|digit| digit.is_ascii_digit());
    let zone = match zone.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|digit: char| digit.is_ascii_digit()),
        None => zone,
    };
    let zone = zone.replace(':', "").to_ascii_uppercase();
    whole.then(|| midnight(&format!("{day}T{digits:0<6}{zone}")))
}

/// A text out of its quoted-printable: UTF-8 if it is that, or else as Windows wrote. Its line breaks are as calendars write them.
fn unquoted(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, others @ ..] = rest {
        rest = others;
        let digits = others.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match digits.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| *byte == b'=') {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &others[2..];
            }
            None => bytes.push(*byte),
        }
    }
    let text = from_bytes(&bytes);
    text.replace("\r\n", "\n").replace(['\n', '\r'], "\\n")
}
