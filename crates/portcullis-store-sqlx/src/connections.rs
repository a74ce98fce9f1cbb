use std::{
    ops::{Deref, DerefMut},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use portcullis_core::{Effect, StoreError, StoreErrorKind};
use sqlx::{Connection, Pool, pool::PoolConnection};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep, timeout_at},
};

use crate::{
    engine::Dialect,
    failure::{Failure, Verdict},
};

/// What a connection of `DB` is made from.
pub type Options<DB> = <<DB as sqlx::Database>::Connection as Connection>::Options;

/// Connections to an engine, each asked one thing at a time.
pub(crate) struct Connections<DB: Dialect> {
    source: Source<DB>,
    /// One for each call that may wait for a connection.
    waiting: Semaphore,
}

enum Source<DB: Dialect> {
    /// Made and kept here.
    Own(Arc<Own<DB>>),
    /// The application's. Its pool asks each connection that comes back whether it still lives, which is a trip more.
    Pool(Pool<DB>),
}

impl<DB: Dialect> Connections<DB> {
    pub(crate) fn own(options: Options<DB>, most: usize, waiting: usize) -> Self {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        let own = Own {
            options,
            places: Arc::new(Semaphore::new(most)),
            idle: Mutex::default(),
            generation: AtomicU64::new(0),
            unanswered: AtomicU64::new(0),
        };
        Self::by(Source::Own(Arc::new(own)), waiting)
    }

    pub(crate) fn of_pool(pool: Pool<DB>, waiting: usize) -> Self {
        Self::by(Source::Pool(pool), waiting)
    }

    fn by(source: Source<DB>, waiting: usize) -> Self {
        Self { source, waiting: Semaphore::new(waiting.min(Semaphore::MAX_PERMITS)) }
    }

    /// Waits for one until `deadline`, unless too many wait already. Nothing has been asked where there is none.
    pub(crate) async fn lend(&self, deadline: Instant) -> Result<Lent<DB>, StoreError> {
        let _waits = if self.are_taken() {
            Some(self.waiting.try_acquire().map_err(|_too_many| StoreError::overloaded())?)
        } else {
            None
        };
        self.wait(deadline).await
    }

    /// Waits for one until `deadline`, whoever else does.
    pub(crate) async fn wait(&self, deadline: Instant) -> Result<Lent<DB>, StoreError> {
        match &self.source {
            Source::Own(own) => Own::lend(Arc::clone(own), deadline).await.map(Lent::Own),
            Source::Pool(pool) => match timeout_at(deadline, pool.acquire()).await {
                Ok(lent) => lent.map(Lent::Pooled).map_err(|error| failed::<DB>(error.into())),
                Err(_elapsed) => Err(StoreError::overloaded()),
            },
        }
    }

    fn are_taken(&self) -> bool {
        match &self.source {
            Source::Own(own) => own.places.available_permits() == 0,
            Source::Pool(pool) => {
                let taken =
                    usize::try_from(pool.size()).unwrap_or(usize::MAX).saturating_sub(pool.num_idle());
                taken >= usize::try_from(pool.options().get_max_connections()).unwrap_or(usize::MAX)
            }
        }
    }
}

/// Connections that are made here.
pub(crate) struct Own<DB: Dialect> {
    options: Options<DB>,
    /// One for each connection there may be.
    places: Arc<Semaphore>,
    idle: Mutex<Vec<Idle<DB>>>,
    /// Raised when a connection breaks: those that were made before it are not trusted any more.
    generation: AtomicU64,
    /// Raised when an answer did not come: those that were idle then are asked whether they live before they are used.
    unanswered: AtomicU64,
}

struct Idle<DB: Dialect> {
    connection: DB::Connection,
    generation: u64,
    unanswered: u64,
    made_at: Instant,
    idle_since: Instant,
}

impl<DB: Dialect> Own<DB> {
    async fn lend(self: Arc<Self>, deadline: Instant) -> Result<OwnLent<DB>, StoreError> {
        let place = match timeout_at(deadline, Arc::clone(&self.places).acquire_owned()).await {
            Ok(place) => {
                place.map_err(|closed| StoreError::unavailable(closed).with_effect(Effect::NotApplied))?
            }
            Err(_elapsed) => return Err(StoreError::overloaded()),
        };
        while let Some(mut idle) = self.newest() {
            if self.trusts(&idle) || self.lives(&mut idle, deadline).await {
                return Ok(OwnLent::new(idle, self, place));
            }
        }
        let generation = self.generation.load(Ordering::SeqCst);
        let connection = connect::<DB>(&self.options, deadline).await?;
        let now = Instant::now();
        let made = Idle { connection, generation, unanswered: 0, made_at: now, idle_since: now };
        Ok(OwnLent::new(made, self, place))
    }

    /// The one that came back last, of those that are trusted.
    fn newest(&self) -> Option<Idle<DB>> {
        let generation = self.generation.load(Ordering::SeqCst);
        let mut idle = self.idle();
        while let Some(newest) = idle.pop() {
            if newest.generation == generation && newest.made_at.elapsed() < OLDEST {
                return Some(newest);
            }
        }
        None
    }

