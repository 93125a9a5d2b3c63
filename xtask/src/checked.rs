//! The C programs of `tests/c/` under tools that see what a test cannot: sanitizers and Valgrind.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::args::Args;
use crate::workspace::{c_compiler, cargo, copy, make_dir, on_every_core, read, root, scratch, succeed, write};

/// One way to watch the programs.
struct Tool {
    name: &'static str,
    /// For compiling and linking.
    flags: &'static [&'static str],
    /// For SQLite, besides those that the library is compiled with. Snapshots have a test of their own; normalized text is part
    /// of others.
    definitions: &'static str,
    /// What a program is run by.
    command: &'static [&'static str],
    /// How much of their rounds the programs run, in percent: see `tests/c/check.h`.
    effort: &'static str,
    /// The programs that it has something to say about; empty for all.
    programs: &'static [&'static str],
}

const MEMORY: Tool = Tool {
    name: "asan",
    flags: &["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"],
    definitions: "SQLITE_ENABLE_SNAPSHOT SQLITE_ENABLE_NORMALIZE SQLITE_DEBUG -DSEAWALL_BACKENDS -DSEAWALL_WASM \
                  -DSEAWALL_TIMELINE -DSQLITE_EXTRA_AUTOEXT=seawall_timeline_tables",
    command: &[],
    effort: "10",
    programs: &[],
};

const RACES: Tool = Tool {
    name: "tsan",
    flags: &["-fsanitize=thread"],
    definitions: "SQLITE_ENABLE_SNAPSHOT",
    command: &[],
    effort: "100",
    programs: &["stmt_interrupt", "threads"],
};

const VALGRIND: Tool = Tool {
    name: "valgrind",
    flags: &[],
    definitions: "SQLITE_ENABLE_SNAPSHOT -DSEAWALL_WASM",
    command: &["valgrind", "--quiet", "--leak-check=full", "--show-leak-kinds=all", "--error-exitcode=99"],
    effort: "5",
    programs: &[],
};

/// `cargo xtask sanitize [PROGRAM]`
pub fn sanitize(mut args: Args) -> Result<(), Failure> {
    let only = args.word("PROGRAM").ok();
    args.end()?;
    if only.as_ref().is_some_and(|only| only == "shell") {
        return shell(&MEMORY.compile(&Sources::copy_to(&scratch(MEMORY.name)?)?.sqlite)?);
    }
    run(&[MEMORY, RACES], only.as_deref())?;
    match only {
        Some(_) => Ok(()),
        None => shell(&scratch(MEMORY.name)?.join("sqlite3.o")),
    }
}

/// Runs the tests of the shell on one that is compiled as [`MEMORY`] says, like this object file of SQLite.
fn shell(sqlite: &Path) -> Result<(), Failure> {
    let dir = sqlite.parent().unwrap_or(Path::new("."));
    let objects = crate::shell::compile(dir, || MEMORY.compiler())?;
    let program = dir.join("shell_main.c");
    let main = "int seawall_shell_main(int, char**);\nint main(int n, char **a){ return seawall_shell_main(n, a); }\n";
    write(&program, main)?;
    let executable = dir.join("sqlite3");
    let mut cc = MEMORY.compiler();
    cc.arg(&program).args(&objects).arg(sqlite).arg(crate::shell::rust_part()?);
    succeed(cc.args(["-lm", "-lpthread", "-ldl", "-o"]).arg(&executable))?;
    let mut tests = cargo();
    tests.args(["test", "--package", "seawall-shell", "--no-fail-fast"]);
    succeed(tests.env("SEAWALL_TEST_SHELL", &executable))
}

/// `cargo xtask valgrind [PROGRAM]`
pub fn valgrind(mut args: Args) -> Result<(), Failure> {
    let only = args.word("PROGRAM").ok();
    args.end()?;
    run(&[VALGRIND], only.as_deref())
}

