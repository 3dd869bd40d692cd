//! The demo's mailboxes: the folder in which mails land until there is a mail server.

use anyhow::Context;
use mail_parser::MessageParser;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The mails in a folder.
pub struct Mailboxes(PathBuf);

/// A mail that was delivered.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Whose mailbox it is in.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text part.
    pub text: String,
    /// Whether it is news: whether it can be unsubscribed from.
    pub is_news: bool,
}

impl Mailboxes {
    /// The mails in `folder`.
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// All news that was delivered.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn news(&self) -> anyhow::Result<Vec<Mail>> {
        Ok(self.all()?.into_iter().filter(|mail| mail.is_news).collect())
    }

    /// Waits for a mail to an address that is not news; gives the link in it that leads to `page`.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn link_to(&self, page: &str, address: &str, patience: Duration) -> anyhow::Result<String> {
        let started = Instant::now();
        let mut look = tokio::time::interval(Duration::from_millis(20));
        loop {
            look.tick().await;
            let mails = self.all()?.into_iter().filter(|mail| mail.to == address && !mail.is_news);
            let words = mails.flat_map(|mail| mail.text.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
            if let Some(link) = words.into_iter().find(|word| word.contains(page)) {
                return Ok(link);
            }
            anyhow::ensure!(started.elapsed() < patience, "no mail with a link to {page} came to {address}");
        }
    }

    fn all(&self) -> anyhow::Result<Vec<Mail>> {
        let entries = std::fs::read_dir(&self.0).with_context(|| format!("cannot read {}", self.0.display()))?;
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let whole = paths.filter(|path| path.extension().is_some_and(|extension| extension == "eml"));
        Ok(whole.filter_map(|path| parse(&std::fs::read(path).ok()?)).collect())
    }
}

fn parse(bytes: &[u8]) -> Option<Mail> {
    let mail = MessageParser::default().parse(bytes)?;
    Some(Mail {
        to: mail.to()?.first()?.address()?.to_owned(),
        subject: mail.subject()?.to_owned(),
        text: mail.body_text(0)?.into_owned(),
        is_news: mail.header("List-Unsubscribe").is_some(),
    })
}
