//! Files to upload: images and documents as people have them, and as attackers make them.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, Rgba, RgbaImage};

/// A file that is going to be uploaded.
#[derive(Clone, Debug)]
pub struct File {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it is declared as.
    pub content_type: &'static str,
}

/// Red on the left, blue on the right, a white bar along the top: so that one sees how it was turned.
fn picture(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| {
        if y < height / 4 {
            Rgba([255, 255, 255, 255])
        } else if x < width / 2 {
            Rgba([200, 20, 20, 255])
        } else {
            Rgba([20, 20, 200, 255])
        }
    })
}

impl File {
    /// A file that says it is something.
    pub fn new(bytes: impl Into<Vec<u8>>, content_type: &'static str) -> Self {
        Self { bytes: bytes.into(), content_type }
    }

    /// A photograph.
    pub fn jpeg(width: u32, height: u32) -> Self {
        let mut bytes = Vec::new();
        let rgb = image::DynamicImage::ImageRgba8(picture(width, height)).into_rgb8();
        let encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
        encoder.write_image(&rgb, width, height, ExtendedColorType::Rgb8).expect("a JPEG");
        Self::new(bytes, "image/jpeg")
    }

    /// A photograph of one colour, as the numbers of a wider colour space than the web's say it.
    pub fn display_p3(colour: [u8; 3]) -> Self {
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
        let profile = moxcms::ColorProfile::new_display_p3().encode().expect("a profile");
        encoder.set_icc_profile(profile).expect("JPEG takes profiles");
        encoder.write_image(&colour.repeat(16 * 16), 16, 16, ExtendedColorType::Rgb8).expect("a JPEG");
        Self::new(bytes, "image/jpeg")
    }

    /// A drawing, transparent or not.
    pub fn png(width: u32, height: u32, alpha: u8) -> Self {
        let mut picture = picture(width, height);
        picture.pixels_mut().for_each(|pixel| pixel.0[3] = alpha);
        let mut bytes = Vec::new();
        let encoder = PngEncoder::new(&mut bytes);
        encoder.write_image(&picture, width, height, ExtendedColorType::Rgba8).expect("a PNG");
        Self::new(bytes, "image/png")
    }

    /// An image as the web likes it.
    pub fn webp(width: u32, height: u32) -> Self {
        let mut bytes = Vec::new();
        let encoder = WebPEncoder::new_lossless(&mut bytes);
        encoder.encode(&picture(width, height), width, height, ExtendedColorType::Rgba8).expect("a WebP");
        Self::new(bytes, "image/webp")
    }

    /// A document of one empty page, with `extra` in its catalogue.
    pub fn pdf(extra: &str) -> Self {
        let mut text = String::from("%PDF-1.4\n%\u{e2}\u{e3}\n");
        let objects = [
            format!("<< /Type /Catalog /Pages 2 0 R {extra} >>"),
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>".to_owned(),
        ];
        let mut places = Vec::new();
        for (number, object) in (1..).zip(&objects) {
            places.push(text.len());
            text.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
        }
        let table = text.len();
        text.push_str("xref\n0 4\n0000000000 65535 f \n");
        for place in places {
            text.push_str(&format!("{place:010} 00000 n \n"));
        }
        text.push_str(&format!("trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"));
        Self::new(text, "application/pdf")
    }

    /// A document whose object stream, packed as such streams are, says `hidden`.
    pub fn pdf_with_packed(hidden: &[u8]) -> Self {
        let packed = zlib(hidden);
        let mut bytes = b"%PDF-1.5\n".to_vec();
        let head = format!(
            "1 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length {} >>\nstream\n",
            packed.len()
        );
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend(packed);
        bytes.extend_from_slice(b"\nendstream\nendobj\nstartxref\n9\n%%EOF\n");
        Self::new(bytes, "application/pdf")
    }

    /// A JPEG that says, in its Exif data, how it is to be turned, and where it was taken: near Lüdenhausen.
    pub fn with_exif(mut self, orientation: u8) -> Self {
        let exif = exif(orientation);
        let length = u16::try_from(exif.len() + 2).expect("a short segment").to_be_bytes();
        let segment = [&[0xFF, 0xE1], &length[..], &exif].concat();
        self.bytes.splice(2..2, segment);
        self
    }

    /// A PNG with a further chunk before its pixels.
    pub fn with_chunk(mut self, kind: &[u8; 4], data: &[u8]) -> Self {
        let length = u32::try_from(data.len()).expect("a short chunk").to_be_bytes();
        let typed = [kind.as_slice(), data].concat();
        let chunk = [&length[..], &typed, &crc32(&typed).to_be_bytes()].concat();
        // After the signature and the header: 8 + 25 bytes.
        self.bytes.splice(33..33, chunk);
        self
    }

    /// A PNG that says it is much larger than it is.
    pub fn claiming(mut self, width: u32, height: u32) -> Self {
        self.bytes[16..20].copy_from_slice(&width.to_be_bytes());
        self.bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let crc = crc32(&self.bytes[12..29]);
        self.bytes[29..33].copy_from_slice(&crc.to_be_bytes());
        self
    }

    /// The first part of the file, as when the connection broke off.
    pub fn cut_to(mut self, bytes: usize) -> Self {
        self.bytes.truncate(bytes);
        self
    }

    /// With something behind its end.
    pub fn followed_by(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Declared as something else.
    pub fn declared(self, content_type: &'static str) -> Self {
        Self { content_type, ..self }
    }
}

/// A little-endian TIFF structure with an orientation, a camera and a place (52° 4′ N, 8° 59′ E).
fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"Exif\0\0II*\0\x08\0\0\0\x03\0".to_vec();
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    tiff.extend(entry(0x0110, 2, 4, u32::from_le_bytes(*b"Cam\0")));
    tiff.extend(entry(0x0112, 3, 1, u32::from(orientation)));
    // The place begins after this directory: 8 + 2 + 3 × 12 + 4 bytes.
    tiff.extend(entry(0x8825, 4, 1, 50));
    tiff.extend([0; 4]);
    tiff.extend(4u16.to_le_bytes());
    tiff.extend(entry(1, 2, 2, u32::from(b'N')));
    tiff.extend(entry(2, 5, 3, 104));
    tiff.extend(entry(3, 2, 2, u32::from(b'E')));
    tiff.extend(entry(4, 5, 3, 128));
    tiff.extend([0; 4]);
    for number in [52u32, 1, 4, 1, 0, 1, 8, 1, 59, 1, 0, 1] {
        tiff.extend(number.to_le_bytes());
    }
    tiff
}

/// Packed as PNG and PDF pack (RFC 1950).
pub fn zlib(data: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(data, 9)
}

/// The checksum of PNG chunks.
fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}
