//! Back to an earlier commit, by a commit.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::connection::{Connection, Database};
use super::file::PARTIAL;
use super::format::CommitRecord;
use super::history::{Commit, History};
use super::reader::View;
use super::timeline::{PAGE_ONE_NO, beside};
use crate::wal::{FrameNo, PageNo};
use crate::{AsHandle, Error, FRAME_HEADER, Inserter, Result, ffi, frame_count};

/// Bytes of page 1 that must not go back, or what others know of the database would be taken for what it is: the change
/// counter, the schema cookie, and the change counter once more.
const COUNTERS: [std::ops::Range<usize>; 3] = [24..28, 40..44, 92..96];

/// The bytes of page 1 that say how texts are encoded.
const ENCODING: std::ops::Range<usize> = 56..60;

/// The first byte of a database file that SQLite only ever locks, with the page that it is in.
const PENDING_BYTE: u32 = 0x4000_0000;

/// Set a database of a connection back to what it was after an earlier commit. `at` is what `at` of a URI may be: the number of
/// a commit, or a time. Nothing is lost: this is a commit as any other, and the one before it can be restored as well. Returns it.
///
/// All is as it was then, except for the counters in the header that tell other connections of changes.
///
/// If the page size was another one then, the connection leaves WAL mode for it, and comes back: that takes twice the room, nobody
/// else may have the database open, and the commit is marked as adopted.
///
/// `SQLITE_BUSY` while somebody else writes or prunes, `SQLITE_READONLY`, `SQLITE_CANTOPEN` if there is no such commit, `SQLITE_ERROR`
/// if texts had another encoding then: export it instead.
pub fn restore(connection: &impl AsHandle, schema: &str, at: &str) -> Result<Commit> {
    let database = Database::of(connection, schema)?;
    database.must_be_writable(connection)?;
    if database.pragma(connection, "locking_mode")? == "exclusive" {
        let path = database.path.display();
        return Err(Error::BUSY.with_message(format!(
            "{path} is open in exclusive locking mode: set PRAGMA locking_mode=NORMAL and read from it before"
        )));
    }
    let timeline = database.timeline(connection)?;
    let whole = timeline.keep_whole()?;
    let own = Connection::open(&database.uri())?;
    let mut inserter = Inserter::begin(&own)?;
    // Nobody else commits from here on, and what has been is in the files.
    timeline.store()?.write_out()?;
    let history = History::on(timeline.storage(), &database.path)?;
    let target = history.at(at)?;
    let page_size = history.page_size(history.newest())?;
    let encodings = [encoding(&history, target.number)?, encoding(&history, history.newest())?];
    if !encodings.contains(&0) && encodings[0] != encodings[1] {
        return Err(Error::UNSUPPORTED.with_message(format!(
            "{} had another text encoding after commit {}, which no open connection could follow: export it as it was then",
            database.path.display(),
            target.number
        )));
    }
    if history.page_size(target.number)? != page_size {
        inserter.end()?;
        drop((whole, own));
        let keep = timeline.keep()?;
        drop(timeline);
        let made = replace(connection, &database, &history, target)?;
        // It is another opening now.
        database.timeline(connection)?.set_keep(keep)?;
        return Ok(made);
    }
    let pages = pages_to_write(&history, target)?;
    let mut then = View::new(&history.segments, target.number)?;
    let mut number = frame_count(&own)?;
    let mut frame = vec![0; FRAME_HEADER + page_size as usize];
    let mut buffer = Vec::new();
    let last = pages.iter().next_back().copied();
    timeline.announce(CommitRecord::RESTORED);
    let written = pages.iter().copied().try_for_each(|page| {
        frame.fill(0);
        frame[..4].copy_from_slice(&page.get().to_be_bytes());
        if Some(page) == last {
            frame[4..8].copy_from_slice(&target.database_pages.to_be_bytes());
        }
        if let Some(data) = then.page(&history.segments, page, &mut buffer)? {
            frame[FRAME_HEADER..].copy_from_slice(data);
        }
        if page == PAGE_ONE_NO {
            let mut now = View::new(&history.segments, history.newest())?;
            let now = now.page(&history.segments, page, &mut buffer)?.ok_or(Error::CORRUPT)?;
            count_on(&mut frame[FRAME_HEADER..], now);
        }
        number += 1;
        inserter.insert(FrameNo::new(number).ok_or(Error::FULL)?, &frame).map(drop)
    });
    // As long as nobody else can commit.
    timeline.announce(0);
    let ended = inserter.end();
    written.and(ended)?;
    History::on(timeline.storage(), &database.path)?.commit(history.newest() + 1)
}

