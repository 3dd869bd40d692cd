//! When something takes place: by the clocks of the village, in words that people say.

use super::{FORMS, concert, newest, pushed, text};
use serde_json::json;
use tests::kit::{Backend, Dorf, event};
use tests::stories;

stories! {
    async fn a_series_of_another_zone_is_told_by_the_clocks_of_the_village(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.by_mail().await;
        let thursdays = |zone: &str| event("Lauftreff", "2027-03-18T18:00").with("event",
            json!({"starts_local": "2027-03-18T18:00", "zone": zone, "rrule": "FREQ=WEEKLY;COUNT=3"}));
        for (zone, told, kept) in [
            ("UTC", "Am 18. März 2027 und 25. März 2027 um 19:00 Uhr und am 1. April 2027 um 20:00 Uhr",
                "Am 18. März 2027 und 25. März 2027 um 19:00 Uhr und am 1. April 2027 um 20:00 Uhr"),
            ("Europe/London", "Ab 18. März 2027 jeden Donnerstag um 19:00 Uhr, 3-mal", "Ab 18. März 2027 jeden Donnerstag um 19:00 Uhr, 3-mal"),
            ("Europe/Vienna", "Ab 18. März 2027 jeden Donnerstag um 18:00 Uhr, 3-mal", "Ab 18. März 2027 jeden Donnerstag um 18:00 Uhr, 3-mal"),
        ] {
            let post = village.editor().publishes(thursdays(zone)).await;
            dorf.work_off().await;
            assert!(anna.last_body().starts_with(&format!("{told}. ")), "{zone}: {}", anna.last_body());
            assert!(text(&anna).replace('\n', " ").contains(&format!("  {told}  ")), "{zone}: {}", text(&anna));
            for form in FORMS {
                let (_, html) = newest(&village, form).await;
                assert!(html.contains(&format!("<strong>{kept}</strong>")), "{zone}, {form}: {html}");
            }
            assert_eq!(village.feed().await.json()["items"][0]["event"]["summary"], kept, "{zone}");
            let preview = village.editor().ask("GET", &format!("/posts/{}/preview", post.id)).send().await.expect(200).json();
            assert_eq!(preview["feed"]["event"]["summary"], kept, "{zone}");
            assert!(preview["mail"]["text"].as_str().is_some_and(|text| text.replace('\n', " ").contains(told)), "{zone}: {preview}");
            assert!(preview["push"].as_str().is_some_and(|push| push.contains(told)), "{zone}: {preview}");
        }
    }

    async fn a_day_has_its_name_and_a_year_where_it_does_not_go_without_saying(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let bert = village.resident("bert").by_mail().await;
        bert.ask("PATCH").json(&json!({"language": "en"})).send().await.expect(200);
        for (dates, german, english) in [
            (json!({"starts_local": "2027-01-05T19:00"}), "Dienstag, 5. Januar 2027, 19:00 Uhr", "Tuesday, 5 January 2027, 19:00"),
            (json!({"starts_local": "2028-01-05T19:00", "ends_local": "2028-01-05T20:30"}), "Mittwoch, 5. Januar 2028, 19:00–20:30 Uhr",
                "Wednesday, 5 January 2028, 19:00–20:30"),
            (json!({"starts_local": "2027-02-05T19:00", "ends_local": "2027-02-06T01:00"}),
                "Freitag, 5. Februar 2027, 19:00 Uhr, bis Samstag, 6. Februar 2027, 01:00 Uhr", "Friday, 5 February 2027, 19:00, until Saturday, 6 February 2027, 01:00"),
            (json!({"starts_local": "2026-12-31T19:00"}), "Donnerstag, 31. Dezember, 19:00 Uhr", "Thursday, 31 December, 19:00"),
            (json!({"starts_local": "2027-02-05", "all_day": true}), "Freitag, 5. Februar 2027", "Friday, 5 February 2027"),
            (json!({"starts_local": "2027-02-05", "ends_local": "2027-02-08", "all_day": true}), "Freitag, 5. Februar 2027, bis Sonntag, 7. Februar 2027",
                "Friday, 5 February 2027, until Sunday, 7 February 2027"),
            (json!({"starts_local": "2027-01-05T18:00", "zone": "UTC"}), "Dienstag, 5. Januar 2027, 19:00 Uhr", "Tuesday, 5 January 2027, 19:00"),
            (json!({"starts_local": "2026-12-01T15:00", "repeats": {"frequency": "monthly", "nth": 1, "until": "2027-06-30"}}),
                "Ab 1. Dezember jeden ersten Dienstag im Monat um 15:00 Uhr bis 30. Juni 2027",
                "From 1 December every first Tuesday of the month at 15:00 until 30 June 2027"),
            (json!({"starts_local": "2026-12-01T15:00", "rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR", "except_dates": ["2026-12-15"]}),
                "Ab 1. Dezember alle 2 Wochen am Dienstag und Freitag um 15:00 Uhr, nicht am 15. Dezember",
                "From 1 December every 2 weeks on Tuesday and Friday at 15:00, not on 15 December"),
            (json!({"starts_local": "2026-12-03", "all_day": true, "rrule": "FREQ=MONTHLY;COUNT=4"}),
                "Ab 3. Dezember am 3. jedes Monats, ganztägig, 4-mal", "From 3 December on the 3rd of every month, all day, 4 times"),
        ] {
            village.editor().publishes(event("Treffen", "2027-01-05T19:00").with("event", dates).saying("Kommt.")).await;
            dorf.work_off().await;
            assert_eq!(pushed(&anna), ("Lüdenhausen · Termin: Treffen".to_owned(), format!("{german}. Kommt.")));
            assert_eq!(text(&bert).trim_end().replace("\n", " "), format!("Lüdenhausen · Event Treffen  {english}  Kommt."));
        }
    }

    async fn what_is_different_at_dates_of_a_series_is_told_with_it(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        let sundays = concert(json!({"rrule": "FREQ=WEEKLY;COUNT=8", "status": "tentative", "changed_dates": [
            {"date": "2026-12-13T15:00", "state": "cancelled", "note": "Glatteis"},
            {"date": "2026-12-20T15:00", "state": "changed", "starts_local": "2026-12-19T16:00", "place": "Kirche"},
            {"date": "2026-12-27T15:00", "state": "changed", "title": "Singen"},
            {"date": "2027-01-03T15:00", "state": "cancelled"},
        ]}));
        village.editor().publishes(sundays).await;
        dorf.work_off().await;
        let lines = [
            "Ab 6. Dezember jeden Sonntag 15:00–17:00 Uhr, 8-mal, Gemeindehaus, Am",
            "Dorfplatz 1 (noch nicht sicher)",
            "Der Termin am Sonntag, 13. Dezember, 15:00–17:00 Uhr, fällt aus. Glatteis.",
            "Am Samstag, 19. Dezember, 16:00–18:00 Uhr, Kirche, statt am Sonntag, 20.",
            "Dezember, 15:00–17:00 Uhr.",
            "Singen: Sonntag, 27. Dezember, 15:00–17:00 Uhr, Gemeindehaus, Am Dorfplatz 1",
            "1 weiterer Termin ist anders.",
        ];
        assert_eq!(text(&anna), format!("Lüdenhausen · Termin\nKonzert\n\n{}\n\nZugang: stufenlos\n\nAlle sind eingeladen.\n", lines.join("\n")));
    }
}
