//! The scripts that both shells run.

/// One run of a shell.
#[derive(Clone)]
pub struct Script {
    /// Path-like names, which rules refer to, of its parts: [`PART`] is printed between them.
    pub names: Vec<String>,
    pub args: Vec<String>,
    pub input: String,
    /// Files in the directory where it runs.
    pub files: Vec<(&'static str, Vec<u8>)>,
}

/// What is printed between the parts of a script.
pub const PART: &str = "=-=-= part =-=-=\n";

impl Script {
    /// Parts that run one after the other, behind a common beginning.
    fn parts(begin: &str, parts: impl Iterator<Item = (String, String)>) -> Self {
        let (names, texts): (Vec<String>, Vec<String>) = parts.unzip();
        let input = format!("{begin}\n{}\n", texts.join(&format!("\n.print {PART}")));
        Self { names, ..Self::input("", input) }
    }

    /// A script on stdin, on a database in memory.
    fn input(name: impl Into<String>, input: impl Into<String>) -> Self {
        Self { names: vec![name.into()], args: vec![":memory:".into()], input: input.into(), files: Vec::new() }
    }

    /// A command line.
    fn args(name: impl Into<String>, args: &[&str]) -> Self {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        Self { names: vec![name.into()], args, input: String::new(), files: Vec::new() }
    }

