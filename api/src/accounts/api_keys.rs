//! API keys of a village, as its admins make and revoke them.

use super::view::{ApiKeyBody, ApiKeyMade, ApiKeyView};
use crate::app::App;
use crate::authority::{API_KEY_PREFIX, VillageAdmin};
use crate::problem::Problem;
use crate::secrets::sha256;
use crate::text::Text;
use entity::{ApiKey, ApiKeyId, Deed};

/// Most keys of a village.
const MOST: usize = 50;

/// Makes a key. Its token is in the answer and nowhere else.
pub async fn make(app: &App, admin: &VillageAdmin, body: ApiKeyBody) -> Result<ApiKeyMade, Problem> {
    let now = app.clock.now();
    let wanted = body.checked(now)?;
    let token = format!("{API_KEY_PREFIX}{}", app.secrets.token().text);
    let key = ApiKey {
        id: ApiKeyId::generate(),
        account: admin.session.account,
        name: wanted.name,
        scopes: wanted.scopes,
        created_at: now,
        expires_at: wanted.expires_at,
        last_used_at: None,
    };
    let tx = admin.here.scope.begin().await?;
    if tx.api_keys().list().await?.len() >= MOST {
        return Err(Problem::conflict(Text::new(
            format!("Ein Dorf hat höchstens {MOST} Schlüssel."),
            format!("A village has at most {MOST} keys."),
        )));
    }
    tx.api_keys().create(&key, &sha256(token.as_bytes())).await?;
    tx.audit().record(Deed::new(admin.session.account, "api_key.made", key.id.0), now).await?;
    tx.commit().await?;
    tracing::info!(village = %admin.here.village.id, by = %admin.session.account, key = %key.id, "an API key was made");
    Ok(ApiKeyMade { token, key: ApiKeyView::from(key) })
}

/// Ends a key at once.
pub async fn revoke(app: &App, admin: &VillageAdmin, key: ApiKeyId) -> Result<(), Problem> {
    let tx = admin.here.scope.begin().await?;
    if !tx.api_keys().revoke(key).await? {
        return Err(Problem::not_found());
    }
    tx.audit().record(Deed::new(admin.session.account, "api_key.revoked", key.0), app.clock.now()).await?;
    tx.commit().await?;
    tracing::info!(village = %admin.here.village.id, by = %admin.session.account, %key, "an API key was revoked");
    Ok(())
}
