//! What can be done with a history: looked at, exported, restored, branched.

mod common;

use std::ops::RangeInclusive;
use std::time::{Duration, SystemTime};

use common::{Env, assert_sound, checkpoint, code, get};
use rusqlite::{Connection, OpenFlags};
use seawall::PageNo;
use seawall::timeline::{History, Keep, PageChange, keep, prune, restore, set_keep};

fn history(env: &Env, name: &str) -> History {
    History::open(env.path(name)).unwrap()
}

fn at(env: &Env, name: &str, number: u64) -> Connection {
    Connection::open(format!("{}&at={number}", env.uri(name))).unwrap()
}

/// All of a table, in one value.
const ALL: &str = "SELECT count(*) || ':' || ifnull(group_concat(k || ',' || v), '') FROM (SELECT * FROM t ORDER BY k)";

/// Commits 1 and 2 are an empty database and its table, and each later one a row.
fn with_rows(env: &Env, rows: RangeInclusive<u32>) -> Connection {
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE IF NOT EXISTS t(k INTEGER PRIMARY KEY, v)").unwrap();
    for row in rows {
        db.execute("INSERT INTO t VALUES(?1, hex(zeroblob(?1)))", [row]).unwrap();
    }
    db
}

#[test]
fn every_commit_says_what_it_was() {
    let env = Env::new("timeline");
    let began = SystemTime::now() - Duration::from_millis(1);
    let db = with_rows(&env, 1..=5);
    db.execute_batch("CREATE INDEX i ON t(v); DROP TABLE t").unwrap();
    let history = history(&env, "t.db");
    let commits: Vec<_> = history.commits(..).map(Result::unwrap).collect();
    let numbers: Vec<_> = commits.iter().map(|commit| commit.number).collect();
    assert_eq!(numbers, (1..=9).collect::<Vec<_>>());
    let changed: Vec<_> = commits.iter().filter(|commit| commit.schema_changed).map(|commit| commit.number).collect();
    assert_eq!(changed[changed.len() - 3..], [2, 8, 9]);
    assert!(commits.is_sorted_by_key(|commit| commit.time));
    assert!(began <= commits[0].time && commits[8].time <= SystemTime::now());
    assert_eq!(i64::from(commits[7].database_pages), get::<i64>(&at(&env, "t.db", 8), "PRAGMA page_count"));
    let row = commits[3];
    assert_eq!((row.pages_written, row.adopted, row.restored), (1, false, false));
    assert_eq!(row.bytes, 24 + 4096 + 88);
    assert_ne!(commits[3].checksum, commits[4].checksum);
    let back: Vec<_> = history.commits(3..6).rev().map(|commit| commit.unwrap().number).collect();
    assert_eq!(back, [5, 4, 3]);
    assert_eq!(history.commits(..).next_back().unwrap().unwrap(), commits[8]);
    assert_eq!(history.commit(4).unwrap(), row);
    assert!(history.commit(10).unwrap_err().to_string().contains("has the commits 1 to 9"));
    assert!(history.commit(0).is_err());
}

#[test]
fn a_timeline_says_what_it_is() {
    let env = Env::new("timeline");
    let db = with_rows(&env, 1..=3);
    let info = history(&env, "t.db").info().unwrap();
    assert_eq!((info.oldest.number, info.newest.number, info.page_size, info.segments), (1, 5, 4096, 1));
    assert!(info.database != 0 && info.lineage != 0 && info.ancestors.is_empty());
    let folder = env.path("t.db-timeline");
    let bytes: u64 = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_name().to_string_lossy().ends_with(".seg"))
        .map(|entry| entry.metadata().unwrap().len())
        .sum();
    assert_eq!(info.bytes, bytes);
    drop(db);
    let other = env.path("plain.db");
    std::fs::write(&other, "").unwrap();
    let told = History::open(&other).unwrap_err().to_string();
    assert!(told.contains("plain.db has no timeline"), "{told}");
}

