//! The files that a timeline lies in: the only place that asks the system for them.
//!
//! Public for the tests that cut the power.

use std::fs;
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::database_file::DatabaseFile;
use super::disk_file::DiskFile;
use super::file::folder;
#[cfg(unix)]
use super::permissions::{create_file, create_folder};

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// To read it.
    Read,
    /// To read and write it.
    Write,
}

/// A place for files.
pub trait Storage: Send + Sync {
    /// Create a folder, unless it exists, for those who may use a file.
    fn create_folder(&self, path: &Path, like: &Path) -> io::Result<()>;

    /// The names in a folder; none if it does not exist.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;

    /// Open a file.
    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn StoredFile>>;

    /// Open a database file to read it, which SQLite may have open and locked.
    fn open_database(&self, path: &Path) -> io::Result<Arc<dyn StoredFile>> {
        self.open(path, Access::Read)
    }

    /// Create a file, which must be new, for those who may use another one or, as far as they read and write there, a folder.
    fn create(&self, path: &Path, like: &Path) -> io::Result<Arc<dyn StoredFile>>;

    /// Make names in a folder durable.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// Delete a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Give a file another name, in the same folder. What had that name is gone.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Give a file a further name, which must be new; or have another file with the same content there that shares its place
    /// on the disk. Fails where the file system can do neither.
    fn share(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Lock a file for this process, until the lock is dropped, and write who has it there. Otherwise, who has it.
    fn lock(&self, path: &Path) -> io::Result<Result<Box<dyn Lock>, String>>;

    /// Size of a file in bytes, and nanoseconds since 1970 when it was changed.
    fn look_at(&self, path: &Path) -> io::Result<(u64, u64)>;

    /// Milliseconds since 1970, UTC.
    fn now(&self) -> u64;
}

/// Bytes that are written past the page cache are those of whole blocks.
pub const BLOCK: u64 = 4096;

/// An open file.
pub trait StoredFile: Send + Sync {
    /// In bytes.
    fn size(&self) -> io::Result<u64>;

    /// Fill the buffer from this byte on, or fail.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// Write all of it from this byte on.
    fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()>;

    /// The same with whole blocks of [`BLOCK`] bytes at such an address, all of it within the file: past the page cache, where that can
    /// be.
    fn write_blocks(&self, data: &[u8], offset: u64) -> io::Result<()> {
        self.write_at(data, offset)
    }

    /// Cut the file to this size.
    fn truncate(&self, size: u64) -> io::Result<()>;

    /// Make what was written durable.
    fn sync(&self) -> io::Result<()>;

    /// Bring these bytes into the page cache, without waiting for that: somebody may read them.
    fn cache(&self, _bytes: Range<u64>) {}

    /// Take these bytes out of the page cache, for nobody is going to read them soon. What is not durable is written first, and
    /// stays there until the next call.
    fn uncache(&self, _bytes: Range<u64>) {}
}

/// A lock, until it is dropped.
pub trait Lock: Send + Sync {}

#[cfg(not(unix))]
fn create_file(path: &Path, _like: &Path) -> io::Result<fs::File> {
    fs::File::create_new(path)
}

#[cfg(not(unix))]
fn create_folder(path: &Path, _like: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

/// A file in the folder of a timeline, to read and write.
fn open_or_create(path: &Path) -> io::Result<fs::File> {
    let open = || fs::OpenOptions::new().read(true).write(true).open(path);
    match open() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        result => return result,
    }
    match create_file(path, folder(path)) {
        // Somebody else has, just now.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => open(),
        result => result,
    }
}

/// The file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

struct DiskLock(fs::File);

impl Lock for DiskLock {}

impl Drop for DiskLock {
    fn drop(&mut self) {
        // A child of the process may have the file open as well.
        let _ = self.0.unlock();
    }
}

impl Storage for Disk {
    fn create_folder(&self, path: &Path, like: &Path) -> io::Result<()> {
        match create_folder(path, like) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            result => result,
        }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            result => result?,
        };
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }

    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn StoredFile>> {
        Ok(Arc::new(DiskFile::new(fs::OpenOptions::new().read(true).write(access == Access::Write).open(path)?, path)))
    }

    fn create(&self, path: &Path, like: &Path) -> io::Result<Arc<dyn StoredFile>> {
        Ok(Arc::new(DiskFile::new(create_file(path, like)?, path)))
    }

    fn open_database(&self, path: &Path) -> io::Result<Arc<dyn StoredFile>> {
        Ok(Arc::new(DatabaseFile::open(path).map_err(io::Error::other)?))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        fs::File::open(folder)?.sync_all()
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn share(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    fn lock(&self, path: &Path) -> io::Result<Result<Box<dyn Lock>, String>> {
        let mut file = open_or_create(path)?;
        match file.try_lock() {
            Ok(()) => {
                let me = format!("{}\n", std::process::id());
                file.set_len(0)?;
                file.write_all(me.as_bytes())?;
                Ok(Ok(Box::new(DiskLock(file))))
            }
            Err(fs::TryLockError::WouldBlock) => Ok(Err(fs::read_to_string(path)?.trim().to_owned())),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    fn look_at(&self, path: &Path) -> io::Result<(u64, u64)> {
        let file = fs::metadata(path)?;
        let changed = file.modified()?.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        Ok((file.len(), u64::try_from(changed).unwrap_or(0)))
    }

    fn now(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        u64::try_from(since).unwrap_or(0)
    }
}
