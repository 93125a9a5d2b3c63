//! `.intck`: tables compared with their indexes.

mod common;

use common::Shell;

/// What `.intck` says of a database, which must be the same however often it lets go of the database. `from` and `to` are
/// objects of which the first gets the pages of the second.
fn check(schema: &str, from: &str, to: &str) -> String {
    let sh = Shell::new();
    let swap = format!(
        "{schema}\n.dbconfig defensive off\nPRAGMA writable_schema=1;\n\
         UPDATE sqlite_schema SET rootpage=(SELECT rootpage FROM sqlite_schema WHERE name='{to}') WHERE name='{from}';\n\
         DELETE FROM sqlite_schema WHERE tbl_name='other';\n"
    );
    let said = sh.run(&["a.db"], &swap);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let said = sh.run(&["a.db"], ".intck\n");
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{said:?}");
    for n in [1, 2, 3, 1000] {
        assert_eq!(sh.run(&["a.db"], &format!(".intck {n}\n")), said, "{n}");
    }
    said.out
}

#[test]
fn what_is_well_is_told_to_be_so() {
    let sh = Shell::new();
    let script = "CREATE TABLE x1(\"1\", \"22\", \"3333\", four);\nCREATE INDEX i1 ON x1(  \"1\"  , \"22\", NULL);\n\
        INSERT INTO x1 VALUES(1, 22, 3333, NULL), (1, 22, 3333, NULL), ('a', 'B', NULL, 'it''s');\n\
        CREATE INDEX i2 ON x1( \"1\"\n\t ) ;\nCREATE INDEX i3 ON x1( \"22\" || 'abc''def' || `1` );\n\
        CREATE INDEX i4 ON x1( [22] + [1] DESC);\nCREATE INDEX i5 ON x1( four||'hello' ASC /* comment, ( */, \"1\" COLLATE nocase DESC)\n\
        WHERE four NOT NULL -- and more\n;\n\
        CREATE TABLE w(a, b, c, PRIMARY KEY(c, b COLLATE nocase DESC)) WITHOUT ROWID;\nCREATE INDEX wa ON w(a COLLATE nocase);\n\
        INSERT INTO w VALUES(1, 'x', 1), (2, 'y', 1), (NULL, 'Z', 1), (NULL, 'q', 2);\n\
        CREATE TABLE u(a UNIQUE, b, g AS (a+1), UNIQUE(g, b));\nINSERT INTO u VALUES(NULL, 1), (NULL, 1), (2, 3);\n\
        CREATE VIEW v AS SELECT 1;\n.intck\n.intck 1\n.intck 4\nPRAGMA integrity_check;\n";
    // Rows of x1, with 5 indexes, and of i1..i4; of i5; of w, with one; of wa; of u, with two; of its two; of the schema.
    let steps = 3 * 6 + 4 * 3 + 1 + 4 * 2 + 4 + 3 * 3 + 2 * 3 + 12;
    let objects = 12;
    let line = format!("{} steps, 0 errors\n", steps + objects);
    assert_eq!(sh.script(script), format!("{}ok\n", line.repeat(3)));
}

#[test]
fn entries_are_missing_or_surplus() {
    let schema = "CREATE TABLE t1(a INTEGER PRIMARY KEY, b TEXT);\nINSERT INTO t1 VALUES(1, 'one'), (2, 'two'), (3, 'three');\n\
        CREATE INDEX i1 ON t1(b);\nCREATE TABLE other(a INTEGER PRIMARY KEY, b TEXT);\n\
        INSERT INTO other VALUES(1, 'one'), (4, 'four'), (3, 'three');\nCREATE INDEX j ON other(b);\n";
    assert_eq!(
        check(schema, "i1", "j"),
        "surplus entry ('four',4) in index i1\nentry ('two',2) missing from index i1\n14 steps, 2 errors\n"
    );
    let schema = "CREATE TABLE x1(a, b, \"c d\");\nCREATE INDEX x1a ON x1(a COLLATE nocase DESC , b ASC);\n\
        CREATE INDEX x1b ON x1( a || b || ' \"''\" ' COLLATE binary ASC );\n\
        CREATE INDEX x1c ON x1( format('%s', a)ASC, format('%d', \"c d\" ) );\n\
        INSERT INTO x1 VALUES('one', 2, 3), ('One', 4, 5), ('ONE', 6, 7), (NULL, NULL, NULL);\n\
        CREATE TABLE other(a, b, c);\nINSERT INTO other SELECT * FROM x1;\nDELETE FROM other WHERE c=7;\n";
    assert_eq!(
        check(schema, "x1", "other"),
        "surplus entry ('ONE',6,3) in index x1a\nsurplus entry ('ONE6 \"''\" ',3) in index x1b\n\
         surplus entry ('ONE','7',3) in index x1c\n33 steps, 3 errors\n"
    );
}

