//! What mail servers say about a recipient, and what comes of it.

use super::only;
use chrono::TimeDelta;
use tests::kit::smtp_sink::Answer;
use tests::kit::{Backend, Dorf, news};
use tests::stories;

stories! {
    async fn a_mailbox_that_is_busy_gets_it_later(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        let bert = village.resident("bert").by_mail().await;
        let before = [dorf.mail.attempts(&anna.address()), dorf.mail.attempts(&bert.address())];
        dorf.mail.on(&anna.address(), Answer::Busy);
        dorf.mail.on(&bert.address(), Answer::LocalError);
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        assert_eq!(editor.count(&post, "email", "pending", "mailbox_busy").await, 2);
        dorf.wait(TimeDelta::seconds(7));
        dorf.work_off().await;
        let after = [dorf.mail.attempts(&anna.address()), dorf.mail.attempts(&bert.address())];
        assert_eq!(after, before.map(|attempts| attempts + 1), "not before half of 15 s");

        dorf.mail.on(&anna.address(), Answer::Accept);
        dorf.mail.on(&bert.address(), Answer::Accept);
        dorf.wait(TimeDelta::seconds(8));
        dorf.work_off().await;
        assert_eq!((anna.subjects(), bert.subjects().len()), (vec!["Brücke gesperrt".to_owned()], 1));
        assert_eq!(editor.count(&post, "email", "sent", "").await, 2);
    }

    async fn a_mailbox_that_does_not_exist_ends_its_subscription(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        dorf.mail.on(&anna.address(), Answer::Unknown);
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        assert_eq!(editor.count(&post, "email", "gone", "mailbox_unknown").await, 1);
        anna.ask("GET").send().await.expect(404);
        let next = editor.publishes(news("Brücke frei")).await;
        dorf.work_off().await;
        assert_eq!(editor.report(&next).await["planned"], 0);
    }

    async fn a_refusal_by_policy_ends_the_mail_and_not_the_subscription(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        dorf.mail.on(&anna.address(), Answer::Blocked);
        let editor = village.editor();
        let post = editor.publishes(news("Sonderangebot")).await;
        dorf.work_off().await;
        dorf.mail.on(&anna.address(), Answer::Accept);
        dorf.wait(TimeDelta::hours(7));
        dorf.work_off().await;
        assert_eq!(editor.count(&post, "email", "refused", "refused_by_policy").await, 1);
        assert!(anna.mails().is_empty());
        editor.publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        assert_eq!(anna.subjects(), ["Brücke gesperrt"]);
    }

    async fn a_connection_that_breaks_in_the_middle_is_made_again(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        dorf.mail.on(&anna.address(), Answer::DropInData);
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        assert_eq!(editor.count(&post, "email", "pending", "connection_lost").await, 1);
        dorf.mail.on(&anna.address(), Answer::Accept);
        dorf.wait(TimeDelta::seconds(15));
        dorf.work_off().await;
        assert_eq!(anna.subjects(), ["Brücke gesperrt"]);
    }

    async fn a_repeat_nobody_could_avoid_is_the_same_mail(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        let editor = village.editor();
        dorf.mail.on(&anna.address(), Answer::DropAfterData);
        let post = editor.publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        dorf.mail.on(&anna.address(), Answer::Busy);
        dorf.wait(TimeDelta::seconds(15));
        dorf.work_off().await;
        dorf.mail.on(&anna.address(), Answer::Accept);
        dorf.wait(TimeDelta::seconds(30));
        dorf.work_off().await;
        let ids: Vec<_> = anna.mails().iter().map(|mail| mail.message_id()).collect();
        assert_eq!(ids.len(), 2, "the server took it over, and we could not know");
        assert_eq!(ids[0], ids[1], "so that a mail program shows one");
        assert_eq!(editor.count(&post, "email", "sent", "").await, 1);
    }

    async fn a_session_that_hangs_delays_one_recipient_and_serves_nobody_else(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            (settings.mail.timeout_s, settings.mail.max_in_flight) = (1, 1);
        })
        .await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        let bert = village.resident("bert").by_mail().await;
        let carla = village.resident("carla").by_mail().await;
        dorf.mail.on(&anna.address(), Answer::Hang);
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        assert_eq!(editor.count(&post, "email", "pending", "timeout").await, 1);
        for resident in [&bert, &carla] {
            assert_eq!(resident.subjects(), ["Brücke gesperrt"], "in the same pass");
        }
        dorf.mail.on(&anna.address(), Answer::Accept);
        dorf.wait(TimeDelta::seconds(15));
        editor.publishes(news("Brücke frei")).await;
        dorf.work_off().await;
        for resident in [&anna, &bert, &carla] {
            let mut subjects = resident.subjects();
            subjects.sort();
            assert_eq!(subjects, ["Brücke frei", "Brücke gesperrt"]);
            assert!(resident.mails().iter().all(|mail| mail.to == [resident.address()] && !mail.text().is_empty()));
        }
    }

    async fn a_mailbox_that_is_confirmed_is_the_only_one_written_to(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        let bert = village.resident("bert").asks_by_mail().await;
        village.editor().publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        assert_eq!(only(anna.mails()).subject(), "Brücke gesperrt");
        assert!(only(bert.all_mails()).subject().contains("bestätigen"));
    }
}
