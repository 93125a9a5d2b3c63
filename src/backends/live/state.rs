//! The frames of a log, and who reads and writes them. No locks and no input or output here: only the rules.
//!
//! `C` is what a frame holds: a page, or the place where it lies.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::wal::{FrameNo, PageNo, SavepointPosition};
use crate::{Error, Result, ffi};

/// One connection's use of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::backends) struct UserId(u64);

impl UserId {
    pub(in crate::backends) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        UserId(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// A page, as it was at some commit.
#[derive(Debug)]
pub(in crate::backends) struct Frame<C> {
    pub(in crate::backends) page: PageNo,
    /// Size of the database in pages after this frame, which ends a transaction; otherwise 0.
    pub(in crate::backends) commit: u32,
    pub(in crate::backends) content: C,
}

/// What a connection reads: the frames from `first` to `last`, and the database file for pages that are in none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::backends) struct Snapshot {
    pub(in crate::backends) first: u32,
    pub(in crate::backends) last: u32,
    /// Size of the database in pages, 0 if only its file can tell.
    pub(in crate::backends) db_size: u32,
    /// Which commit this is the state after.
    pub(in crate::backends) commit: u64,
    /// How often the log had begun anew.
    restarts: u32,
}

impl Snapshot {
    pub(in crate::backends) fn uses_log(&self) -> bool {
        self.first <= self.last
    }
}

/// Hashes numbers that nobody can choose freely: a page is looked up in the index whenever one is read.
#[derive(Debug, Default)]
struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        // The golden ratio: the upper bits, which pick the bucket's tag, and the lower ones depend on all of the number.
        let mixed = (self.0 ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ mixed >> 32;
    }
}

#[derive(Debug)]
pub(in crate::backends) struct State<C> {
    page_size: u32,
    frames: Vec<Frame<C>>,
    /// The frames of each page, in ascending order.
    index: HashMap<PageNo, Vec<u32>, BuildHasherDefault<NumberHasher>>,
    /// Frames up to here are committed; those behind belong to the writer.
    committed: u32,
    /// Frames up to here are in the database file.
    backfilled: u32,
    /// Size of the database in pages, 0 as long as nothing was committed.
    db_size: u32,
    /// Number of commits so far.
    commits: u64,
    /// How often the log began anew.
    restarts: u32,
    readers: HashMap<UserId, Snapshot>,
    writer: Option<UserId>,
    pub(in crate::backends) checkpointing: bool,
}

impl<C> Default for State<C> {
    fn default() -> Self {
        State {
            page_size: 0,
            frames: Vec::new(),
            index: HashMap::default(),
            committed: 0,
            backfilled: 0,
            db_size: 0,
            commits: 0,
            restarts: 0,
            readers: HashMap::new(),
            writer: None,
            checkpointing: false,
        }
    }
}

/// Numbers of frames fit: push() sees to it.
fn count<C>(frames: &[Frame<C>]) -> u32 {
    u32::try_from(frames.len()).unwrap_or(u32::MAX)
}

impl<C> State<C> {
    pub(in crate::backends) fn committed(&self) -> u32 {
        self.committed
    }

    pub(in crate::backends) fn backfilled(&self) -> u32 {
        self.backfilled
    }

    pub(in crate::backends) fn db_size(&self) -> u32 {
        self.db_size
    }

    pub(in crate::backends) fn page_size(&self) -> u32 {
        self.page_size
    }

    /// Committed frames that are not in the database file.
    pub(in crate::backends) fn unsaved(&self) -> u32 {
        self.committed - self.backfilled
    }

    /// All frames, those of the writer included.
    pub(in crate::backends) fn len(&self) -> u32 {
        count(&self.frames)
    }

    pub(in crate::backends) fn begin_read(&mut self, user: UserId) -> Result<Snapshot> {
        let snapshot = Snapshot {
            first: self.backfilled + 1,
            last: self.committed,
            db_size: self.db_size,
            commit: self.commits,
            restarts: self.restarts,
        };
        self.readers.try_reserve(1).map_err(|_| Error::NOMEM)?;
        self.readers.insert(user, snapshot);
        Ok(snapshot)
    }

    pub(in crate::backends) fn end_read(&mut self, user: UserId) {
        self.end_write(user);
        self.readers.remove(&user);
    }

    pub(in crate::backends) fn snapshot(&self, user: UserId) -> Option<&Snapshot> {
        self.readers.get(&user)
    }

