//! Reminders of collections of waste, in words.

use super::{About, MailText, Matter, Payload, PostHtml, PostText, Shown};
use crate::app::App;
use crate::links;
use crate::markdown::shortened;
use crate::media_links::{self, MediaSize};
use crate::text::Language;
use askama::Template;
use chrono::{Datelike, NaiveDate};
use entity::{NotificationId, StoreError, SubscriptionId, VillageTx, WasteDistrict};

/// What is collected where and when.
pub struct Collection {
    district: WasteDistrict,
    day: NaiveDate,
    kinds: Vec<String>,
}

impl Collection {
    /// The collection that a notification reminds of; nothing when it was moved or called off.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(tx: &VillageTx, notification: NotificationId) -> Result<Option<Self>, StoreError> {
        let Some(reminder) = tx.waste_reminders().of_notification(notification).await? else { return Ok(None) };
        let kinds = tx.waste_dates().kinds_on(reminder.district, reminder.day).await?;
        let district = tx.waste_districts().find(reminder.district).await?;
        let found = district.map(|district| Self { district, day: reminder.day, kinds });
        Ok(found.filter(|collection| !collection.kinds.is_empty()))
    }

    /// The day in words: `Abfuhr am Montag, 23.11.2026`.
    fn title(&self, language: Language) -> String {
        let day = usize::try_from(self.day.weekday().num_days_from_monday()).unwrap_or(0);
        match language {
            Language::German => format!("Abfuhr am {}, {}", WEEKDAYS[day].0, self.day.format("%d.%m.%Y")),
            Language::English => format!("Collection on {}, {}", WEEKDAYS[day].1, self.day.format("%-d %B %Y")),
        }
    }
}

pub(super) const WEEKDAYS: [(&str, &str); 7] = [
    ("Montag", "Monday"),
    ("Dienstag", "Tuesday"),
    ("Mittwoch", "Wednesday"),
    ("Donnerstag", "Thursday"),
    ("Freitag", "Friday"),
    ("Samstag", "Saturday"),
    ("Sonntag", "Sunday"),
];

impl Matter {
    /// The payload of a push that reminds of a collection.
    pub(super) fn collection_payload(&self, collection: &Collection, public_url: &str) -> Vec<u8> {
        let language = Language::of_tag(&self.village.language);
        let (slug, district, day) = (&self.village.slug, &collection.district, collection.day);
        let payload = Payload {
            web_push: 8030,
            notification: Shown {
                title: shortened(&format!("{} · {}", self.village.name, collection.title(language)), 120),
                body: shortened(&format!("{} ({})", collection.kinds.join(", "), district.name), 300),
                lang: language.tag(),
                dir: "auto",
                navigate: format!(
                    "{public_url}/v1/villages/{slug}/waste/districts/{}/dates?from={day}&to={day}",
                    district.slug
                ),
                tag: format!("waste-{}-{day}", district.id),
                image: None,
                icon: media_links::logo_path(&self.village, MediaSize::Thumbnail)
                    .map(|(path, _)| format!("{public_url}{path}")),
                data: About {
                    village: slug,
                    post: None,
                    kind: "waste",
                    notification: self.notification.id.to_string(),
                },
            },
        };
        serde_json::to_vec(&payload).unwrap_or_default()
    }

    /// The mail that reminds of a collection.
    pub(super) fn collection_mail(
        &self,
        app: &App,
        to: SubscriptionId,
        collection: &Collection,
        language: Language,
    ) -> anyhow::Result<MailText> {
        let public_url = app.settings.public_url();
        let unsubscribe = links::unsubscribe_link(&app.secrets, &public_url, &self.village, to);
        let title = collection.title(language);
        let items: String =
            collection.kinds.iter().map(|kind| format!("<li>{}</li>", ammonia::clean_text(kind))).collect();
        let text = PostText {
            german: language == Language::German,
            village: &self.village.name,
            sender: &self.village.sender_name,
            label: Some(&collection.district.name),
            changed: false,
            title: &title,
            dates: None,
            text: collection.kinds.join("\n"),
            html: &format!("<ul>{items}</ul>"),
            media: Vec::new(),
            logo: media_links::logo_path(&self.village, MediaSize::Thumbnail)
                .map(|(path, logo)| (format!("{public_url}{path}"), logo.alt.as_str())),
            language: language.tag(),
            unsubscribe: &unsubscribe,
        };
        let html = PostHtml { it: &text }.render()?;
        let subject = shortened(&format!("{title}: {}", collection.kinds.join(", ")), 78);
        Ok(MailText { subject, text: text.render()?, html, unsubscribe: Some(unsubscribe.clone()) })
    }
}
