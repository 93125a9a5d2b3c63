//! The segments of a timeline as somebody reads them who does not write: this process or another one may do that meanwhile.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use xxhash_rust::xxh3::xxh3_128;

use super::format::{CommitRecord, Footer, FrameHeader, Head, IndexEntry, Mark, SegmentHeader, page_sum};
use super::segment::{self, COMMIT_ENTRY, OPENING, Segment, corrupt, failed};
use super::storage::{Access, Storage};
use super::store::read_state;
use crate::wal::PageNo;
use crate::{Error, Result, ffi};

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
    /// Its file may be open.
    used: Cell<bool>,
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
    Here {
        entries: Vec<IndexEntry>,
        commits: Vec<u64>,
        /// Where there is no whole frame or record any more, and whether there was one.
        end: u64,
        damaged: bool,
    },
    /// At the end of a sealed one.
    Sealed(Footer),
}

/// Segments whose files are open at once: there may be more than a process can have.
const OPEN: usize = 128;

impl Opened {
    /// `last`: there is no segment behind it, whose header says how this one ends.
    fn new(storage: &Arc<dyn Storage>, folder: &Path, name: &str, last: bool) -> Result<Self> {
        let segment = Segment::open(storage, folder, name, Access::Read)?;
        let segment = segment.ok_or_else(|| corrupt(&folder.join(name), 0, "its header is not that of a segment"))?;
        if !last && let Some(footer) = segment.footer()? {
            let (time, head) = (footer.time, footer.head);
            return Ok(Opened { segment: Arc::new(segment), index: Index::Sealed(footer), time, head });
        }
        // Somebody may be writing behind the last commit.
        let (mut found, damaged) = segment.scan_for_damage()?;
        let sealed = segment.has_tail(&segment.tail_of(&found), &found)?;
        let footer = if sealed { segment.footer()? } else { None };
        found.index.sort_unstable();
        let (time, head) = (found.time, found.head);
        let index = match footer {
            Some(footer) => Index::Sealed(footer),
            None => Index::Here { entries: found.index, commits: found.commits, end: found.stopped, damaged },
        };
        Ok(Opened { segment: Arc::new(segment), index, time, head })
    }

