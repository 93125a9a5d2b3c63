//! What is forgotten is gone, and the rest is as it was.

mod common;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{Env, assert_sound, checkpoint, code, get};
use rusqlite::Connection;
use rusqlite::ffi::{SQLITE_CANTOPEN, SQLITE_INTERRUPT};
use seawall::Timeline;
use seawall::timeline::storage::Disk;
use seawall::timeline::{History, Keep, keep, prune, restore, set_keep};

/// Segments are sealed early, so that there are many.
fn small(name: &str) -> Env {
    seawall::register(name, Timeline::on(Arc::new(Disk), 60_000)).unwrap();
    Env::new(name)
}

fn at(env: &Env, number: u64) -> Connection {
    Connection::open(format!("{}&at={number}", env.uri("t.db"))).unwrap()
}

fn history(env: &Env) -> History {
    History::open(env.path("t.db")).unwrap()
}

/// What the table held after each commit from 2 on.
const ALL: &str = "SELECT count(*) || ':' || ifnull(sum(k*length(v)), '') FROM t";

fn grow(db: &Connection, from: u64, commits: u64) -> Vec<String> {
    let one = |i: u64| {
        if i % 10 == 9 {
            checkpoint(db, "PASSIVE");
        }
        db.execute("INSERT OR REPLACE INTO t VALUES(?1 % 37, zeroblob(?1 % 3000))", [i as i64]).unwrap();
        get::<String>(db, ALL)
    };
    (from..from + commits).map(one).collect()
}

fn files(env: &Env, suffix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(env.path("t.db-timeline")).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.to_string_lossy().ends_with(suffix)).collect()
}

#[test]
fn the_last_commits_are_kept_as_they_were() {
    let env = small("timeline-prune-last");
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(k INTEGER PRIMARY KEY, v)").unwrap();
    let mut copies = grow(&db, 0, 100);
    checkpoint(&db, "TRUNCATE");
    for round in 1..4u64 {
        let (newest, before) = (history(&env).newest(), files(&env, ".seg").len());
        let keep = Keep::parse("20 commits").unwrap();
        let mut last = (0, 0);
        let pruned = prune(&db, "main", keep, |done, total| {
            assert!(last.0 <= done && done <= total);
            last = (done, total);
            true
        })
        .unwrap();
        assert!(pruned.oldest > newest - 60 && pruned.oldest <= newest - 19, "{pruned:?} of {newest}");
        assert!(pruned.freed > 0 && files(&env, ".seg").len() < before);
        assert_eq!(files(&env, ".base").len(), 1);
        let now = history(&env);
        assert_eq!((now.oldest(), now.newest()), (pruned.oldest, newest));
        assert!(now.commit(pruned.oldest).unwrap().folded);
        assert_eq!(code(&at(&env, pruned.oldest - 1), "SELECT * FROM t"), SQLITE_CANTOPEN);
        for number in pruned.oldest..=newest {
            let past = at(&env, number);
            assert_eq!(get::<String>(&past, ALL), copies[number as usize - 3], "{number}");
            assert_sound(&past);
        }
        // A second time there is nothing to do.
        assert_eq!(prune(&db, "main", keep, |_, _| true).unwrap().freed, 0);
        copies.extend(grow(&db, 100 * round, 100));
        checkpoint(&db, "TRUNCATE");
        assert_sound(&db);
    }
    let oldest = history(&env).oldest();
    drop(db);
    let db = env.open("t.db");
    assert_eq!(get::<String>(&db, ALL), *copies.last().unwrap());
    restore(&db, "main", &oldest.to_string()).unwrap();
    assert_eq!(get::<String>(&db, ALL), copies[oldest as usize - 3]);
    assert_sound(&db);
}

#[test]
fn one_commit_may_be_all_that_is_kept() {
    let env = small("timeline-prune-one");
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(k INTEGER PRIMARY KEY, v)").unwrap();
    let copies = grow(&db, 0, 60);
    // What is not in the database file yet cannot be forgotten.
    let reader = env.open("t.db");
    reader.execute_batch("BEGIN").unwrap();
    assert_eq!(get::<String>(&reader, ALL), copies[59]);
    grow(&db, 60, 15);
    checkpoint(&db, "PASSIVE");
    let keep = Keep::parse("1 commit").unwrap();
    let pruned = prune(&db, "main", keep, |_, _| true).unwrap();
    assert!(pruned.oldest <= 62, "{pruned:?}");
    assert_eq!(get::<String>(&reader, ALL), copies[59]);
    reader.execute_batch("COMMIT").unwrap();
    let now = get::<String>(&reader, ALL);
    checkpoint(&db, "TRUNCATE");
    let pruned = prune(&db, "main", keep, |_, _| true).unwrap();
    assert_eq!(pruned.oldest, history(&env).newest());
    assert_eq!((files(&env, ".base").len(), files(&env, ".seg").len()), (1, 0));
    drop((reader, db));
    let db = env.open("t.db");
    assert_eq!(get::<String>(&db, ALL), now);
    assert_eq!(get::<String>(&at(&env, pruned.oldest), ALL), now);
    db.execute_batch("INSERT INTO t VALUES(1000, 'on')").unwrap();
    assert_eq!(get::<i64>(&at(&env, pruned.oldest + 1), "SELECT max(k) FROM t"), 1000);
    assert_sound(&db);
}

