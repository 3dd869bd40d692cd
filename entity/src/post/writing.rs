//! Saving and changing posts.

use super::{PostDelivery, PostKind, PostState, Posts, row};
use crate::error::StoreError;
use crate::event::{self, Difference, PlannedEvent};
use crate::ids::{AccountId, ClubId, PostId, TopicId};
use crate::instant::millis;
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

/// A draft to be saved for the first time.
#[derive(Clone, Debug)]
pub struct NewPost {
    /// What it is.
    pub kind: PostKind,
    /// Who writes it.
    pub author: AccountId,
    /// For which club; `None` for the town hall.
    pub club: Option<ClubId>,
    /// The UID that its event has where it came from.
    pub event_uid: Option<String>,
    /// Its content.
    pub content: PostChange,
}

/// The whole content of a post, as it is to be from now on.
#[derive(Clone, Debug)]
pub struct PostChange {
    /// What it is about.
    pub topic: Option<TopicId>,
    /// Its title.
    pub title: String,
    /// Its text as written.
    pub body_markdown: String,
    /// Its text as sanitised HTML.
    pub body_html: String,
    /// From when on it does not show any more.
    pub expires_at: Option<DateTime<Utc>>,
    /// Its dates, when it is an event.
    pub event: Option<PlannedEvent>,
    /// How loudly it is told.
    pub delivery: PostDelivery,
}

impl Posts<'_, VillageTx> {
    /// Saves a new draft; gives its identifier.
    ///
    /// # Errors
    /// [`StoreError::Referenced`] when the topic is not one of this village, [`StoreError::Taken`] when there is an event with
    /// this UID.
    pub async fn create(&self, post: NewPost, now: DateTime<Utc>) -> Result<PostId, StoreError> {
        let id = PostId::generate();
        let content = post.content;
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: id.0,
            kind: post.kind,
            state: PostState::Draft,
            topic_id: content.topic.map(|topic| topic.0),
            author_id: post.author.0,
            title: content.title,
            body_markdown: content.body_markdown,
            body_html: content.body_html,
            version: 1,
            created_at: millis(now),
            updated_at: millis(now),
            published_at: None,
            withdrawn_at: None,
            expires_at: content.expires_at.map(millis),
            club_id: post.club.map(|club| club.0),
            publish_at: None,
            delivery: content.delivery,
            approved_by: None,
            joint_post_id: None,
            joint_version: None,
            withdrawal_reason: None,
            cleared_at: None,
            all_clear: None,
        };
        row.into_active_model().insert(self.0.connection()).await?;
        if let Some(event) = &content.event {
            event::create(self.0, id, event, post.event_uid, now).await?;
        }
        Ok(id)
    }

    /// Gives a post other content and the next version. The caller holds it by [`Posts::find_for_change`].
    ///
    /// # Errors
    /// [`StoreError::Referenced`] when the topic is not one of this village.
    pub async fn change(&self, id: PostId, content: PostChange, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE post SET topic_id = $3, title = $4, body_markdown = $5, body_html = $6, expires_at = $7,
                     updated_at = $8, delivery = $9, version = version + 1
                   WHERE village_id = $1 AND id = $2";
        let values = vec![
            self.0.village_id().into(),
            id.into(),
            content.topic.map(|topic| topic.0).into(),
            content.title.into(),
            content.body_markdown.into(),
            content.body_html.into(),
            content.expires_at.map(millis).into(),
            millis(now).into(),
            (content.delivery as i16).into(),
        ];
        let before = self.find(id).await?.and_then(|post| post.event);
        self.0.connection().run(sql, values).await?;
        if let Some(event) = &content.event {
            let different = if before.as_ref() == Some(&event.dates) { Difference::None } else { Difference::Some };
            event::change(self.0, id, event, different, now).await?;
        }
        self.0.note_change();
        self.follow(id, None, before.as_ref()).await
    }

    /// Removes a post that was never public, for good.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete(&self, id: PostId) -> Result<(), StoreError> {
        let sql = "DELETE FROM post WHERE village_id = $1 AND id = $2 AND published_at IS NULL";
        self.0.connection().run(sql, vec![self.0.village_id().into(), id.into()]).await.map(drop)
    }
}
