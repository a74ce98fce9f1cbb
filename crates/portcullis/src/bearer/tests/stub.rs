use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use portcullis_core::{Clock, SystemClock, Timestamp};

use crate::{
    bearer::{TokenError, TokenErrorKind, Verification, VerifiedToken, VerifyToken},
    claims::{ClaimsPolicy, Form},
    keyring::KeyId,
};

/// A format of a few words: `good` is ada's, and whatever was not told of has a wrong signature.
#[derive(Clone)]
pub(crate) struct Stub {
    verdicts: HashMap<String, Result<String, TokenErrorKind>>,
    form: Form,
    timing: Timing,
    clock: Arc<dyn Clock>,
    asked: Arc<AtomicUsize>,
}

#[derive(Clone, Copy)]
enum Timing {
    AtOnce,
    Later,
    Never,
}

impl Stub {
    pub(crate) fn new() -> Self {
        let stub = Self {
            verdicts: HashMap::new(),
            form: Form::Jwt,
            timing: Timing::AtOnce,
            clock: Arc::new(SystemClock),
            asked: Arc::default(),
        };
        stub.with("good", r#""sub":"ada""#)
    }

    /// Knows `token`, which claims also `claims`, members of an object.
    pub(crate) fn with(self, token: &str, claims: &str) -> Self {
        self.ending(token, claims, END)
    }

    /// The same with an end.
    pub(crate) fn ending(mut self, token: &str, claims: &str, end: Timestamp) -> Self {
        let end = match self.form {
            Form::Jwt => end.unix_seconds().to_string(),
            Form::Paseto => format!("\"{}\"", crate::claims::date::write_date_time(end)),
        };
        let payload = format!("{{\"iss\":\"{ISSUER}\",\"exp\":{end},{claims}}}");
        self.verdicts.insert(token.to_owned(), Ok(payload));
        self
    }

    /// Refuses `token` as `kind`.
    pub(crate) fn refusing(mut self, token: &str, kind: TokenErrorKind) -> Self {
        self.verdicts.insert(token.to_owned(), Err(kind));
        self
    }

    /// Is PASETO, for what it is told of from here on.
    pub(crate) fn paseto(mut self) -> Self {
        self.form = Form::Paseto;
        self
    }

    /// Decides by `clock`.
    pub(crate) fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Gives no verdict before it was waited for.
    pub(crate) fn later(mut self) -> Self {
        self.timing = Timing::Later;
        self
    }

    /// Gives no verdict.
    pub(crate) fn never(mut self) -> Self {
        self.timing = Timing::Never;
        self
    }

    /// How often it was asked, with all its clones.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    fn verdict(&self, token: &str) -> Result<VerifiedToken, TokenError> {
        let payload = self.verdicts.get(token).cloned().unwrap_or(Err(TokenErrorKind::Signature))?;
        let policy = ClaimsPolicy::insecure_without_audience(ISSUER);
        VerifiedToken::admit(&policy, self.form, KeyId::new("k1"), payload, self.clock.now())
    }
}

impl VerifyToken for Stub {
    fn verify(&self, token: &str) -> Verification {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let verdict = self.verdict(token);
        match self.timing {
            Timing::AtOnce => Verification::Ready(verdict),
            Timing::Later => Verification::Pending(Box::pin(async {
                tokio::task::yield_now().await;
                verdict
            })),
            // The asked count's clone shows whether the future is still held.
            Timing::Never => {
                let held = Arc::clone(&self.asked);
                Verification::Pending(Box::pin(async move {
                    std::future::pending::<()>().await;
                    drop(held);
                    verdict
                }))
            }
        }
    }
}

impl Stub {
    /// How many of its verdicts are being waited for, where it gives none.
    pub(crate) fn waited_for(&self) -> usize {
        Arc::strong_count(&self.asked) - 2
    }
}

/// Every reason a token can be refused for.
pub(crate) fn every_kind() -> impl Iterator<Item = TokenErrorKind> {
    std::iter::successors(Some(TokenErrorKind::Malformed), |kind| {
        Some(match kind {
            TokenErrorKind::Malformed => TokenErrorKind::TooLarge,
            TokenErrorKind::TooLarge => TokenErrorKind::Algorithm,
            TokenErrorKind::Algorithm => TokenErrorKind::Critical,
            TokenErrorKind::Critical => TokenErrorKind::Type,
            TokenErrorKind::Type => TokenErrorKind::UnknownKey,
            TokenErrorKind::UnknownKey => TokenErrorKind::Signature,
            TokenErrorKind::Signature => TokenErrorKind::Claims,
            TokenErrorKind::Claims => TokenErrorKind::MissingClaim,
            TokenErrorKind::MissingClaim => TokenErrorKind::Expired,
            TokenErrorKind::Expired => TokenErrorKind::NotYetValid,
            TokenErrorKind::NotYetValid => TokenErrorKind::IssuedInFuture,
            TokenErrorKind::IssuedInFuture => TokenErrorKind::TooOld,
            TokenErrorKind::TooOld => TokenErrorKind::LivesTooLong,
            TokenErrorKind::LivesTooLong => TokenErrorKind::Issuer,
            TokenErrorKind::Issuer => TokenErrorKind::Audience,
            TokenErrorKind::Audience => TokenErrorKind::KeyBound,
            TokenErrorKind::KeyBound => TokenErrorKind::Revoked,
            TokenErrorKind::Revoked => TokenErrorKind::Unavailable,
            TokenErrorKind::Unavailable => return None,
        })
    })
}

/// Who issues the words.
pub(crate) const ISSUER: &str = crate::identity::IssuerId::LOCAL;
/// The year 2100.
pub(crate) const END: Timestamp = Timestamp::from_unix_seconds(4_102_444_800);
