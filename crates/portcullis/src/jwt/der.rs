//! As much of DER as it takes to tell one encoding of a key from another, and to take an RSA key apart. All lengths are checked by the caller's
//! structure: what is left over makes it another thing.

/// A reader over the contents of one value.
#[derive(Clone, Copy)]
pub(super) struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The contents of the next value, if it has this `tag`.
    pub(super) fn next(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_first()?;
        if *head != tag {
            return None;
        }
        let (length, rest) = length(rest)?;
        let (contents, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(contents)
    }

    /// The next value, a sequence.
    pub(super) fn sequence(&mut self) -> Option<Self> {
        self.next(SEQUENCE).map(Self)
    }

    /// The next value, a number that is not negative, without the zero that keeps it so.
    pub(super) fn unsigned(&mut self) -> Option<&'a [u8]> {
        match self.next(INTEGER)? {
            [0] => Some(&[]),
            [0, digits @ ..] => Some(digits),
            [first, ..] if *first >= 0x80 => None,
            digits => Some(digits),
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Whether `bytes` look as a whole like a key or a certificate in DER: a sequence of nothing but whole values, at least two of them, that begins
/// with a number (RSAPublicKey, RSAPrivateKey, PrivateKeyInfo, ECPrivateKey) or with a sequence (SubjectPublicKeyInfo, Certificate).
///
/// Of random bytes, fewer than one in a million do.
pub(super) fn is_key(bytes: &[u8]) -> bool {
    let mut outer = Der::new(bytes);
    let Some(mut contents) = outer.sequence() else { return false };
    let begins = matches!(contents.0.first(), Some(&(INTEGER | SEQUENCE)));
    let mut count = 0;
    while let Some(tag) = contents.0.first().copied() {
        if contents.next(tag).is_none() {
            return false;
        }
        count += 1;
    }
    outer.is_empty() && begins && count >= 2
}

/// The length that `rest` begins with, in its shortest form.
fn length(rest: &[u8]) -> Option<(usize, &[u8])> {
    let (first, rest) = rest.split_first()?;
    let count = match first {
        0..=0x7f => return Some((usize::from(*first), rest)),
        0x81..=0x83 => usize::from(first & 0x7f),
        _ => return None,
    };
    let (digits, rest) = rest.split_at_checked(count)?;
    let length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
    let shortest = if count == 1 { 0x80 } else { 1 << (8 * (count - 1)) };
    (length >= shortest).then_some((length, rest))
}

const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
