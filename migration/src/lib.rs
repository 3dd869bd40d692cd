//! How the schema came to be.
//!
//! Migrations are ordered, go up and down, run in one transaction each on both databases, and are never edited after a
//! release. They name everything by string literals and never import an entity: an entity that changes must not change
//! the past.

mod m2026_11_22_000001_villages_and_staff;
mod m2026_11_22_000002_posts;
mod m2026_11_22_000003_subscriptions_and_notifications;
mod m2026_11_24_000004_roles_clubs_and_audit;
mod m2026_11_24_000005_media;
mod m2026_11_24_000006_account_links;
mod m2026_11_24_000008_desk;
mod m2026_11_24_000009_consent_and_reports;
mod m2026_11_24_000011_replaced_subscriptions;
mod m2026_11_24_000016_second_factor;
mod m2026_11_24_000026_api_keys;
mod m2026_11_25_000030_clubs;
mod m2026_11_25_000040_series;
mod m2026_11_25_000041_long_dates;
mod m2026_11_25_000045_search;
mod m2026_11_25_000046_stream;
mod m2026_11_25_000050_waste;
mod m2026_11_25_000051_waste_sources;
mod m2026_11_25_000060_joint_posts;
mod m2026_11_25_000070_event_calendars;
mod m2026_11_25_000080_event_reminders;
mod m2026_11_26_000100_school_holidays;
mod m2026_11_26_000110_continuations;
mod m2026_11_26_000120_lists_by_index;
mod m2026_11_28_000200_installation;
mod m2026_11_28_000220_staff_invitations;
mod m2026_11_28_000240_likeness_of_items;
mod m2026_11_28_000260_told_again;
mod m2026_11_28_000261_club_contact;
mod m2026_11_28_000262_revisions;
mod m2026_11_28_000280_search_parts;
mod m2026_11_28_000290_ended_invitations;
mod tenant_table;

use sea_orm_migration::DbErr;
use sea_orm_migration::MigrationStatus;
use sea_orm_migration::sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend};
pub use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Every migration, oldest first.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m2026_11_22_000001_villages_and_staff::Migration),
            Box::new(m2026_11_22_000002_posts::Migration),
            Box::new(m2026_11_22_000003_subscriptions_and_notifications::Migration),
            Box::new(m2026_11_24_000004_roles_clubs_and_audit::Migration),
            Box::new(m2026_11_24_000008_desk::Migration),
            Box::new(m2026_11_24_000009_consent_and_reports::Migration),
            Box::new(m2026_11_24_000005_media::Migration),
            Box::new(m2026_11_24_000006_account_links::Migration),
            Box::new(m2026_11_24_000016_second_factor::Migration),
            Box::new(m2026_11_24_000026_api_keys::Migration),
            Box::new(m2026_11_24_000011_replaced_subscriptions::Migration),
            Box::new(m2026_11_25_000030_clubs::Migration),
            Box::new(m2026_11_25_000040_series::Migration),
            Box::new(m2026_11_25_000045_search::Migration),
            Box::new(m2026_11_25_000046_stream::Migration),
            Box::new(m2026_11_25_000050_waste::Migration),
            Box::new(m2026_11_25_000051_waste_sources::Migration),
            Box::new(m2026_11_25_000060_joint_posts::Migration),
            Box::new(m2026_11_25_000041_long_dates::Migration),
            Box::new(m2026_11_25_000080_event_reminders::Migration),
            Box::new(m2026_11_25_000070_event_calendars::Migration),
            Box::new(m2026_11_26_000100_school_holidays::Migration),
            Box::new(m2026_11_26_000110_continuations::Migration),
            Box::new(m2026_11_26_000120_lists_by_index::Migration),
            Box::new(m2026_11_28_000280_search_parts::Migration),
            Box::new(m2026_11_28_000200_installation::Migration),
            Box::new(m2026_11_28_000240_likeness_of_items::Migration),
            Box::new(m2026_11_28_000260_told_again::Migration),
            Box::new(m2026_11_28_000261_club_contact::Migration),
            Box::new(m2026_11_28_000262_revisions::Migration),
            Box::new(m2026_11_28_000220_staff_invitations::Migration),
            Box::new(m2026_11_28_000290_ended_invitations::Migration),
        ]
    }
}

/// From where to where a schema was brought, by the names of its last migrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// `None` when there was no schema.
    pub from: Option<String>,
    /// `None` when nothing is left of it.
    pub to: Option<String>,
    /// How many migrations that took.
    pub steps: usize,
}

/// Brings the schema of the database at `url` up to date. Several processes may do so at once: on PostgreSQL they queue
/// behind an advisory lock, on SQLite behind the write lock.
///
/// # Errors
/// When the database cannot be reached, or a migration fails; a failed migration leaves nothing behind.
pub async fn up(url: &str) -> Result<Progress, DbErr> {
    go(url, async |connection| Migrator::up(connection, None).await).await
}

/// Takes back the last `steps` migrations, or all of them.
///
/// # Errors
/// As [`up`].
pub async fn down(url: &str, steps: Option<u32>) -> Result<Progress, DbErr> {
    go(url, async |connection| Migrator::down(connection, steps).await).await
}

async fn go(url: &str, way: impl AsyncFnOnce(&DatabaseConnection) -> Result<(), DbErr>) -> Result<Progress, DbErr> {
    let connection = connect(url).await?;
    lock(&connection).await?;
    let before = applied(&connection).await?;
    let outcome = way(&connection).await;
    let after = applied(&connection).await?;
    connection.close().await?;
    let steps = before.len().abs_diff(after.len());
    outcome.map(|()| Progress { from: before.into_iter().next_back(), to: after.into_iter().next_back(), steps })
}

/// The names of the migrations that were made, in their order. Changes nothing.
async fn applied(connection: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let all = Migrator::get_migration_with_status_read_only(connection).await?;
    let applied = all.iter().filter(|migration| migration.status() == MigrationStatus::Applied);
    Ok(applied.map(|migration| migration.name().to_owned()).collect())
}

/// The names of the migrations that the database at `url` still lacks. Changes nothing there.
///
/// # Errors
/// When the database cannot be reached.
pub async fn pending(url: &str) -> Result<Vec<String>, DbErr> {
    let connection = connect(url).await?;
    let all = Migrator::get_migration_with_status_read_only(&connection).await?;
    connection.close().await?;
    let pending = all.iter().filter(|migration| migration.status() == MigrationStatus::Pending);
    Ok(pending.map(|migration| migration.name().to_owned()).collect())
}

/// One connection, so that a lock taken by its session holds for what follows, and goes with it.
async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await
}

async fn lock(connection: &DatabaseConnection) -> Result<(), DbErr> {
    if connection.get_database_backend() == DbBackend::Postgres {
        connection.execute_unprepared("SELECT pg_advisory_lock(7237146)").await?;
    }
    Ok(())
}