#[test]
fn two_databases_with_the_same_checksum_are_the_same() {
    let env = Env::new("timeline");
    let db = with_rows(&env, 1..=4);
    db.execute_batch("BEGIN; DELETE FROM t WHERE k=4; INSERT INTO t VALUES(4, '00000000'); COMMIT").unwrap();
    let history = history(&env, "t.db");
    let copies: Vec<_> = [6, 7]
        .map(|number| {
            let copy = env.path(&format!("{number}.db"));
            history.export(number, &copy, |_, _| true).unwrap();
            std::fs::read(copy).unwrap()
        })
        .into();
    let same = copies[0] == copies[1];
    assert_eq!(history.commit(6).unwrap().checksum == history.commit(7).unwrap().checksum, same);
}

#[test]
fn a_difference_is_the_pages_that_are_not_the_same() {
    let env = Env::new("timeline");
    let db = with_rows(&env, 1..=2);
    db.execute_batch("CREATE TABLE big(x); INSERT INTO big VALUES(zeroblob(20000))").unwrap();
    db.execute_batch("UPDATE t SET v='11' WHERE k=1").unwrap();
    db.execute_batch("UPDATE t SET v='00' WHERE k=1").unwrap();
    let history = history(&env, "t.db");
    let pages = |from, to| {
        let diff = history.diff(from, to).unwrap();
        diff.into_iter().map(|(page, change)| (page.get(), change)).collect::<Vec<_>>()
    };
    assert_eq!(pages(6, 7), [(2, PageChange::Changed)]);
    assert_eq!(pages(6, 8), [], "changed back");
    assert_eq!(pages(7, 7), []);
    let grown = pages(5, 6);
    assert!(grown.contains(&(4, PageChange::Added)), "{grown:?}");
    let shrunk = pages(6, 5);
    assert_eq!(shrunk.len(), grown.len());
    assert!(shrunk.contains(&(4, PageChange::Removed)), "{shrunk:?}");
    let owners = history.owners(6).unwrap();
    let of = |page| owners.get(&PageNo::new(page).unwrap()).map(String::as_str);
    assert_eq!(
        [of(1), of(2), of(3), of(4), of(99)],
        [Some("sqlite_schema"), Some("t"), Some("big"), Some("big"), None]
    );
}

#[test]
fn an_export_is_a_database_for_any_sqlite() {
    for page_size in [512, 4096, 65536] {
        let env = Env::new("timeline");
        let db = env.open("t.db");
        db.execute_batch(&format!("PRAGMA page_size={page_size}; CREATE TABLE t(k INTEGER PRIMARY KEY, v)")).unwrap();
        drop(db);
        let db = with_rows(&env, 1..=20);
        db.execute_batch("DELETE FROM t").unwrap();
        let then = history(&env, "t.db");
        let copy = env.path("copy.db");
        let mut last = (0, 0);
        then.export(12, &copy, |done, total| {
            assert!(last.0 <= done && done <= total);
            last = (done, total);
            true
        })
        .unwrap();
        assert_eq!(last.0, last.1);
        let copied = Connection::open(format!("file:{}?wal=sqlite", copy.display())).unwrap();
        assert_eq!(get::<String>(&copied, "PRAGMA journal_mode"), "wal");
        assert_eq!(get::<i64>(&copied, "SELECT max(k) FROM t"), 10);
        assert_sound(&copied);
        let plain = Connection::open(env.path("copy.db")).unwrap();
        assert_eq!(get::<i64>(&plain, "PRAGMA page_size"), page_size);

        let told = then.export(12, &copy, |_, _| true).unwrap_err().to_string();
        assert!(told.contains("copy.db exists already"), "{told}");
        let stopped = then.export(12, env.path("stopped.db"), |_, _| false).unwrap_err();
        assert_eq!(stopped.code(), rusqlite::ffi::SQLITE_INTERRUPT);
        assert!(!env.path("stopped.db").exists() && !env.path("stopped.db.partial").exists());
    }
}

