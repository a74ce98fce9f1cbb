use std::{collections::HashMap, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};
use portcullis_core::{Effect, StoreError};
use redis::Value;
use tokio::time::timeout;

use crate::{
    command::Command,
    connection::{Access, Failure, Link, unexpected},
    settings::Address,
};

/// Where the master called `name` is, by most Sentinels: one that was cut off for a while may tell of an older one.
pub(super) async fn master(
    name: &str,
    sentinels: &[Address],
    access: &Access,
) -> Result<Address, StoreError> {
    // Sentinels have no database, and users of their own.
    let access = Access { credentials: access.sentinel_credentials.clone(), database: 0, ..access.clone() };
    let mut asked: FuturesUnordered<_> =
        sentinels.iter().map(|sentinel| ask(sentinel, name, &access)).collect();
    let mut votes: HashMap<Address, usize> = HashMap::new();
    let mut trouble = None;
    while let Some(answer) = asked.next().await {
        match answer {
            Ok(Some(address)) => {
                let votes = votes.entry(address.clone()).or_default();
                *votes += 1;
                if *votes > sentinels.len() / 2 {
                    return Ok(address);
                }
            }
            Ok(None) => trouble = Some(unknown(name)),
            Err(error) => trouble = trouble.or(Some(error)),
        }
    }
    let most = votes.into_iter().max_by_key(|(_, votes)| *votes);
    most.map(|(address, _)| address).ok_or_else(|| trouble.unwrap_or_else(|| unknown(name)))
}

async fn ask(sentinel: &Address, name: &str, access: &Access) -> Result<Option<Address>, StoreError> {
    let asking = async {
        let link = Link::connect(sentinel, access).await?;
        let question = Command::reading("SENTINEL").arg(b"GET-MASTER-ADDR-BY-NAME").arg(name.as_bytes());
        link.call(&question).await.map_err(Failure::into_error)
    };
    let answer = timeout(TO_ANSWER, asking).await;
    match answer.map_err(|_elapsed| StoreError::timeout().with_effect(Effect::NotApplied))?? {
        Value::Nil => Ok(None),
        Value::Array(parts) => match parts.as_slice() {
            [Value::BulkString(host), Value::BulkString(port)] => {
                let host = String::from_utf8_lossy(host).into_owned();
                let port =
                    str::from_utf8(port).ok().and_then(|port| port.parse().ok()).ok_or_else(unexpected)?;
                Ok(Some(Address { host, port }))
            }
            _ => Err(unexpected()),
        },
        _ => Err(unexpected()),
    }
}

fn unknown(name: &str) -> StoreError {
    StoreError::misconfigured(format!("no Sentinel knows a master called `{}`", name.escape_debug()))
}

const TO_ANSWER: Duration = Duration::from_millis(500);
