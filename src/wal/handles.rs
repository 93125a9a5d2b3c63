//! What SQLite lends a log for the time of a call: the connection, the VFS, the database file and its name.

use std::ffi::{CStr, CString};
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

use libc::{c_char, c_int, c_void};

use crate::wal::types::FileSync;
use crate::{Error, Result, ffi};

/// The connection on whose behalf SQLite calls.
#[derive(Debug)]
pub struct Db<'a> {
    raw: NonNull<ffi::sqlite3>,
    life: PhantomData<&'a ffi::sqlite3>,
}

impl<'a> Db<'a> {
    /// # Safety
    /// `raw` is NULL or a connection that stays open during `'a`.
    pub(crate) unsafe fn from_raw(raw: *mut ffi::sqlite3) -> Option<Self> {
        Some(Db { raw: NonNull::new(raw)?, life: PhantomData })
    }

    /// The connection, for calls into SQLite's C interface.
    #[must_use]
    pub fn as_ptr(&self) -> *mut ffi::sqlite3 {
        self.raw.as_ptr()
    }

    /// Has [`sqlite3_interrupt()`](https://www.sqlite.org/c3ref/interrupt.html) been called? A long checkpoint asks
    /// this now and then, and ends with [`Error::INTERRUPT`].
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        // SAFETY: the connection is open, see from_raw().
        unsafe { ffi::sqlite3_is_interrupted(self.as_ptr()) != 0 }
    }
}

/// The name of a database's main file.
#[derive(Debug, Clone, Copy)]
pub struct DbName<'a> {
    raw: NonNull<c_char>,
    life: PhantomData<&'a c_char>,
}

impl<'a> DbName<'a> {
    /// # Safety
    /// `raw` is NULL or a name that SQLite made, valid during `'a`.
    pub(crate) unsafe fn from_raw(raw: *const c_char) -> Result<Self> {
        let raw = NonNull::new(raw.cast_mut());
        raw.map(|raw| DbName { raw, life: PhantomData })
            .ok_or_else(|| Error::MISUSE.with_message("a log was asked for without the name of a database"))
    }

    /// The name itself, for [`sqlite3_filename_database()`](https://www.sqlite.org/c3ref/filename_database.html) and
    /// its siblings.
    #[must_use]
    pub fn as_ptr(&self) -> *const c_char {
        self.raw.as_ptr()
    }

    /// The path of the database as the VFS completed it: absolute, links resolved.
    #[must_use]
    pub fn path(&self) -> &'a CStr {
        // SAFETY: a name that SQLite made is NUL-terminated.
        unsafe { CStr::from_ptr(self.as_ptr()) }
    }

    /// The path that the stock log of this database has.
    #[must_use]
    pub fn stock_wal_path(&self) -> &'a CStr {
        // SAFETY: the function takes exactly such names, and returns a part of what it is given.
        unsafe { CStr::from_ptr(ffi::sqlite3_filename_wal(self.as_ptr())) }
    }

    /// The value of a parameter of the URI that the database was opened with, such as `file:app.db?wal=name`.
    #[must_use]
    pub fn uri_parameter(&self, name: &str) -> Option<&'a CStr> {
        let name = CString::new(name).ok()?;
        // SAFETY: the function takes exactly such names, and returns NULL or a part of what it is given.
        unsafe {
            let value = ffi::sqlite3_uri_parameter(self.as_ptr(), name.as_ptr());
            (!value.is_null()).then(|| CStr::from_ptr(value))
        }
    }
}

/// The [VFS](https://www.sqlite.org/vfs.html) that the database was opened with.
#[derive(Debug)]
pub struct Vfs<'a> {
    raw: NonNull<ffi::sqlite3_vfs>,
    life: PhantomData<&'a ffi::sqlite3_vfs>,
}

impl<'a> Vfs<'a> {
    /// # Safety
    /// `raw` is NULL or a VFS that stays valid during `'a`.
    pub(crate) unsafe fn from_raw(raw: *mut ffi::sqlite3_vfs) -> Result<Self> {
        let raw = NonNull::new(raw);
        raw.map(|raw| Vfs { raw, life: PhantomData })
            .ok_or_else(|| Error::MISUSE.with_message("a log was asked for without a VFS"))
    }

