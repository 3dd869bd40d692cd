//! Following a village while it happens: everything public in its order, once, whatever breaks in between.

use chrono::TimeDelta;
use serde_json::json;
use std::time::{Duration, Instant};
use tests::kit::{Backend, Dorf, Program, StreamReader, VillageKit, alert, event, news};
use tests::stories;

/// Opens the village's stream after an event.
async fn follow(village: &VillageKit<'_>, last: &str) -> StreamReader {
    StreamReader::open(&village.dorf.client, &village.dorf.base, &village.slug, last).await
}

/// Opens the village's stream anew.
async fn listen(village: &VillageKit<'_>) -> StreamReader {
    let mut reader = follow(village, "").await;
    assert_eq!(reader.next().await.expect("a first event").event, "ready");
    reader
}

stories! {
    async fn a_stream_tells_what_happens_to_public_posts_and_nothing_else(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("asendorf").await);
        let editor = village.editor();
        let mut reader = listen(&village).await;
        let draft = editor.drafts(news("Entwurf")).await;
        editor.changes(&draft, &json!({"title": "Noch ein Entwurf"})).await.expect(200);
        other.editor().publishes(news("Nebenan")).await;
        let first = editor.publishes(news("Brücke")).await;
        let changed = editor.changes(&first, &json!({"title": "Brücke gesperrt"})).await.expect(200);
        let until = json!((dorf.clock.now() + TimeDelta::hours(1)).to_rfc3339());
        let storm = editor.publishes(alert("Sturm").with("expires_at", until)).await;
        let again = tests::kit::Post::of(&changed);
        editor.step(&again, "withdraw").await.expect(200);
        dorf.wait(TimeDelta::hours(1));
        dorf.work_off().await;
        let event = reader.next().await.expect("an event");
        assert_eq!((event.event.as_str(), &event.data["kind"], &event.data["at"]), ("published", &json!("news"), &json!("2026-11-22T08:30:00.000Z")));
        assert_eq!(event.data["post"], first.id);
        let told = reader.told(4).await;
        let expected = [("changed", &first.id), ("published", &storm.id), ("withdrawn", &first.id), ("expired", &storm.id)];
        assert_eq!(told, expected.map(|(event, post)| (event.to_owned(), post.clone())));
        let last = reader.last.clone();
        drop(reader);
        // The whole log, from its beginning: no more than that, and no word of a text in it.
        let mut whole = follow(&village, "0").await;
        let mut events = Vec::new();
        for _ in 0..5 {
            events.push(whole.next().await.expect("an event"));
        }
        assert_eq!(events.last().expect("a last one").id, last);
        let numbers: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
        assert_eq!(numbers, ["1", "2", "3", "4", "5"]);
        for event in events {
            let members: Vec<&String> = event.data.as_object().expect("an object").keys().collect();
            assert_eq!(members, ["at", "kind", "post"]);
        }
        assert_eq!(follow(&other, "0").await.told(1).await[0].0, "published");
    }

    async fn a_stream_tells_that_an_event_does_not_take_place(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let mut reader = listen(&village).await;
        let fest = village.editor().publishes(event("Dorffest", "2026-12-06T15:00")).await;
        let off = json!({"event": {"starts_local": "2026-12-06T15:00", "place": "Dorfplatz", "status": "cancelled"}});
        let fest = tests::kit::Post::of(&village.editor().changes(&fest, &off).await.expect(200));
        village.editor().changes(&fest, &json!({"body_markdown": "Wegen Sturm."})).await.expect(200);
        let expected = ["published", "cancelled", "changed"].map(|event| (event.to_owned(), fest.id.clone()));
        assert_eq!(reader.told(3).await, expected);
    }

    async fn who_comes_back_gets_what_was_missed_once_and_in_order(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let mut reader = listen(&village).await;
        let mut last = reader.last.clone();
        let mut got = Vec::new();
        let mut expected = Vec::new();
        for round in 0..5 {
            for n in 0..round * 3 + 1 {
                expected.push(("published".to_owned(), village.editor().publishes(news(&format!("{round}.{n}"))).await.id));
            }
            reader = follow(&village, &last).await;
            let missed = expected.len() - got.len();
            // Gone again in the middle of it.
            got.extend(reader.told(missed.div_ceil(2)).await);
            last = reader.last.clone();
        }
        drop(reader);
        let mut reader = follow(&village, &last).await;
        got.extend(reader.told(expected.len() - got.len()).await);
        assert_eq!(got, expected);
    }

    async fn many_who_publish_at_once_are_told_in_one_order_to_everybody(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let mut readers = [listen(&village).await, listen(&village).await];
        let writer = async |from: usize| {
            for n in from..from + 10 {
                let post = village.editor().publishes(news(&format!("Neues {n}"))).await;
                village.editor().changes(&post, &json!({"title": format!("Neueres {n}")})).await.expect(200);
            }
        };
        let interrupted = async {
            let mut got = Vec::new();
            let mut last = "0".to_owned();
            while got.len() < 80 {
                // A new connection for every few events, while the others write.
                let mut reader = follow(&village, &last).await;
                for _ in 0..7.min(80 - got.len()) {
                    let event = reader.next().await.expect("an event");
                    last.clone_from(&event.id);
                    got.push(event);
                }
            }
            got
        };
        let (_, _, _, _, got) = tokio::join!(writer(0), writer(10), writer(20), writer(30), interrupted);
        let numbers: Vec<String> = got.iter().map(|event| event.id.clone()).collect();
        assert_eq!(numbers, (1..=80).map(|n: i32| n.to_string()).collect::<Vec<_>>());
        for reader in &mut readers {
            for expected in &got {
                assert_eq!(&reader.next().await.expect("an event"), expected);
            }
        }
        for event in got.iter().filter(|event| event.event == "changed") {
            let published = got.iter().position(|it| it.event == "published" && it.data["post"] == event.data["post"]);
            assert!(published < got.iter().position(|it| it == event), "published before it is changed");
        }
    }

    async fn who_was_away_for_too_long_begins_anew(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let mut posts = Vec::new();
        for n in 0..6 {
            posts.push(village.editor().publishes(news(&format!("{n}"))).await);
        }
        dorf.database.change("DELETE FROM stream_event WHERE number <= 3").await.expect("forgotten");
        assert_eq!(follow(&village, "3").await.told(3).await.len(), 3, "all that is kept");
        for last in ["2", "0", "7", "99999999999999999999", "-1", "abc", "1; DROP TABLE post", "9223372036854775807"] {
            let mut reader = follow(&village, last).await;
            let event = reader.next().await.expect("an event");
            assert_eq!((event.event.as_str(), event.id.as_str()), ("reset", "6"), "{last}");
        }
        let mut reader = follow(&village, "2").await;
        reader.next().await.expect("reset");
        let post = village.editor().publishes(news("Neu")).await;
        assert_eq!(reader.told(1).await, [("published".to_owned(), post.id)], "and goes on from there");
        dorf.ask("GET", "/v1/villages/nirgends/stream").send().await.problem(404, "not-found");
    }

    async fn a_stream_outlives_the_time_of_a_request_and_says_that_it_lives(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            settings.http.request_timeout_s = 1;
            settings.http.header_timeout_s = 1;
            settings.stream.heartbeat_s = 1;
        }).await;
        let village = dorf.village("luedenhausen").await;
        let request = dorf.client.get(format!("{}/v1/villages/luedenhausen/stream", dorf.base)).header("accept-encoding", "gzip, br");
        let mut reader = StreamReader::of(request).await;
        reader.hear_comments(3).await;
        let post = village.editor().publishes(news("Neu")).await;
        assert_eq!(reader.told(1).await, [("published".to_owned(), post.id)]);
    }

    async fn streams_are_few_for_one_client_and_limited_for_all(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            settings.stream.max_open = 3;
            settings.stream.max_open_per_client = 2;
            settings.http.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
        }).await;
        let village = dorf.village("luedenhausen").await;
        let from = |client: &str| dorf.client.get(format!("{}/v1/villages/luedenhausen/stream", dorf.base)).header("x-forwarded-for", client);
        let refused = async |client: &str| village.ask("GET", "/stream").header("x-forwarded-for", client).send().await;
        let first = StreamReader::of(from("203.0.113.1")).await;
        let second = StreamReader::of(from("203.0.113.1")).await;
        let reply = refused("203.0.113.1").await;
        reply.problem(429, "too-many-requests");
        assert_eq!(reply.header("retry-after"), "30");
        let third = StreamReader::of(from("2001:db8::1")).await;
        assert_eq!(refused("203.0.113.2").await.problem(503, "unavailable"), [""; 0]);
        // Whoever goes leaves the seat to somebody else.
        drop((first, third));
        let began = Instant::now();
        let mut free = 0;
        while free < 2 {
            assert!(began.elapsed() < Duration::from_secs(20), "the seats stay taken");
            // Publishing makes the server write to whoever is still there, and find out who is not.
            village.editor().publishes(news("Neu")).await;
            free = 3 - taken(&dorf).await;
        }
        drop(second);
    }

    async fn streams_end_when_the_server_stops_and_go_on_at_another(on: Backend) {
        let dorf = Dorf::start(on).await;
        let mut village = dorf.village("luedenhausen").await;
        let settings = [("DORF_DATABASE__URL", dorf.database.url())];
        let program = Program::serve(dorf.folder.path(), &settings).await;
        let mut reader = StreamReader::open(&dorf.client, &program.base, "luedenhausen", "").await;
        assert_eq!(reader.next().await.expect("a first event").event, "ready");
        let began = Instant::now();
        let (log, well) = program.terminate().await;
        assert!(well && !log.contains("cut off"), "{log}");
        assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
        assert_eq!(reader.next().await, None);
        // By that program's clock, which is the real one, the log-in had ended.
        village.editor = dorf.log_in("editor@luedenhausen.example").await;
        let post = village.editor().publishes(news("Während des Neustarts")).await;
        let mut elsewhere = follow(&village, &reader.last).await;
        assert_eq!(elsewhere.told(1).await, [("published".to_owned(), post.id)]);
    }

    async fn what_one_process_publishes_is_told_by_the_other(on: Backend) {
        if on == Backend::Sqlite {
            return;
        }
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let settings = [("DORF_DATABASE__URL", dorf.database.url())];
        let program = Program::answer(dorf.folder.path(), &settings).await;
        let mut there = StreamReader::open(&dorf.client, &program.base, "luedenhausen", "").await;
        assert_eq!(there.next().await.expect("a first event").event, "ready");
        let mut here = listen(&village).await;
        let began = Instant::now();
        let mut expected = Vec::new();
        for n in 0..20 {
            expected.push(("published".to_owned(), village.editor().publishes(news(&format!("{n}"))).await.id));
        }
        assert_eq!(there.told(20).await, expected);
        assert!(began.elapsed() < Duration::from_secs(15), "by the signal, not by the heartbeat: {:?}", began.elapsed());
        assert_eq!(here.told(20).await, expected);
        // From one process to the other in the middle of it.
        let mut other = StreamReader::open(&dorf.client, &program.base, "luedenhausen", "7").await;
        assert_eq!(other.told(13).await, expected[7..]);
    }
}

/// How many seats are taken, by trying.
async fn taken(dorf: &Dorf) -> usize {
    let mut readers = Vec::new();
    for n in 0..3 {
        let request = dorf
            .client
            .get(format!("{}/v1/villages/luedenhausen/stream", dorf.base))
            .header("x-forwarded-for", format!("198.51.100.{n}"));
        match request.send().await.expect("an answer") {
            response if response.status() == 200 => readers.push(response),
            response => assert_eq!(response.status(), 503),
        }
    }
    3 - readers.len()
}
