//! All segments of a database, and what is being appended to the last of them. No locks here.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::branch::BEGUN;
use super::disk_file::memory_page;
use super::file::PARTIAL;
use super::format::{
    Chain, CommitRecord, Footer, FrameHeader, Head, Identity, IndexEntry, Mark, SegmentHeader, Sum, is_zero, page_sum,
};
use super::page_cache::{PageCache, Part};
use super::places::Place;
use super::segment::{self, CHUNK, Commit, OPENING, SYNC, Segment, corrupt, failed};
use super::storage::{Access, BLOCK, Storage, StoredFile};
use crate::wal::DirtyPage;
use crate::{Error, Result};

/// Bytes after which a segment is sealed, and the next one begun.
pub(super) const SEGMENT: u64 = 64 << 20;

/// A frame that is not committed yet. There may be millions.
#[derive(Debug, Clone, Copy)]
#[repr(C, packed(4))]
struct Uncommitted {
    page: u32,
    sum: Sum,
    /// See [`content_sum`](super::format::content_sum).
    zero: bool,
}

pub(super) struct Store {
    storage: Arc<dyn Storage>,
    folder: PathBuf,
    identity: Identity,
    segments: Vec<Arc<Segment>>,
    /// Segments that may have to be synced; the last one is among them, or durable.
    unsynced: Vec<Arc<Segment>>,
    /// Counts the files that were created in the folder, and those whose names are durable.
    created: u64,
    created_synced: u64,
    /// After the last commit.
    head: Head,
    /// Where the last commit ends in the last segment.
    end: u64,
    /// When the last commit was made.
    time: u64,
    /// The index of the last segment, and where the records of its commits are.
    index: Vec<IndexEntry>,
    commits: Vec<u64>,
    /// Bytes of the last segment that are durable.
    synced: u64,
    frames: Vec<Uncommitted>,
    /// What is to be written behind the frames that are in the file.
    buffer: Vec<u8>,
    buffer_at: u64,
    state: Arc<dyn StoredFile>,
    mark: Mark,
    /// What pages add to the checksum of the database, for some of those that were changed last.
    sums: HashMap<u32, Sum>,
    segment_limit: u64,
    /// The last segment is zeros from its end to here: see [`Store::fill`].
    filled: u64,
    /// Where the last segment was torn.
    torn: Option<u64>,
    /// For the header of the next segment.
    flags: u32,
    parent: u128,
    page_cache: PageCache,
}

/// What a commit is, besides its pages.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewCommit {
    pub(super) pages: u32,
    /// The checksum of the database after it.
    pub(super) sum: Sum,
    pub(super) flags: u32,
    /// It is going to be synced at once.
    pub(super) sync: bool,
}

/// Frames of a transaction for which the room stays when it has ended.
const FRAMES: usize = 4096;

/// Pages whose checksum is remembered.
const SUMS: usize = 4096;

/// Bytes of a commit that is held until it is synced: see [`Tail`](super::tail::Tail).
const HELD: u64 = 256 << 10;

/// Bytes of a commit for which zeros are written ahead, and how many: what is larger is not to be written twice.
const SMALL: u64 = 4 * 4096;
const AHEAD: u64 = 1 << 20;

/// What has to be synced, so that a commit is durable.
pub(super) struct Target {
    pub(super) commit: u64,
    segments: Vec<Arc<Segment>>,
    end: u64,
    /// See [`Store::created`]; `None` if no name has to be made durable.
    created: Option<u64>,
}

impl Target {
    pub(super) fn sync(&self, storage: &dyn Storage, folder: &Path) -> Result<()> {
        self.segments.iter().try_for_each(|segment| segment.sync())?;
        if self.created.is_some() {
            // The folder itself may be new as well.
            sync_folder(storage, folder)?;
            sync_folder(storage, folder.parent().unwrap_or(Path::new(".")))?;
        }
        Ok(())
    }
}

/// A number that nobody else has.
pub(super) fn random_number() -> Result<u128> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::IOERR.with_message(format!("wal \"timeline\": the system gives no random numbers: {error}"))
    })?;
    Ok(u128::from_be_bytes(bytes))
}

pub(super) fn sync_folder(storage: &dyn Storage, folder: &Path) -> Result<()> {
    storage.sync_folder(folder).map_err(|error| failed(folder, SYNC, &error))
}

/// The name of the file with the [`Mark`]s, of which there are two.
pub(super) const STATE: &str = "state";
pub(super) const SLOT: u64 = 512;

