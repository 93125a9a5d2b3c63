use std::process::Command;

use seawall_upstream::flags;

use crate::Failure;
use crate::args::Args;
use crate::workspace::{c_compiler, on_every_core, scratch, succeed, write};

/// Each adds or takes away an entry of the WAL's method table, or checks more.
const CONFIGS: [(&str, &str); 9] = [
    ("plain", ""),
    ("snapshot", "-DSQLITE_ENABLE_SNAPSHOT"),
    ("setlk-timeout", "-DSQLITE_ENABLE_SETLK_TIMEOUT"),
    ("setlk-timeout-blocking-connect", "-DSQLITE_ENABLE_SETLK_TIMEOUT=2"),
    ("debug", "-DSQLITE_DEBUG"),
    ("walstat", "-DSQLITE_ENABLE_WALSTAT"),
    ("zipvfs", "-DSQLITE_ENABLE_ZIPVFS"),
    ("omit-wal", "-DSQLITE_OMIT_WAL"),
    (
        "all",
        "-DSQLITE_ENABLE_SNAPSHOT -DSQLITE_ENABLE_SETLK_TIMEOUT -DSQLITE_ENABLE_WALSTAT -DSQLITE_ENABLE_ZIPVFS -DSQLITE_DEBUG",
    ),
];

/// `cargo xtask configs`
pub fn run(args: Args) -> Result<(), Failure> {
    args.end()?;
    let dir = scratch("configs")?;
    let c = dir.join("sqlite3.c");
    write(&c, crate::amalgamation::make()?.c)?;
    on_every_core(&CONFIGS, |(name, extra)| {
        println!("{name}: {}", if extra.is_empty() { "no further options" } else { extra });
        let definitions = flags::definitions("unix", std::env::consts::OS, extra)?;
        // Unoptimised: whether it compiles does not hang on it, and it is much faster.
        let mut cc = Command::new(c_compiler());
        cc.args(["-O0", "-DSEAWALL_BACKENDS", "-DSEAWALL_WASM", "-DSEAWALL_TIMELINE", "-c"])
            .args(definitions)
            .args(flags::WARNINGS)
            .arg(&c);
        succeed(cc.arg("-o").arg(dir.join(name).with_extension("o")))
    })?;
    println!("{} configurations compile", CONFIGS.len());
    Ok(())
}
