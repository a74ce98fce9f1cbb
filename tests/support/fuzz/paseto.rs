use portcullis::{
    bearer::TokenErrorKind,
    claims::ClaimsPolicy,
    keyring::KeyState,
    paseto::{PasetoKey, PasetoKeys, PasetoSigner, PasetoVerifier},
};

use super::keys::{NOW, PASETO_LOCAL as LOCAL, clock};

/// Any text as a token, as a file of keys, and as the name of a key.
///
/// The keys are fixed, and nobody who only sees their tokens makes another: what is accepted is one of the seeds, byte for byte.
pub fn paseto(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if verifier(keys()).verify_with_assertion(text, b"").is_ok() {
        assert!(ACCEPTED.contains(&text), "forged: {text:?}");
    }
    for keys in [PasetoKeys::from_paserk(text), PasetoKeys::from_json(text)].into_iter().flatten() {
        // What is published of any keys is read again, or there is nothing to publish.
        let is_public =
            |(key, state): &(PasetoKey, KeyState)| *state != KeyState::Retired && key.public().is_some();
        let public = keys.keys(NOW).iter().any(is_public);
        assert_eq!(PasetoKeys::from_json(&keys.public_keys_json(NOW)).is_ok(), public, "{text:?}");
    }
    one_name(text);
}

/// What is signed under a name is found by it; but for a name that is a secret key.
fn one_name(text: &str) {
    let Ok(key) = PasetoKey::from_paserk(LOCAL).expect("a key").with_id(text) else { return };
    let Ok(token) = PasetoSigner::new(key.clone()).sign_claims(CLAIMS, NOW) else { return };
    match verifier(key.into()).verify_with_assertion(&token, b"") {
        Ok(verified) => assert_eq!(verified.key_id().as_str(), text),
        Err(refused) => {
            assert_eq!(refused.kind(), TokenErrorKind::Malformed, "{text:?}");
            let is_secret =
                ["local.", "secret.", "local-pw.", "secret-pw."].iter().any(|kind| text.contains(kind));
            assert!(is_secret, "{text:?}");
        }
    }
}

fn keys() -> PasetoKeys {
    PasetoKeys::new([LOCAL, PUBLIC].map(|paserk| PasetoKey::from_paserk(paserk).expect("a key")))
}

fn verifier(keys: PasetoKeys) -> PasetoVerifier {
    PasetoVerifier::new(keys, ClaimsPolicy::new("id", "api")).with_clock(clock())
}

const CLAIMS: &str = r#"{"iss":"id","aud":"api","exp":"2026-01-01T00:05:00Z"}"#;
const PUBLIC: &str = "k4.public.Hrnbu7wEfAP9cGBOAHHwmH4Wsot1ciXBHwBBXQ4gsaI";
const ACCEPTED: [&str; 4] = [
    include_str!("../../../fuzz/seeds/paseto/local"),
    include_str!("../../../fuzz/seeds/paseto/local-named"),
    include_str!("../../../fuzz/seeds/paseto/public"),
    include_str!("../../../fuzz/seeds/paseto/public-named"),
];
