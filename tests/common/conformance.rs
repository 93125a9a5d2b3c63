//! What every log must do, whoever wrote it.

use std::thread;
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::{Connection, ffi};
use seawall::wal::FrameNo;
use seawall::{FRAME_HEADER, Insert, Inserter, disable_checkpoint, frame_count, read_frame};

use super::{Env, assert_sound, checkpoint, code, get, model, uri};

type Check = fn(&Env);

/// Run everything over the log that is registered under this name.
pub fn conformance(wal: &str) {
    let checks: [(&str, Check); 26] = [
        ("a new database is born in WAL mode", born_in_wal_mode),
        ("a commit is there after the database was closed", survives_closing),
        ("a commit shows at once in other connections, with its schema", shows_in_others),
        ("ROLLBACK undoes a transaction", rollback),
        ("a transaction that outgrows the cache can be rolled back and committed", spill),
        ("savepoints nest", savepoints),
        ("a failed statement undoes only itself", statement_rollback),
        ("a reader keeps its snapshot", snapshot_isolation),
        ("one connection writes", one_writer),
        ("a stale reader cannot write", stale_writer),
        ("a passive checkpoint does not disturb a reader", passive_checkpoint),
        ("a checkpoint that must wait says so", blocked_checkpoint),
        ("TRUNCATE leaves an empty log", truncate_checkpoint),
        ("automatic checkpoints happen", automatic_checkpoint),
        ("every page size works", page_sizes),
        ("a page size can be changed outside of WAL mode", page_size_change),
        ("VACUUM shrinks the file", vacuum),
        ("an attached database has the same log", attach),
        ("backup works in both directions", backup),
        ("UTF-16 works", utf16),
        ("journal_mode can leave WAL mode and come back", journal_modes),
        ("WAL mode can be left by a connection that has not used the log", left_unused),
        ("exclusive locking mode can be entered and left", exclusive_mode),
        ("memory-mapped reading works", memory_map),
        ("frames can be inserted, and keep their numbers, if the log gives out frames", insertion),
        ("many threads write without loss", threads),
    ];
    for (claim, check) in checks {
        let env = Env::new(wal);
        eprintln!("{wal}: {claim}");
        check(&env);
    }
    for seed in 0..6 {
        model::run(wal, seed, false);
    }
}

fn born_in_wal_mode(env: &Env) {
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(a)").unwrap();
    assert_eq!(get::<String>(&db, "PRAGMA journal_mode"), "wal");
    drop(db);
    assert_eq!(get::<String>(&env.open("t.db"), "PRAGMA journal_mode"), "wal");
}

fn insertion(env: &Env) {
    let probe = env.open("probe.db");
    probe.execute_batch("CREATE TABLE t(a)").unwrap();
    if let Err(error) = frame_count(&probe) {
        assert_eq!(error.code(), ffi::SQLITE_ERROR, "a log without raw frames");
        return;
    }
    let (source, copy) = (env.open_stock("s.db"), env.open("t.db"));
    disable_checkpoint(&source).unwrap();
    let mut frame = vec![0; FRAME_HEADER + get::<u32>(&source, "PRAGMA page_size") as usize];
    source.execute_batch("CREATE TABLE t(a, b)").unwrap();
    for i in 0..30 {
        source.execute_batch(&format!("INSERT INTO t VALUES({i}, zeroblob(5000))")).unwrap();
        if i % 7 == 6 {
            checkpoint(&copy, "PASSIVE");
        }
        let (first, last) = (frame_count(&copy).unwrap() + 1, frame_count(&source).unwrap());
        let mut inserter = Inserter::begin(&copy).unwrap();
        for number in (first..=last).filter_map(FrameNo::new) {
            read_frame(&source, number, &mut frame).unwrap();
            assert_eq!(inserter.insert(number, &frame), Ok(Insert::Taken));
            assert_eq!(inserter.insert(number, &frame), Ok(Insert::Taken), "once more");
        }
        let last_byte = frame.len() - 1;
        frame[last_byte] ^= 1;
        assert_eq!(inserter.insert(FrameNo::new(last).unwrap(), &frame), Ok(Insert::Conflict));
        assert!(inserter.insert(FrameNo::new(last + 2).unwrap(), &frame).is_err(), "a gap");
        assert_eq!(inserter.insert(FrameNo::new(last + 1).unwrap(), &uncommitted(&frame)), Ok(Insert::Taken));
        drop(inserter);
        assert_eq!(frame_count(&copy), Ok(last), "what no commit follows is rolled back");
        assert_eq!(get::<i64>(&copy, "SELECT sum(a) FROM t"), (0..=i).sum::<i64>());
    }
    assert_sound(&copy);
}

