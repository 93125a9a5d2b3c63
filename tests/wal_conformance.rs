//! Does every log do what SQLite expects of a log?

mod common;

#[path = "../examples/backend.rs"]
#[allow(dead_code)]
mod shelf;

use std::fs;

use common::conformance::conformance;
use common::{Env, checkpoint, code, log_setup};
use rusqlite::ffi::SQLITE_CORRUPT;
use seawall::{Memory, Stock, Wal, WalManager, WrapWal};

struct PassThrough;

impl<W: Wal> WrapWal<W> for PassThrough {}

#[test]
fn the_stock_log_conforms() {
    conformance("sqlite");
}

#[test]
fn the_stock_log_in_a_wrapper_conforms() {
    log_setup();
    seawall::register("wrapped", Stock.wrap(|_| PassThrough)).unwrap();
    conformance("wrapped");
}

#[test]
fn the_memory_log_conforms() {
    conformance("memory");
}

#[test]
fn the_timeline_conforms() {
    conformance("timeline");
}

#[test]
fn the_memory_log_in_two_wrappers_conforms() {
    log_setup();
    seawall::register("wrapped-twice", Memory.wrap(|_| PassThrough).wrap(|_| PassThrough)).unwrap();
    conformance("wrapped-twice");
}

#[test]
fn the_example_backend_conforms() {
    log_setup();
    seawall::register("shelf", shelf::Shelf::default()).unwrap();
    conformance("shelf");
}

#[test]
fn a_checkpoint_does_not_fill_up_a_file_that_was_cut_off() {
    for wal in ["sqlite", "memory", "timeline"] {
        let env = Env::new(wal);
        let db = env.open("t.db");
        db.execute_batch("CREATE TABLE t(a, b)").unwrap();
        for row in 0..500 {
            db.execute("INSERT INTO t VALUES(?1, randomblob(1000))", [row]).unwrap();
        }
        checkpoint(&db, "TRUNCATE");
        db.execute_batch("DELETE FROM t WHERE a=1").unwrap();
        fs::OpenOptions::new().write(true).open(env.path("t.db")).unwrap().set_len(8192).unwrap();
        assert_eq!(code(&db, "PRAGMA wal_checkpoint"), SQLITE_CORRUPT, "{wal}");
    }
}
