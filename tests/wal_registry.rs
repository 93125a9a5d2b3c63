//! Does a registered log reach the connections that name it, and no others? And when does it go?

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{Env, get, log_setup, uri};
use rusqlite::Connection;
use seawall::{Frames, Memory, Result, Stock, Wal, WalManager, WrapWal};

/// Counts the commits that go through it, and how many of it there are: logs, and managers.
#[derive(Clone, Default)]
struct Counts {
    commits: Arc<AtomicUsize>,
    alive: Arc<()>,
}

impl Counts {
    fn manager(&self) -> impl WalManager + use<> {
        let counts = self.clone();
        Stock.wrap(move |_| counts.clone())
    }

    fn commits(&self) -> usize {
        self.commits.load(Ordering::SeqCst)
    }

    /// The manager and the logs that still exist.
    fn alive(&self) -> usize {
        Arc::strong_count(&self.alive) - 1
    }
}

impl<W: Wal> WrapWal<W> for Counts {
    fn append(&mut self, inner: &mut W, frames: Frames<'_>) -> Result<u32> {
        self.commits.fetch_add(usize::from(frames.commit().is_some()), Ordering::SeqCst);
        inner.append(frames)
    }
}

#[test]
fn only_connections_that_name_a_log_use_it() {
    log_setup();
    let counts = Counts::default();
    seawall::register("counts", counts.manager()).unwrap();
    let (counted, plain) = (Env::new("counts"), Env::new("sqlite"));
    plain.open("t.db").execute_batch("CREATE TABLE t(a)").unwrap();
    assert_eq!(counts.commits(), 0);
    counted.open("t.db").execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1)").unwrap();
    assert_eq!(counts.commits(), 2);
}

#[test]
fn an_attached_database_can_have_another_log() {
    log_setup();
    let (outer, inner) = (Counts::default(), Counts::default());
    seawall::register("outer", outer.manager()).unwrap();
    seawall::register("inner", inner.manager()).unwrap();
    let env = Env::new("outer");
    let db = env.open("main.db");
    db.execute("ATTACH ?1 AS named", [uri(&env.path("named.db"), "inner")]).unwrap();
    db.execute("ATTACH ?1 AS unnamed", [env.path("unnamed.db").to_str()]).unwrap();
    db.execute_batch("PRAGMA unnamed.journal_mode=WAL").unwrap();
    db.execute_batch("CREATE TABLE named.t(a); CREATE TABLE unnamed.u(a); CREATE TABLE main.v(a)").unwrap();
    assert_eq!((outer.commits(), inner.commits()), (2, 1));
}

#[test]
fn an_unknown_name_is_an_error_that_lists_what_there_is() {
    log_setup();
    let env = Env::new("nosuch");
    let error = Connection::open(env.uri("t.db")).unwrap_err().to_string();
    assert!(error.contains("wal \"nosuch\" is not registered"), "{error}");
    assert!(error.contains("memory") && error.contains("sqlite"), "{error}");
    assert!(!seawall::is_registered("nosuch"));
    assert!(seawall::is_registered("memory") && seawall::is_registered("sqlite"));
}

#[test]
fn names_are_listed_and_found_again() {
    log_setup();
    seawall::register("listed", Stock).unwrap();
    let names = seawall::names().unwrap();
    assert!(names.is_sorted() && ["listed", "memory", "sqlite"].iter().all(|name| names.iter().any(|n| n == name)));
    let db = Env::new("listed").open("t.db");
    db.execute_batch("ATTACH ':memory:' AS other").unwrap();
    assert_eq!(seawall::name_of(&db, "main").as_deref(), Some("listed"));
    assert_eq!(seawall::name_of(&db, "other").as_deref(), Some("sqlite"));
    assert_eq!(seawall::name_of(&db, "none"), None);
    seawall::unregister("listed").unwrap();
    assert_eq!(seawall::name_of(&db, "main").as_deref(), Some("unnamed"));
}

