//! What is left of a database when the power is cut, or the process ends, at any write, sync, creation or deletion?
//!
//! The same work is done over and over, and ends a little later each time. What the database then holds must be what it held
//! after some commit, and not after an earlier one than `PRAGMA synchronous` promises. SQLite's own log goes through
//! the same, to see that the machine is a fair one.
//!
//! `TIMELINE_CRASHES=100000 cargo test --release --test timeline_crash` runs until there were so many crashes for each log. A failure
//! prints the seed and the crash that it takes to see it again: `TIMELINE_SEED=7:123`.

#[path = "common/machine.rs"]
mod machine;

use std::cell::RefCell;
use std::collections::HashSet;
use std::env;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::{Arc, Once};

use machine::{Machine, Random, register_vfs};
use rusqlite::{Connection, OpenFlags};
use seawall::timeline::{History, Keep, prune, restore};

/// What a database holds: a hash of all that can be asked.
type Digest = u64;

fn digest(db: &Connection) -> rusqlite::Result<Digest> {
    let mut hasher = DefaultHasher::new();
    let tables: Vec<String> = db
        .prepare("SELECT name FROM sqlite_schema WHERE type='table' ORDER BY name")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for table in tables {
        table.hash(&mut hasher);
        let sql =
            format!("SELECT ifnull(group_concat(k || ':' || hex(v), ','), '') FROM (SELECT * FROM {table} ORDER BY k)");
        db.query_row(&sql, [], |row| row.get::<_, String>(0))?.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

/// How a run is to go.
#[derive(Clone)]
struct Plan {
    seed: u64,
    synchronous: &'static str,
    page_size: u32,
    /// The process ends, and the machine goes on.
    kept: bool,
}

impl Plan {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let (synchronous, kept) =
            [("FULL", false), ("NORMAL", false), ("OFF", true), ("EXTRA", false), ("FULL", true), ("NORMAL", true)]
                [random.below(6) as usize];
        Plan { seed, synchronous, page_size: 512 << random.below(4), kept }
    }

    fn random(&self) -> Random {
        Random(self.seed.wrapping_mul(0x2545_f491_4f6c_dd1d) | 1)
    }

    /// Whether a commit that has returned must be there again.
    fn durable(&self) -> bool {
        self.kept || matches!(self.synchronous, "FULL" | "EXTRA")
    }
}

struct World {
    machine: Machine,
    uri: String,
    /// The work goes back in time, too, and forgets, and branches.
    history: bool,
}

impl World {
    fn new(wal: &str, segment_limit: u64) -> Self {
        log_setup();
        let machine = Machine::default();
        register_vfs(&machine, &format!("machine-{wal}"));
        if wal != "sqlite" {
            seawall::register(wal, seawall::Timeline::on(Arc::new(machine.clone()), segment_limit)).unwrap();
        }
        let uri = format!("file:/db/a.db?vfs=machine-{wal}&wal={wal}");
        World { machine, uri, history: false }
    }

    fn past(&self) -> seawall::Result<History> {
        History::on(Arc::new(self.machine.clone()), Path::new(DATABASE))
    }

    /// The URI of a branch.
    fn branch(&self, number: u64) -> String {
        self.uri.replacen(DATABASE, &branch(number), 1)
    }

    fn open(&self, plan: &Plan) -> rusqlite::Result<Connection> {
        let db = Connection::open_with_flags(
            &self.uri,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_URI,
        )?;
        db.execute_batch(&format!(
            "PRAGMA page_size={}; PRAGMA cache_size=6; PRAGMA synchronous={}; PRAGMA wal_autocheckpoint=12",
            plan.page_size, plan.synchronous
        ))?;
        Ok(db)
    }
}

const DATABASE: &str = "/db/a.db";

fn branch(number: u64) -> String {
    format!("/db/b{number}.db")
}

/// One piece of work.
fn statement(random: &mut Random, history: bool) -> String {
    let (key, size) = (random.below(40), random.below(700));
    match random.below(if history { 36 } else { 24 }) {
        24..=26 => "restore".into(),
        27..=30 => "prune".into(),
        31..=33 => "branch".into(),
        34 | 35 => {
            let size = 512 << (key % 3);
            format!("PRAGMA journal_mode=DELETE; PRAGMA page_size={size}; VACUUM; PRAGMA journal_mode=WAL")
        }
        0 | 1 => "BEGIN IMMEDIATE".into(),
        2..=4 => "COMMIT".into(),
        5 => "ROLLBACK".into(),
        6 => format!("SAVEPOINT s{}", key % 2),
        7 => format!("ROLLBACK TO s{}", key % 2),
        8 => format!("RELEASE s{}", key % 2),
        9 => format!("DELETE FROM t WHERE k%3={}", key % 3),
        10 if key % 4 == 0 => "VACUUM".into(),
        11 => format!("CREATE TABLE IF NOT EXISTS u{}(k INTEGER PRIMARY KEY, v)", key % 3),
        12 => format!("DROP TABLE IF EXISTS u{}", key % 3),
        13 => format!("PRAGMA wal_checkpoint({})", ["PASSIVE", "FULL", "RESTART", "TRUNCATE"][key as usize % 4]),
        14 => "reopen".into(),
        15 if key % 3 == 0 => "PRAGMA journal_mode=DELETE".into(),
        16 => "PRAGMA journal_mode=WAL".into(),
        17 | 18 => format!(
            "WITH n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<20) \
             INSERT OR REPLACE INTO t SELECT (i*{key})%97, zeroblob({size}) FROM n"
        ),
        19 => format!("UPDATE t SET v=k||'{key}'"),
        _ => format!("INSERT OR REPLACE INTO t VALUES({key}, zeroblob({size})||{key})"),
    }
}

/// What has been done.
#[derive(Default)]
struct Done {
    /// What the database held after each commit that returned.
    states: Vec<Digest>,
    /// What each branch must hold, and whether it was finished.
    branches: Vec<(Digest, bool)>,
    restored: u64,
    /// With another page size.
    replaced: u64,
    pruned: u64,
}

/// What the database held after a commit. `None` if that cannot be read now, since SQLite has the database file locked.
fn digest_at(world: &World, number: u64) -> Option<Digest> {
    let db = Connection::open(format!("{}&at={number}", world.uri)).unwrap();
    digest(&db).ok()
}

/// Do something with the history.
fn go_back(world: &World, plan: &Plan, db: &Connection, what: &str, random: &mut Random, done: &mut Done) {
    let Ok(past) = world.past() else { return };
    let number = past.oldest() + random.below(past.newest() - past.oldest() + 1);
    match what {
        "restore" => {
            if let Ok(made) = restore(db, "main", &number.to_string()) {
                done.restored += 1;
                done.replaced += u64::from(made.adopted);
                // The connection may be in a transaction, and see it later. Others do at once.
                let now = world.open(plan).and_then(|other| digest(&other));
                if let Ok(now) = now
                    && done.states.last() != Some(&now)
                    && !world.machine.is_off()
                {
                    done.states.push(now);
                }
            }
        }
        "prune" => {
            let keep = Keep::parse(&format!("{} commits", 1 + random.below(6))).unwrap();
            let pruned = prune(db, "main", keep, |_, _| true);
            done.pruned += u64::from(pruned.is_ok_and(|pruned| pruned.freed > 0));
        }
        _ => {
            let Some(expected) = digest_at(world, number) else { return };
            let index = done.branches.len() as u64;
            done.branches.push((expected, false));
            let made = past.branch(number, branch(index), |_, _| true).is_ok();
            done.branches[index as usize].1 = made && !world.machine.is_off();
        }
    }
}

/// Do the work until it is done or the power is off.
fn work(world: &World, plan: &Plan) -> Done {
    let mut random = plan.random();
    let mut done = Done::default();
    let Ok(mut db) = world.open(plan) else { return done };
    if db.execute_batch("CREATE TABLE t(k INTEGER PRIMARY KEY, v)").is_err() {
        return done;
    }
    let note = |db: &Connection, states: &mut Vec<Digest>| {
        if let Ok(now) = digest(db)
            && states.last() != Some(&now)
        {
            states.push(now);
        }
    };
    note(&db, &mut done.states);
    let mut resized = false;
    for _ in 0..24 {
        let sql = statement(&mut random, world.history);
        // To find the way back is the point.
        let sql = if std::mem::take(&mut resized) { "restore".into() } else { sql };
        if world.machine.is_off() {
            break;
        }
        if sql.contains("=DELETE") && !(plan.kept || plan.synchronous == "EXTRA") {
            continue; // What a rollback journal promises is less, and no matter of logs.
        }
        if sql == "reopen" {
            if db.is_autocommit() {
                drop(db);
                match world.open(plan) {
                    Ok(again) => db = again,
                    Err(_) => return done,
                }
            }
            continue;
        }
        let worked = if ["restore", "prune", "branch"].contains(&&*sql) {
            go_back(world, plan, &db, &sql, &mut random, &mut done);
            true
        } else {
            let worked = db.execute_batch(&sql).is_ok();
            resized = worked && sql.contains("page_size");
            worked
        };
        if worked && db.is_autocommit() && !world.machine.is_off() {
            note(&db, &mut done.states);
        }
    }
    done
}

/// A branch that was finished is there, as a whole; another one is not, or is so as well.
fn check_branch(world: &World, number: u64, expected: Digest, finished: bool) -> Result<(), String> {
    let there = world.machine.files().iter().any(|(name, _)| *name == branch(number));
    if !there {
        return if finished { Err(format!("branch {number} is gone")) } else { Ok(()) };
    }
    let at = |error: rusqlite::Error| format!("branch {number}: {error}");
    let db = Connection::open(world.branch(number)).map_err(at)?;
    let found: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).map_err(at)?;
    if found != "ok" || digest(&db).map_err(at)? != expected {
        return Err(format!("branch {number} is another one: {found}"));
    }
    db.execute_batch(
        "CREATE TABLE IF NOT EXISTS t(k INTEGER PRIMARY KEY, v); INSERT OR REPLACE INTO t VALUES(2000, 1)",
    )
    .map_err(at)?;
    drop(db);
    let past = History::on(Arc::new(world.machine.clone()), Path::new(&branch(number)));
    match past.and_then(|past| past.verify(|_, _| true)).map_err(|error| error.to_string())?.damage {
        Some(damage) => Err(damage.to_string()),
        None => Connection::open(world.branch(number)).and_then(|db| digest(&db)).map(drop).map_err(at),
    }
}

