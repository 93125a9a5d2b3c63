//! The bytes of a timeline: `docs/timeline-format.md` in code. Numbers are big-endian.

use xxhash_rust::xxh3::{Xxh3, xxh3_64, xxh3_128, xxh3_128_with_seed};

/// The version of the format.
pub(super) const VERSION: u32 = 1;

/// A checksum: XXH3, 128 bits.
pub(super) type Sum = u128;

/// Reads fields one after the other.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }

    fn u128(&mut self) -> Option<u128> {
        self.take().map(u128::from_be_bytes)
    }
}

/// What tells a database from all others, and one line of its history from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Identity {
    pub(super) database: u128,
    pub(super) lineage: u128,
}

/// The state of a database after a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Head {
    /// The number of the commit, 0 before the first.
    pub(super) commit: u64,
    /// Size of the database in pages.
    pub(super) pages: u32,
    /// The sum of [`content_sum`] of all pages: tells the database from any other.
    pub(super) sum: Sum,
    /// Covers everything that was written so far.
    pub(super) chain: Sum,
}

/// How a segment begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct SegmentHeader {
    pub(super) page_size: u32,
    pub(super) identity: Identity,
    /// The state before the first commit.
    pub(super) before: Head,
    /// Milliseconds since 1970, UTC.
    pub(super) created: u64,
    /// [`SegmentHeader::BASE`] and [`SegmentHeader::BRANCH`].
    pub(super) flags: u32,
    /// Of a [`SegmentHeader::BRANCH`], the lineage that it comes from.
    pub(super) parent: u128,
}

impl SegmentHeader {
    pub(super) const SIZE: usize = 144;
    /// Its one commit stands for all up to there, which have been pruned: it has every page, and the chain goes on behind it.
    pub(super) const BASE: u32 = 1;
    /// A lineage begins here.
    pub(super) const BRANCH: u32 = 2;
    const MAGIC: &[u8; 16] = b"seawall timeline";

    pub(super) fn encode(&self) -> [u8; Self::SIZE] {
        let mut out = Vec::with_capacity(Self::SIZE);
        out.extend_from_slice(Self::MAGIC);
        out.extend_from_slice(&VERSION.to_be_bytes());
        out.extend_from_slice(&self.page_size.to_be_bytes());
        out.extend_from_slice(&self.identity.database.to_be_bytes());
        out.extend_from_slice(&self.identity.lineage.to_be_bytes());
        out.extend_from_slice(&(self.before.commit + 1).to_be_bytes());
        out.extend_from_slice(&self.created.to_be_bytes());
        out.extend_from_slice(&self.before.sum.to_be_bytes());
        out.extend_from_slice(&self.before.chain.to_be_bytes());
        out.extend_from_slice(&self.before.pages.to_be_bytes());
        out.extend_from_slice(&self.flags.to_be_bytes());
        out.extend_from_slice(&self.parent.to_be_bytes());
        let sum = xxh3_128(&out);
        out.extend_from_slice(&sum.to_be_bytes());
        out.try_into().expect("the fields above fill it")
    }

    /// `None` if the checksum is wrong, or something else. `Err` names a version that is not known.
    pub(super) fn decode(bytes: &[u8; Self::SIZE]) -> Result<Option<Self>, u32> {
        let (fields, sum) = bytes.split_at(Self::SIZE - 16);
        if Reader(sum).u128() != Some(xxh3_128(fields)) || !fields.starts_with(Self::MAGIC) {
            return Ok(None);
        }
        let mut r = Reader(&fields[Self::MAGIC.len()..]);
        match r.u32() {
            Some(VERSION) => Ok(Self::fields(&mut r).filter(|header| valid_page_size(header.page_size))),
            version => Err(version.unwrap_or(0)),
        }
    }

    fn fields(r: &mut Reader<'_>) -> Option<Self> {
        let page_size = r.u32()?;
        let identity = Identity { database: r.u128()?, lineage: r.u128()? };
        let commit = r.u64()?.checked_sub(1)?;
        let created = r.u64()?;
        let (sum, chain, pages) = (r.u128()?, r.u128()?, r.u32()?);
        let (flags, parent) = (r.u32()?, r.u128()?);
        Some(SegmentHeader { page_size, identity, before: Head { commit, pages, sum, chain }, created, flags, parent })
    }

    pub(super) fn is_base(&self) -> bool {
        self.flags & Self::BASE != 0
    }

    /// Whether nothing comes before it.
    pub(super) fn is_first(&self) -> bool {
        self.is_base() || self.before == Head::default()
    }

    /// Whether this one comes behind a segment of that identity, which ends in that state.
    pub(super) fn continues(&self, identity: Identity, head: Head) -> bool {
        let before = if self.flags & Self::BRANCH == 0 { self.identity.lineage } else { self.parent };
        self.before == head && Identity { lineage: before, ..self.identity } == identity
    }
}

