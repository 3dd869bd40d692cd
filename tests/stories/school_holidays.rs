//! School holidays: entered once for a Land, and then clubs say "until the summer holidays" and "not in the holidays".

use crate::house::top;
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, Draft, Reply, VillageKit};
use tests::stories;

const NRW: &str = "/v1/operator/school-holidays/DE-NW";

/// The holidays around a school year, as a ministry has them.
fn a_year() -> Value {
    json!([
        {"name": "autumn", "first": "2028-10-23", "last": "2028-11-04"},
        {"name": "christmas", "first": "2028-12-21", "last": "2029-01-05"},
        {"name": "easter", "first": "2029-03-26", "last": "2029-04-07"},
        {"name": "other", "first": "2029-05-22", "last": "2029-05-22"},
        {"name": "summer", "first": "2029-07-02", "last": "2029-08-14"},
        {"name": "summer", "first": "2030-06-24", "last": "2030-08-06"},
    ])
}

async fn enter(dorf: &Dorf, path: &str, version: u32, periods: Value) -> Reply {
    let body = json!({"periods": periods});
    let ask = dorf.ask("PUT", path).bearer(dorf.operator().await).header("if-match", &format!("\"{version}\""));
    ask.json(&body).send().await
}

async fn preview(village: &VillageKit<'_>, event: Value) -> Reply {
    village.editor().ask("POST", "/events/preview").json(&json!({"event": event})).send().await
}

fn class(event: Value) -> Draft {
    Draft(json!({"kind": "event", "title": "Turnen", "body_markdown": "Für alle.", "event": event}))
}

fn tuesdays(repeats: Value) -> Value {
    json!({"starts_local": "2029-01-09T19:00", "except_dates": ["--05-01"], "repeats": repeats})
}

