//! The fuzz target `tests/fuzz/frames.c`, under libFuzzer and AddressSanitizer.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use seawall_upstream::flags;

use crate::Failure;
use crate::args::Args;
use crate::checked::Sources;
use crate::workspace::{make_dir, root, scratch, succeed};

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
    let sources = Sources::copy_to(dir)?;
    let cc = |sanitizers: &str| {
        let mut cc = Command::new(&clang);
        cc.args(["-g", "-O1", "-D_GNU_SOURCE", sanitizers]).arg("-I").arg(dir);
        cc
    };
    let object = dir.join("sqlite3.o");
    // Only SQLite's branches are to be explored. It does not wait for a disk.
    let definitions = flags::definitions("unix", env::consts::OS, "SQLITE_DEBUG SQLITE_NO_SYNC")?;
    let mut library = cc("-fsanitize=fuzzer-no-link,address");
    succeed(library.args(definitions).args(["-w", "-c"]).arg(&sources.sqlite).arg("-o").arg(&object))?;
    let target = dir.join("fuzz_frames");
    let mut program = cc("-fsanitize=fuzzer,address");
    program.arg(root().join("tests/fuzz/frames.c")).args(&sources.shared).arg(&object);
    succeed(program.args(["-lm", "-lpthread", "-ldl", "-o"]).arg(&target))?;
    Ok(target)
}
