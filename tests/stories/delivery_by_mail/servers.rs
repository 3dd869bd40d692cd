//! Sessions with mail servers: busy, dishonest, and many mails at once.

use chrono::TimeDelta;
use tests::kit::smtp_sink::SmtpSink;
use tests::kit::{Backend, Dorf, news};
use tests::stories;

/// Where a mail server is that must encrypt before it gets the password.
fn with_password(server: &SmtpSink) -> String {
    format!("smtp://user:geheim@127.0.0.1:{}?tls=required", server.port())
}

/// The states of all deliveries: 0 is pending.
const STATES: &str = "SELECT CAST(state AS text) FROM delivery";

stories! {
    async fn a_server_that_sends_us_away_is_asked_again(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        dorf.mail.refuse_greeting(true);
        // A worker of its own, since the first still has a session open.
        let fresh = api::Worker::new(dorf.running.app.clone()).expect("a worker");
        fresh.work_off().await.expect("the work can be done");
        assert_eq!(editor.count(&post, "email", "pending", "unavailable").await, 1);
        // However often: it is the server's trouble and costs the recipient no attempt.
        for _ in 0..20 {
            dorf.wait(TimeDelta::minutes(5));
            fresh.work_off().await.expect("the work can be done");
        }
        assert_eq!(editor.count(&post, "email", "pending", "unavailable").await, 1);
        dorf.mail.refuse_greeting(false);
        dorf.wait(TimeDelta::seconds(60));
        fresh.work_off().await.expect("the work can be done");
        assert_eq!(anna.subjects(), ["Brücke gesperrt"]);
    }

    async fn no_password_and_no_mail_leave_when_encryption_is_stripped(on: Backend) {
        let stripped = SmtpSink::stripping_starttls().await;
        let dorf = Dorf::start_with(on, |settings| settings.mail.smtp_url = with_password(&stripped).into()).await;
        let village = dorf.village("luedenhausen").await;
        village.resident("anna").asks_by_mail().await;
        dorf.work_off().await;
        assert!(stripped.sessions_at_once() > 0, "it was tried");
        assert_eq!((stripped.passwords_seen().len(), stripped.mails().len()), (0, 0));
        assert_eq!(dorf.database.column(STATES).await, ["0"], "it is tried again later");
    }

    async fn no_password_and_no_mail_leave_to_a_server_nobody_vouches_for(on: Backend) {
        let unknown = SmtpSink::with_starttls().await;
        let dorf = Dorf::start_with(on, |settings| settings.mail.smtp_url = with_password(&unknown).into()).await;
        let village = dorf.village("luedenhausen").await;
        village.resident("anna").asks_by_mail().await;
        dorf.work_off().await;
        assert!(unknown.sessions_at_once() > 0, "it was tried");
        assert_eq!((unknown.passwords_seen().len(), unknown.mails().len()), (0, 0));
        assert_eq!(dorf.database.column(STATES).await, ["0"], "it is tried again later");
    }

    async fn many_mails_share_a_few_sessions(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.mail.max_in_flight = 5).await;
        let village = dorf.village("luedenhausen").await;
        let mut crowd = Vec::new();
        for n in 0..50 {
            crowd.push(village.resident(&format!("bewohner{n}")).asks_by_mail().await);
        }
        dorf.work_off().await;
        for resident in &crowd {
            dorf.ask("POST", &resident.confirmation_link()).send().await.expect(200);
        }
        village.editor().publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        assert!(crowd.iter().all(|resident| resident.subjects() == ["Brücke gesperrt"]));
        assert!(dorf.mail.sessions_at_once() <= 5, "{} sessions", dorf.mail.sessions_at_once());
    }
}
