use portcullis::store::SharedStore;

use crate::Claims;

/// What is compared: one row for each algorithm and one for a session in memory, and one more for each store.
///
/// # Example
///
/// ```
/// use portcullis::store::MemoryStore;
/// use portcullis_compare::{Claims, Settings};
///
/// let settings = Settings::default()
///     .with_claims(Claims::default().with_scopes(20)?)
///     .with_rounds(31)
///     .with_store("another", MemoryStore::new());
/// # let _ = settings;
/// # Ok::<(), portcullis_compare::ClaimsError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Settings {
    pub(crate) claims: Claims,
    pub(crate) rounds: u16,
    pub(crate) stores: Vec<(String, SharedStore)>,
}

impl Settings {
    /// Puts `claims` into each credential.
    ///
    /// # Default
    ///
    /// A user, two scopes and a tenant.
    #[must_use]
    pub fn with_claims(mut self, claims: Claims) -> Self {
        self.claims = claims;
        self
    }

    /// Measures everything once in each of `rounds` rounds; at least in [`FEWEST_ROUNDS`](Self::FEWEST_ROUNDS), and at most in
    /// [`MOST_ROUNDS`](Self::MOST_ROUNDS).
    ///
    /// # Default
    ///
    /// 21, about 15 seconds: an odd number has a middle, and the twentieths that the spread leaves out hold a round each.
    #[must_use]
    pub fn with_rounds(mut self, rounds: u16) -> Self {
        self.rounds = rounds.clamp(Self::FEWEST_ROUNDS, Self::MOST_ROUNDS);
        self
    }

    /// Measures a session in `store` too, in a row that is called `session in` and `name`.
    ///
    /// Sessions begin and end in it, some thousands for each round; those of others are not touched, and none is left behind.
    #[must_use]
    pub fn with_store(mut self, name: impl Into<String>, store: impl Into<SharedStore>) -> Self {
        self.stores.push((name.into(), store.into()));
        self
    }

    /// Of fewer there is no spread to speak of.
    pub const FEWEST_ROUNDS: u16 = 3;
    /// A credential that is measured outlives so many.
    pub const MOST_ROUNDS: u16 = 1_001;
}

impl Default for Settings {
    fn default() -> Self {
        Self { claims: Claims::default(), rounds: 21, stores: Vec::new() }
    }
}
