//! The timeline as one connection has it open.

use std::sync::Arc;

use super::directory::Membership;
use super::format::CommitRecord;
use super::past::PastWal;
use super::places::Place;
use super::reader::{At, Segments};
use super::saved::Saved;
use super::segment::{Segment, corrupt};
use super::timeline::{PAGE_ONE, PAGE_ONE_NO, Timeline, read_frame};
use crate::backends::live::{self, Log as _, Snapshot, UserId};
use crate::wal::{
    CheckpointOutcome, CheckpointRequest, CloseRequest, ExclusiveMode, FrameNo, Frames, PageNo, SavepointPosition,
    Snapshot as SavedSnapshot, Wal,
};
use crate::{Error, Result, ffi};

/// The log of a connection to the present.
pub(super) struct LiveWal {
    member: Membership,
    user: UserId,
    /// The commit whose state this connection saw or made last.
    seen: Option<u64>,
    /// What it reads, and whether it writes: copies, so that most pages are found, or not, without a lock.
    snapshot: Option<Snapshot>,
    writing: bool,
    /// Frames in the log after this connection's last commit, until somebody asks.
    committed: u32,
    exclusive: bool,
    /// The frame that was found last, and where it lies.
    found: Option<(FrameNo, Place)>,
    /// The segment that was read last.
    segment: Option<(u32, Arc<Segment>)>,
    /// What the next read transaction is to see, if not the newest state.
    wanted: Option<SavedSnapshot>,
    /// What the present one sees, if not that.
    past: Option<(Saved, PastWal)>,
}

impl LiveWal {
    pub(super) fn new(member: Membership, exclusive: bool) -> Self {
        LiveWal {
            member,
            user: UserId::new(),
            seen: None,
            snapshot: None,
            writing: false,
            committed: 0,
            exclusive,
            found: None,
            segment: None,
            wanted: None,
            past: None,
        }
    }

    fn timeline(&self) -> &Timeline {
        self.member.timeline()
    }

    pub(super) fn close(mut self, request: CloseRequest<'_>) -> Result<()> {
        let user = self.user;
        self.timeline().state()?.end_read(user);
        self.member.leave(|timeline| timeline.close(user, request))
    }

    /// Copy what the log knows of this connection. Returns how many frames are committed.
    fn refresh(&mut self) -> Result<u32> {
        let state = self.timeline().state()?;
        let (snapshot, writing) = (state.snapshot(self.user).copied(), state.is_writer(self.user));
        let committed = state.committed();
        drop(state);
        (self.snapshot, self.writing) = (snapshot, writing);
        Ok(committed)
    }

    fn place(&self, frame: FrameNo) -> Result<Place> {
        match self.found {
            Some((found, place)) if found == frame => Ok(place),
            _ => self.timeline().state()?.contents().get(frame),
        }
    }

    /// The state after a commit. `None` if there is no such commit, for example since it has been pruned.
    fn open_past(&self, commit: u64) -> Result<Option<PastWal>> {
        let (storage, folder) = (self.timeline().storage(), self.timeline().folder());
        self.timeline().store()?.write_out()?;
        match PastWal::open(&storage, folder, At::Commit(commit)) {
            Err(_) if !Segments::new(storage, folder.to_owned())?.has(commit)? => Ok(None),
            past => past.map(Some),
        }
    }

    /// The state that a snapshot is of. `SQLITE_ERROR_SNAPSHOT` if that is gone.
    fn open_snapshot(&self, snapshot: SavedSnapshot) -> Result<(Saved, PastWal)> {
        let identity = self.timeline().identity()?;
        let saved = saved(snapshot)?;
        let past = if saved.lineage == identity.lineage { self.open_past(saved.commit)? } else { None };
        let past = past.filter(|past| Saved::new(identity, past.head()) == saved);
        past.map(|past| (saved, past)).ok_or(Error::new(ffi::SQLITE_ERROR_SNAPSHOT))
    }

