//! How files are served: in whole and in part, for minutes and for nobody, harmless wherever they are opened.

use super::{got, shown};
use chrono::TimeDelta;
use serde_json::json;
use tests::kit::{Backend, Dorf, File, news};
use tests::stories;

stories! {
    async fn files_come_with_headers_that_keep_them_harmless(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        for file in [File::png(20, 20, 255), File::pdf("")] {
            let media = editor.image(file).await;
            shown(&editor, &media).await;
            let reply = got(&village, &media["url"]).await.expect(200);
            for (name, value) in [
                ("cache-control", "public, max-age=300"),
                ("x-content-type-options", "nosniff"),
                ("content-security-policy", "default-src 'none'; sandbox; frame-ancestors 'none'"),
                ("cross-origin-resource-policy", "cross-origin"),
                ("access-control-allow-origin", "*"),
                ("accept-ranges", "bytes"),
                ("content-length", &reply.body.len().to_string()),
            ] {
                assert_eq!(reply.header(name), value, "{name}");
            }
            assert_eq!(reply.header("content-length"), media["bytes"].to_string());
            let etag = reply.header("etag");
            let again = dorf.ask("GET", media["url"].as_str().expect("a path")).header("if-none-match", &etag).send().await;
            assert!(again.expect(304).body.is_empty());
            // Staff sees it at any time, and no cache keeps it for them.
            let path = format!("/media/{}/content", media["id"].as_str().expect("an id"));
            let content = editor.ask("GET", &path).send().await.expect(200);
            assert_eq!((content.header("cache-control"), content.body), ("no-store".to_owned(), reply.body));
            village.staff("GET", &path).send().await.problem(401, "unauthenticated");
        }
    }

    async fn a_part_of_a_file_can_be_asked_for(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let pdf = editor.uploads(File::pdf("/Lang (de)"), "").await.expect(201).json();
        shown(&editor, &pdf).await;
        let url = pdf["url"].as_str().expect("a path");
        let whole = got(&village, &pdf["url"]).await.expect(200);
        let length = whole.body.len();
        let ask = async |range: &str| dorf.ask("GET", url).header("range", range).send().await;
        for (range, from, to) in [
            ("bytes=0-99".to_owned(), 0, 100),
            ("bytes=100-".to_owned(), 100, length),
            ("bytes=-50".to_owned(), length - 50, length),
            (format!("bytes={}-{}", length - 1, length + 500), length - 1, length),
        ] {
            let part = ask(&range).await.expect(206);
            assert_eq!(part.header("content-range"), format!("bytes {from}-{}/{length}", to - 1), "{range}");
            assert_eq!((part.header("content-length"), &part.body[..]), ((to - from).to_string(), &whole.body[from..to]), "{range}");
        }
        // More from the end than there is, several parts, and nonsense: all of it.
        for range in ["bytes=-99999999", "bytes=0-1,5-6", "lines=1-2", "bytes=x-y", "nonsense"] {
            let reply = ask(range).await;
            assert!(reply.status == 200 || reply.status == 416, "{range}: {}", reply.status);
            if reply.status == 200 {
                assert_eq!(reply.body, whole.body, "{range}");
            }
        }
        assert_eq!(ask("bytes=-99999999").await.status, 200);
        assert_eq!(ask("bytes=0-1,5-6").await.status, 200);
        for range in [format!("bytes={length}-"), "bytes=5-2".to_owned(), "bytes=-0".to_owned()] {
            let reply = ask(&range).await;
            assert_eq!(reply.problem(416, "range-not-satisfiable"), ["Range"], "{range}");
            assert_eq!(reply.header("content-range"), format!("bytes */{length}"), "{range}");
        }
        // A part of what the asker has only if it is still that.
        for (tag, status) in [(whole.header("etag"), 206), ("\"other\"".to_owned(), 200)] {
            let reply = dorf.ask("GET", url).header("range", "bytes=0-9").header("if-range", &tag).send().await;
            assert_eq!(reply.status, status, "{tag}");
        }
    }

    async fn a_file_is_served_while_one_of_its_posts_is_public(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let image = editor.image(File::png(8, 8, 255)).await;
        let media = json!([image["id"]]);
        let served = async || got(&village, &image["url"]).await.status;
        let until = "2026-11-22T10:30:00Z";
        editor.publishes(news("Bis halb zwölf").with("media", media.clone()).with("expires_at", json!(until))).await;
        let second = editor.publishes(news("Länger").with("media", media.clone())).await;
        assert_eq!(served().await, 200);
        let second = tests::kit::Post::of(&editor.changes(&second, &json!({"media": []})).await.expect(200));
        assert_eq!(served().await, 200, "the first still shows it");
        dorf.wait(TimeDelta::hours(2));
        assert_eq!(served().await, 404, "the first has expired");
        editor.changes(&second, &json!({"media": media})).await.expect(200);
        assert_eq!(served().await, 200, "the second shows it again");
    }
}
