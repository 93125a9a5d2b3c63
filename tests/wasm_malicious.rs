//! Does a module that means harm get anything but an SQL error?

use rusqlite::{Connection, Error};
use seawall::{WasmLimit, wasm_limit};

#[path = "common/modules.rs"]
mod modules;

use modules::{constant, create, create_binary, heap, message};

fn connection() -> Connection {
    let db = Connection::open_in_memory().unwrap();
    wasm_limit(&db, WasmLimit::Fuel, Some(5_000_000)).unwrap();
    db
}

/// What a call of a function says, whether it is created or refused. The connection must go on.
fn told(wat: &str, call: &str) -> String {
    let db = connection();
    let name = call.split('(').next().unwrap();
    let told = match db.execute_batch(&create(name, "", wat)) {
        Err(error) => match error {
            Error::SqliteFailure(_, Some(text)) => text,
            Error::SqlInputError { msg, .. } => msg,
            error => panic!("{error}"),
        },
        Ok(()) => message(&db, &format!("SELECT {call}")),
    };
    assert_eq!(db.query_row("SELECT 1", [], |row| row.get(0)), Ok(1));
    told
}

/// Assert that a call fails, and that the message names the function and holds these words.
fn assert_told(wat: &str, call: &str, words: &str) {
    let told = told(wat, call);
    assert!(told.contains(call.split('(').next().unwrap()) && told.contains(words), "{call}: {told}");
}

const FUEL: &str = "units of fuel (PRAGMA wasm_fuel)";
const MEMORY: &str = "bytes of memory (PRAGMA wasm_memory)";
const STACK: &str = "calls within calls (PRAGMA wasm_stack)";

#[test]
fn endless_loops_end_wherever_they_are() {
    assert_told(r#"(module (func (export "f") (result i64) (loop (br 0)) unreachable))"#, "f()", FUEL);
    let malloc = r#"(module (memory (export "memory") 1)
        (func (export "libsql_malloc") (param i32) (result i32) (loop (br 0)) unreachable)
        (func (export "f") (param i32) (result i64) i64.const 1))"#;
    assert_told(malloc, "f('x')", FUEL);
    let start = r#"(module (func $s (loop (br 0))) (start $s) (func (export "f") (result i64) i64.const 1))"#;
    assert_told(start, "f()", FUEL);
    let large = r#"(module (memory 500) (func (export "f") (result i64)
        (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 32768000)) (br 0)) unreachable))"#;
    assert_told(large, "f()", FUEL);
}

#[test]
fn recursions_end() {
    assert_told(r#"(module (func $f (export "f") (result i64) call $f))"#, "f()", STACK);
    let two = r#"(module (func $f (export "f") (result i64) call $g) (func $g (result i64) call $f))"#;
    assert_told(two, "f()", STACK);
    let indirect = r#"(module (table funcref (elem $f)) (type $t (func (result i64)))
        (func $f (export "f") (result i64) (call_indirect (type $t) (i32.const 0))))"#;
    assert_told(indirect, "f()", STACK);
    let locals = format!(
        r#"(module (func $f (export "f") (param i64) (result i64) {} (call $f (local.get 0))))"#,
        "(local i64)".repeat(1000)
    );
    assert_told(&locals, "f(1)", STACK);
    let tail = r#"(module (func $f (export "f") (result i64) return_call $f))"#;
    assert_told(tail, "f()", FUEL);
}

#[test]
fn memory_and_tables_do_not_grow_without_end() {
    let grow = r#"(module (memory 1) (func (export "f") (result i64)
        (loop (drop (memory.grow (i32.const 100))) (br 0)) unreachable))"#;
    assert_told(grow, "f()", MEMORY);
    assert_told(r#"(module (memory 65536) (func (export "f") (result i64) i64.const 1))"#, "f()", MEMORY);
    let tables = "tables have more than 65536 elements";
    let table = r#"(module (table 10000000 funcref) (func (export "f") (result i64) i64.const 1))"#;
    assert_told(table, "f()", tables);
    let grow = r#"(module (table 1 funcref) (func (export "f") (result i64)
        (loop (drop (table.grow (ref.null func) (i32.const 60000))) (br 0)) unreachable))"#;
    assert_told(grow, "f()", tables);
    let many =
        format!(r#"(module {} (func (export "f") (result i64) i64.const 1))"#, "(table 60000 funcref)".repeat(50));
    assert_told(&many, "f()", tables);
}

