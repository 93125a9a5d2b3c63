//! Keeps a copy of a database, frame by frame: `cargo run --example replicate SOURCE COPY [SQL...]`.
//!
//! Each SQL is run on the source, and what it wrote to the log is shipped to the copy at once. The frames could go
//! through a network here. Neither file is there before, or the copy is one of the source's file, without a log.

use std::env;
use std::error::Error;

use rusqlite::Connection;
use seawall::wal::FrameNo;
use seawall::{FRAME_HEADER, Insert, Inserter};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    match words.as_slice() {
        [source, copy, statements @ ..] => replicate(source, copy, statements),
        _ => Err("replicate SOURCE COPY [SQL...]".into()),
    }
}

pub fn replicate(source: &str, copy: &str, statements: &[String]) -> Result<(), Box<dyn Error>> {
    let source = open(source)?;
    let copy = open(copy)?;
    ship(&source, &copy)?;
    for sql in statements {
        source.execute_batch(sql)?;
        ship(&source, &copy)?;
    }
    start_again(&source, &copy)
}

/// Nobody may empty the logs while frames are still to be shipped.
fn open(path: &str) -> Result<Connection, Box<dyn Error>> {
    let db = Connection::open(path)?;
    db.pragma_update(None, "journal_mode", "wal")?;
    seawall::disable_checkpoint(&db)?;
    Ok(db)
}

/// Ships the frames that the copy lacks. Those it has would be compared.
fn ship(source: &Connection, copy: &Connection) -> Result<(), Box<dyn Error>> {
    let page_size: u32 = source.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    let mut buffer = vec![0; FRAME_HEADER + page_size as usize];
    let first = seawall::frame_count(copy)? + 1;
    let last = seawall::frame_count(source)?;
    let mut inserter = Inserter::begin(copy)?;
    for number in (first..=last).filter_map(FrameNo::new) {
        seawall::read_frame(source, number, &mut buffer)?;
        if inserter.insert(number, &buffer)? == Insert::Conflict {
            return Err(format!("frame {number} of the copy is another one: make a new copy").into());
        }
    }
    Ok(inserter.end()?)
}

/// All frames are in both files: both logs start again with frame 1. The copy comes first, so that frames are shipped
/// twice rather than lost.
fn start_again(source: &Connection, copy: &Connection) -> Result<(), Box<dyn Error>> {
    for db in [copy, source] {
        db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    Ok(())
}
