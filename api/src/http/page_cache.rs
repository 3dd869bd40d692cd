//! The public pages that were asked for before, and how those are made that were not: in a seat, so that whoever asks for many
//! pages that nobody else wants takes neither the threads nor the database from the others.

use super::page_name::{PageKey, PageName};
use super::public::PublicPage;
use crate::app::App;
use crate::authority::InVillage;
use crate::bench::Seat;
use crate::problem::Problem;
use chrono::{DateTime, Utc};
use moka::future::Cache;
use std::sync::Arc;
use std::time::Duration;

/// The pages asked for before, up to 32 MiB of them.
pub struct PageCache(Cache<PageKey, Arc<PublicPage>>);

/// What a look for a page finds.
pub enum Look<'a> {
    /// The page.
    Kept(Arc<PublicPage>),
    /// A seat to make it in.
    Missing(Making<'a>),
}

/// A page that is being made.
pub struct Making<'a> {
    pages: &'a PageCache,
    key: Option<PageKey>,
    seat: Seat,
}

impl Default for PageCache {
    fn default() -> Self {
        // Compressed twice, it takes about half as much again.
        let weigh = |_: &PageKey, page: &Arc<PublicPage>| u32::try_from(page.len() * 3 / 2 + 512).unwrap_or(u32::MAX);
        let cache = Cache::builder()
            .weigher(weigh)
            .max_capacity(32 * 1024 * 1024)
            // No page is served for longer than this without looking again, whatever was not heard.
            .time_to_live(Duration::from_secs(30))
            .build();
        Self(cache)
    }
}

impl PageCache {
    /// Looks for a page of a village.
    ///
    /// # Errors
    /// 429 when the client asked for too many pages that nobody else asks for; 503 when there is no seat to make one in.
    pub async fn look<'a>(app: &'a App, here: &InVillage, page: PageName) -> Result<Look<'a>, Problem> {
        let (pages, now) = (&app.pages, app.clock.now());
        let is_unusual = page.is_unusual();
        let village = here.village.id;
        let key = app.database.generation(village).map(|generation| PageKey { village, generation, page });
        if let Some(page) = pages.get(key.as_ref(), now).await {
            return Ok(Look::Kept(page));
        }
        if is_unusual {
            app.limits.unusual_read(here.client)?;
        }
        let seat = app.benches.pages.seat(village).await?;
        // Others waited for the same page, and one of them has made it.
        match pages.get(key.as_ref(), now).await {
            Some(page) => Ok(Look::Kept(page)),
            None => Ok(Look::Missing(Making { pages, key, seat })),
        }
    }

    /// The page kept under this key, if it is still true.
    async fn get(&self, key: Option<&PageKey>, now: DateTime<Utc>) -> Option<Arc<PublicPage>> {
        let page = self.0.get(key?).await?;
        page.is_true_at(now).then_some(page)
    }
}

impl Making<'_> {
    /// Makes the page of what was read, and keeps it.
    pub async fn page(self, make: impl FnOnce() -> Arc<PublicPage>) -> Arc<PublicPage> {
        let page = self.seat.does_here(make);
        if let Some(key) = self.key {
            self.pages.0.insert(key, page.clone()).await;
        }
        page
    }
}
