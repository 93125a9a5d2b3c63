//! What does each dot-command do?

mod common;

use common::{Said, Shell};

#[test]
fn an_unknown_command_is_an_error() {
    let sh = Shell::new();
    let text =
        |name: &str| format!("Error: unknown command or invalid arguments:  \"{name}\". Enter \".help\" for help\n");
    assert_eq!(sh.failing(".foo\n"), text("foo"));
    assert_eq!(sh.failing(".\"foo OFF\" x\n"), text("foo OFF"));
    assert_eq!(sh.failing(".tablesx\n"), text("tablesx"));
}

#[test]
fn what_is_too_short_for_a_command_is_completed_in_the_error() {
    let error = Shell::new().failing(".te\n");
    let (first, second) = error.split_once('\n').expect("two lines");
    assert_eq!(first, "Error: unknown command or invalid arguments:  \"te\". Enter \".help\" for help");
    assert_eq!(second, "Commands that begin so: .testcase, .testctrl\n");
}

#[test]
fn commands_can_be_abbreviated() {
    let sh = Shell::new();
    assert_eq!(sh.script("CREATE TABLE t(a);\n.ta\n.mo csv\n.h on\nSELECT 1 AS x;\n.q\n"), "t\nx\r\n1\r\n");
}

#[test]
fn arguments_may_be_quoted() {
    let sh = Shell::new();
    assert_eq!(
        sh.script(".print a 'b  c' \"d\\te\\x41\\102\\\"\" 'f\\n' unquoted\\n;\n"),
        "a b  c d\teAB\" f\\n unquoted\\n\n"
    );
}

#[test]
fn wrong_numbers_of_arguments_get_the_usage() {
    let sh = Shell::new();
    for (command, usage) in [
        (".bail", ".bail on|off"),
        (".cd", ".cd DIRECTORY"),
        (".changes", ".changes on|off"),
        (".echo on off", ".echo on|off"),
        (".headers", ".headers on|off"),
        (".log", ".log FILENAME"),
        (".nullvalue a b", ".nullvalue STRING"),
        (".read", ".read FILE"),
        (".schema a b", ".schema ?--indent? ?--nosys? ?LIKE-PATTERN?"),
        (".separator", ".separator COL ?ROW?"),
        (".show x", ".show"),
        (".timer", ".timer on|off|once"),
    ] {
        assert_eq!(sh.failing(&format!("{command}\n")), format!("Usage: {usage}\n"));
    }
}

#[test]
fn what_is_no_boolean_counts_as_no() {
    let sh = Shell::new();
    let said = sh.run(&[":memory:"], ".headers maybe\nSELECT 1 AS x;\n");
    assert_eq!((said.code, said.out.as_str()), (0, "1\n"));
    assert_eq!(said.err, "ERROR: Not a boolean value: \"maybe\". Assuming \"no\".\n");
}

#[test]
fn tables_lists_tables_and_views_of_all_databases() {
    let sh = Shell::new();
    let setup = "CREATE TABLE one(a INTEGER PRIMARY KEY AUTOINCREMENT); CREATE VIEW two AS SELECT 1;\n\
        CREATE TEMP TABLE three(a); ATTACH ':memory:' AS x; CREATE TABLE x.four(a);\n";
    assert_eq!(sh.script(&format!("{setup}.tables\n")), "one     temp.three     two     x.four\n");
    assert_eq!(sh.script(&format!("{setup}.tables t%\n")), "temp.three     two\n");
    assert_eq!(sh.script(&format!("{setup}.tables FOUR\n")), "x.four\n");
    assert_eq!(sh.script(&format!("{setup}.tables nope\n")), "");
}

