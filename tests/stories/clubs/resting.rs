//! A club that takes part no longer takes its coming dates along, everywhere at once, and brings them back.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::clubs::{ClubKit, club};
use tests::kit::{Backend, Dorf, Draft, Post, VillageKit, event, notice};
use tests::stories;

/// Saves and publishes as a trusted club.
async fn publishes(village: &VillageKit<'_>, token: &str, draft: Draft) -> Post {
    let post = Post::of(&village.staff("POST", "/posts").bearer(token).json(&draft.0).send().await.expect(201));
    let publish = village.staff("POST", &format!("/posts/{}/publish", post.id)).bearer(token);
    Post::of(&publish.header("if-match", &post.etag).send().await.expect(200))
}

/// The titles that residents find: in the feed, by searching, and on the calendar.
async fn shown(village: &VillageKit<'_>) -> [Vec<String>; 3] {
    let mut titles = [Vec::new(), Vec::new(), Vec::new()];
    let window = "/occurrences?from=2026-11-22T00:00:00Z&to=2027-02-01T00:00:00Z";
    for (place, titles) in ["/feed", "/feed?q=chor", window].into_iter().zip(&mut titles) {
        let list = village.ask("GET", place).send().await.expect(200).json();
        let items = list["items"].as_array().cloned().unwrap_or_default();
        titles.extend(items.iter().map(|one| one["title"].as_str().unwrap_or_default().to_owned()));
        titles.sort();
        titles.dedup();
    }
    titles
}

/// The lines of a calendar that say what an event is: SEQUENCE and STATUS.
async fn in_calendar(village: &VillageKit<'_>, query: &str, uid: &str) -> (i64, String) {
    let ics = village.ask("GET", &format!("/calendar.ics{query}")).send().await.expect(200).text();
    let event = ics.split("BEGIN:VEVENT").find(|event| event.contains(uid)).expect("the event");
    let value = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
    (value("SEQUENCE:").parse().expect("a number"), value("STATUS:"))
}

async fn switches(kit: &ClubKit<'_>, step: &str) {
    let body = (step == "switch-off").then(|| json!({"reason": "Streit im Vorstand."}));
    kit.decides("POST", step, body).await.expect(200);
}

