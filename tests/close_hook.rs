//! When does a close hook run, and when is its closure dropped?

mod common;

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{code, log_setup, logged};
use rusqlite::Connection;
use rusqlite::ffi::{SQLITE_BUSY, sqlite3_finalize, sqlite3_prepare_v2, sqlite3_stmt};
use seawall::{AsHandle, Db, close_hook, remove_close_hook};

/// Counts calls, and, by its number of owners, drops.
#[derive(Clone, Default)]
struct Counter(Arc<AtomicUsize>);

impl Counter {
    fn hook(&self) -> impl FnMut(&Db<'_>) + Send + use<> {
        let counter = self.clone();
        move |_| {
            counter.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn calls(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    fn is_dropped(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }
}

fn connection() -> Connection {
    log_setup();
    Connection::open_in_memory().unwrap()
}

#[test]
fn a_hook_runs_at_the_close_and_is_dropped_once() {
    let (db, counter) = (connection(), Counter::default());
    close_hook(&db, counter.hook()).unwrap();
    db.execute_batch("CREATE TABLE t(a)").unwrap();
    assert_eq!((counter.calls(), counter.is_dropped()), (0, false));
    db.close().unwrap();
    assert_eq!((counter.calls(), counter.is_dropped()), (1, true));
}

/// A statement that rusqlite knows nothing of, so that the connection cannot be closed.
fn prepare(db: &Connection) -> *mut sqlite3_stmt {
    let mut statement = ptr::null_mut();
    // SAFETY: an open connection and a NUL-terminated text.
    let code = unsafe { sqlite3_prepare_v2(db.as_handle(), c"SELECT 1".as_ptr(), -1, &mut statement, ptr::null_mut()) };
    assert_eq!(code, 0);
    statement
}

#[test]
fn a_hook_runs_at_an_attempt_that_fails_and_again_at_the_next() {
    let (db, counter) = (connection(), Counter::default());
    close_hook(&db, counter.hook()).unwrap();
    let statement = prepare(&db);
    let (db, error) = db.close().unwrap_err();
    assert_eq!(common::error_code(&error), SQLITE_BUSY);
    assert_eq!((counter.calls(), counter.is_dropped()), (1, false));
    // SAFETY: prepared above.
    unsafe { sqlite3_finalize(statement) };
    db.close().unwrap();
    assert_eq!((counter.calls(), counter.is_dropped()), (2, true));
}

#[test]
fn a_hook_can_finalize_what_is_in_the_way() {
    let db = connection();
    let statement = prepare(&db) as usize;
    // SAFETY: prepared above, and finalized only here.
    close_hook(&db, move |_| unsafe {
        sqlite3_finalize(statement as *mut sqlite3_stmt);
    })
    .unwrap();
    db.close().unwrap();
}

#[test]
fn a_new_hook_replaces_the_old_one() {
    let (db, old, new) = (connection(), Counter::default(), Counter::default());
    close_hook(&db, old.hook()).unwrap();
    close_hook(&db, new.hook()).unwrap();
    assert!(old.is_dropped() && !new.is_dropped());
    drop(db);
    assert_eq!((old.calls(), new.calls()), (0, 1));
    assert!(new.is_dropped());
}

#[test]
fn a_removed_hook_is_dropped_and_does_not_run() {
    let (db, counter) = (connection(), Counter::default());
    close_hook(&db, counter.hook()).unwrap();
    remove_close_hook(&db).unwrap();
    assert!(counter.is_dropped());
    remove_close_hook(&db).unwrap();
    drop(db);
    assert_eq!(counter.calls(), 0);
}

#[test]
fn a_hook_from_c_replaces_the_closure_which_is_dropped_with_the_connection() {
    unsafe extern "C" fn from_c(calls: *mut std::ffi::c_void, _: *mut rusqlite::ffi::sqlite3) {
        // SAFETY: the counter of this test.
        unsafe { &*calls.cast::<AtomicUsize>() }.fetch_add(1, Ordering::SeqCst);
    }
    let (db, counter) = (connection(), Counter::default());
    let calls = AtomicUsize::new(0);
    close_hook(&db, counter.hook()).unwrap();
    // SAFETY: an open connection; the counter lives longer.
    unsafe { seawall::ffi::libsql_close_hook(db.as_handle(), Some(from_c), (&raw const calls).cast_mut().cast()) };
    assert!(!counter.is_dropped());
    drop(db);
    assert_eq!((calls.load(Ordering::SeqCst), counter.calls()), (1, 0));
    assert!(counter.is_dropped());
}

#[test]
fn a_hook_may_replace_itself() {
    let (db, counter, next) = (connection(), Counter::default(), Counter::default());
    let (mut first, second) = (counter.hook(), next.clone());
    close_hook(&db, move |db| {
        close_hook(db, second.hook()).unwrap();
        first(db);
    })
    .unwrap();
    let statement = prepare(&db);
    let (db, _) = db.close().unwrap_err();
    assert_eq!((counter.calls(), counter.is_dropped(), next.calls()), (1, true, 0));
    // SAFETY: prepared above.
    unsafe { sqlite3_finalize(statement) };
    db.close().unwrap();
    assert_eq!((counter.calls(), next.calls(), next.is_dropped()), (1, 1, true));
}

#[test]
fn a_hook_that_panics_leaves_a_line_in_the_log() {
    let db = connection();
    close_hook(&db, |_| panic!("no reason at all")).unwrap();
    db.close().unwrap();
    assert_eq!(logged("a close hook panicked: no reason at all").len(), 1);
}

/// Panics when it is dropped.
struct Grudge;

impl Drop for Grudge {
    fn drop(&mut self) {
        panic!("a grudge");
    }
}

#[test]
fn a_closure_that_panics_in_its_destructor_does_no_harm() {
    let (db, grudge) = (connection(), Grudge);
    close_hook(&db, move |_| {
        let _ = &grudge;
    })
    .unwrap();
    remove_close_hook(&db).unwrap();
    assert_eq!(logged("the destructor of a close hook panicked").len(), 1);
    assert_eq!(code(&db, "SELECT 1"), 0);
}
