//! The segments of a timeline as somebody reads them who does not write: this process or another one may do that meanwhile.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use xxhash_rust::xxh3::xxh3_128;

use super::format::{CommitRecord, Footer, FrameHeader, Head, IndexEntry, SegmentHeader, page_sum};
use super::segment::{self, COMMIT_ENTRY, Segment, corrupt, failed};
use super::storage::{Access, Storage};
use crate::wal::PageNo;
use crate::{Error, Result};

/// Which commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Commit(u64),
    /// The last one that was made by then: milliseconds since 1970.
    Time(u64),
}

impl At {
    /// What the parameter `at` of a URI says: the number of a commit, or a time as RFC 3339 has it.
    pub(super) fn parse(text: &str) -> Result<Self> {
        if let Ok(number) = text.parse() {
            return Ok(At::Commit(number));
        }
        let time = humantime::parse_rfc3339_weak(text).ok();
        let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        since.and_then(|since| u64::try_from(since.as_millis()).ok()).map(At::Time).ok_or_else(|| {
            Error::CANTOPEN.with_message(format!(
                "wal \"timeline\": at={text} is neither the number of a commit nor a time such as 2026-11-22T10:00:00Z"
            ))
        })
    }
}

/// A segment that is read when it is needed.
struct Lazy {
    name: String,
    /// The number of its first commit.
    first: u64,
    opened: OnceCell<Opened>,
}

/// A segment, and how to find pages in it.
pub(super) struct Opened {
    pub(super) segment: Arc<Segment>,
    index: Index,
    /// When its last commit was made, and the state after that.
    time: u64,
    pub(super) head: Head,
}

/// Where a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    segment: usize,
    offset: u64,
}

enum Index {
    /// Of a segment that is not sealed.
    Here { entries: Vec<IndexEntry>, commits: Vec<u64> },
    /// At the end of a sealed one. The fence has the first entry of each block.
    Sealed { footer: Footer, fence: OnceCell<Vec<IndexEntry>> },
}

/// Segments before that of the commit whose files stay open.
const OPEN: usize = 32;

/// Entries of the index that are read at once.
const BLOCK: usize = 256;

impl Opened {
    pub(super) fn new(storage: &Arc<dyn Storage>, folder: &Path, name: &str) -> Result<Self> {
        let segment = Segment::open(storage, folder, name, Access::Read)?;
        let segment = segment.ok_or_else(|| corrupt(&folder.join(name), 0, "its header is not that of a segment"))?;
        if let Some(footer) = segment.footer()? {
            let (time, head) = (footer.time, footer.head);
            let index = Index::Sealed { footer, fence: OnceCell::new() };
            return Ok(Opened { segment: Arc::new(segment), index, time, head });
        }
        // Somebody may be writing behind the last commit.
        let mut found = segment.scan(true, &mut |_| Ok(()))?;
        found.index.sort_unstable();
        let index = Index::Here { entries: found.index, commits: found.commits };
        Ok(Opened { segment: Arc::new(segment), index, time: found.time, head: found.head })
    }

    /// Where the record of a commit is.
    pub(super) fn record_offset(&self, number: u64) -> Result<u64> {
        let within = number - self.segment.header.before.commit - 1;
        let offset = match &self.index {
            Index::Here { commits, .. } => commits.get(within as usize).copied(),
            Index::Sealed { footer, .. } => {
                let mut bytes = [0; COMMIT_ENTRY as usize];
                self.segment.read(&mut bytes, footer.commits() + within * COMMIT_ENTRY)?;
                Some(u64::from_be_bytes(bytes))
            }
        };
        offset.ok_or(Error::CORRUPT)
    }

    /// The record of a commit.
    fn record(&self, number: u64) -> Result<CommitRecord> {
        let offset = self.record_offset(number)?;
        let mut bytes = [0; CommitRecord::SIZE];
        self.segment.read(&mut bytes, offset)?;
        let record = CommitRecord::decode(&bytes).filter(|record| record.head.commit == number);
        record.ok_or_else(|| corrupt(&self.segment.path, offset, &format!("commit {number} does not end here")))
    }

    /// Where the newest frame of a page up to a commit of this segment begins.
    fn find(&self, page: u32, commit: u64) -> Result<Option<u64>> {
        let before = self.segment.header.before.commit;
        let limit = u32::try_from(commit - before - 1).unwrap_or(u32::MAX);
        let key = IndexEntry { page, commit: limit, offset: u64::MAX };
        let newest = |entries: &[IndexEntry]| {
            let behind = entries.partition_point(|entry| *entry <= key);
            behind.checked_sub(1).map(|at| entries[at]).filter(|entry| entry.page == page)
        };
        match &self.index {
            Index::Here { entries, .. } => Ok(newest(entries).map(|entry| entry.offset)),
            Index::Sealed { footer, fence } => {
                if fence.get().is_none() {
                    let _ = fence.set(self.fence(footer)?);
                }
                let behind = fence.get().map_or(0, |fence| fence.partition_point(|entry| *entry <= key));
                let Some(block) = behind.checked_sub(1) else { return Ok(None) };
                Ok(newest(&self.entries(footer, block)?).map(|entry| entry.offset))
            }
        }
    }

