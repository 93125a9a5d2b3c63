//! `.recover`, and the tables that show what pages hold: what comes back of a damaged database.

mod common;

use common::{Said, Shell};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// Something of everything.
const SCHEMA: &str = "\
CREATE TABLE t1(a INTEGER PRIMARY KEY, b, c TEXT);
CREATE TABLE t2(a, b, c, PRIMARY KEY(b, a)) WITHOUT ROWID;
CREATE TABLE t3(a INTEGER PRIMARY KEY AUTOINCREMENT, b);
CREATE TABLE \"t 4\"(x REAL, y, z AS (x+y), s TEXT AS (y||'x') STORED, w);
CREATE TABLE big(a, b);
CREATE TABLE t5(a INTEGER PRIMARY KEY DESC, _rowid_, \"it's\");
CREATE UNIQUE INDEX u1 ON t1(b, a);
CREATE INDEX i1 ON t1(c) -- with a comment
;
CREATE VIEW v AS SELECT * FROM t1;
CREATE TRIGGER tr AFTER DELETE ON t1 BEGIN SELECT 1; END;
CREATE VIRTUAL TABLE f USING fts5(a);
INSERT INTO f VALUES('hello world'), ('one two three');
WITH s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i<60) INSERT INTO t1 SELECT i*3, i, 'text ' || i FROM s;
WITH s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i<60) INSERT INTO t2 SELECT i, 'k' || i, x'0102' FROM s;
INSERT INTO t3(b) SELECT b FROM t1 LIMIT 5;
DELETE FROM t3 WHERE a>2;
INSERT INTO \"t 4\"(x, y, w) VALUES(1, 2, 3), (1.5, -7e100, 'line' || char(10) || 'two' || char(13) || 'x'), (9e999, 'ä€🦀', NULL);
INSERT INTO big VALUES(1, zeroblob(3000)), (2, replace(hex(zeroblob(40000)), '0', 'x')), (-5, 9223372036854775807);
INSERT INTO t5 VALUES(7, 8, 9);
CREATE TABLE dropped(a, b);
INSERT INTO dropped SELECT a, b FROM t1;
DROP TABLE dropped;
";

/// A database of `script` in the file `name`, and its bytes.
fn make(sh: &Shell, name: &str, script: &str) -> Vec<u8> {
    let said = sh.run(&["-cmd", "PRAGMA synchronous=OFF", name], script);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    fs::read(sh.dir().join(name)).expect("the database")
}

/// Recovers a file of these bytes into a new database; returns the script.
fn recover(sh: &Shell, bytes: &[u8], command: &str) -> Vec<u8> {
    fs::write(sh.dir().join("damaged.db"), bytes).expect("the file can be written");
    let _ = fs::remove_file(sh.dir().join("new.db"));
    let output = sh.command(&["damaged.db", command]).output().expect("the shell starts");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr)), (Some(0), "".into()));
    assert_eq!(
        fs::read(sh.dir().join("damaged.db")).expect("the file is still there"),
        bytes,
        "the file stays as it is"
    );
    fs::write(sh.dir().join("script"), &output.stdout).expect("the file can be written");
    let said = sh.run(&["new.db", "PRAGMA synchronous=OFF", ".read script"], "");
    assert_eq!(said, Said::ok("          defensive off\n"));
    output.stdout
}

/// What a query finds in the recovered database.
fn query(sh: &Shell, sql: &str) -> String {
    let said = sh.run(&["new.db"], sql);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{sql}");
    said.out
}

fn dump(sh: &Shell, name: &str) -> String {
    sh.run(&[name], ".dump\n").out
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % n
    }
}

