//! Reminders of collections of waste, in words.

use super::Matter;
use super::mail::{MailText, PostHtml, PostText};
use super::push::Said;
use super::words::Words;
use crate::app::App;
use crate::links;
use crate::text::Language;
use askama::Template;
use chrono::NaiveDate;
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

    /// What makes reminders of one collection replace each other.
    pub(super) fn tag(&self) -> String {
        format!("waste-{}-{}", self.district.id, self.day)
    }

    /// The day in words: `Abfuhr am Montag, 23. November`.
    fn title(&self, words: &Words) -> String {
        format!("{} {}", words.pick("Abfuhr am", "Collection on"), words.day(self.day))
    }

    /// What a push says.
    pub(super) fn said(&self, words: &Words) -> Said {
        let (district, day) = (&self.district, self.day);
        Said {
            title: self.title(words),
            body: format!("{} ({})", self.kinds.join(", "), district.name),
            path: format!("/waste/districts/{}/dates?from={day}&to={day}", district.slug),
            kind: "waste",
        }
    }
}

impl Matter {
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
        let title = collection.title(&self.words(language));
        let items: String =
            collection.kinds.iter().map(|kind| format!("<li>{}</li>", ammonia::clean_text(kind))).collect();
        let subject = format!("{title}: {}", collection.kinds.join(", "));
        let text = PostText {
            german: language == Language::German,
            village: &self.village.name,
            sender: &self.village.sender_name,
            label: Some(&collection.district.name),
            title: &title,
            subject: &subject,
            headline: &title,
            label_beside: Some(&collection.district.name),
            lines: &[],
            facts: &[],
            text: collection.kinds.join("\n"),
            html: &format!("<ul>{items}</ul>"),
            media: Vec::new(),
            logo: self.logo(&public_url),
            language: language.tag(),
            unsubscribe: &unsubscribe,
            why: &self.why(language),
        };
        let html = PostHtml { it: &text }.render()?;
        Ok(MailText::new(&subject, &text.render()?, html, Some(unsubscribe.clone())))
    }
}
