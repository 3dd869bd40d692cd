//! A district as a calendar: read by all as the calendar of the village is.

use super::{all_read, unfolded};
use serde_json::json;
use tests::kit::{Backend, Dorf, waste_calendar};
use tests::stories;

stories! {
    async fn a_district_is_read_alike_by_all_and_says_what_others_need(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        village.waste_district("ahornweg").await;
        let called = json!({"name": "Ahornweg; Nord, Süd \\n"});
        let change = village.staff("PATCH", "/waste/districts/ahornweg").bearer(&village.editor).header("if-match", "\"1\"");
        change.json(&called).send().await.expect(200);
        let dates = [("20261201", "Bio\\, Papier\\; Glas"), ("20270105", "Restmüll"), ("20270106", "Christbäume")];
        let dates = waste_calendar(&dates).replace("SUMMARY:Rest", "DESCRIPTION:Bis 6 Uhr\\, bitte\r\nSUMMARY:Rest");
        assert_eq!(village.imported("ahornweg", dates).await, [3, 0, 0, 0, 0]);

        let reply = village.ask("GET", "/waste/districts/ahornweg/calendar.ics").send().await.expect(200);
        let lines = unfolded(&reply);
        let count = |line: &str| lines.iter().filter(|it| *it == line).count();
        for (line, times) in [
            ("METHOD:PUBLISH", 1),
            ("NAME:Abfuhr Ahornweg\\; Nord\\, Süd \\\\n\\, Lüdenhausen", 1),
            ("X-WR-CALNAME:Abfuhr Ahornweg\\; Nord\\, Süd \\\\n\\, Lüdenhausen", 1),
            ("ORGANIZER;CN=\"Gemeinde Kalletal, Lüdenhausen\":mailto:luedenhausen@kalletal.example", 3),
            ("TRANSP:TRANSPARENT", 3),
            ("DESCRIPTION:Bis 6 Uhr\\, bitte", 1),
        ] {
            assert_eq!(count(line), times, "{line}\n{}", lines.join("\n"));
        }
        let described = lines.iter().filter(|line| line.starts_with("DESCRIPTION")).count();
        assert_eq!(described, 1, "dates without a note have no text");
        all_read(&reply, &["2026-12-01\t\tBio, Papier; Glas", "2027-01-05\t\tRestmüll", "2027-01-06\t\tChristbäume"]);
    }
}
