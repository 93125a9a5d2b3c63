//! What happens to a database with a timeline when an SQLite without one gets hold of its file?

mod common;

use std::fs;

use common::{Env, assert_sound, code, get, logged};
use rusqlite::Connection;
use rusqlite::ffi::{SQLITE_CANTOPEN, SQLITE_IOERR, SQLITE_NOTADB};
use seawall::timeline::History;

/// A database with one row, and its timeline: commit 1 is the empty database, 2 the table, 3 the row.
fn begun(env: &Env) -> Connection {
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1)").unwrap();
    db
}

fn sum(db: &Connection) -> i64 {
    get(db, "SELECT sum(a) FROM t")
}

/// The last commit, and whether it was taken from the file.
fn last(env: &Env) -> (u64, bool) {
    let history = History::open(env.path("t.db")).unwrap();
    (history.newest(), history.commit(history.newest()).unwrap().adopted)
}

/// Write with the stock log.
fn change(env: &Env) {
    env.open_stock("t.db").execute_batch("INSERT INTO t VALUES(10)").unwrap();
}

fn assert_refused(env: &Env) {
    assert_eq!(code(&env.open("t.db"), "SELECT * FROM t"), SQLITE_CANTOPEN);
    let path = env.path("t.db");
    let lines = logged(path.to_str().unwrap());
    let told = &lines.iter().rev().find(|line| line.1.contains("without its timeline")).unwrap().1;
    for part in ["which ends with commit 3", "Put the file back", "or move", "t.db-timeline away"] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn a_stranger_reads_and_writes_nothing_while_the_file_may_lack_commits() {
    let env = Env::new("timeline");
    let db = begun(&env);
    // As after a crash.
    let crashed = Env::new("timeline");
    fs::create_dir(crashed.path("t.db-timeline")).unwrap();
    for entry in fs::read_dir(env.path("t.db-timeline")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), crashed.path("t.db-timeline").join(entry.file_name())).unwrap();
    }
    fs::copy(env.path("t.db"), crashed.path("t.db")).unwrap();
    for env in [&env, &crashed] {
        let stranger = env.open_stock("t.db");
        for sql in ["SELECT * FROM t", "INSERT INTO t VALUES(2)", "PRAGMA journal_mode=DELETE", "VACUUM"] {
            assert_eq!(code(&stranger, sql), SQLITE_NOTADB, "{sql}");
        }
    }
    db.execute_batch("INSERT INTO t VALUES(2)").unwrap();
    drop(db);
    assert_eq!(sum(&env.open_stock("t.db")), 3);
    assert_eq!(sum(&crashed.open("t.db")), 1);
    assert_eq!(sum(&crashed.open_stock("t.db")), 1);
}

#[test]
fn a_stranger_changes_nothing_while_it_is_open_though_nothing_was_written() {
    let env = Env::new("timeline");
    drop(begun(&env));
    let before = fs::read(env.path("t.db")).unwrap();
    let db = env.open("t.db");
    assert_eq!(sum(&db), 1);
    assert_eq!(code(&env.open_stock("t.db"), "INSERT INTO t VALUES(10)"), SQLITE_NOTADB);
    drop(db);
    assert_eq!(fs::read(env.path("t.db")).unwrap(), before);
    assert_eq!(sum(&env.open_stock("t.db")), 1);
    assert_eq!(sum(&env.open("t.db")), 1);
    assert_eq!(last(&env), (3, false));
}

#[test]
fn who_came_first_is_not_disturbed_and_what_he_changes_is_not_read() {
    let env = Env::new("timeline");
    drop(begun(&env));
    let stranger = env.open_stock("t.db");
    assert_eq!(sum(&stranger), 1);
    let db = env.open("t.db");
    assert_eq!(sum(&db), 1);
    assert_eq!(code(&db, "INSERT INTO t VALUES(1)"), SQLITE_IOERR);
    change(&env);
    stranger.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    assert_eq!(code(&db, "SELECT * FROM t"), SQLITE_IOERR);
    assert!(!logged("is used by another SQLite").is_empty());
    assert_eq!(sum(&stranger), 11);
    drop((stranger, db));
    assert_refused(&env);
}

