//! ZIP archives as tables, and `zipfile()`.

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use common::{Said, Shell};

const FILL: &str = "CREATE VIRTUAL TABLE z USING zipfile('a.zip');\n\
    INSERT INTO z(name, mode, mtime, data, method) VALUES('f.txt', '-rw-r--r--', 1000000000, 'abcde', 0);\n\
    INSERT INTO z(name, mtime, data) VALUES('g.txt', 1000000002, 'aaaaaaaaaabbbbbbbbbb'), ('h.txt', 1000000004, '12');\n";
const LIST: &str = "SELECT name, mode, mtime, sz, CAST(data AS TEXT), method FROM zipfile('a.zip');\n";

/// What the archive holds, seen by a new process.
fn list(sh: &Shell) -> String {
    sh.script("SELECT name, CAST(data AS TEXT) FROM zipfile('a.zip');\n")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn entries_are_inserted_updated_and_deleted() {
    let sh = Shell::new();
    let script = format!("{FILL}{LIST}");
    let all = "f.txt|33188|1000000000|5|abcde|0\ng.txt|33188|1000000002|20|aaaaaaaaaabbbbbbbbbb|8\nh.txt|33188|1000000004|2|12|0\n";
    assert_eq!(sh.script(&script), all);
    let open = "CREATE VIRTUAL TABLE z USING zipfile([a.zip]);\n";
    let change = |sql: &str| sh.script(&format!("{open}{sql}\n{LIST}"));
    assert_eq!(
        change("DELETE FROM z WHERE name='g.txt';"),
        all.lines().filter(|line| !line.starts_with('g')).map(|line| format!("{line}\n")).collect::<String>()
    );
    assert_eq!(
        change(
            "UPDATE z SET mtime=4, mode='-rw-r--r-x' WHERE name='h.txt';\nUPDATE z SET name='b', data='edcba' WHERE name='f.txt';"
        ),
        "b|33188|1000000000|5|edcba|0\nh.txt|33189|4|2|12|0\n"
    );
    assert_eq!(
        change(
            "UPDATE z SET mode=NULL, data=NULL WHERE name='b';\nINSERT INTO z(name, mtime, data) VALUES('b/c', 5, x'');"
        ),
        "b/|16877|1000000000|0||0\nh.txt|33189|4|2|12|0\nb/c|33188|5|0||0\n"
    );
    let script =
        format!("{open}DELETE FROM z;\nSELECT count(*) FROM z;\nSELECT count(*) FROM zipfile(readfile('a.zip'));\n");
    assert_eq!(sh.script(&script), "0\n0\n");
}

#[test]
fn columns_and_modes_are_checked() {
    let sh = Shell::new();
    let open = FILL.replace("INSERT", "INSERT OR REPLACE");
    for (sql, error) in [
        ("INSERT INTO z(name, sz, data) VALUES('x', 1, 'x')", "sz must be NULL"),
        ("INSERT INTO z(name, rawdata) VALUES('x', 'x')", "rawdata must be NULL"),
        ("INSERT INTO z(name, data, method) VALUES('x', 'x', 7)", "unknown compression method: 7"),
        ("INSERT INTO z(name, mode) VALUES('x', 'abcd')", "zipfile: parse error in mode: abcd"),
        ("INSERT INTO z(name, mode, data) VALUES('x', 'drwxr-xr-x', 'x')", "zipfile: mode does not match data"),
        ("INSERT INTO z(name, data) VALUES('x/', 'x')", "non-directory name must not end with /"),
        ("INSERT INTO z(name, data) VALUES(hex(zeroblob(32768)), 'x')", "filename too long; max: 65535 bytes"),
        ("INSERT INTO z(name) VALUES('f.txt')", "duplicate name: \"f.txt/\""),
        ("UPDATE z SET name='g.txt' WHERE name='f.txt'", "duplicate name: \"g.txt\""),
        ("UPDATE z SET data=NULL WHERE name='f.txt'", "zipfile: mode does not match data"),
        ("SELECT rowid FROM z", "no such column: rowid"),
        ("INSERT INTO zipfile(name) VALUES('x')", "zipfile: missing filename"),
        ("CREATE VIRTUAL TABLE y USING zipfile()", "zipfile constructor requires one argument"),
        ("CREATE VIRTUAL TABLE y USING zipfile('a', 'b')", "zipfile constructor requires one argument"),
        ("SELECT * FROM zipfile()", "zipfile() function requires an argument"),
        ("SELECT * FROM zipfile('no/such')", "cannot open file: no/such"),
        ("SELECT * FROM zipfile(NULL)", "cannot open file: "),
        ("SELECT zipfile('a')", "wrong number of arguments to function zipfile()"),
        ("SELECT zipfile(NULL, 'x')", "first argument to zipfile() must be non-NULL"),
        ("SELECT zipfile('a', NULL, NULL, 'x', 16)", "illegal method value: 16"),
        ("SELECT zipfile('a', 'lrwxrrxrwx', 1, 'x')", "zipfile: parse error in mode: lrwxrrxrwx"),
        (
            "CREATE VIRTUAL TABLE y USING zipfile('.');\nINSERT INTO y(name) VALUES('x')",
            "zipfile: failed to open file . for writing",
        ),
    ] {
        let err = sh.failing(&format!("{open}.bail on\n{sql};\n"));
        assert!(err.contains(error), "{sql}: {err}");
    }
    assert_eq!(list(&sh), "f.txt|abcde\ng.txt|aaaaaaaaaabbbbbbbbbb\nh.txt|12\n");
}

#[test]
fn conflicts_are_resolved_as_the_statement_says() {
    let sh = Shell::new();
    let script = format!(
        "{FILL}INSERT OR IGNORE INTO z(name, data) VALUES('g.txt', 'x'), ('i', 'i');\n\
         REPLACE INTO z(name, data) VALUES('i', 'j'), ('i', 'k');\n\
         UPDATE OR REPLACE z SET name='g.txt' WHERE name='h.txt';\nSELECT name, CAST(data AS TEXT) FROM z;\n"
    );
    assert_eq!(sh.script(&script), "f.txt|abcde\ng.txt|12\ni|k\n");
}

#[test]
fn what_is_rolled_back_has_not_happened() {
    let sh = Shell::new();
    sh.script(FILL);
    let before = fs::read(sh.dir().join("a.zip")).expect("the archive");
    let open = "CREATE VIRTUAL TABLE z USING zipfile('a.zip');\n";
    let all = "SELECT group_concat(name, ' ') FROM z;\n";
    let script = format!(
        "{open}BEGIN;\nINSERT INTO z(name, data) VALUES('i', 'i');\nSAVEPOINT one;\nDELETE FROM z WHERE name='f.txt';\n\
         INSERT INTO z(name, data) VALUES('j', 'j');\n{all}SAVEPOINT two;\nDELETE FROM z;\nROLLBACK TO two;\n{all}\
         ROLLBACK TO one;\n{all}ROLLBACK;\n{all}"
    );
    assert_eq!(sh.script(&script), "g.txt h.txt i j\ng.txt h.txt i j\nf.txt g.txt h.txt i\nf.txt g.txt h.txt\n");
    assert_eq!(fs::read(sh.dir().join("a.zip")).expect("the archive"), before);
    // A statement that fails undoes itself, within a transaction as well.
    let said = sh.run(
        &[":memory:"],
        &format!(
            "{open}BEGIN;\nINSERT INTO z(name, data) VALUES('i', 'i');\nUPDATE z SET name='x';\n{all}COMMIT;\n{all}"
        ),
    );
    assert_eq!(said.out, "f.txt g.txt h.txt i\nf.txt g.txt h.txt i\n");
    let said = sh.run(&[":memory:"], &format!("{open}INSERT INTO z(name, data) VALUES('k', 'k'), ('k', 'k');\n{all}"));
    assert_eq!(said.out, "f.txt g.txt h.txt i\n");
    // A savepoint that is older than the first change, and a table that is dropped before the end.
    let script = format!(
        "{open}SAVEPOINT one;\nINSERT INTO z(name, data) VALUES('k', 'k');\nROLLBACK TO one;\n\
         INSERT INTO z(name, data) VALUES('l', 'l');\nRELEASE one;\n{all}\
         BEGIN;\nINSERT INTO z(name, data) VALUES('m', 'm');\nDROP TABLE z;\nCOMMIT;\n\
         SELECT group_concat(name, ' ') FROM zipfile('a.zip');\n"
    );
    assert_eq!(sh.script(&script), "f.txt g.txt h.txt i l\nf.txt g.txt h.txt i l m\n");
}

/// A transaction that has not come to its end leaves the archive as it was, wherever it has stopped.
#[test]
fn a_torn_transaction_leaves_the_archive_as_it_was() {
    let sh = Shell::new();
    let path = sh.dir().join("a.zip");
    sh.script(FILL);
    let (old_size, old) = (fs::metadata(&path).expect("the archive").len() as usize, list(&sh));
    // Among the new data is an archive, with an end record of its own.
    sh.script(
        "CREATE VIRTUAL TABLE z USING zipfile('a.zip');\nBEGIN;\nDELETE FROM z WHERE name='f.txt';\n\
               INSERT INTO z(name, data, method) VALUES('inner.zip', readfile('a.zip'), 0), ('j', 'j', 0);\nCOMMIT;\n",
    );
    let new = fs::read(&path).expect("the archive");
    let mut script = String::new();
    for size in old_size..=new.len() {
        fs::write(sh.dir().join(format!("{size}.zip")), &new[..size]).expect("a file");
        script += &format!("SELECT group_concat(name, ' ') FROM zipfile('{size}.zip');\n");
    }
    let seen = sh.script(&script);
    let mut lines = seen.lines().rev();
    assert_eq!(lines.next(), Some("g.txt h.txt inner.zip j"));
    assert_eq!(lines.clone().count(), new.len() - old_size);
    assert!(lines.all(|line| line == "f.txt g.txt h.txt"));
    // And it can be written again.
    fs::write(&path, &new[..new.len() - 1]).expect("a file");
    assert_eq!(list(&sh), old);
    sh.script("CREATE VIRTUAL TABLE z USING zipfile('a.zip');\nINSERT INTO z(name, data) VALUES('k', 'k');\n");
    assert_eq!(list(&sh), format!("{old}k|k\n"));
}

#[test]
fn a_process_that_is_killed_leaves_the_archive_as_it_was() {
    let sh = Shell::new();
    sh.script(FILL);
    let old = list(&sh);
    let mut child =
        sh.command(&[":memory:"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the shell starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    stdin
        .write_all(b"CREATE VIRTUAL TABLE z USING zipfile('a.zip');\nBEGIN;\nDELETE FROM z;\n\
                     INSERT INTO z(name, data) SELECT value, randomblob(100000) FROM generate_series(1, 10);\nSELECT count(*) FROM z;\n")
        .expect("the shell reads");
    let mut line = String::new();
    stdout.read_line(&mut line).expect("a line");
    assert_eq!(line, "10\n");
    // Nobody else may write meanwhile, but read.
    assert_eq!(list(&sh), old);
    let script = "CREATE VIRTUAL TABLE z USING zipfile('a.zip');\nINSERT INTO z(name, data) VALUES('k', 'k');\n";
    assert!(sh.failing(script).contains("zipfile: somebody else is changing a.zip"));
    child.kill().expect("a signal");
    child.wait().expect("the end");
    assert!(fs::metadata(sh.dir().join("a.zip")).expect("the archive").len() > 1_000_000);
    assert_eq!(list(&sh), old);
    sh.script(script);
    assert_eq!(list(&sh), format!("{old}k|k\n"));
}

#[test]
fn an_aggregate_makes_an_archive() {
    let sh = Shell::new();
    let script = "SELECT name, mode, mtime, data, method FROM zipfile((SELECT zipfile(column1, NULL, 1000000000, column2, column3) FROM\n\
                  (VALUES('a', 'text', NULL), ('b//', NULL, NULL), ('/', NULL, NULL), ('c', 'x', 8), ('d', zeroblob(100), NULL), ('e', zeroblob(100), 0))));\n";
    let list = sh.script(&script.replace(", data,", ", length(data),"));
    let part = "|1000000000|";
    assert_eq!(
        list,
        format!(
            "a|33188{part}4|0\nb/|16877{part}|0\n/|16877{part}|0\nc|33188{part}1|8\nd|33188{part}100|8\ne|33188{part}100|0\n"
        )
    );
    assert_eq!(
        sh.script("SELECT zipfile('a', 'b') IS NULL, (SELECT zipfile(1, 2) FROM (SELECT 1 WHERE 0)) IS NULL;\n"),
        "0|1\n"
    );
    // Times come from the extra field, or else from that of MS-DOS.
    let script = "SELECT name, mtime FROM zipfile(unhex(replace((SELECT hex(zipfile('a', NULL, column1, 'b')) FROM (VALUES(946684801),(0),(4294967295))), '55540500', '00000500')));\n";
    assert_eq!(sh.script(script), "a|946684800\na|315532800\na|4294967294\n");
    let script = "SELECT name, json_extract(zipfile_cds(z), '$.crc32'), json_extract(zipfile_cds(z), '$.compression'), zipfile_cds(name) IS NULL FROM zipfile((SELECT zipfile('a', 'abcde')));\n";
    assert_eq!(sh.script(script), "a|2240272485|0|1\n");
}

#[test]
fn what_is_no_archive_is_an_error() {
    let sh = Shell::new();
    for (blob, error) in [
        ("", "cannot find end of central directory record"),
        ("504b0506", "cannot find end of central directory record"),
        ("504b050600000000010001004000000000a3e1110000", "zip archive is corrupt"),
        // A name that is longer than the archive, and extra data that is.
        (
            "504b0304140000080000a60d3e5bd42728f6020000000200000005000900682e74787455540500012836db682120504b01021e03140000080000a60d3e5bd42728f602000000020000000500ffff0000000000000000a481000000 00682e74787455540500012836db68504b050600000000010001003c0000002e0000000000",
            "zip archive is corrupt",
        ),
        (
            "504b0304140000000000000000008b9ed9d30100000001000000010000007841504b01021e03140000000000000000008b9ed9d3010000000100000001001e000000000000000000a4810000000078504b050600000000010001002f000000200000000000",
            "zip archive is corrupt",
        ),
        // Local headers outside, and none.
        (
            "504b03040a0000000000000000000000000000000000000000000100000078504b010200000a0000000000000000000000000000000000000000000100000000000000000000000000e2ffffff78504b050600000000010001002f0000001f0000000000",
            "failed to read LFH at offset -30",
        ),
        (
            "504b0506000000000100010030000000160000000000504b01021400140000000000000000000000000000000000000000000100010000000000000000000000000000006100",
            "failed to read LFH at offset 0",
        ),
        (
            "504b0506000000000100010030000000150000000000504b01021400140000000000000000000000000000000000000000000100010000000000000000000000000000006100",
            "failed to read CDS at offset 21",
        ),
        ("504b050600000000ffffffffffffffffffffffff0000", "this is a zip64 archive, which cannot be read"),
    ] {
        let blob = blob.replace(' ', "");
        let err = sh.failing(&format!("SELECT * FROM zipfile(x'{blob}');\n"));
        assert!(err.contains(error), "{blob}: {err}");
        fs::write(sh.dir().join("x.zip"), unhex(&blob)).expect("a file");
        if !blob.is_empty() {
            let err = sh.failing("SELECT * FROM zipfile('x.zip');\n");
            assert!(err.contains(error), "{blob}: {err}");
        }
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).expect("hex digits")).collect()
}

#[test]
fn damaged_data_is_an_error_and_no_other() {
    let sh = Shell::new();
    sh.script("SELECT writefile('a.zip', zipfile('a', zeroblob(1000))) IS NULL;\n");
    let good = hex(&fs::read(sh.dir().join("a.zip")).expect("the archive"));
    let failing = |blob: &str| sh.failing(&format!("SELECT data FROM zipfile(x'{blob}');\n"));
    // 999 bytes, 4 GB, another method, and noise.
    assert!(failing(&good.replace("e8030000", "e7030000")).contains("inflate() failed (0)"));
    assert!(failing(&good.replace("e8030000", "ffffffff")).contains("inflate() failed (0)"));
    let script = format!(
        "SELECT name, data IS NULL, method, length(rawdata)>0 FROM zipfile(x'{}');\n",
        good.replace("1400000808", "1400000809")
    );
    assert_eq!(sh.script(&script), "a|1|9|1\n");
}

/// Every byte of an archive changed: there may be an error, or other data, but the shell goes on.
#[test]
fn no_changed_byte_is_too_much() {
    let sh = Shell::new();
    sh.script("SELECT writefile('a.zip', zipfile(column1, column2)) IS NULL FROM (VALUES('a', zeroblob(1000)), ('b', 'text'), ('c', NULL));\n");
    let good = fs::read(sh.dir().join("a.zip")).expect("the archive");
    let mut script = String::new();
    for i in 0..good.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut bad = good.clone();
            bad[i] ^= change;
            script += &format!(
                "SELECT count(*) FROM (SELECT name, mode, mtime, sz, rawdata, data, zipfile_cds(z) FROM zipfile(x'{}')) WHERE length(data)+length(rawdata)>-1;\n",
                hex(&bad)
            );
        }
    }
    script += "SELECT 'end';\n";
    let said = sh.run(&[":memory:"], &script);
    assert!(said.out.ends_with("end\n"), "{said:?}");
    for line in said.err.lines() {
        assert!(
            ["inflate() failed", "zip archive is corrupt", "failed to read", "cannot find end", "zip64"]
                .iter()
                .any(|known| line.contains(known)),
            "{line}"
        );
    }
}

