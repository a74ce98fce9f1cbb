use std::{sync::Arc, time::Duration};

use portcullis_core::{Effect, StoreError, StoreErrorKind, Timestamp};
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
    /// Asks what changes nothing. A connection that broke since it was used last is no reason to fail: it is asked once more, by a new one.
    pub(crate) async fn read<Q: Question>(
        self: &Arc<Self>,
        question: Q,
        now: Timestamp,
    ) -> Result<Q::Answer, StoreError>
    where
        DB: Answers<Q>,
    {
        let (question, deadline) = (Arc::new(question), Instant::now() + self.deadline);
        let answer = match self.ask(&question, now, deadline).await {
            Err(failed)
                if failed.kind() == StoreErrorKind::Unavailable && failed.effect() == Effect::Unknown =>
            {
                self.ask(&question, now, deadline).await
            }
            answer => answer,
        };
        answer.map_err(|failed| failed.with_effect(Effect::NotApplied))
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
        let deadline = Instant::now() + self.deadline;
        match &self.writer {
            Some(writer) => writer.ask(question, now, deadline).await,
            None => self.ask(&Arc::new(question), now, deadline).await,
        }
    }

    async fn ask<Q: Question>(
        self: &Arc<Self>,
        question: &Arc<Q>,
        now: Timestamp,
        deadline: Instant,
    ) -> Result<Q::Answer, StoreError>
    where
        DB: Answers<Q>,
    {
        let lent = self.connections.lend(deadline).await?;
        let (lanes, question) = (Arc::clone(self), Arc::clone(question));
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
                            lent.give_back();
                        } else {
                            lent.close();
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
