use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use portcullis_core::{Effect, StoreError, Timestamp};
use sqlx::Connection;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout_at},
};

use crate::{
    connections::{Options, connect},
    engine::{Answers, Dialect},
    failure::{Failure, Verdict, repeated},
    question::Question,
};

/// The one that writes to a file: whatever waits for it is done in one transaction, and then all are answered. So a thousand writers
/// wait for the disk as often as one does.
///
/// It ends when this is dropped and what it was handed is done.
pub(crate) struct Writer<DB: Dialect> {
    jobs: mpsc::Sender<Box<dyn Job<DB>>>,
}

impl<DB: Dialect> Writer<DB> {
    /// Writes by `connection`, and by others made from `options` when that breaks.
    pub(crate) fn start(
        connection: DB::Connection,
        options: Options<DB>,
        statements: Arc<DB::Statements>,
        waiting: usize,
    ) -> Self {
        let (jobs, handed) = mpsc::channel(waiting.max(1));
        let pen = Pen { connection: Some(connection), options, statements };
        tokio::spawn(pen.write(handed));
        Self { jobs }
    }

    pub(crate) async fn ask<Q: Question>(
        &self,
        question: Q,
        now: Timestamp,
        deadline: Instant,
    ) -> Result<Q::Answer, StoreError>
    where
        DB: Answers<Q>,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Asked { question, now, deadline, answer: None, reply: Some(reply) });
        self.jobs.try_send(job).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => StoreError::overloaded(),
            mpsc::error::TrySendError::Closed(_) => gone().with_effect(Effect::NotApplied),
        })?;
        match timeout_at(deadline, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_dropped)) => Err(gone()),
            Err(_elapsed) => Err(StoreError::timeout()),
        }
    }
}

/// One that waits to be written.
trait Job<DB: Dialect>: Send {
    /// Whether anybody still waits for it.
    fn is_wanted(&self) -> bool;

    /// Does it within a transaction. It may be done again, in another.
    fn run<'a>(
        &'a mut self,
        connection: &'a mut DB::Connection,
        statements: &'a DB::Statements,
    ) -> BoxFuture<'a, Result<(), Failure>>;

    /// Answers, once the transaction is committed.
    fn acknowledge(&mut self);

    fn refuse(&mut self, error: StoreError);
}

struct Asked<Q: Question> {
    question: Q,
    now: Timestamp,
    deadline: Instant,
    answer: Option<Q::Answer>,
    reply: Option<oneshot::Sender<Result<Q::Answer, StoreError>>>,
}

impl<Q: Question, DB: Answers<Q>> Job<DB> for Asked<Q> {
    fn is_wanted(&self) -> bool {
        Instant::now() < self.deadline && self.reply.as_ref().is_some_and(|reply| !reply.is_closed())
    }

    fn run<'a>(
        &'a mut self,
        connection: &'a mut DB::Connection,
        statements: &'a DB::Statements,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            self.answer = Some(DB::answer(connection, statements, &self.question, self.now).await?);
            Ok(())
        })
    }

    fn acknowledge(&mut self) {
        if let Some((answer, reply)) = self.answer.take().zip(self.reply.take()) {
            // Who does not wait any more finds what was written.
            let _nobody_waits = reply.send(Ok(answer)).is_err();
        }
    }

    fn refuse(&mut self, error: StoreError) {
        if let Some(reply) = self.reply.take() {
            let _nobody_waits = reply.send(Err(error)).is_err();
        }
    }
}

struct Pen<DB: Dialect> {
    /// There unless it broke.
    connection: Option<DB::Connection>,
    options: Options<DB>,
    statements: Arc<DB::Statements>,
}

/// Why a transaction was not committed.
struct Undone {
    error: StoreError,
    /// Whether the connection may be used again.
    is_usable: bool,
    /// Whether one of the jobs failed, and others might not.
    is_by_a_job: bool,
}

impl<DB: Dialect> Pen<DB> {
    async fn write(mut self, mut handed: mpsc::Receiver<Box<dyn Job<DB>>>) {
        let mut batch = Vec::new();
        while handed.recv_many(&mut batch, LARGEST_BATCH).await > 0 {
            batch.retain(|job| job.is_wanted());
            match self.commit(&mut batch).await {
                Ok(()) => {}
                Err(undone) if undone.is_by_a_job && batch.len() > 1 => {
                    for job in batch.chunks_mut(1) {
                        if let Err(undone) = self.commit(job).await {
                            refuse(job, &undone.error);
                        }
                    }
                }
                Err(undone) => refuse(&mut batch, &undone.error),
            }
            batch.clear();
        }
    }

    /// Does them all, or none.
    async fn commit(&mut self, jobs: &mut [Box<dyn Job<DB>>]) -> Result<(), Undone> {
        if jobs.is_empty() {
            return Ok(());
        }
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect::<DB>(&self.options, Instant::now() + PATIENCE)
                .await
                .map_err(|error| Undone { error, is_usable: false, is_by_a_job: false })?,
        };
        match transact::<DB>(&mut connection, &self.statements, jobs).await {
            Ok(()) => {
                self.connection = Some(connection);
                jobs.iter_mut().for_each(|job| job.acknowledge());
                Ok(())
            }
            Err(undone) => {
                self.connection = undone.is_usable.then_some(connection);
                Err(undone)
            }
        }
    }
}

async fn transact<DB: Dialect>(
    connection: &mut DB::Connection,
    statements: &DB::Statements,
    jobs: &mut [Box<dyn Job<DB>>],
) -> Result<(), Undone> {
    let undone = |error: StoreError, is_usable, is_by_a_job| {
        let error = error.with_effect(Effect::NotApplied);
        Undone { error, is_usable, is_by_a_job }
    };
    // At once the one writer of the file, so that nothing that is read meanwhile is overtaken.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(|error| {
        let (error, is_usable) = judged::<DB>(error);
        undone(error, is_usable, false)
    })?;
    for job in jobs {
        job.run(&mut transaction, statements).await.map_err(|failure| {
            let (error, is_usable) = judged::<DB>(failure);
            undone(error, is_usable, true)
        })?;
    }
    transaction.commit().await.map_err(|error| {
        // Of what effect, says the error; and what it left open is not written on in.
        Undone { error: judged::<DB>(error).0, is_usable: false, is_by_a_job: false }
    })
}

fn refuse<DB: Dialect>(jobs: &mut [Box<dyn Job<DB>>], error: &StoreError) {
    for job in jobs {
        job.refuse(repeated(error));
    }
}

fn judged<DB: Dialect>(failure: impl Into<Failure>) -> (StoreError, bool) {
    match DB::verdict(failure.into()) {
        Verdict::Again => (StoreError::timeout().with_effect(Effect::NotApplied), true),
        Verdict::Failed { error, is_usable } => (error, is_usable),
    }
}

fn gone() -> StoreError {
    StoreError::unavailable("the writer has ended")
}

/// As many as one transaction takes.
const LARGEST_BATCH: usize = 256;
/// So long a new connection is waited for, in place of one that broke.
const PATIENCE: Duration = Duration::from_secs(1);
