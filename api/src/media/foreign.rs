//! Files that are not taken although people have them: what they are called, and what to do instead.

use crate::http::ACCEPTED;
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;

/// What an upload is that is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// What iPhones and many Androids write unless told otherwise.
    Heic,
    /// The same with another packing.
    Avif,
    /// A film, such as the moving part of a Live Photo.
    Film,
    /// Anything else.
    Unknown,
    /// Something declared as what is never taken, such as a form.
    Undeclared,
}

/// What a file of the ISO base media family is, by the brand behind its `ftyp` (ISO/IEC 14496-12, section 4.3; 23008-12, annex B).
pub fn of_brand(brand: &[u8]) -> Foreign {
    match brand.get(..4) {
        Some(b"avif" | b"avis") => Foreign::Avif,
        Some(b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1") => Foreign::Heic,
        _ => Foreign::Film,
    }
}

/// Refuses what is declared as something that is not taken, before it comes.
///
/// # Errors
/// 415, which says what to do instead.
pub fn check_declared(declared: &str) -> Result<(), Problem> {
    Err(refusal(match declared {
        _ if ACCEPTED.contains(&declared) => return Ok(()),
        "image/heic" | "image/heif" | "image/heic-sequence" | "image/heif-sequence" => Foreign::Heic,
        "image/avif" | "image/avif-sequence" => Foreign::Avif,
        _ if declared.starts_with("video/") => Foreign::Film,
        _ => Foreign::Undeclared,
    }))
}

/// The answer to such a file.
pub fn refusal(what: Foreign) -> Problem {
    let detail = match what {
        Foreign::Heic => Text::new(
            "Das ist ein Foto im Format HEIC, das nicht jeder Browser zeigt. Stellen Sie das iPhone auf Einstellungen › Kamera › \
             Formate › Maximale Kompatibilität, oder teilen Sie das Foto zuerst per Mail an sich selbst: dann wird es zu JPEG. Auf \
             Android: in den Einstellungen der Kamera „HEIF“ oder „Speicherplatz sparen“ ausschalten.",
            "This is a photograph in the format HEIC, which not every browser shows. On an iPhone, choose Settings › Camera › \
             Formats › Most Compatible, or mail the photograph to yourself first: then it becomes JPEG. On Android, switch off \
             \"HEIF\" or \"High efficiency\" in the camera's settings.",
        ),
        Foreign::Avif => Text::new(
            "Das ist ein Bild im Format AVIF, das nicht jedes Mailprogramm zeigt. Öffnen Sie es und speichern oder exportieren Sie es \
             als JPEG.",
            "This is an image in the format AVIF, which not every mail program shows. Open it and save or export it as JPEG.",
        ),
        Foreign::Film => Text::new(
            "Das ist ein Film. Angenommen werden Bilder als JPEG, PNG und WebP und Dokumente als PDF. Von einem Live-Foto senden Sie \
             das Bild, nicht den Film: in der Fotos-App › Duplizieren › Als Standbild.",
            "This is a film. Images are taken as JPEG, PNG and WebP, documents as PDF. Of a Live Photo, send the image and not the \
             film: in Photos › Duplicate › Duplicate as Still Photo.",
        ),
        Foreign::Unknown => Text::new(
            "Angenommen werden Bilder als JPEG, PNG und WebP und Dokumente als PDF.",
            "Images are taken as JPEG, PNG and WebP, documents as PDF.",
        ),
        Foreign::Undeclared => Text::new(
            "Senden Sie die Datei selbst: als image/jpeg, image/png, image/webp, application/pdf oder application/octet-stream.",
            "Send the file itself: as image/jpeg, image/png, image/webp, application/pdf or application/octet-stream.",
        ),
    };
    Problem::explained(ProblemKind::UnsupportedMediaType, detail)
}
