//! Sending by e-mail: the only file that makes mails and reads what mail servers say.

use super::club_letter;
use super::letter;
use super::retry::Retry;
use super::smtp::{self, SendError, Smtp};
use crate::app::App;
use crate::mail_address;
use crate::message::{MailText, Matter};
use crate::private::create_private_folder;
use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{AccountMail, Claimed, ClubLetter, Holder, Outcome, Reason, VillageRecord};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::{Address, Message};
use secrecy::ExposeSecret;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

/// For how long a mail server that takes no mails from us is left alone.
const PAUSE: TimeDelta = TimeDelta::seconds(30);

/// Sends mails: to the mail server, or into a folder until there is one.
pub struct Email {
    app: App,
    post_office: PostOffice,
    /// Until when the mail server is left alone, because it does not take mails from us.
    paused_until: Mutex<Option<DateTime<Utc>>>,
    /// The right side of `Message-ID`: the host of the public URL.
    host: String,
}

enum PostOffice {
    Smtp(Smtp),
    Folder(PathBuf),
}

impl Email {
    /// Opens the way to the mail server of the settings.
    ///
    /// # Errors
    /// When the settings or the folder cannot be used.
    pub fn new(app: App) -> anyhow::Result<Self> {
        let settings = &app.settings;
        let url = settings.mail.smtp_url.expose_secret();
        let post_office = if url.is_empty() {
            let folder = settings.data_dir.join("mail");
            create_private_folder(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
            PostOffice::Folder(folder)
        } else {
            let smtp = Smtp::new(url, Duration::from_secs(settings.mail.timeout_s));
            let smtp = smtp.map_err(|why| anyhow::anyhow!("wrong setting mail.smtp_url: {why}"))?;
            PostOffice::Smtp(smtp.called(settings.ehlo_name()))
        };
        let public = reqwest::Url::parse(&settings.public_url())?;
        let host = public.host_str().unwrap_or("localhost").trim_matches(['[', ']']).to_owned();
        Ok(Self { app, post_office, paused_until: Mutex::new(None), host })
    }

    /// Sends to one recipient.
    pub async fn send(&self, matter: &Matter, to: &Claimed) -> Outcome {
        let now = self.app.clock.now();
        let expires_at = matter.notification.expires_at;
        let retry = Retry { app: &self.app, attempt: to.attempt, expires_at, now };
        if let Some(until) = self.paused_until(now) {
            return retry.paused_until(until, Reason::Unavailable);
        }
        let message = match self.message(matter, to) {
            Ok(message) => message,
            Err(error) => {
                tracing::error!(%error, delivery = %to.id, "a mail could not be made");
                return Outcome::Refused(Reason::Unsendable);
            }
        };
        self.post(&message, &format!("{}-{}.eml", to.id, to.attempt), &retry).await
    }

    /// Sends a mail about an account.
    pub async fn send_letter(&self, claimed: &AccountMail) -> Outcome {
        let (mail, attempt, now) = (&claimed.mail, claimed.attempt, self.app.clock.now());
        let retry = Retry { app: &self.app, attempt, expires_at: mail.expires_at, now };
        self.try_letter(&retry, &mail.id.to_string(), || self.letter(claimed)).await
    }

    /// Sends a mail about a club, in the name of its village.
    pub async fn send_club_letter(&self, village: &VillageRecord, letter: &ClubLetter, attempt: i32) -> Outcome {
        let retry = Retry { app: &self.app, attempt, expires_at: letter.expires_at, now: self.app.clock.now() };
        self.try_letter(&retry, &letter.id.to_string(), || self.club_letter(village, letter)).await
    }

    async fn try_letter(&self, retry: &Retry<'_>, id: &str, make: impl FnOnce() -> anyhow::Result<Message>) -> Outcome {
        if let Some(until) = self.paused_until(retry.now) {
            return retry.paused_until(until, Reason::Unavailable);
        }
        match make() {
            Ok(message) => self.post(&message, &format!("{id}-{}.eml", retry.attempt), retry).await,
            Err(error) => {
                tracing::error!(%error, mail = %id, "a mail could not be made");
                Outcome::Refused(Reason::Unsendable)
            }
        }
    }

    /// Hands a mail to the mail server, or puts it into the folder under `name`.
    async fn post(&self, message: &Message, name: &str, retry: &Retry<'_>) -> Outcome {
        match &self.post_office {
            PostOffice::Smtp(smtp) => match smtp.send(message.envelope(), &message.formatted()).await {
                Ok(()) => Outcome::Sent,
                Err(SendError::Server(error)) => self.not_let_in(&error, retry),
                Err(SendError::Recipient(error)) => outcome(&error, retry),
                Err(SendError::Timeout) => retry.later(Reason::Timeout),
            },
            PostOffice::Folder(folder) => {
                let path = folder.join(name);
                match write_whole(&path, &message.formatted()).await {
                    Ok(()) => Outcome::Sent,
                    Err(error) => {
                        tracing::error!(%error, "a mail could not be written to the folder");
                        retry.later(Reason::Unavailable)
                    }
                }
            }
        }
    }

    fn paused_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let paused = self.paused_until.lock().ok()?;
        paused.filter(|until| now < *until)
    }

