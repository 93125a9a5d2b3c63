//! Is the past there, as it was?

mod common;

use std::sync::Arc;

use common::{Env, assert_sound, at, checkpoint, code, get, logged, newest};
use rusqlite::Connection;
use rusqlite::ffi::{SQLITE_CANTOPEN, SQLITE_READONLY};

const ALL: &str = "SELECT ifnull(group_concat(k || ':' || hex(v), ','), '') FROM (SELECT * FROM t ORDER BY k)";

/// A database with a commit for each of these rows, which are those from number 3 on: page 1 and the table come first.
fn with_rows(env: &Env, rows: u32) -> Connection {
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(k INTEGER PRIMARY KEY, v)").unwrap();
    for row in 1..=rows {
        db.execute("INSERT INTO t VALUES(?1, 'x')", [row]).unwrap();
    }
    db
}

#[test]
fn every_commit_can_be_read_while_writers_and_checkpoints_go_on() {
    for (seed, page_size) in [(1u64, 512), (2, 1024), (3, 4096), (4, 65536)] {
        let env = Env::new("timeline-small");
        seawall::register("timeline-small", seawall::Timeline::on(Arc::new(seawall::timeline::storage::Disk), 200_000))
            .unwrap();
        let db = env.open("t.db");
        db.execute_batch(&format!(
            "PRAGMA page_size={page_size}; PRAGMA cache_size=10; PRAGMA synchronous=OFF; PRAGMA wal_autocheckpoint=40;
             CREATE TABLE t(k INTEGER PRIMARY KEY, v)"
        ))
        .unwrap();
        let mut random = seed;
        let mut below = |limit: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % limit
        };
        // What the table held after each commit, the first of which has it empty.
        let mut copies = vec![String::new()];
        for _ in 0..120 {
            let (key, size) = (below(50), below(2000));
            match below(12) {
                0 => db.execute_batch(&format!("DELETE FROM t WHERE k%4={}", key % 4)),
                1 => db.execute_batch(&format!("UPDATE t SET v=k||'{key}'")),
                2 => db.execute_batch("VACUUM"),
                3 => db.execute_batch(&format!(
                    "BEGIN; INSERT OR REPLACE INTO t VALUES({key}, zeroblob({size})); SAVEPOINT s;
                     DELETE FROM t; ROLLBACK TO s; INSERT OR REPLACE INTO t VALUES({key}+1, 'y'); COMMIT"
                )),
                4 => {
                    checkpoint(&db, "TRUNCATE");
                    continue;
                }
                _ => db.execute_batch(&format!("INSERT OR REPLACE INTO t VALUES({key}, zeroblob({size})||{key})")),
            }
            .unwrap();
            let now = get::<String>(&db, ALL);
            // What changes nothing is no commit: the next one is compared with it all the same.
            copies.push(now);
            let newest = newest(&env, "t.db");
            copies.resize(usize::try_from(newest).unwrap() - 1, copies.last().unwrap().clone());
            if newest.is_multiple_of(17) {
                // An old one, while the database is open.
                let number = 2 + below(newest - 1);
                assert_eq!(get::<String>(&at(&env, "t.db", number), ALL), copies[number as usize - 2], "{number}");
            }
        }
        drop(db);
        for (i, copy) in copies.iter().enumerate() {
            let past = at(&env, "t.db", i + 2);
            assert_eq!(get::<String>(&past, ALL), *copy, "seed {seed}: commit {}", i + 2);
            assert_eq!(get::<i64>(&past, "PRAGMA page_size"), page_size);
            assert_sound(&past);
        }
        seawall::unregister("timeline-small").unwrap();
    }
}

#[test]
fn the_past_cannot_be_changed() {
    let env = Env::new("timeline");
    let db = with_rows(&env, 3);
    let past = at(&env, "t.db", 4);
    assert_eq!(get::<i64>(&past, "SELECT count(*) FROM t"), 2);
    assert_eq!(code(&past, "INSERT INTO t VALUES(9, 9)") & 0xff, SQLITE_READONLY);
    assert_eq!(code(&past, "BEGIN IMMEDIATE") & 0xff, SQLITE_READONLY);
    assert_eq!(checkpoint(&past, "TRUNCATE").0, 0);
    db.execute_batch("DELETE FROM t").unwrap();
    assert_eq!(checkpoint(&db, "TRUNCATE"), (0, 0, 0));
    assert_eq!(get::<i64>(&past, "SELECT count(*) FROM t"), 2);
}

