//! Documents that do something by themselves, in whatever spelling, and those of town halls, which do not.

use tests::kit::{Backend, Dorf, File, zlib};
use tests::stories;

/// A document with one stream, whose dictionary and data are these.
fn with_stream(dictionary: &str, data: &[u8]) -> File {
    let mut bytes = format!("%PDF-1.5\n7 0 obj\n<< {dictionary} /Length {} >>\nstream\n", data.len()).into_bytes();
    bytes.extend_from_slice(data);
    bytes.extend_from_slice(b"\nendstream\nendobj\nstartxref\n9\n%%EOF\n");
    File::new(bytes, "application/pdf")
}

/// A document with these objects beside its own.
fn with_objects(catalogue: &str, objects: &str) -> File {
    let mut file = File::pdf(catalogue);
    let at = file.bytes.windows(4).position(|window| window == b"xref").expect("a table");
    file.bytes.splice(at..at, objects.bytes());
    file
}

const SCRIPT: &[u8] = b"5 0 << /S /JavaScript /JS (app.alert\\(1\\)) >>";

stories! {
    async fn scripts_are_found_however_the_stream_is_spelled(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let (packed, hex) = (zlib(SCRIPT), SCRIPT.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + ">");
        let packed_hex = packed.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + ">";
        let long = format!("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Note ({})", "x".repeat(5_000));
        let long_before = format!("/Note ({}) /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", "x".repeat(5_000));
        for (dictionary, data) in [
            ("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", packed.as_slice()),
            ("/Type/Obj#53tm /N 1 /First 4 /Filter /FlateDecode", &packed),
            ("/T#79pe /#4f#62jStm /N 1 /First 4 /Fi#6cter [ /Flate#44ecode ]", &packed),
            ("/Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode]", &packed),
            ("/Type /ObjStm % endstream 1 0 obj\n /N 1 /First 4 /Filter /FlateDecode", &packed),
            // Without its type, readers take it all the same.
            ("/N 1 /Fir#73t 4 /Filter /FlateDecode", &packed),
            ("/Type /ObjStm /N 1 /First 4", SCRIPT),
            (&long, &packed),
            (&long_before, &packed),
            // Packed as nobody packs object streams: not looked into, so not taken.
            ("/Type /ObjStm /N 1 /First 4 /Filter [/ASCIIHexDecode /FlateDecode]", packed_hex.as_bytes()),
            ("/Type /ObjStm /N 1 /First 4 /Filter /ASCIIHexDecode", hex.as_bytes()),
            ("/Type /ObjStm /N 1 /First 4 /Filter 9 0 R", &packed),
            ("/Type /ObjStm /N 1 /First 4 /Filter [9 0 R]", &packed),
            ("/Type /ObjStm /N 1 /First 4 /Filter /LZWDecode", &packed),
            ("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /DecodeParms << /Predictor 12 >>", &packed),
        ] {
            let reply = editor.uploads(with_stream(dictionary, data), "file_name=x.pdf").await;
            assert_eq!(reply.problem(422, "unprocessable"), [""], "{dictionary}");
        }
    }

    async fn what_a_document_does_when_it_is_opened_is_to_show_a_page(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let uri = "9 0 obj\n<< /S /URI /URI (http://beispiel.example/) >>\nendobj\n";
        let in_stream = |action: &str| {
            let mut file = with_stream("/Type /ObjStm /N 1 /First 5 /Filter /FlateDecode", &zlib(format!("9 0  {action}").as_bytes()));
            file.bytes.splice(9..9, b"1 0 obj\n<< /Type /Catalog /OpenAction 9 0 R >>\nendobj\n".iter().copied());
            file
        };
        for file in [
            File::pdf("/OpenAction << /S /URI /URI (http://beispiel.example/) >>"),
            File::pdf("/OpenAction << /S /SubmitForm /F (http://beispiel.example/) >>"),
            File::pdf("/OpenAction << /S /GoToR /F (//beispiel.example/x.pdf) /D [0 /Fit] >>"),
            File::pdf("/OpenAction << /S /ImportData /F (x.fdf) >>"),
            File::pdf("/Open#41ction<</S/URI/URI(http://beispiel.example/)>>"),
            File::pdf("/OpenAction << /S /GoTo /D [3 0 R /Fit] /Next << /S /URI /URI (http://beispiel.example/) >> >>"),
            File::pdf("/OpenAction 99 0 R"),
            with_objects("/OpenAction 9 0 R", uri),
            with_objects("/OpenAction 9 0 R", &format!("9 0 obj\n[3 0 R /Fit]\nendobj\n{uri}")),
            in_stream("<< /S /URI /URI (http://beispiel.example/) >>"),
            File::pdf("/AA << /WC << /S /URI /URI (http://beispiel.example/) >> >>"),
            File::pdf("/AcroForm << /XFA [(template) 5 0 R] >>"),
            File::pdf("/AcroForm << /X#46A 5 0 R >>"),
        ] {
            let shown = String::from_utf8_lossy(&file.bytes).into_owned();
            let reply = editor.uploads(file, "file_name=x.pdf").await;
            assert_eq!(reply.problem(422, "unprocessable"), [""], "{shown}");
        }
        let jump = "<< /S /GoTo /D [3 0 R /Fit] >>";
        for file in [
            File::pdf("/OpenAction [3 0 R /XYZ null null 0]"),
            File::pdf(&format!("/OpenAction {jump}")),
            with_objects("/OpenAction 9 0 R", &format!("9 0 obj\n{jump}\nendobj\n")),
            in_stream(jump),
            in_stream("[3 0 R /Fit]"),
        ] {
            let shown = String::from_utf8_lossy(&file.bytes).into_owned();
            let reply = editor.uploads(file, "file_name=x.pdf").await;
            assert_eq!(reply.status, 201, "{}: {shown}", reply.text());
        }
    }

    async fn ordinary_documents_are_taken(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let links = "8 0 obj\n<< /Type /Annot /Subtype /Link /A << /S /URI /URI (https://beispiel.example/) >> >>\nendobj\n";
        // A table of contents has a first entry, a profile of colours a number: neither is a stream of objects.
        let contents = "8 0 obj\n<< /Type /Outlines /First 9 0 R /Last 9 0 R /Count 1 >>\nendobj\n10 0 obj\n<< /Subtype /Image \
                        /Filter /DCTDecode /Length 2 >>\nstream\n\u{1}\u{2}\nendstream\nendobj\n";
        let profile = with_stream("/N 3 /Alternate /DeviceRGB /Filter /FlateDecode", &zlib(b"profile"));
        let table = with_stream("/Type /XRef /W [1 2 1] /Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 4 >>", &zlib(&[0; 8]));
        let objects = with_stream("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", &zlib(b"5 0 << /Type /Font >>"));
        for file in [with_objects("", links), with_objects("/Outlines 8 0 R", contents), profile, table, objects] {
            let shown = String::from_utf8_lossy(&file.bytes).into_owned();
            let reply = editor.uploads(file, "file_name=x.pdf").await;
            assert_eq!(reply.status, 201, "{}: {shown}", reply.text());
        }
    }
}