    fn file(mut self, name: &'static str, content: impl Into<Vec<u8>>) -> Self {
        self.files.push((name, content.into()));
        self
    }
}

pub fn all() -> Vec<Script> {
    let mut scripts = Vec::new();
    scripts.extend(modes());
    scripts.extend(mode_options());
    scripts.extend(dumps());
    scripts.extend(schemas());
    scripts.extend(objects());
    scripts.extend(imports());
    scripts.extend(errors());
    scripts.extend(settings());
    scripts.extend(command_lines());
    scripts.extend(files());
    scripts
}

const MODES: [&str; 14] = [
    "ascii", "box", "column", "csv", "html", "insert", "json", "line", "list", "markdown", "quote", "table", "tabs",
    "tcl",
];

const LONG: &str = "WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM c WHERE i<40)
    SELECT group_concat('word'||i,' ') AS words, group_concat(i,'') AS digits FROM c;";

/// Results, by what is special about them.
const RESULTS: [(&str, &str); 17] = [
    ("plain", "SELECT 1 AS id, 'one' AS name, 1.5 AS price UNION ALL SELECT 22, 'two words', -0.25;"),
    ("nulls", "SELECT NULL AS a, 'x' AS b, NULL AS c UNION ALL SELECT 'y', NULL, '';"),
    ("blobs", "SELECT x'' AS empty, x'616263' AS text, x'00' AS zero, x'01ff' AS bytes;"),
    (
        "quotes",
        "SELECT 'it''s' AS a, 'say \"hi\"' AS \"b c\", 'back\\slash' AS \"d\"\"e\", '<a href=\"x\">&</a>' AS \"<f>\";",
    ),
    ("wide", "SELECT '日本語' AS cjk, 'é' || 'e' || char(0x301) AS combining, '👩‍🚀🎉' AS emoji, 'Ünïcødé' AS latin;"),
    ("control", "SELECT 'a' || char(1,7,27,127) || 'b' AS control, 'x' || char(9) || 'y' AS tab;"),
    ("escapes", "SELECT char(27) || '[31mred' || char(27) || '[0m' AS color;"),
    ("empty", "SELECT 1 AS a, 2 AS b WHERE 0;"),
    ("integers", "SELECT 9223372036854775807 AS big, -9223372036854775808 AS small, 0 AS zero, -1 AS minus;"),
    (
        "floats",
        "SELECT 1e100 AS big, 1e-10 AS small, 0.1+0.2 AS sum, -0.0 AS minus, 3.0 AS whole, 123456789012345.678 AS long;",
    ),
    ("infinities", "SELECT 1e999 AS inf, -1e999 AS minus, 1e999-1e999 AS nan;"),
    ("long", LONG),
    ("many columns", "SELECT 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,'twenty-one',22,23,24,25;"),
    ("no columns", "CREATE TABLE t(a); INSERT INTO t VALUES(1); DELETE FROM t; BEGIN; COMMIT;"),
    ("lines", "SELECT 'first' || char(10) || 'second' AS two, 'a' || char(13,10) || 'b' AS crlf, 'one' AS one;"),
    ("same names", "SELECT 1 AS a, 2 AS a, 3 AS \"\", 4;"),
    ("error", "SELECT abs(column1) AS a FROM (VALUES(1),(-9223372036854775807-1),(3));"),
];

/// Settings that go with a mode.
const SETTINGS: [(&str, &str); 6] = [
    ("", ""),
    ("null", ".nullvalue NIL"),
    ("headers", ".headers on"),
    ("no headers", ".headers off"),
    ("width", ".width 12 -30 0"),
    ("separator", ".separator ; !\\n"),
];

/// Whether a setting matters for a mode and a result.
fn matters(setting: &str, mode: &str, result: &str) -> bool {
    match setting {
        "null" => matches!(result, "nulls" | "infinities" | "plain" | "empty"),
        "width" => matches!(mode, "box" | "column" | "line" | "list" | "markdown" | "table"),
        "separator" => !matches!(mode, "html" | "json" | "markdown" | "table"),
        _ => true,
    }
}

/// Every mode with every setting on every result.
fn modes() -> Vec<Script> {
    MODES
        .iter()
        .flat_map(|mode| {
            SETTINGS.iter().map(move |(setting, line)| {
                let results = RESULTS.iter().filter(|(result, _)| matters(setting, mode, result));
                let parts =
                    results.map(|(result, query)| (format!("mode/{mode}/{setting}/{result}"), (*query).to_owned()));
                Script::parts(&format!(".mode {mode}\n{line}"), parts)
            })
        })
        .filter(|script| !script.names.is_empty())
        .collect()
}

/// The options that both releases have.
fn mode_options() -> Vec<Script> {
    let mut scripts = Vec::new();
    let results =
        ["SELECT 'the quick brown fox jumps' AS animal, 1 AS n;", LONG, "SELECT 'a\nb' AS l, 'It''s' AS q, NULL AS n;"];
    for mode in ["box", "column", "markdown", "table"] {
        for options in [
            "--wrap 10",
            "--wrap 10 --wordwrap on",
            "--wrap 20 --ww",
            "--wrap 7 --wordwrap off",
            "--quote",
            "--noquote",
            "--wrap 0",
        ] {
            for (i, query) in results.iter().enumerate() {
                scripts.push(Script::input(
                    format!("option/{mode} {options}/{i}"),
                    format!(".mode {mode} {options}\n{query}\n"),
                ));
            }
        }
    }
    for line in [
        ".mode qbox",
        ".mode",
        ".mode list\n.mode",
        ".mode nope",
        ".mode box --nope",
        ".mode box column",
        ".mode --wrap",
        ".mode box --wrap x",
        ".mode columns",
        ".mode lines",
        ".mode c",
    ] {
        scripts.push(Script::input(format!("option/{line}"), format!("{line}\nSELECT 1 AS a, 'x' AS b, NULL AS c;\n")));
    }
    scripts
}

/// Schemas, by what is special about them.
const SCHEMAS: [(&str, &str); 20] = [
    ("empty", ""),
    (
        "table",
        "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT NOT NULL DEFAULT 'x', c REAL CHECK(c>0)); INSERT INTO t VALUES(1,'one',1.5),(2,'it''s',2e50);",
    ),
    (
        "values",
        "CREATE TABLE t(a); INSERT INTO t VALUES(NULL),(1),(-2.5),('x'),(x'00ff'),(9223372036854775807),(1e999),(-1e999),(''),(x'');",
    ),
    (
        "floats",
        "CREATE TABLE t(a); INSERT INTO t VALUES(0.1),(1e100),(3.0),(1.0/3),(123456789012345.678),(-0.0),(1e-300);",
    ),
    (
        "lines",
        "CREATE TABLE t(a); INSERT INTO t VALUES('a\nb'),('c'||char(13,10)||'d'),('tab'||char(9)),(char(1)||'x');",
    ),
    (
        "names",
        "CREATE TABLE \"a b\"(\"c d\", [e-f], `select`); INSERT INTO \"a b\" VALUES(1,2,3); CREATE TABLE 'quo\"te'(a); CREATE INDEX \"an index\" ON \"a b\"(\"c d\");",
    ),
    (
        "keywords",
        "CREATE TABLE \"table\"(\"order\", \"group\"); INSERT INTO \"table\" VALUES(1,2); CREATE TABLE \"1st\"(a); INSERT INTO \"1st\" VALUES(1);",
    ),
    (
        "indexes",
        "CREATE TABLE t(a UNIQUE, b); CREATE INDEX i1 ON t(b); CREATE UNIQUE INDEX i2 ON t(a,b DESC) WHERE a>0; CREATE INDEX i3 ON t(a+b);",
    ),
    (
        "views",
        "CREATE TABLE t(a,b); CREATE VIEW v AS SELECT a, b+1 AS c FROM t; CREATE VIEW w(x,y) AS SELECT 1, 'a b';",
    ),
    (
        "triggers",
        "CREATE TABLE t(a); CREATE TABLE log(x); CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES(new.a); DELETE FROM log WHERE x=0; END; INSERT INTO t VALUES(1);",
    ),
    (
        "autoincrement",
        "CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT, b); INSERT INTO t(b) VALUES('x'),('y'); DELETE FROM t WHERE a=2;",
    ),
    (
        "without rowid",
        "CREATE TABLE t(a TEXT PRIMARY KEY, b) WITHOUT ROWID; INSERT INTO t VALUES('k',1); CREATE TABLE s(a INT, b TEXT) STRICT; INSERT INTO s VALUES(1,'x');",
    ),
    ("generated", "CREATE TABLE t(a, b AS (a*2), c AS (a||'!') STORED); INSERT INTO t VALUES(21);"),
    (
        "foreign keys",
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p(id) ON DELETE CASCADE); INSERT INTO p VALUES(1); INSERT INTO c VALUES(1);",
    ),
    ("statistics", "CREATE TABLE t(a); CREATE INDEX i ON t(a); INSERT INTO t VALUES(1),(2),(3); ANALYZE;"),
    ("comments", "CREATE TABLE t(a, -- the first\n b /* second */ DEFAULT 'x;y'); CREATE VIEW v AS SELECT 1 -- one\n;"),
    ("fts", "CREATE VIRTUAL TABLE f USING fts5(title, body); INSERT INTO f VALUES('a title','some text');"),
    ("rtree", "CREATE VIRTUAL TABLE r USING rtree(id, x0, x1); INSERT INTO r VALUES(1, 0.5, 1.5);"),
    (
        "rowids",
        "CREATE TABLE t(a); INSERT INTO t(rowid,a) VALUES(5,'five'),(7,'seven'); CREATE TABLE u(rowid, a); INSERT INTO u VALUES(1,2);",
    ),
    (
        "attached",
        "CREATE TABLE t(a); ATTACH ':memory:' AS aux; CREATE TABLE aux.u(b); CREATE INDEX aux.iu ON u(b); CREATE TEMP TABLE tmp(c); CREATE TEMP VIEW tv AS SELECT 1 AS one;",
    ),
];

