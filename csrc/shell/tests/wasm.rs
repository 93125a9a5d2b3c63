//! Functions in WebAssembly, as the shell has them.

mod common;

use common::Shell;

/// A database with a table that a function of it has a part in, made after the function or brought in front of it.
const DATABASE: &str = "\
.dbconfig trusted_schema on
CREATE FUNCTION twice LANGUAGE wasm DETERMINISTIC TRUSTED AS
  '(module (func (export \"twice\") (param i64) (result i64) (i64.add (local.get 0) (local.get 0))))';
CREATE TABLE t(a, b AS (twice(a)) STORED);
CREATE INDEX i ON t(twice(a));
INSERT INTO t VALUES(21);
";

#[test]
fn a_function_is_created_at_the_prompt_and_called() {
    let sh = Shell::new();
    assert!(sh.script(&format!("{DATABASE}SELECT twice(4), b FROM t;\n")).ends_with("\n8|42\n"));
    let failing = "CREATE FUNCTION f LANGUAGE wasm AS '(module)';\n";
    assert!(sh.failing(failing).contains("Registering Wasm function f failed: "), "{}", sh.failing(failing));
}

#[test]
fn a_script_for_libsql_runs() {
    let sh = Shell::new();
    let script = ".init_wasm_func_table\nSELECT count(*) FROM sqlite_schema;\n.ini\n";
    assert_eq!(sh.script(script), "0\n");
    assert_eq!(sh.failing(".init_wasm_func_table x\n"), "Usage: .init_wasm_func_table\n");
}

#[test]
fn a_dump_says_what_it_needs_and_is_read_back_with_it() {
    let sh = Shell::new();
    sh.run(&["a.db"], DATABASE);
    let dump = sh.run(&["a.db", ".dump"], "").out;
    assert!(dump.starts_with("/* WARNING: Script requires that SQLITE_DBCONFIG_DEFENSIVE be disabled */\n"), "{dump}");
    let read = format!(".dbconfig defensive off\n.dbconfig trusted_schema on\n{dump}\nSELECT twice(1), b FROM t;\n");
    assert!(sh.script(&read).ends_with("2|42\n"));
}

#[test]
fn a_clone_and_a_backup_have_it() {
    let sh = Shell::new();
    sh.run(&["a.db"], DATABASE);
    let said = sh.run(&["a.db"], ".clone b.db\n.backup c.db\n");
    assert_eq!(said.err, "");
    for copy in ["b.db", "c.db"] {
        let said = sh.run(
            &[copy],
            ".dbconfig trusted_schema on\nSELECT twice(1), b FROM t WHERE twice(a)=42;\nPRAGMA integrity_check;\n",
        );
        assert!(said.out.ends_with("2|42\nok\n"), "{said:?}");
    }
}