#[test]
fn pages_are_shown_as_tables() {
    let sh = Shell::new();
    let script = "CREATE TABLE t1(a, b);\n\
        INSERT INTO t1(rowid, a, b) VALUES(5, 'v', 'five'), (10, x'00ff', -1.5), (11, 0, 1);\n\
        SELECT pgno, cell, field, quote(value) FROM sqlite_dbdata WHERE pgno=2;\n\
        SELECT group_concat(quote(value)) FROM sqlite_dbdata('main') WHERE pgno=1;\n\
        SELECT count(*) FROM sqlite_dbptr;\n";
    assert_eq!(
        sh.script(script),
        "2|0|-1|5\n2|0|0|'v'\n2|0|1|'five'\n2|1|-1|10\n2|1|0|X'00FF'\n2|1|1|-1.5\n2|2|-1|11\n2|2|0|0\n2|2|1|1\n\
         1,'table','t1','t1',2,'CREATE TABLE t1(a, b)'\n0\n"
    );
    let script = "CREATE TABLE t1(a PRIMARY KEY);\n\
        WITH s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i<9) INSERT INTO t1 SELECT i || zeroblob(900) FROM s;\n\
        SELECT pgno, count(*), count(DISTINCT child) FROM sqlite_dbptr GROUP BY pgno;\n\
        SELECT child FROM sqlite_dbptr('main') WHERE pgno=3 EXCEPT SELECT pgno FROM sqlite_dbdata;\n\
        SELECT count(*) FROM t1 WHERE a NOT IN (SELECT value FROM sqlite_dbdata WHERE field=0);\n\
        ATTACH ':memory:' AS m;\nCREATE TABLE m.x(y);\nSELECT pgno FROM sqlite_dbdata('m');\n\
        SELECT count(*) FROM sqlite_dbdata WHERE pgno IN (0, -1, 99, 9223372036854775807);\n";
    assert_eq!(sh.script(script), "2|3|3\n3|2|2\n0\n1\n1\n1\n1\n1\n1\n0\n");
    assert_eq!(sh.failing("SELECT * FROM sqlite_dbdata('no');\n"), "Error near line 1: unknown database \"no\"\n");
}

#[test]
fn the_script_is_that_of_sqlite() {
    let sh = Shell::new();
    let bytes = make(
        &sh,
        "a.db",
        "PRAGMA user_version=3;\nCREATE TABLE t1(a, b);\nCREATE TABLE t2(k INTEGER PRIMARY KEY AUTOINCREMENT, v);\n\
         CREATE INDEX i ON t1(a);\nCREATE UNIQUE INDEX u ON t1(b);\nCREATE VIRTUAL TABLE r USING rtree(id, x, y);\n\
         INSERT INTO t1 VALUES(1, 'two'), (NULL, 2.5);\nINSERT INTO t2 VALUES(7, x'ab');\n\
         ALTER TABLE t1 ADD COLUMN c DEFAULT 5;\nINSERT INTO t1 VALUES('x', 'y', 'z');\n",
    );
    let script = recover(&sh, &bytes, ".recover");
    assert_eq!(
        String::from_utf8(script).expect("text"),
        ".dbconfig defensive off\n\
         BEGIN;\n\
         PRAGMA writable_schema = on;\n\
         PRAGMA foreign_keys = off;\n\
         PRAGMA encoding = 'UTF-8';\n\
         PRAGMA page_size = '4096';\n\
         PRAGMA auto_vacuum = '0';\n\
         PRAGMA user_version = '3';\n\
         PRAGMA application_id = '0';\n\
         CREATE TABLE sqlite_sequence(name,seq);\n\
         CREATE TABLE t1(a, b, c DEFAULT 5);\n\
         CREATE TABLE t2(k INTEGER PRIMARY KEY AUTOINCREMENT, v);\n\
         INSERT INTO sqlite_schema VALUES('table', 'r', 'r', 0, 'CREATE VIRTUAL TABLE r USING rtree(id, x, y)');\n\
         CREATE TABLE \"r_rowid\"(rowid INTEGER PRIMARY KEY,nodeno);\n\
         CREATE TABLE \"r_node\"(nodeno INTEGER PRIMARY KEY,data);\n\
         CREATE TABLE \"r_parent\"(nodeno INTEGER PRIMARY KEY,parentnode);\n\
         CREATE UNIQUE INDEX u ON t1(b);\n\
         INSERT OR IGNORE INTO 't1'(_rowid_, 'a', 'b') VALUES (1, 1, 'two');\n\
         INSERT OR IGNORE INTO 't1'(_rowid_, 'a', 'b') VALUES (2, NULL, 2.5);\n\
         INSERT OR IGNORE INTO 't1'(_rowid_, 'a', 'b', 'c') VALUES (3, 'x', 'y', 'z');\n\
         INSERT OR IGNORE INTO 't2'('k', 'v') VALUES (7, X'AB');\n\
         INSERT OR IGNORE INTO 'r_node'('nodeno', 'data') VALUES (1, X'"
            .to_string()
            + sh.run(&["a.db"], "SELECT hex(data) FROM r_node;\n").out.trim()
            + "');\n\
         DELETE FROM sqlite_sequence;\n\
         INSERT OR IGNORE INTO 'sqlite_sequence'(_rowid_, 'name', 'seq') VALUES (1, 't2', 7);\n\
         CREATE INDEX i ON t1(a);\n\
         PRAGMA writable_schema = off;\n\
         COMMIT;\n"
    );
}

