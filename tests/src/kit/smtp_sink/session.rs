//! One connection: the conversation of RFC 5321, with STARTTLS (RFC 3207) and AUTH (RFC 4954).

use std::io::{Error, ErrorKind, Result};
use std::mem::take;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::wire::Wire;
use super::{Answer, Mail, Open, Security, State};

/// Largest mail taken, in octets; announced as SIZE (RFC 1870).
const LARGEST: usize = 10 * 1024 * 1024;

/// Serves a connection until either side ends it; a broken one simply ends.
pub(super) async fn hold(stream: TcpStream, security: Security, state: watch::Sender<State>) {
    let _open = Open::count(&state);
    let mut session = Session::new(stream, security.clone(), state.clone());
    let Ok(End::StartTls) = session.greet_and_converse().await else {
        return;
    };
    let Security::StartTls(acceptor) = security else {
        return;
    };
    // Whatever the client has sent ahead of the handshake is thrown away with the buffer (RFC 3207, section 4.2).
    let Ok(stream) = acceptor.accept(session.wire.into_inner()).await else {
        return;
    };
    let mut session = Session::new(stream, Security::None, state);
    session.encrypted = true;
    let _ = session.converse().await;
}

/// How a conversation ended.
enum End {
    Closed,
    StartTls,
}

struct Session<S> {
    wire: Wire<S>,
    security: Security,
    encrypted: bool,
    state: watch::Sender<State>,
    from: Option<String>,
    to: Vec<String>,
    fate: Answer,
    /// How many mails have been begun in it.
    begun: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    fn new(stream: S, security: Security, state: watch::Sender<State>) -> Self {
        let (wire, from, to, fate) = (Wire::new(stream), None, vec![], Answer::Accept);
        Session { wire, security, encrypted: false, state, from, to, fate, begun: 0 }
    }

    async fn greet_and_converse(&mut self) -> Result<End> {
        if self.state.borrow().refuses_greeting {
            self.wire.say("421 4.3.2 Not now").await?;
            return Ok(End::Closed);
        }
        self.wire.say("220 sink.test ESMTP").await?;
        self.converse().await
    }

    async fn converse(&mut self) -> Result<End> {
        loop {
            let line = self.wire.command().await?;
            let (verb, argument) = line.split_once(' ').unwrap_or((&line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" => {
                    self.state.send_modify(|state| state.names.push(argument.to_owned()));
                    self.introduce().await?;
                }
                "HELO" => self.wire.say("250 sink.test").await?,
                "MAIL" => self.mail(argument).await?,
                "RCPT" => self.rcpt(argument).await?,
                "DATA" => self.data().await?,
                "AUTH" => self.auth(argument).await?,
                "RSET" => {
                    self.forget();
                    self.wire.say("250 2.0.0 Forgotten").await?;
                }
                "NOOP" => self.wire.say("250 2.0.0 Nothing done").await?,
                "VRFY" => self.wire.say("252 2.5.0 Try it").await?,
                "STARTTLS" if matches!(self.security, Security::StartTls(_)) => {
                    self.wire.say("220 2.0.0 Go ahead").await?;
                    return Ok(End::StartTls);
                }
                "QUIT" => {
                    self.wire.say("221 2.0.0 Bye").await?;
                    return Ok(End::Closed);
                }
                _ => self.wire.say("502 5.5.1 Not implemented").await?,
            }
        }
    }

    async fn introduce(&mut self) -> Result<()> {
        self.forget();
        let security = match self.security {
            Security::StartTls(_) => "250-STARTTLS\r\n",
            Security::None if !self.encrypted => "",
            _ => "250-AUTH PLAIN LOGIN\r\n",
        };
        self.wire.say(&format!(
            "250-sink.test\r\n{security}250-SIZE {LARGEST}\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SMTPUTF8"
        ))
        .await
    }

    async fn mail(&mut self, argument: &str) -> Result<()> {
        if self.from.is_some() {
            return self.wire.say("503 5.5.1 One mail at a time").await;
        }
        let Some(from) = path(argument, "FROM:") else {
            return self.wire.say("501 5.5.4 MAIL FROM:<address>").await;
        };
        let mut refusal = None;
        self.state.send_modify(|state| {
            *state.senders.entry(from.to_ascii_lowercase()).or_default() += 1;
            refusal = state.refuses.get(&from.to_ascii_lowercase()).or(state.refuses_all.as_ref()).copied();
        });
        if let Some(refusal) = refusal {
            return self.wire.say(refusal).await;
        }
        self.begun += 1;
        if self.state.borrow().patience.is_some_and(|patience| self.begun > patience) {
            self.wire.say("421 4.7.0 Too many mails in this session").await?;
            return Err(ErrorKind::ConnectionAborted.into());
        }
        self.from = Some(from);
        self.wire.say("250 2.1.0 Sender ok").await
    }

