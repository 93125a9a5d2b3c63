//! A process is killed while its threads commit, with `synchronous` as each likes it: what had returned is there, and nothing is half there.
//! In the simulation of `timeline_crash.rs` the power fails at every place, but there is one thread.
//!
//! `TIMELINE_KILLS=500 cargo test --release --test timeline_kill` goes on for so long.

mod common;

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use common::{Env, assert_sound, get, newest};
use rusqlite::Connection;
use seawall::Timeline;
use seawall::timeline::storage::Disk;
use seawall::timeline::{History, Keep, prune};

/// What each thread that commits has set.
const SYNCHRONOUS: [&str; 5] = ["FULL", "FULL", "FULL", "NORMAL", "OFF"];

/// The database that is worked on, in the process that is killed.
const URI: &str = "TIMELINE_KILL_URI";

fn log(name: &str) {
    // Segments are sealed early, so that there are many.
    seawall::register(name, Timeline::on(Arc::new(Disk), 300_000)).unwrap();
}

fn connect(uri: &str, synchronous: &str) -> Connection {
    let db = Connection::open(uri).unwrap();
    db.busy_timeout(Duration::from_secs(600)).unwrap();
    db.execute_batch(&format!("PRAGMA synchronous={synchronous}; PRAGMA wal_autocheckpoint=50; PRAGMA cache_size=20"))
        .unwrap();
    db
}

/// Both tables get the next number, and sometimes there is more to write than is held, or than the cache has room for.
fn commit(db: &Connection, writer: i64, number: i64) -> rusqlite::Result<()> {
    db.execute_batch("BEGIN IMMEDIATE")?;
    db.execute("UPDATE a SET n=?2 WHERE k=?1", (writer, number))?;
    if number % 16 == 7 {
        db.execute("INSERT OR REPLACE INTO large VALUES(?1, zeroblob(300000 + ?2))", (writer, number))?;
    }
    if number % 5 == 3 {
        db.execute_batch("SAVEPOINT s; UPDATE b SET n=-1; ROLLBACK TO s; RELEASE s")?;
    }
    db.execute("UPDATE b SET n=?2 WHERE k=?1", (writer, number))?;
    db.execute_batch("COMMIT")
}

/// The process that is killed. It says what has been committed, one line for each commit.
#[test]
#[ignore = "the process that the other test begins and kills: alone it has nothing to work on"]
fn work() {
    let Ok(uri) = env::var(URI) else { return };
    log("timeline-kill");
    thread::scope(|scope| {
        for (writer, synchronous) in (0..).zip(SYNCHRONOUS) {
            let uri = &uri;
            scope.spawn(move || {
                let db = connect(uri, synchronous);
                let mut number: i64 = db.query_row("SELECT n FROM a WHERE k=?1", [writer], |row| row.get(0)).unwrap();
                loop {
                    number += 1;
                    commit(&db, writer, number).unwrap();
                    println!("committed {writer} {number}");
                }
            });
        }
        let db = connect(&uri, "OFF");
        let keep = Keep::parse("200 commits").unwrap();
        loop {
            db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
            prune(&db, "main", keep, |_, _| true).unwrap();
        }
    });
}

fn numbers(db: &Connection, table: &str) -> Vec<i64> {
    let mut rows = db.prepare(&format!("SELECT n FROM {table} ORDER BY k")).unwrap();
    rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn what_a_killed_process_had_committed_is_there() {
    log("timeline-kill");
    let env = Env::new("timeline-kill");
    let db = env.open("t.db");
    db.execute_batch(
        "PRAGMA page_size=1024; VACUUM;
         CREATE TABLE a(k INTEGER PRIMARY KEY, n INT);
         CREATE TABLE b(k INTEGER PRIMARY KEY, n INT, pad);
         CREATE TABLE large(k INTEGER PRIMARY KEY, v);",
    )
    .unwrap();
    for writer in 0..SYNCHRONOUS.len() as i64 {
        db.execute("INSERT INTO a VALUES(?1, 0)", [writer]).unwrap();
        // Each on a page of its own.
        db.execute("INSERT INTO b VALUES(?1, 0, zeroblob(900))", [writer]).unwrap();
    }
    drop(db);
    let first = newest(&env, "t.db");
    let kills: u64 = env::var("TIMELINE_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let mut committed = [0; SYNCHRONOUS.len()];
    for kill in 0..kills {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "work", "--ignored", "--nocapture"])
            .env(URI, env.uri("t.db"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut wanted = 20 + kill * 7919 % 500;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let Some((writer, number)) = line.split_once("committed ").and_then(|(_, rest)| rest.split_once(' '))
            else {
                continue;
            };
            // A line that was cut off by the kill has too small a number, if any.
            let (Ok(writer), Ok(number)) = (writer.parse::<usize>(), number.parse::<i64>()) else { continue };
            committed[writer] = number.max(committed[writer]);
            wanted = wanted.saturating_sub(1);
            if wanted == 0 {
                child.kill().unwrap();
            }
        }
        assert!(!child.wait().unwrap().success());
        let history = History::open(env.path("t.db")).unwrap();
        assert_eq!(history.verify(|_, _| true).unwrap().damage, None, "kill {kill}");
        let db = env.open("t.db");
        assert_sound(&db);
        let found = numbers(&db, "a");
        assert_eq!(found, numbers(&db, "b"), "kill {kill}");
        for (writer, (found, returned)) in found.iter().zip(committed).enumerate() {
            assert!(
                (returned..=returned + 1).contains(found),
                "kill {kill}: writer {writer} has {found}, not {returned}"
            );
        }
        committed.copy_from_slice(&found);
        drop(db);
        let history = History::open(env.path("t.db")).unwrap();
        for commit in (first.max(history.oldest())..=history.newest()).rev().step_by(40) {
            let past = common::at(&env, "t.db", commit);
            assert_eq!(
                get::<i64>(&past, "SELECT sum(n) FROM a"),
                get::<i64>(&past, "SELECT sum(n) FROM b"),
                "{commit}"
            );
        }
    }
    assert!(committed.iter().all(|number| *number > 0), "{committed:?}");
}
