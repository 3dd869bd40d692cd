//! Accounts over HTTP.

use super::view::{LoginAnswer, LoginBody, Me, StaffBody, StaffList, StaffMember};
use crate::app::App;
use crate::authority::{Staff, VillageAdmin, VillageOperator};
use crate::contract::Group;
use crate::http::{Answer, Body, ClientAddress, Empty, Idempotent, Item};
use crate::problem::Problem;
use entity::{AccountId, RoleKind};
use poem_openapi::OpenApi;

/// The operations on accounts.
pub struct AccountRoutes(pub App);

#[OpenApi(tag = "Group::Staff")]
impl AccountRoutes {
    /// Log in
    ///
    /// Gives out a token. Wrong address and wrong password are answered alike. Limited per client and account.
    #[oai(path = "/v1/admin/login", method = "post", operation_id = "log_in")]
    async fn log_in(&self, client: ClientAddress, body: Body<LoginBody>) -> Result<Answer<200, LoginAnswer>, Problem> {
        let begun = super::log_in(&self.0, body.value, client.0).await?;
        Ok(Answer::of(&LoginAnswer {
            token: begun.token.text,
            expires_at: begun.expires_at,
            account: begun.account.id.0,
            name: begun.account.name,
        }))
    }

    /// Log out
    ///
    /// Ends the log-in whose token is sent, at once.
    #[oai(path = "/v1/admin/logout", method = "post", operation_id = "log_out")]
    async fn log_out(&self, staff: Staff) -> Result<Empty, Problem> {
        super::log_out(&self.0, &staff.session).await?;
        Ok(Empty)
    }

    /// Who am I
    ///
    /// The account of the log-in and its roles in all villages.
    #[oai(path = "/v1/admin/me", method = "get", operation_id = "get_me")]
    async fn get_me(&self, staff: Staff) -> Result<Answer<200, Me>, Problem> {
        let roles = super::roles(&self.0, staff.session.account).await?;
        Ok(Answer::of(&Me::new(staff.session, roles)))
    }

    /// List the staff of a village
    #[oai(path = "/v1/admin/villages/:village/editors", method = "get", operation_id = "list_editors")]
    async fn list_editors(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
    ) -> Result<Answer<200, StaffList>, Problem> {
        let staff = admin.here.scope.read().await?.roles().list().await?;
        Ok(Answer::of(&StaffList { items: staff.into_iter().map(Into::into).collect() }))
    }

    /// Make somebody an editor
    ///
    /// Somebody who has no account yet. Whoever has one is added by the operator: a password that somebody else chose must not
    /// open another village.
    #[oai(path = "/v1/admin/villages/:village/editors", method = "post", operation_id = "add_editor")]
    async fn add_editor(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<StaffBody>,
    ) -> Result<Answer<201, StaffMember>, Problem> {
        let request = key.request(admin.session.account, &body.hash)?;
        let staff = body.value.checked(self.0.settings.accounts.min_password)?;
        Ok(Answer::kept(super::add_editor(&self.0, &admin, staff, request).await?))
    }

    /// Take the role of editor away
    ///
    /// Takes effect at once, also for log-ins that are under way.
    #[oai(path = "/v1/admin/villages/:village/editors/:account", method = "delete", operation_id = "remove_editor")]
    async fn remove_editor(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
        account: Item<AccountId>,
    ) -> Result<Empty, Problem> {
        super::remove_editor(&admin, account.0).await?;
        Ok(Empty)
    }

    /// Make somebody a village admin
    ///
    /// How a village gets its first admin. An account that is there already gets the password given here, and its log-ins end.
    #[oai(
        path = "/v1/operator/villages/:village/admins",
        method = "post",
        operation_id = "add_village_admin",
        tag = "Group::Operator"
    )]
    async fn add_village_admin(
        &self,
        #[oai(name = "village")] operator: VillageOperator,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<StaffBody>,
    ) -> Result<Answer<201, StaffMember>, Problem> {
        let request = key.request(operator.session.account, &body.hash)?;
        let staff = body.value.checked(self.0.settings.accounts.min_password)?;
        Ok(Answer::kept(super::add_by_operator(&self.0, &operator, staff, RoleKind::Admin, request).await?))
    }

    /// Make somebody an editor of a village, whoever it is
    ///
    /// How somebody becomes an editor of several villages. An account that is there already gets the password given here, and
    /// its log-ins end.
    #[oai(
        path = "/v1/operator/villages/:village/editors",
        method = "post",
        operation_id = "add_village_editor",
        tag = "Group::Operator"
    )]
    async fn add_village_editor(
        &self,
        #[oai(name = "village")] operator: VillageOperator,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<StaffBody>,
    ) -> Result<Answer<201, StaffMember>, Problem> {
        let request = key.request(operator.session.account, &body.hash)?;
        let staff = body.value.checked(self.0.settings.accounts.min_password)?;
        Ok(Answer::kept(super::add_by_operator(&self.0, &operator, staff, RoleKind::Editor, request).await?))
    }
}
