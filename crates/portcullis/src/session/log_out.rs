use portcullis_core::{RecordKey, RemoveOutcome};

use super::{error::SessionError, slot::Slot, snapshot::Stored, writes};
use crate::event::EventKind;

impl Slot {
    /// Ends the session under every id the request may have it under, and what a moved one goes on as. In its turn and within the
    /// deadline.
    pub(super) async fn log_out(&self) -> Result<(), SessionError> {
        let mut keys = self.state().keys_to_remove(|id| id.key(&self.config.realm));
        // It ends: only records that were removed here name further ones.
        while let Some(key) = keys.pop() {
            keys.extend(self.end(&key).await?);
        }
        self.state().logged_out();
        Ok(())
    }

    /// Removes a record, and says where the session went on if it was moved. If the store fails right between a tombstone and what it
    /// leads to, the successor lives on, and trying again cannot tell; a renewal, a logout and an outage would have to meet.
    async fn end(&self, key: &RecordKey) -> Result<Vec<RecordKey>, SessionError> {
        let RemoveOutcome::Removed(record) = writes::remove(&self.config.store, key, None).await? else {
            return Ok(Vec::new());
        };
        match Stored::of(record, self.config.clock.now()) {
            Ok(Stored::Moved(tombstone)) => return Ok(tombstone.successors),
            Ok(Stored::Live(snapshot)) => {
                self.config.emit(EventKind::LoggedOut, Some(snapshot.payload.header.handle));
            }
            Ok(Stored::Over) | Err(_) => {}
        }
        Ok(Vec::new())
    }
}
