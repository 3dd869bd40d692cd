//! Whether something takes place, where, and by whom: the same in every form.

use super::{FORMS, changes, components, concert, head, linked, newest, of_club, pushed, text};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, File, Post, alert, club, notice};
use tests::stories;

stories! {
    async fn what_is_off_is_off_wherever_it_is_read(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.by_mail().await;
        let post = village.editor().publishes(concert(json!({}))).await;
        dorf.work_off().await;
        for (status, label, told, kept, word) in [
            ("cancelled", "Abgesagt", "Der Termin am Sonntag, 6. Dezember, 15:00–17:00 Uhr, fällt aus",
                "Fällt aus: Sonntag, 6. Dezember 2026, 15:00–17:00 Uhr, Gemeindehaus, Am Dorfplatz 1", "EventCancelled"),
            ("postponed", "Verschoben", "Der Termin am Sonntag, 6. Dezember, 15:00–17:00 Uhr, fällt aus; wann er nachgeholt wird, steht noch nicht fest",
                "Fällt aus: Sonntag, 6. Dezember 2026, 15:00–17:00 Uhr, Gemeindehaus, Am Dorfplatz 1; wann es nachgeholt wird, steht noch nicht fest",
                "EventPostponed"),
        ] {
            dorf.wait(TimeDelta::minutes(1));
            let post = changes(&village, &post_now(&village, &post).await, &concert(json!({"status": status}))).await;
            assert_eq!(pushed(&anna), (format!("Lüdenhausen · {label}: Konzert"), format!("{told}.")));
            assert_eq!(anna.subjects().pop(), Some(format!("{label}: Konzert am Sonntag, 6. Dezember")));
            assert!(text(&anna).starts_with(&format!("Lüdenhausen · {label}\nKonzert\n\nDer Termin am Sonntag, 6. Dezember, 15:00–17:00 Uhr, fällt aus")), "{}", text(&anna));
            assert_eq!(head(&anna), (format!("{label}: Konzert am Sonntag, 6. Dezember"), format!("{label}: Konzert")));
            for form in FORMS {
                let (title, html) = newest(&village, form).await;
                assert_eq!(title, format!("{label}: Konzert"), "{form}");
                assert!(html.contains(&format!("<strong>{kept}</strong>")), "{form}: {html}");
            }
            let atom = village.ask("GET", "/feed.atom").send().await.expect(200).text();
            let now = dorf.clock.now().format("%Y-%m-%dT%H:%M").to_string();
            assert!(atom.contains(&format!("<updated>{now}")), "{now}: {atom}");
            let [component] = components(&village, &post).await.try_into().expect("one");
            assert!(component.contains(&format!("SUMMARY:{label}: Konzert\n")) && component.contains("STATUS:CANCELLED\n"), "{component}");
            assert_eq!(linked(&village, &post).await["eventStatus"], format!("https://schema.org/{word}"));
            let preview = village.editor().ask("GET", &format!("/posts/{}/preview", post.id)).send().await.expect(200).json();
            assert_eq!(preview["mail"]["subject"], format!("{label}: Konzert"));
        }
    }

    async fn a_date_that_was_moved_is_at_its_own_place(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.reminded(&[60]).await;
        let post = village.editor().publishes(concert(json!({"rrule": "FREQ=WEEKLY;COUNT=3"}))).await;
        dorf.work_off().await;
        let moved = json!({"date": "2026-12-13T15:00", "state": "changed", "starts_local": "2026-12-12T16:00", "place": "Kirche"});
        let post = village.changes_date(&post, moved).await;
        dorf.work_off().await;
        assert_eq!(pushed(&anna), ("Lüdenhausen · Verlegt auf Samstag, 12. Dezember: Konzert".to_owned(),
            "Am Samstag, 12. Dezember, 16:00–18:00 Uhr, Kirche, statt am Sonntag, 13. Dezember, 15:00–17:00 Uhr.".to_owned()));
        let [whole, date] = components(&village, &post).await.try_into().expect("two");
        for line in ["LOCATION:Gemeindehaus\\, Am Dorfplatz 1\n", "GEO:52.0731;8.9921\n", "Zugang: stufenlos"] {
            assert!(whole.contains(line), "{line}: {whole}");
        }
        assert!(date.contains("LOCATION:Kirche\n"), "{date}");
        for of_the_house in ["GEO:", "Dorfplatz", "stufenlos"] {
            assert!(!date.contains(of_the_house), "{of_the_house}: {date}");
        }
        let dates: Vec<Value> = linked(&village, &post).await["subEvent"].as_array().expect("dates").iter().map(|date| date["location"].clone()).collect();
        let house = json!({"@type": "Place", "name": "Gemeindehaus", "address": "Am Dorfplatz 1",
            "geo": {"@type": "GeoCoordinates", "latitude": 52.0731, "longitude": 8.9921}});
        assert_eq!(dates, [house.clone(), json!({"@type": "Place", "name": "Kirche", "address": "Lüdenhausen"}), house]);
        dorf.set_time("2026-12-12T14:00:00Z".parse().expect("an instant"));
        dorf.work_off().await;
        assert_eq!(anna.last_body(), "Samstag, 12. Dezember, 16:00–18:00 Uhr, Kirche. Alle sind eingeladen.");
    }

    async fn two_changes_of_a_series_stay_beside_each_other_and_two_of_one_date_do_not(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let mut post = village.editor().publishes(concert(json!({"rrule": "FREQ=WEEKLY;COUNT=4"}))).await;
        dorf.work_off().await;
        for change in [
            json!({"date": "2026-12-13T15:00", "state": "changed", "starts_local": "2026-12-12T16:00"}),
            json!({"date": "2026-12-20T15:00", "state": "cancelled"}),
            json!({"date": "2026-12-13T15:00", "state": "cancelled"}),
        ] {
            post = village.changes_date(&post, change).await;
            dorf.work_off().await;
        }
        changes(&village, &post, &concert(json!({"rrule": "FREQ=WEEKLY;COUNT=4", "status": "cancelled"}))).await;
        let said: Vec<(Value, String)> = anna.device().received().iter()
            .map(|push| (push.payload["notification"]["tag"].clone(), push.header("topic").expect("a topic").to_owned())).collect();
        let [series, one, other, one_again, all] = said.try_into().expect("five pushes");
        assert_eq!(one, one_again, "the date that was moved is cancelled now");
        assert_eq!(series, all, "so is the series");
        assert!(series != one && one != other && series != other && series.1 != one.1 && one.1 != other.1, "{one:?} {other:?}");
        for (_, topic) in [series, one, other] {
            assert!(topic.len() <= 32 && topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{topic}");
        }
    }

    async fn a_series_that_goes_on_in_another_way_is_no_new_event(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.by_mail().await;
        let post = village.editor().publishes(concert(json!({"rrule": "FREQ=WEEKLY;COUNT=4"}))).await;
        dorf.work_off().await;
        let turn = json!({"date": "2026-12-13T15:00", "state": "changed", "reach": "this_and_following", "starts_local": "2026-12-12T16:00"});
        village.changes_date(&post, turn).await;
        dorf.work_off().await;
        assert_eq!(pushed(&anna), ("Lüdenhausen · Geändert: Konzert".to_owned(),
            "Ab 12. Dezember jeden Samstag 16:00–18:00 Uhr, 3-mal, Gemeindehaus, Am Dorfplatz 1. Alle sind eingeladen.".to_owned()));
        assert_eq!(anna.subjects().pop(), Some("Geändert: Konzert".to_owned()));
    }

    async fn the_club_that_writes_is_named(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.by_mail().await;
        let choir = club(&village, "gesangverein", "trusted").await;
        of_club(&dorf, &village, &choir, notice("Neue Stimmen gesucht")).await;
        assert_eq!(pushed(&anna), ("Lüdenhausen · Verein gesangverein: Neue Stimmen gesucht".to_owned(), "Der Verein lädt ein.".to_owned()));
        assert_eq!(anna.subjects().pop(), Some("Verein gesangverein: Neue Stimmen gesucht".to_owned()));
        let published = of_club(&dorf, &village, &choir, concert(json!({}))).await;
        assert_eq!(pushed(&anna), ("Lüdenhausen · Termin: Konzert".to_owned(),
            "Sonntag, 6. Dezember, 15:00–17:00 Uhr, Gemeindehaus, Am Dorfplatz 1. Verein gesangverein. Alle sind eingeladen.".to_owned()));
        assert!(text(&anna).contains("\nVerein gesangverein\n"), "{}", text(&anna));
        let off = village.editor().changes_date(&Post::of(&published), json!({"date": "2026-12-06T15:00", "state": "cancelled", "note": "Glatteis!"})).await;
        dorf.work_off().await;
        assert_eq!(anna.last_body(), "Der Termin am Sonntag, 6. Dezember, 15:00–17:00 Uhr, fällt aus. Glatteis! Verein gesangverein.");
        for (form, author) in [("/feed.rss", "<dc:creator>Verein gesangverein</dc:creator>"), ("/feed.atom", "<author><name>Verein gesangverein</name></author>"),
            ("/feed.json", "\"authors\":[{\"name\":\"Verein gesangverein\"}]")] {
            let feed = village.ask("GET", form).send().await.expect(200).text();
            assert_eq!(feed.matches(author).count(), 2, "{form}: {feed}");
            assert!(newest(&village, form).await.1.contains("<strong>Verein gesangverein</strong>"), "{form}");
        }
        assert!(components(&village, &off).await[0].contains("ORGANIZER;CN=\"Verein gesangverein\""));
        assert_eq!(linked(&village, &off).await["organizer"]["name"], "Verein gesangverein");
    }

    async fn an_alert_is_a_warning_in_every_form(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.by_mail().await;
        let post = village.editor().publishes(alert("Hochwasser")).await;
        dorf.work_off().await;
        assert_eq!(pushed(&anna).0, "Lüdenhausen · Warnung: Hochwasser");
        assert_eq!(anna.subjects(), ["Warnung: Hochwasser"]);
        assert!(text(&anna).starts_with("Lüdenhausen · Warnung\nHochwasser\n\n"), "{}", text(&anna));
        for form in FORMS {
            assert_eq!(newest(&village, form).await.0, "Warnung: Hochwasser");
        }
        village.editor().changes(&post, &json!({"title": "Hochwasser der Kalle", "notify": true})).await.expect(200);
        dorf.work_off().await;
        assert_eq!(pushed(&anna).0, "Lüdenhausen · Warnung geändert: Hochwasser der Kalle");
        assert_eq!(anna.subjects().pop(), Some("Warnung geändert: Hochwasser der Kalle".to_owned()));
    }

    async fn what_somebody_who_comes_has_to_know_is_told_in_every_form(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await.reminded(&[60]).await;
        let url = "https://ff.example/a?b=1&c=2";
        let post = village.editor().publishes(concert(json!({"cost": "5 € <Abendkasse>", "registration_url": url}))).await;
        dorf.work_off().await;
        let in_text = format!("Kosten: 5 € <Abendkasse>\nAnmeldung: {url}\nZugang: stufenlos\n");
        let in_html = "<p>Kosten: 5 € &#60;Abendkasse&#62;<br>Anmeldung: <a href=\"https://ff.example/a?b=1&#38;c=2\">\
            https://ff.example/a?b=1&#38;c=2</a><br>Zugang: stufenlos</p>";
        let is_told = |kind: &str| {
            assert!(text(&anna).contains(&in_text), "{kind}: {}", text(&anna));
            let html = anna.mails().pop().expect("a mail").html();
            assert!(html.contains(in_html), "{kind}: {html}");
        };
        is_told("the event");
        for form in FORMS {
            let (_, html) = newest(&village, form).await;
            assert!(html.contains(in_html), "{form}: {html}");
        }
        let component = components(&village, &post).await.remove(0);
        assert!(component.contains("Kosten: 5 € <Abendkasse>\\nAnmeldung: https://ff.example/a?b=1&c=2\\nZugang: stufenlos\n"), "{component}");
        dorf.set_time("2026-12-06T13:00:00Z".parse().expect("an instant"));
        dorf.work_off().await;
        assert!(anna.subjects().pop().is_some_and(|subject| subject.starts_with("Erinnerung: ")));
        is_told("a reminder");
    }

    async fn a_danger_that_is_over_is_over_in_every_form(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let image = village.editor().image(File::png(40, 30, 255)).await;
        for (said, told) in [(json!({"text": "Das Wasser ist <wieder> sauber."}), "<p><strong>Das Wasser ist &#60;wieder&#62; sauber.</strong></p>"),
            (json!({}), "<p><strong>Die Gefahr ist vorüber.</strong></p>")] {
            dorf.wait(TimeDelta::minutes(1));
            let draft = alert("Trinkwasser abkochen").saying("Bitte kochen Sie es ab.").with("media", json!([image["id"]]));
            let post = village.editor().publishes(draft).await;
            let ask = village.editor().ask("POST", &format!("/posts/{}/all-clear", post.id)).header("if-match", &post.etag);
            ask.json(&said).send().await.expect(200);
            for form in FORMS {
                let (title, html) = newest(&village, form).await;
                assert_eq!((title.as_str(), html.trim()), ("Entwarnung: Trinkwasser abkochen", told), "{form}");
                let feed = village.ask("GET", form).send().await.expect(200).text();
                assert!(!feed.contains("Bitte kochen") && !feed.contains("/media/"), "{form}: {feed}");
            }
            let preview = village.editor().ask("GET", &format!("/posts/{}/preview", post.id)).send().await.expect(200).json();
            assert_eq!(preview["mail"]["subject"], "Entwarnung: Trinkwasser abkochen");
            for part in [&preview["mail"]["text"], &preview["mail"]["html"], &preview["push"]] {
                let part = part.as_str().expect("a text");
                assert!(part.contains("Entwarnung") && !part.contains("Bitte kochen"), "{part}");
            }
        }
    }

    async fn the_links_of_atom_say_no_type_that_readers_do_not_open(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let post = village.editor().publishes(notice("Altpapier")).await;
        let atom = village.ask("GET", "/feed.atom").send().await.expect(200);
        let feed = feed_rs::parser::parse(atom.body.as_slice()).expect("a feed");
        let links = |links: &[feed_rs::model::Link]| -> Vec<(String, Option<String>)> {
            let alternate = links.iter().filter(|link| link.rel.as_deref().unwrap_or("alternate") == "alternate");
            alternate.map(|link| (link.href.clone(), link.media_type.clone())).collect()
        };
        let home = format!("{}/v1/villages/luedenhausen", dorf.base);
        assert_eq!(links(&feed.links), [(home.clone(), None)]);
        assert_eq!(links(&feed.entries[0].links), [(format!("{home}/posts/{}", post.id), None)]);
    }
}

/// The post as it is now.
async fn post_now(village: &tests::kit::VillageKit<'_>, post: &Post) -> Post {
    Post::of(&village.editor().ask("GET", &format!("/posts/{}", post.id)).send().await.expect(200))
}
