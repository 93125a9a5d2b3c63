//! SQLite's own log as a value that can be used and wrapped: the way from Rust into C.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::{self, NonNull};

use libc::{c_int, c_uchar, c_uint, c_void};

use crate::wal::handles::{Db, DbName, LogFile, Vfs};
use crate::wal::requests::{CheckpointRequest, CloseRequest, Frames, OpenRequest};
use crate::wal::scope::LogId;
use crate::wal::traits::{Wal, WalManager};
use crate::wal::types::{
    BusyHandler, CheckpointObserver, CheckpointOutcome, CheckpointedPage, ExclusiveMode, FrameNo, PageNo,
    SavepointPosition, Snapshot,
};
use crate::{Error, Result, ffi};

/// SQLite's own log, in the `-wal` and `-shm` files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stock;

impl Stock {
    fn raw() -> &'static ffi::libsql_wal_manager {
        // SAFETY: the C library defines this constant and never writes to it.
        unsafe { &ffi::sqlite3_wal_manager }
    }
}

impl WalManager for Stock {
    type Wal = StockWal;

    fn uses_shared_memory(&self) -> bool {
        Stock::raw().bUsesShm != 0
    }

    fn open(&self, request: OpenRequest<'_>) -> Result<StockWal> {
        StockWal::open(Stock::raw(), request)
    }

    fn close(&self, wal: StockWal, request: CloseRequest<'_>) -> Result<()> {
        wal.close(request)
    }

    fn log_exists(&self, vfs: &Vfs<'_>, name: DbName<'_>) -> Result<bool> {
        let exists = Stock::raw().xLogExists.ok_or(Error::MISUSE)?;
        let mut found: c_int = 0;
        // SAFETY: the VFS and the name come from SQLite and are valid during the call.
        let code = unsafe { exists(Stock::raw().pData, vfs.as_ptr(), name.as_ptr(), &mut found) };
        Error::check(code).map(|()| found != 0)
    }

    fn destroy_log(&self, vfs: &Vfs<'_>, name: DbName<'_>) -> Result<()> {
        let destroy = Stock::raw().xLogDestroy.ok_or(Error::MISUSE)?;
        // SAFETY: as above.
        Error::check(unsafe { destroy(Stock::raw().pData, vfs.as_ptr(), name.as_ptr()) })
    }
}

/// An open log of SQLite's own.
///
/// It works on the file of the pager that it was opened for, and so only answers while SQLite calls on behalf of that
/// pager: otherwise with `SQLITE_MISUSE`, or not at all. Dropped rather than closed, it releases its locks and leaves
/// its files as they are.
#[derive(Debug)]
pub struct StockWal {
    close: unsafe extern "C" fn(
        *mut ffi::wal_manager_impl,
        *mut ffi::wal_impl,
        *mut ffi::sqlite3,
        c_int,
        c_int,
        *mut c_uchar,
    ) -> c_int,
    manager_data: *mut ffi::wal_manager_impl,
    wal: ffi::libsql_wal,
    id: LogId,
    /// What the next read is to see. The log keeps a pointer to it.
    snapshot: Option<Box<ffi::sqlite3_snapshot>>,
}

// SAFETY: SQLite itself moves an open log between threads, and calls it from one at a time. Other uses are refused by
// current().
unsafe impl Send for StockWal {}

impl StockWal {
    /// Open a log through a manager in C, whose logs have version 2 of the methods.
    pub(super) fn open(manager: &ffi::libsql_wal_manager, request: OpenRequest<'_>) -> Result<Self> {
        let (Some(open), Some(close)) = (manager.xOpen, manager.xClose) else { return Err(Error::MISUSE) };
        if !request.id.is_current() {
            return Err(Error::MISUSE.with_message("the stock log was opened outside of the call that asked for it"));
        }
        // SAFETY: all NULL is what xOpen is given by the pager, too.
        let mut wal: ffi::libsql_wal = unsafe { std::mem::zeroed() };
        // SAFETY: VFS, file and name come from the pager that is calling; `wal` is zeroed and writable.
        let code = unsafe {
            open(
                manager.pData,
                request.vfs.as_ptr(),
                request.file.as_ptr(),
                c_int::from(request.exclusive),
                request.size_limit,
                request.name.as_ptr(),
                &mut wal,
            )
        };
        Error::check(code)?;
        Ok(StockWal { close, manager_data: manager.pData, wal, id: request.id, snapshot: None })
    }

