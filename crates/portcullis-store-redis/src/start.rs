use std::sync::Arc;

use portcullis_core::{Linearizability, Owner, Profile, StoreError, StoreErrorKind};
use redis::Value;
use tokio::time::Instant;

use crate::{
    command::Command,
    connection::{Facts, Failure, Node},
    keys::Keys,
    script::Scripts,
};

/// What the store promises, by what its servers say of themselves; an error if they do not let it work, or drop what must stay.
pub(crate) async fn profile(
    nodes: &[Arc<Node>],
    keys: &Keys,
    scripts: &Scripts,
    eviction_is_admitted: bool,
    deadline: Instant,
) -> Result<Profile, StoreError> {
    let mut profile = Profile::new(Linearizability::UntilFailover, LARGEST_PAYLOAD_BYTES)
        .with_owner_index()
        .surviving_restart();
    for node in nodes {
        may_run_scripts(node, keys, scripts, deadline).await?;
        let facts = facts(node, deadline).await?;
        profile.survives_restart &= facts.as_ref().is_some_and(|facts| facts.get("aof_enabled") == Some("1"));
        if let Some(reason) = may_evict(facts.as_ref()) {
            if !eviction_is_admitted {
                return Err(StoreError::misconfigured(format!("{}: {reason}", node.address())));
            }
            profile.may_evict = true;
        }
    }
    Ok(profile)
}

/// Runs one over a key of the namespace, because a user may be kept from scripts and from keys.
async fn may_run_scripts(
    node: &Node,
    keys: &Keys,
    scripts: &Scripts,
    deadline: Instant,
) -> Result<(), StoreError> {
    let any = Owner::from_bytes([0; Owner::LENGTH_BYTES]).partition();
    let nothing = Command::script(&scripts.trim, &[keys.index(any)]);
    match node.call(&nothing, deadline).await {
        // Another node has the slot; the user was let through to be told so.
        Ok(_) | Err(Failure::Moved(_) | Failure::Ask(_) | Failure::TryAgain) => Ok(()),
        Err(failure) => Err(failure.into_error()),
    }
}

/// Nothing if the user may not ask.
async fn facts(node: &Node, deadline: Instant) -> Result<Option<Facts>, StoreError> {
    match node.call(&Command::reading("INFO").arg(b"everything"), deadline).await {
        Ok(answer @ (Value::BulkString(_) | Value::VerbatimString { .. })) => Ok(Some(Facts::of(&answer))),
        Ok(_) => Ok(None),
        Err(Failure::Refused(error)) if error.kind() == StoreErrorKind::Misconfigured => Ok(None),
        Err(failure) => Err(failure.into_error()),
    }
}

/// Why records may be dropped, if they may. Each of them expires, so each policy but one takes it; without a limit none does.
fn may_evict(facts: Option<&Facts>) -> Option<String> {
    let Some(facts) = facts else {
        return Some(format!(
            "whether the server drops what a logout left cannot be asked: allow the user `+info`, or {ADMIT}"
        ));
    };
    let policy = facts.get("maxmemory_policy").unwrap_or("unknown");
    let is_kept = facts.get("maxmemory") == Some("0") || policy == "noeviction";
    (!is_kept).then(|| {
        format!(
            "`maxmemory-policy {policy}` drops what a logout left when memory is short, and so undoes it: set \
             `maxmemory-policy noeviction`, or {ADMIT}"
        )
    })
}

const ADMIT: &str = "admit it by `insecure_eviction=true`";

/// A megabyte, as other stores have it; a server would take 512.
const LARGEST_PAYLOAD_BYTES: usize = 1 << 20;
