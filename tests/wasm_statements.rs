//! Are `CREATE FUNCTION` and `DROP FUNCTION` statements like any other?

use std::cell::RefCell;
use std::rc::Rc;

use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, OpenFlags};
use seawall as _;
use tempfile::TempDir;

#[path = "common/modules.rs"]
mod modules;

use modules::{constant, create, echo, get, message, run};

const TABLE: &str = "libsql_wasm_func_table";

fn memory() -> Connection {
    Connection::open_in_memory().unwrap()
}

/// A function without arguments that returns a number.
fn number(name: &str, value: i64) -> String {
    format!(r#"(module (func (export "{name}") (result i64) i64.const {value}))"#)
}

fn define(db: &Connection, name: &str, value: i64) {
    run(db, &create(name, "", &number(name, value)));
}

fn has_table(db: &Connection) -> bool {
    get(db, &format!("SELECT count(*) FROM sqlite_schema WHERE name='{TABLE}'"))
}

/// A folder for a database that several connections open.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn open(&self) -> Connection {
        Connection::open(self.path("a.db")).unwrap()
    }
}

#[test]
fn the_table_is_libsqls_and_is_there_from_the_first_function_on() {
    let db = memory();
    assert_eq!(message(&db, "SELECT f()"), "no such function: f");
    assert!(!has_table(&db));
    let wat = number("f", 1);
    run(&db, &create("f", "", &wat));
    assert_eq!(
        get::<String>(&db, &format!("SELECT sql FROM sqlite_schema WHERE name='{TABLE}'")),
        format!("CREATE TABLE {TABLE} (name text PRIMARY KEY, body text) WITHOUT ROWID")
    );
    assert_eq!(get::<String>(&db, &format!("SELECT body FROM {TABLE} WHERE name='f'")), wat);
    assert_eq!(get::<i64>(&db, "SELECT f()"), 1);
}

#[test]
fn rows_that_libsql_has_written_are_functions() {
    let db = memory();
    run(&db, &format!("CREATE TABLE {TABLE} (name text PRIMARY KEY, body text) WITHOUT ROWID"));
    let add = |name: &str, body: &dyn rusqlite::ToSql| {
        db.execute(&format!("INSERT INTO {TABLE} VALUES(?1, ?2)"), rusqlite::params![name, body]).unwrap();
    };
    add("Fib", &number("fib", 1));
    add("bin", &wat::parse_str(number("bin", 2)).unwrap());
    add("quoted", &format!("'{}'", number("quoted", 3)));
    add("broken", &"(module");
    assert_eq!(get::<i64>(&db, "SELECT fIB() + bin() + quoted()"), 6);
    let told = message(&db, "SELECT broken()");
    assert!(told.starts_with("cannot use the function broken of main: "), "{told}");
}

#[test]
fn bad_statements_are_told_as_such() {
    let db = memory();
    let create = |rest: &str| format!("CREATE FUNCTION {rest}");
    for (sql, text) in [
        (create(""), "incomplete input"),
        (create("f"), "incomplete input"),
        (create("f LANGUAGE"), "incomplete input"),
        (create("f LANGUAGE wasm"), "incomplete input"),
        (create("f LANGUAGE wasm AS"), "incomplete input"),
        (create("f LANGUAGE wasm AS 1"), "near \"1\": syntax error"),
        (create("f LANGUAGE wasm AS 'x' y"), "near \"y\": syntax error"),
        (create("f LANGUAGE wasm IMMUTABLE AS 'x'"), "near \"IMMUTABLE\": syntax error"),
        (create("f(a) LANGUAGE wasm AS 'x'"), "near \"(\": syntax error"),
        (create("f AS 'x'"), "near \"AS\": syntax error"),
        (create("f LANGUAGE 1 AS 'x'"), "near \"1\": syntax error"),
        (create("IF NOT f LANGUAGE wasm AS 'x'"), "near \"NOT\": syntax error"),
        (create("1 LANGUAGE wasm AS 'x'"), "near \"1\": syntax error"),
        (create("a.b.f LANGUAGE wasm AS 'x'"), "near \".\": syntax error"),
        (create("f LANGUAGE wasm AS 'x"), "unrecognized token: \"'x\""),
        (create("nowhere.f LANGUAGE wasm AS 'x'"), "unknown database nowhere"),
        ("DROP FUNCTION".into(), "incomplete input"),
        ("DROP FUNCTION f g".into(), "near \"g\": syntax error"),
        ("DROP FUNCTION IF f".into(), "near \"f\": syntax error"),
        ("DROP FUNCTION nowhere.f".into(), "unknown database nowhere"),
        ("CREATE TEMP FUNCTION f LANGUAGE wasm AS 'x'".into(), "near \"FUNCTION\": syntax error"),
    ] {
        assert_eq!(message(&db, &sql), text, "{sql}");
    }
    for language in ["rust", "wasm2", "WASM", "wat", "\"wasm \""] {
        assert_eq!(
            message(&db, &create(&format!("f LANGUAGE {language} AS 'x'"))),
            "The only supported language for user-defined functions is 'wasm'",
            "{language}"
        );
    }
    assert!(!has_table(&db));
    run(&db, &format!("CREATE FUNCTION f LANGUAGE \"wasm\" AS '{}'", number("f", 1)));
}

