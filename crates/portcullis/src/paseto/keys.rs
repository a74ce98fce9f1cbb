use std::path::Path;

use portcullis_core::Timestamp;

use super::PasetoKey;
use crate::{
    json::{self, JsonError, Value},
    keyring::{KeyError, KeyErrorKind, KeyId, KeyState, Keyring, Schedule, file, skipped::tell_of_skipped},
};

/// Keys for PASETOs, each for its own kind of token.
pub type PasetoKeys = Keyring<PasetoKey>;

impl Keyring<PasetoKey> {
    /// Reads keys as PASERK has them, one in each line; empty lines and those that begin with `#` count for nothing. All that can sign are active,
    /// and the first of them signs.
    ///
    /// # Errors
    ///
    /// As [`PasetoKey::from_paserk`], with the [line](KeyError::line); [`Empty`](KeyErrorKind::Empty) if there is none.
    ///
    /// # Example
    ///
    /// ```
    /// use portcullis::paseto::PasetoKeys;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let keys = PasetoKeys::from_paserk("# of the issuer\nk4.public.Hrnbu7wEfAP9cGBOAHHwmH4Wsot1ciXBHwBBXQ4gsaI\n")?;
    /// # let _ = keys;
    /// # Ok(()) }
    /// ```
    pub fn from_paserk(text: &str) -> Result<Self, KeyError> {
        let lines = (1..).zip(text.lines().map(str::trim));
        let keys = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let keys = keys.map(|(at, line)| {
            PasetoKey::from_paserk(line).map_err(|mut wrong| {
                wrong.line = Some(at);
                wrong
            })
        });
        some(keys.map(|key| Ok((key?, Schedule::default()))).collect::<Result<_, KeyError>>()?)
    }

    /// Reads keys with their schedules: `{"keys":[{"paserk":"k4.secret.…","kid":"…","nbf":1767225600,"exp":1775001600}]}`.
    ///
    /// Only `paserk` is needed. `kid` is an id of yours in place of the PASERK id, `nbf` the time [to sign from](Schedule::signs_from) and `exp` that
    /// [to retire at](Schedule::retires_at), in whole seconds since 1970. Entries without a `paserk` are passed over, such as JWKs: one file may hold the keys
    /// of both formats. An entry that cannot be used is passed over with a warning, so that one mistake does not take all keys out of service.
    ///
    /// # Errors
    ///
    /// [`Malformed`](KeyErrorKind::Malformed) if it is no such document, [`Empty`](KeyErrorKind::Empty) if no key can be used.
    pub fn from_json(json: &str) -> Result<Self, KeyError> {
        let mut keys = Vec::new();
        json::members(json, |name, value| match value {
            Value::Array(entries) if name.is("keys") => json::elements(entries, |entry| {
                keys.extend(entry_of(entry));
                Ok(())
            }),
            _ if name.is("keys") => Err(JsonError::Syntax),
            _ => Ok(()),
        })
        .map_err(|_quoting: JsonError| KeyErrorKind::Malformed)?;
        some(keys)
    }

    /// Reads the file at `path`, which has either of the forms that [`from_paserk`](Self::from_paserk) and [`from_json`](Self::from_json) read.
    ///
    /// # Errors
    ///
    /// As theirs, [`File`](KeyErrorKind::File) if it cannot be read, and [`TooLong`](KeyErrorKind::TooLong) beyond 1 MiB.
    pub fn from_paserk_file(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        let text = file::read(path)?;
        if text.trim_start().starts_with('{') { Self::from_json(&text) } else { Self::from_paserk(&text) }
    }

    /// The public keys that are not retired at `now`, as [`from_json`](Self::from_json) reads them: what an issuer gives to those who verify. Shared and
    /// secret keys are never in it.
    #[must_use]
    pub fn public_keys_json(&self, now: Timestamp) -> String {
        let held = self.keys(now).into_iter().filter(|(_, state)| *state != KeyState::Retired);
        let entries: Vec<_> = held
            .filter_map(|(key, _)| {
                let paserk = key.to_public_paserk()?;
                Some(serde_json::json!({ "paserk": paserk, "kid": key.id().as_str() }))
            })
            .collect();
        serde_json::json!({ "keys": entries }).to_string()
    }
}

fn some(keys: Vec<(PasetoKey, Schedule)>) -> Result<PasetoKeys, KeyError> {
    if keys.is_empty() { Err(KeyErrorKind::Empty.into()) } else { Ok(Keyring::scheduled(keys)) }
}

/// One entry; none for what is no PASERK or cannot be used.
fn entry_of(entry: Value<'_>) -> Option<(PasetoKey, Schedule)> {
    let Value::Other(entry) = entry else { return None };
    let entry = Entry::read(entry)?;
    match entry.key() {
        Ok(key) => Some(key),
        Err(wrong) => {
            let id = entry.kid.and_then(Value::text).map(|id| KeyId::new(id.decoded()));
            let wrong = id.into_iter().fold(wrong, KeyError::with_id);
            tell_of_skipped(&wrong);
            None
        }
    }
}

/// The members that are read of one entry.
#[derive(Default)]
struct Entry<'a> {
    paserk: Option<Value<'a>>,
    kid: Option<Value<'a>>,
    signs_from: Option<Value<'a>>,
    retires_at: Option<Value<'a>>,
}

impl<'a> Entry<'a> {
    fn read(entry: &'a str) -> Option<Self> {
        let mut read = Self::default();
        json::members(entry, |name, value| {
            match &*name.decoded() {
                "paserk" => read.paserk = Some(value),
                "kid" => read.kid = Some(value),
                "nbf" => read.signs_from = Some(value),
                "exp" => read.retires_at = Some(value),
                _ => {}
            }
            Ok::<_, JsonError>(())
        })
        .ok()?;
        read.paserk.is_some().then_some(read)
    }

    fn key(&self) -> Result<(PasetoKey, Schedule), KeyError> {
        let text = |value: Option<Value<'a>>| match value {
            Some(value) => value.text().map(|text| Some(text.decoded())).ok_or(KeyErrorKind::Malformed),
            None => Ok(None),
        };
        let time = |value: Option<Value<'a>>| match value {
            Some(Value::Number(seconds)) => {
                let seconds =
                    seconds.parse().map_err(|wrong| KeyError::because(KeyErrorKind::Malformed, wrong))?;
                Ok(Some(Timestamp::from_unix_seconds(seconds)))
            }
            Some(_) => Err(KeyErrorKind::Malformed.into()),
            None => Ok::<_, KeyError>(None),
        };
        let paserk = text(self.paserk)?.ok_or(KeyErrorKind::Malformed)?;
        let mut key = PasetoKey::from_paserk(&paserk)?;
        if let Some(id) = text(self.kid)? {
            key = key.with_id(id)?;
        }
        let mut schedule = Schedule::default();
        if let Some(at) = time(self.signs_from)? {
            schedule = schedule.signs_from(at);
        }
        if let Some(at) = time(self.retires_at)? {
            schedule = schedule.retires_at(at);
        }
        Ok((key, schedule))
    }
}
