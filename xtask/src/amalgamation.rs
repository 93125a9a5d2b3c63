use std::path::{Path, PathBuf};

use seawall_upstream::{Amalgamation, amalgamation};

use crate::Failure;
use crate::args::Args;
use crate::workspace::{copy, make_dir, root, scratch, write};

/// `cargo xtask amalgamation [--pristine] DIR`
pub fn run(mut args: Args) -> Result<(), Failure> {
    let pristine = args.flag("--pristine");
    let dir = PathBuf::from(args.word("DIR")?);
    args.end()?;
    let amalgamation = make()?;
    make_dir(&dir)?;
    write(&dir.join("sqlite3.c"), if pristine { &amalgamation.source.c } else { &amalgamation.c })?;
    copy_headers(&amalgamation, &dir)
}

/// The patched SQLite of this workspace.
pub fn make() -> Result<Amalgamation, Failure> {
    Ok(amalgamation(root(), &scratch("amalgamation")?)?)
}

/// The headers: upstream's as they are, and ours.
pub fn copy_headers(amalgamation: &Amalgamation, dir: &Path) -> Result<(), Failure> {
    for name in ["sqlite3.h", "sqlite3ext.h"] {
        copy(&amalgamation.source.dir.join(name), &dir.join(name))?;
    }
    for name in ["libsql.h", "libsqlext.h", "seawall.h"] {
        copy(&root().join("include").join(name), &dir.join(name))?;
    }
    Ok(())
}
