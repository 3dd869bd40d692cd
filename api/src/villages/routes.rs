//! Villages and municipalities over HTTP.

use super::view::{
    LogoBody, MunicipalityBody, MunicipalityList, MunicipalityView, PositionView, VillageBody, VillageList, VillageView,
};
use crate::app::App;
use crate::authority::{InVillage, Operator, VillageAdmin};
use crate::contract::Group;
use crate::feed_links;
use crate::http::{Answer, Asked, Body, Empty, Idempotent, Limit, Public, PublicPage};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use entity::VillageQuery;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;

/// The operations on villages and municipalities.
pub struct VillageRoutes(pub App);

#[OpenApi]
impl VillageRoutes {
    /// Find villages
    #[oai(path = "/v1/villages", method = "get", operation_id = "list_villages", tag = "Group::Public")]
    async fn list_villages(
        &self,
        /// Part of a name; `lüden` and `Lueden` find Lüdenhausen.
        #[oai(validator(max_length = 100))]
        q: Query<Option<String>>,
        /// A position, as in `52.07,8.99`: the nearest first, one page of them.
        #[oai(validator(max_length = 64))]
        near: Query<Option<String>>,
        /// Where the list goes on: `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// At most this many, 1 to 100; 20 unless given.
        limit: Query<Option<u32>>,
        asked: Asked,
    ) -> Result<Public<VillageList>, Problem> {
        let near = near.0.as_deref().map(|text| PositionView::parse(text).ok_or_else(bad_position)).transpose()?;
        let part = q.0.as_deref().map(crate::text::folded).filter(|part| !part.is_empty());
        let query = VillageQuery { slug_contains: part.clone(), near, limit: Limit::of(limit.0)?, after: None };
        let list = part.unwrap_or_default();
        let (villages, next_cursor) = super::list(&self.0, query, &list, cursor.0.as_deref()).await?;
        let next = next_cursor.as_ref().map(|cursor| {
            let mut link = format!("/v1/villages?cursor={cursor}&limit={}", limit.0.unwrap_or(20));
            if !list.is_empty() {
                link.push_str(&format!("&q={list}"));
            }
            link
        });
        let items = villages.into_iter().map(Into::into).collect();
        let page = PublicPage::list(&VillageList { items, next_cursor }, next, None);
        Ok(Public::page(&page, &asked).await)
    }

    /// Read a village
    ///
    /// Its `Link` headers with `rel="alternate"` name its feed for feed readers.
    #[oai(path = "/v1/villages/:village", method = "get", operation_id = "get_village", tag = "Group::Public")]
    async fn get_village(
        &self,
        #[oai(name = "village")] here: InVillage,
        asked: Asked,
    ) -> Result<Public<VillageView>, Problem> {
        let links = feed_links::alternates(&here.village.slug, "");
        let page = PublicPage::linked(&VillageView::from(here.village.as_ref()), &links, None);
        Ok(Public::page(&page, &asked).await)
    }

    /// Set the village's logo
    ///
    /// An image that was uploaded before. It is public from then on, until it is replaced or taken away.
    #[oai(
        path = "/v1/admin/villages/:village/logo",
        method = "put",
        operation_id = "set_village_logo",
        tag = "Group::Staff"
    )]
    async fn set_village_logo(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
        body: Body<LogoBody>,
    ) -> Result<Answer<200, VillageView>, Problem> {
        let village = super::set_logo(&self.0, &admin, Some(body.value.media.into())).await?;
        Ok(Answer::of(&village.into()))
    }

    /// Take the village's logo away
    #[oai(
        path = "/v1/admin/villages/:village/logo",
        method = "delete",
        operation_id = "remove_village_logo",
        tag = "Group::Staff"
    )]
    async fn remove_village_logo(&self, #[oai(name = "village")] admin: VillageAdmin) -> Result<Empty, Problem> {
        super::set_logo(&self.0, &admin, None).await?;
        Ok(Empty)
    }

    /// Enter a municipality
    #[oai(
        path = "/v1/operator/municipalities",
        method = "post",
        operation_id = "create_municipality",
        tag = "Group::Operator"
    )]
    async fn create_municipality(
        &self,
        operator: Operator,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<MunicipalityBody>,
    ) -> Result<Answer<201, MunicipalityView>, Problem> {
        let request = key.request(operator.session.account, &body.hash)?;
        let municipality = body.value.checked(self.0.clock.now())?;
        Ok(Answer::kept(super::create_municipality(&self.0, &operator, municipality, request).await?))
    }

    /// List the municipalities
    #[oai(
        path = "/v1/operator/municipalities",
        method = "get",
        operation_id = "list_municipalities",
        tag = "Group::Operator"
    )]
    async fn list_municipalities(
        &self,
        _operator: Operator,
        /// Where the list goes on: `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// At most this many, 1 to 100; 20 unless given.
        limit: Query<Option<u32>>,
    ) -> Result<Answer<200, MunicipalityList>, Problem> {
        let limit = Limit::of(limit.0)?;
        let (found, next_cursor) = super::list_municipalities(&self.0, limit, cursor.0.as_deref()).await?;
        let next =
            next_cursor.as_ref().map(|cursor| format!("/v1/operator/municipalities?cursor={cursor}&limit={limit}"));
        let items = found.into_iter().map(Into::into).collect();
        Ok(Answer::of(&MunicipalityList { items, next_cursor }).next(next))
    }

    /// Enter a village
    #[oai(path = "/v1/operator/villages", method = "post", operation_id = "create_village", tag = "Group::Operator")]
    async fn create_village(
        &self,
        operator: Operator,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<VillageBody>,
    ) -> Result<Answer<201, VillageView>, Problem> {
        let request = key.request(operator.session.account, &body.hash)?;
        let village = body.value.checked(self.0.clock.now())?;
        Ok(Answer::kept(super::create_village(&self.0, &operator, village, request).await?))
    }

    /// List the villages
    #[oai(
        path = "/v1/operator/villages",
        method = "get",
        operation_id = "list_operator_villages",
        tag = "Group::Operator"
    )]
    async fn list_operator_villages(
        &self,
        _operator: Operator,
        /// Where the list goes on: `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// At most this many, 1 to 100; 20 unless given.
        limit: Query<Option<u32>>,
    ) -> Result<Answer<200, VillageList>, Problem> {
        let limit = Limit::of(limit.0)?;
        let query = VillageQuery { limit, ..VillageQuery::default() };
        let (villages, next_cursor) = super::list(&self.0, query, "", cursor.0.as_deref()).await?;
        let next = next_cursor.as_ref().map(|cursor| format!("/v1/operator/villages?cursor={cursor}&limit={limit}"));
        let items = villages.into_iter().map(Into::into).collect();
        Ok(Answer::of(&VillageList { items, next_cursor }).next(next))
    }
}

fn bad_position() -> Problem {
    Problem::with_fault(
        ProblemKind::InvalidParameter,
        "near",
        Text::new(
            "muss aus Breite und Länge bestehen, wie 52.07,8.99",
            "must be latitude and longitude, as in 52.07,8.99",
        ),
    )
}
