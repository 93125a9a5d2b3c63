//! Which databases have a log in this process, and how many connections use it.

use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::hash::{DefaultHasher, Hasher};
use std::sync::{Arc, Mutex, MutexGuard};

use libc::c_int;
use once_cell::sync::Lazy;

use super::pages::Pages;
use crate::backends::live::{self, Identity, Log as _, State};
use crate::wal::{DbFile, FrameNo};
use crate::{Error, Result, ffi, log};

/// Recognises a database file that nobody has written to: a hash of all of it. (Its header is not enough: in WAL mode
/// the change counter need not change.)
type Fingerprint = u64;

fn fingerprint(file: &mut DbFile<'_>) -> Result<Fingerprint> {
    let mut hasher = DefaultHasher::new();
    let mut chunk = [0; 4096];
    let size = file.size()?;
    for offset in (0..size).step_by(chunk.len()) {
        match file.read_at(&mut chunk, offset) {
            Err(error) if error.extended_code() != ffi::SQLITE_IOERR_SHORT_READ => return Err(error),
            _ => hasher.write(&chunk),
        }
    }
    hasher.write_u64(size);
    Ok(hasher.finish())
}

/// The log of one database.
#[derive(Debug)]
pub(super) struct Log {
    identity: Identity,
    path: CString,
    /// Locked after `users`, if both are.
    state: Mutex<State<Pages>>,
    users: Mutex<Users>,
}

#[derive(Debug, Default)]
pub(super) struct Users {
    count: usize,
    /// The log is not in the directory any more, and must not be joined.
    gone: bool,
    /// The last user has left frames behind.
    left: Option<Left>,
}

/// What the database file was like when frames were left behind.
#[derive(Debug, PartialEq, Eq)]
enum Left {
    Seen(Fingerprint),
    /// It could not be read, and may be half a checkpoint: nothing but the frames can mend it.
    Unseen,
}

static DIRECTORY: Lazy<Mutex<HashMap<Identity, Arc<Log>>>> = Lazy::new(Mutex::default);

/// A panic while the lock was held may have left anything behind.
fn lock<'a, T>(mutex: &'a Mutex<T>, path: &CStr) -> Result<MutexGuard<'a, T>> {
    mutex.lock().map_err(|_| {
        let path = path.to_string_lossy();
        Error::IOERR.with_message(format!("wal \"memory\" of {path} is broken after a panic: restart the process"))
    })
}

fn directory() -> Result<MutexGuard<'static, HashMap<Identity, Arc<Log>>>> {
    lock(&DIRECTORY, c"every database")
}

impl live::Log for Log {
    type Contents = Pages;

    fn state(&self) -> Result<MutexGuard<'_, State<Pages>>> {
        lock(&self.state, &self.path)
    }

    fn read(&self, frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        buffer.copy_from_slice(self.state()?.contents().get(frame)?.1);
        Ok(())
    }
}

impl Log {
    pub(super) fn users(&self) -> Result<MutexGuard<'_, Users>> {
        lock(&self.users, &self.path)
    }

    /// The first user of a log finds it new, or as another one left it.
    fn start(&self, users: &mut Users, file: &mut DbFile<'_>) -> Result<()> {
        match users.left {
            None => {
                let loss = "commits live in this process only, until they are checkpointed";
                self.log(ffi::SQLITE_NOTICE, loss);
            }
            Some(Left::Seen(was)) if fingerprint(file)? != was => {
                let lost = std::mem::take(&mut *self.state()?).unsaved();
                let text = format!("{lost} frames are lost: the file has been changed without them");
                self.log(ffi::SQLITE_WARNING, &text);
            }
            Some(_) => {}
        }
        users.left = None;
        Ok(())
    }

    /// One user goes. The last one leaves a log behind only for what is not in the database file.
    ///
    /// `file` is `None` after a panic, when the file cannot be looked at.
    pub(super) fn leave(&self, users: &mut Users, file: Option<&mut DbFile<'_>>) {
        users.count -= 1;
        if users.count > 0 {
            return;
        }
        let unsaved = self.state().map_or(0, |state| state.unsaved());
        users.left = (unsaved > 0 && self.identity.is_in_place(&self.path)).then(|| {
            let seen = file.and_then(|file| fingerprint(file).ok());
            seen.map_or(Left::Unseen, Left::Seen)
        });
        users.gone = users.left.is_none();
        if users.gone
            && let Ok(mut directory) = directory()
        {
            directory.remove(&self.identity);
        }
        if unsaved > 0 {
            let fate = if users.gone { "are lost" } else { "wait in memory for the next connection of this process" };
            self.log(ffi::SQLITE_WARNING, &format!("{unsaved} frames {fate}"));
        }
    }

    fn log(&self, code: c_int, text: &str) {
        log::write(code, &format!("wal \"memory\" of {}: {text}", self.path.to_string_lossy()));
    }
}

impl Users {
    /// Is the caller the only one?
    pub(super) fn is_last(&self) -> bool {
        self.count == 1
    }
}

/// Become a user of the log of a database.
pub(super) fn join(identity: Identity, path: &CStr, file: &mut DbFile<'_>) -> Result<Arc<Log>> {
    loop {
        let log = Arc::clone(directory()?.entry(identity.clone()).or_insert_with(|| {
            let (path, identity) = (path.to_owned(), identity.clone());
            Arc::new(Log { identity, path, state: Mutex::default(), users: Mutex::default() })
        }));
        let mut users = log.users()?;
        if users.gone {
            continue; // The last user has just left; the next look finds another log or none.
        }
        if users.count == 0 {
            log.start(&mut users, file)?;
        }
        users.count += 1;
        drop(users);
        return Ok(log);
    }
}

pub(super) fn contains(identity: &Identity) -> Result<bool> {
    Ok(directory()?.contains_key(identity))
}

/// Forget the log of a database whose file is empty. `SQLITE_BUSY` if it is in use.
pub(super) fn forget(identity: &Identity) -> Result<()> {
    let Some(log) = directory()?.get(identity).cloned() else { return Ok(()) };
    let mut users = log.users()?;
    if users.count > 0 {
        let path = log.path.to_string_lossy();
        return Err(Error::BUSY.with_message(format!("wal \"memory\" of {path} is in use, but the file is empty")));
    }
    if !users.gone {
        users.gone = true;
        directory()?.remove(identity);
    }
    Ok(())
}
