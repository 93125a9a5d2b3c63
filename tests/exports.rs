//! What does the library export? `tests/exports.txt` lists it: the API that Debian's libsqlite3.so.0 exports, libSQL's
//! and ours. `cargo xtask install` holds the shared library against the same list.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use object::read::archive::ArchiveFile;
use object::{File, Object, ObjectSymbol};

fn listed() -> BTreeSet<String> {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports.txt");
    fs::read_to_string(list).unwrap().lines().map(str::to_owned).collect()
}

/// The global names that the C code defines.
fn defined() -> BTreeSet<String> {
    let bytes = fs::read(Path::new(env!("OUT_DIR")).join("libseawall_sqlite3.a")).unwrap();
    let mut names = BTreeSet::new();
    for member in ArchiveFile::parse(&*bytes).unwrap().members() {
        let object = File::parse(member.unwrap().data(&*bytes).unwrap()).unwrap();
        let global = object.symbols().filter(|s| s.is_definition() && s.is_global());
        names.extend(global.map(|s| s.name().unwrap().to_owned()));
    }
    names
}

/// The functions and variables that a header declares as SQLITE_API.
fn declared(header: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(Path::new(env!("OUT_DIR")).join("include").join(header)).unwrap();
    let code: String =
        text.lines().filter(|l| !l.starts_with("**") && !l.starts_with('#')).collect::<Vec<_>>().join(" ");
    let declarations = code.split("SQLITE_API ").skip(1);
    declarations
        .map(|rest| {
            let head = rest.split(['(', ';', '[']).next().unwrap_or_default();
            let name = head.rsplit(|c: char| !c.is_alphanumeric() && c != '_').find(|word| !word.is_empty());
            name.unwrap_or_default().to_owned()
        })
        .collect()
}

/// Declared by sqlite3.h whatever the features, defined only with features that neither Debian nor we turn on.
const NOT_COMPILED: [&str; 7] = [
    "sqlite3_activate_cerod",
    "sqlite3_carray_",
    "sqlite3_mutex_",
    "sqlite3_normalized_sql",
    "sqlite3_snapshot_",
    "sqlite3_stmt_scanstatus",
    "sqlite3_win32_",
];

#[test]
fn the_c_code_defines_the_listed_names_and_no_other() {
    let (defined, listed) = (defined(), listed());
    let more: Vec<_> = defined.difference(&listed).collect();
    let fewer: Vec<_> = listed.difference(&defined).collect();
    // SQLITE_DEBUG, for one, leaves global what is static otherwise.
    let more_is_fine = option_env!("LIBSQLITE3_FLAGS").is_some_and(|flags| !flags.is_empty());
    assert!(more.is_empty() || more_is_fine, "not in tests/exports.txt: {more:?}");
    assert!(fewer.is_empty(), "in tests/exports.txt, but not defined: {fewer:?}");
}

#[test]
fn whatever_a_header_declares_is_listed() {
    let listed = listed();
    for header in ["sqlite3.h", "libsql.h", "seawall.h"] {
        let declared = declared(header);
        assert!(declared.len() > 2, "{header}: {declared:?}");
        for name in declared.difference(&listed) {
            assert!(NOT_COMPILED.iter().any(|feature| name.starts_with(feature)), "{header} declares {name}");
        }
    }
}

#[test]
fn whatever_is_listed_is_declared_in_a_header() {
    let declared: BTreeSet<_> = ["sqlite3.h", "libsql.h", "seawall.h"].into_iter().flat_map(declared).collect();
    let hidden: Vec<_> = listed().difference(&declared).cloned().collect();
    assert!(hidden.is_empty(), "{hidden:?}");
}
