//! Posts: anything published in a village, from draft to withdrawal. `lists` reads many, `search` finds them by words,
//! `writing` saves and changes, `life` moves from state to state.

mod all_clear;
mod calendar;
mod life;
mod lists;
mod planning;
mod search;
mod writing;

pub use all_clear::{AllClear, TakenBack};
pub use calendar::CalendarQuery;
pub use life::PostMove;
pub use lists::{FeedQuery, OwnPosts, Position, StaffQuery};
pub use planning::{PlanQuery, QueueQuery, Waiting, Waits};
pub use search::FoundPosts;
pub use writing::{NewPost, PostChange};

use crate::continuation::{self, Neighbour};
use crate::error::StoreError;
use crate::event::{self, EventDates, EventIdentity};
use crate::event_override;
use crate::ids::{AccountId, ClubId, JointPostId, PostId, TopicId};
use crate::instant::{instant, millis};
use crate::media::Media;
use crate::notification::Urgency;
use crate::post_media;
use crate::post_revision::RevisionState;
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

pub(crate) mod row {
    use super::{PostDelivery, PostKind, PostState};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "post")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: PostKind,
        pub state: PostState,
        pub topic_id: Option<Uuid>,
        pub author_id: Uuid,
        pub title: String,
        #[sea_orm(column_type = "Text")]
        pub body_markdown: String,
        #[sea_orm(column_type = "Text")]
        pub body_html: String,
        pub version: i32,
        pub created_at: i64,
        pub updated_at: i64,
        pub published_at: Option<i64>,
        pub withdrawn_at: Option<i64>,
        pub expires_at: Option<i64>,
        pub club_id: Option<Uuid>,
        pub publish_at: Option<i64>,
        pub delivery: PostDelivery,
        pub approved_by: Option<Uuid>,
        pub joint_post_id: Option<Uuid>,
        pub joint_version: Option<i32>,
        #[sea_orm(column_type = "Text", nullable)]
        pub withdrawal_reason: Option<String>,
        pub cleared_at: Option<i64>,
        #[sea_orm(column_type = "Text", nullable)]
        pub all_clear: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a post is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum PostKind {
    /// News of the town hall.
    #[sea_orm(num_value = 0)]
    News,
    /// A notice of a club.
    #[sea_orm(num_value = 1)]
    Notice,
    /// Something with a date.
    #[sea_orm(num_value = 2)]
    Event,
    /// A warning.
    #[sea_orm(num_value = 3)]
    Alert,
}

/// Where a post is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum PostState {
    /// Being written; only staff of the village sees it.
    #[sea_orm(num_value = 0)]
    Draft,
    /// Public, until it expires.
    #[sea_orm(num_value = 1)]
    Published,
    /// Taken back; only staff of the village sees it.
    #[sea_orm(num_value = 2)]
    Withdrawn,
    /// Handed in; waits for an editor.
    #[sea_orm(num_value = 3)]
    InReview,
    /// Given back by an editor, with a comment.
    #[sea_orm(num_value = 4)]
    Returned,
    /// May go out, when somebody sends it.
    #[sea_orm(num_value = 5)]
    Approved,
    /// Goes out by itself at a time that is set.
    #[sea_orm(num_value = 6)]
    Scheduled,
    /// Its time is over; only staff of the village sees it.
    #[sea_orm(num_value = 7)]
    Expired,
    /// A joint post that this village does not show, or an event of a club that takes part no longer; only staff of the village
    /// sees it.
    #[sea_orm(num_value = 8)]
    Hidden,
}

/// How loudly a post is told when it becomes public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum PostDelivery {
    /// Nobody is told; it shows in the feed.
    #[sea_orm(num_value = 0)]
    Silent,
    /// By push only.
    #[sea_orm(num_value = 1)]
    Push,
    /// On every channel.
    #[sea_orm(num_value = 2)]
    PushAndMail,
    /// On every channel, before everything else.
    #[sea_orm(num_value = 3)]
    Urgent,
}

