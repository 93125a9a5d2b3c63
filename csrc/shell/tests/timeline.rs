//! Does `.timeline` show the history of a database, and lead back to it?

mod common;

use common::{Said, Shell};

const URI: &str = "file:x.db?wal=timeline";

/// Commit 1 begins the database, commit 2 makes the table, and each later one adds a row.
fn with_rows(rows: u32) -> Shell {
    let sh = Shell::new();
    let inserts: String = (1..=rows).map(|row| format!("INSERT INTO t VALUES({row});\n")).collect();
    assert_eq!(sh.run(&[URI], &format!("CREATE TABLE t(a);\n{inserts}")), Said::ok(""));
    sh
}

fn ok(sh: &Shell, script: &str) -> String {
    let said = sh.run(&[URI], script);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{said:?}");
    said.out
}

fn error(sh: &Shell, script: &str) -> String {
    let said = sh.run(&[URI], script);
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
    said.err
}

#[test]
fn the_newest_commits_come_first() {
    let sh = with_rows(25);
    let numbers = |script: &str| {
        let number = |line: &str| line.split('|').next().unwrap().parse().unwrap();
        ok(&sh, script).lines().map(number).collect::<Vec<u32>>()
    };
    assert_eq!(numbers(".timeline\n"), (8..=27).rev().collect::<Vec<_>>());
    assert_eq!(numbers(".timeline 2\n"), [27, 26]);
    for list in [".timeline list 3\n", ".timeline l 3\n", ".timel --schema main list 3\n"] {
        assert_eq!(numbers(list), [27, 26, 25], "{list}");
    }
    assert!(error(&sh, ".timeline list x\n").contains("\"x\" is not a number of commits"));
    let table = ok(&sh, ".mode csv --titles on\n.timeline list 1000\n");
    let lines: Vec<_> = table.lines().collect();
    assert_eq!(lines[0], "number,time,pages,\"database pages\",bytes,schema,kind");
    let row: Vec<_> = lines[26].split(',').collect();
    assert_eq!((row[0], &row[2..]), ("2", &["2", "2", "8328", "changed", "transaction"][..]));
    assert!(lines[27].ends_with(",changed,adopted"), "{}", lines[27]);
}

#[test]
fn the_timeline_as_a_whole_is_told() {
    let sh = with_rows(2);
    let info = ok(&sh, ".timeline info\n");
    let labels: Vec<_> = info.lines().map(|line| line[..16].trim_end()).collect();
    assert_eq!(
        labels,
        [
            "database:",
            "lineage:",
            "ancestors:",
            "oldest commit:",
            "newest commit:",
            "page size:",
            "segments:",
            "bytes:"
        ]
    );
    assert!(info.contains("\nnewest commit:  4, 20") && info.contains("\npage size:      4096\n"), "{info}");
}

#[test]
fn a_difference_is_counted_by_table() {
    let sh = with_rows(2);
    ok(&sh, "CREATE TABLE big(x); INSERT INTO big VALUES(zeroblob(9000)); CREATE INDEX i ON t(a);\nDROP TABLE big;\n");
    assert_eq!(ok(&sh, ".timeline diff 3 4\n"), "t|1|0|0\n");
    assert_eq!(ok(&sh, ".timeline diff 5 6\n"), "big|1|2|0\nsqlite_schema|1|0|0\n");
    assert_eq!(ok(&sh, ".timeline diff 6 5\n"), "big|1|0|2\nsqlite_schema|1|0|0\n");
    assert!(ok(&sh, ".timeline diff 7 8\n").contains("(none)|"));
    assert_eq!(ok(&sh, ".timeline diff 4 4\n"), "");
    assert!(error(&sh, ".timeline diff 4 99\n").contains("there is no commit 99"));
    assert_eq!(error(&sh, ".timeline diff 4\n"), "Usage: .timeline ?--schema DB? diff FROM TO\n");
}

