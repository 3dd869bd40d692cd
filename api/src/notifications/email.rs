//! Sending by e-mail: the only file that makes mails and reads what mail servers say.

use super::club_letter::{self, ClubMail};
use super::gate::Pace;
use super::letter;
use super::retry::Retry;
use super::smtp::{self, SendError, Smtp};
use super::way::{Attempt, Pass, Way, alert};
use crate::app::App;
use crate::mail_address;
use crate::message::{MailText, Matter};
use crate::places::Places;
use crate::private::create_private_folder;
use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{AccountMail, Claimed, Holder, Outcome, Reason};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::{Address, Message};
use secrecy::ExposeSecret;
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;
use uuid::Uuid;

/// Sends mails: to the mail server, or into a folder until there is one.
pub struct Email {
    app: App,
    post_office: PostOffice,
    way: Way,
    /// The right side of `Message-ID`: the host of the public URL.
    host: String,
}

/// A mail that is to go out: what it is called, who asks, and until when it is worth it.
struct Letter {
    id: Uuid,
    attempt: Attempt,
    expires_at: DateTime<Utc>,
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
        let patience = TimeDelta::seconds(i64::try_from(settings.mail.timeout_s).unwrap_or(60));
        // What the server keeps waiting is not counted against what it takes at once.
        let way = Way::new("the mail server", settings.mail.max_in_flight * 2, patience);
        Ok(Self { app, post_office, way, host })
    }

    /// The places that the mail server has.
    pub fn places(&self) -> Places {
        self.way.places.clone()
    }

    /// Sends to one recipient.
    pub async fn send(&self, matter: &Matter, to: &Claimed) -> Outcome {
        let (whose, number) = (Some(matter.village.id), to.attempt);
        let alert = alert(&matter.notification);
        let attempt = Attempt { whose, recipient: to.subscription.0, number, alert };
        let letter = Letter { id: to.id.0, attempt, expires_at: matter.notification.expires_at };
        self.post(&letter, || self.message(matter, to)).await
    }

    /// Sends a mail about an account.
    pub async fn send_letter(&self, claimed: &AccountMail) -> Outcome {
        let (id, expires_at) = (claimed.mail.id.0, claimed.mail.expires_at);
        let attempt = Attempt { whose: None, recipient: id, number: claimed.attempt, alert: None };
        self.post(&Letter { id, attempt, expires_at }, || self.letter(claimed)).await
    }

    /// Sends a mail about a club, in the name of its village.
    pub async fn send_club_letter(&self, mail: &ClubMail, number: i32) -> Outcome {
        let (id, expires_at) = (mail.letter.id.0, mail.letter.expires_at);
        let attempt = Attempt { whose: Some(mail.village.id), recipient: id, number, alert: None };
        self.post(&Letter { id, attempt, expires_at }, || self.club_letter(mail)).await
    }

    /// Hands a mail to the mail server, or puts it into the folder.
    async fn post(&self, letter: &Letter, make: impl FnOnce() -> anyhow::Result<Message>) -> Outcome {
        let (number, expires_at) = (letter.attempt.number, letter.expires_at);
        let retry = Retry { app: &self.app, attempt: number, expires_at, for_others: false };
        match &self.post_office {
            PostOffice::Smtp(smtp) => {
                let seen = smtp.seen();
                let pass = match self.way.ask(letter.attempt, self.app.clock.now()) {
                    Ok(pass) => pass,
                    Err(held) => return retry.held(held),
                };
                let Some(message) = made(letter, make) else {
                    self.way.not_tried(&pass);
                    return Outcome::Refused(Reason::Unsendable);
                };
                let sent = smtp.send(message.envelope(), &message.formatted(), seen).await;
                self.judged(sent, &pass, &Retry { for_others: pass.is_try(), ..retry })
            }
            PostOffice::Folder(folder) => {
                let Some(message) = made(letter, make) else { return Outcome::Refused(Reason::Unsendable) };
                let path = folder.join(format!("{}-{number}.eml", letter.id));
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

    /// What an answer means for this mail, and for which others.
    fn judged(&self, sent: Result<(), SendError>, pass: &Pass, retry: &Retry<'_>) -> Outcome {
        match sent {
            Ok(()) => {
                self.way.works(pass);
                Outcome::Sent
            }
            Err(SendError::Server(error)) => {
                let (why, pace) = (smtp::reason(&error), pace_after(&error));
                // What a server answers may repeat a name; what the way to it was like repeats none.
                let cause = if error.status().is_none() { error.to_string() } else { String::new() };
                self.way.is_down(pass, &retry.failure(why, pace), &cause);
                self.held_again(pass, retry)
            }
            Err(SendError::NoSession) => {
                self.way.is_down(pass, &retry.failure(Reason::Timeout, Pace::QUICK), "");
                self.held_again(pass, retry)
            }
            Err(SendError::NotTried) => {
                self.way.not_tried(pass);
                self.held_again(pass, retry)
            }
            Err(SendError::Sender(error)) if error.is_permanent() => {
                self.way.answers(pass);
                Outcome::Refused(refused_for_good(enhanced_code(&error)))
            }
            Err(SendError::Sender(error)) => {
                self.way.turns_away(pass, &retry.failure(smtp::reason(&error), Pace::QUICK));
                self.held_again(pass, retry)
            }
            Err(SendError::Recipient(error)) => match trouble(&error) {
                Some(why) => {
                    self.way.fails(pass, &retry.failure(why, Pace::QUICK));
                    retry.later(why)
                }
                None => {
                    self.way.works(pass);
                    outcome(&error, retry)
                }
            },
            Err(SendError::Timeout) => {
                self.way.fails(pass, &retry.failure(Reason::Timeout, Pace::QUICK));
                retry.later(Reason::Timeout)
            }
        }
    }

    /// Waits with the others for what is nobody's in particular. No attempt is used up by it.
    fn held_again(&self, pass: &Pass, retry: &Retry<'_>) -> Outcome {
        retry.held(self.way.held(pass, self.app.clock.now()))
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
        let text = letter::letter(&self.app, claimed)?;
        let (id, recipient) = (claimed.mail.id.to_string(), &claimed.mail.recipient);
        self.to_one((sender, recipient), &id, claimed.created_at, text)
    }

    fn club_letter(&self, mail: &ClubMail) -> anyhow::Result<Message> {
        let ClubMail { village, letter, .. } = mail;
        let sender = village.sender_address.parse::<Address>().context("the village's sender address")?;
        let sender = Mailbox::new(Some(village.sender_name.clone()), sender);
        let text = club_letter::club_letter(&self.app, mail)?;
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
            .raw_header(header("Auto-Submitted", "auto-generated"));
        // What asks for a confirmation is no mail of a list: it goes to one person about that person's own matter.
        if let Some(link) = unsubscribe {
            let (village, host) = (&matter.village, &self.host);
            let owner = format!("<mailto:{}>", village.sender_address);
            if !matter.is_alert() {
                builder = builder.raw_header(header("Precedence", "bulk"));
            }
            builder = builder
                .raw_header(header("List-Id", &format!("<{}.{host}>", village.slug)))
                .raw_header(header("List-Owner", &owner))
                .raw_header(header("List-Help", &owner))
                .raw_header(header("Feedback-ID", &format!("{}:{}:dorf-app", matter.notification.id, village.slug)))
                .raw_header(header("List-Unsubscribe", &format!("<{link}>")))
                .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        Ok(builder.multipart(MultiPart::alternative_plain_html(text, html))?)
    }
}

/// The mail, unless it cannot be made, which is said.
fn made(letter: &Letter, make: impl FnOnce() -> anyhow::Result<Message>) -> Option<Message> {
    make().inspect_err(|error| tracing::error!(%error, mail = %letter.id, "a mail could not be made")).ok()
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

/// How soon a mail server that lets nobody in is tried again. Where somebody has to change a password or a certificate first, further
/// tries do no good, and too many lock the account.
fn pace_after(error: &SmtpError) -> Pace {
    match smtp::reason(error) {
        Reason::Unauthorised | Reason::TlsFailed => Pace::SLOW,
        _ => Pace::QUICK,
    }
}

/// Why an answer at a recipient may mean that the mail server takes nothing from anybody: it speaks of itself (RFC 3463, subject 3;
/// RFC 5321: 421, and 452 with one recipient), or not at all.
fn trouble(error: &SmtpError) -> Option<Reason> {
    let Some(code) = error.status().map(|code| code.to_string()) else {
        return Some(if error.is_timeout() { Reason::Timeout } else { Reason::ConnectionLost });
    };
    let speaks_of_itself = match enhanced_code(error) {
        Some((_, subject, _)) => subject == 3 || code == "421",
        None => code == "421" || code == "452",
    };
    (error.is_transient() && speaks_of_itself).then_some(Reason::MailboxBusy)
}

/// What a mail server's refusal of a recipient or a mail means (RFC 5321, section 4.2.1; RFC 3463 for the enhanced codes).
fn outcome(error: &SmtpError, retry: &Retry<'_>) -> Outcome {
    if !error.is_permanent() {
        return retry.later(Reason::MailboxBusy);
    }
    match enhanced_code(error) {
        Some((5, 1, 1 | 2 | 3 | 6 | 10) | (5, 2, 1)) => Outcome::Gone(Reason::MailboxUnknown),
        code => Outcome::Refused(refused_for_good(code)),
    }
}

fn refused_for_good(code: Option<(u16, u16, u16)>) -> Reason {
    if matches!(code, Some((5, 7, _))) { Reason::RefusedByPolicy } else { Reason::Rejected }
}

/// The first `class.subject.detail` of a server's words.
fn enhanced_code(error: &SmtpError) -> Option<(u16, u16, u16)> {
    let said = error.source()?.to_string();
    said.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>')).find_map(|word| {
        let mut parts = word.split('.').map(str::parse::<u16>);
        let code = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
        (parts.next().is_none() && matches!(code.0, 2 | 4 | 5)).then_some(code)
    })
}
