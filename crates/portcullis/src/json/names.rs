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

#[cfg(test)]
mod tests {
    use super::*;

    /// Time is not measured: what is asserted is that the ones behind the first few are never compared one by one.
    #[test]
    fn t18_many_names_are_hashed_and_none_is_copied() {
        // As many as a token of 16 KiB can have.
        let document: Vec<String> = (0..2_700).map(|n| format!("\"{n:03x}\"")).collect();
        let mut names = Names::new();
        for (at, name) in document.iter().enumerate() {
            assert!(names.insert(Text::new(name, false)), "{name}");
            assert_eq!(names.count, (at + 1).min(FEW));
            assert_eq!(names.many.len(), if at < FEW { 0 } else { at + 1 });
        }
        assert!(names.many.iter().all(|name| matches!(name, Cow::Borrowed(_))));
        for name in &document {
            assert!(!names.insert(Text::new(name, false)), "{name}");
        }
    }
}
