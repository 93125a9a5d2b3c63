//! Does a long random life of a database go as it does on the stock log, and is all of it kept?
//!
//! The same operations are applied to two databases, one on `timeline` and one on SQLite's own log. Rows and result codes must be the
//! same, and so must the whole states from time to time. Some states are remembered, and looked up with `&at=` later.
//!
//! `TIMELINE_OPERATIONS=1000000 TIMELINE_SEED=7 cargo test --release --test timeline_differential` makes another run. A failure
//! prints both, and which operation it was. The number is part of what decides the run: how large segments are, and how
//! often the database leaves WAL mode.

mod common;

use std::env;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use common::random::Random;
use common::{Env, assert_sound, at, error_code, newest};
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::types::ValueRef;
use rusqlite::{Batch, Connection};

const MAIN: &str = "main.db";
/// The database that is attached now and then.
const SIDE: &str = "side.db";
const CONNECTIONS: usize = 3;

/// How many states are remembered in a run, and how often the database leaves WAL mode or is locked for one connection.
const SAVED: u64 = 100;
const ALONE: u64 = 12;

/// All rows of all statements, and the extended result code at the end.
type Answer = (Vec<String>, i32);

fn answer(db: &Connection, sql: &str) -> Answer {
    let mut rows = Vec::new();
    let mut all = || {
        let mut batch = Batch::new(db, sql);
        while let Some(mut statement) = batch.next()? {
            each_row(&mut statement, &mut |row| rows.push(readable(row)))?;
        }
        Ok(())
    };
    let result: rusqlite::Result<()> = all();
    (rows, result.map_or_else(|error| error_code(&error), |()| 0))
}

fn readable(row: &[ValueRef<'_>]) -> String {
    let values = row.iter().map(|value| match value {
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        other => format!("{other:?}"),
    });
    values.collect::<Vec<_>>().join(" ")
}

fn each_row(statement: &mut rusqlite::Statement<'_>, each: &mut dyn FnMut(&[ValueRef<'_>])) -> rusqlite::Result<()> {
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        let values: Vec<_> = (0..columns).map(|i| row.get_ref(i)).collect::<Result<_, _>>()?;
        each(&values);
    }
    Ok(())
}

/// The whole state: for the schema, for some numbers of the file and for each table, a hash of the rows in their order.
type Digest = Vec<(String, u64)>;

/// The error is an extended result code.
fn digest(db: &Connection) -> Result<Digest, i32> {
    each_hash(db).map_err(|error| error_code(&error))
}

fn each_hash(db: &Connection) -> rusqlite::Result<Digest> {
    let mut all = vec!["SELECT type, name, tbl_name, rootpage, sql FROM main.sqlite_schema".to_owned()];
    let numbers = ["page_size", "page_count", "freelist_count", "auto_vacuum", "user_version", "encoding"];
    all.extend(numbers.map(|name| format!("PRAGMA main.{name}")));
    let tables =
        "SELECT 'SELECT * FROM main.\"' || name || '\" NOT INDEXED' FROM main.sqlite_schema WHERE type='table'";
    for table in db.prepare(tables)?.query_map([], |row| row.get(0))? {
        all.push(table?);
    }
    all.into_iter().map(|sql| hash(db, &sql).map(|hash| (sql, hash))).collect()
}

fn hash(db: &Connection, sql: &str) -> rusqlite::Result<u64> {
    let mut hasher = DefaultHasher::new();
    each_row(&mut db.prepare(sql)?, &mut |row| {
        for value in row {
            match value {
                ValueRef::Null => 0.hash(&mut hasher),
                ValueRef::Integer(number) => (1, number).hash(&mut hasher),
                ValueRef::Real(number) => (2, number.to_bits()).hash(&mut hasher),
                ValueRef::Text(bytes) => (3, bytes).hash(&mut hasher),
                ValueRef::Blob(bytes) => (4, bytes).hash(&mut hasher),
            }
        }
    })?;
    Ok(hasher.finish())
}

/// A value that takes from nothing to many overflow pages.
fn value(random: &mut Random, page_size: u64) -> String {
    match random.below(20) {
        0 => "NULL".into(),
        1 => format!("{}.5", random.below(1000)),
        2 => format!("zeroblob({})", random.below(3 * page_size)),
        3 => format!("printf('%.*c%d', {}, 'x', {})", random.below(3 * page_size), random.below(1000)),
        4 => format!("printf('%.*c', {}, 'y')", random.below((20 * page_size).min(200_000))),
        _ => format!("printf('%.*c', {}, '{}')", random.below(300), ["a", "b", "c"][random.below(3) as usize]),
    }
}

