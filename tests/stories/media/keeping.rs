//! Where files are kept, and when they go: nothing is lost by a crash, nothing stays that nobody shows.

use super::{got, shown};
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tests::kit::bucket::{ACCESS_KEY, BUCKET, Bucket};
use tests::kit::{Backend, Dorf, File, news};
use tests::stories;

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        if entry.path().is_dir() { found.extend(files(&entry.path())) } else { found.push(entry.path()) }
    }
    found
}

fn kept(dorf: &Dorf) -> Vec<PathBuf> {
    files(&dorf.folder.path().join("media"))
}

fn with_bucket(bucket: &Bucket) -> impl FnOnce(&mut api::Settings) + use<> {
    let endpoint = bucket.endpoint.clone();
    move |settings| {
        settings.media.bucket = BUCKET.to_owned();
        settings.media.s3_endpoint = endpoint;
        settings.media.s3_prefix = "dorf".to_owned();
        settings.media.s3_access_key_id = ACCESS_KEY.0.to_owned();
        settings.media.s3_secret_access_key = ACCESS_KEY.1.into();
        settings.media.s3_timeout_s = 2;
    }
}

stories! {
    async fn what_nothing_shows_is_collected(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let orphan = editor.image(File::png(8, 8, 255)).await;
        let used = editor.image(File::png(8, 8, 255)).await;
        let logo = editor.image(File::png(8, 8, 255)).await;
        let drafted = editor.image(File::png(8, 8, 255)).await;
        let post = shown(&editor, &used).await;
        let draft = editor.drafts(news("Entwurf").with("media", json!([drafted["id"]]))).await;
        village.staff("PUT", "/logo").bearer(&village.admin).json(&json!({"media": logo["id"]})).send().await.expect(200);
        assert_eq!(kept(&dorf).len(), 12);
        dorf.wait(TimeDelta::hours(168) - TimeDelta::seconds(1));
        dorf.keep_house().await;
        assert_eq!(kept(&dorf).len(), 12, "not yet");
        dorf.wait(TimeDelta::seconds(2));
        dorf.keep_house().await;
        assert_eq!(kept(&dorf).len(), 9);
        let token = dorf.log_in("editor@luedenhausen.example").await;
        let ask = |method: &str, path: &str| village.staff(method, path).bearer(&token);
        let known = async |media: &Value| ask("GET", &format!("/media/{}", media["id"].as_str().expect("an id"))).send().await.status;
        assert_eq!([known(&orphan).await, known(&used).await, known(&logo).await, known(&drafted).await], [404, 200, 200, 200]);
        // A file is kept for a while after the last that showed it let it go.
        let change = ask("PATCH", &format!("/posts/{}", post.id)).header("if-match", &post.etag).json(&json!({"media": []}));
        change.send().await.expect(200);
        ask("DELETE", &format!("/posts/{}", draft.id)).header("if-match", &draft.etag).send().await.expect(204);
        dorf.keep_house().await;
        assert_eq!(kept(&dorf).len(), 6, "the draft was deleted, and its image had not been touched for long");
        dorf.wait(TimeDelta::hours(169));
        dorf.keep_house().await;
        assert_eq!(kept(&dorf).len(), 3, "the logo stays");
        got(&village, &logo["url"]).await.expect(200);
    }

    async fn a_deleted_file_is_gone_everywhere_at_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let (image, other) = (editor.image(File::png(8, 8, 255)).await, editor.image(File::png(8, 8, 255)).await);
        editor.publishes(news("Öffentlich").with("media", json!([image["id"], other["id"]]))).await;
        let taken_back = shown(&editor, &image).await;
        editor.step(&taken_back, "withdraw").await.expect(200);
        village.staff("PUT", "/logo").bearer(&village.admin).json(&json!({"media": image["id"]})).send().await.expect(200);
        village.feed().await;
        let path = format!("/media/{}", image["id"].as_str().expect("an id"));
        editor.ask("DELETE", &path).send().await.problem(428, "precondition-required");
        editor.ask("DELETE", &path).header("if-match", "\"7\"").send().await.problem(412, "precondition-failed");
        editor.ask("DELETE", &path).header("if-match", "\"1\"").send().await.expect(204);
        got(&village, &image["url"]).await.problem(404, "not-found");
        editor.ask("GET", &path).send().await.problem(404, "not-found");
        let feed = village.feed().await.json();
        assert_eq!(feed["items"][0]["media"].as_array().map(Vec::len), Some(1), "{feed}");
        assert!(village.ask("GET", "").send().await.json()["logo"].is_null());
        let left = kept(&dorf);
        assert_eq!(left.len(), 3, "{left:?}");
        assert_eq!(dorf.database.column("SELECT key FROM media").await.len(), 1);
    }

    async fn many_hands_on_one_file_do_not_get_into_each_others_way(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let (one, two) = (editor.image(File::png(8, 8, 255)).await, editor.image(File::png(8, 8, 255)).await);
        let save = |first: &Value, second: &Value| {
            let draft = json!({"kind": "news", "title": "Zugleich", "media": [first["id"], second["id"]]});
            editor.ask("POST", "/posts").json(&draft).send()
        };
        let path = format!("/media/{}", one["id"].as_str().expect("an id"));
        let saved = futures_util::future::join_all((0..8).map(|n| if n % 2 == 0 { save(&one, &two) } else { save(&two, &one) }));
        let deleted = editor.ask("DELETE", &path).header("if-match", "\"1\"").send();
        let (saved, deleted, ()) = tokio::join!(saved, deleted, dorf.keep_house());
        deleted.expect(204);
        for reply in &saved {
            assert!([201, 422].contains(&reply.status), "{}", reply.text());
        }
        // Whoever was first lost it again; nobody shows what is gone.
        let posts = editor.ask("GET", "/posts").send().await.expect(200).json();
        for post in posts["items"].as_array().expect("posts") {
            let shown: Vec<_> = post["media"].as_array().expect("media").iter().map(|media| &media["id"]).collect();
            assert_eq!(shown, [&two["id"]], "{post}");
        }
        assert_eq!(kept(&dorf).len(), 3);
    }

    async fn an_upload_that_did_not_come_to_its_end_leaves_nothing(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let image = editor.image(File::png(8, 8, 255)).await;
        // As after a crash between announcing and finishing: the row is there, the files are there, and nobody may see them.
        dorf.database.change("UPDATE media SET state = 0").await.expect("a change");
        editor.ask("GET", &format!("/media/{}", image["id"].as_str().expect("an id"))).send().await.problem(404, "not-found");
        let draft = json!({"kind": "news", "title": "x", "media": [image["id"]]});
        editor.ask("POST", "/posts").json(&draft).send().await.problem(422, "unprocessable");
        dorf.keep_house().await;
        assert_eq!(kept(&dorf).len(), 3, "it may still be under way");
        dorf.wait(TimeDelta::minutes(61));
        dorf.keep_house().await;
        assert_eq!(kept(&dorf).len(), 0);
        assert!(dorf.database.column("SELECT key FROM media").await.is_empty());
    }

    async fn a_file_that_somebody_took_from_the_folder_is_not_found_and_nothing_worse(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let image = editor.image(File::png(8, 8, 255)).await;
        shown(&editor, &image).await;
        for file in kept(&dorf) {
            std::fs::remove_file(file).expect("it can be removed");
        }
        got(&village, &image["url"]).await.problem(404, "not-found");
        let ranged = dorf.ask("GET", image["url"].as_str().expect("a path")).header("range", "bytes=0-1").send().await;
        ranged.problem(404, "not-found");
        editor.ask("DELETE", &format!("/media/{}", image["id"].as_str().expect("an id"))).header("if-match", "\"1\"").send().await.expect(204);
    }

    async fn a_village_has_so_much_room_and_no_more(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.media.max_village_mib = 0).await;
        let village = dorf.village("luedenhausen").await;
        village.editor().uploads(File::png(8, 8, 255), "alt=x").await.problem(409, "conflict");
        assert!(kept(&dorf).is_empty());
    }

    async fn files_can_be_kept_by_a_service_that_speaks_s3(on: Backend) {
        let bucket = Bucket::start().await;
        let dorf = Dorf::start_with(on, with_bucket(&bucket)).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let (image, pdf) = (editor.image(File::jpeg(600, 400)).await, editor.image(File::pdf("")).await);
        let names = bucket.names();
        assert_eq!(names.len(), 4, "{names:?}");
        assert!(names.iter().all(|name| name.starts_with("dorf/")), "{names:?}");
        assert!(kept(&dorf).is_empty(), "nothing in the folder");
        editor.publishes(news("Im Netz").with("media", json!([image["id"], pdf["id"]]))).await;
        assert_eq!(got(&village, &image["url"]).await.expect(200).header("content-type"), "image/jpeg");
        let whole = got(&village, &pdf["url"]).await.expect(200).body;
        let part = dorf.ask("GET", pdf["url"].as_str().expect("a path")).header("range", "bytes=5-9").send().await.expect(206);
        assert_eq!(part.body, whole[5..10]);
        editor.ask("DELETE", &format!("/media/{}", image["id"].as_str().expect("an id"))).header("if-match", "\"1\"").send().await.expect(204);
        assert_eq!(bucket.names().len(), 1);
        assert_eq!(bucket.unsigned(), 0, "every request was signed");
    }

    async fn a_service_that_does_not_answer_harms_nothing(on: Backend) {
        let bucket = Bucket::start().await;
        let dorf = Dorf::start_with(on, with_bucket(&bucket)).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let image = editor.image(File::jpeg(60, 40)).await;
        shown(&editor, &image).await;
        bucket.fail(true);
        editor.uploads(File::jpeg(60, 40), "alt=x").await.problem(503, "unavailable");
        got(&village, &image["url"]).await.problem(503, "unavailable");
        assert_eq!(village.feed().await.titles(), ["Mit Bild"]);
        // Deleted is deleted; the files follow when the service is back.
        editor.ask("DELETE", &format!("/media/{}", image["id"].as_str().expect("an id"))).header("if-match", "\"1\"").send().await.expect(204);
        dorf.keep_house().await;
        assert_eq!(bucket.names().len(), 3);
        bucket.fail(false);
        got(&village, &image["url"]).await.problem(404, "not-found");
        dorf.keep_house().await;
        assert_eq!(bucket.names(), [""; 0]);
        assert!(dorf.database.column("SELECT key FROM media").await.is_empty());
    }
}
