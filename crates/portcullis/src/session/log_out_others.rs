use portcullis_core::Version;

use super::{
    error::SessionError,
    log_out::EVERYTHING,
    slot::Slot,
    writes::{self, Others},
};
use crate::event::EventKind;

impl Slot {
    /// Ends everything of whom the session belongs to but the session, which the store carries over in the same step. In its turn
    /// and within the deadline.
    pub(super) async fn log_out_others(&self) -> Result<(), SessionError> {
        self.load_from_store().await?;
        let mut attempt = 0;
        loop {
            let (live, login) = {
                let state = self.state();
                (state.live().cloned(), state.owner_of_login())
            };
            let spared = live.filter(|snapshot| {
                snapshot.owner.is_some() && login.is_none_or(|owner| snapshot.owner == Some(owner))
            });
            let Some(snapshot) = spared else {
                return match login {
                    // Nothing of theirs is here yet: the login begins after it.
                    Some(owner) => self.config.end_everything(&owner).await,
                    None if self.state().is_gone_for_good() => Err(self.gone()),
                    None => Ok(()),
                };
            };
            if snapshot.is_over(self.config.clock.now()) {
                return Err(self.gone());
            }
            let version = Version::unique();
            let removed = writes::remove_others(
                &self.config.store,
                &snapshot.key,
                snapshot.version,
                version,
                &EVERYTHING,
            );
            match removed.await? {
                Others::Removed(epoch) => {
                    self.state().spared(version, epoch);
                    self.emit(EventKind::LoggedOutOthers);
                    return Ok(());
                }
                Others::Conflict(current) => {
                    let current = self.current(current).await?;
                    self.state().became(current);
                    self.after_conflict(attempt).await?;
                }
                Others::Gone => return Err(self.gone()),
            }
            attempt += 1;
        }
    }
}
