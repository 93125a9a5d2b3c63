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

use crate::wal::{DbFile, ExclusiveMode, FrameNo, PageNo, SyncFlags};
use crate::{Error, FRAME_HEADER, Result};

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

    /// All commits up to this one are in the database file.
    fn copied(&self, commit: u64, durably: bool) {
        let _ = (commit, durably);
    }
}

/// Write the header of a raw frame: `commit` is the size of the database in pages after it, if it ends a transaction; otherwise 0. Salts
/// and checksums are zero. Returns what comes behind it.
pub(super) fn write_raw_header(frame: &mut [u8], page: PageNo, commit: u32) -> Result<&mut [u8]> {
    let (head, body) = frame.split_at_mut_checked(FRAME_HEADER).ok_or(Error::MISUSE)?;
    head.fill(0);
    head[..4].copy_from_slice(&page.get().to_be_bytes());
    head[4..8].copy_from_slice(&commit.to_be_bytes());
    Ok(body)
}

/// What [`Wal::exclusive_mode`](crate::Wal::exclusive_mode) says, for a log that can be in that mode or not as one likes.
pub(super) fn exclusive_mode(exclusive: &mut bool, op: ExclusiveMode) -> bool {
    let wanted = op != ExclusiveMode::Leave;
    let can_change = *exclusive != wanted;
    if op != ExclusiveMode::Query {
        *exclusive = wanted;
    }
    can_change
}

/// Copy as much as fits, and fill the rest with zeros.
pub(super) fn copy_and_fill(from: &[u8], to: &mut [u8]) {
    let length = from.len().min(to.len());
    to[..length].copy_from_slice(&from[..length]);
    to[length..].fill(0);
}
