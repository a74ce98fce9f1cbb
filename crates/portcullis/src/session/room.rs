use portcullis_core::Owner;

use super::{
    config::Config,
    error::SessionError,
    limit::{Ranked, Verdict},
    log_out::Along,
    public_handle::PublicHandle,
    snapshot::Snapshot,
};
use crate::event::EventKind;

impl Config {
    /// Makes room for the session `newcomer` of `owner`, which is stored already, in place of `old`, which is about to end.
    pub(super) async fn make_room(
        &self,
        owner: &Owner,
        newcomer: PublicHandle,
        old: Option<&Snapshot>,
    ) -> Result<(), SessionError> {
        let Some(limit) = self.limit else { return Ok(()) };
        let mut sessions = self.sessions_of(owner).await?;
        sessions.retain(|snapshot| {
            old.is_none_or(|old| old.payload.header.handle != snapshot.payload.header.handle)
        });
        let ranked: Vec<Ranked> = sessions.iter().map(Ranked::of).collect();
        let evicted = match limit.excess(&ranked, newcomer) {
            Verdict::Refused => {
                self.emit(EventKind::TooManySessions, None);
                return Err(SessionError::too_many_sessions());
            }
            Verdict::Room => return Ok(()),
            Verdict::Evicted(evicted) => evicted,
        };
        let of_evicted = sessions.iter().filter(|snapshot| evicted.contains(&snapshot.payload.header.handle));
        let ids = of_evicted.map(|snapshot| (snapshot.key, Some(snapshot.version))).collect();
        self.end(ids, Along::Renewals, EventKind::Evicted).await
    }
}
