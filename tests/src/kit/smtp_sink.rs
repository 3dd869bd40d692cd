//! A real SMTP server (RFC 5321) that keeps what it is sent, on a free port of 127.0.0.1.
//!
//! It stands for the municipality's mail server: it takes mail, is busy, or goes away in the middle of a sentence.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, crypto::ring::default_provider, pki_types};

pub use answer::Answer;
pub use mail::Mail;

mod answer;
mod mail;
mod session;
mod wire;

/// How long a story waits for a mail before it fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether connections can be encrypted, and whether a password is asked for.
#[derive(Clone)]
enum Security {
    /// Neither STARTTLS nor AUTH.
    None,
    /// STARTTLS, and AUTH after it.
    StartTls(TlsAcceptor),
    /// AUTH without STARTTLS: what a client sees when somebody on the way strips the offer.
    Stripped,
}

/// What has happened so far, and how to go on.
#[derive(Default)]
struct State {
    mails: Vec<Mail>,
    attempts: HashMap<String, usize>,
    answers: HashMap<String, Answer>,
    otherwise: Answer,
    refuses_greeting: bool,
    /// What MAIL FROM is answered, by sender, and for everybody else; how often each has been named.
    refuses: HashMap<String, &'static str>,
    refuses_all: Option<&'static str>,
    senders: HashMap<String, usize>,
    /// After so many mails a session is ended.
    patience: Option<usize>,
    sessions: usize,
    refuses_log_in: bool,
    passwords: Vec<String>,
    names: Vec<String>,
    open: usize,
    most_open: usize,
}

impl State {
    fn answer(&self, recipient: &str) -> Answer {
        let answer = self.answers.get(&recipient.to_ascii_lowercase());
        answer.copied().unwrap_or(self.otherwise)
    }
}

/// Counts a connection for as long as it is open.
struct Open(watch::Sender<State>);

impl Open {
    fn count(state: &watch::Sender<State>) -> Self {
        state.send_modify(|state| {
            state.open += 1;
            state.sessions += 1;
            state.most_open = state.most_open.max(state.open);
        });
        Open(state.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|state| state.open -= 1);
    }
}

/// The server. Dropping it closes the port and all connections.
pub struct SmtpSink {
    port: u16,
    state: watch::Sender<State>,
    ca_pem: Option<String>,
    server: JoinHandle<()>,
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl SmtpSink {
    /// A server in the clear without passwords, like a relay on the same machine.
    pub async fn start() -> SmtpSink {
        Self::serve(Security::None, None).await
    }

    /// A server with STARTTLS (RFC 3207) and a self-signed certificate for `127.0.0.1` and `localhost`.
    ///
    /// AUTH PLAIN and LOGIN (RFC 4954) take any password, but only after STARTTLS.
    pub async fn with_starttls() -> SmtpSink {
        let (acceptor, pem) = acceptor();
        Self::serve(Security::StartTls(acceptor), Some(pem)).await
    }

    /// A server that offers AUTH but no STARTTLS, as if somebody on the way had removed it.
    ///
    /// A careful client sends no password: [`SmtpSink::passwords_seen`] stays empty.
    pub async fn stripping_starttls() -> SmtpSink {
        Self::serve(Security::Stripped, None).await
    }

    async fn serve(security: Security, ca_pem: Option<String>) -> SmtpSink {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("a bound port").port();
        let state = watch::Sender::new(State::default());
        let shared = state.clone();
        let server = tokio::spawn(async move {
            let mut sessions = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                sessions.spawn(session::hold(stream, security.clone(), shared.clone()));
                while sessions.try_join_next().is_some() {}
            }
        });
        SmtpSink { port, state, ca_pem, server }
    }

    /// Where it listens: `smtp://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The certificate to trust, in PEM. Panics unless made by [`SmtpSink::with_starttls`].
    pub fn ca_pem(&self) -> &str {
        self.ca_pem.as_deref().expect("only a sink with STARTTLS has a certificate")
    }

    /// All accepted mails, in the order of their arrival.
    pub fn mails(&self) -> Vec<Mail> {
        self.state.borrow().mails.clone()
    }

    /// The accepted mails to one recipient of the envelope, ASCII case aside.
    pub fn mails_to(&self, address: &str) -> Vec<Mail> {
        let state = self.state.borrow();
        state.mails.iter().filter(|mail| mail.is_to(address)).cloned().collect()
    }