#[test]
fn a_timeline_forgets_by_itself() {
    for policy in ["20 commits", "50KB", "0s"] {
        let env = small("timeline-prune-self");
        let db = Connection::open(format!("{}&keep={}", env.uri("t.db"), policy.replace(' ', "%20"))).unwrap();
        db.execute_batch("CREATE TABLE t(k INTEGER PRIMARY KEY, v)").unwrap();
        assert_eq!(keep(&db, "main").unwrap(), Keep::parse(policy).unwrap());
        let mut i = 0;
        // It is done in another thread, some time.
        while history(&env).oldest() == 1 {
            grow(&db, i, 10);
            i += 10;
            assert!(i < 100_000, "{policy}");
        }
        set_keep(&db, "main", Keep::ALL).unwrap();
        assert_eq!(keep(&db, "main").unwrap(), Keep::ALL);
        let now = get::<String>(&db, ALL);
        drop(db);
        let db = env.open("t.db");
        assert_eq!(get::<String>(&db, ALL), now);
        assert_sound(&db);
    }
}

#[test]
fn a_timeline_forgets_though_it_is_never_open_for_long() {
    let env = small("timeline-short");
    for session in 0..30 {
        let db = Connection::open(format!("{}&keep=1commit", env.uri("t.db"))).unwrap();
        db.execute_batch("CREATE TABLE IF NOT EXISTS t(k INTEGER PRIMARY KEY, v)").unwrap();
        grow(&db, session * 10, 10);
    }
    let history = history(&env);
    assert!(history.oldest() > 200, "{}", history.oldest());
    assert!(history.info().unwrap().bytes < 300_000, "{:?}", history.info());
}

#[test]
fn a_policy_is_not_in_the_way_of_who_prunes_by_hand() {
    let env = small("timeline-both");
    let db = Connection::open(format!("{}&keep=1000%20commits", env.uri("t.db"))).unwrap();
    db.execute_batch("CREATE TABLE t(k INTEGER PRIMARY KEY, v)").unwrap();
    for round in 0..30 {
        grow(&db, round * 10, 10);
        checkpoint(&db, "TRUNCATE");
        prune(&db, "main", Keep::parse("1 commit").unwrap(), |_, _| true).unwrap();
    }
    assert_eq!(history(&env).oldest(), history(&env).newest());
}

#[test]
fn a_policy_that_means_nothing_is_an_error() {
    let env = small("timeline-prune-wrong");
    let db = Connection::open(format!("{}&keep=sometimes", env.uri("t.db"))).unwrap();
    assert_ne!(code(&db, "CREATE TABLE t(a)"), 0);
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(k INTEGER PRIMARY KEY, v)").unwrap();
    grow(&db, 0, 100);
    checkpoint(&db, "TRUNCATE");
    let stopped = prune(&db, "main", Keep::parse("5 commits").unwrap(), |_, _| false).unwrap_err();
    assert_eq!(stopped.code(), SQLITE_INTERRUPT);
    assert_eq!((history(&env).oldest(), files(&env, ".partial").len()), (1, 0));
    let years = Keep::parse("1year").unwrap();
    assert_eq!(years.age, Some(Duration::from_secs(31_557_600)));
    assert_eq!(prune(&db, "main", years, |_, _| true).unwrap().oldest, 1);
    let plain = Connection::open(env.path("plain.db")).unwrap();
    plain.execute_batch("CREATE TABLE t(a)").unwrap();
    let told = prune(&plain, "main", years, |_, _| true).unwrap_err().to_string();
    assert!(told.contains("is not open here with its timeline"), "{told}");
}

