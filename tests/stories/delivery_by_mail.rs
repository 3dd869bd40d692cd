//! What travels by mail.

use serde_json::json;
use tests::kit::smtp_sink::Mail;
use tests::kit::{Backend, Dorf, Draft, event, news};
use tests::stories;

mod answers;
mod others;
mod reasons;
mod servers;

/// The only one of these mails.
fn only(mails: Vec<Mail>) -> Mail {
    let [mail] = mails.try_into().expect("exactly one mail");
    mail
}

stories! {
    async fn a_mail_says_who_it_is_from_and_how_to_leave(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        let bert = village.resident("bert").by_mail().await;
        village.editor().publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;

        let mail = only(anna.mails());
        assert_eq!((mail.from.as_str(), &mail.to), ("luedenhausen@kalletal.example", &vec![anna.address()]));
        for name in ["From", "Reply-To"] {
            let value = mail.header(name).expect(name);
            assert!(value.contains("Lüdenhausen") && value.contains("<luedenhausen@kalletal.example>"), "{value}");
        }
        assert_eq!(mail.subject(), "Brücke gesperrt");
        assert_eq!(mail.header("Auto-Submitted").as_deref(), Some("auto-generated"));
        assert_eq!(mail.raw_header("List-Unsubscribe-Post").as_deref(), Some("List-Unsubscribe=One-Click"));
        let content_type = mail.raw_header("Content-Type").expect("a content type");
        assert!(content_type.starts_with("multipart/alternative"), "{content_type}");
        let (text, html) = (mail.text(), mail.html());
        assert!(text.contains("Text zu Brücke gesperrt.") && html.contains("<em>Brücke gesperrt</em>"), "{text}{html}");
        let leave = format!("{}{}", dorf.base, anna.unsubscribe_link());
        assert!(text.contains(&leave) && html.contains(&leave), "{text}{html}");

        let other = only(bert.mails());
        assert!(!String::from_utf8_lossy(&other.raw).contains(&anna.address()), "one recipient per mail");
        let ids = [mail.message_id(), other.message_id()];
        assert_ne!(ids[0], ids[1]);
        for id in &ids {
            let delivery = id.strip_suffix("@127.0.0.1").expect("our host");
            assert!(delivery.parse::<uuid::Uuid>().is_ok(), "{delivery} is a delivery");
        }
    }

    async fn an_event_by_mail_says_when_and_where(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        village.editor().publishes(event("Adventskaffee", "2026-12-06T15:00")).await;
        dorf.work_off().await;
        let mail = only(anna.mails());
        for part in [mail.text(), mail.html()] {
            assert!(part.contains("Sonntag, 6. Dezember, 15:00 Uhr, Dorfplatz") && part.contains("Termin"), "{part}");
        }
    }

    async fn a_series_by_mail_says_when_it_begins_and_whole_days_say_no_hour(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        for (event, dates) in [
            (json!({"starts_local": "2027-01-05T19:00", "rrule": "FREQ=WEEKLY;COUNT=20"}),
                "Ab 5. Januar 2027 jeden Dienstag um 19:00 Uhr, 20-mal"),
            (json!({"starts_local": "2026-12-12", "ends_local": "2026-12-14", "all_day": true}), "Samstag, 12. Dezember, bis Sonntag, 13. Dezember"),
            (json!({"starts_local": "2026-12-12", "all_day": true, "place": "Dorfplatz"}), "Samstag, 12. Dezember, Dorfplatz"),
        ] {
            let draft = json!({"kind": "event", "title": "Termin", "body_markdown": "Kommt.", "event": event});
            let post = village.editor().drafts(Draft(draft)).await;
            village.editor().step(&post, "publish").await.expect(200);
            dorf.work_off().await;
            let mail = anna.mails().pop().expect("a mail");
            let said = |part: &str| part.contains(&format!("{dates}\n")) || part.contains(&format!("{dates}<"));
            assert!(said(&mail.text().replace("\r\n", "\n")) && said(&mail.html()), "{dates}: {}", mail.text());
        }
    }

    async fn a_long_post_stays_a_mail_that_every_server_takes(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        village.editor().publishes(news(&"Ümläut ".repeat(28)).saying(&"Straßenbauarbeiten ".repeat(1000))).await;
        dorf.work_off().await;
        let mail = only(anna.mails());
        let subject = mail.subject();
        assert!(subject.chars().count() <= 78 && subject.ends_with('…'), "{subject}");
        assert!(subject.starts_with("Ümläut Ümläut"), "{subject}");
        let longest = mail.raw.split(|byte| *byte == b'\n').map(<[u8]>::len).max();
        assert!(longest <= Some(999), "a line of {longest:?} bytes");
        assert!(mail.text().contains("Straßenbauarbeiten Straßenbauarbeiten"));
    }

    async fn nothing_in_a_mail_is_active(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        let body = "<script>alert(1)</script>\n\n![Bild](https://boese.example/zaehler.gif)\n\n[Klick](javascript:alert(1))\n\n\
                    <img src=x onerror=alert(1)> und {{ unsubscribe }}";
        village.editor().publishes(news("<b>Fett</b> {{ it.sender }}").saying(body)).await;
        dorf.work_off().await;
        let mail = only(anna.mails());
        let html = mail.html().to_lowercase();
        for active in ["<script", "<img", "<b>", "javascript:", "zaehler.gif"] {
            assert!(!html.contains(active), "{active} in {html}");
        }
        assert!(html.contains("{{ it.sender }}") && mail.text().contains("{{ unsubscribe }}"), "{html}");
        assert_eq!(mail.subject(), "<b>Fett</b> {{ it.sender }}");
    }

    async fn no_title_adds_a_header(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        let editor = village.editor();
        for end_of_line in ["\r\n", "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"] {
            let Draft(draft) = news(&format!("Hallo{end_of_line}Bcc: boese@example.org")).saying("Text");
            let reply = editor.ask("POST", "/posts").json(&draft).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/title"]);
        }
        let tricks = [
            "=?utf-8?q?Hallo=0D=0ABcc:_boese@example.org?=",
            "=?utf-8?b?SGFsbG8NCkJjYzogYm9lc2VAZXhhbXBsZS5vcmc=?= ü",
            "Hallo\\r\\nBcc: boese@example.org",
            "Hallo%0d%0aBcc: boese@example.org",
        ];
        for trick in tricks {
            editor.publishes(news(trick)).await;
            dorf.work_off().await;
            let mail = anna.mails().pop().expect("a mail");
            assert_eq!(mail.to, [anna.address()]);
            assert!(mail.header("Bcc").is_none() && mail.header("Subject").is_some());
            assert_eq!(mail.subject(), trick, "it is shown as it was written");
        }
        assert!(dorf.mail.mails_to("boese@example.org").is_empty());
    }

    async fn the_question_whether_to_subscribe_says_nothing_a_stranger_chose(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("kauf-jetzt-bei-boese").follows("verkehr").asks_by_mail().await;
        village.editor().publishes(news("Brücke gesperrt").on("verkehr")).await;
        dorf.work_off().await;
        let mail = only(anna.all_mails());
        assert!(mail.header("List-Unsubscribe").is_none(), "there is nothing to leave yet");
        assert!(mail.subject().contains("bestätigen") && mail.subject().contains("Lüdenhausen"));
        for part in [mail.text(), mail.html()] {
            let lower = part.to_lowercase();
            assert!(!lower.contains("boese") && part.contains("Rubrik „Verkehr“"), "the village's words only: {part}");
            assert!(part.contains(&format!("{}{}", dorf.base, anna.confirmation_link())), "{part}");
        }
    }

    async fn every_village_writes_in_its_own_name(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (large, small) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let (anna, otto) = (large.resident("anna").by_mail().await, small.resident("otto").by_mail().await);
        large.editor().publishes(news("Brücke gesperrt")).await;
        small.editor().publishes(news("Backhaus offen")).await;
        dorf.work_off().await;
        for (resident, subject, slug) in [(anna, "Brücke gesperrt", "luedenhausen"), (otto, "Backhaus offen", "stemmen")] {
            let mail = only(resident.mails());
            assert_eq!(mail.subject(), subject);
            assert_eq!(mail.from, format!("{slug}@kalletal.example"));
            let list = mail.raw_header("List-Id").expect("a List-Id");
            assert!(list.contains(slug), "{list}");
            assert!(resident.unsubscribe_link().contains(&format!("/villages/{slug}/")));
        }
    }

    async fn what_is_withdrawn_before_it_is_sent_reaches_no_mailbox(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        editor.step(&post, "withdraw").await.expect(200);
        dorf.work_off().await;
        assert!(anna.mails().is_empty());
    }
}
