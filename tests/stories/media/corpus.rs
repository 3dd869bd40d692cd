//! The media corpus through upload: files of image libraries' own tests, read where they lie. Says for each what became of it.

use super::{got, holds, image_of, shown};
use std::path::{Path, PathBuf};
use tests::kit::{Backend, Dorf, File};
use tests::stories;

/// The folder, where it is present: beside the project.
fn corpus() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/bilder");
    if !folder.is_dir() {
        println!("the media corpus is not here; its story is not told");
    }
    folder.is_dir().then_some(folder)
}

/// What the server is to make of a file, by its name.
fn expected(name: &str) -> (u16, &'static str) {
    match name {
        "broken.png" => (422, ""),
        _ if name.ends_with(".jpg") => (201, "image/jpeg"),
        _ if name.ends_with(".webp") => (201, "image/jpeg"),
        _ if name.ends_with(".png") => (201, "image/png"),
        _ => (415, ""),
    }
}

stories! {
    async fn the_media_corpus_goes_through_upload(on: Backend) {
        let Some(folder) = corpus() else { return };
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let mut names: Vec<_> = std::fs::read_dir(folder).expect("the folder").filter_map(Result::ok).map(|entry| entry.path()).collect();
        names.sort();
        for path in names {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let bytes = std::fs::read(&path).expect("a file");
            let length = bytes.len();
            let reply = editor.uploads(File::new(bytes, "application/octet-stream"), &format!("alt=Bild&file_name={name}")).await;
            let (status, becomes) = expected(&name);
            assert_eq!(reply.status, status, "{name}: {}", reply.text());
            if status != 201 {
                let detail = reply.json()["errors"][0]["detail"].as_str().map_or_else(|| reply.str("detail"), str::to_owned);
                println!("{name}: {length} bytes, refused with {status}: {detail}");
                continue;
            }
            let image = reply.json();
            assert_eq!(image["content_type"], becomes, "{name}");
            shown(&editor, &image).await;
            let served = got(&village, &image["url"]).await.expect(200);
            for word in [&b"Exif"[..], b"eXIf", b"GPS", b"http://ns.adobe.com", b"iCCP", b"tEXt", b"zTXt", b"iTXt", b"ICC_PROFILE"] {
                assert!(!holds(&served.body, word), "{name} still holds {word:?}");
            }
            let (width, height) = image_of(&served).dimensions();
            println!("{name}: {length} bytes, became {becomes}, {width} × {height}, {} bytes, only pixels", served.body.len());
        }
    }
}