#[test]
fn a_restore_is_a_commit_and_loses_nothing() {
    for checkpointed in [false, true] {
        let env = Env::new("timeline");
        let db = with_rows(&env, 1..=30);
        let reader = env.open("t.db");
        let then = get::<String>(&at(&env, "t.db", 12), ALL);
        let before = get::<String>(&reader, ALL);
        db.execute_batch("CREATE TABLE u(x); INSERT INTO u VALUES(zeroblob(50000)); DELETE FROM t WHERE k%2").unwrap();
        if checkpointed {
            checkpoint(&db, "TRUNCATE");
        }
        reader.execute_batch("BEGIN").unwrap();
        let now = get::<String>(&reader, ALL);
        let made = restore(&db, "main", "12").unwrap();
        assert_eq!((made.number, made.restored, made.schema_changed), (36, true, true));
        assert_eq!(get::<String>(&reader, ALL), now, "a reader goes on with what it sees");
        reader.execute_batch("COMMIT").unwrap();
        for db in [&db, &reader, &env.open("t.db")] {
            assert_eq!(get::<String>(db, ALL), then);
            assert_eq!(get::<i64>(db, "SELECT count(*) FROM sqlite_schema"), 1);
        }
        assert_sound(&db);
        assert_eq!(get::<String>(&at(&env, "t.db", 35), ALL), now);
        assert_eq!(get::<String>(&at(&env, "t.db", 32), ALL), before);
        // The way back, and on from there.
        restore(&db, "main", "35").unwrap();
        assert_eq!(get::<String>(&db, ALL), now);
        assert_eq!(get::<i64>(&db, "SELECT sum(length(x)) FROM u"), 50000);
        db.execute_batch("INSERT INTO t VALUES(1000, 'on')").unwrap();
        assert_sound(&db);
        drop((db, reader));
        let db = env.open("t.db");
        assert_eq!(get::<i64>(&db, "SELECT max(k) FROM t"), 1000);
        assert_sound(&db);
    }
}

#[test]
fn a_restore_brings_back_another_page_size() {
    for (old, new) in [(4096, 512), (512, 65536)] {
        let env = Env::new("timeline");
        let db = Connection::open_in_memory().unwrap();
        db.execute("ATTACH ?1 AS \"a b\"", [env.uri("t.db")]).unwrap();
        db.execute_batch(&format!(
            "PRAGMA \"a b\".page_size={old}; CREATE TABLE \"a b\".t(k INTEGER PRIMARY KEY, v);
             INSERT INTO t VALUES(1, zeroblob(100000)), (2, 'two')"
        ))
        .unwrap();
        let then = history(&env, "t.db").newest();
        db.execute_batch(&format!(
            "PRAGMA \"a b\".journal_mode=DELETE; PRAGMA \"a b\".page_size={new}; VACUUM \"a b\"; PRAGMA \"a b\".journal_mode=WAL;
             CREATE INDEX \"a b\".i ON t(v); DELETE FROM t WHERE k=1"
        ))
        .unwrap();
        let before = history(&env, "t.db").newest();
        assert_eq!(get::<i64>(&db, "PRAGMA \"a b\".page_size"), new);
        let other = env.open("t.db");
        assert_eq!(get::<i64>(&other, "SELECT count(*) FROM t"), 1);
        let refused = restore(&db, "a b", &then.to_string()).unwrap_err();
        assert_eq!(refused.code(), rusqlite::ffi::SQLITE_BUSY);
        assert!(refused.to_string().contains("close all other connections"), "{refused}");
        assert_eq!(get::<i64>(&db, "SELECT count(*) FROM t"), 1);
        other.execute_batch("INSERT INTO t VALUES(3, 'three'); DELETE FROM t WHERE k=3").unwrap();
        drop(other);
        db.execute_batch("BEGIN; SELECT * FROM t").unwrap();
        let refused = restore(&db, "a b", &then.to_string()).unwrap_err();
        assert!(refused.to_string().contains("from within a transaction"), "{refused}");
        db.execute_batch("COMMIT").unwrap();
        set_keep(&db, "a b", Keep::parse("30d").unwrap()).unwrap();
        let made = restore(&db, "a b", &then.to_string()).unwrap();
        assert_eq!(keep(&db, "a b").unwrap(), Keep::parse("30d").unwrap());
        assert_eq!((made.number, made.adopted, made.number > before), (before + 3, true, true));
        // Others may come again, and all of both sizes is there.
        let other = env.open("t.db");
        other.execute_batch("INSERT INTO t VALUES(4, 'four')").unwrap();
        for db in [&db, &other] {
            assert_eq!(get::<String>(db, "SELECT group_concat(k) FROM t"), "1,2,4");
            assert_sound(db);
        }
        assert_eq!(get::<i64>(&other, "PRAGMA page_size"), old);
        assert_eq!(get::<String>(&at(&env, "t.db", before), "SELECT group_concat(k) FROM t"), "2");
        assert_eq!(get::<String>(&at(&env, "t.db", then), "SELECT group_concat(k) FROM t"), "1,2");
        // Back again, and nothing lies around.
        drop(other);
        restore(&db, "a b", &before.to_string()).unwrap();
        assert_eq!(get::<String>(&db, "SELECT group_concat(k) FROM t"), "2");
        assert_eq!(get::<i64>(&db, "PRAGMA \"a b\".page_size"), new);
        let mut names: Vec<_> =
            std::fs::read_dir(env.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["t.db", "t.db-timeline"]);
        let partial = |name: &std::path::Path| name.to_str().unwrap().contains("restored");
        assert!(!std::fs::read_dir(env.path("t.db-timeline")).unwrap().any(|entry| partial(&entry.unwrap().path())));
    }
}

