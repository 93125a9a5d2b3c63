//! A closure that sees a connection being closed.

use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::{Arc, Mutex};

use libc::c_void;

use crate::wal::Db;
use crate::{Error, Result, ffi, log};

/// Under this name the closure is kept with the connection, which destroys it when it goes.
const KEY: &CStr = c"seawall_close_hook";

/// Something that has an open connection to lend: a `rusqlite::Connection`, with the cargo feature `rusqlite`.
///
/// # Safety
/// The pointer is an open connection for as long as the value is borrowed.
pub unsafe trait AsHandle {
    /// The connection.
    fn as_handle(&self) -> *mut ffi::sqlite3;
}

// SAFETY: a Db lives no longer than the connection.
unsafe impl AsHandle for Db<'_> {
    fn as_handle(&self) -> *mut ffi::sqlite3 {
        self.as_ptr()
    }
}

// With prefixed symbols the connection belongs to another SQLite.
#[cfg(all(feature = "rusqlite", not(feature = "prefixed")))]
// SAFETY: a rusqlite connection is open until it is dropped or closed, both of which end the borrow.
unsafe impl AsHandle for rusqlite::Connection {
    fn as_handle(&self) -> *mut ffi::sqlite3 {
        // SAFETY: the connection is not closed through the pointer.
        unsafe { self.handle() }
    }
}

/// Call `hook` at each attempt to close the connection, before anything is torn down: also at one that then fails
/// with `SQLITE_BUSY` because there are statements left. It is the place to finalize what was cached.
///
/// A connection has one close hook; a new one replaces it. The closure is dropped exactly once: when it is replaced or
/// removed, or when the connection is finally gone. A hook that C code sets replaces this one, too; the closure is
/// then kept, unused, until the connection goes.
///
/// A `rusqlite::Connection` is accepted with the cargo feature `rusqlite` of this crate, unless `prefixed` is on.
///
/// The hook runs with the connection's mutex held. If it closes the connection itself, it is not called for that.
///
/// `SQLITE_NOMEM` may occur, and leaves the connection without a hook.
pub fn close_hook<F>(connection: &impl AsHandle, hook: F) -> Result<()>
where
    F: FnMut(&Db<'_>) + Send + 'static,
{
    let db = connection.as_handle();
    if db.is_null() {
        return Err(Error::MISUSE.with_message("a close hook needs an open connection"));
    }
    // SAFETY: the connection is open.
    unsafe { set(db, Some(Box::new(hook))) }
}

/// Remove the close hook, whoever set it.
pub fn remove_close_hook(connection: &impl AsHandle) -> Result<()> {
    let db = connection.as_handle();
    if db.is_null() {
        return Err(Error::MISUSE.with_message("a close hook needs an open connection"));
    }
    // SAFETY: the connection is open.
    unsafe { set(db, None) }
}

type Hook = Box<dyn FnMut(&Db<'_>) + Send>;

/// What the connection owns one count of. The closure is locked while it runs, so that it is not entered twice.
type Shared = Mutex<Hook>;

/// Holds the mutex of a connection, which is a recursive one.
struct Held(*mut ffi::sqlite3_mutex);

impl Held {
    /// # Safety
    /// `db` is open, and stays so for as long as the value lives.
    unsafe fn enter(db: *mut ffi::sqlite3) -> Self {
        // SAFETY: see above. Entering NULL, as in single-thread mode, does nothing.
        unsafe {
            let mutex = ffi::sqlite3_db_mutex(db);
            ffi::sqlite3_mutex_enter(mutex);
            Held(mutex)
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: entered in enter().
        unsafe { ffi::sqlite3_mutex_leave(self.0) };
    }
}

/// Set the hook of a connection, or remove it.
///
/// # Safety
/// `db` is open.
unsafe fn set(db: *mut ffi::sqlite3, hook: Option<Hook>) -> Result<()> {
    // SAFETY: db is open. Under KEY there is NULL, or what this function put there.
    let (previous, result) = unsafe {
        let _held = Held::enter(db);
        // The closure that goes is dropped below, when the connection is in order again: it may do anything.
        let previous = share(ffi::sqlite3_get_clientdata(db, KEY.as_ptr()));
        let raw = hook.map_or(ptr::null_mut(), |hook| Arc::into_raw(Arc::new(Shared::new(hook))).cast_mut().cast());
        // Whatever happens to it, the connection owns the new closure now.
        let result = Error::check(ffi::sqlite3_set_clientdata(db, KEY.as_ptr(), raw, Some(release)));
        if result.is_ok() && !raw.is_null() {
            ffi::libsql_close_hook(db, Some(fire), raw);
        } else {
            ffi::libsql_close_hook(db, None, ptr::null_mut());
        }
        (previous, result)
    };
    log::drop_quietly(previous, "a close hook");
    result
}

/// A further count of a closure that the connection owns.
///
/// # Safety
/// `raw` is NULL or comes from set(), and has not been released.
unsafe fn share(raw: *mut c_void) -> Option<Arc<Shared>> {
    let raw = raw.cast_const().cast::<Shared>();
    // SAFETY: see above.
    (!raw.is_null()).then(|| unsafe {
        Arc::increment_strong_count(raw);
        Arc::from_raw(raw)
    })
}

/// The connection gives its count back.
unsafe extern "C" fn release(raw: *mut c_void) {
    // SAFETY: set() made it with Arc::into_raw(), and SQLite destroys it once.
    log::drop_quietly(unsafe { Arc::from_raw(raw.cast_const().cast::<Shared>()) }, "a close hook");
}

/// The connection is being closed.
unsafe extern "C" fn fire(raw: *mut c_void, db: *mut ffi::sqlite3) {
    // The closure may replace itself, so it needs a count of its own.
    // SAFETY: the connection owns the closure, and is open during the call.
    let (hook, db) = unsafe { (share(raw), Db::from_raw(db)) };
    let (Some(hook), Some(db)) = (hook, db) else { return };
    let ran = catch_unwind(AssertUnwindSafe(|| {
        if let Ok(mut hook) = hook.try_lock() {
            hook(&db);
        }
    }));
    if let Err(payload) = ran {
        log::panicked(ffi::SQLITE_INTERNAL, "a close hook", payload);
    }
    log::drop_quietly(hook, "a close hook");
}
