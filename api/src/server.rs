//! Running: API, worker, or both in one process.

use crate::app::App;
use crate::clock::Clock;
use crate::config::{Need, Settings};
use crate::contract;
use crate::http::{Limits, Offers, edge, serve};
use crate::pulse;
use crate::worker::Worker;
use anyhow::Context;
use entity::StoreError;
use poem::Endpoint;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Answers requests.
    Api,
    /// Does due work.
    Worker,
    /// Both.
    All,
}

/// A running program.
pub struct Running {
    /// The installation it works on.
    pub app: App,
    /// Where it listens, if it answers requests, be it only those for its health.
    pub address: Option<SocketAddr>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Running {
    /// Starts.
    ///
    /// # Errors
    /// When the installation cannot be opened or the address is taken.
    pub async fn start(mut settings: Settings, clock: Clock, role: Role) -> anyhow::Result<Self> {
        let listener = listen(&settings, role).await?;
        let address = listener.as_ref().map(TcpListener::local_addr).transpose()?;
        if let (Role::Api | Role::All, Some(address)) = (role, address) {
            // Port 0 means any; links need the one it became.
            settings.http.listen = address;
        }
        let app = App::open(settings, clock).await?;
        pulse::begin(&app).await?;
        let worker = if role == Role::Api { None } else { Some(Worker::new(app.clone())?) };
        let running = Self { app, address, stop: CancellationToken::new(), tasks: TaskTracker::new() };
        running.spawn(listener, worker, role);
        for doubt in running.app.settings.doubts() {
            tracing::warn!("{doubt}");
        }
        doubt_operators(&running.app).await?;
        tracing::info!(?role, address = ?running.address, "started");
        Ok(running)
    }

    fn spawn(&self, listener: Option<TcpListener>, worker: Option<Worker>, role: Role) {
        let (limits, stop) = (limits(&self.app), self.stop.clone());
        match (listener, role) {
            (Some(listener), Role::Worker) => {
                self.tasks.spawn(serve(listener, contract::health_endpoint(&self.app), limits, stop));
            }
            (Some(listener), Role::Api | Role::All) => {
                self.tasks.spawn(serve(listener, contract::endpoint(&self.app), limits, stop));
            }
            (None, _) => {}
        }
        if let Some(worker) = worker {
            let stop = self.stop.clone();
            self.tasks.spawn(async move { worker.run(stop).await });
        }
        self.tasks.spawn(pulse::run(self.app.clone(), self.stop.clone()));
        self.tasks.spawn(hear_changes(self.app.clone(), self.stop.clone()));
    }

    /// Stops: takes no more requests and claims no more work, lets what is under way come to an end, closes the database.
    pub async fn stop(self) {
        self.stop.cancel();
        self.app.streams.close();
        self.tasks.close();
        // A little more than connections and sendings get, so that the worker can put back what it has cut off.
        let patience = Duration::from_secs(self.app.settings.http.shutdown_timeout_s + 3);
        if tokio::time::timeout(patience, self.tasks.wait()).await.is_err() {
            tracing::warn!("work was cut off at shutdown; its leases run out and it is done again");
        }
        self.app.database.close().await;
        tracing::info!("stopped");
    }
}

/// Warns of operators who can do nothing before they have a second factor.
async fn doubt_operators(app: &App) -> Result<(), StoreError> {
    if app.settings.accounts.operator_second_factor == Need::Required {
        let without = app.database.registry().await?.accounts().operators_without_second_factor().await?;
        if !without.is_empty() {
            let accounts = without.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            let number = without.len();
            tracing::warn!(number, %accounts, "operators have no second factor and can do nothing; see dorf operator second-factor");
        }
    }
    Ok(())
}

/// Listens where this role does, if anywhere.
async fn listen(settings: &Settings, role: Role) -> anyhow::Result<Option<TcpListener>> {
    let (listen, key) = match (role, settings.worker.health_listen) {
        (Role::Worker, None) => return Ok(None),
        (Role::Worker, Some(listen)) => (listen, "worker.health_listen"),
        (Role::Api | Role::All, _) => (settings.http.listen, "http.listen"),
    };
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen} ({key})"))?;
    Ok(Some(listener))
}

fn limits(app: &App) -> Limits {
    let settings = &app.settings.http;
    Limits {
        connections: settings.max_connections,
        connections_per_client: settings.max_connections_per_client,
        proxies: settings.trusted_proxies.clone(),
        headers: Duration::from_secs(settings.header_timeout_s),
        shutdown: Duration::from_secs(settings.shutdown_timeout_s),
    }
}

/// Serves any endpoint with the same accept loop and edge as [`Running`]: for the benchmark's floor (docs/BENCHMARK.md) and
/// for the story of a handler that panics. Ends with its task.
#[doc(hidden)]
pub async fn serve_behind_edge<E: Endpoint + 'static>(listener: TcpListener, app: App, endpoint: E) {
    let limits = limits(&app);
    serve(listener, edge(app, Offers::default(), endpoint), limits, CancellationToken::new()).await;
}

/// Hears what other processes change, and hears again when the line was lost.
async fn hear_changes(app: App, stop: CancellationToken) {
    let mut pause = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = pause.tick() => {}
        }
        let heard = tokio::select! {
            () = stop.cancelled() => return,
            heard = app.database.listen() => heard,
        };
        match heard {
            Ok(()) => return,
            Err(error) => {
                tracing::warn!(%error, "changes of other processes cannot be heard; nothing is cached meanwhile")
            }
        }
    }
}
