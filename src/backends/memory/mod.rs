//! `memory`: a log on the heap of the process.

mod directory;
mod pages;
mod wal;

pub use wal::MemoryWal;

use crate::Result;
use crate::backends::live::{self, Identity};
use crate::wal::{CloseRequest, DbName, OpenRequest, Vfs, WalManager};

/// A log that exists only in the memory of this process. For scratch databases.
///
/// **What is committed is lost when the process ends before a checkpoint.** It is written into the database file by
/// checkpoints, and when the last connection of the process closes the database; never anywhere else. The first
/// connection to a database writes a line about this to SQLite's log. **A process that dies in the middle of a
/// checkpoint leaves a damaged file**, since there is no log to repair it with.
///
/// Connections of one process, in any threads, share the log of a database as they would share the stock one: one
/// writes, others read a snapshot. It needs neither a `-wal` file nor shared memory. **Other processes see none of it.**
/// They must stay away from the database file while it is open here; nothing can stop them. Within the process the
/// database must be opened with this log everywhere, and with the same VFS.
///
/// A database that still has frames in a stock `-wal` file is refused with `SQLITE_CANTOPEN`, since they would be lost.
/// A last connection that cannot or must not checkpoint (`SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE`) leaves the log in
/// memory, where the next connection of this process finds it, unless the file has changed since.
///
/// Registered as `memory`: `file:scratch.db?wal=memory`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Memory;

impl WalManager for Memory {
    type Wal = MemoryWal;

    fn open(&self, mut request: OpenRequest<'_>) -> Result<MemoryWal> {
        live::refuse_stock_frames("memory", &request)?;
        let identity = Identity::of(request.vfs(), request.name());
        let path = request.name().path();
        let log = directory::join(identity, path, request.file())?;
        Ok(MemoryWal::new(log, request.exclusive()))
    }

    fn close(&self, wal: MemoryWal, request: CloseRequest<'_>) -> Result<()> {
        wal.close(request)
    }

    fn log_exists(&self, vfs: &Vfs<'_>, name: DbName<'_>) -> Result<bool> {
        directory::contains(&Identity::of(vfs, name))
    }

    fn destroy_log(&self, vfs: &Vfs<'_>, name: DbName<'_>) -> Result<()> {
        directory::forget(&Identity::of(vfs, name))
    }
}
