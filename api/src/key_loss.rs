//! What is done when the keys are lost for good: the database goes on with others, and what is lost with them is said.

use crate::app::create_folder;
use crate::clock::Clock;
use crate::config::Settings;
use crate::hold::Hold;
use crate::opening;
use crate::secrets::{Missing, Secrets};
use entity::{Database, KeyPrints, VillageQuery};

const WITH_MASTER: &str = "with master.key:
  - subscriptions by push: they end now, and residents have to subscribe again;
  - second factors and recovery codes: an operator removes them; operators get another one with `dorf operator second-factor`;
  - links in mails that were sent: to confirm, to unsubscribe, to accept, to set a password;
  - what audit logs say until now cannot be checked any more; they go on from here.";

const WITH_VAPID: &str = "with vapid.key:
  - subscriptions by push: they end now, and residents have to subscribe again.";

/// Lets the database go on with the keys that are in their folder, making those that are missing; or only says what is lost.
///
/// # Errors
/// When nothing is lost, or the loss was not accepted; when a server runs, or the database cannot be used.
pub async fn replace(settings: &Settings, loss: Loss) -> anyhow::Result<()> {
    let ground = opening::look(settings).await?;
    anyhow::ensure!(
        ground.has_tables,
        "there is no database of dorf at {}: no keys are lost",
        entity::database_address(&settings.database_url())
    );
    let _hold = Hold::take(settings)?;
    let found = Secrets::open(&settings.keys_dir(), Missing::Refuse).ok().map(|secrets| secrets.prints().clone());
    let lost = |of: fn(&KeyPrints) -> &String| match (&ground.prints, &found) {
        (Some(noted), Some(found)) => of(noted) != of(found),
        (_, found) => found.is_none(),
    };
    let (master, vapid) = (lost(|prints| &prints.master), lost(|prints| &prints.vapid));
    anyhow::ensure!(master || vapid, "the keys are those that the database was written with: nothing is lost");
    println!("What is lost:");
    for what in [master.then_some(WITH_MASTER), vapid.then_some(WITH_VAPID)].into_iter().flatten() {
        println!("{what}");
    }
    anyhow::ensure!(loss == Loss::Accepted, "nothing was changed: say --accept-loss to go on without them");
    create_folder(&settings.data_dir)?;
    let secrets = Secrets::open(&settings.keys_dir(), Missing::Make)?;
    opening::migrate(settings).await?;
    let database = opening::database_of_other_keys(settings, &secrets).await?;
    go_on(&database, master).await?;
    let tx = database.registry_tx().await?;
    tx.installation().replace_key_prints(secrets.prints()).await?;
    tx.commit().await?;
    database.close().await;
    println!("The database goes on with the keys in {}. Back them up.", settings.keys_dir().display());
    Ok(())
}

/// Whether somebody who lost the keys has said that they know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Say first what is lost.
    ToBeTold,
    /// Go on.
    Accepted,
}

/// In every village: ends what cannot be used any more, and lets the audit log go on. Doing it again changes nothing that matters.
async fn go_on(database: &Database, master: bool) -> anyhow::Result<()> {
    let now = Clock::system().now();
    let mut query = VillageQuery { limit: 100, ..VillageQuery::default() };
    loop {
        let villages = database.registry().await?.villages().list(&query).await?;
        let Some(last) = villages.last() else { return Ok(()) };
        query.after = Some((last.name.clone(), last.id));
        for village in &villages {
            let mut more = true;
            while more {
                let tx = database.village(village.id).begin().await?;
                more = tx.subscriptions().end_pushes(now).await?;
                if !more && master {
                    tx.audit().go_on_with_other_keys(now).await?;
                }
                tx.commit().await?;
            }
        }
    }
}
