//! What happens to a script on stdin?

mod common;

use common::{Said, Shell};

#[test]
fn statements_may_span_lines_and_share_them() {
    let sh = Shell::new();
    assert_eq!(sh.script("SELECT\n1;SELECT 2; SELECT\n3;"), "1\n2\n3\n");
}

#[test]
fn the_last_semicolon_may_be_missing() {
    let sh = Shell::new();
    assert_eq!(sh.script("SELECT 'end'"), "end\n");
}

#[test]
fn semicolons_in_strings_comments_and_triggers_end_nothing() {
    let sh = Shell::new();
    let script = "SELECT 'a;\nb'; -- ; here\n/* ;\n */ SELECT 2;\n\
        CREATE TABLE t(a); CREATE TRIGGER r AFTER INSERT ON t BEGIN\n  SELECT 1;\n  DELETE FROM t;\nEND;\n\
        INSERT INTO t VALUES(1); SELECT count(*) FROM t;\n";
    assert_eq!(sh.script(script), "a;\nb\n2\n0\n");
}

#[test]
fn comments_and_hash_lines_are_skipped() {
    let sh = Shell::new();
    assert_eq!(sh.script("# a comment\n-- another\n/* and\n another */\n\nSELECT 1;\n"), "1\n");
}

#[test]
fn a_dot_inside_of_a_statement_is_no_command() {
    let sh = Shell::new();
    assert_eq!(sh.script("SELECT 'a\n.quit\nb';\n"), "a\n.quit\nb\n");
}

#[test]
fn line_ends_of_windows_are_line_ends() {
    let sh = Shell::new();
    assert_eq!(sh.script("SELECT 1;\r\n.print x\r\n"), "1\nx\n");
}

#[test]
fn parse_errors_point_at_their_place() {
    let sh = Shell::new();
    assert_eq!(
        sh.failing("SELECT 1;\n\nSELECT ;\n"),
        "Parse error near line 3: near \";\": syntax error\n  SELECT ;\n         ^--- error here\n"
    );
    assert_eq!(
        sh.failing("SELECT a FROM (SELECT 1 AS aaaaaaaaaaaaaaa) WHERE nope;"),
        "Parse error near line 1: no such column: a\n  SELECT a FROM (SELECT 1 AS aaaaaaaaaaaaaaa) WHERE nope;\n         \
         ^--- error here\n"
    );
    assert_eq!(
        sh.failing("SELECT 1, 2, 3, 4, 5, 6, 7, 8, nope;"),
        "Parse error near line 1: no such column: nope\n  SELECT 1, 2, 3, 4, 5, 6, 7, 8, nope;\n                   \
         error here ---^\n"
    );
    assert_eq!(sh.failing("CREATE TABLE"), "Parse error near line 1: incomplete input\n");
}

#[test]
fn a_long_statement_is_shown_around_the_error() {
    let sh = Shell::new();
    let before = "1, ".repeat(60);
    let after = ", 2".repeat(60);
    let err = sh.failing(&format!("SELECT {before}nope{after};"));
    let lines: Vec<&str> = err.lines().collect();
    assert_eq!(lines[0], "Parse error near line 1: no such column: nope");
    assert_eq!(lines[1].len(), 2 + 78);
    assert_eq!(lines[1].find("nope"), lines[2].find('^'));
}

#[test]
fn runtime_errors_name_the_line_where_the_statement_begins() {
    let sh = Shell::new();
    let err = sh.failing("CREATE TABLE t(a UNIQUE);\nINSERT INTO t\n VALUES(1),\n (1);\n");
    assert_eq!(err, "Error near line 2: UNIQUE constraint failed: t.a\n");
}

#[test]
fn errors_in_a_file_name_the_file() {
    let sh = Shell::new();
    sh.write("s.sql", "SELECT 1;\nSELECT x;\n");
    let said = sh.run(&[":memory:"], ".read s.sql\nSELECT 'on';\n");
    assert_eq!((said.code, said.out.as_str()), (1, "1\non\n"));
    assert_eq!(
        said.err,
        "Parse error near line 2 of s.sql: no such column: x\n  SELECT x;\n         ^--- error here\n"
    );
}

#[test]
fn a_file_that_reads_itself_is_stopped() {
    let sh = Shell::new();
    sh.write("loop.sql", ".read loop.sql\n");
    assert_eq!(
        sh.failing(".read loop.sql\n"),
        "loop.sql: Input nesting limit (25) reached at line 1. Check recursion.\n"
    );
}

#[test]
fn quit_in_a_file_ends_that_file_only() {
    let sh = Shell::new();
    sh.write("s.sql", ".print one\n.quit\n.print two\n");
    assert_eq!(sh.script(".read s.sql\n.print three\n"), "one\nthree\n");
}

