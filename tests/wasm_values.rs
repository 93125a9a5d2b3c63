//! Does every value of SQL go into a function in WebAssembly and come out as it is?

use rusqlite::Connection;
use rusqlite::limits::Limit;
use rusqlite::types::Value;
use seawall as _;

#[path = "common/modules.rs"]
mod modules;

use modules::{constant, create, echo, message};

fn connection() -> Connection {
    Connection::open_in_memory().unwrap()
}

fn with(modules: &[(&str, &str)]) -> Connection {
    let db = connection();
    for (name, wat) in modules {
        db.execute_batch(&create(name, "", wat)).unwrap();
    }
    db
}

fn call(db: &Connection, sql: &str) -> Value {
    db.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

#[test]
fn all_bits_of_an_integer_go_in_and_out() {
    let db = with(&[("f", &echo("f", "i64"))]);
    for value in [0, 1, -1, 1 << 31, -(1 << 31) - 1, 1 << 32, i64::MAX, i64::MIN, 0x0123_4567_89ab_cdef] {
        let got: i64 = db.query_row("SELECT f(?1)", [value], |row| row.get(0)).unwrap();
        assert_eq!(got, value);
    }
}

#[test]
fn reals_go_in_and_out_and_an_integer_becomes_one() {
    let db = with(&[("f", &echo("f", "f64"))]);
    for value in [0.0, -0.5, 1e300, f64::MIN_POSITIVE, f64::INFINITY] {
        let got: f64 = db.query_row("SELECT f(?1)", [value], |row| row.get(0)).unwrap();
        assert_eq!(got, value);
    }
    assert_eq!(call(&db, "SELECT f(7)"), Value::Real(7.0));
    let nan = with(&[("f", &constant("f", "f64", "f64.const nan"))]);
    assert_eq!(call(&nan, "SELECT f()"), Value::Null, "SQLite has no NaN");
}

#[test]
fn texts_blobs_and_null_go_in_and_out() {
    let db = with(&[("f", &echo("f", "i32"))]);
    for value in [
        Value::Text(String::new()),
        Value::Text("a".to_owned()),
        Value::Text("Grüße, 世界 🌍".to_owned()),
        Value::Blob(vec![]),
        Value::Blob(vec![0]),
        Value::Blob((0..=255).collect()),
        Value::Null,
    ] {
        let got: Value = db.query_row("SELECT f(?1)", [&value], |row| row.get(0)).unwrap();
        assert_eq!(got, value);
        let types: bool = db.query_row("SELECT typeof(f(?1))=typeof(?1)", [&value], |row| row.get(0)).unwrap();
        assert!(types, "{value:?}");
    }
}

#[test]
fn a_utf_16_database_gives_and_gets_the_same_texts() {
    for encoding in ["UTF-16le", "UTF-16be"] {
        let db = connection();
        db.execute_batch(&format!("PRAGMA encoding='{encoding}'; CREATE TABLE t(x); INSERT INTO t VALUES('Grüße 🌍')"))
            .unwrap();
        db.execute_batch(&create("f", "", &echo("f", "i32"))).unwrap();
        assert_eq!(call(&db, "SELECT f(x) FROM t"), Value::Text("Grüße 🌍".to_owned()));
        assert_eq!(call(&db, "SELECT f(x)=x FROM t"), Value::Integer(1));
        assert_eq!(call(&db, "SELECT hex(f(x))=hex(x) FROM t"), Value::Integer(1));
    }
}

#[test]
fn a_text_with_a_nul_is_refused() {
    let db = with(&[("f", &echo("f", "i32"))]);
    let error = db.query_row("SELECT f(?1)", ["a\0b"], |row| row.get::<_, Value>(0)).unwrap_err();
    assert!(error.to_string().contains("Calling function f failed: argument 1 is a text with a NUL in it"), "{error}");
}

#[test]
fn large_blobs_go_in_and_out_as_far_as_the_memory_of_a_module_goes() {
    let wat = r#"(module (memory (export "memory") 1) (global $next (mut i32) (i32.const 16))
        (func (export "libsql_malloc") (param $n i32) (result i32) (local $p i32)
          (local.set $p (global.get $next))
          (global.set $next (i32.add (local.get $p) (local.get $n)))
          (drop (memory.grow (i32.add (i32.div_u (local.get $n) (i32.const 65536)) (i32.const 1))))
          (local.get $p))
        (func (export "f") (param i32) (result i32) local.get 0))"#;
    let db = with(&[("f", wat)]);
    let whole = "SELECT f(b)=b FROM (SELECT randomblob(30000000) AS b)";
    assert_eq!(call(&db, whole), Value::Integer(1));
    db.execute_batch("PRAGMA wasm_memory=20000000").unwrap();
    assert_eq!(
        message(&db, whole),
        "Calling function f failed: it needs more than 20000000 bytes of memory (PRAGMA wasm_memory)"
    );
}

#[test]
fn a_result_above_the_length_limit_is_an_error() {
    let db = with(&[(
        "f",
        &constant(
            "f",
            "i32",
            r#"(i32.store8 (i32.const 0) (i32.const 4))
        (i32.store (i32.const 1) (i32.const 0x00040000)) (i32.const 0)"#,
        ),
    )]);
    assert_eq!(call(&db, "SELECT length(f())"), Value::Integer(1024));
    db.set_limit(Limit::SQLITE_LIMIT_LENGTH, 1000).unwrap();
    assert_eq!(
        message(&db, "SELECT f()"),
        "Calling function f failed: its result has 1024 bytes, and the limit is 1000"
    );
}

