//! The town: the municipality of Kalletal in Lippe with three of its villages, and what is published. The
//! places are real (AGS and names: Destatis, Gemeindeverzeichnis; kalletal-online.de), the people and texts are made up.

use super::client::{Client, text, time};
use super::club;
use super::mailboxes::Mailboxes;
use super::push_service::PushService;
use super::residents::RESIDENTS;
use anyhow::{Context, ensure};
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Where everything is published.
pub const HERE: &str = "luedenhausen";

/// The villages: slug and name.
pub const VILLAGES: [(&str, &str); 3] = [(HERE, "Lüdenhausen"), ("bavenhausen", "Bavenhausen"), ("stemmen", "Stemmen")];

/// The topics of every village: slug and name.
const TOPICS: [(&str, &str); 3] = [("verkehr", "Verkehr"), ("vereine", "Vereine"), ("feste", "Feste")];

/// Something to publish.
pub struct Publication {
    /// What it is, in words.
    pub what: &'static str,
    /// The kind of post.
    kind: &'static str,
    /// The topic's slug.
    pub topic: &'static str,
    /// The slug of the club that writes it; none for the town hall.
    pub club: Option<&'static str>,
    /// The title.
    pub title: &'static str,
    /// The text.
    pub body: &'static str,
}

/// What is published.
pub const PUBLICATIONS: [Publication; 3] = [
    Publication {
        what: "news",
        kind: "news",
        topic: "verkehr",
        club: None,
        title: "Brücke über die Osterkalle gesperrt",
        body: "Von Montag bis Freitag wird die Fahrbahn erneuert.\n\nDie Umleitung ist **ausgeschildert**; der Schulbus \
               fährt zehn Minuten früher.",
    },
    Publication {
        what: "club notice",
        kind: "notice",
        topic: "vereine",
        club: Some(club::SLUG),
        title: "Sportverein sucht Helfer für den Adventslauf",
        body: "Wer am Samstag beim Aufbau helfen kann, meldet sich bitte am Sportplatz. Für *Kaffee und Kuchen* ist \
               gesorgt.",
    },
    Publication {
        what: "event",
        kind: "event",
        topic: "feste",
        club: None,
        title: "Adventssingen auf dem Dorfplatz",
        body: "Der Chor singt, die Feuerwehr grillt, alle sind eingeladen.",
    },
];

/// Who edits for the town hall.
const EDITOR: &str = "rathaus@kalletal.example";

/// The municipality, its villages and its editor, as they are in the server.
pub struct Town {
    /// The editor's token.
    pub editor: String,
}

/// A post that is published, or will be by itself.
pub struct Published(pub String);

impl Publication {
    /// What is saved of it.
    pub fn draft(&self) -> Value {
        let mut draft = json!({
            "kind": self.kind, "topic": self.topic, "title": self.title, "body_markdown": self.body,
        });
        if self.kind == "event" {
            let starts = next_saturday();
            draft["event"] = json!({"starts_local": format!("{starts}T16:00"), "place": "Dorfplatz"});
        }
        draft
    }
}

impl Town {
    /// Enters the municipality, its villages and topics, and the editor, who has roles in all of them: in the first with a first password,
    /// in the others by the invitations in the mailbox. Logs the editor in.
    pub async fn found(
        client: &Client,
        operator: &str,
        editors: &str,
        mailboxes: &Mailboxes,
        patience: Duration,
    ) -> anyhow::Result<Self> {
        let body = json!({"name": "Kalletal", "ags": "05766036"});
        let municipality = client.post("/v1/operator/municipalities", operator, &body).await?;
        let municipality = text(&municipality.body, "id")?;
        for (slug, name) in VILLAGES {
            let village = json!({
                "municipality": municipality, "slug": slug, "name": name,
                "sender_name": format!("Gemeinde Kalletal – {name}"), "sender_address": "rathaus@kalletal.example",
            });
            client.post("/v1/operator/villages", operator, &village).await?;
        }
        for (n, (slug, _)) in VILLAGES.iter().enumerate() {
            let admins = format!("/v1/operator/villages/{slug}/admins");
            if n == 0 {
                let editor = json!({"email": EDITOR, "name": "Rathaus Kalletal", "password": editors});
                client.post(&admins, operator, &editor).await?;
                continue;
            }
            client.post(&admins, operator, &json!({"email": EDITOR})).await?;
            let invitations = format!("/v1/villages/{slug}/staff-invitations/");
            let link = mailboxes.link_to(&invitations, EDITOR, patience).await?;
            let token = link.rsplit('/').next().context("the link has a token")?;
            let accepted = json!({"token": token, "password": editors});
            client.post(&format!("{invitations}accept"), "", &accepted).await?;
        }
        let admin = client.log_in(EDITOR, editors).await?;
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
                some => some.iter().map(|follow| follow.wish()).collect(),
            };
            if resident.by_push {
                let browser = push.new_browser(resident.name);
                let body = json!({"channel": "web_push", "web_push": browser, "follows": follows});
                client.post(&path, "", &body).await?;
            }
            if resident.by_mail {
                let body = json!({"channel": "email", "email": resident.address(), "follows": follows});
                client.post(&path, "", &body).await?;
                let link = mailboxes.link_to("/confirm/", &resident.address(), patience).await?;
                client.post(&link, "", &Value::Null).await?;
            }
        }
        Ok(())
    }

    /// Publishes what the town hall writes itself, as the editor.
    pub async fn publish_own(&self, client: &Client) -> anyhow::Result<Vec<Published>> {
        let posts = format!("/v1/admin/villages/{HERE}/posts");
        let mut published = Vec::new();
        for publication in PUBLICATIONS.iter().filter(|publication| publication.club.is_none()) {
            let saved = client.post(&posts, &self.editor, &publication.draft()).await?;
            let id = text(&saved.body, "id")?;
            client.step(&format!("{posts}/{id}/publish"), &self.editor, &saved.etag, &json!({})).await?;
            published.push(Published(id));
        }
        Ok(published)
    }

    /// Waits until the server reports that everything has come to an end; gives how long the slowest post took from the decision
    /// to tell it to its last delivery.
    pub async fn wait_until_finished(
        &self,
        client: &Client,
        posts: &[Published],
        patience: Duration,
    ) -> anyhow::Result<TimeDelta> {
        let started = Instant::now();
        let mut look = tokio::time::interval(Duration::from_millis(20));
        let mut slowest = TimeDelta::zero();
        for Published(post) in posts {
            let path = format!("/v1/admin/villages/{HERE}/posts/{post}/deliveries");
            loop {
                look.tick().await;
                let report = client.get(&path, &self.editor).await?;
                let told = &report.body["notifications"][0];
                if told["finished_at"].is_string() {
                    slowest = slowest.max(time(told, "finished_at")? - time(told, "decided_at")?);
                    break;
                }
                ensure!(started.elapsed() < patience, "not everything was delivered in time: {}", report.body);
            }
        }
        Ok(slowest)
    }
}

/// The Saturday of next week, so that the event is always ahead.
fn next_saturday() -> chrono::NaiveDate {
    use chrono::Datelike;
    let today = crate::clock::Clock::system().now().date_naive();
    let to_saturday = 5 - i64::from(today.weekday().num_days_from_monday());
    today + TimeDelta::days(to_saturday + 7)
}
