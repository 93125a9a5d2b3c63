//! What only history needs leaves the page cache of the system, and nothing else does.

mod common;

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use common::{Env, checkpoint, get};
use rusqlite::Connection;
use seawall::Timeline;
use seawall::timeline::storage::{Access, Disk, Lock, Storage, StoredFile};

/// The disk, and what has left the page cache of each file.
#[derive(Default)]
struct Watched(Arc<Mutex<BTreeMap<PathBuf, Vec<Range<u64>>>>>);

struct WatchedFile {
    file: Arc<dyn StoredFile>,
    path: PathBuf,
    uncached: Arc<Mutex<BTreeMap<PathBuf, Vec<Range<u64>>>>>,
}

impl Watched {
    fn watch(&self, path: &Path, file: Arc<dyn StoredFile>) -> Arc<dyn StoredFile> {
        Arc::new(WatchedFile { file, path: path.to_owned(), uncached: Arc::clone(&self.0) })
    }

    /// Up to which byte each segment has left, from its beginning on.
    fn ends(&self) -> BTreeMap<PathBuf, u64> {
        let uncached = self.0.lock().unwrap();
        let end = |ranges: &Vec<Range<u64>>| {
            ranges.iter().fold(0, |end, range| if range.start <= end { end.max(range.end) } else { end })
        };
        uncached.iter().map(|(path, ranges)| (path.clone(), end(ranges))).collect()
    }
}

impl Storage for Watched {
    fn create_folder(&self, path: &Path, like: &Path) -> io::Result<()> {
        Disk.create_folder(path, like)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        Disk.list(folder)
    }

    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn StoredFile>> {
        Ok(self.watch(path, Disk.open(path, access)?))
    }

    fn open_database(&self, path: &Path) -> io::Result<Arc<dyn StoredFile>> {
        Disk.open_database(path)
    }

    fn create(&self, path: &Path, like: &Path) -> io::Result<Arc<dyn StoredFile>> {
        Ok(self.watch(path, Disk.create(path, like)?))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        Disk.sync_folder(folder)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        Disk.remove(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        Disk.rename(from, to)
    }

    fn share(&self, from: &Path, to: &Path) -> io::Result<()> {
        Disk.share(from, to)
    }

    fn lock(&self, path: &Path) -> io::Result<Result<Box<dyn Lock>, String>> {
        Disk.lock(path)
    }

    fn look_at(&self, path: &Path) -> io::Result<(u64, u64)> {
        Disk.look_at(path)
    }

    fn now(&self) -> u64 {
        Disk.now()
    }
}

impl StoredFile for WatchedFile {
    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_at(buffer, offset)
    }

    fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_at(data, offset)
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.file.truncate(size)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }

    fn uncache(&self, bytes: Range<u64>) {
        self.uncached.lock().unwrap().entry(self.path.clone()).or_default().push(bytes.clone());
        self.file.uncache(bytes);
    }
}

/// A timeline with segments of some 100 commits, and a table.
fn begin(name: &str, synchronous: &str) -> (Env, Connection, Arc<Watched>) {
    let disk = Arc::new(Watched::default());
    seawall::register(name, Timeline::on(disk.clone(), 500_000)).unwrap();
    let env = Env::new(name);
    let db = env.open("t.db");
    db.execute_batch(&format!(
        "PRAGMA synchronous={synchronous}; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(k INTEGER PRIMARY KEY, v)"
    ))
    .unwrap();
    (env, db, disk)
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
        let (env, db, disk) = begin(&format!("timeline-page-cache-{synchronous}"), synchronous);
        for round in 1..4 {
            insert(&db, 300);
            assert!(disk.ends().values().sum::<u64>() < segments(&env).iter().map(|(_, size)| size).sum());
            checkpoint(&db, "PASSIVE");
            let (ends, all) = (disk.ends(), segments(&env));
            assert!(all.len() >= 2 * round, "{all:?}");
            let (last, sealed) = all.split_last().unwrap();
            for (path, size) in sealed {
                assert_eq!(ends.get(path), Some(size), "{}", path.display());
            }
            // Zeros may have been written ahead of it.
            let end = ends.get(&last.0).copied().unwrap_or(0);
            assert!(end <= last.1);
            insert(&db, 1);
            assert_eq!(disk.ends(), ends);
        }
        assert_eq!(get::<i64>(&db, "SELECT count(*) FROM t"), 903);
        assert_eq!(get::<String>(&db, "PRAGMA integrity_check"), "ok");
    }
}

#[test]
fn what_a_reader_keeps_out_of_the_database_file_stays_there() {
    let (env, db, disk) = begin("timeline-page-cache-reader", "NORMAL");
    insert(&db, 10);
    let reader = env.open("t.db");
    reader.execute_batch("BEGIN; SELECT * FROM t").unwrap();
    insert(&db, 300);
    checkpoint(&db, "PASSIVE");
    assert_eq!(disk.ends(), BTreeMap::new());
    reader.execute_batch("COMMIT").unwrap();
    checkpoint(&db, "PASSIVE");
    assert_eq!(disk.ends().len(), segments(&env).len());
}

#[test]
fn what_is_not_durable_stays_there() {
    let (_env, db, disk) = begin("timeline-page-cache-off", "OFF");
    insert(&db, 300);
    checkpoint(&db, "PASSIVE");
    assert_eq!(disk.ends(), BTreeMap::new());
    // Now it is.
    db.execute_batch("PRAGMA synchronous=NORMAL").unwrap();
    insert(&db, 1);
    checkpoint(&db, "PASSIVE");
    assert!(disk.ends().len() > 2);
}
