//! Invitations to the staff over HTTP. Looking at a link changes nothing: mail scanners follow links.

use super::offered::Giver;
use super::view::{MunicipalityInvitationList, StaffInvitationList};
use super::{OF_EDITORS, OF_VILLAGE, invitations, municipality_invitations};
use crate::app::App;
use crate::authority::{InVillage, MunicipalityOperator, VillageAdmin, VillageOperator};
use crate::contract::Group;
use crate::http::{Answer, Body, ClientAddress, Empty, FormOf, HtmlPage, Item, Sole};
use crate::invitation::{
    AcceptInvitationBody, AcceptInvitationForm, Found, Place, after, closed, first, municipality_role, page, role,
};
use crate::problem::Problem;
use crate::text::Language;
use entity::{MunicipalityInvitationId, StaffInvitationId, VillageScope};
use poem::web::Data;
use poem_openapi::OpenApi;

/// The operations on invitations to the staff.
pub struct StaffInvitationRoutes(pub App);

impl StaffInvitationRoutes {
    async fn waiting(&self, scope: &VillageScope) -> Result<Answer<200, StaffInvitationList>, Problem> {
        let waiting = scope.read().await?.staff_invitations().waiting(self.0.clock.now()).await?;
        Ok(Answer::of(&StaffInvitationList { items: waiting.iter().map(Into::into).collect() }))
    }
}

