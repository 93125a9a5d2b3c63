//! The fuzz target `tests/fuzz/frames.c`, under libFuzzer and AddressSanitizer.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use seawall_upstream::flags;

use crate::Failure;
use crate::args::Args;
use crate::workspace::{copy, make_dir, root, scratch, succeed, write};

/// What the target is linked with, of `tests/c/`.
const SHARED: [&str; 6] = ["check", "frames", "heapwal", "managers", "no_backends", "passthrough"];

/// `cargo xtask fuzz SECONDS`
pub fn run(mut args: Args) -> Result<(), Failure> {
    let seconds: u32 = args.word("SECONDS")?.to_string_lossy().parse().map_err(|_| "SECONDS is not a number")?;
    args.end()?;
    let dir = scratch("fuzz")?;
    let target = compile(&dir)?;
    // What is found goes to a directory of its own, beside the databases.
    let run = dir.join("run");
    if run.exists() {
        fs::remove_dir_all(&run)?;
    }
    make_dir(&run.join("corpus"))?;
    let mut fuzz = Command::new(target);
    fuzz.current_dir(&run).args(["-max_len=400", "-timeout=60", "-print_final_stats=1"]);
    fuzz.arg(format!("-max_total_time={seconds}"));
    if seconds == 0 {
        fuzz.arg("-runs=0");
    }
    succeed(fuzz.arg("corpus").arg(root().join("tests/fuzz/corpus")))
}

fn compile(dir: &Path) -> Result<PathBuf, Failure> {
    let clang = env::var_os("CLANG").unwrap_or_else(|| "clang".into());
    let amalgamation = crate::amalgamation::make()?;
    crate::amalgamation::copy_headers(&amalgamation, dir)?;
    let sqlite = dir.join("sqlite3.c");
    write(&sqlite, &amalgamation.c)?;
    let cc = |sanitizers: &str| {
        let mut cc = Command::new(&clang);
        cc.args(["-g", "-O1", "-D_GNU_SOURCE", sanitizers]).arg("-I").arg(dir);
        cc
    };
    let object = dir.join("sqlite3.o");
    // Only SQLite's branches are to be explored. It does not wait for a disk.
    let definitions = flags::definitions("unix", env::consts::OS, "SQLITE_DEBUG SQLITE_NO_SYNC")?;
    let mut library = cc("-fsanitize=fuzzer-no-link,address");
    succeed(library.args(definitions).args(["-w", "-c"]).arg(&sqlite).arg("-o").arg(&object))?;
    let mut sources: Vec<OsString> = Vec::new();
    for name in SHARED {
        for extension in ["c", "h"] {
            let file = Path::new(name).with_extension(extension);
            let from = root().join("tests/c").join(&file);
            if from.exists() {
                copy(&from, &dir.join(&file))?;
            }
        }
        sources.push(dir.join(name).with_extension("c").into());
    }
    let target = dir.join("fuzz_frames");
    let mut program = cc("-fsanitize=fuzzer,address");
    program.arg(root().join("tests/fuzz/frames.c")).args(sources).arg(&object);
    succeed(program.args(["-lm", "-lpthread", "-ldl", "-o"]).arg(&target))?;
    Ok(target)
}
