//! Archives: directories as tables.

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
