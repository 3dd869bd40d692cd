//! Settings: the defaults of `config.default.toml`, overridden by a file, overridden by the environment. The only place
//! that reads the environment.

mod accounts;
mod checks;
mod environment;
mod words;

pub use accounts::{Accounts, Need};
pub use words::{Log, LogFormat};

use config::{Environment, File, FileFormat};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The defaults, and the documentation of every setting.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

/// All settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config.default.toml documents every setting")]
pub struct Settings {
    pub data_dir: PathBuf,
    pub keys_dir: PathBuf,
    pub http: Http,
    pub worker: WorkerSettings,
    pub stream: StreamSettings,
    pub database: DatabaseSettings,
    pub mail: Mail,
    pub push: Push,
    pub notifications: Notifications,
    pub calendars: Calendars,
    pub media: Media,
    pub accounts: Accounts,
    pub limits: Limits,
    pub retention: Retention,
    pub log: Log,
}

/// See `[http]` in `config.default.toml`; so for the other sections.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config.default.toml documents every setting")]
pub struct Http {
    pub listen: SocketAddr,
    pub public_url: String,
    #[serde(deserialize_with = "list")]
    pub trusted_proxies: Vec<IpAddr>,
    #[serde(deserialize_with = "list")]
    pub allowed_origins: Vec<String>,
    pub max_connections: usize,
    pub max_connections_per_client: usize,
    pub max_body_kib: usize,
    pub header_timeout_s: u64,
    pub body_timeout_s: u64,
    pub request_timeout_s: u64,
    pub shutdown_timeout_s: u64,
}

/// See `[worker]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config.default.toml documents every setting")]
pub struct WorkerSettings {
    #[serde(deserialize_with = "address")]
    pub health_listen: Option<SocketAddr>,
}

/// See `[stream]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config.default.toml documents every setting")]
pub struct StreamSettings {
    pub max_open: usize,
    pub max_open_per_client: usize,
    pub heartbeat_s: u64,
}

/// See `[database]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config.default.toml documents every setting")]
pub struct DatabaseSettings {
    pub url: SecretString,
    pub connections: u32,
    pub patience_s: u64,
    pub migrate_on_start: bool,
}

/// See `[mail]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config.default.toml documents every setting")]
pub struct Mail {
    pub smtp_url: SecretString,
    pub sender_name: String,
    pub sender_address: String,
    pub ehlo_name: String,
    pub max_in_flight: usize,
    pub timeout_s: u64,
}

/// See `[push]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config.default.toml documents every setting")]
pub struct Push {
    #[serde(deserialize_with = "list")]
    pub allowed_hosts: Vec<String>,
    pub max_in_flight: usize,
    pub max_in_flight_per_origin: usize,
    pub timeout_s: u64,
    pub contact: String,
}

/// See `[notifications]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config.default.toml documents every setting")]
pub struct Notifications {
    pub useful_life_h: u32,
    pub lease_s: u32,
    pub planned_at_once: u32,
    pub batch: u32,
    pub max_attempts: i32,
    pub backoff_s: u32,
    pub longest_backoff_s: u32,
    pub poll_s: u64,
}

/// See `[media]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config.default.toml documents every setting")]
pub struct Media {
    pub folder: PathBuf,
    pub bucket: String,
    pub s3_endpoint: String,
    pub s3_region: String,
    pub s3_prefix: String,
    pub s3_access_key_id: String,
    pub s3_secret_access_key: SecretString,
    pub s3_timeout_s: u64,
    pub max_file_kib: u64,
    pub max_megapixels: u32,
    pub max_village_mib: u64,
    pub full_edge_px: u32,
    pub medium_edge_px: u32,
    pub thumbnail_edge_px: u32,
    pub upload_timeout_s: u64,
    pub processed_at_once: usize,
}

/// See `[limits]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config.default.toml documents every setting")]
pub struct Limits {
    pub logins_per_client: u32,
    pub logins_per_account: u32,
    pub logins_of_strangers: u32,
    pub subscriptions_per_client: u32,
    pub questions_per_client: u32,
    pub unsubscriptions_per_client: u32,
    pub confirmations_per_mailbox: u32,
    pub invitations_per_mailbox: u32,
    pub invitations_per_club: u32,
    pub invitations_per_place: u32,
    pub tellings_per_post: u32,
    pub tellings_per_club: u32,
    pub tellings_per_account: u32,
    pub alerts_per_account: u32,
    pub reports_per_client: u32,
    pub reports_per_client_and_post: u32,
    pub unusual_reads_per_client: u32,
    pub second_factor_tries: u32,
    pub account_links_per_client: u32,
    pub account_mails_per_mailbox: u32,
}

/// See `[retention]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config.default.toml documents every setting")]
pub struct Retention {
    pub unconfirmed_h: u32,
    pub deliveries_d: u32,
    pub idempotency_h: u32,
    pub reports_d: u32,
    pub unused_media_h: u32,
}

/// See `[calendars]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config.default.toml documents every setting")]
pub struct Calendars {
    #[serde(deserialize_with = "list")]
    pub allowed_origins: Vec<String>,
    pub timeout_s: u64,
    pub every_min: u32,
}