#[test]
fn no_transaction_sees_what_a_stranger_changes_meanwhile() {
    let env = Env::new("timeline");
    let db = begun(&env);
    db.execute_batch(
        "WITH n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<3000) INSERT INTO t SELECT zeroblob(900) FROM n",
    )
    .unwrap();
    drop(db);
    let stranger = env.open_stock("t.db");
    stranger.query_row("SELECT count(*) FROM t", [], |_| Ok(())).unwrap();
    let db = env.open("t.db");
    db.execute_batch("PRAGMA cache_size=10; BEGIN; SELECT count(*) FROM t").unwrap();
    stranger.execute_batch("UPDATE t SET a='x'; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    assert_eq!(code(&db, "SELECT count(*) FROM t WHERE a='x'"), SQLITE_IOERR);
}

/// Open a database for reading, and close it. Then its file and its timeline as they were while it was open.
fn while_it_is_read(env: &Env) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let db = env.open("t.db");
    assert_eq!(sum(&db), 1);
    let files = [env.path("t.db"), env.path("t.db-timeline/state")];
    files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[test]
fn a_reader_that_dies_leaves_all_as_it_was() {
    let env = Env::new("timeline");
    drop(begun(&env));
    for (path, content) in while_it_is_read(&env) {
        fs::write(path, content).unwrap();
    }
    assert_eq!(code(&env.open_stock("t.db"), "SELECT * FROM t"), SQLITE_NOTADB);
    assert_eq!(sum(&env.open("t.db")), 1);
    assert_eq!(last(&env), (3, false));
    assert_eq!(sum(&env.open_stock("t.db")), 1);
}

#[test]
fn what_a_stranger_changed_is_refused_though_the_power_brings_back_that_the_file_was_in_use() {
    let env = Env::new("timeline");
    let db = begun(&env);
    db.execute_batch("PRAGMA page_size=4096; CREATE TABLE u(x)").unwrap();
    drop(db);
    let before = while_it_is_read(&env);
    change(&env);
    // Page 1, and the mark.
    let mut now = fs::read(env.path("t.db")).unwrap();
    now[..4096].copy_from_slice(&before[0].1[..4096]);
    fs::write(env.path("t.db"), now).unwrap();
    fs::write(&before[1].0, &before[1].1).unwrap();
    assert_eq!(code(&env.open("t.db"), "SELECT * FROM t"), SQLITE_CANTOPEN);
}

#[test]
fn a_reader_that_must_not_checkpoint_lets_others_in_all_the_same() {
    let env = Env::new("timeline");
    drop(begun(&env));
    let db = env.open("t.db");
    db.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    assert_eq!(sum(&db), 1);
    drop(db);
    assert_eq!(sum(&env.open_stock("t.db")), 1);
    assert_eq!(sum(&env.open("t.db")), 1);
}

#[cfg(unix)]
#[test]
fn a_child_of_the_process_keeps_nothing_locked() {
    let env = Env::new("timeline");
    let db = begun(&env);
    // SAFETY: the child does nothing but wait to be killed.
    let child = unsafe { libc::fork() };
    if child == 0 {
        loop {
            // SAFETY: it has no conditions.
            unsafe { libc::pause() };
        }
    }
    assert!(child > 0);
    drop(db);
    let opened = code(&env.open("t.db"), "INSERT INTO t VALUES(1)");
    // SAFETY: it is our child, and is waited for.
    unsafe {
        libc::kill(child, libc::SIGKILL);
        libc::waitpid(child, std::ptr::null_mut(), 0);
    }
    assert_eq!(opened, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_locked_stays_so_when_the_file_is_verified() {
    use std::os::unix::fs::MetadataExt;

    let env = Env::new("timeline");
    drop(begun(&env));
    let db = env.open("t.db");
    db.execute_batch("PRAGMA locking_mode=EXCLUSIVE; INSERT INTO t VALUES(2)").unwrap();
    let inode = format!(":{} ", fs::metadata(env.path("t.db")).unwrap().ino());
    let locks = || {
        let all = fs::read_to_string("/proc/locks").unwrap();
        all.lines().filter(|line| line.contains("POSIX") && line.contains(&inode)).count()
    };
    let before = locks();
    assert!(before > 0);
    let verified = History::open(env.path("t.db")).unwrap().verify(|_, _| true).unwrap();
    assert!(verified.database && verified.damage.is_none());
    assert_eq!(locks(), before);
}

#[test]
fn what_a_stranger_has_changed_is_refused_until_the_file_is_back() {
    for mode in ["NORMAL", "EXCLUSIVE"] {
        let env = Env::new("timeline");
        let db = env.open("t.db");
        db.execute_batch(&format!("PRAGMA locking_mode={mode}; CREATE TABLE t(a); INSERT INTO t VALUES(1)")).unwrap();
        drop(db);
        let kept = fs::read(env.path("t.db")).unwrap();
        change(&env);
        assert_refused(&env);
        fs::write(env.path("t.db"), kept).unwrap();
        let db = env.open("t.db");
        assert_eq!(sum(&db), 1, "{mode}");
        assert_eq!(last(&env), (3, false));
        drop(db);
        // Nor does the time of the file hide it.
        let then = fs::metadata(env.path("t.db")).unwrap().modified().unwrap();
        env.open_stock("t.db")
            .execute_batch("PRAGMA journal_mode=DELETE; UPDATE t SET a=10; PRAGMA journal_mode=WAL")
            .unwrap();
        fs::File::options().write(true).open(env.path("t.db")).unwrap().set_modified(then).unwrap();
        assert_refused(&env);
        fs::rename(env.path("t.db-timeline"), env.path("away")).unwrap();
        let db = env.open("t.db");
        assert_eq!(sum(&db), 10);
        assert_eq!(last(&env), (1, true));
    }
}

#[test]
fn what_is_changed_outside_wal_mode_becomes_a_commit() {
    for mode in ["NORMAL", "EXCLUSIVE"] {
        let env = Env::new("timeline");
        begun(&env)
            .execute_batch(&format!(
                "PRAGMA locking_mode={mode}; SELECT * FROM t; PRAGMA journal_mode=DELETE; INSERT INTO t VALUES(100)"
            ))
            .unwrap();
        assert_eq!(last(&env), (3, false));
        change(&env);
        let db = env.open("t.db");
        assert_eq!(sum(&db), 111, "{mode}");
        assert_sound(&db);
        db.execute_batch("INSERT INTO t VALUES(1000)").unwrap();
        assert_eq!(last(&env), (5, false));
        let history = History::open(env.path("t.db")).unwrap();
        let adopted: Vec<bool> = history.commits(..).map(|commit| commit.unwrap().adopted).collect();
        assert_eq!(adopted, [true, false, false, true, false], "{mode}");
        assert_eq!(sum(&common::at(&env, "t.db", 3)), 1);
        assert_eq!(sum(&common::at(&env, "t.db", 4)), 111);
        // What comes after that is refused again.
        drop(db);
        change(&env);
        assert_eq!(code(&env.open("t.db"), "SELECT * FROM t"), SQLITE_CANTOPEN);
    }
}
