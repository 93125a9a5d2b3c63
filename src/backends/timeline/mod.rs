//! `timeline`: a log that keeps history.

mod directory;
mod format;
mod segment;
#[doc(hidden)]
pub mod storage;
mod store;
#[allow(clippy::module_inception)]
mod timeline;
mod wal;

use std::ffi::CStr;
use std::path::PathBuf;
use std::sync::Arc;

pub use wal::TimelineWal;

use crate::backends::live::{self, Identity};
use crate::wal::{CloseRequest, DbName, OpenRequest, Vfs, WalManager};
use crate::{Error, Result};
use directory::Membership;
use storage::{Disk, Storage};

/// A log that forgets no commit.
///
/// Commits go to files in a folder beside the database, `app.db-timeline`, which takes the place of the stock log and its
/// shared memory. Pages get into the database file by checkpoints, as with the stock log, but stay in the timeline as well.
/// `docs/timeline-format.md` has its bytes.
///
/// One process at a time can have the database open. As long as it is, and after a crash, no other SQLite can read or
/// write the database file. When it has been closed, it is an ordinary database.
///
/// Registered as `timeline`: `file:app.db?wal=timeline`.
#[derive(Clone)]
pub struct Timeline {
    storage: Arc<dyn Storage>,
    segment_limit: u64,
}

impl Default for Timeline {
    fn default() -> Self {
        Timeline { storage: Arc::new(Disk), segment_limit: store::SEGMENT }
    }
}

impl Timeline {
    /// One that lies elsewhere, and seals segments that are so large. For tests.
    #[doc(hidden)]
    #[must_use]
    pub fn on(storage: Arc<dyn Storage>, segment_limit: u64) -> Self {
        Timeline { storage, segment_limit }
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
        live::refuse_stock_frames("timeline", &request)?;
        let identity = Identity::of(request.vfs(), request.name());
        let path = path(request.name().path());
        let exclusive = request.exclusive();
        let open = || timeline::Timeline::open(Arc::clone(&self.storage), &path, self.segment_limit, request.file());
        Ok(TimelineWal::new(Membership::new(identity, open)?, exclusive))
    }

    fn close(&self, wal: TimelineWal, request: CloseRequest<'_>) -> Result<()> {
        wal.close(request)
    }

    fn log_exists(&self, vfs: &Vfs<'_>, name: DbName<'_>) -> Result<bool> {
        if directory::contains(&Identity::of(vfs, name)) {
            return Ok(true);
        }
        store::is_left_open(&*self.storage, &timeline::folder_of(&path(name.path())))
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
