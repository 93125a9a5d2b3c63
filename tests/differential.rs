//! Statements without the syntax that is ours give the same rows, codes and messages on stock SQLite and on ours: mutated
//! CREATE, ALTER and DROP statements, and some others, among which the words of that syntax are frequent.

use std::cell::RefCell;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use seawall as _;

#[allow(dead_code)]
#[path = "common/cc.rs"]
mod cc;
#[allow(dead_code)]
#[path = "common/peer.rs"]
mod peer;
#[path = "common/property.rs"]
mod property;

use peer::Peer;

const CASES: u32 = 10_000;

const SETUP: &str = "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT NOT NULL DEFAULT 'x', random);\
    CREATE TABLE s(x INT, y ANY, CHECK(x<9)) STRICT; CREATE INDEX tb ON t(b);\
    CREATE VIEW v AS SELECT a, random FROM t; INSERT INTO t VALUES(1,'one',1),(2,'two',NULL);\
    INSERT INTO s VALUES(1,2);";

const DUMP: &str = "SELECT type, name, sql FROM sqlite_schema; SELECT type, name, sql FROM sqlite_temp_schema;\
    SELECT * FROM t; PRAGMA integrity_check; SELECT schema, name, strict, wr FROM pragma_table_list";

/// Statements, words separated by spaces.
const STATEMENTS: [&str; 22] = [
    "CREATE TABLE n ( a INTEGER PRIMARY KEY , b TEXT ) STRICT",
    "CREATE TABLE n ( a , b ) random rowid",
    "CREATE TABLE IF NOT EXISTS n ( a INT PRIMARY KEY , random rowid ) WITHOUT ROWID , STRICT",
    "CREATE TEMP TABLE n ( random rowid , CHECK ( random ( ) <> 1 ) )",
    "CREATE TABLE n AS SELECT random , rowid FROM t",
    "CREATE TABLE n AS SELECT ( a ) , random rowid FROM t",
    "CREATE VIEW n ( random ) AS SELECT a rowid FROM t",
    "CREATE INDEX n ON t ( random , rowid )",
    "CREATE TRIGGER n AFTER INSERT ON t BEGIN INSERT INTO s VALUES ( new.rowid , random ( ) ) ; END",
    "ALTER TABLE t RENAME TO n",
    "ALTER TABLE t RENAME COLUMN b TO n",
    "ALTER TABLE t ADD COLUMN c INT DEFAULT 5 CHECK ( c > 0 )",
    "ALTER TABLE t DROP COLUMN random",
    "ALTER TABLE t ALTER COLUMN random SET NOT NULL",
    "ALTER TABLE t ALTER b DROP NOT NULL",
    "ALTER TABLE s ADD CONSTRAINT k CHECK ( x IN ( 1 , 2 ) )",
    "DROP TABLE IF EXISTS n",
    "EXPLAIN QUERY PLAN SELECT random rowid FROM t WHERE rowid = 1",
    "INSERT INTO t ( b ) SELECT 'n' || rowid FROM t RETURNING rowid",
    "WITH RECURSIVE random ( rowid ) AS ( SELECT 1 UNION ALL SELECT rowid + 1 FROM random LIMIT 3 ) SELECT rowid FROM random",
    "SELECT sum ( a ) FILTER ( WHERE a > 1 ) OVER window FROM t WINDOW window AS ( ORDER BY a )",
    "PRAGMA table_xinfo ( t )",
];

const WORDS: [&str; 44] = [
    "random",
    "RANDOM",
    "rowid",
    "ROWID",
    "\"random\"",
    "[rowid]",
    "TO",
    "ALTER",
    "COLUMN",
    "TABLE",
    "CREATE",
    "DROP",
    "ADD",
    "RENAME",
    "SET",
    "NOT",
    "NULL",
    "(",
    ")",
    ",",
    ".",
    ";",
    "t",
    "b",
    "'b'",
    "main",
    "STRICT",
    "WITHOUT",
    "AUTOINCREMENT",
    "PRIMARY",
    "KEY",
    "UNIQUE",
    "DEFAULT",
    "CHECK",
    "AS",
    "1",
    "x'0'",
    "'",
    "?1",
    "-- c\n",
    "/* , */",
    "EXPLAIN",
    "END",
    "INT",
];

#[derive(Clone, Debug)]
enum Mutation {
    Insert(Index, &'static str),
    Remove(Index),
    Replace(Index, &'static str),
    Repeat(Index, Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let word = || select(&WORDS[..]);
    prop_oneof![
        (any::<Index>(), word()).prop_map(|(at, word)| Mutation::Insert(at, word)),
        any::<Index>().prop_map(Mutation::Remove),
        (any::<Index>(), word()).prop_map(|(at, word)| Mutation::Replace(at, word)),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Mutation::Repeat(from, to)),
    ]
}

fn statement() -> impl Strategy<Value = String> {
    (select(&STATEMENTS[..]), vec(mutation(), 0..4)).prop_map(|(statement, mutations)| {
        let mut words: Vec<&str> = statement.split(' ').collect();
        for mutation in mutations {
            match mutation {
                Mutation::Insert(at, word) => words.insert(at.index(words.len() + 1), word),
                Mutation::Remove(at) if words.len() > 1 => drop(words.remove(at.index(words.len()))),
                Mutation::Remove(_) => {}
                Mutation::Replace(at, word) => {
                    let at = at.index(words.len());
                    words[at] = word;
                }
                Mutation::Repeat(from, to) => {
                    let word = words[from.index(words.len())];
                    words.insert(to.index(words.len() + 1), word);
                }
            }
        }
        words.join(" ")
    })
}

/// True if the two words may stand behind a table, or if a column may be altered to something.
fn may_be_ours(statement: &str) -> bool {
    let upper = statement.to_uppercase().replace("-- C\n", "").replace("/* , */", "");
    let words: Vec<_> = upper.split_whitespace().collect();
    let is_random = words.windows(2).any(|pair| pair == ["RANDOM", "ROWID"]) && words.contains(&"CREATE");
    let alters = words.iter().skip_while(|word| **word != "ALTER").skip(1);
    is_random && words.contains(&")") || alters.clone().any(|word| *word == "ALTER") && words.contains(&"TO")
}

/// True if stock SQLite has no syntax error to complain of.
fn stock_takes(answer: &str) -> bool {
    !["syntax error", "unknown table option", "incomplete input"].iter().any(|complaint| answer.contains(complaint))
}

/// What EXPLAIN tells of a virtual table is an address.
fn without_addresses(answer: &str) -> String {
    let mut parts = answer.split("'vtab:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "'vtab" + part.trim_start_matches(|c: char| c.is_ascii_hexdigit()))
}

#[test]
fn what_is_not_ours_is_stocks() {
    let peers = RefCell::new([Peer::ours(), Peer::stock()]);
    property::check(CASES, &vec(statement(), 1..3), |statements| {
        let script = statements.join(";\n");
        let [ours, stock] = peers.borrow_mut().each_mut().map(|peer| {
            peer.open();
            peer.query(SETUP);
            let answer = statements.iter().map(|statement| peer.query(statement)).collect::<String>();
            format!("{}\n{}", without_addresses(&answer), peer.query(DUMP))
        });
        if !statements.iter().any(|statement| may_be_ours(statement)) || stock_takes(&stock) {
            prop_assert_eq!(ours, stock, "{}", script);
        }
        Ok(())
    });
}
