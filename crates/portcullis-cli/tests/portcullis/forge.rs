//! Tokens that nobody signed, for what is decoded without a key.

use base64_simd::URL_SAFE_NO_PAD;

/// A JWT with a signature that is none.
pub(crate) fn jwt(header: &str, claims: &str) -> String {
    [header, claims, "no signature"].map(|part| URL_SAFE_NO_PAD.encode_to_string(part)).join(".")
}

/// A PASETO with as many bytes of signature as its version has.
pub(crate) fn paseto(kind: &str, claims: &str, footer: &str) -> String {
    let signature = if kind == "v3.public" { 96 } else { 64 };
    let body = [claims.as_bytes(), &vec![7; signature]].concat();
    let mut token = format!("{kind}.{}", URL_SAFE_NO_PAD.encode_to_string(body));
    if !footer.is_empty() {
        token = format!("{token}.{}", URL_SAFE_NO_PAD.encode_to_string(footer));
    }
    token
}

/// The token that everybody has in their notes: it names no end, no issuer and no audience.
pub(crate) const ME: &str =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VySWQiOiJNZSJ9.Ftkmp-5WXYuhgSya_Ah97SBQ1ffR5WlWl_1lLsK3DyM";
