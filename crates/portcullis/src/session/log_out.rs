use portcullis_core::{Owner, RecordKey, RemoveOutcome, SharedStore, Space};

use super::{config::Config, error::SessionError, slot::Slot, snapshot::Stored, writes};
use crate::event::EventKind;

impl Slot {
    /// Ends the session under every id the request may have it under, and what a moved one goes on as. In its turn and within the
    /// deadline.
    pub(super) async fn log_out(&self) -> Result<(), SessionError> {
        let keys = self.state().keys_to_remove(|id| id.key(&self.config.realm));
        self.config.end(keys, EventKind::LoggedOut).await?;
        self.state().logged_out();
        Ok(())
    }

    /// Ends everything of whom the session belongs to, and so the session. Nobody has nothing else to end.
    pub(super) async fn log_out_everywhere(&self) -> Result<(), SessionError> {
        self.load_from_store().await?;
        let (owner, handle, is_gone) = {
            let state = self.state();
            let owner = state.live().and_then(|snapshot| snapshot.owner);
            (owner, state.handle(), state.is_gone_for_good())
        };
        match owner {
            Some(owner) => {
                self.config.end_everything(&owner).await?;
                self.state().logged_out();
                self.config.emit(EventKind::LoggedOutEverywhere, handle);
                Ok(())
            }
            // Whose everything it was to be, nobody can tell any more.
            None if is_gone => Err(self.gone()),
            None => self.log_out().await,
        }
    }
}

impl Config {
    /// Removes records, and where their sessions were moved, what they go on as.
    ///
    /// If the store fails right between a tombstone and what it leads to, the successor lives on, and trying again cannot tell; a
    /// renewal, a logout and an outage would have to meet.
    pub(super) async fn end(&self, mut keys: Vec<RecordKey>, how: EventKind) -> Result<(), SessionError> {
        // It ends: only records that were removed here name further ones.
        while let Some(key) = keys.pop() {
            let RemoveOutcome::Removed(record) = writes::remove(&self.store, &key, None).await? else {
                continue;
            };
            match Stored::of(record, self.clock.now()) {
                Ok(Stored::Moved(tombstone)) => keys.extend(tombstone.successors),
                Ok(Stored::Live(snapshot)) => self.emit(how, Some(snapshot.payload.header.handle)),
                Ok(Stored::Over) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Ends all sessions and refresh grants of `owner`; what is renewed meanwhile does not survive it.
    pub(super) async fn end_everything(&self, owner: &Owner) -> Result<(), SessionError> {
        end_everything(&self.store, owner).await
    }
}

/// Ends all sessions and refresh grants of `owner`.
pub(crate) async fn end_everything(store: &SharedStore, owner: &Owner) -> Result<(), SessionError> {
    writes::remove_all(store, owner, &EVERYTHING).await?;
    Ok(())
}

/// What somebody can be logged in by.
pub(super) const EVERYTHING: [Space; 2] = [Space::Session, Space::Grant];
