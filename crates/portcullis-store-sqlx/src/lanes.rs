use std::{sync::Arc, time::Duration};

use portcullis_core::{Effect, StoreError, Timestamp};
use tokio::time::{Instant, timeout_at};

use crate::{
    connections::{Connections, Lent},
    engine::{Answers, Dialect},
    failure::Verdict,
    finish::finish,
    question::Question,
    writer::Writer,
};

/// The ways that questions go: to a connection of their own, or to the one writer of a file.
pub(crate) struct Lanes<DB: Dialect> {
    pub(crate) statements: Arc<DB::Statements>,
    pub(crate) connections: Connections<DB>,
    /// Only where the engine has one writer at a time.
    pub(crate) writer: Option<Writer<DB>>,
    pub(crate) deadline: Duration,
}

impl<DB: Dialect> Lanes<DB> {
    /// Asks what changes nothing.
    pub(crate) async fn read<Q: Question>(
        self: &Arc<Self>,
        question: Q,
        now: Timestamp,
    ) -> Result<Q::Answer, StoreError>
    where
        DB: Answers<Q>,
    {
        self.ask(question, now).await
    }

    /// Asks what may change something.
    pub(crate) async fn write<Q: Question>(
        self: &Arc<Self>,
        question: Q,
        now: Timestamp,
    ) -> Result<Q::Answer, StoreError>
    where
        DB: Answers<Q>,
    {
        match &self.writer {
            Some(writer) => writer.ask(question, now, Instant::now() + self.deadline).await,
            None => self.ask(question, now).await,
        }
    }

    async fn ask<Q: Question>(self: &Arc<Self>, question: Q, now: Timestamp) -> Result<Q::Answer, StoreError>
    where
        DB: Answers<Q>,
    {
        let deadline = Instant::now() + self.deadline;
        let lent = self.connections.lend(deadline).await?;
        let lanes = Arc::clone(self);
        finish(async move { lanes.ask_over(lent, &question, now, deadline).await }).await
    }

    async fn ask_over<Q: Question>(
        &self,
        mut lent: Lent<DB>,
        question: &Q,
        now: Timestamp,
        deadline: Instant,
    ) -> Result<Q::Answer, StoreError>
    where
        DB: Answers<Q>,
    {
        for _ in 0..MOST_ATTEMPTS {
            match timeout_at(deadline, DB::answer(&mut lent, &self.statements, question, now)).await {
                Ok(Ok(answer)) => {
                    lent.give_back();
                    return Ok(answer);
                }
                Ok(Err(failure)) => match DB::verdict(failure) {
                    Verdict::Again => {}
                    Verdict::Failed { error, is_usable } => {
                        if is_usable {
                            lent.give_back()
                        } else {
                            lent.close()
                        }
                        return Err(error);
                    }
                },
                Err(_elapsed) => {
                    lent.abandon();
                    return Err(StoreError::timeout());
                }
            }
        }
        lent.give_back();
        Err(StoreError::overloaded().with_effect(Effect::NotApplied))
    }
}

/// So often a call gives way to others that want the same row.
const MOST_ATTEMPTS: usize = 16;
