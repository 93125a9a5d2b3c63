//! How does each mode show a result?

mod common;

use common::Shell;

/// Shows a result with numbers, NULL, special characters and a BLOB in the given mode.
fn show(mode: &str) -> String {
    let rows = "SELECT 1 AS id, 'it''s \"x\", <y>' AS txt UNION ALL SELECT 2.5, NULL UNION ALL SELECT x'41ff', 'a\nb';";
    let output = Shell::new();
    let said = output.command(&[":memory:", &format!(".mode {mode}"), rows]).output().expect("the shell runs");
    assert!(said.status.success() && said.stderr.is_empty(), "{said:?}");
    // The BLOB is no valid text.
    said.stdout.iter().map(|&b| if b == 0xff { '?' } else { char::from(b) }).collect()
}

#[test]
fn list() {
    assert_eq!(show("list"), "1|it's \"x\", <y>\n2.5|\nA?|a\nb\n");
    assert_eq!(show("list --colsep , --rowsep !"), "1,it's \"x\", <y>!2.5,!A?,a\nb!");
    assert_eq!(show("list --titles on --null nil"), "id|txt\n1|it's \"x\", <y>\n2.5|nil\nA?|a\nb\n");
}

#[test]
fn csv() {
    assert_eq!(show("csv"), "1,\"it's \"\"x\"\", <y>\"\r\n2.5,\r\n\"A?\",\"a\nb\"\r\n");
    let sh = Shell::new();
    assert_eq!(
        sh.script(".mode csv\nSELECT '', 'a b', 'a,b', 'a''b', 'plain', 'ü';\n"),
        "\"\",\"a b\",\"a,b\",\"a'b\",plain,\"ü\"\r\n"
    );
    assert_eq!(sh.script(".mode csv\n.headers on\nSELECT 1 AS 'a b', 2 AS c;\n"), "\"a b\",c\r\n1,2\r\n");
}

#[test]
fn column() {
    let sh = Shell::new();
    assert_eq!(
        sh.script(".mode column\nSELECT 'a' AS name, 10 AS n UNION ALL SELECT 'longer', 2;\n"),
        " name   n\n------  --\na       10\nlonger   2\n"
    );
    assert_eq!(sh.script(".mode column\n.headers off\nSELECT 'a', 1, 'b';\n"), "a  1  b\n");
    assert_eq!(
        sh.script(".mode column\n.width 4 -6 0\nSELECT 'abcdefgh' AS a, 'r' AS b, 'c' AS d;\n"),
        " a      b     d\n----  ------  -\nabcd       r  c\nefgh\n"
    );
    assert_eq!(sh.script(".mode column\nSELECT 1 AS a WHERE 0;\n"), "a\n");
    // A statement that fails has no titles.
    for mode in ["box", "column", "list", "markdown", "psql", "table"] {
        let said = sh.run(&[":memory:"], &format!(".mode {mode}\n.headers always\nSELECT json('{{') AS a;\n"));
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{mode}");
    }
    assert_eq!(
        sh.script(".mode column\nSELECT '日本' AS a, 'é' AS b, 'x' AS c;\n"),
        " a    b  c\n----  -  -\n日本  é  x\n"
    );
}

#[test]
fn column_breaks_long_values_between_words() {
    let sh = Shell::new();
    assert_eq!(
        sh.script(".mode column --wrap 10\nSELECT 'the quick brown fox' AS a, 1 AS b;\n"),
        "    a       b\n----------  -\nthe quick   1\nbrown fox\n"
    );
    assert_eq!(
        sh.script(".mode column --wrap 10 --wordwrap off\nSELECT 'the quick brown fox' AS a, 1 AS b;\n"),
        "    a       b\n----------  -\nthe quick   1\nbrown fox\n"
    );
    assert_eq!(
        sh.script(".mode column --wrap 6 --wordwrap off\nSELECT 'the quick' AS a;\n"),
        "  a\n------\nthe qu\nick\n"
    );
}

