//! Databases behind something else in one file: `apndvfs`.

mod common;

use std::fs;

use common::{Said, Shell};

const PROGRAM: &[u8] = b"#!/bin/sh\nexit 0\n";

fn file(sh: &Shell) -> Vec<u8> {
    fs::read(sh.dir().join("prog")).expect("the file")
}

/// The file is the program, filling, a database of this many pages, and the mark.
fn check(sh: &Shell, pages: usize) {
    let bytes = file(sh);
    assert!(bytes.starts_with(PROGRAM));
    assert_eq!(bytes.len(), 4096 + pages * 4096 + 25);
    assert_eq!(&bytes[4096..4112], b"SQLite format 3\0");
    assert_eq!(&bytes[bytes.len() - 25..], b"Start-Of-SQLite3-\0\0\0\0\0\0\x10\0");
}

#[test]
fn a_database_is_appended_grows_and_shrinks() {
    let sh = Shell::new();
    fs::write(sh.dir().join("prog"), PROGRAM).expect("a file");
    assert_eq!(sh.run(&["-append", "prog"], "CREATE TABLE t(a);\nINSERT INTO t VALUES('first');\n"), Said::ok(""));
    check(&sh, 2);
    // It is found without being asked for.
    let script =
        "INSERT INTO t VALUES(zeroblob(100000));\nSELECT a FROM t LIMIT 1;\n.vfsname\nPRAGMA integrity_check;\n";
    assert_eq!(sh.run(&["prog"], script), Said::ok("first\napnd(4096)/unix\nok\n"));
    check(&sh, 26);
    assert_eq!(sh.run(&["prog"], "DELETE FROM t WHERE a<>'first';\nVACUUM;\nSELECT * FROM t;\n"), Said::ok("first\n"));
    check(&sh, 2);
    assert_eq!(
        sh.script(".open --append prog\nSELECT * FROM t;\nATTACH 'file:prog?vfs=apndvfs' AS b;\nSELECT a FROM b.t;\n"),
        "first\nfirst\n"
    );
}

#[test]
fn what_is_rolled_back_leaves_no_trace() {
    let sh = Shell::new();
    fs::write(sh.dir().join("prog"), PROGRAM).expect("a file");
    sh.run(&["-append", "prog"], "CREATE TABLE t(a);\nINSERT INTO t VALUES('first');\n");
    let before = file(&sh);
    let script = "PRAGMA cache_size=5;\nBEGIN;\nINSERT INTO t SELECT zeroblob(1000) FROM generate_series(1, 300);\nUPDATE t SET a='x';\nROLLBACK;\nSELECT * FROM t;\n";
    assert_eq!(sh.run(&["prog"], script), Said::ok("first\n"));
    assert!(file(&sh) == before);
}

/// A process that dies in a transaction leaves a journal, and what is in the file is rolled back.
#[test]
fn a_hot_journal_is_played_back() {
    let sh = Shell::new();
    fs::write(sh.dir().join("prog"), PROGRAM).expect("a file");
    sh.run(&["-append", "prog"], "CREATE TABLE t(a);\nINSERT INTO t VALUES('first');\n");
    let before = file(&sh);
    // With so small a cache most of the transaction is in the file when `.exit` takes the shorter way.
    let script = "PRAGMA cache_size=5;\nBEGIN;\nINSERT INTO t SELECT zeroblob(1000) FROM generate_series(1, 300);\nUPDATE t SET a=zeroblob(1001);\n.exit 3\n";
    assert_eq!(sh.run(&["prog"], script).code, 3);
    assert!(sh.dir().join("prog-journal").exists() && file(&sh).len() > before.len());
    assert_eq!(sh.run(&["prog"], "SELECT * FROM t;\nPRAGMA integrity_check;\n"), Said::ok("first\nok\n"));
    assert!(file(&sh) == before);
}

#[test]
fn several_connections_see_the_same() {
    let sh = Shell::new();
    fs::write(sh.dir().join("prog"), PROGRAM).expect("a file");
    let script = "CREATE TABLE t(a);\nATTACH 'file:prog?vfs=apndvfs' AS b;\nWITH n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<100) INSERT INTO b.t SELECT zeroblob(1000) FROM n;\n\
                  SELECT count(*), sum(length(a)) FROM main.t;\nDELETE FROM main.t;\nVACUUM main;\nSELECT count(*) FROM b.t;\nPRAGMA b.integrity_check;\n";
    assert_eq!(sh.run(&["-append", "prog"], script), Said::ok("100|100000\n0\nok\n"));
    check(&sh, 2);
    // The write-ahead log works as well.
    let script = "PRAGMA journal_mode=WAL;\nINSERT INTO t VALUES('logged');\nSELECT count(*) FROM t;\nPRAGMA journal_mode=DELETE;\n";
    assert_eq!(sh.run(&["prog"], script), Said::ok("wal\n1\ndelete\n"));
    check(&sh, 2);
}

#[test]
fn plain_databases_and_empty_files_stay_plain() {
    let sh = Shell::new();
    assert_eq!(sh.run(&["-append", "x.db"], "CREATE TABLE t(a);\n.vfsname\n"), Said::ok("unix\n"));
    assert_eq!(fs::metadata(sh.dir().join("x.db")).expect("it").len(), 8192);
    assert_eq!(sh.run(&["-append", "x.db"], "INSERT INTO t VALUES(1);\nSELECT * FROM t;\n"), Said::ok("1\n"));
    assert_eq!(fs::metadata(sh.dir().join("x.db")).expect("it").len(), 8192);
    // A file without a database is not opened unless one may be created in it.
    sh.write("text", "text");
    let said = sh.run(&["-append", "-readonly", "text"], "SELECT 1;\n");
    assert_eq!(said, Said::failed("Error: unable to open database \"text\": unable to open database file\n"));
    assert_eq!(sh.read("text"), "text");
}

#[test]
fn backups_are_appended() {
    let sh = Shell::new();
    fs::write(sh.dir().join("prog"), PROGRAM).expect("a file");
    sh.script("CREATE TABLE t(a);\nINSERT INTO t VALUES('kept');\n.backup --append prog\n");
    check(&sh, 2);
    assert_eq!(sh.run(&["prog"], "SELECT * FROM t;\n"), Said::ok("kept\n"));
}

#[test]
fn a_damaged_mark_is_no_mark() {
    let sh = Shell::new();
    fs::write(sh.dir().join("prog"), PROGRAM).expect("a file");
    sh.run(&["-append", "prog"], "CREATE TABLE t(a);\n");
    let good = file(&sh);
    for (i, value) in [(1, 0xff), (2, 0xff), (8, 1), (6, 0xff), (7, 1), (25, b's')] {
        let mut bad = good.clone();
        let at = bad.len() - i;
        bad[at] = value;
        fs::write(sh.dir().join("prog"), &bad).expect("a file");
        let said = sh.run(&["-append", "-readonly", "prog"], "SELECT 1;\n");
        assert_eq!(
            said,
            Said::failed("Error: unable to open database \"prog\": unable to open database file\n"),
            "{i}"
        );
    }
}
