//! The way from C into Rust: a [`WalManager`] as a `libsql_wal_manager`.
//!
//! Every function here that C can call checks its pointers, runs the backend under `catch_unwind`, and returns a
//! result code. The backend is in a `RefCell`, so that a call which SQLite makes from inside another call of the same
//! log (from a busy handler, say) is refused rather than undefined.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::slice;

use libc::{c_char, c_int, c_uchar, c_uint, c_void};

use crate::log;
use crate::wal::handles::{Db, DbFile, DbName, Vfs};
use crate::wal::requests::{CheckpointRequest, CloseRequest, Frames, OpenRequest};
use crate::wal::scope::{LogId, Scope};
use crate::wal::traits::{Wal, WalManager};
use crate::wal::types::{
    CheckpointMode, CheckpointObserver, CheckpointedPage, ExclusiveMode, FrameNo, PageNo, SavepointPosition, Snapshot,
    SyncFlags,
};
use crate::{Error, Result, ffi};

/// A manager for `libsql_open_v3()`, which takes it over.
///
/// [`register`](crate::register) is the simpler way. A value that is not given to C is leaked.
pub fn make_manager<M: WalManager>(manager: M) -> ffi::libsql_wal_manager {
    ffi::libsql_wal_manager {
        bUsesShm: c_int::from(manager.uses_shared_memory()),
        xOpen: Some(open::<M>),
        xClose: Some(close::<M>),
        xLogDestroy: Some(log_destroy::<M>),
        xLogExists: Some(log_exists::<M>),
        xDestroy: Some(destroy::<M>),
        pData: Box::into_raw(Box::new(OpenManager { manager, place: 0 })).cast(),
    }
}

/// What a `wal_manager_impl` of ours is.
struct OpenManager<M> {
    manager: M,
    /// Gives a manager without content an address of its own: C tells managers apart by it.
    #[allow(dead_code)]
    place: u8,
}

/// What a `wal_impl` of ours is.
struct OpenLog<W> {
    id: LogId,
    /// The pager's file, which lives longer than the log.
    file: *mut ffi::sqlite3_file,
    /// The backend; `None` once it has panicked.
    wal: RefCell<Option<W>>,
}

/// The codes that make the pager throw its cache away. After a failed rollback nothing else would be safe.
fn unsettling(error: Error) -> Error {
    let fitting = matches!(error.code(), ffi::SQLITE_IOERR | ffi::SQLITE_FULL);
    if fitting { error } else { error.with_code(ffi::SQLITE_IOERR) }
}

/// Run `f`, turning a panic into an error. `what` names the function in the log.
fn guarded<R>(what: &str, f: impl FnOnce() -> Result<R>) -> Result<R> {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|payload| {
        log::panicked(ffi::SQLITE_IOERR, &format!("the wal's {what}()"), payload);
        Err(Error::IOERR)
    })
}

/// The log behind a `wal_impl`.
///
/// # Safety
/// `log` is NULL or a log that open() made for the same `W`, and that close() does not see during `'a`.
unsafe fn log_of<'a, W>(log: *mut ffi::wal_impl) -> Option<&'a OpenLog<W>> {
    // SAFETY: see above. Only shared references are made of it, until close() takes it back.
    unsafe { log.cast::<OpenLog<W>>().as_ref() }
}

/// Run `f` on an open log, whose backend is dropped if it panics. `what` names the method in SQLite's log.
fn with_log<W: Wal, R>(
    log: Option<&OpenLog<W>>,
    what: &str,
    f: impl FnOnce(&OpenLog<W>, &mut W) -> Result<R>,
) -> Result<R> {
    let Some(log) = log else {
        return Err(Error::MISUSE.with_message(format!("{what}() was called without a log")));
    };
    let _scope = Scope::enter(log.id);
    let Ok(mut wal) = log.wal.try_borrow_mut() else {
        return Err(Error::MISUSE.with_message(format!("{what}() was called from inside another call of the same log")));
    };
    let Some(backend) = wal.as_mut() else {
        return Err(Error::IOERR); // The panic that led to this is in the log already.
    };
    match catch_unwind(AssertUnwindSafe(|| f(log, backend))) {
        Ok(result) => result,
        Err(payload) => {
            log::panicked(ffi::SQLITE_IOERR, &format!("the wal's {what}()"), payload);
            log::drop_quietly(wal.take(), "the wal");
            Err(Error::IOERR.with_message("a wal that panicked is out of use: close this connection, and open another"))
        }
    }
}

