//! The longer argument lists, as values: open, close, frames to append, checkpoint.

use std::marker::PhantomData;
use std::slice;

use crate::wal::handles::{Db, DbFile, DbName, Vfs};
use crate::wal::scope::LogId;
use crate::wal::types::{BusyHandler, CheckpointMode, CheckpointObserver, PageNo, SyncFlags};
use crate::{Result, ffi};

/// Open the log of a database: the arguments of [`WalManager::open`](crate::WalManager::open).
///
/// It is given to one manager, and by a wrapper to the one below.
#[derive(Debug)]
pub struct OpenRequest<'a> {
    pub(crate) vfs: Vfs<'a>,
    pub(crate) file: DbFile<'a>,
    pub(crate) name: DbName<'a>,
    pub(crate) exclusive: bool,
    pub(crate) size_limit: i64,
    pub(crate) id: LogId,
}

impl<'a> OpenRequest<'a> {
    /// The VFS of the database.
    #[must_use]
    pub fn vfs(&self) -> &Vfs<'a> {
        &self.vfs
    }

    /// The database file. A log gets it again for each checkpoint and when it is closed.
    pub fn file(&mut self) -> &mut DbFile<'a> {
        &mut self.file
    }

    /// The name of the database.
    #[must_use]
    pub fn name(&self) -> DbName<'a> {
        self.name
    }

    /// The connection is in exclusive locking mode, and holds the exclusive lock on the database file: it will be
    /// the only one.
    #[must_use]
    pub fn exclusive(&self) -> bool {
        self.exclusive
    }

    /// Size in bytes that an idle log should not exceed (`PRAGMA journal_size_limit`), `None` for no limit.
    #[must_use]
    pub fn size_limit(&self) -> Option<u64> {
        u64::try_from(self.size_limit).ok()
    }
}

/// Close a log: the arguments of [`WalManager::close`](crate::WalManager::close).
#[non_exhaustive]
pub struct CloseRequest<'a> {
    /// The connection that closes.
    pub db: Option<Db<'a>>,
    /// The database file.
    pub file: DbFile<'a>,
    /// What to flush.
    pub sync: SyncFlags,
    /// Room for one page. `None` means that the log must not be checkpointed: the database file was moved or
    /// deleted, or the connection has `SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE` set.
    pub buffer: Option<&'a mut [u8]>,
    /// The database leaves WAL mode. Otherwise it is closed or detached.
    pub leaves_wal_mode: bool,
}

impl<'a> CloseRequest<'a> {
    /// The passive checkpoint that ends the life of a log, or `None` if there must be none.
    #[must_use]
    pub fn into_checkpoint(self) -> Option<CheckpointRequest<'a>> {
        Some(CheckpointRequest {
            db: self.db,
            file: self.file,
            mode: CheckpointMode::Passive,
            busy: None,
            sync: self.sync,
            buffer: self.buffer?,
            observer: None,
        })
    }
}

impl std::fmt::Debug for CloseRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let checkpoint = self.buffer.is_some();
        f.debug_struct("CloseRequest").field("sync", &self.sync).field("checkpoint", &checkpoint).finish()
    }
}

/// Copy pages from the log into the database file: the arguments of [`Wal::checkpoint`](crate::Wal::checkpoint).
#[non_exhaustive]
pub struct CheckpointRequest<'a> {
    /// The connection that checkpoints.
    pub db: Option<Db<'a>>,
    /// The database file.
    pub file: DbFile<'a>,
    /// How far to go. In `Passive` mode `busy` is `None`.
    pub mode: CheckpointMode,
    /// To be called while a lock is missing.
    pub busy: Option<&'a mut BusyHandler<'a>>,
    /// What to flush.
    pub sync: SyncFlags,
    /// Room for a page. Its length is the page size that the pager knows.
    pub buffer: &'a mut [u8],
    /// Wants to see each page that is written.
    pub observer: Option<&'a mut (dyn CheckpointObserver + 'a)>,
}