#[OpenApi(tag = "Group::Staff")]
impl StaffInvitationRoutes {
    /// List the invitations to the staff that wait
    #[oai(
        path = "/v1/admin/villages/:village/staff-invitations",
        method = "get",
        operation_id = "list_staff_invitations"
    )]
    async fn list_staff_invitations(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
    ) -> Result<Answer<200, StaffInvitationList>, Problem> {
        self.waiting(&admin.here.scope).await
    }

    /// Take an invitation to the staff back
    ///
    /// Those of editors and contributors; those of admins are the operator's.
    #[oai(
        path = "/v1/admin/villages/:village/staff-invitations/:invitation",
        method = "delete",
        operation_id = "revoke_staff_invitation"
    )]
    async fn revoke_staff_invitation(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
        invitation: Item<StaffInvitationId>,
    ) -> Result<Empty, Problem> {
        let by = Giver { account: admin.session.account, gives: OF_EDITORS };
        invitations::revoke(&self.0, &admin.here, by, invitation.0).await?;
        Ok(Empty)
    }

    /// List the invitations to a village's staff that wait, as its operator
    #[oai(
        path = "/v1/operator/villages/:village/staff-invitations",
        method = "get",
        operation_id = "list_village_invitations",
        tag = "Group::Operator"
    )]
    async fn list_village_invitations(
        &self,
        #[oai(name = "village")] operator: VillageOperator,
    ) -> Result<Answer<200, StaffInvitationList>, Problem> {
        self.waiting(&operator.here.scope).await
    }

    /// Take an invitation to a village's staff back, as its operator
    #[oai(
        path = "/v1/operator/villages/:village/staff-invitations/:invitation",
        method = "delete",
        operation_id = "revoke_village_invitation",
        tag = "Group::Operator"
    )]
    async fn revoke_village_invitation(
        &self,
        #[oai(name = "village")] operator: VillageOperator,
        invitation: Item<StaffInvitationId>,
    ) -> Result<Empty, Problem> {
        let by = Giver { account: operator.session.account, gives: OF_VILLAGE };
        invitations::revoke(&self.0, &operator.here, by, invitation.0).await?;
        Ok(Empty)
    }

    /// Accept an invitation to the staff
    ///
    /// With the token of the link, which works once. The address has an account: send its password, which stays as it is. It has none:
    /// send a name and the password of the new one. For apps; the link in the mail leads to a page that does the same.
    #[oai(
        path = "/v1/villages/:village/staff-invitations/accept",
        method = "post",
        operation_id = "accept_staff_invitation"
    )]
    async fn accept_staff_invitation(
        &self,
        #[oai(name = "village")] here: InVillage,
        client: ClientAddress,
        language: Data<&Language>,
        body: Body<AcceptInvitationBody>,
    ) -> Result<Empty, Problem> {
        self.0.limits.account_link(client.0)?;
        invitations::accept(&self.0, &here, body.value.acceptance(client.0, *language.0)).await?;
        Ok(Empty)
    }

    /// The page behind the link of an invitation to the staff
    ///
    /// Accepts nothing by itself: mail scanners follow links.
    #[oai(
        path = "/v1/villages/:village/staff-invitations/:token",
        method = "get",
        operation_id = "show_staff_invitation_page"
    )]
    async fn show_staff_invitation_page(
        &self,
        #[oai(name = "village")] here: InVillage,
        token: Item<String>,
        language: Data<&Language>,
    ) -> Result<HtmlPage, Problem> {
        let name = &here.village.name;
        match invitations::open(&self.0, &here, &token.0).await? {
            Found::Closed(why) => closed(why, name, *language.0),
            Found::Open(open) => {
                let at = Place { name, to: &role(open.invitation.kind) };
                page(first(open.account.is_some()), &at, *language.0)
            }
        }
    }

    /// Accept an invitation to the staff on that page
    #[oai(
        path = "/v1/villages/:village/staff-invitations/:token",
        method = "post",
        operation_id = "accept_staff_invitation_on_page"
    )]
    async fn accept_staff_invitation_on_page(
        &self,
        #[oai(name = "village")] here: InVillage,
        token: Item<String>,
        client: ClientAddress,
        language: Data<&Language>,
        form: FormOf<AcceptInvitationForm>,
    ) -> Result<HtmlPage, Problem> {
        self.0.limits.account_link(client.0)?;
        let open = invitations::open(&self.0, &here, &token.0).await?.or_refused()?;
        let done = invitations::accept(&self.0, &here, form.0.acceptance(token.0, client.0, *language.0)).await;
        let at = Place { name: &here.village.name, to: &role(open.invitation.kind) };
        page(after(done, open.account.is_some())?, &at, *language.0)
    }

    /// List the invitations of a municipality's editors that wait
    #[oai(
        path = "/v1/operator/municipalities/:municipality/invitations",
        method = "get",
        operation_id = "list_municipality_invitations",
        tag = "Group::Operator"
    )]
    async fn list_municipality_invitations(
        &self,
        #[oai(name = "municipality")] operator: MunicipalityOperator,
    ) -> Result<Answer<200, MunicipalityInvitationList>, Problem> {
        let (registry, now) = (self.0.database.registry().await?, self.0.clock.now());
        let waiting = registry.municipality_invitations().waiting(operator.municipality.id, now).await?;
        Ok(Answer::of(&MunicipalityInvitationList { items: waiting.iter().map(Into::into).collect() }))
    }

    /// Take an invitation of a municipality's editor back
    #[oai(
        path = "/v1/operator/municipalities/:municipality/invitations/:invitation",
        method = "delete",
        operation_id = "revoke_municipality_invitation",
        tag = "Group::Operator"
    )]
    async fn revoke_municipality_invitation(
        &self,
        #[oai(name = "municipality")] operator: MunicipalityOperator,
        invitation: Item<MunicipalityInvitationId>,
    ) -> Result<Empty, Problem> {
        municipality_invitations::revoke(&self.0, &operator, invitation.0).await?;
        Ok(Empty)
    }

    /// Accept an invitation to edit for a municipality
    ///
    /// As `accept_staff_invitation`, for all villages of a municipality.
    #[oai(
        path = "/v1/admin/municipality-invitations/accept",
        method = "post",
        operation_id = "accept_municipality_invitation"
    )]
    async fn accept_municipality_invitation(
        &self,
        client: ClientAddress,
        language: Data<&Language>,
        body: Body<AcceptInvitationBody>,
    ) -> Result<Empty, Problem> {
        self.0.limits.account_link(client.0)?;
        municipality_invitations::accept(&self.0, body.value.acceptance(client.0, *language.0)).await?;
        Ok(Empty)
    }

    /// The page behind the link of an invitation to edit for a municipality
    ///
    /// Accepts nothing by itself: mail scanners follow links.
    #[oai(
        path = "/v1/admin/municipality-invitations/:token",
        method = "get",
        operation_id = "show_municipality_invitation_page"
    )]
    async fn show_municipality_invitation_page(
        &self,
        token: Sole<String>,
        language: Data<&Language>,
    ) -> Result<HtmlPage, Problem> {
        match municipality_invitations::open(&self.0, &token.0).await? {
            Found::Closed(why) => closed(why, "Dorf-App", *language.0),
            Found::Open(open) => {
                let at = Place { name: &open.municipality.name, to: &municipality_role() };
                page(first(open.account.is_some()), &at, *language.0)
            }
        }
    }

    /// Accept an invitation to edit for a municipality on that page
    #[oai(
        path = "/v1/admin/municipality-invitations/:token",
        method = "post",
        operation_id = "accept_municipality_invitation_on_page"
    )]
    async fn accept_municipality_invitation_on_page(
        &self,
        token: Sole<String>,
        client: ClientAddress,
        language: Data<&Language>,
        form: FormOf<AcceptInvitationForm>,
    ) -> Result<HtmlPage, Problem> {
        self.0.limits.account_link(client.0)?;
        let open = municipality_invitations::open(&self.0, &token.0).await?.or_refused()?;
        let done = municipality_invitations::accept(&self.0, form.0.acceptance(token.0, client.0, *language.0)).await;
        let at = Place { name: &open.municipality.name, to: &municipality_role() };
        page(after(done, open.account.is_some())?, &at, *language.0)
    }
}
