//! Whether a JPEG is all there. Decoders paint what is missing grey, so that a photograph whose upload broke off would be
//! published half grey; here it is noticed.

/// Whether the image ends with the marker that says so (ITU-T T.81, annex B). What follows it is of no interest: phones put
/// further images there.
pub fn is_complete(bytes: &[u8]) -> bool {
    let mut at = 2;
    loop {
        // A marker: 0xFF, as often as somebody likes, and its code.
        if bytes.get(at) != Some(&0xFF) {
            return false;
        }
        while bytes.get(at) == Some(&0xFF) {
            at += 1;
        }
        let Some(&code) = bytes.get(at) else { return false };
        at += 1;
        match code {
            0xD9 => return true,
            // Without a length: restart markers and TEM.
            0x01 | 0xD0..=0xD8 => {}
            _ => {
                let Some(length) = bytes.get(at..at + 2) else { return false };
                at += usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
                if code == 0xDA {
                    at = end_of_scan(bytes, at);
                }
            }
        }
    }
}

/// The place of the next marker that is not part of the compressed data.
fn end_of_scan(bytes: &[u8], mut at: usize) -> usize {
    while let Some(pair) = bytes.get(at..at + 2) {
        if pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xD0..=0xD7 | 0xFF) {
            return at;
        }
        at += 1;
    }
    bytes.len()
}