#[test]
fn traps_are_told() {
    for (body, words) in [
        ("unreachable", "unreachable"),
        ("(i64.div_s (i64.const 1) (i64.const 0))", "divide by zero"),
        ("(i64.div_s (i64.const 0x8000000000000000) (i64.const -1))", "overflow"),
        ("(i64.trunc_f64_s (f64.const nan))", "conversion"),
        ("(i64.load (i32.const -4))", "out of bounds"),
        ("(i64.store (i32.const 65529) (i64.const 1)) i64.const 0", "out of bounds"),
        ("(call_indirect (result i64) (i32.const 0))", ""),
        ("(call_indirect (result i64) (i32.const 7))", ""),
        ("(drop (call_indirect (result i32) (i32.const 1))) i64.const 0", ""),
    ] {
        let wat = format!(
            r#"(module (memory 1) (table 2 funcref) (elem (i32.const 1) $g) (func $g (result i64) i64.const 1)
               (func (export "f") (result i64) {body}))"#
        );
        let told = told(&wat, "f()");
        assert!(told.starts_with("Calling function f failed: ") && told.contains(words), "{body}: {told}");
    }
}

#[test]
fn a_bad_pointer_for_an_argument_is_told() {
    for address in ["-1", "65536", "65535", "65534", "2147483647", "-2147483648"] {
        let wat = format!(
            r#"(module (memory (export "memory") 1)
               (func (export "libsql_malloc") (param i32) (result i32) (i32.const {address}))
               (func (export "f") (param i32) (result i64) i64.const 1))"#
        );
        assert_told(&wat, "f('xyz')", "are not in its memory");
    }
    // Everything at one place: the module sees the last argument, and that is its own business.
    let db = connection();
    let same = r#"(module (memory (export "memory") 1)
        (func (export "libsql_malloc") (param i32) (result i32) (i32.const 65532))
        (func (export "f") (param i32 i32) (result i32) local.get 0))"#;
    db.execute_batch(&create("f", "", same)).unwrap();
    assert_eq!(db.query_row("SELECT f('ab', 'cd')", [], |row| row.get(0)), Ok("cd".to_owned()));
}

#[test]
fn a_bad_result_is_told() {
    let outside = "is not within its memory";
    for (body, words) in [
        ("i32.const -1", outside),
        ("i32.const 65536", outside),
        ("i32.const 0x7fffffff", outside),
        ("i32.const 0", "Malformed result type byte: 0"),
        ("(i32.store8 (i32.const 9) (i32.const 255)) i32.const 9", "Malformed result type byte: 255"),
        ("(memory.fill (i32.const 0) (i32.const 3) (i32.const 65536)) i32.const 7", "a text without an end"),
        ("(i32.store (i32.const 5) (i32.const 0xff03)) i32.const 5", "not UTF-8"),
        ("(i32.store8 (i32.const 65535) (i32.const 4)) i32.const 65535", outside),
        ("(i64.store (i32.const 3) (i64.const 0xffffffff04)) i32.const 3", outside),
    ] {
        assert_told(&constant("f", "i32", body), "f()", words);
    }
    // At the very end, at odd places, and within what was passed.
    let db = connection();
    for (name, body, expected) in [
        ("a", "(i32.store8 (i32.const 65535) (i32.const 5)) i32.const 65535", "null"),
        ("b", "(i32.store16 (i32.const 65534) (i32.const 0x0003)) i32.const 65534", "text"),
        ("c", "(i32.store8 (i32.const 65531) (i32.const 4)) i32.const 65531", "blob"),
    ] {
        db.execute_batch(&create(name, "", &constant(name, "i32", body))).unwrap();
        let got: String = db.query_row(&format!("SELECT typeof({name}())"), [], |row| row.get(0)).unwrap();
        assert_eq!(got, expected);
    }
    let within = format!(
        r#"(module {} (func (export "f") (param i32) (result i32)
           (i32.store8 offset=1 (local.get 0) (i32.const 3)) (i32.add (local.get 0) (i32.const 1))))"#,
        heap(1)
    );
    db.execute_batch(&create("f", "", &within)).unwrap();
    assert_eq!(db.query_row("SELECT f('abc')", [], |row| row.get(0)), Ok("bc".to_owned()));
}