/// Look at what is left.
fn check(world: &World, plan: &Plan, done: &Done, all: &Done) -> Result<(), String> {
    let (acknowledged, all_states) = (&done.states, &all.states);
    // Nothing of this is damage, in the database file neither.
    if let Ok(past) = world.past() {
        let verified = past.verify(|_, _| true).map_err(|error| format!("verify after the crash: {error}"))?;
        if let Some(damage) = verified.damage {
            return Err(format!("after the crash {damage}"));
        }
    }
    let db = world.open(plan).map_err(|error| format!("open: {error}"))?;
    let found: String =
        db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).map_err(|error| format!("check: {error}"))?;
    if found != "ok" {
        return Err(found);
    }
    let now = digest(&db).map_err(|error| format!("read: {error}"))?;
    // The work is the same each time, so what an unfinished commit would have made is known.
    let acknowledged = acknowledged.len();
    let empty = digest(&Connection::open_in_memory().unwrap()).unwrap();
    let state = |n: usize| if n == 0 { empty } else { all_states[n - 1] };
    let first = if plan.durable() { acknowledged } else { 0 };
    let allowed: HashSet<Digest> = (first..=(acknowledged + 1).min(all_states.len())).map(state).collect();
    if !allowed.contains(&now) {
        let which = (0..=all_states.len()).find(|n| state(*n) == now);
        return Err(format!("{acknowledged} commits had returned, and the database is as after {which:?}"));
    }
    for (number, (expected, finished)) in done.branches.iter().enumerate() {
        check_branch(world, number as u64, *expected, *finished)?;
    }
    // It can be used, closed, and read without its log.
    db.execute_batch(
        "CREATE TABLE IF NOT EXISTS t(k INTEGER PRIMARY KEY, v); INSERT OR REPLACE INTO t VALUES(1000, 1)",
    )
    .map_err(|error| format!("write: {error}"))?;
    let last = digest(&db).map_err(|error| format!("read again: {error}"))?;
    drop(db);
    if world.uri.contains("wal=timeline") {
        let verified = world.past().and_then(|past| past.verify(|_, _| true)).map_err(|error| error.to_string())?;
        if let Some(damage) = verified.damage {
            return Err(format!("{damage}"));
        }
        if !verified.database {
            return Err("the database file was not compared".into());
        }
    }
    // The file is recognised by what is in it, too.
    world.machine.touch(DATABASE);
    world.open(plan).and_then(|db| digest(&db)).map_err(|error| format!("by its checksum: {error}"))?;
    let stock = Connection::open(world.uri.rsplit_once("&wal=").unwrap().0.to_owned() + "&wal=sqlite").unwrap();
    match digest(&stock) {
        Ok(found) if found == last => Ok(()),
        other => Err(format!("without the log: {other:?}")),
    }
}

