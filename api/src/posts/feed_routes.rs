//! The feed for feed readers, over HTTP.

use super::feed::FeedPage;
use super::syndication::{MOST, document};
use super::view::Kind;
use crate::app::App;
use crate::authority::InVillage;
use crate::contract::Group;
use crate::feed_links::FeedForm;
use crate::http::{Asked, Atom, JsonFeed, PublicDocument, Rss};
use crate::problem::Problem;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;

/// The operations on the feed for feed readers.
pub struct FeedRoutes(pub App);

#[OpenApi(tag = "Group::Public")]
impl FeedRoutes {
    /// Read the feed as RSS 2.0
    ///
    /// The newest public posts, complete, with absolute links; the first file of a post is its enclosure.
    #[oai(path = "/v1/villages/:village/feed.rss", method = "get", operation_id = "get_rss_feed")]
    async fn get_rss_feed(
        &self,
        #[oai(name = "village")] here: InVillage,
        /// Only posts of this kind.
        kind: Query<Option<Kind>>,
        /// Only posts about the topic with this slug.
        topic: Query<Option<String>>,
        /// Only posts by the club with this slug.
        club: Query<Option<String>>,
        asked: Asked,
    ) -> Result<PublicDocument<Rss>, Problem> {
        let page = document(&self.0, &here, &newest(kind.0, topic.0, club.0), FeedForm::Rss).await?;
        Ok(PublicDocument::page(&page, &asked).await)
    }

    /// Read the feed as Atom
    ///
    /// The newest public posts, complete, with absolute links; the files of a post are its enclosures.
    #[oai(path = "/v1/villages/:village/feed.atom", method = "get", operation_id = "get_atom_feed")]
    async fn get_atom_feed(
        &self,
        #[oai(name = "village")] here: InVillage,
        /// Only posts of this kind.
        kind: Query<Option<Kind>>,
        /// Only posts about the topic with this slug.
        topic: Query<Option<String>>,
        /// Only posts by the club with this slug.
        club: Query<Option<String>>,
        asked: Asked,
    ) -> Result<PublicDocument<Atom>, Problem> {
        let page = document(&self.0, &here, &newest(kind.0, topic.0, club.0), FeedForm::Atom).await?;
        Ok(PublicDocument::page(&page, &asked).await)
    }

    /// Read the feed as JSON Feed 1.1
    ///
    /// The newest public posts, complete, with absolute links; the files of a post are its attachments.
    #[oai(path = "/v1/villages/:village/feed.json", method = "get", operation_id = "get_json_feed")]
    async fn get_json_feed(
        &self,
        #[oai(name = "village")] here: InVillage,
        /// Only posts of this kind.
        kind: Query<Option<Kind>>,
        /// Only posts about the topic with this slug.
        topic: Query<Option<String>>,
        /// Only posts by the club with this slug.
        club: Query<Option<String>>,
        asked: Asked,
    ) -> Result<PublicDocument<JsonFeed>, Problem> {
        let page = document(&self.0, &here, &newest(kind.0, topic.0, club.0), FeedForm::Json).await?;
        Ok(PublicDocument::page(&page, &asked).await)
    }
}

fn newest(kind: Option<Kind>, topic: Option<String>, club: Option<String>) -> FeedPage {
    FeedPage { kind, topic, club, q: None, cursor: None, limit: MOST }
}
