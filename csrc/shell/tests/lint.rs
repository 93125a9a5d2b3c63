//! `.lint`: indexes that foreign keys lack.

mod common;

use common::Shell;

#[test]
fn each_foreign_key_without_an_index_gets_one() {
    let sh = Shell::new();
    for (schema, wanted) in [
        (
            "CREATE TABLE p(a PRIMARY KEY); CREATE TABLE c(x REFERENCES p, y REFERENCES p);",
            "CREATE INDEX 'c_y' ON 'c'('y'); --> p(a)\nCREATE INDEX 'c_x' ON 'c'('x'); --> p(a)\n",
        ),
        (
            "CREATE TABLE 'p 1'(a, b, PRIMARY KEY(b, a)); CREATE TABLE c(x, y, FOREIGN KEY(x, y) REFERENCES 'p 1');",
            "CREATE INDEX 'c_x_y' ON 'c'('x', 'y'); --> p 1(b,a)\n",
        ),
        (
            "CREATE TABLE p(a COLLATE nocase PRIMARY KEY); CREATE TABLE c(x REFERENCES p);",
            "CREATE INDEX 'c_x' ON 'c'('x' COLLATE nocase); --> p(a)\n",
        ),
        (
            "CREATE TABLE p(a, b, UNIQUE(a, b)); CREATE TABLE c(x, y, z, FOREIGN KEY(x, y) REFERENCES p(a, b)); CREATE INDEX i ON c(x, z, y);",
            "CREATE INDEX 'c_x_y' ON 'c'('x', 'y'); --> p(a,b)\n",
        ),
        (
            "CREATE TABLE p(a PRIMARY KEY); CREATE TABLE c(x REFERENCES p); CREATE INDEX i ON c(x) WHERE x>1;",
            "CREATE INDEX 'c_x' ON 'c'('x'); --> p(a)\n",
        ),
        (
            "CREATE TABLE p(a PRIMARY KEY); CREATE TABLE c(x REFERENCES p); CREATE INDEX i ON c(x) WHERE x IS NOT NULL;",
            "",
        ),
        ("CREATE TABLE p(a UNIQUE); CREATE TABLE c(x INTEGER PRIMARY KEY REFERENCES p(a));", ""),
    ] {
        let script = format!("{schema}\n.lint fkey-indexes\n");
        assert_eq!(sh.script(&script), wanted, "{schema}");
        // What it says can be run, and is enough.
        let script = format!("{schema}\n{}.lint fkey-indexes\n", wanted.replace("-->", "--"));
        assert_eq!(sh.script(&script), "", "{schema}");
    }
}

#[test]
fn keys_can_be_grouped_and_all_be_shown() {
    let sh = Shell::new();
    let schema =
        "CREATE TABLE p(a PRIMARY KEY); CREATE TABLE c(x REFERENCES p); CREATE TABLE d(x PRIMARY KEY REFERENCES p);\n";
    assert_eq!(
        sh.script(&format!("{schema}.lint fkey-indexes -verbose -groupbyparent\n")),
        "-- Parent table p\n    CREATE INDEX 'c_x' ON 'c'('x'); --> p(a)\n    /* no extra indexes required for d -> p */\n"
    );
    let said = sh.run(&[":memory:"], ".lint\n");
    assert_eq!(
        (said.code, said.err.as_str()),
        (0, "Usage lint sub-command ?switches...?\nWhere sub-commands are:\n    fkey-indexes\n")
    );
    assert_eq!(sh.failing(".lint fkey -x\n"), "Usage: .lint fkey-indexes ?-verbose? ?-groupbyparent?\n");
}
