use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
};

use async_trait::async_trait;
use bytes::Bytes;
use portcullis_core::{
    Clock, CreateOutcome, Cursor, Draft, Effect, ExtendOutcome, Freshness, Listing, Owner, Page, Partition,
    Peek, Profile, Record, RecordId, RecordKey, RemoveAllOutcome, RemoveOutcome, ReplaceOutcome, Space,
    Store, StoreError, Timestamp, Version,
};
use redis::Value;
use tokio::time::Instant;

use crate::{
    ConfigError, RedisSettings,
    command::Command,
    connection::{Access, Shared},
    keys::{Keys, Member},
    question::{Questions, Revocation},
    removals::{Mark, Removal, Removals},
    script::Scripts,
    start,
    topology::Router,
};

/// Keeps records in Redis or Valkey: one node, the master that Sentinels name, or a Cluster.
///
/// Connects when it is made, follows its masters by tasks of its own on the runtime it was made on, and ends them when it is dropped.
///
/// # Example
///
/// ```no_run
/// use std::time::Duration;
/// use portcullis_store_redis::{RedisSettings, RedisStore};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let settings: RedisSettings = "rediss+sentinel://a.example,b.example,c.example/mymaster".parse()?;
/// let store = RedisStore::connect(
///     settings.with_namespace("shop")?.with_deadline(Duration::from_millis(250)).with_replicated_removals(1),
/// ).await?;
/// # let _ = store;
/// # Ok(()) }
/// ```
pub struct RedisStore {
    router: Router,
    questions: Questions,
    scripts: Arc<Scripts>,
    removals: Arc<Removals>,
    clock: Arc<dyn Clock>,
    profile: Profile,
    settings: RedisSettings,
    /// How many owned records this process created; by it the index is trimmed on the way.
    created: AtomicU16,
    /// Which partition is swept next.
    swept: AtomicU16,
}

impl RedisStore {
    /// Connects to the servers that `url` names; [`RedisSettings`] has the forms.
    ///
    /// # Errors
    ///
    /// `Misconfigured` with a [`ConfigError`](crate::ConfigError) as its source if the URL names none; else as
    /// [`connect`](Self::connect).
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::connect(url.parse().map_err(|error: ConfigError| StoreError::misconfigured(error))?).await
    }

    /// Connects to the servers that `settings` name, and asks them what they promise.
    ///
    /// # Errors
    ///
    /// No master is there or none lets us in: its source says why. `Misconfigured` if the password is wrong, the user may not run scripts, or the
    /// server is too old or drops records when its memory is full.
    pub async fn connect(settings: RedisSettings) -> Result<Self, StoreError> {
        let keys = Keys::new(settings.namespace.clone());
        let scripts = Arc::new(Scripts::new());
        let removals = Arc::new(Removals::new(keys.clone()));
        let shared = Shared {
            access: Access {
                credentials: settings.credentials.clone(),
                sentinel_credentials: settings.sentinel_credentials.clone(),
                database: settings.database,
                tls: settings.tls.clone(),
            },
            scripts: Arc::clone(&scripts),
            removals: Arc::clone(&removals),
            connections: settings.connections,
            in_flight: settings.in_flight,
            replicas: settings.replicas,
        };
        let router = Router::connect(&settings.topology, shared, settings.deadline).await?;
        let deadline = Instant::now() + settings.deadline;
        let profile =
            start::profile(&router.nodes(), &keys, &scripts, settings.eviction_is_admitted, deadline).await?;
        Ok(Self {
            router,
            questions: Questions::new(keys),
            scripts,
            removals,
            clock: Arc::clone(&settings.clock),
            profile,
            settings,
            created: AtomicU16::new(0),
            swept: AtomicU16::new(0),
        })
    }

    fn check_payload(&self, draft: &Draft) -> Result<(), StoreError> {
        if draft.payload.len() > self.profile.largest_payload_bytes {
            Err(StoreError::too_large())
        } else {
            Ok(())
        }
    }

    /// What is nobody's needs no script where the server has nothing.
    async fn create_at(
        &self,
        now: Timestamp,
        key: &RecordKey,
        draft: &Draft,
    ) -> Result<CreateOutcome, StoreError> {
        if draft.owner.is_none()
            && self.write(key, &self.questions.create_unowned(key, draft, now)).await? != Value::Nil
        {
            return Ok(CreateOutcome::Created);
        }
        let create = self.questions.create(&self.scripts, key, draft, now);
        Questions::created(&self.write(key, &create).await?)
    }

    /// A mark of revocation is to be lost as little as a removal.
    async fn write(&self, key: &RecordKey, command: &Command<'_>) -> Result<Value, StoreError> {
        if key.space() == Space::Revoked {
            self.router.call_replicated(key.partition(), command).await
        } else {
            self.router.call(key.partition(), command).await
        }
    }

    fn note_if_mark(&self, key: &RecordKey, draft: Draft, written_at: Timestamp, over: Option<Version>) {
        if key.space() == Space::Revoked {
            let overwrote = over.into_iter().collect();
            self.removals.note(Removal::Mark(Mark { key: *key, draft, written_at, overwrote }));
        }
    }

    /// Members of the index whose records the server has reclaimed leave it, some on the way of each so many creations: more than
    /// those add, so what is dead in the index stays a part of what is alive.
    async fn trim_now_and_then(&self, partition: Partition) {
        if self.created.fetch_add(1, Ordering::Relaxed).is_multiple_of(CREATED_PER_TRIM)
            && let Err(error) = self.trim(partition, TRIMMED).await
        {
            tracing::debug!(%error, "the index was not trimmed");
        }
    }

    async fn trim(&self, partition: Partition, most: usize) -> Result<usize, StoreError> {
        let answer = self.router.call(partition, &self.questions.any_members(partition, most)).await?;
        let members = Questions::found_members(answer)?;
        if members.is_empty() {
            return Ok(0);
        }
        let trim = self.questions.trim(&self.scripts, partition, &members);
        Questions::trimmed(&self.router.call(partition, &trim).await?)
    }
}

