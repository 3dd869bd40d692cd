//! Told again: exactly those who were told of a post are told that it was taken back, and that a danger is over; nobody else, and
//! each once.

mod all_clear;
mod crash;
mod joint;

use chrono::TimeDelta;
use serde_json::json;
use tests::kit::push_receiver::PushAnswer;
use tests::kit::smtp_sink::Answer;
use tests::kit::{Backend, Dorf, Post, VillageKit, event, news};
use tests::stories;

/// Takes a post back, as the editor, for this reason.
pub async fn takes_back(village: &VillageKit<'_>, post: &Post, reason: &str) -> Post {
    let ask = village.editor().ask("POST", &format!("/posts/{}/withdraw", post.id)).header("if-match", &post.etag);
    Post::of(&ask.json(&json!({"reason": reason})).send().await.expect(200))
}

/// Works now, and again when it is known how everything ended that was on its way.
async fn works_it_all_off(dorf: &Dorf) {
    dorf.work_off().await;
    dorf.wait(TimeDelta::seconds(3));
    dorf.work_off().await;
}

stories! {
    async fn a_withdrawal_is_told_to_exactly_those_who_were_told(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").follows("verkehr").by_push().await;
        let bert = village.resident("bert").by_mail().await;
        let left = village.resident("left").by_push().await;
        let broken = village.resident("broken").by_push().await;
        let full = village.resident("full").by_mail().await;
        let elsewhere = village.resident("elsewhere").follows("vereine").by_push().await;
        broken.device().answer(PushAnswer::Once(Box::new(PushAnswer::Broken)));
        dorf.mail.on(&full.address(), Answer::Busy);
        let post = village.editor().publishes(news("Brücke gesperrt").on("verkehr")).await;
        dorf.work_off().await;
        let late = village.resident("late").by_push().await;
        left.ask("DELETE").send().await.expect(204);
        anna.ask("PATCH").json(&json!({"follows": [{"topic": "vereine"}]})).send().await.expect(200);
        takes_back(&village, &post, "Die Brücke bleibt doch offen.").await;
        works_it_all_off(&dorf).await;
        dorf.wait(TimeDelta::hours(2));
        dorf.work_off().await;
        let told = ["Lüdenhausen · Brücke gesperrt", "Lüdenhausen · Zurückgenommen: Brücke gesperrt"];
        assert_eq!(anna.pushes(), told, "who follows something else by now");
        let shown = |n: usize| anna.device().received()[n].payload["notification"].clone();
        assert_eq!(shown(0)["tag"], shown(1)["tag"], "it replaces what is shown");
        assert_eq!(anna.last_body(), "Das Rathaus hat diesen Beitrag zurückgenommen. Grund: Die Brücke bleibt doch offen.");
        assert_eq!(bert.subjects(), ["Brücke gesperrt", "Zurückgenommen: Brücke gesperrt"]);
        let head = ("Zurückgenommen: Brücke gesperrt".to_owned(), "Zurückgenommen: Brücke gesperrt".to_owned());
        assert_eq!(crate::telling::head(&bert), head);
        let mail = bert.mails().pop().expect("a mail");
        assert!(mail.text().contains("Die Brücke bleibt doch offen") && !mail.text().contains("Text zu"), "{}", mail.text());
        let lines = mail.text().replace("\r\n", "\n");
        assert!(lines.contains("offen.\n\n-- \n") && !lines.contains("\n\n\n"), "{lines}");
        assert_eq!(left.pushes(), told[..1], "who has left");
        for (name, resident) in [("never reached", &broken), ("does not follow it", &elsewhere), ("came later", &late)] {
            assert!(resident.pushes().is_empty(), "{name}: {:?}", resident.pushes());
        }
        assert!(full.subjects().is_empty(), "never reached");
        assert_eq!(village.told(&post).await, ["published", "withdrawn"]);
    }

    async fn the_address_of_what_was_taken_back_says_why_and_that_of_a_draft_says_nothing(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let post = editor.publishes(event("Konzert", "2026-12-05T19:00")).await;
        let silent = editor.publishes(news("Ohne Grund").with("delivery", json!("silent"))).await;
        takes_back(&village, &post, "Der Chor ist krank.").await;
        let bare = Post::of(&editor.step(&silent, "withdraw").await.expect(200));
        for path in [format!("/posts/{}", post.id), format!("/posts/{}/event.jsonld", post.id)] {
            let gone = village.ask("GET", &path).send().await;
            gone.problem(410, "gone");
            assert_eq!(gone.str("detail"), "Der Chor ist krank.", "{path}");
        }
        let ics = village.ask("GET", &format!("/posts/{}/event.ics", post.id)).send().await.expect(200).text();
        assert!(ics.contains("STATUS:CANCELLED") && !ics.contains("Konzert"), "{ics}");
        dorf.wait(TimeDelta::days(31));
        village.ask("GET", &format!("/posts/{}/event.ics", post.id)).send().await.problem(410, "gone");
        let gone = village.ask("GET", &format!("/posts/{}", bare.id)).header("accept-language", "en").send().await;
        assert_eq!((gone.status, gone.str("detail")), (410, "The post was taken back.".to_owned()));
        let editor = dorf.log_in("editor@luedenhausen.example").await;
        let as_editor = |method: &str, path: &str| village.staff(method, path).bearer(&editor);
        let draft = as_editor("POST", "/posts").json(&news("Nie öffentlich").0).send().await.expect(201).str("id");
        village.ask("GET", &format!("/posts/{draft}")).send().await.problem(404, "not-found");
        assert!(village.told(&silent).await.is_empty(), "nobody is told of what nobody was told of");
        let seen = as_editor("GET", &format!("/posts/{}", post.id)).send().await.expect(200);
        assert_eq!(seen.str("withdrawal_reason"), "Der Chor ist krank.");
    }

    async fn who_has_confirmed_the_mailbox_anew_is_told_of_what_was_told_before(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let bert = village.resident("bert").by_mail().await;
        let post = village.editor().publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        let again = village.resident("bert").follows("vereine").by_mail().await;
        takes_back(&village, &post, "Ein Irrtum.").await;
        works_it_all_off(&dorf).await;
        assert_eq!(again.subjects(), ["Brücke gesperrt", "Zurückgenommen: Brücke gesperrt"]);
        assert_eq!(bert.address(), again.address());
    }

    async fn months_later_it_is_still_known_who_was_told_of_a_date_to_come(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.accounts.session_h = 10_000).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let editor = village.editor();
        let feast = editor.publishes(event("Schützenfest", "2027-06-12T15:00")).await;
        let old = editor.publishes(news("Vor langem")).await;
        dorf.work_off().await;
        dorf.wait(TimeDelta::days(120));
        dorf.keep_house().await;
        takes_back(&village, &feast, "Das Zelt ist nicht zu bekommen.").await;
        takes_back(&village, &old, "Stimmte nicht.").await;
        dorf.keep_house().await;
        works_it_all_off(&dorf).await;
        assert_eq!(anna.pushes()[2..], ["Lüdenhausen · Zurückgenommen: Schützenfest"]);
        village.ask("GET", &format!("/posts/{}", old.id)).send().await.problem(410, "gone");
        dorf.wait(TimeDelta::days(31));
        dorf.keep_house().await;
        assert!(dorf.database.column("SELECT CAST(state AS text) FROM delivery").await.is_empty(), "then it is forgotten");
    }
}
