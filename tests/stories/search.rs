//! Searching the feed: German as people type it, all words, the same posts on both databases, and nothing that is not public.

use chrono::TimeDelta;
use serde_json::json;
use std::collections::HashSet;
use tests::kit::{Backend, Dorf, Reply, VillageKit, alert, event, news};
use tests::stories;

mod residents;

async fn ask(village: &VillageKit<'_>, q: &str) -> Reply {
    village.ask("GET", "/feed").query("q", q).send().await
}

/// The titles that are found, the newest first.
async fn found(village: &VillageKit<'_>, q: &str) -> Vec<String> {
    ask(village, q).await.expect(200).titles()
}

/// The path of the next page.
fn next(page: &Reply) -> Option<String> {
    let mut links = page.headers.get_all("link").iter().map(|link| link.to_str().expect("text"));
    let link = links.find(|link| link.contains("rel=\"next\""))?;
    Some(link.strip_prefix('<').and_then(|link| link.split('>').next()).expect("a path").to_owned())
}

/// 12,000 posts, older than the one there is. Every other has the word `haufig`, the others have `alle`.
fn many_posts(on: Backend) -> String {
    let id = if on == Backend::Sqlite { "randomblob(16)" } else { "gen_random_uuid()" };
    format!(
        "INSERT INTO post (village_id, id, kind, state, author_id, title, body_markdown, body_html, version,
                           created_at, updated_at, published_at, delivery)
           WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < 12000)
           SELECT village_id, {id}, kind, state, author_id, 'Nr', '', '', 1, created_at, updated_at, published_at - n, delivery
           FROM post CROSS JOIN count;
         INSERT INTO search_word (village_id, id, post_id, word)
           SELECT village_id, {id}, id, CASE WHEN published_at % 2 = 0 THEN 'haufig' ELSE 'alle' END
           FROM post WHERE title = 'Nr';"
    )
}

