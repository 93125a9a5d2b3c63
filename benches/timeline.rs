//! How fast the timeline is beside the stock log: with the same `synchronous`, on the same disk.
//! `cargo bench --bench timeline`, or `cargo bench --bench timeline -- WORDS` for the tasks with these words in their names.
//!
//! The two take turns within each round, a round gives one ratio of speeds, and the median of the ratios is what is printed and held
//! against the limit.

use std::env;
use std::error::Error;
use std::path::Path;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
// Links the SQLite that rusqlite runs on.
use seawall as _;

type Outcome<T> = Result<T, Box<dyn Error>>;

const LOGS: [&str; 2] = ["sqlite", "timeline"];

/// What is done to a database, how many rounds of it, and how many times as fast as stock the timeline must at least be.
struct Task {
    name: &'static str,
    synchronous: &'static str,
    run: fn(&Path, &str, &Connection) -> Outcome<Duration>,
    rounds: usize,
    limit: f64,
}

const TASKS: [Task; 8] = [
    Task { name: "commits of one row, OFF", synchronous: "OFF", run: commits, rounds: 11, limit: 1.0 },
    Task { name: "commits of one row, NORMAL", synchronous: "NORMAL", run: commits, rounds: 11, limit: 1.0 },
    Task { name: "commits of one row, FULL", synchronous: "FULL", run: commits, rounds: 21, limit: 1.0 },
    Task { name: "commits of ten pages, FULL", synchronous: "FULL", run: updates, rounds: 7, limit: 0.6 },
    Task { name: "eight threads that commit, FULL", synchronous: "FULL", run: threads, rounds: 7, limit: 3.0 },
    Task { name: "1,000,000 rows in one commit", synchronous: "NORMAL", run: bulk, rounds: 5, limit: 0.95 },
    Task { name: "lookups by id", synchronous: "NORMAL", run: lookups, rounds: 11, limit: 0.95 },
    Task { name: "full scans", synchronous: "NORMAL", run: scans, rounds: 11, limit: 0.95 },
];

const ROWS: u32 = 100_000;

fn main() -> Outcome<()> {
    let words = env::args().skip(1).find(|word| !word.starts_with('-')).unwrap_or_default();
    let mut slow = Vec::new();
    for task in TASKS.iter().filter(|task| task.name.contains(&words)) {
        let dir = tempfile::tempdir()?;
        let mut connections = Vec::new();
        for log in LOGS {
            connections.push(open(dir.path(), log, task.synchronous)?);
        }
        for db in &connections {
            fill(db)?;
        }
        let mut rounds = Vec::new();
        for round in 0..task.rounds {
            let mut times = [Duration::ZERO; 2];
            for turn in 0..2 {
                let i = (round + turn) % 2;
                times[i] = (task.run)(dir.path(), LOGS[i], &connections[i])?;
            }
            rounds.push((times[0].as_secs_f64() / times[1].as_secs_f64(), times));
        }
        rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (ratio, times) = rounds[task.rounds / 2];
        println!("{:34} x{ratio:5.2}  ({:.1?}, {:.1?})  limit {}", task.name, times[0], times[1], task.limit);
        if ratio < task.limit {
            slow.push(task.name);
        }
    }
    if slow.is_empty() { Ok(()) } else { Err(format!("too slow: {}", slow.join(", ")).into()) }
}

fn open(dir: &Path, log: &str, synchronous: &str) -> Outcome<Connection> {
    let db = Connection::open(format!("file:{}?wal={log}", dir.join(format!("{log}.db")).display()))?;
    db.execute_batch(&format!("PRAGMA synchronous={synchronous}; PRAGMA cache_size=-2000"))?;
    Ok(db)
}

fn fill(db: &Connection) -> Outcome<()> {
    db.execute_batch(&format!(
        "CREATE TABLE item(id INTEGER PRIMARY KEY, price INT, note TEXT);
         CREATE TABLE event(id INTEGER PRIMARY KEY, text TEXT);
         WITH n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<{ROWS})
          INSERT INTO item SELECT i, i*7919%10007, printf('%.*c', 80, 'n') FROM n;"
    ))?;
    Ok(())
}

fn insert(db: &Connection, count: u32) -> Outcome<Duration> {
    let mut statement = db.prepare_cached("INSERT INTO event(text) VALUES('something has happened')")?;
    let started = Instant::now();
    for _ in 0..count {
        statement.execute([])?;
    }
    Ok(started.elapsed())
}

fn commits(_: &Path, _: &str, db: &Connection) -> Outcome<Duration> {
    insert(db, 4000)
}

fn updates(_: &Path, _: &str, db: &Connection) -> Outcome<Duration> {
    let mut statement = db.prepare_cached("UPDATE item SET price=price+1 WHERE id=?1")?;
    let started = Instant::now();
    for first in (0..5000).step_by(10) {
        db.execute_batch("BEGIN")?;
        for i in first..first + 10 {
            statement.execute([i * 7919 % ROWS + 1])?;
        }
        db.execute_batch("COMMIT")?;
    }
    Ok(started.elapsed())
}

fn threads(dir: &Path, log: &str, _: &Connection) -> Outcome<Duration> {
    const THREADS: usize = 8;
    let barrier = Barrier::new(THREADS + 1);
    let work = || -> Result<(), String> {
        let db = open(dir, log, "FULL").map_err(|error| error.to_string())?;
        db.busy_timeout(Duration::from_secs(600)).map_err(|error| error.to_string())?;
        db.query_row("SELECT count(*) FROM event", [], |_| Ok(())).map_err(|error| error.to_string())?;
        barrier.wait();
        insert(&db, 50).map_err(|error| error.to_string())?;
        barrier.wait();
        Ok(())
    };
    thread::scope(|scope| {
        let running: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        barrier.wait();
        let started = Instant::now();
        barrier.wait();
        let time = started.elapsed();
        for thread in running {
            thread.join().map_err(|_| "a thread panicked")??;
        }
        Ok(time)
    })
}

fn bulk(_: &Path, _: &str, db: &Connection) -> Outcome<Duration> {
    let started = Instant::now();
    db.execute_batch(
        "CREATE TABLE bulk(id INTEGER PRIMARY KEY, a INT, b TEXT);
         WITH n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<1000000)
          INSERT INTO bulk SELECT i, i*7, 'row ' || i FROM n;",
    )?;
    let time = started.elapsed();
    db.execute_batch("DROP TABLE bulk; PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(time)
}

fn lookups(_: &Path, _: &str, db: &Connection) -> Outcome<Duration> {
    let mut statement = db.prepare_cached("SELECT note FROM item WHERE id=?1")?;
    let started = Instant::now();
    for i in 0..20_000u32 {
        statement.query_row([i * 7919 % ROWS + 1], |_| Ok(()))?;
    }
    Ok(started.elapsed())
}

fn scans(_: &Path, _: &str, db: &Connection) -> Outcome<Duration> {
    let started = Instant::now();
    for _ in 0..5 {
        db.query_row("SELECT sum(price) FROM item", [], |_| Ok(()))?;
    }
    Ok(started.elapsed())
}
