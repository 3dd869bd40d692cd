//! Doing a request with an `Idempotency-Key` once, and answering its repeats with the same answer.
//!
//! The key is claimed, the change made and the answer kept in one transaction: either all of it happened, or nothing did.

use crate::problem::{Problem, ProblemKind};
use chrono::{DateTime, Utc};
use entity::{Answer, Kept, RegistryTx, Request, VillageTx};

/// Claims the key of a request in a village; gives the kept answer when the request was answered before.
///
/// # Errors
/// 422 when the key was used for another request.
pub async fn claim(tx: &VillageTx, request: Option<&Request>, now: DateTime<Utc>) -> Result<Option<Answer>, Problem> {
    match request {
        Some(request) => kept(tx.idempotency_keys().claim(request, now).await?),
        None => Ok(None),
    }
}

/// Keeps the answer to a request in a village.
///
/// # Errors
/// When the database fails.
pub async fn keep(tx: &VillageTx, request: Option<&Request>, answer: Answer) -> Result<(), Problem> {
    if let Some(request) = request {
        tx.idempotency_keys().keep(request, &answer).await?;
    }
    Ok(())
}

/// As [`claim`], for what belongs to no village.
///
/// # Errors
/// As [`claim`].
pub async fn claim_operator(
    tx: &RegistryTx,
    request: Option<&Request>,
    now: DateTime<Utc>,
) -> Result<Option<Answer>, Problem> {
    match request {
        Some(request) => kept(tx.idempotency_keys().claim(request, now).await?),
        None => Ok(None),
    }
}

/// As [`keep`], for what belongs to no village.
///
/// # Errors
/// When the database fails.
pub async fn keep_operator(tx: &RegistryTx, request: Option<&Request>, answer: Answer) -> Result<(), Problem> {
    if let Some(request) = request {
        tx.idempotency_keys().keep(request, &answer).await?;
    }
    Ok(())
}

fn kept(kept: Kept) -> Result<Option<Answer>, Problem> {
    match kept {
        Kept::Nothing => Ok(None),
        Kept::Answer(answer) => Ok(Some(answer)),
        Kept::OtherRequest => Err(Problem::new(ProblemKind::IdempotencyKeyReused)),
    }
}
