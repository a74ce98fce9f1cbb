use std::{borrow::Cow, collections::HashSet};

use super::Text;

/// The names that one object has had so far.
pub(super) struct Names<'a> {
    few: [Text<'a>; FEW],
    count: usize,
    /// All of them, once there are many: a stranger's object must not cost the square of its length.
    many: HashSet<Cow<'a, str>>,
}

impl<'a> Names<'a> {
    pub(super) fn new() -> Self {
        Self { few: [Text::new("", false); FEW], count: 0, many: HashSet::new() }
    }

    /// Whether `name` is new.
    pub(super) fn insert(&mut self, name: Text<'a>) -> bool {
        if let Some(free) = self.few.get_mut(self.count) {
            *free = name;
            self.count += 1;
            return !self.few.iter().take(self.count - 1).any(|had| had.is_same(name));
        }
        if self.many.is_empty() {
            self.many.extend(self.few.iter().map(|had| had.decoded()));
        }
        self.many.insert(name.decoded())
    }
}

/// No token of a common provider has more claims than these without the heap.
const FEW: usize = 16;
