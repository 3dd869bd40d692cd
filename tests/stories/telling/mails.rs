//! What a mail is besides its words.

use super::text;
use serde_json::json;
use tests::kit::smtp_sink::Mail;
use tests::kit::{Backend, Dorf, File, alert, news};
use tests::stories;

stories! {
    async fn the_text_part_of_a_mail_says_what_the_html_part_does(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        let written = "# Umleitung\n\nÜber [Bavenhausen](https://karte.example/b?x=1), nicht über <https://karte.example/h>; \
                       Fragen an [Frau Weber](mailto:weber@kalletal.example) oder unter [05264 1234](tel:+4952641234).\n\n\
                       1. Erst die lange Straße hinunter bis zur Kirche, dann links und wieder links\n2. Dann so:\n   - rechts\n   - links\n\n\
                       > Wer zitiert, zitiert auch dann noch richtig, wenn die Zeile zu lang für eine Mail ist.\n\n---\nEnde  \nneue Zeile";
        village.editor().publishes(news("Brücke gesperrt").saying(written)).await;
        dorf.work_off().await;
        let expected = "Lüdenhausen\nBrücke gesperrt\n\nUmleitung\n\n\
            Über Bavenhausen (https://karte.example/b?x=1), nicht über\n\
            https://karte.example/h; Fragen an Frau Weber (weber@kalletal.example) oder\n\
            unter 05264 1234.\n\n\
            1. Erst die lange Straße hinunter bis zur Kirche, dann links und wieder\n   links\n\
            2. Dann so:\n   - rechts\n   - links\n\n\
            > Wer zitiert, zitiert auch dann noch richtig, wenn die Zeile zu lang für\n> eine Mail ist.\n\n\
            * * *\n\nEnde\nneue Zeile\n";
        assert_eq!(text(&anna), expected);
        let mail = anna.mails().pop().expect("a mail");
        let longest = mail.text().lines().filter(|line| !line.contains("://")).map(|line| line.chars().count()).max();
        assert!(longest <= Some(76), "{longest:?}: {}", mail.text());
        assert!(mail.text().contains("\n-- \n") || mail.text().contains("\r\n-- \r\n"), "{}", mail.text());
        for meta in ["<html lang=\"de\">", "name=\"viewport\"", "name=\"color-scheme\""] {
            assert!(mail.html().contains(meta), "{meta}: {}", mail.html());
        }
    }

    async fn a_question_to_one_person_is_no_mail_of_a_list(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        let confirmation = dorf.mail.mails_to(&anna.address()).remove(0);
        let list = ["List-Id", "List-Owner", "List-Help", "List-Unsubscribe", "List-Unsubscribe-Post", "Precedence", "Feedback-ID"];
        for name in list {
            assert_eq!(confirmation.raw_header(name), None, "{name}");
        }
        assert_eq!(confirmation.header("Auto-Submitted").as_deref(), Some("auto-generated"));
        let post = village.editor().publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        let mail = anna.mails().pop().expect("a mail");
        for name in list {
            assert!(mail.raw_header(name).is_some(), "{name}");
        }
        let report = village.editor().ask("GET", &format!("/posts/{}/deliveries", post.id)).send().await.expect(200).json();
        let notification = report["notifications"][0]["id"].as_str().unwrap_or_default().to_owned();
        assert_eq!(mail.header("Feedback-ID"), Some(format!("{notification}:luedenhausen:dorf-app")));
        assert_eq!(mail.header("List-Owner").as_deref(), Some("<mailto:luedenhausen@kalletal.example>"));
    }

    async fn an_alert_says_why_it_comes_and_is_no_bulk_mail(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").follows("vereine").by_mail().await;
        let post = village.editor().publishes(alert("Hochwasser").on("verkehr")).await;
        dorf.work_off().await;
        let says = "weil Warnungen an alle gehen, die Nachrichten aus Lüdenhausen bekommen, außer an die, die Warnungen abbestellt haben.";
        let one_line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_alert = |mail: &Mail| {
            let (text, html) = (one_line(mail.text()), one_line(mail.html()));
            assert!(text.contains(says) && html.contains(says), "{text}");
            assert!(!text.contains("weil Sie Nachrichten"), "{text}");
            assert_eq!(mail.raw_header("Precedence"), None);
            assert!(mail.raw_header("List-Unsubscribe").is_some() && text.contains("Abbestellen: http"), "{text}");
        };
        is_alert(&anna.mails().pop().expect("an alert"));
        let all_clear = village.editor().ask("GET", &format!("/posts/{}", post.id)).send().await.expect(200);
        let path = format!("/posts/{}/all-clear", post.id);
        let ask = village.editor().ask("POST", &path).header("if-match", &all_clear.header("etag"));
        ask.json(&json!({"text": "Das Wasser geht zurück."})).send().await.expect(200);
        dorf.work_off().await;
        let mail = anna.mails().pop().expect("an all-clear");
        is_alert(&mail);
        assert!(!mail.text().replace("\r\n", "\n").contains("\n\n\n"), "{}", mail.text());
        // Everything else is as it was.
        village.editor().publishes(news("Vereinsfest").on("vereine")).await;
        dorf.work_off().await;
        let mail = anna.mails().pop().expect("news");
        assert!(one_line(mail.text()).contains("weil Sie Nachrichten aus Lüdenhausen bestellt haben."), "{}", mail.text());
        assert!(mail.raw_header("Precedence").is_some());
    }

    async fn a_picture_in_a_mail_is_not_all_of_it(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        let image = village.editor().image(File::png(40, 30, 255)).await;
        village.editor().publishes(news("Schnee").saying("Schön.").with("media", json!([image["id"]]))).await;
        dorf.work_off().await;
        let html = anna.mails().pop().expect("a mail").html();
        let full = format!("<a href=\"{}{}\">Bild in voller Größe ansehen</a>", dorf.base, image["url"].as_str().expect("a path"));
        assert!(html.contains(&full) && html.contains("alt=\"Der Dorfplatz im Schnee\""), "{html}");
        assert!(!html.contains("\"><img"), "a picture that is a link counts as advertising: {html}");
        assert!(html.len() > 3_200, "spam filters count a picture with less around it as advertising: {}", html.len());
    }
}