    /// The methods and their first argument, if SQLite is calling this log's pager.
    fn current(&self) -> Result<(&ffi::libsql_wal_methods, *mut ffi::wal_impl)> {
        if self.id.is_current() {
            Ok((&self.wal.methods, self.wal.pData))
        } else {
            Err(Error::MISUSE.with_message("a stock log was used outside of the calls of its own pager"))
        }
    }

    pub(super) fn close(mut self, request: CloseRequest<'_>) -> Result<()> {
        let db = request.db.as_ref().map_or(ptr::null_mut(), Db::as_ptr);
        let (size, buffer) = match request.buffer {
            Some(buffer) => (buffer.len(), buffer.as_mut_ptr()),
            None => (0, ptr::null_mut()),
        };
        let size = c_int::try_from(size).map_err(|_| Error::MISUSE)?;
        self.current()?;
        let log = std::mem::replace(&mut self.wal.pData, ptr::null_mut());
        // SAFETY: current() says that the pager is alive. The log is open, and Drop will not close it again.
        Error::check(unsafe { (self.close)(self.manager_data, log, db, request.sync.0, size, buffer) })
    }
}

impl Drop for StockWal {
    fn drop(&mut self) {
        if self.wal.pData.is_null() {
            return;
        }
        if let Err(error) = self.current() {
            error.report();
            return; // The pager may be gone: better to leak.
        }
        // Closing the log assumes that its locks were given back.
        self.end_write();
        self.end_read();
        // SAFETY: as in close(). A NULL buffer means no checkpoint, for which alone the connection is needed.
        unsafe { (self.close)(self.manager_data, self.wal.pData, ptr::null_mut(), 0, 0, ptr::null_mut()) };
    }
}

/// Call a slot that returns a result code; `$missing` if the slot is NULL.
macro_rules! slot {
    ($wal:expr, $slot:ident or $missing:expr $(, $arg:expr)*) => {{
        let (methods, log) = $wal.current()?;
        match methods.$slot {
            // SAFETY: current() says that SQLite is calling this log's pager on this thread, so the log is open and
            // nobody else uses it. The arguments are valid during the call.
            Some(method) => Error::check(unsafe { method(log $(, $arg)*) }),
            None => $missing,
        }
    }};
}

/// Call a slot that returns something else; `$missing` if it cannot be called.
macro_rules! plain_slot {
    ($wal:expr, $slot:ident or $missing:expr $(, $arg:expr)*) => {
        match $wal.current().map(|(methods, log)| (methods.$slot, log)) {
            // SAFETY: as in slot!.
            Ok((Some(method), log)) => unsafe { method(log $(, $arg)*) },
            _ => $missing,
        }
    };
}

impl Wal for StockWal {
    fn begin_read(&mut self) -> Result<bool> {
        let mut changed: c_int = 0;
        slot!(self, xBeginReadTransaction or Err(Error::MISUSE), &mut changed)?;
        Ok(changed != 0)
    }

    fn end_read(&mut self) {
        plain_slot!(self, xEndReadTransaction or ());
    }

    fn find_frame(&mut self, page: PageNo) -> Result<Option<FrameNo>> {
        let mut frame: c_uint = 0;
        slot!(self, xFindFrame or Err(Error::MISUSE), page.get(), &mut frame)?;
        Ok(FrameNo::new(frame))
    }

    fn read_frame(&mut self, frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        let size = length(buffer)?;
        slot!(self, xReadFrame or Err(Error::MISUSE), frame.get(), size, buffer.as_mut_ptr())
    }