#[test]
fn frames() {
    let sh = Shell::new();
    let query = "SELECT 1 AS a, 'x' AS bb UNION ALL SELECT 22, NULL;\n";
    assert_eq!(
        sh.script(&format!(".mode box\n{query}")),
        "╭────┬────╮\n│ a  │ bb │\n╞════╪════╡\n│  1 │ x  │\n│ 22 │    │\n╰────┴────╯\n"
    );
    assert_eq!(
        sh.script(&format!(".mode table\n{query}")),
        "+----+----+\n| a  | bb |\n+----+----+\n|  1 | x  |\n| 22 |    |\n+----+----+\n"
    );
    assert_eq!(sh.script(&format!(".mode markdown\n{query}")), "| a  | bb |\n|----|----|\n|  1 | x  |\n| 22 |    |\n");
    assert_eq!(sh.script(&format!(".mode psql\n{query}")), " a  | bb\n----+----\n  1 | x\n 22 |\n");
    assert_eq!(
        sh.script(&format!(".mode qbox\n{query}")),
        "╭────┬──────╮\n│ a  │  bb  │\n╞════╪══════╡\n│  1 │ 'x'  │\n│ 22 │ NULL │\n╰────┴──────╯\n"
    );
}

#[test]
fn multi_line_values_separate_the_rows_of_a_box() {
    let sh = Shell::new();
    assert_eq!(
        sh.script(".mode box\nSELECT 'a\nb' AS x UNION ALL SELECT 'c';\n"),
        "╭───╮\n│ x │\n╞═══╡\n│ a │\n│ b │\n├───┤\n│ c │\n╰───╯\n"
    );
}

#[test]
fn wide_results_are_made_to_fit_the_screen() {
    let sh = Shell::new();
    let out = sh.script(".mode box --screenwidth 40\nSELECT printf('%.80c','a') AS a, printf('%.80c','b') AS b;\n");
    assert!(out.lines().all(|line| line.chars().count() <= 40), "{out}");
    assert_eq!(out.matches('a').count() + out.matches('b').count(), 2 + 160);
}

#[test]
fn limits_cut_long_values() {
    let sh = Shell::new();
    assert_eq!(sh.script(".mode list --charlimit 5\nSELECT 'abcdefgh', 'abcde';\n"), "abcde...|abcde\n");
    assert_eq!(sh.script(".mode column --linelimit 2\nSELECT 'a\nb\nc' AS x;\n"), "x\n-\na\nb\n.\n");
    assert_eq!(sh.script(".mode column --titlelimit 6\nSELECT 1 AS abcdefghij;\n"), "abc...\n------\n     1\n");
}

#[test]
fn line() {
    assert_eq!(show("line"), " id: 1\ntxt: it's \"x\", <y>\n\n id: 2.5\ntxt: \n\n id: A?\ntxt: a\n     b\n");
}

#[test]
fn quoted_rows() {
    assert_eq!(show("quote"), "1,'it''s \"x\", <y>'\n2.5,NULL\nx'41ff',unistr('a\\u000ab')\n");
    assert_eq!(show("tcl"), "1 \"it's \\\"x\\\", <y>\"\n2.5 \"\"\n\"\\101\\377\" \"a\\nb\"\n");
    assert_eq!(show("c"), "1,\"it's \\\"x\\\", <y>\"\n2.5,NULL\n\"\\101\\377\",\"a\\nb\"\n");
    assert_eq!(show("tabs"), "1\t\"it's \"\"x\"\", <y>\"\n2.5\t\n\"A?\"\t\"a\nb\"\n");
    assert_eq!(show("ascii"), "1\u{1f}it's \"x\", <y>\u{1e}2.5\u{1f}\u{1e}A?\u{1f}a\nb\u{1e}");
}

