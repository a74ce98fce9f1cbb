use std::{fmt, sync::Arc};

use super::{config::Config, device::Device, error::SessionError, public_handle::PublicHandle};
use crate::{event::EventKind, identity::Principal};

/// Anybody's sessions, outside of their requests: for an administrator, or where an account is closed.
///
/// Made by [`SessionLayer::sessions`](super::SessionLayer::sessions); a cheap clone. Of a principal only issuer and subject are
/// looked at. Sessions of every layer that shares the store and names the same issuer are meant, whatever their realm: they are the
/// same person's.
///
/// # Example
///
/// ```
/// use portcullis::{
///     identity::Principal,
///     session::{SessionError, SessionLayer, Sessions},
///     store::MemoryStore,
/// };
///
/// # async fn example() -> Result<(), SessionError> {
/// let layer = SessionLayer::new(MemoryStore::new());
/// let sessions: Sessions = layer.sessions();
///
/// let ada = Principal::local("ada");
/// if let Some(device) = sessions.list(&ada).await?.first() {
///     sessions.revoke(&ada, device.handle()).await?;
/// }
/// sessions.revoke_all(&ada).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Sessions(Arc<Config>);

impl Sessions {
    pub(super) const fn new(config: Arc<Config>) -> Self {
        Self(config)
    }

    /// Everything `principal` is logged in on, the last used first.
    ///
    /// # Errors
    ///
    /// The store fails, or cannot list.
    pub async fn list(&self, principal: &Principal) -> Result<Vec<Device>, SessionError> {
        self.0.within(self.0.devices(&principal.owner(), None)).await
    }

    /// Ends one session of `principal`, at once, and says whether there was one.
    ///
    /// # Errors
    ///
    /// The store fails, or cannot list: the session may live on.
    pub async fn revoke(&self, principal: &Principal, handle: PublicHandle) -> Result<bool, SessionError> {
        self.0.within(self.0.revoke(&principal.owner(), handle)).await
    }

    /// Ends every session and refresh grant of `principal`, at once; one that is being renewed does not survive it.
    ///
    /// # Errors
    ///
    /// The store fails: some may live on.
    pub async fn revoke_all(&self, principal: &Principal) -> Result<(), SessionError> {
        self.0.within(self.0.end_everything(&principal.owner())).await?;
        self.0.emit(EventKind::LoggedOutEverywhere, None);
        Ok(())
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sessions").field(&self.0).finish()
    }
}