    fn db_size(&self) -> u32 {
        plain_slot!(self, xDbsize or 0)
    }

    fn begin_write(&mut self) -> Result<()> {
        slot!(self, xBeginWriteTransaction or Err(Error::MISUSE))
    }

    fn end_write(&mut self) {
        plain_slot!(self, xEndWriteTransaction or ffi::SQLITE_OK); // Stock SQLite relies on its success as well.
    }

    fn undo(&mut self, undone: &mut dyn FnMut(PageNo)) -> Result<()> {
        let mut callback = Callback::new(undone);
        let result = slot!(self, xUndo or Err(Error::MISUSE), Some(on_undo), callback.as_ptr());
        callback.finish(result)
    }

    fn savepoint(&mut self) -> SavepointPosition {
        let mut position = SavepointPosition::default();
        plain_slot!(self, xSavepoint or (), position.0.as_mut_ptr());
        position
    }

    fn savepoint_undo(&mut self, position: &mut SavepointPosition) -> Result<()> {
        slot!(self, xSavepointUndo or Err(Error::MISUSE), position.0.as_mut_ptr())
    }

    fn savepoint_forget(&mut self, mut position: SavepointPosition) {
        plain_slot!(self, xSavepointForget or (), position.0.as_mut_ptr());
    }

    fn append(&mut self, frames: Frames<'_>) -> Result<u32> {
        let size = c_int::try_from(frames.page_size).map_err(|_| Error::MISUSE)?;
        let is_commit = c_int::from(frames.commit != 0);
        let mut added: c_int = 0;
        slot!(
            self, xFrames or Err(Error::MISUSE),
            size, frames.list, frames.commit, is_commit, frames.sync.0, &mut added
        )?;
        Ok(u32::try_from(added).unwrap_or(0))
    }

    fn checkpoint(&mut self, request: CheckpointRequest<'_>) -> Result<CheckpointOutcome> {
        let size = length(request.buffer)?;
        let db = request.db.as_ref().map_or(ptr::null_mut(), Db::as_ptr);
        let mut busy = request.busy.map(Callback::new);
        let mut observer = request.observer.map(Callback::new);
        let (mut log_frames, mut backfilled): (c_int, c_int) = (-1, -1);
        let result = slot!(
            self, xCheckpoint or Err(Error::MISUSE),
            db,
            request.mode.as_raw(),
            busy.as_ref().map(|_| on_busy as unsafe extern "C" fn(*mut c_void) -> c_int),
            busy.as_mut().map_or(ptr::null_mut(), Callback::as_ptr),
            request.sync.0,
            size,
            request.buffer.as_mut_ptr(),
            &mut log_frames,
            &mut backfilled,
            observer.as_ref().map(|_| on_checkpoint as OnCheckpoint),
            observer.as_mut().map_or(ptr::null_mut(), Callback::as_ptr)
        );
        let result = busy.map_or(Ok(()), |callback| callback.finish(Ok(()))).and(result);
        let result = observer.map_or(Ok(()), |callback| callback.finish(Ok(()))).and(result);
        outcome(result, log_frames, backfilled)
    }

    fn take_committed(&mut self) -> u32 {
        u32::try_from(plain_slot!(self, xCallback or 0)).unwrap_or(0)
    }

    fn frame_count(&mut self, writing: bool) -> Result<u32> {
        let mut count: c_uint = 0;
        slot!(self, xFrameCount or Err(Error::UNSUPPORTED), c_int::from(writing), &mut count)?;
        Ok(count)
    }

    fn set_size_limit(&mut self, limit: Option<u64>) {
        let limit = limit.map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
        plain_slot!(self, xLimit or (), limit);
    }

    fn read_frame_raw(&mut self, frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        let size = length(buffer)?;
        slot!(self, xReadFrameRaw or Err(Error::UNSUPPORTED), frame.get(), size, buffer.as_mut_ptr())
    }