#[test]
fn what_is_not_damaged_recovers_to_the_same_dump() {
    let sh = Shell::new();
    for size in [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536] {
        for (encoding, vacuum) in [("UTF-8", 0), ("UTF-16le", 1), ("UTF-16be", 2)] {
            let name = format!("{size}-{vacuum}.db");
            let settings =
                format!("PRAGMA page_size={size};\nPRAGMA encoding='{encoding}';\nPRAGMA auto_vacuum={vacuum};\n");
            let bytes = make(&sh, &name, &(settings + SCHEMA));
            recover(&sh, &bytes, ".recover");
            let what = format!("{size} {encoding}");
            assert_eq!(dump(&sh, "new.db"), dump(&sh, &name), "{what}");
            let pragmas = "PRAGMA integrity_check;\nPRAGMA page_size;\nPRAGMA encoding;\nPRAGMA auto_vacuum;\n\
                           SELECT * FROM f WHERE f MATCH 'two';\nSELECT seq FROM sqlite_sequence;\n";
            assert_eq!(query(&sh, pragmas), format!("ok\n{size}\n{encoding}\n{vacuum}\none two three\n5\n"), "{what}");
        }
    }
}

#[test]
fn values_survive_that_quotes_cannot_hold() {
    let sh = Shell::new();
    for encoding in ["UTF-8", "UTF-16le", "UTF-16be"] {
        let script = format!(
            "PRAGMA encoding='{encoding}';\nCREATE TABLE t(a);\nINSERT INTO t VALUES(char(97, 0, 98)), ('\\n\\012' || char(10)),\n\
             ('\\r' || char(13, 10)), (''''), (char(13)), (''), (x''), (9e999), (-9e999), (1e-300), (123456789012345678.0);\n"
        );
        let bytes = make(&sh, &format!("{encoding}.db"), &script);
        recover(&sh, &bytes, ".recover");
        let all = "SELECT typeof(a), hex(a), a IS 9e999, a IS 1e-300 FROM t;\n";
        assert_eq!(query(&sh, all), sh.run(&[&format!("{encoding}.db")], all).out);
    }
}

#[test]
fn a_header_that_is_gone_does_not_matter() {
    let sh = Shell::new();
    let encodings = ["UTF-8", "UTF-16le", "UTF-16be"];
    for (i, size) in [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536].into_iter().enumerate() {
        let encoding = encodings[i % 3];
        let name = format!("{size}.db");
        let settings = format!("PRAGMA page_size={size};\nPRAGMA encoding='{encoding}';\n");
        let mut bytes = make(&sh, &name, &(settings + SCHEMA));
        let what = format!("{size} {encoding}");
        // A size that is wrong, and a number of pages that is.
        bytes[16..18].copy_from_slice(if size == 512 { &[0x10, 0x00] } else { &[0x02, 0x00] });
        bytes[28..32].fill(0x7f);
        recover(&sh, &bytes, ".recover");
        assert_eq!(dump(&sh, "new.db"), dump(&sh, &name), "{what}");
        // No header at all.
        let rows = "SELECT * FROM t1;\nSELECT * FROM t2;\nSELECT * FROM big;\nSELECT * FROM f;\nSELECT * FROM v;\n";
        let rows_before = sh.run(&[&name], rows).out;
        for byte in [0, 0xff] {
            bytes[..100].fill(byte);
            recover(&sh, &bytes, ".recover --ignore-freelist");
            assert_eq!(query(&sh, "PRAGMA page_size;\nPRAGMA encoding;\n"), format!("{size}\n{encoding}\n"));
            assert_eq!(query(&sh, rows), rows_before, "{what}");
        }
    }
}