#[async_trait]
impl Store for RedisStore {
    fn peek(&self, _: &RecordKey, _: Freshness) -> Peek {
        Peek::Unknown
    }

    async fn load(&self, key: &RecordKey, _: Freshness) -> Result<Option<Record>, StoreError> {
        let answer = self.router.call(key.partition(), &self.questions.load(key)).await?;
        Questions::loaded(key, answer, self.clock.now())
    }

    async fn create(&self, key: &RecordKey, draft: Draft) -> Result<CreateOutcome, StoreError> {
        self.check_payload(&draft)?;
        let (partition, now) = (key.partition(), self.clock.now());
        if draft.owner.is_some_and(|owner| owner.partition() != partition) {
            return Err(StoreError::misconfigured(
                "the draft's owner lies in another partition than the key",
            ));
        }
        let outcome = self.create_at(now, key, &draft).await?;
        if outcome == CreateOutcome::Created {
            if draft.owner.is_some() {
                self.trim_now_and_then(partition).await;
            }
            self.note_if_mark(key, draft, now, None);
        }
        Ok(outcome)
    }

    async fn replace(
        &self,
        key: &RecordKey,
        expected: Version,
        draft: Draft,
    ) -> Result<ReplaceOutcome, StoreError> {
        self.check_payload(&draft)?;
        let now = self.clock.now();
        let replace = self.questions.replace(&self.scripts, key, expected, &draft, now);
        let outcome = Questions::replaced(key, self.write(key, &replace).await?)?;
        if outcome == ReplaceOutcome::Replaced {
            self.note_if_mark(key, draft, now, Some(expected));
        }
        Ok(outcome)
    }

    async fn extend(&self, key: &RecordKey, expires_at: Timestamp) -> Result<ExtendOutcome, StoreError> {
        let extend = self.questions.extend(&self.scripts, key, expires_at, self.clock.now());
        Questions::extended(&self.write(key, &extend).await?)
    }

    async fn remove(&self, key: &RecordKey, expected: Option<Version>) -> Result<RemoveOutcome, StoreError> {
        let remove = self.questions.remove(&self.scripts, key, expected, self.clock.now());
        let outcome = Questions::removed(key, self.router.call_replicated(key.partition(), &remove).await?)?;
        if let RemoveOutcome::Removed(record) = &outcome {
            self.removals.note(Removal::One { key: *key, created_at: record.created_at });
        }
        Ok(outcome)
    }

