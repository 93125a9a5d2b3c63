//! A machine whose power can be cut: files, as a timeline and as a VFS of SQLite see them.
//!
//! What was written and not synced is remembered. When the power is cut, each write and truncation that was not synced
//! has happened or not, each sector of 512 bytes for itself; and so has each creation and deletion in a folder that was not
//! synced. Locks and shared memory are gone.

#[path = "random.rs"]
mod random;

use std::collections::{HashMap, HashSet};
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::io;
use std::path::Path;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard};

pub use random::Random;
use rusqlite::ffi;
use seawall::timeline::storage::{Access, Lock, Storage, StoredFile};

const SECTOR: usize = 512;

#[derive(Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Size(usize),
}

/// One file.
#[derive(Default)]
struct Content {
    now: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Change>,
    /// Nanoseconds, in which a change is one.
    changed: u64,
    /// Connections with a SHARED lock, and the one with more.
    shared: u32,
    reserved: Option<usize>,
    exclusive: Option<usize>,
    pending_lock: Option<usize>,
    /// Shared memory: its regions, and for each lock who has it; -1 for one.
    regions: Vec<Box<[u8]>>,
    shm: [i32; 8],
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write(offset, data) => {
            let end = offset + data.len();
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            bytes[*offset..end].copy_from_slice(data);
        }
        Change::Size(size) => bytes.resize(*size, 0),
    }
}

enum Name {
    Created(String, usize),
    Removed(String),
    /// From, and to.
    Renamed(String, String, usize),
}

impl Name {
    fn path(&self) -> &str {
        let (Name::Created(path, _) | Name::Removed(path) | Name::Renamed(_, path, _)) = self;
        path
    }
}

#[derive(Default)]
struct Disk {
    contents: Vec<Content>,
    names: HashMap<String, usize>,
    durable_names: HashMap<String, usize>,
    pending_names: Vec<Name>,
    locked: HashSet<String>,
    operations: u64,
    cut_at: Option<u64>,
    off: bool,
    clock: u64,
    /// How many more bytes there is room for.
    room: Option<u64>,
    /// How many more syncs work.
    failing: Option<u64>,
}

/// A machine.
#[derive(Clone, Default)]
pub struct Machine(Arc<Mutex<Disk>>);

fn off() -> io::Error {
    io::Error::other("the power is off")
}

impl Disk {
    /// Count an operation that changes something.
    fn operation(&mut self) -> io::Result<()> {
        if self.off {
            return Err(off());
        }
        self.operations += 1;
        self.clock += 1;
        if self.cut_at.is_some_and(|at| self.operations >= at) {
            self.off = true;
        }
        Ok(())
    }

    /// What an operation that was counted has come to.
    fn outcome(&self) -> io::Result<()> {
        if self.off { Err(off()) } else { Ok(()) }
    }

    fn change(&mut self, id: usize, change: Change) -> io::Result<()> {
        self.operation()?;
        if let (Change::Write(offset, data), Some(room)) = (&change, &mut self.room) {
            let grows = (offset + data.len()).saturating_sub(self.contents[id].now.len()) as u64;
            if grows > *room {
                return Err(io::ErrorKind::StorageFull.into());
            }
            *room -= grows;
        }
        let clock = self.clock;
        let content = &mut self.contents[id];
        apply(&mut content.now, &change);
        content.changed = clock;
        content.pending.push(change);
        self.outcome()
    }

    fn sync(&mut self, id: usize) -> io::Result<()> {
        self.operation()?;
        self.outcome()?;
        match &mut self.failing {
            Some(0) => return Err(io::Error::other("the disk is broken")),
            Some(left) => *left -= 1,
            None => {}
        }
        let content = &mut self.contents[id];
        content.durable.clone_from(&content.now);
        content.pending.clear();
        // SQLite relies on it that a journal which it has deleted does not come back when something was synced since, and
        // on the file systems that there are it does not.
        self.keep_names(|name| matches!(name, Name::Removed(path) if !path.contains("-timeline/")));
        Ok(())
    }

    fn create(&mut self, path: &str) -> io::Result<usize> {
        self.operation()?;
        let id = self.contents.len();
        self.contents.push(Content { changed: self.clock, ..Content::default() });
        self.names.insert(path.to_owned(), id);
        self.pending_names.push(Name::Created(path.to_owned(), id));
        self.outcome()?;
        Ok(id)
    }

