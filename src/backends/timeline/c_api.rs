//! What `csrc/timeline.h` wants.

use std::ffi::{CStr, CString};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::ptr;

use libc::{c_char, c_int, c_void};

use super::connection::{Database, Handle};
use super::{History, Keep, prune, restore};
use crate::backends::live::os_path;
use crate::{AsHandle as _, Error, Result, ffi, log};

type Progress = ffi::seawall_progress;

/// `SeawallTimeline`
#[repr(C)]
pub struct Methods {
    restore: unsafe extern "C" fn(*mut ffi::sqlite3, *const c_char, *const c_char, *mut i64) -> c_int,
    export: unsafe extern "C" fn(
        *mut ffi::sqlite3,
        *const c_char,
        *const c_char,
        *const c_char,
        Progress,
        *mut c_void,
    ) -> c_int,
    branch: unsafe extern "C" fn(
        *mut ffi::sqlite3,
        *const c_char,
        *const c_char,
        *const c_char,
        Progress,
        *mut c_void,
    ) -> c_int,
    prune:
        unsafe extern "C" fn(*mut ffi::sqlite3, *const c_char, *const c_char, Progress, *mut c_void, *mut i64) -> c_int,
    keep: unsafe extern "C" fn(*mut ffi::sqlite3, *const c_char, *const c_char) -> *mut c_char,
    verify: unsafe extern "C" fn(*mut ffi::sqlite3, *const c_char, Progress, *mut c_void) -> c_int,
}

static METHODS: Methods =
    Methods { restore: c_restore, export: c_export, branch: c_branch, prune: c_prune, keep: c_keep, verify: c_verify };

/// The C side calls this when it needs them.
#[unsafe(no_mangle)]
pub extern "C" fn seawall_timeline_methods() -> *const Methods {
    &METHODS
}

/// Do something for a connection, and leave the error there.
///
/// # Safety
/// The connection is open.
unsafe fn answer<T>(db: *mut ffi::sqlite3, work: impl FnOnce(&Handle) -> Result<T>) -> Result<T, c_int> {
    // SAFETY: it is open for as long as the call lasts.
    let handle = unsafe { Handle::new(db) };
    let error = match catch_unwind(AssertUnwindSafe(|| work(&handle))) {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => error,
        Err(payload) => {
            log::panicked(ffi::SQLITE_INTERNAL, "the timeline", payload);
            Error::new(ffi::SQLITE_INTERNAL)
        }
    };
    let message = CString::new(error.message().unwrap_or_default().replace('\0', " ")).unwrap_or_default();
    let text = if message.is_empty() { ptr::null() } else { message.as_ptr() };
    // SAFETY: it is open, and copies the text.
    unsafe { ffi::sqlite3_set_errmsg(handle.as_handle(), error.extended_code(), text) };
    Err(error.code())
}

fn code<T>(answer: Result<T, c_int>) -> c_int {
    answer.err().unwrap_or(ffi::SQLITE_OK)
}

/// # Safety
/// It is a text that lasts for the call.
unsafe fn text<'a>(text: *const c_char) -> Result<&'a str> {
    // SAFETY: as the caller promises.
    unsafe { CStr::from_ptr(text) }.to_str().map_err(|_| Error::MISUSE.with_message("a text is not UTF-8"))
}

/// A text in memory of SQLite's, or NULL if there is none.
pub(super) fn copy(text: &CStr) -> *mut c_char {
    let bytes = text.to_bytes_with_nul();
    // SAFETY: it is new memory, of that size.
    unsafe {
        let copy = ffi::sqlite3_malloc64(bytes.len() as u64).cast::<c_char>();
        if !copy.is_null() {
            ptr::copy_nonoverlapping(text.as_ptr(), copy, bytes.len());
        }
        copy
    }
}

/// A callback of C as a closure.
///
/// # Safety
/// It may be called with this argument.
unsafe fn teller(progress: Progress, argument: *mut c_void) -> impl FnMut(u64, u64) -> bool {
    let number = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    // SAFETY: as the caller promises.
    move |done, total| progress.is_none_or(|progress| unsafe { progress(argument, number(done), number(total)) } == 0)
}

