use std::{fmt, future::poll_fn, sync::Arc, task::Poll, time::Duration};

use portcullis_core::{Clock, RecordKey, SharedStore, StoreError, SystemClock, Timestamp};

use super::{
    cache::Cache,
    check::{self, Verdict},
    error::RevocationError,
    mark::{Mark, Written},
    reading::{Answer, Reading},
    records::Records,
};
use crate::{
    bearer::{TokenError, TokenErrorKind, VerifiedToken},
    deadline,
    identity::IssuerId,
    keyring::KeyId,
};

/// Tokens that are refused before their time; see the [module](super).
///
/// A cheap clone; clones share what they know.
///
/// # Example
///
/// ```
/// use portcullis::{bearer::VerifiedToken, revocation::{RevocationError, Revocations}};
///
/// /// As RFC 7009 has it, for access tokens.
/// async fn revoke(revocations: &Revocations, token: &VerifiedToken) -> Result<(), RevocationError> {
///     revocations.revoke(token).await
/// }
/// ```
#[derive(Clone)]
pub struct Revocations {
    settings: Arc<Settings>,
    cache: Arc<Cache>,
}

#[derive(Clone)]
struct Settings {
    records: Records,
    clock: Arc<dyn Clock>,
    deadline: Duration,
    staleness: Duration,
    longest_lifetime: Duration,
}

impl Revocations {
    /// What is written down in `store`. All that share it must agree about the [longest lifetime](Self::with_longest_lifetime).
    #[must_use]
    pub fn new(store: impl Into<SharedStore>) -> Self {
        Self {
            settings: Arc::new(Settings {
                records: Records::new(store.into()),
                clock: Arc::new(SystemClock),
                deadline: deadline::DEFAULT,
                staleness: DEFAULT_STALENESS,
                longest_lifetime: DEFAULT_LONGEST_LIFETIME,
            }),
            cache: Arc::new(Cache::new()),
        }
    }

