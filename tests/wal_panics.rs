//! What becomes of a database whose log panics or fails?

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use common::{Env, assert_sound, code, get, log_setup, logged};
use rusqlite::ffi::{SQLITE_CANTOPEN, SQLITE_FULL, SQLITE_IOERR};
use seawall::{
    CheckpointOutcome, CheckpointRequest, CloseRequest, Error, FrameNo, Frames, Memory, PageNo, Result,
    SavepointPosition, Stock, Wal, WalManager, WrapWal,
};

/// Panics in the method that is named, once it is told to.
#[derive(Clone, Default)]
struct Fuse(Arc<Mutex<&'static str>>);

impl Fuse {
    fn light(&self, method: &'static str) {
        *self.0.lock().unwrap() = method;
    }

    fn burn(&self, method: &str) {
        let lit = *self.0.lock().unwrap() == method;
        if lit {
            self.light("");
            panic!("the fuse of {method} burnt");
        }
    }
}

impl<W: Wal> WrapWal<W> for Fuse {
    fn begin_read(&mut self, inner: &mut W) -> Result<bool> {
        self.burn("begin_read");
        inner.begin_read()
    }
    fn end_read(&mut self, inner: &mut W) {
        self.burn("end_read");
        inner.end_read();
    }
    fn find_frame(&mut self, inner: &mut W, page: PageNo) -> Result<Option<FrameNo>> {
        self.burn("find_frame");
        inner.find_frame(page)
    }
    fn begin_write(&mut self, inner: &mut W) -> Result<()> {
        self.burn("begin_write");
        inner.begin_write()
    }
    fn end_write(&mut self, inner: &mut W) {
        self.burn("end_write");
        inner.end_write();
    }
    fn undo(&mut self, inner: &mut W, undone: &mut dyn FnMut(PageNo)) -> Result<()> {
        self.burn("undo");
        inner.undo(undone)
    }
    fn savepoint_undo(&mut self, inner: &mut W, position: &mut SavepointPosition) -> Result<()> {
        self.burn("savepoint_undo");
        inner.savepoint_undo(position)
    }
    fn append(&mut self, inner: &mut W, frames: Frames<'_>) -> Result<u32> {
        self.burn("append");
        let added = inner.append(frames)?;
        self.burn("append, at its end");
        Ok(added)
    }
    fn checkpoint(&mut self, inner: &mut W, request: CheckpointRequest<'_>) -> Result<CheckpointOutcome> {
        self.burn("checkpoint");
        inner.checkpoint(request)
    }
    fn close<M: WalManager<Wal = W>>(self, manager: &M, inner: W, request: CloseRequest<'_>) -> Result<()> {
        self.burn("close");
        manager.close(inner, request)
    }
}

/// Work after which the fuse has burnt, whichever method it was in.
const WORK: &str = "PRAGMA cache_size=5;
    BEGIN; SAVEPOINT s; INSERT INTO t SELECT randomblob(500) FROM t; ROLLBACK TO s; COMMIT;
    BEGIN; INSERT INTO t SELECT randomblob(500) FROM t; ROLLBACK;
    INSERT INTO t VALUES('after');
    PRAGMA wal_checkpoint;
    INSERT INTO t VALUES('after');";

const METHODS: [&str; 10] = [
    "begin_read",
    "end_read",
    "find_frame",
    "begin_write",
    "end_write",
    "undo",
    "savepoint_undo",
    "append",
    "append, at its end",
    "checkpoint",
];

fn survives_panics(wal: &str, fuse: &Fuse) {
    for method in METHODS {
        let env = Env::new(wal);
        let db = env.open("t.db");
        db.execute_batch("CREATE TABLE t(a)").unwrap();
        for _ in 0..300 {
            db.execute_batch("INSERT INTO t VALUES(zeroblob(500))").unwrap();
        }
        let other = env.open("t.db");
        assert_eq!(get::<i64>(&other, "SELECT count(*) FROM t"), 300);
        fuse.light(method);
        let code = code(&db, WORK);
        assert!(fuse.0.lock().unwrap().is_empty(), "{method} was called");
        if !["end_read", "end_write"].contains(&method) {
            assert_eq!(code & 0xff, SQLITE_IOERR, "{method}");
        }
        let why = db.query_row("SELECT count(*) FROM t", [], |_| Ok(())).unwrap_err();
        assert_eq!(common::error_code(&why), SQLITE_IOERR, "{method}: the connection is of no use any more");

        // Others go on at once, and see either the whole transaction or nothing of it.
        let count: i64 = get(&other, "SELECT count(*) FROM t");
        assert!((300..=302).contains(&count), "{method}: {count}");
        other.execute_batch("INSERT INTO t VALUES('other')").unwrap();
        drop(db);
        assert_eq!(get::<i64>(&env.open("t.db"), "SELECT count(*) FROM t"), count + 1, "{method}");
        assert_sound(&other);
        drop(other);
        assert_eq!(get::<i64>(&env.open_stock("t.db"), "SELECT count(*) FROM t"), count + 1, "{method}");
    }
    for method in METHODS {
        assert!(!logged(&format!("panicked: the fuse of {method} burnt")).is_empty(), "{method}");
    }
}

#[test]
fn a_panic_around_the_stock_log_is_an_error_and_the_database_is_intact() {
    log_setup();
    let fuse = Fuse::default();
    let shared = fuse.clone();
    seawall::register("fuse", Stock.wrap(move |_| shared.clone())).unwrap();
    survives_panics("fuse", &fuse);
}

#[test]
fn a_panic_around_the_memory_log_is_an_error_and_the_database_is_intact() {
    log_setup();
    let fuse = Fuse::default();
    let shared = fuse.clone();
    seawall::register("memory-fuse", Memory.wrap(move |_| shared.clone())).unwrap();
    survives_panics("memory-fuse", &fuse);
}

#[test]
fn a_panic_while_closing_leaves_the_log_of_the_stock_kind_to_the_next() {
    log_setup();
    let fuse = Fuse::default();
    let shared = fuse.clone();
    seawall::register("closing-fuse", Stock.wrap(move |_| shared.clone())).unwrap();
    let env = Env::new("closing-fuse");
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1)").unwrap();
    fuse.light("close");
    drop(db);
    assert!(!logged("the wal's close() panicked: the fuse of close burnt").is_empty());
    assert_eq!(get::<i64>(&env.open("t.db"), "SELECT a FROM t"), 1);
}

