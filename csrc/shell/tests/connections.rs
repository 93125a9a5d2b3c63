//! `.connection` and `.session`: several databases, and what changes in them.

mod common;

use common::{Said, Shell};

#[test]
fn databases_are_open_side_by_side() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a); INSERT INTO t VALUES(1);\n.connection\n.connection 1\n.connection\n\
                  .open b.db\nCREATE TABLE u(a); INSERT INTO u VALUES(2);\n.connection\n\
                  .connection 0\nSELECT a FROM t;\n.connection 1\nSELECT a FROM u;\nSELECT a FROM t;\n\
                  .connection close 0\n.connection close 0\n.connection close 7\n.connection 9\n.connection\n";
    let said = sh.run(&["a.db"], script);
    assert_eq!(
        said.out,
        "ACTIVE 0: a.db\n       0: a.db\nACTIVE 1: (memory)\n       0: a.db\nACTIVE 1: b.db\n1\n2\nACTIVE 1: b.db\n"
    );
    assert_eq!(said.err, "Parse error near line 12: no such table: t\n");
    assert_eq!(sh.failing(".connection close 0\n"), "cannot close the active database connection\n");
    for bad in ["x", "12", "close", "close x", "1 2"] {
        let usage = "Usage: .connection [close] [CONNECTION-NUMBER]\n";
        assert_eq!(sh.failing(&format!(".connection {bad}\n")), usage, "{bad}");
    }
}

#[test]
fn a_transaction_of_another_connection_stays_open() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a);\nBEGIN IMMEDIATE; INSERT INTO t VALUES(1);\n.connection 1\n.open a.db\n\
                  SELECT count(*) FROM t;\nINSERT INTO t VALUES(2);\n.connection 0\nCOMMIT;\n.connection 1\nSELECT count(*) FROM t;\n";
    let said = sh.run(&["a.db"], script);
    assert_eq!(said.out, "0\n1\n");
    assert!(said.err.contains("database is locked"), "{said:?}");
}

#[test]
fn changes_are_recorded_and_written() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a PRIMARY KEY, b); CREATE TABLE u(a PRIMARY KEY);\n\
                  .session open main s\n.session s filter x* u*\n.session isempty\n\
                  INSERT INTO t VALUES(1,2); INSERT INTO u VALUES(1);\n\
                  .session isempty\n.session enable off\nINSERT INTO t VALUES(3,4);\n.session s enable yes\n.session indirect\n\
                  .session changeset c\n.session s patchset p\n\
                  SELECT hex(readfile('c')), hex(readfile('p'));\n.session close\n.session list\n";
    assert_eq!(
        sh.script(script),
        "session s isempty flag = 1\nsession s isempty flag = 0\nsession s enable flag = 0\nsession s enable flag = 1\n\
         session s indirect flag = 0\n540201007400120001000000000000000101000000000000000\
         2|5002010074001200010000000000000001010000000000000002\n"
    );
}

#[test]
fn each_connection_has_recordings_of_its_own() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a PRIMARY KEY);\n\
                  .session open main a\n.session open main b\n.session open main c\n.session open main d\n\
                  .session a filter t\n.session a close\n.session list\nINSERT INTO t VALUES(1);\n.session d isempty\n.session b isempty\n\
                  .connection 1\n.session list\n.session open main z\n.session list\n.connection 0\n.connection close 1\n.open :memory:\n.session list\n";
    let expected = "0 d\n1 b\n2 c\nsession d isempty flag = 0\nsession b isempty flag = 0\n0 z\n";
    assert_eq!(sh.script(script), expected);
}

#[test]
fn what_a_recording_cannot_do_is_said() {
    let sh = Shell::new();
    let script = ".session attach t\n.session open main a\n.session open main a\n.session changeset no/dir\n\
                  .session open main b\n.session open main c\n.session open main d\n.session open main e\n";
    let said = sh.run(&[":memory:"], script);
    assert_eq!(
        (said.code, said.err.as_str()),
        (
            1,
            "ERROR: No sessions are open\nSession \"a\" already exists\n\
             ERROR: cannot open \"no/dir\" for writing\nMaximum of 4 sessions\n"
        )
    );
    let help = sh.script(".help session\n");
    for command in ["", " frob", " open main", " close x y", " enable 1 2", " filter"] {
        assert_eq!(sh.script(&format!(".session{command}\n")), help, "{command}");
    }
    let said = sh.run(&["-safe", ":memory:"], ".session changeset f\n");
    assert_eq!(said, Said::failed("line 1: cannot run \".session changeset\" in safe mode\n"));
}

#[test]
fn a_zip_archive_and_a_database_stay_what_they_are() {
    let sh = Shell::new();
    let script = "CREATE TABLE sqlar(name TEXT PRIMARY KEY, mode INT, mtime INT, sz INT, data BLOB);\n\
                  INSERT INTO sqlar VALUES('in-database', 33188, 0, 1, 'x');\n.connection 1\n.open --zip my.zip\n\
                  INSERT INTO zip(name, data) VALUES('in-zip', 'y');\n.archive -t\n.connection 0\n.archive -t\n";
    assert_eq!(sh.script(script), "in-zip\nin-database\n");
}

#[test]
fn a_changeset_that_there_is_not_leaves_the_file_alone() {
    let sh = Shell::new();
    sh.write("old", "kept");
    let script = "CREATE TABLE t(a PRIMARY KEY);\n.session open main s\n.session s attach t\n\
                  INSERT INTO t VALUES(1);\nALTER TABLE t RENAME TO u;\n.session s changeset old\n";
    let said = sh.run(&[":memory:"], script);
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
    assert!(said.err.starts_with("Error: error code "), "{said:?}");
    assert_eq!(sh.read("old"), "kept");
}

#[test]
fn a_connection_that_is_closed_is_forgotten() {
    let sh = Shell::new();
    sh.run(&["a.db"], "CREATE TABLE t(a);\n.output a.txt\n.dbtotxt\n");
    let script = ".connection 1\n.open --hexdb a.txt\n.connection 0\n.connection close 1\n.connection 1\nSELECT 7;\n.connection\n";
    assert_eq!(sh.script(script), "7\nACTIVE 1: (memory)\n");
}

#[test]
fn a_database_in_place_of_one_that_does_not_open_is_called_memory() {
    let sh = Shell::new();
    let said = sh.run(&[":memory:"], ".open /nodir/zz.db\n.connection\n");
    assert_eq!(said.out, "ACTIVE 0: (memory)\n", "{said:?}");
}

#[test]
fn a_new_database_takes_the_place_of_the_file_that_is_opened() {
    let sh = Shell::new();
    sh.run(&["x.db"], "CREATE TABLE t(a);\n");
    std::fs::create_dir(sh.dir().join("d")).expect("a directory");
    let mut command = sh.command(&[":memory:"]);
    command.env("HOME", sh.dir());
    assert_eq!(sh.run_command(command, ".open --new ~/x.db\n.tables\n"), Said::ok(""));
    let said = sh.run(&[":memory:"], ".open --new d\n");
    assert_eq!(said.code, 1);
    assert!(said.err.starts_with("Error: cannot delete \"d\": "), "{said:?}");
}
