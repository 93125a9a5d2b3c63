//! The shell, compiled by other compilers and flags than cargo's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::Failure;
use crate::workspace::{cargo, on_every_core, output, root, succeed};

/// The Rust that the C of the shell calls, as a static library. It brings SQLite and the C of the shell along, which a linker
/// leaves where it is when it has met others before.
pub fn rust_part() -> Result<PathBuf, Failure> {
    let mut build = cargo();
    build.args(["rustc", "--package", "seawall-shell", "--lib", "--crate-type", "staticlib"]);
    for line in output(build.args(["--message-format", "json"]))?.lines() {
        let message: Value = serde_json::from_str(line)?;
        let files = message["filenames"].as_array().into_iter().flatten().filter_map(Value::as_str);
        if let Some(library) = files.into_iter().find(|file| file.ends_with("libseawall_shell.a")) {
            return Ok(library.into());
        }
    }
    Err("cargo does not say where the static library of the shell is".into())
}

/// Compiles each C file of the shell with the compiler that `cc` starts, into `dir`, where the headers of SQLite are.
pub fn compile(dir: &Path, cc: impl Fn() -> Command + Sync) -> Result<Vec<PathBuf>, Failure> {
    let shell = root().join("csrc/shell");
    on_every_core(&c_files(&shell)?, |source| {
        let name = source.file_stem().unwrap_or_default().to_string_lossy();
        let object = dir.join(format!("shell-{name}.o"));
        succeed(cc().arg("-I").arg(dir).arg("-I").arg(&shell).arg("-c").arg(source).arg("-o").arg(&object))?;
        Ok(object)
    })
}

fn c_files(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(c_files(&path)?);
        } else if path.extension().is_some_and(|e| e == "c") {
            found.push(path);
        }
    }
    Ok(found)
}