    fn exclusive_mode(&mut self, op: ExclusiveMode) -> bool {
        plain_slot!(self, xExclusiveMode or 0, op.as_raw()) != 0
    }

    fn heap_memory(&self) -> bool {
        plain_slot!(self, xHeapMemory or 0) != 0
    }

    fn supports_snapshots(&self) -> bool {
        self.wal.methods.xSnapshotOpen.is_some()
    }

    fn snapshot_get(&mut self) -> Result<Snapshot> {
        let mut raw: *mut ffi::sqlite3_snapshot = ptr::null_mut();
        slot!(self, xSnapshotGet or Err(Error::UNSUPPORTED), &mut raw)?;
        let snapshot = NonNull::new(raw).ok_or(Error::NOMEM)?;
        // SAFETY: on success there is a snapshot, which sqlite3_malloc() made and we have to free.
        unsafe {
            let bytes = snapshot.as_ref().hidden;
            ffi::sqlite3_free(raw.cast());
            Ok(Snapshot(bytes))
        }
    }

    fn snapshot_open(&mut self, snapshot: Option<Snapshot>) {
        self.snapshot = snapshot.map(|snapshot| Box::new(ffi::sqlite3_snapshot { hidden: snapshot.0 }));
        let raw = self.snapshot.as_deref_mut().map_or(ptr::null_mut(), ptr::from_mut);
        plain_slot!(self, xSnapshotOpen or (), raw);
    }

    fn snapshot_recover(&mut self) -> Result<()> {
        slot!(self, xSnapshotRecover or Err(Error::UNSUPPORTED))
    }

    fn snapshot_check(&mut self, snapshot: Snapshot) -> Result<()> {
        let (methods, log) = self.current()?;
        let check = methods.xSnapshotCheck.ok_or(Error::UNSUPPORTED)?;
        let mut raw = ffi::sqlite3_snapshot { hidden: snapshot.0 };
        // SAFETY: as in slot!.
        Error::check(unsafe { check(log.cast(), &mut raw) })
    }

    fn snapshot_unlock(&mut self) {
        plain_slot!(self, xSnapshotUnlock or ());
    }

    fn frame_size(&self) -> u32 {
        u32::try_from(plain_slot!(self, xFramesize or 0)).unwrap_or(0)
    }

    fn file(&mut self) -> Option<LogFile<'_>> {
        let raw = plain_slot!(self, xFile or ptr::null_mut());
        // SAFETY: the log keeps its file open until it is closed, and it is borrowed for as long.
        unsafe { LogFile::from_raw(raw) }
    }

    fn write_lock(&mut self, lock: bool) -> Result<()> {
        slot!(self, xWriteLock or Ok(()), c_int::from(lock))
    }

    fn set_db(&mut self, db: Option<Db<'_>>) {
        let raw = db.as_ref().map_or(ptr::null_mut(), Db::as_ptr);
        plain_slot!(self, xDb or (), raw);
    }
}

/// Length of a buffer as C takes it.
fn length(buffer: &[u8]) -> Result<c_int> {
    c_int::try_from(buffer.len()).map_err(|_| Error::MISUSE)
}

/// A checkpoint that had to stop early is told by SQLITE_BUSY together with both numbers.
fn outcome(result: Result<()>, log_frames: c_int, backfilled: c_int) -> Result<CheckpointOutcome> {
    let numbers = u32::try_from(log_frames).ok().zip(u32::try_from(backfilled).ok());
    let busy = match (result, numbers) {
        (Ok(()), _) => false,
        (Err(error), Some(_)) if error == Error::BUSY => true,
        (Err(error), _) => return Err(error),
    };
    let (log_frames, backfilled_frames) = numbers.unwrap_or((0, 0));
    Ok(CheckpointOutcome { log_frames, backfilled_frames, busy })
}

