//! A reviewed club: what it says of its own dates goes out at once; what else it changes of what is public waits for the town hall, and
//! the old stays meanwhile.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::clubs::{ClubKit, club};
use tests::kit::{Ask, Backend, Dorf, Draft, File, Post, Reply, VillageKit, event, news, notice};
use tests::stories;

/// Whoever writes for a reviewed club, and what of it is public.
struct Choir<'a> {
    village: &'a VillageKit<'a>,
    token: String,
}

impl<'a> Choir<'a> {
    async fn of(village: &'a VillageKit<'a>) -> Self {
        Self { village, token: club(village, "gesangverein", "reviewed").await }
    }

    fn ask(&self, method: &str, post: &Post, path: &str) -> Ask {
        let ask = self.village.staff(method, &format!("/posts/{}{path}", post.id)).bearer(&self.token);
        ask.header("if-match", &post.etag)
    }

    /// Writes, hands in, and is published by the town hall.
    async fn public(&self, draft: Draft) -> Post {
        let draft = self.village.staff("POST", "/posts").bearer(&self.token).json(&draft.0);
        let draft = Post::of(&draft.send().await.expect(201));
        let handed = Post::of(&self.ask("POST", &draft, "/submit").send().await.expect(200));
        let approved = Post::of(&self.village.editor().step(&handed, "approve").await.expect(200));
        Post::of(&self.village.editor().step(&approved, "publish").await.expect(200))
    }

    async fn redates(&self, post: &Post, body: Value) -> Reply {
        self.ask("POST", post, "/dates").json(&body).send().await
    }

    async fn hands_in(&self, post: &Post, change: Value) -> Reply {
        self.ask("PUT", post, "/revision").json(&change).send().await
    }

    /// The post as it is at the desk.
    async fn post(&self, post: &Post) -> Post {
        let village = self.village.next_day().await;
        Post::of(&village.editor().ask("GET", &format!("/posts/{}", post.id)).send().await.expect(200))
    }
}

/// Six Tuesdays.
fn rehearsals() -> Draft {
    let dates = json!({"starts_local": "2026-12-01T19:00", "ends_local": "2026-12-01T20:30", "rrule": "FREQ=WEEKLY;COUNT=6", "place": "Gemeindehaus"});
    event("Chorprobe", "2026-12-01T19:00").with("event", dates)
}

/// An editor decides about the revision of a post.
async fn decides(village: &VillageKit<'_>, post: &Post, etag: &str, step: &str, body: Value) -> Reply {
    let ask = village.editor().ask("POST", &format!("/posts/{}/revision/{step}", post.id)).header("if-match", etag);
    ask.json(&body).send().await
}

/// The titles in somebody's queue.
async fn queue(village: &VillageKit<'_>, token: &str) -> Vec<String> {
    village.staff("GET", "/queue").bearer(token).send().await.expect(200).titles()
}

async fn public_title(village: &VillageKit<'_>, post: &Post) -> String {
    village.ask("GET", &format!("/posts/{}", post.id)).send().await.expect(200).str("title")
}

