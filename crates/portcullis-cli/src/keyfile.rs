use portcullis::{
    jwt::{Algorithm, JwtKey, JwtKeys},
    keyring::{KeyError, KeyErrorKind, KeyId, Keyring},
    paseto::{PasetoKey, PasetoKeys},
    store::Timestamp,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::{failure::Failure, input::Source, output::complain};

/// A file of keys, in any of the forms that are read here.
pub(crate) struct KeyFile {
    name: String,
    text: Zeroizing<String>,
    form: Form,
}

/// How a file has its keys.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// One JWK.
    Jwk,
    /// `{"keys":[…]}`, of JWKs and of objects with a `paserk`.
    Set,
    /// PASERKs, one in each line.
    Paserk,
    /// One key, which does not say what it is for.
    Pem(Algorithm),
}

/// A key of either format.
#[derive(Clone, Debug)]
pub(crate) enum AnyKey {
    Jwt(JwtKey),
    Paseto(PasetoKey),
}

impl KeyFile {
    /// Reads the keys in `source`; `algorithm` is what a PEM file's key is for, and every other file says it itself.
    pub(crate) fn read(source: &Source, algorithm: Option<Algorithm>) -> Result<Self, Failure> {
        let name = source.name();
        let bytes = source.read("the key", MOST_BYTES)?;
        if bytes.len() > MOST_BYTES {
            return Err(Failure::new(format!("{name} is longer than a file of keys may be, which is 1 MiB")));
        }
        let text = str::from_utf8(&bytes).map_err(|_quoting| no_key(&name))?.trim();
        let form = form_of(text, algorithm, &name)?;
        Ok(Self { name, text: Zeroizing::new(String::from(text)), form })
    }

    /// How the file has its keys.
    pub(crate) const fn form(&self) -> Form {
        self.form
    }

    /// All of its keys; that one of them cannot be used is a failure.
    pub(crate) fn keys(&self) -> Result<Vec<AnyKey>, Failure> {
        let keys: Vec<AnyKey> = match self.form {
            Form::Jwk => {
                vec![JwtKey::from_jwk(&self.text).map(AnyKey::Jwt).map_err(|error| self.wrong(&error))?]
            }
            Form::Pem(algorithm) => vec![AnyKey::Jwt(self.pem(algorithm)?)],
            Form::Paserk => self.paserk_lines()?,
            Form::Set => {
                let entries = self.entries()?.into_iter();
                let keys =
                    (1..).zip(entries).map(|(at, entry)| entry.map_err(|error| self.wrong_entry(at, &error)));
                keys.collect::<Result<_, _>>()?
            }
        };
        if keys.is_empty() { Err(no_key(&self.name)) } else { Ok(keys) }
    }

    /// Its keys for JWTs with their schedules, and an empty ring if there are none. Of a set it says which keys are passed over.
    pub(crate) fn jwt_keys(&self) -> Result<JwtKeys, Failure> {
        match self.form {
            Form::Jwk | Form::Set => {
                or_empty(JwtKeys::from_jwks(&self.text)).map_err(|error| self.wrong(&error))
            }
            Form::Pem(algorithm) => Ok(Keyring::from(self.pem(algorithm)?)),
            Form::Paserk => Ok(Keyring::new([])),
        }
    }

    /// The same for PASETOs.
    pub(crate) fn paseto_keys(&self) -> Result<PasetoKeys, Failure> {
        match self.form {
            Form::Jwk | Form::Pem(_) => Ok(Keyring::new([])),
            Form::Set => or_empty(PasetoKeys::from_json(&self.text)).map_err(|error| self.wrong(&error)),
            Form::Paserk => PasetoKeys::from_paserk(&self.text).map_err(|error| self.wrong(&error)),
        }
    }

