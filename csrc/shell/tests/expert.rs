//! `.expert`: which indexes it recommends.

mod common;

use common::{Said, Shell};

/// What `.expert` says about `sql` in a database with this schema.
fn advice(schema: &str, sql: &str) -> String {
    Shell::new().script(&format!("{schema}\n.expert\n{sql};\n"))
}

#[test]
fn an_index_helps_each_kind_of_term() {
    let t = "CREATE TABLE t(a, b COLLATE nocase, c);";
    let none = |plan: &str| format!("(no new indexes)\n\n{plan}\n\n");
    assert_eq!(advice(t, "SELECT * FROM t"), none("SCAN t"));
    assert_eq!(advice(t, "SELECT * FROM t WHERE rowid=?"), none("SEARCH t USING INTEGER PRIMARY KEY (rowid=?)"));
    assert_eq!(advice(t, "SELECT * FROM t WHERE b IS NOT NULL"), none("SCAN t"));
    for (sql, index, plan) in [
        ("SELECT * FROM t WHERE b>?", "t_idx_00000062 ON t(b)", "SEARCH t USING INDEX t_idx_00000062 (b>?)"),
        (
            "SELECT * FROM t WHERE a COLLATE nocase BETWEEN ? AND ?",
            "t_idx_7a3ed36e ON t(a COLLATE NOCASE)",
            "SEARCH t USING INDEX t_idx_7a3ed36e (a>? AND a<?)",
        ),
        ("SELECT a FROM t ORDER BY b", "t_idx_00000062 ON t(b)", "SCAN t USING INDEX t_idx_00000062"),
        (
            "SELECT * FROM t ORDER BY a, b DESC, c",
            "t_idx_5cb97285 ON t(a, b DESC, c)",
            "SCAN t USING COVERING INDEX t_idx_5cb97285",
        ),
        (
            "SELECT a FROM t WHERE a=? ORDER BY b",
            "t_idx_000123a7 ON t(a, b)",
            "SEARCH t USING COVERING INDEX t_idx_000123a7 (a=?)",
        ),
        (
            "SELECT * FROM t WHERE c>? AND a=?",
            "t_idx_000123a8 ON t(a, c)",
            "SEARCH t USING INDEX t_idx_000123a8 (a=? AND c>?)",
        ),
    ] {
        assert_eq!(advice(t, sql), format!("CREATE INDEX {index};\n\n{plan}\n\n"));
    }
}

#[test]
fn joins_alternatives_subqueries_and_triggers_are_looked_at() {
    let schema = "CREATE TABLE t(a, b); CREATE TABLE u(c, d);\n\
                  CREATE VIEW v AS SELECT * FROM t JOIN u ON a=c;\n\
                  CREATE TRIGGER vi INSTEAD OF INSERT ON v BEGIN UPDATE t SET a=new.a WHERE b=new.b; END;\n\
                  CREATE TRIGGER tu AFTER UPDATE ON t BEGIN DELETE FROM u WHERE d=new.b; END;";
    assert_eq!(
        advice(schema, "SELECT * FROM t, u WHERE a=? AND b=c AND c=?"),
        "CREATE INDEX t_idx_000123a7 ON t(a, b);\nCREATE INDEX u_idx_00000063 ON u(c);\n\n\
         SEARCH u USING INDEX u_idx_00000063 (c=?)\nSEARCH t USING COVERING INDEX t_idx_000123a7 (a=? AND b=?)\n\n"
    );
    assert_eq!(
        advice(schema, "SELECT * FROM t WHERE a=? OR b=?"),
        "CREATE INDEX t_idx_00000062 ON t(b);\nCREATE INDEX t_idx_00000061 ON t(a);\n\n\
         MULTI-INDEX OR\nINDEX 1\nSEARCH t USING INDEX t_idx_00000061 (a=?)\n\
         INDEX 2\nSEARCH t USING INDEX t_idx_00000062 (b=?)\n\n"
    );
    assert_eq!(
        advice(schema, "INSERT INTO v VALUES(1,2,3,4)"),
        "CREATE INDEX u_idx_00000064 ON u(d);\nCREATE INDEX t_idx_00000062 ON t(b);\n\n\
         SEARCH t USING COVERING INDEX t_idx_00000062 (b=?)\nSEARCH u USING INDEX u_idx_00000064 (d=?)\n\n"
    );
    let generated =
        "CREATE TABLE g(a, b AS (a+1)); CREATE TRIGGER gu AFTER UPDATE ON g BEGIN DELETE FROM g WHERE a=new.b; END;";
    assert!(advice(generated, "UPDATE g SET a=1 WHERE b=2").contains("CREATE INDEX g_idx_00000062 ON g(b);\n"));
}

