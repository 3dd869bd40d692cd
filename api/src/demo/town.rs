//! The town: the municipality of Kalletal in Lippe with three of its villages, who lives there, and what is published. The
//! places are real (AGS and names: Destatis, Gemeindeverzeichnis; kalletal-online.de), the people and texts are made up.

use super::client::{Client, text};
use super::mailboxes::Mailboxes;
use super::push_service::PushService;
use anyhow::ensure;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Where everything is published.
pub const HERE: &str = "luedenhausen";

/// The villages: slug and name.
pub const VILLAGES: [(&str, &str); 3] = [(HERE, "Lüdenhausen"), ("bavenhausen", "Bavenhausen"), ("stemmen", "Stemmen")];

/// The topics of every village: slug and name.
const TOPICS: [(&str, &str); 3] = [("verkehr", "Verkehr"), ("vereine", "Vereine"), ("feste", "Feste")];

/// Somebody who lives in a village.
pub struct Resident {
    /// The name; also the left side of the mail address.
    pub name: &'static str,
    /// The slug of the village.
    pub village: &'static str,
    /// The topics followed; all of them when there is none.
    pub follows: &'static [&'static str],
    /// Whether a browser is subscribed.
    pub by_push: bool,
    /// Whether a mailbox is subscribed.
    pub by_mail: bool,
}

/// The residents.
pub const RESIDENTS: [Resident; 6] = [
    Resident { name: "anna", village: HERE, follows: &[], by_push: true, by_mail: true },
    Resident { name: "bernd", village: HERE, follows: &["verkehr"], by_push: true, by_mail: false },
    Resident { name: "clara", village: HERE, follows: &["vereine", "feste"], by_push: false, by_mail: true },
    Resident { name: "dieter", village: "bavenhausen", follows: &[], by_push: true, by_mail: true },
    Resident { name: "erika", village: "stemmen", follows: &["verkehr"], by_push: true, by_mail: false },
    Resident { name: "fritz", village: "stemmen", follows: &[], by_push: false, by_mail: true },
];

/// Something to publish.
pub struct Publication {
    /// What it is, in words.
    pub what: &'static str,
    /// The kind of post.
    kind: &'static str,
    /// The topic's slug.
    pub topic: &'static str,
    /// The title.
    pub title: &'static str,
    body: &'static str,
}

/// What is published.
pub const PUBLICATIONS: [Publication; 3] = [
    Publication {
        what: "news",
        kind: "news",
        topic: "verkehr",
        title: "Brücke über die Osterkalle gesperrt",
        body: "Von Montag bis Freitag wird die Fahrbahn erneuert.\n\nDie Umleitung ist **ausgeschildert**; der Schulbus \
               fährt zehn Minuten früher.",
    },
    Publication {
        what: "club notice",
        kind: "notice",
        topic: "vereine",
        title: "Sportverein sucht Helfer für den Adventslauf",
        body: "Wer am Samstag beim Aufbau helfen kann, meldet sich bitte am Sportplatz. Für *Kaffee und Kuchen* ist \
               gesorgt.",
    },
    Publication {
        what: "event",
        kind: "event",
        topic: "feste",
        title: "Adventssingen auf dem Dorfplatz",
        body: "Der Chor singt, die Feuerwehr grillt, alle sind eingeladen.",
    },
];

/// The municipality, its villages and its editor, as they are in the server.
pub struct Town {
    editor: String,
}

/// A post that was published.
pub struct Published(String);

impl Resident {
    /// The mail address.
    pub fn address(&self) -> String {
        format!("{}@{}.example", self.name, self.village)
    }

    /// Whether a publication is for this resident.
    pub fn should_get(&self, publication: &Publication) -> bool {
        self.village == HERE && (self.follows.is_empty() || self.follows.contains(&publication.topic))
    }
}