    /// Where the record of a commit is.
    pub(super) fn record_offset(&self, number: u64) -> Result<u64> {
        let within = number - self.segment.header.before.commit - 1;
        let offset = match &self.index {
            Index::Here { commits, .. } => commits.get(within as usize).copied(),
            Index::Sealed(footer) => {
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

    /// Whether commits behind its last one cannot be read, and were there.
    pub(super) fn is_damaged(&self) -> bool {
        matches!(self.index, Index::Here { damaged: true, .. })
    }

    /// Whether it is sealed, so that it does not change any more, and ends with this commit.
    pub(super) fn is_sealed_at(&self, commit: u64) -> bool {
        matches!(self.index, Index::Sealed(_)) && self.head.commit == commit
    }

    /// The entries of the index, in its order.
    pub(super) fn entries(&self) -> Result<Cow<'_, [IndexEntry]>> {
        let footer = match &self.index {
            Index::Here { entries, .. } => return Ok(Cow::Borrowed(entries)),
            Index::Sealed(footer) => footer,
        };
        let commits = footer.head.commit - self.segment.header.before.commit;
        let size = footer.commits() - footer.index + commits * COMMIT_ENTRY;
        let mut bytes = vec![0; size as usize];
        self.segment.read(&mut bytes, footer.index)?;
        if xxh3_128(&bytes) != footer.sum {
            return Err(corrupt(&self.segment.path, footer.index, "its index is not what it was when it was sealed"));
        }
        bytes.truncate(footer.entries as usize * IndexEntry::SIZE);
        let entries = bytes.as_chunks::<{ IndexEntry::SIZE }>().0.iter().filter_map(IndexEntry::decode);
        Ok(Cow::Owned(entries.collect()))
    }
}

/// How often something is begun anew that others have got in the way of by pruning.
const AGAIN: usize = 3;

/// Do something that lists the segments and reads them. If that fails, some may have been folded into one meanwhile: then it is done
/// again, a few times.
pub(super) fn again_if_pruned<T>(mut work: impl FnMut() -> Result<T>) -> Result<T> {
    for _ in 0..AGAIN {
        match work() {
            Err(error) if error.code() == ffi::SQLITE_CANTOPEN => {}
            result => return result,
        }
    }
    work()
}

/// The segments of a timeline, as far as they are needed.
pub(super) struct Segments {
    storage: Arc<dyn Storage>,
    pub(super) folder: PathBuf,
    list: Vec<Lazy>,
    /// The last commit that there was before they were listed, as far as the marks know.
    known: u64,
    /// Those that are used, the first of them before the others.
    used: RefCell<VecDeque<usize>>,
}

impl Segments {
    pub(super) fn new(storage: Arc<dyn Storage>, folder: PathBuf) -> Result<Self> {
        // In this order: what the mark says is there is among what is listed after that.
        let Mark { copied, durable, .. } = read_state(&*storage, &folder)?;
        let list = || storage.list(&folder).map_err(|error| failed(&folder, OPENING, &error));
        let mut current = segment::current(list()?).0;
        if current.first().is_some_and(|(first, name)| *first > 1 && !name.ends_with("base")) {
            // What comes before it may have been folded while the names of a large folder were read.
            current = segment::current(list()?).0;
        }
        let lazy = |(first, name)| Lazy { name, first, opened: OnceCell::new(), used: Cell::new(false) };
        let list = current.into_iter().map(lazy).collect();
        Ok(Segments { storage, folder, list, known: copied.max(durable), used: RefCell::default() })
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
            let _ = lazy.opened.set(Opened::new(&self.storage, &self.folder, &lazy.name, i + 1 == self.list.len())?);
        }
        if !lazy.used.replace(true) {
            self.note_used(i);
        }
        lazy.opened.get().ok_or(Error::CORRUPT)
    }

    /// A segment is going to be read. Another one is not, for a while.
    fn note_used(&self, i: usize) {
        let mut used = self.used.borrow_mut();
        used.push_back(i);
        if used.len() > OPEN
            && let Some(first) = used.pop_front().and_then(|first| self.list.get(first))
        {
            first.used.set(false);
            if let Some(opened) = first.opened.get() {
                opened.segment.rest();
            }
        }
    }

    /// The last commit that can be read, and whether what is behind it is damaged. Fails if there is damage alone.
    fn last(&self) -> Result<Option<(u64, bool)>> {
        let mut damage = None;
        for i in (0..self.list.len()).rev() {
            let opened = match self.last_of(i) {
                Ok(None) => continue,
                Ok(Some(opened)) => opened,
                Err(error) if error.code() == ffi::SQLITE_CORRUPT => {
                    damage.get_or_insert(error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let last = opened.head.commit;
            if opened.is_damaged() {
                damage.get_or_insert_with(|| self.no_commit(opened, last + 1));
            }
            if last >= self.list[i].first {
                return Ok(Some((last, damage.is_some() || last < self.known)));
            }
        }
        if self.known == 0 {
            return damage.map_or(Ok(None), Err);
        }
        let file = self.name(0).map_or_else(|| self.folder.clone(), |name| self.folder.join(name));
        Err(Error::CORRUPT.with_message(format!(
            "{} is damaged: not even the first commit can be read, and there were {}. No commit can be trusted",
            file.display(),
            self.known
        )))
    }

    /// A segment, unless it is the last one and being born.
    fn last_of(&self, i: usize) -> Result<Option<&Opened>> {
        let born = i + 1 < self.list.len() || self.header_of(i)?.is_some();
        if born { self.get(i).map(Some) } else { Ok(None) }
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
            Index::Sealed(footer) => size - footer.index,
            Index::Here { .. } => 0,
        };
        Ok((size, index))
    }

    /// The oldest and the newest commit, if there are any. If what is behind the last one that can be read is damaged, the newest is
    /// the first of what is: whoever reads that is told.
    pub(super) fn range(&self) -> Result<Option<(u64, u64)>> {
        let range = |(last, damaged)| (self.list[0].first, last + u64::from(damaged));
        Ok(self.last()?.map(range))
    }

    fn commits(&self) -> Result<(u64, u64)> {
        self.range()?.ok_or_else(|| {
            let folder = self.folder.display();
            Error::CANTOPEN.with_message(format!("wal \"timeline\": there is no commit in {folder}"))
        })
    }

    /// The segment of a commit that there is.
    pub(super) fn segment_of(&self, commit: u64) -> usize {
        self.list.partition_point(|one| one.first <= commit).saturating_sub(1)
    }

    pub(super) fn record(&self, commit: u64) -> Result<CommitRecord> {
        let opened = self.get(self.segment_of(commit))?;
        if commit > opened.head.commit { Err(self.no_commit(opened, commit)) } else { opened.record(commit) }
    }

    /// A commit was there, behind those of a segment, and is not.
    fn no_commit(&self, opened: &Opened, commit: u64) -> Error {
        match opened.index {
            Index::Here { end, .. } => {
                corrupt(&opened.segment.path, end, &format!("commit {commit} was there, and cannot be read"))
            }
            Index::Sealed(_) => corrupt(&self.folder, 0, &format!("the segment of commit {commit} is missing")),
        }
    }

    /// Whether a commit is kept.
    pub(super) fn has(&self, commit: u64) -> Result<bool> {
        let (oldest, newest) = self.commits()?;
        Ok((oldest..=newest).contains(&commit))
    }

    /// The commit that is meant.
    pub(super) fn resolve(&self, at: At) -> Result<CommitRecord> {
        let (oldest, newest) = self.commits()?;
        let outside = |what: String| {
            let folder = self.folder.display();
            Err(Error::CANTOPEN
                .with_message(format!("wal \"timeline\": {what}; {folder} has the commits {oldest} to {newest}")))
        };
        match at {
            At::Commit(number) if !(oldest..=newest).contains(&number) => {
                if number > newest {
                    // It may be behind what is damaged.
                    self.record(newest)?;
                }
                outside(format!("there is no commit {number}"))
            }
            At::Commit(number) => self.record(number),
            At::Time(time) => {
                let (mut i, end) = (0, self.segment_of(newest));
                while i < end && self.get(i)?.time <= time {
                    i += 1;
                }
                // The last one up to then is in this segment, or ends the one before.
                let behind = self.get(i)?.head.commit + 1;
                let (mut low, mut high) = (self.list[i].first, behind);
                while low < high {
                    let middle = low + (high - low) / 2;
                    if self.get(i)?.record(middle)?.time <= time { low = middle + 1 } else { high = middle }
                }
                if low == behind && low <= newest {
                    // Nobody knows when it was made: it is damaged.
                    return self.record(low);
                }
                if low == oldest { outside("the first commit was made later".to_owned()) } else { self.record(low - 1) }
            }
        }
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

    /// Read a frame into a buffer, and see that it is whole. The page is what comes behind its header.
    pub(super) fn read<'a>(&self, page: PageNo, spot: Spot, buffer: &'a mut Vec<u8>) -> Result<&'a [u8]> {
        let segment = &self.get(spot.segment)?.segment;
        buffer.resize(FrameHeader::SIZE + segment.header.page_size as usize, 0);
        segment.read(buffer, spot.offset)?;
        let (head, data) = buffer.split_at(FrameHeader::SIZE);
        let header = head.first_chunk().and_then(FrameHeader::decode);
        if !header.is_some_and(|header| header.page == page.get() && header.sum == page_sum(header.page, data)) {
            return Err(no_frame(segment, page, spot));
        }
        Ok(data)
    }
}

/// Where all pages are, as they were after a commit: known as far back as somebody has asked.
pub(super) struct View {
    pub(super) commit: u64,
    page_size: u32,
    /// The newest frame of each page, up to the commit, in the segments that have been looked at.
    spots: HashMap<u32, Spot>,
    /// The one that is looked at next: they are in the order from the newest one on.
    next: Option<usize>,
}

impl View {
    pub(super) fn new(segments: &Segments, commit: u64) -> Result<Self> {
        let newest = segments.segment_of(commit);
        let page_size = segments.get(newest)?.segment.header.page_size;
        Ok(View { commit, page_size, spots: HashMap::new(), next: Some(newest) })
    }

    /// Where the newest frame of a page is. `None` if it was never written, so that it is zeros.
    pub(super) fn find(&mut self, segments: &Segments, page: PageNo) -> Result<Option<Spot>> {
        loop {
            if let Some(spot) = self.spots.get(&page.get()) {
                return Ok(Some(*spot));
            }
            let Some(i) = self.next else { return Ok(None) };
            self.look_at(segments, i)?;
        }
    }

    fn look_at(&mut self, segments: &Segments, i: usize) -> Result<()> {
        let opened = segments.get(i)?;
        let header = &opened.segment.header;
        if header.page_size != self.page_size {
            // The database was taken up anew, as a whole.
            self.next = None;
            return Ok(());
        }
        if i > 0 && segments.get(i - 1)?.head != header.before {
            return Err(corrupt(&opened.segment.path, 0, "it does not continue the segment before it"));
        }
        if i == 0 && !header.is_first() {
            return Err(corrupt(&opened.segment.path, 0, "the segment before it is missing"));
        }
        let entries = opened.entries()?;
        let mut newest: Option<&IndexEntry> = None;
        for entry in entries.iter().filter(|entry| header.before.commit + u64::from(entry.commit) < self.commit) {
            if let Some(before) = newest.filter(|before| before.page != entry.page) {
                self.spots.entry(before.page).or_insert(Spot { segment: i, offset: before.offset });
            }
            newest = Some(entry);
        }
        if let Some(last) = newest {
            self.spots.entry(last.page).or_insert(Spot { segment: i, offset: last.offset });
        }
        self.next = i.checked_sub(1);
        Ok(())
    }

    /// A page. `None` if it was never written, so that it is zeros.
    pub(super) fn page<'a>(
        &mut self,
        segments: &Segments,
        page: PageNo,
        buffer: &'a mut Vec<u8>,
    ) -> Result<Option<&'a [u8]>> {
        self.find(segments, page)?.map(|spot| segments.read(page, spot, buffer)).transpose()
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
