//! The frames of a log, and who reads and writes them. No locks and no input or output here: only the rules.
//!
//! `C` is what the frames hold: pages, or the places where they lie.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::index::Index;
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

/// What the frames of a log hold, by their numbers.
pub(in crate::backends) trait Contents: Default {
    type Content;

    /// Add the next frame, with a page of this size. `commit` is the size of the database in pages after it, if it ends a
    /// transaction; otherwise 0.
    fn push(&mut self, page_size: u32, commit: u32, content: Self::Content) -> Result<()>;

    /// Forget the frames behind the first `frames` ones.
    fn truncate(&mut self, frames: u32);
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

#[derive(Debug, Default)]
pub(in crate::backends) struct State<C> {
    page_size: u32,
    /// Which pages the frames are of.
    index: Index,
    contents: C,
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

impl<C: Contents> State<C> {
    pub(in crate::backends) fn contents(&self) -> &C {
        &self.contents
    }

    pub(in crate::backends) fn contents_mut(&mut self) -> &mut C {
        &mut self.contents
    }

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
        self.index.len()
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
        self.index.newest(page, last).filter(|frame| frame.get() >= first)
    }

    pub(in crate::backends) fn is_writer(&self, user: UserId) -> bool {
        self.writer == Some(user)
    }

    /// Which page a frame is of.
    pub(in crate::backends) fn page(&self, frame: FrameNo) -> Result<PageNo> {
        self.index.page(frame).ok_or(Error::new(ffi::SQLITE_IOERR_SHORT_READ))
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
        if self.len() == 0 {
            self.page_size = page_size;
        } else if self.page_size != page_size {
            return Err(Error::CORRUPT);
        }
        Ok(())
    }

    /// The frame that the current transaction has for this page. It may be changed: the pager has a copy of what was in it, if a
    /// savepoint needs that. So does the stock log.
    pub(in crate::backends) fn appended(&self, page: PageNo) -> Option<FrameNo> {
        self.find_between(self.committed + 1, self.len(), page)
    }

    /// The newest committed frame of a page, unless it is in the database file.
    #[cfg(feature = "timeline")]
    pub(in crate::backends) fn newest_committed(&self, page: PageNo) -> Option<FrameNo> {
        self.find_between(self.backfilled + 1, self.committed, page)
    }

    /// The first frame that anybody still reads, or has to copy to the database file.
    #[cfg(feature = "timeline")]
    pub(in crate::backends) fn oldest_needed(&self) -> Option<FrameNo> {
        let read = self.readers.values().filter(|snapshot| snapshot.uses_log()).map(|snapshot| snapshot.first);
        let first = read.min().map_or(self.backfilled + 1, |first| first.min(self.backfilled + 1));
        FrameNo::new(first).filter(|_| first <= self.len())
    }

    /// The frames that are going to be appended are those that a log was left with.
    #[cfg(feature = "timeline")]
    pub(in crate::backends) fn begin_recovery(&mut self, page_size: u32) {
        self.page_size = page_size;
    }

    /// They have been appended.
    #[cfg(feature = "timeline")]
    pub(in crate::backends) fn recovered(&mut self, db_size: u32) {
        self.committed = self.len();
        self.db_size = db_size;
    }

    /// Append a frame. `commit` is what [`Contents::push`] says.
    pub(in crate::backends) fn push(&mut self, page: PageNo, commit: u32, content: C::Content) -> Result<()> {
        // One less than fits, so that `first` can be one more than the last frame.
        if self.len() >= u32::MAX - 2 {
            return Err(Error::FULL);
        }
        self.contents.push(self.page_size, commit, content)?;
        self.index.push(page).inspect_err(|_| self.contents.truncate(self.index.len()))
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
        if self.len() == 0 {
            return;
        }
        self.index.clear();
        self.contents.truncate(0);
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
            let Some(page) = self.index.pop() else { break };
            undone(page);
        }
        self.contents.truncate(self.len());
    }

    /// What a checkpoint up to the frame `safe` has to write, in the order of the file: for each page its last frame.
    pub(in crate::backends) fn backlog(&self, safe: u32) -> Result<Vec<(PageNo, FrameNo)>> {
        let mut backlog = Vec::new();
        for page in self.index.pages().filter(|page| page.get() <= self.db_size) {
            if let Some(frame) = self.find_between(self.backfilled + 1, safe, page) {
                backlog.try_reserve(1).map_err(|_| Error::NOMEM)?;
                backlog.push((page, frame));
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
