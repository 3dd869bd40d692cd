//! Why a mail server takes nothing from us is told apart, in the report and so in the log.

use chrono::TimeDelta;
use tests::kit::smtp_sink::SmtpSink;
use tests::kit::{Backend, Dorf, Program, news};
use tests::stories;

stories! {
    async fn what_is_wrong_with_the_way_to_the_mail_server_is_named(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        let (stripped, unknown) = (SmtpSink::stripping_starttls().await, SmtpSink::with_starttls().await);
        let encrypted = |server: &SmtpSink| format!("smtp://127.0.0.1:{}?tls=required", server.port());
        for (url, reason) in [
            ("smtp://127.0.0.1:1".to_owned(), "connection_refused"),
            ("smtp://mail.invalid:25?tls=none".to_owned(), "server_unknown"),
            (encrypted(&stripped), "tls_failed"),
            (encrypted(&unknown), "tls_failed"),
        ] {
            let mut settings = dorf.running.app.settings.clone();
            settings.mail.smtp_url = url.clone().into();
            let app = api::App::open(settings, dorf.clock.clone()).await.expect("the installation opens");
            api::Worker::new(app).expect("a worker").work_off().await.expect("the work can be done");
            assert_eq!(editor.count(&post, "email", "pending", reason).await, 1, "{url}");
            dorf.wait(TimeDelta::hours(1));
        }
        dorf.work_off().await;
        assert_eq!(anna.subjects(), ["Brücke gesperrt"], "nobody is given up for it");
    }

    async fn a_log_in_that_the_mail_server_refuses_is_named_in_the_report_and_in_the_log(on: Backend) {
        let dorf = Dorf::start(on).await;
        dorf.set_time(api::Clock::system().now());
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        let relay = SmtpSink::with_starttls().await;
        relay.refuse_log_in(true);
        let trusted = dorf.folder.path().join("relay.pem");
        std::fs::write(&trusted, relay.ca_pem()).expect("written");
        // A process beside the server of the story: it reads at its start whom it trusts.
        let settings = [
            ("DORF_DATABASE__URL", dorf.database.url()),
            ("DORF_MAIL__SMTP_URL", format!("smtp://gemeinde:geheim@127.0.0.1:{}?tls=required", relay.port())),
            ("SSL_CERT_FILE", trusted.display().to_string()),
            ("DORF_LOG__FILTER", "info".to_owned()),
        ];
        let mut worker = Program::serve(dorf.folder.path(), &settings).await;
        let line = worker.hear("not delivered").await;
        assert!(line.contains("why: Unauthorised"), "{line}");
        let (rest, ended_well) = worker.terminate().await;
        assert!(ended_well && !rest.contains("geheim") && !rest.contains(&anna.address()), "{rest}");
        assert_eq!(relay.passwords_seen(), ["geheim"], "it was the password that was refused");
        assert_eq!(editor.count(&post, "email", "pending", "unauthorised").await, 1);
        dorf.wait(TimeDelta::hours(1));
        dorf.work_off().await;
        assert_eq!(anna.subjects(), ["Brücke gesperrt"], "nobody is given up for it");
    }
}
