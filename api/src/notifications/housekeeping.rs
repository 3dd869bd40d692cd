//! Housekeeping: forgetting what its time is over for. Every retention rule of the program is here.

use crate::app::App;
use chrono::TimeDelta;
use entity::{MediaId, StoreError, VillageId, VillageScope};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often.
const EVERY: Duration = Duration::from_secs(600);

/// Notifications folded in one transaction.
const FOLDED_AT_ONCE: u64 = 20;

/// Hours after which an upload that did not come to its end is given up. Longer than any takes.
const UPLOAD_GIVEN_UP_H: i64 = 1;

/// Days for which the link of an invitation says how that ended.
const ENDED_INVITATIONS_D: i64 = 90;

/// Files removed between two looks at the database.
const REMOVED_AT_ONCE: u64 = 50;

/// Keeps house until `stop`.
pub async fn run(app: &App, stop: CancellationToken) {
    let mut timer = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = timer.tick() => {}
        }
        if let Err(error) = once(app).await {
            tracing::error!(%error, "housekeeping failed");
        }
    }
}

/// Keeps house once: what belongs to no village, then village by village.
pub async fn once(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    let retention = &app.settings.retention;
    let tx = app.database.registry_tx().await?;
    tx.sessions().forget_ended(now, now - app.settings.accounts.idle()).await?;
    tx.account_links().forget_expired(now).await?;
    tx.account_mails().forget_expired(now).await?;
    tx.municipality_invitations().forget_expired(now).await?;
    tx.ended_invitations().forget_before(now - TimeDelta::days(ENDED_INVITATIONS_D)).await?;
    tx.throttles().forget_expired(now).await?;
    tx.idempotency_keys().forget_before(now - TimeDelta::hours(retention.idempotency_h.into())).await?;
    tx.joint_claims().forget_before(now - TimeDelta::days(retention.deliveries_d.into())).await?;
    tx.commit().await?;
    let villages = app.database.registry().await?.villages().ids().await?;
    for village in villages {
        if let Err(error) = in_village(app, village).await {
            tracing::error!(%error, %village, "housekeeping failed in a village");
        }
    }
    app.database.forget_erased().await
}

async fn in_village(app: &App, village: VillageId) -> Result<(), StoreError> {
    let now = app.clock.now();
    let retention = &app.settings.retention;
    let scope = app.database.village(village);
    let tx = scope.begin().await?;
    tx.idempotency_keys().forget_before(now - TimeDelta::hours(retention.idempotency_h.into())).await?;
    tx.subscriptions().forget_before(now - TimeDelta::hours(retention.unconfirmed_h.into()), now).await?;
    tx.reports().forget_decided_before(now - TimeDelta::days(retention.reports_d.into())).await?;
    tx.club_applications().forget_expired(now).await?;
    tx.club_invitations().forget_expired(now).await?;
    tx.staff_invitations().forget_expired(now).await?;
    // Kept for a while after the dates have begun: a clock that goes back reminds of nothing twice.
    tx.event_reminders().forget_begun_before(now - TimeDelta::days(retention.deliveries_d.into())).await?;
    let unused = now - TimeDelta::hours(retention.unused_media_h.into());
    tx.media().doom_orphans(now - TimeDelta::hours(UPLOAD_GIVEN_UP_H), unused).await?;
    tx.commit().await?;
    remove_doomed_media(app, &scope).await?;
    let then = now - TimeDelta::days(retention.deliveries_d.into());
    loop {
        let tx = scope.begin().await?;
        let folded = tx.notifications().fold_finished_before(then, FOLDED_AT_ONCE, now).await?;
        tx.commit().await?;
        if folded < FOLDED_AT_ONCE {
            return Ok(());
        }
    }
}

/// Removes files that are marked for it, and then what is known of them. A store that does not answer is asked again the next
/// time: what is known of a file goes last.
async fn remove_doomed_media(app: &App, scope: &VillageScope) -> Result<(), StoreError> {
    loop {
        let doomed = scope.read().await?.media().doomed(REMOVED_AT_ONCE).await?;
        let mut removed: Vec<MediaId> = Vec::new();
        for media in &doomed {
            if app.media_store.remove(scope.village(), &media.key).await.is_err() {
                break;
            }
            removed.push(media.id);
        }
        if !removed.is_empty() {
            let tx = scope.begin().await?;
            tx.media().forget(&removed).await?;
            tx.commit().await?;
        }
        if (removed.len() as u64) < REMOVED_AT_ONCE {
            return Ok(());
        }
    }
}
