//! A mail server that takes its time, and a process that is told to stop meanwhile.

use super::{MAILBOXES, World};
use serde_json::json;
use std::time::Duration;
use tests::kit::smtp_sink::{Answer, SmtpSink};
use tests::kit::{Backend, Program};
use tests::stories;

/// Mailboxes that hang.
const STUCK: usize = 10;

stories! {
    async fn mails_that_a_stop_cuts_off_go_out_at_once_after_the_start(on: Backend) {
        let world = World::new(on).await;
        let mut settings = world.settings();
        settings.extend([
            ("DORF_NOTIFICATIONS__LEASE_S", "600".to_owned()),
            ("DORF_MAIL__TIMEOUT_S", "60".to_owned()),
            ("DORF_HTTP__SHUTDOWN_TIMEOUT_S", "1".to_owned()),
        ]);
        let program = Program::serve(world.folder.path(), &settings).await;
        let token = world.found(&program).await;
        world.subscribe(&program).await;
        let stuck: Vec<_> = (0..STUCK).map(|n| format!("bewohner{n}@example.org")).collect();
        stuck.iter().for_each(|address| world.mail.on(address, Answer::Hang));
        let post = world.publish(&program, &token, "Neustart").await;
        let mut look = tokio::time::interval(Duration::from_millis(50));
        while stuck.iter().any(|address| world.mail.attempts(address) < 2) {
            look.tick().await;
        }
        let (log, well) = program.terminate().await;
        assert!(well, "{log}");

        stuck.iter().for_each(|address| world.mail.on(address, Answer::Accept));
        let program = Program::serve(world.folder.path(), &settings).await;
        // It waits for a minute, and the leases would last for ten.
        let report = world.wait_until_finished(&program, &token, &post).await;
        assert_eq!(report["pending"], 0, "{report}");
        let mails = world.mails("Neustart");
        assert!(mails.len() == MAILBOXES && mails.values().all(|ids| ids.len() == 1), "each once: {mails:?}");
        program.kill().await;
    }

    async fn a_log_in_that_is_refused_is_tried_by_one_for_all(on: Backend) {
        let (world, relay) = (World::new(on).await, SmtpSink::with_starttls().await);
        relay.refuse_log_in(true);
        let trusted = world.folder.path().join("relay.pem");
        std::fs::write(&trusted, relay.ca_pem()).expect("written");
        let mut settings = world.settings();
        settings.extend([
            ("DORF_MAIL__SMTP_URL", format!("smtp://user:geheim@127.0.0.1:{}?tls=required", relay.port())),
            ("SSL_CERT_FILE", trusted.display().to_string()),
        ]);
        let program = Program::serve(world.folder.path(), &settings).await;
        world.found(&program).await;
        let begin = std::time::Instant::now();
        for n in 0..MAILBOXES {
            let body = json!({"channel": "email", "email": format!("bewohner{n}@example.org")});
            world.ask(&program, "POST", "/v1/villages/luedenhausen/subscriptions", "", &body).await.expect(201);
        }
        let mut look = tokio::time::interval(Duration::from_millis(50));
        while world.database.column("SELECT 'x' FROM delivery WHERE state = 0 AND reason <> 0").await.len() < MAILBOXES {
            look.tick().await;
        }
        // The next is tried after fifteen seconds at the earliest.
        let tries = relay.passwords_seen().len();
        assert!((1..=1 + begin.elapsed().as_secs() / 15).contains(&(tries as u64)), "{tries} for {MAILBOXES} mails");
        // What is claimed just now has one attempt more until it is put back; in between there is a moment when nobody has one.
        while !world.database.column("SELECT 'x' FROM delivery WHERE attempts > 0").await.is_empty() {
            assert!(begin.elapsed().as_secs() < 60, "nobody's attempt is used up");
            look.tick().await;
        }
        program.kill().await;
    }
}
