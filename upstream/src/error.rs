use std::fmt;
use std::path::PathBuf;

use crate::Version;

/// Why SQLite could not be made ready. Each prints as one sentence that names the object and the next step.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A file of ours or of SQLite's could not be read or written.
    Io {
        /// What was to be done, as in `read`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// `csrc/upstream.toml` does not hold what it must.
    Pin {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// Cargo knows no such package.
    PackageNotFound {
        /// Its name.
        name: String,
        /// The version that was asked for, as a manifest asks.
        version: String,
        /// What cargo said, in one line.
        cause: String,
    },
    /// The directory is not that of an amalgamation.
    FileMissing {
        /// The directory.
        dir: PathBuf,
        /// The file that it lacks.
        file: &'static str,
    },
    /// A file is not the pinned one, though its version is.
    Checksum {
        /// The file.
        path: PathBuf,
        /// The SHA-256 that is pinned.
        expected: String,
        /// The SHA-256 that was found.
        found: String,
    },
    /// The SQLite is older than what we can stand on.
    TooOld {
        /// The version that was found.
        found: Version,
        /// The oldest that will do.
        oldest: Version,
    },
    /// SQLite's developers took this release back.
    Withdrawn {
        /// The version that was found.
        found: Version,
    },
    /// The SQLite is one that we could stand on, but not the pinned one.
    OtherVersion {
        /// The directory it is in.
        dir: PathBuf,
        /// The version that was found.
        found: Version,
        /// The version that is pinned.
        pinned: Version,
    },
    /// A patch file is not a patch.
    BadPatch {
        /// The file's name.
        patch: String,
        /// The line in it, from 1.
        line: usize,
        /// What is wrong there.
        what: String,
    },
    /// A hunk does not match the text at the line it names.
    Hunk {
        /// The patch file's name.
        patch: String,
        /// The hunk's number in the file, from 1.
        hunk: usize,
        /// The line of the text where the first difference is, from 1.
        line: usize,
        /// What the hunk wants there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A file of ours includes one that is not there.
    Include {
        /// The file with the `#include` line.
        file: String,
        /// The name that it includes.
        name: String,
    },
    /// `LIBSQLITE3_FLAGS` holds something else than a definition.
    Flag {
        /// The word.
        word: String,
    },
    /// The C compiler cannot be run.
    NoCompiler {
        /// The program that was tried.
        program: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The C compiler ran and failed.
    Compile {
        /// The file that was compiled.
        path: PathBuf,
        /// The compiler.
        compiler: PathBuf,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Io { action, path, cause } => write!(f, "cannot {action} {}: {cause}", path.display()),
            Error::Pin { path, what } => {
                write!(
                    f,
                    "{} is not a usable pin: {what}; mend it or run `cargo xtask upgrade VERSION`",
                    path.display()
                )
            }
            Error::PackageNotFound { name, version, cause } => write!(
                f,
                "cargo cannot find the package {name} {version}, which holds SQLite; run `cargo fetch`, or set \
                 SQLITE_AMALGAMATION_DIR to the directory of its sqlite3.c (cargo said: {cause})"
            ),
            Error::FileMissing { dir, file } => write!(
                f,
                "{} holds no {file}; set SQLITE_AMALGAMATION_DIR to a directory with sqlite3.c, sqlite3.h and sqlite3ext.h, or unset it",
                dir.display()
            ),
            Error::Checksum { path, expected, found } => write!(
                f,
                "{} is not the pinned file: its SHA-256 is {found}, csrc/upstream.toml wants {expected}; restore the pristine file",
                path.display()
            ),
            Error::TooOld { found, oldest } => write!(
                f,
                "SQLite {found} is too old: releases before {oldest} can corrupt a database when the WAL is reset; use {oldest} or later"
            ),
            Error::Withdrawn { found } => {
                write!(f, "SQLite {found} was withdrawn by its developers; use another release")
            }
            Error::OtherVersion { dir, found, pinned } => write!(
                f,
                "{} holds SQLite {found}, but csrc/upstream.toml pins {pinned}; provide that one or run `cargo xtask upgrade {found}`",
                dir.display()
            ),
            Error::BadPatch { patch, line, what } => {
                write!(f, "csrc/patches/{patch}, line {line}: {what}")
            }
            Error::Hunk { patch, hunk, line, expected, found } => write!(
                f,
                "hunk {hunk} of csrc/patches/{patch} does not match sqlite3.c: line {line} should be `{expected}` but is \
                 `{found}`; `cargo xtask queue` shows where it would"
            ),
            Error::Include { file, name } => {
                write!(
                    f,
                    "{file} includes \"{name}\", which is in neither include/ nor csrc/; add the file or mend the name"
                )
            }
            Error::Flag { word } => {
                write!(f, "LIBSQLITE3_FLAGS holds `{word}`; only -DNAME, -UNAME and SQLITE_NAME words are understood")
            }
            Error::NoCompiler { program, cause } => write!(
                f,
                "no C compiler: `{}` cannot be run ({cause}); install gcc or clang, or name one in CC",
                program.display()
            ),
            Error::Compile { path, compiler } => {
                write!(f, "{} does not compile {}; its messages above say why", compiler.display(), path.display())
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io { cause, .. } | Error::NoCompiler { cause, .. } => Some(cause),
            _ => None,
        }
    }
}
