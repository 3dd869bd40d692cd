//! The stranger test: every operation of `openapi.yaml`, found from the file, is called by nobody, by each role of another
//! village, by each role of this one, and by the rightful caller with another village's ids. What came of it is the
//! committed table `permissions.md`; an operation that is not in it fails. `UPDATE_PERMISSIONS=1` writes the table anew.

use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::path::PathBuf;
use tests::kit::clubs::{ClubKit, link_in_mail_to, token_of};
use tests::kit::{
    Ask, Backend, Dorf, File, OPERATOR, PASSWORD, Post, Reply, VillageKit, event, ics, news, vevent, waste_calendar,
};
use tests::stories;

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

/// A village with one of everything in it, fresh for each call so that no call spoils the next.
struct Things {
    draft: Post,
    in_review: Post,
    planned: Post,
    template: String,
    public: Post,
    staff: Staff,
    topic: String,
    report: String,
    report_secret: String,
    image: String,
    image_name: String,
    subscription: String,
    secret: String,
    unsubscribe: String,
    confirm: String,
    api_key: String,
    clubs: Clubs,
    waste: Waste,
    joint: Post,
    joint_public: Post,
    joint_copy: Post,
    joint_hidden: Post,
    /// A calendar that events come from, and an import of it.
    calendar: (String, String),
    /// Made for each call that needs one: an account has only so many.
    session: String,
}

/// Accounts of the town hall, and what is in their mails.
struct Staff {
    account: String,
    admin: String,
    municipality_editor: String,
    /// A log-in of that editor.
    mayor: String,
    reset: String,
    email_change: String,
}

/// What no call has changed yet, of the village here and elsewhere: making it takes long.
#[derive(Default)]
struct Kept {
    staff: Option<Staff>,
    clubs: Option<Clubs>,
}

/// Clubs in every state that an operation needs, and who runs them.
struct Clubs {
    active: String,
    applied: String,
    off: String,
    manager: String,
    author: String,
    member: String,
    invitation: String,
    invitation_link: String,
    application_link: String,
}

async fn clubs(village: &VillageKit<'_>, n: usize) -> Clubs {
    let active = ClubKit::entered(village, &format!("chor-{}-{n}", village.slug)).await;
    let name = |person: &str| format!("{person}{n}");
    let people =
        [("clara", "club_manager"), ("doris", "club_manager"), ("anton", "club_author"), ("neu", "club_author")];
    for (person, role) in people {
        let body = json!({"email": active.address(&name(person)), "role": role});
        active.ask("POST", "/invitations", &village.editor).json(&body).send().await.expect(201);
    }
    let (applied, asking) = (applies(village, n, 0).await, applies(village, n, 1).await);
    // All the mails at once: one after the other they would take most of the test's time.
    village.dorf.work_off().await;
    for (person, _) in &people[..3] {
        active.accepts(&active.link_to(&name(person)), person).await.expect(204);
    }
    let token = |address: &str| token_of(&link_in_mail_to(village, address)).to_owned();
    let confirm = json!({"token": token(&applied.0)});
    village.ask("POST", "/club-applications/confirm").json(&confirm).send().await.expect(204);
    let members = active.ask("GET", "/members", &village.editor).send().await.expect(200).json();
    let waiting = active.ask("GET", "/invitations", &village.editor).send().await.expect(200).json();
    let off = ClubKit::entered(village, &format!("aus-{}-{n}", village.slug)).await;
    off.decides("POST", "switch-off", Some(json!({"reason": "Aufgelöst."}))).await.expect(200);
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    Clubs {
        member: text(&members["items"].as_array().and_then(|all| all.last()).expect("a member")["account"]),
        invitation: text(&waiting["items"][0]["id"]),
        invitation_link: token_of(&active.link_to(&name("neu"))).to_owned(),
        applied: applied.1,
        application_link: token(&asking.0),
        manager: village.dorf.log_in(&active.address(&name("clara"))).await,
        author: village.dorf.log_in(&active.address(&name("anton"))).await,
        active: active.slug,
        off: off.slug,
    }
}