    /// Says which keys of a set cannot be used: the library passes them over. That none can is a failure.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.form != Form::Set {
            return self.keys().map(|_| ());
        }
        let entries = self.entries()?;
        for (at, entry) in (1..).zip(&entries) {
            if let Err(error) = entry {
                complain(&format!("{}: the key at place {at} is passed over: {error}", self.name));
            }
        }
        if entries.iter().any(Result::is_ok) { Ok(()) } else { Err(no_key(&self.name)) }
    }

    fn pem(&self, algorithm: Algorithm) -> Result<JwtKey, Failure> {
        JwtKey::from_pem(self.text.as_bytes(), algorithm).map_err(|error| self.wrong(&error))
    }

    fn paserk_lines(&self) -> Result<Vec<AnyKey>, Failure> {
        let keys = self.paseto_keys()?;
        // The states do not matter: all that the file has is asked for.
        Ok(keys.keys(Timestamp::default()).into_iter().map(|(key, _)| AnyKey::Paseto(key)).collect())
    }

    fn entries(&self) -> Result<Vec<Result<AnyKey, KeyError>>, Failure> {
        let set: Set<'_> = serde_json::from_str(&self.text).map_err(|_quoting| no_key(&self.name))?;
        Ok(set.keys.into_iter().map(|entry| AnyKey::of_entry(entry.get())).collect())
    }

    fn wrong(&self, error: &KeyError) -> Failure {
        Failure::because(&self.name, error)
    }

    fn wrong_entry(&self, at: usize, error: &KeyError) -> Failure {
        Failure::because(format!("{}: the key at place {at}", self.name), error)
    }
}

impl AnyKey {
    /// What tokens name it by.
    pub(crate) const fn id(&self) -> &KeyId {
        match self {
            Self::Jwt(key) => key.id(),
            Self::Paseto(key) => key.id(),
        }
    }

    /// The same key under another id.
    pub(crate) fn with_id(self, id: &str) -> Result<Self, KeyError> {
        match self {
            Self::Jwt(key) => key.with_id(id).map(Self::Jwt),
            Self::Paseto(key) => key.with_id(id).map(Self::Paseto),
        }
    }

    /// How it is written: `jwk` or `paserk`.
    pub(crate) const fn format(&self) -> &'static str {
        match self {
            Self::Jwt(_) => "jwk",
            Self::Paseto(_) => "paserk",
        }
    }

    /// The algorithm, or the version and purpose.
    pub(crate) const fn algorithm(&self) -> &'static str {
        match self {
            Self::Jwt(key) => key.algorithm().as_str(),
            Self::Paseto(key) => key.kind().as_str(),
        }
    }

    /// Who may have it: `shared`, `private` or `public`.
    pub(crate) fn secrecy(&self) -> &'static str {
        let (public, secret) = match self {
            Self::Jwt(key) => (key.to_public_jwk(), key.expose_secret_jwk().map(Zeroizing::new)),
            Self::Paseto(key) => (key.to_public_paserk(), key.expose_secret_paserk().map(Zeroizing::new)),
        };
        match (public, secret) {
            (None, _) => "shared",
            (Some(_), Some(_)) => "private",
            (Some(_), None) => "public",
        }
    }

    fn of_entry(entry: &str) -> Result<Self, KeyError> {
        let Ok(Entry { paserk: Some(paserk), kid }) = serde_json::from_str(entry) else {
            return JwtKey::from_jwk(entry).map(Self::Jwt);
        };
        let key = PasetoKey::from_paserk(&Zeroizing::new(paserk))?;
        match kid {
            Some(id) => key.with_id(id).map(Self::Paseto),
            None => Ok(Self::Paseto(key)),
        }
    }
}

#[derive(Deserialize)]
struct Set<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

/// An entry of a set that may be a PASERK.
#[derive(Deserialize)]
struct Entry {
    paserk: Option<String>,
    kid: Option<String>,
}

fn form_of(text: &str, algorithm: Option<Algorithm>, name: &str) -> Result<Form, Failure> {
    let form = if text.starts_with("-----BEGIN") {
        return algorithm.map(Form::Pem).ok_or_else(|| {
            Failure::new(format!("{name} is PEM, which does not say what its key is for: say it with --alg"))
        });
    } else if text.starts_with('{') {
        let is_set = serde_json::from_str::<Set<'_>>(text).is_ok();
        if is_set { Form::Set } else { Form::Jwk }
    } else if text.starts_with('k') || text.starts_with('#') {
        Form::Paserk
    } else {
        return Err(no_key(name));
    };
    if algorithm.is_some() {
        return Err(Failure::new(format!(
            "--alg is for PEM alone; the key in {name} says itself what it is for"
        )));
    }
    Ok(form)
}

/// The text is a set all the same if it has no key for one of the formats.
fn or_empty<K: portcullis::keyring::Key>(ring: Result<Keyring<K>, KeyError>) -> Result<Keyring<K>, KeyError> {
    match ring {
        Err(error) if error.kind() == KeyErrorKind::Empty => Ok(Keyring::new([])),
        other => other,
    }
}

fn no_key(name: &str) -> Failure {
    Failure::new(format!(
        "{name} has no key that can be used here: neither a JWK, nor a set of them, nor PEM, nor PASERK"
    ))
}

const MOST_BYTES: usize = 1024 * 1024;