#[test]
fn many_tables_are_shown_in_columns() {
    let sh = Shell::new();
    let create: String = (1..=40).map(|i| format!("CREATE TABLE t{i:02}(a);")).collect();
    let out = sh.run(&["-screenwidth", "40", ":memory:"], &format!("{create}\n.tables\n")).out;
    assert!(out.lines().count() < 20 && out.lines().all(|line| line.len() <= 40), "{out}");
    assert_eq!(out.split_whitespace().count(), 40);
    // Down the columns, then across.
    assert!(out.lines().nth(1).expect("a second line").starts_with("t02"), "{out}");
}

#[test]
fn schema_shows_create_statements() {
    let sh = Shell::new();
    let setup = "CREATE TABLE one(a INTEGER PRIMARY KEY AUTOINCREMENT); CREATE INDEX i ON one(a);\n\
        CREATE VIEW v AS SELECT a+1 AS b, 'x' FROM one; ATTACH ':memory:' AS x; CREATE TABLE x.four(a);\n";
    let one = "CREATE TABLE one(a INTEGER PRIMARY KEY AUTOINCREMENT);\n";
    let sequence = "CREATE TABLE sqlite_sequence(name,seq);\n";
    let rest = "CREATE INDEX i ON one(a);\nCREATE VIEW v AS SELECT a+1 AS b, 'x' FROM one\n/* v(b,\"'x'\") */;\n\
        CREATE TABLE x.four(a);\n";
    assert_eq!(sh.script(&format!("{setup}.schema\n")), format!("{one}{sequence}{rest}"));
    assert_eq!(sh.script(&format!("{setup}.schema --nosys\n")), format!("{one}{rest}"));
    assert_eq!(sh.script(&format!("{setup}.schema ONE\n")), format!("{one}CREATE INDEX i ON one(a);\n"));
    assert_eq!(sh.script(&format!("{setup}.schema x.f%\n")), "CREATE TABLE x.four(a);\n");
    assert_eq!(sh.script(&format!("{setup}.schema f*ur\n")), "CREATE TABLE x.four(a);\n");
    assert_eq!(sh.script(&format!("{setup}.schema nope\n")), "");
    assert!(sh.script(".schema sqlite_schema\n").starts_with("CREATE TABLE sqlite_schema (\n  type text,\n"));
}

#[test]
fn schema_can_be_indented() {
    let sh = Shell::new();
    let table =
        "CREATE TABLE t( a  INTEGER PRIMARY KEY,  b TEXT DEFAULT('x,y'), -- first, second\n c  CHECK( length( c )>1 ))";
    assert_eq!(
        sh.script(&format!("{table};\n.schema --indent\n")),
        "CREATE TABLE t(\n  a INTEGER PRIMARY KEY,\n  b TEXT DEFAULT('x,y'), -- first, second\n  c CHECK(length(c)>1)\n);\n"
    );
    assert_eq!(sh.script("CREATE TABLE t( a,\n b );\n.schema --indent\n"), "CREATE TABLE t(a,\nb);\n");
}

#[test]
fn indexes_can_be_filtered() {
    let sh = Shell::new();
    let setup = "CREATE TABLE t(a UNIQUE, b); CREATE INDEX i1 ON t(b); CREATE INDEX i2 ON t(a+b);\n\
        ATTACH ':memory:' AS x; CREATE TABLE x.u(a); CREATE INDEX x.i3 ON u(a);\n";
    let list = |args: &str| sh.script(&format!("{setup}.indexes {args}\n"));
    let words = |text: &str| text.split_whitespace().map(str::to_string).collect::<Vec<_>>();
    assert_eq!(words(&list("")), ["i1", "i2", "x.i3"]);
    assert_eq!(words(&list("2")), ["i2"]);
    assert_eq!(words(&list("--expr")), ["i2"]);
    assert_eq!(words(&list("--sys")), ["sqlite_autoindex_t_1"]);
    assert_eq!(words(&list("-a")), ["i1", "i2", "sqlite_autoindex_t_1", "x.i3"]);
    assert_eq!(sh.failing(".indexes a b\n"), "line 1: .indexes a b\nline 1:            ^--- unknown argument\n");
}

