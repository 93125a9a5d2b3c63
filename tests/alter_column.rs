//! `ALTER TABLE … ALTER COLUMN … TO …` on generated schemas: whatever is accepted leaves a database that stock SQLite
//! opens and finds in order, and whatever is refused leaves it as it was.

use std::cell::{Cell, RefCell};

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

const CASES: u32 = 20_000;
const NAMES: [&str; 6] = ["a", "b c", "v,);", "to", "random", "é\""];
/// A generated column may be the last one; `$` is another.
const EXPRESSIONS: [&str; 6] = ["typeof($)", "$", "$ || 'x'", "$='A'", "1", "(CASE WHEN $>5 THEN $ ELSE ',)' END)"];
const TYPES: [&str; 10] = [
    "",
    "INT",
    "INTEGER",
    "TEXT",
    "REAL",
    "NUMERIC",
    "blob",
    "varchar(10, 2)",
    "decimal(+3,-1)",
    "/* , */ DOUBLE PRECISION",
];
const STRICT_TYPES: [&str; 6] = ["INT", "INTEGER", "TEXT", "REAL", "BLOB", "ANY"];
/// `$` is the column.
const CONSTRAINTS: [&str; 11] = [
    "NOT NULL",
    "NULL",
    "DEFAULT 7",
    "DEFAULT 'a,b)'",
    "DEFAULT (1+(2)) /* ) */ NOT NULL",
    "CHECK($<>5)",
    "check /* ( */ (typeof($)<>'blob' -- ,)\n)",
    "COLLATE nocase",
    "REFERENCES o(x) ON DELETE SET NULL DEFERRABLE",
    "CONSTRAINT \"k,\" CHECK(length($)<4 OR $ IN (1,'x,y'))",
    "collate \"BINARY\"",
];
/// What can stand behind a definition.
const TRAILERS: [&str; 4] = ["", " ", " /* , */ ", " -- ) ,\n"];
const VALUES: [&str; 12] =
    ["NULL", "1", "5", "'1'", "'01'", "'a'", "'A'", "2.5", "'2.5'", "x'61'", "9007199254740993", "'1e3'"];
/// `1` and `2` are columns.
const INDEXES: [&str; 5] = [
    "CREATE INDEX i1 ON t($1)",
    "CREATE INDEX i2 ON t($2 DESC, $1)",
    "CREATE INDEX i3 ON t($1||'x')",
    "CREATE INDEX i4 ON t($2) WHERE $1 IS NOT NULL",
    "CREATE UNIQUE INDEX i5 ON t($1, $2)",
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Plain,
    Strict,
    WithoutRowid,
    RandomRowid,
}

#[derive(Clone, Debug)]
struct Definition {
    quotes: usize,
    type_name: Index,
    constraints: Vec<&'static str>,
    is_unique: bool,
    trailer: &'static str,
}

