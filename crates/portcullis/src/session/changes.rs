use bytes::Bytes;

/// What a request wants changed: the last word on each key, in the order the keys were first spoken of.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    changes: Vec<Change>,
    /// How many words were spoken.
    spoken: u64,
}

/// The wish for one key.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) key: Box<str>,
    /// JSON text; `None` removes the key.
    pub(super) value: Option<Bytes>,
    /// Which word it is: the same value said again is another.
    word: u64,
}

impl Changes {
    /// One change alone.
    pub(super) fn only(key: &str, value: Bytes) -> Self {
        let mut changes = Self::default();
        changes.set(key, Some(value));
        changes
    }

    pub(super) fn set(&mut self, key: &str, value: Option<Bytes>) {
        self.spoken += 1;
        let word = self.spoken;
        match self.changes.iter_mut().find(|change| &*change.key == key) {
            Some(change) => (change.value, change.word) = (value, word),
            None => self.changes.push(Change { key: key.into(), value, word }),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Change> {
        self.changes.iter().find(|change| &*change.key == key)
    }

    /// Withdraws what was `written`, but for keys that were spoken of again since.
    pub(super) fn settle(&mut self, written: &Self) {
        self.changes.retain(|change| written.get(&change.key).is_none_or(|done| done.word != change.word));
    }

    /// Withdraws one change, unless its key was spoken of again since.
    pub(super) fn settle_one(&mut self, written: &Change) {
        self.changes.retain(|change| change.key != written.key || change.word != written.word);
    }

    pub(super) fn clear(&mut self) {
        self.changes.clear();
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Whether a record must exist for these to be kept.
    pub(super) fn has_values(&self) -> bool {
        self.changes.iter().any(|change| change.value.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_while_writing_is_not_settled() {
        let mut changes = Changes::default();
        for key in ["written", "newer", "again"] {
            changes.set(key, Some("1".into()));
        }
        let written = changes.clone();
        changes.set("newer", Some("2".into()));
        changes.set("again", Some("1".into()));
        changes.set("other", None);
        changes.settle(&written);
        let left: Vec<&str> = changes.iter().map(|change| &*change.key).collect();
        assert_eq!(left, ["newer", "again", "other"]);
    }
}