    pub(in crate::backends) fn find(&self, user: UserId, page: PageNo) -> Result<Option<FrameNo>> {
        let snapshot = self.readers.get(&user).ok_or(Error::MISUSE)?;
        let last = if self.is_writer(user) { self.len() } else { snapshot.last };
        Ok(self.find_between(snapshot.first, last, page))
    }

    /// The newest frame of a page among these.
    pub(in crate::backends) fn find_between(&self, first: u32, last: u32, page: PageNo) -> Option<FrameNo> {
        let frames = self.index.get(&page).map_or(&[][..], Vec::as_slice);
        let newest = frames.iter().rev().find(|frame| **frame <= last);
        newest.filter(|frame| **frame >= first).and_then(|frame| FrameNo::new(*frame))
    }

    pub(in crate::backends) fn is_writer(&self, user: UserId) -> bool {
        self.writer == Some(user)
    }

    pub(in crate::backends) fn frame(&self, frame: FrameNo) -> Result<&Frame<C>> {
        self.frames.get(frame.index()).ok_or(Error::new(ffi::SQLITE_IOERR_SHORT_READ))
    }

    pub(in crate::backends) fn begin_write(&mut self, user: UserId) -> Result<()> {
        let snapshot = self.readers.get(&user).ok_or(Error::MISUSE)?;
        if self.writer.is_some_and(|writer| writer != user) {
            return Err(Error::BUSY);
        }
        // A new beginning changes nothing that is read. Like the stock log, take it for a change all the same.
        if (snapshot.commit, snapshot.restarts) != (self.commits, self.restarts) {
            return Err(Error::BUSY_SNAPSHOT);
        }
        self.writer = Some(user);
        Ok(())
    }

    pub(in crate::backends) fn end_write(&mut self, user: UserId) {
        if self.writer == Some(user) {
            self.truncate(self.committed, &mut |_| ());
            self.writer = None;
        }
    }

    /// Keep others from writing, if nobody writes.
    pub(in crate::backends) fn lock_writer(&mut self, user: UserId) -> bool {
        let free = self.writer.is_none();
        if free {
            self.writer = Some(user);
        }
        free
    }

    fn check_writer(&self, user: UserId) -> Result<()> {
        if self.writer == Some(user) { Ok(()) } else { Err(Error::MISUSE) }
    }

    /// The writer is going to append. The log begins anew if it can, unless what comes was inserted: see
    /// [`Frames::is_inserted`](crate::wal::Frames::is_inserted).
    pub(in crate::backends) fn begin_append(&mut self, user: UserId, page_size: u32, inserted: bool) -> Result<()> {
        self.check_writer(user)?;
        if self.backfilled == self.committed && self.len() == self.committed && !self.is_read(None) && !inserted {
            self.restart(user);
        }
        if self.frames.is_empty() {
            self.page_size = page_size;
        } else if self.page_size != page_size {
            return Err(Error::CORRUPT);
        }
        Ok(())
    }

    /// What the current transaction has for this page. It may be changed: the pager has a copy of what was in it, if a
    /// savepoint needs that. So does the stock log.
    pub(in crate::backends) fn appended(&mut self, page: PageNo) -> Option<&mut C> {
        let frame = self.index.get(&page).and_then(|frames| frames.last()).copied();
        let frame = frame.filter(|frame| *frame > self.committed).and_then(FrameNo::new)?;
        Some(&mut self.frames.get_mut(frame.index())?.content)
    }

    /// What the newest committed frame of a page holds, unless it is in the database file.
    #[cfg(feature = "timeline")]
    pub(in crate::backends) fn committed_content(&self, page: PageNo) -> Option<&C> {
        let frame = self.find_between(self.backfilled + 1, self.committed, page)?;
        self.frame(frame).ok().map(|frame| &frame.content)
    }

    /// The first frame that anybody still reads, or has to copy to the database file.
    #[cfg(feature = "timeline")]
    pub(in crate::backends) fn oldest_needed(&self) -> Option<FrameNo> {
        let read = self.readers.values().filter(|snapshot| snapshot.uses_log()).map(|snapshot| snapshot.first);
        let first = read.min().map_or(self.backfilled + 1, |first| first.min(self.backfilled + 1));
        FrameNo::new(first).filter(|_| first <= self.len())
    }

    /// The frames that were appended are those that a log was left with.
    #[cfg(feature = "timeline")]
    pub(in crate::backends) fn recovered(&mut self, page_size: u32, db_size: u32) {
        self.page_size = page_size;
        self.committed = self.len();
        self.db_size = db_size;
    }

