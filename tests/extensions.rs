//! Loadable extensions, written for stock SQLite and for libSQL's entry point, in our library and in a stock one.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use seawall_upstream::{Pin, Source, locate};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where the build script left the compiled SQLite and the headers.
fn library() -> &'static Path {
    Path::new(env!("OUT_DIR"))
}

/// A directory below the one that cargo gives to integration tests.
fn scratch() -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("extensions");
    fs::create_dir_all(&dir).unwrap();
    dir
}

fn compiler() -> Command {
    let mut cc = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()));
    cc.args(["-std=c11", "-g", "-Wall", "-Wextra", "-Werror"]);
    cc
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?} cannot be run: {e}"));
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{stdout}{stderr}", output.status);
    stdout.into_owned()
}

fn source(name: &str) -> PathBuf {
    root().join("tests/ext").join(name)
}

/// The directory of the pristine sqlite3.c, sqlite3.h and sqlite3ext.h.
fn pristine() -> PathBuf {
    let pin = Pin::load(root()).unwrap();
    Source::read(&locate::find(&pin, root(), &scratch()).unwrap(), &pin).unwrap().dir
}

/// The extension `name`, made of `sources` with the headers in `include`.
fn extension(name: &str, sources: &[&str], include: &Path) -> PathBuf {
    let file = scratch().join(name).with_extension("so");
    let mut cc = compiler();
    cc.args(["-shared", "-fPIC", "-I"]).arg(include).args(sources.iter().map(|name| source(name)));
    output(cc.arg("-o").arg(&file));
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
    output(cc.args(["-o".as_ref(), program.as_os_str()]).args(["-lm", "-lpthread", "-ldl"]));
    output(Command::new(program).arg(extension))
}

fn in_ours(name: &str, extension: &Path) -> String {
    let stub = scratch().join(format!("{name}-no_backends.o"));
    output(compiler().arg("-I").arg(library().join("include")).args(["-c", "-o"]).arg(&stub).arg({
        let stub = "tests/c/no_backends.c";
        root().join(stub)
    }));
    host(name, &[stub, library().join("libseawall_sqlite3.a")], extension)
}

fn in_stock(name: &str, extension: &Path) -> String {
    static OBJECT: OnceLock<PathBuf> = OnceLock::new();
    let object = OBJECT.get_or_init(|| {
        let object = scratch().join("stock.o");
        // Unoptimised: it is done in no time.
        let mut cc = compiler();
        cc.args(["-w", "-O0", "-c"]).arg(pristine().join("sqlite3.c"));
        output(cc.arg("-o").arg(&object));
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
