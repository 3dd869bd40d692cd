//! Invitations into clubs over HTTP. Looking at a link changes nothing: mail scanners follow links.

use super::invitations;
use super::view::{ClubInvitationBody, ClubInvitationList, ClubInvitationView};
use crate::app::App;
use crate::authority::{ClubManager, InVillage};
use crate::contract::Group;
use crate::http::{Answer, Body, ClientAddress, Empty, FormOf, HtmlPage, Idempotent, Item, Nested};
use crate::invitation::{AcceptInvitationBody, AcceptInvitationForm, Found, Place, after, closed, first, page};
use crate::problem::Problem;
use crate::text::{Language, Text};
use entity::ClubInvitationId;
use poem::web::Data;
use poem_openapi::OpenApi;

/// The operations on invitations.
pub struct ClubInvitationRoutes(pub App);

#[OpenApi(tag = "Group::Staff")]
impl ClubInvitationRoutes {
    /// Invite somebody into a club
    ///
    /// A link is sent to the address, which works once and for that address only. With `instead_of_me` you hand over: your role ends
    /// when it is accepted. A further invitation of the same address replaces the one before.
    #[oai(
        path = "/v1/admin/villages/:village/clubs/:club/invitations",
        method = "post",
        operation_id = "invite_to_club"
    )]
    async fn invite_to_club(
        &self,
        #[oai(name = "village")] manager: ClubManager,
        #[oai(name = "club")] _club: Item<String>,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<ClubInvitationBody>,
    ) -> Result<Answer<201, ClubInvitationView>, Problem> {
        let request = key.request(manager.session.account, &body.hash)?;
        let invited = body.value.checked()?;
        Ok(Answer::kept(invitations::invite(&self.0, &manager, invited, request).await?))
    }

    /// List the invitations of a club that wait
    #[oai(
        path = "/v1/admin/villages/:village/clubs/:club/invitations",
        method = "get",
        operation_id = "list_club_invitations"
    )]
    async fn list_club_invitations(
        &self,
        #[oai(name = "village")] manager: ClubManager,
        #[oai(name = "club")] _club: Item<String>,
    ) -> Result<Answer<200, ClubInvitationList>, Problem> {
        let reader = manager.here.scope.read().await?;
        let waiting = reader.club_invitations().into_club(manager.club.id, self.0.clock.now()).await?;
        Ok(Answer::of(&ClubInvitationList { items: waiting.iter().map(Into::into).collect() }))
    }

    /// Take an invitation back
    #[oai(
        path = "/v1/admin/villages/:village/clubs/:club/invitations/:invitation",
        method = "delete",
        operation_id = "revoke_club_invitation"
    )]
    async fn revoke_club_invitation(
        &self,
        #[oai(name = "village")] manager: ClubManager,
        #[oai(name = "club")] _club: Item<String>,
        invitation: Nested<ClubInvitationId>,
    ) -> Result<Empty, Problem> {
        invitations::revoke(&self.0, &manager, invitation.0).await?;
        Ok(Empty)
    }

    /// Accept an invitation into a club
    ///
    /// With the token of the link, which works once. The address has an account: send its password. It has none: send a name and
    /// the password of the new one. For apps; the link in the mail leads to a page that does the same.
    #[oai(
        path = "/v1/villages/:village/club-invitations/accept",
        method = "post",
        operation_id = "accept_club_invitation"
    )]
    async fn accept_club_invitation(
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

    /// The page behind the link of an invitation
    ///
    /// Accepts nothing by itself: mail scanners follow links.
    #[oai(
        path = "/v1/villages/:village/club-invitations/:token",
        method = "get",
        operation_id = "show_club_invitation_page"
    )]
    async fn show_club_invitation_page(
        &self,
        #[oai(name = "village")] here: InVillage,
        token: Item<String>,
        language: Data<&Language>,
    ) -> Result<HtmlPage, Problem> {
        let name = &here.village.name;
        match invitations::open(&self.0, &here, &token.0).await? {
            Found::Closed(why) => closed(why, name, *language.0),
            Found::Open(open) => page(first(open.account.is_some()), &Place { name, to: &called(&open) }, *language.0),
        }
    }

    /// Accept an invitation on that page
    #[oai(
        path = "/v1/villages/:village/club-invitations/:token",
        method = "post",
        operation_id = "accept_club_invitation_on_page"
    )]
    async fn accept_club_invitation_on_page(
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
        let at = Place { name: &here.village.name, to: &called(&open) };
        page(after(done, open.account.is_some())?, &at, *language.0)
    }
}

/// What it is an invitation to.
fn called(open: &invitations::Open) -> Text {
    let name = &open.club.page.name;
    Text::new(name.clone(), name.clone())
}
