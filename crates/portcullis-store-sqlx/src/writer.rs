use std::sync::Arc;

use futures_util::future::BoxFuture;
use portcullis_core::{Effect, StoreError, Timestamp};
use sqlx::Connection;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout_at},
};

use crate::{
    connections::Options,
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

impl<DB: Dialect> Pen<DB> {
    async fn write(mut self, mut handed: mpsc::Receiver<Box<dyn Job<DB>>>) {
        let mut batch = Vec::new();
        while handed.recv_many(&mut batch, LARGEST_BATCH).await > 0 {
            batch.retain(|job| job.is_wanted());
            match self.commit(&mut batch).await {
                Ok(()) => {}
                // One of them may have spoilt it for the others.
                Err(error) if error.effect() == Effect::NotApplied && batch.len() > 1 => {
                    for job in batch.chunks_mut(1) {
                        if let Err(error) = self.commit(job).await {
                            refuse(job, &error);
                        }
                    }
                }
                Err(error) => refuse(&mut batch, &error),
            }
            batch.clear();
        }
    }

    /// Does them all, or none.
    async fn commit(&mut self, jobs: &mut [Box<dyn Job<DB>>]) -> Result<(), StoreError> {
        if jobs.is_empty() {
            return Ok(());
        }
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                DB::Connection::connect_with(&self.options).await.map_err(|error| refusal::<DB>(error).0)?
            }
        };
        match transact::<DB>(&mut connection, &self.statements, jobs).await {
            Ok(()) => {
                self.connection = Some(connection);
                jobs.iter_mut().for_each(|job| job.acknowledge());
                Ok(())
            }
            Err((error, is_usable)) => {
                self.connection = is_usable.then_some(connection);
                Err(error)
            }
        }
    }
}

async fn transact<DB: Dialect>(
    connection: &mut DB::Connection,
    statements: &DB::Statements,
    jobs: &mut [Box<dyn Job<DB>>],
) -> Result<(), (StoreError, bool)> {
    // At once the one writer of the file, so that nothing that is read meanwhile is overtaken.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(refusal::<DB>)?;
    for job in jobs {
        job.run(&mut transaction, statements).await.map_err(refusal::<DB>)?;
    }
    transaction.commit().await.map_err(|error| {
        let (error, _) = judged::<DB>(error);
        // What it left open is not written on in.
        (error, false)
    })
}

fn refuse<DB: Dialect>(jobs: &mut [Box<dyn Job<DB>>], error: &StoreError) {
    for job in jobs {
        job.refuse(repeated(error));
    }
}

/// Nothing was committed.
fn refusal<DB: Dialect>(failure: impl Into<Failure>) -> (StoreError, bool) {
    let (error, is_usable) = judged::<DB>(failure);
    (error.with_effect(Effect::NotApplied), is_usable)
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
