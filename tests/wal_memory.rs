//! What is special about the log in memory?

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use common::{Env, assert_sound, checkpoint, code, get, logged, model};
use rusqlite::ffi::{SQLITE_BUSY, SQLITE_CANTOPEN, SQLITE_NOTICE, SQLITE_WARNING};
use rusqlite::{Connection, config::DbConfig};

fn size(env: &Env, name: &str) -> u64 {
    std::fs::metadata(env.path(name)).unwrap().len()
}

#[test]
fn it_leaves_no_files_beside_the_database() {
    let env = Env::new("memory");
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1)").unwrap();
    let names = || std::fs::read_dir(env.dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names().collect::<Vec<_>>(), ["t.db"]);
    drop(db);
    assert_eq!(names().collect::<Vec<_>>(), ["t.db"]);
}

#[test]
fn commits_reach_the_file_at_checkpoints_only() {
    let env = Env::new("memory");
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(zeroblob(100000))").unwrap();
    assert_eq!(size(&env, "t.db"), 4096, "the header that makes it a WAL database");
    assert_eq!(checkpoint(&db, "PASSIVE").0, 0);
    assert!(size(&env, "t.db") > 100_000);
    assert_sound(&db);
}

#[test]
fn it_works_as_the_stock_log_does_down_to_what_stops_a_checkpoint() {
    for seed in 100..112 {
        model::run("memory", seed, true);
    }
}

#[test]
fn the_first_connection_logs_that_commits_are_volatile() {
    let env = Env::new("memory");
    let (a, b) = (env.open("notice.db"), env.open("notice.db"));
    a.execute_batch("CREATE TABLE t(a)").unwrap();
    assert_eq!(get::<i64>(&b, "SELECT count(*) FROM t"), 0);
    let lines = logged(env.path("notice.db").to_str().unwrap());
    let notices: Vec<_> = lines.iter().filter(|line| line.1.contains("this process only")).collect();
    assert_eq!(notices.len(), 1, "{lines:?}");
    assert_eq!(notices[0].0, SQLITE_NOTICE);
}

#[test]
fn a_database_with_frames_in_a_stock_log_is_refused() {
    let env = Env::new("memory");
    let stock = env.open_stock("t.db");
    stock.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1)").unwrap();
    assert_eq!(code(&env.open("t.db"), "SELECT * FROM t"), SQLITE_CANTOPEN);
    let line = &logged(&format!("{}?wal=sqlite", env.path("t.db").display()))[0];
    assert_eq!(line.0, SQLITE_CANTOPEN);
    assert!(line.1.contains("t.db-wal holds transactions"), "{}", line.1);
    drop(stock);
    assert_eq!(get::<i64>(&env.open("t.db"), "SELECT a FROM t"), 1);
}

#[test]
fn an_empty_stock_log_is_no_obstacle() {
    let env = Env::new("memory");
    env.open_stock("t.db").execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1)").unwrap();
    std::fs::write(env.path("t.db-wal"), "").unwrap();
    assert_eq!(get::<i64>(&env.open("t.db"), "SELECT a FROM t"), 1);
}

fn without_checkpoint(env: &Env) -> Connection {
    let db = env.open("t.db");
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    db
}

#[test]
fn a_log_that_was_not_checkpointed_waits_for_the_next_connection() {
    let env = Env::new("memory");
    let db = without_checkpoint(&env);
    db.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1)").unwrap();
    drop(db);
    assert_eq!(size(&env, "t.db"), 4096);
    let lines = logged(env.path("t.db").to_str().unwrap());
    assert!(lines.iter().any(|line| line.0 == SQLITE_WARNING && line.1.contains("wait in memory")), "{lines:?}");
    let db = env.open("t.db");
    assert_eq!(get::<i64>(&db, "SELECT a FROM t"), 1);
    db.execute_batch("INSERT INTO t VALUES(2)").unwrap();
    drop(db);
    assert_eq!(get::<i64>(&env.open_stock("t.db"), "SELECT sum(a) FROM t"), 3);
}

#[test]
fn a_log_that_waits_is_discarded_when_the_file_changed() {
    let env = Env::new("memory");
    env.open("t.db").execute_batch("CREATE TABLE t(a)").unwrap();
    without_checkpoint(&env).execute_batch("INSERT INTO t VALUES(1)").unwrap();
    env.open_stock("t.db").execute_batch("INSERT INTO t VALUES(2)").unwrap();
    let db = env.open("t.db");
    assert_eq!(get::<i64>(&db, "SELECT sum(a) FROM t"), 2);
    let lines = logged(env.path("t.db").to_str().unwrap());
    assert!(lines.iter().any(|line| line.1.contains("1 frames are lost: the file has been changed")), "{lines:?}");
    assert_sound(&db);
}

