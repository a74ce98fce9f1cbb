use portcullis_core::{
    CreateOutcome, Draft, Epoch, ExtendOutcome, Owner, Partition, Record, RecordKey, RemoveOutcome,
    ReplaceOutcome, Space, StoreError, Timestamp, Version,
};
use redis::Value;

use crate::{
    command::Command,
    connection::unexpected,
    keys::{Keys, Member, range},
    record,
    script::Scripts,
};

/// Each method of the contract as a question to a server, and what its answer means. Knows of no connection and no clock.
#[derive(Clone, Debug)]
pub(crate) struct Questions {
    keys: Keys,
}

impl Questions {
    pub(crate) const fn new(keys: Keys) -> Self {
        Self { keys }
    }

    pub(crate) fn load(&self, key: &RecordKey) -> Command<'static> {
        Command::reading("GET").arg(&self.keys.record(key))
    }

    /// The record, if there is one that has not expired.
    pub(crate) fn loaded(
        key: &RecordKey,
        answer: Value,
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        match answer {
            Value::Nil => Ok(None),
            Value::BulkString(value) => Ok(Some(decode(key, value)?).filter(|record| record.is_live(now))),
            _ => Err(unexpected()),
        }
    }

    /// Creates a record of nobody's where the server has none. `Nil` says that it has one, which may have expired.
    pub(crate) fn create_unowned(&self, key: &RecordKey, draft: &Draft, now: Timestamp) -> Command<'static> {
        Command::writing("SET")
            .arg(&self.keys.record(key))
            .arg(&record::unowned(key, draft, now))
            .arg(b"NX")
            .arg(b"PX")
            .number(lifetime_millis(draft.expires_at, now))
    }

    pub(crate) fn create<'a>(
        &self,
        scripts: &'a Scripts,
        key: &RecordKey,
        draft: &Draft,
        now: Timestamp,
    ) -> Command<'a> {
        let partition = key.partition();
        let keys = [self.keys.record(key), self.keys.index(partition), self.keys.epochs(partition)];
        let fence = draft.fence.map(|fence| fence.count().to_be_bytes());
        Command::script(&scripts.create, &keys)
            .arg(&record::name(key))
            .arg(&millis(now))
            .number(lifetime_millis(draft.expires_at, now))
            .arg(&record::header(key, draft, now))
            .arg(draft.owner.as_ref().map_or(&[], |owner| &owner.bytes()[..]))
            .arg(&[key.space() as u8])
            .arg(fence.as_ref().map_or(&[], |fence| &fence[..]))
            .arg(&draft.payload)
    }

    pub(crate) fn created(answer: &Value) -> Result<CreateOutcome, StoreError> {
        match answer {
            Value::Int(1) => Ok(CreateOutcome::Created),
            Value::Int(0) => Ok(CreateOutcome::Exists),
            Value::Int(2) => Ok(CreateOutcome::Fenced),
            other => Err(not_ours(other)),
        }
    }

    pub(crate) fn replace<'a>(
        &self,
        scripts: &'a Scripts,
        key: &RecordKey,
        expected: Version,
        draft: &Draft,
        now: Timestamp,
    ) -> Command<'a> {
        Command::script(&scripts.replace, &[self.keys.record(key)])
            .arg(&record::name(key))
            .arg(&millis(now))
            .number(lifetime_millis(draft.expires_at, now))
            .arg(&expected.bits().to_be_bytes())
            .arg(&draft.version.bits().to_be_bytes())
            .arg(&millis(draft.expires_at))
            .arg(&draft.payload)
    }

    pub(crate) fn replaced(key: &RecordKey, answer: Value) -> Result<ReplaceOutcome, StoreError> {
        match answer {
            Value::Int(1) => Ok(ReplaceOutcome::Replaced),
            Value::Int(0) => Ok(ReplaceOutcome::Gone),
            Value::BulkString(value) => Ok(ReplaceOutcome::Conflict(decode(key, value)?)),
            other => Err(not_ours(&other)),
        }
    }

    pub(crate) fn extend<'a>(
        &self,
        scripts: &'a Scripts,
        key: &RecordKey,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Command<'a> {
        Command::script(&scripts.extend, &[self.keys.record(key)])
            .arg(&record::name(key))
            .arg(&millis(now))
            .number(lifetime_millis(expires_at, now))
            .arg(&millis(expires_at))
    }

    pub(crate) fn extended(answer: &Value) -> Result<ExtendOutcome, StoreError> {
        match answer {
            Value::Int(1) => Ok(ExtendOutcome::Extended),
            Value::Int(2) => Ok(ExtendOutcome::NotNeeded),
            Value::Int(0) => Ok(ExtendOutcome::Gone),
            other => Err(not_ours(other)),
        }
    }

    pub(crate) fn remove<'a>(
        &self,
        scripts: &'a Scripts,
        key: &RecordKey,
        expected: Option<Version>,
        now: Timestamp,
    ) -> Command<'a> {
        let expected = expected.map(|expected| expected.bits().to_be_bytes());
        Command::script(&scripts.remove, &[self.keys.record(key), self.keys.index(key.partition())])
            .arg(&record::name(key))
            .arg(&millis(now))
            .arg(expected.as_ref().map_or(&[], |expected| &expected[..]))
    }

    pub(crate) fn removed(key: &RecordKey, answer: Value) -> Result<RemoveOutcome, StoreError> {
        match answer {
            Value::Int(0) => Ok(RemoveOutcome::Absent),
            Value::Array(parts) => match <[Value; 2]>::try_from(parts) {
                Ok([Value::Int(1), Value::BulkString(value)]) => {
                    Ok(RemoveOutcome::Removed(decode(key, value)?))
                }
                Ok([Value::Int(2), Value::BulkString(value)]) => {
                    Ok(RemoveOutcome::Conflict(decode(key, value)?))
                }
                _ => Err(unexpected()),
            },
            other => Err(not_ours(&other)),
        }
    }

    pub(crate) fn remove_again<'a>(
        &self,
        scripts: &'a Scripts,
        key: &RecordKey,
        created_at: Timestamp,
    ) -> Command<'a> {
        Command::script(&scripts.remove_again, &[self.keys.record(key), self.keys.index(key.partition())])
            .arg(&record::name(key))
            .arg(&millis(created_at))
    }

    /// The members of an owner in one space, at most `limit`, from `after` on.
    pub(crate) fn members(
        &self,
        owner: &Owner,
        space: Space,
        after: Option<&Member>,
        limit: usize,
    ) -> Command<'static> {
        let (first, last) = range(owner, space as u8, space as u8);
        let first = after.map_or(first, |after| [b"(", &after.bytes()[..]].concat());
        self.member_range(owner.partition(), &first, &last).arg(b"LIMIT").number(0).number(limit as u64)
    }

    /// All members of an owner in the space with the lowest number of `spaces`, in that with the highest, and between.
    pub(crate) fn all_members(&self, owner: &Owner, spaces: &[Space]) -> Command<'static> {
        let numbers = || spaces.iter().map(|space| *space as u8);
        let (first, last) = range(owner, numbers().min().unwrap_or(0), numbers().max().unwrap_or(0));
        self.member_range(owner.partition(), &first, &last)
    }

    fn member_range(&self, partition: Partition, first: &[u8], last: &[u8]) -> Command<'static> {
        Command::reading("ZRANGE").arg(&self.keys.index(partition)).arg(first).arg(last).arg(b"BYLEX")
    }

    /// Any members of a partition, at most `limit`.
    pub(crate) fn any_members(&self, partition: Partition, limit: usize) -> Command<'static> {
        Command::reading("ZRANDMEMBER").arg(&self.keys.index(partition)).number(limit as u64)
    }

    pub(crate) fn found_members(answer: Value) -> Result<Vec<Member>, StoreError> {
        let Value::Array(members) = answer else {
            return Err(unexpected());
        };
        let members = members.into_iter().filter_map(|member| match member {
            Value::BulkString(bytes) => Member::decode(&bytes),
            _ => None,
        });
        Ok(members.collect())
    }

    /// The records of members that lie in one partition.
    pub(crate) fn records(&self, members: &[Member]) -> Command<'static> {
        members
            .iter()
            .fold(Command::reading("MGET"), |command, member| command.arg(&self.keys.record(&member.key())))
    }

    /// Each member with its record; none if it has expired, or was reclaimed, or is not what the member stands for.
    pub(crate) fn found_records(
        members: &[Member],
        answer: Value,
        now: Timestamp,
    ) -> Result<Vec<Option<Record>>, StoreError> {
        let Value::Array(values) = answer else {
            return Err(unexpected());
        };
        let pairs = members.iter().zip(values).map(|(member, value)| match value {
            Value::BulkString(value) => record::decode(&member.key(), value).filter(|record| {
                record.is_live(now)
                    && record.owner == Some(member.owner)
                    && record.created_at == member.created_at
            }),
            _ => None,
        });
        Ok(pairs.collect())
    }

    pub(crate) fn remove_all<'a>(
        &self,
        scripts: &'a Scripts,
        owner: &Owner,
        spaces: &[Space],
        members: &[Member],
        now: Timestamp,
    ) -> Command<'a> {
        let spaces: Vec<u8> = spaces.iter().map(|space| *space as u8).collect();
        self.revoke(scripts, owner, &spaces, &[], members, now)
    }

    pub(crate) fn remove_all_again<'a>(
        &self,
        scripts: &'a Scripts,
        owner: &Owner,
        epochs: &[(Space, Epoch)],
        members: &[Member],
    ) -> Command<'a> {
        let spaces: Vec<u8> = epochs.iter().map(|(space, _)| *space as u8).collect();
        let reached: Vec<u8> = epochs.iter().flat_map(|(_, epoch)| epoch.count().to_be_bytes()).collect();
        self.revoke(scripts, owner, &spaces, &reached, members, Timestamp::default())
    }

    fn revoke<'a>(
        &self,
        scripts: &'a Scripts,
        owner: &Owner,
        spaces: &[u8],
        reached: &[u8],
        members: &[Member],
        now: Timestamp,
    ) -> Command<'a> {
        let partition = owner.partition();
        let named =
            members.iter().filter(|member| member.owner == *owner && spaces.contains(&(member.space as u8)));
        let named: Vec<&Member> = named.collect();
        let mut keys = vec![self.keys.index(partition), self.keys.epochs(partition)];
        keys.extend(named.iter().map(|member| self.keys.record(&member.key())));
        named.iter().fold(
            Command::script(&scripts.remove_all, &keys)
                .arg(&millis(now))
                .arg(owner.bytes())
                .arg(spaces)
                .arg(reached),
            |command, member| command.arg(&member.bytes()),
        )
    }

    pub(crate) fn removed_all(answer: Value) -> Result<Revocation, StoreError> {
        let Value::Array(parts) = answer else {
            return Err(unexpected());
        };
        let mut parts = parts.into_iter();
        match (parts.next(), parts.next()) {
            (Some(Value::Int(0)), Some(members)) => Ok(Revocation::Incomplete(Self::found_members(members)?)),
            (Some(Value::Int(1)), Some(Value::Int(removed))) => {
                let epochs = parts.map(|epoch| match epoch {
                    Value::BulkString(bytes) => <[u8; 8]>::try_from(bytes)
                        .map(|count| Epoch::from_count(u64::from_be_bytes(count)))
                        .map_err(|_length| unexpected()),
                    _ => Err(unexpected()),
                });
                Ok(Revocation::Done {
                    removed: u64::try_from(removed).unwrap_or(0),
                    epochs: epochs.collect::<Result<_, _>>()?,
                })
            }
            _ => Err(unexpected()),
        }
    }

    pub(crate) fn trim<'a>(
        &self,
        scripts: &'a Scripts,
        partition: Partition,
        members: &[Member],
    ) -> Command<'a> {
        let mut keys = vec![self.keys.index(partition)];
        keys.extend(members.iter().map(|member| self.keys.record(&member.key())));
        members
            .iter()
            .fold(Command::script(&scripts.trim, &keys), |command, member| command.arg(&member.bytes()))
    }

    pub(crate) fn trimmed(answer: &Value) -> Result<usize, StoreError> {
        match answer {
            Value::Int(left) => Ok(usize::try_from(*left).unwrap_or(0)),
            _ => Err(unexpected()),
        }
    }
}