/// An application; gives its address and the slug that the club will have.
async fn applies(village: &VillageKit<'_>, n: usize, m: usize) -> (String, String) {
    let address = format!("antrag{n}-{m}@{}.example", village.slug);
    let name = format!("Antrag {} {n} {m}", village.slug);
    let body = json!({"name": name, "category": "other", "contact_name": "Dieter", "contact_email": address});
    village.ask("POST", "/club-applications").json(&body).send().await.expect(202);
    (address, format!("antrag-{}-{n}-{m}", village.slug))
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

async fn staff(village: &VillageKit<'_>, n: usize) -> Staff {
    let address = format!("extra{n}@{}.example", village.slug);
    let person = json!({"email": address, "name": "Extra", "password": PASSWORD});
    let account = village.staff("POST", "/editors").bearer(&village.admin).json(&person).send().await.expect(201);
    let admin = second_admin(village, &format!("second{n}@{}.example", village.slug)).await;
    let mayor = format!("mayor{n}@kalletal.example");
    let (municipality_editor, mayor) = match village.slug.as_str() {
        "here" => (municipality_editor(village.dorf, &mayor).await, village.dorf.log_in(&mayor).await),
        _ => (account.str("account"), String::new()),
    };
    let new_address = format!("umzug{n}@{}.example", village.slug);
    ask_for_links(village, &address, &new_address).await;
    village.dorf.work_off().await;
    Staff {
        account: account.str("account"),
        admin,
        municipality_editor,
        mayor,
        reset: link_in_mail(village.dorf, &address),
        email_change: link_in_mail(village.dorf, &new_address),
    }
}

async fn things(village: &VillageKit<'_>, n: usize, kept: Kept) -> Things {
    let editor = village.editor();
    let topic = format!("topic-{}-{n}", village.slug);
    let followed = format!("followed-{n}");
    topics(village, [&topic, &followed]).await;
    let draft = editor.drafts(event("Entwurf", "2027-01-05T15:00")).await;
    let (in_review, planned, template) = at_the_desk(village, &draft).await;
    let image = editor.image(File::png(2, 2, 255)).await;
    let public = event("Öffentlich", "2026-12-06T15:00").with("media", json!([image["id"]]));
    let public = editor.publishes(public).await;
    let reports = format!("/posts/{}/reports", public.id);
    let report = village.ask("POST", &reports).json(&json!({"reason": "wrong"})).send().await.expect(201);
    let asking = village.resident(&format!("frage{n}")).asks_by_mail().await;
    let resident = village.resident(&format!("abo{n}")).follows(&followed).by_mail().await;
    let confirm = asking.confirmation_link();
    let api_key = only_api_key(village).await;
    let staff = match kept.staff {
        Some(staff) => staff,
        None => staff(village, n).await,
    };
    let clubs = match kept.clubs {
        Some(clubs) => clubs,
        None => clubs(village, n).await,
    };
    let [joint, joint_public, joint_copy, joint_hidden] = joint_posts(village, &staff.mayor).await;
    editor.publishes(news("Noch eins").on(&followed)).await;
    village.dorf.work_off().await;
    let last = |link: String| link.rsplit('/').next().expect("a token").to_owned();
    let text = |member: &str| image[member].as_str().expect("a text").to_owned();
    Things {
        draft,
        in_review,
        planned,
        template,
        public,
        staff,
        topic,
        report: report.str("id"),
        report_secret: report.str("secret"),
        image: text("id"),
        image_name: last(text("url")),
        unsubscribe: last(resident.unsubscribe_link()),
        subscription: resident.subscription,
        secret: resident.secret,
        confirm: last(confirm),
        joint,
        joint_public,
        joint_copy,
        joint_hidden,
        api_key: api_key.json()["key"]["id"].as_str().expect("an id").to_owned(),
        clubs,
        waste: waste(village, n).await,
        calendar: events(village, n).await,
        session: String::new(),
    }
}

async fn topics(village: &VillageKit<'_>, slugs: [&str; 2]) {
    for slug in slugs {
        let body = json!({"slug": slug, "name": "Rubrik"});
        village.staff("POST", "/topics").bearer(&village.admin).json(&body).send().await.expect(201);
    }
}

/// What there is about waste.
struct Waste {
    district: String,
    kind: Post,
    import: String,
}

/// A waste district with a date, its kind, and the import it came from.
async fn waste(village: &VillageKit<'_>, n: usize) -> Waste {
    let district = format!("bezirk-{}-{n}", village.slug);
    village.waste_district(&district).await;
    let path = format!("/waste/districts/{district}/imports");
    let ask = village.staff("POST", &path).bearer(&village.editor).header("content-type", "text/calendar");
    let import = ask.bytes(waste_calendar(&[("20261201", "Biotonne")])).send().await.expect(201);
    let source = village.staff("PUT", &format!("/waste/districts/{district}/source")).bearer(&village.editor);
    source.json(&json!({"url": "https://localhost/ahornweg.ics"})).send().await.expect(200);
    let kinds = village.staff("GET", "/waste/kinds").bearer(&village.editor).send().await.expect(200).json();
    let kind = &kinds["items"][0];
    let id = kind["id"].as_str().expect("an id").to_owned();
    Waste { district, kind: Post { id, etag: format!("\"{}\"", kind["version"]) }, import: import.str("id") }
}

/// A calendar that events come from, in place of those before, and an import of it.
async fn events(village: &VillageKit<'_>, n: usize) -> (String, String) {
    let there = village.staff("GET", "/calendar-sources").bearer(&village.editor).send().await.expect(200).json();
    for calendar in there["items"].as_array().expect("calendars") {
        let path = format!("/calendar-sources/{}", calendar["id"].as_str().expect("an id"));
        let delete = village.staff("DELETE", &path).bearer(&village.editor);
        delete.header("if-match", &format!("\"{}\"", calendar["version"])).send().await.expect(204);
    }
    let calendar = village.event_calendar(&village.editor, json!({"name": "Termine"})).await;
    let event = ics(&[vevent(&format!("UID:{n}|SUMMARY:Fest|DTSTART;VALUE=DATE:20261212"))]);
    let import = village.uploads(&village.editor, &calendar, event).await.expect(201).str("id");
    (calendar, import)
}

/// A further admin of the village; gives the account.
async fn second_admin(village: &VillageKit<'_>, email: &str) -> String {
    let admins = format!("/v1/operator/villages/{}/admins", village.slug);
    let person = json!({"email": email, "name": "Zweite", "password": PASSWORD});
    let ask = village.dorf.ask("POST", &admins).bearer(village.dorf.operator().await);
    ask.json(&person).send().await.expect(201).str("account")
}

/// Somebody new who edits in all villages of the municipality; gives the account.
async fn municipality_editor(dorf: &Dorf, email: &str) -> String {
    let editors = format!("/v1/operator/municipalities/{}/editors", dorf.municipality().await);
    let person = json!({"email": email, "name": "Gemeinde", "password": PASSWORD});
    dorf.ask("POST", &editors).bearer(dorf.operator().await).json(&person).send().await.expect(201).str("account")
}

/// A post in review, a planned one, and a template.
async fn at_the_desk(village: &VillageKit<'_>, draft: &Post) -> (Post, Post, String) {
    let editor = village.editor();
    let in_review = editor.drafts(news("Eingereicht")).await;
    let in_review = Post::of(&editor.step(&in_review, "submit").await.expect(200));
    let planned = editor.drafts(news("Geplant")).await;
    let schedule = editor.ask("POST", &format!("/posts/{}/schedule", planned.id)).header("if-match", &planned.etag);
    let planned = Post::of(&schedule.json(&json!({"publish_at_local": "2026-12-24T09:00"})).send().await.expect(200));
    (in_review, planned, only_template(village, draft).await)
}

/// A new template, in place of those before: a village has only so many.
async fn only_template(village: &VillageKit<'_>, draft: &Post) -> String {
    let editor = village.editor();
    let templates = editor.ask("GET", "/post-templates").send().await.expect(200).json();
    for old in templates["items"].as_array().expect("templates") {
        let path = format!("/post-templates/{}", old["id"].as_str().expect("an id"));
        editor.ask("DELETE", &path).send().await.expect(204);
    }
    let template = editor.ask("POST", "/post-templates").json(&json!({"name": "Vorlage", "post": draft.id}));
    template.send().await.expect(201).str("id")
}

/// Of the municipality here: a draft, and one that is public; a village's copy of it, and one that is hidden. Elsewhere: nothing.
async fn joint_posts(village: &VillageKit<'_>, token: &str) -> [Post; 4] {
    if village.slug != "here" {
        let nothing = || Post { id: uuid::Uuid::now_v7().to_string(), etag: "\"1\"".to_owned() };
        return [nothing(), nothing(), nothing(), nothing()];
    }
    let dorf = village.dorf;
    let base = format!("/v1/admin/municipalities/{}/joint-posts", dorf.municipality().await);
    let draft = news("Für alle").with("delivery", json!("silent")).with("villages", json!(["here"]));
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(Post::of(&dorf.ask("POST", &base).bearer(token).json(&draft.0).send().await.expect(201)));
    }
    for joint in &mut made[1..] {
        let ask = dorf.ask("POST", &format!("{base}/{}/publish", joint.id)).bearer(token);
        *joint = Post::of(&ask.header("if-match", &joint.etag).send().await.expect(200));
    }
    dorf.work_off().await;
    let mut copies = Vec::new();
    for joint in &made[1..] {
        let read = dorf.ask("GET", &format!("{base}/{}", joint.id)).bearer(token).send().await.expect(200).json();
        let id = read["results"][0]["post"].as_str().expect("a copy").to_owned();
        let copy = village.editor().ask("GET", &format!("/posts/{id}")).send().await.expect(200);
        copies.push(Post { id, etag: copy.header("etag") });
    }
    let hidden = Post::of(&village.editor().step(&copies[1], "hide").await.expect(200));
    [made.remove(0), made.remove(0), copies.remove(0), hidden]
}