#[test]
fn names_are_quoted_and_existing_indexes_are_used() {
    assert_eq!(
        advice("CREATE TABLE \"t t\"(\"b b\");", "SELECT * FROM \"t t\" WHERE \"b b\"=?"),
        "CREATE INDEX \"t t_idx_00050c52\" ON \"t t\"('b b');\n\nSEARCH t t USING COVERING INDEX t t_idx_00050c52 (b b=?)\n\n"
    );
    let keyed = "CREATE TABLE t(a, b, c, PRIMARY KEY(a, b));";
    assert!(advice(keyed, "SELECT * FROM t WHERE b>1 AND a=1").starts_with("(no new indexes)\n"));
    assert!(advice(keyed, "SELECT * FROM t WHERE b=1").starts_with("CREATE INDEX t_idx_00000062 ON t(b);\n"));
    let partial = "CREATE TABLE t(a, b); CREATE INDEX i ON t(a) WHERE b>5;";
    assert!(advice(partial, "SELECT * FROM t WHERE a=1").starts_with("CREATE INDEX t_idx_00000061 ON t(a);\n"));
    let taken = "CREATE TABLE t(a); CREATE TABLE t_idx_00000061(x);";
    assert!(advice(taken, "SELECT * FROM t WHERE a=1").starts_with("CREATE INDEX t_idx_000003ca ON t(a);\n"));
}

#[test]
fn functions_and_virtual_tables_of_the_shell_are_known() {
    assert!(
        advice("CREATE TABLE t(a);", "SELECT * FROM generate_series(1,3) JOIN t ON a=value WHERE decimal(a)>1")
            .starts_with("CREATE INDEX t_idx_00000061 ON t(a);\n")
    );
    let fts = "CREATE VIRTUAL TABLE ft USING fts5(a); CREATE TABLE t(x, y);";
    assert!(advice(fts, "SELECT * FROM ft, t WHERE a=x").starts_with("CREATE INDEX t_idx_00000078 ON t(x);\n"));
}

#[test]
fn the_rows_decide_between_candidates() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a, b); INSERT INTO t SELECT (value-1)/50, (value-1)/20 FROM generate_series(1,100);\n\
                  CREATE INDEX i ON t(lower(a));\n\
                  .expert --verbose\nSELECT b FROM t WHERE a=? AND b=?;\nSELECT count(*) FROM t;\n\
                  .expert -v -s 0\nSELECT a FROM t WHERE b=?;\n\
                  .expert --sample 50\nSELECT a FROM t WHERE b=?;\n\
                  .expert\n.print not any more\nSELECT 1;\n";
    assert_eq!(
        sh.script(script),
        "-- Candidates -----------------------------\nCREATE INDEX t_idx_000123a7 ON t(a, b); -- stat1: 100 50 17\n\n\
         -- Query 1 --------------------------------\nSELECT b FROM t WHERE a=? AND b=?;\n\n\
         CREATE INDEX t_idx_000123a7 ON t(a, b);\n\nSEARCH t USING COVERING INDEX t_idx_000123a7 (a=? AND b=?)\n\n\
         100\n\
         -- Candidates -----------------------------\nCREATE INDEX t_idx_00000062 ON t(b);\n\n\
         -- Query 1 --------------------------------\nSELECT a FROM t WHERE b=?;\n\n\
         CREATE INDEX t_idx_00000062 ON t(b);\n\nSEARCH t USING INDEX t_idx_00000062 (b=?)\n\n\
         CREATE INDEX t_idx_00000062 ON t(b);\n\nSEARCH t USING INDEX t_idx_00000062 (b=?)\n\n\
         not any more\n1\n"
    );
}

#[test]
fn what_cannot_be_advised_on_is_an_error() {
    let sh = Shell::new();
    assert_eq!(sh.failing(".expert\nSELECT * FROM none;\n"), "Error near line 2: no such table: none\n");
    assert_eq!(sh.failing(".expert --foo\n"), "unknown option: -foo\n");
    assert_eq!(sh.failing(".expert --sample\n"), "option requires an argument: -sample\n");
    assert_eq!(sh.failing(".expert --sample 101\n"), "value out of range: 101\n");
    let said = sh.run(&["-safe", ":memory:"], ".expert\n");
    assert_eq!(said, Said::failed("Cannot run experimental commands such as \"expert\" in safe mode\n"));
    let script = "CREATE TABLE t(a);\n.expert\nINSERT INTO t VALUES(1);\nSELECT count(*) FROM t;\n";
    assert_eq!(sh.script(script), "(no new indexes)\n\n\n0\n");
}
