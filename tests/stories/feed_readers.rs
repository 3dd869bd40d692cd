//! The feed for feed readers: read back by parsers that know nothing of us, and harmless wherever they show it.

use chrono::TimeDelta;
use feed_rs::model::{Entry, Feed, FeedType};
use serde_json::json;
use std::process::{Command, Stdio};
use tests::kit::{Backend, Dorf, File, Reply, VillageKit, alert, event, news};
use tests::stories;

/// Every form: its path, its media type, and what a parser calls it.
const FORMS: [(&str, &str, FeedType); 3] = [
    ("/feed.rss", "application/rss+xml; charset=utf-8", FeedType::RSS2),
    ("/feed.atom", "application/atom+xml; charset=utf-8", FeedType::Atom),
    ("/feed.json", "application/feed+json", FeedType::JSON),
];

/// A feed as a parser that is not ours reads it.
fn parsed(reply: &Reply) -> Feed {
    feed_rs::parser::parse(reply.body.as_slice()).unwrap_or_else(|error| panic!("{error}: {}", reply.text()))
}

async fn read(village: &VillageKit<'_>, path: &str) -> Feed {
    parsed(&village.ask("GET", path).send().await.expect(200))
}

fn titles(feed: &Feed) -> Vec<String> {
    feed.entries.iter().map(|entry| entry.title.as_ref().expect("a title").content.clone()).collect()
}

/// What an entry says, in HTML: content where there is one, RSS says it in the description.
fn html(entry: &Entry) -> String {
    let content = entry.content.as_ref().and_then(|content| content.body.clone());
    content.or_else(|| entry.summary.as_ref().map(|summary| summary.content.clone())).expect("a text")
}