#[test]
fn rows_whose_table_is_lost_are_found() {
    let sh = Shell::new();
    let make_lost = "CREATE TABLE t1(a, b, c, PRIMARY KEY(b, c)) WITHOUT ROWID;\nINSERT INTO t1 VALUES(1, 2, 3), (4, 5, 6);\n\
        CREATE TABLE t2(x);\nINSERT INTO t2 VALUES('a' || char(10)), (NULL);\n\
        .dbconfig defensive off\n.output off\nPRAGMA writable_schema=1;\nDELETE FROM sqlite_schema WHERE name IN ('t1', 't2');\n";
    let bytes = make(&sh, "a.db", make_lost);
    let script = String::from_utf8(recover(&sh, &bytes, ".recover")).expect("text");
    assert_eq!(
        script.lines().filter(|l| !l.starts_with("PRAGMA")).collect::<Vec<_>>(),
        [
            ".dbconfig defensive off",
            "BEGIN;",
            "CREATE TABLE lost_and_found(rootpgno INTEGER, pgno INTEGER, nfield INTEGER, id INTEGER, c0, c1, c2);",
            "INSERT INTO lost_and_found VALUES(2, 2, 3, NULL, 2, 3, 1);",
            "INSERT INTO lost_and_found VALUES(2, 2, 3, NULL, 5, 6, 4);",
            r"INSERT INTO lost_and_found VALUES(3, 3, 1, 1, replace('a\n','\n', char(10)), NULL, NULL);",
            "INSERT INTO lost_and_found VALUES(3, 3, 1, 2, NULL, NULL, NULL);",
            "COMMIT;",
        ]
    );
    // The name may be taken, or the user's choice.
    let script = format!("{make_lost}CREATE TABLE lost_and_found(a);\nCREATE TABLE Lost_And_Found_0(a);\n");
    let bytes = make(&sh, "b.db", &script);
    recover(&sh, &bytes, ".recover");
    assert_eq!(query(&sh, "SELECT count(*) FROM lost_and_found_1;\n"), "4\n");
    recover(&sh, &bytes, ".recover -lost-and-found 'all the rest'");
    assert_eq!(query(&sh, "SELECT count(*) FROM \"all the rest\";\n"), "4\n");
}

#[test]
fn the_pages_of_a_lost_tree_know_their_root() {
    let sh = Shell::new();
    let script = "PRAGMA page_size=512;\nCREATE TABLE t(a INTEGER PRIMARY KEY, b);\n\
        WITH s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i<1000) INSERT INTO t SELECT i, 'row ' || i FROM s;\n\
        .dbconfig defensive off\n.output off\nPRAGMA writable_schema=1;\nDELETE FROM sqlite_schema;\n";
    let bytes = make(&sh, "a.db", script);
    recover(&sh, &bytes, ".recover");
    let all = "SELECT count(*), min(id), max(id), count(DISTINCT pgno)>10, group_concat(DISTINCT rootpgno),\n\
               sum(c1='row ' || id), count(c0) FROM lost_and_found;\n";
    assert_eq!(query(&sh, all), "1000|1|1000|1|2|1000|0\n");
}

