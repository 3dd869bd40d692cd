//! The command line.

use crate::app::{App, create_folder};
use crate::clock::Clock;
use crate::config::{LogFormat, Need, Settings};
use crate::server::{Role, Running};
use crate::{accounts, audit, contract, demo, enrolment};
use anyhow::Context;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use tracing_subscriber::EnvFilter;

/// Dorf-App: news, events and club notices for villages, as feed, push and e-mail.
#[derive(Parser)]
#[command(name = "dorf", version)]
struct Arguments {
    /// A file with settings; see config.default.toml.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Answer requests and do due work (the default).
    Serve {
        /// What this process does.
        #[arg(long, value_enum, default_value = "all")]
        role: Role,
    },
    /// Show the whole of it on three villages, in a fresh folder, and keep serving.
    Demo {
        /// End after the account, with the counts as JSON on the last line.
        #[arg(long)]
        once: bool,
    },
    /// Print the contract, openapi.yaml.
    Openapi,
    /// Bring the database's schema up to date.
    Migrate {
        /// Take back this many migrations instead.
        #[arg(long, value_name = "STEPS")]
        down: Option<u32>,
    },
    /// Operators of the installation.
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// The villages' audit logs.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Ask a running server whether it is ready; exits 0 if so.
    Health {
        /// What that process does.
        #[arg(long, value_enum, default_value = "all")]
        role: Role,
    },
    /// Print the settings' defaults, with what they mean.
    Settings,
}

#[derive(Subcommand)]
enum OperatorCommand {
    /// Make an operator, with a second factor. Password and a first code are asked for, or read from standard input, a line each.
    Create {
        /// The address to log in with.
        #[arg(long)]
        email: String,
        /// The person's name.
        #[arg(long, default_value = "Operator")]
        name: String,
    },
    /// Give an operator a new second factor, in place of the one before; ends the operator's log-ins. A first code is asked for.
    SecondFactor {
        /// The address the operator logs in with.
        #[arg(long)]
        email: String,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Check that no line was changed, removed or put in. Exits 1 if one was, and says where.
    Verify {
        /// Only the log of the village with this slug.
        #[arg(long)]
        village: Option<String>,
    },
}

/// Does what the command line says.
///
/// # Errors
/// Says in one line what was wrong.
pub fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if matches!(arguments.command, Some(Command::Settings)) {
        print!("{}", crate::config::DEFAULTS);
        return Ok(());
    }
    let mut settings = Settings::load(arguments.config.as_deref())?;
    if matches!(arguments.command, Some(Command::Demo { .. })) && settings.log.filter == "info" {
        // The account is for people; the log of a small town would drown it.
        settings.log.filter = "warn".to_owned();
    }
    start_log(&settings)?;
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("another TLS provider is installed already"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(arguments.command.unwrap_or(Command::Serve { role: Role::All }), settings))
}

async fn run(command: Command, settings: Settings) -> anyhow::Result<()> {
    match command {
        Command::Serve { role } => run_server(settings, role).await,
        Command::Demo { once } => demo::run(settings, once).await,
        Command::Openapi => print_contract().await,
        Command::Migrate { down: None } => Ok(migration::up(&ready(&settings)?).await?),
        Command::Migrate { down: Some(steps) } => Ok(migration::down(&ready(&settings)?, Some(steps)).await?),
        Command::Operator(command) => {
            let app = App::open(settings, Clock::system()).await?;
            let done = keep_operators(&app, command).await;
            app.database.close().await;
            done
        }
        Command::Audit(AuditCommand::Verify { village }) => {
            let app = App::open(settings, Clock::system()).await?;
            let verdict = audit::verify(&app, village.as_deref()).await;
            app.database.close().await;
            verdict
        }
        Command::Health { role } => ask_health(&settings, role).await,
        Command::Settings => Ok(()),
    }
}

async fn keep_operators(app: &App, command: OperatorCommand) -> anyhow::Result<()> {
    match command {
        OperatorCommand::Create { email, name } => {
            let password = enrolment::password()?;
            let operator = accounts::new_operator(app, &email, &name, password).await?;
            if app.settings.accounts.operator_second_factor == Need::Required {
                return enrolment::enrol(app, &operator).await;
            }
            operator.without_second_factor(app).await?;
            println!(
                "The operator can log in now, without a second factor: accounts.operator_second_factor is optional."
            );
            Ok(())
        }
        OperatorCommand::SecondFactor { email } => {
            enrolment::enrol(app, &accounts::known_operator(app, &email).await?).await
        }
    }
}

/// The URL of the database, whose folder exists.
fn ready(settings: &Settings) -> anyhow::Result<String> {
    create_folder(&settings.data_dir)?;
    Ok(settings.database_url())
}

async fn run_server(settings: Settings, role: Role) -> anyhow::Result<()> {
    // Two processes hear of each other's changes through PostgreSQL; on SQLite one could send what the other has withdrawn.
    anyhow::ensure!(
        role == Role::All || !settings.database_url().starts_with("sqlite:"),
        "--role api and --role worker need PostgreSQL (database.url): on SQLite one process does both"
    );
    anyhow::ensure!(
        role != Role::Worker || !settings.http.public_url.is_empty(),
        "http.public_url is not set: --role worker writes links into mails and pushes and cannot know where they lead"
    );
    let running = Running::start(settings, Clock::system(), role).await?;
    match running.address {
        Some(address) if role == Role::Worker => eprintln!("dorf answers on http://{address}, for its health only"),
        Some(address) => eprintln!("dorf serves on http://{address} (documentation: http://{address}/docs)"),
        None => {}
    }
    wait_for_stop().await?;
    running.stop().await;
    Ok(())
}

/// Waits for SIGTERM or Ctrl-C.
///
/// # Errors
/// When signals cannot be had.
pub async fn wait_for_stop() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => {}
            interrupted = tokio::signal::ctrl_c() => interrupted?,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}

/// The contract does not depend on an installation; an empty one in memory is enough to print it.
async fn print_contract() -> anyhow::Result<()> {
    let folder = std::env::temp_dir().join(format!("dorf-openapi-{}", uuid::Uuid::now_v7()));
    let mut settings = Settings::defaults()?;
    settings.data_dir = folder.clone();
    let app = App::open(settings, Clock::system()).await?;
    print!("{}", contract::yaml(&app));
    app.database.close().await;
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

async fn ask_health(settings: &Settings, role: Role) -> anyhow::Result<()> {
    let mut address = match role {
        Role::Worker => settings.worker.health_listen.context("worker.health_listen is not set")?,
        Role::Api | Role::All => settings.http.listen,
    };
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let client = reqwest::Client::builder().no_proxy().timeout(std::time::Duration::from_secs(3)).build()?;
    let response = client.get(format!("http://{address}/health/ready")).send().await?;
    anyhow::ensure!(response.status().is_success(), "not ready: {}", response.status());
    Ok(())
}

/// Logs go to standard error; what the libraries below could say of messages and tokens is never logged.
fn start_log(settings: &Settings) -> anyhow::Result<()> {
    let filter = EnvFilter::builder()
        .parse(&settings.log.filter)
        .with_context(|| format!("wrong setting log.filter: {:?}", settings.log.filter))?
        .add_directive("web_push=off".parse()?)
        .add_directive("lettre=off".parse()?);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match settings.log.format {
        LogFormat::Text => log.with_ansi(false).init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}
