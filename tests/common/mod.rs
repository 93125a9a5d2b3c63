//! What the tests of logs share.

#![allow(dead_code)]

pub mod conformance;
pub mod model;
pub mod random;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once};
use std::time::Duration;

use rusqlite::ffi::SQLITE_CANTOPEN;
use rusqlite::{Connection, Row};
// Links the SQLite that rusqlite runs on, also into a test that names nothing of it.
use seawall as _;
use tempfile::TempDir;

/// A folder with databases that use one log.
pub struct Env {
    pub wal: String,
    pub dir: TempDir,
}

impl Env {
    pub fn new(wal: &str) -> Self {
        log_setup();
        Env { wal: wal.to_owned(), dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn uri(&self, name: &str) -> String {
        uri(&self.path(name), &self.wal)
    }

    /// Open a database with the log. Locks fail at once.
    pub fn open(&self, name: &str) -> Connection {
        let db = Connection::open(self.uri(name)).unwrap();
        db.busy_timeout(Duration::ZERO).unwrap();
        db
    }

    /// Open a database with the stock log, to see what is in its file.
    pub fn open_stock(&self, name: &str) -> Connection {
        Connection::open(uri(&self.path(name), "sqlite")).unwrap()
    }
}

pub fn uri(path: &Path, wal: &str) -> String {
    format!("file:{}?wal={wal}", path.display())
}

/// Open a database on a timeline as it was at some time or after some commit.
pub fn at(env: &Env, name: &str, when: impl std::fmt::Display) -> Connection {
    Connection::open(format!("{}&at={when}", env.uri(name))).unwrap()
}

/// The number of the newest commit of a timeline, from what an error says.
pub fn newest(env: &Env, name: &str) -> u64 {
    let past = at(env, name, u64::MAX);
    assert_eq!(code(&past, "SELECT * FROM sqlite_schema"), SQLITE_CANTOPEN);
    let lines = logged(env.path(name).to_str().unwrap());
    let line = &lines.iter().rev().find(|line| line.1.contains("has the commits")).unwrap().1;
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

/// The first value of the first row.
pub fn get<T: rusqlite::types::FromSql>(db: &Connection, sql: &str) -> T {
    db.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// The extended result code that SQL ends with.
pub fn code(db: &Connection, sql: &str) -> i32 {
    match db.execute_batch(sql) {
        Ok(()) => 0,
        Err(error) => error_code(&error),
    }
}

pub fn error_code(error: &rusqlite::Error) -> i32 {
    error.sqlite_error().map_or(-1, |error| error.extended_code)
}

/// `PRAGMA wal_checkpoint`: was it stopped early, frames in the log, frames in the file.
pub fn checkpoint(db: &Connection, mode: &str) -> (i64, i64, i64) {
    let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    db.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], row).unwrap()
}

pub fn assert_sound(db: &Connection) {
    assert_eq!(get::<String>(db, "PRAGMA integrity_check"), "ok");
}

static LOG: Mutex<Vec<(i32, String)>> = Mutex::new(Vec::new());

/// Collect what goes to SQLite's error log. Must come before the first connection.
pub fn log_setup() {
    static ONCE: Once = Once::new();
    fn note(code: i32, text: &str) {
        LOG.lock().unwrap().push((code, text.to_owned()));
    }
    // SAFETY: no connection was opened yet, and `note` does not use SQLite.
    ONCE.call_once(|| unsafe { rusqlite::trace::config_log(Some(note)).unwrap() });
}

/// The lines of the error log that contain a text.
pub fn logged(text: &str) -> Vec<(i32, String)> {
    LOG.lock().unwrap().iter().filter(|line| line.1.contains(text)).cloned().collect()
}
