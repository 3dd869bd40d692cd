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
use std::time::Duration;

/// The mail server and how to log in to it.
pub struct Smtp {
    server: Server,
    timeout: Duration,
    idle: Mutex<Vec<AsyncSmtpConnection>>,
}

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
    /// The whole of it took too long.
    Timeout,
    /// The server did not let us in or does not take mails from us: nobody's in particular.
    Server(SmtpError),
    /// The server refused this sender, recipient or mail, or the connection broke over it.
    Recipient(SmtpError),
}

impl Smtp {
    /// Takes the server from its URL.
    ///
    /// # Errors
    /// Says what is wrong with the URL.
    pub fn new(url: &str, timeout: Duration) -> Result<Self, String> {
        Ok(Self { server: Server::parse(url)?, timeout, idle: Mutex::default() })
    }

    /// Calls itself so to the server, instead of by the machine's name.
    pub fn called(mut self, name: Option<String>) -> Self {
        if let Some(name) = name {
            self.server.hello = ClientId::Domain(name);
        }
        self
    }

    /// Sends one mail, in an idle session or a new one. A session that was closed while idle is replaced without counting
    /// as a failure.
    ///
    /// # Errors
    /// Why the mail was not taken over.
    pub async fn send(&self, envelope: &Envelope, mail: &[u8]) -> Result<(), SendError> {
        match tokio::time::timeout(self.timeout, self.send_in_session(envelope, mail)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(SendError::Timeout),
        }
    }

    async fn send_in_session(&self, envelope: &Envelope, mail: &[u8]) -> Result<(), SendError> {
        let mut session = self.session().await.map_err(SendError::Server)?;
        if let Err(error) = transact(&mut session, envelope, mail).await {
            session.abort().await;
            return Err(error);
        }
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(session);
        }
        Ok(())
    }

    async fn session(&self) -> Result<AsyncSmtpConnection, SmtpError> {
        if let Some(mut idle) = self.take_idle()
            && idle.test_connected().await
        {
            return Ok(idle);
        }
        self.server.connect(self.timeout).await
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

/// A refused `MAIL FROM`: for good, it is this sender that the server does not want, and no other village's mail suffers for
/// it; unless the server wants us to log in (530) or refuses everybody for now.
fn sender_refused(error: SmtpError) -> SendError {
    let wants_log_in = error.status().is_some_and(|code| code.to_string() == "530");
    if error.is_permanent() && !wants_log_in { SendError::Recipient(error) } else { SendError::Server(error) }
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