fn with_schemas(kind: &str, commands: &[&str]) -> Vec<Script> {
    SCHEMAS
        .iter()
        .map(|(schema, sql)| {
            let parts = commands.iter().map(|command| (format!("{kind}/{schema}/{command}"), (*command).to_owned()));
            Script::parts(sql, parts)
        })
        .collect()
}

fn dumps() -> Vec<Script> {
    with_schemas(
        "dump",
        &[
            ".dump",
            ".dump t",
            ".dump %a%",
            ".dump --preserve-rowids",
            ".dump --data-only",
            ".dump --nosys",
            ".dump --newlines",
            ".dump nope",
            ".dump t u",
        ],
    )
}

fn schemas() -> Vec<Script> {
    with_schemas(
        "schema",
        &[
            ".schema",
            ".schema --indent",
            ".schema --nosys",
            ".schema t",
            ".schema T",
            ".schema %v%",
            ".schema main.t",
            ".schema aux.*",
            ".schema sqlite_schema",
            ".fullschema",
            ".fullschema --indent",
        ],
    )
}

fn objects() -> Vec<Script> {
    let mut scripts = with_schemas(
        "objects",
        &[
            ".databases",
            ".tables",
            ".tables t",
            ".tables %t%",
            ".tables nope",
            ".indexes",
            ".indexes t",
            ".indices t",
            ".indexes %",
        ],
    );
    let many = |n: usize| (0..n).map(|i| format!("CREATE TABLE table_{}(a);", i * 7919 % 1000)).collect::<String>();
    for n in [1, 2, 5, 9, 20, 60] {
        scripts.push(Script::input(format!("objects/many {n}"), format!("{}\n.tables\n", many(n))));
    }
    scripts
}