#[test]
fn free_pages_are_looked_into_on_request() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a, b);\nCREATE TABLE u(a);\n\
        WITH s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i<100) INSERT INTO t SELECT i, zeroblob(500) FROM s;\n\
        DROP TABLE t;\n";
    let mut bytes = make(&sh, "a.db", script);
    recover(&sh, &bytes, ".recover");
    assert_eq!(query(&sh, "SELECT count(*) FROM sqlite_schema;\n"), "1\n");
    recover(&sh, &bytes, ".recover --ignore-freelist");
    assert_eq!(query(&sh, "SELECT count(*)>90 FROM lost_and_found WHERE length(c1)=500;\n"), "1\n");
    // A list that leads back to itself, and to pages that are not there.
    let trunk = usize::from(u16::from_be_bytes([bytes[34], bytes[35]])) - 1;
    let trunk = trunk * 4096;
    let own = bytes[32..36].to_vec();
    bytes[trunk..trunk + 4].copy_from_slice(&own);
    bytes[trunk + 4..trunk + 16].fill(0xff);
    recover(&sh, &bytes, ".recover");
    assert_eq!(query(&sh, "SELECT name FROM sqlite_schema WHERE name='u';\n"), "u\n");
}

#[test]
fn rowids_can_be_left_out() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a);\nINSERT INTO t VALUES(1), (2), (3), (4);\nDELETE FROM t WHERE a IN (1, 3);\n\
        CREATE TABLE k(i INTEGER PRIMARY KEY, _rowid_);\nINSERT INTO k VALUES(9, 1);\n\
        CREATE TABLE n(_rowid_, rowid, oid);\nINSERT INTO n VALUES(1, 2, 3);\n";
    let bytes = make(&sh, "a.db", script);
    let all = "SELECT rowid, a FROM t;\nSELECT * FROM k;\nSELECT * FROM n;\n";
    recover(&sh, &bytes, ".recover");
    assert_eq!(query(&sh, all), "2|2\n4|4\n9|1\n1|2|3\n");
    recover(&sh, &bytes, ".recover --no-rowids");
    assert_eq!(query(&sh, all), "1|2\n2|4\n9|1\n1|2|3\n");
}

#[test]
fn what_is_left_of_a_file_that_is_cut_comes_back() {
    let sh = Shell::new();
    let script = "PRAGMA page_size=512;\nCREATE TABLE t(a INTEGER PRIMARY KEY, b);\n\
        WITH s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i<1000) INSERT INTO t SELECT i, 'row ' || i FROM s;\n";
    let bytes = make(&sh, "a.db", script);
    for kept in [0, 1, 99, 100, 511, 512, 700, 1024] {
        recover(&sh, &bytes[..kept], ".recover");
    }
    let good = "SELECT count(*) FROM t WHERE b='row ' || a;\n";
    let mut before = 0;
    for part in 1..=8 {
        recover(&sh, &bytes[..bytes.len() * part / 8 - 77], ".recover");
        let rows: usize = query(&sh, good).trim().parse().expect("a number");
        assert!(rows >= before && rows >= 1000 * part / 8 - 100, "{rows} rows of part {part}");
        assert_eq!(query(&sh, "SELECT count(*) FROM t WHERE b<>'row ' || a;\n"), "0\n");
        before = rows;
    }
    // The overflow pages of a value are missing: the rest of its row is not.
    let bytes = make(
        &sh,
        "b.db",
        "CREATE TABLE t(a, b);\nINSERT INTO t VALUES(1, 'x'), (2, replace(hex(zeroblob(9000)), '0', 'y'));\n",
    );
    recover(&sh, &bytes[..8192], ".recover");
    assert_eq!(query(&sh, "SELECT a, trim(b, 'y') FROM t;\n"), "1|x\n2|\n");
}