fn history(db: &Handle, schema: &str) -> Result<History> {
    History::open(Database::of(db, schema)?.path)
}

unsafe extern "C" fn c_restore(
    db: *mut ffi::sqlite3,
    schema: *const c_char,
    at: *const c_char,
    commit: *mut i64,
) -> c_int {
    // SAFETY: timeline.c has seen to it that the connection is open and the texts are there.
    unsafe {
        let made = answer(db, |db| restore(db, text(schema)?, text(at)?));
        if let (Ok(made), Some(commit)) = (&made, commit.as_mut()) {
            *commit = made.number as i64;
        }
        code(made)
    }
}

/// Do something with the state after a commit that makes a file.
///
/// # Safety
/// The connection is open, the texts are there, and the callback may be called until this returns.
unsafe fn make_file(
    db: *mut ffi::sqlite3,
    [schema, at, file]: [*const c_char; 3],
    make: impl FnOnce(&History, u64, &Path) -> Result<()>,
) -> c_int {
    // SAFETY: as the caller promises.
    let made = unsafe {
        answer(db, |db| {
            let history = history(db, text(schema)?)?;
            make(&history, history.at(text(at)?)?.number, &os_path(CStr::from_ptr(file)))
        })
    };
    code(made)
}

unsafe extern "C" fn c_export(
    db: *mut ffi::sqlite3,
    schema: *const c_char,
    at: *const c_char,
    file: *const c_char,
    progress: Progress,
    argument: *mut c_void,
) -> c_int {
    // SAFETY: timeline.c has seen to it that the connection is open and the texts are there.
    unsafe {
        make_file(db, [schema, at, file], |history, commit, file| {
            history.export(commit, file, teller(progress, argument))
        })
    }
}

unsafe extern "C" fn c_branch(
    db: *mut ffi::sqlite3,
    schema: *const c_char,
    at: *const c_char,
    file: *const c_char,
    progress: Progress,
    argument: *mut c_void,
) -> c_int {
    // SAFETY: as above.
    unsafe {
        make_file(db, [schema, at, file], |history, commit, file| {
            history.branch(commit, file, teller(progress, argument))
        })
    }
}

unsafe extern "C" fn c_prune(
    db: *mut ffi::sqlite3,
    schema: *const c_char,
    keep: *const c_char,
    progress: Progress,
    argument: *mut c_void,
    oldest: *mut i64,
) -> c_int {
    // SAFETY: as above.
    unsafe {
        let pruned = answer(db, |db| prune(db, text(schema)?, Keep::parse(text(keep)?)?, teller(progress, argument)));
        if let (Ok(pruned), Some(oldest)) = (&pruned, oldest.as_mut()) {
            *oldest = pruned.oldest as i64;
        }
        code(pruned)
    }
}

unsafe extern "C" fn c_keep(db: *mut ffi::sqlite3, schema: *const c_char, keep: *const c_char) -> *mut c_char {
    // SAFETY: as above; `keep` may be NULL.
    unsafe {
        let kept = answer(db, |db| {
            let schema = text(schema)?;
            if !keep.is_null() {
                super::set_keep(db, schema, Keep::parse(text(keep)?)?)?;
            }
            let kept = CString::new(super::keep(db, schema)?.to_string()).map_err(|_| Error::IOERR)?;
            let copy = copy(&kept);
            if copy.is_null() { Err(Error::NOMEM) } else { Ok(copy) }
        });
        kept.unwrap_or(ptr::null_mut())
    }
}

unsafe extern "C" fn c_verify(
    db: *mut ffi::sqlite3,
    schema: *const c_char,
    progress: Progress,
    argument: *mut c_void,
) -> c_int {
    // SAFETY: as above.
    unsafe {
        let verified = answer(db, |db| {
            let verified = history(db, text(schema)?)?.verify(teller(progress, argument))?;
            match verified.damage {
                Some(damage) => Err(Error::CORRUPT.with_message(damage.to_string())),
                None => Ok(()),
            }
        });
        code(verified)
    }
}
