//! Events that are not public any more: what was public of them is taken back, without a word to anybody.

use super::applying::{Import, Progress};
use super::report::{Came, Outcome};
use crate::calendar::HiddenEvent;
use entity::{Post, PostState, StoreError};

impl Import<'_> {
    /// Takes back what a calendar hides now, also what is over already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hide(&self, hidden: &[HiddenEvent], progress: &mut Progress) -> Result<(), StoreError> {
        let mut forget = Vec::new();
        for event in hidden {
            let Some(item) = progress.known.remove(&event.identity) else { continue };
            if let Some(post) = self.tx.posts().find_for_change(item.post).await? {
                let rest = self.rest_of(&post).await?;
                for post in std::iter::once(&post).chain(rest.posts()) {
                    self.hide_post(post).await?;
                }
                progress.report.component(None, "", Came::of(Outcome::Removed, post.id));
            }
            forget.push(item.identity);
        }
        self.tx.event_items().forget(self.calendar.id, &forget).await
    }

    async fn hide_post(&self, post: &Post) -> Result<(), StoreError> {
        match post.state {
            PostState::Published | PostState::Expired => self.take_down(post).await.map(drop),
            _ if self.may_delete(post) => self.tx.posts().delete(post.id).await,
            _ => Ok(()),
        }
    }
}
