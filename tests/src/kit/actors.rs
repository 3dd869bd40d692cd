//! The people: editors who publish and residents who read.

use super::dorf::{Dorf, PASSWORD};
use super::files::File;
use super::push_receiver::DeviceHandle;
use super::reply::{Ask, Reply};
use super::smtp_sink::Mail;
use serde_json::{Value, json};

/// A village and its staff.
pub struct VillageKit<'a> {
    /// The server.
    pub dorf: &'a Dorf,
    /// The village's name in URLs.
    pub slug: String,
    /// The admin's token.
    pub admin: String,
    /// The editor's token.
    pub editor: String,
}

/// Somebody who writes in a village.
pub struct Editor<'a> {
    village: &'a VillageKit<'a>,
}

/// A text that is not saved yet.
#[derive(Clone, Debug)]
pub struct Draft(pub Value);

/// A saved post.
#[derive(Clone, Debug)]
pub struct Post {
    /// Its identifier.
    pub id: String,
    /// Its `ETag`.
    pub etag: String,
}

/// Somebody who lives in a village.
#[derive(Clone)]
pub struct Resident<'a> {
    village: &'a VillageKit<'a>,
    name: String,
    follows: Vec<Value>,
    device: Option<DeviceHandle>,
    /// The identifier of the latest subscription.
    pub subscription: String,
    /// Its secret.
    pub secret: String,
}

/// News with this title.
pub fn news(title: &str) -> Draft {
    Draft(json!({"kind": "news", "title": title, "body_markdown": format!("Text zu *{title}*.")}))
}

/// A club's notice with this title.
pub fn notice(title: &str) -> Draft {
    Draft(json!({"kind": "notice", "title": title, "body_markdown": "Der Verein lädt ein."}))
}

/// A warning with this title.
pub fn alert(title: &str) -> Draft {
    Draft(json!({"kind": "alert", "title": title, "body_markdown": "Bitte Fenster und Türen schließen."}))
}

/// An event with this title, at this local time.
pub fn event(title: &str, starts_local: &str) -> Draft {
    let event = json!({"starts_local": starts_local, "place": "Dorfplatz"});
    Draft(json!({"kind": "event", "title": title, "body_markdown": "Alle sind eingeladen.", "event": event}))
}

impl Draft {
    /// About a topic.
    pub fn on(self, topic: &str) -> Self {
        self.with("topic", json!(topic))
    }

    /// With another text.
    pub fn saying(self, markdown: &str) -> Self {
        self.with("body_markdown", json!(markdown))
    }

    /// With any member.
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.0[name] = value;
        self
    }
}

impl<'a> VillageKit<'a> {
    pub(super) async fn found(dorf: &'a Dorf, slug: &str) -> Self {
        let mut name = slug.replace("ue", "ü");
        name[..1].make_ascii_uppercase();
        let village = json!({
            "municipality": dorf.municipality().await, "slug": slug, "name": name,
            "sender_name": format!("Gemeinde Kalletal, {name}"), "sender_address": format!("{slug}@kalletal.example"),
        });
        let operator = dorf.operator().await;
        dorf.ask("POST", "/v1/operator/villages").bearer(operator).json(&village).send().await.expect(201);
        let person = |role: &str| json!({"email": format!("{role}@{slug}.example"), "name": format!("{role} {slug}"), "password": PASSWORD});
        let admins = format!("/v1/operator/villages/{slug}/admins");
        dorf.ask("POST", &admins).bearer(operator).json(&person("admin")).send().await.expect(201);
        let admin = dorf.log_in(&format!("admin@{slug}.example")).await;
        let editors = format!("/v1/operator/villages/{slug}/editors");
        dorf.ask("POST", &editors).bearer(operator).json(&person("editor")).send().await.expect(201);
        let editor = dorf.log_in(&format!("editor@{slug}.example")).await;
        let village = Self { dorf, slug: slug.to_owned(), admin, editor };
        let account = dorf.ask("GET", "/v1/admin/me").bearer(&village.editor).send().await.expect(200).str("account");
        village.may_alert(&account).await;
        for (topic, name) in [("verkehr", "Verkehr"), ("vereine", "Vereine")] {
            let body = json!({"slug": topic, "name": name});
            village.staff("POST", "/topics").bearer(&village.admin).json(&body).send().await.expect(201);
        }
        village
    }

    /// Somebody of the staff gets the right to send alerts.
    pub async fn may_alert(&self, account: &str) {
        self.staff("PUT", &format!("/alert-rights/{account}")).bearer(&self.admin).send().await.expect(204);
    }

