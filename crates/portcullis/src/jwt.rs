//! JWT bearer tokens ([RFC 7519]), as [RFC 8725] wants them read.
//!
//! [`JwtVerifier`] decides about a token in this order, and the first objection is the answer:
//!
//! 1. At most 16 KiB, three parts, each of them base64url in its one spelling.
//! 2. The header is a JSON object of at most 4 KiB without two members of one name. Its `alg` is an [`Algorithm`], so never `none`; there is no
//!    `crit` and no `b64`; `kid` has at most 256 bytes; `typ` is not another profile's. `jwk`, `jku`, `x5u` and `x5c` are not looked at: a token
//!    does not bring its own key.
//! 3. A key of ours with that id is for that algorithm: the key says which, and the token only whether it agrees. A token without `kid` is
//!    tried against at most four keys of its algorithm.
//! 4. The signature is right.
//! 5. The claims are read, and the [policy](crate::claims::ClaimsPolicy) accepts them.
//!
//! A [`JwtKey`] is checked when it is made, not when it is used: no HMAC key below the length of its hash, no RSA key below 2048 bits or with a weak
//! exponent, no point off its curve, no key that is for encryption. A public key in any encoding is refused as an HMAC key.
//!
//! Encrypted tokens (JWE), the JSON serialisations of JWS, ES512, ES256K and Ed448 are not known here.
//!
//! # Example
//!
//! ```
//! use portcullis::{claims::ClaimsPolicy, jwt::{JwtKeys, JwtVerifier}};
//!
//! # fn verifier(jwks: &str) -> Result<JwtVerifier, Box<dyn std::error::Error>> {
//! let keys = JwtKeys::from_public_jwks(jwks)?;
//! let policy = ClaimsPolicy::new("https://id.example", "https://api.example");
//! Ok(JwtVerifier::new(keys, policy))
//! # }
//! ```
//!
//! [RFC 7519]: https://www.rfc-editor.org/rfc/rfc7519
//! [RFC 8725]: https://www.rfc-editor.org/rfc/rfc8725

mod algorithm;
mod compact;
mod der;
mod ec;
mod header;
mod issuer;
mod jwk;
mod key;
mod keys;
mod material;
mod okp;
mod pem;
mod rsa;
mod shared;
mod sign;
mod verifier;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use key::JwtKey;
pub use keys::JwtKeys;
pub use verifier::JwtVerifier;

#[cfg(test)]
mod tests;
