//! A file that is written from its beginning to its end, and is there as a whole or not at all.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::segment::{CHUNK, OPENING, SYNC, failed};
use super::storage::{Storage, StoredFile};
use super::store::{random_number, sync_folder};
use super::timeline::beside;
use crate::{Error, Result};

/// Is told how many bytes are done, and how many there are; says whether to go on.
pub(super) type Progress<'a> = &'a mut dyn FnMut(u64, u64) -> bool;

/// Tells somebody how far a piece of work is.
pub(super) struct Meter<'a> {
    pub(super) done: u64,
    total: u64,
    progress: Progress<'a>,
}

impl<'a> Meter<'a> {
    pub(super) fn new(total: u64, progress: Progress<'a>) -> Self {
        Meter { done: 0, total, progress }
    }

    /// So many bytes more are done. `SQLITE_INTERRUPT` if it is to be stopped.
    pub(super) fn add(&mut self, bytes: u64) -> Result<()> {
        self.done += bytes;
        if (self.progress)(self.done, self.total.max(self.done)) { Ok(()) } else { Err(Error::INTERRUPT) }
    }
}

/// What the name of a file ends in that is not finished.
pub(super) const PARTIAL: &str = ".partial";

/// A new file. It has another name until [`NewFile::finish`], and goes if that is not called.
pub(super) struct NewFile {
    storage: Arc<dyn Storage>,
    path: PathBuf,
    partial: PathBuf,
    /// Closed before it gets its name: to close a file that SQLite has open gives up the locks of the process on it.
    file: Option<Arc<dyn StoredFile>>,
    buffer: Vec<u8>,
    written: u64,
    finished: bool,
}

impl NewFile {
    /// In the folder of a timeline, what was left over of an earlier attempt is written over.
    pub(super) fn create(storage: &Arc<dyn Storage>, path: &Path) -> Result<Self> {
        let partial = beside(path, PARTIAL);
        let _ = storage.remove(&partial);
        NewFile::under(storage, path, partial, folder(path))
    }

    /// Elsewhere, no file is touched that may be somebody else's. It is for those who may use another one.
    pub(super) fn beside_others(storage: &Arc<dyn Storage>, path: &Path, like: &Path) -> Result<Self> {
        NewFile::under(storage, path, beside(path, &format!("-{:016x}{PARTIAL}", random_number()? as u64)), like)
    }

    fn under(storage: &Arc<dyn Storage>, path: &Path, partial: PathBuf, like: &Path) -> Result<Self> {
        let file = storage.create(&partial, like).map_err(|error| failed(&partial, OPENING, &error))?;
        let (storage, path) = (Arc::clone(storage), path.to_owned());
        Ok(NewFile { storage, path, partial, file: Some(file), buffer: Vec::new(), written: 0, finished: false })
    }

    /// Bytes that it has.
    pub(super) fn size(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK { self.flush() } else { Ok(()) }
    }

    fn file(&self) -> Result<&dyn StoredFile> {
        self.file.as_deref().ok_or(Error::MISUSE)
    }

    fn flush(&mut self) -> Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.file()?.write_at(&self.buffer, self.written).map_err(|error| failed(&self.partial, "a write", &error))?;
        self.written = self.size();
        self.buffer.clear();
        Ok(())
    }

    /// Make what was written durable. Returns the size of the file, and when it was changed.
    pub(super) fn sync(&mut self) -> Result<(u64, u64)> {
        self.flush()?;
        self.file()?.sync().map_err(|error| failed(&self.partial, SYNC, &error))?;
        self.storage.look_at(&self.partial).map_err(|error| failed(&self.partial, "a look at the size", &error))
    }

    /// Give it its name, durably, which nobody else must have.
    pub(super) fn finish_new(mut self) -> Result<()> {
        self.sync()?;
        self.file = None;
        match self.storage.share(&self.partial, &self.path) {
            Ok(()) => sync_folder(&*self.storage, folder(&self.path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists(&self.path)),
            // The file system has no further names.
            Err(_) => self.rename(),
        }
    }

    /// Give it its name, durably. Another file of that name goes.
    pub(super) fn finish(mut self) -> Result<()> {
        self.sync()?;
        self.rename()
    }

    fn rename(mut self) -> Result<()> {
        self.file = None;
        self.storage.rename(&self.partial, &self.path).map_err(|error| failed(&self.path, "naming", &error))?;
        self.finished = true;
        sync_folder(&*self.storage, folder(&self.path))
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.finished {
            let _ = self.storage.remove(&self.partial);
        }
    }
}

pub(super) fn exists(path: &Path) -> Error {
    Error::CANTOPEN.with_message(format!("{} exists already: choose another name", path.display()))
}

/// The folder that a file is in.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
