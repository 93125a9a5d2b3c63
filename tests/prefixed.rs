//! The library with prefixed symbols beside another SQLite. Only its C part is compiled here, without optimisation;
//! `cargo xtask install --prefixed` looks at the whole of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use object::read::archive::ArchiveFile;
use object::{File, Object, ObjectSymbol};
use seawall_upstream::{Amalgamation, amalgamation, flags, prefix};

#[path = "common/cc.rs"]
mod cc;

use cc::{compiler, library, package, run, scratch, static_library};

fn root() -> PathBuf {
    package("")
}

fn amalgamated() -> &'static Amalgamation {
    static AMALGAMATION: OnceLock<Amalgamation> = OnceLock::new();
    AMALGAMATION.get_or_init(|| amalgamation(&root(), &scratch("prefixed")).unwrap())
}

/// The directory of the header that makes the prefixes.
fn include() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| {
        let dir = scratch("prefixed/include");
        fs::write(dir.join(prefix::HEADER), prefix::header(&root()).unwrap()).unwrap();
        dir
    })
}

/// The C compiler for code of ours that includes the header.
fn prefixing_compiler() -> Command {
    let mut cc = compiler();
    cc.arg("-I").arg(include());
    cc
}

/// An SQLite, compiled as fast as can be.
fn sqlite(dir: &str, text: &str, definitions: &[String]) -> PathBuf {
    let dir = scratch(dir);
    let (source, object) = (dir.join("sqlite3.c"), dir.join("sqlite3.o"));
    fs::write(&source, text).unwrap();
    let mut cc = cc::cc();
    cc.args(["-O0", "-c"]).args(definitions).args(flags::WARNINGS).arg(&source).arg("-o").arg(&object);
    run(&mut cc);
    object
}

/// Ours, compiled as the build script does it.
fn prefixed() -> &'static Path {
    static OBJECT: OnceLock<PathBuf> = OnceLock::new();
    OBJECT.get_or_init(|| {
        let mut definitions = flags::definitions("unix", std::env::consts::OS, "").unwrap();
        definitions.push("-DSEAWALL_BACKENDS".into());
        sqlite("prefixed/ours", &(prefix::header(&root()).unwrap() + &amalgamated().c), &definitions)
    })
}

/// A source file of `tests/c` under prefixed names, which need not include the header itself.
fn object(dir: &Path, source: &str) -> PathBuf {
    let object = dir.join(source).with_extension("o");
    let mut cc = prefixing_compiler();
    run(cc.args(["-include", prefix::HEADER, "-c"]).arg(package("tests/c").join(source)).arg("-o").arg(&object));
    object
}

/// The global names of an object file: those that it defines, and those that it asks for.
fn globals(object: &[u8]) -> (BTreeSet<String>, BTreeSet<String>) {
    let file = File::parse(object).unwrap();
    let names = |defined| {
        let wanted = file.symbols().filter(|s| s.is_global() && s.is_definition() == defined);
        wanted.map(|s| s.name().unwrap().to_owned()).collect()
    };
    (names(true), names(false))
}

fn listed() -> BTreeSet<String> {
    fs::read_to_string(package("tests/exports.txt")).unwrap().lines().map(str::to_owned).collect()
}

fn listed_with_prefix() -> BTreeSet<String> {
    listed().iter().map(|name| format!("seawall_{name}")).collect()
}

#[test]
fn the_c_code_defines_the_listed_names_with_the_prefix_and_no_other() {
    let (defined, wanted) = globals(&fs::read(prefixed()).unwrap());
    assert_eq!(defined, listed_with_prefix());
    let foreign: Vec<_> = wanted.intersection(&listed()).cloned().collect();
    assert!(foreign.is_empty(), "asks another SQLite for {foreign:?}");
}

/// The Rust code is compiled without the feature here. With it, the names that its declarations say become others.
#[test]
fn every_c_function_that_the_rust_code_calls_has_a_name_with_the_prefix() {
    let bindings = fs::read_to_string(package("src/ffi/bindings.rs")).unwrap();
    let bytes = fs::read(static_library()).unwrap();
    let mut called = BTreeSet::new();
    for member in ArchiveFile::parse(&*bytes).unwrap().members().map(Result::unwrap) {
        // What rusqlite calls is its own affair: with the feature it does not run on this library.
        if !member.name().starts_with(b"seawall-") {
            continue;
        }
        let (_, wanted) = globals(member.data(&*bytes).unwrap());
        called.extend(wanted.intersection(&listed()).cloned());
    }
    assert!(called.contains("libsql_close_hook") && called.contains("sqlite3_wal_manager"), "{called:?}");
    for name in called {
        let attribute = format!("#[cfg_attr(feature = \"prefixed\", link_name = \"seawall_{name}\")]");
        assert!(bindings.contains(&attribute), "{name} is not declared in src/ffi/bindings.rs");
    }
}