fn imports() -> Vec<Script> {
    let contents: [(&str, &[u8]); 21] = [
        ("plain", b"a,b,c\n1,2,3\n4,5,6\n"),
        ("no end", b"a,b,c\n1,2,3"),
        ("crlf", b"a,b,c\r\n1,2,3\r\n"),
        ("quotes", b"a,b,c\n\"x y\",\"say \"\"hi\"\"\",\"1,2\"\n\"two\nlines\",,\"\"\n"),
        ("short", b"a,b,c\n1\n1,2\n,\n\n"),
        ("long", b"a,b,c\n1,2,3,4\n1,2,3,4,5\n"),
        ("one column", b"a\n1\n\n3\n"),
        ("empty", b""),
        ("header only", b"a,b,c\n"),
        ("blank line", b"\n1,2,3\n"),
        ("mark", b"\xef\xbb\xbfa,b,c\n1,2,3\n"),
        ("unterminated", b"a,b,c\n1,\"2,3\n4,5,6\n"),
        ("unescaped", b"a,b,c\n1,\"2\"x,3\n4,5,6\n"),
        ("quote inside", b"a,b,c\n1,x\"y\"z,3\n"),
        ("same names", b"a,A,b,a_1,\n1,2,3,4,5\n"),
        ("types", b"a,b,c\n1,1.0,x\n0x10,1e3, 7\n"),
        ("wide", "ä,日本,c\nß,語,🎉\n".as_bytes()),
        ("broken", b"a,b,c\n\xff\xfe,\xc3,\x80\n"),
        ("bars", b"a|b|c\n1|2|3\n"),
        ("tabs", b"a\tb\tc\n1\t2\t3\n"),
        ("ascii", b"a\x1fb\x1fc\x1e1\x1f2\x1f3\x1e"),
    ];
    let tables = [
        ("new", ""),
        ("old", "CREATE TABLE t(a, b, c);"),
        ("strict", "CREATE TABLE t(a INT UNIQUE, b REAL CHECK(b<>2), c TEXT NOT NULL);"),
    ];
    let commands = [
        ".import --csv f t",
        ".import f t",
        ".mode tabs\n.import f t",
        ".import --ascii f t",
        ".import --csv --skip 1 f t",
        ".import --csv -v f t",
    ];
    let mut scripts = Vec::new();
    for (content, bytes) in contents {
        for (table, sql) in tables {
            for command in commands {
                let show = ".mode quote\n.headers on\nSELECT * FROM t;\nSELECT sql FROM sqlite_schema;\n";
                scripts.push(
                    Script::input(format!("import/{content}/{table}/{command}"), format!("{sql}\n{command}\n{show}"))
                        .file("f", bytes),
                );
            }
        }
    }
    for line in [
        ".import",
        ".import f",
        ".import f t x",
        ".import nope t",
        ".import --nope f t",
        ".import '|echo a,b' t",
        ".import f 'a \"b'",
        ".import --csv --schema nope f t",
        ".separator ab\n.import f t",
        ".separator ''\n.import f t",
        ".import --skip",
        "CREATE VIEW v AS SELECT 1 AS a;\n.import --csv f v",
        ".import --csv f sqlite_schema",
        "BEGIN;\n.import --csv f t\nROLLBACK;\n.tables",
        "CREATE TEMP TABLE t(x);\n.import --csv f t\nSELECT * FROM temp.t;",
    ] {
        scripts.push(
            Script::input(format!("import/{line}"), format!("{line}\nSELECT * FROM t;\n.tables\n"))
                .file("f", "a,b\n1,2\n"),
        );
    }
    scripts
}

