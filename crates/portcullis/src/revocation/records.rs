use portcullis_core::{
    CreateOutcome, Draft, Effect, ExtendOutcome, Freshness, Peek, Realm, Record, RecordKey, ReplaceOutcome,
    SharedStore, Space, StoreError,
};

use super::mark::Written;
use crate::{identity::IssuerId, keyring::KeyId};

/// The marks as a store keeps them: one record for each token, subject and key that there is one against.
///
/// They belong to nobody, so that nothing that ends everything of an owner brings tokens back. None is ever removed before it expires, which is
/// why a write whose answer was lost is simply made again.
#[derive(Clone, Debug)]
pub(super) struct Records {
    store: SharedStore,
    tokens: Realm,
    subjects: Realm,
    keys: Realm,
}

impl Records {
    pub(super) fn new(store: SharedStore) -> Self {
        let realm = |purpose| Realm::new(purpose, "");
        Self {
            store,
            tokens: realm("revoked-token"),
            subjects: realm("revoked-subject"),
            keys: realm("revoked-key"),
        }
    }

    pub(super) const fn store(&self) -> &SharedStore {
        &self.store
    }

    pub(super) fn of_token(&self, issuer: &IssuerId, id: &str) -> RecordKey {
        key(&self.tokens, issuer, id)
    }

    pub(super) fn of_subject(&self, issuer: &IssuerId, subject: &str) -> RecordKey {
        key(&self.subjects, issuer, subject)
    }

    pub(super) fn of_key(&self, issuer: &IssuerId, id: &KeyId) -> RecordKey {
        key(&self.keys, issuer, id.as_str())
    }

    /// What is written under `key`, where the store can tell without waiting. What it cannot read there a load fails with.
    pub(super) fn peek(&self, key: &RecordKey) -> Option<Option<Written>> {
        match self.store.peek(key, Freshness::Strong) {
            Peek::Hit(record, _) => Written::read(&record).ok().map(Some),
            Peek::Absent => Some(None),
            Peek::Unknown => None,
        }
    }

    pub(super) async fn load(&self, key: &RecordKey) -> Result<Option<Written>, StoreError> {
        let record = self.store.load(key, Freshness::Strong).await?;
        record.as_ref().map(Written::read).transpose()
    }

    /// Writes a mark that is the same whoever writes it, or lets the one that is there live as long.
    pub(super) async fn deny(&self, key: &RecordKey, mark: &Written) -> Result<(), StoreError> {
        let mut failure = StoreError::corrupt("the mark comes and goes");
        for _ in 0..ATTEMPTS {
            let lost = match self.store.create(key, mark.draft()).await {
                Ok(CreateOutcome::Created) => return Ok(()),
                Ok(CreateOutcome::Exists | CreateOutcome::Fenced) => {
                    match self.store.extend(key, mark.until).await {
                        Ok(ExtendOutcome::Extended | ExtendOutcome::NotNeeded) => return Ok(()),
                        Ok(ExtendOutcome::Gone) => continue,
                        Err(lost) => lost,
                    }
                }
                Err(lost) => lost,
            };
            match lost.effect() {
                Effect::Unknown => failure = lost,
                // What was applied and failed all the same is not as safe as it was to be.
                Effect::Applied | Effect::NotApplied => return Err(lost),
            }
        }
        Err(failure)
    }

    /// Writes the mark that `raised` makes of the one that is there. Others may do the same: none is overwritten unseen.
    pub(super) async fn raise(
        &self,
        key: &RecordKey,
        raised: impl Fn(Option<Written>) -> Written,
    ) -> Result<Written, StoreError> {
        let (mut lost_answers, mut current): (usize, Option<Record>) = (0, None);
        loop {
            let before = current.as_ref().map(Written::read).transpose()?;
            let mark = raised(before);
            let draft = mark.draft();
            let version = draft.version;
            let lost = match self.put(key, current.as_ref(), draft).await {
                Ok(Put::Done) => return Ok(mark),
                Ok(Put::Overtaken(by)) => {
                    current = by;
                    continue;
                }
                Err(lost) => lost,
            };
            lost_answers += 1;
            match lost.effect() {
                Effect::Unknown if lost_answers < ATTEMPTS => {}
                _ => return Err(lost),
            }
            current = self.store.load(key, Freshness::Strong).await?;
            if current.as_ref().is_some_and(|record| record.version == version) {
                return Ok(mark);
            }
        }
    }

    async fn put(&self, key: &RecordKey, current: Option<&Record>, draft: Draft) -> Result<Put, StoreError> {
        let Some(current) = current else {
            return Ok(match self.store.create(key, draft).await? {
                CreateOutcome::Created => Put::Done,
                CreateOutcome::Exists | CreateOutcome::Fenced => {
                    Put::Overtaken(self.store.load(key, Freshness::Strong).await?)
                }
            });
        };
        Ok(match self.store.replace(key, current.version, draft).await? {
            ReplaceOutcome::Replaced => Put::Done,
            ReplaceOutcome::Conflict(other) => Put::Overtaken(Some(other)),
            ReplaceOutcome::Gone => Put::Overtaken(None),
        })
    }
}

/// What became of writing a subject's mark.
enum Put {
    Done,
    /// Something else is there, or nothing.
    Overtaken(Option<Record>),
}

fn key(realm: &Realm, issuer: &IssuerId, name: &str) -> RecordKey {
    RecordKey::unowned(Space::Revoked, realm.named_id(&[issuer.as_str().as_bytes(), name.as_bytes()]))
}

/// A store that loses three answers in a row is out.
const ATTEMPTS: usize = 3;
