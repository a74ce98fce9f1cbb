use bytes::Bytes;

/// What a request wants changed: the last word on each key, in the order the keys were first spoken of.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes(Vec<Change>);

/// The wish for one key.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) key: Box<str>,
    /// JSON text; `None` removes the key.
    pub(super) value: Option<Bytes>,
}

impl Changes {
    pub(super) fn set(&mut self, key: &str, value: Option<Bytes>) {
        match self.0.iter_mut().find(|change| &*change.key == key) {
            Some(change) => change.value = value,
            None => self.0.push(Change {
                key: key.into(),
                value,
            }),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Change> {
        self.0.iter().find(|change| &*change.key == key)
    }

    /// Withdraws the wish for `key`, which took effect some other way.
    pub(super) fn forget(&mut self, key: &str) {
        self.0.retain(|change| &*change.key != key);
    }

    /// Puts back changes that could not be written, under those spoken since.
    pub(super) fn restore(&mut self, earlier: Self) {
        let since = std::mem::replace(self, earlier);
        for change in since.0 {
            self.set(&change.key, change.value);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Change> {
        self.0.iter()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a record must exist for these to be kept.
    pub(super) fn has_values(&self) -> bool {
        self.0.iter().any(|change| change.value.is_some())
    }
}

impl FromIterator<Change> for Changes {
    fn from_iter<I: IntoIterator<Item = Change>>(changes: I) -> Self {
        Self(changes.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restored_changes_lie_under_newer_ones() {
        let mut changes = Changes::default();
        changes.set("both", Some("new".into()));
        let mut earlier = Changes::default();
        earlier.set("both", Some("old".into()));
        earlier.set("only", None);
        changes.restore(earlier);
        assert_eq!(changes.get("both").unwrap().value.as_deref(), Some(&b"new"[..]));
        assert!(changes.get("only").unwrap().value.is_none());
    }
}
