use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use object::{Object, ObjectSymbol};
use seawall_upstream::{Pin, prefix};
use serde_json::Value;

use crate::Failure;
use crate::args::Args;
use crate::workspace::{c_compiler, cargo, copy, make_dir, output, read, root, scratch, succeed, write};

const SONAME: &str = "libsqlite3.so.0";

/// The shell, which has another name as well.
const SHELL: &str = "sqlite3";

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

/// Cargo features that are in the library only when they are asked for, for it is to be small.
const OPTIONAL: [&str; 2] = ["timeline", "wasm"];

/// What has functions in WebAssembly is made to call them fast, and not to be small.
const FAST: [&str; 2] = ["--config", "profile.dist.package.seawall.opt-level=3"];

/// Those that the arguments name, as `--timeline` and the like.
pub(crate) fn optional_features(args: &mut Args) -> Vec<&'static str> {
    OPTIONAL.into_iter().filter(|feature| args.flag(&format!("--{feature}"))).collect()
}

/// `cargo xtask install --prefix DIR [--linker bfd|gold|lld] [--timeline] [--wasm] [--prefixed]`
pub fn run(mut args: Args) -> Result<(), Failure> {
    let prefix = PathBuf::from(args.value("--prefix")?.ok_or("--prefix DIR is missing")?);
    let linker = args.value("--linker")?;
    let features = optional_features(&mut args);
    let prefixed = args.flag("--prefixed");
    args.end()?;
    let (lib, bin) = (prefix.join("lib"), prefix.join("bin"));
    for dir in [&lib.join("pkgconfig"), &bin, &prefix.join("include")] {
        make_dir(dir)?;
    }
    let build = scratch("install")?;
    let (archive, shared) = build_shared(&features, linker.as_ref())?;
    let fixed = build.join("libsqlite3.a");
    archive.link_static(&fixed, &listed_exports()?)?;
    let shell = build_shell()?;

    replace(&shared, &lib.join(SONAME))?;
    replace(&fixed, &lib.join("libsqlite3.a"))?;
    replace(&shell, &bin.join(SHELL))?;
    symlink(SHELL, &bin.join("seawall"))?;
    symlink(SONAME, &lib.join("libsqlite3.so"))?;
    crate::amalgamation::copy_headers(&crate::amalgamation::make()?, &prefix.join("include"))?;
    let doc = prefix.join("share/doc/seawall");
    make_dir(&doc)?;
    for page in ["timeline-format.md", "timeline.md", "wal-contract.md", "wasm-functions.md"] {
        copy(&root().join("docs").join(page), &doc.join(page))?;
    }
    let man = prefix.join("share/man/man1");
    make_dir(&man)?;
    copy(&root().join("docs/seawall.1"), &man.join("seawall.1"))?;
    let prefix = fs::canonicalize(&prefix)?;
    write(&lib.join("pkgconfig/sqlite3.pc"), archive.pkg_config(&prefix)?)?;
    if prefixed { install_prefixed(&features, &build, &prefix) } else { Ok(()) }
}

/// The static library in which every name has a prefix, beside the files of the plain build.
fn install_prefixed(features: &[&str], build: &Path, to: &Path) -> Result<(), Failure> {
    let archive = Archive::build(&[&["prefixed"], features].concat())?;
    let fixed = build.join("libseawall.a");
    let names = listed_exports()?.iter().map(|name| format!("{}{name}", prefix::PREFIX)).collect();
    archive.link_static(&fixed, &names)?;
    replace(&fixed, &to.join("lib/libseawall.a"))?;
    write(&to.join("include").join(prefix::HEADER), prefix::header(root())?)?;
    write(&to.join("lib/pkgconfig/seawall.pc"), archive.prefixed_pkg_config(to)?)
}

