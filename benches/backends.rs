//! How fast the logs that ship are, side by side: stock SQLite's, the same behind a wrapper in Rust that forwards every
//! call, and the one on the heap. `cargo bench --bench backends`
//!
//! Wall-clock time says little by itself on a machine that does other things as well. So the logs take turns within each
//! round, a round gives one ratio, and the median of the ratios is what is printed beside the rate.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use seawall::{Stock, Wal, WalManager, WrapWal};

const ROUNDS: usize = 15;
const ROWS: u32 = 20_000;

/// The first one is what the others are compared with.
const LOGS: [&str; 3] = ["sqlite", "passthrough", "memory"];

struct Passthrough;

impl<W: Wal> WrapWal<W> for Passthrough {}

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What is done, how many of them are timed at once, and how.
struct Task {
    name: &'static str,
    count: u32,
    run: fn(&Connection, u32) -> rusqlite::Result<()>,
    /// Frames in the log that make a commit do a checkpoint; 0 for never.
    checkpoint_at: u32,
}

const TASKS: [Task; 4] = [
    Task { name: "lookups by id", count: 10_000, run: look_up, checkpoint_at: 0 },
    Task { name: "full scans", count: 10, run: scan, checkpoint_at: 0 },
    Task { name: "commits of one row", count: 2_000, run: commit, checkpoint_at: 1000 },
    Task { name: "commits of 100 rows", count: 100, run: commit_many, checkpoint_at: 1000 },
];

fn main() -> Outcome<()> {
    seawall::register("passthrough", Stock.wrap(|_| Passthrough))?;
    let dir = tempfile::tempdir()?;
    let mut connections = Vec::new();
    for log in LOGS {
        connections.push(open(dir.path(), log)?);
    }
    println!("{:22} {}", "per second", LOGS.map(|log| format!("{log:>24}")).concat());
    for task in &TASKS {
        for db in &connections {
            db.pragma_update(None, "wal_autocheckpoint", task.checkpoint_at)?;
        }
        let mut rounds = Vec::new();
        for round in 0..ROUNDS {
            rounds.push(one_round(task, &connections, round)?);
        }
        print_task(task, &rounds);
    }
    Ok(())
}

/// A database whose pages are all in the log, with a cache too small for them.
fn open(dir: &Path, log: &str) -> Outcome<Connection> {
    let db = Connection::open(format!("file:{}?wal={log}", dir.join(format!("{log}.db")).display()))?;
    db.execute_batch(&format!(
        "PRAGMA synchronous=OFF; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-400;
         CREATE TABLE item(id INTEGER PRIMARY KEY, price INT, note TEXT);
         CREATE TABLE event(id INTEGER PRIMARY KEY, text TEXT);
         WITH n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<{ROWS})
          INSERT INTO item SELECT i, i*7919%10007, printf('%.*c', 80, 'n') FROM n;"
    ))?;
    Ok(db)
}

/// The time that each log takes for a task; who begins changes from round to round.
fn one_round(task: &Task, connections: &[Connection], round: usize) -> Outcome<[Duration; LOGS.len()]> {
    let mut times = [Duration::ZERO; LOGS.len()];
    for turn in 0..LOGS.len() {
        let i = (round + turn) % LOGS.len();
        let started = Instant::now();
        (task.run)(&connections[i], task.count)?;
        times[i] = started.elapsed();
    }
    Ok(times)
}

fn print_task(task: &Task, rounds: &[[Duration; LOGS.len()]]) {
    let columns = (0..LOGS.len()).map(|i| {
        let rate = median(rounds.iter().map(|times| f64::from(task.count) / times[i].as_secs_f64()));
        let ratio = median(rounds.iter().map(|times| times[0].as_secs_f64() / times[i].as_secs_f64()));
        if i == 0 { format!("{rate:>24.0}") } else { format!("{rate:>15.0} (x {ratio:.2})") }
    });
    println!("{:22} {}", task.name, columns.collect::<String>());
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = numbers.collect();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

fn commit(db: &Connection, count: u32) -> rusqlite::Result<()> {
    let mut insert = db.prepare_cached("INSERT INTO event(text) VALUES('one short line of text')")?;
    (0..count).try_for_each(|_| insert.execute([]).map(drop))
}

fn commit_many(db: &Connection, count: u32) -> rusqlite::Result<()> {
    let mut insert = db.prepare_cached("INSERT INTO event(text) VALUES('one short line of text')")?;
    for _ in 0..count {
        let transaction = db.unchecked_transaction()?;
        (0..100).try_for_each(|_| insert.execute([]).map(drop))?;
        transaction.commit()?;
    }
    Ok(())
}

fn look_up(db: &Connection, count: u32) -> rusqlite::Result<()> {
    let mut select = db.prepare_cached("SELECT price FROM item WHERE id=?1")?;
    (0..count).try_for_each(|i| select.query_row([i * 7919 % ROWS + 1], |row| row.get::<_, i64>(0)).map(drop))
}

fn scan(db: &Connection, count: u32) -> rusqlite::Result<()> {
    let mut select = db.prepare_cached("SELECT sum(price) FROM item")?;
    (0..count).try_for_each(|_| select.query_row([], |row| row.get::<_, i64>(0)).map(drop))
}