stories! {
    async fn a_reviewed_club_cancels_moves_and_comments_its_dates_at_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let choir = Choir::of(&village).await;
        let mut post = choir.public(rehearsals()).await;
        dorf.work_off().await;
        let dates = [
            (json!({"date": "2026-12-08T19:00", "state": "cancelled", "note": "Heizung kaputt"}), "Abgesagt"),
            (json!({"date": "2026-12-15T19:00", "state": "changed", "starts_local": "2026-12-16T18:00", "place": "Kirche"}), "Verlegt auf Mittwoch, 16. Dezember"),
            (json!({"date": "2026-12-22T19:00", "state": "changed", "note": "Mit Plätzchen"}), "Geändert"),
            (json!({"date": "2026-12-08T19:00", "state": "planned"}), "Findet doch statt"),
            (json!({"date": "2027-01-05T19:00", "state": "cancelled", "reach": "this_and_following"}), "Abgesagt"),
        ];
        for (told, (body, label)) in dates.into_iter().enumerate() {
            post = Post::of(&choir.redates(&post, body).await.expect(200));
            dorf.work_off().await;
            assert_eq!(anna.pushes().len(), told + 2);
            let title = anna.pushes().pop().expect("a push");
            assert!(title.starts_with(&format!("Lüdenhausen · {label}: ")), "{title}");
        }
        let kept: Vec<Value> = village.audit().await.iter().map(|line| line["action"].clone()).take(5).collect();
        assert_eq!(kept, vec![json!("post.date_changed"); 5]);
        let refused = [
            json!({"date": "2026-12-01T19:00", "state": "changed", "title": "Besäufnis"}),
            json!({"date": "2026-12-15T19:00", "state": "changed", "starts_local": "2026-12-15T20:00", "reach": "this_and_following"}),
        ];
        for body in refused {
            let reply = choir.redates(&post, body).await;
            reply.problem(403, "needs-review");
            assert!(reply.str("detail").starts_with("Wird geprüft: "), "{}", reply.text());
        }
        let once = choir.public(event("Konzert", "2026-12-05T19:00")).await;
        dorf.work_off().await;
        let off = json!({"event": {"starts_local": "2026-12-05T19:00", "place": "Dorfplatz", "status": "cancelled"}});
        let once = Post::of(&choir.ask("PATCH", &once, "").json(&off).send().await.expect(200));
        dorf.work_off().await;
        assert_eq!(anna.pushes().pop(), Some("Lüdenhausen · Abgesagt: Konzert".to_owned()));
        let longer = json!({"event": {"starts_local": "2026-12-05T19:00", "place": "Dorfplatz", "cost": "5 Euro"}});
        for change in [json!({"title": "Anderes Konzert"}), json!({"body_markdown": "Neu"}), longer] {
            choir.ask("PATCH", &once, "").json(&change).send().await.problem(403, "needs-review");
        }
        let steps = village.staff("GET", &format!("/posts/{}", once.id)).bearer(&choir.token).send().await.expect(200);
        assert_eq!(steps.get("steps"), json!(["redate", "revise", "withdraw"]));
    }

    async fn a_change_is_handed_in_shown_with_its_difference_and_approved(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let choir = Choir::of(&village).await;
        let post = choir.public(notice("Chorprobe").saying("Freitag, 20 Uhr.\n\nIn der Schule.\n")).await;
        dorf.work_off().await;
        let change = json!({"title": "Chorprobe verlegt", "body_markdown": "Freitag, 20 Uhr.\n\nIm Gemeindehaus.\n", "notify": false});
        choir.hands_in(&post, json!({"title": "Chorprobe"})).await.problem(409, "conflict");
        choir.hands_in(&Post { etag: "\"1\"".to_owned(), ..post.clone() }, change.clone()).await.problem(412, "precondition-failed");
        let handed = choir.hands_in(&post, change.clone()).await.expect(200);
        assert_eq!((handed.str("state"), handed.get("version")), ("handed_in".to_owned(), json!(1)));
        assert_eq!(public_title(&village, &post).await, "Chorprobe", "the old stays");
        assert_eq!(choir.post(&post).await.etag, post.etag, "and is no other version");
        assert_eq!(queue(&village, &village.editor).await, ["Chorprobe"]);
        let seen = village.editor().ask("GET", &format!("/posts/{}/revision", post.id)).send().await.expect(200);
        assert_eq!(seen.get("fields"), json!(["/title", "/body_markdown"]));
        let pieces = seen.get("body_difference");
        assert_eq!(pieces[1], json!({"change": "removed", "text": "In der Schule.\n"}), "{pieces}");
        assert_eq!(pieces[2], json!({"change": "added", "text": "Im Gemeindehaus.\n"}), "{pieces}");
        let as_club = choir.ask("POST", &post, "/revision/approve").json(&json!({})).send().await;
        as_club.problem(412, "precondition-failed");
        let as_club = village.staff("POST", &format!("/posts/{}/revision/approve", post.id)).bearer(&choir.token);
        as_club.header("if-match", &handed.header("etag")).send().await.problem(403, "needs-review");
        let approved = decides(&village, &post, &handed.header("etag"), "approve", json!({"notify": true})).await.expect(200);
        assert_eq!((approved.str("title"), approved.str("state")), ("Chorprobe verlegt".to_owned(), "published".to_owned()));
        assert_eq!(public_title(&village, &post).await, "Chorprobe verlegt");
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), 2, "told, since the editor said so");
        assert!(queue(&village, &village.editor).await.is_empty());
        village.editor().ask("GET", &format!("/posts/{}/revision", post.id)).send().await.problem(404, "not-found");
        decides(&village, &post, &handed.header("etag"), "approve", json!({})).await.problem(404, "not-found");
        let versions = village.editor().ask("GET", &format!("/posts/{}/versions", post.id)).send().await.expect(200).json();
        assert_eq!(versions["items"][0]["account_name"], "gesangverein vom Verein", "whose words they are");
        let lines = village.audit().await;
        let about = lines.iter().filter(|line| line["subject"] == post.id);
        let told: Vec<Value> = about.take(2).map(|line| line["action"].clone()).collect();
        assert_eq!(told, [json!("post.revision_approved"), json!("post.revision_handed_in")]);
    }

    async fn a_revision_is_returned_with_a_comment_replaced_and_taken_back(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let choir = Choir::of(&village).await;
        let post = choir.public(notice("Chorprobe")).await;
        let handed = choir.hands_in(&post, json!({"title": "Probe"})).await.expect(200);
        decides(&village, &post, &handed.header("etag"), "return", json!({"comment": " "})).await.fault(422, "/comment");
        let back = decides(&village, &post, &handed.header("etag"), "return", json!({"comment": "Welche Probe?"})).await.expect(200);
        assert_eq!((back.str("state"), queue(&village, &choir.token).await), ("returned".to_owned(), vec!["Chorprobe".to_owned()]));
        decides(&village, &post, &back.header("etag"), "approve", json!({})).await.problem(409, "conflict");
        let comments = village.staff("GET", &format!("/posts/{}/comments", post.id)).bearer(&choir.token).send().await.expect(200).json();
        assert_eq!(comments["items"][0]["text"], "Welche Probe?");
        let again = choir.hands_in(&post, json!({"title": "Generalprobe"})).await.expect(200);
        assert_eq!((again.get("version"), again.str("title")), (json!(3), "Generalprobe".to_owned()), "one at most");
        decides(&village, &post, &handed.header("etag"), "approve", json!({})).await.problem(412, "precondition-failed");
        let takes_back = |etag: String| village.staff("DELETE", &format!("/posts/{}/revision", post.id)).bearer(&choir.token).header("if-match", &etag);
        takes_back("\"1\"".to_owned()).send().await.problem(412, "precondition-failed");
        takes_back(again.header("etag")).send().await.expect(204);
        takes_back(again.header("etag")).send().await.problem(404, "not-found");
        assert_eq!(public_title(&village, &post).await, "Chorprobe");
        let other = village.editor().publishes(news("Vom Rathaus")).await;
        let own = village.editor().ask("PUT", &format!("/posts/{}/revision", other.id)).header("if-match", &other.etag);
        own.json(&json!({"title": "Nein"})).send().await.problem(403, "forbidden");
    }

    async fn what_happens_meanwhile_is_kept_or_said(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let choir = Choir::of(&village).await;
        let post = choir.public(rehearsals()).await;
        let dates = json!({"starts_local": "2026-12-01T19:00", "ends_local": "2026-12-01T21:00", "rrule": "FREQ=WEEKLY;COUNT=6", "place": "Schule"});
        choir.hands_in(&post, json!({"body_markdown": "Wir proben in der Schule.", "event": dates})).await.expect(200);
        let off = json!({"date": "2026-12-08T19:00", "state": "cancelled"});
        let post = Post::of(&choir.redates(&post, off).await.expect(200));
        let post = Post::of(&village.editor().changes(&post, &json!({"title": "Chorprobe für alle"})).await.expect(200));
        let revision = async || village.editor().ask("GET", &format!("/posts/{}/revision", post.id)).send().await.expect(200);
        assert_eq!(revision().await.get("overtaken"), json!([]));
        let approved = decides(&village, &post, "\"1\"", "approve", json!({"notify": false})).await.expect(200);
        assert_eq!((approved.str("title"), approved.str("body_markdown")), ("Chorprobe für alle".to_owned(), "Wir proben in der Schule.".to_owned()));
        let event = approved.get("event");
        assert_eq!((&event["place"], &event["changed_dates"][0]["state"]), (&json!("Schule"), &json!("cancelled")), "{event}");
        let post = Post::of(&approved);
        choir.hands_in(&post, json!({"title": "Singen", "body_markdown": "Kommt!"})).await.expect(200);
        let post = Post::of(&village.editor().changes(&post, &json!({"title": "Chorprobe Dezember"})).await.expect(200));
        let overtaken = revision().await;
        assert_eq!(overtaken.get("overtaken"), json!(["/title"]));
        let refused = decides(&village, &post, &overtaken.header("etag"), "approve", json!({})).await;
        assert_eq!(refused.problem(409, "conflict"), ["/title"]);
        assert_eq!(public_title(&village, &post).await, "Chorprobe Dezember");
        let anew = choir.hands_in(&post, json!({"title": "Singen"})).await.expect(200);
        let tokens = [&village.editor, &village.admin, &village.editor];
        let both = futures_util::future::join_all(tokens.map(|token| {
            let ask = village.staff("POST", &format!("/posts/{}/revision/approve", post.id)).bearer(token);
            ask.header("if-match", &anew.header("etag")).send()
        })).await;
        assert_eq!(both.iter().filter(|reply| reply.status == 200).count(), 1, "two approvals are one");
        assert!(both.iter().all(|reply| [200, 404].contains(&reply.status)));
        assert_eq!(public_title(&village, &post).await, "Singen");
    }

    async fn a_date_that_is_off_is_never_put_on_again_by_a_revision(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let choir = Choir::of(&village).await;
        let post = choir.public(rehearsals()).await;
        let later = json!({"starts_local": "2026-12-01T20:00", "ends_local": "2026-12-01T21:30", "rrule": "FREQ=WEEKLY;COUNT=6", "place": "Gemeindehaus"});
        choir.hands_in(&post, json!({"event": later})).await.expect(200);
        let off = json!({"date": "2026-12-08T19:00", "state": "cancelled"});
        choir.redates(&post, off).await.expect(200);
        let refused = decides(&village, &post, "\"1\"", "approve", json!({})).await;
        assert_eq!(refused.problem(409, "conflict"), ["/event/changed_dates"]);
        let post = choir.post(&post).await;
        choir.hands_in(&post, json!({"event": later})).await.expect(200);
        let approved = decides(&village, &post, "\"2\"", "approve", json!({})).await.expect(200);
        assert_eq!(approved.get("event")["starts_local"], "2026-12-01T20:00:00", "whoever hands in anew has seen it");
    }

    async fn a_revision_goes_with_its_post_and_waits_with_its_club(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.accounts.session_h = 10_000).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let choir = Choir::of(&village).await;
        let kit = ClubKit { village: &village, slug: "gesangverein".to_owned() };
        let (post, gone) = (choir.public(notice("Chorprobe")).await, choir.public(notice("Auftritt")).await);
        let image = village.staff("POST", "/media?alt=Lyra").bearer(&choir.token).header("content-type", "image/png");
        let image = image.bytes(File::png(4, 4, 90).bytes).send().await.expect(201).str("id");
        let foreign = village.editor().image(File::png(4, 4, 10)).await;
        choir.hands_in(&post, json!({"media": [foreign["id"]]})).await.fault(422, "/media/0");
        let handed = choir.hands_in(&post, json!({"media": [image]})).await.expect(200);
        choir.hands_in(&gone, json!({"title": "Nie"})).await.expect(200);
        let path = format!("/posts/{}/revision", post.id);
        other.editor().ask("GET", &path).send().await.problem(404, "not-found");
        let stranger = other.editor().ask("POST", &format!("{path}/approve")).header("if-match", &handed.header("etag"));
        stranger.send().await.problem(404, "not-found");
        let fire = club(&village, "feuerwehr", "reviewed").await;
        village.staff("GET", &path).bearer(&fire).send().await.problem(404, "not-found");
        village.editor().step(&gone, "withdraw").await.expect(200);
        assert_eq!(queue(&village, &village.editor).await, ["Chorprobe"]);
        village.editor().ask("GET", &format!("/posts/{}/revision", gone.id)).send().await.problem(404, "not-found");
        kit.decides("POST", "switch-off", Some(json!({"reason": "Streit."}))).await.expect(200);
        assert!(queue(&village, &village.editor).await.is_empty());
        decides(&village, &post, &handed.header("etag"), "approve", json!({})).await.problem(409, "conflict");
        let refused = choir.hands_in(&post, json!({"title": "Trotzdem"})).await;
        refused.problem(403, "club-inactive");
        assert!(refused.str("detail").contains("abgeschaltet"), "{}", refused.text());
        kit.decides("POST", "switch-on", None).await.expect(200);
        dorf.wait(TimeDelta::days(60));
        dorf.keep_house().await;
        assert_eq!(queue(&village, &village.editor).await, ["Chorprobe"]);
        let approved = decides(&village, &post, &handed.header("etag"), "approve", json!({})).await.expect(200);
        assert_eq!(approved.get("media")[0]["id"], json!(image), "the picture was kept for it");
    }
}
