//! The clubs of a village as everybody reads them: made once, kept until the village changes.

use super::view::{ClubList, ClubView};
use super::{place, place_of};
use crate::app::App;
use crate::authority::InVillage;
use crate::http::{Cursors, Look, PageCache, PageName, PublicPage};
use crate::problem::Problem;
use entity::{ClubCategory, ClubQuery, ClubState};
use poem_openapi::types::ToJSON;
use std::sync::Arc;

/// Which page of the clubs.
pub struct Wanted {
    /// Only of this category.
    pub category: Option<ClubCategory>,
    /// Where it goes on.
    pub cursor: Option<String>,
    /// At most this many.
    pub limit: u64,
}

/// A page of the clubs that take part.
pub async fn list(app: &App, here: &InVillage, wanted: &Wanted) -> Result<Arc<PublicPage>, Problem> {
    let cursors = Cursors::of(&app.secrets, format!("public clubs {} {:?}", here.village.id, wanted.category));
    let after = cursors.read(wanted.cursor.as_deref(), place)?;
    let name = PageName::Clubs { category: wanted.category, after: after.clone(), limit: wanted.limit };
    let making = match PageCache::look(app, here, name).await? {
        Look::Kept(page) => return Ok(page),
        Look::Missing(making) => making,
    };
    let (state, category) = (Some(ClubState::Active), wanted.category);
    let query = ClubQuery { state, category, after, limit: wanted.limit + 1 };
    let mut clubs = here.scope.read().await?.clubs().list(&query).await?;
    let more = clubs.len() as u64 > wanted.limit;
    clubs.truncate(wanted.limit as usize);
    let next_cursor = clubs.last().filter(|_| more).map(|last| cursors.write(&place_of(last)));
    let next = next_cursor.as_ref().map(|cursor| {
        let only = wanted.category.map(|category| super::view::Category::from(category).to_json());
        let only = only.and_then(|word| word?.as_str().map(|word| format!("&category={word}"))).unwrap_or_default();
        format!("/v1/villages/{}/clubs?cursor={cursor}&limit={}{only}", here.village.slug, wanted.limit)
    });
    let items = clubs.iter().map(|club| ClubView::new(club, &here.village.slug)).collect();
    Ok(making.page(|| PublicPage::list(&ClubList { items, next_cursor }, next, None)).await)
}

/// The page of a club that takes part.
pub async fn one(app: &App, here: &InVillage, slug: &str) -> Result<Arc<PublicPage>, Problem> {
    // PostgreSQL cannot even be asked about a text with NUL.
    if slug.len() > 64 || slug.contains('\0') {
        return Err(Problem::not_found());
    }
    let making = match PageCache::look(app, here, PageName::Club(slug.to_owned())).await? {
        Look::Kept(page) => return Ok(page),
        Look::Missing(making) => making,
    };
    let club = here.scope.read().await?.clubs().by_slug(slug).await?;
    let club = club.filter(|club| club.state == ClubState::Active).ok_or_else(Problem::not_found)?;
    Ok(making.page(|| PublicPage::json(&ClubView::new(&club, &here.village.slug), None)).await)
}
