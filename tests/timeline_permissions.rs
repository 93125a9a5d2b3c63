//! Who may use what a timeline makes? Those who may use the database, whatever the umask is.

#![cfg(unix)]

mod common;

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use common::{Env, assert_sound, checkpoint, code, get, logged};
use rusqlite::ffi::SQLITE_CANTOPEN;
use seawall::timeline::storage::Disk;
use seawall::timeline::{History, Keep, Timeline, prune};

/// Segments are sealed early, so that there are many.
fn small(name: &str) -> Env {
    seawall::register(name, Timeline::on(Arc::new(Disk), 60_000)).unwrap();
    Env::new(name)
}

/// Commit, seal, prune, branch and export, and go on in the branch.
fn make_everything(uri: &str, folder: &Path) {
    let open = |uri: &str| rusqlite::Connection::open(uri).unwrap();
    let db = open(uri);
    db.execute_batch("CREATE TABLE IF NOT EXISTS t(a)").unwrap();
    for _ in 0..60 {
        db.execute("INSERT INTO t VALUES(zeroblob(3000))", []).unwrap();
    }
    checkpoint(&db, "TRUNCATE");
    prune(&db, "main", Keep::parse("20 commits").unwrap(), |_, _| true).unwrap();
    let history = History::open(folder.join("t.db")).unwrap();
    history.export(history.newest(), folder.join("export.db"), |_, _| true).unwrap();
    history.branch(history.newest() - 1, folder.join("branch.db"), |_, _| true).unwrap();
    let branch = open(&uri.replace("t.db", "branch.db"));
    branch.execute_batch("DELETE FROM t").unwrap();
    for db in [db, branch] {
        assert_sound(&db);
    }
}

