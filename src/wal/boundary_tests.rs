//! The boundary between C and Rust, crossed by a pager that is a fake: no C is called, so that Miri can follow.

use std::cell::RefCell;
use std::ffi::{CStr, CString};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use libc::{c_int, c_uchar, c_uint, c_void};

use crate::ffi::{self, SQLITE_BUSY, SQLITE_FULL, SQLITE_IOERR, SQLITE_MISUSE, SQLITE_OK};
use crate::wal::scope::{LogId, Scope};
use crate::wal::stock::StockWal;
use crate::wal::*;
use crate::{Error, Result, log};

// The pager.

/// Call a method of the pager's log.
macro_rules! call {
    ($pager:expr, $slot:ident $(, $arg:expr)*) => {{
        // SAFETY: as SQLite's pager calls it.
        unsafe { $pager.wal.methods.$slot.unwrap()($pager.wal.pData $(, $arg)*) }
    }};
}

/// A file in memory, as a VFS has it.
#[repr(C)]
struct FakeFile {
    base: ffi::sqlite3_file,
    data: Vec<u8>,
}

unsafe extern "C" fn file_write(
    file: *mut ffi::sqlite3_file,
    data: *const c_void,
    size: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: the file is a FakeFile, and the data is as long as is said.
    let (file, data) = unsafe {
        (&mut *file.cast::<FakeFile>(), std::slice::from_raw_parts(data.cast::<u8>(), usize::try_from(size).unwrap()))
    };
    let start = usize::try_from(offset).unwrap();
    let end = start + data.len();
    file.data.resize(file.data.len().max(end), 0);
    file.data[start..end].copy_from_slice(data);
    SQLITE_OK
}

/// Methods of a file that can only be written.
fn file_methods() -> ffi::sqlite3_io_methods {
    // SAFETY: NULL is what a missing method is.
    let mut methods: ffi::sqlite3_io_methods = unsafe { std::mem::zeroed() };
    methods.iVersion = 1;
    methods.xWrite = Some(file_write);
    methods
}

/// What a pager has when it opens a log.
struct Pager {
    vfs: Box<ffi::sqlite3_vfs>,
    methods: *mut ffi::sqlite3_io_methods,
    file: *mut FakeFile,
    name: CString,
    manager: ffi::libsql_wal_manager,
    wal: ffi::libsql_wal,
}

impl Pager {
    fn new(manager: ffi::libsql_wal_manager) -> Self {
        let methods = Box::into_raw(Box::new(file_methods()));
        let base = ffi::sqlite3_file { pMethods: methods };
        // SAFETY: NULL is what a missing method is.
        let (vfs, wal) = unsafe { (std::mem::zeroed::<ffi::sqlite3_vfs>(), std::mem::zeroed()) };
        let vfs = Box::new(ffi::sqlite3_vfs { zName: c"fake".as_ptr(), ..vfs });
        let file = Box::into_raw(Box::new(FakeFile { base, data: Vec::new() }));
        Pager { vfs, methods, file, name: CString::from(c"/fake.db"), manager, wal }
    }

    fn open(&mut self) -> c_int {
        let open = self.manager.xOpen.unwrap();
        // SAFETY: as SQLite's pager calls it.
        unsafe {
            let (vfs, file) = (&raw mut *self.vfs, self.file.cast());
            open(self.manager.pData, vfs, file, 0, -1, self.name.as_ptr(), &mut self.wal)
        }
    }

    fn opened(manager: ffi::libsql_wal_manager) -> Self {
        let mut pager = Pager::new(manager);
        assert_eq!(pager.open(), SQLITE_OK);
        pager
    }

    fn close(&mut self, page: Option<&mut [u8]>) -> c_int {
        let close = self.manager.xClose.unwrap();
        let (size, page) = page.map_or((0, ptr::null_mut()), |page| (page.len(), page.as_mut_ptr()));
        let size = c_int::try_from(size).unwrap();
        // SAFETY: as SQLite's pager calls it.
        unsafe { close(self.manager.pData, self.wal.pData, ptr::null_mut(), 0, size, page) }
    }