#[test]
fn the_exit_code_can_be_chosen() {
    let sh = Shell::new();
    assert_eq!(
        sh.run(&[":memory:"], ".print x\n.exit 7\n.print y\n"),
        Said { code: 7, out: "x\n".into(), err: String::new() }
    );
    assert_eq!(sh.run(&[":memory:"], "SELECT nope;\n.exit\n").code, 1);
    assert_eq!(sh.run(&[":memory:"], ".quit\nSELECT nope;\n").code, 0);
}

#[test]
fn a_dump_can_be_played_back() {
    let sh = Shell::new();
    let script = "CREATE VIRTUAL TABLE f USING fts5(a);\nINSERT INTO f VALUES('one two');\nCREATE TABLE t(a);\n";
    assert_eq!(sh.run(&["x.db"], script), Said::ok(""));
    let dump = sh.run(&["x.db", ".dump"], "");
    assert_eq!((dump.code, dump.err.as_str()), (0, ""));
    assert!(dump.out.starts_with("/* WARNING: "), "{}", dump.out);
    let said = sh.run(&["y.db"], dump.out.split_once('\n').expect("lines").1);
    assert_eq!(said, Said::ok(""));
    assert_eq!(sh.run(&["y.db", "SELECT a FROM f WHERE f MATCH 'two'"], ""), Said::ok("one two\n"));
    // ... but not into a database that holds something, whose schema is none of its business.
    assert_eq!(sh.run(&["z.db", "CREATE TABLE x(a)"], ""), Said::ok(""));
    let said = sh.run(&["z.db"], dump.out.split_once('\n').expect("lines").1);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("table sqlite_master may not be modified"), "{}", said.err);
}

#[test]
fn parameters_have_the_values_that_their_names_say() {
    let sh = Shell::new();
    assert_eq!(sh.script("SELECT $int_42, $text_abc, typeof(:other);"), "42|abc|null\n");
}

#[test]
fn a_comment_may_follow_a_statement() {
    let sh = Shell::new();
    assert_eq!(sh.script("SELECT 1; -- one\n.print two\nSELECT 3; /* three */\n.print four\n"), "1\ntwo\n3\nfour\n");
    assert_eq!(sh.script("SELECT ';' -- ;\n;\nSELECT 2 /* ;\n*/;\n"), ";\n2\n");
}

#[test]
fn a_statement_ends_where_its_last_semicolon_is_no_part_of_anything() {
    let sh = Shell::new();
    let script =
        "SELECT 'a;\nb;\n', \"c;\n\", `d;\n`, [e;\n] /* f;\n*/ -- g;\n, 1;--;\nSELECT 2 -- ;\n;/* h\n*/SELECT 3\n; ;\n";
    let said = sh.run(&["-echo", ":memory:"], &format!("CREATE TABLE t(\"c;\n\", \"d;\n\", \"e;\n\");\n{script}"));
    assert!(said.out.contains("\nSELECT 2 -- ;\n;/* h\n*/SELECT 3\n; ;\n2\n3\n"), "{said:?}");
    let script =
        "CREATE TABLE t(a);\nCREATE TRIGGER r AFTER INSERT ON t BEGIN\nSELECT 1;\nSELECT ';\n';\nEND;\nSELECT 4;\n";
    assert_eq!(sh.script(script), "4\n");
}

#[test]
fn an_error_of_a_script_that_an_argument_reads_names_the_script() {
    let sh = Shell::new();
    sh.write("e.sql", "\n.mode nope\n");
    let said = sh.run(&[":memory:", ".read e.sql", ".mode nope"], "");
    assert!(said.code == 1 && said.err.starts_with("e.sql:2: .mode nope\n"), "{said:?}");
    sh.write("good.sql", ".print x\n");
    let said = sh.run(&[":memory:", ".read good.sql", ".mode nope"], "");
    assert!(said.err.starts_with("argv[4]: .mode nope\n"), "{said:?}");
}

#[test]
fn what_is_traced_and_cannot_be_written_is_an_error() {
    let sh = Shell::new();
    let said = sh.run(&[":memory:"], ".trace /dev/full\nSELECT 1;\n");
    assert_eq!(said.err, "Error: not all output could be written to \".trace\"\n");
    assert_eq!((said.code, said.out.as_str()), (1, "1\n"));
}

#[test]
fn safe_mode_refuses_to_log_or_trace_to_a_file() {
    let sh = Shell::new();
    for command in [".log", ".trace"] {
        let said = sh.run(&["-safe", ":memory:"], &format!("{command} x\nSELECT 1;\n"));
        assert_eq!(said, Said::failed("line 1: cannot write to \"x\" in safe mode\n"));
        assert_eq!(sh.run(&["-safe", ":memory:"], &format!("{command} stderr\n{command} off\n")), Said::ok(""));
    }
}

#[test]
fn the_value_of_a_parameter_is_one_expression() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a);\n.parameter set :x \"1); DROP TABLE t; --\"\n.tables\nSELECT :x;\n";
    assert_eq!(sh.script(script), "t\n1); DROP TABLE t; --\n");
}
