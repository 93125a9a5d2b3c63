//! Our headers compile wherever SQLite's own do: as C89, as C++98, and as what came later, without a warning.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

const HEADERS: [&str; 3] = ["libsql.h", "libsqlext.h", "seawall.h"];

/// Compiles a file that includes `header` and nothing else.
fn compile(compiler: &str, header: &str, standard: &str, extension: &str) {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("headers");
    fs::create_dir_all(&dir).unwrap();
    let file = dir.join(format!("{}-{standard}.{extension}", header.trim_end_matches(".h")));
    fs::write(
        &file,
        format!("#include \"{header}\"\nint used(sqlite3 *db);\nint used(sqlite3 *db){{ return db!=0; }}\n"),
    )
    .unwrap();
    let mut command = Command::new(compiler);
    command.args([&format!("-std={standard}"), "-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]);
    // SQLite's own headers are system headers here: they use `long long` in C89.
    command.arg("-I").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("include"));
    command.arg("-isystem").arg(Path::new(env!("OUT_DIR")).join("include"));
    let output = command.arg(&file).output().unwrap_or_else(|e| panic!("{command:?} cannot be run: {e}"));
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_headers_compile_as_c() {
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".into());
    for header in HEADERS {
        for standard in ["c89", "c99", "c11"] {
            compile(&compiler, header, standard, "c");
        }
    }
}

#[test]
fn the_headers_compile_as_cpp() {
    let compiler = env::var("CXX").unwrap_or_else(|_| "c++".into());
    if Command::new(&compiler).arg("--version").output().is_err() {
        eprintln!("skipped: there is no C++ compiler `{compiler}`");
        return;
    }
    for header in HEADERS {
        for standard in ["c++98", "c++11", "c++17"] {
            compile(&compiler, header, standard, "cpp");
        }
    }
}
