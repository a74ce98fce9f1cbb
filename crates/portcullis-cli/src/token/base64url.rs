use base64_simd::{URL_SAFE_NO_PAD, forgiving_decode_to_vec};

/// What a text of base64url stands for, and whether it is spelled in the one way that verifiers accept.
pub(super) struct Spelled {
    pub(super) bytes: Vec<u8>,
    pub(super) is_canonical: bool,
}

impl Spelled {
    /// Decodes `text`, also where it has padding, the letters of plain base64, or bits at its end that count for nothing.
    pub(super) fn decode(text: &str) -> Option<Self> {
        if let Ok(bytes) = URL_SAFE_NO_PAD.decode_to_vec(text) {
            return Some(Self { bytes, is_canonical: true });
        }
        let plain = text.trim_end_matches('=').replace('-', "+").replace('_', "/");
        let bytes = forgiving_decode_to_vec(plain.as_bytes()).ok()?;
        Some(Self { bytes, is_canonical: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t16_other_spellings_are_read_and_told() {
        for (text, bytes, is_canonical) in [
            ("", &b""[..], true),
            ("_-A", b"\xff\xe0", true),
            ("/+A", b"\xff\xe0", false),
            ("_-A=", b"\xff\xe0", false),
            ("_-B", b"\xff\xe0", false),
            ("AAAA=", b"\0\0\0", false),
        ] {
            let spelled = Spelled::decode(text).unwrap();
            assert_eq!((&*spelled.bytes, spelled.is_canonical), (bytes, is_canonical), "{text}");
        }
        for text in ["A", "A*", "é", "A=", "AA=A"] {
            assert!(Spelled::decode(text).is_none(), "{text}");
        }
    }
}
