//! The state machine of posts: the picture is the table of the program, and every step in every state is walked as everybody.

use crate::house::{asked_to_update, read, top};
use crate::joint_posts::Mayor;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::kit::{Backend, Dorf, Post, VillageKit, alert, club, event, news, notice};
use tests::stories;

/// A text with what stands between two marks replaced.
fn replaced(text: &str, mark: &str, new: &str) -> String {
    let (start, end) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    let (before, rest) = text.split_once(&start).expect("the beginning of the mark");
    let (_, after) = rest.split_once(&end).expect("the end of the mark");
    format!("{before}{start}{new}{end}{after}")
}

#[test]
fn the_picture_of_a_posts_life_is_what_the_program_does() {
    let text = read("docs/post-life.md");
    let picture = format!("```mermaid\n{}```\n", api::post_life_picture());
    let made = replaced(&replaced(&text, "picture", &picture), "table", &api::post_life_table());
    if asked_to_update("UPDATE_DOCS") {
        std::fs::write(top().join("docs/post-life.md"), &made).expect("the page can be written");
    }
    assert!(
        made == read("docs/post-life.md"),
        "docs/post-life.md is old: UPDATE_DOCS=1 cargo test --workspace post_life"
    );
}

/// States by their number in the database.
const STATES: [(&str, i16); 9] = [
    ("draft", 0),
    ("published", 1),
    ("withdrawn", 2),
    ("in_review", 3),
    ("returned", 4),
    ("approved", 5),
    ("scheduled", 6),
    ("expired", 7),
    ("hidden", 8),
];

/// The steps that people take.
const STEPS: [&str; 16] = [
    "change",
    "redate",
    "revise",
    "delete",
    "submit",
    "recall",
    "return",
    "approve",
    "schedule",
    "unschedule",
    "publish",
    "announce",
    "all_clear",
    "withdraw",
    "hide",
    "show",
];

/// Step and state to where it leads and who may.
type Table = BTreeMap<(String, String), Vec<(String, Vec<String>)>>;

/// The committed table.
fn documented() -> Table {
    let page = read("docs/post-life.md");
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| step"));
    let mut table = Table::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let who: Vec<String> =
            cells[3].replace("editor, of their own", "own editor").split(", ").map(str::to_owned).collect();
        for state in cells[1].split(", ") {
            let key = (cells[0].to_owned(), state.to_owned());
            table.entry(key).or_default().push((cells[2].to_owned(), who.clone()));
        }
    }
    table
}

/// One who walks, and the post that is walked.
struct Walker {
    actor: &'static str,
    token: String,
    draft: Value,
    /// Who saves the post.
    author: String,
    post: String,
}

impl Walker {
    async fn saves(&mut self, village: &VillageKit<'_>) {
        let saved = village.staff("POST", "/posts").bearer(&self.author).json(&self.draft).send().await;
        self.post = saved.expect(201).str("id");
    }
}

async fn walkers(village: &VillageKit<'_>) -> Vec<Walker> {
    let (_, ida) = village.staffed("ida", json!({"role": "contributor"})).await;
    let reviewed = club(village, "gesangverein", "reviewed").await;
    let trusted = club(village, "feuerwehr", "trusted").await;
    let walker = |actor, token: &str, author: &str, draft: Value| Walker {
        actor,
        token: token.to_owned(),
        author: author.to_owned(),
        draft,
        post: String::new(),
    };
    let mut walkers = vec![
        walker("contributor", &ida, &ida, event("Von Ida", "2026-12-01T15:00").0),
        walker("editor", &village.editor, &ida, alert("Ida warnt").0),
        walker("own editor", &village.editor, &village.editor, alert("Aus dem Rathaus").0),
        walker("club", &reviewed, &reviewed, event("Chorprobe", "2026-12-01T15:00").0),
        walker("trusted club", &trusted, &trusted, event("Übung", "2026-12-01T15:00").0),
    ];
    for walker in &mut walkers {
        walker.saves(village).await;
    }
    let mut host = walker("host", &village.editor, &village.editor, news("Für alle Dörfer").0);
    host.post = joint_copy(village, &host.draft).await;
    walkers.push(host);
    walkers
}