    fn remove(&mut self, path: &str) -> io::Result<()> {
        if !self.names.contains_key(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.operation()?;
        self.names.remove(path);
        self.pending_names.push(Name::Removed(path.to_owned()));
        self.outcome()
    }

    /// Both names change at once, or neither does: file systems see to that.
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        let id = *self.names.get(from).ok_or(io::ErrorKind::NotFound)?;
        self.operation()?;
        self.names.remove(from);
        self.names.insert(to.to_owned(), id);
        self.pending_names.push(Name::Renamed(from.to_owned(), to.to_owned(), id));
        self.outcome()
    }

    fn share(&mut self, from: &str, to: &str) -> io::Result<()> {
        let id = *self.names.get(from).ok_or(io::ErrorKind::NotFound)?;
        if self.names.contains_key(to) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.operation()?;
        self.names.insert(to.to_owned(), id);
        self.pending_names.push(Name::Created(to.to_owned(), id));
        self.outcome()
    }

    fn sync_names(&mut self, within: &str) -> io::Result<()> {
        self.operation()?;
        self.outcome()?;
        self.keep_names(|name| name.path().rsplit_once('/').map_or("", |(folder, _)| folder) == within);
        Ok(())
    }

    /// Some of the changes of names are durable.
    fn keep_names(&mut self, which: impl Fn(&Name) -> bool) {
        for name in std::mem::take(&mut self.pending_names) {
            if which(&name) {
                // What was done to the same name before is past.
                self.pending_names.retain(|before| before.path() != name.path());
                self.keep_name(&name);
            } else {
                self.pending_names.push(name);
            }
        }
    }

    fn keep_name(&mut self, name: &Name) {
        match name {
            Name::Created(path, id) => self.durable_names.insert(path.clone(), *id),
            Name::Removed(path) => self.durable_names.remove(path),
            Name::Renamed(from, to, id) => {
                self.durable_names.remove(from);
                self.durable_names.insert(to.clone(), *id)
            }
        };
    }
}

