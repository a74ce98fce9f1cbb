use std::time::Duration;

use portcullis_core::{Effect, StoreError, StoreErrorKind};

/// What goes wrong with a call, and on which side of its taking effect.
///
/// | fault | is it applied? | the caller sees |
/// | --- | --- | --- |
/// | [`refused`](Self::refused) | no | an error, `NotApplied` |
/// | [`request_lost`](Self::request_lost) | no | an error, `Unknown` |
/// | [`answer_lost`](Self::answer_lost) | yes | an error, `Unknown` |
/// | [`delayed`](Self::delayed) | yes, late | the answer, late |
/// | [`answer_delayed`](Self::answer_delayed) | yes, at once | the answer, late |
/// | [`hung`](Self::hung) | once [cleared](super::FaultyStore::clear) | nothing until then |
/// | [`answer_hung`](Self::answer_hung) | yes, at once | nothing until then |
///
/// The second and third look alike to a caller, which is the point: after them it must not assume either.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fault {
    pub(super) moment: Moment,
    pub(super) mishap: Mishap,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Moment {
    /// Before the call reaches the store beneath.
    Before,
    /// After the store beneath has answered.
    After,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mishap {
    Error(StoreErrorKind, Effect),
    Delay(Duration),
    Hang,
}

impl Fault {
    /// Fails without reaching the store, and says so: no connection, shed, not authorised.
    #[must_use]
    pub const fn refused(kind: StoreErrorKind) -> Self {
        Self { moment: Moment::Before, mishap: Mishap::Error(kind, Effect::NotApplied) }
    }

    /// Fails without reaching the store, and cannot know that it did not.
    #[must_use]
    pub const fn request_lost(kind: StoreErrorKind) -> Self {
        Self { moment: Moment::Before, mishap: Mishap::Error(kind, Effect::Unknown) }
    }

    /// Takes effect and fails, not knowing that it did: the connection broke before the reply.
    #[must_use]
    pub const fn answer_lost(kind: StoreErrorKind) -> Self {
        Self { moment: Moment::After, mishap: Mishap::Error(kind, Effect::Unknown) }
    }

    /// Reaches the store after `delay` of the tokio runtime's time, which a test can pause.
    #[must_use]
    pub const fn delayed(delay: Duration) -> Self {
        Self { moment: Moment::Before, mishap: Mishap::Delay(delay) }
    }

    /// Takes effect at once and answers after `delay` of the tokio runtime's time.
    #[must_use]
    pub const fn answer_delayed(delay: Duration) -> Self {
        Self { moment: Moment::After, mishap: Mishap::Delay(delay) }
    }

    /// Does not reach the store until the faults are cleared; then goes on as if nothing had been.
    #[must_use]
    pub const fn hung() -> Self {
        Self { moment: Moment::Before, mishap: Mishap::Hang }
    }

    /// Takes effect at once and answers when the faults are cleared.
    #[must_use]
    pub const fn answer_hung() -> Self {
        Self { moment: Moment::After, mishap: Mishap::Hang }
    }
}

/// The error that a store would give.
pub(super) fn error(kind: StoreErrorKind, effect: Effect) -> StoreError {
    let error = match kind {
        StoreErrorKind::Timeout => StoreError::timeout(),
        StoreErrorKind::Overloaded => StoreError::overloaded(),
        StoreErrorKind::TooLarge => StoreError::too_large(),
        StoreErrorKind::Corrupt => StoreError::corrupt(INJECTED),
        StoreErrorKind::Unsupported => StoreError::unsupported(),
        StoreErrorKind::Misconfigured => StoreError::misconfigured(INJECTED),
        _ => StoreError::unavailable(INJECTED),
    };
    error.with_effect(effect)
}

const INJECTED: &str = "a fault that the test asked for";
