//! The stranger test: every operation of `openapi.yaml`, found from the file, is called by nobody, by each role of another
//! village, by each role of this one, and by the rightful caller with another village's ids. What came of it is the
//! committed table `permissions.md`; an operation that is not in it fails. `UPDATE_PERMISSIONS=1` writes the table anew.

mod asking;
mod things;

use asking::{ITEMS, body, club_version, in_form, item, needed_query, version};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::path::PathBuf;
use tests::kit::{Backend, Dorf, OPERATOR, Reply, VillageKit};
use tests::stories;
use things::{Kept, Things, municipality_editor, things};

/// Who calls.
const CALLERS: [&str; 15] = [
    "nobody",
    "stale token",
    "stranger resident",
    "stranger editor",
    "stranger admin",
    "stranger club manager",
    "resident",
    "club author",
    "club manager",
    "contributor",
    "municipality editor",
    "editor",
    "admin",
    "operator",
    "rightful, foreign id",
];

/// An operation of the contract.
struct Operation {
    id: String,
    method: String,
    path: String,
}

fn operations() -> Vec<Operation> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../openapi.yaml");
    let text = std::fs::read_to_string(file).expect("openapi.yaml");
    let contract: serde_yaml_ng::Value = serde_yaml_ng::from_str(&text).expect("YAML");
    let mut found = Vec::new();
    for (path, operations) in contract["paths"].as_mapping().expect("paths") {
        for (method, operation) in operations.as_mapping().expect("operations") {
            found.push(Operation {
                id: operation["operationId"].as_str().expect("an id").to_owned(),
                method: method.as_str().expect("a method").to_uppercase(),
                path: path.as_str().expect("a path").to_owned(),
            });
        }
    }
    found
}

/// Whether a call that succeeded has left the clubs other than they were.
fn spoils_clubs(operation: &Operation, caller: &str) -> bool {
    let harmless = ["create_club", "apply_for_club", "invite_to_club"].contains(&operation.id.as_str());
    let own_log_in = ["/v1/admin/me", "/v1/admin/logout"].iter().any(|path| operation.path.starts_with(path));
    (operation.path.contains("club") && !harmless) || (caller.contains("club") && own_log_in)
}

/// Whether a call that succeeded has left the accounts other than they were.
fn spoils_staff(operation: &Operation) -> bool {
    let content = [
        "/posts",
        "/post-templates",
        "/topics",
        "/media",
        "/reports",
        "/waste",
        "/calendar-sources",
        "/event-imports",
        "/subscriptions",
        "/clubs",
    ];
    !content.iter().any(|part| operation.path.contains(part))
}

/// A further log-in of an account.
async fn new_session(dorf: &Dorf, email: &str) -> String {
    let token = dorf.log_in(email).await;
    let list = dorf.ask("GET", "/v1/admin/me/sessions").bearer(&token).send().await.expect(200).json();
    let items = list["items"].as_array().expect("log-ins");
    let current = items.iter().find(|one| one["current"] == true).expect("the current one");
    current["session"].as_str().expect("an id").to_owned()
}

struct Scene<'a> {
    dorf: &'a Dorf,
    here: &'a VillageKit<'a>,
    elsewhere: &'a VillageKit<'a>,
    tokens: HashMap<String, String>,
    things: Option<(Things, Things)>,
    kept: (Kept, Kept),
    n: usize,
}