stories! {
    async fn german_is_found_however_it_is_typed(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let posts = [
            ("Straßenfest", "Am Müllplatz, zwischen den Häusern."),
            ("Grüße aus dem Rathaus", "Die Öffnungszeiten im März."),
            ("Bauer sucht Scheune", "Die Quelle am Feuerwehrhaus."),
            ("Veranstaltungen", "Fußballspiele im Café."),
        ];
        for (title, text) in posts {
            village.editor().publishes(news(title).saying(text)).await;
            dorf.wait(TimeDelta::seconds(1));
        }
        for (q, title) in [
            ("strasse", "Straßenfest"), ("straße", "Straßenfest"), ("STRASSEN", "Straßenfest"), ("Strassenfest", "Straßenfest"), ("STRAẞE", "Straßenfest"),
            ("Müllplatz", "Straßenfest"), ("muellplatz", "Straßenfest"), ("mullplatz", "Straßenfest"), ("mu\u{308}llplatz", "Straßenfest"), ("müll", "Straßenfest"), ("MUELL", "Straßenfest"),
            ("zwischen häusern", "Straßenfest"), ("Müllplätze", "Straßenfest"), ("fest", "Straßenfest"), ("strassen fest", "Straßenfest"), ("strasenfest", "Straßenfest"),
            ("gruesse", "Grüße aus dem Rathaus"), ("Grüße", "Grüße aus dem Rathaus"), ("grusse", "Grüße aus dem Rathaus"), ("öffnungszeit", "Grüße aus dem Rathaus"),
            ("oeffnung", "Grüße aus dem Rathaus"), ("maerz", "Grüße aus dem Rathaus"), ("rathauses", "Grüße aus dem Rathaus"), ("Rathäuser", "Grüße aus dem Rathaus"),
            ("baue", "Bauer sucht Scheune"), ("quellen", "Bauer sucht Scheune"), ("feuer", "Bauer sucht Scheune"), ("scheunen", "Bauer sucht Scheune"),
            ("veranstaltung", "Veranstaltungen"), ("veranstaltu", "Veranstaltungen"), ("fussballspiel", "Veranstaltungen"), ("cafe", "Veranstaltungen"), ("CAFÉ", "Veranstaltungen"),
        ] {
            assert_eq!(found(&village, q).await, [title], "{q}");
        }
        let houses = ["Bauer sucht Scheune", "Grüße aus dem Rathaus", "Straßenfest"];
        for q in ["haus", "Häuser", "Hauses", "HAEUSER"] {
            assert_eq!(found(&village, q).await, houses, "{q}");
        }
        for q in ["latz", "hausmeister", "feuersbrunst", "xyz", "raß"] {
            assert_eq!(found(&village, q).await, [""; 0], "{q}");
        }
    }

    async fn a_post_is_found_by_all_words_of_title_text_and_place(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        village.editor().publishes(event("Adventsmarkt", "2026-12-06T15:00").saying("Mit *Glühwein* und Musik.").on("vereine")).await;
        dorf.wait(TimeDelta::seconds(1));
        village.editor().publishes(news("Musikschule").saying("Anmeldung im Rathaus bis 15.12.2026")).await;
        dorf.wait(TimeDelta::seconds(1));
        village.editor().publishes(alert("Glätte auf dem Dorfplatz").on("verkehr")).await;
        let both = ["Musikschule", "Adventsmarkt"];
        for (q, titles) in [
            ("musik", &both[..]), ("adventsmarkt musik glühwein", &["Adventsmarkt"]), ("MUSIK gluehw", &["Adventsmarkt"]), ("musik musik", &both),
            ("musik rathaus", &["Musikschule"]), ("musik dorfplatz", &["Adventsmarkt"]), ("markt", &["Adventsmarkt"]), ("dorfplatz", &["Glätte auf dem Dorfplatz", "Adventsmarkt"]),
            ("2026", &["Musikschule"]), ("15.12.", &["Musikschule"]), ("15. Dezember 2026", &["Musikschule"]), ("15.12.2027", &[]), ("musik verkehr", &[]), ("g", &["Glätte auf dem Dorfplatz", "Adventsmarkt"]),
        ] {
            assert_eq!(found(&village, q).await, titles, "{q}");
        }
        for (filters, titles) in [("&kind=event", &both[1..]), ("&topic=vereine", &both[1..]), ("&kind=news", &both[..1]), ("&kind=alert", &[])] {
            let page = village.ask("GET", &format!("/feed?q=musik{filters}")).send().await.expect(200);
            assert_eq!(page.titles(), titles, "{filters}");
        }
        assert_eq!(found(&village, " ").await.len(), 3, "nothing is looked for");
    }

    async fn operators_and_wildcards_in_a_search_are_no_more_than_letters(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        village.editor().publishes(news("Anna und Bert").saying("or not near")).await;
        for q in [
            "anna*", "\"anna\"", "anna & bert", "anna | bert", "anna:*", "!anna", "^anna", "-anna", "(anna", "anna)", "{anna}", "anna OR bert", "NEAR(anna bert)", "anna'--",
            "anna\\", "anna;", "anna\tbert", "anna <-> bert", "anna %", "anna _", "anna''", "anna\u{1}", "' OR '", "NOT bert", "\u{202e}anna", "anna\u{10ffff}",
        ] {
            assert_eq!(found(&village, q).await, ["Anna und Bert"], "{q}");
        }
        for q in ["anna AND bert", "title:anna", "$1 anna", "a_na", "n%z", "anna/**/or/**/1=1"] {
            assert_eq!(found(&village, q).await, [""; 0], "{q}");
        }
        for q in ["%", "*", "\"\"", "__", "!!!", "🎄"] {
            assert_eq!(ask(&village, q).await.problem(400, "invalid-parameter"), ["q"], "{q}");
        }
        for q in ["a".repeat(101), "a b c d e f g h i".to_owned()] {
            assert_eq!(ask(&village, &q).await.problem(400, "invalid-parameter"), ["q"]);
        }
        ask(&village, &"ä".repeat(100)).await.expect(200);
        village.ask("GET", "/feed?q=a%00b").send().await.problem(400, "bad-request");
    }

    async fn only_what_is_public_here_now_is_found(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("asendorf").await);
        let editor = village.editor();
        other.editor().publishes(news("Nebenan Brücke")).await;
        editor.drafts(news("Entwurf Brücke")).await;
        let until = json!((dorf.clock.now() + TimeDelta::hours(1)).to_rfc3339());
        editor.publishes(news("Eine Stunde Brücke").with("expires_at", until)).await;
        dorf.wait(TimeDelta::seconds(1));
        let gone = editor.publishes(news("Zurückgezogen Brücke")).await;
        dorf.wait(TimeDelta::seconds(1));
        let changed = editor.publishes(news("Brücke alt")).await;
        assert_eq!(found(&village, "bruecke").await, ["Brücke alt", "Zurückgezogen Brücke", "Eine Stunde Brücke"]);
        editor.step(&gone, "withdraw").await.expect(200);
        editor.changes(&changed, &json!({"title": "Steg neu", "body_markdown": "Der Steg ist da."})).await.expect(200);
        assert_eq!(found(&village, "brücke").await, ["Eine Stunde Brücke"]);
        assert_eq!(found(&village, "steg").await, ["Steg neu"]);
        assert_eq!(found(&village, "alt").await, [""; 0]);
        dorf.wait(TimeDelta::hours(1));
        assert_eq!(found(&village, "brücke").await, [""; 0], "before anybody has cleared it away");
        dorf.work_off().await;
        assert_eq!(found(&village, "brücke").await, [""; 0]);
        assert_eq!(found(&other, "brücke").await, ["Nebenan Brücke"]);
        assert_eq!(found(&other, "entwurf").await, [""; 0]);
    }

    async fn turning_pages_of_a_search_skips_and_repeats_nothing(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        for n in 0..30 {
            let word = if n % 3 == 0 { "Kirche" } else { "Schule" };
            village.editor().publishes(news(&format!("{word} {n}"))).await;
            dorf.wait(TimeDelta::milliseconds(n % 2));
        }
        let whole = village.ask("GET", "/feed?q=schul&limit=100").send().await.expect(200).titles();
        assert_eq!(whole.len(), 20);
        for limit in [1, 3, 19, 20] {
            let mut read = Vec::new();
            let mut path = Some(format!("/v1/villages/luedenhausen/feed?q=sch%C3%BCl&limit={limit}"));
            while let Some(here) = path {
                let page = dorf.ask("GET", &here).send().await.expect(200);
                read.extend(page.titles());
                path = next(&page);
            }
            assert_eq!(read, whole, "in pages of {limit}");
        }
        let first = village.ask("GET", "/feed?q=schule&limit=2").send().await.expect(200);
        let cursor = first.str("next_cursor");
        for elsewhere in [format!("/feed?q=kirche&limit=2&cursor={cursor}"), format!("/feed?limit=2&cursor={cursor}")] {
            assert_eq!(village.ask("GET", &elsewhere).send().await.problem(400, "invalid-cursor"), ["cursor"]);
        }
        let etag = first.header("etag");
        village.ask("GET", "/feed?q=schule&limit=2").header("if-none-match", &etag).send().await.expect(304);
    }

    async fn words_that_very_many_posts_have_are_found_page_by_page(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        village.editor().publishes(news("Alle Jahre wieder").saying("Selten Häufig")).await;
        dorf.database.change(&many_posts(on)).await.expect("posts");
        let began = std::time::Instant::now();
        assert_eq!(found(&village, "selten").await, ["Alle Jahre wieder"]);
        assert_eq!(found(&village, "häufig selten").await, ["Alle Jahre wieder"], "the rare word leads");
        let mut pages = 0;
        let mut titles = HashSet::new();
        let mut path = Some("/v1/villages/luedenhausen/feed?q=h%C3%A4ufig+alle&limit=100".to_owned());
        while let Some(here) = path {
            let page = dorf.ask("GET", &here).send().await.expect(200);
            titles.extend(page.titles());
            path = next(&page);
            pages += 1;
        }
        assert_eq!(titles, HashSet::from(["Alle Jahre wieder".to_owned()]));
        assert!(pages <= 3, "{pages} pages");
        assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    }

    async fn posts_that_were_public_before_there_was_a_search_are_found(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        village.editor().drafts(news("Entwurf Brücke")).await;
        for n in 0..130 {
            village.editor().publishes(news(&format!("Brücke {n}"))).await;
        }
        let migrations = <migration::Migrator as migration::MigratorTrait>::migrations();
        let from_the_end = migrations.iter().rev().position(|it| it.name().ends_with("_search")).expect("the migration");
        let url = dorf.database.url();
        migration::down(&url, Some(u32::try_from(from_the_end + 1).expect("a few"))).await.expect("down");
        migration::up(&url).await.expect("up");
        village.editor().publishes(news("Brücke neu")).await;
        assert_eq!(found(&village, "bruecke neu").await, ["Brücke neu"]);
        dorf.work_off().await;
        let page = village.ask("GET", "/feed?q=bruecke&limit=100").send().await.expect(200);
        assert_eq!(page.titles().len(), 100);
        assert_eq!(dorf.ask("GET", &next(&page).expect("more")).send().await.expect(200).titles().len(), 31);
    }
}
