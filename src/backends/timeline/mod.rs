//! A log that keeps history: [`Timeline`], and what can be done with the history.
//!
//! * [`History`] reads it: which commits there are, and what has changed between two. It writes the database as it was to another
//!   file ([`History::export`]), or lets another database begin there ([`History::branch`]). [`History::verify`] says whether
//!   all is as it was written.
//! * [`restore`] sets a database back.
//! * [`prune`] forgets the oldest commits, and [`set_keep`] has that done from time to time.

mod branch;
mod c_api;
mod connection;
mod database_file;
mod directory;
mod disk_file;
mod file;
mod format;
mod gate;
mod history;
mod page_cache;
mod past;
#[cfg(unix)]
mod permissions;
mod places;
mod prune;
mod reader;
mod restore;
mod saved;
mod segment;
#[doc(hidden)]
pub mod storage;
mod store;
mod tables;
mod tail;
#[allow(clippy::module_inception)]
mod timeline;
mod verify;
mod wal;

use std::ffi::CStr;
use std::path::PathBuf;
use std::sync::Arc;

use crate::backends::live::{self, Identity};
use crate::wal::{
    CheckpointOutcome, CheckpointRequest, CloseRequest, DbName, ExclusiveMode, FrameNo, Frames, OpenRequest, PageNo,
    SavepointPosition, Snapshot, Vfs, Wal, WalManager,
};
use crate::{Error, Result};
use directory::Membership;
pub use history::{Commit, Commits, History, PageChange, TimelineInfo};
use past::PastWal;
pub use prune::{Keep, Pruned, keep, prune, set_keep};
use reader::At;
pub use restore::restore;
use storage::{Disk, Storage};
pub use verify::{Damage, Verified};
use wal::LiveWal;

/// A log that forgets no commit.
///
/// Commits go to files in a folder beside the database, `app.db-timeline`, which takes the place of the stock log and its
/// shared memory. Pages get into the database file by checkpoints, as with the stock log, but stay in the timeline as well.
/// `docs/timeline-format.md` has its bytes.
///
/// One process at a time can have the database open. As long as it is, and after a crash, no other SQLite can read or
/// write the database file. When it has been closed, it is an ordinary database.
///
/// Registered as `timeline`: `file:app.db?wal=timeline`. `&keep=` says how much history is kept, see [`Keep::parse`]. With `&at=` and
/// the number of a commit, or a time (`2026-11-22T10:00:00Z`), a connection sees the database as it was then, and cannot write. Any
/// number of processes can do that while one writes.
#[derive(Clone)]
pub struct Timeline {
    storage: Arc<dyn Storage>,
    segment_limit: u64,
    keep: Keep,
}

impl Default for Timeline {
    fn default() -> Self {
        Timeline { storage: Arc::new(Disk), segment_limit: store::SEGMENT, keep: Keep::ALL }
    }
}

impl Timeline {
    /// One that lies elsewhere, and seals segments that are so large. For tests.
    #[doc(hidden)]
    #[must_use]
    pub fn on(storage: Arc<dyn Storage>, segment_limit: u64) -> Self {
        Timeline { storage, segment_limit, keep: Keep::ALL }
    }

    /// One that keeps so much history, unless a URI says something else:
    /// `register("timeline", Timeline::default().keeping(Keep::parse("30d")?))`.
    #[must_use]
    pub fn keeping(self, keep: Keep) -> Self {
        Timeline { keep, ..self }
    }
}

impl std::fmt::Debug for Timeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Timeline").field("segment_limit", &self.segment_limit).finish()
    }
}

impl WalManager for Timeline {
    type Wal = TimelineWal;

    fn open(&self, mut request: OpenRequest<'_>) -> Result<TimelineWal> {
        if let Some(at) = request.name().uri_parameter("at") {
            let folder = timeline::folder_of(&path(request.name().path()));
            let at = At::parse(&at.to_string_lossy())?;
            let past = PastWal::open(&self.storage, &folder, at)?;
            return Ok(TimelineWal { kind: Kind::Past(Box::new(past)) });
        }
        live::refuse_stock_frames("timeline", &request)?;
        let identity = Identity::of(request.vfs(), request.name());
        let path = path(request.name().path());
        let exclusive = request.exclusive();
        let keep = request.name().uri_parameter("keep").map(|keep| Keep::parse(&keep.to_string_lossy())).transpose()?;
        let open = || {
            let storage = Arc::clone(&self.storage);
            let timeline = timeline::Timeline::open(storage, &path, self.segment_limit, request.file())?;
            timeline.set_keep(self.keep)?;
            Ok(timeline)
        };
        let member = Membership::new(identity, open)?;
        if let Some(keep) = keep {
            member.timeline().set_keep(keep)?;
        }
        Ok(TimelineWal { kind: Kind::Live(Box::new(LiveWal::new(member, exclusive))) })
    }

