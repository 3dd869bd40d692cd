//! Sessions with the mail server: opened when needed, used again, dropped when anything went wrong in them.
//!
//! lettre's own pool takes back a connection whose sending was abandoned in the middle, and its timeout covers connecting
//! only, so sessions are kept here and the whole of a sending is bounded.

use entity::Reason;
use lettre::address::Envelope;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use percent_encoding::percent_decode_str;
use reqwest::Url;
use std::io::ErrorKind;
use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// The mail server and how to log in to it.
pub struct Smtp {
    server: Server,
    timeout: Duration,
    idle: Mutex<Vec<AsyncSmtpConnection>>,
    entrance: Entrance,
}

/// How sessions are opened: one alone until the server has let one in, so that a log-in that it refuses is tried once and not by
/// everybody at once; then as many as are wanted.
#[derive(Default)]
struct Entrance {
    alone: tokio::sync::Mutex<()>,
    lets_in: AtomicBool,
    failures: AtomicU64,
}

/// How often nobody was let in so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen(u64);

struct Server {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<Credentials>,
    hello: ClientId,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Security {
    /// TLS from the start.
    Tls,
    /// STARTTLS, or nothing leaves.
    StartTls,
    /// A server on this machine, or one that may be spoken to in the clear.
    None,
}

/// Why a mail was not taken over.
pub enum SendError {
    /// The server did not let us in: nobody's in particular.
    Server(SmtpError),
    /// It did not even let us speak in time.
    NoSession,
    /// Somebody else was not let in while this waited to be the next.
    NotTried,
    /// The server refused this sender.
    Sender(SmtpError),
    /// The server refused this recipient or mail, or the connection broke over it.
    Recipient(SmtpError),
    /// It took too long over this mail.
    Timeout,
}

impl Smtp {
    /// Takes the server from its URL.
    ///
    /// # Errors
    /// Says what is wrong with the URL.
    pub fn new(url: &str, timeout: Duration) -> Result<Self, String> {
        Ok(Self { server: Server::parse(url)?, timeout, idle: Mutex::default(), entrance: Entrance::default() })
    }

    /// Calls itself so to the server, instead of by the machine's name.
    pub fn called(mut self, name: Option<String>) -> Self {
        if let Some(name) = name {
            self.server.hello = ClientId::Domain(name);
        }
        self
    }

    /// Sends one mail, in an idle session or a new one. A session that was ended since it was used is replaced without counting
    /// as a failure.
    ///
    /// # Errors
    /// Why the mail was not taken over.
    pub async fn send(&self, envelope: &Envelope, mail: &[u8], seen: Seen) -> Result<(), SendError> {
        let end = Instant::now() + self.timeout;
        if let Some(session) = self.idle_session(end).await {
            let sent = self.send_in(session, envelope, mail, end).await;
            // A server that ends a session after so many mails says so to the next.
            if !matches!(&sent, Err(SendError::Sender(error)) if has_ended(error)) {
                return sent;
            }
        }
        let session = self.new_session(end, seen).await?;
        self.send_in(session, envelope, mail, end).await
    }

    async fn send_in(
        &self,
        mut session: AsyncSmtpConnection,
        envelope: &Envelope,
        mail: &[u8],
        end: Instant,
    ) -> Result<(), SendError> {
        let sent = tokio::time::timeout_at(end, transact(&mut session, envelope, mail)).await;
        match sent.unwrap_or(Err(SendError::Timeout)) {
            Ok(()) => {
                if let Ok(mut idle) = self.idle.lock() {
                    idle.push(session);
                }
                Ok(())
            }
            // A session that did not answer is not waited for once more.
            Err(SendError::Timeout) => Err(SendError::Timeout),
            Err(error) => {
                let _ = tokio::time::timeout_at(end, session.abort()).await;
                Err(error)
            }
        }
    }

    async fn idle_session(&self, end: Instant) -> Option<AsyncSmtpConnection> {
        let mut idle = self.take_idle()?;
        let connected = tokio::time::timeout_at(end, idle.test_connected()).await;
        connected.unwrap_or(false).then_some(idle)
    }

    /// What somebody has seen of it who is about to send.
    pub fn seen(&self) -> Seen {
        Seen(self.entrance.failures.load(Ordering::SeqCst))
    }

    async fn new_session(&self, end: Instant, seen: Seen) -> Result<AsyncSmtpConnection, SendError> {
        let alone = if self.entrance.lets_in.load(Ordering::SeqCst) {
            None
        } else {
            let waited = tokio::time::timeout_at(end, self.entrance.alone.lock()).await;
            Some(waited.map_err(|_| SendError::NotTried)?)
        };
        if alone.is_some() && self.seen() != seen {
            return Err(SendError::NotTried);
        }
        let alone = alone.filter(|_| !self.entrance.lets_in.load(Ordering::SeqCst));
        let opened = tokio::time::timeout_at(end, self.server.connect(self.timeout)).await;
        let opened = opened.map_err(|_| SendError::NoSession).and_then(|opened| opened.map_err(SendError::Server));
        self.entrance.lets_in.store(opened.is_ok(), Ordering::SeqCst);
        if opened.is_err() {
            self.entrance.failures.fetch_add(1, Ordering::SeqCst);
        }
        drop(alone);
        opened
    }

