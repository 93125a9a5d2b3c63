//! Does the package build wherever a dependency can come from?

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use seawall_upstream::Pin;

use crate::Failure;
use crate::args::Args;
use crate::workspace::{cargo, copy, make_dir, output, root, scratch, succeed, write};

/// Opens a database through rusqlite and tells which SQLite that is. (Only ours has geopoly, of those in the graph.)
const PROGRAM: &str = r#"
use seawall as _;

fn main() -> rusqlite::Result<()> {
    let sql = "SELECT sqlite_source_id() || ' geopoly=' || sqlite_compileoption_used('ENABLE_GEOPOLY')";
    let id: String = rusqlite::Connection::open("consumer.db")?.query_row(sql, [], |row| row.get(0))?;
    println!("{id}");
    Ok(())
}
"#;

/// rusqlite, sqlx and diesel in one program.
const ONE_SQLITE: &str = "examples/one-sqlite";

/// The same in a user's project, with the features that it does not turn on.
const SQLX_AND_DIESEL: &str = r#"
diesel = { version = "2.3", default-features = false, features = ["returning_clauses_for_sqlite_3_35"] }
libsqlite3-sys = { version = "0.37", features = ["bundled"] }
sqlx = { version = "0.9", default-features = false, features = ["runtime-tokio", "sqlite-unbundled"] }
tempfile = "3"
tokio = { version = "1", default-features = false, features = ["rt"] }

[patch.crates-io]
"#;

/// `cargo xtask consumers`
pub fn run(args: Args) -> Result<(), Failure> {
    args.end()?;
    let dir = scratch("consumers")?;
    for stale in ["repository", "projects", "cargo-home"] {
        if dir.join(stale).exists() {
            fs::remove_dir_all(dir.join(stale))?;
        }
    }
    let repository = snapshot(&dir.join("repository"))?;
    let path = format!("path = \"{}\"", repository.display());
    let git = format!("git = \"file://{}\"", repository.display());
    let projects = Projects { dir, source_id: Pin::load(root())?.source_id };

    let project = projects.create("path", &path, "")?;
    projects.runs("as a path dependency", &project, &mut projects.cargo(&project))?;

    let project = projects.create("git", &git, "")?;
    projects.runs("as a git dependency", &project, &mut projects.cargo(&project))?;

    let project = projects.create("bundled", &path, "wants-bundled = { path = \"wants-bundled\" }\n")?;
    make_dir(&project.join("wants-bundled/src"))?;
    write(&project.join("wants-bundled/src/lib.rs"), "")?;
    let manifest = "[package]\nname = \"wants-bundled\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                    [dependencies]\nrusqlite = { version = \"0.41\", features = [\"bundled\"] }\n";
    write(&project.join("wants-bundled/Cargo.toml"), manifest)?;
    projects.runs("beside a crate that asks for rusqlite's bundled", &project, &mut projects.cargo(&project))?;

    projects.one_sqlite(&repository, &git)?;

    for (name, from, what) in [
        ("vendored-git", &git, "from vendored sources"),
        ("vendored-path", &path, "as a path dependency, the rest vendored"),
    ] {
        let project = projects.create(name, from, "")?;
        make_dir(&project.join(".cargo"))?;
        let config = output(projects.cargo(&project).args(["vendor", "vendor"]))?;
        write(&project.join(".cargo/config.toml"), config)?;
        projects.runs(what, &project, projects.isolated(&project, "empty").arg("--offline"))?;
    }

    let project = projects.create("offline", &path, "")?;
    succeed(projects.isolated(&project, "fetched").args(["fetch", "--quiet"]))?;
    projects.runs("offline after cargo fetch", &project, projects.isolated(&project, "fetched").arg("--offline"))
}