impl Scene<'_> {
    /// One call, on things that no call has changed before.
    async fn call(&mut self, operation: &Operation, caller: &str) -> Reply {
        self.n += 1;
        let (mut mine, mut foreign) = match self.things.take() {
            Some(things) => things,
            None => {
                let (mine, foreign) = std::mem::take(&mut self.kept);
                (things(self.here, self.n, mine).await, things(self.elsewhere, self.n, foreign).await)
            }
        };
        if operation.path.contains("{session}") {
            mine.session = new_session(self.dorf, "admin@here.example").await;
            foreign.session = new_session(self.dorf, "admin@elsewhere.example").await;
        }
        let target = if caller == "rightful, foreign id" { &foreign } else { &mine };
        let path = operation.path.replace("/members/{account}", &format!("/members/{}", target.clubs.member));
        let path = path.replace("{invitation}", &target.clubs.invitation);
        let path = ITEMS.iter().fold(self.here(&path).await, |path, name| path.replace(name, item(operation, target)));
        let token = self.token(operation, caller, &mine, &foreign).await;
        let path = path.replace("{version}", "1") + needed_query(&operation.id);
        let mut ask = in_form(self.dorf.ask(&operation.method, &path), operation);
        if let Some(token) = token {
            ask = ask.bearer(&token);
        }
        if let Some(etag) = version(operation, target).or_else(|| club_version(operation)) {
            ask = ask.header("if-match", etag);
        }
        if let Some(mut body) = body(&operation.id, target, self.n) {
            if operation.id == "create_village" {
                body["municipality"] = json!(self.dorf.municipality().await);
            }
            ask = ask.json(&body);
        }
        let lines = self.audit_lines().await;
        let reply = ask.send().await;
        let inside = operation.path.contains("/admin/villages/") || operation.path.contains("/operator/villages/{");
        let deed = inside && !operation.id.starts_with("preview_");
        if deed && operation.method != "GET" && reply.status < 300 {
            assert!(self.audit_lines().await > lines, "{} as {caller} left no line in the audit log", operation.id);
        }
        if operation.method == "GET" || reply.status >= 400 {
            self.things = Some((mine, foreign));
        } else {
            let keep = |things: Things| Kept {
                staff: Some(things.staff).filter(|_| !spoils_staff(operation)),
                clubs: Some(things.clubs).filter(|_| !spoils_clubs(operation, caller)),
            };
            self.kept = (keep(mine), keep(foreign));
        }
        reply
    }

    /// A path about the village here and its municipality.
    async fn here(&self, path: &str) -> String {
        path.replace("{village}", &self.here.slug).replace("{municipality}", self.dorf.municipality().await)
    }

    /// How many lines the audit log of the village here has.
    async fn audit_lines(&self) -> i64 {
        let latest = self.here.staff("GET", "/audit?limit=1").bearer(&self.here.admin).send().await.expect(200);
        latest.json()["items"][0]["number"].as_i64().unwrap_or(0)
    }

    /// For what ends all other log-ins of an account: the one that the things are made with.
    async fn kept_log_in(&mut self, email: &str) -> String {
        self.tokens.remove(email);
        match email {
            "editor@elsewhere.example" => self.elsewhere.editor.clone(),
            "admin@elsewhere.example" => self.elsewhere.admin.clone(),
            "editor@here.example" => self.here.editor.clone(),
            "admin@here.example" => self.here.admin.clone(),
            _ => self.dorf.operator().await.to_owned(),
        }
    }

    /// Logged in anew for log_out, which ends the log-in.
    async fn log_in(&mut self, email: &str, operation: &Operation) -> String {
        if operation.id == "log_out" || !self.tokens.contains_key(email) {
            self.tokens.insert(email.to_owned(), self.dorf.log_in(email).await);
        }
        match operation.id.as_str() {
            "log_out" => self.tokens.remove(email).expect("just logged in"),
            _ => self.tokens[email].clone(),
        }
    }

    async fn token(&mut self, operation: &Operation, caller: &str, mine: &Things, foreign: &Things) -> Option<String> {
        let rightful = if operation.path.contains("/joint-posts") {
            "mayor@kalletal.example"
        } else if operation.path.contains("/operator/") {
            OPERATOR
        } else {
            "admin@here.example"
        };
        let email = match caller {
            "nobody" => return None,
            "stale token" => return Some(self.stale().await),
            "stranger resident" => return Some(foreign.secret.clone()),
            "stranger club manager" => return Some(foreign.clubs.manager.clone()),
            "club manager" => return Some(mine.clubs.manager.clone()),
            "club author" => return Some(mine.clubs.author.clone()),
            "resident" if operation.id == "get_report" => return Some(mine.report_secret.clone()),
            "resident" => return Some(mine.secret.clone()),
            _ if caller.starts_with("rightful") && operation.path.contains("{subscription}") => {
                return Some(mine.secret.clone());
            }
            _ if caller.starts_with("rightful") && operation.id == "get_report" => {
                return Some(mine.report_secret.clone());
            }
            "stranger editor" => "editor@elsewhere.example",
            "stranger admin" => "admin@elsewhere.example",
            "contributor" => "contributor@here.example",
            "municipality editor" => "mayor@kalletal.example",
            "editor" => "editor@here.example",
            "admin" => "admin@here.example",
            "operator" => OPERATOR,
            _ => rightful,
        };
        if ["change_password", "end_other_sessions"].contains(&operation.id.as_str()) {
            return Some(self.kept_log_in(email).await);
        }
        Some(self.log_in(email, operation).await)
    }

    /// The token of a log-in that has ended.
    async fn stale(&mut self) -> String {
        if !self.tokens.contains_key("stale") {
            let token = self.dorf.log_in("editor@here.example").await;
            self.dorf.ask("POST", "/v1/admin/logout").bearer(&token).send().await.expect(204);
            self.tokens.insert("stale".to_owned(), token);
        }
        self.tokens["stale"].clone()
    }
}

