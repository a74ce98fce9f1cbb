use std::sync::Arc;

use super::JwtKeys;
use crate::{bearer::ConfigError, issue::TokenIssuer};

impl TokenIssuer {
    /// Issues JWTs with `keys`, as `issuer` and for `audience`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoSigningKey`] if none of the keys can sign.
    ///
    /// # Example
    ///
    /// ```
    /// use portcullis::{issue::{TokenIssuer, TokenRequest}, jwt::{Algorithm, JwtKey}};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let key = JwtKey::generate(Algorithm::EdDsa)?;
    /// let issuer = TokenIssuer::jwt(key, "https://id.example", "https://api.example")?;
    /// let token = issuer.issue(TokenRequest::for_subject("ada")).await?;
    /// assert_eq!(token.token().split('.').count(), 3);
    /// # Ok(()) }
    /// ```
    pub fn jwt(
        keys: impl Into<JwtKeys>,
        issuer: impl Into<Arc<str>>,
        audience: impl Into<Box<str>>,
    ) -> Result<Self, ConfigError> {
        Self::with_signer(Arc::new(keys.into()), issuer, audience)
    }
}
