//! `.import`: rows of a file, a pipe or the script itself into a table.

mod common;

use common::{Said, Shell};

#[test]
fn fields_are_cut_as_the_mode_says() {
    let sh = Shell::new();
    sh.write("a.txt", "1|\"two|2\"\n3|4\n");
    let script = ".mode list\nCREATE TABLE t(a, b);\n.import a.txt t\n.mode quote\nSELECT * FROM t;\n";
    assert_eq!(sh.script(script), "'1','two|2'\n'3','4'\n");
    sh.write("a.csv", "1,\"two,\"\"2\"\"\nx\"\r\n3,\r\n");
    let script = "CREATE TABLE t(a INT, b);\n.import --csv a.csv t\n.mode quote\nSELECT * FROM t;\n";
    assert_eq!(sh.script(script), "1,unistr('two,\"2\"\\u000ax')\n3,''\n");
    sh.write("a.tsv", "a\tb\n");
    let script = "CREATE TABLE t(a, b);\n.separator \"\\t\"\n.import a.tsv t\nSELECT b FROM t;\n";
    assert_eq!(sh.script(script), "b\n");
    sh.write("a.bin", "\"1\"\u{1f},2\r\n\u{1e}3\u{1f}4\n");
    let script = "CREATE TABLE t(a, b);\n.import --ascii a.bin t\n.mode quote\nSELECT * FROM t;\n";
    assert_eq!(sh.script(script), "'\"1\"',unistr(',2\\u000d\\u000a')\n'3',unistr('4\\u000a')\n");
}

#[test]
fn separators_can_be_chosen_apart_from_the_mode() {
    let sh = Shell::new();
    let script = |options: &str, rows: &str| {
        sh.script(&format!("CREATE TABLE t(a, b);\n.import {options} <<END t\n{rows}\nEND\nSELECT * FROM t;\n"))
    };
    assert_eq!(script("--colsep ;", "1;\"2;3\"\n4;5"), "1|2;3\n4|5\n");
    assert_eq!(script("-csv -rowsep ';'", "1,2;3,4;"), "1|2\n3|4\n");
    assert_eq!(script("-colsep ! -csv", "1!2,3"), "1|2,3\n");
    assert_eq!(script("-ascii -colsep , -rowsep \"\\n\"", "\"1\",2"), "\"1\"|2\n");
    // Of a longer separator the first character counts.
    assert_eq!(
        sh.script(".separator ', '\nCREATE TABLE t(a, b);\n.import <<. t\n1,2\n.\nSELECT * FROM t;\n"),
        "1, 2\n"
    );
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_field() {
    let sh = Shell::new();
    sh.write("a.csv", "\u{feff}\"a\",b\n1,2\n");
    assert_eq!(sh.script(".import --csv a.csv t\n.mode line\nSELECT * FROM t;\n"), "a: 1\nb: 2\n");
}

#[test]
fn a_new_table_has_the_columns_that_the_first_row_names() {
    let sh = Shell::new();
    sh.write("a.csv", "id,\"full \"\"name\"\"\"\n7,seven\n");
    let script = ".import -v --csv a.csv 'a \"t'\nSELECT typeof(id), * FROM \"a \"\"t\";\n";
    assert_eq!(
        sh.script(script),
        "Column separator \",\", row separator \"\\n\"\n\
         CREATE TABLE \"main\".\"a \"\"t\"(\n\"id\", \"full \"\"name\"\"\")\n\n\
         Added 1 rows with 0 errors using 2 lines of input\ntext|7|seven\n"
    );
    sh.write("b.csv", "a,b,c,d,e,f,g,h,\n");
    assert_eq!(
        sh.script(".import --csv b.csv t\n.schema\n"),
        "CREATE TABLE \"t\"(\n\"a\", \"b\", \"c\", \"d\",\n \"e\", \"f\", \"g\", \"h\",\n \"?\");\n"
    );
}

#[test]
fn equal_column_names_get_a_number() {
    let sh = Shell::new();
    sh.write("a.csv", "x,X,y,x_1\n1,2,3,4\n");
    let said = sh.run(&[":memory:"], ".import --csv a.csv t\n.headers on\nSELECT * FROM t;\n");
    assert_eq!(said.out, "x_01|X_02|y|x_1\n1|2|3|4\n");
    let renamed = "Columns renamed during .import a.csv due to duplicates:\n\"x\" to \"x_01\",\n\"X\" to \"X_02\"\n";
    assert_eq!(said.err, renamed);
}

#[test]
fn rows_that_are_too_short_or_too_long_are_named() {
    let sh = Shell::new();
    sh.write("a.csv", "1,2\n\"3\n\",4,5\n6\n");
    let script = "CREATE TABLE t(a, b);\n.import --csv a.csv t\n.nullvalue NULL\nSELECT b FROM t;\n";
    let said = sh.run(&[":memory:"], script);
    assert_eq!(said.out, "2\n4\nNULL\n");
    assert_eq!(
        said.err,
        "a.csv:2: expected 2 columns but found 3 - extras ignored\n\
         a.csv:4: expected 2 columns but found 1 - filling the rest with NULL\n"
    );
}

#[test]
fn bad_rows_are_told_counted_and_collected() {
    let sh = Shell::new();
    sh.write("a.csv", "1,a\n1,\"b\nb\"\n2,c\n");
    let script = "CREATE TABLE t(a UNIQUE, b);\n.import -v --csv --rejects bad.csv a.csv t\nSELECT * FROM t;\n";
    let said = sh.run(&[":memory:"], script);
    let separators = "Column separator \",\", row separator \"\\n\"\n";
    assert_eq!(said.out, format!("{separators}Added 2 rows with 1 errors using 4 lines of input\n1|a\n2|c\n"));
    assert_eq!(said.err, "a.csv:2: INSERT failed: UNIQUE constraint failed: t.a\n");
    assert_eq!(sh.read("bad.csv"), "1,\"b\nb\"\n");
    let said = sh.run(&["-bail", ":memory:"], "CREATE TABLE t(a UNIQUE, b);\n.import --csv a.csv t\nSELECT 1;\n");
    assert_eq!(said, Said::failed("a.csv:2: INSERT failed: UNIQUE constraint failed: t.a\n"));
}

#[test]
fn all_of_it_is_one_transaction_or_part_of_one() {
    let sh = Shell::new();
    sh.write("a.csv", "1\n2\n");
    let script = "CREATE TABLE t(a);\nBEGIN;\n.import --csv a.csv t\nROLLBACK;\nSELECT count(*) FROM t;\n\
                  .import --csv --skip 1 a.csv t\nSELECT * FROM t;\n";
    assert_eq!(sh.script(script), "0\n2\n");
}

#[test]
fn input_can_be_a_pipe_or_the_script() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(a, b);\n.import --csv '|echo 1,2' t\n.import --csv <<. t\n3,4\n\"5\n\",6\n.\n\
                  SELECT sum(a), sum(b) FROM t;\n";
    assert_eq!(sh.script(script), "9|12\n");
    assert_eq!(sh.failing(".import --csv <<END t\n1\n"), "line 1: Content terminator \"END\" not found.\n");
}

