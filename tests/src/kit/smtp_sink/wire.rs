//! Lines in and replies out.

use std::io::{Error, ErrorKind, Result};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufStream};

/// Longest line taken, in octets, well above the 1000 of RFC 5321, section 4.5.3.1.6.
const LONGEST_LINE: u64 = 64 * 1024;

/// The server's end of a connection, in the clear or encrypted.
pub(super) struct Wire<S>(BufStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(super) fn new(stream: S) -> Self {
        Wire(BufStream::new(stream))
    }

    /// The bare stream; what was read ahead is lost.
    pub(super) fn into_inner(self) -> S {
        self.0.into_inner()
    }

    /// Sends a reply, CRLF added.
    pub(super) async fn say(&mut self, reply: &str) -> Result<()> {
        self.0.write_all(format!("{reply}\r\n").as_bytes()).await?;
        self.0.flush().await
    }

    /// The next line without its end.
    pub(super) async fn command(&mut self) -> Result<String> {
        let line = String::from_utf8(self.line().await?).map_err(Error::other)?;
        Ok(line.trim_end().to_owned())
    }

    /// The next line with its end; an error if the client is gone or the line is endless.
    pub(super) async fn line(&mut self) -> Result<Vec<u8>> {
        let mut line = vec![];
        (&mut self.0).take(LONGEST_LINE).read_until(b'\n', &mut line).await?;
        match line.last() {
            Some(b'\n') => Ok(line),
            _ => Err(ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Reads on without a word until the client gives up.
    pub(super) async fn ignore(&mut self) -> Result<()> {
        tokio::io::copy_buf(&mut self.0, &mut tokio::io::sink()).await?;
        Err(ErrorKind::UnexpectedEof.into())
    }
}
