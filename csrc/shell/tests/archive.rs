//! Archives: directories as tables, and the data of SQLite archives.

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{Duration, UNIX_EPOCH};

use common::Shell;

/// Writes a file with this mode and modification time, and the directories that it is in.
fn put(sh: &Shell, name: &str, text: &[u8], mode: u32, mtime: u64) {
    let path = sh.dir().join(name);
    fs::create_dir_all(path.parent().expect("a directory")).expect("directories");
    fs::write(&path, text).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
    let file = fs::File::options().read(true).open(&path).expect("the file");
    file.set_modified(UNIX_EPOCH + Duration::from_secs(mtime)).expect("a time");
}

#[test]
fn a_directory_is_a_table() {
    let sh = Shell::new();
    put(&sh, "d/a.txt", b"text", 0o640, 1_000_000_000);
    put(&sh, "d/e/b", b"", 0o755, 1_000_000_001);
    symlink("a.txt", sh.dir().join("d/l")).expect("a link");
    let script = "SELECT name, lsmode(mode), iif(name GLOB '*[ab]*', mtime, ''), quote(data), level FROM fsdir('d') ORDER BY 1;\n";
    let list = "d|drwxr-xr-x||NULL|1\nd/a.txt|-rw-r-----|1000000000|X'74657874'|2\nd/e|drwxr-xr-x||NULL|2\n\
                d/e/b|-rwxr-xr-x|1000000001|X''|3\nd/l|lrwxrwxrwx||'a.txt'|2\n";
    fs::set_permissions(sh.dir().join("d"), fs::Permissions::from_mode(0o755)).expect("a mode");
    fs::set_permissions(sh.dir().join("d/e"), fs::Permissions::from_mode(0o755)).expect("a mode");
    assert_eq!(sh.script(script), list);
    // Relative to a directory, not deeper than wanted, and once for each row of a join.
    let names = |from: &str| sh.script(&format!("SELECT group_concat(name, ' ' ORDER BY name) FROM {from};\n"));
    assert_eq!(names("fsdir('.', 'd')"), ". ./a.txt ./e ./e/b ./l\n");
    assert_eq!(names("fsdir('e/b', 'd')"), "e/b\n");
    assert_eq!(names("fsdir('d') WHERE level<=2"), "d d/a.txt d/e d/l\n");
    assert_eq!(names("fsdir('d') WHERE level<2"), "d\n");
    assert_eq!(names("fsdir('d') WHERE level=3"), "d/e/b\n");
    assert_eq!(names("(SELECT 'd/e' AS p UNION ALL SELECT 'd/e'), fsdir(p)"), "d/e d/e d/e/b d/e/b\n");
    assert_eq!(sh.script("SELECT lsmode(33188), lsmode(4095), lsmode(NULL);\n"), "-rw-r--r--|?rwxrwxrwx|?---------\n");
}

#[test]
fn what_is_no_directory_is_an_error() {
    let sh = Shell::new();
    for (from, error) in [
        ("fsdir('none')", "cannot stat file: none"),
        ("fsdir('x', 'none')", "cannot stat file: none/x"),
        ("fsdir", "table function fsdir requires an argument"),
        ("fsdir(NULL)", "table function fsdir requires a non-NULL argument"),
    ] {
        let err = sh.failing(&format!("SELECT * FROM {from};\n"));
        assert!(err.contains(error), "{from}: {err}");
    }
    let script = "CREATE VIEW v AS SELECT name FROM fsdir('.');\nSELECT * FROM v;\n";
    assert!(sh.failing(script).contains("unsafe use of virtual table \"fsdir\""));
    let said = sh.run(&["-safe", ":memory:"], "SELECT name FROM fsdir('.');\n");
    assert!(said.code == 1 && said.err.contains("no such table: fsdir"), "{said:?}");
}

#[test]
fn data_of_sqlite_archives_is_in_zlib_format() {
    let sh = Shell::new();
    // The streams of zlib itself are understood, and only what gets shorter is compressed.
    let script = "SELECT sqlar_uncompress(x'789c4b4c4a4e4442002df505bf', 15) AS a, hex(sqlar_compress(x'00010203')), sqlar_compress('text'), sqlar_compress(NULL) IS NULL;\n\
                  WITH t(x) AS (SELECT zeroblob(100000)), u(x, c) AS (SELECT x, sqlar_compress(x) FROM t)\n\
                  SELECT length(c)<1000, substr(hex(c), 1, 2), sqlar_uncompress(c, 100000)=x, length(sqlar_uncompress(c, 100500)), sqlar_uncompress(c, -1)=c, sqlar_uncompress(c, length(c))=c FROM u;\n";
    assert_eq!(sh.script(script), "abcabcabcabcabc|00010203|text|1\n1|78|1|100000|1|1\n");
}

#[test]
fn what_cannot_be_uncompressed_is_an_error() {
    let sh = Shell::new();
    for (call, error) in [
        ("sqlar_uncompress(x'00010203', 5)", "error in uncompress()"),
        ("sqlar_uncompress(x'', 5)", "error in uncompress()"),
        ("sqlar_uncompress(x'789c4b4c4a4e4442002df505bf', 14)", "error in uncompress()"),
        ("sqlar_uncompress(x'789c4b4c4a4e4442002df505be', 15)", "error in uncompress()"),
        ("sqlar_uncompress(x'789c4b4c4a4e44', 15)", "error in uncompress()"),
        // No memory is asked for what cannot be in there.
        ("sqlar_uncompress(x'789c4b4c4a4e44', 9223372036854775807)", "error in uncompress()"),
        ("sqlar_uncompress(zeroblob(3000000), 3000000000)", "string or blob too big"),
    ] {
        let err = sh.failing(&format!("SELECT {call};\n"));
        assert!(err.contains(error), "{call}: {err}");
    }
}