/// The same frame, as one that does not end a transaction.
fn uncommitted(frame: &[u8]) -> Vec<u8> {
    let mut frame = frame.to_vec();
    frame[4..8].fill(0);
    frame
}

fn survives_closing(env: &Env) {
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1),(2)").unwrap();
    let other = env.open("t.db");
    assert_eq!(get::<i64>(&other, "SELECT sum(a) FROM t"), 3);
    drop(db);
    other.execute_batch("INSERT INTO t VALUES(3)").unwrap();
    drop(other);
    assert_eq!(get::<i64>(&env.open("t.db"), "SELECT sum(a) FROM t"), 6);
    let stock = env.open_stock("t.db");
    assert_eq!(get::<i64>(&stock, "SELECT sum(a) FROM t"), 6, "everything is in the database file");
    assert_sound(&stock);
}

fn shows_in_others(env: &Env) {
    let (a, b) = (env.open("t.db"), env.open("t.db"));
    a.execute_batch("CREATE TABLE t(a)").unwrap();
    b.execute_batch("INSERT INTO t VALUES('b'); ALTER TABLE t ADD COLUMN c DEFAULT 7").unwrap();
    assert_eq!(get::<i64>(&a, "SELECT c FROM t"), 7);
    a.execute_batch("CREATE INDEX i ON t(a); INSERT INTO t VALUES('a', 1)").unwrap();
    assert_eq!(get::<i64>(&b, "SELECT c FROM t INDEXED BY i WHERE a='a'"), 1);
    a.execute_batch("DROP TABLE t").unwrap();
    assert_ne!(code(&b, "SELECT * FROM t"), 0);
}

fn rollback(env: &Env) {
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1)").unwrap();
    db.execute_batch("BEGIN; INSERT INTO t VALUES(2); UPDATE t SET a=a+10; CREATE TABLE u(b); ROLLBACK").unwrap();
    assert_eq!(get::<i64>(&db, "SELECT sum(a) FROM t"), 1);
    assert_eq!(get::<i64>(&db, "SELECT count(*) FROM sqlite_schema"), 1);
    db.execute_batch("INSERT INTO t VALUES(2)").unwrap();
    assert_eq!(get::<i64>(&env.open("t.db"), "SELECT sum(a) FROM t"), 3);
}

const MANY: &str = "WITH n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<3000)
                    INSERT INTO t SELECT i, randomblob(200) FROM n;";

fn spill(env: &Env) {
    let db = env.open("t.db");
    db.execute_batch("PRAGMA cache_size=5; CREATE TABLE t(a, b); CREATE INDEX i ON t(b)").unwrap();
    db.execute_batch(&format!("BEGIN; {MANY} UPDATE t SET a=-a; ROLLBACK")).unwrap();
    assert_eq!(get::<i64>(&db, "SELECT count(*) FROM t"), 0);
    assert_sound(&db);
    let other = env.open("t.db");
    db.execute_batch(&format!("BEGIN; {MANY} UPDATE t SET a=-a")).unwrap();
    assert_eq!(get::<i64>(&other, "SELECT count(*) FROM t"), 0);
    assert_eq!(get::<i64>(&db, "SELECT sum(a) FROM t"), -3000 * 3001 / 2);
    db.execute_batch("COMMIT").unwrap();
    assert_eq!(get::<i64>(&other, "SELECT sum(a) FROM t"), -3000 * 3001 / 2);
    assert_sound(&other);
    drop((db, other));
    assert_sound(&env.open_stock("t.db"));
}