pub(super) fn valid_page_size(size: u32) -> bool {
    size.is_power_of_two() && (512..=65536).contains(&size)
}

/// What comes before each page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameHeader {
    /// From 1.
    pub(super) page: u32,
    /// The lower half of the number of the commit that the frame was written for.
    pub(super) mark: u32,
    /// [`page_sum`] of the page.
    pub(super) sum: Sum,
}

impl FrameHeader {
    pub(super) const SIZE: usize = 24;

    pub(super) fn encode(&self) -> [u8; Self::SIZE] {
        let mut out = [0; Self::SIZE];
        out[..4].copy_from_slice(&self.page.to_be_bytes());
        out[4..8].copy_from_slice(&self.mark.to_be_bytes());
        out[8..].copy_from_slice(&self.sum.to_be_bytes());
        out
    }

    pub(super) fn decode(bytes: &[u8; Self::SIZE]) -> Option<Self> {
        let mut r = Reader(bytes);
        Some(FrameHeader { page: r.u32().filter(|page| *page != 0)?, mark: r.u32()?, sum: r.u128()? })
    }
}

/// The checksum of a page, which depends on where in the database it is.
pub(super) fn page_sum(page: u32, data: &[u8]) -> Sum {
    xxh3_128_with_seed(data, u64::from(page))
}

/// What a page adds to [`Head::sum`]: nothing if it is all zeros, as pages are that nobody has written to.
pub(super) fn content_sum(page: u32, data: &[u8]) -> Sum {
    if is_zero(data) { 0 } else { page_sum(page, data) }
}

/// Whether a page is all zeros.
pub(super) fn is_zero(data: &[u8]) -> bool {
    // The first byte that is not zero decides, and it is one of the first almost always.
    data.iter().all(|byte| *byte == 0)
}

/// What ends the frames of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CommitRecord {
    /// The state after it; the chain is not part of what the chain covers.
    pub(super) head: Head,
    /// Milliseconds since 1970, UTC.
    pub(super) time: u64,
    /// The number of its frames.
    pub(super) frames: u32,
    /// [`CommitRecord::SCHEMA`] and [`CommitRecord::ADOPTED`].
    pub(super) flags: u32,
    /// Bytes of the segment that had been synced when this was written: what is wrong before that was not torn.
    pub(super) synced: u64,
}

impl CommitRecord {
    pub(super) const SIZE: usize = 88;
    /// It has changed page 1 in such a way that the schema must be read again.
    pub(super) const SCHEMA: u32 = 1;
    /// It is the whole database as it was found.
    pub(super) const ADOPTED: u32 = 2;
    /// It sets the database back to an earlier commit.
    pub(super) const RESTORED: u32 = 4;
    /// It stands for all up to it: see [`SegmentHeader::BASE`].
    pub(super) const FOLDED: u32 = 8;
    /// In the place of a page number there is 0, and this behind it.
    const MAGIC: u32 = u32::from_be_bytes(*b"COMT");

    /// The fields that the chain covers.
    fn fields(&self) -> [u8; 64] {
        let mut out = Vec::with_capacity(64);
        out.extend_from_slice(&0u32.to_be_bytes());
        out.extend_from_slice(&Self::MAGIC.to_be_bytes());
        out.extend_from_slice(&self.head.commit.to_be_bytes());
        out.extend_from_slice(&self.time.to_be_bytes());
        out.extend_from_slice(&self.head.pages.to_be_bytes());
        out.extend_from_slice(&self.frames.to_be_bytes());
        out.extend_from_slice(&self.synced.to_be_bytes());
        out.extend_from_slice(&self.head.sum.to_be_bytes());
        out.extend_from_slice(&self.flags.to_be_bytes());
        out.extend_from_slice(&0u32.to_be_bytes());
        out.try_into().expect("the fields above fill it")
    }

    pub(super) fn encode(&self) -> [u8; Self::SIZE] {
        let mut out = [0; Self::SIZE];
        out[..64].copy_from_slice(&self.fields());
        out[64..80].copy_from_slice(&self.head.chain.to_be_bytes());
        let sum = xxh3_64(&out[..80]);
        out[80..].copy_from_slice(&sum.to_be_bytes());
        out
    }

    /// `None` if it is something else, or broken.
    pub(super) fn decode(bytes: &[u8; Self::SIZE]) -> Option<Self> {
        let (fields, sum) = bytes.split_at(80);
        let mut r = Reader(fields);
        if (r.u32()?, r.u32()?) != (0, Self::MAGIC) || Reader(sum).u64()? != xxh3_64(fields) {
            return None;
        }
        let (commit, time) = (r.u64()?, r.u64()?);
        let (pages, frames, synced, sum) = (r.u32()?, r.u32()?, r.u64()?, r.u128()?);
        let (flags, _) = (r.u32()?, r.u32()?);
        let head = Head { commit, pages, sum, chain: r.u128()? };
        Some(CommitRecord { head, time, frames, flags, synced })
    }
}

