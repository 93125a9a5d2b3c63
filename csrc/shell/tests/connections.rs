//! `.connection`: several databases.

mod common;

use common::Shell;

#[test]
fn databases_are_open_side_by_side() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a); INSERT INTO t VALUES(1);\n.connection\n.connection 1\n.connection\n\
                  .open b.db\nCREATE TABLE u(a); INSERT INTO u VALUES(2);\n.connection\n\
                  .connection 0\nSELECT a FROM t;\n.connection 1\nSELECT a FROM u;\nSELECT a FROM t;\n\
                  .connection close 0\n.connection close 0\n.connection close 7\n.connection 9\n.connection\n";
    let said = sh.run(&["a.db"], script);
    assert_eq!(
        said.out,
        "ACTIVE 0: a.db\n       0: a.db\nACTIVE 1: (memory)\n       0: a.db\nACTIVE 1: b.db\n1\n2\nACTIVE 1: b.db\n"
    );
    assert_eq!(said.err, "Parse error near line 12: no such table: t\n");
    assert_eq!(sh.failing(".connection close 0\n"), "cannot close the active database connection\n");
    for bad in ["x", "12", "close", "close x", "1 2"] {
        let usage = "Usage: .connection [close] [CONNECTION-NUMBER]\n";
        assert_eq!(sh.failing(&format!(".connection {bad}\n")), usage, "{bad}");
    }
}

#[test]
fn a_transaction_of_another_connection_stays_open() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a);\nBEGIN IMMEDIATE; INSERT INTO t VALUES(1);\n.connection 1\n.open a.db\n\
                  SELECT count(*) FROM t;\nINSERT INTO t VALUES(2);\n.connection 0\nCOMMIT;\n.connection 1\nSELECT count(*) FROM t;\n";
    let said = sh.run(&["a.db"], script);
    assert_eq!(said.out, "0\n1\n");
    assert!(said.err.contains("database is locked"), "{said:?}");
}
