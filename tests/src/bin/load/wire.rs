//! HTTP/1.1, as little of it as it takes: a request is bytes, an answer has a status, a head and a body of known length.

use std::io::{Read, Write};
use std::net::TcpStream;

/// The longest answer.
pub const LONGEST: usize = 512 * 1024;

/// Where an answer ends, of which a part has arrived: its head, and all of it.
pub fn extent(bytes: &[u8]) -> Option<(usize, usize)> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head]).expect("a head in ASCII");
    Some((head, head + header(text, "content-length").parse::<usize>().unwrap_or_default()))
}

/// A header of a head, empty without it.
pub fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let fields = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    fields.into_iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
}

/// A GET request.
pub fn get(path: &str, encodings: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: dorf\r\naccept-encoding: {encodings}\r\n\r\n").into_bytes()
}

/// A connection that is used again and again.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A whole answer.
pub struct Reply {
    /// The status line and headers.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Wire {
    /// Connects.
    pub fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("Nagle's algorithm can be turned off");
        Self { stream, buffer: vec![0; LONGEST] }
    }

    /// Sends a request and waits for its answer, which must be a success.
    pub fn ask(&mut self, request: &[u8]) -> Reply {
        self.stream.write_all(request).expect("the server reads");
        let (mut filled, mut end) = (0, None);
        while end.is_none_or(|(_, end)| filled < end) {
            let read = self.stream.read(&mut self.buffer[filled..]).expect("the server answers");
            assert!(read > 0, "the server hung up: {}", String::from_utf8_lossy(&self.buffer[..filled]));
            filled += read;
            end = end.or_else(|| extent(&self.buffer[..filled]));
        }
        let (head, end) = end.unwrap_or_default();
        let text = String::from_utf8_lossy(&self.buffer[..head]).into_owned();
        let body = self.buffer[head..end].to_vec();
        assert!(text.starts_with("HTTP/1.1 2"), "{text}{}", String::from_utf8_lossy(&body));
        Reply { head: text, body }
    }

    /// Sends staff's JSON, `{}` for none.
    pub fn post(&mut self, path: &str, token: &str, condition: &str, body: &str) -> Reply {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: dorf\r\nauthorization: Bearer {token}\r\n{condition}content-type: \
             application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.ask(request.as_bytes())
    }

    /// Reads something of staff's.
    pub fn get(&mut self, path: &str, token: &str) -> Reply {
        self.ask(format!("GET {path} HTTP/1.1\r\nhost: dorf\r\nauthorization: Bearer {token}\r\n\r\n").as_bytes())
    }
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}
