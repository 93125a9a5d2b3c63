//! How fast functions in WebAssembly are, beside native ones that `sqlite3_create_function()` registers.
//! `cargo bench --profile whole --bench wasm`, with `-- WORDS` for the tasks with these words in their names.
//!
//! The two take turns within each round, a round gives one ratio, and the median of the ratios is what is printed and held against
//! the limit. For functions that are interrupted, it is the longest time that one still ran.

use std::env;
use std::error::Error;
use std::ffi::CStr;
use std::fmt::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use libc::c_int;
use rusqlite::Connection;
use seawall::{AsHandle, ffi};

const ROUNDS: usize = 9;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Two statements that give the same, and how many times longer the second may take.
struct Task {
    name: &'static str,
    native: &'static str,
    wasm: &'static str,
    limit: Option<f64>,
}

const TASKS: [Task; 7] = [
    Task {
        name: "f(i64)->i64, 1,000,000 rows",
        native: "SELECT sum(native_int(i)) FROM number",
        wasm: "SELECT sum(wasm_int(i)) FROM number",
        limit: Some(5.0),
    },
    Task {
        name: "the same, in a module with 17 pages of memory",
        native: "SELECT sum(native_int(i)) FROM number",
        wasm: "SELECT sum(large_int(i)) FROM number",
        limit: Some(5.0),
    },
    Task {
        name: "the same, with a global that changes",
        native: "SELECT sum(native_int(i)) FROM number",
        wasm: "SELECT sum(global_int(i)) FROM number",
        limit: None,
    },
    Task {
        name: "1 KB of text in and out, 100,000 rows",
        native: "SELECT sum(length(native_text(x))) FROM text",
        wasm: "SELECT sum(length(wasm_text(x))) FROM text",
        limit: Some(4.0),
    },
    Task {
        name: "the same, in a module with 2 pages of memory",
        native: "SELECT sum(length(native_text(x))) FROM text",
        wasm: "SELECT sum(length(two_text(x))) FROM text",
        limit: Some(4.0),
    },
    Task {
        name: "the same, in a module with 17 pages of memory",
        native: "SELECT sum(length(native_text(x))) FROM text",
        wasm: "SELECT sum(length(large_text(x))) FROM text",
        limit: Some(4.0),
    },
    Task {
        name: "1 KB of text in, a number out",
        native: "SELECT sum(native_length(x)) FROM text",
        wasm: "SELECT sum(wasm_length(x)) FROM text",
        limit: None,
    },
];

const INTERRUPT: &str = "interrupt";

/// Functions that do not end, by what they do, with the pages of memory that they begin with.
const ENDLESS: [(&str, u32, &str); 5] = [
    ("arithmetic", 1, "(loop (local.set 0 (i64.mul (local.get 0) (i64.const 3))) (br 0)) unreachable"),
    (
        "loads and stores",
        512,
        "(loop
           (local.set 0 (i64.add (local.get 0) (i64.const 4104)))
           (i64.store (i32.and (i32.wrap_i64 (local.get 0)) (i32.const 0x1fffff8))
             (i64.load (i32.and (i32.wrap_i64 (i64.mul (local.get 0) (i64.const 7))) (i32.const 0x1fffff8))))
           (br 0)) unreachable",
    ),
    ("memory.grow to 32 MB", 1, "(drop (memory.grow (i32.const 511))) (loop (br 0)) unreachable"),
    (
        "memory.fill of 32 MB",
        512,
        "(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x2000000)) (br 0)) unreachable",
    ),
    (
        "memory.copy of 16 MB",
        512,
        "(loop (memory.copy (i32.const 0) (i32.const 0x1000000) (i32.const 0x1000000)) (br 0)) unreachable",
    ),
];

/// Milliseconds that a function may go on for once it is interrupted.
const INTERRUPT_MAX: u128 = 10;

const CREATE: &str = "CREATE FUNCTION";

/// Milliseconds that CREATE FUNCTION may take for a module of 1 MB.
const CREATE_MAX: u128 = 300;