#[test]
fn a_restore_does_not_change_the_text_encoding() {
    let env = Env::new("timeline");
    with_rows(&env, 1..=3).execute_batch("PRAGMA journal_mode=DELETE").unwrap();
    std::fs::remove_file(env.path("t.db")).unwrap();
    env.open_stock("t.db")
        .execute_batch("PRAGMA encoding='UTF-16le'; CREATE TABLE t(k, v); INSERT INTO t VALUES(9, 'x')")
        .unwrap();
    let db = env.open("t.db");
    assert_eq!(get::<i64>(&db, "SELECT k FROM t"), 9);
    let told = restore(&db, "main", "5").unwrap_err().to_string();
    assert!(told.contains("another text encoding after commit 5"), "{told}");
    assert_eq!(get::<i64>(&db, "SELECT k FROM t"), 9);
    assert_eq!(get::<i64>(&at(&env, "t.db", 5), "SELECT max(k) FROM t"), 3);
}

#[cfg(unix)]
#[test]
fn a_link_leads_to_the_history_of_what_it_is_a_link_to() {
    let env = Env::new("timeline");
    let _db = with_rows(&env, 1..=3);
    std::os::unix::fs::symlink("t.db", env.path("link.db")).unwrap();
    let then = history(&env, "link.db");
    assert_eq!(then.newest(), 5);
    let twice = std::path::PathBuf::from(format!("/{}", env.path("t.db").display()));
    for history in [then, History::on(std::sync::Arc::new(seawall::timeline::storage::Disk), &twice).unwrap()] {
        assert!(history.owners(5).unwrap().values().any(|name| name == "t"));
    }
}

#[test]
fn a_schema_that_was_changed_since_the_restore_is_not_taken_for_an_older_one() {
    let env = Env::new("timeline");
    let db = with_rows(&env, 1..=1);
    db.execute_batch("CREATE TABLE a(x)").unwrap();
    // It knows the schema of that commit, and looks no more.
    let late = env.open("t.db");
    assert_eq!(get::<i64>(&late, "SELECT count(*) FROM a"), 0);
    restore(&db, "main", "3").unwrap();
    db.execute_batch("CREATE TABLE b(y, z); INSERT INTO b VALUES(1, 2)").unwrap();
    assert_eq!(code(&late, "SELECT x FROM a"), rusqlite::ffi::SQLITE_ERROR);
    assert_eq!(get::<i64>(&late, "SELECT z FROM b"), 2);
}