/// The shared library, in the build directory, and what it was linked from.
pub fn build_shared(features: &[&str], linker: Option<&OsString>) -> Result<(Archive, PathBuf), Failure> {
    let archive = Archive::build(features)?;
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
    fn build(features: &[&str]) -> Result<Archive, Failure> {
        let mut rustc = cargo();
        rustc.args(["rustc", "--profile", "dist", "--package", "seawall", "--lib", "--crate-type", "staticlib"]);
        rustc.args(["--features", &features.join(",")]);
        if features.contains(&"wasm") {
            rustc.args(FAST);
        }
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

    /// One object with what the functions and variables called `names` need, in which every other name is local.
    fn link_static(&self, to: &Path, names: &BTreeSet<String>) -> Result<(), Failure> {
        let keep = to.with_extension("txt");
        write(&keep, names.iter().map(|name| format!("{name}\n")).collect::<String>())?;
        let object = to.with_extension("o");
        let mut ld = Command::new("ld");
        ld.args(["-r", "--gc-sections", "--strip-debug", "-o"]).arg(&object);
        ld.args(names.iter().flat_map(|name| ["-u", name])).arg(&self.path);
        succeed(&mut ld)?;
        // LLVM's bitcode of Rust's std is of no use there, and makes tools with an LLVM plugin stumble.
        let mut objcopy = Command::new("objcopy");
        objcopy.args(["--remove-section", ".llvmbc", "--remove-section", ".llvmcmd"]);
        succeed(objcopy.arg("--keep-global-symbols").arg(&keep).arg(&object))?;
        check_static(&object, names)?;
        if to.exists() {
            fs::remove_file(to)?;
        }
        succeed(Command::new("ar").arg("rcs").arg(to).arg(&object))
    }

    fn pkg_config(&self, prefix: &Path) -> Result<String, Failure> {
        let about = "Name: SQLite\nDescription: SQL database engine with a pluggable write-ahead log (Seawall)";
        let libs = format!("Libs: -L${{libdir}} -lsqlite3\nLibs.private: {}", self.static_libraries());
        pkg_config(prefix, about, &libs)
    }

    /// There is no shared one, so that everyone needs the libraries that it must be linked with. It has no `-L`: the
    /// `-lsqlite3` of the same program means another one than what is in that directory.
    fn prefixed_pkg_config(&self, prefix: &Path) -> Result<String, Failure> {
        let about = "Name: Seawall\nDescription: Seawall with prefixed symbols, to be used beside another SQLite";
        let libs = format!("Libs: ${{libdir}}/libseawall.a {}", self.static_libraries());
        pkg_config(prefix, about, &libs)
    }

    /// The compiler driver adds the unwinder by itself, in the form that a dynamic or a fully static program needs.
    fn static_libraries(&self) -> String {
        let libraries = self.native_libraries.iter().map(String::as_str);
        libraries.filter(|library| *library != "-lgcc_s").collect::<Vec<_>>().join(" ")
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
    check_names(SONAME, &defined(file.dynamic_symbols())?, &listed_exports()?)
}

/// Nor a static one that defines anything else than `names`, or asks for another SQLite.
fn check_static(object: &Path, names: &BTreeSet<String>) -> Result<(), Failure> {
    let bytes = fs::read(object)?;
    let file = object::File::parse(&*bytes)?;
    check_names(&object.display().to_string(), &defined(file.symbols())?, names)?;
    let listed = listed_exports()?;
    let wanted = file.symbols().filter(|symbol| symbol.is_undefined()).filter_map(|symbol| symbol.name().ok());
    let foreign: Vec<_> = wanted.filter(|name| listed.contains(*name)).collect();
    if foreign.is_empty() { Ok(()) } else { Err(format!("{} asks for {foreign:?}", object.display()).into()) }
}

/// The global names that are defined.
fn defined<'a>(symbols: impl Iterator<Item = impl ObjectSymbol<'a>>) -> Result<BTreeSet<String>, Failure> {
    let defined = symbols.filter(|symbol| symbol.is_definition() && symbol.is_global());
    Ok(defined.map(|symbol| symbol.name().map(str::to_owned)).collect::<Result<_, _>>()?)
}

fn check_names(what: &str, found: &BTreeSet<String>, wanted: &BTreeSet<String>) -> Result<(), Failure> {
    let more: Vec<_> = found.difference(wanted).collect();
    let fewer: Vec<_> = wanted.difference(found).collect();
    if more.is_empty() && fewer.is_empty() {
        return Ok(());
    }
    Err(format!("{what} does not define what tests/exports.txt lists: more {more:?}, fewer {fewer:?}").into())
}

/// The programs in [`SHELLS`], in that order.
fn build_shell() -> Result<PathBuf, Failure> {
    let mut build = cargo();
    build.args([
        "build",
        "--profile",
        "dist",
        "--package",
        "seawall-shell",
        "--bin",
        SHELL,
        "--message-format",
        "json",
    ]);
    build.args(FAST);
    for line in output(&mut build)?.lines() {
        let message: Value = serde_json::from_str(line)?;
        if message["target"]["name"] == SHELL
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

fn pkg_config(prefix: &Path, about: &str, libs: &str) -> Result<String, Failure> {
    let version = Pin::load(root())?.sqlite;
    Ok(format!(
        "prefix={}\nlibdir=${{prefix}}/lib\nincludedir=${{prefix}}/include\n\n\
         {about}\nVersion: {version}\n{libs}\nCflags: -I${{includedir}}\n",
        prefix.display(),
    ))
}
