use std::collections::HashMap;

use portcullis_core::{Owner, Page, Space};

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
    /// Every live session of `owner`, oldest record first. What was given up or cannot be read is none.
    pub(super) async fn sessions_of(&self, owner: &Owner) -> Result<Vec<Snapshot>, SessionError> {
        let now = self.clock.now();
        let mut sessions = Vec::new();
        let mut page = Page::first(PAGE);
        loop {
            let listing = self.store.list(owner, Space::Session, page).await?;
            for record in listing.records {
                if let Ok(Stored::Live(snapshot)) = Stored::of(record, now) {
                    sessions.push(snapshot);
                }
            }
            match listing.next {
                Some(next) => page = Page::after(next, PAGE),
                None => return Ok(sessions),
            }
        }
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
    /// The sessions of whom this one belongs to; nobody has none.
    pub(super) async fn devices(&self) -> Result<Vec<Device>, SessionError> {
        self.load_from_store().await?;
        let (owner, current) = (self.owner(), self.handle());
        match owner {
            Some(owner) => self.config.devices(&owner, current).await,
            None => Ok(Vec::new()),
        }
    }

    /// Ends a session of whom this one belongs to, be it this one.
    pub(super) async fn revoke(&self, handle: PublicHandle) -> Result<bool, SessionError> {
        self.load_from_store().await?;
        if self.handle() == Some(handle) {
            return self.log_out().await.map(|()| true);
        }
        let owner = self.owner();
        match owner {
            Some(owner) => self.config.revoke(&owner, handle).await,
            None => Ok(false),
        }
    }

    /// Whose the stored session is.
    pub(super) fn owner(&self) -> Option<Owner> {
        self.state().live().and_then(|snapshot| snapshot.owner)
    }
}

/// Few people are logged in at more places than one page holds.
const PAGE: usize = 100;
