//! The small values that a log and the pager exchange.

use std::num::NonZeroU32;

use libc::c_int;

use crate::{Error, Result, ffi};

/// A page of the database file. The first page is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageNo(NonZeroU32);

/// A frame of a log. The first frame is 1. What it stands for is the log's own affair: SQLite only hands back what
/// [`Wal::find_frame`](crate::Wal::find_frame) gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameNo(NonZeroU32);

macro_rules! number {
    ($name:ident) => {
        impl $name {
            /// The number, or `None` for 0.
            #[must_use]
            pub const fn new(number: u32) -> Option<Self> {
                match NonZeroU32::new(number) {
                    Some(number) => Some($name(number)),
                    None => None,
                }
            }

            /// The number, from 1.
            #[must_use]
            pub const fn get(self) -> u32 {
                self.0.get()
            }

            /// The number, from 0: an index into a list.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0.get() as usize - 1
            }
        }

        impl From<NonZeroU32> for $name {
            fn from(number: NonZeroU32) -> Self {
                $name(number)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}
number!(PageNo);
number!(FrameNo);

/// Where a savepoint stands in the log: four words whose meaning is the log's own.
///
/// The pager keeps them for [`Wal::savepoint`](crate::Wal::savepoint) and gives them back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(transparent)]
pub struct SavepointPosition(pub [u32; 4]);

/// A recorded state of the database, as [`sqlite3_snapshot`](https://www.sqlite.org/c3ref/snapshot.html) holds it.
///
/// `sqlite3_snapshot_cmp()` compares, in the byte order of the machine, the word at byte 32 and then the one at
/// byte 16. The stock log has there how often it began anew, and the number of its last frame. The word at byte 0 is not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(8))]
pub struct Snapshot(pub [u8; 48]);

impl Snapshot {
    /// None: what [`Wal::snapshot_open`](super::Wal::snapshot_open) gets before a snapshot of the newest state is taken.
    pub const NEWEST: Snapshot = Snapshot([0; 48]);
}

/// How far a checkpoint goes: see
/// [`sqlite3_wal_checkpoint_v2()`](https://www.sqlite.org/c3ref/wal_checkpoint_v2.html).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckpointMode {
    /// Copy what can be copied without waiting for anybody.
    Passive,
    /// Wait for the writer and for readers of older snapshots, then copy everything.
    Full,
    /// As `Full`, and then wait until nobody reads from the log, so that the next writer starts it anew.
    Restart,
    /// As `Restart`, and leave the log empty.
    Truncate,
}

impl CheckpointMode {
    pub(crate) fn from_raw(mode: c_int) -> Result<Self> {
        match mode {
            ffi::SQLITE_CHECKPOINT_PASSIVE => Ok(CheckpointMode::Passive),
            ffi::SQLITE_CHECKPOINT_FULL => Ok(CheckpointMode::Full),
            ffi::SQLITE_CHECKPOINT_RESTART => Ok(CheckpointMode::Restart),
            ffi::SQLITE_CHECKPOINT_TRUNCATE => Ok(CheckpointMode::Truncate),
            _ => Err(Error::MISUSE.with_message(format!("checkpoint mode {mode} is none that a log knows"))),
        }
    }

    pub(crate) fn as_raw(self) -> c_int {
        match self {
            CheckpointMode::Passive => ffi::SQLITE_CHECKPOINT_PASSIVE,
            CheckpointMode::Full => ffi::SQLITE_CHECKPOINT_FULL,
            CheckpointMode::Restart => ffi::SQLITE_CHECKPOINT_RESTART,
            CheckpointMode::Truncate => ffi::SQLITE_CHECKPOINT_TRUNCATE,
        }
    }
}

/// What a checkpoint achieved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CheckpointOutcome {
    /// Frames in the log now.
    pub log_frames: u32,
    /// Frames of these that are in the database file.
    pub backfilled_frames: u32,
    /// The checkpoint had to stop early because of other connections. SQLite gets `SQLITE_BUSY` and both numbers.
    pub busy: bool,
}

/// How a file is to be flushed: `PRAGMA synchronous` and `PRAGMA checkpoint_fullfsync` decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileSync {
    /// An ordinary flush (`SQLITE_SYNC_NORMAL`).
    Normal,
    /// A flush through the drive's own cache (`SQLITE_SYNC_FULL`).
    Full,
}

