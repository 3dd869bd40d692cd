//! Photographs as phones make them: larger than anybody shows them, in formats that not everybody reads, long, and broken off.

use super::{got, image_of, shown};
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};
use serde_json::json;
use tests::kit::{Backend, Dorf, Editor, File};
use tests::stories;
use tokio::task::JoinSet;

/// A photograph, red on the left and blue on the right, of eight rows that are written down again and again: each may be decoded by
/// itself when a marker stands between them (ITU-T T.81, annex E.1.4).
fn photograph(width: u32, height: u16) -> File {
    let row: Vec<u8> = (0..width).flat_map(|x| if x < width / 2 { [200, 20, 20] } else { [20, 20, 200] }).collect();
    let mut rows = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut rows, 85);
    encoder.write_image(&row.repeat(8), width, 8, ExtendedColorType::Rgb8).expect("a JPEG");
    let place = |marker: u8| rows.windows(2).position(|pair| pair == [0xFF, marker]).expect("a marker");
    let (frame, scan) = (place(0xC0), place(0xDA));
    assert_eq!(rows[frame + 11], 0x11, "eight rows are one row of blocks");
    let data = scan + 2 + usize::from(u16::from_be_bytes([rows[scan + 2], rows[scan + 3]]));
    let blocks = u16::try_from(width.div_ceil(8)).expect("a width").to_be_bytes();
    let mut bytes = [&rows[..scan], &[0xFF, 0xDD, 0, 4], &blocks, &rows[scan..data]].concat();
    bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    for (number, restart) in (0..height.div_ceil(8)).zip((0xD0..=0xD7).cycle()) {
        bytes.extend_from_slice(&rows[data..rows.len() - 2]);
        bytes.extend([0xFF, if number + 1 == height.div_ceil(8) { 0xD9 } else { restart }]);
    }
    File::new(bytes, "image/jpeg")
}

/// A file of the family that begins with its brand.
fn branded(brand: &[u8; 4]) -> Vec<u8> {
    [&[0, 0, 0, 0x18][..], b"ftyp", brand, &[0, 0, 0, 0], b"mif1", b"heic", &[0; 400]].concat()
}

/// What an upload is refused with, in both languages.
async fn refusals(editor: &Editor<'_>, bytes: &[u8], declared: &str) -> [String; 2] {
    let mut told = Vec::new();
    for language in ["de", "en"] {
        let ask =
            editor.ask("POST", "/media?alt=x").header("content-type", declared).header("accept-language", language);
        let reply = ask.bytes(bytes.to_vec()).send().await;
        reply.problem(415, "unsupported-media-type");
        told.push(reply.str("detail"));
    }
    [told[0].clone(), told[1].clone()]
}

/// Why a file is refused.
async fn refused(editor: &Editor<'_>, file: File) -> String {
    let reply = editor.uploads(file, "alt=x").await;
    assert_eq!(reply.problem(422, "unprocessable"), [""]);
    reply.json()["errors"][0]["detail"].as_str().expect("a reason").to_owned()
}

