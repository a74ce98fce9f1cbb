use std::sync::Arc;

use super::PasetoKeys;
use crate::{bearer::ConfigError, issue::TokenIssuer};

impl TokenIssuer {
    /// Issues PASETOs with `keys`, as `issuer` and for `audience`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoSigningKey`] if none of the keys can sign.
    ///
    /// # Example
    ///
    /// ```
    /// use portcullis::{issue::{TokenIssuer, TokenRequest}, paseto::{Kind, PasetoKey}};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let key = PasetoKey::generate(Kind::V4Public)?;
    /// let issuer = TokenIssuer::paseto(key, "https://id.example", "https://api.example")?;
    /// let token = issuer.issue(TokenRequest::for_subject("ada")).await?;
    /// assert!(token.token().starts_with("v4.public."));
    /// # Ok(()) }
    /// ```
    pub fn paseto(
        keys: impl Into<PasetoKeys>,
        issuer: impl Into<Arc<str>>,
        audience: impl Into<Box<str>>,
    ) -> Result<Self, ConfigError> {
        Self::with_signer(Arc::new(keys.into()), issuer, audience)
    }
}
