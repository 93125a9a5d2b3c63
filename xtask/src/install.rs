use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use object::{Object, ObjectSymbol};
use seawall_upstream::Pin;
use serde_json::Value;

use crate::Failure;
use crate::args::Args;
use crate::workspace::{c_compiler, cargo, copy, make_dir, output, read, root, scratch, succeed, write};

const SONAME: &str = "libsqlite3.so.0";

/// How a shared library is linked. SQLite's calls of its own functions need not go through the PLT (-Bsymbolic-functions).
pub const LINK: [&str; 8] = [
    "-Wl,-Bsymbolic-functions",
    "-Wl,--gc-sections",
    "-Wl,--as-needed",
    "-Wl,-O1",
    "-Wl,-z,defs",
    "-Wl,-z,relro",
    "-Wl,-z,now",
    "-Wl,-s",
];

/// `cargo xtask install --prefix DIR [--linker bfd|gold|lld]`
pub fn run(mut args: Args) -> Result<(), Failure> {
    let prefix = PathBuf::from(args.value("--prefix")?.ok_or("--prefix DIR is missing")?);
    let linker = args.value("--linker")?;
    args.end()?;
    let (lib, bin) = (prefix.join("lib"), prefix.join("bin"));
    for dir in [&lib.join("pkgconfig"), &bin, &prefix.join("include")] {
        make_dir(dir)?;
    }
    let build = scratch("install")?;
    let (archive, shared) = build_shared(linker.as_ref())?;
    let fixed = build.join("libsqlite3.a");
    archive.link_static(&build, &fixed)?;
    let shell = build_shell()?;

    replace(&shared, &lib.join(SONAME))?;
    replace(&fixed, &lib.join("libsqlite3.a"))?;
    replace(&shell, &bin.join("sqlite3"))?;
    symlink(SONAME, &lib.join("libsqlite3.so"))?;
    crate::amalgamation::copy_headers(&crate::amalgamation::make()?, &prefix.join("include"))?;
    let doc = prefix.join("share/doc/seawall");
    make_dir(&doc)?;
    copy(&root().join("docs/wal-contract.md"), &doc.join("wal-contract.md"))?;
    let prefix = fs::canonicalize(&prefix)?;
    write(&lib.join("pkgconfig/sqlite3.pc"), pkg_config(&prefix, &archive.native_libraries)?)
}

/// The shared library, in the build directory, and what it was linked from.
pub fn build_shared(linker: Option<&OsString>) -> Result<(Archive, PathBuf), Failure> {
    let archive = Archive::build()?;
    let shared = scratch("install")?.join(SONAME);
    archive.link_shared(&shared, linker)?;
    check_exports(&shared)?;
    Ok((archive, shared))
}

/// The whole library with Rust's std, as rustc archives it.
pub struct Archive {
    path: PathBuf,
    /// What it must be linked with, as in `-lm`.
    native_libraries: Vec<String>,
}

impl Archive {
    fn build() -> Result<Archive, Failure> {
        let mut rustc = cargo();
        rustc.args(["rustc", "--profile", "dist", "--package", "seawall", "--lib", "--crate-type", "staticlib"]);
        rustc.args(["--message-format", "json", "--", "--print", "native-static-libs"]);
        let mut archive = Archive { path: PathBuf::new(), native_libraries: Vec::new() };
        for line in output(&mut rustc)?.lines() {
            let message: Value = serde_json::from_str(line)?;
            archive.read(&message);
        }
        if archive.path.as_os_str().is_empty() || archive.native_libraries.is_empty() {
            return Err("cargo does not say where libseawall.a is and what it must be linked with".into());
        }
        Ok(archive)
    }

    fn read(&mut self, message: &Value) {
        let text = message["message"]["message"].as_str().unwrap_or_default();
        if let Some(libraries) = text.strip_prefix("native-static-libs: ") {
            for word in libraries.split_whitespace().map(str::to_owned) {
                // Each once: rustc names some several times.
                if !self.native_libraries.contains(&word) {
                    self.native_libraries.push(word);
                }
            }
        }
        if message["target"]["name"] == "seawall" {
            let files = message["filenames"].as_array().into_iter().flatten().filter_map(Value::as_str);
            if let Some(path) = files.into_iter().find(|path| path.ends_with(".a")) {
                self.path = path.into();
            }
        }
    }

