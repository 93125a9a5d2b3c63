//! Commands that tell what statements do, and what they are given: `.parameter`, `.eqp`, `.stats`, `.trace`, `.limits`, `.system`.

mod common;

use common::{Said, Shell};

#[test]
fn parameters_are_expressions_or_text() {
    let sh = Shell::new();
    let script = ".parameter list\n.parameter set @a 5+1\n.parameter set :bb \"'it''s'\"\n.parameter set $c 'no expression'\n\
                  .parameter list\nSELECT @a, :bb, $c, ?4;\n.parameter unset @a\n.nullvalue NULL\nSELECT @a;\n\
                  .parameter clear\n.parameter list\n.parameter init\nSELECT * FROM temp.sqlite_parameters;\n";
    assert_eq!(sh.script(script), "$c  'no expression'\n:bb 'it''s'\n@a  6\n6|it's|no expression|\nNULL\n");
    let usage = "Usage: .parameter clear|init|list|set NAME VALUE|unset NAME\n";
    assert_eq!(sh.failing(".parameter\n"), usage);
    assert_eq!(sh.failing(".parameter set a\n"), usage);
}

#[test]
fn plans_are_shown_before_statements() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a);\nCREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT * FROM t; END;\n\
                  .eqp on\nSELECT * FROM t;\nEXPLAIN QUERY PLAN SELECT 1;\n.eqp trigger\nINSERT INTO t VALUES(1);\n.eqp off\nSELECT 2;\n";
    assert_eq!(sh.script(script), "QUERY PLAN\n`--SCAN t\nQUERY PLAN\n`--SCAN CONSTANT ROW\nTRIGGER r\n`--SCAN t\n2\n");
    let said = sh.script("CREATE TABLE t(a);\n.eqp full\nSELECT * FROM t;\n");
    assert!(said.starts_with("QUERY PLAN\n`--SCAN t\naddr  opcode"), "{said}");
    assert!(said.contains("OpenRead"), "{said}");
    assert_eq!(sh.failing(".eqp\n"), "Usage: .eqp off|on|trace|trigger|full\n");
    assert!(sh.script(".eqp full\n.show\n").contains("         eqp: full\n"));
}

#[test]
fn the_cost_of_a_statement_is_told() {
    let sh = Shell::new();
    let said = sh.script(".stats on\nSELECT 1 AS x;\n.stats off\nSELECT 2;\n");
    for label in
        ["Memory Used:  ", "Pager Heap Usage:  ", "Autoindex Inserts:  ", "Virtual Machine Steps:  ", "Rows read:  "]
    {
        assert_eq!(said.matches(label).count(), 1, "{label}: {said}");
    }
    assert!(!said.contains("Column 0 name:"), "{said}");
    assert!(said.starts_with("1\n") && said.ends_with("\n2\n"), "{said}");
    let said = sh.script(".stats stmt\nCREATE TABLE t(x INT);\nSELECT x FROM t;\n");
    assert!(said.contains("Column 0 name:                       x\n"), "{said}");
    assert!(said.contains("Column 0 declared type:              INT\n"), "{said}");
    let said = sh.script(".stats vmstep\nSELECT 1;\n");
    assert!(said.starts_with("1\nVM-steps: ") && said.lines().count() == 2, "{said}");
    assert!(sh.script(".stats\n").contains("Page cache hits:  "));
    assert_eq!(sh.failing(".stats off x\n"), "Usage: .stats ?on|off|stmt|vmstep?\n");
}

#[test]
fn statements_are_traced() {
    let sh = Shell::new();
    let script = ".trace stdout\n.parameter set ?1 7\n.trace off\n.trace stdout\nSELECT ?1 ; ;\n.trace --expanded stdout\nSELECT ?1;\n\
                  .trace --row stdout\nSELECT 1 UNION ALL SELECT 2;\n.trace off\nSELECT 3;\n";
    let said = sh.script(script);
    let (_, said) = said.split_once("SELECT ?1 ;\n").expect("the text of a statement");
    assert_eq!(
        said.lines().filter(|line| !line.contains("sqlite_parameters")).collect::<Vec<_>>(),
        ["7", "SELECT 7;", "7", "SELECT 1 UNION ALL SELECT 2;", "1", "SELECT 1 UNION ALL SELECT 2;", "2", "3"]
    );
    assert!(sh.script(".trace --profile stdout\nSELECT 1;\n").ends_with(" ns\n"));
    assert!(sh.script(".trace --close stdout\n.open\n").contains("-- closing database connection\n"));
    assert_eq!(sh.script(".trace\nSELECT 1;\n.trace stdout\n.trace --row\nSELECT 2;\n"), "1\nSELECT 2;\n2\n");
    assert_eq!(sh.failing(".trace --what\n"), "Unknown option \"--what\" on \".trace\"\n");
}

