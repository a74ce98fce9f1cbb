use std::net::IpAddr;

use super::timeouts::Timeouts;
use crate::identity::Principal;

/// What [`Session::log_in`](super::Session::log_in) records: who was authenticated, and what the session may be told besides.
///
/// A [`Principal`] alone is one, so the simplest login is `session.log_in(principal)`.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use portcullis::{identity::Principal, session::{Login, Session, SessionError, Timeouts}};
///
/// const MONTH: Duration = Duration::from_secs(30 * 24 * 3_600);
///
/// async fn log_in(session: Session, remember_me: bool) -> Result<(), SessionError> {
///     let mut login = Login::new(Principal::local("ada"));
///     if remember_me {
///         login = login.with_timeouts(Timeouts::remember(MONTH));
///     }
///     session.log_in(login).await
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Login {
    pub(super) principal: Principal,
    pub(super) timeouts: Option<Timeouts>,
    pub(super) address: Option<IpAddr>,
}

impl Login {
    /// A login of `principal` on the layer's terms.
    #[must_use]
    pub const fn new(principal: Principal) -> Self {
        Self { principal, timeouts: None, address: None }
    }

    /// When this one session ends, and whether its cookie outlives the browser.
    ///
    /// # Default
    ///
    /// The [layer's](super::SessionLayer::with_timeouts).
    #[must_use]
    pub const fn with_timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = Some(timeouts);
        self
    }

    /// Where the client is, for the list of [devices](super::Session::devices).
    ///
    /// The layer does not guess it: behind a proxy the connection's address is the proxy's, and a forwarded one is the client's
    /// word unless the proxy is known. Nothing is decided by it.
    ///
    /// # Default
    ///
    /// Not recorded.
    #[must_use]
    pub const fn with_address(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }
}

impl From<Principal> for Login {
    fn from(principal: Principal) -> Self {
        Self::new(principal)
    }
}
