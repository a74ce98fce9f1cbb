use std::{fmt, sync::Arc};

use portcullis_core::Timestamp;

use super::{PasetoKey, PasetoKeys, token::MOST_FOOTER_BYTES};
use crate::{
    base64url,
    bearer::MOST_BYTES,
    claims::Form,
    issue::{IssueError, IssueErrorKind, SignToken, TokenType},
    json::{self, JsonError},
};

/// Puts claims into PASETOs under the key of a ring that signs just then.
///
/// The claims are signed as they are given: [`TokenIssuer`](crate::issue::TokenIssuer) is for those who want them written too. This is what a service needs
/// that writes its own, or issues under an implicit assertion.
///
/// # Example
///
/// ```
/// use portcullis::{paseto::{Kind, PasetoKey, PasetoSigner}, store::{Clock, SystemClock}};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let signer = PasetoSigner::new(PasetoKey::generate(Kind::V4Local)?).with_implicit_assertion("trial");
/// let claims = r#"{"iss":"https://id.example","exp":"2027-01-01T00:00:00Z"}"#;
/// assert!(signer.sign_claims(claims, SystemClock.now())?.starts_with("v4.local."));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct PasetoSigner {
    keys: PasetoKeys,
    assertion: Arc<[u8]>,
}

impl PasetoSigner {
    /// Signs with `keys`.
    #[must_use]
    pub fn new(keys: impl Into<PasetoKeys>) -> Self {
        Self { keys: keys.into(), assertion: Arc::default() }
    }

    /// Makes tokens that are good only where `assertion` is known and the same; it is not in the token.
    ///
    /// # Default
    ///
    /// The empty one, as if there were none.
    #[must_use]
    pub fn with_implicit_assertion(mut self, assertion: impl AsRef<[u8]>) -> Self {
        self.assertion = Arc::from(assertion.as_ref());
        self
    }

    /// Makes a token that holds `claims`, a JSON object, and names its key in the footer.
    ///
    /// # Errors
    ///
    /// [`NoSigningKey`](IssueErrorKind::NoSigningKey) if none of the keys is active at `now`, [`Claims`](IssueErrorKind::Claims) if the claims are no JSON object
    /// with unique names, [`TooLarge`](IssueErrorKind::TooLarge) if no verifier would take the token, [`Unavailable`](IssueErrorKind::Unavailable) if the
    /// operating system gives no randomness.
    pub fn sign_claims(&self, claims: &str, now: Timestamp) -> Result<String, IssueError> {
        json::members(claims, |_, _| Ok::<_, JsonError>(()))
            .map_err(|_quoting| IssueError::new(IssueErrorKind::Claims))?;
        sign(&self.keys, claims, &self.assertion, now)
    }
}

impl fmt::Debug for PasetoSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasetoSigner").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl SignToken for PasetoSigner {
    fn form(&self) -> Form {
        Form::Paseto
    }

    fn can_ever_sign(&self) -> bool {
        self.keys.can_ever_sign()
    }

    fn sign(&self, claims: &str, _: TokenType, now: Timestamp) -> Result<String, IssueError> {
        sign(&self.keys, claims, &self.assertion, now)
    }
}

impl SignToken for PasetoKeys {
    fn form(&self) -> Form {
        Form::Paseto
    }

    fn can_ever_sign(&self) -> bool {
        Self::can_ever_sign(self)
    }

    /// The type is left out: a PASETO has no header to put it into, and no registered claim for it. Tokens for different purposes are told apart by
    /// their keys.
    fn sign(&self, claims: &str, _: TokenType, now: Timestamp) -> Result<String, IssueError> {
        sign(self, claims, &[], now)
    }
}

fn sign(keys: &PasetoKeys, claims: &str, assertion: &[u8], now: Timestamp) -> Result<String, IssueError> {
    let keys = keys.snapshot();
    let key = keys.signing(now).ok_or_else(|| IssueError::new(IssueErrorKind::NoSigningKey))?;
    let footer = footer_of(key)?;
    let body = key.seal(claims.as_bytes(), footer.as_bytes(), assertion)?;
    let token = format!("{}{}.{}", key.kind().header(), base64url::encode(body), base64url::encode(footer));
    if token.len() > MOST_BYTES {
        return Err(IssueError::new(IssueErrorKind::TooLarge));
    }
    Ok(token)
}

/// `{"kid":"…"}`: whoever verifies selects the key by it.
fn footer_of(key: &PasetoKey) -> Result<String, IssueError> {
    let id = serde_json::to_string(key.id().as_str())
        .map_err(|unwritable| IssueError::because(IssueErrorKind::Claims, unwritable))?;
    let footer = format!(r#"{{"kid":{id}}}"#);
    // An id of nothing but control characters grows to six times its length.
    if footer.len() > MOST_FOOTER_BYTES {
        return Err(IssueError::new(IssueErrorKind::TooLarge));
    }
    Ok(footer)
}