#[test]
fn a_manager_lives_until_its_last_database_is_closed() {
    log_setup();
    let (old, new) = (Counts::default(), Counts::default());
    seawall::register("replaced", old.manager()).unwrap();
    let env = Env::new("replaced");
    let first = env.open("t.db");
    first.execute_batch("CREATE TABLE t(a)").unwrap();
    assert_eq!(old.alive(), 2);
    seawall::register("replaced", new.manager()).unwrap();
    assert_eq!(old.alive(), 2, "the old manager and its log are in use");
    let second = env.open("t.db");
    second.execute_batch("INSERT INTO t VALUES(1)").unwrap();
    first.execute_batch("INSERT INTO t VALUES(2)").unwrap();
    assert_eq!((old.commits(), new.commits()), (2, 1));
    drop(first);
    assert_eq!(old.alive(), 0);
    seawall::unregister("replaced").unwrap();
    assert!(Connection::open(env.uri("u.db")).is_err());
    second.execute_batch("INSERT INTO t VALUES(3)").unwrap();
    assert_eq!(get::<i64>(&second, "SELECT sum(a) FROM t"), 6);
    drop(second);
    assert_eq!(new.alive(), 0);
}

#[test]
fn a_name_that_is_not_registered_cannot_be_unregistered() {
    log_setup();
    let error = seawall::unregister("never").unwrap_err();
    assert_eq!(error.code(), rusqlite::ffi::SQLITE_NOTFOUND);
    assert!(error.to_string().contains("\"never\" is not registered"), "{error}");
}

#[test]
fn a_name_that_is_refused_leaves_nothing_behind() {
    log_setup();
    let counts = Counts::default();
    for name in ["", "a b", "sqlite"] {
        assert_eq!(seawall::register(name, counts.manager()).unwrap_err().code(), rusqlite::ffi::SQLITE_MISUSE);
    }
    assert_eq!(counts.alive(), 0);
}

#[test]
fn a_manager_can_be_given_to_one_connection_alone() {
    log_setup();
    let env = Env::new("memory");
    let name = std::ffi::CString::new(env.path("t.db").to_str().unwrap()).unwrap();
    let flags = rusqlite::ffi::SQLITE_OPEN_READWRITE | rusqlite::ffi::SQLITE_OPEN_CREATE;
    let counts = Counts::default();
    let mut raw = std::ptr::null_mut();
    // SAFETY: the C interface as its header has it; the connection is closed by rusqlite.
    let db = unsafe {
        let manager = seawall::make_manager(counts.manager());
        let code = seawall::ffi::libsql_open_v3(name.as_ptr(), &mut raw, flags, std::ptr::null(), manager);
        assert_eq!(code, 0);
        Connection::from_handle_owned(raw).unwrap()
    };
    db.execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE t(a)").unwrap();
    assert_eq!(counts.commits(), 1);
    drop(db);
    assert_eq!(counts.alive(), 0);
}

#[test]
fn logs_of_different_kinds_live_in_one_connection() {
    log_setup();
    seawall::register("wrapped-memory", Memory.wrap(|_| Counts::default())).unwrap();
    let env = Env::new("memory");
    let db = env.open("a.db");
    for (name, wal) in [("b", "wrapped-memory"), ("c", "sqlite")] {
        db.execute(&format!("ATTACH ?1 AS {name}"), [uri(&env.path(&format!("{name}.db")), wal)]).unwrap();
    }
    db.execute_batch("CREATE TABLE a(x); CREATE TABLE b.b(x); CREATE TABLE c.c(x)").unwrap();
    db.execute_batch("BEGIN; INSERT INTO a VALUES(1); INSERT INTO b VALUES(2); INSERT INTO c VALUES(3); COMMIT")
        .unwrap();
    assert_eq!(get::<i64>(&db, "SELECT a.x+b.x+c.x FROM a, b, c"), 6);
    assert!(!env.path("a.db-wal").exists() && !env.path("b.db-wal").exists() && env.path("c.db-wal").exists());
}