    async fn rcpt(&mut self, argument: &str) -> Result<()> {
        if self.from.is_none() {
            return self.wire.say("503 5.5.1 MAIL FROM first").await;
        }
        let Some(to) = path(argument, "TO:").filter(|to| !to.is_empty()) else {
            return self.wire.say("501 5.5.4 RCPT TO:<address>").await;
        };
        let mut answer = Answer::Accept;
        self.state.send_modify(|state| {
            *state.attempts.entry(to.to_ascii_lowercase()).or_default() += 1;
            answer = state.answer(&to);
        });
        match answer {
            Answer::Busy => self.wire.say("450 4.2.0 Mailbox busy").await,
            Answer::LocalError => self.wire.say("451 4.3.0 Local error").await,
            Answer::Says(line) => self.wire.say(line).await,
            Answer::Unknown => self.wire.say("550 5.1.1 No such mailbox").await,
            Answer::Blocked => self.wire.say("550 5.7.1 Refused by policy").await,
            Answer::Hang => self.wire.ignore().await,
            Answer::Accept | Answer::DropInData | Answer::DropAfterData => {
                self.to.push(to);
                if answer != Answer::Accept {
                    self.fate = answer;
                }
                self.wire.say("250 2.1.5 Recipient ok").await
            }
        }
    }

    async fn data(&mut self) -> Result<()> {
        if self.to.is_empty() {
            return self.wire.say("503 5.5.1 RCPT TO first").await;
        }
        self.wire.say("354 End with CRLF.CRLF").await?;
        let (mut raw, mut bare) = (vec![], false);
        loop {
            let line = self.wire.line().await?;
            if self.fate == Answer::DropInData {
                return Err(ErrorKind::ConnectionAborted.into());
            }
            match line.as_slice() {
                b".\r\n" => break,
                [b'.', rest @ ..] => raw.extend_from_slice(rest),
                whole => raw.extend_from_slice(whole),
            }
            // A lone LF or CR is how a second mail is smuggled in (RFC 5321, section 2.3.8).
            bare |= !line.ends_with(b"\r\n") || line[..line.len() - 2].contains(&b'\r');
            raw.truncate(LARGEST + 1);
        }
        if bare || raw.is_empty() || raw.len() > LARGEST {
            self.forget();
            return self.wire.say("554 5.6.0 Empty, too large, or a bare CR or LF").await;
        }
        let mail = Mail { from: self.from.take().unwrap_or_default(), to: take(&mut self.to), raw };
        self.state.send_modify(|state| state.mails.push(mail));
        if self.fate == Answer::DropAfterData {
            return Err(ErrorKind::ConnectionAborted.into());
        }
        self.forget();
        self.wire.say("250 2.0.0 Kept").await
    }

    async fn auth(&mut self, argument: &str) -> Result<()> {
        let (mechanism, initial) = argument.split_once(' ').unwrap_or((argument, ""));
        let password = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => {
                let all = self.response(initial, "").await?;
                all.rsplit('\0').next().unwrap_or_default().to_owned()
            }
            "LOGIN" => {
                self.response(initial, "VXNlcm5hbWU6").await?;
                self.response("", "UGFzc3dvcmQ6").await?
            }
            _ => return self.wire.say("504 5.5.4 PLAIN or LOGIN").await,
        };
        self.state.send_modify(|state| state.passwords.push(password));
        if !self.encrypted && !matches!(self.security, Security::Stripped) {
            return self.wire.say("538 5.7.11 Encrypt first").await;
        }
        if self.state.borrow().refuses_log_in {
            return self.wire.say("535 5.7.8 Wrong password").await;
        }
        self.wire.say("235 2.7.0 Welcome").await
    }

    /// The client's answer to a challenge, unless it came with the command.
    async fn response(&mut self, initial: &str, challenge: &str) -> Result<String> {
        let mut answer = initial.to_owned();
        if answer.is_empty() {
            self.wire.say(&format!("334 {challenge}")).await?;
            answer = self.wire.command().await?;
        }
        let plain = STANDARD.decode(answer).map_err(Error::other)?;
        String::from_utf8(plain).map_err(Error::other)
    }

    fn forget(&mut self) {
        (self.from, self.to, self.fate) = (None, vec![], Answer::Accept);
    }
}

/// The address in `FROM:<address> PARAMETERS`; the space some clients put before `<` is forgiven.
fn path(argument: &str, keyword: &str) -> Option<String> {
    let (start, rest) = argument.split_at_checked(keyword.len())?;
    let rest = rest.trim_start().strip_prefix('<').filter(|_| start.eq_ignore_ascii_case(keyword))?;
    rest.split_once('>').map(|(address, _)| address.to_owned())
}
