use portcullis_core::Space;

use super::{error::SessionError, log_out::Along, slot::Slot, writes};
use crate::event::EventKind;

impl Slot {
    /// Ends everything of whom the session belongs to but the session. In its turn and within the deadline.
    ///
    /// One by one and not by raising the epoch: that would end this session too, and what was begun in its place could come after a
    /// logout. No renewal slips through: it leaves a tombstone that leads to what it made, or finds its session ended and takes the
    /// copy back.
    pub(super) async fn log_out_others(&self) -> Result<(), SessionError> {
        self.load_to_act().await?;
        let (owner, spared, is_gone) = {
            let state = self.state();
            (state.owner_spoken_of(), state.handle(), state.is_gone_for_good())
        };
        let Some(owner) = owner else {
            // Nobody has no others; and whose they were, nobody can tell any more.
            return if is_gone { Err(self.gone()) } else { Ok(()) };
        };
        writes::remove_all(&self.config.store, &owner, &[Space::Grant]).await?;
        let mut others = self.config.sessions_of(&owner).await?;
        // By its name and not by its id: it may be renewed just now.
        others.retain(|snapshot| Some(snapshot.payload.header.handle) != spared);
        let others = others.iter().map(|snapshot| (snapshot.key, Some(snapshot.version))).collect();
        self.config.end(others, Along::Everything, EventKind::Revoked).await?;
        self.emit(EventKind::LoggedOutOthers);
        Ok(())
    }
}