/// The code for C, after the error's sentence went to the log.
fn code_of(result: Result<()>) -> c_int {
    result.map_or_else(|error| error.report(), |()| ffi::SQLITE_OK)
}

/// The value for C, or a stand-in after the error's sentence went to the log.
fn value_of<R>(result: Result<R>, otherwise: R) -> R {
    result.unwrap_or_else(|error| {
        error.report();
        otherwise
    })
}

/// Write an output argument, which may be NULL.
///
/// # Safety
/// `out` is NULL or writable.
unsafe fn put<T>(out: *mut T, value: T) {
    if !out.is_null() {
        // SAFETY: see above.
        unsafe { out.write(value) };
    }
}

/// A buffer that C lends.
///
/// # Safety
/// `data` is NULL or points to `size` bytes, which nobody else uses during `'a`.
unsafe fn buffer<'a>(data: *mut c_uchar, size: c_int) -> Result<&'a mut [u8]> {
    match usize::try_from(size) {
        // SAFETY: see above.
        Ok(size) if !data.is_null() => Ok(unsafe { slice::from_raw_parts_mut(data, size) }),
        _ => Err(Error::MISUSE),
    }
}

// The manager.

/// The manager behind a `pData`.
///
/// # Safety
/// `data` comes from make_manager() with the same `M`, and has not been destroyed.
unsafe fn manager_of<'a, M: WalManager>(data: *mut ffi::wal_manager_impl) -> Result<&'a M> {
    // SAFETY: see above.
    unsafe { data.cast::<OpenManager<M>>().as_ref() }.map(|data| &data.manager).ok_or(Error::MISUSE)
}

unsafe extern "C" fn open<M: WalManager>(
    data: *mut ffi::wal_manager_impl,
    vfs: *mut ffi::sqlite3_vfs,
    file: *mut ffi::sqlite3_file,
    exclusive: c_int,
    size_limit: ffi::sqlite3_int64,
    name: *const c_char,
    out: *mut ffi::libsql_wal,
) -> c_int {
    code_of(guarded("open", || {
        if out.is_null() {
            return Err(Error::MISUSE);
        }
        let id = LogId::new();
        let _scope = Scope::enter(id);
        // SAFETY: the pager passes a live manager, and its own VFS, file and name.
        let (manager, request) = unsafe {
            let (vfs, name) = (Vfs::from_raw(vfs)?, DbName::from_raw(name)?);
            let file = DbFile::from_raw(file)?;
            let request = OpenRequest { vfs, file, name, exclusive: exclusive != 0, size_limit, id };
            (manager_of::<M>(data)?, request)
        };
        let wal = manager.open(request)?;
        let methods = methods(&wal);
        let log = Box::new(OpenLog { id, file, wal: RefCell::new(Some(wal)) });
        // SAFETY: out was checked, and is C's to be written.
        unsafe { out.write(ffi::libsql_wal { methods, pData: Box::into_raw(log).cast() }) };
        Ok(())
    }))
}

