//! The C programs of `tests/c/` under tools that see what a test cannot: sanitizers and Valgrind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::args::Args;
use crate::workspace::{c_compiler, copy, make_dir, read, root, scratch, succeed, write};

const SANITIZERS: [&str; 3] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"];

/// `cargo xtask sanitize [PROGRAM]`
pub fn sanitize(args: Args) -> Result<(), Failure> {
    run("sanitize", &SANITIZERS, &[], args)
}

/// `cargo xtask valgrind [PROGRAM]`
pub fn valgrind(args: Args) -> Result<(), Failure> {
    let valgrind = ["valgrind", "--quiet", "--leak-check=full", "--show-leak-kinds=all", "--error-exitcode=99"];
    run("valgrind", &[], &valgrind, args)
}

/// Compiles SQLite and every program with `flags`, and runs each program, or the one that is named, below `tool`.
fn run(name: &str, flags: &[&str], tool: &[&str], mut args: Args) -> Result<(), Failure> {
    let only = args.word("PROGRAM").ok();
    args.end()?;
    let dir = scratch(name)?;
    let amalgamation = crate::amalgamation::make()?;
    crate::amalgamation::copy_headers(&amalgamation, &dir)?;
    write(&dir.join("sqlite3.c"), &amalgamation.c)?;

    let compile = |source: &Path| -> Result<PathBuf, Failure> {
        let object = dir.join(source.with_extension("o").file_name().unwrap_or_default());
        let mut cc = Command::new(c_compiler());
        cc.args(["-std=gnu11", "-D_GNU_SOURCE", "-g", "-O1"]).args(flags).arg("-I").arg(&dir);
        cc.args(seawall_upstream::flags::definitions("unix", std::env::consts::OS, "")?);
        succeed(cc.arg("-c").arg(source).arg("-o").arg(&object))?;
        Ok(object)
    };
    let mut shared = vec![compile(&dir.join("sqlite3.c"))?];
    let mut programs = Vec::new();
    for source in sources()? {
        let is_program = read(&source)?.contains("int main(");
        let copied = dir.join(source.file_name().unwrap_or_default());
        copy(&source, &copied)?;
        match source.extension().is_some_and(|e| e == "c") {
            true if is_program => programs.push(copied),
            true => shared.push(compile(&copied)?),
            false => {}
        }
    }

    let chosen = |source: &&PathBuf| only.as_ref().is_none_or(|only| source.file_stem() == Some(only));
    let mut ran = 0;
    for source in programs.iter().filter(chosen) {
        let executable = source.with_extension("");
        let mut cc = Command::new(c_compiler());
        cc.args(flags).arg(compile(source)?).args(&shared).args(["-lm", "-lpthread", "-ldl", "-o"]).arg(&executable);
        succeed(&mut cc)?;
        let cwd = source.with_extension("run");
        if cwd.exists() {
            fs::remove_dir_all(&cwd)?;
        }
        make_dir(&cwd)?;
        let words: Vec<_> = tool.iter().map(|word| word.as_ref()).chain([executable.as_os_str()]).collect();
        succeed(Command::new(words[0]).args(&words[1..]).current_dir(&cwd))?;
        println!("clean: {}", executable.file_name().unwrap_or_default().display());
        ran += 1;
    }
    if ran == 0 { Err("tests/c/ holds no such program".into()) } else { Ok(()) }
}

/// The files of `tests/c/`, headers first.
fn sources() -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(root().join("tests/c"))?.map(|entry| entry.map(|e| e.path()));
    let mut files = entries.collect::<Result<Vec<_>, _>>()?;
    files.sort_by_key(|path| (path.extension().is_none_or(|e| e != "h"), path.clone()));
    Ok(files)
}