/// The chain of checksums, as it goes over the frames of a commit.
pub(super) struct Chain(Xxh3);

impl Chain {
    pub(super) fn new(before: Sum) -> Self {
        let mut hasher = Xxh3::new();
        hasher.update(&before.to_be_bytes());
        Chain(hasher)
    }

    pub(super) fn frame(&mut self, header: &FrameHeader) {
        self.0.update(&header.encode());
    }

    /// The record with the chain that it ends.
    pub(super) fn end(mut self, mut record: CommitRecord) -> CommitRecord {
        self.0.update(&record.fields());
        record.head.chain = self.0.digest128();
        record
    }
}

/// How a sealed segment ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Footer {
    /// Where the index begins: all before it are frames and commits.
    pub(super) index: u64,
    /// Entries of the index.
    pub(super) entries: u64,
    /// The state after the last commit, and when that was made.
    pub(super) head: Head,
    pub(super) time: u64,
    /// The checksum of the index and of the list of commits. [`Head::chain`] covers what is before them.
    pub(super) sum: Sum,
}

impl Footer {
    /// Where the list of commits begins.
    pub(super) fn commits(&self) -> u64 {
        self.index.saturating_add(self.entries.saturating_mul(IndexEntry::SIZE as u64))
    }

    pub(super) const SIZE: usize = 112;
    const MAGIC: &[u8; 8] = b"sealed\r\n";

    pub(super) fn encode(&self) -> [u8; Self::SIZE] {
        let mut out = Vec::with_capacity(Self::SIZE);
        out.extend_from_slice(Self::MAGIC);
        out.extend_from_slice(&self.index.to_be_bytes());
        out.extend_from_slice(&self.entries.to_be_bytes());
        out.extend_from_slice(&self.head.commit.to_be_bytes());
        out.extend_from_slice(&self.time.to_be_bytes());
        out.extend_from_slice(&self.head.pages.to_be_bytes());
        out.extend_from_slice(&0u32.to_be_bytes());
        out.extend_from_slice(&self.head.sum.to_be_bytes());
        out.extend_from_slice(&self.head.chain.to_be_bytes());
        out.extend_from_slice(&self.sum.to_be_bytes());
        let sum = xxh3_128(&out);
        out.extend_from_slice(&sum.to_be_bytes());
        out.try_into().expect("the fields above fill it")
    }

    pub(super) fn decode(bytes: &[u8; Self::SIZE]) -> Option<Self> {
        let (fields, sum) = bytes.split_at(Self::SIZE - 16);
        if Reader(sum).u128()? != xxh3_128(fields) {
            return None;
        }
        let mut r = Reader(fields.strip_prefix(Self::MAGIC)?);
        let (index, entries) = (r.u64()?, r.u64()?);
        let (commit, time, pages, _) = (r.u64()?, r.u64()?, r.u32()?, r.u32()?);
        let head = Head { commit, pages, sum: r.u128()?, chain: r.u128()? };
        Some(Footer { index, entries, head, time, sum: r.u128()? })
    }
}

/// One frame in the index of a segment, which is in the order of pages, and of commits for each page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct IndexEntry {
    pub(super) page: u32,
    /// Commits since the first of the segment.
    pub(super) commit: u32,
    /// Where the frame begins.
    pub(super) offset: u64,
}

impl IndexEntry {
    pub(super) const SIZE: usize = 16;

    pub(super) fn encode(&self) -> [u8; Self::SIZE] {
        let mut out = [0; Self::SIZE];
        out[..4].copy_from_slice(&self.page.to_be_bytes());
        out[4..8].copy_from_slice(&self.commit.to_be_bytes());
        out[8..].copy_from_slice(&self.offset.to_be_bytes());
        out
    }

    pub(super) fn decode(bytes: &[u8; Self::SIZE]) -> Option<Self> {
        let mut r = Reader(bytes);
        Some(IndexEntry { page: r.u32()?, commit: r.u32()?, offset: r.u64()? })
    }
}

/// How far the database file is, in the file `state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mark {
    /// Counts the marks: the higher one of two counts.
    pub(super) number: u64,
    /// All commits up to this one are in the database file.
    pub(super) copied: u64,
    /// All commits up to this one are durable in the segments.
    pub(super) durable: u64,
    /// [`Mark::CLEAN`], [`Mark::LEFT`] and [`Mark::QUIET`].
    pub(super) flags: u32,
    /// The database file when it was left: the change counter in its header, or 0 if that is not known; size in bytes; nanoseconds of its
    /// last change.
    pub(super) counter: u32,
    pub(super) size: u64,
    pub(super) changed: u64,
}

