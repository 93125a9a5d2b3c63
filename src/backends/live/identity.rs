//! Which database is it?

use std::ffi::{CStr, CString};
use std::path::PathBuf;

use crate::wal::{DbName, OpenRequest, Vfs};
use crate::{Error, Result};

/// What tells a database from another one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::backends) enum Identity {
    /// A file that the operating system knows: device and inode.
    Inode(u64, u64),
    /// What else a VFS may call a file.
    Name(CString, CString),
}

impl Identity {
    pub(in crate::backends) fn of(vfs: &Vfs<'_>, name: DbName<'_>) -> Self {
        Identity::named(vfs.name(), name.path())
    }

    /// Of what a VFS of this name has at this path.
    pub(in crate::backends) fn named(vfs: &CStr, path: &CStr) -> Self {
        let inode = if vfs.to_bytes().starts_with(b"unix") { inode(path) } else { None };
        inode.unwrap_or_else(|| Identity::Name(vfs.to_owned(), path.to_owned()))
    }

    /// Is the file still at this path, where it was opened?
    pub(in crate::backends) fn is_in_place(&self, path: &CStr) -> bool {
        match self {
            Identity::Inode(..) => inode(path).as_ref() == Some(self),
            Identity::Name(..) => true,
        }
    }
}

#[cfg(unix)]
fn inode(path: &CStr) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let file = std::fs::metadata(os_path(path)).ok()?;
    Some(Identity::Inode(file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn inode(_path: &CStr) -> Option<Identity> {
    None
}

#[cfg(unix)]
pub(in crate::backends) fn os_path(path: &CStr) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(path.to_bytes()).into()
}

#[cfg(not(unix))]
pub(in crate::backends) fn os_path(path: &CStr) -> PathBuf {
    path.to_string_lossy().into_owned().into()
}

/// Size of the header of a stock `-wal` file: a longer one holds frames.
const STOCK_HEADER: u64 = 32;

/// Fail if the database has transactions in a stock log. `log` is the name of the one that would lose them.
pub(in crate::backends) fn refuse_stock_frames(log: &str, request: &OpenRequest<'_>) -> Result<()> {
    let wal = request.name().stock_wal_path();
    if !request.vfs().exists(wal)? {
        return Ok(());
    }
    let size = std::fs::metadata(os_path(wal)).map(|file| file.len());
    if matches!(size, Ok(size) if size <= STOCK_HEADER) {
        return Ok(());
    }
    let (wal, database) = (wal.to_string_lossy(), request.name().path().to_string_lossy());
    Err(Error::CANTOPEN.with_message(format!(
        "wal \"{log}\" cannot take over {database}: {wal} holds transactions. Open and close the database once with \
         file:{database}?wal=sqlite"
    )))
}
