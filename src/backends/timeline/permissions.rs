//! Who may use the files of a timeline: those who may use its database.
//!
//! SQLite does the same with its own files beside a database, whatever the umask is. What is created is open to nobody else until
//! it belongs to whom it is for. A file system that has no owners or modes leaves it like that.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;

const READ: u32 = 0o444;
const READ_AND_WRITE: u32 = 0o666;
const OWNER_READS_AND_WRITES: u32 = 0o600;
const OWNER_ALONE: u32 = 0o700;
/// That what is in a folder gets its group, for one.
const SPECIAL: u32 = 0o7000;

/// Create a file for those who may read and write another one, or a folder. If that cannot be looked at, it is an ordinary one.
pub(super) fn create_file(path: &Path, like: &Path) -> io::Result<File> {
    let like = fs::metadata(like).ok();
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    if like.is_some() {
        options.mode(OWNER_READS_AND_WRITES);
    }
    let file = options.open(path)?;
    if let Some(like) = like {
        hand_over(&file, &like, like.mode() & READ_AND_WRITE);
    }
    Ok(file)
}

/// Create a folder for those who may read and write a file. Its owner may in any case, or could not use it.
pub(super) fn create_folder(path: &Path, like: &Path) -> io::Result<()> {
    let like = fs::metadata(like).ok();
    let mut builder = DirBuilder::new();
    if like.is_some() {
        builder.mode(OWNER_ALONE);
    }
    builder.create(path)?;
    if let Some(like) = like {
        let folder = OpenOptions::new().read(true).custom_flags(libc::O_DIRECTORY | libc::O_NOFOLLOW).open(path)?;
        let mode = like.mode() & READ_AND_WRITE | OWNER_ALONE;
        // Who may read a folder must be let in.
        let entered = (mode & READ) >> 2;
        hand_over(&folder, &like, folder.metadata()?.mode() & SPECIAL | mode | entered);
    }
    Ok(())
}

/// Give what is new to whom something else belongs, as far as this process may, and then the mode.
fn hand_over(file: &File, like: &Metadata, mode: u32) {
    // SAFETY: it has no conditions.
    let root = unsafe { libc::geteuid() } == 0;
    let _ = fchown(file, root.then_some(like.uid()), Some(like.gid()));
    let _ = file.set_permissions(fs::Permissions::from_mode(mode));
}