fn savepoints(env: &Env) {
    let db = env.open("t.db");
    db.execute_batch("PRAGMA cache_size=5; CREATE TABLE t(a, b); INSERT INTO t VALUES(0, 0)").unwrap();
    let count = || get::<i64>(&db, "SELECT count(*) FROM t");
    db.execute_batch("SAVEPOINT one").unwrap();
    db.execute_batch(MANY).unwrap();
    db.execute_batch("SAVEPOINT two; UPDATE t SET b=zeroblob(300)").unwrap();
    db.execute_batch(MANY).unwrap();
    assert_eq!(count(), 6001);
    db.execute_batch("ROLLBACK TO two").unwrap();
    assert_eq!(count(), 3001);
    assert_eq!(get::<i64>(&db, "SELECT count(*) FROM t WHERE b=zeroblob(300)"), 0);
    db.execute_batch("DELETE FROM t WHERE a%2; SAVEPOINT three; DELETE FROM t; RELEASE three; ROLLBACK TO two")
        .unwrap();
    assert_eq!(count(), 3001);
    db.execute_batch("UPDATE t SET b=1 WHERE a=7; RELEASE one").unwrap();
    assert_eq!(get::<i64>(&env.open("t.db"), "SELECT b FROM t WHERE a=7"), 1);
    db.execute_batch("SAVEPOINT one; DELETE FROM t; ROLLBACK TO one; INSERT INTO t VALUES(5,5); RELEASE one").unwrap();
    assert_eq!(get::<i64>(&env.open("t.db"), "SELECT count(*) FROM t"), 3002);
    assert_sound(&db);
}

fn statement_rollback(env: &Env) {
    let db = env.open("t.db");
    db.execute_batch("PRAGMA cache_size=5; CREATE TABLE t(a INTEGER PRIMARY KEY, b); BEGIN").unwrap();
    db.execute_batch(MANY).unwrap();
    assert_ne!(code(&db, "UPDATE t SET a=min(a+1, 3000), b=zeroblob(400)"), 0);
    assert_eq!(get::<i64>(&db, "SELECT sum(a) FROM t WHERE b<>zeroblob(400)"), 3000 * 3001 / 2);
    db.execute_batch("COMMIT").unwrap();
    assert_sound(&env.open("t.db"));
}

fn snapshot_isolation(env: &Env) {
    let (reader, writer) = (env.open("t.db"), env.open("t.db"));
    writer.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1)").unwrap();
    reader.execute_batch("BEGIN; SELECT * FROM t").unwrap();
    for _ in 0..3 {
        writer.execute_batch("INSERT INTO t VALUES(1)").unwrap();
        assert_eq!(get::<i64>(&reader, "SELECT count(*) FROM t"), 1);
    }
    writer.execute_batch("DROP TABLE t; CREATE TABLE t(b)").unwrap();
    assert_eq!(get::<i64>(&reader, "SELECT sum(a) FROM t"), 1);
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(get::<i64>(&reader, "SELECT count(b) FROM t"), 0);
}

fn one_writer(env: &Env) {
    let (a, b) = (env.open("t.db"), env.open("t.db"));
    a.execute_batch("CREATE TABLE t(a); BEGIN IMMEDIATE; INSERT INTO t VALUES(1)").unwrap();
    assert_eq!(code(&b, "INSERT INTO t VALUES(2)"), ffi::SQLITE_BUSY);
    assert_eq!(get::<i64>(&b, "SELECT count(*) FROM t"), 0);
    a.execute_batch("COMMIT").unwrap();
    b.execute_batch("INSERT INTO t VALUES(2)").unwrap();
    assert_eq!(get::<i64>(&a, "SELECT sum(a) FROM t"), 3);
}

fn stale_writer(env: &Env) {
    let (a, b) = (env.open("t.db"), env.open("t.db"));
    a.execute_batch("CREATE TABLE t(a); BEGIN; SELECT * FROM t").unwrap();
    b.execute_batch("INSERT INTO t VALUES(1)").unwrap();
    assert_eq!(code(&a, "INSERT INTO t VALUES(2)"), ffi::SQLITE_BUSY_SNAPSHOT);
    a.execute_batch("COMMIT; INSERT INTO t VALUES(2)").unwrap();
    assert_eq!(get::<i64>(&b, "SELECT sum(a) FROM t"), 3);
}

fn passive_checkpoint(env: &Env) {
    let (reader, writer) = (env.open("t.db"), env.open("t.db"));
    writer.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1)").unwrap();
    reader.execute_batch("BEGIN; SELECT * FROM t").unwrap();
    writer.execute_batch("UPDATE t SET a=2; CREATE TABLE u(b); INSERT INTO u VALUES(zeroblob(50000))").unwrap();
    assert_eq!(checkpoint(&writer, "PASSIVE").0, 0);
    writer.execute_batch("UPDATE t SET a=3; DELETE FROM u").unwrap();
    assert_eq!(checkpoint(&writer, "PASSIVE").0, 0);
    assert_eq!(get::<i64>(&reader, "SELECT a FROM t"), 1);
    assert_sound(&reader);
    reader.execute_batch("COMMIT").unwrap();
    let (busy, log, done) = checkpoint(&writer, "PASSIVE");
    assert_eq!((busy, log), (0, done));
    assert_eq!(get::<i64>(&reader, "SELECT a FROM t"), 3);
    assert_sound(&reader);
}

