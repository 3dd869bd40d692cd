//! Clubs over HTTP, for their managers and the town hall.

use super::applications::{self, Answer as Reply};
use super::view::{
    ClubBody, ClubChangeBody, ClubDecisionBody, ClubMemberList, ClubStateName, ClubTrustBody, StaffClubList,
    StaffClubView,
};
use super::{Known, Verdict, members, question};
use crate::app::App;
use crate::authority::{ClubManager, TownHall};
use crate::contract::Group;
use crate::http::{Answer, Body, Conditional, Empty, Idempotent, Item, Limit, Nested};
use crate::problem::Problem;
use entity::{AccountId, ClubQuery};
use poem_openapi::OpenApi;
use poem_openapi::param::Query;

/// The operations of managers and the town hall on clubs.
pub struct ClubStaffRoutes(pub App);

type OneClub = Answer<200, StaffClubView>;

fn one(known: &Known, village: &str) -> OneClub {
    Answer::of(&StaffClubView::new(known, village)).version(known.club.version)
}

#[OpenApi(tag = "Group::Staff")]
impl ClubStaffRoutes {
    /// List all clubs of a village
    ///
    /// For the town hall: those that applied, rest or are switched off, too.
    #[oai(path = "/v1/admin/villages/:village/clubs", method = "get", operation_id = "list_clubs_for_staff")]
    async fn list_clubs_for_staff(
        &self,
        #[oai(name = "village")] town_hall: TownHall,
        /// Only those in this state.
        state: Query<Option<ClubStateName>>,
        cursor: Query<Option<String>>,
        limit: Query<Option<u32>>,
    ) -> Result<Answer<200, StaffClubList>, Problem> {
        let limit = Limit::of(limit.0)?;
        let query = ClubQuery { state: state.0.map(Into::into), category: None, after: None, limit };
        let (clubs, next_cursor) = super::list(&self.0, &town_hall, query, cursor.0.as_deref()).await?;
        let village = &town_hall.here.village.slug;
        let items = clubs.iter().map(|known| StaffClubView::new(known, village)).collect();
        Ok(Answer::of(&StaffClubList { items, next_cursor }))
    }

    /// Enter a club
    ///
    /// It takes part at once; invite its managers next. Its posts are reviewed until you trust it.
    #[oai(path = "/v1/admin/villages/:village/clubs", method = "post", operation_id = "create_club")]
    async fn create_club(
        &self,
        #[oai(name = "village")] town_hall: TownHall,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<ClubBody>,
    ) -> Result<Answer<201, StaffClubView>, Problem> {
        let request = key.request(town_hall.session.account, &body.hash)?;
        let club = body.value.checked()?;
        Ok(Answer::kept(super::create(&self.0, &town_hall, club, request).await?))
    }

    /// Read a club as its managers and the town hall see it
    #[oai(path = "/v1/admin/villages/:village/clubs/:club", method = "get", operation_id = "get_club_for_staff")]
    async fn get_club_for_staff(
        &self,
        #[oai(name = "village")] manager: ClubManager,
        #[oai(name = "club")] _club: Item<String>,
    ) -> Result<OneClub, Problem> {
        let reader = manager.here.scope.read().await?;
        let managers = reader.roles().managers_by_club().await?.get(&manager.club.id).copied().unwrap_or_default();
        Ok(one(&Known { club: manager.club, managers }, &manager.here.village.slug))
    }

    /// Change the page of a club
    #[oai(path = "/v1/admin/villages/:village/clubs/:club", method = "patch", operation_id = "change_club")]
    async fn change_club(
        &self,
        #[oai(name = "village")] manager: ClubManager,
        #[oai(name = "club")] _club: Item<String>,
        #[oai(name = "If-Match")] condition: Conditional,
        body: Body<ClubChangeBody>,
    ) -> Result<OneClub, Problem> {
        let known = super::change(&self.0, &manager, &condition, body.value.change()).await?;
        Ok(one(&known, &manager.here.village.slug))
    }

    /// Trust a club, or have its posts reviewed
    ///
    /// A trusted club publishes by itself. It needs two managers for that.
    #[oai(path = "/v1/admin/villages/:village/clubs/:club/trust", method = "put", operation_id = "set_club_trust")]
    async fn set_club_trust(
        &self,
        #[oai(name = "village")] town_hall: TownHall,
        club: Item<String>,
        #[oai(name = "If-Match")] condition: Conditional,
        body: Body<ClubTrustBody>,
    ) -> Result<OneClub, Problem> {
        let verdict = Verdict::Trust(body.value.trust());
        let known = super::decide(&self.0, &town_hall, &club.0, &condition, verdict).await?;
        Ok(one(&known, &town_hall.here.village.slug))
    }