#[test]
fn an_argument_of_the_wrong_type_is_an_error_that_names_it() {
    let db = with(&[("i", &echo("i", "i64")), ("r", &echo("r", "f64")), ("p", &echo("p", "i32"))]);
    for (sql, reason) in [
        ("SELECT i(1.5)", "argument 1 is REAL, and the module takes an INTEGER (i64)"),
        ("SELECT i('1')", "argument 1 is TEXT, and the module takes an INTEGER (i64)"),
        ("SELECT i(NULL)", "argument 1 is NULL, and the module takes an INTEGER (i64)"),
        ("SELECT r(x'00')", "argument 1 is BLOB, and the module takes a number (f64)"),
        ("SELECT p(1)", "argument 1 is INTEGER, and the module takes a TEXT, a BLOB or NULL (i32)"),
    ] {
        assert!(message(&db, sql).ends_with(&format!("failed: {reason}")), "{sql}: {}", message(&db, sql));
    }
    assert_eq!(message(&db, "SELECT i()"), "wrong number of arguments to function i()");
    assert_eq!(message(&db, "SELECT i(1,2)"), "wrong number of arguments to function i()");
}

#[test]
fn many_arguments_go_in_in_their_order() {
    let params = "(param i64 f64 i32 i64 i64 i64 i64 i64 i64 i64)";
    let wat = format!(
        r#"(module {} (func (export "f") {params} (result i64)
           local.get 0 i64.const 10 i64.mul local.get 9 i64.add))"#,
        modules::heap(1)
    );
    let db = with(&[("f", &wat)]);
    assert_eq!(call(&db, "SELECT f(4, 2.5, 'x', 0, 0, 0, 0, 0, 0, 2)"), Value::Integer(42));
}

#[test]
fn no_call_sees_what_another_has_left_behind() {
    // Returns what is in memory, then writes there; the second one counts in a global.
    let memory = constant("f", "i64", "(i64.load (i32.const 64)) (i64.store (i32.const 64) (i64.const 7))");
    let global = r#"(module (global $n (mut i64) (i64.const 0)) (func (export "g") (param i64) (result i64)
        (global.set $n (i64.add (global.get $n) (i64.const 1))) (global.get $n)))"#;
    let table = r#"(module (table 1 funcref) (func $h (result i64) i64.const 0) (elem declare func $h)
        (func (export "h") (param i64) (result i64) (i64.extend_i32_u (ref.is_null (table.get (i32.const 0))))
          (table.set (i32.const 0) (ref.func $h))))"#;
    let hidden = r#"(module (memory 1) (data (i32.const 70) "\05") (func (export "m") (param i64) (result i64)
        (i64.load (i32.const 64)) (i64.store (i32.const 64) (i64.const -1))
        (if (i64.eq (local.get 0) (i64.const 3)) (then (drop (memory.grow (i32.const 1)))))))"#;
    let db = with(&[("f", &memory), ("g", global), ("h", table), ("m", hidden)]);
    let rows = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<5)";
    assert_eq!(
        call(&db, &format!("{rows} SELECT group_concat(f()) FROM c WHERE f() IS NOT i")),
        Value::Text("0,0,0,0,0".into())
    );
    assert_eq!(call(&db, &format!("{rows} SELECT group_concat(g(i)) FROM c")), Value::Text("1,1,1,1,1".into()));
    assert_eq!(call(&db, &format!("{rows} SELECT group_concat(h(i)) FROM c")), Value::Text("1,1,1,1,1".into()));
    let five = (5i64 << 48).to_string();
    let all = vec![five; 5].join(",");
    assert_eq!(call(&db, &format!("{rows} SELECT group_concat(m(i)) FROM c")), Value::Text(all));
}

/// Calls write to some places, few or many, all over the memory, and the last one adds up all that is there: reading earlier would
/// touch every page.
#[test]
fn no_call_sees_what_another_has_left_behind_in_any_page() {
    for pages in [1, 2, 3, 7, 8, 17, 40] {
        let module = format!(
            r#"(module (memory {pages}) (data (i32.const 40000) "\01\02\03")
               (func (export "f") (param $step i64) (result i64) (local $at i32) (local $sum i64)
                 (if (i64.ne (local.get $step) (i64.const 0)) (then
                   (local.set $at (i32.rem_u (i32.wrap_i64 (local.get $step)) (i32.const {end})))
                   (loop $write
                     (i64.store (local.get $at) (i64.const 1))
                     (local.set $at (i32.add (local.get $at) (i32.wrap_i64 (local.get $step))))
                     (br_if $write (i32.lt_u (local.get $at) (i32.const {end}))))
                   (return (i64.const 0))))
                 (loop $read
                   (local.set $sum (i64.add (local.get $sum) (i64.load (local.get $at))))
                   (local.set $at (i32.add (local.get $at) (i32.const 8)))
                   (br_if $read (i32.lt_u (local.get $at) (i32.const {end}))))
                 local.get $sum))"#,
            end = pages * 65536 - 8
        );
        let db = with(&[("f", &module)]);
        for steps in ["99991,1000003,50000", "4096,99991", "8,30011,262144,99991", "3000017,8,8"] {
            let row = |step| format!("SELECT {step} AS step");
            let rows = steps.split(',').chain(["0"]).map(row).collect::<Vec<_>>().join(" UNION ALL ");
            let seen = call(&db, &format!("SELECT group_concat(f(step), '') FROM ({rows})"));
            let zeros = "0".repeat(steps.split(',').count());
            assert_eq!(seen, Value::Text(format!("{zeros}{}", 0x03_0201)), "{pages} pages, {steps}");
        }
    }
}
