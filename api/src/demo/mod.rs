//! The demo: three villages of Kalletal, their residents, an editor who publishes, and a club that is invited and whose notice
//! crosses the desk. It goes through the same HTTP API as everybody else and counts what the receivers got, not what was sent.

mod account;
mod client;
mod club;
pub mod device;
mod mailboxes;
mod push_service;
mod residents;
mod town;

use crate::accounts;
use crate::app::create_folder;
use crate::clock::Clock;
use crate::config::{Need, Settings};
use crate::server::{Role, Running};
use crate::stop::StopSignals;
use account::{Course, Outcome};
use anyhow::Context;
use client::Client;
use club::Club;
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
    // Its password is random, used once, and shown to nobody.
    settings.accounts.operator_second_factor = Need::Optional;
    let running = start(settings).await?;
    let outcome = tell(&running, &push, folder).await?;
    outcome.print();
    if !once && outcome.is_right() {
        let stop = StopSignals::listen()?;
        println!("Serving until Ctrl-C.");
        stop.received().await;
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
    let operator = accounts::new_operator(&running.app, OPERATOR, "Betrieb", password.clone()).await?;
    operator.without_second_factor(&running.app).await?;
    let client = Client::new(base.clone())?;
    let mailboxes = Mailboxes::new(folder.join("mail"));
    let started = Instant::now();
    let secret = || running.app.secrets.token().text;
    let operator = client.log_in(OPERATOR, &password).await?;
    let town = Town::found(&client, &operator, &secret(), &mailboxes, PATIENCE).await?;
    let mut club = Club::invited(&client, &town, &mailboxes, &secret(), PATIENCE).await?;
    town.subscribe_all(&client, push, &mailboxes, PATIENCE).await?;
    let notice = club.brings_notice(&client, &town).await?;
    let mut posts = town.publish_own(&client).await?;
    club.waits_for(&client, &notice, PATIENCE).await?;
    posts.push(notice);
    let delivered_in = town.wait_until_finished(&client, &posts, PATIENCE).await?;
    let course = Course { elapsed: started.elapsed(), delivered_in, club: club.account(), base, folder };
    Ok(Outcome::new(&push.received(), &mailboxes.news()?, course))
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
    create_folder(&folder)?;
    Ok(folder)
}