/// Crash the work of a seed at each place, or at one. Returns how often that was.
fn crash(world: &World, seed: u64, only: Option<u64>) -> (u64, Done) {
    let plan = Plan::new(seed);
    world.machine.reset();
    let all = work(world, &plan);
    let operations = world.machine.operations();
    assert!(operations > 0, "seed {seed} does nothing");
    let cuts = only.map_or(1..=operations, |cut| cut..=cut);
    let mut crashes = 0;
    for cut in cuts {
        world.machine.reset();
        world.machine.cut_after(cut);
        let done = work(world, &plan);
        let mut random = Random(seed ^ cut << 20 | 1);
        world.machine.restart(&mut random, plan.kept);
        crashes += 1;
        if random.below(4) == 0 {
            // Once more, while what was lost is being found.
            world.machine.cut_after(1 + random.below(12));
            let _ = world.open(&plan).and_then(|db| digest(&db));
            world.machine.restart(&mut random, plan.kept);
            crashes += 1;
        }
        LAST.take();
        if let Err(what) = check(world, &plan, &done, &all) {
            let last = LAST.take();
            panic!(
                "TIMELINE_SEED={seed}:{cut} synchronous={} page_size={} kept={}: {what}: {last}\n{:?}",
                plan.synchronous,
                plan.page_size,
                plan.kept,
                world.machine.files()
            );
        }
    }
    (crashes, all)
}

