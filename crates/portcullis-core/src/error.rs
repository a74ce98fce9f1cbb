use std::{error::Error, fmt};

/// A store's back-end failed.
///
/// What a caller may meet in normal service (a conflict, a missing record) is an outcome, not an error. Callers act on
/// [`effect`](Self::effect); people read [`kind`](Self::kind) and the source.
///
/// # Example
///
/// ```
/// use portcullis_core::{Effect, StoreError, StoreErrorKind};
///
/// let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
/// let error = StoreError::unavailable(refused).with_effect(Effect::NotApplied);
/// assert_eq!(error.kind(), StoreErrorKind::Unavailable);
/// assert_eq!(error.to_string(), "the store is unavailable");
/// ```
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    effect: Effect,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl StoreError {
    /// No connection, or the engine refuses service for now. Effect unknown unless the store says more.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..Self::of(StoreErrorKind::Unavailable, Effect::Unknown) }
    }

    /// No answer in time. Effect unknown unless the store says more.
    #[must_use]
    pub const fn timeout() -> Self {
        Self::of(StoreErrorKind::Timeout, Effect::Unknown)
    }

    /// Shed without trying: too much in flight, or full. Not applied.
    #[must_use]
    pub const fn overloaded() -> Self {
        Self::of(StoreErrorKind::Overloaded, Effect::NotApplied)
    }

    /// The payload is longer than the store takes. Not applied.
    #[must_use]
    pub const fn too_large() -> Self {
        Self::of(StoreErrorKind::TooLarge, Effect::NotApplied)
    }

    /// What the engine holds is not what was written: a broken header, a record under another's key.
    pub fn corrupt(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..Self::of(StoreErrorKind::Corrupt, Effect::NotApplied) }
    }

    /// The engine cannot do this at all; its [`Profile`](crate::Profile) says so. Not applied.
    #[must_use]
    pub const fn unsupported() -> Self {
        Self::of(StoreErrorKind::Unsupported, Effect::NotApplied)
    }

    /// A wrong password, a missing permission, or a call the contract forbids. Not applied.
    pub fn misconfigured(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..Self::of(StoreErrorKind::Misconfigured, Effect::NotApplied) }
    }

    /// The same error, with what is known of whether the call took effect.
    #[must_use]
    pub fn with_effect(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }

    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// Whether the call took effect.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        self.effect
    }

    const fn of(kind: StoreErrorKind, effect: Effect) -> Self {
        Self { kind, effect, source: None }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            StoreErrorKind::Unavailable => "the store is unavailable",
            StoreErrorKind::Timeout => "the store did not answer in time",
            StoreErrorKind::Overloaded => "the store takes no more for now",
            StoreErrorKind::TooLarge => "the payload is longer than the store takes",
            StoreErrorKind::Corrupt => "the store holds something that was not written by it",
            StoreErrorKind::Unsupported => "the store cannot do this",
            StoreErrorKind::Misconfigured => "the store is misconfigured",
        })
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

/// What went wrong in a store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// No connection, or the engine refuses service for now.
    Unavailable,
    /// No answer in time.
    Timeout,
    /// Shed without trying: too much in flight, or full.
    Overloaded,
    /// The payload is longer than the store takes.
    TooLarge,
    /// What the engine holds is not what was written.
    Corrupt,
    /// The engine cannot do this at all.
    Unsupported,
    /// A wrong password, a missing permission, or a call the contract forbids.
    Misconfigured,
}

/// Whether a call that failed took effect.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a caller must say what it does with each")]
pub enum Effect {
    /// It did not, and will not.
    NotApplied,
    /// It may have, or may yet.
    Unknown,
    /// It did, and failed after that: the answer was lost, or too few replicas have it.
    Applied,
}
