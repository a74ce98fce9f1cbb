use std::sync::Arc;

use portcullis_core::Clock;
use tower_layer::Layer;

use super::{
    BearerService, ConfigError, VerifyToken,
    config::{Config, Forwarding, Mode},
};
use crate::{event::Event, revocation::Revocations};

/// Lets only requests with a valid bearer token through; see the [module](super) for what it decides and what it does not.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "jwt")] fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use portcullis::{bearer::BearerLayer, claims::ClaimsPolicy, jwt::{JwtKeys, JwtVerifier}};
///
/// let policy = ClaimsPolicy::new("https://id.example", "https://api.example");
/// let layer = BearerLayer::new(JwtVerifier::new(JwtKeys::from_public_jwks_file("keys.json")?, policy));
/// # let _ = layer;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct BearerLayer {
    config: Arc<Config>,
}

impl BearerLayer {
    /// Demands a token that `verifier` accepts.
    pub fn new(verifier: impl VerifyToken) -> Self {
        Self { config: Arc::new(Config::new(Arc::new(verifier))) }
    }

    /// Lets requests without a bearer credential through, as nobody's or as their session's: for services that know both. A credential that is
    /// there and is not accepted is still refused, never taken for none (T10).
    ///
    /// # Default
    ///
    /// A token is required.
    #[must_use]
    pub fn optional(self) -> Self {
        self.set(|config| config.mode = Mode::Optional)
    }

    /// The protection space that challenges name ([RFC 9110 §11.5]).
    ///
    /// # Default
    ///
    /// None.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Realm`] if it cannot stand between quotes.
    ///
    /// [RFC 9110 §11.5]: https://www.rfc-editor.org/rfc/rfc9110#section-11.5
    pub fn with_realm(mut self, realm: &str) -> Result<Self, ConfigError> {
        Arc::make_mut(&mut self.config).challenge.set_realm(realm)?;
        Ok(self)
    }

    /// Where clients learn how to get a token: the URL of the resource's metadata, which challenges name ([RFC 9728 §5.1]).
    ///
    /// # Default
    ///
    /// None.
    ///
    /// # Errors
    ///
    /// [`ConfigError::ResourceMetadata`] if it is no https URL.
    ///
    /// [RFC 9728 §5.1]: https://www.rfc-editor.org/rfc/rfc9728#section-5.1
    pub fn with_resource_metadata(mut self, url: &str) -> Result<Self, ConfigError> {
        Arc::make_mut(&mut self.config).challenge.set_resource_metadata(url)?;
        Ok(self)
    }

    /// Takes the `Authorization` field from requests with a bearer credential, so that what is inside cannot log or forward the token.
    ///
    /// # Default
    ///
    /// It stays, marked as sensitive, which keeps it from `Debug` output.
    #[must_use]
    pub fn without_forwarding(self) -> Self {
        self.set(|config| config.forwarding = Forwarding::Removed)
    }

    /// Refuses what `revocations` have been told of, and answers 503 where that cannot be known.
    ///
    /// # Default
    ///
    /// None: a token is good until it expires, and a request with one costs no trip to a store.
    #[must_use]
    pub fn with_revocations(self, revocations: Revocations) -> Self {
        self.set(|config| config.revocations = Some(revocations))
    }

    /// Tells the time to what is inside: how long ago a login was, and when a stream's token has ended. A verifier has a clock of its own.
    ///
    /// # Default
    ///
    /// The system's clock.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock) -> Self {
        self.set(|config| config.clock = Arc::new(clock))
    }

    /// Calls `hook` with every [`Event`] of this layer. It runs on the way of the request, so it must not wait.
    #[must_use]
    pub fn with_event_hook(self, hook: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.set(|config| config.hook = Some(Arc::new(hook)))
    }

    fn set(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(Arc::make_mut(&mut self.config));
        self
    }
}

impl<S> Layer<S> for BearerLayer {
    type Service = BearerService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        BearerService::new(inner, Arc::clone(&self.config))
    }
}