    /// Tells the time by `clock`: give the store and the verifiers the same one.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock) -> Self {
        self.set(|settings| settings.clock = Arc::new(clock))
    }

    /// How long the store may take before it counts as an outage.
    ///
    /// # Default
    ///
    /// Three seconds, as for [sessions](crate::session::SessionLayer::with_store_deadline).
    #[must_use]
    pub fn with_store_deadline(self, deadline: Duration) -> Self {
        self.set(|settings| settings.deadline = deadline)
    }

    /// How long an answer that took a trip to the store is believed: that much later a revocation may hold that another process made. Zero asks each
    /// time.
    ///
    /// # Default
    ///
    /// Five seconds: at a request a second it saves four trips in five, and is little against the minutes that a token lives.
    #[must_use]
    pub fn with_staleness(self, staleness: Duration) -> Self {
        self.set(|settings| settings.staleness = staleness)
    }

    /// The longest that an accepted token lives, which is how long it must be known that its subject or its key was revoked. A token that lives longer,
    /// by more than the leeway that clocks are granted at most (five minutes), is refused, as is one that never ends.
    ///
    /// It is reckoned from `iat`. Of a token without one it is not known for how long it has lived, and one that was refused for living too long would be
    /// accepted at the end of its life; [require](crate::claims::ClaimsPolicy::require) `iat` where an issuer may make such tokens.
    ///
    /// # Default
    ///
    /// A day, which is also the longest that our own issuer lets a token live.
    #[must_use]
    pub fn with_longest_lifetime(self, lifetime: Duration) -> Self {
        self.set(|settings| settings.longest_lifetime = lifetime)
    }

    /// How much later than at once a revocation holds that another process made: zero for a store that tells without waiting, else as was
    /// [set](Self::with_staleness).
    #[must_use]
    pub fn staleness(&self) -> Duration {
        let probe = self.settings.records.of_token(&IssuerId::default(), "");
        if self.settings.records.peek(&probe).is_some() { Duration::ZERO } else { self.settings.staleness }
    }

    /// Refuses `token` from now on. One without `exp` is refused everywhere anyway, and is written down for the longest lifetime.
    ///
    /// # Errors
    ///
    /// The token has no id (`jti`), or the store fails.
    pub async fn revoke(&self, token: &VerifiedToken) -> Result<(), RevocationError> {
        let id = token.token_id().ok_or_else(RevocationError::no_token_id)?;
        let settings = &self.settings;
        let ends = token.expires_at().unwrap_or_else(|| settings.clock.now() + settings.longest_lifetime);
        self.revoke_token_id(token.issuer(), id, ends).await
    }

    /// Refuses the token of `issuer` whose `jti` is `id` from now on; `expires_at` is its `exp`, after which nobody accepts it anyway.
    ///
    /// # Errors
    ///
    /// The store fails: the token may be refused or not.
    pub async fn revoke_token_id(
        &self,
        issuer: &IssuerId,
        id: &str,
        expires_at: Timestamp,
    ) -> Result<(), RevocationError> {
        let key = self.settings.records.of_token(issuer, id);
        self.deny(&key, Written::against_token(expires_at)).await
    }

    /// Refuses every token of `subject` that was issued until now, and answers the mark: `iat` in that second or before it is refused.
    ///
    /// So is a token that another issuer makes later in the same second. Ours looks at the mark, and gives tokens of that second the time of the next.
    ///
    /// # Errors
    ///
    /// The store fails: the tokens may be refused or not.
    pub async fn revoke_subject(
        &self,
        issuer: &IssuerId,
        subject: &str,
    ) -> Result<Timestamp, RevocationError> {
        let settings = &self.settings;
        let key = settings.records.of_subject(issuer, subject);
        let now = settings.clock.now();
        let raised = |before| Written::against_subject(before, now, settings.longest_lifetime);
        let mark = self.write(&key, now, settings.records.raise(&key, raised)).await?;
        instant(mark.mark)
    }

    /// Refuses every token of `issuer` under the key `id`, for as long as one may live that was made by now.
    ///
    /// # Security
    ///
    /// A stolen key makes new tokens at any time. This holds at once and everywhere; take the key out of every [ring](crate::keyring::Keyring::replace)
    /// before the longest lifetime has passed.
    ///
    /// # Errors
    ///
    /// The store fails: the key's tokens may be refused or not.
    pub async fn revoke_key(&self, issuer: &IssuerId, id: &KeyId) -> Result<(), RevocationError> {
        let settings = &self.settings;
        let key = settings.records.of_key(issuer, id);
        self.deny(&key, Written::against_key(settings.clock.now(), settings.longest_lifetime)).await
    }

    /// Decides about `token` without waiting; `None` where the store must be waited for.
    pub(crate) fn check_now(&self, token: &VerifiedToken) -> Option<Result<(), TokenError>> {
        if let Err(refused) = self.check_lifetime(token) {
            return Some(Err(refused));
        }
        let now = self.settings.clock.now();
        let answers = self.questions(token).map(|question| match question {
            Some(key) => self.recall(&key, now),
            None => Answer::Known(None),
        });
        match check::decide(token.issued_at(), &answers) {
            Verdict::Accepted => Some(Ok(())),
            Verdict::Revoked => Some(Err(TokenErrorKind::Revoked.into())),
            Verdict::Unclear => None,
        }
    }

    /// Decides about `token`, and waits for the store where it must.
    pub(crate) fn check(
        &self,
        token: VerifiedToken,
    ) -> impl Future<Output = Result<(), TokenError>> + Send + 'static + use<> {
        let revocations = self.clone();
        async move {
            revocations.check_lifetime(&token)?;
            match revocations.ask_all(&token).await {
                Ok(Verdict::Accepted) => Ok(()),
                Ok(Verdict::Revoked) => Err(TokenErrorKind::Revoked.into()),
                Ok(Verdict::Unclear) | Err(_) => Err(TokenErrorKind::Unavailable.into()),
            }
        }
    }

    /// The mark of `subject`, as the store has it now: what an issuer gives to [`issued_at`](super::issued_at).
    pub(crate) async fn mark_of(
        &self,
        issuer: &IssuerId,
        subject: &str,
    ) -> Result<Option<Timestamp>, RevocationError> {
        let key = self.settings.records.of_subject(issuer, subject);
        let found = match self.settings.records.peek(&key) {
            Some(found) => found,
            None => self.load(&key).await?,
        };
        found.map(|found| instant(found.mark)).transpose()
    }

    fn check_lifetime(&self, token: &VerifiedToken) -> Result<(), TokenError> {
        let (begun, end) = (token.issued_at(), token.expires_at());
        check::check_lifetime(begun, end, self.settings.clock.now(), self.settings.longest_lifetime)
    }

    /// Where to look for marks against `token`.
    fn questions(&self, token: &VerifiedToken) -> [Option<RecordKey>; 3] {
        let (records, issuer) = (&self.settings.records, token.issuer());
        [
            token.subject().map(|subject| records.of_subject(issuer, subject)),
            Some(records.of_key(issuer, token.key_id())),
            token.token_id().map(|id| records.of_token(issuer, id)),
        ]
    }

    /// What is known without waiting.
    fn recall(&self, key: &RecordKey, now: Timestamp) -> Answer {
        match self.settings.records.peek(key) {
            Some(found) => Answer::Known(found.map(|found| found.mark)),
            None => self
                .cache
                .recall(key)
                .map_or(Answer::Unknown, |reading| reading.answer(now, self.settings.staleness)),
        }
    }

    /// Asks for all that is not known, at once; one answer that refuses needs no others, and without one a failure leaves the question open.
    async fn ask_all(&self, token: &VerifiedToken) -> Result<Verdict, RevocationError> {
        let questions = self.questions(token);
        let mut asking: Vec<_> = questions.into_iter().flatten().map(|key| Box::pin(self.ask(key))).collect();
        let (mut worst, mut failure) = (Verdict::Accepted, None);
        poll_fn(|context| {
            asking.retain_mut(|ask| match ask.as_mut().poll(context) {
                Poll::Pending => true,
                Poll::Ready(Ok(answer)) => {
                    if check::decide(token.issued_at(), &[answer]) == Verdict::Revoked {
                        worst = Verdict::Revoked;
                    }
                    false
                }
                Poll::Ready(Err(error)) => {
                    failure = Some(error);
                    false
                }
            });
            if asking.is_empty() || worst == Verdict::Revoked { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        match (worst, failure) {
            (Verdict::Accepted, Some(failure)) => Err(failure),
            (verdict, _) => Ok(verdict),
        }
    }

    /// What is known, or else what the store says.
    async fn ask(&self, key: RecordKey) -> Result<Answer, RevocationError> {
        match self.recall(&key, self.settings.clock.now()) {
            Answer::Known(mark) => Ok(Answer::Known(mark)),
            Answer::AtLeast(_) | Answer::Unknown => {
                Ok(Answer::Known(self.load(&key).await?.map(|found| found.mark)))
            }
        }
    }

    async fn load(&self, key: &RecordKey) -> Result<Option<Written>, RevocationError> {
        let asked = self.cache.ask(key);
        let asked_at = self.settings.clock.now();
        let load = async { Ok::<_, RevocationError>(self.settings.records.load(key).await?) };
        let found = deadline::within(self.settings.deadline, load).await?;
        self.cache.learn(key, asked, Reading { found, asked_at });
        Ok(found)
    }

    async fn deny(&self, key: &RecordKey, mark: Written) -> Result<(), RevocationError> {
        let now = self.settings.clock.now();
        // What is over is refused as it is, and a store need not take it.
        if mark.until <= now {
            return Ok(());
        }
        let denied = async {
            self.settings.records.deny(key, &mark).await?;
            Ok(mark)
        };
        self.write(key, now, denied).await?;
        Ok(())
    }

    /// Writes a mark, and knows it from then on. Of a write that failed nothing is known.
    async fn write(
        &self,
        key: &RecordKey,
        asked_at: Timestamp,
        write: impl Future<Output = Result<Written, StoreError>>,
    ) -> Result<Written, RevocationError> {
        match deadline::within(self.settings.deadline, write).await {
            Ok(mark) => {
                self.cache.note(key, Reading { found: Some(mark), asked_at });
                Ok(mark)
            }
            Err(failure) => {
                self.cache.forget(key);
                Err(failure.into())
            }
        }
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }
}

impl fmt::Debug for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocations")
            .field("store", self.settings.records.store())
            .field("deadline", &self.settings.deadline)
            .field("staleness", &self.settings.staleness)
            .field("longest_lifetime", &self.settings.longest_lifetime)
            .finish_non_exhaustive()
    }
}

/// The mark of a subject is an instant; any other under its key was not written by us.
fn instant(mark: Mark) -> Result<Timestamp, RevocationError> {
    mark.instant().ok_or_else(|| StoreError::corrupt("the mark of a subject says no time").into())
}

const DEFAULT_STALENESS: Duration = Duration::from_secs(5);
const DEFAULT_LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
