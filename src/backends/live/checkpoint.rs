//! From the log into the database file, with the rules of
//! [`sqlite3_wal_checkpoint_v2()`](https://www.sqlite.org/c3ref/wal_checkpoint_v2.html).

use super::Log;
use super::state::{State, UserId};
use crate::wal::{BusyHandler, CheckpointMode, CheckpointOutcome, CheckpointRequest, CheckpointedPage};
use crate::{Error, Result};

/// The locks of a checkpoint, given back when it ends.
struct Locks<'a, L: Log> {
    log: &'a L,
    user: UserId,
    writer: bool,
}

impl<'a, L: Log> Locks<'a, L> {
    /// `SQLITE_BUSY` if another checkpoint is running. The busy handler is not asked for that.
    fn take(log: &'a L, user: UserId) -> Result<Self> {
        let mut state = log.state()?;
        if std::mem::replace(&mut state.checkpointing, true) {
            return Err(Error::BUSY);
        }
        Ok(Locks { log, user, writer: false })
    }

    /// Keep writers out. False if one is at work, and the busy handler gave up.
    fn take_writer(&mut self, busy: &mut Option<&mut BusyHandler<'_>>) -> Result<bool> {
        let user = self.user;
        self.writer = wait(self.log, busy, |state| state.lock_writer(user))?;
        Ok(self.writer)
    }
}

impl<L: Log> Drop for Locks<'_, L> {
    fn drop(&mut self) {
        if let Ok(mut state) = self.log.state() {
            state.checkpointing = false;
            if self.writer {
                state.end_write(self.user);
            }
        }
    }
}

/// Ask until the answer is yes, or the busy handler gives up.
fn wait<L: Log>(
    log: &L,
    busy: &mut Option<&mut BusyHandler<'_>>,
    mut ask: impl FnMut(&mut State<L::Contents>) -> bool,
) -> Result<bool> {
    loop {
        if ask(&mut *log.state()?) {
            return Ok(true);
        }
        if !busy.as_mut().is_some_and(|busy| busy()) {
            return Ok(false);
        }
    }
}

pub(in crate::backends) fn run<L: Log>(
    log: &L,
    user: UserId,
    mut request: CheckpointRequest<'_>,
) -> Result<CheckpointOutcome> {
    let mut locks = Locks::take(log, user)?;
    let mut busy = request.busy.take();
    let mut mode = request.mode;
    if mode > CheckpointMode::Passive && !locks.take_writer(&mut busy)? {
        (mode, busy) = (CheckpointMode::Passive, None); // What can be done is done, but the answer is "busy".
    }
    let end = log.state()?.committed();
    // Readers of older states are in the way.
    if !wait(log, &mut busy, |state| state.safe(user) >= end)? {
        busy = None;
    }
    let (safe, backfilled) = {
        let state = log.state()?;
        (state.safe(user).min(end), state.backfilled())
    };
    if safe > backfilled {
        copy_with_room(log, safe, &mut request)?;
    }
    let backfilled = safe.max(backfilled);
    let finished = mode == CheckpointMode::Passive || finish(log, user, mode, backfilled == end, &mut busy)?;
    let emptied = finished && mode == CheckpointMode::Truncate;
    let (log_frames, backfilled_frames) = if emptied { (0, 0) } else { (end, backfilled) };
    Ok(CheckpointOutcome { log_frames, backfilled_frames, busy: !finished || mode != request.mode })
}

/// Write the frames up to `safe`. The room that the request has is that of a page that the pager has seen last, which may be one of a
/// snapshot with another page size.
fn copy_with_room<L: Log>(log: &L, safe: u32, request: &mut CheckpointRequest<'_>) -> Result<()> {
    let page_size = log.state()?.page_size() as usize;
    let given = std::mem::take(&mut request.buffer);
    if given.len() == page_size {
        return copy(log, safe, request, given);
    }
    let mut own = Vec::new();
    own.try_reserve_exact(page_size).map_err(|_| Error::NOMEM)?;
    own.resize(page_size, 0);
    copy(log, safe, request, &mut own)
}

/// The part of a checkpoint that comes after copying, in the modes that wait. False if others are in the way.
/// `whole`: everything is in the database file.
fn finish<L: Log>(
    log: &L,
    user: UserId,
    mode: CheckpointMode,
    whole: bool,
    busy: &mut Option<&mut BusyHandler<'_>>,
) -> Result<bool> {
    if !whole || mode == CheckpointMode::Full {
        return Ok(whole);
    }
    wait(log, busy, |state| {
        let free = !state.is_read(Some(user));
        if free && mode == CheckpointMode::Truncate {
            state.restart(user);
        }
        free
    })
}

/// The same. Nobody else checkpoints, so these frames stay as they are.
fn copy<L: Log>(log: &L, safe: u32, request: &mut CheckpointRequest<'_>, buffer: &mut [u8]) -> Result<()> {
    let (backlog, db_size, frames) = {
        let state = log.state()?;
        (state.backlog(safe)?, state.db_size(), state.committed())
    };
    let page_size = buffer.len() as u64;
    log.before_copy(&mut request.file, request.sync)?;
    request.file.checkpoint_start();
    let copied = grow(request, u64::from(db_size) * page_size, u64::from(frames) * page_size).and_then(|()| {
        backlog.iter().try_for_each(|(page, frame)| {
            if request.is_interrupted() {
                return Err(Error::INTERRUPT);
            }
            log.read(*frame, buffer)?;
            if let Some(observer) = &mut request.observer {
                let data = &*buffer;
                observer.page(CheckpointedPage { page: *page, frame: *frame, data, max_safe_frame: safe })?;
            }
            log.before_write(*page, buffer);
            request.file.write_at(buffer, u64::from(page.get() - 1) * page_size)
        })
    });
    request.file.checkpoint_done();
    copied?;
    let whole = { log.state()?.committed() == safe };
    if whole {
        request.observer.as_mut().map_or(Ok(()), |observer| observer.finished(safe))?;
        request.file.truncate(u64::from(db_size) * page_size)?;
        if let Some(how) = request.sync.checkpoint() {
            request.file.sync(how)?;
        }
    }
    let commit = {
        let mut state = log.state()?;
        // Before anybody can begin the log anew.
        let commit = log.commit_at(&state, safe);
        state.set_backfilled(safe);
        commit
    };
    if let Some(commit) = commit.filter(|_| whole) {
        log.copied(commit, request.sync.checkpoint().is_some());
    }
    Ok(())
}

/// What a file may be short of without being taken for cut off, as with the stock log.
const SLACK: u64 = 65536;

/// Tell the VFS if the file is about to grow to `size` bytes. `SQLITE_CORRUPT` if the log, which has `logged` bytes of pages, cannot
/// hold all that the file lacks: then somebody has cut the file off.
fn grow(request: &mut CheckpointRequest<'_>, size: u64, logged: u64) -> Result<()> {
    let present = request.file.size()?;
    if present + logged + SLACK < size {
        return Err(Error::CORRUPT);
    }
    if present < size {
        request.file.size_hint(size);
    }
    Ok(())
}
