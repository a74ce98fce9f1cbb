use std::{error::Error, fmt};

use super::KeyId;
use crate::json::JsonError;

/// A key, or a file of keys, cannot be used.
///
/// It never quotes the key.
#[derive(Debug)]
pub struct KeyError {
    kind: KeyErrorKind,
    /// Which of several, where it is known.
    id: Option<KeyId>,
    /// Where in its file, counted from 1.
    pub(crate) line: Option<usize>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl KeyError {
    pub(crate) const fn new(kind: KeyErrorKind) -> Self {
        Self { kind, id: None, line: None, source: None }
    }

    pub(crate) fn because(kind: KeyErrorKind, source: impl Error + Send + Sync + 'static) -> Self {
        Self { kind, id: None, line: None, source: Some(Box::new(source)) }
    }

    pub(crate) fn with_id(mut self, id: KeyId) -> Self {
        self.id = Some(id);
        self
    }

    /// What is wrong, as a kind.
    #[must_use]
    pub const fn kind(&self) -> KeyErrorKind {
        self.kind
    }

    /// The id of the key that is meant, where there are several.
    #[must_use]
    pub const fn id(&self) -> Option<&KeyId> {
        self.id.as_ref()
    }

    /// The line of the file in which the key stands, counted from 1, where it has lines.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        self.line
    }
}

impl From<KeyErrorKind> for KeyError {
    fn from(kind: KeyErrorKind) -> Self {
        Self::new(kind)
    }
}

impl From<JsonError> for KeyError {
    fn from(_: JsonError) -> Self {
        Self::new(KeyErrorKind::Malformed)
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.sentence())?;
        if let Some(id) = &self.id {
            // Debug, so that a stranger's id cannot break the line.
            write!(f, " (the key {:?})", id.as_str())?;
        }
        match self.line {
            Some(line) => write!(f, " (line {line})"),
            None => Ok(()),
        }
    }
}

impl Error for KeyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

/// What is wrong with a key.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum KeyErrorKind {
    /// The file cannot be read or written.
    File,
    /// It is no key in any form that is read here.
    Malformed,
    /// A key of a kind or for an algorithm that is not known here.
    Unsupported,
    /// A shared key that is shorter than its hash's output, or an RSA key of less than 2048 bits.
    TooShort,
    /// A longer key than is computed with: an RSA modulus beyond 8192 bits, an id beyond 256 bytes, a set beyond 1 MiB.
    TooLong,
    /// A key that is known to be breakable: a weak exponent, a weak generator, a point of small order or off its curve.
    Weak,
    /// Its parts contradict one another: a private part of another public one, an algorithm of another type of key.
    Contradiction,
    /// A private or a shared key where only public ones may be.
    Secret,
    /// The key is for another use: encryption, or an operation that is not `sign` or `verify`.
    Use,
    /// None of the keys can be used.
    Empty,
    /// The operating system gave no randomness.
    Randomness,
}

impl KeyErrorKind {
    /// The kind's stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Malformed => "malformed",
            Self::Unsupported => "unsupported",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::Weak => "weak",
            Self::Contradiction => "contradiction",
            Self::Secret => "secret",
            Self::Use => "use",
            Self::Empty => "empty",
            Self::Randomness => "randomness",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::File => "the file of keys cannot be read or written",
            Self::Malformed => "this is no key in a form that is known here",
            Self::Unsupported => "a key of this kind or for this algorithm is not known here",
            Self::TooShort => "the key is too short for its algorithm",
            Self::TooLong => "the key or its id is longer than is allowed",
            Self::Weak => "the key is known to be weak",
            Self::Contradiction => "the parts of the key contradict one another",
            Self::Secret => "a private or shared key stands where only public ones may",
            Self::Use => "the key is for another use than signatures",
            Self::Empty => "there is no key that can be used",
            Self::Randomness => "the operating system gave no randomness",
        }
    }
}
