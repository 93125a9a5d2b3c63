//! One file of a timeline: commits that follow one another.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use xxhash_rust::xxh3::Xxh3;

use super::format::{Chain, CommitRecord, Footer, FrameHeader, Head, IndexEntry, SegmentHeader, is_zero, page_sum};
use super::storage::{Access, Storage, StoredFile};
use super::tail::{Tail, block_of};
use crate::{Error, Result, ffi};

/// Bytes of an entry in the list of commits of a sealed segment: where its record is.
pub(super) const COMMIT_ENTRY: u64 = 8;

/// Bytes that are read or written at once.
pub(super) const CHUNK: usize = 1 << 20;

/// A segment.
pub(super) struct Segment {
    pub(super) path: PathBuf,
    storage: Arc<dyn Storage>,
    /// Open while it is used: there may be more segments than a process can have files.
    file: Mutex<Option<Arc<dyn StoredFile>>>,
    pub(super) header: SegmentHeader,
    /// Counts what was written to the file, and how much of that is durable.
    written: AtomicU64,
    synced: AtomicU64,
    tail: Tail,
}

/// What was found in a segment that is not sealed.
pub(super) struct Found {
    pub(super) head: Head,
    /// Where the last commit ends.
    pub(super) end: u64,
    /// There is more behind that.
    pub(super) torn: bool,
    /// Where the first frame or record is that is not whole.
    pub(super) stopped: u64,
    pub(super) index: Vec<IndexEntry>,
    /// Where the records of its commits are.
    pub(super) commits: Vec<u64>,
    /// When the last commit was made.
    pub(super) time: u64,
}

/// A commit as a scan sees it.
pub(super) struct Commit<'a> {
    pub(super) record: &'a CommitRecord,
    pub(super) frames: &'a [Frame],
}

/// A frame as a scan sees it.
pub(super) struct Frame {
    pub(super) header: FrameHeader,
    /// Where it begins.
    pub(super) offset: u64,
    /// The page is all zeros.
    pub(super) zero: bool,
}

pub(super) fn file_name(first: u64) -> String {
    format!("{first:016x}.seg")
}

/// What is behind the last commit of a sealed segment, which ends at `end` and in that state. The index is in its order.
pub(super) fn tail(index: &[IndexEntry], commits: &[u64], end: u64, head: Head, time: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(index.len() * IndexEntry::SIZE + commits.len() * 8 + Footer::SIZE);
    // It does not fail.
    let _ = each_of_tail(index, commits, end, head, time, |some| {
        bytes.extend_from_slice(some);
        Ok(())
    });
    bytes
}

/// The same, one piece after the other.
pub(super) fn each_of_tail(
    index: &[IndexEntry],
    commits: &[u64],
    end: u64,
    head: Head,
    time: u64,
    mut each: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    const PIECE: usize = 4096;
    let mut hasher = Xxh3::new();
    let mut piece = Vec::with_capacity(PIECE * IndexEntry::SIZE);
    for entries in index.chunks(PIECE) {
        piece.clear();
        entries.iter().for_each(|entry| piece.extend_from_slice(&entry.encode()));
        hasher.update(&piece);
        each(&piece)?;
    }
    for offsets in commits.chunks(PIECE) {
        piece.clear();
        offsets.iter().for_each(|offset| piece.extend_from_slice(&offset.to_be_bytes()));
        hasher.update(&piece);
        each(&piece)?;
    }
    let footer = Footer { index: end, entries: index.len() as u64, head, time, sum: hasher.digest128() };
    each(&footer.encode())
}

/// The name of a base: see [`SegmentHeader::BASE`].
pub(super) fn base_name(commit: u64) -> String {
    format!("{commit:016x}.base")
}

/// The number of the first commit, and whether it is a base, from the name of a segment.
fn parse_name(name: &str) -> Option<(u64, bool)> {
    let (digits, kind) = name.split_once('.').filter(|(digits, _)| digits.len() == 16)?;
    let base = match kind {
        "seg" => false,
        "base" => true,
        _ => return None,
    };
    Some((u64::from_str_radix(digits, 16).ok()?, base))
}

pub(super) fn is_segment(name: &std::ffi::OsStr) -> bool {
    name.to_str().and_then(parse_name).is_some()
}

/// The segments among the names in a folder, with the numbers of their first commits, in their order. Beside them are those
/// whose commits have been folded into a base: nobody needs them any more.
pub(super) fn current(names: Vec<String>) -> (Vec<(u64, String)>, Vec<String>) {
    let mut found: Vec<(u64, bool, String)> =
        names.into_iter().filter_map(|name| parse_name(&name).map(|(first, base)| (first, base, name))).collect();
    found.sort_unstable();
    let base = found.iter().rposition(|(_, base, _)| *base).unwrap_or(0);
    let current = found.split_off(base);
    let current: Vec<_> = current.into_iter().map(|(first, _, name)| (first, name)).collect();
    (current, found.into_iter().map(|(_, _, name)| name).collect())
}

