//! Who asks for much: work that costs processor time has seats, a bound and an end, and what one client or one village asks for is
//! not at the expense of the others.

mod memory;

use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Duration;
use tests::kit::{Ask, Backend, Dorf, Post, Reply, VillageKit, ics, news, vevent};
use tests::stories;
use tokio::task::JoinSet;

/// Only what hangs takes longer than this, also on a machine that does ten things at once.
const CEILING: Duration = Duration::from_secs(30);

/// A server that believes a proxy, so that a story can be many clients.
async fn behind_a_proxy(on: Backend, change: impl FnOnce(&mut api::Settings)) -> Dorf {
    Dorf::start_with(on, |settings| {
        settings.http.trusted_proxies = vec![[127, 0, 0, 1].into()];
        change(settings);
    })
    .await
}

/// A request of one of many clients.
fn of_client(ask: Ask, client: usize) -> Ask {
    ask.header("x-forwarded-for", &format!("192.0.2.{client}"))
}

/// The values of `Link` of this kind.
fn links(reply: &Reply, rel: &str) -> Vec<String> {
    let links = reply.headers.get_all("link").iter().filter_map(|link| link.to_str().ok());
    links.filter(|link| link.contains(&format!("rel=\"{rel}\""))).map(str::to_owned).collect()
}

/// Reports a post; gives the report's identifier and secret.
async fn reports(village: &VillageKit<'_>, post: &Post, client: usize) -> (String, String) {
    let body = json!({"reason": "wrong", "explanation": format!("Sagt Nummer {client}.")});
    let ask = village.ask("POST", &format!("/posts/{}/reports", post.id)).json(&body);
    let reply = of_client(ask, client).send().await.expect(201);
    (reply.str("id"), reply.str("secret"))
}

async fn open_reports(village: &VillageKit<'_>) -> Vec<Value> {
    let list = village.editor().ask("GET", "/reports?limit=100").send().await.expect(200);
    list.json()["items"].as_array().cloned().expect("reports")
}

/// What a reporter reads.
async fn decision(village: &VillageKit<'_>, report: &(String, String)) -> Value {
    village.ask("GET", &format!("/reports/{}", report.0)).bearer(&report.1).send().await.expect(200).json()
}

