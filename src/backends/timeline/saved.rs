//! What `sqlite3_snapshot_get()` gives, and `sqlite3_snapshot_open()` takes: the number of a commit.

use std::ops::Range;

use super::format::{Head, Identity};
use crate::wal::Snapshot;

/// A commit that somebody wants to come back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Saved {
    pub(super) lineage: u128,
    pub(super) commit: u64,
    /// A part of the running checksum: commits that were lost with the power have numbers that others get after them.
    pub(super) chain: u64,
}

/// Not zero: see [`Snapshot`].
const VERSION: Range<usize> = 0..4;

/// `sqlite3_snapshot_cmp()` compares two numbers of the machine, this one first. Elsewhere they are the first salt of the stock log
/// and the number of a frame in it.
const HIGH: Range<usize> = 32..36;
const LOW: Range<usize> = 16..20;

const LINEAGE: [Range<usize>; 2] = [24..32, 40..48];
const CHAIN: Range<usize> = 8..16;

impl Saved {
    pub(super) fn new(identity: Identity, head: Head) -> Self {
        Saved { lineage: identity.lineage, commit: head.commit, chain: head.chain as u64 }
    }

    pub(super) fn encode(self) -> Snapshot {
        let mut bytes = [0; 48];
        bytes[VERSION].copy_from_slice(&1u32.to_ne_bytes());
        bytes[HIGH].copy_from_slice(&((self.commit >> 32) as u32).to_ne_bytes());
        bytes[LOW].copy_from_slice(&(self.commit as u32).to_ne_bytes());
        let (upper, lower) = ((self.lineage >> 64) as u64, self.lineage as u64);
        for (range, half) in LINEAGE.into_iter().zip([upper, lower]) {
            bytes[range].copy_from_slice(&half.to_ne_bytes());
        }
        bytes[CHAIN].copy_from_slice(&self.chain.to_ne_bytes());
        Snapshot(bytes)
    }

    /// `None` if it is not one of a timeline.
    pub(super) fn decode(snapshot: Snapshot) -> Option<Self> {
        let word = |range: Range<usize>| snapshot.0[range].try_into().map_or(0, u32::from_ne_bytes);
        let half = |range: Range<usize>| snapshot.0[range].try_into().map_or(0, u64::from_ne_bytes);
        let [upper, lower] = LINEAGE.map(|range| u128::from(half(range)));
        let commit = u64::from(word(HIGH)) << 32 | u64::from(word(LOW));
        let saved = Saved { lineage: upper << 64 | lower, commit, chain: half(CHAIN) };
        (word(VERSION) == 1).then_some(saved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_is_found_again() {
        for (lineage, commit, chain) in
            [(0, 1, 0), (1 << 127 | 3, 0x1234_5678_9abc_def0, 5), (u128::MAX, u64::MAX, u64::MAX)]
        {
            let saved = Saved { lineage, commit, chain };
            assert_eq!(Saved::decode(saved.encode()), Some(saved));
        }
        assert_eq!(Saved::decode(Snapshot::NEWEST), None);
    }
}
