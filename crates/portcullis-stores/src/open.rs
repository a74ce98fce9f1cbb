use portcullis_core::{MemoryStore, SharedStore};

use crate::{ConfigError, OpenError, StoreUrl};

/// Opens the store that `url` names.
///
/// # Errors
///
/// The URL has no scheme, or one that no store of this build has, or says more than its store understands; or the store
/// cannot be reached or used.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use portcullis_stores::{ConfigError, OpenError, open};
///
/// assert!(open("memory:").await.is_ok());
/// let unknown = open("gopher://db").await.unwrap_err();
/// assert!(matches!(unknown, OpenError::Config(ConfigError::UnknownScheme(scheme)) if scheme == "gopher"));
/// # }
/// ```
pub async fn open(url: &str) -> Result<SharedStore, OpenError> {
    url.parse::<StoreUrl>()?.open().await
}

impl StoreUrl {
    /// Opens the store.
    ///
    /// # Errors
    ///
    /// As [`open`].
    pub async fn open(&self) -> Result<SharedStore, OpenError> {
        match (self.scheme(), self.rest()) {
            ("memory", "") => Ok(SharedStore::from(MemoryStore::new())),
            ("memory", _) => Err(ConfigError::UnexpectedRest { scheme: "memory" }.into()),
            ("sqlite", _) => sqlite::open(self).await,
            ("postgres" | "postgresql", _) => postgres::open(self).await,
            ("mysql" | "mariadb", _) => mysql::open(self).await,
            (scheme, _) if is_redis(scheme) => redis::open(self).await,
            (unknown, _) => Err(ConfigError::UnknownScheme(unknown.to_owned()).into()),
        }
    }
}

fn is_redis(scheme: &str) -> bool {
    let (engine, shape) = scheme.split_once('+').unwrap_or((scheme, ""));
    ["redis", "rediss", "valkey", "valkeys"].contains(&engine) && ["", "sentinel", "cluster"].contains(&shape)
}

/// One module for each feature: where it is on, it opens a store; where it is off, it says what brings it.
macro_rules! engine {
    ($engine:ident, $feature:literal, $store:path) => {
        mod $engine {
            use portcullis_core::SharedStore;

            use crate::{OpenError, StoreUrl};

            #[cfg(feature = $feature)]
            pub(super) async fn open(url: &StoreUrl) -> Result<SharedStore, OpenError> {
                use $store as Store;

                Ok(Store::open(&format!("{}:{}", url.scheme(), url.rest())).await?.into())
            }

            #[cfg(not(feature = $feature))]
            pub(super) async fn open(url: &StoreUrl) -> Result<SharedStore, OpenError> {
                let scheme = url.scheme().to_owned();
                Err(crate::ConfigError::LeftOut { scheme, feature: $feature }.into())
            }
        }
    };
}

engine!(mysql, "mysql", portcullis_store_sqlx::MysqlStore);
engine!(postgres, "postgres", portcullis_store_sqlx::PostgresStore);
engine!(redis, "redis", portcullis_store_redis::RedisStore);
engine!(sqlite, "sqlite", portcullis_store_sqlx::SqliteStore);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_have_three_shapes_with_and_without_tls() {
        for scheme in ["redis", "rediss", "valkey", "valkeys", "redis+sentinel", "valkeys+cluster"] {
            assert!(is_redis(scheme), "{scheme}");
        }
        for scheme in ["red", "redis+unix", "redis+cluster+sentinel", "memcached", "+redis"] {
            assert!(!is_redis(scheme), "{scheme}");
        }
    }

    #[cfg(feature = "redis")]
    #[tokio::test]
    async fn a_url_that_its_store_does_not_understand_is_refused_with_its_reason_and_without_its_password() {
        let error = open("redis://:secret@host/x").await.unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        assert!(source.contains("the database is a number"), "{error}: {source}");
        assert!(!format!("{error:?}").contains("secret"));
    }

    #[cfg(feature = "sqlite")]
    #[tokio::test]
    async fn a_file_is_opened_by_its_path_and_a_wrong_setting_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sessions.db");
        let store = open(&format!("sqlite:{}?namespace=shop", path.display())).await.unwrap();
        assert!(store.profile().survives_restart && path.exists());
        let error = open("sqlite:x.db?mode=ro").await.unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        assert!(source.contains("`mode` is no setting"), "{error}: {source}");
    }

    #[cfg(all(feature = "postgres", feature = "mysql"))]
    #[tokio::test]
    async fn a_password_of_a_server_is_not_repeated() {
        for url in
            ["postgres://app:secret@db.invalid/shop?sslmode=never", "mysql://app:secret@db.invalid/shop?x=1"]
        {
            let error = open(url).await.unwrap_err();
            assert!(matches!(error, OpenError::Store(_)), "{error}");
            assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        }
    }

    #[cfg(not(feature = "redis"))]
    #[tokio::test]
    async fn what_is_left_out_of_the_build_is_named() {
        let error = open("redis+cluster://host").await.unwrap_err();
        assert!(error.to_string().contains("the feature `redis`"), "{error}");
    }
}