#[test]
fn what_sql_has_no_use_for_is_refused_at_create() {
    for (wat, words) in [
        (r#"(module (func (export "f") (result i32 i32) i32.const 0 i32.const 0))"#, "must return one"),
        (r#"(module (func (export "f") (param v128) (result i64) i64.const 0))"#, "SIMD"),
        (r#"(module (memory 1 1 shared) (func (export "f") (result i64) i64.const 0))"#, "threads"),
        (r#"(module (memory i64 1) (func (export "f") (result i64) i64.const 0))"#, "64"),
        (r#"(module (memory 1) (memory 1) (func (export "f") (result i64) i64.const 0))"#, "multi"),
        (r#"(module (global (export "f") i64 i64.const 0))"#, "not found in Wasm module"),
        (r#"(module (func (export "f") (param externref) (result i64) i64.const 0))"#, "only"),
        (r#"(module (func (export "seawall.start")) (func (export "f") (result i64) i64.const 0))"#, "reserved"),
        (
            r#"(module (global (export "seawall.global.0") i64 i64.const 0) (func (export "f") (result i64) i64.const 0))"#,
            "reserved",
        ),
        (r#"(module (import "f" "f" (func $f (result i64))) (export "f" (func $f)))"#, "imports f.f"),
    ] {
        let told = told(wat, "f()");
        assert!(told.starts_with("Registering Wasm function f failed: ") && told.contains(words), "{wat}: {told}");
    }
    let parameters =
        format!(r#"(module (func (export "f") (result i64) {} i64.const 0))"#, "(local i64)".repeat(60_000));
    let told = told(&parameters, "f()");
    assert!(told.ends_with("it has a function with 60000 locals, and 1000 are the limit"), "{told}");
}

#[test]
fn deep_nesting_overflows_no_stack() {
    let deep = 200_000;
    for wat in [
        "(".repeat(deep),
        format!(
            "(module (func (export \"f\") (result i64) {} i64.const 1 {}))",
            "(block ".repeat(deep),
            ")".repeat(deep)
        ),
        format!("(module (func (export \"f\") (result i64) {} i64.const 1))", "block end ".repeat(deep)),
        format!("(module {} {})", "(; ".repeat(deep), ";) ".repeat(deep)),
        format!("(module (@a {} {}))", "(".repeat(deep), ")".repeat(deep)),
    ] {
        let db = connection();
        if let Err(error) = db.execute_batch(&create("f", "", &wat)) {
            assert!(error.to_string().contains("Registering Wasm function f failed"), "{error:.200}");
        }
    }
    // The same as a binary: blocks within blocks, which no text parser has looked at.
    let mut body = vec![0];
    body.extend(std::iter::repeat_n([0x02, 0x40], deep).flatten());
    body.extend(std::iter::repeat_n(0x0b, deep));
    body.extend([0x42, 0x01, 0x0b]);
    let leb = |mut n: usize| {
        let mut out = Vec::new();
        while n > 0x7f {
            out.push(n as u8 | 0x80);
            n >>= 7;
        }
        out.push(n as u8);
        out
    };
    let mut code = vec![1];
    code.extend(leb(body.len()));
    code.extend(&body);
    let mut wasm = b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7e\x03\x02\x01\0\x07\x05\x01\x01f\0\0\x0a".to_vec();
    wasm.extend(leb(code.len()));
    wasm.extend(&code);
    let db = connection();
    match db.execute_batch(&create_binary("f", "", &wasm)) {
        Ok(()) => assert_eq!(db.query_row("SELECT f()", [], |row| row.get(0)), Ok(1)),
        Err(error) => assert!(error.to_string().contains("Registering Wasm function f failed"), "{error:.200}"),
    }
}

#[test]
fn malformed_binaries_are_refused_or_do_no_harm() {
    let wat = format!(
        r#"(module {} (table 2 funcref) (elem (i32.const 0) $g) (data (i32.const 8) "\05abc")
           (func $g (param i64) (result i64) (i64.add (local.get 0) (i64.load (i32.const 8))))
           (func (export "f") (param i64 i32) (result i32)
             (drop (call_indirect (param i64) (result i64) (local.get 0) (i32.const 0))) (i32.const 8)))"#,
        heap(1)
    );
    let wasm = wat::parse_str(wat).unwrap();
    let db = connection();
    wasm_limit(&db, WasmLimit::Fuel, Some(100_000)).unwrap();
    let try_it = |wasm: &[u8]| {
        if db.execute_batch(&create_binary("f", "", wasm)).is_ok() {
            for call in ["f(1, 'x')", "f(-1, x'00ff')", "f(1)", "f()"] {
                let _ = db.query_row(&format!("SELECT {call}"), [], |row| row.get::<_, rusqlite::types::Value>(0));
            }
            db.execute_batch("DROP FUNCTION f").unwrap();
        }
    };
    try_it(&wasm);
    for n in 0..wasm.len() {
        try_it(&wasm[..n]);
        for change in [0x01, 0x80, 0x7f, 0xff] {
            let mut changed = wasm.clone();
            changed[n] ^= change;
            try_it(&changed);
        }
    }
    assert_eq!(db.query_row("PRAGMA integrity_check", [], |row| row.get(0)), Ok("ok".to_owned()));
}

#[test]
fn a_statement_that_fails_leaves_the_function_usable() {
    let wat = format!(
        r#"(module {} (global $n (mut i64) (i64.const 0)) (func (export "f") (param i64) (result i64)
           (global.set $n (i64.add (global.get $n) (i64.const 1))) (i64.store (i32.const 0) (i64.const 9))
           (if (i64.eqz (local.get 0)) (then unreachable)) (global.get $n)))"#,
        heap(1)
    );
    let db = connection();
    db.execute_batch(&create("f", "", &wat)).unwrap();
    let mut statement = db.prepare("SELECT f(?1) + f(?1)").unwrap();
    for argument in [1, 0, 2, 0, 3] {
        let got = statement.query_row([argument], |row| row.get::<_, i64>(0));
        assert_eq!(got.is_ok(), argument != 0);
        assert_eq!(got.unwrap_or(2), 2);
    }
}