    fn segment(&mut self, number: u32) -> Result<&Segment> {
        if self.segment.as_ref().is_none_or(|(have, _)| *have != number) {
            self.segment = Some((number, self.timeline().segment(number)?));
        }
        self.segment.as_ref().map(|(_, segment)| &**segment).ok_or(Error::IOERR)
    }
}

impl std::fmt::Debug for LiveWal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveWal").field("user", &self.user).field("exclusive", &self.exclusive).finish()
    }
}

impl Wal for LiveWal {
    fn begin_read(&mut self) -> Result<bool> {
        self.timeline().check()?;
        self.timeline().gate().must_be_unchanged()?;
        self.found = None;
        let newest = match self.wanted {
            None => Some(self.timeline().state()?.begin_read(self.user)?),
            Some(snapshot) => self.timeline().begin_read_newest(self.user, saved(snapshot)?)?,
        };
        let Some(snapshot) = newest else {
            self.past = self.wanted.map(|snapshot| self.open_snapshot(snapshot)).transpose()?;
            self.seen = None;
            return Ok(true);
        };
        let changed = self.seen != Some(snapshot.commit);
        self.seen = Some(snapshot.commit);
        self.snapshot = Some(snapshot);
        Ok(changed)
    }

    fn end_read(&mut self) {
        let user = self.user;
        (self.snapshot, self.writing, self.past) = (None, false, None);
        if let Ok(mut state) = self.timeline().state() {
            state.end_read(user);
        }
    }

    fn find_frame(&mut self, page: PageNo) -> Result<Option<FrameNo>> {
        if let Some((_, past)) = &mut self.past {
            return past.find_frame(page);
        }
        let snapshot = self.snapshot.ok_or(Error::MISUSE)?;
        let found = if self.writing || snapshot.uses_log() {
            let state = self.timeline().state()?;
            let last = if self.writing { state.len() } else { snapshot.last };
            match state.find_between(snapshot.first, last, page) {
                Some(frame) => Some((frame, state.contents().get(frame)?)),
                None => None,
            }
        } else {
            None
        };
        if found.is_some() {
            self.found = found;
            return Ok(found.map(|(frame, _)| frame));
        }
        // In the file, page 1 tells others to keep out.
        self.timeline().gate().must_be_unchanged()?;
        Ok((page == PAGE_ONE_NO).then_some(PAGE_ONE))
    }

    fn read_frame(&mut self, frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        if let Some((_, past)) = &mut self.past {
            return past.read_frame(frame, buffer);
        }
        if frame == PAGE_ONE {
            live::copy_and_fill(&self.timeline().gate().page_one()?, buffer);
            return Ok(());
        }
        let place = self.place(frame)?;
        read_frame(self.segment(place.segment)?, place, buffer)
    }

    fn db_size(&self) -> u32 {
        match &self.past {
            Some((_, past)) => past.db_size(),
            None => self.snapshot.map_or(0, |snapshot| snapshot.db_size),
        }
    }

    fn begin_write(&mut self) -> Result<()> {
        if self.past.is_some() {
            return Err(Error::BUSY_SNAPSHOT);
        }
        self.timeline().state()?.begin_write(self.user)?;
        self.writing = true;
        Ok(())
    }

    fn end_write(&mut self) {
        let user = self.user;
        self.found = None;
        self.writing = false;
        if let Ok(mut state) = self.timeline().state() {
            state.end_write(user);
        }
    }

    fn undo(&mut self, undone: &mut dyn FnMut(PageNo)) -> Result<()> {
        self.found = None;
        self.timeline().state()?.undo(self.user, undone)
    }

    fn savepoint(&mut self) -> SavepointPosition {
        self.timeline().state().map(|state| state.savepoint()).unwrap_or_default()
    }

    fn savepoint_undo(&mut self, position: &mut SavepointPosition) -> Result<()> {
        self.found = None;
        self.timeline().state()?.savepoint_undo(self.user, position)
    }