fn set_mode(path: impl AsRef<Path>, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

/// An empty database, of somebody.
fn begin(folder: &Path, mode: u32, owner: Option<u32>) {
    let path = folder.join("t.db");
    fs::write(&path, "").unwrap();
    chown(&path, owner, owner).unwrap();
    set_mode(&path, mode);
}

/// What is in the folder of a timeline.
fn files(timeline: &Path) -> Vec<PathBuf> {
    fs::read_dir(timeline).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// What there is of a database and its timeline: files of all kinds, and folders.
fn all(folder: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let folders: Vec<_> = ["t.db-timeline", "branch.db-timeline"].map(|name| folder.join(name)).into();
    let mut found: Vec<_> = ["t.db", "branch.db", "export.db"].map(|name| folder.join(name)).into();
    found.extend(folders.iter().flat_map(|folder| files(folder)));
    for kind in ["lock", "state", ".base", ".seg"] {
        assert!(found.iter().filter(|path| path.to_string_lossy().ends_with(kind)).count() > 1, "{kind} in {found:?}");
    }
    (found, folders)
}

fn assert_modes(folder: &Path, file_mode: u32, folder_mode: u32) {
    let (files, folders) = all(folder);
    for (paths, expected) in [(files, file_mode), (folders, folder_mode)] {
        for path in paths {
            assert_eq!(mode(&path), expected, "{:o} of {}, not {expected:o}", mode(&path), path.display());
        }
    }
}

/// A folder in which other processes work, as other users if this one may choose.
struct Folder {
    dir: tempfile::TempDir,
    program: PathBuf,
}

/// A user. The group has the same number.
#[derive(Clone, Copy)]
struct User {
    number: Option<u32>,
    group: Option<u32>,
    umask: u32,
}

const ME: User = User { number: None, group: None, umask: 0o022 };
const ANN: User = User { number: Some(61_001), ..ME };
const BOB: User = User { number: Some(61_002), ..ME };
const TEAM: u32 = 61_003;

/// Whether this process may be somebody else.
fn is_root() -> bool {
    // SAFETY: it has no conditions.
    unsafe { libc::geteuid() == 0 }
}

impl Folder {
    fn new(mode: u32) -> Folder {
        let dir = tempfile::tempdir().unwrap();
        // Others may not come to where it is.
        let program = dir.path().join("program");
        fs::copy(env::current_exe().unwrap(), &program).unwrap();
        set_mode(&program, 0o755);
        set_mode(dir.path(), mode);
        Folder { dir, program }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    /// See [`somebody`].
    fn run(&self, user: User, task: &str) {
        let mut command = Command::new(&self.program);
        command.args(["--exact", "somebody", "--ignored", "--nocapture"]);
        command.env("TASK", task).env("FOLDER", self.path()).current_dir(self.path());
        let become_user = move || {
            // SAFETY: these are calls of the system alone, and the group lives as long as the call.
            let failed = unsafe {
                libc::umask(user.umask as libc::mode_t);
                user.number.is_some_and(|number| {
                    let others = user.group.unwrap_or(number);
                    libc::setgroups(1, &raw const others) != 0 || libc::setgid(number) != 0 || libc::setuid(number) != 0
                })
            };
            if failed { Err(std::io::Error::last_os_error()) } else { Ok(()) }
        };
        // SAFETY: it allocates nothing and takes no lock.
        unsafe { command.pre_exec(become_user) };
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("1 passed"), "{task}: {said}");
    }
}

#[test]
#[ignore = "the other tests run it as another user"]
fn somebody() {
    let Some(folder) = env::var_os("FOLDER").map(PathBuf::from) else { return };
    let env = small("timeline-permissions");
    let uri = common::uri(&folder.join("t.db"), &env.wal);
    let open = || rusqlite::Connection::open(&uri).unwrap();
    match env::var("TASK").unwrap().as_str() {
        "everything" => make_everything(&uri, &folder),
        "more" => {
            let db = open();
            for _ in 0..60 {
                db.execute("INSERT INTO t VALUES(zeroblob(3000))", []).unwrap();
            }
            checkpoint(&db, "TRUNCATE");
            prune(&db, "main", Keep::parse("1 commit").unwrap(), |_, _| true).unwrap();
        }
        "refused" => {
            assert_eq!(code(&open(), "INSERT INTO t VALUES(1)"), SQLITE_CANTOPEN);
            let lines = logged(folder.to_str().unwrap());
            let told = &lines.last().unwrap().1;
            assert!(told.contains("t.db-timeline/") && told.contains("failed: Permission denied"), "{lines:?}");
        }
        "read" => assert_eq!(get::<i64>(&open(), "SELECT count(*) FROM t"), 1),
        "refused history" => {
            let told = History::open(folder.join("t.db")).unwrap_err();
            assert_eq!(told.code(), SQLITE_CANTOPEN, "{told}");
        }
        task => panic!("{task}"),
    }
}

#[test]
fn what_is_made_for_a_database_may_be_used_by_those_who_may_use_it() {
    let users = if is_root() { vec![ME, ANN] } else { vec![ME] };
    for user in users {
        for umask in [0o000, 0o022, 0o077] {
            for (of_file, of_folder) in [(0o600, 0o700), (0o640, 0o750), (0o644, 0o755), (0o666, 0o777)] {
                let folder = Folder::new(0o777);
                begin(folder.path(), of_file, user.number);
                folder.run(User { umask, ..user }, "everything");
                assert_modes(folder.path(), of_file, of_folder);
            }
        }
    }
}

#[test]
fn a_database_that_is_taken_in_lends_its_permissions() {
    for (of_file, of_folder) in [(0o600, 0o700), (0o666, 0o777)] {
        let env = small(&format!("timeline-taken-in-{of_file:o}"));
        env.open_stock("t.db")
            .execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES(1)")
            .unwrap();
        set_mode(env.path("t.db"), of_file);
        make_everything(&env.uri("t.db"), env.dir.path());
        assert_modes(env.dir.path(), of_file, of_folder);
    }
}

#[test]
fn what_exists_stays_as_it_is() {
    let env = small("timeline-existing");
    begin(env.dir.path(), 0o600, None);
    let folder = env.path("t.db-timeline");
    fs::create_dir(&folder).unwrap();
    set_mode(&folder, 0o750);
    fs::write(folder.join("lock"), "").unwrap();
    set_mode(folder.join("lock"), 0o604);
    make_everything(&env.uri("t.db"), env.dir.path());
    assert_eq!(mode(&folder), 0o750);
    for path in files(&folder) {
        assert_eq!(mode(&path), if path.ends_with("lock") { 0o604 } else { 0o640 }, "{}", path.display());
    }
    assert_eq!(mode(env.path("export.db")), 0o600);
    assert_eq!((mode(env.path("branch.db")), mode(env.path("branch.db-timeline"))), (0o600, 0o700));
}

#[test]
fn a_database_that_is_read_only_begins_a_timeline_as_well() {
    let folder = Folder::new(0o777);
    let user = if is_root() { ANN } else { ME };
    let path = folder.path().join("t.db");
    let stock = rusqlite::Connection::open(&path).unwrap();
    stock.execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES(1)").unwrap();
    drop(stock);
    chown(&path, user.number, None).unwrap();
    set_mode(&path, 0o444);
    folder.run(user, "read");
    folder.run(user, "read");
    assert_eq!(mode(folder.path().join("t.db-timeline")), 0o755);
}

#[test]
fn what_root_makes_belongs_to_the_owner_of_the_database() {
    if !is_root() {
        return;
    }
    let env = small("timeline-root");
    begin(env.dir.path(), 0o640, ANN.number);
    chown(env.path("t.db"), None, Some(TEAM)).unwrap();
    make_everything(&env.uri("t.db"), env.dir.path());
    assert_modes(env.dir.path(), 0o640, 0o750);
    let (files, folders) = all(env.dir.path());
    for path in files.iter().chain(&folders) {
        let found = fs::metadata(path).unwrap();
        assert_eq!((Some(found.uid()), found.gid()), (ANN.number, TEAM), "{}", path.display());
    }
}

#[test]
fn the_group_of_the_database_may_use_what_a_member_makes() {
    if !is_root() {
        return;
    }
    // Where what is made gets the group of the folder, and where it does not.
    for special in [0o2000, 0] {
        let folder = Folder::new(special | 0o777);
        if special != 0 {
            chown(folder.path(), None, Some(TEAM)).unwrap();
            set_mode(folder.path(), special | 0o777);
        }
        begin(folder.path(), 0o660, ANN.number);
        chown(folder.path().join("t.db"), None, Some(TEAM)).unwrap();
        folder.run(User { group: Some(TEAM), ..ANN }, "everything");
        assert_modes(folder.path(), 0o660, special | 0o770);
        let (files, folders) = all(folder.path());
        for path in files.iter().chain(&folders) {
            assert_eq!(fs::metadata(path).unwrap().gid(), TEAM, "{}", path.display());
        }
        folder.run(User { group: Some(TEAM), ..BOB }, "more");
        folder.run(User { group: Some(TEAM), ..ANN }, "more");
        folder.run(BOB, "refused history");
    }
}

#[test]
fn users_who_share_a_database_share_its_timeline() {
    if !is_root() {
        return;
    }
    let folder = Folder::new(0o2777);
    begin(folder.path(), 0o666, ANN.number);
    folder.run(ANN, "everything");
    folder.run(BOB, "more");
    folder.run(ANN, "more");
    assert_modes(folder.path(), 0o666, 0o2777);
}

#[test]
fn a_lock_that_is_not_permitted_is_a_file_that_cannot_be_opened() {
    if !is_root() {
        return;
    }
    let folder = Folder::new(0o777);
    begin(folder.path(), 0o666, ANN.number);
    folder.run(ANN, "everything");
    // As when it could be made by one umask.
    let timeline = folder.path().join("t.db-timeline");
    files(&timeline).iter().for_each(|path| set_mode(path, 0o644));
    for mode in [0o755, 0o700] {
        set_mode(&timeline, mode);
        folder.run(BOB, "refused");
    }
    folder.run(BOB, "refused history");
    folder.run(ANN, "more");
}
