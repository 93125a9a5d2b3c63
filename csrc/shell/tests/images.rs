//! `.dbinfo`, databases as text (`.dbtotxt`, `.open --hexdb`), and copies of files in memory.

mod common;

use common::{Said, Shell};

const MAKE: &str = "PRAGMA page_size=512;\nPRAGMA user_version=7;\nCREATE TABLE t(a, b);\nCREATE INDEX i ON t(b);\n\
                    CREATE VIEW v AS SELECT 1;\nINSERT INTO t VALUES(1, 'x{y}\"\\~'), (2, 3);\n";

#[test]
fn the_header_is_told() {
    let sh = Shell::new();
    let said = sh.run(&["a.db"], &format!("{MAKE}.dbinfo\n"));
    let (software, rest): (Vec<&str>, Vec<&str>) =
        said.out.lines().partition(|line| line.starts_with("software version:    3"));
    assert_eq!((said.code, said.err.as_str(), software.len()), (0, "", 1));
    assert_eq!(
        rest,
        [
            "database page size:  512",
            "write format:        1",
            "read format:         1",
            "reserved bytes:      0",
            "file change counter: 5",
            "database page count: 3",
            "freelist page count: 0",
            "schema cookie:       3",
            "schema format:       4",
            "default cache size:  0",
            "autovacuum top root: 0",
            "incremental vacuum:  0",
            "text encoding:       1 (utf8)",
            "user version:        7",
            "application id:      0",
            "number of tables:    1",
            "number of indexes:   1",
            "number of triggers:  0",
            "number of views:     1",
            "schema size:         67",
            "data version         7",
        ]
    );
    let script =
        "ATTACH ':memory:' AS 'm n';\nPRAGMA 'm n'.encoding='UTF-16be';\nCREATE TABLE 'm n'.x(y);\n.dbinfo 'm n'\n";
    assert!(sh.script(script).contains("text encoding:       3 (utf16be)\n"));
    assert_eq!(sh.failing(".dbinfo\n"), "unable to read database header\n");
    assert_eq!(sh.failing("CREATE TABLE t(a);\n.dbinfo no\n"), "unable to read database header\n");
}

#[test]
fn a_database_goes_to_text_and_back() {
    let sh = Shell::new();
    sh.run(&["a.db"], MAKE);
    let text = sh.run(&["a.db"], ".dbtotxt\n").out;
    let lines = text.lines().collect::<Vec<_>>();
    assert_eq!(lines[0], "| size 1536 pagesize 512 filename a.db");
    assert_eq!(lines[1], "| page 1 offset 0");
    assert_eq!(lines[2], "|      0: 53 51 4c 69 74 65 20 66 6f 72 6d 61 74 20 33 00   SQLite format 3.");
    assert!(lines.contains(&"| page 2 offset 512"), "{text}");
    assert!(text.contains(" 78 7b 79 7d 22 5c 7e") && text.contains("x.y...~"), "{text}");
    assert_eq!(lines[lines.len() - 1], "| end a.db");
    let all = "SELECT * FROM t;\nPRAGMA integrity_check;\n";
    let wanted = "1|x{y}\"\\~\n2|3\nok\n";
    // From a file, and from the script itself, whose lines are still counted.
    sh.write("a.txt", &text);
    assert_eq!(sh.script(&format!(".open --hexdb a.txt\n{all}")), wanted);
    let said = sh.run(&[":memory:"], &format!(".open --hexdb\n{text}{all}SELECT error;\n"));
    assert_eq!(said.out, wanted);
    let line = lines.len() + 4;
    assert!(said.err.starts_with(&format!("Parse error near line {line}: ")), "{said:?}");
    // It comes out as it went in.
    let again = sh.script(&format!(".open --hexdb\n{text}.dbtotxt\n"));
    assert_eq!(again, text.replace("a.db", "unk.db"));
    assert_eq!(sh.failing(".dbtotxt\n"), "ERROR: there is no page in the database\n");
}

#[test]
fn text_that_is_no_database_is_refused() {
    let sh = Shell::new();
    for (text, error) in [
        ("nonsense\n| end x\n", "Error on line 2 of --hexdb input\n"),
        ("| size 512 pagesize 7\n| page 1\n| end x\n", "invalid pagesize\nError on line 2 of --hexdb input\n"),
        ("| size -1 pagesize 512\n| end x\n", "Error on line 2 of --hexdb input\n"),
        ("| size 99999999999999999999 pagesize 512\n| end x\n", "Error on line 2 of --hexdb input\n"),
        ("", "Error on line 2 of --hexdb input\n"),
    ] {
        let rest = if text.is_empty() { "" } else { "SELECT 'goes on';\n" };
        let said = sh.run(&[":memory:"], &format!(".open --hexdb\n{text}{rest}"));
        assert_eq!(said.err, error, "{text}");
        assert_eq!(said.out, if text.is_empty() { "" } else { "goes on\n" }, "{text}");
    }
    assert_eq!(sh.run(&[":memory:"], ".open --hexdb no.txt\n").err, "cannot open \"no.txt\" for reading\n");
    // Offsets that are not in the database are passed over.
    let bytes = " 00".repeat(16);
    let script = format!(
        ".open --hexdb\n| size 512 pagesize 512\n| page 1 offset 0\n|  500:{bytes}\n|  -16:{bytes}\n\
         | page 2 offset 9223372036854775807\n|   0:{bytes}\n|  9223372036854775807:{bytes}\n| end x\n.print 1\n"
    );
    assert_eq!(sh.script(&script), "1\n");
}

#[test]
fn a_copy_in_memory_leaves_the_file_alone() {
    let sh = Shell::new();
    sh.run(&["a.db"], MAKE);
    let change = "INSERT INTO t VALUES(3, 4);\nSELECT count(*) FROM t;\n";
    let count = "SELECT count(*) FROM t;\n";
    assert_eq!(sh.run(&["-deserialize", "a.db"], change), Said::ok("3\n"));
    assert_eq!(sh.script(&format!(".open --deserialize a.db\n{change}")), "3\n");
    assert_eq!(sh.run(&["-mmap", "1M", "a.db"], count), Said::ok("2\n"));
    assert_eq!(sh.run(&["-deserialize", "no.db"], ""), Said::ok(""));
    assert_eq!(sh.run(&[":memory:"], ".open --deserialize no.db\n").err, "Error: cannot read \"no.db\"\n");
    assert!(!sh.dir().join("no.db").exists());
    let big = "INSERT INTO t VALUES(1, zeroblob(100000));\n";
    let full = "Error near line 1: database or disk is full (13)\n".replace(" (13)", "");
    assert_eq!(sh.run(&["-deserialize", "-maxsize", "50K", "a.db"], big).err, full);
    assert_eq!(
        sh.run(&[":memory:"], &format!(".open --deserialize --maxsize 50000 a.db\n{big}")).err,
        full.replace('1', "2")
    );
    assert_eq!(
        sh.run(&["-safe", ":memory:"], ".open --deserialize a.db\n"),
        Said::failed("line 1: cannot open disk-based database files in safe mode\n")
    );
}

#[test]
fn a_database_that_is_larger_than_allowed_is_not_read() {
    let sh = Shell::new();
    sh.run(&["a.db"], "CREATE TABLE t(a);\n");
    let said = sh.run(&[":memory:"], ".open --deserialize --maxsize 4096 a.db\nSELECT 'on';\n");
    assert_eq!(said.out, "on\n");
    assert_eq!(said.err, "Error: the database has 8192 bytes, --maxsize allows 4096\n");
}