/// Compiles the extension, with further options.
fn extension(name: &str, options: &[&str]) -> PathBuf {
    let to = scratch("prefixed").join(name);
    let mut cc = prefixing_compiler();
    cc.args(["-fPIC", "-c"]).args(options).arg(package("tests/beside/extension.c")).arg("-o").arg(&to);
    run(&mut cc);
    to
}

#[test]
fn a_loadable_extension_calls_no_name_wherever_the_header_stands() {
    for (name, options) in [
        ("without.o", &[][..]),
        ("before.o", &["-include", "seawall_prefix.h"]),
        ("between.o", &["-include", "sqlite3.h", "-include", "seawall_prefix.h"]),
        ("behind.o", &["-include", "sqlite3ext.h", "-include", "seawall_prefix.h"]),
    ] {
        let (_, wanted) = globals(&fs::read(extension(name, options)).unwrap());
        let called: Vec<_> = wanted.iter().filter(|wanted| wanted.contains("sqlite3")).collect();
        assert!(called.is_empty(), "{name}: {called:?}");
    }
}

#[test]
fn an_extension_in_the_program_calls_the_side_that_it_is_compiled_for() {
    for (name, prefix, options) in [
        ("core-stock.o", "", &["-DSQLITE_CORE"][..]),
        ("core-before.o", "seawall_", &["-DSQLITE_CORE", "-include", "seawall_prefix.h"]),
        ("core-behind.o", "seawall_", &["-DSQLITE_CORE", "-include", "sqlite3ext.h", "-include", "seawall_prefix.h"]),
    ] {
        let (_, wanted) = globals(&fs::read(extension(name, options)).unwrap());
        let called: BTreeSet<_> = wanted.into_iter().filter(|wanted| wanted.contains("sqlite3")).collect();
        let names = ["compileoption_used", "create_function", "result_int", "value_text"];
        assert_eq!(called, names.map(|name| format!("{prefix}sqlite3_{name}")).into(), "{name}");
    }
}

#[test]
fn a_program_runs_on_both() {
    let dir = scratch("prefixed/program");
    let foreign = std::thread::spawn(|| sqlite("prefixed/foreign", &amalgamated().source.c, &[]));
    let mut objects = vec![prefixed().to_owned()];
    objects.extend(["check.c", "heapwal.c", "no_backends.c"].map(|source| object(&dir, source)));
    let run_in = dir.join("run");
    let _ = fs::remove_dir_all(&run_in);
    fs::create_dir(&run_in).unwrap();
    run(compiler().arg("-shared").arg(extension("extension.o", &[])).arg("-o").arg(run_in.join("extension.so")));

    let mut cc = prefixing_compiler();
    cc.arg("-I").arg(package("tests/c")).arg(package("tests/beside/ours.c")).arg(package("tests/beside/foreign.c"));
    cc.args(objects).arg(foreign.join().unwrap()).arg("-o").arg(dir.join("ours"));
    run(cc.args(["-lm", "-lpthread", "-ldl"]));
    run(Command::new(dir.join("ours")).current_dir(&run_in));
}

/// A Seawall may itself be the other SQLite: not even its own names clash.
#[test]
fn the_library_links_beside_itself() {
    let dir = scratch("prefixed/twice");
    let source = dir.join("twice.c");
    let text = "#include \"seawall.h\"\n\
                extern const libsql_wal_manager *seawall_seawall_wal_find(const char*);\n\
                int main(void){ return seawall_wal_find(0)==seawall_seawall_wal_find(0); }\n";
    fs::write(&source, text).unwrap();
    let executable = source.with_extension("");
    let mut cc = compiler();
    cc.arg(&source).arg(object(&dir, "no_backends.c")).arg(prefixed());
    cc.arg(library().join("libseawall_sqlite3.a")).arg("-o").arg(&executable);
    run(cc.args(["-lm", "-lpthread", "-ldl"]));
    run(&mut Command::new(&executable));
}
