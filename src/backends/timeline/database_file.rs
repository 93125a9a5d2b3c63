//! A database file that is read past SQLite, while others may have it open.

use std::io;
use std::path::Path;
use std::ptr;
use std::sync::{Mutex, PoisonError};

use super::connection::{Connection, uri};
use super::storage::StoredFile;
use crate::wal::DbFile;
use crate::{AsHandle as _, Error, Result, ffi};

/// Read through SQLite: to open such a file by oneself, and to close it, would give up all locks that the process has on it.
pub(super) struct DatabaseFile(Mutex<Open>);

struct Open {
    /// Has the file open, and never touches it.
    _connection: Connection,
    file: *mut ffi::sqlite3_file,
}

// SAFETY: the file lives as long as the connection, and one thread at a time uses them.
unsafe impl Send for Open {}

impl DatabaseFile {
    pub(super) fn open(path: &Path) -> Result<Self> {
        // As one that nobody changes, it is neither locked nor recovered.
        let connection = Connection::open(&uri(path, "wal=sqlite&mode=ro&immutable=1"))?;
        let mut file: *mut ffi::sqlite3_file = ptr::null_mut();
        // SAFETY: the connection is open, and this file control sets a pointer to a file.
        Error::check(unsafe {
            let main = c"main".as_ptr();
            ffi::sqlite3_file_control(
                connection.as_handle(),
                main,
                ffi::SQLITE_FCNTL_FILE_POINTER,
                (&raw mut file).cast(),
            )
        })?;
        Ok(DatabaseFile(Mutex::new(Open { _connection: connection, file })))
    }

    fn with<T>(&self, work: impl FnOnce(&mut DbFile<'_>) -> Result<T>) -> io::Result<T> {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: it is the file of the connection, which is open, and nobody else uses it.
        let file = unsafe { DbFile::from_raw(open.file) };
        file.and_then(|mut file| work(&mut file)).map_err(io::Error::other)
    }
}

impl StoredFile for DatabaseFile {
    fn size(&self) -> io::Result<u64> {
        self.with(|file| file.size())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.with(|file| file.read_at(buffer, offset))
    }

    fn write_at(&self, _data: &[u8], _offset: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn truncate(&self, _size: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn sync(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
