//! What only history needs leaves the page cache of the system, and nothing else does.

mod common;
#[path = "common/disk.rs"]
mod disk;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use common::{Env, checkpoint, get};
use disk::{WatchedDisk, Watcher};
use rusqlite::Connection;
use seawall::Timeline;

/// What has left the page cache of each file.
#[derive(Default)]
struct Uncached(Mutex<BTreeMap<PathBuf, Vec<Range<u64>>>>);

impl Watcher for Uncached {
    fn uncaching(&self, path: &Path, bytes: Range<u64>) {
        self.0.lock().unwrap().entry(path.to_owned()).or_default().push(bytes);
    }
}

impl Uncached {
    /// Up to which byte each segment has left, from its beginning on.
    fn ends(&self) -> BTreeMap<PathBuf, u64> {
        let uncached = self.0.lock().unwrap();
        let end = |ranges: &Vec<Range<u64>>| {
            ranges.iter().fold(0, |end, range| if range.start <= end { end.max(range.end) } else { end })
        };
        uncached.iter().map(|(path, ranges)| (path.clone(), end(ranges))).collect()
    }
}

/// A timeline with segments of some 100 commits, and a table.
fn begin(name: &str, synchronous: &str) -> (Env, Connection, Arc<Uncached>) {
    let uncached = Arc::new(Uncached::default());
    seawall::register(name, Timeline::on(Arc::new(WatchedDisk(Arc::clone(&uncached))), 500_000)).unwrap();
    let env = Env::new(name);
    let db = env.open("t.db");
    db.execute_batch(&format!(
        "PRAGMA synchronous={synchronous}; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(k INTEGER PRIMARY KEY, v)"
    ))
    .unwrap();
    (env, db, uncached)
}

fn insert(db: &Connection, rows: u64) {
    for _ in 0..rows {
        db.execute("INSERT INTO t(v) VALUES(zeroblob(100))", []).unwrap();
    }
}

/// The segments as they are now: paths and sizes, in their order.
fn segments(env: &Env) -> Vec<(PathBuf, u64)> {
    let entries = std::fs::read_dir(env.path("t.db-timeline")).unwrap().map(|entry| entry.unwrap());
    let mut all: Vec<_> = entries
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "seg"))
        .map(|entry| (entry.path(), entry.metadata().unwrap().len()))
        .collect();
    all.sort();
    all
}

#[test]
fn what_the_database_file_has_leaves_the_page_cache() {
    for synchronous in ["NORMAL", "FULL"] {
        let (env, db, uncached) = begin(&format!("timeline-page-cache-{synchronous}"), synchronous);
        for round in 1..4 {
            insert(&db, 300);
            assert!(uncached.ends().values().sum::<u64>() < segments(&env).iter().map(|(_, size)| size).sum());
            checkpoint(&db, "PASSIVE");
            let (ends, all) = (uncached.ends(), segments(&env));
            assert!(all.len() >= 2 * round, "{all:?}");
            let (last, sealed) = all.split_last().unwrap();
            for (path, size) in sealed {
                assert_eq!(ends.get(path), Some(size), "{}", path.display());
            }
            // Zeros may have been written ahead of it.
            let end = ends.get(&last.0).copied().unwrap_or(0);
            assert!(end <= last.1);
            insert(&db, 1);
            assert_eq!(uncached.ends(), ends);
        }
        assert_eq!(get::<i64>(&db, "SELECT count(*) FROM t"), 903);
        assert_eq!(get::<String>(&db, "PRAGMA integrity_check"), "ok");
    }
}

#[test]
fn what_a_reader_keeps_out_of_the_database_file_stays_there() {
    let (env, db, uncached) = begin("timeline-page-cache-reader", "NORMAL");
    insert(&db, 10);
    let reader = env.open("t.db");
    reader.execute_batch("BEGIN; SELECT * FROM t").unwrap();
    insert(&db, 300);
    checkpoint(&db, "PASSIVE");
    assert_eq!(uncached.ends(), BTreeMap::new());
    reader.execute_batch("COMMIT").unwrap();
    checkpoint(&db, "PASSIVE");
    assert_eq!(uncached.ends().len(), segments(&env).len());
}

#[test]
fn what_is_not_durable_stays_there() {
    let (_env, db, uncached) = begin("timeline-page-cache-off", "OFF");
    insert(&db, 300);
    checkpoint(&db, "PASSIVE");
    assert_eq!(uncached.ends(), BTreeMap::new());
    // Now it is.
    db.execute_batch("PRAGMA synchronous=NORMAL").unwrap();
    insert(&db, 1);
    checkpoint(&db, "PASSIVE");
    assert!(uncached.ends().len() > 2);
}

#[cfg(target_os = "linux")]
#[test]
fn no_file_stays_open_for_that() {
    let (env, db, _) = begin("timeline-page-cache-files", "FULL");
    let open = || {
        let folder = env.path("t.db-timeline");
        let files =
            std::fs::read_dir("/proc/self/fd").unwrap().filter_map(|entry| entry.unwrap().path().read_link().ok());
        files.filter(|file| file.starts_with(&folder)).count()
    };
    for _ in 0..10 {
        insert(&db, 300);
        checkpoint(&db, "PASSIVE");
    }
    assert!(segments(&env).len() > 20);
    // The lock, the marks, and the last segment twice, or one that has just been sealed.
    assert!(open() <= 6, "{} files are open", open());
}
