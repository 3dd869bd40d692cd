//! A day at the town hall: one Monday in Lüdenhausen, from the club's draft at eight to the audit log at five.
//!
//! Frau Weber runs the desk (the editor), Herr Brandt is the admin and helps out, Jonas of the youth office writes texts that are
//! always reviewed, and the singing club writes under its own name. Anna reads everything, by push and by mail; Bert follows the
//! clubs by push; Otto lives in Stemmen.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tests::kit::smtp_sink::Answer;
use tests::kit::{Backend, Dorf, Draft, Post, Program, Reply, Resident, VillageKit, club, event, news};
use tests::stories;

/// Everybody who is in the story.
struct Town<'a> {
    village: &'a VillageKit<'a>,
    weber: Desk<'a>,
    brandt: Desk<'a>,
    jonas: Desk<'a>,
    choir: Desk<'a>,
    anna: Resident<'a>,
    bert: Resident<'a>,
    otto: Resident<'a>,
}

/// Somebody who works on posts.
struct Desk<'a> {
    village: &'a VillageKit<'a>,
    token: String,
}

impl<'a> Town<'a> {
    async fn on_monday(village: &'a VillageKit<'a>, stemmen: &'a VillageKit<'a>) -> Self {
        let choir = club(village, "gesangverein", "reviewed").await;
        let (_, jonas) = village.staffed("jonas", json!({"role": "contributor"})).await;
        let desk = |token: &str| Desk { village, token: token.to_owned() };
        let town = Self {
            village,
            weber: desk(&village.editor),
            brandt: desk(&village.admin),
            jonas: desk(&jonas),
            choir: desk(&choir),
            anna: village.resident("anna").by_push().await.by_mail().await,
            bert: village.resident("bert").follows("vereine").by_push().await,
            otto: stemmen.resident("otto").by_push().await,
        };
        it_is("08:00", village.dorf).await;
        town
    }

    /// What readers were told so far, the pushes of Anna and Bert and the subjects of Anna's mails.
    fn told(&self) -> (Vec<String>, Vec<String>, Vec<String>) {
        (self.anna.pushes(), self.bert.pushes(), self.anna.subjects())
    }
}

impl Desk<'_> {
    fn ask(&self, method: &str, path: &str) -> tests::kit::Ask {
        self.village.staff(method, path).bearer(&self.token)
    }

    async fn reads(&self, path: &str) -> Value {
        self.ask("GET", path).send().await.expect(200).json()
    }

    async fn writes(&self, draft: Draft) -> Post {
        Post::of(&self.ask("POST", "/posts").json(&draft.0).send().await.expect(201))
    }

    async fn changes(&self, post: &Post, change: Value) -> Post {
        let ask = self.ask("PATCH", &format!("/posts/{}", post.id)).header("if-match", &post.etag);
        Post::of(&ask.json(&change).send().await.expect(200))
    }

    async fn tries(&self, step: &str, post: &Post, said: Value) -> Reply {
        let ask = self.ask("POST", &format!("/posts/{}/{step}", post.id)).header("if-match", &post.etag);
        ask.json(&said).send().await
    }

    async fn takes(&self, step: &str, post: &Post, said: Value) -> Post {
        Post::of(&self.tries(step, post, said).await.expect(200))
    }

    /// The titles of what waits for this person.
    async fn waiting(&self) -> Vec<String> {
        self.ask("GET", "/queue").send().await.expect(200).titles()
    }

    /// What became of telling a post, the first time first: what was told, to how many, and how many of them it reached.
    async fn result(&self, post: &Post) -> Vec<(String, i64, i64)> {
        let report = self.reads(&format!("/posts/{}/deliveries", post.id)).await;
        let one = |told: &Value| {
            let number = |name: &str| told[name].as_i64().expect("a number");
            (told["kind"].as_str().expect("a kind").to_owned(), number("planned"), number("delivered"))
        };
        report["notifications"].as_array().expect("notifications").iter().map(one).collect()
    }
}

/// It becomes this time, by the clock on the wall of the town hall, and what is due by then is done.
async fn it_is(time: &str, dorf: &Dorf) {
    let now: DateTime<Utc> = format!("2026-11-23T{time}:00+01:00").parse().expect("a time of that Monday");
    dorf.set_time(now);
    dorf.work_off().await;
}

