//! Programs that act with an API key: as an editor of one village, as far as the key's scopes go, and only while whoever made it
//! is an admin of that village. With posts and nothing else: accounts, topics and keys need a log-in.

use super::{InVillage, app, bearer, in_village};
use crate::problem::{Problem, ProblemKind};
use crate::secrets::sha256;
use crate::text::Text;
use entity::{ApiKey, ApiScope, RoleKind, Session, SessionId, Standing};
use poem::Request;
use poem::http::Method;

/// What tokens of keys begin with.
pub const PREFIX: &str = "dorfkey_";

/// Whether a request comes with a key.
pub fn is_sent(request: &Request) -> bool {
    bearer(request).is_ok_and(|token| token.is_some_and(|token| token.starts_with(PREFIX)))
}

/// What a key may do with this request.
///
/// # Errors
/// 401 when the key is not good here; 403 when its scopes do not cover the request.
pub async fn standing(request: &Request) -> Result<(Session, InVillage, Standing), Problem> {
    let app = app(request)?;
    let now = app.clock.now();
    let token = bearer(request)?.unwrap_or_default();
    let here = in_village(request).await?;
    let village = here.scope.read().await?;
    let key = village.api_keys().by_token_hash(&sha256(token.as_bytes()), now).await?.ok_or_else(no_such_key)?;
    let maker = village.roles().standing(key.account, now).await?;
    drop(village);
    if !maker.is_admin() {
        return Err(no_such_key());
    }
    let needed = needed(request, &here.village.slug).filter(|scope| key.scopes.contains(scope));
    needed.ok_or_else(out_of_scope)?;
    if key.is_unnoted(now) {
        note_use(&here, &key, now).await;
    }
    let standing = Standing { roles: vec![RoleKind::Editor], ..Standing::default() };
    Ok((session_of(key), here, standing))
}

/// A key acts in the name of whoever made it.
fn session_of(key: ApiKey) -> Session {
    Session {
        id: SessionId(key.id.0),
        account: key.account,
        name: key.name,
        email: String::new(),
        operator: false,
        expires_at: key.expires_at,
        second_factor: false,
        last_used_at: key.last_used_at.unwrap_or_default(),
    }
}

/// The scope that a request needs; none for what no key may do.
fn needed(request: &Request, village: &str) -> Option<ApiScope> {
    let below = format!("/v1/admin/villages/{village}/posts");
    let rest = request.original_uri().path().strip_prefix(&below)?;
    let parts: Vec<&str> = rest.split('/').skip(1).collect();
    match (request.method(), parts.as_slice()) {
        (&Method::GET, _) => Some(ApiScope::PostsRead),
        (&Method::POST, []) | (&Method::PATCH | &Method::DELETE, [_]) => Some(ApiScope::PostsWrite),
        (&Method::POST, [_, "publish" | "withdraw"]) => Some(ApiScope::PostsPublish),
        _ => None,
    }
}

/// That this fails is no reason to refuse anybody.
async fn note_use(here: &InVillage, key: &ApiKey, now: chrono::DateTime<chrono::Utc>) {
    let noted = async {
        let tx = here.scope.begin().await?;
        tx.api_keys().note_use(key.id, now).await?;
        tx.commit().await
    };
    if let Err(error) = noted.await {
        tracing::warn!(%error, "the use of an API key could not be noted");
    }
}

fn out_of_scope() -> Problem {
    Problem::explained(
        ProblemKind::Forbidden,
        Text::new(
            "Das gehört nicht zu dem, wofür dieser API-Schlüssel gemacht wurde.",
            "This is not among what this API key was made for.",
        ),
    )
}

fn no_such_key() -> Problem {
    Problem::explained(
        ProblemKind::Unauthenticated,
        Text::new(
            "Der API-Schlüssel gilt hier nicht oder nicht mehr.",
            "The API key is not good here, or not any more.",
        ),
    )
}