fn pick(random: &mut Random, from: &[&str]) -> String {
    from[random.below(from.len() as u64) as usize].to_owned()
}

/// Something that changes rows.
fn change(random: &mut Random, page_size: u64) -> String {
    let table = pick(random, &["t0", "t0", "t0", "t1", "t1", "u0", "u1", "u2", "w", "side.s"]);
    let (key, value) = (random.below(120), value(random, page_size));
    match random.below(16) {
        0 => format!("DELETE FROM {table} WHERE k BETWEEN {key} AND {key}+9"),
        1 => format!("DELETE FROM {table} WHERE k%5={}", key % 5),
        2 | 3 => format!("UPDATE {table} SET v={value} WHERE k BETWEEN {key} AND {key}+3"),
        4 => format!("UPDATE {table} SET k=k+1 WHERE k={key}"),
        5 => format!("UPDATE {table} SET v=substr(v, 1, 100)||{key} WHERE k%7={} RETURNING k, length(v)", key % 7),
        6 => format!("INSERT INTO {table}(k, v) VALUES({key}, {value}), ({key}+1, {value})"),
        7 => format!(
            "WITH n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<30) \
             INSERT OR REPLACE INTO {table}(k, v) SELECT (i*{key})%120, printf('%.*c', i, 'z') FROM n"
        ),
        8 => format!("INSERT INTO q(v) VALUES({value}) RETURNING k"),
        9 => format!("DELETE FROM q WHERE k<(SELECT max(k) FROM q)-{}", key / 4),
        _ => format!("INSERT OR REPLACE INTO {table}(k, v) VALUES({key}, {value})"),
    }
}

/// Something that changes the schema, or fails to.
fn alter(random: &mut Random) -> String {
    let (u, n) = (format!("u{}", random.below(3)), random.below(4));
    match random.below(12) {
        0 | 1 => format!("CREATE INDEX IF NOT EXISTS i{n} ON {}(v)", pick(random, &["t0", "t1", &u])),
        2 => format!("CREATE UNIQUE INDEX IF NOT EXISTS i{n} ON t1(k%50, v) WHERE v<>'' AND k%3=0"),
        3 => format!("DROP INDEX IF EXISTS i{n}"),
        4 | 5 => format!("CREATE TABLE IF NOT EXISTS {u}(k INTEGER PRIMARY KEY, v, x DEFAULT 7)"),
        6 => format!("DROP TABLE IF EXISTS {u}"),
        7 => format!("ALTER TABLE {u} ADD COLUMN c{n} DEFAULT 'new'"),
        8 => format!("ALTER TABLE {u} DROP COLUMN c{n}"),
        9 => format!("ALTER TABLE {u} RENAME COLUMN {} TO {}", ["x", "y"][n as usize % 2], ["y", "x"][n as usize % 2]),
        10 => format!("ALTER TABLE {u} RENAME TO u{n}"),
        _ => pick(random, &["ANALYZE", "REINDEX", "CREATE VIEW IF NOT EXISTS a AS SELECT k FROM t0", "DROP VIEW a"]),
    }
}

/// Change the journal mode of the database of a table.
fn journal_mode(table: &str, mode: &str) -> String {
    let (schema, _) = table.split_once('.').unwrap();
    format!("PRAGMA {schema}.journal_mode={mode}")
}

/// A checkpoint that has to open SQLite's own log first is in its own way, so the log is opened before.
fn checkpoint(random: &mut Random) -> String {
    let schema = pick(random, &["", "", "main.", "side."]);
    let mode = pick(random, &["PASSIVE", "FULL", "RESTART", "TRUNCATE", "NOOP"]);
    format!("SELECT count(*) FROM t0; PRAGMA {schema}wal_checkpoint({mode})")
}

