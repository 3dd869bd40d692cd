//! Posts over HTTP.

use super::event_view::Place;
use super::feed::{self, FeedPage};
use super::search::LookedFor;
use super::view::{Kind, PostBody, PostChangeBody, PostList, PostView, State};
use crate::app::App;
use crate::authority::{Author, InVillage};
use crate::contract::Group;
use crate::http::{Answer, Asked, Body, Conditional, Cursors, Empty, Idempotent, Item, Limit, Public};
use crate::problem::Problem;
use entity::{Post, PostId, StaffQuery};
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use poem_openapi::types::ToJSON;
use uuid::Uuid;

/// The operations on posts.
pub struct PostRoutes(pub App);

#[OpenApi]
impl PostRoutes {
    /// Read the feed
    ///
    /// All public posts of the village, newest first. Drafts, withdrawn and expired posts never show.
    ///
    /// With `q`, those that have all its words in title, text or place: each as the beginning of a word or in another form of it,
    /// umlauts and ß however they are typed. Of what very many posts have, a page may then hold less than `limit`, or nothing,
    /// and go on all the same: `next_cursor` tells.
    #[oai(path = "/v1/villages/:village/feed", method = "get", operation_id = "get_feed", tag = "Group::Public")]
    async fn get_feed(
        &self,
        #[oai(name = "village")] here: InVillage,
        /// Only posts of this kind.
        kind: Query<Option<Kind>>,
        /// Only posts about the topic with this slug.
        topic: Query<Option<String>>,
        /// Only posts with all these words, at most eight; `strasse` finds Straße, `haus` finds Häuser.
        q: Query<Option<String>>,
        /// Only posts by the club with this slug.
        club: Query<Option<String>>,
        /// Where the list goes on: `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// At most this many, 1 to 100; 20 unless given.
        limit: Query<Option<u32>>,
        asked: Asked,
    ) -> Result<Public<PostList>, Problem> {
        let (q, limit) = (LookedFor::of(q.0)?, Limit::of(limit.0)?);
        let wanted = FeedPage { kind: kind.0, topic: topic.0, club: club.0, q, cursor: cursor.0, limit };
        let page = feed::feed(&self.0, &here, &wanted).await?;
        Ok(Public::page(&page, &asked).await)
    }

    /// Read a post
    #[oai(path = "/v1/villages/:village/posts/:post", method = "get", operation_id = "get_post", tag = "Group::Public")]
    async fn get_post(
        &self,
        #[oai(name = "village")] here: InVillage,
        post: Item<PostId>,
        asked: Asked,
    ) -> Result<Public<PostView>, Problem> {
        let page = feed::post(&self.0, &here, post.0).await?;
        Ok(Public::page(&page, &asked).await)
    }

    /// List posts in whatever state
    ///
    /// The last created first.
    #[oai(
        path = "/v1/admin/villages/:village/posts",
        method = "get",
        operation_id = "list_staff_posts",
        tag = "Group::Staff"
    )]
    async fn list_staff_posts(
        &self,
        #[oai(name = "village")] author: Author,
        /// Only posts in this state.
        state: Query<Option<State>>,
        /// Where the list goes on: `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// At most this many, 1 to 100; 20 unless given.
        limit: Query<Option<u32>>,
    ) -> Result<Answer<200, PostList>, Problem> {
        let limit = Limit::of(limit.0)?;
        let village = &author.here.village;
        let cursors = Cursors::of(
            &self.0.secrets,
            format!("staff posts {} {:?} {}", village.id, state.0, author.session.account),
        );
        let after = cursors.read(cursor.0.as_deref(), |place| Uuid::from_slice(place).ok().map(Into::into))?;
        let query =
            StaffQuery { state: state.0.map(Into::into), of: super::own_posts(&author), after, limit: limit + 1 };
        let reader = author.here.scope.read().await?;
        let mut posts = reader.posts().list(&query).await?;
        let more = posts.len() as u64 > limit;
        posts.truncate(limit as usize);
        let next_cursor = posts.last().filter(|_| more).map(|last| cursors.write(last.id.0.as_bytes()));
        let items = posts.iter().map(|post| PostView::for_staff(post, &author)).collect();
        let next = next_cursor.as_ref().map(|cursor| {
            let state =
                state.0.map_or(String::new(), |state| format!("&state={}", state.to_json_string().trim_matches('"')));
            format!("/v1/admin/villages/{}/posts?cursor={cursor}&limit={limit}{state}", village.slug)
        });
        Ok(Answer::of(&PostList { items, next_cursor }).next(next))
    }

    /// Save a draft
    #[oai(
        path = "/v1/admin/villages/:village/posts",
        method = "post",
        operation_id = "create_post",
        tag = "Group::Staff"
    )]
    async fn create_post(
        &self,
        #[oai(name = "village")] author: Author,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<PostBody>,
    ) -> Result<Answer<201, PostView>, Problem> {
        let request = key.request(author.session.account, &body.hash)?;
        let draft = body.value.checked(&Place::of(&self.0, &author.here.village).await?)?;
        Ok(Answer::kept(super::create(&self.0, &author, draft, request).await?))
    }

    /// Read a post in whatever state
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post",
        method = "get",
        operation_id = "get_staff_post",
        tag = "Group::Staff"
    )]
    async fn get_staff_post(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
    ) -> Result<Answer<200, PostView>, Problem> {
        let found = author.here.scope.read().await?.posts().find(post.0).await?;
        let found = found.filter(|post| author.sees(post)).ok_or_else(Problem::not_found)?;
        Ok(shown(&found, &author))
    }

    /// Change a post
    ///
    /// Needs `If-Match` with the `ETag` of the version that is changed; 412 tells that somebody else was faster. Correcting a
    /// public post is silent unless `notify` is true, or coming dates of an event are cancelled, postponed or moved: that is told once,
    /// unless `notify` is false.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post",
        method = "patch",
        operation_id = "change_post",
        tag = "Group::Staff"
    )]
    async fn change_post(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        body: Body<PostChangeBody>,
    ) -> Result<Answer<200, PostView>, Problem> {
        let place = Place::of(&self.0, &author.here.village).await?;
        let changed = |post: &Post| match body.is_empty {
            true => Ok(None),
            false => body.value.checked(post.kind, post.into(), &place).map(Some),
        };
        let saved = super::change(&self.0, &author, post.0, &condition, changed).await?;
        let version = saved.post.version;
        Ok(Answer::of(&saved.view(&author)).version(version))
    }

    /// Delete a post that was never public
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post",
        method = "delete",
        operation_id = "delete_post",
        tag = "Group::Staff"
    )]
    async fn delete_post(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "If-Match")] condition: Conditional,
    ) -> Result<Empty, Problem> {
        super::delete(&self.0, &author, post.0, &condition).await?;
        Ok(Empty)
    }
}

fn shown(post: &Post, by: &Author) -> Answer<200, PostView> {
    Answer::of(&PostView::for_staff(post, by)).version(post.version)
}