thread_local! {
    /// The last line about a log that this thread has written to SQLite's error log.
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

fn log_setup() {
    static ONCE: Once = Once::new();
    fn note(_code: i32, text: &str) {
        if text.starts_with("wal ") {
            LAST.replace(text.to_owned());
        }
    }
    // SAFETY: no connection was opened yet, and `note` does not use SQLite.
    ONCE.call_once(|| unsafe { rusqlite::trace::config_log(Some(note)).unwrap() });
}

fn run(world: &World) {
    if let Ok(one) = env::var("TIMELINE_SEED") {
        let (seed, cut) = one.split_once(':').unwrap_or((&one, ""));
        crash(world, seed.parse().unwrap(), cut.parse().ok());
        return;
    }
    let wanted = env::var("TIMELINE_CRASHES").ok().and_then(|n| n.parse().ok()).unwrap_or(2000);
    let (mut crashes, mut seed) = (0, 1);
    let [mut restored, mut replaced, mut pruned, mut branched] = [0; 4];
    while crashes < wanted {
        let (times, all) = crash(world, seed, None);
        crashes += times;
        seed += 1;
        restored += all.restored;
        replaced += all.replaced;
        pruned += all.pruned;
        branched += all.branches.len() as u64;
    }
    println!(
        "{crashes} crashes, {} seeds; {restored} times restored, {replaced} of them with another page size, {pruned} pruned, \
         {branched} branched",
        seed - 1
    );
    assert_eq!([restored > 0, replaced > 0, pruned > 0, branched > 0], [world.history; 4]);
}

#[test]
fn no_commit_is_lost_and_none_is_half_there() {
    run(&World::new("timeline-machine", 40_000));
}

#[test]
fn nor_is_one_while_the_past_is_restored_pruned_and_branched() {
    run(&World { history: true, ..World::new("timeline-history", 9_000) });
}

#[test]
fn the_stock_log_passes_as_well() {
    run(&World::new("sqlite", 0));
}

/// A plan without surprises.
const PLAIN: Plan = Plan { seed: 0, synchronous: "FULL", page_size: 1024, kept: true };

fn fill(db: &Connection, rows: u32) -> rusqlite::Result<()> {
    db.execute_batch("CREATE TABLE IF NOT EXISTS t(k INTEGER PRIMARY KEY, v)")?;
    for row in 0..rows {
        db.execute("INSERT INTO t VALUES(?1, randomblob(300))", [row])?;
    }
    Ok(())
}

#[test]
fn a_bad_byte_anywhere_is_told_and_nothing_is_cut() {
    let world = World::new("timeline-damage", 20_000);
    fill(&world.open(&PLAIN).unwrap(), 30).unwrap();
    let segments: Vec<_> = world.machine.files().into_iter().filter(|(name, _)| name.ends_with(".seg")).collect();
    assert!(segments.len() > 1, "{segments:?}");
    let (last, size) = segments.last().unwrap();
    for offset in (0..*size).step_by(61).chain([0, 16, 143, 144, size - 1]) {
        LAST.take();
        assert!(world.machine.damage(last, offset));
        let told = world.open(&PLAIN).and_then(|db| digest(&db)).unwrap_err();
        let line = LAST.take();
        assert_eq!(told.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseCorrupt), "{offset}: {line}");
        assert!(line.contains(last) && line.contains("damaged at byte"), "{offset}: {line}");
        assert!(world.machine.damage(last, offset), "back again");
        assert!(world.machine.files().contains(&(last.clone(), *size)), "nothing is cut");
    }
    let db = world.open(&PLAIN).unwrap();
    assert_eq!(db.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, u32>(0)), Ok(30));
}