/// 8:00. The singing club hands in its concert and has forgotten when it is sung. It gets it back with a question, corrects it, and
/// hands it in again. Nobody outside has seen a thing.
async fn the_club_hands_in_and_corrects(town: &Town<'_>) -> Post {
    let (weber, choir) = (&town.weber, &town.choir);
    let written = choir.writes(event("Adventskonzert", "2026-12-06T00:00").on("vereine")).await;
    assert!(weber.waiting().await.is_empty(), "a draft is the club's own affair");
    let handed_in = choir.takes("submit", &written, json!({})).await;
    choir.tries("publish", &handed_in, json!({})).await.problem(403, "needs-review");
    assert_eq!(weber.waiting().await, ["Adventskonzert"]);
    let preview = weber.reads(&format!("/posts/{}/preview", written.id)).await;
    assert!(
        preview["mail"]["text"].as_str().expect("a text").contains("Sonntag, 6. Dezember, 00:00 Uhr"),
        "at midnight? {preview}"
    );
    let returned = weber.takes("return", &handed_in, json!({"comment": "Wirklich um Mitternacht?"})).await;

    assert_eq!(choir.waiting().await, ["Adventskonzert"]);
    let comments = format!("/posts/{}/comments", written.id);
    assert_eq!(choir.reads(&comments).await["items"][0]["text"], "Wirklich um Mitternacht?");
    let dates = json!({"starts_local": "2026-12-06T17:00", "place": "Kirche"});
    let corrected = choir.changes(&returned, json!({"event": dates})).await;
    choir.ask("POST", &comments).json(&json!({"text": "Um fünf, Entschuldigung!"})).send().await.expect(201);
    let again = choir.takes("submit", &corrected, json!({})).await;
    town.village.ask("GET", &format!("/posts/{}", again.id)).send().await.problem(404, "not-found");
    again
}

/// 8:30. Frau Weber and Herr Brandt approve at the same moment; one of them was first. She looks whom it will reach and plans it for
/// ten.
async fn it_is_reviewed_and_planned(town: &Town<'_>, concert: Post) -> Post {
    it_is("08:30", town.village.dorf).await;
    let (weber, brandt) = (&town.weber, &town.brandt);
    assert_eq!(
        weber.reads(&format!("/posts/{}/comments", concert.id)).await["items"][1]["text"],
        "Um fünf, Entschuldigung!"
    );
    let (one, other) =
        tokio::join!(weber.tries("approve", &concert, json!({})), brandt.tries("approve", &concert, json!({})));
    let (first, second) = if one.status == 200 { (one, other) } else { (other, one) };
    let approved = Post::of(&first.expect(200));
    assert_eq!(second.problem(412, "precondition-failed"), ["/state"], "the slower one is told what has changed");

    let audience = weber.reads(&format!("/posts/{}/audience", concert.id)).await;
    assert_eq!(audience, json!({"web_push": 2, "email": 1, "total": 3}));
    let planned = weber.takes("schedule", &approved, json!({"publish_at_local": "2026-11-23T10:00"})).await;
    let plan = weber.reads("/editorial-calendar?from=2026-11-23T00:00:00Z&until=2026-11-24T00:00:00Z").await;
    assert_eq!(
        (&plan["items"][0]["what"], &plan["items"][0]["at"]),
        (&json!("publication"), &json!("2026-11-23T09:00:00.000Z"))
    );
    planned
}