/// A new API key, in place of those before: a village has only so many.
async fn only_api_key(village: &VillageKit<'_>) -> Reply {
    let keys = village.staff("GET", "/api-keys").bearer(&village.admin).send().await.expect(200).json();
    for old in keys["items"].as_array().expect("keys") {
        let path = format!("/api-keys/{}", old["id"].as_str().expect("an id"));
        village.staff("DELETE", &path).bearer(&village.admin).send().await.expect(204);
    }
    let body = json!({"name": "Website", "scopes": ["posts:read"], "expires_at": "2027-01-01T00:00:00Z"});
    village.staff("POST", "/api-keys").bearer(&village.admin).json(&body).send().await.expect(201)
}

/// Asks for links to a new password and to a new address.
async fn ask_for_links(village: &VillageKit<'_>, address: &str, new: &str) {
    let dorf = village.dorf;
    dorf.ask("POST", "/v1/admin/password-reset").json(&json!({"email": address})).send().await.expect(202);
    let token = dorf.log_in(address).await;
    let body = json!({"password": PASSWORD, "email": new});
    dorf.ask("POST", "/v1/admin/me/email").bearer(&token).json(&body).send().await.expect(202);
}

/// The token of the link in the mail to this address.
fn link_in_mail(dorf: &Dorf, address: &str) -> String {
    let texts: Vec<String> = dorf.mail.mails_to(address).iter().map(tests::kit::smtp_sink::Mail::text).collect();
    let link = texts.iter().flat_map(|text| text.split_whitespace()).find(|word| word.starts_with("http"));
    link.and_then(|link| link.rsplit('/').next()).expect("a link").to_owned()
}