stories! {
    async fn photographs_of_50_megapixels_and_panoramas_are_taken(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        for (file, size) in [
            (photograph(8_160, 6_144).with_exif(6), (1928, 2560)),
            (photograph(16_000, 640), (2560, 102)),
            (photograph(5_200, 400), (2560, 197)),
        ] {
            let media = editor.image(file).await;
            assert_eq!((&media["width"], &media["height"]), (&json!(size.0), &json!(size.1)), "{media}");
            shown(&editor, &media).await;
            let image = image_of(&got(&village, &media["url"]).await.expect(200));
            assert_eq!(image.dimensions(), size);
            // Turned by a quarter, what was left is above.
            let (red, blue) = if size.0 < size.1 { ((900, 100), (900, 2400)) } else { ((100, 100), (2400, 100)) };
            assert!(image.get_pixel(red.0, red.1).0[0] > 150, "{:?}", image.get_pixel(red.0, red.1));
            assert!(image.get_pixel(blue.0, blue.1).0[2] > 150, "{:?}", image.get_pixel(blue.0, blue.1));
        }
        let why = refused(&editor, photograph(10_000, 8_100)).await;
        assert!(why.contains("10000 × 8100") && why.contains("80 Millionen"), "{why}");
    }

    async fn images_like_threads_are_refused_before_they_are_unpacked(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        for (width, height) in [(1, 39_000_000), (39_999_999, 1), (20_001, 1_000)] {
            let why = refused(&editor, File::png(4, 4, 255).claiming(width, height)).await;
            assert!(why.contains("zu lang"), "{width} x {height}: {why}");
        }
        for (width, height, stored) in [(1, 2_000, (1, 2_000)), (40, 2_560, (40, 2_560)), (60, 3_600, (43, 2_560)), (20_000, 1, (2_560, 1))] {
            let media = editor.image(File::png(width, height, 255)).await;
            assert_eq!((&media["width"], &media["height"]), (&json!(stored.0), &json!(stored.1)), "{media}");
        }
        // What cannot be made smaller while it is decoded may take only so much.
        let why = refused(&editor, File::png(4, 4, 255).claiming(8_000, 6_000)).await;
        assert!(why.contains("Speicher") && why.contains("JPEG"), "{why}");
    }

    async fn the_uploads_of_one_village_do_not_hold_up_those_of_another(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.media.processed_at_once = 2).await;
        let (busy, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let file = File::png(1_600, 1_600, 255);
        let mut uploads = JoinSet::new();
        for _ in 0..6 {
            let ask = busy.editor().ask("POST", "/media?alt=x").header("content-type", "image/png");
            uploads.spawn(ask.bytes(file.bytes.clone()).send());
        }
        // With the first, all have arrived. Now one of the other village.
        uploads.join_next().await.expect("an upload").expect("no panic").expect(201);
        other.editor().image(File::png(4, 4, 255)).await;
        let mut before = 0;
        while let Some(done) = uploads.try_join_next() {
            done.expect("no panic").expect(201);
            before += 1;
        }
        assert!(before <= 2, "{before} of the busy village were done first");
        for done in uploads.join_all().await {
            done.expect(201);
        }
    }

    async fn formats_of_phones_that_are_not_taken_are_named_with_the_way_out(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let [heic, avif, film] = [
            ("HEIC", "Maximale Kompatibilität", "Most Compatible"), ("AVIF", "als JPEG", "as JPEG"), ("Film", "Live-Foto", "Live Photo"),
        ];
        for (brand, declared, (name, de, en)) in [
            (b"heic", "image/heic", heic), (b"heix", "image/heif", heic), (b"mif1", "application/octet-stream", heic), (b"heic", "image/jpeg", heic),
            (b"avif", "image/avif", avif), (b"avis", "image/png", avif), (b"qt  ", "video/quicktime", film), (b"isom", "video/mp4", film),
            (b"mp42", "application/octet-stream", film),
        ] {
            let [german, english] = refusals(&editor, &branded(brand), declared).await;
            assert!(german.contains(name) && german.contains(de), "{declared}: {german}");
            assert!(english.to_lowercase().contains(&name.to_lowercase()) && english.contains(en), "{declared}: {english}");
        }
        assert_eq!(editor.ask("GET", "/media").send().await.json()["items"], json!([]));
    }

    async fn an_image_that_lacks_its_last_bytes_is_refused(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        for (file, missing) in [
            (File::png(200, 150, 255), vec![1, 4, 12, 13, 16, 40]),
            (File::webp(200, 150), vec![1, 2, 40]),
            (File::jpeg(200, 150), vec![1, 2, 40]),
        ] {
            let length = file.bytes.len();
            for missing in missing {
                let why = refused(&editor, file.clone().cut_to(length - missing)).await;
                assert!(why.contains("nicht vollständig"), "{} without {missing}: {why}", file.content_type);
            }
            editor.image(file.followed_by(b"\n")).await;
        }
    }
}
