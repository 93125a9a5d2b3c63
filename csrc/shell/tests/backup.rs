//! `.backup`, `.save` and `.restore`: whole databases to and from files.

mod common;

use common::{Said, Shell};

#[test]
fn a_backup_can_be_restored() {
    let sh = Shell::new();
    let make = "CREATE TABLE t(a);\nINSERT INTO t VALUES(1),(2);\n";
    assert_eq!(sh.run(&["a.db"], &format!("{make}.backup b.db\nDELETE FROM t;\n.save main c.db\n")), Said::ok(""));
    assert_eq!(sh.run(&["b.db"], "SELECT count(*) FROM t;\n"), Said::ok("2\n"));
    assert_eq!(sh.run(&["c.db"], "SELECT count(*) FROM t;\n"), Said::ok("0\n"));
    assert_eq!(sh.run(&["c.db"], ".restore b.db\nSELECT count(*) FROM t;\n"), Said::ok("2\n"));
    let script = "ATTACH ':memory:' AS x;\n.restore x b.db\nSELECT count(*) FROM x.t;\n.backup --async x d.db\n";
    assert_eq!(sh.script(script), "2\n");
    assert_eq!(sh.run(&["d.db"], "PRAGMA integrity_check;\n"), Said::ok("ok\n"));
}

#[test]
fn a_log_can_be_named() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a);\nINSERT INTO t VALUES(1);\n.backup file:b.db?wal=memory\n";
    assert_eq!(sh.run(&["file:a.db?wal=memory"], script), Said::ok(""));
    assert_eq!(sh.run(&["c.db"], ".restore file:b.db?wal=memory\nSELECT * FROM t;\n"), Said::ok("1\n"));
}

#[test]
fn a_source_that_stays_busy_is_given_up() {
    let sh = Shell::new();
    sh.run(&["b.db"], "CREATE TABLE t(a);\n");
    let script = "ATTACH 'b.db' AS b;\nPRAGMA b.locking_mode=EXCLUSIVE;\nINSERT INTO b.t VALUES(1);\n.restore b.db\n";
    assert_eq!(sh.run(&[":memory:"], script).err, "Error: source database is busy\n");
}

#[test]
fn what_cannot_be_done_is_said() {
    let sh = Shell::new();
    sh.write("text", "no database, but long enough to be seen as one that is none: it has some more bytes than that");
    for (script, error) in [
        (".backup\n", "missing FILENAME argument on .backup\n"),
        (".save\n", "missing FILENAME argument on .backup\n"),
        (".backup a b c\n", "Usage: .backup ?DB? ?OPTIONS? FILENAME\n"),
        (".backup --x a\n", "line 1: .backup --x a\nline 1:         ^--- unknown option\n"),
        (".backup no a.db\n", "Error: unknown database no\n"),
        (".backup no/such/dir/a.db\n", "Error: cannot open \"no/such/dir/a.db\"\n"),
        (".restore\n", "Usage: .restore ?DB? FILE\n"),
        (".restore no/such/dir/a.db\n", "Error: cannot open \"no/such/dir/a.db\"\n"),
        (".restore no text\n", "Error: unknown database no\n"),
        (".restore text\n", "Error: file is not a database\n"),
    ] {
        assert_eq!(sh.failing(script), error, "{script}");
    }
    // In a script a file that is not there is an empty database; a person is told.
    assert_eq!(sh.script("CREATE TABLE t(a);\n.restore nothing\n.schema\n"), "");
    let said = sh.run(&["-interactive", ":memory:"], ".restore nowhere\n");
    assert!(said.err.contains("Error: cannot open \"nowhere\"\n"), "{said:?}");
    assert!(!sh.dir().join("nowhere").exists());
    assert_eq!(
        sh.run(&["-safe", ":memory:"], ".backup x\n"),
        Said::failed("line 1: cannot run .backup in safe mode\n")
    );
}

#[test]
fn a_clone_has_all_that_can_be_read() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a, b); CREATE INDEX i ON t(a); CREATE VIEW v AS SELECT a FROM t;\n\
                  INSERT INTO t VALUES(1, NULL), (2.5, x'00'), ('x', 'y');\n.clone b.db\n.clone b.db\n";
    let said = sh.run(&["a.db"], script);
    assert_eq!((said.code, said.out.as_str()), (1, "t... done\ni... done\nv... done\n"));
    assert_eq!(said.err, "File \"b.db\" already exists.\n");
    let script = ".mode quote\nSELECT * FROM t;\n.mode list\n.schema\nPRAGMA integrity_check;\n";
    assert_eq!(
        sh.run(&["b.db"], script),
        Said::ok(
            "1,NULL\n2.5,x'00'\n'x','y'\nCREATE TABLE t(a, b);\nCREATE INDEX i ON t(a);\n\
             CREATE VIEW v AS SELECT a FROM t\n/* v(a) */;\nok\n"
        )
    );
    assert_eq!(sh.failing(".clone\n"), "Usage: .clone FILENAME\n");
}

#[test]
fn a_clone_has_virtual_tables_and_generated_columns() {
    let sh = Shell::new();
    let script = "CREATE VIRTUAL TABLE f USING fts5(t);\nINSERT INTO f(rowid, t) VALUES(7, 'hello world'), (9, 'hi');\n\
                  CREATE VIRTUAL TABLE r USING rtree(id, x0, x1);\nINSERT INTO r VALUES(1, 2, 3), (5, 6, 7);\n\
                  CREATE TABLE a(x, g AS (x+1), y);\nINSERT INTO a(x, y) VALUES(1, 2), (3, 4);\n.clone b.db\n";
    let said = sh.run(&["a.db"], script);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{said:?}");
    let script = "SELECT rowid, t FROM f WHERE f MATCH 'hello';\nSELECT * FROM r;\nSELECT * FROM a;\n\
                  INSERT INTO f(f) VALUES('integrity-check');\nPRAGMA integrity_check;\n";
    assert_eq!(sh.run(&["b.db"], script), Said::ok("7|hello world\n1|2.0|3.0\n5|6.0|7.0\n1|2|2\n3|4|4\nok\n"));
}

#[test]
fn a_clone_that_lacks_something_is_an_error() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a CHECK(a>0), b);\nPRAGMA ignore_check_constraints=ON;\n\
                  INSERT INTO t VALUES(1, 'x'), (0, 'y');\n.clone b.db\n";
    let said = sh.run(&["a.db"], script);
    assert_eq!((said.code, said.err.as_str()), (1, "Error: row of t: a constraint of the table fails\n"));
    assert_eq!(sh.run(&["b.db"], "SELECT * FROM t;\n"), Said::ok("1|x\n"));
}