#[test]
fn a_restore_waits_for_nobody_and_says_what_is_in_its_way() {
    let env = Env::new("timeline");
    let db = with_rows(&env, 1..=3);
    let writer = env.open("t.db");
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(restore(&db, "main", "3").unwrap_err().code(), rusqlite::ffi::SQLITE_BUSY);
    writer.execute_batch("COMMIT").unwrap();
    let told = restore(&db, "main", "77").unwrap_err().to_string();
    assert!(told.contains("there is no commit 77"), "{told}");
    let told = restore(&db, "other", "3").unwrap_err().to_string();
    assert!(told.contains("there is no database other"), "{told}");
    let memory = Connection::open_in_memory().unwrap();
    let told = restore(&memory, "main", "3").unwrap_err().to_string();
    assert!(told.contains("not a file"), "{told}");
    let plain = Connection::open(env.path("plain.db")).unwrap();
    plain.execute_batch("CREATE TABLE t(a)").unwrap();
    let told = restore(&plain, "main", "3").unwrap_err().to_string();
    assert!(told.contains("is not open here with its timeline"), "{told}");
    assert_eq!(restore(&db, "main", "3").unwrap().number, 6);
    db.execute_batch("PRAGMA locking_mode=EXCLUSIVE; SELECT * FROM t").unwrap();
    let told = restore(&db, "main", "3").unwrap_err().to_string();
    assert!(told.contains("set PRAGMA locking_mode=NORMAL"), "{told}");
    db.execute_batch("PRAGMA locking_mode=NORMAL; SELECT * FROM t").unwrap();
    // An attached one.
    let other = Connection::open_in_memory().unwrap();
    other.execute("ATTACH ?1 AS late", [env.uri("t.db")]).unwrap();
    assert_eq!(restore(&other, "late", "5").unwrap().number, 7);
    assert_eq!(get::<i64>(&other, "SELECT max(k) FROM late.t"), 3);
}

#[test]
fn nothing_is_changed_through_a_connection_that_may_only_read() {
    let env = Env::new("timeline");
    let db = with_rows(&env, 1..=3);
    let reader =
        Connection::open_with_flags(env.uri("t.db"), OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)
            .unwrap();
    let careful = env.open("t.db");
    careful.execute_batch("PRAGMA query_only=1").unwrap();
    let few = Keep::parse("1 commit").unwrap();
    for (connection, why) in [(&reader, "main is open for reading only"), (&careful, "PRAGMA query_only is set")] {
        for refused in [
            restore(connection, "main", "3").map(drop),
            prune(connection, "main", few, |_, _| true).map(drop),
            set_keep(connection, "main", few),
        ] {
            let error = refused.unwrap_err();
            assert_eq!(error.code(), rusqlite::ffi::SQLITE_READONLY);
            assert!(error.to_string().contains(why), "{error}");
        }
    }
    assert_eq!(keep(&reader, "main"), Ok(Keep::ALL));
    let history = history(&env, "t.db");
    assert_eq!((history.oldest(), history.newest()), (1, 5));
    assert_eq!(get::<i64>(&db, "SELECT count(*) FROM t"), 3);
}

#[test]
fn a_branch_goes_its_own_way_and_has_the_past() {
    let env = Env::new("timeline");
    let db = with_rows(&env, 1..=10);
    let then = get::<String>(&at(&env, "t.db", 7), ALL);
    history(&env, "t.db").branch(7, env.path("b.db"), |_, _| true).unwrap();
    db.execute_batch("DELETE FROM t").unwrap();
    let branch = env.open("b.db");
    assert_eq!(get::<String>(&branch, ALL), then);
    branch.execute_batch("INSERT INTO t VALUES(100, 'branch')").unwrap();
    assert_sound(&branch);
    assert_eq!(get::<i64>(&at(&env, "b.db", 5), "SELECT max(k) FROM t"), 3);
    assert_eq!(get::<i64>(&at(&env, "b.db", 8), "SELECT max(k) FROM t"), 100);
    assert_eq!(get::<i64>(&at(&env, "t.db", 8), "SELECT max(k) FROM t"), 6);
    let (source, target) = (history(&env, "t.db").info().unwrap(), history(&env, "b.db").info().unwrap());
    assert_eq!(source.database, target.database);
    assert_ne!(source.lineage, target.lineage);
    assert_eq!(target.ancestors, [(source.lineage, 7)]);
    assert_eq!(history(&env, "t.db").commit(7).unwrap(), history(&env, "b.db").commit(7).unwrap());
    // A branch of the branch, from what both have.
    history(&env, "b.db").branch(8, env.path("c.db"), |_, _| true).unwrap();
    assert_eq!(history(&env, "c.db").info().unwrap().ancestors, [(source.lineage, 7), (target.lineage, 8)]);
    drop((db, branch));
    for (name, last) in [("b.db", 100), ("c.db", 100)] {
        let db = env.open(name);
        assert_eq!(get::<i64>(&db, "SELECT max(k) FROM t"), last);
        restore(&db, "main", "6").unwrap();
        assert_eq!(get::<i64>(&db, "SELECT max(k) FROM t"), 4);
        assert_sound(&db);
    }
}