/// The village's copy of what the municipality has published.
async fn joint_copy(village: &VillageKit<'_>, draft: &Value) -> String {
    let dorf = village.dorf;
    let mayor = Mayor::of(dorf).await;
    let joint = mayor.publishes(tests::kit::Draft(draft.clone())).await;
    dorf.work_off().await;
    mayor.copy(&joint, village).await.id
}

async fn take(village: &VillageKit<'_>, token: &str, post: &str, step: &str) -> tests::kit::Reply {
    let path = format!("/posts/{post}");
    let ask = match step {
        "change" => village.staff("PATCH", &path).json(&json!({"body_markdown": format!("{}", uuid::Uuid::now_v7())})),
        "redate" => {
            let off = json!({"date": "2026-12-01T15:00", "state": "cancelled"});
            village.staff("POST", &format!("{path}/dates")).json(&off)
        }
        "revise" => {
            let text = json!({"body_markdown": format!("{}", uuid::Uuid::now_v7())});
            village.staff("PUT", &format!("{path}/revision")).json(&text)
        }
        "delete" => village.staff("DELETE", &path),
        "return" => village.staff("POST", &format!("{path}/return")).json(&json!({"comment": "Wann denn?"})),
        "schedule" => {
            village.staff("POST", &format!("{path}/schedule")).json(&json!({"publish_at_local": "2026-12-01T09:00"}))
        }
        "all_clear" => village.staff("POST", &format!("{path}/all-clear")),
        step => village.staff("POST", &format!("{path}/{step}")),
    };
    let key = uuid::Uuid::now_v7().to_string();
    ask.bearer(token).header("if-match", "\"1\"").header("idempotency-key", &key).send().await
}

