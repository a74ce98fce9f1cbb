use std::{fmt, sync::Arc};

use portcullis_core::{Clock, SystemClock, Timestamp};

use super::{PasetoKeys, footer, token::Parts};
use crate::{
    bearer::{TokenError, TokenErrorKind, Verification, VerifiedToken, VerifyToken},
    claims::{ClaimsPolicy, Form},
    keyring::KeyId,
};

/// Verifies PASETOs; see the [module](super) for what is decided in which order.
///
/// A cheap clone, and all clones see what is [put in the place](crate::keyring::Keyring::replace) of the keys.
///
/// # Example
///
/// ```
/// use portcullis::{claims::ClaimsPolicy, paseto::{PasetoKeys, PasetoVerifier}};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let keys = PasetoKeys::from_paserk("k4.public.Hrnbu7wEfAP9cGBOAHHwmH4Wsot1ciXBHwBBXQ4gsaI\n")?;
/// let verifier = PasetoVerifier::new(keys, ClaimsPolicy::new("https://id.example", "https://api.example"));
/// # let _ = verifier;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct PasetoVerifier {
    keys: PasetoKeys,
    policy: ClaimsPolicy,
    clock: Arc<dyn Clock>,
    assertion: Arc<[u8]>,
}

impl PasetoVerifier {
    /// Accepts what one of `keys` proves and `policy` has nothing against.
    #[must_use]
    pub fn new(keys: impl Into<PasetoKeys>, policy: ClaimsPolicy) -> Self {
        Self { keys: keys.into(), policy, clock: Arc::new(SystemClock), assertion: Arc::default() }
    }

    /// Takes the time from `clock`.
    ///
    /// # Default
    ///
    /// The [`SystemClock`].
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Accepts only tokens that were made under `assertion`, which both sides know and no token holds: the environment, say, so that a token of
    /// a trial system is none of the real one.
    ///
    /// # Default
    ///
    /// The empty one, as if there were none.
    #[must_use]
    pub fn with_implicit_assertion(mut self, assertion: impl AsRef<[u8]>) -> Self {
        self.assertion = Arc::from(assertion.as_ref());
        self
    }

    /// Verifies `token` under an assertion of this one request, such as its tenant or the thumbprint of its certificate, in place of the one that
    /// was [set](Self::with_implicit_assertion).
    ///
    /// # Errors
    ///
    /// The token is not accepted. One made under another assertion has a wrong [`Signature`](TokenErrorKind::Signature).
    pub fn verify_with_assertion(&self, token: &str, assertion: &[u8]) -> Result<VerifiedToken, TokenError> {
        let mut parts = Parts::parse(token)?;
        let now = self.clock.now();
        let key = self.open(&mut parts, assertion, now)?;
        let payload = String::from_utf8(parts.body).map_err(|_quoting| TokenErrorKind::Claims)?;
        VerifiedToken::admit(&self.policy, Form::Paseto, key, payload, now)
    }

    /// Leaves the payload in the place of the body, and tells which key proved it.
    fn open(&self, parts: &mut Parts, assertion: &[u8], now: Timestamp) -> Result<KeyId, TokenError> {
        let Parts { kind, body, footer } = parts;
        let (kind, id) = (*kind, footer::key_id(footer)?);
        let keys = self.keys.snapshot();
        let mut refusal = None;
        for key in keys.candidates(id.as_deref(), now, move |key| key.kind() == kind) {
            if key.open(body, footer, assertion) {
                return Ok(key.id().clone());
            }
            refusal = Some(TokenErrorKind::Signature);
        }
        // A key that may not be used for this is told from one that nobody has: the first is a mistake in a configuration, or an attack.
        let is_of_another_kind = || keys.candidates(id.as_deref(), now, |_| true).next().is_some();
        Err(match refusal {
            Some(refusal) => refusal,
            None if is_of_another_kind() => TokenErrorKind::Algorithm,
            None => TokenErrorKind::UnknownKey,
        }
        .into())
    }
}

impl VerifyToken for PasetoVerifier {
    fn verify(&self, token: &str) -> Verification {
        Verification::Ready(self.verify_with_assertion(token, &self.assertion))
    }
}

impl fmt::Debug for PasetoVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasetoVerifier")
            .field("keys", &self.keys)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