/// SQL and commands that are wrong.
fn errors() -> Vec<Script> {
    let long = format!("SELECT {}, nope;", (0..60).map(|i| i.to_string()).collect::<Vec<_>>().join(", "));
    let wide = format!("SELECT {}, nope;", "'日本語', ".repeat(20).trim_end_matches(", "));
    let sql = [
        "SELECT * FROM nope;",
        "SELECT nope;",
        "SELEC 1;",
        "SELECT 1 +;",
        "SELECT 'unterminated;",
        "SELECT \"unterminated;",
        "SELECT (1;",
        "SELECT 1 FROM (SELECT 2) WHERE;",
        "SELECT 1\n  FROM\n  nope;",
        "  SELECT  nope  ;",
        "SELECT nope(1);",
        "SELECT abs(1,2);",
        "SELECT abs(-9223372036854775808);",
        "INSERT INTO t VALUES(1),(1);",
        "INSERT INTO t VALUES(NULL);",
        "INSERT INTO t VALUES(1,2);",
        "INSERT INTO c VALUES(7);",
        "CREATE TABLE t(a);",
        "CREATE TABLE (a);",
        "DROP TABLE nope;",
        "SELECT 1; SELECT nope; SELECT 3;",
        "SELECT 1;\nSELECT nope;\nSELECT 3;",
        "SELECT json('{');",
        "SELECT json_extract('{}', 'x');",
        "COMMIT;",
        "BEGIN; BEGIN;",
        "ROLLBACK;",
        "PRAGMA nope;",
        "ATTACH '/nonexistent/x' AS a;",
        "DETACH nope;",
        "SELECT * FROM t WHERE a MATCH 'x';",
        "SELECT 1 UNION SELECT 1, 2;",
        "SELECT count(*) FROM t GROUP BY 5;",
        "SELECT a FROM t, t AS u;",
        "VACUUM INTO '';",
        "SELECT ?1, :x, @y, $z;",
        "SELECT /* open",
        "-- nothing",
        ";;;",
        "SELECT 1",
        "EXPLAIN QUERY PLAN SELECT * FROM t;",
        "SELECT x'abc';",
        "SELECT 1e;",
        "SELECT 0x;",
        "SELECT #;",
        "SELECT `a`;",
        "SELECT 'a' 'b';",
        "@",
        "SELECT likelihood(1,2);",
        "CREATE INDEX i ON t(nope);",
        "CREATE VIEW v AS SELECT nope; SELECT * FROM v;",
        "INSERT INTO v DEFAULT VALUES;",
        "UPDATE t SET nope=1;",
        "DELETE FROM t WHERE nope;",
        "ALTER TABLE t RENAME nope TO x;",
        "SELECT randomblob(-1) IS NULL;",
        "SELECT zeroblob(10000000000);",
        "SELECT raise(ABORT,'x');",
        "SELECT * FROM pragma_table_info('t');",
        "WITH c AS (SELECT 1) SELECT * FROM d;",
        "SELECT load_extension('/nonexistent.so');",
        "REINDEX nope;",
        "SAVEPOINT s; RELEASE x;",
        "SELECT substr('abc',2) FROM t LIMIT 'x';",
        "CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT RAISE(ABORT,'no'); END; INSERT INTO t VALUES(9);",
        "go",
        "/",
        "SELECT 1\ngo",
        "SELECT 2\n/",
    ];
    let setup = "CREATE TABLE t(a INT NOT NULL UNIQUE CHECK(a<100));\nPRAGMA foreign_keys=on;\nCREATE TABLE p(id INTEGER PRIMARY KEY);\nCREATE TABLE c(p REFERENCES p);\n";
    let mut scripts: Vec<Script> = sql
        .into_iter()
        .chain([long.as_str(), wide.as_str()])
        .flat_map(|sql| {
            [
                Script::input(format!("error/stdin/{sql}"), format!("{setup}{sql}\nSELECT 'next';\n")),
                Script::input(format!("error/bail/{sql}"), format!(".bail on\n{setup}{sql}\nSELECT 'next';\n")),
                Script::args(
                    format!("error/argument/{sql}"),
                    &[":memory:", "CREATE TABLE t(a);", sql, "SELECT 'next';"],
                ),
                Script::input(format!("error/read/{sql}"), ".read s.sql\nSELECT 'next';\n")
                    .file("s.sql", format!("{setup}{sql}\n")),
            ]
        })
        .collect();
    let commands = [
        ".nope",
        ".",
        ".bail",
        ".bail maybe",
        ".bail on off",
        ".backup",
        ".backup /nonexistent/x",
        ".cd",
        ".cd /nonexistent",
        ".changes",
        ".clone",
        ".databases x",
        ".dbconfig nope",
        ".dump --nope",
        ".echo",
        ".eqp",
        ".eqp nope",
        ".exit x",
        ".explain",
        ".headers",
        ".headers x",
        ".help nope",
        ".indexes a b",
        ".limit nope",
        ".limit",
        ".limit length 100",
        ".lint",
        ".lint nope",
        ".load",
        ".load /nonexistent",
        ".log",
        ".nullvalue",
        ".nullvalue a b",
        ".once",
        ".once /nonexistent/x",
        ".open --nope",
        ".open /nonexistent/x",
        ".output /nonexistent/x",
        ".output a b",
        ".parameter",
        ".parameter nope",
        ".parameter set",
        ".parameter set :x",
        ".parameter set :x nope",
        ".parameter unset",
        ".print",
        ".print a 'b  c' \"d\\te\" f\\n",
        ".prompt",
        ".quit",
        ".quit 3",
        ".exit",
        ".exit 7",
        ".read",
        ".read nope",
        ".read .",
        ".restore",
        ".restore /nonexistent/x",
        ".save",
        ".schema a b",
        ".schema --nope",
        ".separator",
        ".separator a b c",
        ".shell",
        ".shell exit 3",
        ".system echo hi",
        ".show x",
        ".stats nope",
        ".tables a b",
        ".timeout",
        ".timeout x",
        ".timer",
        ".timer nope",
        ".trace",
        ".vfsinfo nope",
        ".vfsname",
        ".width",
        ".width 1 x",
        ".show",
        ".q",
        ".h on",
        ".head on",
        ".ta",
        ".sch",
        ".mod",
        ".e",
        ".in",
        ".ex",
        " .print x",
        ".print 'unterminated",
        ".print \"unterminated",
        ".print a;",
        ".print a ; ",
        ".print 'a'b",
        ".headers on extra",
    ];
    for command in commands {
        scripts.push(Script::input(format!("command/stdin/{command}"), format!("{command}\nSELECT 'next';\n")));
        scripts.push(Script::args(format!("command/argument/{command}"), &[":memory:", command, "SELECT 'next';"]));
    }
    scripts
}

