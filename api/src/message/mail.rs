//! What a mail says.

use super::facts::Fact;
use super::{Matter, asked_for};
use crate::app::App;
use crate::links;
use crate::markdown::{self, shortened};
use crate::media_links::{self, MediaSize};
use crate::text::Language;
use askama::Template;
use entity::{Media, MediaFormat, NotificationKind, Post, SubscriptionId};

/// A mail, before it is put into an envelope.
pub struct MailText {
    /// The subject, at most 78 characters.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The link of one-click unsubscription; none before it is confirmed.
    pub unsubscribe: Option<String>,
}

/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 78;

/// The longest line of a text part, in characters, unless a single word is longer.
const LONGEST_LINE: usize = 76;

impl MailText {
    /// A mail of these parts; the text part is broken into lines that every program shows as they are.
    pub fn new(subject: &str, text: &str, html: String, unsubscribe: Option<String>) -> Self {
        let text = text.lines().map(broken).collect::<Vec<_>>().join("\n");
        Self { subject: shortened(subject, LONGEST_SUBJECT), text, html, unsubscribe }
    }
}

/// A line, broken between words. What is quoted stays quoted, what belongs to an item of a list stays below its words.
fn broken(line: &str) -> String {
    if line.chars().count() <= LONGEST_LINE {
        return line.to_owned();
    }
    let (quoted, words) = line.split_at(line.find(|c: char| c != ' ' && c != '>').unwrap_or(0));
    let digits = words.bytes().take_while(u8::is_ascii_digit).count();
    let mark = match words.get(digits..) {
        Some(rest) if digits > 0 && rest.starts_with(". ") => digits + 2,
        Some(rest) if digits == 0 && rest.starts_with("- ") => 2,
        _ => 0,
    };
    let margin = format!("{quoted}{}", " ".repeat(mark));
    let mut lines = vec![quoted.to_owned()];
    for (at, word) in words.split(' ').enumerate() {
        let Some(last) = lines.last_mut() else { break };
        if at == 0 {
            last.push_str(word);
        } else if last.chars().count() + 1 + word.chars().count() > LONGEST_LINE {
            lines.push(format!("{margin}{word}"));
        } else {
            last.push(' ');
            last.push_str(word);
        }
    }
    lines.join("\n")
}

#[derive(Template)]
#[template(path = "post.txt", escape = "none")]
pub(super) struct PostText<'a> {
    pub german: bool,
    pub village: &'a str,
    pub sender: &'a str,
    pub label: Option<&'a str>,
    pub title: &'a str,
    /// The subject, in full.
    pub subject: &'a str,
    /// The title, with what nobody may miss before it.
    pub headline: &'a str,
    /// What kind of message it is, where the headline does not say so.
    pub label_beside: Option<&'a str>,
    /// When and where it is, and by whom.
    pub lines: &'a [String],
    /// What somebody who wants to come has to know.
    pub facts: &'a [Fact<'a>],
    pub text: String,
    pub html: &'a str,
    pub media: Vec<ShownMedia<'a>>,
    /// Where the village's logo is, and what is seen on it.
    pub logo: Option<(String, &'a str)>,
    pub language: &'a str,
    pub unsubscribe: &'a str,
    /// Why it comes, as it goes on after "because".
    pub why: &'a str,
}

/// An image or document of a post, in a mail: loaded or opened by its link, which is the same for every reader.
pub(super) struct ShownMedia<'a> {
    is_image: bool,
    /// What is seen on it, or what it is called.
    words: &'a str,
    credit: Option<&'a str>,
    /// Where it is in full.
    url: String,
    /// Where an image is in the width of a mail.
    medium_url: String,
}

#[derive(Template)]
#[template(path = "post.html")]
pub(super) struct PostHtml<'a> {
    pub it: &'a PostText<'a>,
}

#[derive(Template)]
#[template(path = "confirm.txt", escape = "none")]
struct ConfirmText<'a> {
    german: bool,
    village: &'a str,
    sender: &'a str,
    language: &'a str,
    hours: u32,
    link: &'a str,
    /// What is to be confirmed, a line each.
    asked_for: Vec<String>,
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmHtml<'a> {
    it: &'a ConfirmText<'a>,
}

impl Matter {
    /// The mail for one recipient.
    ///
    /// # Errors
    /// When a template fails, which is a defect.
    pub fn mail(&self, app: &App, language: &str, to: SubscriptionId) -> anyhow::Result<MailText> {
        let language = Language::of_tag(language);
        match (&self.post, self.notification.kind) {
            (Some(post), _) => self.post_mail(app, to, post, language),
            (None, NotificationKind::WasteReminder) => match &self.collection {
                Some(collection) => self.collection_mail(app, to, collection, language),
                None => anyhow::bail!("a reminder of nothing"),
            },
            (None, NotificationKind::Confirmation) => self.confirmation_mail(app, to, language),
            (None, _) => anyhow::bail!("a notification about nothing"),
        }
    }

