//! Files that lie, break off, blow up or carry something: refused with a reason, or made harmless.

use super::{got, shown};
use futures_util::StreamExt;
use tests::kit::{Backend, Dorf, File, zlib};
use tests::stories;

const SVG: &str = r#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;

stories! {
    async fn what_is_neither_image_nor_document_is_refused(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        for (content, declared) in [
            (SVG.as_bytes(), "image/png"),
            (b"<?xml version=\"1.0\"?><svg/>", "image/jpeg"),
            (b"<!doctype html><script>alert(1)</script>", "image/png"),
            (b"<!doctype html><script>alert(1)</script>", "application/pdf"),
            (b"GIF89a\x01\0\x01\0\0\0\0;", "image/png"),
            (b"BM\x46\0\0\0", "application/octet-stream"),
            (b"II*\0\x08\0\0\0", "application/octet-stream"),
            (b"PK\x03\x04\x14\0\0\0", "application/pdf"),
            (b"\x7fELF", "application/octet-stream"),
            (b"MZ\x90\0", "application/octet-stream"),
            (b"  %PDF-1.4", "application/pdf"),
            (b"", "image/png"),
            (b"\xff", "image/jpeg"),
        ] {
            let reply = editor.uploads(File::new(content, declared), "alt=x").await;
            reply.problem(415, "unsupported-media-type");
        }
        for declared in ["image/svg+xml", "text/html", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "image/gif", "x"] {
            editor.uploads(File::png(4, 4, 255).declared(declared), "alt=x").await.problem(415, "unsupported-media-type");
        }
        let bare = editor.ask("POST", "/media?alt=x").bytes(File::png(4, 4, 255).bytes).send().await;
        bare.problem(415, "unsupported-media-type");
    }

    async fn files_that_break_off_are_noticed(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let whole = [File::jpeg(200, 150), File::jpeg(200, 150).with_exif(6), File::png(200, 150, 255), File::webp(200, 150), File::pdf("")];
        for file in whole {
            let length = file.bytes.len();
            for kept in [length / 2, length / 4 * 3, length - 10, 20] {
                let reply = editor.uploads(file.clone().cut_to(kept), "alt=x").await;
                assert_eq!(reply.problem(422, "unprocessable"), [""], "{} cut to {kept} of {length}", file.content_type);
            }
        }
        // An image by its first bytes and nothing but markup behind them.
        for start in [&b"\xff\xd8\xff\xe0"[..], b"\x89PNG\r\n\x1a\n", b"RIFF\x24\0\0\0WEBPVP8 "] {
            let lying = [start, SVG.as_bytes()].concat();
            let reply = editor.uploads(File::new(lying, "image/jpeg"), "alt=x").await;
            assert_eq!(reply.problem(422, "unprocessable"), [""]);
        }
        assert_eq!(editor.ask("GET", "/media").send().await.json()["items"], serde_json::json!([]));
    }

    async fn bombs_are_measured_before_they_go_off(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.media.max_megapixels = 1).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        editor.image(File::png(1000, 1000, 255)).await;
        let refused = async |file: File| editor.uploads(file, "alt=x").await.problem(422, "unprocessable");
        // A little too large; a few bytes that say they are gigabytes; sides whose product overflows.
        assert_eq!(refused(File::jpeg(1001, 1000)).await, [""]);
        assert_eq!(refused(File::webp(1001, 1000)).await, [""]);
        for (width, height) in [(60_000, 60_000), (u32::MAX >> 1, u32::MAX >> 1), (0, 10), (1, 2_000_000)] {
            assert_eq!(refused(File::png(4, 4, 255).claiming(width, height)).await, [""], "{width} x {height}");
        }
        // Compressed text beside the pixels: a hundred megabytes in a hundred kilobytes. It is not unpacked.
        let bomb = [b"Comment\0\0".as_slice(), &zlib(&vec![b'a'; 100_000_000])].concat();
        let profile = [b"icc\0\0".as_slice(), &zlib(&vec![0; 100_000_000])].concat();
        for file in [File::png(4, 4, 255).with_chunk(b"zTXt", &bomb), File::png(4, 4, 255).with_chunk(b"iCCP", &profile)] {
            let reply = editor.uploads(file, "alt=x").await;
            assert!([201, 422].contains(&reply.status), "{}", reply.text());
        }
        let document = File::pdf_with_packed(&vec![b' '; 200_000_000]);
        assert!(document.bytes.len() < 1_000_000);
        assert_eq!(refused(document).await, [""]);
    }

    async fn uploads_have_a_largest_size_however_they_come(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.media.max_file_kib = 64).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let padded = |bytes: usize| {
            let file = File::jpeg(16, 16);
            let missing = bytes - file.bytes.len();
            file.followed_by(&vec![0; missing])
        };
        editor.uploads(padded(64 * 1024), "alt=x").await.expect(201);
        editor.uploads(padded(64 * 1024 + 1), "alt=x").await.problem(413, "payload-too-large");
        // Nobody is told the length beforehand.
        let chunks = (0..100).map(|_| Ok::<_, std::io::Error>(vec![0xFF; 1024]));
        let body = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
        let reply = editor.ask("POST", "/media?alt=x").header("content-type", "image/jpeg").bytes(body).send().await;
        reply.problem(413, "payload-too-large");
        // A small body that would unpack to a large one is not unpacked at all.
        let packed = editor.ask("POST", "/media?alt=x").header("content-type", "image/jpeg").header("content-encoding", "gzip");
        packed.bytes(zlib(&vec![0; 1_000_000])).send().await.problem(415, "unsupported-media-type");
        // Bodies of other operations are as small as ever.
        let body = serde_json::json!({"kind": "news", "title": "x", "body_markdown": "x".repeat(300 * 1024)});
        editor.ask("POST", "/posts").json(&body).send().await.problem(413, "payload-too-large");
    }

    async fn an_upload_has_its_own_time_and_no_more(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            settings.media.upload_timeout_s = 1;
            settings.http.request_timeout_s = 1;
        }).await;
        let village = dorf.village("luedenhausen").await;
        let first = futures_util::stream::once(async { Ok::<_, std::io::Error>(File::jpeg(64, 64).bytes) });
        let body = reqwest::Body::wrap_stream(first.chain(futures_util::stream::pending()));
        let ask = village.editor().ask("POST", "/media?alt=x").header("content-type", "image/jpeg");
        ask.bytes(body).send().await.problem(408, "request-timeout");
        village.editor().image(File::jpeg(64, 64)).await;
    }

    async fn documents_that_do_something_are_refused(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let script = "/Names << /JavaScript << /Names [(a) << /S /JavaScript /JS (app.alert(1)) >>] >> >>";
        let hostile = [
            File::pdf(script),
            File::pdf("/OpenAction << /S /J#61vaScript /J#53 (app.alert(1)) >>"),
            File::pdf("/OpenAction << /S /Launch /F (calc.exe) >>"),
            File::pdf("/Names << /EmbeddedFiles << /Names [] >> >>"),
            File::pdf("/AA << /O << /S/JavaScript/JS(x) >> >>"),
            File::pdf("/Encrypt 9 0 R"),
            File::pdf_with_packed(script.as_bytes()),
        ];
        for file in hostile {
            let reply = editor.uploads(file, "file_name=x.pdf").await;
            assert_eq!(reply.problem(422, "unprocessable"), [""], "{}", reply.text());
        }
        // Words in a text are no actions, and a view to open with is none either.
        for extra in ["/Lang (JavaScript und Launch)", "/OpenAction [3 0 R /FitH 842]", "/JavaScripts 1"] {
            editor.uploads(File::pdf(extra), "file_name=x.pdf").await.expect(201);
        }
        editor.uploads(File::pdf_with_packed(b"<< /Type /Catalog >>"), "file_name=x.pdf").await.expect(201);
        // Packed data may look like a short name by chance; streams without end or end without a stream harm nothing.
        for extra in [">>\nstream\n\x01/JS \x02\nendstream\n<<", ">>\nendstream\n<<", ">>\nstream\n<<", "/Type /ObjStm /ObjStm"] {
            editor.uploads(File::pdf(extra), "file_name=x.pdf").await.expect(201);
        }
        let looking_in_vain = "/ObjStm >>\nstream\n<<".repeat(200_000);
        let reply = editor.uploads(File::pdf(&looking_in_vain), "file_name=x.pdf").await;
        assert_eq!(reply.problem(422, "unprocessable"), [""]);
    }

    async fn names_lead_nowhere_and_do_nothing(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        for (name, saved_as) in [
            ("../../../etc/passwd", "passwd.pdf"),
            (r"..\..\windows\system32\plan.pdf", "plan.pdf"),
            ("/v1/admin/plan.pdf", "plan.pdf"),
            ("<script>alert(1)</script>.pdf", "script.pdf"),
            ("\"><img src=x onerror=alert(1)>.pdf", "img srcx onerroralert(1).pdf"),
            ("a\"; filename=\"b.html", "a filenameb.pdf"),
            ("plan.pdf.exe", "plan.pdf.pdf"),
            ("plan\u{202e}fdp.exe", "planfdp.pdf"),
            ("Überschwemmung – Plan (2).pdf", "Überschwemmung Plan (2).pdf"),
            ("...", "dokument.pdf"),
            ("", "dokument.pdf"),
            ("a\u{85}b\u{2028}c.pdf", "abc.pdf"),
        ] {
            let encoded: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let pdf = editor.uploads(File::pdf(""), &format!("file_name={encoded}")).await.expect(201).json();
            assert_eq!(pdf["file_name"], saved_as, "{name}");
            shown(&editor, &pdf).await;
            let reply = got(&village, &pdf["url"]).await.expect(200);
            let disposition = reply.header("content-disposition");
            assert!(disposition.starts_with("attachment; filename=\"") && disposition.matches('"').count() == 2, "{disposition}");
            assert!(!disposition.contains(['<', '>', '/', '\\']), "{disposition}");
            assert!(!pdf["url"].as_str().expect("a path").contains("plan"), "{pdf}");
        }
        let long = editor.uploads(File::pdf(""), &format!("file_name={}.pdf", "x".repeat(3000))).await.expect(201);
        assert_eq!(long.str("file_name").len(), 84);
        // Whoever guesses finds nothing, and no way out of the store.
        let image = editor.image(File::png(4, 4, 255)).await;
        shown(&editor, &image).await;
        let url = image["url"].as_str().expect("a path");
        let name = url.rsplit('/').next().expect("a name");
        let key = name.split('.').next().expect("a key");
        assert!(key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
        for wrong in [
            key.to_owned(),
            format!("{key}.jpg"),
            format!("{key}.pdf"),
            format!("{key}.full.png"),
            format!("{key}.thumbnail"),
            format!("{key}..png"),
            format!("{}.png", key.to_uppercase()),
            format!("..%2F{key}.png"),
            format!("{key}%2e%2e%2f.png"),
            "..%2f..%2fdorf.db".to_owned(),
            "%2e%2e".to_owned(),
            "a".repeat(32),
            format!("{}.png", "ä".repeat(16)),
        ] {
            village.ask("GET", &format!("/media/{wrong}")).send().await.problem(404, "not-found");
        }
    }
}