    fn append(&self, page_size: usize, pages: &[(u32, u8)], commit: u32) -> c_int {
        let mut pages: Vec<_> = pages.iter().map(|(number, byte)| (*number, vec![*byte; page_size])).collect();
        let mut list: Vec<_> = pages.iter_mut().map(|(number, data)| header(*number, data)).collect();
        let base = list.as_mut_ptr();
        for next in 1..list.len() {
            // SAFETY: both are in the list.
            unsafe { (*base.add(next - 1)).pDirty = base.add(next) };
        }
        let size = c_int::try_from(page_size).unwrap();
        let mut added = 0;
        // SAFETY: as SQLite's pager calls it.
        call!(self, xFrames, size, base, commit, c_int::from(commit != 0), 0, &mut added)
    }

    fn checkpoint(&self, busy: Option<Busy>, observer: Option<Observe>, seen: &RefCell<Vec<String>>) -> [c_int; 3] {
        let context = (&raw const *seen).cast_mut().cast();
        let (mut log_frames, mut backfilled, mut page) = (-1, -1, [0; 512]);
        let (mode, page) = (ffi::SQLITE_CHECKPOINT_FULL, page.as_mut_ptr());
        let code = call!(
            self,
            xCheckpoint,
            ptr::null_mut(),
            mode,
            busy,
            (&raw const *self).cast_mut().cast(),
            0,
            512,
            page,
            &mut log_frames,
            &mut backfilled,
            observer,
            context
        );
        [code, log_frames, backfilled]
    }
}

impl Drop for Pager {
    fn drop(&mut self) {
        // SAFETY: made in new(), and as SQLite destroys a manager.
        unsafe {
            drop(Box::from_raw(self.file));
            drop(Box::from_raw(self.methods));
            self.manager.xDestroy.unwrap()(self.manager.pData);
        }
    }
}

type Busy = unsafe extern "C" fn(*mut c_void) -> c_int;
type Observe = unsafe extern "C" fn(*mut c_void, c_int, *const c_uchar, c_int, c_int, c_int) -> c_int;

fn header(number: u32, data: &mut [u8]) -> ffi::libsql_pghdr {
    // SAFETY: NULL is what a missing pointer is.
    let header: ffi::libsql_pghdr = unsafe { std::mem::zeroed() };
    ffi::libsql_pghdr { pData: data.as_mut_ptr().cast(), pgno: number, ..header }
}

// The backend.

/// Keeps frames in a list, and panics or fails where it is told to.
struct Tape {
    frames: Vec<(PageNo, Vec<u8>)>,
    alive: Arc<AtomicUsize>,
    fault: &'static str,
}

struct TapeManager {
    alive: Arc<AtomicUsize>,
    fault: &'static str,
}

impl TapeManager {
    /// A manager that counts itself and its logs.
    fn raw(alive: &Arc<AtomicUsize>, fault: &'static str) -> ffi::libsql_wal_manager {
        alive.fetch_add(1, Ordering::SeqCst);
        make_manager(TapeManager { alive: Arc::clone(alive), fault })
    }
}

impl Drop for TapeManager {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

impl WalManager for TapeManager {
    type Wal = Tape;

    fn open(&self, request: OpenRequest<'_>) -> Result<Tape> {
        assert_eq!(request.name().path(), c"/fake.db");
        assert_eq!(request.vfs().name(), c"fake");
        assert_eq!(request.size_limit(), None);
        assert!(self.fault != "open", "told to");
        self.alive.fetch_add(1, Ordering::SeqCst);
        Ok(Tape { frames: Vec::new(), alive: Arc::clone(&self.alive), fault: self.fault })
    }

    fn close(&self, mut wal: Tape, request: CloseRequest<'_>) -> Result<()> {
        assert!(self.fault != "close", "told to");
        request.into_checkpoint().map_or(Ok(()), |checkpoint| wal.checkpoint(checkpoint).map(drop))
    }

    fn log_exists(&self, _: &Vfs<'_>, name: DbName<'_>) -> Result<bool> {
        Ok(name.path() == c"/fake.db")
    }

    fn destroy_log(&self, _: &Vfs<'_>, _: DbName<'_>) -> Result<()> {
        Err(Error::BUSY.with_message("the tape is stuck"))
    }
}

impl Drop for Tape {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::SeqCst);
        assert!(self.fault != "drop" && self.fault != "db_size", "told to");
    }
}

impl Tape {
    fn burn(&self, method: &str) {
        assert!(self.fault != method, "told to");
    }
}

impl Wal for Tape {
    fn begin_read(&mut self) -> Result<bool> {
        self.burn("begin_read");
        Ok(true)
    }

    fn end_read(&mut self) {
        self.burn("end_read");
    }

