//! Commands for tests of scripts and of SQLite: what statements do is watched, forbidden, stopped and compared.

mod common;

use common::{Said, Shell};

#[test]
fn what_statements_want_to_do_is_shown_and_forbidden() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a, b, c);\nINSERT INTO t VALUES(1, 2, 3);\n\
        .auth on --deny \"READ 't' 'b' *\" --ignore \"READ 't' 'c' *\"\nSELECT a, c FROM t;\nSELECT b FROM t;\n\
        .auth off\nSELECT b FROM t;\n";
    let said = sh.run(&[":memory:"], script);
    assert_eq!(
        said.out,
        "authorizer: SELECT NULL NULL NULL NULL -> OK\n\
         authorizer: READ 't' 'a' 'main' NULL -> OK\n\
         authorizer: READ 't' 'c' 'main' NULL -> IGNORE\n1|\n\
         authorizer: SELECT NULL NULL NULL NULL -> OK\n\
         authorizer: READ 't' 'b' 'main' NULL -> DENY\n2\n"
    );
    assert_eq!(said.err, "Parse error near line 5: access to t.b is prohibited (23)\n");
    assert_eq!(sh.failing(".auth\n"), "Usage: .auth ON|OFF [--deny GLOB] [--ignore]\n");
    assert_eq!(sh.failing(".auth on --deny\n"), "line 1: .auth on --deny\nline 1:          ^--- missing argument\n");
    assert_eq!(sh.failing(".auth on x\n"), "line 1: .auth on x\nline 1:          ^--- unknown argument\n");
    // It does not weaken safe mode.
    for auth in ["on", "off"] {
        let said = sh.run(&["-safe", ":memory:"], &format!(".auth {auth}\nSELECT readfile('x');\n"));
        assert_eq!((said.code, said.err.as_str()), (1, "line 2: cannot use the readfile() function in safe mode\n"));
    }
}

#[test]
fn a_nonce_leaves_safe_mode_for_one_command() {
    let sh = Shell::new();
    let options = ["-safe", "-nonce", "sesame", ":memory:"];
    let script = ".nonce sesame\n.system echo out\n.nonce sesame\nATTACH ':memory:' AS x;\n.system echo again\n";
    let said = sh.run(&options, script);
    assert_eq!((said.code, said.out.as_str()), (1, "out\n"));
    assert_eq!(said.err, "line 5: cannot run .system in safe mode\n");
    let said = sh.run(&options, ".nonce sesame\n.print one\nATTACH ':memory:' AS x;\n");
    assert_eq!((said.code, said.err.as_str()), (1, "line 3: cannot run ATTACH in safe mode\n"));
    for script in [".nonce barley\nSELECT 1;\n", ".nonce barley\n.system echo x\n"] {
        assert_eq!(sh.run(&options, script), Said::failed("line 1: incorrect nonce: \"barley\"\n"));
    }
    assert_eq!(sh.run(&["-safe", ":memory:"], ".nonce x\n"), Said::failed("line 1: incorrect nonce: \"x\"\n"));
    assert_eq!(sh.run(&options, ".nonce\n"), Said::failed("Usage: .nonce NONCE\n"));
}

#[test]
fn a_connection_that_a_nonce_has_opened_is_safe() {
    let sh = Shell::new();
    let options = ["-safe", "-nonce", "sesame"];
    for sql in
        ["SELECT name FROM fsdir('.')", "SELECT * FROM zipfile('x')", "CREATE VIRTUAL TABLE z USING zipfile('x')"]
    {
        let said = sh.run(&options, &format!(".nonce sesame\n.open x.db\n{sql};\n"));
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{sql}");
        assert!(said.err.contains("no such") || said.err.contains("in safe mode"), "{said:?}");
    }
}

#[test]
fn statements_that_take_too_long_are_stopped() {
    let sh = Shell::new();
    let endless = "WITH s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s) SELECT count(*) FROM s;\n";
    let said = sh.run(&[":memory:"], &format!(".progress 1000 --limit 3\n{endless}{endless}.progress 0\nSELECT 1;\n"));
    assert_eq!(said.out, "Progress 1\nProgress 2\nProgress limit reached (3)\nProgress limit reached (4)\n1\n");
    assert_eq!(said.err, "Error near line 2: interrupted\nError near line 3: interrupted\n");
    let said = sh.run(&[":memory:"], &format!(".progress 1000 --limit 2 --reset\n{endless}{endless}"));
    assert_eq!(said.out, "Progress 1\nProgress limit reached (2)\n".repeat(2));
    let said = sh.run(&[":memory:"], &format!(".progress 1000 --quiet --limit 2\n{endless}"));
    assert_eq!(said.out, "Progress limit reached (2)\n");
    let count = "WITH s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s LIMIT 1000) SELECT count(*) FROM s;\n";
    let said = sh.run(&[":memory:"], &format!(".progress 100 -q --once --limit 2\n{endless}{count}"));
    assert_eq!(said.out, "Progress limit reached (2)\n1000\n");
    let said = sh.run(&[":memory:"], &format!(".progress --timeout 0.001\n{endless}"));
    assert!(said.out.starts_with("Progress timeout after 0."), "{said:?}");
    assert_eq!(said.err, "Error near line 2: interrupted\n");
    assert_eq!(sh.failing(".progress 5 --limit\n"), "Error: missing argument on --limit\n");
    assert_eq!(sh.failing(".progress 5 --x\n"), "Error: unknown option: \"--x\"\n");
    assert_eq!(
        sh.failing(".progress --timeout\n"),
        "line 1: .progress --timeout\nline 1:           ^--- missing argument\n"
    );
}

