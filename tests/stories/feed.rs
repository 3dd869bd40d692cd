//! What residents read: newest first, complete, never stale, never what is not public, never another village's.

use async_compression::tokio::write::{BrotliDecoder, GzipDecoder};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::collections::HashSet;
use tests::kit::{Backend, Dorf, Reply, VillageKit, alert, event, news, notice};
use tests::stories;
use tokio::io::AsyncWriteExt;

/// The identifiers of the posts of a page.
fn ids(page: &Reply) -> Vec<String> {
    let items = page.json()["items"].as_array().cloned().expect("a list");
    items.iter().map(|item| item["id"].as_str().expect("an identifier").to_owned()).collect()
}

/// The path of the next page, from `Link`, which must say the same as `next_cursor`.
#[track_caller]
fn next(page: &Reply) -> Option<String> {
    let mut links = page.headers.get_all("link").iter().map(|link| link.to_str().expect("text"));
    let link = links.find(|link| link.contains("rel=\"next\"")).unwrap_or_default();
    let Some(cursor) = page.json()["next_cursor"].as_str().map(str::to_owned) else {
        assert_eq!(link, "", "a link without a cursor");
        return None;
    };
    let path =
        link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).expect("a link to the next page");
    assert!(path.contains(&format!("cursor={cursor}")), "{path} and {cursor}");
    Some(path.to_owned())
}

/// All pages from this one on.
async fn pages(dorf: &Dorf, first: &str) -> Vec<Reply> {
    let mut found = vec![dorf.ask("GET", first).send().await.expect(200)];
    while let Some(path) = next(&found[found.len() - 1]) {
        found.push(dorf.ask("GET", &path).send().await.expect(200));
    }
    found
}

/// The titles of a list of posts of the village.
async fn titles(village: &VillageKit<'_>, query: &str) -> Vec<String> {
    village.ask("GET", &format!("/feed{query}")).send().await.expect(200).titles()
}

/// What the village's feed answers to somebody who has this.
async fn known(village: &VillageKit<'_>, etag: &str) -> Reply {
    village.ask("GET", "/feed").header("if-none-match", etag).send().await
}

/// The page with this `ETag` is not the feed any more; gives the new one's.
async fn renewed(village: &VillageKit<'_>, etag: &str) -> String {
    let reply = known(village, etag).await.expect(200);
    assert_ne!(reply.header("etag"), etag);
    assert_eq!(known(village, &reply.header("etag")).await.expect(304).header("etag"), reply.header("etag"));
    reply.header("etag")
}

/// Enters a village at a position, without staff.
async fn hamlet(dorf: &Dorf, slug: &str, name: &str, position: Value) {
    let mut body = json!({
        "municipality": dorf.municipality().await, "slug": slug, "name": name,
        "sender_name": "Gemeinde Kalletal", "sender_address": "info@kalletal.example",
    });
    if !position.is_null() {
        body["position"] = position;
    }
    dorf.ask("POST", "/v1/operator/villages").bearer(dorf.operator().await).json(&body).send().await.expect(201);
}

/// The slugs of the villages that a query finds.
async fn found(dorf: &Dorf, query: &str) -> Vec<String> {
    let reply = dorf.ask("GET", &format!("/v1/villages{query}")).send().await.expect(200);
    let items = reply.json()["items"].as_array().cloned().expect("a list");
    items.iter().map(|item| item["slug"].as_str().expect("a slug").to_owned()).collect()
}