    fn find_frame(&mut self, page: PageNo) -> Result<Option<FrameNo>> {
        let found = self.frames.iter().rposition(|frame| frame.0 == page);
        Ok(found.and_then(|index| FrameNo::new(u32::try_from(index).ok()? + 1)))
    }

    fn read_frame(&mut self, frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        let (_, data) = self.frames.get(frame.index()).ok_or(Error::IOERR)?;
        buffer.copy_from_slice(&data[..buffer.len()]);
        Ok(())
    }

    fn db_size(&self) -> u32 {
        self.burn("db_size");
        3
    }

    fn begin_write(&mut self) -> Result<()> {
        Err(Error::BUSY_SNAPSHOT)
    }

    fn end_write(&mut self) {}

    fn undo(&mut self, undone: &mut dyn FnMut(PageNo)) -> Result<()> {
        self.frames.drain(..).for_each(|(page, _)| undone(page));
        if self.fault == "undo" { Err(Error::CORRUPT.with_message("the tape is torn")) } else { Ok(()) }
    }

    fn savepoint(&mut self) -> SavepointPosition {
        SavepointPosition([u32::try_from(self.frames.len()).unwrap(), 2, 3, 4])
    }

    fn savepoint_undo(&mut self, position: &mut SavepointPosition) -> Result<()> {
        self.frames.truncate(position.0[0] as usize);
        position.0[3] = 9;
        Ok(())
    }

    fn append(&mut self, frames: Frames<'_>) -> Result<u32> {
        let before = self.frames.len();
        self.frames.extend(frames.pages().map(|page| (page.page, page.data.to_vec())));
        self.burn("append");
        if self.fault == "full" {
            return Err(Error::FULL.with_message("the tape is full"));
        }
        Ok(u32::try_from(self.frames.len() - before).unwrap())
    }

    fn checkpoint(&mut self, mut request: CheckpointRequest<'_>) -> Result<CheckpointOutcome> {
        let count = u32::try_from(self.frames.len()).unwrap();
        if let Some(busy) = &mut request.busy
            && !busy()
        {
            return Ok(CheckpointOutcome { log_frames: count, backfilled_frames: 1, busy: true });
        }
        for (index, (page, data)) in self.frames.iter().enumerate() {
            request.file.write_at(data, page.index() as u64 * data.len() as u64)?;
            if let Some(observer) = &mut request.observer {
                let frame = FrameNo::new(u32::try_from(index).unwrap() + 1).unwrap();
                observer.page(CheckpointedPage { page: *page, frame, data, max_safe_frame: count })?;
            }
        }
        request.observer.map_or(Ok(()), |observer| observer.finished(count))?;
        Ok(CheckpointOutcome { log_frames: count, backfilled_frames: count, busy: false })
    }

    fn take_committed(&mut self) -> u32 {
        u32::MAX
    }

    fn supports_snapshots(&self) -> bool {
        self.fault == "snapshots"
    }

    fn snapshot_get(&mut self) -> Result<Snapshot> {
        Ok(Snapshot([u8::try_from(self.frames.len()).unwrap(); 48]))
    }

    fn snapshot_open(&mut self, snapshot: Option<Snapshot>) {
        self.frames.truncate(snapshot.map_or(0, |snapshot| snapshot.0[47].into()));
    }

    fn snapshot_check(&mut self, snapshot: Snapshot) -> Result<()> {
        if usize::from(snapshot.0[0]) == self.frames.len() { Ok(()) } else { Err(Error::BUSY) }
    }
}

/// A Tape behind the C interface, used through the same StockWal that the stock log is used through.
struct ThroughC(ffi::libsql_wal_manager);

// SAFETY: a TapeManager may be shared between threads.
unsafe impl Send for ThroughC {}
// SAFETY: as above.
unsafe impl Sync for ThroughC {}

impl Drop for ThroughC {
    fn drop(&mut self) {
        // SAFETY: as SQLite destroys a manager.
        unsafe { self.0.xDestroy.unwrap()(self.0.pData) };
    }
}

impl WalManager for ThroughC {
    type Wal = StockWal;

    fn open(&self, request: OpenRequest<'_>) -> Result<StockWal> {
        StockWal::open(&self.0, request)
    }

    fn close(&self, wal: StockWal, request: CloseRequest<'_>) -> Result<()> {
        wal.close(request)
    }

    fn log_exists(&self, _: &Vfs<'_>, _: DbName<'_>) -> Result<bool> {
        Ok(true)
    }