unsafe extern "C" fn native_int(context: *mut ffi::sqlite3_context, _: c_int, values: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite calls it, with one argument.
    unsafe { ffi::sqlite3_result_int64(context, ffi::sqlite3_value_int64(*values)) };
}

unsafe extern "C" fn native_text(context: *mut ffi::sqlite3_context, _: c_int, values: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite calls it, with one argument, and copies the text.
    unsafe {
        let text = ffi::sqlite3_value_text(*values);
        let length = ffi::sqlite3_value_bytes(*values);
        ffi::sqlite3_result_text(context, text.cast(), length, ffi::SQLITE_TRANSIENT());
    }
}

unsafe extern "C" fn native_length(context: *mut ffi::sqlite3_context, _: c_int, values: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite calls it, with one argument.
    unsafe {
        let text = CStr::from_ptr(ffi::sqlite3_value_text(*values).cast());
        ffi::sqlite3_result_int64(context, text.count_bytes() as i64);
    }
}

type Function = unsafe extern "C" fn(*mut ffi::sqlite3_context, c_int, *mut *mut ffi::sqlite3_value);

fn register(db: &Connection, name: &CStr, function: Function) {
    let null = std::ptr::null_mut();
    // SAFETY: the connection is open.
    let code = unsafe {
        ffi::sqlite3_create_function_v2(
            db.as_handle(),
            name.as_ptr(),
            1,
            ffi::SQLITE_UTF8,
            null,
            Some(function),
            None,
            None,
            None,
        )
    };
    assert_eq!(code, ffi::SQLITE_OK);
}

fn heap(pages: u32) -> String {
    format!(
        r#"(memory (export "memory") {pages}) (global $next (mut i32) (i32.const 1024))
           (func (export "libsql_malloc") (param i32) (result i32)
             global.get $next global.get $next local.get 0 i32.add global.set $next)"#
    )
}

fn create(db: &Connection, name: &str, pages: u32, code: &str) -> rusqlite::Result<()> {
    db.execute_batch(&format!(
        r#"CREATE FUNCTION {name} LANGUAGE wasm AS '(module {} (func (export "{name}") {code}))'"#,
        heap(pages)
    ))
}

fn main() -> Outcome<()> {
    let db = Connection::open_in_memory()?;
    register(&db, c"native_int", native_int);
    register(&db, c"native_text", native_text);
    register(&db, c"native_length", native_length);
    let (int, text) = ("(param i64) (result i64) local.get 0", "(param i32) (result i32) local.get 0");
    create(&db, "wasm_int", 1, int)?;
    create(&db, "large_int", 17, int)?;
    create(&db, "global_int", 1, "(param i64) (result i64) (global.set $next (i32.const 0)) local.get 0")?;
    create(&db, "wasm_text", 1, text)?;
    create(&db, "two_text", 2, text)?;
    create(&db, "large_text", 17, text)?;
    create(
        &db,
        "wasm_length",
        1,
        "(param i32) (result i64) (local i32)
         (local.set 1 (i32.add (local.get 0) (i32.const 1)))
         (loop (if (i32.load8_u (local.get 1)) (then (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br 1))))
         (i64.extend_i32_s (i32.sub (i32.sub (local.get 1) (local.get 0)) (i32.const 1)))",
    )?;
    db.execute_batch(
        "CREATE TABLE number(i INTEGER PRIMARY KEY);
         WITH n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<1000000) INSERT INTO number SELECT i FROM n;
         CREATE TABLE text(x); INSERT INTO text SELECT printf('%.*c', 1024, 'x') FROM number LIMIT 100000;",
    )?;

    let words = env::args().skip(1).find(|word| !word.starts_with('-')).unwrap_or_default();
    let mut slow = Vec::new();
    for task in TASKS.iter().filter(|task| task.name.contains(&words)) {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let (native, wasm) = (time(&db, task.native)?, time(&db, task.wasm)?);
            assert_eq!(native.1, wasm.1, "{}", task.name);
            rounds.push((wasm.0.as_secs_f64() / native.0.as_secs_f64(), native.0, wasm.0));
        }
        rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (ratio, native, wasm) = rounds[ROUNDS / 2];
        let limit = task.limit.map_or(String::new(), |limit| format!("  limit {limit}"));
        println!("{:46} x{ratio:5.2}  ({native:.1?}, {wasm:.1?}){limit}", task.name);
        if task.limit.is_some_and(|limit| ratio > limit) {
            slow.push(task.name);
        }
    }
    for (what, pages, code) in ENDLESS.iter().filter(|_| INTERRUPT.contains(&words)) {
        let longest = interrupt(&db, *pages, code)?;
        println!("{INTERRUPT}: {what} goes on for {longest:.1?} at most  limit {INTERRUPT_MAX} ms");
        if longest.as_millis() > INTERRUPT_MAX {
            slow.push(INTERRUPT);
        }
    }
    if CREATE.contains(&words) {
        let (bytes, created) = create_large(&db)?;
        println!("{CREATE} of a module of {bytes} bytes: {created:.1?}  limit {CREATE_MAX} ms");
        if created.as_millis() > CREATE_MAX {
            slow.push(CREATE);
        }
    }
    if slow.is_empty() { Ok(()) } else { Err(format!("too slow: {}", slow.join(", ")).into()) }
}