    /// Switch a club off
    ///
    /// At once: nobody posts in its name any more, what it has planned goes back into review, invitations end, and its managers are
    /// told why. Its coming dates are not shown until it is switched on again, and calendars that follow are told that they are
    /// cancelled. What else it has published stays; withdraw what should not.
    #[oai(
        path = "/v1/admin/villages/:village/clubs/:club/switch-off",
        method = "post",
        operation_id = "switch_club_off"
    )]
    async fn switch_club_off(
        &self,
        #[oai(name = "village")] town_hall: TownHall,
        club: Item<String>,
        #[oai(name = "If-Match")] condition: Conditional,
        body: Body<ClubDecisionBody>,
    ) -> Result<OneClub, Problem> {
        let verdict = Verdict::Off(body.value.checked()?);
        let known = super::decide(&self.0, &town_hall, &club.0, &condition, verdict).await?;
        Ok(one(&known, &town_hall.here.village.slug))
    }

    /// Switch a club on again
    ///
    /// Its dates show again. Nobody is told anew.
    #[oai(path = "/v1/admin/villages/:village/clubs/:club/switch-on", method = "post", operation_id = "switch_club_on")]
    async fn switch_club_on(
        &self,
        #[oai(name = "village")] town_hall: TownHall,
        club: Item<String>,
        #[oai(name = "If-Match")] condition: Conditional,
    ) -> Result<OneClub, Problem> {
        let known = super::decide(&self.0, &town_hall, &club.0, &condition, Verdict::On).await?;
        Ok(one(&known, &town_hall.here.village.slug))
    }

    /// Approve a club that applied
    ///
    /// It takes part from now on; whoever applied is invited as its first manager.
    #[oai(path = "/v1/admin/villages/:village/clubs/:club/approve", method = "post", operation_id = "approve_club")]
    async fn approve_club(
        &self,
        #[oai(name = "village")] town_hall: TownHall,
        club: Item<String>,
        #[oai(name = "If-Match")] condition: Conditional,
    ) -> Result<OneClub, Problem> {
        let known = applications::answer(&self.0, &town_hall, &club.0, &condition, Reply::Approve).await?;
        Ok(one(&known, &town_hall.here.village.slug))
    }

    /// Decline a club that applied
    ///
    /// Whoever applied is told why.
    #[oai(path = "/v1/admin/villages/:village/clubs/:club/decline", method = "post", operation_id = "decline_club")]
    async fn decline_club(
        &self,
        #[oai(name = "village")] town_hall: TownHall,
        club: Item<String>,
        #[oai(name = "If-Match")] condition: Conditional,
        body: Body<ClubDecisionBody>,
    ) -> Result<OneClub, Problem> {
        let reply = Reply::Decline(body.value.checked()?);
        let known = applications::answer(&self.0, &town_hall, &club.0, &condition, reply).await?;
        Ok(one(&known, &town_hall.here.village.slug))
    }

    /// Say that a club is still there
    ///
    /// Once a year its managers are asked. A club that rests because nobody answered takes part again.
    #[oai(path = "/v1/admin/villages/:village/clubs/:club/confirm", method = "post", operation_id = "confirm_club")]
    async fn confirm_club(
        &self,
        #[oai(name = "village")] manager: ClubManager,
        #[oai(name = "club")] _club: Item<String>,
    ) -> Result<Empty, Problem> {
        question::confirm(&self.0, &manager).await?;
        Ok(Empty)
    }

    /// List the members of a club
    #[oai(path = "/v1/admin/villages/:village/clubs/:club/members", method = "get", operation_id = "list_club_members")]
    async fn list_club_members(
        &self,
        #[oai(name = "village")] manager: ClubManager,
        #[oai(name = "club")] _club: Item<String>,
    ) -> Result<Answer<200, ClubMemberList>, Problem> {
        let members = members::list(&manager).await?;
        Ok(Answer::of(&ClubMemberList { items: members.into_iter().map(Into::into).collect() }))
    }

    /// Take somebody's role in a club away
    ///
    /// At once. Two managers stay, unless the town hall wants it otherwise: to leave as one of two, invite somebody in your place.
    #[oai(
        path = "/v1/admin/villages/:village/clubs/:club/members/:account",
        method = "delete",
        operation_id = "remove_club_member"
    )]
    async fn remove_club_member(
        &self,
        #[oai(name = "village")] manager: ClubManager,
        #[oai(name = "club")] _club: Item<String>,
        account: Nested<AccountId>,
    ) -> Result<Empty, Problem> {
        members::remove(&self.0, &manager, account.0).await?;
        Ok(Empty)
    }
}