    fn post_mail(&self, app: &App, to: SubscriptionId, post: &Post, language: Language) -> anyhow::Result<MailText> {
        let public_url = app.settings.public_url();
        let unsubscribe = links::unsubscribe_link(&app.secrets, &public_url, &self.village, to);
        let heading = self.heading(post, language);
        let (subject, headline) = (heading.subject(), heading.headline());
        let said = Some(post).filter(|_| self.tells_post());
        let shown = said.iter().flat_map(|post| &post.media);
        let text = PostText {
            german: language == Language::German,
            village: &self.village.name,
            sender: &self.village.sender_name,
            label: heading.label.as_deref(),
            title: &heading.title,
            subject: &subject,
            headline: &headline,
            label_beside: heading.label_beside(),
            lines: &heading.lines,
            facts: &heading.facts,
            text: markdown::to_text(said.map_or("", |post| &post.body_markdown)),
            html: &with_borders(said.map_or("", |post| &post.body_html)),
            media: shown.map(|media| ShownMedia::new(media, &self.village.slug, &public_url)).collect(),
            logo: self.logo(&public_url),
            language: language.tag(),
            unsubscribe: &unsubscribe,
            why: &self.why(language),
        };
        let html = PostHtml { it: &text }.render()?;
        Ok(MailText::new(&subject, &text.render()?, html, Some(unsubscribe.clone())))
    }

    /// Why somebody gets it. What is about a danger goes to whoever has not asked for no alerts, whatever else they follow.
    pub(super) fn why(&self, language: Language) -> String {
        let village = &self.village.name;
        match (self.notification.kind, language) {
            (NotificationKind::WasteReminder, Language::German) => {
                "Sie an die Müllabfuhr erinnert werden möchten".to_owned()
            }
            (NotificationKind::WasteReminder, Language::English) => {
                "you want to be reminded of waste collection".to_owned()
            }
            (NotificationKind::EventReminder, Language::German) => "Sie an Termine erinnert werden möchten".to_owned(),
            (NotificationKind::EventReminder, Language::English) => "you want to be reminded of dates".to_owned(),
            (_, Language::German) if self.is_alert() => format!(
                "Warnungen an alle gehen, die Nachrichten aus {village} bekommen, außer an die, die Warnungen abbestellt haben"
            ),
            (_, Language::English) if self.is_alert() => {
                format!("alerts go to everybody who gets news of {village}, except those who asked for no alerts")
            }
            (_, Language::German) => format!("Sie Nachrichten aus {village} bestellt haben"),
            (_, Language::English) => format!("you subscribed to news of {village}"),
        }
    }

    /// Where the village's logo is, and what is seen on it.
    pub(super) fn logo(&self, public_url: &str) -> Option<(String, &str)> {
        let (path, logo) = media_links::logo_path(&self.village, MediaSize::Thumbnail)?;
        Some((format!("{public_url}{path}"), logo.alt.as_str()))
    }

    fn confirmation_mail(&self, app: &App, to: SubscriptionId, language: Language) -> anyhow::Result<MailText> {
        let public_url = app.settings.public_url();
        let until = self.notification.expires_at;
        let link = links::confirmation_link(&app.secrets, &public_url, &self.village, to, until);
        let german = language == Language::German;
        let subject = if german { "Bitte bestätigen Sie Ihr Abonnement" } else { "Please confirm your subscription" };
        let text = ConfirmText {
            german,
            village: &self.village.name,
            sender: &self.village.sender_name,
            language: language.tag(),
            hours: app.settings.retention.unconfirmed_h,
            link: &link,
            asked_for: asked_for::lines(&self.asked_for, language),
        };
        let html = ConfirmHtml { it: &text }.render()?;
        Ok(MailText::new(&format!("{subject}: {}", self.village.name), &text.render()?, html, None))
    }
}

/// Tables with lines around their cells: mails bring no style sheet. The HTML is sanitised, so that a tag in it is a tag.
fn with_borders(html: &str) -> String {
    const CELL: &str = "style=\"border: 1px solid #767676; padding: 4px 8px; text-align: left; vertical-align: top\"";
    html.replace("<table>", "<table style=\"border-collapse: collapse\">")
        .replace("<th>", &format!("<th {CELL}>"))
        .replace("<td>", &format!("<td {CELL}>"))
}

impl<'a> ShownMedia<'a> {
    fn new(media: &'a Media, village: &str, public_url: &str) -> Self {
        let url = |size| format!("{public_url}{}", media_links::path(village, media, size));
        let is_image = media.format != MediaFormat::Pdf;
        Self {
            is_image,
            words: if media.alt.is_empty() { &media.file_name } else { &media.alt },
            credit: media.credit.as_deref(),
            url: url(MediaSize::Full),
            medium_url: if is_image { url(MediaSize::Medium) } else { String::new() },
        }
    }
}