unsafe extern "C" fn close<M: WalManager>(
    data: *mut ffi::wal_manager_impl,
    log: *mut ffi::wal_impl,
    db: *mut ffi::sqlite3,
    sync_flags: c_int,
    size: c_int,
    page: *mut c_uchar,
) -> c_int {
    if log.is_null() {
        return Error::MISUSE.with_message("close() was called without a log").report();
    }
    // SAFETY: open() made the box, and C does not use the log any more.
    let log = unsafe { Box::from_raw(log.cast::<OpenLog<M::Wal>>()) };
    let _scope = Scope::enter(log.id);
    code_of(guarded("close", || {
        let Some(wal) = log.wal.into_inner() else { return Err(Error::IOERR) };
        // SAFETY: the pager passes a live manager, its connection and its buffer; the file is still open.
        let (manager, request) = unsafe {
            let request = CloseRequest {
                db: Db::from_raw(db),
                file: DbFile::from_raw(log.file)?,
                sync: SyncFlags(sync_flags),
                buffer: buffer(page, size).ok(),
                leaves_wal_mode: ffi::seawall_wal_leaving(db) != 0,
            };
            (manager_of::<M>(data)?, request)
        };
        manager.close(wal, request)
    }))
}

unsafe extern "C" fn log_exists<M: WalManager>(
    data: *mut ffi::wal_manager_impl,
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    out: *mut c_int,
) -> c_int {
    code_of(guarded("log_exists", || {
        // SAFETY: the pager passes a live manager, and its own VFS and name.
        let (manager, vfs, name) = unsafe { (manager_of::<M>(data)?, Vfs::from_raw(vfs)?, DbName::from_raw(name)?) };
        let exists = manager.log_exists(&vfs, name)?;
        // SAFETY: out is C's to be written.
        unsafe { put(out, c_int::from(exists)) };
        Ok(())
    }))
}

unsafe extern "C" fn log_destroy<M: WalManager>(
    data: *mut ffi::wal_manager_impl,
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
) -> c_int {
    code_of(guarded("destroy_log", || {
        // SAFETY: as in log_exists().
        let (manager, vfs, name) = unsafe { (manager_of::<M>(data)?, Vfs::from_raw(vfs)?, DbName::from_raw(name)?) };
        manager.destroy_log(&vfs, name)
    }))
}

unsafe extern "C" fn destroy<M: WalManager>(data: *mut ffi::wal_manager_impl) {
    if !data.is_null() {
        // SAFETY: make_manager() made the box, and C does not use the manager any more.
        log::drop_quietly(unsafe { Box::from_raw(data.cast::<OpenManager<M>>()) }, "a wal manager");
    }
}

// The log. In each function `log` is one of ours, see with_log(), and other pointers are as the header has them.

/// The method table of a log.
fn methods<W: Wal>(wal: &W) -> ffi::libsql_wal_methods {
    let snapshots = wal.supports_snapshots();
    ffi::libsql_wal_methods {
        iVersion: 2,
        xLimit: Some(limit::<W>),
        xBeginReadTransaction: Some(begin_read::<W>),
        xEndReadTransaction: Some(end_read::<W>),
        xFindFrame: Some(find_frame::<W>),
        xReadFrame: Some(read_frame::<W>),
        xReadFrameRaw: Some(read_frame_raw::<W>),
        xDbsize: Some(db_size::<W>),
        xBeginWriteTransaction: Some(begin_write::<W>),
        xEndWriteTransaction: Some(end_write::<W>),
        xUndo: Some(undo::<W>),
        xSavepoint: Some(savepoint::<W>),
        xSavepointUndo: Some(savepoint_undo::<W>),
        xFrameCount: Some(frame_count::<W>),
        xFrames: Some(frames::<W>),
        xCheckpoint: Some(checkpoint::<W>),
        xCallback: Some(callback::<W>),
        xExclusiveMode: Some(exclusive_mode::<W>),
        xHeapMemory: Some(heap_memory::<W>),
        xSnapshotGet: snapshots.then_some(snapshot_get::<W>),
        xSnapshotOpen: snapshots.then_some(snapshot_open::<W>),
        xSnapshotRecover: snapshots.then_some(snapshot_recover::<W>),
        xSnapshotCheck: snapshots.then_some(snapshot_check::<W>),
        xSnapshotUnlock: snapshots.then_some(snapshot_unlock::<W>),
        xFramesize: Some(frame_size::<W>),
        xFile: Some(file::<W>),
        xWriteLock: Some(write_lock::<W>),
        xDb: Some(set_db::<W>),
        xSavepointForget: Some(savepoint_forget::<W>),
    }
}