#[test]
fn the_past_is_opened_and_left() {
    let sh = with_rows(3);
    let said = sh.run(
        &[URI],
        ".timeline at 4\nSELECT max(a) FROM t;\nINSERT INTO t VALUES(0);\n.timeline 1\n.timeline at 3\n\
         SELECT max(a) FROM t;\n.timeline now\nINSERT INTO t VALUES(4);\nSELECT max(a) FROM t;\n.timeline now\n",
    );
    assert_eq!(said.err, "Error near line 3: attempt to write a readonly database\n");
    let lines: Vec<_> = said.out.lines().collect();
    assert_eq!(lines[0], "main is read-only, as it was after commit 4; .timeline now goes back to the present");
    // All of the history is there, wherever one is in it.
    assert!(lines[2].starts_with("5|"), "{}", lines[2]);
    assert_eq!((lines[1], lines[4], &lines[5..]), ("2", "1", &["4", "main is at the present"][..]));
    let newest = ok(&sh, "SELECT newest_time FROM timeline_info;\n");
    assert!(ok(&sh, &format!(".timeline at {newest}SELECT max(a) FROM t;\n")).ends_with("present\n4\n"));
    assert!(error(&sh, ".timeline at 99\n").contains("there is no commit 99"));
    assert!(error(&sh, ".timeline at noon\n").contains("2026-11-22T10:00:00Z"));
    for command in ["at 3", "now", "restore 3"] {
        let told = error(&sh, &format!("BEGIN;\n.timeline {command}\n"));
        assert!(told.ends_with("not possible within a transaction: COMMIT or ROLLBACK first\n"), "{told}");
    }
    // What else the URI has said stays.
    let kept = ".timeline at 3\n.timeline now\n.timeline keep\n";
    let said = sh.run(&["file:./x.db?keep=30d&mode=rwc&wal=timeline"], kept);
    assert!(said.code == 0 && said.out.ends_with("\n30days\n"), "{said:?}");
}

#[test]
fn attached_databases_have_theirs() {
    let sh = with_rows(3);
    let said = sh.run(
        &[":memory:"],
        "ATTACH 'file:x.db?wal=timeline' AS \"o ld\";\n.timeline --schema \"o ld\" 1\n.timeline --schema \"o ld\" at 3\n\
         SELECT max(a) FROM \"o ld\".t;\n.timeline --schema \"o ld\" now\nSELECT max(a) FROM \"o ld\".t;\n",
    );
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let lines: Vec<_> = said.out.lines().collect();
    assert!(lines[0].starts_with("5|"), "{}", lines[0]);
    assert!(lines[1].starts_with("o ld is read-only, as it was after commit 3; "), "{}", lines[1]);
    assert_eq!(lines[2..], ["1", "3"]);
    assert!(sh.failing(".timeline --schema y\n").starts_with("Error: there is no database \"y\""));
    assert!(sh.failing(".timeline --schema\n").ends_with("^--- missing argument\n"));
    assert!(sh.failing(".timeline --x\n").ends_with("^--- unknown option\n"));
}

#[test]
fn a_database_is_set_back() {
    let sh = with_rows(3);
    assert_eq!(
        ok(&sh, ".timeline restore 3\nSELECT max(a) FROM t;\n.timeline restore 5\nSELECT max(a) FROM t;\n"),
        "commit 6 has set main back; .timeline restore 5 undoes it\n1\n\
         commit 7 has set main back; .timeline restore 6 undoes it\n3\n"
    );
    let past = ok(&sh, ".timeline at 3\n.timeline restore 3\nSELECT max(a) FROM t;\n.timeline 1\n");
    assert!(past.contains("restore 7 undoes it\n1\n8|") && past.ends_with("|restored\n"), "{past}");
    assert!(error(&sh, ".timeline restore 99\n").contains("there is no commit 99"));
}

#[test]
fn what_is_open_for_reading_only_is_not_changed() {
    let sh = with_rows(3);
    for command in ["restore 3", "prune 1 commit", "keep 1 commit"] {
        let said = sh.run(&["-readonly", URI, &format!(".timeline {command}")], "");
        assert_eq!(said, Said::failed("Error: main is open for reading only\n"), "{command}");
    }
    let said =
        sh.run(&["-readonly", URI], ".timeline at 3\nSELECT max(a) FROM t;\n.timeline now\nSELECT max(a) FROM t;\n");
    assert!(said.code == 0 && said.out.ends_with("present\n1\n3\n"), "{said:?}");
}

#[test]
fn other_databases_begin_there() {
    let sh = with_rows(3);
    assert_eq!(ok(&sh, ".timeline export 3 copy.db\n.timeline branch 4 branch.db\n"), "");
    assert_eq!(sh.run(&["copy.db"], "SELECT max(a) FROM t;\nPRAGMA journal_mode;\n"), Said::ok("1\ndelete\n"));
    let said = sh.run(&["file:branch.db?wal=timeline"], "SELECT max(a) FROM t;\nSELECT newest FROM timeline_info;\n");
    assert_eq!(said, Said::ok("2\n4\n"));
    for command in ["export", "branch"] {
        let told = error(&sh, &format!(".timeline {command} 4 copy.db\n"));
        assert!(told.contains("copy.db exists already: choose another name"), "{told}");
    }
    assert_eq!(error(&sh, ".timeline export 4\n"), "Usage: .timeline ?--schema DB? export N|TIME FILE\n");
}

