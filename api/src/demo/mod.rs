//! The demo: three villages of Kalletal, their residents, and an editor who publishes. It goes through the same HTTP API as
//! everybody else and counts what the receivers got, not what was sent.

mod account;
mod client;
pub mod device;
mod mailboxes;
mod push_service;
mod town;

use crate::accounts;
use crate::cli::wait_for_stop;
use crate::clock::Clock;
use crate::config::Settings;
use crate::server::{Role, Running};
use account::Outcome;
use anyhow::Context;
use client::Client;
use mailboxes::Mailboxes;
use push_service::PushService;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use town::Town;

/// How long the demo waits for everything to be delivered.
const PATIENCE: Duration = Duration::from_secs(60);

/// The demo's operator. Its password is random and used once.
const OPERATOR: &str = "betrieb@krz.example";

/// Runs the demo in a fresh folder. With `once`, ends after the account; else keeps serving.
///
/// # Errors
/// When anything is missing or went to the wrong place.
pub async fn run(mut settings: Settings, once: bool) -> anyhow::Result<()> {
    let push = PushService::start().await?;
    let folder = fresh_folder(&settings)?;
    settings.data_dir = folder.clone();
    settings.database.url = String::new().into();
    settings.mail.smtp_url = String::new().into();
    settings.push.allowed_hosts.push(push.origin().to_owned());
    // Nobody reads it: the only push service is the demo's own.
    settings.push.contact = "mailto:demo@localhost".to_owned();
    let running = start(settings).await?;
    let outcome = tell(&running, &push, folder).await?;
    outcome.print();
    if !once && outcome.is_right() {
        println!("Serving until Ctrl-C.");
        wait_for_stop().await?;
    }
    running.stop().await;
    if once {
        println!("{}", outcome.json());
    }
    anyhow::ensure!(outcome.is_right(), "something is missing or went to the wrong place");
    Ok(())
}

/// Everything that happens.
async fn tell(running: &Running, push: &PushService, folder: PathBuf) -> anyhow::Result<Outcome> {
    let address = running.address.context("the demo's server listens")?;
    let base = format!("http://{address}");
    let password = running.app.secrets.token().text;
    accounts::create_operator(&running.app, OPERATOR, "Betrieb", password.clone()).await?;
    let client = Client::new(base.clone())?;
    let mailboxes = Mailboxes::new(folder.join("mail"));
    let started = Instant::now();
    let town = Town::found(&client, OPERATOR, &password, &running.app.secrets.token().text).await?;
    town.subscribe_all(&client, push, &mailboxes, PATIENCE).await?;
    let published_at = Instant::now();
    let posts = town.publish_all(&client).await?;
    town.wait_until_finished(&client, &posts, PATIENCE).await?;
    let (pushes, mails) = (push.received(), mailboxes.news()?);
    Ok(Outcome::new(&pushes, &mails, started.elapsed(), published_at.elapsed(), base, folder))
}

/// Starts the server where the settings say, or, if that is taken, wherever there is room.
async fn start(settings: Settings) -> anyhow::Result<Running> {
    match Running::start(settings.clone(), Clock::system(), Role::All).await {
        Ok(running) => Ok(running),
        Err(_) => {
            let mut settings = settings;
            settings.http.listen.set_port(0);
            Running::start(settings, Clock::system(), Role::All).await
        }
    }
}

fn fresh_folder(settings: &Settings) -> anyhow::Result<PathBuf> {
    let name = Clock::system().now().format("demo-%Y%m%d-%H%M%S%3f").to_string();
    let folder = settings.data_dir.join(name);
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}