    /// How this recipient is answered from now on; it comes before [`SmtpSink::always`].
    pub fn on(&self, recipient: &str, answer: Answer) {
        self.state.send_modify(|state| {
            state.answers.insert(recipient.to_ascii_lowercase(), answer);
        });
    }

    /// How recipients without an answer of their own are answered from now on.
    pub fn always(&self, answer: Answer) {
        self.state.send_modify(|state| state.otherwise = answer);
    }

    /// Whether new connections are sent away with 421 4.3.2 instead of a greeting, from now on.
    pub fn refuse_greeting(&self, refuse: bool) {
        self.state.send_modify(|state| state.refuses_greeting = refuse);
    }

    /// From now on MAIL FROM this sender is answered with this line; with nothing, it is taken again.
    pub fn refuse_sender(&self, sender: &str, line: Option<&'static str>) {
        self.state.send_modify(|state| match line {
            Some(line) => drop(state.refuses.insert(sender.to_ascii_lowercase(), line)),
            None => drop(state.refuses.remove(&sender.to_ascii_lowercase())),
        });
    }

    /// From now on MAIL FROM anybody is answered with this line; with nothing, it is taken again.
    pub fn refuse_senders(&self, line: Option<&'static str>) {
        self.state.send_modify(|state| state.refuses_all = line);
    }

    /// Whether passwords are refused (535) from now on.
    pub fn refuse_log_in(&self, refuse: bool) {
        self.state.send_modify(|state| state.refuses_log_in = refuse);
    }

    /// From now on a session is ended with 421 at the mail after so many.
    pub fn ends_sessions_after(&self, mails: Option<usize>) {
        self.state.send_modify(|state| state.patience = mails);
    }

    /// How many MAIL FROM have named this sender, whatever the answer was.
    pub fn named(&self, sender: &str) -> usize {
        self.state.borrow().senders.get(&sender.to_ascii_lowercase()).copied().unwrap_or_default()
    }

    /// How many connections have been made.
    pub fn sessions(&self) -> usize {
        self.state.borrow().sessions
    }

    /// How many RCPT TO have named this recipient, whatever the answer was.
    pub fn attempts(&self, recipient: &str) -> usize {
        attempts(&self.state.borrow(), recipient)
    }

    /// The highest number of connections that were open at once.
    pub fn sessions_at_once(&self) -> usize {
        self.state.borrow().most_open
    }

    /// What clients have called themselves (EHLO), in order.
    pub fn names_heard(&self) -> Vec<String> {
        self.state.borrow().names.clone()
    }

    /// Every password a client has sent, encrypted or not, in order.
    pub fn passwords_seen(&self) -> Vec<String> {
        self.state.borrow().passwords.clone()
    }

    /// Resolves as soon as at least `n` mails have been accepted; panics after 30 s with those that were.
    pub async fn wait_for(&self, n: usize) {
        if !self.until(|state| state.mails.len() >= n).await {
            let mails = self.mails();
            let arrived: Vec<_> = mails.iter().map(|mail| (&mail.to, mail.subject())).collect();
            panic!("{n} mails were expected, {} have arrived: {arrived:#?}", arrived.len());
        }
    }

    /// Resolves as soon as one RCPT TO has named this recipient; panics after 30 s with those that were named.
    pub async fn wait_for_attempt(&self, recipient: &str) {
        if !self.until(|state| attempts(state, recipient) > 0).await {
            panic!("no attempt to reach {recipient}, only {:#?}", self.state.borrow().attempts);
        }
    }

    async fn until(&self, happened: impl FnMut(&State) -> bool) -> bool {
        let mut changes = self.state.subscribe();
        tokio::time::timeout(PATIENCE, changes.wait_for(happened)).await.is_ok()
    }
}

fn attempts(state: &State, recipient: &str) -> usize {
    state.attempts.get(&recipient.to_ascii_lowercase()).copied().unwrap_or_default()
}

/// TLS with a certificate made for this sink, and the certificate in PEM.
fn acceptor() -> (TlsAcceptor, String) {
    let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let key = pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .expect("the key of the certificate");
    (TlsAcceptor::from(Arc::new(config)), made.cert.pem())
}
