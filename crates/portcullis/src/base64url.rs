//! base64url without padding, in its one spelling ([RFC 7515 §2], T16): no padding, no white space, no bits that count for nothing.
//!
//! [RFC 7515 §2]: https://www.rfc-editor.org/rfc/rfc7515#section-2

use std::mem::MaybeUninit;

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

/// The same into `buffer`, and `None` also if it does not fit: no allocation.
pub(crate) fn decode_into<'a>(text: &[u8], buffer: &'a mut [MaybeUninit<u8>]) -> Option<&'a [u8]> {
    if URL_SAFE_NO_PAD.decoded_length(text).ok()? > buffer.len() {
        return None;
    }
    URL_SAFE_NO_PAD.decode(text, Out::from_uninit_slice(buffer)).ok().map(|bytes| &*bytes)
}

/// Whether it would decode.
pub(crate) fn is_encoded(text: &[u8]) -> bool {
    URL_SAFE_NO_PAD.check(text).is_ok()
}

/// Encodes `bytes` at the end of `text`.
pub(crate) fn encode_onto(bytes: impl AsRef<[u8]>, text: &mut String) {
    URL_SAFE_NO_PAD.encode_append(bytes, text);
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
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
            assert_eq!(decode_into(wrong.as_bytes(), &mut [MaybeUninit::uninit(); 8]), None, "{wrong:?}");
            assert!(!is_encoded(wrong.as_bytes()), "{wrong:?}");
        }
        for right in ["", "AA", "AAA", "AAAA", "_-A"] {
            let bytes = decode(right.as_bytes()).unwrap();
            assert!(is_encoded(right.as_bytes()));
            assert_eq!(decode_into(right.as_bytes(), &mut [MaybeUninit::uninit(); 8]), Some(&*bytes));
            assert_eq!(encode(bytes), right);
        }
        assert_eq!(decode_array(b"AQI"), Some([1, 2]));
        assert_eq!(decode_array::<3>(b"AQI"), None);
        assert_eq!(decode_into(b"AQI", &mut [MaybeUninit::uninit(); 1]), None);
    }
    /// Of the texts of up to three bytes: the third is tried behind each second, and behind one first.
    #[test]
    fn t16_what_is_decoded_is_encoded_the_same() {
        let mut decoded = [0; 4];
        let mut check = |text: &[u8]| {
            if let Some(bytes) = decode(text) {
                assert_eq!(encode(&bytes).as_bytes(), text);
                decoded[text.len()] += 1;
            }
        };
        check(&[]);
        for first in 0..=u8::MAX {
            check(&[first]);
            for second in 0..=u8::MAX {
                check(&[first, second]);
                check(&[b'_', first, second]);
            }
        }
        assert_eq!(decoded, [1, 0, 64 * 4, 64 * 16]);
    }
}