#[test]
fn a_branch_is_not_made_over_something_else() {
    let env = Env::new("timeline");
    let db = with_rows(&env, 1..=3);
    let then = history(&env, "t.db");
    let told = then.branch(3, env.path("t.db"), |_, _| true).unwrap_err().to_string();
    assert!(told.contains("exists already"), "{told}");
    then.branch(3, env.path("b.db"), |_, _| true).unwrap();
    std::fs::remove_file(env.path("b.db")).unwrap();
    let told = then.branch(3, env.path("b.db"), |_, _| true).unwrap_err().to_string();
    assert!(told.contains("b.db-timeline exists already"), "{told}");
    let stopped = then.branch(3, env.path("c.db"), |_, _| false).unwrap_err();
    assert_eq!(stopped.code(), rusqlite::ffi::SQLITE_INTERRUPT);
    assert!(!env.path("c.db").exists());
    drop(db);
}

#[test]
fn pages_that_nobody_writes_are_known_all_the_same() {
    let env = Env::new("timeline");
    let db = env.open("t.db");
    db.execute_batch(
        "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(k INTEGER PRIMARY KEY, v);
         INSERT INTO t VALUES(1, randomblob(400000)); DELETE FROM t",
    )
    .unwrap();
    let mut vacuum = db.prepare("PRAGMA incremental_vacuum").unwrap();
    let mut rows = vacuum.query([]).unwrap();
    while rows.next().unwrap().is_some() {}
    drop(rows);
    let small = get::<i64>(&db, "PRAGMA page_count");
    db.execute_batch("BEGIN; INSERT INTO t VALUES(2, randomblob(300000)); DELETE FROM t; COMMIT").unwrap();
    assert!(get::<i64>(&db, "PRAGMA freelist_count") > 50 && small < 20);
    drop(vacuum);
    drop(db);
    // Whoever copies the file elsewhere changes its time: all of it is compared with the checksum then.
    let file = std::fs::File::options().write(true).open(env.path("t.db")).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    let db = env.open("t.db");
    db.execute_batch("INSERT INTO t VALUES(3, 'x')").unwrap();
    assert_sound(&db);
}

#[test]
fn a_shared_cache_is_of_one_time() {
    let env = Env::new("timeline");
    let db = with_rows(&env, 1..=3);
    let now = Connection::open(format!("{}&cache=shared", env.uri("t.db"))).unwrap();
    assert_eq!(get::<i64>(&now, "SELECT max(k) FROM t"), 3);
    let told = Connection::open(format!("{}&cache=shared&at=3", env.uri("t.db")));
    let told = told.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(told.contains("is of another time"), "{told}");
    let past = format!("{}&cache=shared&at=4", env.uri("t.db"));
    drop((now, db));
    let (one, other) = (Connection::open(&past).unwrap(), Connection::open(&past).unwrap());
    assert_eq!(get::<i64>(&one, "SELECT max(k) FROM t"), 2);
    assert_eq!(get::<i64>(&other, "SELECT max(k) FROM t"), 2);
}

#[test]
fn what_looks_at_a_history_changes_nothing() {
    let env = Env::new("timeline");
    let plain = Connection::open(env.path("plain.db")).unwrap();
    plain.execute_batch("CREATE TABLE t(a)").unwrap();
    assert!(restore(&plain, "main", "1").is_err() && keep(&plain, "main").is_err());
    assert_eq!(get::<String>(&plain, "PRAGMA journal_mode"), "delete");
    assert_eq!(std::fs::read(env.path("plain.db")).unwrap()[18..20], [1, 1]);
    let db = with_rows(&env, 1..=3);
    for uri in [format!("{}&at=3", env.uri("t.db")), format!("{}&mode=ro", env.uri("t.db"))] {
        let reader = Connection::open(uri).unwrap();
        let told = restore(&reader, "main", "3").unwrap_err();
        assert_eq!(told.code(), rusqlite::ffi::SQLITE_READONLY, "{told}");
    }
    drop(db);
    // Whatever comes first, it lasts as long as the connection.
    let db = env.open("t.db");
    set_keep(&db, "main", Keep::parse("30d").unwrap()).unwrap();
    assert_eq!(keep(&db, "main").unwrap(), Keep::parse("30d").unwrap());
}

