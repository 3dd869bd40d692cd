//! What kinds of waste are called, in calendars and in reminders.

use super::{town, what};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, VillageKit, waste_calendar};
use tests::stories;

/// Labels as towns write them, and what they become: the name and the sign.
const LABELS: [(&str, &str, &str); 38] = [
    ("Restabfall (vierwöchentlich): Musterstadt", "Restabfall (vierwöchentlich)", "residual"),
    ("Bioabfall (14-täglich): Musterstadt", "Bioabfall (14-täglich)", "organic"),
    ("Altpapier (vierwöchentlich): Musterstadt", "Altpapier (vierwöchentlich)", "paper"),
    ("Leichtstoffe (vierwöchentlich): Musterstadt", "Leichtstoffe (vierwöchentlich)", "packaging"),
    ("Biotonne", "Biotonne", "organic"),
    ("Restmülltonne", "Restmülltonne", "residual"),
    ("Papiertonne", "Papiertonne", "paper"),
    ("Schadstoffsammlung", "Schadstoffsammlung", "hazardous"),
    ("Grüne Tonne", "Grüne Tonne", "other"),
    ("Blaue Tonne", "Blaue Tonne", "other"),
    ("Gelber Sack", "Gelber Sack", "packaging"),
    ("Gelbe/r Sack/Tonne", "Gelbe/r Sack/Tonne", "packaging"),
    ("Gelbe Tonne: 240 l", "Gelbe Tonne: 240 l", "packaging"),
    ("Restmüll 2-wöchentlich", "Restmüll 2-wöchentlich", "residual"),
    ("Restmüll 4-wöchentlich", "Restmüll 4-wöchentlich", "residual"),
    ("Hausmüll", "Hausmüll", "residual"),
    ("RESTMUELL (Bezirk 7)", "RESTMUELL", "residual"),
    ("Bio, Bezirk 3", "Bio", "organic"),
    ("Pappe 04711", "Pappe", "paper"),
    ("Müllabfuhr: Windelsack", "Müllabfuhr: Windelsack", "other"),
    ("Müllabfuhr: Altpapier", "Altpapier", "paper"),
    ("Schadstoffmobil: Marktplatz", "Schadstoffmobil: Marktplatz", "hazardous"),
    ("Sperrmüll - Luedenhausen", "Sperrmüll", "bulky"),
    ("Grünschnitt Luedenhausen", "Grünschnitt", "garden"),
    ("Baum- und Strauchschnitt", "Baum- und Strauchschnitt", "garden"),
    ("Weihnachtsbäume", "Weihnachtsbäume", "garden"),
    ("Tannenbaumabfuhr", "Tannenbaumabfuhr", "garden"),
    ("Altglas", "Altglas", "glass"),
    ("Weißglas", "Weißglas", "glass"),
    ("Elektroschrott", "Elektroschrott", "other"),
    ("Problemabfall", "Problemabfall", "hazardous"),
    ("Wertstofftonne", "Wertstofftonne", "packaging"),
    ("LVP", "LVP", "packaging"),
    ("Restmüll und Biotonne", "Restmüll und Biotonne", "other"),
    ("Biotonne (auch Gartenabfälle)", "Biotonne (auch Gartenabfälle)", "organic"),
    ("Papier: Nord", "Papier: Nord", "paper"),
    ("Papier: Süd", "Papier: Süd", "paper"),
    ("Biomüll: verschoben wegen Feiertag", "Biomüll: verschoben wegen Feiertag", "organic"),
];

async fn kinds(village: &VillageKit<'_>) -> Vec<Value> {
    let token = village.dorf.log_in(&format!("editor@{}.example", village.slug)).await;
    let list = village.staff("GET", "/waste/kinds").bearer(&token).send().await.expect(200).json();
    list["items"].as_array().cloned().expect("kinds")
}

async fn report(village: &VillageKit<'_>, calendar: impl Into<Vec<u8>>) -> Value {
    village.imports("ahornweg", calendar).await.expect(201).get("report")
}