/// Pages behind links: they say that a link is good no more, whatever is wrong with it.
const PAGES: [&str; 3] = ["/confirm/{token}", "/club-invitations/{token}", "/club-applications/{token}"];

/// What the table says a caller must never get.
fn check(operation: &Operation, caller: &str, reply: &Reply) {
    let name = format!("{} as {caller}: {}", operation.id, reply.text());
    assert!(reply.status < 500, "{name}");
    assert!(reply.status != 403 || reply.json()["detail"].is_string(), "a bare refusal: {name}");
    let staff = operation.path.contains("/admin/villages/");
    if staff && caller.starts_with("stranger") {
        assert!([401, 404].contains(&reply.status), "{name}");
    }
    if staff && ["nobody", "stale token", "resident"].contains(&caller) {
        assert_eq!(reply.status, 401, "{name}");
    }
    if operation.path.contains("/operator/") && caller != "operator" && caller != "rightful, foreign id" {
        assert!([401, 403].contains(&reply.status), "{name}");
    }
    if caller == "rightful, foreign id"
        && operation.path.matches('{').count() == 2
        && !PAGES.iter().any(|page| operation.path.contains(page))
    {
        assert_eq!(reply.status, 404, "{name}");
    }
}

fn table(results: &BTreeMap<String, Vec<u16>>) -> String {
    let mut table = String::from(
        "# Permissions\n\nWhat each caller gets from each operation of `openapi.yaml`, as the stranger test found it.\n\
         401 we do not know you; 403 we know you here and your role may not; 404 there is no such thing here.\n\n",
    );
    writeln!(table, "| operation | {} |", CALLERS.join(" | ")).expect("text");
    writeln!(table, "|---{}|", "|---".repeat(CALLERS.len())).expect("text");
    for (operation, statuses) in results {
        let statuses: Vec<String> = statuses.iter().map(u16::to_string).collect();
        writeln!(table, "| `{operation}` | {} |", statuses.join(" | ")).expect("text");
    }
    let calls = results.len() * CALLERS.len();
    writeln!(table, "\n{} operations, {} callers, {calls} calls.", results.len(), CALLERS.len()).expect("text");
    table
}

stories! {
    async fn every_operation_answers_every_caller_as_the_table_says(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, elsewhere) = (dorf.village("here").await, dorf.village("elsewhere").await);
        here.staffed("contributor", json!({"role": "contributor"})).await;
        let mayor = municipality_editor(&dorf, "mayor@kalletal.example").await;
        here.may_alert(&mayor).await;
        let mut scene = Scene { dorf: &dorf, here: &here, elsewhere: &elsewhere, tokens: HashMap::new(), things: None, kept: Default::default(), n: 0 };
        let mut results = BTreeMap::new();
        for operation in operations() {
            let mut statuses = Vec::new();
            for caller in CALLERS {
                let reply = scene.call(&operation, caller).await;
                check(&operation, caller, &reply);
                statuses.push(reply.status);
            }
            results.insert(operation.id, statuses);
        }
        let found = table(&results);
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("stories/permissions.md");
        if crate::house::asked_to_update("UPDATE_PERMISSIONS") {
            std::fs::write(&file, &found).expect("the table can be written");
        }
        let committed = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(committed == found, "tests/stories/permissions.md is not what was found:\n{found}");
    }
}