#[derive(Clone, Debug)]
struct Case {
    kind: Kind,
    has_key: bool,
    columns: Vec<Definition>,
    /// What the last column is generated from, if it is.
    generated: Option<(&'static str, Index, &'static str)>,
    table_constraint: bool,
    indexes: Vec<(&'static str, Index, Index)>,
    rows: Vec<Vec<&'static str>>,
    altered: Index,
    to: Definition,
}

fn definition() -> impl Strategy<Value = Definition> {
    let constraints = vec(select(&CONSTRAINTS[..]), 0..3);
    (0..4usize, any::<Index>(), constraints, prop::bool::weighted(0.15), select(&TRAILERS[..])).prop_map(
        |(quotes, type_name, constraints, is_unique, trailer)| Definition {
            quotes,
            type_name,
            constraints,
            is_unique,
            trailer,
        },
    )
}

fn case() -> impl Strategy<Value = Case> {
    let kind = select(&[Kind::Plain, Kind::Plain, Kind::Strict, Kind::WithoutRowid, Kind::RandomRowid][..]);
    let generated = (select(&EXPRESSIONS[..]), any::<Index>(), select(&["", " STORED"][..]));
    (
        kind,
        any::<bool>(),
        (vec(definition(), 2..5), prop::option::weighted(0.3, generated)),
        prop::bool::weighted(0.2),
        vec((select(&INDEXES[..]), any::<Index>(), any::<Index>()), 0..3),
        vec(vec(select(&VALUES[..]), 4), 0..6),
        any::<Index>(),
        (definition(), prop::bool::weighted(0.9)),
    )
        .prop_map(|(kind, has_key, columns, table_constraint, indexes, rows, altered, (mut to, keeps_unique))| {
            let (columns, generated) = columns;
            if keeps_unique {
                to.is_unique = columns[altered.index(columns.len())].is_unique;
            }
            Case { kind, has_key, columns, generated, table_constraint, indexes, rows, altered, to }
        })
}

fn quoted(name: &str, quotes: usize) -> String {
    match quotes {
        0 if name.chars().all(|c| c.is_ascii_alphanumeric()) && name != "to" => name.to_uppercase(),
        1 => format!("[{name}]"),
        2 => format!("`{name}`"),
        _ => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

impl Case {
    fn column(&self) -> usize {
        self.altered.index(self.columns.len())
    }

    fn is_key(&self, column: usize) -> bool {
        column == 0 && (self.has_key || self.kind == Kind::WithoutRowid)
    }

    fn is_generated(&self, column: usize) -> bool {
        self.generated.is_some() && column + 1 == self.columns.len()
    }

    /// The columns that an INSERT gives values.
    fn given(&self) -> usize {
        self.columns.len() - usize::from(self.generated.is_some())
    }

    fn type_name(&self, column: usize, definition: &Definition) -> &'static str {
        match self.kind {
            Kind::WithoutRowid if column == 0 => "TEXT",
            _ if self.is_key(column) => "INTEGER",
            Kind::Strict => STRICT_TYPES[definition.type_name.index(STRICT_TYPES.len())],
            _ => TYPES[definition.type_name.index(TYPES.len())],
        }
    }

    /// A definition, without what stands behind it.
    fn text(&self, column: usize, definition: &Definition) -> String {
        let name = quoted(NAMES[column], definition.quotes);
        let mut words = vec![name.clone(), self.type_name(column, definition).to_owned()];
        if self.is_key(column) {
            words.push("PRIMARY KEY".to_owned());
        } else if definition.is_unique {
            words.push("UNIQUE".to_owned());
        }
        if let Some((expression, from, kind)) = self.generated.filter(|_| self.is_generated(column)) {
            let from = quoted(NAMES[from.index(self.given())], 3);
            words.push(format!("AS ({}){kind}", expression.replace('$', &from)));
        }
        words.extend(definition.constraints.iter().map(|text| text.replace('$', &quoted(NAMES[column], 3))));
        words.retain(|word| !word.is_empty());
        words.join(" ")
    }

    /// The table, with the definition of the altered column or with another.
    fn table(&self, to: Option<&Definition>) -> String {
        let columns = self.columns.iter().enumerate().map(|(i, definition)| match to {
            Some(to) if i == self.column() => self.text(i, to) + definition.trailer,
            _ => self.text(i, definition) + definition.trailer,
        });
        let mut columns: Vec<_> = columns.collect();
        if self.table_constraint {
            columns.push(format!("UNIQUE({}, {})", quoted(NAMES[1], 3), quoted(NAMES[0], 3)));
        }
        let option = match self.kind {
            Kind::Plain => "",
            Kind::Strict => " STRICT",
            Kind::WithoutRowid => " WITHOUT ROWID",
            Kind::RandomRowid => " RANDOM ROWID",
        };
        format!("CREATE TABLE t({}){option}", columns.join(","))
    }

    fn schema(&self, to: Option<&Definition>) -> String {
        let name = |index: &Index| quoted(NAMES[index.index(self.columns.len())], 3);
        let mut statements = vec!["CREATE TABLE o(x PRIMARY KEY)".to_owned(), self.table(to)];
        let mut seen = Vec::new();
        for (text, first, second) in &self.indexes {
            if !seen.contains(text) {
                statements.push(text.replace("$1", &name(first)).replace("$2", &name(second)));
                seen.push(text);
            }
        }
        statements.push("CREATE VIEW v AS SELECT * FROM t".to_owned());
        statements.push("CREATE TRIGGER tr AFTER UPDATE ON t BEGIN INSERT INTO o VALUES(random()); END".to_owned());
        statements.join(";")
    }

    fn inserts(&self) -> String {
        let row = |row: &Vec<&str>| format!("INSERT OR IGNORE INTO t VALUES({})", row[..self.given()].join(","));
        self.rows.iter().map(row).collect::<Vec<_>>().join(";")
    }

    fn alter(&self) -> String {
        let to = &self.to;
        let (column, old) = (self.column(), quoted(NAMES[self.column()], to.quotes + 1));
        format!("ALTER TABLE t ALTER COLUMN {old} TO {}{}", self.text(column, to), to.trailer)
    }

    /// What tells one row from another and does not change.
    fn key(&self) -> &'static str {
        if self.kind == Kind::WithoutRowid { "a" } else { "rowid" }
    }

    fn rows_of(&self, peer: &mut Peer, columns: &[String]) -> String {
        peer.query(&format!("SELECT {} FROM t NOT INDEXED ORDER BY {}", columns.join(", "), self.key()))
    }

    /// Columns that keep their values.
    fn others(&self) -> Vec<String> {
        let others = (0..self.given()).filter(|&i| i != self.column()).map(|i| quoted(NAMES[i], 3));
        [self.key().to_owned()].into_iter().chain(others).collect()
    }

    /// Statements that insert the rows again, as they are.
    fn copy(&self, peer: &mut Peer) -> String {
        let mut columns: Vec<_> = (0..self.given()).map(|i| quoted(NAMES[i], 3)).collect();
        if self.kind != Kind::WithoutRowid && !self.is_key(0) {
            columns.push("rowid".to_owned());
        }
        let values: Vec<_> = columns.iter().map(|column| format!("quote({column})")).collect();
        let texts = self.rows_of(peer, &[values.join("||','||")]);
        let row = |text: &str| {
            let values = text[1..text.len() - 1].replace("''", "'");
            format!("INSERT OR IGNORE INTO t({}) VALUES({values});", columns.join(","))
        };
        texts.lines().map(row).collect()
    }
}

/// All that one can see of the database.
const DUMP: &str = "SELECT type, name, tbl_name, sql FROM sqlite_schema; SELECT * FROM v; SELECT * FROM o;\
    PRAGMA integrity_check; PRAGMA table_xinfo(t)";

fn check(case: &Case, ours: &mut Peer, stock: &mut Peer) -> Result<bool, TestCaseError> {
    ours.open();
    let made = ours.query(&case.schema(None));
    // Constraints that contradict each other, or a unique index on a table with rows to come.
    prop_assume!(made.is_empty());
    ours.query(&case.inserts());
    let before = ours.query(DUMP);
    let others = case.rows_of(ours, &case.others());
    let copy = case.copy(ours);
    let answer = ours.query(&case.alter());
    let after = ours.query(DUMP);

    if !answer.is_empty() {
        prop_assert_eq!(&after, &before, "{}: refused, but it has changed something", case.alter());
        let definition = &case.columns[case.column()];
        let is_forbidden = case.to.is_unique != definition.is_unique && !case.is_key(case.column());
        let is_constraint = answer.starts_with("error ") && answer[6..].parse_code() & 0xff == 19;
        if !is_forbidden && !is_constraint {
            ours.open();
            let fresh = ours.query(&case.schema(Some(&case.to)));
            prop_assert!(!fresh.is_empty(), "{}: {answer}, but CREATE TABLE takes it", case.alter());
        }
        return Ok(false);
    }

    let text = ours.query("SELECT sql FROM sqlite_schema WHERE name='t'");
    let wanted = format!("'{}'\n", case.table(Some(&case.to)).replace('\'', "''"));
    prop_assert_eq!(&text, &wanted);
    prop_assert_eq!(case.rows_of(ours, &case.others()), others, "other columns");
    let integrity = ours.query("PRAGMA integrity_check");
    // Constraints that were not validated. Behind a NULL where NOT NULL is declared, SQLite's check of the row goes astray.
    let mut fine = vec!["'ok'", "'NULL value in t.", "'CHECK constraint failed in t'"];
    if integrity.contains("'NULL value in t.") {
        fine.extend(["'non-unique entry in index", "'TEXT value in t.", "'NUMERIC value in t."]);
    }
    for line in integrity.lines() {
        prop_assert!(fine.iter().any(|begin| line.starts_with(begin)), "{}: {line}", case.alter());
    }
    let rows = case.rows_of(ours, &["*".to_owned()]);
    let info = ours.query("PRAGMA table_xinfo(t)");
    let database = ours.serialize();
    if case.kind != Kind::RandomRowid {
        stock.load(&database);
        prop_assert_eq!(stock.query(DUMP), after, "stock SQLite sees another database");
    }
    ours.load(&database);
    prop_assert_eq!(ours.query("PRAGMA table_xinfo(t)"), info.clone(), "opened again");

    // A table that has had this definition all along, and the values as they were.
    ours.open();
    prop_assert_eq!(ours.query(&case.schema(Some(&case.to))), "");
    prop_assert_eq!(ours.query("PRAGMA table_xinfo(t)"), info);
    prop_assert_eq!(ours.query(&format!("PRAGMA ignore_check_constraints=ON;{copy}")), "");
    let inserted = case.rows_of(ours, &["*".to_owned()]);
    if integrity.contains("'NULL value in t.") {
        for row in inserted.lines() {
            prop_assert!(rows.lines().any(|line| line == row), "{}: no row is like {row}", case.alter());
        }
    } else {
        prop_assert_eq!(rows, inserted, "values as an INSERT converts them");
    }
    Ok(true)
}

trait ParseCode {
    fn parse_code(&self) -> i32;
}

impl ParseCode for str {
    /// The number at the beginning.
    fn parse_code(&self) -> i32 {
        self.split(':').next().unwrap_or_default().parse().unwrap_or_default()
    }
}

#[test]
fn what_is_accepted_is_as_if_it_had_always_been_so() {
    let peers = RefCell::new((Peer::ours(), Peer::stock()));
    let (seen, accepted) = (Cell::new(0), Cell::new(0));
    property::check(CASES, &case(), |case| {
        let (ours, stock) = &mut *peers.borrow_mut();
        let script = format!("{};\n{};\n{}", case.schema(None), case.inserts(), case.alter());
        let is_accepted = check(&case, ours, stock).map_err(|error| match error {
            TestCaseError::Fail(reason) => TestCaseError::fail(format!("{reason}\nafter\n{script}")),
            reject => reject,
        })?;
        seen.set(seen.get() + 1);
        accepted.set(accepted.get() + u32::from(is_accepted));
        Ok(())
    });
    assert!(accepted.get() > seen.get() / 3, "only {} of {} were accepted", accepted.get(), seen.get());
}