/// `with_log` for a method that returns a result code.
macro_rules! coded {
    ($log:expr, $what:expr, $f:expr) => {{
        // SAFETY: C passes a log of ours, and does not close it meanwhile.
        let log = unsafe { log_of::<W>($log) };
        code_of(with_log(log, $what, $f))
    }};
}

/// `with_log` for a method that returns something else.
macro_rules! valued {
    ($log:expr, $what:expr, $otherwise:expr, $f:expr) => {{
        // SAFETY: as in coded!.
        let log = unsafe { log_of::<W>($log) };
        value_of(with_log(log, $what, $f), $otherwise)
    }};
}

unsafe extern "C" fn limit<W: Wal>(log: *mut ffi::wal_impl, limit: ffi::sqlite3_int64) {
    valued!(log, "set_size_limit", (), |_, wal: &mut W| {
        wal.set_size_limit(u64::try_from(limit).ok());
        Ok(())
    });
}

unsafe extern "C" fn begin_read<W: Wal>(log: *mut ffi::wal_impl, changed: *mut c_int) -> c_int {
    coded!(log, "begin_read", |_, wal: &mut W| {
        let is_changed = wal.begin_read()?;
        // SAFETY: C's output argument.
        unsafe { put(changed, c_int::from(is_changed)) };
        Ok(())
    })
}

unsafe extern "C" fn end_read<W: Wal>(log: *mut ffi::wal_impl) {
    valued!(log, "end_read", (), |_, wal: &mut W| {
        wal.end_read();
        Ok(())
    });
}

unsafe extern "C" fn find_frame<W: Wal>(log: *mut ffi::wal_impl, page: c_uint, frame: *mut c_uint) -> c_int {
    coded!(log, "find_frame", |_, wal: &mut W| {
        let page = PageNo::new(page).ok_or(Error::MISUSE)?;
        let found = wal.find_frame(page)?;
        // SAFETY: C's output argument.
        unsafe { put(frame, found.map_or(0, FrameNo::get)) };
        Ok(())
    })
}

unsafe extern "C" fn read_frame<W: Wal>(
    log: *mut ffi::wal_impl,
    frame: c_uint,
    size: c_int,
    out: *mut c_uchar,
) -> c_int {
    coded!(log, "read_frame", |_, wal: &mut W| {
        let frame = FrameNo::new(frame).ok_or(Error::MISUSE)?;
        // SAFETY: C's buffer of that size.
        wal.read_frame(frame, unsafe { buffer(out, size)? })
    })
}

unsafe extern "C" fn read_frame_raw<W: Wal>(
    log: *mut ffi::wal_impl,
    frame: c_uint,
    size: c_int,
    out: *mut c_uchar,
) -> c_int {
    coded!(log, "read_frame_raw", |_, wal: &mut W| {
        let frame = FrameNo::new(frame).ok_or(Error::new(ffi::SQLITE_IOERR_SHORT_READ))?;
        // SAFETY: C's buffer of that size.
        wal.read_frame_raw(frame, unsafe { buffer(out, size)? })
    })
}

unsafe extern "C" fn db_size<W: Wal>(log: *mut ffi::wal_impl) -> c_uint {
    valued!(log, "db_size", 0, |_, wal: &mut W| Ok(wal.db_size()))
}

unsafe extern "C" fn begin_write<W: Wal>(log: *mut ffi::wal_impl) -> c_int {
    coded!(log, "begin_write", |_, wal: &mut W| wal.begin_write())
}

