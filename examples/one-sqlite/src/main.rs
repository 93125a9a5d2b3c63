//! rusqlite, sqlx and diesel in one program, all on Seawall: `cargo run` in this folder.
//!
//! Each opens the same database with the log on the heap. Until a checkpoint the rows are in that log and nowhere else,
//! so crates that see each other's rows run on one and the same SQLite. Each creates a table with random rowids, which only
//! Seawall can.

use std::error::Error;
use std::fs;

use diesel::sql_types::Text;
use diesel::{Connection as _, OptionalExtension as _, RunQueryDsl as _, SqliteConnection};
use rusqlite::OptionalExtension as _;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

/// Runs a statement through one of the crates; gives the text that it gives, or an empty one.
type Ask = Box<dyn FnMut(&'static str) -> Result<String, Box<dyn Error>>>;

const CREATE_TABLE: [&str; 3] = [
    "CREATE TABLE by_rusqlite(a TEXT) RANDOM ROWID",
    "CREATE TABLE by_diesel(a TEXT) RANDOM ROWID, STRICT",
    "CREATE TABLE by_sqlx(id INTEGER PRIMARY KEY) RANDOM ROWID",
];
const RANDOM_ROWID_TABLES: &str = "SELECT group_concat(name ORDER BY name) FROM pragma_random_rowid_list";

fn main() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("app.db");
    let uri = format!("file:{}?wal=memory", path.display());

    let rusqlite = rusqlite::Connection::open(&uri)?;
    let mut diesel = SqliteConnection::establish(&uri)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    // As a file name, for sqlx does not let a parameter through that it does not know.
    let options = SqliteConnectOptions::new().filename(&uri).create_if_missing(true);
    let mut sqlx = runtime.block_on(options.connect())?;

    rusqlite.execute_batch("CREATE TABLE t(a TEXT)")?;
    let mut crates: [(&str, Ask); 3] = [
        (
            "rusqlite",
            Box::new(move |sql| Ok(rusqlite.query_row(sql, [], |row| row.get(0)).optional()?.unwrap_or_default())),
        ),
        (
            "diesel",
            Box::new(move |sql| {
                Ok(diesel::dsl::sql::<Text>(sql).get_result(&mut diesel).optional()?.unwrap_or_default())
            }),
        ),
        (
            "sqlx",
            Box::new(move |sql| {
                Ok(runtime.block_on(sqlx::query_scalar(sql).fetch_optional(&mut sqlx))?.unwrap_or_default())
            }),
        ),
    ];

    let seawall = seawall::ffi::SQLITE_SOURCE_ID.to_str()?;
    let log = path.with_extension("db-wal");
    for (((name, ask), row), create_table) in crates.iter_mut().zip(["1", "2", "3"]).zip(CREATE_TABLE) {
        let source_id = ask("SELECT sqlite_source_id()")?;
        println!("{name}: SQLite {source_id}");
        assert_eq!(source_id, seawall, "{name} runs on another SQLite");
        assert_eq!(ask("PRAGMA journal_mode")?, "wal", "{name} runs on a SQLite that ignores `wal=memory`");
        assert!(!log.exists(), "{name} runs on a SQLite that keeps its log in a file");
        ask(create_table)?;
        let written = ask("INSERT INTO t SELECT 1 + count(*) FROM t RETURNING a")?;
        assert_eq!(written, row, "{name} does not see the rows of the crates before it");
    }
    for (name, ask) in &mut crates {
        let rows = ask("SELECT group_concat(a) FROM t")?;
        assert_eq!(rows, "1,2,3", "{name} does not see the rows of the crates after it");
        let tables = ask(RANDOM_ROWID_TABLES)?;
        assert_eq!(tables, "by_diesel,by_rusqlite,by_sqlx", "{name} does not see the tables of the others");
    }
    assert!(!log.exists(), "the rows went to a log in a file");
    // What a database in WAL mode is born with. The table is on the second page.
    assert_eq!(fs::metadata(&path)?.len(), 4096, "the rows went to the database file");
    println!("each reads the rows of the others, which are in no file, and has a table with random rowids");
    Ok(())
}