#[test]
fn json() {
    let row1 = "\"id\":1,\"txt\":\"it's \\\"x\\\", <y>\"";
    let row2 = "\"id\":2.5,\"txt\":null";
    let row3 = "\"id\":\"\\u0041\\u00ff\",\"txt\":\"a\\nb\"";
    assert_eq!(show("json"), format!("[{{{row1}}},\n{{{row2}}},\n{{{row3}}}]\n"));
    assert_eq!(show("jobject"), format!("{{{row1}}}\n{{{row2}}}\n{{{row3}}}\n"));
    assert_eq!(Shell::new().script(".mode json\nSELECT 1 WHERE 0;\n"), "");
}

#[test]
fn html() {
    assert_eq!(
        Shell::new().script(".mode html\nSELECT 1 AS 'a&b', '<x>' AS c;\n"),
        "<TR>\n<TH>a&amp;b\n<TH>c\n</TR>\n<TR>\n<TD>1\n<TD>&lt;x&gt;\n</TR>\n"
    );
}

#[test]
fn insert() {
    assert_eq!(
        show("insert 'my tab'"),
        "INSERT INTO \"my tab\" VALUES(1,'it''s \"x\", <y>');\nINSERT INTO \"my tab\" VALUES(2.5,NULL);\n\
         INSERT INTO \"my tab\" VALUES(x'41ff',unistr('a\\u000ab'));\n"
    );
    assert_eq!(
        Shell::new().script(".mode insert t --multiinsert 1000 --titles on\nVALUES(1,2),(3,4);\n"),
        "INSERT INTO t(column1,column2) VALUES(1,2),\n  (3,4);\n"
    );
}

#[test]
fn count_and_off() {
    assert_eq!(show("count"), "3\n");
    assert_eq!(show("off"), "");
}

#[test]
fn control_characters_are_made_visible() {
    let sh = Shell::new();
    let query = "SELECT 'a'||char(7,27)||'b'||char(9)||'c';\n";
    assert_eq!(sh.script(query), "a^G^[b\tc\n");
    assert_eq!(sh.script(&format!(".mode list --escape symbol\n{query}")), "a␇␛b\tc\n");
    assert_eq!(sh.script(&format!(".mode list --escape off\n{query}")), "a\u{7}\u{1b}b\tc\n");
}

#[test]
fn relaxed_quoting_quotes_what_could_be_mistaken() {
    assert_eq!(
        Shell::new().script(
            ".mode list --quote relaxed --null NULL\nSELECT 'abc', '1', '1e5', 'NULL', NULL, ' x', '', 1, 'a''b', '-Inf';\n"
        ),
        "abc|'1'|'1e5'|'NULL'|NULL|' x'||1|a'b|'-Inf'\n"
    );
}

#[test]
fn explain_is_laid_out_on_its_own() {
    let sh = Shell::new();
    let plan = sh.script("CREATE TABLE t(a);\n.mode csv\nEXPLAIN QUERY PLAN SELECT * FROM t, t AS u;\n");
    assert_eq!(plan, "QUERY PLAN\n|--SCAN t\n`--SCAN u\n");
    let listing = sh.script("EXPLAIN SELECT 1;\n");
    let lines: Vec<&str> = listing.lines().collect();
    assert_eq!(lines[0], "addr  opcode         p1    p2    p3    p4             p5  comment      ");
    assert_eq!(lines[1], "----  -------------  ----  ----  ----  -------------  --  -------------");
    assert!(lines[2].starts_with("0     Init           0"), "{listing}");
    assert!(sh.script(".explain off\nEXPLAIN SELECT 1;\n").starts_with("0|Init|0|"));
}

#[test]
fn jsonb_can_be_shown_as_text() {
    let sh = Shell::new();
    assert_eq!(sh.script(".mode list --textjsonb on\nSELECT jsonb('{\"a\":[1,2]}');\n"), "{\"a\":[1,2]}\n");
    assert_eq!(sh.script(".mode quote --textjsonb on\nSELECT jsonb('[1]'), x'ff';\n"), "jsonb('[1]'),x'ff'\n");
}

