//! Addresses of calendars as people copy them.

use serde_json::json;
use tests::kit::{Backend, Dorf};
use tests::stories;

/// As it is entered and as it is stored.
const COPIED: [(&str, &str); 11] = [
    ("webcal://abfall.example/kalender.ics?ort=5", "https://abfall.example/kalender.ics?ort=5"),
    ("WEBCAL://abfall.example/kalender.ics", "https://abfall.example/kalender.ics"),
    ("webcals://verein.example/termine.ics", "https://verein.example/termine.ics"),
    ("webcal:https://verein.example/termine.ics", "https://verein.example/termine.ics"),
    (
        "https://abfall.example/Abfall 2027 Lüdenhausen.ics",
        "https://abfall.example/Abfall%202027%20L%C3%BCdenhausen.ics",
    ),
    ("https://verein.example/termine.ics?strasse=Am Bach", "https://verein.example/termine.ics?strasse=Am%20Bach"),
    ("https://verein.example/a%20b.ics", "https://verein.example/a%20b.ics"),
    (" \u{a0}https://verein.example/termine.ics\u{200b}\n", "https://verein.example/termine.ics"),
    ("<https://verein.example/termine.ics>", "https://verein.example/termine.ics"),
    ("https://verein.example/ter\r\nmine.ics", "https://verein.example/termine.ics"),
    ("https://verein.example/termine.ics#heute", "https://verein.example/termine.ics"),
];

/// Nothing is loaded from there.
const REFUSED: [&str; 7] = [
    "webcal://192.168.1.1/a.ics",
    "webcals://localhost:8443/a.ics",
    "webcal://anna:geheim@verein.example/a.ics",
    "http://verein.example/a.ics",
    "webcal:http://verein.example/a.ics",
    "https://verein example/a.ics",
    "webcal:",
];

stories! {
    async fn addresses_are_taken_as_people_copy_them_for_events_and_for_waste(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        village.waste_district("ahornweg").await;
        for (entered, stored) in COPIED {
            let body = json!({"name": "Termine", "url": entered});
            let reply = village.staff("POST", "/calendar-sources").bearer(&village.editor).json(&body).send().await.expect(201);
            assert_eq!(reply.get("url"), stored, "{entered:?}");
            let change = village.staff("PATCH", &format!("/calendar-sources/{}", reply.str("id"))).bearer(&village.editor);
            let changed = change.header("if-match", "\"1\"").json(&json!({"url": entered, "name": "Andere"})).send().await;
            assert_eq!(changed.expect(200).get("url"), stored, "{entered:?}");
            let ask = village.staff("PUT", "/waste/districts/ahornweg/source").bearer(&village.editor);
            assert_eq!(ask.json(&json!({"url": entered})).send().await.expect(200).get("url"), stored, "{entered:?}");
        }
        for entered in REFUSED {
            let ask = village.staff("POST", "/calendar-sources").bearer(&village.editor).json(&json!({"name": "T", "url": entered}));
            assert_eq!(ask.send().await.problem(422, "unprocessable"), ["/url"], "{entered:?}");
            let ask = village.staff("PUT", "/waste/districts/ahornweg/source").bearer(&village.editor).json(&json!({"url": entered}));
            assert_eq!(ask.send().await.problem(422, "unprocessable"), ["/url"], "{entered:?}");
        }
    }
}
