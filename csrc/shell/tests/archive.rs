//! Archives: directories as tables, the data of SQLite archives, and `.archive`.

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{Duration, UNIX_EPOCH};

use common::{Said, Shell};

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

/// A tree with a bit of everything. Its times are in the past.
fn populate(sh: &Shell, dir: &str) {
    put(sh, &format!("{dir}/a.txt"), b"abcd", 0o640, 1_000_000_000);
    put(sh, &format!("{dir}/long"), &[b'x'; 5000], 0o444, 1_000_000_001);
    put(sh, &format!("{dir}/e/b"), b"", 0o755, 1_000_000_002);
    symlink("a.txt", sh.dir().join(dir).join("l")).expect("a link");
    for (name, mode) in [("e", 0o555), ("", 0o750)] {
        let path = sh.dir().join(dir).join(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
        fs::File::open(&path)
            .expect("it")
            .set_modified(UNIX_EPOCH + Duration::from_secs(1_000_000_003))
            .expect("a time");
    }
}

/// Everything about the files below `dir`, in order.
fn tree(sh: &Shell, dir: &str) -> String {
    sh.script(&format!(
        "SELECT name, lsmode(mode), iif(mode&61440=40960, '', mtime), hex(data) FROM fsdir('.', '{dir}') ORDER BY name;\n"
    ))
}

/// Removes a tree in spite of its modes.
fn remove(sh: &Shell, dir: &str) {
    let path = sh.dir().join(dir).join("e");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a mode");
    fs::remove_dir_all(sh.dir().join(dir)).expect("no directory");
}

#[test]
fn what_is_archived_comes_back_as_it_was() {
    for (database, options) in
        [("x.db", ""), (":memory:", " -f y.db"), (":memory:", " -f y.zip"), ("y.zip", ""), (":memory:", " -a prog")]
    {
        let sh = Shell::new();
        sh.write("prog", "#!/bin/sh\n");
        populate(&sh, "d");
        let before = tree(&sh, "d");
        // The directory to extract into keeps its own mode.
        fs::create_dir_all(sh.dir().join("new/dir")).expect("directories");
        let mode = fs::metadata(sh.dir().join("d")).expect("it").permissions();
        fs::set_permissions(sh.dir().join("new/dir"), mode).expect("a mode");
        let zip: &[&str] = if database == "y.zip" { &["-zip", database] } else { &[database] };
        assert_eq!(sh.run(zip, &format!(".archive -c -C d{options} .\n")), Said::ok(""), "{database}{options}");
        assert_eq!(
            sh.run(&[database], &format!(".archive -x -C new/dir{options}\n")),
            Said::ok(""),
            "{database}{options}"
        );
        assert_eq!(tree(&sh, "new/dir"), before, "{database}{options}");
        // Once more, over what is there.
        sh.write("new/dir/a.txt", "another text");
        assert_eq!(
            sh.run(&[database], &format!(".archive -x -C new/dir{options}\n")),
            Said::ok(""),
            "{database}{options}"
        );
        assert_eq!(tree(&sh, "new/dir"), before, "{database}{options}");
        remove(&sh, "d");
        remove(&sh, "new/dir");
    }
}

#[test]
fn options_are_spelled_in_many_ways() {
    let sh = Shell::new();
    put(&sh, "d/a", b"a", 0o644, 1);
    for create in [
        "cCf d x.db .",
        "-cC d -f x.db .",
        "-fx.db -Cd -c .",
        "--create --dir d --file x.db -- .",
        "--cr --di d --fi x.db .",
    ] {
        assert_eq!(sh.run(&[":memory:"], &format!(".ar {create}\n")), Said::ok(""), "{create}");
        for list in ["tf x.db ./a", "-tfx.db ./a", "--list --file x.db -- ./a", "--l --f x.db ./a"] {
            assert_eq!(sh.run(&[":memory:"], &format!(".archive {list}\n")), Said::ok("./a\n"), "{list}");
        }
        let said = sh.run(&["x.db", "-A", "-t", "."], "SELECT 1;\n");
        assert_eq!(said, Said::ok(".\n./a\n"));
        assert_eq!(sh.run(&["-Atf", "x.db"], ""), Said::ok(".\n./a\n"));
        fs::remove_file(sh.dir().join("x.db")).expect("no file");
    }
}

#[test]
fn wrong_options_are_errors() {
    let sh = Shell::new();
    sh.write("a", "");
    let more = "Use \".archive --help\" for more help\n";
    for (options, error) in [
        ("-q", "Error: unrecognized option: q\n"),
        ("tq", "Error: unrecognized option: q\n"),
        ("--what", "Error: unrecognized option: --what\n"),
        ("--d", "Error: ambiguous option: --d\n"),
        ("-c -x", "Error: multiple command options\n"),
        ("-t -f", "Error: option requires an argument: f\n"),
        ("tf", "Error: option requires an argument: f\n"),
        ("-t --file", "Error: option requires an argument: --file\n"),
    ] {
        assert_eq!(sh.failing(&format!(".archive {options}\n")), format!("{error}{more}"), "{options}");
    }
    for (options, error) in [
        ("", "Wrong number of arguments.  Usage:\n"),
        ("-v", "Required argument missing.  Usage:\n"),
        ("-t", "database does not contain an 'sqlar' table\n"),
        ("-tf no.db", "cannot open file: no.db (unable to open database file)\n"),
        ("-tf no.zip", "Error: cannot open file: no.zip\n"),
        ("-tf a", "database does not contain an 'sqlar' table\n"),
        ("-cf x.zip none", "Error: cannot stat file: none\n"),
    ] {
        let err = sh.failing(&format!(".archive {options}\n"));
        assert!(err.starts_with(error), "{options}: {err}");
    }
    assert_eq!(sh.failing(".ar -c a\n.ar -t b\n"), "not found in archive: b\n");
    let said = sh.failing(".ar -c a\n.ar xv -v\n");
    assert!(said.starts_with("not found in archive: -v\nOptions go before names, "), "{said}");
    assert!(sh.script(".archive --help\n").starts_with(".archive ...  "));
    let said = sh.run(&[":memory:", "SELECT 1", "-At"], "");
    assert_eq!(said, Said::failed("Error: cannot mix regular SQL or dot-commands with \"-At\"\n"));
    assert!(sh.run(&[":memory:", "-A", "-q"], "").err.ends_with("Use \"-A\" for more help\n"));
}

#[test]
fn files_are_updated_inserted_listed_and_removed() {
    for file in ["x.db", "x.zip"] {
        let sh = Shell::new();
        put(&sh, "d/a", b"a", 0o644, 1_000_000_000);
        put(&sh, "d/b", b"b", 0o600, 1_000_000_001);
        put(&sh, "d/e/c", b"c", 0o755, 1_000_000_002);
        let ar = |options: &str| sh.script(&format!(".archive -f {file} {options}\n"));
        let sorted = |text: &str| {
            let mut lines: Vec<&str> = text.lines().collect();
            lines.sort_unstable();
            lines.join(" ")
        };
        // An archive is made by -c, a ZIP file by -u as well.
        assert_eq!(sorted(&ar(if file == "x.zip" { "-uv d" } else { "-cv d" })), "d d/a d/b d/e d/e/c");
        assert_eq!(ar("-uv d"), "");
        put(&sh, "d/b", b"B", 0o600, 1_000_000_009);
        assert_eq!(ar("-uv d"), "d/b\n");
        assert_eq!(ar("-iv d/a"), "d/a\n");
        let row = |mode: &str, second: u32, name: &str| format!("{mode}          1  2001-09-09 01:46:{second}  {name}");
        assert_eq!(
            sorted(&ar("-tv d/a d/b")),
            [row("-rw-------", 49, "d/b"), row("-rw-r--r--", 40, "d/a")].join(" "),
            "{file}"
        );
        // A directory stands for what is below it, a pattern for what it matches, and for that.
        let slash = if file == "x.zip" { "/" } else { "" };
        assert_eq!(sorted(&ar("-t d/e/")), format!("d/e{slash} d/e/c"));
        assert_eq!(sorted(&ar("-t -g d/[ae]")), if file == "x.zip" { "d/a d/e/ d/e/c" } else { "d/a d/e d/e/c" });
        assert_eq!(ar("-r d/e d/a"), "");
        assert_eq!(sorted(&ar("-t")), format!("d{slash} d/b"));
        assert_eq!(ar("-xv -C out d/b"), "out/d/b\n");
        assert_eq!(sh.read("out/d/b"), "B");
        assert!(sh.failing(&format!(".archive -rf {file}\n")).starts_with("Error: name what is to be removed\n"));
        // All or nothing.
        assert!(sh.failing(&format!(".archive -if {file} d/a none\n")).contains("cannot stat file: none"));
        assert_eq!(sorted(&ar("-t")), format!("d{slash} d/b"));
    }
}

#[test]
fn a_dry_run_does_nothing() {
    let sh = Shell::new();
    sh.write("a", "text");
    let script = ".archive -n -cf x.db a\n.archive -n -cf x.zip a\n.archive -c a\n.archive -n -x -C new\n.archive -n -r a\n.archive -t\n";
    let out = sh.script(script);
    assert!(
        out.starts_with("-- open database 'x.db'\n")
            && out.contains("CREATE VIRTUAL TABLE")
            && out.contains("fsdir('a',NULL)"),
        "{out}"
    );
    assert!(
        out.ends_with("DELETE FROM sqlar WHERE name='a' OR substr(name,1,length('a')+1)='a/';\nRELEASE ar;\na\n"),
        "{out}"
    );
    assert!(!sh.dir().join("x.zip").exists() && !sh.dir().join("new").exists());
}

#[test]
fn an_archive_does_not_contain_itself() {
    for file in ["x.db", "x.zip"] {
        let sh = Shell::new();
        sh.write("a", "text");
        assert_eq!(sh.script(&format!(".archive -cf {file} .\n.archive -tf {file} -g ./?*\n")), "./a\n");
        assert_eq!(sh.run(&[file, "-A", "u", "."], ""), Said::ok(""));
        assert_eq!(sh.script(&format!(".archive -tf {file} -g ./?*\n")), "./a\n");
    }
}

/// Fills an archive in a database with rows.
fn craft(sh: &Shell, rows: &str) {
    let script = format!(
        "CREATE TABLE sqlar(name TEXT PRIMARY KEY, mode INT, mtime INT, sz INT, data BLOB);\nINSERT INTO sqlar VALUES {rows};\n"
    );
    assert_eq!(sh.run(&["x.db"], &script), Said::ok(""));
}

#[test]
fn nothing_is_written_outside_of_the_directory() {
    let sh = Shell::new();
    let outside = tempfile::tempdir().expect("a directory");
    let elsewhere = outside.path().display().to_string();
    fs::create_dir_all(sh.dir().join("in/old")).expect("directories");
    symlink(outside.path(), sh.dir().join("in/gate")).expect("a link");
    symlink(outside.path().join("new"), sh.dir().join("in/file")).expect("a link");
    craft(
        &sh,
        &format!(
            "('../up', 33188, 0, -1, 'x'), ('old/../../up2', 33188, 0, -1, 'x'), ('..', 16877, 0, 0, NULL), ('old/..', 16877, 0, 0, NULL),\n\
             ('gate/def', 33188, 0, -1, 'x'), ('gate/dir', 16877, 0, 0, NULL), ('gate/l', 40960, 0, -1, 'x'), ('gate', 16832, 0, 0, NULL),\n\
             ('file', 33188, 0, -1, 'inside'), ('{elsewhere}/abs', 33188, 0, -1, 'x'),\n\
             ('escape', 40960, 0, -1, '{elsewhere}'), ('escape/ghi', 33188, 0, -1, 'x'), ('jump', 40960, 0, -1, '{elsewhere}'), ('abc', 33188, 0, -1, 'good')"
        ),
    );
    let mode = fs::metadata(outside.path()).expect("it").permissions().mode();
    for _ in 0..2 {
        let said = sh.run(&["x.db"], ".archive -x -C in\n");
        assert_eq!(said.code, 1);
        for name in ["../up", "old/../../up2", "..", "old/..", "gate/def", "gate/dir", "gate/l", "gate"] {
            assert!(said.err.contains(&format!("Error: cannot extract \"{name}\": ")), "{name}: {}", said.err);
        }
    }
    assert_eq!(fs::read_dir(outside.path()).expect("a directory").count(), 0);
    assert_eq!(fs::metadata(outside.path()).expect("it").permissions().mode(), mode);
    assert!(!sh.dir().join("up").exists() && !sh.dir().join("up2").exists());
    // The rest is there; an absolute name has become a relative one.
    assert_eq!((sh.read("in/abc").as_str(), sh.read("in/file").as_str()), ("good", "inside"));
    assert_eq!(sh.read(&format!("in{elsewhere}/abs")), "x");
    assert!(sh.dir().join("in/jump").is_symlink() && sh.dir().join("in/escape/ghi").is_file());
}

#[test]
fn a_member_that_cannot_be_extracted_does_not_stop_the_others() {
    let sh = Shell::new();
    craft(
        &sh,
        "('a', 33188, 0, -1, 'x'), ('a/b', 33188, 0, -1, 'x'), ('l', 40960, 0, -1, NULL), ('', 33188, 0, -1, 'x'), ('./c', 33188, NULL, 3, 'yes')",
    );
    let said = sh.run(&["x.db"], ".archive -x\n");
    assert_eq!(said.code, 1);
    let mut names: Vec<&str> = said.err.lines().filter_map(|line| line.split('"').nth(1)).collect();
    names.sort_unstable();
    assert_eq!(names, ["", "a/b", "l"]);
    assert_eq!(sh.read("c"), "yes");
    craft_damaged(&sh);
}

/// Data that cannot be uncompressed is told of.
fn craft_damaged(sh: &Shell) {
    let said = sh.run(&["x.db"], "INSERT INTO sqlar VALUES('damaged', 33188, 0, 5, 'xyz');\n.archive -x damaged\n");
    assert_eq!(said, Said::failed("Error: error in uncompress()\n"));
}

#[test]
fn archives_are_refused_in_safe_mode() {
    let sh = Shell::new();
    sh.write("a", "text");
    let said = sh.run(&["-safe", ":memory:"], ".archive -c a\n");
    assert_eq!(said, Said::failed("line 1: cannot run .archive in safe mode\n"));
    let said = sh.run(&["-safe", "x.db", "-A", "c", "a"], "");
    assert_eq!(said, Said::failed("argv[4]: cannot run .archive in safe mode\n"));
    sh.script(".archive -cf x.zip a\n");
    let said = sh.run(&["-safe", "x.zip"], "SELECT 1;\n");
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert!(said.err.ends_with("cannot open ZIP archives in safe mode\n"), "{}", said.err);
}

#[test]
fn a_zip_file_opens_as_a_table() {
    let sh = Shell::new();
    sh.write("a", "text");
    sh.script(".archive -cf x.zip a\n");
    let script = "SELECT name, CAST(data AS TEXT) FROM zip;\n";
    assert_eq!(sh.run(&["x.zip"], script), Said::ok("a|text\n"));
    assert_eq!(sh.script(&format!(".open x.zip\n{script}.open --normal x.db\n.tables\n")), "a|text\n");
    // One that does not exist yet, whatever its name is; and one that is not to be changed.
    let insert = "INSERT INTO zip(name, data) VALUES('b', 'more');\n";
    assert_eq!(sh.run(&["-zip", "new"], insert), Said::ok(""));
    assert_eq!(sh.run(&["new"], script), Said::ok("b|more\n"));
    assert_eq!(sh.script(&format!(".open --zip other\n{insert}{script}")), "b|more\n");
    assert!(sh.run(&["-readonly", "x.zip"], insert).err.contains("attempt to write a readonly database"));
    assert_eq!(sh.run(&["none.zip", "-A", "c", "a"], ""), Said::ok(""));
    assert_eq!(sh.run(&["none.zip", "-A", "t"], ""), Said::ok("a\n"));
}

#[test]
fn the_directory_to_extract_into_stays_as_it_is() {
    let sh = Shell::new();
    fs::create_dir(sh.dir().join("in")).expect("a directory");
    let mode = || fs::metadata(sh.dir().join("in")).expect("it").permissions().mode() & 0o777;
    fs::set_permissions(sh.dir().join("in"), fs::Permissions::from_mode(0o750)).expect("a mode");
    craft(&sh, "('./', 16895, 0, 0, NULL), ('', 16895, 0, 0, NULL), ('a', 33188, 0, 1, 'x')");
    sh.write("in/a", "old");
    assert_eq!(sh.run(&["x.db"], ".archive -x -C in\n"), Said::ok(""));
    assert_eq!((mode(), sh.read("in/a").as_str()), (0o750, "x"));
}

#[test]
fn a_file_that_cannot_be_replaced_leaves_nothing_behind() {
    let sh = Shell::new();
    fs::create_dir_all(sh.dir().join("in/a")).expect("directories");
    craft(&sh, "('a', 33188, 0, 1, 'x')");
    assert!(sh.run(&["x.db"], ".archive -x -C in\n").err.starts_with("Error: cannot extract \"a\": "));
    assert_eq!(fs::read_dir(sh.dir().join("in")).expect("a directory").count(), 1);
}