/// A body that the operation accepts.
fn body(operation: &str, things: &Things, n: usize) -> Option<Value> {
    let push = json!({"channel": "email", "email": format!("neu{n}@example.org")});
    Some(match operation {
        "log_in" => json!({"email": "admin@here.example", "password": PASSWORD}),
        "make_api_key" => json!({"name": "Website", "scopes": ["posts:read"], "expires_at": "2027-01-01T00:00:00Z"}),
        "begin_second_factor" => json!({"password": PASSWORD}),
        "confirm_second_factor" => json!({"code": "kein0"}),
        "remove_second_factor" | "renew_recovery_codes" => json!({"password": PASSWORD, "code": "kein0"}),
        "set_second_factor_rule" => json!({"required": true}),
        "request_password_reset" => json!({"email": "editor@here.example"}),
        "confirm_password_reset" => json!({"token": things.staff.reset, "password": "ein anderes langes Wort"}),
        "confirm_email_change" => json!({"token": things.staff.email_change}),
        "change_password" => json!({"password": PASSWORD, "new_password": PASSWORD}),
        "request_email_change" => json!({"password": PASSWORD, "email": format!("umzug-{n}@example.org")}),
        "add_editor" | "add_village_admin" | "add_village_editor" | "add_municipality_editor" => {
            json!({"email": format!("neu{n}@rathaus.example"), "name": "Neu", "password": PASSWORD})
        }
        "create_topic" => json!({"slug": format!("neu-{n}"), "name": "Neu"}),
        "create_calendar_source" => json!({"name": "Neu"}),
        "change_calendar_source" => json!({"name": format!("Anders {n}")}),
        "create_waste_district" => json!({"slug": format!("neu-{n}"), "name": "Neu"}),
        "set_waste_source" => json!({"url": "https://localhost/ahornweg.ics"}),
        "rename_waste_district" => json!({"name": "Anders"}),
        "change_waste_kind" => json!({"name": format!("Anders {n}")}),
        "rename_topic" => json!({"name": "Anders"}),
        "create_club" => json!({"slug": format!("neu-{n}"), "name": "Neu", "category": "other"}),
        "change_club" => json!({"contact_name": "Doris"}),
        "set_club_trust" => json!({"trust": "trusted"}),
        "switch_club_off" | "decline_club" => json!({"reason": "Aufgelöst."}),
        "invite_to_club" => json!({"email": format!("gast{n}@verein.example"), "role": "club_author"}),
        "accept_club_invitation" => {
            json!({"token": things.clubs.invitation_link, "name": "Neu", "password": PASSWORD})
        }
        "apply_for_club" => json!({
            "name": "Neu", "category": "other", "contact_name": "Neu", "contact_email": format!("neu{n}@verein.example"),
        }),
        "confirm_club_application" => json!({"token": things.clubs.application_link}),
        "create_post" => json!({"kind": "news", "title": "Neu"}),
        "change_post" => json!({"title": "Anders"}),
        "preview_event" => json!({"event": {"starts_local": "2027-01-05T15:00"}}),
        "change_event_date" => json!({"date": "2027-01-05T15:00", "state": "cancelled"}),
        "create_post_comment" => json!({"text": "Wann denn?"}),
        "create_post_template" => json!({"name": "Vorlage", "post": things.draft.id}),
        "create_joint_post" => json!({"kind": "news", "title": "Neu", "villages": ["here"]}),
        "change_joint_post" => json!({"title": "Anders"}),
        "return_post" => json!({"comment": "Wann denn?"}),
        "schedule_post" => json!({"publish_at_local": "2026-12-23T09:00"}),
        "report_post" => json!({"reason": "wrong"}),
        "decide_report" => json!({"decision": "keep", "reasons": "Stimmt."}),
        "change_media" => json!({"alt": "Anders"}),
        "set_village_logo" => json!({"media": things.image}),
        "subscribe" => push,
        "change_subscription" => json!({"follows": [{"kind": "alert"}]}),
        "confirm_subscription" => json!({"token": things.confirm}),
        "set_school_holidays" => json!({"periods": [{"name": "summer", "first": "2027-07-19", "last": "2027-08-31"}]}),
        "create_municipality" => json!({"name": "Neu", "ags": format!("{n:08}")}),
        "create_village" => json!({
            "municipality": uuid::Uuid::nil(), "slug": format!("neu-{n}"), "name": "Neu",
            "sender_name": "Neu", "sender_address": "neu@kalletal.example",
        }),
        _ => return None,
    })
}

