//! What becomes of an account is told: to its owner by mail, and to every village where it belongs to the staff in its log.

use crate::app::App;
use crate::text::Language;
use chrono::TimeDelta;
use entity::{AccountId, AccountLinkId, AccountMailKind, Deed, NewAccountMail, RegistryTx, StoreError};

/// A change of an account that its owner makes.
pub struct Change<'a> {
    /// Of which.
    pub account: AccountId,
    /// What was done, as logs have it.
    pub action: &'static str,
    /// What the owner is told.
    pub mail: AccountMailKind,
    /// Where.
    pub email: &'a str,
    /// In which language.
    pub language: Language,
}

impl Change<'_> {
    /// Tells of it; commits with what was done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tell(&self, app: &App, tx: &RegistryTx) -> Result<(), StoreError> {
        tell(app, tx, self.mail, self.email, self.language).await?;
        let deed = Deed::new(self.account, self.action, self.account);
        tx.record_for_staff(self.account, deed, app.clock.now()).await
    }
}

/// Tells the owner of an account something by mail; commits with what was done.
///
/// # Errors
/// When the database fails.
pub async fn tell(
    app: &App,
    tx: &RegistryTx,
    kind: AccountMailKind,
    recipient: &str,
    language: Language,
) -> Result<(), StoreError> {
    let now = app.clock.now();
    let mail = NewAccountMail {
        id: AccountLinkId::generate(),
        kind,
        recipient: recipient.to_owned(),
        language: language.tag().to_owned(),
        about: String::new(),
        expires_at: now + TimeDelta::days(3),
    };
    tx.account_mails().add(mail, now).await
}