#[test]
fn old_commits_are_forgotten() {
    let sh = with_rows(3);
    assert_eq!(
        ok(&sh, ".timeline prune 30d, 1000 commits\n.timeline prune 1 commit\n.timeline prune all\n"),
        "nothing to forget: the oldest commit is 1\nthe oldest commit is 5\nnothing to forget: the oldest commit is 5\n"
    );
    assert_eq!(
        ok(&sh, ".timeline keep\n.timeline keep 30d, 10 commits\n.timeline keep\n"),
        "all\n10 commits,30days\n10 commits,30days\n"
    );
    assert!(error(&sh, ".timeline keep some\n").contains("1000 commits, 30d, 10GB"));
    assert!(error(&sh, ".timeline prune some\n").contains("1000 commits, 30d, 10GB"));
    let said = sh.run(&[URI], ".timeline at 5\n.timeline keep\n");
    assert!(said.err.contains("main is open as it was once") && said.err.contains(".timeline now"), "{said:?}");
}

#[test]
fn damage_is_found() {
    let sh = with_rows(3);
    assert_eq!(ok(&sh, ".timeline verify\n"), "commits 1 to 5 are as they were written\n");
    let path = sh.dir().join("x.db-timeline/0000000000000001.seg");
    let mut bytes = std::fs::read(&path).unwrap();
    // In the first page of commit 3, which follows the header and the commits of one page and of two.
    let commit = 144 + 4208 + 8328;
    bytes[commit + 24 + 200] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let said = sh.run(&["x.db"], ".timeline verify\n");
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    let told = format!("0000000000000001.seg is damaged at byte {commit}, in commit 3: ");
    assert!(said.err.contains(&told) && said.err.contains("up to commit 2 can be trusted"), "{}", said.err);
    std::fs::write(&path, [0; 500]).unwrap();
    for command in [".timeline", ".timeline verify"] {
        let told = sh.run(&["x.db"], &format!("{command}\n")).err;
        assert!(told.ends_with("there were 5. No commit can be trusted\n"), "{told}");
    }
}

#[test]
fn a_database_without_a_timeline_is_told_how_to_get_one() {
    let sh = with_rows(1);
    let other = |script: &str| sh.run(&["it's.db"], &format!("CREATE TABLE IF NOT EXISTS t(a);\n{script}\n"));
    for command in ["", "info", "diff 1 2", "export 1 x", "branch 1 x", "verify"] {
        let said = other(&format!(".timeline {command}"));
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{command}");
        assert!(said.err.contains("it's.db has no timeline: there is no commit in "), "{command}: {}", said.err);
        assert!(said.err.contains("\nTo open it with its timeline: .open 'file:/"), "{command}: {}", said.err);
        assert!(said.err.ends_with("/it%27s.db?wal=timeline'\n"), "{command}: {}", said.err);
    }
    for command in ["at 1", "now", "restore 1", "prune all", "keep"] {
        let said = other(&format!(".timeline {command}"));
        assert!(said.err.starts_with("Error: main is not open with its timeline, which "), "{command}: {}", said.err);
        assert!(said.err.contains("/it%27s.db?wal=timeline"), "{command}: {}", said.err);
    }
    // What it says can be done.
    let said = other(".timeline");
    let open = said.err.rsplit_once(": .open ").unwrap().1;
    assert!(sh.run(&[], &format!(".open {open}.timeline\n")).out.ends_with("|changed|adopted\n"));
    assert!(
        sh.failing(".timeline\n").starts_with("Error: main is not a file, so it has no timeline\nTo open one that")
    );
    let said = sh.run(&["file:new.db?wal=timeline"], ".timeline\n");
    assert!(said.err.ends_with("It begins with the first commit\n"), "{}", said.err);
}

#[test]
fn the_history_is_there_for_those_who_do_not_open_it() {
    let sh = with_rows(1);
    let said = sh.run(&["x.db"], ".timeline 1\n.timeline export 2 copy.db\n.timeline verify\n");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(said.out.starts_with("3|") && said.out.ends_with("commits 1 to 3 are as they were written\n"), "{said:?}");
}

