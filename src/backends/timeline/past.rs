//! A database as it was after a commit, read-only: what `?wal=timeline&at=…` opens.
//!
//! Everything is read from the timeline, nothing from the database file, so neither writers nor checkpoints matter.

use std::path::Path;
use std::sync::Arc;

use super::format::{CommitRecord, Head};
use super::reader::{At, Segments, View, again_if_pruned};
use super::storage::Storage;
use crate::backends::live;
use crate::wal::{CheckpointOutcome, CheckpointRequest, FrameNo, Frames, PageNo, SavepointPosition, Wal};
use crate::{Error, Result, ffi};

/// The log of a connection to the past.
pub(super) struct PastWal {
    segments: Segments,
    record: CommitRecord,
    view: View,
    began: bool,
    /// The page that was found last.
    found: Option<PageNo>,
    /// For a frame.
    frame: Vec<u8>,
}

/// What a frame is called that was just found: it is read at once.
const FOUND: FrameNo = FrameNo::new(1).expect("not zero");

impl PastWal {
    pub(super) fn open(storage: &Arc<dyn Storage>, folder: &Path, at: At) -> Result<Self> {
        again_if_pruned(|| PastWal::open_once(storage, folder, at))
    }

    fn open_once(storage: &Arc<dyn Storage>, folder: &Path, at: At) -> Result<Self> {
        let segments = Segments::new(Arc::clone(storage), folder.to_owned())?;
        let record = segments.resolve(at)?;
        let view = View::new(&segments, record.head.commit)?;
        Ok(PastWal { segments, record, view, began: false, found: None, frame: Vec::new() })
    }

    /// What it is the state after.
    pub(super) fn head(&self) -> Head {
        self.record.head
    }

    /// Do something with the segments. If it fails because some have been pruned meanwhile, look at those that there are now.
    fn again_if_pruned<T>(
        &mut self,
        mut work: impl FnMut(&Segments, &mut View, &mut Vec<u8>) -> Result<T>,
    ) -> Result<T> {
        match work(&self.segments, &mut self.view, &mut self.frame) {
            Err(error) if error.code() == ffi::SQLITE_CANTOPEN => {}
            result => return result,
        }
        let segments = Segments::new(Arc::clone(self.segments.storage()), self.segments.folder.clone())?;
        segments.resolve(At::Commit(self.record.head.commit))?;
        self.view = View::new(&segments, self.record.head.commit)?;
        self.segments = segments;
        work(&self.segments, &mut self.view, &mut self.frame)
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
        self.found = self.again_if_pruned(|segments, view, _| view.find(segments, page))?.map(|_| page);
        Ok(Some(FOUND))
    }

    fn read_frame(&mut self, _frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        // What was never written is zeros.
        let Some(page) = self.found else {
            buffer.fill(0);
            return Ok(());
        };
        self.again_if_pruned(|segments, view, frame| {
            live::copy_and_fill(view.page(segments, page, frame)?.unwrap_or_default(), buffer);
            Ok(())
        })
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
