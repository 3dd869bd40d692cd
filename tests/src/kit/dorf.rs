//! A running server with the outside world around it.

use super::actors::VillageKit;
use super::database::{Backend, TestDatabase};
use super::program::Program;
use super::push_receiver::PushReceiver;
use super::reply::{Ask, client};
use super::smtp_sink::SmtpSink;
use api::{Clock, Need, Role, Running, Settings, Worker};
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

/// The operator's address in every story.
pub const OPERATOR: &str = "operator@krz.example";

/// Everybody's password in every story.
pub const PASSWORD: &str = "ein Passwort für alle Fälle";

/// A running server between a mail server and a push service. Time stands still until the story moves it, and nothing is
/// sent before [`Dorf::work_off`].
pub struct Dorf {
    /// The server.
    pub running: Running,
    /// The mail server.
    pub mail: SmtpSink,
    /// The push service.
    pub push: PushReceiver,
    /// The time.
    pub clock: Clock,
    /// Where the server is.
    pub base: String,
    /// The HTTP client of everybody.
    pub client: reqwest::Client,
    /// The folder of keys and, on SQLite, of the database.
    pub folder: TempDir,
    /// The database.
    pub database: TestDatabase,
    worker: Worker,
    operator: OnceCell<String>,
    municipality: OnceCell<String>,
}

impl Dorf {
    /// A server with the settings that suit most stories.
    pub async fn start(on: Backend) -> Self {
        Self::start_with(on, |_| {}).await
    }

    /// A server with other settings.
    pub async fn start_with(on: Backend, change: impl FnOnce(&mut Settings)) -> Self {
        let client = client();
        let folder = fresh_folder();
        let database = on.database(folder.path()).await;
        let (mail, push) = (SmtpSink::start().await, PushReceiver::start().await);
        let mut settings = Settings::defaults().expect("the defaults are right");
        settings.data_dir = folder.path().to_owned();
        settings.database.url = database.url().into();
        settings.database.connections = 4;
        settings.http.listen = ([127, 0, 0, 1], 0).into();
        settings.mail.smtp_url = mail.url().into();
        settings.push.allowed_hosts.push(push.origin().to_owned());
        // Stories about either say so; most are told by people who log in with a password and take their time.
        settings.accounts.operator_second_factor = Need::Optional;
        settings.accounts.idle_min = 10_000_000;
        settings.accounts.argon2_memory_kib = 64;
        settings.accounts.argon2_passes = 1;
        settings.limits.logins_per_client = 10_000;
        settings.limits.logins_per_account = 10_000;
        settings.limits.logins_of_strangers = 10_000;
        settings.limits.subscriptions_per_client = 10_000;
        settings.limits.reports_per_client = 10_000;
        settings.limits.reports_per_client_and_post = 10_000;
        settings.limits.unusual_reads_per_client = 100_000;
        settings.limits.second_factor_tries = 10_000;
        settings.limits.account_links_per_client = 10_000;
        settings.limits.account_mails_per_mailbox = 10_000;
        settings.limits.questions_per_client = 10_000;
        settings.limits.invitations_per_mailbox = 10_000;
        settings.limits.invitations_per_club = 10_000;
        settings.limits.invitations_per_place = 10_000;
        settings.limits.tellings_per_post = 10_000;
        settings.limits.tellings_per_club = 10_000;
        settings.limits.tellings_per_account = 10_000;
        settings.limits.alerts_per_account = 10_000;
        change(&mut settings);
        // A Sunday in November, half past nine in Kalletal.
        let now = Utc.with_ymd_and_hms(2026, 11, 22, 8, 30, 0).single().expect("an instant");
        let clock = Clock::manual(now);
        push.set_clock(now.timestamp());
        let running = Running::start(settings, clock.clone(), Role::Api).await.expect("the server starts");
        let worker = Worker::new(running.app.clone()).expect("the worker starts");
        let base = format!("http://{}", running.address.expect("the server listens"));
        Self {
            running,
            mail,
            push,
            clock,
            base,
            client,
            folder,
            database,
            worker,
            operator: OnceCell::new(),
            municipality: OnceCell::new(),
        }
    }

    /// A request.
    pub fn ask(&self, method: &str, path: &str) -> Ask {
        Ask::new(&self.client, method, &format!("{}{path}", self.base))
    }

