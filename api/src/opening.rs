//! Opening: what a start makes sure of, in the order in which it may find out that it must not go on. Nothing is changed before role
//! and keys are known to be right.

use crate::config::Settings;
use crate::private::{create_private_file, make_private};
use crate::secrets::{Missing, Secrets};
use anyhow::{Context, bail};
use entity::{Database, DatabaseOptions, Fitness, Ground, KeyPrints, VillageQuery};
use secrecy::ExposeSecret;

/// Looks at the database, and at the role that connects to it.
///
/// # Errors
/// When it cannot be used, or would not keep villages apart.
pub async fn look(settings: &Settings) -> anyhow::Result<Ground> {
    let ground = Ground::find(&settings.database_url()).await?;
    if ground.fitness == Fitness::BypassesRowSecurity {
        let hint = if settings.database.url.expose_secret().is_empty() { "" } else { " of database.url" };
        bail!(
            "the role{hint} is a superuser or has BYPASSRLS, so PostgreSQL would not keep villages apart: use a role \
             without both (docs/operations/postgresql.sql makes one). Nothing was changed"
        );
    }
    Ok(ground)
}

/// The keys that belong to the database, made if nothing was ever written with any.
///
/// # Errors
/// When they are missing or others than the database was written with.
pub fn keys(settings: &Settings, ground: &Ground) -> anyhow::Result<Secrets> {
    let folder = settings.keys_dir();
    let missing = if ground.used || ground.prints.is_some() { Missing::Refuse } else { Missing::Make };
    let secrets = Secrets::open(&folder, missing).with_context(|| match missing {
        Missing::Make => "the keys cannot be used".to_owned(),
        Missing::Refuse => format!("the database was written with keys that are not there: {}", way_out(settings)),
    })?;
    if let Some(noted) = &ground.prints {
        belongs(settings, noted, secrets.prints())?;
    }
    Ok(secrets)
}

fn belongs(settings: &Settings, noted: &KeyPrints, found: &KeyPrints) -> anyhow::Result<()> {
    let wrong = match (noted.master == found.master, noted.vapid == found.vapid) {
        (true, true) => return Ok(()),
        (false, true) => "master.key is not the one",
        (true, false) => "vapid.key is not the one",
        (false, false) => "master.key and vapid.key are not those",
    };
    bail!("{wrong} that the database was written with: {}", way_out(settings))
}

fn way_out(settings: &Settings) -> String {
    format!(
        "put the keys that belong to this database into {} (or set keys_dir). If they are lost for good, `dorf keys replace` says what \
         is lost with them and goes on with those that are there. Nothing was changed",
        settings.keys_dir().display()
    )
}

/// Brings the schema up to date, and says so in one line.
///
/// # Errors
/// When a migration fails.
pub async fn migrate(settings: &Settings) -> anyhow::Result<()> {
    make_file(settings)?;
    let done = migration::up(&settings.database_url()).await.context("the database could not be brought up to date")?;
    told(&done);
    Ok(())
}

/// Says from where to where a schema was brought.
pub fn told(done: &migration::Progress) {
    if done.steps > 0 {
        let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "nothing".to_owned());
        tracing::info!(from = name(&done.from), to = name(&done.to), steps = done.steps, "the schema was migrated");
    }
}

/// Makes sure that the schema is up to date.
///
/// # Errors
/// When it is not.
pub async fn check_schema(settings: &Settings, ground: &Ground) -> anyhow::Result<()> {
    if !ground.has_tables || !migration::pending(&settings.database_url()).await?.is_empty() {
        bail!("the database's schema is not up to date: run `dorf migrate`, or start the server");
    }
    Ok(())
}

/// Makes the file of an SQLite database, readable by its owner only; the files beside it take after it.
fn make_file(settings: &Settings) -> anyhow::Result<()> {
    let Some(file) = entity::database_file(&settings.database_url()) else { return Ok(()) };
    if !file.exists() {
        create_private_file(&file).with_context(|| format!("the database {} cannot be made", file.display()))?;
    }
    Ok(())
}

/// Takes the rights of others away from what an older version or a careless hand has left open.
pub fn keep_private(settings: &Settings) {
    if let Some(file) = entity::database_file(&settings.database_url()) {
        for end in ["", "-wal", "-shm"] {
            let mut name = file.clone().into_os_string();
            name.push(end);
            make_private(std::path::Path::new(&name));
        }
    }
    make_private(&settings.keys_dir());
    // Folders of ours; who named another has thought about who may look into it.
    for folder in ["media", "mail"] {
        make_private(&settings.data_dir.join(folder));
    }
}

/// The database, which from now on knows by which keys it is written.
///
/// # Errors
/// When it cannot be opened, or another process noted other keys meanwhile.
pub async fn database(settings: &Settings, secrets: &Secrets) -> anyhow::Result<Database> {
    let database = database_of_other_keys(settings, secrets).await?;
    if database.registry().await?.installation().key_prints().await?.is_none() {
        check_by_audit_logs(settings, &database).await?;
        let tx = database.registry_tx().await?;
        let noted = tx.installation().note_key_prints(secrets.prints()).await?;
        belongs(settings, &noted, secrets.prints())?;
        tx.commit().await?;
    }
    Ok(database)
}

/// A database from before keys were noted shows by its audit logs whether these are its keys.
async fn check_by_audit_logs(settings: &Settings, database: &Database) -> anyhow::Result<()> {
    let some = VillageQuery { limit: 20, ..VillageQuery::default() };
    for village in database.registry().await?.villages().list(&some).await? {
        let log = database.village(village.id).read().await?;
        match log.audit().is_sealed_with(database.audit_key()).await? {
            Some(true) => return Ok(()),
            Some(false) => {
                bail!("master.key is not the one that the audit logs were written with: {}", way_out(settings))
            }
            None => {}
        }
    }
    Ok(())
}

/// The database, whoever wrote it.
///
/// # Errors
/// When it cannot be opened.
pub async fn database_of_other_keys(settings: &Settings, secrets: &Secrets) -> anyhow::Result<Database> {
    let options = DatabaseOptions {
        url: settings.database_url(),
        connections: settings.database.connections,
        patience: settings.patience(),
        audit_key: secrets.audit_key().clone(),
    };
    Database::open(&options).await.context("the database cannot be opened (database.url)")
}
