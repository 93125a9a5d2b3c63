//! A write-ahead log from scratch, in safe code: `cargo run --example backend`.
//!
//! The frames of a database are a vector that all connections of this process share. It is written to the database
//! file when nobody else is using it. A panic, such as a poisoned lock, ends as an SQLite error.

use std::collections::{HashMap, HashSet};
use std::ffi::CString;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use rusqlite::Connection;
use seawall::{
    CheckpointMode, CheckpointOutcome, CheckpointRequest, CloseRequest, DbName, Error, FrameNo, Frames, OpenRequest,
    PageNo, Result, SavepointPosition, Vfs, Wal, WalManager,
};

#[derive(Default)]
struct Log {
    frames: Vec<(PageNo, Vec<u8>)>,
    /// Frames behind this number belong to the writer.
    committed: usize,
    db_size: u32,
    commits: u64,
    readers: HashSet<u32>,
    writer: Option<u32>,
}

impl Log {
    /// Forget what was not committed.
    fn take_back(&mut self) -> std::vec::Drain<'_, (PageNo, Vec<u8>)> {
        self.frames.drain(self.committed..)
    }
}

/// The logs of all databases, by file name.
#[derive(Default)]
pub struct Shelf(Mutex<HashMap<CString, Arc<Mutex<Log>>>>);

impl Shelf {
    fn log(&self, name: DbName<'_>) -> Arc<Mutex<Log>> {
        Arc::clone(self.0.lock().unwrap().entry(name.path().to_owned()).or_default())
    }
}

impl WalManager for Shelf {
    type Wal = ShelfWal;

    fn open(&self, request: OpenRequest<'_>) -> Result<ShelfWal> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let (log, id) = (self.log(request.name()), NEXT.fetch_add(1, Ordering::Relaxed));
        Ok(ShelfWal { log, id, end: 0, db_size: 0, seen: None, told: 0 })
    }

    fn close(&self, mut wal: ShelfWal, request: CloseRequest<'_>) -> Result<()> {
        wal.end_read();
        request.into_checkpoint().map_or(Ok(()), |checkpoint| wal.checkpoint(checkpoint).map(drop))
    }

    fn log_exists(&self, _: &Vfs<'_>, name: DbName<'_>) -> Result<bool> {
        Ok(!self.log(name).lock().unwrap().frames.is_empty())
    }

    fn destroy_log(&self, _: &Vfs<'_>, name: DbName<'_>) -> Result<()> {
        self.0.lock().unwrap().remove(name.path());
        Ok(())
    }
}

/// The log as one connection has it open. It reads the first `end` frames.
pub struct ShelfWal {
    log: Arc<Mutex<Log>>,
    id: u32,
    end: usize,
    db_size: u32,
    /// The commit whose state is in the cache.
    seen: Option<u64>,
    told: u32,
}

impl ShelfWal {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap()
    }
}

impl Drop for ShelfWal {
    fn drop(&mut self) {
        if !self.log.is_poisoned() {
            self.end_read();
        }
    }
}

impl Wal for ShelfWal {
    fn begin_read(&mut self) -> Result<bool> {
        let log = Arc::clone(&self.log);
        let mut log = log.lock().unwrap();
        log.readers.insert(self.id);
        // While the log is empty the size of the file counts: it may have been changed in another journal mode.
        (self.end, self.db_size) = (log.committed, if log.committed == 0 { 0 } else { log.db_size });
        Ok(self.seen.replace(log.commits) != Some(log.commits))
    }

    fn end_read(&mut self) {
        self.end_write();
        self.log().readers.remove(&self.id);
    }

    fn find_frame(&mut self, page: PageNo) -> Result<Option<FrameNo>> {
        let log = self.log();
        let end = if log.writer == Some(self.id) { log.frames.len() } else { self.end };
        let found = log.frames[..end].iter().rposition(|frame| frame.0 == page);
        Ok(found.and_then(|index| FrameNo::new(index as u32 + 1)))
    }

    fn read_frame(&mut self, frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        let log = self.log();
        let (_, page) = log.frames.get(frame.index()).ok_or(Error::IOERR)?;
        // A pager that has just opened the file guesses the page size.
        let length = buffer.len().min(page.len());
        buffer[..length].copy_from_slice(&page[..length]);
        buffer[length..].fill(0);
        Ok(())
    }

    fn db_size(&self) -> u32 {
        self.db_size
    }

    fn begin_write(&mut self) -> Result<()> {
        let mut log = self.log();
        if log.writer.is_some() {
            return Err(Error::BUSY);
        }
        if self.seen != Some(log.commits) {
            return Err(Error::BUSY_SNAPSHOT);
        }
        log.writer = Some(self.id);
        Ok(())
    }

    fn end_write(&mut self) {
        let mut log = self.log();
        if log.writer == Some(self.id) {
            log.take_back();
            log.writer = None;
        }
    }

    fn undo(&mut self, undone: &mut dyn FnMut(PageNo)) -> Result<()> {
        self.log().take_back().for_each(|(page, _)| undone(page));
        Ok(())
    }

    fn savepoint(&mut self) -> SavepointPosition {
        SavepointPosition([self.log().frames.len() as u32, 0, 0, 0])
    }

    fn savepoint_undo(&mut self, position: &mut SavepointPosition) -> Result<()> {
        self.log().frames.truncate(position.0[0] as usize);
        Ok(())
    }

    fn append(&mut self, frames: Frames<'_>) -> Result<u32> {
        let log = Arc::clone(&self.log);
        let mut log = log.lock().unwrap();
        let before = log.frames.len();
        log.frames.extend(frames.pages().map(|page| (page.page, page.data.to_vec())));
        let end = log.frames.len();
        if let Some(db_size) = frames.commit() {
            (log.committed, log.db_size, log.commits) = (end, db_size, log.commits + 1);
            (self.end, self.db_size, self.seen, self.told) = (end, db_size, Some(log.commits), end as u32);
        }
        Ok((end - before) as u32)
    }

    fn checkpoint(&mut self, mut request: CheckpointRequest<'_>) -> Result<CheckpointOutcome> {
        let mut log = self.log();
        while log.writer.is_some() || log.readers.iter().any(|reader| *reader != self.id) {
            let frames = log.committed as u32;
            drop(log); // While the busy handler waits, others go on.
            if !request.busy.as_mut().is_some_and(|busy| busy()) {
                let busy = request.mode != CheckpointMode::Passive;
                return Ok(CheckpointOutcome { log_frames: frames, backfilled_frames: 0, busy });
            }
            log = self.log();
        }
        if log.committed == 0 {
            return Ok(CheckpointOutcome::default());
        }
        for (page, data) in &log.frames {
            request.file.write_at(data, page.index() as u64 * data.len() as u64)?;
        }
        request.file.truncate(u64::from(log.db_size) * request.buffer.len() as u64)?;
        if let Some(how) = request.sync.checkpoint() {
            request.file.sync(how)?;
        }
        (log.frames, log.committed) = (Vec::new(), 0);
        Ok(CheckpointOutcome::default())
    }

    fn take_committed(&mut self) -> u32 {
        std::mem::take(&mut self.told)
    }
}

#[allow(dead_code)]
fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    seawall::register("shelf", Shelf::default())?;

    let dir = tempfile::tempdir()?;
    let uri = format!("file:{}?wal=shelf", dir.path().join("app.db").display());
    let (writer, reader) = (Connection::open(&uri)?, Connection::open(&uri)?);
    writer.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES('from the shelf');")?;
    let text: String = reader.query_row("SELECT a FROM t", [], |row| row.get(0))?;
    println!("{text}");
    Ok(())
}
