//! The two libraries that the benches compare: stock SQLite and ours, compiled in the same way.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use seawall_upstream::{Amalgamation, amalgamation, flags, sha256};

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// One of the two.
pub struct Side {
    pub name: &'static str,
    /// SQLite, compiled.
    pub object: PathBuf,
}

/// Both, and how they were compiled.
pub struct Sides {
    pub stock: Side,
    pub ours: Side,
    /// Holds sqlite3.h.
    pub include: PathBuf,
}

impl Sides {
    /// Compiles both, unless they are there from a run before.
    pub fn compile() -> Result<Sides, Failure> {
        let dir = scratch("sides")?;
        let Amalgamation { c, source, .. } = amalgamation(root(), &dir)?;
        let include = source.dir;
        let (stock, ours) = thread::scope(|scope| {
            let stock = scope.spawn(|| object("stock", &source.c, &include, &dir));
            let ours = object("ours", &c, &include, &dir);
            (stock.join(), ours)
        });
        let stock = stock.map_err(|_| "the thread that compiles stock SQLite panicked")??;
        Ok(Sides { stock: Side { name: "stock", object: stock }, ours: Side { name: "ours", object: ours? }, include })
    }
}

/// The directory of the package.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A directory of the benches' own below cargo's target directory.
pub fn scratch(name: &str) -> Result<PathBuf, Failure> {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&dir).map_err(|e| format!("cannot create {}: {e}", dir.display()))?;
    Ok(dir)
}

/// The C compiler: what CC names, else `cc`.
pub fn compiler() -> Command {
    Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()))
}

/// What build.rs compiles with.
pub fn compile_flags() -> Result<Vec<OsString>, Failure> {
    let extra = env::var(flags::EXTRA).unwrap_or_default();
    let definitions = flags::definitions(env::consts::FAMILY, env::consts::OS, &extra)?;
    let fixed = ["-O2", "-fPIC", "-ffunction-sections", "-fdata-sections"].into_iter().chain(flags::WARNINGS);
    Ok(fixed.map(OsString::from).chain(definitions.into_iter().map(OsString::from)).collect())
}

/// Compiles `text`, or finds the object that the same text and flags gave before.
fn object(name: &str, text: &str, include: &Path, dir: &Path) -> Result<PathBuf, Failure> {
    let version = output(compiler().arg("--version"))?;
    let flags = compile_flags()?;
    let key = sha256(format!("{version}\n{flags:?}\n{text}").as_bytes());
    let object = dir.join(format!("{name}-{}.o", &key[..16]));
    if object.exists() {
        return Ok(object);
    }
    eprintln!("compiling {name} …");
    let c = dir.join(format!("{name}.c"));
    let unfinished = dir.join(format!("{name}.o.part"));
    fs::write(&c, text).map_err(|e| format!("cannot write {}: {e}", c.display()))?;
    output(compiler().args(flags).arg("-I").arg(include).arg("-c").arg(&c).arg("-o").arg(&unfinished))?;
    fs::rename(&unfinished, &object).map_err(|e| format!("cannot rename {}: {e}", unfinished.display()))?;
    Ok(object)
}

/// Runs a program that must succeed, and gives what it writes to its standard output.
pub fn output(command: &mut Command) -> Result<String, Failure> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|e| format!("{program} cannot be run: {e}"))?;
    if !output.status.success() {
        let words: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`{program} {}` failed: {}\n{said}", words.join(" "), output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
