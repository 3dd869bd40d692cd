//! Roles over HTTP.

use super::view::{AdminBody, MunicipalityEditorList, MunicipalityEditorView, StaffBody, StaffList, StaffMember};
use crate::app::App;
use crate::authority::{InVillage, MunicipalityOperator, VillageAdmin, VillageOperator};
use crate::contract::Group;
use crate::http::{Answer, Body, Empty, Idempotent, Item};
use crate::problem::Problem;
use entity::{AccountId, RoleKind};
use poem_openapi::OpenApi;

/// The operations on roles.
pub struct RoleRoutes(pub App);

/// What an admin of the village gives and takes.
const OF_EDITORS: &[RoleKind] = &[RoleKind::Editor, RoleKind::Contributor];

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

    /// Make somebody an editor or contributor
    ///
    /// Somebody who has no account yet; always, or for a time as a stand-in. Whoever has an account is invited, or added by the
    /// operator: a password that somebody else chose must not open another village.
    #[oai(path = "/v1/admin/villages/:village/editors", method = "post", operation_id = "add_editor")]
    async fn add_editor(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<StaffBody>,
    ) -> Result<Answer<201, StaffMember>, Problem> {
        let request = key.request(admin.session.account, &body.hash)?;
        let staff = body.value.checked(self.0.settings.accounts.min_password, &place(&admin.here))?;
        Ok(Answer::kept(super::add_by_admin(&self.0, &admin, staff, request).await?))
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
        body: Body<AdminBody>,
    ) -> Result<Answer<201, StaffMember>, Problem> {
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
        body: Body<AdminBody>,
    ) -> Result<Answer<201, StaffMember>, Problem> {
        let request = key.request(operator.session.account, &body.hash)?;
        let staff =
            body.value.checked(self.0.settings.accounts.min_password, &place(&operator.here), RoleKind::Editor)?;
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
    /// May do in each of its villages what an editor of the village may. An account that is there already gets the password
    /// given here, and its log-ins end.
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
        body: Body<AdminBody>,
    ) -> Result<Answer<201, MunicipalityEditorView>, Problem> {
        let request = key.request(operator.session.account, &body.hash)?;
        let staff = body.value.checked(
            self.0.settings.accounts.min_password,
            &[&operator.municipality.name],
            RoleKind::Editor,
        )?;
        Ok(Answer::kept(super::add_municipality_editor(&self.0, &operator, staff, request).await?))
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
