//! What becomes of a file on its way in: turned upright, freed of everything but its pixels, in a format for everybody.

use super::{got, holds, image_of, shown};
use serde_json::Value;
use tests::kit::{Backend, Dorf, File, VillageKit};
use tests::stories;

/// Uploads and publishes an image; gives it in full.
async fn through(village: &VillageKit<'_>, file: File) -> (Value, tests::kit::Reply) {
    let editor = village.editor();
    let image = editor.image(file).await;
    shown(&editor, &image).await;
    let reply = got(village, &image["url"]).await.expect(200);
    (image, reply)
}

stories! {
    async fn an_image_loses_the_place_where_it_was_taken_and_all_else_but_its_pixels(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let comment = [&[0xFF, 0xFE, 0, 12][..], b"Geheimnis!"].concat();
        let mut photo = File::jpeg(64, 48).with_exif(1);
        photo.bytes.splice(2..2, comment);
        assert!(holds(&photo.bytes, b"Exif") && holds(&photo.bytes, b"Geheimnis"));
        let drawing = File::png(64, 48, 255)
            .with_chunk(b"tEXt", b"Author\0Geheimnis")
            .with_chunk(b"eXIf", b"II*\0\x08\0\0\0\0\0\0\0\0\0Exif");
        let behind = File::jpeg(64, 48).followed_by(b"PK\x03\x04 Geheimnis im Anhang");
        for file in [photo, drawing, behind] {
            let (image, _) = through(&village, file).await;
            let url = image["url"].as_str().expect("a path");
            for size in ["", ".medium", ".thumbnail"] {
                let (stem, extension) = url.rsplit_once('.').expect("an extension");
                let reply = dorf.ask("GET", &format!("{stem}{size}.{extension}")).send().await.expect(200);
                for word in [&b"Exif"[..], b"eXIf", b"GPS", b"Cam", b"Geheimnis", b"tEXt", b"PK\x03\x04"] {
                    assert!(!holds(&reply.body, word), "{url} {size} holds {word:?}");
                }
            }
        }
    }

    async fn an_image_is_turned_upright(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        // The white bar of the picture is at the top; how it was held says where the top is.
        for (orientation, size, white) in [(1, (64, 32), (32, 2)), (3, (64, 32), (32, 29)), (6, (32, 64), (29, 32)), (8, (32, 64), (2, 32))] {
            let (image, reply) = through(&village, File::jpeg(64, 32).with_exif(orientation)).await;
            let pixels = image_of(&reply);
            assert_eq!((image["width"].as_u64(), image["height"].as_u64()), (Some(size.0.into()), Some(size.1.into())));
            assert_eq!(pixels.dimensions(), size, "orientation {orientation}");
            let pixel = pixels.get_pixel(white.0, white.1).0;
            assert!(pixel.iter().all(|channel| *channel > 200), "orientation {orientation}: {pixel:?}");
        }
    }

    async fn colours_of_phones_are_brought_to_those_of_the_web(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let (_, reply) = through(&village, File::display_p3([200, 80, 80])).await;
        assert!(!holds(&reply.body, b"ICC_PROFILE"));
        let [red, green, blue] = image_of(&reply).get_pixel(8, 8).0;
        // The same red needs more of it where red is less red: about 215, 73, 77.
        assert!((208..222).contains(&red) && (66..79).contains(&green) && (70..83).contains(&blue), "{red} {green} {blue}");
        // A profile that is none is left out of account.
        let (_, reply) = through(&village, File::png(8, 8, 255).with_chunk(b"iCCP", b"x\0\0nonsense")).await;
        assert_eq!(image_of(&reply).dimensions(), (8, 8));
    }

    async fn every_kind_of_image_becomes_one_that_everybody_can_see(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        for (file, becomes) in [
            (File::jpeg(40, 30), "image/jpeg"),
            (File::png(40, 30, 255), "image/png"),
            (File::png(40, 30, 100), "image/png"),
            (File::webp(40, 30), "image/jpeg"),
            // Its content decides, not what it is called.
            (File::png(40, 30, 255).declared("image/jpeg"), "image/png"),
            (File::jpeg(40, 30).declared("application/pdf"), "image/jpeg"),
            (File::jpeg(40, 30).declared("application/octet-stream"), "image/jpeg"),
        ] {
            let (image, reply) = through(&village, file).await;
            assert_eq!((image["content_type"].as_str(), reply.header("content-type").as_str()), (Some(becomes), becomes));
            assert_eq!(image_of(&reply).dimensions(), (40, 30));
        }
        // Small images are not enlarged, odd ones not lost.
        let (_, reply) = through(&village, File::png(1, 1, 255)).await;
        assert_eq!(image_of(&reply).dimensions(), (1, 1));
        let (_, reply) = through(&village, File::jpeg(5000, 1)).await;
        assert_eq!(image_of(&reply).dimensions(), (2560, 1));
    }

    async fn a_document_is_kept_as_it_is_and_comes_as_a_download(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let file = File::pdf("");
        let pdf = editor.uploads(file.clone(), "file_name=Satzung des Vereins.pdf").await.expect(201).json();
        assert_eq!((pdf["kind"].as_str(), pdf["alt"].as_str()), (Some("document"), Some("")));
        shown(&editor, &pdf).await;
        let reply = got(&village, &pdf["url"]).await.expect(200);
        assert_eq!(reply.body, file.bytes);
        assert_eq!(reply.header("content-type"), "application/pdf");
        let disposition = "attachment; filename=\"Satzung des Vereins.pdf\"; filename*=UTF-8''Satzung%20des%20Vereins.pdf";
        assert_eq!(reply.header("content-disposition"), disposition);
        let thumbnail = editor.ask("GET", &format!("/media/{}/content?size=thumbnail", pdf["id"].as_str().expect("an id")));
        thumbnail.send().await.problem(404, "not-found");
    }
}