impl Town {
    /// Enters the municipality, its villages and topics, and the editor, who has roles in all of them; logs the editor in.
    pub async fn found(client: &Client, operator: &str, password: &str, editors: &str) -> anyhow::Result<Self> {
        let operator = log_in(client, operator, password).await?;
        let body = json!({"name": "Kalletal", "ags": "05766036"});
        let municipality = client.post("/v1/operator/municipalities", &operator, &body).await?;
        let municipality = text(&municipality.body, "id")?;
        let editor = json!({"email": "rathaus@kalletal.example", "name": "Rathaus Kalletal", "password": editors});
        for (slug, name) in VILLAGES {
            let village = json!({
                "municipality": municipality, "slug": slug, "name": name,
                "sender_name": format!("Gemeinde Kalletal – {name}"), "sender_address": "rathaus@kalletal.example",
            });
            client.post("/v1/operator/villages", &operator, &village).await?;
            client.post(&format!("/v1/operator/villages/{slug}/admins"), &operator, &editor).await?;
        }
        let admin = log_in(client, "rathaus@kalletal.example", editors).await?;
        for (slug, _) in VILLAGES {
            for (topic, name) in TOPICS {
                let body = json!({"slug": topic, "name": name});
                client.post(&format!("/v1/admin/villages/{slug}/topics"), &admin, &body).await?;
            }
        }
        Ok(Self { editor: admin })
    }

    /// Subscribes every resident; mailboxes confirm by the link in the mail they get.
    pub async fn subscribe_all(
        &self,
        client: &Client,
        push: &PushService,
        mailboxes: &Mailboxes,
        patience: Duration,
    ) -> anyhow::Result<()> {
        for resident in &RESIDENTS {
            let path = format!("/v1/villages/{}/subscriptions", resident.village);
            let follows: Vec<Value> = match resident.follows {
                [] => vec![json!({})],
                topics => topics.iter().map(|topic| json!({"topic": topic})).collect(),
            };
            if resident.by_push {
                let browser = push.new_browser(resident.name);
                let body = json!({"channel": "web_push", "web_push": browser, "follows": follows});
                client.post(&path, "", &body).await?;
            }
            if resident.by_mail {
                let body = json!({"channel": "email", "email": resident.address(), "follows": follows});
                client.post(&path, "", &body).await?;
                let link = mailboxes.confirmation_link(&resident.address(), patience).await?;
                client.post(&link, "", &Value::Null).await?;
            }
        }
        Ok(())
    }

    /// Publishes everything, as the editor.
    pub async fn publish_all(&self, client: &Client) -> anyhow::Result<Vec<Published>> {
        let posts = format!("/v1/admin/villages/{HERE}/posts");
        let mut published = Vec::new();
        for publication in &PUBLICATIONS {
            let mut draft = json!({
                "kind": publication.kind, "topic": publication.topic, "title": publication.title,
                "body_markdown": publication.body,
            });
            if publication.kind == "event" {
                let starts = next_saturday();
                draft["event"] = json!({"starts_local": format!("{starts}T16:00"), "place": "Dorfplatz"});
            }
            let saved = client.post(&posts, &self.editor, &draft).await?;
            let id = text(&saved.body, "id")?;
            client.step(&format!("{posts}/{id}/publish"), &self.editor, &saved.etag).await?;
            published.push(Published(id));
        }
        Ok(published)
    }

    /// Waits until the server reports that everything has come to an end.
    pub async fn wait_until_finished(
        &self,
        client: &Client,
        posts: &[Published],
        patience: Duration,
    ) -> anyhow::Result<()> {
        let started = Instant::now();
        let mut look = tokio::time::interval(Duration::from_millis(20));
        for Published(post) in posts {
            let path = format!("/v1/admin/villages/{HERE}/posts/{post}/deliveries");
            loop {
                look.tick().await;
                let report = client.get(&path, &self.editor).await?;
                if report.body["notifications"][0]["finished_at"].is_string() {
                    break;
                }
                ensure!(started.elapsed() < patience, "not everything was delivered in time: {}", report.body);
            }
        }
        Ok(())
    }
}

async fn log_in(client: &Client, email: &str, password: &str) -> anyhow::Result<String> {
    let body = json!({"email": email, "password": password});
    text(&client.post("/v1/admin/login", "", &body).await?.body, "token")
}

/// The Saturday of next week, so that the event is always ahead.
fn next_saturday() -> chrono::NaiveDate {
    use chrono::{Datelike, TimeDelta};
    let today = crate::clock::Clock::system().now().date_naive();
    let to_saturday = 5 - i64::from(today.weekday().num_days_from_monday());
    today + TimeDelta::days(to_saturday + 7)
}