impl FileSync {
    pub(crate) fn as_raw(self) -> c_int {
        match self {
            FileSync::Normal => ffi::SQLITE_SYNC_NORMAL,
            FileSync::Full => ffi::SQLITE_SYNC_FULL,
        }
    }
}

/// What to flush at a commit and at a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SyncFlags(pub(crate) c_int);

impl SyncFlags {
    /// Flush the log at a commit? `None` with `PRAGMA synchronous` at `OFF` or `NORMAL`.
    #[must_use]
    pub fn commit(self) -> Option<FileSync> {
        Self::part(self.0 & 0x03)
    }

    /// Flush the log before, and the database file after a checkpoint? `None` with `PRAGMA synchronous=OFF`.
    #[must_use]
    pub fn checkpoint(self) -> Option<FileSync> {
        Self::part((self.0 >> 2) & 0x03)
    }

    fn part(bits: c_int) -> Option<FileSync> {
        match bits {
            0 => None,
            ffi::SQLITE_SYNC_FULL => Some(FileSync::Full),
            _ => Some(FileSync::Normal),
        }
    }
}

/// A request about `PRAGMA locking_mode=EXCLUSIVE`, under which only one connection uses the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExclusiveMode {
    /// Could the mode be entered now? False if the log is in it already.
    Query,
    /// Enter it. The pager holds the exclusive lock on the database file.
    Enter,
    /// Leave it. The pager still holds the exclusive lock, and drops it if the answer is yes.
    Leave,
}

impl ExclusiveMode {
    pub(crate) fn from_raw(op: c_int) -> Self {
        match op {
            0 => ExclusiveMode::Leave,
            1.. => ExclusiveMode::Enter,
            _ => ExclusiveMode::Query,
        }
    }

    pub(crate) fn as_raw(self) -> c_int {
        match self {
            ExclusiveMode::Query => -1,
            ExclusiveMode::Leave => 0,
            ExclusiveMode::Enter => 1,
        }
    }
}

/// A page that a checkpoint wrote into the database file.
#[derive(Debug, Clone, Copy)]
pub struct CheckpointedPage<'a> {
    /// The page.
    pub page: PageNo,
    /// The frame that it came from.
    pub frame: FrameNo,
    /// Its content, one page long.
    pub data: &'a [u8],
    /// The last frame that this checkpoint may copy.
    pub max_safe_frame: u32,
}

/// Follows a checkpoint. An error stops it and is what it ends with.
pub trait CheckpointObserver {
    /// A page has been written.
    fn page(&mut self, page: CheckpointedPage<'_>) -> Result<()>;

    /// The whole log, up to this frame, is in the database file, which is about to be truncated and flushed.
    fn finished(&mut self, max_safe_frame: u32) -> Result<()>;
}

/// Called while somebody else holds a lock: true means to try again, false to give up.
///
/// It is the [busy handler](https://www.sqlite.org/c3ref/busy_handler.html) of the connection, and waits by itself.
pub type BusyHandler<'a> = dyn FnMut() -> bool + 'a;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_start_with_one() {
        assert_eq!(PageNo::new(0), None);
        assert_eq!(FrameNo::new(1).map(FrameNo::index), Some(0));
        assert_eq!(PageNo::new(7).map(PageNo::get), Some(7));
    }

    #[test]
    fn sync_flags_have_a_part_for_the_log_and_one_for_the_database() {
        let full = SyncFlags(ffi::SQLITE_SYNC_FULL | ffi::SQLITE_SYNC_NORMAL << 2);
        assert_eq!((full.commit(), full.checkpoint()), (Some(FileSync::Full), Some(FileSync::Normal)));
        assert_eq!((SyncFlags(0).commit(), SyncFlags(0).checkpoint()), (None, None));
    }

    #[test]
    fn a_checkpoint_mode_that_no_log_knows_is_misuse() {
        assert_eq!(CheckpointMode::from_raw(-1).map_err(|e| e.code()), Err(ffi::SQLITE_MISUSE));
        assert_eq!(CheckpointMode::from_raw(4).map_err(|e| e.code()), Err(ffi::SQLITE_MISUSE));
        for mode in 0..4 {
            assert_eq!(CheckpointMode::from_raw(mode).map(CheckpointMode::as_raw), Ok(mode));
        }
    }
}