stories! {
    async fn a_club_says_until_the_summer_holidays_and_not_on_the_first_of_may(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let until_summer = tuesdays(json!({"frequency": "weekly", "until_holidays": "summer"}));
        let unknown = preview(&village, until_summer.clone()).await;
        assert_eq!(unknown.problem(422, "unprocessable"), ["/event/repeats/until_holidays"]);
        let entered = enter(&dorf, NRW, 0, a_year()).await.expect(200);
        assert_eq!((entered.header("etag"), entered.str("land")), ("\"1\"".to_owned(), "DE-NW".to_owned()));
        let seen = preview(&village, until_summer.clone()).await.expect(200).json();
        assert_eq!(seen["event"]["summary"], "Ab 9. Januar 2029 jeden Dienstag um 19:00 Uhr bis 1. Juli 2029, nicht am 1. Mai");
        assert_eq!(seen["event"]["rrule"], "FREQ=WEEKLY;UNTIL=20290701T215959Z;BYDAY=TU");
        assert_eq!(seen["event"]["except_dates"], json!(["2029-05-01T19:00:00"]));
        assert_eq!(seen["next_dates"][0]["starts_local"], "2029-01-09T19:00:00");
        // Those that begin with the series are not the next.
        let begins = json!({"starts_local": "2029-07-02T19:00", "repeats": {"frequency": "weekly", "until_holidays": "summer"}});
        assert_eq!(preview(&village, begins).await.expect(200).json()["event"]["summary"], "Ab 2. Juli 2029 jeden Montag um 19:00 Uhr bis 23. Juni 2030");
        let read = village.ask("GET", "/school-holidays").send().await.expect(200).json();
        assert_eq!((&read["land"], &read["periods"]), (&json!("DE-NW"), &a_year()));
    }

    async fn a_club_pauses_in_the_school_holidays(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let weekly = json!({"starts_local": "2028-12-05T19:00", "except_school_holidays": true,
            "repeats": {"frequency": "weekly", "until": "2029-04-17"}});
        assert_eq!(preview(&village, weekly.clone()).await.problem(422, "unprocessable"), ["/event/except_school_holidays"]);
        enter(&dorf, NRW, 0, a_year()).await.expect(200);
        let left_out = json!(["2028-12-26T19:00:00", "2029-01-02T19:00:00", "2029-03-27T19:00:00", "2029-04-03T19:00:00"]);
        assert_eq!(preview(&village, weekly.clone()).await.expect(200).json()["event"]["except_dates"], left_out);
        let post = village.editor().drafts(class(weekly.clone())).await;
        // The ministry changes its mind: what was saved stays, what is saved from now on follows.
        let later = json!([{"name": "easter", "first": "2029-04-02", "last": "2029-04-14"}]);
        enter(&dorf, NRW, 0, later.clone()).await.problem(412, "precondition-failed");
        assert_eq!(enter(&dorf, NRW, 1, later).await.expect(200).header("etag"), "\"2\"");
        let saved = village.editor().ask("GET", &format!("/posts/{}", post.id)).send().await.expect(200).json();
        assert_eq!(saved["event"]["except_dates"], left_out);
        let now = preview(&village, weekly).await.expect(200).json();
        assert_eq!(now["event"]["except_dates"], json!(["2029-04-03T19:00:00", "2029-04-10T19:00:00"]));
    }

    async fn a_series_goes_on_until_the_holidays_from_one_of_its_dates_on(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        enter(&dorf, NRW, 0, a_year()).await.expect(200);
        let event = json!({"starts_local": "2029-01-09T19:00", "repeats": {"frequency": "weekly"}});
        let post = village.editor().drafts(class(event)).await;
        let wish = json!({"date": "2029-02-06T19:00", "state": "changed", "reach": "this_and_following", "starts_local": "2029-02-08T20:00",
            "repeats": {"frequency": "weekly", "until_holidays": "easter"}});
        let begun = village.editor().asks_for_date(&post, &wish).await.expect(200).str("following");
        let begun = village.editor().ask("GET", &format!("/posts/{begun}")).send().await.expect(200).json();
        assert_eq!(begun["event"]["summary"], "Ab 8. Februar 2029 jeden Donnerstag um 20:00 Uhr bis 25. März 2029");
    }

    async fn what_nobody_has_entered_is_not_guessed(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let summer = |first: &str, last: &str| json!({"name": "summer", "first": first, "last": last});
        let until_summer = |starts: &str| json!({"starts_local": starts, "repeats": {"frequency": "weekly", "until_holidays": "summer"}});
        let [one, two, three] = [("2028-07-10", "2028-08-22"), ("2029-07-02", "2029-08-14"), ("2030-06-24", "2030-08-06")].map(|(first, last)| summer(first, last));
        // Those of 2029 are missing: those of 2030 are not the next.
        enter(&dorf, NRW, 0, json!([one, three])).await.expect(200);
        for starts in ["2029-01-09T19:00", "2028-07-11T19:00", "2029-07-03T19:00"] {
            assert_eq!(preview(&village, until_summer(starts)).await.problem(422, "unprocessable"), ["/event/repeats/until_holidays"], "{starts}");
        }
        preview(&village, until_summer("2029-09-04T19:00")).await.expect(200);
        enter(&dorf, NRW, 1, json!([one, two, three])).await.expect(200);
        let seen = preview(&village, until_summer("2028-07-11T19:00")).await.expect(200).json();
        assert_eq!(seen["event"]["summary"], "Ab 11. Juli 2028 jeden Dienstag um 19:00 Uhr bis 1. Juli 2029");
        let over = json!({"starts_local": "2030-08-13T19:00", "except_school_holidays": true, "repeats": {"frequency": "weekly"}});
        assert_eq!(preview(&village, over).await.problem(422, "unprocessable"), ["/event/except_school_holidays"]);
    }

    async fn each_land_has_its_own_holidays(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        enter(&dorf, "/v1/operator/school-holidays/DE-BY", 0, a_year()).await.expect(200);
        assert_eq!(village.ask("GET", "/school-holidays").send().await.expect(200).json()["periods"], json!([]));
        let until_summer = tuesdays(json!({"frequency": "weekly", "until_holidays": "summer"}));
        assert_eq!(preview(&village, until_summer).await.problem(422, "unprocessable"), ["/event/repeats/until_holidays"]);
        for land in ["de-nw", "NW", "05", "DE-XX", "DE-NW%20"] {
            let path = format!("/v1/operator/school-holidays/{land}");
            dorf.ask("GET", &path).bearer(dorf.operator().await).send().await.problem(404, "not-found");
        }
    }

    async fn holidays_that_make_no_sense_are_not_entered(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let one = |first: &str, last: &str| json!([{"name": "summer", "first": first, "last": last}]);
        for (periods, pointer) in [
            (one("2029-07-02", "2029-07-01"), "/periods/0/last"),
            (one("2029-07-02", "2029-12-01"), "/periods/0/last"),
            (one("2029-02-30", "2029-07-01"), "/periods/0/first"),
            (one("1029-07-02", "2029-07-03"), "/periods/0/first"),
            (one("2029-7-2\u{0}", "2029-07-03"), "/periods/0/first"),
            (json!([{"name": "summer", "first": "2029-07-02", "last": "2029-08-14"}, {"name": "other", "first": "2029-08-14", "last": "2029-08-14"}]), "/periods/1/first"),
            (Value::Array(vec![json!({"name": "other", "first": "2029-07-02", "last": "2029-07-02"}); 401]), "/periods"),
        ] {
            let refused = enter(&dorf, NRW, 0, periods).await;
            assert!([400, 422].contains(&refused.status), "{}", refused.text());
            assert_eq!(refused.json()["errors"][0]["pointer"], pointer, "{}", refused.text());
        }
        enter(&dorf, NRW, 0, json!([{"name": "ski", "first": "2029-07-02", "last": "2029-07-02"}])).await.problem(400, "invalid-body");
        assert_eq!(village.ask("GET", "/school-holidays").send().await.expect(200).json()["version"], 0);
        enter(&dorf, NRW, 0, a_year()).await.expect(200);
        for (repeats, pointer) in [
            (json!({"frequency": "weekly", "until_holidays": "summer", "until": "2029-05-01"}), "/event/repeats/until_holidays"),
            (json!({"frequency": "weekly", "until_holidays": "summer", "count": 3}), "/event/repeats/until_holidays"),
            (json!({"frequency": "weekly", "until_holidays": "other"}), "/event/repeats/until_holidays"),
            (json!({"frequency": "weekly", "until_holidays": "winter"}), "/event/repeats/until_holidays"),
        ] {
            let refused = preview(&village, tuesdays(repeats)).await;
            assert_eq!(refused.problem(422, "unprocessable"), [pointer]);
        }
    }

    async fn the_holidays_of_a_land_over_ten_years_are_entered_as_they_are_published(on: Backend) {
        let file = top().join("../shared/data/kalender-de/schulferien_nrw_2019-2030.csv");
        let Ok(text) = std::fs::read_to_string(&file) else {
            eprintln!("the published holidays are absent: nothing was tested");
            return;
        };
        let names = [("Weihnacht", "christmas"), ("Oster", "easter"), ("Pfingst", "pentecost"), ("Sommer", "summer"), ("Herbst", "autumn")];
        let period = |line: &str| {
            let columns: Vec<&str> = line.split(';').collect();
            let name = names.iter().find(|(word, _)| columns[5].contains(word)).map_or("other", |(_, name)| name);
            // A day by itself has no last day.
            let last = if columns[3].is_empty() { columns[2] } else { columns[3] };
            json!({"name": name, "first": columns[2], "last": last})
        };
        let periods: Vec<Value> = text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(period).collect();
        assert!(periods.len() > 40, "{} periods", periods.len());
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        enter(&dorf, NRW, 0, Value::Array(periods)).await.expect(200);
        let weekly = json!({"starts_local": "2027-01-12T19:00", "except_school_holidays": true,
            "repeats": {"frequency": "weekly", "until_holidays": "summer"}});
        let seen = preview(&village, weekly).await.expect(200).json();
        assert_eq!(seen["event"]["summary"], "Ab 12. Januar 2027 jeden Dienstag um 19:00 Uhr bis 18. Juli 2027, nicht am 23. März, 30. März und 18. Mai");
    }
}
