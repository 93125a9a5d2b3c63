//! Compiles the C of the shell against the headers of the `seawall` package.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The files below `dir` whose names end with `.extension`, in a fixed order.
fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap_or_else(|e| panic!("cannot list {}: {e}", dir.display())) {
        let path = entry.expect("a directory entry").path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn main() {
    let dir = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let include = env::var("DEP_SEAWALL_INCLUDE").expect(
        "the build script of the seawall package must print cargo::metadata=include=DIR, \
         where DIR holds sqlite3.h, libsql.h and seawall.h",
    );
    let sources = files(&dir, "c");
    for file in sources.iter().chain(&files(&dir, "h")) {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    println!("cargo::rerun-if-changed=build.rs");

    cc::Build::new()
        .files(sources)
        .include(include)
        .include(dir)
        .warnings(true)
        .extra_warnings(true)
        .flag_if_supported("-Wstrict-prototypes")
        .flag_if_supported("-Wmissing-prototypes")
        .compile("seawall_shell");
}
