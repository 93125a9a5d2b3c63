//! The fuzz targets `tests/fuzz/*.c`, under libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use seawall_upstream::flags;

use crate::Failure;
use crate::args::Args;
use crate::checked::Sources;
use crate::workspace::{cargo, make_dir, output, read, root, scratch, succeed};

/// A finding ends the run. What AddressSanitizer sees as well is left to it: with these checks before every access, clang
/// takes a quarter of an hour for SQLite instead of some minutes.
const CHECKS: [&str; 2] = ["-fno-sanitize-recover=undefined", "-fno-sanitize=null,alignment,object-size"];

/// `cargo xtask fuzz TARGET SECONDS`
pub fn run(mut args: Args) -> Result<(), Failure> {
    let target = args.word("TARGET")?.to_string_lossy().into_owned();
    let seconds: u32 = args.word("SECONDS")?.to_string_lossy().parse().map_err(|_| "SECONDS is not a number")?;
    args.end()?;
    let all = root().join("tests/fuzz");
    let source = all.join(&target).with_extension("c");
    if !source.is_file() {
        return Err(format!("there is no fuzz target {target}: {} does not exist", source.display()).into());
    }
    let dir = scratch("fuzz")?;
    let program = compile(&dir, &source)?;
    // What is found goes to a directory of its own, beside the databases.
    let run = dir.join(format!("run-{target}"));
    if run.exists() {
        fs::remove_dir_all(&run)?;
    }
    make_dir(&run.join("corpus"))?;
    let mut fuzz = Command::new(program);
    fuzz.current_dir(&run).args(["-max_len=400", "-timeout=60", "-print_final_stats=1"]);
    fuzz.arg(format!("-max_total_time={seconds}"));
    if seconds == 0 {
        fuzz.arg("-runs=0");
    }
    if is_of_the_shell(&source)? {
        // What it holds when safe mode makes it leave, the system would take back.
        fuzz.arg("-rss_limit_mb=8000").env("ASAN_OPTIONS", "detect_leaks=0");
    }
    let words = all.join(&target).with_extension("dict");
    if words.is_file() {
        fuzz.arg(format!("-dict={}", words.display()));
    }
    succeed(fuzz.arg("corpus").arg(all.join(&target)))
}

/// Is the shell what this target is about?
fn is_of_the_shell(source: &Path) -> Result<bool, Failure> {
    Ok(read(source)?.contains("\"shell.h\""))
}

/// Is the runtime of WebAssembly what this target is about, which is written in Rust?
fn is_of_the_runtime(source: &Path) -> bool {
    source.file_name().is_some_and(|name| name.to_string_lossy().starts_with("wasm_"))
}

/// What makes rustc count the branches that are taken, for libFuzzer, and look for overflows.
const RUST_FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                          -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
                          -Ccodegen-units=1 -Cdebug-assertions -Coverflow-checks";

/// The library with the runtime. The linker takes only what it has not met before: not SQLite.
fn runtime() -> Result<PathBuf, Failure> {
    let host = output(Command::new("rustc").arg("-vV"))?;
    let host =
        host.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc does not say what its host is")?;
    let target = scratch("fuzz-runtime")?;
    let mut build = cargo();
    build.args([
        "rustc",
        "--release",
        "--package",
        "seawall",
        "--lib",
        "--crate-type",
        "staticlib",
        "--features",
        "wasm",
    ]);
    // With a target, the flags are not for build scripts.
    build.args(["--target", host]).env("CARGO_TARGET_DIR", &target).env("RUSTFLAGS", RUST_FLAGS);
    succeed(&mut build)?;
    Ok(target.join(host).join("release/libseawall.a"))
}

fn compile(dir: &Path, source: &Path) -> Result<PathBuf, Failure> {
    let clang = env::var_os("CLANG").unwrap_or_else(|| "clang".into());
    let sources = Sources::copy_to(dir)?;
    let cc = |sanitizers: &str| {
        let mut cc = Command::new(&clang);
        cc.args(["-g", "-O1", "-D_GNU_SOURCE", sanitizers]).args(CHECKS).arg("-I").arg(dir);
        cc
    };
    let object = dir.join("sqlite3.o");
    // Only SQLite's branches are to be explored. It does not wait for a disk.
    let extra = "SQLITE_DEBUG SQLITE_NO_SYNC -DSEAWALL_BACKENDS -DSEAWALL_WASM";
    let definitions = flags::definitions("unix", env::consts::OS, extra)?;
    let mut library = cc("-fsanitize=fuzzer-no-link,address,undefined");
    succeed(library.args(definitions).args(["-w", "-c"]).arg(&sources.sqlite).arg("-o").arg(&object))?;
    let target = dir.join("fuzz").with_extension(source.file_stem().unwrap_or_default());
    let mut program = cc("-fsanitize=fuzzer,address,undefined");
    program.arg(source);
    if is_of_the_shell(source)? {
        let compiler = || {
            let mut cc = cc("-fsanitize=fuzzer-no-link,address,undefined");
            cc.arg("-Dexit=fuzz_exit");
            cc
        };
        program.arg("-I").arg(root().join("csrc/shell")).args(crate::shell::compile(dir, compiler)?);
        program.arg(&object).arg(crate::shell::rust_part()?);
    } else if is_of_the_runtime(source) {
        let shared = sources.shared.iter().filter(|source| source.file_stem().is_none_or(|stem| stem != "no_backends"));
        program.args(shared).arg(&object).arg(runtime()?);
    } else {
        program.args(&sources.shared).arg(&object);
    }
    succeed(program.args(["-lm", "-lpthread", "-ldl", "-o"]).arg(&target))?;
    Ok(target)
}
