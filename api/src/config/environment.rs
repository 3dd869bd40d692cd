//! What of the environment is a setting: what others put there under our name is not, and secrets may be named by a file.

use super::ConfigError;
use config::Map;
use std::path::Path;

/// Variables that begin with `DORF_` and are not settings.
const OTHER_VARIABLES: [&str; 4] = ["DORF_CONFIG", "DORF_TEST_POSTGRES", "DORF_TEST_READERS", "DORF_TEST_CRASHES"];

/// Settings whose value may be in a file instead, named by the same variable with `_FILE` behind it.
const SECRETS: [&str; 4] =
    ["DORF_DATABASE__URL", "DORF_MAIL__SMTP_URL", "DORF_MEDIA__S3_ACCESS_KEY_ID", "DORF_MEDIA__S3_SECRET_ACCESS_KEY"];

/// Longest secret, in bytes.
const LONGEST: usize = 64 * 1024;

/// The variables that are settings, with the secrets out of their files.
///
/// # Errors
/// When such a file cannot be read, or the same secret is given twice.
pub fn settings_of(variables: impl Iterator<Item = (String, String)>) -> Result<Map<String, String>, ConfigError> {
    let mut settings: Map<String, String> = variables
        .filter(|(key, _)| key.starts_with("DORF_"))
        .filter(|(key, value)| !OTHER_VARIABLES.contains(&key.as_str()) && !is_foreign(key, value))
        .collect();
    for secret in SECRETS {
        let Some(file) = settings.remove(&format!("{secret}_FILE")) else { continue };
        if settings.contains_key(secret) {
            return Err(wrong(secret, "is set, and so is its file"));
        }
        settings.insert(secret.to_owned(), read(secret, Path::new(&file))?);
    }
    Ok(settings)
}

fn read(secret: &'static str, file: &Path) -> Result<String, ConfigError> {
    let cannot = |why: &dyn std::fmt::Display| wrong(secret, &format!("cannot be read from {}: {why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| cannot(&error))?;
    if text.len() > LONGEST {
        return Err(cannot(&"it is too long"));
    }
    // Editors end a file with a line break, which is no part of what is in it.
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn wrong(key: &'static str, why: &str) -> ConfigError {
    ConfigError::Senseless { key, why: why.to_owned() }
}

/// Whether a variable is one that Kubernetes sets for a Service, or Docker for a link, whose name is or begins with ours: `DORF_PORT`,
/// `DORF_SERVICE_HOST`, `DORF_DB_PORT_5432_TCP_ADDR`, `DORF_NAME`, `DORF_ENV_PATH`. Settings in a section have two underscores after
/// it, and none of the others looks like these.
fn is_foreign(key: &str, value: &str) -> bool {
    let name = key.trim_start_matches("DORF_");
    let of_docker = name.starts_with("ENV_") || name.contains("_ENV_");
    if name.contains("__") && !of_docker {
        return false;
    }
    let ends_with = |end: &str| name == end || name.ends_with(&format!("_{end}"));
    let is_address = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    ends_with("SERVICE_HOST")
        || ends_with("SERVICE_PORT")
        || name.contains("SERVICE_PORT_")
        || (ends_with("PORT") && is_address)
        || of_a_port(name)
        || (ends_with("NAME") && value.starts_with('/'))
        || of_docker
}

/// `PORT_5432_TCP`, alone or with `_ADDR`, `_PORT` or `_PROTO` behind it.
fn of_a_port(name: &str) -> bool {
    let Some((_, rest)) = name.split_once("PORT_") else { return false };
    let mut parts = rest.split('_');
    let numbered = parts.next().is_some_and(|port| port.parse::<u16>().is_ok());
    let protocol = parts.next().is_some_and(|protocol| ["TCP", "UDP", "SCTP"].contains(&protocol));
    numbered && protocol && parts.next().is_none_or(|what| ["ADDR", "PORT", "PROTO"].contains(&what))
}
