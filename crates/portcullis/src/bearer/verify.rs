use std::{fmt, pin::Pin, sync::Arc};

use super::{TokenError, VerifiedToken};

/// Verifies tokens of one format under the keys and the policy it was made with.
///
/// [`JwtVerifier`](crate::jwt::JwtVerifier), [`PasetoVerifier`](crate::paseto::PasetoVerifier) and [`AnyOf`](super::AnyOf) are the verifiers of this
/// crate. The trait is object-safe, so the format can be chosen at run time. One of yours stands around one of them, as nothing else makes a
/// [`VerifiedToken`]: it can choose between several, or refuse what they accept.
///
/// # Example
///
/// ```
/// use portcullis::bearer::{TokenErrorKind, Verification, VerifyToken};
///
/// /// Accepts of another's tokens only those of a time after our last incident.
/// struct Since<V>(V, portcullis::store::Timestamp);
///
/// impl<V: VerifyToken> VerifyToken for Since<V> {
///     fn verify(&self, token: &str) -> Verification {
///         let since = self.1;
///         self.0.verify(token).and_then(move |token| match token.issued_at() {
///             Some(at) if at >= since => Ok(token),
///             _ => Err(TokenErrorKind::Revoked.into()),
///         })
///     }
/// }
/// ```
pub trait VerifyToken: Send + Sync + 'static {
    /// Verifies `token`, which is a `b64token` of at most [`MOST_BYTES`](super::MOST_BYTES).
    fn verify(&self, token: &str) -> Verification;
}

/// What came of verifying a token.
#[expect(clippy::exhaustive_enums, reason = "a verdict is there or is waited for")]
pub enum Verification {
    /// It is known at once; nothing was boxed for it.
    Ready(Result<VerifiedToken, TokenError>),
    /// Something must be waited for. The layer sets it no deadline, and drops it when the client goes away.
    Pending(Pin<Box<dyn Future<Output = Result<VerifiedToken, TokenError>> + Send>>),
}

impl Verification {
    /// The result, once it is known.
    ///
    /// # Errors
    ///
    /// The token was not accepted.
    pub async fn done(self) -> Result<VerifiedToken, TokenError> {
        match self {
            Self::Ready(result) => result,
            Self::Pending(wait) => wait.await,
        }
    }

    /// The same, where `check` decides also about a token that was accepted; what must be waited for is still waited for.
    #[must_use]
    pub fn and_then(
        self,
        check: impl FnOnce(VerifiedToken) -> Result<VerifiedToken, TokenError> + Send + 'static,
    ) -> Self {
        match self {
            Self::Ready(result) => Self::Ready(result.and_then(check)),
            Self::Pending(wait) => Self::Pending(Box::pin(async { wait.await.and_then(check) })),
        }
    }
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(result) => f.debug_tuple("Ready").field(result).finish(),
            Self::Pending(_) => f.write_str("Pending"),
        }
    }
}

impl<V: VerifyToken + ?Sized> VerifyToken for Arc<V> {
    fn verify(&self, token: &str) -> Verification {
        (**self).verify(token)
    }
}

impl<V: VerifyToken + ?Sized> VerifyToken for Box<V> {
    fn verify(&self, token: &str) -> Verification {
        (**self).verify(token)
    }
}
