mod parse;

use std::{fmt, sync::Arc, time::Duration};

use portcullis_core::{Clock, SystemClock};

use crate::ConfigError;

/// Which servers a [`RedisStore`](crate::RedisStore) keeps its records in, and how it deals with them.
///
/// Made from a URL:
///
/// | URL | what it names |
/// | --- | --- |
/// | `redis://host:6379/0` | one node, and its database |
/// | `redis+sentinel://host:26379,host:26379/mymaster/0` | the master that Sentinels call `mymaster`, and its database |
/// | `redis+cluster://host:6379,host:6379` | a Cluster, by some of its nodes |
///
/// `rediss` in place of `redis` demands TLS (feature `tls`); `valkey` and `valkeys` are the same as `redis` and `rediss`. A user and a
/// password stand before the host, percent-encoded: `redis://user:password@host`. Behind a `?`:
///
/// | parameter | what it sets |
/// | --- | --- |
/// | `ca_file` | whose certificates are trusted under TLS, in PEM, in place of those that the system trusts |
/// | `cert_file`, `key_file` | what is shown to a server that asks for a certificate (`tls-auth-clients`, which is on unless it is switched off), and its key, in PEM |
/// | `insecure_eviction` | `true`: [`insecure_eviction`](Self::insecure_eviction) |
/// | `namespace` | [`with_namespace`](Self::with_namespace) |
/// | `password_file` | a file whose first line is the password, which then stands neither in the process list nor in a log |
/// | `replicas` | [`with_replicated_removals`](Self::with_replicated_removals) |
/// | `sentinel_user`, `sentinel_password_file` | [`with_sentinel_password`](Self::with_sentinel_password) |
///
/// # Example
///
/// ```
/// use portcullis_store_redis::RedisSettings;
///
/// let settings: RedisSettings = "redis+cluster://a.example:7000,b.example?namespace=shop".parse()?;
/// assert_eq!(settings.to_string(), "redis+cluster://a.example:7000,b.example:6379");
/// # Ok::<(), portcullis_store_redis::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct RedisSettings {
    pub(crate) topology: Topology,
    pub(crate) credentials: Credentials,
    pub(crate) sentinel_credentials: Credentials,
    pub(crate) database: i64,
    pub(crate) tls: Option<Tls>,
    pub(crate) namespace: String,
    pub(crate) deadline: Duration,
    pub(crate) connections: usize,
    pub(crate) in_flight: usize,
    pub(crate) replicas: usize,
    pub(crate) eviction_is_admitted: bool,
    pub(crate) clock: Arc<dyn Clock>,
}

/// How the master of a partition is found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Topology {
    Node(Address),
    Sentinel { name: String, sentinels: Vec<Address> },
    Cluster(Vec<Address>),
}

/// A host and a port. Looked up at every connection, so a name may move.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// What a connection under TLS trusts and shows, in PEM.
#[derive(Clone, Default)]
pub(crate) struct Tls {
    /// Whose certificates are trusted; those that the system trusts if nothing is said.
    pub(crate) authorities: Option<Vec<u8>>,
    /// What we show if we are asked for it, and its key: both or neither.
    pub(crate) certificate: Option<Vec<u8>>,
    pub(crate) key: Option<Vec<u8>>,
}

/// Whom the servers take us for.
#[derive(Clone, Default, Eq, PartialEq)]
pub(crate) struct Credentials {
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
}

impl RedisSettings {
    pub(crate) fn new(topology: Topology) -> Self {
        Self {
            topology,
            credentials: Credentials::default(),
            sentinel_credentials: Credentials::default(),
            database: 0,
            tls: None,
            namespace: "portcullis".to_owned(),
            deadline: Duration::from_millis(500),
            connections: 2,
            in_flight: 1_024,
            replicas: 0,
            eviction_is_admitted: false,
            clock: Arc::new(SystemClock),
        }
    }