#[test]
fn the_table_can_be_in_another_database_and_leave_out_what_is_generated() {
    let sh = Shell::new();
    sh.write("a.csv", "1,2\n");
    let script = "ATTACH ':memory:' AS x;\nCREATE TABLE t(a);\nCREATE TABLE x.t(a INT, g AS (a*10), b INT);\n\
                  .import --csv --schema x a.csv t\nSELECT * FROM x.t;\n";
    assert_eq!(sh.script(script), "1|10|2\n");
}

#[test]
fn what_cannot_be_imported_is_said() {
    let sh = Shell::new();
    sh.write("empty", "");
    sh.write("quote.csv", "a,b\n1,\"2\n");
    sh.write("odd.csv", "a,b\n\"1\"x,2\n");
    for (script, error) in [
        (".import\n", "line 1: Missing FILE argument\n"),
        (".import x\n", "line 1: Missing TABLE argument\n"),
        (".import x t\n", "line 1: cannot open \"x\"\n"),
        (".import . t\n", "line 1: cannot open \".\"\n"),
        (".import '|false' t\n", "<pipe>: empty file\n"),
        (".import empty t\n", "empty: empty file\n"),
        (".import --skip\n", "line 1: .import --skip\nline 1:         ^--- missing argument\n"),
        (".import -csv -x empty t\n", "line 1: .import -csv -x empty t\nline 1:              ^--- unknown option\n"),
        (".separator ä\n.import empty t\n", "Error: .import column separator must be ASCII\n"),
        (".import --rowsep ä empty t\n", "Error: .import row separator must be ASCII\n"),
        ("CREATE VIEW v AS SELECT 1 AS a;\n.import empty v\n", "Error: cannot modify v because it is a view\n"),
        (
            ".import --csv --schema no quote.csv t\n",
            "CREATE TABLE \"no\".\"t\"(\n\"a\", \"b\")\n failed:\nunknown database \"no\"\n",
        ),
    ] {
        assert_eq!(sh.failing(script), error, "{script}");
    }
    let said = sh.run(&[":memory:"], ".import --csv quote.csv t\nSELECT * FROM t;\n");
    assert_eq!((said.out.as_str(), said.err.as_str()), ("1|2\n\n", "quote.csv:2: unterminated \"-quoted field\n"));
    let said = sh.run(&[":memory:"], ".import --csv odd.csv t\nSELECT * FROM t;\n");
    assert_eq!(
        (said.out.as_str(), said.err.as_str()),
        (
            "1\"x,2\n|\n",
            "odd.csv:2: unescaped \" character\nodd.csv:2: unterminated \"-quoted field\nodd.csv:2: expected 2 columns but found 1 - filling the rest with NULL\n"
        )
    );
}

#[test]
fn more_columns_than_a_table_can_have_are_refused() {
    let sh = Shell::new();
    sh.write("x.csv", &"a,".repeat(100_000));
    assert_eq!(sh.failing(".import --csv x.csv t\n"), "x.csv: 100001 columns, but a table can have 2000 at most\n");
}

#[test]
fn a_locked_table_is_called_locked() {
    let sh = Shell::new();
    sh.write("x.csv", "1\n");
    sh.run(&["a.db"], "CREATE TABLE t(a);\n");
    let script = "BEGIN EXCLUSIVE;\n.connection 1\n.open a.db\n.import --csv x.csv t\n";
    let said = sh.run(&["a.db"], script);
    assert_eq!((said.code, said.err.as_str()), (1, "Error: database is locked\n"));
}
