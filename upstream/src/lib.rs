//! Finds, checks and patches the pristine SQLite that Seawall builds on.
//!
//! The order of work is [`Pin::load`] (which SQLite), [`locate::find`] (where it is), [`Source::read`] (is it that one),
//! [`Queue::load`] and [`Queue::apply`] (our hunks, each at exactly the line it names), [`inline::expand`] (our files in
//! place of the `#include` lines that the hunks add). [`amalgamation`] does all of it. The build script compiles what
//! comes out with [`flags`].
#![warn(missing_docs)]

mod error;
pub mod flags;
pub mod inline;
pub mod locate;
mod patch;
mod pin;
pub mod prefix;
mod queue;
mod source;

pub use error::Error;
pub use patch::{Change, Hunk, Line, Patch, Placement, Side};
pub use pin::{Pin, Version};
pub use queue::Queue;
pub use source::{FILES, Source, sha256};

use std::path::{Path, PathBuf};

/// The patched, self-contained SQLite, and what it was made from.
pub struct Amalgamation {
    /// The one C file to compile.
    pub c: String,
    /// The pristine files, of which the headers are installed as they are.
    pub source: Source,
    /// Every file that `c` was made from: a change in one of them makes another `c`.
    pub inputs: Vec<PathBuf>,
}

/// Makes the patched amalgamation of the package at `root`; `scratch` is a directory for cargo's throwaway manifest.
pub fn amalgamation(root: &Path, scratch: &Path) -> Result<Amalgamation, Error> {
    let pin = Pin::load(root)?;
    let queue = Queue::load(root)?;
    let source = Source::read(&locate::find(&pin, root, scratch)?, &pin)?;
    let patched = queue.apply(&source.c)?;
    let expanded = inline::expand(&patched.text(), &[&root.join("include"), &root.join("csrc")])?;
    let mut inputs = vec![Pin::path(root), Queue::dir(root)];
    inputs.extend(expanded.files);
    inputs.push(source.dir.join("sqlite3.c"));
    Ok(Amalgamation { c: expanded.text, source, inputs })
}
