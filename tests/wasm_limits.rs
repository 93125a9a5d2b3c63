//! Does a function in WebAssembly stop where it must?

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use rusqlite::{Connection, ErrorCode};
use seawall::{WasmLimit, ffi, wasm_limit};

#[path = "common/modules.rs"]
mod modules;

use modules::{create, message};

const ENDLESS: &str = r#"(module (func (export "endless") (result i64) (loop (br 0)) unreachable))"#;
const RECURSIVE: &str = r#"(module (func $f (export "deep") (param i64) (result i64)
    (if (result i64) (i64.eqz (local.get 0)) (then (i64.const 0))
      (else (i64.add (i64.const 1) (call $f (i64.sub (local.get 0) (i64.const 1))))))))"#;
const GROWING: &str = r#"(module (memory (export "memory") 1) (func (export "grow") (param i64) (result i64)
    (i64.extend_i32_s (memory.grow (i32.wrap_i64 (local.get 0))))))"#;

fn with(modules: &[(&str, &str)]) -> Connection {
    let db = Connection::open_in_memory().unwrap();
    for (name, wat) in modules {
        db.execute_batch(&create(name, "", wat)).unwrap();
    }
    db
}

fn number(db: &Connection, sql: &str) -> i64 {
    db.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

#[test]
fn an_endless_loop_runs_out_of_fuel() {
    let db = with(&[("endless", ENDLESS)]);
    db.execute_batch("PRAGMA wasm_fuel=3000000").unwrap();
    assert_eq!(
        message(&db, "SELECT endless()"),
        "Calling function endless failed: it needs more than 3000000 units of fuel (PRAGMA wasm_fuel)"
    );
}

#[test]
fn a_call_has_the_same_fuel_however_many_came_before() {
    let db = with(&[("deep", RECURSIVE)]);
    db.execute_batch("PRAGMA wasm_fuel=20000").unwrap();
    assert_eq!(
        number(
            &db,
            "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<1000) SELECT sum(deep(100+i*0)) FROM c"
        ),
        100_000
    );
}

#[test]
fn a_recursion_ends_at_the_limit_of_the_stack() {
    let db = with(&[("deep", RECURSIVE)]);
    assert_eq!(number(&db, "SELECT deep(900)"), 900);
    assert_eq!(
        message(&db, "SELECT deep(1100)"),
        "Calling function deep failed: it needs more stack than for 1000 calls within calls (PRAGMA wasm_stack)"
    );
    db.execute_batch("PRAGMA wasm_stack=100000").unwrap();
    assert_eq!(number(&db, "SELECT deep(99000)"), 99_000);
    db.execute_batch("PRAGMA wasm_stack=10").unwrap();
    assert!(message(&db, "SELECT deep(11)").contains("stack than for 10 calls"));
    assert_eq!(number(&db, "SELECT deep(8)"), 8);
}

#[test]
fn memory_grows_as_far_as_the_limit_and_a_module_may_set_its_own() {
    let db = with(&[("grow", GROWING)]);
    assert_eq!(number(&db, "SELECT grow(511)"), 1);
    assert_eq!(
        message(&db, "SELECT grow(512)"),
        "Calling function grow failed: it needs more than 33554432 bytes of memory (PRAGMA wasm_memory)"
    );
    db.execute_batch("PRAGMA wasm_memory=134217728").unwrap();
    assert_eq!(number(&db, "SELECT grow(512)"), 1);
    db.execute_batch("PRAGMA wasm_memory=65535").unwrap();
    assert!(message(&db, "SELECT grow(0)").contains("more than 65535 bytes of memory"));
    let own = with(&[("grow", &GROWING.replace("\"memory\") 1", "\"memory\") 1 2"))]);
    assert_eq!(number(&own, "SELECT grow(1)*10+grow(2)"), 9, "it is told -1, as the language says");
}

#[test]
fn limits_are_those_of_one_connection_and_the_apis_agree() {
    let (a, b) = (Connection::open_in_memory().unwrap(), Connection::open_in_memory().unwrap());
    for (limit, pragma, first, most) in [
        (WasmLimit::Fuel, "wasm_fuel", 1_000_000_000, i64::MAX as u64),
        (WasmLimit::Memory, "wasm_memory", 32 << 20, 1 << 32),
        (WasmLimit::Stack, "wasm_stack", 1000, 100_000),
    ] {
        assert_eq!(number(&a, &format!("PRAGMA {pragma}")) as u64, first);
        assert_eq!(wasm_limit(&a, limit, Some(5)).unwrap(), first);
        assert_eq!(number(&a, &format!("PRAGMA {pragma}")), 5);
        assert_eq!(number(&a, &format!("PRAGMA {pragma}=7")), 7);
        assert_eq!(number(&a, &format!("SELECT * FROM pragma_{pragma}")), 7);
        assert_eq!(wasm_limit(&a, limit, Some(u64::MAX)).unwrap(), 7);
        assert_eq!(wasm_limit(&a, limit, None).unwrap(), most);
        assert_eq!(wasm_limit(&b, limit, None).unwrap(), first);
        for bad in ["-1", "'x'", "1.5", "''"] {
            let told = message(&a, &format!("PRAGMA {pragma}={bad}"));
            assert!(told.starts_with(&format!("{pragma} takes a number from 0 to {most}, not ")), "{told}");
        }
    }
}

/// Stop an endless call from another thread as soon as it runs, and return the error.
fn stopped(stop: impl FnOnce(&Connection) -> Box<dyn FnOnce() + Send>) -> rusqlite::Error {
    let db = with(&[("endless", ENDLESS)]);
    wasm_limit(&db, WasmLimit::Fuel, Some(u64::MAX)).unwrap();
    let (running, is_running) = mpsc::channel();
    // The function of the application tells that the statement runs, before the endless call.
    db.create_scalar_function("running", 0, Default::default(), move |_| {
        let _ = running.send(());
        Ok(0i64)
    })
    .unwrap();
    let stop = stop(&db);
    let stopper = thread::spawn(move || {
        is_running.recv().unwrap();
        stop();
    });
    let result = db.query_row("SELECT running() + endless()", [], |row| row.get::<_, i64>(0));
    stopper.join().unwrap();
    let error = result.unwrap_err();
    assert_eq!(number(&db, "SELECT 1"), 1, "the connection goes on");
    error
}

#[test]
fn sqlite3_interrupt_stops_a_call() {
    let error = stopped(|db| {
        let handle = db.get_interrupt_handle();
        Box::new(move || handle.interrupt())
    });
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::OperationInterrupted));
}

