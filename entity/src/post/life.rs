//! From state to state. Which moves are allowed is not known here; that what falls due follows the post is.

use super::{Post, PostState, Posts};
use crate::due_work::DueWork;
use crate::error::StoreError;
use crate::event::{self, EventDates};
use crate::ids::{AccountId, ClubId, PostId};
use crate::instant::millis;
use crate::scope::{Connected, InVillage, VillageTx};
use crate::search_word;
use crate::sql::Sql;
use crate::stream_event::Told;
use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

/// A move from one state to another.
#[derive(Clone, Copy, Debug)]
pub struct PostMove {
    /// The state it is in.
    pub from: PostState,
    /// The state it comes into.
    pub to: PostState,
    /// When it goes out by itself; exactly for what becomes scheduled.
    pub publish_at: Option<DateTime<Utc>>,
    /// Who let it go out as it is.
    pub approved_by: Option<AccountId>,
}

#[derive(FromQueryResult)]
struct Id {
    id: Uuid,
}

impl Posts<'_, VillageTx> {
    /// Moves a post, which gets the next version. The caller holds it by [`Posts::find_for_change`]. What was hidden comes back to
    /// where it was in the feed, and, unless it is a club's, is not told as cancelled when it is withdrawn. Calendars that follow take
    /// an event that was hidden, or shows again, for a later one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn move_to(&self, id: PostId, step: PostMove, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql =
            "UPDATE post SET state = $4, publish_at = $5, approved_by = $6, updated_at = $7, version = version + 1,
                     published_at = CASE WHEN $4 = 1 AND state <> 8 THEN $7 ELSE published_at END,
                     withdrawn_at = CASE WHEN $4 = 2 AND (state <> 8 OR club_id IS NOT NULL) THEN $7 ELSE withdrawn_at END
                   WHERE village_id = $1 AND id = $2 AND state = $3";
        let values = vec![
            self.0.village_id().into(),
            id.into(),
            (step.from as i16).into(),
            (step.to as i16).into(),
            step.publish_at.map(millis).into(),
            step.approved_by.map(|account| account.0).into(),
            millis(now).into(),
        ];
        self.0.connection().run(sql, values).await?;
        self.0.note_change();
        if step.from == PostState::Published && step.to != PostState::Hidden {
            self.0.post_revisions().remove(id).await?;
        }
        if step.from == PostState::Hidden || step.to == PostState::Hidden {
            event::change_sequence(self.0, id).await?;
        }
        self.follow(id, Some(step.from), None).await
    }

    /// Takes a post from its readers for good, also one that is hidden for now: withdraws it, or hides it when it is the
    /// municipality's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_down(&self, post: &Post, now: DateTime<Utc>) -> Result<PostState, StoreError> {
        let to = if post.joint.is_some() { PostState::Hidden } else { PostState::Withdrawn };
        let step = PostMove { from: post.state, to, publish_at: None, approved_by: None };
        self.move_to(post.id, step, now).await?;
        Ok(to)
    }

    /// Puts a post that was changed in the same transaction into another state, as part of the same version.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn review_again(&self, id: PostId, from: PostState, to: PostState) -> Result<(), StoreError> {
        let sql = "UPDATE post SET state = $4, publish_at = NULL, approved_by = NULL
                   WHERE village_id = $1 AND id = $2 AND state = $3";
        let values = vec![self.0.village_id().into(), id.into(), (from as i16).into(), (to as i16).into()];
        self.0.connection().run(sql, values).await?;
        self.follow(id, Some(from), None).await
    }

    /// Makes what depends on a post follow it: what falls due, what it is found by, and what those who follow the village are
    /// told. `from` is the state it came from, if it was moved; `before` the dates it had, if it was changed.
    pub(super) async fn follow(
        &self,
        id: PostId,
        from: Option<PostState>,
        before: Option<&EventDates>,
    ) -> Result<(), StoreError> {
        let Some(post) = self.find(id).await? else { return Ok(()) };
        self.set_due(&post).await?;
        if post.state == PostState::Published {
            search_word::set(self.0, &post).await?;
        } else if from == Some(PostState::Published) {
            search_word::remove(self.0, id).await?;
        }
        if let Some(told) = Told::of(&post, from, before) {
            self.0.tell(told);
        }
        Ok(())
    }

    /// Makes what falls due what the post says: its publication while it is scheduled, its expiry and the
    /// reminders of its dates while it is public.
    async fn set_due(&self, post: &Post) -> Result<(), StoreError> {
        let publish_at = post.publish_at.filter(|_| post.state == PostState::Scheduled);
        let expires_at = post.expires_at.filter(|_| post.state == PostState::Published);
        for (work, due_at) in [(DueWork::Publish, publish_at), (DueWork::Expire, expires_at)] {
            match due_at {
                Some(due_at) => self.0.due_works().set(work, post.id.0, post.urgency(), due_at).await?,
                None => self.0.due_works().remove(work, post.id.0).await?,
            }
        }
        if post.event.is_none() {
            return Ok(());
        }
        match post.state {
            PostState::Published => self.0.event_reminders().look_at(post.id, post.updated_at).await,
            _ => self.0.event_reminders().look_again(post.id, None).await,
        }
    }

    /// A post whose time has come, which nobody else can change before this transaction ends; nothing when somebody else has
    /// done the work, or moved it. The work is as good as done then: it is removed when nothing is due any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_due(&self, work: DueWork, id: PostId, now: DateTime<Utc>) -> Result<Option<Post>, StoreError> {
        let post = self.find_for_change(id).await?;
        let (state, at) = match work {
            DueWork::Publish => (PostState::Scheduled, post.as_ref().and_then(|post| post.publish_at)),
            _ => (PostState::Published, post.as_ref().and_then(|post| post.expires_at)),
        };
        let (due, other) = match post {
            Some(post) if post.state == state && at.is_some_and(|at| at <= now) => (Some(post), None),
            other => (None, other),
        };
        if due.is_none() {
            match other.filter(|_| at.is_some()) {
                Some(post) => self.set_due(&post).await?,
                None => self.0.due_works().remove(work, id.0).await?,
            }
        }
        Ok(due)
    }

    /// The public events of a club with a date that is not over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn coming_of_club(&self, club: ClubId, now: DateTime<Utc>) -> Result<Vec<PostId>, StoreError> {
        let sql = "SELECT p.id FROM post p WHERE p.village_id = $1 AND p.club_id = $2 AND p.state = 1 AND EXISTS (
                     SELECT 1 FROM occurrence o WHERE o.village_id = p.village_id AND o.post_id = p.id AND o.ends_at > $3)";
        self.ids_of_club(sql, vec![self.0.village_id().into(), club.into(), millis(now).into()]).await
    }

    /// The hidden posts of a club.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hidden_of_club(&self, club: ClubId) -> Result<Vec<PostId>, StoreError> {
        let sql = "SELECT id FROM post WHERE village_id = $1 AND club_id = $2 AND state = 8";
        self.ids_of_club(sql, vec![self.0.village_id().into(), club.into()]).await
    }

    /// The planned posts of a club.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn scheduled_of_club(&self, club: ClubId) -> Result<Vec<PostId>, StoreError> {
        let sql = "SELECT id FROM post WHERE village_id = $1 AND club_id = $2 AND state = 6";
        self.ids_of_club(sql, vec![self.0.village_id().into(), club.into()]).await
    }

    /// In the order in which they are taken hold of.
    async fn ids_of_club(&self, sql: &str, values: Vec<Value>) -> Result<Vec<PostId>, StoreError> {
        let rows = self.0.connection().rows::<Id>(sql, values).await?;
        let mut posts: Vec<PostId> = rows.into_iter().map(|row| row.id.into()).collect();
        posts.sort_unstable();
        Ok(posts)
    }
}
