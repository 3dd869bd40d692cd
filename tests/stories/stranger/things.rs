//! What there is in a village when an operation is called: one of everything.

use super::staff_links::StaffLinks;
use serde_json::{Value, json};
use tests::kit::clubs::{ClubKit, link_in_mail_to, token_of};
use tests::kit::{
    Dorf, File, PASSWORD, Post, Reply, VillageKit, alert, event, ics, news, notice, vevent, waste_calendar,
};

/// A village with one of everything in it, fresh for each call so that no call spoils the next.
pub struct Things {
    pub draft: Post,
    pub in_review: Post,
    pub planned: Post,
    pub template: String,
    pub public: Post,
    pub alert: Post,
    /// A public post of the reviewed club, and one with a revision; of that, its version.
    pub club_public: Post,
    pub revised: Post,
    pub staff: Staff,
    pub topic: String,
    pub report: String,
    pub report_secret: String,
    pub image: String,
    pub image_name: String,
    pub subscription: String,
    pub secret: String,
    pub unsubscribe: String,
    pub confirm: String,
    pub api_key: String,
    pub clubs: Clubs,
    pub waste: Waste,
    pub joint: Post,
    pub joint_public: Post,
    pub joint_alert: Post,
    pub joint_copy: Post,
    pub joint_hidden: Post,
    /// A calendar that events come from, and an import of it.
    pub calendar: (String, String),
    /// Made for each call that needs one: an account has only so many.
    pub session: String,
    pub links: StaffLinks,
}

/// Accounts of the town hall, and what is in their mails.
pub struct Staff {
    pub account: String,
    pub admin: String,
    pub municipality_editor: String,
    /// A log-in of that editor.
    pub mayor: String,
    pub reset: String,
    pub email_change: String,
}

/// What no call has changed yet, of the village here and elsewhere: making it takes long.
#[derive(Default)]
pub struct Kept {
    pub staff: Option<Staff>,
    pub clubs: Option<Clubs>,
}

/// Clubs in every state that an operation needs, and who runs them.
pub struct Clubs {
    pub active: String,
    pub applied: String,
    pub off: String,
    pub manager: String,
    pub author: String,
    pub member: String,
    pub invitation: String,
    pub invitation_link: String,
    pub application_link: String,
}

