//! Logs by name.

use std::ffi::{CStr, CString};

use libc::{c_char, c_int};

use crate::wal::{WalManager, make_manager};
use crate::{AsHandle, Error, Result, ffi};

/// The name of the stock log, which is always registered.
const STOCK: &str = "sqlite";

/// Register a log under a name, so that any connection can use it: `file:app.db?wal=name`, in `open` and `ATTACH`.
///
/// A name that is registered already stands for the new log from now on; connections that use the old one keep it.
/// The manager is dropped once it is unregistered or replaced, and the last database that uses it is closed.
///
/// `SQLITE_MISUSE` for a bad name, and for `"sqlite"`, the stock log. `SQLITE_NOMEM` may occur.
pub fn register<M: WalManager>(name: &str, manager: M) -> Result<()> {
    add(name, manager, false)
}

/// [`register`], and let connections that name no log use this one.
pub fn register_default<M: WalManager>(name: &str, manager: M) -> Result<()> {
    add(name, manager, true)
}

/// Take a name away. Databases that use the log keep it until they are closed. If it was the default, the stock log is
/// the default again.
///
/// `SQLITE_NOTFOUND` if there is no such name, `SQLITE_MISUSE` for `"sqlite"`.
pub fn unregister(name: &str) -> Result<()> {
    let c_name = checked(name)?;
    // SAFETY: a NUL-terminated name.
    match unsafe { ffi::seawall_wal_unregister(c_name.as_ptr()) } {
        ffi::SQLITE_NOTFOUND => {
            Err(Error::new(ffi::SQLITE_NOTFOUND).with_message(format!("wal \"{name}\" is not registered")))
        }
        code => Error::check(code),
    }
}

/// Is there a log of this name?
#[must_use]
pub fn is_registered(name: &str) -> bool {
    CString::new(name).is_ok_and(|name| {
        // SAFETY: a NUL-terminated name. The result is only compared.
        unsafe { !ffi::seawall_wal_find(name.as_ptr()).is_null() }
    })
}

/// The names of all logs, in their order. `SQLITE_NOMEM` may occur.
pub fn names() -> Result<Vec<String>> {
    // SAFETY: a text of its own, or NULL.
    let names = unsafe { take(ffi::seawall_wal_names()) }.ok_or(Error::new(ffi::SQLITE_NOMEM))?;
    Ok(names.split(' ').map(str::to_owned).collect())
}

/// The name of the log that an open database has, or would have in WAL mode: `"unnamed"` if it is not registered, or no
/// longer. `None` if the connection has no such database, or there is no memory.
#[must_use]
pub fn name_of(connection: &impl AsHandle, schema: &str) -> Option<String> {
    let schema = CString::new(schema).ok()?;
    // SAFETY: an open connection and a NUL-terminated name; the result is a text of its own, or NULL.
    unsafe { take(ffi::seawall_wal_name(connection.as_handle(), schema.as_ptr())) }
}

/// A text that the library has allocated, freed here.
///
/// # Safety
/// NULL, or NUL-terminated memory of `sqlite3_malloc` that nobody else has.
unsafe fn take(text: *mut c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: as the caller promises.
    let owned = unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
    // SAFETY: the same.
    unsafe { ffi::sqlite3_free(text.cast()) };
    Some(owned)
}

/// Let connections that name no log use the stock one again.
pub fn restore_default() -> Result<()> {
    let name = c"sqlite";
    // SAFETY: the one manager that this name may be registered with.
    Error::check(unsafe { ffi::seawall_wal_register(name.as_ptr(), &raw const ffi::sqlite3_wal_manager, 1) })
}

fn add<M: WalManager>(name: &str, manager: M, make_default: bool) -> Result<()> {
    let c_name = checked(name)?;
    add_raw(&c_name, &make_manager(manager), make_default)
        .map_err(|error| error.with_message(format!("wal \"{name}\" could not be registered")))
}

fn add_raw(name: &CStr, manager: &ffi::libsql_wal_manager, make_default: bool) -> Result<()> {
    // SAFETY: a NUL-terminated name, and a manager that is not used any more here, whatever comes back.
    Error::check(unsafe { ffi::seawall_wal_register(name.as_ptr(), manager, c_int::from(make_default)) })
}

/// The name for C, or what is wrong with it.
fn checked(name: &str) -> Result<CString> {
    let fits = (1..=ffi::SEAWALL_WAL_NAME_MAX as usize).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if name == STOCK {
        return Err(Error::MISUSE.with_message("wal \"sqlite\" is the stock log: choose another name"));
    }
    CString::new(name).ok().filter(|_| fits).ok_or_else(|| {
        let rule = "a name is 1 to 64 of the characters a-z A-Z 0-9 . _ -";
        Error::MISUSE.with_message(format!("{name:?} cannot be the name of a wal: {rule}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_name_is_named_together_with_the_rule() {
        for name in ["", "a b", "ä", "a\0b", &"x".repeat(65)] {
            let error = checked(name).expect_err(name);
            assert_eq!(error.code(), ffi::SQLITE_MISUSE);
            assert!(error.to_string().contains("1 to 64"), "{error}");
        }
        assert!(checked("sqlite").is_err());
        assert!(checked(&"x".repeat(64)).is_ok());
        assert!(checked("my.wal_2-b").is_ok());
    }
}
