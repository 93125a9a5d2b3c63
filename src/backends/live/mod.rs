//! What the logs of this process have in common: who reads and writes which frames, and how they get into the database file.

mod checkpoint;
mod identity;
mod index;
mod state;

use std::sync::MutexGuard;

pub(super) use checkpoint::run as checkpoint;
#[cfg(feature = "timeline")]
pub(super) use identity::os_path;
pub(super) use identity::{Identity, refuse_stock_frames};
pub(super) use index::make_room;
#[cfg(feature = "timeline")]
pub(super) use state::Snapshot;
pub(super) use state::{Contents, State, UserId};

use crate::Result;
use crate::wal::{DbFile, FrameNo, PageNo, SyncFlags};

/// A log, as [`checkpoint()`] sees it.
pub(super) trait Log {
    /// What the frames hold.
    type Contents: Contents;

    fn state(&self) -> Result<MutexGuard<'_, State<Self::Contents>>>;

    /// Copy the page of a frame.
    fn read(&self, frame: FrameNo, buffer: &mut [u8]) -> Result<()>;

    /// Frames are going to be written to the database file.
    fn before_copy(&self, file: &mut DbFile<'_>, sync: SyncFlags) -> Result<()> {
        let _ = (file, sync);
        Ok(())
    }

    /// Change a page for the database file.
    fn before_write(&self, page: PageNo, data: &mut [u8]) {
        let _ = (page, data);
    }

    /// The commit that the frame `safe` ends.
    fn commit_at(&self, state: &State<Self::Contents>, safe: u32) -> Option<u64> {
        let _ = (state, safe);
        None
    }

    /// All commits up to this one are durable in the database file.
    fn copied(&self, commit: u64) {
        let _ = commit;
    }
}

/// Copy as much as fits, and fill the rest with zeros.
pub(super) fn copy_and_fill(from: &[u8], to: &mut [u8]) {
    let length = from.len().min(to.len());
    to[..length].copy_from_slice(&from[..length]);
    to[length..].fill(0);
}