/// A post.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    /// Its identifier.
    pub id: PostId,
    /// What it is.
    pub kind: PostKind,
    /// Where it is in its life.
    pub state: PostState,
    /// The member of staff who first saved it.
    pub author: AccountId,
    /// The club it is published by; `None` for the town hall.
    pub club: Option<ClubId>,
    /// The slug of that club.
    pub club_slug: Option<String>,
    /// The name of that club.
    pub club_name: Option<String>,
    /// What it is about.
    pub topic: Option<TopicId>,
    /// The slug of what it is about.
    pub topic_slug: Option<String>,
    /// Its title, plain text.
    pub title: String,
    /// Its text as written, Markdown.
    pub body_markdown: String,
    /// Its text as sanitised HTML.
    pub body_html: String,
    /// Its dates, when it is an event.
    pub event: Option<EventDates>,
    /// By what calendars know it, when it is an event.
    pub event_identity: Option<EventIdentity>,
    /// The event that it goes on from.
    pub continues: Option<Neighbour>,
    /// The event that it goes on as.
    pub continued_by: Option<Neighbour>,
    /// The images and documents it shows, in this order.
    pub media: Vec<Media>,
    /// Rises by one with every change.
    pub version: i32,
    /// When it was first saved.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When it became public.
    pub published_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Why it was taken back, as everybody may read it.
    pub withdrawal_reason: Option<String>,
    /// That the danger is over, when it is an alert.
    pub all_clear: Option<AllClear>,
    /// From when on it does not show any more.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it goes out by itself; while it is scheduled.
    pub publish_at: Option<DateTime<Utc>>,
    /// How loudly it is told.
    pub delivery: PostDelivery,
    /// The editor who let it go out as it is; `None` when nobody did, or it has changed since.
    pub approved_by: Option<AccountId>,
    /// The joint post that it is this village's copy of.
    pub joint: Option<JointCopy>,
    /// What it is to say was handed in: where that is.
    pub revision: Option<RevisionState>,
}

/// Of which joint post a post is the copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JointCopy {
    /// The joint post.
    pub id: JointPostId,
    /// The version of it that the post has followed.
    pub version: i32,
    /// The name of the municipality.
    pub municipality: String,
}

store!(
    /// The posts of the village.
    Posts as posts in Village, VillageTx
);

/// The posts of the village `$1`, to which conditions may be added.
fn select() -> String {
    format!(
        "SELECT p.*, t.slug AS topic_slug, c.slug AS club_slug, c.name AS club_name, m.name AS joint_of, r.state AS revision, {}
         FROM post p
         LEFT JOIN topic t ON t.village_id = p.village_id AND t.id = p.topic_id
         LEFT JOIN club c ON c.village_id = p.village_id AND c.id = p.club_id
         LEFT JOIN event e ON e.village_id = p.village_id AND e.post_id = p.id
         LEFT JOIN post_revision r ON r.village_id = p.village_id AND r.post_id = p.id
         LEFT JOIN joint_post j ON j.id = p.joint_post_id
         LEFT JOIN municipality m ON m.id = j.municipality_id
         WHERE p.village_id = $1",
        event::COLUMNS
    )
}

impl Post {
    /// How soon it is told.
    pub fn urgency(&self) -> Urgency {
        if self.kind == PostKind::Alert || self.delivery == PostDelivery::Urgent {
            Urgency::High
        } else {
            Urgency::Normal
        }
    }
}

impl<S: InVillage> Posts<'_, S> {
    /// A post, whatever its state: for staff.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: PostId) -> Result<Option<Post>, StoreError> {
        let sql = format!("{} AND p.id = $2", select());
        let row = self.0.connection().row::<Joined>(&sql, vec![self.0.village_id().into(), id.into()]).await?;
        Ok(self.with_media(row.into_iter().collect()).await?.pop())
    }

    /// The copy of a joint post here, whatever its state.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_joint(&self, joint: JointPostId) -> Result<Option<Post>, StoreError> {
        let sql = format!("{} AND p.joint_post_id = $2", select());
        let row = self.0.connection().row::<Joined>(&sql, vec![self.0.village_id().into(), joint.into()]).await?;
        Ok(self.with_media(row.into_iter().collect()).await?.pop())
    }

    /// A post that is public now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_public(&self, id: PostId, now: DateTime<Utc>) -> Result<Option<Post>, StoreError> {
        let sql = format!("{} AND p.id = $2 AND p.state = 1 AND (p.expires_at IS NULL OR p.expires_at > $3)", select());
        let values = vec![self.0.village_id().into(), id.into(), millis(now).into()];
        let row = self.0.connection().row::<Joined>(&sql, values).await?;
        Ok(self.with_media(row.into_iter().collect()).await?.pop())
    }

    /// The posts of these rows with what they show, what is different at their dates and how these go on: a query more for each,
    /// however many posts they are.
    async fn with_media(&self, rows: Vec<Joined>) -> Result<Vec<Post>, StoreError> {
        let mut posts = rows.into_iter().map(Joined::post).collect::<Result<Vec<Post>, StoreError>>()?;
        post_media::fill(self.0, &mut posts).await?;
        event_override::fill(self.0, &mut posts).await?;
        continuation::fill(self.0, &mut posts).await?;
        Ok(posts)
    }
}

