use std::collections::{HashMap, HashSet};

use portcullis_core::{Owner, Page, Record, RecordKey, Space, Timestamp};

use super::{
    config::Config,
    device::Device,
    error::SessionError,
    log_out::Along,
    public_handle::PublicHandle,
    slot::Slot,
    snapshot::{Snapshot, Stored},
};
use crate::event::EventKind;

impl Config {
    /// Every live session of `owner`. What was given up or cannot be read is none.
    pub(super) async fn sessions_of(&self, owner: &Owner) -> Result<Vec<Snapshot>, SessionError> {
        let mut found = Found::default();
        let mut listing = self.store.list(owner, Space::Session, Page::first(PAGE)).await?;
        let is_all = listing.next.is_none();
        loop {
            let now = self.clock.now();
            listing.records.into_iter().for_each(|record| found.take(record, now));
            let Some(next) = listing.next else { break };
            listing = self.store.list(owner, Space::Session, Page::after(next, PAGE)).await?;
        }
        // Between two pages a session may have been renewed, and lie on one that was read before if two clocks are not alike.
        while let Some(key) = found.ways.pop().filter(|_| !is_all) {
            if !found.keys.contains(&key)
                && let Some(record) = self.find(&key).await?
            {
                found.take(record, self.clock.now());
            }
        }
        Ok(found.sessions)
    }

    /// The sessions of `owner`, the last used first. One that is being renewed lies under two ids and is one all the same.
    pub(super) async fn devices(
        &self,
        owner: &Owner,
        current: Option<PublicHandle>,
    ) -> Result<Vec<Device>, SessionError> {
        let sessions = self.sessions_of(owner).await?;
        let mut devices: HashMap<PublicHandle, Device> = HashMap::with_capacity(sessions.len());
        for device in sessions.iter().map(|snapshot| Device::of(snapshot, current)) {
            let known = devices.entry(device.handle()).or_insert_with(|| device.clone());
            if known.last_seen_at() < device.last_seen_at() {
                *known = device;
            }
        }
        let mut devices: Vec<Device> = devices.into_values().collect();
        devices.sort_by_key(|device| (std::cmp::Reverse(device.last_seen_at()), device.handle()));
        Ok(devices)
    }

    /// Ends the session of `owner` that is called `handle`, at once, and says whether there was one.
    pub(super) async fn revoke(&self, owner: &Owner, handle: PublicHandle) -> Result<bool, SessionError> {
        let sessions = self.sessions_of(owner).await?;
        let of_that_name = sessions.iter().filter(|snapshot| snapshot.payload.header.handle == handle);
        let ids: Vec<_> = of_that_name.map(|snapshot| (snapshot.key, Some(snapshot.version))).collect();
        let was_there = !ids.is_empty();
        self.end(ids, Along::Renewals, EventKind::Revoked).await?;
        Ok(was_there)
    }
}

impl Slot {
    /// The sessions of whom this one belongs to, with a login of this request; nobody has none.
    pub(super) async fn devices(&self) -> Result<Vec<Device>, SessionError> {
        self.load_to_act().await?;
        let owner = self.state().owner_spoken_of();
        let current = self.handle();
        match owner {
            Some(owner) => self.config.devices(&owner, current).await,
            None => Ok(Vec::new()),
        }
    }

    /// Ends a session of whom this one belongs to, with a login of this request, be it this one.
    pub(super) async fn revoke(&self, handle: PublicHandle) -> Result<bool, SessionError> {
        self.load_to_act().await?;
        let (owner, stored) = {
            let state = self.state();
            (state.owner_spoken_of(), state.owner())
        };
        // The session from before somebody else's login is none of theirs.
        if self.handle() == Some(handle) && owner == stored {
            return self.log_out().await.map(|()| true);
        }
        match owner {
            Some(owner) => self.config.revoke(&owner, handle).await,
            None => Ok(false),
        }
    }
}

/// What a listing holds.
#[derive(Default)]
struct Found {
    keys: HashSet<RecordKey>,
    sessions: Vec<Snapshot>,
    /// Where tombstones lead to.
    ways: Vec<RecordKey>,
}

impl Found {
    fn take(&mut self, record: Record, now: Timestamp) {
        self.keys.insert(record.key);
        match Stored::of(record, now) {
            Ok(Stored::Live(snapshot)) => self.sessions.push(snapshot),
            Ok(Stored::Moved(tombstone)) => self.ways.extend(tombstone.successors),
            Ok(Stored::Over) | Err(_) => {}
        }
    }
}

/// Few people are logged in at more places than one page holds.
const PAGE: usize = 100;
