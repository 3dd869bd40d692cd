//! Whose trouble keeps whom waiting: a mailbox nobody, a sender no other village, and the mail server itself all, with one at a time
//! that tries.

use chrono::TimeDelta;
use tests::kit::smtp_sink::{Answer, SmtpSink};
use tests::kit::{Backend, Dorf, Resident, VillageKit, news};
use tests::stories;

/// So many residents with a confirmed mailbox.
async fn mailboxes<'a>(village: &'a VillageKit<'a>, people: usize) -> Vec<Resident<'a>> {
    let mut all = Vec::new();
    for n in 0..people {
        all.push(village.resident(&format!("bewohner{n}")).asks_by_mail().await);
    }
    village.dorf.work_off().await;
    for resident in &all {
        village.dorf.ask("POST", &resident.confirmation_link()).send().await.expect(200);
    }
    all
}

/// How many of them have exactly one mail of news.
fn told(residents: &[Resident<'_>]) -> usize {
    residents.iter().filter(|resident| resident.mails().len() == 1).count()
}

/// Lets so many seconds pass, one after the other.
async fn seconds_pass(dorf: &Dorf, seconds: i64) {
    for _ in 0..seconds {
        dorf.wait(TimeDelta::seconds(1));
        dorf.work_off().await;
    }
}

stories! {
    async fn a_sender_that_is_refused_for_now_slows_no_other_village(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.notifications.max_attempts = 1).await;
        let (slow, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let (throttled, others) = (mailboxes(&slow, 12).await, mailboxes(&other, 30).await);
        let sender = "luedenhausen@kalletal.example";
        let before = dorf.mail.named(sender);
        dorf.mail.refuse_sender(sender, Some("451 4.7.1 Sender rate limited"));
        let post = slow.editor().publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        other.editor().publishes(news("Backhaus offen")).await;
        dorf.work_off().await;
        assert_eq!(told(&others), 30, "at once");
        let at_first = dorf.mail.named(sender) - before;
        assert!(at_first <= 12, "{at_first}");
        seconds_pass(&dorf, 60).await;
        let tries = dorf.mail.named(sender) - before - at_first;
        assert!((3..=7).contains(&tries), "{tries} in a minute, one at a time");
        assert_eq!(slow.editor().count(&post, "email", "pending", "unavailable").await, 12, "nobody's attempt is used up");
        dorf.mail.refuse_sender(sender, None);
        seconds_pass(&dorf, 65).await;
        assert_eq!(told(&throttled), 12);
    }

    async fn a_full_mail_server_is_tried_by_one_at_a_time_and_costs_nobody_anything(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.notifications.max_attempts = 1).await;
        let (large, small) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let (many, few) = (mailboxes(&large, 12).await, mailboxes(&small, 3).await);
        let senders = ["luedenhausen@kalletal.example", "stemmen@kalletal.example"];
        let named = || senders.map(|sender| dorf.mail.named(sender)).iter().sum::<usize>();
        dorf.mail.refuse_senders(Some("452 4.3.1 Insufficient system storage"));
        large.editor().publishes(news("Brücke gesperrt")).await;
        small.editor().publishes(news("Backhaus offen")).await;
        dorf.work_off().await;
        seconds_pass(&dorf, 60).await;
        let before = named();
        seconds_pass(&dorf, 120).await;
        assert!((1..=5).contains(&(named() - before)), "{} in two minutes, from both villages", named() - before);
        dorf.mail.refuse_senders(None);
        seconds_pass(&dorf, 65).await;
        assert_eq!((told(&many), told(&few)), (12, 3), "within a minute");
    }

    async fn mailboxes_that_hang_keep_nobody_else_waiting(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            (settings.mail.timeout_s, settings.http.shutdown_timeout_s) = (60, 1);
        })
        .await;
        let (stuck, free) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let (hanging, others) = (mailboxes(&stuck, 40).await, mailboxes(&free, 30).await);
        let attempts = || hanging.iter().filter(|one| dorf.mail.attempts(&one.address()) > 1).count();
        hanging.iter().for_each(|resident| dorf.mail.on(&resident.address(), Answer::Hang));
        let told = async {
            stuck.editor().publishes(news("Brücke gesperrt")).await;
            // Three quarters of the 32 places of the mail server.
            let mut look = tokio::time::interval(std::time::Duration::from_millis(50));
            while attempts() < 24 {
                look.tick().await;
            }
            let (begin, so_far) = (std::time::Instant::now(), dorf.mail.mails().len());
            free.editor().publishes(news("Backhaus offen")).await;
            dorf.mail.wait_for(so_far + 30).await;
            println!("{on:?}: 24 hang; all 30 of another village after {:?}", begin.elapsed());
            assert_eq!((told(&others), attempts()), (30, 24), "none of those that hang has come to an end");
        };
        dorf.working(told).await;
    }

    async fn a_refused_sender_ends_no_subscription(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        for line in ["550 5.1.1 Unknown sender", "550 5.7.1 Sender not allowed"] {
            dorf.mail.refuse_sender("luedenhausen@kalletal.example", Some(line));
            let editor = village.editor();
            let post = editor.publishes(news("Brücke gesperrt")).await;
            dorf.work_off().await;
            let reason = if line.contains("5.7.1") { "refused_by_policy" } else { "rejected" };
            assert_eq!(editor.count(&post, "email", "refused", reason).await, 1);
            anna.ask("GET").send().await.expect(200);
        }
    }

    async fn a_session_that_the_server_ends_after_some_mails_is_replaced_at_once(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.notifications.max_attempts = 1).await;
        let village = dorf.village("luedenhausen").await;
        let residents = mailboxes(&village, 10).await;
        dorf.mail.ends_sessions_after(Some(2));
        village.editor().publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        assert_eq!(told(&residents), 10);
    }

    async fn a_server_that_does_not_let_us_in_is_tried_by_one_and_less_and_less(on: Backend) {
        let stripped = SmtpSink::stripping_starttls().await;
        let url = format!("smtp://user:geheim@127.0.0.1:{}?tls=required", stripped.port());
        let dorf = Dorf::start_with(on, |settings| {
            settings.mail.smtp_url = url.into();
            settings.notifications.max_attempts = 1;
        })
        .await;
        let village = dorf.village("luedenhausen").await;
        for n in 0..20 {
            village.resident(&format!("bewohner{n}")).asks_by_mail().await;
        }
        dorf.work_off().await;
        assert_eq!(stripped.sessions(), 1, "one log-in for twenty mails");
        seconds_pass(&dorf, 600).await;
        let tries = stripped.sessions() - 1;
        assert!((3..=6).contains(&tries), "{tries} in ten minutes");
        let pending = dorf.database.column("SELECT CAST(state AS text) FROM delivery WHERE state = 0").await;
        assert_eq!(pending.len(), 20, "nobody is given up");
    }
}
