//! Accounts over HTTP.

use super::view::{LoginAnswer, LoginBody, Me};
use crate::app::App;
use crate::authority::Enrolling;
use crate::contract::Group;
use crate::http::{Answer, Body, ClientAddress, Device, Empty};
use crate::problem::Problem;
use crate::text::Language;
use poem::web::Data;
use poem_openapi::OpenApi;

/// The operations on accounts.
pub struct AccountRoutes(pub App);

#[OpenApi(tag = "Group::Staff")]
impl AccountRoutes {
    /// Log in
    ///
    /// Gives out a token. Wrong address and wrong password are answered alike. An account with a second factor
    /// needs `code` too; without it the right password is answered with `second-factor-code-required`. Limited per client and account.
    #[oai(path = "/v1/admin/login", method = "post", operation_id = "log_in")]
    async fn log_in(
        &self,
        client: ClientAddress,
        device: Device,
        language: Data<&Language>,
        body: Body<LoginBody>,
    ) -> Result<Answer<200, LoginAnswer>, Problem> {
        let caller = super::Caller { client: client.0, device: &device.0, language: *language.0 };
        let begun = super::log_in(&self.0, body.value, caller).await?;
        Ok(Answer::of(&LoginAnswer {
            token: begun.token.text,
            expires_at: begun.expires_at.into(),
            account: begun.account.id.0,
            name: begun.account.name,
        }))
    }

    /// Log out
    ///
    /// Ends the log-in whose token is sent, at once.
    #[oai(path = "/v1/admin/logout", method = "post", operation_id = "log_out")]
    async fn log_out(&self, staff: Enrolling) -> Result<Empty, Problem> {
        super::log_out(&self.0, &staff.session).await?;
        Ok(Empty)
    }

    /// Who am I
    ///
    /// The account of the log-in, its roles in all villages, and the municipalities that it edits for.
    #[oai(path = "/v1/admin/me", method = "get", operation_id = "get_me")]
    async fn get_me(&self, staff: Enrolling) -> Result<Answer<200, Me>, Problem> {
        let (roles, municipalities) = super::roles(&self.0, staff.session.account).await?;
        Ok(Answer::of(&Me::new(staff.session, roles, municipalities)))
    }
}
