//! Files that were written by released versions of the format are read, and the page that describes them tells the truth.
//!
//! `cargo test --test timeline_format -- --ignored` writes the files of the current version anew, which is for versions that nobody has
//! used yet.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{Env, assert_sound, checkpoint, get};
use rusqlite::Connection;
use seawall::timeline::{History, Keep, prune, restore};

/// The files of version 1.
fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/timeline_v1")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// A copy of the files, in the folder of an environment.
fn copied() -> Env {
    let env = Env::new("timeline");
    for name in ["app.db", "branch.db"] {
        fs::copy(fixture().join(name), env.path(name)).unwrap();
        copy(&fixture().join(format!("{name}-timeline")), &env.path(&format!("{name}-timeline")));
    }
    env
}

const ALL: &str = "SELECT group_concat(a || ':' || length(b)) FROM (SELECT * FROM t ORDER BY a)";

#[test]
fn version_1_is_read() {
    let env = copied();
    let app = History::open(env.path("app.db")).unwrap();
    assert_eq!((app.oldest(), app.newest()), (4, 7));
    let kinds: Vec<_> = app.commits(..).map(Result::unwrap).map(|commit| (commit.folded, commit.restored)).collect();
    assert_eq!(kinds, [(true, false), (false, false), (false, false), (false, true)]);
    for name in ["app.db", "branch.db"] {
        let verified = History::open(env.path(name)).unwrap().verify(|_, _| true).unwrap();
        assert_eq!(verified.damage, None, "{name}");
    }
    for (name, number, rows) in [
        ("app.db", 4, "1:10,2:600"),
        ("app.db", 5, "1:10,2:600,3:30"),
        ("app.db", 6, "2:600,3:30"),
        ("app.db", 7, "1:10,2:600,3:30"),
        ("branch.db", 5, "1:10,2:600,3:30"),
        ("branch.db", 6, "1:10,2:600,3:30,4:1"),
    ] {
        let past = Connection::open(format!("{}&at={number}", env.uri(name))).unwrap();
        assert_eq!(get::<String>(&past, ALL), rows, "{name} {number}");
        assert_sound(&past);
    }
    let (app, branch) = (app.info().unwrap(), History::open(env.path("branch.db")).unwrap().info().unwrap());
    assert_eq!(branch.ancestors, [(app.lineage, 5)]);
    // They go on.
    for name in ["app.db", "branch.db"] {
        let db = env.open(name);
        db.execute_batch("INSERT INTO t VALUES(9, '')").unwrap();
        restore(&db, "main", "5").unwrap();
        assert_eq!(get::<String>(&db, ALL), "1:10,2:600,3:30");
        assert_sound(&db);
    }
}

#[test]
fn the_page_about_the_format_shows_these_bytes() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/timeline-format.md")).unwrap();
    let file = fixture().join("branch.db-timeline/0000000000000006.seg");
    let bytes = fs::read(file).unwrap();
    let mut lines = 0;
    for line in page.lines().filter_map(|line| line.strip_prefix("    0")) {
        let (offset, rest) = line.split_once("  ").unwrap();
        let offset = usize::from_str_radix(offset, 16).unwrap();
        let hex = rest.split("  ").next().unwrap();
        let shown: Vec<u8> = hex.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
        assert_eq!(bytes[offset..offset + shown.len()], shown, "{line}");
        lines += 1;
    }
    assert!(lines > 15, "{lines} lines");
}

#[test]
#[ignore = "writes the files of tests/timeline_v1"]
fn write() {
    let env = Env::new("timeline");
    let db = env.open("app.db");
    db.execute_batch(
        "PRAGMA page_size=512; CREATE TABLE t(a INTEGER PRIMARY KEY, b); INSERT INTO t VALUES(1, zeroblob(10));
         INSERT INTO t VALUES(2, zeroblob(600))",
    )
    .unwrap();
    checkpoint(&db, "TRUNCATE");
    prune(&db, "main", Keep::parse("1 commit").unwrap(), |_, _| true).unwrap();
    db.execute_batch("INSERT INTO t VALUES(3, zeroblob(30)); DELETE FROM t WHERE a=1").unwrap();
    History::open(env.path("app.db")).unwrap().branch(5, env.path("branch.db"), |_, _| true).unwrap();
    restore(&db, "main", "5").unwrap();
    env.open("branch.db").execute_batch("INSERT INTO t VALUES(4, 'x')").unwrap();
    drop(db);
    for name in ["app.db", "branch.db"] {
        fs::create_dir_all(fixture()).unwrap();
        fs::copy(env.path(name), fixture().join(name)).unwrap();
        let folder = fixture().join(format!("{name}-timeline"));
        let _ = fs::remove_dir_all(&folder);
        copy(&env.path(&format!("{name}-timeline")), &folder);
        fs::remove_file(folder.join("lock")).unwrap();
    }
}
