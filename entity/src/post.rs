//! Posts: anything published in a village, from draft to withdrawal.

use crate::error::StoreError;
use crate::event::{self, EventDates};
use crate::ids::{AccountId, ClubId, PostId, TopicId};
use crate::instant::{instant, millis};
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::{Sql, placeholders};
use chrono::{DateTime, NaiveDateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, IntoActiveModel};

pub(crate) mod row {
    use super::{PostKind, PostState};
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
}

/// A post.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// From when on it does not show any more.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A draft to be saved for the first time.
#[derive(Clone, Debug)]
pub struct NewPost {
    /// What it is.
    pub kind: PostKind,
    /// Who writes it.
    pub author: AccountId,
    /// For which club; `None` for the town hall.
    pub club: Option<ClubId>,
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
    pub event: Option<EventDates>,
}

/// A place in a list of posts, newest first: the post that came last on the page before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    /// When that post became public.
    pub published_at: DateTime<Utc>,
    /// Its identifier.
    pub id: PostId,
}

/// Which public posts to list, newest first.
#[derive(Clone, Debug)]
pub struct FeedQuery {
    /// Only of this kind.
    pub kind: Option<PostKind>,
    /// Only about this topic.
    pub topic: Option<TopicId>,
    /// Only those after this place.
    pub after: Option<Position>,
    /// At most this many.
    pub limit: u64,
    /// What has expired by now does not show.
    pub now: DateTime<Utc>,
}

/// Which posts in whatever state to list, the last created first.
#[derive(Clone, Debug)]
pub struct StaffQuery {
    /// Only in this state.
    pub state: Option<PostState>,
    /// Only what this author may see.
    pub of: Option<OwnPosts>,
    /// Only those before this one.
    pub after: Option<PostId>,
    /// At most this many.
    pub limit: u64,
}

/// What somebody who is no editor may see: posts of their clubs, and those they wrote for the town hall.
#[derive(Clone, Debug)]
pub struct OwnPosts {
    /// Who wrote for the town hall; `None` when they do not.
    pub author: Option<AccountId>,
    /// Their clubs.
    pub clubs: Vec<ClubId>,
}

store!(
    /// The posts of the village.
    Posts as posts in Village, VillageTx
);

const SELECT: &str =
    "SELECT p.*, t.slug AS topic_slug, c.slug AS club_slug, e.starts_local, e.ends_local, e.zone, e.place
    FROM post p
    LEFT JOIN topic t ON t.village_id = p.village_id AND t.id = p.topic_id
    LEFT JOIN club c ON c.village_id = p.village_id AND c.id = p.club_id
    LEFT JOIN event e ON e.village_id = p.village_id AND e.post_id = p.id
    WHERE p.village_id = $1";

