//! Images and documents: uploaded, made anew, shown with posts, served, and gone when they should be.

mod corpus;
mod documents;
mod files;
mod hostile;
mod keeping;
mod photographs;
mod serving;

use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, Editor, File, Post, Reply, VillageKit, news};
use tests::stories;

/// A public post that shows this.
async fn shown(editor: &Editor<'_>, media: &Value) -> Post {
    editor.publishes(news("Mit Bild").with("media", json!([media["id"]]))).await
}

/// What everybody gets at a path.
async fn got(village: &VillageKit<'_>, path: &Value) -> Reply {
    village.dorf.ask("GET", path.as_str().expect("a path")).send().await
}

/// The image that an answer is.
fn image_of(reply: &Reply) -> image::RgbImage {
    let format = match reply.header("content-type").as_str() {
        "image/jpeg" => image::ImageFormat::Jpeg,
        "image/png" => image::ImageFormat::Png,
        other => panic!("{other} is no image of ours"),
    };
    image::load_from_memory_with_format(&reply.body, format).expect("an image").into_rgb8()
}

/// Whether bytes hold a word.
fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

stories! {
    async fn an_image_is_uploaded_attached_and_seen_by_everybody_once_its_post_is_public(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let said = "alt=Die neue Brücke&credit=Anna Beispiel&licence=CC BY 4.0&file_name=Brücke.JPG";
        let uploaded = editor.uploads(File::jpeg(3000, 1500), said).await.expect(201);
        let image = uploaded.json();
        assert_eq!(uploaded.header("etag"), "\"1\"");
        assert_eq!(uploaded.header("location"), format!("/v1/admin/villages/luedenhausen/media/{}", uploaded.str("id")));
        assert_eq!((&image["kind"], &image["content_type"]), (&json!("image"), &json!("image/jpeg")), "{image}");
        assert_eq!((&image["width"], &image["height"]), (&json!(2560), &json!(1280)), "{image}");
        assert_eq!(image["file_name"], "Brücke.jpg");
        assert_eq!(image["in_use"], false);

        let draft = editor.drafts(news("Brücke fertig").with("media", json!([image["id"]]))).await;
        got(&village, &image["url"]).await.problem(404, "not-found");
        let post = Post::of(&editor.step(&draft, "publish").await.expect(200));
        let feed = village.feed().await.json();
        let attached = &feed["items"][0]["media"][0];
        assert_eq!(attached["url"], image["url"], "{attached}");
        for (member, value) in [("alt", "Die neue Brücke"), ("credit", "Anna Beispiel"), ("licence", "CC BY 4.0")] {
            assert_eq!(attached[member], value, "{attached}");
        }
        for (member, size) in [("url", (2560, 1280)), ("medium_url", (1024, 512)), ("thumbnail_url", (400, 200))] {
            let reply = got(&village, &attached[member]).await.expect(200);
            assert_eq!(image_of(&reply).dimensions(), size, "{member}");
        }
        // Taken back, it is gone, whoever knows its name.
        editor.step(&post, "withdraw").await.expect(200);
        got(&village, &image["url"]).await.problem(404, "not-found");
        let content = editor.ask("GET", &format!("/media/{}/content?size=thumbnail", uploaded.str("id"))).send().await;
        assert_eq!(content.expect(200).header("cache-control"), "no-store");
    }

    async fn a_post_shows_its_media_in_the_order_it_was_given(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(editor.image(File::png(8, 8, 255)).await["id"].clone());
        }
        let order = |post: &Reply| post.json()["media"].as_array().expect("media").iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
        let post = editor.drafts(news("Drei").with("media", json!([ids[2], ids[0], ids[1]]))).await;
        let path = format!("/posts/{}", post.id);
        assert_eq!(order(&editor.ask("GET", &path).send().await), [ids[2].clone(), ids[0].clone(), ids[1].clone()]);
        // What is absent stays; a list replaces; an empty one takes all away.
        let kept = editor.changes(&post, &json!({"title": "Drei Bilder"})).await.expect(200);
        assert_eq!(order(&kept).len(), 3);
        let fewer = editor.changes(&Post::of(&kept), &json!({"media": [ids[1], ids[2]]})).await.expect(200);
        assert_eq!(order(&fewer), [ids[1].clone(), ids[2].clone()]);
        let none = editor.changes(&Post::of(&fewer), &json!({"media": []})).await.expect(200);
        assert!(order(&none).is_empty(), "{}", none.text());
    }

    async fn only_what_the_village_has_can_be_attached(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let (mine, foreign) = (here.editor().image(File::png(4, 4, 255)).await, there.editor().image(File::png(4, 4, 255)).await);
        let draft = |media: Value| json!({"kind": "news", "title": "Fremd", "media": media});
        let save = async |media: Value| here.editor().ask("POST", "/posts").json(&draft(media)).send().await;
        assert_eq!(save(json!([mine["id"], foreign["id"]])).await.problem(422, "unprocessable"), ["/media/1"]);
        assert_eq!(save(json!([uuid::Uuid::nil()])).await.problem(422, "unprocessable"), ["/media/0"]);
        assert_eq!(save(json!([mine["id"], mine["id"]])).await.problem(422, "unprocessable"), ["/media/1"]);
        assert_eq!(save(json!(vec![uuid::Uuid::nil(); 11])).await.problem(422, "unprocessable"), ["/media"]);
        save(json!(["x"])).await.problem(400, "invalid-body");
        // A name of one village leads nowhere in another.
        shown(&there.editor(), &foreign).await;
        let path = foreign["url"].as_str().expect("a path").replace("stemmen", "luedenhausen");
        got(&here, &json!(path)).await.problem(404, "not-found");
        got(&there, &foreign["url"]).await.expect(200);
    }

    async fn contributors_work_with_their_own_uploads_only(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let (_, token) = village.staffed("contributor", json!({"role": "contributor"})).await;
        let theirs = village.editor().image(File::png(4, 4, 255)).await;
        let ask = |method: &str, path: &str| village.staff(method, path).bearer(&token);
        let upload = ask("POST", "/media?alt=Meins").header("content-type", "image/png").bytes(File::png(4, 4, 255).bytes);
        let own = upload.send().await.expect(201).json();
        let listed = ask("GET", "/media").send().await.expect(200).json();
        assert_eq!(listed["items"].as_array().expect("items").len(), 1, "{listed}");
        let foreign = format!("/media/{}", theirs["id"].as_str().expect("an id"));
        ask("GET", &foreign).send().await.problem(404, "not-found");
        ask("GET", &format!("{foreign}/content")).send().await.problem(404, "not-found");
        ask("DELETE", &foreign).header("if-match", "\"1\"").send().await.problem(404, "not-found");
        let draft = |media: Value| json!({"kind": "news", "title": "Neues", "media": [media]});
        let refused = ask("POST", "/posts").json(&draft(theirs["id"].clone())).send().await;
        assert_eq!(refused.problem(422, "unprocessable"), ["/media/0"]);
        ask("POST", "/posts").json(&draft(own["id"].clone())).send().await.expect(201);
    }

    async fn an_image_has_an_alternative_text_and_keeps_one(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        for said in ["", "alt=", "alt=%20%20"] {
            assert_eq!(editor.uploads(File::jpeg(8, 8), said).await.problem(422, "unprocessable"), ["alt"], "{said}");
        }
        let long = format!("alt={}&credit={}", "a".repeat(501), "b".repeat(201));
        assert_eq!(editor.uploads(File::jpeg(8, 8), &long).await.problem(422, "unprocessable"), ["alt", "credit"]);
        assert_eq!(editor.uploads(File::jpeg(8, 8), "alt=a%1bb").await.problem(422, "unprocessable"), ["alt"]);

        let uploaded = editor.uploads(File::jpeg(8, 8), "alt=Baum&credit=Anna").await.expect(201);
        let path = format!("/media/{}", uploaded.str("id"));
        let change = async |etag: &str, body: Value| editor.ask("PATCH", &path).header("if-match", etag).json(&body).send().await;
        editor.ask("PATCH", &path).json(&json!({"alt": "x"})).send().await.problem(428, "precondition-required");
        assert_eq!(change("\"1\"", json!({"alt": " "})).await.problem(422, "unprocessable"), ["/alt"]);
        change("\"1\"", json!({"id": "x"})).await.problem(400, "invalid-body");
        let changed = change("\"1\"", json!({"alt": "Die alte Eiche", "credit": null})).await.expect(200);
        assert_eq!((changed.str("alt"), changed.get("credit"), changed.header("etag")), ("Die alte Eiche".to_owned(), Value::Null, "\"2\"".to_owned()));
        change("\"1\"", json!({"alt": "Zu spät"})).await.problem(412, "precondition-failed");
        // What is said of it is seen at once wherever it is shown.
        shown(&editor, &uploaded.json()).await;
        assert_eq!(village.feed().await.json()["items"][0]["media"][0]["alt"], "Die alte Eiche");
        change("\"2\"", json!({"alt": "Die alte Linde"})).await.expect(200);
        assert_eq!(village.feed().await.json()["items"][0]["media"][0]["alt"], "Die alte Linde");
    }

    async fn an_upload_with_a_key_is_done_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let upload = async |file: File, alt: &str| {
            let ask = editor.ask("POST", &format!("/media?alt={alt}")).header("idempotency-key", "foto-1");
            ask.header("content-type", "image/png").bytes(file.bytes).send().await
        };
        let first = upload(File::png(8, 8, 255), "Baum").await.expect(201);
        let again = upload(File::png(8, 8, 255), "Baum").await.expect(201);
        assert_eq!(first.body, again.body);
        upload(File::png(9, 9, 255), "Baum").await.problem(422, "idempotency-key-reused");
        upload(File::png(8, 8, 255), "Strauch").await.problem(422, "idempotency-key-reused");
        let listed = editor.ask("GET", "/media").send().await.expect(200).json();
        assert_eq!(listed["items"].as_array().expect("items").len(), 1, "{listed}");
    }

    async fn the_list_of_media_goes_on_page_by_page(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let editor = village.editor();
        other.editor().image(File::png(4, 4, 255)).await;
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.insert(0, editor.image(File::png(4, 4, 255)).await["id"].clone());
        }
        let page = async |path: &str| editor.ask("GET", path).send().await.expect(200).json();
        let first = page("/media?limit=2").await;
        let second = page(&format!("/media?limit=2&cursor={}", first["next_cursor"].as_str().expect("a cursor"))).await;
        let found: Vec<_> = [&first, &second].iter().flat_map(|page| page["items"].as_array().expect("items")).map(|one| one["id"].clone()).collect();
        assert_eq!(found, ids);
        assert!(second["next_cursor"].is_null(), "{second}");
    }

    async fn the_logo_of_a_village_is_seen_by_everybody(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let editor = village.editor();
        let image = editor.uploads(File::png(64, 64, 128), "alt=Wappen").await.expect(201).json();
        let pdf = editor.uploads(File::pdf(""), "").await.expect(201).json();
        let foreign = other.editor().image(File::png(4, 4, 255)).await;
        let set = async |id: &Value| village.staff("PUT", "/logo").bearer(&village.admin).json(&json!({"media": id})).send().await;
        got(&village, &image["url"]).await.problem(404, "not-found");
        for not_ours in [&pdf["id"], &foreign["id"]] {
            assert_eq!(set(not_ours).await.problem(422, "unprocessable"), ["/media"]);
        }
        editor.ask("PUT", "/logo").json(&json!({"media": image["id"]})).send().await.problem(403, "forbidden");
        let told = set(&image["id"]).await.expect(200).json();
        assert_eq!((&told["logo"]["url"], &told["logo"]["alt"]), (&image["url"], &json!("Wappen")));
        for path in ["/v1/villages/luedenhausen".to_owned(), "/v1/villages?q=luedenhausen".to_owned()] {
            let reply = dorf.ask("GET", &path).send().await.expect(200).json();
            let village = if reply["items"].is_array() { &reply["items"][0] } else { &reply };
            assert_eq!(village["logo"]["url"], image["url"], "{reply}");
        }
        assert_eq!(got(&village, &told["logo"]["thumbnail_url"]).await.expect(200).header("content-type"), "image/png");
        // It may be described anew, and taken away.
        let path = format!("/media/{}", image["id"].as_str().expect("an id"));
        editor.ask("PATCH", &path).header("if-match", "\"1\"").json(&json!({"alt": "Eiche und Bach"})).send().await.expect(200);
        assert_eq!(village.ask("GET", "").send().await.json()["logo"]["alt"], "Eiche und Bach");
        village.staff("DELETE", "/logo").bearer(&village.admin).send().await.expect(204);
        assert!(village.ask("GET", "").send().await.json()["logo"].is_null());
        got(&village, &image["url"]).await.problem(404, "not-found");
    }

    async fn mails_and_pushes_show_the_image_and_the_logo(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let logo = editor.uploads(File::png(64, 64, 128), "alt=Wappen").await.expect(201).json();
        village.staff("PUT", "/logo").bearer(&village.admin).json(&json!({"media": logo["id"]})).send().await.expect(200);
        let anna = village.resident("anna").by_mail().await;
        let otto = village.resident("otto").by_push().await;
        let image = editor.uploads(File::jpeg(1200, 800), "alt=Brücke \"Nord\" <neu>&credit=Anna").await.expect(201).json();
        let plan = editor.uploads(File::pdf(""), "file_name=Umleitung.pdf").await.expect(201).json();
        editor.publishes(news("Brücke gesperrt").with("media", json!([plan["id"], image["id"]]))).await;
        dorf.work_off().await;

        let full = |media: &Value| format!("{}{}", dorf.base, media["url"].as_str().expect("a path"));
        let medium = full(&image).replace(".jpg", ".medium.jpg");
        let mail = anna.mails().pop().expect("a mail");
        let (text, html) = (mail.text(), mail.html());
        assert!(html.contains(&format!("src=\"{medium}\"")), "{html}");
        assert!(html.contains("alt=\"Brücke &#34;Nord&#34; &#60;neu&#62;\""), "{html}");
        assert!(html.contains(&full(&plan)) && html.contains("Umleitung.pdf (PDF)"), "{html}");
        assert!(html.contains(&full(&logo).replace(".png", ".thumbnail.png")) && html.contains("alt=\"Wappen\""), "{html}");
        assert!(text.contains("[Bild: Brücke \"Nord\" <neu> – Anna]") && text.contains(&full(&image)), "{text}");
        assert!(text.contains("Umleitung.pdf (PDF):") && text.contains(&full(&plan)), "{text}");
        let push = &otto.device().received()[0].payload;
        assert_eq!(push["notification"]["image"], medium, "{push}");
        assert_eq!(push["notification"]["icon"], full(&logo).replace(".png", ".thumbnail.png"), "{push}");
        dorf.client.get(&medium).send().await.expect("an answer").error_for_status().expect("the image");
    }
}