#[test]
fn databases_shows_files_and_transactions() {
    let sh = Shell::new();
    let path = sh.dir().join("x.db");
    let path = path.canonicalize().unwrap_or(path);
    let said = sh.run(&["x.db"], "ATTACH ':memory:' AS m;\nBEGIN; CREATE TABLE t(a);\n.databases\n");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let lines: Vec<&str> = said.out.lines().collect();
    assert!(lines[0].starts_with("main: ") && lines[0].ends_with("/x.db r/w write-txn"), "{lines:?} {path:?}");
    assert_eq!(lines[1..], ["m: \"\" r/w"]);
}

#[test]
fn open_changes_the_database() {
    let sh = Shell::new();
    assert_eq!(sh.run(&["a.db"], "CREATE TABLE a(x);\n.open b.db\nCREATE TABLE b(x);\n.tables\n"), Said::ok("b\n"));
    assert_eq!(sh.run(&[], ".open a.db\n.tables\n"), Said::ok("a\n"));
    assert_eq!(sh.run(&[], ".open --new b.db\n.tables\n"), Said::ok(""));
    assert_eq!(sh.run(&[], ".open 'file:a.db?mode=ro'\n.tables\n"), Said::ok("a\n"));
    assert_eq!(
        sh.run(&[], ".open --readonly a.db\nDROP TABLE a;\n"),
        Said::failed("Error near line 2: attempt to write a readonly database\n")
    );
    assert_eq!(sh.run(&[], ".open --nope a.db\n"), Said::failed("unknown option: --nope\n"));
    assert_eq!(sh.run(&[], ".open a.db b.db\n"), Said::failed("extra argument: \"b.db\"\n"));
}

#[test]
fn a_database_that_does_not_open_is_replaced_by_one_in_memory() {
    let sh = Shell::new();
    let said = sh.run(&[], ".open /nonexistent/x.db\nSELECT 1;\n");
    assert_eq!((said.code, said.out.as_str()), (0, "1\n"));
    assert_eq!(
        said.err,
        "Error: unable to open database \"/nonexistent/x.db\": unable to open database file\n\
         Notice: using substitute in-memory database instead of \"/nonexistent/x.db\"\n"
    );
}

#[test]
fn read_takes_files_and_commands() {
    let sh = Shell::new();
    sh.write("s.sql", "SELECT 'file';");
    assert_eq!(sh.script(".read s.sql\n.read '|echo .print piped'\n"), "file\npiped\n");
    assert_eq!(sh.failing(".read nowhere\n"), "Error: cannot open \"nowhere\"\n");
    assert_eq!(sh.failing(".read .\n"), "Error: cannot open \".\"\n");
}

#[test]
fn output_goes_where_it_is_sent() {
    let sh = Shell::new();
    assert_eq!(
        sh.script(".output o.txt\nSELECT 1;\n.print x\n.output\nSELECT 2;\n.once p.txt\nSELECT 3;\nSELECT 4;\n"),
        "2\n4\n"
    );
    assert_eq!((sh.read("o.txt").as_str(), sh.read("p.txt").as_str()), ("1\nx\n", "3\n"));
    assert_eq!(sh.script(".output off\nSELECT 1;\n.output stdout\nSELECT 2;\n"), "2\n");
    assert_eq!(sh.script(".once --bom b.txt\n.print x\n"), "");
    assert_eq!(sh.read("b.txt"), "\u{feff}x\n");
    assert_eq!(sh.script(".output |cat >c.txt\nSELECT 5;\n.output\n"), "");
    assert_eq!(sh.read("c.txt"), "5\n");
    assert_eq!(sh.failing(".output a b\n"), "line 1: .output a b\nline 1:           ^--- surplus argument\n");
    assert_eq!(sh.failing(".output no/such/dir\n"), "Error: cannot open \"no/such/dir\"\n");
}

