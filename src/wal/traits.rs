//! [`Wal`] and [`WalManager`]: what a backend implements.

use crate::wal::handles::{Db, DbName, LogFile, Vfs};
use crate::wal::requests::{CheckpointRequest, CloseRequest, Frames, OpenRequest};
use crate::wal::types::{CheckpointOutcome, ExclusiveMode, FrameNo, PageNo, SavepointPosition, Snapshot};
use crate::wal::wrap::{WrapWal, Wrapped};
use crate::{Error, Result};

/// An open log, as one connection sees it.
///
/// Each connection that uses a database opens the log for itself, and calls it from one thread at a time, though not
/// always from the same one. What connections share is behind it: a file, or memory under a lock.
///
/// SQLite calls in this order: [`begin_read`](Wal::begin_read), lookups, perhaps [`begin_write`](Wal::begin_write),
/// [`append`](Wal::append)s, [`end_write`](Wal::end_write), and at last [`end_read`](Wal::end_read).
/// `docs/wal-contract.md` tells the whole story.
///
/// # Errors
/// The code of an [`Error`] reaches SQLite unchanged, its sentence goes to SQLite's error log. Prefer `SQLITE_IOERR`,
/// `SQLITE_FULL`, `SQLITE_NOMEM` and `SQLITE_BUSY` with their extended codes. A panic becomes `SQLITE_IOERR`, since
/// that makes the pager throw its cache away; the log is then dropped at once and every further call fails.
pub trait Wal: Send + 'static {
    /// Start to read: from now on and until [`end_read`](Wal::end_read) this connection sees the newest committed
    /// state, whatever others commit. True if that is not the state that this connection saw or wrote last, so that
    /// what it has in its cache is stale.
    ///
    /// `SQLITE_BUSY` if the log is locked.
    fn begin_read(&mut self) -> Result<bool>;

    /// Stop reading. Also called when no read is going on.
    fn end_read(&mut self);

    /// The frame that holds the page in the state that this connection reads, which includes its own uncommitted
    /// frames. `None` if the page is to be read from the database file.
    fn find_frame(&mut self, page: PageNo) -> Result<Option<FrameNo>>;

    /// Copy the beginning of a frame's page into the buffer, as far as it goes. What is beyond the page is zeros: a
    /// pager that has just opened the file guesses the page size, and may ask for more than there is.
    fn read_frame(&mut self, frame: FrameNo, buffer: &mut [u8]) -> Result<()>;

    /// The number of pages that the database has in the state that this connection reads, without its own uncommitted
    /// growth; or 0 if the log does not know and the size of the database file counts.
    fn db_size(&self) -> u32;

    /// Become the one connection that writes. It is reading already.
    ///
    /// `SQLITE_BUSY` if another one writes, `SQLITE_BUSY_SNAPSHOT` if another one has committed since
    /// [`begin_read`](Wal::begin_read).
    fn begin_write(&mut self) -> Result<()>;

    /// Stop writing. Also called when this connection does not write. Frames that were not committed are forgotten.
    ///
    /// This cannot fail: the transaction is committed or undone already.
    fn end_write(&mut self);

    /// Forget the frames that were appended since [`begin_write`](Wal::begin_write), and name each page that was in
    /// one of them. A failure counts as `SQLITE_IOERR`.
    fn undo(&mut self, undone: &mut dyn FnMut(PageNo)) -> Result<()>;

    /// Where the log stands now, for a return. Only asked while writing.
    fn savepoint(&mut self) -> SavepointPosition;

    /// Forget the frames that were appended since that position was taken. The position may be rewritten for the
    /// next return to the same savepoint. A failure counts as `SQLITE_IOERR`.
    fn savepoint_undo(&mut self, position: &mut SavepointPosition) -> Result<()>;

    /// There will be no return to this position.
    fn savepoint_forget(&mut self, position: SavepointPosition) {
        let _ = position;
    }

    /// Append changed pages, and commit them if [`Frames::commit`] says so. Returns how many frames were added.
    ///
    /// `SQLITE_FULL` or `SQLITE_IOERR` on failure; the transaction is rolled back then.
    fn append(&mut self, frames: Frames<'_>) -> Result<u32>;

    /// Copy pages into the database file, but none that would disturb a reader: see
    /// [`CheckpointMode`](crate::CheckpointMode). Called while this connection neither reads nor writes, except in
    /// exclusive locking mode, in which it may still be reading.
    ///
    /// `SQLITE_BUSY` if another checkpoint is running.
    fn checkpoint(&mut self, request: CheckpointRequest<'_>) -> Result<CheckpointOutcome>;

    /// The number of frames in the log at this connection's last commit, if it has made one since the last call,
    /// otherwise 0. [`sqlite3_wal_hook()`](https://www.sqlite.org/c3ref/wal_hook.html) and automatic checkpoints
    /// live on it.
    fn take_committed(&mut self) -> u32;

    /// The number of frames in the log. `writing`: this connection holds the write lock.
    fn frame_count(&mut self, writing: bool) -> Result<u32> {
        let _ = writing;
        Err(Error::UNSUPPORTED)
    }

    /// Keep the idle log under so many bytes; `None` is no limit (`PRAGMA journal_size_limit`).
    fn set_size_limit(&mut self, limit: Option<u64>) {
        let _ = limit;
    }

    /// Copy a frame with its 24-byte header as the [WAL format](https://www.sqlite.org/fileformat2.html#walformat)
    /// has it, and then the page.
    fn read_frame_raw(&mut self, frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        let _ = (frame, buffer);
        Err(Error::UNSUPPORTED)
    }

    /// Enter or leave exclusive locking mode, or tell whether it could be entered. True if the change was made, or
    /// the answer is yes. A log that is opened in exclusive mode is in it from the start.
    ///
    /// By default never: then the pager takes no exclusive lock on behalf of the log.
    fn exclusive_mode(&mut self, op: ExclusiveMode) -> bool {
        let _ = op;
        false
    }

    /// True if the log must stay in exclusive locking mode, which it was opened in, until it is closed.
    fn heap_memory(&self) -> bool {
        false
    }

    /// True if the five methods below work. Asked once, after the log was opened. SQLite knows them only when it is
    /// built with `SQLITE_ENABLE_SNAPSHOT`.
    fn supports_snapshots(&self) -> bool {
        false
    }

    /// [`sqlite3_snapshot_get()`](https://www.sqlite.org/c3ref/snapshot_get.html): the state that is being read.
    fn snapshot_get(&mut self) -> Result<Snapshot> {
        Err(Error::UNSUPPORTED)
    }

    /// [`sqlite3_snapshot_open()`](https://www.sqlite.org/c3ref/snapshot_open.html): let the next
    /// [`begin_read`](Wal::begin_read) see that state, and fail with `SQLITE_ERROR_SNAPSHOT` if it is gone. `None`
    /// returns to the newest one, and so does [`Snapshot::NEWEST`], before a snapshot of it is taken.
    fn snapshot_open(&mut self, snapshot: Option<Snapshot>) {
        let _ = snapshot;
    }

    /// [`sqlite3_snapshot_recover()`](https://www.sqlite.org/c3ref/snapshot_recover.html).
    fn snapshot_recover(&mut self) -> Result<()> {
        Err(Error::UNSUPPORTED)
    }

    /// Is that state still there? On success it stays until [`snapshot_unlock`](Wal::snapshot_unlock).
    fn snapshot_check(&mut self, snapshot: Snapshot) -> Result<()> {
        let _ = snapshot;
        Err(Error::UNSUPPORTED)
    }

    /// Ends what a successful [`snapshot_check`](Wal::snapshot_check) began.
    fn snapshot_unlock(&mut self) {}

    /// Page size in bytes of the frames in the log, 0 for an empty log (ZIPVFS only).
    fn frame_size(&self) -> u32 {
        0
    }

    /// The file that holds the log, if it is one file that SQLite's VFS opened.
    fn file(&mut self) -> Option<LogFile<'_>> {
        None
    }

    /// Take or give back the write lock ahead of [`begin_read`](Wal::begin_read), if the log can wait for it. Only
    /// builds with `SQLITE_ENABLE_SETLK_TIMEOUT` call it.
    fn write_lock(&mut self, lock: bool) -> Result<()> {
        let _ = lock;
        Ok(())
    }

    /// The connection whose busy timeout such a wait obeys, until the next call.
    fn set_db(&mut self, db: Option<Db<'_>>) {
        let _ = db;
    }
}

