//! A database as it was after a commit, read-only: what `?wal=timeline&at=…` opens.
//!
//! Everything is read from the timeline, nothing from the database file, so neither writers nor checkpoints matter.

use std::path::PathBuf;
use std::sync::Arc;

use super::format::CommitRecord;
use super::reader::{At, Segments, Spot};
use super::storage::Storage;
use crate::backends::live;
use crate::wal::{CheckpointOutcome, CheckpointRequest, FrameNo, Frames, PageNo, SavepointPosition, Wal};
use crate::{Error, Result};

/// The log of a connection to the past.
pub(super) struct PastWal {
    segments: Segments,
    record: CommitRecord,
    began: bool,
    /// The page that was found last, and where its frame is.
    found: Option<(PageNo, Spot)>,
}

/// What a frame is called that was just found: it is read at once.
const FOUND: FrameNo = FrameNo::new(1).expect("not zero");

impl PastWal {
    pub(super) fn open(storage: Arc<dyn Storage>, folder: PathBuf, at: At) -> Result<Self> {
        let segments = Segments::new(storage, folder)?;
        let record = segments.resolve(at)?;
        Ok(PastWal { segments, record, began: false, found: None })
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
        self.found = self.segments.find(page, self.record.head.commit)?.map(|spot| (page, spot));
        Ok(Some(FOUND))
    }

    fn read_frame(&mut self, _frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        // What was never written is zeros.
        let data = match self.found {
            Some((page, spot)) => self.segments.read(page, spot)?,
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