#[test]
fn headers_and_nullvalue_outlive_a_change_of_mode() {
    let sh = Shell::new();
    let script = ".headers on\n.mode csv\n.nullvalue nil\n.separator \";\"\nSELECT NULL AS a, 1 AS b;\n";
    assert_eq!(sh.script(script), "a;b\r\nnil;1\r\n");
    assert_eq!(sh.script(".headers on\nSELECT 1 AS a WHERE 0;\n"), "");
    assert_eq!(sh.script(".headers always\nSELECT 1 AS a WHERE 0;\n"), "a\n");
}

#[test]
fn separator_sets_both_separators() {
    let sh = Shell::new();
    assert_eq!(sh.script(".separator ' - ' \"\\x2e\\n\"\nVALUES(1,2),(3,4);\n"), "1 - 2.\n3 - 4.\n");
}

#[test]
fn show_tells_the_settings() {
    let sh = Shell::new();
    let expected = "        echo: off\n         eqp: off\n     explain: auto\n     headers: on\n        mode: tabs\n   \
        nullvalue: \"\"\n      output: stdout\ncolseparator: \"\\t\"\nrowseparator: \"\\n\"\n       stats: off\n       \
        width: 3 -4 \n    filename: :memory:\n";
    assert_eq!(sh.script(".mode tabs\n.headers on\n.width 3 -4\n.show\n"), expected);
}

#[test]
fn changes_and_timer_report_after_each_input() {
    let sh = Shell::new();
    assert_eq!(
        sh.script(".changes on\nCREATE TABLE t(a);\nINSERT INTO t VALUES(1),(2);\n"),
        "changes: 0   total_changes: 0\nchanges: 2   total_changes: 2\n"
    );
    let out = sh.script(".timer once\nSELECT 1;\nSELECT 2;\n");
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines.len() == 3 && lines[1].starts_with("Run Time: real ") && lines[2] == "2", "{out}");
}

#[test]
fn echo_bail_and_cd_can_be_switched_on() {
    let sh = Shell::new();
    std::fs::create_dir(sh.dir().join("sub")).expect("a directory");
    assert_eq!(sh.script(".cd sub\n.output here\n.print x\n.output\n"), "");
    assert_eq!(sh.read("sub/here"), "x\n");
    assert_eq!(sh.failing(".cd nowhere\n"), "Cannot change to directory \"nowhere\"\n");
    assert_eq!(sh.script(".echo on\nSELECT 1;\n.echo off\nSELECT 2;\n"), "SELECT 1;\n1\n.echo off\n2\n");
    assert_eq!(sh.run(&[], ".bail on\nSELECT nope;\nSELECT 1;\n").out, "");
}

#[test]
fn a_busy_database_is_waited_for_as_long_as_timeout_says() {
    let sh = Shell::new();
    assert_eq!(sh.script(".timeout 1234\nPRAGMA busy_timeout;\n.timeout\nPRAGMA busy_timeout;\n"), "1234\n0\n");
}

#[test]
fn log_shows_what_the_library_says() {
    let sh = Shell::new();
    assert_eq!(sh.script(".log stdout\nSELECT coalesce(sqlite_log(123,'hello'),'456');\n"), "(123) hello\n456\n");
}

#[test]
fn help_lists_every_command_and_explains_one() {
    let sh = Shell::new();
    let all = sh.script(".help\n");
    assert!(all.lines().all(|line| line.starts_with(['.', ' ']) && line.len() <= 79), "{all}");
    for command in ["databases", "headers", "mode", "open", "quit", "read", "schema", "tables"] {
        assert!(all.contains(&format!("\n.{command} ")), "{command}");
        assert!(sh.script(&format!(".help {command}\n")).starts_with(&format!(".{command} ")));
    }
    assert!(sh.script(".help mode\n").contains("--wordwrap"));
    assert!(sh.script(".help -all\n").lines().count() > all.lines().count());
    assert!(sh.script(".help 'write-ahead log'\n").starts_with(".open "));
    assert_eq!(sh.script(".help xyzzy\n"), "Nothing matches 'xyzzy'\n");
}

