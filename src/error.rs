//! What a backend answers SQLite when something goes wrong.

use std::borrow::Cow;
use std::fmt;

use libc::c_int;

use crate::ffi;

/// The result of everything that can fail here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An SQLite result code, perhaps with a sentence for the log.
///
/// The code, which may be an [extended](https://www.sqlite.org/rescode.html) one, is what SQLite acts on: `BUSY`
/// makes it call the busy handler, `IOERR` and `FULL` make the pager throw its cache away. The sentence goes to
/// [`sqlite3_log()`](https://www.sqlite.org/errlog.html) when the error leaves a backend. An error without one, such
/// as [`Error::BUSY`], leaves no trace in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Error {
    code: c_int,
    message: Option<Cow<'static, str>>,
}

impl Error {
    /// Somebody else holds the lock; SQLite may try again (`SQLITE_BUSY`).
    pub const BUSY: Error = Error::new(ffi::SQLITE_BUSY);
    /// A reader wants to write, but its snapshot is no longer the newest (`SQLITE_BUSY_SNAPSHOT`).
    pub const BUSY_SNAPSHOT: Error = Error::new(ffi::SQLITE_BUSY_SNAPSHOT);
    /// The log or the database cannot be opened (`SQLITE_CANTOPEN`).
    pub const CANTOPEN: Error = Error::new(ffi::SQLITE_CANTOPEN);
    /// What was read cannot be right (`SQLITE_CORRUPT`).
    pub const CORRUPT: Error = Error::new(ffi::SQLITE_CORRUPT);
    /// The log does not do that (`SQLITE_ERROR`): what optional methods of [`Wal`](crate::Wal) return.
    pub const UNSUPPORTED: Error = Error::new(ffi::SQLITE_ERROR);
    /// There is no more room (`SQLITE_FULL`).
    pub const FULL: Error = Error::new(ffi::SQLITE_FULL);
    /// The statement was interrupted (`SQLITE_INTERRUPT`).
    pub const INTERRUPT: Error = Error::new(ffi::SQLITE_INTERRUPT);
    /// Reading or writing failed (`SQLITE_IOERR`).
    pub const IOERR: Error = Error::new(ffi::SQLITE_IOERR);
    /// A method was called at a time or with an argument that its contract excludes (`SQLITE_MISUSE`).
    pub const MISUSE: Error = Error::new(ffi::SQLITE_MISUSE);
    /// There is no more memory (`SQLITE_NOMEM`).
    pub const NOMEM: Error = Error::new(ffi::SQLITE_NOMEM);
    /// The log cannot be written (`SQLITE_READONLY`).
    pub const READONLY: Error = Error::new(ffi::SQLITE_READONLY);

    /// An error of that SQLite result code, extended or not. Codes that do not mean failure (0 and below) become
    /// `SQLITE_ERROR`.
    #[must_use]
    pub const fn new(code: c_int) -> Self {
        Error { code: if code > 0 { code } else { ffi::SQLITE_ERROR }, message: None }
    }

    /// The same error with a sentence for the log. It should name the object and the next step.
    #[must_use]
    pub fn with_message(self, message: impl Into<Cow<'static, str>>) -> Self {
        Error { message: Some(message.into()), ..self }
    }

    /// The same sentence under another code.
    pub(crate) fn with_code(self, code: c_int) -> Self {
        Error { code, ..self }
    }

    /// The extended result code.
    #[must_use]
    pub fn extended_code(&self) -> c_int {
        self.code
    }

    /// The primary result code: the low byte of the extended one.
    #[must_use]
    pub fn code(&self) -> c_int {
        self.code & 0xff
    }

    /// The sentence, if there is one.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// `Ok` for `SQLITE_OK`, otherwise the error of that code.
    pub(crate) fn check(code: c_int) -> Result<()> {
        if code == ffi::SQLITE_OK { Ok(()) } else { Err(Error::new(code)) }
    }

    /// Write the sentence to SQLite's log and return the code, for the way back into C.
    pub(crate) fn report(&self) -> c_int {
        if let Some(message) = &self.message {
            crate::log::write(self.code, message);
        }
        self.code
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "{message} (SQLite error {})", self.code),
            None => write!(f, "SQLite error {}", self.code),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_means_success_becomes_an_error() {
        assert_eq!(Error::new(0).code(), ffi::SQLITE_ERROR);
        assert_eq!(Error::new(-1).code(), ffi::SQLITE_ERROR);
    }

    #[test]
    fn the_primary_code_is_part_of_the_extended_one() {
        assert_eq!(Error::BUSY_SNAPSHOT.extended_code(), ffi::SQLITE_BUSY_SNAPSHOT);
        assert_eq!(Error::BUSY_SNAPSHOT.code(), ffi::SQLITE_BUSY);
    }

    #[test]
    fn only_an_error_with_a_sentence_is_logged() {
        crate::log::take();
        assert_eq!(Error::BUSY.report(), ffi::SQLITE_BUSY);
        assert_eq!(Error::FULL.with_message("no room left").report(), ffi::SQLITE_FULL);
        assert_eq!(crate::log::take(), [(ffi::SQLITE_FULL, "no room left".to_owned())]);
    }
}