#[test]
fn limits_are_shown_and_set() {
    let sh = Shell::new();
    let said = sh.script(".limits\n");
    assert!(said.contains("          expr_depth 1000\n") && said.lines().count() == 13, "{said}");
    assert_eq!(sh.script(".limit col 5\n"), "              column 5\n");
    let said = sh.run(&[":memory:"], ".limit variable_number 2\nSELECT ?3;\n");
    assert_eq!(said.out, "     variable_number 2\n");
    assert!(said.err.contains("variable number must be between ?1 and ?2"), "{said:?}");
    assert_eq!(sh.failing(".limit v\n"), "ambiguous limit: \"v\"\n");
    assert_eq!(sh.failing(".limit no\n"), "unknown limit: \"no\"\nenter \".limits\" with no arguments for a list.\n");
    assert_eq!(sh.failing(".limit a b c\n"), "Usage: .limit NAME ?NEW-VALUE?\n");
}

#[test]
fn commands_of_the_system_run() {
    let sh = Shell::new();
    assert_eq!(sh.script("SELECT 1;\n.system echo 'a  b' c\n.shell echo d\nSELECT 2;\n"), "1\na  b c\nd\n2\n");
    let said = sh.run(&[":memory:"], ".system exit 3\n");
    assert_eq!((said.code, said.err.as_str()), (0, "System command returns 768\n"));
    assert_eq!(sh.failing(".system\n"), "Usage: .system COMMAND\n");
    assert_eq!(
        sh.run(&["-safe", ":memory:"], ".shell echo x\n"),
        Said::failed("line 1: cannot run .shell in safe mode\n")
    );
}

#[test]
fn commands_show_no_plan_of_their_own_queries() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a);\n.eqp on\n.stats vmstep\n.schema\n.tables\n.dump t\n";
    let said = sh.script(script);
    assert!(said.contains("CREATE TABLE t(a);") && !said.contains("SCAN") && !said.contains("VM-steps"), "{said}");
}

#[test]
fn switches_of_the_connection_are_shown_and_set() {
    let sh = Shell::new();
    let said = sh.script(".dbconfig\n");
    assert!(said.contains("          defensive on\n") && said.contains("     trusted_schema off\n"), "{said}");
    let script = ".dbconfig enable_fkey on\nPRAGMA foreign_keys;\n.dbconfig enable_fkey\n";
    assert_eq!(sh.script(script), "        enable_fkey on\n1\n        enable_fkey on\n");
    assert_eq!(
        sh.run(&[":memory:"], ".dbconfig no\n").err,
        "line 1: .dbconfig no\nline 1:           ^--- unknown dbconfig\n\
         line 1: Enter \".dbconfig\" with no arguments for a list\n"
    );
    assert_eq!(sh.script(".dbconfig fp_digits 5\nSELECT 1.0/3;\n"), "          fp_digits 5\n0.33333\n");
}

#[test]
fn the_vfs_is_named() {
    let sh = Shell::new();
    assert_eq!(sh.run(&["a.db"], ".vfsname\n"), Said::ok("unix\n"));
    let said = sh.run(&["a.db"], ".vfslist\n").out;
    assert!(said.contains("vfs.zName      = \"unix\"  <--- CURRENT\n") && said.contains("unix-none"), "{said}");
    assert!(
        sh.script("ATTACH 'b.db' AS b;\n.vfsinfo b\n").starts_with("vfs.zName      = \"unix\"\nvfs.iVersion   = 3\n")
    );
}

#[test]
fn an_extension_that_is_not_there_is_an_error() {
    let sh = Shell::new();
    assert!(sh.failing(".load ./none\n").starts_with("Error: ./none"));
    assert_eq!(sh.failing(".load\n"), "Usage: .load FILE ?ENTRYPOINT?\n");
    let said = sh.run(&["-safe", ":memory:"], ".load x\n");
    assert_eq!(said, Said::failed("line 1: cannot run .load in safe mode\n"));
}
