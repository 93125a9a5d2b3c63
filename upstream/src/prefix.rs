//! Symbols with a prefix, for a program that links another SQLite as well.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;

/// What every exported symbol begins with.
pub const PREFIX: &str = "seawall_";

/// The header that gives the symbols their prefix.
pub const HEADER: &str = "seawall_prefix.h";

/// The files that the header is made from: its frame, and the list of exported symbols.
pub fn inputs(root: &Path) -> [PathBuf; 2] {
    [root.join("include/seawall_prefix.h.in"), root.join("tests/exports.txt")]
}

/// The text of [`HEADER`] for the package at `root`. The amalgamation, too, gets prefixed symbols when it stands before it.
pub fn header(root: &Path) -> Result<String, Error> {
    let [frame, exports] = inputs(root);
    let pragma = |name: &str| format!("#pragma redefine_extname {name} {PREFIX}{name}");
    let pragmas: Vec<_> = read(exports)?.lines().map(pragma).collect();
    Ok(read(frame)?.replace("@PRAGMAS@", &pragmas.join("\n")))
}

fn read(path: PathBuf) -> Result<String, Error> {
    fs::read_to_string(&path).map_err(|cause| Error::Io { action: "read", path, cause })
}