    fn close(&self, wal: TimelineWal, request: CloseRequest<'_>) -> Result<()> {
        match wal.kind {
            Kind::Live(wal) => wal.close(request),
            Kind::Past(_) => Ok(()),
        }
    }

    fn log_exists(&self, vfs: &Vfs<'_>, name: DbName<'_>) -> Result<bool> {
        if name.uri_parameter("at").is_some() || directory::contains(&Identity::of(vfs, name)) {
            return Ok(true);
        }
        store::goes_on(&*self.storage, &timeline::folder_of(&path(name.path())))
    }

    fn destroy_log(&self, vfs: &Vfs<'_>, name: DbName<'_>) -> Result<()> {
        if !self.log_exists(vfs, name)? {
            return Ok(());
        }
        let path = path(name.path());
        Err(Error::CANTOPEN.with_message(format!(
            "wal \"timeline\": {} is empty, but {} holds its history. Move that away to begin anew",
            path.display(),
            timeline::folder_of(&path).display()
        )))
    }
}

fn path(name: &CStr) -> PathBuf {
    live::os_path(name)
}

/// An open [`Timeline`] log.
#[derive(Debug)]
pub struct TimelineWal {
    kind: Kind,
}

enum Kind {
    Live(Box<LiveWal>),
    Past(Box<PastWal>),
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Kind::Live(_) => "Live",
            Kind::Past(_) => "Past",
        })
    }
}

/// Call a method of the one or of the other.
macro_rules! either {
    ($self:ident, $wal:ident => $call:expr) => {
        match &mut $self.kind {
            Kind::Live($wal) => $call,
            Kind::Past($wal) => $call,
        }
    };
}

impl Wal for TimelineWal {
    fn begin_read(&mut self) -> Result<bool> {
        either!(self, wal => wal.begin_read())
    }

    fn end_read(&mut self) {
        either!(self, wal => wal.end_read());
    }

    fn find_frame(&mut self, page: PageNo) -> Result<Option<FrameNo>> {
        either!(self, wal => wal.find_frame(page))
    }

    fn read_frame(&mut self, frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        either!(self, wal => wal.read_frame(frame, buffer))
    }

    fn db_size(&self) -> u32 {
        match &self.kind {
            Kind::Live(wal) => wal.db_size(),
            Kind::Past(wal) => wal.db_size(),
        }
    }

    fn begin_write(&mut self) -> Result<()> {
        either!(self, wal => wal.begin_write())
    }

    fn end_write(&mut self) {
        either!(self, wal => wal.end_write());
    }

    fn undo(&mut self, undone: &mut dyn FnMut(PageNo)) -> Result<()> {
        either!(self, wal => wal.undo(undone))
    }

    fn savepoint(&mut self) -> SavepointPosition {
        either!(self, wal => wal.savepoint())
    }

    fn savepoint_undo(&mut self, position: &mut SavepointPosition) -> Result<()> {
        either!(self, wal => wal.savepoint_undo(position))
    }

    fn append(&mut self, frames: Frames<'_>) -> Result<u32> {
        either!(self, wal => wal.append(frames))
    }

    fn checkpoint(&mut self, request: CheckpointRequest<'_>) -> Result<CheckpointOutcome> {
        either!(self, wal => wal.checkpoint(request))
    }

    fn take_committed(&mut self) -> u32 {
        either!(self, wal => wal.take_committed())
    }

    fn frame_count(&mut self, writing: bool) -> Result<u32> {
        either!(self, wal => wal.frame_count(writing))
    }

    fn read_frame_raw(&mut self, frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        either!(self, wal => wal.read_frame_raw(frame, buffer))
    }

    fn exclusive_mode(&mut self, op: ExclusiveMode) -> bool {
        either!(self, wal => wal.exclusive_mode(op))
    }

    fn supports_snapshots(&self) -> bool {
        matches!(self.kind, Kind::Live(_))
    }

    fn snapshot_get(&mut self) -> Result<Snapshot> {
        either!(self, wal => wal.snapshot_get())
    }

    fn snapshot_open(&mut self, snapshot: Option<Snapshot>) {
        either!(self, wal => wal.snapshot_open(snapshot));
    }

    fn snapshot_recover(&mut self) -> Result<()> {
        either!(self, wal => wal.snapshot_recover())
    }

    fn snapshot_check(&mut self, snapshot: Snapshot) -> Result<()> {
        either!(self, wal => wal.snapshot_check(snapshot))
    }

    fn snapshot_unlock(&mut self) {
        either!(self, wal => wal.snapshot_unlock());
    }
}
