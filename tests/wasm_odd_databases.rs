//! Does a database that means harm get hold of anything through the functions that it holds?

use rusqlite::functions::FunctionFlags;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, TransactionState};
use seawall as _;

#[path = "common/modules.rs"]
mod modules;

use modules::{create, get, message, run};

const TABLE: &str = "libsql_wasm_func_table";

fn number(name: &str, params: &str, value: i64) -> String {
    format!(r#"(module (func (export "{name}") {params} (result i64) i64.const {value}))"#)
}

/// A database whose table of functions somebody else has filled.
fn crafted(schema: &str, rows: &[(&str, String)]) -> Connection {
    let db = Connection::open_in_memory().unwrap();
    craft(&db, schema, rows);
    db
}

fn craft(db: &Connection, schema: &str, rows: &[(&str, String)]) {
    run(db, &format!("CREATE TABLE {schema}.{TABLE}(name text PRIMARY KEY, body text) WITHOUT ROWID"));
    for (name, body) in rows {
        db.execute(&format!("INSERT INTO {schema}.{TABLE} VALUES(?1, ?2)"), [name, body.as_str()]).unwrap();
    }
}

#[test]
fn functions_of_sqlite_stay_what_they_are() {
    let one = "(param i64)";
    let db = crafted(
        "main",
        &[
            ("abs", number("abs", one, 666)),
            ("sum", number("sum", "(param i64 i64)", 5)),
            ("max", number("max", one, 666)),
        ],
    );
    run(&db, "ATTACH ':memory:' AS e; CREATE TABLE t(a); INSERT INTO t VALUES(1),(2)");
    craft(&db, "e", &[("sum", number("sum", one, 7))]);
    run(&db, "CREATE VIEW v AS SELECT abs(1,2)");
    for _ in 0..2 {
        assert_eq!(get::<i64>(&db, "SELECT abs(-5)"), 5);
        assert_eq!(get::<i64>(&db, "SELECT max(a) FROM t"), 2);
        assert!(db.query_row("SELECT sum(a), sum(1,2) FROM t", [], |row| row.get::<_, i64>(1)) == Ok(5));
        assert_eq!(get::<i64>(&db, "SELECT sum(a) FROM t"), 3);
        assert_eq!(message(&db, "SELECT abs(1,2)"), "wrong number of arguments to function abs()");
        let _ = db.execute_batch("PRAGMA table_list; PRAGMA table_info(v)");
    }
    run(&db, "CREATE VIRTUAL TABLE f USING fts4(x); INSERT INTO f VALUES('word')");
}

#[test]
fn functions_of_the_application_stay_what_they_are() {
    let db = crafted(
        "main",
        &[("secure", number("secure", "(param i64)", 666)), ("any", number("any", "(param i64)", 666))],
    );
    let add = |name: &str, count| {
        db.create_scalar_function(name, count, FunctionFlags::SQLITE_UTF8, |_| Ok(1000i64)).unwrap();
    };
    add("secure", 1);
    assert_eq!(get::<i64>(&db, "SELECT secure(1)"), 1000);
    assert_eq!(message(&db, "SELECT secure(1,2)"), "wrong number of arguments to function secure()");
    assert_eq!(get::<i64>(&db, "SELECT secure(1)"), 1000);
    assert_eq!(get::<i64>(&db, "SELECT any(1)"), 666);
    add("any", -1);
    assert_eq!(get::<i64>(&db, "SELECT any(1)"), 1000, "also one that comes later, and takes any number of arguments");
}

#[test]
fn a_function_that_the_application_has_taken_away_is_not_replaced() {
    let db = crafted("main", &[("upper", number("upper", "(param i64)", 666))]);
    db.create_scalar_function("upper", 1, FunctionFlags::SQLITE_UTF8, |_| Ok(1i64)).unwrap();
    db.remove_function("upper", 1).unwrap();
    assert!(message(&db, "SELECT upper(1)").contains("upper"));
    db.create_scalar_function("abs", 1, FunctionFlags::SQLITE_UTF8, |_| Ok(1i64)).unwrap();
    db.remove_function("abs", 1).unwrap();
    assert!(message(&db, &create("abs", "", &number("abs", "(param i64)", 1))).contains("has a function of this name"));
}

#[test]
fn nobody_finds_the_list_by_its_name() {
    let db = crafted("main", &[("f", number("f", "", 1))]);
    assert_eq!(get::<i64>(&db, "SELECT f()"), 1);
    let name = format!("seawall: functions of databases{}", " ".repeat(256));
    assert_eq!(message(&db, &format!("SELECT \"{name}\"()")), format!("no such function: {name}"));
    assert!(db.create_scalar_function(name.as_str(), 0, FunctionFlags::SQLITE_UTF8, |_| Ok(1i64)).is_err());
    run(&db, &format!("DELETE FROM {TABLE}; CREATE TABLE t(a)"));
    assert_eq!(message(&db, "SELECT f()"), "no such function: f");
    assert_eq!(get::<i64>(&db, "SELECT count(*) FROM pragma_function_list WHERE name='f'"), 0);
}

#[test]
fn a_table_that_evaluates_what_the_file_says_is_not_written_to() {
    for column in [
        "z DEFAULT (seawall_create_function('main','evil',2,'x'))",
        "z DEFAULT (seawall_empty_table('main','other'))",
        "z AS (seawall_drop_function('main','victim',1))",
        "z DEFAULT 1",
        "CHECK(body<>'')",
        "UNIQUE(body)",
    ] {
        let db = Connection::open_in_memory().unwrap();
        run(&db, "CREATE TABLE other(a); INSERT INTO other VALUES(1)");
        if db.execute_batch(&format!("CREATE TABLE {TABLE}(name text PRIMARY KEY, body text, {column})")).is_err() {
            continue;
        }
        db.execute(&format!("INSERT INTO {TABLE}(name, body) VALUES('victim', ?1)"), [number("victim", "", 1)]).ok();
        let told = message(&db, &create("f", "", &number("f", "", 1)));
        assert_eq!(
            told,
            format!(
                "main.{TABLE} is not a table that CREATE FUNCTION has made: drop its indexes, or give it another name"
            )
        );
        assert_eq!(get::<i64>(&db, "SELECT count(*) FROM other"), 1);
        let told = message(&db, "DROP FUNCTION victim");
        assert!(told.contains("is not a table that") || told.contains("was not registered"), "{column}: {told}");
    }
    let db = Connection::open_in_memory().unwrap();
    run(&db, &format!("CREATE VIEW {TABLE} AS SELECT 1"));
    assert!(message(&db, &create("f", "", &number("f", "", 1))).contains("is not a table that"));
    let db = crafted("main", &[("victim", number("victim", "", 1))]);
    run(&db, &format!("CREATE INDEX i ON {TABLE}(length(body))"));
    assert!(message(&db, "DROP FUNCTION victim").contains("is not a table that"));
    assert_eq!(get::<i64>(&db, "SELECT victim()"), 1);
}

#[test]
fn the_authorizer_is_told_one_name_however_it_is_written() {
    let mut db = crafted("main", &[("Secret", number("secret", "", 1))]);
    db.authorizer(Some(|context: AuthContext<'_>| match context.action {
        AuthAction::Function { function_name: "secret" } => Authorization::Deny,
        _ => Authorization::Allow,
    }))
    .unwrap();
    for call in ["SECRET()", "secret()", "Secret()"] {
        assert!(message(&db, &format!("SELECT {call}")).starts_with("not authorized to use function: "));
    }
}