    /// Begins every key with `namespace`: stores of different ones on one server share nothing.
    ///
    /// # Default
    ///
    /// `portcullis`.
    ///
    /// # Errors
    ///
    /// It is empty or longer than 64 bytes, or holds something else than letters, digits and `-._:/`.
    pub fn with_namespace(mut self, namespace: impl Into<String>) -> Result<Self, ConfigError> {
        let namespace = namespace.into();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:/".contains(&byte);
        if namespace.is_empty() || namespace.len() > 64 || !namespace.bytes().all(is_plain) {
            return Err(ConfigError::Namespace);
        }
        self.namespace = namespace;
        Ok(self)
    }

    /// Answers every call within `deadline`, if only that there was no answer in time.
    ///
    /// # Default
    ///
    /// 500 ms: what a person does not notice once, and no queue of requests builds up behind.
    #[must_use]
    pub const fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Shares so many connections to each master; at least one. All calls go over them, many at a time.
    ///
    /// # Default
    ///
    /// 2: one alone is bounded by the task that drives it.
    #[must_use]
    pub fn with_connections(mut self, connections: usize) -> Self {
        self.connections = connections.max(1);
        self
    }

    /// Lets so many calls be under way to each master; one more is answered with
    /// [`Overloaded`](portcullis_core::StoreErrorKind::Overloaded) at once.
    ///
    /// # Default
    ///
    /// 1 024: some milliseconds' work for one server.
    #[must_use]
    pub fn with_calls_in_flight(mut self, calls: usize) -> Self {
        self.in_flight = calls.max(1);
        self
    }

    /// Answers a removal, or the mark of a revocation, only when so many replicas have it too (`WAIT`), on a connection of its own.
    ///
    /// If they do not within the deadline, the call fails as
    /// [`Unavailable`](portcullis_core::StoreErrorKind::Unavailable) with the effect
    /// [`Applied`](portcullis_core::Effect::Applied).
    ///
    /// # Default
    ///
    /// 0: a removal is answered by the master alone. Whatever this says, this process asks for its removals and revocations of
    /// the last minute again when a failover may have lost them.
    #[must_use]
    pub const fn with_replicated_removals(mut self, replicas: usize) -> Self {
        self.replicas = replicas;
        self
    }

    /// Takes a server too that drops records when its memory is full (each `maxmemory-policy` but `noeviction`), or whose policy
    /// the user may not ask for.
    ///
    /// A session that is dropped has ended, which is harmless. A revocation that is dropped makes the token good again, and without
    /// what a renewal leaves under the old id, a logout with the old cookie does not find the new session.
    ///
    /// # Default
    ///
    /// Such a server is `Misconfigured` at the start: a full one with `noeviction` refuses new sessions, and keeps what was ended.
    #[must_use]
    pub const fn insecure_eviction(mut self) -> Self {
        self.eviction_is_admitted = true;
        self
    }

    /// Decides expiry by `clock`.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Signs in as `user`, or as the default user where there is none, with `password`.
    #[must_use]
    pub fn with_password(mut self, user: Option<&str>, password: impl Into<String>) -> Self {
        self.credentials = Credentials { user: user.map(str::to_owned), password: Some(password.into()) };
        self
    }

    /// Signs in to Sentinels, whose users are not those of the servers that they watch.
    ///
    /// # Default
    ///
    /// Sentinels are asked without a password, which is how they are unless `requirepass` is set for them too.
    #[must_use]
    pub fn with_sentinel_password(mut self, user: Option<&str>, password: impl Into<String>) -> Self {
        self.sentinel_credentials =
            Credentials { user: user.map(str::to_owned), password: Some(password.into()) };
        self
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            return write!(f, "[{}]:{}", self.host, self.port);
        }
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Without user, password and namespace.
impl fmt::Display for RedisSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls.is_some() { "rediss" } else { "redis" };
        let list =
            |addresses: &[Address]| addresses.iter().map(Address::to_string).collect::<Vec<_>>().join(",");
        match &self.topology {
            Topology::Node(address) => write!(f, "{scheme}://{address}"),
            Topology::Sentinel { name, sentinels } => {
                write!(f, "{scheme}+sentinel://{}/{name}", list(sentinels))
            }
            Topology::Cluster(nodes) => write!(f, "{scheme}+cluster://{}", list(nodes)),
        }
    }
}

impl fmt::Debug for RedisSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisSettings({self})")
    }
}
