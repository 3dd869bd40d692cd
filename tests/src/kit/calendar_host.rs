//! A web server that calendars are loaded from, and that can be as hostile as one can be.

use async_compression::tokio::write::GzipEncoder;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server has been asked, and what it answers.
#[derive(Default)]
struct Desk {
    calendar: String,
    asked: HashMap<String, usize>,
}

/// The server.
pub struct CalendarHost {
    desk: Arc<Mutex<Desk>>,
    origin: String,
}

impl CalendarHost {
    /// A running server.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let desk = Arc::new(Mutex::new(Desk::default()));
        let at_desk = desk.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, at_desk.clone()));
            }
        });
        Self { desk, origin }
    }

    /// Where it is.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What it has at `/good.ics` from now on.
    pub fn publishes(&self, calendar: &str) {
        self.desk.lock().expect("the desk").calendar = calendar.to_owned();
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        self.desk.lock().expect("the desk").asked.get(path).copied().unwrap_or(0)
    }
}

async fn answer(mut stream: TcpStream, desk: Arc<Mutex<Desk>>) {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => head.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split_whitespace().nth(1).unwrap_or("/").to_owned();
    let calendar = {
        let mut desk = desk.lock().expect("the desk");
        *desk.asked.entry(path.clone()).or_default() += 1;
        desk.calendar.clone()
    };
    // The other side may have hung up, which is its right.
    let _ = speak(&mut stream, &path, &head, &calendar).await;
}

async fn speak(stream: &mut TcpStream, path: &str, head: &str, calendar: &str) -> std::io::Result<()> {
    let length = |status: &str, headers: &str, length: usize| {
        format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n")
    };
    let redirect = |to: &str| length("302 Found", &format!("location: {to}\r\n"), 0);
    match path {
        "/good.ics" => {
            let etag = format!("\"{}\"", calendar.len());
            if head.contains(&format!("if-none-match: {etag}")) {
                return stream.write_all(length("304 Not Modified", "", 0).as_bytes()).await;
            }
            let head = length("200 OK", &format!("etag: {etag}\r\ncontent-type: text/calendar\r\n"), calendar.len());
            stream.write_all(format!("{head}{calendar}").as_bytes()).await
        }
        "/packed.ics" => {
            let packed = packed(calendar.as_bytes()).await;
            stream.write_all(length("200 OK", "content-encoding: gzip\r\n", packed.len()).as_bytes()).await?;
            stream.write_all(&packed).await
        }
        "/moved.ics" => stream.write_all(redirect("/good.ics").as_bytes()).await,
        "/circle.ics" => stream.write_all(redirect("/circle.ics").as_bytes()).await,
        "/inside.ics" => stream.write_all(redirect("http://127.0.0.1:1/good.ics").as_bytes()).await,
        "/metadata.ics" => stream.write_all(redirect("https://169.254.169.254/latest").as_bytes()).await,
        "/huge.ics" => stream.write_all(length("200 OK", "", 100 * 1024 * 1024).as_bytes()).await,
        "/bomb.ics" => {
            let packed = packed(&vec![b' '; 60 * 1024 * 1024]).await;
            stream.write_all(length("200 OK", "content-encoding: gzip\r\n", packed.len()).as_bytes()).await?;
            stream.write_all(&packed).await
        }
        "/endless.ics" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nBEGIN:VCALENDAR\r\n").await?;
            loop {
                stream.write_all(&b"X-ENDLESS:x\r\n".repeat(4096)).await?;
            }
        }
        "/drip.ics" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await?;
            let mut drip = tokio::time::interval(Duration::from_millis(50));
            loop {
                drip.tick().await;
                stream.write_all(b"B").await?;
            }
        }
        "/page.ics" => stream.write_all(format!("{}<html>", length("200 OK", "", 6)).as_bytes()).await,
        _ => stream.write_all(length("500 Internal Server Error", "", 0).as_bytes()).await,
    }
}

async fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzipEncoder::new(Vec::new());
    encoder.write_all(bytes).await.expect("it is packed");
    encoder.shutdown().await.expect("it is packed");
    encoder.into_inner()
}
