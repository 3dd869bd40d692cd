//! A series of a calendar that somebody changes here from a date on becomes two posts, of which its calendar knows nothing.

use super::{CONCERT, REHEARSAL, post_of};
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, Post, VillageKit, club, ics, outcomes, vevent};
use tests::stories;

const USUAL: [&str; 3] = [
    "2026-12-01T19:30:00 planned Chorprobe",
    "2026-12-08T19:30:00 planned Chorprobe",
    "2026-12-22T19:30:00 planned Chorprobe",
];
const EARLIER: [&str; 3] = [
    "2026-12-01T19:30:00 planned Chorprobe",
    "2026-12-08T18:00:00 planned Chorprobe",
    "2026-12-22T18:00:00 planned Chorprobe",
];

fn rehearsals() -> String {
    ics(&[vevent(REHEARSAL)])
}

/// From the second date on at six: gives the post that it goes on as.
async fn splits(village: &VillageKit<'_>, post: &str) -> String {
    let village = village.next_day().await;
    let editor = village.editor();
    let shown = editor.ask("GET", &format!("/posts/{post}")).send().await.expect(200);
    let turn = json!({"date": "2026-12-08T19:30", "state": "changed", "reach": "this_and_following", "starts_local": "2026-12-08T18:00"});
    editor.asks_for_date(&Post::of(&shown), &turn).await.expect(200).str("following")
}

stories! {
    async fn a_series_that_was_split_here_stays_so_until_its_calendar_says_something_new(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let post = post_of(&village.takes(&calendar, rehearsals()).await[0]);
        let rest = splits(&village, &post).await;
        assert_eq!(outcomes(&village.takes(&calendar, rehearsals()).await), ["unchanged"]);
        assert_eq!(village.public_dates("2026-11-22").await, EARLIER);
        let other = rehearsals().replace("Gemeindehaus", "Schule");
        let lines = village.takes(&calendar, other.clone()).await;
        assert_eq!(outcomes(&lines), ["changed", "joined"]);
        assert_eq!((post_of(&lines[0]), post_of(&lines[1])), (post.clone(), rest.clone()));
        assert_eq!(village.public_dates("2026-11-22").await, USUAL, "each date once");
        assert_eq!(village.post(&rest).await["state"], "withdrawn");
        let shown = village.ask("GET", &format!("/posts/{post}")).send().await.expect(200).json();
        assert_eq!((&shown["event"]["place"], &shown["continued_by"]), (&json!("Schule"), &Value::Null));
        assert_eq!(outcomes(&village.takes(&calendar, other).await), ["unchanged"]);
        let summary = village.staff("GET", &format!("/calendar-sources/{calendar}/imports")).bearer(&village.editor);
        assert_eq!(summary.send().await.expect(200).json()["items"][1]["summary"]["joined"], 1);
    }

    async fn both_parts_go_when_the_calendar_has_the_series_no_more_and_come_back_as_one(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let both = ics(&[vevent(REHEARSAL), vevent(CONCERT)]);
        let post = post_of(&village.takes(&calendar, both.clone()).await[0]);
        splits(&village, &post).await;
        let without = ics(&[vevent(CONCERT)]);
        assert_eq!(outcomes(&village.takes(&calendar, without.clone()).await), ["unchanged", "removed", "removed"]);
        let rehearsals = async || {
            let mut dates = village.public_dates("2026-11-22").await;
            dates.retain(|date| date.contains("Chorprobe"));
            dates
        };
        assert_eq!(rehearsals().await, EARLIER.map(|date| date.replace("planned", "cancelled")));
        assert_eq!(outcomes(&village.takes(&calendar, without).await), ["unchanged"], "once");
        assert_eq!(outcomes(&village.takes(&calendar, both).await), ["changed", "unchanged", "joined"]);
        assert_eq!(rehearsals().await, USUAL);
    }

    async fn the_part_that_is_over_stays_when_only_the_other_is_to_come(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let calendar = village.own_calendar("vereine").await;
        let post = post_of(&village.takes(&calendar, ics(&[vevent(REHEARSAL), vevent(CONCERT)])).await[0]);
        let rest = splits(&village, &post).await;
        dorf.wait(chrono::TimeDelta::days(12));
        let lines = village.takes(&calendar, ics(&[vevent(CONCERT)])).await;
        assert_eq!((outcomes(&lines), post_of(&lines[1])), (vec!["unchanged".to_owned(), "removed".to_owned()], rest));
        assert_eq!(village.post(&post).await["event"]["status"], "confirmed", "what took place took place");
        assert!(village.public_dates("2026-11-22").await.contains(&"2026-12-08T18:00:00 cancelled Chorprobe".to_owned()));
    }

    async fn what_a_reviewed_club_may_not_change_is_left_in_both_parts_and_said(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let reviewed = club(&village, "chor", "reviewed").await;
        let calendar = village.event_calendar(&reviewed, json!({"name": "Proben", "club": "chor"})).await;
        let import = village.uploads(&reviewed, &calendar, rehearsals()).await.expect(201).str("id");
        let post = post_of(&village.import_lines(&reviewed, &import).await[0]);
        let editor = village.editor();
        let shown = Post::of(&editor.ask("GET", &format!("/posts/{post}")).send().await.expect(200));
        let approved = Post::of(&editor.step(&shown, "approve").await.expect(200));
        editor.step(&approved, "publish").await.expect(200);
        let rest = splits(&village, &post).await;
        let other = rehearsals().replace("Gemeindehaus", "Schule");
        let import = village.uploads(&reviewed, &calendar, other).await.expect(201).str("id");
        assert_eq!(outcomes(&village.import_lines(&reviewed, &import).await), ["needs_editor"]);
        assert_eq!(village.public_dates("2026-11-22").await, EARLIER);
        assert_eq!(village.post(&rest).await["state"], "published");
    }
}