unsafe extern "C" fn end_write<W: Wal>(log: *mut ffi::wal_impl) -> c_int {
    valued!(log, "end_write", (), |_, wal: &mut W| {
        wal.end_write();
        Ok(())
    });
    ffi::SQLITE_OK // After a commit an error would be a lie. The next call finds out what is wrong.
}

type Undo = unsafe extern "C" fn(*mut c_void, c_uint) -> c_int;

/// The pager may look pages up while it is told which ones to forget. So first the log is done with, and then the
/// pager is told.
unsafe extern "C" fn undo<W: Wal>(log: *mut ffi::wal_impl, tell: Option<Undo>, context: *mut c_void) -> c_int {
    let mut pages = Vec::new();
    let result = coded!(log, "undo", |_, wal: &mut W| wal.undo(&mut |page| pages.push(page)).map_err(unsettling));
    let Some(tell) = tell else { return result };
    for page in pages {
        // SAFETY: the pager's callback and its context.
        let code = unsafe { tell(context, page.get()) };
        if code != ffi::SQLITE_OK {
            return code;
        }
    }
    result
}

/// Access to the four words of a savepoint.
///
/// # Safety
/// `words` is NULL or points to four words, which nobody else uses during `'a`.
unsafe fn position<'a>(words: *mut c_uint) -> Result<&'a mut SavepointPosition> {
    // SAFETY: see above; SavepointPosition is transparent.
    unsafe { words.cast::<SavepointPosition>().as_mut() }.ok_or(Error::MISUSE)
}

unsafe extern "C" fn savepoint<W: Wal>(log: *mut ffi::wal_impl, words: *mut c_uint) {
    valued!(log, "savepoint", (), |_, wal: &mut W| {
        // SAFETY: C's four words.
        *unsafe { position(words)? } = wal.savepoint();
        Ok(())
    });
}

unsafe extern "C" fn savepoint_undo<W: Wal>(log: *mut ffi::wal_impl, words: *mut c_uint) -> c_int {
    coded!(log, "savepoint_undo", |_, wal: &mut W| {
        // SAFETY: C's four words.
        wal.savepoint_undo(unsafe { position(words)? }).map_err(unsettling)
    })
}

unsafe extern "C" fn savepoint_forget<W: Wal>(log: *mut ffi::wal_impl, words: *mut c_uint) {
    valued!(log, "savepoint_forget", (), |_, wal: &mut W| {
        // SAFETY: C's four words.
        wal.savepoint_forget(*unsafe { position(words)? });
        Ok(())
    });
}

unsafe extern "C" fn frame_count<W: Wal>(log: *mut ffi::wal_impl, locked: c_int, out: *mut c_uint) -> c_int {
    coded!(log, "frame_count", |_, wal: &mut W| {
        let count = wal.frame_count(locked != 0)?;
        // SAFETY: C's output argument.
        unsafe { put(out, count) };
        Ok(())
    })
}

unsafe extern "C" fn frames<W: Wal>(
    log: *mut ffi::wal_impl,
    page_size: c_int,
    list: *mut ffi::libsql_pghdr,
    commit: c_uint,
    is_commit: c_int,
    sync_flags: c_int,
    out: *mut c_int,
) -> c_int {
    coded!(log, "append", |log, wal: &mut W| {
        let page_size = u32::try_from(page_size).map_err(|_| Error::MISUSE)?;
        if list.is_null() || (is_commit != 0) != (commit != 0) {
            return Err(Error::MISUSE.with_message("append() needs pages, and a database size exactly at a commit"));
        }
        let sync = SyncFlags(sync_flags);
        let added = wal.append(Frames { file: log.file, list, page_size, commit, sync, life: PhantomData })?;
        // SAFETY: C's output argument.
        unsafe { put(out, c_int::try_from(added).unwrap_or(c_int::MAX)) };
        Ok(())
    })
}

