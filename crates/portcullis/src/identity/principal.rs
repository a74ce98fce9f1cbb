use std::{fmt, sync::Arc};

use http::Extensions;
use portcullis_core::{Owner, Timestamp};

use super::{Amr, Identity, IssuerId, bearer::BearerSlot};
use crate::{
    reject::{Challenge, Rejection},
    session::watch::Watch,
};

/// Somebody who was authenticated: issuer and subject, when, by which means, and in which roles.
///
/// The same type whatever the credential was, so a handler does not care. In axum it is an extractor: a request by
/// nobody is answered 401, and an outage of the store 503. Elsewhere ask for it [`of`](Self::of) a request's extensions.
///
/// # Example
///
/// ```
/// use portcullis::identity::{Amr, Principal};
/// # use portcullis::session::{Session, SessionError};
///
/// # async fn login(session: Session) -> Result<(), SessionError> {
/// // After the password was verified:
/// session.log_in(Principal::local("ada").with_amr([Amr::PASSWORD])).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Principal {
    issuer: IssuerId,
    subject: Arc<str>,
    credential: CredentialKind,
    amr: Vec<Amr>,
    roles: Vec<Arc<str>>,
    authenticated_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    /// What learns of its end where a session proved it.
    watch: Option<Watch>,
    /// What proved it where a token did.
    proof: Option<BearerSlot>,
}

impl Principal {
    /// The subject as `issuer` names it.
    #[must_use]
    pub fn new(issuer: IssuerId, subject: impl Into<Arc<str>>) -> Self {
        Self {
            issuer,
            subject: subject.into(),
            credential: CredentialKind::Session,
            amr: Vec::new(),
            roles: Vec::new(),
            authenticated_at: None,
            expires_at: None,
            watch: None,
            proof: None,
        }
    }

    /// A subject of this service alone: the issuer is [`IssuerId::LOCAL`].
    #[must_use]
    pub fn local(subject: impl Into<Arc<str>>) -> Self {
        Self::new(IssuerId::default(), subject)
    }

    /// Who is calling with the request that `extensions` came with: for where no extractor runs, as in tonic.
    ///
    /// # Errors
    ///
    /// Nobody is calling: a 401, or `UNAUTHENTICATED`. The session was not loaded yet and the store fails: a 503, or `UNAVAILABLE`. No
    /// layer of ours is around the route: a 500, or `INTERNAL`, that says where to put one.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "tonic")] mod example {
    /// use portcullis::identity::Principal;
    /// use tonic::{Request, Response, Status};
    ///
    /// async fn who(request: Request<()>) -> Result<Response<String>, Status> {
    ///     let caller = Principal::of(request.extensions()).await?;
    ///     Ok(Response::new(caller.subject().to_owned()))
    /// }
    /// # }
    /// ```
    pub async fn of(extensions: &Extensions) -> Result<Self, Rejection> {
        let identity = Identity::of(extensions, "`Principal`")?;
        let caller = identity.principal().await.map_err(|error| Rejection::from(&error))?;
        caller.ok_or_else(|| {
            Rejection::unauthenticated().with_challenges(identity.challenges(Challenge::LogIn))
        })
    }

    /// The same for a caller who need not be anybody: `None` for nobody.
    ///
    /// # Errors
    ///
    /// The session was not loaded yet and the store fails; or no layer of ours is around the route.
    pub async fn maybe_of(extensions: &Extensions) -> Result<Option<Self>, Rejection> {
        let identity = Identity::of(extensions, "`Principal`")?;
        identity.principal().await.map_err(|error| Rejection::from(&error))
    }

    /// By which means it was authenticated.
    #[must_use]
    pub fn with_amr(mut self, amr: impl IntoIterator<Item = Amr>) -> Self {
        self.amr = amr.into_iter().collect();
        self
    }

    /// What it may act as: any words of yours, compared byte for byte.
    ///
    /// A session keeps them as the login recorded them, so they are as old as the login: a role that was withdrawn is still
    /// there until the next one. Ask your own records where that matters, or end the sessions of whom you demote.
    ///
    /// # Default
    ///
    /// None.
    ///
    /// # Example
    ///
    /// ```
    /// use portcullis::identity::Principal;
    ///
    /// let ada = Principal::local("ada").with_roles(["editor", "admin"]);
    /// assert!(ada.has_role("admin") && !ada.has_role("Admin"));
    /// ```
    #[must_use]
    pub fn with_roles(mut self, roles: impl IntoIterator<Item = impl Into<Arc<str>>>) -> Self {
        self.roles = roles.into_iter().map(Into::into).collect();
        self
    }

