//! What only history needs, pages of the log that the database file has as well, need not stay in the page cache of the system: there it
//! takes the place of what is read, and each commit needs memory that was not in use so far, which takes more time than to write it.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Weak};

use super::segment::Segment;

/// Bytes at most that stay in the page cache since they are not durable: whoever does without syncs does not wait for the disk
/// earlier than that.
const UNSYNCED: u64 = 256 << 20;

/// Bytes of these that were to leave it, and had to be written first: the system is told again.
const WRITING: u64 = 16 << 20;

/// A part of a segment.
#[derive(Clone)]
pub(super) struct Part {
    segment: Weak<Segment>,
    bytes: Range<u64>,
    /// The segment ends with it.
    last: bool,
}

impl Part {
    /// Take it out of the page cache, and close a file of which nothing is needed any more.
    pub(super) fn uncache(&self) {
        if let Some(segment) = self.segment.upgrade() {
            segment.uncache(self.bytes.clone());
            if self.last && !segment.is_unsynced() {
                segment.rest();
            }
        }
    }
}

/// Parts, oldest first.
#[derive(Default)]
struct Parts {
    list: VecDeque<Part>,
    bytes: u64,
}

impl Parts {
    fn push(&mut self, part: Part) {
        self.bytes += part.bytes.end - part.bytes.start;
        self.list.push_back(part);
    }

    fn pop(&mut self) -> Option<Part> {
        let part = self.list.pop_front()?;
        self.bytes -= part.bytes.end - part.bytes.start;
        Some(part)
    }
}

/// What only history needs of a timeline, and the page cache may still have.
#[derive(Default)]
pub(super) struct PageCache {
    /// Where that ends.
    reached: Option<(Weak<Segment>, u64)>,
    kept: Parts,
    writing: Parts,
}

impl PageCache {
    /// What is before this segment is not there.
    pub(super) fn begin(&mut self, segment: &Arc<Segment>) {
        self.reached = Some((Arc::downgrade(segment), 0));
    }

    /// The database file has the commits in these segments, in the last of them up to `end`.
    pub(super) fn pass(&mut self, segments: &[Arc<Segment>], end: u64) {
        let Some((last, sealed)) = segments.split_last() else { return };
        let (at, mut from) = match &self.reached {
            None => (0, 0),
            // If it is gone, it has been pruned.
            Some((reached, end)) => segments
                .iter()
                .rposition(|segment| Arc::as_ptr(segment) == reached.as_ptr())
                .map_or((sealed.len(), 0), |at| (at, *end)),
        };
        for segment in sealed.iter().skip(at) {
            self.add(segment, from..segment.size_at_rest(), true);
            from = 0;
        }
        self.add(last, from..end, false);
        self.reached = Some((Arc::downgrade(last), end));
    }

    fn add(&mut self, segment: &Arc<Segment>, bytes: Range<u64>, last: bool) {
        if !bytes.is_empty() {
            self.kept.push(Part { segment: Arc::downgrade(segment), bytes, last });
        }
    }

    /// What is to leave the page cache now: what is durable, and what is too much. Of the last segment, so many bytes are durable.
    pub(super) fn take(&mut self, last: &Arc<Segment>, synced: u64) -> Vec<Part> {
        let is_durable = |part: &Part| match part.segment.upgrade() {
            Some(segment) if Arc::ptr_eq(&segment, last) => part.bytes.end <= synced,
            Some(segment) => !segment.is_unsynced(),
            None => true,
        };
        let mut taken = Vec::new();
        while let Some(part) = self.kept.list.front() {
            let durable = is_durable(part);
            if !durable && self.kept.bytes <= UNSYNCED {
                break;
            }
            let Some(part) = self.kept.pop() else { break };
            if !durable {
                self.writing.push(part.clone());
            }
            taken.push(part);
        }
        while self.writing.bytes > WRITING {
            taken.extend(self.writing.pop());
        }
        taken
    }
}