impl CheckpointRequest<'_> {
    /// Has the connection been interrupted?
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.db.as_ref().is_some_and(Db::is_interrupted)
    }
}

impl std::fmt::Debug for CheckpointRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CheckpointRequest").field("mode", &self.mode).field("sync", &self.sync).finish()
    }
}

/// Pages to append to the log: the arguments of [`Wal::append`](crate::Wal::append).
#[derive(Debug, Clone, Copy)]
pub struct Frames<'a> {
    pub(crate) file: *mut ffi::sqlite3_file,
    pub(crate) list: *mut ffi::libsql_pghdr,
    pub(crate) page_size: u32,
    pub(crate) commit: u32,
    pub(crate) sync: SyncFlags,
    pub(crate) life: PhantomData<&'a ffi::libsql_pghdr>,
}

impl<'a> Frames<'a> {
    /// The page size in bytes, a power of two from 512 to 65536.
    #[must_use]
    pub fn page_size(&self) -> u32 {
        self.page_size
    }

    /// The pages, at least one, each of them once and in ascending order.
    #[must_use]
    pub fn pages(&self) -> DirtyPages<'a> {
        DirtyPages { next: self.list, page_size: self.page_size as usize, life: PhantomData }
    }

    /// When these pages complete a transaction: the number of pages that the database has from now on. `None` while
    /// the pager merely makes room in its cache; such frames count only once a later call commits.
    #[must_use]
    pub fn commit(&self) -> Option<u32> {
        (self.commit != 0).then_some(self.commit)
    }

    /// What to flush.
    #[must_use]
    pub fn sync(&self) -> SyncFlags {
        self.sync
    }

    /// The database file. The pager has at least a SHARED lock on it.
    pub fn database(&self) -> Result<DbFile<'a>> {
        // SAFETY: the pager's file outlives the call that 'a stands for, in which nobody else uses it.
        unsafe { DbFile::from_raw(self.file) }
    }

    /// The one page comes from `libsql_wal_insert_frame`, not from the pager. Its sender knows the number of its frame:
    /// it must be the one behind the last, so that the log must not start anew now, nor an earlier frame of the same
    /// page be overwritten.
    #[must_use]
    pub fn is_inserted(&self) -> bool {
        // SAFETY: what is in the list is valid during the call that 'a stands for.
        let first = unsafe { self.list.as_ref() };
        first.is_some_and(|page| i32::from(page.flags) & ffi::SEAWALL_PGHDR_INSERTED != 0)
    }
}

/// One page that has changed.
#[derive(Debug, Clone, Copy)]
pub struct DirtyPage<'a> {
    /// Its number.
    pub page: PageNo,
    /// Its content, one page long.
    pub data: &'a [u8],
}

/// The changed pages of a [`Frames`], in ascending order.
#[derive(Debug, Clone)]
pub struct DirtyPages<'a> {
    next: *mut ffi::libsql_pghdr,
    page_size: usize,
    life: PhantomData<&'a ffi::libsql_pghdr>,
}

impl<'a> Iterator for DirtyPages<'a> {
    type Item = DirtyPage<'a>;

    fn next(&mut self) -> Option<DirtyPage<'a>> {
        if self.next.is_null() {
            return None;
        }
        // SAFETY: the pager's list holds valid headers during the call that 'a stands for. Fields are copied out
        // rather than borrowed, since the stock log writes to the headers.
        let (page, data, next) = unsafe { ((*self.next).pgno, (*self.next).pData, (*self.next).pDirty) };
        self.next = next;
        // SAFETY: pData holds page_size bytes, and nobody writes to a page while it is being logged.
        let data = unsafe { slice::from_raw_parts(data.cast::<u8>(), self.page_size) };
        Some(DirtyPage { page: PageNo::new(page)?, data })
    }
}