/// What became of a removal of everything.
#[derive(Debug)]
pub(crate) enum Revocation {
    Done {
        /// How many were alive.
        removed: u64,
        /// In the order of the spaces.
        epochs: Vec<Epoch>,
    },
    /// Nothing has changed: all these members are to be named.
    Incomplete(Vec<Member>),
}

fn decode(key: &RecordKey, value: Vec<u8>) -> Result<Record, StoreError> {
    record::decode(key, value).ok_or_else(|| StoreError::corrupt("the value is no record that names its key"))
}

fn not_ours(answer: &Value) -> StoreError {
    match answer {
        Value::Int(-1) => StoreError::corrupt("the value is no record that names its key"),
        _ => unexpected(),
    }
}

const fn millis(at: Timestamp) -> [u8; 8] {
    at.unix_millis().to_be_bytes()
}

/// After how long the server may reclaim: by its own clock, and so from now on and never at a time of day; with slack, because
/// ours decides; and no longer than it can count.
fn lifetime_millis(expires_at: Timestamp, now: Timestamp) -> u64 {
    let lifetime = u64::try_from(expires_at.since(now).as_millis()).unwrap_or(u64::MAX);
    lifetime.saturating_add(SLACK_MILLIS).min(LONGEST_MILLIS)
}

/// As far as the clocks of two processes may be apart before one finds a record gone that it would call alive.
const SLACK_MILLIS: u64 = 60_000;
/// Three thousand years.
const LONGEST_MILLIS: u64 = 100_000_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s45_a_server_reclaims_later_than_the_clock_says_and_at_a_time_that_it_can_count() {
        let at = Timestamp::from_unix_millis;
        for (expires_at, now, expected) in
            [(at(1_000), at(0), 61_000), (at(0), at(1_000), 60_000), (Timestamp::MAX, at(0), LONGEST_MILLIS)]
        {
            assert_eq!(lifetime_millis(expires_at, now), expected);
        }
    }
}
