//! The order in which rows are taken hold of, so that no two transactions wait for each other.
//!
//! A club, a post, media, subscriptions, due work, deliveries, claims of joint posts, the notification; within a table by identifier.
//! Whoever changes several rows takes them here first. SQLite has one writer, who needs none of it.

use crate::delivery::Settlement;
use crate::error::StoreError;
use crate::ids::{ClubId, NotificationId, SubscriptionId, WasteKindId};
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::{Sql, placeholders};
use sea_orm::Value;

/// Takes hold of a club.
pub(crate) async fn club(tx: &VillageTx, id: ClubId) -> Result<(), StoreError> {
    take(tx, "club", "id = $2", [id.into()]).await
}

/// Takes hold of subscriptions and of those that they have replaced.
pub(crate) async fn subscriptions(tx: &VillageTx, ids: &[SubscriptionId]) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let them = placeholders(2, ids.len());
    let those = format!("id IN ({them}) OR replaced_by IN ({them})");
    take(tx, "subscription", &those, ids.iter().map(|id| Value::from(*id))).await
}

/// Takes hold of the deliveries that a condition finds, whose parameters begin at `$2`.
pub(crate) async fn deliveries(
    tx: &VillageTx,
    those: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<(), StoreError> {
    take(tx, "delivery", those, values).await
}

/// Takes hold of deliveries that are settled, and of what is pending to those who are gone.
pub(crate) async fn settled(
    tx: &VillageTx,
    settlements: &[Settlement],
    gone: &[SubscriptionId],
) -> Result<(), StoreError> {
    let mut those = format!("id IN ({})", placeholders(2, settlements.len()));
    if !gone.is_empty() {
        let them = placeholders(2 + settlements.len(), gone.len());
        those.push_str(&format!(" OR (state = 0 AND subscription_id IN ({them}))"));
    }
    let settled = settlements.iter().map(|settlement| Value::from(settlement.id));
    deliveries(tx, &those, settled.chain(gone.iter().map(|id| Value::from(*id)))).await
}

/// Takes hold of the media that a condition finds, whose parameters begin at `$2`.
pub(crate) async fn media(
    tx: &VillageTx,
    those: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<(), StoreError> {
    take(tx, "media", those, values).await
}

/// Takes hold of a notification.
pub(crate) async fn notification(tx: &VillageTx, id: NotificationId) -> Result<(), StoreError> {
    take(tx, "notification", "id = $2", [id.into()]).await
}

/// Takes hold of a kind of waste.
pub(crate) async fn waste_kind(tx: &VillageTx, id: WasteKindId) -> Result<(), StoreError> {
    take(tx, "waste_kind", "id = $2", [id.into()]).await
}

/// Takes hold of a waste district. Before it nothing is taken hold of, after it due work.
pub(crate) async fn waste_district(tx: &VillageTx, slug: &str) -> Result<(), StoreError> {
    take(tx, "waste_district", "slug = $2", [slug.into()]).await
}

/// Takes hold of all calendars that events of the village come from: two of them might bring the same UID. Before them nothing is
/// taken hold of, after them posts.
pub(crate) async fn event_calendars(tx: &VillageTx) -> Result<(), StoreError> {
    take(tx, "event_calendar", "name IS NOT NULL", []).await
}

/// No key is changed: whoever inserts a row that refers to one of these need not wait.
async fn take(
    tx: &VillageTx,
    table: &str,
    those: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<(), StoreError> {
    if !tx.connection().is_postgres() {
        return Ok(());
    }
    let sql = format!("SELECT id FROM {table} WHERE village_id = $1 AND ({those}) ORDER BY id FOR NO KEY UPDATE");
    let values = [tx.village_id().into()].into_iter().chain(values).collect();
    tx.connection().run(&sql, values).await.map(drop)
}