/// A Rust callback on its way through C and back. A panic or an error in it stops there and goes on after the call.
struct Callback<'a, T: ?Sized> {
    target: &'a mut T,
    error: Option<Error>,
    panic: Option<Box<dyn Any + Send>>,
}

impl<'a, T: ?Sized> Callback<'a, T> {
    fn new(target: &'a mut T) -> Self {
        Callback { target, error: None, panic: None }
    }

    fn as_ptr(&mut self) -> *mut c_void {
        ptr::from_mut(self).cast()
    }

    /// Run `f`; `None` if it failed now, or the callback did before.
    fn call<R>(&mut self, f: impl FnOnce(&mut T) -> Result<R>) -> Option<R> {
        if self.error.is_some() || self.panic.is_some() {
            return None;
        }
        match catch_unwind(AssertUnwindSafe(|| f(self.target))) {
            Ok(Ok(value)) => return Some(value),
            Ok(Err(error)) => self.error = Some(error),
            Err(payload) => self.panic = Some(payload),
        }
        None
    }

    /// What the callback left behind goes before what C returned.
    fn finish(self, result: Result<()>) -> Result<()> {
        if let Some(payload) = self.panic {
            resume_unwind(payload);
        }
        self.error.map_or(result, Err)
    }
}

type OnCheckpoint = unsafe extern "C" fn(*mut c_void, c_int, *const c_uchar, c_int, c_int, c_int) -> c_int;

unsafe extern "C" fn on_undo(context: *mut c_void, page: c_uint) -> c_int {
    // SAFETY: the context is the Callback that undo() has on its stack.
    let callback = unsafe { &mut *context.cast::<Callback<'_, dyn FnMut(PageNo)>>() };
    let done = callback.call(|undone| {
        if let Some(page) = PageNo::new(page) {
            undone(page);
        }
        Ok(())
    });
    done.map_or(ffi::SQLITE_IOERR, |()| ffi::SQLITE_OK)
}

unsafe extern "C" fn on_busy(context: *mut c_void) -> c_int {
    // SAFETY: the context is the Callback that checkpoint() has on its stack.
    let callback = unsafe { &mut *context.cast::<Callback<'_, BusyHandler<'_>>>() };
    c_int::from(callback.call(|busy| Ok(busy())).unwrap_or(false))
}

unsafe extern "C" fn on_checkpoint(
    context: *mut c_void,
    max_safe_frame: c_int,
    data: *const c_uchar,
    size: c_int,
    page: c_int,
    frame: c_int,
) -> c_int {
    // SAFETY: the context is the Callback that checkpoint() has on its stack.
    let callback = unsafe { &mut *context.cast::<Callback<'_, dyn CheckpointObserver + '_>>() };
    let done = callback.call(|observer| {
        let max_safe_frame = u32::try_from(max_safe_frame).unwrap_or(0);
        // SAFETY: C passes NULL, or a page of that size.
        match unsafe { checkpointed(max_safe_frame, data, size, page, frame) } {
            Some(page) => observer.page(page),
            None => observer.finished(max_safe_frame),
        }
    });
    let code = callback.error.as_ref().map_or(ffi::SQLITE_ABORT, Error::extended_code);
    done.map_or(code, |()| ffi::SQLITE_OK)
}

/// The page of a checkpoint callback, or `None` for the last call.
///
/// # Safety
/// `data` is NULL or points to `size` bytes, which stay as they are during `'a`.
pub(super) unsafe fn checkpointed<'a>(
    max_safe_frame: u32,
    data: *const c_uchar,
    size: c_int,
    page: c_int,
    frame: c_int,
) -> Option<CheckpointedPage<'a>> {
    if data.is_null() {
        return None;
    }
    let page = PageNo::new(u32::try_from(page).ok()?)?;
    let frame = FrameNo::new(u32::try_from(frame).ok()?)?;
    // SAFETY: see above.
    let data = unsafe { std::slice::from_raw_parts(data, usize::try_from(size).ok()?) };
    Some(CheckpointedPage { page, frame, data, max_safe_frame })
}