    /// Does everything that is due, until nothing is.
    pub async fn work_off(&self) {
        self.worker.work_off().await.expect("the work can be done");
    }

    /// Does what is due as far as that goes; whether everything could be done.
    pub async fn tries_work(&self) -> bool {
        self.worker.work_off().await.is_ok()
    }

    /// Does what falls due as soon as it does, while a part of the story is told; what has not come to an end
    /// `http.shutdown_timeout_s` later is cut off.
    pub async fn working<T>(&self, story: impl Future<Output = T>) -> T {
        let stop = CancellationToken::new();
        let told = async {
            let told = story.await;
            stop.cancel();
            told
        };
        tokio::join!(told, self.worker.run(stop.clone())).0
    }

    /// Starts the program beside this server, which only answers: it does the work, with so many pushes in flight, and soon takes
    /// up what it was killed at.
    pub async fn works_beside(&self, in_flight: usize) -> Program {
        let settings = [
            ("DORF_DATABASE__URL", self.database.url()),
            ("DORF_MAIL__SMTP_URL", self.mail.url()),
            ("DORF_MAIL__TIMEOUT_S", "2".to_owned()),
            ("DORF_PUSH__ALLOWED_HOSTS", self.push.origin().to_owned()),
            ("DORF_PUSH__MAX_IN_FLIGHT", in_flight.to_string()),
            ("DORF_PUSH__TIMEOUT_S", "2".to_owned()),
            ("DORF_NOTIFICATIONS__LEASE_S", "3".to_owned()),
            ("DORF_NOTIFICATIONS__POLL_S", "1".to_owned()),
            ("DORF_NOTIFICATIONS__BACKOFF_S", "1".to_owned()),
            ("DORF_ACCOUNTS__ARGON2_MEMORY_KIB", "64".to_owned()),
            ("DORF_LOG__FILTER", "warn".to_owned()),
        ];
        Program::serve(self.folder.path(), &settings).await
    }

    /// Keeps house once.
    pub async fn keep_house(&self) {
        self.worker.keep_house().await.expect("the house can be kept");
    }

    /// Lets time pass.
    pub fn wait(&self, duration: TimeDelta) {
        self.set_time(self.clock.now() + duration);
    }

    /// Makes it a certain time, here and at the push service.
    pub fn set_time(&self, now: DateTime<Utc>) {
        self.clock.set(now);
        self.push.set_clock(now.timestamp());
    }

    /// Logs in; gives the token.
    pub async fn log_in(&self, email: &str) -> String {
        let body = json!({"email": email, "password": PASSWORD});
        self.ask("POST", "/v1/admin/login").json(&body).send().await.expect(200).str("token")
    }

    /// The operator's token. The first operator is made on the command line, as in a data centre.
    pub async fn operator(&self) -> &str {
        let make = || async {
            let settings = [
                ("DORF_DATABASE__URL", self.database.url()),
                ("DORF_ACCOUNTS__OPERATOR_SECOND_FACTOR", "optional".to_owned()),
                ("DORF_ACCOUNTS__ARGON2_MEMORY_KIB", "64".to_owned()),
                ("DORF_ACCOUNTS__ARGON2_PASSES", "1".to_owned()),
            ];
            let arguments = ["operator", "create", "--email", OPERATOR];
            let output = Program::run(self.folder.path(), &arguments, &settings, PASSWORD).await;
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            self.log_in(OPERATOR).await
        };
        self.operator.get_or_init(make).await
    }

    /// The municipality of Kalletal.
    pub async fn municipality(&self) -> &str {
        let make = || async {
            let body = json!({"name": "Kalletal", "ags": "05766036"});
            let ask = self.ask("POST", "/v1/operator/municipalities").bearer(self.operator().await);
            ask.json(&body).send().await.expect(201).str("id")
        };
        self.municipality.get_or_init(make).await
    }

    /// A new village with an admin, an editor and the topics `verkehr` and `vereine`.
    pub async fn village(&self, slug: &str) -> VillageKit<'_> {
        VillageKit::found(self, slug).await
    }
}

/// A folder of its own, in memory where the system has such a place: what is tested there is not the disk.
pub fn fresh_folder() -> TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.expect("a folder")
}