#[test]
fn a_deleted_database_takes_its_log_with_it() {
    let env = Env::new("memory");
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE old(a)").unwrap();
    std::fs::remove_file(env.path("t.db")).unwrap();
    let new = env.open("t.db");
    new.execute_batch("CREATE TABLE new(a)").unwrap();
    assert_eq!(get::<String>(&new, "SELECT group_concat(name) FROM sqlite_schema"), "new");
    assert_eq!(get::<String>(&db, "SELECT group_concat(name) FROM sqlite_schema"), "old");
    drop((db, new));
    assert_eq!(get::<String>(&env.open("t.db"), "SELECT group_concat(name) FROM sqlite_schema"), "new");
}

#[cfg(unix)]
#[test]
fn two_names_of_one_file_have_one_log() {
    let env = Env::new("memory");
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1)").unwrap();
    std::fs::hard_link(env.path("t.db"), env.path("hard.db")).unwrap();
    std::os::unix::fs::symlink(env.path("t.db"), env.path("soft.db")).unwrap();
    for name in ["hard.db", "soft.db"] {
        let other = env.open(name);
        other.execute_batch("UPDATE t SET a=a+1").unwrap();
        assert_eq!(code(&db, "BEGIN IMMEDIATE; COMMIT"), 0);
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert_eq!(code(&db, "BEGIN IMMEDIATE"), SQLITE_BUSY);
    }
    assert_eq!(get::<i64>(&db, "SELECT a FROM t"), 3);
}

#[test]
fn a_log_that_is_in_the_file_begins_anew() {
    let env = Env::new("memory");
    let (db, idle) = (env.open("t.db"), env.open("t.db"));
    db.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1); CREATE TABLE u AS SELECT zeroblob(50000)").unwrap();
    assert_eq!(get::<i64>(&idle, "SELECT count(*) FROM t"), 1);
    for _ in 0..5 {
        let (_, frames, done) = checkpoint(&db, "PASSIVE");
        assert_eq!(frames, done);
        db.execute_batch("UPDATE t SET a=a+1").unwrap();
        let (_, frames, _) = checkpoint(&db, "NOOP");
        assert!(frames < 5, "{frames}");
    }
    // Somebody who reads from the log keeps it.
    idle.execute_batch("BEGIN; SELECT * FROM t").unwrap();
    checkpoint(&db, "PASSIVE");
    let before = checkpoint(&db, "NOOP").1;
    db.execute_batch("UPDATE t SET a=a+1").unwrap();
    assert!(checkpoint(&db, "NOOP").1 > before);
    assert_eq!(get::<i64>(&idle, "SELECT a FROM t"), 6);
}

static ASKED: AtomicBool = AtomicBool::new(false);

fn ask(_: i32) -> bool {
    ASKED.store(true, Ordering::SeqCst);
    thread::yield_now();
    true
}

#[test]
fn a_checkpoint_waits_for_a_reader_as_the_busy_handler_says() {
    let env = Env::new("memory");
    let mut db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1)").unwrap();
    let reader = env.open("t.db");
    reader.execute_batch("BEGIN; SELECT * FROM t").unwrap();
    db.execute_batch("INSERT INTO t VALUES(2)").unwrap();
    let reading = thread::spawn(move || {
        while !ASKED.load(Ordering::SeqCst) {
            thread::yield_now();
        }
        assert_eq!(get::<i64>(&reader, "SELECT sum(a) FROM t"), 1);
        reader.execute_batch("COMMIT").unwrap();
        reader
    });
    db.busy_handler(Some(ask)).unwrap();
    assert_eq!(checkpoint(&db, "TRUNCATE"), (0, 0, 0));
    let reader = reading.join().unwrap();
    assert_eq!(get::<i64>(&reader, "SELECT sum(a) FROM t"), 3);
}

#[test]
fn a_read_only_connection_reads_the_log_of_others() {
    let env = Env::new("memory");
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1)").unwrap();
    let reader = Connection::open(format!("{}&mode=ro", env.uri("t.db"))).unwrap();
    assert_eq!(get::<i64>(&reader, "SELECT a FROM t"), 1);
    assert_ne!(code(&reader, "INSERT INTO t VALUES(2)"), 0);
    drop(db);
    assert_eq!(get::<i64>(&reader, "SELECT a FROM t"), 1);
    drop(reader);
    assert_eq!(get::<i64>(&env.open("t.db"), "SELECT a FROM t"), 1);
}

#[test]
fn two_connections_of_one_thread_can_attach_each_others_database() {
    let env = Env::new("memory");
    let (a, b) = (env.open("a.db"), env.open("b.db"));
    a.execute("ATTACH ?1 AS other", [env.uri("b.db")]).unwrap();
    b.execute("ATTACH ?1 AS other", [env.uri("a.db")]).unwrap();
    a.execute_batch("CREATE TABLE main.t(x); CREATE TABLE other.u(y); INSERT INTO other.u VALUES(1)").unwrap();
    b.execute_batch("INSERT INTO other.t SELECT y FROM main.u").unwrap();
    assert_eq!(get::<i64>(&a, "SELECT x+y FROM t, u"), 2);
}