    /// Whether it is sealed, so that it does not change any more, and ends with this commit.
    pub(super) fn is_sealed_at(&self, commit: u64) -> bool {
        matches!(self.index, Index::Sealed { .. }) && self.head.commit == commit
    }

    /// The entries of the index, in its order.
    pub(super) fn all_entries(&self) -> Result<Vec<IndexEntry>> {
        match &self.index {
            Index::Here { entries, .. } => Ok(entries.clone()),
            Index::Sealed { footer, .. } => {
                let blocks = (footer.entries as usize).div_ceil(BLOCK);
                let mut all = Vec::with_capacity(footer.entries as usize);
                for block in 0..blocks {
                    all.extend(self.entries(footer, block)?);
                }
                Ok(all)
            }
        }
    }

    /// The first entry of each block.
    fn fence(&self, footer: &Footer) -> Result<Vec<IndexEntry>> {
        let size = self.segment.size()?.saturating_sub(Footer::SIZE as u64).saturating_sub(footer.index);
        let mut bytes = vec![0; size as usize];
        self.segment.read(&mut bytes, footer.index)?;
        if xxh3_128(&bytes) != footer.sum {
            return Err(corrupt(&self.segment.path, footer.index, "its index is not what it was when it was sealed"));
        }
        bytes.truncate(footer.entries as usize * IndexEntry::SIZE);
        let blocks = bytes.chunks(BLOCK * IndexEntry::SIZE);
        Ok(blocks.filter_map(|block| block.first_chunk().and_then(IndexEntry::decode)).collect())
    }

    fn entries(&self, footer: &Footer, block: usize) -> Result<Vec<IndexEntry>> {
        let first = block * BLOCK;
        let count = BLOCK.min((footer.entries as usize).saturating_sub(first));
        let mut bytes = vec![0; count * IndexEntry::SIZE];
        self.segment.read(&mut bytes, footer.index + (first * IndexEntry::SIZE) as u64)?;
        Ok(bytes
            .chunks_exact(IndexEntry::SIZE)
            .filter_map(|one| one.try_into().ok().and_then(IndexEntry::decode))
            .collect())
    }
}

/// The segments of a timeline, as far as they are needed.
pub(super) struct Segments {
    storage: Arc<dyn Storage>,
    pub(super) folder: PathBuf,
    list: Vec<Lazy>,
}

impl Segments {
    pub(super) fn new(storage: Arc<dyn Storage>, folder: PathBuf) -> Result<Self> {
        let names = storage.list(&folder).map_err(|error| failed(&folder, "reading", &error))?;
        let lazy = |(first, name)| Lazy { name, first, opened: OnceCell::new() };
        let list = segment::current(names).0.into_iter().map(lazy).collect();
        Ok(Segments { storage, folder, list })
    }