stories! {
    async fn feed_readers_get_complete_posts_with_absolute_links_in_every_form(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.http.public_url = "https://dorf.example/app/".to_owned()).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let image = editor.image(File::png(40, 30, 255)).await;
        let paper = editor.uploads(File::pdf("/Lang (de)"), "credit=Anna").await.expect(201).json();
        editor.publishes(news("Straße & Brücke <gesperrt>").saying("Die *Brücke* ist zu: [Plan](https://plan.example/a?b=1&c=2) ]]> \u{fffe}")).await;
        dorf.wait(TimeDelta::minutes(1));
        let fest = event("Dorffest", "2026-12-06T15:00").on("vereine").with("media", json!([image["id"], paper["id"]]));
        let fest = editor.publishes(fest).await;
        let at = dorf.clock.now();
        for (path, media_type, kind) in FORMS {
            let reply = village.ask("GET", path).send().await.expect(200);
            assert_eq!(reply.header("content-type"), media_type);
            let feed = parsed(&reply);
            assert_eq!((&feed.feed_type, feed.language.as_deref()), (&kind, Some("de")), "{path}");
            assert_eq!(feed.title.as_ref().expect("a title").content, "Lüdenhausen");
            assert_eq!(titles(&feed), ["Dorffest", "Straße & Brücke <gesperrt>"], "{path}");
            let (first, second) = (&feed.entries[0], &feed.entries[1]);
            assert_eq!(first.id, format!("urn:uuid:{}", fest.id), "{path}");
            assert_eq!(first.published.expect("a time").timestamp(), at.timestamp(), "{path}");
            assert!(first.links.iter().any(|link| link.href == format!("https://dorf.example/app/v1/villages/luedenhausen/posts/{}", fest.id)), "{path}");
            assert!(html(first).contains("Sonntag, 6. Dezember 2026, 15:00 Uhr, Dorfplatz") && html(first).contains("Alle sind eingeladen."), "{path}: {}", html(first));
            assert!(html(first).contains("alt=\"Der Dorfplatz im Schnee\""), "{path}: {}", html(first));
            assert!(html(second).contains("<em>Brücke</em>") && html(second).contains("href=\"https://plan.example/a?b=1&amp;c=2\""), "{path}: {}", html(second));
            assert!(html(second).contains("]]&gt;") && !html(second).contains('\u{fffe}'), "{path}");
            let text = reply.text();
            for file in [&image, &paper] {
                let url = format!("https://dorf.example/app{}", file["url"].as_str().expect("a path"));
                assert!(text.contains(&url), "{path} lacks {url}");
            }
            assert!(text.contains(&image["bytes"].to_string()) && text.contains("image/png"), "{path} has no enclosure");
            assert!(text.contains(&format!("https://dorf.example/app/v1/villages/luedenhausen{path}")), "{path} does not say where it is");
            let tags: Vec<&str> = first.categories.iter().map(|tag| tag.term.as_str()).collect();
            assert!(kind == FeedType::JSON || tags == ["Vereine", "Termine"], "{path}: {tags:?}");
            another_parser_agrees(&reply, &["Dorffest", "Straße & Brücke <gesperrt>"]);
        }
    }

    async fn feed_readers_are_spared_what_they_have_and_get_it_compressed(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        for n in 0..60 {
            village.editor().publishes(news(&format!("Neues {n}"))).await;
            dorf.wait(TimeDelta::seconds(1));
        }
        for (path, ..) in FORMS {
            let reply = village.ask("GET", path).send().await.expect(200);
            let feed = parsed(&reply);
            assert_eq!((feed.entries.len(), titles(&feed)[0].as_str()), (50, "Neues 59"), "{path}");
            let known = village.ask("GET", path).header("if-none-match", &reply.header("etag")).send().await.expect(304);
            assert!(known.body.is_empty() && reply.header("cache-control").starts_with("public, max-age="));
            let packed = village.ask("GET", path).header("accept-encoding", "gzip").send().await.expect(200);
            assert_eq!(packed.header("content-encoding"), "gzip");
            assert!(packed.body.len() < reply.body.len() / 4 && packed.header("etag") != reply.header("etag"));
        }
        let etag = village.ask("GET", "/feed.atom").send().await.header("etag");
        let post = village.editor().publishes(news("Zuletzt")).await;
        village.ask("GET", "/feed.atom").header("if-none-match", &etag).send().await.expect(200);
        village.editor().step(&post, "withdraw").await.expect(200);
        village.ask("GET", "/feed.atom").header("if-none-match", &etag).send().await.expect(304);
    }

    async fn feed_readers_see_what_is_public_in_this_village_now_and_nothing_else(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("asendorf").await);
        let until = json!((dorf.clock.now() + TimeDelta::hours(1)).to_rfc3339());
        village.editor().drafts(news("Entwurf")).await;
        other.editor().publishes(news("Nebenan")).await;
        village.editor().publishes(news("Eine Stunde").with("expires_at", until)).await;
        let gone = village.editor().publishes(news("Zurückgezogen").on("verkehr")).await;
        village.editor().publishes(alert("Sturm").on("verkehr")).await;
        village.editor().step(&gone, "withdraw").await.expect(200);
        for (path, ..) in FORMS {
            let mut shown = titles(&read(&village, path).await);
            shown.sort();
            assert_eq!(shown, ["Eine Stunde", "Warnung: Sturm"], "{path}");
            assert_eq!(titles(&read(&village, &format!("{path}?kind=alert")).await), ["Warnung: Sturm"], "{path}");
            let narrowed = read(&village, &format!("{path}?topic=verkehr&kind=alert")).await;
            assert_eq!((titles(&narrowed), narrowed.title.expect("a title").content), (vec!["Warnung: Sturm".to_owned()], "Lüdenhausen · Verkehr · Warnungen".to_owned()));
            assert_eq!(titles(&read(&village, &format!("{path}?kind=news&topic=vereine")).await), [""; 0], "{path}");
            village.ask("GET", &format!("{path}?topic=jugend")).send().await.problem(404, "not-found");
            assert_eq!(village.ask("GET", &format!("{path}?kind=gossip")).send().await.problem(400, "invalid-parameter"), ["kind"]);
            dorf.ask("GET", &format!("/v1/villages/nirgends{path}")).send().await.problem(404, "not-found");
        }
        dorf.wait(TimeDelta::hours(1));
        for (path, ..) in FORMS {
            assert_eq!(titles(&read(&village, path).await), ["Warnung: Sturm"], "{path}");
        }
    }

    async fn a_text_that_looks_like_a_script_stays_a_text_in_feed_readers(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let hostile = "<script>alert(1)</script> <img src=x onerror=alert(2)> `<script>`\n\n[klick](javascript:alert(3))";
        let place = json!({"starts_local": "2026-12-06T15:00", "place": "<b onclick=alert(4)>Saal</b>"});
        village.editor().publishes(event("</title><script>alert(5)</script>", "2026-12-06T15:00").with("event", place).saying(hostile)).await;
        for (path, ..) in FORMS {
            let feed = read(&village, path).await;
            assert_eq!(titles(&feed), ["</title><script>alert(5)</script>"], "{path}");
            let html = html(&feed.entries[0]);
            for tag in ["<script", "<img", "<b ", "href=\"javascript"] {
                assert!(!html.contains(tag), "{path}: {html}");
            }
        }
    }

    async fn the_feed_and_the_village_name_the_other_forms(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let alternates = async |path: &str| -> Vec<String> {
            let reply = village.ask("GET", path).send().await.expect(200);
            let links = reply.headers.get_all("link").iter().map(|link| link.to_str().expect("text").to_owned());
            links.filter(|link| link.contains("rel=\"alternate\"")).collect()
        };
        for (page, query) in [("", ""), ("/feed", ""), ("/feed?kind=event&topic=vereine", "?kind=event&topic=vereine")] {
            let links = alternates(page).await;
            assert_eq!(links.len(), 3, "{links:?}");
            for (path, media_type, kind) in FORMS {
                let media_type = media_type.split(';').next().expect("a type");
                let link = format!("</v1/villages/luedenhausen{path}{query}>; rel=\"alternate\"; type=\"{media_type}\"");
                assert!(links.contains(&link), "{links:?} lacks {link}");
                assert_eq!(read(&village, &format!("{path}{query}")).await.feed_type, kind);
            }
        }
    }
}

/// Python's feedparser, where there is one, reads RSS and Atom: without a complaint, and the same titles.
fn another_parser_agrees(reply: &Reply, expected: &[&str]) {
    let has = Command::new("python3").args(["-c", "import feedparser"]).stderr(Stdio::null()).status();
    if !has.is_ok_and(|status| status.success()) {
        println!("python3 with feedparser is not there: the feed was read by feed-rs only");
        return;
    }
    if reply.header("content-type").contains("json") {
        return;
    }
    let script = "import feedparser, json, sys\n\
                  feed = feedparser.parse(sys.stdin.buffer.read(), sanitize_html=False)\n\
                  print(json.dumps([bool(feed.bozo), [entry.title for entry in feed.entries]]))";
    let mut child = Command::new("python3")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), &reply.body).expect("it reads");
    let said = child.wait_with_output().expect("it ends").stdout;
    let said: serde_json::Value = serde_json::from_slice(&said).expect("JSON");
    assert_eq!(said, json!([false, expected]), "{}", reply.text());
}
