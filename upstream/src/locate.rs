//! Where the pristine amalgamation is.
//!
//! Cargo is asked, the one that is building: a throwaway manifest depends on the pinned package alone, and
//! `cargo metadata --offline` tells where that package lies. The working directory decides which cargo configuration,
//! and so which vendored sources, cargo sees; a few are tried.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Error, Pin};

/// Names a directory with the amalgamation, in place of the package that cargo knows.
pub const OVERRIDE: &str = "SQLITE_AMALGAMATION_DIR";

/// The directory of the pinned amalgamation: what [`OVERRIDE`] names, else what cargo knows.
///
/// `root` is the package's own directory; in `scratch` the throwaway manifest is written.
pub fn find(pin: &Pin, root: &Path, scratch: &Path) -> Result<PathBuf, Error> {
    match env::var_os(OVERRIDE) {
        Some(dir) if !dir.is_empty() => Ok(PathBuf::from(dir)),
        _ => {
            let requirement = format!("={}", pin.package_version);
            Ok(ask_cargo(&pin.package, &requirement, root, scratch, Network::Offline)?.dir)
        }
    }
}

/// May cargo download?
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// Only what is there already: a build.
    Offline,
    /// The package is fetched when it is not there: an upgrade.
    Online,
}

/// A package that carries an amalgamation.
#[derive(Debug)]
pub struct Package {
    /// Its version.
    pub version: String,
    /// The directory of the amalgamation in it.
    pub dir: PathBuf,
}

/// The newest package of that name that meets the requirement, as cargo knows it.
pub fn ask_cargo(
    name: &str,
    requirement: &str,
    root: &Path,
    scratch: &Path,
    network: Network,
) -> Result<Package, Error> {
    let dir = scratch.join("locate");
    let manifest = write_manifest(&dir, name, requirement)?;
    // The third is where the user started cargo: it finds a vendored package when the build directory is elsewhere.
    let started_in = env::var_os("PWD").map(PathBuf::from).filter(|pwd| pwd.is_dir());
    let not_found = |cause| Error::PackageNotFound { name: name.to_owned(), version: requirement.to_owned(), cause };
    let mut complaint = String::new();
    for cwd in [Some(root.to_owned()), Some(dir.clone()), started_in].into_iter().flatten() {
        match metadata(&manifest, &cwd, network) {
            Ok(json) => {
                let package = read_package(&json, name);
                return package.ok_or_else(|| not_found("its answer does not name the package".into()));
            }
            Err(text) => complaint = text,
        }
    }
    Err(not_found(complaint))
}

fn write_manifest(dir: &Path, name: &str, requirement: &str) -> Result<PathBuf, Error> {
    // `[workspace]` keeps cargo from taking the manifest for a member of a workspace around it. Without default features
    // nothing but the package itself need be known to cargo.
    let text = format!(
        "[package]\nname = \"locate\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[lib]\npath = \"lib.rs\"\n\n[workspace]\n\n\
         [dependencies]\n{name} = {{ version = \"{requirement}\", default-features = false }}\n",
    );
    let manifest = dir.join("Cargo.toml");
    let write = |path: &Path, text: &str| {
        fs::write(path, text).map_err(|cause| Error::Io { action: "write", path: path.to_owned(), cause })
    };
    fs::create_dir_all(dir).map_err(|cause| Error::Io { action: "create", path: dir.to_owned(), cause })?;
    write(&manifest, &text)?;
    write(&dir.join("lib.rs"), "")?;
    // A lock file of an earlier run names the source that was current then: vendored or not.
    match fs::remove_file(dir.join("Cargo.lock")) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::Io { action: "remove", path: dir.join("Cargo.lock"), cause })
        }
        _ => Ok(manifest),
    }
}

fn metadata(manifest: &Path, cwd: &Path, network: Network) -> Result<serde_json::Value, String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(&cargo);
    command.args(["metadata", "--format-version=1", "--quiet", "--manifest-path"]).arg(manifest).current_dir(cwd);
    if network == Network::Offline {
        command.arg("--offline");
    }
    let output = command.output().map_err(|e| format!("{} cannot be run: {e}", cargo.display()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(said.lines().map(str::trim).filter(|line| !line.is_empty()).take(3).collect::<Vec<_>>().join("; "));
    }
    serde_json::from_slice(&output.stdout).map_err(|e| format!("its answer is not JSON: {e}"))
}

fn read_package(metadata: &serde_json::Value, name: &str) -> Option<Package> {
    let package = metadata["packages"].as_array()?.iter().find(|p| p["name"] == name)?;
    let manifest = Path::new(package["manifest_path"].as_str()?);
    Some(Package { version: package["version"].as_str()?.to_owned(), dir: manifest.parent()?.join("sqlite3") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(requirement: &str) -> Result<Package, Error> {
        let dir = tempfile::tempdir().unwrap();
        ask_cargo("libsqlite3-sys", requirement, dir.path(), dir.path(), Network::Offline)
    }

    #[test]
    fn cargo_tells_where_the_pinned_package_is() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let pinned = Pin::load(root).unwrap().package_version;
        let found = ask(&format!("={pinned}")).unwrap();
        assert_eq!(found.version, pinned);
        assert!(found.dir.join("sqlite3.c").is_file(), "{}", found.dir.display());
    }

    #[test]
    fn a_package_that_cargo_lacks_is_named_with_the_way_out() {
        let error = ask("=0.0.1").unwrap_err().to_string();
        assert!(error.contains("cannot find the package libsqlite3-sys =0.0.1"), "{error}");
        assert!(error.contains("cargo fetch") && error.contains(OVERRIDE), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}