/// Runs every program, or the one that is named, under each tool that has something to say about it.
fn run(tools: &[Tool], only: Option<&OsStr>) -> Result<(), Failure> {
    let mut ran = 0;
    for tool in tools {
        let wanted = |name: &OsStr| {
            only.is_none_or(|only| name == only)
                && (tool.programs.is_empty() || tool.programs.iter().any(|p| name == *p))
        };
        ran += tool.run(wanted)?;
    }
    if ran == 0 { Err("tests/c/ holds no such program".into()) } else { Ok(()) }
}

impl Tool {
    /// Compiles SQLite once, and compiles and runs the programs that are `wanted`. Gives their number.
    fn run(&self, wanted: impl Fn(&OsStr) -> bool) -> Result<usize, Failure> {
        let sources = Sources::copy_to(&scratch(self.name)?)?;
        let programs: Vec<_> = sources.programs.iter().filter(|p| p.file_stem().is_some_and(&wanted)).collect();
        if programs.is_empty() {
            return Ok(0);
        }
        let shared: Vec<_> = std::iter::once(&sources.sqlite).chain(&sources.shared).collect();
        let objects = on_every_core(&shared, |source| self.compile(source))?;
        on_every_core(&programs, |source| self.check(source, &objects))?;
        Ok(programs.len())
    }

    /// Compiles a program and runs it.
    fn check(&self, source: &Path, objects: &[PathBuf]) -> Result<(), Failure> {
        let executable = source.with_extension("");
        let mut cc = Command::new(c_compiler());
        cc.args(self.flags).arg(self.compile(source)?).args(objects);
        succeed(cc.args(["-lm", "-lpthread", "-ldl", "-o"]).arg(&executable))?;
        let cwd = source.with_extension("run");
        if cwd.exists() {
            fs::remove_dir_all(&cwd)?;
        }
        make_dir(&cwd)?;
        let mut words = self.command.iter().map(OsStr::new).chain([executable.as_os_str()]);
        let mut program = Command::new(words.next().unwrap_or_default());
        succeed(program.args(words).current_dir(&cwd).env("SEAWALL_TEST_EFFORT", self.effort))?;
        println!("clean under {}: {}", self.name, executable.file_name().unwrap_or_default().display());
        Ok(())
    }

    fn compiler(&self) -> Command {
        let mut cc = Command::new(c_compiler());
        cc.args(["-std=gnu11", "-D_GNU_SOURCE", "-g", "-O1"]).args(self.flags);
        cc
    }

    fn compile(&self, source: &Path) -> Result<PathBuf, Failure> {
        let object = source.with_extension("o");
        let mut cc = self.compiler();
        cc.args(seawall_upstream::flags::definitions("unix", std::env::consts::OS, self.definitions)?);
        succeed(cc.arg("-c").arg(source).arg("-o").arg(&object))?;
        Ok(object)
    }
}

/// The C files of `tests/c/`, beside the SQLite that they are compiled with.
pub struct Sources {
    pub sqlite: PathBuf,
    /// What the programs share.
    pub shared: Vec<PathBuf>,
    programs: Vec<PathBuf>,
}

impl Sources {
    pub fn copy_to(dir: &Path) -> Result<Sources, Failure> {
        let amalgamation = crate::amalgamation::make()?;
        crate::amalgamation::copy_headers(&amalgamation, dir)?;
        // For fakewasm.c.
        copy(&root().join("csrc/wasm_runtime.h"), &dir.join("wasm_runtime.h"))?;
        let sqlite = dir.join("sqlite3.c");
        write(&sqlite, &amalgamation.c)?;
        let mut sources = Sources { sqlite, shared: Vec::new(), programs: Vec::new() };
        let entries = fs::read_dir(root().join("tests/c"))?.map(|entry| entry.map(|e| e.path()));
        let mut files = entries.collect::<Result<Vec<_>, _>>()?;
        files.sort();
        for source in files {
            let copied = dir.join(source.file_name().unwrap_or_default());
            copy(&source, &copied)?;
            match source.extension().is_some_and(|e| e == "c") {
                true if read(&source)?.contains("int main(") => sources.programs.push(copied),
                true => sources.shared.push(copied),
                false => {}
            }
        }
        Ok(sources)
    }
}
