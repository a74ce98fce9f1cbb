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
            None => self.0.push(Change { key: key.into(), value }),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Change> {
        self.0.iter().find(|change| &*change.key == key)
    }

    /// Withdraws what was `written`, but for keys that were spoken of again since.
    pub(super) fn settle(&mut self, written: &Self) {
        self.0.retain(|change| written.get(&change.key).is_none_or(|done| done.value != change.value));
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
    fn what_was_said_while_writing_is_not_settled() {
        let mut changes = Changes::default();
        changes.set("same", Some("1".into()));
        changes.set("newer", Some("1".into()));
        let written = changes.clone();
        changes.set("newer", Some("2".into()));
        changes.set("other", None);
        changes.settle(&written);
        let left: Vec<&str> = changes.iter().map(|change| &*change.key).collect();
        assert_eq!(left, ["newer", "other"]);
    }
}
