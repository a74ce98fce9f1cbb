use std::path::Path;

use portcullis_core::Timestamp;

use super::{JwtKey, jwk::Jwk};
use crate::{
    json::{self, JsonError, Value},
    keyring::{
        KeyError, KeyErrorKind, KeyState, Keyring, Schedule,
        file::{self, MOST_SET_BYTES},
        skipped::tell_of_skipped,
    },
};

/// The keys that a verifier looks a JWT's up in, and an issuer signs with.
///
/// A set of keys is read member by member: one that cannot be used is left out and named in the log as the event `keys.skipped`, and the
/// others are used ([RFC 7517 §5]). What is not sound JSON, or has two members of one name anywhere, is refused as a whole. Where a set is
/// expected, a single key does too. Two members are ours: `nbf` is when a key begins to sign, `exp` when it retires.
///
/// # Example
///
/// ```
/// use portcullis::{jwt::{Algorithm, JwtKey, JwtKeys}, store::Timestamp};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let keys = JwtKeys::from(JwtKey::generate(Algorithm::Es256)?);
/// // For https://id.example/.well-known/jwks.json
/// let published = keys.public_jwks(Timestamp::from_unix_seconds(1_700_000_000));
/// let theirs = JwtKeys::from_public_jwks(&published)?;
/// # let _ = theirs;
/// # Ok(()) }
/// ```
///
/// [RFC 7517 §5]: https://www.rfc-editor.org/rfc/rfc7517#section-5
pub type JwtKeys = Keyring<JwtKey>;

impl JwtKeys {
    /// Reads a set of our own keys: public, private and shared ones.
    ///
    /// # Errors
    ///
    /// [`KeyError`] of the kind `Malformed` if it is no set at all, `TooLong` beyond 1 MiB, and `Empty` if none of its keys can be used.
    pub fn from_jwks(jwks: &str) -> Result<Self, KeyError> {
        Self::read(jwks, |jwk| jwk.to_key())
    }

    /// Reads a set that somebody else published.
    ///
    /// A private or a shared key in it is left out: what its owner gave away proves nothing, and a shared one would let whoever reads the set
    /// sign.
    ///
    /// # Errors
    ///
    /// As [`from_jwks`](Self::from_jwks).
    pub fn from_public_jwks(jwks: &str) -> Result<Self, KeyError> {
        Self::read(jwks, |jwk| if jwk.is_secret() { Err(KeyErrorKind::Secret.into()) } else { jwk.to_key() })
    }

    /// Reads a file with a set of our own keys. It blocks: do it where the program starts.
    ///
    /// # Errors
    ///
    /// [`KeyError`] of the kind `File` if it cannot be read, and as [`from_jwks`](Self::from_jwks).
    pub fn from_jwks_file(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        Self::from_jwks(&file::read(path)?)
    }

    /// Reads a file with a set that somebody else published, as [`from_public_jwks`](Self::from_public_jwks) does. It blocks: do it where the program
    /// starts.
    ///
    /// # Errors
    ///
    /// As [`from_jwks_file`](Self::from_jwks_file).
    pub fn from_public_jwks_file(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        Self::from_public_jwks(&file::read(path)?)
    }

    /// The public halves of the keys that are in use at `now`, or will be, as a set to publish.
    ///
    /// Shared keys are never in it. A key is published from the beginning, so that verifiers have it when it begins to sign.
    #[must_use]
    pub fn public_jwks(&self, now: Timestamp) -> String {
        let keys = self.keys(now).into_iter().filter(|(_, state)| *state != KeyState::Retired);
        let jwks: Vec<String> = keys.filter_map(|(key, _)| key.to_public_jwk()).collect();
        format!("{{\"keys\":[{}]}}", jwks.join(","))
    }

    fn read(document: &str, to_key: fn(&Jwk<'_>) -> Result<JwtKey, KeyError>) -> Result<Self, KeyError> {
        if document.len() > MOST_SET_BYTES {
            return Err(KeyErrorKind::TooLong.into());
        }
        let mut set = None;
        json::members(document, |name, value| {
            if name.is("keys") {
                set = Some(value);
            }
            Ok::<_, JsonError>(())
        })?;
        let mut keys: Vec<(JwtKey, Schedule)> = Vec::new();
        let mut take = |member: &str| match usable(member, to_key) {
            Ok(key) => keys.push(key),
            Err(_) if is_paserk(member) => {}
            Err(error) => tell_of_skipped(&error),
        };
        match set {
            None => take(document),
            Some(Value::Array(members)) => json::elements(members, |member| {
                take(member.raw());
                Ok::<_, JsonError>(())
            })?,
            Some(_) => return Err(KeyErrorKind::Malformed.into()),
        }
        if keys.is_empty() {
            return Err(KeyErrorKind::Empty.into());
        }
        Ok(Self::scheduled(keys))
    }
}

fn usable(
    member: &str,
    to_key: fn(&Jwk<'_>) -> Result<JwtKey, KeyError>,
) -> Result<(JwtKey, Schedule), KeyError> {
    let jwk = Jwk::read(member)?;
    match to_key(&jwk) {
        Ok(key) => Ok((key, jwk.schedule())),
        Err(error) => Err(match jwk.id() {
            Some(id) => error.with_id(id),
            None => error,
        }),
    }
}

/// Whether it is a PASETO's key: one file may hold those of both formats.
fn is_paserk(member: &str) -> bool {
    let mut found = false;
    let read = json::members(member, |name, _| {
        found |= name.is("paserk");
        Ok::<_, JsonError>(())
    });
    read.is_ok() && found
}
