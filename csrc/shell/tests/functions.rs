//! SQL functions that the shell brings.

mod common;

use common::{Said, Shell};

#[test]
fn files_are_read_as_blobs() {
    let sh = Shell::new();
    sh.write("a.txt", "héllo\n");
    sh.write("empty", "");
    let script = "SELECT typeof(readfile('a.txt')), hex(readfile('a.txt')), quote(readfile('empty'));\n\
                  SELECT readfile('none') IS NULL, readfile('.') IS NULL, readfile(NULL) IS NULL;\n";
    assert_eq!(sh.script(script), "blob|68C3A96C6C6F0A|X''\n1|1|1\n");
    sh.write("long", &"x".repeat(31));
    let said = sh.run(&[":memory:"], ".limit length 30\nSELECT readfile('long');\n");
    assert!(said.err.contains("string or blob too big"), "{said:?}");
}

#[test]
fn files_directories_and_links_are_written() {
    let sh = Shell::new();
    let script = "SELECT writefile('a.txt', 'text'), writefile('d/e/b.bin', x'00ff', 33152, 1000000000), writefile('none', NULL);\n\
                  SELECT writefile('f', '', 16877), writefile('f', '', 16877), writefile('l', 'a.txt', 40960);\n\
                  SELECT hex(readfile('l')), hex(readfile('d/e/b.bin')), quote(readfile('none'));\n";
    assert_eq!(sh.script(script), "4|2|0\n0|0|0\n74657874|00FF|X''\n");
    let file = std::fs::metadata(sh.dir().join("d/e/b.bin")).expect("the file");
    assert!(sh.dir().join("f").is_dir() && sh.dir().join("l").is_symlink());
    let modified = file.modified().expect("a time").duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    assert_eq!(modified.as_secs(), 1_000_000_000);
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&file.permissions()) & 0o777, 0o600);
}

#[test]
fn what_cannot_be_written_is_an_error() {
    let sh = Shell::new();
    sh.write("a.txt", "");
    for (sql, error) in [
        ("writefile('a.txt/b', 'x')", "failed to write file: a.txt/b"),
        ("writefile('a.txt', '', 16877)", "failed to create directory: a.txt"),
        ("writefile('a.txt', 'x', 40960)", "failed to create symlink: a.txt"),
        ("writefile('a.txt')", "wrong number of arguments to function writefile()"),
    ] {
        assert!(sh.failing(&format!("SELECT {sql};\n")).contains(error), "{sql}");
    }
    let said = sh.run(&["-safe", ":memory:"], "SELECT writefile('b.txt', 'x');\n");
    assert_eq!(said, Said::failed("line 1: cannot use the writefile() function in safe mode\n"));
    let script = "CREATE TABLE t(a); INSERT INTO t VALUES('b.txt');\n\
                  CREATE VIEW v AS SELECT writefile(a, 'x') FROM t;\nSELECT * FROM v;\n";
    assert!(sh.failing(script).contains("unsafe use of writefile()"));
    assert!(!sh.dir().join("b.txt").exists());
}

#[test]
fn a_series_has_a_start_an_end_and_a_step() {
    let sh = Shell::new();
    let list = |from: &str| sh.script(&format!("SELECT group_concat(value, ' ') FROM {from};\n"));
    assert_eq!(list("generate_series(1,4)"), "1 2 3 4\n");
    assert_eq!(list("generate_series(1,10,4)"), "1 5 9\n");
    assert_eq!(list("generate_series(10,1,-4)"), "10 6 2\n");
    assert_eq!(list("generate_series(3,1)"), "\n");
    assert_eq!(list("generate_series(1,3,0)"), "1 2 3\n");
    assert_eq!(list("generate_series(1,NULL)"), "\n");
    assert_eq!(list("(SELECT value FROM generate_series(1,10,4) ORDER BY value DESC)"), "9 5 1\n");
    assert_eq!(list("(SELECT value FROM generate_series(10,1,-4) ORDER BY value)"), "2 6 10\n");
    assert_eq!(list("(SELECT value FROM generate_series(5) LIMIT 3)"), "5 6 7\n");
    assert_eq!(
        list("generate_series(-9223372036854775808, 9223372036854775807, 9223372036854775807)"),
        "-9223372036854775808 -1 9223372036854775806\n"
    );
    let script = "CREATE TABLE t(a, b); INSERT INTO t VALUES(1,2),(5,6);\n\
                  SELECT a, value, start, stop, step, g.rowid FROM t, generate_series(a,b) AS g;\n";
    assert_eq!(sh.script(script), "1|1|1|2|1|1\n1|2|1|2|1|2\n5|5|5|6|1|1\n5|6|5|6|1|2\n");
    assert!(sh.failing("SELECT * FROM generate_series;\n").contains("first argument to \"generate_series()\" missing"));
}