    /// The VFS, for calls of its methods.
    #[must_use]
    pub fn as_ptr(&self) -> *mut ffi::sqlite3_vfs {
        self.raw.as_ptr()
    }

    /// The name that the VFS is registered under.
    #[must_use]
    pub fn name(&self) -> &CStr {
        // SAFETY: a VFS in use is registered, and so has a name.
        unsafe { CStr::from_ptr((*self.as_ptr()).zName) }
    }

    /// Does this file exist? Errors are those of the VFS (`SQLITE_IOERR_ACCESS`).
    pub fn exists(&self, path: &CStr) -> Result<bool> {
        let mut found: c_int = 0;
        // SAFETY: the VFS is valid; the method is called as the VFS contract has it.
        let code = unsafe {
            let access = (*self.as_ptr()).xAccess.ok_or(Error::MISUSE)?;
            access(self.as_ptr(), path.as_ptr(), ffi::SQLITE_ACCESS_EXISTS, &mut found)
        };
        Error::check(code).map(|()| found != 0)
    }

    /// Delete this file. Errors are those of the VFS (`SQLITE_IOERR_DELETE`, `SQLITE_IOERR_DELETE_NOENT`).
    pub fn delete(&self, path: &CStr) -> Result<()> {
        // SAFETY: as in exists().
        let code = unsafe {
            let delete = (*self.as_ptr()).xDelete.ok_or(Error::MISUSE)?;
            delete(self.as_ptr(), path.as_ptr(), 0)
        };
        Error::check(code)
    }
}

/// How much of the database file is [locked](https://www.sqlite.org/lockingv3.html), from nothing to everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileLock {
    /// Nothing (only for [`DbFile::unlock`]).
    None,
    /// Others may read, nobody may write the file.
    Shared,
    /// Nobody else uses the file.
    Exclusive,
}

impl FileLock {
    fn as_raw(self) -> c_int {
        match self {
            FileLock::None => ffi::SQLITE_LOCK_NONE,
            FileLock::Shared => ffi::SQLITE_LOCK_SHARED,
            FileLock::Exclusive => ffi::SQLITE_LOCK_EXCLUSIVE,
        }
    }
}

/// The database file, open in the pager. Each error is the one that the VFS gave.
#[derive(Debug)]
pub struct DbFile<'a> {
    raw: NonNull<ffi::sqlite3_file>,
    life: PhantomData<&'a mut ffi::sqlite3_file>,
}

/// Call a method of the open file; `SQLITE_MISUSE` if the file is closed or the VFS lacks the method.
macro_rules! file_call {
    ($file:expr, $method:ident $(, $arg:expr)*) => {{
        let file = $file.as_ptr();
        // SAFETY: the file is the pager's and lives as long as the handle (see from_raw); its methods are called as
        // the VFS contract has it.
        unsafe {
            match (*file).pMethods.as_ref().and_then(|methods| methods.$method) {
                Some(method) => method(file $(, $arg)*),
                None => ffi::SQLITE_MISUSE,
            }
        }
    }};
}

impl<'a> DbFile<'a> {
    /// # Safety
    /// `raw` is NULL or the pager's file, which nobody else uses during `'a`.
    pub(crate) unsafe fn from_raw(raw: *mut ffi::sqlite3_file) -> Result<Self> {
        let raw = NonNull::new(raw);
        raw.map(|raw| DbFile { raw, life: PhantomData })
            .ok_or_else(|| Error::MISUSE.with_message("a log was asked for without a database file"))
    }

    /// The file, for calls of its methods.
    #[must_use]
    pub fn as_ptr(&self) -> *mut ffi::sqlite3_file {
        self.raw.as_ptr()
    }