    /// Append a frame. `commit` is what [`Frame::commit`] says.
    pub(in crate::backends) fn push(&mut self, page: PageNo, commit: u32, content: C) -> Result<()> {
        // One less than fits, so that `first` can be one more than the last frame.
        let number = self.len().checked_add(1).filter(|number| *number < u32::MAX).ok_or(Error::FULL)?;
        self.frames.try_reserve(1).map_err(|_| Error::NOMEM)?;
        self.index.try_reserve(1).map_err(|_| Error::NOMEM)?;
        let frames = self.index.entry(page).or_default();
        frames.try_reserve(1).map_err(|_| Error::NOMEM)?;
        frames.push(number);
        self.frames.push(Frame { page, commit, content });
        Ok(())
    }

    /// All that was appended is committed.
    pub(in crate::backends) fn commit(&mut self, user: UserId, db_size: u32) {
        self.committed = self.len();
        self.db_size = db_size;
        self.commits += 1;
        let (last, commit) = (self.committed, self.commits);
        if let Some(snapshot) = self.readers.get_mut(&user) {
            *snapshot = Snapshot { last, db_size, commit, ..*snapshot };
        }
    }

    /// Does anybody read from the log, rather than from the database file alone?
    pub(in crate::backends) fn is_read(&self, except: Option<UserId>) -> bool {
        self.readers.iter().any(|(user, snapshot)| Some(*user) != except && snapshot.uses_log())
    }

    /// The last frame that may be copied to the database file without disturbing a reader.
    pub(in crate::backends) fn safe(&self, except: UserId) -> u32 {
        let others = self.readers.iter().filter(|(user, _)| **user != except);
        others.map(|(_, snapshot)| snapshot.last).min().map_or(self.committed, |mark| mark.min(self.committed))
    }

    /// Let a user begin anew with the first frame. Everything is in the database file, and nobody reads from the log.
    pub(in crate::backends) fn restart(&mut self, user: UserId) {
        if self.frames.is_empty() {
            return;
        }
        self.frames.clear();
        self.index.clear();
        self.committed = 0;
        self.backfilled = 0;
        self.restarts = self.restarts.wrapping_add(1);
        for snapshot in self.readers.values_mut() {
            *snapshot = Snapshot { first: 1, last: 0, ..*snapshot };
        }
        if let Some(snapshot) = self.readers.get_mut(&user) {
            snapshot.restarts = self.restarts;
        }
    }

    pub(in crate::backends) fn savepoint(&self) -> SavepointPosition {
        SavepointPosition([self.len(), self.restarts, 0, 0])
    }

    pub(in crate::backends) fn savepoint_undo(&mut self, user: UserId, position: &mut SavepointPosition) -> Result<()> {
        self.check_writer(user)?;
        if position.0[1] != self.restarts {
            // The savepoint was the first thing in its transaction, and then the log began anew.
            *position = SavepointPosition([0, self.restarts, 0, 0]);
        }
        self.truncate(position.0[0].max(self.committed), &mut |_| ());
        Ok(())
    }

    pub(in crate::backends) fn undo(&mut self, user: UserId, undone: &mut dyn FnMut(PageNo)) -> Result<()> {
        self.check_writer(user)?;
        self.truncate(self.committed, undone);
        Ok(())
    }

    /// Drop the frames behind `last`, naming the page of each.
    fn truncate(&mut self, last: u32, undone: &mut dyn FnMut(PageNo)) {
        while self.len() > last {
            let Some(frame) = self.frames.pop() else { return };
            if let Some(frames) = self.index.get_mut(&frame.page) {
                frames.pop();
                if frames.is_empty() {
                    self.index.remove(&frame.page);
                }
            }
            undone(frame.page);
        }
    }

    /// What a checkpoint up to the frame `safe` has to write, in the order of the file: for each page its last frame.
    pub(in crate::backends) fn backlog(&self, safe: u32) -> Result<Vec<(PageNo, FrameNo)>> {
        let mut backlog = Vec::new();
        for (page, frames) in &self.index {
            let newest = frames.iter().rev().find(|frame| **frame <= safe).copied();
            let frame = newest.filter(|frame| *frame > self.backfilled && page.get() <= self.db_size);
            if let Some(frame) = frame.and_then(FrameNo::new) {
                backlog.try_reserve(1).map_err(|_| Error::NOMEM)?;
                backlog.push((*page, frame));
            }
        }
        backlog.sort_unstable();
        Ok(backlog)
    }

    /// The frames up to `safe` are in the database file.
    pub(in crate::backends) fn set_backfilled(&mut self, safe: u32) {
        self.backfilled = safe;
    }
}