/// Commands that set something, and what comes of it.
fn settings() -> Vec<Script> {
    let inputs = [
        ".nullvalue 'a b'\nSELECT NULL;\n.show",
        ".headers on\n.mode csv\nSELECT 1 AS a;\n.show",
        ".separator \"\\t\" \"\\r\\n\"\nVALUES(1,2),(3,4);\n.show",
        ".width 5 -5\n.show\n.mode column\nSELECT 'abcdefgh' AS a, 'x' AS b;",
        ".width\n.show",
        ".changes on\nCREATE TABLE t(a);\nINSERT INTO t VALUES(1),(2);\nSELECT 1;",
        ".echo on\nSELECT 1;\n-- comment\n\n.print x\nSELECT 2\n, 3;",
        ".bail on\nSELECT nope;\nSELECT 1;",
        ".bail off\nSELECT nope;\nSELECT 1;",
        ".explain on\nEXPLAIN QUERY PLAN SELECT 1;",
        ".explain auto\nEXPLAIN QUERY PLAN SELECT * FROM (SELECT 1), (SELECT 2);",
        "CREATE TABLE t(a);\n.eqp on\nSELECT * FROM t WHERE a=1;",
        ".parameter init\n.parameter list\n.parameter set :a 1\n.parameter set $b 'text'\n.parameter set @c \"'quoted'\"\n.parameter list\nSELECT :a, $b, @c, typeof(:a);\n.parameter unset :a\nSELECT :a;\n.parameter clear\n.parameter list",
        ".print\n.print ''\n.print a b  c\n.print \"a\\\\b\"",
        ".prompt a b\nSELECT 1;",
        ".timeout 100\nPRAGMA busy_timeout;",
        ".output o\nSELECT 1;\n.output\nSELECT 2;\n.shell cat o",
        ".once o\nSELECT 1;\nSELECT 2;\n.shell cat o",
        ".output '|cat'\nSELECT 1;\n.output\nSELECT 2;",
        ".once '|tr a-z A-Z'\nSELECT 'x';\nSELECT 'y';",
        ".output off\nSELECT 1;\n.output stdout\nSELECT 2;",
        ".once --bom o\nSELECT 1;\n.shell cat o",
        ".output stderr\nSELECT 1;\n.output\nSELECT 2;",
        ".once o\n.print x\nSELECT 1;\n.shell cat o",
        ".log stdout\nSELECT sqlite_log(1,'x');",
        ".log off",
        ".open x.db\nCREATE TABLE t(a);\n.open y.db\n.tables\n.open x.db\n.tables",
        ".open --new x.db\n.databases",
        ".open --readonly x.db\nCREATE TABLE t(a);",
        ".open ''\nCREATE TABLE t(a);\n.tables",
        ".backup b.db\n.open b.db\n.tables",
        "CREATE TABLE t(a);INSERT INTO t VALUES(1);\n.backup b.db\n.open b.db\nSELECT * FROM t;",
        "CREATE TABLE t(a);INSERT INTO t VALUES(1);\n.backup b.db\nDROP TABLE t;\n.restore b.db\nSELECT * FROM t;",
        "CREATE TABLE t(a);\n.save b.db\n.open b.db\n.tables",
        "CREATE TABLE t(a);INSERT INTO t VALUES('x');\n.clone b.db\n.open b.db\nSELECT * FROM t;",
        ".cd /\n.shell pwd",
        ".limit length",
        ".limit length 100\nSELECT zeroblob(200);",
        ".vfsname",
        ".version x",
        ".help .print",
        ".trace stdout\nSELECT 1;\nSELECT 2;",
        ".stats off\nSELECT 1;",
        ".dbconfig defensive on\n.dbconfig defensive",
        "CREATE TABLE p(id INTEGER PRIMARY KEY);CREATE TABLE c(p REFERENCES p);\n.lint fkey-indexes",
        "SELECT 1; SELECT 2; -- end",
        "SELECT 1; -- end\nSELECT 2;",
        "SELECT\n1\n;",
        "\n\n\nSELECT nope;",
        "/* a\n b */ SELECT 1;",
        "CREATE TRIGGER x AFTER INSERT ON y BEGIN\nSELECT 1;\nEND;",
        "SELECT 'a;b', \"c;d\";",
        "SELECT 'a\n.print no\nb';",
        "# comment\nSELECT 1;",
        "SELECT 1;;SELECT 2;",
        "SELECT 1;\r\nSELECT 2;\r\n",
        ".print a\r\nSELECT 1;\r\n",
        "\u{feff}SELECT 1;",
        "SELECT 1 AS a;\n.headers on\nSELECT 1 AS a;\n.headers off\nSELECT 1 AS a;",
        ".mode insert t\n.headers on\nSELECT 1 AS a, 'b c' AS \"d e\";",
        ".mode csv\n.separator ';'\nSELECT 1,'a;b';\n.mode list\nSELECT 1,2;",
        ".mode list\n.separator ,\n.mode csv\n.mode list\nSELECT 1,2;",
        ".mode tcl\n.separator ,\nSELECT 'a',2;",
        ".mode line\n.separator ' -> '\nSELECT 1 AS a;",
        ".mode html\n.headers on\nSELECT 1 AS a;",
        ".mode json\nSELECT json('{\"a\":[1]}') AS j;\nSELECT 1 WHERE 0;",
        ".read s.sql",
        ".read '|echo SELECT 1;'",
        "SELECT writefile('w', 'text');\nSELECT readfile('w');",
        "SELECT sha1('x');",
        "SELECT hex(sha3('x'));",
        "SELECT value FROM generate_series(1,3);",
        "SELECT 'abc' REGEXP 'b';",
        "SELECT ieee754(2.5);",
        "SELECT base64(x'00'), base85(x'00');",
        "SELECT shell_add_schema('CREATE TABLE t(a)','s','t');",
        "SELECT strtod('1.5'), dtostr(1.5);",
        "SELECT sqlite_version() IS NOT NULL;",
    ];
    inputs
        .into_iter()
        .map(|input| {
            Script::input(format!("setting/{input}"), format!("{input}\n"))
                .file("s.sql", "SELECT 1;\n.print x\nSELECT nope;\nSELECT 2;\n")
        })
        .collect()
}

