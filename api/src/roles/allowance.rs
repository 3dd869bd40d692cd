//! How many may be invited.

use crate::app::App;
use crate::mail_address;
use crate::problem::Problem;
use chrono::TimeDelta;
use uuid::Uuid;

/// Counts an invitation from a place to a person, for all processes together: what is sent to strangers is bounded, whoever sends.
///
/// # Errors
/// 429 when there were too many today.
pub async fn may_invite(app: &App, place: Uuid, email: &str) -> Result<(), Problem> {
    let limits = &app.settings.limits;
    let address =
        app.secrets.hash("staff invitation to", format!("{place} {}", mail_address::person(email)).as_bytes());
    let all = app.secrets.hash("staff invitations of", place.as_bytes());
    let (day, now) = (TimeDelta::days(1), app.clock.now());
    let tx = app.database.registry_tx().await?;
    let to_person = tx.throttles().hit(&address, day, now).await?;
    let of_place = tx.throttles().hit(&all, day, now).await?;
    tx.commit().await?;
    for (hits, most) in [(to_person, limits.invitations_per_mailbox), (of_place, limits.invitations_per_place)] {
        if hits > i64::from(most) {
            return Err(Problem::too_many_requests(86_400, most));
        }
    }
    Ok(())
}