/// What a path can name beside the village.
const ITEMS: [&str; 19] = [
    "{club}",
    "{district}",
    "{waste_kind}",
    "{import}",
    "{calendar}",
    "{event_import}",
    "{post}",
    "{joint_post}",
    "{report}",
    "{topic}",
    "{land}",
    "{account}",
    "{subscription}",
    "{session}",
    "{key}",
    "{token}",
    "{media}",
    "{file}",
    "{template}",
];

/// The query that the operation cannot do without.
fn needed_query(operation: &str) -> &'static str {
    match operation {
        "get_post_difference" => "?old=1&new=1",
        "get_editorial_calendar" => "?from=2026-12-01T00:00:00Z&until=2027-01-01T00:00:00Z",
        "list_planned_dates" => "?from=2026-12-01T00:00:00Z&to=2027-01-01T00:00:00Z",
        _ => "",
    }
}

/// The second path parameter.
fn item<'a>(operation: &Operation, things: &'a Things) -> &'a str {
    match operation.id.as_str() {
        "get_post" | "get_event_calendar" | "get_linked_event" => &things.public.id,
        "withdraw_post" | "get_deliveries" | "report_post" | "announce_post" => &things.public.id,
        "approve_post" | "return_post" | "recall_post" => &things.in_review.id,
        "hide_post" => &things.joint_copy.id,
        "show_post" => &things.joint_hidden.id,
        "withdraw_joint_post" => &things.joint_public.id,
        _ if operation.path.contains("{joint_post}") => &things.joint.id,
        "unschedule_post" => &things.planned.id,
        "approve_club" | "decline_club" => &things.clubs.applied,
        "switch_club_on" => &things.clubs.off,
        _ if operation.path.contains("{club}") => &things.clubs.active,
        _ if operation.path.contains("/club-invitations/") => &things.clubs.invitation_link,
        _ if operation.path.contains("/club-applications/") => &things.clubs.application_link,
        _ if operation.path.contains("{post}") => &things.draft.id,
        _ if operation.path.contains("{district}") => &things.waste.district,
        _ if operation.path.contains("{waste_kind}") => &things.waste.kind.id,
        _ if operation.path.contains("{import}") => &things.waste.import,
        _ if operation.path.contains("{calendar}") => &things.calendar.0,
        _ if operation.path.contains("{event_import}") => &things.calendar.1,
        _ if operation.path.contains("{template}") => &things.template,
        _ if operation.path.contains("{report}") => &things.report,
        _ if operation.path.contains("{topic}") => &things.topic,
        _ if operation.path.contains("{land}") => "DE-NW",
        _ if operation.path.contains("{media}") => &things.image,
        _ if operation.path.contains("/media/{file}") => &things.image_name,
        "remove_village_admin" => &things.staff.admin,
        "remove_municipality_editor" => &things.staff.municipality_editor,
        _ if operation.path.contains("{account}") => &things.staff.account,
        _ if operation.path.contains("{subscription}") => &things.subscription,
        _ if operation.path.contains("{key}") => &things.api_key,
        _ if operation.path.contains("{session}") => &things.session,
        _ if operation.path.contains("password-reset") => &things.staff.reset,
        _ if operation.path.contains("email-change") => &things.staff.email_change,
        _ if operation.path.contains("unsubscribe") => &things.unsubscribe,
        _ => &things.confirm,
    }
}

