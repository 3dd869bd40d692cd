//! Health over HTTP.

use crate::app::App;
use crate::contract::Group;
use crate::http::Answer;
use crate::problem::{Problem, ProblemKind};
use crate::pulse;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};
use std::time::Duration;

/// The operations on health.
pub struct HealthRoutes(pub App);

/// How the program is.
#[derive(Object)]
#[oai(example)]
struct Health {
    /// `live` or `ready`.
    status: String,
    /// The version of the program.
    version: String,
}

/// How long the database may take to show that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

#[OpenApi(tag = "Group::Operations")]
impl HealthRoutes {
    /// Whether the process lives
    ///
    /// Touches nothing. If this fails, start the process anew.
    #[oai(path = "/health/live", method = "get", operation_id = "get_liveness")]
    async fn get_liveness(&self) -> Result<Answer<200, Health>, Problem> {
        Ok(healthy("live"))
    }

    /// Whether requests can be answered
    ///
    /// Proves that what is written to the database can be read by others, and that the clock is not behind what is stored; a proof
    /// of the last two seconds is good enough. If this fails, send requests elsewhere and wait.
    #[oai(path = "/health/ready", method = "get", operation_id = "get_readiness")]
    async fn get_readiness(&self) -> Result<Answer<200, Health>, Problem> {
        let proven = tokio::time::timeout(PATIENCE, self.0.database.prove(self.0.clock.now())).await;
        let why = match proven {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some(format!("the database takes longer than {} s to write", PATIENCE.as_secs())),
        };
        if let Some(why) = why {
            tracing::error!(why, "not ready");
            return Err(Problem::again_after(ProblemKind::Unavailable, 5));
        }
        pulse::check_clock(&self.0)?;
        Ok(healthy("ready"))
    }
}

impl Example for Health {
    fn example() -> Self {
        Self { status: "ready".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

fn healthy(status: &str) -> Answer<200, Health> {
    Answer::of(&Health { status: status.to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() })
}