impl Posts<'_, VillageTx> {
    /// Notes that a post is the copy of a joint post and has followed this version of it.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when there is another copy here.
    pub async fn follow_joint(&self, id: PostId, joint: JointPostId, version: i32) -> Result<(), StoreError> {
        let sql = "UPDATE post SET joint_post_id = $3, joint_version = $4 WHERE village_id = $1 AND id = $2";
        let values = vec![self.0.village_id().into(), id.into(), joint.into(), version.into()];
        self.0.connection().run(sql, values).await.map(drop)
    }

    /// A post that nobody else can change before this transaction ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_for_change(&self, id: PostId) -> Result<Option<Post>, StoreError> {
        if self.0.connection().is_postgres() {
            let sql = "SELECT id FROM post WHERE village_id = $1 AND id = $2 FOR UPDATE";
            self.0.connection().run(sql, vec![self.0.village_id().into(), id.into()]).await?;
        }
        self.find(id).await
    }
}

#[derive(FromQueryResult)]
struct Joined {
    id: Uuid,
    kind: PostKind,
    state: PostState,
    author_id: Uuid,
    club_id: Option<Uuid>,
    club_slug: Option<String>,
    club_name: Option<String>,
    topic_id: Option<Uuid>,
    topic_slug: Option<String>,
    title: String,
    body_markdown: String,
    body_html: String,
    version: i32,
    created_at: i64,
    updated_at: i64,
    published_at: Option<i64>,
    withdrawn_at: Option<i64>,
    expires_at: Option<i64>,
    publish_at: Option<i64>,
    delivery: PostDelivery,
    approved_by: Option<Uuid>,
    joint_post_id: Option<Uuid>,
    joint_version: Option<i32>,
    joint_of: Option<String>,
    revision: Option<RevisionState>,
    withdrawal_reason: Option<String>,
    cleared_at: Option<i64>,
    all_clear: Option<String>,
    #[sea_orm(nested)]
    event: event::Columns,
}

impl Joined {
    fn post(self) -> Result<Post, StoreError> {
        let row = self;
        let (event, event_identity) = row.event.event(row.id.into())?.unzip();
        Ok(Post {
            id: row.id.into(),
            kind: row.kind,
            state: row.state,
            author: row.author_id.into(),
            club: row.club_id.map(Into::into),
            club_slug: row.club_slug,
            club_name: row.club_name,
            topic: row.topic_id.map(Into::into),
            topic_slug: row.topic_slug,
            title: row.title,
            body_markdown: row.body_markdown,
            body_html: row.body_html,
            event,
            event_identity,
            continues: None,
            continued_by: None,
            media: Vec::new(),
            version: row.version,
            created_at: instant(row.created_at),
            updated_at: instant(row.updated_at),
            published_at: row.published_at.map(instant),
            withdrawn_at: row.withdrawn_at.map(instant),
            withdrawal_reason: row.withdrawal_reason,
            all_clear: row.cleared_at.map(|at| AllClear { at: instant(at), text: row.all_clear.unwrap_or_default() }),
            expires_at: row.expires_at.map(instant),
            publish_at: row.publish_at.map(instant),
            delivery: row.delivery,
            approved_by: row.approved_by.map(Into::into),
            revision: row.revision,
            joint: row.joint_post_id.zip(row.joint_of).map(|(id, municipality)| JointCopy {
                id: id.into(),
                version: row.joint_version.unwrap_or_default(),
                municipality,
            }),
        })
    }
}
