use std::time::Duration;

use portcullis_core::Timestamp;
use portcullis_testkit::TestClock;

use super::*;
use crate::{
    bearer::{TokenError, TokenErrorKind, VerifiedToken},
    claims::ClaimsPolicy,
};

mod footers;
mod keys;
mod tokens;
mod vectors;

/// 2026-01-01T00:00:00Z.
const NOW: Timestamp = Timestamp::from_unix_seconds(1_767_225_600);
const CLAIMS: &str = r#"{"iss":"id","aud":"api","sub":"alice","exp":"2026-01-01T00:05:00Z"}"#;

/// One key of each kind that can sign; each has its own.
fn key(kind: Kind) -> PasetoKey {
    PasetoKey::generate(kind).unwrap()
}

fn kinds() -> Vec<Kind> {
    Kind::ALL.into_iter().filter(|kind| PasetoKey::generate(*kind).is_ok()).collect()
}

fn clock() -> TestClock {
    let clock = TestClock::new();
    clock.set(NOW);
    clock
}

fn verifier(keys: impl Into<PasetoKeys>) -> PasetoVerifier {
    PasetoVerifier::new(keys, ClaimsPolicy::new("id", "api")).with_clock(clock())
}

fn verify(verifier: &PasetoVerifier, token: &str) -> Result<VerifiedToken, TokenError> {
    verifier.verify_with_assertion(token, b"")
}

fn refusal(verifier: &PasetoVerifier, token: &str) -> TokenErrorKind {
    verify(verifier, token).expect_err("it is accepted").kind()
}

/// A token with any footer: ours name the key and nothing else.
fn token(key: &PasetoKey, claims: impl AsRef<[u8]>, footer: impl AsRef<[u8]>) -> String {
    let body = key.seal(claims.as_ref(), footer.as_ref(), b"").unwrap();
    let mut token = format!("{}{}", key.kind().header(), crate::base64url::encode(body));
    if !footer.as_ref().is_empty() {
        token.push('.');
        token.push_str(&crate::base64url::encode(footer));
    }
    token
}