fn blocked_checkpoint(env: &Env) {
    let (reader, writer) = (env.open("t.db"), env.open("t.db"));
    writer.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1)").unwrap();
    reader.execute_batch("BEGIN; SELECT * FROM t").unwrap();
    writer.execute_batch("INSERT INTO t VALUES(2)").unwrap();
    for mode in ["FULL", "RESTART", "TRUNCATE"] {
        assert_eq!(checkpoint(&writer, mode).0, 1, "{mode}");
    }
    assert_eq!(get::<i64>(&reader, "SELECT sum(a) FROM t"), 1);
    reader.execute_batch("COMMIT; BEGIN IMMEDIATE").unwrap();
    assert_eq!(checkpoint(&writer, "FULL").0, 1, "a writer is in the way, too");
    reader.execute_batch("COMMIT").unwrap();
    for mode in ["FULL", "RESTART", "TRUNCATE"] {
        assert_eq!(checkpoint(&writer, mode).0, 0, "{mode}");
    }
}

fn truncate_checkpoint(env: &Env) {
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(zeroblob(100000))").unwrap();
    assert_eq!(checkpoint(&db, "TRUNCATE"), (0, 0, 0));
    let pages = get::<i64>(&db, "PRAGMA page_count");
    assert_eq!(std::fs::metadata(env.path("t.db")).unwrap().len(), pages as u64 * 4096);
    db.execute_batch("INSERT INTO t VALUES(1)").unwrap();
    assert_eq!(get::<i64>(&env.open("t.db"), "SELECT count(*) FROM t"), 2);
    assert_sound(&db);
}

fn automatic_checkpoint(env: &Env) {
    let db = env.open("t.db");
    db.execute_batch("PRAGMA wal_autocheckpoint=10; CREATE TABLE t(a)").unwrap();
    for _ in 0..30 {
        db.execute_batch("INSERT INTO t VALUES(zeroblob(3000))").unwrap();
    }
    assert!(std::fs::metadata(env.path("t.db")).unwrap().len() >= 20 * 4096);
}

fn page_sizes(env: &Env) {
    for size in [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536] {
        let name = format!("{size}.db");
        let db = env.open(&name);
        db.execute_batch(&format!("PRAGMA page_size={size}; PRAGMA cache_size=5; CREATE TABLE t(a, b)")).unwrap();
        db.execute_batch(MANY).unwrap();
        let other = env.open(&name);
        assert_eq!(get::<i64>(&other, "PRAGMA page_size"), size);
        assert_eq!(get::<i64>(&other, "SELECT sum(a) FROM t"), 3000 * 3001 / 2);
        checkpoint(&other, "PASSIVE");
        db.execute_batch("BEGIN; DELETE FROM t WHERE a>100; ROLLBACK; DELETE FROM t WHERE a>2900").unwrap();
        assert_sound(&other);
        drop((db, other));
        let stock = env.open_stock(&name);
        assert_eq!(get::<i64>(&stock, "SELECT count(*) FROM t"), 2900);
        assert_sound(&stock);
    }
}

fn page_size_change(env: &Env) {
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(a, b)").unwrap();
    db.execute_batch(MANY).unwrap();
    db.execute_batch("PRAGMA journal_mode=DELETE; PRAGMA page_size=1024; VACUUM; PRAGMA journal_mode=WAL").unwrap();
    db.execute_batch("UPDATE t SET b=1").unwrap();
    let other = env.open("t.db");
    assert_eq!(get::<i64>(&other, "PRAGMA page_size"), 1024);
    assert_eq!(get::<i64>(&other, "SELECT sum(b) FROM t"), 3000);
    assert_sound(&other);
}

fn vacuum(env: &Env) {
    let (db, other) = (env.open("t.db"), env.open("t.db"));
    db.execute_batch("CREATE TABLE t(a, b)").unwrap();
    db.execute_batch(MANY).unwrap();
    checkpoint(&db, "TRUNCATE");
    let before = std::fs::metadata(env.path("t.db")).unwrap().len();
    db.execute_batch("DELETE FROM t WHERE a>10; VACUUM").unwrap();
    assert_eq!(get::<i64>(&other, "SELECT count(*) FROM t"), 10);
    checkpoint(&other, "TRUNCATE");
    let after = std::fs::metadata(env.path("t.db")).unwrap().len();
    assert!(after < before / 10, "{before} {after}");
    assert_sound(&other);
    other.execute_batch(MANY).unwrap();
    assert_eq!(get::<i64>(&db, "SELECT count(*) FROM t"), 3010);
    assert_sound(&db);
}

