//! The command line.

use crate::app::{App, create_folder};
use crate::clock::Clock;
use crate::config::{LogFormat, Need, Settings};
use crate::hold::Hold;
use crate::key_loss::{self, Loss};
use crate::opening;
use crate::server::{Role, Running};
use crate::stop::StopSignals;
use crate::{accounts, audit, contract, demo, enrolment};
use anyhow::Context;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Dorf-App: news, events and club notices for villages, as feed, push and e-mail.
#[derive(Parser)]
#[command(name = "dorf", version)]
struct Arguments {
    /// A file with settings; `dorf settings` prints all of them with their defaults.
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
    /// The keys that the database is written with.
    #[command(subcommand)]
    Keys(KeysCommand),
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
        /// Make the database if there is none; otherwise that is taken for a mistake in database.url or data_dir.
        #[arg(long)]
        new: bool,
    },
    /// Give an operator a new second factor, in place of the one before; ends the operator's log-ins. A first code is asked for.
    SecondFactor {
        /// The address the operator logs in with.
        #[arg(long)]
        email: String,
    },
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Go on with other keys than those the database was written with, because they are lost for good. Says what is lost with them.
    Replace {
        /// Do it; otherwise nothing is changed.
        #[arg(long)]
        accept_loss: bool,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Check that no line was changed, removed or put in. Exits 1 if one was, and says where; 3 if that could not be found out.
    Verify {
        /// Only the log of the village with this slug.
        #[arg(long)]
        village: Option<String>,
    },
}

/// Does what the command line says. Says in one line what was wrong.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if matches!(arguments.command, Some(Command::Settings)) {
        print!("{}", crate::config::DEFAULTS);
        return ExitCode::SUCCESS;
    }
    // An audit log that could not be checked is another matter than one that was tampered with.
    let failure = if matches!(arguments.command, Some(Command::Audit(_))) { 3 } else { 1 };
    let format = Settings::log_format(arguments.config.as_deref());
    begin(arguments).unwrap_or_else(|error| {
        say(format, "ERROR", &format!("dorf: {error:#}"));
        ExitCode::from(failure)
    })
}

fn begin(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let mut settings = Settings::load(arguments.config.as_deref())?;
    if matches!(arguments.command, Some(Command::Demo { .. } | Command::Openapi)) && settings.log.filter == "info" {
        // The account is for people, and the contract for programs; the log of what is made for them, and the warnings before a
        // small town goes on the web, would only be in the way.
        settings.log.filter = "error".to_owned();
    }
    start_log(&settings)?;
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("another TLS provider is installed already"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(arguments.command.unwrap_or(Command::Serve { role: Role::All }), settings))
}