pub async fn clubs(village: &VillageKit<'_>, n: usize) -> Clubs {
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
pub async fn applies(village: &VillageKit<'_>, n: usize, m: usize) -> (String, String) {
    let address = format!("antrag{n}-{m}@{}.example", village.slug);
    let name = format!("Antrag {} {n} {m}", village.slug);
    let body = json!({"name": name, "category": "other", "contact_name": "Dieter", "contact_email": address});
    village.ask("POST", "/club-applications").json(&body).send().await.expect(202);
    (address, format!("antrag-{}-{n}-{m}", village.slug))
}

pub async fn staff(village: &VillageKit<'_>, n: usize) -> Staff {
    let address = format!("extra{n}@{}.example", village.slug);
    let person = json!({"email": address, "name": "Extra", "password": PASSWORD});
    let account = village.hires(&person).await.expect(201);
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

pub async fn things(village: &VillageKit<'_>, n: usize, kept: Kept) -> Things {
    let editor = village.editor();
    let topic = format!("topic-{}-{n}", village.slug);
    let followed = format!("followed-{n}");
    topics(village, [&topic, &followed]).await;
    let draft = editor.drafts(event("Entwurf", "2027-01-05T15:00")).await;
    let (in_review, planned, template) = at_the_desk(village, &draft).await;
    let image = editor.image(File::png(2, 2, 255)).await;
    let [public, alert] = public_posts(village, &image).await;
    let report = reported(village, &public).await;
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
    let [joint, joint_public, joint_alert, joint_copy, joint_hidden] = joint_posts(village, &staff).await;
    let [club_public, revised] = club_posts(village, &clubs).await;
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
        alert,
        club_public,
        revised,
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
        joint_alert,
        joint_copy,
        joint_hidden,
        api_key: api_key.json()["key"]["id"].as_str().expect("an id").to_owned(),
        clubs,
        waste: waste(village, n).await,
        calendar: events(village, n).await,
        session: String::new(),
        links: StaffLinks::default(),
    }
}

/// A resident's report of a post.
async fn reported(village: &VillageKit<'_>, post: &Post) -> Reply {
    let reports = format!("/posts/{}/reports", post.id);
    village.ask("POST", &reports).json(&json!({"reason": "wrong"})).send().await.expect(201)
}

/// An event with an image, and an alert.
async fn public_posts(village: &VillageKit<'_>, image: &Value) -> [Post; 2] {
    let event = event("Öffentlich", "2026-12-06T15:00").with("media", json!([image["id"]]));
    let alert = alert("Warnung").with("delivery", json!("silent"));
    [village.editor().publishes(event).await, village.editor().publishes(alert).await]
}

/// Two public posts of a reviewed club; of one it has handed in a change, and the version of that is given.
async fn club_posts(village: &VillageKit<'_>, clubs: &Clubs) -> [Post; 2] {
    let mut public = Vec::new();
    for title in ["Vom Chor", "Vom Chor, neu gefasst"] {
        let draft = notice(title).with("club", json!(clubs.active)).with("delivery", json!("silent"));
        let ask = village.staff("POST", "/posts").bearer(&clubs.author);
        let draft = Post::of(&ask.json(&draft.0).send().await.expect(201));
        let submit = village.staff("POST", &format!("/posts/{}/submit", draft.id)).bearer(&clubs.author);
        let handed = Post::of(&submit.header("if-match", &draft.etag).send().await.expect(200));
        let approved = Post::of(&village.editor().step(&handed, "approve").await.expect(200));
        public.push(Post::of(&village.editor().step(&approved, "publish").await.expect(200)));
    }
    let revise = village.staff("PUT", &format!("/posts/{}/revision", public[1].id)).bearer(&clubs.author);
    let revised =
        revise.header("if-match", &public[1].etag).json(&json!({"title": "Vom Chor"})).send().await.expect(200);
    [public[0].clone(), Post { id: public[1].id.clone(), etag: revised.header("etag") }]
}

pub async fn topics(village: &VillageKit<'_>, slugs: [&str; 2]) {
    for slug in slugs {
        let body = json!({"slug": slug, "name": "Rubrik"});
        village.staff("POST", "/topics").bearer(&village.admin).json(&body).send().await.expect(201);
    }
}

/// What there is about waste.
pub struct Waste {
    pub district: String,
    pub kind: Post,
    pub import: String,
}

/// A waste district with a date, its kind, and the import it came from.
pub async fn waste(village: &VillageKit<'_>, n: usize) -> Waste {
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
pub async fn events(village: &VillageKit<'_>, n: usize) -> (String, String) {
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
pub async fn second_admin(village: &VillageKit<'_>, email: &str) -> String {
    let admins = format!("/v1/operator/villages/{}/admins", village.slug);
    let person = json!({"email": email, "name": "Zweite", "password": PASSWORD});
    let ask = village.dorf.ask("POST", &admins).bearer(village.dorf.operator().await);
    ask.json(&person).send().await.expect(201).str("account")
}

/// Somebody new who edits in all villages of the municipality; gives the account.
pub async fn municipality_editor(dorf: &Dorf, email: &str) -> String {
    let editors = format!("/v1/operator/municipalities/{}/editors", dorf.municipality().await);
    let person = json!({"email": email, "name": "Gemeinde", "password": PASSWORD});
    dorf.ask("POST", &editors).bearer(dorf.operator().await).json(&person).send().await.expect(201).str("account")
}

/// A post in review, a planned one, and a template.
pub async fn at_the_desk(village: &VillageKit<'_>, draft: &Post) -> (Post, Post, String) {
    let editor = village.editor();
    let in_review = editor.drafts(news("Eingereicht")).await;
    let in_review = Post::of(&editor.step(&in_review, "submit").await.expect(200));
    let planned = editor.drafts(news("Geplant")).await;
    let schedule = editor.ask("POST", &format!("/posts/{}/schedule", planned.id)).header("if-match", &planned.etag);
    let planned = Post::of(&schedule.json(&json!({"publish_at_local": "2026-12-24T09:00"})).send().await.expect(200));
    (in_review, planned, only_template(village, draft).await)
}

/// A new template, in place of those before: a village has only so many.
pub async fn only_template(village: &VillageKit<'_>, draft: &Post) -> String {
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
pub async fn joint_posts(village: &VillageKit<'_>, staff: &Staff) -> [Post; 5] {
    if village.slug != "here" {
        let nothing = || Post { id: uuid::Uuid::now_v7().to_string(), etag: "\"1\"".to_owned() };
        return [nothing(), nothing(), nothing(), nothing(), nothing()];
    }
    let (dorf, token) = (village.dorf, staff.mayor.as_str());
    village.may_alert(&staff.municipality_editor).await;
    let base = format!("/v1/admin/municipalities/{}/joint-posts", dorf.municipality().await);
    let mut made = Vec::new();
    for draft in [news("Für alle"), news("Für alle"), news("Für alle"), alert("Für alle")] {
        let draft = draft.with("delivery", json!("silent")).with("villages", json!(["here"]));
        made.push(Post::of(&dorf.ask("POST", &base).bearer(token).json(&draft.0).send().await.expect(201)));
    }
    for joint in &mut made[1..] {
        let ask = dorf.ask("POST", &format!("{base}/{}/publish", joint.id)).bearer(token);
        *joint = Post::of(&ask.header("if-match", &joint.etag).send().await.expect(200));
    }
    dorf.work_off().await;
    let mut copies = Vec::new();
    for joint in &made[1..3] {
        let read = dorf.ask("GET", &format!("{base}/{}", joint.id)).bearer(token).send().await.expect(200).json();
        let id = read["results"][0]["post"].as_str().expect("a copy").to_owned();
        let copy = village.editor().ask("GET", &format!("/posts/{id}")).send().await.expect(200);
        copies.push(Post { id, etag: copy.header("etag") });
    }
    let hidden = Post::of(&village.editor().step(&copies[1], "hide").await.expect(200));
    let alert = made.remove(3);
    [made.remove(0), made.remove(0), alert, copies.remove(0), hidden]
}

/// A new API key, in place of those before: a village has only so many.
pub async fn only_api_key(village: &VillageKit<'_>) -> Reply {
    let keys = village.staff("GET", "/api-keys").bearer(&village.admin).send().await.expect(200).json();
    for old in keys["items"].as_array().expect("keys") {
        let path = format!("/api-keys/{}", old["id"].as_str().expect("an id"));
        village.staff("DELETE", &path).bearer(&village.admin).send().await.expect(204);
    }
    let body = json!({"name": "Website", "scopes": ["posts:read"], "expires_at": "2027-01-01T00:00:00Z"});
    village.staff("POST", "/api-keys").bearer(&village.admin).json(&body).send().await.expect(201)
}

/// Asks for links to a new password and to a new address.
pub async fn ask_for_links(village: &VillageKit<'_>, address: &str, new: &str) {
    let dorf = village.dorf;
    dorf.ask("POST", "/v1/admin/password-reset").json(&json!({"email": address})).send().await.expect(202);
    let token = dorf.log_in(address).await;
    let body = json!({"password": PASSWORD, "email": new});
    dorf.ask("POST", "/v1/admin/me/email").bearer(&token).json(&body).send().await.expect(202);
}

/// The token of the link in the mail to this address.
pub fn link_in_mail(dorf: &Dorf, address: &str) -> String {
    let texts: Vec<String> = dorf.mail.mails_to(address).iter().map(tests::kit::smtp_sink::Mail::text).collect();
    let link = texts.iter().flat_map(|text| text.split_whitespace()).find(|word| word.starts_with("http"));
    link.and_then(|link| link.rsplit('/').next()).expect("a link").to_owned()
}
