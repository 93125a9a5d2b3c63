//! What a long history costs. `cargo bench --bench history`, or with so many commits: `HISTORY_COMMITS=100000 cargo bench --bench history`.
//! A million commits take about 4.5 GB in the folder for temporary files, and some minutes.
//!
//! Ratios are of things that were measured in turns; times are medians.

use std::alloc::{GlobalAlloc, Layout, System};
use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use seawall::timeline::History;

type Outcome<T> = Result<T, Box<dyn Error>>;

const ROWS: u32 = 100_000;

/// Counts the bytes that Rust code holds, and has held at most. SQLite itself allocates elsewhere.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn take(size: usize) {
    let held = HELD.fetch_add(size, Ordering::Relaxed) + size;
    PEAK.fetch_max(held, Ordering::Relaxed);
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: all of it is done by the allocator of the system.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        take(layout.size());
        // SAFETY: as for the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as for the caller.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // What is large is mapped elsewhere, not copied.
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        take(size);
        // SAFETY: as for the caller.
        unsafe { System.realloc(at, layout, size) }
    }
}

/// Says what was measured, and remembers what was too much.
#[derive(Default)]
struct Report(Vec<String>);

impl Report {
    fn at_least(&mut self, what: &str, ratio: f64, limit: f64) {
        println!("{what:58} x{ratio:5.2}  limit {limit}");
        if ratio < limit {
            self.0.push(what.to_owned());
        }
    }

    fn at_most(&mut self, what: &str, ratio: f64, limit: f64) {
        println!("{what:58} x{ratio:5.3}  limit {limit}");
        if ratio > limit {
            self.0.push(what.to_owned());
        }
    }

    fn bytes(&mut self, what: &str, bytes: f64) {
        println!("{what:58} {bytes:.1} bytes  limit 24");
        if bytes > 24.0 {
            self.0.push(what.to_owned());
        }
    }

    fn within(&mut self, what: &str, time: Duration, limit: Duration) {
        println!("{what:58} {time:.1?}  limit {limit:?}");
        if time > limit {
            self.0.push(what.to_owned());
        }
    }
}

fn median<T: Copy + PartialOrd>(mut all: Vec<T>) -> T {
    all.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
    all[all.len() / 2]
}

fn open(path: &Path, parameters: &str) -> Outcome<Connection> {
    let db = Connection::open(format!("file:{}?{parameters}", path.display()))?;
    db.execute_batch("PRAGMA synchronous=OFF; PRAGMA cache_size=-2000")?;
    Ok(db)
}

fn fill(db: &Connection) -> Outcome<()> {
    db.execute_batch(&format!(
        "CREATE TABLE item(id INTEGER PRIMARY KEY, price INT, note TEXT);
         WITH n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<{ROWS})
          INSERT INTO item SELECT i, i*7919%10007, printf('%.*c', 80, 'n') FROM n;"
    ))?;
    Ok(())
}

/// Commits that change a row each, all over the table.
fn commits(db: &Connection, from: u64, count: u64) -> Outcome<Duration> {
    let mut statement = db.prepare_cached("UPDATE item SET price=price+1 WHERE id=?1")?;
    let started = Instant::now();
    for i in from..from + count {
        statement.execute([(i * 7919 % u64::from(ROWS)) as u32 + 1])?;
    }
    Ok(started.elapsed())
}

fn thousand(db: &Connection) -> Outcome<f64> {
    Ok(commits(db, 0, 1_000)?.as_secs_f64())
}

fn lookups(db: &Connection) -> Outcome<f64> {
    let mut statement = db.prepare_cached("SELECT note FROM item WHERE id=?1")?;
    let started = Instant::now();
    for i in 0..20_000u32 {
        statement.query_row([i * 7919 % ROWS + 1], |_| Ok(()))?;
    }
    Ok(started.elapsed().as_secs_f64())
}

fn scans(db: &Connection) -> Outcome<f64> {
    let started = Instant::now();
    for _ in 0..5 {
        db.query_row("SELECT sum(price) FROM item", [], |_| Ok(()))?;
    }
    Ok(started.elapsed().as_secs_f64())
}

fn copy_folder(from: &Path, to: &Path) -> Outcome<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

fn folder_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-timeline");
    name.into()
}

/// What a timeline holds at most besides the index: what is being written, and the index of the last segment.
const CACHE: usize = 6 << 20;

/// A million pages that are in the log, and not in the database file: the memory that each takes. Small pages, so that it takes
/// little room on the disk.
fn memory_of_the_index(report: &mut Report, folder: &Path) -> Outcome<()> {
    let db = open(&folder.join("index.db"), "wal=timeline")?;
    db.execute_batch("PRAGMA page_size=512; VACUUM; PRAGMA wal_autocheckpoint=0; CREATE TABLE item(x)")?;
    let before = HELD.load(Ordering::Relaxed) + CACHE;
    let mut insert = db.prepare(
        "WITH n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<10000) INSERT INTO item SELECT zeroblob(400) FROM n",
    )?;
    let mut pages = 0u32;
    let mut most: f64 = 0.0;
    while pages < 1_000_000 {
        PEAK.store(0, Ordering::Relaxed);
        insert.execute([])?;
        pages = db.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        most = most.max((PEAK.load(Ordering::Relaxed).saturating_sub(before)) as f64 / f64::from(pages));
    }
    drop(insert);
    report.bytes("memory for each page in the log, up to 1,000,000, at most", most);

    let db = open(&folder.join("large.db"), "wal=timeline")?;
    db.execute_batch("PRAGMA page_size=512; VACUUM; PRAGMA wal_autocheckpoint=0; CREATE TABLE item(x)")?;
    let before = HELD.load(Ordering::Relaxed) + CACHE;
    db.execute_batch(
        "WITH n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<1000000) INSERT INTO item SELECT zeroblob(400) FROM n",
    )?;
    let held = HELD.load(Ordering::Relaxed).saturating_sub(before);
    report.bytes("the same after one commit of a million", held as f64 / 1e6);
    Ok(())
}

