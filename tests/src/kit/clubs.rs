//! Clubs and the people who run them.

use super::actors::VillageKit;
use super::dorf::PASSWORD;
use super::reply::{Ask, Reply};
use super::smtp_sink::Mail;
use serde_json::{Value, json};

/// A club of a village.
pub struct ClubKit<'a> {
    /// The village.
    pub village: &'a VillageKit<'a>,
    /// The club's name in URLs.
    pub slug: String,
}

/// A club that takes part and is `reviewed` or `trusted`; gives the token of its author.
pub async fn club(village: &VillageKit<'_>, slug: &str, trust: &str) -> String {
    let club = ClubKit::entered(village, slug).await;
    if trust == "trusted" {
        for name in ["erste", "zweite"] {
            club.member(&format!("{name}-{slug}"), "club_manager").await;
        }
        club.trusted().await;
    }
    club.member(slug, "club_author").await
}

impl<'a> ClubKit<'a> {
    /// A club that the town hall entered; nobody runs it yet.
    pub async fn entered(village: &'a VillageKit<'a>, slug: &str) -> Self {
        let body = json!({"slug": slug, "name": format!("Verein {slug}"), "category": "culture"});
        village.staff("POST", "/clubs").bearer(&village.editor).json(&body).send().await.expect(201);
        Self { village, slug: slug.to_owned() }
    }

    /// The address of somebody of the club.
    pub fn address(&self, name: &str) -> String {
        format!("{name}@{}.example", self.village.slug)
    }

    /// Asks the town hall's side about this club, as whoever has this token.
    pub fn ask(&self, method: &str, path: &str, token: &str) -> Ask {
        self.village.staff(method, &format!("/clubs/{}{path}", self.slug)).bearer(token)
    }

    /// The club as the town hall sees it.
    pub async fn state(&self) -> Value {
        self.ask("GET", "", &self.village.editor).send().await.expect(200).json()
    }

    /// Its `ETag`.
    pub async fn etag(&self) -> String {
        format!("\"{}\"", self.state().await["version"])
    }

    /// The town hall decides, on the club as it is now.
    pub async fn decides(&self, method: &str, step: &str, body: Option<Value>) -> Reply {
        let etag = self.etag().await;
        let ask = self.ask(method, &format!("/{step}"), &self.village.editor).header("if-match", &etag);
        match body {
            Some(body) => ask.json(&body).send().await,
            None => ask.send().await,
        }
    }

    /// Trusted to publish by itself from now on.
    pub async fn trusted(&self) {
        self.decides("PUT", "trust", Some(json!({"trust": "trusted"}))).await.expect(200);
    }

    /// Invited as whoever has this token; the path of the link in the mail.
    pub async fn invites(&self, name: &str, role: &str, token: &str) -> String {
        let body = json!({"email": self.address(name), "role": role});
        self.ask("POST", "/invitations", token).json(&body).send().await.expect(201);
        self.village.dorf.work_off().await;
        self.link_to(name)
    }

    /// The path of the link in the latest mail to somebody of the club.
    pub fn link_to(&self, name: &str) -> String {
        link_in_mail_to(self.village, &self.address(name))
    }

    /// Accepts an invitation with a new account.
    pub async fn accepts(&self, link: &str, name: &str) -> Reply {
        let body = json!({"token": token_of(link), "name": format!("{name} vom Verein"), "password": PASSWORD});
        self.village.ask("POST", "/club-invitations/accept").json(&body).send().await
    }

    /// A new member; gives the token of the log-in.
    pub async fn member(&self, name: &str, role: &str) -> String {
        let link = self.invites(name, role, &self.village.editor).await;
        self.accepts(&link, name).await.expect(204);
        self.village.dorf.log_in(&self.address(name)).await
    }

    /// Mails to somebody of the club.
    pub fn subjects_to(&self, name: &str) -> Vec<String> {
        self.village.dorf.mail.mails_to(&self.address(name)).iter().map(Mail::subject).collect()
    }
}

/// The path of the link in the latest mail to an address that has one.
pub fn link_in_mail_to(village: &VillageKit<'_>, address: &str) -> String {
    let texts: Vec<String> = village.dorf.mail.mails_to(address).iter().map(Mail::text).collect();
    let latest = texts.iter().flat_map(|text| text.split_whitespace()).rfind(|word| word.starts_with("http"));
    latest.expect("a link").strip_prefix(&village.dorf.base).expect("a link to this server").to_owned()
}

/// The token at the end of a link.
pub fn token_of(link: &str) -> &str {
    link.rsplit('/').next().expect("a token")
}
