use std::time::Duration;

use futures_util::{StreamExt, stream::FuturesUnordered};
use portcullis_core::{Effect, StoreError};
use redis::Value;
use tokio::time::timeout;

use super::view::{View, claims};
use crate::{
    command::Command,
    connection::{Access, Failure, Link, unexpected},
    settings::Address,
};

/// Which master has which slot, by all nodes that answer in time. Several are asked because one of them may have missed the news:
/// a master that was stopped still takes itself for one when it wakes.
pub(super) async fn view(addresses: &[Address], access: &Access) -> Result<View, StoreError> {
    let mut asked: FuturesUnordered<_> = addresses.iter().map(|address| ask(address, access)).collect();
    let mut answers = Vec::new();
    let mut trouble = None;
    while let Some(answer) = asked.next().await {
        match answer {
            Ok(answer) => answers.push(answer),
            Err(error) => trouble = Some(error),
        }
    }
    if answers.is_empty() {
        return Err(trouble.unwrap_or_else(StoreError::timeout));
    }
    Ok(View::of(answers.iter().flat_map(|(address, text)| claims(text, address))))
}

async fn ask<'a>(address: &'a Address, access: &Access) -> Result<(&'a Address, String), StoreError> {
    let asking = async {
        let link = Link::connect(address, access).await?;
        link.call(&Command::reading("CLUSTER").arg(b"NODES")).await.map_err(Failure::into_error)
    };
    let answer = timeout(TO_ANSWER, asking).await;
    match answer.map_err(|_elapsed| StoreError::timeout().with_effect(Effect::NotApplied))?? {
        Value::BulkString(text) => Ok((address, String::from_utf8_lossy(&text).into_owned())),
        Value::VerbatimString { text, .. } => Ok((address, text)),
        _ => Err(unexpected()),
    }
}

const TO_ANSWER: Duration = Duration::from_millis(300);