    /// When it was authenticated.
    ///
    /// # Default
    ///
    /// The moment of [`log_in`](crate::session::Session::log_in), by the layer's clock; where a token proved it, the moment that was issued.
    #[must_use]
    pub const fn with_authenticated_at(mut self, at: Timestamp) -> Self {
        self.authenticated_at = Some(at);
        self
    }

    pub(crate) const fn with_expires_at(mut self, at: Timestamp) -> Self {
        self.expires_at = Some(at);
        self
    }

    /// The credential it was proved with is not the one it is recorded for now, which is a session.
    pub(crate) fn without_credential(mut self) -> Self {
        (self.expires_at, self.watch, self.proof) = (None, None, None);
        self.credential = CredentialKind::Session;
        self
    }

    /// The latest that it can have been authenticated at, where a token proved it that does not say when. A session that the token begins must
    /// not be more recent than the token.
    pub(crate) fn proved_at(&self) -> Option<Timestamp> {
        self.proof.as_ref()?.issued_at()
    }

    /// It was proved by the token of `proof`.
    pub(crate) fn with_proof(mut self, credential: CredentialKind, proof: BearerSlot) -> Self {
        (self.credential, self.proof) = (credential, Some(proof));
        self
    }

    pub(super) const fn proof(&self) -> Option<&BearerSlot> {
        self.proof.as_ref()
    }

    pub(crate) fn with_watch(mut self, watch: Option<Watch>) -> Self {
        self.watch = watch;
        self
    }

    /// Who vouches for the subject.
    #[must_use]
    pub const fn issuer(&self) -> &IssuerId {
        &self.issuer
    }

    /// The subject, unique only within its issuer.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What the request proved it with.
    #[must_use]
    pub const fn credential(&self) -> CredentialKind {
        self.credential
    }

    /// By which means the subject was authenticated.
    #[must_use]
    pub fn amr(&self) -> &[Amr] {
        &self.amr
    }

    /// What the subject may act as, as of the login.
    #[must_use]
    pub fn roles(&self) -> &[Arc<str>] {
        &self.roles
    }

    /// Whether the subject may act as `role`, as of the login.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|held| **held == *role)
    }

    /// When the subject was authenticated, if known.
    #[must_use]
    pub const fn authenticated_at(&self) -> Option<Timestamp> {
        self.authenticated_at
    }

    /// When the credential ends if nothing more is heard of it, if known.
    #[must_use]
    pub const fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Waits until the credential has ended: revoked, logged out, or expired. For what goes on after the response's headers have left: a
    /// stream of events, a WebSocket, a gRPC stream.
    ///
    /// The store is asked every 30 seconds
    /// ([`with_recheck_interval`](crate::session::SessionLayer::with_recheck_interval)) and when the credential would expire. A stream
    /// is no activity: a session that nothing else uses ends by its idle timeout. An outage of the store ends nothing before that.
    ///
    /// A token ends when it expires, and where its layer checks revocations, once it is revoked.
    ///
    /// A principal that no request proved (made by hand, or recorded by a login of this request) has no credential that could end,
    /// and this waits for ever.
    ///
    /// # Example
    ///
    /// ```
    /// # async fn example(principal: portcullis::identity::Principal, mut events: tokio::sync::mpsc::Receiver<String>) {
    /// let mut ended = std::pin::pin!(principal.ended());
    /// loop {
    ///     tokio::select! {
    ///         () = &mut ended => break,
    ///         event = events.recv() => match event {
    ///             Some(_event) => { /* send it */ }
    ///             None => break,
    ///         },
    ///     }
    /// }
    /// # }
    /// ```
    pub fn ended(&self) -> impl Future<Output = ()> + Send + use<> {
        let (watch, proof) = (self.watch.clone(), self.proof.clone());
        async {
            match (watch, proof) {
                (Some(watch), _) => watch.ended().await,
                (None, Some(proof)) => proof.ended().await,
                (None, None) => std::future::pending().await,
            }
        }
    }

    /// Whether both are the same subject of the same issuer.
    #[must_use]
    pub fn is_same_subject(&self, other: &Self) -> bool {
        self.issuer == other.issuer && self.subject == other.subject
    }

    pub(crate) fn owner(&self) -> Owner {
        Owner::new(self.issuer.as_str(), &self.subject)
    }
}

/// What a request proved a principal with.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum CredentialKind {
    /// A server-side session behind a cookie.
    Session,
    /// A JWT as a bearer token.
    Jwt,
    /// A PASETO as a bearer token.
    Paseto,
}

impl CredentialKind {
    /// A stable lower-case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Jwt => "jwt",
            Self::Paseto => "paseto",
        }
    }
}

impl fmt::Display for CredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
