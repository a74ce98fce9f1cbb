use std::{mem::MaybeUninit, sync::Arc};

use portcullis_core::{Clock, SystemClock};

use super::{
    JwtKeys,
    compact::{Compact, MOST_HEADER_BYTES, MOST_SIGNATURE_BYTES},
    header::Header,
};
use crate::{
    bearer::{TokenError, TokenErrorKind, Verification, VerifiedToken, VerifyToken},
    claims::{ClaimsPolicy, Form},
};

/// Verifies JWTs; see the [module](super) for what is checked, in which order. It never waits.
///
/// A cheap clone. Keys that are [replaced](JwtKeys::replace) in the ring it was made with are replaced here.
///
/// # Example
///
/// ```
/// use portcullis::{claims::ClaimsPolicy, jwt::{Algorithm, JwtKey, JwtVerifier}};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = JwtKey::generate(Algorithm::EdDsa)?;
/// let policy = ClaimsPolicy::new("https://id.example", "https://api.example");
/// let verifier = JwtVerifier::new(key, policy);
/// # let _ = verifier;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct JwtVerifier {
    keys: JwtKeys,
    policy: ClaimsPolicy,
    clock: Arc<dyn Clock>,
}

impl JwtVerifier {
    /// Verifies under `keys` what `policy` accepts.
    pub fn new(keys: impl Into<JwtKeys>, policy: ClaimsPolicy) -> Self {
        Self { keys: keys.into(), policy, clock: Arc::new(SystemClock) }
    }

    /// Tells the time by `clock`.
    ///
    /// # Default
    ///
    /// The operating system's.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    fn decide(&self, token: &str) -> Result<VerifiedToken, TokenError> {
        let compact = Compact::parse(token)?;
        let mut header_buffer = [MaybeUninit::uninit(); MOST_HEADER_BYTES];
        let header = Header::read(compact.header(&mut header_buffer)?)?;
        header.check_type(self.policy.typing())?;

        let mut signature_buffer = [MaybeUninit::uninit(); MOST_SIGNATURE_BYTES];
        let signature = compact.signature(&mut signature_buffer)?;
        let now = self.clock.now();
        let keys = self.keys.snapshot();
        let id = header.key.as_deref();
        let mut objection = None;
        let key = keys.candidates(id, now, |key| key.fits(header.algorithm)).find(|key| {
            objection = Some(TokenErrorKind::Signature);
            key.material().verify(compact.signed(), signature)
        });
        let Some(key) = key else {
            let is_known = keys.candidates(id, now, |_| true).next().is_some();
            let unknown = if is_known { TokenErrorKind::Algorithm } else { TokenErrorKind::UnknownKey };
            return Err(objection.unwrap_or(unknown).into());
        };
        // Only now is there anybody who said it.
        VerifiedToken::admit(&self.policy, Form::Jwt, key.id().clone(), compact.payload()?, now)
    }
}

impl VerifyToken for JwtVerifier {
    fn verify(&self, token: &str) -> Verification {
        Verification::Ready(self.decide(token))
    }
}
