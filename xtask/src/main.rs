//! Seawall's maintenance commands: `cargo xtask COMMAND`.

mod amalgamation;
mod args;
mod bindings;
mod checked;
mod configs;
mod consumers;
mod fuzz;
mod install;
mod man;
mod queue;
mod shell;
mod size;
mod timeline_suite;
mod transcript;
mod upgrade;
mod workspace;

use std::process::ExitCode;

use args::Args;

/// Why a command failed, for people to read.
type Failure = Box<dyn std::error::Error>;

/// A command: its name, its arguments, what it is for, and what does it.
type Command = (&'static str, &'static str, &'static str, fn(Args) -> Result<(), Failure>);

const COMMANDS: &[Command] = &[
    ("bindings", "[--check]", "write src/ffi/bindings.rs from the headers in include/", bindings::run),
    (
        "amalgamation",
        "[--pristine] DIR",
        "write the patched, self-contained sqlite3.c and its headers",
        amalgamation::run,
    ),
    ("configs", "", "compile SQLite in every configuration that changes the WAL", configs::run),
    ("consumers", "", "build the package as every kind of dependency, and beside sqlx and diesel", consumers::run),
    (
        "fuzz",
        "TARGET SECONDS",
        "look for input that breaks a target of tests/fuzz/ (needs clang and its libFuzzer)",
        fuzz::run,
    ),
    (
        "install",
        "--prefix DIR [--linker bfd|gold|lld] [--timeline] [--wasm] [--prefixed]",
        "build and install libraries, headers and the shell; with the runtime of WebAssembly; also to be used beside another SQLite",
        install::run,
    ),
    ("man", "", "write the options and commands of the shell into docs/seawall.1", man::run),
    ("queue", "[--renumber]", "show where each hunk of the patch queue fits; refresh the line numbers", queue::run),
    (
        "sanitize",
        "[PROGRAM|shell]",
        "run the C programs of tests/c and the tests of the shell under ASan and UBSan",
        checked::sanitize,
    ),
    ("size", "[--timeline] [--wasm]", "compare the size of the shared library with the stock one", size::run),
    (
        "timeline-suite",
        "[--write] SUITES",
        "run SQLite's own tests of its log on the timeline, and compare with docs/timeline-suite.md",
        timeline_suite::run,
    ),
    ("transcript", "", "hold the sessions of docs/shell.md anew (needs tmux)", transcript::run),
    ("upgrade", "VERSION [--dry-run]", "move to another SQLite, or tell what would hold", upgrade::run),
    ("valgrind", "[PROGRAM]", "run the C programs of tests/c under Valgrind", checked::valgrind),
];

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let name = words.next().unwrap_or_default();
    let Some((_, _, _, run)) = COMMANDS.iter().find(|(n, ..)| name == *n) else {
        eprintln!("usage: cargo xtask COMMAND");
        for (name, arguments, purpose, _) in COMMANDS {
            eprintln!("  {:50} {purpose}", format!("{name} {arguments}"));
        }
        return ExitCode::from(2);
    };
    match run(Args::new(words)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
