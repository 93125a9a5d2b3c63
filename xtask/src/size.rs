use std::fs;
use std::path::Path;
use std::process::Command;

use seawall_upstream::{Pin, flags, locate};

use crate::Failure;
use crate::args::Args;
use crate::install::{LINK, build_shared, optional_features};
use crate::workspace::{c_compiler, root, scratch, succeed};

/// How many per cent larger than the stock library ours may be, Rust's std included.
const PERCENT_MAX: u64 = 25;

/// `cargo xtask size [--timeline] [--wasm]`
pub fn run(mut args: Args) -> Result<(), Failure> {
    let features = optional_features(&mut args);
    args.end()?;
    let dir = scratch("size")?;
    let pristine = locate::find(&Pin::load(root())?, root(), &dir)?;
    let stock = dir.join("stock.so");
    let mut cc = Command::new(c_compiler());
    cc.args(["-shared", "-O2", "-fPIC", "-ffunction-sections", "-fdata-sections"]);
    cc.args(flags::definitions("unix", std::env::consts::OS, "")?).arg(pristine.join("sqlite3.c"));
    cc.args(LINK).args(["-lm", "-ldl", "-lpthread", "-o"]).arg(&stock);
    succeed(&mut cc)?;
    let stock = size(&stock)?;
    let more = |ours: u64| (ours * 100).div_ceil(stock).saturating_sub(100);
    if !features.is_empty() {
        let ours = size(&build_shared(&features, None)?.1)?;
        println!("stock {stock} bytes, with {} {ours} bytes: {} % more", features.join(" and "), more(ours));
        return Ok(());
    }
    let ours = size(&build_shared(&[], None)?.1)?;
    let percent = more(ours);
    println!("stock {stock} bytes, ours {ours} bytes: {percent} % more");
    if percent > PERCENT_MAX {
        return Err(format!("the shared library may be at most {PERCENT_MAX} % larger than stock").into());
    }
    Ok(())
}

fn size(path: &Path) -> Result<u64, Failure> {
    Ok(fs::metadata(path)?.len())
}
