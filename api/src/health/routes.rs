//! Health over HTTP.

use crate::app::App;
use crate::contract::Group;
use crate::http::Answer;
use crate::problem::Problem;
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
    /// Asks the database for reading and writing. If this fails, send requests elsewhere and wait.
    #[oai(path = "/health/ready", method = "get", operation_id = "get_readiness")]
    async fn get_readiness(&self) -> Result<Answer<200, Health>, Problem> {
        match tokio::time::timeout(PATIENCE, self.0.database.ping()).await {
            Ok(answer) => answer?,
            Err(_) => return Err(Problem::new(crate::problem::ProblemKind::Unavailable)),
        }
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