    fn destroy_log(&self, _: &Vfs<'_>, _: DbName<'_>) -> Result<()> {
        Ok(())
    }
}

/// The same backend on both ways: C calls Rust, and C calls Rust, which calls C, which calls Rust.
fn both_ways(fault: &'static str, check: impl Fn(Pager, &dyn Fn() -> usize)) {
    let alive = Arc::new(AtomicUsize::new(0));
    let count = || alive.load(Ordering::SeqCst);
    check(Pager::opened(TapeManager::raw(&alive, fault)), &count);
    assert_eq!(count(), 0);
    check(Pager::opened(make_manager(ThroughC(TapeManager::raw(&alive, fault)))), &count);
    assert_eq!(count(), 0);
}

#[test]
fn what_the_pager_asks_reaches_the_backend() {
    both_ways("", |mut pager, alive| {
        let (mut changed, mut frame, mut page) = (0, 7, [0; 512]);
        assert_eq!(call!(pager, xBeginReadTransaction, &mut changed), SQLITE_OK);
        assert_eq!(changed, 1);
        assert_eq!(pager.append(512, &[(2, b'b'), (3, b'c')], 0), SQLITE_OK);
        assert_eq!(pager.append(512, &[(1, b'a')], 3), SQLITE_OK);
        assert_eq!(call!(pager, xFindFrame, 3, &mut frame), SQLITE_OK);
        assert_eq!(frame, 2);
        assert_eq!(call!(pager, xReadFrame, 2, 512, page.as_mut_ptr()), SQLITE_OK);
        assert_eq!(page, [b'c'; 512]);
        assert_eq!(call!(pager, xFindFrame, 9, &mut frame), SQLITE_OK);
        assert_eq!(frame, 0);
        assert_eq!(call!(pager, xDbsize), 3);
        assert_eq!(call!(pager, xBeginWriteTransaction), ffi::SQLITE_BUSY_SNAPSHOT);
        assert_eq!(call!(pager, xCallback), c_int::MAX, "a number that C cannot hold is cut");
        assert_eq!(call!(pager, xHeapMemory), 0);
        assert_eq!(call!(pager, xExclusiveMode, -1), 0);
        assert!(call!(pager, xFile).is_null());
        assert!(pager.wal.methods.xSnapshotOpen.is_none());
        call!(pager, xEndReadTransaction);
        assert_eq!(alive(), 2);
        assert_eq!(pager.close(Some(&mut page)), SQLITE_OK);
        // SAFETY: the pager's own file.
        assert_eq!(unsafe { &(*pager.file).data }, &[[b'a'; 512], [b'b'; 512], [b'c'; 512]].concat());
    });
}

#[test]
fn pages_are_as_long_as_the_page_size_says() {
    both_ways("", |mut pager, _| {
        for size in [512, 65536] {
            let mut page = vec![0; size];
            assert_eq!(pager.append(size, &[(1, b'x')], 1), SQLITE_OK);
            let mut frame = 0;
            assert_eq!(call!(pager, xFindFrame, 1, &mut frame), SQLITE_OK);
            let length = c_int::try_from(size).unwrap();
            assert_eq!(call!(pager, xReadFrame, frame, length, page.as_mut_ptr()), SQLITE_OK);
            assert!(page.iter().all(|byte| *byte == b'x'));
        }
        assert_eq!(pager.close(None), SQLITE_OK);
    });
}

#[test]
fn savepoints_are_four_words_that_the_log_may_rewrite() {
    both_ways("", |mut pager, _| {
        let mut words: [c_uint; 4] = [0; 4];
        assert_eq!(pager.append(512, &[(1, 1)], 0), SQLITE_OK);
        call!(pager, xSavepoint, words.as_mut_ptr());
        assert_eq!(words, [1, 2, 3, 4]);
        assert_eq!(pager.append(512, &[(2, 1)], 0), SQLITE_OK);
        call!(pager, xSavepointForget, words.as_mut_ptr());
        assert_eq!(call!(pager, xSavepointUndo, words.as_mut_ptr()), SQLITE_OK);
        assert_eq!(words, [1, 2, 3, 9]);
        assert_eq!(pager.close(None), SQLITE_OK);
    });
}

/// The pager looks a page up while it is told what to forget.
unsafe extern "C" fn look_up(context: *mut c_void, page: c_uint) -> c_int {
    // SAFETY: the pager of the test.
    let pager = unsafe { &*context.cast::<Pager>() };
    let mut frame = 9;
    assert_eq!(call!(pager, xFindFrame, page, &mut frame), SQLITE_OK);
    assert_eq!(frame, 0, "it is undone already");
    if page == 2 { SQLITE_FULL } else { SQLITE_OK }
}