#[test]
fn a_panic_while_opening_is_an_error() {
    log_setup();
    let armed = Arc::new(AtomicBool::new(true));
    let trap = Arc::clone(&armed);
    let manager = Stock.wrap(move |_| {
        assert!(!trap.load(Ordering::SeqCst), "the trap is armed");
        Fuse::default()
    });
    seawall::register("trap", manager).unwrap();
    let env = Env::new("trap");
    let db = env.open("t.db");
    assert_eq!(code(&db, "CREATE TABLE t(a)"), SQLITE_IOERR);
    assert!(!logged("the wal's open() panicked: the trap is armed").is_empty());
    armed.store(false, Ordering::SeqCst);
    db.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1)").unwrap();
    assert_sound(&db);
}

/// Fails to append with an error that has a sentence.
#[derive(Clone)]
struct NoRoom(Arc<AtomicBool>);

impl<W: Wal> WrapWal<W> for NoRoom {
    fn append(&mut self, inner: &mut W, frames: Frames<'_>) -> Result<u32> {
        if self.0.load(Ordering::SeqCst) {
            return Err(Error::FULL.with_message("the quota of this test is used up"));
        }
        inner.append(frames)
    }
}

#[test]
fn an_error_reaches_the_statement_and_its_sentence_the_log() {
    log_setup();
    let full = Arc::new(AtomicBool::new(false));
    let switch = NoRoom(Arc::clone(&full));
    seawall::register("quota", Stock.wrap(move |_| switch.clone())).unwrap();
    let env = Env::new("quota");
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(a)").unwrap();
    full.store(true, Ordering::SeqCst);
    assert_eq!(code(&db, "INSERT INTO t VALUES(1)"), SQLITE_FULL);
    assert_eq!(logged("the quota of this test is used up").len(), 1);
    full.store(false, Ordering::SeqCst);
    db.execute_batch("INSERT INTO t VALUES(2)").unwrap();
    assert_eq!(get::<i64>(&env.open("t.db"), "SELECT sum(a) FROM t"), 2);
}

/// A log that cannot be opened.
struct Closed;

impl WalManager for Closed {
    type Wal = seawall::MemoryWal;
    fn open(&self, _: seawall::OpenRequest<'_>) -> Result<Self::Wal> {
        Err(Error::CANTOPEN.with_message("this shop is closed: come back tomorrow"))
    }
    fn close(&self, _: Self::Wal, _: CloseRequest<'_>) -> Result<()> {
        Ok(())
    }
    fn log_exists(&self, _: &seawall::Vfs<'_>, _: seawall::DbName<'_>) -> Result<bool> {
        Ok(false)
    }
    fn destroy_log(&self, _: &seawall::Vfs<'_>, _: seawall::DbName<'_>) -> Result<()> {
        Ok(())
    }
}

#[test]
fn a_log_that_cannot_be_opened_says_why() {
    log_setup();
    seawall::register("closed", Closed).unwrap();
    let env = Env::new("closed");
    assert_eq!(code(&env.open("t.db"), "CREATE TABLE t(a)"), SQLITE_CANTOPEN);
    assert!(!logged("this shop is closed: come back tomorrow").is_empty());
}
