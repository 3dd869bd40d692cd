//! Second factors over HTTP.

use super::second_factor;
use super::view::{
    CodeAndPasswordBody, CodeBody, PasswordBody, RecoveryCodes, SecondFactorRuleBody, SecondFactorRuleView,
    SecondFactorSetUp,
};
use crate::app::App;
use crate::authority::{Enrolling, Staff, VillageAdmin};
use crate::contract::Group;
use crate::http::{Answer, Body, Empty};
use crate::problem::Problem;
use crate::text::Language;
use poem::web::Data;
use poem_openapi::OpenApi;

/// The operations on second factors.
pub struct SecondFactorRoutes(pub App);

#[OpenApi(tag = "Group::Staff")]
impl SecondFactorRoutes {
    /// Set up a second factor
    ///
    /// Gives the secret for an authenticator (TOTP, RFC 6238), once. It takes effect when a first code confirms it; setting up anew
    /// before that replaces it.
    #[oai(path = "/v1/admin/me/second-factor", method = "post", operation_id = "begin_second_factor")]
    async fn begin_second_factor(
        &self,
        staff: Enrolling,
        body: Body<PasswordBody>,
    ) -> Result<Answer<201, SecondFactorSetUp>, Problem> {
        Ok(Answer::of(&second_factor::begin(&self.0, &staff.session, body.value.password).await?))
    }

    /// Switch the second factor on
    ///
    /// With a first code of the authenticator. Gives ten recovery codes, once, each good once. Ends all other log-ins.
    #[oai(path = "/v1/admin/me/second-factor/confirm", method = "post", operation_id = "confirm_second_factor")]
    async fn confirm_second_factor(
        &self,
        staff: Enrolling,
        language: Data<&Language>,
        body: Body<CodeBody>,
    ) -> Result<Answer<200, RecoveryCodes>, Problem> {
        let codes = second_factor::confirm(&self.0, &staff.session, &body.value.code, *language.0).await?;
        Ok(Answer::of(&codes))
    }

    /// Make new recovery codes
    ///
    /// Those before are worth nothing any more.
    #[oai(path = "/v1/admin/me/second-factor/recovery-codes", method = "post", operation_id = "renew_recovery_codes")]
    async fn renew_recovery_codes(
        &self,
        staff: Staff,
        language: Data<&Language>,
        body: Body<CodeAndPasswordBody>,
    ) -> Result<Answer<200, RecoveryCodes>, Problem> {
        Ok(Answer::of(&second_factor::renew_codes(&self.0, &staff.session, body.value, *language.0).await?))
    }

    /// Switch the second factor off
    ///
    /// Asks for the password and a code.
    #[oai(path = "/v1/admin/me/second-factor/remove", method = "post", operation_id = "remove_second_factor")]
    async fn remove_second_factor(
        &self,
        staff: Staff,
        language: Data<&Language>,
        body: Body<CodeAndPasswordBody>,
    ) -> Result<Empty, Problem> {
        second_factor::remove(&self.0, &staff.session, body.value, *language.0).await?;
        Ok(Empty)
    }

    /// Read whether the village's staff must have a second factor
    #[oai(
        path = "/v1/admin/villages/:village/second-factor-rule",
        method = "get",
        operation_id = "get_second_factor_rule"
    )]
    async fn get_second_factor_rule(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
    ) -> Result<Answer<200, SecondFactorRuleView>, Problem> {
        let required = admin.here.scope.read().await?.second_factor_rule().holds().await?;
        Ok(Answer::of(&SecondFactorRuleView { required }))
    }

    /// Say whether the village's staff must have a second factor
    ///
    /// Takes effect at once: whoever has none can then do nothing here but set one up. Only an admin who has one can ask for it.
    #[oai(
        path = "/v1/admin/villages/:village/second-factor-rule",
        method = "put",
        operation_id = "set_second_factor_rule"
    )]
    async fn set_second_factor_rule(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
        body: Body<SecondFactorRuleBody>,
    ) -> Result<Answer<200, SecondFactorRuleView>, Problem> {
        super::second_factor_rule::set(&self.0, &admin, body.value.required.into()).await?;
        Ok(Answer::of(&SecondFactorRuleView { required: body.value.required }))
    }
}