/// Settings that the program cannot start with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A key or value that cannot be read. The text names it.
    #[error("wrong setting: {0}")]
    Unreadable(config::ConfigError),
    /// A value, or a combination, that makes no sense.
    #[error("wrong setting {key}: {why}")]
    Senseless {
        /// The setting.
        key: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl From<config::ConfigError> for ConfigError {
    fn from(error: config::ConfigError) -> Self {
        // Not as its source: it would be said twice.
        Self::Unreadable(error)
    }
}

impl Settings {
    /// Reads all settings and checks that they make sense together. `file` is the one named on the command line; without
    /// it, the one that `DORF_CONFIG` names.
    ///
    /// # Errors
    /// Names the key that is unknown, unreadable or senseless.
    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let (named, variables) = (std::env::var_os("DORF_CONFIG").map(PathBuf::from), std::env::vars_os());
        let texts = variables.filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)));
        Self::from(file.map(Path::to_owned).or(named), environment::settings_of(texts)?)
    }

    /// How log lines look, also where the settings cannot be read otherwise: what is wrong with them is a line of the log, too.
    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn log_format(file: Option<&Path>) -> LogFormat {
        let file = file.map(Path::to_owned).or(std::env::var_os("DORF_CONFIG").map(PathBuf::from));
        let variable = std::env::var_os("DORF_LOG__FORMAT").and_then(|value| value.into_string().ok());
        let environment = variable.map(|value| ("DORF_LOG__FORMAT".to_owned(), value)).into_iter().collect();
        let sources = Self::sources(file, environment).build();
        sources.and_then(|settings| settings.get("log.format")).unwrap_or(LogFormat::Text)
    }

    /// The defaults, for tests and the demo to build on.
    ///
    /// # Errors
    /// Never, as a test proves.
    pub fn defaults() -> Result<Self, ConfigError> {
        Self::from(None, config::Map::new())
    }

    fn from(file: Option<PathBuf>, environment: config::Map<String, String>) -> Result<Self, ConfigError> {
        let settings: Self = Self::sources(file, environment).build()?.try_deserialize()?;
        settings.check()?;
        Ok(settings)
    }

    fn sources(
        file: Option<PathBuf>,
        environment: config::Map<String, String>,
    ) -> config::ConfigBuilder<config::builder::DefaultState> {
        let mut sources = config::Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        if let Some(file) = file {
            sources = sources.add_source(File::from(file).format(FileFormat::Toml));
        }
        let variables = Environment::with_prefix("DORF").prefix_separator("_").separator("__");
        sources.add_source(variables.source(Some(environment)))
    }

    /// The URL of the database: the one set, or SQLite in the data folder.
    pub fn database_url(&self) -> String {
        match self.database.url.expose_secret() {
            "" => format!("sqlite:{}?mode=rwc", self.data_dir.join("dorf.db").display()),
            // Like everything else, the file is made when it is not there.
            url if url.starts_with("sqlite:") && !url.contains('?') => format!("{url}?mode=rwc"),
            url => url.to_owned(),
        }
    }

    /// What will hardly be meant as it is: to be said when the server starts.
    pub fn doubts(&self) -> Vec<&'static str> {
        let mut doubts = Vec::new();
        if self.push.contact.ends_with(".example") {
            doubts.push("push.contact is an address that cannot exist; Apple refuses pushes from such");
        }
        if self.mail.sender_address.ends_with(".example") {
            doubts.push(
                "mail.sender_address is an address that cannot exist; mail servers refuse mails to staff from such",
            );
        }
        if self.accounts.operator_second_factor == Need::Optional {
            doubts.push(
                "accounts.operator_second_factor is optional: whoever learns an operator's password has every village",
            );
        }
        if self.http.public_url.is_empty() && self.http.listen.ip().is_unspecified() {
            doubts.push("http.public_url is not set, so links in mails and pushes lead to no real host");
        }
        doubts
    }

    /// Where the keys are.
    pub fn keys_dir(&self) -> PathBuf {
        if self.keys_dir.as_os_str().is_empty() { self.data_dir.join("keys") } else { self.keys_dir.clone() }
    }

    /// Where images and documents are, unless a service keeps them.
    pub fn media_dir(&self) -> PathBuf {
        if self.media.folder.as_os_str().is_empty() { self.data_dir.join("media") } else { self.media.folder.clone() }
    }

    /// What links begin with, without a slash at the end.
    pub fn public_url(&self) -> String {
        match self.http.public_url.trim_end_matches('/') {
            "" => format!("http://{}", self.http.listen),
            url => url.to_owned(),
        }
    }

    /// What we call ourselves to the mail server; `None`: as the machine is called.
    pub fn ehlo_name(&self) -> Option<String> {
        if !self.mail.ehlo_name.is_empty() {
            return Some(self.mail.ehlo_name.clone());
        }
        let public = reqwest::Url::parse(&self.http.public_url).ok()?;
        public.domain().map(str::to_owned)
    }

    /// How long a request waits for a database connection.
    pub fn patience(&self) -> Duration {
        Duration::from_secs(self.database.patience_s)
    }
}

/// An address, or none for an empty text.
fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let wrong = |error| serde::de::Error::custom(format!("health_listen: {text:?}: {error}"));
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(wrong) }
}

/// A list, or the same as one text with commas, as the environment has it.
fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        List(Vec<String>),
        Text(String),
    }
    let entries = match Form::deserialize(deserializer)? {
        Form::List(entries) => entries,
        Form::Text(text) => text.split(',').map(str::to_owned).collect(),
    };
    entries
        .iter()
        .map(|entry| entry.trim())
        .filter(|entry| !entry.is_empty())
        .map(|entry| entry.parse().map_err(|error| serde::de::Error::custom(format!("{entry:?}: {error}"))))
        .collect()
}
