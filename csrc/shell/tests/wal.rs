//! Can the write-ahead log be chosen by its name?

mod common;

use common::{Said, Shell};

#[test]
fn a_uri_names_the_wal() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a);\nPRAGMA journal_mode;\nINSERT INTO t VALUES('kept');\nSELECT * FROM t;\n";
    assert_eq!(sh.run(&["file:x.db?wal=memory"], script), Said::ok("wal\nkept\n"));
    assert!(!sh.dir().join("x.db-wal").exists());
}

#[test]
fn open_and_attach_take_such_uris() {
    let sh = Shell::new();
    let script = ".open 'file:x.db?wal=memory'\nCREATE TABLE t(a);\nATTACH 'file:y.db?wal=memory' AS y;\n\
        CREATE TABLE y.u(a);\nPRAGMA y.journal_mode;\n.tables\n";
    assert_eq!(sh.run(&[], script), Said::ok("wal\nt     y.u\n"));
}

#[test]
fn an_unknown_wal_is_named_in_the_error() {
    let sh = Shell::new();
    let said = sh.run(&["file:x.db?wal=tmeline", "SELECT 1"], "");
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert!(said.err.starts_with("Error: unable to open database \"file:x.db?wal=tmeline\": "), "{}", said.err);
    assert!(said.err.contains("tmeline") && said.err.contains("memory"), "{}", said.err);
}

#[test]
fn dot_wal_lists_the_names_and_what_is_in_the_logs() {
    let sh = Shell::new();
    let script = "PRAGMA page_size=1024;\nCREATE TABLE t(a);\nINSERT INTO t VALUES(1);\n.wal\n\
        PRAGMA wal_checkpoint;\nATTACH 'old.db' AS old;\nATTACH 'file:new.db?wal=sqlite' AS \"n w\";\n\
        CREATE TABLE \"n w\".t(a);\nATTACH ':memory:' AS m;\n.wal\nBEGIN;\nSELECT count(*) FROM t;\n.wal\n";
    let said = sh.run(&["file:x.db?wal=memory"], script);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines[0], "registered: memory sqlite (default) timeline");
    let (frames, time) = lines[1].rsplit_once(' ').unwrap().0.rsplit_once(", last checkpoint ").unwrap();
    assert_eq!(frames, "main: memory, 3 frames, 0 in the database file, 3144 bytes");
    assert_eq!(time.len(), "2026-11-26 12:34:56".len());
    assert_eq!(lines[2], "0|3|3");
    assert_eq!(lines[3], lines[0]);
    assert!(lines[4].starts_with("main: memory, 3 frames, 3 in the database file, "), "{}", lines[4]);
    assert_eq!(lines[5], "old: none (journal_mode is delete)");
    assert!(lines[6].starts_with("n w: sqlite, 2 frames, 0 in the database file, 8272 bytes, "), "{}", lines[6]);
    assert_eq!(lines[7], "m: none (journal_mode is memory)");
    assert_eq!(lines[8], "1");
    assert!(lines[10].starts_with("main: memory, frames not counted within a transaction, "), "{}", lines[10]);
}
