use tracing::warn;

use super::{KeyError, KeyId};
use crate::event::EventKind;

/// Tells of a member of a set that cannot be used: not the key, and not what it was read from.
pub(crate) fn tell_of_skipped(error: &KeyError) {
    // Debug, so that an id cannot break the line.
    let key = error.id().map(KeyId::as_str).map(tracing::field::debug);
    warn!(event = EventKind::KeySkipped.name(), reason = error.kind().name(), key);
}