#[test]
fn pages_that_are_zero_take_only_their_own_rows_along() {
    let sh = Shell::new();
    let script = "PRAGMA page_size=512;\nCREATE TABLE t(a INTEGER PRIMARY KEY, b);\nCREATE INDEX i ON t(b);\n\
        WITH s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i<400) INSERT INTO t SELECT i, 'row ' || i FROM s;\n";
    let bytes = make(&sh, "a.db", script);
    let tree = sh.run(&["a.db"], "SELECT child FROM sqlite_dbptr WHERE pgno=2;\n").out;
    for page in tree.lines() {
        let at = (page.parse::<usize>().expect("a page") - 1) * 512;
        let mut damaged = bytes.clone();
        damaged[at..at + 512].fill(0);
        recover(&sh, &damaged, ".recover");
        let rows: usize = query(&sh, "SELECT count(*) FROM t NOT INDEXED;\n").trim().parse().expect("a number");
        assert!((360..400).contains(&rows), "{rows}");
        assert_eq!(query(&sh, "PRAGMA integrity_check;\n"), "ok\n");
    }
    // Without its root the table is empty, and the rows are lost and found.
    let mut damaged = bytes.clone();
    damaged[512..1024].fill(0);
    recover(&sh, &damaged, ".recover");
    assert_eq!(
        query(&sh, "SELECT count(*) FROM t;\nSELECT count(*) FROM lost_and_found WHERE c1='row ' || id;\n"),
        "0\n400\n"
    );
    // Without page 1 all is.
    damaged = bytes;
    damaged[..512].fill(0);
    recover(&sh, &damaged, ".recover");
    assert_eq!(
        query(&sh, "SELECT count(*), group_concat(DISTINCT rootpgno) FROM lost_and_found WHERE c1='row ' || id;\n"),
        "400|2\n"
    );
}

#[test]
fn a_schema_that_has_lost_its_first_page_is_searched_for() {
    let sh = Shell::new();
    let script = "PRAGMA page_size=512;\nCREATE TABLE t1(a INTEGER PRIMARY KEY, b);\nCREATE TABLE t2(a, long_column_name_b, c);\n\
        CREATE TABLE t3(a, long_column_name_b, c, d);\nCREATE TABLE t4(a, long_column_name_b, c, d, e);\n\
        CREATE TABLE t5(a, long_column_name_b, c, d, e, f);\nCREATE INDEX i5 ON t5(long_column_name_b, c, d, e, f);\n\
        CREATE VIEW v AS SELECT * FROM t5 WHERE a=1;\nINSERT INTO t1 VALUES(1, 2);\nINSERT INTO t5 VALUES(1, 2, 3, 4, 5, 6);\n";
    let mut bytes = make(&sh, "a.db", script);
    assert_eq!(bytes[100], 5, "the schema has more than one page");
    bytes[..512].fill(0);
    recover(&sh, &bytes, ".recover");
    assert_eq!(query(&sh, "SELECT * FROM t1;\nSELECT * FROM v;\nPRAGMA integrity_check;\n"), "1|2\n1|2|3|4|5|6\nok\n");
    assert_eq!(query(&sh, "SELECT count(*) FROM sqlite_schema;\n"), "7\n");
}

#[test]
fn what_the_schema_says_wrong_is_passed_over() {
    let sh = Shell::new();
    let script = "CREATE TABLE t1(a);\nCREATE TABLE t2(a);\nCREATE TABLE t3(a);\nCREATE TABLE t4(a);\nCREATE VIEW v1 AS SELECT 1;\n\
        INSERT INTO t1 VALUES(1);\nINSERT INTO t2 VALUES(2);\nINSERT INTO t3 VALUES(3);\nINSERT INTO t4 VALUES(4);\n\
        .dbconfig defensive off\n.output off\nPRAGMA writable_schema=1;\n\
        UPDATE sqlite_schema SET sql='CREATE TABBLE t1(a)' WHERE name='t1';\n\
        UPDATE sqlite_schema SET rootpage=9999 WHERE name='t2';\n\
        UPDATE sqlite_schema SET sql='CREATE TABLE t3(a);' || char(10) || '.print pwned' WHERE name='t3';\n\
        UPDATE sqlite_schema SET sql=x'ff' WHERE name='v1';\n";
    let bytes = make(&sh, "a.db", script);
    let script = recover(&sh, &bytes, ".recover");
    assert!(!String::from_utf8_lossy(&script).contains("pwned"), "only the statement itself is taken over");
    assert_eq!(
        query(&sh, "SELECT name FROM sqlite_schema;\nSELECT * FROM t3;\nSELECT * FROM t4;\n"),
        "t2\nt3\nt4\nlost_and_found\n3\n4\n"
    );
    assert_eq!(query(&sh, "SELECT c0 FROM lost_and_found;\n"), "1\n2\n");
}