/// A git repository with the files of this one as they are now, committed or not.
fn snapshot(to: &Path) -> Result<PathBuf, Failure> {
    let files = output(Command::new("git").current_dir(root()).args(["ls-files", "-z", "-co", "--exclude-standard"]))?;
    for file in files.split_terminator('\0').map(Path::new).filter(|file| root().join(file).is_file()) {
        let copied = to.join(file);
        make_dir(copied.parent().unwrap_or(to))?;
        copy(&root().join(file), &copied)?;
    }
    let to = fs::canonicalize(to)?;
    let git = || {
        let mut git = Command::new("git");
        git.current_dir(&to).args(["-c", "user.name=consumers", "-c", "user.email=consumers@localhost"]);
        git
    };
    succeed(git().args(["init", "--quiet"]))?;
    succeed(git().args(["add", "--all"]))?;
    succeed(git().args(["commit", "--quiet", "--message", "snapshot"]))?;
    Ok(to)
}

struct Projects {
    dir: PathBuf,
    source_id: String,
}

impl Projects {
    /// A project outside of any workspace of ours that depends on the package, which comes `from` somewhere.
    fn create(&self, name: &str, from: &str, more: &str) -> Result<PathBuf, Failure> {
        let project = self.dir.join("projects").join(name);
        make_dir(&project.join("src"))?;
        write(&project.join("src/main.rs"), PROGRAM)?;
        let manifest = format!(
            "[package]\nname = \"consumer\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nseawall = {{ {from} }}\nrusqlite = \"0.41\"\n{more}"
        );
        write(&project.join("Cargo.toml"), manifest)?;
        Ok(project)
    }

    /// Cargo as the user of the project starts it.
    fn cargo(&self, project: &Path) -> Command {
        let mut cargo = cargo();
        // One build directory for all, so that they compile what they have in common once.
        cargo.current_dir(project).env("PWD", project).env("CARGO_TARGET_DIR", self.dir.join("target"));
        // Whether it builds does not hang on the optimisation, and it is much faster.
        cargo.env("CFLAGS", "-O0");
        cargo
    }

    /// Cargo that knows only what it fetched into this home.
    fn isolated(&self, project: &Path, home: &str) -> Command {
        let mut cargo = self.cargo(project);
        cargo.env("CARGO_HOME", self.dir.join("cargo-home").join(home));
        cargo
    }

    /// Builds the program, which must then run on our SQLite.
    fn runs(&self, what: &str, project: &Path, cargo: &mut Command) -> Result<(), Failure> {
        let said = output(cargo.args(["run", "--quiet"]))?;
        let wanted = format!("{} geopoly=1", self.source_id);
        if said.trim() != wanted {
            return Err(format!("{what}: {} says `{}`, not `{wanted}`", project.display(), said.trim()).into());
        }
        println!("builds and runs {what}");
        Ok(())
    }

    /// The example as it stands, and its program with the patch from git. That one SQLite serves all three crates, the
    /// program sees for itself: through each it reads what the others wrote into a log on the heap.
    fn one_sqlite(&self, repository: &Path, git: &str) -> Result<(), Failure> {
        let example = repository.join(ONE_SQLITE);
        self.runs_all("beside sqlx and diesel", &example, self.cargo(&example).arg("--locked"))?;

        let more = format!("{SQLX_AND_DIESEL}libsqlite3-sys = {{ {git} }}\n");
        let project = self.create("sqlx-and-diesel", git, &more)?;
        copy(&example.join("src/main.rs"), &project.join("src/main.rs"))?;
        self.runs_all("beside sqlx and diesel, patched from git", &project, &mut self.cargo(&project))
    }

    /// Builds that program, in which every crate must name our SQLite.
    fn runs_all(&self, what: &str, project: &Path, cargo: &mut Command) -> Result<(), Failure> {
        let said = output(cargo.args(["run", "--quiet"]))?;
        for name in ["rusqlite", "diesel", "sqlx"] {
            let wanted = format!("{name}: SQLite {}", self.source_id);
            if !said.lines().any(|line| line == wanted) {
                return Err(format!("{what}: {} does not say `{wanted}` but:\n{said}", project.display()).into());
            }
        }
        println!("builds and runs {what}");
        Ok(())
    }
}