type OnBusy = unsafe extern "C" fn(*mut c_void) -> c_int;
type OnCheckpoint = unsafe extern "C" fn(*mut c_void, c_int, *const c_uchar, c_int, c_int, c_int) -> c_int;

unsafe extern "C" fn checkpoint<W: Wal>(
    log: *mut ffi::wal_impl,
    db: *mut ffi::sqlite3,
    mode: c_int,
    busy: Option<OnBusy>,
    busy_context: *mut c_void,
    sync_flags: c_int,
    size: c_int,
    page: *mut c_uchar,
    log_frames: *mut c_int,
    backfilled: *mut c_int,
    observer: Option<OnCheckpoint>,
    observer_context: *mut c_void,
) -> c_int {
    coded!(log, "checkpoint", |log: &OpenLog<W>, wal: &mut W| {
        let mode = CheckpointMode::from_raw(mode)?;
        // SAFETY: C's busy handler and its context.
        let mut busy = busy.map(|busy| move || unsafe { busy(busy_context) != 0 });
        let mut observer = observer.map(|call| ForeignObserver { call, context: observer_context });
        // SAFETY: the connection, the pager's file, and C's buffer of that size.
        let (db, file, buffer) =
            unsafe { (Db::from_raw(db), DbFile::from_raw(log.file)?, buffer(page, size).unwrap_or_default()) };
        let outcome = wal.checkpoint(CheckpointRequest {
            db,
            file,
            mode,
            busy: busy.as_mut().filter(|_| mode != CheckpointMode::Passive).map(|busy| busy as _),
            sync: SyncFlags(sync_flags),
            buffer,
            observer: observer.as_mut().map(|observer| observer as _),
        })?;
        // SAFETY: C's output arguments.
        unsafe {
            put(log_frames, c_int::try_from(outcome.log_frames).unwrap_or(c_int::MAX));
            put(backfilled, c_int::try_from(outcome.backfilled_frames).unwrap_or(c_int::MAX));
        }
        if outcome.busy { Err(Error::BUSY) } else { Ok(()) }
    })
}

/// An observer in C.
struct ForeignObserver {
    call: OnCheckpoint,
    context: *mut c_void,
}

impl CheckpointObserver for ForeignObserver {
    fn page(&mut self, page: CheckpointedPage<'_>) -> Result<()> {
        let int = |number: u32| c_int::try_from(number).unwrap_or(c_int::MAX);
        let size = c_int::try_from(page.data.len()).map_err(|_| Error::MISUSE)?;
        let (number, frame, max) = (int(page.page.get()), int(page.frame.get()), int(page.max_safe_frame));
        // SAFETY: C's callback and its context; the page is as long as is said.
        Error::check(unsafe { (self.call)(self.context, max, page.data.as_ptr(), size, number, frame) })
    }

    fn finished(&mut self, max_safe_frame: u32) -> Result<()> {
        let max = c_int::try_from(max_safe_frame).unwrap_or(c_int::MAX);
        // SAFETY: C's callback and its context.
        Error::check(unsafe { (self.call)(self.context, max, ptr::null(), 0, 0, 0) })
    }
}

unsafe extern "C" fn callback<W: Wal>(log: *mut ffi::wal_impl) -> c_int {
    let frames = valued!(log, "take_committed", 0, |_, wal: &mut W| Ok(wal.take_committed()));
    c_int::try_from(frames).unwrap_or(c_int::MAX)
}

unsafe extern "C" fn exclusive_mode<W: Wal>(log: *mut ffi::wal_impl, op: c_int) -> c_int {
    let done =
        valued!(log, "exclusive_mode", false, |_, wal: &mut W| { Ok(wal.exclusive_mode(ExclusiveMode::from_raw(op))) });
    c_int::from(done)
}

unsafe extern "C" fn heap_memory<W: Wal>(log: *mut ffi::wal_impl) -> c_int {
    c_int::from(valued!(log, "heap_memory", false, |_, wal: &mut W| Ok(wal.heap_memory())))
}

