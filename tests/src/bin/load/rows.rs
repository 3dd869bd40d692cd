//! Fills databases fast: rows are written as the program's own stores would write them, but in few statements.

use api::{App, Clock, Settings};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The editor's token in every database.
pub const TOKEN: &str = "benchmark";

/// Makes posts: village, author, time of the newest, how many, Markdown, HTML. A minute lies between two of them.
const POSTS: &str = "
    WITH RECURSIVE n(i, t) AS (
      SELECT 1, $3 - ($4 - 1) * 60000 UNION ALL SELECT i + 1, t + 60000 FROM n WHERE i < $4)
    INSERT INTO post (village_id, id, kind, state, author_id, title, body_markdown, body_html, version,
      created_at, updated_at, published_at)
    SELECT $1, unhex(printf('%012x', t) || '70' || hex(randomblob(1)) || '80' || hex(randomblob(7))), 0, 1, $2,
      printf('Mitteilung %06d aus dem Dorf', i), $5, $6, 2, t, t, t FROM n";

const SUBSCRIPTION: &str = "
    INSERT INTO subscription (village_id, id, channel, state, endpoint, endpoint_hash, p256dh, auth_sealed,
      secret_hash, language, version, created_at, confirmed_at)
    VALUES ($1, $2, 0, 1, $3, $4, $5, $6, $7, 'de', 1, $8, $8)";

const MAILBOX: &str = "
    INSERT INTO subscription (village_id, id, channel, state, mailbox, mailbox_key, secret_hash, language, version,
      created_at, confirmed_at)
    VALUES ($1, $2, 1, 1, $3, $3, $4, 'de', 1, $5, $5)";

/// A database that is being filled.
pub struct Rows {
    app: App,
    connection: SqliteConnection,
    account: Uuid,
    now: DateTime<Utc>,
    runtime: tokio::runtime::Runtime,
}

/// The name in URLs of the village of this number.
pub fn slug(n: u32) -> String {
    format!("dorf-{n:04}")
}

/// Where the database of an installation is.
pub fn database(folder: &Path) -> PathBuf {
    folder.join("dorf.db")
}

