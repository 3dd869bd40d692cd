//! Events whose UIDs are others with each download.

use serde_json::json;
use tests::kit::{Backend, Dorf, ics, outcomes, vevent};
use tests::stories;

/// The calendar as the download of this number has it; `place` is that of the coffee.
fn download(n: u32, place: &str) -> String {
    let coffee =
        format!("UID:{n}-1@verein.example|SUMMARY:Kaffee|LOCATION:{place}|DTSTART;TZID=Europe/Berlin:20261124T150000");
    let other =
        format!("UID:{n}-2@verein.example|SUMMARY:Kaffee|LOCATION:Schule|DTSTART;TZID=Europe/Berlin:20261124T150000");
    let choir = format!(
        "UID:{n}-3@verein.example|SUMMARY:Probe|DTSTART;TZID=Europe/Berlin:20270120T193000|RRULE:FREQ=WEEKLY;COUNT=3"
    );
    let moved = format!(
        "UID:{n}-3@verein.example|SUMMARY:Probe|RECURRENCE-ID;TZID=Europe/Berlin:20270127T193000|DTSTART;TZID=Europe/Berlin:20270127T200000"
    );
    ics(&[coffee, other, choir, moved].map(|event| vevent(&event)))
}

stories! {
    async fn another_calendar_by_mistake_calls_nothing_off_aloud(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let calendar = village.own_calendar("vereine").await;
        let of = |name: &str| {
            let event = |n: u32| vevent(&format!("UID:{name}{n}|SUMMARY:{name} {n}|DTSTART;TZID=Europe/Berlin:2026112{n}T190000"));
            ics(&(3..7).map(event).collect::<Vec<_>>())
        };
        village.takes(&calendar, of("Probe")).await;
        let lines = village.takes(&calendar, of("Kurs")).await;
        assert_eq!(outcomes(&lines)[..5], ["imported", "imported", "imported", "imported", "removed"]);
        dorf.work_off().await;
        assert_eq!(anna.pushes(), Vec::<String>::new());
        let without_one = of("Kurs").replacen("UID:Kurs3|", "UID:Kurs9|", 1);
        let without_one = without_one.replacen("SUMMARY:Kurs 3", "SUMMARY:Anderes", 1).replacen("UID:Kurs3", "UID:Anderes", 1);
        village.takes(&calendar, without_one).await;
        dorf.work_off().await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Abgesagt: Kurs 3"], "one of its events is told as ever");
    }

    async fn events_with_other_uids_at_each_download_are_recognised_by_what_they_are(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").follows("vereine").by_push().await;
        let calendar = village.own_calendar("vereine").await;
        let first = village.takes(&calendar, download(1, "Heim")).await;
        let dates = village.public_dates("2026-11-22").await;
        for n in 2..5 {
            let lines = village.takes(&calendar, download(n, "Heim")).await;
            assert_eq!(outcomes(&lines), ["unchanged"; 4], "download {n}");
            let posts = |lines: &[serde_json::Value]| lines.iter().map(|line| line["post"].clone()).collect::<Vec<_>>();
            assert_eq!(posts(&lines), posts(&first));
        }
        dorf.work_off().await;
        assert_eq!((anna.pushes(), village.public_dates("2026-11-22").await), (Vec::<String>::new(), dates));
        assert_eq!(village.feed().await.titles().len(), 3);
        // What is corrected here stays, and what is said anew is followed.
        let post = village.editor().ask("GET", &format!("/posts/{}", super::post_of(&first[2]))).send().await.expect(200);
        village.editor().changes(&tests::kit::Post::of(&post), &json!({"title": "Probe des Chors"})).await.expect(200);
        assert_eq!(outcomes(&village.takes(&calendar, download(5, "Heim")).await), ["unchanged"; 4]);
        assert_eq!(village.post(&super::post_of(&first[2])).await["title"], "Probe des Chors");
        let lines = village.takes(&calendar, download(6, "Saal")).await;
        assert_eq!(outcomes(&lines), ["changed", "unchanged", "unchanged", "unchanged"]);
        assert_eq!(village.post(&super::post_of(&first[0])).await["event"]["place"], "Saal");
        assert_eq!(village.post(&super::post_of(&first[1])).await["event"]["place"], "Schule");
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), 1, "the place is another: {:?}", anna.pushes());
    }

    async fn what_has_the_same_uid_keeps_being_known_by_it(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let fest = |uid: &str, title: &str, day: u32| vevent(&format!("UID:{uid}|SUMMARY:{title}|DTSTART;VALUE=DATE:202706{day:02}"));
        let first = village.takes(&calendar, ics(&[fest("a", "Fest", 1), fest("b", "Markt", 2)])).await;
        // Titles and days are exchanged, and the UIDs say which is which.
        let lines = village.takes(&calendar, ics(&[fest("a", "Markt", 2), fest("b", "Fest", 1)])).await;
        assert_eq!(outcomes(&lines), ["changed", "changed"]);
        assert_eq!((&lines[0]["post"], &lines[1]["post"]), (&first[0]["post"], &first[1]["post"]));
        // One more of what is there is a new one.
        let lines = village.takes(&calendar, ics(&[fest("a", "Markt", 2), fest("b", "Fest", 1), fest("c", "Fest", 1)])).await;
        assert_eq!(outcomes(&lines), ["unchanged", "unchanged", "imported"]);
        // What comes back under another UID is what it was.
        assert_eq!(outcomes(&village.takes(&calendar, ics(&[fest("b", "Fest", 1), fest("c", "Fest", 1)])).await)[2], "removed");
        let lines = village.takes(&calendar, ics(&[fest("z", "Markt", 2), fest("b", "Fest", 1), fest("c", "Fest", 1)])).await;
        assert_eq!((outcomes(&lines)[0].as_str(), &lines[0]["post"]), ("changed", &first[0]["post"]));
    }
}