#[test]
fn the_order_of_entries_may_be_any() {
    let schema = "CREATE TABLE x1(a, b, c);\nCREATE INDEX x1all ON x1(a DESC, b ASC, c DESC);\n\
        INSERT INTO x1 VALUES(2, 1, 2), (2, 1, 1), (2, 2, 2), (2, 2, 1), (1, 1, 2), (1, 1, 1), (1, 2, 2), (1, NULL, NULL);\n\
        CREATE TABLE other(a, b, c);\n";
    assert_eq!(
        check(schema, "x1", "other"),
        "surplus entry (2,1,2,1) in index x1all\nsurplus entry (2,1,1,2) in index x1all\n\
         surplus entry (2,2,2,3) in index x1all\nsurplus entry (2,2,1,4) in index x1all\n\
         surplus entry (1,NULL,NULL,8) in index x1all\nsurplus entry (1,1,2,5) in index x1all\n\
         surplus entry (1,1,1,6) in index x1all\nsurplus entry (1,2,2,7) in index x1all\n13 steps, 8 errors\n"
    );
    let schema = "CREATE TABLE x1(a, b, c);\nCREATE INDEX x1all ON x1(a DESC, b ASC, c DESC);\n\
        INSERT INTO x1 VALUES(NULL, NULL, NULL), (NULL, NULL, NULL);\n\
        CREATE TABLE other(a, b, c);\nINSERT INTO other(rowid) VALUES(-123), (456);\n";
    assert_eq!(
        check(schema, "x1", "other"),
        "entry (NULL,NULL,NULL,-123) missing from index x1all\nentry (NULL,NULL,NULL,456) missing from index x1all\n\
         surplus entry (NULL,NULL,NULL,1) in index x1all\nsurplus entry (NULL,NULL,NULL,2) in index x1all\n11 steps, 4 errors\n"
    );
    let schema = "CREATE TABLE x1(a, b, c, PRIMARY KEY(c, b)) WITHOUT ROWID;\nCREATE INDEX x1a ON x1(a COLLATE nocase);\n\
        INSERT INTO x1 VALUES(1, 2, 'three'), (4, 5, 'six'), (7, 8, 'nine');\n\
        CREATE TABLE other(a, b, c, PRIMARY KEY(c, b)) WITHOUT ROWID;\nCREATE INDEX j ON other(a COLLATE nocase);\n\
        INSERT INTO other SELECT * FROM x1 WHERE a<>4;\n";
    assert_eq!(check(schema, "x1a", "j"), "entry (4,'six',5) missing from index x1a\n13 steps, 1 errors\n");
}

#[test]
fn pages_that_cannot_be_read_are_told_of() {
    let schema = "CREATE TABLE t(a);\nINSERT INTO t VALUES(1);\nCREATE INDEX i ON t(a);\nCREATE TABLE other(a);\n\
        INSERT INTO other VALUES(1);\n";
    // An index that has the pages of a table, and a table that has those of an index.
    let out = check(schema, "i", "other");
    assert!(out.contains("corruption found while scanning database object i\n"), "{out}");
    assert!(out.contains("corruption found while scanning database object t\n"), "{out}");
    assert!(out.ends_with(" 2 errors\n"), "{out}");
    let sh = Shell::new();
    assert_eq!(sh.failing(".intck x\n"), "Usage: .intck STEPS_PER_UNLOCK\n");
    assert_eq!(sh.failing(".intck 1 2\n"), "Usage: .intck STEPS_PER_UNLOCK\n");
    let parts = "INSERT INTO s VALUES('CREATE INDEX i ON t(a, [b)] COLLATE x DESC, (c+1) ASC) WHERE z>''WHERE'' ');\n\
        SELECT parse_create_index(a, -1), parse_create_index(a, 0), parse_create_index(a, 1), parse_create_index(a, 2),\n\
               parse_create_index(a, 3), parse_create_index('CREATE INDEX i ON t(\"x', 0), parse_create_index('', -1) FROM s;\n";
    assert_eq!(
        sh.script(&format!(".intck register\nCREATE TABLE s(a);\n{parts}")),
        " z>'WHERE' |a|[b)] COLLATE x|(c+1)|||\n"
    );
}
