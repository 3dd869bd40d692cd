//! What every part of the program works with.

use crate::bench::Benches;
use crate::clock::Clock;
use crate::config::Settings;
use crate::http::PageCache;
use crate::media_store::MediaStore;
use crate::notifications::VapidSigner;
use crate::password::Passwords;
use crate::rate_limit::RateLimits;
use crate::secrets::Secrets;
use crate::stream::Streams;
use anyhow::{Context, bail};
use entity::{Database, DatabaseOptions, Fitness, VillageRecord};
use moka::future::Cache;
use secrecy::ExposeSecret;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The open installation: settings, clock, keys and database. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What an [`App`] holds.
pub struct Parts {
    /// The settings it was opened with.
    pub settings: Settings,
    /// The time.
    pub clock: Clock,
    /// The keys.
    pub secrets: Secrets,
    /// The database.
    pub database: Database,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Limits per client.
    pub limits: RateLimits,
    /// Public pages that were asked for before.
    pub pages: PageCache,
    /// Signs for push services, and knows the public key that browsers subscribe with.
    pub vapid: VapidSigner,
    /// Where images and documents are kept.
    pub media_store: MediaStore,
    /// Seats for work that costs processor time.
    pub benches: Benches,
    /// Those who follow villages.
    pub streams: Streams,
    /// Villages by slug.
    pub villages: Cache<String, Arc<VillageRecord>>,
}

impl App {
    /// Opens an installation: makes its folder and keys if need be, brings the schema up to date if the settings say so.
    ///
    /// # Errors
    /// When the folder, keys or database cannot be used; when PostgreSQL would not keep villages apart.
    pub async fn open(settings: Settings, clock: Clock) -> anyhow::Result<Self> {
        create_folder(&settings.data_dir)?;
        let secrets = Secrets::open(&settings.keys_dir())?;
        if settings.database.migrate_on_start {
            migration::up(&settings.database_url()).await.context("the database could not be brought up to date")?;
        } else if !migration::pending(&settings.database_url()).await?.is_empty() {
            bail!("the database's schema is not up to date: run `dorf migrate`");
        }
        let database = open_database(&settings, &secrets).await?;
        let vapid = VapidSigner::new(&secrets, &settings.push.contact)?;
        Ok(Self(Arc::new(Parts {
            passwords: Passwords::new(&settings.accounts)?,
            limits: RateLimits::new(&settings.limits),
            pages: PageCache::default(),
            media_store: MediaStore::open(&settings)?,
            benches: Benches::new(settings.media.processed_at_once, settings.database.connections),
            streams: Streams::new(&settings.stream),
            villages: Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(10)).build(),
            vapid,
            settings,
            clock,
            secrets,
            database,
        })))
    }

    /// The village with this name in URLs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn village(&self, slug: &str) -> Result<Option<Arc<VillageRecord>>, entity::StoreError> {
        if let Some(village) = self.villages.get(slug).await {
            return Ok(Some(village));
        }
        let found = self.database.registry().await?.villages().by_slug(slug).await?.map(Arc::new);
        if let Some(village) = &found {
            self.villages.insert(slug.to_owned(), village.clone()).await;
        }
        Ok(found)
    }
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Makes a folder that only its owner can look into: addresses and keys are kept there.
pub fn create_folder(folder: &Path) -> anyhow::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(|| format!("cannot create data_dir {}", folder.display()))
}

async fn open_database(settings: &Settings, secrets: &Secrets) -> anyhow::Result<Database> {
    let options = DatabaseOptions {
        url: settings.database_url(),
        connections: settings.database.connections,
        patience: settings.patience(),
        audit_key: secrets.audit_key().clone(),
    };
    let database = Database::open(&options).await.context("the database cannot be opened (database.url)")?;
    if database.fitness().await? == Fitness::BypassesRowSecurity {
        let hint = if settings.database.url.expose_secret().is_empty() { "" } else { " of database.url" };
        bail!(
            "the role{hint} is a superuser or has BYPASSRLS, so PostgreSQL would not keep villages apart: use a role \
             without both (docs/operations/postgresql.sql makes one)"
        );
    }
    Ok(database)
}