stories! {
    async fn every_step_is_walked_in_every_state_as_everybody_and_every_other_is_refused(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let table = documented();
        let (mut taken, mut refused) = (0, 0);
        for mut walker in walkers(&village).await {
            let ever = |step: &str| {
                table.iter().any(|((it, _), edges)| it == step && edges.iter().any(|(_, who)| who.iter().any(|who| who == walker.actor)))
            };
            let never: Vec<&str> = STEPS.into_iter().filter(|step| !ever(step)).collect();
            for (state, number) in STATES {
                let mut may = Vec::new();
                for step in STEPS {
                    let set = format!("UPDATE post SET state = {number}, version = 1, cleared_at = NULL, expires_at = NULL WHERE title = '{}'", walker.draft["title"].as_str().expect("a title"));
                    dorf.database.change(&set).await.expect("the state can be set");
                    let reply = take(&village, &walker.token, &walker.post, step).await;
                    let name = format!("{step} in {state} as {}: {} {}", walker.actor, reply.status, reply.text());
                    let edges = table.get(&(step.to_owned(), state.to_owned())).cloned().unwrap_or_default();
                    let edge = edges.iter().find(|(_, who)| who.iter().any(|who| who == walker.actor));
                    match edge {
                        Some(_) if step == "redate" && walker.draft["event"].is_null() => {
                            refused += 1;
                            reply.problem(409, "conflict");
                        }
                        Some((to, _)) => {
                            taken += 1;
                            may.push(step);
                            if step == "delete" {
                                assert_eq!(reply.status, 204, "{name}");
                                walker.saves(&village).await;
                                continue;
                            }
                            assert_eq!(reply.status, 200, "{name}");
                            if step == "revise" {
                                assert_eq!(reply.str("state"), "handed_in", "{name}");
                                continue;
                            }
                            let to = if to == "the same" { state } else { to };
                            assert_eq!(reply.str("state"), to, "{name}");
                        }
                        None => {
                            refused += 1;
                            let others_may = !edges.is_empty() || never.contains(&step);
                            let is_reviewed = ["contributor", "club"].contains(&walker.actor)
                                && ["change", "redate", "schedule", "unschedule", "publish", "approve"].contains(&step);
                            let kind = if is_reviewed { "needs-review" } else { "forbidden" };
                            let (status, kind) = if others_may { (403, kind) } else { (409, "conflict") };
                            assert!(reply.get("detail").is_string(), "{name}");
                            assert_eq!(reply.status, status, "{name}");
                            reply.problem(status, kind);
                            let path = format!("/posts/{}", walker.post);
                            let now = village.staff("GET", &path).bearer(&walker.token).send().await.expect(200);
                            assert_eq!((now.str("state"), now.get("version")), (state.to_owned(), json!(1)), "{name}");
                        }
                    }
                }
                let set = format!("UPDATE post SET state = {number}, version = 1, cleared_at = NULL, expires_at = NULL WHERE title = '{}'", walker.draft["title"].as_str().expect("a title"));
                dorf.database.change(&set).await.expect("the state can be set");
                let path = format!("/posts/{}", walker.post);
                let now = village.staff("GET", &path).bearer(&walker.token).send().await.expect(200);
                assert_eq!(now.get("steps"), json!(may), "{state} as {}", walker.actor);
            }
        }
        println!("{on:?}: {taken} steps were taken, {refused} were refused");
        assert_eq!(taken + refused, 6 * 9 * 16);
    }

    async fn a_club_hands_in_is_returned_corrects_and_is_approved(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let chor = club(&village, "gesangverein", "reviewed").await;
        let editor = village.editor();
        let as_club = async |post: &Post, step: &str| {
            village.staff("POST", &format!("/posts/{}/{step}", post.id)).bearer(&chor).header("if-match", &post.etag).send().await
        };
        let saved = village.staff("POST", "/posts").bearer(&chor).json(&notice("Chorprobe").0).send().await.expect(201);
        let draft = Post::of(&saved);
        as_club(&draft, "publish").await.problem(403, "needs-review");
        let handed = Post::of(&as_club(&draft, "submit").await.expect(200));
        as_club(&handed, "approve").await.problem(403, "needs-review");
        let bare = editor.ask("POST", &format!("/posts/{}/return", handed.id)).header("if-match", &handed.etag);
        let bare = bare.json(&json!({"comment": "  "})).send().await;
        assert_eq!(bare.problem(422, "unprocessable"), ["/comment"]);
        let back = editor.ask("POST", &format!("/posts/{}/return", handed.id)).header("if-match", &handed.etag);
        let returned = Post::of(&back.json(&json!({"comment": "Wann und wo?"})).send().await.expect(200));
        let mended = village.staff("PATCH", &format!("/posts/{}", returned.id)).bearer(&chor).header("if-match", &returned.etag);
        let mended = Post::of(&mended.json(&json!({"body_markdown": "Freitag, 20 Uhr, Schule"})).send().await.expect(200));
        let again = Post::of(&as_club(&mended, "submit").await.expect(200));
        let approved = Post::of(&editor.step(&again, "approve").await.expect(200));
        dorf.work_off().await;
        assert!(anna.pushes().is_empty() && village.feed().await.titles().is_empty(), "nothing goes out by being approved");
        editor.step(&approved, "publish").await.expect(200);
        dorf.work_off().await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Verein gesangverein: Chorprobe"]);
        let told: Vec<String> = village.audit().await.iter().take(7).rev().map(|line| line["action"].as_str().unwrap_or("").to_owned()).collect();
        let expected = ["created", "submitted", "returned", "changed", "submitted", "approved", "published"];
        assert_eq!(told, expected.map(|action| format!("post.{action}")));
    }

    async fn what_was_approved_and_is_changed_by_its_author_is_reviewed_again(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let (_, ida) = village.staffed("ida", json!({"role": "contributor"})).await;
        let editor = village.editor();
        let saved = village.staff("POST", "/posts").bearer(&ida).json(&news("Harmlos").0).send().await.expect(201);
        let submit = village.staff("POST", &format!("/posts/{}/submit", saved.str("id"))).bearer(&ida).header("if-match", "\"1\"");
        let handed = Post::of(&submit.send().await.expect(200));
        let approved = Post::of(&editor.step(&handed, "approve").await.expect(200));
        let schedule = editor.ask("POST", &format!("/posts/{}/schedule", approved.id)).header("if-match", &approved.etag);
        let planned = Post::of(&schedule.json(&json!({"publish_at_local": "2026-11-23T09:00"})).send().await.expect(200));
        let change = village.staff("PATCH", &format!("/posts/{}", planned.id)).bearer(&ida).header("if-match", &planned.etag);
        let changed = change.json(&json!({"title": "Nicht harmlos"})).send().await.expect(200);
        assert_eq!(changed.str("state"), "in_review");
        assert!(changed.get("publish_at").is_null(), "{}", changed.text());
        dorf.wait(chrono::TimeDelta::days(2));
        dorf.work_off().await;
        assert!(village.feed().await.titles().is_empty());
        village.staff("GET", &format!("/posts/{}/deliveries", planned.id)).bearer(&editor_again(&dorf).await).send().await.expect(200);
    }

    async fn two_approvals_at_once_are_one(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let (_, ida) = village.staffed("ida", json!({"role": "contributor"})).await;
        let saved = village.staff("POST", "/posts").bearer(&ida).json(&news("Einmal").0).send().await.expect(201);
        let submit = village.staff("POST", &format!("/posts/{}/submit", saved.str("id"))).bearer(&ida).header("if-match", "\"1\"");
        let handed = Post::of(&submit.send().await.expect(200));
        let tokens = [&village.editor, &village.admin, &village.editor, &village.admin];
        let replies = futures_util::future::join_all(tokens.map(|token| {
            let ask = village.staff("POST", &format!("/posts/{}/approve", handed.id)).bearer(token);
            ask.header("if-match", &handed.etag).send()
        })).await;
        assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
        for slower in replies.iter().filter(|reply| reply.status != 200) {
            slower.problem(412, "precondition-failed");
        }
        let lines = village.audit().await.into_iter().filter(|line| line["action"] == "post.approved").count();
        assert_eq!(lines, 1);
    }

    async fn what_is_loud_needs_the_right_and_is_never_a_clubs(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let (_, ida) = village.staffed("ida", json!({"role": "contributor"})).await;
        let feuerwehr = club(&village, "feuerwehr", "trusted").await;
        let loud = [(alert("Brand").0, "/kind"), (notice("Übung").with("delivery", json!("urgent")).0, "/delivery")];
        for (draft, pointer) in loud {
            let reply = village.staff("POST", "/posts").bearer(&feuerwehr).json(&draft).send().await;
            assert!(reply.problem(422, "unprocessable").contains(&pointer.to_owned()), "{}", reply.text());
            let saved = village.staff("POST", "/posts").bearer(&ida).json(&draft).send().await.expect(201);
            let step = async |token: &str, step: &str, etag: &str| {
                let ask = village.staff("POST", &format!("/posts/{}/{step}", saved.str("id"))).bearer(token);
                ask.header("if-match", etag).send().await
            };
            let handed = Post::of(&step(&ida, "submit", "\"1\"").await.expect(200));
            step(&village.admin, "approve", &handed.etag).await.problem(403, "forbidden");
            let approved = Post::of(&step(&village.editor, "approve", &handed.etag).await.expect(200));
            step(&village.admin, "publish", &approved.etag).await.problem(403, "forbidden");
            step(&village.editor, "publish", &approved.etag).await.expect(200);
        }
    }
}

/// The editor, logged in anew after days.
async fn editor_again(dorf: &Dorf) -> String {
    dorf.log_in("editor@luedenhausen.example").await
}
