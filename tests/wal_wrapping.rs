//! Does a wrapper see what SQLite asks of a log?

mod common;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use common::{Env, checkpoint, log_setup};
use seawall::{
    CheckpointOutcome, CheckpointRequest, CloseRequest, Db, ExclusiveMode, FrameNo, Frames, LogFile, Memory, PageNo,
    Result, SavepointPosition, Stock, Wal, WalManager, WrapWal,
};

/// Notes the name of each method that is called.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<BTreeSet<&'static str>>>);

impl Recorder {
    fn note(&self, method: &'static str) {
        self.0.lock().unwrap().insert(method);
    }

    /// What was called, but for what only builds with SQLITE_ENABLE_SETLK_TIMEOUT call.
    fn seen(&self) -> BTreeSet<&'static str> {
        let mut seen = self.0.lock().unwrap().clone();
        seen.remove("set_db");
        seen
    }
}

macro_rules! record {
    ($($name:ident(&mut self $(, $arg:ident: $ty:ty)*) $(-> $ret:ty)?;)*) => {$(
        fn $name(&mut self, inner: &mut W $(, $arg: $ty)*) $(-> $ret)? {
            self.note(stringify!($name));
            inner.$name($($arg),*)
        }
    )*};
}

impl<W: Wal> WrapWal<W> for Recorder {
    record! {
        begin_read(&mut self) -> Result<bool>;
        end_read(&mut self);
        find_frame(&mut self, page: PageNo) -> Result<Option<FrameNo>>;
        read_frame(&mut self, frame: FrameNo, buffer: &mut [u8]) -> Result<()>;
        begin_write(&mut self) -> Result<()>;
        end_write(&mut self);
        undo(&mut self, undone: &mut dyn FnMut(PageNo)) -> Result<()>;
        savepoint(&mut self) -> SavepointPosition;
        savepoint_undo(&mut self, position: &mut SavepointPosition) -> Result<()>;
        savepoint_forget(&mut self, position: SavepointPosition);
        append(&mut self, frames: Frames<'_>) -> Result<u32>;
        checkpoint(&mut self, request: CheckpointRequest<'_>) -> Result<CheckpointOutcome>;
        take_committed(&mut self) -> u32;
        frame_count(&mut self, writing: bool) -> Result<u32>;
        set_size_limit(&mut self, limit: Option<u64>);
        exclusive_mode(&mut self, op: ExclusiveMode) -> bool;
        set_db(&mut self, db: Option<Db<'_>>);
    }

    fn db_size(&self, inner: &W) -> u32 {
        self.note("db_size");
        inner.db_size()
    }

    fn heap_memory(&self, inner: &W) -> bool {
        self.note("heap_memory");
        inner.heap_memory()
    }

    fn file<'a>(&'a mut self, inner: &'a mut W) -> Option<LogFile<'a>> {
        self.note("file");
        inner.file()
    }

    fn close<M: WalManager<Wal = W>>(self, manager: &M, inner: W, request: CloseRequest<'_>) -> Result<()> {
        self.note("close");
        manager.close(inner, request)
    }
}

fn everything_is_seen(wal: &str, seen: &Recorder) {
    let env = Env::new(wal);
    let db = env.open("t.db");
    db.execute_batch(
        "PRAGMA cache_size=5; CREATE TABLE t(a); PRAGMA journal_size_limit=10000;
         BEGIN; INSERT INTO t VALUES(1); SAVEPOINT s; INSERT INTO t VALUES(zeroblob(100000)); ROLLBACK TO s; ROLLBACK;
         INSERT INTO t VALUES(zeroblob(100000)); SELECT * FROM t;
         PRAGMA locking_mode=EXCLUSIVE; INSERT INTO t VALUES(1); PRAGMA locking_mode=NORMAL; INSERT INTO t VALUES(1);",
    )
    .unwrap();
    checkpoint(&db, "NOOP");
    checkpoint(&db, "PASSIVE");
    let mut file: *mut rusqlite::ffi::sqlite3_file = std::ptr::null_mut();
    // SAFETY: an open connection, and what this operation takes.
    unsafe {
        let op = rusqlite::ffi::SQLITE_FCNTL_JOURNAL_POINTER;
        rusqlite::ffi::sqlite3_file_control(db.handle(), std::ptr::null(), op, (&raw mut file).cast());
    }
    drop(db);
    let expected = [
        "append",
        "begin_read",
        "begin_write",
        "checkpoint",
        "close",
        "db_size",
        "end_read",
        "end_write",
        "exclusive_mode",
        "file",
        "find_frame",
        "frame_count",
        "heap_memory",
        "read_frame",
        "savepoint",
        "savepoint_forget",
        "savepoint_undo",
        "set_size_limit",
        "take_committed",
        "undo",
    ];
    assert_eq!(seen.seen(), BTreeSet::from(expected));
}

#[test]
fn a_wrapper_sees_every_method_that_sqlite_calls() {
    log_setup();
    let (stock, memory) = (Recorder::default(), Recorder::default());
    let (over_stock, over_memory) = (stock.clone(), memory.clone());
    seawall::register("recorded", Stock.wrap(move |_| over_stock.clone())).unwrap();
    seawall::register("recorded-memory", Memory.wrap(move |_| over_memory.clone())).unwrap();
    everything_is_seen("recorded", &stock);
    everything_is_seen("recorded-memory", &memory);
}

#[test]
fn the_outer_wrapper_and_the_inner_one_see_the_same() {
    log_setup();
    let (inner, outer) = (Recorder::default(), Recorder::default());
    let (one, two) = (inner.clone(), outer.clone());
    seawall::register("stacked", Memory.wrap(move |_| one.clone()).wrap(move |_| two.clone())).unwrap();
    everything_is_seen("stacked", &outer);
    assert_eq!(inner.seen(), outer.seen());
}

/// What one call of append() brought: the page size, the pages with their content, and the size at a commit.
type Append = (u32, Vec<(u32, Vec<u8>)>, Option<u32>);

/// Keeps everything that is appended.
#[derive(Clone, Default)]
struct Archive(Arc<Mutex<Vec<Append>>>);

impl<W: Wal> WrapWal<W> for Archive {
    fn append(&mut self, inner: &mut W, frames: Frames<'_>) -> Result<u32> {
        let pages = frames.pages().map(|page| (page.page.get(), page.data.to_vec())).collect();
        self.0.lock().unwrap().push((frames.page_size(), pages, frames.commit()));
        inner.append(frames)
    }
}

#[test]
fn the_pages_of_all_commits_make_up_the_database() {
    log_setup();
    let archive = Archive::default();
    let copy = archive.clone();
    seawall::register("archived", Stock.wrap(move |_| copy.clone())).unwrap();
    for page_size in [512, 4096, 65536] {
        archive.0.lock().unwrap().clear();
        let env = Env::new("archived");
        let db = env.open("t.db");
        // The page that the switch to WAL mode writes does not go through a log.
        db.execute_batch(&format!("PRAGMA page_size={page_size}; PRAGMA user_version=1")).unwrap();
        checkpoint(&db, "TRUNCATE");
        let mut image = std::fs::read(env.path("t.db")).unwrap();
        db.execute_batch(
            "PRAGMA cache_size=5; CREATE TABLE t(a); BEGIN; INSERT INTO t VALUES(randomblob(100000));
             INSERT INTO t VALUES(randomblob(300000)); COMMIT; DELETE FROM t WHERE length(a)>200000; VACUUM",
        )
        .unwrap();
        drop(db);
        for (size, pages, commit) in archive.0.lock().unwrap().iter() {
            assert_eq!(*size, page_size);
            assert!(pages.is_sorted_by_key(|page| page.0));
            for (number, data) in pages {
                let start = (*number as usize - 1) * page_size as usize;
                image.resize(image.len().max(start + page_size as usize), 0);
                image[start..start + page_size as usize].copy_from_slice(data);
            }
            if let Some(count) = commit {
                image.resize(*count as usize * page_size as usize, 0);
            }
        }
        assert!(image == std::fs::read(env.path("t.db")).unwrap(), "page size {page_size}");
    }
}