/// A further log-in of an account.
async fn new_session(dorf: &Dorf, email: &str) -> String {
    let token = dorf.log_in(email).await;
    let list = dorf.ask("GET", "/v1/admin/me/sessions").bearer(&token).send().await.expect(200).json();
    let items = list["items"].as_array().expect("log-ins");
    let current = items.iter().find(|one| one["current"] == true).expect("the current one");
    current["session"].as_str().expect("an id").to_owned()
}

/// The version that the operation needs in `If-Match`.
fn version<'a>(operation: &Operation, things: &'a Things) -> Option<&'a str> {
    let is_step = operation.method == "POST" && operation.path.contains("/posts/{post}/");
    let is_step = is_step || (operation.method == "POST" && operation.path.contains("/{joint_post}/"));
    let needs = ["change_post", "delete_post", "change_joint_post", "delete_joint_post"];
    let needs = needs.contains(&operation.id.as_str()) || is_step;
    let item = item(operation, things);
    if operation.path.contains("{waste_kind}") {
        return Some(&things.waste.kind.etag);
    }
    let posts = [
        &things.draft,
        &things.in_review,
        &things.planned,
        &things.public,
        &things.joint,
        &things.joint_public,
        &things.joint_copy,
        &things.joint_hidden,
    ];
    posts.into_iter().find(|post| needs && post.id == item).map(|post| post.etag.as_str())
}

/// The version of the club that the operation needs in `If-Match`.
fn club_version(operation: &Operation) -> Option<&'static str> {
    match operation.id.as_str() {
        "approve_club" | "decline_club" => Some("\"1\""),
        "change_club" | "set_club_trust" | "switch_club_off" => Some("\"2\""),
        "switch_club_on" => Some("\"3\""),
        _ => None,
    }
}

/// What the operation needs that is no JSON: a key, a version that is always the same, a file, or a form.
fn in_form(ask: Ask, operation: &Operation) -> Ask {
    let form =
        |ask: Ask, body: &'static str| ask.header("content-type", "application/x-www-form-urlencoded").bytes(body);
    match operation.id.as_str() {
        "announce_post" => ask.header("idempotency-key", &uuid::Uuid::now_v7().to_string()),
        "change_media" | "delete_media" | "rename_waste_district" | "delete_waste_district" => {
            ask.header("if-match", "\"1\"")
        }
        "change_calendar_source" | "delete_calendar_source" => ask.header("if-match", "\"1\""),
        "set_school_holidays" => ask.header("if-match", "\"0\""),
        "import_events" => {
            let event = vevent("UID:neu|SUMMARY:Neu|DTSTART:20261213T100000");
            ask.header("content-type", "text/calendar").bytes(ics(&[event]))
        }
        "import_waste_dates" => {
            ask.header("content-type", "text/calendar").bytes(waste_calendar(&[("20261202", "Papier")]))
        }
        "upload_media" => {
            ask.header("content-type", "image/png").query("alt", "Bild").bytes(File::png(2, 2, 255).bytes)
        }
        "accept_club_invitation_on_page" => form(ask, "name=Neu&password=ein+anderes+langes+Wort"),
        "reset_password_on_page" => form(ask, "password=ein+anderes+langes+Wort"),
        _ => ask,
    }
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
        municipality_editor(&dorf, "mayor@kalletal.example").await;
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