#[test]
fn every_command_has_a_help_topic() {
    let sh = Shell::new();
    // Its own error for wrong arguments is fine; that the command is unknown is not.
    for line in sh.script(".help\n").lines().filter(|line| line.starts_with('.')) {
        let name = line.trim_start_matches('.').split_whitespace().next().expect("a command");
        let said = sh.run(&[":memory:"], &format!(".{name}\n"));
        assert!(!said.err.contains("unknown command"), "{name}: {}", said.err);
    }
}

#[test]
fn version_tells_library_and_compiler() {
    let sh = Shell::new();
    let out = sh.script(".version\n");
    let version = sh.script("SELECT sqlite_version();");
    assert!(out.starts_with(&format!("SQLite {} 20", version.trim_end())), "{out}");
}

#[test]
fn dump_writes_sql_that_makes_the_same_database() {
    let sh = Shell::new();
    let setup = "CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT, b);\n\
        INSERT INTO t(b) VALUES(NULL),(1.5),('it''s'),(x'00ff'),('a\nb');\n\
        CREATE TABLE \"or der\"(\"gr oup\"); INSERT INTO \"or der\" VALUES(1);\n\
        CREATE INDEX i ON t(b); CREATE VIEW v AS SELECT 1 -- one\n;\n";
    let dump = sh.script(&format!("{setup}.dump\n"));
    assert!(dump.starts_with("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t(a INTEGER"), "{dump}");
    assert!(
        dump.ends_with("PRAGMA writable_schema=OFF;\nCREATE VIEW v AS SELECT 1 -- one\n;\nCOMMIT;\n")
            || dump.ends_with("COMMIT;\n")
    );
    for line in [
        "INSERT INTO t VALUES(1,NULL);",
        "INSERT INTO t VALUES(2,1.5);",
        "INSERT INTO t VALUES(3,'it''s');",
        "INSERT INTO t VALUES(4,x'00ff');",
        "INSERT INTO \"or der\" VALUES(1);",
        "INSERT INTO sqlite_sequence VALUES('t',5);",
        "CREATE INDEX i ON t(b);",
    ] {
        assert!(dump.contains(&format!("{line}\n")), "{line} is not in {dump}");
    }
    assert_eq!(sh.script(&format!("{dump}\n.dump\n")), dump);
}

#[test]
fn dump_takes_patterns_and_options() {
    let sh = Shell::new();
    let setup = "CREATE TABLE one(a); INSERT INTO one(rowid,a) VALUES(7,'x'); CREATE TABLE two(a); INSERT INTO two VALUES(2);\n";
    let dump = |args: &str| sh.script(&format!("{setup}.dump {args}\n"));
    let script = |lines: &str| format!("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n{lines}COMMIT;\n");
    assert_eq!(dump("o%"), script("CREATE TABLE one(a);\nINSERT INTO one VALUES('x');\n"));
    assert_eq!(dump("--data-only"), "INSERT INTO one VALUES('x');\nINSERT INTO two VALUES(2);\n");
    assert_eq!(dump("--data-only --preserve-rowids one"), "INSERT INTO one(rowid,a) VALUES(7,'x');\n");
    assert_eq!(sh.failing(".dump --nope\n"), "line 1: .dump --nope\nline 1:       ^--- unknown option\n");
}

#[test]
fn a_changed_prompt_is_kept() {
    let sh = Shell::new();
    assert_eq!(
        sh.script(".prompt 'main> ' 'more> '\n.prompt --show\n.prompt --reset --show\n"),
        "Main prompt:  'main> '\nContinuation: 'more> '\nMain prompt:  '/A-/v /f-> '\nContinuation: '/B/C-> '\n"
    );
}

