//! Roles over HTTP.

use super::offered::Giver;
use super::view::{AdminBody, InvitationBody, MunicipalityEditorList, StaffAdded, StaffBody, StaffList};
use super::{OF_EDITORS, invitations};
use crate::app::App;
use crate::authority::{InVillage, MunicipalityOperator, VillageAdmin, VillageOperator};
use crate::contract::Group;
use crate::http::{Answer, Body, Empty, Idempotent, Item};
use crate::problem::Problem;
use crate::text::Language;
use entity::{AccountId, RoleKind};
use poem::web::Data;
use poem_openapi::OpenApi;

/// The operations on roles.
pub struct RoleRoutes(pub App);

/// What a new password must not be: the name of the village.
fn place(here: &InVillage) -> [&str; 2] {
    [&here.village.name, &here.village.slug]
}

#[OpenApi(tag = "Group::Staff")]
impl RoleRoutes {
    /// List the staff of a village
    ///
    /// Everybody with a role in the village or one of its clubs; who has several is listed once per role.
    #[oai(path = "/v1/admin/villages/:village/editors", method = "get", operation_id = "list_editors")]
    async fn list_editors(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
    ) -> Result<Answer<200, StaffList>, Problem> {
        let staff = admin.here.scope.read().await?.roles().list().await?;
        Ok(Answer::of(&StaffList { items: staff.into_iter().map(Into::into).collect() }))
    }

    /// Invite somebody as an editor or contributor
    ///
    /// A link is sent to the address, with which the person takes the role, always or for a time as a stand-in. The answer does not
    /// tell whether the address has an account, and an account that is there stays as it is. A further invitation of the same
    /// address replaces the one before, whatever the role. A role that the person has here is replaced when the link is accepted, unless it
    /// is greater or lasts longer.
    #[oai(path = "/v1/admin/villages/:village/editors", method = "post", operation_id = "add_editor")]
    async fn add_editor(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<InvitationBody>,
    ) -> Result<Answer<201, StaffAdded>, Problem> {
        let request = key.request(admin.session.account, &body.hash)?;
        let staff = body.value.checked()?;
        let by = Giver { account: admin.session.account, gives: OF_EDITORS };
        Ok(Answer::kept(invitations::invite(&self.0, &admin.here, by, staff, request).await?))
    }

    /// Take the role of editor or contributor away
    ///
    /// Takes effect at once, also for log-ins that are under way.
    #[oai(path = "/v1/admin/villages/:village/editors/:account", method = "delete", operation_id = "remove_editor")]
    async fn remove_editor(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
        account: Item<AccountId>,
    ) -> Result<Empty, Problem> {
        super::remove(&self.0, &admin.here.scope, admin.session.account, account.0, OF_EDITORS).await?;
        Ok(Empty)
    }

    /// Give somebody the right to send alerts
    ///
    /// No role brings it: it is given by name to somebody of the village's staff, and is in the audit log.
    #[oai(path = "/v1/admin/villages/:village/alert-rights/:account", method = "put", operation_id = "allow_alerts")]
    async fn allow_alerts(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
        account: Item<AccountId>,
    ) -> Result<Empty, Problem> {
        super::allow_alerts(&self.0, &admin, account.0).await?;
        Ok(Empty)
    }

    /// Take the right to send alerts away
    #[oai(
        path = "/v1/admin/villages/:village/alert-rights/:account",
        method = "delete",
        operation_id = "forbid_alerts"
    )]
    async fn forbid_alerts(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
        account: Item<AccountId>,
    ) -> Result<Empty, Problem> {
        super::forbid_alerts(&self.0, &admin, account.0).await?;
        Ok(Empty)
    }

    /// Make somebody a village admin
    ///
    /// How a village gets its first admin. With a name and a first password the account is made at once, for an address that has none;
    /// without, an invitation is sent, which is the only way for whoever has an account: its password is nobody else's matter.
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
        body: Body<AdminBody>,
    ) -> Result<Answer<201, StaffAdded>, Problem> {
        let request = key.request(operator.session.account, &body.hash)?;
        let staff =
            body.value.checked(self.0.settings.accounts.min_password, &place(&operator.here), RoleKind::Admin)?;
        Ok(Answer::kept(super::add_by_operator(&self.0, &operator, staff, request).await?))
    }

    /// Take the role of village admin away
    #[oai(
        path = "/v1/operator/villages/:village/admins/:account",
        method = "delete",
        operation_id = "remove_village_admin",
        tag = "Group::Operator"
    )]
    async fn remove_village_admin(
        &self,
        #[oai(name = "village")] operator: VillageOperator,
        account: Item<AccountId>,
    ) -> Result<Empty, Problem> {
        let by = operator.session.account;
        super::remove(&self.0, &operator.here.scope, by, account.0, &[RoleKind::Admin]).await?;
        Ok(Empty)
    }

    /// Make somebody an editor or contributor of a village
    ///
    /// As for an admin: with a name and a first password for an address without an account, else by an invitation.
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
    ) -> Result<Answer<201, StaffAdded>, Problem> {
        let request = key.request(operator.session.account, &body.hash)?;
        let staff = body.value.checked(self.0.settings.accounts.min_password, &place(&operator.here))?;
        Ok(Answer::kept(super::add_by_operator(&self.0, &operator, staff, request).await?))
    }

    /// List the editors of a municipality
    #[oai(
        path = "/v1/operator/municipalities/:municipality/editors",
        method = "get",
        operation_id = "list_municipality_editors",
        tag = "Group::Operator"
    )]
    async fn list_municipality_editors(
        &self,
        #[oai(name = "municipality")] operator: MunicipalityOperator,
    ) -> Result<Answer<200, MunicipalityEditorList>, Problem> {
        let editors = self.0.database.registry().await?.municipality_roles().list(operator.municipality.id).await?;
        Ok(Answer::of(&MunicipalityEditorList { items: editors.into_iter().map(Into::into).collect() }))
    }

    /// Make somebody an editor of a municipality
    ///
    /// May do in each of its villages what an editor of the village may. As for an admin of a village: with a name and a first password
    /// for an address without an account, else by an invitation.
    #[oai(
        path = "/v1/operator/municipalities/:municipality/editors",
        method = "post",
        operation_id = "add_municipality_editor",
        tag = "Group::Operator"
    )]
    async fn add_municipality_editor(
        &self,
        #[oai(name = "municipality")] operator: MunicipalityOperator,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        language: Data<&Language>,
        body: Body<AdminBody>,
    ) -> Result<Answer<201, StaffAdded>, Problem> {
        let request = key.request(operator.session.account, &body.hash)?;
        let staff = body.value.checked(
            self.0.settings.accounts.min_password,
            &[&operator.municipality.name],
            RoleKind::Editor,
        )?;
        Ok(Answer::kept(super::add_municipality_editor(&self.0, &operator, staff, *language.0, request).await?))
    }

    /// Take the role of municipality editor away
    #[oai(
        path = "/v1/operator/municipalities/:municipality/editors/:account",
        method = "delete",
        operation_id = "remove_municipality_editor",
        tag = "Group::Operator"
    )]
    async fn remove_municipality_editor(
        &self,
        #[oai(name = "municipality")] operator: MunicipalityOperator,
        account: Item<AccountId>,
    ) -> Result<Empty, Problem> {
        super::remove_municipality_editor(&self.0, &operator, account.0).await?;
        Ok(Empty)
    }
}