/// Something about the file, the log or the connection.
fn pragma(random: &mut Random) -> String {
    let n = random.below(40);
    match random.below(34) {
        0..=9 => checkpoint(random),
        10..=12 => format!("PRAGMA incremental_vacuum({})", n / 4),
        13 => format!("PRAGMA auto_vacuum={}", n % 3),
        14 => "VACUUM".into(),
        15 | 16 => format!("PRAGMA secure_delete={}", pick(random, &["ON", "OFF", "FAST"])),
        17 | 18 => format!("PRAGMA user_version={n}"),
        19 => {
            let table = pick(random, &["main.t0", "side.s"]);
            let mode = pick(random, &["DELETE", "TRUNCATE", "PERSIST", "WAL", "WAL"]);
            format!("{}; SELECT count(*) FROM {table}", journal_mode(&table, &mode))
        }
        20 => format!("PRAGMA synchronous={}", pick(random, &["OFF", "OFF", "OFF", "NORMAL", "FULL"])),
        21 | 22 => format!("PRAGMA cache_size={}", 4 + n),
        23 => format!("PRAGMA wal_autocheckpoint={}", n * 4),
        24 => format!("PRAGMA journal_size_limit={}", n * 1000),
        25..=27 => "ATTACH '{side}' AS side; CREATE TABLE IF NOT EXISTS side.s(k INTEGER PRIMARY KEY, v)".into(),
        28 => "DETACH side".into(),
        29 => "PRAGMA cache_spill=1".into(),
        30 => "PRAGMA shrink_memory".into(),
        _ => format!("PRAGMA {}", pick(random, &["page_count", "freelist_count", "journal_mode"])),
    }
}

fn read(random: &mut Random) -> String {
    let table = pick(random, &["t0", "t1", "u0", "u1", "w", "q", "side.s"]);
    match random.below(3) {
        0 => format!("SELECT count(*), max(k), sum(length(v)) FROM {table}"),
        1 => format!("SELECT k, length(v) FROM {table} WHERE k%9={}", random.below(9)),
        _ => format!("SELECT count(*), min(v) FROM {table} WHERE v>'b'"),
    }
}

/// Something that begins or ends a transaction, or a part of one.
fn transaction(random: &mut Random) -> String {
    let n = random.below(3);
    match random.below(20) {
        0..=2 => "BEGIN".into(),
        3 => pick(random, &["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"]),
        4..=11 => "COMMIT".into(),
        12 => "ROLLBACK".into(),
        13..=15 => format!("SAVEPOINT s{n}"),
        16 | 17 => format!("ROLLBACK TO s{n}"),
        _ => format!("RELEASE s{n}"),
    }
}

fn statement(random: &mut Random, page_size: u64) -> String {
    match random.below(100) {
        0..=54 => change(random, page_size),
        55..=72 => transaction(random),
        73..=78 => alter(random),
        79..=87 => pragma(random),
        88 => format!(
            "BEGIN; {}; SAVEPOINT s0; {}; DELETE FROM t0; ROLLBACK TO s0; {}; COMMIT",
            change(random, page_size),
            change(random, page_size),
            change(random, page_size)
        ),
        _ => read(random),
    }
}

/// What a connection does that mostly keeps a snapshot open.
fn reader(random: &mut Random) -> String {
    match random.below(12) {
        0 => "COMMIT".into(),
        1 | 2 => "BEGIN".into(),
        _ => read(random),
    }
}

/// One of the two databases, with all its connections.
struct Side {
    env: Env,
    dbs: Vec<Connection>,
    /// Transactions of its connections that were committed.
    commits: Arc<AtomicU64>,
}

impl Side {
    fn new(wal: &str) -> Self {
        Side { env: Env::new(wal), dbs: Vec::new(), commits: Arc::default() }
    }

    fn open(&self, settings: &str) -> Connection {
        let mut db = self.env.open(MAIN);
        let commits = Arc::clone(&self.commits);
        let count = move || {
            commits.fetch_add(1, Ordering::Relaxed);
            false
        };
        db.commit_hook(Some(count)).unwrap();
        db.execute_batch("PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY").unwrap();
        db.execute_batch(settings).unwrap();
        db
    }

    fn answer(&self, which: usize, sql: &str) -> (Answer, bool, i64) {
        let db = &self.dbs[which];
        let mut answer = answer(db, &sql.replace("{side}", &self.env.uri(SIDE)));
        if sql.ends_with("(NOOP)") {
            answer.0.clear(); // How much of the log is in the file, a log need not know.
        }
        (answer, db.is_autocommit(), db.last_insert_rowid())
    }
}

