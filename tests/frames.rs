//! Are the frames of a log given out and taken in, from Rust?

mod common;

#[path = "../examples/replicate.rs"]
#[allow(dead_code)]
mod example;

use common::{Env, get};
use seawall::ffi;
use seawall::wal::FrameNo;
use seawall::{FRAME_HEADER, Inserter, disable_checkpoint, frame_count, read_frame};

#[test]
fn the_example_keeps_a_copy_also_when_it_runs_again() {
    let env = Env::new("sqlite");
    let [source, copy] = ["a.db", "b.db"].map(|name| env.path(name).display().to_string());
    let replicate = |sql: &[&str]| {
        let sql: Vec<String> = sql.iter().map(|&sql| sql.to_owned()).collect();
        example::replicate(&source, &copy, &sql).unwrap();
    };
    replicate(&["CREATE TABLE t(x)", "INSERT INTO t VALUES(1)", "BEGIN; INSERT INTO t VALUES(2),(3); COMMIT"]);
    replicate(&["DELETE FROM t WHERE x=1", "VACUUM"]);
    replicate(&[]);
    assert_eq!(get::<String>(&env.open("b.db"), "SELECT group_concat(x) FROM t"), "2,3");
}

#[test]
fn errors_carry_the_code_and_the_message() {
    let env = Env::new("sqlite");
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(x)").unwrap();
    let count = frame_count(&db).unwrap();
    let mut frame = vec![0; FRAME_HEADER + 4096];
    let error = read_frame(&db, FrameNo::new(count + 1).unwrap(), &mut frame).unwrap_err();
    assert_eq!(error.extended_code(), ffi::SQLITE_IOERR_SHORT_READ);
    assert_eq!(error.message(), Some(format!("the log has {count} frames, and no frame {}", count + 1).as_str()));
    assert_eq!(read_frame(&db, FrameNo::new(1).unwrap(), &mut frame[1..]).unwrap_err().code(), ffi::SQLITE_MISUSE);
    let inserter = Inserter::begin(&db).unwrap();
    assert_eq!(Inserter::begin(&db).unwrap_err().code(), ffi::SQLITE_MISUSE);
    inserter.end().unwrap();
    drop(Inserter::begin(&db).unwrap());
    db.execute_batch("BEGIN").unwrap();
    assert_eq!(Inserter::begin(&db).unwrap_err().code(), ffi::SQLITE_ERROR);
}

#[test]
fn closing_leaves_the_log_of_a_connection_that_must_not_checkpoint() {
    let env = Env::new("sqlite");
    let db = env.open("t.db");
    disable_checkpoint(&db).unwrap();
    db.execute_batch("CREATE TABLE t(x)").unwrap();
    drop(db);
    assert!(env.path("t.db-wal").exists());
}
