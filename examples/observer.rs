//! Prints the pages of every committed transaction: `cargo run --example observer`.
//!
//! The log is SQLite's own. The observer overrides two of its methods; all others go through.

use std::collections::BTreeSet;

use rusqlite::Connection;
use seawall::{Frames, OpenRequest, Result, Stock, Wal, WalManager, WrapWal};

/// One for each database that a connection opens.
struct Observer {
    database: String,
    /// The pages that the transaction has written so far. A big one writes more than once, when the cache is full.
    pages: BTreeSet<u32>,
}

impl Observer {
    fn new(request: &OpenRequest<'_>) -> Self {
        Observer { database: request.name().path().to_string_lossy().into_owned(), pages: BTreeSet::new() }
    }
}

impl<W: Wal> WrapWal<W> for Observer {
    fn append(&mut self, inner: &mut W, frames: Frames<'_>) -> Result<u32> {
        let added = inner.append(frames)?;
        self.pages.extend(frames.pages().map(|page| page.page.get()));
        if let Some(size) = frames.commit() {
            println!("{}: pages {:?} of {size} were committed", self.database, self.pages);
        }
        Ok(added)
    }

    /// After a commit and after a rollback.
    fn end_write(&mut self, inner: &mut W) {
        self.pages.clear();
        inner.end_write();
    }
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    seawall::register("observed", Stock.wrap(Observer::new))?;

    let dir = tempfile::tempdir()?;
    let db = Connection::open(format!("file:{}?wal=observed", dir.path().join("app.db").display()))?;
    db.execute_batch(
        "CREATE TABLE t(a);
         INSERT INTO t VALUES('one');
         BEGIN; INSERT INTO t VALUES('two'); ROLLBACK;
         CREATE TABLE blobs(b);
         INSERT INTO blobs VALUES(randomblob(20000));",
    )?;
    Ok(())
}
