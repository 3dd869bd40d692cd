//! Applications of clubs over HTTP. Looking at a link changes nothing: mail scanners follow links.

use super::applications;
use super::pages::{Matter, page};
use super::view::{ClubApplicationBody, ClubTokenBody};
use crate::app::App;
use crate::authority::InVillage;
use crate::contract::Group;
use crate::http::{Accepted, Body, ClientAddress, Empty, Form, HtmlPage, Item};
use crate::problem::Problem;
use crate::text::Language;
use poem::web::Data;
use poem_openapi::OpenApi;

/// The operations on applications.
pub struct ClubApplicationRoutes(pub App);

#[OpenApi(tag = "Group::Resident")]
impl ClubApplicationRoutes {
    /// Apply for a club
    ///
    /// A link is sent to the address; once it was followed, the town hall decides, and tells you by mail.
    #[oai(path = "/v1/villages/:village/club-applications", method = "post", operation_id = "apply_for_club")]
    async fn apply_for_club(
        &self,
        #[oai(name = "village")] here: InVillage,
        client: ClientAddress,
        language: Data<&Language>,
        body: Body<ClubApplicationBody>,
    ) -> Result<Accepted, Problem> {
        self.0.limits.account_link(client.0)?;
        let application = body.value.checked(*language.0)?;
        self.0.limits.question(client.0)?;
        applications::apply(&self.0, &here, application).await?;
        Ok(Accepted)
    }

    /// Confirm an application
    ///
    /// For apps; the link in the mail leads to a page that does the same.
    #[oai(
        path = "/v1/villages/:village/club-applications/confirm",
        method = "post",
        operation_id = "confirm_club_application"
    )]
    async fn confirm_club_application(
        &self,
        #[oai(name = "village")] here: InVillage,
        client: ClientAddress,
        body: Body<ClubTokenBody>,
    ) -> Result<Empty, Problem> {
        self.0.limits.account_link(client.0)?;
        let confirmed = applications::confirm(&self.0, &here, &body.value.token).await?;
        if confirmed { Ok(Empty) } else { Err(Problem::not_found()) }
    }

    /// The page behind the link of an application
    ///
    /// Confirms nothing by itself: mail scanners follow links.
    #[oai(
        path = "/v1/villages/:village/club-applications/:token",
        method = "get",
        operation_id = "show_club_application_page"
    )]
    async fn show_club_application_page(
        &self,
        #[oai(name = "village")] here: InVillage,
        token: Item<String>,
        language: Data<&Language>,
    ) -> Result<HtmlPage, Problem> {
        let waits = applications::waiting(&self.0, &here, &token.0).await?.is_some();
        page(if waits { Matter::Apply } else { Matter::Expired }, &here.village.name, *language.0)
    }

    /// Confirm an application on that page
    #[oai(
        path = "/v1/villages/:village/club-applications/:token",
        method = "post",
        operation_id = "confirm_club_application_on_page"
    )]
    async fn confirm_club_application_on_page(
        &self,
        #[oai(name = "village")] here: InVillage,
        token: Item<String>,
        client: ClientAddress,
        language: Data<&Language>,
        _form: Form,
    ) -> Result<HtmlPage, Problem> {
        self.0.limits.account_link(client.0)?;
        let confirmed = applications::confirm(&self.0, &here, &token.0).await?;
        page(if confirmed { Matter::Applied } else { Matter::Expired }, &here.village.name, *language.0)
    }
}
