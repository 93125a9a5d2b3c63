//! Loadable extensions, written for stock SQLite and for libSQL's entry point, in our library and in a stock one.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use seawall_upstream::{Pin, Source, locate};

#[path = "common/cc.rs"]
#[allow(dead_code)]
mod cc;

use cc::{library, package, run};

fn scratch() -> PathBuf {
    cc::scratch("extensions")
}

/// The compiler, which is told for each file whose headers are meant.
fn compiler() -> Command {
    let mut cc = cc::cc();
    cc.args(["-std=c11", "-g", "-Wall", "-Wextra", "-Werror"]);
    cc
}

fn source(name: &str) -> PathBuf {
    package("tests/ext").join(name)
}

/// The directory of the pristine sqlite3.c, sqlite3.h and sqlite3ext.h.
fn pristine() -> PathBuf {
    let (root, pin) = (package(""), Pin::load(&package("")).unwrap());
    Source::read(&locate::find(&pin, &root, &scratch()).unwrap(), &pin).unwrap().dir
}

/// The extension `name`, made of `sources` with the headers in `include`.
fn extension(name: &str, sources: &[&str], include: &Path) -> PathBuf {
    let file = scratch().join(name).with_extension("so");
    let mut cc = compiler();
    cc.args(["-shared", "-fPIC", "-I"]).arg(include).args(sources.iter().map(|name| source(name)));
    run(cc.arg("-o").arg(&file));
    file
}

fn plain() -> PathBuf {
    static EXTENSION: OnceLock<PathBuf> = OnceLock::new();
    EXTENSION.get_or_init(|| extension("plain", &["plain.c"], &pristine())).clone()
}

fn hooked() -> PathBuf {
    static EXTENSION: OnceLock<PathBuf> = OnceLock::new();
    let sources = ["hooked.c", "hooked_hook.c"];
    EXTENSION.get_or_init(|| extension("hooked", &sources, &library().join("include"))).clone()
}

/// What the host prints when it is linked with `objects` and loads `extension`.
fn host(name: &str, objects: &[PathBuf], extension: &Path) -> String {
    let program = scratch().join(name);
    let mut cc = compiler();
    cc.arg("-I").arg(pristine()).arg(source("host.c")).args(objects);
    run(cc.args(["-o".as_ref(), program.as_os_str()]).args(["-lm", "-lpthread", "-ldl"]));
    String::from_utf8(run(Command::new(program).arg(extension)).stdout).unwrap()
}

fn in_ours(name: &str, extension: &Path) -> String {
    let stub = scratch().join(format!("{name}-no_backends.o"));
    let mut cc = compiler();
    cc.arg("-I").arg(library().join("include")).arg("-c").arg(package("tests/c/no_backends.c"));
    run(cc.arg("-o").arg(&stub));
    host(name, &[stub, library().join("libseawall_sqlite3.a")], extension)
}

fn in_stock(name: &str, extension: &Path) -> String {
    static OBJECT: OnceLock<PathBuf> = OnceLock::new();
    let object = OBJECT.get_or_init(|| {
        let object = scratch().join("stock.o");
        // Unoptimised: it is done in no time.
        let mut cc = compiler();
        cc.args(["-w", "-O0", "-c"]).arg(pristine().join("sqlite3.c"));
        run(cc.arg("-o").arg(&object));
        object
    });
    host(name, std::slice::from_ref(object), extension)
}

#[test]
fn a_stock_extension_loads_into_ours() {
    assert_eq!(in_ours("ours-plain", &plain()), "plain\n");
}

#[test]
fn a_stock_extension_loads_into_the_stock_library_that_the_tests_compile() {
    assert_eq!(in_stock("stock-plain", &plain()), "plain\n");
}

#[test]
fn an_extension_sets_the_close_hook_through_the_fourth_argument() {
    assert_eq!(in_ours("ours-hooked", &hooked()), "hooked\ncloses hooked\n");
}

#[test]
fn an_extension_that_asks_first_does_without_the_fourth_argument_in_stock_sqlite() {
    assert_eq!(in_stock("stock-hooked", &hooked()), "alone\n");
}