#[test]
fn the_pager_may_look_pages_up_while_it_undoes() {
    both_ways("", |mut pager, _| {
        let context = (&raw const pager).cast_mut().cast();
        assert_eq!(pager.append(512, &[(1, 1), (5, 5)], 0), SQLITE_OK);
        assert_eq!(call!(pager, xUndo, Some(look_up), context), SQLITE_OK);
        assert_eq!(pager.append(512, &[(2, 1), (5, 5)], 0), SQLITE_OK);
        assert_eq!(call!(pager, xUndo, Some(look_up), context), SQLITE_FULL, "what the pager says");
        assert_eq!(pager.close(None), SQLITE_OK);
    });
}

#[test]
fn a_failed_undo_makes_the_pager_drop_its_cache() {
    both_ways("undo", |mut pager, _| {
        log::take();
        assert_eq!(call!(pager, xUndo, None, ptr::null_mut()), SQLITE_IOERR);
        assert_eq!(log::take()[0], (SQLITE_IOERR, "the tape is torn".to_owned()));
        assert_eq!(pager.close(None), SQLITE_OK);
    });
}

unsafe extern "C" fn give_up(context: *mut c_void) -> c_int {
    // SAFETY: the pager of the test.
    let pager = unsafe { &*context.cast::<Pager>() };
    let mut frame = 0;
    assert_eq!(call!(pager, xFindFrame, 1, &mut frame), SQLITE_MISUSE, "the log is busy with the checkpoint");
    0
}

unsafe extern "C" fn observe(
    context: *mut c_void,
    max: c_int,
    data: *const c_uchar,
    size: c_int,
    page: c_int,
    frame: c_int,
) -> c_int {
    // SAFETY: the list of the test, and NULL or a page.
    let (seen, first) =
        unsafe { (&*context.cast::<RefCell<Vec<String>>>(), if data.is_null() { 0 } else { data.read() }) };
    seen.borrow_mut().push(format!("{max} {first} {size} {page} {frame}"));
    if page == 13 { SQLITE_FULL } else { SQLITE_OK }
}

#[test]
fn a_checkpoint_reports_pages_and_numbers() {
    both_ways("", |mut pager, _| {
        let seen = RefCell::default();
        assert_eq!(pager.append(512, &[(1, 11), (2, 22)], 2), SQLITE_OK);
        assert_eq!(pager.checkpoint(None, Some(observe), &seen), [SQLITE_OK, 2, 2]);
        assert_eq!(*seen.borrow(), ["2 11 512 1 1", "2 22 512 2 2", "2 0 0 0 0"]);
        assert_eq!(pager.append(512, &[(13, 1)], 13), SQLITE_OK);
        assert_eq!(pager.checkpoint(None, Some(observe), &seen), [SQLITE_FULL, -1, -1], "the observer stops it");
        assert_eq!(pager.close(None), SQLITE_OK);
    });
}

#[test]
fn a_checkpoint_that_is_in_the_way_of_others_says_how_far_it_came() {
    both_ways("", |mut pager, _| {
        log::take();
        assert_eq!(pager.append(512, &[(1, 11)], 1), SQLITE_OK);
        assert_eq!(pager.checkpoint(Some(give_up), None, &RefCell::default()), [SQLITE_BUSY, 1, 1]);
        assert!(log::take()[0].1.contains("find_frame() was called from inside another call"));
        assert_eq!(pager.close(None), SQLITE_OK);
    });
}

#[test]
fn a_checkpoint_mode_that_is_unknown_is_refused() {
    both_ways("", |mut pager, _| {
        let none = ptr::null_mut();
        let (code, no_ints) = (-1, ptr::null_mut());
        let result = call!(
            pager,
            xCheckpoint,
            none,
            code,
            None,
            ptr::null_mut(),
            0,
            0,
            ptr::null_mut(),
            no_ints,
            no_ints,
            None,
            ptr::null_mut()
        );
        assert_eq!(result, SQLITE_MISUSE);
        assert_eq!(pager.close(None), SQLITE_OK);
    });
}