    fn append(&mut self, frames: Frames<'_>) -> Result<u32> {
        self.found = None;
        let appended = self.timeline().append(self.user, frames);
        let committed = self.refresh()?;
        let appended = appended?;
        if appended.commit.is_some() {
            self.seen = self.snapshot.map(|snapshot| snapshot.commit);
            self.committed = committed;
        }
        Ok(appended.frames)
    }

    fn checkpoint(&mut self, request: CheckpointRequest<'_>) -> Result<CheckpointOutcome> {
        self.timeline().check()?;
        let outcome = live::checkpoint(self.timeline(), self.user, request);
        self.refresh()?;
        outcome
    }

    fn take_committed(&mut self) -> u32 {
        std::mem::take(&mut self.committed)
    }

    fn frame_count(&mut self, writing: bool) -> Result<u32> {
        let state = self.timeline().state()?;
        Ok(if writing { state.len() } else { state.committed() })
    }

    /// The header holds page number and database size; salts and checksums are zero.
    fn read_frame_raw(&mut self, frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        let (page, place, ends) = {
            let state = self.timeline().state()?;
            (state.page(frame)?, state.contents().get(frame)?, state.contents().ends_commit(frame)?)
        };
        let segment = self.segment(place.segment);
        let read = segment.and_then(|segment| {
            let commit = if ends { pages_after(segment, place)? } else { 0 };
            read_frame(segment, place, live::write_raw_header(buffer, page, commit)?)
        });
        match read {
            // It is in the database file, and has been pruned.
            Err(error) if error.code() == ffi::SQLITE_CANTOPEN => Err(Error::new(ffi::SQLITE_IOERR_SHORT_READ)),
            read => read,
        }
    }

    fn exclusive_mode(&mut self, op: ExclusiveMode) -> bool {
        live::exclusive_mode(&mut self.exclusive, op)
    }

    fn supports_snapshots(&self) -> bool {
        true
    }

    fn snapshot_get(&mut self) -> Result<SavedSnapshot> {
        if let Some((saved, _)) = self.past {
            return Ok(saved.encode());
        }
        let (commit, newest) = self.timeline().read_commit(self.user)?;
        if commit == newest.commit {
            return Ok(newest.encode());
        }
        let past = self.open_past(commit)?.ok_or(Error::new(ffi::SQLITE_ERROR_SNAPSHOT))?;
        Ok(Saved::new(self.timeline().identity()?, past.head()).encode())
    }

    fn snapshot_open(&mut self, snapshot: Option<SavedSnapshot>) {
        self.wanted = snapshot.filter(|snapshot| *snapshot != SavedSnapshot::NEWEST);
    }

    /// There is nothing to recover: history is there.
    fn snapshot_recover(&mut self) -> Result<()> {
        Ok(())
    }

    /// Nothing but pruning takes it away.
    fn snapshot_check(&mut self, snapshot: SavedSnapshot) -> Result<()> {
        self.open_snapshot(snapshot).map(drop)
    }
}

/// The commit that a snapshot is of.
fn saved(snapshot: SavedSnapshot) -> Result<Saved> {
    Saved::decode(snapshot).ok_or(Error::new(ffi::SQLITE_ERROR_SNAPSHOT))
}

/// The size of the database after the commit that the frame at this place ends.
fn pages_after(segment: &Segment, place: Place) -> Result<u32> {
    let at = place.offset + segment.frame_size();
    let mut bytes = [0; CommitRecord::SIZE];
    segment.read(&mut bytes, at)?;
    let record = CommitRecord::decode(&bytes).ok_or_else(|| corrupt(&segment.path, at, "no commit ends there"))?;
    Ok(record.head.pages)
}

impl Drop for LiveWal {
    fn drop(&mut self) {
        // After a panic in a wrapper it is not closed.
        let user = self.user;
        if let Ok(mut state) = self.timeline().state() {
            state.end_read(user);
        }
    }
}
