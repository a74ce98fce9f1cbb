use portcullis_core::{Draft, Owner, Record, RecordKey, Version};

use super::{
    error::SessionError,
    log_out::Along,
    renew::TOMBSTONE_KEPT,
    slot::Slot,
    snapshot::Stored,
    tombstone::{Reason, Tombstone},
    writes::{self, Replaced},
};
use crate::event::EventKind;

impl Slot {
    /// Ends what the ids of this request lead to, where none of them is its session: two that contradict each other, or one that was
    /// given up and goes on elsewhere. Otherwise a login would leave it alive, and its cookie could be the last to arrive (S33).
    ///
    /// A logout under an id that was given up by the same subject's session finds `successor`, too.
    pub(super) async fn supersede(&self, owner: &Owner, successor: RecordKey) -> Result<(), SessionError> {
        let keys = self.state().keys_to_end(|id| id.key(&self.config.realm));
        for (key, _) in keys {
            while let Some(record) = self.config.find(&key).await? {
                if self.supersede_one(record, owner, successor).await? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// One attempt, and whether it did.
    async fn supersede_one(
        &self,
        record: Record,
        owner: &Owner,
        successor: RecordKey,
    ) -> Result<bool, SessionError> {
        let (key, version, is_same_subject) = (record.key, record.version, record.owner == Some(*owner));
        let now = self.config.clock.now();
        let tombstone = match Stored::of(record, now) {
            Ok(Stored::Moved(tombstone)) => tombstone,
            Ok(Stored::Live(_)) => {
                let session = vec![(key, Some(version))];
                self.config.end(session, Along::Renewals, EventKind::LoggedOut).await?;
                return Ok(true);
            }
            Ok(Stored::Over) | Err(_) => return Ok(true),
        };
        let goes_on_as = tombstone.renewed_as().map(|renewed| (renewed, None)).into_iter().collect();
        self.config.end(goes_on_as, Along::Renewals, EventKind::LoggedOut).await?;
        if !is_same_subject {
            return Ok(true);
        }
        let successors = tombstone.successors.into_iter().chain([successor]).collect();
        let until = now + TOMBSTONE_KEPT;
        let tombstone = Tombstone { reason: Reason::LoggedIn, until, successors };
        let draft = Draft::new(tombstone.encode(), Version::unique(), until);
        Ok(match writes::replace(&self.config.store, &key, version, draft).await? {
            Replaced::Done | Replaced::Gone => true,
            Replaced::Conflict(_) | Replaced::Unclear(..) => false,
        })
    }
}
