use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::{Error, Pin, Version};

/// The files that make up a SQLite: the amalgamation and its two headers.
pub const FILES: [&str; 3] = ["sqlite3.c", "sqlite3.h", "sqlite3ext.h"];

/// A SQLite as its authors published it.
#[derive(Debug)]
pub struct Source {
    /// The directory that holds [`FILES`].
    pub dir: PathBuf,
    /// The text of sqlite3.c.
    pub c: String,
    /// What sqlite3.h gives as SQLITE_VERSION.
    pub version: Version,
    /// What sqlite3.h gives as SQLITE_SOURCE_ID.
    pub source_id: String,
    /// The SHA-256 of each of [`FILES`], in that order.
    pub sha256: [String; FILES.len()],
}

impl Source {
    /// Reads the SQLite in `dir` and makes sure that it is the pinned one.
    pub fn read(dir: &Path, pin: &Pin) -> Result<Source, Error> {
        let source = Source::read_any(dir)?;
        pin.accept(source.version)?;
        if source.version != pin.sqlite {
            return Err(Error::OtherVersion { dir: dir.to_owned(), found: source.version, pinned: pin.sqlite });
        }
        for ((name, found), expected) in FILES.iter().zip(&source.sha256).zip(&pin.sha256) {
            if found != expected {
                return Err(Error::Checksum { path: dir.join(name), expected: expected.clone(), found: found.clone() });
            }
        }
        Ok(source)
    }

    /// Reads the SQLite in `dir`, whichever it is.
    pub fn read_any(dir: &Path) -> Result<Source, Error> {
        let [c, h, ext] = FILES.map(|name| read(dir, name));
        let (c, h, ext) = (c?, h?, ext?);
        let define = |name: &str| {
            defined_string(&h, name).ok_or_else(|| Error::Io {
                action: "understand",
                path: dir.join("sqlite3.h"),
                cause: std::io::Error::other(format!("it does not define {name}")),
            })
        };
        let version = define("SQLITE_VERSION")?;
        let version = version.parse().map_err(|what: String| Error::Io {
            action: "understand",
            path: dir.join("sqlite3.h"),
            cause: std::io::Error::other(what),
        })?;
        Ok(Source {
            dir: dir.to_owned(),
            version,
            source_id: define("SQLITE_SOURCE_ID")?,
            sha256: [sha256(c.as_bytes()), sha256(h.as_bytes()), sha256(ext.as_bytes())],
            c,
        })
    }
}

fn read(dir: &Path, name: &'static str) -> Result<String, Error> {
    let path = dir.join(name);
    if !path.is_file() {
        return Err(Error::FileMissing { dir: dir.to_owned(), file: name });
    }
    fs::read_to_string(&path).map_err(|cause| Error::Io { action: "read", path, cause })
}

/// The string that a header defines `name` as.
fn defined_string(header: &str, name: &str) -> Option<String> {
    let value = header.lines().find_map(|line| {
        let rest = line.strip_prefix("#define ")?.strip_prefix(name)?;
        rest.starts_with(' ').then(|| rest.trim())
    })?;
    Some(value.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

/// The SHA-256 of `bytes` in lower-case hex.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIN: &str = include_str!("../../csrc/upstream.toml");

    /// A directory with a tiny SQLite of the given version, and a pin for it.
    fn tiny(version: &str) -> (tempfile::TempDir, Pin) {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir(root.join("csrc")).unwrap();
        fs::write(Pin::path(root), PIN).unwrap();
        let mut pin = Pin::load(root).unwrap();
        fs::write(root.join("sqlite3.c"), "int x;\n").unwrap();
        let header = format!(
            "#define SQLITE_VERSION_NUMBER 1\n#define SQLITE_VERSION        \"{version}\"\n#define SQLITE_SOURCE_ID      \"id\"\n"
        );
        fs::write(root.join("sqlite3.h"), header).unwrap();
        fs::write(root.join("sqlite3ext.h"), "\n").unwrap();
        let source = Source::read_any(root).unwrap();
        pin.sqlite = source.version;
        pin.sha256 = source.sha256;
        (dir, pin)
    }

    #[test]
    fn the_pinned_source_is_taken() {
        let (dir, pin) = tiny("3.54.9");
        let source = Source::read(dir.path(), &pin).unwrap();
        assert_eq!(source.c, "int x;\n");
        assert_eq!(source.source_id, "id");
    }

    #[test]
    fn a_changed_byte_is_refused_with_the_file_and_both_sums() {
        let (dir, pin) = tiny("3.54.9");
        fs::write(dir.path().join("sqlite3.c"), "int y;\n").unwrap();
        let error = Source::read(dir.path(), &pin).unwrap_err().to_string();
        assert!(error.contains("sqlite3.c is not the pinned file"), "{error}");
        assert!(error.contains(&pin.sha256[0]) && error.contains(&sha256(b"int y;\n")), "{error}");
    }

    #[test]
    fn another_version_than_the_pinned_one_is_refused() {
        let (dir, mut pin) = tiny("3.54.9");
        pin.sqlite = "3.54.8".parse().unwrap();
        let error = Source::read(dir.path(), &pin).unwrap_err().to_string();
        assert!(error.contains("holds SQLite 3.54.9, but csrc/upstream.toml pins 3.54.8"), "{error}");
    }

    #[test]
    fn an_old_version_is_called_old_whatever_its_checksum() {
        let (dir, pin) = tiny("3.50.4");
        let error = Source::read(dir.path(), &pin).unwrap_err().to_string();
        assert!(error.contains("SQLite 3.50.4 is too old"), "{error}");
    }

    #[test]
    fn a_directory_without_the_header_is_named() {
        let (dir, pin) = tiny("3.54.9");
        fs::remove_file(dir.path().join("sqlite3.h")).unwrap();
        let error = Source::read(dir.path(), &pin).unwrap_err().to_string();
        assert!(error.contains("holds no sqlite3.h; set SQLITE_AMALGAMATION_DIR"), "{error}");
    }

    #[test]
    fn sha256_is_sha256() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