#[test]
fn null_and_nonsense_are_misuse() {
    both_ways("", |mut pager, _| {
        assert_eq!(call!(pager, xFindFrame, 0, ptr::null_mut()), SQLITE_MISUSE);
        assert_eq!(call!(pager, xFindFrame, 1, ptr::null_mut()), SQLITE_OK, "an output that nobody wants");
        assert_eq!(call!(pager, xReadFrame, 1, 512, ptr::null_mut()), SQLITE_MISUSE);
        assert_eq!(call!(pager, xReadFrame, 1, -1, [0; 4].as_mut_ptr()), SQLITE_MISUSE);
        assert_eq!(call!(pager, xReadFrame, 0, 4, [0; 4].as_mut_ptr()), SQLITE_MISUSE);
        assert_eq!(call!(pager, xSavepointUndo, ptr::null_mut()), SQLITE_MISUSE);
        call!(pager, xSavepoint, ptr::null_mut());
        call!(pager, xSavepointForget, ptr::null_mut());
        assert_eq!(call!(pager, xFrames, 512, ptr::null_mut(), 0, 0, 0, ptr::null_mut()), SQLITE_MISUSE);
        let mut data = [0; 512];
        let mut page = header(1, &mut data);
        assert_eq!(call!(pager, xFrames, 512, &mut page, 0, 1, 0, ptr::null_mut()), SQLITE_MISUSE);
        assert_eq!(call!(pager, xFrames, -1, &mut page, 1, 1, 0, ptr::null_mut()), SQLITE_MISUSE);
        // SAFETY: no log at all.
        unsafe {
            let methods = pager.wal.methods;
            assert_eq!(methods.xBeginReadTransaction.unwrap()(ptr::null_mut(), ptr::null_mut()), SQLITE_MISUSE);
            assert_eq!(methods.xDbsize.unwrap()(ptr::null_mut()), 0);
            methods.xEndReadTransaction.unwrap()(ptr::null_mut());
        }
        assert_eq!(pager.close(None), SQLITE_OK);
    });
}

