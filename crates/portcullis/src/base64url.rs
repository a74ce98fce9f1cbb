//! base64url without padding, in its one spelling ([RFC 7515 §2], T16): no padding, no white space, no bits that count for nothing.
//!
//! [RFC 7515 §2]: https://www.rfc-editor.org/rfc/rfc7515#section-2

use base64_simd::{Out, URL_SAFE_NO_PAD};

pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(text).ok()
}

/// The same where the length is known: no allocation.
pub(crate) fn decode_array<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    if URL_SAFE_NO_PAD.decoded_length(text).ok()? != N {
        return None;
    }
    let mut bytes = [0; N];
    URL_SAFE_NO_PAD.decode(text, Out::from_slice(&mut bytes)).ok()?;
    Some(bytes)
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// The same at the end of `text`.
pub(crate) fn append(bytes: impl AsRef<[u8]>, text: &mut String) {
    URL_SAFE_NO_PAD.encode_append(bytes, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t16_there_is_one_spelling() {
        for wrong in ["A", "AB", "AAB", "AA==", "AA=", "A A", "AA\n", " AA", "+A", "/A", "AAAA=", "é", "A\0"]
        {
            assert_eq!(decode(wrong.as_bytes()), None, "{wrong:?}");
            assert_eq!(decode_array::<1>(wrong.as_bytes()), None, "{wrong:?}");
        }
        for right in ["", "AA", "AAA", "AAAA", "_-A"] {
            let bytes = decode(right.as_bytes()).unwrap();
            assert_eq!(encode(bytes), right);
        }
        assert_eq!(decode_array(b"AQI"), Some([1, 2]));
        assert_eq!(decode_array::<3>(b"AQI"), None);
    }
}
