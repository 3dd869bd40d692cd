//! What an editor of a municipality asks for, and when: drafts, lists, repeats, second factors, events, and posts that are late.

use super::Mayor;
use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, PASSWORD, Post, Reply, VillageKit, event, news};
use tests::stories;
use totp_rs::{Builder, Secret};

impl Mayor<'_> {
    async fn reads(&self, path: &str) -> Reply {
        self.dorf.ask("GET", path).bearer(&self.token).send().await
    }
}

/// Gives an account a second factor; its log-ins so far have gone through it.
async fn second_factor(dorf: &Dorf, token: &str) {
    let post = async |path: &str, body: Value| {
        dorf.ask("POST", &format!("/v1/admin/me/second-factor{path}")).bearer(token).json(&body).send().await
    };
    let secret = post("", json!({"password": PASSWORD})).await.expect(201).str("secret");
    let totp = Builder::new().with_secret(Secret::try_from_base32(&secret).expect("base32")).build();
    let now = u64::try_from(dorf.clock.now().timestamp()).expect("a time");
    let code = totp.expect("an authenticator").generate(now).to_string();
    post("/confirm", json!({"code": code})).await.expect(200);
}

async fn occurrences(village: &VillageKit<'_>) -> Vec<String> {
    let path = "/occurrences?from=2026-12-01T00:00:00Z&to=2026-12-31T00:00:00Z";
    let list = village.ask("GET", path).send().await.expect(200).json();
    let items = list["items"].as_array().cloned().unwrap_or_default();
    items
        .iter()
        .map(|item| format!("{} {}", item["starts_local"].as_str().unwrap_or(""), item["state"].as_str().unwrap_or("")))
        .collect()
}