#[test]
fn a_manager_that_is_called_without_what_it_needs_says_so() {
    let alive = Arc::new(AtomicUsize::new(0));
    let mut pager = Pager::new(TapeManager::raw(&alive, ""));
    let manager = pager.manager;
    let (vfs, file, name) = (&raw mut *pager.vfs, pager.file.cast::<ffi::sqlite3_file>(), c"/fake.db".as_ptr());
    let (no_vfs, no_file, no_name) = (ptr::null_mut(), ptr::null_mut(), ptr::null());
    let out = &raw mut pager.wal;
    // SAFETY: as SQLite calls a manager, but for the NULLs, which are checked.
    unsafe {
        let open = manager.xOpen.unwrap();
        assert_eq!(open(manager.pData, no_vfs, file, 0, 0, name, out), SQLITE_MISUSE);
        assert_eq!(open(manager.pData, vfs, no_file, 0, 0, name, out), SQLITE_MISUSE);
        assert_eq!(open(manager.pData, vfs, file, 0, 0, no_name, out), SQLITE_MISUSE);
        assert_eq!(open(manager.pData, vfs, file, 0, 0, name, ptr::null_mut()), SQLITE_MISUSE);
        assert_eq!(open(ptr::null_mut(), vfs, file, 0, 0, name, out), SQLITE_MISUSE);
        assert!((*out).pData.is_null() && (*out).methods.xFrames.is_none(), "nothing was written");
        let close = manager.xClose.unwrap();
        assert_eq!(close(manager.pData, ptr::null_mut(), ptr::null_mut(), 0, 0, ptr::null_mut()), SQLITE_MISUSE);
        let mut exists = 0;
        assert_eq!(manager.xLogExists.unwrap()(manager.pData, vfs, name, &mut exists), SQLITE_OK);
        assert_eq!(exists, 1);
        assert_eq!(manager.xLogExists.unwrap()(manager.pData, vfs, no_name, &mut exists), SQLITE_MISUSE);
        log::take();
        assert_eq!(manager.xLogDestroy.unwrap()(manager.pData, vfs, name), SQLITE_BUSY);
        assert_eq!(log::take(), [(SQLITE_BUSY, "the tape is stuck".to_owned())]);
        manager.xDestroy.unwrap()(ptr::null_mut());
    }
    drop(pager);
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

#[test]
fn a_panic_ends_the_log_but_not_the_process() {
    for fault in ["begin_read", "append", "end_read"] {
        both_ways(fault, |mut pager, alive| {
            log::take();
            let code = match fault {
                "append" => pager.append(512, &[(1, 1)], 1),
                "begin_read" => call!(pager, xBeginReadTransaction, ptr::null_mut()),
                _ => {
                    call!(pager, xEndReadTransaction);
                    SQLITE_IOERR
                }
            };
            assert_eq!(code, SQLITE_IOERR);
            assert_eq!(log::take()[0], (SQLITE_IOERR, format!("the wal's {fault}() panicked: told to")));
            let mut frame = 5;
            assert_eq!(call!(pager, xFindFrame, 1, &mut frame), SQLITE_IOERR, "it is of no use any more");
            assert_eq!(frame, 5);
            call!(pager, xEndReadTransaction);
            assert!(alive() >= 1, "the manager is still there");
            assert_eq!(pager.close(None), SQLITE_IOERR);
        });
    }
}

#[test]
fn a_panic_in_a_destructor_after_a_panic_does_no_harm() {
    both_ways("db_size", |mut pager, _| {
        log::take();
        assert_eq!(call!(pager, xDbsize), 0);
        assert!(log::take().iter().any(|line| line.1 == "the destructor of the wal panicked: told to"));
        assert_eq!(pager.close(None), SQLITE_IOERR);
    });
}

#[test]
fn a_panic_while_opening_or_closing_is_an_error() {
    let alive = Arc::new(AtomicUsize::new(0));
    let mut pager = Pager::new(TapeManager::raw(&alive, "open"));
    assert_eq!(pager.open(), SQLITE_IOERR);
    assert!(pager.wal.pData.is_null());
    drop(pager);
    assert_eq!(alive.load(Ordering::SeqCst), 0);
    both_ways("close", |mut pager, _| assert_eq!(pager.close(None), SQLITE_IOERR));
    both_ways("drop", |mut pager, _| assert_eq!(pager.close(None), SQLITE_IOERR));
}

#[test]
fn an_error_with_a_sentence_is_logged_once() {
    both_ways("full", |mut pager, _| {
        log::take();
        assert_eq!(pager.append(512, &[(1, 1)], 1), SQLITE_FULL);
        assert_eq!(log::take(), [(SQLITE_FULL, "the tape is full".to_owned())]);
        assert_eq!(pager.close(None), SQLITE_OK);
    });
}

/// The snapshot itself is in SQLite's memory.
#[cfg(not(miri))]
#[test]
fn snapshots_pass_through_as_they_are() {
    both_ways("snapshots", |mut pager, _| {
        let mut snapshot = ptr::null_mut();
        assert_eq!(pager.append(512, &[(1, 1), (2, 2)], 0), SQLITE_OK);
        assert_eq!(call!(pager, xSnapshotGet, &mut snapshot), SQLITE_OK);
        assert_eq!(pager.append(512, &[(3, 3)], 3), SQLITE_OK);
        let check = |snapshot| {
            // SAFETY: as SQLite's pager calls it.
            unsafe { pager.wal.methods.xSnapshotCheck.unwrap()(pager.wal.pData.cast(), snapshot) }
        };
        // SAFETY: on success there is a snapshot.
        assert_eq!(unsafe { (*snapshot).hidden }, [2; 48]);
        assert_eq!(check(snapshot), SQLITE_BUSY);
        assert_eq!(check(ptr::null_mut()), SQLITE_MISUSE);
        call!(pager, xSnapshotOpen, snapshot);
        assert_eq!(check(snapshot), SQLITE_OK);
        call!(pager, xSnapshotUnlock);
        // SAFETY: it belongs to the caller of xSnapshotGet.
        unsafe { ffi::sqlite3_free(snapshot.cast()) };
        assert_eq!(call!(pager, xSnapshotRecover), ffi::SQLITE_ERROR, "not supported");
        call!(pager, xSnapshotOpen, ptr::null_mut());
        // Before SQLite takes a snapshot, it hands over less than one.
        let mut none = Box::new(0u64);
        assert_eq!(pager.append(512, &[(1, 1)], 1), SQLITE_OK);
        call!(pager, xSnapshotOpen, ptr::from_mut(&mut *none).cast());
        assert_eq!(check(ptr::from_mut(&mut *none).cast()), SQLITE_OK, "it has come as zeros");
        assert_eq!(pager.close(None), SQLITE_OK);
    });
}

/// Opens a log through C, and hands it out.
fn open_through_c(pager: &mut Pager, manager: &ffi::libsql_wal_manager, id: LogId) -> Result<StockWal> {
    // SAFETY: the pager's own things, which live longer than the log here.
    let (vfs, file, name) = unsafe {
        let vfs = Vfs::from_raw(&raw mut *pager.vfs)?;
        (vfs, DbFile::from_raw(pager.file.cast())?, DbName::from_raw(pager.name.as_ptr())?)
    };
    StockWal::open(manager, OpenRequest { vfs, file, name, exclusive: false, size_limit: -1, id })
}

#[test]
fn a_stock_log_answers_only_inside_the_calls_of_its_pager() {
    let alive = Arc::new(AtomicUsize::new(0));
    let mut pager = Pager::new(TapeManager::raw(&alive, ""));
    let manager = pager.manager;
    let id = LogId::new();
    assert_eq!(open_through_c(&mut pager, &manager, id).unwrap_err().code(), SQLITE_MISUSE, "no call is going on");

    let inside = Scope::enter(id);
    let mut wal = open_through_c(&mut pager, &manager, id).unwrap();
    assert_eq!(wal.begin_read(), Ok(true));
    assert_eq!(wal.db_size(), 3);
    {
        let _other = Scope::enter(LogId::new());
        assert_eq!(wal.begin_read().unwrap_err().code(), SQLITE_MISUSE);
        assert_eq!(wal.db_size(), 0);
    }
    let mut wal = std::thread::spawn(move || {
        assert_eq!(wal.begin_read().unwrap_err().code(), SQLITE_MISUSE);
        wal
    })
    .join()
    .unwrap();
    assert_eq!(wal.begin_read(), Ok(true));
    drop(wal);
    assert_eq!(alive.load(Ordering::SeqCst), 1, "dropped inside, it was closed");
    drop(inside);
}

/// Logs that are dropped too late are leaked on purpose, which Miri would complain about.
#[cfg(not(miri))]
#[test]
fn a_stock_log_that_is_dropped_too_late_is_leaked() {
    let alive = Arc::new(AtomicUsize::new(0));
    let mut pager = Pager::new(TapeManager::raw(&alive, ""));
    let manager = pager.manager;
    let id = LogId::new();
    let inside = Scope::enter(id);
    let wal = open_through_c(&mut pager, &manager, id).unwrap();
    drop(inside);
    log::take();
    drop(wal);
    assert_eq!(alive.load(Ordering::SeqCst), 2);
    assert!(log::take()[0].1.contains("used outside of the calls of its own pager"));
}

#[test]
fn a_panic_in_a_callback_crosses_c_and_goes_on() {
    let alive = Arc::new(AtomicUsize::new(0));
    let mut pager = Pager::new(TapeManager::raw(&alive, ""));
    let manager = pager.manager;
    let id = LogId::new();
    let _inside = Scope::enter(id);
    let mut wal = open_through_c(&mut pager, &manager, id).unwrap();
    let (mut data, mut buffer) = ([0; 512], [0; 512]);
    let mut list = header(1, &mut data);
    let life = std::marker::PhantomData;
    let frames =
        Frames { file: std::ptr::null_mut(), list: &mut list, page_size: 512, commit: 1, sync: SyncFlags(0), life };
    assert_eq!(wal.append(frames), Ok(1));
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut busy = || panic!("busy with something else");
        // SAFETY: the pager's file.
        let file = unsafe { DbFile::from_raw(pager.file.cast()) }.unwrap();
        let (db, mode, buffer) = (None, CheckpointMode::Full, &mut buffer[..]);
        let busy: Option<&mut BusyHandler<'_>> = Some(&mut busy);
        wal.checkpoint(CheckpointRequest { db, file, mode, busy, sync: SyncFlags(0), buffer, observer: None })
    }));
    assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"busy with something else"));
    let undone = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| wal.undo(&mut |_| panic!("undone"))));
    assert_eq!(undone.unwrap_err().downcast_ref(), Some(&"undone"));
    drop(wal);
}

#[test]
fn names_and_paths_come_from_c() {
    let name: &CStr = c"/fake.db";
    // SAFETY: a NUL-terminated text.
    assert_eq!(unsafe { DbName::from_raw(name.as_ptr()) }.unwrap().path(), name);
    // SAFETY: NULL is checked.
    unsafe {
        assert!(DbName::from_raw(ptr::null()).is_err());
        assert!(Vfs::from_raw(ptr::null_mut()).is_err());
        assert!(DbFile::from_raw(ptr::null_mut()).is_err());
        assert!(Db::from_raw(ptr::null_mut()).is_none());
    }
}