impl<S: InVillage> Posts<'_, S> {
    /// A post, whatever its state: for staff.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: PostId) -> Result<Option<Post>, StoreError> {
        let sql = format!("{SELECT} AND p.id = $2");
        let row = self.0.connection().row::<Joined>(&sql, vec![self.0.village_id().into(), id.into()]).await?;
        Ok(row.map(Into::into))
    }

    /// A post that is public now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_public(&self, id: PostId, now: DateTime<Utc>) -> Result<Option<Post>, StoreError> {
        let sql = format!("{SELECT} AND p.id = $2 AND p.state = 1 AND (p.expires_at IS NULL OR p.expires_at > $3)");
        let values = vec![self.0.village_id().into(), id.into(), millis(now).into()];
        Ok(self.0.connection().row::<Joined>(&sql, values).await?.map(Into::into))
    }

    /// Public posts, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feed(&self, query: &FeedQuery) -> Result<Vec<Post>, StoreError> {
        let mut sql = format!("{SELECT} AND p.state = 1 AND (p.expires_at IS NULL OR p.expires_at > $2)");
        let mut values: Vec<Value> = vec![self.0.village_id().into(), millis(query.now).into()];
        if let Some(kind) = query.kind {
            values.push((kind as i16).into());
            sql.push_str(&format!(" AND p.kind = ${}", values.len()));
        }
        if let Some(topic) = query.topic {
            values.push(topic.into());
            sql.push_str(&format!(" AND p.topic_id = ${}", values.len()));
        }
        if let Some(after) = query.after {
            values.push(millis(after.published_at).into());
            values.push(after.id.into());
            sql.push_str(&format!(" AND (p.published_at, p.id) < (${}, ${})", values.len() - 1, values.len()));
        }
        values.push(i64::try_from(query.limit).unwrap_or(i64::MAX).into());
        sql.push_str(&format!(" ORDER BY p.published_at DESC, p.id DESC LIMIT ${}", values.len()));
        let rows = self.0.connection().rows::<Joined>(&sql, values).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Posts in whatever state, the last created first: for staff.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, query: &StaffQuery) -> Result<Vec<Post>, StoreError> {
        let mut sql = SELECT.to_owned();
        let mut values: Vec<Value> = vec![self.0.village_id().into()];
        if let Some(state) = query.state {
            values.push((state as i16).into());
            sql.push_str(&format!(" AND p.state = ${}", values.len()));
        }
        if let Some(own) = &query.of {
            values.push(own.author.map(|author| author.0).into());
            sql.push_str(&format!(" AND ((p.club_id IS NULL AND p.author_id = ${})", values.len()));
            if !own.clubs.is_empty() {
                let clubs = placeholders(values.len() + 1, own.clubs.len());
                values.extend(own.clubs.iter().map(|club| Value::from(*club)));
                sql.push_str(&format!(" OR p.club_id IN ({clubs})"));
            }
            sql.push(')');
        }
        if let Some(after) = query.after {
            values.push(after.into());
            sql.push_str(&format!(" AND p.id < ${}", values.len()));
        }
        values.push(i64::try_from(query.limit).unwrap_or(i64::MAX).into());
        sql.push_str(&format!(" ORDER BY p.id DESC LIMIT ${}", values.len()));
        let rows = self.0.connection().rows::<Joined>(&sql, values).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

impl Posts<'_, VillageTx> {
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

    /// Saves a new draft; gives its identifier.
    ///
    /// # Errors
    /// [`StoreError::Referenced`] when the topic is not one of this village.
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
        };
        row.into_active_model().insert(self.0.connection()).await?;
        if let Some(dates) = &content.event {
            event::set(self.0, id, dates).await?;
        }
        Ok(id)
    }

    /// Gives a post other content and the next version. The caller holds it by [`Posts::find_for_change`].
    ///
    /// # Errors
    /// [`StoreError::Referenced`] when the topic is not one of this village.
    pub async fn change(&self, id: PostId, content: PostChange, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE post SET topic_id = $3, title = $4, body_markdown = $5, body_html = $6, expires_at = $7,
                     updated_at = $8, version = version + 1
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
        ];
        self.0.connection().run(sql, values).await?;
        if let Some(dates) = &content.event {
            event::set(self.0, id, dates).await?;
        }
        self.0.note_change();
        Ok(())
    }

    /// Makes a draft public.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn publish(&self, id: PostId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE post SET state = 1, published_at = $3, updated_at = $3, version = version + 1
                   WHERE village_id = $1 AND id = $2 AND state = 0";
        self.step(sql, id, now).await
    }

    /// Takes a public post back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn withdraw(&self, id: PostId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE post SET state = 2, withdrawn_at = $3, updated_at = $3, version = version + 1
                   WHERE village_id = $1 AND id = $2 AND state = 1";
        self.step(sql, id, now).await
    }

    /// Removes a draft for good.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_draft(&self, id: PostId) -> Result<(), StoreError> {
        let sql = "DELETE FROM post WHERE village_id = $1 AND id = $2 AND state = 0";
        self.0.connection().run(sql, vec![self.0.village_id().into(), id.into()]).await.map(drop)
    }

    async fn step(&self, sql: &str, id: PostId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let values = vec![self.0.village_id().into(), id.into(), millis(now).into()];
        self.0.connection().run(sql, values).await?;
        self.0.note_change();
        Ok(())
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
    starts_local: Option<NaiveDateTime>,
    ends_local: Option<NaiveDateTime>,
    zone: Option<String>,
    place: Option<String>,
}

impl From<Joined> for Post {
    fn from(row: Joined) -> Self {
        let event = row.starts_local.zip(row.zone).map(|(starts_local, zone)| EventDates {
            starts_local,
            ends_local: row.ends_local,
            zone,
            place: row.place,
        });
        Self {
            id: row.id.into(),
            kind: row.kind,
            state: row.state,
            author: row.author_id.into(),
            club: row.club_id.map(Into::into),
            club_slug: row.club_slug,
            topic: row.topic_id.map(Into::into),
            topic_slug: row.topic_slug,
            title: row.title,
            body_markdown: row.body_markdown,
            body_html: row.body_html,
            event,
            version: row.version,
            created_at: instant(row.created_at),
            updated_at: instant(row.updated_at),
            published_at: row.published_at.map(instant),
            withdrawn_at: row.withdrawn_at.map(instant),
            expires_at: row.expires_at.map(instant),
        }
    }
}
