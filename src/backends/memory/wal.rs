//! The log as one connection has it open.

use std::sync::Arc;

use super::directory::Log;
use crate::backends::live::{self, Log as _, UserId};
use crate::wal::{
    CheckpointOutcome, CheckpointRequest, CloseRequest, ExclusiveMode, FrameNo, Frames, PageNo, SavepointPosition, Wal,
};
use crate::{Error, Result};

/// An open [`Memory`](super::Memory) log.
#[derive(Debug)]
pub struct MemoryWal {
    log: Arc<Log>,
    user: UserId,
    /// The commit whose state this connection saw or made last.
    seen: Option<u64>,
    /// Frames in the log after this connection's last commit, until somebody asks.
    committed: u32,
    exclusive: bool,
    /// Still to be taken off the list of users.
    joined: bool,
}

impl MemoryWal {
    /// `log` counts the new value as a user already.
    pub(super) fn new(log: Arc<Log>, exclusive: bool) -> Self {
        MemoryWal { log, user: UserId::new(), seen: None, committed: 0, exclusive, joined: true }
    }

    pub(super) fn close(mut self, mut request: CloseRequest<'_>) -> Result<()> {
        let log = Arc::clone(&self.log);
        let mut users = log.users()?;
        log.state()?.end_read(self.user);
        let result = match request.buffer {
            Some(buffer) if users.is_last() => {
                let again = CloseRequest { file: request.file.reborrow(), buffer: Some(buffer), ..request };
                again.into_checkpoint().map_or(Ok(()), |request| live::checkpoint(&*log, self.user, request).map(drop))
            }
            _ => Ok(()),
        };
        self.joined = false;
        log.leave(&mut users, Some(&mut request.file));
        result
    }
}

/// Dropped instead of closed: after a panic in a wrapper.
impl Drop for MemoryWal {
    fn drop(&mut self) {
        if !self.joined {
            return;
        }
        let Ok(mut users) = self.log.users() else { return };
        if let Ok(mut state) = self.log.state() {
            state.end_read(self.user);
        }
        self.log.leave(&mut users, None);
    }
}

impl Wal for MemoryWal {
    fn begin_read(&mut self) -> Result<bool> {
        let snapshot = self.log.state()?.begin_read(self.user)?;
        let changed = self.seen != Some(snapshot.commit);
        self.seen = Some(snapshot.commit);
        Ok(changed)
    }

    fn end_read(&mut self) {
        if let Ok(mut state) = self.log.state() {
            state.end_read(self.user);
        }
    }

    fn find_frame(&mut self, page: PageNo) -> Result<Option<FrameNo>> {
        self.log.state()?.find(self.user, page)
    }

    fn read_frame(&mut self, frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        let state = self.log.state()?;
        live::copy_and_fill(state.contents().get(frame)?.1, buffer);
        Ok(())
    }

    fn db_size(&self) -> u32 {
        self.log.state().ok().and_then(|state| state.snapshot(self.user).map(|seen| seen.db_size)).unwrap_or(0)
    }

    fn begin_write(&mut self) -> Result<()> {
        self.log.state()?.begin_write(self.user)
    }

    fn end_write(&mut self) {
        if let Ok(mut state) = self.log.state() {
            state.end_write(self.user);
        }
    }

    fn undo(&mut self, undone: &mut dyn FnMut(PageNo)) -> Result<()> {
        self.log.state()?.undo(self.user, undone)
    }

    fn savepoint(&mut self) -> SavepointPosition {
        self.log.state().map(|state| state.savepoint()).unwrap_or_default()
    }

    fn savepoint_undo(&mut self, position: &mut SavepointPosition) -> Result<()> {
        self.log.state()?.savepoint_undo(self.user, position)
    }

    fn append(&mut self, frames: Frames<'_>) -> Result<u32> {
        let mut state = self.log.state()?;
        state.begin_append(self.user, frames.page_size(), frames.is_inserted())?;
        let before = state.len();
        let mut pages = frames.pages().peekable();
        while let Some(page) = pages.next() {
            // The frame that commits must be the last one, so it is always a new one.
            let commit = frames.commit().filter(|_| pages.peek().is_none());
            let fresh = commit.is_some() || frames.is_inserted();
            match if fresh { None } else { state.appended(page.page) } {
                Some(frame) => state.contents_mut().get_mut(frame)?.copy_from_slice(page.data),
                None => {
                    let mut content = Vec::new();
                    content.try_reserve_exact(page.data.len()).map_err(|_| Error::NOMEM)?;
                    content.extend_from_slice(page.data);
                    state.push(page.page, commit.unwrap_or(0), content)?;
                }
            }
        }
        let added = state.len() - before;
        if let Some(db_size) = frames.commit() {
            state.commit(self.user, db_size);
            self.seen = state.snapshot(self.user).map(|seen| seen.commit);
            self.committed = state.committed();
        }
        Ok(added)
    }

    fn checkpoint(&mut self, request: CheckpointRequest<'_>) -> Result<CheckpointOutcome> {
        live::checkpoint(&*self.log, self.user, request)
    }

    fn take_committed(&mut self) -> u32 {
        std::mem::take(&mut self.committed)
    }

    fn frame_count(&mut self, writing: bool) -> Result<u32> {
        let state = self.log.state()?;
        Ok(if writing { state.len() } else { state.committed() })
    }

    /// The header holds page number and database size; salts and checksums are zero.
    fn read_frame_raw(&mut self, frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        let state = self.log.state()?;
        let (page, (commit, content)) = (state.page(frame)?, state.contents().get(frame)?);
        live::copy_and_fill(content, live::write_raw_header(buffer, page, commit)?);
        Ok(())
    }

    fn exclusive_mode(&mut self, op: ExclusiveMode) -> bool {
        live::exclusive_mode(&mut self.exclusive, op)
    }

    fn frame_size(&self) -> u32 {
        self.log.state().map_or(0, |state| if state.committed() > 0 { state.page_size() } else { 0 })
    }
}