#[test]
fn what_is_missing_is_not_made_up() {
    let env = Env::new("timeline");
    drop(with_rows(&env, 1..=5));
    let db = env.open("t.db");
    checkpoint(&db, "TRUNCATE");
    prune(&db, "main", Keep::parse("1 commit").unwrap(), |_, _| true).unwrap();
    db.execute_batch("INSERT INTO t VALUES(6, 'x')").unwrap();
    drop(db);
    let base = std::fs::read_dir(env.path("t.db-timeline"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "base"))
        .unwrap();
    // One that is nothing is no reason to delete the rest.
    let nothing = base.with_file_name("00000000000000ff.base");
    std::fs::write(&nothing, "").unwrap();
    assert_ne!(code(&env.open("t.db"), "SELECT * FROM t"), 0);
    assert!(base.exists());
    std::fs::remove_file(nothing).unwrap();
    assert_eq!(get::<i64>(&env.open("t.db"), "SELECT max(k) FROM t"), 6);
    let kept = std::fs::read(&base).unwrap();
    std::fs::remove_file(&base).unwrap();
    let then = history(&env, "t.db");
    let told = then.export(then.newest(), env.path("copy.db"), |_, _| true).unwrap_err().to_string();
    assert!(told.contains("the segment before it is missing"), "{told}");
    assert!(then.verify(|_, _| true).unwrap().damage.is_some());
    std::fs::write(&base, kept).unwrap();
    assert_eq!(history(&env, "t.db").verify(|_, _| true).unwrap().damage, None);
    // Nor is it well when the end is missing.
    let last = base.with_file_name(format!("{:016x}.seg", then.newest()));
    std::fs::remove_file(last).unwrap();
    let damage = history(&env, "t.db").verify(|_, _| true).unwrap().damage.unwrap();
    assert!(damage.what.contains("and there were"), "{damage}");
}

#[test]
fn a_branch_that_was_stopped_can_be_made_again_and_files_of_others_stay() {
    let env = Env::new("timeline");
    let _db = with_rows(&env, 1..=5);
    let then = history(&env, "t.db");
    for stop in 1..6 {
        let mut calls = 0;
        let stopped = then.branch(4, env.path("b.db"), |_, _| {
            calls += 1;
            calls < stop
        });
        if stopped.is_ok() {
            break;
        }
    }
    assert_eq!(get::<i64>(&env.open("b.db"), "SELECT max(k) FROM t"), 2);
    std::fs::write(env.path("c.db.partial"), "mine").unwrap();
    then.export(4, env.path("c.db"), |_, _| true).unwrap();
    assert_eq!(std::fs::read_to_string(env.path("c.db.partial")).unwrap(), "mine");
    // A folder that somebody has filled, with what looks like a timeline or not.
    for name in ["notes.txt", "0000000000000001.seg"] {
        std::fs::create_dir(env.path("d.db-timeline")).unwrap();
        std::fs::write(env.path("d.db-timeline").join(name), "mine").unwrap();
        let told = then.branch(4, env.path("d.db"), |_, _| true).unwrap_err().to_string();
        assert!(told.contains("d.db-timeline exists already"), "{told}");
        assert_eq!(std::fs::read_to_string(env.path("d.db-timeline").join(name)).unwrap(), "mine");
        std::fs::remove_dir_all(env.path("d.db-timeline")).unwrap();
    }
    // What a database that is gone has left would be taken for a part of the new one.
    std::fs::write(env.path("e.db-wal"), "mine").unwrap();
    for told in [then.branch(4, env.path("e.db"), |_, _| true), then.export(4, env.path("e.db"), |_, _| true)] {
        assert!(told.unwrap_err().to_string().contains("e.db-wal exists already"));
    }
    assert!(!env.path("e.db").exists());
}

