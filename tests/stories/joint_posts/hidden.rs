//! A village hides the copy that it has of a joint post: it is public nowhere there any more, and everywhere else as before.

use super::Mayor;
use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::push_receiver::PushAnswer;
use tests::kit::{Backend, Dorf, Post, StreamReader, VillageKit, event, news};
use tests::stories;

/// Everything public of a village that may tell of a post, as it is read.
const LISTS: [&str; 8] = [
    "/feed",
    "/feed?q=dorffest&topic=verkehr",
    "/feed.rss",
    "/feed.atom",
    "/feed.json",
    "/calendar.ics",
    "/calendar.ics?topic=verkehr",
    "/occurrences?from=2026-12-01T00:00:00Z&to=2026-12-31T00:00:00Z",
];

/// What is public of a single post.
const PAGES: [&str; 3] = ["", "/event.ics", "/event.jsonld"];

/// Which of the lists and pages tell of the post with this title.
async fn told_by(village: &VillageKit<'_>, post: &Post, title: &str) -> Vec<&'static str> {
    let mut told_by = Vec::new();
    for path in LISTS {
        let reply = village.ask("GET", path).send().await.expect(200);
        if reply.text().contains(title) || reply.text().contains(&post.id) {
            told_by.push(path);
        }
    }
    for page in PAGES {
        let reply = village.ask("GET", &format!("/posts/{}{page}", post.id)).send().await;
        assert!([200, 404].contains(&reply.status), "{page}: {}", reply.text());
        if reply.status == 200 {
            told_by.push(page);
        }
    }
    told_by
}

/// What the desk of a village is told of plans: the editorial calendar, all planned dates, and what an event of that day would
/// clash with.
async fn plans(village: &VillageKit<'_>) -> String {
    let window = "/editorial-calendar?from=2026-12-01T00:00:00Z&until=2026-12-31T00:00:00Z";
    let plan = village.editor().ask("GET", window).send().await.expect(200).text();
    let window = "/dates?from=2026-12-01T00:00:00Z&to=2026-12-31T00:00:00Z";
    let dates = village.editor().ask("GET", window).send().await.expect(200).text();
    let body = json!({"event": {"starts_local": "2026-12-06T10:00"}});
    plan + &dates + &village.editor().ask("POST", "/events/preview").json(&body).send().await.expect(200).text()
}

stories! {
    async fn what_a_village_hides_shows_nowhere_there(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let mut stream = StreamReader::open(&dorf.client, &dorf.base, &here.slug, "").await;
        stream.next().await.expect("a first event");
        let anna = here.resident("anna").by_push().await;
        let mayor = Mayor::of(&dorf).await;
        let joint = mayor.publishes(event("Dorffest", "2026-12-06T15:00").on("verkehr")).await;
        dorf.work_off().await;
        let (copy, other) = (mayor.copy(&joint, &here).await, mayor.copy(&joint, &there).await);
        let everywhere = [&LISTS[..], &PAGES].concat();
        assert_eq!(told_by(&here, &copy, "Dorffest").await, everywhere);
        let published_at = here.feed().await.json()["items"][0]["published_at"].clone();
        assert_eq!(plans(&here).await.matches("Dorffest").count(), 3);
        assert_eq!(stream.told(1).await, [("published".to_owned(), copy.id.clone())]);

        let hidden = Post::of(&here.editor().step(&copy, "hide").await.expect(200));
        assert!(told_by(&here, &copy, "Dorffest").await.is_empty());
        assert!(!plans(&here).await.contains("Dorffest"));
        assert_eq!(stream.told(1).await, [("withdrawn".to_owned(), copy.id.clone())]);
        assert_eq!(told_by(&there, &other, "Dorffest").await, everywhere, "the other villages keep theirs");
        let words = "SELECT CAST(COUNT(*) AS text) FROM search_word w JOIN post p ON p.id = w.post_id WHERE p.state = 8";
        assert_eq!(dorf.database.column(words).await, ["0"]);
        let report = json!({"reason": "wrong"});
        here.ask("POST", &format!("/posts/{}/reports", copy.id)).json(&report).send().await.problem(404, "not-found");

        // Its editors see it, and can neither send it again nor bring it back in another way.
        let list = here.editor().ask("GET", "/posts?state=hidden").send().await.expect(200).json();
        assert_eq!((&list["items"][0]["id"], &list["items"][0]["steps"]), (&json!(copy.id), &json!(["show"])), "{list}");
        for step in ["announce", "publish", "withdraw", "submit"] {
            let ask = here.editor().ask("POST", &format!("/posts/{}/{step}", copy.id)).header("if-match", &hidden.etag);
            ask.header("idempotency-key", step).send().await.problem(403, "forbidden");
        }
        let date = json!({"date": "2026-12-06T15:00", "state": "cancelled"});
        let dates = here.editor().ask("POST", &format!("/posts/{}/dates", copy.id)).header("if-match", &hidden.etag);
        dates.json(&date).send().await.problem(403, "forbidden");
        let again = here.editor().ask("POST", &format!("/posts/{}/duplicate", copy.id)).send().await.expect(201);
        assert_eq!((again.str("state"), again.get("municipality")), ("draft".to_owned(), Value::Null), "a draft of the village's own");

        // What is said anew meanwhile is said when it is shown, at the place that it had.
        mayor.changes(&joint, &json!({"title": "Dorffest mit Musik", "notify": true})).await;
        dorf.work_off().await;
        assert!(told_by(&here, &copy, "Dorffest").await.is_empty());
        let hidden = mayor.copy(&joint, &here).await;
        here.editor().step(&hidden, "show").await.expect(200);
        assert_eq!(told_by(&here, &copy, "Dorffest mit Musik").await, everywhere);
        assert_eq!(here.feed().await.json()["items"][0]["published_at"], published_at);
        assert_eq!(stream.told(1).await, [("published".to_owned(), copy.id.clone())]);
        dorf.work_off().await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Termin: Dorffest"], "showing it tells nobody");
    }

    async fn what_was_hidden_is_not_told_as_cancelled_when_it_is_withdrawn(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let mayor = Mayor::of(&dorf).await;
        let joint = mayor.publishes(event("Dorffest", "2026-12-06T15:00")).await;
        dorf.work_off().await;
        let copy = mayor.copy(&joint, &here).await;
        here.editor().step(&copy, "hide").await.expect(200);
        mayor.step(&joint, "withdraw").await.expect(200);
        dorf.work_off().await;
        for (village, cancelled) in [(&here, 0), (&there, 1)] {
            assert_eq!(mayor.result(&joint, village).await["state"], "withdrawn");
            let calendar = village.ask("GET", "/calendar.ics").send().await.expect(200).text();
            assert_eq!(calendar.matches("STATUS:CANCELLED").count(), cancelled, "{calendar}");
        }
        here.ask("GET", &format!("/posts/{}/event.ics", copy.id)).send().await.problem(410, "gone");
        let withdrawn = mayor.copy(&joint, &here).await;
        here.editor().step(&withdrawn, "show").await.problem(409, "conflict");
    }

    async fn who_has_not_been_told_when_it_is_hidden_is_told_elsewhere_or_not_at_all(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let device = dorf.push.new_device().await;
        let both = here.resident("anna").by_push_with(device.clone()).await;
        there.resident("anna").by_push_with(device).await;
        let only_here = here.resident("bert").by_push().await;
        for resident in [&both, &only_here] {
            resident.device().answer(PushAnswer::Broken);
        }
        let mayor = Mayor::of(&dorf).await;
        let joint = mayor.publishes(news("Wasser")).await;
        dorf.work_off().await;
        let copy = mayor.copy(&joint, &here).await;
        here.editor().step(&copy, "hide").await.expect(200);
        for resident in [&both, &only_here] {
            resident.device().answer(PushAnswer::Created);
        }
        for _ in 0..6 {
            dorf.wait(TimeDelta::minutes(10));
            dorf.work_off().await;
        }
        assert_eq!((both.pushes(), only_here.pushes()), (vec!["Stemmen · Wasser".to_owned()], Vec::new()));
        assert_eq!(mayor.result(&joint, &here).await["undelivered"], 2);
        assert_eq!(mayor.result(&joint, &there).await["delivered"], 1);
    }

    async fn what_has_expired_meanwhile_is_not_shown_again(on: Backend) {
        let dorf = Dorf::start(on).await;
        let here = dorf.village("luedenhausen").await;
        let mayor = Mayor::of(&dorf).await;
        let until = json!((dorf.clock.now() + TimeDelta::hours(2)).to_rfc3339());
        let joint = mayor.publishes(news("Bis Mittag").with("expires_at", until)).await;
        dorf.work_off().await;
        let copy = mayor.copy(&joint, &here).await;
        let hidden = Post::of(&here.editor().step(&copy, "hide").await.expect(200));
        dorf.wait(TimeDelta::hours(3));
        dorf.work_off().await;
        here.editor().step(&hidden, "show").await.problem(409, "conflict");
        assert_eq!(mayor.result(&joint, &here).await["state"], "hidden");
    }

    async fn a_report_that_is_upheld_hides_the_copy_of_this_village(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let mayor = Mayor::of(&dorf).await;
        let joint = mayor.publishes(news("Foto vom Nachbarn")).await;
        dorf.work_off().await;
        let copy = mayor.copy(&joint, &here).await;
        let report = json!({"reason": "privacy", "explanation": "Das bin ich."});
        let report = here.ask("POST", &format!("/posts/{}/reports", copy.id)).json(&report).send().await.expect(201);
        let decision = json!({"decision": "withdraw", "reasons": "Die Person hat nicht zugestimmt."});
        let decide = here.editor().ask("POST", &format!("/reports/{}/decision", report.str("id"))).json(&decision);
        decide.send().await.expect(200);
        assert_eq!(mayor.result(&joint, &here).await["state"], "hidden");
        assert_eq!((here.feed().await.titles(), there.feed().await.titles()), (Vec::new(), vec!["Foto vom Nachbarn".to_owned()]));
        assert!(here.audit().await.iter().any(|line| line["action"] == "post.hidden" && line["subject"] == copy.id.as_str()));
        mayor.step(&joint, "withdraw").await.expect(200);
        dorf.work_off().await;
        assert!(there.feed().await.titles().is_empty(), "the municipality takes it back everywhere");
    }
}
