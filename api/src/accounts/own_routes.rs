//! What members of staff do about their own account, over HTTP.

use super::view::{ChangeEmailBody, ChangePasswordBody, LogInList, LogInView};
use super::{email_change, sessions};
use crate::app::App;
use crate::authority::Staff;
use crate::contract::Group;
use crate::http::{Accepted, Answer, Body, Empty, Sole};
use crate::problem::Problem;
use crate::text::Language;
use entity::SessionId;
use poem::web::Data;
use poem_openapi::OpenApi;

/// The operations on one's own account.
pub struct OwnAccountRoutes(pub App);

#[OpenApi(tag = "Group::Staff")]
impl OwnAccountRoutes {
    /// List my log-ins
    ///
    /// The live ones, the latest first.
    #[oai(path = "/v1/admin/me/sessions", method = "get", operation_id = "list_sessions")]
    async fn list_sessions(&self, staff: Staff) -> Result<Answer<200, LogInList>, Problem> {
        let log_ins = sessions::list(&self.0, &staff.session).await?;
        let items = log_ins.into_iter().map(|log_in| LogInView::new(log_in, staff.session.id)).collect();
        Ok(Answer::of(&LogInList { items }))
    }

    /// End my other log-ins
    ///
    /// All but the one that asks, at once.
    #[oai(path = "/v1/admin/me/sessions", method = "delete", operation_id = "end_other_sessions")]
    async fn end_other_sessions(&self, staff: Staff) -> Result<Empty, Problem> {
        sessions::end_others(&self.0, &staff.session).await?;
        Ok(Empty)
    }

    /// End one of my log-ins
    ///
    /// At once; it may be the one that asks.
    #[oai(path = "/v1/admin/me/sessions/:session", method = "delete", operation_id = "end_session")]
    async fn end_session(&self, staff: Staff, session: Sole<SessionId>) -> Result<Empty, Problem> {
        sessions::end(&self.0, &staff.session, session.0).await?;
        Ok(Empty)
    }

    /// Change my password
    ///
    /// Asks for the present one. Ends all other log-ins, and all links to a new password or address.
    #[oai(path = "/v1/admin/me/password", method = "post", operation_id = "change_password")]
    async fn change_password(
        &self,
        staff: Staff,
        language: Data<&Language>,
        body: Body<ChangePasswordBody>,
    ) -> Result<Empty, Problem> {
        sessions::change_password(&self.0, &staff.session, body.value, *language.0).await?;
        Ok(Empty)
    }

    /// Ask for another address to log in with
    ///
    /// Takes effect by the link in the mail that goes to the new address; the present one is told. The answer is the same if the
    /// new address has an account already; then no link is sent.
    #[oai(path = "/v1/admin/me/email", method = "post", operation_id = "request_email_change")]
    async fn request_email_change(
        &self,
        staff: Staff,
        language: Data<&Language>,
        body: Body<ChangeEmailBody>,
    ) -> Result<Accepted, Problem> {
        email_change::ask(&self.0, &staff.session, body.value, *language.0).await?;
        Ok(Accepted)
    }
}
