use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{TokenError, TokenErrorKind, Verification, VerifiedToken, VerifyToken};

/// Accepts what any of several verifiers accepts: for the time of a move from one format, issuer or set of keys to another, and for a service of
/// several issuers. It counts what each accepts, so that one can tell when the old one is no longer needed.
///
/// Each verifier has keys and a policy of its own, so no token of one is measured by another's. They are asked in the order they were given in.
///
/// # Example
///
/// ```
/// # #[cfg(all(feature = "jwt", feature = "paseto"))] mod example {
/// use portcullis::{bearer::{AnyOf, BearerLayer}, jwt::JwtVerifier, paseto::PasetoVerifier};
///
/// fn layer(new: PasetoVerifier, old: JwtVerifier) -> (BearerLayer, AnyOf) {
///     let both = AnyOf::new().or("paseto", new).or("jwt", old);
///     // Later: `both.accepted()` says `[("paseto", 9000), ("jwt", 0)]`.
///     (BearerLayer::new(both.clone()), both)
/// }
/// # }
/// ```
#[derive(Clone, Default)]
pub struct AnyOf {
    verifiers: Vec<Arc<Counted>>,
}

struct Counted {
    name: &'static str,
    verifier: Box<dyn VerifyToken>,
    accepted: AtomicU64,
}

impl AnyOf {
    /// Accepts nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { verifiers: Vec::new() }
    }

    /// Accepts also what `verifier` accepts, counted by `name`.
    #[must_use]
    pub fn or(mut self, name: &'static str, verifier: impl VerifyToken) -> Self {
        let counted = Counted { name, verifier: Box::new(verifier), accepted: AtomicU64::new(0) };
        self.verifiers.push(Arc::new(counted));
        self
    }

    /// How many tokens each has accepted, by its name. Clones count together.
    #[must_use]
    pub fn accepted(&self) -> Vec<(&'static str, u64)> {
        self.verifiers
            .iter()
            .map(|counted| (counted.name, counted.accepted.load(Ordering::Relaxed)))
            .collect()
    }
}

impl VerifyToken for AnyOf {
    fn verify(&self, token: &str) -> Verification {
        let mut closest = TokenError::new(TokenErrorKind::Malformed);
        for (at, counted) in self.verifiers.iter().enumerate() {
            match counted.verifier.verify(token) {
                Verification::Ready(Ok(verified)) => return Verification::Ready(Ok(counted.count(verified))),
                Verification::Ready(Err(error)) => closest = closer(closest, error),
                Verification::Pending(wait) => {
                    let waiting = Waiting {
                        counted: Arc::clone(counted),
                        rest: Self { verifiers: self.verifiers.iter().skip(at + 1).cloned().collect() },
                        token: token.to_owned(),
                        closest,
                    };
                    return Verification::Pending(Box::pin(waiting.done(Verification::Pending(wait))));
                }
            }
        }
        Verification::Ready(Err(closest))
    }
}

impl Counted {
    fn count(&self, verified: VerifiedToken) -> VerifiedToken {
        self.accepted.fetch_add(1, Ordering::Relaxed);
        verified
    }
}

/// What is left to do once the verifier that waits has its answer.
struct Waiting {
    counted: Arc<Counted>,
    rest: AnyOf,
    token: String,
    closest: TokenError,
}

impl Waiting {
    async fn done(self, first: Verification) -> Result<VerifiedToken, TokenError> {
        let closest = match first.done().await {
            Ok(verified) => return Ok(self.counted.count(verified)),
            Err(error) => closer(self.closest, error),
        };
        self.rest.verify(&self.token).done().await.map_err(|error| closer(closest, error))
    }
}

/// Of two refusals the one by whoever the token is more likely meant for. An outage is told before anything else: without it the token might have
/// been accepted.
fn closer(one: TokenError, other: TokenError) -> TokenError {
    if closeness(other.kind()) > closeness(one.kind()) { other } else { one }
}

const fn closeness(kind: TokenErrorKind) -> u8 {
    match kind {
        TokenErrorKind::Malformed | TokenErrorKind::TooLarge => 0,
        TokenErrorKind::Algorithm | TokenErrorKind::Critical | TokenErrorKind::Type => 1,
        TokenErrorKind::UnknownKey => 2,
        TokenErrorKind::Signature => 3,
        TokenErrorKind::Issuer | TokenErrorKind::Audience => 4,
        TokenErrorKind::Unavailable => 6,
        _ => 5,
    }
}

impl fmt::Debug for AnyOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.accepted()).finish()
    }
}
