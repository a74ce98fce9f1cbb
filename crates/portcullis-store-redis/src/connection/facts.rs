use std::collections::HashMap;

use portcullis_core::{Effect, StoreError};
use redis::Value;

/// What a server says of itself.
pub(crate) struct Facts(HashMap<String, String>);

impl Facts {
    pub(crate) fn of(answer: &Value) -> Self {
        let text = match answer {
            Value::BulkString(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Value::VerbatimString { text, .. } => text.clone(),
            _ => String::new(),
        };
        let pairs = text.lines().filter_map(|line| line.split_once(':'));
        Self(pairs.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn check(&self) -> Result<(), StoreError> {
        if self.get("role").is_some_and(|role| role != "master") {
            let replica = "the server is a replica, which takes no writes; name its master, or its Sentinels";
            return Err(StoreError::unavailable(replica).with_effect(Effect::NotApplied));
        }
        if self.get("loading") == Some("1") {
            return Err(
                StoreError::unavailable("the server is loading its data").with_effect(Effect::NotApplied)
            );
        }
        // Valkey answers 7.2.4 here whatever its own version is, which is in `valkey_version`.
        let version = self.get("redis_version").unwrap_or_default();
        let mut numbers = version.split('.').map_while(|number| number.parse::<u32>().ok());
        let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        if found < (6, 2) && !version.is_empty() {
            let old =
                format!("the server is Redis {version}; Redis 6.2 or Valkey 7.2 is needed, or a later one");
            return Err(StoreError::misconfigured(old));
        }
        Ok(())
    }

    pub(super) fn history(&self) -> Option<History> {
        let process = self.get("run_id")?.to_owned();
        Some(History { process, replication: self.get("master_replid")?.to_owned() })
    }
}

/// Which sequence of writes a server goes by: another one after a restart and after a failover.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct History {
    process: String,
    replication: String,
}

#[cfg(test)]
mod tests {
    use portcullis_core::StoreErrorKind;

    use super::*;

    #[test]
    fn a_server_is_used_that_is_a_master_of_a_version_that_will_do() {
        let rows = [
            ("redis_version:6.2.0", None),
            ("redis_version:7.0.15", None),
            ("redis_version:8.2.1", None),
            ("redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:9.0.0", None),
            ("server_name:another", None),
            ("redis_version:6.0.16", Some(StoreErrorKind::Misconfigured)),
            ("redis_version:5.0.14", Some(StoreErrorKind::Misconfigured)),
            ("redis_version:7.0.15\r\nrole:slave", Some(StoreErrorKind::Unavailable)),
            ("redis_version:7.0.15\r\nrole:master\r\nloading:1", Some(StoreErrorKind::Unavailable)),
        ];
        for (said, refused) in rows {
            let facts = Facts::of(&Value::BulkString(said.as_bytes().to_vec()));
            assert_eq!(facts.check().err().map(|error| error.kind()), refused, "{said}");
        }
        let old = Facts::of(&Value::BulkString(b"redis_version:6.0.16".to_vec())).check().unwrap_err();
        let reason = std::error::Error::source(&old).map(ToString::to_string).unwrap_or_default();
        assert!(reason.contains("Redis 6.2 or Valkey 7.2"), "{reason}");
    }
}
