//! A database as it was after a commit, read-only: what `?wal=timeline&at=…` opens.
//!
//! Everything is read from the timeline, nothing from the database file, so neither writers nor checkpoints matter.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use xxhash_rust::xxh3::xxh3_128;

use super::format::{CommitRecord, Footer, FrameHeader, Head, IndexEntry, page_sum};
use super::segment::{self, COMMIT_ENTRY, Segment, corrupt, failed};
use super::storage::{Access, Storage};
use crate::backends::live;
use crate::wal::{CheckpointOutcome, CheckpointRequest, FrameNo, Frames, PageNo, SavepointPosition, Wal};
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
struct Opened {
    segment: Arc<Segment>,
    index: Index,
    /// When its last commit was made, and the state after that.
    time: u64,
    head: Head,
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
    fn new(storage: &Arc<dyn Storage>, folder: &Path, name: &str) -> Result<Self> {
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

    /// The record of a commit.
    fn record(&self, number: u64) -> Result<CommitRecord> {
        let within = number - self.segment.header.before.commit - 1;
        let offset = match &self.index {
            Index::Here { commits, .. } => commits.get(within as usize).copied(),
            Index::Sealed { footer, .. } => {
                let mut bytes = [0; COMMIT_ENTRY as usize];
                self.segment.read(&mut bytes, footer.commits() + within * COMMIT_ENTRY)?;
                Some(u64::from_be_bytes(bytes))
            }
        };
        let offset = offset.ok_or(Error::CORRUPT)?;
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
struct Segments {
    storage: Arc<dyn Storage>,
    folder: PathBuf,
    list: Vec<Lazy>,
}

impl Segments {
    fn new(storage: Arc<dyn Storage>, folder: PathBuf) -> Result<Self> {
        let names = storage.list(&folder).map_err(|error| failed(&folder, "reading", &error))?;
        let lazy = |name: String| segment::first_of(&name).map(|first| Lazy { name, first, opened: OnceCell::new() });
        let mut list: Vec<Lazy> = names.into_iter().filter_map(lazy).collect();
        list.sort_by_key(|one| one.first);
        Ok(Segments { storage, folder, list })
    }

    fn get(&self, i: usize) -> Result<&Opened> {
        let lazy = self.list.get(i).ok_or(Error::CORRUPT)?;
        if lazy.opened.get().is_none() {
            let _ = lazy.opened.set(Opened::new(&self.storage, &self.folder, &lazy.name)?);
        }
        lazy.opened.get().ok_or(Error::CORRUPT)
    }

    /// The last segment that has a commit.
    fn last(&self) -> Result<Option<(usize, &Opened)>> {
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
        Ok(Segment::open(&self.storage, &self.folder, &self.list[i].name, Access::Read)?.is_some())
    }

    /// The commit that is meant, and the segment that it is in.
    fn resolve(&self, at: At) -> Result<(usize, CommitRecord)> {
        let folder = self.folder.display();
        let Some((end, newest)) = self.last()? else {
            return Err(Error::CANTOPEN.with_message(format!("wal \"timeline\": there is no commit in {folder}")));
        };
        let oldest = self.list[0].first;
        let outside = |what: String| {
            Err(Error::CANTOPEN.with_message(format!(
                "wal \"timeline\": {what}; {folder} has the commits {oldest} to {}",
                newest.head.commit
            )))
        };
        match at {
            At::Commit(number) if !(oldest..=newest.head.commit).contains(&number) => {
                outside(format!("there is no commit {number}"))
            }
            At::Commit(number) => {
                let i = self.list[..=end].partition_point(|one| one.first <= number) - 1;
                Ok((i, self.get(i)?.record(number)?))
            }
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
                match low - 1 {
                    number if number < oldest => outside("the first commit was made later".to_owned()),
                    number if number < self.list[i].first => Ok((i - 1, self.get(i - 1)?.record(number)?)),
                    number => Ok((i, self.get(i)?.record(number)?)),
                }
            }
        }
    }
}

/// The log of a connection to the past.
pub(super) struct PastWal {
    segments: Segments,
    /// The segment of the commit.
    segment: usize,
    record: CommitRecord,
    page_size: u32,
    began: bool,
    /// The page that was found last, and in which segment and where its frame is.
    found: Option<(PageNo, usize, u64)>,
}

/// What a frame is called that was just found: it is read at once.
const FOUND: FrameNo = FrameNo::new(1).expect("not zero");

impl PastWal {
    pub(super) fn open(storage: Arc<dyn Storage>, folder: PathBuf, at: At) -> Result<Self> {
        let segments = Segments::new(storage, folder)?;
        let (segment, record) = segments.resolve(at)?;
        let page_size = segments.get(segment)?.segment.header.page_size;
        Ok(PastWal { segments, segment, record, page_size, began: false, found: None })
    }

    fn lookup(&self, page: PageNo) -> Result<Option<(PageNo, usize, u64)>> {
        let mut limit = self.record.head.commit;
        for i in (0..=self.segment).rev() {
            let opened = self.segments.get(i)?;
            if opened.segment.header.page_size != self.page_size {
                break; // The database was taken up anew, as a whole.
            }
            if let Some(offset) = opened.find(page.get(), limit)? {
                return Ok(Some((page, i, offset)));
            }
            let before = opened.segment.header.before;
            if i > 0 && self.segments.get(i - 1)?.head != before {
                return Err(corrupt(&opened.segment.path, 0, "it does not continue the segment before it"));
            }
            limit = before.commit;
            self.rest(i)?;
        }
        Ok(None)
    }

    /// However far back pages are, few files stay open.
    fn rest(&self, i: usize) -> Result<()> {
        if self.segment - i >= OPEN {
            self.segments.get(i)?.segment.rest();
        }
        Ok(())
    }

    /// Read a frame, and see that it is whole.
    fn read(&self, page: PageNo, number: usize, offset: u64) -> Result<Vec<u8>> {
        let segment = &self.segments.get(number)?.segment;
        let mut bytes = vec![0; FrameHeader::SIZE + self.page_size as usize];
        segment.read(&mut bytes, offset)?;
        self.rest(number)?;
        let (head, data) = bytes.split_at(FrameHeader::SIZE);
        let header = head.first_chunk().and_then(FrameHeader::decode);
        if !header.is_some_and(|header| header.page == page.get() && header.sum == page_sum(header.page, data)) {
            return Err(corrupt(&segment.path, offset, &format!("there is no whole frame of page {page}")));
        }
        Ok(data.to_vec())
    }
}

fn readonly() -> Error {
    Error::READONLY
}

impl Wal for PastWal {
    fn begin_read(&mut self) -> Result<bool> {
        Ok(!std::mem::replace(&mut self.began, true))
    }

    fn end_read(&mut self) {}

    fn find_frame(&mut self, page: PageNo) -> Result<Option<FrameNo>> {
        self.found = self.lookup(page)?;
        Ok(Some(FOUND))
    }

    fn read_frame(&mut self, _frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        // What was never written is zeros.
        let data = match self.found {
            Some((page, segment, offset)) => self.read(page, segment, offset)?,
            None => Vec::new(),
        };
        live::copy_and_fill(&data, buffer);
        Ok(())
    }

    fn db_size(&self) -> u32 {
        self.record.head.pages
    }

    fn begin_write(&mut self) -> Result<()> {
        Err(readonly())
    }

    fn end_write(&mut self) {}

    fn undo(&mut self, _undone: &mut dyn FnMut(PageNo)) -> Result<()> {
        Ok(())
    }

    fn savepoint(&mut self) -> SavepointPosition {
        SavepointPosition::default()
    }

    fn savepoint_undo(&mut self, _position: &mut SavepointPosition) -> Result<()> {
        Ok(())
    }

    fn append(&mut self, _frames: Frames<'_>) -> Result<u32> {
        Err(readonly())
    }

    fn checkpoint(&mut self, _request: CheckpointRequest<'_>) -> Result<CheckpointOutcome> {
        Ok(CheckpointOutcome::default())
    }

    fn take_committed(&mut self) -> u32 {
        0
    }
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