fn attach(env: &Env) {
    let db = env.open("t.db");
    db.execute("ATTACH ?1 AS aux", [env.uri("aux.db")]).unwrap();
    db.execute_batch("CREATE TABLE t(a); CREATE TABLE aux.u(b)").unwrap();
    db.execute_batch("BEGIN; INSERT INTO t VALUES(1); INSERT INTO u VALUES(2); COMMIT").unwrap();
    db.execute_batch("BEGIN; INSERT INTO t VALUES(1); INSERT INTO u VALUES(2); ROLLBACK").unwrap();
    let (main, aux) = (env.open("t.db"), env.open("aux.db"));
    assert_eq!((get::<i64>(&main, "SELECT sum(a) FROM t"), get::<i64>(&aux, "SELECT sum(b) FROM u")), (1, 2));
    assert_eq!(get::<String>(&db, "PRAGMA aux.journal_mode"), "wal");
    db.execute_batch("DETACH aux").unwrap();
    aux.execute_batch("INSERT INTO u VALUES(3)").unwrap();
    drop((db, main, aux));
    assert_eq!(get::<i64>(&env.open_stock("aux.db"), "SELECT sum(b) FROM u"), 5);
}

fn backup(env: &Env) {
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(a, b)").unwrap();
    db.execute_batch(MANY).unwrap();
    let mut memory = Connection::open_in_memory().unwrap();
    Backup::new(&db, &mut memory).unwrap().run_to_completion(100, Duration::ZERO, None).unwrap();
    assert_eq!(get::<i64>(&memory, "SELECT count(*) FROM t"), 3000);
    memory.execute_batch("DELETE FROM t WHERE a>5").unwrap();
    let mut copy = env.open("copy.db");
    copy.execute_batch("CREATE TABLE other(x)").unwrap();
    Backup::new(&memory, &mut copy).unwrap().run_to_completion(3, Duration::ZERO, None).unwrap();
    assert_eq!(get::<i64>(&env.open("copy.db"), "SELECT count(*) FROM t"), 5);

    // A backup that another write of the source connection overtakes.
    let mut late = Connection::open_in_memory().unwrap();
    let running = Backup::new(&db, &mut late).unwrap();
    running.step(5).unwrap();
    db.execute_batch("UPDATE t SET b=a").unwrap();
    running.run_to_completion(1000, Duration::ZERO, None).unwrap();
    drop(running);
    assert_eq!(get::<i64>(&late, "SELECT sum(b) FROM t"), 3000 * 3001 / 2);
    assert_sound(&late);
}

fn utf16(env: &Env) {
    for encoding in ["UTF-16le", "UTF-16be"] {
        let name = format!("{encoding}.db");
        let db = env.open(&name);
        db.execute_batch(&format!("PRAGMA encoding='{encoding}'; CREATE TABLE t(a)")).unwrap();
        db.execute_batch("INSERT INTO t VALUES('Wörter und 日本語')").unwrap();
        let other = env.open(&name);
        assert_eq!(get::<String>(&other, "PRAGMA encoding"), encoding);
        assert_eq!(get::<String>(&other, "SELECT a FROM t"), "Wörter und 日本語");
    }
}

fn journal_modes(env: &Env) {
    let (db, other) = (env.open("t.db"), env.open("t.db"));
    db.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1)").unwrap();
    assert_eq!(get::<i64>(&other, "SELECT a FROM t"), 1);
    assert_eq!(code(&db, "PRAGMA journal_mode=DELETE"), ffi::SQLITE_BUSY, "others use the log");
    assert_eq!(get::<String>(&db, "PRAGMA journal_mode"), "wal");
    drop(other);
    assert_eq!(get::<String>(&db, "PRAGMA journal_mode=DELETE"), "delete");
    db.execute_batch("INSERT INTO t VALUES(2)").unwrap();
    assert_eq!(get::<String>(&db, "PRAGMA journal_mode=WAL"), "wal");
    db.execute_batch("INSERT INTO t VALUES(3)").unwrap();
    assert_eq!(get::<i64>(&env.open("t.db"), "SELECT sum(a) FROM t"), 6);
}