#[test]
fn other_programs_write_archives_too() {
    let sh = Shell::new();
    // Written by MS-DOS: no modes, no extra fields, a comment at the end.
    let dos = "504b03040a0000000000606c4a2b0000000000000000000000000200000064 2f504b01020a000a0000000000606c4a2b00000000000000000000000002000000000000000000100000000000000064 2f504b0506000000000100010030000000200000000200 6869"
        .replace(' ', "");
    let script = format!("SELECT name, mode, datetime(mtime, 'unixepoch'), sz, data IS NULL FROM zipfile(x'{dos}');\n");
    assert_eq!(sh.script(&script), "d/|0|2001-10-10 13:35:00|0|1\n");
}

#[test]
fn archives_are_out_of_reach_in_safe_mode() {
    let sh = Shell::new();
    sh.script(FILL);
    let said = sh.run(&["-safe", ":memory:"], "SELECT * FROM zipfile('a.zip');\n");
    assert!(said.code == 1 && said.err.contains("no such table: zipfile"), "{said:?}");
    let said = sh.run(&["-safe", ":memory:"], "CREATE VIRTUAL TABLE z USING zipfile('a.zip');\n");
    assert!(said.code == 1 && said.err.contains("cannot use the zipfile module in safe mode"), "{said:?}");
    let script = "CREATE VIEW v AS SELECT name FROM zipfile('a.zip');\nSELECT * FROM v;\n";
    assert!(sh.failing(script).contains("unsafe use of virtual table \"zipfile\""));
    assert_eq!(sh.run(&["-safe", ":memory:"], "SELECT 1;\n"), Said::ok("1\n"));
}