    async fn list(&self, owner: &Owner, space: Space, page: Page) -> Result<Listing, StoreError> {
        let partition = owner.partition();
        let limit = page.limit.max(1);
        let mut after = page.after.as_ref().map(|cursor| parse_cursor(owner, space, cursor)).transpose()?;
        let mut records: Vec<Record> = Vec::new();
        loop {
            // One more than is asked for tells whether there is another page.
            let wanted = (limit - records.len() + 1).min(MOST_AT_ONCE);
            let members = self.questions.members(owner, space, after.as_ref(), wanted);
            let members = Questions::found_members(self.router.call(partition, &members).await?)?;
            let Some(last) = members.last() else {
                return Ok(Listing::new(records, None));
            };
            let values = self.router.call(partition, &self.questions.records(&members)).await?;
            for record in Questions::found_records(&members, values, self.clock.now())?.into_iter().flatten()
            {
                if records.len() == limit {
                    let next = records.last().map(cursor_after);
                    return Ok(Listing::new(records, next));
                }
                records.push(record);
            }
            if members.len() < wanted {
                return Ok(Listing::new(records, None));
            }
            after = Some(*last);
        }
    }

    async fn remove_all(&self, owner: &Owner, spaces: &[Space]) -> Result<RemoveAllOutcome, StoreError> {
        if spaces.is_empty() {
            return Ok(RemoveAllOutcome::new(Vec::new(), 0));
        }
        let partition = owner.partition();
        let found = self.router.call(partition, &self.questions.all_members(owner, spaces)).await?;
        let mut members = Questions::found_members(found)?;
        for _ in 0..MOST_ATTEMPTS {
            let revoke = self.questions.remove_all(&self.scripts, owner, spaces, &members, self.clock.now());
            match Questions::removed_all(self.router.call_replicated(partition, &revoke).await?)? {
                Revocation::Done { removed, epochs } => {
                    let epochs = spaces.iter().copied().zip(epochs).collect();
                    let outcome = RemoveAllOutcome::new(epochs, removed);
                    self.removals.note(Removal::All { owner: *owner, epochs: outcome.epochs.clone() });
                    return Ok(outcome);
                }
                // Somebody signed in meanwhile.
                Revocation::Incomplete(all) => members = all,
            }
        }
        Err(StoreError::overloaded().with_effect(Effect::NotApplied))
    }

    /// Servers reclaim records by themselves, by their own clock. This takes what they have reclaimed out of the index, in some
    /// partitions at each call.
    async fn sweep(&self, budget: usize) -> Result<usize, StoreError> {
        let mut left = 0;
        for _ in 0..PARTITIONS_PER_SWEEP {
            let most = (budget - left).min(MOST_AT_ONCE);
            if most == 0 {
                break;
            }
            let number = self.swept.fetch_add(1, Ordering::Relaxed) % Partition::COUNT;
            if let Some(partition) = Partition::new(number) {
                left += self.trim(partition, most).await?;
            }
        }
        Ok(left)
    }

    async fn check(&self) -> Result<(), StoreError> {
        match self.router.nodes().into_iter().find(|node| !node.has_link()) {
            Some(node) => Err(node.trouble()),
            None => Ok(()),
        }
    }

    fn profile(&self) -> Profile {
        self.profile
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisStore({})", self.settings)
    }
}

fn cursor_after(record: &Record) -> Cursor {
    let mut place = Vec::with_capacity(8 + RecordId::LENGTH_BYTES);
    place.extend_from_slice(&record.created_at.unix_millis().to_be_bytes());
    place.extend_from_slice(record.key.id().bytes());
    Cursor::new(Bytes::from(place))
}

fn parse_cursor(owner: &Owner, space: Space, cursor: &Cursor) -> Result<Member, StoreError> {
    let place = cursor.place().split_first_chunk::<8>().and_then(|(created_at, id)| {
        let created_at = Timestamp::from_unix_millis(u64::from_be_bytes(*created_at));
        Some(Member { owner: *owner, space, created_at, id: RecordId::from_bytes(id.try_into().ok()?) })
    });
    place.ok_or_else(|| StoreError::misconfigured("the cursor is not one of this store's"))
}

/// So many creations bring so many members; a trim looks at four times as many.
const CREATED_PER_TRIM: u16 = 16;
const TRIMMED: usize = 64;
/// What one command names, so that none holds the server up.
const MOST_AT_ONCE: usize = 1_000;
/// Each attempt takes one trip, within which an owner would have to sign in again and again.
const MOST_ATTEMPTS: usize = 16;
const PARTITIONS_PER_SWEEP: usize = 64;
