//! Log-ins, and whether they are strong enough.

use super::{app, bearer, refusals};
use crate::app::App;
use crate::config::Need;
use crate::problem::{Problem, ProblemKind};
use crate::secrets::sha256;
use crate::text::Text;
use entity::Session;
use poem::Request;

/// The log-in, which is strong enough for its account: an operator can do nothing without a second factor, unless the settings say
/// otherwise.
///
/// # Errors
/// 401 when there is none; 403 when it is too weak.
pub(super) async fn session(request: &Request) -> Result<Session, Problem> {
    let session = any_session(request).await?;
    let required = app(request)?.settings.accounts.operator_second_factor == Need::Required;
    if required && session.operator && !session.second_factor {
        return Err(refusals::for_operators_without_second_factor());
    }
    Ok(session)
}

/// The log-in, also an operator's without a second factor.
///
/// # Errors
/// 401 when there is none.
pub(super) async fn any_session(request: &Request) -> Result<Session, Problem> {
    let app = app(request)?;
    let (accounts, now) = (&app.settings.accounts, app.clock.now());
    let token = bearer(request)?.ok_or_else(|| Problem::new(ProblemKind::Unauthenticated))?;
    let registry = app.database.registry().await?;
    let session = registry.sessions().by_token_hash(&sha256(token.as_bytes()), now, now - accounts.idle()).await?;
    drop(registry);
    let session = session.ok_or_else(|| {
        Problem::explained(
            ProblemKind::Unauthenticated,
            Text::new("Die Anmeldung ist abgelaufen oder ungültig.", "The log-in has ended or is invalid."),
        )
    })?;
    if now - session.last_used_at >= accounts.noted_after() {
        note_use(app, &session).await;
    }
    Ok(session)
}

/// Notes, now and then, that a log-in is used, so that it goes on and its owner sees it. That this fails is no reason to refuse anybody.
async fn note_use(app: &App, session: &Session) {
    let noted = async {
        let tx = app.database.registry_tx().await?;
        tx.sessions().note_use(session.id, app.clock.now()).await?;
        tx.commit().await
    };
    if let Err(error) = noted.await {
        tracing::warn!(%error, "the use of a log-in could not be noted");
    }
}
