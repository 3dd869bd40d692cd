//! The feed for feed readers: RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1, each made once per state of the village.
//!
//! What a reader gets is complete in itself: absolute links, the text as sanitised HTML with dates and images in it, files as
//! enclosures.

mod atom;
mod json;
mod rss;

use super::feed::{self, FeedPage};
use crate::app::App;
use crate::authority::InVillage;
use crate::feed_links::FeedForm;
use crate::http::{Look, PageCache, PageName, PublicPage};
use crate::media_links::{self, MediaSize};
use crate::message::facts::Fact;
use crate::message::{Telling, Words, Years};
use crate::problem::{Problem, ProblemKind};
use crate::text::Language;
use askama::Template;
use chrono::{DateTime, Utc};
use entity::{Media, MediaFormat, Post, PostKind, VillageRecord};
use std::sync::Arc;

/// Posts in a document.
pub const MOST: u64 = 50;

/// A feed as every form of it says it.
struct Channel<'a> {
    village: &'a VillageRecord,
    language: Language,
    /// What links begin with.
    public_url: String,
    title: String,
    /// Where the document itself is.
    own_url: String,
    entries: Vec<Entry<'a>>,
}

/// A post in a feed.
struct Entry<'a> {
    post: &'a Post,
    title: String,
    /// The club by which it is.
    author: Option<String>,
    url: String,
    html: String,
    published: DateTime<Utc>,
    updated: DateTime<Utc>,
    /// What it is and what it is about.
    tags: Vec<String>,
    enclosures: Vec<Enclosure<'a>>,
}

/// A file of a post.
struct Enclosure<'a> {
    media: &'a Media,
    url: String,
    /// What is seen on it, or what it is called.
    words: String,
}

#[derive(Template)]
#[template(path = "feed_entry.html")]
struct EntryHtml<'a> {
    /// When and where it is, and by whom.
    lines: Vec<String>,
    /// What somebody who wants to come has to know.
    facts: Vec<Fact<'a>>,
    html: &'a str,
    files: Vec<File<'a>>,
    image: &'static str,
}

struct File<'a> {
    is_image: bool,
    words: &'a str,
    credit: Option<&'a str>,
    url: String,
    medium_url: String,
}

/// The feed in one form. The cursor of `wanted` is not looked at: a document has the newest only.
pub async fn document(
    app: &App,
    here: &InVillage,
    wanted: &FeedPage,
    form: FeedForm,
) -> Result<Arc<PublicPage>, Problem> {
    let now = app.clock.now();
    let making = match PageCache::look(app, here, PageName::FeedIn(form, Box::new(wanted.name(None)))).await? {
        Look::Kept(page) => return Ok(page),
        Look::Missing(making) => making,
    };
    let reader = here.scope.read().await?;
    let posts = feed::posts(&reader, wanted, None, now).await?.posts;
    let topics = reader.topics().list().await?;
    let topic = |slug: &Option<String>| {
        let slug = slug.as_ref()?;
        topics.iter().find(|topic| topic.slug == *slug).map(|topic| topic.name.clone())
    };
    let words = Words::of(&here.village, now, Years::Always);
    let language = words.language;
    let about = [topic(&wanted.topic), wanted.kind.map(|kind| kind_in(kind.into(), language).to_owned())];
    let title: Vec<String> = [Some(here.village.name.clone())].into_iter().chain(about).flatten().collect();
    let public_url = app.settings.public_url();
    let channel = Channel {
        village: here.village.as_ref(),
        language,
        title: xml_text(&title.join(" · ")),
        own_url: format!("{public_url}{}", form.path(&here.village.slug, &wanted.filters())),
        entries: posts
            .iter()
            .map(|post| {
                Entry::new(
                    &Telling::of(post, words),
                    post,
                    topic(&post.topic_slug),
                    (here.village.slug.as_str(), public_url.as_str()),
                )
            })
            .collect::<Result<_, askama::Error>>()
            .map_err(|_| Problem::new(ProblemKind::Internal))?,
        public_url,
    };
    let until = feed::next_expiry(&posts);
    let written = || match form {
        FeedForm::Rss => PublicPage::document("application/rss+xml; charset=utf-8", rss::written(&channel), until),
        FeedForm::Atom => PublicPage::document("application/atom+xml; charset=utf-8", atom::written(&channel), until),
        FeedForm::Json => PublicPage::document("application/feed+json", json::written(&channel), until),
    };
    Ok(making.page(written).await)
}