#[test]
fn preparing_a_statement_does_not_begin_a_transaction() {
    let dir = tempfile::tempdir().unwrap();
    let open = || Connection::open(dir.path().join("a.db")).unwrap();
    let (a, b) = (open(), open());
    let _: String = get(&a, "PRAGMA journal_mode=WAL");
    run(&a, &create("f", "", &number("f", "", 1)));
    run(&a, "CREATE TABLE t(x)");
    run(&b, "BEGIN");
    assert_eq!(message(&b, "SELECT nosuch()"), "no such function: nosuch");
    drop(b.prepare("SELECT f()").unwrap());
    drop(b.prepare("DROP FUNCTION IF EXISTS nosuch").unwrap());
    assert_eq!(b.transaction_state(Some("main")).unwrap(), TransactionState::None);
    run(&a, "INSERT INTO t VALUES(1)");
    run(&b, "INSERT INTO t VALUES(2); COMMIT");

    // Not even while statements read another database.
    run(&b, "ATTACH ':memory:' AS x; CREATE TABLE x.u(y); INSERT INTO x.u VALUES(1),(2); BEGIN");
    let mut readers: Vec<_> = (0..2).map(|_| b.prepare("SELECT y FROM x.u").unwrap()).collect();
    let mut rows: Vec<_> = readers.iter_mut().map(|reader| reader.query([]).unwrap()).collect();
    rows.iter_mut().for_each(|rows| assert!(rows.next().unwrap().is_some()));
    drop(b.prepare("SELECT f()").unwrap());
    assert_eq!(b.transaction_state(Some("main")).unwrap(), TransactionState::None);
}

#[test]
fn limits_of_statements_do_not_stop_it_and_messages_are_short() {
    let db = crafted("main", &[("f", number("f", "", 1)), ("long", "x".repeat(1_000_000))]);
    db.set_limit(Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 0).unwrap();
    assert_eq!(get::<i64>(&db, "SELECT f()"), 1);
    run(&db, &create("g", "", &number("g", "", 2)));
    assert_eq!(db.limit(Limit::SQLITE_LIMIT_VARIABLE_NUMBER).unwrap(), 0);
    assert!(message(&db, "SELECT long()").len() < 5000);
}

#[test]
fn a_schema_holds_no_such_statement() {
    let db = Connection::open_in_memory().unwrap();
    run(&db, "CREATE TABLE t(a); PRAGMA writable_schema=ON");
    run(&db, "UPDATE sqlite_schema SET sql='CREATE FUNCTION t LANGUAGE wasm AS ''x'''; PRAGMA writable_schema=RESET");
    let told = message(&db, "SELECT * FROM t");
    assert!(told.contains("malformed database schema"), "{told}");
}
