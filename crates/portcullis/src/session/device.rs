use std::net::IpAddr;

use portcullis_core::Timestamp;

use super::{activity::Activity, client::Client, public_handle::PublicHandle, snapshot::Snapshot};

/// A session of somebody, as they see it in a list of where they are logged in.
///
/// # Example
///
/// ```
/// use portcullis::session::{Session, SessionError};
///
/// async fn devices(session: Session) -> Result<Vec<String>, SessionError> {
///     let devices = session.devices().await?;
///     Ok(devices.iter().map(|device| format!("{} {:?}", device.handle(), device.user_agent())).collect())
/// }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Device {
    handle: PublicHandle,
    logged_in_at: Timestamp,
    last_seen_at: Timestamp,
    ends_at: Timestamp,
    client: Client,
    is_current: bool,
}

impl Device {
    pub(super) fn of(snapshot: &Snapshot, current: Option<PublicHandle>) -> Self {
        let header = &snapshot.payload.header;
        Self {
            handle: header.handle,
            logged_in_at: header.beginning.at,
            last_seen_at: snapshot.last_seen_at(),
            ends_at: snapshot.idle_end(Activity::Background),
            client: Client::decode(snapshot.payload.client()),
            is_current: current == Some(header.handle),
        }
    }

    /// The session's public name, to revoke it by.
    #[must_use]
    pub const fn handle(&self) -> PublicHandle {
        self.handle
    }

    /// When it began.
    #[must_use]
    pub const fn logged_in_at(&self) -> Timestamp {
        self.logged_in_at
    }

    /// When it was last used: true to a tenth of its idle timeout, and to an hour.
    #[must_use]
    pub const fn last_seen_at(&self) -> Timestamp {
        self.last_seen_at
    }

    /// When it ends if it is not used again.
    #[must_use]
    pub const fn ends_at(&self) -> Timestamp {
        self.ends_at
    }

    /// The first 256 bytes of what the browser called itself at the login. It is the client's word: escape it.
    #[must_use]
    pub fn user_agent(&self) -> Option<&str> {
        self.client.user_agent.as_deref()
    }

    /// Where it was at the login, if the application [said](super::Login::with_address).
    #[must_use]
    pub const fn address(&self) -> Option<IpAddr> {
        self.client.address
    }

    /// Whether it is the session that asks.
    #[must_use]
    pub const fn is_current(&self) -> bool {
        self.is_current
    }
}
