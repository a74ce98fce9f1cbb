use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// Which write produced a record: 64 bits chosen by the writer, unique but not secret.
///
/// Because the writer chooses it, a write whose answer was lost is resolved by asking whose version is stored, and
/// because it is never used twice there is no ABA.
///
/// # Example
///
/// ```
/// use portcullis_core::Version;
///
/// assert_ne!(Version::unique(), Version::unique());
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Version(u64);

impl Version {
    /// A version that no other write of this process has, and, but for a chance of one in 2⁶⁴ for each pair of writes
    /// to one record, no write of another.
    ///
    /// Costs no call to the operating system: a seed drawn once for the process, and a counter.
    #[must_use]
    pub fn unique() -> Self {
        static SEED: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one("portcullis/version"));
        static WRITES: AtomicU64 = AtomicU64::new(0);
        Self(mix(SEED.wrapping_add(WRITES.fetch_add(1, Ordering::Relaxed))))
    }

    /// From what [`bits`](Self::bits) gave, as a store reads it back.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// As a store keeps it.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }
}

/// SplitMix64's finalizer: a bijection, so distinct counts give distinct versions, and spread over all 64 bits, so the
/// ranges of two processes do not overlap in runs.
const fn mix(count: u64) -> u64 {
    let mut z = count.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn never_repeats_within_a_process() {
        let seen: HashSet<Version> = (0..100_000).map(|_| Version::unique()).collect();
        assert_eq!(seen.len(), 100_000);
    }
}