stories! {
    async fn the_list_goes_on_page_by_page_and_one_is_read_with_its_results(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, _) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let mayor = Mayor::of(&dorf).await;
        for n in 1..=5 {
            mayor.drafts(news(&format!("Entwurf {n}")).with("villages", json!(["stemmen"]))).await;
        }
        let mut titles = Vec::new();
        let mut path = Some(format!("{}?limit=2", mayor.base));
        let mut pages = 0;
        while let Some(here) = path {
            let page = mayor.reads(&here).await.expect(200);
            titles.extend(page.titles());
            pages += 1;
            assert!(page.json()["items"].as_array().is_some_and(|items| items.iter().all(|item| item.get("results").is_none())));
            path = page.get("next_cursor").as_str().map(|cursor| format!("{}?limit=2&cursor={cursor}", mayor.base));
            assert_eq!(path.is_some(), page.header("link").contains("rel=\"next\""));
        }
        assert_eq!((pages, titles), (3, (1..=5).rev().map(|n| format!("Entwurf {n}")).collect()));
        assert_eq!(mayor.reads(&format!("{}?cursor=x", mayor.base)).await.problem(400, "invalid-cursor"), ["cursor"]);
        let foreign = here.ask("GET", "/feed?limit=1").send().await;
        assert_eq!(foreign.status, 200);
        for limit in ["0", "101", "-1", "x"] {
            assert_eq!(mayor.reads(&format!("{}?limit={limit}", mayor.base)).await.problem(400, "invalid-parameter"), ["limit"]);
        }
        let joint = mayor.publishes(news("Nur dort").with("villages", json!(["stemmen"]))).await;
        dorf.work_off().await;
        let read = mayor.reads(&format!("{}/{}", mayor.base, joint.id)).await.expect(200).json();
        assert_eq!(read["villages"], json!(["stemmen"]));
        assert_eq!(read["results"].as_array().map(Vec::len), Some(1), "{read}");
        assert_eq!((&read["results"][0]["village"], &read["results"][0]["state"]), (&json!("stemmen"), &json!("published")));
        assert!(here.feed().await.titles().is_empty());
        for id in ["00000000-0000-0000-0000-000000000000", "x"] {
            mayor.reads(&format!("{}/{id}", mayor.base)).await.problem(404, "not-found");
        }
    }

    async fn a_draft_can_be_deleted_and_what_is_out_cannot(on: Backend) {
        let dorf = Dorf::start(on).await;
        let here = dorf.village("luedenhausen").await;
        let mayor = Mayor::of(&dorf).await;
        let deletes = async |post: &Post, version: &str| {
            let ask = dorf.ask("DELETE", &format!("{}/{}", mayor.base, post.id)).bearer(&mayor.token);
            ask.header("if-match", version).send().await
        };
        let draft = mayor.drafts(news("Doch nicht")).await;
        deletes(&draft, "\"7\"").await.problem(412, "precondition-failed");
        deletes(&draft, &draft.etag).await.expect(204);
        deletes(&draft, &draft.etag).await.problem(404, "not-found");
        mayor.step(&draft, "publish").await.problem(404, "not-found");
        assert!(mayor.reads(&mayor.base).await.titles().is_empty());
        assert_eq!(here.audit().await[0]["action"], "joint_post.deleted");
        let joint = mayor.publishes(news("Draußen")).await;
        deletes(&joint, &joint.etag).await.problem(409, "conflict");
        dorf.work_off().await;
        assert_eq!(here.feed().await.titles(), ["Draußen"]);
    }

    async fn of_two_who_do_something_at_once_one_is_told_to_look_again(on: Backend) {
        let dorf = Dorf::start(on).await;
        let here = dorf.village("luedenhausen").await;
        let anna = here.resident("anna").by_push().await;
        let mayor = Mayor::of(&dorf).await;
        let draft = mayor.drafts(news("Entwurf")).await;
        let changes = async |title: &str| {
            let ask = dorf.ask("PATCH", &format!("{}/{}", mayor.base, draft.id)).bearer(&mayor.token);
            ask.header("if-match", &draft.etag).json(&json!({"title": title})).send().await
        };
        let (one, other) = tokio::join!(changes("Von mir"), changes("Von dir"));
        let (done, refused) = if one.status == 200 { (one, other) } else { (other, one) };
        refused.problem(412, "precondition-failed");
        let draft = Post::of(&done.expect(200));
        let (one, other) = tokio::join!(mayor.step(&draft, "publish"), mayor.step(&draft, "publish"));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        dorf.work_off().await;
        assert_eq!((anna.pushes().len(), here.feed().await.titles().len()), (1, 1));
        let unconditional = dorf.ask("POST", &format!("{}/{}/withdraw", mayor.base, draft.id)).bearer(&mayor.token);
        unconditional.send().await.problem(428, "precondition-required");
    }

    async fn a_repeat_with_the_same_key_is_done_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let here = dorf.village("luedenhausen").await;
        let anna = here.resident("anna").by_push().await;
        let mayor = Mayor::of(&dorf).await;
        let asks = async |title: &str| {
            let ask = dorf.ask("POST", &mayor.base).bearer(&mayor.token).header("idempotency-key", "entwurf");
            ask.json(&news(title).0).send().await
        };
        let (first, second) = tokio::join!(asks("Einmal"), asks("Einmal"));
        let (first, second) = (first.expect(201), second.expect(201));
        assert_eq!((first.text(), first.header("etag"), first.header("location")), (second.text(), second.header("etag"), second.header("location")));
        asks("Zweimal").await.problem(422, "idempotency-key-reused");
        assert_eq!(mayor.reads(&mayor.base).await.titles(), ["Einmal"]);
        let joint = Post::of(&first);
        let publishes = async |key: &str| {
            let ask = dorf.ask("POST", &format!("{}/{}/publish", mayor.base, joint.id)).bearer(&mayor.token);
            ask.header("if-match", &joint.etag).header("idempotency-key", key).send().await
        };
        let (one, other) = tokio::join!(publishes("hinaus"), publishes("hinaus"));
        assert_eq!(one.expect(200).text(), other.expect(200).text());
        dorf.work_off().await;
        publishes("hinaus").await.expect(200);
        dorf.work_off().await;
        publishes("noch einmal").await.problem(412, "precondition-failed");
        assert_eq!((anna.pushes().len(), here.feed().await.titles().len()), (1, 1));
        let version = mayor.reads(&format!("{}/{}", mayor.base, joint.id)).await;
        let same = mayor.changes(&Post::of(&version), &json!({"title": "Einmal"})).await;
        assert_eq!(same.etag, version.header("etag"), "what changes nothing is no version");
    }

    async fn a_village_that_asks_for_a_second_factor_asks_it_of_the_municipality(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let mayor = Mayor::of(&dorf).await;
        let draft = mayor.drafts(news("Entwurf").with("villages", json!(["stemmen"]))).await;
        second_factor(&dorf, &here.admin).await;
        let rule = json!({"required": true});
        here.staff("PUT", "/second-factor-rule").bearer(&here.admin).json(&rule).send().await.expect(200);
        mayor.reads(&mayor.base).await.problem(403, "second-factor-required");
        mayor.step(&draft, "publish").await.problem(403, "second-factor-required");
        let refused = dorf.ask("POST", &mayor.base).bearer(&mayor.token).json(&news("Neu").0).send().await;
        refused.problem(403, "second-factor-required");
        dorf.work_off().await;
        assert!(there.feed().await.titles().is_empty());
        second_factor(&dorf, &mayor.token).await;
        mayor.step(&draft, "publish").await.expect(200);
        dorf.work_off().await;
        assert_eq!(there.feed().await.titles(), ["Entwurf"]);
        // Who is no editor of the municipality any more is none at once.
        let account = mayor.reads("/v1/admin/me").await.expect(200).str("account");
        let editors = format!("/v1/operator/municipalities/{}/editors/{account}", dorf.municipality().await);
        let removed = async || dorf.ask("DELETE", &editors).bearer(dorf.operator().await).send().await;
        removed().await.problem(403, "second-factor-required");
        second_factor(&dorf, dorf.operator().await).await;
        removed().await.expect(204);
        mayor.reads(&mayor.base).await.problem(401, "unauthenticated");
        let again = dorf.ask("POST", "/v1/admin/login").json(&json!({"email": "mara@kalletal.example", "password": PASSWORD}));
        again.send().await.problem(401, "second-factor-code-required");
    }

    async fn late_is_now_and_once_unless_it_is_too_late(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let residents = [here.resident("anna").by_push().await, there.resident("otto").by_push().await];
        let mayor = Mayor::of(&dorf).await;
        let late = mayor.publishes(news("Spät")).await;
        let over = mayor.publishes(event("Vorbei", "2026-11-23T15:00")).await;
        let expiry = json!("2026-11-23T12:00:00Z");
        let expired = mayor.publishes(news("Abgelaufen").with("expires_at", expiry)).await;
        // No worker runs for two days.
        dorf.wait(TimeDelta::days(2));
        dorf.work_off().await;
        dorf.work_off().await;
        let token = dorf.log_in("mara@kalletal.example").await;
        let mayor = Mayor { token, ..mayor };
        for (village, resident) in [&here, &there].into_iter().zip(&residents) {
            assert_eq!(resident.pushes().len(), 1);
            assert_eq!(village.feed().await.titles(), ["Spät"]);
            let admin = dorf.log_in(&format!("admin@{}.example", village.slug)).await;
            let lines = village.staff("GET", "/audit?action=post.published").bearer(&admin).send().await.expect(200).json();
            assert_eq!(lines["items"].as_array().map(Vec::len), Some(1), "what is too late was never public: {lines}");
            for (joint, state) in [(&late, "published"), (&over, "expired"), (&expired, "expired")] {
                let result = mayor.result(joint, village).await;
                assert_eq!((&result["state"], &result["up_to_date"]), (&json!(state), &json!(true)), "{result}");
            }
        }
    }

    async fn an_event_is_in_each_villages_calendar_and_its_dates_follow(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let otto = there.resident("otto").by_push().await;
        let mayor = Mayor::of(&dorf).await;
        let weekly = json!({
            "starts_local": "2026-12-01T18:00", "rrule": "FREQ=WEEKLY;COUNT=3", "place": "Rathaus",
            "changed_dates": [{"date": "2026-12-08T18:00", "state": "cancelled"}],
        });
        let joint = mayor.publishes(event("Sprechstunde", "2026-12-01T18:00").with("event", weekly)).await;
        dorf.work_off().await;
        let mut uids = Vec::new();
        for village in [&here, &there] {
            let dates = occurrences(village).await;
            assert_eq!(dates, ["2026-12-01T18:00:00 planned", "2026-12-08T18:00:00 cancelled", "2026-12-15T18:00:00 planned"]);
            let calendar = village.ask("GET", "/calendar.ics").send().await.expect(200).text();
            uids.extend(calendar.lines().find(|line| line.starts_with("UID:")).map(str::to_owned));
        }
        assert!(uids.len() == 2 && uids[0] != uids[1], "calendars of two villages have two events: {uids:?}");
        // The whole series moves by an hour; what is different at one date stays where there still is such a date.
        let moved = json!({"event": {"starts_local": "2026-12-01T18:00", "ends_local": "2026-12-01T20:00", "rrule": "FREQ=WEEKLY;COUNT=4", "place": "Rathaus"}});
        let joint = mayor.changes(&joint, &moved).await;
        dorf.work_off().await;
        for village in [&here, &there] {
            let dates = occurrences(village).await;
            assert_eq!((dates.len(), dates[1].as_str()), (4, "2026-12-08T18:00:00 cancelled"), "{dates:?}");
        }
        let off = json!({"event": {"starts_local": "2026-12-01T18:00", "status": "cancelled"}, "notify": true});
        mayor.changes(&joint, &off).await;
        dorf.work_off().await;
        assert_eq!(otto.pushes().len(), 2, "told of it, and that it is off");
        for village in [&here, &there] {
            let calendar = village.ask("GET", "/calendar.ics").send().await.expect(200).text();
            assert!(calendar.contains("STATUS:CANCELLED"), "{calendar}");
        }
        let wrong = event("Nie", "2027-03-28T02:30").with("event", json!({"starts_local": "gestern"}));
        let reply = dorf.ask("POST", &mayor.base).bearer(&mayor.token).json(&wrong.0).send().await;
        assert!(reply.problem(422, "unprocessable").iter().any(|at| at.starts_with("/event")), "{}", reply.text());
    }
}