#[test]
fn the_words_are_still_names() {
    let db = memory();
    run(&db, "CREATE TABLE function(language, wasm, deterministic, trusted); DROP TABLE function;");
    run(&db, &format!("CREATE /* c */ FUNCTION if LANGUAGE wasm AS '{}'; DROP FUNCTION if", number("if", 1)));
    run(&db, "CREATE TABLE t(a); DROP TABLE IF EXISTS t; CREATE TABLE d(a); DELETE FROM d");
}

#[test]
fn what_is_wrong_with_a_module_is_told_at_create() {
    let db = memory();
    let refused = |wat: &str| {
        let told = message(&db, &create("f", "", wat));
        told.strip_prefix("Registering Wasm function f failed: ").unwrap_or_else(|| panic!("{told}")).to_owned()
    };
    assert!(refused("(module").contains("expected"), "{}", refused("(module"));
    assert_eq!(refused(&number("g", 1)), "Function f not found in Wasm module: it must export one of just this name");
    assert_eq!(
        refused(r#"(module (import "wasi" "fd_write" (func (param i32))) (import "env" "m" (memory 1)))"#),
        "the module imports wasi.fd_write, env.m, and there is nothing that it can import"
    );
    assert_eq!(
        refused(r#"(module (func (export "f") (param i32) (result i64) i64.const 0))"#),
        "Memory \"memory\" not found in wasm module: f takes or returns addresses in it"
    );
    assert_eq!(
        refused(r#"(module (memory (export "memory") 1) (func (export "f") (param i32) (result i64) i64.const 0))"#),
        "f takes an address, so the module must export libsql_malloc, which takes and returns an i32"
    );
    assert_eq!(refused(r#"(module (func (export "f")))"#), "f must return one i64, f64 or i32 (an address)");
    assert_eq!(
        refused(r#"(module (func (export "f") (param f32) (result i64) i64.const 0))"#),
        "f must take i64, f64 and i32 (an address) only"
    );
    let told = message(&db, "CREATE FUNCTION f LANGUAGE wasm AS x'0061736d01000000ff'");
    assert!(told.starts_with("Registering Wasm function f failed: "), "{told}");
    assert_eq!(refused(" "), "it is empty");
    let told = message(&db, "CREATE FUNCTION f LANGUAGE wasm AS x'ff'");
    assert_eq!(told, "Registering Wasm function f failed: it is neither a binary module nor text");
    assert!(!has_table(&db), "a statement that fails leaves nothing");
}

#[test]
fn if_exists_and_if_not_exists_do_nothing_where_there_is_nothing_to_do() {
    let db = memory();
    assert_eq!(message(&db, "DROP FUNCTION f"), format!("no such table: {TABLE}"));
    run(&db, "DROP FUNCTION IF EXISTS f");
    define(&db, "f", 1);
    assert_eq!(message(&db, &create("F", "", &number("f", 2))), format!("UNIQUE constraint failed: {TABLE}.name"));
    let version: i64 = get(&db, "PRAGMA schema_version");
    run(&db, &format!("CREATE FUNCTION IF NOT EXISTS F LANGUAGE wasm AS '{}'", number("f", 2)));
    run(&db, "CREATE FUNCTION IF NOT EXISTS f LANGUAGE wasm AS 'whatever'");
    run(&db, "DROP FUNCTION IF EXISTS g");
    assert_eq!(get::<i64>(&db, "PRAGMA schema_version"), version);
    assert_eq!(get::<i64>(&db, "SELECT f()"), 1);
    assert_eq!(message(&db, "DROP FUNCTION g"), "Function g was not registered");
    let told = message(&db, "CREATE FUNCTION IF NOT EXISTS g LANGUAGE wasm AS 'whatever'");
    assert!(told.starts_with("Registering Wasm function g failed"), "{told}");
    run(&db, "DROP FUNCTION IF EXISTS F");
    assert_eq!(message(&db, "SELECT f()"), "no such function: f");
}

#[test]
fn a_statement_acts_when_it_is_stepped_and_not_when_it_is_prepared_or_explained() {
    let db = memory();
    let sql = create("f", "", &number("f", 1));
    let mut prepared = db.prepare(&sql).unwrap();
    assert!(!has_table(&db));
    run(&db, &format!("EXPLAIN {sql}"));
    run(&db, &format!("EXPLAIN QUERY PLAN {sql}"));
    assert!(!has_table(&db));
    prepared.execute([]).unwrap();
    drop(prepared);
    let mut prepared = db.prepare("DROP FUNCTION f").unwrap();
    run(&db, "EXPLAIN DROP FUNCTION f");
    assert_eq!(get::<i64>(&db, "SELECT f()"), 1);
    prepared.execute([]).unwrap();
    assert_eq!(message(&db, "SELECT f()"), "no such function: f");
    assert_eq!(prepared.execute([]).unwrap_err().to_string(), "Function f was not registered");
}

#[test]
fn rollback_undoes_them() {
    let db = memory();
    define(&db, "f", 1);
    run(&db, "BEGIN");
    run(&db, "DROP FUNCTION f");
    define(&db, "f", 2);
    define(&db, "g", 3);
    assert_eq!(get::<i64>(&db, "SELECT f()+g()"), 5);
    run(&db, "SAVEPOINT s");
    run(&db, "DROP FUNCTION f");
    define(&db, "f", 10);
    assert_eq!(get::<i64>(&db, "SELECT f()+g()"), 13);
    run(&db, "ROLLBACK TO s");
    assert_eq!(get::<i64>(&db, "SELECT f()+g()"), 5);
    run(&db, "ROLLBACK");
    assert_eq!(get::<i64>(&db, "SELECT f()"), 1);
    assert_eq!(message(&db, "SELECT g()"), "no such function: g");
    let empty = memory();
    run(&empty, "BEGIN");
    define(&empty, "f", 1);
    run(&empty, "ROLLBACK");
    assert!(!has_table(&empty));
}

#[test]
fn statements_that_call_a_function_are_prepared_again_when_it_changes() {
    let db = memory();
    run(&db, "CREATE TABLE t(a); INSERT INTO t VALUES(1),(2)");
    define(&db, "f", 1);
    let mut call = db.prepare("SELECT f()").unwrap();
    let mut get = || call.query_row([], |row| row.get::<_, i64>(0));
    assert_eq!(get().unwrap(), 1);
    run(&db, "DROP FUNCTION f");
    assert_eq!(get().unwrap_err().to_string(), "no such function: f");
    define(&db, "f", 2);
    assert_eq!(get().unwrap(), 2);
    // One that runs goes on with what it has begun with.
    let mut rows = db.prepare("SELECT f() FROM t").unwrap();
    let mut rows = rows.query([]).unwrap();
    assert_eq!(rows.next().unwrap().unwrap().get::<_, i64>(0).unwrap(), 2);
    run(&db, "DROP FUNCTION f");
    define(&db, "f", 3);
    assert_eq!(rows.next().unwrap().unwrap().get::<_, i64>(0).unwrap(), 2);
    drop(rows);
    assert_eq!(get().unwrap(), 3);
    for value in 4..50 {
        run(&db, "DROP FUNCTION f");
        define(&db, "f", value);
        assert_eq!(get().unwrap(), value);
    }
}

#[test]
fn other_connections_see_a_change_as_any_change_of_the_schema() {
    for wal in ["delete", "wal"] {
        let folder = Folder::new();
        let (a, b) = (folder.open(), folder.open());
        let _: String = get(&a, &format!("PRAGMA journal_mode={wal}"));
        assert_eq!(message(&b, "SELECT f()"), "no such function: f");
        define(&a, "f", 1);
        assert_eq!(get::<i64>(&b, "SELECT f()"), 1);
        let mut call = b.prepare("SELECT f()").unwrap();
        assert_eq!(call.query_row([], |row| row.get::<_, i64>(0)).unwrap(), 1);
        run(&a, "BEGIN; DROP FUNCTION f");
        define(&a, "f", 2);
        assert_eq!(call.query_row([], |row| row.get::<_, i64>(0)).unwrap(), 1, "not committed");
        run(&a, "COMMIT");
        assert_eq!(call.query_row([], |row| row.get::<_, i64>(0)).unwrap(), 2);
        run(&a, "DROP FUNCTION f");
        assert!(call.query_row([], |row| row.get::<_, i64>(0)).is_err());
        assert_eq!(message(&b, "SELECT f()"), "no such function: f");
    }
}

#[test]
fn a_new_connection_finds_them_also_one_that_only_reads() {
    let folder = Folder::new();
    define(&folder.open(), "f", 7);
    assert_eq!(get::<i64>(&folder.open(), "SELECT f()"), 7);
    let reader = Connection::open_with_flags(folder.path("a.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    assert_eq!(get::<i64>(&reader, "SELECT f()"), 7);
    assert_eq!(message(&reader, "DROP FUNCTION f"), "attempt to write a readonly database");
    run(&reader, "DROP FUNCTION IF EXISTS g");
    let immutable = Connection::open(format!("file:{}?immutable=1", folder.path("a.db"))).unwrap();
    assert_eq!(get::<i64>(&immutable, "SELECT f()"), 7);
}

#[test]
fn connections_with_a_shared_cache_see_them_too() {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_SHARED_CACHE;
    let folder = Folder::new();
    let open = || Connection::open_with_flags(folder.path("a.db"), flags).unwrap();
    let (a, b) = (open(), open());
    define(&a, "f", 1);
    assert_eq!(get::<i64>(&b, "SELECT f()"), 1);
    run(&a, "DROP FUNCTION f");
    define(&a, "f", 2);
    assert_eq!(get::<i64>(&b, "SELECT f()"), 2);
    run(&b, "DROP FUNCTION f");
    assert_eq!(message(&a, "SELECT f()"), "no such function: f");
}

#[test]
fn names_are_dequoted_and_compared_as_sqlite_does() {
    let db = memory();
    for (i, name) in ["\"my f\"", "[a.b]", "`x\"y`", "'single'", "Grüße"].into_iter().enumerate() {
        let bare = name.trim_matches(['"', '[', ']', '`', '\'']);
        run(&db, &create(name, "", &number(&bare.replace('"', "\\\"").to_ascii_lowercase(), i as i64)));
        let quoted = format!("\"{}\"", bare.replace('"', "\"\""));
        assert_eq!(get::<i64>(&db, &format!("SELECT {quoted}()")), i as i64);
        assert_eq!(get::<i64>(&db, &format!("SELECT count(*) FROM {TABLE}")), 1);
        run(&db, &format!("DROP FUNCTION {quoted}"));
    }
    define(&db, "f", 1);
    run(&db, "DROP FUNCTION \"F\"");
    assert_eq!(get::<i64>(&db, &format!("SELECT count(*) FROM {TABLE}")), 0);
}

#[test]
fn functions_of_sqlite_and_of_the_application_are_not_touched() {
    let db = memory();
    db.create_scalar_function("f", 2, FunctionFlags::SQLITE_UTF8, |_| Ok(22i64)).unwrap();
    let taken = |name: &str, wat: &str| message(&db, &create(name, "", wat));
    assert_eq!(
        taken("abs", &echo("abs", "i64")),
        "Registering Wasm function abs failed: SQLite or the application has a function of this name with 1 argument"
    );
    let two = r#"(module (func (export "f") (param i64 i64) (result i64) local.get 0))"#;
    assert!(taken("f", two).contains("with 2 arguments"));
    // Another number of arguments is another function.
    run(&db, &create("f", "", &echo("f", "i64")));
    assert_eq!(get::<i64>(&db, "SELECT f(1,2)+f(1)"), 23);
    run(&db, "DROP FUNCTION f");
    assert_eq!(get::<i64>(&db, "SELECT f(1,2)"), 22);
    assert_eq!(message(&db, "SELECT f(1)"), "wrong number of arguments to function f()");
    assert_eq!(message(&db, "DROP FUNCTION f"), "Function f was not registered");
    assert_eq!(message(&db, "DROP FUNCTION abs"), "Function abs was not registered");
}

#[test]
fn a_function_of_the_application_comes_before_one_of_the_database() {
    let db = memory();
    run(&db, &create("f", "", &echo("f", "i64")));
    assert_eq!(get::<i64>(&db, "SELECT f(1)"), 1);
    db.create_scalar_function("f", 1, FunctionFlags::SQLITE_UTF8, |_| Ok(5i64)).unwrap();
    assert_eq!(get::<i64>(&db, "SELECT f(1)"), 5);
    db.remove_function("f", 1).unwrap();
    assert_eq!(get::<i64>(&db, "SELECT f(1)"), 1);
}

#[test]
fn attached_databases_are_asked_in_their_order() {
    let folder = Folder::new();
    for (name, value) in [("x.db", 1), ("y.db", 2)] {
        let db = Connection::open(folder.path(name)).unwrap();
        define(&db, "f", value);
        define(&db, &format!("only_{}", &name[..1]), value);
    }
    let db = memory();
    let attach = |name: &str| run(&db, &format!("ATTACH '{}' AS {name}", folder.path(&format!("{name}.db"))));
    attach("y");
    assert_eq!(get::<i64>(&db, "SELECT f()"), 2);
    attach("x");
    assert_eq!(get::<i64>(&db, "SELECT f()*100+only_x()*10+only_y()"), 212);
    define(&db, "f", 3);
    assert_eq!(get::<i64>(&db, "SELECT f()"), 3);
    run(&db, &create("temp.f", "", &number("f", 4)));
    assert_eq!(get::<i64>(&db, "SELECT f()"), 4);
    run(&db, "DROP FUNCTION temp.f; DROP FUNCTION main.f; DETACH y");
    assert_eq!(get::<i64>(&db, "SELECT f()"), 1);
    run(&db, &create("x.g", "", &number("g", 9)));
    assert_eq!(get::<i64>(&Connection::open(folder.path("x.db")).unwrap(), "SELECT g()"), 9);
    run(&db, "DROP FUNCTION x.f");
    assert_eq!(message(&db, "SELECT f()"), "no such function: f");
    run(&db, "DETACH x");
    attach("y");
    assert_eq!(get::<i64>(&db, "SELECT f()"), 2);
    run(&db, "DETACH y");
    assert_eq!(message(&db, "SELECT f()"), "no such function: f");
}

#[test]
fn a_database_that_comes_first_is_noticed_when_it_gets_the_function() {
    let folder = Folder::new();
    let x = folder.path("x.db");
    define(&Connection::open(&x).unwrap(), "f", 2);
    let (a, b) = (folder.open(), folder.open());
    run(&b, &format!("ATTACH '{x}' AS x"));
    let mut call = b.prepare("SELECT f()").unwrap();
    let mut call = || call.query_row([], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(call(), 2);
    define(&a, "f", 3);
    assert_eq!(get::<i64>(&b, "SELECT f()"), 3, "made by another connection");
    assert_eq!(call(), 3);
    run(&b, "DROP FUNCTION f");
    assert_eq!(call(), 2);
    define(&b, "f", 4);
    assert_eq!(call(), 4);
}

#[test]
fn another_file_under_the_same_name_has_other_functions() {
    let folder = Folder::new();
    for value in 1..20 {
        let db = Connection::open(folder.path(&format!("{value}.db"))).unwrap();
        define(&db, "f", value);
    }
    let db = memory();
    for value in 1..20 {
        run(&db, &format!("ATTACH '{}' AS x", folder.path(&format!("{value}.db"))));
        assert_eq!(get::<i64>(&db, "SELECT f()"), value);
        run(&db, "DETACH x");
    }
}

#[test]
fn two_deterministic_functions_of_one_name_are_an_error() {
    let folder = Folder::new();
    let other = Connection::open(folder.path("x.db")).unwrap();
    run(&other, &create("f", "DETERMINISTIC", &number("f", 1)));
    let db = memory();
    define(&db, "f", 2);
    run(&db, &format!("ATTACH '{}' AS x", folder.path("x.db")));
    assert_eq!(
        message(&db, "SELECT f()"),
        "function f is not the same in main and x, and deterministic in one of them: drop it there, or detach one"
    );
    run(&db, "DROP FUNCTION f");
    run(&db, &create("f", "DETERMINISTIC", &number("f", 1)));
    assert_eq!(get::<i64>(&db, "SELECT f()"), 1, "the same in both");

    // None is made, and one that is there can be dropped, whatever uses that of the other database.
    let conflict = "function f of main is another one, and one of the two is deterministic";
    assert_eq!(message(&db, &create("temp.f", "", &number("f", 9))), conflict);
    run(&db, "DETACH x; DROP FUNCTION f");
    run(&db, &create("f", "DETERMINISTIC TRUSTED", &number("f", 3)));
    run(&db, "CREATE TABLE t(a, b AS (a+f())); INSERT INTO t VALUES(1)");
    run(&db, &format!("ATTACH '{}' AS x", folder.path("x.db")));
    assert!(message(&db, "SELECT b FROM t").starts_with("function f is not the same in main and x"));
    assert_eq!(message(&db, "DROP FUNCTION main.f"), "cannot drop function f: main.t uses it");
    run(&db, "DROP FUNCTION x.f");
    assert_eq!(get::<i64>(&db, "SELECT b FROM t"), 4);
}

#[test]
fn only_direct_sql_calls_a_function_that_is_not_trusted() {
    let db = memory();
    run(&db, "CREATE TABLE t(a)");
    define(&db, "plain", 1);
    run(&db, &create("trusted", "TRUSTED", &number("trusted", 2)));
    for f in ["plain", "trusted"] {
        run(&db, &format!("CREATE VIEW v_{f} AS SELECT {f}() AS x"));
        run(&db, &format!("CREATE TRIGGER tr_{f} AFTER INSERT ON t WHEN new.a='{f}' BEGIN SELECT {f}(); END"));
        run(&db, &format!("CREATE TEMP VIEW w_{f} AS SELECT {f}() AS x"));
    }
    assert_eq!(message(&db, "SELECT x FROM v_plain"), "unsafe use of plain()");
    assert_eq!(get::<i64>(&db, "SELECT x FROM w_plain"), 1, "a temporary view is the application's own");
    run(&db, "DROP TRIGGER tr_trusted");
    assert_eq!(message(&db, "INSERT INTO t VALUES('plain')"), "unsafe use of plain()");
    run(&db, "DROP TRIGGER tr_plain; INSERT INTO t VALUES('plain')");
    assert_eq!(get::<i64>(&db, "SELECT x FROM v_trusted"), 2);
    assert_eq!(message(&db, "CREATE TABLE c(a CHECK(plain()))"), "unsafe use of plain()");
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false).unwrap();
    assert_eq!(message(&db, "SELECT x FROM v_trusted"), "unsafe use of trusted()");
    assert_eq!(get::<i64>(&db, "SELECT trusted()"), 2);
}

#[test]
fn a_deterministic_function_can_be_in_indexes_checks_and_generated_columns() {
    let folder = Folder::new();
    let db = folder.open();
    let double = r#"(module (func (export "f") (param i64) (result i64) local.get 0 i64.const 2 i64.mul))"#;
    run(&db, "CREATE TABLE t(a)");
    run(&db, &create("f", "TRUSTED", double));
    assert_eq!(
        message(&db, "CREATE INDEX i ON t(f(a))"),
        "non-deterministic functions prohibited in index expressions"
    );
    run(&db, "DROP FUNCTION f");
    run(&db, &create("f", "DETERMINISTIC TRUSTED", double));
    run(&db, "CREATE INDEX i ON t(f(a)); CREATE INDEX j ON t(a) WHERE f(a)>4");
    run(&db, "CREATE TABLE g(a CHECK(f(a)<100), b AS (f(a)) STORED, c AS (f(a)))");
    drop(db);

    let db = folder.open();
    run(&db, "INSERT INTO t VALUES(1),(2),(3); INSERT INTO g(a) VALUES(21)");
    assert_eq!(get::<i64>(&db, "SELECT a FROM t INDEXED BY i WHERE f(a)=4"), 2);
    assert_eq!(get::<i64>(&db, "SELECT a FROM t INDEXED BY j WHERE f(a)>4 AND a>0"), 3);
    assert_eq!(get::<i64>(&db, "SELECT b+c FROM g"), 84);
    assert_eq!(message(&db, "INSERT INTO g(a) VALUES(50)"), "CHECK constraint failed: f(a)<100");
    assert_eq!(get::<String>(&db, "PRAGMA integrity_check"), "ok");
    for (sql, user) in [("", "i"), ("DROP INDEX i", "j"), ("DROP INDEX j", "g")] {
        run(&db, sql);
        let told = message(&db, "DROP FUNCTION f");
        let users =
            [format!("cannot drop function f: main.{user} uses it"), "cannot drop function f: main.g uses it".into()];
        assert!(users.contains(&told), "{told}");
    }
    run(&db, "VACUUM; REINDEX");
    assert_eq!(get::<i64>(&db, "SELECT b+c FROM g"), 84);

    // Whoever takes it away by force gets to know.
    run(&db, "CREATE INDEX i ON t(f(a))");
    run(&db, &format!("DELETE FROM {TABLE}"));
    drop(db);
    let db = folder.open();
    assert_eq!(message(&db, "INSERT INTO t VALUES(9)"), "unknown function: f()");
    assert_eq!(message(&db, "SELECT c FROM g"), "unknown function: f()");
    assert_eq!(get::<i64>(&db, "SELECT max(a) FROM t"), 3);
}

#[test]
fn what_a_schema_calls_is_checked_also_where_the_schema_came_first() {
    let folder = Folder::new();
    let db = folder.open();
    run(&db, &create("f", "DETERMINISTIC TRUSTED", &echo("f", "i64")));
    run(&db, "CREATE TABLE t(a, b AS (f(a))); CREATE INDEX i ON t(f(a)); INSERT INTO t VALUES(1)");
    run(&db, "CREATE TABLE c(a CHECK(f(a)>0)); CREATE TEMP TABLE x(a, b AS (f(a))); INSERT INTO x VALUES(1)");
    let calls = ["SELECT b FROM t", "INSERT INTO t VALUES(2)", "INSERT INTO c VALUES(1)", "REINDEX"];
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false).unwrap();
    for sql in calls {
        assert_eq!(message(&db, sql), "unsafe use of f()", "{sql}");
    }
    assert_eq!(get::<i64>(&db, "SELECT b FROM x"), 1, "a temporary table is the application's own");
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, true).unwrap();

    // Somebody takes the declarations away.
    for (flags, refused) in [("TRUSTED", "non-deterministic use of f() in "), ("DETERMINISTIC", "unsafe use of f()")] {
        let other = memory();
        run(&other, &create("f", flags, &echo("f", "i64")));
        let body: Vec<u8> = get(&other, &format!("SELECT body FROM {TABLE}"));
        db.execute(&format!("UPDATE {TABLE} SET body=?1"), [body]).unwrap();
        let db = folder.open();
        for sql in calls.into_iter().filter(|sql| !sql.contains(" c ") || flags == "DETERMINISTIC") {
            assert!(message(&db, sql).starts_with(refused), "{sql}: {}", message(&db, sql));
        }
    }
}

#[test]
fn the_authorizer_is_asked_as_for_any_write() {
    let mut db = memory();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&seen);
    let deny = Rc::new(RefCell::new(None::<&'static str>));
    let denied = Rc::clone(&deny);
    struct Single<T>(T);
    // SAFETY: the authorizer runs on the thread of the test.
    unsafe impl<T> Send for Single<T> {}
    let state = Single((log, denied));
    db.authorizer(Some(move |context: AuthContext<'_>| {
        let state = &state;
        let (log, denied) = &state.0;
        let event = match context.action {
            AuthAction::Insert { table_name } => format!("insert {table_name}"),
            AuthAction::Delete { table_name } => format!("delete {table_name}"),
            AuthAction::CreateTable { table_name } => format!("create {table_name}"),
            AuthAction::CreateTempTable { table_name } => format!("create temp {table_name}"),
            AuthAction::Read { table_name, column_name } => format!("read {table_name}.{column_name}"),
            AuthAction::Function { function_name } => format!("call {function_name}"),
            _ => return Authorization::Allow,
        };
        let deny = denied.borrow().is_some_and(|what| what == event);
        log.borrow_mut().push(event);
        if deny { Authorization::Deny } else { Authorization::Allow }
    }))
    .unwrap();
    let events = |sql: &str| {
        seen.borrow_mut().clear();
        run(&db, sql);
        seen.take()
    };
    let create_f = create("f", "", &number("f", 1));
    assert_eq!(
        events(&create_f),
        ["insert sqlite_master", "create libsql_wasm_func_table", "insert libsql_wasm_func_table"]
    );
    assert_eq!(events(&create("g", "", &number("g", 1))), ["insert libsql_wasm_func_table"]);
    assert_eq!(events("SELECT f()"), ["call f"]);
    assert_eq!(events("DROP FUNCTION g"), ["delete libsql_wasm_func_table", "read libsql_wasm_func_table.name"]);
    *deny.borrow_mut() = Some("delete libsql_wasm_func_table");
    assert_eq!(message(&db, "DROP FUNCTION f"), "not authorized");
    *deny.borrow_mut() = Some("insert libsql_wasm_func_table");
    assert_eq!(message(&db, &create("g", "", &number("g", 1))), "not authorized");
    *deny.borrow_mut() = Some("call f");
    assert_eq!(message(&db, "SELECT f()"), "not authorized to use function: f");
    *deny.borrow_mut() = None;
    assert_eq!(get::<i64>(&db, "SELECT f()"), 1);
}

#[test]
fn a_function_that_the_application_lends_while_a_schema_is_read_makes_no_other_one_usable_there() {
    let folder = Folder::new();
    let lend = |db: &Connection| {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
        db.create_scalar_function("f", 1, flags, |context| context.get::<i64>(0)).unwrap();
    };
    let db = folder.open();
    run(&db, "CREATE TABLE plain(a); INSERT INTO plain VALUES(1)");
    run(&db, &create("f", "DETERMINISTIC", &echo("f", "i64")));
    drop(db);
    let db = folder.open();
    lend(&db);
    run(&db, "CREATE TABLE g(a, b AS (f(a))); CREATE TABLE c(a CHECK(f(a))); CREATE INDEX i ON plain(f(a))");
    run(&db, "CREATE TABLE d(a DEFAULT (f(1)), b); CREATE INDEX p ON plain(a) WHERE f(a)");
    drop(db);

    let db = folder.open();
    lend(&db);
    run(&db, "INSERT INTO g VALUES(1); INSERT INTO c VALUES(1); INSERT INTO d(b) VALUES(1)");
    db.remove_function("f", 1).unwrap();
    assert_eq!(get::<i64>(&db, "SELECT f(5)"), 5);
    for sql in [
        "SELECT b FROM g",
        "INSERT INTO c VALUES(2)",
        "INSERT INTO d(b) VALUES(2)",
        "INSERT INTO plain VALUES(2)",
        "PRAGMA integrity_check",
    ] {
        assert_eq!(message(&db, sql), "unsafe use of f()", "{sql}");
    }
}

#[test]
fn a_defensive_connection_leaves_the_table_to_the_statements() {
    let db = memory();
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).unwrap();
    run(&db, "CREATE TABLE other(name, body)");
    for sql in [
        format!("CREATE TABLE {TABLE}(name, body)"),
        "CREATE TABLE main.Libsql_WASM_func_table AS SELECT 'f' AS name, '' AS body".to_owned(),
        format!("CREATE VIEW {TABLE} AS SELECT * FROM other"),
        format!("ALTER TABLE other RENAME TO {TABLE}"),
    ] {
        assert_eq!(
            message(&db, &sql).to_lowercase(),
            format!("object name reserved for internal use: {TABLE}"),
            "{sql}"
        );
    }
    define(&db, "f", 1);
    for sql in [
        format!("DELETE FROM {TABLE}"),
        format!("UPDATE {TABLE} SET body='x'"),
        format!("INSERT INTO {TABLE} VALUES('g', '')"),
        format!("DROP TABLE {TABLE}"),
        format!("ALTER TABLE {TABLE} RENAME TO x"),
        format!("ALTER TABLE {TABLE} ADD COLUMN x"),
        format!("CREATE TRIGGER t AFTER INSERT ON {TABLE} BEGIN SELECT 1; END"),
    ] {
        let told = message(&db, &sql);
        assert!(told.contains(" may not be ") || told == "cannot create triggers on shadow tables", "{sql}: {told}");
    }
    assert_eq!(get::<i64>(&db, "SELECT f()"), 1);
    run(&db, "DROP FUNCTION f");
}

#[test]
fn a_trigger_writes_to_the_table_only_where_the_application_may() {
    let folder = Folder::new();
    let db = folder.open();
    define(&db, "f", 1);
    run(&db, "CREATE TABLE t(a)");
    run(&db, &format!("CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE {TABLE} SET body='x'; END"));
    drop(db);
    let db = folder.open();
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).unwrap();
    assert!(message(&db, "INSERT INTO t VALUES(1)").contains("may not be"));
    assert_eq!(get::<i64>(&db, "SELECT f()"), 1);
}

#[test]
fn what_is_no_table_of_functions_is_none() {
    for sql in [
        format!("CREATE VIEW {TABLE} AS SELECT 'f' AS name, f() AS body"),
        format!("CREATE TABLE {TABLE}(a)"),
        format!("CREATE TABLE {TABLE}(name, body AS (name))"),
    ] {
        let db = memory();
        run(&db, &sql);
        assert_eq!(message(&db, "SELECT f()"), "no such function: f", "{sql}");
    }
}

#[test]
fn nobody_counts_what_a_statement_does_to_the_table() {
    let db = memory();
    run(&db, "CREATE TABLE t(a); INSERT INTO t VALUES(1),(2)");
    define(&db, "f", 1);
    assert_eq!((db.changes(), db.total_changes(), db.last_insert_rowid()), (2, 2, 2));
}

#[test]
fn a_dump_can_be_read_back() {
    let db = memory();
    run(&db, &create("f", "DETERMINISTIC TRUSTED", &echo("f", "i64")));
    let row: (String, Vec<u8>) =
        db.query_row(&format!("SELECT * FROM {TABLE}"), [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let copy = memory();
    run(&copy, &get::<String>(&db, "SELECT sql FROM sqlite_schema"));
    copy.execute(&format!("INSERT INTO {TABLE} VALUES(?1,?2)"), row).unwrap();
    run(&copy, "CREATE TABLE t(a, b AS (f(a))); INSERT INTO t VALUES(4)");
    assert_eq!(get::<i64>(&copy, "SELECT b FROM t"), 4);
}

#[test]
fn backup_vacuum_into_and_every_page_size_take_them_along() {
    let folder = Folder::new();
    for page_size in [512, 4096, 65536] {
        let db = memory();
        run(&db, &format!("PRAGMA page_size={page_size}"));
        let text = "x".repeat(100_000);
        let wat = constant("f", "i64", &format!("(; {text} ;) i64.const {page_size}"));
        run(&db, &create("f", "", &wat));
        let into = folder.path(&format!("{page_size}.db"));
        run(&db, &format!("VACUUM INTO '{into}'"));
        assert_eq!(get::<i64>(&Connection::open(into).unwrap(), "SELECT f()"), page_size);
        let mut copy = memory();
        run(&copy, &format!("PRAGMA page_size={page_size}"));
        define(&copy, "f", 1);
        assert_eq!(get::<i64>(&copy, "SELECT f()"), 1);
        rusqlite::backup::Backup::new(&db, &mut copy).unwrap().step(-1).unwrap();
        assert_eq!(get::<i64>(&copy, "SELECT f()"), page_size);
    }
}

#[test]
fn many_threads_share_the_modules_and_each_has_its_own_state() {
    let folder = Folder::new();
    let counting = r#"(module (global $n (mut i64) (i64.const 0)) (func (export "f") (param i64) (result i64)
        (global.set $n (i64.add (global.get $n) (local.get 0))) (global.get $n)))"#;
    let db = folder.open();
    let _: String = get(&db, "PRAGMA journal_mode=WAL");
    run(&db, &create("f", "", counting));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let db = folder.open();
            scope.spawn(move || {
                for i in 0..50 {
                    let value = thread * 1000 + i;
                    assert_eq!(get::<i64>(&db, &format!("SELECT f({value}) + f({value})")), 2 * value);
                }
            });
        }
    });
}