impl Machine {
    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap()
    }

    /// A new machine, without files. Nothing may be open.
    pub fn reset(&self) {
        *self.disk() = Disk::default();
    }

    /// After so many more operations the power fails: that one has perhaps happened, and no later one does.
    pub fn cut_after(&self, operations: u64) {
        let mut disk = self.disk();
        disk.cut_at = Some(disk.operations + operations);
    }

    pub fn is_off(&self) -> bool {
        self.disk().off
    }

    pub fn operations(&self) -> u64 {
        self.disk().operations
    }

    /// Let there be room for so many more bytes only.
    pub fn set_room(&self, room: Option<u64>) {
        self.disk().room = room;
    }

    /// The process is gone, and the machine goes on: what was written is there, and not durable yet.
    pub fn end_process(&self) {
        let mut disk = self.disk();
        for content in &mut disk.contents {
            *content = Content {
                now: std::mem::take(&mut content.now),
                durable: std::mem::take(&mut content.durable),
                pending: std::mem::take(&mut content.pending),
                changed: content.changed,
                ..Content::default()
            };
        }
        (disk.off, disk.cut_at, disk.room, disk.failing) = (false, None, None, None);
        disk.locked.clear();
    }

    /// After so many more syncs, one fails, as do all later ones until the power is back.
    pub fn fail_sync_after(&self, syncs: u64) {
        self.disk().failing = Some(syncs);
    }

    /// The power is back, and the seed decides what is on the disk. `kept`: everything that was written, as after the end
    /// of a process.
    pub fn restart(&self, random: &mut Random, kept: bool) {
        let mut disk = self.disk();
        let names = std::mem::take(&mut disk.pending_names);
        for name in &names {
            if kept || random.below(2) == 0 {
                disk.keep_name(name);
            }
        }
        disk.names = disk.durable_names.clone();
        for content in &mut disk.contents {
            let mut bytes = std::mem::take(&mut content.durable);
            let how = random.below(4);
            for change in std::mem::take(&mut content.pending) {
                match &change {
                    _ if kept || how == 0 => apply(&mut bytes, &change),
                    Change::Size(_) if random.below(2) == 0 => apply(&mut bytes, &change),
                    Change::Size(_) => {}
                    Change::Write(offset, data) => {
                        // All sectors, none, or each for itself.
                        let fate = random.below(3);
                        let mut at = 0;
                        while at < data.len() {
                            let end = ((offset + at) / SECTOR * SECTOR + SECTOR - offset).min(data.len());
                            if fate == 0 || (fate == 1 && random.below(2) == 0) {
                                apply(&mut bytes, &Change::Write(offset + at, data[at..end].to_vec()));
                            }
                            at = end;
                        }
                    }
                }
            }
            *content = Content { now: bytes.clone(), durable: bytes, changed: content.changed, ..Content::default() };
        }
        (disk.off, disk.cut_at, disk.room, disk.failing) = (false, None, None, None);
        disk.locked.clear();
    }

    /// Say that a file was changed just now.
    pub fn touch(&self, path: &str) {
        let mut disk = self.disk();
        disk.clock += 1;
        let (id, clock) = (disk.names[path], disk.clock);
        disk.contents[id].changed = clock;
    }

    /// Change a byte of a file. False if there is no such byte.
    pub fn damage(&self, path: &str, offset: usize) -> bool {
        let mut disk = self.disk();
        let Some(id) = disk.names.get(path).copied() else { return false };
        let content = &mut disk.contents[id];
        match content.now.get_mut(offset) {
            Some(byte) => *byte ^= 0x20,
            None => return false,
        }
        content.durable.clone_from(&content.now);
        content.pending.clear();
        true
    }

    /// The names of all files, with their sizes.
    pub fn files(&self) -> Vec<(String, usize)> {
        let disk = self.disk();
        let mut files: Vec<_> =
            disk.names.iter().map(|(name, id)| (name.clone(), disk.contents[*id].now.len())).collect();
        files.sort();
        files
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

struct MachineLock(Machine, String);

impl Lock for MachineLock {}

impl Drop for MachineLock {
    fn drop(&mut self) {
        self.0.disk().locked.remove(&self.1);
    }
}

struct OpenFile(Machine, usize);

impl Storage for Machine {
    fn create_folder(&self, _path: &Path, _like: &Path) -> io::Result<()> {
        if self.is_off() { Err(off()) } else { Ok(()) }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let folder = format!("{}/", folder.display());
        Ok(self.disk().names.keys().filter_map(|name| name.strip_prefix(&folder).map(str::to_owned)).collect())
    }

    fn open(&self, path: &Path, _access: Access) -> io::Result<Arc<dyn StoredFile>> {
        let id = self.disk().names.get(&text(path)).copied().ok_or(io::ErrorKind::NotFound)?;
        Ok(Arc::new(OpenFile(self.clone(), id)))
    }

    fn create(&self, path: &Path, _like: &Path) -> io::Result<Arc<dyn StoredFile>> {
        let mut disk = self.disk();
        if disk.names.contains_key(&text(path)) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let id = disk.create(&text(path))?;
        Ok(Arc::new(OpenFile(self.clone(), id)))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.disk().sync_names(&text(folder))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.disk().remove(&text(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk().rename(&text(from), &text(to))
    }

    fn share(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk().share(&text(from), &text(to))
    }

    fn lock(&self, path: &Path) -> io::Result<Result<Box<dyn Lock>, String>> {
        if !self.disk().locked.insert(text(path)) {
            return Ok(Err("1".into()));
        }
        Ok(Ok(Box::new(MachineLock(self.clone(), text(path)))))
    }

    fn look_at(&self, path: &Path) -> io::Result<(u64, u64)> {
        let disk = self.disk();
        let id = disk.names.get(&text(path)).ok_or(io::ErrorKind::NotFound)?;
        Ok((disk.contents[*id].now.len() as u64, disk.contents[*id].changed))
    }

    fn now(&self) -> u64 {
        self.disk().clock
    }
}

impl StoredFile for OpenFile {
    fn size(&self) -> io::Result<u64> {
        Ok(self.0.disk().contents[self.1].now.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let disk = self.0.disk();
        let part = disk.contents[self.1].now.get(offset as usize..offset as usize + buffer.len());
        buffer.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
        disk.outcome()
    }

    fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()> {
        self.0.disk().change(self.1, Change::Write(offset as usize, data.to_vec()))
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.0.disk().change(self.1, Change::Size(size as usize))
    }

    fn sync(&self) -> io::Result<()> {
        self.0.disk().sync(self.1)
    }
}

// The same files for SQLite.

#[repr(C)]
struct VfsFile {
    base: ffi::sqlite3_file,
    machine: *const Machine,
    id: usize,
    /// Tells the users of a file apart.
    user: usize,
    level: c_int,
    delete: *mut String,
}

/// Register the files of a machine as a VFS of this name, for as long as the process runs.
pub fn register_vfs(machine: &Machine, name: &str) {
    let vfs = Box::new(ffi::sqlite3_vfs {
        iVersion: 2,
        szOsFile: size_of::<VfsFile>() as c_int,
        mxPathname: 200,
        pNext: ptr::null_mut(),
        zName: CString::new(name).unwrap().into_raw(),
        pAppData: Box::into_raw(Box::new(machine.clone())).cast(),
        xOpen: Some(vfs_open),
        xDelete: Some(vfs_delete),
        xAccess: Some(vfs_access),
        xFullPathname: Some(vfs_full_path),
        xDlOpen: None,
        xDlError: None,
        xDlSym: None,
        xDlClose: None,
        xRandomness: Some(vfs_random),
        xSleep: Some(vfs_sleep),
        xCurrentTime: Some(vfs_time),
        xGetLastError: None,
        xCurrentTimeInt64: Some(vfs_time64),
        xSetSystemCall: None,
        xGetSystemCall: None,
        xNextSystemCall: None,
    });
    // SAFETY: it is never freed.
    assert_eq!(unsafe { ffi::sqlite3_vfs_register(Box::into_raw(vfs), 0) }, ffi::SQLITE_OK);
}

unsafe fn machine<'a>(vfs: *mut ffi::sqlite3_vfs) -> &'a Machine {
    // SAFETY: register_vfs() has put it there.
    unsafe { &*(*vfs).pAppData.cast::<Machine>() }
}

unsafe fn name(path: *const c_char) -> String {
    // SAFETY: SQLite passes texts.
    unsafe { CStr::from_ptr(path) }.to_string_lossy().into_owned()
}

fn code(result: io::Result<()>, otherwise: c_int) -> c_int {
    match result {
        Ok(()) => ffi::SQLITE_OK,
        Err(error) if error.kind() == io::ErrorKind::StorageFull => ffi::SQLITE_FULL,
        Err(_) => otherwise,
    }
}

unsafe extern "C" fn vfs_open(
    vfs: *mut ffi::sqlite3_vfs,
    path: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    static USERS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(1);
    // SAFETY: SQLite gives room for a VfsFile, and its own VFS.
    unsafe {
        let file = file.cast::<VfsFile>();
        (*file).base.pMethods = ptr::null();
        let machine = machine(vfs);
        let user = USERS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = if path.is_null() { format!("/temp/{user}") } else { name(path) };
        let mut disk = machine.disk();
        let id = match disk.names.get(&path).copied() {
            Some(id) => id,
            None if flags & ffi::SQLITE_OPEN_CREATE == 0 => return ffi::SQLITE_CANTOPEN,
            None => match disk.create(&path) {
                Ok(id) => id,
                Err(_) => return ffi::SQLITE_CANTOPEN,
            },
        };
        let delete =
            if flags & ffi::SQLITE_OPEN_DELETEONCLOSE == 0 { ptr::null_mut() } else { Box::into_raw(Box::new(path)) };
        file.write(VfsFile { base: ffi::sqlite3_file { pMethods: &METHODS }, machine, id, user, level: 0, delete });
        if !out_flags.is_null() {
            *out_flags = flags;
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn vfs_delete(vfs: *mut ffi::sqlite3_vfs, path: *const c_char, sync: c_int) -> c_int {
    // SAFETY: SQLite's arguments.
    let (machine, path) = unsafe { (machine(vfs), name(path)) };
    let mut disk = machine.disk();
    match disk.remove(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return ffi::SQLITE_IOERR_DELETE_NOENT,
        Err(_) => return ffi::SQLITE_IOERR_DELETE,
        Ok(()) => {}
    }
    if sync == 0 {
        return ffi::SQLITE_OK;
    }
    code(disk.sync_names(path.rsplit_once('/').map_or("", |(folder, _)| folder)), ffi::SQLITE_IOERR_DIR_FSYNC)
}

unsafe extern "C" fn vfs_access(
    vfs: *mut ffi::sqlite3_vfs,
    path: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite's arguments.
    unsafe {
        let disk = machine(vfs).disk();
        let found = disk.names.get(&name(path)).copied();
        let exists = found.is_some_and(|id| flags != ffi::SQLITE_ACCESS_EXISTS || !disk.contents[id].now.is_empty());
        *out = c_int::from(exists);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn vfs_full_path(
    _vfs: *mut ffi::sqlite3_vfs,
    path: *const c_char,
    size: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: SQLite's arguments.
    unsafe { ffi::sqlite3_snprintf(size, out, c"%s".as_ptr(), path) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn vfs_random(_vfs: *mut ffi::sqlite3_vfs, size: c_int, out: *mut c_char) -> c_int {
    // SAFETY: there is room for that.
    unsafe { ptr::write_bytes(out, 0x5a, size as usize) };
    size
}

unsafe extern "C" fn vfs_sleep(_vfs: *mut ffi::sqlite3_vfs, _micros: c_int) -> c_int {
    std::thread::yield_now();
    0
}

unsafe extern "C" fn vfs_time(_vfs: *mut ffi::sqlite3_vfs, out: *mut f64) -> c_int {
    // SAFETY: SQLite's argument.
    unsafe { *out = 2_461_000.5 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn vfs_time64(_vfs: *mut ffi::sqlite3_vfs, out: *mut i64) -> c_int {
    // SAFETY: SQLite's argument.
    unsafe { *out = 2_461_000 * 86_400_000 };
    ffi::SQLITE_OK
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(file_close),
    xRead: Some(file_read),
    xWrite: Some(file_write),
    xTruncate: Some(file_truncate),
    xSync: Some(file_sync),
    xFileSize: Some(file_size),
    xLock: Some(file_lock),
    xUnlock: Some(file_unlock),
    xCheckReservedLock: Some(file_reserved),
    xFileControl: Some(file_control),
    xSectorSize: Some(file_sector),
    xDeviceCharacteristics: Some(file_device),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

unsafe fn of<'a>(file: *mut ffi::sqlite3_file) -> (&'a mut VfsFile, MutexGuard<'a, Disk>) {
    // SAFETY: vfs_open() has made it, and one thread uses it at a time.
    unsafe {
        let file = &mut *file.cast::<VfsFile>();
        let disk = (*file.machine).disk();
        (file, disk)
    }
}

unsafe extern "C" fn file_close(raw: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: it is open.
    unsafe {
        file_unlock(raw, ffi::SQLITE_LOCK_NONE);
        let (file, mut disk) = of(raw);
        if !file.delete.is_null() {
            let path = Box::from_raw(file.delete);
            disk.names.remove(&*path);
            disk.pending_names.push(Name::Removed(*path));
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_read(raw: *mut ffi::sqlite3_file, out: *mut c_void, size: c_int, offset: i64) -> c_int {
    // SAFETY: there is room for that.
    let (out, (file, disk)) = unsafe { (std::slice::from_raw_parts_mut(out.cast::<u8>(), size as usize), of(raw)) };
    if disk.off {
        return ffi::SQLITE_IOERR_READ;
    }
    let bytes = &disk.contents[file.id].now;
    let start = (offset as usize).min(bytes.len());
    let part = &bytes[start..bytes.len().min(start + out.len())];
    out[..part.len()].copy_from_slice(part);
    out[part.len()..].fill(0);
    if part.len() == out.len() { ffi::SQLITE_OK } else { ffi::SQLITE_IOERR_SHORT_READ }
}

unsafe extern "C" fn file_write(raw: *mut ffi::sqlite3_file, data: *const c_void, size: c_int, offset: i64) -> c_int {
    // SAFETY: there are as many bytes.
    let (data, (file, mut disk)) = unsafe { (std::slice::from_raw_parts(data.cast::<u8>(), size as usize), of(raw)) };
    code(disk.change(file.id, Change::Write(offset as usize, data.to_vec())), ffi::SQLITE_IOERR_WRITE)
}

unsafe extern "C" fn file_truncate(raw: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: it is open.
    let (file, mut disk) = unsafe { of(raw) };
    code(disk.change(file.id, Change::Size(size as usize)), ffi::SQLITE_IOERR_TRUNCATE)
}

/// A file that was synced has a name, as on the file systems that there are.
unsafe extern "C" fn file_sync(raw: *mut ffi::sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: it is open.
    let (file, mut disk) = unsafe { of(raw) };
    let result = disk.sync(file.id);
    if result.is_ok() {
        let id = file.id;
        disk.keep_names(|name| matches!(name, Name::Created(_, created) if *created == id));
    }
    code(result, ffi::SQLITE_IOERR_FSYNC)
}

unsafe extern "C" fn file_size(raw: *mut ffi::sqlite3_file, out: *mut i64) -> c_int {
    // SAFETY: it is open.
    unsafe {
        let (file, disk) = of(raw);
        *out = disk.contents[file.id].now.len() as i64;
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_lock(raw: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: it is open.
    let (file, mut disk) = unsafe { of(raw) };
    if level <= file.level {
        return ffi::SQLITE_OK;
    }
    let content = &mut disk.contents[file.id];
    let free = |holder: Option<usize>| holder.is_none_or(|holder| holder == file.user);
    if file.level == ffi::SQLITE_LOCK_NONE {
        if !free(content.exclusive) || !free(content.pending_lock) {
            return ffi::SQLITE_BUSY;
        }
        content.shared += 1;
        file.level = ffi::SQLITE_LOCK_SHARED;
    }
    if level >= ffi::SQLITE_LOCK_RESERVED {
        if !free(content.reserved) || !free(content.exclusive) || !free(content.pending_lock) {
            return ffi::SQLITE_BUSY;
        }
        content.reserved = Some(file.user);
        file.level = file.level.max(ffi::SQLITE_LOCK_RESERVED);
    }
    if level >= ffi::SQLITE_LOCK_EXCLUSIVE {
        content.pending_lock = Some(file.user);
        file.level = file.level.max(ffi::SQLITE_LOCK_PENDING);
        if content.shared > 1 {
            return ffi::SQLITE_BUSY;
        }
        content.exclusive = Some(file.user);
        file.level = ffi::SQLITE_LOCK_EXCLUSIVE;
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_unlock(raw: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: it is open.
    let (file, mut disk) = unsafe { of(raw) };
    let content = &mut disk.contents[file.id];
    if file.level > ffi::SQLITE_LOCK_SHARED {
        for holder in [&mut content.reserved, &mut content.pending_lock, &mut content.exclusive] {
            if *holder == Some(file.user) {
                *holder = None;
            }
        }
    }
    if file.level >= ffi::SQLITE_LOCK_SHARED && level == ffi::SQLITE_LOCK_NONE {
        content.shared = content.shared.saturating_sub(1);
    }
    file.level = file.level.min(level);
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_reserved(raw: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: it is open.
    unsafe {
        let (file, disk) = of(raw);
        *out = c_int::from(disk.contents[file.id].reserved.is_some());
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_control(raw: *mut ffi::sqlite3_file, op: c_int, argument: *mut c_void) -> c_int {
    if op != ffi::SQLITE_FCNTL_LOCKSTATE {
        return ffi::SQLITE_NOTFOUND;
    }
    // SAFETY: it is open, and the argument is a number.
    unsafe { *argument.cast::<c_int>() = of(raw).0.level };
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_sector(_raw: *mut ffi::sqlite3_file) -> c_int {
    SECTOR as c_int
}

unsafe extern "C" fn file_device(_raw: *mut ffi::sqlite3_file) -> c_int {
    0
}

unsafe extern "C" fn shm_map(
    raw: *mut ffi::sqlite3_file,
    region: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: it is open.
    unsafe {
        let (file, mut disk) = of(raw);
        let regions = &mut disk.contents[file.id].regions;
        while extend != 0 && regions.len() <= region as usize {
            regions.push(vec![0; size as usize].into());
        }
        *out = regions.get_mut(region as usize).map_or(ptr::null_mut(), |region| region.as_mut_ptr().cast());
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn shm_lock(raw: *mut ffi::sqlite3_file, first: c_int, count: c_int, flags: c_int) -> c_int {
    // SAFETY: it is open.
    let (file, mut disk) = unsafe { of(raw) };
    let locks = &mut disk.contents[file.id].shm[first as usize..(first + count) as usize];
    let (take, shared) = (flags & ffi::SQLITE_SHM_LOCK != 0, flags & ffi::SQLITE_SHM_SHARED != 0);
    match (take, shared) {
        (true, true) if locks.iter().all(|lock| *lock >= 0) => locks.iter_mut().for_each(|lock| *lock += 1),
        (true, false) if locks.iter().all(|lock| *lock == 0) => locks.iter_mut().for_each(|lock| *lock = -1),
        (true, _) => return ffi::SQLITE_BUSY,
        (false, true) => locks.iter_mut().for_each(|lock| *lock = (*lock - 1).max(0)),
        (false, false) => locks.iter_mut().for_each(|lock| *lock = (*lock).max(0)),
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn shm_barrier(_raw: *mut ffi::sqlite3_file) {
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap(_raw: *mut ffi::sqlite3_file, _delete: c_int) -> c_int {
    ffi::SQLITE_OK
}