unsafe extern "C" fn snapshot_get<W: Wal>(log: *mut ffi::wal_impl, out: *mut *mut ffi::sqlite3_snapshot) -> c_int {
    coded!(log, "snapshot_get", |_, wal: &mut W| {
        let snapshot = wal.snapshot_get()?;
        // SAFETY: sqlite3_malloc64() returns NULL or as many bytes as are asked for; out is C's output argument.
        unsafe {
            let raw: *mut ffi::sqlite3_snapshot = ffi::sqlite3_malloc64(size_of::<Snapshot>() as u64).cast();
            if raw.is_null() {
                return Err(Error::NOMEM);
            }
            raw.write(ffi::sqlite3_snapshot { hidden: snapshot.0 });
            put(out, raw);
        }
        Ok(())
    })
}

/// # Safety
/// `raw` is NULL, a snapshot, or eight zeros before a snapshot is taken: see [`Wal::snapshot_open`].
unsafe fn snapshot_from(raw: *const ffi::sqlite3_snapshot) -> Option<Snapshot> {
    if raw.is_null() {
        return None;
    }
    // SAFETY: even of zeros there are more than these four bytes.
    if unsafe { raw.cast::<[u8; 4]>().read() } == [0; 4] {
        return Some(Snapshot::NEWEST);
    }
    // SAFETY: it is a snapshot.
    Some(Snapshot(unsafe { (*raw).hidden }))
}

unsafe extern "C" fn snapshot_open<W: Wal>(log: *mut ffi::wal_impl, snapshot: *mut ffi::sqlite3_snapshot) {
    valued!(log, "snapshot_open", (), |_, wal: &mut W| {
        // SAFETY: C's snapshot.
        wal.snapshot_open(unsafe { snapshot_from(snapshot) });
        Ok(())
    });
}

unsafe extern "C" fn snapshot_recover<W: Wal>(log: *mut ffi::wal_impl) -> c_int {
    coded!(log, "snapshot_recover", |_, wal: &mut W| wal.snapshot_recover())
}

unsafe extern "C" fn snapshot_check<W: Wal>(log: *mut c_void, snapshot: *mut ffi::sqlite3_snapshot) -> c_int {
    coded!(log.cast(), "snapshot_check", |_, wal: &mut W| {
        // SAFETY: C's snapshot.
        wal.snapshot_check(unsafe { snapshot_from(snapshot) }.ok_or(Error::MISUSE)?)
    })
}

unsafe extern "C" fn snapshot_unlock<W: Wal>(log: *mut ffi::wal_impl) {
    valued!(log, "snapshot_unlock", (), |_, wal: &mut W| {
        wal.snapshot_unlock();
        Ok(())
    });
}

unsafe extern "C" fn frame_size<W: Wal>(log: *mut ffi::wal_impl) -> c_int {
    let size = valued!(log, "frame_size", 0, |_, wal: &mut W| Ok(wal.frame_size()));
    c_int::try_from(size).unwrap_or(0)
}

unsafe extern "C" fn file<W: Wal>(log: *mut ffi::wal_impl) -> *mut ffi::sqlite3_file {
    valued!(log, "file", ptr::null_mut(), |_, wal: &mut W| {
        Ok(wal.file().map_or(ptr::null_mut(), |file| file.as_ptr()))
    })
}

unsafe extern "C" fn write_lock<W: Wal>(log: *mut ffi::wal_impl, lock: c_int) -> c_int {
    coded!(log, "write_lock", |_, wal: &mut W| wal.write_lock(lock != 0))
}

unsafe extern "C" fn set_db<W: Wal>(log: *mut ffi::wal_impl, db: *mut ffi::sqlite3) {
    valued!(log, "set_db", (), |_, wal: &mut W| {
        // SAFETY: C's connection.
        wal.set_db(unsafe { Db::from_raw(db) });
        Ok(())
    });
}