/// A state that was, and the commit after which it was.
struct Saved {
    name: &'static str,
    commit: u64,
    digest: Digest,
}

struct Run {
    seed: u64,
    operations: u64,
    operation: u64,
    random: Random,
    page_size: u64,
    /// The connection that is at work.
    which: usize,
    /// Ours and the stock one.
    sides: [Side; 2],
    saved: Vec<Saved>,
    next_save: u64,
    /// Commits when whole states were compared last.
    compared: u64,
    /// What was run last.
    sql: String,
}

impl Drop for Run {
    fn drop(&mut self) {
        if thread::panicking() {
            let Run { seed, operations, operation, which, sql, .. } = self;
            eprintln!(
                "TIMELINE_SEED={seed} TIMELINE_OPERATIONS={operations}: operation {operation}, connection {which}: {sql}"
            );
        }
    }
}

impl Run {
    fn new(seed: u64, operations: u64, wal: &str) -> Self {
        let mut run = Run {
            seed,
            operations,
            operation: 0,
            random: Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            page_size: 512 << (seed % 8),
            which: 0,
            sides: [Side::new(wal), Side::new("sqlite")],
            saved: Vec::new(),
            next_save: 0,
            compared: 0,
            sql: String::new(),
        };
        let auto_vacuum = run.random.below(3);
        run.connect(&format!("PRAGMA page_size={}; PRAGMA auto_vacuum={auto_vacuum}", run.page_size));
        run.run(
            "CREATE TABLE t0(k INTEGER PRIMARY KEY, v); CREATE TABLE t1(k INTEGER PRIMARY KEY, v); CREATE INDEX i0 ON t0(v);
             CREATE TABLE w(k PRIMARY KEY, v) WITHOUT ROWID; CREATE TABLE q(k INTEGER PRIMARY KEY AUTOINCREMENT, v);
             CREATE TRIGGER r AFTER DELETE ON t1 BEGIN INSERT INTO q(v) VALUES(old.v); END;",
        );
        run
    }

    fn chance(&mut self, of: u64) -> bool {
        self.random.below(of) == 0
    }

    /// Open the connections that are missing.
    fn connect(&mut self, settings: &str) {
        while self.sides[0].dbs.len() < CONNECTIONS {
            let settings = format!(
                "{settings}; PRAGMA cache_size={}; PRAGMA wal_autocheckpoint={}",
                [10, 30, 2000][self.random.below(3) as usize],
                [0, 20, 100, 1000][self.random.below(4) as usize]
            );
            for side in &mut self.sides {
                side.dbs.push(side.open(&settings));
            }
        }
    }

    /// Close connections, with what they have not committed, until there are so many.
    fn disconnect(&mut self, left: usize) {
        for side in &mut self.sides {
            side.dbs.truncate(left);
        }
        self.which = 0;
    }

    /// Run statements on both sides. Returns the extended result code.
    fn run(&mut self, sql: &str) -> i32 {
        sql.clone_into(&mut self.sql);
        let [ours, stock] = self.sides.each_ref().map(|side| side.answer(self.which, sql));
        assert_eq!(ours, stock);
        ours.0.1
    }

    fn step(&mut self) {
        if self.operation >= self.next_save {
            self.save();
        }
        if self.chance(8) {
            self.which = self.random.below(CONNECTIONS as u64) as usize;
        }
        if self.chance(self.operations / ALONE + 1) {
            self.alone();
        } else if self.chance(400) {
            self.disconnect(0);
            self.connect("");
        } else if self.chance(200) {
            // The others move up.
            for side in &mut self.sides {
                side.dbs.remove(self.which);
            }
            self.connect("");
        } else {
            let reads = self.which == 2 && !self.chance(4);
            let random = &mut self.random;
            let sql = if reads { reader(random) } else { statement(random, self.page_size) };
            self.run(&sql);
        }
        let commits = self.commits();
        if commits >= self.compared + 100 {
            self.compared = commits;
            self.compare();
        }
    }

    fn commits(&self) -> u64 {
        let [ours, stock] = self.sides.each_ref().map(|side| side.commits.load(Ordering::Relaxed));
        assert_eq!(ours, stock);
        ours
    }

