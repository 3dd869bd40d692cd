//! What every part of the program works with.

use crate::bench::Benches;
use crate::clock::Clock;
use crate::config::Settings;
use crate::http::PageCache;
use crate::media_store::MediaStore;
use crate::notifications::VapidSigner;
use crate::opening;
use crate::password::Passwords;
use crate::private::create_private_folder;
use crate::pulse::Pulse;
use crate::rate_limit::RateLimits;
use crate::secrets::Secrets;
use crate::stream::Streams;
use anyhow::Context;
use entity::{Database, VillageRecord};
use moka::future::Cache;
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
    /// What is known of the clock and of writing.
    pub pulse: Pulse,
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
    /// Opens an installation: makes its folder, database and keys if need be, brings the schema up to date if the settings say so.
    /// Looks at the role and the keys before it changes anything.
    ///
    /// # Errors
    /// When the folder, keys or database cannot be used or do not belong together; when PostgreSQL would not keep villages apart.
    pub async fn open(settings: Settings, clock: Clock) -> anyhow::Result<Self> {
        let ground = opening::look(&settings).await?;
        create_folder(&settings.data_dir)?;
        let secrets = opening::keys(&settings, &ground)?;
        if settings.database.migrate_on_start {
            opening::migrate(&settings).await?;
        } else {
            opening::check_schema(&settings, &ground).await?;
        }
        Self::with(settings, clock, secrets).await
    }

    /// Opens an installation that is there already, for a command that may run beside its server. Makes nothing and changes no schema.
    ///
    /// # Errors
    /// As [`App::open`], and when there is no database or its schema is not up to date.
    pub async fn beside(settings: Settings, clock: Clock) -> anyhow::Result<Self> {
        let ground = opening::look(&settings).await?;
        anyhow::ensure!(
            ground.has_tables,
            "there is no database of dorf at {}: see database.url and data_dir; `dorf serve` makes one, and so does \
             `dorf operator create --new`",
            entity::database_address(&settings.database_url())
        );
        opening::check_schema(&settings, &ground).await?;
        let secrets = opening::keys(&settings, &ground)?;
        Self::with(settings, clock, secrets).await
    }

    async fn with(settings: Settings, clock: Clock, secrets: Secrets) -> anyhow::Result<Self> {
        opening::keep_private(&settings);
        let database = opening::database(&settings, &secrets).await?;
        let vapid = VapidSigner::new(&secrets, &settings.push.contact)?;
        Ok(Self(Arc::new(Parts {
            passwords: Passwords::new(&settings.accounts)?,
            limits: RateLimits::new(&settings.limits),
            pages: PageCache::default(),
            media_store: MediaStore::open(&settings)?,
            benches: Benches::new(settings.media.processed_at_once, settings.database.connections),
            streams: Streams::new(&settings.stream),
            villages: Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(10)).build(),
            pulse: Pulse::default(),
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
    create_private_folder(folder).with_context(|| format!("cannot create data_dir {}", folder.display()))
}