    fn take_idle(&self) -> Option<AsyncSmtpConnection> {
        self.idle.lock().ok()?.pop()
    }

    /// Ends the idle sessions.
    pub async fn close(&self) {
        while let Some(mut session) = self.take_idle() {
            session.abort().await;
        }
    }
}

/// One mail transaction (RFC 5321, section 3.3), step by step, so that a refusal can be told by what was refused.
async fn transact(session: &mut AsyncSmtpConnection, envelope: &Envelope, mail: &[u8]) -> Result<(), SendError> {
    session.command(Mail::new(envelope.from().cloned(), vec![])).await.map_err(sender_refused)?;
    for recipient in envelope.to() {
        session.command(Rcpt::new(recipient.clone(), vec![])).await.map_err(SendError::Recipient)?;
    }
    session.command(Data).await.map_err(SendError::Recipient)?;
    session.message(mail).await.map_err(SendError::Recipient).map(drop)
}

/// A refused `MAIL FROM` is about this sender, unless the server wants us to log in first (530).
fn sender_refused(error: SmtpError) -> SendError {
    let wants_log_in = error.status().is_some_and(|code| code.to_string() == "530");
    if wants_log_in { SendError::Server(error) } else { SendError::Sender(error) }
}

/// Whether the server has ended the session, or says that it does (421): nothing has been handed over in it.
fn has_ended(error: &SmtpError) -> bool {
    error.status().is_none_or(|code| code.to_string() == "421")
}

impl Server {
    fn parse(url: &str) -> Result<Self, String> {
        let parsed = Url::parse(url).map_err(|error| format!("is not a URL: {error}"))?;
        let host = parsed.host_str().filter(|host| !host.is_empty()).ok_or("names no server")?.to_owned();
        let said = parsed.query_pairs().find(|(key, _)| key == "tls").map(|(_, value)| value.into_owned());
        let security = match (parsed.scheme(), said.as_deref()) {
            ("smtps", _) => Security::Tls,
            ("smtp", Some("required")) => Security::StartTls,
            ("smtp", Some("none")) => Security::None,
            ("smtp", Some(_)) => return Err("says neither ?tls=required nor ?tls=none".to_owned()),
            ("smtp", None) if is_loopback(&host) => Security::None,
            ("smtp", None) if parsed.password().is_some() => {
                return Err("sends a password in the clear: use smtps:// or add ?tls=required".to_owned());
            }
            ("smtp", None) => {
                return Err("sends in the clear over the network: use smtps:// or add ?tls=required; ?tls=none if that is meant"
                    .to_owned());
            }
            _ => return Err("begins with neither smtp: nor smtps:".to_owned()),
        };
        let port = parsed.port().unwrap_or(match security {
            Security::Tls => 465,
            Security::StartTls => 587,
            Security::None => 25,
        });
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let credentials =
            parsed.password().map(|password| Credentials::new(decoded(parsed.username()), decoded(password)));
        if credentials.is_some() && security == Security::None {
            return Err("would send a password in the clear: use smtps:// or add ?tls=required".to_owned());
        }
        Ok(Self { host, port, security, credentials, hello: ClientId::default() })
    }

    async fn connect(&self, timeout: Duration) -> Result<AsyncSmtpConnection, SmtpError> {
        let hello = &self.hello;
        let address = (self.host.as_str(), self.port);
        let tls = match self.security {
            Security::None => None,
            Security::Tls | Security::StartTls => Some(TlsParameters::new(self.host.clone())?),
        };
        let from_start = tls.clone().filter(|_| self.security == Security::Tls);
        let mut session = AsyncSmtpConnection::connect_tokio1(address, Some(timeout), hello, from_start, None).await?;
        if let (Security::StartTls, Some(tls)) = (self.security, tls) {
            session.starttls(tls, hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            session.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await?;
        }
        Ok(session)
    }
}

/// Why the mail server takes nothing from us, as far as its answer or the way to it tell.
pub fn reason(error: &SmtpError) -> Reason {
    if error.status().is_some() {
        return if error.is_permanent() { Reason::Unauthorised } else { Reason::Unavailable };
    }
    let text = error.to_string();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(broken) = error.downcast_ref::<std::io::Error>() {
            let is_tls = broken.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
            match broken.kind() {
                _ if is_tls => return Reason::TlsFailed,
                ErrorKind::ConnectionRefused => return Reason::ConnectionRefused,
                ErrorKind::TimedOut => return Reason::Timeout,
                // What the system's resolver says carries neither a kind nor a number.
                _ if text.contains("lookup address") => return Reason::ServerUnknown,
                _ => {}
            }
        }
        cause = error.source();
    }
    if error.is_tls() || text.contains("STARTTLS") { Reason::TlsFailed } else { Reason::ConnectionLost }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Checks `mail.smtp_url`; empty is fine, mails then go into a folder.
///
/// # Errors
/// Says what is wrong with it, without repeating it: it may hold a password.
pub fn check_smtp_url(url: &str) -> Result<(), String> {
    if url.is_empty() { Ok(()) } else { Server::parse(url).map(drop) }
}
