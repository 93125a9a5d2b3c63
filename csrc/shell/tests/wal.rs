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
