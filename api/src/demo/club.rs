//! The club: how it is invited, and the way of its notice over the desk until it goes out by itself.

use super::client::{Client, text, time};
use super::mailboxes::Mailboxes;
use super::town::{HERE, PUBLICATIONS, Publication, Published, Town};
use crate::clock::Clock;
use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::{Europe::Berlin, Tz};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The club's name in URLs.
pub const SLUG: &str = "sportverein";

/// The club's name for people.
pub const NAME: &str = "Sportverein Lüdenhausen";

/// Whom the town hall invites.
const MANAGER: &str = "vorstand@sportverein.example";

/// What the club first writes, and what the town hall says to it.
const TOO_SHORT: &str = "Wer am Samstag beim Aufbau helfen kann, meldet sich bitte.";
const QUESTION: &str = "Bitte noch sagen, wo.";

/// How far ahead the notice is planned; a time of the wall clock has whole seconds.
const AHEAD: TimeDelta = TimeDelta::seconds(2);

/// The time of the village.
const ZONE: Tz = Berlin;

/// The club, and what has happened to it so far.
pub struct Club {
    manager: String,
    account: Vec<(&'static str, String)>,
}

impl Club {
    /// The town hall enters the club and invites somebody, who accepts by the link in the mail and logs in.
    pub async fn invited(
        client: &Client,
        town: &Town,
        mailboxes: &Mailboxes,
        password: &str,
        patience: Duration,
    ) -> anyhow::Result<Self> {
        let clubs = format!("/v1/admin/villages/{HERE}/clubs");
        let entered = json!({"slug": SLUG, "name": NAME, "category": "sport"});
        client.post(&clubs, &town.editor, &entered).await?;
        let invitation = json!({"email": MANAGER, "role": "club_manager"});
        client.post(&format!("{clubs}/{SLUG}/invitations"), &town.editor, &invitation).await?;
        let link = mailboxes.link_to("/club-invitations/", MANAGER, patience).await?;
        let token = link.rsplit('/').next().context("the link has a token")?;
        let accepted = json!({"token": token, "name": "Vorstand des Sportvereins", "password": password});
        client.post(&format!("/v1/villages/{HERE}/club-invitations/accept"), "", &accepted).await?;
        let manager = client.log_in(MANAGER, password).await?;
        let mut club = Self { manager, account: Vec::new() };
        club.tell("invited", format!("by mail to {MANAGER}, who accepted by the link in it"));
        Ok(club)
    }

    /// What has happened, each with the word for it.
    pub fn account(self) -> Vec<(&'static str, String)> {
        self.account
    }

    fn tell(&mut self, what: &'static str, words: String) {
        self.account.push((what, words));
    }

    /// The club writes its notice, gets it back, corrects it; the town hall approves and plans it.
    pub async fn brings_notice(&mut self, client: &Client, town: &Town) -> anyhow::Result<Published> {
        let notice = PUBLICATIONS.iter().find(|publication| publication.club == Some(SLUG)).context("a notice")?;
        let posts = format!("/v1/admin/villages/{HERE}/posts");
        let mut draft = notice.draft();
        draft["body_markdown"] = json!(TOO_SHORT);
        let saved = client.post(&posts, &self.manager, &draft).await?;
        let id = text(&saved.body, "id")?;
        let post = format!("{posts}/{id}");
        let handed_in = client.step(&format!("{post}/submit"), &self.manager, &saved.etag, &json!({})).await?;
        self.tell("handed in", format!("“{TOO_SHORT}”"));
        let question = json!({"comment": QUESTION});
        let returned = client.step(&format!("{post}/return"), &town.editor, &handed_in.etag, &question).await?;
        let again = self.corrects(client, &post, &returned.etag, notice).await?;
        let approved = client.step(&format!("{post}/approve"), &town.editor, &again, &json!({})).await?;
        self.is_planned(client, town, &post, &approved.etag).await?;
        Ok(Published(id))
    }

    /// The club reads what the town hall said, corrects the notice and hands it in again; gives its `ETag`.
    async fn corrects(
        &mut self,
        client: &Client,
        post: &str,
        returned: &str,
        notice: &Publication,
    ) -> anyhow::Result<String> {
        let said = client.get(&format!("{post}/comments"), &self.manager).await?;
        let comment = said.body["items"][0]["text"].as_str().context("a comment")?.to_owned();
        self.tell("returned", format!("with the comment “{comment}”"));
        let correction = json!({"body_markdown": notice.body});
        let corrected = client.change(post, &self.manager, returned, &correction).await?;
        let again = client.step(&format!("{post}/submit"), &self.manager, &corrected.etag, &json!({})).await?;
        self.tell("corrected", format!("“{}”, and handed in again", first_sentence(notice.body)));
        Ok(again.etag)
    }

    /// The town hall looks whom it will reach, and plans it.
    async fn is_planned(&mut self, client: &Client, town: &Town, post: &str, approved: &str) -> anyhow::Result<()> {
        let reached = client.get(&format!("{post}/audience"), &town.editor).await?.body;
        let (push, mail) = (&reached["web_push"], &reached["email"]);
        self.tell("approved", format!("and would reach {push} by push and {mail} by mail"));
        let at = (Clock::system().now() + AHEAD).with_timezone(&ZONE).format("%Y-%m-%dT%H:%M:%S").to_string();
        let plan = json!({"publish_at_local": at});
        let planned = client.step(&format!("{post}/schedule"), &town.editor, approved, &plan).await?;
        self.tell("scheduled", format!("for {}", wall_clock(time(&planned.body, "publish_at")?, "%H:%M:%S")));
        Ok(())
    }

    /// Waits until the notice is public by itself.
    pub async fn waits_for(&mut self, client: &Client, notice: &Published, patience: Duration) -> anyhow::Result<()> {
        let path = format!("/v1/admin/villages/{HERE}/posts/{}", notice.0);
        let started = Instant::now();
        let mut look = tokio::time::interval(Duration::from_millis(50));
        loop {
            look.tick().await;
            let post: Value = client.get(&path, &self.manager).await?.body;
            if post["published_at"].is_string() {
                let at = wall_clock(time(&post, "published_at")?, "%H:%M:%S%.3f");
                self.tell("went out", format!("by itself, at {at}"));
                return Ok(());
            }
            anyhow::ensure!(started.elapsed() < patience, "the notice did not go out by itself");
        }
    }
}

/// What the clock on the village's wall shows.
fn wall_clock(at: DateTime<Utc>, format: &str) -> String {
    at.with_timezone(&ZONE).format(format).to_string()
}

fn first_sentence(text: &str) -> &str {
    text.split_inclusive('.').next().unwrap_or(text)
}
