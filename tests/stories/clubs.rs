//! Clubs: their pages, who runs them, and what the town hall decides.

mod applying;
mod joining;
mod resting;
mod reviewed;

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::clubs::{ClubKit, club};
use tests::kit::{Backend, Dorf, File, Post, VillageKit, notice};
use tests::stories;

async fn listed(village: &VillageKit<'_>, query: &str) -> Vec<String> {
    let list = village.ask("GET", &format!("/clubs{query}")).send().await.expect(200).json();
    list["items"]
        .as_array()
        .expect("clubs")
        .iter()
        .map(|club| club["slug"].as_str().expect("a slug").to_owned())
        .collect()
}

async fn planned(village: &VillageKit<'_>, token: &str, title: &str) -> Post {
    let post = Post::of(&village.staff("POST", "/posts").bearer(token).json(&notice(title).0).send().await.expect(201));
    let ask =
        village.staff("POST", &format!("/posts/{}/schedule", post.id)).bearer(token).header("if-match", &post.etag);
    Post::of(&ask.json(&json!({"publish_at_local": "2026-11-23T09:00"})).send().await.expect(200))
}

stories! {
    async fn a_club_keeps_its_page_and_everybody_reads_it(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let chor = ClubKit::entered(&village, "gesangverein").await;
        let clara = chor.member("clara", "club_manager").await;
        let image = village.staff("POST", "/media?alt=Lyra").bearer(&clara).header("content-type", "image/png");
        let image = image.bytes(File::png(4, 4, 90).bytes).send().await.expect(201).str("id");
        let change = json!({
            "description_markdown": "Wir singen **vierstimmig**. <script>x</script>", "meeting_times": "Donnerstags um 19:30",
            "contact_name": "Clara", "contact_email": "chor@verein.example", "website": "https://chor.example/", "logo": image,
        });
        let etag = chor.etag().await;
        let changed = chor.ask("PATCH", "", &clara).header("if-match", &etag).json(&change).send().await.expect(200);
        chor.ask("PATCH", "", &clara).header("if-match", &etag).json(&change).send().await.problem(412, "precondition-failed");
        assert_ne!(changed.header("etag"), etag);
        let page = village.ask("GET", "/clubs/gesangverein").send().await.expect(200).json();
        assert_eq!(page["meeting_times"], "Donnerstags um 19:30");
        let html = page["description_html"].as_str().expect("HTML");
        assert!(html.contains("<strong>vierstimmig</strong>") && !html.contains("<script"), "{html}");
        let logo = page["logo"]["url"].as_str().expect("a logo");
        dorf.ask("GET", logo).send().await.expect(200);
        assert_eq!(listed(&village, "?category=culture").await, ["gesangverein"]);
        assert!(listed(&village, "?category=sport").await.is_empty());
        for (field, value) in [("website", json!("javascript:alert(1)")), ("contact_email", json!("kein")), ("name", json!("")), ("logo", json!("019ab0ef-6a31-7d20-b5c4-0f9e83d2a716"))] {
            let etag = chor.etag().await;
            let ask = chor.ask("PATCH", "", &clara).header("if-match", &etag).json(&json!({field: value}));
            ask.send().await.fault(422, &format!("/{field}"));
        }
    }

    async fn residents_follow_a_club_and_its_posts_are_found(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let chor = club(&village, "gesangverein", "trusted").await;
        let feuerwehr = club(&village, "feuerwehr", "trusted").await;
        let anna = village.resident("anna").follows_club("gesangverein").by_push().await;
        for (token, title) in [(&chor, "Chorprobe fällt aus"), (&feuerwehr, "Übung am Samstag")] {
            let post = village.staff("POST", "/posts").bearer(token).json(&notice(title).0).send().await.expect(201);
            let publish = village.staff("POST", &format!("/posts/{}/publish", post.str("id"))).bearer(token);
            publish.header("if-match", &post.header("etag")).send().await.expect(200);
        }
        dorf.work_off().await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Verein gesangverein: Chorprobe fällt aus"]);
        let feed = village.ask("GET", "/feed?club=gesangverein").send().await.expect(200).json();
        let titles: Vec<&Value> = feed["items"].as_array().expect("posts").iter().map(|post| &post["title"]).collect();
        assert_eq!(titles, ["Chorprobe fällt aus"]);
        village.ask("GET", "/feed?club=gibtsnicht").send().await.problem(404, "not-found");
        let body = json!({"channel": "email", "email": "x@example.org", "follows": [{"club": "gibtsnicht"}]});
        village.ask("POST", "/subscriptions").json(&body).send().await.fault(422, "/follows/0/club");
        let held = anna.ask("GET").send().await.expect(200).json();
        assert_eq!(held["follows"], json!([{"club": "gesangverein"}]));
    }

    async fn a_club_is_switched_off_in_one_call_with_all_that_it_has_planned(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let chor = club(&village, "gesangverein", "trusted").await;
        let kit = ClubKit { village: &village, slug: "gesangverein".to_owned() };
        let anna = village.resident("anna").by_push().await;
        let post = planned(&village, &chor, "Konzert").await;
        kit.invites("neu", "club_author", &village.editor).await;
        let reason = json!({"reason": "Der Verein hat sich aufgelöst."});
        kit.decides("POST", "switch-off", Some(reason.clone())).await.expect(200);
        kit.decides("POST", "switch-off", Some(reason)).await.problem(409, "conflict");
        let at_the_desk = village.editor().ask("GET", &format!("/posts/{}", post.id)).send().await.expect(200).json();
        assert_eq!(at_the_desk["state"], "in_review");
        village.staff("POST", "/posts").bearer(&chor).json(&notice("Noch eins").0).send().await.problem(403, "club-inactive");
        village.ask("GET", "/clubs/gesangverein").send().await.problem(404, "not-found");
        kit.accepts(&kit.link_to("neu"), "neu").await.problem(404, "not-found");
        dorf.work_off().await;
        let mail = dorf.mail.mails_to(&kit.address("erste-gesangverein")).pop().expect("a mail to a manager");
        assert!(mail.subject().starts_with("Abgeschaltet") && mail.text().contains("aufgelöst"), "{}", mail.text());
        dorf.wait(TimeDelta::days(2));
        dorf.work_off().await;
        assert!(anna.pushes().is_empty(), "nothing that was planned went out");
        let editor = dorf.log_in("editor@luedenhausen.example").await;
        let etag = kit.ask("GET", "", &editor).send().await.expect(200).header("etag");
        kit.ask("POST", "/switch-on", &editor).header("if-match", &etag).send().await.expect(200);
        village.ask("GET", "/clubs/gesangverein").send().await.expect(200);
        let admin = dorf.log_in("admin@luedenhausen.example").await;
        let lines = village.staff("GET", "/audit?limit=100").bearer(&admin).send().await.expect(200).json();
        let lines = lines["items"].as_array().cloned().expect("lines");
        let actions: Vec<Value> = lines.iter().map(|line| line["action"].clone()).collect();
        for action in ["club.switched_off", "club.switched_on", "post.held"] {
            assert!(actions.contains(&json!(action)), "{action}");
        }
    }

    async fn a_club_is_asked_once_a_year_whether_it_is_still_there_and_rests_without_an_answer(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let kit = ClubKit::entered(&village, "gesangverein").await;
        let clara = kit.member("clara", "club_manager").await;
        let said = |kit: &ClubKit<'_>| kit.subjects_to("clara").iter().filter(|subject| subject.starts_with("Noch aktiv?")).count();
        dorf.wait(TimeDelta::days(334));
        dorf.work_off().await;
        assert_eq!(said(&kit), 0, "too early");
        dorf.wait(TimeDelta::days(2));
        dorf.work_off().await;
        dorf.work_off().await;
        assert_eq!(said(&kit), 1);
        let clara_again = dorf.log_in(&kit.address("clara")).await;
        kit.ask("POST", "/confirm", &clara_again).send().await.expect(204);
        dorf.wait(TimeDelta::days(40));
        dorf.work_off().await;
        let editor = dorf.log_in("editor@luedenhausen.example").await;
        let state = kit.ask("GET", "", &editor).send().await.expect(200).json();
        assert_eq!((&state["state"], said(&kit)), (&json!("active"), 1), "confirmed in time");
        dorf.wait(TimeDelta::days(300));
        dorf.work_off().await;
        assert_eq!(said(&kit), 2, "asked again a year later");
        dorf.wait(TimeDelta::days(31));
        dorf.work_off().await;
        village.ask("GET", "/clubs/gesangverein").send().await.problem(404, "not-found");
        assert!(kit.subjects_to("clara").last().expect("a mail").starts_with("Ruht jetzt"));
        let clara_back = dorf.log_in(&kit.address("clara")).await;
        let post = village.staff("POST", "/posts").bearer(&clara_back).json(&notice("Geht nicht").0).send().await;
        post.problem(403, "club-inactive");
        assert!(post.str("detail").starts_with("Ihr Verein ruht"), "{}", post.text());
        kit.ask("POST", "/confirm", &clara_back).send().await.expect(204);
        village.ask("GET", "/clubs/gesangverein").send().await.expect(200);
        drop(clara);
    }

    async fn the_town_hall_sees_all_clubs_and_others_see_their_own(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let chor = ClubKit::entered(&village, "gesangverein").await;
        let clara = chor.member("clara", "club_manager").await;
        let author = chor.member("anton", "club_author").await;
        let feuerwehr = ClubKit::entered(&village, "feuerwehr").await;
        let fritz = feuerwehr.member("fritz", "club_manager").await;
        let elsewhere = ClubKit::entered(&other, "gesangverein").await;
        let all = village.staff("GET", "/clubs?state=active").bearer(&village.editor).send().await.expect(200).json();
        assert_eq!(all["items"].as_array().map(Vec::len), Some(2));
        assert_eq!(all["items"][0]["managers_missing"], true, "one manager is too few");
        village.staff("GET", "/clubs").bearer(&clara).send().await.problem(403, "forbidden");
        chor.ask("GET", "", &fritz).send().await.problem(404, "not-found");
        chor.ask("GET", "", &author).send().await.problem(403, "forbidden");
        elsewhere.ask("GET", "", &clara).send().await.problem(404, "not-found");
        chor.ask("GET", "/members", &other.editor).send().await.problem(404, "not-found");
        let body = json!({"slug": "gesangverein", "name": "Noch einer", "category": "other"});
        village.staff("POST", "/clubs").bearer(&village.editor).json(&body).send().await.problem(409, "conflict");
        chor.decides("PUT", "trust", Some(json!({"trust": "trusted"}))).await.problem(409, "conflict");
        let trust = chor.ask("PUT", "/trust", &clara).header("if-match", "\"1\"").json(&json!({"trust": "trusted"}));
        trust.send().await.problem(403, "forbidden");
    }
}