fn lines(report: &Value, outcome: &str) -> Vec<(String, String)> {
    let lines = report["lines"].as_array().expect("lines").iter().filter(|line| line["outcome"] == outcome);
    lines.map(|line| ["label", "day"].map(|name| line[name].as_str().unwrap_or_default().to_owned()).into()).collect()
}

stories! {
    async fn kinds_are_called_what_they_are_and_have_a_sign(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        let dates: Vec<(String, &str)> = LABELS.iter().enumerate().map(|(n, (label, ..))| (format!("202701{:02}", n % 28 + 1), *label)).collect();
        let dates: Vec<(&str, &str)> = dates.iter().map(|(day, label)| (day.as_str(), *label)).collect();
        let calendar = waste_calendar(&dates).replace("Bio, Bezirk", "Bio\\, Bezirk");
        assert_eq!(report(&village, calendar).await["imported"], json!(LABELS.len()));
        let found = kinds(&village).await;
        for (label, name, icon) in LABELS {
            let kind = found.iter().find(|kind| kind["label"] == label).expect(label);
            assert_eq!((&kind["name"], &kind["icon"]), (&json!(name), &json!(icon)), "{label}");
        }
    }

    async fn reminders_name_the_kind_and_not_the_town(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        village.imported("ahornweg", waste_calendar(&[("20261125", "Restabfall (vierwöchentlich): Musterstadt")])).await;
        let anna = village.resident("anna").by_mail().await.minds_waste("ahornweg", 18).await;
        dorf.wait(TimeDelta::days(2) + TimeDelta::hours(10));
        dorf.work_off().await;
        assert_eq!(anna.subjects(), ["Abfuhr am Mittwoch, 25. November: Restabfall (vierwöchentlich)"]);
        assert!(!anna.mails()[0].text().contains("Musterstadt"), "{}", anna.mails()[0].text());
    }

    async fn what_staff_says_counts_more_than_what_is_guessed(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        let calendar = waste_calendar(&[("20261201", "Restmüll: Musterstadt"), ("20261202", "Tonne 1")]);
        village.imported("ahornweg", calendar.clone()).await;
        let kind = kinds(&village).await.into_iter().find(|kind| kind["label"] == "Restmüll: Musterstadt").expect("a kind");
        let path = format!("/waste/kinds/{}", kind["id"].as_str().expect("an id"));
        let said = json!({"name": "Restmüll: Musterstadt", "icon": "other"});
        village.staff("PATCH", &path).bearer(&village.editor).header("if-match", "\"1\"").json(&said).send().await.expect(200);
        village.imported("ahornweg", calendar).await;
        let kind = kinds(&village).await.into_iter().find(|kind| kind["label"] == "Restmüll: Musterstadt").expect("a kind");
        assert_eq!((&kind["name"], &kind["icon"], &kind["version"]), (&json!("Restmüll: Musterstadt"), &json!("other"), &json!(2)));
    }

    async fn who_calls_a_kind_otherwise_does_not_have_people_reminded_twice(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        let days = ["20261124", "20261208", "20261222"];
        let named = |label: &str| -> String {
            let mut dates: Vec<(&str, &str)> = days.iter().map(|day| (*day, label)).collect();
            dates.push(("20261125", "Altpapier"));
            waste_calendar(&dates)
        };
        village.imported("ahornweg", named("Restmüll")).await;
        let kind = kinds(&village).await.into_iter().find(|kind| kind["label"] == "Restmüll").expect("a kind");
        let path = format!("/waste/kinds/{}", kind["id"].as_str().expect("an id"));
        let said = json!({"name": "Graue Tonne", "colour": "#4a4a4a"});
        village.staff("PATCH", &path).bearer(&village.editor).header("if-match", "\"1\"").json(&said).send().await.expect(200);
        let anna = village.resident("anna").by_push().await.minds_waste("ahornweg", 18).await;
        let said = report(&village, named("Restabfall")).await;
        assert_eq!(said["remarks"], json!(["kind_renamed"]));
        let gone = [("Restmüll", "2026-11-24"), ("Restmüll", "2026-12-08"), ("Restmüll", "2026-12-22")];
        assert_eq!(lines(&said, "removed"), gone.map(|(label, day)| (label.to_owned(), day.to_owned())));
        let there = village.waste_dates("ahornweg", "2026-11-22").await;
        assert_eq!(what(&there).iter().map(|(_, kind)| kind.as_str()).collect::<Vec<_>>(), ["Graue Tonne", "Altpapier", "Graue Tonne", "Graue Tonne"]);
        assert_eq!((&there[0]["kind"]["colour"], &there[0]["kind"]["icon"]), (&json!("#4a4a4a"), &json!("residual")));
        dorf.wait(TimeDelta::days(1) + TimeDelta::hours(10));
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), 1, "{:?}", anna.pushes());
        assert_eq!(report(&village, named("Restabfall")).await["remarks"], json!([]));
    }

    async fn a_kind_that_is_not_mentioned_stays_and_the_report_says_so(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        // A file for each kind, collected on the same days: nothing is called otherwise.
        village.imported("ahornweg", waste_calendar(&[("20261201", "Restmüll"), ("20261215", "Restmüll")])).await;
        let said = report(&village, waste_calendar(&[("20261201", "Biotonne"), ("20261215", "Biotonne")])).await;
        assert_eq!((&said["remarks"], &said["removed"]), (&json!(["kind_not_mentioned"]), &json!(0)));
        assert_eq!(lines(&said, "kept"), [("Restmüll".to_owned(), "2026-12-01".to_owned())]);
        assert_eq!(village.waste_dates("ahornweg", "2026-11-22").await.len(), 4);
        // More of the same sort on other days neither.
        let said = report(&village, waste_calendar(&[("20261201", "Restmüll 4-wöchentlich"), ("20261202", "Biotonne")])).await;
        assert_eq!(said["remarks"], json!(["kind_not_mentioned"]));
        assert_eq!(lines(&said, "removed").len(), 2, "days of the Biotonne, which is mentioned");
    }

    async fn two_kinds_on_the_same_days_stay_two(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        let collected = |label: &str| waste_calendar(&[("20261124", label), ("20261208", label), ("20261222", label), ("20261126", "Altpapier")]);
        let pairs = [
            ("Restmüll 80 l", "Restmüll 1100 l"),
            ("Restmüll 14-täglich", "Restmüll 4-wöchentlich"),
            ("Hausmüll", "Restmüllcontainer"),
            ("Weißglas", "Buntglas"),
            ("Gelber Sack", "Gelbe Tonne"),
            ("Papiertonne", "Papierbündel"),
            ("Sperrmüll", "Sperrmüll (Holz)"),
            ("Schadstoffmobil: Marktplatz", "Schadstoffmobil: Schule"),
            ("Tonne 1", "Biotonne"),
            ("Tonne 2", "Tonne 3"),
        ];
        for (n, (one, other)) in pairs.into_iter().enumerate() {
            let district = format!("weg-{n}");
            village.waste_district(&district).await;
            village.imported(&district, collected(one)).await;
            let said = village.imports(&district, collected(other)).await.expect(201).get("report");
            assert_eq!((&said["removed"], &said["remarks"]), (&json!(0), &json!(["kind_not_mentioned"])), "{one}, {other}");
            let mut both = [one, other].map(|kind| ("2026-11-24".to_owned(), kind.to_owned()));
            both.sort();
            let mut found = what(&village.waste_dates(&district, "2026-11-22").await);
            found.retain(|(day, _)| day == "2026-11-24");
            found.sort();
            assert_eq!(found, both);
        }
        let anna = village.resident("anna").by_mail().await.minds_waste("weg-0", 18).await;
        dorf.wait(TimeDelta::days(1) + TimeDelta::hours(10));
        dorf.work_off().await;
        let reminder = anna.mails()[0].text();
        assert!(["Restmüll 80 l", "Restmüll 1100 l"].iter().all(|kind| reminder.contains(kind)), "{reminder}");
    }

    async fn another_word_for_the_same_is_taken_for_it_where_no_other_is_in_question(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        let days = ["20261124", "20261208"];
        let collected = |labels: &[&str]| {
            let dates: Vec<(&str, &str)> = labels.iter().flat_map(|label| days.map(|day| (day, *label))).collect();
            waste_calendar(&dates)
        };
        let words = [
            ("Restmüll (vierwöchentlich)", "Restabfall (vierwöchentlich)"),
            ("Bioabfall: Luedenhausen", "Biomüll"),
            ("GELBE SÄCKE", "Gelber Sack"),
            ("Weihnachtsbäume", "Tannenbaum-Abfuhr"),
        ];
        for (n, (before, after)) in words.into_iter().enumerate() {
            let district = format!("weg-{n}");
            village.waste_district(&district).await;
            village.imported(&district, collected(&[before])).await;
            let said = village.imports(&district, collected(&[after])).await.expect(201).get("report");
            assert_eq!((&said["removed"], &said["remarks"]), (&json!(2), &json!(["kind_renamed"])), "{before}, {after}");
            assert_eq!(village.waste_dates(&district, "2026-11-22").await.len(), 2, "{before}, {after}");
        }
        for (before, after) in [(&["Restmüll"][..], &["Restabfall", "Hausmüll"][..]), (&["Biomüll", "Bioabfall"], &["Bioabfälle"])] {
            let district = format!("hof-{}", before.len());
            village.waste_district(&district).await;
            village.imported(&district, collected(before)).await;
            let said = village.imports(&district, collected(after)).await.expect(201).get("report");
            assert_eq!((&said["removed"], &said["remarks"]), (&json!(0), &json!(["kind_not_mentioned"])), "{before:?}, {after:?}");
        }
    }

    async fn half_a_calendar_removes_nothing_and_is_said_to_be_half(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        let all = waste_calendar(&[("20270105", "Biotonne"), ("20270119", "Biotonne"), ("20270202", "Biotonne"), ("20270203", "Restmüll")]);
        village.imported("ahornweg", all.clone()).await;
        for ending in ["BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270202", "DTSTART;VALUE=DATE:20270202", "20270202\r\nSUMMARY:Biotonne"] {
            let cut = &all[..all.find(ending).expect("there")];
            let said = report(&village, cut).await;
            assert_eq!((&said["removed"], &said["remarks"]), (&json!(0), &json!(["incomplete"])), "{cut}");
        }
        assert_eq!(village.waste_dates("ahornweg", "2026-11-22").await.len(), 4);
        let whole = waste_calendar(&[("20270105", "Biotonne"), ("20270119", "Biotonne"), ("20270203", "Restmüll")]);
        assert_eq!(report(&village, whole).await["removed"], 1);
    }

    async fn whole_days_with_hours_in_their_rule_are_collections(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        let event = |rule: &str| format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270601\r\nSUMMARY:Sperrmüll\r\nRRULE:{rule}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
        for rule in ["FREQ=WEEKLY;COUNT=3;BYHOUR=9;BYMINUTE=0,30", "FREQ=WEEKLY;UNTIL=20270615T235959Z", "FREQ=WEEKLY;COUNT=3;FREQ=WEEKLY\r\nRRULE:FREQ=WEEKLY;COUNT=3"] {
            report(&village, event(rule)).await;
            let days: Vec<String> = what(&village.waste_dates("ahornweg", "2027-05-22").await).into_iter().map(|(day, _)| day).collect();
            assert_eq!(days, ["2027-06-01", "2027-06-08", "2027-06-15"], "{rule}");
        }
    }
}
