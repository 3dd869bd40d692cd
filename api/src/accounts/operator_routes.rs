//! Accounts as operators see them, over HTTP.

use super::view::{AccountList, AccountView};
use super::{operator_deeds, second_factor_link};
use crate::app::App;
use crate::authority::Operator;
use crate::contract::Group;
use crate::http::{Answer, Empty, Sole};
use crate::mail_address;
use crate::problem::Problem;
use crate::text::{Language, Text};
use entity::{AccountId, AccountMailKind, Deed};
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;

/// What operators do with accounts.
pub struct OperatorAccountRoutes(pub App);

#[OpenApi(tag = "Group::Operator")]
impl OperatorAccountRoutes {
    /// Find an account
    ///
    /// By the whole of its address; a list of one, or of none. The villages where it belongs to the staff find that in their logs.
    #[oai(path = "/v1/operator/accounts", method = "get", operation_id = "find_accounts")]
    async fn find_accounts(
        &self,
        operator: Operator,
        /// The address the person logs in with.
        #[oai(validator(max_length = 254))]
        email: Query<String>,
    ) -> Result<Answer<200, AccountList>, Problem> {
        let email = mail_address::of_account(&email.0);
        let found = self.0.database.registry().await?.accounts().by_email(&email).await?;
        if let Some(account) = &found {
            let deed = Deed::new(operator.session.account, "account.looked_up", account.id);
            let tx = self.0.database.registry_tx().await?;
            tx.record_for_staff(account.id, deed, self.0.clock.now()).await?;
            tx.commit().await?;
        }
        Ok(Answer::of(&AccountList { items: found.into_iter().map(AccountView::from).collect() }))
    }

    /// Disable an account
    ///
    /// Ends its log-ins and links at once; it cannot log in or get a new password until it is enabled again. Doing it again
    /// changes nothing.
    #[oai(path = "/v1/operator/accounts/:account/disable", method = "post", operation_id = "disable_account")]
    async fn disable_account(&self, operator: Operator, account: Sole<AccountId>) -> Result<Empty, Problem> {
        if operator.session.account == account.0 {
            return Err(Problem::conflict(Text::new(
                "Das eigene Konto kann niemand sperren.",
                "Nobody can disable their own account.",
            )));
        }
        operator_deeds::must_be_strong_enough(&self.0, &operator, account.0).await?;
        let tx = self.0.database.registry_tx().await?;
        if !tx.accounts().disable(account.0, self.0.clock.now()).await? {
            return Err(Problem::not_found());
        }
        let deed = Deed::new(operator.session.account, "account.disabled", account.0);
        tx.record_for_staff(account.0, deed, self.0.clock.now()).await?;
        tx.commit().await?;
        tracing::info!(account = %account.0, by = %operator.session.account, "disabled an account");
        Ok(Empty)
    }

    /// Enable an account again
    #[oai(path = "/v1/operator/accounts/:account/enable", method = "post", operation_id = "enable_account")]
    async fn enable_account(&self, operator: Operator, account: Sole<AccountId>) -> Result<Empty, Problem> {
        operator_deeds::must_be_strong_enough(&self.0, &operator, account.0).await?;
        let tx = self.0.database.registry_tx().await?;
        if !tx.accounts().enable(account.0).await? {
            return Err(Problem::not_found());
        }
        let deed = Deed::new(operator.session.account, "account.enabled", account.0);
        tx.record_for_staff(account.0, deed, self.0.clock.now()).await?;
        tx.commit().await?;
        tracing::info!(account = %account.0, by = %operator.session.account, "enabled an account");
        Ok(Empty)
    }

    /// Take the second factor of an account away
    ///
    /// For whoever has lost authenticator and recovery codes. Ends the log-ins of the account; its owner is told by mail, with a link:
    /// a new one is set up by such a link, not by the password alone.
    #[oai(
        path = "/v1/operator/accounts/:account/second-factor",
        method = "delete",
        operation_id = "take_second_factor_away"
    )]
    async fn take_second_factor_away(
        &self,
        operator: Operator,
        account: Sole<AccountId>,
        language: Data<&Language>,
    ) -> Result<Empty, Problem> {
        operator_deeds::must_be_strong_enough(&self.0, &operator, account.0).await?;
        let tx = self.0.database.registry_tx().await?;
        let found = tx.accounts().find(account.0).await?.ok_or_else(Problem::not_found)?;
        if !tx.second_factors().take_away(found.id, self.0.clock.now()).await? {
            return Err(Problem::not_found());
        }
        tx.sessions().end_all(found.id).await?;
        second_factor_link::send(&self.0, &tx, &found, AccountMailKind::SecondFactorTakenAway, *language.0).await?;
        let deed = Deed::new(operator.session.account, "second_factor.taken_away", found.id);
        tx.record_for_staff(account.0, deed, self.0.clock.now()).await?;
        tx.commit().await?;
        tracing::info!(account = %found.id, by = %operator.session.account, "took a second factor away");
        Ok(Empty)
    }
}