#[test]
fn the_file_of_a_database_is_asked() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a);\n.filectrl has_moved\n.filectrl persist_wal 1\n.filectrl persist\n.filectrl --reserve_bytes\n\
                  .filectrl chunk_size 4096\n.filectrl psow off\n.filectrl -schema temp reserve\n";
    assert_eq!(sh.run(&["a.db"], script), Said::ok("0\n1\n1\n0\n0\n-1\n"));
    assert_eq!(
        sh.script(".open --deserialize a.db\n.filectrl size_limit 50000\n.filectrl size_limit\n"),
        "50000\n50000\n"
    );
    let said = sh.run(&[":memory:"], ".filectrl\n");
    assert_eq!(said.code, 1);
    assert!(said.out.starts_with("Available file-controls:\n  .filectrl chunk_size SIZE\n"), "{said:?}");
    let said = sh.run(&[":memory:"], ".filectrl has_moved 1\n");
    assert_eq!((said.code, said.out.as_str()), (1, "Usage: .filectrl has_moved \n"));
    assert_eq!(
        sh.failing(".filectrl p\n"),
        "Error: ambiguous file-control: \"p\"\nUse \".filectrl --help\" for help\n"
    );
    assert_eq!(
        sh.run(&[":memory:"], ".filectrl x\n").err,
        "Error: unknown file-control: x\nUse \".filectrl --help\" for help\n"
    );
}

#[test]
fn an_index_is_read_as_a_table() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c INT);\nINSERT INTO t VALUES(1, 'two', 3), (4, 'five', 6);\n\
        CREATE INDEX i ON t(b, c+1);\n.imposter I x\nSELECT * FROM x;\nDELETE FROM x;\n.imposter off\nSELECT * FROM x;\n";
    let said = sh.run(&[":memory:"], script);
    assert_eq!(
        said.out,
        "CREATE TABLE \"x\"(\"b\",\"expr2\",\"_ROWID_\",PRIMARY KEY(\"b\",\"expr2\",\"_ROWID_\"))WITHOUT ROWID;\n\
         five|7|4\ntwo|4|1\n"
    );
    assert!(said.err.contains("table x may not be modified"), "{said:?}");
    assert!(said.err.contains("no such table: x"), "{said:?}");
    let script = "CREATE TABLE t(a, b, c, PRIMARY KEY(c, b)) WITHOUT ROWID;\nINSERT INTO t VALUES(1, 2, 3);\n.imposter t x\nSELECT * FROM x;\n";
    assert_eq!(
        sh.script(script),
        "CREATE TABLE \"x\"(\"c\",\"b\",\"a\",PRIMARY KEY(\"c\",\"b\"))WITHOUT ROWID;\n3|2|1\n"
    );
    assert_eq!(sh.failing(".imposter no x\n"), "no such index: \"no\"\n");
    assert_eq!(sh.failing(".imposter\n"), "Usage: .imposter INDEX IMPOSTER\n       .imposter off\n");
}

#[test]
fn switches_for_tests_are_set() {
    let sh = Shell::new();
    let script = ".testctrl opt\n.testctrl opt -Stat4 -PushDown\n.testctrl opt +Stat4\n.testctrl opt -All\n\
                  .testctrl opt 0\n.testctrl optimizations flatten\n";
    assert_eq!(sh.script(script), "+All\n+All -Stat4 -PushDown\n+All -PushDown\n-All\n+All\n+All\n");
    let seeded = ".testctrl prng_seed 5\nSELECT random();\n";
    assert_eq!(sh.script(seeded), sh.script(seeded));
    let script = ".testctrl prng_save\nSELECT random();\n.testctrl prng_restore\nSELECT random();\n";
    let out = sh.script(script);
    let numbers = out.lines().collect::<Vec<_>>();
    assert_eq!(numbers[0], numbers[1]);
    let said = sh.run(&[":memory:"], ".testctrl\n");
    assert!(said.code == 1 && said.out.starts_with("Available test-controls:\n  .testctrl byteorder \n"), "{said:?}");
    let said = sh.run(&[":memory:"], ".testctrl sorter\n");
    assert_eq!((said.code, said.out.as_str()), (1, "Usage: .testctrl sorter NMAX\n"));
    assert_eq!(
        sh.failing(".testctrl prng\n"),
        "Error: ambiguous test-control: \"prng\"\nUse \".testctrl --help\" for help\n"
    );
    assert_eq!(
        sh.run(&[":memory:"], ".testctrl x\n").err,
        "Error: unknown test-control: x\nUse \".testctrl --help\" for help\n"
    );
    assert!(
        sh.failing(".testctrl opt -Nope\n")
            .starts_with("Error: no such optimization: \"Nope\"\nShould be one of: Query")
    );
}

