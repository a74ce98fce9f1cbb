use clap::{ValueEnum, builder::PossibleValue};
use portcullis::{
    jwt::{Algorithm, JwtKey},
    keyring::KeyError,
    paseto::{Kind, PasetoKey},
};

use crate::keyfile::AnyKey;

/// What a key is made for, which also decides about its format.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum KeyAlgorithm {
    Jwt(Algorithm),
    Paseto(Kind),
}

/// How a key is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Format {
    /// JSON Web Key, for JWTs
    Jwk,
    /// Platform-Agnostic Serialized Keys, for PASETOs
    Paserk,
}

impl KeyAlgorithm {
    /// Makes a key.
    pub(super) fn generate(self) -> Result<AnyKey, KeyError> {
        match self {
            Self::Jwt(algorithm) => JwtKey::generate(algorithm).map(AnyKey::Jwt),
            Self::Paseto(kind) => PasetoKey::generate(kind).map(AnyKey::Paseto),
        }
    }

    /// The one format that its keys have.
    pub(super) const fn format(self) -> Format {
        match self {
            Self::Jwt(_) => Format::Jwk,
            Self::Paseto(_) => Format::Paserk,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Jwt(algorithm) => algorithm.as_str(),
            Self::Paseto(kind) => kind.as_str(),
        }
    }
}

impl ValueEnum for KeyAlgorithm {
    fn value_variants<'a>() -> &'a [Self] {
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let value = PossibleValue::new(self.as_str());
        // RFC 9864's name for it.
        Some(if *self == Self::Jwt(Algorithm::EdDsa) { value.alias("Ed25519") } else { value })
    }
}

const ALL: [KeyAlgorithm; 15] = [
    KeyAlgorithm::Jwt(Algorithm::EdDsa),
    KeyAlgorithm::Jwt(Algorithm::Es256),
    KeyAlgorithm::Jwt(Algorithm::Es384),
    KeyAlgorithm::Jwt(Algorithm::Ps256),
    KeyAlgorithm::Jwt(Algorithm::Ps384),
    KeyAlgorithm::Jwt(Algorithm::Ps512),
    KeyAlgorithm::Jwt(Algorithm::Rs256),
    KeyAlgorithm::Jwt(Algorithm::Rs384),
    KeyAlgorithm::Jwt(Algorithm::Rs512),
    KeyAlgorithm::Jwt(Algorithm::Hs256),
    KeyAlgorithm::Jwt(Algorithm::Hs384),
    KeyAlgorithm::Jwt(Algorithm::Hs512),
    KeyAlgorithm::Paseto(Kind::V4Public),
    KeyAlgorithm::Paseto(Kind::V4Local),
    KeyAlgorithm::Paseto(Kind::V3Public),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_can_be_named() {
        for algorithm in Algorithm::ALL {
            let named = KeyAlgorithm::from_str(algorithm.as_str(), true);
            assert_eq!(named, Ok(KeyAlgorithm::Jwt(algorithm)));
        }
        for (name, algorithm) in [
            ("Ed25519", KeyAlgorithm::Jwt(Algorithm::EdDsa)),
            ("es256", KeyAlgorithm::Jwt(Algorithm::Es256)),
            ("v4.local", KeyAlgorithm::Paseto(Kind::V4Local)),
        ] {
            assert_eq!(KeyAlgorithm::from_str(name, true), Ok(algorithm), "{name}");
        }
        for name in ["none", "v3.local", "v2.public", "ES512", ""] {
            assert!(KeyAlgorithm::from_str(name, true).is_err(), "{name}");
        }
    }
}
