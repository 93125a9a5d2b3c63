//! How much larger our shared library is than one of stock SQLite. `cargo bench --bench size`
//!
//! What is installed is what is weighed, and `cargo xtask` knows how that is made and what the limit is.

use std::env;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let weighed = Command::new(cargo).args(["xtask", "size"]).current_dir(env!("CARGO_MANIFEST_DIR")).status();
    match weighed {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: cargo cannot be run: {error}");
            ExitCode::FAILURE
        }
    }
}
