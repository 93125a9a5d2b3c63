//! Compiles the patched SQLite. What is compiled, and where it comes from, is the business of `upstream/`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use seawall_upstream::{Amalgamation, Error, amalgamation, flags, locate, prefix};

fn main() {
    if let Err(error) = build() {
        println!("cargo::error={error}");
    }
}

fn build() -> Result<(), Error> {
    for name in [locate::OVERRIDE, flags::EXTRA] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let out = PathBuf::from(variable("OUT_DIR"));
    let amalgamation = amalgamation(&root, &out)?;
    for input in &amalgamation.inputs {
        println!("cargo::rerun-if-changed={}", input.display());
    }
    let include = headers(&root, &amalgamation, &out)?;
    let mut text = amalgamation.c;
    if env::var_os("CARGO_FEATURE_PREFIXED").is_some() {
        let header = prefix_header(&root)?;
        write(&include.join(prefix::HEADER), header.as_bytes())?;
        text.insert_str(0, &header);
    }
    let c = out.join("sqlite3.c");
    write(&c, text.as_bytes())?;
    compile(&c)?;
    println!("cargo::metadata=include={}", include.display());
    Ok(())
}

/// A variable that cargo sets for every build script; empty when it is unset.
fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

fn compile(c: &Path) -> Result<(), Error> {
    let mut build = cc::Build::new();
    // Whatever the Rust profile: an unoptimised SQLite is several times slower. CFLAGS can say otherwise.
    build.file(c).opt_level(2).define("SEAWALL_BACKENDS", None);
    let extra = variable(flags::EXTRA);
    if env::var_os("CARGO_FEATURE_WASM").is_some() {
        build.define("SEAWALL_WASM", None);
    }
    if env::var_os("CARGO_FEATURE_TIMELINE").is_some() {
        // Called for every connection that is opened: it makes the tables of the timeline known.
        build.define("SEAWALL_TIMELINE", None).define("SQLITE_EXTRA_AUTOEXT", "seawall_timeline_tables");
    }
    for flag in flags::definitions(&variable("CARGO_CFG_TARGET_FAMILY"), &variable("CARGO_CFG_TARGET_OS"), &extra)? {
        build.flag(flag);
    }
    let compiler = build.get_compiler();
    let started = compiler.to_command().arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    started.map_err(|cause| Error::NoCompiler { program: compiler.path().to_owned(), cause })?;
    if compiler.is_like_gnu() || compiler.is_like_clang() {
        for flag in flags::WARNINGS {
            build.flag(flag);
        }
    }
    // The whole archive: whoever links this package means to have this SQLite, wherever in the order it is asked for.
    build
        .cargo_metadata(false)
        .try_compile("seawall_sqlite3")
        .map_err(|_| Error::Compile { path: c.to_owned(), compiler: compiler.path().to_owned() })?;
    println!("cargo::rustc-link-search=native={}", variable("OUT_DIR"));
    println!("cargo::rustc-link-lib=static:+whole-archive=seawall_sqlite3");
    if variable("CARGO_CFG_TARGET_FAMILY") == "unix" {
        println!("cargo::rustc-link-lib=m");
    }
    Ok(())
}

/// A directory with the headers: upstream's two as they are, and ours.
fn headers(root: &Path, amalgamation: &Amalgamation, out: &Path) -> Result<PathBuf, Error> {
    let dir = out.join("include");
    fs::create_dir_all(&dir).map_err(|cause| Error::Io { action: "create", path: dir.clone(), cause })?;
    let upstream = &amalgamation.source.dir;
    let ours = root.join("include");
    let upstreams = ["sqlite3.h", "sqlite3ext.h"].map(|name| (upstream, name));
    for (from, name) in upstreams.into_iter().chain(["libsql.h", "libsqlext.h", "seawall.h"].map(|name| (&ours, name)))
    {
        let path = from.join(name);
        println!("cargo::rerun-if-changed={}", path.display());
        let bytes = fs::read(&path).map_err(|cause| Error::Io { action: "read", path, cause })?;
        write(&dir.join(name), &bytes)?;
    }
    Ok(dir)
}

/// The header that gives every symbol a prefix.
fn prefix_header(root: &Path) -> Result<String, Error> {
    for path in prefix::inputs(root) {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    prefix::header(root)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    fs::write(path, bytes).map_err(|cause| Error::Io { action: "write", path: path.to_owned(), cause })
}