    pub(super) fn storage(&self) -> &Arc<dyn Storage> {
        &self.storage
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The name of the file.
    pub(super) fn name(&self, i: usize) -> Option<&str> {
        self.list.get(i).map(|lazy| &*lazy.name)
    }

    pub(super) fn get(&self, i: usize) -> Result<&Opened> {
        let lazy = self.list.get(i).ok_or(Error::CORRUPT)?;
        if lazy.opened.get().is_none() {
            let _ = lazy.opened.set(Opened::new(&self.storage, &self.folder, &lazy.name)?);
        }
        lazy.opened.get().ok_or(Error::CORRUPT)
    }

    /// The last segment that has a commit.
    pub(super) fn last(&self) -> Result<Option<(usize, &Opened)>> {
        for i in (0..self.list.len()).rev() {
            // The last one may have been born just now.
            let born = i + 1 < self.list.len() || self.has_header(i)?;
            if born && self.get(i)?.head.commit >= self.list[i].first {
                return Ok(Some((i, self.get(i)?)));
            }
        }
        Ok(None)
    }

    fn has_header(&self, i: usize) -> Result<bool> {
        Ok(self.header_of(i)?.is_some())
    }

    /// The header of a segment, if that is not being born.
    pub(super) fn header_of(&self, i: usize) -> Result<Option<SegmentHeader>> {
        let Some(lazy) = self.list.get(i) else { return Ok(None) };
        if let Some(opened) = lazy.opened.get() {
            return Ok(Some(opened.segment.header));
        }
        let segment = Segment::open(&self.storage, &self.folder, &lazy.name, Access::Read)?;
        Ok(segment.map(|segment| segment.header))
    }

    /// Bytes of a segment, and of what is there in it to find pages.
    pub(super) fn sizes(&self, i: usize) -> Result<(u64, u64)> {
        let opened = self.get(i)?;
        let size = opened.segment.size()?;
        let index = match &opened.index {
            Index::Sealed { footer, .. } => size - footer.index,
            Index::Here { .. } => 0,
        };
        Ok((size, index))
    }

    /// The oldest and the newest commit, and the segment of the latter.
    pub(super) fn range(&self) -> Result<(u64, u64, usize)> {
        let Some((end, newest)) = self.last()? else {
            return Err(Error::CANTOPEN
                .with_message(format!("wal \"timeline\": there is no commit in {}", self.folder.display())));
        };
        Ok((self.list[0].first, newest.head.commit, end))
    }

    /// The segment of a commit that there is.
    pub(super) fn segment_of(&self, commit: u64) -> usize {
        self.list.partition_point(|one| one.first <= commit).saturating_sub(1)
    }

    pub(super) fn record(&self, commit: u64) -> Result<CommitRecord> {
        self.get(self.segment_of(commit))?.record(commit)
    }

    /// The commit that is meant.
    pub(super) fn resolve(&self, at: At) -> Result<CommitRecord> {
        let (oldest, newest, end) = self.range()?;
        let outside = |what: String| {
            let folder = self.folder.display();
            Err(Error::CANTOPEN
                .with_message(format!("wal \"timeline\": {what}; {folder} has the commits {oldest} to {newest}")))
        };
        match at {
            At::Commit(number) if !(oldest..=newest).contains(&number) => {
                outside(format!("there is no commit {number}"))
            }
            At::Commit(number) => self.record(number),
            At::Time(time) => {
                let mut i = 0;
                while i < end && self.get(i)?.time <= time {
                    i += 1;
                }
                // The last one up to then is in this segment, or ends the one before.
                let (mut low, mut high) = (self.list[i].first, self.get(i)?.head.commit + 1);
                while low < high {
                    let middle = low + (high - low) / 2;
                    if self.get(i)?.record(middle)?.time <= time { low = middle + 1 } else { high = middle }
                }
                if low == oldest { outside("the first commit was made later".to_owned()) } else { self.record(low - 1) }
            }
        }
    }

    /// Where the newest frame of a page up to a commit is.
    pub(super) fn find(&self, page: PageNo, commit: u64) -> Result<Option<Spot>> {
        let newest = self.segment_of(commit);
        let page_size = self.get(newest)?.segment.header.page_size;
        let mut limit = commit;
        for i in (0..=newest).rev() {
            let opened = self.get(i)?;
            if opened.segment.header.page_size != page_size {
                break; // The database was taken up anew, as a whole.
            }
            if let Some(offset) = opened.find(page.get(), limit)? {
                return Ok(Some(Spot { segment: i, offset }));
            }
            let before = opened.segment.header.before;
            if i > 0 && self.get(i - 1)?.head != before {
                return Err(corrupt(&opened.segment.path, 0, "it does not continue the segment before it"));
            }
            limit = before.commit;
            self.rest(newest, i)?;
        }
        Ok(None)
    }

    /// However far back pages are, few files stay open.
    fn rest(&self, newest: usize, i: usize) -> Result<()> {
        if newest.saturating_sub(i) >= OPEN {
            self.get(i)?.segment.rest();
        }
        Ok(())
    }

    /// The header of a frame.
    pub(super) fn header(&self, page: PageNo, spot: Spot) -> Result<FrameHeader> {
        let segment = &self.get(spot.segment)?.segment;
        let mut bytes = [0; FrameHeader::SIZE];
        segment.read(&mut bytes, spot.offset)?;
        FrameHeader::decode(&bytes)
            .filter(|header| header.page == page.get())
            .ok_or_else(|| no_frame(segment, page, spot))
    }

    /// Read a frame, and see that it is whole.
    pub(super) fn read(&self, page: PageNo, spot: Spot) -> Result<Vec<u8>> {
        let segment = &self.get(spot.segment)?.segment;
        let mut bytes = vec![0; FrameHeader::SIZE + segment.header.page_size as usize];
        segment.read(&mut bytes, spot.offset)?;
        self.rest(self.list.len() - 1, spot.segment)?;
        let header = bytes.first_chunk().and_then(FrameHeader::decode);
        let data = bytes.split_off(FrameHeader::SIZE);
        if !header.is_some_and(|header| header.page == page.get() && header.sum == page_sum(header.page, &data)) {
            return Err(no_frame(segment, page, spot));
        }
        Ok(data)
    }

    /// A page as it was after a commit: `None` if it was never written, so that it is zeros.
    pub(super) fn page(&self, page: PageNo, commit: u64) -> Result<Option<Vec<u8>>> {
        match self.find(page, commit)? {
            Some(spot) => self.read(page, spot).map(Some),
            None => Ok(None),
        }
    }
}

fn no_frame(segment: &Segment, page: PageNo, spot: Spot) -> Error {
    corrupt(&segment.path, spot.offset, &format!("there is no whole frame of page {page}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_told_apart() {
        assert_eq!(At::parse("12"), Ok(At::Commit(12)));
        assert_eq!(At::parse("1970-01-01T00:00:01.5Z"), Ok(At::Time(1500)));
        assert_eq!(At::parse("1970-01-02 00:00:00"), Ok(At::Time(86_400_000)));
        for wrong in ["", "x", "-1", "yesterday", "1970-13-01T00:00:00Z"] {
            let told = At::parse(wrong).unwrap_err();
            assert!(told.to_string().contains("2026-11-22T10:00:00Z"), "{told}");
        }
    }
}
