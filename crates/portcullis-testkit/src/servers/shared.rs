use std::sync::OnceLock;

use super::{RedisCluster, RedisNode, RedisSentinels, SqlEngine, SqlServer};
use crate::laws::Missing;

/// In which shape Redis is deployed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a test says what it does with each")]
pub enum Shape {
    /// One node.
    Node,
    /// A master that Sentinels name.
    Sentinel,
    /// A Cluster.
    Cluster,
}

impl Shape {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Node, Self::Sentinel, Self::Cluster];

    /// The environment variable that holds the URL of servers in this shape.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Node => "PORTCULLIS_TEST_REDIS",
            Self::Sentinel => "PORTCULLIS_TEST_REDIS_SENTINEL",
            Self::Cluster => "PORTCULLIS_TEST_REDIS_CLUSTER",
        }
    }
}

/// The URL of servers that tests share, each in a namespace of its own: those that the environment names, else some that are started
/// once for this process and end with it.
///
/// # Errors
///
/// The program is missing, or does not serve.
///
/// # Example
///
/// ```no_run
/// use portcullis_testkit::servers::{Shape, redis_url};
///
/// let url = redis_url(Shape::Cluster)?;
/// assert!(url.starts_with("redis+cluster://"));
/// # Ok::<(), portcullis_testkit::laws::Missing>(())
/// ```
#[expect(clippy::disallowed_methods, reason = "tests are told by their environment where the servers are")]
pub fn redis_url(shape: Shape) -> Result<String, Missing> {
    match std::env::var(shape.variable()) {
        Ok(url) => Ok(url),
        Err(_unset) => own_url(shape),
    }
}

/// As [`redis_url`], of a SQL server.
///
/// # Errors
///
/// The program is missing, or does not serve.
#[expect(clippy::disallowed_methods, reason = "tests are told by their environment where the servers are")]
pub fn sql_url(engine: SqlEngine) -> Result<String, Missing> {
    static POSTGRES: OnceLock<Result<SqlServer, Missing>> = OnceLock::new();
    static MARIADB: OnceLock<Result<SqlServer, Missing>> = OnceLock::new();
    let own = match engine {
        SqlEngine::Postgres => &POSTGRES,
        SqlEngine::MariaDb => &MARIADB,
    };
    match std::env::var(engine.variable()) {
        Ok(url) => Ok(url),
        Err(_unset) => url(own.get_or_init(|| SqlServer::start(engine, &[])), SqlServer::url),
    }
}

fn own_url(shape: Shape) -> Result<String, Missing> {
    static NODE: OnceLock<Result<RedisNode, Missing>> = OnceLock::new();
    static SENTINELS: OnceLock<Result<RedisSentinels, Missing>> = OnceLock::new();
    static CLUSTER: OnceLock<Result<RedisCluster, Missing>> = OnceLock::new();
    match shape {
        Shape::Node => url(NODE.get_or_init(|| RedisNode::start(&[])), RedisNode::url),
        Shape::Sentinel => url(SENTINELS.get_or_init(|| RedisSentinels::start(&[])), RedisSentinels::url),
        Shape::Cluster => url(CLUSTER.get_or_init(|| RedisCluster::start(&[])), RedisCluster::url),
    }
}

fn url<S>(server: &Result<S, Missing>, url: impl FnOnce(&S) -> String) -> Result<String, Missing> {
    server.as_ref().map(url).map_err(Missing::clone)
}
