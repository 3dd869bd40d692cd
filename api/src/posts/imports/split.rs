//! A series of a calendar that somebody changed here from a date on, so that it goes on as other posts. Its calendar knows nothing of
//! that and tells all dates as one series: when it says something new, or has the series no more, these posts follow.

use super::applying::{Import, Progress};
use super::removing::Removal;
use super::report::{Came, Outcome};
use crate::posts::life::{self, Step};
use entity::{NewOccurrence, Post, PostState, StoreError};

/// What a series of a calendar goes on as here.
pub struct Rest {
    /// The posts, one after the other.
    posts: Vec<Post>,
    /// The dates of each.
    dates: Vec<Vec<NewOccurrence>>,
}

impl Rest {
    /// All of their dates.
    pub fn dates(&self) -> impl Iterator<Item = &NewOccurrence> {
        self.dates.iter().flatten()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.posts.is_empty()
    }
}

impl Import<'_> {
    /// What a post goes on as, except what was taken back or is over already.
    pub async fn rest_of(&self, post: &Post) -> Result<Rest, StoreError> {
        let mut rest = Rest { posts: Vec::new(), dates: Vec::new() };
        if post.continued_by.is_none() {
            return Ok(rest);
        }
        for id in self.tx.continuations().after(post.id).await? {
            let Some(post) = self.tx.posts().find_for_change(id).await? else { continue };
            if matches!(post.state, PostState::Withdrawn | PostState::Expired | PostState::Hidden) {
                continue;
            }
            let dates = self.tx.occurrences().of_post(id).await?;
            rest.dates.push(dates.into_iter().map(|date| date.is).collect());
            rest.posts.push(post);
        }
        Ok(rest)
    }

    /// Whether the author of the calendar may take all of it off.
    pub fn may_take_off(&self, rest: &Rest) -> bool {
        rest.posts.iter().all(|post| match post.state {
            PostState::Published => life::lead(Step::Withdraw, post.state, self.actor).is_ok(),
            _ => self.may_delete(post),
        })
    }

    /// Whether a post that never was public may go.
    pub fn may_delete(&self, post: &Post) -> bool {
        let leads = |step| life::lead(step, post.state, self.actor).is_ok();
        post.published_at.is_none() && [Step::Delete, Step::Recall].into_iter().any(leads)
    }

    /// Takes it off: the first post says all of its dates again.
    pub async fn take_off(&self, rest: &Rest, progress: &mut Progress) -> Result<(), StoreError> {
        for post in &rest.posts {
            if post.state == PostState::Published {
                self.take_down(post).await?;
            } else {
                self.tx.posts().delete(post.id).await?;
            }
            progress.writes_post();
            progress.report.component(None, &post.title, Came::of(Outcome::Joined, post.id));
        }
        Ok(())
    }

    /// Removes it with the first post; whether anything was.
    pub async fn remove_rest(&self, rest: &Rest, progress: &mut Progress) -> Result<bool, StoreError> {
        let mut any = false;
        for (post, dates) in rest.posts.iter().zip(&rest.dates) {
            if dates.iter().all(|date| date.ends_at < self.now) {
                continue;
            }
            if !matches!(self.remove(post, dates, progress).await?, Removal::None) {
                progress.report.component(None, &post.title, Came::of(Outcome::Removed, post.id));
                any = true;
            }
        }
        Ok(any)
    }
}