impl Channel<'_> {
    /// Where the village is.
    fn home(&self) -> String {
        format!("{}/v1/villages/{}", self.public_url, self.village.slug)
    }

    /// When anything in it last changed; when the village was entered while there is nothing.
    fn updated(&self) -> DateTime<Utc> {
        self.entries.iter().map(|entry| entry.updated).max().unwrap_or(self.village.created_at)
    }

    /// What it is, in a sentence.
    fn description(&self) -> String {
        let (village, sender) = (xml_text(&self.village.name), xml_text(&self.village.sender_name));
        match self.language {
            Language::German => format!("Nachrichten und Termine aus {village}. Herausgeber: {sender}"),
            Language::English => format!("News and events of {village}. Published by {sender}"),
        }
    }

    /// The village's logo.
    fn icon(&self) -> Option<String> {
        let (path, _) = media_links::logo_path(self.village, MediaSize::Thumbnail)?;
        Some(format!("{}{path}", self.public_url))
    }
}

impl<'a> Entry<'a> {
    fn new(
        telling: &Telling<'_>,
        post: &'a Post,
        topic: Option<String>,
        (village, public_url): (&str, &str),
    ) -> Result<Self, askama::Error> {
        let language = telling.words.language;
        let published = post.published_at.unwrap_or(post.updated_at);
        let url = |media, size| format!("{public_url}{}", media_links::path(village, media, size));
        let words = |media: &'a Media| if media.alt.is_empty() { &media.file_name } else { &media.alt };
        let said = Some(post).filter(|_| telling.holds());
        let media = said.map_or(&[][..], |post| &post.media);
        let files = media.iter().map(|media| {
            let is_image = media.format != MediaFormat::Pdf;
            let medium_url = if is_image { url(media, MediaSize::Medium) } else { String::new() };
            let (words, credit) = (words(media).as_str(), media.credit.as_deref());
            File { is_image, words, credit, url: url(media, MediaSize::Full), medium_url }
        });
        let html = EntryHtml {
            lines: telling.lines().into_iter().chain(telling.club.map(str::to_owned)).collect(),
            facts: telling.facts(),
            html: said.map_or("", |post| &post.body_html),
            files: files.collect(),
            image: if language == Language::German { "Bild" } else { "Image" },
        };
        let kind = kind_in(post.kind, language).to_owned();
        let enclosures = media.iter().map(|media| Enclosure {
            media,
            url: url(media, MediaSize::Full),
            words: xml_text(words(media)),
        });
        Ok(Self {
            post,
            title: xml_text(&telling.headline()),
            author: telling.club.map(xml_text),
            url: format!("{public_url}/v1/villages/{village}/posts/{}", post.id),
            html: xml_text(&html.render()?),
            published,
            updated: post.updated_at.max(published),
            tags: [topic.map(|topic| xml_text(&topic)), Some(kind)].into_iter().flatten().collect(),
            enclosures: enclosures.collect(),
        })
    }

    /// Its identifier, wherever the program is moved to.
    fn id(&self) -> String {
        format!("urn:uuid:{}", self.post.id)
    }
}

fn kind_in(kind: PostKind, language: Language) -> &'static str {
    let german = language == Language::German;
    match kind {
        PostKind::News if german => "Nachrichten",
        PostKind::News => "News",
        PostKind::Notice if german => "Aus den Vereinen",
        PostKind::Notice => "From the clubs",
        PostKind::Event if german => "Termine",
        PostKind::Event => "Events",
        PostKind::Alert if german => "Warnungen",
        PostKind::Alert => "Alerts",
    }
}

/// A text without the characters that XML 1.0 (section 2.2) knows no way to write.
fn xml_text(text: &str) -> String {
    let forbidden =
        |c: char| (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().filter(|c| !forbidden(*c)).collect()
}