fn command_lines() -> Vec<Script> {
    let lines: [&[&str]; 62] = [
        &[],
        &[":memory:"],
        &["x.db", "SELECT 1;"],
        &["x.db", "CREATE TABLE t(a);", ".tables"],
        &["-batch", ":memory:", "SELECT 1"],
        &["-cmd", "SELECT 1;", ":memory:", "SELECT 2;"],
        &["-cmd", ".headers on", ":memory:", "SELECT 2 AS a;"],
        &["-cmd", "SELECT nope;", ":memory:", "SELECT 2;"],
        &["-cmd", ".nope", ":memory:", "SELECT 2;"],
        &["-bail", "-cmd", "SELECT nope;", ":memory:", "SELECT 2;"],
        &["-cmd"],
        &["-init", "i.sql", ":memory:", "SELECT 2 AS a;"],
        &["-init", "nope", ":memory:", "SELECT 2;"],
        &["-init", "bad.sql", ":memory:", "SELECT 2;"],
        &["-bail", "-init", "bad.sql", ":memory:", "SELECT 2;"],
        &["-init"],
        &["-nope"],
        &["--nope", ":memory:"],
        &["-echo", ":memory:", "SELECT 1;"],
        &["-header", ":memory:", "SELECT 1 AS a;"],
        &["-noheader", "-column", ":memory:", "SELECT 1 AS a;"],
        &["-csv", ":memory:", "SELECT 1, 'a b';"],
        &["-csv", "-header", ":memory:", "SELECT 1 AS a;"],
        &["-json", ":memory:", "SELECT 1 AS a;"],
        &["-line", ":memory:", "SELECT 1 AS a;"],
        &["-list", ":memory:", "SELECT 1, 2;"],
        &["-html", ":memory:", "SELECT 1 AS a;"],
        &["-column", ":memory:", "SELECT 1 AS a;"],
        &["-box", ":memory:", "SELECT 1 AS a;"],
        &["-table", ":memory:", "SELECT 1 AS a;"],
        &["-markdown", ":memory:", "SELECT 1 AS a;"],
        &["-quote", ":memory:", "SELECT 1, 'x', NULL;"],
        &["-tabs", ":memory:", "SELECT 1, 2;"],
        &["-ascii", ":memory:", "SELECT 1, 2;"],
        &["-separator", ", ", ":memory:", "SELECT 1, 2;"],
        &["-separator"],
        &["-newline", "!", ":memory:", "SELECT 1, 2;"],
        &["-nullvalue", "NIL", ":memory:", "SELECT NULL;"],
        &["-readonly", "x.db", "CREATE TABLE t(a);"],
        &["-readonly", "/nonexistent/x.db", "SELECT 1;"],
        &["/nonexistent/x.db", "SELECT 1;"],
        &["/nonexistent/x.db"],
        &[".", "SELECT 1;"],
        &["text", "SELECT * FROM sqlite_schema;"],
        &["text", ".tables"],
        &["text", ".schema"],
        &["text", ".dump"],
        &["-safe", ":memory:", ".shell echo hi"],
        &["-safe", ":memory:", "SELECT 1;", "ATTACH 'x' AS y;"],
        &["-safe", ":memory:", ".open x"],
        &["-safe", ":memory:", ".output x"],
        &["-safe", ":memory:", "SELECT readfile('x');"],
        &["-vfs", "nope", ":memory:", "SELECT 1;"],
        &["-vfs", "unix", ":memory:", "SELECT 1;"],
        &["-stats", ":memory:", ".exit 4"],
        &[":memory:", ".exit 4", "SELECT 1;"],
        &[":memory:", ".quit", "SELECT 1;"],
        &[":memory:", "SELECT 1; SELECT nope; SELECT 2;", "SELECT 3;"],
        &[":memory:", ".read s.sql"],
        &["--", ":memory:", "SELECT 1;"],
        &[":memory:", ""],
        &["-interactive", ":memory:", "SELECT 1;"],
    ];
    lines
        .into_iter()
        .map(|args| {
            Script::args(format!("arguments/{}", args.join(" ")), args)
                .file("i.sql", ".headers on\nSELECT 'init' AS i;\n")
                .file("bad.sql", "SELECT nope;\nSELECT 'still here';\n")
                .file("s.sql", "SELECT 1;\nSELECT nope;\n.nope\n")
                .file("text", "this is no database, but long enough to be taken for one: ".repeat(20))
        })
        .collect()
}

