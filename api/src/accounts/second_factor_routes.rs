//! Second factors over HTTP.

use super::second_factor_page::{self, Step};
use super::view::{
    BeginSecondFactorBody, CodeAndPasswordBody, CodeBody, PasswordBody, RecoveryCodes, SecondFactorForm,
    SecondFactorRuleBody, SecondFactorRuleView, SecondFactorSetUp,
};
use super::{second_factor, second_factor_link};
use crate::app::App;
use crate::authority::{Enrolling, Staff, VillageAdmin};
use crate::contract::Group;
use crate::http::{Accepted, Answer, Body, ClientAddress, Empty, FormOf, HtmlPage, Sole};
use crate::problem::{Problem, ProblemKind};
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
    /// before that replaces it. Operators, and everybody whose second factor was taken away, need a `token`.
    #[oai(path = "/v1/admin/me/second-factor", method = "post", operation_id = "begin_second_factor")]
    async fn begin_second_factor(
        &self,
        staff: Enrolling,
        body: Body<BeginSecondFactorBody>,
    ) -> Result<Answer<201, SecondFactorSetUp>, Problem> {
        Ok(Answer::of(&second_factor::begin(&self.0, &staff.session, body.value).await?))
    }

    /// Ask for a link to set up a second factor
    ///
    /// For operators that have none, and for whoever's was taken away and who has lost the mail with the link. It is sent to the address
    /// of the account.
    #[oai(path = "/v1/admin/me/second-factor/link", method = "post", operation_id = "request_second_factor_link")]
    async fn request_second_factor_link(
        &self,
        staff: Enrolling,
        language: Data<&Language>,
        body: Body<PasswordBody>,
    ) -> Result<Accepted, Problem> {
        second_factor_link::ask(&self.0, &staff.session, body.value.password, *language.0).await?;
        Ok(Accepted)
    }

    /// The page behind the link to a second factor
    ///
    /// Changes nothing by itself: mail scanners follow links.
    #[oai(path = "/v1/admin/second-factor/:token", method = "get", operation_id = "show_second_factor_page")]
    async fn show_second_factor_page(
        &self,
        token: Sole<String>,
        language: Data<&Language>,
    ) -> Result<HtmlPage, Problem> {
        let good = second_factor_link::account_of(&self.0, &token.0).await?.is_some();
        second_factor_page::page(if good { Step::Password } else { Step::Expired }, *language.0)
    }

    /// Set up a second factor on that page
    ///
    /// With the password it shows the secret, with a code of that it switches it on and shows recovery codes. Ends all log-ins.
    #[oai(path = "/v1/admin/second-factor/:token", method = "post", operation_id = "set_up_second_factor_on_page")]
    async fn set_up_second_factor_on_page(
        &self,
        token: Sole<String>,
        client: ClientAddress,
        language: Data<&Language>,
        form: FormOf<SecondFactorForm>,
    ) -> Result<HtmlPage, Problem> {
        self.0.limits.account_link(client.0)?;
        let refused = |problem: Problem| match problem.kind {
            ProblemKind::Unprocessable | ProblemKind::Conflict => Ok(Step::Again),
            _ => Err(problem),
        };
        let step = match (form.0.code, form.0.password) {
            (Some(code), _) => second_factor_link::confirm(&self.0, &token.0, &code, *language.0)
                .await
                .map_or_else(refused, |codes| Ok(Step::Done(codes)))?,
            (None, password) => second_factor_link::begin(&self.0, &token.0, password.unwrap_or_default())
                .await
                .map_or_else(refused, |set_up| Ok(Step::Code(set_up)))?,
        };
        second_factor_page::page(step, *language.0)
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
