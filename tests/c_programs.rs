//! The C programs of `tests/c/`, each compiled, linked with the library and run in a directory of its own.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

#[path = "common/cc.rs"]
mod cc;

use cc::{compiler, library, package, run, static_library};
// Links the SQLite that rusqlite runs on.
use seawall as _;

/// What the programs share.
const COMMON: [&str; 9] =
    ["check", "disk", "fakewasm", "faults", "forward", "frames", "heapwal", "managers", "passthrough"];

fn sources() -> PathBuf {
    package("tests/c")
}

fn scratch(name: &str) -> PathBuf {
    cc::scratch(&format!("c-programs/{name}"))
}

fn object(name: &str) -> PathBuf {
    let object = scratch("common").join(format!("{name}.o"));
    // For fakewasm.c.
    let csrc = package("csrc");
    run(compiler().arg("-I").arg(csrc).arg("-c").arg(sources().join(format!("{name}.c"))).arg("-o").arg(&object));
    object
}

/// The objects that every program is linked with, compiled once.
fn common() -> &'static [PathBuf] {
    static OBJECTS: OnceLock<Vec<PathBuf>> = OnceLock::new();
    OBJECTS.get_or_init(|| COMMON.iter().map(|name| object(name)).collect())
}

/// Compiles `tests/c/{name}.c`, links it with `libraries`, runs it in a directory called `dir`.
fn program(name: &str, dir: &str, libraries: &[OsString]) {
    let dir = scratch(dir);
    let executable = dir.join(name);
    let mut cc = compiler();
    cc.arg(sources().join(format!("{name}.c"))).args(common()).args(libraries).arg("-o").arg(&executable);
    run(cc.args(["-lm", "-lpthread", "-ldl"]));
    let cwd = dir.join("run");
    let _ = fs::remove_dir_all(&cwd);
    fs::create_dir(&cwd).unwrap();
    run(Command::new(&executable).current_dir(&cwd));
}

/// A program that is linked with the C part of the library alone.
fn c_program(name: &str) {
    static NO_BACKENDS: OnceLock<PathBuf> = OnceLock::new();
    let stub = NO_BACKENDS.get_or_init(|| object("no_backends"));
    program(name, name, &[stub.into(), library().join("libseawall_sqlite3.a").into()]);
}

macro_rules! c_programs {
    ($($name:ident)*) => { $(
        #[test]
        fn $name() {
            c_program(stringify!($name));
        }
    )* };
}

c_programs! {
    alter_column
    attach
    auto_extension
    checkpoint_callback
    close_hook
    custom_manager
    fault_attach
    fault_frames
    fault_journal_mode
    fault_open
    fault_registry
    fault_savepoint
    fault_sql
    fault_wasm
    file_control
    journal_mode
    open
    prepared_sql
    random_rowid
    registry
    replication
    row_counters
    savepoint
    shared_cache
    snapshot
    stmt_interrupt
    threads
    uri_wal
    version1
    wal_disable_checkpoint
    wal_frames
    wal_insert
    wal_mode
    wasm_functions
}

/// A program that is linked with the whole library; it finds the WAL `memory` there and runs with it as well.
fn rust_program(name: &str) {
    program(name, &format!("{name}_with_rust"), &[static_library().into()]);
}

macro_rules! rust_programs {
    ($($test:ident: $name:ident)*) => { $(
        #[test]
        fn $test() {
            rust_program(stringify!($name));
        }
    )* };
}

rust_programs! {
    custom_manager_with_rust: custom_manager
    fault_frames_with_rust: fault_frames
    fault_journal_mode_with_rust: fault_journal_mode
    fault_savepoint_with_rust: fault_savepoint
    fault_wasm_with_rust: fault_wasm
    journal_mode_with_rust: journal_mode
    replication_with_rust: replication
    rust_backends: rust_backends
    savepoint_with_rust: savepoint
    threads_with_rust: threads
    uri_wal_with_rust: uri_wal
    wal_disable_checkpoint_with_rust: wal_disable_checkpoint
    wal_frames_with_rust: wal_frames
    wal_insert_with_rust: wal_insert
    wasm_functions_with_rust: wasm_functions
}

#[test]
fn the_example_in_c_replicates() {
    let dir = scratch("replicate");
    let program = dir.join("replicate");
    let source = package("examples/replicate.c");
    let mut cc = compiler();
    cc.arg(source).arg(static_library()).arg("-o").arg(&program);
    run(cc.args(["-lm", "-lpthread", "-ldl"]));
    let cwd = dir.join("run");
    let _ = fs::remove_dir_all(&cwd);
    fs::create_dir(&cwd).unwrap();
    let replicate = |sql: &[&str]| run(Command::new(&program).current_dir(&cwd).args(["a.db", "b.db"]).args(sql));
    replicate(&["CREATE TABLE t(x)", "INSERT INTO t VALUES(1)", "BEGIN; INSERT INTO t VALUES(2),(3); COMMIT"]);
    replicate(&["DELETE FROM t WHERE x=1", "VACUUM"]);
    replicate(&[]);
    let copy = rusqlite::Connection::open(cwd.join("b.db")).unwrap();
    let rows = copy.query_row("SELECT group_concat(x) FROM t", [], |row| row.get::<_, String>(0));
    assert_eq!(rows.unwrap(), "2,3");
}

#[test]
fn every_program_is_a_test() {
    let this = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file!())).unwrap();
    for entry in fs::read_dir(sources()).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if text.contains("int main(") {
            assert!(this.lines().any(|line| line.split_whitespace().last() == Some(name)), "{name}");
        }
    }
}