stories! {
    async fn texts_that_share_nothing_are_compared_in_their_seats(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let (old, new) = ("a\n".repeat(9_999), "b\n".repeat(9_999));
        let post = editor.drafts(news("Lang").saying(&old)).await;
        editor.changes(&post, &json!({"body_markdown": new})).await.expect(200);
        let path = format!("/posts/{}/difference?old=1&new=2", post.id);
        let alone = tokio::time::timeout(CEILING, editor.ask("GET", &path).send()).await.expect("an end").expect(200);
        let pieces = alone.json()["body_markdown"].as_array().cloned().expect("pieces");
        let whole = |kinds: [&str; 2]| {
            let told = pieces.iter().filter(|piece| kinds.iter().any(|kind| piece["change"] == *kind));
            told.map(|piece| piece["text"].as_str().expect("a text")).collect::<String>()
        };
        assert_eq!((whole(["same", "removed"]).trim_end(), whole(["kept", "added"]).trim_end()), (old.trim_end(), new.trim_end()));

        // Sixteen at once: one seat and a short queue for the village, and the rest is told to come again.
        let mut asked = JoinSet::new();
        for _ in 0..16 {
            asked.spawn(editor.ask("GET", &path).send());
        }
        dorf.ask("GET", "/health/live").send().await.expect(200);
        let answers = tokio::time::timeout(CEILING, asked.join_all()).await.expect("an end");
        let compared = answers.iter().filter(|answer| answer.status == 200).count();
        assert!((1..16).contains(&compared), "{compared} of 16");
        for sent_away in answers.iter().filter(|answer| answer.status != 200) {
            sent_away.problem(503, "unavailable");
            assert_eq!(sent_away.header("retry-after"), "5");
        }
        editor.ask("GET", &path).send().await.expect(200);
    }

    async fn pages_that_nobody_else_asks_for_are_limited_per_client(on: Backend) {
        let dorf = behind_a_proxy(on, |settings| settings.limits.unusual_reads_per_client = 3).await;
        let village = dorf.village("luedenhausen").await;
        village.editor().publishes(news("Brücke gesperrt")).await;
        let asks = async |path: &str, client: usize| of_client(village.ask("GET", path), client).send().await;
        for path in ["/feed?limit=7", "/feed?q=br%C3%BCcke", "/occurrences?from=2026-11-22T00:00:00Z"] {
            asks(path, 1).await.expect(200);
        }
        for path in ["/feed?limit=8", "/feed?q=stra%C3%9Fe", "/occurrences", "/clubs?limit=3"] {
            let refused = asks(path, 1).await;
            refused.problem(429, "too-many-requests");
            assert!((1..=60).contains(&refused.header("retry-after").parse::<u32>().expect("seconds")), "{path}");
        }
        // What is kept costs nothing, what everybody reads is not counted, and others are others.
        for path in ["/feed?limit=7", "/feed?q=br%C3%BCcke", "/feed", "/feed?kind=news", "/clubs", "/topics", "/feed.rss", "/calendar.ics"] {
            asks(path, 1).await.expect(200);
        }
        asks("/feed?limit=8", 2).await.expect(200);
        asks("/feed?limit=8", 1).await.expect(200);
    }

    async fn a_page_of_long_posts_ends_early_and_goes_on(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let long = "Wort ".repeat(3_999);
        for number in 0..30 {
            village.editor().publishes(news(&format!("Lang {number}")).saying(&long)).await;
        }
        let wanted: Vec<String> = (0..30).rev().map(|number| format!("Lang {number}")).collect();
        for query in ["limit=100", "limit=100&q=wort"] {
            let (mut found, mut path) = (Vec::new(), format!("/v1/villages/luedenhausen/feed?{query}"));
            for page in 0.. {
                let reply = dorf.ask("GET", &path).send().await.expect(200);
                assert!(reply.body.len() < 700 * 1024 && page < 5, "{} bytes on page {page}", reply.body.len());
                found.extend(reply.titles());
                let Some(next) = links(&reply, "next").pop() else { break };
                path = next.split(['<', '>']).nth(1).expect("a path").to_owned();
            }
            assert_eq!(found, wanted, "{query}");
        }
    }

    async fn what_is_found_by_words_is_offered_in_no_form_that_knows_no_words(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        village.editor().publishes(news("Brücke gesperrt")).await;
        for (path, forms) in [("/feed", 3), ("/feed?kind=news", 3), ("/feed?q=br%C3%BCcke", 0), ("/feed?q=br%C3%BCcke&kind=news", 0)] {
            let reply = village.ask("GET", path).send().await.expect(200);
            assert_eq!(reply.titles(), ["Brücke gesperrt"], "{path}");
            assert_eq!(links(&reply, "alternate").len(), forms, "{path}");
        }
    }

    async fn of_one_post_twenty_reports_are_read_and_the_rest_is_counted(on: Backend) {
        let dorf = behind_a_proxy(on, |_| {}).await;
        let village = dorf.village("luedenhausen").await;
        let post = village.editor().publishes(news("Streit")).await;
        let other = village.editor().publishes(news("Anderes")).await;
        let mut made = Vec::new();
        for client in 1..=25 {
            made.push(reports(&village, &post, client).await);
        }
        let elsewhere = reports(&village, &other, 1).await;
        let open = open_reports(&village).await;
        let of_post: Vec<&Value> = open.iter().filter(|report| report["post"] == json!(post.id)).collect();
        assert_eq!((of_post.len(), open.len()), (20, 21));
        assert!(of_post.iter().all(|report| report["further"] == 5), "{}", of_post[0]);
        assert!(of_post.iter().zip(1..).all(|(report, client)| report["explanation"] == format!("Sagt Nummer {client}.")));
        assert_eq!(decision(&village, &made[24]).await["state"], "open");

        // Whoever was only counted is answered with the first who is.
        let decide = async |report: &str, word: &str| {
            let body = json!({"decision": word, "reasons": "So ist es."});
            village.editor().ask("POST", &format!("/reports/{report}/decision")).json(&body).send().await.expect(200);
        };
        decide(&made[0].0, "keep").await;
        for report in [&made[0], &made[20], &made[24]] {
            let told = decision(&village, report).await;
            assert_eq!((&told["state"], &told["reasons"]), (&json!("kept"), &json!("So ist es.")));
        }
        assert_eq!(decision(&village, &made[1]).await["state"], "open");
        assert_eq!(open_reports(&village).await.iter().filter(|report| report["post"] == json!(post.id)).count(), 19);
        // There is room for one more, and the next is counted again, until all is decided with a withdrawal.
        let (read, counted) = (reports(&village, &post, 26).await, reports(&village, &post, 27).await);
        assert_eq!(open_reports(&village).await.iter().filter(|report| report["further"] == 1).count(), 20);
        decide(&made[1].0, "withdraw").await;
        for report in [&made[1], &made[19], &read, &counted] {
            assert_eq!(decision(&village, report).await["state"], "withdrawn");
        }
        assert_eq!(decision(&village, &elsewhere).await["state"], "open");
        assert_eq!(open_reports(&village).await.len(), 1);
    }

    async fn one_client_reports_one_post_a_few_times_and_others_as_before(on: Backend) {
        let dorf = behind_a_proxy(on, |settings| settings.limits.reports_per_client_and_post = 3).await;
        let village = dorf.village("luedenhausen").await;
        let (post, other) = (village.editor().publishes(news("Streit")).await, village.editor().publishes(news("Anderes")).await);
        for _ in 0..3 {
            reports(&village, &post, 1).await;
        }
        let again = village.ask("POST", &format!("/posts/{}/reports", post.id)).json(&json!({"reason": "wrong"}));
        of_client(again, 1).send().await.problem(429, "too-many-requests");
        reports(&village, &other, 1).await;
        reports(&village, &post, 2).await;
    }

    async fn others_write_while_many_dates_are_imported(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let calendar = village.own_calendar("vereine").await;
        let daily = |number: usize| {
            let starts = format!("DTSTART;TZID=Europe/Berlin:20261201T{:02}0000", 6 + number);
            vevent(&format!("UID:{number}|SUMMARY:Training {number}|{starts}|RRULE:FREQ=DAILY"))
        };
        let file = ics(&(0..14).map(daily).collect::<Vec<_>>());
        let mut import = std::pin::pin!(village.uploads(&village.editor, &calendar, file.clone()));
        let mut seen = HashSet::new();
        let imported = loop {
            let writes = async {
                other.editor().drafts(news("Zwischendurch")).await;
                dorf.database.column("SELECT CAST(COUNT(*) AS text) FROM event_item").await
            };
            tokio::select! {
                imported = &mut import => break imported.expect(201).json(),
                known = writes => seen.extend(known),
            }
        };
        assert_eq!(imported["summary"]["imported"], 14, "{imported}");
        assert!(seen.iter().any(|known| known != "0" && known != "14"), "others waited for the end: {seen:?}");
        let again = village.uploads(&village.editor, &calendar, file).await.expect(201).json();
        assert_eq!((&again["summary"]["imported"], &again["summary"]["unchanged"]), (&json!(0), &json!(14)), "{again}");
    }
}
