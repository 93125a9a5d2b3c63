//! SQLite's error log, and what becomes of a panic.

use std::any::Any;
use std::ffi::CString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use libc::c_int;

/// Write one line to the log that `SQLITE_CONFIG_LOG` set up.
#[cfg(not(test))]
pub(crate) fn write(code: c_int, message: &str) {
    let line = CString::new(message.replace('\0', " ")).unwrap_or_default();
    // SAFETY: the format takes one NUL-terminated string, which outlives the call.
    unsafe { crate::ffi::sqlite3_log(code, c"%s".as_ptr(), line.as_ptr()) };
}

/// In unit tests the log is a list, so that they can look at it and run without any C.
#[cfg(test)]
pub(crate) fn write(code: c_int, message: &str) {
    LINES.with_borrow_mut(|lines| lines.push((code, message.to_owned())));
}

#[cfg(test)]
thread_local! {
    static LINES: std::cell::RefCell<Vec<(c_int, String)>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// The lines that this thread wrote since the last call.
#[cfg(test)]
pub(crate) fn take() -> Vec<(c_int, String)> {
    let _ = CString::default();
    LINES.take()
}

/// Log that `what` panicked, with the message of the panic.
pub(crate) fn panicked(code: c_int, what: &str, payload: Box<dyn Any + Send>) {
    let reason = match payload.downcast::<String>().map_err(|payload| payload.downcast::<&str>()) {
        Ok(text) => *text,
        Err(Ok(text)) => (*text).to_owned(),
        Err(Err(payload)) => {
            std::mem::forget(payload); // Its destructor may panic as well.
            "no message".to_owned()
        }
    };
    write(code, &format!("{what} panicked: {reason}"));
}

/// Drop a value whose destructor is not ours and may panic.
pub(crate) fn drop_quietly<T>(value: T, what: &str) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        panicked(crate::ffi::SQLITE_INTERNAL, &format!("the destructor of {what}"), payload);
    }
}