    fn trusts(&self, idle: &Idle<DB>) -> bool {
        idle.idle_since.elapsed() < TRUSTED && idle.unanswered == self.unanswered.load(Ordering::SeqCst)
    }

    /// What stood idle for long may have been cut off on the way.
    async fn lives(&self, idle: &mut Idle<DB>, deadline: Instant) -> bool {
        let soon = deadline.min(Instant::now() + PATIENCE);
        let lives = timeout_at(soon, idle.connection.ping()).await.is_ok_and(|answer| answer.is_ok());
        if !lives {
            self.distrust(idle.generation);
        }
        lives
    }

    fn distrust(&self, generation: u64) {
        // One that was made since is not the fault of one that was made before.
        let _raised_already = self
            .generation
            .compare_exchange(generation, generation + 1, Ordering::SeqCst, Ordering::SeqCst)
            .is_err();
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle<DB>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection for one call. It goes back by [`give_back`](Self::give_back), and is closed otherwise.
pub(crate) enum Lent<DB: Dialect> {
    Own(OwnLent<DB>),
    Pooled(PoolConnection<DB>),
}

pub(crate) struct OwnLent<DB: Dialect> {
    /// There until it goes back.
    lent: Option<Idle<DB>>,
    home: Arc<Own<DB>>,
    _place: OwnedSemaphorePermit,
}

impl<DB: Dialect> OwnLent<DB> {
    fn new(lent: Idle<DB>, home: Arc<Own<DB>>, place: OwnedSemaphorePermit) -> Self {
        Self { lent: Some(lent), home, _place: place }
    }
}

impl<DB: Dialect> Lent<DB> {
    /// Its answer was read to the end.
    pub(crate) fn give_back(self) {
        if let Self::Own(mut own) = self
            && let Some(lent) = own.lent.take()
        {
            let unanswered = own.home.unanswered.load(Ordering::SeqCst);
            own.home.idle().push(Idle { unanswered, idle_since: Instant::now(), ..lent });
        }
    }

    /// It did not answer, and perhaps others would not.
    pub(crate) fn abandon(self) {
        match self {
            Self::Own(own) => {
                own.home.unanswered.fetch_add(1, Ordering::SeqCst);
            }
            Self::Pooled(mut pooled) => pooled.close_on_drop(),
        }
    }

    /// It broke, and so perhaps have all that were made before now.
    pub(crate) fn close(self) {
        match self {
            Self::Own(own) => {
                if let Some(lent) = &own.lent {
                    own.home.distrust(lent.generation);
                }
            }
            Self::Pooled(mut pooled) => pooled.close_on_drop(),
        }
    }
}

impl<DB: Dialect> Deref for Lent<DB> {
    type Target = DB::Connection;

    #[expect(clippy::expect_used, reason = "what has gone back is not there to be asked")]
    fn deref(&self) -> &DB::Connection {
        match self {
            Self::Own(own) => &own.lent.as_ref().expect("lent").connection,
            Self::Pooled(pooled) => pooled,
        }
    }
}

impl<DB: Dialect> DerefMut for Lent<DB> {
    #[expect(clippy::expect_used, reason = "what has gone back is not there to be asked")]
    fn deref_mut(&mut self) -> &mut DB::Connection {
        match self {
            Self::Own(own) => &mut own.lent.as_mut().expect("lent").connection,
            Self::Pooled(pooled) => pooled,
        }
    }
}

/// Makes a connection until `deadline`. A file that somebody else is just making, or opening, is waited for: SQLite itself does not, there.
pub(crate) async fn connect<DB: Dialect>(
    options: &Options<DB>,
    deadline: Instant,
) -> Result<DB::Connection, StoreError> {
    let connecting = async {
        loop {
            let failed = match connected::<DB>(options).await {
                Ok(connection) => return Ok(connection),
                Err(failure) => failed::<DB>(failure),
            };
            if failed.kind() != StoreErrorKind::Timeout {
                return Err(failed);
            }
            sleep(BETWEEN).await;
        }
    };
    let in_time = timeout_at(deadline, connecting).await;
    in_time.map_err(|_elapsed| StoreError::timeout().with_effect(Effect::NotApplied))?
}

async fn connected<DB: Dialect>(options: &Options<DB>) -> Result<DB::Connection, Failure> {
    let mut connection = DB::Connection::connect_with(options).await?;
    DB::greet(&mut connection).await?;
    Ok(connection)
}

/// Nothing was asked, so nothing was done.
fn failed<DB: Dialect>(failure: Failure) -> StoreError {
    match DB::verdict(failure) {
        Verdict::Again => StoreError::overloaded(),
        Verdict::Failed { error, .. } => error.with_effect(Effect::NotApplied),
    }
}

const BETWEEN: Duration = Duration::from_millis(5);
/// For so long an idle connection is taken for alive.
const TRUSTED: Duration = Duration::from_secs(10);
/// So long one that may be dead is waited for.
const PATIENCE: Duration = Duration::from_millis(200);
/// So that what a connection gathers at the server's side is given up, and a name that now means another server is asked for again.
const OLDEST: Duration = Duration::from_secs(1_800);