/// Reading scripts from files.
fn files() -> Vec<Script> {
    let contents: [(&str, &[u8]); 14] = [
        ("plain", b"SELECT 1;\n.print x\n"),
        ("no end", b"SELECT 1;\nSELECT 2"),
        ("error", b"SELECT 1;\n\nSELECT nope;\nSELECT 2;\n"),
        ("command error", b".print a\n.nope\n.print b\n"),
        ("nested", b".read s.sql\n"),
        ("exit", b"SELECT 1;\n.exit 5\nSELECT 2;\n"),
        ("quit", b"SELECT 1;\n.quit\nSELECT 2;\n"),
        ("bail", b".bail on\nSELECT nope;\nSELECT 2;\n"),
        ("zero", b"SELECT 1;\0SELECT 2;\nSELECT 3;\n"),
        ("broken text", b"SELECT '\xff\xfe', x'ff';\nSELECT \xc3;\n"),
        ("crlf", b"SELECT 1;\r\n.print x\r\nSELECT\r\n2;\r\n"),
        ("mark", b"\xef\xbb\xbfSELECT 1;\n"),
        ("incomplete", b"SELECT 1,\n"),
        ("unterminated", b"SELECT 'a\nb\n"),
    ];
    contents
        .into_iter()
        .flat_map(|(name, bytes)| {
            [
                Script::input(format!("file/read/{name}"), ".read s.sql\nSELECT 'next';\n").file("s.sql", bytes),
                Script::args(format!("file/init/{name}"), &["-init", "s.sql", ":memory:", "SELECT 'next';"])
                    .file("s.sql", bytes),
                Script {
                    names: vec![format!("file/stdin/{name}")],
                    args: vec![":memory:".into()],
                    input: String::from_utf8_lossy(bytes).into_owned(),
                    files: Vec::new(),
                }
                .file("s.sql", bytes),
                Script::input(format!("file/nested/{name}"), ".read r.sql\nSELECT 'next';\n")
                    .file("s.sql", bytes)
                    .file("r.sql", ".read s.sql\nSELECT 'outer';\n"),
            ]
        })
        .collect()
}