#[test]
fn the_full_schema_has_the_statistics() {
    let sh = Shell::new();
    assert_eq!(sh.script("CREATE TABLE t(a);\n.fullschema\n"), "CREATE TABLE t(a);\n/* No STAT tables available */\n");
    let make = "CREATE TABLE t(a); CREATE INDEX i ON t(a); INSERT INTO t VALUES(1),(1),(2); ANALYZE;\n";
    let said = sh.script(&format!("{make}.fullschema\n"));
    assert!(said.starts_with("CREATE TABLE t(a);\nCREATE INDEX i ON t(a);\nANALYZE sqlite_schema;\n"), "{said}");
    assert!(said.contains("INSERT INTO sqlite_stat1 VALUES('t','i','3 2');\n"), "{said}");
    assert!(said.ends_with(");\nANALYZE sqlite_schema;\n"), "{said}");
    assert_eq!(sh.failing(".fullschema x\n"), "Usage: .fullschema ?--indent?\n");
}

#[test]
fn costs_of_loops_are_not_counted_in_this_build() {
    let sh = Shell::new();
    for how in ["on", "off", "est", "vm"] {
        let said = sh.run(&[":memory:"], &format!(".scanstats {how}\nSELECT 1;\n"));
        assert_eq!(said.out, "1\n");
        assert_eq!((said.code, said.err.as_str()), (0, "Warning: .scanstats not available in this build.\n"));
    }
    assert_eq!(sh.failing(".scanstats\n"), "Usage: .scanstats on|off|est\n");
}

#[test]
fn a_dump_brings_back_infinities_and_rowids_of_any_name() {
    let sh = Shell::new();
    let setup = "CREATE TABLE t(a); INSERT INTO t VALUES(1e999),(-1e999);\n\
        CREATE TABLE u(rowid, a); INSERT INTO u(_rowid_, rowid, a) VALUES(7, 'x', 'y');\n";
    let dump = sh.script(&format!("{setup}.dump --preserve-rowids\n"));
    assert!(dump.contains("(rowid,a) VALUES(1,1e999);\n"), "{dump}");
    assert!(dump.contains("INSERT INTO u(_rowid_,rowid,a) VALUES(7,'x','y');\n"), "{dump}");
    let show = "SELECT * FROM t; SELECT _rowid_, rowid, a FROM u;\n";
    assert_eq!(sh.script(&format!("{dump}{show}")), "Inf\n-Inf\n7|x|y\n");
    assert_eq!(sh.script(".mode json\nSELECT 1e999 AS a;\n"), "[{\"a\":1e999}]\n");
}

#[test]
fn the_full_schema_is_as_it_is_in_the_main_and_temporary_databases() {
    let sh = Shell::new();
    let setup = "CREATE TABLE t(a); CREATE VIEW v AS SELECT a FROM t; CREATE TEMP TABLE tmp(b); ATTACH ':memory:' AS x; CREATE TABLE x.u(c);\n";
    let said = sh.script(&format!("{setup}.fullschema\n"));
    let mut lines: Vec<&str> = said.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "/* No STAT tables available */",
            "CREATE TABLE t(a);",
            "CREATE TABLE tmp(b);",
            "CREATE VIEW v AS SELECT a FROM t;"
        ]
    );
}

#[test]
fn a_separator_too_many_is_told() {
    let said = Shell::new().run(&[":memory:"], ".separator , ! x\nSELECT 1, 2;\n");
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (1, "1,2!", "Usage: .separator COL ?ROW?\n"));
}

#[test]
fn a_dump_without_escapes_is_for_older_versions() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(x);\nINSERT INTO t VALUES('a'||char(10,1));\n";
    assert!(sh.script(&format!("{script}.dump\n")).contains("VALUES(unistr('a\\u000a\\u0001'));\n"));
    assert!(sh.script(&format!("{script}.mode --escape off\n.dump\n")).contains("VALUES('a\n\u{1}');\n"));
}