    /// The operator gives somebody new a role, with a first password.
    pub async fn hires(&self, person: &Value) -> Reply {
        let path = format!("/v1/operator/villages/{}/editors", self.slug);
        self.dorf.ask("POST", &path).bearer(self.dorf.operator().await).json(person).send().await
    }

    /// Somebody new gets a role; gives the account and its token.
    pub async fn staffed(&self, name: &str, body: Value) -> (String, String) {
        let email = format!("{name}@{}.example", self.slug);
        let mut person = json!({"email": email, "name": format!("{name} {}", self.slug), "password": PASSWORD});
        for (member, value) in body.as_object().expect("an object") {
            person[member] = value.clone();
        }
        let made = self.hires(&person).await.expect(201);
        (made.str("account"), self.dorf.log_in(&email).await)
    }

    /// The lines of its audit log, the latest first.
    pub async fn audit(&self) -> Vec<Value> {
        let reply = self.staff("GET", "/audit?limit=100").bearer(&self.admin).send().await.expect(200);
        reply.json()["items"].as_array().cloned().unwrap_or_default()
    }

    /// A public request about this village.
    pub fn ask(&self, method: &str, path: &str) -> Ask {
        self.dorf.ask(method, &format!("/v1/villages/{}{path}", self.slug))
    }

    /// A staff request about this village, without a token.
    pub fn staff(&self, method: &str, path: &str) -> Ask {
        self.dorf.ask(method, &format!("/v1/admin/villages/{}{path}", self.slug))
    }

    /// The first page of its feed.
    pub async fn feed(&self) -> Reply {
        self.ask("GET", "/feed").send().await.expect(200)
    }

    /// Its editor.
    pub fn editor(&'a self) -> Editor<'a> {
        Editor { village: self }
    }

    /// One of its residents, who follows everything unless told.
    pub fn resident(&'a self, name: &str) -> Resident<'a> {
        Resident {
            village: self,
            name: name.to_owned(),
            follows: Vec::new(),
            device: None,
            subscription: String::new(),
            secret: String::new(),
        }
    }
}

impl Editor<'_> {
    /// Asks as this editor.
    pub fn ask(&self, method: &str, path: &str) -> Ask {
        self.village.staff(method, path).bearer(&self.village.editor)
    }

    /// Uploads a file; `said` is the query, such as `alt=Ein Baum`.
    pub async fn uploads(&self, file: File, said: &str) -> Reply {
        let ask = self.ask("POST", &format!("/media?{said}")).header("content-type", file.content_type);
        ask.bytes(file.bytes).send().await
    }

    /// Uploads an image; gives what is known of it.
    pub async fn image(&self, file: File) -> Value {
        self.uploads(file, "alt=Der Dorfplatz im Schnee").await.expect(201).json()
    }

    /// Saves a draft.
    pub async fn drafts(&self, draft: Draft) -> Post {
        Post::of(&self.ask("POST", "/posts").json(&draft.0).send().await.expect(201))
    }

    /// Saves a draft and publishes it.
    pub async fn publishes(&self, draft: Draft) -> Post {
        let post = self.drafts(draft).await;
        Post::of(&self.step(&post, "publish").await.expect(200))
    }

    /// Publishes or withdraws a post.
    pub async fn step(&self, post: &Post, step: &str) -> Reply {
        self.ask("POST", &format!("/posts/{}/{step}", post.id)).header("if-match", &post.etag).send().await
    }

    /// Changes a post.
    pub async fn changes(&self, post: &Post, change: &Value) -> Reply {
        self.ask("PATCH", &format!("/posts/{}", post.id)).header("if-match", &post.etag).json(change).send().await
    }

    /// The report of the first notification of a post.
    pub async fn report(&self, post: &Post) -> Value {
        let reply = self.ask("GET", &format!("/posts/{}/deliveries", post.id)).send().await.expect(200);
        reply.json()["notifications"][0].clone()
    }

    /// How many deliveries of a post are in a state for a reason (empty for none) on a channel.
    pub async fn count(&self, post: &Post, channel: &str, state: &str, reason: &str) -> i64 {
        let report = self.report(post).await;
        let counts = report["counts"].as_array().cloned().unwrap_or_default();
        let fits = |count: &&Value| {
            count["channel"] == channel && count["state"] == state && count["reason"].as_str().unwrap_or("") == reason
        };
        counts.iter().filter(fits).filter_map(|count| count["deliveries"].as_i64()).sum()
    }
}

impl Post {
    /// The post of an answer.
    pub fn of(reply: &Reply) -> Self {
        Self { id: reply.str("id"), etag: reply.header("etag") }
    }
}

impl Resident<'_> {
    /// Follows a topic.
    pub fn follows(mut self, topic: &str) -> Self {
        self.follows.push(json!({"topic": topic}));
        self
    }