#[test]
fn pointers_that_lead_astray_end() {
    let sh = Shell::new();
    let script = "PRAGMA page_size=512;\nCREATE TABLE t(a INTEGER PRIMARY KEY, b);\n\
        WITH s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i<1000) INSERT INTO t SELECT i, 'row ' || i FROM s;\n\
        CREATE TABLE o(a);\nINSERT INTO o VALUES(zeroblob(100000));\n";
    let bytes = make(&sh, "a.db", script);
    let page = |n: usize| (n - 1) * 512;
    assert_eq!(bytes[page(2)], 5);
    // The root's last child is the root, is another table, is no page.
    for child in [[0, 0, 0, 2], [0, 0, 0, 1], [0xff; 4], [0; 4]] {
        let mut damaged = bytes.clone();
        damaged[page(2) + 8..page(2) + 12].copy_from_slice(&child);
        recover(&sh, &damaged, ".recover");
        assert_ne!(query(&sh, "SELECT count(*) FROM t WHERE b='row ' || a;\n"), "0\n");
    }
    // Overflow pages that go round in a circle.
    let pages = bytes.len() / 512;
    let mut damaged = bytes;
    for n in pages - 150..=pages {
        let next = u32::try_from(if n == pages { pages - 150 } else { n + 1 }).expect("small");
        damaged[page(n)..page(n) + 4].copy_from_slice(&next.to_be_bytes());
    }
    recover(&sh, &damaged, ".recover");
    assert_eq!(query(&sh, "SELECT count(*) FROM o;\nSELECT count(*) FROM t;\n"), "1\n1000\n");
}

#[test]
fn whatever_bytes_are_changed_recovery_ends_well() {
    let sh = Shell::new();
    let mut dice = Dice(42);
    let mut databases = Vec::new();
    for (size, encoding, vacuum) in [(512, "UTF-8", 0), (1024, "UTF-16le", 1), (512, "UTF-16be", 2)] {
        let settings =
            format!("PRAGMA page_size={size};\nPRAGMA encoding='{encoding}';\nPRAGMA auto_vacuum={vacuum};\n");
        databases.push(make(&sh, &format!("{size}-{encoding}.db"), &(settings + SCHEMA)));
    }
    for round in 0..100 {
        let mut bytes = databases[round % databases.len()].clone();
        for _ in 0..[1, 3, 10, 50, 300][dice.roll(5)] {
            let at = dice.roll(bytes.len());
            bytes[at] = u8::try_from(dice.roll(256)).expect("a byte");
        }
        recover(&sh, &bytes, [".recover", ".recover --ignore-freelist"][dice.roll(2)]);
    }
}

#[test]
fn what_cannot_be_done_is_said() {
    let sh = Shell::new();
    let said = sh.run(&[":memory:"], ".recover --what\n");
    assert_eq!((said.code, said.err.as_str()), (1, "unexpected option: --what\n"));
    assert!(said.out.starts_with(".recover "), "{said:?}");
    assert_eq!(sh.failing("BEGIN;\n.recover\n"), "sql error: cannot start a transaction within a transaction (1)\n");
    // A database in memory, with nothing in it, is no reason to complain; and all is as before.
    let script = "CREATE TABLE t(a);\nINSERT INTO t VALUES(1);\n.recover\n.dbconfig defensive\nINSERT INTO t VALUES(2);\n\
                  SELECT * FROM t;\nUPDATE sqlite_schema SET sql='' WHERE 0;\n";
    let said = sh.run(&[":memory:"], script);
    assert!(said.out.ends_with("COMMIT;\n          defensive on\n1\n2\n"), "{said:?}");
    assert!(said.err.contains("table sqlite_master may not be modified"), "{said:?}");
}

