//! A file of the file system.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::storage::StoredFile;

pub(super) struct DiskFile {
    file: File,
    path: PathBuf,
    /// The same file, opened so that what is written goes past the page cache, if it has been asked for and can be.
    direct: OnceLock<Option<File>>,
    /// It cannot, for example since the file system wants larger blocks.
    refused: AtomicBool,
}

/// Bytes of a page of the page cache.
pub(super) fn memory_page() -> u64 {
    // SAFETY: it has no conditions.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    u64::try_from(size).unwrap_or(0)
}

#[derive(Clone, Copy)]
enum Advice {
    WillNeed,
    DontNeed,
}

impl DiskFile {
    pub(super) fn new(file: File, path: &Path) -> Self {
        DiskFile { file, path: path.to_owned(), direct: OnceLock::new(), refused: AtomicBool::new(false) }
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn open_direct(&self) -> io::Result<File> {
        use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
        let direct = std::fs::OpenOptions::new().write(true).custom_flags(libc::O_DIRECT).open(&self.path)?;
        let (one, other) = (direct.metadata()?, self.file.metadata()?);
        // Another one may have the name by now.
        if (one.dev(), one.ino()) == (other.dev(), other.ino()) {
            Ok(direct)
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn open_direct(&self) -> io::Result<File> {
        Err(io::Error::new(io::ErrorKind::Unsupported, self.path.display().to_string()))
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn advise(&self, bytes: Range<u64>, advice: Advice) {
        use std::os::fd::AsRawFd as _;
        let advice = match advice {
            Advice::WillNeed => libc::POSIX_FADV_WILLNEED,
            Advice::DontNeed => libc::POSIX_FADV_DONTNEED,
        };
        if let (Ok(from), Ok(length)) = (bytes.start.try_into(), bytes.end.saturating_sub(bytes.start).try_into()) {
            // SAFETY: it reads and changes no memory of this process.
            let _ = unsafe { libc::posix_fadvise(self.file.as_raw_fd(), from, length, advice) };
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn advise(&self, _bytes: Range<u64>, _advice: Advice) {}
}

impl StoredFile for DiskFile {
    fn size(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(buffer, offset)
    }

    fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(data, offset)
    }

    fn write_blocks(&self, data: &[u8], offset: u64) -> io::Result<()> {
        if !self.refused.load(Ordering::Relaxed)
            && let Some(direct) = self.direct.get_or_init(|| self.open_direct().ok())
        {
            match direct.write_all_at(data, offset) {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                    self.refused.store(true, Ordering::Relaxed)
                }
                // If the disk has failed, or is full, the other way says so as well.
                Err(_) => {}
            }
        }
        self.write_at(data, offset)
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.file.set_len(size)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn cache(&self, bytes: Range<u64>) {
        // Linux reads no more than so much ahead at once.
        const AHEAD: u64 = 128 << 10;
        let mut from = bytes.start;
        while from < bytes.end {
            let to = bytes.end.min(from + AHEAD);
            self.advise(from..to, Advice::WillNeed);
            from = to;
        }
    }

    fn uncache(&self, bytes: Range<u64>) {
        self.advise(bytes, Advice::DontNeed);
    }
}

#[cfg(test)]
mod tests {
    use super::super::storage::BLOCK;
    use super::*;

    #[test]
    fn what_is_written_past_the_page_cache_is_read_through_it() {
        const SIZE: usize = BLOCK as usize;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let file = DiskFile::new(File::options().read(true).write(true).create_new(true).open(&path).unwrap(), &path);
        file.write_at(&[1; 4 * SIZE], 0).unwrap();
        let mut bytes = vec![0; 3 * SIZE];
        let blocks = bytes.as_ptr().align_offset(SIZE);
        for round in 2..5 {
            bytes.fill(round);
            file.write_blocks(&bytes[blocks..blocks + 2 * SIZE], BLOCK).unwrap();
            // What is not whole blocks is written all the same.
            file.write_blocks(&bytes[..10], 5).unwrap();
            let mut read = vec![0; 4 * SIZE];
            file.read_at(&mut read, 0).unwrap();
            let mut wanted = vec![1; 4 * SIZE];
            wanted[5..15].fill(round);
            wanted[SIZE..3 * SIZE].fill(round);
            assert!(read == wanted, "round {round}");
        }
    }

    #[test]
    fn a_file_that_has_another_name_is_still_the_one_that_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let file = DiskFile::new(File::options().read(true).write(true).create_new(true).open(&path).unwrap(), &path);
        file.write_at(&[1; 10], 0).unwrap();
        std::fs::rename(&path, folder.path().join("moved")).unwrap();
        std::fs::write(&path, [7; 10]).unwrap();
        file.write_blocks(&[2; 10], 0).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), [7; 10]);
        assert_eq!(std::fs::read(folder.path().join("moved")).unwrap(), [2; 10]);
    }
}