fn time(db: &Connection, sql: &str) -> Outcome<(Duration, i64)> {
    let started = Instant::now();
    let sum = db.query_row(sql, [], |row| row.get(0))?;
    Ok((started.elapsed(), sum))
}

/// The longest time that a function has gone on for once it was interrupted.
fn interrupt(db: &Connection, pages: u32, code: &str) -> Outcome<Duration> {
    let module = format!("(module (memory {pages}) (func (export \"endless\") (param i64) (result i64) {code}))");
    db.execute_batch(&format!("CREATE FUNCTION endless LANGUAGE wasm AS '{module}'; PRAGMA wasm_fuel = {}", i64::MAX))?;
    let mut longest = Duration::ZERO;
    for round in 0..ROUNDS * 3 {
        let handle = db.get_interrupt_handle();
        let interrupter = thread::spawn(move || {
            // At first, the function does not run yet: it takes long until the system has given all the memory.
            thread::sleep(Duration::from_micros(2_000 + round as u64 * 2_371));
            let now = Instant::now();
            handle.interrupt();
            now
        });
        let ended = db.query_row("SELECT endless(1)", [], |_| Ok(()));
        let now = Instant::now();
        let code = ended.err().and_then(|error| error.sqlite_error_code());
        assert_eq!(code, Some(rusqlite::ErrorCode::OperationInterrupted));
        longest = longest.max(now - interrupter.join().map_err(|_| "the thread that interrupts")?);
    }
    db.execute_batch("DROP FUNCTION endless")?;
    Ok(longest)
}

/// The median of the times that it takes to create a function of a module of 1 MB, and the size of the module.
fn create_large(db: &Connection) -> Outcome<(usize, Duration)> {
    let mut times = Vec::new();
    let mut size = 0;
    for round in 0..ROUNDS {
        let mut wat = format!(r#"(module (func (export "large") (result i64) i64.const {round})"#);
        for i in 0..7000 {
            wat.push_str("(func (param i64) (result i64) (local i64)");
            for j in 0..8 {
                write!(wat, "(local.set 1 (i64.add (local.get 0) (i64.mul (local.get 1) (i64.const {}))))", i * j)?;
                wat.push_str("(if (i64.eqz (local.get 1)) (then (return (local.get 0))))");
            }
            wat.push_str("local.get 1)");
        }
        wat.push(')');
        let wasm = wat::parse_str(wat)?;
        size = wasm.len();
        let hex: String = wasm.iter().map(|byte| format!("{byte:02x}")).collect();
        let sql = format!("CREATE FUNCTION large LANGUAGE wasm AS x'{hex}'");
        let started = Instant::now();
        db.execute_batch(&sql)?;
        times.push(started.elapsed());
        db.execute_batch("DROP FUNCTION large")?;
    }
    times.sort();
    Ok((size, times[ROUNDS / 2]))
}