/// An error of the system, which names the file. `what` is what was done: a sync that has failed is told apart by its code.
pub(super) fn failed(path: &Path, what: &str, error: &io::Error) -> Error {
    let code = match error.kind() {
        _ if what == SYNC => ffi::SQLITE_IOERR_FSYNC,
        io::ErrorKind::OutOfMemory => ffi::SQLITE_NOMEM,
        io::ErrorKind::NotFound if what == OPENING && path.file_name().is_some_and(is_segment) => {
            return Error::CANTOPEN.with_message(format!(
                "wal \"timeline\": {} is gone: it has been pruned meanwhile. Try again, or open a later commit",
                path.display()
            ));
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => ffi::SQLITE_FULL,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
            if [OPENING, CREATION, LOCKING].contains(&what) =>
        {
            ffi::SQLITE_CANTOPEN
        }
        _ => ffi::SQLITE_IOERR,
    };
    Error::new(code).with_message(format!("wal \"timeline\": {what} of {} failed: {error}", path.display()))
}

/// What [`failed`] is told of a sync, and of what comes before there is an open file.
pub(super) const SYNC: &str = "a sync";
pub(super) const OPENING: &str = "opening";
pub(super) const CREATION: &str = "creation";
pub(super) const LOCKING: &str = "locking";

/// A file that is not what it must be.
pub(super) fn corrupt(path: &Path, offset: u64, what: &str) -> Error {
    Error::CORRUPT.with_message(format!("wal \"timeline\": {} is damaged at byte {offset}: {what}", path.display()))
}

impl Segment {
    /// A new segment, not yet durable.
    pub(super) fn create(storage: &Arc<dyn Storage>, folder: &Path, header: SegmentHeader) -> Result<Self> {
        let path = folder.join(file_name(header.before.commit + 1));
        let file = storage.create(&path, folder).map_err(|error| failed(&path, OPENING, &error))?;
        let segment = Segment::new(path, Arc::clone(storage), file, header, 0);
        segment.write(&header.encode(), 0)?;
        Ok(segment)
    }

    /// `written`: it is not known to be durable.
    fn new(
        path: PathBuf,
        storage: Arc<dyn Storage>,
        file: Arc<dyn StoredFile>,
        header: SegmentHeader,
        written: u64,
    ) -> Self {
        let file = Mutex::new(Some(file));
        let (written, synced, tail) = (AtomicU64::new(written), AtomicU64::new(0), Tail::new(header.page_size));
        Segment { path, storage, file, header, written, synced, tail }
    }

    /// The open file. One that is opened again is only read.
    fn file(&self) -> Result<Arc<dyn StoredFile>> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = &*file {
            return Ok(Arc::clone(open));
        }
        let opened =
            self.storage.open(&self.path, Access::Read).map_err(|error| failed(&self.path, OPENING, &error))?;
        Ok(Arc::clone(file.insert(opened)))
    }

    /// Nothing will be written to it any more: its file is closed until somebody reads it.
    pub(super) fn rest(&self) {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(file) = file {
            self.tail.clear(&*file);
        }
    }

    /// Its size, for which its file is not opened; 0 if it is gone.
    pub(super) fn size_at_rest(&self) -> u64 {
        self.storage.look_at(&self.path).map_or(0, |(size, _)| size)
    }

    /// Take these bytes out of the page cache.
    pub(super) fn uncache(&self, bytes: Range<u64>) {
        self.tail.forget(bytes.end);
        let open = self.file.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(file) = open.or_else(|| self.storage.open(&self.path, Access::Read).ok()) {
            file.uncache(bytes);
        }
    }

    /// A segment that exists. `None` if its header was never synced, so that no commit in it was.
    pub(super) fn open(storage: &Arc<dyn Storage>, folder: &Path, name: &str, access: Access) -> Result<Option<Self>> {
        let path = folder.join(name);
        let file = storage.open(&path, access).map_err(|error| failed(&path, OPENING, &error))?;
        let mut bytes = [0; SegmentHeader::SIZE];
        let size = file.size().map_err(|error| failed(&path, "a look at the size", &error))?;
        if size >= SegmentHeader::SIZE as u64 {
            file.read_at(&mut bytes, 0).map_err(|error| failed(&path, "a read", &error))?;
        }
        let header = SegmentHeader::decode(&bytes).map_err(|version| {
            Error::CANTOPEN.with_message(format!(
                "wal \"timeline\": {} has version {version} of the format, which this Seawall does not know: use a later one",
                path.display()
            ))
        })?;
        let Some(header) = header else {
            let unknown = SegmentHeader::default();
            let segment = Segment::new(path, Arc::clone(storage), file, unknown, 1);
            // A header is synced before there is a commit behind it.
            return match segment.record_behind(0, |_| true)? {
                Some(_) => Err(corrupt(&segment.path, 0, "its header is not that of a segment")),
                None => Ok(None),
            };
        };
        if parse_name(name) != Some((header.before.commit + 1, header.is_base())) {
            return Err(corrupt(&path, 0, "it has the name of another segment"));
        }
        Ok(Some(Segment::new(path, Arc::clone(storage), file, header, 1)))
    }

    pub(super) fn read(&self, buffer: &mut [u8], offset: u64) -> Result<()> {
        self.tail.read(&*self.file()?, buffer, offset).map_err(|error| failed(&self.path, "a read", &error))
    }

    /// Hold these bytes until the next sync: see [`Tail::begin`].
    pub(super) fn hold(&self, data: &[u8], offset: u64) -> Result<()> {
        if !self.tail.hold(data, offset) {
            let file = self.file()?;
            self.write_held(&*file)?;
            let start = block_of(offset);
            let mut first = vec![0; (offset - start) as usize];
            self.read(&mut first, start)?;
            let begun = self.tail.begin(&*file, &first, data, offset);
            begun.map_err(|error| failed(&self.path, "holding a commit", &error))?;
        }
        self.note_written();
        Ok(())
    }

    pub(super) fn write(&self, data: &[u8], offset: u64) -> Result<()> {
        let file = self.file()?;
        self.write_held(&*file)?;
        self.write_to(&*file, data, offset)?;
        self.tail.written(&*file, data, offset);
        Ok(())
    }

    /// Write to blocks of which no byte is held.
    pub(super) fn write_ahead(&self, data: &[u8], offset: u64) -> Result<()> {
        self.write_to(&*self.file()?, data, offset)
    }

    fn write_to(&self, file: &dyn StoredFile, data: &[u8], offset: u64) -> Result<()> {
        let written = file.write_at(data, offset);
        self.note_written();
        written.map_err(|error| failed(&self.path, "a write", &error))
    }

    /// Something has been written. A sync that has begun before that is not one of it.
    fn note_written(&self) {
        self.written.fetch_add(1, Ordering::Release);
    }

    pub(super) fn size(&self) -> Result<u64> {
        self.file()?.size().map_err(|error| failed(&self.path, "a look at the size", &error))
    }

    pub(super) fn sync(&self) -> Result<()> {
        let written = self.written.load(Ordering::Acquire);
        let file = self.file()?;
        self.write_held(&*file)?;
        file.sync().map_err(|error| failed(&self.path, SYNC, &error))?;
        self.synced.fetch_max(written, Ordering::AcqRel);
        Ok(())
    }

    /// Whether something was written that is not known to be durable.
    pub(super) fn is_unsynced(&self) -> bool {
        self.synced.load(Ordering::Acquire) < self.written.load(Ordering::Acquire)
    }

    /// Write what is held.
    pub(super) fn write_out(&self) -> Result<()> {
        self.write_held(&*self.file()?)
    }

    fn write_held(&self, file: &dyn StoredFile) -> Result<()> {
        self.tail.write_out(file).map_err(|error| failed(&self.path, "a write", &error))
    }

    pub(super) fn truncate(&self, size: u64) -> Result<()> {
        let file = self.file()?;
        self.write_held(&*file)?;
        self.tail.clear(&*file);
        let cut = file.truncate(size);
        self.note_written();
        cut.map_err(|error| failed(&self.path, "cutting", &error))
    }

    /// Bytes of a frame.
    pub(super) fn frame_size(&self) -> u64 {
        FrameHeader::SIZE as u64 + u64::from(self.header.page_size)
    }

    /// How it ends, if it is sealed.
    pub(super) fn footer(&self) -> Result<Option<Footer>> {
        let Some(at) = self.size()?.checked_sub(Footer::SIZE as u64) else { return Ok(None) };
        let mut bytes = [0; Footer::SIZE];
        self.read(&mut bytes, at)?;
        let Some(footer) = Footer::decode(&bytes) else { return Ok(None) };
        let commits = footer.head.commit.saturating_sub(self.header.before.commit);
        let fits = footer.commits().checked_add(commits.saturating_mul(COMMIT_ENTRY)) == Some(at);
        Ok(Some(footer).filter(|_| fits))
    }

    /// What is behind the last commit of a sealed segment, as it must be.
    pub(super) fn tail_of(&self, found: &Found) -> Vec<u8> {
        let mut index = found.index.clone();
        index.sort_unstable();
        tail(&index, &found.commits, found.end, found.head, found.time)
    }

    /// Whether that is there. What pages hold may look like a footer, so one alone means nothing.
    pub(super) fn has_tail(&self, tail: &[u8], found: &Found) -> Result<bool> {
        let mut bytes = vec![0; tail.len()];
        if self.size()? != found.end + tail.len() as u64 {
            return Ok(false);
        }
        // Somebody may cut the file off meanwhile.
        Ok(self.read(&mut bytes, found.end).is_ok() && bytes == tail)
    }

    /// Read all commits. What is behind the last whole one is torn, unless something says that it had been synced: that is
    /// found out if nobody is `writing` there meanwhile.
    pub(super) fn scan(&self, writing: bool, each: &mut dyn FnMut(Commit<'_>) -> Result<()>) -> Result<Found> {
        let mut input = Input::new(self)?;
        let mut found = Found {
            head: self.header.before,
            end: SegmentHeader::SIZE as u64,
            torn: false,
            stopped: 0,
            index: Vec::new(),
            commits: Vec::new(),
            time: 0,
        };
        let mut frames = Vec::new();
        loop {
            let at = input.at;
            match self.next(&mut input, &mut found, &mut frames, each) {
                Ok(true) => continue,
                Ok(false) => {}
                // Zeros that were written ahead have been cut off: what is there now is read again.
                Err(_) if writing && self.size()? < input.size => {
                    input = Input { at, ..Input::new(self)? };
                    continue;
                }
                Err(error) => return Err(error),
            }
            found.torn = found.end < input.size;
            found.stopped = at;
            if writing {
                return Ok(found);
            }
            if let Some(commit) = self.synced_behind(at, found.head.commit)? {
                return Err(corrupt(
                    &self.path,
                    at,
                    &format!("commit {} cannot be read, but commit {commit} behind it can", found.head.commit + 1),
                ));
            }
            return Ok(found);
        }
    }

    /// Read all commits while somebody may be writing. True if one behind the last of them must be there, since a later one says that
    /// it had been synced, and cannot be read.
    pub(super) fn scan_for_damage(&self) -> Result<(Found, bool)> {
        let mut found = self.scan(true, &mut |_| Ok(()))?;
        while found.torn && self.is_synced_behind(&found)? {
            // It may have been written since it was looked for.
            let now = self.scan(true, &mut |_| Ok(()))?;
            if now.stopped == found.stopped {
                return Ok((now, true));
            }
            found = now;
        }
        Ok((found, false))
    }

    fn is_synced_behind(&self, found: &Found) -> Result<bool> {
        let size = self.size()?;
        match self.synced_behind(found.stopped, found.head.commit) {
            // Zeros that were written ahead have been cut off: nothing was behind them.
            Err(_) if self.size()? < size => Ok(false),
            behind => Ok(behind?.is_some()),
        }
    }

    /// Read a frame or the end of a commit. False if there is neither.
    fn next(
        &self,
        input: &mut Input<'_>,
        found: &mut Found,
        frames: &mut Vec<Frame>,
        each: &mut dyn FnMut(Commit<'_>) -> Result<()>,
    ) -> Result<bool> {
        let number = found.head.commit + 1;
        let at = input.at;
        let Some(bytes) = input.peek::<{ FrameHeader::SIZE }>()? else { return Ok(false) };
        if let Some(header) = FrameHeader::decode(&bytes) {
            input.skip(FrameHeader::SIZE);
            let Some(page) = input.take(self.header.page_size as usize)? else { return Ok(false) };
            if header.mark != number as u32 || header.sum != page_sum(header.page, page) {
                return Ok(false);
            }
            let zero = is_zero(page);
            frames.push(Frame { header, offset: at, zero });
            return Ok(true);
        }
        let Some(bytes) = input.peek::<{ CommitRecord::SIZE }>()? else { return Ok(false) };
        let Some(record) = CommitRecord::decode(&bytes) else { return Ok(false) };
        let mut chain = Chain::new(found.head.chain);
        frames.iter().for_each(|frame| chain.frame(&frame.header));
        if record.head.commit != number
            || record.frames as usize != frames.len()
            || (!self.header.is_base() && chain.end(record) != record)
        {
            return Ok(false);
        }
        input.skip(CommitRecord::SIZE);
        let commit = (record.head.commit - self.header.before.commit - 1) as u32;
        let entry = |frame: &Frame| IndexEntry { page: frame.header.page, commit, offset: frame.offset };
        found.index.extend(frames.iter().map(entry));
        found.commits.push(at);
        (found.head, found.end, found.time) = (record.head, input.at, record.time);
        each(Commit { record: &record, frames })?;
        frames.clear();
        Ok(true)
    }

    /// A commit behind `at` that was written when everything up to there had been synced.
    fn synced_behind(&self, at: u64, last: u64) -> Result<Option<u64>> {
        self.record_behind(at, |record| record.head.commit > last && record.synced > at)
    }

    /// The first commit whose record is behind `at`, and like that.
    fn record_behind(&self, at: u64, is_it: impl Fn(&CommitRecord) -> bool) -> Result<Option<u64>> {
        let mut input = Input::new(self)?;
        input.at = at.next_multiple_of(8);
        while let Some(bytes) = input.peek::<{ CommitRecord::SIZE }>()? {
            if let Some(record) = CommitRecord::decode(&bytes).filter(&is_it) {
                return Ok(Some(record.head.commit));
            }
            // It does not begin within zeros.
            input.skip(if bytes == [0; CommitRecord::SIZE] { bytes.len() } else { 8 });
        }
        Ok(None)
    }
}

/// Reads a segment from one end to the other.
struct Input<'a> {
    segment: &'a Segment,
    size: u64,
    at: u64,
    buffer: Vec<u8>,
    /// Where the buffer begins.
    start: u64,
}

impl<'a> Input<'a> {
    fn new(segment: &'a Segment) -> Result<Self> {
        let size = segment.size()?;
        Ok(Input { segment, size, at: SegmentHeader::SIZE as u64, buffer: Vec::new(), start: 0 })
    }

    /// So many bytes from where it stands, if there are as many.
    fn bytes(&mut self, length: usize) -> Result<Option<&[u8]>> {
        if self.size.saturating_sub(self.at) < length as u64 {
            return Ok(None);
        }
        let inside = self.at.checked_sub(self.start).map(|skip| skip as usize);
        let inside = inside.filter(|skip| skip + length <= self.buffer.len());
        let skip = match inside {
            Some(skip) => skip,
            None => {
                let length = (self.size - self.at).min(CHUNK.max(length) as u64) as usize;
                self.buffer.resize(length, 0);
                self.start = self.at;
                self.segment.read(&mut self.buffer, self.at)?;
                0
            }
        };
        Ok(self.buffer.get(skip..skip + length))
    }

    fn peek<const N: usize>(&mut self) -> Result<Option<[u8; N]>> {
        Ok(self.bytes(N)?.and_then(|bytes| bytes.try_into().ok()))
    }

    fn skip(&mut self, length: usize) {
        self.at += length as u64;
    }

    fn take(&mut self, length: usize) -> Result<Option<&[u8]>> {
        if self.bytes(length)?.is_none() {
            return Ok(None);
        }
        let skip = (self.at - self.start) as usize;
        self.at += length as u64;
        Ok(self.buffer.get(skip..skip + length))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{OnceLock, Weak};

    use super::super::storage::Disk;
    use super::*;

    /// A file to which somebody writes just when another one has synced it.
    #[derive(Default)]
    struct Late(OnceLock<Weak<Segment>>);

    impl StoredFile for Late {
        fn size(&self) -> io::Result<u64> {
            Ok(0)
        }

        fn read_at(&self, _buffer: &mut [u8], _offset: u64) -> io::Result<()> {
            Ok(())
        }

        fn write_at(&self, _data: &[u8], _offset: u64) -> io::Result<()> {
            self.truncate(0)
        }

        fn truncate(&self, _size: u64) -> io::Result<()> {
            let segment = self.0.get().and_then(Weak::upgrade).expect("the segment");
            segment.sync().map_err(io::Error::other)
        }

        fn sync(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_sync_that_comes_before_a_write_is_none_of_it() {
        let file = Arc::new(Late::default());
        let (stored, storage): (Arc<dyn StoredFile>, Arc<dyn Storage>) = (file.clone(), Arc::new(Disk));
        let header = SegmentHeader::default();
        let segment = Arc::new(Segment::new(PathBuf::new(), storage, stored, header, 0));
        file.0.set(Arc::downgrade(&segment)).expect("once");
        segment.write(b"x", 0).unwrap();
        assert!(segment.is_unsynced());
        segment.sync().unwrap();
        assert!(!segment.is_unsynced());
        segment.truncate(0).unwrap();
        assert!(segment.is_unsynced());
    }
}