async fn run(command: Command, settings: Settings) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve { role } => run_server(settings, role).await?,
        Command::Demo { once } => demo::run(settings, once).await?,
        Command::Openapi => print_contract().await?,
        Command::Migrate { down } => migrate(&settings, down).await?,
        Command::Operator(command) => keep_operators(settings, command).await?,
        Command::Audit(AuditCommand::Verify { village }) => {
            let app = App::beside(settings, Clock::system()).await?;
            let verified = audit::verify(&app, village.as_deref()).await;
            app.database.close().await;
            return verified.map(|broken| if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Keys(KeysCommand::Replace { accept_loss }) => {
            key_loss::replace(&settings, if accept_loss { Loss::Accepted } else { Loss::ToBeTold }).await?;
        }
        Command::Health { role } => ask_health(&settings, role).await?,
        Command::Settings => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn keep_operators(settings: Settings, command: OperatorCommand) -> anyhow::Result<()> {
    let written_to = entity::database_address(&settings.database_url());
    // A database that is there may have a server, whose schema nobody changes under it.
    let makes_one = matches!(command, OperatorCommand::Create { new: true, .. });
    let (app, _hold) = if makes_one && !opening::look(&settings).await?.has_tables {
        create_folder(&settings.data_dir)?;
        let hold = Hold::take(&settings)?;
        (App::open(settings, Clock::system()).await?, Some(hold))
    } else {
        (App::beside(settings, Clock::system()).await?, None)
    };
    let done = match command {
        OperatorCommand::Create { email, name, .. } => create_operator(&app, &email, &name).await,
        OperatorCommand::SecondFactor { email } => match accounts::known_operator(&app, &email).await {
            Ok(operator) => enrolment::enrol(&app, &operator).await,
            Err(error) => Err(error),
        },
    };
    app.database.close().await;
    done?;
    println!("Written to {written_to}.");
    Ok(())
}

async fn create_operator(app: &App, email: &str, name: &str) -> anyhow::Result<()> {
    let password = enrolment::password()?;
    let operator = accounts::new_operator(app, email, name, password).await?;
    if app.settings.accounts.operator_second_factor == Need::Required {
        return enrolment::enrol(app, &operator).await;
    }
    operator.without_second_factor(app).await?;
    println!("The operator can log in now, without a second factor: accounts.operator_second_factor is optional.");
    Ok(())
}

async fn migrate(settings: &Settings, down: Option<u32>) -> anyhow::Result<()> {
    create_folder(&settings.data_dir)?;
    let _hold = Hold::take(settings)?;
    opening::look(settings).await?;
    match down {
        None => opening::migrate(settings).await,
        Some(steps) => {
            opening::told(&migration::down(&settings.database_url(), Some(steps)).await?);
            Ok(())
        }
    }
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
    let format = settings.log.format;
    create_folder(&settings.data_dir)?;
    let _hold = Hold::take(&settings)?;
    let running = Running::start(settings, Clock::system(), role).await?;
    // Before it is said that it serves: whoever reads that may ask for its end at once.
    let stop = StopSignals::listen()?;
    match running.address {
        Some(address) if role == Role::Worker => {
            say(format, "INFO", &format!("dorf answers on http://{address}, for its health only"));
        }
        Some(address) => {
            say(format, "INFO", &format!("dorf serves on http://{address} (documentation: http://{address}/docs)"));
        }
        None => {}
    }
    stop.received().await;
    running.stop().await;
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
    let asked = client.get(format!("http://{address}/health/ready")).send().await;
    let response = asked.map_err(|_| anyhow::anyhow!("not ready: no server answers at http://{address}"))?;
    anyhow::ensure!(response.status().is_success(), "not ready: {}", response.status());
    Ok(())
}

/// Logs go to standard error; what the libraries below could say of messages and tokens is never logged.
fn start_log(settings: &Settings) -> anyhow::Result<()> {
    let filter = EnvFilter::builder()
        .parse(&settings.log.filter)
        .with_context(|| format!("wrong setting log.filter: {:?}", settings.log.filter))?
        .add_directive("web_push=off".parse()?)
        .add_directive("lettre=off".parse()?)
        // It has several lines for each migration; from where to where is said in one.
        .add_directive("sea_orm_migration=warn".parse()?);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match settings.log.format {
        LogFormat::Text => log.with_ansi(false).init(),
        LogFormat::Json => {
            log.json().init();
            std::panic::set_hook(Box::new(|panic| say(LogFormat::Json, "ERROR", &panic.to_string())));
        }
    }
    Ok(())
}

/// Says to people what the log is too quiet for: where it serves, and why it does not. Where logs are read by a program, as one of its
/// lines.
fn say(format: LogFormat, level: &str, message: &str) {
    match format {
        LogFormat::Text => eprintln!("{message}"),
        LogFormat::Json => {
            let timestamp = Clock::system().now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
            let fields = serde_json::json!({"message": message});
            eprintln!(
                "{}",
                serde_json::json!({"timestamp": timestamp, "level": level, "fields": fields, "target": "dorf"})
            );
        }
    }
}