#[test]
fn a_full_disk_fails_commits_and_loses_none() {
    let world = World::new("timeline-room", 20_000);
    let db = world.open(&PLAIN).unwrap();
    fill(&db, 5).unwrap();
    for room in (0..9000).step_by(450) {
        let before = digest(&db).unwrap();
        world.machine.set_room(Some(room));
        let done = db.execute_batch("UPDATE t SET v=randomblob(700)");
        world.machine.set_room(None);
        match done {
            Ok(()) => {}
            Err(error) => {
                assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DiskFull), "{room}: {error}");
                assert_eq!(digest(&db).unwrap(), before, "{room}");
            }
        }
        db.execute_batch("UPDATE t SET v=v||'x'").unwrap();
    }
    let last = digest(&db).unwrap();
    drop(db);
    let db = world.open(&PLAIN).unwrap();
    assert_eq!(digest(&db).unwrap(), last);
    assert_eq!(db.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)), Ok("ok".to_owned()));
}

#[test]
fn a_sync_that_fails_while_old_commits_are_pruned_is_not_passed_over() {
    let world = World::new("timeline-prune-sync", 20_000);
    let keep = Keep::parse("1 commit").unwrap();
    for syncs in 0..20 {
        world.machine.reset();
        let db = world.open(&PLAIN).unwrap();
        fill(&db, 30).unwrap();
        db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        world.machine.fail_sync_after(syncs);
        let pruned = prune(&db, "main", keep, |_, _| true);
        world.machine.end_process();
        let written = db.execute("INSERT INTO t VALUES(1000, 1)", []);
        if let Ok(pruned) = pruned {
            assert!(pruned.freed > 0 && written.is_ok());
            assert!(syncs > 2, "{syncs}");
            return;
        }
        assert!(written.is_err(), "after {syncs} syncs");
        drop(db);
        world.machine.end_process();
        let db = world.open(&PLAIN).unwrap();
        assert_eq!(db.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, u32>(0)), Ok(30));
        assert_eq!(world.past().unwrap().verify(|_, _| true).unwrap().damage, None);
    }
    panic!("it never works");
}

/// Insert the numbers that follow `rows` until there are so many, or something fails. Returns how many there are then.
fn count_up(db: &Connection, mut rows: u32, to: u32) -> u32 {
    while rows < to && db.execute("INSERT INTO c VALUES(?1, zeroblob(?2))", [rows + 1, rows * 37 % 900]).is_ok() {
        rows += 1;
    }
    rows
}

/// The numbers up to which a database holds all, which is all that it holds.
fn counted(db: &Connection) -> Result<u32, String> {
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let (count, max): (u32, u32) = db
        .query_row("SELECT count(*), ifnull(max(n), 0) FROM c", [], row)
        .map_err(|error| format!("count: {error}"))?;
    if count == max { Ok(max) } else { Err(format!("{count} rows up to {max}")) }
}

