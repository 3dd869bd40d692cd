//! Events that are not public any more: what was public of them is taken back, without a word to anybody.

use super::applying::{Import, Progress};
use super::report::{Came, Outcome};
use crate::calendar::{Elsewhere, HiddenEvent};
use crate::recurrence;
use entity::{PlannedEvent, Post, PostChange, PostState, StoreError};

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

    /// A post as it was before a change, without these dates: of them nothing is told.
    pub fn without(&self, post: &Post, elsewhere: &Elsewhere) -> Post {
        let mut post = post.clone();
        if let Some(event) = &mut post.event {
            let dates =
                recurrence::plan(event.clone(), self.now).map(|planned| planned.occurrences).unwrap_or_default();
            let gone = dates.iter().map(|date| date.recurrence_local).filter(|date| elsewhere.has(*date));
            event.except_dates.extend(gone);
        }
        post
    }

    /// Takes dates off a public post of which nothing is to be shown any more, also where its author may change nothing else of it.
    pub async fn hide_dates(
        &self,
        post: &Post,
        elsewhere: &Elsewhere,
        progress: &mut Progress,
    ) -> Result<(), StoreError> {
        let Some(before) = post.event.as_ref().filter(|_| post.state == PostState::Published) else { return Ok(()) };
        let dates = recurrence::plan(before.clone(), self.now).map(|event| event.occurrences).unwrap_or_default();
        if !dates.iter().any(|date| elsewhere.has(date.recurrence_local)) {
            return Ok(());
        }
        let mut event = before.clone();
        let event = elsewhere.take_off(&mut event).ok().and_then(|()| recurrence::plan(event, self.now).ok());
        let Some(event) = event else { return self.take_down(post).await.map(drop) };
        progress.writes_dates(event.occurrences.len());
        self.tx.posts().change(post.id, with_event(post, event), self.now).await?;
        self.keep_version(post.id).await?;
        progress.writes_post();
        Ok(())
    }

    async fn hide_post(&self, post: &Post) -> Result<(), StoreError> {
        match post.state {
            PostState::Published | PostState::Expired => self.take_down(post).await.map(drop),
            _ if self.may_delete(post) => self.tx.posts().delete(post.id).await,
            _ => Ok(()),
        }
    }
}

/// The content of a post with other dates.
pub fn with_event(post: &Post, event: PlannedEvent) -> PostChange {
    PostChange {
        topic: post.topic,
        title: post.title.clone(),
        body_markdown: post.body_markdown.clone(),
        body_html: post.body_html.clone(),
        expires_at: post.expires_at,
        event: Some(event),
        delivery: post.delivery,
    }
}