#[test]
fn a_branch_that_was_interrupted_is_no_database() {
    let env = Env::new("timeline");
    let _db = with_rows(&env, 1..=5);
    std::fs::create_dir(env.path("b.db-timeline")).unwrap();
    std::fs::write(env.path("b.db-timeline/branch.partial"), "").unwrap();
    std::fs::write(env.path("b.db-timeline/0000000000000001.seg"), "some").unwrap();
    assert_eq!(code(&env.open("b.db"), "CREATE TABLE t(a)"), rusqlite::ffi::SQLITE_CANTOPEN);
    assert!(!common::logged("a branch that was not finished: remove the database").is_empty());
    std::fs::remove_file(env.path("b.db")).unwrap();
    history(&env, "t.db").branch(4, env.path("b.db"), |_, _| true).unwrap();
    assert_eq!(get::<i64>(&env.open("b.db"), "SELECT max(k) FROM t"), 2);
}

#[test]
fn nobody_gets_at_a_branch_before_it_is_finished() {
    let env = Env::new("timeline");
    let _db = with_rows(&env, 1..=5);
    let mut told = Vec::new();
    history(&env, "t.db")
        .branch(4, env.path("b.db"), |_, _| {
            let again = history(&env, "t.db").branch(3, env.path("b.db"), |_, _| true);
            told.push(again.unwrap_err().to_string());
            let opened = env.open("b.db");
            assert_eq!(code(&opened, "CREATE TABLE mine(x)"), rusqlite::ffi::SQLITE_BUSY);
            drop(opened);
            std::fs::remove_file(env.path("b.db")).unwrap();
            true
        })
        .unwrap();
    assert!(!told.is_empty() && told.iter().all(|told| told.contains("exists already")), "{told:?}");
    let branch = env.open("b.db");
    assert_eq!(get::<i64>(&branch, "SELECT max(k) FROM t"), 2);
    drop(branch);
    assert_eq!(history(&env, "b.db").verify(|_, _| true).unwrap().damage, None);
}

#[test]
fn a_page_that_looks_like_a_footer_is_none() {
    // A page full of footers, each of which says that nothing was committed.
    let env = Env::new("timeline");
    let db = with_rows(&env, 1..=5);
    checkpoint(&db, "TRUNCATE");
    prune(&db, "main", Keep::parse("1 commit").unwrap(), |_, _| true).unwrap();
    let base = std::fs::read_dir(env.path("t.db-timeline"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "base"))
        .unwrap();
    let bytes = std::fs::read(base).unwrap();
    let footer = &bytes[bytes.len() - 112..];
    db.execute_batch("CREATE TABLE u(x); INSERT INTO t VALUES(7, 'x')").unwrap();
    let before = get::<String>(&db, ALL);
    // They are written, and not committed.
    let blob: Vec<u8> = footer.iter().copied().cycle().take(200_000).collect();
    db.execute_batch("PRAGMA cache_size=5; BEGIN").unwrap();
    db.execute("INSERT INTO u VALUES(?1)", [&blob]).unwrap();
    assert_eq!(get::<String>(&env.open("t.db"), ALL), before);
    assert_eq!(history(&env, "t.db").newest(), 9);
    // The process ends when one was written that is the end of the file.
    let folder = env.path("t.db-timeline");
    let segments = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let last = segments.filter(|path| path.extension().is_some_and(|extension| extension == "seg")).max().unwrap();
    let bytes = std::fs::read(&last).unwrap();
    let ends: Vec<_> = (112..=bytes.len()).filter(|end| bytes[end - 112..*end] == *footer).collect();
    assert!(ends.len() > 500, "{}", ends.len());
    for end in ends.into_iter().step_by(50) {
        let copy = Env::new("timeline");
        std::fs::create_dir(copy.path("t.db-timeline")).unwrap();
        std::fs::copy(env.path("t.db"), copy.path("t.db")).unwrap();
        for entry in std::fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), copy.path("t.db-timeline").join(entry.file_name())).unwrap();
        }
        std::fs::write(copy.path("t.db-timeline").join(last.file_name().unwrap()), &bytes[..end]).unwrap();
        let left = copy.open("t.db");
        assert_eq!(get::<String>(&left, ALL), before, "{end}");
        assert_eq!(history(&copy, "t.db").newest(), 9, "{end}");
    }
}