    /// The same file, for a shorter time.
    pub fn reborrow(&mut self) -> DbFile<'_> {
        DbFile { raw: self.raw, life: PhantomData }
    }

    /// Fill `buffer` from this byte on. Past the end of the file it is filled with zeros, and the result is
    /// `SQLITE_IOERR_SHORT_READ`.
    pub fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<()> {
        let (length, offset) = extent(buffer.len(), offset)?;
        Error::check(file_call!(self, xRead, buffer.as_mut_ptr().cast(), length, offset))
    }

    /// Write `data` from this byte on.
    pub fn write_at(&mut self, data: &[u8], offset: u64) -> Result<()> {
        let (length, offset) = extent(data.len(), offset)?;
        Error::check(file_call!(self, xWrite, data.as_ptr().cast(), length, offset))
    }

    /// Cut the file to so many bytes.
    pub fn truncate(&mut self, size: u64) -> Result<()> {
        let (_, size) = extent(0, size)?;
        Error::check(file_call!(self, xTruncate, size))
    }

    /// Flush the file.
    pub fn sync(&mut self, how: FileSync) -> Result<()> {
        Error::check(file_call!(self, xSync, how.as_raw()))
    }

    /// Size in bytes.
    pub fn size(&mut self) -> Result<u64> {
        let mut size: ffi::sqlite3_int64 = 0;
        Error::check(file_call!(self, xFileSize, &mut size))?;
        u64::try_from(size).map_err(|_| Error::IOERR)
    }

    /// Raise the lock. `SQLITE_BUSY` if others are in the way. The pager holds `Shared` during every call.
    pub fn lock(&mut self, lock: FileLock) -> Result<()> {
        Error::check(file_call!(self, xLock, lock.as_raw()))
    }

    /// Lower the lock.
    pub fn unlock(&mut self, lock: FileLock) -> Result<()> {
        Error::check(file_call!(self, xUnlock, lock.as_raw()))
    }

    /// Tell the VFS how big the file is about to become, in bytes (`SQLITE_FCNTL_SIZE_HINT`).
    pub fn size_hint(&mut self, size: u64) {
        let Ok(mut size) = ffi::sqlite3_int64::try_from(size) else { return };
        self.control(ffi::SQLITE_FCNTL_SIZE_HINT, (&raw mut size).cast());
    }

    /// Tell the VFS that a checkpoint begins (`SQLITE_FCNTL_CKPT_START`).
    pub fn checkpoint_start(&mut self) {
        self.control(ffi::SQLITE_FCNTL_CKPT_START, ptr::null_mut());
    }

    /// Tell the VFS that the checkpoint is done (`SQLITE_FCNTL_CKPT_DONE`).
    pub fn checkpoint_done(&mut self) {
        self.control(ffi::SQLITE_FCNTL_CKPT_DONE, ptr::null_mut());
    }

    /// Pass a hint, which a VFS may ignore.
    fn control(&mut self, op: c_int, argument: *mut c_void) {
        let _ignored = file_call!(self, xFileControl, op, argument);
    }
}

/// Length and offset as the VFS takes them.
fn extent(length: usize, offset: u64) -> Result<(c_int, ffi::sqlite3_int64)> {
    let length = c_int::try_from(length).map_err(|_| Error::MISUSE)?;
    let offset = ffi::sqlite3_int64::try_from(offset).map_err(|_| Error::MISUSE)?;
    Ok((length, offset))
}

/// The file of a log, on its way to `SQLITE_FCNTL_JOURNAL_POINTER`.
#[derive(Debug)]
pub struct LogFile<'a> {
    raw: NonNull<ffi::sqlite3_file>,
    life: PhantomData<&'a mut ffi::sqlite3_file>,
}

impl LogFile<'_> {
    /// # Safety
    /// `raw` is NULL or a file that stays open as long as the log that it was asked from.
    pub(crate) unsafe fn from_raw(raw: *mut ffi::sqlite3_file) -> Option<Self> {
        Some(LogFile { raw: NonNull::new(raw)?, life: PhantomData })
    }

    /// The file, for calls of its methods.
    #[must_use]
    pub fn as_ptr(&self) -> *mut ffi::sqlite3_file {
        self.raw.as_ptr()
    }
}
