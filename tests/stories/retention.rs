//! What is forgotten, and when.

use chrono::TimeDelta;
use serde_json::json;
use sqlx::{Connection, SqliteConnection};
use tests::kit::push_receiver::PushAnswer;
use tests::kit::{Backend, Dorf, TestDatabase, news};
use tests::stories;

const MAILBOXES: &str = "SELECT mailbox FROM subscription WHERE mailbox IS NOT NULL";
const SUBSCRIPTIONS: &str = "SELECT CAST(state AS text) FROM subscription";
const DELIVERIES: &str = "SELECT CAST(state AS text) FROM delivery";
const SESSIONS: &str = "SELECT CAST(expires_at AS text) FROM session";
const KEYS: &str = "SELECT CAST(created_at AS text) FROM idempotency_key";

/// A server whose staff stay logged in for months.
async fn dorf_for_months(on: Backend) -> Dorf {
    Dorf::start_with(on, |settings| settings.accounts.session_h = 10_000).await
}

/// Whether the text is in a file of the embedded database, once its log is written back.
async fn is_on_disk(dorf: &Dorf, text: &str) -> bool {
    let TestDatabase::Sqlite(_) = &dorf.database else { return false };
    let mut connection = SqliteConnection::connect(&dorf.database.url()).await.expect("the database opens");
    sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await.expect("a checkpoint");
    let files = ["dorf.db", "dorf.db-wal"].map(|name| std::fs::read(dorf.folder.path().join(name)).unwrap_or_default());
    files.iter().any(|file| file.windows(text.len()).any(|window| window == text.as_bytes()))
}

stories! {
    async fn a_mailbox_nobody_confirms_is_forgotten_after_two_days(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").asks_by_mail().await;
        dorf.work_off().await;
        dorf.wait(TimeDelta::hours(47));
        dorf.keep_house().await;
        assert_eq!(dorf.database.column(MAILBOXES).await, [anna.address()]);

        dorf.wait(TimeDelta::hours(1) + TimeDelta::milliseconds(1));
        dorf.keep_house().await;
        assert_eq!(dorf.database.column(MAILBOXES).await, [""; 0]);
        assert!(!is_on_disk(&dorf, &anna.address()).await, "a deleted address is overwritten");
        anna.ask("GET").send().await.expect(404);
        let page = dorf.ask("GET", &anna.confirmation_link()).send().await.expect(200).text();
        assert!(page.contains("Der Link gilt nicht mehr"), "{page}");
        dorf.ask("POST", &anna.confirmation_link()).send().await.problem(404, "not-found");
    }

    async fn whoever_leaves_is_forgotten_at_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        village.editor().publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        anna.ask("DELETE").send().await.expect(204);
        assert_eq!(dorf.database.column(MAILBOXES).await, [""; 0]);
        assert!(!is_on_disk(&dorf, &anna.address()).await, "a deleted address is overwritten");
    }

    async fn old_deliveries_become_numbers_and_the_numbers_stay(on: Backend) {
        let dorf = dorf_for_months(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let bert = village.resident("bert").by_push().await.by_mail().await;
        anna.device().answer(PushAnswer::Gone);
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        let report = editor.report(&post).await;
        assert_eq!(report["delivered"], 2, "{report}");

        dorf.wait(TimeDelta::days(30) - TimeDelta::hours(1));
        dorf.keep_house().await;
        assert_eq!(dorf.database.column(DELIVERIES).await.len(), 4, "three, and the question to bert's mailbox");
        let recent = editor.publishes(news("Brücke frei")).await;
        dorf.work_off().await;
        dorf.wait(TimeDelta::hours(2));
        dorf.keep_house().await;
        assert_eq!(dorf.database.column(DELIVERIES).await.len(), 2, "those of the second post");
        assert_eq!(editor.report(&post).await, report);
        assert_eq!(editor.report(&recent).await["delivered"], 2);
        dorf.keep_house().await;
        assert_eq!(editor.report(&post).await, report, "doing it again changes nothing");
        assert_eq!(bert.pushes().len(), 2, "and nothing is sent again");
    }

    async fn what_is_still_to_be_sent_is_not_folded(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            settings.accounts.session_h = 10_000;
            settings.notifications.useful_life_h = 24 * 60;
        })
        .await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        anna.device().answer(PushAnswer::Once(Box::new(PushAnswer::Broken)));
        village.editor().publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        dorf.wait(TimeDelta::days(31));
        dorf.keep_house().await;
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), 1, "late after downtime, and once");
    }

    async fn an_ended_subscription_disappears_with_its_last_delivery(on: Backend) {
        let dorf = dorf_for_months(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let bert = village.resident("bert").by_push().await;
        village.editor().publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        anna.ask("DELETE").send().await.expect(204);
        dorf.keep_house().await;
        let mut states = dorf.database.column(SUBSCRIPTIONS).await;
        states.sort();
        assert_eq!(states, ["1", "2"], "its identifier stays with what was sent");
        dorf.wait(TimeDelta::days(31));
        dorf.keep_house().await;
        dorf.keep_house().await;
        assert_eq!(dorf.database.column(SUBSCRIPTIONS).await, ["1"]);
        bert.ask("GET").send().await.expect(200);
    }

    async fn an_idempotency_key_is_good_for_a_day(on: Backend) {
        let dorf = dorf_for_months(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let draft = json!({"kind": "news", "title": "Brücke gesperrt"});
        let save = || editor.ask("POST", "/posts").header("idempotency-key", "0d6e1d5c-einmal").json(&draft).send();
        let first = save().await.expect(201).str("id");
        dorf.wait(TimeDelta::hours(24));
        dorf.keep_house().await;
        assert_eq!(save().await.expect(201).str("id"), first);
        dorf.wait(TimeDelta::milliseconds(1));
        dorf.keep_house().await;
        assert_eq!(dorf.database.column(KEYS).await, [""; 0]);
        assert_ne!(save().await.expect(201).str("id"), first, "it is a new request by now");
    }

    async fn a_session_that_has_ended_is_forgotten(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let before = dorf.database.column(SESSIONS).await.len();
        dorf.wait(TimeDelta::hours(11));
        dorf.log_in("editor@luedenhausen.example").await;
        dorf.wait(TimeDelta::hours(1));
        village.staff("GET", "/posts").bearer(&village.editor).send().await.expect(401);
        dorf.keep_house().await;
        assert_eq!((before, dorf.database.column(SESSIONS).await.len()), (3, 1), "only the later one");
    }
}
