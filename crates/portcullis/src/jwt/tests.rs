mod header;
mod keys;
mod signature;
mod structure;

use std::sync::OnceLock;

use aws_lc_rs::{rsa::KeySize, signature::RsaKeyPair};
use portcullis_core::Timestamp;
use portcullis_testkit::TestClock;

use super::{Algorithm, JwtKey, JwtKeys, JwtVerifier};
use crate::{
    base64url,
    bearer::{TokenErrorKind, Verification, VerifiedToken, VerifyToken},
    claims::ClaimsPolicy,
    issue::{SignToken, TokenType},
};

const NOW: Timestamp = Timestamp::from_unix_seconds(2_000_000_000);
const ISSUER: &str = "https://id.example";
const AUDIENCE: &str = "https://api.example";
const CLAIMS: &str = r#"{"iss":"https://id.example","aud":"https://api.example","sub":"ada","exp":2000000300,"iat":2000000000}"#;

fn policy() -> ClaimsPolicy {
    ClaimsPolicy::new(ISSUER, AUDIENCE)
}

fn verifier(keys: impl Into<JwtKeys>) -> JwtVerifier {
    verifier_with(keys, policy())
}

fn verifier_with(keys: impl Into<JwtKeys>, policy: ClaimsPolicy) -> JwtVerifier {
    let clock = TestClock::new();
    clock.set(NOW);
    JwtVerifier::new(keys, policy).with_clock(clock)
}

fn verify(verifier: &JwtVerifier, token: &str) -> Result<VerifiedToken, TokenErrorKind> {
    match verifier.verify(token) {
        Verification::Ready(result) => result.map_err(|error| error.kind()),
        Verification::Pending(_) => panic!("a JWT with keys at hand never waits"),
    }
}

fn refusal(verifier: &JwtVerifier, token: &str) -> TokenErrorKind {
    verify(verifier, token).expect_err(token)
}

/// A token with any header at all, rightly signed with `key`.
fn token_of(key: &JwtKey, header: &str, claims: &str) -> String {
    sign(key, &format!("{}.{}", base64url::encode(header), base64url::encode(claims)))
}

/// `signed` with the signature of `key`.
fn sign(key: &JwtKey, signed: &str) -> String {
    let mut signature = String::new();
    key.material()
        .sign(signed.as_bytes(), |bytes| signature = base64url::encode(bytes))
        .expect("a key that signs");
    format!("{signed}.{signature}")
}

fn issue(key: &JwtKey, claims: &str) -> String {
    SignToken::sign(&JwtKeys::from(key.clone()), claims, TokenType::Common, NOW).unwrap()
}

fn shared() -> JwtKey {
    JwtKey::hs256([7; 32]).unwrap()
}

/// One for all tests, as making it takes a while.
fn rsa() -> &'static RsaKeyPair {
    static PAIR: OnceLock<RsaKeyPair> = OnceLock::new();
    PAIR.get_or_init(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
}

fn parts(token: &str) -> [&str; 3] {
    let parts: Vec<&str> = token.split('.').collect();
    parts.try_into().unwrap()
}

fn hex(digits: &str) -> Vec<u8> {
    (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect()
}

const HEADER: &str = r#"{"alg":"HS256"}"#;
