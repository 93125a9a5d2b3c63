//! The file that the history of typed lines is kept in.
//!
//! It is plain text, a line for each entry, as GNU readline keeps it: so it can be shared with other builds of the `sqlite3`
//! shell. The newlines of an entry of several lines become form feeds, which are white space to SQL as well. An entry goes to
//! the file as soon as it has been typed, so that shells that run at the same time keep each other's.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Entries that the file keeps.
pub const ENTRIES_MAX: usize = 2000;

/// What stands for a newline within an entry.
const NEWLINE: &str = "\x0c";

pub struct HistoryFile {
    path: PathBuf,
    /// The first reason not to write to it, which is told once, at the end.
    failure: Option<io::Error>,
}

impl HistoryFile {
    pub fn new(path: PathBuf) -> Self {
        Self { path, failure: None }
    }

    /// All entries, the oldest first. A file that cannot be read is no reason to do without a prompt.
    pub fn entries(&self) -> Vec<String> {
        let bytes = fs::read(&self.path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).lines().map(|line| line.replace(NEWLINE, "\n")).collect()
    }

    /// Adds an entry at the end.
    pub fn add(&mut self, entry: &str) {
        if self.failure.is_none() {
            self.failure = append(&self.path, &entry.replace('\n', NEWLINE)).err();
        }
    }

    /// Cuts the file to its size.
    pub fn close(mut self) {
        if self.failure.is_none() && self.path.exists() {
            self.failure = shorten(&self.path).err();
        }
        if let Some(error) = self.failure {
            eprintln!("Warning: cannot write the history to {}: {error}", self.path.display());
        }
    }
}

/// Opens the file, which only its owner may read, and keeps other shells away until it is closed.
fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let file = options.mode(0o600).open(path)?;
    // SAFETY: the descriptor is open. What cannot be locked, such as a device, is used as it is.
    unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX) };
    Ok(file)
}

fn append(path: &Path, line: &str) -> io::Result<()> {
    let mut file = open(path, OpenOptions::new().append(true).create(true))?;
    file.write_all(format!("{line}\n").as_bytes())
}

/// Drops the oldest entries of a file that has too many.
fn shorten(path: &Path) -> io::Result<()> {
    let mut file = open(path, OpenOptions::new().read(true).write(true))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let Some(excess) = lines.len().checked_sub(ENTRIES_MAX).filter(|excess| *excess > 0) else {
        return Ok(());
    };
    file.rewind()?;
    file.write_all(&lines[excess..].concat())?;
    let length = file.stream_position()?;
    file.set_len(length)
}