#[test]
fn the_database_file_is_compared_while_it_is_open() {
    let env = small("timeline-verify-open");
    let db = env.open("t.db");
    db.execute_batch("PRAGMA page_size=512; CREATE TABLE t(k INTEGER PRIMARY KEY, v)").unwrap();
    grow(&db, 0, 100);
    checkpoint(&db, "PASSIVE");
    db.execute_batch("UPDATE t SET v='new' WHERE k=1").unwrap();
    let pages: Vec<u32> = {
        let newest = history(&env).newest();
        history(&env).diff(newest - 1, newest).unwrap().iter().map(|(page, _)| page.get()).collect()
    };
    let bytes = std::fs::read(env.path("t.db")).unwrap();
    let page_size = get::<i64>(&db, "PRAGMA page_size") as usize;
    let page_count = get::<u32>(&db, "PRAGMA page_count");
    assert!(!pages.contains(&page_count) && page_count > 5);
    for page in 1..=page_count {
        let mut broken = bytes.clone();
        broken[page as usize * page_size - 1] ^= 1;
        std::fs::write(env.path("t.db"), &broken).unwrap();
        let found = history(&env).verify(|_, _| true).unwrap();
        assert!(found.database);
        // What the next checkpoint writes over does not matter.
        let damage = found.damage.map(|damage| (damage.file, damage.offset));
        let expected = (env.path("t.db"), u64::from(page - 1) * page_size as u64);
        assert_eq!(damage, (!pages.contains(&page)).then_some(expected), "page {page}");
    }
    std::fs::write(env.path("t.db"), &bytes[..page_size]).unwrap();
    let damage = history(&env).verify(|_, _| true).unwrap().damage.unwrap();
    assert!(damage.what.ends_with("is missing"), "{damage}");
    std::fs::write(env.path("t.db"), &bytes).unwrap();
    assert_eq!(history(&env).verify(|_, _| true).unwrap().damage, None);
}

#[test]
fn every_byte_that_is_changed_is_found() {
    let env = small("timeline-verify");
    let db = env.open("t.db");
    db.execute_batch("PRAGMA page_size=512; CREATE TABLE t(k INTEGER PRIMARY KEY, v)").unwrap();
    grow(&db, 0, 40);
    checkpoint(&db, "TRUNCATE");
    prune(&db, "main", Keep::parse("1 commit").unwrap(), |_, _| true).unwrap();
    grow(&db, 40, 40);
    db.execute_batch("VACUUM; DELETE FROM t WHERE k>5; VACUUM").unwrap();
    let open = history(&env).verify(|_, _| true).unwrap();
    assert_eq!((open.database, &open.damage), (true, &None));
    drop(db);
    let mut last = 0;
    let whole = history(&env)
        .verify(|done, total| {
            assert!(last <= done && done <= total);
            last = done;
            true
        })
        .unwrap();
    let (oldest, newest) = (history(&env).oldest(), history(&env).newest());
    assert_eq!((whole.commits, whole.database, &whole.damage), (newest - oldest + 1, true, &None));
    assert_eq!(whole.bytes, last);
    assert_eq!(history(&env).verify(|_, _| false).unwrap_err().code(), SQLITE_INTERRUPT);

    let mut all = files(&env, ".seg");
    assert!(all.len() > 1 && files(&env, ".base").len() == 1);
    all.extend(files(&env, ".base"));
    all.push(env.path("t.db"));
    for file in all {
        let bytes = std::fs::read(&file).unwrap();
        for at in (0..bytes.len()).step_by(71).chain([bytes.len() - 1]) {
            let mut broken = bytes.clone();
            broken[at] ^= 0x40;
            std::fs::write(&file, &broken).unwrap();
            let found = match History::open(env.path("t.db")) {
                Ok(history) => history.verify(|_, _| true),
                Err(error) => Err(error),
            };
            let name = file.display().to_string();
            match found {
                Ok(found) => {
                    let damage = found.damage.unwrap_or_else(|| panic!("{name} {at}"));
                    assert_eq!(damage.file, file, "{at} {damage}");
                    assert!(damage.offset <= at as u64, "{at} {damage}");
                    assert!((oldest..=newest).contains(&damage.commit), "{at} {damage}");
                    let trusted = damage.trusted.map_or(oldest, |trusted| trusted + 1);
                    assert!(damage.commit <= trusted, "{at} {damage}");
                }
                // The header of the last one, without which nobody knows what there is.
                Err(error) => assert!(error.to_string().contains(&name), "{name} {at}: {error}"),
            }
            // With another length and time, the database file is not even compared.
            std::fs::write(&file, &bytes).unwrap();
        }
    }
    assert_eq!(history(&env).verify(|_, _| true).unwrap().damage, None);
}