impl Rows {
    /// A new installation in `folder`, with keys, a schema and villages that one editor writes for.
    pub fn begin(folder: &Path, villages: u32) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (app, connection) = runtime.block_on(async {
            let mut settings = Settings::defaults().expect("the defaults are right");
            settings.data_dir = folder.to_owned();
            let app = App::open(settings, Clock::system()).await.expect("the installation opens");
            let options = SqliteConnectOptions::new().filename(database(folder)).foreign_keys(false);
            (app, options.connect().await.expect("the database opens"))
        });
        let (account, now) = (Uuid::now_v7(), Clock::system().now());
        let mut rows = Self { app, connection, account, now, runtime };
        rows.execute("BEGIN");
        rows.staff();
        for n in 0..villages {
            rows.village(n);
        }
        rows
    }

    fn execute(&mut self, sql: &str) {
        self.runtime.block_on(sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.connection)).expect("a statement");
    }

    fn run(&mut self, query: sqlx::query::Query<'_, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>) {
        self.runtime.block_on(query.execute(&mut self.connection)).expect("rows that fit");
    }

    fn staff(&mut self) {
        let (account, now) = (self.account, self.now.timestamp_millis());
        let municipality =
            "INSERT INTO municipality (id, name, ags, created_at) VALUES ($1, 'Kalletal', '05766040', $2)";
        self.run(sqlx::query(municipality).bind(account).bind(now));
        let editor = "INSERT INTO account (id, email, name, password_hash, operator, created_at)
                      VALUES ($1, 'editor@krz.example', 'Editor', '-', FALSE, $2)";
        self.run(sqlx::query(editor).bind(account).bind(now));
        let session = "INSERT INTO session (id, account_id, token_hash, created_at, last_used_at, expires_at)
                       VALUES ($1, $1, $2, $3, $3, $4)";
        let token_hash = digest(&SHA256, TOKEN.as_bytes()).as_ref().to_vec();
        self.run(sqlx::query(session).bind(account).bind(token_hash).bind(now).bind(now + 24 * 3_600_000));
    }

    fn village(&mut self, n: u32) {
        let (village, now) = (village_id(n), self.now.timestamp_millis());
        let sql = "INSERT INTO village (id, municipality_id, slug, name, ags, zone, language, sender_name,
                     sender_address, created_at)
                   VALUES ($1, $2, $3, $3, '05766040', 'Europe/Berlin', 'de', 'Kalletal', 'dorf@kalletal.example', $4)";
        self.run(sqlx::query(sql).bind(village).bind(self.account).bind(slug(n)).bind(now));
        let sql = "INSERT INTO role (village_id, id, account_id, kind, created_at) VALUES ($1, $2, $3, 1, $4)";
        self.run(sqlx::query(sql).bind(village).bind(Uuid::now_v7()).bind(self.account).bind(now));
        let sql = "INSERT INTO alert_right (village_id, id, account_id, created_at) VALUES ($1, $2, $3, $4)";
        self.run(sqlx::query(sql).bind(village).bind(Uuid::now_v7()).bind(self.account).bind(now));
    }

    /// Published posts of the village of this number.
    pub fn posts(&mut self, village: u32, count: u32) {
        let sentence = "Die Straße zwischen Lüdenhausen und Stemmen ist bis auf Weiteres für den Verkehr gesperrt. ";
        let markdown = sentence.repeat(4);
        let html = format!("<p>{markdown}</p>\n");
        let query = sqlx::query(POSTS).bind(village_id(village)).bind(self.account);
        let query = query.bind(self.now.timestamp_millis()).bind(count);
        self.run(query.bind(markdown).bind(html));
    }

    /// Public series of the village of this number, whose dates are still to be written down.
    pub fn series(&mut self, village: u32, count: u32) {
        let (village, account, now) = (village_id(village), self.account, self.now.timestamp_millis());
        for n in 0..count {
            let (rule, starts) = crate::calendar::series(n, self.now);
            let (post, starts) = (Uuid::now_v7(), starts.format("%F %T").to_string());
            let sql = "INSERT INTO post (village_id, id, kind, state, author_id, title, body_markdown, body_html, version,
                         created_at, updated_at, published_at)
                       VALUES ($1, $2, 2, 1, $3, 'Chorprobe', 'Alle sind eingeladen.', '<p>Alle sind eingeladen.</p>', 2,
                         $4, $4, $4)";
            self.run(sqlx::query(sql).bind(village).bind(post).bind(account).bind(now));
            let sql = "INSERT INTO event (village_id, id, post_id, starts_local, zone, place, rule)
                       VALUES ($1, $2, $3, $4, 'Europe/Berlin', 'Gemeindehaus', $5)";
            self.run(sqlx::query(sql).bind(village).bind(Uuid::now_v7()).bind(post).bind(starts).bind(rule));
            let sql = "INSERT INTO due_work (village_id, id, kind, subject_id, urgency, due_at) VALUES ($1, $2, 10, $3, 1, 0)";
            self.run(sqlx::query(sql).bind(village).bind(Uuid::now_v7()).bind(post));
        }
    }

    /// Browsers in the village of this number, subscribed to everything, at a push service with this origin.
    pub fn subscriptions(&mut self, village: u32, count: u32, origin: &str, devices: &[Vec<u8>]) {
        let (random, village, now) = (SystemRandom::new(), village_id(village), self.now.timestamp_millis());
        for device in devices.iter().cycle().take(count as usize) {
            let mut bytes = [0; 112];
            random.fill(&mut bytes).expect("the system has random numbers");
            let (capability, auth) = bytes.split_at(96);
            // As long as those of the browser makers.
            let endpoint = format!("{origin}/wpush/v2/{}", URL_SAFE_NO_PAD.encode(capability));
            let hash = digest(&SHA256, endpoint.as_bytes()).as_ref().to_vec();
            let sealed = self.app.secrets.seal_push_auth(village.into(), &hash, auth);
            let id = Uuid::now_v7();
            let query = sqlx::query(SUBSCRIPTION).bind(village).bind(id).bind(endpoint).bind(hash.clone());
            self.run(query.bind(device.clone()).bind(sealed).bind(hash).bind(now));
            self.follow(village, id);
        }
    }

    /// Mailboxes in the village of this number, subscribed to everything.
    pub fn mailboxes(&mut self, village: u32, count: u32) {
        let (village, now) = (village_id(village), self.now.timestamp_millis());
        for n in 0..count {
            let (id, address) = (Uuid::now_v7(), format!("einwohner-{n:06}@kalletal.example"));
            let hash = digest(&SHA256, address.as_bytes()).as_ref().to_vec();
            self.run(sqlx::query(MAILBOX).bind(village).bind(id).bind(address).bind(hash).bind(now));
            self.follow(village, id);
        }
    }

    fn follow(&mut self, village: Uuid, subscription: Uuid) {
        let follow = "INSERT INTO follow (village_id, id, subscription_id) VALUES ($1, $2, $3)";
        self.run(sqlx::query(follow).bind(village).bind(Uuid::now_v7()).bind(subscription));
    }

    /// Writes it all.
    pub fn finish(mut self) {
        self.execute("COMMIT");
        let Self { app, connection, runtime, .. } = self;
        runtime.block_on(async {
            connection.close().await.expect("the database closes");
            app.database.close().await;
        });
    }
}

/// Villages are numbered, so that their identifiers need not be handed around.
fn village_id(n: u32) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(n))
}