#[test]
fn one_process_at_a_time_is_let_in() {
    let sh = with_rows(1);
    // The past, and the history, are open to all.
    let program = common::program();
    let program = program.display();
    let others = format!(
        "{program} -noinit '{URI}' 'SELECT 1'\n\
         {program} -noinit '{URI}&at=3' 'SELECT max(a) FROM t' '.timeline 1' '.timeline now'\n"
    );
    sh.write("others", &others);
    let script = "INSERT INTO t VALUES(2);\n.shell sh others\n";
    let said = sh.run(&[URI], script);
    let lines: Vec<_> = said.out.lines().collect();
    assert!(lines[0] == "1" && lines[1].starts_with("4|"), "{said:?}");
    assert_eq!(said.err.matches("database is locked").count(), 2, "{said:?}");
    assert!(said.err.contains("Another process has it open, and one at a time can"), "{said:?}");
}

#[test]
fn a_history_is_verified_while_another_process_writes_it() {
    let sh = with_rows(1);
    let program = common::program();
    sh.write("other", &format!("{} -noinit x.db '.timeline verify' '.timeline export 3 copy.db'\n", program.display()));
    // Without the log the file cannot even be read now, so nothing else is known of it.
    assert_eq!(
        ok(&sh, "INSERT INTO t VALUES(2);\n.shell sh other\n.timeline verify\n"),
        "all commits are as they were written\ncommits 1 to 4 are as they were written\n"
    );
    assert_eq!(sh.run(&["copy.db"], "SELECT max(a) FROM t;\n"), Said::ok("1\n"));
    assert!(error(&sh, ".timeline prune\n").starts_with("Usage: "));
    let said = sh.run(&["file:new.db?wal=timeline"], ".timeline prune all\n");
    assert!(
        said.err.contains("has no timeline") && said.err.ends_with("It begins with the first commit\n"),
        "{said:?}"
    );
}

#[test]
fn what_comes_before_damage_can_be_saved() {
    let sh = with_rows(1);
    ok(&sh, ".timeline branch 3 b.db\n");
    let b = |script: &str| sh.run(&["b.db"], script);
    assert_eq!(sh.run(&["file:b.db?wal=timeline"], "INSERT INTO t VALUES(2);\n"), Said::ok(""));
    let path = sh.dir().join("b.db-timeline/0000000000000004.seg");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[30] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let told = b(".timeline verify\n").err;
    assert!(told.contains("0000000000000004.seg is damaged at byte 0, in commit 4: "), "{told}");
    assert!(told.ends_with("What comes up to commit 3 can be trusted\n"), "{told}");
    assert_eq!(
        b(".timeline branch 3 saved.db\n.timeline export 2 copy.db\n.timeline diff 2 3\n"),
        Said::ok("t|1|0|0\n")
    );
    assert_eq!(sh.run(&["file:saved.db?wal=timeline"], "SELECT max(a) FROM t;\n"), Said::ok("1\n"));
    for command in ["list", "list 1", "info", "diff 3 4", "branch 4 x"] {
        let said = b(&format!(".timeline {command}\n"));
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{command}");
        assert!(said.err.contains("0000000000000004.seg is damaged at byte 0"), "{command}: {}", said.err);
    }
}

#[test]
fn safe_mode_stays_where_it_is() {
    let sh = with_rows(1);
    for command in ["at 2", "now", "export 2 x", "branch 2 x"] {
        let name = command.split(' ').next().unwrap();
        let said = sh.run(&["-safe", URI], &format!(".timeline {command}\n"));
        assert_eq!(said, Said::failed(&format!("line 1: cannot run \".timeline {name}\" in safe mode\n")));
    }
    let said = sh.run(&["-safe", URI], ".timeline verify\n.timeline restore 2\nSELECT count(*) FROM t;\n");
    assert!(said.code == 0 && said.out.ends_with("\n0\n"), "{said:?}");
}

#[test]
fn ctrl_c_ends_long_work() {
    let sh = with_rows(1);
    // The signal has come before the work begins, and is seen when it tells how far it is.
    for command in ["verify", "export 2 x", "branch 2 y"] {
        let command = format!(".timeline {command}");
        let said = sh.run(&[URI, ".output '|kill -INT $PPID'", ".output", &command], "");
        assert_eq!(said, Said::failed("Error: interrupted\n"), "{command}");
    }
    assert!(!sh.dir().join("x").exists() && !sh.dir().join("y").exists());
}

#[test]
fn sub_commands_may_be_abbreviated_if_only_one_begins_so() {
    let sh = with_rows(1);
    assert_eq!(ok(&sh, ".timeline v\n"), "commits 1 to 3 are as they were written\n");
    assert_eq!(error(&sh, ".timeline x\n"), "Error: unknown sub-command: x\nUse \".timeline --help\" for help\n");
    assert!(sh.script(".timeline --help\n").starts_with(".timeline ?COMMAND? ..."));
    assert_eq!(error(&sh, ".timeline at\n"), "Usage: .timeline ?--schema DB? at N|TIME\n");
}