/// The log was closed by its last user, and is there all the same.
fn left_unused(env: &Env) {
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(a); PRAGMA journal_mode=DELETE; PRAGMA journal_mode=WAL").unwrap();
    env.open("t.db").execute_batch("INSERT INTO t VALUES(1)").unwrap();
    assert_eq!(get::<String>(&db, "PRAGMA journal_mode=DELETE"), "delete");
    db.execute_batch("INSERT INTO t VALUES(2)").unwrap();
    assert_eq!(get::<i64>(&env.open("t.db"), "SELECT count(*) FROM t"), 2);
}

fn exclusive_mode(env: &Env) {
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(a); PRAGMA locking_mode=EXCLUSIVE; INSERT INTO t VALUES(1)").unwrap();
    checkpoint(&db, "PASSIVE");
    db.execute_batch("INSERT INTO t VALUES(2)").unwrap();
    checkpoint(&db, "TRUNCATE");
    db.execute_batch("INSERT INTO t VALUES(3); PRAGMA locking_mode=NORMAL; INSERT INTO t VALUES(4)").unwrap();
    let other = env.open("t.db");
    assert_eq!(get::<i64>(&other, "SELECT sum(a) FROM t"), 10);
    drop((db, other));

    let uri = env.uri("t.db");
    let db = Connection::open(uri).unwrap();
    db.execute_batch("PRAGMA locking_mode=EXCLUSIVE; INSERT INTO t VALUES(5)").unwrap();
    assert_eq!(get::<i64>(&db, "SELECT sum(a) FROM t"), 15);
    drop(db);
    assert_eq!(get::<i64>(&env.open("t.db"), "SELECT sum(a) FROM t"), 15);

    let db = env.open("t.db");
    db.execute_batch("PRAGMA locking_mode=EXCLUSIVE; INSERT INTO t VALUES(6)").unwrap();
    for (mode, value) in [("delete", 7), ("wal", 8), ("persist", 9), ("wal", 10)] {
        assert_eq!(get::<String>(&db, &format!("PRAGMA journal_mode={mode}")), mode);
        db.execute("INSERT INTO t VALUES(?1)", [value]).unwrap();
    }
    assert_eq!(get::<i64>(&db, "SELECT sum(a) FROM t"), 55);
    drop(db);
    assert_eq!(get::<i64>(&env.open("t.db"), "SELECT sum(a) FROM t"), 55);
}

fn memory_map(env: &Env) {
    let (a, b) = (env.open("t.db"), env.open("t.db"));
    for db in [&a, &b] {
        db.execute_batch("PRAGMA mmap_size=10000000").unwrap();
    }
    a.execute_batch("CREATE TABLE t(a, b)").unwrap();
    a.execute_batch(MANY).unwrap();
    for round in 0..4 {
        checkpoint(&b, if round % 2 == 0 { "TRUNCATE" } else { "PASSIVE" });
        assert_eq!(get::<i64>(&b, "SELECT count(*) FROM t"), 3000);
        a.execute_batch("UPDATE t SET b=randomblob(300); DELETE FROM t WHERE a>2000; VACUUM").unwrap();
        assert_eq!(get::<i64>(&b, "SELECT count(*) FROM t"), 2000);
        checkpoint(&a, "TRUNCATE");
        assert_sound(&b);
        a.execute_batch("DELETE FROM t").unwrap();
        b.execute_batch(MANY).unwrap();
        assert_sound(&a);
    }
}

fn threads(env: &Env) {
    const THREADS: i64 = 4;
    const ROWS: i64 = 60;
    env.open("t.db").execute_batch("CREATE TABLE t(thread, row)").unwrap();
    let work = |thread: i64| {
        let uri = uri(&env.path("t.db"), &env.wal);
        move || {
            let db = Connection::open(uri).unwrap();
            db.busy_timeout(Duration::from_secs(600)).unwrap();
            for row in 0..ROWS {
                db.execute("INSERT INTO t VALUES(?1, ?2)", [thread, row]).unwrap();
                let seen: i64 = get(&db, &format!("SELECT count(*) FROM t WHERE thread={thread}"));
                assert_eq!(seen, row + 1);
                if row % 20 == thread {
                    checkpoint(&db, ["PASSIVE", "FULL", "RESTART", "TRUNCATE"][thread as usize]);
                }
            }
        }
    };
    let running: Vec<_> = (0..THREADS).map(|thread| thread::spawn(work(thread))).collect();
    for thread in running {
        thread.join().unwrap();
    }
    let db = env.open("t.db");
    assert_eq!(get::<i64>(&db, "SELECT count(*) FROM t"), THREADS * ROWS);
    assert_sound(&db);
}
