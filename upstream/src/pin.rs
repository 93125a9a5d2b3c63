use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::{Error, FILES};

/// A SQLite version, as in `3.54.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version([u32; 3]);

impl Version {
    /// Can SQLite have this version? (The packages that carry it are at 0.x.)
    pub fn is_sqlite(self) -> bool {
        self.0[0] == 3
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Result<Vec<u32>, _> = text.split('.').map(str::parse).collect();
        match numbers.as_deref() {
            Ok(&[major, minor, patch]) => Ok(Version([major, minor, patch])),
            _ => Err(format!("`{text}` is not a version like 3.54.1")),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Version([major, minor, patch]) = self;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// What `csrc/upstream.toml` says.
#[derive(Clone, Debug)]
pub struct Pin {
    /// The package that carries SQLite.
    pub package: String,
    /// The version of that package.
    pub package_version: String,
    /// The version of SQLite in it.
    pub sqlite: Version,
    /// Its SQLITE_SOURCE_ID.
    pub source_id: String,
    /// The oldest SQLite that we can stand on.
    pub oldest: Version,
    /// Releases that were taken back.
    pub withdrawn: Vec<Version>,
    /// The SHA-256 of each of [`FILES`], in that order, in lower-case hex.
    pub sha256: [String; FILES.len()],
}

impl Pin {
    /// Where the pin of the package at `root` stands.
    pub fn path(root: &Path) -> PathBuf {
        root.join("csrc").join("upstream.toml")
    }

    /// Reads the pin of the package at `root`. A pin that names an unsuitable SQLite is an error.
    pub fn load(root: &Path) -> Result<Pin, Error> {
        let path = Pin::path(root);
        let text =
            fs::read_to_string(&path).map_err(|cause| Error::Io { action: "read", path: path.clone(), cause })?;
        let pin = Pin::parse(&text).map_err(|what| Error::Pin { path, what })?;
        pin.accept(pin.sqlite)?;
        Ok(pin)
    }

    fn parse(text: &str) -> Result<Pin, String> {
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| e.message().to_owned())?;
        let value = |section: &str, key: &str| {
            table.get(section).and_then(|s| s.get(key)).ok_or_else(|| format!("`{key}` is missing in [{section}]"))
        };
        let string = |section: &str, key: &str| {
            value(section, key)?
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| format!("`{key}` in [{section}] is not a string"))
        };
        let withdrawn = value("sqlite", "withdrawn")?.as_array().ok_or("`withdrawn` is not a list")?;
        let mut sha256 = FILES.map(|_| String::new());
        for (sum, file) in sha256.iter_mut().zip(FILES) {
            *sum = string("sha256", file)?;
        }
        Ok(Pin {
            package: string("package", "name")?,
            package_version: string("package", "version")?,
            sqlite: string("sqlite", "version")?.parse()?,
            source_id: string("sqlite", "source-id")?,
            oldest: string("sqlite", "oldest")?.parse()?,
            withdrawn: withdrawn
                .iter()
                .map(|v| v.as_str().ok_or("`withdrawn` holds something else than strings")?.parse())
                .collect::<Result<_, String>>()?,
            sha256,
        })
    }

    /// Is this a SQLite that we may stand on?
    pub fn accept(&self, found: Version) -> Result<(), Error> {
        if found < self.oldest {
            return Err(Error::TooOld { found, oldest: self.oldest });
        }
        if self.withdrawn.contains(&found) {
            return Err(Error::Withdrawn { found });
        }
        Ok(())
    }

    /// The text of `csrc/upstream.toml` with this pin's values in place of those in `text`; comments stay.
    pub fn rewrite(&self, text: &str) -> String {
        let mut section = String::new();
        let mut out = String::new();
        for line in text.lines() {
            if let Some(name) = line.strip_prefix('[') {
                section = name.trim_end_matches(']').to_owned();
            }
            let key = line.split('=').next().unwrap_or_default().trim().trim_matches('"');
            let value = match (section.as_str(), key) {
                ("package", "version") => Some(self.package_version.clone()),
                ("sqlite", "version") => Some(self.sqlite.to_string()),
                ("sqlite", "source-id") => Some(self.source_id.clone()),
                ("sha256", file) => FILES.iter().position(|f| *f == file).map(|i| self.sha256[i].clone()),
                _ => None,
            };
            match value {
                Some(value) => {
                    let left = &line[..=line.find('=').unwrap_or(line.len() - 1)];
                    out.push_str(&format!("{left} \"{value}\""));
                }
                None => out.push_str(line),
            }
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = include_str!("../../csrc/upstream.toml");

    #[test]
    fn a_version_older_than_the_wal_reset_fix_is_refused() {
        let pin = Pin::parse(TEXT).unwrap();
        let error = pin.accept("3.51.2".parse().unwrap()).unwrap_err().to_string();
        assert!(error.contains("SQLite 3.51.2 is too old"), "{error}");
        assert!(pin.accept("3.51.3".parse().unwrap()).is_ok());
    }

    #[test]
    fn a_withdrawn_release_is_refused() {
        let pin = Pin::parse(TEXT).unwrap();
        let error = pin.accept("3.52.0".parse().unwrap()).unwrap_err().to_string();
        assert!(error.contains("SQLite 3.52.0 was withdrawn"), "{error}");
    }

    #[test]
    fn a_key_that_is_missing_is_named() {
        let error = Pin::parse(&TEXT.replace("source-id", "sourceid")).unwrap_err();
        assert_eq!(error, "`source-id` is missing in [sqlite]");
    }

    #[test]
    fn rewriting_changes_the_values_alone() {
        let mut pin = Pin::parse(TEXT).unwrap();
        assert_eq!(pin.rewrite(TEXT), TEXT);
        pin.sqlite = "3.99.7".parse().unwrap();
        pin.sha256[1] = "abc".into();
        let again = Pin::parse(&pin.rewrite(TEXT)).unwrap();
        assert_eq!(again.sqlite, pin.sqlite);
        assert_eq!(again.sha256, pin.sha256);
        assert_eq!(pin.rewrite(TEXT).lines().count(), TEXT.lines().count());
    }
}