#[test]
fn mode_without_arguments_tells_how_to_get_there() {
    let sh = Shell::new();
    for mode in [
        "list",
        "csv --colsep \";\"",
        "box --align \"LCR\" --widths 3,0,-4",
        "column --limits on --sw 40",
        "insert --tablename \"my tab\"",
        "json --textjsonb on",
        "quote --titles always",
        "table --wrap 9 --ww",
        "table --wrap 9",
        "box --wordwrap off --wrap 5",
    ] {
        assert_eq!(sh.script(&format!(".mode {mode}\n.mode\n")), format!(".mode {mode}\n"));
    }
    assert!(sh.script(".mode --list\n").starts_with("available modes: ascii box c column count csv "));
}

#[test]
fn a_mode_can_be_saved_and_used_once() {
    let sh = Shell::new();
    assert_eq!(
        sh.script(".mode quote --colsep ' '\n.mode --tag mine\n.mode list\nSELECT 1,'x';\n.mode mine\nSELECT 1,'x';\n"),
        "1|x\n1 'x'\n"
    );
    assert_eq!(sh.script(".mode --once csv\nSELECT 1,2;\nSELECT 1,2;\n"), "1,2\r\n1|2\n");
}

#[test]
fn mode_errors_point_at_the_argument() {
    let sh = Shell::new();
    let hint = "line 1: Use \".help .mode\" for more info\n";
    assert_eq!(sh.failing(".mode FOO\n"), format!("line 1: .mode FOO\nline 1:       ^--- unknown mode\n{hint}"));
    assert_eq!(
        sh.failing(".mode csv --nope\n"),
        format!("line 1: .mode csv --nope\nline 1:           ^--- bad option\n{hint}")
    );
    assert_eq!(
        sh.failing(".mode csv --colsep\n"),
        "line 1: .mode csv --colsep\nline 1:           ^--- missing argument\n"
    );
    assert_eq!(
        sh.failing(".mode box --align LXR\n"),
        "line 1: .mode box --align LXR\nline 1:                   ^--- bad alignment string\n\
         line 1: Should contain only characters L, C, and R.\n"
    );
}

#[test]
fn numbers_can_be_formatted() {
    let sh = Shell::new();
    let query = "SELECT 1234567, -1.5, 9223372036854775807, 'x', NULL;\n";
    assert_eq!(
        sh.script(&format!(".mode list --ifmt <%,d> --fpfmt %.3f\n{query}")),
        "<1,234,567>|-1.500|<9,223,372,036,854,775,807>|x|\n"
    );
    assert_eq!(sh.script(&format!(".mode csv --ifmt %08x\n{query}")), "0012d687,-1.5,7fffffffffffffff,x,\r\n");
    assert_eq!(
        sh.script(&format!(".mode list --ifmt %x --ifmt auto\n{query}")),
        "1234567|-1.5|9223372036854775807|x|\n"
    );
    assert_eq!(sh.script(".mode list --ifmt %d! --fpfmt %g\n.mode\n"), ".mode list --fpfmt %g --ifmt %d!\n");
    // A dump is no listing.
    let dump = sh.script("CREATE TABLE t(a);INSERT INTO t VALUES(10),(2.5);\n.mode list --ifmt %x --fpfmt %e\n.dump\n");
    assert!(dump.contains("VALUES(10);") && dump.contains("VALUES(2.5);"), "{dump}");
    for format in ["%s", "%d%d", "%", "x", "%5000d", "%.5000d", "%lld", "%n", "%f"] {
        let said = sh.failing(&format!(".mode --ifmt {format}\n"));
        assert!(said.contains("not a valid integer format"), "{said}");
    }
    assert!(sh.failing(".mode --fpfmt %d\n").contains("not a valid floating-point format"));
}

#[test]
fn a_blob_between_separators_is_all_of_its_bytes() {
    let sh = Shell::new();
    assert_eq!(sh.script(".mode list\nSELECT x'610062', x'00', 'a';\n"), "a\0b|\0|a\n");
    assert_eq!(sh.script(".mode line\nSELECT x'610062' AS x;\n"), "x: a\n");
}