/// Something that opens logs.
///
/// One manager serves any number of connections, databases and threads at once. It is told a database by its name,
/// so logs of different databases must be kept apart by that.
pub trait WalManager: Send + Sync + 'static {
    /// The logs that it opens.
    type Wal: Wal;

    /// True if the logs need the shared memory of the VFS. When false, WAL mode is available on a VFS that has none.
    fn uses_shared_memory(&self) -> bool {
        false
    }

    /// Open the log of a database for a connection that is about to use it.
    ///
    /// `SQLITE_CANTOPEN` or `SQLITE_BUSY` on failure.
    fn open(&self, request: OpenRequest<'_>) -> Result<Self::Wal>;

    /// Close a log. The last one of a database should leave everything in the database file, if
    /// [`CloseRequest::buffer`] allows a checkpoint. An error matters only when `PRAGMA journal_mode` leaves WAL
    /// mode; the log is gone in any case. After a panic a log is just dropped.
    fn close(&self, wal: Self::Wal, request: CloseRequest<'_>) -> Result<()>;

    /// Does this database have a log, open in some connection or left over?
    fn log_exists(&self, vfs: &Vfs<'_>, name: DbName<'_>) -> Result<bool>;

    /// Delete the log of this database, whose file is empty.
    fn destroy_log(&self, vfs: &Vfs<'_>, name: DbName<'_>) -> Result<()>;

    /// Put a wrapper around each log that this manager opens. See [`WrapWal`].
    ///
    /// `make` is called for each log, and can look at what is being opened.
    fn wrap<T, F>(self, make: F) -> Wrapped<Self, F>
    where
        Self: Sized,
        T: WrapWal<Self::Wal>,
        F: Fn(&OpenRequest<'_>) -> T + Send + Sync + 'static,
    {
        Wrapped::new(self, make)
    }
}