impl Store {
    /// The timeline in a folder, with nothing in it if there is none yet. `each` sees the commits that the database file
    /// may lack.
    pub(super) fn open(
        storage: Arc<dyn Storage>,
        folder: &Path,
        segment_limit: u64,
        each: &mut dyn FnMut(u32, Commit<'_>) -> Result<()>,
    ) -> Result<Self> {
        let names = storage.list(folder).map_err(|error| failed(folder, "reading", &error))?;
        let state_path = folder.join(STATE);
        let create = !names.iter().any(|name| name == STATE);
        if create && names.iter().any(|name| name == BEGUN) {
            return Err(Error::CANTOPEN.with_message(format!(
                "wal \"timeline\": {} is that of a branch that was not finished: remove the database, and make it again",
                folder.display()
            )));
        }
        let partial: Vec<_> = names.iter().filter(|name| name.ends_with(PARTIAL)).cloned().collect();
        let (segments, mut leftovers) = segment::current(names);
        leftovers.extend(partial);
        let state = if create { storage.create(&state_path, folder) } else { storage.open(&state_path, Access::Write) };
        let state = state.map_err(|error| failed(&state_path, OPENING, &error))?;
        let mark = read_mark(&*state, &state_path)?;
        let mut store = Store {
            storage,
            folder: folder.to_owned(),
            identity: Identity { database: 0, lineage: 0 },
            segments: Vec::new(),
            unsynced: Vec::new(),
            // Nobody knows what another process has made durable.
            created: 1,
            created_synced: 0,
            head: Head::default(),
            end: 0,
            time: 0,
            index: Vec::new(),
            commits: Vec::new(),
            synced: 0,
            frames: Vec::new(),
            buffer: Vec::new(),
            buffer_at: 0,
            state,
            mark,
            sums: HashMap::new(),
            segment_limit,
            filled: 0,
            torn: None,
            flags: 0,
            parent: 0,
            page_cache: PageCache::default(),
        };
        for (i, (_, name)) in segments.iter().enumerate() {
            store.join(name, i + 1 == segments.len(), each)?;
        }
        if let Some(last) = store.segments.last() {
            store.page_cache.begin(last);
        }
        if store.head.commit < mark.copied.max(mark.durable) {
            let what =
                format!("commit {} is the last, and there were {}", store.head.commit, mark.copied.max(mark.durable));
            let path = segments.last().map_or_else(|| folder.to_owned(), |(_, name)| folder.join(name));
            return Err(corrupt(&path, store.torn.unwrap_or(0), &what));
        }
        if let (Some(_), Some(last)) = (store.torn, store.segments.last()) {
            last.truncate(store.end)?;
        }
        if !leftovers.is_empty() {
            // The name of what stands for them may not be durable.
            sync_folder(&*store.storage, folder)?;
        }
        for name in leftovers {
            // Whoever has folded them, or has not finished that, was interrupted. It is as good with them, but for the room.
            let _ = store.storage.remove(&folder.join(name));
        }
        Ok(store)
    }

    /// Take the next segment in.
    fn join(&mut self, name: &str, last: bool, each: &mut dyn FnMut(u32, Commit<'_>) -> Result<()>) -> Result<()> {
        let number = self.segments.len() as u32;
        let Some(segment) = Segment::open(&self.storage, &self.folder, name, Access::Write)? else {
            if !last {
                return Err(corrupt(&self.folder.join(name), 0, "its header is not that of a segment"));
            }
            self.end = u64::MAX;
            return Ok(());
        };
        if number == 0 && !segment.header.is_first() {
            return Err(corrupt(&segment.path, 0, "the segment before it is missing"));
        }
        if number > 0 && !segment.header.continues(self.identity, self.head) {
            return Err(corrupt(&segment.path, 0, "it does not continue the segment before it"));
        }
        self.identity = segment.header.identity;
        // Behind the last one there is no header that says how it ends, and of one that ends with the last durable commit the index
        // may not be durable.
        let durable = self.mark.durable.min(self.mark.copied + 1);
        let trusted = |footer: &Footer| !last && (footer.head.commit < durable || segment.header.is_base());
        let footer = segment.footer()?;
        let mut sealed = !last;
        match footer {
            Some(footer) if trusted(&footer) => (self.head, self.time) = (footer.head, footer.time),
            None if !last => return Err(corrupt(&segment.path, segment.size()?, "it has no footer")),
            _ => {
                let copied = self.mark.copied;
                let found = segment.scan(false, &mut |commit| {
                    if commit.record.head.commit > copied { each(number, commit) } else { Ok(()) }
                })?;
                let tail = segment.tail_of(&found);
                sealed = segment.has_tail(&tail, &found)?;
                let ends = footer.is_some_and(|footer| (footer.head, footer.index) == (found.head, found.end));
                // A base was durable as a whole before it had its name.
                if (!last && !ends) || (segment.header.is_base() && !sealed) {
                    return Err(corrupt(&segment.path, found.end, "it was sealed, and cannot be read to its end"));
                }
                if !last && !sealed {
                    segment.write(&tail, found.end)?;
                }
                if last && !sealed && found.torn {
                    self.torn = Some(found.end);
                }
                if found.head.commit > segment.header.before.commit {
                    self.time = found.time;
                }
                (self.head, self.end, self.index, self.commits) = (found.head, found.end, found.index, found.commits);
            }
        }
        if last && sealed {
            // It was sealed, and the next one was not born.
            self.end = u64::MAX;
        }
        let segment = Arc::new(segment);
        // Of one that ends with the last commit that is known to be durable, the footer may not be.
        if self.head.commit >= self.mark.durable || !sealed {
            self.unsynced.push(Arc::clone(&segment));
        } else {
            segment.rest();
        }
        self.segments.push(segment);
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    pub(super) fn identity(&self) -> Identity {
        self.identity
    }

    pub(super) fn head(&self) -> Head {
        self.head
    }

    pub(super) fn mark(&self) -> Mark {
        self.mark
    }

    /// Bytes of a page, 0 before the first commit.
    pub(super) fn page_size(&self) -> u32 {
        self.segments.last().map_or(0, |segment| segment.header.page_size)
    }

    pub(super) fn segment(&self, number: u32) -> Result<Arc<Segment>> {
        self.segments.get(number as usize).cloned().ok_or(Error::IOERR)
    }

    /// See that there is a segment to append to. `kept` frames of the transaction are still wanted. With `sync`, a segment is
    /// durable before the next one is begun.
    pub(super) fn begin_append(&mut self, page_size: u32, kept: usize, sync: bool) -> Result<()> {
        self.frames.truncate(kept);
        self.buffer.clear();
        if kept > 0 {
            self.buffer_at = self.next();
            return Ok(());
        }
        if self.page_size() != page_size
            && self.segments.last().is_some_and(|last| last.header.before.commit == self.head.commit)
        {
            // It was begun for pages of another size, and has none.
            if let Some(header) = self.segments.pop().map(|last| last.header) {
                (self.flags, self.parent) = (header.flags, header.parent);
            }
            self.end = u64::MAX;
        }
        if self.page_size() != page_size || self.end >= self.segment_limit {
            self.end_segment(sync)?;
        }
        if self.end == u64::MAX || self.segments.is_empty() {
            if sync {
                self.sync()?;
            }
            self.begin_segment(page_size)?;
            if sync {
                // A header that is not whole has no commit behind it.
                self.sync()?;
            }
        }
        self.buffer_at = self.next();
        Ok(())
    }

    /// Seal the last segment if it is full, so that its index is not kept in memory.
    pub(super) fn end_full_segment(&mut self, sync: bool) -> Result<()> {
        if self.end >= self.segment_limit { self.end_segment(sync) } else { Ok(()) }
    }

    /// Seal the last segment, unless it is.
    fn end_segment(&mut self, sync: bool) -> Result<()> {
        if self.end == u64::MAX || self.segments.is_empty() {
            return Ok(());
        }
        if sync {
            // A footer says that all before it can be read.
            self.sync()?;
        }
        self.seal()
    }

    fn begin_segment(&mut self, page_size: u32) -> Result<()> {
        if self.segments.is_empty() {
            self.identity = Identity { database: random_number()?, lineage: random_number()? };
        }
        let header = SegmentHeader {
            page_size,
            identity: self.identity,
            before: self.head,
            created: self.storage.now(),
            flags: self.flags,
            parent: self.parent,
        };
        let path = self.folder.join(segment::file_name(self.head.commit + 1));
        if self.end == u64::MAX || self.segments.is_empty() {
            // One without a commit may be left over from a creation that failed.
            let _ = self.storage.remove(&path);
        }
        let segment = Arc::new(Segment::create(&self.storage, &self.folder, header)?);
        (self.flags, self.parent) = (0, 0);
        self.end = SegmentHeader::SIZE as u64;
        self.synced = 0;
        self.filled = 0;
        self.index.clear();
        self.commits.clear();
        self.unsynced.push(Arc::clone(&segment));
        self.created += 1;
        if let Some(before) = self.segments.last().filter(|before| !before.is_unsynced()) {
            before.rest();
        }
        self.segments.push(segment);
        Ok(())
    }

    /// Where the next frame goes.
    fn next(&self) -> u64 {
        let frame = self.segments.last().map_or(0, |segment| segment.frame_size());
        self.end + self.frames.len() as u64 * frame
    }

    fn last(&self) -> Result<&Arc<Segment>> {
        self.segments.last().ok_or(Error::IOERR)
    }

    fn frame_header(&self, page: DirtyPage<'_>) -> FrameHeader {
        let page_no = page.page.get();
        FrameHeader { page: page_no, mark: (self.head.commit + 1) as u32, sum: page_sum(page_no, page.data) }
    }

    /// Append a frame. It may still be in memory when this returns.
    pub(super) fn put(&mut self, page: DirtyPage<'_>) -> Result<Place> {
        let header = self.frame_header(page);
        let offset = self.next();
        self.buffer.try_reserve(FrameHeader::SIZE + page.data.len()).map_err(|_| Error::NOMEM)?;
        self.frames.try_reserve(1).map_err(|_| Error::NOMEM)?;
        self.buffer.extend_from_slice(&header.encode());
        self.buffer.extend_from_slice(page.data);
        self.frames.push(Uncommitted { page: header.page, sum: header.sum, zero: is_zero(page.data) });
        if self.buffer.len() >= CHUNK {
            self.flush()?;
        }
        Ok(Place { segment: self.segments.len() as u32 - 1, offset, commit: self.head.commit + 1 })
    }

    /// Write over a frame of this transaction.
    pub(super) fn replace(&mut self, place: Place, page: DirtyPage<'_>) -> Result<()> {
        let header = self.frame_header(page);
        let segment = Arc::clone(self.last()?);
        let frame = usize::try_from((place.offset - self.end) / segment.frame_size()).map_err(|_| Error::IOERR)?;
        let mut bytes = header.encode().to_vec();
        bytes.extend_from_slice(page.data);
        segment.write(&bytes, place.offset)?;
        *self.frames.get_mut(frame).ok_or(Error::IOERR)? =
            Uncommitted { page: header.page, sum: header.sum, zero: is_zero(page.data) };
        Ok(())
    }

    /// Write what is in memory.
    pub(super) fn flush(&mut self) -> Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let segment = Arc::clone(self.last()?);
        let written = segment.write(&self.buffer, self.buffer_at);
        self.buffer_at += self.buffer.len() as u64;
        self.buffer.clear();
        written
    }

    /// The pages that this transaction has changed, each once with what it adds to the checksum of the database now.
    pub(super) fn changed(&self) -> Vec<(u32, Sum)> {
        let mut seen = HashSet::with_capacity(self.frames.len());
        let last = self.frames.iter().rev().filter(|frame| seen.insert(frame.page));
        last.map(|frame| (frame.page, if frame.zero { 0 } else { frame.sum })).collect()
    }

    /// What a page adds to the checksum of the database, if that is known.
    pub(super) fn remembered(&self, page: u32) -> Option<Sum> {
        self.sums.get(&page).copied()
    }

    /// These pages have been committed.
    pub(super) fn remember(&mut self, changed: &[(u32, Sum)]) {
        if self.sums.len() + changed.len() > SUMS {
            self.sums.clear();
        }
        if changed.len() <= SUMS {
            self.sums.extend(changed.iter().copied());
        }
    }

    /// End the transaction, and write it. It is durable only when it has been synced.
    pub(super) fn commit(&mut self, commit: NewCommit) -> Result<Head> {
        let number = self.head.commit + 1;
        let mut chain = Chain::new(self.head.chain);
        for frame in &self.frames {
            chain.frame(&FrameHeader { page: frame.page, mark: number as u32, sum: frame.sum });
        }
        let record = chain.end(CommitRecord {
            head: Head { commit: number, pages: commit.pages, sum: commit.sum, chain: 0 },
            // A clock that was set back does not put commits out of order.
            time: self.storage.now().max(self.time),
            frames: self.frames.len() as u32,
            flags: commit.flags,
            synced: self.synced,
        });
        let end = self.next() + CommitRecord::SIZE as u64;
        self.buffer.extend_from_slice(&record.encode());
        let segment = Arc::clone(self.last()?);
        if commit.sync && self.buffer_at == self.end && end - self.end < HELD && self.fill(end) {
            segment.hold(&self.buffer, self.end)?;
            self.buffer.clear();
        } else {
            self.flush()?;
        }
        let within = (number - segment.header.before.commit - 1) as u32;
        let size = segment.frame_size();
        for (i, frame) in self.frames.iter().enumerate() {
            let offset = self.end + i as u64 * size;
            self.index.push(IndexEntry { page: frame.page, commit: within, offset });
        }
        self.note_unsynced(segment);
        if commit.flags & CommitRecord::ADOPTED != 0 {
            self.sums.clear();
        }
        self.commits.push(end - CommitRecord::SIZE as u64);
        (self.head, self.end, self.time) = (record.head, end, record.time);
        self.frames.clear();
        self.frames.shrink_to(FRAMES);
        Ok(record.head)
    }

    /// Whether there are zeros in the place of a commit that ends at `end`, over which it can be written: to sync a file that does not grow
    /// takes much less time. For a small one they are written, and for those to come.
    fn fill(&mut self, end: u64) -> bool {
        static ZEROS: [u8; 64 << 10] = [0; 64 << 10];
        if end <= self.filled || end - self.end >= SMALL {
            return end <= self.filled;
        }
        // What is written past the page cache has no page there in common with what is written here.
        self.filled = self.filled.max(self.end.next_multiple_of(BLOCK.max(memory_page())));
        // Behind the limit, the next segment begins.
        let to = (end + AHEAD).min(self.segment_limit).max(end).next_multiple_of(ZEROS.len() as u64);
        while self.filled < to {
            let zeros = ZEROS.get(..(to - self.filled) as usize).unwrap_or(&ZEROS);
            if self.last().and_then(|last| last.write_ahead(zeros, self.filled)).is_err() {
                // What room there is belongs to the commits to come.
                let _ = self.last().and_then(|last| last.truncate(self.end));
                self.filled = self.end;
                return false;
            }
            self.filled += zeros.len() as u64;
        }
        true
    }

    /// Cut off what was written ahead.
    pub(super) fn trim(&mut self) -> Result<()> {
        if std::mem::take(&mut self.filled) > self.end && self.end != u64::MAX {
            self.last()?.truncate(self.end)?;
        }
        Ok(())
    }

    /// Let those who read the files see all that is committed.
    pub(super) fn write_out(&self) -> Result<()> {
        self.segments.last().map_or(Ok(()), |last| last.write_out())
    }

    /// What a sync of everything that is committed has to do.
    pub(super) fn target(&self) -> Target {
        Target {
            commit: self.head.commit,
            segments: self.unsynced.clone(),
            end: self.end,
            created: Some(self.created).filter(|created| *created > self.created_synced),
        }
    }

    /// Make everything durable that is committed.
    pub(super) fn sync(&mut self) -> Result<()> {
        let target = self.target();
        target.sync(&*self.storage, &self.folder)?;
        self.reached(&target);
        Ok(())
    }

    /// The target has been synced.
    pub(super) fn reached(&mut self, target: &Target) {
        let last = self.segments.last();
        let is_last = |segment: &Arc<Segment>| last.is_some_and(|last| Arc::ptr_eq(last, segment));
        if target.end != u64::MAX && target.segments.last().is_some_and(is_last) {
            self.synced = self.synced.max(target.end);
        }
        self.unsynced.retain(|segment| {
            let keep = segment.is_unsynced();
            if !keep && !is_last(segment) {
                segment.rest();
            }
            keep
        });
        self.created_synced = self.created_synced.max(target.created.unwrap_or(0));
    }

    /// A segment was written to.
    fn note_unsynced(&mut self, segment: Arc<Segment>) {
        if !self.unsynced.iter().any(|one| Arc::ptr_eq(one, &segment)) {
            self.unsynced.push(segment);
        }
    }

    /// The database file has all commits up to this one. Returns what may leave the page cache.
    pub(super) fn pass(&mut self, commit: u64) -> Vec<Part> {
        let Some(last) = self.segments.last() else { return Vec::new() };
        let within = commit.checked_sub(last.header.before.commit + 1);
        if let Some(record) = within.and_then(|within| self.commits.get(within as usize)) {
            self.page_cache.pass(&self.segments, record + CommitRecord::SIZE as u64);
        }
        self.page_cache.take(last, self.synced)
    }

    /// Whether all that is committed is durable.
    fn is_durable(&self) -> bool {
        self.created == self.created_synced && !self.unsynced.iter().any(|segment| segment.is_unsynced())
    }

    /// Seal the last segment, though it is not full, if it has a commit. Nobody is writing a transaction there.
    pub(super) fn seal_early(&mut self) -> Result<()> {
        let has_commit = self.segments.last().is_some_and(|last| last.header.before.commit < self.head.commit);
        if self.end == u64::MAX || !has_commit {
            return Ok(());
        }
        // Those of a transaction that was rolled back.
        self.frames.clear();
        // A footer says that all before it can be read.
        self.sync()?;
        self.seal()?;
        self.sync()
    }

    /// Segments up to that commit are not synced any more. False if that must be.
    pub(super) fn forget_unsynced(&mut self, commit: u64) -> bool {
        // One ends where the next begins.
        let ends = |segment: &Arc<Segment>| {
            let at = self.segments.iter().position(|one| Arc::ptr_eq(one, segment));
            at.and_then(|at| self.segments.get(at + 1)).map_or(self.head.commit, |next| next.header.before.commit)
        };
        if self.unsynced.iter().any(|segment| segment.is_unsynced() && ends(segment) <= commit) {
            return false;
        }
        let keep: Vec<_> = self.unsynced.iter().map(|segment| ends(segment) > commit).collect();
        let mut keep = keep.into_iter();
        self.unsynced.retain(|_| keep.next().unwrap_or(true));
        true
    }

    /// Write the index, the list of commits and the footer behind the last commit.
    fn seal(&mut self) -> Result<()> {
        let segment = Arc::clone(self.last()?);
        let mut index = std::mem::take(&mut self.index);
        index.sort_unstable();
        let mut at = self.end;
        let write = |bytes: &[u8]| {
            let written = segment.write(bytes, at);
            at += bytes.len() as u64;
            written
        };
        self.filled = 0;
        let sealed = segment
            .truncate(self.end)
            .and_then(|()| segment::each_of_tail(&index, &self.commits, self.end, self.head, self.time, write));
        if let Err(error) = sealed {
            self.index = index;
            return Err(error);
        }
        self.note_unsynced(segment);
        self.end = u64::MAX;
        Ok(())
    }

    /// Write how far the database file is.
    pub(super) fn set_mark(&mut self, mark: Mark, sync: bool) -> Result<()> {
        let durable = if self.is_durable() { self.head.commit } else { self.mark.durable };
        let mark = Mark { number: self.mark.number + 1, durable, ..mark };
        let path = self.folder.join(STATE);
        self.state
            .write_at(&mark.encode(), mark.number % 2 * SLOT)
            .map_err(|error| failed(&path, "a write", &error))?;
        if sync {
            self.state.sync().map_err(|error| failed(&path, SYNC, &error))?;
            if self.created > self.created_synced {
                // The file with the marks may be new.
                sync_folder(&*self.storage, &self.folder)?;
            }
        }
        self.mark = mark;
        Ok(())
    }
}

/// Whether the database file goes on with the timeline in this folder. It does when it has all commits as well: a connection that
/// is in WAL mode, and has not opened the log since others closed it, must open it to leave that mode, or the timeline
/// would not know.
pub(super) fn goes_on(storage: &dyn Storage, folder: &Path) -> Result<bool> {
    let mark = read_state(storage, folder)?;
    Ok(mark.number > 0 && mark.flags & Mark::LEFT == 0)
}

/// How far the database file is.
pub(super) fn read_state(storage: &dyn Storage, folder: &Path) -> Result<Mark> {
    let path = folder.join(STATE);
    match storage.open(&path, Access::Read) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Mark::default()),
        Err(error) => Err(failed(&path, OPENING, &error)),
        Ok(state) => read_mark(&*state, &path),
    }
}

/// The newer of the two marks.
fn read_mark(state: &dyn StoredFile, path: &Path) -> Result<Mark> {
    let size = state.size().map_err(|error| failed(path, "a look at the size", &error))?;
    let mut newest = Mark::default();
    for slot in [0, SLOT] {
        if size >= slot + Mark::SIZE as u64 {
            let mut bytes = [0; Mark::SIZE];
            state.read_at(&mut bytes, slot).map_err(|error| failed(path, "a read", &error))?;
            if let Some(mark) = Mark::decode(&bytes).filter(|mark| mark.number > newest.number) {
                newest = mark;
            }
        }
    }
    Ok(newest)
}
