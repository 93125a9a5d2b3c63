//! How the tests compile and run C programs.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A directory of the package.
pub fn package(dir: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(dir)
}

/// Where the build script left the compiled SQLite and the headers.
pub fn library() -> &'static Path {
    Path::new(env!("OUT_DIR"))
}

/// The static library of this package, with the WALs that are written in Rust: cargo puts it beside the tests, under a name
/// with a hash, when it compiles what they link with.
pub fn static_library() -> PathBuf {
    let deps = env::current_exe().unwrap();
    let entries = fs::read_dir(deps.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let is_ours = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name == "libseawall.a" || (name.starts_with("libseawall-") && name.ends_with(".a"))
    };
    let newest = entries.filter(is_ours).max_by_key(|path| path.metadata().and_then(|m| m.modified()).unwrap());
    newest.expect("cargo leaves libseawall.a beside the tests")
}

/// A directory below the one that cargo gives to integration tests.
pub fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&dir).unwrap();
    dir
}

/// The C compiler: what CC names, else `cc`.
pub fn cc() -> Command {
    Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()))
}

/// The C compiler for code of ours, which knows the headers.
pub fn compiler() -> Command {
    let mut cc = cc();
    cc.args(["-std=c11", "-D_GNU_SOURCE", "-g", "-O1", "-Wall", "-Wextra", "-Werror"]);
    cc.arg("-I").arg(library().join("include"));
    cc
}

/// Runs a program that must succeed.
pub fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?} cannot be run: {e}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