#[test]
fn whoever_looks_sees_no_less_than_before_whatever_goes_on() {
    let env = small("timeline-prune-threads");
    let db = env.open("t.db");
    db.execute_batch(
        "CREATE TABLE t(k INTEGER PRIMARY KEY, v); PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=20",
    )
    .unwrap();
    grow(&db, 0, 10);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watch = |with: fn(&Env, u64)| {
            let (env, done) = (&env, &done);
            scope.spawn(move || {
                let mut last = 0;
                while !done.load(Ordering::Relaxed) {
                    let newest = history(env).newest();
                    assert!(newest >= last, "{newest} after {last}");
                    last = newest;
                    with(env, newest);
                }
            })
        };
        watch(|env, newest| {
            // It is among those that are kept all the while.
            let past = at(env, newest);
            assert!(get::<i64>(&past, "SELECT count(*) FROM t") > 0);
            assert_sound(&past);
        });
        watch(|env, _| {
            // What is pruned meanwhile is no damage.
            assert_eq!(history(env).verify(|_, _| true).unwrap().damage, None);
        });
        watch(|env, newest| {
            let info = history(env).info().unwrap();
            assert!(info.oldest.number <= newest && newest <= info.newest.number);
            let past = at(env, newest);
            let listed = get::<i64>(&past, "SELECT max(number) FROM timeline_commits");
            assert!(listed >= newest as i64);
            assert!(get::<i64>(&past, "SELECT newest FROM timeline_info") >= listed);
        });
        watch(|env, _| {
            let db = env.open("t.db");
            match prune(&db, "main", Keep::parse("100 commits").unwrap(), |_, _| true) {
                Ok(_) => {}
                Err(error) => assert_eq!(error.code(), rusqlite::ffi::SQLITE_BUSY, "{error}"),
            }
        });
        for i in 0..60 {
            grow(&db, i * 20, 20);
            let newest = history(&env).newest();
            match restore(&db, "main", &(newest - 3).to_string()) {
                Ok(commit) => assert!(commit.restored && commit.number > newest),
                Err(error) => assert_eq!(error.code(), rusqlite::ffi::SQLITE_BUSY, "{error}"),
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_sound(&db);
    assert!(history(&env).oldest() > 1);
    assert_eq!(history(&env).verify(|_, _| true).unwrap().damage, None);
}

#[test]
fn what_was_opened_before_it_was_pruned_goes_on_with_what_is_left() {
    seawall::register("timeline-prune-open", Timeline::on(Arc::new(Disk), 5_000)).unwrap();
    let env = Env::new("timeline-prune-open");
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(k INTEGER PRIMARY KEY, v); PRAGMA synchronous=NORMAL").unwrap();
    grow(&db, 0, 400);
    let forget = |commits: u32| {
        checkpoint(&db, "TRUNCATE");
        prune(&db, "main", Keep::parse(&format!("{commits} commits")).unwrap(), |_, _| true).unwrap().oldest
    };
    let then = history(&env);
    let mut oldest = 0;
    // More files than are open at once.
    let verified = then.verify(|_, _| {
        if oldest == 0 {
            oldest = forget(250);
        }
        true
    });
    let verified = verified.unwrap();
    assert_eq!((verified.damage, verified.commits), (None, then.newest() + 1 - oldest));
    assert_eq!(then.info().unwrap().oldest.number, oldest);

    for (order, keep) in [("", 200), ("DESC", 150)] {
        let (before, newest) = (history(&env).oldest(), history(&env).newest());
        let sql = format!("SELECT number FROM timeline_commits ORDER BY number {order}");
        let mut listed = db.prepare(&sql).unwrap();
        let mut rows = listed.query_map([], |row| row.get::<_, u32>(0).map(u64::from)).unwrap();
        assert_eq!(rows.next().unwrap().unwrap(), if order.is_empty() { before } else { newest });
        let keep = Keep::parse(&format!("{keep} commits")).unwrap();
        let oldest = prune(&env.open("t.db"), "main", keep, |_, _| true).unwrap().oldest;
        assert!(oldest > before);
        // Nothing is left out that is kept.
        let mut rest: Vec<u64> =
            rows.map(Result::unwrap).filter(|number| *number >= oldest && *number < newest).collect();
        assert!(order.is_empty() || rest.is_sorted_by(|one, next| one > next));
        rest.sort_unstable();
        assert_eq!(rest, (oldest..newest).collect::<Vec<_>>());
    }
}

#[test]
fn a_first_commit_that_is_damaged_is_no_empty_timeline() {
    let env = Env::new("timeline");
    env.open("t.db").execute_batch("CREATE TABLE t(a)").unwrap();
    let segment = env.path("t.db-timeline").join("0000000000000001.seg");
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[1000] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let error = History::open(env.path("t.db")).unwrap_err();
    assert_eq!(error.code(), rusqlite::ffi::SQLITE_CORRUPT);
    let told = error.to_string();
    assert!(told.contains(&segment.display().to_string()) && told.contains("there were 2"), "{told}");
}