impl Mark {
    pub(super) const SIZE: usize = 72;
    /// The database file is complete, and is that of a database with a stock log.
    pub(super) const CLEAN: u32 = 1;
    /// The database has left WAL mode, so others may write to its file.
    pub(super) const LEFT: u32 = 2;
    /// The database is open, and nothing has been committed: its file is what it was, but for the bytes that keep others out.
    pub(super) const QUIET: u32 = 4;
    const MAGIC: &[u8; 8] = b"seawmark";

    pub(super) fn encode(&self) -> [u8; Self::SIZE] {
        let mut out = Vec::with_capacity(Self::SIZE);
        out.extend_from_slice(Self::MAGIC);
        out.extend_from_slice(&self.number.to_be_bytes());
        out.extend_from_slice(&self.copied.to_be_bytes());
        out.extend_from_slice(&self.durable.to_be_bytes());
        out.extend_from_slice(&self.flags.to_be_bytes());
        out.extend_from_slice(&self.counter.to_be_bytes());
        out.extend_from_slice(&self.size.to_be_bytes());
        out.extend_from_slice(&self.changed.to_be_bytes());
        let sum = xxh3_128(&out);
        out.extend_from_slice(&sum.to_be_bytes());
        out.try_into().expect("the fields above fill it")
    }

    pub(super) fn decode(bytes: &[u8; Self::SIZE]) -> Option<Self> {
        let (fields, sum) = bytes.split_at(Self::SIZE - 16);
        if Reader(sum).u128()? != xxh3_128(fields) {
            return None;
        }
        let mut r = Reader(fields.strip_prefix(Self::MAGIC)?);
        let (number, copied, durable) = (r.u64()?, r.u64()?, r.u64()?);
        let (flags, counter) = (r.u32()?, r.u32()?);
        Some(Mark { number, copied, durable, flags, counter, size: r.u64()?, changed: r.u64()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: Head = Head { commit: 41, pages: 7, sum: 1 << 100, chain: 3 };

    /// Every byte matters: a change of any is noticed.
    fn is_guarded<const N: usize, T: PartialEq + std::fmt::Debug>(
        bytes: [u8; N],
        value: &T,
        decode: impl Fn(&[u8; N]) -> Option<T>,
    ) {
        assert_eq!(decode(&bytes).as_ref(), Some(value));
        for i in 0..N {
            let mut broken = bytes;
            broken[i] ^= 0x10;
            assert_eq!(decode(&broken), None, "byte {i}");
        }
    }

    #[test]
    fn what_is_written_is_read_back_and_what_is_broken_is_not() {
        let identity = Identity { database: 5, lineage: u128::MAX };
        let header = SegmentHeader { page_size: 65536, identity, before: HEAD, created: 99, flags: 2, parent: 7 };
        is_guarded(header.encode(), &header, |bytes| SegmentHeader::decode(bytes).unwrap());
        let record = CommitRecord { head: HEAD, time: 4, frames: 3, flags: CommitRecord::SCHEMA, synced: 1 << 40 };
        is_guarded(record.encode(), &record, CommitRecord::decode);
        let footer = Footer { index: 1, entries: 2, head: HEAD, time: 6, sum: 77 };
        is_guarded(footer.encode(), &footer, Footer::decode);
        let mark = Mark { number: 1, copied: 2, durable: 3, flags: Mark::CLEAN, counter: 4, size: 5, changed: 6 };
        is_guarded(mark.encode(), &mark, Mark::decode);
        let frame = FrameHeader { page: 1, mark: 2, sum: 3 };
        assert_eq!(FrameHeader::decode(&frame.encode()), Some(frame));
        let entry = IndexEntry { page: 1, commit: 2, offset: 3 };
        assert_eq!(IndexEntry::decode(&entry.encode()), Some(entry));
    }

    #[test]
    fn a_later_version_is_named() {
        let identity = Identity { database: 5, lineage: 6 };
        let header = SegmentHeader { page_size: 512, identity, before: HEAD, ..SegmentHeader::default() };
        let mut bytes = header.encode();
        bytes[19] = 2;
        let sum = xxh3_128(&bytes[..SegmentHeader::SIZE - 16]);
        bytes[SegmentHeader::SIZE - 16..].copy_from_slice(&sum.to_be_bytes());
        assert_eq!(SegmentHeader::decode(&bytes), Err(2));
    }

    #[test]
    fn the_checksum_of_a_page_depends_on_its_place_and_an_empty_page_counts_for_nothing() {
        assert_ne!(page_sum(1, b"abc"), page_sum(2, b"abc"));
        assert_eq!(content_sum(3, &[0; 512]), 0);
        assert_eq!(content_sum(3, b"x"), page_sum(3, b"x"));
    }
}
