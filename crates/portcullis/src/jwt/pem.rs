use zeroize::Zeroizing;

use crate::keyring::{KeyError, KeyErrorKind};

/// What a PEM file says its one key is ([RFC 7468]).
///
/// [RFC 7468]: https://www.rfc-editor.org/rfc/rfc7468
pub(super) struct Pem {
    pub(super) der: Zeroizing<Vec<u8>>,
}

impl Pem {
    /// Reads the one key in `text`. What surrounds it may say what it likes; parameters of a curve before a key are nothing new.
    pub(super) fn read(text: &[u8]) -> Result<Self, KeyError> {
        let text = std::str::from_utf8(text)
            .map_err(|not_text| KeyError::because(KeyErrorKind::Malformed, not_text))?;
        let mut rest = text;
        let mut found = None;
        while let Some((_, block)) = rest.split_once(BEGIN) {
            let (label, block) = block.split_once(DASHES).ok_or(KeyErrorKind::Malformed)?;
            let (body, after) = block.split_once(END).ok_or(KeyErrorKind::Malformed)?;
            rest = after
                .strip_prefix(label)
                .and_then(|after| after.strip_prefix(DASHES))
                .ok_or(KeyErrorKind::Malformed)?;
            match label {
                "EC PARAMETERS" => {}
                "PUBLIC KEY" | "RSA PUBLIC KEY" | "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" => {
                    // Of two, either could be meant.
                    if found.replace(body).is_some() {
                        return Err(KeyErrorKind::Contradiction.into());
                    }
                }
                // Encrypted keys, certificates, and what else is put into such files.
                _ => return Err(KeyErrorKind::Unsupported.into()),
            }
        }
        let der = decode(found.ok_or(KeyErrorKind::Malformed)?).ok_or(KeyErrorKind::Malformed)?;
        Ok(Self { der })
    }
}

/// The bytes of base64 with line ends.
pub(super) fn decode(body: &str) -> Option<Zeroizing<Vec<u8>>> {
    // As long as it can become, so that no copy of a secret is left behind.
    let mut compact = Zeroizing::new(String::with_capacity(body.len()));
    compact.extend(body.chars().filter(|letter| !letter.is_ascii_whitespace()));
    base64_simd::STANDARD.decode_to_vec(compact.as_bytes()).ok().map(Zeroizing::new)
}

pub(super) const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";