    /// What needs the database for one connection.
    fn alone(&mut self) {
        self.disconnect(1);
        self.run("ROLLBACK");
        if self.chance(3) {
            // SQLite's own log cannot leave this mode if it was opened in it, so it is opened before, and stays open.
            self.run("SELECT count(*) FROM t0; PRAGMA main.locking_mode=EXCLUSIVE");
            self.some_work(&|sql| !sql.contains("journal_mode="));
            self.run("PRAGMA main.locking_mode=NORMAL; SELECT count(*) FROM t0");
        } else {
            self.run(&journal_mode("main.t0", "DELETE"));
            self.some_work(&|_| true);
            if self.chance(2) {
                // Small ones more often: the history has all pages.
                self.page_size = 512 << self.random.below(8).min(self.random.below(8));
                let (page_size, auto_vacuum) = (self.page_size, self.random.below(3));
                let sql = format!("PRAGMA page_size={page_size}; PRAGMA auto_vacuum={auto_vacuum}; VACUUM");
                assert_eq!(self.run(&sql), 0);
            }
            if self.chance(2) {
                self.run(&journal_mode("main.t0", "WAL"));
            }
        }
        self.connect("");
    }

    fn some_work(&mut self, wanted: &dyn Fn(&str) -> bool) {
        for _ in 0..self.random.below(20) {
            let sql = statement(&mut self.random, self.page_size);
            if wanted(&sql) {
                self.run(&sql);
            }
        }
        self.run("ROLLBACK");
    }

    /// All connections see the same, each in its own state.
    fn compare(&mut self) {
        let check = self.chance(10);
        for which in 0..CONNECTIONS {
            let [ours, stock] = self.sides.each_ref().map(|side| digest(&side.dbs[which]));
            assert_eq!(ours, stock);
            if check && ours.is_ok() {
                self.sides.iter().for_each(|side| assert_sound(&side.dbs[which]));
            }
        }
    }

    /// Remember what a new connection sees, and look up one that was remembered before.
    fn save(&mut self) {
        let name = if self.chance(6) { SIDE } else { MAIN };
        let [ours, stock] = self.sides.each_ref().map(|side| {
            let db = side.env.open(name);
            (
                digest(&db),
                answer(&db, "SELECT journal_mode FROM pragma_journal_mode, pragma_page_count WHERE page_count>0"),
            )
        });
        assert_eq!(ours, stock);
        if let (Ok(digest), (mode, _)) = ours
            && mode == ["wal"]
        {
            self.saved.push(Saved { name, commit: newest(&self.sides[0].env, name), digest });
            let random = self.random.below(self.saved.len() as u64) as usize;
            self.check(&self.saved[random]);
            self.next_save =
                self.operation + self.operations / SAVED / 2 + self.random.below(self.operations / SAVED + 1);
        }
    }

    fn check(&self, saved: &Saved) {
        let past = at(&self.sides[0].env, saved.name, saved.commit);
        assert_eq!(digest(&past).as_ref(), Ok(&saved.digest), "{} after commit {}", saved.name, saved.commit);
        assert_sound(&past);
    }

    fn check_all(&self) {
        for saved in &self.saved {
            self.check(saved);
        }
    }

    fn finish(&mut self) {
        self.check_all();
        self.disconnect(0);
        self.check_all();
        self.connect("");
        self.compare();
        self.check_all();
        self.disconnect(0);
        for name in [MAIN, SIDE] {
            // It is an ordinary database again.
            let [ours, stock] = self.sides.each_ref().map(|side| side.env.open_stock(name));
            assert_eq!(digest(&ours), digest(&stock));
            assert_sound(&ours);
        }
    }
}

/// A number from the environment.
fn number(name: &str, otherwise: u64) -> u64 {
    env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

#[test]
fn a_long_life_goes_as_on_the_stock_log_and_is_all_kept() {
    let (operations, seed) = (number("TIMELINE_OPERATIONS", 1000), number("TIMELINE_SEED", 1));
    common::log_setup();
    // There are as many segments in a long run as in a short one.
    let timeline = seawall::Timeline::on(Arc::new(seawall::timeline::storage::Disk), operations * 64);
    seawall::register("timeline-long", timeline).unwrap();
    let mut run = Run::new(seed, operations, "timeline-long");
    for operation in 1..=operations {
        run.operation = operation;
        run.step();
    }
    run.finish();
    let commits = run.commits();
    println!("seed {seed}: {operations} operations, {commits} commits, {} of them looked up", run.saved.len());
}