stories! {
    async fn turning_pages_skips_and_repeats_nothing_while_news_come_in(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        for n in 0..50 {
            village.editor().publishes(news(&format!("Alt {n}"))).await;
            // Many share an instant, so that time alone does not order them.
            dorf.wait(TimeDelta::milliseconds(if n % 7 == 0 { 1 } else { 0 }));
        }
        let whole = village.ask("GET", "/feed?limit=100").send().await.expect(200);
        let expected = ids(&whole);
        assert_eq!((expected.len(), next(&whole)), (50, None));
        let instants: Vec<DateTime<Utc>> = whole.json()["items"].as_array().expect("a list").iter()
            .map(|post| post["published_at"].as_str().expect("a time").parse().expect("an instant")).collect();
        assert!(instants.is_sorted_by(|newer, older| newer >= older), "newest first");

        let mut read = Vec::new();
        let mut path = Some("/v1/villages/luedenhausen/feed?limit=7".to_owned());
        while let Some(here) = path {
            let page = dorf.ask("GET", &here).send().await.expect(200);
            read.extend(ids(&page));
            path = next(&page);
            dorf.wait(TimeDelta::milliseconds(1));
            village.editor().publishes(news("Neu")).await;
        }
        assert_eq!(read, expected);
        assert_eq!(titles(&village, "?limit=8").await, ["Neu"; 8]);
        for limit in [1, 29, 58, 100] {
            let all: Vec<String> = pages(&dorf, &format!("/v1/villages/luedenhausen/feed?limit={limit}")).await.iter().flat_map(ids).collect();
            assert_eq!((all.len(), all.iter().collect::<HashSet<_>>().len()), (58, 58), "in pages of {limit}");
        }
    }

    async fn a_page_that_was_withdrawn_from_goes_on_at_the_same_place(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let mut posts = Vec::new();
        for title in ["A", "B", "C", "D", "E"] {
            posts.push(village.editor().publishes(news(title)).await);
            dorf.wait(TimeDelta::seconds(1));
        }
        let first = village.ask("GET", "/feed?limit=2").send().await.expect(200);
        assert_eq!(first.titles(), ["E", "D"]);
        for at in [3, 2] {
            village.editor().step(&posts[at], "withdraw").await.expect(200);
        }
        let second = dorf.ask("GET", &next(&first).expect("a further page")).send().await.expect(200);
        assert_eq!((second.titles(), next(&second)), (vec!["B".to_owned(), "A".to_owned()], None));
    }

    async fn a_feed_can_be_narrowed_to_a_kind_and_a_topic(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        for draft in [news("N"), notice("V"), event("T", "2026-12-06T15:00"), alert("W")] {
            for topic in [None, Some("verkehr"), Some("vereine")] {
                let name = format!("{}{}", draft.0["title"].as_str().expect("a title"), topic.map_or("", |topic| &topic[..3]));
                let draft = draft.clone().with("title", json!(name));
                village.editor().publishes(if let Some(topic) = topic { draft.on(topic) } else { draft }).await;
                dorf.wait(TimeDelta::seconds(1));
            }
        }
        assert_eq!(titles(&village, "?kind=news").await, ["Nver", "Nver", "N"]);
        assert_eq!(titles(&village, "?kind=alert&topic=verkehr").await, ["Wver"]);
        assert_eq!(titles(&village, "?topic=vereine").await, ["Wver", "Tver", "Vver", "Nver"]);
        assert_eq!(titles(&village, "").await.len(), 12);
        for filter in ["kind=event", "topic=verkehr", "kind=notice&topic=vereine"] {
            let whole = village.ask("GET", &format!("/feed?{filter}")).send().await.expect(200);
            let parts = pages(&dorf, &format!("/v1/villages/luedenhausen/feed?limit=1&{filter}")).await;
            assert_eq!(parts.iter().flat_map(ids).collect::<Vec<_>>(), ids(&whole), "{filter}");
        }
        assert_eq!(village.ask("GET", "/feed?kind=gossip").send().await.problem(400, "invalid-parameter"), ["kind"]);
        village.ask("GET", "/feed?topic=jugend").send().await.problem(404, "not-found");
        village.ask("GET", "/feed?topic=").send().await.problem(404, "not-found");
        dorf.ask("GET", "/v1/villages/nirgends/feed").send().await.problem(404, "not-found");
    }

    async fn who_has_the_page_is_spared_it_until_it_changes(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let empty = village.feed().await.header("etag");
        let post = village.editor().publishes(news("A").on("verkehr")).await;
        let etag = renewed(&village, &empty).await;
        let unchanged = known(&village, &etag).await.expect(304);
        assert!(unchanged.body.is_empty());
        assert_eq!((unchanged.header("vary").as_str(), unchanged.header("content-type").as_str()), ("Accept-Encoding", ""));
        assert!(unchanged.header("cache-control").starts_with("public, max-age="));
        for also in ["*".to_owned(), format!("W/{etag}"), format!("\"x\", {etag}"), format!("{empty},{etag}")] {
            known(&village, &also).await.expect(304);
        }
        for not in ["\"x\"", "x", "", &etag[1..], &empty] {
            known(&village, not).await.expect(200);
        }
        let changed = village.editor().changes(&post, &json!({"title": "B"})).await.expect(200);
        let etag = renewed(&village, &etag).await;
        let path = format!("/posts/{}/withdraw", post.id);
        village.editor().ask("POST", &path).header("if-match", &changed.header("etag")).send().await.expect(200);
        let etag = renewed(&village, &etag).await;
        assert_eq!(etag, empty, "the same bytes have the same tag");
        village.editor().drafts(news("Entwurf")).await;
        known(&village, &etag).await.expect(304);
    }

    async fn every_encoding_says_the_same_under_a_tag_of_its_own(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        village.editor().publishes(news("Brücke gesperrt").saying(&"Die Brücke ist gesperrt. ".repeat(200))).await;
        let accepting = |encoding: &str| village.ask("GET", "/feed").header("accept-encoding", encoding).send();
        let (plain, gzip, brotli) = (accepting("identity").await, accepting("gzip").await, accepting("br").await);
        let mut decoder = GzipDecoder::new(Vec::new());
        decoder.write_all(&gzip.body).await.expect("gzip");
        decoder.shutdown().await.expect("all of it");
        assert_eq!(decoder.into_inner(), plain.body);
        let mut decoder = BrotliDecoder::new(Vec::new());
        decoder.write_all(&brotli.body).await.expect("brotli");
        decoder.shutdown().await.expect("all of it");
        assert_eq!(decoder.into_inner(), plain.body);
        assert!(gzip.body.len() < plain.body.len() / 4 && brotli.body.len() < plain.body.len() / 4);
        let tags: HashSet<String> = [&plain, &gzip, &brotli].map(|reply| reply.header("etag")).into();
        assert_eq!(tags.len(), 3);
        for reply in [&plain, &gzip, &brotli] {
            assert_eq!(reply.header("vary"), "Accept-Encoding");
        }
        let chosen = [
            ("gzip, deflate, br", "br"), ("gzip;q=1.0, br;q=0.5", "gzip"), ("gzip;q=0", ""), ("gzip;q=0, br;q=0", ""), ("gzip; q=0, *", "br"), ("br; q=0, *", "gzip"),
            ("*", "br"), ("*;q=0", ""), ("deflate", ""), ("", ""), ("GZIP", "gzip"), ("gzip; q=0.8", "gzip"), ("br;q=kaputt", ""), ("identity", ""), (",,;;q=,", ""),
        ];
        for (accepted, encoding) in chosen {
            let reply = accepting(accepted).await.expect(200);
            assert_eq!(reply.header("content-encoding"), encoding, "{accepted:?}");
            let same = match encoding { "br" => &brotli, "gzip" => &gzip, _ => &plain };
            assert_eq!((&reply.body, reply.header("etag")), (&same.body, same.header("etag")), "{accepted:?}");
        }
        let again = village.ask("GET", "/feed").header("accept-encoding", "gzip").header("if-none-match", &gzip.header("etag"));
        assert_eq!(again.send().await.expect(304).header("etag"), gzip.header("etag"));
        let other = village.ask("GET", "/feed").header("accept-encoding", "br").header("if-none-match", &gzip.header("etag"));
        assert_eq!(other.send().await.expect(200).header("content-encoding"), "br");
    }

    async fn what_is_not_public_never_shows(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let draft = village.editor().drafts(news("Entwurf").on("verkehr")).await;
        let public = village.editor().publishes(news("Öffentlich").on("verkehr")).await;
        let taken_back = village.editor().publishes(news("Zurückgezogen").on("verkehr")).await;
        for _ in 0..2 {
            let path = format!("/posts/{}", taken_back.id);
            village.ask("GET", &path).send().await.expect(200);
            assert_eq!(titles(&village, "").await.len(), 2);
        }
        village.editor().step(&taken_back, "withdraw").await.expect(200);
        for query in ["", "?kind=news", "?topic=verkehr", "?kind=news&topic=verkehr", "?limit=1", "?limit=100"] {
            assert_eq!(titles(&village, query).await, ["Öffentlich"], "{query}");
        }
        village.ask("GET", &format!("/posts/{}", public.id)).send().await.expect(200);
        for (hidden, status, kind) in [(&draft, 404, "not-found"), (&taken_back, 410, "gone")] {
            village.ask("GET", &format!("/posts/{}", hidden.id)).send().await.problem(status, kind);
            let as_editor = village.ask("GET", &format!("/posts/{}", hidden.id)).bearer(&village.editor).header("if-none-match", "*");
            as_editor.send().await.problem(status, kind);
        }
    }

    async fn what_expires_is_gone_at_that_instant_from_every_kept_page(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let (hour, moment) = (TimeDelta::hours(1), TimeDelta::milliseconds(1));
        let until = |after: TimeDelta| json!((dorf.clock.now() + after).to_rfc3339());
        let first = village.editor().publishes(news("Eine Stunde").on("verkehr").with("expires_at", until(hour))).await;
        let second = village.editor().publishes(news("Zwei Stunden").on("verkehr").with("expires_at", until(hour * 2))).await;
        village.editor().publishes(news("Immer").on("verkehr")).await;
        let queries = ["", "?kind=news", "?topic=verkehr", "?kind=news&topic=verkehr", "?limit=100"];
        let post = |id: &str| village.ask("GET", &format!("/posts/{id}")).send();
        dorf.wait(hour - moment);
        for _ in 0..2 {
            for query in queries {
                assert_eq!(titles(&village, query).await.len(), 3, "{query}");
            }
            post(&first.id).await.expect(200);
            post(&second.id).await.expect(200);
        }
        let etag = village.feed().await.header("etag");
        dorf.wait(moment);
        for query in queries {
            let shown = titles(&village, query).await;
            assert!(shown.len() == 2 && !shown.contains(&"Eine Stunde".to_owned()), "{query}: {shown:?}");
        }
        post(&first.id).await.problem(404, "not-found");
        post(&second.id).await.expect(200);
        let etag = renewed(&village, &etag).await;
        dorf.wait(hour);
        for query in queries {
            assert_eq!(titles(&village, query).await, ["Immer"], "{query}");
        }
        post(&second.id).await.problem(404, "not-found");
        renewed(&village, &etag).await;
        village.editor().ask("GET", &format!("/posts/{}", first.id)).send().await.expect(200);
    }

    async fn villages_never_mix(on: Backend) {
        let dorf = Dorf::start(on).await;
        let luedenhausen = dorf.village("luedenhausen").await;
        let stemmen = dorf.village("stemmen").await;
        let here = luedenhausen.editor().publishes(news("Hier").on("verkehr")).await;
        let there = stemmen.editor().publishes(news("Dort").on("verkehr")).await;
        for query in ["", "?topic=verkehr", "?kind=news", "?kind=news&topic=verkehr"] {
            assert_eq!(titles(&luedenhausen, query).await, ["Hier"], "{query}");
            assert_eq!(titles(&stemmen, query).await, ["Dort"], "{query}");
        }
        assert_eq!(luedenhausen.feed().await.json()["items"][0]["village"], "luedenhausen");
        luedenhausen.ask("GET", &format!("/posts/{}", there.id)).send().await.problem(404, "not-found");
        stemmen.ask("GET", &format!("/posts/{}", here.id)).send().await.problem(404, "not-found");
        let etag = luedenhausen.feed().await.header("etag");
        assert_eq!(known(&stemmen, &etag).await.expect(200).titles(), ["Dort"]);
        let untouched = stemmen.feed().await.header("etag");
        luedenhausen.editor().publishes(news("Noch eins")).await;
        known(&stemmen, &untouched).await.expect(304);
    }

    async fn one_finds_ones_village(on: Backend) {
        let dorf = Dorf::start(on).await;
        let at = |latitude: f64, longitude: f64| json!({"latitude": latitude, "longitude": longitude});
        hamlet(&dorf, "luedenhausen", "Lüdenhausen", at(52.0907, 8.9959)).await;
        hamlet(&dorf, "hohenhausen", "Hohenhausen", at(52.1117, 8.9606)).await;
        hamlet(&dorf, "erder", "Erder", at(52.1515, 8.9250)).await;
        hamlet(&dorf, "stemmen", "Stemmen", Value::Null).await;
        hamlet(&dorf, "bavenhausen", "Bavenhausen", at(52.0953, 8.9503)).await;
        for query in ["?q=lüd", "?q=LUED", "?q=Lüdenhausen", "?q=LÜDEN", "?q=l%C3%BCdenh", "?q=%20luedenhausen"] {
            assert_eq!(found(&dorf, query).await, ["luedenhausen"], "{query}");
        }
        assert_eq!(found(&dorf, "?q=hausen").await, ["bavenhausen", "hohenhausen", "luedenhausen"]);
        for nothing in ["?q=atlantis", "?q=lud", "?q=hausenx"] {
            assert_eq!(found(&dorf, nothing).await, [""; 0], "{nothing}");
        }
        assert_eq!(found(&dorf, "?near=52.0907,8.9959").await, ["luedenhausen", "bavenhausen", "hohenhausen", "erder"]);
        assert_eq!(found(&dorf, "?near=52.1515,%208.9250&limit=1").await, ["erder"]);
        assert_eq!(found(&dorf, "?near=52.09,8.95&q=hausen&limit=2").await, ["bavenhausen", "hohenhausen"]);
        assert_eq!(found(&dorf, "").await, ["bavenhausen", "erder", "hohenhausen", "luedenhausen", "stemmen"]);
        for (path, expected) in [("/v1/villages?limit=2", 5), ("/v1/villages?limit=1&q=hausen", 3), ("/v1/villages?limit=5", 5)] {
            let all: Vec<Value> = pages(&dorf, path).await.iter().flat_map(|page| page.json()["items"].as_array().cloned().expect("a list")).collect();
            let slugs: Vec<&str> = all.iter().map(|village| village["slug"].as_str().expect("a slug")).collect();
            assert!(slugs.len() == expected && slugs.is_sorted(), "{path}: {slugs:?}");
        }
        let reply = dorf.ask("GET", "/v1/villages?q=lued").send().await.expect(200);
        let same = dorf.ask("GET", "/v1/villages?q=lued").header("if-none-match", &reply.header("etag")).send().await.expect(304);
        assert_eq!(same.header("etag"), reply.header("etag"));
        hamlet(&dorf, "luedecke", "Lüdecke", Value::Null).await;
        dorf.ask("GET", "/v1/villages?q=lued").header("if-none-match", &reply.header("etag")).send().await.expect(200);
        assert!(!reply.text().contains("sender_address"), "what mails come from is nobody's business");
    }
}