#[test]
fn a_promise_holds_whatever_was_done_without_one_before() {
    let world = World::new("timeline-processes", 30_000);
    let seeds = env::var("TIMELINE_SEED").ok().and_then(|seed| seed.parse().ok()).map_or(1..=500, |seed| seed..=seed);
    for seed in seeds {
        world.machine.reset();
        let mut random = Random((seed * 0x9e37_79b9) | 1);
        let plan = |random: &mut Random| Plan {
            seed,
            synchronous: ["OFF", "NORMAL", "FULL"][random.below(3) as usize],
            page_size: 512,
            kept: false,
        };
        // How many rows there are, how many must be there after a power cut, and whether that is known.
        let (mut rows, mut promised, mut known) = (0, 0, true);
        let mut born = false;
        for phase in 0..4 {
            let mut plan = plan(&mut random);
            let Ok(db) = world.open(&plan) else { panic!("seed {seed}, phase {phase}: {}", LAST.take()) };
            if !born {
                born = db.execute_batch("CREATE TABLE c(n INTEGER PRIMARY KEY, v)").is_ok();
            }
            rows = counted(&db).unwrap_or_else(|error| panic!("seed {seed}, phase {phase}: {error}"));
            world.machine.cut_after(5 + random.below(60));
            // To close it is work as well.
            known &= plan.synchronous != "OFF";
            for _ in 0..random.below(4) {
                known &= plan.synchronous != "OFF";
                rows = count_up(&db, rows, rows + 1 + random.below(12) as u32);
                if !world.machine.is_off() && plan.synchronous == "FULL" {
                    (promised, known) = (rows, true);
                }
                if random.below(3) == 0 {
                    let _ = db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
                }
                if random.below(2) == 0 {
                    plan.synchronous = ["OFF", "NORMAL", "FULL"][random.below(3) as usize];
                    db.execute_batch(&format!("PRAGMA synchronous={}", plan.synchronous)).unwrap();
                    known &= plan.synchronous != "OFF";
                }
            }
            drop(db);
            if !world.machine.is_off() {
                // It was closed as it should be.
                (promised, known) = (rows, true);
            }
            if phase < 3 {
                world.machine.end_process();
            }
        }
        world.machine.restart(&mut random, false);
        if !known || !born {
            continue;
        }
        let left = world.open(&PLAIN).map_err(|error| error.to_string()).and_then(|db| {
            let sound = db.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
            counted(&db).map(|found| (found, sound.unwrap_or_else(|error| error.to_string())))
        });
        match left {
            Ok((found, sound)) if found >= promised && found <= rows + 1 && sound == "ok" => {}
            other => panic!("TIMELINE_SEED={seed}: {promised} of {rows} rows promised: {other:?}: {}", LAST.take()),
        }
    }
}

#[test]
fn after_a_sync_that_failed_nothing_is_promised_until_the_database_is_opened_again() {
    let world = World::new("timeline-broken", 12_000);
    for syncs in 0..25 {
        world.machine.reset();
        let db = world.open(&PLAIN).unwrap();
        db.execute_batch("CREATE TABLE c(n INTEGER PRIMARY KEY, v)").unwrap();
        let mut rows = count_up(&db, 0, 3);
        world.machine.fail_sync_after(syncs);
        rows = count_up(&db, rows, 60);
        assert!(rows < 60, "{syncs}");
        // Whoever fails once, fails from then on: others may have built on it.
        world.machine.fail_sync_after(u64::MAX);
        for sql in ["INSERT INTO c VALUES(1000, 1)", "SELECT count(*) FROM c", "PRAGMA wal_checkpoint"] {
            let told = db.query_row(sql, [], |_| Ok(())).expect_err(&format!("{syncs} {sql}"));
            assert_eq!(told.sqlite_error_code(), Some(rusqlite::ErrorCode::SystemIoFailure), "{syncs} {sql}");
        }
        drop(db);
        let mut random = Random(syncs * 77 + 1);
        world.machine.restart(&mut random, false);
        let db = world.open(&PLAIN).unwrap();
        let found = counted(&db).unwrap_or_else(|error| panic!("{syncs}: {error}"));
        assert!(found >= rows && found <= rows + 1, "{syncs}: {found} of {rows}");
        assert_eq!(count_up(&db, found, found + 5), found + 5);
    }
}
