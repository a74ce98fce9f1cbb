use std::time::Duration;

use portcullis::{
    claims::ClaimsPolicy,
    issue::TokenRequest,
    store::{Clock, SystemClock},
};
use serde_json::{Value, json};

pub(crate) const AUDIENCE: &str = "https://api.example";
pub(crate) const ISSUER: &str = "https://id.example";

pub(crate) fn policy() -> ClaimsPolicy {
    ClaimsPolicy::new(ISSUER, AUDIENCE)
}

/// What a token of ours is to say.
pub(crate) fn request() -> TokenRequest {
    let request = TokenRequest::for_subject("ada").with_scope("orders:read orders:write").unwrap();
    request.with_claim("name", NAME).unwrap().with_claim("nested", nested()).unwrap()
}

/// What a token of theirs says, with times as a JWT has them.
pub(crate) fn with_times_as_numbers() -> Value {
    let now = SystemClock.now().unix_seconds();
    let mut claims = claims();
    claims["iat"] = json!(now);
    claims["exp"] = json!(now + LIFETIME.as_secs());
    claims
}

/// The same with times as a PASETO has them.
pub(crate) fn with_times_as_strings() -> Value {
    let mut claims = claims();
    claims["iat"] = json!("2026-01-02T03:04:05Z");
    claims["exp"] = json!("2126-01-02T03:04:05+00:00");
    claims
}

#[track_caller]
pub(crate) fn assert_same(ours: &str, theirs: &Value, row: &str) {
    let ours: Value = serde_json::from_str(ours).unwrap();
    assert_eq!(ours, *theirs, "{row}");
}

fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "scope": "orders:read", "name": NAME, "nested": nested() })
}

fn nested() -> Value {
    json!({ "numbers": [0, -1, 2.5, 9_007_199_254_740_991_u64], "none": null, "yes": true, "quoted": "\"\\/\u{8}\n" })
}

/// One is escaped, by some, as two.
const NAME: &str = "Ada Lovelace, née Byron 🌉";
const LIFETIME: Duration = Duration::from_secs(600);
