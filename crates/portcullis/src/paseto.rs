//! PASETO bearer tokens, and their keys as PASERK.
//!
//! A [`PasetoVerifier`] decides in this order; what is refused by one step costs nothing of the next:
//!
//! 1. The token is at most 16 KiB long and begins with `v4.local.`, `v4.public.` or `v3.public.`. A key is for one of these and no other, so
//!    there is nothing in a token that could choose an algorithm.
//! 2. The parts are base64url in its one spelling, and an empty footer is written as none.
//! 3. The footer is at most 1 KiB. One that begins as a JSON object must be one, flat, with unique names; its `kid` selects the key and does
//!    nothing else. One that holds a secret key is refused.
//! 4. The key proves the token: the tag is compared before anything is decrypted.
//! 5. The payload is read as claims and the [policy](crate::claims::ClaimsPolicy) decides.
//!
//! | tokens | keys | needs |
//! | --- | --- | --- |
//! | `v4.local`: encrypted, with XChaCha20 and BLAKE2b | `k4.local`, shared | feature `paseto` |
//! | `v4.public`: signed, with Ed25519 | `k4.secret`, `k4.public` | feature `paseto` |
//! | `v3.public`: signed, with ECDSA over P-384 | `k3.secret`, `k3.public` | feature `paseto-v3` |
//!
//! A key's id is its PASERK id, `k4.lid.…` or `k4.pid.…`; a secret key has that of its public one, so that who signs and who verifies agree without
//! a word. A token that names a key nobody has is refused, whatever other keys there are.
//!
//! `v3.local`, `v1` and `v2` are not offered, nor are wrapped and password-protected PASERKs.
//!
//! # Example
//!
//! ```
//! use portcullis::{
//!     bearer::VerifyToken,
//!     claims::ClaimsPolicy,
//!     paseto::{Kind, PasetoKey, PasetoSigner, PasetoVerifier},
//!     store::{Clock, SystemClock},
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = PasetoKey::generate(Kind::V4Public)?;
//! let public = key.public().ok_or("shared")?;
//! let verifier = PasetoVerifier::new(public, ClaimsPolicy::new("https://id.example", "https://api.example"));
//!
//! let claims = r#"{"iss":"https://id.example","aud":"https://api.example","sub":"alice","exp":"2999-01-01T00:00:00Z"}"#;
//! let token = PasetoSigner::new(key).sign_claims(claims, SystemClock.now())?;
//! let verified = verifier.verify(&token).done().await?;
//! assert_eq!(verified.subject(), Some("alice"));
//! # Ok(()) }
//! ```

mod footer;
mod issuer;
mod key;
mod keys;
mod kind;
mod material;
mod pae;
mod paserk;
mod signer;
mod token;
mod v3;
mod v4_local;
mod v4_public;
mod verifier;

#[cfg(test)]
mod tests;

pub use key::PasetoKey;
pub use keys::PasetoKeys;
pub use kind::Kind;
pub use signer::PasetoSigner;
pub use verifier::PasetoVerifier;