#[test]
fn it_can_be_exported_and_joined_with_the_present() {
    let env = Env::new("timeline");
    let db = with_rows(&env, 10);
    let copy = env.path("copy.db");
    at(&env, "t.db", 7).execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    let exported = Connection::open(&copy).unwrap();
    assert_eq!(get::<i64>(&exported, "SELECT max(k) FROM t"), 5);
    assert_sound(&exported);
    db.execute("ATTACH ?1 AS past", [format!("{}&at=4", env.uri("t.db"))]).unwrap();
    assert_eq!(get::<i64>(&db, "SELECT count(*) FROM main.t WHERE k NOT IN (SELECT k FROM past.t)"), 8);
}

#[test]
fn a_time_means_the_last_commit_by_then() {
    let env = Env::new("timeline");
    let db = with_rows(&env, 4);
    assert_eq!(get::<i64>(&at(&env, "t.db", now()), "SELECT count(*) FROM t"), 4);
    assert_eq!(get::<i64>(&at(&env, "t.db", "2999-01-01T00:00:00Z"), "SELECT count(*) FROM t"), 4);
    assert_eq!(code(&at(&env, "t.db", "2001-01-01T00:00:00Z"), "SELECT * FROM t"), SQLITE_CANTOPEN);
    drop(db);
}

/// A time after all commits that were made.
fn now() -> String {
    let db = Connection::open_in_memory().unwrap();
    get(&db, "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+0.001 seconds')")
}

#[test]
fn what_is_not_there_is_told_with_what_is() {
    let env = Env::new("timeline");
    let db = with_rows(&env, 4);
    drop(db);
    for (when, words) in [
        ("0", "there is no commit 0"),
        ("7", "has the commits 1 to 6"),
        ("soon", "neither the number of a commit nor a time"),
        ("1970-01-01T00:00:00Z", "the first commit was made later"),
    ] {
        assert_eq!(code(&at(&env, "t.db", when), "SELECT * FROM t"), SQLITE_CANTOPEN, "{when}");
        assert!(logged(words).iter().any(|line| line.1.starts_with("wal \"timeline\": ")), "{when}");
    }
}

#[test]
fn a_past_of_another_page_size_is_read_with_that() {
    let env = Env::new("timeline");
    let db = with_rows(&env, 6);
    db.execute_batch("PRAGMA journal_mode=DELETE; PRAGMA page_size=1024; VACUUM; PRAGMA journal_mode=WAL").unwrap();
    db.execute_batch("INSERT INTO t VALUES(100, 'new')").unwrap();
    assert_eq!(get::<i64>(&db, "PRAGMA page_size"), 1024);
    for (commit, page_size, rows) in [(8, 4096, 6), (5, 4096, 3), (9, 1024, 6), (10, 1024, 7)] {
        let past = at(&env, "t.db", commit);
        let seen = (get::<i64>(&past, "SELECT count(*) FROM t"), get::<i64>(&past, "PRAGMA page_size"));
        assert_eq!(seen, (rows, page_size), "{commit}");
        assert_sound(&past);
    }
}

/// Files of a folder that this process has open.
#[cfg(target_os = "linux")]
fn open_files(env: &Env) -> usize {
    let links =
        std::fs::read_dir("/proc/self/fd").unwrap().filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    links.filter(|link| link.starts_with(env.dir.path())).count()
}

#[test]
#[cfg(target_os = "linux")]
fn a_long_history_needs_few_open_files() {
    let env = Env::new("timeline-many");
    seawall::register("timeline-many", seawall::Timeline::on(Arc::new(seawall::timeline::storage::Disk), 5_000))
        .unwrap();
    let db = with_rows(&env, 400);
    let segments = || std::fs::read_dir(env.path("t.db-timeline")).unwrap().count();
    assert!(segments() > 190, "{}", segments());
    assert!(open_files(&env) < 10, "{}", open_files(&env));
    let past = at(&env, "t.db", 399);
    assert_eq!(get::<i64>(&past, "SELECT count(*) FROM t"), 397);
    db.execute_batch("CREATE TABLE later(x)").unwrap();
    drop((db, past));
    let (db, past) = (env.open("t.db"), at(&env, "t.db", 402));
    assert_eq!(get::<i64>(&db, "SELECT count(*) FROM t"), get::<i64>(&past, "SELECT count(*) FROM t"));
    assert!(open_files(&env) < 140, "{}", open_files(&env));
}