#[test]
fn modules_are_taken_away() {
    let sh = Shell::new();
    let script = ".unmodule fts5 rtree\nCREATE VIRTUAL TABLE f USING fts4(a);\nCREATE VIRTUAL TABLE g USING fts5(a);\n";
    assert_eq!(sh.run(&[":memory:"], script).err, "Error near line 3: no such module: fts5\n");
    let script =
        ".unmodule --allexcept fts5\nCREATE VIRTUAL TABLE f USING fts5(a);\nCREATE VIRTUAL TABLE g USING fts4(a);\n";
    assert_eq!(sh.run(&[":memory:"], script).err, "Error near line 3: no such module: fts4\n");
    assert_eq!(sh.failing(".unmodule\n"), "Usage: .unmodule [--allexcept] NAME ...\n");
    assert_eq!(sh.run(&[":memory:"], ".crlf on\n").err, "crlf is OFF\n");
}

#[test]
fn what_commands_say_is_compared() {
    let sh = Shell::new();
    let script = ".testcase 100\nSELECT 1+1, 'abc';\nSELECT nope;\n.print last\n.check <<END\n2|abc\n\
        Parse error near line 3: no such column: nope\n  SELECT nope;\n         ^--- error here\nlast\nEND of it\n\
        .print between\n.testcase\nSELECT 1, 'x   y', -12;\n.check --glob --keep \"1|[w-z] y|#\"\n.check --notglob --keep 99\n\
        .check '1|x   y|-12'\n.testcase x --error-prefix Oh:\n.mode what\n.check --glob \"Oh: *unknown mode\"\n\
        .testcase y\n.check --exact ''\n";
    assert_eq!(sh.run(&[":memory:"], script), Said::ok("between\n6 tests run with 0 errors\n"));
    let said = sh.run(
        &[":memory:"],
        ".testcase\nSELECT 5;\n.check --keep 6\n.check --exact 5\nSELECT 7;\n.testcase z\n.check ''\n",
    );
    assert_eq!((said.code, said.out.as_str()), (1, "7\n3 tests run with 2 errors\n"));
    assert_eq!(
        said.err,
        "<stdin>:3: .check failed for testcase <stdin>:1\nExpected: [6]\nGot:      [5\n]\n\
         <stdin>:4: .check failed for testcase <stdin>:1\nExpected: [5]\nGot:      [5\n]\n"
    );
    assert_eq!(sh.script(".testcase a\nSELECT 1;\n.check --show 1\n"), "1\n1 test run with 0 errors\n");
    assert_eq!(sh.failing(".check x\n"), "line 1: .check x\nline 1:  ^--- no .testcase is active\n");
    assert_eq!(
        sh.run(&[":memory:"], ".testcase a\n.check\n.check --glob ' PATTERN specified'\n").out,
        "1 test run with 0 errors\n"
    );
    // An output that goes elsewhere ends the collection.
    assert_eq!(sh.script(".testcase a\nSELECT 1;\n.output\nSELECT 2;\n"), "2\n");
}

#[test]
fn patterns_of_checks_match_text() {
    let sh = Shell::new();
    for (pattern, text, matches) in [
        ("a*c", "abbbc", true),
        ("a?c", "abc", true),
        ("a#c", "a-123c", true),
        ("a#c", "a-c", false),
        ("[^a-c]d", "bd", false),
        ("[^a-c]d", "ed", true),
        ("[]a]", "]", true),
        ("[a-]", "-", true),
        ("[abc", "a", false),
        ("[", "a", false),
        ("[^", "a", false),
        ("[a-", "a", false),
        ("x y", "x \t\n y", true),
        ("x y", "xy", false),
        ("*a*a*a*a*a*a*a*a*b", &"a".repeat(200), false),
    ] {
        for (option, holds) in [("--glob", matches), ("--notglob", !matches)] {
            let script = format!(".testcase t\nSELECT '{text}';\n.check {option} '{pattern}'\n");
            let said = sh.run(&[":memory:"], &script);
            assert_eq!(said.code, i32::from(!holds), "{pattern} {text} {option}: {said:?}");
        }
    }
}

#[test]
fn a_test_case_outlives_an_output_that_was_meant_for_once() {
    let sh = Shell::new();
    let said = sh.run(&[":memory:"], ".once x\n.testcase a\nSELECT 1;\nSELECT 2;\n.check <<END\n1\n2\nEND\n");
    assert_eq!(said, Said::ok("1 test run with 0 errors\n"));
}