fn main() -> Outcome<()> {
    let total: u64 = env::var("HISTORY_COMMITS").ok().map_or(Ok(1_000_000), |count| count.parse())?;
    let mut report = Report::default();
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("long.db");
    let db = open(&path, "wal=timeline")?;
    fill(&db)?;

    let stock = open(&dir.path().join("stock.db"), "wal=sqlite")?;
    fill(&stock)?;
    let turns = |work: fn(&Connection) -> Outcome<f64>, one: &Connection, other: &Connection| {
        (0..11).map(|_| Ok(work(one)? / work(other)?)).collect::<Outcome<Vec<f64>>>().map(median)
    };

    // The same number of commits, with ever more behind them, beside as many on the stock log, which keeps nothing.
    let (mut made, mut next, mut first) = (0, 1_000, None);
    while next <= total {
        commits(&db, made, next - made)?;
        made = next;
        // SAFETY: it has no arguments.
        unsafe { libc::sync() };
        let took = turns(thousand, &db, &stock)?;
        let grown = took / *first.get_or_insert(took);
        report.at_most(&format!("commits with {next} before them, to those with 1,000"), grown, 1.25);
        next *= 10;
    }

    // SAFETY: it has no arguments.
    unsafe { libc::sync() };
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    stock.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    report.at_least("lookups of live data, to the stock log", turns(lookups, &stock, &db)?, 0.95);
    report.at_least("scans of live data, to the stock log", turns(scans, &stock, &db)?, 0.95);

    let newest = History::open(&path)?.newest();
    for (name, commit) in [("the oldest", 10), ("the middle", newest / 2), ("the newest", newest)] {
        let mut times = Vec::new();
        for _ in 0..9 {
            let started = Instant::now();
            let past = open(&path, &format!("wal=timeline&at={commit}"))?;
            past.query_row("SELECT note FROM item WHERE id=777", [], |_| Ok(()))?;
            times.push(started.elapsed());
        }
        report.within(&format!("opening at {name} commit, and one lookup"), median(times), Duration::from_millis(50));
        let past = open(&path, &format!("wal=timeline&at={commit}"))?;
        report.at_least(&format!("lookups at {name} commit, to live ones"), turns(lookups, &db, &past)?, 0.5);
        report.at_least(&format!("scans at {name} commit, to live ones"), turns(scans, &db, &past)?, 0.5);
    }
    drop(db);

    // After a crash, with a segment that is as full as can be: the files as they are while the database is open.
    let path = dir.path().join("crash.db");
    let db = open(&path, "wal=timeline")?;
    db.execute_batch("PRAGMA wal_autocheckpoint=0")?;
    fill(&db)?;
    let segment = folder_of(&path).join("0000000000000001.seg");
    let mut made = 0;
    while fs::metadata(&segment)?.len() < 63 << 20 {
        commits(&db, made, 500)?;
        made += 500;
    }
    let mut times = Vec::new();
    for i in 0..5 {
        let copy = dir.path().join(format!("copy{i}.db"));
        fs::copy(&path, &copy)?;
        copy_folder(&folder_of(&path), &folder_of(&copy))?;
        let started = Instant::now();
        let left = open(&copy, "wal=timeline")?;
        left.query_row("SELECT note FROM item WHERE id=777", [], |_| Ok(()))?;
        times.push(started.elapsed());
    }
    report.within("opening after a crash, with 64 MB in the last segment", median(times), Duration::from_millis(200));
    drop(db);

    // Everything that is written for pages of commits with four pages each.
    let path = dir.path().join("bytes.db");
    let db = open(&path, "wal=timeline")?;
    fill(&db)?;
    let size = |path: &Path| History::open(path).and_then(|history| history.info()).map(|info| info.bytes);
    let pages = |path: &Path| -> Outcome<u64> {
        History::open(path)?.commits(..).try_fold(0, |sum, commit| Ok(sum + u64::from(commit?.pages_written)))
    };
    let before = (size(&path)?, pages(&path)?);
    let mut statement = db.prepare("UPDATE item SET price=price+1 WHERE id IN (?1, ?1+20000, ?1+40000, ?1+60000)")?;
    for i in 0..20_000u32 {
        statement.execute([i * 7919 % 20_000 + 1])?;
    }
    drop(statement);
    drop(db);
    let after = (size(&path)?, pages(&path)?);
    let written = (after.0 - before.0) as f64 / ((after.1 - before.1) * (4096 + 24)) as f64;
    report.at_most("bytes of the timeline for each page and its 24 bytes", written, 1.10);

    memory_of_the_index(&mut report, dir.path())?;

    if report.0.is_empty() { Ok(()) } else { Err(format!("too slow, or too much: {}", report.0.join("; ")).into()) }
}
