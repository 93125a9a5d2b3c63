//! What does a build that cannot succeed say? One sentence each, which names the object and the next step.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use seawall_upstream::{FILES, Pin, locate};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A package of its own with our build script, patches and headers, and nothing to compile besides.
struct Package {
    dir: tempfile::TempDir,
}

impl Package {
    fn new() -> Package {
        let package = Package { dir: tempfile::tempdir().unwrap() };
        let manifest = format!(
            "[package]\nname = \"seawall\"\nversion = \"0.0.0\"\nedition = \"2024\"\nlinks = \"seawall\"\nbuild = \"{root}/build.rs\"\n\n\
             [workspace]\n\n[build-dependencies]\ncc = \"1.2\"\nseawall-upstream = {{ path = \"{root}/upstream\" }}\n",
            root = root().display()
        );
        package.write("Cargo.toml", &manifest);
        package.write("src/lib.rs", "");
        for dir in ["csrc", "csrc/patches", "include"] {
            for entry in fs::read_dir(root().join(dir)).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    let name = path.file_name().unwrap().to_str().unwrap();
                    package.write(&format!("{dir}/{name}"), &fs::read_to_string(&path).unwrap());
                }
            }
        }
        package
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{name} does not hold {from}");
        self.write(name, &text.replacen(from, to, 1));
    }

    /// Puts a copy of the pristine SQLite beside the package.
    fn copy_sqlite(&self) -> PathBuf {
        let pristine = locate::find(&Pin::load(root()).unwrap(), root(), self.dir.path()).unwrap();
        fs::create_dir(self.path("sqlite")).unwrap();
        for file in FILES {
            fs::copy(pristine.join(file), self.path("sqlite").join(file)).unwrap();
        }
        self.path("sqlite")
    }

    /// The sentence with which the build fails.
    fn error(&self, environment: &[(&str, &Path)]) -> String {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--offline", "--color", "never"]).current_dir(self.dir.path());
        cargo.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("build-errors"));
        cargo.envs(environment.iter().copied());
        let output = cargo.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "the build succeeds: {said}");
        let errors: Vec<_> = said.lines().filter_map(|line| line.strip_prefix("error: seawall@0.0.0: ")).collect();
        assert_eq!(errors.len(), 1, "{said}");
        errors[0].to_owned()
    }
}

#[test]
fn a_package_that_cargo_does_not_know() {
    let package = Package::new();
    let version = Pin::load(root()).unwrap().package_version;
    package.edit("csrc/upstream.toml", &format!("version = \"{version}\""), "version = \"0.0.1\"");
    let error = package.error(&[]);
    assert!(error.starts_with("cargo cannot find the package libsqlite3-sys =0.0.1"), "{error}");
    assert!(error.contains("run `cargo fetch`"), "{error}");
}

#[test]
fn a_directory_that_holds_no_sqlite() {
    let package = Package::new();
    let error = package.error(&[("SQLITE_AMALGAMATION_DIR", &package.path("include"))]);
    assert!(error.ends_with("sqlite3ext.h, or unset it") && error.contains("include holds no sqlite3.c"), "{error}");
}

#[test]
fn a_sqlite_of_which_a_byte_was_changed() {
    let package = Package::new();
    let sqlite = package.copy_sqlite();
    package.edit("sqlite/sqlite3.c", "SQLITE", "SQLlTE");
    let error = package.error(&[("SQLITE_AMALGAMATION_DIR", &sqlite)]);
    assert!(error.contains("sqlite3.c is not the pinned file: its SHA-256 is "), "{error}");
}

#[test]
fn a_sqlite_that_is_too_old_or_withdrawn() {
    let pin = Pin::load(root()).unwrap();
    let defined = |version| format!("#define SQLITE_VERSION        \"{version}\"");
    for (version, complaint) in
        [("3.51.2".to_owned(), "is too old"), (pin.withdrawn[0].to_string(), "was withdrawn by its developers")]
    {
        let package = Package::new();
        let sqlite = package.copy_sqlite();
        package.edit("sqlite/sqlite3.h", &defined(pin.sqlite.to_string()), &defined(version.clone()));
        let error = package.error(&[("SQLITE_AMALGAMATION_DIR", &sqlite)]);
        assert!(error.starts_with(&format!("SQLite {version} {complaint}")), "{error}");
    }
}

#[test]
fn a_hunk_that_does_not_match() {
    let package = Package::new();
    let mut patches: Vec<_> = fs::read_dir(package.path("csrc/patches")).unwrap().map(|e| e.unwrap().path()).collect();
    patches.sort();
    let name = patches[0].file_name().unwrap().to_str().unwrap();
    let text = fs::read_to_string(&patches[0]).unwrap();
    let context =
        text.lines().skip_while(|l| !l.starts_with("@@")).find(|l| l.starts_with(' ') && l.len() > 5).unwrap();
    package.write(&format!("csrc/patches/{name}"), &text.replacen(context, " no such line", 1));
    let error = package.error(&[]);
    assert!(error.starts_with(&format!("hunk 1 of csrc/patches/{name} does not match sqlite3.c: line ")), "{error}");
    assert!(error.contains(&format!("should be `no such line` but is `{}`", &context[1..])), "{error}");
}

#[test]
fn a_machine_without_a_c_compiler() {
    let error = Package::new().error(&[("CC", Path::new("/nonexistent/cc"))]);
    assert!(error.starts_with("no C compiler: `/nonexistent/cc` cannot be run"), "{error}");
    assert!(error.ends_with("install gcc or clang, or name one in CC"), "{error}");
}

#[test]
fn an_option_that_is_no_definition() {
    let error = Package::new().error(&[("LIBSQLITE3_FLAGS", Path::new("-DSQLITE_DEBUG -O3"))]);
    assert_eq!(error, "LIBSQLITE3_FLAGS holds `-O3`; only -DNAME, -UNAME and SQLITE_NAME words are understood");
}
