//! The disk, with somebody who sees what is done there.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use seawall::timeline::storage::{Access, Disk, Lock, Storage, StoredFile};

/// Is told of what is done to files, just before.
pub trait Watcher: Send + Sync + 'static {
    fn syncing(&self, _path: &Path) {}

    fn uncaching(&self, _path: &Path, _bytes: Range<u64>) {}
}

pub struct WatchedDisk<W>(pub Arc<W>);

struct WatchedFile<W> {
    file: Arc<dyn StoredFile>,
    path: PathBuf,
    watcher: Arc<W>,
}

impl<W: Watcher> WatchedDisk<W> {
    fn watch(&self, path: &Path, file: Arc<dyn StoredFile>) -> Arc<dyn StoredFile> {
        Arc::new(WatchedFile { file, path: path.to_owned(), watcher: Arc::clone(&self.0) })
    }
}

impl<W: Watcher> Storage for WatchedDisk<W> {
    fn create_folder(&self, path: &Path, like: &Path) -> io::Result<()> {
        Disk.create_folder(path, like)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        Disk.list(folder)
    }

    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn StoredFile>> {
        Ok(self.watch(path, Disk.open(path, access)?))
    }

    fn open_database(&self, path: &Path) -> io::Result<Arc<dyn StoredFile>> {
        Disk.open_database(path)
    }

    fn create(&self, path: &Path, like: &Path) -> io::Result<Arc<dyn StoredFile>> {
        Ok(self.watch(path, Disk.create(path, like)?))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        Disk.sync_folder(folder)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        Disk.remove(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        Disk.rename(from, to)
    }

    fn share(&self, from: &Path, to: &Path) -> io::Result<()> {
        Disk.share(from, to)
    }

    fn lock(&self, path: &Path) -> io::Result<Result<Box<dyn Lock>, String>> {
        Disk.lock(path)
    }

    fn look_at(&self, path: &Path) -> io::Result<(u64, u64)> {
        Disk.look_at(path)
    }

    fn now(&self) -> u64 {
        Disk.now()
    }
}

impl<W: Watcher> StoredFile for WatchedFile<W> {
    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_at(buffer, offset)
    }

    fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_at(data, offset)
    }

    fn write_blocks(&self, data: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_blocks(data, offset)
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.file.truncate(size)
    }

    fn sync(&self) -> io::Result<()> {
        self.watcher.syncing(&self.path);
        self.file.sync()
    }

    fn cache(&self, bytes: Range<u64>) {
        self.file.cache(bytes);
    }

    fn uncache(&self, bytes: Range<u64>) {
        self.watcher.uncaching(&self.path, bytes.clone());
        self.file.uncache(bytes);
    }
}
