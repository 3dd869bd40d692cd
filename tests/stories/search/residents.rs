//! What residents type: parts of words, numbers, names of clubs, days, whole questions, and words with an error in them.

use super::found;
use chrono::TimeDelta;
use serde_json::json;
use std::collections::BTreeSet;
use tests::kit::{Backend, Dorf, VillageKit, event, news, notice};
use tests::stories;

/// A table of posts and of what is looked for in them: `number|kind|club|title|text`, and `query|numbers of what it has to find`.
/// Both were written down before anybody looked at what is found.
struct Table {
    posts: Vec<[&'static str; 4]>,
    queries: Vec<(&'static str, BTreeSet<&'static str>)>,
}

impl Table {
    fn of(posts: &'static str, queries: &'static str) -> Self {
        let post = |line: &'static str| {
            let mut parts = line.splitn(5, '|');
            let (number, _kind) = (parts.next().expect("a number"), parts.next());
            [number, parts.next().expect("a club"), parts.next().expect("a title"), parts.next().expect("a text")]
        };
        let query = |line: &'static str| {
            let (query, numbers) = line.split_once('|').expect("a query and numbers");
            (query, numbers.split(',').collect())
        };
        Self { posts: posts.lines().map(post).collect(), queries: queries.lines().map(query).collect() }
    }

    async fn publish(&self, village: &VillageKit<'_>) {
        let mut clubs = Vec::new();
        for [number, name, title, text] in &self.posts {
            let mut post = news(&format!("{number} {title}")).saying(text);
            if !name.is_empty() {
                if !clubs.contains(name) {
                    clubs.push(name);
                    enter(village, &format!("club-{}", clubs.len()), name).await;
                }
                let place = clubs.iter().position(|club| club == name).expect("entered");
                post = notice(&format!("{number} {title}"))
                    .saying(text)
                    .with("club", json!(format!("club-{}", place + 1)));
            }
            village.editor().publishes(post).await;
        }
    }

    /// The mean over all queries of the share found of what is to be found, and of the share that is right of what is found.
    async fn recall_and_precision(&self, village: &VillageKit<'_>) -> (f64, f64) {
        let (mut recall, mut precision) = (0.0, 0.0);
        for (query, expected) in &self.queries {
            let page = village.ask("GET", "/feed?limit=100").query("q", query).send().await.expect(200);
            let titles = page.titles();
            let found: BTreeSet<&str> = titles.iter().filter_map(|title| title.split(' ').next()).collect();
            let right = found.intersection(expected).count() as f64;
            recall += right / expected.len() as f64;
            precision += if found.is_empty() { 0.0 } else { right / found.len() as f64 };
            let (missing, wrong) = (expected.difference(&found), found.difference(expected));
            println!("{query}: missing {:?}, wrong {:?}", missing.collect::<Vec<_>>(), wrong.collect::<Vec<_>>());
        }
        let all = self.queries.len() as f64;
        (recall / all, precision / all)
    }
}

async fn enter(village: &VillageKit<'_>, slug: &str, name: &str) {
    let club = json!({"slug": slug, "name": name, "category": "culture"});
    village.staff("POST", "/clubs").bearer(&village.editor).json(&club).send().await.expect(201);
}

/// Publishes these, a second apart, so that the last comes first.
async fn published(dorf: &Dorf, village: &VillageKit<'_>, titles: &[&str]) {
    for title in titles {
        village.editor().publishes(news(title)).await;
        dorf.wait(TimeDelta::seconds(1));
    }
}