/// The text encoding of the database after a commit, as its header has it: 0 if it has none so far.
fn encoding(history: &History, commit: u64) -> Result<u32> {
    let mut view = View::new(&history.segments, commit)?;
    let mut buffer = Vec::new();
    let page_one = view.page(&history.segments, PAGE_ONE_NO, &mut buffer)?;
    let bytes = page_one.and_then(|page| page.get(ENCODING)?.try_into().ok());
    Ok(bytes.map_or(0, u32::from_be_bytes))
}

/// Restore a commit that has another page size than the newest one. SQLite changes that only outside WAL mode; the timeline takes in
/// what the file has become when it is opened again.
fn replace(connection: &impl AsHandle, database: &Database, history: &History, target: Commit) -> Result<Commit> {
    let storage = history.segments.storage();
    // If the power goes meanwhile, it is removed with the next opening.
    let path = beside(&history.segments.folder.join("restored"), PARTIAL);
    let _ = storage.remove(&path);
    history.export(target.number, &path, |_, _| true)?;
    let source = Connection::open(&database.uri_of_unchanging(&path));
    let replaced =
        source.and_then(|source| outside_wal_mode(connection, database, || database.replace(connection, &source)));
    let _ = storage.remove(&path);
    replaced?;
    let history = History::on(Arc::clone(storage), &database.path)?;
    history.commit(history.newest())
}

/// Do something while a database is not in WAL mode, and nobody else gets at it.
fn outside_wal_mode(connection: &impl AsHandle, database: &Database, work: impl FnOnce() -> Result<()>) -> Result<()> {
    let mode = database.pragma(connection, "locking_mode")?;
    database.pragma(connection, "locking_mode=EXCLUSIVE")?;
    let done = match database.pragma(connection, "journal_mode=DELETE") {
        Err(error) if error.code() == ffi::SQLITE_BUSY => Err(error.with_message(format!(
            "{} had another page size then: close all other connections to it",
            database.path.display()
        ))),
        Err(error) => Err(error),
        Ok(_) => {
            let done = work();
            done.and(database.pragma(connection, "journal_mode=WAL").and_then(|_| database.read(connection)))
        }
    };
    database.pragma(connection, &format!("locking_mode={mode}"))?;
    let read = database.read(connection);
    done.and(read)
}

/// The pages that may be others than they were then.
fn pages_to_write(history: &History, target: Commit) -> Result<BTreeSet<PageNo>> {
    let now = history.commit(history.newest())?.database_pages;
    let mut pages = history.written(target.number, history.newest())?;
    // What was cut off.
    pages.extend(now.saturating_add(1)..=target.database_pages);
    // It always changes.
    pages.insert(1);
    // Nobody ever writes the one with the locks.
    pages.remove(&(PENDING_BYTE / history.page_size(target.number)? + 1));
    Ok(pages.into_iter().filter(|page| *page <= target.database_pages).filter_map(PageNo::new).collect())
}

/// Have the counters of page 1 follow those of page 1 as it is now.
fn count_on(page: &mut [u8], now: &[u8]) {
    let next = |range: &std::ops::Range<usize>| {
        let bytes = now.get(range.clone()).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok()).unwrap_or_default();
        u32::from_be_bytes(bytes).wrapping_add(1).to_be_bytes()
    };
    for (range, from) in COUNTERS.iter().zip([&COUNTERS[0], &COUNTERS[1], &COUNTERS[0]]) {
        page[range.clone()].copy_from_slice(&next(from));
    }
}
