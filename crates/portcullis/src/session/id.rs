use base64_simd::{Out, URL_SAFE_NO_PAD};
use portcullis_core::{Owner, Partition, RandomnessError, Realm, RecordKey, Secret, Space};

use super::public_handle::PublicHandle;

/// What the cookie carries: where the record lies, and the secret that opens it.
///
/// Its value is base64url without padding of partition ‖ secret: 34 bytes, 46 characters, one spelling.
#[derive(Clone, Debug)]
pub(super) struct SessionId {
    partition: Partition,
    secret: Secret,
}

impl SessionId {
    /// A new id for `owner`'s session, or for nobody's, and a public handle beside it.
    pub(super) fn generate(
        realm: &Realm,
        owner: Option<&Owner>,
    ) -> Result<(Self, PublicHandle), RandomnessError> {
        let (secret, handle) = Secret::generate_with_public()?;
        let partition = match owner {
            Some(owner) => owner.partition(),
            None => RecordKey::unowned(Space::Session, realm.record_id(&secret)).partition(),
        };
        Ok((Self { partition, secret }, PublicHandle::from_bytes(handle)))
    }

    /// Reads a cookie's value; anything but the one spelling of an id is none, so no store is asked for it (S20).
    pub(super) fn parse(value: &[u8]) -> Option<Self> {
        if value.len() != ENCODED_BYTES {
            return None;
        }
        let mut decoded = [0; DECODED_BYTES];
        let decoded = URL_SAFE_NO_PAD.decode(value, Out::from_slice(&mut decoded)).ok()?;
        let decoded: &[u8] = decoded;
        let (partition, secret) = decoded.split_first_chunk::<2>()?;
        let partition = Partition::new(u16::from_be_bytes(*partition))?;
        let id = Self { partition, secret: Secret::from_bytes(secret.try_into().ok()?) };
        Some(id)
    }

    /// The cookie's value.
    pub(super) fn encode(&self) -> String {
        let mut bytes = [0; DECODED_BYTES];
        let whole = self.partition.number().to_be_bytes().into_iter().chain(*self.secret.expose());
        bytes.iter_mut().zip(whole).for_each(|(byte, value)| *byte = value);
        URL_SAFE_NO_PAD.encode_to_string(bytes)
    }

    /// Where the session's record is.
    pub(super) fn key(&self, realm: &Realm) -> RecordKey {
        RecordKey::new(Space::Session, self.partition, realm.record_id(&self.secret))
    }
}

impl Eq for SessionId {}

impl PartialEq for SessionId {
    fn eq(&self, other: &Self) -> bool {
        self.partition == other.partition && self.secret == other.secret
    }
}

const DECODED_BYTES: usize = 2 + Secret::LENGTH_BYTES;
const ENCODED_BYTES: usize = 46;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s20_only_the_one_spelling_is_an_id() {
        let (id, _) = SessionId::generate(&Realm::new("session", "sid"), None).unwrap();
        let value = id.encode();
        assert_eq!(SessionId::parse(value.as_bytes()), Some(id));

        let good = value.as_bytes();
        assert_eq!(good.len(), ENCODED_BYTES);
        assert_eq!(SessionId::parse(&good[1..]), None, "too short");
        assert_eq!(SessionId::parse(&[good, b"A"].concat()), None, "too long");
        for byte in 0..=255 {
            let mut bad = good.to_vec();
            bad[7] = byte;
            let in_alphabet = byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            assert_eq!(SessionId::parse(&bad).is_some(), in_alphabet, "{byte}");
        }
        let partition_too_large = [b"_", &good[1..]].concat();
        assert_eq!(SessionId::parse(&partition_too_large), None);
    }

    #[test]
    fn s87_spare_bits_are_refused() {
        let zeros = "A".repeat(ENCODED_BYTES);
        assert!(SessionId::parse(zeros.as_bytes()).is_some());
        for last in "BCDEFGHIJKLMNOP".bytes() {
            let mut spare = zeros.clone().into_bytes();
            spare[ENCODED_BYTES - 1] = last;
            assert_eq!(SessionId::parse(&spare), None, "{}", char::from(last));
        }
    }

    #[test]
    fn s29_debug_shows_no_secret() {
        let (id, _) = SessionId::generate(&Realm::new("session", "sid"), None).unwrap();
        assert!(!format!("{id:?}").contains(&id.encode()));
        assert!(format!("{id:?}").contains("redacted"));
    }
}