stories! {
    async fn a_club_that_is_switched_off_takes_its_coming_dates_along_and_brings_them_back(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let chor = club(&village, "gesangverein", "trusted").await;
        let kit = ClubKit { village: &village, slug: "gesangverein".to_owned() };
        let anna = village.resident("anna").by_push().await.reminded(&[60]).await;
        let weekly = json!({"starts_local": "2026-11-10T19:00", "rrule": "FREQ=WEEKLY;COUNT=8"});
        let rehearsal = publishes(&village, &chor, event("Chorprobe", "2026-11-10T19:00").with("event", weekly)).await;
        publishes(&village, &chor, event("Chorausflug", "2026-11-14T09:00")).await;
        publishes(&village, &chor, notice("Chor sucht Stimmen")).await;
        village.editor().publishes(event("Bürgerversammlung", "2026-12-08T19:00")).await;
        dorf.work_off().await;
        let told = anna.pushes();
        let before = in_calendar(&village, "?club=gesangverein", &rehearsal.id).await;
        assert_eq!(before.1, "CONFIRMED");
        switches(&kit, "switch-off").await;
        let rest = ["Bürgerversammlung", "Chor sucht Stimmen", "Chorausflug"].map(str::to_owned);
        assert_eq!(shown(&village).await, [rest.to_vec(), rest[1..].to_vec(), vec![rest[0].clone()]], "what is over stays");
        village.ask("GET", &format!("/posts/{}", rehearsal.id)).send().await.problem(404, "not-found");
        let off = in_calendar(&village, "?club=gesangverein", &rehearsal.id).await;
        assert!(off.0 > before.0 && off.1 == "CANCELLED", "{off:?}");
        assert_eq!(in_calendar(&village, "", &rehearsal.id).await, off);
        dorf.set_time("2026-11-24T17:59:00Z".parse().expect("an instant"));
        dorf.work_off().await;
        dorf.set_time("2026-11-24T18:00:00Z".parse().expect("an instant"));
        dorf.work_off().await;
        assert_eq!(anna.pushes(), told, "nobody is reminded");
        let editor = dorf.log_in("editor@luedenhausen.example").await;
        let past = village.staff("GET", "/posts?state=published").bearer(&editor).send().await.expect(200).json();
        let past = past["items"].as_array().expect("posts").iter().find(|post| post["title"] == "Chorausflug").cloned().expect("the trip");
        let to_come = json!({"event": {"starts_local": "2026-12-19T09:00"}});
        let change = village.staff("PATCH", &format!("/posts/{}", past["id"].as_str().expect("an id"))).bearer(&editor);
        let etag = format!("\"{}\"", past["version"]);
        change.header("if-match", &etag).json(&to_come).send().await.problem(409, "conflict");
        let later = village.next_day().await;
        let kit = ClubKit { village: &later, slug: kit.slug.clone() };
        switches(&kit, "switch-on").await;
        dorf.work_off().await;
        let all = ["Bürgerversammlung", "Chor sucht Stimmen", "Chorausflug", "Chorprobe"].map(str::to_owned);
        assert_eq!(shown(&village).await[0], all.to_vec());
        let on = in_calendar(&village, "?club=gesangverein", &rehearsal.id).await;
        assert!(on.0 > off.0 && on.1 == "CONFIRMED", "{on:?}");
        assert_eq!(anna.pushes(), told, "and nobody is told twice");
        dorf.set_time("2026-12-01T17:00:00Z".parse().expect("an instant"));
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), told.len() + 1, "reminders go on");
        let actions: Vec<Value> = village_audit(&dorf, &village).await;
        for action in ["post.hidden", "post.shown"] {
            assert!(actions.contains(&json!(action)), "{actions:?}");
        }
    }

    async fn what_was_not_sent_yet_is_not_sent_and_what_expired_meanwhile_stays_away(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let chor = club(&village, "gesangverein", "trusted").await;
        let kit = ClubKit { village: &village, slug: "gesangverein".to_owned() };
        let anna = village.resident("anna").by_push().await;
        let short = event("Chorkonzert", "2026-11-28T19:00").with("expires_at", json!("2026-11-22T18:00:00Z"));
        let short = publishes(&village, &chor, short).await;
        let long = publishes(&village, &chor, event("Chorfest", "2026-11-29T19:00")).await;
        switches(&kit, "switch-off").await;
        dorf.work_off().await;
        assert!(anna.pushes().is_empty());
        dorf.wait(TimeDelta::hours(11));
        switches(&kit, "switch-on").await;
        dorf.work_off().await;
        assert!(anna.pushes().is_empty());
        village.ask("GET", &format!("/posts/{}", short.id)).send().await.problem(404, "not-found");
        village.ask("GET", &format!("/posts/{}", long.id)).send().await.expect(200);
        let state = village.editor().ask("GET", &format!("/posts/{}", short.id)).send().await.expect(200);
        assert_eq!(state.str("state"), "expired");
    }

    async fn a_hidden_date_that_was_reported_does_not_come_back(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let chor = club(&village, "gesangverein", "trusted").await;
        let kit = ClubKit { village: &village, slug: "gesangverein".to_owned() };
        let anna = village.resident("anna").by_push().await;
        let concert = publishes(&village, &chor, event("Chorkonzert", "2026-11-28T19:00")).await;
        dorf.work_off().await;
        let report = village.ask("POST", &format!("/posts/{}/reports", concert.id)).json(&json!({"reason": "privacy"}));
        let report = report.send().await.expect(201).str("id");
        switches(&kit, "switch-off").await;
        let decision = json!({"decision": "withdraw", "reasons": "Es nennt Kinder beim Namen."});
        let decide = village.staff("POST", &format!("/reports/{report}/decision")).bearer(&village.editor);
        decide.json(&decision).send().await.expect(200);
        switches(&kit, "switch-on").await;
        dorf.work_off().await;
        village.ask("GET", &format!("/posts/{}", concert.id)).send().await.problem(410, "gone");
        let told = ["Lüdenhausen · Termin: Chorkonzert", "Lüdenhausen · Zurückgenommen: Chorkonzert"];
        assert_eq!(anna.pushes(), told);
    }

    async fn a_hidden_date_can_be_taken_back_for_good(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let chor = club(&village, "gesangverein", "trusted").await;
        let kit = ClubKit { village: &village, slug: "gesangverein".to_owned() };
        let anna = village.resident("anna").by_push().await;
        let concert = publishes(&village, &chor, event("Chorkonzert", "2026-11-28T19:00")).await;
        dorf.work_off().await;
        switches(&kit, "switch-off").await;
        let hidden = Post::of(&village.editor().ask("GET", &format!("/posts/{}", concert.id)).send().await.expect(200));
        village.editor().step(&hidden, "show").await.problem(403, "forbidden");
        village.editor().step(&hidden, "withdraw").await.expect(200);
        dorf.work_off().await;
        assert_eq!(anna.pushes().last().map(String::as_str), Some("Lüdenhausen · Zurückgenommen: Chorkonzert"));
        village.ask("GET", &format!("/posts/{}", concert.id)).send().await.problem(410, "gone");
        assert_eq!(in_calendar(&village, "", &concert.id).await.1, "CANCELLED");
        switches(&kit, "switch-on").await;
        village.ask("GET", &format!("/posts/{}", concert.id)).send().await.problem(410, "gone");
    }

    async fn a_club_that_rests_takes_its_dates_along_until_somebody_says_it_is_there(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.accounts.session_h = 20_000).await;
        let village = dorf.village("luedenhausen").await;
        let kit = ClubKit::entered(&village, "gesangverein").await;
        let clara = kit.member("clara", "club_manager").await;
        kit.member("doris", "club_manager").await;
        kit.trusted().await;
        let concert = publishes(&village, &clara, event("Jubiläum", "2028-05-06T19:00")).await;
        dorf.wait(TimeDelta::days(336));
        dorf.work_off().await;
        dorf.wait(TimeDelta::days(31));
        dorf.work_off().await;
        village.ask("GET", &format!("/posts/{}", concert.id)).send().await.problem(404, "not-found");
        kit.ask("POST", "/confirm", &clara).send().await.expect(204);
        village.ask("GET", &format!("/posts/{}", concert.id)).send().await.expect(200);
    }
}

/// What was done in a village, as its admin reads it now.
async fn village_audit(dorf: &Dorf, village: &VillageKit<'_>) -> Vec<Value> {
    let admin = dorf.log_in(&format!("admin@{}.example", village.slug)).await;
    let lines = village.staff("GET", "/audit?limit=100").bearer(&admin).send().await.expect(200).json();
    lines["items"].as_array().expect("lines").iter().map(|line| line["action"].clone()).collect()
}