    /// The mail server does not take mails from us: an outage or a fault of our configuration, not of the recipient. All
    /// mails wait, nobody is given up for it.
    fn not_let_in(&self, error: &SmtpError, retry: &Retry<'_>) -> Outcome {
        let until = retry.now + PAUSE;
        if let Ok(mut paused) = self.paused_until.lock() {
            *paused = Some(until);
        }
        let why = smtp::reason(error);
        // What a server answers may repeat a name; what the way to it was like repeats none.
        let cause = if error.status().is_none() { error.to_string() } else { String::new() };
        tracing::error!(reason = ?why, cause, pause_s = PAUSE.num_seconds(), "the mail server takes no mails from us; it is left alone");
        retry.paused_until(until, why)
    }

    /// Ends the sessions with the mail server.
    pub async fn close(&self) {
        if let PostOffice::Smtp(smtp) = &self.post_office {
            smtp.close().await;
        }
    }

    fn letter(&self, claimed: &AccountMail) -> anyhow::Result<Message> {
        let settings = &self.app.settings.mail;
        let sender =
            mail_address::in_ascii(&settings.sender_address).parse::<Address>().context("mail.sender_address")?;
        let sender = Mailbox::new(Some(settings.sender_name.clone()), sender);
        let text = letter::letter(&self.app, &claimed.mail)?;
        let (id, recipient) = (claimed.mail.id.to_string(), &claimed.mail.recipient);
        self.to_one((sender, recipient), &id, claimed.created_at, text)
    }

    fn club_letter(&self, village: &VillageRecord, letter: &ClubLetter) -> anyhow::Result<Message> {
        let sender = village.sender_address.parse::<Address>().context("the village's sender address")?;
        let sender = Mailbox::new(Some(village.sender_name.clone()), sender);
        let text = club_letter::club_letter(&self.app, village, letter)?;
        self.to_one((sender, &letter.recipient), &letter.id.to_string(), letter.created_at, text)
    }

    /// A mail to one person, about that person's own matters.
    fn to_one(
        &self,
        (sender, recipient): (Mailbox, &str),
        id: &str,
        written_at: DateTime<Utc>,
        MailText { subject, text, html, .. }: MailText,
    ) -> anyhow::Result<Message> {
        // The parser's complaint would repeat the address.
        let recipient = recipient.parse::<Address>().map_err(|_| anyhow::anyhow!("the mailbox is unusable"))?;
        let builder = Message::builder()
            .from(sender)
            .to(Mailbox::new(None, recipient))
            .raw_header(subject_header(subject))
            .message_id(Some(format!("<{id}@{}>", self.host)))
            .date(written_at.into())
            .raw_header(header("Auto-Submitted", "auto-generated"));
        Ok(builder.multipart(MultiPart::alternative_plain_html(text, html))?)
    }

