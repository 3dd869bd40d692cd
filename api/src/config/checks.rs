//! Which settings make no sense, alone or together.

use super::{ConfigError, Http, Media, Settings};
use crate::text::visible;
use secrecy::ExposeSecret;

impl Settings {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key, why: &str| Err(ConfigError::Senseless { key, why: why.to_owned() });
        let url = self.database.url.expose_secret();
        if !url.is_empty() && !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme)) {
            return wrong("database.url", "begins with neither sqlite: nor postgres:");
        }
        let public = self.public_url();
        if !reqwest::Url::parse(&public).is_ok_and(|url| url.has_host() && matches!(url.scheme(), "http" | "https")) {
            return wrong("http.public_url", "is not an http or https URL");
        }
        if !(self.push.contact.starts_with("mailto:") || self.push.contact.starts_with("https:")) {
            return wrong("push.contact", "begins with neither mailto: nor https:");
        }
        if self.mail.sender_address.parse::<lettre::Address>().is_err() {
            return wrong("mail.sender_address", "is not a mail address");
        }
        let name = &self.mail.sender_name;
        if name.chars().any(char::is_control) || visible(name) != *name {
            return wrong("mail.sender_name", "contains control or invisible characters");
        }
        if self.ehlo_name().is_some_and(|name| !is_host_name(&name)) {
            return wrong("mail.ehlo_name", "is not a host name such as mail.example.org");
        }
        let slowest = self.push.timeout_s.max(self.mail.timeout_s);
        if u64::from(self.notifications.lease_s) <= slowest {
            return wrong("notifications.lease_s", "must be longer than push.timeout_s and mail.timeout_s");
        }
        for (key, value) in [
            ("http.max_connections", self.http.max_connections),
            ("http.max_connections_per_client", self.http.max_connections_per_client),
            ("mail.max_in_flight", self.mail.max_in_flight),
            ("push.max_in_flight", self.push.max_in_flight),
            ("push.max_in_flight_per_origin", self.push.max_in_flight_per_origin),
            ("notifications.planned_at_once", self.notifications.planned_at_once as usize),
            ("notifications.batch", self.notifications.batch as usize),
            ("database.connections", self.database.connections as usize),
            ("accounts.session_h", self.accounts.session_h as usize),
            ("accounts.idle_min", self.accounts.idle_min as usize),
            ("accounts.hashing_at_once", self.accounts.hashing_at_once),
            ("media.processed_at_once", self.media.processed_at_once),
            ("media.max_megapixels", self.media.max_megapixels as usize),
            ("calendars.every_min", self.calendars.every_min as usize),
            ("media.thumbnail_edge_px", self.media.thumbnail_edge_px as usize),
        ] {
            if value == 0 {
                return wrong(key, "must be at least 1");
            }
        }
        if url.starts_with("postgres") && self.database.connections < 2 {
            return wrong(
                "database.connections",
                "must be at least 2 on PostgreSQL: one hears what other processes change",
            );
        }
        if self.notifications.batch > 1000 {
            return wrong("notifications.batch", "must be at most 1000");
        }
        self.http.check()?;
        self.media.check()?;
        crate::notifications::check_smtp_url(self.mail.smtp_url.expose_secret())
            .map_err(|why| ConfigError::Senseless { key: "mail.smtp_url", why })
    }
}

/// Whether a browser would ever send this as its `Origin` (RFC 6454, section 6.2). Apps made of web pages have schemes of their own:
/// `capacitor://localhost`.
fn check_origin(origin: &str) -> Result<(), &'static str> {
    if origin.contains('*') {
        return Err("names no single origin; everybody may read what is public as it is");
    }
    let url = reqwest::Url::parse(origin).ok().filter(|url| url.has_host());
    let url = url.ok_or("is not an origin such as https://app.example.org")?;
    let is_web = matches!(url.scheme(), "http" | "https");
    let written = if is_web {
        url.origin().ascii_serialization()
    } else {
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
    };
    if url.scheme() == "file" || origin != written {
        return Err(
            "is not written as browsers send it: scheme://host, a port that is not the usual one, and no slash",
        );
    }
    Ok(())
}

impl Http {
    fn check(&self) -> Result<(), ConfigError> {
        for origin in &self.allowed_origins {
            check_origin(origin).map_err(|why| ConfigError::Senseless {
                key: "http.allowed_origins",
                why: format!("{origin:?} {why}"),
            })?;
        }
        Ok(())
    }
}

impl Media {
    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key, why: &str| Err(ConfigError::Senseless { key, why: why.to_owned() });
        if !(self.thumbnail_edge_px <= self.medium_edge_px && self.medium_edge_px <= self.full_edge_px) {
            return wrong("media.medium_edge_px", "must lie between thumbnail_edge_px and full_edge_px");
        }
        if self.bucket.is_empty() {
            return Ok(());
        }
        let endpoint = reqwest::Url::parse(&self.s3_endpoint);
        if !endpoint.is_ok_and(|url| url.has_host() && matches!(url.scheme(), "http" | "https")) {
            return wrong("media.s3_endpoint", "is not an http or https URL");
        }
        if self.s3_access_key_id.is_empty() || self.s3_secret_access_key.expose_secret().is_empty() {
            return wrong("media.s3_access_key_id", "and s3_secret_access_key are needed for a bucket");
        }
        Ok(())
    }
}

/// Letters, digits and hyphens in labels (RFC 5321, section 4.1.2).
fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    name.len() <= 253 && name.split('.').all(is_label)
}