    fn link_shared(&self, to: &Path, linker: Option<&OsString>) -> Result<(), Failure> {
        let mut cc = Command::new(c_compiler());
        cc.arg("-shared").arg("-o").arg(to);
        if let Some(linker) = linker {
            cc.arg(format!("-fuse-ld={}", linker.display()));
        }
        cc.arg("-Wl,--whole-archive").arg(&self.path).arg("-Wl,--no-whole-archive");
        cc.arg(format!("-Wl,--version-script={}", root().join("xtask/libsqlite3.map").display()));
        cc.arg(format!("-Wl,-soname,{SONAME}"));
        succeed(cc.args(LINK).args(&self.native_libraries))
    }

    /// One object with what the exported functions need, in which every other name is local.
    fn link_static(&self, build: &Path, to: &Path) -> Result<(), Failure> {
        let names = listed_exports()?;
        let keep = build.join("exports.txt");
        write(&keep, names.iter().map(|name| format!("{name}\n")).collect::<String>())?;
        let object = build.join("sqlite3.o");
        let mut ld = Command::new("ld");
        ld.args(["-r", "--gc-sections", "--strip-debug", "-o"]).arg(&object);
        ld.args(names.iter().flat_map(|name| ["-u", name])).arg(&self.path);
        succeed(&mut ld)?;
        // LLVM's bitcode of Rust's std is of no use there, and makes tools with an LLVM plugin stumble.
        let mut objcopy = Command::new("objcopy");
        objcopy.args(["--remove-section", ".llvmbc", "--remove-section", ".llvmcmd"]);
        succeed(objcopy.arg("--keep-global-symbols").arg(&keep).arg(&object))?;
        if to.exists() {
            fs::remove_file(to)?;
        }
        succeed(Command::new("ar").arg("rcs").arg(to).arg(&object))
    }
}

/// The names in tests/exports.txt.
fn listed_exports() -> Result<BTreeSet<String>, Failure> {
    Ok(read(&root().join("tests/exports.txt"))?.lines().map(str::to_owned).collect())
}

/// A shared library that exports anything else than what is listed must not be installed.
fn check_exports(library: &Path) -> Result<(), Failure> {
    let bytes = fs::read(library)?;
    let file = object::File::parse(&*bytes)?;
    let exported: BTreeSet<String> = file
        .dynamic_symbols()
        .filter(|symbol| symbol.is_definition() && symbol.is_global())
        .map(|symbol| symbol.name().map(str::to_owned))
        .collect::<Result<_, _>>()?;
    let listed = listed_exports()?;
    let more: Vec<_> = exported.difference(&listed).collect();
    let fewer: Vec<_> = listed.difference(&exported).collect();
    if more.is_empty() && fewer.is_empty() {
        return Ok(());
    }
    Err(format!("{SONAME} does not export what tests/exports.txt lists: more {more:?}, fewer {fewer:?}").into())
}

fn build_shell() -> Result<PathBuf, Failure> {
    let mut build = cargo();
    build.args(["build", "--profile", "dist", "--package", "seawall-shell", "--message-format", "json"]);
    for line in output(&mut build)?.lines() {
        let message: Value = serde_json::from_str(line)?;
        if message["target"]["name"] == "sqlite3"
            && let Some(path) = message["executable"].as_str()
        {
            return Ok(path.into());
        }
    }
    Err("cargo does not say where the shell is".into())
}

/// A file that a process has mapped must not be written into: the new one takes its name.
fn replace(from: &Path, to: &Path) -> Result<(), Failure> {
    let new = to.with_extension("new");
    copy(from, &new)?;
    fs::rename(&new, to).map_err(|e| format!("cannot write {}: {e}", to.display()).into())
}

fn symlink(target: &str, link: &Path) -> Result<(), Failure> {
    if fs::symlink_metadata(link).is_ok() {
        fs::remove_file(link)?;
    }
    std::os::unix::fs::symlink(target, link).map_err(|e| format!("cannot link {}: {e}", link.display()).into())
}

fn pkg_config(prefix: &Path, libraries: &[String]) -> Result<String, Failure> {
    let version = Pin::load(root())?.sqlite;
    // The compiler driver adds the unwinder by itself, in the form that a dynamic or a fully static program needs.
    let private: Vec<_> = libraries.iter().map(String::as_str).filter(|library| *library != "-lgcc_s").collect();
    Ok(format!(
        "prefix={}\nlibdir=${{prefix}}/lib\nincludedir=${{prefix}}/include\n\n\
         Name: SQLite\nDescription: SQL database engine with a pluggable write-ahead log (Seawall)\nVersion: {version}\n\
         Libs: -L${{libdir}} -lsqlite3\nLibs.private: {}\nCflags: -I${{includedir}}\n",
        prefix.display(),
        private.join(" ")
    ))
}