#[test]
fn ctrl_c_ends_it() {
    let sh = Shell::new();
    make(
        &sh,
        "a.db",
        "CREATE TABLE t(a);\n\
         WITH s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i<100000) INSERT INTO t SELECT 'row ' || i FROM s;\n",
    );
    let mut command = sh.command(&["a.db", ".recover"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the shell starts");
    // There is more to be written than a pipe holds: it cannot end before we have read on.
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    while !lines.next().expect("a line").expect("text").starts_with("INSERT") {}
    let pid = libc::pid_t::try_from(child.id()).expect("a process");
    // SAFETY: the process is our child, which has not been waited for.
    assert_eq!(unsafe { libc::kill(pid, libc::SIGINT) }, 0);
    let rest = lines.map(|line| line.expect("text")).collect::<Vec<_>>();
    assert!(rest.len() < 90000 && !rest.contains(&"COMMIT;".to_string()), "{} lines", rest.len());
    let said = child.wait_with_output().expect("the shell ends");
    assert_eq!(
        (said.status.code(), String::from_utf8_lossy(&said.stderr)),
        (Some(1), "sql error: interrupted (9)\n".into())
    );
}

#[test]
fn what_stands_behind_a_statement_of_the_schema_does_not_run() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a);\nCREATE TABLE u(a);\nCREATE VIEW v AS SELECT 1;\nCREATE TABLE w(a);\n\
        CREATE TRIGGER r AFTER INSERT ON w BEGIN SELECT ';', 1; SELECT 2 /* ; */; END;\nINSERT INTO w VALUES(5);\n\
        .dbconfig defensive off\n.output off\nPRAGMA writable_schema=1;\n\
        UPDATE sqlite_schema SET sql='CREATE TABLE t(a);' || char(10) || 'ATTACH ''other'' AS o;' || char(10) || '.shell touch x' WHERE name='t';\n\
        UPDATE sqlite_schema SET sql='.shell touch x' WHERE name='u';\n\
        UPDATE sqlite_schema SET sql='CREATE VIEW v AS SELECT 1;' || char(10) || '.shell touch x' WHERE name='v';\n";
    let bytes = make(&sh, "a.db", script);
    let said = sh.run(&["a.db"], ".dump\n");
    assert_eq!(said.err, "Error: the schema has no CREATE statement but [.shell touch x]\n");
    let recovered = String::from_utf8(recover(&sh, &bytes, ".recover")).expect("text");
    for script in [said.out.as_str(), recovered.as_str()] {
        assert!(!script.contains("ATTACH") && script.contains("CREATE TABLE t(a);\n"), "{script}");
        assert!(script.contains("BEGIN SELECT ';', 1; SELECT 2 /* ; */; END;\n"), "{script}");
        sh.run(&[":memory:"], script);
        assert!(!sh.dir().join("x").exists(), "{script}");
    }
}

#[test]
fn a_statement_of_the_schema_runs_no_query() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a);\nINSERT INTO t VALUES(1);\nCREATE TABLE u(a);\n\
        .dbconfig defensive off\n.output off\nPRAGMA writable_schema=1;\n\
        UPDATE sqlite_schema SET sql='CREATE TABLE t AS WITH RECURSIVE s(a) AS (SELECT 1 UNION ALL SELECT a+1 FROM s) SELECT a FROM s' WHERE name='t';\n\
        UPDATE sqlite_schema SET sql='CREATE  VIRTUAL TABLE u USING fts5(x)' WHERE name='u';\n";
    let bytes = make(&sh, "a.db", script);
    let script = String::from_utf8(recover(&sh, &bytes, ".recover")).expect("text");
    assert!(!script.contains("VIRTUAL") && !script.contains("RECURSIVE"), "{script}");
    assert_eq!(query(&sh, "SELECT c0 FROM lost_and_found;\n"), "1\n");
}
