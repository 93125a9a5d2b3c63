//! Does every log do what SQLite expects of a log?

mod common;

#[path = "../examples/backend.rs"]
#[allow(dead_code)]
mod shelf;

use common::conformance::conformance;
use common::log_setup;
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