    fn message(&self, matter: &Matter, to: &Claimed) -> anyhow::Result<Message> {
        let Holder::Email(mailbox) = &to.holder else { anyhow::bail!("the subscription has no mailbox") };
        let sender = Mailbox::new(
            Some(matter.village.sender_name.clone()),
            matter.village.sender_address.parse::<Address>().context("the village's sender address")?,
        );
        // The parser's complaint would repeat the address.
        let recipient = mailbox.address.parse::<Address>().map_err(|_| anyhow::anyhow!("the mailbox is unusable"))?;
        let MailText { subject, text, html, unsubscribe } = matter.mail(&self.app, &to.language, to.subscription)?;
        let mut builder = Message::builder()
            .from(sender.clone())
            .reply_to(sender)
            .to(Mailbox::new(None, recipient))
            .raw_header(subject_header(subject))
            .message_id(Some(format!("<{}@{}>", to.id, self.host)))
            .date(matter.notification.created_at.into())
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("Precedence", "bulk"))
            .raw_header(header("List-Id", &format!("<{}.{}>", matter.village.slug, self.host)));
        if let Some(link) = unsubscribe {
            builder = builder
                .raw_header(header("List-Unsubscribe", &format!("<{link}>")))
                .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        Ok(builder.multipart(MultiPart::alternative_plain_html(text, html))?)
    }
}

/// A header with a value of our own making: nothing of a stranger's in it.
fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// The subject, in encoded words (RFC 2047) unless it is plain ASCII. lettre would pass on encoded words that somebody wrote
/// into a title, and mail programs would show what they hide.
fn subject_header(subject: String) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str("Subject");
    if !subject.contains("=?") {
        return HeaderValue::new(name, subject);
    }
    let mut words = vec![String::new()];
    for character in subject.chars() {
        if words.last().is_some_and(|word| word.len() + character.len_utf8() > 42) {
            words.push(String::new());
        }
        words.last_mut().into_iter().for_each(|word| word.push(character));
    }
    let encoded: Vec<_> = words.iter().map(|word| format!("=?utf-8?b?{}?=", STANDARD.encode(word))).collect();
    HeaderValue::dangerous_new_pre_encoded(name, subject, encoded.join("\r\n "))
}

/// Writes a file that appears whole or not at all.
async fn write_whole(path: &std::path::Path, bytes: &[u8]) -> std::io::Result<()> {
    let part = path.with_extension("part");
    tokio::fs::write(&part, bytes).await?;
    tokio::fs::rename(&part, path).await
}

/// What a mail server's refusal of a recipient or a mail means (RFC 5321, section 4.2.1; RFC 3463 for the enhanced codes).
fn outcome(error: &SmtpError, retry: &Retry<'_>) -> Outcome {
    if error.is_permanent() {
        let said = error.source().map(ToString::to_string).unwrap_or_default();
        return match enhanced_code(&said) {
            Some((5, 1, 1 | 2 | 3 | 6 | 10) | (5, 2, 1)) => Outcome::Gone(Reason::MailboxUnknown),
            Some((5, 7, _)) => Outcome::Refused(Reason::RefusedByPolicy),
            _ => Outcome::Refused(Reason::Rejected),
        };
    }
    if error.is_transient() {
        return retry.later(Reason::MailboxBusy);
    }
    if error.is_timeout() { retry.later(Reason::Timeout) } else { retry.later(Reason::ConnectionLost) }
}

/// The first `class.subject.detail` of a server's words.
fn enhanced_code(said: &str) -> Option<(u16, u16, u16)> {
    said.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>')).find_map(|word| {
        let mut parts = word.split('.').map(str::parse::<u16>);
        let code = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
        (parts.next().is_none() && matches!(code.0, 2 | 4 | 5)).then_some(code)
    })
}
