//! The links in mails about accounts, over HTTP. Looking at one changes nothing: mail scanners follow links.

use super::pages::{Matter, page};
use super::view::{NewPasswordBody, NewPasswordForm, ResetRequestBody, TokenBody};
use super::{email_change, password_reset};
use crate::app::App;
use crate::contract::Group;
use crate::http::{Accepted, Body, ClientAddress, Empty, Form, FormOf, HtmlPage, Sole};
use crate::problem::{Problem, ProblemKind};
use crate::text::Language;
use poem::web::Data;
use poem_openapi::OpenApi;

/// The operations behind links in mails about accounts.
pub struct RecoveryRoutes(pub App);

#[OpenApi(tag = "Group::Staff")]
impl RecoveryRoutes {
    /// Ask for a link to a new password
    ///
    /// It is sent to the address, if that has an account. The answer is the same, and takes as long, if it has none.
    #[oai(path = "/v1/admin/password-reset", method = "post", operation_id = "request_password_reset")]
    async fn request_password_reset(
        &self,
        client: ClientAddress,
        language: Data<&Language>,
        body: Body<ResetRequestBody>,
    ) -> Result<Accepted, Problem> {
        self.0.limits.account_link(client.0)?;
        password_reset::ask(&self.0, &body.value.email, *language.0).await?;
        Ok(Accepted)
    }

    /// Set a new password
    ///
    /// With the token of the link, which works once. For apps; the link in the mail leads to a page that does the same. Ends all
    /// log-ins of the account. A second factor stays as it is.
    #[oai(path = "/v1/admin/password-reset/confirm", method = "post", operation_id = "confirm_password_reset")]
    async fn confirm_password_reset(
        &self,
        client: ClientAddress,
        language: Data<&Language>,
        body: Body<NewPasswordBody>,
    ) -> Result<Empty, Problem> {
        self.0.limits.account_link(client.0)?;
        password_reset::reset(&self.0, &body.value.token, body.value.password, *language.0).await?;
        Ok(Empty)
    }

    /// The page behind the link to a new password
    ///
    /// Asks for the new password. Uses nothing up by itself: mail scanners follow links.
    #[oai(path = "/v1/admin/password-reset/:token", method = "get", operation_id = "show_password_reset_page")]
    async fn show_password_reset_page(
        &self,
        token: Sole<String>,
        language: Data<&Language>,
    ) -> Result<HtmlPage, Problem> {
        let good = password_reset::account_of(&self.0, &token.0).await?.is_some();
        page(if good { Matter::NewPassword } else { Matter::Expired }, *language.0)
    }

    /// Set a new password on that page
    #[oai(path = "/v1/admin/password-reset/:token", method = "post", operation_id = "reset_password_on_page")]
    async fn reset_password_on_page(
        &self,
        token: Sole<String>,
        client: ClientAddress,
        language: Data<&Language>,
        form: FormOf<NewPasswordForm>,
    ) -> Result<HtmlPage, Problem> {
        self.0.limits.account_link(client.0)?;
        match password_reset::reset(&self.0, &token.0, form.0.password, *language.0).await {
            Ok(()) => page(Matter::PasswordSet, *language.0),
            Err(problem) if problem.kind == ProblemKind::Unprocessable => page(Matter::OtherPassword, *language.0),
            Err(problem) => Err(problem),
        }
    }

    /// Take over a new address
    ///
    /// With the token of the link, which works once. For apps; the link in the mail leads to a page that does the same.
    #[oai(path = "/v1/admin/email-change/confirm", method = "post", operation_id = "confirm_email_change")]
    async fn confirm_email_change(
        &self,
        client: ClientAddress,
        language: Data<&Language>,
        body: Body<TokenBody>,
    ) -> Result<Empty, Problem> {
        self.0.limits.account_link(client.0)?;
        email_change::change(&self.0, &body.value.token, *language.0).await?;
        Ok(Empty)
    }

    /// The page behind the link to a new address
    ///
    /// Changes nothing by itself: mail scanners follow links.
    #[oai(path = "/v1/admin/email-change/:token", method = "get", operation_id = "show_email_change_page")]
    async fn show_email_change_page(
        &self,
        token: Sole<String>,
        language: Data<&Language>,
    ) -> Result<HtmlPage, Problem> {
        let good = email_change::is_good(&self.0, &token.0).await?;
        page(if good { Matter::NewEmail } else { Matter::Expired }, *language.0)
    }

    /// Take over a new address on that page
    #[oai(path = "/v1/admin/email-change/:token", method = "post", operation_id = "change_email_on_page")]
    async fn change_email_on_page(
        &self,
        token: Sole<String>,
        client: ClientAddress,
        language: Data<&Language>,
        _form: Form,
    ) -> Result<HtmlPage, Problem> {
        self.0.limits.account_link(client.0)?;
        email_change::change(&self.0, &token.0, *language.0).await?;
        page(Matter::EmailSet, *language.0)
    }
}