    /// Follows a club.
    pub fn follows_club(mut self, club: &str) -> Self {
        self.follows.push(json!({"club": club}));
        self
    }

    /// Follows a kind of post.
    pub fn follows_kind(mut self, kind: &str) -> Self {
        self.follows.push(json!({"kind": kind}));
        self
    }

    /// The address of the resident's mailbox.
    pub fn address(&self) -> String {
        format!("{}@{}.example.org", self.name, self.village.slug)
    }

    /// Subscribes the mailbox, without confirming.
    pub async fn asks_by_mail(mut self) -> Self {
        let body = self.body(json!({"channel": "email", "email": self.address()}));
        self.subscribe(&body).await;
        self
    }

    /// Subscribes the mailbox and confirms by the link in the mail.
    pub async fn by_mail(self) -> Self {
        let mut resident = self.asks_by_mail().await;
        resident.village.dorf.work_off().await;
        resident.confirms().await;
        resident
    }

    /// Confirms by the link in the latest mail that asks; takes the key that the page shows.
    pub async fn confirms(&mut self) {
        let page = self.village.dorf.ask("POST", &self.confirmation_link()).send().await.expect(200).text();
        let key = page.split("<code>").nth(1).and_then(|rest| rest.split('<').next());
        self.secret = key.unwrap_or_else(|| panic!("no key: {page}")).to_owned();
    }

    /// Subscribes a new browser.
    pub async fn by_push(self) -> Self {
        let device = self.village.dorf.push.new_device().await;
        self.by_push_with(device).await
    }

    /// Subscribes this browser.
    pub async fn by_push_with(mut self, device: DeviceHandle) -> Self {
        let push = json!({
            "endpoint": device.endpoint(), "expirationTime": null,
            "keys": {"p256dh": device.p256dh(), "auth": device.auth()},
        });
        let body = self.body(json!({"channel": "web_push", "web_push": push}));
        self.subscribe(&body).await;
        self.device = Some(device);
        self
    }

    fn body(&self, mut body: Value) -> Value {
        if !self.follows.is_empty() {
            body["follows"] = json!(self.follows);
        }
        body
    }

    async fn subscribe(&mut self, body: &Value) {
        let reply = self.village.ask("POST", "/subscriptions").json(body).send().await.expect(201);
        self.subscription = reply.str("id");
        self.secret = reply.str("secret");
    }

    /// Asks about the latest subscription, with its secret.
    pub fn ask(&self, method: &str) -> Ask {
        self.village.ask(method, &format!("/subscriptions/{}", self.subscription)).bearer(&self.secret)
    }

    /// Every mail to the resident's mailbox.
    pub fn all_mails(&self) -> Vec<Mail> {
        self.village.dorf.mail.mails_to(&self.address())
    }

    /// The mails to the resident's mailbox that are news: those with a link to unsubscribe.
    pub fn mails(&self) -> Vec<Mail> {
        self.all_mails().into_iter().filter(|mail| mail.header("List-Unsubscribe").is_some()).collect()
    }

    /// The subjects of those mails.
    pub fn subjects(&self) -> Vec<String> {
        self.mails().iter().map(Mail::subject).collect()
    }

    /// The path of the link in the latest confirmation mail.
    pub fn confirmation_link(&self) -> String {
        let mails = self.all_mails();
        let question = mails.iter().rev().find(|mail| mail.header("List-Unsubscribe").is_none());
        let text = question.expect("a confirmation mail").text();
        let link = text.split_whitespace().find(|word| word.contains("/confirm/")).expect("a link in the mail");
        link.strip_prefix(&self.village.dorf.base).expect("a link to this server").to_owned()
    }

    /// The path of the unsubscribe link of the latest news mail.
    pub fn unsubscribe_link(&self) -> String {
        let mail = self.mails().pop().expect("a news mail");
        let link = mail.raw_header("List-Unsubscribe").expect("a List-Unsubscribe header");
        let link = link.split_whitespace().collect::<String>();
        let link = link.trim_matches(['<', '>']).strip_prefix(&self.village.dorf.base);
        link.expect("a link to this server").to_owned()
    }

    /// The resident's browser.
    pub fn device(&self) -> &DeviceHandle {
        self.device.as_ref().expect("a browser")
    }

    /// The titles of the pushes it has shown.
    pub fn pushes(&self) -> Vec<String> {
        self.device().titles()
    }
}
