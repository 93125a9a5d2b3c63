//! What the tests of functions in WebAssembly share: modules in WAT, and ways to run statements.

#![allow(dead_code)]

use rusqlite::{Connection, Error};

/// `libsql_malloc` by a pointer that only goes up, and the memory of `pages` pages that it is in.
pub fn heap(pages: u32) -> String {
    format!(
        r#"(memory (export "memory") {pages})
           (global $next (mut i32) (i32.const 1024))
           (func $malloc (export "libsql_malloc") (param i32) (result i32)
             global.get $next global.get $next local.get 0 i32.add global.set $next)"#
    )
}

/// Return the argument.
pub fn echo(name: &str, kind: &str) -> String {
    format!(r#"(module {} (func (export "{name}") (param {kind}) (result {kind}) local.get 0))"#, heap(1))
}

/// A function without arguments, of this result type and body.
pub fn constant(name: &str, kind: &str, body: &str) -> String {
    format!(r#"(module {} (func (export "{name}") (result {kind}) {body}))"#, heap(1))
}

/// The statement that creates a function of a module in WAT.
pub fn create(name: &str, options: &str, wat: &str) -> String {
    format!("CREATE FUNCTION {name} LANGUAGE wasm {options} AS '{}'", wat.replace('\'', "''"))
}

/// The same, with the module as a blob.
pub fn create_binary(name: &str, options: &str, wasm: &[u8]) -> String {
    let hex: String = wasm.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("CREATE FUNCTION {name} LANGUAGE wasm {options} AS x'{hex}'")
}

/// Run statements that must not fail.
pub fn run(db: &Connection, sql: &str) {
    db.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The first value of the first row.
pub fn get<T: rusqlite::types::FromSql>(db: &Connection, sql: &str) -> T {
    db.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// The message that a statement fails with.
pub fn message(db: &Connection, sql: &str) -> String {
    let run = || -> rusqlite::Result<()> {
        let mut statement = db.prepare(sql)?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
        Ok(())
    };
    match run() {
        Ok(()) => panic!("no error: {sql}"),
        Err(Error::SqliteFailure(_, Some(text))) => text,
        Err(Error::SqlInputError { msg, .. }) => msg,
        Err(error) => error.to_string(),
    }
}