stories! {
    async fn of_a_village_of_200_posts_residents_find_what_they_look_for_and_little_else(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let table = Table::of(include_str!("posts.txt"), include_str!("queries.txt"));
        table.publish(&village).await;
        let (recall, precision) = table.recall_and_precision(&village).await;
        assert!(recall >= 0.95 && precision >= 0.9, "recall {recall:.3}, precision {precision:.3}");
    }

    /// The posts, the queries and what they have to find are by somebody who had seen neither the search nor the other table.
    async fn of_posts_that_the_search_was_not_made_with_as_much_is_found(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let table = Table::of(include_str!("unseen/posts.txt"), include_str!("unseen/queries.txt"));
        table.publish(&village).await;
        let (recall, precision) = table.recall_and_precision(&village).await;
        assert!(recall >= 0.95 && precision >= 0.9, "recall {recall:.3}, precision {precision:.3}");
    }

    async fn words_are_found_in_words(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let titles = [
            "Jugendfeuerwehr sammelt Tannenbäume", "Bürgerversammlung zum Straßenausbau", "Jahreshauptversammlung des Heimatvereins",
            "Sperrmüll anmelden", "Nachtwanderung mit Laternen", "Trinkwassersperrung", "Schwimmkurs für Kinder", "Wahlhelfer gesucht",
            "Weihnachtsmarkt auf dem Kirchplatz",
        ];
        published(&dorf, &village, &titles).await;
        for (q, expected) in [
            ("feuerwehr", &[0][..]), ("versammlung", &[2, 1]), ("verein", &[2]), ("müll", &[3]), ("wanderung", &[4]), ("wandern", &[4]),
            ("wasser", &[5]), ("sperrung", &[5, 3]), ("kurs", &[6]), ("wahlen", &[7]), ("wann ist der weihnachtsmarkt", &[8]),
            ("Weihnachts-Markt", &[8]), ("weihnachts markt", &[8]), ("hauptversammlung", &[2]), ("tannenbaum", &[0]), ("ausbau straße", &[1]),
            ("kirche", &[8]), ("ein", &[]), ("eim", &[]), ("sse", &[]),
        ] {
            let expected: Vec<&str> = expected.iter().map(|n: &usize| titles[*n]).collect();
            assert_eq!(found(&village, q).await, expected, "{q}");
        }
    }

    async fn numbers_are_found_written_together_or_apart(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let titles = ["Sperrung der L712", "L 758: Ampel defekt", "B 238n gesperrt", "Spiel gegen TuS 08", "Bebauungsplan Nr. 12a", "Linie 7"];
        published(&dorf, &village, &titles).await;
        for (q, title) in [
            ("L712", 0), ("L 712", 0), ("l-712", 0), ("712", 0), ("L758", 1), ("L 758", 1), ("758", 1), ("B238n", 2), ("B 238n", 2), ("B 238 n", 2), ("b238 n", 2),
            ("TuS08", 3), ("tus 08", 3), ("TuS-08", 3), ("12 a", 4), ("12a", 4), ("Nr 12a", 4), ("Nr. 12 a", 4), ("linie 7", 5),
        ] {
            assert_eq!(found(&village, q).await, [titles[title]], "{q}");
        }
    }

    async fn one_error_of_typing_is_forgiven(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let titles = ["Jugendfeuerwehr", "Schützenfest", "Weihnachtsmarkt", "Konzert der Kirche"];
        published(&dorf, &village, &titles).await;
        for (q, title) in [
            ("feurwehr", 0), ("feuerwher", 0), ("feuerwahr", 0), ("feuuerwehr", 0), ("geuerwehr", 0), ("euerwehr", 0), ("efeuerwehr", 0), ("jugendfeurwehr", 0),
            ("schützenvest", 1), ("shützenfest", 1), ("chützenfest", 1), ("schüzenfest", 1), ("schuztenfest", 1), ("weinachtsmarkt", 2), ("weihnachtsmakrt", 2),
            ("weihnahctsm", 2), ("konzrt", 3), ("kirchenkonzert", 3), ("kirhce konzert", 3),
        ] {
            assert_eq!(found(&village, q).await, [titles[title]], "{q}");
        }
        for q in ["feurwer", "schuetzenwest ost", "kirsche konsert bad", "kanzart"] {
            assert_eq!(found(&village, q).await, [""; 0], "two errors, or a word that is not there: {q}");
        }
        published(&dorf, &village, &["Kirsche"]).await;
        assert_eq!(found(&village, "kirche").await, ["Konzert der Kirche"], "what there is was meant");
    }

    async fn posts_are_found_by_the_name_their_club_has_now(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let other = dorf.village("asendorf").await;
        for (village, name) in [(&village, "Schützenverein St. Hubertus"), (&other, "Hubertusschützen")] {
            enter(village, "schuetzen", name).await;
            village.editor().publishes(notice("Antreten um acht").with("club", json!("schuetzen"))).await;
        }
        village.editor().publishes(news("Hubertusweg gesperrt")).await;
        assert_eq!(found(&village, "hubertus").await, ["Hubertusweg gesperrt", "Antreten um acht"]);
        for q in ["schützenverein", "verein", "antreten schützen", "schutzenverien"] {
            assert_eq!(found(&village, q).await, ["Antreten um acht"], "{q}");
        }
        let path = "/clubs/schuetzen";
        let etag = village.staff("GET", path).bearer(&village.editor).send().await.expect(200).header("etag");
        let renamed = json!({"name": "Bürgerwehr"});
        village.staff("PATCH", path).bearer(&village.editor).header("if-match", &etag).json(&renamed).send().await.expect(200);
        assert_eq!(found(&village, "bürgerwehr").await, ["Antreten um acht"]);
        assert_eq!(found(&village, "schützenverein").await, [""; 0]);
    }

    async fn events_are_found_by_their_days(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let weekly = json!({"starts_local": "2027-01-05T19:00", "repeats": {"frequency": "weekly", "count": 3}});
        village.editor().publishes(event("Chorprobe", "2027-01-05T19:00").with("event", weekly)).await;
        dorf.wait(TimeDelta::seconds(1));
        village.editor().publishes(event("Backtag", "2026-12-01T15:00")).await;
        dorf.wait(TimeDelta::seconds(1));
        village.editor().publishes(event("Kinoabend", "2027-01-12T20:00")).await;
        dorf.wait(TimeDelta::seconds(1));
        village.editor().publishes(news("Freibad").saying("Es öffnet am 12. Januar. Karten ab 3.5.2027.")).await;
        let on_the_twelfth = ["Freibad", "Kinoabend", "Chorprobe"];
        for q in ["12. Januar", "12.1.", "12.01.", "12. jan", "12.01.2027", "2027-01-12", "was ist am 12. Januar 2027", "12 januar 27"] {
            assert_eq!(found(&village, q).await, on_the_twelfth, "{q}");
        }
        for (q, titles) in [
            ("5. Januar", &["Chorprobe"][..]), ("05.01.2027", &["Chorprobe"]), ("19.1.", &["Chorprobe"]), ("26.1.", &[]), ("12.1.2028", &["Freibad"]),
            ("probe 12.1.", &["Chorprobe"]), ("kino januar", &["Kinoabend"]), ("dienstag", &["Backtag"]), ("backtag dienstags", &["Backtag"]), ("backtag mittwoch", &[]), ("kino mai", &[]),
            ("3. Mai", &["Freibad"]), ("3.5.27", &["Freibad"]), ("3.5.2028", &[]), ("31.2.", &[]),
        ] {
            assert_eq!(found(&village, q).await, titles, "{q}");
        }
    }
}