#[test]
fn libsql_stmt_interrupt_stops_a_call() {
    use seawall::AsHandle;
    struct Pointer(*mut ffi::sqlite3_stmt);
    // SAFETY: a statement may be interrupted by any thread.
    unsafe impl Send for Pointer {}
    let db = with(&[("endless", ENDLESS)]);
    wasm_limit(&db, WasmLimit::Fuel, Some(u64::MAX)).unwrap();
    let (running, is_running) = mpsc::channel();
    db.create_scalar_function("running", 0, Default::default(), move |_| {
        let _ = running.send(());
        Ok(0i64)
    })
    .unwrap();
    let mut statement = std::ptr::null_mut();
    let sql = c"SELECT running() + endless()";
    // SAFETY: the connection is open, and the statement is finalized after the other thread has ended.
    unsafe {
        let prepared = ffi::sqlite3_prepare_v2(db.as_handle(), sql.as_ptr(), -1, &mut statement, std::ptr::null_mut());
        assert_eq!(prepared, 0);
        let pointer = Pointer(statement);
        let stopper = thread::spawn(move || {
            let pointer = pointer;
            is_running.recv().unwrap();
            ffi::libsql_stmt_interrupt(pointer.0);
        });
        assert_eq!(ffi::sqlite3_step(statement), ffi::SQLITE_INTERRUPT);
        stopper.join().unwrap();
        ffi::sqlite3_finalize(statement);
    }
    assert_eq!(number(&db, "SELECT 1"), 1);
}

#[test]
fn the_progress_handler_stops_a_call() {
    let mut db = with(&[("endless", ENDLESS)]);
    wasm_limit(&db, WasmLimit::Fuel, Some(u64::MAX)).unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    db.progress_handler(1_000_000, Some(move || count.fetch_add(1, Ordering::Relaxed) >= 5)).unwrap();
    let error = db.query_row("SELECT endless()", [], |row| row.get::<_, i64>(0)).unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::OperationInterrupted));
    assert_eq!(asked.load(Ordering::Relaxed), 6);
}

/// The progress handler wants to stop a function from the start.
fn stopped_at_once(module: &str) {
    let mut db = with(&[("f", module)]);
    wasm_limit(&db, WasmLimit::Fuel, Some(u64::MAX)).unwrap();
    db.progress_handler(1_000_000, Some(|| true)).unwrap();
    let error = db.query_row("SELECT f()", [], |row| row.get::<_, i64>(0)).unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::OperationInterrupted));
}

#[test]
fn a_call_is_stopped_before_it_runs() {
    let start = r#"(module (func $s (loop (br 0))) (start $s) (func (export "f") (result i64) i64.const 1))"#;
    stopped_at_once(start);
    stopped_at_once(r#"(module (memory 500) (func (export "f") (result i64) i64.const 1))"#);
    stopped_at_once(
        r#"(module (memory 1) (func (export "f") (result i64)
           (if (i32.eq (memory.grow (i32.const 1000)) (i32.const -1)) (then (return (i64.const -1)))) i64.const 1))"#,
    );
}

#[test]
fn a_start_function_has_the_fuel_of_a_call() {
    // Three instructions or so for each of a million turns.
    let module = r#"(module (global $n (mut i64) i64.const 0)
        (func $s (loop (global.set $n (i64.add (global.get $n) (i64.const 1)))
                       (br_if 0 (i64.lt_s (global.get $n) (i64.const 1000000)))))
        (start $s) (func (export "f") (result i64) global.get $n))"#;
    let db = with(&[("f", module)]);
    assert_eq!(number(&db, "SELECT f()"), 1_000_000);
    wasm_limit(&db, WasmLimit::Fuel, Some(1_000_000)).unwrap();
    assert!(message(&db, "SELECT f()").ends_with("it needs more than 1000000 units of fuel (PRAGMA wasm_fuel)"));
}