/// 9:10. A pipe has burst and the bridge is closed: that cannot wait. In a hurry the detour is wrong; twenty minutes later it is put
/// right and told again, and what was said before can still be read at the desk.
async fn urgent_news_goes_out_and_is_corrected(town: &Town<'_>) {
    let (weber, dorf) = (&town.weber, town.village.dorf);
    it_is("09:10", dorf).await;
    let bridge = weber.writes(news("Brücke gesperrt").on("verkehr").saying("Umleitung über Hohenhausen.")).await;
    let out = weber.takes("publish", &bridge, json!({})).await;
    it_is("09:30", dorf).await;
    let righted = json!({"body_markdown": "Umleitung über Bavenhausen.", "notify": true});
    let corrected = weber.changes(&out, righted).await;
    dorf.work_off().await;

    let public = town.village.ask("GET", &format!("/posts/{}", bridge.id)).send().await.expect(200);
    assert_eq!(public.str("body_markdown"), "Umleitung über Bavenhausen.");
    assert_eq!(town.anna.subjects(), ["Brücke gesperrt", "Geändert: Brücke gesperrt"]);
    assert!(town.bert.pushes().is_empty(), "Bert does not follow the traffic");
    let told = [("published".to_owned(), 2, 2), ("changed".to_owned(), 2, 2)];
    assert_eq!(weber.result(&bridge).await, told);
    let newest = corrected.etag.trim_matches('"');
    let difference = weber.reads(&format!("/posts/{}/difference?old=1&new={newest}", bridge.id)).await;
    assert_eq!(difference["fields"], json!(["/body_markdown"]));
}

/// 10:00. The concert goes out by itself: once, at its time, to those who follow the clubs.
async fn the_concert_goes_out(town: &Town<'_>, concert: &Post) {
    let (weber, dorf) = (&town.weber, town.village.dorf);
    it_is("09:59", dorf).await;
    assert_eq!(town.village.feed().await.titles(), ["Brücke gesperrt"]);
    it_is("10:00", dorf).await;
    dorf.work_off().await;
    let bridge = "Lüdenhausen · Brücke gesperrt";
    let concert_push = "Lüdenhausen · Termin: Adventskonzert";
    let (anna, bert, mails) = town.told();
    assert_eq!(anna, [bridge, "Lüdenhausen · Geändert: Brücke gesperrt", concert_push]);
    assert_eq!(bert, [concert_push]);
    assert_eq!(mails.last().map(String::as_str), Some("Termin: Adventskonzert"));
    assert_eq!(weber.result(concert).await, [("published".to_owned(), 3, 3)], "as many as were counted before");
    let public = town.village.feed().await.json()["items"][0].clone();
    assert_eq!(public["published_at"], "2026-11-23T09:00:00.000Z", "planned 10:00, out 10:00: {public}");
    assert_eq!(public["club"], "gesangverein");
}

/// 11:00. Herr Brandt announces free mulled wine, which the council has not decided. Before Anna's mailbox, which is busy, can take
/// the mail, he withdraws it; the report says what had already gone.
async fn a_mistake_is_withdrawn(town: &Town<'_>) {
    let (brandt, dorf) = (&town.brandt, town.village.dorf);
    it_is("11:00", dorf).await;
    let mails_before = town.anna.subjects();
    dorf.mail.on(&town.anna.address(), Answer::Busy);
    let wine = brandt.writes(news("Freibier und Glühwein").on("verkehr")).await;
    let out = brandt.takes("publish", &wine, json!({})).await;
    dorf.work_off().await;
    brandt.takes("withdraw", &out, json!({})).await;
    dorf.mail.on(&town.anna.address(), Answer::Accept);
    dorf.wait(TimeDelta::minutes(50));
    dorf.work_off().await;

    town.village.ask("GET", &format!("/posts/{}", wine.id)).send().await.problem(410, "gone");
    assert_eq!(town.anna.subjects(), mails_before, "the mail was called off");
    assert_eq!(town.anna.pushes().pop(), Some("Lüdenhausen · Zurückgenommen: Freibier und Glühwein".to_owned()));
    assert_eq!(brandt.result(&wine).await, [("published".to_owned(), 2, 1), ("withdrawn".to_owned(), 1, 1)]);
    let editor = town.village.editor();
    assert_eq!(editor.count(&wine, "web_push", "sent", "").await, 1);
    assert_eq!(editor.count(&wine, "email", "cancelled", "withdrawn").await, 1);
}

/// 14:00. Jonas writes about the playground; Frau Weber approves it and lets it out. A mother reports it, because of a photo she did
/// not agree to. Frau Weber withdraws it, and both the mother and Jonas read why.
async fn a_report_is_decided(town: &Town<'_>) {
    let (weber, jonas, dorf) = (&town.weber, &town.jonas, town.village.dorf);
    it_is("14:00", dorf).await;
    let playground = jonas.writes(news("Neuer Spielplatz")).await;
    jonas.tries("approve", &playground, json!({})).await.problem(403, "needs-review");
    let handed_in = jonas.takes("submit", &playground, json!({})).await;
    let approved = weber.takes("approve", &handed_in, json!({})).await;
    weber.takes("publish", &approved, json!({})).await;
    it_is("15:00", dorf).await;
    let said = json!({"reason": "privacy", "explanation": "Mein Kind ist auf dem Foto zu sehen."});
    let path = format!("/posts/{}/reports", playground.id);
    let report = town.village.ask("POST", &path).json(&said).send().await.expect(201);

    let queue = weber.reads("/reports").await;
    assert_eq!(
        (&queue["items"][0]["post_title"], &queue["items"][0]["explanation"]),
        (&json!("Neuer Spielplatz"), &said["explanation"])
    );
    let decision = json!({"decision": "withdraw", "reasons": "Die Eltern hatten nicht zugestimmt."});
    weber.ask("POST", &format!("/reports/{}/decision", report.str("id"))).json(&decision).send().await.expect(200);
    let mother = town.village.ask("GET", &format!("/reports/{}", report.str("id"))).bearer(&report.str("secret"));
    let (mother, author) = (mother.send().await.expect(200).json(), jonas.reads(&path).await["items"][0].clone());
    for told in [&mother, &author] {
        assert_eq!((&told["state"], &told["reasons"]), (&json!("withdrawn"), &decision["reasons"]), "{told}");
    }
    assert_eq!(town.village.feed().await.titles(), ["Adventskonzert", "Brücke gesperrt"]);
}

/// 17:00. Herr Brandt reads what was done on this day and by whom, and the log is shown to be whole.
async fn the_log_tells_the_day(town: &Town<'_>) {
    let dorf = town.village.dorf;
    it_is("17:00", dorf).await;
    let mut lines = town.village.audit().await;
    lines.reverse();
    let about_posts = lines.iter().filter(|line| {
        let action = line["action"].as_str().unwrap_or_default();
        (action.starts_with("post.") || action.starts_with("report.")) && action != "post.approved"
    });
    let told: Vec<String> = about_posts
        .map(|line| format!("{} {}", line["account_name"].as_str().unwrap_or("⏱"), line["action"]).replace('"', ""))
        .map(|line| line.replace(" luedenhausen", ""))
        .collect();
    let choir = told[0].strip_suffix(" post.created").expect("the day began with the club's draft").to_owned();
    let by_choir = |deed: &str| format!("{choir} post.{deed}");
    let mut day = vec![by_choir("created"), by_choir("submitted"), "editor post.returned".to_owned()];
    day.extend([by_choir("changed"), by_choir("commented"), by_choir("submitted"), "editor post.scheduled".to_owned()]);
    day.extend(
        ["editor post.created", "editor post.published", "editor post.changed", "⏱ post.published"].map(Into::into),
    );
    day.extend(["admin post.created", "admin post.published", "admin post.withdrawn"].map(Into::into));
    day.extend(["jonas post.created", "jonas post.submitted", "editor post.published"].map(Into::into));
    day.extend(["editor report.upheld", "editor post.withdrawn"].map(Into::into));
    assert_eq!(told, day);
    let approvals = lines.iter().filter(|line| line["action"] == "post.approved").count();
    assert_eq!(approvals, 2, "of two approvals at once, one happened");

    let settings = [("DORF_DATABASE__URL", dorf.database.url())];
    let output = Program::run(dorf.folder.path(), &["audit", "verify"], &settings, "").await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("luedenhausen: intact"), "{said}");
}

stories! {
    async fn a_day_at_the_town_hall(on: Backend) {
        let dorf = Dorf::start(on).await;
        it_is("07:30", &dorf).await;
        let (luedenhausen, stemmen) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let town = Town::on_monday(&luedenhausen, &stemmen).await;

        let handed_in = the_club_hands_in_and_corrects(&town).await;
        let concert = it_is_reviewed_and_planned(&town, handed_in).await;
        urgent_news_goes_out_and_is_corrected(&town).await;
        the_concert_goes_out(&town, &concert).await;
        a_mistake_is_withdrawn(&town).await;
        a_report_is_decided(&town).await;
        the_log_tells_the_day(&town).await;

        assert!(town.otto.pushes().is_empty(), "in Stemmen it was a quiet day");
    }
}
